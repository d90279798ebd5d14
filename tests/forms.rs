//! Forms: what the page accepts, the scenario file accepts too, and every proposal can be sent as it stands.

use mqscope::broker::arrivals::Arrivals;
use mqscope::broker::spec::{
    Application, Balance, ConsumeMode, DeliveryOrder, MessageGroups, MessageType, Pattern, Rate, Strategy,
    SubModel, TopicType, Which,
};
use mqscope::broker::{Command, ConsumerChange, Event, GroupId, ProducerId, ResetTarget, ServiceId, World};
use mqscope::forms::{
    ArrivalsForm, CallerForm, Client, ConsumerForm, Effect, FailureForm, FailureKind, FilterForm, FilterKind,
    GroupForm, HandlerForm, P2pForm, PatternForm, PatternKind, ProcessingForm, ProcessingKind, ProducerForm,
    ResetForm, ResetKind, ServiceForm, StrategyKind, TopicForm, Wrongs, threads_change,
};
use mqscope::lesson::{Language, Words};
use mqscope::scenario::{Scenario, bundled, limits};
use mqscope::session::{Journal, Session};
use mqscope::sim::{Distribution, Instant, Ratio, Span};

fn session() -> Session<Journal> {
    let (_, text) = bundled()[0];
    Session::new(Scenario::parse(text).expect("a bundled file is sound").into(), Journal::default())
}

/// The commands a page sends for these forms are carried out, and none is refused.
fn carry_out(session: &mut Session<Journal>, command: Command) {
    session.act(command.clone());
    let refused =
        session.observer().0.iter().find(|entry| matches!(entry.event, Event::CommandRefused { .. }));
    assert_eq!(refused, None, "{command:?}");
}

/// What the file says about the same thing: nothing, if it accepts it.
fn in_a_file(session: &Session<Journal>, command: &Command) -> String {
    let mut scenario = (**session.scenario()).clone();
    scenario.actions.clear();
    match command.clone() {
        Command::AddTopic(spec) => scenario.topics.push(spec),
        Command::AddProducer(spec) => scenario.producers.push(spec),
        Command::AddGroup(spec) => scenario.groups.push(spec),
        Command::AddService(spec) => scenario.services.push(spec),
        Command::AddP2pQueue(spec) => scenario.p2p_queues.push(spec),
        Command::AddConsumer { group, consumer } => {
            let of = scenario.groups.iter_mut().find(|of| of.name == group).expect("the file has the group");
            of.consumers.push(consumer);
        }
        other => panic!("{other:?} brings nothing new"),
    }
    match Scenario::parse(&scenario.to_json().to_string()) {
        Ok(_) => String::new(),
        Err(problems) => problems.to_string(),
    }
}

#[test]
fn every_proposal_can_be_sent_as_it_stands() {
    let mut session = session();
    for _ in 0..3 {
        for make in [
            |world: &World| TopicForm::new(world).check(world),
            |world: &World| ProducerForm::new(world).check(world),
            |world: &World| GroupForm::new(world).check(world),
            |world: &World| ConsumerForm::new(world, GroupId(0)).check(world, GroupId(0)),
            |world: &World| ServiceForm::new(world).check(world),
            |world: &World| CallerForm::new(world).check(world),
            |world: &World| P2pForm::new(world).check(world),
        ] {
            let command = make(session.world()).expect("a proposal is right");
            carry_out(&mut session, command);
        }
    }
    let names: Vec<&str> = session.world().live.producers.iter().map(|p| p.spec.name.as_str()).collect();
    let mut distinct = names.clone();
    distinct.sort_unstable();
    distinct.dedup();
    assert_eq!(names.len(), distinct.len(), "every producer has a name of its own: {names:?}");
}

/// Texts that somebody might type anywhere.
const TYPED: [&str; 26] = [
    "",
    " ",
    "4",
    "0",
    "-1",
    "1.5",
    "1.5s",
    "20ms",
    "1h",
    "10%",
    "1/10",
    "3/2",
    "1/0",
    "orders",
    "billing",
    "shop",
    "a/b",
    "a|b",
    "<img src=x onerror=alert(1)>",
    "{n}",
    "订单",
    "%RETRY%billing",
    "1e3",
    "1234567890123456789012345678901234567890",
    "99999999999s",
    "\u{7}",
];

