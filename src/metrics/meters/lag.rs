//! How far the groups are behind.

use super::{Labels, members, ms, topic_labels, topics_of};
use crate::broker::World;
use crate::broker::progress::ProgressState;
use crate::broker::settings::CommitMode;
use crate::broker::spec::ConsumeMode;
use crate::sim::Instant;

/// How far a group is behind on one topic. A retry topic is a series of its own.
pub(super) struct Lag {
    pub(super) labels: Labels,
    pub(super) inflight: u64,
    pub(super) ready: u64,
    /// When the message became visible that counts as the earliest unacknowledged one.
    unfinished_since: Option<Instant>,
    /// When the oldest ready message became visible.
    ready_since: Option<Instant>,
    now: Instant,
}

impl Lag {
    pub(super) fn lag(&self) -> u64 {
        self.inflight + self.ready
    }

    pub(super) fn lag_ms(&self) -> u64 {
        self.unfinished_since.map_or(0, |since| ms(self.now - since))
    }

    pub(super) fn queueing_ms(&self) -> u64 {
        self.ready_since.map_or(0, |since| ms(self.now - since))
    }

    fn add(&mut self, world: &World, progress: &ProgressState) {
        let max = world.queue(progress.queue).max_offset;
        // A broker that is asked for single messages counts those it handed out; one that is read from in a row
        // subtracts offsets, so that what is finished above an unfinished message is in flight to it.
        let inflight = if progress.by_message {
            u64::from(progress.inflight)
        } else {
            progress.next - progress.committed - progress.kept_back()
        };
        let oldest = if progress.lite.is_some() {
            // What is committed is no place in the parent's log.
            progress.held.keys().next().copied().unwrap_or(progress.next)
        } else if progress.by_message && guesses(world) {
            progress.next.saturating_sub(inflight)
        } else {
            progress.committed
        };
        self.inflight += inflight;
        self.ready += progress.ready(max);
        let log = &world.log.queues[progress.queue.index()];
        let stored_at = |offset| (offset < max).then(|| log.stored_at(offset));
        let ready = first_ready(progress);
        self.unfinished_since = earlier(self.unfinished_since, stored_at(oldest.min(ready)));
        self.ready_since = earlier(self.ready_since, stored_at(ready));
    }
}

/// Does the broker not know which message is the earliest unacknowledged one, as it commits what it delivered
/// (`ConsumerLagCalculator`)?
pub(super) fn guesses(world: &World) -> bool {
    world.settings.pop_commit_mode == CommitMode::Checkpoint
}

/// The lowest offset that was not handed out: the next one, unless earlier ones wait for their turn in their message
/// group.
fn first_ready(progress: &ProgressState) -> u64 {
    if progress.kept_back() == 0 {
        return progress.next;
    }
    let waits = |offset: &u64| !progress.is_finished(*offset) && !progress.held.contains_key(offset);
    (progress.committed..progress.next).find(waits).unwrap_or(progress.next)
}

fn earlier(one: Option<Instant>, other: Option<Instant>) -> Option<Instant> {
    match (one, other) {
        (Some(one), Some(other)) => Some(one.min(other)),
        (one, other) => one.or(other),
    }
}

/// Of the groups that share their queues out and have a connected consumer. In broadcasting the clients keep the
/// offsets, and the broker has nothing to subtract from.
pub(super) fn lag(world: &World) -> Vec<Lag> {
    let mut all = Vec::new();
    for (_, group) in world.groups() {
        if group.spec.mode == ConsumeMode::Broadcasting || members(world, group) == 0 {
            continue;
        }
        for (topic, progress) in topics_of(world, group) {
            let labels = topic_labels(world, world.topic(topic), group);
            let (unfinished_since, ready_since, now) = (None, None, world.live.now);
            let mut lag = Lag { labels, inflight: 0, ready: 0, unfinished_since, ready_since, now };
            progress.iter().for_each(|progress| lag.add(world, progress));
            all.push(lag);
        }
    }
    all
}
