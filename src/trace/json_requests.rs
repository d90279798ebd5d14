//! The same for batches, for requests that a busy broker refuses, for questions and answers, and for compaction.

use serde_json::{Value, json};

use crate::broker::event::Code;
use crate::broker::reply::{Landed, ReplyLost};
use crate::broker::{Event, MessageRef, ProducerId, ProgressId, World};

/// The name of an event and its fields.
pub(super) fn fields(world: &World, event: &Event) -> (&'static str, Value) {
    let producer = |id: &ProducerId| world.producer(*id).spec.name.clone();
    let queue = |id| world.queue_name(id);
    let at = |at: MessageRef| json!({ "queue": queue(at.queue), "offset": at.offset });
    let delivery = |id: &ProgressId, offset: u64, consumer| {
        let progress = world.progress(*id);
        json!({ "group": world.group(progress.group).spec.name, "queue": queue(progress.queue), "offset": offset,
            "consumer": world.consumer_name(consumer) })
    };
    let with = |mut fields: Value, more: Value| {
        if let (Value::Object(fields), Value::Object(more)) = (&mut fields, more) {
            fields.extend(more);
        }
        fields
    };
    let busy = world.settings.code(Code::TooManyRequests).name();
    match event {
        Event::BatchSent { producer: id, number, count, queue: q, arrives_at, next_at } => (
            "batch_sent",
            json!({ "producer": producer(id), "number": number, "count": count, "queue": queue(*q),
                "arrives_at_us": arrives_at.0, "next_at_us": next_at.map(|at| at.0) }),
        ),
        Event::SendUnfit { producer: id, number, count, why, next_at } => (
            "send_unfit",
            json!({ "producer": producer(id), "number": number, "count": count, "why": why.name(),
                "code": why.code().map(|code| world.settings.code(code).name()), "next_at_us": next_at.map(|at| at.0) }),
        ),
        Event::RequestQueued { producer: id, number, count, queue: q, attempt, until, refused } => (
            "request_queued",
            json!({ "producer": producer(id), "number": number, "count": count, "queue": queue(*q),
                "attempt": attempt, "until_us": until.0, "refused": refused }),
        ),
        Event::SendThrottled { producer: id, number, count, queue: q, attempt, retry_at } => (
            "send_throttled",
            json!({ "producer": producer(id), "number": number, "count": count, "queue": queue(*q),
                "attempt": attempt, "retry_at_us": retry_at.map(|at| at.0), "code": busy }),
        ),
        Event::SendRetried { producer: id, number, count, queue: q, attempt, arrives_at } => (
            "send_retried",
            json!({ "producer": producer(id), "number": number, "count": count, "queue": queue(*q),
                "attempt": attempt, "arrives_at_us": arrives_at.0 }),
        ),
        Event::ThrottlingChanged { sends, receives, until } => (
            "throttling_changed",
            json!({ "sends": sends, "receives": receives, "until_us": until.map(|at| at.0) }),
        ),
        Event::ReceiveThrottled { consumer, progress, retry_at } => (
            "receive_throttled",
            json!({ "consumer": world.consumer_name(*consumer),
                "queue": progress.map(|id| queue(world.progress(id).queue)), "retry_at_us": retry_at.0, "code": busy }),
        ),
        Event::PullRepeated { progress, consumer } => (
            "pull_repeated",
            json!({ "consumer": world.consumer_name(*consumer), "queue": queue(world.progress(*progress).queue) }),
        ),
        Event::TopicCompacted { topic, removed, next_at } => (
            "topic_compacted",
            json!({ "topic": &*world.topic(*topic).name, "removed": removed, "next_at_us": next_at.0 }),
        ),
        Event::MessagesSuperseded { progress, offset, count, consumer } => {
            ("messages_superseded", with(delivery(progress, *offset, *consumer), json!({ "count": count })))
        }
        Event::RequestAwaited { producer: id, number, until } => {
            ("request_awaited", json!({ "producer": producer(id), "number": number, "until_us": until.0 }))
        }
        Event::ReplySent { progress, offset, consumer, arrives_at } => (
            "reply_sent",
            with(delivery(progress, *offset, *consumer), json!({ "arrives_at_us": arrives_at.0 })),
        ),
        Event::ReplyStored { producer: id, number, copy, arrives_at } => (
            "reply_stored",
            json!({ "producer": producer(id), "number": number, "copy": copy.map(at),
                "arrives_at_us": arrives_at.map(|at| at.0) }),
        ),
        Event::ReplyLost { producer: id, number, why } => {
            let why = match why {
                ReplyLost::Down => "broker_down",
                ReplyLost::ConsumerCut => "consumer_link_cut",
                ReplyLost::RequesterCut => "requester_link_cut",
            };
            ("reply_lost", json!({ "producer": producer(id), "number": number, "why": why }))
        }
        Event::ReplyReceived { producer: id, number, landed } => {
            let landed = match landed {
                Landed::InTime => "in_time",
                Landed::Late => "late",
                Landed::Again => "again",
                Landed::Gone => "gone",
            };
            ("reply_received", json!({ "producer": producer(id), "number": number, "landed": landed }))
        }
        Event::RequestTimedOut { producer: id, number } => {
            ("request_timed_out", json!({ "producer": producer(id), "number": number }))
        }
        // No other event comes here.
        _ => ("event", Value::Null),
    }
}
