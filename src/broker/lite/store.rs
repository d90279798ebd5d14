//! Messages of lite topics: stored, seen, finished.

use super::super::apply::deliveries::release;
use super::super::apply::groups::mark_ready;
use super::super::apply::producers::send_arrived;
use super::super::consumer::Task;
use super::super::event::{Entry, Event, Outcome};
use super::super::id::{LiteId, ProducerId, ProgressId, QueueId, TopicId};
use super::super::world::World;
use super::super::{resend, send, send_cost, settle};
use super::names::{in_command, is_legal, key};
use super::{BLOCK, Doing, LiteLog, LiteOrigin, Lites, dispatch, expiry, registrations};
use crate::sim::Instant;

// What is decided.

/// A message has reached the broker whose producer names a lite topic: the first use brings that into being.
pub(in crate::broker) fn arrived(
    world: &World,
    producer: ProducerId,
    number: u64,
    queue: QueueId,
    sent_at: Instant,
    out: &mut Vec<Event>,
) {
    let stored = send::stored(world, producer, number, queue, sent_at);
    let topic = world.queue(queue).topic;
    let name = world.producer(producer).lite_topic(number).filter(|_| world.is_lite(topic));
    // Where nobody checks types, a message without lite topic can come to a parent, and the other way round.
    let Some(name) = name else { return out.push(stored) };
    if !is_legal(&name) {
        return out.push(Event::LiteSendRefused { producer, number, queue, full: false });
    }
    let lites = world.lites();
    let known = lites.and_then(|lites| lites.find(topic, key(topic, &name)));
    if !known.is_some_and(|id| lites.is_some_and(|lites| lites.is_alive(id))) {
        if lites.is_some_and(|lites| lites.alive() >= world.settings.lite_max_topics_per_broker.into()) {
            return out.push(Event::LiteSendRefused { producer, number, queue, full: true });
        }
        let lite = known.unwrap_or(next_id(world));
        let origin = LiteOrigin::Sent { producer, number };
        out.push(Event::LiteTopicCreated { lite, topic, origin });
    }
    out.push(stored);
}

/// The number that the next new lite topic gets.
pub(super) fn next_id(world: &World) -> LiteId {
    LiteId::at(world.lites().map_or(0, Lites::len))
}

/// A message of a lite topic was stored: every group that has the lite topic gives it to a client, if that has nothing
/// else of it.
pub(in crate::broker) fn become_visible(world: &World, queue: QueueId, place: u64, out: &mut Vec<Event>) {
    let Some((lite, _)) = world.lite_of(queue, place) else { return };
    for &id in &world.queue(queue).progress {
        dispatch::dispatch(world, id, lite, None, out);
    }
}

// What is written down.

/// A lite topic exists from now on.
pub(in crate::broker) fn topic_created(
    world: &mut World,
    entry: &Entry,
    lite: LiteId,
    parent: TopicId,
    origin: LiteOrigin,
) {
    let place = world.queue(world.lite_queue(parent)).max_offset;
    let (name, from) = match origin {
        LiteOrigin::Sent { producer, number } => {
            let from = u64::from(producer.0) << 45 | number << 1;
            (world.producer(producer).lite_topic(number), from)
        }
        LiteOrigin::Wished { command, nth } => {
            let name = in_command(world.command(command), nth.into());
            (name, u64::from(command.0) << 25 | u64::from(nth & 0xff_ffff) << 1 | 1)
        }
    };
    let lites = world.live.lites.get_or_insert_default();
    let index = u64::from(lite.0);
    if lite.index() == lites.len() {
        lites.names.add(key(parent, name.as_deref().unwrap_or_default()));
        lites.parent.push(parent.0.into());
        lites.origin.push(from);
        lites.first.push(0);
        lites.last.push(0);
    } else {
        lites.reborn.insert(lite, place);
        lites.to_heal.insert(lite);
    }
    lites.min.put(index, 0);
    lites.max.put(index, 0);
    lites.alive.put(index, 1);
    lites.written.put(index, entry.at);
    let block = lite.index() / BLOCK;
    lites.blocks.resize((block + 1).max(lites.blocks.len()), 0);
    lites.blocks[block] += 1;
    let counts = lites.counts_mut(parent);
    counts.alive += 1;
    counts.created += 1;
    expiry::arm_first(world, entry);
    registrations::arm_sync(world, entry);
}

/// A message was refused because of its lite topic.
pub(in crate::broker) fn refused(world: &mut World, producer: ProducerId, number: u64, queue: QueueId) {
    let sent_at = send_arrived(world, producer, number).unwrap_or(world.live.now);
    send_cost::failed(world, producer, number, 1, sent_at);
    resend::close(world, producer, number);
    world.live.rejected += 1;
    world.live.producers[producer.index()].refused += 1;
    let parent = world.queue(queue).topic;
    world.live.lites.get_or_insert_default().counts_mut(parent).refused += 1;
}

