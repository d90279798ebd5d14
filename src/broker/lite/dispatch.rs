//! Event sets: which client is told of a lite topic that has messages, and what it is given when it asks.

use std::collections::{BTreeMap, BTreeSet};

use super::super::apply::groups::mark_ready;
use super::super::delivery;
use super::super::event::{Entry, Event};
use super::super::id::{ConsumerId, GroupId, LiteId, ProgressId};
use super::super::world::{Wakeup, World};
use super::{Doing, Subscribers};
use crate::sim::{Instant, Span, Stream};

/// So much later at the most, by chance, a full event set is looked at again that is still too full.
const PUT_OFF: Span = Span::from_secs(25);

// What is decided.

/// A lite topic may have messages that nobody has: if so, one of the group's clients has it put into its event set.
/// Preferably this one.
pub(in crate::broker) fn dispatch(
    world: &World,
    id: ProgressId,
    lite: LiteId,
    preferred: Option<ConsumerId>,
    out: &mut Vec<Event>,
) {
    Dispatch::of(world, id).one(lite, preferred, out);
}

/// Is a client given messages? Not if it is paused, shutting down or dead, or cannot be reached.
fn takes(world: &World, consumer: ConsumerId) -> bool {
    world.consumer(consumer).is_given_messages()
}

struct Dispatch<'a> {
    world: &'a World,
    id: ProgressId,
    /// What was put into event sets, and is not there yet.
    more: BTreeMap<ConsumerId, usize>,
    /// Whose event sets were found full.
    full: BTreeSet<ConsumerId>,
}

impl<'a> Dispatch<'a> {
    fn of(world: &'a World, id: ProgressId) -> Self {
        Self { world, id, more: BTreeMap::new(), full: BTreeSet::new() }
    }

    fn one(&mut self, lite: LiteId, preferred: Option<ConsumerId>, out: &mut Vec<Event>) {
        let Self { world, id, .. } = *self;
        let Some(reading) = &world.progress(id).lite else { return };
        if reading.doing(lite) != Doing::Idle || world.lite_head(id, lite).is_none() {
            return;
        }
        let subscribers = reading.subscribers(lite);
        match self.choose(lite, subscribers, preferred, None) {
            Some(consumer) => {
                *self.more.entry(consumer).or_default() += 1;
                out.push(Event::LiteQueued { progress: id, lite, consumer, from: None });
            }
            None => {
                let due_at = world.live.now + world.settings.lite_full_dispatch;
                // Whichever of them has room first: each is looked at again.
                for &consumer in subscribers.all() {
                    let is_new = world.lites().is_some_and(|lites| lites.full_until(consumer).is_none());
                    if is_new && self.full.insert(consumer) {
                        out.push(Event::LiteSetFull { progress: id, lite, consumer, due_at });
                    }
                }
            }
        }
    }

    /// One of the subscribers whose event set has room: from a random one on, those first that take messages.
    fn choose(
        &self,
        lite: LiteId,
        subscribers: Subscribers<'_>,
        preferred: Option<ConsumerId>,
        except: Option<ConsumerId>,
    ) -> Option<ConsumerId> {
        let all = subscribers.all();
        let takes = |consumer: ConsumerId| takes(self.world, consumer);
        if let Some(consumer) =
            preferred.filter(|one| all.contains(one) && takes(*one) && self.has_room(*one))
        {
            return Some(consumer);
        }
        let start = match all.len() {
            0 | 1 => 0,
            many => {
                let group = self.world.group(self.world.progress(self.id).group);
                let luck = self.world.chance.stream(Stream::LiteDispatch, group.key);
                luck.below(self.world.lite_head(self.id, lite)?, many as u64) as usize
            }
        };
        let ring = || all[start..].iter().chain(&all[..start]).copied().filter(|one| Some(*one) != except);
        ring()
            .find(|one| takes(*one) && self.has_room(*one))
            .or_else(|| ring().find(|one| self.has_room(*one)))
    }

    fn has_room(&self, consumer: ConsumerId) -> bool {
        let events = self.world.consumer(consumer).lite.as_ref().map_or(0, |client| client.events.len());
        let more = self.more.get(&consumer).copied().unwrap_or(0);
        events + more < self.world.settings.lite_max_events_per_client as usize
    }
}

/// Could somebody who asks get something?
pub(in crate::broker) fn has_eligible(world: &World, id: ProgressId) -> bool {
    world.progress(id).lite.as_ref().is_some_and(|reading| reading.queued > 0)
}

