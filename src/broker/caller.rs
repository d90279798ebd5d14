//! A caller: it asks services, one after another, and waits for each answer. Not RocketMQ: it stands beside the broker,
//! so that a call can be compared with a message.

use std::collections::{BTreeMap, VecDeque};
use std::rc::Rc;

use serde::Serialize;

use super::arrivals::{Arrivals, Arriving};
use super::id::ServiceId;
use crate::sim::{Instant, Slot, Span};

/// A caller as a person describes it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct CallerSpec {
    /// Its name, unlike that of any other caller.
    pub name: String,
    /// The services that each call goes to, one after another.
    pub services: Vec<String>,
    /// When it calls.
    pub arrivals: Arrivals,
    /// How long it waits for each answer.
    pub timeout: Span,
}

/// A caller as it stands.
#[derive(Clone, Debug)]
pub struct CallerState {
    /// What it was started with.
    pub spec: Rc<CallerSpec>,
    /// The services it calls, in order.
    pub services: Vec<ServiceId>,
    /// When it calls.
    pub arriving: Arriving,
    /// How long it waits for each answer to what it calls now.
    pub timeout: Span,
    /// Calls whose end is still open, by number.
    pub open: BTreeMap<u64, OpenCall>,
    /// Requests and answers on their way, the one that arrives first in front.
    pub wire: VecDeque<Flight>,
    /// When it gives up on each open call, and the entry that sent it.
    pub(super) deadlines: BTreeMap<(Instant, u64), u64>,
    /// What became of its calls.
    pub counts: CallerCounts,
    pub(super) wire_slot: Slot,
    pub(super) timeout_slot: Slot,
}

/// A call that has not ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct OpenCall {
    /// When the caller began with it.
    pub since: Instant,
    /// Which of its services it waits for, from 0.
    pub stage: u16,
    /// When it gives up.
    pub deadline: Instant,
    /// How long it waits for this answer.
    pub patience: Span,
}

/// What became of a caller's calls. The number of all of them is that of its arrivals.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct CallerCounts {
    /// All services answered.
    pub answered: u64,
    /// A service turned the call away, because it was overloaded.
    pub overloaded: u64,
    /// A service turned the call away, because it was stopped.
    pub unavailable: u64,
    /// A service answered with an error.
    pub errors: u64,
    /// No answer came in time.
    pub timed_out: u64,
    /// Answers that came when nobody waited any more.
    pub too_late: u64,
}

impl CallerCounts {
    /// Calls that failed without running out of time.
    pub fn failed(&self) -> u64 {
        self.overloaded + self.unavailable + self.errors
    }
}

/// What is on its way between a caller and a service.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Flight {
    /// Which call.
    pub number: u64,
    /// Which of the caller's services, from 0.
    pub stage: u16,
    /// What.
    pub what: OnWire,
    /// When it set out.
    pub sent_at: Instant,
    /// When it arrives.
    pub arrives_at: Instant,
    /// The entry that sent it.
    pub(super) cause: u64,
}

/// A request, or what comes back.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OnWire {
    /// To the service.
    Request,
    /// Back, with success.
    Answer,
    /// Back: the call failed.
    Trouble(Trouble),
}

/// Why a call failed, other than by running out of time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum Trouble {
    /// All workers were busy, and nobody else could wait.
    Overloaded,
    /// The service was stopped.
    Unavailable,
    /// The service failed.
    Error,
    /// The service had crashed: nobody says anything, and the caller runs out of time.
    Silence,
}

impl Trouble {
    /// The word used in output.
    pub fn name(self) -> &'static str {
        match self {
            Self::Overloaded => "overloaded",
            Self::Unavailable => "unavailable",
            Self::Error => "error",
            Self::Silence => "silence",
        }
    }
}
