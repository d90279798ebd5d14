//! Groups on a lane: a cursor, its bracket, its number, its padlock.

use crate::broker::message_queue::QueueState;
use crate::broker::progress::ProgressState;
use crate::broker::spec::ConsumeMode;
use crate::broker::{ProgressId, World};
use crate::scene::groups::{colour, dash};
use crate::scene::layout::{Lane, Numbers, Reader, TopicFrame};
use crate::scene::picture::{Area, Picture, Style, between};
use crate::scene::shape::{Anchor, Dash, Mark, Role, Stroke};
use crate::scene::stage::Stage;
use crate::scene::subject::Subject;
use crate::scene::text::{Number, Short};

/// A group on a lane: its slowest progress there, and the others' committed offsets.
pub(super) struct Cursor<'a> {
    pub(super) reader: Reader,
    pub(super) id: ProgressId,
    pub(super) progress: &'a ProgressState,
}

pub(super) fn cursors<'a>(world: &'a World, frame: &TopicFrame, queue: &QueueState) -> Vec<Cursor<'a>> {
    let of_reader = |reader: &Reader| {
        let mine = queue.progress.iter().map(|id| (*id, world.progress(*id)));
        let mine = mine.filter(|(_, progress)| progress.group == reader.group);
        let slowest = mine.min_by_key(|(_, progress)| progress.committed)?;
        Some(Cursor { reader: *reader, id: slowest.0, progress: slowest.1 })
    };
    frame.readers.iter().filter_map(of_reader).collect()
}

pub(super) fn column_right(lane: &Lane, column: f32, index: usize) -> f32 {
    lane.bed.right() + (index + 1) as f32 * column
}
/// A number, shortened if the exact one does not fit.
pub(super) fn short_number(
    picture: &mut Picture,
    n: u64,
    at: [f32; 2],
    anchor: Anchor,
    style: Style,
    room: f32,
    subject: Option<Subject>,
) -> f32 {
    if style.width(&Number(n).to_string()) <= room {
        picture.say(Number(n), at, anchor, style, room, subject)
    } else {
        picture.say(Short(n), at, anchor, style, room, subject)
    }
}

/// Where the boundary below `offset` is: the newest message is at the left end.
pub(super) fn edge(frame: &TopicFrame, lane: &Lane, max_offset: u64, offset: u64, open: f32) -> f32 {
    lane.bed.x + (open + max_offset.saturating_sub(offset) as f32) * frame.pitch
}
/// A padlock where a group works on a queue in order: for its owner, or for one message of it.
pub(super) fn lock(
    picture: &mut Picture,
    frame: &TopicFrame,
    lane: &Lane,
    world: &World,
    cursor: &Cursor<'_>,
) {
    let Some(order) = cursor.progress.order.as_ref().filter(|_| world.locks_queues(cursor.id)) else {
        return;
    };
    let is_locked =
        if cursor.progress.by_message { !order.heads.is_empty() } else { cursor.progress.owner.is_some() };
    // Elsewhere there is no room beside the lane.
    if !is_locked || frame.numbers != Numbers::Flags {
        return;
    }
    let role = match world.lock_awaited(cursor.id) {
        Some(_) => Role::Danger,
        None => Role::Group(colour(cursor.reader.group)),
    };
    let at = [lane.bed.x - 6.0, bracket_y(frame, lane, cursor.reader)];
    picture.mark(Mark::Lock, at, 3.8, role, Some(Subject::Cursor(cursor.id)));
}
/// Two bars where a pull consumer has paused a queue.
pub(super) fn pause(
    picture: &mut Picture,
    frame: &TopicFrame,
    lane: &Lane,
    cursor: &Cursor<'_>,
    index: usize,
) {
    if cursor.progress.paused_since().is_none() {
        return;
    }
    let at = match frame.numbers {
        Numbers::Columns(column) => [column_right(lane, column, index) - column + 3.0, lane.bed.middle_y()],
        _ => [lane.bed.x - 6.0, bracket_y(frame, lane, cursor.reader)],
    };
    let (role, subject) = (Role::Group(colour(cursor.reader.group)), Some(Subject::Cursor(cursor.id)));
    picture.mark(Mark::Pause, at, 3.8, role, subject);
}

/// The height of a group's bracket.
fn bracket_y(frame: &TopicFrame, lane: &Lane, reader: Reader) -> f32 {
    let flags = frame.numbers == Numbers::Flags;
    // The first row stands as far off as half a number is high.
    let first = if flags { frame.step * 0.5 } else { between(frame.step * 0.5, 1.5, 4.0) };
    let step = if flags { frame.step } else { frame.step.min(5.0) };
    // Rows that would leave the lane's own room lie on each other.
    let away = (first + f32::from(reader.row) * step).min(away_most(frame, lane, reader));
    if reader.above { lane.bed.y - away } else { lane.bed.bottom() + away }
}

fn away_most(frame: &TopicFrame, lane: &Lane, reader: Reader) -> f32 {
    let _ = frame;
    let room = if reader.above { lane.bed.y - lane.area.y } else { lane.area.bottom() - lane.bed.bottom() };
    (room - 1.0).max(1.0)
}

