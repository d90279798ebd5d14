//! Subscriptions to lite topics: each client has its own. The broker keeps them in its memory only; the client says them
//! when it connects, whenever they change, and from time to time.

use std::collections::BTreeSet;
use std::ops::Range;

use super::super::apply::groups::mark_ready;
use super::super::beginning::HALF_AN_HOUR;
use super::super::command::{Command, LiteChange};
use super::super::consumer::Reach;
use super::super::event::{Entry, Event, Outcome, Refusal};
use super::super::id::{CommandId, ConsumerId, LiteId, ProgressId, TopicId};
use super::super::settle;
use super::super::spec::{ConsumerSpec, InitialOffset};
use super::super::world::{Wakeup, World};
use super::dispatch::{take_out, take_out_of_all, wake};
use super::expiry::{drop_hands, skip_gone};
use super::names::{is_legal, key, wish_count, wishes};
use super::store::{move_to, next_id, recount};
use super::{Doing, LiteOrigin};
use crate::rules::lite::{Names, Position, position};
use crate::sim::Instant;

// What is decided.

/// May consumers with these wishes join a group that reads lite topics of this parent? Where each has one client, who takes
/// it over takes the place of the one that had it.
pub(in crate::broker) fn own_wishes<'a>(
    world: &World,
    parent: Option<TopicId>,
    (reading, exclusive): (Option<ProgressId>, bool),
    consumers: impl Iterator<Item = &'a ConsumerSpec>,
) -> Result<(), Refusal> {
    let (mut subscriptions, mut taken, mut new) = (0, BTreeSet::new(), BTreeSet::new());
    let has_client = |parent: TopicId, key: u64| {
        let lite = world.lites().and_then(|lites| lites.find(parent, key));
        let reading = reading.and_then(|id| world.progress(id).lite.as_deref());
        lite.zip(reading).is_some_and(|(lite, reading)| !reading.subscribers(lite).all().is_empty())
    };
    for consumer in consumers {
        let Some(parent) = parent else {
            if wish_count(consumer) > 0 {
                return Err(Refusal::NoLiteTopics);
            }
            continue;
        };
        not_too_many(world, &consumer.lite_topics)?;
        let wanted = keys(parent, &consumer.lite_topics);
        let count = wanted.len() as u64;
        if world.settings.lite_max_subs_per_client.is_some_and(|most| count > most.into()) {
            return Err(Refusal::LiteSubscriptionQuota);
        }
        names_are_legal(&consumer.lite_topics)?;
        subscriptions += if exclusive {
            let free = wanted.iter().filter(|key| !has_client(parent, **key));
            free.filter(|key| taken.insert(**key)).count() as u64
        } else {
            count
        };
        // What two of them want comes into being once.
        new.extend(wanted.into_iter().filter(|key| !exists(world, parent, *key)));
    }
    let new = new.len() as u64;
    let (known, alive) = world.lites().map_or((0, 0), |lites| (lites.subscriptions(), lites.alive()));
    if subscriptions > 0 && known + subscriptions > world.settings.lite_max_subs_per_broker.into() {
        return Err(Refusal::LiteSubscriptionQuota);
    }
    if new > 0 && alive + new > world.settings.lite_max_topics_per_broker.into() {
        return Err(Refusal::LiteTopicQuota);
    }
    Ok(())
}

fn names_are_legal(all: &[Names]) -> Result<(), Refusal> {
    let fine = all.iter().all(|names| is_legal(&names.longest()));
    if fine { Ok(()) } else { Err(Refusal::IllegalLiteTopic) }
}

/// Names are counted one by one only if no series alone is longer than a client's list may be.
fn not_too_many(world: &World, all: &[Names]) -> Result<(), Refusal> {
    let settings = &world.settings;
    let most = settings.lite_max_subs_per_client.unwrap_or(u32::MAX).min(settings.lite_max_subs_per_broker);
    let is_longer = all.iter().any(|names| names.count() > most.into());
    if is_longer { Err(Refusal::LiteSubscriptionQuota) } else { Ok(()) }
}

/// What these names are told apart by, each once.
fn keys(parent: TopicId, all: &[Names]) -> BTreeSet<u64> {
    all.iter().flat_map(|names| (0..names.count()).map(|nth| key(parent, &names.nth(nth)))).collect()
}

fn exists(world: &World, parent: TopicId, key: u64) -> bool {
    let lites = world.lites();
    let known = lites.and_then(|lites| lites.find(parent, key));
    known.is_some_and(|id| lites.is_some_and(|lites| lites.is_alive(id)))
}

