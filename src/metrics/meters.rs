//! RocketMQ's own metrics by their own names, computed from the world of one instant: what a broker and its clients
//! would tell a monitoring system now.
//!
//! Names, labels, units and bucket bounds are those of `BrokerMetricsConstant`, `ConsumerLagCalculator` and, for clients,
//! `HistogramEnum`. Two of their habits surprise people and are kept: a group without a connected consumer has no lag
//! metrics at all, however much piles up for it, and latencies are those of the oldest message over all queues. And what
//! is to be seen later comes in under a topic of the broker's own.

mod lag;
mod revive;
mod sends;

use std::collections::BTreeMap;

use self::lag::{Lag, guesses, lag};
use self::sends::{Stored, bytes, send_cost, stored};
use super::report::{HalfReport, half_messages};
use crate::broker::consumer_group::GroupState;
use crate::broker::progress::{DeliveryRecord, ProgressState};
use crate::broker::spec::ConsumeMode;
use crate::broker::topic::TopicState;
use crate::broker::{Event, GroupId, MessageRef, QueueId, TopicId, World};
use crate::sim::{Instant, Span};

/// A metric with all its series.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Meter {
    /// Its name, as RocketMQ exports it.
    pub name: &'static str,
    /// What it counts, in one sentence.
    pub help: &'static str,
    /// Its series.
    pub series: Series,
}

/// The series of a metric, each with its labels.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Series {
    /// What is true now.
    Gauge(Vec<(Labels, u64)>),
    /// What only grows.
    Counter(Vec<(Labels, u64)>),
    /// How often which sizes occurred.
    Histogram(Vec<(Labels, Histogram)>),
}

/// Names and values that tell the series of a metric apart.
pub type Labels = Vec<(&'static str, String)>;

/// Samples, counted by size.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Histogram {
    /// The upper bounds of the buckets; what is larger is counted in one bucket more.
    pub bounds: &'static [u64],
    /// How many samples each bucket holds, not added up.
    pub counts: Vec<u64>,
    /// The sum of all samples.
    pub sum: u64,
}

/// Bytes.
const SIZES: &[u64] = &[1 << 10, 4 << 10, 512 << 10, 1 << 20, 2 << 20, 4 << 20];
/// Milliseconds, like those below.
const SEND_COST: &[u64] = &[1, 5, 10, 20, 50, 200, 500];
const DELIVERY: &[u64] = SEND_COST;
const AWAIT: &[u64] = &[1, 5, 20, 100, 1_000, 5_000, 10_000];
const PROCESS: &[u64] = &[1, 5, 10, 100, 1_000, 10_000, 60_000];

/// Seconds.
const FINISH: &[u64] = &[5, 60, 600, 3_600, 43_200, 86_400];

impl Histogram {
    fn new(bounds: &'static [u64]) -> Self {
        Self { bounds, counts: vec![0; bounds.len() + 1], sum: 0 }
    }

    fn add(&mut self, sample: u64) {
        self.add_many(sample, 1);
    }

    fn add_many(&mut self, sample: u64, times: u64) {
        let bucket = self.bounds.partition_point(|bound| *bound < sample);
        self.counts[bucket] += times;
        self.sum += sample * times;
    }

    /// How many samples there are.
    pub fn count(&self) -> u64 {
        self.counts.iter().sum()
    }
}

