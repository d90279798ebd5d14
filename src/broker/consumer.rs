//! A consumer: one running client of a group, with a cache and listener threads.

use std::collections::VecDeque;
use std::rc::Rc;

use super::id::{ConsumerId, FilterId, GroupId, ProgressId, TopicId};
use super::lite::Client;
use super::message_queue::StoredCopy;
use super::spec::{Application, ConsumerSpec, Failure};
use crate::sim::{Distribution, Draws, Instant, Sampler, Slot, Span, sort_by_key};

/// A consumer as it stands.
#[derive(Clone, Debug)]
pub struct ConsumerState {
    /// The one group it belongs to.
    pub group: GroupId,
    /// What it was started with.
    pub spec: Rc<ConsumerSpec>,
    /// What it is doing.
    pub status: ConsumerStatus,
    /// Since when.
    pub since: Instant,
    /// How long its listener takes; starts as in `spec`.
    pub processing: Distribution,
    /// The same, made ready.
    pub(super) sampler: Sampler,
    /// When its listener fails; starts as in `spec`.
    pub failure: Rc<Failure>,
    /// Is that never, by `failure`?
    pub(super) never_fails: bool,
    /// So many of its next results are failures, whatever the rule says.
    pub fail_next: u32,
    /// Received and waiting for a thread, first come first served.
    pub cache: VecDeque<Task>,
    /// Is it a pull consumer, which takes from its cache only when its application polls?
    pub pulls: bool,
    /// Of a pull consumer: what polls returned and its application has not begun with.
    pub polled: VecDeque<Task>,
    /// Of a pull consumer: the first poll from then on commits by itself.
    pub(super) commits_at: Instant,
    /// What each listener thread works on. It never shrinks: a thread beyond `thread_count` ends its work and rests.
    pub threads: Vec<Thread>,
    /// How many of them may start on something.
    pub thread_count: u32,
    /// How many of them are at work.
    pub busy: u32,
    /// Messages handed to it and unfinished, those on their way included.
    pub outstanding: u32,
    /// Of these, on their way.
    pub in_transit: u32,
    /// Its own filters, for topics where it has one.
    pub filters: Vec<(TopicId, FilterId)>,
    /// In queue balancing: how many queues it owns.
    pub owned: u32,
    /// The share of its cache that each of its process queues has.
    pub(super) queue_room: u32,
    /// Grows with every restart: what was on its way to an older process is lost.
    pub incarnation: u32,
    /// What gets through between it and the broker.
    pub reach: Reach,
    /// The broker counts it as gone, though it lives: it could not be heard of for too long, or the broker was down.
    pub unheard: bool,
    /// After a crash: the broker has noticed.
    pub crash_detected: bool,
    /// In message balancing: receives it has sent so far; chance is keyed by them.
    pub receives: u64,
    /// In message balancing: its receive waits at the broker.
    pub parked: bool,
    /// How long its listener may take for a message; what takes as long has failed.
    pub timeout: Span,
    /// Of a simple consumer: how long what it receives is invisible to others.
    pub invisible: Span,
    /// Of a client of lite topics: what it subscribes to, and what waits for it.
    pub lite: Option<Box<Client>>,
    /// Counts for the table.
    pub counts: ConsumerCounts,
    /// A stable number made from the group's and its name.
    pub key: u64,
    /// The luck of its group's listeners, message by message.
    pub(super) luck: Draws,
    pub(super) life_slot: Slot,
    pub(super) persist_slot: Slot,
}

/// What gets through between a consumer and the broker.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub enum Reach {
    /// Everything.
    #[default]
    Open,
    /// What it says; messages for it wait on the link.
    Held,
    /// Nothing.
    Cut,
}

/// What a consumer is doing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ConsumerStatus {
    /// Connected and taking messages.
    Running,
    /// Connected, taking nothing new.
    Paused,
    /// Shutting down: finishing what it holds.
    Leaving,
    /// Gone, cleanly.
    Left,
    /// Its process died.
    Crashed,
}

impl ConsumerStatus {
    /// The word used in files and output.
    pub fn name(self) -> &'static str {
        match self {
            Self::Running => "running",
            Self::Paused => "paused",
            Self::Leaving => "leaving",
            Self::Left => "left",
            Self::Crashed => "crashed",
        }
    }

    /// Is it connected and meant to stay?
    pub fn is_member(self) -> bool {
        matches!(self, Self::Running | Self::Paused)
    }
}

