//! Random worlds: each seed first draws which features and faults exist at all, then how they look, then what happens
//! to them while they run. Faults end after a while, and quiet must come.

#[path = "faulty.rs"]
mod faulty;
#[path = "fetching.rs"]
mod fetching;
#[path = "fitting.rs"]
mod fitting;
#[path = "lite_topics.rs"]
mod lite_topics;
#[path = "mingled.rs"]
mod mingled;
#[path = "transactional.rs"]
mod transactional;

use std::collections::BTreeSet;

use mqscope::broker::arrivals::Arrivals;
use mqscope::broker::caller::CallerSpec;
use mqscope::broker::p2p::{P2pSpec, SenderSpec};
use mqscope::broker::service::{HandlerSpec, ServiceSpec};
use mqscope::broker::settings::{Expiry, OutOfRange};
use mqscope::broker::spec::*;
use mqscope::broker::{
    CallerChange, Command, ConsumerChange, P2pChange, ResetTarget, ServiceChange, Settings,
};
use mqscope::sim::{Chance, Distribution, Draws, Instant, Ratio, Span, Stream};

/// A world to be run: everything is a function of the seed.
pub(crate) struct Plan {
    pub(crate) seed: u64,
    pub(crate) settings: Settings,
    pub(crate) topology: Vec<Command>,
    pub(crate) actions: Vec<(Instant, Command)>,
    pub(crate) repair_at: Instant,
    pub(crate) repairs: Vec<Command>,
    /// What occurs in this world, by name.
    pub(crate) features: BTreeSet<&'static str>,
}

/// Dice that are thrown one after the other.
pub(crate) struct Dice {
    draws: Draws,
    n: u64,
}

impl Dice {
    pub(crate) fn new(seed: u64) -> Self {
        Self { draws: Chance::new(seed).stream(Stream::World, 1), n: 0 }
    }

    pub(crate) fn below(&mut self, bound: u64) -> u64 {
        self.n += 1;
        self.draws.below(self.n, bound)
    }

    pub(crate) fn between(&mut self, low: u64, high: u64) -> u64 {
        low + self.below(high - low + 1)
    }

    /// True in `percent` of 100 cases.
    pub(crate) fn percent(&mut self, percent: u64) -> bool {
        self.below(100) < percent
    }

    fn pick<T: Clone>(&mut self, from: &[T]) -> T {
        from[self.below(from.len() as u64) as usize].clone()
    }
}

impl Plan {
    pub(crate) fn draw(seed: u64) -> Self {
        let mut dice = Dice::new(seed);
        let mut features = BTreeSet::new();
        let settings = settings(&mut dice, &mut features);
        let repair_at = Instant::from_secs(40);
        let mut topology = Vec::new();
        let topics = dice.between(1, 3);
        let mut types = Vec::new();
        for topic in 0..topics {
            let queues = dice.pick(&[1, 2, 3, 4, 8]);
            let read_queues = if dice.below(6) == 0 { dice.pick(&[1, 2, 5]) } else { queues };
            if read_queues < queues {
                features.insert("unreadable queues");
            }
            let name = format!("topic-{topic}");
            let message_type = dice.pick(&[
                TopicType::NORMAL,
                TopicType::NORMAL,
                TopicType::NORMAL,
                TopicType::Of(MessageType::Fifo),
                TopicType::Of(MessageType::Fifo),
                TopicType::Of(MessageType::Delay),
                TopicType::Of(MessageType::Delay),
                TopicType::Mixed,
            ]);
            types.push(message_type);
            topology.push(Command::AddTopic(TopicSpec {
                name,
                message_type,
                write_queues: queues,
                read_queues,
                cleanup: Default::default(),
            }));
        }
        let groups = dice.between(1, 4);
        for group in 0..groups {
            let spec = group_spec(&mut dice, &mut features, format!("group-{group}"), topics);
            topology.push(Command::AddGroup(spec));
        }
        let producers = dice.between(1, 4);
        for producer in 0..producers {
            topology.push(Command::AddProducer(producer_spec(&mut dice, &mut features, producer, &types)));
        }
        let mut plan =
            Self { seed, settings, topology, actions: Vec::new(), repair_at, repairs: Vec::new(), features };
        plan.draw_actions(&mut dice, topics);
        transactional::mingle(&mut plan);
        fetching::mingle(&mut plan);
        mingled::mingle(&mut plan);
        plan.draw_beside();
        lite_topics::mingle(&mut plan);
        faulty::mingle(&mut plan);
        fitting::fit(&mut plan);
        plan
    }

