//! Why a group is behind: what comes for it, and what it can finish.

use super::why::{Because, latest_loss, no_owner};
use crate::broker::spec::{ConsumeMode, Pattern, Rate, TopicType};
use crate::broker::{ConsumerId, GroupId, ProducerId, World};

/// Why messages wait for a group. Empty if none does.
pub fn behind(world: &World, id: GroupId) -> Vec<Because> {
    let group = world.group(id);
    let waits = |progress| {
        let progress = world.progress(progress);
        progress.ready(world.queue(progress.queue).max_offset) > 0
    };
    let mut chain = Vec::new();
    if !group.progress.iter().copied().any(waits) {
        return chain;
    }
    let workers = workers(world, id);
    if workers.is_empty() {
        no_owner(world, id, &mut chain);
    } else if workers.iter().all(|worker| world.consumer(*worker).is_by_hand()) {
        chain.push(Because::WorkedByHand { group: id });
    } else if group.spec.mode == ConsumeMode::Clustering
        && let Some(capacity) = capacity(world, &workers)
    {
        let arrivals = arrivals(world, id);
        let threads = workers.iter().map(|worker| u64::from(world.consumer(*worker).thread_count)).sum();
        let is_slow = arrivals > capacity;
        chain.push(if is_slow { Because::TooSlow { group: id } } else { Because::CatchingUp { group: id } });
        chain.push(Because::Comes { group: id, rate: arrivals });
        chain.push(Because::CanFinish { group: id, rate: capacity, threads });
        chain.extend(most_at(world, id, &workers));
        chain.extend(latest_loss(world, id));
    }
    chain
}

/// In queue balancing one consumer's queues can hold up a group whose other consumers have time: that one, if more than
/// half of what is unfinished is in them, retries that came back included.
fn most_at(world: &World, id: GroupId, workers: &[ConsumerId]) -> Option<Because> {
    let behind = |owner: Option<ConsumerId>| -> u64 {
        let all = world.group(id).progress.iter().map(|progress| world.progress(*progress));
        let of_owner = all.filter(|progress| owner.is_none() || progress.owner == owner);
        of_owner.map(|progress| progress.accumulation(world.queue(progress.queue).max_offset)).sum()
    };
    let (most, count) =
        workers.iter().map(|worker| (*worker, behind(Some(*worker)))).max_by_key(|(_, n)| *n)?;
    if workers.len() < 2 || count * 2 <= behind(None) {
        return None;
    }
    Some(Because::MostAt { consumer: most, count, rate: capacity(world, &[most])? })
}

/// The consumers of a group that can work now.
fn workers(world: &World, id: GroupId) -> Vec<ConsumerId> {
    let group = world.group(id);
    let by_queue = !group.by_message;
    let works = |id: &ConsumerId| {
        let consumer = world.consumer(*id);
        consumer.takes_messages() && (!by_queue || consumer.owned > 0)
    };
    group.consumers.iter().copied().filter(works).collect()
}

/// What consumers finish at most: as many messages at once as they have threads, each in the mean time it takes. None
/// if some take no time at all.
fn capacity(world: &World, workers: &[ConsumerId]) -> Option<Rate> {
    let mut micros: u128 = 0;
    for worker in workers {
        let consumer = world.consumer(*worker);
        let mean = u128::from(consumer.processing.mean().0);
        micros += (u128::from(consumer.thread_count) * 1_000_000_000_000).checked_div(mean)?;
    }
    u64::try_from(micros).ok().map(|micros_per_second| Rate { micros_per_second })
}

/// What comes for a group on average, as its topics' producers are set now.
fn arrivals(world: &World, id: GroupId) -> Rate {
    let topics = &world.group(id).topics;
    let producers = world.live.producers.iter().enumerate();
    let sending = producers.filter(|(_, producer)| topics.contains(&producer.topic));
    let sending = sending.filter(|(index, _)| silent(world, ProducerId::at(*index)).is_empty());
    let micros = sending.map(|(_, producer)| mean_rate(&producer.schedule.pattern).micros_per_second);
    Rate { micros_per_second: micros.sum() }
}

fn mean_rate(pattern: &Pattern) -> Rate {
    match *pattern {
        Pattern::Constant(rate) | Pattern::Poisson(rate) => rate,
        Pattern::Bursts { rate, burst_rate, every, lasting } => {
            let lasting = u128::from(lasting.min(every).0);
            let rest = u128::from(every.0) - lasting;
            let work = u128::from(burst_rate.micros_per_second) * lasting
                + u128::from(rate.micros_per_second) * rest;
            let micros = work.checked_div(u128::from(every.0)).unwrap_or_default();
            Rate { micros_per_second: u64::try_from(micros).unwrap_or(u64::MAX) }
        }
        Pattern::ByHand => Rate::default(),
    }
}

/// Why a producer sends nothing by itself. Empty if it does.
pub fn silent(world: &World, id: ProducerId) -> Vec<Because> {
    let producer = world.producer(id);
    let mut chain = Vec::new();
    if producer.is_down() {
        chain.push(Because::ProducerCrashed { producer: id });
    } else if !producer.running {
        chain.push(Because::ProducerStopped { producer: id });
    } else if let Some(count) = world.live.stop_after_messages.filter(|stop| world.live.produced >= *stop) {
        chain.push(Because::AllSent { count });
    } else if producer.schedule.pattern == Pattern::ByHand {
        chain.push(Because::OnlyByHand { producer: id });
    } else if mean_rate(&producer.schedule.pattern) == Rate::default() {
        chain.push(Because::NoRate { producer: id });
    }
    chain
}

/// Why everything is refused that a producer sends. Empty if it is not.
pub fn refused(world: &World, id: ProducerId) -> Vec<Because> {
    let producer = world.producer(id);
    let mixed = world.topic(producer.topic).message_type == TopicType::Mixed;
    let is_refused = producer.running && !producer.is_accepted;
    is_refused.then_some(Because::TypeRefused { producer: id, mixed }).into_iter().collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sim::Span;

    #[test]
    fn the_mean_of_bursts_counts_both_rates_by_their_time() {
        let pattern = Pattern::Bursts {
            rate: Rate::per_second(10),
            burst_rate: Rate::per_second(100),
            every: Span::from_secs(10),
            lasting: Span::from_secs(3),
        };
        assert_eq!(mean_rate(&pattern), Rate::per_second(37));
    }
}
