//! Bookkeeping: what an event means for the world. No rules and no chance in here, so that it can be checked by eye;
//! whatever an event does not say, `apply` may only compute from the world in one obvious way.

use std::collections::VecDeque;

use super::command::{Command, ConsumerChange};
use super::consumer::{ConsumerState, ConsumerStatus, Task, Thread, Work};
use super::consumer_group::{GroupState, Shelved};
use super::effect::Effects;
use super::event::{Entry, Event, Outcome, TopicOrigin};
use super::id::{
    CommandId, ConsumerId, FilterId, GroupId, MessageRef, ProducerId, ProgressId, QueueId, TopicId,
};
use super::message::ReadyGroups;
use super::message_queue::{CopyRecord, QueueLog, QueueState, StoredCopy};
use super::order::{self, Order, Suspended};
use super::producer::{ProducerState, QueueRule, Schedule, SendInFlight};
use super::progress::{DeliveryInFlight, DeliveryLog, Holding, ProgressState};
use super::spec::{
    Application, Balance, ConsumeMode, ConsumerSpec, ConsumerType, DeliveryOrder, Failure, FilterSpec,
    MessageTemplate, Pattern, ProducerSpec, QueueSelection, SubscriptionSpec, TopicType,
};
use super::subscription::{Filter, Subscription};
use super::timer::{Delay, Waiting};
use super::topic::TopicState;
use super::transaction::LocalTransactions;
use super::world::{Wakeup, World};
use super::{calls, delivery, effect, half, p2p, queues, reset, retention, send, settle, simple, topic_name};
use crate::rules::message_type::accept;
use crate::sim::{Instant, Stream, subject_of};

/// Writes down what `entry` means. The world's clock and entry counter already stand at it.
#[inline(always)]
pub(super) fn apply(world: &mut World, entry: &Entry) {
    match entry.event {
        Event::MessageSent { producer, number, queue, arrives_at, next_at } => {
            let state = &mut world.live.producers[producer.index()];
            state.sent_in_pattern += 1;
            state.scheduled += 1;
            let slot = state.send_slot;
            world.live.wake(slot, next_at, entry);
            sent(world, entry, producer, number, queue, arrives_at);
        }
        Event::MessageStored { producer, number, queue, offset, sent_at } => {
            stored(world, entry, producer, number, queue, offset, sent_at);
        }
        Event::MessageHandedOut { progress, offset, consumer, arrives_at } => {
            handed_out(world, entry, progress, offset, consumer, arrives_at);
        }
        Event::MessageReceived { progress, offset, .. } => received(world, entry, progress, offset),
        Event::ConsumeStarted { progress, offset, consumer, thread, finishes_at } => {
            started(world, entry, (progress, offset), consumer, thread, finishes_at);
        }
        Event::ConsumeFinished { consumer, thread, outcome, .. } => {
            finished(world, entry.at, consumer, thread, outcome);
        }
        _ => apply_rare(world, entry),
    }
}

