//! Drawing: axes, grid, gaps, lines and words, each a layer of the picture.

use plotters::chart::{ChartBuilder, ChartContext};
use plotters::coord::cartesian::Cartesian2d;
use plotters::coord::combinators::{BindKeyPoints, WithKeyPoints};
use plotters::coord::types::RangedCoordu64;
use plotters::element::{Circle, PathElement, Polygon, Text};
use plotters::prelude::SVGBackend;
use plotters::series::LineSeries;
use plotters::style::text_anchor::{HPos, Pos, VPos};
use plotters::style::{Color, FontDesc, FontFamily, FontStyle, RGBColor, ShapeStyle, TextStyle};

use super::svg::{Area, Document, Drawn, SCALE, printable};
use super::track::{Point, Source, Track, Tracks, written};
use super::{Subject, summary, ticks};
use crate::lesson::Words;
use crate::scene::shape::Font;
use crate::scene::text::{Short, width};
use crate::scene::theme::Colour;
use crate::scene::{Role, Theme};
use crate::sim::{Instant, Span};

/// How a chart is to look.
#[derive(Clone, Copy, Debug)]
pub struct Style<'a> {
    /// Its width in CSS pixels.
    pub width: u32,
    /// Its height in CSS pixels.
    pub height: u32,
    /// Its colours.
    pub theme: &'a Theme,
    /// Its language.
    pub words: &'a Words,
    /// Where the time axis ends; a run that is longer moves it on.
    pub until: Instant,
    /// Does it stand for itself (a file), with a heading and a ground? In the page both are there already.
    pub stands_alone: bool,
}

/// A chart as it was drawn.
#[derive(Clone, Debug, PartialEq)]
pub struct Chart {
    /// The picture.
    pub svg: String,
    /// The same in a sentence.
    pub summary: String,
    /// Where the plot is in the picture.
    pub frame: Frame,
}

/// A sample of a line is so long, and its name begins so far from the sample's beginning.
const SAMPLE: i32 = 18;
const BESIDE: i32 = 24;
/// Room for how many lines are not named.
const LEFT_OUT: i32 = 30;

/// A level that goes up and down so many pixels within one, on average, is a block.
const DENSE: f64 = 12.0;

/// Where the axes are, so that something can be drawn over them.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Frame {
    /// The size of the whole picture.
    pub size: (u32, u32),
    /// From time 0 to the end of the axis, in pixels.
    pub x: (i32, i32),
    /// From value 0 (below) to the highest tick (above), in pixels.
    pub y: (i32, i32),
    /// The end of the time axis.
    pub until: Instant,
    /// The highest tick (in thousandths for rates).
    pub highest: u64,
}

impl Frame {
    /// The instant under a place.
    pub fn instant_at(&self, x: f64) -> Instant {
        let part = (x - f64::from(self.x.0)) / f64::from((self.x.1 - self.x.0).max(1));
        Instant((part.clamp(0.0, 1.0) * self.until.0 as f64) as u64)
    }

    /// Where an instant stands.
    pub fn x_of(&self, at: Instant) -> f64 {
        let part = at.0 as f64 / self.until.0.max(1) as f64;
        f64::from(self.x.0) + part.min(1.0) * f64::from(self.x.1 - self.x.0)
    }

    /// Where a value stands.
    pub fn y_of(&self, value: u64) -> f64 {
        let part = value as f64 / self.highest.max(1) as f64;
        f64::from(self.y.0) + part.min(1.0) * f64::from(self.y.1 - self.y.0)
    }
}

/// The size of all words, but for the heading.
const TEXT: f32 = 12.0;
/// The page's own face, or whatever the viewer of a file has.
const FAMILY: &str = "system-ui, sans-serif";
/// What lines look like that plotters would draw with mitred corners, far beyond their peaks.
const ROUND: [(&str, &str); 2] = [("stroke-linejoin", "round"), ("stroke-linecap", "butt")];

/// Draws the chart of these tracks, with those of another branch under them.
pub(super) fn draw(all: &Tracks<'_>, under: Option<&Tracks<'_>>, style: &Style<'_>) -> Chart {
    let style =
        Style { width: style.width.clamp(160, 4_000), height: style.height.clamp(90, 4_000), ..*style };
    let canvas = Canvas::new(all, under, &style);
    let summary = summary::told(all, style.words);
    let mut document = Document::new((style.width, style.height), &summary);
    if style.stands_alone {
        document.layer(&[], |area| area.fill(&canvas.colour(Role::Surface)));
    }
    canvas.draw_grid(&mut document);
    if matches!(all.subject, Subject::Offsets(_)) {
        canvas.draw_gaps(&mut document);
    }
    canvas.draw_under(&mut document, under);
    for (index, track) in all.tracks.iter().enumerate() {
        canvas.draw_track(&mut document, track, index);
    }
    canvas.draw_words(&mut document);
    Chart { svg: document.finish(), summary, frame: canvas.frame }
}

