//! What retry topics are called (`MixAll`, `KeyBuilder`), and when two groups would give one name to theirs.

use super::spec::{ConsumeMode, GroupSpec};

/// The retry topic of a group: the one for a topic in message balancing, or the one for all in queue balancing.
pub(super) fn retry_topic_name(group: &str, topic: Option<&str>) -> String {
    match topic {
        Some(topic) => format!("%RETRY%{group}_{topic}"),
        None => format!("%RETRY%{group}"),
    }
}

/// A name that two groups may both give to a retry topic, however they are balanced, for that can change: `%RETRY%a_b`
/// is what group `a_b` calls its own, and group `a` the one for topic `b`.
pub fn shared_retry_topic(one: &GroupSpec, other: &GroupSpec) -> Option<String> {
    if [one, other].iter().any(|group| group.mode == ConsumeMode::Broadcasting) {
        return None;
    }
    let (short, long) = if one.name.len() < other.name.len() { (one, other) } else { (other, one) };
    let rest = long.name.strip_prefix(&*short.name)?.strip_prefix('_')?;
    let is_of_long = |topic: &str| long.subscriptions.iter().any(|of_long| of_long.topic == topic);
    let mut topics = short.subscriptions.iter().map(|subscription| subscription.topic.as_str());
    let shared = topics.find(|topic| match topic.strip_prefix(rest) {
        Some("") => true,
        Some(more) => more.strip_prefix('_').is_some_and(is_of_long),
        None => false,
    })?;
    Some(retry_topic_name(&short.name, Some(shared)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::broker::spec::{
        Balance, ConsumerType, DeliveryOrder, InitialOffset, RetryRule, Strategy, SubscriptionSpec,
    };

    fn group(name: &str, topics: &str) -> GroupSpec {
        GroupSpec {
            name: name.to_owned(),
            mode: ConsumeMode::Clustering,
            consumer_type: ConsumerType::Push,
            balance: Balance::Message,
            strategy: Strategy::Avg,
            retry: RetryRule::default(),
            delivery_order: DeliveryOrder::Concurrent,
            idempotent: None,
            lite_sub_model: None,
            replies: false,
            initial_offset: InitialOffset::Latest,
            subscriptions: topics.split(' ').map(SubscriptionSpec::all).collect(),
            consumers: Vec::new(),
        }
    }

    #[test]
    fn two_groups_may_give_one_name() {
        let cases = [
            ("g", "o_x", "g_o", "x", Some("%RETRY%g_o_x")),
            ("g", "o", "g_o", "y", Some("%RETRY%g_o")),
            ("g", "z _x", "g_", "x", Some("%RETRY%g__x")),
            ("g", "o", "g_p", "o", None),
            ("g", "ox", "g_o", "x", None),
            ("go", "x", "g_o", "x", None),
            ("g", "o_x", "g_o", "y", None),
        ];
        for (one, topics, other, others, shared) in cases {
            let (one, other) = (group(one, topics), group(other, others));
            assert_eq!(shared_retry_topic(&one, &other).as_deref(), shared);
            assert_eq!(shared_retry_topic(&other, &one).as_deref(), shared);
            let broadcasting = GroupSpec { mode: ConsumeMode::Broadcasting, ..one };
            assert_eq!(shared_retry_topic(&broadcasting, &other), None);
        }
    }
}
