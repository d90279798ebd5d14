//! What stands beside the broker, to be compared with it: services with their callers, and point-to-point queues. Their
//! tables, how they are read and written, and what must fit together.

use serde_json::{Map, Value, json};

use super::form::{Choice, Field, Kind, Shape, Variant};
use super::problem::quoted;
use super::read::{Object, pattern, processing};
use super::rules::{Rules, Thing};
use super::sentence::sentence;
use super::shapes::{BURSTS, GROUP_NAME, NAME, PROCESSING, STEADY, defaulted, list, optional, required};
use super::{form, limits, write};
use crate::broker::arrivals::Arrivals;
use crate::broker::caller::CallerSpec;
use crate::broker::p2p::{P2pSpec, SenderSpec};
use crate::broker::service::{HandlerSpec, ServiceSpec};
use crate::broker::{CallerChange, Command, P2pChange, ServiceChange};
use crate::sim::{Ratio, Span};

/// How long a caller waits if the file does not say: RocketMQ's own limit for a request (`producer.requestTimeoutMs`).
const TIMEOUT: Span = Span::from_secs(3);

// Tables.

const CONSTANT: Variant = Variant {
    key: "constant",
    kind: Kind::Object(&STEADY),
    about: "Evenly spaced: `{\"constant\": {\"per_second\": 10}}`.",
};

const POISSON: Variant = Variant {
    key: "poisson",
    kind: Kind::Object(&STEADY),
    about: "Independent of each other: `{\"poisson\": {\"per_second\": 40}}`.",
};

const IN_BURSTS: Variant =
    Variant { key: "bursts", kind: Kind::Object(&BURSTS), about: "Two rates in turn, as for producers." };

pub(super) static ARRIVALS: Choice = Choice {
    name: "arrivals",
    about: "When something is called or sent beside the broker.",
    variants: &[
        Variant {
            key: "same_as",
            kind: Kind::Text(&NAME),
            about: "At the very instants at which a producer sends, once for each message: `{\"same_as\": \"shop\"}`. \
                    Handlers can have the same luck with it, message by message.",
        },
        CONSTANT,
        POISSON,
        IN_BURSTS,
    ],
};

static CALL_PATTERN: Choice =
    Choice { name: "call_pattern", about: "When a caller calls.", variants: &[CONSTANT, POISSON, IN_BURSTS] };

const ARRIVING: Field =
    required("pattern", Kind::Choice(&ARRIVALS), "When: a pattern, or the same as a producer's.");

const HANDLING: Field = defaulted(
    "processing",
    Kind::Choice(&PROCESSING),
    "{\"constant\": \"10ms\"}",
    "How long handling takes.",
);

const LUCK: Field = optional(
    "same_as",
    Kind::Text(&GROUP_NAME),
    "luck of its own",
    "The group whose listeners have the same luck, message by message. With the same `processing`, the same message \
     takes the same time on both sides.",
);

pub(super) static SERVICE: Shape = Shape {
    name: "service",
    about: "A service that callers call and wait for. Not RocketMQ: it stands beside the broker, to be compared with it.",
    fields: &[
        required("name", Kind::Text(&NAME), "Its name, unlike that of any other service."),
        defaulted(
            "workers",
            Kind::Whole { least: 1, most: limits::WORKERS },
            "1",
            "How many calls it works on at once.",
        ),
        optional(
            "waiting_line",
            Kind::Whole { least: 0, most: limits::WAITING_LINE },
            "any number",
            "How many more calls may wait for a worker. Further ones are turned away.",
        ),
        HANDLING,
        defaulted("failure", Kind::Ratio, "\"0\"", "How often handling fails."),
        LUCK,
    ],
};

static NAME_KIND: Kind = Kind::Text(&NAME);

pub(super) static CALLER: Shape = Shape {
    name: "caller",
    about: "A caller: it calls services one after another, and waits for each answer. Requests and answers take as long \
            as a send (`network.sendLatencyUs`). Not RocketMQ.",
    fields: &[
        required("name", Kind::Text(&NAME), "Its name, unlike that of any other caller."),
        required(
            "services",
            Kind::List { of: &NAME_KIND, least: 1, most: limits::SERVICES_PER_CALLER },
            "The services that each call goes to, in this order.",
        ),
        ARRIVING,
        defaulted("timeout", Kind::Span, "\"3s\"", "How long it waits for each answer."),
    ],
};

