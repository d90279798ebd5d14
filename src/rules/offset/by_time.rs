//! The offset that belongs to a time: what a reset by time and a group that begins at a time ask for.
//!
//! A queue's index lies in files of a fixed number of rows. First the file is chosen by the times at its ends, then the
//! row by binary search, then the answer is held inside the queue. Store times do not decrease inside a queue, so all of
//! this amounts to "the first message stored at or after the time" and "the last one stored at or before it"; where times
//! do decrease, as a clock set back makes them, it shows what a binary search does. Source: `ConsumeQueue`,
//! `MappedFileQueue`, `ConsumeQueueStore`, `BoundaryType`.

use std::ops::Range;

/// How many rows an index file holds (`mappedFileSizeConsumeQueue`, 20 bytes a row).
pub const ROWS_PER_FILE: u64 = 300_000;

/// Which of several messages with the time asked for is meant, and on which side to look if there is none.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Boundary {
    /// The first message stored at the time or after it.
    Lower,
    /// The last message stored at the time or before it.
    Upper,
}

/// The offset that belongs to `time` in a queue that holds `offsets` (its min offset up to, not including, its max
/// offset).
///
/// `stored_at` gives the time at which the message at an offset was stored, in the unit of `time`; it is asked for
/// offsets in the queue only. After the last message the answer is the max offset for [`Boundary::Lower`], the last
/// message for [`Boundary::Upper`]; before the first one, and in an empty queue, it is the min offset.
pub fn by_time(
    offsets: Range<u64>,
    rows_per_file: u64,
    time: i64,
    boundary: Boundary,
    stored_at: impl Fn(u64) -> i64,
) -> u64 {
    if offsets.is_empty() {
        return offsets.end;
    }
    let found = match file_by_time(&offsets, rows_per_file.max(1), time, boundary, &stored_at) {
        Some(file) => search(&offsets, file, time, boundary, &stored_at),
        None => 0,
    };
    found.clamp(offsets.start, offsets.end)
}

/// The rows of the file to search: the first that ends at the time or later, or the last that begins at the time or
/// earlier.
fn file_by_time(
    offsets: &Range<u64>,
    rows: u64,
    time: i64,
    boundary: Boundary,
    stored_at: &impl Fn(u64) -> i64,
) -> Option<Range<u64>> {
    let mut files = (offsets.start / rows..=(offsets.end - 1) / rows)
        .map(|n| n * rows..((n + 1) * rows).min(offsets.end));
    match boundary {
        // The last file is still being written, so its end says nothing: it is taken if no other is.
        Boundary::Lower => files.find(|file| file.end == offsets.end || stored_at(file.end - 1) >= time),
        // A first row that is gone has no time, and counts as earlier than all.
        Boundary::Upper => files.rfind(|file| file.start < offsets.start || stored_at(file.start) <= time),
    }
}

/// The row in one file, or an offset outside of what is left of it, which is for the caller to correct.
fn search(
    offsets: &Range<u64>,
    file: Range<u64>,
    time: i64,
    boundary: Boundary,
    stored_at: &impl Fn(u64) -> i64,
) -> u64 {
    let first = file.start.max(offsets.start);
    let last = file.end - 1;
    if stored_at(last) < time {
        return match boundary {
            Boundary::Lower => last + 1,
            Boundary::Upper => last,
        };
    }
    if stored_at(first) > time {
        return match boundary {
            Boundary::Lower => file.start,
            Boundary::Upper => 0,
        };
    }
    let (mut low, mut high) = (first, last + 1);
    while low < high {
        // The middle of what is left, both ends included; where times decrease, it matters which middle.
        let middle = low + (high - 1 - low) / 2;
        let at = stored_at(middle);
        if at == time {
            return same_time(first..last + 1, middle, boundary, stored_at);
        } else if at > time {
            high = middle;
        } else {
            low = middle + 1;
        }
    }
    // Between two neighbours. Neither is outside the file: its ends have been compared above.
    match boundary {
        Boundary::Lower => high,
        Boundary::Upper => low.saturating_sub(1),
    }
}

/// The outermost neighbour of a row that has the same time.
fn same_time(rows: Range<u64>, row: u64, boundary: Boundary, stored_at: &impl Fn(u64) -> i64) -> u64 {
    let time = stored_at(row);
    let is_same = |&row: &u64| stored_at(row) == time;
    match boundary {
        Boundary::Lower => (rows.start..row).rev().take_while(is_same).last().unwrap_or(row),
        Boundary::Upper => (row + 1..rows.end).take_while(is_same).last().unwrap_or(row),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sim::{Chance, Stream};

    fn find(times: &[i64], time: i64, boundary: Boundary) -> u64 {
        by_time(0..times.len() as u64, ROWS_PER_FILE, time, boundary, |offset| times[offset as usize])
    }

    #[test]
    fn the_golden_vectors_of_lower_and_upper() {
        let times = [10, 10, 10, 30, 30];
        let lower = [(10, 0), (20, 3), (31, 5), (5, 0)];
        let upper = [(10, 2), (20, 2), (30, 4)];
        for (time, offset) in lower {
            assert_eq!(find(&times, time, Boundary::Lower), offset, "LOWER({time})");
        }
        for (time, offset) in upper {
            assert_eq!(find(&times, time, Boundary::Upper), offset, "UPPER({time})");
        }
    }

    #[test]
    fn an_empty_queue_gives_its_only_offset() {
        for boundary in [Boundary::Lower, Boundary::Upper] {
            assert_eq!(find(&[], 5, boundary), 0);
            assert_eq!(by_time(7..7, 4, 5, boundary, |_| unreachable!("nothing is stored")), 7);
        }
    }

    /// With times that do not decrease, neither the files nor the search can be seen.
    #[test]
    fn files_do_not_change_the_answer_while_times_do_not_decrease() {
        for seed in 0..500 {
            let draws = Chance::new(seed).stream(Stream::World, 0);
            let mut time = 100;
            let gaps = (0..draws.below(0, 30)).map(|n| draws.below(2 + n, 3) as i64);
            let times: Vec<i64> = gaps.map(|gap| (time += gap, time).1).collect();
            let max = times.len() as u64;
            let min = draws.below(1, max + 1);
            let stored_at = |offset: u64| {
                assert!((min..max).contains(&offset), "{offset} is not in {min}..{max}");
                times[offset as usize]
            };
            for query in 98..165 {
                let lower = (min..max).find(|&o| times[o as usize] >= query).unwrap_or(max);
                let upper = (min..max).rfind(|&o| times[o as usize] <= query).unwrap_or(min);
                for rows in [1, 2, 4, 7, ROWS_PER_FILE] {
                    assert_eq!(by_time(min..max, rows, query, Boundary::Lower, stored_at), lower);
                    assert_eq!(by_time(min..max, rows, query, Boundary::Upper, stored_at), upper);
                }
            }
        }
    }

    #[test]
    fn where_times_decrease_the_ends_decide_first() {
        assert_eq!(find(&[30, 10, 20], 25, Boundary::Lower), 3, "the last is earlier: after it");
        assert_eq!(find(&[30, 10, 40], 25, Boundary::Upper), 0, "the first is later: the beginning");
        assert_eq!(
            find(&[10, 40, 20, 50], 20, Boundary::Lower),
            1,
            "20 is there, but not where halving looks"
        );
    }
}