    fn draw_actions(&mut self, dice: &mut Dice, topics: u64) {
        let allowed: Vec<&'static str> = KINDS.iter().copied().filter(|_| dice.percent(45)).collect();
        let count = if allowed.is_empty() { 0 } else { dice.between(1, 14) };
        let mut consumers = self.consumers();
        let mut groups = self.groups();
        let mut topics_of = self.topics_of();
        let senders = self.senders();
        let mut by_hand = self.by_hand();
        let mut at = Vec::new();
        for _ in 0..count {
            at.push(dice.below(self.repair_at.0));
        }
        at.sort_unstable();
        let mut fresh = 0;
        for at in at {
            let kind = dice.pick(&allowed);
            fresh += 1;
            let on = |dice: &mut Dice, consumers: &[String], change| {
                (!consumers.is_empty()).then(|| Command::Consumer { consumer: dice.pick(consumers), change })
            };
            let command = match kind {
                "crash" => on(dice, &consumers, ConsumerChange::Crash),
                "restart" => on(dice, &consumers, ConsumerChange::Restart),
                "leave" => on(dice, &consumers, ConsumerChange::Leave),
                "pause" => on(dice, &consumers, ConsumerChange::Pause),
                "resume" => on(dice, &consumers, ConsumerChange::Resume),
                "slow down" => {
                    let slow = ConsumerChange::SetProcessing(Distribution::Constant(Span::from_ms(900)));
                    on(dice, &consumers, slow)
                }
                "threads" => {
                    let threads = dice.between(1, 6) as u32;
                    on(dice, &consumers, ConsumerChange::SetThreads(threads))
                }
                "fail by hand" => on(dice, &consumers, ConsumerChange::FailNext(3)),
                "add consumer" if !groups.is_empty() => {
                    let group = dice.pick(&groups);
                    let consumer = consumer_spec(dice, &mut self.features, format!("late-{fresh}"));
                    consumers.push(format!("{group}/late-{fresh}"));
                    Some(Command::AddConsumer { group, consumer })
                }
                "add group" => {
                    let name = format!("late-{fresh}");
                    let spec = group_spec(dice, &mut self.features, name.clone(), topics);
                    consumers.extend(spec.consumers.iter().map(|c| format!("{name}/{}", c.name)));
                    topics_of.push((name.clone(), topics_of_group(&spec)));
                    groups.push(name);
                    by_hand.extend(by_hand_of(&spec));
                    Some(Command::AddGroup(spec))
                }
                "remove group" if groups.len() > 1 => {
                    let index = dice.below(groups.len() as u64) as usize;
                    let group = groups.remove(index);
                    consumers.retain(|name| !name.starts_with(&format!("{group}/")));
                    Some(Command::RemoveGroup { group })
                }
                "switch balance" if !groups.is_empty() => {
                    let group = dice.pick(&groups);
                    // Broadcasting is always by queue.
                    let is_broadcasting = self.broadcasts(&group);
                    let all = [Balance::Queue, Balance::Message];
                    let balance = if is_broadcasting { Balance::Queue } else { dice.pick(&all) };
                    Some(Command::SetBalance { group, balance })
                }
                "reset offset" if !groups.is_empty() => {
                    let group = dice.pick(&groups);
                    let topic = dice.pick(&of_group(&topics_of, &group));
                    let to = match dice.below(4) {
                        0 => ResetTarget::Latest,
                        1 => ResetTarget::Earliest,
                        2 => ResetTarget::Offset { queue: dice.below(3) as u32, offset: dice.below(80) },
                        _ => ResetTarget::Time(Instant(dice.below(at + 1))),
                    };
                    // In broadcasting there is nothing to reset.
                    (!self.broadcasts(&group)).then_some(Command::ResetOffset { group, topic, to })
                }
                "change queues" => {
                    let topic = format!("topic-{}", dice.below(topics));
                    let (write, read) = (dice.between(1, 9) as u32, dice.between(1, 9) as u32);
                    let all = Command::SetQueues { topic: topic.clone(), write: 9, read: 9 };
                    self.repairs.push(all);
                    Some(Command::SetQueues { topic, write, read })
                }
                "change filter" if !groups.is_empty() => {
                    let group = dice.pick(&groups);
                    let topic = dice.pick(&of_group(&topics_of, &group));
                    Some(Command::SetFilter { group, topic, filter: filter_spec(dice, &mut self.features) })
                }
                "change own filter" if !consumers.is_empty() => {
                    let consumer = dice.pick(&consumers);
                    let group = consumer.split('/').next().unwrap_or_default();
                    let topic = dice.pick(&of_group(&topics_of, group));
                    let filter = filter_spec(dice, &mut self.features);
                    let change = ConsumerChange::SetFilter { topic, filter };
                    Some(Command::Consumer { consumer, change })
                }
                "change rate" => {
                    let pattern = Pattern::Poisson(Rate::per_second(dice.between(0, 30)));
                    Some(Command::SetPattern { producer: "producer-0".into(), pattern })
                }
                "recall" => {
                    // Several at once, for some of them are not in the timer.
                    let (producer, rate) = dice.pick(&senders);
                    let sent = rate.micros_per_second / 1_000_000 * at / 1_000_000;
                    for _ in 0..8 {
                        let number = sent.saturating_sub(dice.below(40));
                        let command = Command::Recall { producer: producer.clone(), number };
                        self.actions.push((Instant(at), command));
                    }
                    self.features.insert(kind);
                    None
                }
                "send by hand" => {
                    Some(Command::Send { producer: "producer-0".into(), count: dice.between(1, 40) as u32 })
                }
                _ => None,
            };
            if let Some(command) = command {
                self.features.insert(kind);
                self.actions.push((Instant(at), command));
            }
        }
        let is_there = |name: &&String| groups.iter().any(|group| name.split('/').next() == Some(group));
        for consumer in self.by_hand().iter().filter(is_there) {
            self.work_by_hand(dice, consumer);
        }
        self.actions.sort_by_key(|(at, _)| *at);
        // Where nobody works by itself, somebody comes who does, or quiet would never be.
        let idle: BTreeSet<&str> = by_hand.iter().filter_map(|name| name.split('/').next()).collect();
        for group in idle.into_iter().filter(|group| groups.iter().any(|name| name == group)) {
            let mut consumer = consumer_spec(dice, &mut self.features, "C19".to_owned());
            consumer.failure = Failure::NEVER;
            self.repairs.push(Command::AddConsumer { group: group.to_owned(), consumer });
        }
        for name in &consumers {
            let on = |change| Command::Consumer { consumer: name.clone(), change };
            self.repairs.push(on(ConsumerChange::Resume));
            self.repairs.push(on(ConsumerChange::Restart));
            if self.settings.classic_orderly_max_retry_times.is_none() {
                self.repairs.push(on(ConsumerChange::SetFailure(Failure::NEVER)));
            }
            self.repairs.push(on(ConsumerChange::SetProcessing(Distribution::Constant(Span::from_ms(2)))));
        }
    }