static SENDER: Shape = Shape {
    name: "p2p_sender",
    about: "Who puts messages into a point-to-point queue.",
    fields: &[
        required("name", Kind::Text(&NAME), "Its name, unlike that of any other sender of the queue."),
        ARRIVING,
    ],
};

static SENDER_KIND: Kind = Kind::Object(&SENDER);

const CONSUMERS: Kind = Kind::Whole { least: 0, most: limits::P2P_CONSUMERS };

pub(super) static P2P_QUEUE: Shape = Shape {
    name: "p2p_queue",
    about: "A point-to-point queue: nameless consumers compete for its messages, and a message is gone once it is \
            processed. Not RocketMQ: it stands beside the topic, to be compared with it.",
    fields: &[
        required("name", Kind::Text(&NAME), "Its name, unlike that of any other."),
        required("senders", list(&SENDER_KIND, limits::P2P_SENDERS), "Who puts messages into it."),
        defaulted("consumers", CONSUMERS, "1", "How many consumers compete."),
        HANDLING,
        LUCK,
    ],
};

const WHICH_CALLER: Field = required("caller", Kind::Text(&NAME), "The caller.");

pub(super) static SET_CALL_PATTERN: Shape = Shape {
    name: "set_call_pattern",
    about: "When a caller calls from now on. One that calls whenever a producer sends has no pattern of its own.",
    fields: &[WHICH_CALLER, required("pattern", Kind::Choice(&CALL_PATTERN), "When it calls from now on.")],
};

pub(super) static SET_CALL_TIMEOUT: Shape = Shape {
    name: "set_call_timeout",
    about: "How long a caller waits for each answer to what it calls from now on.",
    fields: &[WHICH_CALLER, required("timeout", Kind::Span, "How long it waits for each answer.")],
};

const WHICH_SERVICE: Field = required("service", Kind::Text(&NAME), "The service.");

pub(super) static OF_SERVICE: Shape =
    Shape { name: "of_service", about: "Which service.", fields: &[WHICH_SERVICE] };

pub(super) static SET_WORKERS: Shape = Shape {
    name: "set_workers",
    about: "How many calls a service works on at once from now on.",
    fields: &[
        WHICH_SERVICE,
        required("workers", Kind::Whole { least: 1, most: limits::WORKERS }, "Its workers from now on."),
    ],
};

pub(super) static SET_SERVICE_PROCESSING: Shape = Shape {
    name: "set_service_processing",
    about: "How long a service takes from now on.",
    fields: &[
        WHICH_SERVICE,
        required("processing", Kind::Choice(&PROCESSING), "How long it takes for a call."),
    ],
};

pub(super) static OF_P2P_QUEUE: Shape = Shape {
    name: "of_p2p_queue",
    about: "Which point-to-point queue.",
    fields: &[required("queue", Kind::Text(&NAME), "The point-to-point queue.")],
};

// Reading.

fn arrivals(value: &Value) -> Arrivals {
    match value.get("same_as") {
        Some(name) => Arrivals::SameAs(name.as_str().unwrap_or_default().to_owned()),
        None => Arrivals::Pattern(pattern(value)),
    }
}

fn handler(of: Object<'_>, failure: Ratio) -> HandlerSpec {
    HandlerSpec { processing: processing(of.value("processing")), failure, same_as: of.text("same_as") }
}

pub(super) fn service(value: &Value) -> ServiceSpec {
    let service = Object::new(value, &SERVICE);
    ServiceSpec {
        name: service.text("name").unwrap_or_default(),
        workers: service.count("workers").unwrap_or(1),
        waiting_line: service.count("waiting_line"),
        handler: handler(service, form::ratio(service.value("failure")).unwrap_or(Ratio::ZERO)),
    }
}

pub(super) fn caller(value: &Value) -> CallerSpec {
    let caller = Object::new(value, &CALLER);
    let name = |value: &Value| value.as_str().map(str::to_owned);
    CallerSpec {
        name: caller.text("name").unwrap_or_default(),
        services: caller.list("services").iter().filter_map(name).collect(),
        arrivals: arrivals(caller.value("pattern")),
        timeout: caller.span("timeout").unwrap_or(TIMEOUT),
    }
}

