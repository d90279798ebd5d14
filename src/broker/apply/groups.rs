//! Consumer groups: subscriptions, filters, progress.

use super::consumers;
use crate::broker::command::{Command, ConsumerChange};
use crate::broker::consumer::ConsumerStatus;
use crate::broker::consumer_group::GroupState;
use crate::broker::effect::Effects;
use crate::broker::event::Entry;
use crate::broker::id::{CommandId, ConsumerId, FilterId, GroupId, ProgressId, QueueId, TopicId};
use crate::broker::order::{self, Order};
use crate::broker::progress::{DeliveryLog, ProgressState};
use crate::broker::spec::{Balance, ConsumeMode, ConsumerType, DeliveryOrder, FilterSpec, LockScope};
use crate::broker::subscription::{Filter, Subscription};
use crate::broker::world::{Wakeup, World};
use crate::broker::{delivery, flow, link, lite, pop, pull, settle, simple};
use crate::rules::finished::Finished;
use crate::sim::{Instant, Stream, subject_of};

pub(super) fn group_created(world: &mut World, command: CommandId) {
    let Command::AddGroup(spec) = &*world.log.commands[command.index()].clone() else { return };
    let id = GroupId::at(world.live.groups.len());
    let key = subject_of(&spec.name);
    let subscriptions: Vec<Subscription> = spec
        .subscriptions
        .iter()
        .filter_map(|wish| {
            let topic = world.find_topic(&wish.topic)?;
            let filter = filter_id(world, &wish.filter);
            Some(Subscription { topic, filter, registered: filter, is_known: true })
        })
        .collect();
    // Inside a lite topic all is in order, whatever the group says.
    let is_lite = subscriptions.iter().any(|subscription| world.is_lite(subscription.topic));
    let state = GroupState {
        balance: spec.balance,
        by_message: spec.balance == Balance::Message && spec.mode == ConsumeMode::Clustering,
        simple: spec.consumer_type == ConsumerType::Simple
            && spec.balance == Balance::Message
            && spec.mode == ConsumeMode::Clustering,
        pull: spec.consumer_type == ConsumerType::Pull
            && spec.balance == Balance::Queue
            && spec.mode == ConsumeMode::Clustering,
        handles: 0,
        records: None,
        effects: spec.idempotent.map(|idempotent| Effects::new(idempotent).into()),
        orderly: is_lite
            || (spec.delivery_order == DeliveryOrder::Orderly && spec.mode == ConsumeMode::Clustering),
        key,
        removed: false,
        topics: subscriptions.iter().map(|subscription| subscription.topic).collect(),
        subscriptions,
        consumers: Vec::new(),
        progress: Vec::new(),
        retry_topics: Vec::new(),
        dead_letter_topic: None,
        shelf: Default::default(),
        suspended: Default::default(),
        awaited_locks: Default::default(),
        expiries: Default::default(),
        ready: Default::default(),
        ready_retry: Default::default(),
        parked: Default::default(),
        passive: 0,
        rebalance_at: None,
        rebalanced_at: None,
        moved_at: None,
        counts: Default::default(),
        processing: world.chance.stream(Stream::Processing, key),
        failure: world.chance.stream(Stream::Failure, key),
        rebalance_slot: world.live.slot_for(Wakeup::Rebalance(id)),
        retry_slot: world.live.slot_for(Wakeup::RetryDue(id)),
        expiry_slot: world.live.slot_for(Wakeup::InvisibleTimeOver(id)),
        order_slot: world.live.slot_for(Wakeup::OrderDue(id)),
        spec: spec.clone().into(),
    };
    world.live.groups.push(state);
}

pub(super) fn group_removed(world: &mut World, id: GroupId) {
    settle::everything_of(world, id);
    lite::forget_group(world, id);
    pop::forget(world, id);
    let at = world.live.now;
    let group = &mut world.live.groups[id.index()];
    group.removed = true;
    group.shelf.clear();
    group.suspended.clear();
    group.awaited_locks.clear();
    group.expiries.clear();
    group.parked.clear();
    group.ready.clear();
    group.ready_retry.clear();
    group.rebalance_at = None;
    for slot in [group.rebalance_slot, group.retry_slot, group.expiry_slot, group.order_slot] {
        world.live.agenda.cancel(slot);
    }
    let (consumers, progress) = (group.consumers.clone(), group.progress.clone());
    let made_for_it = group.retry_topics.iter().map(|(_, topic)| *topic).chain(group.dead_letter_topic);
    for topic in made_for_it {
        world.live.topics[topic.index()].removed = true;
    }
    for consumer in consumers {
        consumers::set_status(world, at, consumer, ConsumerStatus::Left);
        world.live.consumers[consumer.index()].parked = false;
        consumers::drop_work(world, consumer);
    }
    for progress in progress {
        drop(link::take_back(world, progress));
        let state = &mut world.live.progress[progress.index()];
        state.transit.clear();
        state.held.clear();
        state.inflight = 0;
        state.owner = None;
        let queue = state.queue;
        world.live.agenda.cancel(state.arrive_slot);
        world.live.queues[queue.index()].progress.retain(|id| *id != progress);
        note_readers(world, queue);
    }
}

