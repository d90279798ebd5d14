//! The same for what happens beside the broker: calls, and point-to-point queues.

use serde_json::{Value, json};

use crate::broker::{CallerId, Event, P2pId, ServiceId, World};

/// The name of an event and its fields.
pub(super) fn fields(world: &World, event: &Event) -> (&'static str, Value) {
    let service = |id: &ServiceId| world.service(*id).spec.name.clone();
    let caller = |id: &CallerId| world.caller(*id).spec.name.clone();
    let queue = |id: &P2pId| world.p2p(*id).spec.name.clone();
    let sender = |id: &P2pId, nth: &u16| {
        world.p2p(*id).spec.senders.get(usize::from(*nth)).map(|sender| sender.name.clone())
    };
    match event {
        Event::ServiceAdded { service: id, .. } => ("service_added", json!({ "service": service(id) })),
        Event::ServiceChanged { service: id, command } => {
            ("service_changed", json!({ "service": service(id), "command": world.command(*command).key() }))
        }
        Event::CallerAdded { caller: id, next_at, .. } => {
            ("caller_added", json!({ "caller": caller(id), "next_at_us": next_at.0 }))
        }
        Event::CallerChanged { caller: id, command, next_at } => (
            "caller_changed",
            json!({ "caller": caller(id), "command": world.command(*command).key(),
                "next_at_us": next_at.map(|at| at.0) }),
        ),
        Event::CallSent { caller: id, number, stage, arrives_at, next_at } => (
            "call_sent",
            json!({ "caller": caller(id), "number": number, "stage": stage,
                "service": service(&world.caller(*id).services[usize::from(*stage)]),
                "arrives_at_us": arrives_at.0, "next_at_us": next_at.map(|at| at.0) }),
        ),
        Event::CallTurnedAway { service: at, caller: id, number, why } => (
            "call_turned_away",
            json!({ "service": service(at), "caller": caller(id), "number": number, "why": why.name() }),
        ),
        Event::CallQueued { service: at, caller: id, number } => {
            ("call_queued", json!({ "service": service(at), "caller": caller(id), "number": number }))
        }
        Event::CallStarted { service: at, caller: id, number, finishes_at, waited } => (
            "call_started",
            json!({ "service": service(at), "caller": caller(id), "number": number,
                "finishes_at_us": finishes_at.0, "waited": waited }),
        ),
        Event::CallProcessed { service: at, caller: id, number, ok } => (
            "call_processed",
            json!({ "service": service(at), "caller": caller(id), "number": number, "ok": ok }),
        ),
        Event::CallAnswered { caller: id, number } => {
            ("call_answered", json!({ "caller": caller(id), "number": number }))
        }
        Event::CallFailed { caller: id, number, service: at, why } => (
            "call_failed",
            json!({ "caller": caller(id), "number": number, "service": service(at), "why": why.name() }),
        ),
        Event::CallTimedOut { caller: id, number, service: at, waited } => (
            "call_timed_out",
            json!({ "caller": caller(id), "number": number, "service": service(at), "waited_us": waited.0 }),
        ),
        Event::AnswerTooLate { caller: id, number, service: at } => {
            ("answer_too_late", json!({ "caller": caller(id), "number": number, "service": service(at) }))
        }
        Event::P2pQueueAdded { queue: id, .. } => ("p2p_queue_added", json!({ "queue": queue(id) })),
        Event::P2pSenderAdded { queue: id, sender: s, next_at, .. } => (
            "p2p_sender_added",
            json!({ "queue": queue(id), "sender": sender(id, s), "next_at_us": next_at.0 }),
        ),
        Event::P2pConsumerJoined { queue: id, consumer } => {
            ("p2p_consumer_joined", json!({ "queue": queue(id), "consumer": consumer }))
        }
        Event::P2pConsumerGone { queue: id, consumer } => {
            ("p2p_consumer_gone", json!({ "queue": queue(id), "consumer": consumer }))
        }
        Event::P2pSent { queue: id, sender: s, number, arrives_at, next_at } => (
            "p2p_sent",
            json!({ "queue": queue(id), "sender": sender(id, s), "number": number,
                "arrives_at_us": arrives_at.0, "next_at_us": next_at.map(|at| at.0) }),
        ),
        Event::P2pPut { queue: id, sender: s, number } => {
            ("p2p_put", json!({ "queue": queue(id), "sender": sender(id, s), "number": number }))
        }
        Event::P2pTaken { queue: id, sender: s, number, consumer, finishes_at } => (
            "p2p_taken",
            json!({ "queue": queue(id), "sender": sender(id, s), "number": number, "consumer": consumer,
                "finishes_at_us": finishes_at.0 }),
        ),
        Event::P2pProcessed { queue: id, sender: s, number, consumer } => (
            "p2p_processed",
            json!({ "queue": queue(id), "sender": sender(id, s), "number": number, "consumer": consumer }),
        ),
        _ => unreachable!("the others are the broker's"),
    }
}
