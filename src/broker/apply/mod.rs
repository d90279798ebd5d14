//! Bookkeeping: what an event means for the world. No rules and no chance in here, so that it can be checked by eye;
//! whatever an event does not say, `apply` may only compute from the world in one obvious way.

pub(super) mod consumers;
pub(super) mod deliveries;
pub(super) mod groups;
pub(super) mod producers;
pub(super) mod topics;

use super::command::{Command, ConsumerChange};
use super::consumer::ConsumerStatus;
use super::consumer_group::Shelved;
use super::event::{Entry, Event};
use super::id::{FilterId, MessageRef};
use super::order::{self, Suspended};
use super::spec::Failure;
use super::timer::Waiting;
use super::world::World;
use super::{
    batch, calls, compaction, effect, flow, half, link, lite, locked_batch, outage, p2p, pop, pull, queues,
    reply, resend, reset, retention, send_cost, settle, simple,
};
pub(super) use retention::rearm as rearm_sweep;

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
            producers::sent(world, entry, producer, number, queue, arrives_at);
        }
        Event::MessageStored { producer, number, queue, offset, sent_at } => {
            producers::stored(world, entry, producer, number, queue, offset, sent_at);
        }
        Event::MessageHandedOut { progress, offset, consumer, arrives_at } => {
            deliveries::handed_out(world, entry, progress, offset, consumer, arrives_at);
        }
        Event::MessageReceived { progress, offset, .. } => {
            deliveries::received(world, entry, progress, offset)
        }
        Event::ConsumeStarted { progress, offset, consumer, thread, finishes_at } => {
            deliveries::started(world, entry, (progress, offset), consumer, thread, finishes_at);
        }
        Event::ConsumeFinished { consumer, thread, outcome, .. } => {
            deliveries::finished(world, entry.at, consumer, thread, outcome);
        }
        _ => apply_rare(world, entry),
    }
}

