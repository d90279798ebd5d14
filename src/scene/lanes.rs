//! Topics and their queues: each lane is the log itself, with a cursor for every group that reads it.

mod cursor;
mod messages;

use cursor::{bracket, column_right, cursor_reach, cursors, edge, lock, number, pause, short_number};
use messages::{expired, lengths, pixels, tokens};

use super::groups::{colour, dash};
use super::layout::{Lane, Level, Numbers, TopicFrame};
use super::picture::{Area, Picture, absent};
use super::shape::{Anchor, Role, Stroke};
use super::stage::{Stage, placeholder};
use super::subject::Subject;
use super::text::{Length, Number, Short, width};
use super::{curtain, faults, lite, requests, timer};
use crate::broker::spec::{MessageType, TopicType};
use crate::broker::{GroupId, QueueId, World};
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
        if stage.world.is_lite(frame.id) {
            frame.lanes.iter().for_each(|lane| lite::comb(picture, stage, frame, lane));
            continue;
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
    let time = Length(time);
    let kept = if is_whole { labels.kept.of(hours) } else { &labels.kept_for };
    let long = body.width(&kept.replace("{n}", &hours.to_string()).replace("{t}", &time.to_string()));
    room -= requests::waiting(picture, stage, frame.id, [right, baseline], room);
    let right = frame.area.x + 14.0 + wide + 14.0 + room;
    let lite_life = stage.world.is_lite(frame.id).then(|| lite::life(stage)).flatten();
    let (kept, long) = match &lite_life {
        Some(said) => (said.as_str(), body.width(said)),
        None if topic.compacts() => (&*labels.compacted, body.width(&labels.compacted)),
        None => (kept, long),
    };
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
        _ if topic.is_set_aside() => &labels.set_aside,
        TopicType::Mixed => &labels.mixed,
        TopicType::Of(MessageType::Fifo) => &labels.fifo,
        TopicType::Of(MessageType::Delay) => &labels.delay,
        TopicType::Of(MessageType::Transaction) => &labels.transaction,
        TopicType::Of(MessageType::Lite) => &labels.lite,
        TopicType::Of(_) => &labels.normal,
    };
    let both = format!("{kind_word} · {queues}");
    // What is unusual about a topic is said first.
    let is_lite = stage.world.is_lite(frame.id);
    let short = if topic.is_set_aside() || is_lite { kind_word.to_string() } else { queues };
    let said = if body.width(&both) <= room && !is_lite { both } else { short };
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
    expired(picture, frame, lane, queue);
    ends(picture, stage, frame, lane, shown);
    let open = if frame.level == Level::Tokens { open } else { 0.0 };
    for (index, cursor) in cursors.iter().enumerate() {
        let reach = cursor_reach(frame, lane, &cursors, index);
        bracket(picture, stage, frame, lane, cursor, open, reach);
        lock(picture, frame, lane, world, cursor);
        pause(picture, frame, lane, cursor, index);
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
        let room = bed.right() - end;
        let at = [end, middle + small.size * 0.36];
        if oldest > 0 && room > 14.0 {
            // As many as that have expired: its offset says so.
            let said = labels.expired.of(oldest).replace("{n}", &Number(oldest).to_string());
            let (said, style) = [(said, kind.small()), (Number(oldest).to_string(), small)]
                .into_iter()
                .find(|(said, style)| style.width(said) <= room - 6.0)
                .unwrap_or_else(|| (Short(oldest).to_string(), small));
            // At the far end, where cursors seldom stand.
            let (right, wide) = (bed.right() - 5.0, style.width(&said));
            let ground =
                Area::new(right - wide - 3.0, middle - style.size * 0.7, wide + 6.0, style.size * 1.4);
            picture.fill(ground, 2.0, Role::LaneFill, subject);
            picture.say(said, [right, at[1]], Anchor::End, style, room, subject);
        } else if queue.max_offset > 0 && room > 14.0 {
            picture.say(Number(oldest), at, Anchor::Start, small, room, subject);
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
