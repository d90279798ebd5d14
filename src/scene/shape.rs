//! Shapes: small plain values that a painter turns into strokes and fills. They name roles, never colours.

use super::subject::Subject;

/// A point in CSS pixels, x to the right and y down.
pub type Point = [f32; 2];

/// One thing to paint, and what it depicts.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Shape {
    /// How it looks.
    pub form: Form,
    /// What it stands for, if it stands for something one can point at.
    pub subject: Option<Subject>,
}

/// The kinds of shape. A painter has about one function for each.
#[derive(Clone, Copy, Debug, PartialEq)]
#[expect(missing_docs, reason = "coordinates and sizes in CSS pixels; the variants say what they are for")]
pub enum Form {
    /// A rectangle, with rounded corners if `radius` is not 0.
    Rect { x: f32, y: f32, w: f32, h: f32, radius: f32, fill: Option<Role>, stroke: Option<Stroke> },
    /// A straight line.
    Line { from: Point, to: Point, stroke: Stroke },
    /// A cubic Bézier curve.
    Curve { from: Point, bend: [Point; 2], to: Point, stroke: Stroke },
    /// A chain of straight lines through `len` of the picture's points, from number `start` on.
    Path { start: u32, len: u32, closed: bool, fill: Option<Role>, stroke: Option<Stroke> },
    /// A part of a circle: from `from` clockwise over `sweep`, both in turns, 0 being at the top.
    Ring { x: f32, y: f32, r: f32, from: f32, sweep: f32, stroke: Stroke },
    /// A small sign about `r` in radius.
    Mark { x: f32, y: f32, r: f32, mark: Mark, fill: Option<Role>, stroke: Option<Stroke> },
    /// Words: `len` bytes of the picture's text from `start` on. `y` is the baseline, `width` the width it is
    /// expected to take at most.
    Text {
        x: f32,
        y: f32,
        size: f32,
        width: f32,
        start: u32,
        len: u16,
        font: Font,
        anchor: Anchor,
        role: Role,
    },
}

/// A line's colour, width and pattern.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Stroke {
    /// What it is drawn in.
    pub role: Role,
    /// How wide.
    pub width: f32,
    /// In what pattern.
    pub dash: Dash,
}

impl Stroke {
    /// An unbroken line.
    pub fn solid(role: Role, width: f32) -> Self {
        Self { role, width, dash: Dash::Solid }
    }

    /// A line in a pattern.
    pub fn dashed(role: Role, width: f32, dash: Dash) -> Self {
        Self { role, width, dash }
    }
}

/// A line's pattern: with it groups stay apart where colours do not.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Dash {
    /// ────
    Solid,
    /// ─ ─ ─
    Dashed,
    /// ·····
    Dotted,
    /// ─ · ─
    DashDot,
}

impl Dash {
    /// Lengths of line and gap in turn, in pixels, for a line about `width` wide.
    pub fn lengths(self, width: f32) -> &'static [f32] {
        let thick = width > 1.9;
        match self {
            Self::Solid => &[],
            Self::Dashed if thick => &[7.0, 3.5],
            Self::Dashed => &[5.0, 4.0],
            Self::Dotted if thick => &[2.5, 2.5],
            Self::Dotted => &[1.5, 3.0],
            Self::DashDot if thick => &[9.0, 3.0, 2.5, 3.0],
            Self::DashDot => &[7.0, 3.0, 1.5, 3.0],
        }
    }
}

/// Family and weight of a text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Font {
    /// The page's face.
    Regular,
    /// The page's face, bold.
    Bold,
    /// Figures and codes, all of one width.
    Mono,
    /// The same, bold.
    MonoBold,
}

/// Which point of a text its `x` is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Anchor {
    /// Its left end.
    Start,
    /// Its middle.
    Middle,
    /// Its right end.
    End,
}

