//! Looking messages up: the newest of a queue, by offset, by key, by message id.
//!
//! RocketMQ keeps an index of keys; here the newest messages are looked through, which is as good on a screen.

use crate::broker::message::message_id;
use crate::broker::{MessageRef, QueueId, TopicId, World};

/// So many of a topic's newest messages are looked through for a key or an id.
pub const SEARCHED: u64 = 10_000;

/// The newest messages of a queue, the newest first.
pub fn newest(world: &World, queue: QueueId, count: u64) -> impl Iterator<Item = MessageRef> {
    let state = world.queue(queue);
    let from = state.max_offset.saturating_sub(count).max(state.min_offset);
    (from..state.max_offset).rev().map(move |offset| MessageRef { queue, offset })
}

/// What a person looks for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Wanted<'a> {
    /// The message at an offset of a queue.
    Offset(QueueId, u64),
    /// A message with this key, or with this id, in a topic.
    KeyOrId(TopicId, &'a str),
}

/// The messages that fit, the newest first, at most `count` of them.
pub fn find(world: &World, wanted: &Wanted<'_>, count: usize) -> Vec<MessageRef> {
    match *wanted {
        Wanted::Offset(queue, offset) => {
            let state = world.queue(queue);
            let stored = (state.min_offset..state.max_offset).contains(&offset);
            stored.then_some(MessageRef { queue, offset }).into_iter().collect()
        }
        Wanted::KeyOrId(topic, text) => by_key_or_id(world, topic, text, count),
    }
}

fn by_key_or_id(world: &World, topic: TopicId, text: &str, count: usize) -> Vec<MessageRef> {
    let queues = &world.topic(topic).queues;
    let share = SEARCHED.div_ceil(queues.len().max(1) as u64);
    let id = text.to_ascii_uppercase();
    let mut found: Vec<MessageRef> = queues
        .iter()
        .flat_map(|queue| newest(world, *queue, share))
        .filter(|at| fits(world, *at, text, &id))
        .collect();
    let stored_at = |at: &MessageRef| world.log.queues[at.queue.index()].stored_at(at.offset);
    found.sort_by_key(|at| std::cmp::Reverse((stored_at(at), at.queue)));
    found.truncate(count);
    found
}

fn fits(world: &World, at: MessageRef, key: &str, id: &str) -> bool {
    let origin = world.origin(at);
    let log = &world.log.queues[origin.queue.index()];
    let (producer, number) = log.sender(origin.offset);
    let producer = world.producer(producer);
    let is_key = producer.spec.message.key.is_some() && producer.content(number).key.as_deref() == Some(key);
    is_key || (id.len() == 34 && message_id(producer.key, log.sent_at(origin.offset), number) == id)
}
