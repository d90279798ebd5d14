//! Sending: when a producer sends, which queue takes the message, and what its arrival brings about.
//!
//! Source: `PublishingLoadBalancer` and `MessageQueueSelector` for the round robin with a random start.

use super::event::{Event, Refusal};
use super::flow::{self, Request};
use super::id::{ProducerId, QueueId};
use super::producer::{ProducerState, QueueRule, SendInFlight};
use super::settings::Settings;
use super::spec::QueueHash;
use super::world::World;
use super::{batch, lite, resend, timer, transaction};
use crate::rules::queue_choice::{classic_queue, client_queue, proxy_queue};
use crate::sim::Instant;

/// A producer's time has come: it sends one message, unless the scenario's number of messages has been sent.
#[inline(always)]
pub(super) fn due(world: &World, id: ProducerId) -> Option<Event> {
    let producer = world.producer(id);
    if !producer.running || silent(world, 0) {
        return None;
    }
    let next_at = next_at(world, producer, 1);
    if !producer.is_accepted {
        return Some(Event::SendRefused { producer: id, number: producer.sent, next_at: Some(next_at) });
    }
    Some(sent(world, id, 0, next_at))
}

/// When the pattern brings something again, if it brings so many messages now.
#[inline(always)]
pub(super) fn next_at(world: &World, producer: &ProducerState, count: u64) -> Instant {
    if silent(world, count) {
        Instant::NEVER
    } else {
        let luck = producer.interarrival.nth(producer.scheduled + 1);
        producer.schedule.send_time(producer.sent_in_pattern + 2, luck, world.live.now)
    }
}

/// The same for any producer.
pub(super) fn due_plainly(world: &World, id: ProducerId, out: &mut Vec<Event>) {
    if world.producer(id).look.is_some() {
        batch::due(world, id, out);
    } else {
        out.extend(due(world, id));
    }
}

/// A person lets a producer send `count` messages at once, beside its pattern.
pub(super) fn by_hand(world: &World, id: ProducerId, count: u32, out: &mut Vec<Event>) {
    if world.producer(id).look.is_some() {
        return batch::by_hand(world, id, count, out);
    }
    for nth in 0..u64::from(count) {
        if silent(world, nth) {
            return;
        }
        let producer = world.producer(id);
        if !producer.is_accepted {
            out.push(Event::SendRefused { producer: id, number: producer.sent + nth, next_at: None });
            continue;
        }
        // The pattern goes on as if nothing had happened.
        out.push(without_pattern(sent(world, id, nth, Instant::NEVER)));
    }
}

/// A message that was sent because a person asked for it.
pub(super) fn without_pattern(sent: Event) -> Event {
    match sent {
        Event::MessageSent { producer, number, queue, arrives_at, .. } => {
            Event::MessageSentByHand { producer, number, queue, arrives_at }
        }
        other => other,
    }
}

/// The same, to a queue that the producer chooses itself.
pub(super) fn by_hand_to(
    world: &World,
    id: ProducerId,
    queue: u32,
    count: u32,
    out: &mut Vec<Event>,
) -> Result<(), Refusal> {
    let writable = world.topic(world.producer(id).topic).writable();
    let to = *writable.get(queue as usize).ok_or(Refusal::UnknownQueue)?;
    let first = out.len();
    by_hand(world, id, count, out);
    for event in &mut out[first..] {
        if let Event::MessageSentByHand { queue, .. } = event {
            *queue = to;
        }
    }
    Ok(())
}

/// Would the scenario's number of messages be reached once `more` have been sent?
#[inline(always)]
pub(super) fn silent(world: &World, more: u64) -> bool {
    world.live.stop_after_messages.is_some_and(|stop| world.live.produced + more >= stop)
}

#[inline(always)]
pub(super) fn sent(world: &World, id: ProducerId, nth: u64, next_at: Instant) -> Event {
    let producer = world.producer(id);
    let number = producer.sent + nth;
    let queue = choose_queue(world, producer, number);
    let arrives_at = world.live.now + world.settings.network_send_latency;
    Event::MessageSent { producer: id, number, queue, arrives_at, next_at }
}