/// What something is, as far as its colour goes. A [`Theme`](super::Theme) turns roles into colours.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Role {
    /// The stage itself.
    Surface,
    /// What lies on the stage: cards and rows.
    Raised,
    /// Names, numbers, whatever is read first.
    Ink,
    /// Words beside them.
    InkMuted,
    /// Borders.
    Line,
    /// Borders that matter, and rings at rest.
    LineStrong,
    /// The bed of a lane.
    LaneFill,
    /// A stored message that some group still has to consume.
    Token,
    /// The sign on it.
    TokenMark,
    /// A stored message that every group has consumed.
    TokenDone,
    /// The sign on it.
    TokenDoneMark,
    /// What is selected, links, the pointer's place.
    Accent,
    /// Dead letters, crashes.
    Danger,
    /// A group's own colour, for lines and words.
    Group(u8),
    /// The ground of its band.
    GroupSoft(u8),
    /// Its thin lines.
    GroupEdge(u8),
}

/// How many groups have colours of their own before they repeat (with another pattern).
pub const GROUP_COLOURS: u8 = 8;

impl Role {
    /// How many different roles there are.
    pub const COUNT: usize = 13 + 3 * GROUP_COLOURS as usize;

    /// A number below [`Role::COUNT`], for tables.
    pub fn index(self) -> usize {
        let group = |at: usize, n: u8| 13 + at * usize::from(GROUP_COLOURS) + usize::from(n % GROUP_COLOURS);
        match self {
            Self::Surface => 0,
            Self::Raised => 1,
            Self::Ink => 2,
            Self::InkMuted => 3,
            Self::Line => 4,
            Self::LineStrong => 5,
            Self::LaneFill => 6,
            Self::Token => 7,
            Self::TokenMark => 8,
            Self::TokenDone => 9,
            Self::TokenDoneMark => 10,
            Self::Accent => 11,
            Self::Danger => 12,
            Self::Group(n) => group(0, n),
            Self::GroupSoft(n) => group(1, n),
            Self::GroupEdge(n) => group(2, n),
        }
    }

    /// Every role once, in the order of [`Role::index`].
    pub fn all() -> impl Iterator<Item = Self> {
        let plain = [
            Self::Surface,
            Self::Raised,
            Self::Ink,
            Self::InkMuted,
            Self::Line,
            Self::LineStrong,
            Self::LaneFill,
            Self::Token,
            Self::TokenMark,
            Self::TokenDone,
            Self::TokenDoneMark,
            Self::Accent,
            Self::Danger,
        ];
        let groups = (0..GROUP_COLOURS).map(Self::Group);
        let grounds = (0..GROUP_COLOURS).map(Self::GroupSoft);
        plain.into_iter().chain(groups).chain(grounds).chain((0..GROUP_COLOURS).map(Self::GroupEdge))
    }
}

/// A small sign.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mark {
    /// A producer's sign.
    Square,
    /// A producer's sign.
    Triangle,
    /// A producer's sign.
    Circle,
    /// A producer's sign.
    Diamond,
    /// A producer's sign.
    Plus,
    /// A producer's sign.
    Star,
    /// A producer's sign.
    Hexagon,
    /// A producer's sign.
    Hourglass,
    /// Given up: a dead letter.
    Cross,
    /// Two upright bars.
    Pause,
    /// Points to the right: beyond here.
    Arrow,
    /// Points to the right, and has a back: the end of a bracket.
    Flag,
    /// Two arrows that pass each other: shared out anew.
    Swap,
    /// A padlock: nobody passes.
    Lock,
}

/// The signs producers have, in order.
pub const PRODUCER_MARKS: [Mark; 8] = [
    Mark::Square,
    Mark::Triangle,
    Mark::Circle,
    Mark::Diamond,
    Mark::Plus,
    Mark::Star,
    Mark::Hexagon,
    Mark::Hourglass,
];