/// Whatever is typed into whichever field: either nothing is sent and a sentence says why, or what is sent is accepted
/// by the world and by a scenario file.
#[test]
fn the_page_accepts_what_a_file_accepts() {
    let forms = |world: &World, text: &str| -> Vec<Result<Command, Wrongs>> {
        let text = || text.to_owned();
        let (topic, producer, group) =
            (TopicForm::new(world), ProducerForm::new(world), GroupForm::new(world));
        let consumer = ConsumerForm::new(world, GroupId(0));
        let mut pattern = PatternForm::of(&Pattern::Poisson(Rate::per_second(1)));
        pattern.kind = PatternKind::Bursts;
        let patterns = [
            PatternForm { rate: text(), ..pattern.clone() },
            PatternForm { burst_rate: text(), ..pattern.clone() },
            PatternForm { every: text(), ..pattern.clone() },
            PatternForm { lasting: text(), ..pattern.clone() },
        ];
        let uniform = ProcessingForm { kind: ProcessingKind::Uniform, ..consumer.processing.clone() };
        let processings = [
            ProcessingForm { first: text(), ..uniform.clone() },
            ProcessingForm { second: text(), ..uniform },
        ];
        let failure = |kind| FailureForm { kind, ..consumer.failure.clone() };
        let failures = [
            FailureForm { probability: text(), ..failure(FailureKind::Probability) },
            FailureForm { tag: text(), ..failure(FailureKind::PoisonTag) },
            FailureForm { key: text(), ..failure(FailureKind::PoisonKey) },
            FailureForm { attempts: text(), ..failure(FailureKind::FirstAttempts) },
        ];
        let mut all = vec![
            TopicForm { name: text(), ..topic.clone() }.check(world),
            TopicForm { queues: text(), ..topic }.check(world),
            ProducerForm { name: text(), ..producer.clone() }.check(world),
            ProducerForm { tags: text(), ..producer.clone() }.check(world),
            ProducerForm { key: text(), ..producer.clone() }.check(world),
            ProducerForm { body: text(), ..producer.clone() }.check(world),
            GroupForm { name: text(), ..group.clone() }.check(world),
            GroupForm { consumers: text(), ..group.clone() }.check(world),
            GroupForm { threads: text(), ..group.clone() }.check(world),
            GroupForm { mode: ConsumeMode::Broadcasting, balance: Balance::Message, ..group.clone() }
                .check(world),
            GroupForm { topics: Vec::new(), ..group }.check(world),
            ConsumerForm { name: text(), ..consumer.clone() }.check(world, GroupId(0)),
            ConsumerForm { threads: text(), ..consumer.clone() }.check(world, GroupId(0)),
        ];
        let with = |pattern| ProducerForm { pattern, ..producer.clone() }.check(world);
        all.extend(patterns.clone().map(with));
        let with = |processing| ConsumerForm { processing, ..consumer.clone() }.check(world, GroupId(0));
        all.extend(processings.clone().map(with));
        let with = |failure| ConsumerForm { failure, ..consumer.clone() }.check(world, GroupId(0));
        all.extend(failures.map(with));
        all.extend(beside(world, &text(), &patterns, &processings));
        all
    };
    let words = Language::ALL.map(Words::new);
    let (mut sent, mut refused) = (0, 0);
    for text in TYPED {
        for checked in forms(session().world(), text) {
            match checked {
                Ok(command) => {
                    let mut session = session();
                    assert_eq!(in_a_file(&session, &command), "", "{text:?}: {command:?}");
                    carry_out(&mut session, command);
                    sent += 1;
                }
                Err(wrongs) => {
                    assert!(wrongs.iter().count() > 0, "{text:?}: something is wrong, and something says so");
                    for (_, wrong) in wrongs.iter() {
                        for words in &words {
                            let sentence = wrong.say(words);
                            assert!(sentence.ends_with(['.', '。']), "a whole sentence: {sentence}");
                            let open = wrong.holes.iter().all(|(_, value)| !value.contains('{'));
                            assert!(!open || !sentence.contains('{'), "every hole is filled: {sentence}");
                        }
                    }
                    refused += 1;
                }
            }
        }
    }
    assert!(sent > 100 && refused > 100, "{sent} sent, {refused} refused");
}