    /// What stands beside the broker, with dice of its own: the rest of the world is as it would be without it.
    fn draw_beside(&mut self) {
        let mut dice = Dice::new(self.seed ^ 0x5eed_0bed);
        if !dice.percent(20) {
            return;
        }
        let mut drawn: Vec<(Instant, Command)> = Vec::new();
        let when = |dice: &mut Dice| Instant(dice.below(Instant::from_secs(40).0));
        let arrivals = Arrivals::SameAs("producer-0".into());
        let failure = |dice: &mut Dice| {
            if dice.percent(30) { Ratio { numerator: 1, denominator: 5 } } else { Ratio::ZERO }
        };
        let services = dice.between(1, 3);
        let mut callers = Vec::new();
        for n in 0..services {
            let name = format!("service-{n}");
            let handler = HandlerSpec {
                processing: Distribution::Exponential { mean: Span::from_ms(dice.pick(&[0, 20, 400])) },
                failure: failure(&mut dice),
                same_as: None,
            };
            let waiting_line = dice.pick(&[None, Some(0), Some(3)]);
            let workers = dice.between(1, 4) as u32;
            self.topology.push(Command::AddService(ServiceSpec {
                name: name.clone(),
                workers,
                waiting_line,
                handler,
            }));
            for _ in 0..dice.below(4) {
                let slow = Distribution::Constant(Span::from_ms(700));
                let change = dice.pick(&[
                    ServiceChange::Stop,
                    ServiceChange::Crash,
                    ServiceChange::Start,
                    ServiceChange::Start,
                    ServiceChange::SetWorkers(3),
                    ServiceChange::SetProcessing(slow),
                ]);
                drawn.push((when(&mut dice), Command::Service { service: name.clone(), change }));
            }
            let by_itself = dice.percent(40);
            for _ in 0..dice.below(4) {
                let rate = Rate::per_second(dice.pick(&[1, 7, 30]));
                let most = Span::from_ms(dice.pick(&[2, 400, 3_000]));
                let change = dice.pick(&[
                    CallerChange::SetPattern(Pattern::Constant(rate)),
                    CallerChange::SetPattern(Pattern::Poisson(rate)),
                    CallerChange::SetTimeout(most),
                ]);
                let at = Instant(dice.below(self.repair_at.0));
                drawn.push((at, Command::Caller { caller: format!("caller-{n}"), change }));
            }
            if by_itself {
                let change = CallerChange::SetPattern(Pattern::Constant(Rate::per_second(0)));
                self.repairs.push(Command::Caller { caller: format!("caller-{n}"), change });
            }
            let services = (0..=n).map(|n| format!("service-{n}")).collect();
            callers.push(Command::AddCaller(CallerSpec {
                name: format!("caller-{n}"),
                services,
                arrivals: if by_itself {
                    Arrivals::Pattern(Pattern::Poisson(Rate::per_second(3)))
                } else {
                    arrivals.clone()
                },
                timeout: Span::from_ms(dice.pick(&[1, 500, 5_000])),
            }));
        }
        self.topology.extend(callers);
        self.features.insert("calls");
        let sender = SenderSpec { name: "sender".into(), arrivals };
        let processing = Distribution::Exponential { mean: Span::from_ms(dice.pick(&[0, 30, 200])) };
        self.topology.push(Command::AddP2pQueue(P2pSpec {
            name: "queue".into(),
            senders: vec![sender],
            consumers: dice.between(1, 4) as u32,
            handler: HandlerSpec { processing, failure: Ratio::ZERO, same_as: None },
        }));
        for _ in 0..dice.below(5) {
            let change = dice.pick(&[P2pChange::AddConsumer, P2pChange::CrashConsumer]);
            drawn.push((when(&mut dice), Command::P2p { queue: "queue".into(), change }));
        }
        self.actions.extend(drawn);
        self.actions.sort_by_key(|(at, _)| *at);
    }

