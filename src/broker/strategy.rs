//! How queues are shared out among consumers (`AllocateMessageQueueStrategy`): what a group is told, and who gets what by it.
//!
//! The rules are in [`crate::rules::allocate`]. Two of them look at machine rooms. The world has one broker and no rooms, so
//! the strategy itself says where queues and consumers stand, as the resolver does that one gives to RocketMQ.

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;

use crate::rules::allocate::{self, QueueName, Rooms, VIRTUAL_NODES, average_share, circle_share};

/// The one broker's name, by which queues stand on the ring of hashes.
const BROKER: &str = "broker-a";

/// How queues are shared out among consumers.
#[derive(Clone, Debug, PartialEq, Eq, Default, Serialize)]
pub enum Strategy {
    /// Contiguous blocks (`AllocateMessageQueueAveragely`).
    #[default]
    Avg,
    /// One in turn to each (`AllocateMessageQueueAveragelyByCircle`).
    AvgByCircle,
    /// By a ring of hashes on which each consumer stands ten times (`AllocateMessageQueueConsistentHash`).
    ConsistentHash,
    /// What each consumer was configured with, whatever the others do (`AllocateMessageQueueByConfig`).
    Config(Vec<Configured>),
    /// Only queues in some rooms (`AllocateMessageQueueByMachineRoom`).
    MachineRoom {
        /// The rooms of the queues 0, 1, … of each topic, taken in turn.
        queues: Vec<String>,
        /// The rooms whose queues are read.
        rooms: Vec<String>,
    },
    /// The queues of a room among its consumers, in blocks; those of a room without consumers among all
    /// (`AllocateMachineRoomNearby`).
    MachineRoomNearby {
        /// The rooms of the queues 0, 1, … of each topic, taken in turn.
        queues: Vec<String>,
        /// Where the consumers stand, by name.
        consumers: Vec<(String, String)>,
    },
}

/// The queues of a topic that a consumer was configured with.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Configured {
    /// Which consumer.
    pub consumer: String,
    /// Which topic.
    pub topic: String,
    /// Which of its queues.
    pub queues: Vec<u32>,
}

impl Strategy {
    /// RocketMQ's own word for it.
    pub fn name(&self) -> &'static str {
        match self {
            Self::Avg => "AVG",
            Self::AvgByCircle => "AVG_BY_CIRCLE",
            Self::ConsistentHash => "CONSISTENT_HASH",
            Self::Config(_) => "CONFIG",
            Self::MachineRoom { .. } => "MACHINE_ROOM",
            Self::MachineRoomNearby { .. } => "MACHINE_ROOM_NEARBY",
        }
    }

    /// Who reads which of a topic's readable queues: for each queue the position of its consumer in `consumers`, which are
    /// sorted. `before` says who has them now.
    ///
    /// A client that the rule tells nothing keeps what it has. Where two consumers are configured with one queue, RocketMQ
    /// lets both read it; here the first has it.
    pub fn owners(
        &self,
        topic: &Topic<'_>,
        consumers: &[&str],
        before: &[Option<usize>],
    ) -> Vec<Option<usize>> {
        let mut owners = vec![None; before.len()];
        match self {
            Self::Avg => {
                for index in 0..consumers.len() {
                    owners[average_share(before.len(), consumers.len(), index)].fill(Some(index));
                }
            }
            Self::AvgByCircle => {
                for index in 0..consumers.len() {
                    circle_share(before.len(), consumers.len(), index)
                        .for_each(|at| owners[at] = Some(index));
                }
            }
            _ => self.by_name(topic, consumers, before, &mut owners),
        }
        owners
    }

    /// The strategies that look at names.
    fn by_name(
        &self,
        topic: &Topic<'_>,
        consumers: &[&str],
        before: &[Option<usize>],
        owners: &mut [Option<usize>],
    ) {
        let mut queues: Vec<QueueName> =
            (0..before.len()).map(|number| self.queue_name(topic, number)).collect();
        let place = |name: &QueueName| usize::try_from(name.id).ok().filter(|place| *place < before.len());
        queues.sort();
        let names: Vec<String> = consumers.iter().map(|name| (*name).to_owned()).collect();
        for (index, consumer) in names.iter().enumerate() {
            let share = match self.share(topic, consumer, &queues, &names) {
                Ok(share) => share,
                Err(_) => (0..before.len())
                    .filter(|place| before[*place] == Some(index))
                    .map(|at| self.queue_name(topic, at))
                    .collect(),
            };
            for place in share.iter().filter_map(place) {
                owners[place] = owners[place].or(Some(index));
            }
        }
    }

    fn share(
        &self,
        topic: &Topic<'_>,
        consumer: &str,
        queues: &[QueueName],
        consumers: &[String],
    ) -> Result<Vec<QueueName>, allocate::Refusal> {
        let share = |strategy| {
            let share = allocate::allocate(strategy, Some(consumer), queues, consumers)?;
            Ok(share.into_iter().cloned().collect())
        };
        match self {
            Self::Avg => share(allocate::Strategy::Average),
            Self::AvgByCircle => share(allocate::Strategy::AverageByCircle),
            Self::ConsistentHash => {
                share(allocate::Strategy::ConsistentHash { virtual_nodes: VIRTUAL_NODES })
            }
            Self::Config(all) => {
                let own = all.iter().filter(|one| one.consumer == consumer && one.topic == topic.name);
                let own =
                    own.flat_map(|one| &one.queues).map(|number| self.queue_name(topic, *number as usize));
                let own: Vec<QueueName> = own.collect();
                let share =
                    allocate::allocate(allocate::Strategy::Config(&own), Some(consumer), queues, consumers)?;
                Ok(share.into_iter().cloned().collect())
            }
            Self::MachineRoom { rooms, .. } => {
                let rooms: BTreeSet<String> = rooms.iter().cloned().collect();
                share(allocate::Strategy::MachineRoom(&rooms))
            }
            Self::MachineRoomNearby { consumers, .. } => {
                let rooms =
                    Standing(consumers.iter().map(|(name, room)| (name.as_str(), room.as_str())).collect());
                share(allocate::Strategy::MachineRoomNearby {
                    inner: &allocate::Strategy::Average,
                    rooms: &rooms,
                })
            }
        }
    }

    /// A queue as the rules know it. Failed messages go back to the broker that they came from, so a retry topic stands
    /// where messages are read: in the first room of those.
    fn queue_name(&self, topic: &Topic<'_>, number: usize) -> QueueName {
        let room = match self {
            Self::MachineRoom { rooms, .. } if topic.is_retry => rooms.first(),
            Self::MachineRoom { queues, .. } | Self::MachineRoomNearby { queues, .. } => {
                queues.get(number % queues.len().max(1))
            }
            _ => None,
        };
        let broker = room.map_or_else(|| BROKER.to_owned(), |room| format!("{room}@{BROKER}"));
        QueueName { topic: topic.name.to_owned(), broker, id: i32::try_from(number).unwrap_or(i32::MAX) }
    }
}