/// A client connects: it says what it subscribes to. If it `joined` with a command, what its application asks for is
/// new; if it was started again, it says what it wanted before, and takes nothing away from anybody.
pub(in crate::broker) fn connects(
    world: &World,
    consumer: ConsumerId,
    joined: Option<(CommandId, u32)>,
    out: &mut Vec<Event>,
) {
    let Some(wishing) = Wishing::of(world, consumer) else { return };
    match joined {
        Some((command, nth)) => {
            let before = match &**world.command(command) {
                Command::AddGroup(spec) => spec.consumers[..nth as usize].iter().map(wish_count).sum(),
                _ => 0,
            };
            wishing.add(wishes(&world.consumer(consumer).spec), command, before, Position::Last, true, out);
        }
        None => {
            let Some(client) = &world.consumer(consumer).lite else { return };
            for lite in client.interests() {
                wishing.again(lite, out);
            }
        }
    }
}

/// What a person, or an application, changes about a client's subscriptions.
pub(in crate::broker) fn change(
    world: &World,
    command: CommandId,
    consumer: ConsumerId,
    change: &LiteChange,
    out: &mut Vec<Event>,
) -> Result<(), Refusal> {
    let wishing = Wishing::of(world, consumer).ok_or(Refusal::NoLiteTopics)?;
    if !world.consumer(consumer).status.is_member() {
        return Err(Refusal::WrongState);
    }
    let Some(client) = &world.consumer(consumer).lite else { return Err(Refusal::NoLiteTopics) };
    let (names, from, explicit) = match change {
        LiteChange::Add { names, from } => (names, *from, true),
        LiteChange::All { names } => (names, Position::Last, false),
        LiteChange::Remove { names } => {
            let parent = wishing.parent;
            let all = names.iter().flat_map(|names| (0..names.count()).map(|nth| names.nth(nth)));
            let mut said = BTreeSet::new();
            let wanted: Vec<LiteId> = all
                .filter_map(|name| world.find_lite(parent, &name))
                .filter(|id| client.wants(*id) && said.insert(*id))
                .collect();
            if wanted.is_empty() {
                return Err(Refusal::NotSubscribed);
            }
            out.extend(wanted.into_iter().map(|lite| Event::LiteUnsubscribed { consumer, lite, by: None }));
            return Ok(());
        }
    };
    names_are_legal(names)?;
    not_too_many(world, names)?;
    let parent = wishing.parent;
    let keys = keys(parent, names);
    let lites = world.lites();
    let known: BTreeSet<LiteId> =
        keys.iter().filter_map(|key| lites.and_then(|lites| lites.find(parent, *key))).collect();
    let kept = known.iter().filter(|id| client.wants(**id)).count() as u64;
    let count = keys.len() as u64;
    let after = if explicit { client.interest_count() + count - kept } else { count };
    let settings = &world.settings;
    let (registered, alive) = lites.map_or((0, 0), |lites| (lites.subscriptions(), lites.alive()));
    let (more, fewer) = wishing.registrations(&known, count, explicit);
    let too_many = settings.lite_max_subs_per_client.is_some_and(|most| after > most.into())
        || registered + more > u64::from(settings.lite_max_subs_per_broker) + fewer;
    if too_many {
        return Err(Refusal::LiteSubscriptionQuota);
    }
    let new = keys.iter().filter(|key| !exists(world, parent, **key)).count() as u64;
    if new > 0 && alive + new > settings.lite_max_topics_per_broker.into() {
        return Err(Refusal::LiteTopicQuota);
    }
    if !explicit {
        // A complete list: what it does not say is not wanted any more.
        let gone = client.interests().filter(|lite| !known.contains(lite));
        out.extend(gone.map(|lite| Event::LiteUnsubscribed { consumer, lite, by: None }));
    }
    let all = names.iter().flat_map(|names| (0..names.count()).map(|nth| names.nth(nth)));
    wishing.add(all, command, 0, from, explicit, out);
    Ok(())
}

/// A client that says what it subscribes to.
struct Wishing<'a> {
    world: &'a World,
    consumer: ConsumerId,
    id: ProgressId,
    parent: TopicId,
    exclusive: bool,
}

impl<'a> Wishing<'a> {
    fn of(world: &'a World, consumer: ConsumerId) -> Option<Self> {
        let group = world.consumer(consumer).group;
        let id = world.lite_progress(group)?;
        let parent = world.queue(world.progress(id).queue).topic;
        Some(Self { world, consumer, id, parent, exclusive: world.is_exclusive(group) })
    }

