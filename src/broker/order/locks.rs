//! In queue balancing: who may work on a queue, and who waits for that.

use super::{Order, QueueLock};
use crate::broker::event::Event;
use crate::broker::id::{ConsumerId, ProgressId};
use crate::broker::world::World;
use crate::sim::Instant;

/// Queue balancing: a queue has an owner; if it is free, the broker locks it for the owner, who is then given its
/// messages.
pub(in crate::broker) fn lock(world: &World, id: ProgressId, out: &mut Vec<Event>) {
    let state = world.progress(id);
    let Some(owner) = state.owner else { return };
    match state.order.as_ref().and_then(|order| order.lock).and_then(|held| obstacle(world, id, held)) {
        None => out.push(Event::QueueLocked { progress: id, consumer: owner }),
        Some((holder, until)) => out.push(Event::QueueLockAwaited { progress: id, holder, until }),
    }
}

/// Queue balancing: a consumer does not renew its locks any more. Those that wait for it to be done with a message of a queue that
/// is theirs now wait for the end of its lock instead.
pub(in crate::broker) fn locks_abandoned(world: &World, consumer: ConsumerId, out: &mut Vec<Event>) {
    let group = world.group(world.consumer(consumer).group);
    if group.by_message || world.is_down() {
        return;
    }
    for &id in &group.progress {
        let state = world.progress(id);
        let held = state.order.as_ref().and_then(|order| order.lock).filter(|held| held.holder == consumer);
        let Some(until) = held.and_then(|held| held.until) else { continue };
        let waits = state.owner.is_some_and(|owner| !has_lock(world, id, owner));
        if waits && !group.awaited_locks.contains_key(&(until, id)) {
            lock(world, id, out);
        }
    }
}

/// Queue balancing: a consumer that could not renew its locks for a while learns which queues it does not have any more, and
/// gives up their locks, for whose end the new owners wait.
pub(in crate::broker) fn give_up_locks(world: &World, consumer: ConsumerId, out: &mut Vec<Event>) {
    let group = world.group(world.consumer(consumer).group);
    for &id in &group.progress {
        let state = world.progress(id);
        let held = state.order.as_ref().and_then(|order| order.lock).filter(|held| held.holder == consumer);
        let Some(held) = held.filter(|_| !state.by_message && state.owner.is_some_and(|it| it != consumer))
        else {
            continue;
        };
        // Who waits for an end that does not come waits for the listener now.
        let is_awaited = || held.until.is_none() && group.awaited_locks.keys().any(|(_, other)| *other == id);
        if obstacle(world, id, held).is_none() || is_awaited() {
            lock(world, id, out);
        }
    }
}

/// Who keeps a queue locked, and until when if that is known. A consumer gives the lock up with the queue, but not before
/// it is done with the message in its listener; a dead one does not, and its lock has to run out.
pub(super) fn obstacle(
    world: &World,
    id: ProgressId,
    held: QueueLock,
) -> Option<(ConsumerId, Option<Instant>)> {
    let epoch = world.progress(id).epoch;
    let mut work = world.consumer(held.holder).work();
    if let Some(until) = held.until {
        (until > world.live.now).then_some((held.holder, Some(until)))
    } else if work.any(|(_, work)| work.task.progress == id && work.task.epoch != epoch) {
        Some((held.holder, None))
    } else {
        None
    }
}

/// Queue balancing: may the owner be given messages of this queue?
pub(in crate::broker) fn has_lock(world: &World, id: ProgressId, owner: ConsumerId) -> bool {
    let Some(order) = &world.progress(id).order else { return true };
    let incarnation = world.consumer(owner).incarnation;
    order.lock.is_some_and(|held| held.holder == owner && held.incarnation == incarnation)
}

/// Queue balancing: does the owner of a queue wait until its lock is given up, or has run out?
pub(in crate::broker) fn waits_for_lock(world: &World, id: ProgressId) -> bool {
    let lock = world.progress(id).order.as_ref().and_then(|order| order.lock);
    lock.is_some_and(|held| obstacle(world, id, held).is_some())
}

/// Queue balancing: a consumer ended a message of a queue that it no longer has; another one may wait for that.
pub(in crate::broker) fn after_stale_work(
    world: &World,
    id: ProgressId,
    consumer: ConsumerId,
    out: &mut Vec<Event>,
) {
    let state = world.progress(id);
    let holds = |order: &Order| order.lock.is_some_and(|held| held.holder == consumer);
    // Where its own queue came back to it, it has kept the lock.
    let waits = state.owner.is_some_and(|owner| !has_lock(world, id, owner));
    if waits && !state.by_message && state.order.as_deref().is_some_and(holds) {
        lock(world, id, out);
    }
}