/// A topic whose queues are shared out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Topic<'a> {
    /// Its name.
    pub name: &'a str,
    /// Is it one of the group's retry topics?
    pub is_retry: bool,
}

/// Where consumers stand, by name. A queue's room is in its broker's name.
struct Standing<'a>(BTreeMap<&'a str, &'a str>);

impl Rooms for Standing<'_> {
    fn room_of_queue(&self, queue: &QueueName) -> Option<String> {
        queue.broker.split_once('@').map(|(room, _)| room.to_owned())
    }

    fn room_of_consumer(&self, consumer: &str) -> Option<String> {
        self.0.get(consumer).map(|room| (*room).to_owned())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(names: &[&str]) -> Vec<String> {
        names.iter().map(|name| (*name).to_owned()).collect()
    }

    /// Everyone's queues, as the golden vectors give them.
    fn shares(strategy: &Strategy, queues: usize, consumers: &[&str]) -> Vec<Vec<usize>> {
        let topic = Topic { name: "T", is_retry: false };
        let owners = strategy.owners(&topic, consumers, &vec![None; queues]);
        let of = |index| (0..queues).filter(|queue| owners[*queue] == Some(index)).collect();
        (0..consumers.len()).map(of).collect()
    }

    #[test]
    fn golden_vectors() {
        let ring = |consumers: &[&str]| shares(&Strategy::ConsistentHash, 8, consumers);
        assert_eq!(ring(&["c1", "c2"]), [vec![0, 3, 4], vec![1, 2, 5, 6, 7]]);
        assert_eq!(ring(&["c1", "c2", "c3"]), [vec![0, 4], vec![1, 2, 5, 6, 7], vec![3]]);
        let four = ring(&["c1", "c2", "c3", "c4"]);
        assert_eq!(four, [vec![0], vec![7], vec![3], vec![1, 2, 4, 5, 6]]);
        let room = Strategy::MachineRoom { queues: names(&["hz"]), rooms: names(&["hz"]) };
        assert_eq!(shares(&room, 8, &["c1", "c2", "c3"]), [vec![0, 1, 6], vec![2, 3, 7], vec![4, 5]]);
        assert_eq!(shares(&room, 4, &["c1", "c2", "c3"]), [vec![0, 3], vec![1], vec![2]]);
        assert_eq!(
            shares(&Strategy::Avg, 8, &["c1", "c2", "c3"]),
            [vec![0, 1, 2], vec![3, 4, 5], vec![6, 7]]
        );
        let circle = shares(&Strategy::AvgByCircle, 8, &["c1", "c2", "c3"]);
        assert_eq!(circle, [vec![0, 3, 6], vec![1, 4, 7], vec![2, 5]]);
    }

    #[test]
    fn queues_of_another_room_are_read_by_nobody_or_by_all() {
        let queues = names(&["hz", "sh"]);
        let room = Strategy::MachineRoom { queues: queues.clone(), rooms: names(&["hz"]) };
        assert_eq!(shares(&room, 8, &["c1", "c2"]), [vec![0, 2], vec![4, 6]]);
        let at = |who: &[(&str, &str)]| Strategy::MachineRoomNearby {
            queues: queues.clone(),
            consumers: who.iter().map(|(name, room)| ((*name).to_owned(), (*room).to_owned())).collect(),
        };
        let both = at(&[("c1", "hz"), ("c2", "sh")]);
        assert_eq!(shares(&both, 8, &["c1", "c2"]), [vec![0, 2, 4, 6], vec![1, 3, 5, 7]]);
        assert_eq!(shares(&both, 8, &["c2"]), [vec![0, 1, 2, 3, 4, 5, 6, 7]]);
        let alone = at(&[("c1", "hz"), ("c2", "hz")]);
        assert_eq!(shares(&alone, 8, &["c1", "c2"]), [vec![0, 1, 2, 3], vec![4, 5, 6, 7]]);
    }

    #[test]
    fn who_is_told_nothing_keeps_what_it_has() {
        let unknown = Strategy::MachineRoomNearby { queues: names(&["hz"]), consumers: Vec::new() };
        let topic = Topic { name: "T", is_retry: false };
        assert_eq!(unknown.owners(&topic, &["c1", "c2"], &[Some(1), None]), [Some(1), None]);
    }
}
