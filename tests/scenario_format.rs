//! The scenario file: what good files mean, what is said about bad ones, and that schema and documentation tell the
//! truth. `UPDATE=1 cargo test --test scenario_format` rewrites what is generated.

use std::fs;
use std::path::Path;
use std::rc::Rc;

use mqscope::broker::arrivals::Arrivals;
use mqscope::broker::caller::CallerSpec;
use mqscope::broker::fault::Crash;
use mqscope::broker::p2p::{P2pSpec, SenderSpec};
use mqscope::broker::service::{HandlerSpec, ServiceSpec};
use mqscope::broker::spec::{
    Application, Balance, Configured, ConsumeMode, ConsumerSpec, ConsumerType, DeliveryOrder, Failure,
    FilterSpec, GroupSpec, InitialOffset, LockScope, MessageGroups, MessageTemplate, Pattern, ProducerSpec,
    QueueSelection, Rate, RetryRule, Strategy, SubscriptionSpec, TopicSpec, TopicType, TransactionSpec,
    Which,
};
use mqscope::broker::{
    Command, ConsumerChange, Entry, Event, LinkChange, Observer, P2pChange, ResetTarget, ServiceChange,
    Settings, World,
};
use mqscope::scenario::{
    Action, CLAIMS, Caption, FORMAT, LocalText, Marker, Problems, Profile, SETTINGS, Scenario, bundled,
    command_json, limits, schema, tables,
};
use mqscope::session::Session;
use mqscope::sim::{Chance, Distribution, Draws, Instant, Ratio, Span, Stream};
use serde_json::{Map, Value, json};

/// A small file that uses a bit of everything.
fn base() -> Value {
    json!({
        "format": "mqscope.scenario/1",
        "id": "base",
        "title": { "en": "Base", "zh-CN": "基础" },
        "seed": "42",
        "settings": { "push.threads": 2 },
        "topics": [{ "name": "orders", "write_queues": 4 }, { "name": "payments" }],
        "producers": [{
            "name": "shop",
            "topic": "orders",
            "pattern": { "bursts": { "per_second": 1, "burst_per_second": 10, "every": "10s", "lasting": "2s" } },
            "message": { "tags": ["created"], "properties": { "region": "eu" } },
        }],
        "groups": [{
            "name": "billing",
            "mode": "clustering",
            "subscribe": [{ "topic": "orders", "filter": "*" }],
            "consumers": [
                { "name": "C1", "threads": 1, "processing": { "constant": "20ms" }, "failure": "1/10" },
                { "name": "C2", "processing": { "uniform": { "min": "10ms", "max": "30ms" } } },
            ],
        }],
        "actions": [{ "at": "7s", "do": { "crash": { "consumer": "billing/C1" } } }],
        "markers": [{ "at": "7s", "label": { "en": "Crash", "zh-CN": "宕机" } }],
        "captions": [{ "at": "0s", "until": "5s", "text": { "en": "Look.", "zh-CN": "看。" } }],
        "stop_after_messages": 100,
        "until": "60s",
    })
}

fn parse(value: &Value) -> Result<Scenario, Problems> {
    Scenario::parse(&value.to_string())
}

fn good(value: &Value) -> Scenario {
    parse(value).unwrap_or_else(|problems| panic!("{problems}"))
}

/// What is said about a bad file.
fn said(value: &Value) -> String {
    parse(value).map_or_else(|problems| problems.to_string(), |_| "nothing".into())
}

/// The base with something else at a JSON pointer; the last step may be a new key.
fn base_with(pointer: &str, value: Value) -> Value {
    let mut file = base();
    let (parent, key) = pointer.rsplit_once('/').expect("a pointer has a slash");
    match file.pointer_mut(parent).expect("the parent is there") {
        Value::Array(items) => items[key.parse::<usize>().expect("an index")] = value,
        parent => parent[key] = value,
    }
    file
}

/// The base without something.
fn base_without(pointer: &str) -> Value {
    let mut file = base();
    let (parent, key) = pointer.rsplit_once('/').expect("a pointer has a slash");
    let parent = file.pointer_mut(parent).and_then(Value::as_object_mut).expect("the parent is there");
    parent.remove(key).expect("the key is there");
    file
}

// Good files.

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
            balance: Balance::Queue,
            strategy: Strategy::Avg,
            retry: Default::default(),
            delivery_order: DeliveryOrder::Concurrent,
            initial_offset: InitialOffset::Latest,
            subscriptions: vec![SubscriptionSpec::all("orders")],
            consumers: vec![ConsumerSpec {
                name: "C1".into(),
                threads: Some(1),
                processing: Distribution::Exponential { mean: Span::from_us(800) },
                failure: Failure::Probability(Ratio { numerator: 1, denominator: 10 }),
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
    let consumer = |change| Command::Consumer { consumer: "billing/C1".into(), change };
    let scenario = good(&base());
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
        }),
        Command::AddProducer(producer),
        Command::AddGroup(group),
        Command::AddConsumer { group: "billing".into(), consumer: member },
        Command::SetPattern { producer: "shop".into(), pattern: Pattern::ByHand },
        Command::Send { producer: "shop".into(), count: 3 },
        Command::Recall { producer: "shop".into(), number: 2 },
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
        consumer(ConsumerChange::Receive { count: 3, invisible: Some(Span::from_secs(20)) }),
        consumer(ConsumerChange::Acknowledge { handle: 1 }),
        consumer(ConsumerChange::ChangeInvisible { handle: 2, invisible: Span::from_secs(60) }),
        consumer(ConsumerChange::Pause),
        consumer(ConsumerChange::Resume),
        consumer(ConsumerChange::Leave),
        consumer(ConsumerChange::Restart),
        consumer(ConsumerChange::Crash),
        Command::AddService(service),
        Command::AddCaller(caller),
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
    let scenario = good(&base_with("/actions", actions.into()));
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

// Bad files: each problem and its exact sentence.

/// `problems.txt` holds the cases: a JSON pointer into the base with what stands there instead (or that it is removed),
/// and below it every sentence that is said.
#[test]
fn every_problem_has_its_sentence() {
    let cases = fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join(PROBLEMS))
        .expect("the cases are there");
    let mut told = String::new();
    for line in cases.lines().filter(|line| !line.starts_with("  ")) {
        told += &format!("{line}\n");
        let file = match (line.split_once(" = "), line.strip_suffix(" removed")) {
            _ if line.is_empty() || line.starts_with('#') => continue,
            (Some((pointer, value)), _) => base_with(pointer, value.parse().expect("the value is JSON")),
            (None, Some(pointer)) => base_without(pointer),
            (None, None) => panic!("{line} is no case"),
        };
        for sentence in said(&file).lines() {
            told += &format!("  {sentence}\n");
        }
    }
    generated(PROBLEMS, &told);
}

const PROBLEMS: &str = "tests/scenario_format/problems.txt";

