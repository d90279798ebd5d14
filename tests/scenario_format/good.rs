//! Good files: what they mean, and what profiles and defaults make of what is left out.

use mqscope::broker::arrivals::Arrivals;
use mqscope::broker::caller::CallerSpec;
use mqscope::broker::fault::Crash;
use mqscope::broker::p2p::{P2pSpec, SenderSpec};
use mqscope::broker::service::{HandlerSpec, ServiceSpec};
use mqscope::broker::spec::{
    Balance, ConsumeMode, ConsumerSpec, ConsumerType, DeliveryOrder, Failure, FilterSpec, GroupSpec,
    InitialOffset, MessageTemplate, Names, Pattern, Position, ProducerSpec, QueueSelection, Rate, Strategy,
    SubscriptionSpec, TopicSpec, TopicType,
};
use mqscope::broker::{
    CallerChange, Command, ConsumerChange, LinkChange, LiteChange, P2pChange, ResetTarget, ServiceChange,
    Settings,
};
use mqscope::scenario::{Action, FORMAT, LocalText, Profile, Scenario, bundled, command_json, schema};
use mqscope::sim::{Distribution, Instant, Ratio, Span};
use serde_json::{Value, json};

use crate::{base, base_with, good, parse, with_group};

#[test]
fn the_demo_means_what_it_says() {
    let text = bundled().iter().find(|(id, _)| *id == "demo").expect("the demo is bundled").1;
    // Words are the author's; what happens is the format's.
    let scenario = || Scenario::parse(text).expect("it is a good file");
    let expected = Scenario {
        id: "demo".into(),
        title: LocalText { en: "Demo".into(), zh_cn: "演示".into() },
        summary: scenario().summary,
        seed: 42,
        profile: Profile::Docs5,
        settings: Settings {
            push_threads: 1,
            classic_persist_offset_interval: Span::ZERO,
            ..Settings::default()
        },
        topics: vec![TopicSpec {
            name: "orders".into(),
            message_type: TopicType::NORMAL,
            write_queues: 4,
            read_queues: 4,
            cleanup: Default::default(),
        }],
        producers: vec![ProducerSpec {
            name: "shop".into(),
            topic: "orders".into(),
            pattern: Pattern::Poisson(Rate::per_second(40)),
            queue_selection: QueueSelection::RoundRobin,
            message: MessageTemplate::default(),
        }],
        groups: vec![GroupSpec {
            name: "billing".into(),
            mode: ConsumeMode::Clustering,
            consumer_type: ConsumerType::Push,
            idempotent: None,
            replies: false,
            balance: Balance::Queue,
            strategy: Strategy::Avg,
            retry: Default::default(),
            delivery_order: DeliveryOrder::Concurrent,
            lite_sub_model: None,
            initial_offset: InitialOffset::Latest,
            subscriptions: vec![SubscriptionSpec::all("orders")],
            consumers: vec![ConsumerSpec {
                name: "C1".into(),
                threads: Some(1),
                processing: Distribution::Exponential { mean: Span::from_us(800) },
                failure: Failure::Probability(Ratio { numerator: 1, denominator: 10 }),
                lite_topics: Vec::new(),
                application: Default::default(),
                subscriptions: Vec::new(),
            }],
        }],
        services: Vec::new(),
        callers: Vec::new(),
        p2p_queues: Vec::new(),
        actions: vec![Action {
            at: Instant::from_secs(7),
            command: Command::Consumer { consumer: "billing/C1".into(), change: ConsumerChange::Crash },
        }],
        acts: Vec::new(),
        recorded: None,
        branches: Vec::new(),
        markers: scenario().markers,
        captions: scenario().captions,
        stop_after_messages: Some(1000),
        until: Instant::from_secs(60),
    };
    assert_eq!(Scenario::parse(text), Ok(expected));
}

