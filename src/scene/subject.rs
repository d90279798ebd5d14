//! What a shape depicts: the thing that is selected when somebody points at it.

use std::fmt;

use crate::broker::{CallerId, P2pId, ServiceId};
use crate::broker::{ConsumerId, GroupId, LiteId, MessageRef, ProducerId, ProgressId, QueueId, TopicId};

/// Anything on the stage that can be pointed at.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Subject {
    /// A producer.
    Producer(ProducerId),
    /// A message that is on its way to the broker: whose, and which of its messages.
    Sending(ProducerId, u64),
    /// A topic.
    Topic(TopicId),
    /// The messages of a topic that wait in the timer.
    Timer(TopicId),
    /// The half messages for a topic.
    Curtain(TopicId),
    /// A lite topic.
    Lite(LiteId),
    /// One queue of a topic.
    Queue(QueueId),
    /// A stored message, or its ghost on the way to a consumer.
    Message(MessageRef),
    /// How far a group has come in a queue.
    Cursor(ProgressId),
    /// A consumer group.
    Group(GroupId),
    /// One consumer.
    Consumer(ConsumerId),
    /// One listener thread of a consumer.
    Thread(ConsumerId, u32),
    /// A service that is called directly.
    Service(ServiceId),
    /// A caller.
    Caller(CallerId),
    /// A point-to-point queue.
    P2p(P2pId),
    /// The failed messages of a group that wait for their next delivery.
    RetryShelf(GroupId),
    /// The messages a group has given up.
    DeadLetters(GroupId),
}

impl Subject {
    /// How specific it is: of two things under the pointer the one with the higher rank is meant.
    pub(super) fn rank(self) -> u8 {
        match self {
            Self::Topic(_) | Self::Group(_) => 0,
            Self::Queue(_) | Self::Producer(_) => 1,
            Self::Consumer(_) | Self::Service(_) | Self::Caller(_) | Self::P2p(_) => 2,
            Self::Thread(..)
            | Self::RetryShelf(_)
            | Self::DeadLetters(_)
            | Self::Timer(_)
            | Self::Lite(_)
            | Self::Curtain(_) => 3,
            Self::Message(_) | Self::Cursor(_) => 4,
            Self::Sending(..) => 5,
        }
    }
}

impl fmt::Display for Subject {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Producer(id) => write!(f, "producer {}", id.0),
            Self::Sending(id, number) => write!(f, "sending {}#{number}", id.0),
            Self::Topic(id) => write!(f, "topic {}", id.0),
            Self::Timer(id) => write!(f, "timer {}", id.0),
            Self::Curtain(id) => write!(f, "curtain {}", id.0),
            Self::Lite(id) => write!(f, "lite {}", id.0),
            Self::Queue(id) => write!(f, "queue {}", id.0),
            Self::Message(at) => write!(f, "message {}@{}", at.queue.0, at.offset),
            Self::Cursor(id) => write!(f, "cursor {}", id.0),
            Self::Group(id) => write!(f, "group {}", id.0),
            Self::Consumer(id) => write!(f, "consumer {}", id.0),
            Self::Thread(id, n) => write!(f, "thread {}/{n}", id.0),
            Self::Service(id) => write!(f, "service {}", id.0),
            Self::Caller(id) => write!(f, "caller {}", id.0),
            Self::P2p(id) => write!(f, "p2p {}", id.0),
            Self::RetryShelf(id) => write!(f, "retries {}", id.0),
            Self::DeadLetters(id) => write!(f, "dead letters {}", id.0),
        }
    }
}
