//! Calls and point-to-point queues over time, beside the series of messages.

use super::series::{Count, Level};
use crate::broker::{Entry, Event, World};
use crate::sim::Instant;

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
    pub open: Level,
    /// Calls that wait for a worker.
    pub waiting: Level,
    /// Calls that are worked on.
    pub working: Level,
    /// When the first point-to-point queue came.
    pub queued_since: Option<Instant>,
    /// Messages put into point-to-point queues.
    pub put: Count,
    /// Messages of them that were processed, and are gone.
    pub gone: Count,
    /// Messages that nobody has taken.
    pub queued: Level,
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
        [&mut self.open, &mut self.waiting, &mut self.working, &mut self.queued]
            .into_iter()
            .for_each(Level::halve);
    }

    /// A message was consumed with success: how long that took since it was sent.
    pub(super) fn consumed(&mut self, group: usize, index: usize, took: u64) {
        if self.messages_took.len() <= group {
            self.messages_took.resize_with(group + 1, Count::default);
        }
        self.messages_took[group].add_many(index, took);
    }

    /// What an event beside the broker brings, in the bucket `index`. True if lines have come.
    #[inline(never)]
    pub(super) fn observe(&mut self, world: &World, entry: &Entry, index: usize) -> bool {
        match entry.event {
            Event::CallerAdded { .. } | Event::ServiceAdded { .. } if self.since.is_none() => {
                self.since = Some(entry.at);
                for level in [&mut self.open, &mut self.waiting, &mut self.working] {
                    level.begin(index, 0);
                }
                return true;
            }
            Event::P2pQueueAdded { .. } if self.queued_since.is_none() => {
                self.queued_since = Some(entry.at);
                self.queued.begin(index, 0);
                return true;
            }
            Event::CallSent { stage: 0, .. } => {
                self.begun.add(index);
                self.open.set(index, self.open.now() + 1);
            }
            Event::CallAnswered { caller, .. } => {
                self.answered.add(index);
                self.took.add_many(index, world.last_answer_time(caller));
                self.closed(index);
            }
            Event::CallFailed { .. } => {
                self.failed.add(index);
                self.closed(index);
            }
            Event::CallTimedOut { .. } => {
                self.timed_out.add(index);
                self.closed(index);
            }
            Event::CallQueued { .. } => self.waiting.set(index, self.waiting.now() + 1),
            Event::CallStarted { waited, .. } => {
                self.working.set(index, self.working.now() + 1);
                if waited {
                    self.waiting.set(index, self.waiting.now().saturating_sub(1));
                }
            }
            Event::CallProcessed { .. } => self.working.set(index, self.working.now().saturating_sub(1)),
            Event::ServiceChanged { .. } => {
                let services = || world.services().map(|(_, service)| service);
                self.working.set(index, services().map(|service| service.working.len() as u64).sum());
                self.waiting.set(index, services().map(|service| service.waiting.len() as u64).sum());
            }
            Event::P2pPut { .. } => {
                self.put.add(index);
                self.queued.set(index, self.queued.now() + 1);
            }
            Event::P2pTaken { .. } => self.queued.set(index, self.queued.now().saturating_sub(1)),
            Event::P2pProcessed { .. } => self.gone.add(index),
            // What its consumer held has come back.
            Event::P2pConsumerGone { .. } => {
                let waiting = world.p2p_queues().map(|(_, queue)| queue.waiting.len() as u64).sum();
                self.queued.set(index, waiting);
            }
            _ => {}
        }
        false
    }

    fn closed(&mut self, index: usize) {
        self.open.set(index, self.open.now().saturating_sub(1));
    }
}
