//! Every event in plain words, once: the log, the inspector and the live region all say it this way.

use std::fmt;

use super::words::{Piece, Words, pieces};
use crate::broker::event::TopicOrigin;
use crate::broker::{
    Command, ConsumerChange, ConsumerId, Entry, Event, GroupId, MessageRef, Outcome, ProducerId, ProgressId,
    QueueId, Refusal, TopicId, World,
};
use crate::sim::Span;

/// What a word of a sentence stands for, so that it can light up in the picture.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum About {
    /// A topic.
    Topic(TopicId),
    /// A queue.
    Queue(QueueId),
    /// A stored copy of a message.
    Message(MessageRef),
    /// A producer.
    Producer(ProducerId),
    /// A group.
    Group(GroupId),
    /// A consumer.
    Consumer(ConsumerId),
}

/// A part of an explained event.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Part {
    /// Words.
    Text(String),
    /// The name of a thing.
    Thing(About, String),
}

/// An event in plain words.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub struct Explained(pub Vec<Part>);

impl fmt::Display for Explained {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|part| match part {
            Part::Text(text) | Part::Thing(_, text) => f.write_str(text),
        })
    }
}

/// What fills a hole.
enum Fill {
    Thing(About),
    Words(String),
    /// A number that decides the form of the sentence.
    Count(u64),
}

/// Says what happened.
pub fn explain(world: &World, entry: &Entry, words: &Words) -> Explained {
    let (key, holes) = sentence(world, entry, words);
    let count = holes.iter().find_map(|(_, fill)| if let Fill::Count(n) = fill { Some(*n) } else { None });
    let sentence = count.map_or(words.text(key), |n| words.form(key, n));
    let parts = pieces(sentence).map(|piece| match piece {
        Piece::Text(text) => Part::Text(text.to_owned()),
        Piece::Hole(name) => match holes.iter().find(|(hole, _)| *hole == name) {
            Some((_, Fill::Thing(about))) => Part::Thing(*about, name_of(world, *about)),
            Some((_, Fill::Words(text))) => Part::Text(text.clone()),
            Some((_, Fill::Count(n))) => Part::Text(n.to_string()),
            None => Part::Text(format!("{{{name}}}")),
        },
    });
    Explained(parts.collect())
}

/// The name of a thing as the page shows it.
pub fn name_of(world: &World, about: About) -> String {
    match about {
        About::Topic(id) => world.topic(id).name.to_string(),
        About::Queue(id) => world.queue_name(id),
        About::Message(at) => format!("{}@{}", world.queue_name(at.queue), at.offset),
        About::Producer(id) => world.producer(id).spec.name.clone(),
        About::Group(id) => world.group(id).spec.name.clone(),
        About::Consumer(id) => world.consumer_name(id),
    }
}

/// A length of time as one says it: from ten milliseconds on, what is less than one of them is left out.
fn about(span: Span) -> Span {
    if span < Span::from_ms(10) { span } else { Span::from_ms((span.0 + 500) / 1_000) }
}