/// A chart's measures.
struct Canvas<'a> {
    all: &'a Tracks<'a>,
    style: &'a Style<'a>,
    frame: Frame,
    /// Every track's points.
    lines: Vec<Vec<Point>>,
    /// Those of another branch.
    under: Vec<Vec<Point>>,
    amounts: Vec<u64>,
    times: Vec<Instant>,
    time_step: Span,
    legend: Legend,
}

/// What names the lines, and says where each has come to. It stands above them: so the whole width is theirs, and no word
/// is in their way wherever they end.
struct Legend {
    /// Of each line that is named: where its sample begins, and its words.
    entries: Vec<(usize, (i32, i32), String)>,
    /// Where the sample of another branch's lines begins, and its words.
    other: Option<((i32, i32), String)>,
    /// How many are not named.
    left_out: usize,
    rows: i32,
    /// The baseline of the last row.
    bottom: i32,
}

type Axis = WithKeyPoints<RangedCoordu64>;
type Plot<'a, 'b> = ChartContext<'a, SVGBackend<'b>, Cartesian2d<Axis, Axis>>;

impl<'a> Canvas<'a> {
    fn new(all: &'a Tracks<'a>, under: Option<&Tracks<'_>>, style: &'a Style<'a>) -> Self {
        let (w, h) = (style.width as i32, style.height as i32);
        let last = under.map_or(all.now, |under| under.now.max(all.now));
        let until = style.until.max(last).max(Instant::from_ms(1));

        let heading = if style.stands_alone { 24 } else { 0 };
        let other = under.map(|_| style.words.text("plot.other_branch"));
        let legend = Legend::of(all, other, w, h, heading);
        let legend_height = if legend.entries.is_empty() { 0 } else { legend.rows * 18 + 2 };
        // In the page the unit stands in the heading.
        let top = heading + legend_height + if style.stands_alone { 20 } else { 10 };
        let bottom = h - 22;

        // A line is nearly two pixels wide: more columns than that would not be seen.
        let columns = (w as usize / 2).max(1);
        let lines: Vec<_> = all.tracks.iter().map(|track| all.points(track, columns)).collect();
        let under =
            under.map(|under| under.tracks.iter().map(|track| under.points(track, columns)).collect());
        let under: Vec<_> = under.unwrap_or_default();
        let highest = lines.iter().chain(&under).flatten().map(|(_, y)| *y).max().unwrap_or(0);
        let (least_step, least_top) = if all.in_thousandths() { (100, 1_000) } else { (1, 4) };
        let room_for = ((bottom - top) / 34 + 1).clamp(2, 6) as usize;
        let amounts = ticks::amounts(highest.max(least_top), room_for, least_step);
        let label = |amount: &u64| width(&amount_label(all, *amount), TEXT, Font::Regular);
        let left = amounts.iter().map(label).fold(0.0, f32::max).ceil() as i32 + 10;

        let x = (left.max(44), (w - 10).max(left + 60));
        let widest = ticks::time_label(until, Span::from_secs(1));
        let each = width(&widest, TEXT, Font::Regular) as i32 + 22;
        let (times, time_step) = ticks::times(until, ((x.1 - x.0) / each + 1).max(2) as usize);
        let frame = Frame {
            size: (style.width, style.height),
            x,
            y: (bottom, top),
            until,
            highest: amounts.last().copied().unwrap_or(1),
        };
        Self { all, style, frame, lines, under, amounts, times, time_step, legend }
    }

    fn colour(&self, role: Role) -> RGBColor {
        let Colour(rgb) = self.style.theme.colour(role);
        RGBColor((rgb >> 16) as u8, (rgb >> 8) as u8, rgb as u8)
    }

    fn stroke(&self, role: Role, wide: f32) -> ShapeStyle {
        self.colour(role).stroke_width((wide * self.style.theme.thickness * SCALE as f32).round() as u32)
    }

    /// The plot on an area in quarters of pixels.
    fn plot<'b, 'c>(
        &self,
        area: &'b Area<'c>,
    ) -> Result<Plot<'b, 'c>, plotters::drawing::DrawingAreaErrorKind<std::io::Error>> {
        let Frame { size: (w, h), x, y, .. } = self.frame;
        ChartBuilder::on(area)
            .margin_left(x.0 * SCALE)
            .margin_right((w as i32 - x.1) * SCALE)
            .margin_top(y.1 * SCALE)
            .margin_bottom((h as i32 - y.0) * SCALE)
            .build_cartesian_2d(
                (0..self.frame.until.0).with_key_points(self.times.iter().map(|time| time.0).collect()),
                (0..self.frame.highest).with_key_points(self.amounts.clone()),
            )
    }

