//! What is on the broker's disk, and what a crash takes: the end of every queue that was not flushed, or not copied to a
//! replica. The disk is not written to in the run; what is on it at an instant follows from what was stored when.
//!
//! Source: `CommitLog.FlushRealTimeService` for the flush, `ConsumerOffsetManager` for offsets.

use std::collections::BTreeMap;

use super::apply::groups::{arm_retry, mark_ready_for_all};
use super::consumer_group::Shelved;
use super::event::{Entry, Event, TopicOrigin};
use super::fault::Crash;
use super::id::{GroupId, MessageRef, ProgressId, QueueId};
use super::progress::ProgressState;
use super::retention::{bytes_of, us};
use super::settings::{FlushDisk, Replication};
use super::world::World;
use super::{balance, compaction, lite, retention, settle};
use crate::rules::offset::{Boundary, ROWS_PER_FILE, by_time};
use crate::sim::{Instant, Span};

/// The size of a page of the page cache.
const PAGE_BYTES: u64 = 4_096;

/// What a stored message takes at the least.
const MESSAGE_BYTES_LEAST: u64 = 91;

/// The last multiple of `interval` that is not after `at`.
fn tick(at: Instant, interval: Span) -> Instant {
    let interval = interval.0.max(1);
    Instant::from_us(at.as_us() / interval * interval)
}

impl World {
    /// Until when all that was stored is on the broker's disk.
    pub fn flushed_until(&self) -> Instant {
        let (now, settings) = (self.live.now, &self.settings);
        if settings.flush_disk == FlushDisk::Sync {
            return now;
        }
        // Every so often everything is flushed, and in between what fills enough pages.
        let mut flushed = tick(now, settings.flush_thorough_interval);
        let mut at = tick(flushed, settings.flush_interval) + settings.flush_interval;
        let enough = u64::from(settings.flush_least_pages) * PAGE_BYTES;
        while at <= now {
            if self.is_dirty(flushed, at, enough) {
                flushed = at;
            }
            at += settings.flush_interval;
        }
        flushed
    }

    /// Does what was stored in between, `from` left out, take so many bytes?
    fn is_dirty(&self, from: Instant, to: Instant, enough: u64) -> bool {
        let queues = || (0..self.live.queues.len()).map(QueueId::at);
        let stored = |queue| self.end_of(queue, Some(from))..self.end_of(queue, Some(to));
        let count: u64 = queues().map(|queue| stored(queue).count() as u64).sum();
        if count * MESSAGE_BYTES_LEAST >= enough {
            return true;
        }
        let mut bytes = 0;
        queues().any(|queue| {
            stored(queue).any(|offset| {
                bytes += bytes_of(self, MessageRef { queue, offset });
                bytes >= enough
            })
        })
    }

    /// How many stored messages are not on the broker's disk yet.
    pub fn not_flushed(&self) -> u64 {
        let flushed = Some(self.flushed_until());
        let queues = (0..self.live.queues.len()).map(QueueId::at);
        queues.map(|queue| self.queue(queue).max_offset - self.end_of(queue, flushed)).sum()
    }

    /// The first offset of a queue that was not stored until `until`.
    pub fn end_of(&self, queue: QueueId, until: Option<Instant>) -> u64 {
        let (state, log) = (self.queue(queue), &self.log.queues[queue.index()]);
        let Some(until) = until else { return state.min_offset };
        if state.last_stored_at <= until {
            return state.max_offset;
        }
        let offsets = state.min_offset..state.max_offset;
        by_time(offsets, ROWS_PER_FILE, us(until) + 1, Boundary::Lower, |offset| us(log.stored_at(offset)))
    }

    /// Until when all that was stored would be kept, if the broker died now.
    pub fn kept_until(&self, how: Crash) -> Option<Instant> {
        let settings = &self.settings;
        match how {
            Crash::Process => Some(self.live.now),
            Crash::Machine => Some(self.flushed_until()),
            Crash::Disk if settings.replication_replicas == 0 => None,
            Crash::Disk if settings.replication == Replication::Sync => Some(self.live.now),
            Crash::Disk => {
                let lag = settings.replication_lag.0;
                Some(Instant::from_us(self.live.now.as_us().saturating_sub(lag)))
            }
        }
    }
}

