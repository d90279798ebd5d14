//! The end of lite topics: one that nobody has written to for long enough goes, with all that is in it, whoever has read
//! that or not. And what becomes of their messages when the parent's log is cleaned.

use super::super::apply::deliveries::release;
use super::super::apply::groups::mark_ready;
use super::super::event::{Entry, Event};
use super::super::id::{GroupId, LiteId, ProgressId, QueueId, TopicId};
use super::super::order;
use super::super::settings::Settings;
use super::super::settle;
use super::super::world::{Wakeup, World};
use super::dispatch::{take_out_of_all, wake};
use super::store::{leaves, move_to, recount};
use super::{BLOCK, Doing, Lites};
use crate::rules::lite::is_unused;
use crate::sim::{Instant, Span};

// What is decided.

/// The broker looks for lite topics that nobody has written to for long enough.
pub(in crate::broker) fn sweep(world: &World, out: &mut Vec<Event>) {
    let (Some(lites), Some(ttl)) = (world.lites(), world.settings.lite_ttl) else { return };
    let (now, floor) = (world.live.now, world.settings.lite_min_ttl);
    let mut oldest = None;
    for lite in (0..lites.len()).map(LiteId::at).filter(|lite| lites.is_alive(*lite)) {
        let written_at = lites.written.get(lite.0.into());
        if is_unused((now - written_at).0, ttl.0, floor.0) {
            out.push(Event::LiteExpired { lite, unread: unread(world, lite) });
        } else {
            oldest = Some(oldest.map_or(written_at, |oldest: Instant| oldest.min(written_at)));
        }
    }
    // Where nothing is left, the next one has yet to come into being.
    out.push(Event::LiteSwept { next_at: next_look(&world.settings, ttl, now, oldest.unwrap_or(now)) });
}

/// How many messages of a lite topic groups lose that have not finished them, all groups together.
fn unread(world: &World, lite: LiteId) -> u32 {
    let Some(lites) = world.lites() else { return 0 };
    let readers = &world.queue(world.lite_queue(lites.get(lite).parent)).progress;
    let unread: u64 = readers.iter().map(|id| world.lite_behind(*id, lite)).sum();
    u32::try_from(unread).unwrap_or(u32::MAX)
}

/// When the broker looks again, if the oldest lite topic was written to at this instant: as soon as it may have to go.
fn next_look(settings: &Settings, ttl: Span, now: Instant, oldest: Instant) -> Instant {
    let interval = settings.lite_ttl_check_interval.as_us().max(1);
    let not_before = (oldest + ttl.max(settings.lite_min_ttl)).max(now).as_us();
    Instant::from_us((not_before / interval + 1).saturating_mul(interval))
}

/// Messages of a parent's log are gone: what becomes of those who read it.
pub(in crate::broker) fn overtaken(world: &World, queue: QueueId, out: &mut Vec<Event>) {
    for &id in &world.queue(queue).progress {
        out.extend(corrected_to_min(world, id));
    }
}

/// What a group has lost with the front of the parent's log, if it has lost something.
fn corrected_to_min(world: &World, id: ProgressId) -> Option<Event> {
    let offset = world.queue(world.progress(id).queue).min_offset;
    let expired =
        overtaken_topics(world, id).iter().map(|lite| gone_messages(world, id, *lite).len()).sum::<usize>();
    let event = Event::OffsetCorrected { progress: id, offset, expired: expired as u64, drops: false };
    (expired > 0).then_some(event)
}

/// The lite topics of which the first message that a group has not finished is gone.
fn overtaken_topics(world: &World, id: ProgressId) -> Vec<LiteId> {
    let queue = world.queue(world.progress(id).queue);
    let Some(lites) = world.lites() else { return Vec::new() };
    let is_overtaken =
        |lite: &LiteId| world.lite_head(id, *lite).is_some_and(|place| place < queue.min_offset);
    lites.of(queue.topic).filter(is_overtaken).collect()
}

/// The messages of a lite topic that a group loses because they are gone with the front of the parent's log. The one in
/// hands is not lost, it is worked off.
fn gone_messages(world: &World, id: ProgressId, lite: LiteId) -> Vec<u64> {
    let state = world.progress(id);
    let (min, is_held) = (world.queue(state.queue).min_offset, world.is_lite_held(id, lite));
    unfinished(world, id, lite).skip(is_held.into()).take_while(|place| *place < min).collect()
}

