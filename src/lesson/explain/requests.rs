//! What somebody asks for in plain words, and why it was not done.

use super::{About, Fill, Holes, balance_words};
use crate::broker::arrivals::Arrivals;
use crate::broker::caller::CallerSpec;
use crate::broker::half::Word;
use crate::broker::{Command, CommandId, ConsumerChange, Refusal, ResetTarget, World};
use crate::lesson::words::{Said, Words};
use crate::lesson::{beside, faults, lite, says, transactions};

/// What a command asks for. Names that stand for nothing now stay mere words.
pub(super) fn request(world: &World, command: &Command, words: &Words) -> (&'static str, Holes) {
    let text = |value: &dyn Said| Fill::Words(value.said());
    let named = |name: &str, about: Option<About>| match about {
        Some(about) => Fill::Thing(about),
        None => Fill::Words(name.to_owned()),
    };
    let topic = |name: &str| ("topic", named(name, world.find_topic(name).map(About::Topic)));
    let producer = |name: &str| ("producer", named(name, world.find_producer(name).map(About::Producer)));
    let group = |name: &str| ("group", named(name, world.find_group(name).map(About::Group)));
    let consumer = |name: &str| ("consumer", named(name, world.find_consumer(name).map(About::Consumer)));
    let count = |n: u32| ("n", Fill::Count(n.into()));
    if let Some(request) = beside::request(world, command, words) {
        return request;
    }
    if let Some(request) = faults::request(world, command, words) {
        return request;
    }
    let holes = match command {
        Command::AddTopic(spec) => vec![topic(&spec.name)],
        Command::AddProducer(spec) => vec![producer(&spec.name)],
        Command::RemoveProducer { producer: name } => vec![producer(name)],
        Command::SetPattern { producer: name, pattern } => {
            vec![producer(name), ("now", text(&says::pattern(words, pattern)))]
        }
        Command::Send { producer: name, count: n } => vec![producer(name), count(*n)],
        Command::SendTo { producer: name, queue, count: n } => {
            vec![producer(name), ("queue", text(queue)), count(*n)]
        }
        Command::Throttle { sends, receives, lasting } => {
            let what = match (sends, receives) {
                (true, true) => "throttle.all",
                (false, true) => "throttle.receives",
                (true, false) => "throttle.sends",
                (false, false) => "throttle.nothing",
            };
            let time = Fill::Words(words.exact_span(*lasting));
            vec![("what", Fill::Words(words.text(what).to_owned())), ("time", time)]
        }
        Command::Recall { producer: name, number } => vec![producer(name), ("number", text(number))],
        Command::EndTransaction { producer: name, number, commit } => {
            let word = words.text(transactions::word_key(Word::of(*commit)));
            vec![producer(name), ("number", text(number)), ("word", text(&word))]
        }
        Command::CrashProducer { producer: name } => vec![producer(name)],
        Command::RestartProducer { producer: name } => vec![producer(name)],
        Command::AddGroup(spec) => vec![group(&spec.name)],
        Command::RemoveGroup { group: name } => vec![group(name)],
        Command::SetBalance { group: name, balance } => {
            vec![group(name), ("balance", text(&balance_words(*balance, words)))]
        }
        Command::ResetOffset { group: name, topic: of, to } => {
            vec![group(name), topic(of), ("to", Fill::Words(target(*to, words)))]
        }
        Command::SetQueues { topic: name, write, read } => {
            vec![topic(name), ("write", text(write)), ("read", text(read))]
        }
        Command::SetFilter { group: name, topic: of, filter } => {
            vec![group(name), topic(of), ("filter", text(&filter.expression()))]
        }
        Command::AddConsumer { group: name, consumer: spec } => {
            vec![consumer(&format!("{name}/{}", spec.name))]
        }
        Command::Consumer { consumer: name, change } => {
            let mut holes = vec![consumer(name)];
            match change {
                ConsumerChange::SetThreads(n) | ConsumerChange::FailNext(n) => holes.push(count(*n)),
                ConsumerChange::Receive { count: n, .. } => holes.push(count(*n)),
                ConsumerChange::Acknowledge { handle } => holes.push(("handle", text(handle))),
                ConsumerChange::ChangeInvisible { handle, invisible } => holes
                    .extend([("handle", text(handle)), ("time", Fill::Words(words.exact_span(*invisible)))]),
                ConsumerChange::Seek { topic: of, queue, to } => {
                    let place = Fill::Words(target(*to, words));
                    holes.extend([topic(of), ("queue", text(queue)), ("to", place)]);
                }
                ConsumerChange::PauseQueue { topic: of, queue }
                | ConsumerChange::ResumeQueue { topic: of, queue } => {
                    holes.extend([topic(of), ("queue", text(queue))]);
                }
                ConsumerChange::SendBack { topic: of, queue, offset, level, .. } => holes
                    .extend([("message", text(&format!("{of}/{queue}@{offset}"))), ("level", text(level))]),
                ConsumerChange::SetProcessing(it) => holes.push(("now", text(&says::processing(words, it)))),
                ConsumerChange::SetFailure(it) => holes.push(("now", text(&says::failure(words, it)))),
                ConsumerChange::SetFilter { topic: of, filter } => {
                    holes.extend([topic(of), ("filter", text(&filter.expression()))]);
                }
                ConsumerChange::Lite(change) => holes.extend(lite::request(change, words)),
                ConsumerChange::Poll
                | ConsumerChange::Commit
                | ConsumerChange::Leave
                | ConsumerChange::Crash
                | ConsumerChange::Restart
                | ConsumerChange::Pause
                | ConsumerChange::Resume => {}
            }
            holes
        }
        Command::AddService(_)
        | Command::AddCaller(_)
        | Command::Caller { .. }
        | Command::Service { .. }
        | Command::AddP2pQueue(_)
        | Command::P2p { .. }
        | Command::CrashBroker { .. }
        | Command::RestartBroker
        | Command::Link { .. } => Vec::new(),
    };
    (command_key(command.key()), holes)
}

