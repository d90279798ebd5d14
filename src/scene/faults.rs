//! What is broken: a broker that is down, the end of a lane that is not on its disk yet, links that are cut or on which
//! messages wait.

use super::flights;
use super::layout::{Lane, TopicFrame};
use super::picture::{Area, Picture, Style, absent, between};
use super::shape::{Anchor, Dash, Mark, Point, Role, Stroke};
use super::stage::Stage;
use super::subject::Subject;
use super::text::{Ago, Short};
use crate::broker::consumer::Reach;
use crate::broker::fault::{Client, Link, LinkState};
use crate::broker::{ConsumerId, ProducerId};
use crate::sim::Instant;

/// From one line of a hatching to the next.
const HATCH: f32 = 6.0;

/// So many of the messages that wait on a link are drawn.
const MOST_HELD: usize = 5;

/// What is said instead of "storage" while the broker is down.
pub(super) fn heading(stage: &Stage<'_>) -> Option<String> {
    let outage = stage.world.outage()?;
    let mut said = String::new();
    let gone = Ago(stage.now - outage.since);
    super::labels::fill(&mut said, &stage.view.labels.broker_down, &[("t", &gone)]);
    Some(said)
}

/// The border of a topic: not quite there while its broker is down.
pub(super) fn border(stage: &Stage<'_>) -> Stroke {
    if stage.world.is_down() { absent(Role::Danger) } else { Stroke::solid(Role::Line, 1.5) }
}

/// Until when everything is on the broker's disk, if somebody wants to see it.
pub(super) fn on_disk(stage: &Stage<'_>) -> Option<Instant> {
    (stage.view.shows_disk && !stage.world.is_down()).then(|| stage.world.flushed_until())
}

/// Hatches the end of a lane that a loss of power would take. `edge` says where an offset lies.
pub(super) fn hatch(
    picture: &mut Picture,
    stage: &Stage<'_>,
    lane: &Lane,
    flushed: Instant,
    edge: impl Fn(u64) -> f32,
) {
    let end = stage.world.end_of(lane.queue, Some(flushed));
    let max_offset = stage.world.queue(lane.queue).max_offset;
    if end == max_offset {
        return;
    }
    let bed = lane.bed;
    let right = edge(end).min(bed.right());
    let stroke = Stroke::solid(Role::InkMuted, 1.0);
    let subject = Some(Subject::Queue(lane.queue));
    let lines = ((right - bed.x) / HATCH) as usize;
    for nth in 0..=lines {
        let x = bed.x + nth as f32 * HATCH;
        let wide = HATCH.min(right - x);
        if wide > 1.0 {
            let lean = bed.h.min(wide);
            picture.line([x, bed.bottom()], [x + lean, bed.bottom() - lean], stroke, subject);
        }
    }
    let border = Stroke::dashed(Role::InkMuted, 1.25, Dash::Dashed);
    picture.line([right, bed.y], [right, bed.bottom()], border, subject);
}

/// The word for a consumer that the broker cannot reach.
pub(super) fn unreachable(stage: &Stage<'_>, id: ConsumerId) -> Option<String> {
    let consumer = stage.world.consumer(id);
    match consumer.reach {
        _ if !consumer.is_alive() => None,
        Reach::Cut => Some(stage.view.labels.cut_off.to_string()),
        Reach::Held => Some(stage.view.labels.link_held.to_string()),
        Reach::Open => None,
    }
}

/// What a producer is told badly: messages that nobody answered, or that it gave up.
pub(super) fn unheard<'a>(stage: &Stage<'a>, id: ProducerId) -> Option<(&'a str, u64)> {
    let faults = stage.world.live.faults.as_deref()?;
    let labels = stage.view.labels;
    let open = faults.sends.range((id, 0)..=(id, u64::MAX));
    let waiting = open.filter(|(_, send)| send.times_out_at().is_some()).count() as u64;
    let failed = stage.world.producer(id).failed;
    if waiting > 0 {
        Some((labels.unanswered.of(waiting), waiting))
    } else if failed > 0 {
        Some((labels.send_failed.of(failed), failed))
    } else {
        None
    }
}

/// Signs on the links that do not work, above everything else.
pub(super) fn draw(picture: &mut Picture, stage: &Stage<'_>) {
    let Some(faults) = stage.world.live.faults.as_deref() else { return };
    for (&client, link) in &faults.links {
        if link.state == LinkState::Open {
            continue;
        }
        match client {
            Client::Producer(id) => {
                if let Some(at) = flights::out_of(stage, id) {
                    sign(picture, stage, link, at, Subject::Producer(id));
                }
            }
            Client::Consumer(id) => {
                let group = stage.world.consumer(id).group;
                if let Some(area) = stage.layout.consumer(group, id) {
                    sign(picture, stage, link, beside(stage, area), Subject::Consumer(id));
                }
            }
        }
    }
}

/// The end of the way to a consumer.
fn beside(stage: &Stage<'_>, area: Area) -> Point {
    let x = if stage.layout.stacked { area.right() + 8.0 } else { area.x - 10.0 };
    [x, area.middle_y()]
}

/// A cross where a link is cut, bars where messages wait, with those that do.
fn sign(picture: &mut Picture, stage: &Stage<'_>, link: &Link, at: Point, subject: Subject) {
    let k = stage.layout.kind.k;
    let r = 7.0 * k;
    let subject = Some(subject);
    let (mark, role, dash) = match link.state {
        LinkState::Held => (Mark::Pause, Role::Ink, Dash::Solid),
        LinkState::Deaf => (Mark::Cross, Role::Danger, Dash::Dotted),
        LinkState::Cut | LinkState::Open => (Mark::Cross, Role::Danger, Dash::Solid),
    };
    // On a phone the way goes along the margin.
    let [x, y] = [between(at[0], r + 1.0, stage.view.width - r - 1.0), at[1]];
    let at = [x, y];
    let ground = Area::new(x - r, y - r, 2.0 * r, 2.0 * r);
    picture.frame(ground, r, Some(Role::Raised), Stroke::dashed(role, 1.5, dash), subject);
    picture.mark(mark, at, r * 0.6, role, subject);
    let held = link.held();
    for nth in 0..held.min(MOST_HELD) {
        let token = Area::new(x + r + 3.0 + nth as f32 * 5.0, y - 4.0, 4.0, 8.0);
        picture.frame(token, 1.0, Some(Role::Raised), Stroke::solid(Role::Ink, 1.0), subject);
    }
    if held > 0 && !stage.layout.stacked {
        let style = Style { size: 11.0 * k, ..stage.layout.kind.number() };
        let below = [x, y + r + style.size];
        picture.say(Short(held as u64), below, Anchor::Middle, style, 40.0, subject);
    }
}

/// Hatches the end of a lane that is not on the disk, if that is to be seen.
pub(super) fn lane(
    picture: &mut Picture,
    stage: &Stage<'_>,
    frame: &TopicFrame,
    lane: &Lane,
    flushed: Option<Instant>,
) {
    let Some(flushed) = flushed else { return };
    let max_offset = stage.world.queue(lane.queue).max_offset;
    let edge = |offset: u64| lane.bed.x + max_offset.saturating_sub(offset) as f32 * frame.pitch;
    hatch(picture, stage, lane, flushed, edge);
}
