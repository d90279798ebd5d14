//! A journal entry as one line of JSON: for people with `grep` and for programs.

use serde_json::{Map, Value, json};

use crate::broker::event::{Code, TopicOrigin};
use crate::broker::spec::FilterSpec;
use crate::broker::{
    Command, ConsumerChange, ConsumerId, Entry, Event, GroupId, MessageRef, Outcome, ProducerId, ProgressId,
    QueueId, World,
};

/// `at_us`, `seq`, `cause`, `event`, and then the fields of the event, with names where it has ids.
pub fn json_line(world: &World, entry: &Entry) -> Value {
    let mut line = Map::new();
    line.insert("at_us".to_owned(), entry.at.0.into());
    line.insert("seq".to_owned(), entry.seq.into());
    line.insert("cause".to_owned(), entry.cause.into());
    let (name, fields) = fields(world, &entry.event);
    line.insert("event".to_owned(), name.into());
    if let Value::Object(fields) = fields {
        line.extend(fields);
    }
    Value::Object(line)
}

fn fields(world: &World, event: &Event) -> (&'static str, Value) {
    let producer = |id: ProducerId| world.producer(id).spec.name.clone();
    let consumer = |id: ConsumerId| world.consumer_name(id);
    let group = |id: GroupId| world.group(id).spec.name.clone();
    let queue = |id: QueueId| world.queue_name(id);
    let at = |at: MessageRef| json!({ "queue": queue(at.queue), "offset": at.offset });
    let delivery = |id: ProgressId, offset: u64, to: ConsumerId| {
        let progress = world.progress(id);
        json!({ "group": group(progress.group), "queue": queue(progress.queue), "offset": offset, "consumer": consumer(to) })
    };
    let reading = |id: ProgressId, who: ConsumerId| json!({ "queue": queue(world.progress(id).queue), "consumer": consumer(who) });
    let with = |mut fields: Value, more: Value| {
        if let (Value::Object(fields), Value::Object(more)) = (&mut fields, more) {
            fields.extend(more);
        }
        fields
    };
    let command =
        |id: &crate::broker::CommandId| json!({ "command": world.command(*id).key(), "number": id.0 });
    match event {
        Event::CommandGiven { command: id, content } => {
            ("command_given", with(command(id), json!({ "content": format!("{content:016x}") })))
        }
        Event::CommandRefused { command: id, reason } => {
            ("command_refused", with(command(id), json!({ "reason": format!("{reason:?}") })))
        }
        Event::TopicCreated { topic, origin, queues } => {
            let origin = match origin {
                TopicOrigin::Command(_) => "command",
                TopicOrigin::RetryOfGroup(_) | TopicOrigin::RetryOfTopic(..) => "retry",
                TopicOrigin::Replies => "replies",
                TopicOrigin::SetAside => "set_aside",
                TopicOrigin::DeadLettersOf(_) => "dead_letters",
            };
            (
                "topic_created",
                json!({ "topic": &*world.topic(*topic).name, "origin": origin, "queues": queues }),
            )
        }
        Event::ProducerAdded { producer: id, next_at, .. } => {
            ("producer_added", json!({ "producer": producer(*id), "next_at_us": next_at.0 }))
        }
        Event::ProducerRemoved { producer: id } => ("producer_removed", json!({ "producer": producer(*id) })),
        Event::PatternChanged { producer: id, next_at, .. } => {
            ("pattern_changed", json!({ "producer": producer(*id), "next_at_us": next_at.0 }))
        }
        Event::GroupCreated { group: id, .. } => ("group_created", json!({ "group": group(*id) })),
        Event::GroupRemoved { group: id } => ("group_removed", json!({ "group": group(*id) })),
        Event::ProgressStarted { group: id, queue: q, member, offset, .. } => (
            "progress_started",
            json!({ "group": group(*id), "queue": queue(*q), "consumer": member.map(consumer), "offset": offset }),
        ),
        Event::BalanceChanged { group: id, balance } => {
            ("balance_changed", json!({ "group": group(*id), "balance": balance.name() }))
        }
        Event::FilterChanged { group: id, topic, consumer: member, command } => {
            let filter = match &**world.command(*command) {
                Command::SetFilter { filter, .. } => filter.clone(),
                Command::Consumer { change: ConsumerChange::SetFilter { filter, .. }, .. } => filter.clone(),
                _ => FilterSpec::All,
            };
            (
                "filter_changed",
                json!({ "group": group(*id), "topic": &*world.topic(*topic).name, "consumer": member.map(consumer),
                    "filter": filter.expression(), "sql": matches!(filter, FilterSpec::Sql(_)) }),
            )
        }
        Event::ConsumerJoined { consumer: id, .. } => {
            ("consumer_joined", json!({ "consumer": consumer(*id) }))
        }
        Event::ConsumerLeaving { consumer: id } => ("consumer_leaving", json!({ "consumer": consumer(*id) })),
        Event::ConsumerLeft { consumer: id } => ("consumer_left", json!({ "consumer": consumer(*id) })),
        Event::ConsumerCrashed { consumer: id, detected_at } => {
            ("consumer_crashed", json!({ "consumer": consumer(*id), "detected_at_us": detected_at.0 }))
        }
        Event::CrashDetected { consumer: id } => ("crash_detected", json!({ "consumer": consumer(*id) })),
        Event::ConsumerRestarted { consumer: id } => {
            ("consumer_restarted", json!({ "consumer": consumer(*id) }))
        }
        Event::ConsumerPaused { consumer: id } => ("consumer_paused", json!({ "consumer": consumer(*id) })),
        Event::ConsumerResumed { consumer: id } => ("consumer_resumed", json!({ "consumer": consumer(*id) })),
        Event::ThreadsChanged { consumer: id, threads } => {
            ("threads_changed", json!({ "consumer": consumer(*id), "threads": threads }))
        }
        Event::ProcessingChanged { consumer: id, .. } => {
            ("processing_changed", json!({ "consumer": consumer(*id) }))
        }
        Event::FailureChanged { consumer: id, .. } => {
            ("failure_changed", json!({ "consumer": consumer(*id) }))
        }
        Event::FailNextSet { consumer: id, count } => {
            ("fail_next_set", json!({ "consumer": consumer(*id), "count": count }))
        }
        Event::SendRefused { producer: id, number, next_at } => (
            "send_refused",
            json!({ "producer": producer(*id), "number": number, "next_at_us": next_at.map(|at| at.0),
                "code": Code::MessagePropertyConflictWithType.name() }),
        ),
        Event::MessageSent { producer: id, number, queue: q, arrives_at, next_at } => (
            "message_sent",
            json!({ "producer": producer(*id), "number": number, "queue": queue(*q), "arrives_at_us": arrives_at.0, "next_at_us": next_at.0 }),
        ),
        Event::MessageSentByHand { producer: id, number, queue: q, arrives_at } => (
            "message_sent_by_hand",
            json!({ "producer": producer(*id), "number": number, "queue": queue(*q), "arrives_at_us": arrives_at.0 }),
        ),
        Event::BatchSent { .. }
        | Event::SendUnfit { .. }
        | Event::RequestQueued { .. }
        | Event::SendThrottled { .. }
        | Event::SendRetried { .. }
        | Event::ThrottlingChanged { .. }
        | Event::ReceiveThrottled { .. }
        | Event::PullRepeated { .. }
        | Event::TopicCompacted { .. }
        | Event::MessagesSuperseded { .. }
        | Event::RequestAwaited { .. }
        | Event::ReplySent { .. }
        | Event::ReplyStored { .. }
        | Event::ReplyLost { .. }
        | Event::ReplyReceived { .. }
        | Event::RequestTimedOut { .. } => super::json_requests::fields(world, event),
        Event::MessageDelayed { producer: id, number, queue: q, due_at, visible_at } => (
            "message_delayed",
            json!({ "producer": producer(*id), "number": number, "queue": queue(*q), "due_at_us": due_at.0, "visible_at_us": visible_at.0 }),
        ),
        Event::DeliveryTimeRefused { producer: id, number, queue: q, due_at } => (
            "delivery_time_refused",
            json!({ "producer": producer(*id), "number": number, "queue": queue(*q), "due_at_us": due_at.0,
                "code": world.settings.code(Code::IllegalDeliveryTime).name() }),
        ),
        Event::MessageRecalled { producer: id, number, queue: q, sent_at } => (
            "message_recalled",
            json!({ "producer": producer(*id), "number": number, "queue": queue(*q), "sent_at_us": sent_at.0 }),
        ),
        Event::BrokerCrashed { .. }
        | Event::BrokerRestarted { .. }
        | Event::ProgressFellBack { .. }
        | Event::QueueTruncated { .. }
        | Event::LinkChanged { .. }
        | Event::AnswersToLose { .. }
        | Event::ConsumerUnheard { .. }
        | Event::ConsumerReconnected { .. }
        | Event::SendLost { .. }
        | Event::SendHeld { .. }
        | Event::AnswerLost { .. }
        | Event::MessageResent { .. }
        | Event::SendAcknowledged { .. }
        | Event::SendFailed { .. }
        | Event::ResultLost { .. }
        | Event::TransactionWordLost { .. }
        | Event::TransactionCheckPutOff { .. } => super::json_faults::fields(world, event),
        Event::LiteTopicCreated { .. }
        | Event::LiteSendRefused { .. }
        | Event::LiteSubscribed { .. }
        | Event::LiteUnsubscribed { .. }
        | Event::LiteSubscriptionRefused { .. }
        | Event::LitePositioned { .. }
        | Event::LiteClientGone { .. }
        | Event::LiteQueued { .. }
        | Event::LiteSetFull { .. }
        | Event::LiteFullDispatch { .. }
        | Event::LiteExpired { .. }
        | Event::LiteSwept { .. }
        | Event::LiteSynced => super::json_lite::fields(world, event),
        Event::HalfStored { producer: id, number, queue: q, ends_at, check_at } => (
            "half_stored",
            json!({ "producer": producer(*id), "number": number, "queue": queue(*q), "ends_at_us": ends_at.map(|at| at.0),
                "check_at_us": check_at.0 }),
        ),
        Event::LocalTransactionEnded { producer: id, number, committed, word, arrives_at, twice } => (
            "local_transaction_ended",
            json!({ "producer": producer(*id), "number": number, "committed": committed, "word": word.map(|w| w.name()),
                "arrives_at_us": arrives_at.map(|at| at.0), "twice": twice }),
        ),
        Event::TransactionChecked { producer: id, number, times, asked, next_at } => (
            "transaction_checked",
            json!({ "producer": producer(*id), "number": number, "times": times, "asked": asked.map(producer),
                "next_at_us": next_at.0 }),
        ),
        Event::TransactionPending { producer: id, number, by } => (
            "transaction_pending",
            json!({ "producer": producer(*id), "number": number, "by": by.map(producer) }),
        ),
        Event::TransactionCommitted { producer: id, number, queue: q, sent_at, by, stays } => (
            "transaction_committed",
            json!({ "producer": producer(*id), "number": number, "queue": queue(*q), "sent_at_us": sent_at.0,
                "by": by.map(producer), "stays": stays }),
        ),
        Event::TransactionRolledBack { producer: id, number, by, stays } => (
            "transaction_rolled_back",
            json!({ "producer": producer(*id), "number": number, "by": by.map(producer), "stays": stays }),
        ),
        Event::TransactionWordIgnored { producer: id, number, word, by, refused } => (
            "transaction_word_ignored",
            json!({ "producer": producer(*id), "number": number, "word": word.name(), "by": by.map(producer),
                "code": refused.then_some("ILLEGAL_OPERATION") }),
        ),
        Event::TransactionSetAside { producer: id, number, queue: q, offset, sent_at } => (
            "transaction_set_aside",
            json!({ "producer": producer(*id), "number": number, "queue": queue(*q), "offset": offset,
                "sent_at_us": sent_at.0 }),
        ),
        Event::ProducerCrashed { producer: id } => ("producer_crashed", json!({ "producer": producer(*id) })),
        Event::ProducerRestarted { producer: id, next_at } => {
            ("producer_restarted", json!({ "producer": producer(*id), "next_at_us": next_at.0 }))
        }
        Event::MessageStored { producer: id, number, queue: q, offset, sent_at } => (
            "message_stored",
            json!({ "producer": producer(*id), "number": number, "queue": queue(*q), "offset": offset, "sent_at_us": sent_at.0 }),
        ),
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
        | Event::AnswerTooLate { .. }
        | Event::P2pQueueAdded { .. }
        | Event::P2pSenderAdded { .. }
        | Event::P2pConsumerJoined { .. }
        | Event::P2pConsumerGone { .. }
        | Event::P2pSent { .. }
        | Event::P2pPut { .. }
        | Event::P2pTaken { .. }
        | Event::P2pProcessed { .. } => super::json_beside::fields(world, event),
        Event::StoreSwept { next_at } => ("store_swept", json!({ "next_at_us": next_at.0 })),
        Event::MessagesExpired { queue: q, offset, count } => {
            ("messages_expired", json!({ "queue": queue(*q), "min_offset": offset, "count": count }))
        }
        Event::OffsetCorrected { progress, offset, expired, drops } => (
            "offset_corrected",
            with(position(world, *progress, *offset), json!({ "expired": expired, "drops": drops })),
        ),
        Event::OffsetReset {
            progress,
            offset,
            passed,
            reread_acknowledged,
            reread_moved,
            reread_filtered,
        } => (
            "offset_reset",
            with(
                position(world, *progress, *offset),
                json!({ "passed": passed, "reread_acknowledged": reread_acknowledged,
                    "reread_moved": reread_moved, "reread_filtered": reread_filtered }),
            ),
        ),
        Event::ReceiveRepeated { consumer: id } => ("receive_repeated", json!({ "consumer": consumer(*id) })),
        Event::QueuesChanged { topic, write, read, queues } => (
            "queues_changed",
            json!({ "topic": &*world.topic(*topic).name, "write": write, "read": read, "queues": queues }),
        ),
        Event::RebalanceScheduled { group: id, at } => {
            ("rebalance_scheduled", json!({ "group": group(*id), "due_at_us": at.0 }))
        }
        Event::QueueAssigned { progress, owner, reread_acknowledged, reread_moved, reread_filtered } => {
            let progress = world.progress(*progress);
            (
                "queue_assigned",
                json!({ "group": group(progress.group), "queue": queue(progress.queue), "consumer": owner.map(consumer),
                    "reread_acknowledged": reread_acknowledged, "reread_moved": reread_moved, "reread_filtered": reread_filtered }),
            )
        }
        Event::AssignmentReceived { consumer: id } => {
            ("assignment_received", json!({ "consumer": consumer(*id) }))
        }
        Event::Rebalanced { group: id, moved, next_at } => {
            ("rebalanced", json!({ "group": group(*id), "moved": moved, "next_at_us": next_at.0 }))
        }
        Event::ReceiveParked { consumer: id } => ("receive_parked", json!({ "consumer": consumer(*id) })),
        Event::ReceiveAnswered { consumer: id, count, invisible } => {
            let fields = json!({ "consumer": consumer(*id), "count": count, "invisible_us": invisible.0 });
            ("receive_answered", fields)
        }
        Event::HandleAcknowledged { progress, offset, consumer: id, handle } => {
            ("handle_acknowledged", with(delivery(*progress, *offset, *id), json!({ "handle": handle })))
        }
        Event::HandleRefused { progress, offset, consumer: id } => {
            let code = json!({ "code": world.settings.code(Code::InvalidReceiptHandle).name() });
            ("handle_refused", with(delivery(*progress, *offset, *id), code))
        }
        Event::HandleIgnored { progress, offset, consumer: id, handle } => {
            ("handle_ignored", with(delivery(*progress, *offset, *id), json!({ "handle": handle })))
        }
        Event::CheckpointAdded { progress, offset, consumer: id, handle, until } => {
            let more = json!({ "handle": handle, "until_us": until.0 });
            ("checkpoint_added", with(delivery(*progress, *offset, *id), more))
        }
        Event::CheckpointClosed { progress, offset, consumer: id, handle } => {
            ("checkpoint_closed", with(delivery(*progress, *offset, *id), json!({ "handle": handle })))
        }
        Event::CheckpointOver { progress, offset, handle, comes_back } => {
            let progress = world.progress(*progress);
            (
                "checkpoint_over",
                json!({ "group": group(progress.group), "queue": queue(progress.queue), "offset": offset,
                    "handle": handle, "comes_back": comes_back }),
            )
        }
        Event::BatchReread {
            progress,
            consumer: id,
            reread_acknowledged,
            reread_moved,
            reread_filtered,
            same_attempt,
        } => {
            let progress = world.progress(*progress);
            (
                "batch_reread",
                json!({ "group": group(progress.group), "queue": queue(progress.queue), "consumer": consumer(*id),
                    "reread_acknowledged": reread_acknowledged, "reread_moved": reread_moved,
                    "reread_filtered": reread_filtered,
                    "same_attempt": same_attempt }),
            )
        }
        Event::MessagesPolled { consumer: id, progress, offset, count } => {
            ("messages_polled", with(delivery(*progress, *offset, *id), json!({ "count": count })))
        }
        Event::PolledNothing { consumer: id } => ("polled_nothing", json!({ "consumer": consumer(*id) })),
        Event::PolledProcessed { consumer: id, count } => {
            ("polled_processed", json!({ "consumer": consumer(*id), "count": count }))
        }
        Event::PolledLost { consumer: id, count } => {
            ("polled_lost", json!({ "consumer": consumer(*id), "count": count }))
        }
        Event::QueueSought { progress, consumer: id, offset } => {
            ("queue_sought", delivery(*progress, *offset, *id))
        }
        Event::QueuePaused { progress, consumer: id } => ("queue_paused", reading(*progress, *id)),
        Event::QueueResumed { progress, consumer: id } => ("queue_resumed", reading(*progress, *id)),
        Event::SentBack { progress, offset, consumer: id } => {
            ("sent_back", delivery(*progress, *offset, *id))
        }
        Event::BatchLocked { progress, consumer: id, count, .. } => {
            let progress = world.progress(*progress);
            (
                "batch_locked",
                json!({ "group": group(progress.group), "queue": queue(progress.queue), "consumer": consumer(*id),
                    "count": count }),
            )
        }
        Event::InvisibleTimeChanged { progress, offset, consumer: id, handle, until } => {
            let more = json!({ "handle": handle, "until_us": until.0 });
            ("invisible_time_changed", with(delivery(*progress, *offset, *id), more))
        }
        Event::ConsumeTimedOut { progress, offset, consumer: id } => {
            ("consume_timed_out", delivery(*progress, *offset, *id))
        }
        Event::EffectDone { progress, offset, consumer: id, times } => {
            ("effect_done", with(delivery(*progress, *offset, *id), json!({ "times": times })))
        }
        Event::EffectSkipped { progress, offset, consumer: id } => {
            ("effect_skipped", delivery(*progress, *offset, *id))
        }
        Event::MessagesFiltered { progress, offset, count, consumer: id } => {
            ("messages_filtered", with(delivery(*progress, *offset, *id), json!({ "count": count })))
        }
        Event::MessageRejectedByTag { progress, offset, consumer: id } => {
            ("message_rejected_by_tag", delivery(*progress, *offset, *id))
        }
        Event::MessagesKeptBack { progress, offset, count, consumer: id } => {
            ("messages_kept_back", with(delivery(*progress, *offset, *id), json!({ "count": count })))
        }
        Event::RetryInPlaceScheduled { progress, offset, consumer: id, attempt, due_at } => (
            "retry_in_place_scheduled",
            with(delivery(*progress, *offset, *id), json!({ "attempt": attempt, "due_at_us": due_at.0 })),
        ),
        Event::RetriedInPlace { progress, offset, consumer: id } => {
            ("retried_in_place", delivery(*progress, *offset, *id))
        }
        Event::QueueLocked { progress, consumer: id } => ("queue_locked", reading(*progress, *id)),
        Event::QueueLockAwaited { progress, holder, until } => (
            "queue_lock_awaited",
            json!({ "queue": queue(world.progress(*progress).queue), "holder": consumer(*holder),
                "until_us": until.map(|at| at.0) }),
        ),
        Event::MessageHandedOut { progress, offset, consumer: id, arrives_at } => (
            "message_handed_out",
            with(delivery(*progress, *offset, *id), json!({ "arrives_at_us": arrives_at.0 })),
        ),
        Event::MessageReceived { progress, offset, consumer: id } => {
            ("message_received", delivery(*progress, *offset, *id))
        }
        Event::DeliveryLost { progress, offset, consumer: id } => {
            ("delivery_lost", delivery(*progress, *offset, *id))
        }
        Event::ConsumeStarted { progress, offset, consumer: id, thread, finishes_at } => (
            "consume_started",
            with(
                delivery(*progress, *offset, *id),
                json!({ "thread": thread, "finishes_at_us": finishes_at.0 }),
            ),
        ),
        Event::ConsumeFinished { progress, offset, consumer: id, thread, outcome } => {
            let outcome = match outcome {
                Outcome::Acknowledged => "acknowledged",
                Outcome::Failed => "failed",
                Outcome::Ignored => "ignored",
                Outcome::Filtered => "filtered",
            };
            let more = json!({ "thread": thread, "outcome": outcome });
            ("consume_finished", with(delivery(*progress, *offset, *id), more))
        }
        Event::OffsetCommitted { progress, offset } => {
            ("offset_committed", position(world, *progress, *offset))
        }
        Event::OffsetsPersisted { consumer: id, next_at } => {
            ("offsets_persisted", json!({ "consumer": consumer(*id), "next_at_us": next_at.0 }))
        }
        Event::InvisibleTimeCut { progress, offset, until } => {
            ("invisible_time_cut", with(position(world, *progress, *offset), json!({ "until_us": until.0 })))
        }
        Event::InvisibleTimeOver { progress, offset } => {
            ("invisible_time_over", position(world, *progress, *offset))
        }
        Event::RetryScheduled { group: id, message, attempt, due_at } => (
            "retry_scheduled",
            json!({ "group": group(*id), "message": at(*message), "attempt": attempt, "due_at_us": due_at.0 }),
        ),
        Event::RetryStored { group: id, message, copy, attempt, from_shelf } => (
            "retry_stored",
            json!({ "group": group(*id), "message": at(*message), "copy": at(*copy), "attempt": attempt, "from_shelf": from_shelf }),
        ),
        Event::DeadLettered { group: id, message, copy, attempts, from_shelf } => {
            let what = json!({ "group": group(*id), "message": at(*message), "copy": at(*copy), "attempts": attempts });
            let more = if *from_shelf { json!({ "from_shelf": true }) } else { json!({}) };
            ("dead_lettered", with(what, more))
        }
        Event::MessageDropped { progress, offset, consumer: id } => {
            ("message_dropped", delivery(*progress, *offset, *id))
        }
    }
}

fn position(world: &World, id: ProgressId, offset: u64) -> Value {
    let progress = world.progress(id);
    json!({ "group": world.group(progress.group).spec.name, "queue": world.queue_name(progress.queue), "offset": offset })
}
