//! Series over time for the plots: a fold of the journal into buckets of equal width. When the run outgrows them,
//! neighbours are merged and the width doubles, so a run of any length takes the same memory, and the same run gives
//! the same series however it was watched.

use std::ops::Range;

use super::call_series::CallSeries;
use crate::broker::{Entry, Event, GroupId, MessageRef, Observer, Outcome, ProgressId, QueueId, World};
use crate::sim::{Instant, Span};
use rewind::Past;

/// Buckets kept of each line at the most; a plot has about half as many pixels.
pub const BUCKETS: usize = 2048;
/// Buckets kept of each line at the least, however many lines there are.
const BUCKETS_LEAST: usize = 64;
/// Buckets kept of all lines together, as long as each has its least: 24 MiB.
const BUCKETS_IN_ALL: usize = 1 << 20;
/// The width of a bucket at the start of a run.
const WIDTH: Span = Span::from_ms(10);

/// A value that is followed over time: in each bucket its lowest, its highest and its last value.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Level {
    now: u64,
    /// The index of the first bucket: before it there was no such value.
    first: usize,
    /// Buckets before those that are here: none but in an outline.
    left_out: usize,
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

impl Bucket {
    /// A bucket during which nothing changed.
    pub fn resting(value: u64) -> Self {
        Self { low: value, high: value, last: value }
    }

    /// This bucket and the next one as one.
    pub fn then(self, next: Self) -> Self {
        Self { low: self.low.min(next.low), high: self.high.max(next.high), last: next.last }
    }
}

impl Level {
    /// The value exists from this bucket on.
    pub(super) fn begin(&mut self, index: usize, value: u64) {
        *self = Self { now: value, first: index, left_out: 0, buckets: vec![Bucket::resting(value)] };
    }

    #[inline(always)]
    pub(super) fn set(&mut self, index: usize, value: u64) {
        if self.buckets.is_empty() {
            return self.begin(index, value);
        }
        let place = index - self.first;
        if place >= self.buckets.len() {
            self.buckets.resize(place + 1, Bucket::resting(self.now));
        }
        self.now = value;
        if let Some(bucket) = self.buckets.last_mut() {
            *bucket = bucket.then(Bucket::resting(value));
        }
    }

    pub(super) fn halve(&mut self) {
        halve(&mut self.first, &mut self.buckets, Bucket::then);
    }

    /// The bucket in which it began to exist, if it has.
    pub fn first(&self) -> Option<usize> {
        (!self.buckets.is_empty()).then_some(self.first)
    }

    /// What it was, bucket by bucket from [`Self::first`] on; it rests at [`Self::now`] after the last one.
    pub fn buckets(&self) -> &[Bucket] {
        &self.buckets
    }

    /// What it was in the buckets of `range` taken together; nothing if it did not exist yet.
    pub fn during(&self, range: Range<usize>) -> Option<Bucket> {
        if self.buckets.is_empty() || range.end <= self.first {
            return None;
        }
        let from = range.start.saturating_sub(self.first);
        let until = range.end - self.first;
        let kept = self.buckets.get(from..until.min(self.buckets.len())).unwrap_or_default();
        let resting = (until > self.buckets.len()).then(|| Bucket::resting(self.now));
        kept.iter().copied().chain(resting).reduce(Bucket::then)
    }

    /// What it was over `range`, in at most `columns` columns of equally many buckets: the first bucket of each column
    /// (or of what there is of it) and what the level did in it. Reads each bucket once.
    pub fn columns(&self, range: Range<usize>, columns: usize) -> impl Iterator<Item = (usize, Bucket)> + '_ {
        let each = range.len().div_ceil(columns.max(1)).max(1);
        let start = range.start.max(self.first().unwrap_or(range.end));
        // Columns stand at multiples of their width, so that they stay put when the range moves.
        let aligned = start - start % each;
        (aligned..range.end).step_by(each).filter_map(move |from| {
            let column = from.max(start)..(from + each).min(range.end);
            Some((column.start, self.during(column)?))
        })
    }

    /// What it is now.
    pub fn now(&self) -> u64 {
        self.now
    }
}

/// Something that is counted: how often in each bucket.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Count {
    total: u64,
    first: usize,
    /// Buckets before those that are here: none but in an outline.
    left_out: usize,
    buckets: Vec<u64>,
}

