//! Consumers: joining, leaving, crashing.

use super::groups;
use crate::broker::command::{Command, ConsumerChange};
use crate::broker::consumer::{ConsumerState, ConsumerStatus, Reach, Thread};
use crate::broker::event::Entry;
use crate::broker::id::{CommandId, ConsumerId, GroupId};
use crate::broker::order;
use crate::broker::spec::{Application, ConsumerSpec, Failure, SubscriptionSpec};
use crate::broker::world::{Wakeup, World};
use crate::broker::{delivery, pull, simple};
use crate::sim::{Instant, Span, subject_of};

/// A consumer has connected, or changed its mind: the broker keeps what it says of each topic.
pub(in crate::broker) fn register(world: &mut World, id: ConsumerId) {
    let group = world.consumer(id).group;
    for index in 0..world.group(group).subscriptions.len() {
        let topic = world.group(group).subscriptions[index].topic;
        let filter = world.filter_of(id, topic);
        let subscription = &mut world.live.groups[group.index()].subscriptions[index];
        subscription.registered = filter;
        subscription.is_known = true;
    }
    groups::note_filters(world, group);
}

pub(super) fn joined(
    world: &mut World,
    entry: &Entry,
    id: ConsumerId,
    group: GroupId,
    command: CommandId,
    nth: u32,
) {
    let spec: ConsumerSpec = match &*world.log.commands[command.index()] {
        Command::AddGroup(spec) => spec.consumers[nth as usize].clone(),
        Command::AddConsumer { consumer, .. } => consumer.clone(),
        _ => return,
    };
    let own = |wish: &SubscriptionSpec| {
        let topic = world.find_topic(&wish.topic)?;
        Some((topic, groups::filter_id(world, &wish.filter)))
    };
    let filters = spec.subscriptions.iter().filter_map(own).collect();
    let key = subject_of(&format!("{}/{}", world.group(group).spec.name, spec.name));
    let by_hand = spec.application == Application::ByHand;
    let threads = if by_hand { 0 } else { spec.threads.unwrap_or(world.settings.push_threads) };
    let state = ConsumerState {
        group,
        status: ConsumerStatus::Running,
        since: entry.at,
        processing: spec.processing,
        sampler: spec.processing.sampler(),
        never_fails: spec.failure == Failure::NEVER,
        failure: spec.failure.clone().into(),
        fail_next: 0,
        cache: Default::default(),
        pulls: world.group(group).pull,
        polled: Default::default(),
        commits_at: entry.at,
        threads: Vec::new(),
        thread_count: 0,
        busy: 0,
        outstanding: 0,
        in_transit: 0,
        filters,
        owned: 0,
        queue_room: delivery::process_queue_room(&world.settings, world.group(group).pull, 0, Reach::Open),
        reach: Reach::Open,
        unheard: false,
        incarnation: 0,
        crash_detected: false,
        receives: 0,
        parked: false,
        timeout: simple::timeout(world, group),
        invisible: world.settings.simple_invisible,
        lite: world.lite_progress(group).map(|_| Box::default()),
        counts: Default::default(),
        key,
        luck: world.group(group).processing,
        life_slot: world.live.slot_for(Wakeup::CrashDetected(id)),
        persist_slot: world.live.slot_for(Wakeup::PersistOffsets(id)),
        spec: spec.into(),
    };
    world.live.consumers.push(state);
    world.live.groups[group.index()].consumers.push(id);
    register(world, id);
    set_threads(world, id, threads);
    arm_first_persist(world, entry, id);
}

/// Puts the first report on the agenda of a consumer that has just connected.
pub(in crate::broker) fn arm_first_persist(world: &mut World, entry: &Entry, id: ConsumerId) {
    let interval = if world.consumer(id).pulls {
        world.settings.pull_auto_commit_interval
    } else {
        world.settings.classic_persist_offset_interval
    };
    arm_persist(world, entry, id, entry.at + interval);
}

/// Puts a consumer's next report of its offsets on the agenda, unless offsets are committed with completion anyway.
pub(in crate::broker) fn arm_persist(world: &mut World, entry: &Entry, id: ConsumerId, at: Instant) {
    let by_message = world.group(world.consumer(id).group).by_message;
    if world.consumer(id).pulls {
        // Its polls do that; one that waits for messages is over by then.
        world.live.consumers[id.index()].commits_at = at;
        let commits = match world.consumer(id).spec.application {
            Application::Committing => true,
            Application::ByHand => false,
            _ => world.settings.pull_auto_commit,
        };
        if commits {
            let slot = world.live.consumers[id.index()].persist_slot;
            world.live.wake(slot, at, entry);
        }
        return;
    }
    if world.settings.classic_persist_offset_interval.is_zero() || by_message {
        return;
    }
    let slot = world.live.consumers[id.index()].persist_slot;
    world.live.wake(slot, at, entry);
}