#[test]
fn what_is_left_out_has_a_default() {
    let scenario = good(&json!({
        "format": FORMAT,
        "id": "x",
        "title": { "zh-CN": "例" },
        "topics": [{ "name": "t", "write_queues": 7 }],
        "producers": [{ "name": "p", "topic": "t", "pattern": "by_hand" }],
        "groups": [
            { "name": "g", "subscribe": [{ "topic": "t" }], "consumers": [{ "name": "c" }] },
            { "name": "all", "mode": "broadcasting", "subscribe": [{ "topic": "t" }] },
        ],
    }));
    assert_eq!(scenario.title, LocalText { en: "例".into(), zh_cn: "例".into() });
    assert_eq!((scenario.seed, scenario.until), (0, Instant::from_secs(60)));
    assert_eq!(scenario.settings, Settings::default());
    assert_eq!(scenario.topics[0].read_queues, 7);
    assert_eq!(scenario.producers[0].pattern, Pattern::ByHand);
    assert_eq!(scenario.groups[0].balance, Balance::Message);
    assert_eq!(scenario.groups[1].balance, Balance::Queue);
    let consumer = &scenario.groups[0].consumers[0];
    assert_eq!(consumer.threads, None);
    assert_eq!(consumer.processing, Distribution::Constant(Span::from_ms(10)));
    assert_eq!(consumer.failure, Failure::NEVER);
}

/// Each form of each choice, as written and as meant.
#[test]
fn every_form_is_understood() {
    let pattern = |value| good(&base_with("/producers/0/pattern", value)).producers[0].pattern;
    let rate = |micros_per_second| Rate { micros_per_second };
    assert_eq!(pattern(json!({ "constant": { "per_second": 10 } })), Pattern::Constant(Rate::per_second(10)));
    assert_eq!(pattern(json!({ "poisson": { "per_second": 0.1 } })), Pattern::Poisson(rate(100_000)));
    assert_eq!(
        pattern(json!({ "poisson": { "per_second": 999999.999999 } })),
        Pattern::Poisson(rate(999_999_999_999))
    );
    assert_eq!(pattern(json!({ "constant": { "per_second": 0.0000005 } })), Pattern::Constant(rate(1)));
    assert_eq!(pattern(json!({ "constant": { "per_second": 0 } })), Pattern::Constant(rate(0)));
    assert_eq!(pattern(json!({ "by_hand": {} })), Pattern::ByHand);
    assert_eq!(pattern(json!("by_hand")), Pattern::ByHand);
    let bursts = json!({ "per_second": 0, "burst_per_second": 2.5, "every": "1m", "lasting": "1m" });
    let meant = Pattern::Bursts {
        rate: rate(0),
        burst_rate: rate(2_500_000),
        every: Span::from_secs(60),
        lasting: Span::from_secs(60),
    };
    assert_eq!(pattern(json!({ "bursts": bursts })), meant);

    let processing =
        |value| good(&base_with("/groups/0/consumers/0/processing", value)).groups[0].consumers[0].processing;
    assert_eq!(processing(json!({ "constant": "20ms" })), Distribution::Constant(Span::from_ms(20)));
    assert_eq!(processing(json!({ "constant": { "value": "0s" } })), Distribution::Constant(Span::ZERO));
    let meant = Distribution::Uniform { min: Span::from_ms(5), max: Span::from_ms(5) };
    assert_eq!(processing(json!({ "uniform": { "min": "5ms", "max": "5000us" } })), meant);
    let meant = Distribution::LogNormal { median: Span::from_ms(20), p99: Span::from_ms(100) };
    assert_eq!(processing(json!({ "log_normal": { "median": "20ms", "p99": "100ms" } })), meant);

    let failure = |value| {
        good(&base_with("/groups/0/consumers/0/failure", value)).groups[0].consumers[0].failure.clone()
    };
    assert_eq!(failure(json!("0")), Failure::NEVER);
    assert_eq!(failure(json!({ "poison_tag": "refund" })), Failure::PoisonTag("refund".into()));
    assert_eq!(failure(json!({ "poison_key": "order-7" })), Failure::PoisonKey("order-7".into()));
    assert_eq!(failure(json!({ "first_attempts": 2 })), Failure::FirstAttempts(2));

    let seed = |value| good(&base_with("/seed", value)).seed;
    assert_eq!(seed(json!("18446744073709551615")), u64::MAX);
    assert_eq!(seed(json!(u64::MAX)), u64::MAX);
    assert_eq!(seed(json!(7)), 7);

    let ladder = |value| good(&base_with("/settings/group.retryLadder", value)).settings.group_retry_ladder;
    assert_eq!(ladder(json!("javaGrpc"))[..3], [1, 5, 10].map(Span::from_secs));
    assert_eq!(ladder(json!("exponential"))[..3], [5, 10, 20].map(Span::from_secs));
    assert_eq!(ladder(json!(["0s", "3s"])), [0, 3].map(Span::from_secs));
    assert_eq!(ladder(json!("docs")), Settings::default().group_retry_ladder);
}

