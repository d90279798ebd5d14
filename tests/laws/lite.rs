//! The laws of lite topics, said again in other words than the broker's: from what is stored and who said what.

use std::collections::{BTreeMap, BTreeSet};

use mqscope::broker::lite::{Doing, LiteOrigin};
use mqscope::broker::*;
use mqscope::sim::Instant;

use crate::witness::Witness;

/// What is known of lite topics from what happened.
#[derive(Default)]
pub(super) struct Watched {
    /// Who is registered, by client and name.
    registered: BTreeSet<(ConsumerId, LiteId)>,
    /// When each was written to last, or came into being.
    written: BTreeMap<LiteId, Instant>,
    /// How many messages each has had since it came into being.
    stored: BTreeMap<LiteId, u64>,
    /// What is in event sets.
    queued: BTreeSet<(GroupId, LiteId)>,
}

/// I63 to I67.
pub(super) fn observe(witness: &mut Witness, world: &World, entry: &Entry) {
    let (seed, lite) = (witness.seed, &mut witness.lite);
    let mut seen: Vec<&'static str> = Vec::new();
    match entry.event {
        Event::LiteTopicCreated { lite: id, origin, .. } => {
            assert!(lite.written.insert(id, entry.at).is_none(), "I66, world {seed}: it was there already");
            lite.stored.insert(id, 0);
            seen.push(if matches!(origin, LiteOrigin::Sent { .. }) {
                "lite by message"
            } else {
                "lite by wish"
            });
        }
        Event::MessageStored { queue, offset, producer, number, .. } => {
            let Some((id, at)) = world.lite_of(queue, offset) else { return };
            let count = lite.stored.get_mut(&id).expect("it came into being first");
            assert_eq!(at, *count, "I63, world {seed}: offsets of a lite topic are dense");
            *count += 1;
            lite.written.insert(id, entry.at);
            let name = world.producer(producer).lite_topic(number);
            assert_eq!(name, Some(world.lite_name(id)), "I63, world {seed}: its own lite topic");
        }
        Event::QueueTruncated { queue, .. } => {
            let Some(lites) = world.lites() else { return };
            let mine = |id: &LiteId| world.lite_queue(lites.get(*id).parent) == queue;
            for (id, count) in lite.stored.iter_mut().filter(|(id, _)| mine(id) && lites.is_alive(**id)) {
                assert!(lites.max_offset(*id) <= *count, "I63, world {seed}: only the end is lost");
                *count = lites.max_offset(*id);
            }
            seen.push("lite messages lost");
        }
        Event::LiteSendRefused { producer, number, full, .. } => {
            let most = world.settings.lite_max_topics_per_broker as usize;
            assert!(full && lite.written.len() == most, "world {seed}: refused without need");
            let is_first = witness.timed.refused.insert((producer, number));
            assert!(is_first || witness.broken.was_unanswered((producer, number)), "world {seed}");
            seen.push("lite quota refuses");
        }
        Event::LiteExpired { lite: id, unread } => {
            let written = lite.written.remove(&id).expect("it was there");
            let life = world.settings.lite_ttl.expect("lite topics end").max(world.settings.lite_min_ttl);
            assert!(entry.at - written > life, "I66, world {seed}: written to at {written}");
            lite.registered.retain(|(_, one)| *one != id);
            lite.queued.retain(|(_, one)| *one != id);
            seen.extend(["I66"].into_iter().chain((unread > 0).then_some("lite expired unread")));
        }
        Event::LiteSwept { .. } => {
            let life = world.settings.lite_ttl.expect("lite topics end").max(world.settings.lite_min_ttl);
            assert!(lite.written.values().all(|at| entry.at - *at <= life), "I66, world {seed}: one is left");
        }
        Event::LiteSubscribed { consumer, lite: id, .. } => {
            let group = world.consumer(consumer).group;
            if world.is_exclusive(group) {
                let other =
                    |(one, of): &(ConsumerId, LiteId)| *of == id && world.consumer(*one).group == group;
                assert!(!lite.registered.iter().any(other), "I65, world {seed}");
                seen.push("I65");
            }
            assert!(lite.registered.insert((consumer, id)), "world {seed}: registered twice");
        }
        Event::LiteUnsubscribed { consumer, lite: id, by } => {
            lite.registered.remove(&(consumer, id));
            let is_told =
                world.consumer(consumer).lite.as_ref().is_some_and(|client| client.events.contains(&id));
            assert!(!is_told, "I64, world {seed}");
            let group = world.consumer(consumer).group;
            let reading = world.lite_reading(group).expect("a group that reads lite topics");
            if reading.doing(id) == Doing::Idle {
                lite.queued.remove(&(group, id));
            }
            seen.extend(by.map(|_| "lite topic taken over"));
        }
        Event::LiteClientGone { consumer } => {
            lite.registered.retain(|(one, _)| *one != consumer);
            let group = world.consumer(consumer).group;
            let reading = world.lite_reading(group).expect("a group that reads lite topics");
            lite.queued.retain(|(of, id)| *of != group || reading.doing(*id) == Doing::Queued);
        }
        Event::LiteQueued { consumer, lite: id, from, .. } => {
            assert!(lite.registered.contains(&(consumer, id)), "I64, world {seed}");
            let group = world.consumer(consumer).group;
            assert_eq!(lite.queued.insert((group, id)), from.is_none(), "I67, world {seed}: twice in a set");
            let most = world.settings.lite_max_events_per_client as usize;
            let size = world.consumer(consumer).lite.as_ref().map_or(0, |client| client.events.len());
            assert!(size <= most, "I67, world {seed}: {size}");
            seen.push("I67");
        }
        Event::LiteSetFull { .. } => seen.push("event set full"),
        Event::LiteFullDispatch { .. } => seen.push("looked at again"),
        Event::LiteSynced => seen.push("said once more"),
        Event::LiteSubscriptionRefused { consumer, lite: id, holder } => {
            let holds = holder.is_some_and(|holder| lite.registered.contains(&(holder, id)));
            assert!(holds && holder != Some(consumer), "I65, world {seed}");
            seen.push("lite topic not given back");
        }
        Event::MessageHandedOut { progress, offset, consumer, .. } => {
            let state = world.progress(progress);
            if state.lite.is_none() {
                return;
            }
            let (id, at) = world.lite_of(state.queue, offset).expect("a message of a lite topic");
            assert!(lite.registered.contains(&(consumer, id)), "I64, world {seed}: {at}");
            lite.queued.remove(&(state.group, id));
            let others = state
                .held
                .keys()
                .filter(|held| world.lite_of(state.queue, **held).map(|(of, _)| of) == Some(id));
            assert_eq!(others.count(), 1, "I63, world {seed}: one at a time");
            let before = (0..offset)
                .filter(|before| world.lite_of(state.queue, *before).map(|(of, _)| of) == Some(id));
            let mut open = before.filter(|before| !world.is_finished(progress, *before));
            assert_eq!(open.next(), None, "I63, world {seed}: {at} passes it");
            seen.extend(["I63", "I64"]);
        }
        Event::LitePositioned { progress, lite: id, .. } => {
            let reading = world.progress(progress).lite.as_ref().expect("a group that reads lite topics");
            if reading.doing(id) == Doing::Idle {
                lite.queued.remove(&(world.progress(progress).group, id));
            }
            seen.push("lite position");
        }
        Event::OffsetCorrected { progress, .. } if let Some(reading) = &world.progress(progress).lite => {
            let group = world.progress(progress).group;
            lite.queued.retain(|(of, id)| *of != group || reading.doing(*id) == Doing::Queued);
        }
        Event::GroupRemoved { group } => lite.queued.retain(|(of, _)| *of != group),
        _ => {}
    }
    if let Event::GroupRemoved { group } = entry.event {
        lite.registered.retain(|(one, _)| world.consumer(*one).group != group);
    }
    if matches!(
        entry.event,
        Event::LiteExpired { .. } | Event::LitePositioned { .. } | Event::OffsetCorrected { .. }
    ) {
        // What is dropped with its lite topic is invisible no longer.
        let gone = |id: &ProgressId, offset: &u64| {
            let state = world.progress(*id);
            state.lite.is_some() && !state.held.contains_key(offset)
        };
        witness.invisible.retain(|(id, offset), _| !gone(id, offset));
    }
    witness.exercised.extend(seen);
}
