//! What the lines of each chart are, and where their values come from. Charts, tables, sentences and the shared
//! cursor all read these tracks, so they cannot disagree.

use std::ops::Range;

use crate::broker::{GroupId, QueueId, World};
use crate::lesson::Words;
use crate::metrics::Series;
use crate::metrics::call_series::Held;
use crate::metrics::series::{Bucket, Count, Level};
use crate::scene::text::Number;
use crate::scene::theme::{group_colour, group_dash};
use crate::scene::{Dash, Role};
use crate::sim::{Instant, Span};

/// What a chart is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Subject {
    /// How far each group is behind.
    Accumulation,
    /// A queue's max offset and each group's committed offset.
    Offsets(QueueId),
    /// Messages stored and consumed per second.
    Rates,
    /// Calls begun, answered, failed and timed out per second, and the same of point-to-point queues.
    Calls,
    /// How long calls took, and messages from being sent to being consumed.
    Times,
    /// Calls that wait for an answer or a worker, or are worked on; messages that wait in point-to-point queues.
    InUse,
}

/// One line of a chart.
#[derive(Clone, Debug)]
pub(super) struct Track<'a> {
    /// What it is called.
    pub(super) name: String,
    /// Its colour.
    pub(super) role: Role,
    /// Its pattern.
    pub(super) dash: Dash,
    /// When it begins.
    pub(super) since: Instant,
    /// When it ended, if its group was deleted.
    pub(super) until: Option<Instant>,
    /// Where its values are.
    pub(super) source: Source<'a>,
}

