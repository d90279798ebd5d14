//! Topics: how much of a topic there is room for, how its lanes are drawn, and where.

use super::Type;
use crate::broker::spec::{MessageType, TopicType};
use crate::broker::{GroupId, QueueId, TopicId, World};
use crate::scene::picture::{Area, between};
use crate::scene::text::Number;
use crate::scene::view::View;

/// More queues than this are counted, not drawn.
const MOST_LANES: usize = 64;
/// With more room than they need, topics become so many times as high; more, if even so half of the stage would be empty.
const STRETCH: [f32; 2] = [1.25, 1.7];

/// How many times as high things become that would like to be `wished` high, where there is so much room.
pub(super) fn stretch(room: f32, wished: f32) -> f32 {
    between(room * 0.5 / wished.max(1.0), STRETCH[0], STRETCH[1])
}

/// A topic and its lanes.
#[derive(Clone, Debug)]
pub(in crate::scene) struct TopicFrame {
    pub id: TopicId,
    pub area: Area,
    pub head: f32,
    /// Messages can wait in the timer for it.
    pub is_timed: bool,
    /// Where they are, if there is room for that.
    pub clock: Option<Area>,
    /// Messages can be half messages first.
    pub is_curtained: bool,
    /// Where they are, if there is room for that.
    pub curtain: Option<Area>,
    pub readers: Vec<Reader>,
    pub lanes: Vec<Lane>,
    pub level: Level,
    /// Pixels for one message.
    pub pitch: f32,
    /// The size of a token.
    pub token: [f32; 2],
    /// Distance between bracket rows.
    pub step: f32,
    pub numbers: Numbers,
    /// The queue's name stands above its max offset, with a little room between them.
    pub two_lines: bool,
    /// Several columns of lanes: too many for curves.
    pub grid: bool,
    /// How many messages a whole lane stands for, where that is not obvious.
    pub scale: Option<u64>,
    pub more: Option<(Area, usize)>,
}

impl TopicFrame {
    pub(super) fn move_down(&mut self, by: f32) {
        let lines = [&mut self.clock, &mut self.curtain].into_iter().flatten();
        let lanes = self.lanes.iter_mut().flat_map(|lane| [&mut lane.area, &mut lane.bed]);
        let more = self.more.iter_mut().map(|(area, _)| area);
        [&mut self.area].into_iter().chain(lines).chain(lanes).chain(more).for_each(|area| area.y += by);
    }
}

/// A group that reads a topic.
#[derive(Clone, Copy, Debug)]
pub(in crate::scene) struct Reader {
    pub group: GroupId,
    /// Its bracket is above the lane, rather than below it.
    pub above: bool,
    /// How far from the lane, counted from 0.
    pub row: u8,
}

/// How messages of a lane are drawn.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::scene) enum Level {
    /// One by one, with the sign of their producer.
    Tokens,
    /// One by one, as narrow strips.
    Pixels,
    /// As lengths.
    Lengths,
}

/// Where a lane says how far each group is behind.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(in crate::scene) enum Numbers {
    /// At the end of each bracket.
    Flags,
    /// In columns to the right, so wide each.
    Columns(f32),
    /// Only the largest.
    Worst(f32),
    /// Nowhere.
    Nowhere,
}

/// One queue.
#[derive(Clone, Copy, Debug)]
pub(in crate::scene) struct Lane {
    pub queue: QueueId,
    /// All that belongs to it.
    pub area: Area,
    /// Where its messages lie.
    pub bed: Area,
}
fn reader_count(world: &World, topic: TopicId) -> usize {
    world.groups().filter(|(_, group)| group.topics.contains(&topic)).count()
}

const HEAD: f32 = 38.0;
const FOOT: f32 = 18.0;
/// The line with the clock, below the head of a topic for which messages wait in the timer.
const CLOCK: f32 = 36.0;
/// What a comb of lite topics takes.
const COMB: f32 = 190.0;
/// Lanes together have at least this much before there is room for a clock.
const LANES_FIRST: f32 = 40.0;

/// Can messages wait in the timer for this topic? A question about what it is, not about how it is: nothing is to jump
/// when the first one comes.
fn is_timed(world: &World, id: TopicId) -> bool {
    match world.topic(id).message_type {
        TopicType::Of(message) => message == MessageType::Delay,
        TopicType::Mixed => world.live.producers.iter().any(|p| p.topic == id && p.delay.is_some()),
    }
}

/// Can there be half messages for it?
fn is_curtained(world: &World, id: TopicId) -> bool {
    match world.topic(id).message_type {
        TopicType::Of(message) => message == MessageType::Transaction,
        TopicType::Mixed => world.live.producers.iter().any(|p| p.topic == id && p.transaction.is_some()),
    }
}