#[test]
fn what_is_no_scenario_is_refused_as_a_whole() {
    let said = |text: &str| Scenario::parse(text).map_or_else(|p| p.to_string(), |_| "nothing".into());
    let table = [
        (
            "",
            "line 1, column 0: this is not JSON (EOF while parsing a value); look for a missing or spare comma, quote or bracket there or just before.",
        ),
        (
            "{\n  \"id\": \"x\"\n  \"seed\": 1\n}",
            "line 3, column 3: this is not JSON (expected `,` or `}`); look for a missing or spare comma, quote or bracket there or just before.",
        ),
        (
            "<html>",
            "line 1, column 1: this is not JSON (expected value); look for a missing or spare comma, quote or bracket there or just before.",
        ),
        (
            "{\"seed\": 1e999}",
            "line 1, column 14: this is not JSON (number out of range); look for a missing or spare comma, quote or bracket there or just before.",
        ),
        ("[1]", r#"the file: a list stands here; write an object with the keys "format", "id" and "title"."#),
        ("3", r#"the file: 3 stands here; write an object with the keys "format", "id" and "title"."#),
    ];
    for (text, sentence) in table {
        assert_eq!(said(text), sentence);
    }
    let deep = "[".repeat(100_000);
    assert!(said(&deep).contains("this is not JSON (recursion limit exceeded)"));
    let long = " ".repeat(limits::FILE_BYTES as usize + 1);
    assert_eq!(said(&long), "the file: 4194305 bytes are too many; write at most 4194304.");
}

/// A newer program may mean anything by the rest, so nothing else is said about it.
#[test]
fn a_future_version_gets_one_clear_sentence() {
    let mut file = base_with("/format", json!("mqscope.scenario/2"));
    file["wormholes"] = json!([1, 2, 3]);
    let sentence = "format: \"mqscope.scenario/2\" is a version that this program does not know; open the file with a \
                    newer MQScope, or write it as \"mqscope.scenario/1\".";
    assert_eq!(said(&file), sentence);
}

#[test]
fn a_thousand_problems_are_all_reported() {
    let topics: Vec<Value> =
        (0..1000).map(|n| json!({ "name": format!("t{n}"), "write_queues": -n - 1 })).collect();
    let mut file = base_without("/groups");
    file["actions"] = json!([]);
    file["producers"] = json!([]);
    file["topics"] = topics.into();
    let problems = parse(&file).expect_err("a thousand negative numbers");
    assert_eq!((problems.len(), problems.iter().count()), (1000, 1000));
    let last = problems.iter().last().expect("there is a last");
    assert_eq!(
        last.to_string(),
        "topics[999].write_queues: -1000 is negative; write a whole number from 1 to 1024."
    );
    let shown = problems.to_string();
    assert_eq!(shown.lines().count(), 51);
    assert!(shown.ends_with("\nand 950 more"));
}

/// Problems of different places come together: one bad value hides no other.
#[test]
fn problems_of_all_kinds_are_collected() {
    let mut file = base_with("/topics/0/write_queues", json!("many"));
    file["groups"][0]["consumers"][1]["failure"] = json!("2");
    file["actions"][0]["do"] = json!({ "crash": { "consumer": "billing/C8" } });
    file["producers"][0]["topic"] = json!("paymets");
    file["x"] = json!(0);
    let problems = parse(&file).expect_err("five problems");
    let mut places: Vec<&str> = problems.iter().map(|problem| &*problem.path).collect();
    places.sort_unstable();
    let expected = [
        "actions[0].do.crash.consumer",
        "groups[0].consumers[1].failure",
        "producers[0].topic",
        "topics[0].write_queues",
        "x",
    ];
    assert_eq!(places, expected);
}

#[test]
fn what_all_parts_make_together_is_limited() {
    let many = |count: usize, make: &dyn Fn(usize) -> Value| -> Value { (0..count).map(make).collect() };
    let topics = many(10, &|n| json!({ "name": format!("t{n}"), "write_queues": 1024 }));
    let mut file = base_with("/topics", topics);
    file["producers"] = json!([]);
    file["actions"] = json!([]);
    file["groups"] = json!([]);
    let queues = "topics: all together, these and the actions make 10240 queues; make at most 10000.";
    assert_eq!(said(&file), queues);

    let consumers = many(10_001, &|n| json!({ "name": format!("C{n}"), "threads": 1 }));
    let sentences = "groups[0].consumers: 10001 items stand here; write at most 10000.\ngroups: all together, these and the \
                     actions make 10001 consumers; make at most 10000.";
    assert_eq!(said(&base_with("/groups/0/consumers", consumers)), sentences);

    let consumers = many(200, &|n| json!({ "name": format!("C{n}"), "threads": 1024 }));
    let threads = "groups: all together, these and the actions make 204800 threads; make at most 200000.";
    assert_eq!(said(&base_with("/groups/0/consumers", consumers)), threads);

    let adds = many(
        999,
        &|n| json!({ "at": "1s", "do": { "add_topic": { "name": format!("t{n}"), "write_queues": 1 } } }),
    );
    let sentence = "topics: all together, these and the actions make 1001 topics; make at most 1000.";
    assert_eq!(said(&base_with("/actions", adds)), sentence);

    let mut file =
        base_with("/topics", many(9, &|n| json!({ "name": format!("t{n}"), "write_queues": 1000 })));
    let subscribe = many(9, &|n| json!({ "topic": format!("t{n}") }));
    let groups = many(23, &|n| json!({ "name": format!("g{n}"), "subscribe": subscribe }));
    file["groups"] = groups;
    file["producers"] = json!([]);
    file["actions"] = json!([]);
    let pairs = "groups: all together, these and the actions make 207000 pairs of a group and a queue it reads; make at \
                 most 200000.";
    assert_eq!(said(&file), pairs);

    let properties = many(17, &|n| json!([format!("p{n}"), "x".repeat(1000)]));
    let pairs = properties.as_array().expect("a list").iter();
    let properties: Map<String, Value> =
        pairs.map(|pair| (pair[0].as_str().unwrap_or_default().to_owned(), pair[1].clone())).collect();
    let bytes = "producers[0].message.properties: tag, key and properties take 17048 bytes together; write at most 16384 \
                 bytes.";
    assert_eq!(said(&base_with("/producers/0/message/properties", properties.into())), bytes);
}

/// Files with as many entries as fit, all of them wrong or all of them right: no limit is met by running out of
/// memory, stack or patience.
#[test]
fn a_hundred_thousand_entries_are_looked_at_one_by_one() {
    let crash = json!({ "at": "1s", "do": { "crash": { "consumer": "billing/C1" } } });
    let actions: Value = std::iter::repeat_n(crash, 50_000).collect();
    assert_eq!(good(&base_with("/actions", actions)).actions.len(), 50_000);

    let ghost = json!({ "at": "1s", "do": { "pause": { "consumer": "billing/nobody" } } });
    let actions: Value = std::iter::repeat_n(ghost, 60_000).collect();
    let problems = parse(&base_with("/actions", actions)).expect_err("nobody");
    assert_eq!((problems.len(), problems.iter().count() as u64), (60_000, limits::PROBLEMS));

    let zeros: Value = std::iter::repeat_n(json!(0), 1_000_000).collect();
    assert_eq!(parse(&base_with("/actions", zeros)).expect_err("zeros").len(), 1_000_001);

    let keys: Map<String, Value> = (0..100_000).map(|n| (format!("write_queue{n}"), json!(0))).collect();
    let mut topic = json!({ "name": "x" });
    topic.as_object_mut().expect("an object").extend(keys);
    assert_eq!(parse(&base_with("/topics/1", topic)).expect_err("unknown keys").len(), 100_000);

    let twins: Value = std::iter::repeat_n(json!({ "name": "C" }), 100_000).collect();
    let problems = parse(&base_with("/groups/0/consumers", twins)).expect_err("twins");
    // Each but the first has a taken name; too many in the list, in all, and in threads; and the action's C1 is gone.
    assert_eq!(problems.len(), 99_999 + 3);
}

/// Broken files, made from good ones: never a panic, and always either a scenario or a sentence.
#[test]
fn mutated_files_never_panic() {
    let draws = Chance::new(0x5eed).stream(Stream::World, 1);
    let (mut refused, mut accepted) = (0, 0);
    for n in 0..5_000 {
        let mut luck = Luck { draws, next: n * 1_000 };
        let (_, text) = bundled()[luck.below(bundled().len())];
        let text = match luck.below(3) {
            0 => text[..floor_char(text, luck.below(text.len() + 1))].to_owned(),
            1 => flip(text, &mut luck),
            _ => {
                let mut value: Value = serde_json::from_str(text).expect("bundled files are JSON");
                for _ in 0..=luck.below(3) {
                    disturb(&mut value, &mut luck);
                }
                value.to_string()
            }
        };
        match Scenario::parse(&text) {
            Ok(scenario) => {
                accepted += 1;
                assert_eq!(Scenario::parse(&scenario.to_json().to_string()), Ok(scenario));
            }
            Err(problems) => {
                refused += 1;
                assert!(!problems.is_empty());
                for problem in &problems {
                    let sentence = problem.to_string();
                    assert!(
                        sentence.ends_with('.') && sentence.contains(": ") && sentence.contains("; "),
                        "{sentence}"
                    );
                    assert!(sentence.len() < 2_000 && !sentence.contains('\n'), "{sentence}");
                }
            }
        }
    }
    // Both ways are taken often enough to mean something.
    assert!(refused > 2_000 && accepted > 200, "{refused} refused, {accepted} accepted");
}

// Writing.

#[test]
fn what_is_written_reads_back() {
    let files = bundled().iter().map(|(_, text)| (*text).to_owned()).chain(benches().map(|(_, text)| text));
    for text in files.chain([base().to_string()]) {
        let scenario = Scenario::parse(&text).unwrap_or_else(|problems| panic!("{problems}"));
        let written = scenario.to_json();
        assert_eq!(parse(&written), Ok(scenario.clone()));
        // Canonical: writing it again changes nothing.
        assert_eq!(good(&written).to_json().to_string(), written.to_string());
    }
}

#[test]
fn random_scenarios_read_back() {
    let draws = Chance::new(2).stream(Stream::World, 2);
    for n in 0..1_000 {
        let scenario = random_scenario(&mut Luck { draws, next: n * 10_000 });
        let written = scenario.to_json();
        assert_eq!(parse(&written), Ok(scenario), "{written:#}");
        check_schema(&written);
    }
}

/// Refused commands by the place of the command.
#[derive(Default)]
struct Refused(Vec<usize>);

impl Observer for Refused {
    fn observe(&mut self, _: &World, entry: &Entry) {
        if let Event::CommandRefused { command, .. } = entry.event {
            self.0.push(command.index());
        }
    }
}

/// A file without problems makes a world that refuses nothing of its topology and runs.
#[test]
fn good_files_can_be_played() {
    let draws = Chance::new(3).stream(Stream::World, 3);
    for n in 0..300 {
        let scenario = random_scenario(&mut Luck { draws, next: n * 10_000 });
        let topology = scenario.commands().len();
        let mut session = Session::new(Rc::new(scenario.clone()), Refused::default());
        session.run_until(scenario.until, 3_000);
        assert_eq!(session.broken(), None, "{}", scenario.to_json());
        assert!(session.observer().0.iter().all(|command| *command >= topology), "{}", scenario.to_json());
    }
}

// Bundled files.

/// The files of `benches/`, by name.
fn benches() -> impl Iterator<Item = (String, String)> {
    let names = ["w", "theory-1", "theory-2", "theory-3", "theory-4", "theory-5", "theory-6"];
    names.into_iter().map(|name| {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("benches/{name}.json"));
        (name.to_owned(), fs::read_to_string(path).expect("the bench is there"))
    })
}

#[test]
fn bundled_files_are_named_after_their_ids_and_speak_both_languages() {
    let chinese = |text: &LocalText| text.zh_cn.chars().any(|c| ('\u{4e00}'..='\u{9fff}').contains(&c));
    let files = bundled().iter().map(|(id, text)| ((*id).to_owned(), (*text).to_owned()));
    for (id, text) in files.chain(benches()) {
        let scenario = Scenario::parse(&text).unwrap_or_else(|problems| panic!("{id}: {problems}"));
        assert_eq!(scenario.id, id);
        let labels = scenario.markers.iter().map(|marker| &marker.label);
        let captions = scenario.captions.iter().map(|caption| &caption.text);
        for text in labels.chain(captions).chain(&scenario.summary) {
            assert!(
                chinese(text) && text.en.is_ascii() | text.en.contains(['−', '×', '÷']),
                "{id}: {text:?}"
            );
        }
        assert!(scenario.summary.is_some(), "{id} says what to watch for");
        check_schema(&serde_json::from_str(&text).expect("bundled files are JSON"));
    }
    // Nothing in the folder is forgotten.
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("static/scenarios");
    assert_eq!(fs::read_dir(folder).expect("the folder is there").count(), bundled().len());
}

// Schema and documentation.

fn generated(path: &str, expected: &str) {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join(path);
    if std::env::var_os("UPDATE").is_some() {
        fs::write(&file, expected).expect("the document is writable");
    }
    let text = fs::read_to_string(&file).unwrap_or_default();
    assert!(text == expected, "{path} is out of date: UPDATE=1 cargo test --test scenario_format");
}

#[test]
fn the_schema_is_up_to_date() {
    let text = serde_json::to_string_pretty(&schema()).expect("a schema is JSON");
    generated("docs/scenario.schema.json", &(text + "\n"));
}

#[test]
fn the_documentation_holds_every_table() {
    let path = "docs/scenario.md";
    let mut text = fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join(path)).expect("it is there");
    for (name, table) in tables() {
        let (begin, end) = (format!("<!-- {name} -->\n"), format!("<!-- end of {name} -->"));
        let start = text.find(&begin).unwrap_or_else(|| panic!("{path} has no table {name}")) + begin.len();
        let stop = start + text[start..].find(&end).unwrap_or_else(|| panic!("table {name} has no end"));
        text.replace_range(start..stop, &table);
        assert!(text.contains(&format!("# {name}\n")) || name == "limits", "links to {name} need a heading");
    }
    assert_eq!(
        text.matches("<!-- end of ").count(),
        tables().len(),
        "{path} has a table that the code does not write"
    );
    generated(path, &text);
    // Its example is a scenario, and its problems are what is said.
    let example =
        text.split("```json\n").nth(1).and_then(|rest| rest.split("```").next()).expect("an example");
    assert!(Scenario::parse(example).is_ok(), "the example");
    let problems =
        text.split("```text\n").nth(1).and_then(|rest| rest.split("```").next()).expect("problems");
    let mut file = base_with("/groups/0/consumers/1/threads", json!("two"));
    file["topics"][0]["write_queues"] = json!(1_000_000_000);
    file["actions"][0]["do"] = json!({ "crash": { "consumer": "billing/C9" } });
    assert_eq!(said(&file) + "\n", problems);
}