/// A client has something in its event set: if its request waits, it is answered; if not, it may ask. The request of one that
/// died waits as well, until the broker notices, and the answer goes nowhere.
pub(in crate::broker) fn serve(world: &World, id: ProgressId, consumer: ConsumerId, out: &mut Vec<Event>) {
    if world.consumer(consumer).parked {
        take(world, id, consumer, delivery::room_for_receive(world, consumer).into(), out);
    } else {
        delivery::receive(world, consumer, out);
    }
}

/// Gives a client the next message of each lite topic in its event set, at most `room` of them. Says how many.
pub(in crate::broker) fn take(
    world: &World,
    id: ProgressId,
    reader: ConsumerId,
    room: u64,
    out: &mut Vec<Event>,
) -> u64 {
    let Some(client) = &world.consumer(reader).lite else { return 0 };
    let heads = client.events.iter().filter_map(|lite| world.lite_head(id, *lite));
    let before = out.len();
    out.extend(heads.take(room as usize).map(|place| delivery::handed_out(world, id, place, reader)));
    (out.len() - before) as u64
}

/// A client is done with a message, or has given it up: the next one of the lite topic has its turn, and the client may
/// ask for more.
pub(in crate::broker) fn after(
    world: &World,
    id: ProgressId,
    place: u64,
    consumer: Option<ConsumerId>,
    out: &mut Vec<Event>,
) {
    let known = out.len();
    if let Some((lite, _)) = world.lite_of(world.progress(id).queue, place)
        && world.lites().is_some_and(|lites| lites.holds(lite, place))
    {
        dispatch(world, id, lite, consumer, out);
    }
    let is_served = |consumer| {
        out[known..]
            .iter()
            .any(|event| matches!(event, Event::LiteQueued { consumer: to, .. } if *to == consumer))
    };
    match consumer {
        Some(consumer) if !is_served(consumer) => delivery::receive(world, consumer, out),
        Some(_) => {}
        None => {
            let group = world.group(world.progress(id).group);
            let asks = |one: &&ConsumerId| delivery::can_ask(world, **one);
            if let Some(&consumer) = group.consumers.iter().find(asks) {
                delivery::receive(world, consumer, out);
            }
        }
    }
}

/// A client takes nothing new: what waits in its event set goes to others, where there are any.
pub(in crate::broker) fn takes_nothing(world: &World, consumer: ConsumerId, out: &mut Vec<Event>) {
    let Some(id) = world.lite_progress(world.consumer(consumer).group) else { return };
    let (Some(client), Some(reading)) = (&world.consumer(consumer).lite, &world.progress(id).lite) else {
        return;
    };
    let mut dispatch = Dispatch::of(world, id);
    for &lite in &client.events {
        let other = dispatch.choose(lite, reading.subscribers(lite), None, Some(consumer));
        if let Some(other) = other.filter(|one| takes(world, *one)) {
            *dispatch.more.entry(other).or_default() += 1;
            out.push(Event::LiteQueued { progress: id, lite, consumer: other, from: Some(consumer) });
        }
    }
}

/// What waits in the event sets of clients of a group that take nothing, and in whose.
fn stuck(world: &World, group: GroupId) -> impl Iterator<Item = (LiteId, ConsumerId)> {
    let group = world.group(group);
    let all = if group.passive > 0 { group.consumers.as_slice() } else { &[] };
    all.iter().filter(|one| world.consumer(**one).is_passive()).flat_map(|from| {
        let client = world.consumer(*from).lite.iter();
        client.flat_map(|client| &client.events).map(move |lite| (*lite, *from))
    })
}

/// A client has asked for messages, and there is nothing in its event set: it is given what waits in those of others that
/// take nothing.
pub(in crate::broker) fn takes_over(world: &World, consumer: ConsumerId, out: &mut Vec<Event>) {
    let group = world.consumer(consumer).group;
    let Some(id) = world.lite_progress(group) else { return };
    let Some(reading) = world.progress(id).lite.as_deref().filter(|reading| reading.queued > 0) else {
        return;
    };
    let events = stuck(world, group);
    let mine = events.filter(|(lite, _)| reading.is_registered(*lite, consumer));
    let queued = |(lite, from)| Event::LiteQueued { progress: id, lite, consumer, from: Some(from) };
    let has = world.consumer(consumer).lite.as_ref().map_or(0, |client| client.events.len());
    let room = (world.settings.lite_max_events_per_client as usize).saturating_sub(has);
    out.extend(mine.take(room).map(queued));
}

