//! When a group is done with a message: acknowledged once, dead-lettered, dropped, or filtered out. Both sides of Little's law are
//! kept here, and each logical message counts once per group, however often it was delivered.

use super::event::Entry;
use super::id::{GroupId, MessageRef, ProgressId};
use super::lite;
use super::world::World;
use crate::sim::Instant;

/// So many messages came into a group's sight.
pub(super) fn entered(world: &mut World, group: GroupId, count: u64) {
    let now = world.live.now;
    world.live.groups[group.index()].counts.seen += count;
    world.live.little.enter(now, count);
}

/// A delivery was acknowledged, or a message filtered out, that was delivered or filtered out before. (`apply` deals with
/// the first time: nothing can have settled it before.)
pub(super) fn again(world: &mut World, id: ProgressId, offset: u64) {
    let progress = world.progress(id);
    let (group, seq) = (progress.group, world.live.seq - 1);
    let target = if progress.member.is_some() { Some(id) } else { None };
    let origin = world.origin(MessageRef { queue: progress.queue, offset });
    if let Some(progress) = target.or_else(|| world.progress_on(group, origin.queue)) {
        once(world, progress, origin.offset, seq);
    }
}

/// A message was dead-lettered: its group is done with it, unless an earlier duplicate succeeded.
pub(super) fn message(world: &mut World, entry: &Entry, group: GroupId, message: MessageRef) {
    let origin = world.origin(message);
    if let Some(progress) = world.progress_on(group, origin.queue) {
        once(world, progress, origin.offset, entry.seq);
    }
}

/// A message is lost before its group was done with it.
pub(super) fn lost(world: &mut World, progress: ProgressId, offset: u64) {
    leave(world, progress, offset);
}

/// A broadcasting consumer dropped a message, or a pull consumer, which may have had a copy that somebody sent back.
pub(super) fn delivery(world: &mut World, entry: &Entry, id: ProgressId, offset: u64) {
    let progress = world.progress(id);
    if progress.member.is_some() {
        once(world, id, offset, entry.seq);
    } else {
        message(world, entry, progress.group, MessageRef { queue: progress.queue, offset });
    }
}

/// A group is deleted: whatever it still had before it leaves with it.
pub(super) fn everything_of(world: &mut World, group: GroupId) {
    for index in 0..world.group(group).progress.len() {
        let id = world.group(group).progress[index];
        let progress = world.progress(id);
        let queue = world.queue(progress.queue);
        if !world.topic(queue.topic).is_ordinary() {
            continue;
        }
        if progress.lite.is_some() {
            lite::everything_of(world, id);
            continue;
        }
        for offset in progress.start..queue.max_offset {
            if !world.is_settled(id, offset) {
                leave(world, id, offset);
            }
        }
    }
}

fn once(world: &mut World, progress: ProgressId, offset: u64, seq: u64) {
    if !world.is_settled_before(progress, offset, seq) {
        leave(world, progress, offset);
        world.log.settled.insert((progress, offset), seq);
    }
}

fn stored_at(world: &World, progress: ProgressId, offset: u64) -> Instant {
    world.log.queues[world.progress(progress).queue.index()].stored_at(offset)
}

pub(super) fn leave(world: &mut World, progress: ProgressId, offset: u64) {
    let since = world.progress(progress).in_sight_of(offset, stored_at(world, progress, offset));
    world.live.little.leave(world.live.now, since);
}