/// When the offsets were written down that are known after a crash.
fn offsets_at(world: &World, how: Crash, at: Instant) -> Instant {
    let interval = match how {
        Crash::Disk => world.settings.replication_offset_interval,
        Crash::Process | Crash::Machine => world.settings.flush_offset_interval,
    };
    tick(at, interval)
}

/// The offset from which a group goes on after a crash at `at`: what it finished after the offsets were written down is
/// not known to be finished. A reset is written down at once.
fn written_offset(world: &World, id: ProgressId, how: Crash, at: Instant) -> u64 {
    let written_at = offsets_at(world, how, at);
    let state = world.progress(id);
    let log = &world.log.deliveries[id.index()];
    let ends = |gaps: &super::progress::Gaps| {
        let ranges = gaps.passed.ranges().iter().chain(gaps.expired.ranges());
        ranges.map(|range| range.end).filter(|end| *end <= state.committed).max()
    };
    let least = state.gaps.as_deref().and_then(ends).unwrap_or(0).max(state.start);
    let is_later = |finished_at: Option<Instant>| finished_at.is_some_and(|at| at > written_at);
    let stored_at = |offset| world.log.queues[state.queue.index()].stored_at(offset);
    let first = (least..state.committed)
        .find(|offset| is_later(log.first(*offset, stored_at(*offset)).and_then(|first| first.finished_at)));
    let again = log.again().iter().filter(|record| is_later(record.finished_at)).map(|record| record.offset);
    let again = again.filter(|offset| (least..state.committed).contains(offset)).min();
    first.into_iter().chain(again).min().unwrap_or(state.committed)
}

/// Does a living client know how far it has come in a queue, so that the broker need not?
pub(super) fn client_knows(world: &World, state: &ProgressState) -> bool {
    let lives = |owner| world.consumer(owner).is_alive();
    state.member.is_some() || !state.by_message && state.owner.is_some_and(lives)
}

/// Where a group goes on in a queue after a crash, if that is not where it was.
pub(super) fn fell_back(
    world: &World,
    id: ProgressId,
    how: Crash,
    at: Instant,
    kept: Option<Instant>,
    out: &mut Vec<Event>,
) {
    let state = world.progress(id);
    if world.group(state.group).removed {
        return;
    }
    if state.lite.is_some() {
        // How far it has come in lite topics is written down with each commit; who holds what is not.
        if !state.held.is_empty() {
            out.push(going_back(id, state.committed, [0; 3]));
        }
        return;
    }
    let end = world.end_of(state.queue, kept);
    let offset = if client_knows(world, state) {
        if state.next <= end {
            return;
        }
        // What a pull consumer's application has in hands and has not committed it polls again.
        let known = if world.group(state.group).pull { state.committed } else { state.done_below() };
        known.min(end)
    } else {
        // Where commits follow what was delivered, the checkpoints of what is not finished are in its memory.
        let unfinished = if state.commits_ahead { state.done_below() } else { u64::MAX };
        let offset = written_offset(world, id, how, at).min(unfinished).min(end);
        if (offset, offset) == (state.committed, state.next) {
            return;
        }
        offset
    };
    let min_offset = world.queue(state.queue).min_offset;
    if state.done_below() < min_offset {
        // What is unfinished before that is gone.
        out.push(retention::corrected_to_min(world, id, true));
    }
    let offset = offset.max(min_offset);
    out.push(going_back(id, offset, balance::finished_from(world, id, offset)));
}

fn going_back(progress: ProgressId, offset: u64, reread: [u32; 3]) -> Event {
    let [reread_acknowledged, reread_moved, reread_filtered] = reread;
    Event::ProgressFellBack { progress, offset, reread_acknowledged, reread_moved, reread_filtered }
}

