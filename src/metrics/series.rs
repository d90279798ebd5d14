//! Series over time for the plots: a fold of the journal into buckets of equal width. When the run outgrows them,
//! neighbours are merged and the width doubles, so a run of any length takes the same memory, and the same run gives
//! the same series however it was watched.

use crate::broker::{Entry, Event, GroupId, Observer, ProgressId, QueueId, World};
use crate::sim::{Instant, Span};

/// Buckets kept at the most; a plot has about half as many pixels.
const BUCKETS: usize = 2048;
/// The width of a bucket at the start of a run.
const WIDTH: Span = Span::from_ms(10);

/// A value that is followed over time: in each bucket its lowest, its highest and its last value.
#[derive(Clone, Debug, Default)]
pub struct Level {
    now: u64,
    buckets: Vec<Bucket>,
}

/// A level during one bucket.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Bucket {
    /// The lowest value.
    pub low: u64,
    /// The highest value.
    pub high: u64,
    /// The value at the end.
    pub last: u64,
}

impl Level {
    fn bring_to(&mut self, index: usize) {
        let resting = Bucket { low: self.now, high: self.now, last: self.now };
        if self.buckets.len() <= index {
            self.buckets.resize(index + 1, resting);
        }
    }

    fn set(&mut self, index: usize, value: u64) {
        self.bring_to(index);
        self.now = value;
        if let Some(bucket) = self.buckets.last_mut() {
            bucket.low = bucket.low.min(value);
            bucket.high = bucket.high.max(value);
            bucket.last = value;
        }
    }

    fn halve(&mut self) {
        let merge = |pair: &[Bucket]| match *pair {
            [a, b, ..] => Bucket { low: a.low.min(b.low), high: a.high.max(b.high), last: b.last },
            _ => pair[0],
        };
        self.buckets = self.buckets.chunks(2).map(merge).collect();
    }

    /// What it was, bucket by bucket; it rests at [`Self::now`] after the last one.
    pub fn buckets(&self) -> &[Bucket] {
        &self.buckets
    }

    /// What it is now.
    pub fn now(&self) -> u64 {
        self.now
    }
}

/// Something that is counted: how often in each bucket.
#[derive(Clone, Debug, Default)]
pub struct Count {
    buckets: Vec<u64>,
}

impl Count {
    fn add(&mut self, index: usize) {
        if self.buckets.len() <= index {
            self.buckets.resize(index + 1, 0);
        }
        self.buckets[index] += 1;
    }

    fn halve(&mut self) {
        self.buckets = self.buckets.chunks(2).map(|pair| pair.iter().sum()).collect();
    }

    /// How often, bucket by bucket.
    pub fn buckets(&self) -> &[u64] {
        &self.buckets
    }
}

/// What is followed for a group.
#[derive(Clone, Debug, Default)]
pub struct GroupSeries {
    /// Its accumulation over the queues of its topics.
    pub accumulation: Level,
    /// Successes and dead letters: what it is done with.
    pub consumed: Count,
}

/// All series of a run.
#[derive(Clone, Debug)]
pub struct Series {
    width: Span,
    /// Messages stored in ordinary topics.
    pub produced: Count,
    /// One for each group, in order of creation.
    pub groups: Vec<GroupSeries>,
    /// The max offset of each queue.
    pub max_offset: Vec<Level>,
    /// The committed offset of each progress.
    pub committed: Vec<Level>,
    moments: Vec<Moment>,
}

/// Something worth a tick on the time axis.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Moment {
    /// When.
    pub at: Instant,
    /// The entry that says what.
    pub event: Event,
}

impl Default for Series {
    fn default() -> Self {
        Self {
            width: WIDTH,
            produced: Count::default(),
            groups: Vec::new(),
            max_offset: Vec::new(),
            committed: Vec::new(),
            moments: Vec::new(),
        }
    }
}

impl Series {
    /// The width of a bucket now.
    pub fn width(&self) -> Span {
        self.width
    }

    /// Crashes, rebalances that moved something, first dead letters and visitors' commands, in order.
    pub fn moments(&self) -> &[Moment] {
        &self.moments
    }

    fn index(&mut self, at: Instant) -> usize {
        while at.0 / self.width.0 >= BUCKETS as u64 {
            self.width = Span(self.width.0 * 2);
            self.produced.halve();
            for group in &mut self.groups {
                group.accumulation.halve();
                group.consumed.halve();
            }
            self.max_offset.iter_mut().chain(&mut self.committed).for_each(Level::halve);
        }
        (at.0 / self.width.0) as usize
    }

    fn group(&mut self, id: GroupId) -> &mut GroupSeries {
        if self.groups.len() <= id.index() {
            self.groups.resize_with(id.index() + 1, GroupSeries::default);
        }
        &mut self.groups[id.index()]
    }

    fn stored(&mut self, world: &World, at: Instant, queue: QueueId) {
        let index = self.index(at);
        self.produced.add(index);
        level(&mut self.max_offset, queue.index()).set(index, world.queue(queue).max_offset);
        for &progress in &world.queue(queue).progress {
            let group = self.group(world.progress(progress).group);
            let more = group.accumulation.now + 1;
            group.accumulation.set(index, more);
        }
    }

    fn committed(&mut self, world: &World, at: Instant, id: ProgressId) {
        let progress = world.progress(id);
        let index = self.index(at);
        let level = level(&mut self.committed, id.index());
        let advance = progress.committed - level.now;
        if advance == 0 {
            return;
        }
        level.set(index, progress.committed);
        if world.topic(world.queue(progress.queue).topic).is_ordinary() {
            let group = self.group(progress.group);
            let less = group.accumulation.now.saturating_sub(advance);
            group.accumulation.set(index, less);
        }
    }
}

fn level(levels: &mut Vec<Level>, index: usize) -> &mut Level {
    if levels.len() <= index {
        levels.resize_with(index + 1, Level::default);
    }
    &mut levels[index]
}

impl Observer for Series {
    fn observe(&mut self, world: &World, entry: &Entry) {
        match entry.event {
            Event::MessageStored { queue, .. } => self.stored(world, entry.at, queue),
            Event::ProgressStarted { progress, group, queue, offset, .. } => {
                let index = self.index(entry.at);
                level(&mut self.committed, progress.index()).set(index, offset);
                let queue = world.queue(queue);
                if world.topic(queue.topic).is_ordinary() {
                    let group = self.group(group);
                    let more = group.accumulation.now + queue.max_offset - offset;
                    group.accumulation.set(index, more);
                }
            }
            Event::ConsumeFinished { progress, consumer, outcome, .. } => {
                self.committed(world, entry.at, progress);
                if outcome == crate::broker::Outcome::Acknowledged {
                    let index = self.index(entry.at);
                    self.group(world.consumer(consumer).group).consumed.add(index);
                }
            }
            Event::OffsetCommitted { progress, .. } | Event::InvisibleTimeOver { progress, .. } => {
                self.committed(world, entry.at, progress);
            }
            Event::DeadLettered { .. }
            | Event::ConsumerCrashed { .. }
            | Event::ConsumerRestarted { .. }
            | Event::GroupRemoved { .. } => self.moments.push(Moment { at: entry.at, event: entry.event }),
            Event::Rebalanced { moved, .. } if moved > 0 => {
                self.moments.push(Moment { at: entry.at, event: entry.event });
            }
            Event::CommandGiven { .. } if entry.at > Instant::ZERO => {
                self.moments.push(Moment { at: entry.at, event: entry.event });
            }
            _ => {}
        }
    }
}