    /// A grid that keeps to the background: a line for each amount, a short one for each time.
    fn draw_grid(&self, document: &mut Document) {
        document.fine_layer(&[("shape-rendering", "crispEdges")], |area| {
            let mut plot = self.plot(area)?;
            plot.configure_mesh()
                .disable_x_mesh()
                .disable_axes()
                .bold_line_style(self.stroke(Role::Line, 1.0))
                .light_line_style(self.colour(Role::Line).mix(0.0))
                .draw()?;
            let strong = self.stroke(Role::LineStrong, 1.0);
            let Frame { x, y, .. } = self.frame;
            area.draw(&PathElement::new([(x.0 * SCALE, y.0 * SCALE), (x.1 * SCALE, y.0 * SCALE)], strong))?;
            for time in &self.times {
                let at = (self.frame.x_of(*time) * f64::from(SCALE)) as i32;
                area.draw(&PathElement::new([(at, y.0 * SCALE), (at, (y.0 + 4) * SCALE)], strong))?;
            }
            Ok(())
        });
    }

    /// Between the max offset and each committed offset: what that group has before it.
    fn draw_gaps(&self, document: &mut Document) {
        let Some((max, committed)) = self.lines.split_first() else { return };
        let opacity = [0.0, 0.24, 0.14, 0.1].get(committed.len()).copied().unwrap_or(0.08);
        document.fine_layer(&[], |area| {
            let plot = self.plot(area)?;
            for (track, line) in self.all.tracks[1..].iter().zip(committed) {
                let (Some(first), Some(last)) = (line.first(), line.last()) else { continue };
                // The part of the max offset above this line, backwards.
                let above = max.iter().rev().filter(|(x, _)| (first.0..=last.0).contains(x)).copied();
                let height_at = |x| max.iter().take_while(|(at, _)| *at <= x).last().map_or(0, |(_, y)| *y);
                let ends = [(last.0, height_at(last.0)), (first.0, height_at(first.0))];
                let outline: Vec<Point> =
                    line.iter().copied().chain([ends[0]]).chain(above).chain([ends[1]]).collect();
                plot.plotting_area().draw(&Polygon::new(outline, self.colour(track.role).mix(opacity)))?;
            }
            Ok(())
        });
    }

    /// The lines of another branch: in the colours of their counterparts here, but pale, thin and dashed.
    fn draw_under(&self, document: &mut Document, under: Option<&Tracks<'_>>) {
        let Some(under) = under else { return };
        let mut attributes = ROUND.to_vec();
        attributes.extend([("stroke-dasharray", "16 14"), ("opacity", "0.65")]);
        document.fine_layer(&attributes, |area| {
            for (track, line) in under.tracks.iter().zip(&self.under) {
                let same = self.all.tracks.iter().find(|same| same.name == track.name);
                let stroke = self.stroke(same.map_or(Role::InkMuted, |same| same.role), 1.5);
                for part in unbroken(line, matches!(track.source, Source::Mean(..))) {
                    self.plot(area)?.draw_series(LineSeries::new(part.iter().copied(), stroke))?;
                }
            }
            if let Some(((x, y), _)) = &self.legend.other {
                let sample = [(x * SCALE, (y - 4) * SCALE), ((x + SAMPLE) * SCALE, (y - 4) * SCALE)];
                area.draw(&PathElement::new(sample, self.stroke(Role::InkMuted, 1.5)))?;
            }
            Ok(())
        });
    }

