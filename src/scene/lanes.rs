//! Topics and their queues: each lane is the log itself, with a cursor for every group that reads it.

use super::groups::{colour, dash};
use super::layout::{Lane, Level, Numbers, Reader, TopicFrame};
use super::picture::{Area, Picture, Style, absent, between};
use super::producers::sign;
use super::shape::{Anchor, Dash, Font, Mark, Role, Stroke};
use super::stage::{Stage, placeholder};
use super::subject::Subject;
use super::text::{Number, Short, width};
use super::{curtain, faults, timer};
use crate::broker::message_queue::QueueState;
use crate::broker::progress::ProgressState;
use crate::broker::spec::{ConsumeMode, MessageType, TopicType};
use crate::broker::{GroupId, MessageRef, ProgressId, QueueId, World};
use crate::sim::Span;

/// The frames themselves, below everything else.
pub(super) fn frames(picture: &mut Picture, stage: &Stage<'_>) {
    for frame in &stage.layout.topics {
        let subject = Subject::Topic(frame.id);
        picture.target(subject, frame.area);
        picture.frame(frame.area, 11.0, Some(Role::Raised), faults::border(stage), Some(subject));
    }
}

pub(super) fn draw(picture: &mut Picture, stage: &Stage<'_>) {
    let openings = Openings::new(stage);
    let flushed = faults::on_disk(stage);
    for frame in &stage.layout.topics {
        head(picture, stage, frame);
        if let Some(area) = frame.clock {
            timer::draw(picture, stage, frame.id, area);
        }
        if let Some(area) = frame.curtain {
            curtain::draw(picture, stage, frame.id, area);
        }
        for lane in &frame.lanes {
            draw_lane(picture, stage, frame, lane, openings.of(lane.queue));
            faults::lane(picture, stage, frame, lane, flushed);
        }
        foot(picture, stage, frame);
    }
    let labels = stage.view.labels;
    if let Some((area, count)) = stage.layout.more_topics {
        let style = stage.layout.kind.body();
        let at = [area.middle_x(), area.middle_y() + style.size * 0.35];
        let count = count as u64;
        picture.frame(area, 9.0, None, absent(Role::LineStrong), None);
        let template = labels.more_topics.of(count);
        picture.say_filled(template, &[("n", &count)], at, Anchor::Middle, style, area.w - 12.0, None);
    }
    if stage.layout.topics.is_empty() {
        let whole = stage.layout.storage;
        let high = (90.0 * stage.layout.kind.k).min(whole.h);
        let area = Area::new(whole.x, stage.layout.axis - high / 2.0, whole.w, high);
        placeholder(picture, stage, area, &labels.no_topic);
    }
}

/// Name, type, queues, and how long messages are kept.
fn head(picture: &mut Picture, stage: &Stage<'_>, frame: &TopicFrame) {
    let labels = stage.view.labels;
    let kind = stage.layout.kind;
    let topic = stage.world.topic(frame.id);
    let subject = Some(Subject::Topic(frame.id));
    let (left, right) = (frame.area.x + 14.0, frame.area.right() - 14.0);
    let baseline = frame.area.y + 23.0 * kind.k;
    let title = kind.title();
    let wide =
        picture.say(&topic.name, [left, baseline], Anchor::Start, title, (right - left) * 0.6, subject);
    let mut room = right - left - wide - 14.0;
    let body = kind.body();
    let time = stage.world.settings.store_retention;
    let hours = time.as_us() / Span::from_secs(3_600).as_us();
    let is_whole = Span::from_secs(3_600) * hours == time;
    let kept = if is_whole { labels.kept.of(hours) } else { &labels.kept_for };
    let long = body.width(&kept.replace("{n}", &hours.to_string()).replace("{t}", &time.to_string()));
    if frame.is_timed && frame.clock.is_none() {
        room -= timer::sign(picture, stage, frame.id, [right, baseline], room);
    } else if frame.is_curtained && frame.curtain.is_none() {
        room -= curtain::small(picture, stage, frame.id, [right, baseline], room);
    } else if long <= room {
        let at = [right, baseline];
        picture.say_filled(kept, &[("n", &hours), ("t", &time)], at, Anchor::End, body, room, subject);
        room -= long + 14.0;
    }
    let count = topic.queues.len() as u64;
    let queues = labels.queues.of(count).replace("{n}", &Number(count).to_string());
    let kind_word = match topic.message_type {
        TopicType::Mixed => &labels.mixed,
        TopicType::Of(MessageType::Fifo) => &labels.fifo,
        TopicType::Of(MessageType::Delay) => &labels.delay,
        TopicType::Of(MessageType::Transaction) => &labels.transaction,
        TopicType::Of(_) => &labels.normal,
    };
    let both = format!("{kind_word} · {queues}");
    let said = if body.width(&both) <= room { both } else { queues };
    if body.width(&said) <= room {
        picture.say(said, [left + wide + 14.0, baseline], Anchor::Start, body, room, subject);
    }

    // Which column of numbers is whose.
    if let Numbers::Columns(column) = frame.numbers {
        let firsts = frame.lanes.iter().filter(|lane| lane.area.y == frame.lanes[0].area.y);
        for lane in firsts {
            for (i, reader) in frame.readers.iter().enumerate() {
                let right = column_right(lane, column, i);
                let y = frame.area.y + frame.head - 3.0;
                let stroke = Stroke::dashed(Role::Group(colour(reader.group)), 2.5, dash(reader.group));
                picture.line(
                    [right - column + 8.0, y],
                    [right, y],
                    stroke,
                    Some(Subject::Group(reader.group)),
                );
            }
        }
    }
}

