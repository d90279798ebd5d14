//! Every event in plain words, once: the log, the inspector and the live region all say it this way.

mod about;
mod requests;

pub use about::{About, Explained, Part, name_of};
pub(super) use about::{Fill, Holes};

use about::filled;
use requests::{gone, refusal_key, request};

use super::words::{Said, Words};
use super::{beside, faults, lite, says, transactions};
use crate::broker::event::{Code, TopicOrigin};
use crate::broker::settings::ladder_name;
use crate::broker::spec::{Balance, Pattern, Strategy, TopicType};
use crate::broker::{
    CallerChange, Command, CommandId, ConsumerChange, Entry, Event, MessageRef, Outcome, ProgressId, World,
};

/// Says what happened.
pub fn explain(world: &World, entry: &Entry, words: &Words) -> Explained {
    let (key, holes) = sentence(world, entry, words);
    filled(world, words, key, &holes)
}

/// Says what somebody asked for, with the names of what it is about.
pub fn command(world: &World, command: &Command, words: &Words) -> Explained {
    let (key, holes) = request(world, command, words);
    filled(world, words, key, &holes)
}

/// The same where there is little room.
pub fn command_in_short(world: &World, command: &Command, words: &Words) -> String {
    let (key, name, value) = match command {
        Command::SetPattern { producer, pattern } => {
            ("tick.set_pattern", producer.clone(), says::rate(words, pattern))
        }
        Command::Caller { caller, change: CallerChange::SetPattern(pattern) } => {
            ("tick.set_pattern", caller.clone(), says::rate(words, pattern))
        }
        Command::ResetOffset { group, .. } => ("tick.reset_offset", group.clone(), String::new()),
        Command::SetQueues { topic, .. } => ("tick.set_queues", topic.clone(), String::new()),
        Command::SetFilter { group, .. } => ("tick.set_filter", group.clone(), String::new()),
        Command::Consumer { consumer, change } => match change {
            ConsumerChange::SetProcessing(_) => ("tick.set_processing", consumer.clone(), String::new()),
            ConsumerChange::SetFailure(_) => ("tick.set_failure", consumer.clone(), String::new()),
            ConsumerChange::SetFilter { .. } => ("tick.set_filter", consumer.clone(), String::new()),
            _ => return self::command(world, command, words).to_string(),
        },
        _ => return self::command(world, command, words).to_string(),
    };
    words.fill(key, &[("name", &name), ("value", &value)])
}