/// The same text in each field of what stands beside the broker.
fn beside(
    world: &World,
    text: &str,
    patterns: &[PatternForm],
    processings: &[ProcessingForm],
) -> Vec<Result<Command, Wrongs>> {
    let text = || text.to_owned();
    let (service, caller, queue) = (ServiceForm::new(world), CallerForm::new(world), P2pForm::new(world));
    let mut all = vec![
        ServiceForm { name: text(), ..service.clone() }.check(world),
        ServiceForm { workers: text(), ..service.clone() }.check(world),
        ServiceForm { line: text(), ..service.clone() }.check(world),
        ServiceForm { failure: text(), ..service.clone() }.check(world),
        P2pForm { name: text(), ..queue.clone() }.check(world),
        P2pForm { senders: text(), ..queue.clone() }.check(world),
        P2pForm { consumers: text(), ..queue.clone() }.check(world),
        CallerForm { name: text(), ..caller.clone() }.check(world),
        CallerForm { timeout: text(), ..caller }.check(world),
    ];
    for processing in processings {
        let handler = HandlerForm { processing: processing.clone(), same_as: Some(GroupId(0)) };
        all.push(ServiceForm { handler: handler.clone(), ..service.clone() }.check(world));
        all.push(P2pForm { handler, ..queue.clone() }.check(world));
    }
    for pattern in patterns {
        let arrivals = ArrivalsForm { pattern: pattern.clone(), same_as: None };
        all.push(P2pForm { arrivals, ..queue.clone() }.check(world));
    }
    all
}

/// A call needs a service; it can come with every message of a producer, and go to several services in turn.
#[test]
fn a_caller_calls_services_in_the_order_of_the_choice() {
    let mut session = session();
    let wrongs = CallerForm::new(session.world()).check(session.world()).expect_err("there is no service");
    assert_eq!(wrongs.of("services").map(|wrong| wrong.key), Some("control.wrong_no_service"));
    for _ in 0..2 {
        let service = ServiceForm { line: "5".into(), ..ServiceForm::new(session.world()) };
        let command = service.check(session.world()).expect("a proposal is right");
        carry_out(&mut session, command);
    }
    let mut form = CallerForm::new(session.world());
    form.toggle(ServiceId(1));
    let wrongs = form.check(session.world()).expect_err("no service is chosen");
    assert_eq!(wrongs.of("services").map(|wrong| wrong.key), Some("control.wrong_choose_service"));
    for service in [1, 0] {
        form.toggle(ServiceId(service));
    }
    form.arrivals.same_as = Some(ProducerId(0));
    let zero = CallerForm { timeout: "0s".into(), ..form.clone() }.check(session.world());
    let wrongs = zero.expect_err("nobody answers in no time");
    assert_eq!(wrongs.of("timeout").map(|wrong| wrong.key), Some("control.wrong_timeout_zero"));
    let command = form.check(session.world()).expect("it is right");
    let Command::AddCaller(spec) = &command else { panic!("{command:?}") };
    assert_eq!(spec.services, ["service-2", "service-1"]);
    let producer = session.world().producer(ProducerId(0)).spec.name.clone();
    assert_eq!(spec.arrivals, Arrivals::SameAs(producer));
    carry_out(&mut session, command);
}

/// What a group does with the effect of its messages, and what works its simple consumers.
#[test]
fn a_group_counts_effects_and_its_simple_consumers_can_take_more_time() {
    let session = session();
    let asked = |effect, client| {
        let form = GroupForm { effect, client, balance: Balance::Message, ..GroupForm::new(session.world()) };
        match form.check(session.world()) {
            Ok(Command::AddGroup(spec)) => (spec.idempotent, spec.consumers[0].application),
            other => panic!("{other:?}"),
        }
    };
    assert_eq!(asked(Effect::Uncounted, Client::Simple), (None, Application::Loop));
    assert_eq!(asked(Effect::EachTime, Client::SimpleRenewing), (Some(false), Application::Renewing));
    assert_eq!(asked(Effect::Once, Client::SimpleByHand), (Some(true), Application::ByHand));
    for (word, effect) in Effect::WORDS.into_iter().zip([Effect::Uncounted, Effect::EachTime, Effect::Once]) {
        assert_eq!((Effect::of(word), effect.name()), (effect, word));
    }
    for word in Client::WORDS {
        assert_eq!(Client::of(word).name(), word);
    }
}

