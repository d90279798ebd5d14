//! What a producer does when it hears nothing: it waits as long as a try may take, tries again with the next queue, and gives
//! up after the last try. All tries carry one message id, so an answer that was lost makes a copy.
//!
//! Sends that are answered at once leave nothing here; they are the rule. Source: `ProducerImpl` and
//! `PublishingLoadBalancer` of the 5.x client, `SendMessageActivity` for the queue.

use super::event::{Entry, Event};
use super::fault::{Client, Faults, LinkState, OpenSend, note_plain};
use super::flow::{self, Request};
use super::id::{ProducerId, QueueId};
use super::producer::{QueueRule, SendInFlight};
use super::world::{Wakeup, World};
use super::{reply, send_cost};
use crate::sim::Instant;

/// Why a try to send got nowhere.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Nowhere {
    /// The broker is down.
    Down,
    /// The link is cut.
    Cut,
    /// The broker is too busy, and says so to a producer that listens to this answer no longer.
    Busy,
}

/// A request that reached the broker: whose, which messages, and in which of its tries it went out when.
#[derive(Clone, Copy, Debug)]
struct Arrival {
    producer: ProducerId,
    number: u64,
    count: u32,
    queue: QueueId,
    sent_at: Instant,
}

// What is decided.

/// What comes of a request that arrives at a broker that does not answer, or over a link that does not carry it.
pub(super) fn goes_nowhere(world: &World, request: Request) -> Option<Event> {
    world.live.faults.as_ref()?;
    let Request { producer, number, count, queue, sent_at, .. } = request;
    match world.link_state(Client::Producer(producer)) {
        LinkState::Cut => Some(lost(request, Nowhere::Cut)),
        LinkState::Held => Some(Event::SendHeld { producer, number, count, queue, sent_at }),
        _ if world.is_down() => Some(lost(request, Nowhere::Down)),
        _ => None,
    }
}

/// A request gets nowhere.
pub(super) fn lost(request: Request, why: Nowhere) -> Event {
    let Request { producer, number, count, queue, sent_at, .. } = request;
    Event::SendLost { producer, number, count, queue, sent_at, why }
}

