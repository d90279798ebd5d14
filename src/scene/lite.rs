//! Lite topics: a few of them are lanes, with lines to the clients that subscribe to them. Many are a comb: a tooth for each,
//! in rows; where there are too many, a tooth for several. How full a tooth is says how far the slowest group is behind,
//! and the line at its foot how long it will live if nobody writes to it. The busiest are named beside it.

use super::groups::colour;
use super::labels::fill;
use super::layout::{Lane, TopicFrame};
use super::picture::{Area, Picture, Style, between};
use super::producers::sign;
use super::shape::{Anchor, Mark, Point, Role};
use super::stage::Stage;
use super::subject::Subject;
use super::text::{Length, Number, Short};
use crate::broker::lite::{BLOCK, Doing, Lites};
use crate::broker::{GroupId, LiteId, MessageRef, TopicId, World};
use crate::sim::{Instant, sort_by_key};

/// A tooth is at least so wide, and a row so high, with the gaps.
const TOOTH: [f32; 2] = [6.0, 22.0];
/// And at most.
const TOOTH_MOST: f32 = 16.0;
/// So many lite topics are looked at one by one; of more, blocks are.
const ONE_BY_ONE: usize = 20_000;
/// A tooth is full with so many messages.
const FULL: u64 = 8;
/// So few are drawn as lanes with their messages, if no more than so many were ever named.
const FEW: usize = 8;
const FEW_OF: usize = 1_000;
/// A lane is at most so high, with the gap below it; and at least.
const LANE: [f32; 2] = [46.0, 20.0];
/// The busiest have a column beside the comb if there is so much room, and their part of it.
const NAMES_FROM: f32 = 280.0;
const NAMES_PART: f32 = 0.36;

/// What a tooth shows.
#[derive(Clone, Copy, Debug, Default)]
struct Tooth {
    /// The one lite topic that it stands for, if it is one.
    one: Option<LiteId>,
    /// How many it stands for, and how many of them have messages that a group has not finished.
    count: u64,
    behind: u64,
    /// Messages of the one that the slowest group has not finished.
    messages: u64,
    /// Was there ever a message?
    used: bool,
    /// The group that has a message of it in hands.
    in_hands: Option<GroupId>,
    /// What is left of its life, of 1.
    life: Option<f32>,
}

/// The comb of a parent, and beside it the busiest of its lite topics.
pub(super) fn comb(picture: &mut Picture, stage: &Stage<'_>, frame: &TopicFrame, lane: &Lane) {
    let (world, kind) = (stage.world, stage.layout.kind);
    let labels = stage.view.labels;
    let subject = Some(Subject::Queue(lane.queue));
    picture.target(Subject::Queue(lane.queue), lane.area);
    let counts = world.lites().map(|lites| lites.counts(frame.id)).unwrap_or_default();
    let small = kind.small();
    let line = small.size + 5.0;
    let words = lane.area.bottom() - small.size * 0.3;
    let mut said = String::new();
    fill(&mut said, labels.lite_topics.of(counts.alive), &[("n", &Number(counts.alive))]);
    let few = lanes(stage, frame, lane);
    // The column stands there before anything is in it: nothing is to jump.
    let wide = if few.is_empty() && lane.bed.w >= NAMES_FROM * kind.k {
        (lane.bed.w * NAMES_PART).min(170.0 * kind.k)
    } else {
        0.0
    };
    let comb = Area::new(lane.bed.x, lane.bed.y, lane.bed.w - wide, lane.bed.h - line);
    let each = if few.is_empty() { teeth(picture, stage, frame.id, lane, comb) } else { 1 };
    for (id, area) in &few {
        one(picture, stage, lane, *id, *area);
    }
    let mut x = lane.bed.x;
    x += 14.0 + picture.say(&said, [x, words], Anchor::Start, small.in_role(Role::Ink), lane.bed.w, subject);
    if each > 1 {
        let mut said = String::new();
        fill(&mut said, labels.lite_each.of(each), &[("n", &Number(each))]);
        let room = lane.bed.right() - x;
        if small.width(&said) <= room {
            x += 14.0 + picture.say(&said, [x, words], Anchor::Start, small, room, subject);
        }
    }
    let behind = world.queue(lane.queue).progress.iter().filter_map(|id| {
        let progress = world.progress(*id);
        Some((progress.group, progress.lite.as_ref()?.behind()))
    });
    for (group, behind) in behind.filter(|(_, behind)| *behind > 0).collect::<Vec<_>>() {
        let template = labels.lite_behind.of(behind);
        let style = small.in_role(Role::Group(colour(group)));
        let room = lane.bed.right() - x;
        let holes: [(&str, &dyn std::fmt::Display); 2] =
            [("n", &Number(behind)), ("name", &world.group(group).spec.name)];
        let mut said = String::new();
        fill(&mut said, template, &holes);
        if small.width(&said) <= room {
            x += 14.0
                + picture.say(&said, [x, words], Anchor::Start, style, room, Some(Subject::Group(group)));
        }
    }
    if wide > 0.0 {
        let list = Area::new(comb.right() + 12.0, comb.y, wide - 12.0, comb.h);
        names(picture, stage, &busiest(world, frame.id, ((list.h / line) as usize).saturating_sub(1)), list);
    }
}