    /// A simple consumer receives, and uses some of the first handles of its group, stale ones among them.
    fn work_by_hand(&mut self, dice: &mut Dice, consumer: &str) {
        let start = dice.below(self.repair_at.0);
        for step in 0..dice.pick(&[0, 12]) {
            let receive = ConsumerChange::Receive {
                count: dice.between(1, 8) as u32,
                invisible: Some(Span::from_secs(dice.between(9, 15))),
                queue: None,
                attempt: None,
            };
            let handle = dice.between(1, 12);
            let invisible = Span::from_ms(dice.between(0, 20_000));
            let change = match dice.below(4) {
                _ if step == 0 => receive,
                0 => receive,
                1 | 2 => ConsumerChange::Acknowledge { handle },
                _ => ConsumerChange::ChangeInvisible { handle, invisible },
            };
            let at = Instant(start + step * 400_000).min(self.repair_at);
            self.actions.push((at, Command::Consumer { consumer: consumer.to_owned(), change }));
            self.features.insert("work by hand");
        }
    }

    fn topics_of(&self) -> Vec<(String, Vec<String>)> {
        let groups = self.topology.iter().filter_map(|command| match command {
            Command::AddGroup(spec) => Some((spec.name.clone(), topics_of_group(spec))),
            _ => None,
        });
        groups.collect()
    }

    fn consumers(&self) -> Vec<String> {
        let mut names = Vec::new();
        for command in &self.topology {
            if let Command::AddGroup(spec) = command {
                names.extend(spec.consumers.iter().map(|c| format!("{}/{}", spec.name, c.name)));
            }
        }
        names
    }

