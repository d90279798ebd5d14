//! Scenarios and files by chance.

use mqscope::broker::arrivals::Arrivals;
use mqscope::broker::caller::CallerSpec;
use mqscope::broker::fault::Crash;
use mqscope::broker::p2p::{P2pSpec, SenderSpec};
use mqscope::broker::service::{HandlerSpec, ServiceSpec};
use mqscope::broker::spec::{
    Application, Balance, Cleanup, Configured, ConsumeMode, ConsumerSpec, ConsumerType, DeliveryOrder,
    Failure, FilterSpec, GroupSpec, InitialOffset, LiteNames, LockScope, MessageGroups, MessageTemplate,
    Names, Pattern, ProducerSpec, QueueSelection, Rate, RetryRule, Strategy, SubscriptionSpec, TopicSpec,
    TopicType, TransactionSpec, Which,
};
use mqscope::broker::{Command, ConsumerChange, LinkChange, ResetTarget, Settings};
use mqscope::scenario::{
    Act, Action, CLAIMS, Caption, KeptBranch, LocalText, MODEL, Marker, Profile, Recorded, Scenario, limits,
};
use mqscope::sim::{Distribution, Draws, Fingerprint, Instant, Ratio, Span};
use serde_json::{Value, json};

/// One draw after the other.
pub(super) struct Luck {
    pub(super) draws: Draws,
    pub(super) next: u64,
}

impl Luck {
    pub(super) fn draw(&mut self) -> u64 {
        self.next += 1;
        self.draws.nth(self.next)
    }

    pub(super) fn below(&mut self, bound: usize) -> usize {
        (self.draw() % bound as u64) as usize
    }

    pub(super) fn one_in(&mut self, n: usize) -> bool {
        self.below(n) == 0
    }

    pub(super) fn pick<T: Clone>(&mut self, from: &[T]) -> T {
        from[self.below(from.len())].clone()
    }
}

pub(super) fn floor_char(text: &str, mut at: usize) -> usize {
    while !text.is_char_boundary(at) {
        at -= 1;
    }
    at
}

/// Some bytes are others now; what is no text any more is replaced.
pub(super) fn flip(text: &str, luck: &mut Luck) -> String {
    let mut bytes = text.as_bytes().to_vec();
    for _ in 0..=luck.below(4) {
        let at = luck.below(bytes.len());
        bytes[at] =
            if luck.one_in(2) { b"0123456789\"{}[],:-.eE%/ "[luck.below(23)] } else { luck.draw() as u8 };
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

/// Somewhere inside, something else stands.
pub(super) fn disturb(value: &mut Value, luck: &mut Luck) {
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

pub(super) fn random_scenario(luck: &mut Luck) -> Scenario {
    let until = Instant::from_us(1 + luck.draw() % 100_000_000);
    let at = |luck: &mut Luck| Instant::from_us(luck.draw() % (until.0 + 1));
    let topics: Vec<TopicSpec> = (0..luck.below(4))
        .map(|n| TopicSpec {
            name: format!("topic%{n}|_-"),
            message_type: TopicType::NORMAL,
            write_queues: 1 + luck.below(20) as u32,
            read_queues: 1 + luck.below(20) as u32,
            cleanup: luck.pick(&[Cleanup::Delete, Cleanup::Compaction]),
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
    let acts = (1..).zip(actions.iter().take(luck.below(4)));
    let acts: Vec<Act> = acts
        .map(|(nth, action)| Act {
            step: luck.one_in(2).then_some(nth),
            seq: luck.one_in(2).then_some(nth),
            at: Instant::from_ms(nth),
            command: action.command.clone(),
        })
        .collect();
    let recorded = luck.one_in(2).then(|| {
        let fingerprint = Fingerprint::parse(&format!("{:016x}", luck.draw())).expect("16 digits");
        Recorded {
            model: MODEL,
            at: at(luck),
            entries: luck.below(1_000_000) as u64,
            fingerprint,
            steps: luck.one_in(2).then_some(77),
        }
    });
    let branches = recorded.iter().map(|left| KeptBranch {
        acts: acts.iter().take(luck.below(2)).cloned().collect(),
        left: *left,
        reached: left.at + Span::from_ms(luck.draw() % 100),
    });
    let branches = branches.collect();
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
        acts,
        recorded,
        branches,
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
    let request = (message_group.is_none() && transaction.is_none() && luck.one_in(3))
        .then(|| Span(1 + luck.draw() % 10_000_000));
    let has_time = message_group.is_none() && transaction.is_none() && request.is_none();
    let batch =
        (transaction.is_none() && request.is_none() && luck.one_in(3)).then(|| 1 + luck.below(9) as u32);
    let has_time = has_time && batch.is_none();
    let series = || vec![Names::read("s-{3-9}").expect("a series"), Names::one("other")];
    let lite_topic = (has_time && luck.one_in(3)).then(|| match luck.below(3) {
        0 => LiteNames::Text("s-{n}".into()),
        1 => LiteNames::InTurn(series()),
        _ => LiteNames::ByChance(series()),
    });
    let has_time = has_time && lite_topic.is_none();
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
            lite_topic,
            delay: (has_time && luck.one_in(3)).then(|| random_processing(luck)),
            delay_level: (has_time && luck.one_in(3)).then(|| 1 + luck.below(20) as u32),
            transaction,
            batch,
            request,
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
        twice: which(luck),
        check_wrong: which(luck),
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
        lite_topics: Vec::new(),
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
        replies: luck.one_in(3),
        balance: if simple { Balance::Message } else { luck.pick(balances) },
        strategy: random_strategy(luck, &topics[0]),
        retry: match luck.below(4) {
            0 => RetryRule { max_times: Some(luck.below(9) as u32), ladder: None },
            1 => RetryRule { max_times: None, ladder: Some(vec![Span::from_ms(7), Span::from_secs(2)]) },
            _ => RetryRule::default(),
        },
        delivery_order: match mode {
            ConsumeMode::Clustering => luck.pick(&[DeliveryOrder::Concurrent, DeliveryOrder::Orderly]),
            _ => DeliveryOrder::Concurrent,
        },
        lite_sub_model: None,
        initial_offset: luck.pick(&[
            InitialOffset::Latest,
            InitialOffset::Earliest,
            InitialOffset::Timestamp(None),
            InitialOffset::Timestamp(Some(Span::from_secs(30))),
            InitialOffset::OssCompat,
        ]),
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
                    queue: luck.one_in(4).then(|| luck.below(4) as u32),
                    attempt: luck.one_in(8).then(|| "again".into()),
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
            let by_hand = member.application == Application::ByHand;
            let fits = match change {
                ConsumerChange::Receive { .. }
                | ConsumerChange::Acknowledge { .. }
                | ConsumerChange::ChangeInvisible { .. } => {
                    by_hand && group.consumer_type == ConsumerType::Simple
                }
                ConsumerChange::SetThreads(_) => !by_hand,
                _ => true,
            };
            let change = if fits { change } else { ConsumerChange::Restart };
            Some(Command::Consumer { consumer: format!("{}/{}", group.name, member.name), change })
        }
    }
}
