//! What is on its way: messages to the broker, ghosts of messages to consumers, and the lines they follow.
//!
//! A message in flight is a fact with two times. It is drawn at `(now - sent) / (arrives - sent)` of its way, so the
//! picture needs no memory.

use super::groups::{colour, thin};
use super::layout::{Band, Lane, TopicFrame};
use super::picture::{Area, Picture, between};
use super::producers::sign;
use super::route::Route;
use super::shape::{Dash, Point, Role, Stroke};
use super::stage::Stage;
use super::subject::Subject;
use super::{curtain, lite, requests, timer};
use crate::broker::producer::SendInFlight;
use crate::broker::progress::DeliveryInFlight;
use crate::broker::{ConsumerId, GroupId, MessageRef, ProducerId, ProgressId, QueueId, World};
use crate::sim::Instant;

/// At most so many particles; beyond that a part of them, chosen by what they are, and wider lines.
const MOST: usize = 300;

/// With more particles than this they are small.
const CROWD: usize = 100;

/// Where the columns stand one below the other, messages go down so far from the edge.
const MARGIN: f32 = 7.0;

/// More lines than this from producers to lanes, or from lanes to consumers, say nothing any more.
const MOST_LINES: usize = 32;

/// How much of the way is done.
pub(super) fn part(now: Instant, from: Instant, to: Instant) -> f32 {
    let whole = (to - from).0;
    if whole == 0 {
        return 1.0;
    }
    let done = (now - from).0.min(whole);
    (done as f64 / whole as f64) as f32
}

/// Where a lane begins, for what comes in: its newest end. A queue that is not drawn is entered where it is counted.
fn entry(stage: &Stage<'_>, queue: QueueId) -> Option<(f32, Point)> {
    if let Some((frame, lane)) = stage.layout.lane(queue) {
        // Where there is no room beside the queue's name, the frame is the way's end.
        let end = if frame.two_lines { lane.bed.x } else { frame.area.x };
        return Some((frame.area.x, [end, lane.bed.middle_y()]));
    }
    let topic = stage.world.queue(queue).topic;
    let frame = stage.layout.topics.iter().find(|frame| frame.id == topic);
    let area = match frame {
        Some(frame) => frame.more.map(|(area, _)| area)?,
        None => stage.layout.more_topics.map(|(area, _)| area)?,
    };
    let edge = frame.map_or(area.x, |frame| frame.area.x);
    Some((edge, [edge, area.middle_y()]))
}

/// The way from a producer to a queue.
pub(super) fn way_in(stage: &Stage<'_>, producer: ProducerId, queue: QueueId) -> Option<Route> {
    let (gate, to) = entry(stage, queue)?;
    way_to(stage, producer, gate, to)
}

/// A place on the way out of a producer, just behind it.
pub(super) fn out_of(stage: &Stage<'_>, id: ProducerId) -> Option<Point> {
    let topic = stage.world.producer(id).topic;
    let writable = stage.world.topic(topic).writable();
    let way = way_to_clock(stage, id).or_else(|| writable.iter().find_map(|q| way_in(stage, id, *q)))?;
    Some(way.at(0.12))
}

/// The way from a producer to its topic's clock or curtain, if its messages wait there and there is one.
fn way_to_clock(stage: &Stage<'_>, id: ProducerId) -> Option<Route> {
    let producer = stage.world.producer(id);
    let frame = stage.layout.topics.iter().find(|frame| frame.id == producer.topic)?;
    let to = if producer.transaction.is_some() {
        curtain::entry(frame)?
    } else {
        timer::entry(frame).filter(|_| producer.delay.is_some())?
    };
    way_to(stage, id, frame.area.x, to)
}

fn way_to(stage: &Stage<'_>, producer: ProducerId, gate: f32, to: Point) -> Option<Route> {
    let cards = &stage.layout.producers;
    let card = cards.cards.iter().find(|(id, _)| *id == producer).map(|(_, area)| *area);
    let card = card.or(cards.more.map(|(area, _)| area))?;
    if stage.layout.stacked {
        let turn = cards.area.bottom() + 14.0;
        let lane = if card.x > cards.area.x + 20.0 { card.x - 4.0 } else { MARGIN };
        return Some(Route::along([card.x, card.middle_y()], lane, turn, MARGIN, to));
    }
    Some(Route::through([card.right(), card.middle_y()], gate, to))
}