pub(super) fn p2p_queue(value: &Value) -> P2pSpec {
    let queue = Object::new(value, &P2P_QUEUE);
    let sender = |value: &Value| {
        let sender = Object::new(value, &SENDER);
        SenderSpec {
            name: sender.text("name").unwrap_or_default(),
            arrivals: arrivals(sender.value("pattern")),
        }
    };
    P2pSpec {
        name: queue.text("name").unwrap_or_default(),
        senders: queue.list("senders").iter().map(sender).collect(),
        consumers: queue.count("consumers").unwrap_or(1),
        handler: handler(queue, Ratio::ZERO),
    }
}

/// A command about these things, by its key.
pub(super) fn command(key: &str, value: &Value, given: Object<'_>) -> Option<Command> {
    let service = |change| given.text("service").map(|service| Command::Service { service, change });
    let of_caller = |change| given.text("caller").map(|caller| Command::Caller { caller, change });
    let p2p = |change| given.text("queue").map(|queue| Command::P2p { queue, change });
    match key {
        "add_service" => Some(Command::AddService(self::service(value))),
        "add_caller" => Some(Command::AddCaller(caller(value))),
        "add_p2p_queue" => Some(Command::AddP2pQueue(p2p_queue(value))),
        "set_call_pattern" => of_caller(CallerChange::SetPattern(pattern(given.value("pattern")))),
        "set_call_timeout" => of_caller(CallerChange::SetTimeout(given.span("timeout")?)),
        "stop_service" => service(ServiceChange::Stop),
        "crash_service" => service(ServiceChange::Crash),
        "start_service" => service(ServiceChange::Start),
        "set_workers" => service(ServiceChange::SetWorkers(given.count("workers")?)),
        "set_service_processing" => {
            service(ServiceChange::SetProcessing(processing(given.value("processing"))))
        }
        "add_p2p_consumer" => p2p(P2pChange::AddConsumer),
        "crash_p2p_consumer" => p2p(P2pChange::CrashConsumer),
        _ => None,
    }
}

// Writing.

fn write_arrivals(arrivals: &Arrivals) -> Value {
    match arrivals {
        Arrivals::Pattern(pattern) => write::pattern(pattern),
        Arrivals::SameAs(producer) => json!({ "same_as": producer }),
    }
}

fn write_handler(handler: &HandlerSpec, written: &mut Map<String, Value>) {
    written.insert("processing".into(), write::distribution(&handler.processing));
    if !handler.failure.is_zero() {
        written.insert("failure".into(), handler.failure.to_string().into());
    }
    if let Some(group) = &handler.same_as {
        written.insert("same_as".into(), group.clone().into());
    }
}

pub(super) fn write_service(service: &ServiceSpec) -> Value {
    let mut written = Map::new();
    written.insert("name".into(), service.name.clone().into());
    written.insert("workers".into(), service.workers.into());
    if let Some(most) = service.waiting_line {
        written.insert("waiting_line".into(), most.into());
    }
    write_handler(&service.handler, &mut written);
    Value::Object(written)
}

pub(super) fn write_caller(caller: &CallerSpec) -> Value {
    json!({
        "name": caller.name,
        "services": caller.services,
        "pattern": write_arrivals(&caller.arrivals),
        "timeout": caller.timeout.to_string(),
    })
}

pub(super) fn write_caller_change(caller: &str, change: &CallerChange) -> Value {
    match change {
        CallerChange::SetPattern(new) => json!({ "caller": caller, "pattern": write::pattern(new) }),
        CallerChange::SetTimeout(new) => json!({ "caller": caller, "timeout": new.to_string() }),
    }
}

pub(super) fn write_p2p_queue(queue: &P2pSpec) -> Value {
    let sender =
        |sender: &SenderSpec| json!({ "name": sender.name, "pattern": write_arrivals(&sender.arrivals) });
    let mut written = Map::new();
    written.insert("name".into(), queue.name.clone().into());
    written.insert("senders".into(), queue.senders.iter().map(sender).collect());
    written.insert("consumers".into(), queue.consumers.into());
    write_handler(&queue.handler, &mut written);
    Value::Object(written)
}

