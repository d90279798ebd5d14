//! What is written down of delivery in order.

use super::{Head, QueueLock, Suspended, key, next_behind};
use crate::broker::apply::deliveries;
use crate::broker::apply::groups::{arm_order, mark_ready};
use crate::broker::consumer::Task;
use crate::broker::event::Entry;
use crate::broker::id::{ConsumerId, GroupId, MessageRef, ProgressId};
use crate::broker::lite;
use crate::broker::message_queue::StoredCopy;
use crate::broker::progress::Holding;
use crate::broker::world::World;
use crate::sim::Instant;

/// Notes that a message goes out. Says whether it did before.
pub(in crate::broker) fn hand_out(world: &mut World, id: ProgressId, offset: u64) -> bool {
    let again = world.progress(id).was_handed_out(offset);
    let key = key(world, id, offset);
    let state = &mut world.live.progress[id.index()];
    let is_new = offset >= state.next;
    if is_new {
        state.next = offset + 1;
        state.high_water = state.high_water.max(state.next);
    }
    let by_message = state.by_message;
    if let Some(order) = &mut state.order {
        order.undelivered.remove(offset);
        order.let_go(offset);
        if by_message && order.batches.is_none() {
            order.heads.entry(key).or_insert(Head { offset, behind: 0 });
        }
    }
    again
}

/// What a delivery carries, its failures in place counted.
pub(in crate::broker) fn copy(world: &World, id: ProgressId, offset: u64) -> StoredCopy {
    let queue = world.progress(id).queue;
    let (producer, number) = world.log.queues[queue.index()].sender(offset);
    let key = world.producer(producer).chance_key(number, world.failures_before(id, offset));
    StoredCopy { key, ..world.stored_copy(queue, offset) }
}

/// Notes that messages before `end` are gone, and that those of them that wait will never be handed out. Says which.
pub(in crate::broker) fn expire_waiting(world: &mut World, id: ProgressId, end: u64) -> Vec<u64> {
    let Some(order) = &world.progress(id).order else { return Vec::new() };
    let gone: Vec<u64> = order.waiting.from(0).take_while(|offset| *offset < end).collect();
    for &offset in &gone {
        let key = key(world, id, offset);
        let state = &mut world.live.progress[id.index()];
        state.finished.insert(offset);
        let Some(order) = &mut state.order else { break };
        order.let_go(offset);
        order.undelivered.remove(offset);
        match order.heads.get_mut(&key) {
            Some(head) if head.offset != offset => head.behind -= 1,
            _ => unlock(world, id, offset),
        }
    }
    gone
}

/// Notes that messages were read whose turn it is not.
pub(in crate::broker) fn keep_back(world: &mut World, id: ProgressId, first: u64, count: u32) {
    for offset in first..first + u64::from(count) {
        let key = key(world, id, offset);
        let state = &mut world.live.progress[id.index()];
        let Some(order) = &mut state.order else { return };
        order.keep_back(offset);
        if offset >= state.high_water {
            order.undelivered.insert(offset);
            state.high_water = offset + 1;
        }
        state.next = offset + 1;
        if let Some(head) = order.heads.get_mut(&key) {
            head.behind += 1;
        }
    }
    mark_ready(world, id);
}

/// Notes that a filter keeps a message from its group: it is finished, wherever it was.
pub(in crate::broker) fn pass_over(world: &mut World, id: ProgressId, offset: u64, commits: bool) {
    let state = &mut world.live.progress[id.index()];
    if offset >= state.next {
        state.pass_over(offset, commits);
    } else {
        state.finished.insert(offset);
        state.committed = if commits { state.done_below() } else { state.committed };
        if let Some(order) = &mut state.order {
            order.let_go(offset);
        }
        unlock(world, id, offset);
    }
    if let Some(order) = &mut world.live.progress[id.index()].order {
        order.undelivered.remove(offset);
        if let Some(batches) = &mut order.batches {
            batches.keep_back(offset);
        }
    }
}