/// Whole numbers are whole however they are written, a byte order mark does no harm, and of two equal keys the last
/// counts.
#[test]
fn json_may_be_written_in_its_usual_ways() {
    assert_eq!(good(&base_with("/topics/0/write_queues", json!(8.0))).topics[0].write_queues, 8);
    let text = format!("\u{feff}{}", base());
    assert_eq!(Scenario::parse(&text), parse(&base()));
    let text = base().to_string().replace("\"seed\":\"42\"", "\"seed\":\"1\",\"seed\":\"2\"");
    assert_eq!(Scenario::parse(&text).map(|scenario| scenario.seed), Ok(2));
}

#[test]
fn actions_stand_in_order_of_time_and_of_the_file() {
    let scenario = good(&base_with(
        "/actions",
        json!([
            { "at": "9s", "do": { "restart": { "consumer": "billing/C3" } } },
            { "at": "5s", "do": { "crash": { "consumer": "billing/C3" } } },
            { "at": "4s", "do": { "add_consumer": { "group": "billing", "consumer": { "name": "C3" } } } },
            { "at": "5s", "do": { "send": { "producer": "shop" } } },
        ]),
    ));
    let order: Vec<(u64, &str)> =
        scenario.actions.iter().map(|a| (a.at.0 / 1_000_000, a.command.key())).collect();
    assert_eq!(order, [(4, "add_consumer"), (5, "crash"), (5, "send"), (9, "restart")]);
}

/// Groups are there before the first message.
#[test]
fn the_topology_is_given_as_topics_groups_producers() {
    let keys: Vec<&str> = good(&base()).commands().iter().map(Command::key).collect();
    assert_eq!(keys, ["add_topic", "add_topic", "add_group", "add_producer"]);
}

