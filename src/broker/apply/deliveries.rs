//! Deliveries: from handed out to settled.

use std::collections::VecDeque;

use super::groups;

use crate::broker::consumer::{Task, Work};
use crate::broker::event::{Entry, Outcome};
use crate::broker::id::{ConsumerId, FilterId, ProgressId};
use crate::broker::lite;
use crate::broker::message_queue::StoredCopy;
use crate::broker::order;
use crate::broker::progress::{DeliveryInFlight, Holding, ProgressState};
use crate::broker::world::World;
use crate::broker::{locked_batch, pop, pull, settle, simple};
use crate::sim::Instant;

#[inline(always)]
pub(super) fn handed_out(
    world: &mut World,
    entry: &Entry,
    id: ProgressId,
    offset: u64,
    to: ConsumerId,
    arrives_at: Instant,
) {
    if world.progress(id).plainly {
        return handed_out_plainly(world, entry, id, offset, to, arrives_at);
    }
    let delivery = next_in_a_row(world, entry, id, offset, to);
    send_off(world, entry, id, delivery, to, arrives_at);
}

/// The same where messages are held, or do not go out in a row.
#[inline(never)]
pub(super) fn handed_out_plainly(
    world: &mut World,
    entry: &Entry,
    id: ProgressId,
    offset: u64,
    to: ConsumerId,
    arrives_at: Instant,
) {
    let delivery = if world.progress(id).order.is_some() {
        let copy = order::copy(world, id, offset);
        let is_lite = world.progress(id).lite.is_some();
        let again =
            if is_lite { lite::hand_out(world, id, offset, to) } else { order::hand_out(world, id, offset) };
        world.log.deliveries[id.index()].deliver(offset, copy.stored_at, entry.at, to, again);
        (offset, again, copy)
    } else {
        next_in_a_row(world, entry, id, offset, to)
    };
    if world.progress(id).by_message {
        hold(world, entry, id, offset, to);
    }
    send_off(world, entry, id, delivery, to, arrives_at);
}

/// Notes that the next message of a queue goes out. Says whether it did before, and what it carries.
#[inline(always)]
pub(super) fn next_in_a_row(
    world: &mut World,
    entry: &Entry,
    id: ProgressId,
    offset: u64,
    to: ConsumerId,
) -> (u64, bool, StoredCopy) {
    let copy = world.stored_copy(world.progress(id).queue, offset);
    let state = &mut world.live.progress[id.index()];
    let again = offset < state.high_water;
    world.log.deliveries[id.index()].deliver(offset, copy.stored_at, entry.at, to, again);
    state.next = offset + 1;
    state.high_water = if again { state.high_water } else { state.next };
    (offset, again, copy)
}

/// Did somebody get a message before that was handed out, or passed over? A filter may have kept it back until now.
#[cold]
#[inline(never)]
fn is_redelivered(world: &World, id: ProgressId, offset: u64, copy: StoredCopy) -> bool {
    world.log.deliveries[id.index()].was_sent_before(offset, copy.stored_at)
}

/// A message is on its way to a consumer, for the first time or again.
#[inline(always)]
pub(super) fn send_off(
    world: &mut World,
    entry: &Entry,
    id: ProgressId,
    (offset, again, copy): (u64, bool, StoredCopy),
    to: ConsumerId,
    arrives_at: Instant,
) {
    let is_redelivery = world.progress(id).is_retry | (again && is_redelivered(world, id, offset, copy));
    let live = &mut world.live;
    let state = &mut live.progress[id.index()];
    state.inflight += 1;
    let consumer = &mut live.consumers[to.index()];
    consumer.outstanding += 1;
    consumer.in_transit += 1;
    consumer.counts.deliveries += 1;
    let group = &mut live.groups[state.group.index()];
    group.counts.deliveries += 1;
    group.counts.redeliveries += u64::from(is_redelivery);
    let first = state.transit.is_empty();
    state.transit.push_back(DeliveryInFlight {
        offset,
        consumer: to,
        incarnation: consumer.incarnation,
        again,
        sent_at: entry.at,
        arrives_at,
        cause: entry.seq,
        copy,
    });
    if first {
        let slot = state.arrive_slot;
        world.live.wake(slot, arrives_at, entry);
    }
}

