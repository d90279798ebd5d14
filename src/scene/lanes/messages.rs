//! The messages of a lane, one by one, as strips or as lengths.

use super::cursor::{Cursor, edge};
use crate::broker::message_queue::QueueState;
use crate::broker::{MessageRef, World};
use crate::scene::groups::colour;
use crate::scene::layout::{Lane, TopicFrame};
use crate::scene::picture::{Area, Picture, Style, between};
use crate::scene::producers::sign;
use crate::scene::requests;
use crate::scene::shape::{Anchor, Font, Mark, Role, Stroke};
use crate::scene::stage::Stage;
use crate::scene::subject::Subject;

/// So many strokes stand for what has expired in a lane, at the most.
const MOST_HATCHES: f32 = 40.0;

/// Has every group finished with the message?
fn is_done(cursors: &[Cursor<'_>], world: &World, queue: &QueueState, offset: u64) -> bool {
    if cursors.is_empty() {
        return false;
    }
    let mut live =
        queue.progress.iter().map(|id| world.progress(*id)).filter(|p| !world.group(p.group).removed);
    live.all(|p| p.is_finished(offset))
}

/// Does a listener thread work on the message right now?
fn is_processed(world: &World, cursor: &Cursor<'_>, offset: u64) -> bool {
    let progress = cursor.progress;
    let holder = progress.owner.or(progress.member).or(progress.held.get(&offset).map(|held| held.consumer));
    let works_on =
        |id| world.consumer(id).work().any(|(_, w)| w.task.progress == cursor.id && w.task.offset == offset);
    holder.is_some_and(works_on)
}

/// Did the message fail, and is its consumer keeping it to try again in place?
fn is_suspended(world: &World, cursor: &Cursor<'_>, offset: u64) -> bool {
    let suspended = &world.group(cursor.reader.group).suspended;
    suspended.values().any(|one| one.progress == cursor.id && one.offset == offset)
}

/// The sign of a message group: the beginning of its name, or the end of one that is numbered, as much as fits.
fn message_group(
    picture: &mut Picture,
    name: &str,
    [x, y]: [f32; 2],
    [w, high]: [f32; 2],
    role: Role,
    subject: Option<Subject>,
) {
    let style = Style::new(Font::MonoBold, between(high * 0.42, 7.0, 10.0), role);
    let room = w - 1.0;
    let fits = |part: &&str| style.width(part) <= room && part.chars().all(char::is_alphanumeric);
    let ends = name.char_indices().rev().map(|(at, _)| &name[at..]).take(2);
    let starts = name.char_indices().map(|(at, c)| &name[..at + c.len_utf8()]).take(2);
    let is_numbered = name.ends_with(|c: char| c.is_ascii_digit());
    let said = if is_numbered { ends.take_while(fits).last() } else { starts.take_while(fits).last() };
    let said = said.unwrap_or("·");
    picture.say(said, [x, y + style.size * 0.36], Anchor::Middle, style, room, subject);
}

/// Messages one by one. Says how many it drew.
pub(super) fn tokens(
    picture: &mut Picture,
    stage: &Stage<'_>,
    frame: &TopicFrame,
    lane: &Lane,
    open: f32,
    cursors: &[Cursor<'_>],
) -> u64 {
    let world = stage.world;
    let queue = world.queue(lane.queue);
    let log = &world.log.queues[lane.queue.index()];
    let [w, h] = frame.token;
    let bed = lane.bed;
    let gap = (frame.pitch - w) / 2.0;
    let most = (bed.w / frame.pitch) as u64;
    let (top, high) = (bed.y + 2.0, h - 4.0);
    let mark_r = (w * 0.30).min(high * 0.22);
    let mut shown = 0;
    for n in 0..most.min(queue.max_offset - queue.min_offset) {
        let offset = queue.max_offset - 1 - n;
        let x = bed.x + (n as f32 + open) * frame.pitch + gap;
        if x + w > bed.right() {
            break;
        }
        shown += 1;
        let at = MessageRef { queue: lane.queue, offset };
        let subject = Some(Subject::Message(at));
        let done = is_done(cursors, world, queue, offset);
        let (ground, sign_role) =
            if done { (Role::TokenDone, Role::TokenDoneMark) } else { (Role::Token, Role::TokenMark) };
        let area = Area::new(x, top, w, high);
        picture.target(Subject::Message(at), area);
        if world.is_superseded(at) {
            requests::hole(picture, area, Subject::Message(at));
            continue;
        }
        picture.fill(area, 3.0, ground, subject);
        let (producer, number) = log.sender(offset);
        let centre = [x + w / 2.0, top + high / 2.0];
        match world.producer(producer).message_group(number).filter(|_| high >= 12.0) {
            Some(name) => message_group(picture, &name, centre, [w, high], sign_role, subject),
            None => picture.mark(sign(producer), centre, mark_r, sign_role, subject),
        }
        if high < 20.0 {
            continue;
        }
        for cursor in cursors.iter().filter(|cursor| cursor.reader.row == 0) {
            let progress = cursor.progress;
            let is_filtered = world.is_filtered(cursor.id, offset);
            if !is_filtered && !(progress.open_from()..progress.next).contains(&offset) {
                continue;
            }
            let role = Role::Group(colour(cursor.reader.group));
            let inside = high * 0.14;
            let y = if cursor.reader.above { top + inside } else { top + high - inside };
            let middle = [x + w / 2.0, y];
            if is_filtered {
                // Struck out: the group does not get this one. The stroke stays when the cursor has passed.
                let [slash, half] = [2.6, 3.4];
                let stroke = Stroke::solid(role, 1.4);
                picture.line([middle[0] - half, y + slash], [middle[0] + half, y - slash], stroke, subject);
                continue;
            }
            if let Some(order) = &progress.order
                && order.waiting.contains(offset)
            {
                // Read and in nobody's hands: locked, unless its turn has come.
                if !order.eligible.contains(&offset) {
                    picture.mark(Mark::Lock, middle, 3.4, role, subject);
                }
                continue;
            }
            if is_suspended(world, cursor, offset) {
                picture.again(middle, 3.0, role, subject);
                continue;
            }
            if progress.is_finished(offset) {
                // Finished, but a lower offset is not: it cannot be committed yet.
                picture.fill(Area::new(x + 2.5, y - 1.2, w - 5.0, 2.4), 1.0, role, subject);
            } else if is_processed(world, cursor, offset) {
                picture.mark(Mark::Circle, middle, 3.0, role, subject);
            } else {
                picture.ring(middle, 2.1, [0.0, 1.0], Stroke::solid(role, 1.2), subject);
            }
        }
    }
    shown
}

/// Messages as narrow strips.
pub(super) fn pixels(
    picture: &mut Picture,
    stage: &Stage<'_>,
    frame: &TopicFrame,
    lane: &Lane,
    cursors: &[Cursor<'_>],
) -> u64 {
    let queue = stage.world.queue(lane.queue);
    let bed = lane.bed;
    let most = (bed.w / frame.pitch) as u64;
    let count = most.min(queue.max_offset - queue.min_offset);
    let (inset, wide) = (if bed.h > 14.0 { 2.0 } else { 0.0 }, frame.pitch - 1.0);
    let compacts = stage.world.topic(frame.id).compacts();
    for n in 0..count {
        let offset = queue.max_offset - 1 - n;
        let done = is_done(cursors, stage.world, queue, offset);
        let role = match done {
            // Between holes, what is left stands out.
            true if compacts => Role::TokenDoneMark,
            true => Role::TokenDone,
            false => Role::Token,
        };
        let x = bed.x + n as f32 * frame.pitch;
        let at = MessageRef { queue: lane.queue, offset };
        let mut area = Area::new(x, bed.y + inset, wide, bed.h - 2.0 * inset);
        if stage.world.is_superseded(at) {
            // A hole: hardly more than its place.
            area = Area::new(x, area.bottom() - 1.5, wide, 1.5);
        }
        picture.fill(area, 0.0, role, Some(Subject::Message(at)));
    }
    working(picture, frame, lane, queue, cursors);
    count
}

/// Messages as lengths: those that somebody still has to consume, and those that are done.
pub(super) fn lengths(
    picture: &mut Picture,
    frame: &TopicFrame,
    lane: &Lane,
    queue: &QueueState,
    cursors: &[Cursor<'_>],
) -> u64 {
    let bed = lane.bed;
    let subject = Some(Subject::Queue(lane.queue));
    let lowest = cursors.iter().map(|cursor| cursor.progress.done_below()).min().unwrap_or(queue.min_offset);
    let inset = if bed.h > 14.0 { 2.0 } else { 0.0 };
    let at = |offset| edge(frame, lane, queue.max_offset, offset, 0.0).min(bed.right());
    let strip = |from: f32, to: f32| Area::new(from, bed.y + inset, to - from, bed.h - 2.0 * inset);
    let (head, middle, tail) = (bed.x, at(lowest), at(queue.min_offset));
    if tail > middle {
        picture.fill(strip(middle, tail), 0.0, Role::TokenDone, subject);
    }
    if middle > head {
        picture.fill(strip(head, middle), 0.0, Role::Token, subject);
    }
    working(picture, frame, lane, queue, cursors);
    ((bed.w / frame.pitch) as u64).min(queue.max_offset - queue.min_offset)
}

/// Where messages were that have expired: hatched, as far as the lane reaches.
pub(super) fn expired(picture: &mut Picture, frame: &TopicFrame, lane: &Lane, queue: &QueueState) {
    let (bed, subject) = (lane.bed, Some(Subject::Queue(lane.queue)));
    let at = |offset| edge(frame, lane, queue.max_offset, offset, 0.0).min(bed.right());
    let (from, to) = (at(queue.min_offset), at(0));
    if queue.min_offset == 0 || to - from < 2.0 || bed.h < 5.0 {
        return;
    }
    let inset = if bed.h > 14.0 { 2.0 } else { 0.0 };
    let (top, bottom) = (bed.y + inset, bed.bottom() - inset);
    let stroke = Stroke::solid(Role::LineStrong, 1.0);
    picture.line([from, top], [from, bottom], stroke, subject);
    // Strokes that lean like a slash, at a pitch that keeps them few.
    let (lean, pitch) = ((bottom - top) * 0.6, ((to - from) / MOST_HATCHES).max(8.0));
    let mut x = from + pitch * 0.5;
    while x + lean <= to {
        picture.line([x, bottom], [x + lean, top], Stroke::solid(Role::Line, 1.0), subject);
        x += pitch;
    }
}

/// What the first two groups have in hand, along the lane's edges.
fn working(
    picture: &mut Picture,
    frame: &TopicFrame,
    lane: &Lane,
    queue: &QueueState,
    cursors: &[Cursor<'_>],
) {
    if lane.bed.h < 8.0 {
        return;
    }
    for cursor in cursors.iter().filter(|cursor| cursor.reader.row == 0) {
        let progress = cursor.progress;
        // Where all is in hand, the bracket says so already.
        if progress.next == queue.max_offset {
            continue;
        }
        let clip = |offset| edge(frame, lane, queue.max_offset, offset, 0.0).min(lane.bed.right());
        let (from, to) = (clip(progress.next), clip(progress.committed));
        if to - from < 0.5 {
            continue;
        }
        let y = if cursor.reader.above { lane.bed.y } else { lane.bed.bottom() - 2.5 };
        let role = Role::GroupEdge(colour(cursor.reader.group));
        picture.fill(Area::new(from, y, to - from, 2.5), 0.0, role, Some(Subject::Cursor(cursor.id)));
    }
}