/// An offset that somebody types is one that the queue has.
#[test]
fn a_group_goes_on_at_an_offset_of_a_queue() {
    let mut session = session();
    session.run_until(Instant::from_secs(10), u64::MAX);
    let world = session.world();
    let topic = world.group(GroupId(0)).topics[0];
    let max = world.queue(world.topic(topic).queues[1]).max_offset;
    let form = |queue: &str, offset: String| {
        let form = ResetForm { kind: ResetKind::Offset, queue: queue.into(), offset, ..ResetForm::stay() };
        form.check(world, GroupId(0), topic)
    };
    for (queue, offset, field) in [("1", max + 1, "offset"), ("99", 0, "queue"), ("one", 0, "queue")] {
        let wrongs = form(queue, offset.to_string()).expect_err("there is no such place");
        assert_eq!(wrongs.iter().map(|(field, _)| field).collect::<Vec<_>>(), [field]);
    }
    let command = form("1", (max - 1).to_string()).expect("it is there").expect("it asks for something");
    let there = matches!(command, Command::ResetOffset { to: ResetTarget::Offset { queue: 1, .. }, .. });
    assert!(there, "{command:?}");
    carry_out(&mut session, command);
}

/// The number of threads is limited for one consumer and for all together.
#[test]
fn threads_have_limits() {
    let session = session();
    let world = session.world();
    let consumer =
        world.find_consumer(&world.consumer_name(world.group(GroupId(0)).consumers[0])).expect("it exists");
    let change = |text: &str| threads_change(world, consumer, text);
    assert_eq!(change("3"), Ok(ConsumerChange::SetThreads(3)));
    assert_eq!(change(&limits::THREADS_PER_CONSUMER.to_string()).map(|_| ()), Ok(()));
    assert!(change(&(limits::THREADS_PER_CONSUMER + 1).to_string()).is_err());
    assert!(change("0").is_err());
}

#[test]
fn a_filter_that_cannot_be_read_is_answered_with_the_place_in_both_languages() {
    let mut session = session();
    let mut form = GroupForm::new(session.world());
    let topic = form.topics[0];
    let typed = |kind, text: &str| FilterForm { kind, text: text.into() };
    form.set_filter(topic, typed(FilterKind::Sql, "region != 'north'"));
    let wrongs = form.check(session.world()).expect_err("there is no !=");
    let said = |language| wrongs.of("filter").map(|wrong| wrong.say(&Words::new(language)));
    let english = "character 8: `!` has no meaning here; not equal is written <>.";
    assert_eq!(said(Language::English).as_deref(), Some(english));
    assert_eq!(said(Language::Chinese).as_deref(), Some("第 8 个字符：`!` 在这里没有意义；不等于写作 <>。"));
    for (kind, text) in [(FilterKind::Tags, " "), (FilterKind::Tags, "||"), (FilterKind::Sql, "")] {
        form.set_filter(topic, typed(kind, text));
        assert!(form.check(session.world()).is_err(), "{text:?}");
    }
    for (kind, text) in [(FilterKind::Tags, "paid || refunded"), (FilterKind::Sql, "amount > 100")] {
        form.name = format!("{}-filter", kind.name());
        form.set_filter(topic, typed(kind, text));
        let command = form.check(session.world()).expect("it is right");
        assert_eq!(in_a_file(&session, &command), "");
        carry_out(&mut session, command);
    }
}