/// Where the values of a track are.
#[derive(Clone, Copy, Debug)]
pub(super) enum Source<'a> {
    /// A value that changes in steps.
    Level(&'a Level),
    /// Something counted, as thousandths per second over the time before.
    Rate(&'a Count),
    /// The mean over the time before of so many microseconds by so many things, in thousandths of a millisecond; nothing
    /// where there were none.
    Mean(&'a Count, &'a Count),
    /// How many there were, as thousandths, on average over the time before.
    Held(&'a Held),
}

/// The tracks of a chart at one instant.
#[derive(Clone, Debug)]
pub(super) struct Tracks<'a> {
    pub(super) subject: Subject,
    pub(super) series: &'a Series,
    pub(super) world: &'a World,
    /// The instant of the run.
    pub(super) now: Instant,
    pub(super) tracks: Vec<Track<'a>>,
}

/// Rates are averaged over so long a time, or over one bucket of a run so long that its buckets are longer.
const WINDOW: Span = Span::from_secs(5);

/// A line's value at some place: an amount, or thousandths of one.
pub(super) type Value = u64;

/// A point of a line: when, in microseconds, and at what value.
pub(super) type Point = (u64, Value);

impl<'a> Tracks<'a> {
    pub(super) fn of(subject: Subject, series: &'a Series, world: &'a World, words: &Words) -> Self {
        let tracks = match subject {
            Subject::Accumulation => accumulation(series, world),
            Subject::Offsets(queue) => offsets(series, world, queue, words),
            Subject::Rates => rates(series, world, words),
            Subject::Calls => super::calls::calls(series, words),
            Subject::Times => super::calls::times(series, world, words),
            Subject::InUse => super::calls::in_use(series, words),
        };
        Self { subject, series, world, now: world.live.now, tracks }
    }

    /// Are the values thousandths?
    pub(super) fn in_thousandths(&self) -> bool {
        matches!(self.subject, Subject::Rates | Subject::Calls | Subject::Times | Subject::InUse)
    }

    /// The key of the word for what the values count.
    pub(super) fn unit(&self) -> &'static str {
        match self.subject {
            Subject::Accumulation => "plot.axis.messages",
            Subject::Offsets(_) => "plot.axis.offset",
            Subject::Rates => "plot.axis.rate",
            Subject::Calls => "plot.axis.calls",
            Subject::Times => "plot.axis.ms",
            Subject::InUse => "plot.axis.calls_now",
        }
    }

    /// Over how many buckets a rate is averaged.
    fn window(&self) -> usize {
        WINDOW.0.div_ceil(self.series.width().0) as usize
    }

    /// The time over which a rate is averaged.
    pub(super) fn smoothing(&self) -> Span {
        self.series.width() * self.window() as u64
    }

    /// The value in the bucket of an instant, at its end; nothing before the track begins or after it ended.
    pub(super) fn at(&self, track: &Track<'_>, at: Instant) -> Option<Value> {
        if at < track.since || at > self.now || track.until.is_some_and(|until| at > until) {
            return None;
        }
        let bucket = self.series.bucket_of(at);
        match track.source {
            Source::Level(level) => level.during(bucket..bucket + 1).map(|bucket| bucket.last),
            Source::Rate(count) => self.rate(|range| count.during(range), count.first(), bucket),
            Source::Mean(sum, count) => {
                self.mean(|range| [sum.during(range.clone()), count.during(range)], bucket)
            }
            Source::Held(held) => self.held(held, |range| held.times().during(range), bucket),
        }
    }

    /// How many there were on average over the window that ends with `bucket`, as thousandths.
    fn held(&self, held: &Held, of: impl Fn(Range<usize>) -> u64, bucket: usize) -> Option<Value> {
        let first = (bucket + 1).saturating_sub(self.window());
        let (from, until) = (self.series.start_of(first), self.series.start_of(bucket + 1).min(self.now));
        let time = of(first..bucket + 1) + held.time_since(from, until);
        (until > from).then(|| (u128::from(time) * 1_000 / u128::from((until - from).0)) as u64)
    }

    /// The mean over the window that ends with `bucket`; nothing if there was nothing in it.
    fn mean(&self, of: impl Fn(Range<usize>) -> [u64; 2], bucket: usize) -> Option<Value> {
        let [sum, count] = of((bucket + 1).saturating_sub(self.window())..bucket + 1);
        sum.checked_div(count)
    }

    /// The value now, or the last one there was.
    pub(super) fn last(&self, track: &Track<'_>) -> Option<Value> {
        self.at(track, track.until.unwrap_or(self.now))
    }

    /// What happened to a level in the buckets from that of `from` to that of `until`; a rate's value at their end.
    pub(super) fn between(&self, track: &Track<'_>, from: Instant, until: Instant) -> Option<Bucket> {
        match track.source {
            Source::Level(level) => {
                level.during(self.series.bucket_of(from)..self.series.bucket_of(until) + 1)
            }
            Source::Rate(_) | Source::Mean(..) | Source::Held(_) => {
                self.at(track, until).map(Bucket::resting)
            }
        }
    }

    /// Thousandths per second over the window that ends with `bucket`, or with the run. As long as the window reaches back
    /// to the first one counted, what came after that is counted from then on: so a constant rate is flat from the start.
    fn rate(
        &self,
        count: impl Fn(Range<usize>) -> u64,
        first: Option<usize>,
        bucket: usize,
    ) -> Option<Value> {
        let window = self.window();
        let from = (bucket + 1).saturating_sub(window);
        let from = match first {
            Some(first) if first >= from => first.min(bucket) + 1,
            _ => from,
        };
        let is_silent = first.is_none_or(|first| first > bucket);
        if is_silent {
            return (bucket >= window).then_some(0);
        }
        let end = self.series.start_of(bucket + 1).min(self.now.max(self.series.start_of(bucket)));
        let time = end - self.series.start_of(from);
        // A rate over next to no time would be wild.
        if time.0 * 4 < self.smoothing().0 {
            return None;
        }
        Some((u128::from(count(from..bucket + 1)) * 1_000_000_000 / u128::from(time.0)) as u64)
    }

    /// The line as points, in at most about `columns` columns: time in microseconds and value. Levels go in steps as
    /// long as every bucket has a column of its own; a column of several buckets goes from their lowest value to their
    /// highest, so that no peak is lost.
    pub(super) fn points(&self, track: &Track<'_>, columns: usize) -> Vec<Point> {
        let end = track.until.unwrap_or(self.now);
        let range = self.series.bucket_of(track.since)..self.series.bucket_of(end) + 1;
        match track.source {
            Source::Level(level) => {
                let is_exact = range.len() <= columns;
                let columns = level.columns(range, columns);
                let columns = columns.map(|(at, b)| (self.series.start_of(at).max(track.since), b));
                if is_exact { stairs(columns, end) } else { strokes(columns, end) }
            }
            Source::Rate(count) => {
                let sums = count.sums(range.end);
                let point = |bucket: usize| {
                    let at = self.series.start_of(bucket + 1).min(end);
                    Some((
                        at.0,
                        self.rate(|range| sums[range.end] - sums[range.start], count.first(), bucket)?,
                    ))
                };
                ends(&range, columns).filter_map(point).collect()
            }
            Source::Mean(sum, count) => {
                let (sums, counts) = (sum.sums(range.end), count.sums(range.end));
                let of = |range: Range<usize>| {
                    [sums[range.end] - sums[range.start], counts[range.end] - counts[range.start]]
                };
                let point =
                    |bucket| Some((self.series.start_of(bucket + 1).min(end).0, self.mean(of, bucket)?));
                ends(&range, columns).filter_map(point).collect()
            }
            Source::Held(held) => {
                let sums = held.times().sums(range.end);
                let of = |range: Range<usize>| sums[range.end] - sums[range.start];
                let point = |bucket| {
                    Some((self.series.start_of(bucket + 1).min(end).0, self.held(held, of, bucket)?))
                };
                ends(&range, columns).filter_map(point).collect()
            }
        }
    }
}