#[test]
fn every_command_can_be_an_action() {
    let who = |consumer: &str, change| Command::Consumer { consumer: consumer.into(), change };
    let consumer = |change| who("billing/C1", change);
    // What only some can do.
    let by_hand = |name: &str, of: &str, topic: &str| {
        let member = json!({ "name": "C1", "application": "by_hand" });
        json!({ "name": name, "type": of, "subscribe": [{ "topic": topic }], "consumers": [member] })
    };
    let mut file = base();
    let groups = file["groups"].as_array_mut().expect("groups");
    groups.extend([by_hand("desk", "simple", "orders"), by_hand("store", "pull", "orders")]);
    groups.push(
        json!({ "name": "agents", "subscribe": [{ "topic": "chats" }], "consumers": [{ "name": "C1" }] }),
    );
    file["topics"]
        .as_array_mut()
        .expect("topics")
        .push(json!({ "name": "chats", "type": "LITE", "write_queues": 1 }));
    let (simple, pull, lite) = (
        |change| who("desk/C1", change),
        |change| who("store/C1", change),
        |change| who("agents/C1", change),
    );
    let scenario = good(&file);
    let mut group = scenario.groups[0].clone();
    group.name = "audit".into();
    let mut producer = scenario.producers[0].clone();
    producer.name = "mobile".into();
    let mut member = group.consumers[0].clone();
    member.name = "C9".into();
    let processing = Distribution::Constant(Span::from_ms(5));
    let handler = HandlerSpec { processing, failure: Ratio::ZERO, same_as: Some("billing".into()) };
    let service =
        ServiceSpec { name: "S".into(), workers: 2, waiting_line: Some(0), handler: handler.clone() };
    let arrivals = Arrivals::SameAs("shop".into());
    let caller = CallerSpec {
        name: "A".into(),
        services: vec!["S".into()],
        arrivals: arrivals.clone(),
        timeout: Span::from_secs(2),
    };
    let sender = SenderSpec { name: "web".into(), arrivals };
    let queue = P2pSpec { name: "Q".into(), senders: vec![sender], consumers: 3, handler };
    let of_service = |change| Command::Service { service: "S".into(), change };
    let link = |change| Command::Link { client: "shop".into(), change };
    let of_queue = |change| Command::P2p { queue: "Q".into(), change };
    let commands = [
        Command::AddTopic(TopicSpec {
            name: "refunds".into(),
            message_type: TopicType::NORMAL,
            write_queues: 1,
            read_queues: 2,
            cleanup: Default::default(),
        }),
        Command::AddProducer(producer),
        Command::AddGroup(group),
        Command::AddConsumer { group: "billing".into(), consumer: member },
        Command::SetPattern { producer: "shop".into(), pattern: Pattern::ByHand },
        Command::Send { producer: "shop".into(), count: 3 },
        Command::Recall { producer: "shop".into(), number: 2 },
        Command::Throttle { sends: true, receives: false, lasting: Span::from_secs(5) },
        Command::EndTransaction { producer: "shop".into(), number: 2, commit: false },
        Command::CrashProducer { producer: "shop".into() },
        Command::RestartProducer { producer: "shop".into() },
        Command::CrashBroker { how: Crash::Machine },
        Command::RestartBroker,
        link(LinkChange::Cut { answers_only: true }),
        link(LinkChange::Repair),
        link(LinkChange::Hold),
        link(LinkChange::Release),
        link(LinkChange::LoseAnswers(2)),
        Command::SetBalance { group: "billing".into(), balance: Balance::Queue },
        Command::ResetOffset {
            group: "billing".into(),
            topic: "orders".into(),
            to: ResetTarget::Offset { queue: 1, offset: 12 },
        },
        Command::SetQueues { topic: "orders".into(), write: 2, read: 3 },
        Command::SendTo { producer: "shop".into(), queue: 1, count: 2 },
        Command::SetFilter {
            group: "billing".into(),
            topic: "orders".into(),
            filter: FilterSpec::tags("TagA || TagB"),
        },
        consumer(ConsumerChange::SetFilter {
            topic: "orders".into(),
            filter: FilterSpec::Sql("region = 'eu' AND amount > 100".into()),
        }),
        consumer(ConsumerChange::SetThreads(8)),
        consumer(ConsumerChange::SetProcessing(Distribution::Exponential { mean: Span::from_ms(3) })),
        consumer(ConsumerChange::SetFailure(Failure::FirstAttempts(1))),
        consumer(ConsumerChange::FailNext(2)),
        simple(ConsumerChange::Receive {
            count: 3,
            invisible: Some(Span::from_secs(20)),
            queue: Some(1),
            attempt: Some("first".into()),
        }),
        simple(ConsumerChange::Acknowledge { handle: 1 }),
        simple(ConsumerChange::ChangeInvisible { handle: 2, invisible: Span::from_secs(60) }),
        lite(ConsumerChange::Lite(LiteChange::Add {
            names: vec![Names::read("session-{0-99}").expect("a series"), Names::one("ann")],
            from: Position::Tail(3),
        })),
        lite(ConsumerChange::Lite(LiteChange::Remove { names: vec![Names::one("ann")] })),
        lite(ConsumerChange::Lite(LiteChange::All { names: Vec::new() })),
        pull(ConsumerChange::Poll),
        pull(ConsumerChange::Commit),
        pull(ConsumerChange::Seek {
            topic: "orders".into(),
            queue: 1,
            to: ResetTarget::Offset { queue: 1, offset: 12 },
        }),
        pull(ConsumerChange::PauseQueue { topic: "orders".into(), queue: 1 }),
        pull(ConsumerChange::ResumeQueue { topic: "orders".into(), queue: 1 }),
        pull(ConsumerChange::SendBack {
            topic: "orders".into(),
            queue: 1,
            offset: 12,
            level: 3,
            max_times: Some(2),
        }),
        consumer(ConsumerChange::Pause),
        consumer(ConsumerChange::Resume),
        consumer(ConsumerChange::Leave),
        consumer(ConsumerChange::Restart),
        consumer(ConsumerChange::Crash),
        Command::AddService(service),
        Command::AddCaller(caller),
        Command::Caller {
            caller: "A".into(),
            change: CallerChange::SetPattern(Pattern::Poisson(Rate::per_second(3))),
        },
        Command::Caller { caller: "A".into(), change: CallerChange::SetTimeout(Span::from_ms(700)) },
        Command::AddP2pQueue(queue),
        of_service(ServiceChange::Stop),
        of_service(ServiceChange::Start),
        of_service(ServiceChange::Crash),
        of_service(ServiceChange::SetWorkers(7)),
        of_service(ServiceChange::SetProcessing(Distribution::Exponential { mean: Span::from_ms(3) })),
        of_queue(P2pChange::AddConsumer),
        of_queue(P2pChange::CrashConsumer),
        Command::RemoveProducer { producer: "shop".into() },
        Command::RemoveGroup { group: "billing".into() },
    ];
    let actions: Vec<Value> = commands.iter().map(|c| json!({ "at": "1s", "do": command_json(c) })).collect();
    file["actions"] = actions.into();
    let scenario = good(&file);
    assert_eq!(scenario.actions.iter().map(|a| a.command.clone()).collect::<Vec<_>>(), commands);
    // The schema knows the same keys, and no others.
    let schema = schema();
    let known = schema["$defs"]["command"]["properties"].as_object().expect("commands have keys");
    let mut known: Vec<&str> = known.keys().map(String::as_str).collect();
    let mut given: Vec<&str> = commands.iter().map(Command::key).collect();
    known.sort_unstable();
    given.sort_unstable();
    assert_eq!(known, given);
}