/// The broker refuses a request, and its producer does not hear even that.
pub(super) fn refusal_lost(world: &World, request: Request) -> Option<Event> {
    let faults = world.live.faults.as_ref()?;
    let Request { producer, number, sent_at, .. } = request;
    match world.link_state(Client::Producer(producer)) {
        _ if world.is_down() => Some(lost(request, Nowhere::Down)),
        LinkState::Cut | LinkState::Deaf => Some(lost(request, Nowhere::Cut)),
        _ => {
            let open = faults.sends.get(&(producer, number))?;
            (!open.listens(sent_at)).then(|| lost(request, Nowhere::Busy))
        }
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
    if let Some(arrival) = arrival(world, event) {
        heard(world, faults, arrival, out);
    }
}

/// The messages of a batch were stored, and are answered together.
pub(super) fn batch_answered(world: &World, request: Request, out: &mut Vec<Event>) {
    let Some(faults) = &world.live.faults else { return };
    let Request { producer, number, count, queue, sent_at, .. } = request;
    if world.producer(producer).is_batching() {
        heard(world, faults, Arrival { producer, number, count, queue, sent_at }, out);
    }
}

fn heard(world: &World, faults: &Faults, arrival: Arrival, out: &mut Vec<Event>) {
    let Arrival { producer, number, count, queue, sent_at } = arrival;
    debug_assert!(producer.index() < world.live.producers.len(), "it exists");
    let open = faults.sends.get(&(producer, number));
    let is_lost = faults.link(Client::Producer(producer)).is_some_and(|link| link.loses_answers());
    // Whoever has given a try up does not listen to its answer.
    if is_lost || !open.is_none_or(|open| open.listens(sent_at)) {
        out.push(Event::AnswerLost { producer, number, count, queue, sent_at, late: !is_lost });
    } else if let Some(open) = open {
        let (attempt, copies) = (open.attempt, open.copies + 1);
        out.push(Event::SendAcknowledged { producer, number, count, attempt, copies });
    }
}

/// What came from its producer with this event. What comes out of the timer, or from behind the curtain, does not.
fn arrival(world: &World, event: &Event) -> Option<Arrival> {
    let (producer, number, queue, sent_at) = match *event {
        Event::MessageStored { producer, number, queue, sent_at, .. } => {
            let state = world.producer(producer);
            let is_later = world.was_kept(sent_at, world.live.now) && world.live.timer.let_one_go;
            if state.is_batching() || state.transaction.is_some() || state.delay.is_some() && is_later {
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
    Some(Arrival { producer, number, count: 1, queue, sent_at })
}

/// A producer has waited long enough for an answer.
pub(super) fn due(world: &World) -> Option<Event> {
    let faults = world.live.faults.as_ref()?;
    let (_, &(producer, number)) = faults.waiting.first_key_value()?;
    let open = faults.sends.get(&(producer, number))?;
    let state = world.producer(producer);
    // A half message that nobody answered is not sent again.
    let most = if state.transaction.is_some() { 1 } else { world.settings.producer_max_attempts };
    let settings = &world.settings;
    let waited = world.live.now - open.born_at;
    let is_used_up = settings.producer_timeout_for_all_tries && waited >= settings.producer_request_timeout;
    if !state.running || open.attempt >= most || is_used_up {
        let (count, attempts, copies) = (open.count, open.attempt, open.copies);
        return Some(Event::SendFailed { producer, number, count, attempts, copies });
    }
    let queue = next_queue(world, producer, open.queue);
    let arrives_at = world.live.now + world.settings.network_send_latency;
    let (count, attempt) = (open.count, open.attempt + 1);
    Some(Event::MessageResent { producer, number, count, queue, attempt, arrives_at })
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
        Event::SendLost { producer, number, count, queue, sent_at, .. } => {
            let attempt = flow::attempt(world, producer, number);
            super::apply::producers::send_arrived(world, producer, number);
            world.live.faults_mut().counts.lost_sends += u64::from(count);
            open(world, entry, Arrival { producer, number, count, queue, sent_at }, attempt);
        }
        Event::SendHeld { producer, number, count, queue, sent_at } => {
            let attempt = flow::attempt(world, producer, number);
            super::apply::producers::send_arrived(world, producer, number);
            let (arrives_at, cause) = (entry.at, entry.seq);
            let flight = SendInFlight { number, count, queue, sent_at, arrives_at, cause };
            let link = world.live.faults_mut().links.entry(Client::Producer(producer)).or_default();
            link.sends.push(flight);
            open(world, entry, Arrival { producer, number, count, queue, sent_at }, attempt);
        }
        Event::AnswerLost { producer, number, count, queue, sent_at, late } => {
            open(world, entry, Arrival { producer, number, count, queue, sent_at }, None);
            let faults = world.live.faults_mut();
            if !late && let Some(link) = faults.links.get_mut(&Client::Producer(producer)) {
                link.answers_to_lose = link.answers_to_lose.saturating_sub(1);
            }
            faults.counts.lost_answers += u64::from(count);
            stored(world, producer, number);
            send_cost::unheard(world, producer, number, count, sent_at);
            note_plain(world, producer);
        }
        Event::SendAcknowledged { producer, number, .. } => {
            stored(world, producer, number);
            if let Some(open) = world.live.faults_mut().sends.get_mut(&(producer, number)) {
                open.acknowledged = true;
            }
            close(world, producer, number);
        }
        Event::MessageResent { producer, number, count, queue, attempt, arrives_at } => {
            timed_out(world, producer, number);
            close(world, producer, number);
            let due = (entry.at + world.settings.producer_request_timeout, entry.seq);
            let faults = world.live.faults_mut();
            faults.counts.resends += u64::from(count);
            faults.waiting.insert(due, (producer, number));
            if let Some(open) = faults.sends.get_mut(&(producer, number)) {
                *open = OpenSend {
                    attempt,
                    queue,
                    sent_at: entry.at,
                    due: Some(due),
                    is_refused: false,
                    ..*open
                };
            }
            arm(world);
            super::apply::producers::on_the_way(world, entry, producer, (number, count), queue, arrives_at);
        }
        Event::SendFailed { producer, number, count, .. } => {
            timed_out(world, producer, number);
            world.live.producers[producer.index()].failed += u64::from(count);
            world.live.faults_mut().counts.failed_sends += u64::from(count);
            close(world, producer, number);
            reply::forget(world, producer, number);
        }
        _ => {}
    }
}

/// A producer waits for an answer that does not come with the message's arrival. `attempt` is the try's number, if the
/// broker was too busy for those before it.
fn open(world: &mut World, entry: &Entry, arrival: Arrival, attempt: Option<u32>) {
    let Arrival { producer, number, count, queue, sent_at } = arrival;
    let due = (sent_at + world.settings.producer_request_timeout, entry.seq);
    // What the broker was too busy for once was sent again since.
    let tries = world.sends(producer, number).filter_map(|entry| match entry.event {
        Event::SendRetried { attempt, .. } => Some(attempt),
        _ => None,
    });
    let tried = tries.last().unwrap_or(1);
    let faults = world.live.faults_mut();
    let due = Some((due.0.max(entry.at), due.1));
    let before = faults.sends.get(&(producer, number)).copied();
    if before.is_some_and(|before| !before.is_refused || before.sent_at != sent_at) {
        return; // It has waited since it went out.
    }
    let attempt = attempt.or(before.map(|before| before.attempt)).unwrap_or(tried);
    let first = OpenSend {
        count,
        attempt,
        queue,
        sent_at,
        born_at: sent_at,
        copies: 0,
        due,
        acknowledged: false,
        is_refused: false,
    };
    let open =
        before.map_or(first, |before| OpenSend { attempt, queue, sent_at, due, is_refused: false, ..before });
    faults.sends.insert((producer, number), open);
    faults.waiting.extend(due.map(|due| (due, (producer, number))));
    arm(world);
}

/// The last try got no answer in time.
fn timed_out(world: &mut World, producer: ProducerId, number: u64) {
    if let Some(&OpenSend { count, sent_at, .. }) = world.open_send(producer, number) {
        send_cost::failed(world, producer, number, count, sent_at);
    }
}

/// A copy of a message was stored whose producer was not answered at once.
fn stored(world: &mut World, producer: ProducerId, number: u64) {
    let faults = world.live.faults_mut();
    if let Some(open) = faults.sends.get_mut(&(producer, number)) {
        open.copies += 1;
        let count = u64::from(open.count);
        faults.counts.duplicates += if open.copies > 1 { count } else { 0 };
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

/// The broker was too busy for a try: its producer knows, and tries again as flow control has it, if at all.
pub(super) fn refused(world: &mut World, producer: ProducerId, number: u64, tries_again: bool) {
    let Some(faults) = &mut world.live.faults else { return };
    if let Some(open) = faults.sends.get_mut(&(producer, number)) {
        open.is_refused = tries_again;
        close(world, producer, number);
    }
}

/// It tries again.
pub(super) fn retried(world: &mut World, producer: ProducerId, number: u64, attempt: u32) {
    let Some(faults) = &mut world.live.faults else { return };
    if let Some(open) = faults.sends.get_mut(&(producer, number)) {
        open.attempt = attempt;
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