/// A client is registered for a lite topic now. Where that waits for one that takes nothing, the new one has it.
pub(super) fn registered(
    world: &World,
    id: ProgressId,
    lite: LiteId,
    consumer: ConsumerId,
    out: &mut Vec<Event>,
) {
    let mut dispatch = Dispatch::of(world, id);
    let waits = world.progress(id).lite.as_ref().is_some_and(|reading| reading.doing(lite) == Doing::Queued);
    if !waits {
        dispatch.one(lite, None, out);
    } else if takes(world, consumer) && dispatch.has_room(consumer) {
        let from = stuck(world, world.progress(id).group).find(|(one, _)| *one == lite);
        out.extend(from.map(|(_, from)| Event::LiteQueued {
            progress: id,
            lite,
            consumer,
            from: Some(from),
        }));
    }
}

/// A client is not registered any more: what it would have been given goes to others.
pub(in crate::broker) fn gone(world: &World, consumer: ConsumerId, out: &mut Vec<Event>) {
    let Some(id) = world.lite_progress(world.consumer(consumer).group) else { return };
    let Some(client) = &world.consumer(consumer).lite else { return };
    let mut dispatch = Dispatch::of(world, id);
    for lite in client.interests() {
        dispatch.one(lite, None, out);
    }
}

/// A client whose event set was full: once that has room again, all that it subscribes to is looked at.
pub(in crate::broker) fn full_dispatch(world: &World, out: &mut Vec<Event>) {
    let first = world.lites().and_then(|lites| lites.overflows.first_key_value());
    let Some((&(_, consumer), &times)) = first else { return };
    let state = world.consumer(consumer);
    let (Some(client), Some(id)) = (&state.lite, world.lite_progress(state.group)) else {
        return out.push(Event::LiteFullDispatch { consumer, next_at: None });
    };
    let Some(reading) = &world.progress(id).lite else { return };
    let most = world.settings.lite_max_events_per_client as usize;
    let next_at = world.live.now + world.settings.lite_full_dispatch;
    let next_at = if client.events.len() * 5 >= most && state.is_member() {
        let luck = world.chance.stream(Stream::LiteFullDispatch, state.key);
        Some(next_at + Span(luck.below(times.into(), PUT_OFF.0)))
    } else {
        let waits = |lite: &LiteId| {
            reading.doing(*lite) == Doing::Idle
                && reading.is_registered(*lite, consumer)
                && world.lite_head(id, *lite).is_some()
        };
        let mut dispatch = Dispatch::of(world, id);
        let (is_given, mut is_left) = (takes(world, consumer), false);
        for lite in client.interests().filter(waits) {
            // What a client would be given that takes nothing is for another one, where there is one.
            let to = if is_given {
                Some(consumer).filter(|one| dispatch.has_room(*one))
            } else {
                dispatch.choose(lite, reading.subscribers(lite), None, None)
            };
            let Some(to) = to else {
                is_left = true;
                if is_given { break } else { continue }
            };
            *dispatch.more.entry(to).or_default() += 1;
            out.push(Event::LiteQueued { progress: id, lite, consumer: to, from: None });
        }
        is_left.then_some(next_at)
    };
    out.push(Event::LiteFullDispatch { consumer, next_at });
}

// What is written down.

/// A lite topic is in a client's event set.
pub(in crate::broker) fn queued(
    world: &mut World,
    id: ProgressId,
    lite: LiteId,
    consumer: ConsumerId,
    from: Option<ConsumerId>,
) {
    if let Some(from) = from {
        take_out(world, from, lite);
    }
    if let Some(client) = &mut world.live.consumers[consumer.index()].lite {
        client.events.push_back(lite);
    }
    if let Some(reading) = &mut world.live.progress[id.index()].lite {
        reading.set_doing(lite, Doing::Queued);
    }
    mark_ready(world, id);
}

/// A lite topic is not in a client's event set any more.
pub(super) fn take_out(world: &mut World, consumer: ConsumerId, lite: LiteId) {
    if let Some(client) = &mut world.live.consumers[consumer.index()].lite
        && client.events.pop_front_if(|first| *first == lite).is_none()
    {
        client.events.retain(|one| *one != lite);
    }
}

/// A lite topic is in nobody's event set any more: nothing of it is left for its group.
pub(super) fn take_out_of_all(world: &mut World, id: ProgressId, lite: LiteId) {
    let state = world.progress(id);
    let group = state.group;
    if !state.lite.as_ref().is_some_and(|reading| reading.doing(lite) == Doing::Queued) {
        return;
    }
    for index in 0..world.group(group).consumers.len() {
        let consumer = world.group(group).consumers[index];
        take_out(world, consumer, lite);
    }
    if let Some(reading) = &mut world.live.progress[id.index()].lite {
        reading.set_doing(lite, Doing::Idle);
    }
}