/// The last bucket of each of at most about so many columns of equally many.
fn ends(range: &Range<usize>, columns: usize) -> impl Iterator<Item = usize> {
    let each = range.len().div_ceil(columns.max(1)).max(1);
    let end = range.end;
    range.clone().step_by(each).map(move |bucket| (bucket + each).min(end) - 1)
}

/// A level's columns as a line that goes in steps: up or down at once, then on.
fn stairs(columns: impl Iterator<Item = (Instant, Bucket)>, end: Instant) -> Vec<Point> {
    let mut points: Vec<Point> = Vec::new();
    let mut height = None;
    for (at, bucket) in columns {
        if height == Some(bucket.last) && bucket == Bucket::resting(bucket.last) {
            continue;
        }
        let rises = height.is_none_or(|height| bucket.last >= height);
        let turns = if rises { [bucket.low, bucket.high] } else { [bucket.high, bucket.low] };
        for y in height.into_iter().chain(turns).chain([bucket.last]) {
            let point = (at.0, y);
            if points.last() != Some(&point) {
                points.push(point);
            }
        }
        height = Some(bucket.last);
    }
    if let Some(height) = height {
        points.push((end.0, height));
    }
    points
}

/// A level's columns as one upright stroke each, joined by slanted ones.
fn strokes(columns: impl Iterator<Item = (Instant, Bucket)>, end: Instant) -> Vec<Point> {
    let mut points: Vec<Point> = Vec::new();
    let mut last = 0;
    for (at, bucket) in columns {
        let height = points.last().map_or(bucket.low, |point| point.1);
        // The nearer end first.
        let is_upward = height.abs_diff(bucket.low) <= height.abs_diff(bucket.high);
        let [first, second] = if is_upward { [bucket.low, bucket.high] } else { [bucket.high, bucket.low] };
        points.push((at.0, first));
        if second != first {
            points.push((at.0, second));
        }
        last = bucket.last;
    }
    if !points.is_empty() {
        points.push((end.0, last));
    }
    points
}

/// A value as it stands in a sentence or a table.
pub(super) fn written(value: Value, in_thousandths: bool) -> String {
    match value {
        value if !in_thousandths => Number(value).to_string(),
        0..9_950 => format!("{}.{}", (value + 50) / 1_000, (value + 50) % 1_000 / 100),
        value => Number((value + 500) / 1_000).to_string(),
    }
}

pub(super) fn of_group(
    world: &World,
    id: GroupId,
    series: &Series,
) -> Option<(String, Role, Dash, Instant, Option<Instant>)> {
    let group = series.groups.get(id.index())?;
    let name = world.group(id).spec.name.clone();
    Some((name, Role::Group(group_colour(id)), group_dash(id), group.since, group.until))
}