    /// Consumers that do only what somebody asks for.
    fn by_hand(&self) -> Vec<String> {
        let groups = self.topology.iter().filter_map(|command| match command {
            Command::AddGroup(spec) => Some(spec),
            _ => None,
        });
        groups.flat_map(by_hand_of).collect()
    }

    /// Producers whose messages have a delay, if there are any, and about how many each sends.
    fn senders(&self) -> Vec<(String, Rate)> {
        let specs = self.topology.iter().filter_map(|command| match command {
            Command::AddProducer(spec) => Some(spec),
            _ => None,
        });
        let some_delay = specs.clone().any(|spec| spec.message.delay.is_some());
        let of = |spec: &ProducerSpec| {
            let rate = match spec.pattern {
                Pattern::Constant(rate) | Pattern::Poisson(rate) => rate,
                Pattern::Bursts { rate, .. } => rate,
                Pattern::ByHand => Rate::per_second(0),
            };
            (spec.name.clone(), rate)
        };
        specs.filter(|spec| spec.message.delay.is_some() || !some_delay).map(of).collect()
    }

    fn broadcasts(&self, name: &str) -> bool {
        let commands = self.topology.iter().chain(self.actions.iter().map(|(_, command)| command));
        let is_it = |command: &Command| matches!(command, Command::AddGroup(spec) if spec.name == name && spec.mode == ConsumeMode::Broadcasting);
        commands.into_iter().any(is_it)
    }

    fn groups(&self) -> Vec<String> {
        let name = |c: &Command| if let Command::AddGroup(spec) = c { Some(spec.name.clone()) } else { None };
        self.topology.iter().filter_map(name).collect()
    }
}

fn by_hand_of(spec: &GroupSpec) -> Vec<String> {
    let consumers = spec.consumers.iter().filter(|c| c.application == Application::ByHand);
    consumers.map(|c| format!("{}/{}", spec.name, c.name)).collect()
}

fn topics_of_group(spec: &GroupSpec) -> Vec<String> {
    spec.subscriptions.iter().map(|wish| wish.topic.clone()).collect()
}

fn of_group(topics_of: &[(String, Vec<String>)], group: &str) -> Vec<String> {
    topics_of.iter().find(|(name, _)| name == group).map(|(_, topics)| topics.clone()).unwrap_or_default()
}

/// Everything that can be done to a running world.
const KINDS: [&str; 19] = [
    "reset offset",
    "change queues",
    "crash",
    "restart",
    "leave",
    "pause",
    "resume",
    "slow down",
    "threads",
    "fail by hand",
    "add consumer",
    "add group",
    "remove group",
    "switch balance",
    "change rate",
    "send by hand",
    "change filter",
    "change own filter",
    "recall",
];