/// The least height of a lane of tokens with so many brackets that end in numbers.
fn lane_with_flags(readers: usize, k: f32) -> f32 {
    20.0 * k + readers as f32 * 12.5 * k + 12.0
}

/// The height at which a topic stands comfortably.
pub(super) fn natural_frame(world: &World, id: TopicId, [_, wide]: [f32; 2], kind: Type) -> f32 {
    let k = kind.k;
    let count = world.topic(id).queues.len();
    if world.is_lite(id) {
        return (HEAD + COMB + FOOT) * k;
    }
    let readers = reader_count(world, id).max(1);
    let lane = match count {
        0..=6 => 30.0 * k + readers.min(4) as f32 * 13.0 * k + 22.0,
        7..=8 => lane_with_flags(readers.min(3), k),
        _ => 0.0,
    };
    let lanes = match count {
        0..=8 => lane * count.max(1) as f32,
        9..=16 => count as f32 * 24.0 * k,
        _ => {
            let across = grid_columns(wide - 28.0, k);
            count.min(MOST_LANES).div_ceil(across) as f32 * 18.0 * k
                + if count > MOST_LANES { 22.0 * k } else { 0.0 }
        }
    };
    let clock = if is_timed(world, id) || is_curtained(world, id) { CLOCK } else { 0.0 };
    (HEAD + clock + FOOT) * k + lanes
}

/// The height at which all topics stand comfortably.
pub(super) fn wished_frames(world: &World, column: [f32; 2], kind: Type) -> f32 {
    let gap = 12.0 * kind.k;
    let frames = world.shown_topics().map(|(id, _)| natural_frame(world, id, column, kind) + gap);
    (frames.sum::<f32>() - gap).max(0.0)
}

/// How many columns of lanes a width has room for.
fn grid_columns(wide: f32, k: f32) -> usize {
    ((wide / (140.0 * k)) as usize).clamp(1, 4)
}

/// All topics in the middle column, sharing its height by their number of lanes.
pub(super) fn frames(
    world: &World,
    area: Area,
    beside: f32,
    view: &View<'_>,
    kind: Type,
) -> (Vec<TopicFrame>, Option<(Area, usize)>) {
    let k = kind.k;
    let gap = 12.0 * k;
    let all: Vec<TopicId> = world.shown_topics().map(|(id, _)| id).collect();
    if all.is_empty() {
        return (Vec::new(), None);
    }
    let least = (HEAD + FOOT + 24.0) * k;
    let most = (((area.h + gap) / (least + gap)) as usize).max(1);
    let shown = if all.len() > most { (most - 1).max(1) } else { all.len() };
    let more_high = if shown < all.len() { 26.0 * k + gap } else { 0.0 };
    let wishes: Vec<f32> =
        all[..shown].iter().map(|id| natural_frame(world, *id, [area.x, area.w], kind)).collect();
    let wished: f32 = wishes.iter().sum();
    let room = area.h - more_high - gap * (shown - 1) as f32;
    // What is above the least is shared out in proportion to the wishes.
    let spare = (room - least * shown as f32).max(0.0);
    let over: f32 = wished - least * shown as f32;
    // Level with the groups beside them, if that does not pull them apart.
    let stretch = between(beside.min(room) / wished, stretch(room, wished), STRETCH[1]);
    let mut y = area.y;
    let mut out = Vec::with_capacity(shown);
    for (id, wish) in all[..shown].iter().zip(&wishes) {
        let high = if over > 0.0 { least + spare * (wish - least) / over } else { room / shown as f32 };
        let high = high.min(wish * stretch);
        out.push(frame(world, *id, Area::new(area.x, y, area.w, high), view, kind));
        y += high + gap;
    }
    let more = (shown < all.len()).then(|| (Area::new(area.x, y, area.w, 26.0 * k), all.len() - shown));
    (out, more)
}

