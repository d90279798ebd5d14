//! What the proxy tells 5.x clients (`GrpcClientSettingsManager`), and what it does with a message that it received for
//! one (`PopMessageResultFilterImpl`).

use super::filter::tags::TagFilter;
use super::retry::client::Told;
use super::retry::{Exponential, GroupPolicy, is_exhausted};
use super::validation::Limits;

/// What the proxy knows of a consumer group.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GroupConfig {
    /// Are messages delivered in order?
    pub is_orderly: bool,
    /// Retries after the first delivery.
    pub retry_max_times: i32,
    /// When they come.
    pub retry_policy: GroupPolicy,
}

impl Default for GroupConfig {
    fn default() -> Self {
        Self { is_orderly: false, retry_max_times: 16, retry_policy: GroupPolicy::default() }
    }
}

/// What a consumer is told.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ConsumerSettings {
    /// Are messages to be handled in order?
    pub is_fifo: bool,
    /// Messages to ask for at once.
    pub receive_batch: u32,
    /// How long to wait for one, in milliseconds.
    pub long_poll_ms: i64,
    /// Deliveries in all.
    pub attempts_max: i32,
    /// When the next one comes.
    pub backoff: Told,
}

/// What a producer is told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ProducerSettings {
    /// Tries in all.
    pub attempts_max: i32,
    /// When the next one comes, if the broker is busy.
    pub backoff: Exponential,
    /// Is the message's type to be held against the topic's?
    pub is_type_checked: bool,
    /// The largest body in bytes.
    pub body_bytes_max: i64,
}

/// What a consumer of such a group is told: one delivery more than it has retries, and its waits.
pub fn consumer_settings(group: &GroupConfig) -> ConsumerSettings {
    ConsumerSettings {
        is_fifo: group.is_orderly,
        receive_batch: 32,
        long_poll_ms: 20_000,
        attempts_max: group.retry_max_times.wrapping_add(1),
        backoff: group.retry_policy.told_to_client(),
    }
}

/// What every producer is told.
pub fn producer_settings(is_type_checked: bool, limits: &Limits) -> ProducerSettings {
    ProducerSettings {
        attempts_max: 3,
        backoff: Exponential { initial_ms: 10, max_ms: 1_000, multiplier: 2 },
        is_type_checked,
        body_bytes_max: limits.body_bytes_max,
    }
}

/// What the proxy does with a message that the broker handed out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Received {
    /// The client gets it.
    Match,
    /// The tag is not one of those subscribed to, its hash only was: acknowledged in the client's place.
    NoMatch,
    /// It was delivered as often as may be: into the dead-letter topic.
    DeadLetter,
}

impl Received {
    /// The name in the real code.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Match => "MATCH",
            Self::NoMatch => "NO_MATCH",
            Self::DeadLetter => "TO_DLQ",
        }
    }
}

/// What the proxy does with a message that failed `reconsume_times` times, for a client that was told of `attempts_max`
/// deliveries and subscribed by tags, or by a condition, which the proxy does not look at. The tag is looked at first.
pub fn received(
    attempts_max: i64,
    reconsume_times: i64,
    filter: Option<&TagFilter>,
    tag: Option<&str>,
) -> Received {
    if filter.is_some_and(|filter| !filter.matches_tag(tag)) {
        Received::NoMatch
    } else if is_exhausted(reconsume_times, attempts_max) {
        Received::DeadLetter
    } else {
        Received::Match
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::retry::PolicyKind;

    #[test]
    fn a_consumer_is_told_of_one_delivery_more_than_retries() {
        let told = consumer_settings(&GroupConfig::default());
        assert_eq!((told.attempts_max, told.backoff), (17, Told::default()));
        let exponential = GroupPolicy { kind: PolicyKind::Exponential, ..GroupPolicy::default() };
        let told = consumer_settings(&GroupConfig { retry_policy: exponential, ..GroupConfig::default() });
        assert_eq!(told.backoff, Told::Exponential(Exponential::default()));
    }

    #[test]
    fn a_message_is_filtered_first_and_counted_then() {
        let received = |attempts, times, filter, tag| {
            super::received(attempts, times, Some(&TagFilter::parse(Some(filter)).expect("a filter")), tag)
        };
        assert_eq!(received(17, 16, "*", None), Received::Match);
        assert_eq!(received(17, 17, "*", None), Received::DeadLetter);
        assert_eq!(received(17, 17, "A || B", Some("B")), Received::DeadLetter);
        assert_eq!(received(17, 18, "A", Some("B")), Received::NoMatch);
        assert_eq!(received(17, 0, "A", None), Received::NoMatch);
        assert_eq!(super::received(17, 16, None, Some("B")), Received::Match);
    }
}
