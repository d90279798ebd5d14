//! What came in, and how long sending it took.

use std::collections::BTreeMap;

use super::{Histogram, Labels, SEND_COST, SIZES, Series};
use crate::broker::producer::ProducerState;
use crate::broker::spec::{MessageType, TopicType};
use crate::broker::{Event, MessageRef, TopicId, World};

/// What came into one topic, of one type.
pub(super) struct Stored {
    pub(super) labels: Labels,
    pub(super) sizes: Histogram,
}

impl Stored {
    fn new(topic: &str, message_type: &str, is_system: bool) -> Self {
        let labels = vec![
            ("topic", topic.to_owned()),
            ("message_type", message_type.to_lowercase()),
            ("is_system", is_system.to_string()),
        ];
        Self { labels, sizes: Histogram::new(SIZES) }
    }
}

/// What clients sent, each message under the topic in which the broker stored it when it came (`SendMessageProcessor`): what
/// is to be seen later under one of the broker's own. When that is seen in its own topic, only what had a level is counted there
/// (`ScheduleMessageService`). Retries and dead letters are the broker's own work, and no such thing (`isRetryOrDlqTopic`).
pub(super) fn stored(world: &World) -> Vec<Stored> {
    let mut all = Vec::new();
    for (_, topic) in world.ordinary_topics() {
        let new = |kind: MessageType| Stored::new(&topic.name, kind.name(), false);
        let mut stored: BTreeMap<MessageType, Stored> = BTreeMap::new();
        if let TopicType::Of(only) = topic.message_type {
            stored.insert(only, new(only));
        }
        for queue in &topic.queues {
            let offsets = 0..world.queue(*queue).max_offset;
            for at in offsets.map(|offset| MessageRef { queue: *queue, offset }) {
                if !was_hidden(world, at) {
                    let (producer, _) = world.log.queues[queue.index()].sender(at.offset);
                    let kind = world.producer(producer).spec.message.message_type();
                    stored.entry(kind).or_insert_with(|| new(kind)).sizes.add(bytes(world, at));
                }
            }
        }
        all.extend(stored.into_values());
    }
    let timer = &world.live.timer;
    let mut half = Stored::new("RMQ_SYS_TRANS_HALF_TOPIC", MessageType::Transaction.name(), true);
    for entry in world.log.transactions.values().flatten() {
        if let Event::HalfStored { producer, number, .. } = entry.event {
            half.sizes.add(world.producer(producer).body_bytes(number));
        }
    }
    let [mut wheel, mut levels] = ["rmq_sys_wheel_timer", "SCHEDULE_TOPIC_XXXX"]
        .map(|topic| Stored::new(topic, MessageType::Delay.name(), true));
    timer.bodies(false).for_each(|(bytes, count)| wheel.sizes.add_many(bytes, count));
    timer.bodies(true).for_each(|(bytes, count)| levels.sizes.add_many(bytes, count));
    all.extend([wheel, levels, half].into_iter().filter(|system| system.sizes.count() > 0));
    all
}

/// Was a message in the topic of half messages, or in that of the wheel, before it was seen?
fn was_hidden(world: &World, at: MessageRef) -> bool {
    let log = &world.log.queues[at.queue.index()];
    let (producer, number) = log.sender(at.offset);
    let state = world.producer(producer);
    let sent_at = log.sent_at(at.offset);
    let in_wheel = || world.arrived_at(producer, number, sent_at) < log.stored_at(at.offset);
    state.transaction.is_some() || state.delay.is_some_and(|delay| !delay.has_level() && in_wheel())
}

pub(super) fn bytes(world: &World, at: MessageRef) -> u64 {
    world.content(at).body.len() as u64
}

/// How long each try to send took until it was answered or had failed, by topic; once for each message in it.
pub(super) fn send_cost(world: &World) -> Series {
    let topics = world.ordinary_topics();
    let mut succeeded: BTreeMap<TopicId, Histogram> =
        topics.map(|(id, _)| (id, Histogram::new(SEND_COST))).collect();
    let mut failed: BTreeMap<TopicId, Histogram> = BTreeMap::new();
    for state in &world.live.producers {
        let ProducerState { topic, .. } = *state;
        let cost = succeeded.entry(topic).or_insert_with(|| Histogram::new(SEND_COST));
        state.answered_tries().for_each(|(ms, messages)| cost.add_many(ms, messages));
        for (ms, messages) in state.failed_tries() {
            failed.entry(topic).or_insert_with(|| Histogram::new(SEND_COST)).add_many(ms, messages);
        }
    }
    let series = |(id, cost): (TopicId, Histogram), status: &str| {
        let topic = world.topic(id).name.to_string();
        (vec![("topic", topic), ("invocation_status", status.to_owned())], cost)
    };
    let succeeded = succeeded.into_iter().map(|one| series(one, "success"));
    Series::Histogram(succeeded.chain(failed.into_iter().map(|one| series(one, "failure"))).collect())
}
