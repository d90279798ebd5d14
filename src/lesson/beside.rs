//! Events beside the broker in plain words: calls, and point-to-point queues.

use super::explain::{About, Fill, Holes};
use super::says;
use super::words::{Said, Words};
use crate::broker::caller::Trouble;
use crate::broker::{
    CallerChange, CallerId, Command, CommandId, Entry, Event, P2pChange, P2pId, ServiceChange, ServiceId,
    World,
};

fn text(value: impl Said) -> Fill {
    Fill::Words(value.said())
}

fn caller(id: CallerId) -> (&'static str, Fill) {
    ("caller", Fill::Thing(About::Caller(id)))
}

fn service(id: ServiceId) -> (&'static str, Fill) {
    ("service", Fill::Thing(About::Service(id)))
}

fn queue(id: P2pId) -> (&'static str, Fill) {
    ("queue", Fill::Thing(About::P2p(id)))
}

/// What happened.
pub(super) fn sentence(world: &World, entry: &Entry, words: &Words) -> (&'static str, Holes) {
    let number = |number: u64| ("number", text(number));
    let time = |at: crate::sim::Instant| ("time", Fill::Words(words.span(at - entry.at)));
    let sender = |id: P2pId, sender: u16| {
        let spec = &world.p2p(id).spec;
        ("sender", text(spec.senders.get(usize::from(sender)).map_or("", |sender| &sender.name)))
    };
    let consumer = |consumer: u16| ("consumer", text(u32::from(consumer) + 1));
    match entry.event {
        Event::ServiceAdded { service: id, .. } => {
            let spec = &world.service(id).spec;
            ("event.service_added", vec![service(id), ("n", Fill::Count(spec.workers.into()))])
        }
        Event::ServiceChanged { service: id, command } => service_changed(world, id, command, words),
        Event::CallerAdded { caller: id, .. } => {
            let services = &world.caller(id).spec.services;
            ("event.caller_added", vec![caller(id), ("services", text(services.join(", ")))])
        }
        Event::CallerChanged { caller: id, command, .. } => caller_changed(world, id, command, words),
        Event::CallSent { caller: id, number: n, stage, .. } => {
            let to = world.caller(id).services[usize::from(stage)];
            ("event.call_sent", vec![caller(id), number(n), service(to)])
        }
        Event::CallTurnedAway { service: at, caller: id, number: n, why } => {
            let key = match why {
                Trouble::Overloaded => "event.call_overloaded",
                Trouble::Silence => "event.call_unheard",
                Trouble::Unavailable | Trouble::Error => "event.call_unavailable",
            };
            (key, vec![caller(id), number(n), service(at)])
        }
        Event::CallQueued { service: at, caller: id, number: n } => {
            ("event.call_queued", vec![caller(id), number(n), service(at)])
        }
        Event::CallStarted { service: at, caller: id, number: n, finishes_at, .. } => {
            ("event.call_started", vec![caller(id), number(n), service(at), time(finishes_at)])
        }
        Event::CallProcessed { service: at, caller: id, number: n, ok } => {
            let key = match (world.caller(id).open.contains_key(&n), ok) {
                (_, false) => "event.call_error",
                (true, true) => "event.call_processed",
                (false, true) => "event.call_in_vain",
            };
            (key, vec![caller(id), number(n), service(at)])
        }
        Event::CallAnswered { caller: id, number: n } => ("event.call_answered", vec![caller(id), number(n)]),
        Event::CallFailed { caller: id, number: n, service: at, why } => {
            let key = match why {
                Trouble::Overloaded => "event.call_failed_overloaded",
                Trouble::Unavailable => "event.call_failed_unavailable",
                Trouble::Error | Trouble::Silence => "event.call_failed_error",
            };
            (key, vec![caller(id), number(n), service(at)])
        }
        Event::CallTimedOut { caller: id, number: n, service: at, waited } => {
            let waited = ("time", Fill::Words(words.exact_span(waited)));
            ("event.call_timed_out", vec![caller(id), number(n), service(at), waited])
        }
        Event::AnswerTooLate { caller: id, number: n, service: at } => {
            ("event.answer_too_late", vec![caller(id), number(n), service(at)])
        }
        Event::P2pQueueAdded { queue: id, .. } => {
            let consumers = world.p2p(id).spec.consumers;
            ("event.p2p_queue_added", vec![queue(id), ("n", Fill::Count(consumers.into()))])
        }
        Event::P2pSenderAdded { queue: id, sender: s, .. } => {
            ("event.p2p_sender_added", vec![sender(id, s), queue(id)])
        }
        Event::P2pConsumerJoined { queue: id, consumer: c } => {
            ("event.p2p_consumer_joined", vec![consumer(c), queue(id)])
        }
        Event::P2pConsumerGone { queue: id, consumer: c } => {
            ("event.p2p_consumer_gone", vec![consumer(c), queue(id)])
        }
        Event::P2pSent { queue: id, sender: s, number: n, .. } => {
            ("event.p2p_sent", vec![sender(id, s), number(n), queue(id)])
        }
        Event::P2pPut { queue: id, sender: s, number: n } => {
            ("event.p2p_put", vec![sender(id, s), number(n), queue(id)])
        }
        Event::P2pTaken { queue: id, sender: s, number: n, consumer: c, finishes_at } => {
            ("event.p2p_taken", vec![sender(id, s), number(n), queue(id), consumer(c), time(finishes_at)])
        }
        Event::P2pProcessed { queue: id, sender: s, number: n, consumer: c } => {
            ("event.p2p_processed", vec![sender(id, s), number(n), queue(id), consumer(c)])
        }
        _ => unreachable!("the others are the broker's"),
    }
}