/// Where the messages of a lite topic lie that a group has neither finished nor lost.
fn unfinished(world: &World, id: ProgressId, lite: LiteId) -> impl Iterator<Item = u64> {
    let state = world.progress(id);
    let log = world.log.queues[state.queue.index()].lite.first();
    let committed = state.lite.as_ref().and_then(|reading| reading.committed(lite));
    let max = world.lites().map_or(0, |lites| lites.max_offset(lite));
    let mut next = world.lite_head(id, lite);
    let all = (committed.unwrap_or(max)..max).filter_map(move |_| {
        let place = next?;
        next = log.map(|log| log.next(place));
        Some(place)
    });
    all.filter(|place| !state.gaps.as_ref().is_some_and(|gaps| gaps.expired.contains(*place)))
}

// What is written down.

/// Puts the first look on the agenda, once there is a lite topic.
pub(super) fn arm_first(world: &mut World, entry: &Entry) {
    let Some(ttl) = world.settings.lite_ttl else { return };
    if world.lites().is_some_and(|lites| lites.sweep_slot.is_none()) {
        let at = next_look(&world.settings, ttl, entry.at, entry.at);
        swept(world, entry, at);
    }
}

/// The broker is back, and looks again.
pub(super) fn rearm(world: &mut World, entry: &Entry) {
    let (Some(lites), Some(ttl)) = (world.lites(), world.settings.lite_ttl) else { return };
    if lites.sweep_slot.is_none() {
        return;
    }
    let alive = (0..lites.len()).map(LiteId::at).filter(|lite| lites.is_alive(*lite));
    let oldest = alive.map(|lite| lites.written.get(lite.0.into())).min().unwrap_or(entry.at);
    // For as long as lite topics live at the least nothing goes after a start.
    let at = next_look(&world.settings, ttl, entry.at + world.settings.lite_min_ttl, oldest);
    swept(world, entry, at);
}

/// Notes when the next look comes.
pub(in crate::broker) fn swept(world: &mut World, entry: &Entry, next_at: Instant) {
    let slot = world.lites().and_then(|lites| lites.sweep_slot);
    let slot = wake(world, slot, Wakeup::LiteSwept, next_at, entry);
    if let Some(lites) = world.live.lites.as_deref_mut() {
        lites.sweep_slot = Some(slot);
    }
}

/// A lite topic is gone, with its messages, what groups know of it, and the registrations of clients.
pub(in crate::broker) fn expired(world: &mut World, lite: LiteId) {
    let Some(parent) = world.lites().map(|lites| lites.get(lite).parent) else { return };
    let queue = world.lite_queue(parent);
    let mut registered = 0;
    for index in 0..world.queue(queue).progress.len() {
        let id = world.queue(queue).progress[index];
        lose_all(world, id, lite);
        if let Some(reading) = &mut world.live.progress[id.index()].lite {
            registered += reading.forget(lite);
        }
        recount(world, id);
        mark_ready(world, id);
    }
    let Some(lites) = world.live.lites.as_deref_mut() else { return };
    let index = u64::from(lite.0);
    lites.alive.put(index, 0);
    lites.min.put(index, 0);
    lites.max.put(index, 0);
    lites.blocks[lite.index() / BLOCK] -= 1;
    let counts = lites.counts_mut(parent);
    counts.alive -= 1;
    counts.expired += 1;
    counts.subscriptions -= registered;
}

/// A group loses whatever it has not finished of a lite topic.
fn lose_all(world: &mut World, id: ProgressId, lite: LiteId) {
    take_out_of_all(world, id, lite);
    drop_hands(world, id, lite);
    let Some(head) = world.lite_head(id, lite) else { return };
    let all: Vec<u64> = unfinished(world, id, lite).collect();
    lose(world, id, &all);
    let state = &mut world.live.progress[id.index()];
    if let Some(order) = &mut state.order {
        order.failures.remove(&head);
    }
    if let Some(reading) = &mut state.lite {
        reading.count_behind(lite, false);
    }
}

/// A group does not get these messages, which waited for it: they are gone.
fn lose(world: &mut World, id: ProgressId, places: &[u64]) {
    let now = world.live.now;
    for &place in places {
        settle::again(world, id, place);
        world.live.progress[id.index()].gaps.get_or_insert_default().lose(place, now, true);
    }
    let state = &mut world.live.progress[id.index()];
    if let Some(order) = &mut state.order {
        order.waiting_count -= places.len() as u64;
    }
    world.live.groups[state.group.index()].counts.expired += places.len() as u64;
}