pub(super) fn set_status(world: &mut World, at: Instant, id: ConsumerId, status: ConsumerStatus) {
    change(world, id, |state| {
        state.status = status;
        state.since = at;
    });
}

/// Changes something about a consumer that may decide whether it is given messages.
pub(in crate::broker) fn change(world: &mut World, id: ConsumerId, change: impl FnOnce(&mut ConsumerState)) {
    let state = &mut world.live.consumers[id.index()];
    let before = state.is_passive();
    change(state);
    let passive = &mut world.live.groups[state.group.index()].passive;
    *passive = *passive + u32::from(state.is_passive()) - u32::from(before);
}

pub(super) fn set_threads(world: &mut World, id: ConsumerId, count: u32) {
    world.live.consumers[id.index()].thread_count = count;
    while world.live.consumers[id.index()].threads.len() < count as usize {
        let thread = world.live.consumers[id.index()].threads.len() as u32;
        let slot = world.live.slot_for(Wakeup::ListenerEnds(id, thread));
        world.live.consumers[id.index()].threads.push(Thread { slot, work: None });
    }
}

pub(super) fn change_of(world: &World, command: CommandId) -> Option<ConsumerChange> {
    match &*world.log.commands[command.index()] {
        Command::Consumer { change, .. } => Some(change.clone()),
        _ => None,
    }
}

pub(super) fn leaving(world: &mut World, at: Instant, id: ConsumerId) {
    set_status(world, at, id, ConsumerStatus::Leaving);
    unpark(world, id);
    // In queue balancing what waits in the cache is dropped: the next owner reads it again. What a person has received
    // and not acknowledged is visible again when its time is over.
    if !world.group(world.consumer(id).group).by_message || world.consumer(id).is_by_hand() {
        let state = &mut world.live.consumers[id.index()];
        state.outstanding -= state.cache.len() as u32;
        state.cache.clear();
    }
}

pub(super) fn crashed(world: &mut World, entry: &Entry, id: ConsumerId, detected_at: Instant) {
    set_status(world, entry.at, id, ConsumerStatus::Crashed);
    world.log.left_unfinished.insert(entry.seq, world.consumer(id).outstanding);
    pull::died(world, id);
    drop_work(world, id);
    order::abandon_locks(world, entry.at, id);
    let slot = world.live.consumers[id.index()].life_slot;
    if detected_at > entry.at {
        world.live.wake(slot, detected_at, entry);
    }
}

/// A consumer has disconnected. What it would have tried again in place stays behind, invisible for a while or for the
/// next owner of its queue.
pub(super) fn left(world: &mut World, at: Instant, id: ConsumerId) {
    set_status(world, at, id, ConsumerStatus::Left);
    let slot = world.live.consumers[id.index()].life_slot;
    world.live.agenda.cancel(slot); // Nobody waits for a word of it any more.
    if world.group(world.consumer(id).group).by_message {
        let gone = order::forget_suspended(world, world.consumer(id).group, |one| one.consumer == id);
        world.live.consumers[id.index()].outstanding -= gone.len() as u32;
    }
}

/// A process is gone, and with it all that was in its hands.
pub(super) fn drop_work(world: &mut World, id: ConsumerId) {
    order::forget_suspended(world, world.consumer(id).group, |one| one.consumer == id);
    let now = world.live.now;
    let state = &mut world.live.consumers[id.index()];
    let spent = Span(state.work().map(|(_, work)| (now - work.started_at).0).sum());
    state.counts.busy += spent;
    state.cache.clear();
    state.polled.clear();
    state.busy = 0;
    state.outstanding = 0;
    state.in_transit = 0;
    for thread in &mut state.threads {
        thread.work = None;
        world.live.agenda.cancel(thread.slot);
    }
    world.live.agenda.cancel(state.persist_slot);
    world.live.agenda.cancel(state.life_slot);
}

pub(in crate::broker) fn unpark(world: &mut World, id: ConsumerId) {
    let state = &mut world.live.consumers[id.index()];
    if std::mem::take(&mut state.parked) {
        world.live.groups[state.group.index()].parked.retain(|other| *other != id);
    }
}
