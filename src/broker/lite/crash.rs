//! What a crash of the broker does to lite topics. Who is registered for which, what is in event sets and who holds what is in
//! its memory only; how far groups have come is written down with each commit. Messages share their parent's log, and
//! with the end of that the ends of lite topics are lost.

use std::collections::BTreeMap;

use super::super::apply::groups::{let_go, mark_ready};
use super::super::event::{Entry, Event, Outcome};
use super::super::id::{ConsumerId, LiteId, ProgressId, QueueId};
use super::super::settle;
use super::super::world::World;
use super::Doing;
use super::expiry::skip_gone;
use super::store::recount;

// What is decided.

/// The broker forgets which clients subscribe to what.
pub(in crate::broker) fn forgotten(world: &World, out: &mut Vec<Event>) {
    for (index, consumer) in world.live.consumers.iter().enumerate() {
        if consumer.is_member() {
            super::goes(world, ConsumerId::at(index), out);
        }
    }
}

// What is written down.

/// Nobody holds a message of a lite topic any more: what was in hands waits again.
pub(in crate::broker) fn hands_forgotten(world: &mut World, id: ProgressId) {
    let queue = world.progress(id).queue;
    let held: Vec<u64> = world.progress(id).held.keys().copied().collect();
    let_go(world, id);
    for place in held {
        let Some((lite, offset)) = world.lite_of(queue, place) else { continue };
        let state = &mut world.live.progress[id.index()];
        state.inflight -= 1;
        if let Some(order) = &mut state.order {
            order.waiting_count += 1;
            order.failures.remove(&place);
        }
        let Some(reading) = &mut state.lite else { continue };
        reading.set_doing(lite, Doing::Idle);
        let again = reading.again.entry(lite).or_default();
        *again = (*again).max(offset + 1);
        // What was gone already, and stayed in hands, nobody can have again.
        skip_gone(world, id, lite);
    }
    recount(world, id);
    mark_ready(world, id);
}

/// The end of a parent's log is lost, and with it the ends of its lite topics.
pub(in crate::broker) fn cut_off(world: &mut World, queue: QueueId, end: u64) {
    let parent = world.queue(queue).topic;
    // The lowest offset that each loses.
    let mut lost: BTreeMap<LiteId, u64> = BTreeMap::new();
    for place in (end..world.queue(queue).max_offset).rev() {
        let Some((lite, offset)) = world.lite_of(queue, place) else { continue };
        let is_there = world.lites().is_some_and(|lites| lites.holds(lite, place));
        if is_there {
            lost.insert(lite, offset);
        }
        for id in world.queue(queue).progress.clone() {
            if is_there {
                message_lost(world, id, place, lite, offset);
            } else {
                forgotten_message_lost(world, id, place);
            }
        }
    }
    for (&lite, &max) in &lost {
        for id in world.queue(queue).progress.clone() {
            shortened(world, id, lite, max);
        }
        let kept = max.saturating_sub(world.lites().map_or(0, |lites| lites.get(lite).min_offset));
        let last = world.lite_places(lite).take(kept as usize).last();
        let Some(lites) = world.live.lites.as_deref_mut() else { continue };
        let index = u64::from(lite.0);
        lites.max.put(index, max);
        let min = lites.min.get(index).min(max);
        lites.min.put(index, min);
        lites.last.put(index, last.unwrap_or(0));
        if last.is_none() {
            lites.first.put(index, 0);
        }
    }
    if let Some(lites) = world.live.lites.as_deref_mut() {
        let mine: Vec<LiteId> = lites.reborn.keys().copied().collect();
        for lite in mine {
            if lites.parent.get(lite.0.into()) == u64::from(parent.0)
                && let Some(since) = lites.reborn.get_mut(&lite)
            {
                *since = (*since).min(end);
            }
        }
    }
    for id in world.queue(queue).progress.clone() {
        let state = &mut world.live.progress[id.index()];
        state.next = state.next.min(end);
        if let Some(order) = &mut state.order {
            order.failures.retain(|place, _| *place < end);
        }
        if let Some(reading) = &mut state.lite {
            reading.late.retain(|place, _| *place < end);
        }
        recount(world, id);
        mark_ready(world, id);
    }
}

/// A group has lost a message, finished or not: it was never its own.
fn message_lost(world: &mut World, id: ProgressId, place: u64, lite: LiteId, offset: u64) {
    let committed = world.progress(id).lite.as_ref().and_then(|reading| reading.committed(lite));
    let (Some(committed), true) = (committed, world.lite_sees(id, place)) else { return };
    let group = world.progress(id).group;
    if offset >= committed {
        if let Some(order) = &mut world.live.progress[id.index()].order {
            order.waiting_count -= 1;
        }
        if !world.is_settled(id, place) {
            settle::lost(world, id, place);
            world.live.groups[group.index()].counts.lost_stored += 1;
        }
        world.live.groups[group.index()].counts.seen -= 1;
    } else {
        finished_message_lost(world, id, place);
    }
}

/// The same of a message that went with its lite topic before: groups have finished it, or lost it then, or it was none of
/// their business.
fn forgotten_message_lost(world: &mut World, id: ProgressId, place: u64) {
    if world.lite_sees(id, place) {
        finished_message_lost(world, id, place);
    }
}

/// A message is lost that its group is done with, which is therefore counted at some place. A dead letter of it is lost
/// as well, and that is said next.
fn finished_message_lost(world: &mut World, id: ProgressId, place: u64) {
    let state = world.progress(id);
    let group = state.group;
    let gaps = state.gaps.as_deref();
    let was_passed = gaps.is_some_and(|gaps| gaps.passed.contains(place));
    let has_expired = gaps.is_some_and(|gaps| gaps.expired.contains(place));
    let outcome = world.latest_outcome(id, place);
    let counts = &mut world.live.groups[group.index()].counts;
    counts.seen -= 1;
    match outcome {
        _ if was_passed => counts.passed -= 1,
        _ if has_expired => counts.expired -= 1,
        Some(Outcome::Acknowledged) => counts.acknowledged -= 1,
        _ => counts.duplicated += 1,
    }
}

/// A lite topic is shorter now: what a group has of it is not more than that.
fn shortened(world: &mut World, id: ProgressId, lite: LiteId, max: u64) {
    let was_behind = world.lite_head(id, lite).is_some();
    let Some(reading) = &mut world.live.progress[id.index()].lite else { return };
    let Some(committed) = reading.committed(lite) else { return };
    let is_behind = committed < max;
    reading.committed.put(lite.0.into(), committed.min(max));
    if was_behind && !is_behind {
        reading.count_behind(lite, false);
    }
    if reading.again.get(&lite).is_some_and(|again| !is_behind || *again <= committed) {
        reading.again.remove(&lite);
    }
    if let Some(again) = reading.again.get_mut(&lite) {
        *again = (*again).min(max);
    }
    if let Some(start) = reading.start.get_mut(&lite) {
        *start = (*start).min(max);
    }
}

/// The broker is back: what recurs does so again.
pub(in crate::broker) fn came_back(world: &mut World, entry: &Entry) {
    super::expiry::rearm(world, entry);
    super::registrations::arm_sync(world, entry);
}
