//! Sharing out a topic's queues among the consumers of a group.
//!
//! Every client computes its own share from the same two sorted lists, so all of them come to one answer without talking
//! to each other. [`average_share`] and [`circle_share`] are the rule itself, in positions; [`allocate`] is what a client
//! does, with names.
//!
//! Source: `AllocateMessageQueueStrategy` and its implementations.

pub mod pop;
mod ring;
mod rooms;

pub use ring::{VIRTUAL_NODES, ring_position};
pub use rooms::Rooms;

use std::collections::BTreeSet;
use std::fmt;
use std::ops::Range;

/// A message queue by its name. Printed as Java prints it, which is what the ring hashes.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct QueueName {
    /// The topic.
    pub topic: String,
    /// The broker.
    pub broker: String,
    /// Which of the topic's queues on that broker.
    pub id: i32,
}

impl fmt::Display for QueueName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { topic, broker, id } = self;
        write!(f, "MessageQueue [topic={topic}, brokerName={broker}, queueId={id}]")
    }
}

/// How queues are shared out.
#[derive(Clone, Copy)]
pub enum Strategy<'a> {
    /// Blocks of neighbours, as equal as can be. The default.
    Average,
    /// In turn, as cards are dealt.
    AverageByCircle,
    /// By a ring of hashes: few queues move when a consumer comes or goes.
    ConsistentHash {
        /// How often each consumer stands on the ring; [`VIRTUAL_NODES`] is the default.
        virtual_nodes: i32,
    },
    /// The queues that this client was configured with, whatever the lists say.
    Config(&'a [QueueName]),
    /// Only queues in these rooms, whose brokers are named `room@name`, as equal as can be.
    MachineRoom(&'a BTreeSet<String>),
    /// The queues of a room among the consumers of that room; those of a room without consumers among all.
    MachineRoomNearby {
        /// How they are shared out there.
        inner: &'a Strategy<'a>,
        /// Which room a broker and a consumer stand in.
        rooms: &'a dyn Rooms,
    },
}

/// Why nothing can be shared out. In RocketMQ a client that is told so keeps the queues it has.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Refusal {
    /// The asking consumer has no name.
    ConsumerMissing,
    /// There are no queues.
    NoQueues,
    /// There are no consumers.
    NoConsumers,
    /// A negative number of virtual nodes.
    VirtualNodesNegative(i32),
    /// Nobody knows in which room this queue is.
    RoomOfQueueUnknown(QueueName),
    /// Nobody knows in which room this consumer is.
    RoomOfConsumerUnknown(String),
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::ConsumerMissing => write!(f, "the consumer that asks has no name"),
            Self::NoQueues => write!(f, "there are no queues to share out"),
            Self::NoConsumers => write!(f, "there are no consumers to share queues among"),
            Self::VirtualNodesNegative(number) => {
                write!(f, "{number} virtual nodes are not possible; 0 or more are")
            }
            Self::RoomOfQueueUnknown(queue) => write!(f, "no machine room is known of {queue}"),
            Self::RoomOfConsumerUnknown(consumer) => write!(f, "no machine room is known of {consumer}"),
        }
    }
}

impl std::error::Error for Refusal {}

/// The share of the consumer with `index` among `consumers`: a block of positions in the sorted list of `queues`. The
/// first consumers get one more if it does not come out even. No share for an index that is not among them.
///
/// Source: `AllocateMessageQueueAveragely`.
pub fn average_share(queues: usize, consumers: usize, index: usize) -> Range<usize> {
    if index >= consumers {
        return 0..0;
    }
    let (each, rest) = (queues / consumers, queues % consumers);
    let start = index * each + index.min(rest);
    start..start + each + usize::from(index < rest)
}

/// The share of the consumer with `index` among `consumers`: its position, and each that comes a round later.
///
/// Source: `AllocateMessageQueueAveragelyByCircle`.
pub fn circle_share(queues: usize, consumers: usize, index: usize) -> impl Iterator<Item = usize> {
    let queues = if index < consumers { queues } else { 0 };
    (index..queues).step_by(consumers.max(1))
}

/// The share of one consumer. `queues` and `consumers` are sorted; a consumer that is not among them gets nothing.
///
/// Source: `AllocateMessageQueueStrategy.allocate`, `AbstractAllocateMessageQueueStrategy.check`.
pub fn allocate<'a>(
    strategy: Strategy<'a>,
    consumer: Option<&str>,
    queues: &'a [QueueName],
    consumers: &[String],
) -> Result<Vec<&'a QueueName>, Refusal> {
    allocate_among(
        strategy,
        consumer,
        &queues.iter().collect::<Vec<_>>(),
        &consumers.iter().collect::<Vec<_>>(),
    )
}

fn allocate_among<'a>(
    strategy: Strategy<'a>,
    consumer: Option<&str>,
    queues: &[&'a QueueName],
    consumers: &[&String],
) -> Result<Vec<&'a QueueName>, Refusal> {
    match strategy {
        // The only strategy that looks at nothing else.
        Strategy::Config(configured) => return Ok(configured.iter().collect()),
        Strategy::ConsistentHash { virtual_nodes } if virtual_nodes < 0 => {
            return Err(Refusal::VirtualNodesNegative(virtual_nodes));
        }
        _ => {}
    }
    let consumer = consumer.filter(|name| !name.is_empty()).ok_or(Refusal::ConsumerMissing)?;
    if queues.is_empty() {
        return Err(Refusal::NoQueues);
    }
    if consumers.is_empty() {
        return Err(Refusal::NoConsumers);
    }
    let Some(index) = consumers.iter().position(|name| *name == consumer) else { return Ok(Vec::new()) };
    Ok(match strategy {
        Strategy::Average => queues[average_share(queues.len(), consumers.len(), index)].to_vec(),
        Strategy::AverageByCircle => {
            circle_share(queues.len(), consumers.len(), index).map(|position| queues[position]).collect()
        }
        Strategy::ConsistentHash { virtual_nodes } => ring::share(virtual_nodes, consumer, queues, consumers),
        Strategy::Config(configured) => configured.iter().collect(),
        Strategy::MachineRoom(wanted) => rooms::share_of_rooms(wanted, queues, consumers.len(), index),
        Strategy::MachineRoomNearby { inner, rooms } => {
            rooms::share_nearby(*inner, rooms, consumer, queues, consumers)?
        }
    })
}

#[cfg(test)]
mod tests;
