//! A run with its series.

use mqscope::broker::spec::*;
use mqscope::broker::{Broker, Command, ConsumerChange, Settings};
use mqscope::metrics::Series;
use mqscope::sim::{Distribution, Instant, Ratio, Span};

/// A broker being watched by the plots.
pub(crate) struct Run {
    pub(crate) broker: Broker,
    pub(crate) series: Series,
}

impl Run {
    pub(crate) fn new(settings: Settings, seed: u64) -> Self {
        Self { broker: Broker::new(settings, seed, None), series: Series::default() }
    }

    pub(crate) fn command(&mut self, command: Command) {
        self.broker.command(command, &mut self.series);
    }

    pub(crate) fn until(&mut self, at: Instant) {
        while self.broker.step(at, &mut self.series) {}
        self.broker.advance(at);
    }
}

pub(crate) fn topic(name: &str, queues: u32) -> Command {
    let (write_queues, read_queues) = (queues, queues);
    Command::AddTopic(TopicSpec {
        name: name.into(),
        message_type: TopicType::NORMAL,
        write_queues,
        read_queues,
        cleanup: Default::default(),
    })
}

pub(crate) fn producer(name: &str, topic: &str, pattern: Pattern) -> Command {
    Command::AddProducer(ProducerSpec {
        name: name.into(),
        topic: topic.into(),
        pattern,
        queue_selection: QueueSelection::RoundRobin,
        message: MessageTemplate::default(),
    })
}

pub(crate) fn consumer(name: &str, threads: u32, ms: u64) -> ConsumerSpec {
    ConsumerSpec {
        name: name.into(),
        threads: Some(threads),
        processing: Distribution::Exponential { mean: Span::from_ms(ms) },
        failure: Failure::Probability(Ratio::ZERO),
        application: Default::default(),
        lite_topics: Vec::new(),
        subscriptions: Vec::new(),
    }
}

pub(crate) fn group(name: &str, topic: &str, balance: Balance, consumers: Vec<ConsumerSpec>) -> Command {
    Command::AddGroup(GroupSpec {
        name: name.into(),
        mode: ConsumeMode::Clustering,
        consumer_type: Default::default(),
        idempotent: None,
        replies: false,
        balance,
        strategy: Strategy::Avg,
        retry: Default::default(),
        delivery_order: DeliveryOrder::Concurrent,
        lite_sub_model: None,
        initial_offset: InitialOffset::Earliest,
        subscriptions: vec![SubscriptionSpec::all(topic)],
        consumers,
    })
}

/// The run of the sketch: a shop with a rush at half time, and an audit group that loses a consumer.
pub(crate) fn shop(until: Instant) -> Run {
    let settings = Settings { classic_persist_offset_interval: Span::ZERO, ..Settings::default() };
    let mut run = Run::new(settings, 42);
    run.command(topic("orders", 4));
    let consumers = vec![consumer("C1", 2, 70), consumer("C2", 2, 70), consumer("C3", 2, 70)];
    run.command(group("billing", "orders", Balance::Message, consumers));
    run.command(group("audit", "orders", Balance::Queue, vec![consumer("C1", 2, 50), consumer("C2", 2, 50)]));
    run.command(producer("web-shop", "orders", Pattern::Poisson(Rate::per_second(40))));
    run.command(producer("mobile", "orders", Pattern::Poisson(Rate::per_second(20))));
    let set = |run: &mut Run, rate| {
        let pattern = Pattern::Poisson(Rate::per_second(rate));
        run.command(Command::SetPattern { producer: "web-shop".into(), pattern });
    };
    let times = [
        (Instant::from_secs(25), Some(100)),
        (Instant::from_secs(32), Some(40)),
        (Instant::from_secs(42), None),
    ];
    for (at, rate) in times {
        if at > until {
            break;
        }
        run.until(at);
        match rate {
            Some(rate) => set(&mut run, rate),
            None => {
                run.command(Command::Consumer { consumer: "audit/C2".into(), change: ConsumerChange::Crash })
            }
        }
    }
    run.until(until);
    run
}