pub(super) fn write_service_change(service: &str, change: &ServiceChange) -> Value {
    let mut given = json!({ "service": service });
    match change {
        ServiceChange::SetWorkers(workers) => given["workers"] = (*workers).into(),
        ServiceChange::SetProcessing(new) => given["processing"] = write::distribution(new),
        ServiceChange::Stop | ServiceChange::Crash | ServiceChange::Start => {}
    }
    given
}

// What must fit together.

impl<'s> Rules<'s, '_> {
    fn arrivals(&mut self, arrivals: &'s Arrivals) {
        self.within("pattern", |rules| match arrivals {
            Arrivals::Pattern(pattern) => rules.pattern(pattern),
            Arrivals::SameAs(producer) => {
                if !producer.is_empty() && !rules.producers.contains(producer.as_str()) {
                    let known = rules.some(rules.producers.iter().copied());
                    rules.unknown("same_as", Thing::Producer, producer, known);
                }
            }
        });
    }

    fn handler(&mut self, handler: &'s HandlerSpec) {
        self.within("processing", |rules| rules.distribution(&handler.processing));
        if let Some(group) = &handler.same_as
            && !self.groups.contains_key(group.as_str())
        {
            let known = self.some(self.groups.keys().copied());
            self.unknown("same_as", Thing::Group, group, known);
        }
    }

    pub(super) fn service(&mut self, service: &'s ServiceSpec) {
        self.totals.services += 1;
        let name = service.name.as_str();
        if !name.is_empty() && !self.services.insert(name) {
            self.taken(Thing::Service, name);
        }
        self.handler(&service.handler);
    }

    pub(super) fn caller(&mut self, caller: &'s CallerSpec) {
        self.totals.callers += 1;
        let name = caller.name.as_str();
        if !name.is_empty() && !self.callers.insert(name) {
            self.taken(Thing::Caller, name);
        }
        for (index, service) in caller.services.iter().enumerate() {
            if !service.is_empty() && !self.services.contains(service.as_str()) {
                let known = self.some(self.services.iter().copied());
                self.unknown_item("services", index, Thing::Service, service, known);
            }
        }
        self.arrivals(&caller.arrivals);
        self.call_timeout(caller.timeout);
    }

    fn call_timeout(&mut self, timeout: Span) {
        if timeout.is_zero() {
            let what = sentence!("nobody can answer in no time");
            self.problem("timeout", what, sentence!("write at least {least}", least = "1us"));
        }
    }

    pub(super) fn p2p_queue(&mut self, queue: &'s P2pSpec) {
        self.totals.p2p_queues += 1;
        let name = queue.name.as_str();
        if !name.is_empty() && !self.p2p_queues.insert(name) {
            self.taken(Thing::P2pQueue, name);
        }
        let mut names = std::collections::BTreeSet::new();
        for (index, sender) in queue.senders.iter().enumerate() {
            self.at("senders", index, |rules| {
                if !sender.name.is_empty() && !names.insert(sender.name.as_str()) {
                    let what = sentence!("the queue has two senders {name}", name = quoted(&sender.name));
                    rules.problem("name", what, sentence!("give each sender a name of its own"));
                }
                rules.arrivals(&sender.arrivals);
            });
        }
        self.handler(&queue.handler);
    }

    pub(super) fn known_service(&mut self, name: &'s str) {
        if !self.services.contains(name) {
            let known = self.some(self.services.iter().copied());
            self.unknown("service", Thing::Service, name, known);
        }
    }

    pub(super) fn known_p2p_queue(&mut self, name: &'s str) {
        if !self.p2p_queues.contains(name) {
            let known = self.some(self.p2p_queues.iter().copied());
            self.unknown("queue", Thing::P2pQueue, name, known);
        }
    }

    pub(super) fn change_of_caller(&mut self, name: &'s str, change: &'s CallerChange) {
        if !self.callers.contains(name) {
            let known = self.some(self.callers.iter().copied());
            self.unknown("caller", Thing::Caller, name, known);
        }
        match change {
            CallerChange::SetPattern(pattern) => self.within("pattern", |rules| rules.pattern(pattern)),
            CallerChange::SetTimeout(timeout) => self.call_timeout(*timeout),
        }
    }

    pub(super) fn change_of_service(&mut self, change: &'s ServiceChange) {
        if let ServiceChange::SetProcessing(processing) = change {
            self.within("processing", |rules| rules.distribution(processing));
        }
    }
}
