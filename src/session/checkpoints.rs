//! Going to any place of a run, back and forward.
//!
//! While a run goes on, a checkpoint is set every so many entries: a copy of the small part of the world that decisions
//! are made from, and marks in what is kept. To go to a place is to go to the last checkpoint before it and do again
//! what came after. As long as nothing new is done in the past, the checkpoints ahead stay, and what is done again is
//! only the same; something new forgets them.
//!
//! There are at most [`COUNT_MOST`] checkpoints of [`BYTES_MOST`] bytes. Beyond that every second one goes, and new ones
//! are set half as often, so what a seek does again grows with the run, and slowly.
//!
//! Where a machine crash takes stored messages away, no mark leads back over that: only the start is kept whole, and
//! what lies before the crash is made again from there. What comes after it begins with a checkpoint.

use std::fmt;

use super::watch::Watch;
use crate::broker::{Broker, Log, Rewind, Snapshot};
use crate::sim::Instant;

/// Entries between two checkpoints at the least; as many as one takes bytes, if those are more. So what setting one
/// costs is little beside what happens between two.
const INTERVAL: u64 = 1 << 15;
/// But then not more than this.
const INTERVAL_LARGE: u64 = 1 << 18;
/// Checkpoints at the most.
const COUNT_MOST: usize = 320;
/// Bytes that they take, at the most.
const BYTES_MOST: usize = 48 << 20;

/// A place in a run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Goal {
    /// After everything that happens up to an instant.
    At(Instant),
    /// After so many entries, and those that came together with the last of them; not later.
    Entry(u64),
    /// After so many things that time brought.
    Step(u64),
}

/// What of a session changes while it runs.
#[derive(Debug)]
pub(super) struct Course {
    pub(super) broker: Broker,
    pub(super) watch: Watch,
    pub(super) next_action: usize,
    pub(super) next_act: usize,
    pub(super) steps: u64,
}

impl Course {
    /// Does the way to a place go on from here? What happened has happened at its instant; time may have passed since.
    fn is_before(&self, goal: Goal) -> bool {
        let live = &self.broker.world.live;
        match goal {
            Goal::At(goal) => live.now <= goal,
            Goal::Entry(goal) => live.seq < goal,
            Goal::Step(goal) => self.steps < goal,
        }
    }
}

/// The checkpoints of a run whose observer is an `O`.
pub(super) trait Checkpoints<O> {
    /// The run has come to where the next checkpoint is to be set, or to one that was set before. Says after which entry
    /// it wants to be told again.
    fn pass(&mut self, course: &mut Course, observer: &mut O) -> u64;

    /// Goes to the last checkpoint before a place, unless going on from here is less; or to one that is so many entries
    /// before that. If it went anywhere, says the same.
    fn approach(&mut self, goal: Goal, reach: u64, course: &mut Course, observer: &mut O) -> Option<u64>;

    /// How many entries the observer has to see after it went to a mark.
    fn reach(&self) -> u64;

    /// Something new is done: what lay ahead is forgotten. Says the same.
    fn forget_ahead(&mut self, course: &mut Course, observer: &mut O) -> u64;

    /// How many there are.
    fn count(&self) -> usize;

    /// Bytes that they hold, and that the observer holds for them, roughly.
    fn bytes(&self, observer: &O) -> usize;
}

/// In a few words: all that they hold, in words, would be a good part of the program.
impl<O> fmt::Debug for dyn Checkpoints<O> + '_ {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} checkpoints", self.count())
    }
}

/// One of them.
struct Checkpoint<M> {
    snapshot: Snapshot,
    watch: Watch,
    next_action: usize,
    next_act: usize,
    steps: u64,
    observer: M,
    bytes: usize,
}

impl<M> Checkpoint<M> {
    /// The same; here no time has passed since what happened last.
    fn is_before(&self, goal: Goal) -> bool {
        let live = &self.snapshot.live;
        match goal {
            Goal::At(goal) => live.now <= goal,
            Goal::Entry(goal) => live.seq < goal,
            Goal::Step(goal) => self.steps <= goal,
        }
    }
}

/// All of them.
pub(super) struct All<M> {
    list: Vec<Checkpoint<M>>,
    /// The one that the run passed last.
    last: usize,
    /// Entries between two of them at the least, before any of them had to go.
    interval_least: u64,
    interval: u64,
    /// Do large ones stand farther apart?
    by_size: bool,
    count_most: usize,
    bytes: usize,
    /// What was kept at the start.
    start: Option<Box<Log>>,
    /// How often some of it had been lost at the last checkpoint.
    cuts: u32,
}

impl<M> Default for All<M> {
    fn default() -> Self {
        Self {
            list: Vec::new(),
            last: 0,
            interval_least: INTERVAL,
            interval: INTERVAL,
            by_size: true,
            count_most: COUNT_MOST,
            bytes: 0,
            start: None,
            cuts: 0,
        }
    }
}

impl<M> All<M> {
    /// With other limits, for tests: as near to each other as this, whatever they take.
    pub(super) fn every(interval: u64, count_most: usize) -> Self {
        Self { interval_least: interval, interval, by_size: false, count_most, ..Self::default() }
    }