fn caller_changed(world: &World, id: CallerId, command: CommandId, words: &Words) -> (&'static str, Holes) {
    let mut holes = vec![caller(id)];
    let key = match &**world.command(command) {
        Command::Caller { change: CallerChange::SetTimeout(time), .. } => {
            holes.push(("time", Fill::Words(words.exact_span(*time))));
            "event.call_timeout_changed"
        }
        Command::Caller { change: CallerChange::SetPattern(now), .. } => {
            holes.push(("now", text(says::calls(words, now))));
            "event.call_pattern_changed"
        }
        _ => unreachable!("nothing else changes a caller"),
    };
    (key, holes)
}

fn service_changed(world: &World, id: ServiceId, command: CommandId, words: &Words) -> (&'static str, Holes) {
    let Command::Service { change, .. } = &**world.command(command) else {
        return ("event.service_started", vec![service(id)]);
    };
    match change {
        ServiceChange::Stop => ("event.service_stopped", vec![service(id)]),
        ServiceChange::Crash => ("event.service_crashed", vec![service(id)]),
        ServiceChange::Start => ("event.service_started", vec![service(id)]),
        ServiceChange::SetWorkers(n) => {
            ("event.workers_changed", vec![service(id), ("n", Fill::Count((*n).into()))])
        }
        ServiceChange::SetProcessing(now) => {
            ("event.service_processing", vec![service(id), ("now", text(says::processing(words, now)))])
        }
    }
}

/// What somebody asked for, if it is about these.
pub(super) fn request(world: &World, command: &Command, words: &Words) -> Option<(&'static str, Holes)> {
    let named = |name: &str, about: Option<About>| about.map_or_else(|| text(name), Fill::Thing);
    let service = |name: &str| ("service", named(name, world.find_service(name).map(About::Service)));
    let queue = |name: &str| ("queue", named(name, world.find_p2p(name).map(About::P2p)));
    Some(match command {
        Command::AddService(spec) => ("command.add_service", vec![service(&spec.name)]),
        Command::AddCaller(spec) => {
            let about = world.find_caller(&spec.name).map(About::Caller);
            ("command.add_caller", vec![("caller", named(&spec.name, about))])
        }
        Command::Caller { caller: name, change } => {
            let who = ("caller", named(name, world.find_caller(name).map(About::Caller)));
            match change {
                CallerChange::SetPattern(now) => {
                    ("command.set_call_pattern", vec![who, ("now", text(says::calls(words, now)))])
                }
                CallerChange::SetTimeout(time) => {
                    ("command.set_call_timeout", vec![who, ("time", Fill::Words(words.exact_span(*time)))])
                }
            }
        }
        Command::AddP2pQueue(spec) => ("command.add_p2p_queue", vec![queue(&spec.name)]),
        Command::Service { service: name, change } => match change {
            ServiceChange::Stop => ("command.stop_service", vec![service(name)]),
            ServiceChange::Crash => ("command.crash_service", vec![service(name)]),
            ServiceChange::Start => ("command.start_service", vec![service(name)]),
            ServiceChange::SetWorkers(n) => {
                ("command.set_workers", vec![service(name), ("n", Fill::Count((*n).into()))])
            }
            ServiceChange::SetProcessing(now) => {
                let now = ("now", text(says::processing(words, now)));
                ("command.set_service_processing", vec![service(name), now])
            }
        },
        Command::P2p { queue: name, change } => match change {
            P2pChange::AddConsumer => ("command.add_p2p_consumer", vec![queue(name)]),
            P2pChange::CrashConsumer => ("command.crash_p2p_consumer", vec![queue(name)]),
        },
        _ => return None,
    })
}