/// A message was stored in a parent's log: the newest of its lite topic, and ready for every group that has that one. The
/// others were counted as if they had seen it, and have not.
#[inline(never)]
pub(in crate::broker) fn stored(
    world: &mut World,
    at: Instant,
    queue: QueueId,
    place: u64,
    producer: ProducerId,
    number: u64,
) {
    let lite = append(world, at, queue, place, producer, number);
    for index in 0..world.queue(queue).progress.len() {
        let id = world.queue(queue).progress[index];
        let state = &mut world.live.progress[id.index()];
        state.next = place + 1;
        state.high_water = place + 1;
        let (Some(reading), Some(order)) = (&mut state.lite, &mut state.order) else { continue };
        let committed = lite.and_then(|(lite, _)| reading.committed(lite));
        match (lite, committed) {
            (Some((lite, offset)), Some(committed)) => {
                order.waiting_count += 1;
                if committed == offset {
                    reading.head.put(lite.0.into(), place);
                    reading.count_behind(lite, true);
                }
            }
            _ => {
                let group = state.group;
                world.live.groups[group.index()].counts.seen -= 1;
                world.live.little.inside -= 1;
            }
        }
        recount(world, id);
    }
}

/// Appends a message to its lite topic. Says to which, and at which offset.
fn append(
    world: &mut World,
    at: Instant,
    queue: QueueId,
    place: u64,
    producer: ProducerId,
    number: u64,
) -> Option<(LiteId, u64)> {
    let parent = world.queue(queue).topic;
    let name = world.producer(producer).lite_topic(number)?;
    let logs = &mut world.log.queues[queue.index()].lite;
    if logs.is_empty() {
        logs.push(LiteLog::default());
    }
    let log = logs.first_mut()?;
    let lites = world.live.lites.as_deref_mut()?;
    let lite = lites.find(parent, key(parent, &name))?;
    let index = u64::from(lite.0);
    let offset = lites.max.get(index);
    log.put(place, lite, offset);
    // The one before may be gone with the front of the log, and still in somebody's hands.
    if offset > 0 {
        log.link(lites.last.get(index), place);
    }
    if offset == lites.min.get(index) {
        lites.first.put(index, place);
    }
    lites.last.put(index, place);
    lites.max.put(index, offset + 1);
    lites.written.put(index, at);
    Some((lite, offset))
}

/// What the sums over the lite topics of a group say, as offsets of the parent's queue.
pub(super) fn recount(world: &mut World, id: ProgressId) {
    let state = &mut world.live.progress[id.index()];
    let unfinished = state.kept_back() + u64::from(state.inflight);
    state.committed = state.next - unfinished;
    state.finished.restart(state.committed);
}

/// The broker has taken the result of a delivery.
pub(in crate::broker) fn done_with(world: &mut World, at: Instant, task: &Task, outcome: Outcome) {
    let (id, place) = (task.progress, task.offset);
    if outcome == Outcome::Acknowledged && !task.again {
        let since = world.progress(id).in_sight_of(place, task.copy.stored_at);
        world.live.little.leave(at, since);
    } else if outcome == Outcome::Acknowledged {
        settle::again(world, id, place);
    }
    release(world, id, place);
    finish(world, id, place);
}

/// A message has become a dead letter: its lite topic goes on without it.
pub(in crate::broker) fn give_up(world: &mut World, id: ProgressId, place: u64) {
    if let Some(holder) = world.progress(id).held.get(&place).map(|held| held.consumer) {
        world.live.consumers[holder.index()].outstanding -= 1;
    }
    release(world, id, place);
    finish(world, id, place);
}

/// The message in hands is finished: the next one of its lite topic has its turn.
fn finish(world: &mut World, id: ProgressId, place: u64) {
    let queue = world.progress(id).queue;
    let Some((lite, offset)) = world.lite_of(queue, place) else { return };
    let state = &mut world.live.progress[id.index()];
    state.inflight -= 1;
    if let Some(order) = &mut state.order {
        order.failures.remove(&place);
    }
    if let Some(reading) = &mut state.lite {
        reading.set_doing(lite, Doing::Idle);
    }
    move_to(world, id, lite, offset + 1, Some(place));
    expiry::skip_gone(world, id, lite);
    recount(world, id);
    mark_ready(world, id);
}