/// The same for the events that do not come with every message.
#[inline(never)]
fn apply_rare(world: &mut World, entry: &Entry) {
    match entry.event {
        Event::CommandGiven { .. } | Event::CommandRefused { .. } => {}
        Event::TopicCreated { topic, origin, queues } => {
            topics::topic_created(world, origin, queues);
            retention::begin(world, entry);
            compaction::begin(world, entry, topic);
        }
        Event::QueuesChanged { topic, write, read, queues } => {
            queues::changed(world, topic, write, read, queues);
        }
        Event::StoreSwept { next_at } => retention::swept(world, entry, next_at),
        Event::MessagesExpired { queue, offset, .. } => {
            world.live.queues[queue.index()].min_offset = offset;
            lite::min_raised(world, queue);
        }
        Event::OffsetCorrected { progress, offset, drops, .. } => {
            retention::corrected(world, progress, offset, drops);
        }
        Event::OffsetReset {
            progress, offset, reread_acknowledged, reread_moved, reread_filtered, ..
        } => {
            reset::applied(world, progress, offset, [reread_acknowledged, reread_moved, reread_filtered]);
        }
        Event::ReceiveRepeated { consumer } => {
            consumers::unpark(world, consumer);
            flow::heard_again(world, consumer);
        }
        Event::ProducerAdded { producer, command, next_at } => {
            producers::producer_added(world, entry, producer, command, next_at)
        }
        Event::ProducerRemoved { producer } => {
            let state = &mut world.live.producers[producer.index()];
            state.running = false;
            world.live.agenda.cancel(state.send_slot);
            flow::producer_gone(world, producer);
            reply::producer_gone(world, producer);
        }
        Event::PatternChanged { producer, command, next_at } => {
            if let Command::SetPattern { pattern, .. } = *world.log.commands[command.index()].clone() {
                producers::pattern_changed(world, entry, producer, pattern, next_at);
            }
        }
        Event::GroupCreated { command, .. } => groups::group_created(world, command),
        Event::GroupRemoved { group } => {
            groups::group_removed(world, group);
            flow::forget_consumers(world, |world, id| world.consumer(id).group == group);
            flow::forget_pulls(world, |world, id| world.progress(id).group == group);
        }
        Event::ProgressStarted { group, queue, member, offset, .. } => {
            groups::progress_started(world, entry.at, group, queue, member, offset);
        }
        Event::BalanceChanged { group, balance } => {
            groups::balance_changed(world, entry, group, balance);
            flow::forget_consumers(world, |world, id| world.consumer(id).group == group);
            flow::forget_pulls(world, |world, id| world.progress(id).group == group);
        }
        Event::FilterChanged { group, topic, consumer, command } => {
            groups::filter_changed(world, group, topic, consumer, command);
        }

        Event::ConsumerJoined { consumer, group, command, nth } => {
            consumers::joined(world, entry, consumer, group, command, nth)
        }
        Event::ConsumerLeaving { consumer } => {
            consumers::leaving(world, entry.at, consumer);
            flow::heard_again(world, consumer);
        }
        Event::ConsumerLeft { consumer } => consumers::left(world, entry.at, consumer),
        Event::ConsumerCrashed { consumer, detected_at } => {
            consumers::crashed(world, entry, consumer, detected_at);
            flow::heard_again(world, consumer);
        }
        Event::CrashDetected { consumer } => {
            world.live.consumers[consumer.index()].crash_detected = true;
            let slot = world.live.consumers[consumer.index()].life_slot;
            world.live.agenda.cancel(slot);
            consumers::unpark(world, consumer);
        }
        Event::ConsumerRestarted { consumer } => {
            consumers::set_status(world, entry.at, consumer, ConsumerStatus::Running);
            consumers::register(world, consumer);
            let state = &mut world.live.consumers[consumer.index()];
            state.incarnation += 1;
            state.crash_detected = false;
            state.unheard = false;
            state.outstanding = 0;
            state.in_transit = 0;
            outage::reach(world, consumer);
            consumers::arm_first_persist(world, entry, consumer);
        }
        Event::ConsumerPaused { consumer } => {
            consumers::set_status(world, entry.at, consumer, ConsumerStatus::Paused);
            consumers::unpark(world, consumer);
            flow::heard_again(world, consumer);
        }
        Event::ConsumerResumed { consumer } => {
            consumers::set_status(world, entry.at, consumer, ConsumerStatus::Running)
        }
        Event::ThreadsChanged { consumer, threads } => consumers::set_threads(world, consumer, threads),
        Event::ProcessingChanged { consumer, command } => {
            if let Some(ConsumerChange::SetProcessing(processing)) = consumers::change_of(world, command) {
                let state = &mut world.live.consumers[consumer.index()];
                state.sampler = processing.sampler();
                state.processing = processing;
            }
        }
        Event::FailureChanged { consumer, command } => {
            if let Some(ConsumerChange::SetFailure(failure)) = consumers::change_of(world, command) {
                let state = &mut world.live.consumers[consumer.index()];
                state.never_fails = failure == Failure::NEVER;
                state.failure = failure.into();
            }
        }
        Event::FailNextSet { consumer, count } => world.live.consumers[consumer.index()].fail_next = count,

        Event::MessageSentByHand { producer, number, queue, arrives_at } => {
            producers::sent(world, entry, producer, number, queue, arrives_at);
        }

        Event::BatchSent { producer, number, count, queue, arrives_at, next_at } => {
            producers::pattern_goes_on(world, entry, producer, next_at);
            batch::sent(world, producer, count);
            producers::on_the_way(world, entry, producer, (number, count), queue, arrives_at);
        }
        Event::SendUnfit { producer, count, next_at, .. } => {
            producers::refused(world, entry, producer, count, next_at);
        }
        Event::RequestQueued { .. }
        | Event::SendThrottled { .. }
        | Event::SendRetried { .. }
        | Event::ThrottlingChanged { .. }
        | Event::ReceiveThrottled { .. }
        | Event::PullRepeated { .. } => flow::apply(world, entry),
        Event::RequestAwaited { .. }
        | Event::ReplySent { .. }
        | Event::ReplyStored { .. }
        | Event::ReplyLost { .. }
        | Event::ReplyReceived { .. }
        | Event::RequestTimedOut { .. } => reply::apply(world, entry),
        Event::TopicCompacted { topic, next_at, .. } => {
            compaction::compacted(world, entry, topic, next_at);
        }
        Event::MessagesSuperseded { progress, offset, count, consumer } => {
            for offset in offset..offset + u64::from(count) {
                // No filter keeps these back.
                deliveries::passed_over(world, entry.at, progress, offset, consumer, FilterId::ALL);
            }
            groups::mark_ready(world, progress);
        }
        Event::SendRefused { producer, next_at, .. } => {
            producers::refused(world, entry, producer, 1, next_at);
        }
        Event::MessageDelayed { producer, number, queue, due_at, visible_at } => {
            let sent_at = producers::send_arrived(world, producer, number).unwrap_or(entry.at);
            producers::note_arrival(world, entry, producer, number, sent_at);
            world.live.producers[producer.index()].stored += 1;
            send_cost::answered(world, producer, number, sent_at);
            let topic = world.queue(queue).topic;
            let waiting = Waiting { producer, number, topic, queue, sent_at, stored_at: entry.at, due_at };
            let state = world.producer(producer);
            let has_level = state.delay.is_some_and(|delay| delay.has_level());
            world.live.timer.put(visible_at, entry.seq, waiting, has_level, state.body_bytes(number));
            producers::arm_timer(world);
        }
        Event::DeliveryTimeRefused { producer, number, .. } => {
            let sent_at = producers::send_arrived(world, producer, number).unwrap_or(entry.at);
            send_cost::failed(world, producer, number, 1, sent_at);
            world.live.rejected += 1;
            world.live.producers[producer.index()].refused += 1;
            resend::close(world, producer, number);
        }
        Event::SendLost { .. }
        | Event::SendHeld { .. }
        | Event::AnswerLost { .. }
        | Event::MessageResent { .. }
        | Event::SendAcknowledged { .. }
        | Event::SendFailed { .. } => resend::apply(world, entry),
        Event::BrokerCrashed { .. }
        | Event::BrokerRestarted { .. }
        | Event::ProgressFellBack { .. }
        | Event::QueueTruncated { .. }
        | Event::ConsumerUnheard { .. }
        | Event::ConsumerReconnected { .. } => outage::apply(world, entry),
        Event::LinkChanged { .. } | Event::AnswersToLose { .. } => link::apply(world, entry),
        Event::LiteTopicCreated { .. }
        | Event::LiteSendRefused { .. }
        | Event::LiteSubscribed { .. }
        | Event::LiteUnsubscribed { .. }
        | Event::LiteSubscriptionRefused { .. }
        | Event::LiteExpired { .. }
        | Event::LiteSwept { .. }
        | Event::LiteQueued { .. }
        | Event::LiteSetFull { .. }
        | Event::LiteFullDispatch { .. }
        | Event::LiteClientGone { .. }
        | Event::LitePositioned { .. }
        | Event::LiteSynced => lite::apply(world, entry),
        Event::MessageRecalled { producer, number, .. } => {
            world.live.timer.take_back(producer, number);
            producers::arm_timer(world);
        }
        Event::HalfStored { .. }
        | Event::LocalTransactionEnded { .. }
        | Event::TransactionChecked { .. }
        | Event::TransactionPending { .. }
        | Event::TransactionCommitted { .. }
        | Event::TransactionRolledBack { .. }
        | Event::TransactionSetAside { .. }
        | Event::TransactionWordIgnored { .. }
        | Event::TransactionWordLost { .. }
        | Event::TransactionCheckPutOff { .. }
        | Event::ProducerRestarted { .. } => half::apply(world, entry),
        Event::ProducerCrashed { producer } => {
            half::apply(world, entry);
            flow::producer_gone(world, producer);
            reply::producer_gone(world, producer);
        }

        Event::RebalanceScheduled { group, at } => {
            let state = &mut world.live.groups[group.index()];
            state.rebalance_at = Some(at);
            let slot = state.rebalance_slot;
            world.live.wake(slot, at, entry);
        }
        Event::QueueAssigned { progress, owner, reread_acknowledged, reread_moved, reread_filtered } => {
            groups::assigned(world, progress, owner, [reread_acknowledged, reread_moved, reread_filtered]);
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
        Event::HandleRefused { progress, offset, consumer } => {
            simple::refused(world, entry.seq, progress, offset, consumer);
        }
        Event::HandleIgnored { .. } | Event::ConsumeTimedOut { .. } => {}
        Event::CheckpointAdded { .. } | Event::CheckpointClosed { .. } | Event::CheckpointOver { .. } => {
            pop::apply(world, entry);
        }
        Event::MessagesPolled { consumer, progress, count, .. } => {
            pull::polled(world, entry.at, consumer, progress, count);
        }
        Event::PolledNothing { .. } | Event::PolledLost { .. } | Event::QueueSought { .. } => {}
        Event::QueuePaused { progress, .. } => pull::paused(world, progress, Some(entry.at)),
        Event::QueueResumed { progress, .. } => pull::paused(world, progress, None),
        Event::PolledProcessed { consumer, .. } => pull::processed(world, entry.at, consumer),
        Event::SentBack { progress, offset, consumer } => {
            pull::sent_back(world, entry.at, consumer, progress, offset);
        }
        Event::BatchReread {
            progress,
            reread_acknowledged,
            reread_moved,
            reread_filtered,
            same_attempt,
            ..
        } => {
            let reread = [reread_acknowledged, reread_moved, reread_filtered];
            locked_batch::reread(world, progress, reread, same_attempt);
        }
        Event::BatchLocked { progress, consumer, command, .. } => {
            locked_batch::locked(world, entry, progress, consumer, command);
        }
        Event::EffectDone { progress, offset, times, .. } => effect::done(world, progress, offset, times),
        Event::EffectSkipped { progress, .. } => effect::skipped(world, progress),

        Event::MessagesFiltered { progress, offset, count, consumer } => {
            let filter = world.filter_at_broker(progress, consumer);
            for offset in offset..offset + u64::from(count) {
                deliveries::passed_over(world, entry.at, progress, offset, consumer, filter);
            }
            groups::mark_ready(world, progress);
            pop::arm_commit(world, entry, progress);
        }
        Event::MessageRejectedByTag { progress, offset, consumer } => {
            let copy = MessageRef { queue: world.progress(progress).queue, offset };
            let filter = world.filter_at_client(progress, copy, consumer);
            if world.progress(progress).by_message {
                deliveries::passed_over(world, entry.at, progress, offset, consumer, filter);
                groups::mark_ready(world, progress);
                pop::arm_commit(world, entry, progress);
            } else {
                deliveries::thrown_away(world, entry.at, progress, filter);
            }
        }
        Event::MessagesKeptBack { progress, offset, count, .. } => {
            order::keep_back(world, progress, offset, count);
        }
        Event::DeliveryLost { progress, .. } => {
            if let Some(flight) = deliveries::next_flight(world, progress) {
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
        | Event::CallerChanged { .. }
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
        Event::OffsetCommitted { progress, offset } => pop::committed(world, progress, offset),
        Event::OffsetsPersisted { consumer, next_at } => {
            consumers::arm_persist(world, entry, consumer, next_at)
        }
        Event::InvisibleTimeCut { progress, offset, until }
        | Event::ResultLost { progress, offset, until, .. } => {
            if matches!(entry.event, Event::ResultLost { .. }) {
                world.live.faults_mut().counts.lost_results += 1;
            }
            let lag = world.revive_lag(progress);
            let state = &mut world.live.progress[progress.index()];
            if let Some(held) = state.held.get_mut(&offset) {
                held.until = Some(until);
                let group = state.group;
                world.live.groups[group.index()].expiries.insert((until + lag, progress, offset), entry.seq);
                groups::arm_expiry(world, group);
            }
        }
        Event::InvisibleTimeOver { progress, offset } => {
            let lag = world.revive_lag(progress);
            let state = &mut world.live.progress[progress.index()];
            let group = state.group;
            if let Some(until) = state.held.get(&offset).and_then(|held| held.until) {
                world.live.groups[group.index()].expiries.remove(&(until + lag, progress, offset));
            }
            if locked_batch::time_over(world, progress, offset) {
                return groups::arm_expiry(world, group);
            }
            let held = world.live.progress[progress.index()].held.remove(&offset);
            if let Some(held) = held.filter(|held| held.handle > 0) {
                simple::forget(world, progress, offset, held);
            }
            if world.progress(progress).lite.is_some() {
                lite::give_back(world, progress, offset);
            } else if world.progress(progress).order.is_some() {
                order::give_back(world, progress, offset);
            } else {
                world.live.progress[progress.index()].finish(offset, true);
            }
            groups::arm_expiry(world, group);
        }

        Event::RetryInPlaceScheduled { progress, offset, consumer, attempt, due_at } => {
            let (since, cause) = (entry.at, entry.seq);
            let suspended = Suspended { progress, offset, consumer, attempt, since, cause };
            order::suspend(world, entry, suspended, due_at);
        }
        Event::QueueLocked { progress, consumer } => order::locked(world, entry, progress, consumer),
        Event::QueueLockAwaited { progress, until, .. } => match until {
            Some(until) => order::await_lock(world, entry, progress, until),
            None => order::await_no_lock(world, progress),
        },
        Event::RetriedInPlace { progress, offset, consumer } => {
            order::retry(world, entry, progress, offset, consumer);
        }

        Event::RetryScheduled { group, message, attempt, due_at } => {
            let is_last = world.is_last_wait(group, attempt);
            let state = &mut world.live.groups[group.index()];
            let shelved = Shelved { message, attempt, since: entry.at, cause: entry.seq, is_last };
            state.shelf.insert((due_at, entry.seq), shelved);
            groups::arm_retry(world, group);
        }
        Event::RetryStored { group, message, copy, attempt, from_shelf } => {
            if from_shelf {
                world.live.groups[group.index()].shelf.pop_first();
                groups::arm_retry(world, group);
            }
            producers::copy_stored(world, entry.at, message, copy, attempt);
        }
        Event::DeadLettered { group, message, copy, attempts, from_shelf } => {
            if from_shelf {
                world.live.groups[group.index()].shelf.pop_first();
                groups::arm_retry(world, group);
            }
            producers::copy_stored(world, entry.at, message, copy, attempts);
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