pub(super) fn all_groups(world: &World) -> impl Iterator<Item = GroupId> {
    (0..world.live.groups.len()).map(GroupId::at)
}

fn accumulation<'a>(series: &'a Series, world: &World) -> Vec<Track<'a>> {
    let track = |id| {
        let (name, role, dash, since, until) = of_group(world, id, series)?;
        let source = Source::Level(&series.groups[id.index()].accumulation);
        Some(Track { name, role, dash, since, until, source })
    };
    all_groups(world).filter_map(track).collect()
}

fn rates<'a>(series: &'a Series, world: &World, words: &Words) -> Vec<Track<'a>> {
    let produced = Track {
        name: words.text("plot.produced").to_owned(),
        role: Role::Ink,
        dash: Dash::Solid,
        since: Instant::ZERO,
        until: None,
        source: Source::Rate(&series.produced),
    };
    let track = |id| {
        let (name, role, dash, since, until) = of_group(world, id, series)?;
        let source = Source::Rate(&series.groups[id.index()].consumed);
        Some(Track { name, role, dash, since, until, source })
    };
    [produced].into_iter().chain(all_groups(world).filter_map(track)).collect()
}

fn offsets<'a>(series: &'a Series, world: &World, queue: QueueId, words: &Words) -> Vec<Track<'a>> {
    let Some(level) = series.max_offset.get(queue.index()) else { return Vec::new() };
    let Some(first) = level.first() else { return Vec::new() };
    let max = Track {
        name: words.text("plot.max").to_owned(),
        role: Role::Ink,
        dash: Dash::Solid,
        since: series.start_of(first),
        until: None,
        source: Source::Level(level),
    };
    let all = world.live.progress.iter().zip(&series.committed);
    let track = |(progress, level): (&crate::broker::progress::ProgressState, &'a Level)| {
        let (name, role, dash, _, until) = of_group(world, progress.group, series)?;
        let name = match progress.member {
            Some(member) => format!("{name}/{}", world.consumer(member).spec.name),
            None => name,
        };
        let source = Source::Level(level);
        Some(Track { name, role, dash, since: progress.started_at, until, source })
    };
    let committed = all.filter(|(progress, _)| progress.queue == queue).filter_map(track);
    [max].into_iter().chain(committed).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_level_goes_in_steps_and_keeps_its_peaks() {
        let bucket = |low, high, last| Bucket { low, high, last };
        let columns = [
            (Instant::from_secs(0), Bucket::resting(0)),
            (Instant::from_secs(1), Bucket::resting(0)),
            (Instant::from_secs(2), bucket(0, 9, 4)),
            (Instant::from_secs(3), bucket(1, 5, 2)),
            (Instant::from_secs(4), Bucket::resting(2)),
        ];
        let points = stairs(columns.into_iter(), Instant::from_secs(5));
        let expected = [(0, 0), (2, 0), (2, 9), (2, 4), (3, 4), (3, 5), (3, 1), (3, 2), (5, 2)];
        assert_eq!(points, expected.map(|(s, y)| (s * 1_000_000, y)));
    }

    #[test]
    fn a_crowded_level_is_drawn_in_strokes_that_keep_its_peaks() {
        let bucket = |low, high, last| Bucket { low, high, last };
        let columns = [bucket(0, 0, 0), bucket(0, 9, 4), bucket(1, 8, 5), bucket(2, 3, 3)];
        let columns = columns.into_iter().enumerate().map(|(s, b)| (Instant::from_secs(s as u64), b));
        let points = strokes(columns, Instant::from_secs(4));
        let expected = [(0, 0), (1, 0), (1, 9), (2, 8), (2, 1), (3, 2), (3, 3), (4, 3)];
        assert_eq!(points, expected.map(|(s, y)| (s * 1_000_000, y)));
    }

    #[test]
    fn values_are_written_for_people() {
        let rates = [0, 49, 50, 9_940, 9_950, 59_800, 1_234_567].map(|value| written(value, true));
        assert_eq!(rates, ["0.0", "0.0", "0.1", "9.9", "10", "60", "1,235"]);
        assert_eq!(written(12_345, false), "12,345");
    }
}
