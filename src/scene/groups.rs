//! Consumer groups: a band each in the group's colour and pattern, with its consumers inside.

mod members;

use members::{Columns, consumer};

use super::holdings::Holdings;
use super::layout::{Band, BandStyle};
use super::picture::{Area, Picture, absent};
use super::shape::{Anchor, Dash, Mark, Role, Stroke};
use super::stage::{Stage, placeholder};
use super::subject::Subject;
use super::text::{Ago, Number, Short};
pub(super) use super::theme::{group_colour as colour, group_dash as dash};
use super::tip::retries_again;
use crate::broker::spec::ConsumeMode;
use crate::broker::{FilterId, GroupId, World};
use crate::sim::Span;

/// A rebalance is shown for so long.
const REBALANCE_SHOWN: Span = Span::from_secs(5);

/// And stands out for so long.
const REBALANCE_NEW: Span = Span::from_secs(1);

/// The bands themselves, below everything else.
pub(super) fn grounds(picture: &mut Picture, stage: &Stage<'_>) {
    for band in &stage.layout.bands {
        let subject = Subject::Group(band.id);
        let area = band.area;
        let n = colour(band.id);
        picture.target(subject, area);
        picture.fill(area, 9.0, Role::GroupSoft(n), Some(subject));
        picture.fill(Area { w: 12.0, ..area }, 0.0, Role::GroupSoft(n), Some(subject));
        // The spine shows the pattern that the group's brackets and curves have.
        let x = area.x + 2.5;
        let stroke = Stroke::dashed(Role::Group(n), 5.0, dash(band.id));
        picture.line([x, area.y], [x, area.bottom()], stroke, Some(subject));
    }
}

pub(super) fn draw(picture: &mut Picture, stage: &Stage<'_>) {
    let labels = stage.view.labels;
    for band in &stage.layout.bands {
        head(picture, stage, band);
        foot(picture, stage, band);
        let columns = Columns::new(stage, band);
        let holdings = Holdings::of(stage, band);
        for (id, area) in &band.rows {
            consumer(picture, stage, band, &columns, &holdings, *id, *area);
        }
        if let Some(area) = band.more {
            let busy = band.hidden.iter().filter(|id| stage.world.consumer(**id).busy > 0).count();
            let count = band.hidden.len() as u64;
            let style = stage.layout.kind.body();
            let at = [area.x + 8.0, area.middle_y() + style.size * 0.36];
            let values: [(&str, &dyn std::fmt::Display); 2] = [("n", &count), ("busy", &busy)];
            let subject = Some(Subject::Group(band.id));
            let template = labels.more_consumers.of(count);
            picture.say_filled(template, &values, at, Anchor::Start, style, area.w - 12.0, subject);
        }
        if let Some(area) = band.empty {
            placeholder(picture, stage, area, &labels.no_consumer);
        }
    }
    if let Some((area, count)) = stage.layout.more_groups {
        let style = stage.layout.kind.body();
        let at = [area.middle_x(), area.middle_y() + style.size * 0.36];
        let count = count as u64;
        picture.frame(area, 8.0, None, absent(Role::LineStrong), None);
        let template = labels.more_groups.of(count);
        picture.say_filled(template, &[("n", &count)], at, Anchor::Middle, style, area.w - 12.0, None);
    }
    if stage.layout.bands.is_empty() {
        let whole = stage.layout.consumption;
        let high = (64.0 * stage.layout.kind.k).min(whole.h);
        let y = if stage.layout.stacked { whole.y } else { stage.layout.axis - high / 2.0 };
        placeholder(picture, stage, Area::new(whole.x, y, whole.w, high), &labels.no_group);
    }
}

/// How far a group is behind, over the queues of its topics. In broadcasting, over all its consumers.
pub(super) fn accumulation(world: &World, id: GroupId) -> u64 {
    let of = |progress: &crate::broker::ProgressId| {
        let progress = world.progress(*progress);
        let queue = world.queue(progress.queue);
        if world.topic(queue.topic).is_ordinary() { progress.accumulation(queue.max_offset) } else { 0 }
    };
    world.group(id).progress.iter().map(of).sum()
}

/// Are whole queues shared out?
pub(super) fn by_queue(world: &World, id: GroupId) -> bool {
    !world.group(id).by_message
}

/// The words for a group's retries: how many, and when the next is due.
struct Retries {
    count: u64,
    next: Option<Span>,
    /// How much of the next one's wait is over.
    waited: f32,
}

impl Retries {
    fn of(stage: &Stage<'_>, id: GroupId) -> Self {
        let world = stage.world;
        let group = world.group(id);
        let waiting = (group.shelf.len() + group.suspended.len()) as u64;
        let again = retries_again(world, id);
        let first = world.waiting_retries(id).next();
        let next = first.map(|first| first.due_at - stage.now);
        let waited = first.map_or(0.0, |first| super::flights::part(stage.now, first.since, first.due_at));
        Self { count: waiting + again, next, waited }
    }
}

