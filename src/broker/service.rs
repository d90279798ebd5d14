//! A service: what a synchronous call goes to. It has workers, and a line in which calls wait for one. Not RocketMQ: it
//! stands beside the broker, so that a call can be compared with a message.

use std::collections::{BTreeMap, VecDeque};
use std::rc::Rc;

use serde::Serialize;

use super::id::CallerId;
use super::world::World;
use crate::sim::{Distribution, Draws, Instant, Ratio, Sampler, Slot, Span, Stream, subject_of};

/// A service as a person describes it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ServiceSpec {
    /// Its name, unlike that of any other service.
    pub name: String,
    /// How many calls it works on at once.
    pub workers: u32,
    /// How many more may wait; any number if not given.
    pub waiting_line: Option<u32>,
    /// How it handles them.
    pub handler: HandlerSpec,
}

/// How long handling takes, and how often it fails.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct HandlerSpec {
    /// How long it takes.
    pub processing: Distribution,
    /// How often it fails.
    pub failure: Ratio,
    /// The group whose listeners have the same luck, message by message.
    pub same_as: Option<String>,
}

/// A handler, made ready.
#[derive(Clone, Copy, Debug)]
pub struct Handler {
    /// How long it takes.
    pub processing: Distribution,
    /// How often it fails.
    pub failure: Ratio,
    sampler: Sampler,
    times: Draws,
    luck: Draws,
}

impl Handler {
    /// The handler of what has this name.
    pub(super) fn new(world: &World, name: &str, spec: &HandlerSpec) -> Self {
        let (times, luck, subject) = match &spec.same_as {
            Some(group) => (Stream::Processing, Stream::Failure, group.as_str()),
            None => (Stream::HandlerProcessing, Stream::HandlerFailure, name),
        };
        Self {
            processing: spec.processing,
            failure: spec.failure,
            sampler: spec.processing.sampler(),
            times: world.chance.stream(times, subject_of(subject)),
            luck: world.chance.stream(luck, subject_of(subject)),
        }
    }

    /// How long it takes for what has this chance key.
    pub(super) fn time(&self, key: u64) -> Span {
        self.sampler.sample(self.times.nth(key))
    }

    /// Does it fail?
    pub(super) fn fails(&self, key: u64) -> bool {
        !self.failure.is_zero() && self.failure.includes(self.luck.nth(key))
    }

    /// From now on it takes so long.
    pub(super) fn set_processing(&mut self, processing: Distribution) {
        self.processing = processing;
        self.sampler = processing.sampler();
    }
}

/// What a service is doing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ServiceStatus {
    /// It takes calls.
    Running,
    /// It takes no calls, and works off those it has: it is being replaced by a newer version, say.
    Stopped,
    /// Its machine is gone. Calls to it get no answer at all.
    Crashed,
}

impl ServiceStatus {
    /// The word used in output.
    pub fn name(self) -> &'static str {
        match self {
            Self::Running => "running",
            Self::Stopped => "stopped",
            Self::Crashed => "crashed",
        }
    }
}

/// A call at a service.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CallAtService {
    /// Whose.
    pub caller: CallerId,
    /// Which of the caller's calls.
    pub number: u64,
    /// Which of the caller's services this is, from 0.
    pub stage: u16,
    /// Since when it waits, or is worked on.
    pub since: Instant,
}

/// A service as it stands.
#[derive(Clone, Debug)]
pub struct ServiceState {
    /// What it was started with.
    pub spec: Rc<ServiceSpec>,
    /// What it is doing.
    pub status: ServiceStatus,
    /// Since when.
    pub since: Instant,
    /// How many calls it may work on at once.
    pub workers: u32,
    /// How it handles them.
    pub handler: Handler,
    /// Calls that wait for a worker, first come first served.
    pub waiting: VecDeque<CallAtService>,
    /// Calls that are worked on, by their ends and the entries that began them.
    pub working: BTreeMap<(Instant, u64), CallAtService>,
    /// Counts for the table.
    pub counts: ServiceCounts,
    pub(super) slot: Slot,
}

/// What became of the calls that reached a service.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ServiceCounts {
    /// Calls that reached it.
    pub arrived: u64,
    /// Turned away: all workers busy, and the line full.
    pub overloaded: u64,
    /// Turned away: it was stopped.
    pub unavailable: u64,
    /// Nobody heard them: it had crashed.
    pub unheard: u64,
    /// Handled with success.
    pub answered: u64,
    /// Handled, and it failed.
    pub errors: u64,
    /// Waiting or in work when it crashed.
    pub lost: u64,
    /// Handled although their callers had given up.
    pub in_vain: u64,
    /// Time its workers spent on calls that are over, or were lost.
    pub busy: Span,
}

impl ServiceState {
    /// Has it a free worker?
    pub fn has_room(&self) -> bool {
        self.working.len() < self.workers as usize
    }

    /// May another call wait?
    pub fn may_wait(&self) -> bool {
        self.spec.waiting_line.is_none_or(|most| self.waiting.len() < most as usize)
    }
}