#[inline(always)]
pub(super) fn choose_queue(world: &World, producer: &ProducerState, number: u64) -> QueueId {
    let writable = world.topic(producer.topic).writable();
    let index = match producer.queue_rule {
        QueueRule::RoundRobin => (producer.first_queue + number) % writable.len() as u64,
        QueueRule::Uniform => producer.queue_choice.below(number, writable.len() as u64),
        QueueRule::MessageGroup => hashed(world, producer, number, writable.len() as u32),
    };
    writable[index as usize]
}

/// Where the message group's hash leads. A message whose text leaves its message group empty has none, and goes in turn.
#[inline(never)]
fn hashed(world: &World, producer: &ProducerState, number: u64, queues: u32) -> u64 {
    let place = producer.hashed_place(number, |name| place(&world.settings, name, queues));
    place.map_or_else(|| (producer.first_queue + number) % u64::from(queues), u64::from)
}

/// The place among `queues` queues that a message group is hashed to.
pub(super) fn place(settings: &Settings, message_group: &str, queues: u32) -> Option<u32> {
    match settings.fifo_queue_hash {
        QueueHash::Jump => proxy_queue(message_group, queues),
        QueueHash::SipHash => client_queue(message_group, queues),
        QueueHash::Mod => classic_queue(message_group, queues),
    }
}

/// The oldest request a producer has on the way reaches the broker.
pub(super) fn arrives(world: &World, producer: ProducerId, out: &mut Vec<Event>) {
    if let Some(&SendInFlight { number, count, queue, sent_at, .. }) =
        world.producer(producer).transit.front()
    {
        let attempt = world.open_send(producer, number).map_or(1, |open| open.attempt);
        flow::arrived(world, Request { producer, number, count, queue, attempt, sent_at }, out);
    }
}

/// A request that was sent without latency arrives in the same instant, unless a link lets go then what was sent before.
pub(super) fn arrives_at_once(world: &World, sent: &Event, out: &mut Vec<Event>) {
    let (producer, number, count, queue, arrives_at) = match *sent {
        Event::MessageSent { producer, number, queue, arrives_at, .. }
        | Event::MessageSentByHand { producer, number, queue, arrives_at } => {
            (producer, number, 1, queue, arrives_at)
        }
        Event::BatchSent { producer, number, count, queue, arrives_at, .. }
        | Event::MessageResent { producer, number, count, queue, arrives_at, .. } => {
            (producer, number, count, queue, arrives_at)
        }
        _ => return,
    };
    if arrives_at == world.live.now && world.producer(producer).transit.is_empty() {
        let attempt = world.open_send(producer, number).map_or(1, |open| open.attempt);
        let request = Request { producer, number, count, queue, attempt, sent_at: arrives_at };
        flow::arrived(world, request, out);
    }
}

/// The broker takes a request: it stores what it gets, or keeps it for later. The messages of a batch are stored together.
pub(super) fn accepted(world: &World, request: Request, out: &mut Vec<Event>) {
    let Request { producer, number, count, queue, sent_at, .. } = request;
    let state = world.producer(producer);
    match (&state.transaction, &state.delay) {
        (Some(local), _) => out.push(transaction::arrived(world, local, producer, number, queue, sent_at)),
        (None, Some(delay)) => out.push(timer::arrived(world, delay, producer, number, queue, sent_at)),
        (None, None) if state.lite.is_some() => {
            lite::arrived(world, producer, number, queue, sent_at, out);
        }
        (None, None) => {
            let first = world.queue(queue).max_offset;
            out.extend((0..u64::from(count)).map(|nth| Event::MessageStored {
                producer,
                number: number + nth,
                queue,
                offset: first + nth,
                sent_at,
            }));
            resend::batch_answered(world, request, out);
        }
    }
}

/// The same for a message that is seen at once: it is stored.
#[inline(always)]
pub(super) fn stored_at_once(world: &World, sent: &Event) -> Option<Event> {
    match *sent {
        Event::MessageSent { producer, number, queue, arrives_at, .. }
        | Event::MessageSentByHand { producer, number, queue, arrives_at }
            if arrives_at == world.live.now && world.producer(producer).transit.is_empty() =>
        {
            Some(stored(world, producer, number, queue, arrives_at))
        }
        _ => None,
    }
}

#[inline(always)]
pub(super) fn stored(
    world: &World,
    producer: ProducerId,
    number: u64,
    queue: QueueId,
    sent_at: Instant,
) -> Event {
    Event::MessageStored { producer, number, queue, offset: world.queue(queue).max_offset, sent_at }
}