/// In a topic for transactional messages the form asks about local transactions; elsewhere what stands there means nothing.
#[test]
fn a_producer_of_a_transactional_topic_has_local_transactions() {
    let (_, text) = bundled().iter().find(|(id, _)| *id == "transactions").expect("it is bundled");
    let scenario = Scenario::parse(text).expect("a bundled file is sound");
    let mut session = Session::new(scenario.into(), Journal::default());
    let proposal = TopicForm::new(session.world());
    let topic = TopicForm { message_type: TopicType::Of(MessageType::Transaction), ..proposal }
        .check(session.world());
    carry_out(&mut session, topic.expect("a proposal"));
    let proposal = ProducerForm::new(session.world());
    assert!(proposal.is_transactional(session.world()));
    let form = ProducerForm {
        takes: "3s".into(),
        rollback: "10%".into(),
        unknown: "1/5".into(),
        check_after: "20".into(),
        ..proposal
    };
    for (wrong, field) in [
        (ProducerForm { takes: "soon".into(), ..form.clone() }, "takes"),
        (ProducerForm { rollback: "2".into(), ..form.clone() }, "rollback"),
        (ProducerForm { lost: "".into(), ..form.clone() }, "lost"),
        (ProducerForm { unknown: "some".into(), ..form.clone() }, "unknown"),
        (ProducerForm { check_unknown: "2".into(), ..form.clone() }, "check_unknown"),
        (ProducerForm { check_after: "0".into(), ..form.clone() }, "check_after"),
    ] {
        let wrongs = wrong.check(session.world()).expect_err("it is wrong");
        assert_eq!(wrongs.iter().map(|(field, _)| field).collect::<Vec<_>>(), [field]);
    }
    let command = form.check(session.world()).expect("nothing is wrong");
    let Command::AddProducer(spec) = &command else { panic!("{command:?}") };
    let transaction = spec.message.transaction.clone().expect("its messages are transactional");
    assert_eq!(transaction.takes, Distribution::Constant(Span::from_secs(3)));
    assert_eq!(transaction.rollback, Which::Share(Ratio::new(1, 10).expect("a ratio")));
    assert_eq!(transaction.unknown, Which::Share(Ratio::new(1, 5).expect("a ratio")));
    assert_eq!((transaction.check_unknown.clone(), transaction.check_after_secs), (Which::NONE, Some(20)));
    assert_eq!(in_a_file(&session, &command), "");
    carry_out(&mut session, command);
    let command = TopicForm::new(session.world()).check(session.world()).expect("another topic");
    carry_out(&mut session, command);
    let last = session.world().ordinary_topics().last().map(|(id, _)| id);
    let elsewhere = ProducerForm { topic: last, takes: "soon".into(), ..ProducerForm::new(session.world()) };
    let Ok(Command::AddProducer(spec)) = elsewhere.check(session.world()) else { panic!("it is fine") };
    assert_eq!(spec.message.transaction, None);
}

#[test]
fn a_group_is_told_how_to_share_out_to_order_and_to_retry() {
    let session = session();
    let world = session.world();
    let asked = |change: &dyn Fn(&mut GroupForm)| {
        let mut form = GroupForm::new(world);
        change(&mut form);
        form.check(world)
    };
    let spec = |change: &dyn Fn(&mut GroupForm)| match asked(change) {
        Ok(Command::AddGroup(spec)) => spec,
        other => panic!("{other:?}"),
    };
    for kind in StrategyKind::ALL {
        let strategy = spec(&|form| form.strategy.kind = kind).strategy;
        assert_eq!(strategy.name().to_lowercase(), kind.name());
    }
    let by_message = spec(&|form| {
        form.strategy.kind = StrategyKind::ConsistentHash;
        form.balance = Balance::Message;
    });
    assert_eq!(by_message.strategy, Strategy::Avg, "what is not shown is not asked");
    assert_eq!(
        spec(&|form| form.delivery_order = DeliveryOrder::Orderly).delivery_order,
        DeliveryOrder::Orderly
    );
    let own = spec(&|form| {
        form.retry.ladder = "own";
        form.retry.rungs = "1s，2s".into();
        form.retry.times = "3".into();
    });
    assert_eq!(
        (own.retry.max_times, own.retry.ladder),
        (Some(3), Some(vec![Span::from_secs(1), Span::from_secs(2)]))
    );
    let wrong = |text: &str| {
        let asked = asked(&|form| {
            form.strategy.kind = StrategyKind::Config;
            form.strategy.configured = text.into();
        });
        asked.expect_err(text).of("configured").map(|wrong| wrong.key)
    };
    assert_eq!(wrong("C1 0"), Some("control.wrong_configured"));
    assert_eq!(wrong("C1: 0; C2: 0"), Some("control.wrong_configured_twice"));
    assert_eq!(wrong("C1: 999"), Some("control.wrong_configured_queue"));
}