#[test]
fn a_profile_sets_what_the_file_leaves_open() {
    let parsed = |top: &str| Scenario::parse(&with_group(top, "")).expect("it is a good file");
    let usual = parsed("");
    let classic = parsed(r#", "profile": "classic4", "settings": {"push.threads": 3}"#);
    assert_eq!(classic.profile.name(), "classic4");
    assert!(usual.settings.topic_type_check && !classic.settings.topic_type_check);
    assert_eq!(
        (classic.settings.push_threads, classic.settings.store_retention),
        (3, Span::from_secs(48 * 3_600))
    );
    assert_eq!(Scenario::parse(&classic.to_json().to_string()), Ok(classic.clone()));
    let written = classic.to_json();
    assert_eq!(written["settings"], serde_json::json!({ "push.threads": 3 }));
    // Under another profile what the file says stays.
    let back = classic.under(usual.profile);
    assert_eq!((back.settings.push_threads, back.settings.store_retention), (3, Span::from_secs(72 * 3_600)));
    // What a file does not say about a group the profile does: classic clients share queues.
    let said = classic.groups[0].balance;
    assert_eq!(
        (usual.profile.usual_balance(), classic.profile.usual_balance()),
        (Balance::Message, Balance::Queue)
    );
    assert_eq!(usual.under(classic.profile).groups[0].balance, said);
    let group = r#"{"format": "mqscope.scenario/1", "id": "t", "title": {"en": "t"}, "topics": [{"name": "t"}], PROFILE
        "groups": [{"name": "g", "subscribe": [{"topic": "t"}]},
            {"name": "s", "type": "simple", "subscribe": [{"topic": "t"}]}]}"#;
    let balances = |profile: &str| {
        let parsed = Scenario::parse(&group.replace("PROFILE", profile)).expect("it is a good file");
        [parsed.groups[0].balance, parsed.groups[1].balance]
    };
    assert_eq!(balances(""), [Balance::Message, Balance::Message]);
    assert_eq!(balances(r#""profile": "classic4","#), [Balance::Queue, Balance::Message]);
    let over = parsed(r#", "profile": "classic4", "settings": {"topic.typeCheck": true}"#);
    assert!(over.settings.topic_type_check);
}
