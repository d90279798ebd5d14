//! The way a message flies: from a producer to a lane, from a lane to a consumer.

use super::picture::Picture;
use super::shape::{Point, Stroke};
use super::subject::Subject;

/// A line from one place to another. On a wide stage it is a curve, on a narrow one it goes along the margin.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Route {
    /// A cubic Bézier curve.
    Curve([Point; 4]),
    /// The same as far as a gate, and from there straight on to `to`.
    Gated { curve: [Point; 4], to: Point },
    /// Straight lines with four corners at most.
    Bent([Point; 6]),
}

impl Route {
    /// A curve that leaves and arrives level, bending at the middle.
    pub(super) fn level(from: Point, to: Point) -> Self {
        let middle = (from[0] + to[0]) / 2.0;
        Self::Curve([from, [middle, from[1]], [middle, to[1]], to])
    }

    /// A curve that comes to its height at `gate`, and goes straight on from there.
    pub(super) fn through(from: Point, gate: f32, to: Point) -> Self {
        let Self::Curve(curve) = Self::level(from, [gate, to[1]]) else { return Self::level(from, to) };
        Self::Gated { curve, to }
    }

    /// Aside to `lane`, down (or up) to the height `turn`, aside to `margin`, along it to the height of `to`, and in.
    pub(super) fn along(from: Point, lane: f32, turn: f32, margin: f32, to: Point) -> Self {
        Self::Bent([from, [lane, from[1]], [lane, turn], [margin, turn], [margin, to[1]], to])
    }

    /// The place at `part` of the way. Half of the way is exactly the middle of a level curve.
    pub(super) fn at(&self, part: f32) -> Point {
        match self {
            Self::Curve(points) => on_curve(points, part),
            Self::Gated { curve, to } => {
                // As fast along the straight part as the curve goes from left to right.
                let whole = to[0] - curve[0][0];
                let share = if whole > 0.0 { (curve[3][0] - curve[0][0]) / whole } else { 1.0 };
                if part < share {
                    on_curve(curve, part / share)
                } else if share < 1.0 {
                    let rest = (part - share) / (1.0 - share);
                    [curve[3][0] + (to[0] - curve[3][0]) * rest, to[1]]
                } else {
                    *to
                }
            }
            Self::Bent(points) => {
                let length = |w: &[Point]| (w[1][0] - w[0][0]).abs() + (w[1][1] - w[0][1]).abs();
                let whole: f32 = points.windows(2).map(length).sum();
                let mut left = whole * part;
                for leg in points.windows(2) {
                    let long = length(leg);
                    if left <= long && long > 0.0 {
                        return [0, 1].map(|i| leg[0][i] + (leg[1][i] - leg[0][i]) * left / long);
                    }
                    left -= long;
                }
                points[5]
            }
        }
    }

    pub(super) fn draw(&self, picture: &mut Picture, stroke: Stroke, subject: Option<Subject>) {
        match *self {
            Self::Curve(points) => picture.curve(points, stroke, subject),
            Self::Gated { curve, to } => {
                picture.curve(curve, stroke, subject);
                picture.line(curve[3], to, stroke, subject);
            }
            Self::Bent(points) => picture.chain(points, None, Some(stroke), subject),
        }
    }
}

fn on_curve([a, b, c, d]: &[Point; 4], t: f32) -> Point {
    let s = 1.0 - t;
    let (wa, wb, wc, wd) = (s * s * s, 3.0 * s * s * t, 3.0 * s * t * t, t * t * t);
    [0, 1].map(|i| wa * a[i] + wb * b[i] + wc * c[i] + wd * d[i])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn half_way_is_half_way() {
        let level = Route::level([10.0, 20.0], [110.0, 220.0]);
        assert_eq!(
            [level.at(0.0), level.at(0.5), level.at(1.0)],
            [[10.0, 20.0], [60.0, 120.0], [110.0, 220.0]]
        );
        let through = Route::through([10.0, 20.0], 50.0, [90.0, 100.0]);
        let at = |part| through.at(part);
        assert_eq!(
            [at(0.0), at(0.25), at(0.5), at(1.0)],
            [[10.0, 20.0], [30.0, 60.0], [50.0, 100.0], [90.0, 100.0]]
        );
        // 5 to the left, 10 down, 35 to the left, 30 down, 20 to the right: 100 in all.
        let along = Route::along([50.0, 0.0], 45.0, 10.0, 10.0, [30.0, 40.0]);
        assert_eq!([along.at(0.0), along.at(0.5), along.at(1.0)], [[50.0, 0.0], [10.0, 10.0], [30.0, 40.0]]);
        assert_eq!(along.at(0.15), [45.0, 10.0]);
    }
}
