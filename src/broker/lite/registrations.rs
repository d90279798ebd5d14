//! What is written down of subscriptions to lite topics: who is registered for which, and from where a group reads them.

use std::ops::Range;

use super::super::apply::groups::mark_ready;
use super::super::event::Entry;
use super::super::id::{ConsumerId, LiteId, ProgressId};
use super::super::settle;
use super::super::world::{Wakeup, World};
use super::Doing;
use super::dispatch::{take_out, take_out_of_all, wake};
use super::expiry::{drop_hands, skip_gone};
use super::store::{move_to, recount};
use super::subscribe::places;
use crate::sim::Instant;

/// A client is registered for a lite topic. A group that has no offset there begins at `offset`.
pub(in crate::broker) fn subscribed(world: &mut World, consumer: ConsumerId, lite: LiteId, offset: u64) {
    let group = world.consumer(consumer).group;
    let Some(id) = world.lite_progress(group) else { return };
    if let Some(client) = &mut world.live.consumers[consumer.index()].lite {
        client.want(lite);
    }
    let parent = world.queue(world.progress(id).queue).topic;
    if let Some(lites) = world.live.lites.as_deref_mut() {
        lites.counts_mut(parent).subscriptions += 1;
    }
    let max = world.lites().map_or(0, |lites| lites.max_offset(lite));
    let Some(reading) = &mut world.live.progress[id.index()].lite else { return };
    reading.register(lite, consumer);
    if reading.committed(lite).is_some() {
        return;
    }
    if offset > 0 {
        reading.start.insert(lite, offset);
    }
    reading.committed.put(lite.0.into(), offset);
    let seen: Vec<u64> = places(world, lite, offset..max).collect();
    come_into_sight(world, id, &seen);
    if let (Some(&head), Some(reading)) = (seen.first(), &mut world.live.progress[id.index()].lite) {
        reading.head.put(lite.0.into(), head);
        reading.count_behind(lite, true);
    }
    recount(world, id);
    mark_ready(world, id);
}

/// Messages that were stored before come into a group's sight now, and wait.
fn come_into_sight(world: &mut World, id: ProgressId, places: &[u64]) {
    if places.is_empty() {
        return;
    }
    let now = world.live.now;
    let state = &mut world.live.progress[id.index()];
    let group = state.group;
    if let Some(order) = &mut state.order {
        order.waiting_count += places.len() as u64;
    }
    if let Some(reading) = &mut state.lite {
        reading.late.extend(places.iter().map(|place| (*place, now)));
    }
    settle::entered(world, group, places.len() as u64);
}

/// A client is not registered for a lite topic any more, and does not want it.
pub(in crate::broker) fn unsubscribed(world: &mut World, consumer: ConsumerId, lite: LiteId) {
    let Some(id) = world.lite_progress(world.consumer(consumer).group) else { return };
    let parent = world.queue(world.progress(id).queue).topic;
    let events = world.consumer(consumer).lite.as_ref().is_some_and(|client| client.events.contains(&lite));
    if events {
        take_out(world, consumer, lite);
    }
    if let Some(client) = &mut world.live.consumers[consumer.index()].lite {
        client.want_no_more(lite);
    }
    let Some(reading) = &mut world.live.progress[id.index()].lite else { return };
    if events {
        reading.set_doing(lite, Doing::Idle);
    }
    let was_registered = reading.unregister(lite, consumer);
    if let Some(lites) = world.live.lites.as_deref_mut() {
        lites.counts_mut(parent).subscriptions -= u64::from(was_registered);
    }
    mark_ready(world, id);
}

/// A client was refused a lite topic, and wants it all the same.
pub(in crate::broker) fn refused(
    world: &mut World,
    consumer: ConsumerId,
    lite: LiteId,
    holder: Option<ConsumerId>,
) {
    if let (Some(client), Some(holder)) = (&mut world.live.consumers[consumer.index()].lite, holder) {
        client.want_in_vain(lite, holder);
    }
}

/// A client has given up lite topics of which each has one client. Others that were refused them have them with the next
/// complete list.
pub(in crate::broker) fn given_up(
    world: &mut World,
    entry: &Entry,
    consumer: ConsumerId,
    one: Option<LiteId>,
) {
    let group = world.consumer(consumer).group;
    let Some(id) = world.lite_progress(group).filter(|_| world.is_exclusive(group)) else { return };
    let (Some(client), Some(reading)) = (&world.consumer(consumer).lite, &world.progress(id).lite) else {
        return;
    };
    let gone = one.into_iter().chain(client.interests().filter(|_| one.is_none()));
    let wants = |other: &ConsumerId, lite: LiteId| {
        *other != consumer && world.consumer(*other).lite.as_ref().is_some_and(|client| client.wants(lite))
    };
    let is_free = |lite: &LiteId| {
        world.lites().is_some_and(|lites| lites.is_alive(*lite))
            && reading.subscribers(*lite).all().is_empty()
            && world.group(group).consumers.iter().any(|other| wants(other, *lite))
    };
    let free: Vec<LiteId> = gone.filter(is_free).collect();
    for lite in free {
        if let Some(lites) = world.live.lites.as_deref_mut() {
            lites.to_heal.insert(lite);
        }
        arm_sync(world, entry);
    }
}

