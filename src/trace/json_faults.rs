//! The same for what breaks: the broker, and the links to it.

use serde_json::{Value, json};

use crate::broker::resend::Nowhere;
use crate::broker::{ConsumerId, Event, ProducerId, QueueId, World};

/// The name of an event and its fields.
pub(super) fn fields(world: &World, event: &Event) -> (&'static str, Value) {
    let producer = |id: &ProducerId| world.producer(*id).spec.name.clone();
    let consumer = |id: &ConsumerId| world.consumer_name(*id);
    let queue = |id: &QueueId| world.queue_name(*id);
    match event {
        Event::BrokerCrashed { how, kept, back_at } => (
            "broker_crashed",
            json!({ "how": how.name(), "kept_until_us": kept.map(|at| at.0), "back_at_us": back_at.map(|at| at.0) }),
        ),
        Event::BrokerRestarted { how, reconnect_at } => {
            ("broker_restarted", json!({ "after": how.name(), "reconnect_at_us": reconnect_at.0 }))
        }
        Event::ProgressFellBack { progress, offset, reread_acknowledged, reread_moved, reread_filtered } => {
            let state = world.progress(*progress);
            let group = &world.group(state.group).spec.name;
            (
                "progress_fell_back",
                json!({ "group": group, "queue": queue(&state.queue), "offset": offset,
                    "reread_acknowledged": reread_acknowledged, "reread_moved": reread_moved,
                    "reread_filtered": reread_filtered }),
            )
        }
        Event::QueueTruncated { queue: id, offset, lost } => {
            ("queue_truncated", json!({ "queue": queue(id), "max_offset": offset, "lost": lost }))
        }
        Event::LinkChanged { client, state } => {
            ("link_changed", json!({ "client": world.client_name(*client), "state": state.name() }))
        }
        Event::AnswersToLose { producer: id, count } => {
            ("answers_to_lose", json!({ "producer": producer(id), "count": count }))
        }
        Event::ConsumerUnheard { consumer: id } => ("consumer_unheard", json!({ "consumer": consumer(id) })),
        Event::ConsumerReconnected { consumer: id } => {
            ("consumer_reconnected", json!({ "consumer": consumer(id) }))
        }
        Event::SendLost { producer: id, number, count, queue: to, sent_at, why } => (
            "send_lost",
            json!({ "producer": producer(id), "number": number, "count": count, "queue": queue(to), "sent_at_us": sent_at.0,
                "why": match why { Nowhere::Down => "broker_down", Nowhere::Cut => "link_cut",
                    Nowhere::Busy => "broker_busy" } }),
        ),
        Event::SendHeld { producer: id, number, count, queue: to, sent_at } => (
            "send_held",
            json!({ "producer": producer(id), "number": number, "count": count, "queue": queue(to), "sent_at_us": sent_at.0 }),
        ),
        Event::AnswerLost { producer: id, number, count, queue: to, sent_at, late } => (
            "answer_lost",
            json!({ "producer": producer(id), "number": number, "count": count, "queue": queue(to), "sent_at_us": sent_at.0,
                "late": late }),
        ),
        Event::MessageResent { producer: id, number, count, queue: to, attempt, arrives_at } => (
            "message_resent",
            json!({ "producer": producer(id), "number": number, "count": count, "queue": queue(to), "attempt": attempt,
                "arrives_at_us": arrives_at.0 }),
        ),
        Event::SendAcknowledged { producer: id, number, count, attempt, copies } => (
            "send_acknowledged",
            json!({ "producer": producer(id), "number": number, "count": count, "attempt": attempt, "copies": copies }),
        ),
        Event::SendFailed { producer: id, number, count, attempts, copies } => (
            "send_failed",
            json!({ "producer": producer(id), "number": number, "count": count, "attempts": attempts, "copies": copies }),
        ),
        Event::ResultLost { progress, offset, consumer: id, until } => {
            let state = world.progress(*progress);
            (
                "result_lost",
                json!({ "group": world.group(state.group).spec.name, "queue": queue(&state.queue), "offset": offset,
                    "consumer": consumer(id), "until_us": until.0 }),
            )
        }
        Event::TransactionWordLost { producer: id, number, by } => (
            "transaction_word_lost",
            json!({ "producer": producer(id), "number": number, "by": by.as_ref().map(producer) }),
        ),
        Event::TransactionCheckPutOff { producer: id, number, next_at } => (
            "transaction_check_put_off",
            json!({ "producer": producer(id), "number": number, "next_at_us": next_at.0 }),
        ),
        _ => ("", json!({})),
    }
}