/// Notes that a message is finished: the next one of its message group has its turn.
pub(in crate::broker) fn unlock(world: &mut World, id: ProgressId, offset: u64) {
    let state = world.progress(id);
    let Some(order) = &state.order else { return };
    let of = key(world, id, offset);
    let head = order.heads.get(&of).filter(|head| head.offset == offset && state.by_message).copied();
    let next = head.filter(|head| head.behind > 0).and_then(|_| next_behind(world, id, of, offset));
    let Some(order) = &mut world.live.progress[id.index()].order else { return };
    if order.batches.is_none() {
        order.failures.remove(&offset);
    }
    match (head, next) {
        (Some(head), Some(next)) => {
            order.heads.insert(of, Head { offset: next, behind: head.behind - 1 });
            order.eligible.insert(next);
        }
        (Some(_), None) => drop(order.heads.remove(&of)),
        (None, _) => {}
    }
    mark_ready(world, id);
}

/// Notes that nobody holds a message any more that is not finished: it is the first of its message group to go out.
pub(in crate::broker) fn give_back(world: &mut World, id: ProgressId, offset: u64) {
    let state = &mut world.live.progress[id.index()];
    state.inflight -= 1;
    if let Some(order) = &mut state.order {
        *order.failures.entry(offset).or_default() += 1;
        order.keep_back(offset);
        order.eligible.insert(offset);
    }
    mark_ready(world, id);
}

/// Notes that a message has become a dead letter: its queue goes on without it.
pub(in crate::broker) fn give_up(world: &mut World, group: GroupId, message: MessageRef) {
    let Some(id) = world.progress_on(group, message.queue) else { return };
    let state = &mut world.live.progress[id.index()];
    if state.order.is_none() {
        return;
    }
    if state.lite.is_some() {
        return lite::give_up(world, id, message.offset);
    }
    if state.by_message && !state.held.contains_key(&message.offset) {
        // Nobody has it: its time was over, or its turn had come.
        pass_over(world, id, message.offset, true);
        return mark_ready(world, id);
    }
    let commits = state.by_message || world.settings.classic_persist_offset_interval.is_zero();
    let holder = state.held.get(&message.offset).map(|held| held.consumer).or(state.owner);
    state.finish(message.offset, commits);
    if let Some(holder) = holder {
        world.live.consumers[holder.index()].outstanding -= 1;
    }
    deliveries::release(world, id, message.offset);
    unlock(world, id, message.offset);
}

/// Notes that a consumer keeps a message to try it again later.
pub(in crate::broker) fn suspend(world: &mut World, entry: &Entry, suspended: Suspended, due_at: Instant) {
    let Suspended { progress, offset, attempt, .. } = suspended;
    let state = &mut world.live.progress[progress.index()];
    let group = state.group;
    if let Some(order) = &mut state.order {
        order.failures.insert(offset, attempt);
    }
    world.live.groups[group.index()].suspended.insert((due_at, entry.seq), suspended);
    arm_order(world, group);
}

/// Notes that a consumer takes it up again. If it has lost the message since, because the broker took it for dead, it does
/// not know; what comes of that is no delivery of the message, whoever has it now.
pub(in crate::broker) fn retry(
    world: &mut World,
    entry: &Entry,
    id: ProgressId,
    offset: u64,
    consumer: ConsumerId,
) {
    let copy = copy(world, id, offset);
    let state = &mut world.live.progress[id.index()];
    let (group_id, epoch, by_message) = (state.group, state.epoch, state.by_message);
    let group = &mut world.live.groups[group_id.index()];
    let since = group.suspended.pop_first().map_or(entry.at, |(_, suspended)| suspended.since);
    let is_its = |held: &&mut Holding| held.consumer == consumer && held.handed_out_at <= since;
    let held = state.held.get_mut(&offset).filter(is_its);
    if held.is_some() || !by_message {
        world.log.deliveries[id.index()].deliver(offset, copy.stored_at, entry.at, consumer, true);
    }
    if let Some(held) = held {
        held.handed_out_at = entry.at;
    }
    let group = &mut world.live.groups[group_id.index()];
    group.counts.deliveries += 1;
    group.counts.redeliveries += 1;
    let state = &mut world.live.consumers[consumer.index()];
    state.counts.deliveries += 1;
    state.cache.push_back(Task {
        progress: id,
        offset,
        epoch,
        again: true,
        handed_out_at: entry.at,
        received_at: entry.at,
        cause: entry.seq,
        copy,
    });
    arm_order(world, group_id);
}

