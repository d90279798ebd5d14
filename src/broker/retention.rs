//! Retention: messages leave when they are old enough, whoever has read them or not.
//!
//! The broker looks at the clock every `store.cleanIntervalMs`. What expires raises the min offset of its queue; nothing
//! is numbered anew. A group whose next message is gone goes on at the min offset, and what it has not read is lost for
//! it. Source: `DefaultMessageStore.CleanCommitLogService`, `MappedFileQueue.deleteExpiredFileByTime`,
//! `DefaultMQPushConsumerImpl` (`OFFSET_ILLEGAL`), `PopMessageProcessor`.

use std::collections::BTreeSet;

use super::apply::groups::{mark_ready, read_anew};
use super::event::{Entry, Event};
use super::id::{MessageRef, ProgressId, QueueId};
use super::progress::ProgressState;
use super::settings::{Expiry, Settings};
use super::world::{Wakeup, World};
use super::{lite, order, pull, settle};
use crate::rules::offset::{Boundary, ROWS_PER_FILE, by_time, get_message};
use crate::sim::{Instant, Span};

/// So many segments go in one look (`deleteFilesBatchMax`).
const SEGMENTS_MAX: usize = 10;

/// What a stored message takes beside its texts (`MessageExtEncoder`).
const FIXED_BYTES: u64 = 91;

const HOUR: Span = Span::from_secs(3_600);

// What is decided.

/// The broker looks for messages that it has kept for long enough.
pub(super) fn sweep(world: &World, out: &mut Vec<Event>) {
    let ends = match world.settings.store_expiry {
        Expiry::PerMessage => old_messages(world),
        Expiry::Segment => old_segments(world),
    };
    for (index, &offset) in ends.iter().enumerate() {
        let queue = QueueId::at(index);
        let count = offset - world.queue(queue).min_offset;
        if count > 0 {
            out.push(Event::MessagesExpired { queue, offset, count });
        }
    }
    out.push(Event::StoreSwept { next_at: next_look(world, &ends) });
}

/// For each queue, the first offset that is not too old.
fn old_messages(world: &World) -> Vec<u64> {
    let oldest_kept = us(world.live.now).saturating_sub(us(Instant::ZERO + world.settings.store_retention));
    let queues = world.live.queues.iter().zip(&world.log.queues).enumerate();
    let first_kept = queues.map(|(index, (queue, log))| {
        if !world.expires(QueueId::at(index)) {
            return queue.min_offset;
        }
        let offsets = queue.min_offset..queue.max_offset;
        by_time(offsets, ROWS_PER_FILE, oldest_kept, Boundary::Lower, |offset| us(log.stored_at(offset)))
    });
    first_kept.collect()
}

/// An instant as a signed number.
pub(super) fn us(at: Instant) -> i64 {
    i64::try_from(at.as_us()).unwrap_or(i64::MAX)
}

/// The same where whole files go: for each queue, the offset after its last message in a file that is too old. The file
/// that is written to never goes.
fn old_segments(world: &World) -> Vec<u64> {
    let now = world.live.now;
    let mut ends: Vec<u64> = world.live.queues.iter().map(|queue| queue.min_offset).collect();
    if !is_delete_hour(&world.settings, now) {
        return ends;
    }
    // The oldest file begins with the oldest messages of all queues, for files go as a whole.
    let mut next: BTreeSet<(Instant, QueueId, u64)> = BTreeSet::new();
    next.extend((0..ends.len()).filter_map(|index| stored(world, QueueId::at(index), ends[index])));
    let (mut reached, mut bytes, mut last_at, mut files) = (ends.clone(), 0, Instant::ZERO, 0);
    while let Some((at, queue, offset)) = next.pop_first() {
        let size = bytes_of(world, MessageRef { queue, offset });
        if bytes > 0 && bytes + size > u64::from(world.settings.store_segment_bytes) {
            // The file before this message is full.
            if last_at + world.settings.store_retention > now || files == SEGMENTS_MAX {
                break;
            }
            ends.clone_from(&reached);
            files += 1;
            bytes = 0;
        }
        if at + world.settings.store_retention > now {
            break; // The file that this message is in is too young, whatever else is in it.
        }
        bytes += size;
        last_at = at;
        reached[queue.index()] = offset + 1;
        next.extend(stored(world, queue, offset + 1));
    }
    ends
}

/// The message at an offset, if there is one, by the time at which it was stored.
fn stored(world: &World, queue: QueueId, offset: u64) -> Option<(Instant, QueueId, u64)> {
    let stored_at = || world.log.queues[queue.index()].stored_at(offset);
    (offset < world.queue(queue).max_offset && world.expires(queue)).then(|| (stored_at(), queue, offset))
}

/// How long a stored message is in the log.
pub(super) fn bytes_of(world: &World, at: MessageRef) -> u64 {
    let content = world.content(at);
    let named = [("TAGS", content.tag), ("KEYS", content.key), ("__SHARDINGKEY", content.message_group)];
    let named = named.into_iter().filter_map(|(name, text)| Some((name.to_owned(), text?)));
    // Each property has a sign behind its name and one behind its value.
    let properties = named.chain(content.properties).map(|(name, text)| name.len() + text.len() + 2);
    let topic = &world.topic(world.queue(at.queue).topic).name;
    FIXED_BYTES + (topic.len() + content.body.len() + properties.sum::<usize>()) as u64
}

fn is_delete_hour(settings: &Settings, at: Instant) -> bool {
    at.as_us() / HOUR.as_us() % 24 == u64::from(settings.store_delete_hour)
}

