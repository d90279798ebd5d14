//! How long things took, from what is kept of every delivery: exact percentiles over all samples, no buckets.

use std::collections::BTreeMap;

use serde::Serialize;

use crate::broker::progress::DeliveryRecord;
use crate::broker::{ConsumerId, GroupId, MessageRef, World};
use crate::sim::Instant;

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
    let (mut waiting, mut processing) = (Vec::new(), Vec::new());
    let mut successes = Successes::default();
    for &progress in &world.group(group).progress {
        let state = world.progress(progress);
        let log = &world.log.queues[state.queue.index()];
        let mut sample = |record: &DeliveryRecord, is_first: bool| {
            let visible_at = log.stored_at(record.offset).max(state.started_at);
            let Some(started_at) = record.started_at else { return };
            waiting.push((started_at - visible_at).0);
            let Some(finished_at) = record.finished_at else { return };
            processing.push((finished_at - started_at).0);
            if record.acknowledged() {
                let here = MessageRef { queue: state.queue, offset: record.offset };
                successes.note(state.member, world.origin(here), finished_at, is_first && state.ordinary);
            }
        };
        let deliveries = &world.log.deliveries[progress.index()];
        for offset in state.start..state.high_water {
            if let Some(record) = deliveries.first(offset, log.stored_at(offset)) {
                sample(&record, true);
            }
        }
        deliveries.again().iter().for_each(|record| sample(record, false));
    }
    Latencies {
        end_to_end: Latency::of(&mut successes.since_stored(world)),
        waiting: Latency::of(&mut waiting),
        processing: Latency::of(&mut processing),
    }
}

/// A message in the eyes of a group, or in broadcasting of one member.
type Seen = (Option<ConsumerId>, MessageRef);

/// When each message was first finished with success.
#[derive(Default)]
struct Successes {
    /// Of the first delivery of the first copy: most messages have no other one.
    plain: Vec<(Seen, Instant)>,
    /// The earliest of all others.
    others: BTreeMap<Seen, Instant>,
}

impl Successes {
    fn note(&mut self, member: Option<ConsumerId>, origin: MessageRef, at: Instant, is_plain: bool) {
        if is_plain {
            self.plain.push(((member, origin), at));
        } else {
            let earliest = self.others.entry((member, origin)).or_insert(at);
            *earliest = at.min(*earliest);
        }
    }

    /// From the store to the first success, in microseconds, each message once.
    fn since_stored(mut self, world: &World) -> Vec<u64> {
        for (seen, at) in self.plain.iter_mut() {
            if let Some(other) = self.others.remove(seen) {
                *at = other.min(*at);
            }
        }
        let all = self.plain.into_iter().chain(self.others);
        let stored_at = |origin: MessageRef| world.log.queues[origin.queue.index()].stored_at(origin.offset);
        all.map(|((_, origin), at)| (at - stored_at(origin)).0).collect()
    }
}
