//! Half messages: a curtain at their topic, behind which they hang as hollow tokens until it is known what becomes of
//! them. One whose local transaction still runs is dashed.

use super::layout::TopicFrame;
use super::picture::{Area, Picture, Style};
use super::producers::sign;
use super::shape::{Anchor, Dash, Point, Role, Stroke};
use super::stage::Stage;
use super::subject::Subject;
use super::text::{Ago, Number, Short};
use crate::broker::TopicId;
use crate::broker::half::Local;

/// So many hang there at the most; the number says how many there are.
const MOST: usize = 12;

/// A token and the fold beside it.
const TOKEN: [f32; 2] = [11.0, 17.0];
const FOLD: f32 = 4.0;

/// Nothing is nearer to the rim of a line than this.
const AIR: f32 = 2.0;

/// The left end of the rail of a topic's curtain.
fn rail(area: Area) -> Point {
    [area.x + AIR, area.y + AIR + 2.0]
}

/// Where messages go that are half messages first: the left edge of the curtain.
pub(super) fn entry(frame: &TopicFrame) -> Option<Point> {
    let area = frame.curtain?;
    Some([area.x + AIR, area.middle_y()])
}

/// The curtain with the oldest half messages, how many there are, and when the broker asks next.
pub(super) fn draw(picture: &mut Picture, stage: &Stage<'_>, id: TopicId, area: Area) {
    let subject = Subject::Curtain(id);
    let halves = &stage.world.live.halves;
    let count = halves.counts(id).waiting;
    let k = stage.layout.kind.k;
    let [x, y] = rail(area);
    let [w, h] = [TOKEN[0] * k, (TOKEN[1] * k).min(area.bottom() - AIR - y - 4.0)];
    let style = stage.layout.kind.body();
    let step = w + 2.0 * FOLD;
    // Words first: at least the number, and a token.
    let number = style.width(&Short(count).to_string());
    let room = ((area.w - number - 12.0) / step).max(1.0) as usize;
    let shown = room.min(MOST).min(usize::try_from(count).unwrap_or(MOST).max(2));
    let end = x + FOLD + shown as f32 * step;
    let edge = if count == 0 { Role::Line } else { Role::LineStrong };
    picture.line([x, y], [end, y], Stroke::solid(edge, 2.0), Some(subject));
    for nth in 0..=shown {
        let at = x + FOLD / 2.0 + nth as f32 * step;
        picture.line([at, y], [at, area.bottom() - AIR], Stroke::solid(edge, 1.0), Some(subject));
    }
    let start = end + 8.0;
    let wide =
        words(picture, stage, id, [start, area.middle_y() + style.size * 0.36], area.right() - start, style);
    picture.target(subject, Area::new(x, y, start + wide - x, area.bottom() - y));
    for (nth, (producer, number, half)) in halves.waiting_for(id).take(shown).enumerate() {
        let subject = Subject::Sending(producer, number);
        let token = Area::new(x + 1.5 * FOLD + nth as f32 * step, y + 4.0, w, h);
        let dash = match half.local {
            Local::Running { .. } => Dash::Dotted,
            Local::Ended { .. } => Dash::Solid,
        };
        picture.target(subject, token);
        picture.frame(token, 3.0, Some(Role::Raised), Stroke::dashed(Role::Ink, 1.25, dash), Some(subject));
        let middle = [token.middle_x(), token.middle_y()];
        picture.mark(sign(producer), middle, w * 0.28, Role::InkMuted, Some(subject));
    }
}

/// How many there are, in as many words as fit. Gives their width.
fn words(picture: &mut Picture, stage: &Stage<'_>, id: TopicId, at: Point, room: f32, style: Style) -> f32 {
    let labels = stage.view.labels;
    let subject = Some(Subject::Curtain(id));
    let count = stage.world.live.halves.counts(id).waiting;
    let Some(check_at) = stage.world.live.halves.next_check(id) else {
        let said = &labels.curtain_empty;
        let room = if style.width(said) <= room { room } else { 0.0 };
        return picture.say(said, at, Anchor::Start, style, room, subject);
    };
    let next = Ago(check_at - stage.now);
    let filled = |template: &str| {
        let mut said = String::new();
        super::labels::fill(&mut said, template, &[("n", &Number(count)), ("t", &next)]);
        said
    };
    let choices =
        [filled(labels.curtain.of(count)), filled(labels.curtain_short.of(count)), Short(count).to_string()];
    let fits = choices.into_iter().find(|said| style.width(said) <= room);
    picture.say(fits.unwrap_or_default(), at, Anchor::Start, style.in_role(Role::Ink), room, subject)
}

/// One hollow token with a number, where there is no line for the curtain; it ends at a place. Gives the room it takes.
pub(super) fn small(picture: &mut Picture, stage: &Stage<'_>, id: TopicId, end: Point, room: f32) -> f32 {
    let count = stage.world.live.halves.counts(id).waiting;
    let style = stage.layout.kind.body();
    let [w, h] = [style.size * 0.6, style.size * 0.9];
    let said = Short(count).to_string();
    let wide = style.width(&said);
    let whole = w + 5.0 + wide;
    if count == 0 || whole > room {
        return 0.0;
    }
    let subject = Subject::Curtain(id);
    let [right, baseline] = end;
    picture.say(said, end, Anchor::End, style, wide + 1.0, Some(subject));
    let token = Area::new(right - whole, baseline - h, w, h);
    picture.frame(token, 2.0, None, Stroke::solid(Role::LineStrong, 1.25), Some(subject));
    picture.target(subject, Area::new(right - whole, baseline - h - 1.0, whole, h + 4.0));
    whole + 14.0
}
