//! Lite topics as a comb: a tooth for each, in rows; where there are too many, a tooth for several. How full a tooth is says
//! how far the slowest group is behind, and the line at its foot how long it will live if nobody writes to it. The busiest
//! are named beside it.

use super::groups::colour;
use super::labels::fill;
use super::layout::{Lane, TopicFrame};
use super::picture::{Area, Picture};
use super::shape::{Anchor, Mark, Role};
use super::stage::Stage;
use super::subject::Subject;
use super::text::{Number, Short};
use crate::broker::lite::{BLOCK, Doing, Lites};
use crate::broker::{GroupId, LiteId, MessageRef, TopicId, World};
use crate::sim::Instant;

/// A tooth is at least so wide, and a row so high, with the gaps.
const TOOTH: [f32; 2] = [6.0, 22.0];
/// And at most.
const TOOTH_MOST: f32 = 16.0;
/// So many lite topics are looked at one by one; of more, blocks are.
const ONE_BY_ONE: usize = 20_000;
/// A tooth is full with so many messages.
const FULL: u64 = 8;
/// So few are drawn as lanes with their messages.
const FEW: usize = 8;
/// So many are named.
const NAMED: usize = 8;

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
    let few = few(world, frame.id, ((lane.bed.h - line) / (20.0 * kind.k)) as usize);
    let busy = if few.is_empty() { busiest(world, frame.id) } else { Vec::new() };
    let wide =
        if busy.is_empty() || lane.bed.w < 260.0 { 0.0 } else { (lane.bed.w * 0.28).min(190.0 * kind.k) };
    let comb = Area::new(lane.bed.x, lane.bed.y, lane.bed.w - wide, lane.bed.h - line);
    let each = if few.is_empty() { teeth(picture, stage, frame.id, lane, comb) } else { 1 };
    if !few.is_empty() {
        one_by_one(picture, stage, frame.id, &few, comb);
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
        names(picture, stage, &busy, list);
    }
}

/// All lite topics of a parent, if they are no more than so many.
fn few(world: &World, parent: TopicId, most: usize) -> Vec<LiteId> {
    let Some(lites) = world.lites() else { return Vec::new() };
    if lites.counts(parent).alive > most.min(FEW) as u64 || lites.len() > ONE_BY_ONE {
        return Vec::new();
    }
    lites.of(parent).collect()
}

