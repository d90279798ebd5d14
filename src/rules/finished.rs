//! The commit rule: which messages of a queue are finished, and which offset may be committed.
//!
//! ```text
//!         below                  end
//!  finished │ ·  ·  ✔  ✔  ·  ✔  · │        ·: fetched and not finished
//! ```
//!
//! A committed offset says that everything below it is done, so it is the smallest one that is not finished; if nothing
//! is left, that is the end of what was fetched. A group's progress on a queue stands on this, and so does the local queue
//! of a classic consumer, [`ProcessQueue`](super::process_queue::ProcessQueue), which is held to the real one.

use std::iter;
use std::ops::Range;

use super::ranges::OffsetRanges;

/// Which messages of one queue are finished: all below an offset, and some ahead of it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Finished {
    below: u64,
    /// None of them touches `below`.
    ahead: OffsetRanges,
}

impl Finished {
    /// All below `offset`, and none ahead.
    pub fn up_to(offset: u64) -> Self {
        Self { below: offset, ahead: OffsetRanges::default() }
    }

    /// What may be committed: the smallest offset that is not finished.
    #[inline(always)]
    pub fn below(&self) -> u64 {
        self.below
    }

    /// The finished ones that wait for a lower one.
    #[inline(always)]
    pub fn ahead(&self) -> &OffsetRanges {
        &self.ahead
    }

    /// Is this message finished?
    #[inline(always)]
    pub fn contains(&self, offset: u64) -> bool {
        offset < self.below || self.ahead.contains(offset)
    }

    /// What is not, in order, before `end`.
    pub fn unfinished(&self, end: u64) -> impl Iterator<Item = u64> {
        let ahead = self.ahead.ranges();
        let starts = iter::once(self.below).chain(ahead.iter().map(|range| range.end));
        let ends = ahead.iter().map(|range| range.start).chain(iter::once(end));
        starts.zip(ends).flat_map(move |(start, stop)| start..stop.min(end))
    }

    /// This message is finished; it was not before.
    #[inline(always)]
    pub fn insert(&mut self, offset: u64) {
        if offset == self.below {
            self.below = self.ahead.take_from(offset + 1).unwrap_or(offset + 1);
        } else {
            self.ahead.insert(offset);
        }
    }

    /// All of these are finished, none of which lies below the smallest that is not.
    pub fn insert_all(&mut self, offsets: Range<u64>) {
        self.ahead.insert_all(offsets);
        self.below = self.ahead.take_from(self.below).unwrap_or(self.below);
    }

    /// This one is not: it came back.
    pub fn remove(&mut self, offset: u64) {
        if offset < self.below {
            self.ahead.insert_all(offset + 1..self.below);
            self.below = offset;
        } else {
            self.ahead.remove(offset);
        }
    }

    /// From now on all below `offset` are finished, and none ahead.
    pub fn restart(&mut self, offset: u64) {
        self.below = offset;
        self.ahead.clear();
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;
    use crate::sim::{Chance, Stream};

    /// Hands out, finishes and brings back at random, beside a plain set of what is unfinished.
    #[test]
    fn the_smallest_unfinished_offset_is_what_may_be_committed() {
        for seed in 0..200 {
            let draws = Chance::new(seed).stream(Stream::World, 0);
            let start = seed % 7;
            let (mut finished, mut end) = (Finished::up_to(start), start);
            let mut unfinished = BTreeSet::new();
            for n in 0..400 {
                let which = draws.below(2 * n + 1, 60);
                match draws.below(2 * n, 8) {
                    0..3 => {
                        unfinished.extend(end..end + which % 4);
                        end += which % 4;
                    }
                    3 => {
                        finished.insert_all(end..end + which % 3);
                        end += which % 3;
                    }
                    4 if end > 0 => {
                        let offset = end - 1 - which % end.min(20);
                        finished.remove(offset);
                        unfinished.insert(offset);
                    }
                    _ if unfinished.is_empty() => {}
                    _ => {
                        let offset = unfinished.iter().copied().nth(which as usize % unfinished.len());
                        let offset = offset.expect("one of them");
                        finished.insert(offset);
                        unfinished.remove(&offset);
                    }
                }
                let smallest = unfinished.first().copied().unwrap_or(end);
                assert_eq!(finished.below(), smallest, "seed {seed}, step {n}");
                assert!(finished.unfinished(end).eq(unfinished.iter().copied()), "seed {seed}, step {n}");
                let before = end.saturating_sub(which);
                let fewer = unfinished.range(..before).copied();
                assert!(finished.unfinished(before).eq(fewer), "seed {seed}, step {n}");
                let is_right = |offset| finished.contains(offset) != unfinished.contains(&offset);
                assert!((0..end).all(is_right), "seed {seed}, step {n}");
            }
        }
    }

    #[test]
    fn it_begins_anew_where_it_is_told() {
        let mut finished = Finished::up_to(5);
        finished.insert(7);
        assert_eq!((finished.below(), finished.ahead().count()), (5, 1));
        finished.restart(3);
        assert_eq!(finished, Finished::up_to(3));
    }
}
