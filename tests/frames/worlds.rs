//! Small worlds to look at: for the frames' tests and for `examples/picture.rs`.

use mqscope::broker::arrivals::Arrivals;
use mqscope::broker::caller::CallerSpec;
use mqscope::broker::fault::Crash;
use mqscope::broker::p2p::{P2pSpec, SenderSpec};
use mqscope::broker::service::{HandlerSpec, ServiceSpec};
use mqscope::broker::spec::{
    Balance, ConsumeMode, ConsumerSpec, DeliveryOrder, Failure, GroupSpec, InitialOffset, LockScope,
    MessageGroups, MessageTemplate, MessageType, Pattern, ProducerSpec, QueueSelection, Rate, Strategy,
    SubscriptionSpec, TopicSpec, TopicType, TransactionSpec, Which,
};
use mqscope::broker::{Broker, Command, ConsumerChange, LinkChange, ServiceChange, Settings, World};
use mqscope::sim::{Distribution, Instant, Ratio, Span};

/// A world being built: commands at instants, one after the other.
pub(crate) struct Play(pub(crate) Broker);

impl Play {
    pub(crate) fn new(settings: Settings) -> Self {
        Self(Broker::new(settings, 42, None))
    }

    /// One in which messages take a while, so that they can be seen on their way.
    pub(crate) fn slow() -> Self {
        Self::new(Settings {
            push_threads: 2,
            network_send_latency: Span::from_ms(120),
            network_delivery_latency: Span::from_ms(90),
            classic_persist_offset_interval: Span::ZERO,
            ..Settings::default()
        })
    }

    pub(crate) fn give(&mut self, command: Command) -> &mut Self {
        self.0.command(command, &mut ());
        self
    }

    pub(crate) fn until(&mut self, ms: u64) -> &mut Self {
        let until = Instant::from_ms(ms);
        while self.0.step(until, &mut ()) {}
        self.0.advance(until);
        self
    }

    pub(crate) fn topic(&mut self, name: &str, queues: u32) -> &mut Self {
        self.give(Command::AddTopic(TopicSpec {
            name: name.into(),
            message_type: TopicType::NORMAL,
            write_queues: queues,
            read_queues: queues,
            cleanup: Default::default(),
        }))
    }

    pub(crate) fn topic_of(&mut self, name: &str, queues: u32, message_type: TopicType) -> &mut Self {
        let (write_queues, read_queues) = (queues, queues);
        self.give(Command::AddTopic(TopicSpec {
            name: name.into(),
            message_type,
            write_queues,
            read_queues,
            cleanup: Default::default(),
        }))
    }

    /// A producer whose messages wait for up to `longest`.
    pub(crate) fn delayed(&mut self, name: &str, topic: &str, pattern: Pattern, longest: Span) -> &mut Self {
        let delay = Some(Distribution::Uniform { min: Span::from_secs(1), max: longest });
        self.give(Command::AddProducer(ProducerSpec {
            name: name.into(),
            topic: topic.into(),
            pattern,
            queue_selection: QueueSelection::Uniform,
            message: MessageTemplate { delay, ..MessageTemplate::default() },
        }))
    }

    /// A producer of transactional messages: a part of its local transactions is rolled back, of others nobody hears.
    pub(crate) fn transacting(&mut self, name: &str, topic: &str, pattern: Pattern) -> &mut Self {
        let share = |n, of| Which::Share(Ratio::new(n, of).expect("a ratio"));
        let transaction = TransactionSpec {
            takes: Distribution::Exponential { mean: Span::from_secs(3) },
            rollback: share(1, 4),
            lost: share(1, 3),
            ..TransactionSpec::default()
        };
        self.give(Command::AddProducer(ProducerSpec {
            name: name.into(),
            topic: topic.into(),
            pattern,
            queue_selection: QueueSelection::Uniform,
            message: MessageTemplate { transaction: Some(transaction.into()), ..MessageTemplate::default() },
        }))
    }

    pub(crate) fn producer(&mut self, name: &str, topic: &str, pattern: Pattern) -> &mut Self {
        self.give(Command::AddProducer(ProducerSpec {
            name: name.into(),
            topic: topic.into(),
            pattern,
            queue_selection: QueueSelection::Uniform,
            message: MessageTemplate::default(),
        }))
    }