/// The group goes on in a lite topic at `offset`, which lies behind the message at `place`, if that is known.
pub(super) fn move_to(world: &mut World, id: ProgressId, lite: LiteId, offset: u64, place: Option<u64>) {
    let queue = world.progress(id).queue;
    let Some(max) = world.lites().map(|lites| lites.max_offset(lite)) else { return };
    let head = match place {
        _ if offset >= max => None,
        Some(place) => world.log.queues[queue.index()].lite.first().map(|log| log.next(place)),
        None => world.lite_place(lite, offset),
    };
    let Some(reading) = &mut world.live.progress[id.index()].lite else { return };
    let was_behind = reading.committed(lite).is_some_and(|committed| committed < max);
    reading.committed.put(lite.0.into(), offset);
    if let Some(head) = head {
        reading.head.put(lite.0.into(), head);
    }
    if was_behind != head.is_some() {
        reading.count_behind(lite, head.is_some());
    }
    if reading.again.get(&lite).is_some_and(|again| *again <= offset) {
        reading.again.remove(&lite);
    }
}

/// Does a message leave the group's sight for good? It does so once.
pub(in crate::broker) fn leaves(world: &mut World, id: ProgressId, place: u64) {
    if !world.is_settled(id, place) {
        settle::leave(world, id, place);
    }
}

impl World {
    /// Has a message of a lite topic ever been a group's business: was it handed out, lost or passed over, or is it to come?
    /// What was in lite topics before the group subscribed to them is not.
    pub fn lite_sees(&self, id: ProgressId, place: u64) -> bool {
        let state = self.progress(id);
        let Some(reading) = &state.lite else { return true };
        let stored_at = self.log.queues[state.queue.index()].stored_at(place);
        let first = self.log.deliveries[id.index()].of(place, stored_at).next();
        let was_lost =
            || state.gaps.iter().flat_map(|gaps| &gaps.lost).any(|lost| lost.offsets.contains(&place));
        if first.is_some_and(|first| first.handed_out_at <= self.live.now) || was_lost() {
            return true;
        }
        let Some((lite, offset)) = self.lite_of(state.queue, place) else { return false };
        let holds = self.lites().is_some_and(|lites| lites.holds(lite, place));
        let start = reading.start.get(&lite).copied().unwrap_or(0);
        holds && reading.committed(lite).is_some() && offset >= start
    }

    /// Is a group done with the message at `offset` of a queue: acknowledged, moved on, or passed over?
    pub fn is_finished(&self, id: ProgressId, offset: u64) -> bool {
        let state = self.progress(id);
        let Some(reading) = &state.lite else { return state.is_finished(offset) };
        let Some((lite, at)) = self.lite_of(state.queue, offset) else { return false };
        let holds = self.lites().is_some_and(|lites| lites.holds(lite, offset));
        let is_lost = || state.gaps.as_ref().is_some_and(|gaps| gaps.expired.contains(offset));
        !holds || reading.committed(lite).is_some_and(|committed| at < committed) || is_lost()
    }

    /// Where the message at `offset` of a lite topic lies in its parent's log.
    pub fn lite_place(&self, lite: LiteId, offset: u64) -> Option<u64> {
        self.lite_places(lite).nth(offset.checked_sub(self.lites()?.get(lite).min_offset)? as usize)
    }

    /// Where the messages of a lite topic lie in its parent's log, the oldest first.
    pub fn lite_places(&self, lite: LiteId) -> impl Iterator<Item = u64> {
        let state = self.lites().map(|lites| (lites.get(lite), lites.first.get(lite.0.into())));
        let log =
            state.and_then(|(state, _)| self.log.queues[self.lite_queue(state.parent).index()].lite.first());
        let (count, first) =
            state.map_or((0, 0), |(state, first)| (state.max_offset - state.min_offset, first));
        let mut place = first;
        (0..count).map(move |nth| {
            if nth > 0 {
                place = log.map_or(place, |log| log.next(place));
            }
            place
        })
    }

    /// The message of a lite topic whose turn it is in a group, if one is left: its place in the parent's log.
    pub fn lite_head(&self, id: ProgressId, lite: LiteId) -> Option<u64> {
        let reading = self.progress(id).lite.as_ref()?;
        let committed = reading.committed(lite)?;
        (committed < self.lites()?.max_offset(lite)).then(|| reading.head.get(lite.0.into()))
    }

    /// How many messages of a lite topic a group has not finished. What is gone behind the one in hands is lost.
    pub fn lite_behind(&self, id: ProgressId, lite: LiteId) -> u64 {
        let committed = self.progress(id).lite.as_ref().and_then(|reading| reading.committed(lite));
        let (Some(lites), Some(committed)) = (self.lites(), committed) else { return 0 };
        let (max, held) = (lites.max_offset(lite), u64::from(self.is_lite_held(id, lite)));
        held + max - (committed + held).max(lites.get(lite).min_offset)
    }

    /// Is a message of a lite topic in the hands of one of a group's clients?
    pub(super) fn is_lite_held(&self, id: ProgressId, lite: LiteId) -> bool {
        self.progress(id).lite.as_ref().is_some_and(|reading| reading.doing(lite) == Doing::InHands)
    }
}
