//! What must hold of lite topics: what one entry has touched, and everything recounted.

use std::collections::BTreeSet;

use super::super::consumer::ConsumerStatus;
use super::super::id::{ConsumerId, GroupId, LiteId, ProgressId};
use super::super::world::World;
use super::{BLOCK, Doing};

/// Was this message the next of its lite topic, and handed to a client that subscribes to it? If not, which of the two
/// does not hold: the order (`true`) or the subscription.
pub(in crate::broker) fn handed_out(
    world: &World,
    id: ProgressId,
    place: u64,
    to: ConsumerId,
) -> Option<(bool, String)> {
    let state = world.progress(id);
    let reading = state.lite.as_ref()?;
    let Some((lite, offset)) = world.lite_of(state.queue, place) else {
        return Some((true, format!("{place} is of no lite topic")));
    };
    if reading.committed(lite) != Some(offset) || world.lite_head(id, lite) != Some(place) {
        let committed = reading.committed(lite);
        return Some((true, format!("{offset} of {} after {committed:?}", world.lite_name(lite))));
    }
    let client = world.consumer(to).lite.as_ref()?;
    let is_told = client.wants(lite) && reading.is_registered(lite, to);
    (!is_told).then(|| (false, format!("{} to {}", world.lite_name(lite), world.consumer_name(to))))
}

/// Recounts what a group has of its lite topics. Says what is wrong: with the sums, with exclusive subscriptions, or with
/// event sets.
pub(in crate::broker) fn reading_broken(world: &World, id: ProgressId) -> Option<(&'static str, String)> {
    let state = world.progress(id);
    let (reading, lites) = (state.lite.as_ref()?, world.lites());
    let group = world.group(state.group);
    let (mut behind, mut in_hands, mut queued) = (0, 0, 0);
    let mut blocks = vec![0; lites.map_or(0, |lites| lites.len().div_ceil(BLOCK))];
    for lite in lites.into_iter().flat_map(|lites| (0..lites.len()).map(LiteId::at)) {
        let waits = world.lite_behind(id, lite);
        let is_held = world.is_lite_held(id, lite);
        let is_behind = |min| reading.committed(lite).is_some_and(|committed| committed < min);
        if !is_held && lites.is_some_and(|all| is_behind(all.get(lite).min_offset)) {
            return Some(("I18", format!("what is gone waits in {}", world.lite_name(lite))));
        }
        behind += waits;
        blocks[lite.index() / BLOCK] += u64::from(waits > 0);
        match reading.doing(lite) {
            Doing::InHands => in_hands += 1,
            Doing::Queued => queued += 1,
            Doing::Idle => {}
        }
        let subscribers = reading.subscribers(lite);
        let registered = subscribers.all();
        if world.is_exclusive(state.group) && registered.len() > 1 {
            return Some(("I65", format!("{registered:?} have {}", world.lite_name(lite))));
        }
        if registered.iter().any(|one| !world.consumer(*one).lite.as_ref().is_some_and(|c| c.wants(lite))) {
            return Some((
                "I64",
                format!("{} has a subscriber that does not want it", world.lite_name(lite)),
            ));
        }
        // Who has said goodbye, or was found dead, is registered for nothing.
        let is_gone = |one: &ConsumerId| {
            let state = world.consumer(*one);
            let is_undetected = state.status == ConsumerStatus::Crashed && !state.crash_detected;
            !state.status.is_member() && !is_undetected
        };
        if let Some(gone) = registered.iter().find(|one| is_gone(one)) {
            let name = world.consumer_name(*gone);
            return Some(("I64", format!("{name}, which is gone, has {}", world.lite_name(lite))));
        }
        // Nothing waits unseen: it is in an event set, or in hands, or nobody is there, or all sets are full.
        let waits_unseen = waits > 0 && reading.doing(lite) == Doing::Idle && !registered.is_empty();
        if waits_unseen
            && !registered.iter().any(|one| lites.is_some_and(|all| all.full_until(*one).is_some()))
        {
            return Some(("I67", format!("{} waits in nobody's event set", world.lite_name(lite))));
        }
    }
    let counted =
        (state.kept_back() + u64::from(state.inflight), u64::from(state.inflight), reading.queued());
    if counted != (behind, in_hands, queued) || state.held.len() as u64 != in_hands {
        return Some(("I58", format!("{counted:?} counted, {:?} found", (behind, in_hands, queued))));
    }
    if (0..blocks.len()).any(|block| reading.behind_in_block(block) != blocks[block]) {
        return Some(("I58", "a block of lite topics is counted wrongly".to_owned()));
    }
    let passive = group.consumers.iter().filter(|one| world.consumer(**one).is_passive()).count();
    if passive != group.passive as usize {
        return Some(("I67", format!("{} counted as given nothing, {passive} found", group.passive)));
    }
    let most = world.settings.lite_max_events_per_client as usize;
    let mut in_sets = BTreeSet::new();
    for &consumer in &group.consumers {
        let Some(client) = &world.consumer(consumer).lite else { continue };
        let name = || world.consumer_name(consumer);
        if client.events.len() > most || !client.events.iter().all(|lite| in_sets.insert(*lite)) {
            return Some(("I67", format!("{} in the event set of {}", client.events.len(), name())));
        }
        if world.consumer(consumer).parked && !client.events.is_empty() {
            return Some(("I55", format!("{} waits", name())));
        }
    }
    (in_sets.len() as u64 != queued)
        .then(|| ("I67", format!("{queued} queued, {} in event sets", in_sets.len())))
}

/// Recounts the lite topics themselves.
pub(in crate::broker) fn broken(world: &World) -> Option<String> {
    let lites = world.lites()?;
    for (parent, topic) in world.ordinary_topics().filter(|(id, _)| world.is_lite(*id)) {
        let counts = lites.counts(parent);
        let alive = lites.of(parent).count() as u64;
        let readers = &world.queue(world.lite_queue(parent)).progress;
        let registered: usize = lites
            .of(parent)
            .flat_map(|lite| readers.iter().map(move |id| (lite, id)))
            .filter_map(|(lite, id)| Some(world.progress(*id).lite.as_ref()?.subscribers(lite).all().len()))
            .sum();
        let found = (alive, counts.created - counts.expired, registered as u64);
        if found != (counts.alive, counts.alive, counts.subscriptions) {
            return Some(format!("{found:?} of {}, {counts:?}", topic.name));
        }
        for lite in lites.of(parent) {
            let places: Vec<u64> = world.lite_places(lite).collect();
            let offsets = lites.get(lite).min_offset..lites.get(lite).max_offset;
            let queue = world.lite_queue(parent);
            let wrong = places
                .iter()
                .zip(offsets)
                .any(|(place, offset)| world.lite_of(queue, *place) != Some((lite, offset)));
            if wrong || !places.is_sorted() {
                return Some(format!("{} holds {places:?}", world.lite_name(lite)));
            }
        }
    }
    None
}

impl World {
    /// The lite topics of which a group's clients hold a message or are about to be given one: the busy ones, in no
    /// particular order.
    pub fn busy_lites(&self, group: GroupId) -> impl Iterator<Item = LiteId> {
        let id = self.lite_progress(group);
        let held = id.into_iter().flat_map(move |id| {
            let state = self.progress(id);
            state.held.keys().filter_map(move |place| Some(self.lite_of(state.queue, *place)?.0))
        });
        let consumers = self.group(group).consumers.iter();
        let sets = consumers.filter_map(|one| self.consumer(*one).lite.as_ref());
        held.chain(sets.flat_map(|client| client.events.iter().copied()))
    }
}