/// Name, mode, and how far behind.
fn head(picture: &mut Picture, stage: &Stage<'_>, band: &Band) {
    let labels = stage.view.labels;
    let kind = stage.layout.kind;
    let group = stage.world.group(band.id);
    let subject = Some(Subject::Group(band.id));
    let own = Role::Group(colour(band.id));
    let left = band.area.x + 16.0;
    let mut right = band.area.right() - 12.0;
    let tall = band.style == BandStyle::Rows;
    let baseline = if tall { band.area.y + 21.0 * kind.k } else { band.area.y + band.head * 0.68 };

    let behind = accumulation(stage.world, band.id);
    let mut number = kind.number().in_role(own);
    number.size = if tall { 14.0 } else { 12.5 } * kind.k;
    let template = labels.behind.of(behind);
    let exact = template.replace("{n}", &Number(behind).to_string());
    let room = (right - left) * 0.5;
    let wide = if number.width(&exact) <= room {
        picture.say(exact, [right, baseline], Anchor::End, number, room, subject)
    } else {
        // The words go before the number does.
        let short = template.replace("{n}", &Short(behind).to_string());
        let said = if number.width(&short) <= room { short } else { Short(behind).to_string() };
        picture.say(said, [right, baseline], Anchor::End, number, right - left, subject)
    };
    right -= wide + 12.0;

    // Without a line at the bottom, what would stand there stands here.
    if band.foot == 0.0 {
        right = signs(picture, stage, band, right, baseline);
    }

    let mut title = kind.title().in_role(own);
    title.size = if tall { 15.0 } else { 13.0 } * kind.k;
    let wide = picture.say(&group.spec.name, [left, baseline], Anchor::Start, title, right - left, subject);
    let body = kind.body();
    let mode = match group.spec.mode {
        ConsumeMode::Clustering => &labels.clustering,
        ConsumeMode::Broadcasting => &labels.broadcasting,
    };
    let share = if by_queue(stage.world, band.id) { &labels.by_queue } else { &labels.by_message };
    let (x, baseline, right) = if tall {
        (left, baseline + 16.5 * kind.k, band.area.right() - 12.0)
    } else {
        (left + wide + 10.0, baseline, right)
    };
    let extra = match group.spec.mode {
        ConsumeMode::Broadcasting => None,
        ConsumeMode::Clustering if group.orderly => Some(&labels.orderly),
        ConsumeMode::Clustering if group.simple => Some(&labels.simple),
        ConsumeMode::Clustering if group.pull => Some(&labels.pull),
        ConsumeMode::Clustering => None,
    };
    // Where there is little room, what is usual is left out first.
    let usual = match (group.spec.mode, extra) {
        (ConsumeMode::Clustering, Some(extra)) => format!("{share} · {extra}"),
        (ConsumeMode::Clustering, None) => share.to_string(),
        (ConsumeMode::Broadcasting, _) => String::new(),
    };
    // Groups of one picture say the same things: on a slim head there is no room for what nearly all of them are.
    let both = match (usual.is_empty(), tall) {
        (true, _) => mode.to_string(),
        (false, true) => format!("{mode} · {usual}"),
        (false, false) => usual.clone(),
    };
    let body = if tall { body } else { kind.small() };
    let x = x + warning(picture, stage, band, [x, baseline], right - x, body);
    let room = right - x;
    // What it wants, if that is not everything.
    let filters = filters(stage.world, band.id);
    let both = if filters.is_empty() { both } else { format!("{both} · {filters}") };
    let short = match extra {
        _ if !filters.is_empty() => filters,
        Some(extra) if body.width(&usual) > room => extra.to_string(),
        _ if !usual.is_empty() => usual,
        _ => mode.to_string(),
    };
    if band.rows.is_empty() && band.more.is_none() && !band.hidden.is_empty() {
        let busy = band.hidden.iter().filter(|id| stage.world.consumer(**id).busy > 0).count();
        let count = band.hidden.len() as u64;
        let values: [(&str, &dyn std::fmt::Display); 2] = [("n", &count), ("busy", &busy)];
        let mut said = String::new();
        super::labels::fill(&mut said, labels.more_consumers.of(count), &values);
        // A sentence that has no room is not begun.
        let said = if body.width(&said) <= room { said } else { format!("+{count}") };
        picture.say(said, [x, baseline], Anchor::Start, body, room, subject);
    } else if body.width(&both) <= room {
        picture.say(both, [x, baseline], Anchor::Start, body, room, subject);
    } else if room > body.size * 3.0 && (body.width(&short) <= room || short != **mode) {
        picture.say(short, [x, baseline], Anchor::Start, body, room, subject);
    }
}