/// The words for how long lite topics live, if they have an end.
pub(super) fn life(stage: &Stage<'_>) -> Option<String> {
    let settings = &stage.world.settings;
    let life = settings.lite_ttl?.max(settings.lite_min_ttl);
    Some(stage.view.labels.lite_life.replace("{t}", &Length(life).to_string()))
}

/// Where the lite topics of a parent stand, if they are so few that each has a lane.
pub(super) fn lanes(stage: &Stage<'_>, frame: &TopicFrame, lane: &Lane) -> Vec<(LiteId, Area)> {
    let k = stage.layout.kind.k;
    let Some(lites) = stage.world.lites() else { return Vec::new() };
    let area = Area { h: lane.bed.h - stage.layout.kind.small().size - 5.0, ..lane.bed };
    let count = lites.counts(frame.id).alive;
    let most = ((area.h / (LANE[1] * k)) as usize).min(FEW);
    if count == 0 || count > most as u64 || lites.len() > FEW_OF {
        return Vec::new();
    }
    let pitch = (area.h / count as f32).min(LANE[0] * k);
    let place = |nth: usize| Area::new(area.x, area.y + nth as f32 * pitch, area.w, pitch);
    lites.of(frame.id).enumerate().map(|(nth, id)| (id, place(nth))).collect()
}

/// One of a few, with its name and its newest messages.
fn one(picture: &mut Picture, stage: &Stage<'_>, lane: &Lane, id: LiteId, area: Area) {
    let (world, kind) = (stage.world, stage.layout.kind);
    let Some(lites) = world.lites() else { return };
    let queue = lane.queue;
    let style = kind.name();
    // All names have the room that the longest may take, so that lanes begin alike.
    let all = lanes_names(stage, lane);
    let longest = all.iter().map(|name| style.width(name)).fold(0.0, f32::max).min(area.w * 0.3);
    let bed = Area::new(area.x + longest + 8.0, area.y + 2.0, area.w - longest - 8.0, area.h - 8.0);
    let subject = Some(Subject::Lite(id));
    let around = Area::new(area.x - 6.0, area.y - 1.0, area.w + 10.0, area.h - 1.0);
    picture.target(Subject::Lite(id), around);
    let at = [area.x + longest, bed.middle_y() + style.size * 0.36];
    say_end(picture, &world.lite_name(id), at, Anchor::End, style, longest, subject);
    picture.fill(bed, 4.0, Role::LaneFill, subject);
    let tooth = of_some(world, lites, lites.get(id).parent, &[id], stage.now);
    if let Some(life) = tooth.life {
        let foot = Area::new(bed.x, bed.bottom() + 1.5, bed.w * life, 2.0);
        picture.fill(foot, 0.0, Role::LineStrong, subject);
    }
    let high = bed.h - 4.0;
    let wide = between(high * 0.48, 9.0 * kind.k, 17.0 * kind.k).floor();
    let room = ((bed.w - 4.0) / (wide + 3.0)) as usize;
    let places: Vec<u64> = world.lite_places(id).collect();
    let readers = &world.queue(queue).progress;
    for (place, n) in places.iter().rev().take(room).zip(0..) {
        let message = Subject::Message(MessageRef { queue, offset: *place });
        let token = Area::new(bed.x + 2.0 + n as f32 * (wide + 3.0), bed.y + 2.0, wide, high);
        let is_done = !readers.is_empty() && readers.iter().all(|reader| world.is_finished(*reader, *place));
        let (ground, ink) =
            if is_done { (Role::TokenDone, Role::TokenDoneMark) } else { (Role::Token, Role::TokenMark) };
        picture.target(message, token);
        picture.fill(token, 3.0, ground, Some(message));
        let (producer, _) = world.log.queues[queue.index()].sender(*place);
        let centre = [token.middle_x(), token.middle_y()];
        picture.mark(sign(producer), centre, (wide * 0.3).min(high * 0.22), ink, Some(message));
        let holder = readers.iter().find(|reader| world.progress(**reader).held.contains_key(place));
        if let Some(reader) = holder.filter(|_| high >= 14.0) {
            let role = Role::Group(colour(world.progress(*reader).group));
            picture.mark(Mark::Circle, [centre[0], token.y + high * 0.14], 3.0, role, Some(message));
        }
    }
}

