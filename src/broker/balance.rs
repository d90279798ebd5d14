//! Sharing out queues: which consumer reads which, when that is computed, and what a change of hands costs.
//!
//! How a share is computed is in [`super::strategy`].
//!
//! Source: `RebalanceImpl`, `RebalanceService`.

use super::consumer::{ConsumerStatus, Reach, by_name};
use super::event::{Event, Outcome};
use super::id::{ConsumerId, GroupId, ProgressId};
use super::retention;
use super::spec::ConsumeMode;
use super::strategy::Topic;
use super::world::World;
use crate::sim::Instant;

/// The group's members changed: compute its allocation again, at once or as soon as the least interval allows.
pub(super) fn schedule(world: &World, group_id: GroupId, out: &mut Vec<Event>) {
    let group = world.group(group_id);
    if group.removed || world.group(group_id).by_message {
        return;
    }
    let earliest =
        group.rebalanced_at.map_or(Instant::ZERO, |at| at + world.settings.classic_rebalance_min_interval);
    let at = world.live.now.max(earliest);
    // What was planned for an instant at which the broker was down did not take place.
    if group.rebalance_at.is_none_or(|planned| planned > at || planned < world.live.now) {
        out.push(Event::RebalanceScheduled { group: group_id, at });
    }
}

/// The allocation of a group is computed. In message balancing there is nothing to share out: every member may read
/// every queue, and learns so.
pub(super) fn rebalance(world: &World, group_id: GroupId, out: &mut Vec<Event>) {
    if world.group(group_id).by_message {
        let members = world.group(group_id).consumers.iter().copied();
        let members = members.filter(|id| world.consumer(*id).is_member());
        out.extend(members.map(|consumer| Event::AssignmentReceived { consumer }));
        out.push(Event::Rebalanced { group: group_id, moved: 0, next_at: Instant::NEVER });
        return;
    }
    let mut moved = 0;
    for (progress, owner) in allocation(world, group_id) {
        if world.progress(progress).owner != owner {
            moved += 1;
            hand_over(world, progress, owner, out);
        }
    }
    let next_at = world.live.now + world.settings.classic_rebalance_interval;
    out.push(Event::Rebalanced { group: group_id, moved, next_at });
}

/// What the allocation of a group should be: an owner, or none, for each of its progresses.
pub(super) fn allocation(world: &World, group_id: GroupId) -> Vec<(ProgressId, Option<ConsumerId>)> {
    let group = world.group(group_id);
    let is_member = |id: &ConsumerId| world.consumer(*id).is_member();
    if group.spec.mode == ConsumeMode::Broadcasting {
        let own = |id: &ProgressId| {
            let progress = world.progress(*id);
            (*id, progress.member.filter(|member| progress.readable && is_member(member)))
        };
        return group.progress.iter().map(own).collect();
    }
    let members = members(world, group_id);
    let names: Vec<&str> = members.iter().map(|id| world.consumer(*id).spec.name.as_str()).collect();
    let retries = group.retry_topics.iter().map(|(_, topic)| *topic);
    let mut owners = Vec::with_capacity(group.progress.len());
    for topic in group.topics.iter().copied().chain(retries) {
        let topic = world.topic(topic);
        let mine = |queue: &_| world.progress_on(group_id, *queue);
        let readable: Vec<ProgressId> = topic.readable().iter().filter_map(mine).collect();
        let position = |owner: ConsumerId| members.iter().position(|member| *member == owner);
        let before = readable.iter().map(|id| world.progress(*id).owner.and_then(position));
        let before: Vec<Option<usize>> = before.collect();
        let topic = Topic { name: &topic.name, is_retry: topic.is_retry() };
        let shares = group.spec.strategy.owners(&topic, &names, &before);
        owners.extend(readable.into_iter().zip(shares).map(|(id, owner)| (id, owner.map(|at| members[at]))));
    }
    let hidden = group.progress.iter().filter(|id| !world.progress(**id).readable);
    owners.extend(hidden.map(|id| (*id, None)));
    owners
}

/// Who shares the queues of a group, in order of their names.
fn members(world: &World, group: GroupId) -> Vec<ConsumerId> {
    let is_member = |id: &ConsumerId| world.consumer(*id).is_member();
    let mut members: Vec<ConsumerId> =
        world.group(group).consumers.iter().copied().filter(is_member).collect();
    by_name(&world.live.consumers, &mut members);
    members
}

/// Who gets the one queue of a retry topic that comes into being.
pub(super) fn first_owner(world: &World, group: GroupId, retry_topic: &str) -> Option<ConsumerId> {
    let members = members(world, group);
    let names: Vec<&str> = members.iter().map(|id| world.consumer(*id).spec.name.as_str()).collect();
    let topic = Topic { name: retry_topic, is_retry: true };
    let owners = world.group(group).spec.strategy.owners(&topic, &names, &[None]);
    owners[0].map(|at| members[at])
}

/// A queue changes hands: its owner, unless it crashed, reports how far it came; whoever reads it next starts from
/// the committed offset, and finished messages at or above it will be delivered again.
pub(super) fn hand_over(world: &World, id: ProgressId, owner: Option<ConsumerId>, out: &mut Vec<Event>) {
    let progress = world.progress(id);
    // A pull consumer reports nothing but what it has committed.
    let can_report = |old: ConsumerId| {
        let old = world.consumer(old);
        old.status != ConsumerStatus::Crashed && old.reach != Reach::Cut
    };
    let reports = progress.owner.is_some_and(can_report) && !world.group(progress.group).pull;
    let committed = if reports { progress.done_below() } else { progress.committed };
    if committed > progress.committed {
        out.push(Event::OffsetCommitted { progress: id, offset: committed });
    }
    hand_on(world, id, committed, owner, out);
}

/// A queue is taken from an owner that reports nothing any more: its process died.
pub(super) fn take_back(world: &World, id: ProgressId, out: &mut Vec<Event>) {
    hand_on(world, id, world.progress(id).committed, None, out);
}

fn hand_on(world: &World, id: ProgressId, committed: u64, owner: Option<ConsumerId>, out: &mut Vec<Event>) {
    let min_offset = world.queue(world.progress(id).queue).min_offset;
    let committed = if committed < min_offset {
        // What would be read again is gone.
        out.push(retention::corrected_to_min(world, id, true));
        min_offset
    } else {
        committed
    };
    let [reread_acknowledged, reread_moved, reread_filtered] = finished_from(world, id, committed);
    out.push(Event::QueueAssigned {
        progress: id,
        owner,
        reread_acknowledged,
        reread_moved,
        reread_filtered,
    });
}

/// How many of the finished messages from `first` on were acknowledged, how many were moved to a retry or
/// dead-letter topic, and how many a filter kept back.
pub(super) fn finished_from(world: &World, id: ProgressId, first: u64) -> [u32; 3] {
    let progress = world.progress(id);
    let in_a_row = first.max(progress.start)..progress.done_below();
    let was_passed = |offset: &u64| progress.gaps.as_ref().is_some_and(|gaps| gaps.passed.contains(*offset));
    let mut counts = [0; 3];
    for offset in in_a_row.chain(progress.finished.ahead().from(first)).filter(|offset| !was_passed(offset)) {
        match world.latest_outcome(id, offset) {
            Some(Outcome::Acknowledged) => counts[0] += 1,
            Some(Outcome::Filtered) => counts[2] += 1,
            // A poll returned it, and that is all; it is counted where it is.
            None if world.group(progress.group).pull => {}
            // Failed, or finished without a result: its invisible time ran out.
            _ => counts[1] += 1,
        }
    }
    counts
}