/// The scale, if it is not obvious, and the queues that are not drawn.
fn foot(picture: &mut Picture, stage: &Stage<'_>, frame: &TopicFrame) {
    let labels = stage.view.labels;
    let kind = stage.layout.kind;
    let small = kind.small();
    let room = frame.area.w - 28.0;
    if let Some((area, shown)) = frame.more {
        let topic = stage.world.topic(frame.id);
        let rest = &topic.queues[shown..];
        let count = rest.len() as u64;
        let at = [area.x, area.bottom() - 4.0 * kind.k];
        let body = kind.body();
        let template = labels.more_queues.of(count);
        let subject = Some(Subject::Topic(frame.id));
        let wide = picture.say_filled(
            template,
            &[("n", &Number(count))],
            at,
            Anchor::Start,
            body,
            area.w * 0.6,
            subject,
        );
        // How far each group is behind on them, all together.
        let mut right = area.right();
        for reader in frame.readers.iter().rev() {
            let behind = rest.iter().map(|id| behind(stage.world, *id, reader.group)).sum();
            let style = kind.number().in_role(Role::Group(colour(reader.group)));
            let room = right - (area.x + wide + 14.0);
            let subject = Some(Subject::Group(reader.group));
            right -= 10.0 + short_number(picture, behind, [right, at[1]], Anchor::End, style, room, subject);
        }
    }
    which_end(picture, stage, frame);
    if let Some(whole) = frame.scale {
        let at = [frame.area.right() - 14.0, frame.area.bottom() - 6.0 * kind.k];
        let template = labels.scale.of(whole);
        picture.say_filled(template, &[("n", &Number(whole))], at, Anchor::End, small, room, None);
    }
}

/// Which end of the lanes is which, below the last of them.
fn which_end(picture: &mut Picture, stage: &Stage<'_>, frame: &TopicFrame) {
    let Some(last) = frame.lanes.last().filter(|_| frame.two_lines && frame.more.is_none()) else { return };
    let labels = stage.view.labels;
    let small = stage.layout.kind.small();
    let y = frame.area.bottom() - 6.0 * stage.layout.kind.k;
    let (left, right) = (last.bed.x, last.bed.right());
    let [newest, oldest] = [&labels.newest, &labels.oldest].map(|word| small.width(word));
    let subject = Some(Subject::Topic(frame.id));
    let other = match frame.scale {
        Some(whole) => small.width(&labels.scale.of(whole).replace("{n}", &Number(whole).to_string())),
        None => oldest,
    };
    if y - small.size < last.area.bottom() - 4.0 || newest + other + 40.0 > right - left {
        return;
    }
    picture.say(&labels.newest, [left, y], Anchor::Start, small, newest + 1.0, subject);
    // The scale, where there is one, is said at the right.
    if frame.scale.is_none() {
        picture.say(&labels.oldest, [right, y], Anchor::End, small, oldest + 1.0, subject);
    }
}

/// How far a group is behind on a queue.
fn behind(world: &World, id: QueueId, group: GroupId) -> u64 {
    let queue = world.queue(id);
    let all = queue.progress.iter().map(|id| world.progress(*id)).filter(|p| p.group == group);
    all.map(|p| p.accumulation(queue.max_offset)).sum()
}