impl Count {
    #[inline(always)]
    pub(super) fn add(&mut self, index: usize) {
        self.add_many(index, 1);
    }

    #[inline(always)]
    pub(super) fn add_many(&mut self, index: usize, many: u64) {
        if self.buckets.is_empty() {
            self.first = index;
        }
        let place = index - self.first;
        if place >= self.buckets.len() {
            self.buckets.resize(place + 1, 0);
        }
        self.buckets[place] += many;
        self.total += many;
    }

    pub(super) fn halve(&mut self) {
        halve(&mut self.first, &mut self.buckets, |a, b| a + b);
    }

    /// How often in the buckets of `range`.
    pub fn during(&self, range: Range<usize>) -> u64 {
        let from = range.start.saturating_sub(self.first);
        let until = range.end.saturating_sub(self.first).min(self.buckets.len());
        self.buckets.get(from..until).unwrap_or_default().iter().sum()
    }

    /// How often before each bucket up to `end`, that one included: the difference of two is the count between them.
    pub fn sums(&self, end: usize) -> Vec<u64> {
        let mut sums = vec![0; end + 1];
        let mut sum = 0;
        for (bucket, before) in sums.iter_mut().enumerate() {
            *before = sum;
            sum += bucket.checked_sub(self.first).and_then(|place| self.buckets.get(place)).unwrap_or(&0);
        }
        sums
    }

    /// The bucket of the first one, if there was one.
    pub fn first(&self) -> Option<usize> {
        (!self.buckets.is_empty()).then_some(self.first)
    }

    /// How often since the start.
    pub fn total(&self) -> u64 {
        self.total
    }
}

/// Merges buckets two by two, those with an even index with the one after it.
fn halve<T: Copy>(first: &mut usize, buckets: &mut Vec<T>, merge: fn(T, T) -> T) {
    let mut kept = 0;
    let mut at = 0;
    while at < buckets.len() {
        let pair = (*first + at).is_multiple_of(2) && at + 1 < buckets.len();
        buckets[kept] = if pair { merge(buckets[at], buckets[at + 1]) } else { buckets[at] };
        at += 1 + usize::from(pair);
        kept += 1;
    }
    buckets.truncate(kept);
    *first /= 2;
}

/// What is followed for a group.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct GroupSeries {
    /// When it was created.
    pub since: Instant,
    /// When it was deleted, if it was; from then on nothing changes.
    pub until: Option<Instant>,
    /// Its accumulation over the queues of its topics.
    pub accumulation: Level,
    /// Deliveries that its consumers ended in success.
    pub consumed: Count,
}

/// All series of a run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Series {
    width: Span,
    /// The bucket of the last entry.
    bucket: usize,
    /// When it ends.
    bucket_end: Instant,
    /// Buckets that each line may have.
    limit: usize,
    /// Messages stored in ordinary topics.
    pub produced: Count,
    /// One for each group, in order of creation.
    pub groups: Vec<GroupSeries>,
    /// The max offset of each queue.
    pub max_offset: Vec<Level>,
    /// The committed offset of each progress.
    pub committed: Vec<Level>,
    /// Calls and point-to-point queues.
    pub calls: CallSeries,
    moments: Vec<Moment>,
    past: Past,
}

/// Something worth a tick on the time axis.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Moment {
    /// When.
    pub at: Instant,
    /// The number of the entry.
    pub seq: u64,
    /// What it says.
    pub event: Event,
}

impl Default for Series {
    fn default() -> Self {
        Self {
            width: WIDTH,
            bucket: 0,
            bucket_end: Instant::ZERO + WIDTH,
            limit: BUCKETS,
            produced: Count::default(),
            groups: Vec::new(),
            max_offset: Vec::new(),
            committed: Vec::new(),
            calls: CallSeries::default(),
            moments: Vec::new(),
            past: Past::default(),
        }
    }
}

impl Series {
    /// The width of a bucket now.
    pub fn width(&self) -> Span {
        self.width
    }

    /// The bucket in which an instant lies.
    pub fn bucket_of(&self, at: Instant) -> usize {
        (at.0 / self.width.0) as usize
    }

    /// When a bucket begins.
    pub fn start_of(&self, bucket: usize) -> Instant {
        Instant::ZERO + self.width * bucket as u64
    }