/// The filters of a group, those that let everything pass left out. Where its members do not agree there is none that
/// would be the group's: each of them says its own.
fn filters(world: &World, id: GroupId) -> String {
    if world.is_inconsistent(id) {
        return String::new();
    }
    let filters = world.group(id).subscriptions.iter().map(|known| known.filter);
    let said: Vec<&str> = filters
        .filter(|filter| *filter != FilterId::ALL)
        .map(|filter| world.filter(filter).spec().expression())
        .collect();
    said.join(" · ")
}

/// A sign, if the members of a group do not want the same messages. Says how wide it is.
fn warning(
    picture: &mut Picture,
    stage: &Stage<'_>,
    band: &Band,
    [x, baseline]: [f32; 2],
    room: f32,
    body: super::picture::Style,
) -> f32 {
    let said = &stage.view.labels.members_differ;
    let r = body.size * 0.42;
    if !stage.world.is_inconsistent(band.id) || room < 2.0 * r + 4.0 {
        return 0.0;
    }
    let subject = Some(Subject::Group(band.id));
    picture.mark(Mark::Triangle, [x + r, baseline - body.size * 0.34], r, Role::Danger, subject);
    let start = x + 2.0 * r + 4.0;
    if body.width(said) > room - (start - x) {
        return start - x;
    }
    let wide = picture.say(said, [start, baseline], Anchor::Start, body.in_role(Role::Danger), room, subject);
    start - x + wide + 10.0
}

/// The sign of messages that are lost: a cross where there is none.
fn lost_sign(picture: &mut Picture, [x, y]: [f32; 2], r: f32, subject: Option<Subject>) {
    let place = Area::new(x - r, y - r, 2.0 * r, 2.0 * r);
    picture.frame(place, r * 0.4, None, Stroke::dashed(Role::Danger, 1.0, Dash::Dotted), subject);
    picture.mark(Mark::Cross, [x, y], r * 0.62, Role::Danger, subject);
}

/// What is lost, dead letters and retries as bare signs with numbers, right to left. Gives where free room ends.
fn signs(picture: &mut Picture, stage: &Stage<'_>, band: &Band, mut right: f32, baseline: f32) -> f32 {
    let kind = stage.layout.kind;
    let style = kind.body();
    let r = 4.0 * kind.k;
    let y = baseline - style.size * 0.36;
    let lost = stage.world.group(band.id).counts.lost;
    if lost > 0 {
        let subject = Some(Subject::Group(band.id));
        let style = style.in_role(Role::Danger);
        let wide = picture.say(Short(lost), [right, baseline], Anchor::End, style, 60.0, subject);
        let x = right - wide - 4.0 - r;
        lost_sign(picture, [x, y], r, subject);
        right = x - r - 8.0;
    }
    let dead = stage.world.group(band.id).counts.dead_letters;
    if dead > 0 {
        let subject = Subject::DeadLetters(band.id);
        let style = style.in_role(Role::Danger);
        let wide = picture.say(Short(dead), [right, baseline], Anchor::End, style, 60.0, Some(subject));
        let x = right - wide - 4.0 - r;
        picture.mark(Mark::Cross, [x, y], r, Role::Danger, Some(subject));
        picture.target(subject, Area::new(x - r, y - 6.0, right - x + r, 12.0));
        right = x - r - 8.0;
    }
    let retries = Retries::of(stage, band.id);
    if retries.count > 0 {
        let subject = Subject::RetryShelf(band.id);
        let wide =
            picture.say(Short(retries.count), [right, baseline], Anchor::End, style, 60.0, Some(subject));
        let x = right - wide - 4.0 - r;
        picture.again([x, y], r, Role::Group(colour(band.id)), Some(subject));
        picture.target(subject, Area::new(x - r, y - 6.0, right - x + r, 12.0));
        right = x - r - 8.0;
    }
    if let Some(age) = rebalanced(stage, band.id) {
        let subject = Some(Subject::Group(band.id));
        let wide = picture.say(Ago(age), [right, baseline], Anchor::End, style, 60.0, subject);
        let x = right - wide - 4.0 - r;
        picture.mark(Mark::Swap, [x, y], r * 1.15, Role::InkMuted, subject);
        right = x - r - 8.0;
    }
    right
}

/// How long ago a rebalance changed something, if that is news: members came or went since the one before it.
fn rebalanced(stage: &Stage<'_>, id: GroupId) -> Option<Span> {
    let group = stage.world.group(id);
    let at = group.moved_at?;
    let age = stage.now - at;
    let interval = stage.world.settings.classic_rebalance_interval;
    let changed = || group.consumers.iter().any(|id| stage.world.consumer(*id).since + interval > at);
    (by_queue(stage.world, id) && age <= REBALANCE_SHOWN && changed()).then_some(age)
}