/// What a client holds of a lite topic counts for nothing any more, and waits as if it had never been handed out.
pub(super) fn drop_hands(world: &mut World, id: ProgressId, lite: LiteId) {
    let Some(reading) = &world.progress(id).lite else { return };
    let Some(place) = world.lite_head(id, lite).filter(|_| reading.doing(lite) == Doing::InHands) else {
        return;
    };
    let group = world.progress(id).group;
    release(world, id, place);
    for holder in order::forget_suspended(world, group, |one| one.progress == id && one.offset == place) {
        world.live.consumers[holder.index()].outstanding -= 1;
    }
    let state = &mut world.live.progress[id.index()];
    state.inflight -= 1;
    if let Some(order) = &mut state.order {
        order.waiting_count += 1;
        order.failures.remove(&place);
    }
    let Some(reading) = &mut state.lite else { return };
    reading.set_doing(lite, Doing::Idle);
    if let Some(committed) = reading.committed(lite) {
        let again = reading.again.entry(lite).or_default();
        *again = (*again).max(committed + 1);
    }
}

/// Notes what a group has lost with the front of the parent's log.
pub(in crate::broker) fn corrected(world: &mut World, id: ProgressId) {
    for lite in overtaken_topics(world, id) {
        if world.is_lite_held(id, lite) {
            let gone = gone_messages(world, id, lite);
            lose(world, id, &gone);
        } else {
            skip_gone(world, id, lite);
        }
    }
    recount(world, id);
    mark_ready(world, id);
}

/// Where the next messages of a lite topic are gone with the front of the parent's log, the group goes on behind them.
/// Nothing of the lite topic is in hands.
pub(super) fn skip_gone(world: &mut World, id: ProgressId, lite: LiteId) {
    let committed = world.progress(id).lite.as_ref().and_then(|reading| reading.committed(lite));
    let min = world.lites().map_or(0, |lites| lites.get(lite).min_offset);
    let Some(head) = world.lite_head(id, lite).filter(|_| committed < Some(min)) else { return };
    let gone = gone_messages(world, id, lite);
    lose(world, id, &gone);
    if let Some(order) = &mut world.live.progress[id.index()].order {
        order.failures.remove(&head);
    }
    move_to(world, id, lite, min, None);
    if world.lite_head(id, lite).is_none() {
        take_out_of_all(world, id, lite);
    }
}

/// Messages of a parent's log are gone: the lite topics begin behind them.
pub(in crate::broker) fn min_raised(world: &mut World, queue: QueueId) {
    let (parent, end) = (world.queue(queue).topic, world.queue(queue).min_offset);
    let Some(lites) = world.lites() else { return };
    let all: Vec<LiteId> = lites.of(parent).filter(|lite| is_before(lites, *lite, end)).collect();
    for lite in all {
        let mut places = world.lite_places(lite).skip_while(|place| *place < end);
        let (first, left) = (places.next(), places.count() as u64 + 1);
        if let Some(lites) = world.live.lites.as_deref_mut() {
            let index = u64::from(lite.0);
            let max = lites.max.get(index);
            lites.min.put(index, first.map_or(max, |_| max - left));
            lites.first.put(index, first.unwrap_or(0));
        }
    }
}

/// Does the oldest message of a lite topic lie before `end`?
fn is_before(lites: &Lites, lite: LiteId, end: u64) -> bool {
    let index = lite.0.into();
    lites.min.get(index) < lites.max.get(index) && lites.first.get(index) < end
}

/// A group is deleted: what it had before it leaves with it, and so do the registrations of its clients.
pub(in crate::broker) fn everything_of(world: &mut World, id: ProgressId) {
    let parent: TopicId = world.queue(world.progress(id).queue).topic;
    let Some(lites) = world.lites() else { return };
    let all: Vec<u64> = lites.of(parent).flat_map(|lite| unfinished(world, id, lite)).collect();
    for place in all {
        leaves(world, id, place);
    }
}

/// The clients of a deleted group are registered for nothing.
pub(in crate::broker) fn forget_group(world: &mut World, group: GroupId) {
    for index in 0..world.group(group).consumers.len() {
        let consumer = world.group(group).consumers[index];
        super::dispatch::client_gone(world, consumer);
    }
}
