//! What is under the pointer.

use super::picture::{Area, Picture};
use super::shape::Form;
use super::subject::Subject;

/// The least width and height of what a finger has to meet.
const FINGERTIP: f32 = 24.0;

/// So near to a line one points at it.
const NEAR: f32 = 5.0;

/// What somebody means who points at (x, y): the most specific thing there, and of several the nearest. Small things
/// reach a little beyond their edges.
pub fn hit(picture: &Picture, x: f32, y: f32) -> Option<Subject> {
    let mut best: Option<(Subject, f32)> = None;
    for target in &picture.targets {
        if !contains(reach(target.area), x, y) {
            continue;
        }
        let away = distance(target.area, x, y);
        let better = best.is_none_or(|(subject, nearest)| {
            let (new, old) = (target.subject.rank(), subject.rank());
            new > old || new == old && away <= nearest
        });
        if better {
            best = Some((target.subject, away));
        }
    }
    let best = best.map(|(subject, _)| subject);
    // Between the frames and the bands there are lines.
    if best.is_none_or(|subject| subject.rank() == 0) { line(picture, x, y).or(best) } else { best }
}

/// The assignment, or the sign that there is none, whose line passes at (x, y).
fn line(picture: &Picture, x: f32, y: f32) -> Option<Subject> {
    let near = |[px, py]: [f32; 2]| (px - x) * (px - x) + (py - y) * (py - y) < NEAR * NEAR;
    let is_near = |form: &Form| match *form {
        Form::Curve { from, bend: [a, b], to, .. } => (0..=48u8).any(|step| {
            let t = f32::from(step) / 48.0;
            let s = 1.0 - t;
            let part = |at: usize| {
                s * s * s * from[at] + 3.0 * s * s * t * a[at] + 3.0 * s * t * t * b[at] + t * t * t * to[at]
            };
            near([part(0), part(1)])
        }),
        Form::Ring { x, y, .. } => near([x, y]),
        _ => false,
    };
    let is_cursor = |subject: &Subject| matches!(subject, Subject::Cursor(_));
    picture
        .shapes
        .iter()
        .filter(|shape| is_near(&shape.form))
        .find_map(|shape| shape.subject.filter(is_cursor))
}

/// Where `subject` is drawn nearest to a place; its first place, without one. A message lies in the log and may be on its
/// way to several groups as well.
pub fn nearest(picture: &Picture, subject: Subject, from: Option<[f32; 2]>) -> Option<Area> {
    let Some([x, y]) = from else { return picture.place_of(subject) };
    let all = picture.targets.iter().filter(|target| target.subject == subject).map(|target| target.area);
    all.min_by(|a, b| distance(*a, x, y).total_cmp(&distance(*b, x, y)))
}

/// The area with room added to the sides that are shorter than a fingertip.
pub(super) fn reach(area: Area) -> Area {
    let grow = |length: f32| ((FINGERTIP - length) / 2.0).max(0.0);
    let (dx, dy) = (grow(area.w), grow(area.h));
    Area::new(area.x - dx, area.y - dy, area.w + 2.0 * dx, area.h + 2.0 * dy)
}

fn contains(area: Area, x: f32, y: f32) -> bool {
    x >= area.x && x <= area.right() && y >= area.y && y <= area.bottom()
}

/// From the area's edge, squared; 0 inside.
fn distance(area: Area, x: f32, y: f32) -> f32 {
    let outside = |from: f32, to: f32, at: f32| (from - at).max(at - to).max(0.0);
    let (dx, dy) = (outside(area.x, area.right(), x), outside(area.y, area.bottom(), y));
    dx * dx + dy * dy
}