/// Where an offset is moved to.
fn target(to: ResetTarget, words: &Words) -> String {
    match to {
        ResetTarget::Time(at) => words.fill("reset.to_time", &[("time", &at)]),
        ResetTarget::Latest => words.text("reset.to_latest").to_owned(),
        ResetTarget::Earliest => words.text("reset.to_earliest").to_owned(),
        ResetTarget::Offset { queue, offset } => {
            words.fill("reset.to_offset", &[("queue", &queue), ("offset", &offset)])
        }
    }
}

/// The catalogue's key for a command's own key.
fn command_key(command: &str) -> &'static str {
    match command {
        "add_topic" => "command.add_topic",
        "add_producer" => "command.add_producer",
        "remove_producer" => "command.remove_producer",
        "set_pattern" => "command.set_pattern",
        "send" => "command.send",
        "send_to" => "command.send_to",
        "throttle" => "command.throttle",
        "recall" => "command.recall",
        "end_transaction" => "command.end_transaction",
        "crash_producer" => "command.crash_producer",
        "restart_producer" => "command.restart_producer",
        "add_group" => "command.add_group",
        "remove_group" => "command.remove_group",
        "set_balance" => "command.set_balance",
        "reset_offset" => "command.reset_offset",
        "set_queues" => "command.set_queues",
        "set_filter" => "command.set_filter",
        "add_consumer" => "command.add_consumer",
        "leave" => "command.leave",
        "crash" => "command.crash",
        "restart" => "command.restart",
        "pause" => "command.pause",
        "resume" => "command.resume",
        "set_threads" => "command.set_threads",
        "set_processing" => "command.set_processing",
        "set_failure" => "command.set_failure",
        "receive" => "command.receive",
        "ack" => "command.ack",
        "change_invisible" => "command.change_invisible",
        "poll" => "command.poll",
        "commit_offsets" => "command.commit_offsets",
        "seek" => "command.seek",
        "pause_queue" => "command.pause_queue",
        "resume_queue" => "command.resume_queue",
        "send_back" => "command.send_back",
        "set_consumer_filter" => "command.set_consumer_filter",
        "lite_subscribe" => "command.lite_subscribe",
        "lite_unsubscribe" => "command.lite_unsubscribe",
        "lite_set" => "command.lite_set",
        _ => "command.fail_next",
    }
}

/// Why no producer of the name that a command names runs, if there was one.
pub(super) fn gone(world: &World, id: CommandId, reason: Refusal, words: &Words) -> Option<String> {
    if !matches!(reason, Refusal::UnknownProducer | Refusal::UnknownClient) {
        return None;
    }
    let name = match &**world.command(id) {
        Command::RemoveProducer { producer: name }
        | Command::SetPattern { producer: name, .. }
        | Command::Send { producer: name, .. }
        | Command::SendTo { producer: name, .. }
        | Command::Recall { producer: name, .. }
        | Command::EndTransaction { producer: name, .. }
        | Command::CrashProducer { producer: name }
        | Command::RestartProducer { producer: name }
        | Command::Link { client: name, .. } => name,
        Command::AddCaller(CallerSpec { arrivals: Arrivals::SameAs(name), .. }) => name,
        _ => return None,
    };
    // The world knows what is so now; what was so then, the commands before this one tell.
    let mut runs = false;
    let mut key = None;
    for command in &world.log.commands[..id.index()] {
        let after = match &**command {
            Command::AddProducer(spec) if spec.name == *name => None,
            Command::RestartProducer { producer } if producer == name => None,
            Command::CrashProducer { producer } if producer == name && runs => {
                Some("refusal.producer_crashed")
            }
            Command::RemoveProducer { producer } if producer == name && runs => {
                Some("refusal.producer_stopped")
            }
            _ => continue,
        };
        (runs, key) = (after.is_none(), after);
    }
    Some(words.fill(key?, &[("name", name)]))
}