/// A group goes on in a lite topic from another offset, because a client asked for it. What is in hands is dropped.
pub(in crate::broker) fn positioned(
    world: &mut World,
    id: ProgressId,
    lite: LiteId,
    offset: u64,
    acknowledged: u32,
    moved: u32,
) {
    drop_hands(world, id, lite);
    // What was in hands may be gone with the front of the log, and what came after it as well.
    skip_gone(world, id, lite);
    let Some(committed) = world.progress(id).lite.as_ref().and_then(|reading| reading.committed(lite)) else {
        return;
    };
    let group = world.progress(id).group;
    if offset < committed {
        go_back(world, id, lite, offset..committed);
    } else {
        pass_over(world, id, lite, committed..offset);
    }
    move_to(world, id, lite, offset, None);
    if let Some(reading) = &mut world.live.progress[id.index()].lite
        && offset < committed
    {
        let again = reading.again.entry(lite).or_default();
        *again = (*again).max(committed);
    }
    let counts = &mut world.live.groups[group.index()].counts;
    counts.acknowledged -= u64::from(acknowledged);
    counts.duplicated += i64::from(moved);
    recount(world, id);
    if world.lite_head(id, lite).is_none() {
        take_out_of_all(world, id, lite);
    }
    mark_ready(world, id);
}

/// Finished messages wait once more, and those before the first one that the group had looked at come into its sight.
fn go_back(world: &mut World, id: ProgressId, lite: LiteId, offsets: Range<u64>) {
    let Some(reading) = &mut world.live.progress[id.index()].lite else { return };
    let start = reading.start.get(&lite).copied().unwrap_or(0).min(offsets.end);
    if offsets.start < start {
        reading.start.insert(lite, offsets.start);
        let seen: Vec<u64> = places(world, lite, offsets.start..start).collect();
        come_into_sight(world, id, &seen);
    }
    let back: Vec<u64> = places(world, lite, offsets.start.max(start)..offsets.end).collect();
    let state = &mut world.live.progress[id.index()];
    let group = state.group;
    if let Some(order) = &mut state.order {
        order.waiting_count += back.len() as u64;
    }
    let Some(gaps) = &mut state.gaps else { return };
    let passed: Vec<u64> = back.into_iter().filter(|place| gaps.passed.contains(*place)).collect();
    passed.iter().for_each(|place| gaps.passed.remove(*place));
    world.live.groups[group.index()].counts.passed -= passed.len() as u64;
}

/// Messages that waited are passed over.
fn pass_over(world: &mut World, id: ProgressId, lite: LiteId, offsets: Range<u64>) {
    let now = world.live.now;
    let all: Vec<u64> = places(world, lite, offsets).collect();
    for place in &all {
        let state = &mut world.live.progress[id.index()];
        let gaps = state.gaps.get_or_insert_default();
        gaps.lose(*place, now, false);
        if let Some(order) = &mut state.order {
            order.waiting_count -= 1;
        }
        settle::again(world, id, *place);
    }
    let group = world.progress(id).group;
    world.live.groups[group.index()].counts.passed += all.len() as u64;
}

/// Puts the next time on the agenda at which clients say what they subscribe to, if somebody needs that and it is not there.
pub(super) fn arm_sync(world: &mut World, entry: &Entry) {
    let interval = world.settings.lite_sync_interval.as_us().max(1);
    let Some(lites) = world.lites().filter(|lites| !lites.to_heal.is_empty()) else { return };
    let slot = lites.sync_slot;
    if slot.is_some_and(|slot| world.live.agenda.time_of(slot).is_some()) {
        return;
    }
    let at = Instant::from_us((entry.at.as_us() / interval + 1).saturating_mul(interval));
    let slot = wake(world, slot, Wakeup::LiteSynced, at, entry);
    if let Some(lites) = world.live.lites.as_deref_mut() {
        lites.sync_slot = Some(slot);
    }
}

/// The clients have said what they subscribe to.
pub(in crate::broker) fn synced(world: &mut World) {
    if let Some(lites) = world.live.lites.as_deref_mut() {
        lites.to_heal.clear();
    }
}