/// Which ends of queues are lost: those of ordinary topics first, for what is in others came from there.
pub(super) fn truncated(world: &World, kept: Option<Instant>, out: &mut Vec<Event>) {
    let is_ordinary = |queue: QueueId| world.topic(world.queue(queue).topic).is_ordinary();
    for ordinary in [true, false] {
        for queue in (0..world.live.queues.len()).map(QueueId::at).filter(|id| is_ordinary(*id) == ordinary) {
            let offset = world.end_of(queue, kept);
            let lost = world.queue(queue).max_offset - offset;
            if lost > 0 && !world.topic(world.queue(queue).topic).removed {
                out.push(Event::QueueTruncated { queue, offset, lost });
            }
        }
    }
}

// What is written down.

/// Notes that the end of a queue is lost. Everybody who read it has gone back to before that.
pub(super) fn cut_off(world: &mut World, entry: &Entry, queue: QueueId, offset: u64, lost: u64) {
    let topic = world.topic(world.queue(queue).topic);
    let origin = topic.origin;
    match origin {
        TopicOrigin::RetryOfGroup(group) | TopicOrigin::RetryOfTopic(group, _) => {
            copies_lost(world, entry, group, queue, offset, false);
        }
        TopicOrigin::DeadLettersOf(group) => copies_lost(world, entry, group, queue, offset, true),
        TopicOrigin::Replies => {}
        TopicOrigin::SetAside => super::half::set_aside_lost(world, queue, offset),
        TopicOrigin::Command(_) if world.is_lite(world.queue(queue).topic) => {
            world.live.faults_mut().counts.lost_messages += lost;
            lite::cut_off(world, queue, offset);
        }
        TopicOrigin::Command(_) => {
            world.live.faults_mut().counts.lost_messages += lost;
            originals_lost(world, queue, offset);
            compaction::cut_off(world, queue, offset);
        }
    }
    for progress in world.queue(queue).progress.clone() {
        forget_from(world, progress, offset);
    }
    drop_work_on(world, queue, offset);
    world.log.queues[queue.index()].truncate(offset);
    world.log.cuts += 1;
    let key = if offset == 0 { 0 } else { world.chance_key(MessageRef { queue, offset: offset - 1 }) };
    let last_stored_at = offset.checked_sub(1).map(|last| world.log.queues[queue.index()].stored_at(last));
    let state = &mut world.live.queues[queue.index()];
    state.max_offset = offset;
    state.last_stored_at = last_stored_at.unwrap_or_default();
    state.last_key = key;
    mark_ready_for_all(world, queue);
}

/// Messages of an ordinary topic are lost, for all who read it.
fn originals_lost(world: &mut World, queue: QueueId, offset: u64) {
    for id in world.queue(queue).progress.clone() {
        let state = world.progress(id);
        let (group, start, end) = (state.group, state.start.max(offset), world.queue(queue).max_offset);
        let seen = end.saturating_sub(start);
        let passed: Vec<u64> = state.gaps.iter().flat_map(|gaps| gaps.passed.from(offset)).collect();
        for one in start..end {
            if !world.is_settled(id, one) {
                settle::lost(world, id, one);
                world.live.groups[group.index()].counts.lost_stored += 1;
            }
        }
        let counts = &mut world.live.groups[group.index()].counts;
        counts.seen -= seen;
        counts.passed -= passed.len() as u64;
    }
    // What waits for its retry, of those that are lost.
    for index in 0..world.live.groups.len() {
        let group = &world.live.groups[index];
        let shelved = group.shelf.iter().map(|(key, shelved)| (*key, world.origin(shelved.message)));
        let gone: Vec<_> = shelved.filter(|(_, at)| at.queue == queue && at.offset >= offset).collect();
        for (key, _) in gone {
            world.live.groups[index].shelf.remove(&key);
            world.live.groups[index].counts.duplicated -= 1;
        }
        arm_retry(world, GroupId::at(index));
    }
}

