//! Levels and counts against a plain recount.

use super::*;
use crate::sim::{Chance, Stream};

/// A level that goes up and down at random, and the same as a list of what it was in each smallest bucket.
fn random(seed: u64) -> (Level, Vec<Option<Bucket>>) {
    let draws = Chance::new(seed).stream(Stream::World, 9);
    let (mut level, mut all) = (Level::default(), Vec::new());
    let first = draws.below(0, 40) as usize;
    all.resize(first, None);
    let mut index = first;
    for n in 1..=draws.below(1, 300) {
        index += draws.below(2 * n, 4) as usize;
        let value = draws.below(2 * n + 1, 100);
        let resting = (!level.buckets.is_empty()).then(|| Bucket::resting(level.now));
        all.resize(all.len().max(index + 1), resting);
        level.set(index, value);
        let now = Bucket::resting(value);
        all[index] = Some(all[index].map_or(now, |bucket| bucket.then(now)));
    }
    (level, all)
}

fn merged(all: &[Option<Bucket>]) -> Option<Bucket> {
    all.iter().copied().flatten().reduce(Bucket::then)
}

#[test]
fn a_level_knows_what_it_was() {
    for seed in 0..300 {
        let (level, all) = random(seed);
        for from in (0..all.len()).step_by(7) {
            for until in (from + 1..=all.len()).step_by(5) {
                assert_eq!(level.during(from..until), merged(&all[from..until]), "{from}..{until} of {seed}");
            }
        }
        let after = all.len()..all.len() + 9;
        let resting = (!level.buckets.is_empty()).then(|| Bucket::resting(level.now));
        assert_eq!(level.during(after), resting, "it rests where it stopped");
    }
}

#[test]
fn columns_keep_lowest_highest_and_last() {
    for seed in 0..300 {
        let (level, all) = random(seed);
        for count in [1, 2, 3, 10, 100, 1_000] {
            let range = all.len() / 5..all.len() + 3;
            let columns: Vec<(usize, Bucket)> = level.columns(range.clone(), count).collect();
            assert!(columns.len() <= count + 1, "{} columns, {count} wanted", columns.len());
            let whole = columns.iter().map(|(_, bucket)| *bucket).reduce(Bucket::then);
            assert_eq!(whole, level.during(range.clone()), "{count} columns of {seed}");
            assert!(columns.windows(2).all(|pair| pair[0].0 < pair[1].0));
            assert!(columns.iter().all(|(at, _)| range.contains(at)));
        }
    }
}

#[test]
fn merging_neighbours_keeps_lowest_highest_and_last() {
    for seed in 0..300 {
        let (mut level, mut all) = random(seed);
        while all.len() > 1 {
            level.halve();
            all = all.chunks(2).map(merged).collect();
            for (index, bucket) in all.iter().enumerate() {
                assert_eq!(level.during(index..index + 1), *bucket, "bucket {index} of {seed}");
            }
            assert_eq!(
                all.last().copied().flatten().map(|bucket| bucket.last),
                level.first().map(|_| level.now)
            );
        }
    }
}

#[test]
fn a_count_counts_and_merging_loses_nothing() {
    for seed in 0..100 {
        let draws = Chance::new(seed).stream(Stream::World, 9);
        let (mut count, mut all) = (Count::default(), vec![0; 4_096]);
        let mut index = 0;
        for n in 0..1_000 {
            index += draws.below(n, 5) as usize;
            count.add(index);
            all[index] += 1;
        }
        while all.len() > 2 {
            for from in (0..all.len()).step_by(97) {
                for until in (from..=all.len()).step_by(131) {
                    assert_eq!(count.during(from..until), all[from..until].iter().sum::<u64>());
                    let sums = count.sums(until);
                    assert_eq!(sums[until] - sums[from], count.during(from..until));
                }
            }
            count.halve();
            all = all.chunks(2).map(|pair| pair.iter().sum()).collect();
        }
        assert_eq!(count.total(), 1_000);
    }
}

#[test]
fn many_lines_share_the_room() {
    let mut series = Series::default();
    series.share_room(Instant::ZERO);
    assert_eq!(series.limit, BUCKETS);
    at_place(&mut series.committed, 999).begin(0, 0);
    at_place(&mut series.max_offset, 23).begin(0, 0);
    series.share_room(Instant::from_secs(15));
    assert_eq!(series.limit, 1_024, "about a million buckets for a thousand lines");
    assert_eq!(series.width(), Span::from_ms(20), "a second and a half would not fit with 10 ms");
    at_place(&mut series.committed, 60_000).begin(0, 0);
    series.share_room(Instant::from_secs(15));
    assert_eq!(series.limit, BUCKETS_LEAST);
    assert!(series.bucket_of(Instant::from_secs(15)) < BUCKETS_LEAST);
}

#[test]
fn moments_do_not_pile_up() {
    let mut series = Series::default();
    let entry = |ms, event| Entry { at: Instant::from_ms(ms), seq: 0, cause: 0, event };
    let group = crate::broker::GroupId(0);
    let rebalanced = Event::Rebalanced { group, moved: 1, next_at: Instant::NEVER };
    let crashed =
        Event::ConsumerCrashed { consumer: crate::broker::ConsumerId(0), detected_at: Instant::ZERO };
    for ms in 0..100_000 {
        series.moment(&entry(ms, rebalanced));
        if ms % 3 == 0 {
            series.moment(&entry(ms, crashed));
        }
    }
    assert!((BUCKETS / 2..=2 * BUCKETS).contains(&series.moments.len()), "{}", series.moments.len());
    assert_eq!(series.moments[0].at, Instant::ZERO, "the first of each kind stays");
    assert!(series.moments.windows(2).all(|pair| pair[0].at <= pair[1].at));
}