/// One topic: how its lanes are drawn, and where.
pub(super) fn frame(world: &World, id: TopicId, area: Area, view: &View<'_>, kind: Type) -> TopicFrame {
    let k = kind.k;
    let topic = world.topic(id);
    let groups: Vec<GroupId> =
        world.groups().filter(|(_, group)| group.topics.contains(&id)).map(|(id, _)| id).collect();
    let readers: Vec<Reader> = groups
        .iter()
        .enumerate()
        .map(|(i, group)| Reader { group: *group, above: i % 2 == 0, row: (i / 2) as u8 })
        .collect();
    let behind = largest_accumulation(world, &topic.queues);
    let newest = topic.queues.iter().map(|id| world.queue(*id).max_offset).max().unwrap_or(0);

    let side = if area.w < 360.0 * k { 10.0 } else { 14.0 };
    let is_timed = is_timed(world, id);
    let is_curtained = is_curtained(world, id);
    let has_line = (is_timed || is_curtained) && area.h >= (HEAD + CLOCK + LANES_FIRST + FOOT) * k;
    let head = HEAD + if has_line { CLOCK } else { 0.0 };
    let inner = Area::new(area.x + side, area.y + head * k, area.w - 2.0 * side, area.h - (head + FOOT) * k);
    // If both can wait there, they share the line.
    let both = if is_timed && is_curtained { inner.w / 2.0 } else { inner.w };
    let clock = Area::new(inner.x, area.y + HEAD * k - 4.0 * k, both, CLOCK * k);
    let curtain = Area { x: inner.right() - both, ..clock };
    let count = topic.queues.len().max(1);
    let pitch = (inner.h / count as f32).min(156.0 * k);
    let above = readers.len().div_ceil(2) as f32;
    let below = (readers.len() / 2) as f32;

    let gutter_digits = kind.mono().width(&Number(newest.max(100)).to_string());
    let name = kind.name().width(&format!("Q{}", topic.queues.len().saturating_sub(1).max(9)));
    let number = kind.number().width(&Number(behind.max(10)).to_string()) + 8.0;
    let columns = readers.len() as f32 * number;

    let flagged = lane_with_flags(readers.len(), k) <= pitch;
    let thin = 5.0;
    let listed = 20.0 * k + readers.len() as f32 * thin + 8.0 <= pitch;

    let mut frame = TopicFrame {
        id,
        area,
        head: head * k,
        is_timed,
        clock: (has_line && is_timed).then_some(clock),
        is_curtained,
        curtain: (has_line && is_curtained).then_some(curtain),
        lanes: Vec::new(),
        level: Level::Tokens,
        pitch: 0.0,
        token: [0.0; 2],
        step: 12.5 * k,
        numbers: Numbers::Flags,
        two_lines: flagged || listed,
        grid: false,
        scale: None,
        more: None,
        readers,
    };
    if world.is_lite(id) {
        let area = Area::new(inner.x, inner.y, inner.w, inner.h + FOOT * k - 8.0);
        frame.token = [11.0, 16.0];
        frame.two_lines = false;
        frame.lanes.extend(topic.queues.first().map(|queue| Lane { queue: *queue, area, bed: area }));
        return frame;
    }
    let lanes_top = inner.y + ((inner.h - pitch * count as f32) / 2.0).max(0.0);
    let gutter = gutter_digits.max(name) + 8.0;

    if flagged || listed {
        if !flagged {
            frame.step = thin;
            frame.numbers = columns_or_worst(columns, number, inner.w - gutter);
        }
        let brackets = (above + below) * frame.step;
        // The only lane may be a broad one.
        let highest = if count == 1 { 46.0 * k } else { 36.0 * k };
        let high = between(pitch - brackets - if flagged { 14.0 } else { 10.0 }, 18.0 * k, highest);
        let token = [(high * 0.48).floor().max(11.0), high.floor()];
        frame.token = token;
        let cap = match frame.numbers {
            Numbers::Flags => {
                let older = view.labels.older.of(newest).replace("{n}", &Number(newest.max(10)).to_string());
                let older = kind.small().width(&older).min(inner.w * 0.2);
                (number + 12.0 * k).max(older) + 2.0
            }
            Numbers::Columns(_) => columns + 4.0,
            Numbers::Worst(wide) => wide + 4.0,
            Numbers::Nowhere => 0.0,
        };
        let bed_x = inner.x + gutter;
        let bed_w = inner.right() - cap - bed_x;
        for (i, queue) in topic.queues.iter().enumerate() {
            let block = Area::new(inner.x, lanes_top + i as f32 * pitch, inner.w, pitch);
            let y = block.y + (pitch - brackets - high) / 2.0 + above * frame.step;
            frame.lanes.push(Lane {
                queue: *queue,
                area: block,
                bed: Area::new(bed_x, y.round(), bed_w, token[1]),
            });
        }
        set_scale(&mut frame, bed_w, behind, true);
        if topic.compacts() {
            show_holes(&mut frame, bed_w, world, &topic.queues);
        }
        return frame;
    }

    // Rows, in as many columns as it takes.
    let row = 15.0 * k;
    let widest = grid_columns(inner.w, k);
    let shown = topic.queues.len().min(MOST_LANES);
    let mut across = 1;
    while across < widest && inner.h / (shown.div_ceil(across)) as f32 <= row {
        across += 1;
    }
    let full_rows = ((inner.h / row) as usize).max(1);
    let mut shown = shown.min(full_rows * across);
    let foot = if shown < topic.queues.len() { 18.0 * k } else { 0.0 };
    if foot > 0.0 {
        shown = shown.min((((inner.h - foot) / row) as usize).max(1) * across);
    }
    let rows = shown.div_ceil(across).max(1);
    let pitch = ((inner.h - foot) / rows as f32).min(30.0 * k);
    let gap = 14.0 * k;
    let wide = (inner.w - gap * (across - 1) as f32) / across as f32;
    let high = between(pitch * 0.5, 5.0, 14.0 * k).floor();
    let gutter = name + 6.0;
    frame.grid = across > 1;
    frame.numbers = columns_or_worst(columns, number, wide - gutter);
    let cap = match frame.numbers {
        Numbers::Columns(_) => columns,
        Numbers::Worst(wide) => wide,
        Numbers::Flags | Numbers::Nowhere => 0.0,
    };
    let bed_w = (wide - gutter - cap).max(4.0);
    frame.token = [4.0, high];
    frame.step = (pitch - high) / 2.0;
    for (i, queue) in topic.queues.iter().take(shown).enumerate() {
        let (column, line) = (i / rows, i % rows);
        let block =
            Area::new(inner.x + column as f32 * (wide + gap), inner.y + line as f32 * pitch, wide, pitch);
        let y = (block.y + (pitch - high) / 2.0).round();
        frame.lanes.push(Lane {
            queue: *queue,
            area: block,
            bed: Area::new(block.x + gutter, y, bed_w, high),
        });
    }
    if shown < topic.queues.len() {
        let y = inner.y + rows as f32 * pitch;
        frame.more = Some((Area::new(inner.x, y, inner.w, foot), shown));
    }
    set_scale(&mut frame, bed_w, behind, false);
    frame
}