/// What a running consumer is at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Doing {
    /// It has messages.
    Working,
    /// It has none at the moment.
    Idle,
    /// Whole queues are shared out, and it got none.
    NoQueue,
    /// Whole queues are shared out, and nobody has yet computed which ones it gets.
    WaitsForQueues,
}

/// A message in a consumer's hands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Task {
    /// Through which progress it came.
    pub progress: ProgressId,
    /// Which message of that queue.
    pub offset: u64,
    /// The epoch of the progress when it was handed out.
    pub epoch: u32,
    /// Was the message handed out before?
    pub again: bool,
    /// When it was handed out.
    pub handed_out_at: Instant,
    /// When it reached the consumer.
    pub received_at: Instant,
    /// The entry that received it.
    pub cause: u64,
    /// What is stored there.
    pub(super) copy: StoredCopy,
}

/// A listener thread.
#[derive(Clone, Debug)]
pub struct Thread {
    pub(super) slot: Slot,
    /// What it works on.
    pub work: Option<Work>,
}

/// A message being processed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Work {
    /// Which.
    pub task: Task,
    /// When the listener started.
    pub started_at: Instant,
    /// When it will end.
    pub finishes_at: Instant,
}

/// What a consumer has done so far.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ConsumerCounts {
    /// Messages handed to it.
    pub deliveries: u64,
    /// Successes the broker took.
    pub acknowledged: u64,
    /// Failures.
    pub failed: u64,
    /// Time its threads spent in finished listeners.
    pub busy: Span,
}

impl ConsumerState {
    /// Does the broker count it as a member of its group? One that died is a member until the broker notices.
    pub fn is_member(&self) -> bool {
        let counts =
            self.status.is_member() || self.status == ConsumerStatus::Crashed && !self.crash_detected;
        counts && !self.unheard
    }

    /// Does it take new messages?
    pub fn takes_messages(&self) -> bool {
        self.status == ConsumerStatus::Running
    }

    /// Does it take new messages, and can it be reached?
    pub(super) fn is_given_messages(&self) -> bool {
        self.takes_messages() && self.reach == Reach::Open
    }

    /// Does it live on and is given nothing, because it is paused, shutting down, or cannot be reached?
    pub(super) fn is_passive(&self) -> bool {
        self.is_alive() && !self.is_given_messages()
    }

    /// May messages stay in its cache though threads are free?
    #[inline(always)]
    pub(super) fn starts_from_cache(&self) -> bool {
        !self.pulls
    }

    /// Does it do only what a person asks for?
    pub fn is_by_hand(&self) -> bool {
        self.spec.application == Application::ByHand
    }

    /// Is it shutting down?
    pub fn is_leaving(&self) -> bool {
        self.status == ConsumerStatus::Leaving
    }

    /// Is it alive, in whatever state?
    pub fn is_alive(&self) -> bool {
        !matches!(self.status, ConsumerStatus::Left | ConsumerStatus::Crashed)
    }

    /// Does something wait in its cache, perhaps with a free thread to take it?
    #[inline(always)]
    pub(super) fn could_start(&self) -> bool {
        !self.cache.is_empty() && self.busy < self.thread_count && self.starts_from_cache()
    }

    /// The threads that may start on something and work on nothing, in order.
    pub(super) fn free_threads(&self) -> impl Iterator<Item = u32> {
        let usable = self.threads.iter().zip(0..self.thread_count);
        usable.filter(|(thread, _)| thread.work.is_none()).map(|(_, number)| number)
    }

    /// The first of them.
    #[inline(always)]
    pub(super) fn first_free_thread(&self) -> Option<u32> {
        let first = self.threads.iter().position(|thread| thread.work.is_none())? as u32;
        (first < self.thread_count).then_some(first)
    }

    /// What its threads hold now, in thread order.
    pub fn work(&self) -> impl Iterator<Item = (usize, &Work)> {
        self.threads.iter().enumerate().filter_map(|(index, thread)| Some((index, thread.work.as_ref()?)))
    }
}

/// Orders consumers the way the allocation strategies see them: by name.
pub(super) fn by_name(consumers: &[ConsumerState], ids: &mut [ConsumerId]) {
    sort_by_key(ids, |id| &consumers[id.index()].spec.name);
}
