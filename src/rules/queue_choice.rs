//! Which queue a key leads to. Three choices coexist: the 5.x client's, the proxy's, which overrules it, and the one that
//! users of the classic client write; besides them the broker has an index of sharding keys.
//!
//! All are given the number of queues that can be written to and answer with a position among them, in the order of
//! [`sort_for_proxy`]. `None` says that the choice is not defined: there is no queue, or the proxy sees no key.

use super::hash::{java_hash, jump, murmur3_32, sip24};

/// The order in which the proxy counts queues: by broker name, then by number (`MessageQueueSelector`).
pub fn sort_for_proxy<B: Ord>(queues: &mut [(B, u32)]) {
    queues.sort();
}

/// The 5.x client's choice for a message group: `SipHash` modulo the number of queues (`PublishingLoadBalancer`).
pub fn client_queue(message_group: &str, queues: u32) -> Option<u32> {
    let place = sip24(message_group.as_bytes()).checked_rem_euclid(queues.into())?;
    u32::try_from(place).ok()
}

/// The proxy's choice for a message group, which decides: jump hash of the Java hash (`SendMessageActivity`). Without a
/// message group it goes round robin instead, so the empty one has no answer.
pub fn proxy_queue(message_group: &str, queues: u32) -> Option<u32> {
    if message_group.is_empty() { None } else { jump(java_hash(message_group).into(), queues) }
}

/// The classic client's choice by hash: the remainder of the Java hash without its sign (`SelectMessageQueueByHash`).
pub fn classic_queue(key: &str, queues: u32) -> Option<u32> {
    remainder(java_hash(key), queues)
}

/// A sharding key's place in an index of `size` entries: murmur3, the remainder without its sign (`MessageUtils`).
pub fn sharding_key_index(key: &str, size: u32) -> Option<u32> {
    remainder(murmur3_32(key.as_bytes()), size)
}

/// What Java's `Math.abs(hash % size)` gives.
fn remainder(hash: i32, size: u32) -> Option<u32> {
    u32::try_from(i64::from(hash).checked_rem(size.into())?.abs()).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn message_groups_go_where_the_client_and_the_proxy_send_them() {
        let known = [
            ("G1", 0, 5, 3, 3),
            ("G2", 2, 6, 2, 6),
            ("G3", 2, 7, 0, 4),
            ("G4", 1, 1, 1, 1),
            ("order-1", 3, 3, 3, 7),
            ("order-2", 2, 2, 2, 6),
            ("order-3", 3, 7, 1, 1),
            ("order-42", 3, 3, 1, 5),
            ("user_10086", 3, 6, 2, 2),
            ("fifoGroup001", 1, 1, 1, 5),
        ];
        for (group, proxy_4, proxy_8, client_4, client_8) in known {
            assert_eq!(proxy_queue(group, 4), Some(proxy_4), "{group}");
            assert_eq!(proxy_queue(group, 8), Some(proxy_8), "{group}");
            assert_eq!(client_queue(group, 4), Some(client_4), "{group}");
            assert_eq!(client_queue(group, 8), Some(client_8), "{group}");
        }
    }

    #[test]
    fn without_queues_there_is_no_choice_and_without_key_the_proxy_makes_none() {
        for choice in [client_queue, proxy_queue, classic_queue, sharding_key_index] {
            assert_eq!(choice("G1", 0), None);
            assert_eq!(choice("G1", 1), Some(0));
        }
        assert_eq!(proxy_queue("", 4), None);
        assert_eq!(classic_queue("", 4), Some(0));
    }

    #[test]
    fn the_proxy_counts_queues_by_name_not_by_number() {
        let mut queues = vec![("b10", 0), ("b2", 1), ("b10", 1), ("b2", 0)];
        sort_for_proxy(&mut queues);
        assert_eq!(queues, [("b10", 0), ("b10", 1), ("b2", 0), ("b2", 1)]);
    }
}