/// The same for the events that do not come with every message.
#[inline(never)]
fn apply_rare(world: &mut World, entry: &Entry) {
    match entry.event {
        Event::CommandGiven { .. } | Event::CommandRefused { .. } => {}
        Event::TopicCreated { origin, queues, .. } => {
            topic_created(world, origin, queues);
            retention::begin(world, entry);
        }
        Event::QueuesChanged { topic, write, read, queues } => {
            queues::changed(world, topic, write, read, queues);
        }
        Event::StoreSwept { next_at } => retention::swept(world, entry, next_at),
        Event::MessagesExpired { queue, offset, .. } => {
            world.live.queues[queue.index()].min_offset = offset;
        }
        Event::OffsetCorrected { progress, offset, drops, .. } => {
            retention::corrected(world, progress, offset, drops);
        }
        Event::OffsetReset {
            progress, offset, reread_acknowledged, reread_moved, reread_filtered, ..
        } => {
            reset::applied(world, progress, offset, [reread_acknowledged, reread_moved, reread_filtered]);
        }
        Event::ReceiveRepeated { consumer } => unpark(world, consumer),
        Event::ProducerAdded { producer, command, next_at } => {
            producer_added(world, entry, producer, command, next_at)
        }
        Event::ProducerRemoved { producer } => {
            let state = &mut world.live.producers[producer.index()];
            state.running = false;
            world.live.agenda.cancel(state.send_slot);
        }
        Event::PatternChanged { producer, command, next_at } => {
            if let Command::SetPattern { pattern, .. } = *world.log.commands[command.index()].clone() {
                pattern_changed(world, entry, producer, pattern, next_at);
            }
        }
        Event::GroupCreated { command, .. } => group_created(world, command),
        Event::GroupRemoved { group } => group_removed(world, group),
        Event::ProgressStarted { group, queue, member, offset, .. } => {
            progress_started(world, entry.at, group, queue, member, offset);
        }
        Event::BalanceChanged { group, balance } => balance_changed(world, entry, group, balance),
        Event::FilterChanged { group, topic, consumer, command } => {
            filter_changed(world, group, topic, consumer, command);
        }

        Event::ConsumerJoined { consumer, group, command, nth } => {
            joined(world, entry, consumer, group, command, nth)
        }
        Event::ConsumerLeaving { consumer } => leaving(world, entry.at, consumer),
        Event::ConsumerLeft { consumer } => left(world, entry.at, consumer),
        Event::ConsumerCrashed { consumer, detected_at } => crashed(world, entry, consumer, detected_at),
        Event::CrashDetected { consumer } => {
            world.live.consumers[consumer.index()].crash_detected = true;
            let slot = world.live.consumers[consumer.index()].life_slot;
            world.live.agenda.cancel(slot);
            unpark(world, consumer);
        }
        Event::ConsumerRestarted { consumer } => {
            set_status(world, entry.at, consumer, ConsumerStatus::Running);
            register(world, consumer);
            let state = &mut world.live.consumers[consumer.index()];
            state.incarnation += 1;
            state.crash_detected = false;
            state.outstanding = 0;
            state.in_transit = 0;
            arm_persist(world, entry, consumer, entry.at + world.settings.classic_persist_offset_interval);
        }
        Event::ConsumerPaused { consumer } => {
            set_status(world, entry.at, consumer, ConsumerStatus::Paused);
            unpark(world, consumer);
        }
        Event::ConsumerResumed { consumer } => set_status(world, entry.at, consumer, ConsumerStatus::Running),
        Event::ThreadsChanged { consumer, threads } => set_threads(world, consumer, threads),
        Event::ProcessingChanged { consumer, command } => {
            if let Some(ConsumerChange::SetProcessing(processing)) = change_of(world, command) {
                let state = &mut world.live.consumers[consumer.index()];
                state.sampler = processing.sampler();
                state.processing = processing;
            }
        }
        Event::FailureChanged { consumer, command } => {
            if let Some(ConsumerChange::SetFailure(failure)) = change_of(world, command) {
                let state = &mut world.live.consumers[consumer.index()];
                state.never_fails = failure == Failure::NEVER;
                state.failure = failure.into();
            }
        }
        Event::FailNextSet { consumer, count } => world.live.consumers[consumer.index()].fail_next = count,

        Event::MessageSentByHand { producer, number, queue, arrives_at } => {
            sent(world, entry, producer, number, queue, arrives_at);
        }

        Event::SendRefused { producer, next_at, .. } => refused(world, entry, producer, next_at),
        Event::MessageDelayed { producer, number, queue, due_at, visible_at } => {
            let sent_at = send_arrived(world, producer, number).unwrap_or(entry.at);
            world.live.producers[producer.index()].stored += 1;
            let topic = world.queue(queue).topic;
            let waiting = Waiting { producer, number, topic, queue, sent_at, due_at };
            world.live.timer.put(visible_at, entry.seq, waiting);
            arm_timer(world);
        }
        Event::DeliveryTimeRefused { producer, number, .. } => {
            send_arrived(world, producer, number);
            world.live.rejected += 1;
            world.live.producers[producer.index()].refused += 1;
        }
        Event::MessageRecalled { producer, number, .. } => {
            world.live.timer.take_back(producer, number);
            arm_timer(world);
        }
        Event::HalfStored { .. }
        | Event::LocalTransactionEnded { .. }
        | Event::TransactionChecked { .. }
        | Event::TransactionPending { .. }
        | Event::TransactionCommitted { .. }
        | Event::TransactionRolledBack { .. }
        | Event::TransactionSetAside { .. }
        | Event::TransactionWordIgnored { .. }
        | Event::ProducerCrashed { .. }
        | Event::ProducerRestarted { .. } => half::apply(world, entry),

        Event::RebalanceScheduled { group, at } => {
            let state = &mut world.live.groups[group.index()];
            state.rebalance_at = Some(at);
            let slot = state.rebalance_slot;
            world.live.wake(slot, at, entry);
        }
        Event::QueueAssigned { progress, owner, reread_acknowledged, reread_moved, reread_filtered } => {
            assigned(world, progress, owner, [reread_acknowledged, reread_moved, reread_filtered]);
        }
        Event::AssignmentReceived { .. } => {}
        Event::Rebalanced { group, moved, next_at } => {
            let state = &mut world.live.groups[group.index()];
            state.rebalance_at = None;
            state.rebalanced_at = Some(entry.at);
            if moved > 0 {
                state.moved_at = Some(entry.at);
            }
            let slot = state.rebalance_slot;
            world.live.wake(slot, next_at, entry);
        }
        Event::ReceiveParked { consumer } => {
            let state = &mut world.live.consumers[consumer.index()];
            state.parked = true;
            state.receives += 1;
            world.live.groups[state.group.index()].parked.push_back(consumer);
        }

        Event::ReceiveAnswered { consumer, invisible, .. } => {
            let state = &mut world.live.consumers[consumer.index()];
            state.receives += 1;
            state.invisible = invisible;
        }
        Event::HandleAcknowledged { progress, offset, consumer, .. } => {
            simple::acknowledged(world, entry.at, progress, offset, consumer);
        }
        Event::InvisibleTimeChanged { progress, offset, handle, until, .. } => {
            simple::changed(world, entry, progress, offset, handle, until);
        }
        Event::HandleRefused { .. } | Event::ConsumeTimedOut { .. } => {}
        Event::EffectDone { progress, offset, times, .. } => effect::done(world, progress, offset, times),
        Event::EffectSkipped { progress, .. } => effect::skipped(world, progress),

        Event::MessagesFiltered { progress, offset, count, consumer } => {
            let filter = world.filter_at_broker(progress, consumer);
            for offset in offset..offset + u64::from(count) {
                passed_over(world, entry.at, progress, offset, consumer, filter);
            }
            mark_ready(world, progress);
        }
        Event::MessageRejectedByTag { progress, offset, consumer } => {
            let copy = MessageRef { queue: world.progress(progress).queue, offset };
            let filter = world.filter_at_client(progress, copy, consumer);
            if world.progress(progress).by_message {
                passed_over(world, entry.at, progress, offset, consumer, filter);
                mark_ready(world, progress);
            } else {
                thrown_away(world, entry.at, progress, filter);
            }
        }
        Event::MessagesKeptBack { progress, offset, count, .. } => {
            order::keep_back(world, progress, offset, count);
        }
        Event::DeliveryLost { progress, .. } => {
            if let Some(flight) = next_flight(world, progress) {
                let state = &mut world.live.consumers[flight.consumer.index()];
                if state.incarnation == flight.incarnation && state.is_alive() {
                    state.in_transit -= 1;
                    state.outstanding -= 1;
                }
            }
        }
        Event::ServiceAdded { .. }
        | Event::ServiceChanged { .. }
        | Event::CallerAdded { .. }
        | Event::CallSent { .. }
        | Event::CallTurnedAway { .. }
        | Event::CallQueued { .. }
        | Event::CallStarted { .. }
        | Event::CallProcessed { .. }
        | Event::CallAnswered { .. }
        | Event::CallFailed { .. }
        | Event::CallTimedOut { .. }
        | Event::AnswerTooLate { .. } => calls::apply(world, entry),
        Event::P2pQueueAdded { .. }
        | Event::P2pSenderAdded { .. }
        | Event::P2pConsumerJoined { .. }
        | Event::P2pConsumerGone { .. }
        | Event::P2pSent { .. }
        | Event::P2pPut { .. }
        | Event::P2pTaken { .. }
        | Event::P2pProcessed { .. } => p2p::apply(world, entry),
        Event::OffsetCommitted { progress, offset } => {
            world.live.progress[progress.index()].committed = offset
        }
        Event::OffsetsPersisted { consumer, next_at } => arm_persist(world, entry, consumer, next_at),
        Event::InvisibleTimeCut { progress, offset, until } => {
            let state = &mut world.live.progress[progress.index()];
            if let Some(held) = state.held.get_mut(&offset) {
                held.until = Some(until);
                let group = state.group;
                world.live.groups[group.index()].expiries.insert((until, progress, offset), entry.seq);
                arm_expiry(world, group);
            }
        }
        Event::InvisibleTimeOver { progress, offset } => {
            let state = &mut world.live.progress[progress.index()];
            let group = state.group;
            let held = state.held.remove(&offset);
            if let Some(until) = held.and_then(|held| held.until) {
                world.live.groups[group.index()].expiries.remove(&(until, progress, offset));
            }
            if let Some(held) = held.filter(|held| held.handle > 0) {
                simple::forget(world, progress, offset, held);
            }
            if world.progress(progress).order.is_some() {
                order::give_back(world, progress, offset);
            } else {
                world.live.progress[progress.index()].finish(offset, true);
            }
            arm_expiry(world, group);
        }

        Event::RetryInPlaceScheduled { progress, offset, consumer, attempt, due_at } => {
            let (since, cause) = (entry.at, entry.seq);
            let suspended = Suspended { progress, offset, consumer, attempt, since, cause };
            order::suspend(world, entry, suspended, due_at);
        }
        Event::QueueLocked { progress, consumer } => order::locked(world, entry, progress, consumer),
        Event::QueueLockAwaited { progress, until, .. } => {
            if let Some(until) = until {
                order::await_lock(world, entry, progress, until);
            }
        }
        Event::RetriedInPlace { progress, offset, consumer } => {
            order::retry(world, entry, progress, offset, consumer);
        }

        Event::RetryScheduled { group, message, attempt, due_at } => {
            let state = &mut world.live.groups[group.index()];
            let shelved = Shelved { message, attempt, since: entry.at, cause: entry.seq };
            state.shelf.insert((due_at, entry.seq), shelved);
            arm_retry(world, group);
        }
        Event::RetryStored { group, message, copy, attempt, from_shelf } => {
            if from_shelf {
                world.live.groups[group.index()].shelf.pop_first();
                arm_retry(world, group);
            }
            copy_stored(world, entry.at, message, copy, attempt);
        }
        Event::DeadLettered { group, message, copy, attempts } => {
            copy_stored(world, entry.at, message, copy, attempts);
            let state = &mut world.live.groups[group.index()];
            state.counts.dead_letters += 1;
            settle::message(world, entry, group, message);
            order::give_up(world, group, message);
        }
        Event::MessageDropped { progress, offset, .. } => {
            let group = world.live.progress[progress.index()].group;
            world.live.groups[group.index()].counts.dropped += 1;
            settle::delivery(world, entry, progress, offset);
        }
        Event::MessageSent { .. }
        | Event::MessageStored { .. }
        | Event::MessageHandedOut { .. }
        | Event::MessageReceived { .. }
        | Event::ConsumeStarted { .. }
        | Event::ConsumeFinished { .. } => unreachable!("these are not rare"),
    }
}