/// The retry shelf, the dead letters, and a rebalance that has just happened.
fn foot(picture: &mut Picture, stage: &Stage<'_>, band: &Band) {
    if band.foot == 0.0 {
        return;
    }
    let labels = stage.view.labels;
    let kind = stage.layout.kind;
    let group = stage.world.group(band.id);
    let own = Role::Group(colour(band.id));
    let style = kind.body();
    let r = 4.5 * kind.k;
    let baseline = band.area.bottom() - 10.0 * kind.k;
    let y = baseline - style.size * 0.36;
    let mut x = band.area.x + 16.0;
    let mut end = band.area.right() - 12.0;

    // What is lost comes first, then dead letters: they keep their place when there is little room.
    let lost = group.counts.lost;
    if lost > 0 {
        let subject = Some(Subject::Group(band.id));
        let said = labels.lost.of(lost).replace("{n}", &Number(lost).to_string());
        let style = style.in_role(Role::Danger);
        let said = if style.width(&said) <= (end - x) * 0.5 { said } else { Short(lost).to_string() };
        lost_sign(picture, [x + r, y], r, subject);
        let from = x + 2.0 * r + 5.0;
        x = from + picture.say(said, [from, baseline], Anchor::Start, style, end - from, subject) + 14.0;
    }
    let dead = group.counts.dead_letters;
    let retries = Retries::of(stage, band.id);
    if dead > 0 {
        let subject = Subject::DeadLetters(band.id);
        let role = Role::Danger;
        let template = labels.dead_letters.of(dead);
        let exact = template.replace("{n}", &Number(dead).to_string());
        let style = style.in_role(role);
        let room = end - x - 2.0 * r - 5.0;
        let from_right = retries.count > 0;
        let half = if from_right { room * 0.5 } else { room };
        let said = if style.width(&exact) <= half { exact } else { Short(dead).to_string() };
        let wide = style.width(&said);
        let at = if from_right { end - wide - 2.0 * r - 5.0 } else { x };
        picture.mark(Mark::Cross, [at + r, y], r, role, Some(subject));
        picture.say(said, [at + 2.0 * r + 5.0, baseline], Anchor::Start, style, room, Some(subject));
        picture.target(subject, Area::new(at, y - 7.0, 2.0 * r + 5.0 + wide, 14.0));
        if from_right { end = at - 12.0 } else { x = at + 2.0 * r + 5.0 + wide + 14.0 }
    }
    if retries.count > 0 {
        let subject = Subject::RetryShelf(band.id);
        let text_x = x + 2.0 * r + 6.0;
        let room = end - text_x;
        let mut said = String::new();
        if let Some(next) = retries.next {
            let template = labels.retry_next.of(retries.count);
            super::labels::fill(&mut said, template, &[("n", &Number(retries.count)), ("t", &Ago(next))]);
        }
        if said.is_empty() || style.width(&said) > room {
            said.clear();
            super::labels::fill(&mut said, labels.retry.of(retries.count), &[("n", &Number(retries.count))]);
        }
        if style.width(&said) > room {
            said = Short(retries.count).to_string();
        }
        picture.again([x + r, y], r, own, Some(subject));
        let mut wide = picture.say(said, [text_x, baseline], Anchor::Start, style, room, Some(subject));
        // A clock that runs down until the next one is due.
        let clock = text_x + wide + 7.0 + r;
        if retries.next.is_some() && clock + r < end {
            picture.ring(
                [clock, y],
                r,
                [0.0, 1.0],
                Stroke::solid(Role::GroupEdge(colour(band.id)), 1.0),
                Some(subject),
            );
            let left = [retries.waited, 1.0 - retries.waited];
            picture.ring([clock, y], r * 0.5, left, Stroke::solid(own, r), Some(subject));
            wide += 7.0 + 2.0 * r;
        }
        picture.target(subject, Area::new(x, y - 7.0, text_x - x + wide, 14.0));
        x = text_x + wide + 14.0;
    }
    let Some(age) = rebalanced(stage, band.id) else { return };
    let mut said = String::new();
    super::labels::fill(&mut said, &labels.rebalanced, &[("t", &Ago(age))]);
    let text_x = x + 2.0 * r + 6.0;
    let role = if age < REBALANCE_NEW { own } else { Role::InkMuted };
    let style = style.in_role(role);
    if style.width(&said) <= end - text_x {
        let subject = Some(Subject::Group(band.id));
        picture.mark(Mark::Swap, [x + r, y], r * 1.15, own, subject);
        picture.say(said, [text_x, baseline], Anchor::Start, style, end - text_x, subject);
    }
}

/// The way a group's thin lines are drawn.
pub(super) fn thin(id: GroupId) -> Stroke {
    Stroke::dashed(Role::GroupEdge(colour(id)), 1.25, dash(id))
}