    fn draw_track(&self, document: &mut Document, track: &Track<'_>, index: usize) {
        let line = &self.lines[index];
        let dashes: Vec<String> =
            track.dash.lengths(2.0).iter().map(|length| (length * SCALE as f32).to_string()).collect();
        let dashes = dashes.join(" ");
        let mut attributes = ROUND.to_vec();
        if !dashes.is_empty() {
            attributes.push(("stroke-dasharray", &dashes));
        }
        let stroke = self.stroke(track.role, 1.75);
        let parts = |area: &Area<'_>| -> Drawn {
            for part in unbroken(line, matches!(track.source, Source::Mean(..))) {
                self.plot(area)?.draw_series(LineSeries::new(part.iter().copied(), stroke))?;
            }
            Ok(())
        };
        // What goes up and down without end would be a block that hides what lies below it.
        let y_of = |point: &Point| self.frame.y_of(point.1);
        let travel: f64 = line.windows(2).map(|pair| (y_of(&pair[1]) - y_of(&pair[0])).abs()).sum();
        let x_of = |point: Option<&Point>| point.map_or(0.0, |point| self.frame.x_of(Instant(point.0)));
        let is_dense = matches!(track.source, Source::Level(_))
            && travel > (x_of(line.last()) - x_of(line.first())).max(1.0) * DENSE;
        if is_dense {
            document.fine_layer(&[&attributes[..], &[("opacity", "0.5")]].concat(), parts);
        }
        document.fine_layer(&attributes, |area| {
            if !is_dense {
                parts(area)?;
            }
            let sample = self.legend.entries.iter().find(|entry| entry.0 == index);
            if let Some((_, (x, y), _)) = sample {
                let sample = [(x * SCALE, (y - 4) * SCALE), ((x + SAMPLE) * SCALE, (y - 4) * SCALE)];
                area.draw(&PathElement::new(sample, stroke))?;
            }
            Ok(())
        });
        if let Some(&(x, y)) = line.last() {
            let dot = self.colour(track.role).filled();
            document.fine_layer(&[], |area| {
                self.plot(area)?.plotting_area().draw(&Circle::new((x, y), 3 * SCALE, dot))
            });
        }
    }

    /// All words: at the ticks, the units, the lines' names.
    fn draw_words(&self, document: &mut Document) {
        document.layer(&[], |area| {
            let Frame { size: (w, _), x, y, .. } = self.frame;
            let words = self.style.words;
            for amount in &self.amounts {
                let at = (x.0 - 6, self.frame.y_of(*amount) as i32 + 4);
                self.write(
                    area,
                    &amount_label(self.all, *amount),
                    at,
                    HPos::Right,
                    Role::InkMuted,
                    Font::Regular,
                )?;
            }
            // What the axis counts stands at its end, always; a tick that comes too near has no label.
            let unit = words.text("plot.axis.time");
            let unit = (w >= 280).then(|| (unit, w as i32 - width(unit, TEXT, Font::Regular) as i32));
            for time in &self.times {
                let label = ticks::time_label(*time, self.time_step);
                let wide = width(&label, TEXT, Font::Regular) as i32;
                let middle = (self.frame.x_of(*time) as i32).min(w as i32 - wide / 2 - 2);
                if unit.is_none_or(|(_, free_until)| middle + wide / 2 + 10 <= free_until) {
                    self.write(
                        area,
                        &label,
                        (middle, y.0 + 17),
                        HPos::Center,
                        Role::InkMuted,
                        Font::Regular,
                    )?;
                }
            }
            if let Some((unit, _)) = unit {
                self.write(area, unit, (w as i32, y.0 + 17), HPos::Right, Role::InkMuted, Font::Regular)?;
            }
            if self.style.stands_alone {
                let unit = words.text(self.all.unit());
                self.write(area, unit, (0, y.1 - 10), HPos::Left, Role::InkMuted, Font::Regular)?;
            }
            if self.all.tracks.is_empty() {
                let middle = ((x.0 + x.1) / 2, (y.0 + y.1) / 2 + 4);
                let nothing = words.text(summary::nothing(self.all.subject));
                self.write(area, nothing, middle, HPos::Center, Role::InkMuted, Font::Regular)?;
            }
            if self.style.stands_alone {
                self.write_heading(area)?;
            }
            self.write_legend(area, w as i32)
        });
    }

    fn write_heading(&self, area: &Area<'_>) -> Drawn {
        let (name, unit) = super::heading_of(self.all, self.style.words);
        self.write(area, &name, (0, 14), HPos::Left, Role::Ink, Font::Bold)?;
        let beside = width(&name, TEXT, Font::Bold) as i32 + 12;
        self.write(area, &unit, (beside, 14), HPos::Left, Role::InkMuted, Font::Regular)
    }

    fn write_legend(&self, area: &Area<'_>, w: i32) -> Drawn {
        let legend = &self.legend;
        for (index, (x, y), words) in &legend.entries {
            let role = self.all.tracks[*index].role;
            self.write(area, words, (x + BESIDE, *y), HPos::Left, role, Font::Bold)?;
        }
        if let Some(((x, y), words)) = &legend.other {
            self.write(area, words, (x + BESIDE, *y), HPos::Left, Role::InkMuted, Font::Regular)?;
        }
        if legend.left_out > 0 {
            let more = format!("+{}", legend.left_out);
            let at = (w - 4, legend.bottom);
            self.write(area, &more, at, HPos::Right, Role::InkMuted, Font::Regular)?;
        }
        Ok(())
    }

    /// Writes words; `at` is on their baseline.
    fn write(
        &self,
        area: &Area<'_>,
        words: &str,
        at: (i32, i32),
        anchor: HPos,
        role: Role,
        font: Font,
    ) -> Drawn {
        // plotters means another size by the number than SVG does.
        let size = f64::from(TEXT) * 1.24;
        let weight = if font == Font::Bold { FontStyle::Bold } else { FontStyle::Normal };
        let font = FontDesc::new(FontFamily::Name(FAMILY), size, weight);
        // plotters lifts what stands on a line by half the height of an x, which is about 3 px.
        let colour = self.colour(role);
        let style = TextStyle::from(font).color(&colour).pos(Pos::new(anchor, VPos::Bottom));
        let words: String = words.chars().map(printable).collect();
        area.draw(&Text::new(words, (at.0, at.1 + 3), style))
    }
}