/// Leaving a key out means the same as writing its documented default.
#[test]
fn documented_defaults_are_the_real_ones() {
    let schema = schema();
    let written = {
        let mut file = base();
        file["topics"] = json!([{ "name": "orders" }]);
        file["producers"][0]["message"] = json!({});
        file["actions"][0]["do"] = json!({ "fail_next": { "consumer": "billing/C1" } });
        file
    };
    let places = [
        ("", ""),
        ("/topics/0", "topic"),
        ("/producers/0", "producer"),
        ("/producers/0/message", "message"),
        ("/groups/0", "group"),
        ("/groups/0/subscribe/0", "subscription"),
        ("/groups/0/consumers/1", "consumer"),
        ("/actions/0/do/fail_next", "fail_next"),
    ];
    let mut tried = 0;
    for (place, name) in places {
        let definition = if name.is_empty() { &schema } else { &schema["$defs"][name] };
        for (key, property) in definition["properties"].as_object().expect("an object has keys") {
            let Some(default) = property.get("default") else { continue };
            let (mut without, mut with) = (written.clone(), written.clone());
            let object = |file: &mut Value| file.pointer_mut(place).and_then(Value::as_object_mut).cloned();
            let mut map = object(&mut without).expect("the place is there");
            // Things that others speak of cannot be left out.
            if matches!(&**key, "topics" | "groups" | "consumers" | "services") {
                continue;
            }
            map.remove(key);
            if key == "producers" {
                without["actions"] = json!([]);
            }
            *without.pointer_mut(place).expect("the place is there") = Value::Object(map.clone());
            map.insert(key.clone(), default.clone());
            *with.pointer_mut(place).expect("the place is there") = Value::Object(map);
            assert_eq!(parse(&without), parse(&with), "{place}/{key}");
            assert!(parse(&with).is_ok(), "{place}/{key}: {}", said(&with));
            tried += 1;
        }
    }
    assert!(tried >= 20, "{tried} defaults tried");
    let settings = schema["$defs"]["settings"]["properties"].as_object().expect("settings have names");
    assert_eq!(settings.len(), SETTINGS.len());
    for (name, property) in settings {
        let with = base_with("/settings", json!({ name: property["default"] }));
        assert_eq!(good(&with).settings, Settings::default(), "{name}");
    }
}

