//! A picture: shapes in painting order, the words and points they refer to, and where things can be pointed at.

use std::fmt::{Display, Write};

use super::labels;
use super::shape::{Anchor, Dash, Font, Form, Mark, Point, Role, Shape, Stroke};
use super::subject::Subject;
use super::text;

/// `value`, but not below `least` and above all not above `most`.
pub(super) fn between(value: f32, least: f32, most: f32) -> f32 {
    let value = if value < least { least } else { value };
    if value > most { most } else { value }
}

/// An upright rectangle.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Area {
    /// Left edge.
    pub x: f32,
    /// Top edge.
    pub y: f32,
    /// Width.
    pub w: f32,
    /// Height.
    pub h: f32,
}

impl Area {
    pub(super) const fn new(x: f32, y: f32, w: f32, h: f32) -> Self {
        Self { x, y, w, h }
    }

    /// Its right edge.
    pub fn right(&self) -> f32 {
        self.x + self.w
    }

    /// Its bottom edge.
    pub fn bottom(&self) -> f32 {
        self.y + self.h
    }

    /// The middle, left to right.
    pub fn middle_x(&self) -> f32 {
        self.x + self.w / 2.0
    }

    /// The middle, top to bottom.
    pub fn middle_y(&self) -> f32 {
        self.y + self.h / 2.0
    }

    /// Smaller by `by` on all sides, larger if that is negative.
    pub(super) fn inset(self, by: f32) -> Self {
        Self::new(self.x + by, self.y + by, self.w - 2.0 * by, self.h - 2.0 * by)
    }
}

/// Where something can be pointed at.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Target {
    /// What.
    pub subject: Subject,
    /// Where it is drawn. Hit testing adds room around what is smaller than a fingertip.
    pub area: Area,
}

/// Everything a painter needs.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Picture {
    /// Width in CSS pixels: that of the view.
    pub width: f32,
    /// Height in CSS pixels: that of the view, or on a phone what the picture needs.
    pub height: f32,
    /// What to paint, in this order.
    pub shapes: Vec<Shape>,
    /// Where things can be pointed at, in painting order.
    pub targets: Vec<Target>,
    /// The words of all texts, one after the other.
    pub words: String,
    /// The points of all paths, one after the other.
    pub points: Vec<Point>,
}

/// A way to set text: font, size and colour.
#[derive(Clone, Copy, Debug)]
pub(super) struct Style {
    pub font: Font,
    pub size: f32,
    pub role: Role,
}

impl Style {
    pub(super) fn new(font: Font, size: f32, role: Role) -> Self {
        Self { font, size, role }
    }

    pub(super) fn in_role(self, role: Role) -> Self {
        Self { role, ..self }
    }

    /// How wide `what` would be.
    pub(super) fn width(&self, what: &str) -> f32 {
        text::width(what, self.size, self.font)
    }
}

impl Picture {
    /// The words of a text shape.
    pub fn text(&self, start: u32, len: u16) -> &str {
        self.words.get(start as usize..start as usize + usize::from(len)).unwrap_or("")
    }

    /// The points of a path shape.
    pub fn path(&self, start: u32, len: u32) -> &[Point] {
        self.points.get(start as usize..(start + len) as usize).unwrap_or(&[])
    }

    /// Where `subject` is drawn, if it is: for a focus ring, or to scroll to it. Of a message this is its place in the
    /// log, not its ghosts' on their way.
    pub fn place_of(&self, subject: Subject) -> Option<Area> {
        self.targets.iter().find(|target| target.subject == subject).map(|target| target.area)
    }

    /// Empty, with its memory kept for the next frame.
    pub(super) fn clear(&mut self, width: f32, height: f32) {
        (self.width, self.height) = (width, height);
        self.shapes.clear();
        self.targets.clear();
        self.words.clear();
        self.points.clear();
    }

    pub(super) fn target(&mut self, subject: Subject, area: Area) {
        self.targets.push(Target { subject, area });
    }

    fn push(&mut self, form: Form, subject: Option<Subject>) {
        self.shapes.push(Shape { form, subject });
    }

    /// A filled box without a border.
    pub(super) fn fill(&mut self, area: Area, radius: f32, role: Role, subject: Option<Subject>) {
        let Area { x, y, w, h } = area;
        self.push(Form::Rect { x, y, w, h, radius, fill: Some(role), stroke: None }, subject);
    }