fn columns_or_worst(columns: f32, number: f32, room: f32) -> Numbers {
    if columns <= room * 0.5 {
        Numbers::Columns(number)
    } else if number + 4.0 <= room * 0.6 {
        Numbers::Worst(number + 4.0)
    } else {
        Numbers::Nowhere
    }
}

/// How messages are drawn on beds so wide, if the slowest group is `behind`.
fn set_scale(frame: &mut TopicFrame, bed: f32, behind: u64, tokens: bool) {
    let each = frame.token[0] + 3.0;
    let fit = (bed / each) as u64;
    if tokens && behind <= fit + fit / 2 + 2 {
        frame.pitch = each;
        return;
    }
    let narrow = if frame.lanes.len() > 16 { f32::INFINITY } else { 5.0 };
    if behind <= (bed / narrow) as u64 {
        frame.level = Level::Pixels;
        frame.pitch = narrow;
        return;
    }
    let whole = round_up(behind.max(10));
    frame.level = Level::Lengths;
    frame.pitch = bed / whole as f32;
    frame.scale = Some(whole);
}

/// What compaction left and took is what such a topic is about: messages become slimmer, in few steps, so that there is
/// room for all of them.
fn show_holes(frame: &mut TopicFrame, bed: f32, world: &World, queues: &[QueueId]) {
    let kept = |id: &QueueId| world.queue(*id).max_offset - world.queue(*id).min_offset;
    let most = queues.iter().map(kept).max().unwrap_or(0).max(1) as f32;
    let fits = |pitch: &f32| most * pitch <= bed;
    if frame.level == Level::Lengths || (frame.level == Level::Tokens && fits(&frame.pitch)) {
        return;
    }
    let pitch = [12.0, 9.0, 7.0, 5.0, 4.0].into_iter().find(fits).unwrap_or(4.0);
    frame.level = if pitch < 7.0 { Level::Pixels } else { Level::Tokens };
    frame.token[0] = frame.token[0].min(pitch - 2.0);
    frame.pitch = pitch;
}

/// The smallest of 1, 2 and 5 times a power of ten that is not below `n`.
fn round_up(n: u64) -> u64 {
    let mut power = 1u64;
    loop {
        for factor in [1, 2, 5] {
            let candidate = power.saturating_mul(factor);
            if candidate >= n {
                return candidate;
            }
        }
        power = power.saturating_mul(10);
    }
}

fn largest_accumulation(world: &World, queues: &[QueueId]) -> u64 {
    let of_queue = |id: &QueueId| {
        let queue = world.queue(*id);
        let live = queue.progress.iter().map(|id| world.progress(*id));
        live.filter(|p| !world.group(p.group).removed).map(|p| p.accumulation(queue.max_offset)).max()
    };
    queues.iter().filter_map(of_queue).max().unwrap_or(0)
}
