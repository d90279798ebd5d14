//! The rules' front door: what follows from a command, from time, or from something that has just happened.
//!
//! `decide` only reads. It returns events that are true together; the run applies them and asks again about each
//! of them, so a consequence is always decided on the world as it then is. The rules themselves stand with the things
//! they are about: `send`, `delivery`, `consume`, `balance`, `topology`.

use super::arrivals::Mirror;
use super::event::Event;
use super::id::{CommandId, ProducerId};
use super::world::{Wakeup, World};
use super::{
    balance, calls, compaction, consume, delivery, flow, link, lite, order, outage, p2p, pop, pull, queues,
    reply, resend, reset, retention, send, simple, timer, topology, transaction,
};

/// What a command brings about.
pub(super) fn command(world: &World, id: CommandId, out: &mut Vec<Event>) {
    topology::command(world, id, world.command(id), out);
}

/// What time brings about.
pub(super) fn wakeup(world: &World, wakeup: Wakeup, out: &mut Vec<Event>) {
    if world.live.faults.is_some() && outage::swallows(world, wakeup) {
        return;
    }
    match wakeup {
        Wakeup::Send(producer) => send::due_plainly(world, producer, out),
        Wakeup::SendArrives(producer) => send::arrives(world, producer, out),
        Wakeup::DeliveryArrives(progress) => out.extend(delivery::arrives(world, progress)),
        Wakeup::ListenerEnds(consumer, thread) => out.extend(consume::finished(world, consumer, thread)),
        Wakeup::CrashDetected(consumer) => out.push(link::silent(world, consumer)),
        Wakeup::AnswerAwaited => out.extend(resend::due(world)),
        Wakeup::BrokerBack => outage::back(world, out),
        Wakeup::PersistOffsets(consumer) => topology::persist_offsets(world, consumer, out),
        Wakeup::Rebalance(group) => balance::rebalance(world, group, out),
        Wakeup::RetryDue(group) => consume::retry_due(world, group, out),
        Wakeup::InvisibleTimeOver(group) => consume::invisible_time_over(world, group, out),
        Wakeup::PopCommits(group) => pop::commit(world, group, out),
        Wakeup::OrderDue(group) => order::due(world, group, out),
        Wakeup::Call(caller) => out.extend(calls::due(world, caller)),
        Wakeup::CallArrives(caller) => out.extend(calls::arrives(world, caller)),
        Wakeup::CallTimesOut(caller) => out.extend(calls::timed_out(world, caller)),
        Wakeup::ServiceEnds(service) => out.extend(calls::processed(world, service)),
        Wakeup::P2pSends(queue, sender) => out.extend(p2p::due(world, queue, sender)),
        Wakeup::P2pArrives(queue, sender) => out.extend(p2p::arrives(world, queue, sender)),
        Wakeup::P2pEnds(queue) => out.extend(p2p::processed(world, queue)),
        Wakeup::TransactionDue => transaction::due(world, out),
        Wakeup::FlowDue => flow::due(world, out),
        Wakeup::RequestDue => reply::due(world, out),
        Wakeup::CompactionDue => compaction::look(world, out),
        Wakeup::TimerFires => out.extend(timer::fires(world)),
        Wakeup::StoreSwept => retention::sweep(world, out),
        Wakeup::LiteSwept => lite::sweep(world, out),
        Wakeup::LiteFullDispatch => lite::full_dispatch(world, out),
        Wakeup::LiteSynced => lite::sync(world, out),
    }
}

