//! What stands beside the broker: a new service, a new caller, a new point-to-point queue.

use super::names::first_free;
use super::text::{self, NameRule};
use super::{Checks, PatternForm, ProcessingForm, Wrong, Wrongs};
use crate::broker::arrivals::Arrivals;
use crate::broker::caller::CallerSpec;
use crate::broker::p2p::{P2pSpec, SenderSpec};
use crate::broker::service::{HandlerSpec, ServiceSpec};
use crate::broker::spec::{Pattern, Rate};
use crate::broker::{Command, GroupId, ProducerId, ServiceId, World};
use crate::scenario::limits;
use crate::sim::{Distribution, Ratio, Span};

/// What is typed about when something is called or sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ArrivalsForm {
    /// At the instants at which this producer sends, instead of by a pattern of its own.
    pub same_as: Option<ProducerId>,
    /// The pattern of its own.
    pub pattern: PatternForm,
}

impl ArrivalsForm {
    fn new() -> Self {
        Self { same_as: None, pattern: PatternForm::of(&Pattern::Poisson(Rate::per_second(10))) }
    }

    fn check(&self, world: &World) -> Result<Arrivals, Wrongs> {
        match self.same_as {
            Some(id) => Ok(Arrivals::SameAs(world.producer(id).spec.name.clone())),
            None => self.pattern.check().map(Arrivals::Pattern),
        }
    }
}

/// What is typed about how calls or messages are handled.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HandlerForm {
    /// How long it takes.
    pub processing: ProcessingForm,
    /// The group whose listeners have the same luck, if there is to be one.
    pub same_as: Option<GroupId>,
}

impl HandlerForm {
    fn new() -> Self {
        let usual = Distribution::Exponential { mean: Span::from_ms(100) };
        Self { processing: ProcessingForm::of(&usual), same_as: None }
    }

    fn check(&self, world: &World) -> Result<HandlerSpec, Wrongs> {
        let same_as = self.same_as.map(|id| world.group(id).spec.name.clone());
        let spec = |processing| HandlerSpec { processing, failure: Ratio::ZERO, same_as };
        self.processing.check().map(spec)
    }
}

/// What is typed for a new service.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ServiceForm {
    /// Its name.
    pub name: String,
    /// How many calls it works on at once.
    pub workers: String,
    /// How many more may wait; empty for any number.
    pub line: String,
    /// How it handles them.
    pub handler: HandlerForm,
    /// How often that fails.
    pub failure: String,
}

impl ServiceForm {
    /// A proposal.
    pub fn new(world: &World) -> Self {
        let first = world.live.services.len() + 1;
        Self {
            name: first_free(first, |n| format!("service-{n}"), |name| world.find_service(name).is_some()),
            workers: "2".into(),
            line: String::new(),
            handler: HandlerForm::new(),
            failure: "0".into(),
        }
    }

    /// The command it asks for.
    pub fn check(&self, world: &World) -> Result<Command, Wrongs> {
        let mut checks = Checks::default();
        let name = text::name(&self.name, NameRule::Client, |name| world.find_service(name).is_some());
        let name = checks.take("name", name);
        room(&mut checks, world.live.services.len(), limits::SERVICES);
        let workers = checks.take("workers", text::count(&self.workers, 1, limits::WORKERS));
        let line = match self.line.trim() {
            "" => Some(None),
            typed => checks.take("line", text::count(typed, 0, limits::WAITING_LINE)).map(Some),
        };
        let handler = checks.part(self.handler.check(world));
        let failure = checks.take("fails", text::ratio(&self.failure));
        let spec = match (name, workers, line, handler.zip(failure)) {
            (Some(name), Some(workers), Some(waiting_line), Some((handler, failure))) => {
                Some(ServiceSpec { name, workers, waiting_line, handler: HandlerSpec { failure, ..handler } })
            }
            _ => None,
        };
        checks.finish(spec.map(Command::AddService))
    }
}

/// What is typed for a new caller.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CallerForm {
    /// Its name.
    pub name: String,
    /// The services that each call goes to, in this order.
    pub services: Vec<ServiceId>,
    /// When it calls.
    pub arrivals: ArrivalsForm,
    /// How long it waits for each answer.
    pub timeout: String,
}

impl CallerForm {
    /// A proposal: a call to the service that came last.
    pub fn new(world: &World) -> Self {
        let first = world.live.callers.len() + 1;
        Self {
            name: first_free(first, |n| format!("caller-{n}"), |name| world.find_caller(name).is_some()),
            services: world.services().map(|(id, _)| id).last().into_iter().collect(),
            arrivals: ArrivalsForm::new(),
            timeout: "3s".into(),
        }
    }

