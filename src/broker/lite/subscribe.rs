//! Subscriptions to lite topics: each client has its own. The broker keeps them in its memory only; the client says them
//! when it connects, whenever they change, and from time to time.

use std::collections::BTreeSet;
use std::ops::Range;

use super::super::beginning::HALF_AN_HOUR;
use super::super::command::{Command, LiteChange};
use super::super::consumer::Reach;
use super::super::event::{Event, Outcome, Refusal};
use super::super::id::{CommandId, ConsumerId, LiteId, ProgressId, TopicId};
use super::super::spec::{ConsumerSpec, InitialOffset};
use super::super::world::World;
use super::LiteOrigin;
use super::names::{is_legal, key, wish_count, wishes};
use super::store::next_id;
use crate::rules::lite::{Names, Position, position};
use crate::sim::Instant;

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
            let state = world.consumer(consumer);
            // One that is shutting down has said that it wants nothing any more.
            let Some(client) = state.lite.as_ref().filter(|_| state.status.is_member()) else { return };
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
pub(super) fn places(world: &World, lite: LiteId, offsets: Range<u64>) -> impl Iterator<Item = u64> {
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