    fn is_ahead(&self) -> bool {
        self.last + 1 < self.list.len()
    }

    /// After which entry something is to be done.
    fn next(&self) -> u64 {
        if self.is_ahead() {
            return self.list[self.last + 1].snapshot.live.seq;
        }
        self.list.last().map_or(0, |last| {
            let size = if self.by_size { last.bytes as u64 } else { 0 };
            last.snapshot.live.seq.saturating_add(size.min(INTERVAL_LARGE).max(self.interval))
        })
    }

    /// If something kept was lost since the last checkpoint, only the first one is still good.
    fn mind_losses(&mut self, course: &mut Course) {
        let log = &mut course.broker.world.log;
        if log.cuts != self.cuts {
            log.unmark();
            self.leave_first(log.cuts);
        }
    }

    /// All go but the first.
    fn leave_first(&mut self, cuts: u32) {
        self.truncate(1);
        (self.last, self.cuts) = (0, cuts);
    }

    /// Those beyond the first ones go. If there is room again, new ones are set as near to each other as in a run that
    /// has only come to here.
    fn truncate(&mut self, len: usize) {
        self.list.truncate(len);
        self.bytes = self.list.iter().map(|checkpoint| checkpoint.bytes).sum();
        let Some(last) = self.list.last() else { return };
        let size = (self.bytes / self.list.len()).max(1);
        let room = self.count_most.min(BYTES_MOST / size) as u64;
        self.interval = self.interval_least;
        while last.snapshot.live.seq / self.interval > room / 2 {
            self.interval = self.interval.saturating_mul(2);
        }
    }

    /// Every second one goes, the first stays.
    fn thin(&mut self) {
        let mut index = 0;
        self.list.retain(|_| {
            index += 1;
            index % 2 == 1
        });
        self.bytes = self.list.iter().map(|checkpoint| checkpoint.bytes).sum();
        self.interval = self.interval.saturating_mul(2);
    }
}

impl<O: Rewind> Checkpoints<O> for All<O::Mark> {
    #[cold]
    #[inline(never)]
    fn pass(&mut self, course: &mut Course, observer: &mut O) -> u64 {
        self.mind_losses(course);
        if self.is_ahead() {
            self.last += 1;
            let passed = &self.list[self.last];
            debug_assert!(passed.snapshot.is_of(&course.broker), "the same run passes the same places");
            debug_assert_eq!(passed.steps, course.steps);
            course.broker.pass(&passed.snapshot, self.is_ahead());
            if !self.is_ahead() {
                observer.forget_ahead();
            }
            return self.next();
        }
        let snapshot = course.broker.snapshot();
        if self.list.is_empty() {
            self.start = Some(course.broker.world.log.clone().into());
        }
        let (mark, mark_bytes) = observer.mark();
        let Course { watch, next_action, next_act, steps, .. } = course;
        let bytes = snapshot.bytes() + watch.bytes() + mark_bytes;
        self.bytes += bytes;
        self.list.push(Checkpoint {
            snapshot,
            watch: watch.clone(),
            next_action: *next_action,
            next_act: *next_act,
            steps: *steps,
            observer: mark,
            bytes,
        });
        while self.list.len() > 2 && (self.list.len() > self.count_most || self.bytes > BYTES_MOST) {
            self.thin();
        }
        self.last = self.list.len() - 1;
        self.next()
    }

    fn approach(&mut self, goal: Goal, reach: u64, course: &mut Course, observer: &mut O) -> Option<u64> {
        self.mind_losses(course);
        let mut best = self.list.partition_point(|checkpoint| checkpoint.is_before(goal)).saturating_sub(1);
        if reach > 0 {
            let seq = self.list[best].snapshot.live.seq;
            let before = |checkpoint: &Checkpoint<_>| checkpoint.snapshot.live.seq + reach <= seq;
            best = self.list.partition_point(before).saturating_sub(1);
        } else if course.is_before(goal) && best <= self.last {
            return None;
        }
        let start = self.start.as_ref().filter(|start| best == 0 && start.cuts != self.cuts);
        if let Some(start) = start.cloned() {
            // Those ahead lie beyond a loss.
            self.leave_first(start.cuts);
            course.broker.go_with(&self.list[0].snapshot, *start);
        } else {
            self.last = best;
            course.broker.go(&self.list[best].snapshot, self.is_ahead());
        }
        let (ahead, there) = (self.is_ahead(), &self.list[best]);
        course.watch.clone_from(&there.watch);
        course.next_action = there.next_action;
        course.next_act = there.next_act;
        course.steps = there.steps;
        observer.go(&there.observer, ahead);
        Some(self.next())
    }

    fn reach(&self) -> u64 {
        // At the start there is nothing before to be seen.
        if self.last == 0 { 0 } else { O::REACH }
    }

    fn forget_ahead(&mut self, course: &mut Course, observer: &mut O) -> u64 {
        if self.is_ahead() {
            course.broker.forget_ahead();
            observer.forget_ahead();
            self.truncate(self.last + 1);
        }
        self.next()
    }

    fn count(&self) -> usize {
        self.list.len()
    }

    fn bytes(&self, observer: &O) -> usize {
        self.bytes + observer.history_bytes()
    }
}