/// From where to where a cursor is drawn. It crosses the whole lane, so that groups can be compared on the log; where
/// several stand at one offset, each leaves room for the others.
pub(super) fn cursor_reach(
    frame: &TopicFrame,
    lane: &Lane,
    cursors: &[Cursor<'_>],
    index: usize,
) -> [f32; 2] {
    let cursor = &cursors[index];
    let bed = lane.bed;
    let y = bracket_y(frame, lane, cursor.reader);
    let mut end = if cursor.reader.above { bed.bottom() } else { bed.y };
    let same = cursors.iter().filter(|other| other.progress.committed == cursor.progress.committed);
    for other in same {
        if other.reader.above != cursor.reader.above {
            end = bed.middle_y();
        }
    }
    let nearer = |other: &&Cursor<'_>| {
        other.reader.above == cursor.reader.above
            && other.reader.row < cursor.reader.row
            && other.progress.committed == cursor.progress.committed
    };
    // The next one on the same side goes on where this one ends.
    if let Some(next) = cursors.iter().filter(nearer).max_by_key(|other| other.reader.row) {
        end = bracket_y(frame, lane, next.reader);
    }
    [y, end]
}

/// From the newest message to the group's cursor: its accumulation.
pub(super) fn bracket(
    picture: &mut Picture,
    stage: &Stage<'_>,
    frame: &TopicFrame,
    lane: &Lane,
    cursor: &Cursor<'_>,
    open: f32,
    reach: [f32; 2],
) {
    let world = stage.world;
    let queue = world.queue(lane.queue);
    let bed = lane.bed;
    let group = cursor.reader.group;
    let subject = Some(Subject::Cursor(cursor.id));
    let role = Role::Group(colour(group));
    let y = bracket_y(frame, lane, cursor.reader);
    let x = edge(frame, lane, queue.max_offset, cursor.progress.committed, open);
    let beyond = x > bed.right() + 0.5;
    let end = x.min(bed.right());
    let slim = frame.step < 10.0;
    let thick = if slim { 1.75 } else { 2.5 };
    if end > bed.x + 1.0 {
        picture.line([bed.x, y], [end, y], Stroke::dashed(role, thick, dash(group)), subject);
    }
    if !beyond {
        picture.line([end, reach[0]], [end, reach[1]], Stroke::solid(role, 1.75), subject);
    }
    // In broadcasting every consumer has a cursor of its own.
    if world.group(group).spec.mode == ConsumeMode::Broadcasting {
        let others = queue.progress.iter().filter(|id| **id != cursor.id);
        for other in others.map(|id| world.progress(*id)).filter(|p| p.group == group) {
            let x = edge(frame, lane, queue.max_offset, other.committed, open);
            if x <= bed.right() && (x - end).abs() > 0.5 {
                let half = if cursor.reader.above {
                    [bed.y, bed.middle_y()]
                } else {
                    [bed.middle_y(), bed.bottom()]
                };
                let thin = Stroke::dashed(role, 1.0, Dash::Dotted);
                picture.line([x, half[0]], [x, half[1]], thin, subject);
            }
        }
    }
    if frame.numbers == Numbers::Flags || !slim {
        let r = 5.0 * stage.layout.kind.k;
        if beyond {
            picture.mark(Mark::Arrow, [end + r, y], r, role, subject);
        } else {
            picture.mark(Mark::Flag, [end + r, y], r, role, subject);
        }
    }
}

/// How far behind, as a number.
pub(super) fn number(
    picture: &mut Picture,
    stage: &Stage<'_>,
    frame: &TopicFrame,
    lane: &Lane,
    cursor: &Cursor<'_>,
    index: usize,
    open: f32,
) {
    let kind = stage.layout.kind;
    let queue = stage.world.queue(lane.queue);
    let behind = cursor.progress.accumulation(queue.max_offset);
    let style = kind.number().in_role(Role::Group(colour(cursor.reader.group)));
    let subject = Some(Subject::Cursor(cursor.id));
    match frame.numbers {
        Numbers::Flags => {
            let y = bracket_y(frame, lane, cursor.reader);
            let r = 5.0 * kind.k;
            let x =
                edge(frame, lane, queue.max_offset, cursor.progress.committed, open).min(lane.bed.right());
            let at = [x + 2.0 * r + 3.0, y + style.size * 0.36];
            let room = frame.area.right() - 4.0 - at[0];
            if frame.readers.len() > 2 {
                // Another group's cursor may pass here on its way to a farther bracket.
                let long = style.width(&Number(behind).to_string()).min(room);
                let ground = Area::new(at[0] - 1.0, y - style.size * 0.5, long + 2.0, style.size);
                picture.fill(ground, 0.0, Role::Raised, subject);
            }
            let wide = short_number(picture, behind, at, Anchor::Start, style, room, subject);
            picture.target(
                Subject::Cursor(cursor.id),
                Area::new(x - 1.0, y - style.size / 2.0, wide + 2.0 * r + 4.0, style.size),
            );
        }
        Numbers::Columns(column) => {
            let right = column_right(lane, column, index);
            let mut style = style;
            style.size = style.size.min(lane.area.h - 2.0);
            let at = [right, lane.bed.middle_y() + style.size * 0.36];
            short_number(picture, behind, at, Anchor::End, style, column - 4.0, subject);
            let area = Area::new(right - column, lane.area.y, column, lane.area.h);
            picture.target(Subject::Cursor(cursor.id), area);
        }
        Numbers::Worst(_) | Numbers::Nowhere => {}
    }
}