/// Message balancing: what was handed out is invisible to others, and its consumer has the answer it waited for.
pub(super) fn hold(world: &mut World, entry: &Entry, id: ProgressId, offset: u64, to: ConsumerId) {
    let state = &mut world.live.progress[id.index()];
    state.held.insert(
        offset,
        Holding { consumer: to, handed_out_at: entry.at, until: None, handle: 0, over: false },
    );
    if world.live.groups[state.group.index()].simple {
        simple::hold(world, entry, id, offset, to);
    }
    let state = &mut world.live.progress[id.index()];
    if std::mem::take(&mut world.live.consumers[to.index()].parked) {
        // Nearly always it is the one that has waited longest; a client of lite topics waits for its own.
        let parked = &mut world.live.groups[state.group.index()].parked;
        if parked.pop_front_if(|first| *first == to).is_none() {
            parked.retain(|one| *one != to);
        }
    }
    groups::mark_ready(world, id);
    if world.progress(id).commits_ahead {
        pop::arm_commit(world, entry, id);
    }
}

/// Takes the oldest delivery off the way through a progress, and puts the next one's arrival on the agenda.
#[inline(always)]
pub(super) fn next_flight(world: &mut World, id: ProgressId) -> Option<DeliveryInFlight> {
    let state = &mut world.live.progress[id.index()];
    let flight = state.transit.pop_front();
    if let Some(next) = state.transit.front() {
        let (slot, at, cause) = (state.arrive_slot, next.arrives_at, next.cause);
        world.live.wake_because(slot, at, cause);
    }
    flight
}

#[inline(always)]
pub(super) fn received(world: &mut World, entry: &Entry, id: ProgressId, offset: u64) {
    let &ProgressState { epoch, plainly, .. } = world.progress(id);
    let Some(flight) = next_flight(world, id) else { return };
    let consumer = &mut world.live.consumers[flight.consumer.index()];
    consumer.in_transit -= 1;
    consumer.cache.push_back(Task {
        progress: id,
        offset,
        epoch,
        again: flight.again,
        handed_out_at: flight.sent_at,
        received_at: entry.at,
        cause: entry.seq,
        copy: flight.copy,
    });
    if plainly {
        simple::received(world, id, offset, flight.consumer);
    }
}

#[inline(always)]
pub(super) fn started(
    world: &mut World,
    entry: &Entry,
    which: (ProgressId, u64),
    id: ConsumerId,
    thread: u32,
    finishes_at: Instant,
) {
    let consumer = &mut world.live.consumers[id.index()];
    if consumer.pulls {
        return pull::started(world, entry, which, id, thread, finishes_at);
    }
    let Some(mut task) = consumer.cache.pop_front() else { return };
    if (task.progress, task.offset) != which {
        task = take_from_the_middle(&mut consumer.cache, task, which);
    }
    consumer.busy += 1;
    let thread = &mut consumer.threads[thread as usize];
    thread.work = Some(Work { task, started_at: entry.at, finishes_at });
    let slot = thread.slot;
    let log = &mut world.log.deliveries[task.progress.index()];
    log.start(task.offset, task.handed_out_at, entry.at, task.again);
    world.live.wake(slot, finishes_at, entry);
}

/// In queue balancing an orderly group passes over what has to wait for an earlier message of its queue.
#[cold]
#[inline(never)]
pub(super) fn take_from_the_middle(
    cache: &mut VecDeque<Task>,
    first: Task,
    which: (ProgressId, u64),
) -> Task {
    cache.push_front(first);
    let place = cache.iter().position(|task| (task.progress, task.offset) == which);
    place.and_then(|place| cache.remove(place)).unwrap_or(first)
}

#[inline(always)]
pub(super) fn finished(world: &mut World, at: Instant, id: ConsumerId, thread: u32, outcome: Outcome) {
    let live = &mut world.live;
    let consumer = &mut live.consumers[id.index()];
    let Some(Work { task, started_at, .. }) = consumer.threads[thread as usize].work.take() else { return };
    let spent = at - started_at;
    consumer.busy -= 1;
    consumer.outstanding -= 1;
    consumer.counts.busy += spent;
    let group = &mut live.groups[consumer.group.index()];
    match outcome {
        Outcome::Acknowledged => {
            consumer.counts.acknowledged += 1;
            group.counts.acknowledged += 1;
        }
        Outcome::Failed => {
            consumer.counts.failed += 1;
            consumer.fail_next = consumer.fail_next.saturating_sub(1);
            group.counts.failed += 1;
        }
        Outcome::Ignored | Outcome::Filtered => {}
    }
    let log = &mut world.log.deliveries[task.progress.index()];
    log.end(task.offset, task.handed_out_at, spent, outcome, task.again);
    if outcome == Outcome::Ignored {
        return;
    }
    if consumer.pulls {
        return pull::done_with(world, at, &task, outcome);
    }
    let state = &mut live.progress[task.progress.index()];
    if outcome == Outcome::Failed && live.groups[state.group.index()].simple {
        return; // Nobody says so to the broker: it stays invisible until its time is over.
    }
    if outcome == Outcome::Failed && state.order.is_some() {
        // It stays in its consumer's hands, to be tried again or given up.
        live.consumers[id.index()].outstanding += 1;
        return;
    }
    done_with(world, at, &task, outcome);
}