/// What follows from an event that has just been applied.
pub(super) fn follow(world: &World, event: &Event, out: &mut Vec<Event>) {
    match *event {
        Event::MessageSent { producer, number, .. } | Event::MessageSentByHand { producer, number, .. } => {
            out.extend(reply::awaited(world, producer, number));
            send::arrives_at_once(world, event, out);
            mirrored(world, producer, number, out);
        }
        Event::BatchSent { producer, number, count, .. } => {
            send::arrives_at_once(world, event, out);
            (0..u64::from(count)).for_each(|nth| mirrored(world, producer, number + nth, out));
        }
        Event::PullRepeated { progress, .. } => delivery::hand_out_ready(world, progress, out),
        Event::CallProcessed { service, .. } | Event::ServiceChanged { service, .. } => {
            calls::start_waiting(world, service, out);
        }
        Event::P2pPut { queue, .. }
        | Event::P2pProcessed { queue, .. }
        | Event::P2pConsumerJoined { queue, .. }
        | Event::P2pConsumerGone { queue, .. } => out.extend(p2p::take(world, queue)),
        Event::MessageStored { queue, offset, .. } => {
            resend::answered(world, event, out);
            delivery::became_visible(world, queue, offset, out);
        }
        Event::MessageDelayed { .. } | Event::HalfStored { .. } => resend::answered(world, event, out),
        Event::MessageResent { .. } => send::arrives_at_once(world, event, out),
        Event::BrokerRestarted { .. } => outage::after_restart(world, out),
        Event::ConsumerReconnected { consumer } => outage::reconnected(world, consumer, out),
        Event::ConsumerUnheard { consumer } => outage::unheard(world, consumer, out),
        Event::LinkChanged { client, state } => link::after(world, client, state, out),
        Event::TransactionCommitted { producer, number, queue, sent_at, .. } => {
            out.push(transaction::committed(world, producer, number, queue, sent_at));
        }
        Event::RetryStored { copy, .. } => delivery::became_visible(world, copy.queue, copy.offset, out),
        Event::MessageReceived { consumer, .. } => {
            if world.consumer(consumer).pulls {
                return pull::go_on(world, consumer, out);
            }
            delivery::start_idle(world, consumer, out);
            delivery::receive(world, consumer, out);
        }
        Event::MessagesPolled { consumer, progress, .. } => pull::after_poll(world, consumer, progress, out),
        Event::DeliveryLost { consumer, .. } => {
            delivery::receive(world, consumer, out);
            consume::leave_when_done(world, consumer, out);
        }
        Event::MessageRejectedByTag { progress, consumer, .. } if !world.progress(progress).by_message => {
            if world.progress(progress).order.is_some() {
                delivery::start_idle(world, consumer, out); // Another message may be the first of its queue now.
            }
            delivery::hand_out_ready(world, progress, out);
        }
        Event::ConsumeFinished { progress, offset, consumer, outcome, .. } => {
            consume::after(world, progress, offset, consumer, outcome, out);
        }
        Event::HandleAcknowledged { progress, offset, consumer, .. } => {
            simple::after_acknowledgement(world, progress, offset, consumer, out);
        }
        Event::InvisibleTimeOver { progress, offset } => {
            consume::after_invisible_time(world, progress, offset, out);
        }
        Event::CheckpointOver { progress, offset, comes_back: true, .. } => {
            pop::after_checkpoint(world, progress, offset, out);
        }
        Event::RetryInPlaceScheduled { progress, offset, consumer, .. } => {
            consume::after_putting_off(world, progress, offset, consumer, out);
        }
        Event::RetriedInPlace { consumer, .. } => delivery::start_idle(world, consumer, out),
        Event::DeadLettered { group, message, .. } => order::after_giving_up(world, group, message, out),
        Event::QueueAssigned { progress, owner: Some(_), .. } if world.progress(progress).order.is_some() => {
            order::lock(world, progress, out);
        }
        Event::QueueAssigned { progress, owner: Some(_), .. }
        | Event::QueueLocked { progress, .. }
        | Event::QueueResumed { progress, .. } => delivery::hand_out_ready(world, progress, out),
        Event::ConsumerJoined { consumer, command, nth, .. } => {
            lite::connects(world, consumer, Some((command, nth)), out);
            topology::connected(world, consumer, out);
        }
        Event::ConsumerRestarted { consumer } => {
            lite::connects(world, consumer, None, out);
            topology::connected(world, consumer, out);
        }
        Event::ConsumerPaused { consumer } => lite::takes_nothing(world, consumer, out),
        Event::LiteSubscribed { .. }
        | Event::LiteUnsubscribed { .. }
        | Event::LiteQueued { .. }
        | Event::LiteClientGone { .. }
        | Event::LitePositioned { .. } => lite::follow(world, event, out),
        Event::MessagesExpired { queue, .. } => retention::overtaken(world, queue, out),
        Event::OffsetCorrected { progress, .. } | Event::OffsetReset { progress, .. } => {
            reset::read_on(world, progress, out);
        }
        Event::QueuesChanged { topic, .. } => queues::after(world, topic, out),
        Event::AssignmentReceived { consumer } | Event::ReceiveRepeated { consumer } => {
            delivery::receive(world, consumer, out)
        }
        Event::ConsumerResumed { consumer } => topology::resumed(world, consumer, out),
        Event::ConsumerLeaving { consumer } => topology::leaving(world, consumer, out),
        Event::ConsumerLeft { consumer } => topology::left(world, consumer, out),
        Event::CrashDetected { consumer } => topology::crash_detected(world, consumer, out),
        Event::ConsumerCrashed { consumer, detected_at } => {
            order::locks_abandoned(world, consumer, out);
            if detected_at == world.live.now && !world.is_down() {
                out.push(Event::CrashDetected { consumer });
            }
        }
        Event::BalanceChanged { group, .. } => topology::balance_changed(world, group, out),
        Event::ThreadsChanged { consumer, .. } => {
            delivery::start_idle(world, consumer, out);
            if world.consumer(consumer).pulls {
                pull::start_idle(world, consumer, out);
                pull::go_on(world, consumer, out);
            }
            simple::receive_with_more_threads(world, consumer, out);
        }
        _ => {}
    }
}