fn sentence(world: &World, entry: &Entry, words: &Words) -> (&'static str, Holes) {
    let text = |value: &dyn Said| Fill::Words(value.said());
    let topic = |id| ("topic", Fill::Thing(About::Topic(id)));
    let queue = |id| ("queue", Fill::Thing(About::Queue(id)));
    let producer = |id| ("producer", Fill::Thing(About::Producer(id)));
    let group = |id| ("group", Fill::Thing(About::Group(id)));
    let consumer = |id| ("consumer", Fill::Thing(About::Consumer(id)));
    let message = |at| ("message", Fill::Thing(About::Message(at)));
    let offset = |offset: u64| ("offset", text(&offset));
    let count = |n: u32| ("n", Fill::Count(n.into()));
    let after = |at: crate::sim::Instant| ("time", Fill::Words(words.span(at - entry.at)));
    let at = |id: ProgressId, offset| MessageRef { queue: world.progress(id).queue, offset };
    let group_of = |id: ProgressId| group(world.progress(id).group);
    match entry.event {
        Event::CommandGiven { command: id, .. } => {
            let asked = command(world, world.command(id), words);
            ("event.command", vec![("command", Fill::Said(asked))])
        }
        Event::CommandRefused { command: id, reason } => {
            let asked = command(world, world.command(id), words);
            let reason = text(&match (gone(world, id, reason, words), reason.code()) {
                (Some(gone), _) => gone,
                (None, Some(code)) => {
                    words.fill(refusal_key(reason), &[("code", &world.settings.code(code).name())])
                }
                (None, None) => words.text(refusal_key(reason)).to_owned(),
            });
            ("event.refused", vec![("command", Fill::Said(asked)), ("reason", reason)])
        }
        Event::TopicCreated { topic: id, origin, queues } => match origin {
            TopicOrigin::Command(_) => ("event.topic_created", vec![topic(id), count(queues)]),
            TopicOrigin::RetryOfGroup(g) | TopicOrigin::RetryOfTopic(g, _) => {
                ("event.retry_topic_created", vec![topic(id), group(g)])
            }
            TopicOrigin::Replies => ("event.reply_topic_created", vec![topic(id)]),
            TopicOrigin::SetAside => ("event.set_aside_topic_created", vec![topic(id)]),
            TopicOrigin::DeadLettersOf(g) => ("event.dead_letter_topic_created", vec![topic(id), group(g)]),
        },
        Event::ProducerAdded { producer: id, .. } => {
            ("event.producer_added", vec![producer(id), topic(world.producer(id).topic)])
        }
        Event::ProducerRemoved { producer: id } => ("event.producer_removed", vec![producer(id)]),
        Event::PatternChanged { producer: id, command, .. } => {
            let spec = &world.producer(id).spec;
            let now = pattern_by(world.command(command), &spec.name).unwrap_or(&spec.pattern);
            let before = earlier(world, command, |given| pattern_by(given, &spec.name)).unwrap_or(now);
            let said = |pattern| Fill::Words(says::pattern(words, pattern));
            ("event.pattern_changed", vec![producer(id), ("now", said(now)), ("before", said(before))])
        }
        Event::GroupCreated { group: id, .. } => ("event.group_created", vec![group(id)]),
        Event::GroupRemoved { group: id } => ("event.group_removed", vec![group(id)]),
        Event::ProgressStarted { group: id, queue: q, offset: o, .. } => {
            ("event.progress_started", vec![group(id), queue(q), offset(o)])
        }
        Event::BalanceChanged { group: id, balance } => {
            ("event.balance_changed", vec![group(id), ("balance", text(&balance_words(balance, words)))])
        }
        Event::FilterChanged { group: id, topic: t, consumer: member, command } => {
            let filter = match &**world.command(command) {
                Command::SetFilter { filter, .. } => filter.expression(),
                Command::Consumer { change: ConsumerChange::SetFilter { filter, .. }, .. } => {
                    filter.expression()
                }
                _ => "*",
            };
            let filter = ("filter", text(&filter));
            match member {
                Some(member) => ("event.own_filter_changed", vec![consumer(member), topic(t), filter]),
                None => ("event.filter_changed", vec![group(id), topic(t), filter]),
            }
        }
        Event::ConsumerJoined { consumer: id, group: g, .. } => {
            ("event.consumer_joined", vec![consumer(id), group(g)])
        }
        Event::ConsumerLeaving { consumer: id } => ("event.consumer_leaving", vec![consumer(id)]),
        Event::ConsumerLeft { consumer: id } => ("event.consumer_left", vec![consumer(id)]),
        Event::ConsumerCrashed { consumer: id, .. } => {
            match world.log.left_unfinished.get(&entry.seq).copied().unwrap_or_default() {
                0 => ("event.consumer_crashed_idle", vec![consumer(id)]),
                unfinished => ("event.consumer_crashed", vec![consumer(id), count(unfinished)]),
            }
        }
        Event::CrashDetected { consumer: id } => ("event.crash_detected", vec![consumer(id)]),
        Event::ConsumerRestarted { consumer: id } => ("event.consumer_restarted", vec![consumer(id)]),
        Event::ConsumerPaused { consumer: id } => ("event.consumer_paused", vec![consumer(id)]),
        Event::ConsumerResumed { consumer: id } => ("event.consumer_resumed", vec![consumer(id)]),
        Event::ThreadsChanged { consumer: id, threads } => {
            ("event.threads_changed", vec![consumer(id), count(threads)])
        }
        Event::ProcessingChanged { consumer: id, command } => {
            let name = world.consumer_name(id);
            let of = |given| match change_of(given, &name) {
                Some(ConsumerChange::SetProcessing(processing)) => Some(processing),
                _ => None,
            };
            let first = &world.consumer(id).spec.processing;
            let now = of(world.command(command)).unwrap_or(first);
            let before = earlier(world, command, of).unwrap_or(first);
            let said = |processing| Fill::Words(says::processing(words, processing));
            ("event.processing_changed", vec![consumer(id), ("now", said(now)), ("before", said(before))])
        }
        Event::FailureChanged { consumer: id, command } => {
            let name = world.consumer_name(id);
            let of = |given| match change_of(given, &name) {
                Some(ConsumerChange::SetFailure(failure)) => Some(failure),
                _ => None,
            };
            let first = &world.consumer(id).spec.failure;
            let now = of(world.command(command)).unwrap_or(first);
            let before = earlier(world, command, of).unwrap_or(first);
            let said = |failure| Fill::Words(says::failure(words, failure));
            ("event.failure_changed", vec![consumer(id), ("now", said(now)), ("before", said(before))])
        }
        Event::FailNextSet { consumer: id, count: times } => {
            ("event.fail_next", vec![consumer(id), count(times)])
        }
        Event::MessageSent { producer: id, number, queue: q, .. }
        | Event::MessageSentByHand { producer: id, number, queue: q, .. } => {
            ("event.message_sent", vec![producer(id), ("number", text(&number)), queue(q)])
        }
        Event::SendRefused { producer: id, .. } => {
            let types = says::types(world, id).map(|(hole, says)| (hole, text(&says)));
            let is_mixed = world.topic(world.producer(id).topic).message_type == TopicType::Mixed;
            let key = if is_mixed { "event.send_refused_mixed" } else { "event.send_refused" };
            (key, std::iter::once(producer(id)).chain(types).collect())
        }
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
        | Event::RequestTimedOut { .. } => super::requests::sentence(world, entry, words),
        Event::MessageDelayed { producer: id, number, queue: q, due_at, visible_at } => {
            let times = [("due", text(&due_at)), ("visible", text(&visible_at))];
            let mut holes = vec![producer(id), ("number", text(&number)), queue(q)];
            holes.extend(times);
            ("event.message_delayed", holes)
        }
        Event::DeliveryTimeRefused { producer: id, number, due_at, .. } => {
            let most = ("most", text(&world.settings.delay_max));
            let code = ("code", text(&world.settings.code(Code::IllegalDeliveryTime)));
            let ahead = ("time", Fill::Words(words.span(due_at - entry.at)));
            let holes = vec![producer(id), ("number", text(&number)), ahead, most, code];
            ("event.delivery_time_refused", holes)
        }
        Event::MessageRecalled { producer: id, number, .. } => {
            ("event.message_recalled", vec![producer(id), ("number", text(&number))])
        }
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
        | Event::TransactionCheckPutOff { .. } => faults::sentence(world, entry, words),
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
        | Event::LiteSynced => lite::sentence(world, entry, words),
        Event::HalfStored { .. }
        | Event::LocalTransactionEnded { .. }
        | Event::TransactionChecked { .. }
        | Event::TransactionPending { .. }
        | Event::TransactionCommitted { .. }
        | Event::TransactionRolledBack { .. }
        | Event::TransactionWordIgnored { .. }
        | Event::TransactionSetAside { .. }
        | Event::ProducerCrashed { .. }
        | Event::ProducerRestarted { .. } => transactions::sentence(entry, words),
        Event::MessageStored { queue: q, offset: o, producer: id, number, .. } => {
            let at = MessageRef { queue: q, offset: o };
            let key = if world.producer(id).transaction.is_some() {
                "event.message_committed"
            } else if world.came_out_of_timer(entry) {
                "event.message_visible"
            } else if world.came_after_its_time(entry) {
                "event.message_after_its_time"
            } else {
                "event.message_stored"
            };
            (key, vec![message(at), producer(id), ("number", text(&number))])
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
        | Event::AnswerTooLate { .. }
        | Event::P2pQueueAdded { .. }
        | Event::P2pSenderAdded { .. }
        | Event::P2pConsumerJoined { .. }
        | Event::P2pConsumerGone { .. }
        | Event::P2pSent { .. }
        | Event::P2pPut { .. }
        | Event::P2pTaken { .. }
        | Event::P2pProcessed { .. } => beside::sentence(world, entry, words),
        Event::StoreSwept { next_at } => ("event.store_swept", vec![("time", text(&next_at))]),
        Event::MessagesExpired { queue: q, offset: o, count: n } => {
            let kept = Fill::Words(words.span(world.settings.store_retention));
            ("event.messages_expired", vec![queue(q), offset(o), ("n", Fill::Count(n)), ("time", kept)])
        }
        Event::OffsetCorrected { progress: id, offset: o, expired, .. } => {
            let holes =
                vec![group_of(id), queue(world.progress(id).queue), offset(o), ("n", Fill::Count(expired))];
            ("event.offset_corrected", holes)
        }
        Event::OffsetReset {
            progress: id,
            offset: o,
            passed,
            reread_acknowledged,
            reread_moved,
            reread_filtered,
        } => {
            let again = u64::from(reread_acknowledged) + u64::from(reread_moved) + u64::from(reread_filtered);
            let place = [group_of(id), queue(world.progress(id).queue), offset(o)];
            let (key, n) = match (passed, again) {
                (0, 0) => ("event.offset_reset", None),
                (0, again) => ("event.offset_reset_back", Some(again)),
                (passed, _) => ("event.offset_reset_forward", Some(passed.into())),
            };
            (key, place.into_iter().chain(n.map(|n| ("n", Fill::Count(n)))).collect())
        }
        Event::ReceiveRepeated { consumer: id } => ("event.receive_repeated", vec![consumer(id)]),
        Event::QueuesChanged { topic: id, write, read, .. } => {
            ("event.queues_changed", vec![topic(id), ("write", text(&write)), ("read", text(&read))])
        }
        Event::RebalanceScheduled { group: id, at } if at == entry.at => {
            ("event.rebalance_now", vec![group(id)])
        }
        Event::RebalanceScheduled { group: id, at } => {
            ("event.rebalance_scheduled", vec![group(id), after(at)])
        }
        Event::QueueAssigned { progress: id, owner, .. } => {
            let q = world.progress(id).queue;
            match owner {
                Some(owner) => ("event.queue_assigned", vec![queue(q), consumer(owner)]),
                None => ("event.queue_released", vec![queue(q), group_of(id)]),
            }
        }
        Event::AssignmentReceived { consumer: id } => ("event.assignment_received", vec![consumer(id)]),
        Event::Rebalanced { group: id, moved, .. } => match &world.group(id).spec.strategy {
            // The usual one is not worth a word.
            Strategy::Avg => ("event.rebalanced", vec![group(id), count(moved)]),
            rule => ("event.rebalanced_by", vec![group(id), count(moved), ("rule", text(&rule.name()))]),
        },
        Event::ReceiveParked { consumer: id } => ("event.receive_parked", vec![consumer(id)]),
        Event::ReceiveAnswered { consumer: id, count: 0, .. } => (
            "event.received_nothing",
            vec![consumer(id), ("code", text(&world.settings.code(Code::MessageNotFound)))],
        ),
        Event::ReceiveAnswered { consumer: id, count: n, invisible } => (
            "event.receive_answered",
            vec![consumer(id), count(n), ("time", Fill::Words(words.exact_span(invisible)))],
        ),
        Event::MessagesFiltered { progress, offset: o, count: n, consumer: id } => (
            "event.messages_filtered",
            vec![
                message(at(progress, o)),
                queue(world.progress(progress).queue),
                group_of(progress),
                consumer(id),
                count(n),
            ],
        ),
        Event::MessageRejectedByTag { progress, offset: o, consumer: id } => {
            let key = if world.progress(progress).by_message {
                "event.rejected_by_proxy"
            } else {
                "event.rejected_by_client"
            };
            (key, vec![message(at(progress, o)), consumer(id)])
        }
        Event::MessagesKeptBack { progress, offset: o, count: n, consumer: id } => {
            let fills = vec![message(at(progress, o)), group_of(progress), consumer(id), count(n)];
            ("event.messages_kept_back", fills)
        }
        Event::RetryInPlaceScheduled { progress, offset: o, consumer: id, attempt, due_at } => {
            let fills = vec![message(at(progress, o)), consumer(id), count(attempt), after(due_at)];
            ("event.retry_in_place_scheduled", fills)
        }
        Event::RetriedInPlace { progress, offset: o, consumer: id } => {
            ("event.retried_in_place", vec![message(at(progress, o)), consumer(id)])
        }
        Event::QueueLocked { progress, consumer: id } => {
            ("event.queue_locked", vec![queue(world.progress(progress).queue), consumer(id)])
        }
        Event::QueueLockAwaited { progress, holder, until } => {
            let mut fills = vec![queue(world.progress(progress).queue), consumer(holder)];
            match until {
                Some(until) => {
                    fills.push(after(until));
                    ("event.queue_lock_outlives", fills)
                }
                None => ("event.queue_lock_awaited", fills),
            }
        }
        Event::MessageHandedOut { progress, offset: o, consumer: id, .. } => {
            ("event.message_handed_out", vec![message(at(progress, o)), consumer(id)])
        }
        Event::MessageReceived { progress, offset: o, consumer: id } => {
            ("event.message_received", vec![message(at(progress, o)), consumer(id)])
        }
        Event::DeliveryLost { progress, offset: o, consumer: id } => {
            ("event.delivery_lost", vec![message(at(progress, o)), consumer(id)])
        }
        Event::ConsumeStarted { progress, offset: o, consumer: id, finishes_at, .. } => {
            ("event.consume_started", vec![message(at(progress, o)), consumer(id), after(finishes_at)])
        }
        Event::HandleAcknowledged { progress, offset: o, consumer: id, handle } => {
            let fills = vec![message(at(progress, o)), consumer(id), ("handle", text(&handle))];
            ("event.handle_acknowledged", fills)
        }
        Event::HandleRefused { progress, offset: o, consumer: id } => {
            let code = ("code", text(&world.settings.code(Code::InvalidReceiptHandle)));
            let key = if world.log.refused_after_reset.contains_key(&entry.seq) {
                "event.handle_refused_after_reset"
            } else {
                "event.handle_refused"
            };
            (key, vec![message(at(progress, o)), consumer(id), code])
        }
        Event::HandleIgnored { progress, offset: o, consumer: id, handle: 0 } => {
            ("event.late_result_ignored", vec![message(at(progress, o)), consumer(id)])
        }
        Event::HandleIgnored { progress, offset: o, consumer: id, handle } => {
            let fills = vec![message(at(progress, o)), consumer(id), ("handle", text(&handle))];
            ("event.handle_ignored", fills)
        }
        Event::CheckpointAdded { progress, offset: o, consumer: id, handle, until } => {
            let fills = vec![message(at(progress, o)), consumer(id), ("handle", text(&handle)), after(until)];
            ("event.checkpoint_added", fills)
        }
        Event::CheckpointClosed { progress, offset: o, consumer: id, handle } => {
            let fills = vec![message(at(progress, o)), consumer(id), ("handle", text(&handle))];
            ("event.checkpoint_closed", fills)
        }
        Event::CheckpointOver { progress, offset: o, handle, comes_back } => {
            let key = if comes_back { "event.checkpoint_over" } else { "event.checkpoint_void" };
            (key, vec![message(at(progress, o)), group_of(progress), ("handle", text(&handle))])
        }
        Event::MessagesPolled { consumer: id, progress, offset: o, count: n } => {
            let fills = vec![consumer(id), queue(world.progress(progress).queue), offset(o), count(n)];
            ("event.messages_polled", fills)
        }
        Event::PolledNothing { consumer: id } => ("event.polled_nothing", vec![consumer(id)]),
        Event::PolledProcessed { consumer: id, count: n } => {
            ("event.polled_processed", vec![consumer(id), count(n)])
        }
        Event::PolledLost { consumer: id, count: n } => ("event.polled_lost", vec![consumer(id), count(n)]),
        Event::QueueSought { progress, consumer: id, offset: o } => {
            ("event.queue_sought", vec![consumer(id), queue(world.progress(progress).queue), offset(o)])
        }
        Event::QueuePaused { progress, consumer: id } => {
            ("event.queue_paused", vec![consumer(id), queue(world.progress(progress).queue)])
        }
        Event::QueueResumed { progress, consumer: id } => {
            ("event.queue_resumed", vec![consumer(id), queue(world.progress(progress).queue)])
        }
        Event::SentBack { progress, offset: o, consumer: id } => {
            ("event.sent_back", vec![message(at(progress, o)), consumer(id)])
        }
        Event::BatchReread { progress, consumer: id, same_attempt, .. } => {
            let key = if same_attempt { "event.batch_asked_again" } else { "event.batch_reread" };
            let from = offset(world.progress(progress).next);
            (key, vec![queue(world.progress(progress).queue), consumer(id), from])
        }
        Event::BatchLocked { progress, consumer: id, count: n, .. } => (
            "event.batch_locked",
            vec![queue(world.progress(progress).queue), group_of(progress), consumer(id), count(n)],
        ),
        Event::InvisibleTimeChanged { progress, offset: o, consumer: id, handle, until } => {
            let fills = vec![message(at(progress, o)), consumer(id), ("handle", text(&handle)), after(until)];
            ("event.invisible_time_changed", fills)
        }
        Event::ConsumeTimedOut { progress, offset: o, consumer: id } => {
            let time = ("time", Fill::Words(words.exact_span(world.consumer(id).timeout)));
            ("event.consume_timed_out", vec![message(at(progress, o)), consumer(id), time])
        }
        Event::EffectDone { progress, offset: o, consumer: id, times: 1 } => {
            ("event.effect_done", vec![message(at(progress, o)), consumer(id)])
        }
        Event::EffectDone { progress, offset: o, consumer: id, times } => {
            ("event.effect_repeated", vec![message(at(progress, o)), consumer(id), ("times", text(&times))])
        }
        Event::EffectSkipped { progress, offset: o, consumer: id } => {
            ("event.effect_skipped", vec![message(at(progress, o)), consumer(id)])
        }
        Event::ConsumeFinished { progress, offset: o, consumer: id, outcome, .. } => {
            let through = world.progress(progress);
            let simple = world.group(through.group).simple;
            let key = match outcome {
                Outcome::Failed if simple => "event.not_acknowledged",
                Outcome::Ignored if world.ended_too_late(progress, o, id, entry.at) => "event.finished_late",
                Outcome::Acknowledged => "event.acknowledged",
                Outcome::Failed => "event.failed",
                Outcome::Ignored | Outcome::Filtered if through.by_message => "event.ignored_by_message",
                Outcome::Ignored | Outcome::Filtered => "event.ignored",
            };
            (key, vec![message(at(progress, o)), consumer(id)])
        }
        Event::OffsetCommitted { progress, offset: o } => (
            "event.offset_committed",
            vec![group_of(progress), queue(world.progress(progress).queue), offset(o)],
        ),
        Event::OffsetsPersisted { consumer: id, .. } => ("event.offsets_persisted", vec![consumer(id)]),
        Event::InvisibleTimeCut { progress, offset: o, until } => {
            ("event.invisible_time_cut", vec![message(at(progress, o)), group_of(progress), after(until)])
        }
        Event::InvisibleTimeOver { progress, offset: o } => {
            ("event.invisible_time_over", vec![message(at(progress, o)), group_of(progress)])
        }
        Event::RetryScheduled { group: id, message: m, attempt, due_at } => {
            let mut fills = vec![message(m), group(id), ("attempt", text(&attempt)), after(due_at)];
            match &world.group(id).spec.retry.ladder {
                _ if world.is_last_wait(id, attempt) => ("event.last_wait_scheduled", fills),
                None => ("event.retry_scheduled", fills),
                Some(ladder) => {
                    let rule = ladder_name(ladder).unwrap_or("customized");
                    fills.push(("rule", Fill::Words(words.text(&format!("ladder.{rule}")).to_owned())));
                    ("event.retry_scheduled_by", fills)
                }
            }
        }
        Event::RetryStored { group: id, message: m, copy, attempt, .. } => (
            "event.retry_stored",
            vec![
                message(m),
                group(id),
                ("copy", Fill::Thing(About::Message(copy))),
                ("attempt", text(&attempt)),
            ],
        ),
        Event::DeadLettered { group: id, message: m, attempts, .. } => {
            ("event.dead_lettered", vec![message(m), group(id), count(attempts)])
        }
        Event::MessageDropped { progress, offset: o, consumer: id } => {
            ("event.message_dropped", vec![message(at(progress, o)), consumer(id)])
        }
    }
}

fn balance_words(balance: Balance, words: &Words) -> &str {
    words.text(if balance == Balance::Queue { "balance.queue" } else { "balance.message" })
}

/// The pattern that a command gave to the producer of this name.
fn pattern_by<'a>(command: &'a Command, name: &str) -> Option<&'a Pattern> {
    match command {
        Command::AddProducer(spec) if spec.name == name => Some(&spec.pattern),
        Command::SetPattern { producer, pattern } if producer == name => Some(pattern),
        _ => None,
    }
}

/// What a command changes about the consumer of this name.
fn change_of<'a>(command: &'a Command, name: &str) -> Option<&'a ConsumerChange> {
    match command {
        Command::Consumer { consumer, change } if consumer == name => Some(change),
        _ => None,
    }
}

/// What the last command before this one said, of those that said something about it.
fn earlier<'a, T>(world: &'a World, before: CommandId, of: impl Fn(&'a Command) -> Option<T>) -> Option<T> {
    world.log.commands[..before.index()].iter().rev().find_map(|command| of(command))
}
