//! Looking messages up: the newest of a queue, by offset, by key, by message id.
//!
//! RocketMQ keeps an index of keys; here the newest messages are looked through, which is as good on a screen.

use std::cmp::Reverse;
use std::collections::BTreeSet;

use crate::broker::{MessageRef, ProducerId, QueueId, TopicId, World};
use crate::sim::{Instant, Number, sort_by_key};

/// So many of a topic's newest messages are looked through for a key or an id.
pub const SEARCHED: u64 = 10_000;

/// A message that was found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Found {
    /// Where it is stored.
    Stored(MessageRef),
    /// Which of its producer's it is: it waits in the timer, and has no place yet.
    InTimer(ProducerId, u64),
}

/// The newest messages of a queue, the newest first.
pub fn newest(world: &World, queue: QueueId, count: u64) -> impl Iterator<Item = MessageRef> {
    let state = world.queue(queue);
    let from = state.max_offset.saturating_sub(count).max(state.min_offset);
    (from..state.max_offset).rev().map(move |offset| MessageRef { queue, offset })
}

/// The messages that a text means, the newest first, at most `count` of them. It may be the place of one as the page
/// writes it (`orders/1@53`, or `1@53`, `Q1@53` and `1/53` within the topic), an offset of `queue` (of any queue of the
/// topic, if none is given), a key or its beginning, or a message id.
pub fn find(world: &World, topic: TopicId, queue: Option<QueueId>, text: &str, count: usize) -> Vec<Found> {
    if let Some(at) = place(world, topic, text).filter(|at| was_stored(world, *at)) {
        return vec![Found::Stored(at)];
    }
    if let Some(offset) = Number::parse(text) {
        let all = queue.map_or_else(|| world.topic(topic).queues.clone(), |queue| vec![queue]);
        let places = all.into_iter().map(|queue| MessageRef { queue, offset });
        let found: Vec<Found> =
            places.filter(|at| was_stored(world, *at)).take(count).map(Found::Stored).collect();
        if !found.is_empty() {
            return found;
        }
    }
    let id = text.to_ascii_uppercase();
    let exact = looked_through(world, topic, count, |it| fits(world, it, &id, |key| key == text));
    if exact.is_empty() {
        looked_through(world, topic, count, |it| fits(world, it, &id, |key| key.starts_with(text)))
    } else {
        exact
    }
}

/// Is there such an offset, whether what it held is gone by now or not?
fn was_stored(world: &World, at: MessageRef) -> bool {
    let state = world.queue(at.queue);
    at.offset < state.max_offset
}

/// A queue and an offset, as the page writes them.
fn place(world: &World, topic: TopicId, text: &str) -> Option<MessageRef> {
    let (queue, offset) = text.split_once('@').or_else(|| text.rsplit_once('/'))?;
    let (named, number) = match queue.rsplit_once('/') {
        Some((name, number)) => (world.find_topic(name)?, number),
        None => (topic, queue.trim_start_matches(['Q', 'q'])),
    };
    let number: usize = number.parse().ok()?;
    let queue = *world.topic(named).queues.get(number)?;
    Some(MessageRef { queue, offset: Number::parse(offset)? })
}

fn looked_through(
    world: &World,
    topic: TopicId,
    count: usize,
    fits: impl Fn((ProducerId, u64, Instant)) -> bool,
) -> Vec<Found> {
    let queues = &world.topic(topic).queues;
    let share = SEARCHED.div_ceil(queues.len().max(1) as u64);
    // What has expired is found too, so that it can be said.
    let newest = |queue: &QueueId| {
        let (queue, end) = (*queue, world.queue(*queue).max_offset);
        (end.saturating_sub(share)..end).rev().map(move |offset| MessageRef { queue, offset })
    };
    let stored = queues.iter().flat_map(newest).filter(|at| {
        let origin = world.origin(*at);
        let log = &world.log.queues[origin.queue.index()];
        let (sender, number) = log.sender(origin.offset);
        fits((sender, number, log.sent_at(origin.offset)))
    });
    let stored_at = |at: &MessageRef| world.log.queues[at.queue.index()].stored_at(at.offset);
    let stored = stored.map(|at| (stored_at(&at), at.queue, Found::Stored(at)));
    // One that was sent again may be there twice.
    let mut seen = BTreeSet::new();
    let waiting = world.live.timer.waiting_for(topic).map(|(_, it)| it).take(SEARCHED as usize);
    let waiting = waiting.filter(|it| fits((it.producer, it.number, it.sent_at)));
    let waiting = waiting.filter(|it| seen.insert((it.producer, it.number)));
    let waiting = waiting.map(|it| (it.stored_at, it.queue, Found::InTimer(it.producer, it.number)));
    let mut found: Vec<_> = stored.chain(waiting).collect();
    sort_by_key(&mut found, |(at, queue, _)| Reverse((*at, *queue)));
    found.truncate(count);
    found.into_iter().map(|(_, _, found)| found).collect()
}

fn fits(
    world: &World,
    (sender, number, sent_at): (ProducerId, u64, Instant),
    id: &str,
    is_key: impl Fn(&str) -> bool,
) -> bool {
    let producer = world.producer(sender);
    let has_key = || producer.content(number).key.is_some_and(|key| is_key(&key));
    (producer.spec.message.key.is_some() && has_key())
        || ([32, 34].contains(&id.len()) && world.message_id(sender, number, sent_at) == id)
}
