//! A set of offsets as sorted, disjoint ranges.

use std::ops::Range;

/// Offsets of one queue.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct OffsetRanges(Vec<Range<u64>>);

impl OffsetRanges {
    /// Adds one offset; adding it twice changes nothing.
    pub fn insert(&mut self, offset: u64) {
        // Most results arrive in order, so the right place is nearly always at the end.
        let at = self.0.partition_point(|range| range.end < offset);
        match self.0.get_mut(at) {
            Some(range) if range.contains(&offset) => {}
            Some(range) if range.end == offset => {
                range.end += 1;
                if self.0.get(at + 1).is_some_and(|next| next.start == offset + 1) {
                    self.0[at].end = self.0[at + 1].end;
                    self.0.remove(at + 1);
                }
            }
            Some(range) if range.start == offset + 1 => range.start = offset,
            _ => self.0.insert(at, offset..offset + 1),
        }
    }

    /// Adds all offsets of a range.
    pub fn insert_all(&mut self, offsets: Range<u64>) {
        if offsets.is_empty() {
            return;
        }
        // Ranges that touch it become one with it.
        let first = self.0.partition_point(|range| range.end < offsets.start);
        let behind = self.0.partition_point(|range| range.start <= offsets.end);
        let touched = &self.0[first..behind];
        let start = touched.first().map_or(offsets.start, |range| range.start.min(offsets.start));
        let end = touched.last().map_or(offsets.end, |range| range.end.max(offsets.end));
        self.0.splice(first..behind, std::iter::once(start..end));
    }

    /// Takes one offset out; nothing happens if it is not there.
    pub fn remove(&mut self, offset: u64) {
        let at = self.0.partition_point(|range| range.end <= offset);
        let Some(range) = self.0.get_mut(at).filter(|range| range.contains(&offset)) else { return };
        let behind = offset + 1..range.end;
        range.end = offset;
        if range.is_empty() {
            if behind.is_empty() {
                self.0.remove(at);
            } else {
                self.0[at] = behind;
            }
        } else if !behind.is_empty() {
            self.0.insert(at + 1, behind);
        }
    }

    /// Takes all offsets from `first` on out.
    pub fn remove_from(&mut self, first: u64) {
        self.0.retain(|range| range.start < first);
        if let Some(last) = self.0.last_mut() {
            last.end = last.end.min(first);
        }
    }

    /// The offsets from `first` on, in order.
    pub fn from(&self, first: u64) -> impl Iterator<Item = u64> {
        let at = self.0.partition_point(|range| range.end <= first);
        self.0[at..].iter().flat_map(move |range| range.start.max(first)..range.end)
    }

    /// Takes the range that begins exactly at `offset`, if there is one, and gives its end.
    pub fn take_from(&mut self, offset: u64) -> Option<u64> {
        let first = self.0.first()?;
        let end = first.end;
        (first.start == offset).then(|| {
            self.0.remove(0);
            end
        })
    }

    /// Is the offset in the set?
    pub fn contains(&self, offset: u64) -> bool {
        let at = self.0.partition_point(|range| range.end <= offset);
        self.0.get(at).is_some_and(|range| range.start <= offset)
    }

    /// How many offsets it holds.
    pub fn count(&self) -> u64 {
        self.0.iter().map(|range| range.end - range.start).sum()
    }

    /// The ranges in order.
    pub fn ranges(&self) -> &[Range<u64>] {
        &self.0
    }

    /// Forgets everything.
    pub fn clear(&mut self) {
        self.0.clear();
    }

    /// Is there nothing in it?
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;
    use crate::sim::{Chance, Stream};

    #[test]
    fn it_is_a_set() {
        for world in 0..200 {
            let draws = Chance::new(world).stream(Stream::World, 0);
            let mut ranges = OffsetRanges::default();
            let mut set = BTreeSet::new();
            for n in 0..200 {
                let offset = draws.below(2 * n, 60);
                let choice = draws.below(2 * n + 1, 8);
                if choice == 7 {
                    ranges.insert_all(offset..offset + n % 7);
                    set.extend(offset..offset + n % 7);
                } else if choice > 1 {
                    ranges.insert(offset);
                    set.insert(offset);
                } else {
                    ranges.remove(offset);
                    set.remove(&offset);
                }
                assert!(ranges.from(offset).eq(set.range(offset..).copied()), "world {world}");
                assert_eq!(ranges.count(), set.len() as u64, "world {world}");
                assert!((0..70).all(|o| ranges.contains(o) == set.contains(&o)), "world {world}");
                assert!(
                    ranges.ranges().windows(2).all(|w| w[0].end < w[1].start),
                    "world {world}: {ranges:?}"
                );
            }
        }
    }

    #[test]
    fn the_front_is_taken_only_when_it_fits() {
        let mut ranges = OffsetRanges::default();
        for offset in [1, 3, 4] {
            ranges.insert(offset);
        }
        assert_eq!(ranges.take_from(0), None);
        assert_eq!(ranges.take_from(1), Some(2));
        assert_eq!(ranges.take_from(2), None);
        assert_eq!(ranges.take_from(3), Some(5));
        assert!(ranges.is_empty());
    }
}