    /// Crashes, restarts, changed links, rebalances that moved something, dead letters, deleted groups and visitors' commands,
    /// in order; of each kind at most one in a bucket, namely the first.
    pub fn moments(&self) -> &[Moment] {
        &self.moments
    }

    /// The accumulation of each group, and nothing else.
    pub fn accumulations(&self) -> Self {
        let alone = |group: &GroupSeries| GroupSeries {
            since: group.since,
            until: group.until,
            accumulation: group.accumulation.clone(),
            consumed: Count::default(),
        };
        let groups = self.groups.iter().map(alone).collect();
        let Self { width, bucket, bucket_end, limit, .. } = *self;
        Self { width, bucket, bucket_end, limit, groups, ..Self::default() }
    }

    #[inline(always)]
    fn index(&mut self, at: Instant) -> usize {
        if at >= self.bucket_end {
            self.turn(at);
        }
        self.bucket
    }

    /// Goes on to the bucket of `at`, and to wider buckets if there are too many.
    fn turn(&mut self, at: Instant) {
        while self.bucket_of(at) >= self.limit {
            self.keep_width();
            self.width = Span(self.width.0 * 2);
            self.produced.halve();
            for group in &mut self.groups {
                group.accumulation.halve();
                group.consumed.halve();
            }
            self.calls.halve();
            self.max_offset.iter_mut().chain(&mut self.committed).for_each(Level::halve);
            let mut latest = [None; 1 << u8::BITS];
            self.moments.retain(|moment| {
                let bucket = Some(moment.at.0 / self.width.0);
                std::mem::replace(&mut latest[usize::from(moment.event.kind())], bucket) != bucket
            });
        }
        self.bucket = self.bucket_of(at);
        self.bucket_end = self.start_of(self.bucket + 1);
    }

    /// A line has come: all of them share the room there is.
    fn share_room(&mut self, at: Instant) {
        let lines = self.groups.len() * 2 + self.max_offset.len() + self.committed.len() + self.calls.lines();
        let share = (BUCKETS_IN_ALL / lines.max(1)).clamp(BUCKETS_LEAST, BUCKETS);
        // Powers of two divide evenly when neighbours are merged.
        self.limit = 1 << share.ilog2();
        self.turn(at);
    }

    fn moment(&mut self, entry: &Entry) {
        let (bucket, kind) = (self.index(entry.at), entry.event.kind());
        let mut recent = self.moments.iter().rev().take_while(|moment| self.bucket_of(moment.at) == bucket);
        if recent.all(|moment| moment.event.kind() != kind) {
            self.moments.push(Moment { at: entry.at, seq: entry.seq, event: entry.event });
        }
    }

    fn stored(&mut self, world: &World, at: Instant, queue: QueueId) {
        let index = self.index(at);
        self.produced.add(index);
        self.appended(world, index, queue);
        for &progress in &world.queue(queue).progress {
            let group = &mut self.groups[world.progress(progress).group.index()];
            let more = group.accumulation.now + 1;
            group.accumulation.set(index, more);
        }
        if world.queue(queue).read_by_message {
            self.lite(world, index, queue);
        }
    }

    /// What a group has of lite topics is a sum over those that it has subscribed to: it is read anew.
    #[inline(never)]
    fn lite(&mut self, world: &World, index: usize, queue: QueueId) {
        for &id in &world.queue(queue).progress {
            let progress = world.progress(id);
            if progress.lite.is_some() {
                let now = progress.accumulation(world.queue(queue).max_offset);
                self.committed[id.index()].set(index, progress.committed);
                self.groups[progress.group.index()].accumulation.set(index, now);
            }
        }
    }

    fn lite_of(&mut self, world: &World, at: Instant, group: GroupId) {
        if let Some(id) = world.lite_progress(group) {
            let index = self.index(at);
            self.lite(world, index, world.progress(id).queue);
        }
    }

    /// A person was done with what a poll had brought: all of it at once, apart from what counts no longer.
    fn processed_by_hand(&mut self, world: &World, at: Instant, id: GroupId) {
        let index = self.index(at);
        let consumers = world.group(id).consumers.iter();
        let all: u64 = consumers.map(|consumer| world.consumer(*consumer).counts.acknowledged).sum();
        let consumed = &mut self.groups[id.index()].consumed;
        (consumed.total()..all).for_each(|_| consumed.add(index));
    }

