//! What is a request: a batch as a stack that travels as one, an answer on its way back to who asked, whom a busy broker
//! keeps waiting, and the holes that compaction leaves.

use super::flights::{part, way_in, way_out};
use super::picture::{Area, Picture};
use super::producers::sign;
use super::shape::{Anchor, Mark, Point, Role, Stroke};
use super::stage::Stage;
use super::subject::Subject;
use super::text::Short;
use crate::broker::flow::WaitingRequest;
use crate::broker::reply::ReplyInFlight;
use crate::broker::{ProducerId, TopicId, World};

/// At most so many answers fly one by one.
const MOST: usize = 100;

/// Below a batch lie the edges of the others, so many at the most.
const EDGES: u32 = 2;

/// The edges of the messages that travel below the first one.
pub(super) fn stack(picture: &mut Picture, area: Area, count: u32, subject: Subject) {
    for below in (1..=EDGES.min(count.saturating_sub(1))).rev() {
        let aside = if area.w > 9.0 { 2.5 } else { 1.25 } * below as f32;
        let edge = Area::new(area.x - aside, area.y - aside, area.w, area.h);
        picture.frame(edge, 3.0, Some(Role::Raised), Stroke::solid(Role::Ink, 1.25), Some(subject));
    }
}

/// Requests that are sent again, and answers.
pub(super) fn draw(picture: &mut Picture, stage: &Stage<'_>) {
    for retry in stage.world.live.flow.on_the_way().take(MOST) {
        again(picture, stage, &retry);
    }
    for reply in stage.world.live.requests.in_flight().take(MOST) {
        answer(picture, stage, &reply);
    }
}

/// How far something is on its way; where nothing travels it stands half-way.
fn done(stage: &Stage<'_>, from: crate::sim::Instant, to: crate::sim::Instant) -> f32 {
    if stage.view.reduced_motion { 0.5 } else { part(stage.now, from, to) }
}

/// A request that is sent again: a broken outline, like everything that comes again.
fn again(picture: &mut Picture, stage: &Stage<'_>, retry: &WaitingRequest) {
    let Some(way) = way_in(stage, retry.producer, retry.queue) else { return };
    let sent_at = crate::sim::Instant(retry.until.0 - stage.world.settings.network_send_latency.0);
    let [x, y] = way.at(done(stage, sent_at, retry.until));
    let subject = Subject::Sending(retry.producer, retry.number);
    let area = Area::new(x - 5.5, y - 7.5, 11.0, 15.0);
    picture.target(subject, area);
    stack(picture, area, retry.count, subject);
    picture.frame(area, 3.0, Some(Role::Raised), super::picture::absent(Role::Ink), Some(subject));
    picture.mark(sign(retry.producer), [x, y], 3.2, Role::Ink, Some(subject));
}

/// An answer goes the way that its request came, back to the broker and back to the producer: a circle with the
/// producer's sign.
fn answer(picture: &mut Picture, stage: &Stage<'_>, reply: &ReplyInFlight) {
    let queue = reply.request.queue;
    let way = match reply.from {
        Some(consumer) => {
            let group = stage.world.consumer(consumer).group;
            let Some(area) = stage.layout.consumer(group, consumer) else { return };
            way_out(stage, group, queue, area)
        }
        None => way_in(stage, reply.producer, queue),
    };
    let Some(way) = way else { return };
    let [x, y] = way.at(1.0 - done(stage, reply.since, reply.until));
    let subject = Subject::Message(reply.request);
    let r = 7.0;
    picture.target(subject, Area::new(x - r, y - r, 2.0 * r, 2.0 * r));
    picture.ring([x, y], r / 2.0, [0.0, 1.0], Stroke::solid(Role::Raised, r), Some(subject));
    picture.ring([x, y], r, [0.0, 1.0], Stroke::solid(Role::Accent, 1.75), Some(subject));
    picture.mark(sign(reply.producer), [x, y], 3.2, Role::Accent, Some(subject));
}

/// Where a message was that compaction took: an empty cell, so that the offsets stay where they are.
pub(super) fn hole(picture: &mut Picture, area: Area, subject: Subject) {
    if area.w < 9.0 {
        // In a slim cell the outline would be louder than what is left.
        let foot = Area::new(area.x, area.bottom() - 1.5, area.w, 1.5);
        return picture.fill(foot, 0.0, Role::TokenDoneMark, Some(subject));
    }
    let stroke = super::picture::absent(Role::LineStrong);
    picture.frame(area.inset(1.0), 3.0, None, stroke, Some(subject));
}

/// How many requests a producer waits to send again.
pub(super) fn backing_off(world: &World, id: ProducerId) -> u64 {
    world.live.flow.backing_off().filter(|one| one.producer == id).count() as u64
}

/// The sign of waiting requests at the head of a topic: bars like a line of people, with a number; a lock if the broker
/// refuses them. Where there is a limit, it is always there: nothing is to jump. It ends at a place. Gives the room it
/// takes.
pub(super) fn waiting(picture: &mut Picture, stage: &Stage<'_>, id: TopicId, end: Point, room: f32) -> f32 {
    let world = stage.world;
    let is_here = |one: &WaitingRequest| world.queue(one.queue).topic == id;
    let count = world.live.flow.send_queue().filter(is_here).count();
    let is_busy = world.live.flow.busy.is_some();
    let is_limited = world.settings.broker_send_tps > 0;
    if !(is_limited || is_busy || count > 0) || !world.topic(id).is_ordinary() {
        return 0.0;
    }
    let style = stage.layout.kind.body();
    let bars = if is_limited || count > 0 { 16.0 } else { 0.0 };
    let signs = if is_busy { 14.0 } else { 0.0 } + bars;
    let number = Short(count as u64).to_string();
    let words = stage.view.labels.send_queue.replace("{n}", &number);
    let said = match bars > 0.0 {
        true if style.width(&words) + signs <= room * 0.5 => words,
        true => number,
        false => String::new(),
    };
    let wide = style.width(&said);
    let whole = wide + signs;
    if whole > room {
        return 0.0;
    }
    let subject = Subject::Topic(id);
    let [right, baseline] = end;
    let y = baseline - style.size * 0.36;
    let role = if count > 0 || is_busy { Role::Ink } else { Role::InkMuted };
    picture.say(said, end, Anchor::End, style.in_role(role), wide + 1.0, Some(subject));
    let mut x = right - wide;
    if bars > 0.0 {
        for bar in 0..3 {
            let left = x - 14.0 + 4.0 * bar as f32;
            picture.fill(Area::new(left, y - 4.5, 2.2, 9.0), 1.0, role, Some(subject));
        }
        x -= 16.0;
    }
    if is_busy {
        picture.mark(Mark::Lock, [x - 7.0, y], 5.0, Role::Danger, Some(subject));
    }
    whole + 14.0
}