    /// How many registrations come, and how many go, if it says `count` names, of which these are known.
    fn registrations(&self, known: &BTreeSet<LiteId>, count: u64, explicit: bool) -> (u64, u64) {
        let Some(reading) = &self.world.progress(self.id).lite else { return (count, 0) };
        let is_mine = |lite: &LiteId| reading.is_registered(*lite, self.consumer);
        // Where each has one client it takes that one's place, or is refused.
        let has_place =
            |lite: &&LiteId| is_mine(lite) || self.exclusive && !reading.subscribers(**lite).all().is_empty();
        let more = count - known.iter().filter(has_place).count() as u64;
        let client = self.world.consumer(self.consumer).lite.iter().filter(|_| !explicit);
        let fewer = client.flat_map(|client| client.interests());
        (more, fewer.filter(|lite| is_mine(lite) && !known.contains(lite)).count() as u64)
    }

    /// What it says twice it says once.
    fn add(
        &self,
        names: impl Iterator<Item = String>,
        command: CommandId,
        before: u64,
        from: Position,
        explicit: bool,
        out: &mut Vec<Event>,
    ) {
        let (mut said, mut fresh) = (BTreeSet::new(), next_id(self.world));
        for (nth, name) in names.enumerate() {
            let key = key(self.parent, &name);
            if !said.insert(key) {
                continue;
            }
            let known = self.world.lites().and_then(|lites| lites.find(self.parent, key));
            let lite = known.unwrap_or(fresh);
            fresh = LiteId(fresh.0 + u32::from(known.is_none()));
            let is_alive = self.world.lites().is_some_and(|lites| known.is_some() && lites.is_alive(lite));
            if !is_alive {
                let nth = u32::try_from(before + nth as u64).unwrap_or(u32::MAX);
                let origin = LiteOrigin::Wished { command, nth };
                out.push(Event::LiteTopicCreated { lite, topic: self.parent, origin });
            }
            self.register(lite, is_alive, from, explicit, out);
        }
    }

    /// A client that was started again, or says its list once more, wants what it wanted.
    fn again(&self, lite: LiteId, out: &mut Vec<Event>) {
        if !self.world.lites().is_some_and(|lites| lites.is_alive(lite)) {
            return;
        }
        let reading = self.world.progress(self.id).lite.as_ref();
        let holder = reading.and_then(|reading| reading.subscribers(lite).all().first().copied());
        match holder.filter(|holder| self.exclusive && *holder != self.consumer) {
            Some(holder) => self.refuse(lite, holder, out),
            None => self.register(lite, true, Position::Last, false, out),
        }
    }

    /// Another client has it. That is said once.
    fn refuse(&self, lite: LiteId, holder: ConsumerId, out: &mut Vec<Event>) {
        let Self { world, consumer, .. } = *self;
        let known = world.consumer(consumer).lite.as_ref().and_then(|client| client.refused_for(lite));
        if known != Some(holder) {
            out.push(Event::LiteSubscriptionRefused { consumer, lite, holder: Some(holder) });
        }
    }

    fn register(&self, lite: LiteId, is_alive: bool, from: Position, explicit: bool, out: &mut Vec<Event>) {
        let Self { world, consumer, id, .. } = *self;
        let Some(reading) = &world.progress(id).lite else { return };
        let is_registered = is_alive && reading.is_registered(lite, consumer);
        if is_alive && self.exclusive && !is_registered {
            let holder = reading.subscribers(lite).all().first().copied();
            if let (Some(_), false) = (holder, explicit) {
                return out.push(Event::LiteSubscriptionRefused { consumer, lite, holder });
            }
            if let Some(holder) = holder {
                out.push(Event::LiteUnsubscribed { consumer: holder, lite, by: Some(consumer) });
            }
        }
        let committed = reading.committed(lite).filter(|_| is_alive);
        let stored = world.lites().filter(|_| is_alive).map(|lites| lites.get(lite));
        let stored = stored.map_or(0..0, |state| state.min_offset..state.max_offset);
        let wanted = position(from, stored.clone(), committed, world.settings.lite_tail_from_end);
        let offset = match committed {
            Some(committed) => committed,
            None => wanted.unwrap_or_else(|| first_offset(world, id, lite, stored.clone())),
        };
        if !is_registered {
            let behind = u32::try_from(stored.end - offset).unwrap_or(u32::MAX);
            out.push(Event::LiteSubscribed { consumer, lite, offset, behind });
        }
        if let (Some(committed), Some(wanted)) = (committed, wanted)
            && committed != wanted
        {
            out.push(self.moved(lite, committed, wanted));
        }
    }

