//! Sending: when a producer sends, which queue takes the message, and what storing it brings about.
//!
//! Source: `PublishingLoadBalancer` and `MessageQueueSelector` for the round robin with a random start.

use super::event::Event;
use super::id::{ProducerId, QueueId};
use super::producer::ProducerState;
use super::spec::QueueSelection;
use super::world::World;
use crate::sim::Instant;

/// A producer's time has come: it sends one message, unless the scenario's number of messages has been sent.
pub(super) fn due(world: &World, id: ProducerId, out: &mut Vec<Event>) {
    let producer = world.producer(id);
    if !producer.running || silent(world, 0) {
        return;
    }
    let next_at = if silent(world, 1) {
        Instant::NEVER
    } else {
        let luck = producer.interarrival.nth(producer.scheduled + 1);
        producer.schedule.send_time(producer.sent_in_pattern + 2, luck, world.live.now)
    };
    out.push(sent(world, id, 0, next_at));
}

/// A person lets a producer send `count` messages at once, beside its pattern.
pub(super) fn by_hand(world: &World, id: ProducerId, count: u32, out: &mut Vec<Event>) {
    for nth in 0..u64::from(count) {
        if silent(world, nth) {
            return;
        }
        // The pattern goes on as if nothing had happened.
        let event = sent(world, id, nth, Instant::NEVER);
        if let Event::MessageSent { producer, number, queue, arrives_at, .. } = event {
            out.push(Event::MessageSentByHand { producer, number, queue, arrives_at });
        }
    }
}

/// Would the scenario's number of messages be reached once `more` have been sent?
fn silent(world: &World, more: u64) -> bool {
    world.live.stop_after_messages.is_some_and(|stop| world.live.produced + more >= stop)
}

fn sent(world: &World, id: ProducerId, nth: u64, next_at: Instant) -> Event {
    let producer = world.producer(id);
    let number = producer.sent + nth;
    let queue = choose_queue(world, producer, number);
    let arrives_at = world.live.now + world.settings.network_send_latency;
    Event::MessageSent { producer: id, number, queue, arrives_at, next_at }
}

fn choose_queue(world: &World, producer: &ProducerState, number: u64) -> QueueId {
    let writable = world.topic(producer.topic).writable();
    let index = match producer.spec.queue_selection {
        QueueSelection::RoundRobin => (producer.first_queue + number) % writable.len() as u64,
        QueueSelection::Uniform => producer.queue_choice.below(number, writable.len() as u64),
    };
    writable[index as usize]
}

/// The oldest message a producer has on the way reaches the broker.
pub(super) fn arrives(world: &World, id: ProducerId, out: &mut Vec<Event>) {
    if let Some(flight) = world.producer(id).transit.front() {
        out.push(Event::MessageStored {
            producer: id,
            number: flight.number,
            queue: flight.queue,
            offset: world.queue(flight.queue).max_offset,
            sent_at: flight.sent_at,
        });
    }
}

/// A message was sent without latency: it is stored in the same instant.
pub(super) fn store_at_once(
    world: &World,
    producer: ProducerId,
    number: u64,
    queue: QueueId,
    out: &mut Vec<Event>,
) {
    let offset = world.queue(queue).max_offset;
    out.push(Event::MessageStored { producer, number, queue, offset, sent_at: world.live.now });
}