/// Where a group's line leaves a lane.
fn exit(frame: &TopicFrame, lane: &Lane, group: GroupId) -> Point {
    let count = frame.readers.len().max(1) as f32;
    let index = frame.readers.iter().position(|reader| reader.group == group).unwrap_or(0) as f32;
    let apart = (lane.bed.h / count).min(7.0);
    [frame.area.right(), lane.bed.middle_y() + (index - (count - 1.0) / 2.0) * apart]
}

/// Where a group's messages go down, where the columns stand one below the other.
fn margin(stage: &Stage<'_>, group: GroupId) -> f32 {
    let index = stage.layout.bands.iter().position(|band| band.id == group).unwrap_or(0);
    stage.view.width - MARGIN + 1.5 - 3.5 * (index % 2) as f32
}

/// The way from a queue to what is at `area`.
pub(super) fn way_out(stage: &Stage<'_>, group: GroupId, queue: QueueId, area: Area) -> Option<Route> {
    let from = match stage.layout.lane(queue) {
        Some((frame, lane)) => exit(frame, lane, group),
        None => {
            let topic = stage.world.queue(queue).topic;
            let frame = stage.layout.topics.iter().find(|frame| frame.id == topic)?;
            let (more, _) = frame.more?;
            [frame.area.right(), more.middle_y()]
        }
    };
    Some(way_from(stage, group, from, area))
}

/// The way from a lite topic, if it has a lane of its own.
fn way_from_lite(stage: &Stage<'_>, group: GroupId, message: MessageRef, area: Area) -> Option<Route> {
    let (lite, _) = stage.world.lite_of(message.queue, message.offset)?;
    let (frame, lane) = stage.layout.lane(message.queue)?;
    let (_, place) = lite::lanes(stage, frame, lane).into_iter().find(|(id, _)| *id == lite)?;
    Some(way_from(stage, group, [frame.area.right(), place.middle_y()], area))
}

/// The way from the edge of a topic to what is at `area`.
fn way_from(stage: &Stage<'_>, group: GroupId, from: Point, area: Area) -> Route {
    if stage.layout.stacked {
        let margin = margin(stage, group);
        let right =
            band_edge(stage, group, |row| row.right()).map_or(area.right(), |edge| edge.max(area.right()));
        let to = [right, area.middle_y()];
        return Route::along(from, margin, from[1], margin, to);
    }
    // Where consumers stand side by side, what is for them comes to the left edge of their line.
    let left = band_edge(stage, group, |row| -row.right() + row.w).map_or(area.x, |edge| area.x.min(-edge));
    Route::level(from, [left, area.middle_y()])
}

/// The outermost of what `side` says about a group's rows.
fn band_edge(stage: &Stage<'_>, group: GroupId, side: fn(&Area) -> f32) -> Option<f32> {
    let band = stage.layout.bands.iter().find(|band| band.id == group)?;
    // All columns of chips appear within the first few.
    band.rows.iter().take(8).map(|(_, area)| side(area)).reduce(f32::max)
}

/// The lines that messages follow, drawn below everything that lies on the stage.
pub(super) fn ways(picture: &mut Picture, stage: &Stage<'_>) {
    inward(picture, stage);
    outward(picture, stage);
}

/// How wide a line is whose messages are more than can be drawn one by one.
fn ribbon(width: f32, messages: usize, stride: u64) -> f32 {
    if stride <= 1 { width } else { width + (messages as f32 * 0.04).min(8.0) }
}

