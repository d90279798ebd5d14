//! A chart in a sentence, for those who do not see it.

use super::Subject;
use super::track::{Track, Tracks, written};
use crate::broker::World;
use crate::lesson::{Said, Words};
use crate::metrics::Series;
use crate::sim::{Instant, Span};

/// So many lines are told one by one; the rest are counted.
const TOLD: usize = 6;

/// What a chart shows, in a sentence: each line's value now and where it is heading.
pub fn summary(subject: Subject, series: &Series, world: &World, words: &Words) -> String {
    told(&Tracks::of(subject, series, world, words), words)
}

/// The same from tracks that are there already.
pub(super) fn told(all: &Tracks<'_>, words: &Words) -> String {
    let living = all.tracks.iter().filter(|track| track.until.is_none());
    let sentences: Vec<String> = living.filter_map(|track| line(all, track, words)).collect();
    let rest = sentences.len().saturating_sub(TOLD);
    let more = (rest > 0).then(|| words.count("plot.summary.more", rest as u64, &[]));
    let told = sentences.into_iter().take(TOLD).chain(more);
    let joined = told
        .reduce(|first, second| words.fill("plot.summary.and", &[("first", &first), ("second", &second)]));
    joined.unwrap_or_else(|| words.text(nothing(all.subject)).to_owned())
}

/// What an empty chart says.
pub(super) fn nothing(subject: Subject) -> &'static str {
    match subject {
        Subject::Accumulation => "plot.no_group",
        Subject::Offsets(_) => "plot.no_queue",
        Subject::Rates | Subject::Calls | Subject::Times | Subject::InUse => "plot.nothing",
    }
}

fn line(all: &Tracks<'_>, track: &Track<'_>, words: &Words) -> Option<String> {
    let now = all.last(track)?;
    let value = written(now, all.in_thousandths());
    let holes: [(&str, &dyn Said); 2] = [("line", &track.name), ("n", &value)];
    let key = match (all.subject, trend(all, track, now)) {
        (Subject::Accumulation, _) if now == 0 => "plot.summary.caught_up",
        (Subject::Accumulation, Trend::Rising) => "plot.summary.behind_rising",
        (Subject::Accumulation, Trend::Falling) => "plot.summary.behind_falling",
        (Subject::Accumulation, Trend::Steady) => "plot.summary.behind_steady",
        (Subject::Offsets(_), _) => "plot.summary.offset",
        (Subject::Times, _) => "plot.summary.time",
        (Subject::InUse, _) => "plot.summary.in_use",
        (Subject::Calls, _) => "plot.summary.per_second",
        (Subject::Rates, Trend::Rising) => "plot.summary.rate_rising",
        (Subject::Rates, Trend::Falling) => "plot.summary.rate_falling",
        (Subject::Rates, Trend::Steady) => "plot.summary.rate_steady",
    };
    Some(words.fill(key, &holes))
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Trend {
    Rising,
    Falling,
    Steady,
}

/// Where a line is heading: its value against what it was a tenth of the run ago, but a second at least. A tenth more
/// or less (and two messages) is no change.
fn trend(all: &Tracks<'_>, track: &Track<'_>, now: u64) -> Trend {
    let back = Span::from_secs(1).max((all.now - Instant::ZERO) / 10);
    let Some(before) = all.at(track, (all.now - back).max(track.since)) else { return Trend::Steady };
    let small = if all.in_thousandths() { 2_000 } else { 2 };
    let margin = (before / 10).max(small);
    if now > before + margin {
        Trend::Rising
    } else if now + margin < before {
        Trend::Falling
    } else {
        Trend::Steady
    }
}
