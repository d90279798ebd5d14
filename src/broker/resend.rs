//! What a producer does when it hears nothing: it waits as long as a try may take, tries again with the next queue, and gives
//! up after the last try. All tries carry one message id, so an answer that was lost makes a copy.
//!
//! Sends that are answered at once leave nothing here; they are the rule. Source: `ProducerImpl` and
//! `PublishingLoadBalancer` of the 5.x client, `SendMessageActivity` for the queue.

use super::event::{Entry, Event};
use super::fault::{Client, LinkState, OpenSend, note_plain};
use super::id::{ProducerId, QueueId};
use super::producer::{QueueRule, SendInFlight};
use super::world::{Wakeup, World};
use crate::sim::Instant;

/// Why a try to send got nowhere.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Nowhere {
    /// The broker is down.
    Down,
    /// The link is cut.
    Cut,
}

/// A message that reached the broker: whose, which, and in which of its tries it went out when.
#[derive(Clone, Copy, Debug)]
struct Arrival {
    producer: ProducerId,
    number: u64,
    queue: QueueId,
    sent_at: Instant,
}

// What is decided.

/// What comes of a message that arrives at a broker that does not answer, or over a link that does not carry it.
pub(super) fn goes_nowhere(
    world: &World,
    producer: ProducerId,
    number: u64,
    queue: QueueId,
    sent_at: Instant,
) -> Option<Event> {
    world.live.faults.as_ref()?;
    let lost = |why| Event::SendLost { producer, number, queue, sent_at, why };
    match world.link_state(Client::Producer(producer)) {
        LinkState::Cut => Some(lost(Nowhere::Cut)),
        LinkState::Held => Some(Event::SendHeld { producer, number, queue, sent_at }),
        _ if world.is_down() => Some(lost(Nowhere::Down)),
        _ => None,
    }
}

/// Will the producer of a message that arrives now hear of it?
pub(super) fn is_answered(world: &World, producer: ProducerId, number: u64) -> bool {
    let Some(faults) = &world.live.faults else { return true };
    let is_lost = faults.link(Client::Producer(producer)).is_some_and(|link| link.loses_answers());
    let waits = faults.sends.get(&(producer, number)).is_none_or(|open| open.due.is_some());
    !is_lost && waits
}

/// A message was stored; if it came from its producer just now, that hears of it, or does not.
pub(super) fn answered(world: &World, event: &Event, out: &mut Vec<Event>) {
    let Some(faults) = &world.live.faults else { return };
    let Some(Arrival { producer, number, queue, sent_at }) = arrival(world, event) else { return };
    let open = faults.sends.get(&(producer, number));
    let is_lost = faults.link(Client::Producer(producer)).is_some_and(|link| link.loses_answers());
    // Whoever has given a try up does not listen to its answer.
    let in_time = open.is_none_or(|open| open.due.is_some() && open.sent_at == sent_at);
    if is_lost || !in_time {
        out.push(Event::AnswerLost { producer, number, queue, sent_at, late: !is_lost });
    } else if let Some(open) = open {
        let (attempt, copies) = (open.attempt, open.copies + 1);
        out.push(Event::SendAcknowledged { producer, number, attempt, copies });
    }
}

/// What came from its producer with this event. What comes out of the timer, or from behind the curtain, does not.
fn arrival(world: &World, event: &Event) -> Option<Arrival> {
    let (producer, number, queue, sent_at) = match *event {
        Event::MessageStored { producer, number, queue, sent_at, .. } => {
            let state = world.producer(producer);
            let is_later = world.waited(sent_at, world.live.now);
            if state.transaction.is_some() || state.delay.is_some() && is_later {
                return None;
            }
            (producer, number, queue, sent_at)
        }
        Event::MessageDelayed { producer, number, queue, visible_at, .. } => {
            let waiting = world.live.timer.latest(visible_at, producer, number)?;
            (producer, number, queue, waiting.sent_at)
        }
        Event::HalfStored { producer, number, queue, .. } => {
            (producer, number, queue, world.live.halves.get(producer, number)?.sent_at)
        }
        _ => return None,
    };
    Some(Arrival { producer, number, queue, sent_at })
}

/// A producer has waited long enough for an answer.
pub(super) fn due(world: &World) -> Option<Event> {
    let faults = world.live.faults.as_ref()?;
    let (_, &(producer, number)) = faults.waiting.first_key_value()?;
    let open = faults.sends.get(&(producer, number))?;
    let state = world.producer(producer);
    // A half message is sent once.
    let most = if state.transaction.is_some() { 1 } else { world.settings.producer_max_attempts };
    if !state.running || open.attempt >= most {
        return Some(Event::SendFailed { producer, number, attempts: open.attempt, copies: open.copies });
    }
    let queue = next_queue(world, producer, open.queue);
    let arrives_at = world.live.now + world.settings.network_send_latency;
    Some(Event::MessageResent { producer, number, queue, attempt: open.attempt + 1, arrives_at })
}