fn inward(picture: &mut Picture, stage: &Stage<'_>) {
    let cards = &stage.layout.producers.cards;
    let lanes: usize = stage.layout.topics.iter().map(|frame| frame.lanes.len()).sum();
    let few = cards.len() * lanes <= MOST_LINES;
    let stride = Flying::of(stage.world).stride();
    for (id, _) in cards {
        let subject = Subject::Producer(*id);
        let picked = stage.view.is_picked(subject);
        if !few && !picked {
            continue;
        }
        let producer = stage.world.producer(*id);
        let (role, width) = if picked { (Role::Accent, 1.5) } else { (Role::Line, 1.25) };
        let writable = stage.world.topic(producer.topic).writable();
        // A producer spreads what it sends over its queues; that is exact enough for the width of a line.
        let thin = thinned(stage, *id).max(stride);
        let width = ribbon(width, producer.transit.len() / writable.len().max(1), thin);
        if let Some(way) = way_to_clock(stage, *id) {
            way.draw(picture, Stroke::solid(role, width), Some(subject));
            continue;
        }
        for queue in writable {
            if stage.layout.lane(*queue).is_some()
                && let Some(way) = way_in(stage, *id, *queue)
            {
                way.draw(picture, Stroke::solid(role, width), Some(subject));
            }
        }
    }
}

fn outward(picture: &mut Picture, stage: &Stage<'_>) {
    let stride = Flying::of(stage.world).stride();
    for band in &stage.layout.bands {
        let reads = |frame: &&TopicFrame| frame.readers.iter().any(|reader| reader.group == band.id);
        let lines = |frame: &TopicFrame| if frame.grid { MOST_LINES + 1 } else { frame.lanes.len() };
        let lanes: usize = stage.layout.topics.iter().filter(reads).map(lines).sum();
        group_lines(picture, stage, band, lanes <= MOST_LINES, stride);
    }
}

/// The lines from the lanes to a group: to the consumers that own them, or to the group as a whole where any consumer
/// may get any message. If there are too many, only those that somebody points at.
fn group_lines(picture: &mut Picture, stage: &Stage<'_>, band: &Band, few: bool, stride: u64) {
    let world = stage.world;
    let group = world.group(band.id);
    let group_picked = stage.view.is_picked(Subject::Group(band.id));
    let whole = group.by_message;
    // One below the other, all lines of a group share the margin: that part is drawn once.
    let mut shared: Option<[f32; 2]> = None;
    for id in &group.progress {
        let progress = world.progress(*id);
        let owner = if whole { None } else { progress.owner.or(progress.member) };
        let picked =
            [Some(Subject::Cursor(*id)), Some(Subject::Queue(progress.queue)), owner.map(Subject::Consumer)];
        let picked =
            group_picked || picked.into_iter().flatten().any(|subject| stage.view.is_picked(subject));
        if !few && !picked || stage.layout.lane(progress.queue).is_none() {
            continue;
        }
        if subscriptions(picture, stage, band, *id, picked) {
            continue;
        }
        let area = match owner {
            Some(owner) => stage.layout.consumer(band.id, owner),
            None => whole.then_some(Area { h: band.head, ..band.area }),
        };
        let Some(area) = area else {
            // Before the queues are shared out for the first time, it is no news that nobody reads them.
            if group.rebalanced_at.is_none()
                && group.consumers.iter().any(|id| world.consumer(*id).is_alive())
            {
                continue;
            }
            unread(picture, stage, band.id, progress.queue, *id);
            continue;
        };
        let Some(way) = way_out(stage, band.id, progress.queue, area) else { continue };
        let mut stroke = thin(band.id);
        stroke.width = ribbon(stroke.width, progress.transit.len(), stride);
        if picked {
            stroke = Stroke { role: Role::Group(colour(band.id)), width: stroke.width + 1.0, ..stroke };
        }
        if owner.is_some_and(|id| !world.consumer(id).is_alive()) {
            stroke = Stroke::dashed(Role::LineStrong, 1.0, Dash::Dotted);
        }
        let subject = Some(Subject::Cursor(*id));
        if let Route::Bent([from, _, _, _, turn, to]) = way {
            let [top, bottom] = shared.unwrap_or([from[1], to[1]]);
            shared = Some([top.min(from[1]), bottom.max(to[1])]);
            picture.line(from, [turn[0], from[1]], stroke, subject);
            picture.line(turn, to, stroke, subject);
        } else {
            way.draw(picture, stroke, subject);
        }
    }
    if let Some([top, bottom]) = shared {
        let x = margin(stage, band.id);
        picture.line([x, top], [x, bottom], thin(band.id), Some(Subject::Group(band.id)));
    }
}