/// Everything that is modelled, in the order of the names. Looks at every message and every delivery: not for every
/// frame.
pub fn meters(world: &World) -> Vec<Meter> {
    let lag = lag(world);
    let gauge =
        |part: fn(&Lag) -> u64| Series::Gauge(lag.iter().map(|l| (l.labels.clone(), part(l))).collect());
    let stored = stored(world);
    let due = revive::due(world);
    let counter = |part: fn(&Stored) -> u64| {
        Series::Counter(stored.iter().map(|topic| (topic.labels.clone(), part(topic))).collect())
    };
    let out = handed_out(world);
    let sent_out = |part: fn(&Out) -> u64| {
        let counted = out.iter().filter(|group| group.is_counted);
        Series::Counter(counted.map(|group| (group.labels.clone(), part(group))).collect())
    };
    let times = |part: fn(&Out) -> &Histogram| {
        Series::Histogram(out.iter().map(|group| (group.labels.clone(), part(group).clone())).collect())
    };
    let sizes = stored.iter().map(|topic| (topic.labels.clone(), topic.sizes.clone())).collect();
    let meter = |name, help, series| Meter { name, help, series };
    vec![
        meter("rocketmq_broker_permission", "4 may be read, 2 may be written, 6 both.", one(6)),
        meter(
            "rocketmq_topic_number",
            "Topics, those of retries and dead letters included.",
            one(topics(world)),
        ),
        meter("rocketmq_consumer_group_number", "Consumer groups.", one(world.groups().count())),
        meter("rocketmq_producer_connections", "Producers that run.", one(producers(world))),
        meter("rocketmq_consumer_connections", "Connected consumers by group.", connections(world)),
        meter("rocketmq_consumer_lag_messages", "In flight and ready together.", gauge(Lag::lag)),
        meter(
            "rocketmq_consumer_lag_latency",
            if guesses(world) {
                "Age of the message as far before the next one as messages are in flight, in ms; where queues are read in \
                 a row, of the earliest unacknowledged one."
            } else {
                "Age of the earliest unacknowledged message, in ms."
            },
            gauge(Lag::lag_ms),
        ),
        meter(
            "rocketmq_consumer_inflight_messages",
            "Handed out and not yet finished.",
            gauge(|lag| lag.inflight),
        ),
        meter(
            "rocketmq_consumer_queueing_latency",
            "Age of the oldest ready message, in ms.",
            gauge(Lag::queueing_ms),
        ),
        meter("rocketmq_consumer_ready_messages", "Stored and not yet handed out.", gauge(|lag| lag.ready)),
        meter(
            "rocketmq_messages_in_total",
            "Messages from clients, under the topic in which the broker stores them: delayed and half ones under its own.",
            counter(|topic| topic.sizes.count()),
        ),
        meter(
            "rocketmq_throughput_in_total",
            "Bytes of the bodies stored.",
            counter(|topic| topic.sizes.sum),
        ),
        meter("rocketmq_message_size", "Bytes of the bodies stored, by size.", Series::Histogram(sizes)),
        meter("rocketmq_messages_out_total", "Messages handed out.", sent_out(|group| group.count)),
        meter(
            "rocketmq_throughput_out_total",
            "Bytes of the bodies handed out.",
            sent_out(|group| group.bytes),
        ),
        meter(
            "rocketmq_send_to_dlq_messages_total",
            "Messages put into dead-letter topics.",
            dead_letters(world),
        ),
        meter(
            "rocketmq_half_messages",
            "Half messages that wait.",
            Series::Gauge(halves(world, |half| half.waiting)),
        ),
        meter(
            "rocketmq_commit_messages_total",
            "Commits.",
            Series::Counter(halves(world, |half| half.published)),
        ),
        meter(
            "rocketmq_rollback_messages_total",
            "Rollbacks.",
            Series::Counter(halves(world, |half| half.rolled_back)),
        ),
        meter(
            "rocketmq_finish_message_latency",
            "From sending a half message to its commit, in whole seconds.",
            finished(world),
        ),
        meter(
            "rocketmq_pop_revive_lag",
            "Messages whose invisible time is over and that are not in the retry topic yet.",
            one(due.len()),
        ),
        meter(
            "rocketmq_pop_revive_latency",
            "How long that has been so for the first of them, in ms.",
            one(revive::latency_ms(world, &due)),
        ),
        meter(
            "rocketmq_pop_revive_retry_messages_total",
            "Messages put into the retry topics of message balancing.",
            revive::retries(world),
        ),
        meter(
            "rocketmq_pop_checkpoint_buffer_size",
            "Checkpoints of pop in memory: none, as by default they go to the store (enablePopBufferMerge).",
            one(0),
        ),
        meter(
            "rocketmq_pop_offset_buffer_size",
            "Offsets of pop in memory: none, for the same reason.",
            one(0),
        ),
        meter(
            "rocketmq_send_cost_time",
            "From a try to send to its answer or its failure, in ms, once for each message.",
            send_cost(world),
        ),
        meter(
            "rocketmq_delivery_latency",
            "From becoming visible to reaching the client, in ms.",
            times(|g| &g.delivery),
        ),
        meter(
            "rocketmq_await_time",
            "In the client's cache before the listener starts, in ms.",
            times(|g| &g.waited),
        ),
        meter("rocketmq_process_time", "In the listener, in ms.", times(|group| &group.processed)),
        meter("rocketmq_consumer_cached_messages", "In the client's cache or its listeners.", cached(world)),
    ]
}

fn one<N: TryInto<u64>>(value: N) -> Series {
    Series::Gauge(vec![(Labels::new(), value.try_into().unwrap_or(u64::MAX))])
}

fn topics(world: &World) -> usize {
    world.topics().count()
}

fn producers(world: &World) -> usize {
    world.live.producers.iter().filter(|producer| producer.running).count()
}

fn ms(span: Span) -> u64 {
    span.0 / 1_000
}

fn members(world: &World, group: &GroupState) -> usize {
    group.consumers.iter().filter(|id| world.consumer(**id).is_member()).count()
}

fn connections(world: &World) -> Series {
    let of = |(_, group): (GroupId, &GroupState)| {
        let mode = match group.spec.mode {
            ConsumeMode::Clustering => "CLUSTERING",
            ConsumeMode::Broadcasting => "BROADCASTING",
        };
        let labels = vec![("consumer_group", group.spec.name.clone()), ("consume_mode", mode.to_owned())];
        (labels, members(world, group) as u64)
    };
    Series::Gauge(world.groups().map(of).collect())
}

fn cached(world: &World) -> Series {
    let mut series = Vec::new();
    for (_, group) in world.groups() {
        for id in &group.consumers {
            let consumer = world.consumer(*id);
            if consumer.is_alive() {
                let labels = vec![
                    ("consumer_group", group.spec.name.clone()),
                    ("client_id", consumer.spec.name.clone()),
                ];
                series.push((labels, (consumer.outstanding - consumer.in_transit).into()));
            }
        }
    }
    Series::Gauge(series)
}

