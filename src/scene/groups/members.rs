//! The consumers of a group inside its band: a row for each, or a chip.

use super::{by_queue, colour};
use crate::broker::consumer::{ConsumerStatus, Doing};
use crate::broker::{ConsumerId, GroupId, TopicId, World};
use crate::scene::holdings::Holdings;
use crate::scene::layout::{Band, BandStyle};
use crate::scene::picture::{Area, Picture, Style, absent, between};
use crate::scene::shape::{Anchor, Mark, Role, Stroke};
use crate::scene::stage::Stage;
use crate::scene::subject::Subject;
use crate::scene::text::{Ago, Short};
use crate::scene::{faults, flights, labels};

/// Where things stand in a band's rows, the same for all of them.
pub(super) struct Columns {
    rings: f32,
    count: usize,
}

impl Columns {
    /// At most so many threads are drawn one by one.
    const MOST_RINGS: u32 = 6;

    pub(super) fn new(stage: &Stage<'_>, band: &Band) -> Self {
        let kind = stage.layout.kind;
        let name = kind.name();
        let wide = band.rows.first().map_or(0.0, |(_, area)| area.w);
        let names = band.rows.iter().map(|(id, _)| name.width(&stage.world.consumer(*id).spec.name));
        let longest = between(names.fold(0.0, f32::max), 20.0, wide * 0.34);
        let threads =
            band.rows.iter().map(|(id, _)| stage.world.consumer(*id).thread_count).max().unwrap_or(0);
        let room = wide * 0.42 / pitch(kind.k);
        let count = threads.min(Self::MOST_RINGS).min(room.max(1.0) as u32) as usize;
        Self { rings: 12.0 + longest + 12.0, count }
    }
}

/// From one ring to the next.
fn pitch(k: f32) -> f32 {
    18.0 * k
}

/// The word and the sign for what a consumer is doing, where that is not to be seen from its threads.
enum Condition {
    Working,
    Resting(String),
    Paused,
    Leaving,
    Gone(String),
}

fn condition(stage: &Stage<'_>, id: ConsumerId) -> Condition {
    let consumer = stage.world.consumer(id);
    let labels = stage.view.labels;
    let ago = |template: &str| {
        let mut said = String::new();
        labels::fill(&mut said, template, &[("t", &Ago(stage.now - consumer.since))]);
        said
    };
    if let Some(word) = faults::unreachable(stage, id) {
        return Condition::Resting(word);
    }
    match consumer.status {
        ConsumerStatus::Paused => Condition::Paused,
        ConsumerStatus::Leaving => Condition::Leaving,
        ConsumerStatus::Left => Condition::Gone(ago(&labels.left)),
        ConsumerStatus::Crashed => Condition::Gone(ago(&labels.crashed)),
        ConsumerStatus::Running => match stage.world.doing(id) {
            Some(Doing::WaitsForQueues) => Condition::Resting(labels.no_queue_yet.to_string()),
            Some(Doing::NoQueue) => Condition::Resting(labels.no_queue.to_string()),
            Some(Doing::Idle) => Condition::Resting(String::new()),
            Some(Doing::Working) | None => Condition::Working,
        },
    }
}