/// The lines from a few lite topics to the clients that subscribe to them. Says whether they are so few.
fn subscriptions(
    picture: &mut Picture,
    stage: &Stage<'_>,
    band: &Band,
    id: ProgressId,
    picked: bool,
) -> bool {
    let progress = stage.world.progress(id);
    let (Some(reading), Some((frame, lane))) = (&progress.lite, stage.layout.lane(progress.queue)) else {
        return false;
    };
    let lanes = lite::lanes(stage, frame, lane);
    for (lite, area) in &lanes {
        let from = [frame.area.right(), area.middle_y()];
        let subscribers = reading.subscribers(*lite);
        for consumer in subscribers.all() {
            let Some(to) = stage.layout.consumer(band.id, *consumer) else { continue };
            let mut stroke = thin(band.id);
            if picked || stage.view.is_picked(Subject::Lite(*lite)) {
                stroke = Stroke { role: Role::Group(colour(band.id)), width: stroke.width + 1.0, ..stroke };
            }
            way_from(stage, band.id, from, to).draw(picture, stroke, Some(Subject::Lite(*lite)));
        }
        if subscribers.all().is_empty() {
            ends_at_once(picture, stage, from, Role::Group(colour(band.id)), Subject::Lite(*lite));
        }
    }
    !lanes.is_empty()
}

/// A queue that nobody of the group reads.
fn unread(picture: &mut Picture, stage: &Stage<'_>, group: GroupId, queue: QueueId, progress: ProgressId) {
    let Some((frame, lane)) = stage.layout.lane(queue) else { return };
    let from = exit(frame, lane, group);
    ends_at_once(picture, stage, from, Role::Group(colour(group)), Subject::Cursor(progress));
}

/// A line that ends before it began.
fn ends_at_once(picture: &mut Picture, stage: &Stage<'_>, [x, y]: Point, role: Role, subject: Subject) {
    let subject = Some(subject);
    let (r, end) = (3.2, x + if stage.layout.stacked { 3.0 } else { 10.0 });
    picture.line([x, y], [end, y], Stroke::solid(role, 1.25), subject);
    picture.ring([end + r, y], r, [0.0, 1.0], Stroke::solid(role, 1.25), subject);
    let d = r * 0.7;
    picture.line([end + r - d, y + d], [end + r + d, y - d], Stroke::solid(role, 1.25), subject);
}

/// How many messages are on their way.
struct Flying(usize);

impl Flying {
    fn of(world: &World) -> Self {
        let sends: usize = world.live.producers.iter().map(|producer| producer.transit.len()).sum();
        let progress = world.groups().flat_map(|(_, group)| &group.progress);
        Self(sends + progress.map(|id| world.progress(*id).transit.len()).sum::<usize>())
    }

    /// One of so many is drawn; a power of two.
    fn stride(&self) -> u64 {
        self.0.div_ceil(MOST).max(1).next_power_of_two() as u64
    }
}

/// On a way so short that a producer's messages would lie on each other, one of so many is drawn: those with round
/// numbers, at even distances. A power of two.
fn thinned(stage: &Stage<'_>, id: ProducerId) -> u64 {
    let producer = stage.world.producer(id);
    let queues = stage.world.topic(producer.topic).writable();
    let (count, Some(first)) = (producer.transit.len() / queues.len().max(1), queues.first()) else {
        return 1;
    };
    if count < 6 {
        return 1;
    }
    let Some(way) = way_to_clock(stage, id).or_else(|| way_in(stage, id, *first)) else { return 1 };
    let ([x, y], [to_x, to_y]) = (way.at(0.0), way.at(1.0));
    let room = ((to_x - x).abs() + (to_y - y).abs()) / 11.0;
    ((count as f32 / room.max(1.0)).ceil() as u64).max(1).next_power_of_two()
}