pub(super) fn progress_started(
    world: &mut World,
    at: Instant,
    group: GroupId,
    queue: QueueId,
    member: Option<ConsumerId>,
    offset: u64,
) {
    let id = ProgressId::at(world.live.progress.len());
    let topic = world.topic(world.queue(queue).topic);
    let (ordinary, is_retry) = (topic.is_ordinary(), topic.is_retry());
    let orderly = world.group(group).orderly;
    let by_message = world.group(group).by_message;
    let is_lite = ordinary && world.is_lite(world.queue(queue).topic);
    let has_effects = world.group(group).effects.is_some() || world.group(group).spec.replies;
    // Of lite topics a group has nothing before it subscribes to them, and then it may begin anywhere.
    let max_offset = world.queue(queue).max_offset;
    let (start, offset) = if is_lite { (0, max_offset) } else { (offset, offset) };
    let state = ProgressState {
        group,
        queue,
        member,
        readable: true,
        ordinary,
        is_retry,
        by_message,
        plainly: by_message || orderly || has_effects || world.group(group).pull,
        commits_ahead: pop::commits_ahead(&world.settings, by_message, orderly),
        filters: false,
        owner: None,
        epoch: 0,
        start,
        started_at: at,
        committed: offset,
        next: offset,
        high_water: offset,
        finished: Finished::up_to(offset),
        inflight: 0,
        held: Default::default(),
        order: orderly.then(|| {
            let locks = world.group(group).simple && world.settings.fifo_lock_scope == LockScope::Queue;
            Order { batches: locks.then(Default::default), ..Order::default() }.into()
        }),
        pulled: None,
        lite: is_lite.then(Box::default),
        gaps: None,
        transit: Default::default(),
        arrive_slot: world.live.slot_for(Wakeup::DeliveryArrives(id)),
    };
    let waiting = max_offset - offset;
    world.live.progress.push(state);
    world.live.queues[queue.index()].progress.push(id);
    world.live.groups[group.index()].progress.push(id);
    world.log.deliveries.push(DeliveryLog::new(start));
    note_filter(world, id, &filtered_topics(world, group));
    if ordinary {
        settle::entered(world, group, waiting);
    }
    mark_ready(world, id);
}

/// Keeps what a queue knows of its readers true.
pub(in crate::broker) fn note_readers(world: &mut World, id: QueueId) {
    let readers = || world.queue(id).progress.iter().map(|reader| world.progress(*reader));
    let by_message = readers().any(|reader| reader.by_message) || world.is_lite(world.queue(id).topic);
    let filters = readers().any(|reader| reader.filters);
    let orderly = readers().any(|reader| reader.order.is_some());
    let waits = |reader: &ProgressId| {
        world.live.flow.waits_to_pull(*reader) || world.progress(*reader).paused_since().is_some()
    };
    let pulls = || world.queue(id).progress.iter().any(waits);
    let is_refused = world.refuses_receives().is_some() || pulls();
    let queue = &mut world.live.queues[id.index()];
    queue.read_by_message = by_message;
    queue.read_plainly = by_message || filters || orderly || is_refused;
}

/// Keeps what a group's progresses know of filters true.
pub(super) fn note_filters(world: &mut World, id: GroupId) {
    let topics = filtered_topics(world, id);
    for progress in world.group(id).progress.clone() {
        note_filter(world, progress, &topics);
    }
}

/// The topics of which a group, or one of its consumers, does not want all.
fn filtered_topics(world: &World, id: GroupId) -> Vec<TopicId> {
    let group = world.group(id);
    let own = |topic: TopicId| {
        let filters = group.consumers.iter().flat_map(|consumer| &world.consumer(*consumer).filters);
        filters.filter(move |(of, _)| *of == topic).map(|(_, filter)| *filter)
    };
    let filtered = |subscription: &&Subscription| {
        let Subscription { topic, filter, registered, .. } = **subscription;
        [filter, registered].into_iter().chain(own(topic)).any(|filter| filter != FilterId::ALL)
    };
    group.subscriptions.iter().filter(filtered).map(|s| s.topic).collect()
}

