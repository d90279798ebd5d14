//! A topic: a named container of queues. Queues hold the data, a topic only says which of them may be written and
//! read.

use std::rc::Rc;

use super::event::TopicOrigin;
use super::id::{QueueId, TopicId};
use super::spec::{Cleanup, TopicType};

/// A topic as it stands.
#[derive(Clone, Debug)]
pub struct TopicState {
    /// Its name; retry and dead-letter topics have RocketMQ's own names.
    pub name: Rc<str>,
    /// Which type of message it takes.
    pub message_type: TopicType,
    /// Deleted, with the group that it was made for.
    pub removed: bool,
    /// Why it exists.
    pub origin: TopicOrigin,
    /// All its queues in order of their number.
    pub queues: Vec<QueueId>,
    /// Producers see the first so many.
    pub write_queues: u32,
    /// Consumers see the first so many.
    pub read_queues: u32,
    /// What goes of its messages.
    pub cleanup: Cleanup,
}

impl TopicState {
    /// Is it a topic that somebody created, rather than one that a group's failures brought about?
    pub fn is_ordinary(&self) -> bool {
        matches!(self.origin, TopicOrigin::Command(_))
    }

    /// Is it one of a group's retry topics?
    pub fn is_retry(&self) -> bool {
        matches!(self.origin, TopicOrigin::RetryOfGroup(_) | TopicOrigin::RetryOfTopic(..))
    }

    /// The topic whose retries it takes, if it takes those of one topic only.
    pub fn retries_of(&self) -> Option<TopicId> {
        if let TopicOrigin::RetryOfTopic(_, topic) = self.origin { Some(topic) } else { None }
    }

    /// Is it the one for half messages that were checked to no avail?
    pub fn is_set_aside(&self) -> bool {
        self.origin == TopicOrigin::SetAside
    }

    /// Does it keep only the newest message of each key?
    pub fn compacts(&self) -> bool {
        self.cleanup == Cleanup::Compaction
    }

    /// Is it the one for copies of answers?
    pub fn is_replies(&self) -> bool {
        self.origin == TopicOrigin::Replies
    }

    /// Is it a group's dead-letter topic?
    pub fn is_dead_letter(&self) -> bool {
        matches!(self.origin, TopicOrigin::DeadLettersOf(_))
    }

    /// The queues a producer may write to.
    pub fn writable(&self) -> &[QueueId] {
        &self.queues[..self.write_queues as usize]
    }

    /// The queues a consumer may read from.
    pub fn readable(&self) -> &[QueueId] {
        &self.queues[..self.read_queues as usize]
    }
}