/// The broker has taken the result of a delivery.
#[inline(always)]
pub(in crate::broker) fn done_with(world: &mut World, at: Instant, task: &Task, outcome: Outcome) {
    if world.live.progress[task.progress.index()].lite.is_some() {
        return lite::done_with(world, at, task, outcome);
    }
    let live = &mut world.live;
    let state = &mut live.progress[task.progress.index()];
    let commits = state.by_message || world.settings.classic_persist_offset_interval.is_zero();
    state.finish(task.offset, commits);
    if outcome == Outcome::Acknowledged && !task.again && state.ordinary {
        // The first delivery of the first copy: nothing can have settled it before.
        live.little.leave(at, state.in_sight_since(task.copy.stored_at));
    } else if outcome == Outcome::Acknowledged {
        settle::again(world, task.progress, task.offset);
    }
    if world.progress(task.progress).plainly {
        let_go(world, task.progress, task.offset);
    }
}

/// A finished message is nobody's any longer, and keeps none back.
#[inline(never)]
pub(super) fn let_go(world: &mut World, id: ProgressId, offset: u64) {
    let popped_at = world.progress(id).held.get(&offset).map(|held| held.handed_out_at);
    release(world, id, offset);
    order::unlock(world, id, offset);
    if let Some(popped_at) = popped_at {
        locked_batch::acknowledged(world, id, offset, popped_at);
    }
}

/// A message was read for a consumer and not handed out: it is finished, and the group is done with it.
pub(super) fn passed_over(
    world: &mut World,
    at: Instant,
    id: ProgressId,
    offset: u64,
    reader: ConsumerId,
    filter: FilterId,
) {
    let stored_at = world.stored_copy(world.progress(id).queue, offset).stored_at;
    let again = world.progress(id).was_handed_out(offset);
    let log = &mut world.log.deliveries[id.index()];
    log.deliver(offset, stored_at, at, reader, again);
    log.keep_back(offset, at, filter, again);
    let commits = commits_at_once(world, id);
    let state = &mut world.live.progress[id.index()];
    if state.order.is_some() {
        order::pass_over(world, id, offset, commits);
    } else {
        state.pass_over(offset, commits);
    }
    filtered_out(world, at, id, offset, stored_at, again);
}

/// Does the broker know at once of what a filter kept back? Not of a pull consumer, which commits its position, and with
/// it what its application has not processed yet.
fn commits_at_once(world: &World, id: ProgressId) -> bool {
    let state = world.progress(id);
    let reports = world.settings.classic_persist_offset_interval.is_zero();
    state.by_message || reports && !world.group(state.group).pull
}

/// A classic client threw away what it was sent: no thread has anything to do with it.
pub(super) fn thrown_away(world: &mut World, at: Instant, id: ProgressId, filter: FilterId) {
    let Some(flight) = next_flight(world, id) else { return };
    let consumer = &mut world.live.consumers[flight.consumer.index()];
    consumer.in_transit -= 1;
    consumer.outstanding -= 1;
    let log = &mut world.log.deliveries[id.index()];
    log.throw_away(flight.offset, flight.sent_at, at - flight.sent_at, filter, flight.again);
    let commits = commits_at_once(world, id);
    world.live.progress[id.index()].finish(flight.offset, commits);
    filtered_out(world, at, id, flight.offset, flight.copy.stored_at, flight.again);
}

/// Counts a message that a filter kept back. It came into the group's sight when it was stored, for nobody had looked at
/// it yet, and was ready until somebody did; so it leaves both sides of Little's law now, after that time.
pub(super) fn filtered_out(
    world: &mut World,
    at: Instant,
    id: ProgressId,
    offset: u64,
    stored_at: Instant,
    again: bool,
) {
    let state = &world.live.progress[id.index()];
    world.live.groups[state.group.index()].counts.filtered += 1;
    if state.ordinary && !again {
        world.live.little.leave(at, state.in_sight_since(stored_at));
    } else {
        settle::again(world, id, offset);
    }
}

/// Message balancing: nobody holds this message any longer.
pub(in crate::broker) fn release(world: &mut World, id: ProgressId, offset: u64) {
    let lag = world.revive_lag(id);
    let state = &mut world.live.progress[id.index()];
    let group = state.group;
    if let Some(until) = state.held.remove(&offset).and_then(|held| held.until) {
        world.live.groups[group.index()].expiries.remove(&(until + lag, id, offset));
        groups::arm_expiry(world, group);
    }
}