/// Can anything be kept back on this queue at all?
fn note_filter(world: &mut World, id: ProgressId, filtered: &[TopicId]) {
    // A retry topic that serves several topics is of none of them; the proxy compares the tags of all.
    let filters = match world.filtered_topic(id) {
        Some(topic) => filtered.contains(&topic),
        None => world.progress(id).by_message && !filtered.is_empty(),
    };
    // Where a topic is compacted, nobody knows before reading whether a message is left.
    let compacts = world.topic(world.queue(world.progress(id).queue).topic).compacts();
    let state = &mut world.live.progress[id.index()];
    state.filters = filters || compacts;
    let queue = state.queue;
    note_readers(world, queue);
}

/// The number of a filter; each that differs is kept once.
pub(super) fn filter_id(world: &mut World, spec: &FilterSpec) -> FilterId {
    if let Some(index) = world.log.filters.iter().position(|filter| filter.spec() == spec) {
        return FilterId::at(index);
    }
    // `decide` has refused what does not compile.
    let Ok(filter) = Filter::compile(spec, world.settings.sql_strict_eof) else { return FilterId::ALL };
    let id = FilterId(world.live.filters);
    world.live.filters += 1;
    world.log.filters.push(filter.into());
    id
}

pub(super) fn filter_changed(
    world: &mut World,
    group: GroupId,
    topic: TopicId,
    consumer: Option<ConsumerId>,
    command: CommandId,
) {
    let spec = match &*world.log.commands[command.index()] {
        Command::SetFilter { filter, .. } => filter.clone(),
        Command::Consumer { change: ConsumerChange::SetFilter { filter, .. }, .. } => filter.clone(),
        _ => return,
    };
    let filter = filter_id(world, &spec);
    let agree = |id: &ConsumerId| world.consumer(*id).filters.iter().all(|(of, _)| *of != topic);
    let registers = match consumer {
        Some(consumer) => {
            let own = &mut world.live.consumers[consumer.index()].filters;
            own.retain(|(of, _)| *of != topic);
            own.push((topic, filter));
            world.consumer(consumer).is_alive()
        }
        // Those with a filter of their own have nothing new to say.
        None => world.group(group).consumers.iter().any(agree) || world.group(group).consumers.is_empty(),
    };
    for subscription in &mut world.live.groups[group.index()].subscriptions {
        if subscription.topic == topic {
            subscription.filter = if consumer.is_none() { filter } else { subscription.filter };
            subscription.registered = if registers { filter } else { subscription.registered };
        }
    }
    note_filters(world, group);
}

pub(super) fn balance_changed(world: &mut World, entry: &Entry, id: GroupId, balance: Balance) {
    let group = &mut world.live.groups[id.index()];
    group.balance = balance;
    group.by_message = balance == Balance::Message && group.spec.mode == ConsumeMode::Clustering;
    group.ready.clear();
    group.ready_retry.clear();
    for consumer in std::mem::take(&mut group.parked) {
        world.live.consumers[consumer.index()].parked = false;
    }
    let has_effects = group.effects.is_some() || group.pull || group.spec.replies;
    let (by_message, members, progress) = (group.by_message, group.consumers.clone(), group.progress.clone());
    for progress in progress {
        let state = &mut world.live.progress[progress.index()];
        state.by_message = by_message;
        state.plainly = by_message || state.order.is_some() || has_effects;
        if std::mem::take(&mut state.commits_ahead) {
            // Who reads in a row knows nothing of checkpoints: what is unfinished is read again.
            state.committed = state.committed.min(state.done_below());
        }
        state.commits_ahead = pop::commits_ahead(&world.settings, by_message, state.order.is_some());
    }
    note_filters(world, id);
    for consumer in members {
        world.live.consumers[consumer.index()].timeout = simple::timeout(world, id);
        if world.consumer(consumer).is_alive() {
            consumers::arm_first_persist(world, entry, consumer);
        }
    }
}

pub(in crate::broker) fn mark_ready_for_all(world: &mut World, queue: QueueId) {
    for index in 0..world.queue(queue).progress.len() {
        let progress = world.queue(queue).progress[index];
        mark_ready(world, progress);
    }
}

/// In message balancing, keeps the set of progresses with ready messages true.
pub(in crate::broker) fn mark_ready(world: &mut World, id: ProgressId) {
    let state = &world.live.progress[id.index()];
    if !state.by_message {
        return;
    }
    let ready = match state.order {
        _ if !state.readable => false,
        None => state.next < world.live.queues[state.queue.index()].max_offset,
        Some(_) => order::has_eligible(world, id),
    };
    let group = &mut world.live.groups[state.group.index()];
    let set = if state.is_retry { &mut group.ready_retry } else { &mut group.ready };
    if ready {
        set.insert(id);
    } else {
        set.remove(&id);
    }
}