type Holes = Vec<(&'static str, Fill)>;

fn sentence(world: &World, entry: &Entry, words: &Words) -> (&'static str, Holes) {
    let text = |value: &dyn fmt::Display| Fill::Words(value.to_string());
    let topic = |id| ("topic", Fill::Thing(About::Topic(id)));
    let queue = |id| ("queue", Fill::Thing(About::Queue(id)));
    let producer = |id| ("producer", Fill::Thing(About::Producer(id)));
    let group = |id| ("group", Fill::Thing(About::Group(id)));
    let consumer = |id| ("consumer", Fill::Thing(About::Consumer(id)));
    let message = |at| ("message", Fill::Thing(About::Message(at)));
    let offset = |offset: u64| ("offset", text(&offset));
    let count = |n: u32| ("n", Fill::Count(n.into()));
    let after = |at: crate::sim::Instant| ("time", text(&about(at - entry.at)));
    let at = |id: ProgressId, offset| MessageRef { queue: world.progress(id).queue, offset };
    let group_of = |id: ProgressId| group(world.progress(id).group);
    match entry.event {
        Event::CommandGiven { command, .. } => {
            ("event.command", vec![("command", text(&words.text(command_key(world.command(command).key()))))])
        }
        Event::CommandRefused { command, reason } => (
            "event.refused",
            vec![
                ("command", text(&words.text(command_key(world.command(command).key())))),
                ("reason", text(&words.text(refusal_key(reason)))),
            ],
        ),
        Event::TopicCreated { topic: id, origin, queues } => match origin {
            TopicOrigin::Command(_) => ("event.topic_created", vec![topic(id), count(queues)]),
            TopicOrigin::RetryOfGroup(g) | TopicOrigin::RetryOfTopic(g, _) => {
                ("event.retry_topic_created", vec![topic(id), group(g)])
            }
            TopicOrigin::DeadLettersOf(g) => ("event.dead_letter_topic_created", vec![topic(id), group(g)]),
        },
        Event::ProducerAdded { producer: id, .. } => {
            ("event.producer_added", vec![producer(id), topic(world.producer(id).topic)])
        }
        Event::ProducerRemoved { producer: id } => ("event.producer_removed", vec![producer(id)]),
        Event::PatternChanged { producer: id, .. } => ("event.pattern_changed", vec![producer(id)]),
        Event::GroupCreated { group: id, .. } => ("event.group_created", vec![group(id)]),
        Event::GroupRemoved { group: id } => ("event.group_removed", vec![group(id)]),
        Event::ProgressStarted { group: id, queue: q, offset: o, .. } => {
            ("event.progress_started", vec![group(id), queue(q), offset(o)])
        }
        Event::BalanceChanged { group: id, balance } => {
            let balance = if balance == crate::broker::spec::Balance::Queue {
                "balance.queue"
            } else {
                "balance.message"
            };
            ("event.balance_changed", vec![group(id), ("balance", text(&words.text(balance)))])
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
        Event::ConsumerCrashed { consumer: id, .. } => ("event.consumer_crashed", vec![consumer(id)]),
        Event::CrashDetected { consumer: id } => ("event.crash_detected", vec![consumer(id)]),
        Event::ConsumerRestarted { consumer: id } => ("event.consumer_restarted", vec![consumer(id)]),
        Event::ConsumerPaused { consumer: id } => ("event.consumer_paused", vec![consumer(id)]),
        Event::ConsumerResumed { consumer: id } => ("event.consumer_resumed", vec![consumer(id)]),
        Event::ThreadsChanged { consumer: id, threads } => {
            ("event.threads_changed", vec![consumer(id), count(threads)])
        }
        Event::ProcessingChanged { consumer: id, .. } => ("event.processing_changed", vec![consumer(id)]),
        Event::FailureChanged { consumer: id, .. } => ("event.failure_changed", vec![consumer(id)]),
        Event::FailNextSet { consumer: id, count: times } => {
            ("event.fail_next", vec![consumer(id), count(times)])
        }
        Event::MessageSent { producer: id, number, queue: q, .. }
        | Event::MessageSentByHand { producer: id, number, queue: q, .. } => {
            ("event.message_sent", vec![producer(id), ("number", text(&number)), queue(q)])
        }
        Event::MessageStored { queue: q, offset: o, producer: id, number, .. } => {
            let at = MessageRef { queue: q, offset: o };
            ("event.message_stored", vec![message(at), producer(id), ("number", text(&number))])
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
        Event::Rebalanced { group: id, moved, .. } => ("event.rebalanced", vec![group(id), count(moved)]),
        Event::ReceiveParked { consumer: id } => ("event.receive_parked", vec![consumer(id)]),
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
        Event::ConsumeFinished { progress, offset: o, consumer: id, outcome, .. } => {
            let key = match outcome {
                Outcome::Acknowledged => "event.acknowledged",
                Outcome::Failed => "event.failed",
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
            ("event.retry_scheduled", vec![message(m), group(id), ("attempt", text(&attempt)), after(due_at)])
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

/// The catalogue's key for a command's own key.
pub fn command_key(command: &str) -> &'static str {
    match command {
        "add_topic" => "command.add_topic",
        "add_producer" => "command.add_producer",
        "remove_producer" => "command.remove_producer",
        "set_pattern" => "command.set_pattern",
        "send" => "command.send",
        "add_group" => "command.add_group",
        "remove_group" => "command.remove_group",
        "set_balance" => "command.set_balance",
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
        "set_consumer_filter" => "command.set_consumer_filter",
        _ => "command.fail_next",
    }
}

fn refusal_key(reason: Refusal) -> &'static str {
    match reason {
        Refusal::UnknownTopic => "refusal.unknown_topic",
        Refusal::UnknownProducer => "refusal.unknown_producer",
        Refusal::UnknownGroup => "refusal.unknown_group",
        Refusal::UnknownConsumer => "refusal.unknown_consumer",
        Refusal::NameTaken => "refusal.name_taken",
        Refusal::WrongState => "refusal.wrong_state",
        Refusal::BroadcastingIsByQueue => "refusal.broadcasting_is_by_queue",
        Refusal::TooMany => "refusal.too_many",
        Refusal::NotSubscribed => "refusal.not_subscribed",
        Refusal::IllegalFilter => "refusal.illegal_filter",
    }
}
