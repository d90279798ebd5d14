//! How long things took, from what is kept of every delivery: exact percentiles over all samples, no buckets.

use serde::Serialize;

use crate::broker::progress::DeliveryRecord;
use crate::broker::{GroupId, MessageRef, ProgressId, World};
use crate::sim::Span;

/// One latency: microseconds over all samples.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize)]
pub struct Latency {
    /// How many samples.
    pub count: u64,
    /// Their mean.
    pub mean: f64,
    /// The nearest-rank median.
    pub p50: u64,
    /// The nearest-rank 95th percentile.
    pub p95: u64,
    /// The nearest-rank 99th percentile.
    pub p99: u64,
    /// The largest.
    pub max: u64,
}

impl Latency {
    /// Sums samples up; sorts them.
    pub fn of(samples: &mut [u64]) -> Self {
        samples.sort_unstable();
        let Some(&max) = samples.last() else { return Self::default() };
        let count = samples.len() as u64;
        let sum: u128 = samples.iter().map(|sample| u128::from(*sample)).sum();
        // Nearest rank: the smallest sample that at least so many percent do not exceed.
        let rank = |percent: u64| samples[((count * percent).div_ceil(100).max(1) - 1) as usize];
        Self { count, mean: sum as f64 / count as f64, p50: rank(50), p95: rank(95), p99: rank(99), max }
    }
}

/// The three latencies of a group.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize)]
pub struct Latencies {
    /// From the store to the first successful completion, each message once.
    pub end_to_end: Latency,
    /// From becoming visible to the listener's start, each delivery once.
    pub waiting: Latency,
    /// From the listener's start to its result, each delivery once.
    pub processing: Latency,
}

/// The latencies of everything a group has finished so far. Looks at every delivery: not for every frame.
pub fn latencies(world: &World, group: GroupId) -> Latencies {
    let (mut end_to_end, mut waiting, mut processing) = (Vec::new(), Vec::new(), Vec::new());
    for &progress in &world.group(group).progress {
        let queue = world.progress(progress).queue;
        let log = &world.log.queues[queue.index()];
        let mut sample = |record: &DeliveryRecord, first: bool| {
            let visible_at = log.stored_at(record.offset).max(world.progress(progress).started_at);
            if let Some(started_at) = record.started_at {
                waiting.push((started_at - visible_at).0);
                if let Some(finished_at) = record.finished_at {
                    processing.push((finished_at - started_at).0);
                }
            }
            if record.acknowledged()
                && let Some(time) = to_first_success(world, progress, record, first)
            {
                end_to_end.push(time.0);
            }
        };
        let deliveries = &world.log.deliveries[progress.index()];
        for offset in world.progress(progress).start..world.progress(progress).high_water {
            if let Some(record) = deliveries.first(offset, log.stored_at(offset)) {
                sample(&record, true);
            }
        }
        deliveries.again().iter().for_each(|record| sample(record, false));
    }
    Latencies {
        end_to_end: Latency::of(&mut end_to_end),
        waiting: Latency::of(&mut waiting),
        processing: Latency::of(&mut processing),
    }
}

/// From the store of the message to this success, if no earlier delivery of it succeeded.
fn to_first_success(
    world: &World,
    progress: ProgressId,
    record: &DeliveryRecord,
    first: bool,
) -> Option<Span> {
    let state = world.progress(progress);
    let here = MessageRef { queue: state.queue, offset: record.offset };
    let origin = world.origin(here);
    let stored_at = world.log.queues[origin.queue.index()].stored_at(origin.offset);
    let finished_at = record.finished_at?;
    if !(first && origin == here) {
        // A retry or a redelivery: some other delivery may have succeeded before.
        let earlier = successes(world, state.group, state.member.map(|_| progress), origin);
        if earlier.into_iter().any(|at| at < finished_at) {
            return None;
        }
    }
    Some(finished_at - stored_at)
}

/// When deliveries of the message first stored at `origin`, or of its copies, succeeded in a group.
fn successes(
    world: &World,
    group: GroupId,
    only: Option<ProgressId>,
    origin: MessageRef,
) -> Vec<crate::sim::Instant> {
    let mut times = Vec::new();
    for &progress in &world.group(group).progress {
        let state = world.progress(progress);
        if only.is_some_and(|only| only != progress) {
            continue;
        }
        let log = &world.log.queues[state.queue.index()];
        let deliveries = &world.log.deliveries[progress.index()];
        let offsets: Vec<u64> = if state.queue == origin.queue {
            vec![origin.offset]
        } else if world.topic(world.queue(state.queue).topic).is_retry() {
            let of_origin = |offset: &u64| log.copy(*offset).is_some_and(|copy| copy.origin == origin);
            (state.start..state.high_water).filter(of_origin).collect()
        } else {
            continue;
        };
        for offset in offsets {
            let records = deliveries.of(offset, log.stored_at(offset));
            times
                .extend(records.filter(DeliveryRecord::acknowledged).filter_map(|record| record.finished_at));
        }
    }
    times
}
