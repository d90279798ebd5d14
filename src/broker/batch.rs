//! Batches: several messages that a producer sends as one request. They go to one queue, are stored together at offsets in
//! a row, and are consumed one by one. And what a producer's client, or the broker, does not take at all.
//!
//! Source: `MessageBatch` and `ProducerImpl` for what a batch may hold, `SendMessageActivity` for its queue: the proxy looks
//! at the message group of a single message only, so a batch of ordered messages goes in turn like any other.

use super::event::{Code, Event};
use super::id::{ProducerId, QueueId, TopicId};
use super::producer::{ProducerState, QueueRule};
use super::send;
use super::spec::{MessageTemplate, ProducerSpec};
use super::world::World;
use crate::sim::Instant;

/// Why something is not sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum Unfit {
    /// The topic does not take messages of this type.
    Type,
    /// The bodies of one request are too large together.
    BodyTooLarge,
    /// A topic that keeps the newest message of each key takes none without a key.
    NoKey,
    /// The messages of a batch belong to different message groups.
    MessageGroupsDiffer,
}

impl Unfit {
    /// The word used in output.
    pub fn name(self) -> &'static str {
        match self {
            Self::Type => "type",
            Self::BodyTooLarge => "body_too_large",
            Self::NoKey => "no_key",
            Self::MessageGroupsDiffer => "message_groups_differ",
        }
    }

    /// The code by which a client knows it. That the messages of a batch do not belong together is an exception in the
    /// client, which has none.
    pub fn code(self) -> Option<Code> {
        match self {
            Self::Type => Some(Code::MessagePropertyConflictWithType),
            Self::BodyTooLarge => Some(Code::MessageBodyTooLarge),
            Self::NoKey => Some(Code::MessageIllegal),
            Self::MessageGroupsDiffer => None,
        }
    }
}

/// What there is to look at before a producer sends.
#[derive(Clone, Copy, Debug)]
pub(super) struct Look {
    /// May the bodies of one request be too large?
    sizes: bool,
    /// Must each message have a key?
    keys: bool,
    /// How many batches it has sent.
    pub(super) batches: u64,
}

impl Look {
    /// That of a producer of this kind, if there is anything.
    pub(super) fn of(world: &World, topic: TopicId, spec: &ProducerSpec) -> Option<Self> {
        let batch = u64::from(spec.message.batch.unwrap_or(1));
        let sizes = most_bytes(spec).saturating_mul(batch) > u64::from(world.settings.message_max_body_bytes);
        let keys = world.topic(topic).compacts();
        (sizes || keys || spec.message.batch.is_some()).then_some(Self { sizes, keys, batches: 0 })
    }
}

/// No body of a producer of this kind has more bytes.
fn most_bytes(spec: &ProducerSpec) -> u64 {
    const NUMBER: usize = 20;
    let MessageTemplate { tags, key, body, .. } = &spec.message;
    let filled = |text: &str, longest: usize| text.len() + text.matches('{').count() * longest;
    let tag = tags.iter().map(String::len).max().unwrap_or(0).max(NUMBER);
    let key = key.as_deref().map_or(0, |key| filled(key, tag)).max(tag);
    let most = body.as_deref().map_or(spec.name.len() + 2 + NUMBER, |body| filled(body, key));
    most as u64
}

/// A producer's time has come, and there is something to look at first.
pub(super) fn due(world: &World, id: ProducerId, out: &mut Vec<Event>) {
    let producer = world.producer(id);
    if !producer.running || send::silent(world, 0) {
        return;
    }
    let count = size(world, producer, 0, u64::MAX);
    let next_at = send::next_at(world, producer, count.into());
    one(world, id, (0, 0), count, Some(next_at), out);
}

/// A person lets a producer of that kind send so many messages at once.
pub(super) fn by_hand(world: &World, id: ProducerId, total: u32, out: &mut Vec<Event>) {
    let producer = world.producer(id);
    let (mut before, mut batches) = (0, 0);
    while before < u64::from(total) && !send::silent(world, before) {
        let count = size(world, producer, before, u64::from(total) - before);
        one(world, id, (before, batches), count, None, out);
        before += u64::from(count);
        batches += 1;
    }
}

/// How many messages go out as one request, if so many have been sent just now and so many are wanted.
fn size(world: &World, producer: &ProducerState, before: u64, wanted: u64) -> u32 {
    let stop = world.live.stop_after_messages;
    let left = stop.map_or(u64::MAX, |stop| stop - world.live.produced - before);
    u32::try_from(left.min(wanted)).unwrap_or(u32::MAX).min(producer.batch()).max(1)
}

/// One request goes out, after so many messages and batches that were decided together with it.
fn one(
    world: &World,
    id: ProducerId,
    (before, batches): (u64, u64),
    count: u32,
    next_at: Option<Instant>,
    out: &mut Vec<Event>,
) {
    let producer = world.producer(id);
    let number = producer.sent + before;
    if let Some(why) = unfit(world, producer, number, count) {
        out.push(Event::SendUnfit { producer: id, number, count, why, next_at });
        return;
    }
    if producer.spec.message.batch.is_none() {
        let sent = send::sent(world, id, before, next_at.unwrap_or(Instant::NEVER));
        out.push(if next_at.is_some() { sent } else { send::without_pattern(sent) });
        return;
    }
    let queue = queue(world, producer, number, batches, count);
    let arrives_at = world.live.now + world.settings.network_send_latency;
    out.push(Event::BatchSent { producer: id, number, count, queue, arrives_at, next_at });
}

/// Why so many messages from this one on cannot be sent as one request.
fn unfit(world: &World, producer: &ProducerState, number: u64, count: u32) -> Option<Unfit> {
    let look = producer.look.as_ref()?;
    if !producer.is_accepted {
        return Some(Unfit::Type);
    }
    let numbers = || number..number + u64::from(count);
    if count > 1 && producer.queue_rule == QueueRule::MessageGroup {
        let first = producer.message_group(number);
        if numbers().any(|number| producer.message_group(number) != first) {
            return Some(Unfit::MessageGroupsDiffer);
        }
    }
    let has_key = |number| producer.content(number).key.is_some_and(|key| !key.is_empty());
    if look.keys && !numbers().all(has_key) {
        return Some(Unfit::NoKey);
    }
    let bytes = || numbers().map(|number| producer.content(number).body.len() as u64).sum::<u64>();
    (look.sizes && bytes() > u64::from(world.settings.message_max_body_bytes)).then_some(Unfit::BodyTooLarge)
}

/// Where a batch goes. Batches take their turns, not messages.
fn queue(world: &World, producer: &ProducerState, number: u64, batches: u64, count: u32) -> QueueId {
    if producer.queue_rule == QueueRule::Uniform
        || count == 1 && producer.queue_rule == QueueRule::MessageGroup
    {
        return send::choose_queue(world, producer, number);
    }
    let writable = world.topic(producer.topic).writable();
    let turn = producer.look.map_or(0, |look| look.batches) + batches;
    writable[((producer.first_queue + turn) % writable.len() as u64) as usize]
}

// What is written down.

/// A batch is on its way.
pub(super) fn sent(world: &mut World, id: ProducerId, count: u32) {
    world.live.produced += u64::from(count);
    let state = &mut world.live.producers[id.index()];
    state.sent += u64::from(count);
    if let Some(look) = &mut state.look {
        look.batches += 1;
    }
}
