//! Sending: when a producer sends, which queue takes the message, and what its arrival brings about.
//!
//! Source: `PublishingLoadBalancer` and `MessageQueueSelector` for the round robin with a random start.

use super::event::Event;
use super::id::{ProducerId, QueueId};
use super::producer::ProducerState;
use super::producer::QueueRule;
use super::settings::Settings;
use super::spec::QueueHash;
use super::world::World;
use super::{resend, timer, transaction};
use crate::rules::queue_choice::{classic_queue, client_queue, proxy_queue};
use crate::sim::Instant;

/// A producer's time has come: it sends one message, unless the scenario's number of messages has been sent.
#[inline(always)]
pub(super) fn due(world: &World, id: ProducerId) -> Option<Event> {
    let producer = world.producer(id);
    if !producer.running || silent(world, 0) {
        return None;
    }
    let next_at = if silent(world, 1) {
        Instant::NEVER
    } else {
        let luck = producer.interarrival.nth(producer.scheduled + 1);
        producer.schedule.send_time(producer.sent_in_pattern + 2, luck, world.live.now)
    };
    if !producer.is_accepted {
        return Some(Event::SendRefused { producer: id, number: producer.sent, next_at: Some(next_at) });
    }
    Some(sent(world, id, 0, next_at))
}

/// A person lets a producer send `count` messages at once, beside its pattern.
pub(super) fn by_hand(world: &World, id: ProducerId, count: u32, out: &mut Vec<Event>) {
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
        let event = sent(world, id, nth, Instant::NEVER);
        if let Event::MessageSent { producer, number, queue, arrives_at, .. } = event {
            out.push(Event::MessageSentByHand { producer, number, queue, arrives_at });
        }
    }
}

/// Would the scenario's number of messages be reached once `more` have been sent?
#[inline(always)]
pub(super) fn silent(world: &World, more: u64) -> bool {
    world.live.stop_after_messages.is_some_and(|stop| world.live.produced + more >= stop)
}

#[inline(always)]
fn sent(world: &World, id: ProducerId, nth: u64, next_at: Instant) -> Event {
    let producer = world.producer(id);
    let number = producer.sent + nth;
    let queue = choose_queue(world, producer, number);
    let arrives_at = world.live.now + world.settings.network_send_latency;
    Event::MessageSent { producer: id, number, queue, arrives_at, next_at }
}

#[inline(always)]
fn choose_queue(world: &World, producer: &ProducerState, number: u64) -> QueueId {
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

/// The oldest message a producer has on the way reaches the broker.
pub(super) fn arrives(world: &World, id: ProducerId) -> Option<Event> {
    let flight = world.producer(id).transit.front()?;
    Some(arrived(world, id, flight.number, flight.queue, flight.sent_at))
}

/// A message that was sent without latency arrives in the same instant.
pub(super) fn arrives_at_once(world: &World, sent: &Event) -> Option<Event> {
    match *sent {
        Event::MessageSent { producer, number, queue, arrives_at, .. }
        | Event::MessageResent { producer, number, queue, arrives_at, .. }
        | Event::MessageSentByHand { producer, number, queue, arrives_at }
            if arrives_at == world.live.now =>
        {
            Some(arrived(world, producer, number, queue, arrives_at))
        }
        _ => None,
    }
}

/// The broker stores what it gets, or keeps it for later; unless it is down.
fn arrived(world: &World, producer: ProducerId, number: u64, queue: QueueId, sent_at: Instant) -> Event {
    if let Some(lost) = resend::goes_nowhere(world, producer, number, queue, sent_at) {
        return lost;
    }
    let state = world.producer(producer);
    match (&state.transaction, &state.delay) {
        (Some(local), _) => transaction::arrived(world, local, producer, number, queue, sent_at),
        (None, Some(delay)) => timer::arrived(world, delay, producer, number, queue, sent_at),
        (None, None) => stored(world, producer, number, queue, sent_at),
    }
}

/// The same for a message that is seen at once: it is stored.
#[inline(always)]
pub(super) fn stored_at_once(world: &World, sent: &Event) -> Option<Event> {
    match *sent {
        Event::MessageSent { producer, number, queue, arrives_at, .. }
        | Event::MessageSentByHand { producer, number, queue, arrives_at }
            if arrives_at == world.live.now =>
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