pub(super) fn consumer(
    picture: &mut Picture,
    stage: &Stage<'_>,
    band: &Band,
    columns: &Columns,
    holdings: &Holdings,
    id: ConsumerId,
    area: Area,
) {
    let labels = stage.view.labels;
    let kind = stage.layout.kind;
    let consumer = stage.world.consumer(id);
    let subject = Some(Subject::Consumer(id));
    let own = Role::Group(colour(band.id));
    picture.target(Subject::Consumer(id), area);
    let condition = condition(stage, id);
    let gone = matches!(condition, Condition::Gone(_));
    let at_rest = gone || matches!(&condition, Condition::Resting(word) if !word.is_empty());
    let radius = if area.h > 28.0 { 7.0 } else { 5.0 };
    if gone {
        picture.frame(area, radius, None, absent(Role::LineStrong), subject);
    } else {
        let stroke = Stroke::solid(Role::GroupEdge(colour(band.id)), if at_rest { 0.5 } else { 1.0 });
        picture.frame(area, radius, Some(Role::Raised), stroke, subject);
    }
    let mut name = kind.name();
    if area.h < 22.0 * kind.k {
        name.size = 12.0 * kind.k;
    }
    if at_rest {
        name.role = Role::InkMuted;
    }
    let middle = area.middle_y();
    let baseline = middle + name.size * 0.36;
    if band.style >= BandStyle::Chips {
        chip(picture, stage, band, id, area, name, &condition);
        return;
    }
    let left = area.x + 12.0;
    picture.say(&consumer.spec.name, [left, baseline], Anchor::Start, name, columns.rings - 23.0, subject);

    // Threads.
    let r = between(area.h * 0.2, 5.0 * kind.k, 6.8 * kind.k);
    let mut x = area.x + columns.rings;
    let threads = consumer.thread_count as usize;
    if !gone {
        for n in 0..threads.min(columns.count) {
            ring(picture, stage, id, n, [x + r, middle], r, own);
            x += pitch(kind.k);
        }
    }
    let small = kind.small();
    let small_line = middle + small.size * 0.36;
    let mut right = area.right() - 11.0;
    let limit = x + 4.0;

    // What it is doing, or what it has.
    let said = match &condition {
        Condition::Gone(word) | Condition::Resting(word) if !word.is_empty() => word.clone(),
        Condition::Paused => labels.paused.to_string(),
        Condition::Leaving => labels.leaving.to_string(),
        _ => String::new(),
    };
    if said.is_empty() {
        right = belongings(picture, stage, band, id, [right, middle], limit) - 8.0;
    } else {
        let word = kind.body();
        let sign = if matches!(condition, Condition::Paused) { 12.0 } else { 0.0 };
        let from = if gone { area.x + columns.rings } else { limit + sign };
        let wide =
            picture.say(said, [right, middle + word.size * 0.36], Anchor::End, word, right - from, subject);
        right -= wide + 8.0;
        if sign > 0.0 {
            picture.mark(Mark::Pause, [right - 4.0, middle], 4.5 * kind.k, Role::InkMuted, subject);
            right -= 16.0;
        }
    }
    if let Some(client) = consumer.lite.as_ref().filter(|_| !gone) {
        let part = client.events.len() as f32 / stage.world.settings.lite_max_events_per_client.max(1) as f32;
        event_set(
            picture,
            Area::new(area.right() - 11.0 - 44.0 * kind.k, area.bottom() - 5.5, 44.0 * kind.k, 2.5),
            part,
            own,
            id,
        );
    }
    let held_from = [right, middle];
    if gone {
        holdings.draw(picture, stage, band, id, held_from, area.x + columns.rings);
        return;
    }

    // More threads than rings, and what waits for one.
    if threads > columns.count {
        let said = format!("{}/{}", consumer.busy, consumer.thread_count);
        let wide = small.width(&said);
        if limit + wide <= right {
            picture.say(said, [limit, small_line], Anchor::Start, small, wide + 1.0, subject);
            x = limit + wide + 6.0;
        }
    }
    let cached = consumer.cache.len() as u64;
    if cached > 0 {
        let said = labels.cached.of(cached).replace("{n}", &Short(cached).to_string());
        let room = right - (x + 4.0);
        if small.width(&said) <= room {
            x += 4.0 + picture.say(said, [x + 4.0, small_line], Anchor::Start, small, room, subject);
        } else {
            let short = format!("+{}", Short(cached));
            if small.width(&short) <= room {
                x += 4.0 + picture.say(short, [x + 4.0, small_line], Anchor::Start, small, room, subject);
            }
        }
    }
    holdings.draw(picture, stage, band, id, held_from, x + 6.0);
}

/// How full the event set of a client of lite topics is.
fn event_set(picture: &mut Picture, area: Area, part: f32, own: Role, id: ConsumerId) {
    let subject = Some(Subject::Consumer(id));
    picture.fill(area, 1.0, Role::Line, subject);
    if part > 0.0 {
        let wide = (area.w * part.min(1.0)).max(2.0);
        picture.fill(Area { w: wide, ..area }, 1.0, if part < 1.0 { own } else { Role::Danger }, subject);
    }
}

/// One thread: a ring that fills while it works.
fn ring(picture: &mut Picture, stage: &Stage<'_>, id: ConsumerId, n: usize, at: [f32; 2], r: f32, own: Role) {
    let subject = Subject::Thread(id, n as u32);
    let consumer = stage.world.consumer(id);
    picture.target(subject, Area::new(at[0] - r, at[1] - r, 2.0 * r, 2.0 * r));
    let work = consumer.threads.get(n).and_then(|thread| thread.work);
    picture.ring(at, r, [0.0, 1.0], Stroke::solid(Role::Line, 2.4), Some(subject));
    if let Some(work) = work {
        let part = flights::part(stage.now, work.started_at, work.finishes_at);
        // A thread that has just begun shows that it has.
        picture.ring(at, r, [0.0, part.max(0.04)], Stroke::solid(own, 2.6), Some(subject));
    }
}