pub(super) fn refusal_key(reason: Refusal) -> &'static str {
    match reason {
        Refusal::UnknownTopic => "refusal.unknown_topic",
        Refusal::UnknownProducer => "refusal.unknown_producer",
        Refusal::UnknownGroup => "refusal.unknown_group",
        Refusal::UnknownConsumer => "refusal.unknown_consumer",
        Refusal::NameTaken => "refusal.name_taken",
        Refusal::RetryTopicTaken => "refusal.retry_topic_taken",
        Refusal::WrongState => "refusal.wrong_state",
        Refusal::BroadcastingIsByQueue => "refusal.broadcasting_is_by_queue",
        Refusal::UnknownService => "refusal.unknown_service",
        Refusal::UnknownP2pQueue => "refusal.unknown_p2p_queue",
        Refusal::UnknownCaller => "refusal.unknown_caller",
        Refusal::CallsAlong => "refusal.calls_along",
        Refusal::AlreadySo => "refusal.already_so",
        Refusal::NobodyThere => "refusal.nobody_there",
        Refusal::TooMany => "refusal.too_many",
        Refusal::NotSubscribed => "refusal.not_subscribed",
        Refusal::IllegalFilter => "refusal.illegal_filter",
        Refusal::NoLiteTopics
        | Refusal::LiteSubscriptionQuota
        | Refusal::LiteTopicQuota
        | Refusal::IllegalLiteTopic
        | Refusal::LiteBindsOneTopic
        | Refusal::LiteNeedsPush
        | Refusal::LiteHasNoFilter
        | Refusal::LiteHasOneQueue
        | Refusal::LiteHasNoReset
        | Refusal::LiteIsNotCompacted => lite::refusal_key(reason),
        Refusal::ProducerRuns => "refusal.producer_runs",
        Refusal::BrokerDown
        | Refusal::BrokerRuns
        | Refusal::UnknownClient
        | Refusal::NotAProducer
        | Refusal::LinkIsNot
        | Refusal::LinkCut => faults::refusal_key(reason),
        Refusal::NoHalfMessage => "refusal.no_half_message",
        Refusal::LocalTransactionEnded => "refusal.local_transaction_ended",
        Refusal::NotInBatches => "refusal.not_in_batches",
        Refusal::TooManyRequests => "refusal.too_many_requests",
        Refusal::RequestsAreNormal => "refusal.requests_are_normal",
        Refusal::SqlDisabled => "refusal.sql_disabled",
        Refusal::RecallDisabled => "refusal.recall_disabled",
        Refusal::NotRecallable => "refusal.not_recallable",
        Refusal::NotWaiting => "refusal.not_waiting",
        Refusal::RecallTooLate => "refusal.recall_too_late",
        Refusal::NoRecallHandle => "refusal.no_recall_handle",
        Refusal::InvalidReceiptHandle => "refusal.invalid_receipt_handle",
        Refusal::IllegalInvisibleTime => "refusal.illegal_invisible_time",
        Refusal::NotByHand => "refusal.not_by_hand",
        Refusal::NoThreads => "refusal.no_threads",
        Refusal::SimpleIsByMessage => "refusal.simple_is_by_message",
        Refusal::OffsetsAreTheClients => "refusal.offsets_are_the_clients",
        Refusal::OffsetOutOfRange => "refusal.offset_out_of_range",
        Refusal::UnknownQueue => "refusal.unknown_queue",
        Refusal::BatchTooLarge => "refusal.batch_too_large",
        Refusal::NotPulledByHand => "refusal.not_pulled_by_hand",
        Refusal::QueueOfAnother => "refusal.queue_of_another",
        Refusal::NotInItsHands => "refusal.not_in_its_hands",
        Refusal::QueueIsPaused => "refusal.queue_is_paused",
        Refusal::QueueIsNotPaused => "refusal.queue_is_not_paused",
        Refusal::PullIsByQueue => "refusal.pull_is_by_queue",
    }
}