    pub(crate) fn group(&mut self, name: &str, topics: &[&str], consumers: &[ConsumerSpec]) -> &mut Self {
        self.group_as(name, topics, consumers, ConsumeMode::Clustering, Balance::Queue)
    }

    pub(crate) fn group_as(
        &mut self,
        name: &str,
        topics: &[&str],
        consumers: &[ConsumerSpec],
        mode: ConsumeMode,
        balance: Balance,
    ) -> &mut Self {
        self.give(Command::AddGroup(GroupSpec {
            name: name.into(),
            mode,
            consumer_type: Default::default(),
            idempotent: None,
            replies: false,
            balance,
            strategy: Strategy::Avg,
            retry: Default::default(),
            delivery_order: DeliveryOrder::Concurrent,
            lite_sub_model: None,
            initial_offset: InitialOffset::Earliest,
            subscriptions: topics.iter().map(|topic| SubscriptionSpec::all(*topic)).collect(),
            consumers: consumers.to_vec(),
        }))
    }

    pub(crate) fn change(&mut self, consumer: &str, change: ConsumerChange) -> &mut Self {
        self.give(Command::Consumer { consumer: consumer.into(), change })
    }

    pub(crate) fn world(&self) -> &World {
        &self.0.world
    }
}

pub(crate) fn consumer(name: &str, ms: u64) -> ConsumerSpec {
    ConsumerSpec {
        name: name.into(),
        threads: Some(2),
        processing: Distribution::Exponential { mean: Span::from_ms(ms) },
        failure: Failure::NEVER,
        application: Default::default(),
        lite_topics: Vec::new(),
        subscriptions: Vec::new(),
    }
}

pub(crate) fn failing(name: &str, ms: u64, one_in: u32) -> ConsumerSpec {
    ConsumerSpec {
        failure: Failure::Probability(Ratio::new(1, one_in).unwrap_or(Ratio::ZERO)),
        ..consumer(name, ms)
    }
}

fn ms(ms: u64) -> Span {
    Span::from_ms(ms)
}

fn poisson(per_second: u64) -> Pattern {
    Pattern::Poisson(Rate::per_second(per_second))
}

/// Every named world, at an instant worth looking at.
pub(crate) const NAMES: [&str; 26] = [
    "mock",
    "small",
    "empty",
    "idle",
    "quiet",
    "one-queue",
    "queues-64",
    "queues-1000",
    "groups-5",
    "groups-8",
    "consumers-40",
    "long-names",
    "message",
    "broadcast",
    "backlog",
    "million",
    "producers-20",
    "calls",
    "fifo",
    "fifo-queue-lock",
    "timer",
    "timers",
    "curtain",
    "curtains",
    "outage",
    "links",
];