/// Everything that flies. With more than can be told apart, every so-manieth is drawn; which, depends on the message
/// alone, so that going back shows the same ones.
pub(super) fn draw(picture: &mut Picture, stage: &Stage<'_>) {
    let world = stage.world;
    let flying = Flying::of(world);
    let (stride, crowd) = (flying.stride(), flying.0 > CROWD);
    for (index, producer) in world.live.producers.iter().enumerate() {
        let id = ProducerId::at(index);
        let thin = match thinned(stage, id) {
            1 => 1,
            thin => thin.max(stride),
        };
        // Messages in a row go to different queues.
        let queues = stage.world.topic(producer.topic).writable().len().max(1) as u64;
        let is_shown = |flight: &&SendInFlight| match thin {
            1 => chosen(producer.key.wrapping_add(flight.number), stride),
            thin => (flight.number / queues).is_multiple_of(thin),
        };
        for flight in producer.transit.iter().filter(is_shown) {
            send(picture, stage, id, flight, crowd || thin > 1);
        }
    }
    words(picture, stage, stride);
    requests::draw(picture, stage);
    for (group, state) in world.groups() {
        for id in &state.progress {
            let progress = world.progress(*id);
            let seed = u64::from(progress.queue.0) << 40 | u64::from(group.0) << 32;
            for flight in
                progress.transit.iter().filter(|flight| chosen(seed.wrapping_add(flight.offset), stride))
            {
                delivery(picture, stage, group, progress.queue, flight, crowd);
            }
        }
    }
}

/// Is it one of every `stride`? (A power of two; the bits are mixed first, so that no producer or queue is left out.)
fn chosen(identity: u64, stride: u64) -> bool {
    let mixed = (identity ^ identity >> 29).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    (mixed ^ mixed >> 32) & (stride - 1) == 0
}

/// How far along the way it is drawn.
fn progress_of(stage: &Stage<'_>, from: Instant, to: Instant, spread: u64) -> f32 {
    if stage.view.reduced_motion { standing(spread) } else { part(stage.now, from, to) }
}

/// Where nothing travels, a way has so many places to stand at.
const PLACES: u64 = 9;

/// How far along the way the place with a number is.
fn standing(number: u64) -> f32 {
    // Neighbours in number stand far from each other.
    let place = number % PLACES * 4 % PLACES;
    0.14 + 0.72 * place as f32 / (PLACES - 1) as f32
}

/// Where on its way something of a size is drawn. Where nothing travels, it stands still at its own place, or at the next
/// one where nothing else stands.
fn place(
    picture: &Picture,
    stage: &Stage<'_>,
    way: &Route,
    [from, to]: [Instant; 2],
    number: u64,
    [w, h]: [f32; 2],
) -> Point {
    if !stage.view.reduced_motion {
        return way.at(part(stage.now, from, to));
    }
    let is_free = |[x, y]: &Point| {
        picture.targets.iter().all(|target| {
            let other = target.area;
            let stands = matches!(target.subject, Subject::Sending(..) | Subject::Message(_));
            let apart = (other.middle_x() - x).abs() >= (other.w + w) / 2.0 + 1.0
                || (other.middle_y() - y).abs() >= (other.h + h) / 2.0 + 1.0;
            apart || !stands
        })
    };
    let places = || (number..number + PLACES).map(|number| way.at(standing(number)));
    places().find(is_free).unwrap_or_else(|| way.at(standing(number)))
}

fn send(picture: &mut Picture, stage: &Stage<'_>, id: ProducerId, flight: &SendInFlight, crowd: bool) {
    let Some(way) = way_to_clock(stage, id).or_else(|| way_in(stage, id, flight.queue)) else { return };
    let [mut w, mut h] = size(stage, flight.queue, crowd);
    let [x, y] = place(picture, stage, &way, [flight.sent_at, flight.arrives_at], flight.number, [w, h]);
    let subject = Subject::Sending(id, flight.number);
    if let Some((frame, lane)) = stage.layout.lane(flight.queue) {
        // It passes between the queue's name and its offset.
        let past = between((x + w / 2.0 - frame.area.x) / w, 0.0, 1.0);
        let y_is_there = (y - lane.bed.middle_y()).abs() < 1.0;
        if y_is_there {
            (w, h) = (w + (7.0 - w).min(0.0) * past, h + (5.0 - h).min(0.0) * past);
        }
    }
    let area = Area::new(x - w / 2.0, y - h / 2.0, w, h);
    picture.target(subject, area);
    requests::stack(picture, area, flight.count, subject);
    picture.fill(area, 3.0, Role::Ink, Some(subject));
    if w > 9.0 {
        picture.mark(sign(id), [x, y], w * 0.29, Role::Raised, Some(subject));
    }
}