fn topic_created(world: &mut World, origin: TopicOrigin, queues: u32) {
    let id = TopicId::at(world.live.topics.len());
    let (message_type, write_queues, read_queues) = match origin {
        TopicOrigin::Command(command) => match &*world.log.commands[command.index()] {
            Command::AddTopic(spec) => (spec.message_type, spec.write_queues, spec.read_queues),
            _ => (TopicType::NORMAL, queues, queues),
        },
        _ => (TopicType::NORMAL, queues, queues),
    };
    let first = world.live.queues.len();
    for number in 0..queues {
        add_queue(world, id, number);
    }
    let topic = TopicState {
        name: topic_name(world, origin).into(),
        message_type,
        removed: false,
        origin,
        queues: (0..queues as usize).map(|number| QueueId::at(first + number)).collect(),
        write_queues,
        read_queues,
    };
    match origin {
        TopicOrigin::RetryOfGroup(group) => world.live.groups[group.index()].retry_topics.push((None, id)),
        TopicOrigin::RetryOfTopic(group, topic) => {
            world.live.groups[group.index()].retry_topics.push((Some(topic), id));
        }
        TopicOrigin::DeadLettersOf(group) => world.live.groups[group.index()].dead_letter_topic = Some(id),
        TopicOrigin::Command(_) | TopicOrigin::SetAside => {}
    }
    world.live.topics.push(topic);
}

/// A topic has one more queue.
pub(super) fn add_queue(world: &mut World, topic: TopicId, number: u32) {
    let index = world.live.queues.len();
    world.live.queues.push(QueueState {
        topic,
        number,
        min_offset: 0,
        max_offset: 0,
        last_stored_at: Instant::ZERO,
        last_key: 0,
        progress: Vec::new(),
        read_by_message: false,
        read_plainly: false,
    });
    put(&mut world.log.queues, index, QueueLog::default());
}

/// Adds `value` at `index` of a list that is kept for ever; replay finds it there already and leaves it alone.
fn put<T>(list: &mut Vec<T>, index: usize, value: T) {
    if index == list.len() {
        list.push(value);
    }
}