fn settings(dice: &mut Dice, features: &mut BTreeSet<&'static str>) -> Settings {
    let mut settings = Settings {
        network_send_latency: Span(dice.pick(&[0, 0, 1_000, 300_000])),
        network_delivery_latency: Span(dice.pick(&[0, 100, 100, 250_000])),
        classic_persist_offset_interval: Span::from_ms(dice.pick(&[0, 5_000])),
        consumer_crash_detection: Span::from_ms(dice.pick(&[0, 0, 3_000])),
        push_cache_max_messages: dice.pick(&[1, 4, 1024]),
        push_receive_batch: dice.pick(&[1, 32]),
        group_retry_max_times: dice.pick(&[0, 1, 3]),
        group_retry_ladder: dice.pick(&[
            vec![Span::ZERO],
            vec![Span::from_ms(500), Span::from_secs(2)],
            vec![Span::from_secs(3), Span::from_secs(1), Span::from_secs(7)],
        ]),
        fifo_lock_scope: dice.pick(&[LockScope::MessageGroup, LockScope::MessageGroup, LockScope::Queue]),
        fifo_retry_interval: Span::from_ms(dice.pick(&[1, 700, 3_000])),
        fifo_max_retry_times: dice.pick(&[Some(0), Some(1), Some(3)]),
        fifo_queue_hash: dice.pick(&[QueueHash::Jump, QueueHash::Jump, QueueHash::SipHash, QueueHash::Mod]),
        classic_orderly_max_retry_times: dice.pick(&[None, Some(1), Some(3)]),
        classic_queue_lock: Span::from_secs(dice.pick(&[5, 60])),
        ..Settings::default()
    };
    settings.delay_precision = Span::from_ms(dice.pick(&[1_000, 1_000, 50, 3_000]));
    settings.delay_max = Span::from_secs(dice.pick(&[86_400, 86_400, 8]));
    settings.delay_out_of_range =
        dice.pick(&[OutOfRange::Reject, OutOfRange::Reject, OutOfRange::DeliverNow]);
    settings.delay_recall_enable = dice.percent(70);
    settings.simple_invisible = Span::from_secs(dice.pick(&[10, 10, 30]));
    settings.push_consume_timeout = Span::from_ms(dice.pick(&[900_000, 900_000, 150]));
    if dice.percent(15) {
        settings.store_retention = Span::from_secs(dice.pick(&[3, 10, 20, 60]));
        settings.store_clean_interval = Span::from_ms(dice.pick(&[1_000, 10_000]));
        if dice.percent(30) {
            settings.store_expiry = Expiry::Segment;
            settings.store_delete_hour = 0;
            settings.store_segment_bytes = dice.pick(&[2_000, 20_000]);
        }
        features.insert("short retention");
    }
    settings.push_offline_invisible = Span::from_ms(dice.pick(&[0, 1_000]));
    let mut note = |feature: &'static str, there: bool| {
        if there {
            features.insert(feature);
        }
    };
    note("timer of long slots", settings.delay_precision > Span::from_secs(1));
    note("send latency", !settings.network_send_latency.is_zero());
    note("commit with completion", settings.classic_persist_offset_interval.is_zero());
    note("late crash detection", !settings.consumer_crash_detection.is_zero());
    note("locked queues", settings.fifo_lock_scope == LockScope::Queue);
    note("small cache", settings.push_cache_max_messages < 1024);
    settings
}

fn group_spec(
    dice: &mut Dice,
    features: &mut BTreeSet<&'static str>,
    name: String,
    topics: u64,
) -> GroupSpec {
    let mode = if dice.percent(20) { ConsumeMode::Broadcasting } else { ConsumeMode::Clustering };
    let balance = match mode {
        ConsumeMode::Broadcasting => Balance::Queue,
        ConsumeMode::Clustering => dice.pick(&[Balance::Queue, Balance::Message]),
    };
    let strategy = strategy(dice);
    let delivery_order = match mode {
        ConsumeMode::Broadcasting => DeliveryOrder::Concurrent,
        ConsumeMode::Clustering => {
            dice.pick(&[DeliveryOrder::Concurrent, DeliveryOrder::Concurrent, DeliveryOrder::Orderly])
        }
    };
    if delivery_order == DeliveryOrder::Orderly {
        features.insert(if balance == Balance::Message { "orderly by message" } else { "orderly by queue" });
    }
    let first = dice.below(topics);
    let mut subscriptions = vec![SubscriptionSpec::all(format!("topic-{first}"))];
    if topics > 1 && dice.percent(30) {
        subscriptions.push(SubscriptionSpec::all(format!("topic-{}", (first + 1) % topics)));
        features.insert("several topics");
    }
    for subscription in &mut subscriptions {
        if dice.percent(30) {
            subscription.filter = filter_spec(dice, features);
        }
    }
    let count = dice.pick(&[0, 1, 2, 3, 5, 9]);
    features.insert(match (mode, balance) {
        (ConsumeMode::Broadcasting, _) => "broadcasting",
        (_, Balance::Queue) => "queue balancing",
        (_, Balance::Message) => "message balancing",
    });
    features.insert(strategy.name());
    let retry = match dice.below(8) {
        0 => RetryRule {
            max_times: Some(dice.below(4) as u32),
            ladder: Some(vec![Span::from_ms(50), Span::from_secs(1)]),
        },
        _ => RetryRule::default(),
    };
    if retry != RetryRule::default() {
        features.insert("retry rule of a group");
    }
    if count == 0 {
        features.insert("group without consumers");
    }
    let initial_offset = dice.pick(&[InitialOffset::Latest, InitialOffset::Earliest]);
    let mut consumers: Vec<ConsumerSpec> =
        (0..count).map(|n| consumer_spec(dice, features, format!("C{n}"))).collect();
    if dice.percent(15) {
        for consumer in &mut consumers {
            let subscription = dice.pick(&subscriptions);
            if dice.percent(50) {
                let filter = filter_spec(dice, features);
                consumer.subscriptions.push(SubscriptionSpec { filter, ..subscription });
                features.insert("filter of one's own");
            }
        }
    }
    let could_be_simple = mode == ConsumeMode::Clustering
        && balance == Balance::Message
        && delivery_order == DeliveryOrder::Concurrent;
    let consumer_type =
        if could_be_simple && dice.percent(40) { ConsumerType::Simple } else { ConsumerType::Push };
    if consumer_type == ConsumerType::Simple {
        features.insert("simple consumers");
        let works_by_itself = dice.percent(40);
        for consumer in &mut consumers {
            let by_itself = dice.pick(&[Application::Loop, Application::Renewing]);
            consumer.application = if works_by_itself { by_itself } else { Application::ByHand };
            if dice.percent(30) {
                consumer.processing = Distribution::Constant(Span::from_ms(dice.pick(&[1_500, 12_000])));
                features.insert("slow for their invisible time");
            }
            features.insert(match consumer.application {
                Application::Loop | Application::Committing => "receiving in a loop",
                Application::Renewing => "extending invisible times",
                Application::ByHand => "receiving by hand",
            });
        }
    }
    let idempotent = dice.pick(&[None, None, Some(false), Some(true)]);
    GroupSpec {
        name,
        mode,
        consumer_type,
        balance,
        strategy,
        retry,
        delivery_order,
        idempotent,
        lite_sub_model: None,
        replies: false,
        initial_offset,
        subscriptions,
        consumers,
    }
}