/// An amount as it stands at a tick.
fn amount_label(all: &Tracks<'_>, amount: u64) -> String {
    if all.in_thousandths() { ticks::thousandths_label(amount) } else { ticks::amount_label(amount) }
}

/// A value as it stands at the end of a line.
fn short(all: &Tracks<'_>, value: u64) -> String {
    match (all.in_thousandths(), value) {
        (true, 0..9_999_500) => written(value, true),
        (true, value) => Short(value / 1_000).to_string(),
        (false, value) => Short(value).to_string(),
    }
}

impl Legend {
    /// Rows of samples and names, in at most a quarter of the height.
    fn of(all: &Tracks<'_>, other: Option<&str>, w: i32, h: i32, top: i32) -> Self {
        let most = (h / 4 / 18).clamp(1, 4);
        let mut legend = Self { entries: Vec::new(), other: None, left_out: 0, rows: 1, bottom: 0 };
        let mut x = 0;
        for (index, track) in all.tracks.iter().enumerate() {
            let value = match (track.until, all.last(track)) {
                (None, Some(value)) => format!(" {}", short(all, value)),
                _ => String::new(),
            };
            let name = shortened(&track.name, TEXT, Font::Bold, (w / 2 - 60) as f32);
            let words = format!("{name}{value}");
            // As if every value had four digits, so that entries stay put.
            let wide = BESIDE
                + width(&format!("{name} 0000"), TEXT, Font::Bold).max(width(&words, TEXT, Font::Bold))
                    as i32;
            let is_last = index + 1 == all.tracks.len();
            if x > 0 && x + wide > w - if is_last || legend.rows < most { 0 } else { LEFT_OUT } {
                if legend.rows == most {
                    legend.left_out = all.tracks.len() - index;
                    break;
                }
                legend.rows += 1;
                x = 0;
            }
            legend.entries.push((index, (x, top + legend.rows * 18 - 4), words));
            x += wide + 12;
        }
        if let Some(other) = other.filter(|_| legend.left_out == 0) {
            let wide = BESIDE + width(other, TEXT, Font::Regular) as i32;
            if x > 0 && x + wide > w && legend.rows < most {
                legend.rows += 1;
                x = 0;
            }
            if x + wide <= w {
                legend.other = Some(((x, top + legend.rows * 18 - 4), other.to_owned()));
            }
        }
        legend.bottom = top + legend.rows * 18 - 4;
        legend
    }
}

/// Shortens a name to a width, with an ellipsis if anything is taken away.
fn shortened(name: &str, size: f32, font: Font, room: f32) -> String {
    if width(name, size, font) <= room {
        return name.to_owned();
    }
    let room = room - width("…", size, font);
    let mut wide = 0.0;
    let fits = |c: &char| {
        wide += width(c.encode_utf8(&mut [0; 4]), size, font);
        wide <= room
    };
    let mut kept: String = name.chars().take_while(fits).collect();
    kept.push('…');
    kept
}

/// The parts of a line between which there was nothing to take the mean of.
fn unbroken(line: &[Point], has_gaps: bool) -> Vec<&[Point]> {
    let steps = line.windows(2).map(|pair| pair[1].0 - pair[0].0);
    let most = steps.rev().skip(1).min().filter(|_| has_gaps).map_or(u64::MAX, |step| 2 * step);
    line.chunk_by(|one, next| next.0 - one.0 <= most).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn long_names_end_in_an_ellipsis() {
        assert_eq!(shortened("billing", 12.0, Font::Bold, 100.0), "billing");
        let short = shortened("billing-and-invoices", 12.0, Font::Bold, 80.0);
        assert!(short.ends_with('…') && width(&short, 12.0, Font::Bold) <= 80.0, "{short}");
    }
}
