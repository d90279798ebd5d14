//! Allocation by machine room.
//!
//! Source: `AllocateMessageQueueByMachineRoom`, `AllocateMachineRoomNearby`.

use std::collections::{BTreeMap, BTreeSet};

use super::{QueueName, Refusal, Strategy, allocate_among};

/// Which machine room something stands in; none or an empty name is a [`Refusal`].
///
/// Source: `AllocateMachineRoomNearby.MachineRoomResolver`.
pub trait Rooms {
    /// The room of a queue's broker.
    fn room_of_queue(&self, queue: &QueueName) -> Option<String>;

    /// The room of a consumer.
    fn room_of_consumer(&self, consumer: &str) -> Option<String>;
}

/// Queues in wanted rooms: a block of equal size for each consumer, then one of the rest for each as far as it goes.
/// That is not [`average_share`](super::average_share): the rest comes from the end.
pub(super) fn share_of_rooms<'a>(
    wanted: &BTreeSet<String>,
    queues: &[&'a QueueName],
    consumers: usize,
    index: usize,
) -> Vec<&'a QueueName> {
    let is_wanted =
        |queue: &&&QueueName| room_in_name(&queue.broker).is_some_and(|room| wanted.contains(room));
    let queues: Vec<&QueueName> = queues.iter().filter(is_wanted).copied().collect();
    let (each, rest) = (queues.len() / consumers, queues.len() % consumers);
    let mut share = queues[each * index..each * (index + 1)].to_vec();
    if index < rest {
        share.push(queues[index + each * consumers]);
    }
    share
}

/// The `room` of a broker named `room@name`. As Java splits, signs at the end do not count.
fn room_in_name(broker: &str) -> Option<&str> {
    let (room, name) = broker.trim_end_matches('@').split_once('@')?;
    (!name.contains('@')).then_some(room)
}

/// The consumer's share of its own room, then its share of each room that has queues and no consumer.
pub(super) fn share_nearby<'a>(
    inner: Strategy<'a>,
    rooms: &dyn Rooms,
    consumer: &str,
    queues: &[&'a QueueName],
    consumers: &[&String],
) -> Result<Vec<&'a QueueName>, Refusal> {
    let known = |room: Option<String>| room.filter(|room| !room.is_empty());
    let mut queues_of: BTreeMap<String, Vec<&QueueName>> = BTreeMap::new();
    for queue in queues {
        let room = known(rooms.room_of_queue(queue));
        let room = room.ok_or_else(|| Refusal::RoomOfQueueUnknown((*queue).clone()))?;
        queues_of.entry(room).or_default().push(queue);
    }
    let mut consumers_of: BTreeMap<String, Vec<&String>> = BTreeMap::new();
    for name in consumers {
        let room = known(rooms.room_of_consumer(name));
        let room = room.ok_or_else(|| Refusal::RoomOfConsumerUnknown((*name).clone()))?;
        consumers_of.entry(room).or_default().push(name);
    }
    let mut share = Vec::new();
    if let Some(own) = rooms.room_of_consumer(consumer)
        && let (Some(queues), Some(neighbours)) = (queues_of.remove(&own), consumers_of.get(&own))
    {
        share = allocate_among(inner, Some(consumer), &queues, neighbours)?;
    }
    for (room, queues) in &queues_of {
        if !consumers_of.contains_key(room) {
            share.extend(allocate_among(inner, Some(consumer), queues, consumers)?);
        }
    }
    Ok(share)
}