/// Who does the same as a producer does it now.
fn mirrored(world: &World, producer: ProducerId, number: u64, out: &mut Vec<Event>) {
    out.extend(world.producer(producer).mirrors.iter().map(|mirror| match *mirror {
        Mirror::Caller(caller) => calls::mirrored(world, caller, number),
        Mirror::Sender(queue, sender) => p2p::mirrored(world, queue, sender, number),
    }));
}

/// Can anything follow from this event? The others need not be asked about.
#[inline(always)]
pub(super) fn has_consequences(event: &Event) -> bool {
    !matches!(
        event,
        Event::CommandGiven { .. }
            | Event::ConsumeStarted { .. }
            | Event::CallerChanged { .. }
            | Event::CallSent { .. }
            | Event::CallTurnedAway { .. }
            | Event::CallQueued { .. }
            | Event::CallStarted { .. }
            | Event::CallAnswered { .. }
            | Event::CallFailed { .. }
            | Event::CallTimedOut { .. }
            | Event::AnswerTooLate { .. }
            | Event::P2pSent { .. }
            | Event::P2pTaken { .. }
            | Event::MessageHandedOut { .. }
            | Event::MessagesFiltered { .. }
            | Event::MessagesKeptBack { .. }
            | Event::MessagesSuperseded { .. }
            | Event::SendUnfit { .. }
            | Event::RequestQueued { .. }
            | Event::SendThrottled { .. }
            | Event::SendRetried { .. }
            | Event::ThrottlingChanged { .. }
            | Event::ReceiveThrottled { .. }
            | Event::TopicCompacted { .. }
            | Event::RequestAwaited { .. }
            | Event::ReplySent { .. }
            | Event::ReplyStored { .. }
            | Event::ReplyLost { .. }
            | Event::ReplyReceived { .. }
            | Event::RequestTimedOut { .. }
            | Event::QueueLockAwaited { .. }
            | Event::FilterChanged { .. }
            | Event::OffsetCommitted { .. }
            | Event::ReceiveParked { .. }
            | Event::ReceiveAnswered { .. }
            | Event::HandleRefused { .. }
            | Event::HandleIgnored { .. }
            | Event::CheckpointAdded { .. }
            | Event::CheckpointClosed { .. }
            | Event::PolledNothing { .. }
            | Event::PolledProcessed { .. }
            | Event::PolledLost { .. }
            | Event::QueueSought { .. }
            | Event::QueuePaused { .. }
            | Event::SentBack { .. }
            | Event::BatchReread { .. }
            | Event::BatchLocked { .. }
            | Event::InvisibleTimeChanged { .. }
            | Event::ConsumeTimedOut { .. }
            | Event::EffectDone { .. }
            | Event::EffectSkipped { .. }
            | Event::SendRefused { .. }
            | Event::SendLost { .. }
            | Event::SendHeld { .. }
            | Event::AnswerLost { .. }
            | Event::SendAcknowledged { .. }
            | Event::SendFailed { .. }
            | Event::ResultLost { .. }
            | Event::BrokerCrashed { .. }
            | Event::ProgressFellBack { .. }
            | Event::QueueTruncated { .. }
            | Event::AnswersToLose { .. }
            | Event::DeliveryTimeRefused { .. }
            | Event::MessageRecalled { .. }
            | Event::LocalTransactionEnded { .. }
            | Event::TransactionChecked { .. }
            | Event::TransactionPending { .. }
            | Event::TransactionRolledBack { .. }
            | Event::TransactionWordIgnored { .. }
            | Event::TransactionWordLost { .. }
            | Event::TransactionCheckPutOff { .. }
            | Event::TransactionSetAside { .. }
            | Event::RetryScheduled { .. }
            | Event::StoreSwept { .. }
            | Event::LiteTopicCreated { .. }
            | Event::LiteSendRefused { .. }
            | Event::LiteSubscribed { behind: 0, .. }
            | Event::LiteSubscriptionRefused { .. }
            | Event::LiteExpired { .. }
            | Event::LiteSwept { .. }
            | Event::LiteSetFull { .. }
            | Event::LiteFullDispatch { .. }
            | Event::LiteSynced
    )
}