/// The queue after this one; the same again for a message with a message group, which belongs there.
fn next_queue(world: &World, producer: ProducerId, queue: QueueId) -> QueueId {
    let state = world.producer(producer);
    let writable = world.topic(state.topic).writable();
    let place = writable.iter().position(|one| *one == queue);
    if state.queue_rule == QueueRule::MessageGroup && place.is_some() {
        return queue;
    }
    writable[place.map_or(0, |place| (place + 1) % writable.len())]
}

// What is written down.

/// Writes down what an entry about an unanswered send means.
#[cold]
pub(super) fn apply(world: &mut World, entry: &Entry) {
    match entry.event {
        Event::SendLost { producer, number, queue, sent_at, .. } => {
            super::apply::producers::send_arrived(world, producer, number);
            world.live.faults_mut().counts.lost_sends += 1;
            open(world, entry, producer, number, queue, sent_at);
        }
        Event::SendHeld { producer, number, queue, sent_at } => {
            super::apply::producers::send_arrived(world, producer, number);
            let (arrives_at, cause) = (entry.at, entry.seq);
            let flight = SendInFlight { number, queue, sent_at, arrives_at, cause };
            let link = world.live.faults_mut().links.entry(Client::Producer(producer)).or_default();
            link.sends.push(flight);
            open(world, entry, producer, number, queue, sent_at);
        }
        Event::AnswerLost { producer, number, queue, sent_at, late } => {
            open(world, entry, producer, number, queue, sent_at);
            let faults = world.live.faults_mut();
            if !late && let Some(link) = faults.links.get_mut(&Client::Producer(producer)) {
                link.answers_to_lose = link.answers_to_lose.saturating_sub(1);
            }
            faults.counts.lost_answers += 1;
            stored(world, producer, number);
            note_plain(world, producer);
        }
        Event::SendAcknowledged { producer, number, .. } => {
            stored(world, producer, number);
            if let Some(open) = world.live.faults_mut().sends.get_mut(&(producer, number)) {
                open.acknowledged = true;
            }
            close(world, producer, number);
        }
        Event::MessageResent { producer, number, queue, attempt, arrives_at } => {
            close(world, producer, number);
            let due = (entry.at + world.settings.producer_request_timeout, entry.seq);
            let faults = world.live.faults_mut();
            faults.counts.resends += 1;
            faults.waiting.insert(due, (producer, number));
            if let Some(open) = faults.sends.get_mut(&(producer, number)) {
                *open = OpenSend { attempt, queue, sent_at: entry.at, due: Some(due), ..*open };
            }
            arm(world);
            if arrives_at > entry.at {
                super::apply::producers::under_way(world, entry, producer, number, queue, arrives_at);
            }
        }
        Event::SendFailed { producer, number, .. } => {
            world.live.producers[producer.index()].failed += 1;
            world.live.faults_mut().counts.failed_sends += 1;
            close(world, producer, number);
        }
        _ => {}
    }
}

/// A producer waits for an answer that does not come with the message's arrival.
fn open(
    world: &mut World,
    entry: &Entry,
    producer: ProducerId,
    number: u64,
    queue: QueueId,
    sent_at: Instant,
) {
    let due = (sent_at + world.settings.producer_request_timeout, entry.seq);
    let faults = world.live.faults_mut();
    if faults.sends.contains_key(&(producer, number)) {
        return; // It has waited since it went out.
    }
    let due = Some((due.0.max(entry.at), due.1));
    let born_at = sent_at;
    let open = OpenSend { attempt: 1, queue, sent_at, born_at, copies: 0, due, acknowledged: false };
    faults.sends.insert((producer, number), open);
    faults.waiting.extend(due.map(|due| (due, (producer, number))));
    arm(world);
}

/// A copy of a message was stored whose producer was not answered at once.
fn stored(world: &mut World, producer: ProducerId, number: u64) {
    let faults = world.live.faults_mut();
    if let Some(open) = faults.sends.get_mut(&(producer, number)) {
        open.copies += 1;
        faults.counts.duplicates += u64::from(open.copies > 1);
    }
}

/// A producer waits no longer for a message's answer.
pub(super) fn close(world: &mut World, producer: ProducerId, number: u64) {
    let Some(faults) = &mut world.live.faults else { return };
    if let Some(due) = faults.sends.get_mut(&(producer, number)).and_then(|open| open.due.take()) {
        faults.waiting.remove(&due);
        arm(world);
    }
}

/// A producer's process died: it waits for nothing.
pub(super) fn close_all_of(world: &mut World, producer: ProducerId) {
    let Some(faults) = &world.live.faults else { return };
    let open = faults.sends.range((producer, 0)..=(producer, u64::MAX));
    let open: Vec<u64> =
        open.filter(|(_, open)| open.due.is_some()).map(|((_, number), _)| *number).collect();
    for number in open {
        close(world, producer, number);
    }
}

fn arm(world: &mut World) {
    let live = &mut world.live;
    let Some(faults) = &live.faults else { return };
    let (slot, first) = (faults.resend_slot, faults.waiting.first_key_value().map(|(key, _)| *key));
    let slot = slot.unwrap_or_else(|| live.slot_for(Wakeup::AnswerAwaited));
    live.faults_mut().resend_slot = Some(slot);
    match first {
        Some((at, cause)) => live.wake_because(slot, at.max(live.now), cause),
        None => live.agenda.cancel(slot),
    }
}