/// A few lite topics as lanes, each with its name and its newest messages.
fn one_by_one(picture: &mut Picture, stage: &Stage<'_>, parent: TopicId, few: &[LiteId], area: Area) {
    let (world, kind) = (stage.world, stage.layout.kind);
    let Some(lites) = world.lites() else { return };
    let queue = world.lite_queue(parent);
    let style = kind.name();
    let pitch = (area.h / few.len() as f32).min(34.0 * kind.k);
    let names: Vec<String> = few.iter().map(|id| world.lite_name(*id)).collect();
    let longest = names.iter().map(|name| style.width(name)).fold(0.0, f32::max).min(area.w * 0.3);
    for (nth, (&id, name)) in few.iter().zip(&names).enumerate() {
        let y = area.y + nth as f32 * pitch;
        let bed = Area::new(area.x + longest + 8.0, y + 2.0, area.w - longest - 8.0, pitch - 7.0);
        let subject = Some(Subject::Lite(id));
        picture.target(Subject::Lite(id), Area::new(area.x, y, area.w, pitch));
        let at = [area.x + longest, bed.middle_y() + style.size * 0.36];
        picture.say(name, at, Anchor::End, style, longest, subject);
        picture.fill(bed, 3.0, Role::LaneFill, subject);
        let tooth = of_some(world, lites, parent, &[id], stage.now);
        if let Some(life) = tooth.life {
            let foot = Area::new(bed.x, bed.bottom() + 1.5, bed.w * life, 1.5);
            picture.fill(foot, 0.0, Role::LineStrong, subject);
        }
        let places: Vec<u64> = world.lite_places(id).collect();
        let wide = 11.0 * kind.k;
        let room = ((bed.w - 4.0) / (wide + 2.0)) as usize;
        for (place, n) in places.iter().rev().take(room).zip(0..) {
            let message = Subject::Message(MessageRef { queue, offset: *place });
            let token = Area::new(bed.x + 2.0 + n as f32 * (wide + 2.0), bed.y + 2.0, wide, bed.h - 4.0);
            let readers = &world.queue(queue).progress;
            let is_done =
                !readers.is_empty() && readers.iter().all(|reader| world.is_finished(*reader, *place));
            picture.target(message, token);
            picture.fill(token, 2.0, if is_done { Role::TokenDone } else { Role::Token }, Some(message));
            let holder = readers.iter().find(|reader| world.progress(**reader).held.contains_key(place));
            if let Some(reader) = holder {
                let role = Role::Group(colour(world.progress(*reader).group));
                picture.mark(Mark::Circle, [token.middle_x(), token.middle_y()], 3.0, role, Some(message));
            }
        }
    }
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
    picture.fill(area, 1.5, Role::LaneFill, Some(subject));
    let inner = Area::new(area.x, area.y, area.w, area.h - 2.5);
    let part = match tooth.one {
        Some(_) => tooth.messages.min(FULL) as f32 / FULL as f32,
        None => tooth.behind as f32 / tooth.count as f32,
    };
    if part > 0.0 {
        let high = (inner.h * part).max(2.0);
        picture.fill(
            Area::new(inner.x, inner.bottom() - high, inner.w, high),
            1.0,
            Role::Token,
            Some(subject),
        );
    } else if tooth.used {
        picture.fill(
            Area::new(inner.x, inner.bottom() - 2.0, inner.w, 2.0),
            0.0,
            Role::TokenDone,
            Some(subject),
        );
    }
    if let Some(life) = tooth.life {
        let wide = area.w * life;
        picture.fill(Area::new(area.x, area.bottom() - 1.5, wide, 1.5), 0.0, Role::LineStrong, Some(subject));
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
        tooth.life = world.lite_life(*one).map(|life| {
            let age = (now - lites.get(*one).written_at).0;
            1.0 - (age as f64 / life.0.max(1) as f64).min(1.0) as f32
        });
    }
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
fn busiest(world: &World, parent: TopicId) -> Vec<(LiteId, GroupId, u64)> {
    let mut all: Vec<(LiteId, GroupId, u64)> = Vec::new();
    for &id in &world.queue(world.lite_queue(parent)).progress {
        let group = world.progress(id).group;
        let busy = world.busy_lites(group).take(ONE_BY_ONE);
        all.extend(busy.map(|lite| (lite, group, world.lite_behind(id, lite))));
    }
    all.sort_by_key(|(lite, group, behind)| (std::cmp::Reverse(*behind), *lite, *group));
    all.dedup_by_key(|(lite, ..)| *lite);
    all.truncate(NAMED);
    all
}

fn names(picture: &mut Picture, stage: &Stage<'_>, busy: &[(LiteId, GroupId, u64)], area: Area) {
    let style = stage.layout.kind.small();
    let step = style.size + 4.0;
    let most = (area.h / step) as usize;
    for (nth, (lite, group, behind)) in busy.iter().take(most).enumerate() {
        let y = area.y + nth as f32 * step + style.size;
        let subject = Some(Subject::Lite(*lite));
        picture.target(Subject::Lite(*lite), Area::new(area.x, y - style.size, area.w, step));
        let number = style.in_role(Role::Group(colour(*group)));
        let wide = picture.say(Short(*behind), [area.right(), y], Anchor::End, number, area.w * 0.3, subject);
        let room = area.w - wide - 8.0;
        picture.say(
            stage.world.lite_name(*lite),
            [area.x, y],
            Anchor::Start,
            style.in_role(Role::Ink),
            room,
            subject,
        );
    }
}