/// A message goes out to a client in whose event set its lite topic was. Says whether it did before.
pub(in crate::broker) fn hand_out(world: &mut World, id: ProgressId, place: u64, to: ConsumerId) -> bool {
    let Some((lite, offset)) = world.lite_of(world.progress(id).queue, place) else { return false };
    take_out(world, to, lite);
    let state = &mut world.live.progress[id.index()];
    if let Some(order) = &mut state.order {
        order.waiting_count -= 1;
    }
    let Some(reading) = &mut state.lite else { return false };
    reading.set_doing(lite, Doing::InHands);
    reading.again.get(&lite).is_some_and(|again| *again > offset)
}

/// Nobody holds a message any more that is not finished: it waits again, in front of its lite topic.
pub(in crate::broker) fn give_back(world: &mut World, id: ProgressId, place: u64) {
    let Some((lite, offset)) = world.lite_of(world.progress(id).queue, place) else { return };
    let state = &mut world.live.progress[id.index()];
    state.inflight -= 1;
    if let Some(order) = &mut state.order {
        *order.failures.entry(place).or_default() += 1;
        order.waiting_count += 1;
    }
    if let Some(reading) = &mut state.lite {
        reading.set_doing(lite, Doing::Idle);
        let again = reading.again.entry(lite).or_default();
        *again = (*again).max(offset + 1);
    }
    super::expiry::skip_gone(world, id, lite);
    super::store::recount(world, id);
    mark_ready(world, id);
}

/// A client is not registered for anything any more.
pub(in crate::broker) fn client_gone(world: &mut World, consumer: ConsumerId) {
    let Some(id) = world.lite_progress(world.consumer(consumer).group) else { return };
    let parent = world.queue(world.progress(id).queue).topic;
    let Some(client) = world.live.consumers[consumer.index()].lite.as_deref_mut() else { return };
    let Some(reading) = &mut world.live.progress[id.index()].lite else { return };
    for lite in std::mem::take(&mut client.events) {
        reading.set_doing(lite, Doing::Idle);
    }
    let registered = client.interests().filter(|lite| reading.unregister(*lite, consumer)).count() as u64;
    if let Some(lites) = world.live.lites.as_deref_mut() {
        lites.counts_mut(parent).subscriptions -= registered;
        lites.overflows.retain(|(_, one), _| *one != consumer);
    }
    arm(world);
    mark_ready(world, id);
}

/// Event sets are in the broker's memory only, and so is which of them were full.
pub(in crate::broker) fn forgotten(world: &mut World) {
    if let Some(lites) = world.live.lites.as_deref_mut() {
        lites.overflows.clear();
        arm(world);
    }
}

/// A client's event set is full; it will be looked at again.
pub(in crate::broker) fn set_full(world: &mut World, consumer: ConsumerId, due_at: Instant) {
    if let Some(lites) = world.live.lites.as_deref_mut() {
        lites.overflows.insert((due_at, consumer), 0);
    }
    arm(world);
}

/// That was done, and may have to be done again.
pub(in crate::broker) fn redispatched(world: &mut World, next_at: Option<Instant>) {
    if let Some(lites) = world.live.lites.as_deref_mut()
        && let Some(((_, consumer), times)) = lites.overflows.pop_first()
        && let Some(next_at) = next_at
    {
        lites.overflows.insert((next_at, consumer), times + 1);
    }
    arm(world);
}

fn arm(world: &mut World) {
    let Some(lites) = world.live.lites.as_deref_mut() else { return };
    let (first, slot) = (lites.overflows.keys().next().map(|(at, _)| *at), lites.dispatch_slot);
    let cause = world.live.seq.saturating_sub(1);
    match (first, slot) {
        (None, None) => {}
        (None, Some(slot)) => world.live.agenda.cancel(slot),
        (Some(at), _) => {
            let slot = slot.unwrap_or_else(|| world.live.slot_for(Wakeup::LiteFullDispatch));
            world.live.wake_because(slot, at, cause);
            if let Some(lites) = world.live.lites.as_deref_mut() {
                lites.dispatch_slot = Some(slot);
            }
        }
    }
}

/// Puts something that recurs on the agenda.
pub(super) fn wake(
    world: &mut World,
    slot: Option<crate::sim::Slot>,
    wakeup: Wakeup,
    at: Instant,
    entry: &Entry,
) -> crate::sim::Slot {
    let slot = slot.unwrap_or_else(|| world.live.slot_for(wakeup));
    world.live.wake(slot, at, entry);
    slot
}