/// A world by name.
pub(crate) fn named(name: &str) -> Play {
    let mut play = Play::slow();
    match name {
        // Calls beside messages: one service is overloaded, one has crashed; a point-to-point queue with a line in it.
        "calls" => calls(&mut play),
        // The moment of the sketch: two groups, one of them short of a consumer.
        "mock" => {
            play.topic("orders", 4)
                .producer("web-shop", "orders", poisson(16))
                .producer("mobile", "orders", poisson(8))
                .group(
                    "billing",
                    &["orders"],
                    &[failing("C1", 140, 60), consumer("C2", 280), consumer("C3", 260)],
                )
                .group("audit", &["orders"], &[consumer("C1", 130), consumer("C2", 130)])
                .until(14_000)
                .change("audit/C2", ConsumerChange::Crash)
                .until(16_300);
        }
        "small" => {
            play.topic("orders", 2)
                .producer("shop", "orders", poisson(8))
                .group("billing", &["orders"], &[consumer("C1", 150), consumer("C2", 150)])
                .until(5_000);
        }
        "empty" => {
            play.until(0);
        }
        // Nothing but a topic and a group; more consumers than queues.
        "idle" => {
            play.topic("orders", 4)
                .group(
                    "billing",
                    &["orders"],
                    &["C1", "C2", "C3", "C4", "C5", "C6"].map(|name| consumer(name, 100)),
                )
                .group("nobody", &["orders"], &[])
                .producer("shop", "orders", poisson(20))
                .until(1_500)
                .change("billing/C2", ConsumerChange::Pause)
                .until(3_000);
        }
        "quiet" => {
            play.topic("orders", 3)
                .producer("shop", "orders", Pattern::ByHand)
                .group("billing", &["orders"], &[])
                .until(1);
        }
        "one-queue" => {
            play.topic("orders", 1)
                .producer("shop", "orders", Pattern::Constant(Rate::per_second(10)))
                .group("billing", &["orders"], &[consumer("C1", 180), consumer("C2", 100)])
                .until(7_060);
        }
        "queues-64" | "queues-1000" => {
            let queues = if name == "queues-64" { 64 } else { 1_000 };
            let names: Vec<String> = (1..=12).map(|n| format!("C{n:02}")).collect();
            let crew: Vec<ConsumerSpec> = names.iter().map(|name| consumer(name, 60)).collect();
            play.topic("orders", queues)
                .producer("shop", "orders", poisson(200))
                .producer("mobile", "orders", poisson(100))
                .group("billing", &["orders"], &crew)
                .group("audit", &["orders"], &crew[..3])
                .until(6_000);
        }
        "groups-5" | "groups-8" => {
            let count = if name == "groups-5" { 5 } else { 8 };
            play.topic("orders", 4).producer("web-shop", "orders", poisson(24)).producer(
                "mobile",
                "orders",
                poisson(8),
            );
            let names = ["billing", "audit", "search", "mailer", "fraud", "loyalty", "archive", "reports"];
            for (n, name) in names.into_iter().enumerate().take(count) {
                let crew = ["C1", "C2"].map(|name| consumer(name, 90 + 20 * n as u64));
                play.group(name, &["orders"], &crew[..1 + (n + 1) % 2]);
            }
            play.until(8_000);
        }
        "consumers-40" => {
            let names: Vec<String> = (1..=40).map(|n| format!("C{n:02}")).collect();
            let crew: Vec<ConsumerSpec> = names.iter().map(|name| consumer(name, 300)).collect();
            play.topic("orders", 16)
                .producer("web-shop", "orders", poisson(60))
                .group("billing", &["orders"], &crew)
                .group("audit", &["orders"], &crew[..1])
                .until(4_000)
                .change("billing/C03", ConsumerChange::Pause)
                .change("billing/C05", ConsumerChange::Crash)
                .until(5_000);
        }
        "long-names" => {
            let long = "an-exceedingly-long-name-that-nobody-would-read-to-its-very-end-in-any-column";
            play.topic(long, 4)
                .producer(long, long, poisson(20))
                .producer("订单服务与库存服务的生产者实例", long, poisson(20))
                .group(long, &[long], &[consumer(long, 200), consumer("消费者一号消费者一号消费者一号", 200)])
                .group("<script>&\"'", &[long], &[consumer("<b>", 200)])
                .until(8_000);
        }
        "message" => {
            let crew = ["C1", "C2", "C3"].map(|name| failing(name, 400, 6));
            play.topic("orders", 4)
                .producer("web-shop", "orders", poisson(12))
                .producer("mobile", "orders", poisson(6))
                .group_as("billing", &["orders"], &crew, ConsumeMode::Clustering, Balance::Message)
                .group("audit", &["orders"], &[consumer("C1", 60)])
                .until(9_000);
        }
        "broadcast" => {
            let crew = [consumer("C1", 60), consumer("C2", 130), consumer("C3", 260)];
            play.topic("prices", 3)
                .producer("market", "prices", poisson(20))
                .group_as("screens", &["prices"], &crew, ConsumeMode::Broadcasting, Balance::Queue)
                .group("archive", &["prices"], &[consumer("C1", 60)])
                .until(8_000);
        }
        // A slow group far behind on two topics, another one with retries and dead letters.
        "backlog" => {
            play = Play::new(Settings {
                push_threads: 20,
                network_send_latency: Span::from_ms(20),
                network_delivery_latency: Span::from_ms(20),
                classic_persist_offset_interval: Span::ZERO,
                group_retry_max_times: 2,
                group_retry_ladder: vec![Span::from_secs(2)],
                ..Settings::default()
            });
            let mut wide = failing("C1", 40, 3);
            wide.threads = None;
            play.topic("orders", 4)
                .topic("payments", 2)
                .producer("web-shop", "orders", poisson(90))
                .producer("mobile", "payments", poisson(20))
                .group(
                    "billing",
                    &["orders", "payments"],
                    &[wide.clone(), ConsumerSpec { name: "C2".into(), ..wide }],
                )
                .group("audit", &["orders"], &[consumer("C1", 90)])
                .until(20_000);
        }
        "million" => {
            play = Play::new(Settings {
                network_send_latency: Span::from_ms(3),
                network_delivery_latency: Span::from_ms(2),
                ..Settings::default()
            });
            play.topic("orders", 8);
            for name in ["p1", "p2", "p3", "p4"] {
                play.producer(name, "orders", Pattern::Constant(Rate::per_second(25_000)));
            }
            let crew =
                ["C1", "C2", "C3", "C4"].map(|name| ConsumerSpec { threads: Some(20), ..consumer(name, 1) });
            play.group("billing", &["orders"], &crew).group("audit", &["orders"], &crew[..1]).until(10_000);
        }
        // Messages that wait: a few of each kind, and one topic of several types.
        "timer" => {
            play.topic_of("reminders", 3, TopicType::Of(MessageType::Delay))
                .topic_of("mixed", 1, TopicType::Mixed)
                .delayed("shop", "reminders", poisson(2), ms(20_000))
                .delayed("bank", "mixed", poisson(1), ms(90_000))
                .producer("kiosk", "mixed", poisson(2))
                .group("closing", &["reminders", "mixed"], &[consumer("C1", 150), consumer("C2", 150)])
                .group("mail", &["reminders"], &[consumer("C1", 150)])
                .until(24_300);
        }
        // More such topics than there is room for.
        "timers" => {
            for n in 1..=7 {
                let name = format!("reminders-{n}");
                play.topic_of(&name, n % 3 + 1, TopicType::Of(MessageType::Delay))
                    .delayed(&format!("shop-{n}"), &name, poisson(40), ms(3_600_000))
                    .group(&format!("mail-{n}"), &[&name], &[consumer("C1", 150)]);
            }
            play.until(40_000);
        }
        // Half messages: some whose producer is gone, one topic of several types, and some that were set aside.
        "curtain" => {
            play = Play::new(Settings {
                tx_check_interval: ms(7_000),
                tx_max_checks: 2,
                ..Play::slow().world().settings.as_ref().clone()
            });
            play.topic_of("payments", 3, TopicType::Of(MessageType::Transaction))
                .topic_of("refunds", 1, TopicType::Of(MessageType::Transaction))
                .topic_of("mixed", 1, TopicType::Mixed)
                .transacting("shop", "payments", poisson(2))
                .transacting("desk", "refunds", poisson(1))
                .transacting("bank", "mixed", poisson(1))
                .delayed("mail", "mixed", poisson(1), ms(60_000))
                .group("books", &["payments", "refunds", "mixed"], &[consumer("C1", 150)])
                .until(5_000)
                .give(Command::CrashProducer { producer: "desk".into() })
                .until(35_150);
        }
        // The broker is down, and messages are sent to it; one consumer died before.
        "outage" => {
            play.topic("orders", 4)
                .producer("shop", "orders", poisson(5))
                .producer("app", "orders", poisson(2))
                .group("billing", &["orders"], &[consumer("C1", 150), consumer("C2", 150)])
                .group("audit", &["orders"], &[consumer("C1", 100)])
                .until(20_000)
                .give(Command::Consumer { consumer: "billing/C2".into(), change: ConsumerChange::Crash })
                .give(Command::CrashBroker { how: Crash::Process })
                .until(23_500);
        }
        // One producer's messages wait on its link, another's link is cut, and so is a consumer's.
        "links" => {
            let link = |client: &str, change| Command::Link { client: client.into(), change };
            play.topic("orders", 4)
                .producer("shop", "orders", poisson(5))
                .producer("app", "orders", poisson(2))
                .producer("web", "orders", poisson(2))
                .group("billing", &["orders"], &[consumer("C1", 150), consumer("C2", 150)])
                .group("audit", &["orders"], &[consumer("C1", 100)])
                .until(20_000)
                .give(link("shop", LinkChange::Hold))
                .give(link("app", LinkChange::Cut { answers_only: false }))
                .give(link("web", LinkChange::Cut { answers_only: true }))
                .give(link("billing/C2", LinkChange::Cut { answers_only: false }))
                .give(link("audit/C1", LinkChange::Hold))
                .until(22_000);
        }
        // More such topics than there is room for, and more half messages.
        "curtains" => {
            for n in 1..=7 {
                let name = format!("payments-{n}");
                play.topic_of(&name, n % 3 + 1, TopicType::Of(MessageType::Transaction))
                    .transacting(&format!("shop-{n}"), &name, poisson(40))
                    .group(&format!("books-{n}"), &[&name], &[consumer("C1", 150)]);
            }
            play.until(25_000);
        }
        "producers-20" => {
            play.topic("orders", 4);
            for n in 1..=20 {
                play.producer(&format!("shop-{n}"), "orders", poisson(n));
            }
            play.group("billing", &["orders"], &[consumer("C1", 20), consumer("C2", 20)]).until(6_000);
        }
        // Three message groups in one queue. In one group a message keeps failing, and those behind it wait: the others go
        // on, or with the wider lock wait with it. Another group is given whole queues in order.
        "fifo" | "fifo-queue-lock" => {
            if name == "fifo-queue-lock" {
                play = Play::new(Settings {
                    fifo_lock_scope: LockScope::Queue,
                    ..Play::slow().world().settings.as_ref().clone()
                });
            }
            let names = ["A", "B", "user-7", "D"].map(str::to_owned).to_vec();
            play.give(Command::AddTopic(TopicSpec {
                name: "orders".into(),
                message_type: TopicType::Of(MessageType::Fifo),
                write_queues: 2,
                read_queues: 2,
                cleanup: Default::default(),
            }))
            .give(Command::AddProducer(ProducerSpec {
                name: "shop".into(),
                topic: "orders".into(),
                pattern: Pattern::Constant(Rate::per_second(6)),
                queue_selection: QueueSelection::RoundRobin,
                message: MessageTemplate {
                    message_group: Some(MessageGroups::InTurn(names)),
                    key: Some("order-{n}".into()),
                    ..MessageTemplate::default()
                },
            }));
            let poisoned =
                ConsumerSpec { failure: Failure::PoisonKey("order-24".into()), ..consumer("C1", 90) };
            let orderly = |name: &str, balance, consumers| {
                Command::AddGroup(GroupSpec {
                    name: name.into(),
                    mode: ConsumeMode::Clustering,
                    consumer_type: Default::default(),
                    idempotent: None,
                    replies: false,
                    balance,
                    strategy: Strategy::Avg,
                    retry: Default::default(),
                    delivery_order: DeliveryOrder::Orderly,
                    lite_sub_model: None,
                    initial_offset: InitialOffset::Earliest,
                    subscriptions: vec![SubscriptionSpec::all("orders")],
                    consumers,
                })
            };
            play.give(orderly(
                "billing",
                Balance::Message,
                vec![poisoned.clone(), ConsumerSpec { name: "C2".into(), ..poisoned }],
            ))
            .give(orderly("audit", Balance::Queue, vec![consumer("C1", 260)]))
            .until(6_000);
        }
        _ => {}
    }
    play
}