/// Reader and schema agree on every key of every bundled file: neither takes it under another name.
#[test]
fn a_renamed_key_is_refused_by_reader_and_schema() {
    let mut renamed = 0;
    for (id, text) in bundled() {
        let file: Value = serde_json::from_str(text).expect("bundled files are JSON");
        for pointer in keys_of(&file) {
            let (parent, key) = pointer.rsplit_once('/').expect("a pointer has a slash");
            let mut changed = file.clone();
            let map = changed.pointer_mut(parent).and_then(Value::as_object_mut).expect("an object");
            let value = map.remove(&key.replace("~1", "/")).expect("the key is there");
            map.insert(format!("{key}~"), value);
            // User properties may have any name.
            let free = parent.ends_with("/properties");
            assert_eq!(parse(&changed).is_ok(), free, "{id} with {pointer}~");
            assert_eq!(schema_flaw(&changed).is_none(), free, "{id} with {pointer}~");
            renamed += 1;
        }
    }
    assert!(renamed > 500, "{renamed} keys renamed");
}

/// Whatever the reader takes, the schema takes; where only the value is wrong, both refuse.
#[test]
fn the_schema_refuses_what_the_table_of_problems_calls_the_wrong_kind() {
    let wrong = [
        ("/topics", json!({})),
        ("/topics/0", json!("orders")),
        ("/topics/0/write_queues", json!(0)),
        ("/topics/0/write_queues", json!(2.5)),
        ("/settings/push.threads", json!("20")),
        ("/settings/group.retryLadder", json!([])),
        ("/settings/group.retryLadder", json!("classic")),
        ("/producers/0/pattern/bursts/per_second", json!(-3)),
        ("/producers/0/pattern", json!("always")),
        ("/producers/0/pattern", json!({})),
        ("/groups/0/consumers/0/processing", json!({ "constant": "1s", "exponential": { "mean": "1s" } })),
        ("/groups/0/consumers/0/failure", json!(0.1)),
        ("/groups/0/mode", json!("cluster")),
        ("/groups/0/subscribe", json!([])),
        ("/id", json!("")),
        ("/seed", json!(-1)),
        ("/until", json!(60)),
        ("/title", json!({})),
        ("/format", json!("mqscope.scenario/2")),
    ];
    check_schema(&base());
    for (pointer, value) in wrong {
        let file = base_with(pointer, value);
        assert!(parse(&file).is_err() && schema_flaw(&file).is_some(), "{pointer}: {file}");
    }
}

// A checker of the part of JSON Schema that ours uses, patterns left out.

fn check_schema(file: &Value) {
    if let Some(flaw) = schema_flaw(file) {
        panic!("against the schema: {flaw}");
    }
}

fn schema_flaw(file: &Value) -> Option<String> {
    let schema = schema();
    flaw_in(&schema, &schema, file, "")
}