    /// A message was consumed with success, in the bucket `index`.
    #[inline(always)]
    fn consumed(&mut self, world: &World, at: Instant, (progress, offset): (ProgressId, u64), group: usize) {
        let index = self.index(at);
        self.groups[group].consumed.add(index);
        if self.calls.since.is_some() {
            let here = MessageRef { queue: world.progress(progress).queue, offset };
            let first = world.origin(here);
            let sent_at = world.log.queues[first.queue.index()].sent_at(first.offset);
            self.calls.consumed(group, index, (at - sent_at).0);
        }
    }

    #[inline(never)]
    fn beside(&mut self, world: &World, entry: &Entry) {
        let index = self.index(entry.at);
        if self.calls.observe(world, entry, index, self.width) {
            self.share_room(entry.at);
        }
    }

    fn appended(&mut self, world: &World, index: usize, queue: QueueId) {
        self.max_offset[queue.index()].set(index, world.queue(queue).max_offset);
    }

    fn progress_started(&mut self, world: &World, at: Instant, id: ProgressId) {
        let (progress, index) = (world.progress(id), self.index(at));
        at_place(&mut self.committed, id.index()).begin(index, progress.committed);
        let queue = world.queue(progress.queue);
        if world.topic(queue.topic).is_ordinary() {
            let group = &mut self.groups[progress.group.index()];
            let now = group.accumulation.now + progress.accumulation(queue.max_offset);
            if group.since == at {
                // Still being created: what it finds before it is its first value, not a change.
                group.accumulation.begin(index, now);
            } else {
                group.accumulation.set(index, now);
            }
        }
        self.share_room(at);
    }

    fn committed(&mut self, world: &World, at: Instant, id: ProgressId) {
        let progress = world.progress(id);
        let before = self.committed[id.index()].now;
        if progress.commits_ahead {
            return self.committed_ahead(world, at, id);
        }
        if progress.committed == before {
            return;
        }
        let index = self.index(at);
        if progress.lite.is_some() {
            return self.lite(world, index, progress.queue);
        }
        self.committed[id.index()].set(index, progress.committed);
        if world.topic(world.queue(progress.queue).topic).is_ordinary() {
            let accumulation = &mut self.groups[progress.group.index()].accumulation;
            let now = accumulation.now + before - progress.committed;
            accumulation.set(index, now);
        }
    }

    /// The same where the committed offset follows what was delivered, and says nothing about what is behind.
    #[cold]
    #[inline(never)]
    fn committed_ahead(&mut self, world: &World, at: Instant, id: ProgressId) {
        let index = self.index(at);
        let group = world.progress(id).group;
        self.committed[id.index()].set(index, world.progress(id).committed);
        let of_topic = |progress: &&ProgressId| {
            world.topic(world.queue(world.progress(**progress).queue).topic).is_ordinary()
        };
        let behind = |progress: &ProgressId| {
            let progress = world.progress(*progress);
            progress.accumulation(world.queue(progress.queue).max_offset)
        };
        let now = world.group(group).progress.iter().filter(of_topic).map(behind).sum();
        self.groups[group.index()].accumulation.set(index, now);
    }
}

/// The level at this place of a list that grows as ids are given.
fn at_place<T: Default>(list: &mut Vec<T>, place: usize) -> &mut T {
    if list.len() <= place {
        list.resize_with(place + 1, T::default);
    }
    &mut list[place]
}