impl Mark {
    /// Its outline as one polygon inside a circle of radius 1; empty for [`Mark::Circle`], which is round, and for
    /// [`Mark::Pause`], which is two rectangles.
    pub fn outline(self) -> &'static [Point] {
        match self {
            Self::Circle | Self::Pause => &[],
            Self::Square => &[[-0.8, -0.8], [0.8, -0.8], [0.8, 0.8], [-0.8, 0.8]],
            Self::Triangle => &[[0.0, -1.0], [1.0, 0.8], [-1.0, 0.8]],
            Self::Diamond => &[[0.0, -1.1], [1.0, 0.0], [0.0, 1.1], [-1.0, 0.0]],
            Self::Plus => &[
                [-0.35, -1.0],
                [0.35, -1.0],
                [0.35, -0.35],
                [1.0, -0.35],
                [1.0, 0.35],
                [0.35, 0.35],
                [0.35, 1.0],
                [-0.35, 1.0],
                [-0.35, 0.35],
                [-1.0, 0.35],
                [-1.0, -0.35],
                [-0.35, -0.35],
            ],
            Self::Star => &[
                [0.0, -1.1],
                [0.3, -0.35],
                [1.05, -0.3],
                [0.45, 0.15],
                [0.65, 0.9],
                [0.0, 0.5],
                [-0.65, 0.9],
                [-0.45, 0.15],
                [-1.05, -0.3],
                [-0.3, -0.35],
            ],
            Self::Hexagon => {
                &[[-0.5, -0.87], [0.5, -0.87], [1.0, 0.0], [0.5, 0.87], [-0.5, 0.87], [-1.0, 0.0]]
            }
            Self::Hourglass => {
                &[[-0.9, -0.95], [0.9, -0.95], [0.2, 0.0], [0.9, 0.95], [-0.9, 0.95], [-0.2, 0.0]]
            }
            Self::Cross => &[
                [-0.95, -0.65],
                [-0.65, -0.95],
                [0.0, -0.3],
                [0.65, -0.95],
                [0.95, -0.65],
                [0.3, 0.0],
                [0.95, 0.65],
                [0.65, 0.95],
                [0.0, 0.3],
                [-0.65, 0.95],
                [-0.95, 0.65],
                [-0.3, 0.0],
            ],
            Self::Arrow => &[[-0.7, -0.9], [0.9, 0.0], [-0.7, 0.9]],
            // One polygon: the upper arrow to the right, down its tail's end, the lower one to the left.
            Self::Swap => &[
                [-1.0, -0.62],
                [0.25, -0.62],
                [0.25, -1.0],
                [1.0, -0.42],
                [0.25, 0.12],
                [0.25, -0.22],
                [-0.95, -0.22],
                [-0.95, 0.05],
                [-0.25, -0.12],
                [-0.25, 0.22],
                [1.0, 0.22],
                [1.0, 0.62],
                [-0.25, 0.62],
                [-0.25, 1.0],
                [-1.0, 0.42],
                [-1.0, 0.2],
                [-1.0, -0.2],
            ],
            // The body, the shackle's outside, then its inside the other way round, so that it is a hole.
            Self::Lock => &[
                [-0.9, 1.0],
                [0.9, 1.0],
                [0.9, -0.15],
                [0.65, -0.15],
                [0.65, -0.5],
                [0.45, -0.9],
                [0.0, -1.1],
                [-0.45, -0.9],
                [-0.65, -0.5],
                [-0.65, -0.15],
                [-0.3, -0.15],
                [-0.3, -0.45],
                [-0.2, -0.65],
                [0.0, -0.75],
                [0.2, -0.65],
                [0.3, -0.45],
                [0.3, -0.15],
                [-0.9, -0.15],
            ],
            Self::Flag => &[[-1.0, -0.8], [0.25, -0.8], [1.0, 0.0], [0.25, 0.8], [-1.0, 0.8]],
        }
    }
}

/// The two bars of [`Mark::Pause`]: left, top, width and height of each.
pub fn pause_bars(x: f32, y: f32, r: f32) -> [[f32; 4]; 2] {
    let (w, h) = (r * 0.55, r * 1.8);
    [[x - r * 0.25 - w, y - h / 2.0, w, h], [x + r * 0.25, y - h / 2.0, w, h]]
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A frame has thousands of shapes: a shape that grows is a decision, not an accident.
    #[test]
    fn a_shape_is_small() {
        assert_eq!(size_of::<Shape>(), 64);
    }

    #[test]
    fn every_role_has_a_place_of_its_own() {
        let indices: Vec<usize> = Role::all().map(Role::index).collect();
        assert_eq!(indices, (0..Role::COUNT).collect::<Vec<_>>());
        assert_eq!(Role::Group(GROUP_COLOURS + 2).index(), Role::Group(2).index());
    }
}