/// When the broker looks again, if each queue begins at the offset given: as soon as something may be too old.
fn next_look(world: &World, begins: &[u64]) -> Instant {
    let settings = &world.settings;
    let firsts = begins.iter().enumerate().filter_map(|(n, offset)| stored(world, QueueId::at(n), *offset));
    let oldest = firsts.map(|(at, ..)| at).min().unwrap_or(world.live.now);
    let interval = settings.store_clean_interval.as_us().max(1);
    let not_before = (oldest + settings.store_retention).max(world.live.now).as_us();
    let mut at = Instant::from_us((not_before / interval + 1).saturating_mul(interval));
    if settings.store_expiry == Expiry::Segment && !is_delete_hour(settings, at) {
        let day = 24 * HOUR.as_us();
        let hour = HOUR.as_us() * u64::from(settings.store_delete_hour);
        let days = (at.as_us() + day - hour) / day;
        at = Instant::from_us((days * day + hour).div_ceil(interval) * interval);
    }
    at
}

/// Messages of a queue are gone: what becomes of those who read it.
pub(super) fn overtaken(world: &World, queue: QueueId, out: &mut Vec<Event>) {
    if world.is_lite(world.queue(queue).topic) {
        return lite::overtaken(world, queue, out);
    }
    let min_offset = world.queue(queue).min_offset;
    for &id in &world.queue(queue).progress {
        let progress = world.progress(id);
        if progress.next < min_offset || waiting(progress, min_offset) > 0 {
            out.push(corrected_to_min(world, id, !progress.by_message));
        }
    }
}

/// A group goes on at the min offset of a queue. If it drops what it has, everything unfinished before is lost for it.
pub(super) fn corrected_to_min(world: &World, progress: ProgressId, drops: bool) -> Event {
    let state = world.progress(progress);
    let queue = world.queue(state.queue);
    let (min, max) = (queue.min_offset, queue.max_offset);
    let asked = i64::try_from(state.next).unwrap_or(i64::MAX);
    let offset = get_message(min..max, asked.min(us(Instant::from_us(min))), 1, |_| true);
    let offset = offset.next_begin_offset.min(min);
    let expired = if drops {
        unfinished(state, offset) + pull::orphans_before(state, offset)
    } else {
        offset.saturating_sub(state.next) + waiting(state, offset)
    };
    Event::OffsetCorrected { progress, offset, expired, drops }
}

/// How many messages before `end` a group is not done with.
pub(super) fn unfinished(progress: &ProgressState, end: u64) -> u64 {
    progress.finished.unfinished(end).count() as u64
}

/// How many messages before `end` were read and wait for their turn.
fn waiting(progress: &ProgressState, end: u64) -> u64 {
    let waiting = progress.order.iter().flat_map(|order| order.waiting.from(0));
    waiting.take_while(|offset| *offset < end).count() as u64
}

// What is written down.

/// Puts the first look on the agenda, once there is a topic.
pub(super) fn begin(world: &mut World, entry: &Entry) {
    if world.live.sweep_slot.is_none() {
        let slot = world.live.slot_for(Wakeup::StoreSwept);
        world.live.sweep_slot = Some(slot);
        let at = next_look(world, &[]);
        world.live.wake(slot, at, entry);
    }
}

/// The broker looks again, after it did not for a while.
pub(super) fn rearm(world: &mut World, entry: &Entry) {
    let begins: Vec<u64> = world.live.queues.iter().map(|queue| queue.min_offset).collect();
    let next_at = next_look(world, &begins);
    swept(world, entry, next_at);
}

/// Notes when the next look comes.
pub(super) fn swept(world: &mut World, entry: &Entry, next_at: Instant) {
    if let Some(slot) = world.live.sweep_slot {
        world.live.wake(slot, next_at, entry);
    }
}

/// Notes that a group goes on at the min offset, and what it has lost by that. Where commits follow what was delivered, it
/// has committed more than that, unless it did not balance by message until now; and when a crash of the broker makes it
/// drop anything, how far that throws it back is said next.
pub(super) fn corrected(world: &mut World, id: ProgressId, offset: u64, drops: bool) {
    if world.progress(id).lite.is_some() {
        return lite::corrected(world, id);
    }
    let state = world.progress(id);
    let (next, group, now) = (state.next, state.group, world.live.now);
    let lost: Vec<u64> = if drops {
        state.finished.unfinished(offset).collect()
    } else {
        let mut lost = order::expire_waiting(world, id, offset);
        lost.extend(next..offset);
        lost
    };
    if drops && world.progress(id).commits_ahead {
        let state = &mut world.live.progress[id.index()];
        lost.iter().for_each(|offset| state.finished.insert(*offset));
        state.committed = state.committed.max(offset);
    } else if drops {
        pull::overtaken(world, id, offset);
        read_anew(world, id, offset);
    } else {
        let state = &mut world.live.progress[id.index()];
        state.finished.insert_all(next..offset);
        state.next = state.next.max(offset);
        state.committed = if state.commits_ahead { state.committed.max(offset) } else { state.done_below() };
        mark_ready(world, id);
    }
    // A message that was read again may have several copies here, and goes only once.
    let mut settled = BTreeSet::new();
    for &offset in &lost {
        if settled.insert(world.origin(MessageRef { queue: world.progress(id).queue, offset })) {
            settle::again(world, id, offset);
        }
        let gaps = world.live.progress[id.index()].gaps.get_or_insert_default();
        gaps.lose(offset, now, true);
    }
    world.live.groups[group.index()].counts.expired += lost.len() as u64;
}