/// Now and then one that needs to be told more than its name.
fn strategy(dice: &mut Dice) -> Strategy {
    let rooms = || vec!["hz".to_owned(), "sh".to_owned()];
    let plain = [Strategy::Avg, Strategy::AvgByCircle];
    match dice.below(12) {
        0 | 1 => Strategy::ConsistentHash,
        // Every room is read: quiet could not come otherwise.
        2 => Strategy::MachineRoom { queues: rooms(), rooms: rooms() },
        3 => Strategy::MachineRoomNearby {
            queues: rooms(),
            consumers: (0..100)
                .flat_map(|n| ["C", "late-"].map(|name| (format!("{name}{n}"), rooms()[n % 2].clone())))
                .collect(),
        },
        _ => dice.pick(&plain),
    }
}

fn consumer_spec(dice: &mut Dice, features: &mut BTreeSet<&'static str>, name: String) -> ConsumerSpec {
    let ms = Span::from_ms;
    let processing = match dice.below(5) {
        0 => Distribution::Constant(ms(dice.between(0, 200))),
        1 => Distribution::Uniform { min: ms(1), max: ms(300) },
        2 => Distribution::LogNormal { median: ms(30), p99: ms(400) },
        _ => Distribution::Exponential { mean: ms(dice.between(1, 250)) },
    };
    let failure = match dice.below(7) {
        0 => Failure::Probability(Ratio::ONE),
        1 => Failure::Probability(Ratio { numerator: 1, denominator: 4 }),
        2 => Failure::PoisonTag("red".into()),
        3 => Failure::FirstAttempts(dice.between(1, 2) as u32),
        _ => Failure::NEVER,
    };
    features.insert(match failure {
        Failure::Probability(ratio) if ratio == Ratio::ZERO => "success",
        Failure::Probability(_) => "failure by chance",
        Failure::PoisonTag(_) | Failure::PoisonKey(_) => "poison",
        Failure::FirstAttempts(_) => "failing first attempts",
    });
    let threads = Some(dice.pick(&[1, 1, 2, 4]));
    let application = Application::Loop;
    ConsumerSpec {
        name,
        threads,
        processing,
        failure,
        lite_topics: Vec::new(),
        application,
        subscriptions: Vec::new(),
    }
}

