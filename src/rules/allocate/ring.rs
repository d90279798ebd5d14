//! Consistent hashing: consumers stand on a ring, each at several points, and a queue belongs to whoever comes next.
//!
//! Source: `AllocateMessageQueueConsistentHash`, `ConsistentHashRouter`, `VirtualNode`.

use std::collections::BTreeMap;

use super::QueueName;

/// How often a consumer stands on the ring, unless it is said otherwise.
pub const VIRTUAL_NODES: i32 = 10;

/// Where a key lies on the ring: the first four bytes of its MD5, the highest first.
///
/// Source: `ConsistentHashRouter.MD5Hash`.
pub fn ring_position(key: &str) -> u32 {
    let [first, second, third, fourth, ..] = md5::compute(key).0;
    u32::from_be_bytes([first, second, third, fourth])
}

/// The queues that come before one of the consumer's points. With no points on the ring nobody gets anything.
pub(super) fn share<'a>(
    virtual_nodes: i32,
    consumer: &str,
    queues: &[&'a QueueName],
    consumers: &[&String],
) -> Vec<&'a QueueName> {
    let mut ring: BTreeMap<u32, &str> = BTreeMap::new();
    for name in consumers {
        // A name that is there twice goes on counting. Where two points fall together, the later takes the place.
        let already = ring.values().filter(|other| *other == name).count();
        for number in 0..virtual_nodes {
            ring.insert(ring_position(&format!("{name}-{}", already + number as usize)), name);
        }
    }
    let owner = |queue: &QueueName| {
        let position = ring_position(&queue.to_string());
        ring.range(position..).next().or_else(|| ring.first_key_value()).map(|(_, name)| *name)
    };
    queues.iter().copied().filter(|queue| owner(queue) == Some(consumer)).collect()
}