/// What is said about half messages: the broker's questions on their way to producers as rings, and what producers say as
/// dots.
fn words(picture: &mut Picture, stage: &Stage<'_>, stride: u64) {
    let settings = &stage.world.settings;
    for (arrives_at, producer, number, by) in stage.world.live.halves.words() {
        let Some(way) = way_to_clock(stage, by) else { continue };
        let subject = Some(Subject::Sending(producer, number));
        let said_at = arrives_at - settings.network_send_latency;
        if !chosen(stage.world.producer(producer).key.wrapping_add(number), stride) {
            continue;
        }
        if stage.now < said_at {
            let asked_at = said_at - settings.network_delivery_latency;
            let done = 1.0 - progress_of(stage, asked_at, said_at, number);
            picture.ring(way.at(done), 3.5, [0.0, 1.0], Stroke::solid(Role::Ink, 1.5), subject);
        } else {
            let done = progress_of(stage, said_at, arrives_at, number);
            picture.ring(way.at(done), 2.0, [0.0, 1.0], Stroke::solid(Role::Ink, 4.0), subject);
        }
    }
}

/// The size of what flies: that of the lane's tokens, within reason, and small in a crowd.
fn size(stage: &Stage<'_>, queue: QueueId, crowd: bool) -> [f32; 2] {
    match stage.layout.lane(queue) {
        Some((frame, _)) if frame.token[0] > 9.0 && !crowd && !stage.layout.stacked => {
            [frame.token[0].min(15.0), (frame.token[1] - 4.0).min(23.0)]
        }
        _ => [7.0, 10.0],
    }
}

fn delivery(
    picture: &mut Picture,
    stage: &Stage<'_>,
    group: GroupId,
    queue: QueueId,
    flight: &DeliveryInFlight,
    crowd: bool,
) {
    let Some(to) = stage.layout.consumer(group, flight.consumer) else { return };
    let retry = stage.world.topic(stage.world.queue(queue).topic).is_retry();
    let way =
        if retry { from_shelf(stage, group, flight.consumer, to) } else { way_out(stage, group, queue, to) };
    let message = MessageRef { queue, offset: flight.offset };
    let Some(way) = way_from_lite(stage, group, message, to).or(way) else { return };
    let subject = Subject::Message(message);
    let [w, h] = if retry && !crowd { [11.0, 15.0] } else { size(stage, queue, crowd) };
    let (w, h) = (w.min(13.0), h.min(18.0));
    let [x, y] = place(picture, stage, &way, [flight.sent_at, flight.arrives_at], flight.offset, [w, h]);
    let area = Area::new(x - w / 2.0, y - h / 2.0, w, h);
    picture.target(subject, area);
    let role = Role::Group(colour(group));
    // A message that was handed out before has a broken outline.
    let pattern = if flight.again || retry { Dash::Dotted } else { Dash::Solid };
    picture.frame(area, 3.0, Some(Role::Raised), Stroke::dashed(role, 2.0, pattern), Some(subject));
    if w > 9.0 {
        let origin = stage.world.origin(MessageRef { queue, offset: flight.offset });
        let (producer, _) = stage.world.log.queues[origin.queue.index()].sender(origin.offset);
        picture.mark(sign(producer), [x, y], w * 0.27, role, Some(subject));
    }
}

/// A retry flies from the group's shelf, inside its band.
fn from_shelf(stage: &Stage<'_>, group: GroupId, _: ConsumerId, to: Area) -> Option<Route> {
    let band = stage.layout.bands.iter().find(|band| band.id == group)?;
    let from = [band.area.x + 22.0, band.area.bottom() - 14.0];
    Some(Route::level(from, [to.x + 6.0, to.middle_y()]))
}
