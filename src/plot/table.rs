//! The numbers behind a chart: what the page shows as a table and gives away as a file.

use super::track::{Source, Track, Tracks, written};
use crate::lesson::Words;
use crate::sim::Span;

/// The numbers of a chart.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Table {
    /// What stands above each column; the first is the time.
    pub columns: Vec<Column>,
    /// One row for each instant.
    pub rows: Vec<Vec<Cell>>,
}

/// A column.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Column {
    /// What it is about.
    pub name: String,
    /// In what its values are given.
    pub unit: String,
}

/// A value, exact for programs and written for people; empty where a line did not exist.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Cell {
    /// A plain decimal number.
    pub exact: String,
    /// The same for people.
    pub shown: String,
}

/// The numbers of `all` in at most `rows` rows of equally much time. A level's value is the one at the end of its
/// row; beside it stands the highest one it had since the row before, so that no peak is lost.
pub(super) fn table(all: &Tracks<'_>, words: &Words, rows: usize) -> Table {
    let buckets = all.series.bucket_of(all.now) + 1;
    let each = buckets.div_ceil(rows.max(1)).max(1);
    let unit = words.text(all.unit());
    let column = |name: String, unit: &str| Column { name, unit: unit.to_owned() };
    let mut columns = vec![column(words.text("plot.time").to_owned(), words.text("plot.seconds"))];
    for track in &all.tracks {
        columns.push(column(track.name.clone(), unit));
        if shows_highest(all, track) {
            columns.push(column(words.fill("plot.highest", &[("line", &track.name)]), unit));
        }
    }
    let row = |first: usize| {
        let from = all.series.start_of(first);
        let end = all.series.start_of((first + each).min(buckets)).min(all.now.max(from));
        // The last instant that still belongs to the row.
        let last = end.max(from + Span(1)).min(all.now) - Span(1);
        let last = if end == all.now { all.now } else { last };
        let mut cells =
            vec![Cell { exact: decimal(end.0, 6), shown: super::ticks::time_label(end, all.series.width()) }];
        for track in &all.tracks {
            let bucket = all.at(track, last).and_then(|_| all.between(track, from, last));
            cells.push(cell(all, bucket.map(|bucket| bucket.last)));
            if shows_highest(all, track) {
                cells.push(cell(all, bucket.map(|bucket| bucket.high)));
            }
        }
        cells
    };
    Table { columns, rows: (0..buckets).step_by(each).map(row).collect() }
}

/// An offset only grows: its highest value is its last.
fn shows_highest(all: &Tracks<'_>, track: &Track<'_>) -> bool {
    matches!(track.source, Source::Level(_)) && all.subject == super::Subject::Accumulation
}

fn cell(all: &Tracks<'_>, value: Option<u64>) -> Cell {
    let Some(value) = value else { return Cell::default() };
    let decimals = if all.in_thousandths() { 3 } else { 0 };
    Cell { exact: decimal(value, decimals), shown: written(value, all.in_thousandths()) }
}

/// A number with so many of its digits behind the point.
fn decimal(value: u64, decimals: u32) -> String {
    let unit = 10u64.pow(decimals);
    match value % unit {
        0 => (value / unit).to_string(),
        rest => {
            let digits = format!("{rest:0width$}", width = decimals as usize);
            format!("{}.{}", value / unit, digits.trim_end_matches('0'))
        }
    }
}

impl Table {
    /// The table as comma-separated values (RFC 4180), with a header row.
    pub fn csv(&self) -> String {
        let mut out = String::new();
        let header = self.columns.iter().map(|column| format!("{} ({})", column.name, column.unit));
        line(&mut out, header);
        for row in &self.rows {
            line(&mut out, row.iter().map(|cell| cell.exact.clone()));
        }
        out
    }
}

fn line(out: &mut String, cells: impl Iterator<Item = String>) {
    for (index, cell) in cells.enumerate() {
        if index > 0 {
            out.push(',');
        }
        // A text that a spreadsheet would take for a formula gets a sign before it that says it is none.
        let formula = if cell.starts_with(['=', '+', '-', '@', '\t', '\r']) { "'" } else { "" };
        if cell.contains([',', '"', '\n', '\r']) || !formula.is_empty() {
            out.push('"');
            out.push_str(formula);
            out.push_str(&cell.replace('"', "\"\""));
            out.push('"');
        } else {
            out.push_str(&cell);
        }
    }
    out.push_str("\r\n");
}