    /// Chooses a service as the next one, or no longer.
    pub fn toggle(&mut self, service: ServiceId) {
        if self.services.contains(&service) {
            self.services.retain(|chosen| *chosen != service);
        } else {
            self.services.push(service);
        }
    }

    /// The command it asks for.
    pub fn check(&self, world: &World) -> Result<Command, Wrongs> {
        let mut checks = Checks::default();
        let name = text::name(&self.name, NameRule::Client, |name| world.find_caller(name).is_some());
        let name = checks.take("name", name);
        room(&mut checks, world.live.callers.len(), limits::CALLERS);
        let most = limits::SERVICES_PER_CALLER;
        if world.live.services.is_empty() {
            checks.object("services", Wrong::new("control.wrong_no_service"));
        } else if self.services.is_empty() {
            checks.object("services", Wrong::new("control.wrong_choose_service"));
        } else if self.services.len() as u64 > most {
            checks.object("services", Wrong::new("control.wrong_too_many").with("most", most));
        }
        let services = self.services.iter().map(|id| world.service(*id).spec.name.clone()).collect();
        let arrivals = checks.part(self.arrivals.check(world));
        let timeout = timeout(&mut checks, &self.timeout);
        let spec = match (name, arrivals, timeout) {
            (Some(name), Some(arrivals), Some(timeout)) => {
                Some(CallerSpec { name, services, arrivals, timeout })
            }
            _ => None,
        };
        checks.finish(spec.map(Command::AddCaller))
    }
}

fn timeout(checks: &mut Checks, typed: &str) -> Option<Span> {
    let timeout = checks.take("timeout", text::span(typed));
    if timeout == Some(Span::ZERO) {
        checks.object("timeout", Wrong::new("control.wrong_timeout_zero"));
    }
    timeout
}

/// What is typed for how long a caller waits.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TimeoutForm {
    /// For each answer.
    pub timeout: String,
}

impl TimeoutForm {
    /// What is.
    pub fn of(timeout: Span) -> Self {
        Self { timeout: timeout.to_string() }
    }

    /// What it asks for.
    pub fn check(&self) -> Result<Span, Wrongs> {
        let mut checks = Checks::default();
        let timeout = timeout(&mut checks, &self.timeout);
        checks.finish(timeout)
    }
}

/// What is typed for a new point-to-point queue.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct P2pForm {
    /// Its name.
    pub name: String,
    /// How many senders put messages into it, each at this rate.
    pub senders: String,
    /// When each of them sends.
    pub arrivals: ArrivalsForm,
    /// How many consumers compete.
    pub consumers: String,
    /// How they handle a message.
    pub handler: HandlerForm,
}

impl P2pForm {
    /// A proposal.
    pub fn new(world: &World) -> Self {
        let first = world.live.p2p.len() + 1;
        Self {
            name: first_free(first, |n| format!("queue-{n}"), |name| world.find_p2p(name).is_some()),
            senders: "1".into(),
            arrivals: ArrivalsForm::new(),
            consumers: "2".into(),
            handler: HandlerForm::new(),
        }
    }

    /// The command it asks for.
    pub fn check(&self, world: &World) -> Result<Command, Wrongs> {
        let mut checks = Checks::default();
        let name = text::name(&self.name, NameRule::Client, |name| world.find_p2p(name).is_some());
        let name = checks.take("name", name);
        room(&mut checks, world.live.p2p.len(), limits::P2P_QUEUES);
        let senders = checks.take("senders", text::count(&self.senders, 1, limits::P2P_SENDERS));
        let arrivals = checks.part(self.arrivals.check(world));
        let consumers = checks.take("consumers", text::count(&self.consumers, 0, limits::P2P_CONSUMERS));
        let handler = checks.part(self.handler.check(world));
        let spec = match (name, senders, arrivals, consumers.zip(handler)) {
            (Some(name), Some(senders), Some(arrivals), Some((consumers, handler))) => {
                let sender = |n| SenderSpec { name: format!("sender-{n}"), arrivals: arrivals.clone() };
                Some(P2pSpec { name, senders: (1..=senders).map(sender).collect(), consumers, handler })
            }
            _ => None,
        };
        checks.finish(spec.map(Command::AddP2pQueue))
    }
}

/// Is there room for another of a kind?
fn room(checks: &mut Checks, there: usize, most: u64) {
    if there as u64 >= most {
        checks.object("name", Wrong::new("control.wrong_too_many").with("most", most));
    }
}