    fn moved(&self, lite: LiteId, committed: u64, offset: u64) -> Event {
        let Self { world, id, .. } = *self;
        let state = world.progress(id);
        let start = state.lite.as_ref().and_then(|reading| reading.start.get(&lite)).copied().unwrap_or(0);
        let (mut acknowledged, mut moved) = (0, 0);
        for place in places(world, lite, offset.max(start)..committed) {
            if state.gaps.as_ref().is_some_and(|gaps| gaps.passed.contains(place)) {
                continue;
            }
            match world.latest_outcome(id, place) {
                Some(Outcome::Acknowledged) => acknowledged += 1,
                _ => moved += 1,
            }
        }
        Event::LitePositioned {
            progress: id,
            lite,
            offset,
            reread_acknowledged: acknowledged,
            reread_moved: moved,
        }
    }
}

/// Where a group begins in a lite topic of which it has no offset.
fn first_offset(world: &World, id: ProgressId, lite: LiteId, stored: Range<u64>) -> u64 {
    match world.group(world.progress(id).group).spec.initial_offset {
        _ if stored.is_empty() => stored.end,
        InitialOffset::Latest => stored.end,
        InitialOffset::Earliest => stored.start,
        // What a group of lite topics begins with is looked for as in any queue.
        InitialOffset::OssCompat if stored.start == 0 => 0,
        InitialOffset::OssCompat => stored.end.saturating_sub(1).max(stored.start),
        InitialOffset::Timestamp(at) => {
            let since = at.map_or(world.live.now - HALF_AN_HOUR, |at| Instant::ZERO + at);
            let log = &world.log.queues[world.progress(id).queue.index()];
            let earlier =
                places(world, lite, stored.clone()).take_while(|place| log.stored_at(*place) < since);
            stored.start + earlier.count() as u64
        }
    }
}

/// Where the messages at these offsets of a lite topic lie in its parent's log; those that are gone, nowhere.
fn places(world: &World, lite: LiteId, offsets: Range<u64>) -> impl Iterator<Item = u64> {
    let min = world.lites().map_or(0, |lites| lites.get(lite).min_offset);
    let start = offsets.start.max(min);
    world.lite_places(lite).skip((start - min) as usize).take(offsets.end.saturating_sub(start) as usize)
}

/// The clients say once more what they subscribe to: they are registered again for what came into being again.
pub(in crate::broker) fn sync(world: &World, out: &mut Vec<Event>) {
    let Some(lites) = world.lites() else { return };
    for &lite in &lites.to_heal {
        if !lites.is_alive(lite) {
            continue;
        }
        let readers = &world.queue(world.lite_queue(lites.get(lite).parent)).progress;
        for &id in readers {
            say_again(world, id, lite, out);
        }
    }
    out.push(Event::LiteSynced);
}

/// The clients of a group say that they want a lite topic. Where only one can have it and nobody has it any more, those come
/// first that were not refused it before.
fn say_again(world: &World, id: ProgressId, lite: LiteId, out: &mut Vec<Event>) {
    let Some(reading) = &world.progress(id).lite else { return };
    let mut all = Vec::new();
    for &consumer in &world.group(world.progress(id).group).consumers {
        let state = world.consumer(consumer);
        let client = state.lite.as_ref().filter(|client| client.wants(lite));
        let (Some(client), Some(wishing)) = (client, Wishing::of(world, consumer)) else { continue };
        // Who cannot be reached says it when that is over.
        let says_it = state.status.is_member() && state.reach != Reach::Cut;
        if says_it && !reading.is_registered(lite, consumer) {
            all.push((client.refused_for(lite).is_some(), wishing));
        }
    }
    all.sort_by_key(|(was_refused, _)| *was_refused);
    let is_free = reading.subscribers(lite).all().is_empty();
    let first = all.first().map(|(_, wishing)| wishing.consumer).filter(|_| is_free);
    for (_, wishing) in &all {
        match first.filter(|first| wishing.exclusive && *first != wishing.consumer) {
            Some(first) => wishing.refuse(lite, first, out),
            None => wishing.again(lite, out),
        }
    }
}

// What is written down.

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

/// Puts the next time on the agenda at which clients say what they subscribe to, if somebody needs that.
pub(super) fn arm_sync(world: &mut World, entry: &Entry) {
    let interval = world.settings.lite_sync_interval.as_us().max(1);
    let Some(lites) = world.lites().filter(|lites| lites.to_heal.len() == 1) else { return };
    let slot = lites.sync_slot;
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