fn flaw_in(root: &Value, schema: &Value, value: &Value, at: &str) -> Option<String> {
    for (keyword, rule) in schema.as_object()? {
        let number = |value: &Value| value.as_f64().unwrap_or(f64::NAN);
        let holds = match keyword.as_str() {
            "$schema" | "$defs" | "title" | "description" | "default" | "pattern" | "required"
            | "propertyNames" => true,
            "type" => match rule.as_str()? {
                "object" => value.is_object(),
                "array" => value.is_array(),
                "string" => value.is_string(),
                "number" => value.is_number(),
                "boolean" => value.is_boolean(),
                "integer" => value.as_f64().is_some_and(|number| number.fract() == 0.0),
                other => panic!("type {other}"),
            },
            "const" => value == rule,
            "enum" => rule.as_array()?.contains(value),
            "minimum" => !value.is_number() || number(value) >= number(rule),
            "maximum" => !value.is_number() || number(value) <= number(rule),
            "minLength" => {
                value.as_str().is_none_or(|text| text.chars().count() as u64 >= rule.as_u64().unwrap_or(0))
            }
            "maxLength" => {
                value.as_str().is_none_or(|text| text.chars().count() as u64 <= rule.as_u64().unwrap_or(0))
            }
            "minItems" => {
                value.as_array().is_none_or(|items| items.len() as u64 >= rule.as_u64().unwrap_or(0))
            }
            "maxItems" => {
                value.as_array().is_none_or(|items| items.len() as u64 <= rule.as_u64().unwrap_or(0))
            }
            "minProperties" => {
                value.as_object().is_none_or(|map| map.len() as u64 >= rule.as_u64().unwrap_or(0))
            }
            "maxProperties" => {
                value.as_object().is_none_or(|map| map.len() as u64 <= rule.as_u64().unwrap_or(0))
            }
            "anyOf" => rule.as_array()?.iter().any(|option| flaw_in(root, option, value, at).is_none()),
            "$ref" => {
                let target =
                    root.pointer(rule.as_str()?.trim_start_matches('#')).expect("references lead somewhere");
                match flaw_in(root, target, value, at) {
                    None => true,
                    flaw => return flaw,
                }
            }
            "items" => {
                let items = value.as_array().into_iter().flatten().enumerate();
                let flaw =
                    items.into_iter().find_map(|(n, item)| flaw_in(root, rule, item, &format!("{at}/{n}")));
                match flaw {
                    None => true,
                    flaw => return flaw,
                }
            }
            "properties" | "additionalProperties" => {
                let known = schema.get("properties").and_then(Value::as_object);
                let mut items = value.as_object().into_iter().flatten();
                let flaw = items.find_map(|(key, item)| {
                    let at = format!("{at}/{key}");
                    match (known.and_then(|known| known.get(key)), keyword.as_str()) {
                        (Some(rule), "properties") => flaw_in(root, rule, item, &at),
                        (None, "additionalProperties") if *rule == json!(false) => {
                            Some(format!("{at} is unknown"))
                        }
                        (None, "additionalProperties") => flaw_in(root, rule, item, &at),
                        _ => None,
                    }
                });
                match flaw {
                    None => true,
                    flaw => return flaw,
                }
            }
            other => panic!("keyword {other}"),
        };
        if !holds {
            return Some(format!("{at}: {keyword} {rule}"));
        }
    }
    let required = schema.get("required").and_then(Value::as_array).into_iter().flatten();
    let mut missing =
        required.filter(|key| value.is_object() && value.get(key.as_str().unwrap_or_default()).is_none());
    missing.next().map(|key| format!("{at} lacks {key}"))
}

/// Pointers to every key of every object.
fn keys_of(value: &Value) -> Vec<String> {
    let mut pointers = Vec::new();
    let mut open = vec![(String::new(), value)];
    while let Some((at, value)) = open.pop() {
        match value {
            Value::Object(map) => {
                for (key, item) in map {
                    let pointer = format!("{at}/{key}");
                    pointers.push(pointer.clone());
                    open.push((pointer, item));
                }
            }
            Value::Array(items) => {
                open.extend(items.iter().enumerate().map(|(n, item)| (format!("{at}/{n}"), item)))
            }
            _ => {}
        }
    }
    pointers
}

// Chance for tests.

/// One draw after the other.
struct Luck {
    draws: Draws,
    next: u64,
}

impl Luck {
    fn draw(&mut self) -> u64 {
        self.next += 1;
        self.draws.nth(self.next)
    }

    fn below(&mut self, bound: usize) -> usize {
        (self.draw() % bound as u64) as usize
    }

    fn one_in(&mut self, n: usize) -> bool {
        self.below(n) == 0
    }

    fn pick<T: Clone>(&mut self, from: &[T]) -> T {
        from[self.below(from.len())].clone()
    }
}

fn floor_char(text: &str, mut at: usize) -> usize {
    while !text.is_char_boundary(at) {
        at -= 1;
    }
    at
}