    /// A box with a border and perhaps a ground.
    pub(super) fn frame(
        &mut self,
        area: Area,
        radius: f32,
        fill: Option<Role>,
        stroke: Stroke,
        subject: Option<Subject>,
    ) {
        let Area { x, y, w, h } = area;
        self.push(Form::Rect { x, y, w, h, radius, fill, stroke: Some(stroke) }, subject);
    }

    pub(super) fn line(&mut self, from: Point, to: Point, stroke: Stroke, subject: Option<Subject>) {
        self.push(Form::Line { from, to, stroke }, subject);
    }

    pub(super) fn curve(&mut self, points: [Point; 4], stroke: Stroke, subject: Option<Subject>) {
        let [from, first, second, to] = points;
        self.push(Form::Curve { from, bend: [first, second], to, stroke }, subject);
    }

    pub(super) fn chain(
        &mut self,
        points: impl IntoIterator<Item = Point>,
        fill: Option<Role>,
        stroke: Option<Stroke>,
        subject: Option<Subject>,
    ) {
        let start = self.points.len();
        self.points.extend(points);
        let len = (self.points.len() - start) as u32;
        self.push(Form::Path { start: start as u32, len, closed: fill.is_some(), fill, stroke }, subject);
    }

    /// A part of a circle, from the top clockwise, in turns.
    pub(super) fn ring(
        &mut self,
        at: Point,
        r: f32,
        part: [f32; 2],
        stroke: Stroke,
        subject: Option<Subject>,
    ) {
        let [from, sweep] = part;
        self.push(Form::Ring { x: at[0], y: at[1], r, from, sweep, stroke }, subject);
    }

    pub(super) fn mark(&mut self, mark: Mark, at: Point, r: f32, role: Role, subject: Option<Subject>) {
        self.push(Form::Mark { x: at[0], y: at[1], r, mark, fill: Some(role), stroke: None }, subject);
    }

    /// An arrow that runs in a circle: again.
    pub(super) fn again(&mut self, at: Point, r: f32, role: Role, subject: Option<Subject>) {
        self.ring(at, r, [0.08, 0.77], Stroke::solid(role, 1.6), subject);
        let tip = r * 0.55;
        let [x, y] = at;
        // The arrow's head stands where the arc ends, just left of the top.
        let head = [
            [x - r * 0.62 + tip, y - r * 0.95],
            [x - r * 0.62, y - r * 0.95 - tip],
            [x - r * 0.62, y - r * 0.95 + tip],
        ];
        self.chain(head, Some(role), None, subject);
    }

    /// Words, at most `room` wide. Gives the width they are expected to take.
    pub(super) fn say(
        &mut self,
        what: impl Display,
        at: Point,
        anchor: Anchor,
        style: Style,
        room: f32,
        subject: Option<Subject>,
    ) -> f32 {
        let start = self.words.len();
        // Writing to a string cannot fail.
        let _ = write!(self.words, "{what}");
        self.place(start, at, anchor, style, room, subject)
    }

    /// A sentence with its gaps filled.
    #[expect(
        clippy::too_many_arguments,
        reason = "a text has this many properties, and each caller sets them all"
    )]
    pub(super) fn say_filled(
        &mut self,
        template: &str,
        values: &[(&str, &dyn Display)],
        at: Point,
        anchor: Anchor,
        style: Style,
        room: f32,
        subject: Option<Subject>,
    ) -> f32 {
        let start = self.words.len();
        labels::fill(&mut self.words, template, values);
        self.place(start, at, anchor, style, room, subject)
    }

    fn place(
        &mut self,
        start: usize,
        at: Point,
        anchor: Anchor,
        style: Style,
        room: f32,
        subject: Option<Subject>,
    ) -> f32 {
        let Style { font, size, role } = style;
        let width = text::fit(&mut self.words, start, size, font, room);
        let len = self.words.len() - start;
        if len > 0 {
            let [x, y] = at;
            let (start, len) = (start as u32, u16::try_from(len).unwrap_or(u16::MAX));
            self.push(Form::Text { x, y, size, width, start, len, font, anchor, role }, subject);
        }
        width
    }

    /// Around what is selected, and more quietly around what is under the pointer.
    pub(super) fn outline(&mut self, area: Area, radius: f32, strong: bool, subject: Subject) {
        let stroke = Stroke::solid(Role::Accent, if strong { 2.5 } else { 1.5 });
        self.frame(area, radius, None, stroke, Some(subject));
    }
}

/// A border that is not quite there: what is gone, or not there yet.
pub(super) fn absent(role: Role) -> Stroke {
    Stroke::dashed(role, 1.25, Dash::Dashed)
}