/// Lanes that make room for a message that is about to arrive.
struct Openings(Vec<(QueueId, f32)>);

impl Openings {
    /// A message is as good as there in the last quarter of its way.
    const FROM: f32 = 0.75;

    fn new(stage: &Stage<'_>) -> Self {
        let mut all = Vec::new();
        if stage.view.reduced_motion {
            return Self(all);
        }
        // What goes to the clock enters no lane yet.
        for producer in stage.world.live.producers.iter().filter(|producer| producer.delay.is_none()) {
            // Those that arrive first stand first.
            for flight in producer.transit.iter().take(64) {
                let part = super::flights::part(stage.now, flight.sent_at, flight.arrives_at);
                if part <= Self::FROM {
                    break;
                }
                let x = (part - Self::FROM) / (1.0 - Self::FROM);
                all.push((flight.queue, x * x * (3.0 - 2.0 * x)));
            }
        }
        Self(all)
    }

    fn of(&self, queue: QueueId) -> f32 {
        self.0.iter().filter(|(id, _)| *id == queue).map(|(_, open)| *open).fold(0.0, f32::max)
    }
}

/// A group on a lane: its slowest progress there, and the others' committed offsets.
struct Cursor<'a> {
    reader: Reader,
    id: ProgressId,
    progress: &'a ProgressState,
}

fn cursors<'a>(world: &'a World, frame: &TopicFrame, queue: &QueueState) -> Vec<Cursor<'a>> {
    let of_reader = |reader: &Reader| {
        let mine = queue.progress.iter().map(|id| (*id, world.progress(*id)));
        let mine = mine.filter(|(_, progress)| progress.group == reader.group);
        let slowest = mine.min_by_key(|(_, progress)| progress.committed)?;
        Some(Cursor { reader: *reader, id: slowest.0, progress: slowest.1 })
    };
    frame.readers.iter().filter_map(of_reader).collect()
}

fn column_right(lane: &Lane, column: f32, index: usize) -> f32 {
    lane.bed.right() + (index + 1) as f32 * column
}

fn draw_lane(picture: &mut Picture, stage: &Stage<'_>, frame: &TopicFrame, lane: &Lane, open: f32) {
    let world = stage.world;
    let queue = world.queue(lane.queue);
    let subject = Some(Subject::Queue(lane.queue));
    picture.target(Subject::Queue(lane.queue), lane.area);
    let bed = lane.bed;
    let radius = if bed.h > 14.0 { 5.0 } else { 2.0 };
    picture.fill(bed, radius, Role::LaneFill, subject);
    let cursors = cursors(world, frame, queue);
    let shown = match frame.level {
        Level::Tokens => tokens(picture, stage, frame, lane, open, &cursors),
        Level::Pixels => pixels(picture, stage, frame, lane, &cursors),
        Level::Lengths => lengths(picture, frame, lane, queue, &cursors),
    };
    ends(picture, stage, frame, lane, shown);
    let open = if frame.level == Level::Tokens { open } else { 0.0 };
    for (index, cursor) in cursors.iter().enumerate() {
        let reach = cursor_reach(frame, lane, &cursors, index);
        bracket(picture, stage, frame, lane, cursor, open, reach);
        lock(picture, frame, lane, world, cursor);
    }
    for (index, cursor) in cursors.iter().enumerate() {
        number(picture, stage, frame, lane, cursor, index, open);
    }
    if let (Numbers::Worst(wide), Some(slowest)) =
        (frame.numbers, cursors.iter().max_by_key(|c| c.progress.accumulation(queue.max_offset)))
    {
        let kind = stage.layout.kind;
        let style = kind.number().in_role(Role::Group(colour(slowest.reader.group)));
        let behind = slowest.progress.accumulation(queue.max_offset);
        let at = [bed.right() + wide, bed.middle_y() + style.size * 0.36];
        short_number(picture, behind, at, Anchor::End, style, wide - 2.0, Some(Subject::Cursor(slowest.id)));
    }
}

