//! Charts of a run, drawn with plotters: accumulation, offsets and rates over time.
//!
//! ```text
//!  series + world ──► tracks (which lines, what values) ──┬─► points ──► plotters ──► SVG text
//!                                                         ├─► table ──► CSV
//!                                                         ├─► values at an instant (the shared cursor)
//!                                                         └─► a sentence
//! ```
//!
//! The same run gives the same text on every platform: nothing is measured by a browser, widths are estimated as on
//! the stage. The SVG uses presentation attributes only (no `style`, no script, no reference to anything outside), and
//! every name in it is escaped.

mod calls;
mod chart;
mod summary;
mod svg;
mod table;
pub mod ticks;
mod track;

pub use chart::{Chart, Frame, Style};
pub use summary::summary;
pub use table::{Cell, Column, Table};
pub use track::Subject;

use track::{Tracks, written};

use crate::broker::{QueueId, World};
use crate::lesson::Words;
use crate::metrics::Series;
use crate::scene::Role;
use crate::sim::Instant;

/// How far each group is behind.
pub fn accumulation(series: &Series, world: &World, style: &Style<'_>) -> Chart {
    draw(Subject::Accumulation, series, world, style)
}

/// A queue's max offset and each group's committed offset, the gap between them shaded.
pub fn offsets(series: &Series, world: &World, queue: QueueId, style: &Style<'_>) -> Chart {
    draw(Subject::Offsets(queue), series, world, style)
}

/// Messages stored, and messages consumed by each group, per second.
pub fn rates(series: &Series, world: &World, style: &Style<'_>) -> Chart {
    draw(Subject::Rates, series, world, style)
}

/// Draws a chart.
pub fn draw(subject: Subject, series: &Series, world: &World, style: &Style<'_>) -> Chart {
    chart::draw(&Tracks::of(subject, series, world, style.words), None, style)
}

/// Draws a chart with the lines of another branch of the run under it.
pub fn draw_over(
    subject: Subject,
    (series, world): (&Series, &World),
    (under, there): (&Series, &World),
    style: &Style<'_>,
) -> Chart {
    let all = Tracks::of(subject, series, world, style.words);
    // A queue may have another number there.
    let same = match subject {
        Subject::Offsets(queue) => queue_of(world, there, queue).map(Subject::Offsets),
        _ => Some(subject),
    };
    let under = same.map(|subject| Tracks::of(subject, under, there, style.words));
    chart::draw(&all, under.as_ref(), style)
}

/// The queue of another branch that stands for one here: that of the same number in the topic of the same name.
fn queue_of(world: &World, there: &World, queue: QueueId) -> Option<QueueId> {
    let state = world.live.queues.get(queue.index())?;
    let topic = there.find_topic(&world.topic(state.topic).name)?;
    there.topic(topic).queues.get(state.number as usize).copied()
}

/// The name of a chart, and what its values are, as they stand above it.
pub fn heading(subject: Subject, series: &Series, world: &World, words: &Words) -> (String, String) {
    heading_of(&Tracks::of(subject, series, world, words), words)
}

fn heading_of(all: &Tracks<'_>, words: &Words) -> (String, String) {
    let has_calls = all.series.calls.since.is_some();
    match all.subject {
        Subject::Accumulation => {
            (words.text("plot.accumulation").to_owned(), words.text("plot.accumulation.unit").to_owned())
        }
        Subject::Offsets(queue) => {
            let name = if all.tracks.is_empty() { String::new() } else { all.world.queue_name(queue) };
            (words.text("plot.offsets").to_owned(), words.fill("plot.offsets.unit", &[("queue", &name)]))
        }
        Subject::Rates | Subject::Calls | Subject::Times | Subject::InUse => {
            let [title, unit] = match all.subject {
                Subject::Calls if !has_calls => ["plot.p2p_rates", "plot.call_rates.unit"],
                Subject::InUse if !has_calls => ["plot.p2p_waiting", "plot.in_use.unit"],
                Subject::Calls => ["plot.call_rates", "plot.call_rates.unit"],
                Subject::Times => ["plot.times", "plot.times.unit"],
                Subject::InUse => ["plot.in_use", "plot.in_use.unit"],
                _ => ["plot.rates", "plot.rates.unit"],
            };
            (words.text(title).to_owned(), words.fill(unit, &[("window", &short(all.smoothing()))]))
        }
    }
}

/// A length of time, rounded to what anybody wants to know.
fn short(span: crate::sim::Span) -> String {
    match span.0 {
        0..60_000_000 => format!("{} s", (span.0 + 500_000) / 1_000_000),
        us => format!("{} min", us.div_ceil(60_000_000)),
    }
}

/// A line's name, its colour and its value at some instant.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reading {
    /// The line.
    pub name: String,
    /// Its colour.
    pub role: Role,
    /// Its value in words, and the number a chart would draw it at.
    pub value: String,
    /// The same as a number on the chart's axis (in thousandths for rates).
    pub height: u64,
}

/// What each line of a chart was at an instant; lines that did not exist are left out.
pub fn readings(
    subject: Subject,
    series: &Series,
    world: &World,
    words: &Words,
    at: Instant,
) -> Vec<Reading> {
    let all = Tracks::of(subject, series, world, words);
    let reading = |track: &track::Track<'_>| {
        let height = all.at(track, at)?;
        let value = written(height, all.in_thousandths());
        Some(Reading { name: track.name.clone(), role: track.role, value, height })
    };
    all.tracks.iter().filter_map(reading).collect()
}

/// The numbers behind a chart, in at most `rows` rows.
pub fn table(subject: Subject, series: &Series, world: &World, words: &Words, rows: usize) -> Table {
    table::table(&Tracks::of(subject, series, world, words), words, rows)
}
