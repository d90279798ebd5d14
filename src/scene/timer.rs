//! Messages that wait in the broker's timer: a clock at their topic. Its face is the minute from now on, its hand is
//! now, and each stroke is a slot in which messages come out of the timer.

use super::layout::TopicFrame;
use super::picture::{Area, Picture, Style};
use super::shape::{Anchor, Point, Role, Stroke};
use super::stage::Stage;
use super::subject::Subject;
use super::text::{Ago, Number, Short};
use crate::broker::TopicId;
use crate::sim::{Instant, Span};

/// Once round the face.
const ROUND: Span = Span::from_secs(60);

/// So many messages are looked at for one face; those of one slot make one stroke.
const LOOKED_AT: usize = 2_000;

/// How wide a stroke and the hand are, in turns: strokes a second apart do not melt.
const STROKE: f32 = 0.62 / 60.0;
const HAND: f32 = 0.06;

/// Nothing is nearer to the rim of a line than this.
const AIR: f32 = 2.0;

/// Where the clock of a topic is on its line.
fn middle(area: Area) -> (Point, f32) {
    let r = area.h / 2.0 - AIR;
    ([area.x + r + AIR, area.middle_y()], r)
}

/// Where messages go that are to wait: the left edge of the clock.
pub(super) fn entry(frame: &TopicFrame) -> Option<Point> {
    let ([x, y], r) = middle(frame.clock?);
    Some([x - r, y])
}

/// The clock, how many messages wait, and when the next one comes out.
pub(super) fn draw(picture: &mut Picture, stage: &Stage<'_>, id: TopicId, area: Area) {
    let subject = Subject::Timer(id);
    let ([x, y], r) = middle(area);
    let timer = &stage.world.live.timer;
    let count = timer.count(id);
    let edge = if count > 0 { Role::LineStrong } else { Role::Line };
    picture.ring([x, y], r, [0.0, 1.0], Stroke::solid(edge, 1.5), Some(subject));
    hand(picture, [x, y], r, stage.now, subject);
    let mut soon = timer.waiting_for(id).take(LOOKED_AT).map(|(visible_at, _)| visible_at).peekable();
    while let Some(visible_at) = soon.next_if(|at| *at <= stage.now + ROUND) {
        let mut together = 1;
        while soon.next_if_eq(&visible_at).is_some() {
            together += 1;
        }
        ray(picture, [x, y], [r * inner_end(together), r], [turn(visible_at), STROKE], Role::Ink, subject);
    }
    let style = stage.layout.kind.body();
    let start = x + r + 8.0;
    let wide = words(picture, stage, id, [start, y + style.size * 0.36], area.right() - start, style);
    picture.target(subject, Area::new(x - r, y - r, start + wide - (x - r), 2.0 * r));
}

/// How many wait, in as many words as fit. Gives their width.
fn words(picture: &mut Picture, stage: &Stage<'_>, id: TopicId, at: Point, room: f32, style: Style) -> f32 {
    let labels = stage.view.labels;
    let timer = &stage.world.live.timer;
    let count = timer.count(id);
    let subject = Some(Subject::Timer(id));
    let Some((visible_at, _)) = timer.waiting_for(id).next() else {
        let said = &labels.timer_empty;
        let room = if style.width(said) <= room { room } else { 0.0 };
        return picture.say(said, at, Anchor::Start, style, room, subject);
    };
    let next = Ago(visible_at - stage.now);
    let filled = |template: &str| {
        let mut said = String::new();
        super::labels::fill(&mut said, template, &[("n", &Number(count)), ("t", &next)]);
        said
    };
    let choices =
        [filled(labels.timer.of(count)), filled(labels.timer_short.of(count)), Short(count).to_string()];
    let fits = choices.into_iter().find(|said| style.width(said) <= room);
    picture.say(fits.unwrap_or_default(), at, Anchor::Start, style.in_role(Role::Ink), room, subject)
}

/// The clock as a bare sign with a number, where there is no line for it; it ends at a place. Gives the room it takes.
pub(super) fn sign(picture: &mut Picture, stage: &Stage<'_>, id: TopicId, end: Point, room: f32) -> f32 {
    let count = stage.world.live.timer.count(id);
    let style = stage.layout.kind.body();
    let r = style.size * 0.42;
    let said = Short(count).to_string();
    let wide = style.width(&said);
    let whole = 2.0 * r + 5.0 + wide;
    if count == 0 || whole > room {
        return 0.0;
    }
    let subject = Subject::Timer(id);
    let [right, baseline] = end;
    picture.say(said, end, Anchor::End, style, wide + 1.0, Some(subject));
    let (x, y) = (right - whole + r, baseline - style.size * 0.36);
    picture.ring([x, y], r, [0.0, 1.0], Stroke::solid(Role::LineStrong, 1.25), Some(subject));
    hand(picture, [x, y], r, stage.now, subject);
    picture.target(subject, Area::new(right - whole, y - 7.0, whole, 14.0));
    whole + 14.0
}

/// Where an instant is on the face, in turns from the top.
fn turn(at: Instant) -> f32 {
    (at.0 % ROUND.0) as f32 / ROUND.0 as f32
}

/// Where a stroke ends towards the middle: the more messages come out together, the longer it is.
fn inner_end(together: u64) -> f32 {
    match together {
        0..=1 => 0.76,
        2..=9 => 0.64,
        _ => 0.48,
    }
}

/// The hand is where now is.
fn hand(picture: &mut Picture, at: Point, r: f32, now: Instant, subject: Subject) {
    ray(picture, at, [0.0, r * 0.44], [turn(now), HAND], Role::InkMuted, subject);
}

/// A ray from one distance of the middle to another, so wide in turns: a slice of a thick ring.
fn ray(
    picture: &mut Picture,
    at: Point,
    [from, to]: [f32; 2],
    [turn, wide]: [f32; 2],
    role: Role,
    subject: Subject,
) {
    let part = [turn - wide / 2.0, wide];
    picture.ring(at, (from + to) / 2.0, part, Stroke::solid(role, to - from), Some(subject));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_face_is_a_minute() {
        let at = |secs| turn(Instant::from_secs(secs));
        assert_eq!([at(0), at(15), at(30), at(75)], [0.0, 0.25, 0.5, 0.25]);
    }
}