fn dead_letters(world: &World) -> Series {
    let of = |(_, group): (GroupId, &GroupState)| {
        (vec![("consumer_group", group.spec.name.clone())], group.counts.dead_letters)
    };
    Series::Counter(world.groups().map(of).collect())
}

/// Of each topic that ever had half messages.
fn halves(world: &World, part: fn(&HalfReport) -> u64) -> Vec<(Labels, u64)> {
    let of = |(id, topic): (TopicId, &TopicState)| {
        let half = half_messages(world, id)?;
        Some((vec![("topic", topic.name.to_string())], part(&half)))
    };
    world.topics().filter_map(of).collect()
}

/// How long commits took since their messages were sent, by topic.
fn finished(world: &World) -> Series {
    let mut all: BTreeMap<TopicId, Histogram> = BTreeMap::new();
    for entry in world.log.transactions.values().flatten() {
        if let Event::TransactionCommitted { queue, sent_at, .. } = entry.event {
            let topic = all.entry(world.queue(queue).topic).or_insert_with(|| Histogram::new(FINISH));
            topic.add((entry.at - sent_at).0 / 1_000_000);
        }
    }
    let of = |(id, histogram): (TopicId, Histogram)| {
        (vec![("topic", world.topic(id).name.to_string())], histogram)
    };
    Series::Histogram(all.into_iter().map(of).collect())
}

/// The topics that a group reads, with its progress on each, in the order in which it began to.
fn topics_of<'a>(world: &'a World, group: &'a GroupState) -> Vec<(TopicId, Vec<&'a ProgressState>)> {
    let mut topics: Vec<(TopicId, Vec<&ProgressState>)> = Vec::new();
    for progress in &group.progress {
        let progress = world.progress(*progress);
        let topic = world.queue(progress.queue).topic;
        match topics.iter_mut().find(|(known, _)| *known == topic) {
            Some((_, all)) => all.push(progress),
            None => topics.push((topic, vec![progress])),
        }
    }
    topics
}

/// Which topic a series is about: retries of one topic are a second series of that topic.
fn topic_labels(world: &World, topic: &TopicState, group: &GroupState) -> Labels {
    let of = topic.retries_of().map_or(&topic.name, |of| &world.topic(of).name);
    vec![
        ("consumer_group", group.spec.name.clone()),
        ("topic", of.to_string()),
        ("is_retry", topic.is_retry().to_string()),
    ]
}

/// What a group got of one topic.
struct Out {
    labels: Labels,
    /// Does the broker count it? What is read from a retry topic in a row, it does not.
    is_counted: bool,
    count: u64,
    bytes: u64,
    delivery: Histogram,
    waited: Histogram,
    processed: Histogram,
}

impl Out {
    fn new(labels: Labels, is_counted: bool) -> Self {
        let [delivery, waited, processed] = [DELIVERY, AWAIT, PROCESS].map(Histogram::new);
        Self { labels, is_counted, count: 0, bytes: 0, delivery, waited, processed }
    }

    fn add(&mut self, world: &World, queue: QueueId, visible_at: Instant, record: &DeliveryRecord) {
        if record.unsent {
            return;
        }
        self.count += 1;
        self.bytes += bytes(world, MessageRef { queue, offset: record.offset });
        let received_at = record.handed_out_at + world.settings.network_delivery_latency;
        if received_at <= world.live.now {
            self.delivery.add(ms(received_at - visible_at));
        }
        let Some(started_at) = record.started_at else { return };
        self.waited.add(ms(started_at - received_at));
        if let Some(finished_at) = record.finished_at {
            self.processed.add(ms(finished_at - started_at));
        }
    }
}

fn handed_out(world: &World) -> Vec<Out> {
    let mut all = Vec::new();
    for (_, group) in world.groups() {
        for (topic, _) in topics_of(world, group) {
            let state = world.topic(topic);
            let is_counted = group.by_message || !state.is_retry();
            let mut out = Out::new(topic_labels(world, state, group), is_counted);
            for id in &group.progress {
                let progress = world.progress(*id);
                if world.queue(progress.queue).topic != topic {
                    continue;
                }
                let log = &world.log.queues[progress.queue.index()];
                let visible_at = |offset| log.stored_at(offset).max(progress.started_at);
                let deliveries = &world.log.deliveries[id.index()];
                for offset in progress.start..progress.high_water {
                    if let Some(record) = deliveries.first(offset, log.stored_at(offset)) {
                        out.add(world, progress.queue, visible_at(offset), &record);
                    }
                }
                for record in deliveries.again() {
                    out.add(world, progress.queue, visible_at(record.offset), record);
                }
            }
            all.push(out);
        }
    }
    all
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bound_belongs_to_its_bucket() {
        let mut histogram = Histogram::new(PROCESS);
        for sample in [0, 1, 2, 5, 60_000, 60_001] {
            histogram.add(sample);
        }
        assert_eq!(histogram.counts, [2, 2, 0, 0, 0, 0, 1, 1]);
        assert_eq!((histogram.count(), histogram.sum), (6, 120_009));
    }
}
