//! Resetting offsets: somebody moves a group to another place in its queues. What lies between is passed over or read
//! again; what is in hands is dropped, and its results count for nothing. Retry topics, the retry shelf and the timer
//! are not touched. Source: `AdminBrokerProcessor.resetOffset`, `ConsumerOffsetManager`, `SkipAccumulationSubCommand`.

use super::apply::groups::read_anew;
use super::command::ResetTarget;
use super::event::{Event, Refusal};
use super::id::{GroupId, ProgressId, QueueId, TopicId};
use super::retention::{unfinished, us};
use super::spec::ConsumeMode;
use super::world::World;
use super::{balance, consume, delivery, order, settle};
use crate::rules::offset::{Boundary, ROWS_PER_FILE, by_time, get_message};

// What is decided.

/// Moves the offsets of a group in a topic, in every queue that it may read or in one.
pub(super) fn command(
    world: &World,
    group: GroupId,
    topic: TopicId,
    to: ResetTarget,
    out: &mut Vec<Event>,
) -> Result<(), Refusal> {
    if world.group(group).spec.mode == ConsumeMode::Broadcasting {
        return Err(Refusal::OffsetsAreTheClients);
    }
    let readable = world.topic(topic).readable();
    let queues = match to {
        ResetTarget::Offset { queue, .. } => {
            let one = readable.get(queue as usize..=queue as usize);
            one.ok_or(Refusal::UnknownQueue)?
        }
        _ => readable,
    };
    for &queue in queues {
        let Some(progress) = world.progress_on(group, queue) else { continue };
        out.push(moved(world, progress, target(world, queue, to)?));
    }
    Ok(())
}

/// The offset in a queue that is meant.
pub(super) fn target(world: &World, queue: QueueId, to: ResetTarget) -> Result<u64, Refusal> {
    let (state, log) = (world.queue(queue), &world.log.queues[queue.index()]);
    let offsets = state.min_offset..state.max_offset;
    Ok(match to {
        ResetTarget::Time(at) => {
            by_time(offsets, ROWS_PER_FILE, us(at), Boundary::Lower, |offset| us(log.stored_at(offset)))
        }
        ResetTarget::Latest => offsets.end,
        ResetTarget::Earliest => offsets.start,
        ResetTarget::Offset { offset, .. } => {
            // One more than the max offset is taken, and corrected with the next read.
            if !(offsets.start..=offsets.end + 1).contains(&offset) {
                return Err(Refusal::OffsetOutOfRange);
            }
            let asked = i64::try_from(offset).unwrap_or(i64::MAX);
            if offset <= offsets.end {
                offset
            } else {
                get_message(offsets, asked, 1, |_| true).next_begin_offset
            }
        }
    })
}

pub(super) fn moved(world: &World, progress: ProgressId, offset: u64) -> Event {
    let [reread_acknowledged, reread_moved, reread_filtered] =
        balance::finished_from(world, progress, offset);
    let passed = u32::try_from(unfinished(world.progress(progress), offset)).unwrap_or(u32::MAX);
    Event::OffsetReset { progress, offset, passed, reread_acknowledged, reread_moved, reread_filtered }
}

/// A group goes on in a queue from another offset.
pub(super) fn read_on(world: &World, id: ProgressId, out: &mut Vec<Event>) {
    let progress = world.progress(id);
    let group = world.group(progress.group);
    if progress.lite.is_some() {
        // Nothing is ready by that which was not in somebody's event set before.
    } else if group.by_message {
        repeat_receives(world, progress.group, out);
    } else if let Some(owner) = progress.owner {
        if progress.order.is_some() && !order::has_lock(world, id, owner) {
            order::lock(world, id, out);
        } else {
            delivery::hand_out_ready(world, id, out);
        }
    }
    for &consumer in &group.consumers {
        consume::leave_when_done(world, consumer, out); // It may have waited for what was dropped.
    }
}

/// Message balancing: all who have room ask again.
pub(super) fn repeat_receives(world: &World, group: GroupId, out: &mut Vec<Event>) {
    for &consumer in &world.group(group).consumers {
        if world.consumer(consumer).parked || delivery::can_ask(world, consumer) {
            out.push(Event::ReceiveRepeated { consumer });
        }
    }
}

// What is written down.

/// Notes where a group goes on, what it passes over, and what it will read again.
pub(super) fn applied(world: &mut World, id: ProgressId, offset: u64, reread: [u32; 3]) {
    let state = world.progress(id);
    let passed: Vec<u64> = state.finished.unfinished(offset).collect();
    read_anew(world, id, offset);
    let now = world.live.now;
    let state = &mut world.live.progress[id.index()];
    let group = state.group;
    let gaps = state.gaps.get_or_insert_default();
    gaps.reset_at = Some(now);
    let brought_back: Vec<u64> = gaps.passed.from(offset).collect();
    for &one in &brought_back {
        gaps.passed.remove(one);
    }
    for &one in &passed {
        gaps.lose(one, now, false);
        // What waited for its turn in an orderly group does not come in a row any more.
        if let Some(order) = &mut state.order {
            order.undelivered.remove(one);
        }
    }
    state.high_water = state.high_water.max(offset);
    // A group may go back to before the first message that it ever looked at.
    let late = offset..state.start;
    if !late.is_empty() {
        gaps.late.push((late.clone(), now));
        state.start = offset;
    }
    let late = late.end.saturating_sub(late.start);
    let counts = &mut world.live.groups[group.index()].counts;
    counts.acknowledged -= u64::from(reread[0]);
    counts.duplicated += i64::from(reread[1]);
    counts.filtered -= u64::from(reread[2]);
    counts.passed += passed.len() as u64;
    counts.passed -= brought_back.len() as u64;
    settle::entered(world, group, late);
    for one in passed {
        settle::again(world, id, one);
    }
}
