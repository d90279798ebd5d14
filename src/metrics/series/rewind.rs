//! Going back: what the series were.
//!
//! Of a line only the last bucket changes, as long as the buckets have the same width. So a mark has the last bucket of
//! each line, and where the one before it is: in the lines as they were when buckets of that width were given up, or as
//! they are.

use std::collections::BTreeMap;
use std::rc::Rc;

use super::{Bucket, Count, GroupSeries, Level, Series};
use crate::broker::Rewind;
use crate::sim::Span;

/// The series as they last were, for each width that buckets ever had.
#[derive(Clone, Debug, Default)]
pub(super) struct Past {
    widths: BTreeMap<Span, Rc<Series>>,
    /// Was a mark ever set?
    is_kept: bool,
    /// Is what is seen now only the same again?
    is_again: bool,
}

/// Two runs are watched alike, however one of them got there.
impl PartialEq for Past {
    fn eq(&self, _: &Self) -> bool {
        true
    }
}

impl Eq for Past {}

/// The series at a mark.
#[derive(Clone, Debug)]
pub struct Outline {
    series: Series,
    moments: usize,
}

impl Level {
    pub(in crate::metrics) fn outline(&self) -> Self {
        let (left_out, buckets) = last(&self.buckets);
        Self { left_out, buckets, ..*self }
    }

    pub(in crate::metrics) fn fill(&mut self, from: &Self) {
        fill(&mut self.left_out, &mut self.buckets, &from.buckets);
    }
}

impl Count {
    pub(in crate::metrics) fn outline(&self) -> Self {
        let (left_out, buckets) = last(&self.buckets);
        Self { left_out, buckets, ..*self }
    }

    pub(in crate::metrics) fn fill(&mut self, from: &Self) {
        fill(&mut self.left_out, &mut self.buckets, &from.buckets);
    }
}

/// The last bucket, and how many were before it.
fn last<T: Copy>(buckets: &[T]) -> (usize, Vec<T>) {
    let before = buckets.len().saturating_sub(1);
    (before, buckets[before..].to_vec())
}

/// Puts the buckets back that were left out.
fn fill<T: Copy>(left_out: &mut usize, buckets: &mut Vec<T>, from: &[T]) {
    let before = from.get(..std::mem::take(left_out)).unwrap_or_default();
    buckets.splice(0..0, before.iter().copied());
}

impl Series {
    /// Buckets are about to become wider.
    pub(super) fn keep_width(&mut self) {
        if self.past.is_kept && !self.past.is_again {
            let now = Self { past: Past::default(), ..self.clone() };
            self.past.widths.insert(self.width, Rc::new(now));
        }
    }

    fn outline(&self) -> Self {
        let group = |group: &GroupSeries| GroupSeries {
            accumulation: group.accumulation.outline(),
            consumed: group.consumed.outline(),
            ..*group
        };
        Self {
            produced: self.produced.outline(),
            groups: self.groups.iter().map(group).collect(),
            max_offset: self.max_offset.iter().map(Level::outline).collect(),
            committed: self.committed.iter().map(Level::outline).collect(),
            calls: self.calls.outline(),
            moments: Vec::new(),
            past: Past::default(),
            ..*self
        }
    }

    fn fill(&mut self, from: &Self) {
        self.produced.fill(&from.produced);
        for (group, from) in self.groups.iter_mut().zip(&from.groups) {
            group.accumulation.fill(&from.accumulation);
            group.consumed.fill(&from.consumed);
        }
        self.max_offset.iter_mut().zip(&from.max_offset).for_each(|(line, from)| line.fill(from));
        self.committed.iter_mut().zip(&from.committed).for_each(|(line, from)| line.fill(from));
        self.calls.fill(&from.calls);
    }

    fn lines(&self) -> usize {
        1 + 2 * self.groups.len() + self.max_offset.len() + self.committed.len() + self.calls.lines()
    }
}

impl Rewind for Series {
    type Mark = Outline;

    fn mark(&mut self) -> (Outline, usize) {
        self.past.is_kept = true;
        let bytes = size_of::<Self>() + self.lines() * (size_of::<Level>() + size_of::<Bucket>());
        (Outline { series: self.outline(), moments: self.moments.len() }, bytes)
    }

    fn go(&mut self, to: &Outline, ahead: bool) {
        let mut past = std::mem::take(&mut self.past);
        if !past.is_again {
            let now = std::mem::take(self);
            past.widths.insert(now.width, Rc::new(now));
        }
        *self = to.series.clone();
        if let Some(from) = past.widths.get(&self.width) {
            self.fill(from);
            self.moments = from.moments.get(..to.moments).unwrap_or_default().to_vec();
        }
        past.is_again = ahead;
        self.past = past;
        if !ahead {
            self.forget_ahead();
        }
    }

    fn forget_ahead(&mut self) {
        self.past.is_again = false;
        self.past.widths.retain(|width, _| *width < self.width);
    }

    fn history_bytes(&self) -> usize {
        let buckets = |series: &Rc<Series>| {
            let levels = series.max_offset.iter().chain(&series.committed);
            let levels = levels.chain(series.groups.iter().map(|group| &group.accumulation));
            let counts = series.groups.iter().map(|group| &group.consumed).chain([&series.produced]);
            levels.map(|level| size_of_val(&*level.buckets)).sum::<usize>()
                + counts.map(|count| size_of_val(&*count.buckets)).sum::<usize>()
        };
        self.past.widths.values().map(buckets).sum()
    }
}