/// A number, shortened if the exact one does not fit.
fn short_number(
    picture: &mut Picture,
    n: u64,
    at: [f32; 2],
    anchor: Anchor,
    style: super::picture::Style,
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
fn edge(frame: &TopicFrame, lane: &Lane, max_offset: u64, offset: u64, open: f32) -> f32 {
    lane.bed.x + (open + max_offset.saturating_sub(offset) as f32) * frame.pitch
}

/// The queue's number, and the offsets at both ends.
fn ends(picture: &mut Picture, stage: &Stage<'_>, frame: &TopicFrame, lane: &Lane, shown: u64) {
    let kind = stage.layout.kind;
    let labels = stage.view.labels;
    let queue = stage.world.queue(lane.queue);
    let subject = Some(Subject::Queue(lane.queue));
    let bed = lane.bed;
    let x = bed.x - 7.0;
    let room = x - lane.area.x + 2.0;
    if !frame.two_lines {
        let mut style = kind.name();
        style.size = (12.0 * kind.k).min(lane.area.h - 1.0);
        let at = [x, bed.middle_y() + style.size * 0.36];
        picture.say(format_args!("Q{}", queue.number), at, Anchor::End, style, room, subject);
        return;
    }
    let (name, mono) = (kind.name(), kind.mono());
    let middle = bed.middle_y();
    let small = mono;
    picture.say(format_args!("Q{}", queue.number), [x, middle - 4.5], Anchor::End, name, room, subject);
    let below = middle + small.size * 0.8 + 4.5;
    picture.say(Number(queue.max_offset), [x, below], Anchor::End, small, room, subject);

    let oldest = queue.max_offset.saturating_sub(shown).max(queue.min_offset);
    let hidden = oldest - queue.min_offset;
    if frame.numbers != Numbers::Flags {
        return;
    }
    if hidden == 0 {
        // The log ends inside the lane: its lowest offset stands right behind the oldest message.
        let end = edge(frame, lane, queue.max_offset, oldest, 0.0) + 5.0;
        if queue.max_offset > 0 && bed.right() - end > 14.0 {
            let at = [end, middle + small.size * 0.36];
            picture.say(Number(oldest), at, Anchor::Start, small, bed.right() - end, subject);
        }
        return;
    }
    let left = bed.right() + 6.0;
    let room = lane.area.right() - left + 6.0;
    let style = kind.small();
    // While nothing has expired, the offset of the last one drawn is the number of those before it: said once.
    let is_whole = queue.min_offset == 0;
    if !is_whole {
        short_number(picture, oldest, [left, middle - 2.5], Anchor::Start, small, room, subject);
    }
    let template = labels.older.of(hidden);
    let exact = template.replace("{n}", &Number(hidden).to_string());
    let drop = if is_whole { style.size * 0.36 } else { style.size * 0.8 + 2.0 };
    let at = [left, middle + drop];
    if width(&exact, style.size, style.font) <= room {
        picture.say(exact, at, Anchor::Start, style, room, subject);
    } else {
        picture.say(format_args!("+{}", Short(hidden)), at, Anchor::Start, style, room, subject);
    }
}

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

/// A padlock where a group works on a queue in order: for its owner, or for one message of it.
fn lock(picture: &mut Picture, frame: &TopicFrame, lane: &Lane, world: &World, cursor: &Cursor<'_>) {
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

/// Messages one by one. Says how many it drew.
fn tokens(
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
            if !is_filtered && !(progress.committed..progress.next).contains(&offset) {
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
fn pixels(
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
    for n in 0..count {
        let offset = queue.max_offset - 1 - n;
        let done = is_done(cursors, stage.world, queue, offset);
        let role = if done { Role::TokenDone } else { Role::Token };
        let x = bed.x + n as f32 * frame.pitch;
        let area = Area::new(x, bed.y + inset, wide, bed.h - 2.0 * inset);
        picture.fill(area, 0.0, role, Some(Subject::Message(MessageRef { queue: lane.queue, offset })));
    }
    working(picture, frame, lane, queue, cursors);
    count
}

/// Messages as lengths: those that somebody still has to consume, and those that are done.
fn lengths(
    picture: &mut Picture,
    frame: &TopicFrame,
    lane: &Lane,
    queue: &QueueState,
    cursors: &[Cursor<'_>],
) -> u64 {
    let bed = lane.bed;
    let subject = Some(Subject::Queue(lane.queue));
    let lowest = cursors.iter().map(|cursor| cursor.progress.done_below).min().unwrap_or(queue.min_offset);
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
fn cursor_reach(frame: &TopicFrame, lane: &Lane, cursors: &[Cursor<'_>], index: usize) -> [f32; 2] {
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
fn bracket(
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
fn number(
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