fn calls(play: &mut Play) {
    let handler = |ms| HandlerSpec {
        processing: Distribution::Constant(Span::from_ms(ms)),
        failure: Ratio::ZERO,
        same_as: None,
    };
    let service = |name: &str, waiting_line| {
        let handler = handler(900);
        Command::AddService(ServiceSpec { name: name.into(), workers: 3, waiting_line, handler })
    };
    let shop = || Arrivals::SameAs("shop".into());
    let caller = |name: &str, services: &[&str]| {
        Command::AddCaller(CallerSpec {
            name: name.into(),
            services: services.iter().map(|name| (*name).to_owned()).collect(),
            arrivals: shop(),
            timeout: Span::from_secs(2),
        })
    };
    play.topic("orders", 2).producer("shop", "orders", Pattern::Constant(Rate::per_second(8)));
    for command in [
        service("billing", Some(2)),
        service("stock", None),
        service("mail", None),
        caller("web", &["billing", "stock"]),
        caller("app", &["stock"]),
        caller("desk", &["mail"]),
        Command::AddP2pQueue(P2pSpec {
            name: "jobs".into(),
            senders: vec![SenderSpec { name: "shop".into(), arrivals: shop() }],
            consumers: 4,
            handler: handler(800),
        }),
    ] {
        play.give(command);
    }
    play.until(3_000);
    play.give(Command::Service { service: "mail".into(), change: ServiceChange::Crash });
    play.until(6_060);
}