/// Notes that a queue is locked for its owner.
pub(in crate::broker) fn locked(world: &mut World, entry: &Entry, id: ProgressId, holder: ConsumerId) {
    let incarnation = world.consumer(holder).incarnation;
    if let Some(order) = &mut world.live.progress[id.index()].order {
        order.lock = Some(QueueLock { holder, incarnation, since: entry.at, until: None });
    }
    await_no_lock(world, id);
}

/// Notes when a lock runs out for which somebody waits.
pub(in crate::broker) fn await_lock(world: &mut World, entry: &Entry, id: ProgressId, until: Instant) {
    let group = world.progress(id).group;
    let awaited = &mut world.live.groups[group.index()].awaited_locks;
    awaited.retain(|(_, progress), _| *progress != id);
    awaited.insert((until, id), entry.seq);
    arm_order(world, group);
}

/// Notes that nobody waits for the end of a queue's lock.
pub(in crate::broker) fn await_no_lock(world: &mut World, id: ProgressId) {
    let group = world.progress(id).group;
    let awaited = &mut world.live.groups[group.index()].awaited_locks;
    if !awaited.is_empty() {
        awaited.retain(|(_, progress), _| *progress != id);
        arm_order(world, group);
    }
}

/// Notes that the holder of locks has died, or cannot be heard: they last as long as they were renewed for.
pub(in crate::broker) fn abandon_locks(world: &mut World, at: Instant, consumer: ConsumerId) {
    let group = world.consumer(consumer).group;
    let (life, renew) = (world.settings.classic_queue_lock, world.settings.classic_queue_lock_renew);
    for index in 0..world.group(group).progress.len() {
        let id = world.group(group).progress[index];
        if let Some(order) = &mut world.live.progress[id.index()].order
            && let Some(lock) = &mut order.lock
            && lock.holder == consumer
            && lock.until.is_none()
        {
            let renewals = (at - lock.since).0 / renew.0.max(1);
            lock.until = Some(lock.since + renew * renewals + life);
        }
    }
}

/// Notes that the holder of locks can be heard again, and renews those that it still has.
pub(in crate::broker) fn renew_locks(world: &mut World, consumer: ConsumerId) {
    let (group, incarnation) = (world.consumer(consumer).group, world.consumer(consumer).incarnation);
    for index in 0..world.group(group).progress.len() {
        let id = world.group(group).progress[index];
        if let Some(order) = &mut world.live.progress[id.index()].order
            && let Some(lock) = &mut order.lock
            && (lock.holder, lock.incarnation) == (consumer, incarnation)
        {
            lock.until = None;
        }
    }
}

/// Forgets suspended messages of a group that nobody will try again. Says whose they were.
pub(in crate::broker) fn forget_suspended(
    world: &mut World,
    group: GroupId,
    is_one: impl Fn(&Suspended) -> bool,
) -> Vec<ConsumerId> {
    let suspended = &mut world.live.groups[group.index()].suspended;
    if suspended.is_empty() {
        return Vec::new();
    }
    let gone = suspended.values().filter(|one| is_one(one)).map(|one| one.consumer).collect();
    suspended.retain(|_, one| !is_one(one));
    arm_order(world, group);
    gone
}