/// Some bytes are others now; what is no text any more is replaced.
fn flip(text: &str, luck: &mut Luck) -> String {
    let mut bytes = text.as_bytes().to_vec();
    for _ in 0..=luck.below(4) {
        let at = luck.below(bytes.len());
        bytes[at] =
            if luck.one_in(2) { b"0123456789\"{}[],:-.eE%/ "[luck.below(23)] } else { luck.draw() as u8 };
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

/// Somewhere inside, something else stands.
fn disturb(value: &mut Value, luck: &mut Luck) {
    let strange = [
        json!(null),
        json!(true),
        json!(-1),
        json!(0),
        json!(1),
        json!(2.5),
        json!(1e300),
        json!(u64::MAX),
        json!(""),
        json!("x"),
        json!("1/2"),
        json!("3s"),
        json!("\u{202e}<b>\u{0}"),
        json!([]),
        json!([[]]),
        json!({}),
        json!({ "constant": {} }),
        json!("x".repeat(10_000)),
    ];
    match value {
        Value::Object(map) if !map.is_empty() && !luck.one_in(8) => {
            let key = map.keys().nth(luck.below(map.len())).expect("there are so many").clone();
            match luck.below(14) {
                0 => drop(map.remove(&key)),
                1 => {
                    let moved = map.remove(&key).unwrap_or_default();
                    map.insert(key + "s", moved);
                }
                _ => disturb(&mut map[&key], luck),
            }
        }
        Value::Array(items) if !items.is_empty() && !luck.one_in(8) => {
            let at = luck.below(items.len());
            match luck.below(8) {
                0 => drop(items.remove(at)),
                1 => items.push(items[at].clone()),
                _ => disturb(&mut items[at], luck),
            }
        }
        other => *other = luck.pick(&strange),
    }
}

fn random_scenario(luck: &mut Luck) -> Scenario {
    let until = Instant::from_us(1 + luck.draw() % 100_000_000);
    let at = |luck: &mut Luck| Instant::from_us(luck.draw() % (until.0 + 1));
    let topics: Vec<TopicSpec> = (0..luck.below(4))
        .map(|n| TopicSpec {
            name: format!("topic%{n}|_-"),
            message_type: TopicType::NORMAL,
            write_queues: 1 + luck.below(20) as u32,
            read_queues: 1 + luck.below(20) as u32,
        })
        .collect();
    let names: Vec<String> = topics.iter().map(|topic| topic.name.clone()).collect();
    let some = |luck: &mut Luck, most| if names.is_empty() { 0 } else { luck.below(most) };
    let producers: Vec<ProducerSpec> = (0..some(luck, 4)).map(|n| random_producer(luck, n, &names)).collect();
    let groups: Vec<GroupSpec> = (0..some(luck, 4)).map(|n| random_group(luck, n, &names)).collect();
    let services: Vec<ServiceSpec> = (0..luck.below(3)).map(|n| random_service(luck, n, &groups)).collect();
    let callers: Vec<CallerSpec> = (0..if services.is_empty() { 0 } else { luck.below(3) })
        .map(|n| CallerSpec {
            name: format!("caller {n}"),
            services: (0..=luck.below(2)).map(|_| luck.pick(&services).name).collect(),
            arrivals: random_arrivals(luck, &producers),
            timeout: Span(1 + luck.draw() % 10_000_000),
        })
        .collect();
    let p2p_queues: Vec<P2pSpec> =
        (0..luck.below(3)).map(|n| random_p2p(luck, n, &producers, &groups)).collect();
    let mut actions: Vec<Action> = (0..luck.below(8))
        .filter_map(|n| {
            Some(Action { at: at(luck), command: random_command(luck, n, &producers, &groups, &names)? })
        })
        .collect();
    actions.sort_by_key(|action| action.at);
    let mut markers: Vec<Marker> =
        (0..luck.below(3)).map(|_| Marker { at: at(luck), label: random_text(luck) }).collect();
    markers.sort_by_key(|marker| marker.at);
    let mut captions: Vec<Caption> = (0..luck.below(3))
        .map(|_| {
            let at = at(luck);
            let ends = at < until && luck.one_in(2);
            let until = ends.then(|| Instant::from_us(at.0 + 1 + luck.draw() % (until.0 - at.0)));
            Caption { at, until, text: random_text(luck), claims: CLAIMS[..luck.below(4)].to_vec() }
        })
        .collect();
    captions.sort_by_key(|caption| caption.at);
    Scenario {
        id: "random".into(),
        title: random_text(luck),
        summary: luck.one_in(2).then(|| random_text(luck)),
        seed: luck.draw(),
        profile: Profile::Docs5,
        settings: random_settings(luck),
        topics,
        services,
        callers,
        p2p_queues,
        producers,
        groups,
        actions,
        markers,
        captions,
        stop_after_messages: luck.one_in(2).then(|| 1 + luck.draw() % limits::MESSAGES),
        until,
    }
}

fn random_text(luck: &mut Luck) -> LocalText {
    let words = ["Crash", "a \"quoted\" one", "<b>&amp;</b>", "emoji 🦀", "\\ backslash"];
    let en: String = luck.pick(&words).into();
    LocalText { zh_cn: if luck.one_in(3) { en.clone() } else { "宕机与重新投递。".into() }, en }
}

fn random_settings(luck: &mut Luck) -> Settings {
    let ms = |luck: &mut Luck| Span::from_ms(1 + luck.draw() % 100_000);
    let usual = Settings::default();
    Settings {
        push_threads: 1 + luck.below(1024) as u32,
        push_receive_batch: 1 + luck.below(32) as u32,
        push_invisible: ms(luck),
        group_retry_max_times: luck.below(100) as u32,
        group_retry_ladder: match luck.below(3) {
            0 => usual.group_retry_ladder,
            1 => mqscope::broker::settings::java_grpc_ladder(),
            _ => (0..=luck.below(5)).map(|_| Span::from_us(luck.draw() % 1_000_000_000)).collect(),
        },
        fifo_lock_scope: luck.pick(&[LockScope::MessageGroup, LockScope::Queue]),
        fifo_max_retry_times: luck.pick(&[None, Some(0), Some(16), Some(99)]),
        classic_orderly_max_retry_times: luck.pick(&[None, Some(16)]),
        classic_rebalance_interval: ms(luck),
        consumer_crash_detection: ms(luck),
        pop_retry_first_percent: luck.below(101) as u32,
        network_delivery_latency: Span::from_us(luck.draw() % 1_000_000),
        ..usual
    }
}

fn random_rate(luck: &mut Luck) -> Rate {
    let most = luck.pick(&[10, 1_000_000, 1_000_000_000_000]);
    Rate { micros_per_second: luck.draw() % (most + 1) }
}

fn random_pattern(luck: &mut Luck) -> Pattern {
    match luck.below(4) {
        0 => Pattern::Constant(random_rate(luck)),
        1 => Pattern::Poisson(random_rate(luck)),
        2 => {
            let every = 1 + luck.draw() % 100_000_000;
            Pattern::Bursts {
                rate: random_rate(luck),
                burst_rate: random_rate(luck),
                every: Span(every),
                lasting: Span(luck.draw() % (every + 1)),
            }
        }
        _ => Pattern::ByHand,
    }
}

fn random_producer(luck: &mut Luck, n: usize, topics: &[String]) -> ProducerSpec {
    let text = |luck: &mut Luck| {
        luck.one_in(2).then(|| luck.pick(&["order-{n}", "{\"a\":\"\\\\\"}", "行\n二"]).replace('\n', " "))
    };
    // One of the two at the most.
    let message_group = match luck.below(5) {
        0 => Some(MessageGroups::Text("order-{n}/{key}".into())),
        1 => Some(MessageGroups::InTurn(vec!["甲".into(), "乙".into()])),
        2 => Some(MessageGroups::ByChance(1 + luck.below(100) as u32)),
        _ => None,
    };
    let transaction = (message_group.is_none() && luck.one_in(3)).then(|| random_transaction(luck).into());
    let has_time = message_group.is_none() && transaction.is_none();
    ProducerSpec {
        name: format!("producer {n} <b>"),
        topic: luck.pick(topics),
        pattern: random_pattern(luck),
        queue_selection: luck.pick(&[QueueSelection::RoundRobin, QueueSelection::Uniform]),
        message: MessageTemplate {
            tags: (0..luck.below(3)).map(|n| format!("tag{n}")).collect(),
            key: text(luck),
            properties: (0..luck.below(3)).map(|n| (format!("p{n}"), "v".into())).collect(),
            body: text(luck),
            first_number: luck.draw() % limits::FIRST_NUMBER,
            message_group,
            delay: (has_time && luck.one_in(3)).then(|| random_processing(luck)),
            delay_level: (has_time && luck.one_in(3)).then(|| 1 + luck.below(20) as u32),
            transaction,
        },
    }
}

fn random_transaction(luck: &mut Luck) -> TransactionSpec {
    let which = |luck: &mut Luck| match luck.below(4) {
        0 => Which::Tag("tag0".into()),
        1 => Which::Key("order-7".into()),
        2 => Which::Share(Ratio { numerator: 1, denominator: 1 + luck.below(9) as u32 }),
        _ => Which::NONE,
    };
    TransactionSpec {
        takes: random_processing(luck),
        rollback: which(luck),
        unknown: which(luck),
        lost: which(luck),
        check_unknown: which(luck),
        check_after_secs: luck.one_in(3).then(|| 1 + luck.below(3_600) as u32),
    }
}

fn random_processing(luck: &mut Luck) -> Distribution {
    let span = |luck: &mut Luck| Span(luck.draw() % 10_000_000);
    let (a, b) = (span(luck), span(luck));
    match luck.below(4) {
        0 => Distribution::Constant(a),
        1 => Distribution::Uniform { min: a.min(b), max: a.max(b) },
        2 => Distribution::Exponential { mean: a },
        _ => Distribution::LogNormal { median: a.min(b), p99: a.max(b) },
    }
}

fn random_failure(luck: &mut Luck) -> Failure {
    match luck.below(5) {
        0 => Failure::NEVER,
        1 => {
            let denominator = 1 + luck.draw() as u32 % 1000;
            Failure::Probability(Ratio { numerator: luck.draw() as u32 % (denominator + 1), denominator })
        }
        2 => Failure::PoisonTag("refund".into()),
        3 => Failure::PoisonKey("order-7".into()),
        _ => Failure::FirstAttempts(luck.below(5) as u32),
    }
}

fn random_consumer(luck: &mut Luck, n: usize) -> ConsumerSpec {
    ConsumerSpec {
        name: format!("C{n}"),
        threads: luck.one_in(2).then(|| 1 + luck.below(64) as u32),
        processing: random_processing(luck),
        failure: random_failure(luck),
        application: Default::default(),
        subscriptions: Vec::new(),
    }
}

fn random_filter(luck: &mut Luck) -> FilterSpec {
    match luck.below(4) {
        0 => FilterSpec::tags("TagA || TagB"),
        1 => FilterSpec::Sql("region = 'it''s' AND \n n > 5".into()),
        _ => FilterSpec::All,
    }
}

fn random_strategy(luck: &mut Luck, topic: &str) -> Strategy {
    let rooms = || vec!["hz".to_owned(), "sh".to_owned()];
    match luck.below(5) {
        0 => Strategy::Avg,
        1 => Strategy::AvgByCircle,
        2 => Strategy::ConsistentHash,
        3 => Strategy::MachineRoom { queues: rooms(), rooms: rooms() },
        _ => {
            let own = Configured { consumer: "C1".into(), topic: topic.into(), queues: vec![0] };
            let retries = Configured { topic: "%RETRY%g".into(), queues: Vec::new(), ..own.clone() };
            Strategy::Config(vec![own, retries])
        }
    }
}

fn random_group(luck: &mut Luck, n: usize, topics: &[String]) -> GroupSpec {
    let mode = luck.pick(&[ConsumeMode::Clustering, ConsumeMode::Clustering, ConsumeMode::Broadcasting]);
    let balances: &[Balance] = match mode {
        ConsumeMode::Clustering => &[Balance::Queue, Balance::Message],
        ConsumeMode::Broadcasting => &[Balance::Queue],
    };
    let count = 1 + luck.below(topics.len());
    let simple = mode == ConsumeMode::Clustering && luck.one_in(4);
    let consumer_type = if simple { ConsumerType::Simple } else { ConsumerType::Push };
    let applications = [Application::Loop, Application::Renewing, Application::ByHand];
    GroupSpec {
        name: format!("group-{n}"),
        mode,
        consumer_type,
        idempotent: luck.pick(&[None, Some(false), Some(true)]),
        balance: if simple { Balance::Message } else { luck.pick(balances) },
        strategy: random_strategy(luck, &topics[0]),
        retry: match luck.below(4) {
            0 => RetryRule { max_times: Some(luck.below(9) as u32), ladder: None },
            1 => RetryRule { max_times: None, ladder: Some(vec![Span::from_ms(7), Span::from_secs(2)]) },
            _ => RetryRule::default(),
        },
        delivery_order: match mode {
            ConsumeMode::Clustering if !simple => {
                luck.pick(&[DeliveryOrder::Concurrent, DeliveryOrder::Orderly])
            }
            _ => DeliveryOrder::Concurrent,
        },
        initial_offset: luck.pick(&[InitialOffset::Latest, InitialOffset::Earliest]),
        subscriptions: topics
            .iter()
            .take(count)
            .map(|topic| SubscriptionSpec { topic: topic.clone(), filter: random_filter(luck) })
            .collect(),
        consumers: (0..luck.below(4))
            .map(|n| {
                let own = SubscriptionSpec { topic: topics[0].clone(), filter: random_filter(luck) };
                let subscriptions = if luck.one_in(4) { vec![own] } else { Vec::new() };
                let application = luck.pick(&applications[..if simple { 3 } else { 1 }]);
                ConsumerSpec { subscriptions, application, ..random_consumer(luck, n) }
            })
            .collect(),
    }
}

fn random_arrivals(luck: &mut Luck, producers: &[ProducerSpec]) -> Arrivals {
    match producers.first() {
        Some(producer) if luck.one_in(2) => Arrivals::SameAs(producer.name.clone()),
        _ => match random_pattern(luck) {
            Pattern::ByHand => Arrivals::Pattern(Pattern::Constant(random_rate(luck))),
            pattern => Arrivals::Pattern(pattern),
        },
    }
}

fn random_handler(luck: &mut Luck, failure: Ratio, groups: &[GroupSpec]) -> HandlerSpec {
    let same_as = groups.first().filter(|_| luck.one_in(2)).map(|group| group.name.clone());
    HandlerSpec { processing: random_processing(luck), failure, same_as }
}

fn random_service(luck: &mut Luck, n: usize, groups: &[GroupSpec]) -> ServiceSpec {
    let failure = if luck.one_in(2) { Ratio::ZERO } else { Ratio { numerator: 1, denominator: 7 } };
    ServiceSpec {
        name: format!("service {n}"),
        workers: 1 + luck.below(50) as u32,
        waiting_line: luck.one_in(2).then(|| luck.below(50) as u32),
        handler: random_handler(luck, failure, groups),
    }
}

fn random_p2p(luck: &mut Luck, n: usize, producers: &[ProducerSpec], groups: &[GroupSpec]) -> P2pSpec {
    let senders = luck.below(3);
    P2pSpec {
        name: format!("queue {n}"),
        senders: (0..senders)
            .map(|n| SenderSpec { name: format!("s{n}"), arrivals: random_arrivals(luck, producers) })
            .collect(),
        consumers: luck.below(5) as u32,
        handler: random_handler(luck, Ratio::ZERO, groups),
    }
}

/// A command about things that are there from the start to the end.
fn random_command(
    luck: &mut Luck,
    n: usize,
    producers: &[ProducerSpec],
    groups: &[GroupSpec],
    topics: &[String],
) -> Option<Command> {
    let group = (!groups.is_empty()).then(|| luck.pick(groups));
    let producer = (!producers.is_empty()).then(|| luck.pick(producers).name);
    match luck.below(16) {
        13 => topics.first().map(|topic| Command::SetQueues {
            topic: topic.clone(),
            write: 1 + luck.below(9) as u32,
            read: 1 + luck.below(9) as u32,
        }),
        12 => group.filter(|g| g.mode == ConsumeMode::Clustering).map(|g| Command::ResetOffset {
            topic: g.subscriptions[0].topic.clone(),
            group: g.name,
            to: match luck.below(4) {
                0 => ResetTarget::Latest,
                1 => ResetTarget::Earliest,
                2 => ResetTarget::Time(Instant::from_ms(luck.draw() % 50_000)),
                _ => ResetTarget::Offset { queue: luck.below(9) as u32, offset: luck.draw() % 1_000 },
            },
        }),
        11 => Some(Command::EndTransaction {
            producer: producer?,
            number: luck.draw() % 1_000,
            commit: luck.one_in(2),
        }),
        10 => {
            let producer = producer?;
            let crash = luck.one_in(2);
            Some(if crash {
                Command::CrashProducer { producer }
            } else {
                Command::RestartProducer { producer }
            })
        }
        14 => Some(Command::CrashBroker { how: luck.pick(&[Crash::Process, Crash::Machine, Crash::Disk]) }),
        15 => {
            let client = producer?;
            let change = match luck.below(5) {
                0 => LinkChange::Cut { answers_only: luck.one_in(2) },
                1 => LinkChange::Repair,
                2 => LinkChange::Hold,
                3 => LinkChange::Release,
                _ => LinkChange::LoseAnswers(luck.below(9) as u32),
            };
            Some(Command::Link { client, change })
        }
        9 => Some(Command::Recall { producer: producer?, number: luck.draw() % 1_000 }),
        8 => {
            let group = group?;
            let topic = group.subscriptions[0].topic.clone();
            Some(Command::SetFilter { group: group.name, topic, filter: random_filter(luck) })
        }
        0 => Some(Command::SetPattern { producer: producer?, pattern: random_pattern(luck) }),
        1 => Some(Command::Send { producer: producer?, count: 1 + luck.below(100) as u32 }),
        2 => Some(Command::AddConsumer { group: group?.name, consumer: random_consumer(luck, 100 + n) }),
        3 => topics.first().map(|_| Command::AddProducer(random_producer(luck, 100 + n, topics))),
        4 => topics.first().map(|_| Command::AddGroup(random_group(luck, 100 + n, topics))),
        5 => group.filter(|g| g.mode == ConsumeMode::Clustering).map(|g| Command::SetBalance {
            group: g.name,
            balance: luck.pick(&[Balance::Queue, Balance::Message]),
        }),
        _ => {
            let group = group?;
            let member = group.consumers.first()?;
            let change = match luck.below(10) {
                7 => ConsumerChange::Receive {
                    count: 1 + luck.below(32) as u32,
                    invisible: luck.one_in(2).then(|| Span::from_secs(luck.below(100) as u64)),
                },
                8 => ConsumerChange::Acknowledge { handle: 1 + luck.below(9) as u64 },
                9 => ConsumerChange::ChangeInvisible {
                    handle: 1 + luck.below(9) as u64,
                    invisible: Span::from_secs(luck.below(100) as u64),
                },
                0 => ConsumerChange::SetThreads(1 + luck.below(8) as u32),
                1 => ConsumerChange::SetProcessing(random_processing(luck)),
                2 => ConsumerChange::SetFailure(random_failure(luck)),
                3 => ConsumerChange::FailNext(luck.below(8) as u32),
                4 => ConsumerChange::Crash,
                5 => ConsumerChange::SetFilter {
                    topic: group.subscriptions[0].topic.clone(),
                    filter: random_filter(luck),
                },
                _ => ConsumerChange::Restart,
            };
            Some(Command::Consumer { consumer: format!("{}/{}", group.name, member.name), change })
        }
    }
}

/// A file with one topic, a group, and whatever else is said.
fn with_group(top: &str, group: &str) -> String {
    format!(
        r#"{{"format": "mqscope.scenario/1", "id": "x", "title": {{"en": "X"}}{top},
            "topics": [{{"name": "t", "write_queues": 4}}],
            "groups": [{{"name": "g", "subscribe": [{{"topic": "t"}}], "consumers": [{{"name": "C1"}}]{group}}}]}}"#
    )
}