/// Filters on what [`producer_spec`] writes: tags of which two hash alike, one that nobody sends, properties of which
/// some are missing or no numbers.
fn filter_spec(dice: &mut Dice, features: &mut BTreeSet<&'static str>) -> FilterSpec {
    let tags = ["*", "red", "red || green", "green", "Aa", "BB || green", "violet"];
    let conditions = [
        "color = 'red'",
        "NOT (color = 'red')",
        "n BETWEEN 10 AND 60",
        "n > 20 OR color = 'green'",
        "color > 5",
        "missing <> 'x'",
        "missing IS NULL AND TAGS IN ('red', 'Aa')",
    ];
    if dice.percent(60) {
        features.insert("tag filter");
        FilterSpec::tags(dice.pick(&tags))
    } else {
        features.insert("SQL filter");
        FilterSpec::Sql(dice.pick(&conditions).to_owned())
    }
}

fn producer_spec(
    dice: &mut Dice,
    features: &mut BTreeSet<&'static str>,
    n: u64,
    types: &[TopicType],
) -> ProducerSpec {
    let rate = Rate::per_second(dice.between(1, 25));
    let pattern = match dice.below(6) {
        0 => Pattern::Constant(rate),
        1 => Pattern::Bursts {
            rate: Rate::per_second(1),
            burst_rate: Rate::per_second(60),
            every: Span::from_secs(15),
            lasting: Span::from_secs(2),
        },
        2 if n > 0 => Pattern::ByHand,
        _ => Pattern::Poisson(rate),
    };
    features.insert(match pattern {
        Pattern::Constant(_) => "constant rate",
        Pattern::Poisson(_) => "Poisson",
        Pattern::Bursts { .. } => "bursts",
        Pattern::ByHand => "by hand",
    });
    let queue_selection =
        dice.pick(&[QueueSelection::RoundRobin, QueueSelection::RoundRobin, QueueSelection::Uniform]);
    let tags = dice.pick(&[&[][..], &["red", "green"], &["red", "green"], &["Aa", "BB", "green"]]);
    let tags: Vec<String> = tags.iter().map(|tag| (*tag).to_owned()).collect();
    // No client sends a property without text.
    let properties = [("n", "{n}"), ("color", "{tag}")].into_iter().take(1 + usize::from(!tags.is_empty()));
    let properties = properties.map(|(name, text)| (name.to_owned(), text.to_owned()));
    let topic = dice.below(types.len() as u64);
    // Rarely of a type that the topic does not take.
    let has_order = match types[topic as usize] {
        TopicType::Of(MessageType::Fifo) => !dice.percent(5),
        TopicType::Mixed => dice.percent(60),
        TopicType::Of(_) => dice.percent(2),
    };
    let groups = dice.pick(&[
        MessageGroups::Text("order-{n}".into()),
        MessageGroups::Text("all".into()),
        MessageGroups::InTurn(["a", "b", "c"].map(str::to_owned).to_vec()),
        MessageGroups::ByChance(5),
    ]);
    let message_group = has_order.then_some(groups);
    if message_group.is_some() {
        features.insert("FIFO messages");
    }
    let mut message = MessageTemplate {
        tags,
        properties: properties.collect(),
        message_group,
        ..MessageTemplate::default()
    };
    // Now and then a message goes to a topic that does not take it.
    let is_delayed = match types[topic as usize] {
        TopicType::Of(MessageType::Delay) => dice.percent(95),
        TopicType::Mixed => dice.percent(50),
        TopicType::Of(_) => dice.percent(3),
    };
    if is_delayed && !has_order {
        delay(dice, features, &mut message);
    }
    ProducerSpec {
        name: format!("producer-{n}"),
        topic: format!("topic-{topic}"),
        pattern,
        queue_selection,
        message,
    }
}

/// Delays of all kinds: none, less than a slot, longer than the maximum of some worlds, and classic levels.
fn delay(dice: &mut Dice, features: &mut BTreeSet<&'static str>, message: &mut MessageTemplate) {
    let ms = Span::from_ms;
    if dice.percent(25) {
        features.insert("delay level");
        message.delay_level = Some(dice.between(1, 3) as u32);
    }
    if message.delay_level.is_none() || dice.percent(20) {
        features.insert("delay");
        message.delay = Some(match dice.below(4) {
            0 => Distribution::Constant(ms(dice.between(0, 3) * 1_000)),
            1 => Distribution::Uniform { min: Span::ZERO, max: ms(12_000) },
            2 => Distribution::Constant(Span(dice.between(1, 4_000_000))),
            _ => Distribution::Exponential { mean: ms(4_000) },
        });
    }
}