pub(super) fn assigned(
    world: &mut World,
    id: ProgressId,
    owner: Option<ConsumerId>,
    [reread_acknowledged, reread_moved, reread_filtered]: [u32; 3],
) {
    let state = &mut world.live.progress[id.index()];
    let (group_id, committed) = (state.group, state.committed);
    let old = std::mem::replace(&mut state.owner, owner);
    if old != owner {
        pull::paused(world, id, None); // It was paused for the one that had it.
        flow::forget_pulls(world, |_, one| one == id); // And that one alone was refused.
    }
    read_anew(world, id, committed);
    let counts = &mut world.live.groups[group_id.index()].counts;
    counts.acknowledged -= u64::from(reread_acknowledged);
    counts.duplicated += i64::from(reread_moved);
    counts.filtered -= u64::from(reread_filtered);
    order::await_no_lock(world, id);
    for (consumer, more) in [(old, false), (owner, true)] {
        if let Some(consumer) = consumer {
            let state = &mut world.live.consumers[consumer.index()];
            state.owned = if more { state.owned + 1 } else { state.owned - 1 };
            state.queue_room =
                delivery::process_queue_room(&world.settings, state.pulls, state.owned, state.reach);
        }
    }
}

/// A group drops what it has of a queue and reads on at `offset`, which is committed; results of what was handed out
/// before count for nothing.
pub(in crate::broker) fn read_anew(world: &mut World, id: ProgressId, offset: u64) {
    let state = &mut world.live.progress[id.index()];
    let group_id = state.group;
    state.committed = offset;
    state.next = offset;
    state.finished.restart(offset);
    state.inflight = 0;
    if let Some(order) = &mut state.order {
        order.reset();
    }
    let_go(world, id);
    pull::read_anew(world, id, offset);
    arm_expiry(world, group_id);
    mark_ready(world, id);
}

/// What is on its way to a group's consumers through a progress, or in their hands, counts for nothing any more.
pub(in crate::broker) fn let_go(world: &mut World, id: ProgressId) {
    let state = &mut world.live.progress[id.index()];
    let group_id = state.group;
    state.epoch += 1;
    world.live.agenda.cancel(state.arrive_slot);
    let flights = std::mem::take(&mut state.transit);
    let held = std::mem::take(&mut state.held);
    let flights = flights.into_iter().chain(link::take_back(world, id));
    let lag = world.revive_lag(id);
    for flight in flights {
        let consumer = &mut world.live.consumers[flight.consumer.index()];
        if consumer.incarnation == flight.incarnation && consumer.is_alive() {
            consumer.in_transit -= 1;
            consumer.outstanding -= 1;
        }
    }
    let group = &mut world.live.groups[group_id.index()];
    for (offset, holding) in held {
        if let Some(until) = holding.until {
            group.expiries.remove(&(until + lag, id, offset));
        }
    }
    for index in 0..group.consumers.len() {
        let consumer = world.live.groups[group_id.index()].consumers[index];
        let consumer = &mut world.live.consumers[consumer.index()];
        let before = consumer.cache.len();
        consumer.cache.retain(|task| task.progress != id);
        consumer.outstanding -= (before - consumer.cache.len()) as u32;
    }
    for consumer in order::forget_suspended(world, group_id, |one| one.progress == id) {
        world.live.consumers[consumer.index()].outstanding -= 1;
    }
    arm_expiry(world, group_id);
}

pub(in crate::broker) fn arm_retry(world: &mut World, id: GroupId) {
    let group = &world.live.groups[id.index()];
    let slot = group.retry_slot;
    match group.shelf.iter().next() {
        Some((&(due_at, _), shelved)) => {
            let (cause, at) = (shelved.cause, due_at.max(world.live.now));
            world.live.wake_because(slot, at, cause);
        }
        None => world.live.agenda.cancel(slot),
    }
}

/// Puts the earliest retry in place of a group on the agenda.
pub(in crate::broker) fn arm_order(world: &mut World, id: GroupId) {
    let group = &world.live.groups[id.index()];
    let slot = group.order_slot;
    let retry = group.suspended.iter().next().map(|((at, _), suspended)| (*at, suspended.cause));
    let lock = group.awaited_locks.iter().next().map(|((at, _), cause)| (*at, *cause));
    match retry.into_iter().chain(lock).min_by_key(|(at, _)| *at) {
        Some((at, cause)) => world.live.wake_because(slot, at.max(world.live.now), cause),
        None => world.live.agenda.cancel(slot),
    }
}

pub(in crate::broker) fn arm_expiry(world: &mut World, id: GroupId) {
    let group = &world.live.groups[id.index()];
    let slot = group.expiry_slot;
    let further = group.records.as_ref().and_then(|records| records.first());
    let further = further.map(|(until, _, cause)| (until, cause));
    let first = group.expiries.iter().next().map(|(&(until, ..), &cause)| (until, cause));
    match first.into_iter().chain(further).min_by_key(|(until, _)| *until) {
        Some((until, cause)) => world.live.wake_because(slot, until.max(world.live.now), cause),
        None => world.live.agenda.cancel(slot),
    }
}