#[test]
fn strategies_that_cannot_be_are_said() {
    let said = |group: &str| Scenario::parse(&with_group("", group)).expect_err("it is wrong").to_string();
    let config = |queues: &str| {
        said(&format!(
            r#", "strategy": {{"CONFIG": [{{"consumer": "C1", "topic": "t", "queues": {queues}}}]}}"#
        ))
    };
    assert_eq!(
        config("[0, 4]"),
        "groups[0].strategy.CONFIG[0].queues: \"t\" has no queue 4 to read; write numbers from 0 to 3."
    );
    assert!(config("[1, 1]").contains("two entries name queue 1 of \"t\""));
    let nearby = r#", "strategy": {"MACHINE_ROOM_NEARBY": {"queues": ["hz"], "consumers": []}}"#;
    assert!(said(nearby).contains("nobody knows in which machine room \"C1\" stands"));
    let known = nearby.replace("[]}", r#"[{"consumer": "C1", "room": "hz"}]}"#);
    let scenario = Scenario::parse(&with_group("", &known)).expect("everybody stands somewhere");
    assert_eq!(Scenario::parse(&scenario.to_json().to_string()), Ok(scenario));
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
    let over = parsed(r#", "profile": "classic4", "settings": {"topic.typeCheck": true}"#);
    assert!(over.settings.topic_type_check);
}

#[test]
fn what_nothing_would_obey_is_a_problem() {
    let said = |setting: &str| {
        let top = format!(r#", "settings": {{"{setting}": 1}}"#);
        Scenario::parse(&with_group(&top, "")).expect_err("nobody obeys it").to_string()
    };
    for entry in mqscope::scenario::entries() {
        match (entry.setting(), entry.key()) {
            (Some(_), _) => {}
            (None, Some(key)) => assert!(said(entry.name).contains(key), "{}", entry.name),
            (None, None) => {
                let problem = format!(
                    "settings.{}: this setting is not modelled yet; leave it out; nothing would obey it.",
                    entry.name
                );
                assert_eq!(
                    said(entry.name).replace(['[', ']', '"'], ""),
                    problem.replace(['[', ']', '"'], "")
                );
            }
        }
    }
}