fn producer_added(world: &mut World, entry: &Entry, id: ProducerId, command: CommandId, next_at: Instant) {
    let Command::AddProducer(spec) = &*world.log.commands[command.index()].clone() else { return };
    let Some(topic) = world.find_topic(&spec.topic) else { return };
    let key = subject_of(&spec.name);
    let writable = world.topic(topic).write_queues;
    let place = |name: &str| send::place(&world.settings, name, writable);
    let ready_groups = ReadyGroups::new(&spec.message, place);
    let is_accepted = !world.settings.topic_type_check
        || accept(world.topic(topic).message_type, spec.message.message_type()).is_ok();
    let delay = Delay::of(&spec.message, world.chance.stream(Stream::Delay, key));
    let transaction = LocalTransactions::of(&spec.message, world.chance, key);
    let state = ProducerState {
        key,
        topic,
        schedule: Schedule::new(spec.pattern, entry.at),
        sent_in_pattern: 0,
        scheduled: 0,
        sent: 0,
        stored: 0,
        refused: 0,
        is_accepted,
        sends_plainly: is_accepted && delay.is_none() && transaction.is_none(),
        mirrors: Vec::new(),
        delay,
        transaction,
        first_queue: world.chance.stream(Stream::QueueStart, key).below(0, u64::from(writable)),
        running: true,
        crashed_at: None,
        transit: Default::default(),
        send_slot: world.live.slot_for(Wakeup::Send(id)),
        arrive_slot: world.live.slot_for(Wakeup::SendArrives(id)),
        interarrival: world.chance.stream(Stream::Interarrival, key),
        queue_choice: world.chance.stream(Stream::QueueChoice, key),
        queue_rule: queue_rule(spec),
        message_groups: world.chance.stream(Stream::MessageGroup, key),
        ready_groups,
        spec: spec.clone().into(),
    };
    world.live.wake(state.send_slot, next_at, entry);
    world.live.producers.push(state);
}

fn queue_rule(spec: &ProducerSpec) -> QueueRule {
    match spec {
        ProducerSpec { message: MessageTemplate { message_group: Some(_), .. }, .. } => {
            QueueRule::MessageGroup
        }
        ProducerSpec { queue_selection: QueueSelection::RoundRobin, .. } => QueueRule::RoundRobin,
        ProducerSpec { queue_selection: QueueSelection::Uniform, .. } => QueueRule::Uniform,
    }
}

fn pattern_changed(world: &mut World, entry: &Entry, id: ProducerId, pattern: Pattern, next_at: Instant) {
    let state = &mut world.live.producers[id.index()];
    state.schedule = Schedule::new(pattern, entry.at);
    state.sent_in_pattern = 0;
    let slot = state.send_slot;
    world.live.wake(slot, next_at, entry);
}

