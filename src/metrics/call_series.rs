//! Calls and point-to-point queues over time, beside the series of messages.

use super::series::Count;
use crate::broker::{Entry, Event, World};
use crate::sim::{Instant, Span};

/// How many there are at once, and for how long: what happens within a moment counts no more than a moment.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Held {
    now: u64,
    since: Instant,
    /// In each bucket, the microseconds that each of them was there, all together, up to the last change.
    time: Count,
}

impl Held {
    /// How many there are now.
    pub fn now(&self) -> u64 {
        self.now
    }

    /// There are so many from `at` on, with buckets of this width.
    fn set(&mut self, width: Span, at: Instant, number: u64) {
        while self.since < at {
            let bucket = self.since.0 / width.0;
            let end = at.min(Instant((bucket + 1) * width.0));
            if self.now > 0 {
                self.time.add_many(bucket as usize, self.now * (end - self.since).0);
                self.since = end;
            } else {
                self.since = at;
            }
        }
        self.now = number;
    }

    fn more(&mut self, width: Span, at: Instant) {
        self.set(width, at, self.now + 1);
    }

    fn less(&mut self, width: Span, at: Instant) {
        self.set(width, at, self.now.saturating_sub(1));
    }

    /// The microseconds in each bucket up to the last change.
    pub fn times(&self) -> &Count {
        &self.time
    }

    /// Those after it, from one instant to another.
    pub fn time_since(&self, from: Instant, until: Instant) -> u64 {
        self.now * (until - from.max(self.since)).0
    }
}

/// All callers and services together, and all point-to-point queues together.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct CallSeries {
    /// When the first caller or service came.
    pub since: Option<Instant>,
    /// Calls begun.
    pub begun: Count,
    /// Calls that were answered.
    pub answered: Count,
    /// Calls that failed without running out of time.
    pub failed: Count,
    /// Calls given up because no answer came in time.
    pub timed_out: Count,
    /// The microseconds that answered calls took, all together.
    pub took: Count,
    /// Calls whose ends are open.
    pub open: Held,
    /// Calls that wait for a worker.
    pub waiting: Held,
    /// Calls that are worked on.
    pub working: Held,
    /// When the first point-to-point queue came.
    pub queued_since: Option<Instant>,
    /// Messages put into point-to-point queues.
    pub put: Count,
    /// Messages of them that were processed, and are gone.
    pub gone: Count,
    /// Messages that nobody has taken.
    pub queued: Held,
    /// For each group, the microseconds from the sending of a message to its success, all together; counted as long as
    /// somebody calls.
    pub messages_took: Vec<Count>,
}

impl CallSeries {
    /// Is there anything beside the broker?
    pub fn is_used(&self) -> bool {
        self.since.is_some() || self.queued_since.is_some()
    }

    /// Lines that share the room there is.
    pub(super) fn lines(&self) -> usize {
        8 * usize::from(self.since.is_some()) + 3 * usize::from(self.queued_since.is_some())
    }

    pub(super) fn halve(&mut self) {
        let Self { begun, answered, failed, timed_out, took, put, gone, messages_took, .. } = self;
        let counts = [begun, answered, failed, timed_out, took, put, gone];
        counts.into_iter().chain(messages_took).for_each(Count::halve);
        let held = [&mut self.open, &mut self.waiting, &mut self.working, &mut self.queued];
        held.into_iter().for_each(|held| held.time.halve());
    }

    /// A message was consumed with success: how long that took since it was sent.
    pub(super) fn consumed(&mut self, group: usize, index: usize, took: u64) {
        if self.messages_took.len() <= group {
            self.messages_took.resize_with(group + 1, Count::default);
        }
        self.messages_took[group].add_many(index, took);
    }

    /// What an event beside the broker brings, in the bucket `index`, which is so wide. True if lines have come.
    #[inline(never)]
    pub(super) fn observe(&mut self, world: &World, entry: &Entry, index: usize, width: Span) -> bool {
        let at = entry.at;
        match entry.event {
            Event::CallerAdded { .. } | Event::ServiceAdded { .. } if self.since.is_none() => {
                self.since = Some(at);
                return true;
            }
            Event::P2pQueueAdded { .. } if self.queued_since.is_none() => {
                self.queued_since = Some(at);
                return true;
            }
            Event::CallSent { stage: 0, .. } => {
                self.begun.add(index);
                self.open.more(width, at);
            }
            Event::CallAnswered { caller, .. } => {
                self.answered.add(index);
                self.took.add_many(index, world.last_answer_time(caller));
                self.open.less(width, at);
            }
            Event::CallFailed { .. } => {
                self.failed.add(index);
                self.open.less(width, at);
            }
            Event::CallTimedOut { .. } => {
                self.timed_out.add(index);
                self.open.less(width, at);
            }
            Event::CallQueued { .. } => self.waiting.more(width, at),
            Event::CallStarted { waited, .. } => {
                self.working.more(width, at);
                if waited {
                    self.waiting.less(width, at);
                }
            }
            Event::CallProcessed { .. } => self.working.less(width, at),
            Event::ServiceChanged { .. } => {
                let services = || world.services().map(|(_, service)| service);
                self.working.set(width, at, services().map(|service| service.working.len() as u64).sum());
                self.waiting.set(width, at, services().map(|service| service.waiting.len() as u64).sum());
            }
            Event::P2pPut { .. } => {
                self.put.add(index);
                self.queued.more(width, at);
            }
            Event::P2pTaken { .. } => self.queued.less(width, at),
            Event::P2pProcessed { .. } => self.gone.add(index),
            // What its consumer held has come back.
            Event::P2pConsumerGone { .. } => {
                let waiting = world.p2p_queues().map(|(_, queue)| queue.waiting.len() as u64).sum();
                self.queued.set(width, at, waiting);
            }
            _ => {}
        }
        false
    }
}
