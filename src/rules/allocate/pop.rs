//! What a consumer that pops may pop from. A queue may be in several shares, since popping hands out messages, not
//! queues; the share only says which queues a consumer asks.
//!
//! Source: `QueryAssignmentProcessor.allocate4Pop`.

use std::collections::BTreeSet;

use super::{QueueName, Refusal, Strategy, allocate};

/// The share of a consumer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PopShare<'a> {
    /// All queues of these brokers: to RocketMQ, their queue with number −1.
    Brokers(BTreeSet<&'a str>),
    /// These queues.
    Queues(BTreeSet<&'a QueueName>),
}

/// What `consumer` may pop from. With `share_queues` of 0 or less, or so large that it reaches all others, everyone pops
/// from everywhere. Otherwise a consumer has its own allocation and those of the next `share_queues` consumers; where
/// there are more consumers than queues, one queue each.
pub fn allocate_for_pop<'a>(
    strategy: Strategy<'a>,
    consumer: Option<&str>,
    queues: &'a [QueueName],
    consumers: &[String],
    share_queues: i32,
) -> Result<PopShare<'a>, Refusal> {
    let others = consumers.len() as i64 - 1;
    if share_queues <= 0 || i64::from(share_queues) >= others {
        return Ok(PopShare::Brokers(queues.iter().map(|queue| queue.broker.as_str()).collect()));
    }
    let index = consumers.iter().position(|name| Some(name.as_str()) == consumer);
    if consumers.len() > queues.len() {
        if consumer.is_none_or(|name| name.trim().is_empty()) {
            return Err(Refusal::ConsumerMissing);
        }
        if queues.is_empty() {
            return Err(Refusal::NoQueues);
        }
        return Ok(PopShare::Queues(index.map(|index| &queues[index % queues.len()]).into_iter().collect()));
    }
    let mut share: BTreeSet<&QueueName> =
        allocate(strategy, consumer, queues, consumers)?.into_iter().collect();
    if let Some(index) = index {
        for next in 1..=share_queues as usize {
            let neighbour = &consumers[(index + next) % consumers.len()];
            share.extend(allocate(strategy, Some(neighbour), queues, consumers)?);
        }
    }
    Ok(PopShare::Queues(share))
}