impl Observer for Series {
    #[inline(always)]
    fn observe(&mut self, world: &World, entry: &Entry) {
        let at = entry.at;
        match entry.event {
            Event::MessageStored { queue, .. } => self.stored(world, at, queue),
            Event::BalanceChanged { group, .. } => {
                // What is on record may mean less from now on.
                for &progress in &world.group(group).progress {
                    self.committed_ahead(world, at, progress);
                }
            }
            Event::ConsumeFinished { progress, offset, consumer, outcome, .. } => {
                self.committed(world, at, progress);
                if outcome == Outcome::Acknowledged {
                    self.consumed(world, at, (progress, offset), world.consumer(consumer).group.index());
                }
            }
            Event::PolledProcessed { consumer, .. } => {
                self.processed_by_hand(world, at, world.consumer(consumer).group);
            }
            Event::BatchReread { progress, .. }
            | Event::OffsetCommitted { progress, .. }
            | Event::InvisibleTimeOver { progress, .. }
            | Event::OffsetCorrected { progress, .. }
            | Event::OffsetReset { progress, .. }
            | Event::ProgressFellBack { progress, .. }
            | Event::MessagesFiltered { progress, .. }
            | Event::MessagesSuperseded { progress, .. }
            | Event::QueueAssigned { progress, .. }
            | Event::MessageRejectedByTag { progress, .. } => {
                self.committed(world, at, progress);
            }
            Event::LiteSubscribed { consumer, .. } => {
                self.lite_of(world, at, world.consumer(consumer).group);
            }
            Event::LitePositioned { progress, .. } => self.lite_of(world, at, world.progress(progress).group),
            Event::LiteExpired { lite, .. } => {
                let parent = world.lites().map(|lites| lites.get(lite).parent);
                let index = self.index(at);
                parent.into_iter().for_each(|parent| self.lite(world, index, world.lite_queue(parent)));
            }
            Event::HandleAcknowledged { progress, offset, consumer, .. } => {
                self.committed(world, at, progress);
                self.consumed(world, at, (progress, offset), world.consumer(consumer).group.index());
            }
            Event::RetryStored { copy: MessageRef { queue, .. }, .. }
            | Event::ReplyStored { copy: Some(MessageRef { queue, .. }), .. }
            | Event::TransactionSetAside { queue, .. } => {
                let index = self.index(at);
                self.appended(world, index, queue);
            }
            Event::DeadLettered { group, message, copy, .. } => {
                // An orderly group commits past it only now.
                if let Some(progress) = world.progress_on(group, message.queue) {
                    self.committed(world, at, progress);
                }
                let index = self.index(at);
                self.appended(world, index, copy.queue);
                self.moment(entry);
            }
            Event::TopicCreated { topic, .. } | Event::QueuesChanged { topic, .. } => {
                for queue in &world.topic(topic).queues {
                    let index = self.index(at);
                    let line = at_place(&mut self.max_offset, queue.index());
                    if line.first().is_none() {
                        line.begin(index, 0);
                    }
                }
                self.share_room(at);
            }
            Event::GroupCreated { group, .. } => {
                let index = self.index(at);
                let series = at_place(&mut self.groups, group.index());
                series.since = at;
                series.accumulation.begin(index, 0);
                self.share_room(at);
            }
            Event::ProgressStarted { progress, .. } => self.progress_started(world, at, progress),
            Event::GroupRemoved { group } => {
                self.groups[group.index()].until = Some(at);
                self.moment(entry);
            }
            Event::QueueTruncated { queue, lost, .. } => {
                let index = self.index(at);
                self.appended(world, index, queue);
                let topic = world.queue(queue).topic;
                if world.is_lite(topic) {
                    self.lite(world, index, queue);
                } else if world.topic(topic).is_ordinary() {
                    for &progress in &world.queue(queue).progress {
                        if world.progress(progress).commits_ahead {
                            self.committed_ahead(world, at, progress);
                            continue;
                        }
                        let group = &mut self.groups[world.progress(progress).group.index()];
                        let fewer = group.accumulation.now - lost;
                        group.accumulation.set(index, fewer);
                    }
                }
            }
            Event::ConsumerCrashed { .. }
            | Event::ConsumerRestarted { .. }
            | Event::BrokerCrashed { .. }
            | Event::BrokerRestarted { .. } => self.moment(entry),
            Event::LinkChanged { client, .. } if !world.link_ended(client, entry.at) => self.moment(entry),
            Event::Rebalanced { moved, .. } if moved > 0 => self.moment(entry),
            Event::CommandGiven { .. } if at > Instant::ZERO => self.moment(entry),
            Event::CallerAdded { .. }
            | Event::ServiceAdded { .. }
            | Event::ServiceChanged { .. }
            | Event::CallSent { .. }
            | Event::CallQueued { .. }
            | Event::CallStarted { .. }
            | Event::CallProcessed { .. }
            | Event::CallAnswered { .. }
            | Event::CallFailed { .. }
            | Event::CallTimedOut { .. }
            | Event::P2pQueueAdded { .. }
            | Event::P2pPut { .. }
            | Event::P2pTaken { .. }
            | Event::P2pProcessed { .. }
            | Event::P2pConsumerGone { .. } => self.beside(world, entry),
            _ => {}
        }
    }
}

mod rewind;
#[cfg(test)]
mod tests;
