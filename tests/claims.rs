//! The claims that the model keeps, one test for each, named after it. A test builds the smallest world in which the
//! claim could fail, and looks at that world through what everybody can see: the journal and the report.

#[path = "claims/communication.rs"]
mod communication;
#[path = "claims/consumption.rs"]
mod consumption;
#[path = "claims/filters.rs"]
mod filters;
#[path = "claims/groups.rs"]
mod groups;
#[path = "claims/life_cycle.rs"]
mod life_cycle;
#[path = "claims/lite.rs"]
mod lite;
#[path = "claims/observability.rs"]
mod observability;
#[path = "claims/topics.rs"]
mod topics;
#[path = "claims/transactions.rs"]
mod transactions;
#[path = "claims/transmission.rs"]
mod transmission;
#[path = "claims/types.rs"]
mod types;

use mqscope::broker::arrivals::Arrivals;
use mqscope::broker::service::HandlerSpec;
use mqscope::broker::spec::*;
use mqscope::broker::*;
use mqscope::metrics::{GroupReport, beside, report};
use mqscope::session::Journal;
use mqscope::sim::{Distribution, Instant, Ratio, Span};
use mqscope::trace;

/// A world under test, with everything that happened in it.
struct Lab {
    broker: Broker,
    journal: Journal,
}

impl Lab {
    fn with(settings: Settings) -> Self {
        Self { broker: Broker::new(settings, 42, None), journal: Journal::default() }
    }

    /// A world whose offsets are committed with completion and whose retries come quickly.
    fn new() -> Self {
        Self::with(quick())
    }

    fn topic(mut self, name: &str, queues: u32) -> Self {
        self.give(Command::AddTopic(TopicSpec {
            name: name.into(),
            message_type: TopicType::NORMAL,
            write_queues: queues,
            read_queues: queues,
            cleanup: Default::default(),
        }));
        self
    }

    fn producer(mut self, name: &str, pattern: Pattern) -> Self {
        self.give(Command::AddProducer(producer(name, pattern)));
        self
    }

    fn group(mut self, spec: GroupSpec) -> Self {
        self.give(Command::AddGroup(spec));
        self
    }

    fn give(&mut self, command: Command) {
        self.broker.command(command, &mut self.journal);
    }

    fn consumer(&mut self, consumer: &str, change: ConsumerChange) {
        self.give(Command::Consumer { consumer: consumer.into(), change });
    }

    fn send(&mut self, count: u32) {
        self.give(Command::Send { producer: "P".into(), count });
    }

    fn until(&mut self, seconds: u64) {
        let until = Instant::from_secs(seconds);
        while self.broker.step(until, &mut self.journal) {}
        self.broker.advance(until);
    }

    fn world(&self) -> &World {
        &self.broker.world
    }

    fn report(&self, group: &str) -> GroupReport {
        let id = self.world().find_group(group).expect("the group exists");
        report::counts(self.world(), id)
    }

    fn stored(&self) -> u64 {
        self.world()
            .ordinary_topics()
            .flat_map(|(_, t)| &t.queues)
            .map(|q| self.world().queue(*q).max_offset)
            .sum()
    }

    fn refusals(&self) -> Vec<Refusal> {
        let reason =
            |e: &Entry| if let Event::CommandRefused { reason, .. } = e.event { Some(reason) } else { None };
        self.journal.0.iter().filter_map(reason).collect()
    }

    /// What was handed out in a group, in order: message and consumer.
    fn handed_out(&self, group: &str) -> Vec<(MessageRef, String)> {
        let id = self.world().find_group(group).expect("the group exists");
        let mut seen = Vec::new();
        for entry in &self.journal.0 {
            if let Event::MessageHandedOut { progress, offset, consumer, .. } = entry.event {
                let state = self.world().progress(progress);
                if state.group == id {
                    let at = MessageRef { queue: state.queue, offset };
                    seen.push((self.world().origin(at), self.world().consumer(consumer).spec.name.clone()));
                }
            }
        }
        seen
    }

    /// Every message that some delivery acknowledged in a group, each as often as it was.
    fn acknowledged(&self, group: &str) -> Vec<MessageRef> {
        let id = self.world().find_group(group).expect("the group exists");
        let mut seen = Vec::new();
        for entry in &self.journal.0 {
            if let Event::ConsumeFinished { progress, offset, outcome: Outcome::Acknowledged, .. } =
                entry.event
            {
                let state = self.world().progress(progress);
                if state.group == id {
                    seen.push(self.world().origin(MessageRef { queue: state.queue, offset }));
                }
            }
        }
        seen
    }
}

