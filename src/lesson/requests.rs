//! What happens to batches, to requests that a busy broker refuses, to questions and answers, and to topics that are
//! compacted, in plain words.

use super::explain::{About, Fill, Holes};
use super::words::{Said, Words};
use crate::broker::batch::Unfit;
use crate::broker::event::Code;
use crate::broker::reply::{Landed, ReplyLost};
use crate::broker::{Entry, Event, MessageRef, ProducerId, ProgressId, World};

/// The sentence for an entry about one of these.
pub(super) fn sentence(world: &World, entry: &Entry, words: &Words) -> (&'static str, Holes) {
    let text = |value: &dyn Said| Fill::Words(value.said());
    let producer = |id| ("producer", Fill::Thing(About::Producer(id)));
    let consumer = |id| ("consumer", Fill::Thing(About::Consumer(id)));
    let queue = |id| ("queue", Fill::Thing(About::Queue(id)));
    let topic = |id| ("topic", Fill::Thing(About::Topic(id)));
    let message = |at| ("message", Fill::Thing(About::Message(at)));
    let at = |id: ProgressId, offset| MessageRef { queue: world.progress(id).queue, offset };
    let code = ("code", text(&world.settings.code(Code::TooManyRequests)));
    let after = |at: crate::sim::Instant| ("time", Fill::Words(words.span(at - entry.at)));
    // A batch is named by its first and its last message.
    let batch = |id: ProducerId, number: u64, count: u32| {
        let last = number + u64::from(count) - 1;
        vec![producer(id), ("number", text(&number)), ("last", text(&last)), ("n", Fill::Count(count.into()))]
    };
    let with = |mut holes: Holes, more: Holes| {
        holes.extend(more);
        holes
    };
    match entry.event {
        Event::BatchSent { producer: id, number, count, queue: q, .. } => {
            ("event.batch_sent", with(batch(id, number, count), vec![queue(q)]))
        }
        Event::SendUnfit { producer: id, number, count, why, .. } => {
            let sender = world.producer(id);
            let code = why.code().map(|code| ("code", text(&world.settings.code(code))));
            let more: Holes = code.into_iter().chain([topic(sender.topic)]).collect();
            let key = match why {
                Unfit::Type => "event.unfit_type",
                Unfit::BodyTooLarge => "event.unfit_body",
                Unfit::NoKey => "event.unfit_key",
                Unfit::MessageGroupsDiffer => "event.unfit_message_groups",
            };
            (key, with(batch(id, number, count), more))
        }
        Event::RequestQueued { producer: id, number, count, until, refused, .. } => {
            let key = match (until > entry.at, refused) {
                (false, _) => "event.request_taken",
                (true, false) => "event.request_queued",
                (true, true) => "event.request_queued_in_vain",
            };
            (key, with(batch(id, number, count), vec![after(until)]))
        }
        Event::SendThrottled { producer: id, number, count, attempt, retry_at, .. } => {
            let holes = with(batch(id, number, count), vec![code, ("attempt", text(&attempt))]);
            match retry_at {
                Some(retry_at) if retry_at == entry.at => ("event.send_throttled_at_once", holes),
                Some(retry_at) => ("event.send_throttled", with(holes, vec![after(retry_at)])),
                None => ("event.send_given_up", holes),
            }
        }
        Event::SendRetried { producer: id, number, count, queue: q, attempt, .. } => {
            let more = vec![queue(q), ("attempt", text(&attempt))];
            ("event.send_retried", with(batch(id, number, count), more))
        }
        Event::ThrottlingChanged { sends, receives, until: Some(until) } => {
            let key = match (sends, receives) {
                (true, true) => "event.throttling_all",
                (false, true) => "event.throttling_receives",
                _ => "event.throttling_sends",
            };
            (key, vec![after(until), code])
        }
        Event::ThrottlingChanged { .. } => ("event.throttling_over", Vec::new()),
        Event::ReceiveThrottled { consumer: id, progress, retry_at } => {
            let holes = vec![consumer(id), code, after(retry_at)];
            match progress {
                Some(progress) => {
                    ("event.pull_throttled", with(holes, vec![queue(world.progress(progress).queue)]))
                }
                None => ("event.receive_throttled", holes),
            }
        }
        Event::PullRepeated { progress, consumer: id } => {
            ("event.pull_repeated", vec![consumer(id), queue(world.progress(progress).queue)])
        }
        Event::TopicCompacted { topic: id, removed, .. } => {
            ("event.topic_compacted", vec![topic(id), ("n", Fill::Count(removed))])
        }
        Event::MessagesSuperseded { progress, offset, count, consumer: id } => {
            let group = ("group", Fill::Thing(About::Group(world.progress(progress).group)));
            let holes = vec![message(at(progress, offset)), consumer(id), group];
            ("event.messages_superseded", with(holes, vec![("n", Fill::Count(count.into()))]))
        }
        Event::RequestAwaited { producer: id, number, until } => {
            ("event.request_awaited", vec![producer(id), ("number", text(&number)), after(until)])
        }
        Event::ReplySent { progress, offset, consumer: id, .. } => {
            let message_at = at(progress, offset);
            let origin = world.origin(message_at);
            let (asker, number) = world.log.queues[origin.queue.index()].sender(origin.offset);
            (
                "event.reply_sent",
                vec![consumer(id), message(message_at), producer(asker), ("number", text(&number))],
            )
        }
        Event::ReplyStored { producer: id, number, copy, arrives_at } => {
            let mut holes = vec![producer(id), ("number", text(&number))];
            let key = match (copy, arrives_at) {
                (Some(_), Some(_)) => "event.reply_stored",
                (Some(_), None) => "event.reply_stored_undeliverable",
                (None, Some(_)) => "event.reply_pushed",
                (None, None) => "event.reply_undeliverable",
            };
            holes.extend(copy.map(message));
            (key, holes)
        }
        Event::ReplyLost { producer: id, number, why } => {
            let key = match why {
                ReplyLost::Down => "event.reply_lost_down",
                ReplyLost::ConsumerCut => "event.reply_lost_consumer",
                ReplyLost::RequesterCut => "event.reply_lost_requester",
            };
            (key, vec![producer(id), ("number", text(&number))])
        }
        Event::ReplyReceived { producer: id, number, landed } => {
            let key = match landed {
                Landed::InTime => "event.reply_received",
                Landed::Late => "event.reply_late",
                Landed::Again => "event.reply_again",
                Landed::Gone => "event.reply_gone",
            };
            (key, vec![producer(id), ("number", text(&number))])
        }
        Event::RequestTimedOut { producer: id, number } => {
            ("event.request_timed_out", vec![producer(id), ("number", text(&number))])
        }
        // No other entry comes here.
        _ => ("event.command", Vec::new()),
    }
}