#[test]
fn messages_have_a_message_group_or_a_time() {
    let session = session();
    let world = session.world();
    let proposal = ProducerForm::new(world);
    let message = |form: ProducerForm| match form.check(world) {
        Ok(Command::AddProducer(spec)) => spec.message,
        other => panic!("{other:?}"),
    };
    let grouped = message(ProducerForm { message_group: "a, b".into(), ..proposal.clone() });
    assert_eq!(grouped.message_group, Some(MessageGroups::InTurn(vec!["a".into(), "b".into()])));
    let late = message(ProducerForm { delay: "10s".into(), ..proposal.clone() });
    assert_eq!(late.delay, Some(Distribution::Constant(Span::from_secs(10))));
    assert_eq!(message(ProducerForm { delay_level: "3".into(), ..proposal.clone() }).delay_level, Some(3));
    let wrong = |form: ProducerForm, field: &str| {
        let wrongs = form.check(world).expect_err("something is wrong");
        wrongs.of(field).map(|wrong| wrong.key)
    };
    let both = ProducerForm { message_group: "a".into(), delay: "1s".into(), ..proposal.clone() };
    assert_eq!(wrong(both, "message_group"), Some("control.wrong_group_and_time"));
    let long = ProducerForm { message_group: format!("a, {}", "g".repeat(64)), ..proposal };
    assert_eq!(wrong(long, "message_group"), Some("control.wrong_group_long"));
}

/// What is nothing without a tag is nothing that a client sends.
#[test]
fn keys_and_bodies_are_not_blank() {
    let session = session();
    let world = session.world();
    let tagged = ProducerForm {
        tags: "a".into(),
        key: "{tag}".into(),
        body: "{key}".into(),
        ..ProducerForm::new(world)
    };
    assert!(tagged.check(world).is_ok());
    let wrongs = ProducerForm { tags: String::new(), ..tagged }.check(world).expect_err("nothing is left");
    for field in ["key", "body"] {
        assert_eq!(wrongs.of(field).map(|wrong| wrong.key), Some("control.wrong_filled_blank"), "{field}");
    }
}

/// A group for a parent of lite topics needs no choice but which ones: everything else follows from that.
#[test]
fn a_group_reads_lite_topics() {
    let text = bundled().iter().find(|(id, _)| *id == "lite-reconnect").expect("it is bundled").1;
    let scenario = Scenario::parse(text).expect("a bundled file is sound");
    let mut session: Session<Journal> = Session::new(scenario.into(), Journal::default());
    let mut form = GroupForm::new(session.world());
    assert!(form.is_lite(session.world()), "the only topic is a parent");
    form.lite_topics = "ann, visitor-{0-1}".into();
    form.consumers = "1".into();
    form.lite_sub_model = Some(SubModel::Exclusive);
    let command = form.check(session.world()).expect("it can be sent");
    let Command::AddGroup(spec) = &command else { panic!("{command:?}") };
    assert_eq!((spec.balance, spec.lite_sub_model), (Balance::Message, Some(SubModel::Exclusive)));
    assert_eq!(spec.consumers[0].lite_topics.len(), 2);
    assert_eq!(in_a_file(&session, &command), "");
    carry_out(&mut session, command);

    form.lite_topics = "a$b".into();
    let wrongs = form.check(session.world()).expect_err("no lite topic is called so");
    assert_eq!(wrongs.of("lite_topics").map(|wrong| wrong.key), Some("control.wrong_lite_name"));

    // A new consumer of such a group proposes what the first one subscribes to.
    let group = session.world().find_group("nodes").expect("it is there");
    let mut form = ConsumerForm::new(session.world(), group);
    assert_eq!(form.lite_topics, "ann");
    form.lite_topics = "visitor-0".into();
    let command = form.check(session.world(), group).expect("it can be sent");
    let Command::AddConsumer { consumer, .. } = &command else { panic!("{command:?}") };
    assert_eq!(consumer.lite_topics.len(), 1);
    carry_out(&mut session, command);

    let topic = TopicForm::new(session.world()).check(session.world()).expect("it can be sent");
    carry_out(&mut session, topic);
    let mut form = GroupForm::new(session.world());
    let other = session.world().ordinary_topics().map(|(id, _)| id).find(|id| !form.topics.contains(id));
    form.toggle(other.expect("there are two now"));
    let wrongs = form.check(session.world()).expect_err("a group reads one parent alone");
    assert_eq!(wrongs.of("topics").map(|wrong| wrong.key), Some("control.wrong_lite_alone"));
}