fn quick() -> Settings {
    Settings {
        classic_persist_offset_interval: Span::ZERO,
        group_retry_ladder: vec![Span::from_secs(1), Span::from_secs(2), Span::from_secs(4)],
        ..Settings::default()
    }
}

fn producer(name: &str, pattern: Pattern) -> ProducerSpec {
    ProducerSpec {
        name: name.into(),
        topic: "orders".into(),
        pattern,
        queue_selection: QueueSelection::RoundRobin,
        message: MessageTemplate {
            tags: vec!["created".into(), "paid".into()],
            key: Some("order-{n}".into()),
            properties: vec![("region".into(), "north".into())],
            body: Some("{\"order\":{n},\"state\":\"{tag}\"}".into()),
            ..MessageTemplate::default()
        },
    }
}

fn consumer(name: &str) -> ConsumerSpec {
    ConsumerSpec {
        name: name.into(),
        threads: Some(1),
        processing: Distribution::Constant(Span::from_ms(100)),
        failure: Failure::NEVER,
        lite_topics: Vec::new(),
        application: Default::default(),
        subscriptions: Vec::new(),
    }
}

fn group(name: &str, balance: Balance, consumers: &[&str]) -> GroupSpec {
    GroupSpec {
        name: name.into(),
        mode: ConsumeMode::Clustering,
        consumer_type: ConsumerType::Push,
        idempotent: None,
        replies: false,
        balance,
        strategy: Strategy::Avg,
        retry: Default::default(),
        delivery_order: DeliveryOrder::Concurrent,
        lite_sub_model: None,
        initial_offset: InitialOffset::Latest,
        subscriptions: vec![SubscriptionSpec::all("orders")],
        consumers: consumers.iter().map(|name| consumer(name)).collect(),
    }
}

fn constant(per_second: u64) -> Pattern {
    Pattern::Constant(Rate::per_second(per_second))
}

const BOTH: [Balance; 2] = [Balance::Queue, Balance::Message];

fn reset(lab: &mut Lab, group: &str, to: ResetTarget) {
    lab.give(Command::ResetOffset { group: group.into(), topic: "orders".into(), to });
}

/// When each message came into its queue, in milliseconds, and the producer's number for it.
fn visible(lab: &Lab) -> Vec<(u64, u64)> {
    let stored = |e: &Entry| match e.event {
        Event::MessageStored { number, .. } => Some((e.at.0 / 1_000, number)),
        _ => None,
    };
    lab.journal.0.iter().filter_map(stored).collect()
}

/// A world in which everything takes 5 ms on its way, and `shop` sends at `pattern` to the topic `orders`.
fn beside_world(pattern: Pattern) -> Lab {
    let latency = Span::from_ms(5);
    let mut lab =
        Lab::with(Settings { network_send_latency: latency, network_delivery_latency: latency, ..quick() })
            .topic("orders", 1);
    let consumer = ConsumerSpec {
        lite_topics: Vec::new(),
        application: Application::Loop,
        name: "C1".into(),
        threads: Some(3),
        processing: Distribution::Exponential { mean: Span::from_ms(100) },
        failure: Failure::NEVER,
        subscriptions: Vec::new(),
    };
    let group = GroupSpec { consumers: vec![consumer], ..group("billing", Balance::Message, &[]) };
    let subscriptions = vec![SubscriptionSpec::all("orders")];
    lab.give(Command::AddGroup(GroupSpec { subscriptions, ..group }));
    lab.give(Command::AddProducer(ProducerSpec { topic: "orders".into(), ..producer("shop", pattern) }));
    lab
}

/// The whole run of a bundled scenario.
fn bundled_run(id: &str) -> (mqscope::session::Session<Journal>, u64) {
    let (_, text) = mqscope::scenario::bundled().iter().find(|(name, _)| *name == id).expect("it is bundled");
    let scenario = mqscope::scenario::Scenario::parse(text).expect("a good file");
    let until = scenario.until;
    let mut session = mqscope::session::Session::new(std::rc::Rc::new(scenario), Journal::default());
    session.run_until(until, u64::MAX);
    let sent = session.world().live.produced;
    (session, sent)
}