fn group_created(world: &mut World, command: CommandId) {
    let Command::AddGroup(spec) = &*world.log.commands[command.index()].clone() else { return };
    let id = GroupId::at(world.live.groups.len());
    let key = subject_of(&spec.name);
    let subscriptions: Vec<Subscription> = spec
        .subscriptions
        .iter()
        .filter_map(|wish| {
            let topic = world.find_topic(&wish.topic)?;
            let filter = filter_id(world, &wish.filter);
            Some(Subscription { topic, filter, registered: filter })
        })
        .collect();
    let state = GroupState {
        balance: spec.balance,
        by_message: spec.balance == Balance::Message && spec.mode == ConsumeMode::Clustering,
        simple: spec.consumer_type == ConsumerType::Simple
            && spec.balance == Balance::Message
            && spec.mode == ConsumeMode::Clustering,
        handles: 0,
        effects: spec.idempotent.map(|idempotent| Effects::new(idempotent).into()),
        orderly: spec.delivery_order == DeliveryOrder::Orderly && spec.mode == ConsumeMode::Clustering,
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

fn group_removed(world: &mut World, id: GroupId) {
    settle::everything_of(world, id);
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
        let state = &mut world.live.consumers[consumer.index()];
        state.status = ConsumerStatus::Left;
        state.since = at;
        state.parked = false;
        drop_work(world, consumer);
    }
    for progress in progress {
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

fn progress_started(
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
    let has_effects = world.group(group).effects.is_some();
    let state = ProgressState {
        group,
        queue,
        member,
        readable: true,
        ordinary,
        is_retry,
        by_message,
        plainly: by_message || orderly || has_effects,
        filters: false,
        owner: None,
        epoch: 0,
        start: offset,
        started_at: at,
        committed: offset,
        done_below: offset,
        next: offset,
        high_water: offset,
        finished: Default::default(),
        inflight: 0,
        held: Default::default(),
        order: orderly.then(Box::<Order>::default),
        gaps: None,
        transit: Default::default(),
        arrive_slot: world.live.slot_for(Wakeup::DeliveryArrives(id)),
    };
    let waiting = world.live.queues[queue.index()].max_offset - offset;
    world.live.progress.push(state);
    world.live.queues[queue.index()].progress.push(id);
    world.live.groups[group.index()].progress.push(id);
    put(&mut world.log.deliveries, id.index(), DeliveryLog::new(offset));
    note_filters(world, group);
    if ordinary {
        settle::entered(world, group, waiting);
    }
    mark_ready(world, id);
}

/// Keeps what a queue knows of its readers true.
fn note_readers(world: &mut World, id: QueueId) {
    let readers = || world.queue(id).progress.iter().map(|reader| world.progress(*reader));
    let by_message = readers().any(|reader| reader.by_message);
    let filters = readers().any(|reader| reader.filters);
    let orderly = readers().any(|reader| reader.order.is_some());
    let queue = &mut world.live.queues[id.index()];
    queue.read_by_message = by_message;
    queue.read_plainly = by_message || filters || orderly;
}

/// Keeps what a group's progresses know of filters true: can anything be kept back on this queue at all?
fn note_filters(world: &mut World, id: GroupId) {
    let group = world.group(id);
    let own = |topic: TopicId| {
        let filters = group.consumers.iter().flat_map(|consumer| &world.consumer(*consumer).filters);
        filters.filter(move |(of, _)| *of == topic).map(|(_, filter)| *filter)
    };
    let filtered = |subscription: &&Subscription| {
        let Subscription { topic, filter, registered } = **subscription;
        [filter, registered].into_iter().chain(own(topic)).any(|filter| filter != FilterId::ALL)
    };
    let topics: Vec<TopicId> = group.subscriptions.iter().filter(filtered).map(|s| s.topic).collect();
    for progress in group.progress.clone() {
        // A retry topic that serves several topics is of none of them; the proxy compares the tags of all.
        let filters = match world.filtered_topic(progress) {
            Some(topic) => topics.contains(&topic),
            None => world.progress(progress).by_message && !topics.is_empty(),
        };
        let state = &mut world.live.progress[progress.index()];
        state.filters = filters;
        let queue = state.queue;
        note_readers(world, queue);
    }
}

/// The number of a filter; each that differs is kept once.
fn filter_id(world: &mut World, spec: &FilterSpec) -> FilterId {
    let known = &world.log.filters[..world.live.filters as usize];
    if let Some(index) = known.iter().position(|filter| filter.spec() == spec) {
        return FilterId::at(index);
    }
    // `decide` has refused what does not compile.
    let Ok(filter) = Filter::compile(spec, world.settings.sql_strict_eof) else { return FilterId::ALL };
    let id = FilterId(world.live.filters);
    world.live.filters += 1;
    put(&mut world.log.filters, id.index(), filter.into());
    id
}

/// A consumer has connected, or changed its mind: the broker keeps what it says of each topic.
fn register(world: &mut World, id: ConsumerId) {
    let group = world.consumer(id).group;
    for index in 0..world.group(group).subscriptions.len() {
        let topic = world.group(group).subscriptions[index].topic;
        let filter = world.filter_of(id, topic);
        world.live.groups[group.index()].subscriptions[index].registered = filter;
    }
    note_filters(world, group);
}

fn filter_changed(
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

fn balance_changed(world: &mut World, entry: &Entry, id: GroupId, balance: Balance) {
    let group = &mut world.live.groups[id.index()];
    group.balance = balance;
    group.by_message = balance == Balance::Message && group.spec.mode == ConsumeMode::Clustering;
    group.ready.clear();
    group.ready_retry.clear();
    for consumer in std::mem::take(&mut group.parked) {
        world.live.consumers[consumer.index()].parked = false;
    }
    let has_effects = group.effects.is_some();
    let (by_message, members, progress) = (group.by_message, group.consumers.clone(), group.progress.clone());
    for progress in progress {
        let state = &mut world.live.progress[progress.index()];
        state.by_message = by_message;
        state.plainly = by_message || state.order.is_some() || has_effects;
    }
    note_filters(world, id);
    for consumer in members {
        world.live.consumers[consumer.index()].timeout = simple::timeout(world, id);
        if world.consumer(consumer).is_alive() {
            let at = entry.at + world.settings.classic_persist_offset_interval;
            arm_persist(world, entry, consumer, at);
        }
    }
}

fn joined(world: &mut World, entry: &Entry, id: ConsumerId, group: GroupId, command: CommandId, nth: u32) {
    let spec: ConsumerSpec = match &*world.log.commands[command.index()] {
        Command::AddGroup(spec) => spec.consumers[nth as usize].clone(),
        Command::AddConsumer { consumer, .. } => consumer.clone(),
        _ => return,
    };
    let own = |wish: &SubscriptionSpec| {
        let topic = world.find_topic(&wish.topic)?;
        Some((topic, filter_id(world, &wish.filter)))
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
        threads: Vec::new(),
        thread_count: 0,
        busy: 0,
        outstanding: 0,
        in_transit: 0,
        filters,
        owned: 0,
        queue_room: delivery::process_queue_room(&world.settings, 0),
        incarnation: 0,
        crash_detected: false,
        receives: 0,
        parked: false,
        timeout: simple::timeout(world, group),
        invisible: world.settings.simple_invisible,
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
    arm_persist(world, entry, id, entry.at + world.settings.classic_persist_offset_interval);
}

/// Puts a consumer's next report of its offsets on the agenda, unless offsets are committed with completion anyway.
fn arm_persist(world: &mut World, entry: &Entry, id: ConsumerId, at: Instant) {
    let by_message = world.group(world.consumer(id).group).by_message;
    if world.settings.classic_persist_offset_interval.is_zero() || by_message {
        return;
    }
    let slot = world.live.consumers[id.index()].persist_slot;
    world.live.wake(slot, at, entry);
}

fn set_status(world: &mut World, at: Instant, id: ConsumerId, status: ConsumerStatus) {
    let state = &mut world.live.consumers[id.index()];
    state.status = status;
    state.since = at;
}

fn set_threads(world: &mut World, id: ConsumerId, count: u32) {
    world.live.consumers[id.index()].thread_count = count;
    while world.live.consumers[id.index()].threads.len() < count as usize {
        let thread = world.live.consumers[id.index()].threads.len() as u32;
        let slot = world.live.slot_for(Wakeup::ListenerEnds(id, thread));
        world.live.consumers[id.index()].threads.push(Thread { slot, work: None });
    }
}

fn change_of(world: &World, command: CommandId) -> Option<ConsumerChange> {
    match &*world.log.commands[command.index()] {
        Command::Consumer { change, .. } => Some(change.clone()),
        _ => None,
    }
}

fn leaving(world: &mut World, at: Instant, id: ConsumerId) {
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

fn crashed(world: &mut World, entry: &Entry, id: ConsumerId, detected_at: Instant) {
    set_status(world, entry.at, id, ConsumerStatus::Crashed);
    world.log.left_unfinished.insert(entry.seq, world.consumer(id).outstanding);
    drop_work(world, id);
    order::abandon_locks(world, entry.at, id);
    let slot = world.live.consumers[id.index()].life_slot;
    if detected_at > entry.at {
        world.live.wake(slot, detected_at, entry);
    }
}

/// A consumer has disconnected. What it would have tried again in place stays behind, invisible for a while or for the
/// next owner of its queue.
fn left(world: &mut World, at: Instant, id: ConsumerId) {
    set_status(world, at, id, ConsumerStatus::Left);
    if world.group(world.consumer(id).group).by_message {
        let gone = order::forget_suspended(world, world.consumer(id).group, |one| one.consumer == id);
        world.live.consumers[id.index()].outstanding -= gone.len() as u32;
    }
}

/// A process is gone, and with it all that was in its hands.
fn drop_work(world: &mut World, id: ConsumerId) {
    order::forget_suspended(world, world.consumer(id).group, |one| one.consumer == id);
    let state = &mut world.live.consumers[id.index()];
    state.cache.clear();
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

fn unpark(world: &mut World, id: ConsumerId) {
    let state = &mut world.live.consumers[id.index()];
    if std::mem::take(&mut state.parked) {
        world.live.groups[state.group.index()].parked.retain(|other| *other != id);
    }
}

#[inline]
fn sent(world: &mut World, entry: &Entry, id: ProducerId, number: u64, queue: QueueId, arrives_at: Instant) {
    world.live.produced += 1;
    let state = &mut world.live.producers[id.index()];
    state.sent += 1;
    if arrives_at > entry.at {
        let first = state.transit.is_empty();
        let flight = SendInFlight { number, queue, sent_at: entry.at, arrives_at, cause: entry.seq };
        state.transit.push_back(flight);
        if first {
            let slot = state.arrive_slot;
            world.live.wake(slot, arrives_at, entry);
        }
    }
}

#[inline(always)]
fn stored(
    world: &mut World,
    entry: &Entry,
    producer: ProducerId,
    number: u64,
    id: QueueId,
    offset: u64,
    sent_at: Instant,
) {
    let is_new = sent_at == entry.at || arrived_or_let_go(world, producer, number);
    let state = &mut world.live.producers[producer.index()];
    state.stored += u64::from(is_new);
    let key = state.chance_key(number, 0);
    world.log.queues[id.index()].store(offset, entry.at, sent_at, producer, number);
    let live = &mut world.live;
    let queue = &mut live.queues[id.index()];
    queue.max_offset = offset + 1;
    queue.last_stored_at = entry.at;
    queue.last_key = key;
    for reader in &queue.progress {
        let group = live.progress[reader.index()].group;
        live.groups[group.index()].counts.seen += 1;
    }
    live.little.enter(entry.at, queue.progress.len() as u64);
    if queue.read_by_message {
        mark_ready_for_all(world, id);
    }
}

/// A message never left its producer. It has used its number and, if the pattern brought it, its turn.
fn refused(world: &mut World, entry: &Entry, id: ProducerId, next_at: Option<Instant>) {
    world.live.rejected += 1;
    let state = &mut world.live.producers[id.index()];
    state.sent += 1;
    state.refused += 1;
    if let Some(at) = next_at {
        state.sent_in_pattern += 1;
        state.scheduled += 1;
        let slot = state.send_slot;
        world.live.wake(slot, at, entry);
    }
}

/// A stored message that was not sent just now has been on the way, or in the timer, where the broker had it already.
/// Says whether it comes from its producer.
#[inline(never)]
fn arrived_or_let_go(world: &mut World, producer: ProducerId, number: u64) -> bool {
    let is_let_go = world.live.timer.let_go(producer, number);
    if is_let_go {
        arm_timer(world);
    } else {
        send_arrived(world, producer, number);
    }
    !is_let_go
}

/// If this is the producer's oldest message on the way, it is there, and the next one comes next. Says when it was sent.
pub(super) fn send_arrived(world: &mut World, producer: ProducerId, number: u64) -> Option<Instant> {
    let state = &mut world.live.producers[producer.index()];
    let flight = state.transit.pop_front_if(|flight| flight.number == number)?;
    if let Some(next) = state.transit.front() {
        let (slot, at, cause) = (state.arrive_slot, next.arrives_at, next.cause);
        world.live.wake_because(slot, at, cause);
    }
    Some(flight.sent_at)
}

/// Puts the earliest message of the timer on the agenda.
fn arm_timer(world: &mut World) {
    let live = &mut world.live;
    let slot = live.timer.slot.unwrap_or_else(|| live.slot_for(Wakeup::TimerFires));
    live.timer.slot = Some(slot);
    match live.timer.next() {
        Some((visible_at, cause)) => live.wake_because(slot, visible_at, cause),
        None => live.agenda.cancel(slot),
    }
}

fn copy_stored(world: &mut World, at: Instant, message: MessageRef, copy: MessageRef, attempts: u32) {
    let record = CopyRecord { stored_at: at, origin: world.origin(message), reconsume_times: attempts };
    world.log.queues[copy.queue.index()].store_copy(copy.offset, record);
    let key = world.chance_key(copy);
    let log = &mut world.live.queues[copy.queue.index()];
    log.max_offset = copy.offset + 1;
    log.last_stored_at = at;
    log.last_key = key;
    mark_ready_for_all(world, copy.queue);
}

fn mark_ready_for_all(world: &mut World, queue: QueueId) {
    for index in 0..world.queue(queue).progress.len() {
        let progress = world.queue(queue).progress[index];
        mark_ready(world, progress);
    }
}

/// In message balancing, keeps the set of progresses with ready messages true.
pub(super) fn mark_ready(world: &mut World, id: ProgressId) {
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

fn assigned(
    world: &mut World,
    id: ProgressId,
    owner: Option<ConsumerId>,
    [reread_acknowledged, reread_moved, reread_filtered]: [u32; 3],
) {
    let state = &mut world.live.progress[id.index()];
    let (group_id, committed) = (state.group, state.committed);
    let old = std::mem::replace(&mut state.owner, owner);
    read_anew(world, id, committed);
    let counts = &mut world.live.groups[group_id.index()].counts;
    counts.acknowledged -= u64::from(reread_acknowledged);
    counts.duplicated += u64::from(reread_moved);
    counts.filtered -= u64::from(reread_filtered);
    order::await_no_lock(world, id);
    for (consumer, more) in [(old, false), (owner, true)] {
        if let Some(consumer) = consumer {
            let state = &mut world.live.consumers[consumer.index()];
            state.owned = if more { state.owned + 1 } else { state.owned - 1 };
            state.queue_room = delivery::process_queue_room(&world.settings, state.owned);
        }
    }
}

/// A group drops what it has of a queue and reads on at `offset`, which is committed; results of what was handed out
/// before count for nothing.
pub(super) fn read_anew(world: &mut World, id: ProgressId, offset: u64) {
    let state = &mut world.live.progress[id.index()];
    let group_id = state.group;
    state.epoch += 1;
    state.committed = offset;
    state.next = offset;
    state.done_below = offset;
    state.finished.clear();
    state.inflight = 0;
    if let Some(order) = &mut state.order {
        order.reset();
    }
    world.live.agenda.cancel(state.arrive_slot);
    let flights = std::mem::take(&mut state.transit);
    let held = std::mem::take(&mut state.held);
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
            group.expiries.remove(&(until, id, offset));
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
    mark_ready(world, id);
}

#[inline(always)]
fn handed_out(
    world: &mut World,
    entry: &Entry,
    id: ProgressId,
    offset: u64,
    to: ConsumerId,
    arrives_at: Instant,
) {
    if world.progress(id).plainly {
        return handed_out_plainly(world, entry, id, offset, to, arrives_at);
    }
    let delivery = next_in_a_row(world, entry, id, offset, to);
    send_off(world, entry, id, delivery, to, arrives_at);
}

/// The same where messages are held, or do not go out in a row.
#[inline(never)]
fn handed_out_plainly(
    world: &mut World,
    entry: &Entry,
    id: ProgressId,
    offset: u64,
    to: ConsumerId,
    arrives_at: Instant,
) {
    let delivery = if world.progress(id).order.is_some() {
        let copy = order::copy(world, id, offset);
        let again = order::hand_out(world, id, offset);
        world.log.deliveries[id.index()].deliver(offset, copy.stored_at, entry.at, to, again);
        (offset, again, copy)
    } else {
        next_in_a_row(world, entry, id, offset, to)
    };
    if world.progress(id).by_message {
        hold(world, entry, id, offset, to);
    }
    send_off(world, entry, id, delivery, to, arrives_at);
}

/// Notes that the next message of a queue goes out. Says whether it did before, and what it carries.
#[inline(always)]
fn next_in_a_row(
    world: &mut World,
    entry: &Entry,
    id: ProgressId,
    offset: u64,
    to: ConsumerId,
) -> (u64, bool, StoredCopy) {
    let copy = world.stored_copy(world.progress(id).queue, offset);
    let state = &mut world.live.progress[id.index()];
    let again = offset < state.high_water;
    world.log.deliveries[id.index()].deliver(offset, copy.stored_at, entry.at, to, again);
    state.next = offset + 1;
    state.high_water = if again { state.high_water } else { state.next };
    (offset, again, copy)
}

/// A message is on its way to a consumer, for the first time or again.
#[inline(always)]
fn send_off(
    world: &mut World,
    entry: &Entry,
    id: ProgressId,
    (offset, again, copy): (u64, bool, StoredCopy),
    to: ConsumerId,
    arrives_at: Instant,
) {
    let live = &mut world.live;
    let state = &mut live.progress[id.index()];
    state.inflight += 1;
    let is_redelivery = state.is_retry | (again && state.is_redelivered(offset));
    let consumer = &mut live.consumers[to.index()];
    consumer.outstanding += 1;
    consumer.in_transit += 1;
    consumer.counts.deliveries += 1;
    let group = &mut live.groups[state.group.index()];
    group.counts.deliveries += 1;
    group.counts.redeliveries += u64::from(is_redelivery);
    let first = state.transit.is_empty();
    state.transit.push_back(DeliveryInFlight {
        offset,
        consumer: to,
        incarnation: consumer.incarnation,
        again,
        sent_at: entry.at,
        arrives_at,
        cause: entry.seq,
        copy,
    });
    if first {
        let slot = state.arrive_slot;
        world.live.wake(slot, arrives_at, entry);
    }
}

/// Message balancing: what was handed out is invisible to others, and its consumer has the answer it waited for.
fn hold(world: &mut World, entry: &Entry, id: ProgressId, offset: u64, to: ConsumerId) {
    let state = &mut world.live.progress[id.index()];
    state.held.insert(offset, Holding { consumer: to, handed_out_at: entry.at, until: None, handle: 0 });
    if world.live.groups[state.group.index()].simple {
        simple::hold(world, entry, id, offset, to);
    }
    let state = &mut world.live.progress[id.index()];
    if std::mem::take(&mut world.live.consumers[to.index()].parked) {
        world.live.groups[state.group.index()].parked.pop_front();
    }
    mark_ready(world, id);
}

/// Takes the oldest delivery off the way through a progress, and puts the next one's arrival on the agenda.
#[inline(always)]
fn next_flight(world: &mut World, id: ProgressId) -> Option<DeliveryInFlight> {
    let state = &mut world.live.progress[id.index()];
    let flight = state.transit.pop_front();
    if let Some(next) = state.transit.front() {
        let (slot, at, cause) = (state.arrive_slot, next.arrives_at, next.cause);
        world.live.wake_because(slot, at, cause);
    }
    flight
}

#[inline(always)]
fn received(world: &mut World, entry: &Entry, id: ProgressId, offset: u64) {
    let epoch = world.live.progress[id.index()].epoch;
    let Some(flight) = next_flight(world, id) else { return };
    let consumer = &mut world.live.consumers[flight.consumer.index()];
    consumer.in_transit -= 1;
    consumer.cache.push_back(Task {
        progress: id,
        offset,
        epoch,
        again: flight.again,
        handed_out_at: flight.sent_at,
        received_at: entry.at,
        cause: entry.seq,
        copy: flight.copy,
    });
}

#[inline(always)]
fn started(
    world: &mut World,
    entry: &Entry,
    which: (ProgressId, u64),
    id: ConsumerId,
    thread: u32,
    finishes_at: Instant,
) {
    let consumer = &mut world.live.consumers[id.index()];
    let Some(mut task) = consumer.cache.pop_front() else { return };
    if (task.progress, task.offset) != which {
        task = take_from_the_middle(&mut consumer.cache, task, which);
    }
    consumer.busy += 1;
    let thread = &mut consumer.threads[thread as usize];
    thread.work = Some(Work { task, started_at: entry.at, finishes_at });
    let slot = thread.slot;
    let log = &mut world.log.deliveries[task.progress.index()];
    log.start(task.offset, task.handed_out_at, entry.at, task.again);
    world.live.wake(slot, finishes_at, entry);
}

/// In queue balancing an orderly group passes over what has to wait for an earlier message of its queue.
#[cold]
#[inline(never)]
fn take_from_the_middle(cache: &mut VecDeque<Task>, first: Task, which: (ProgressId, u64)) -> Task {
    cache.push_front(first);
    let place = cache.iter().position(|task| (task.progress, task.offset) == which);
    place.and_then(|place| cache.remove(place)).unwrap_or(first)
}

#[inline(always)]
fn finished(world: &mut World, at: Instant, id: ConsumerId, thread: u32, outcome: Outcome) {
    let live = &mut world.live;
    let consumer = &mut live.consumers[id.index()];
    let Some(Work { task, started_at, .. }) = consumer.threads[thread as usize].work.take() else { return };
    let spent = at - started_at;
    consumer.busy -= 1;
    consumer.outstanding -= 1;
    consumer.counts.busy += spent;
    let group = &mut live.groups[consumer.group.index()];
    match outcome {
        Outcome::Acknowledged => {
            consumer.counts.acknowledged += 1;
            group.counts.acknowledged += 1;
        }
        Outcome::Failed => {
            consumer.counts.failed += 1;
            consumer.fail_next = consumer.fail_next.saturating_sub(1);
            group.counts.failed += 1;
        }
        Outcome::Ignored | Outcome::Filtered => {}
    }
    let log = &mut world.log.deliveries[task.progress.index()];
    log.end(task.offset, task.handed_out_at, spent, outcome, task.again);
    if outcome == Outcome::Ignored {
        return;
    }
    let state = &mut live.progress[task.progress.index()];
    if outcome == Outcome::Failed && live.groups[state.group.index()].simple {
        return; // Nobody says so to the broker: it stays invisible until its time is over.
    }
    if outcome == Outcome::Failed && state.order.is_some() {
        // It stays in its consumer's hands, to be tried again or given up.
        live.consumers[id.index()].outstanding += 1;
        return;
    }
    done_with(world, at, &task, outcome);
}

/// The broker has taken the result of a delivery.
#[inline(always)]
pub(super) fn done_with(world: &mut World, at: Instant, task: &Task, outcome: Outcome) {
    let live = &mut world.live;
    let state = &mut live.progress[task.progress.index()];
    let commits = state.by_message || world.settings.classic_persist_offset_interval.is_zero();
    state.finish(task.offset, commits);
    if outcome == Outcome::Acknowledged && !task.again && state.ordinary {
        // The first delivery of the first copy: nothing can have settled it before.
        live.little.leave(at, state.in_sight_since(task.copy.stored_at));
    } else if outcome == Outcome::Acknowledged {
        settle::again(world, task.progress, task.offset);
    }
    if world.progress(task.progress).plainly {
        let_go(world, task.progress, task.offset);
    }
}

/// A finished message is nobody's any longer, and keeps none back.
#[inline(never)]
fn let_go(world: &mut World, id: ProgressId, offset: u64) {
    release(world, id, offset);
    order::unlock(world, id, offset);
}

/// A message was read for a consumer and not handed out: it is finished, and the group is done with it.
fn passed_over(
    world: &mut World,
    at: Instant,
    id: ProgressId,
    offset: u64,
    reader: ConsumerId,
    filter: FilterId,
) {
    let stored_at = world.stored_copy(world.progress(id).queue, offset).stored_at;
    let again = world.progress(id).was_handed_out(offset);
    let log = &mut world.log.deliveries[id.index()];
    log.deliver(offset, stored_at, at, reader, again);
    log.keep_back(offset, at, filter, again);
    let state = &mut world.live.progress[id.index()];
    let commits = state.by_message || world.settings.classic_persist_offset_interval.is_zero();
    if state.order.is_some() {
        order::pass_over(world, id, offset, commits);
    } else {
        state.pass_over(offset, commits);
    }
    filtered_out(world, at, id, offset, stored_at, again);
}

/// A classic client threw away what it was sent: no thread has anything to do with it.
fn thrown_away(world: &mut World, at: Instant, id: ProgressId, filter: FilterId) {
    let Some(flight) = next_flight(world, id) else { return };
    let consumer = &mut world.live.consumers[flight.consumer.index()];
    consumer.in_transit -= 1;
    consumer.outstanding -= 1;
    let log = &mut world.log.deliveries[id.index()];
    log.throw_away(flight.offset, flight.sent_at, at - flight.sent_at, filter, flight.again);
    let commits = world.settings.classic_persist_offset_interval.is_zero();
    world.live.progress[id.index()].finish(flight.offset, commits);
    filtered_out(world, at, id, flight.offset, flight.copy.stored_at, flight.again);
}

/// Counts a message that a filter kept back. It came into the group's sight when it was stored, for nobody had looked at
/// it yet, and was ready until somebody did; so it leaves both sides of Little's law now, after that time.
fn filtered_out(
    world: &mut World,
    at: Instant,
    id: ProgressId,
    offset: u64,
    stored_at: Instant,
    again: bool,
) {
    let state = &world.live.progress[id.index()];
    world.live.groups[state.group.index()].counts.filtered += 1;
    if state.ordinary && !again {
        world.live.little.leave(at, state.in_sight_since(stored_at));
    } else {
        settle::again(world, id, offset);
    }
}

/// Message balancing: nobody holds this message any longer.
pub(super) fn release(world: &mut World, id: ProgressId, offset: u64) {
    let state = &mut world.live.progress[id.index()];
    let group = state.group;
    if let Some(until) = state.held.remove(&offset).and_then(|held| held.until) {
        world.live.groups[group.index()].expiries.remove(&(until, id, offset));
        arm_expiry(world, group);
    }
}

fn arm_retry(world: &mut World, id: GroupId) {
    let group = &world.live.groups[id.index()];
    let slot = group.retry_slot;
    match group.shelf.iter().next() {
        Some((&(due_at, _), shelved)) => {
            let cause = shelved.cause;
            world.live.wake_because(slot, due_at, cause);
        }
        None => world.live.agenda.cancel(slot),
    }
}

/// Puts the earliest retry in place of a group on the agenda.
pub(super) fn arm_order(world: &mut World, id: GroupId) {
    let group = &world.live.groups[id.index()];
    let slot = group.order_slot;
    let retry = group.suspended.iter().next().map(|((at, _), suspended)| (*at, suspended.cause));
    let lock = group.awaited_locks.iter().next().map(|((at, _), cause)| (*at, *cause));
    match retry.into_iter().chain(lock).min_by_key(|(at, _)| *at) {
        Some((at, cause)) => world.live.wake_because(slot, at, cause),
        None => world.live.agenda.cancel(slot),
    }
}

pub(super) fn arm_expiry(world: &mut World, id: GroupId) {
    let group = &world.live.groups[id.index()];
    let slot = group.expiry_slot;
    match group.expiries.iter().next() {
        Some((&(until, ..), &cause)) => world.live.wake_because(slot, until, cause),
        None => world.live.agenda.cancel(slot),
    }
}