/// The names of the few.
fn lanes_names(stage: &Stage<'_>, lane: &Lane) -> Vec<String> {
    let parent = stage.world.queue(lane.queue).topic;
    let all = stage.world.lites().into_iter().flat_map(|lites| lites.of(parent));
    all.take(FEW).map(|id| stage.world.lite_name(id)).collect()
}

/// A name, of which the end is kept if there is too little room: names of sessions often begin alike.
fn say_end(
    picture: &mut Picture,
    name: &str,
    at: Point,
    anchor: Anchor,
    style: Style,
    room: f32,
    subject: Option<Subject>,
) -> f32 {
    let fits = |said: &String| style.width(said) <= room;
    let cut = || name.char_indices().skip(1).map(|(from, _)| format!("…{}", &name[from..]));
    let said = std::iter::once(name.to_owned()).chain(cut()).find(fits).unwrap_or_default();
    picture.say(said, at, anchor, style, room + 1.0, subject)
}

/// Draws the teeth. Says how many lite topics each stands for.
fn teeth(picture: &mut Picture, stage: &Stage<'_>, parent: TopicId, lane: &Lane, area: Area) -> u64 {
    let k = stage.layout.kind.k;
    let Some(lites) = stage.world.lites() else { return 1 };
    let (least, row) = (TOOTH[0] * k, (TOOTH[1] * k).min(area.h));
    if area.w < least || row < 4.0 || lites.is_empty() {
        return 1;
    }
    let across = (area.w / least) as usize;
    let rows = ((area.h / row) as usize).max(1);
    let (all, each) = if lites.len() <= ONE_BY_ONE {
        let ids: Vec<LiteId> = lites.of(parent).collect();
        let each = ids.len().div_ceil(across * rows).max(1);
        let all: Vec<Tooth> =
            ids.chunks(each).map(|some| of_some(stage.world, lites, parent, some, stage.now)).collect();
        (all, each)
    } else {
        let blocks = lites.len().div_ceil(BLOCK);
        let some = blocks.div_ceil(across * rows).max(1);
        let all = (0..blocks.div_ceil(some))
            .map(|n| of_blocks(stage.world, lites, parent, n * some..(n + 1) * some));
        (all.collect(), some * BLOCK)
    };
    // Few teeth share the width, many stand in rows that are full.
    let rows_needed = all.len().div_ceil(across).max(1);
    let pitch = if rows_needed == 1 { (area.w / all.len().max(1) as f32).min(TOOTH_MOST * k) } else { least };
    let high = (area.h / rows_needed as f32).min(area.h * 0.6).min(70.0 * k);
    for (nth, tooth) in all.iter().enumerate() {
        let (line, column) = (nth / across, nth % across);
        let at = [area.x + column as f32 * pitch, area.y + line as f32 * high];
        draw(picture, lane, tooth, Area::new(at[0], at[1], pitch - 2.0, high - 3.0));
    }
    each as u64
}

fn draw(picture: &mut Picture, lane: &Lane, tooth: &Tooth, area: Area) {
    let subject = tooth.one.map_or(Subject::Queue(lane.queue), Subject::Lite);
    if tooth.one.is_some() {
        picture.target(subject, area);
    }
    if tooth.count == 0 {
        return;
    }
    // Nobody has written to it yet, or all is done, or somebody has something to do.
    let ground = if tooth.used { Role::TokenDone } else { Role::LaneFill };
    let inner = Area::new(area.x, area.y, area.w, area.h - 3.0);
    picture.fill(inner, 1.5, ground, Some(subject));
    let part = match tooth.one {
        Some(_) => tooth.messages.min(FULL) as f32 / FULL as f32,
        None => tooth.behind as f32 / tooth.count as f32,
    };
    if part > 0.0 {
        let high = (inner.h * part).max(3.0);
        let full = Area::new(inner.x, inner.bottom() - high, inner.w, high);
        picture.fill(full, 1.0, Role::TokenMark, Some(subject));
    }
    if let Some(life) = tooth.life {
        let foot = Area::new(area.x, area.bottom() - 2.0, area.w * life, 2.0);
        picture.fill(foot, 0.0, Role::LineStrong, Some(subject));
    }
    if let Some(group) = tooth.in_hands {
        let r = (area.w * 0.32).min(3.0);
        let at = [area.middle_x(), area.y + r + 1.5];
        picture.mark(Mark::Circle, at, r, Role::Group(colour(group)), Some(subject));
    }
}