/// The queues a consumer owns, or how many messages it holds; right-aligned. Gives where free room ends.
fn belongings(
    picture: &mut Picture,
    stage: &Stage<'_>,
    band: &Band,
    id: ConsumerId,
    [right, middle]: [f32; 2],
    limit: f32,
) -> f32 {
    let labels = stage.view.labels;
    let kind = stage.layout.kind;
    let subject = Some(Subject::Consumer(id));
    let consumer = stage.world.consumer(id);
    let room = right - limit;
    let (said, style) = if by_queue(stage.world, band.id) {
        let listed = owned(stage.world, band.id, id);
        let mono = kind.mono();
        match listed.filter(|said| mono.width(said) <= room) {
            Some(said) => (said, mono),
            None => {
                let count = u64::from(consumer.owned);
                (labels.owns.of(count).replace("{n}", &count.to_string()), kind.body())
            }
        }
    } else {
        let held = u64::from(consumer.outstanding);
        (labels.holds.of(held).replace("{n}", &Short(held).to_string()), kind.body())
    };
    if style.width(&said) > room {
        return right;
    }
    let wide = picture.say(said, [right, middle + style.size * 0.36], Anchor::End, style, room, subject);
    own_filters(picture, stage, band, id, [right - wide, middle], limit)
}

/// What a consumer wants, if the members of its group do not agree about that.
fn own_filters(
    picture: &mut Picture,
    stage: &Stage<'_>,
    band: &Band,
    id: ConsumerId,
    [right, middle]: [f32; 2],
    limit: f32,
) -> f32 {
    if !stage.world.is_inconsistent(band.id) {
        return right;
    }
    let wants = |topic: &TopicId| stage.world.filter(stage.world.filter_of(id, *topic)).spec().expression();
    let all: Vec<&str> = stage.world.group(band.id).topics.iter().map(wants).collect();
    let style = stage.layout.kind.mono().in_role(Role::Danger);
    let right = right - 10.0;
    let (said, room) = (all.join(" · "), right - limit);
    if style.width(&said) > room {
        return right;
    }
    let subject = Some(Subject::Consumer(id));
    right - picture.say(said, [right, middle + style.size * 0.36], Anchor::End, style, room, subject)
}

/// "Q0 Q1 Q4–6": the queues of the group's one topic that a consumer owns. `None` if the group reads several topics.
fn owned(world: &World, group: GroupId, id: ConsumerId) -> Option<String> {
    let group = world.group(group);
    let [topic] = group.topics[..] else { return None };
    let mut numbers: Vec<u32> = Vec::new();
    for progress in &group.progress {
        let progress = world.progress(*progress);
        let queue = world.queue(progress.queue);
        if progress.owner == Some(id) && queue.topic == topic {
            numbers.push(queue.number);
        }
    }
    let mut said = String::new();
    let mut at = 0;
    while at < numbers.len() {
        let mut end = at;
        while end + 1 < numbers.len() && numbers[end + 1] == numbers[end] + 1 {
            end += 1;
        }
        let gap = if said.is_empty() { "" } else { " " };
        // Three in a row are worth a dash.
        if end - at >= 2 {
            said += &format!("{gap}Q{}–{}", numbers[at], numbers[end]);
        } else {
            said += &format!("{gap}Q{}", numbers[at]);
            end = at;
        }
        at = end + 1;
    }
    Some(said)
}

/// A consumer in the least room: its name, and one ring for all its threads.
fn chip(
    picture: &mut Picture,
    stage: &Stage<'_>,
    band: &Band,
    id: ConsumerId,
    area: Area,
    name: Style,
    condition: &Condition,
) {
    let kind = stage.layout.kind;
    let consumer = stage.world.consumer(id);
    let subject = Some(Subject::Consumer(id));
    let r = (4.2 * kind.k).min(area.h * 0.3);
    let at = [area.x + 7.0 + r, area.middle_y()];
    match condition {
        Condition::Paused => picture.mark(Mark::Pause, at, r, Role::InkMuted, subject),
        Condition::Gone(_) => picture.mark(Mark::Cross, at, r * 0.8, Role::InkMuted, subject),
        Condition::Leaving => picture.mark(Mark::Arrow, at, r * 0.8, Role::InkMuted, subject),
        Condition::Working | Condition::Resting(_) => {
            picture.ring(at, r, [0.0, 1.0], Stroke::solid(Role::Line, 2.0), subject);
            let part = consumer.busy as f32 / consumer.thread_count.max(1) as f32;
            if part > 0.0 {
                let stroke = Stroke::solid(Role::Group(colour(band.id)), 2.2);
                picture.ring(at, r, [0.0, part.min(1.0)], stroke, subject);
            }
        }
    }
    let x = at[0] + r + 6.0;
    let baseline = area.middle_y() + name.size * 0.36;
    picture.say(&consumer.spec.name, [x, baseline], Anchor::Start, name, area.right() - 6.0 - x, subject);
}