/// Copies of messages in a retry or dead-letter topic are lost. Those whose originals are kept wait for a retry, as after
/// their first failure.
fn copies_lost(world: &mut World, entry: &Entry, group: GroupId, queue: QueueId, offset: u64, dead: bool) {
    let log = &world.log.queues[queue.index()];
    let copies = (offset..world.queue(queue).max_offset).filter_map(|offset| Some(log.copy(offset)?.origin));
    let mut places: BTreeMap<MessageRef, u64> = BTreeMap::new();
    copies.for_each(|origin| *places.entry(origin).or_default() += 1);
    let gone = places.values().sum::<u64>();
    let shelf = &world.group(group).shelf;
    let on_shelf = shelf.iter().filter(|(_, one)| one.message.queue == queue && one.message.offset >= offset);
    for (key, origin) in on_shelf.map(|(key, one)| (*key, world.origin(one.message))).collect::<Vec<_>>() {
        *places.entry(origin).or_default() += 1;
        world.live.groups[group.index()].shelf.remove(&key);
    }
    if dead {
        world.live.groups[group.index()].counts.dead_letters -= gone;
    }
    let orderly = world.group(group).orderly;
    for (nth, (origin, count)) in places.into_iter().enumerate() {
        let is_kept = origin.offset < world.queue(origin.queue).max_offset;
        let is_read_again =
            world.progress_on(group, origin.queue).is_some_and(|id| origin.offset >= world.progress(id).next);
        let state = &mut world.live.groups[group.index()];
        if is_kept && !orderly {
            let (since, cause) = (entry.at, entry.seq);
            let shelved = Shelved { message: origin, attempt: 1, since, cause, is_last: false };
            state.shelf.insert((entry.at, (entry.seq << 20) + nth as u64), shelved);
            state.counts.duplicated -= count as i64 - 1;
        } else if is_kept && !is_read_again {
            state.counts.lost_dead_letters += count;
        } else {
            state.counts.duplicated -= count as i64;
        }
    }
    arm_retry(world, group);
}

/// A reader knows nothing any more of what was from `offset` on.
fn forget_from(world: &mut World, id: ProgressId, offset: u64) {
    let log = &mut world.log.deliveries[id.index()];
    let first = log.first_offset();
    log.truncate(offset);
    let state = &mut world.live.progress[id.index()];
    // What the columns of its deliveries have no room for goes to the list of further ones.
    state.high_water = state.high_water.min(offset.max(first));
    state.start = state.start.min(offset);
    if let Some(order) = &mut state.order {
        order.undelivered.remove_from(offset);
    }
    if let Some(gaps) = &mut state.gaps {
        gaps.passed.remove_from(offset);
        gaps.expired.remove_from(offset);
        gaps.late.iter_mut().for_each(|(range, _)| range.end = range.end.min(offset));
        gaps.lost.iter_mut().for_each(|lost| lost.offsets.end = lost.offsets.end.min(offset));
        gaps.lost.retain(|lost| !lost.offsets.is_empty());
    }
    let settled: Vec<_> =
        world.log.settled.range((id, offset)..=(id, u64::MAX)).map(|(key, _)| *key).collect();
    for key in settled {
        world.log.settled.cut(&key);
    }
    world.log.cuts += 1;
}

/// Listeners that work on a lost message are done with it, and so are applications that have it in hands: there is nothing
/// to be done for.
fn drop_work_on(world: &mut World, queue: QueueId, offset: u64) {
    let readers = world.queue(queue).progress.clone();
    for index in 0..world.live.consumers.len() {
        for thread in 0..world.live.consumers[index].threads.len() {
            let state = &mut world.live.consumers[index];
            let is_lost = state.threads[thread]
                .work
                .is_some_and(|work| work.task.offset >= offset && readers.contains(&work.task.progress));
            if is_lost {
                state.threads[thread].work = None;
                state.busy -= 1;
                state.outstanding -= 1;
                let slot = state.threads[thread].slot;
                world.live.agenda.cancel(slot);
            }
        }
        let state = &mut world.live.consumers[index];
        let polled = state.polled.len();
        state.polled.retain(|task| task.offset < offset || !readers.contains(&task.progress));
        state.outstanding -= (polled - state.polled.len()) as u32;
    }
}