/// The tooth of one lite topic, or of several that are looked at one by one.
fn of_some(world: &World, lites: &Lites, parent: TopicId, some: &[LiteId], now: Instant) -> Tooth {
    let mut tooth = Tooth { count: some.len() as u64, ..Tooth::default() };
    let readers = &world.queue(world.lite_queue(parent)).progress;
    for &id in some {
        let behind = readers.iter().map(|reader| world.lite_behind(*reader, id)).max().unwrap_or(0);
        tooth.behind += u64::from(behind > 0);
        tooth.messages += behind;
        tooth.used |= lites.max_offset(id) > 0;
        let holds = |reader: &&crate::broker::ProgressId| {
            world.progress(**reader).lite.as_ref().is_some_and(|reading| reading.doing(id) == Doing::InHands)
        };
        let holder = readers.iter().find(holds).map(|reader| world.progress(*reader).group);
        tooth.in_hands = tooth.in_hands.or(holder);
    }
    if let [one] = some {
        tooth.one = Some(*one);
    }
    // Of several the mean.
    let lives = some.iter().filter_map(|one| {
        let life = world.lite_life(*one)?;
        let age = (now - lites.get(*one).written_at).0;
        Some(1.0 - (age as f64 / life.0.max(1) as f64).min(1.0) as f32)
    });
    let (sum, count) = lives.fold((0.0, 0), |(sum, count), life| (sum + life, count + 1));
    tooth.life = (count > 0).then(|| sum / count as f32);
    tooth
}

/// The tooth of some blocks.
fn of_blocks(world: &World, lites: &Lites, parent: TopicId, blocks: std::ops::Range<usize>) -> Tooth {
    let readers = &world.queue(world.lite_queue(parent)).progress;
    let readings = || readers.iter().filter_map(|id| world.progress(*id).lite.as_ref());
    let behind = |block: usize| readings().map(|reading| reading.behind_in_block(block)).max().unwrap_or(0);
    let count = blocks.clone().map(|block| lites.alive_in_block(block)).sum();
    Tooth { count, behind: blocks.map(behind).sum(), used: count > 0, ..Tooth::default() }
}

/// The lite topics that are worked on or waited for and have most to do: how far which group is behind.
fn busiest(world: &World, parent: TopicId, most: usize) -> Vec<(LiteId, GroupId, u64)> {
    let mut all: Vec<(LiteId, GroupId, u64)> = Vec::new();
    for &id in &world.queue(world.lite_queue(parent)).progress {
        let group = world.progress(id).group;
        let busy = world.busy_lites(group).take(ONE_BY_ONE);
        all.extend(busy.map(|lite| (lite, group, world.lite_behind(id, lite))));
    }
    sort_by_key(&mut all, |(lite, group, behind)| (std::cmp::Reverse(*behind), *lite, *group));
    all.dedup_by_key(|(lite, ..)| *lite);
    all.truncate(most.min(FEW));
    all
}

fn names(picture: &mut Picture, stage: &Stage<'_>, busy: &[(LiteId, GroupId, u64)], area: Area) {
    let style = stage.layout.kind.small();
    let step = style.size + 5.0;
    if !busy.is_empty() {
        let at = [area.right(), area.y + style.size];
        picture.say(&stage.view.labels.lite_busy, at, Anchor::End, style, area.w, None);
    }
    for (nth, (lite, group, behind)) in busy.iter().enumerate() {
        let y = area.y + (nth + 1) as f32 * step + style.size;
        let subject = Some(Subject::Lite(*lite));
        picture.target(Subject::Lite(*lite), Area::new(area.x, y - style.size, area.w, step));
        let number = style.in_role(Role::Group(colour(*group)));
        let wide = picture.say(Short(*behind), [area.right(), y], Anchor::End, number, area.w * 0.3, subject);
        let (name, room) = (stage.world.lite_name(*lite), area.w - wide - 8.0);
        say_end(picture, &name, [area.x, y], Anchor::Start, style.in_role(Role::Ink), room, subject);
    }
}
