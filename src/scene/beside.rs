//! What stands beside the broker, below the stage: callers with lines straight to their services, and point-to-point
//! queues from which messages disappear.
//!
//! A call on its way is a dot, its answer a ring, and what comes back instead of an answer a cross.

use super::flights::part;
use super::labels::Plural;
use super::layout::Type;
use super::picture::{Area, Picture, Style, absent, between};
use super::shape::{Anchor, Dash, Mark, Point, Role, Stroke};
use super::stage::Stage;
use super::subject::Subject;
use super::text::{Ago, Number, Short};
use crate::broker::caller::OnWire;
use crate::broker::service::ServiceStatus;
use crate::broker::{CallerId, P2pId, ServiceId, World};
use crate::sim::sort_by_key;

/// So many callers, services or queues are drawn at the most.
const MOST: usize = 10;
/// More rows than this are slim.
const TALL: usize = 4;
/// So much of what is on the wire of each caller is drawn at the most.
const MOST_FLIGHTS: usize = 60;

/// Where everything stands.
#[derive(Clone, Debug, Default)]
pub(super) struct Beside {
    title: Area,
    tall: bool,
    callers: Vec<(CallerId, Area)>,
    services: Vec<(ServiceId, Area)>,
    queues: Vec<(P2pId, Area)>,
    /// How many callers and services, and how many queues have no place, and where that is said.
    more: [Option<(Area, u64)>; 3],
    columns: Columns,
}

/// The three columns, as far as they matter here.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Columns {
    /// How wide the left one is.
    pub left: f32,
    /// Left and right edge of the middle one.
    pub middle: [f32; 2],
    /// How wide the right one is.
    pub right: f32,
}

/// Is there anything?
fn is_empty(world: &World) -> bool {
    world.live.callers.is_empty() && world.live.services.is_empty() && world.live.p2p.is_empty()
}

/// Is there nothing else?
pub(super) fn is_alone(world: &World) -> bool {
    let live = &world.live;
    !is_empty(world) && live.topics.is_empty() && live.producers.is_empty() && live.groups.is_empty()
}

fn rows(world: &World) -> usize {
    world.live.callers.len().max(world.live.services.len()).min(MOST)
}

/// Heights of the title, of a row of callers and services, of a queue, and between them.
fn measures(world: &World, kind: Type) -> [f32; 4] {
    let row = if rows(world) > TALL { 24.0 } else { 42.0 };
    // With nothing above them, queues have room.
    let [queue, gap] =
        if is_alone(world) && world.live.p2p.len() <= TALL { [76.0, 24.0] } else { [48.0, 8.0] };
    [34.0, row, queue, gap].map(|high| high * kind.k)
}

/// The line that says how many have no place.
fn more_high(there: usize, kind: Type) -> f32 {
    if there > MOST { 20.0 * kind.k } else { 0.0 }
}

/// How high it is all together.
pub(super) fn height(world: &World, kind: Type) -> f32 {
    if is_empty(world) {
        return 0.0;
    }
    let [title, row, queue, gap] = measures(world, kind);
    let queues = world.live.p2p.len().min(MOST);
    let most = world.live.callers.len().max(world.live.services.len());
    let more = more_high(most, kind) + more_high(world.live.p2p.len(), kind);
    title + rows(world) as f32 * (row + gap) + queues as f32 * (queue + gap) + gap + more
}

/// Places for all, in an area with these columns.
pub(super) fn place(world: &World, area: Area, columns: Columns, kind: Type) -> Beside {
    let Columns { left, right, .. } = columns;
    let [title, row, queue, gap] = measures(world, kind);
    // With nothing above them, queues take some of the room that is to spare.
    let spare = (area.h - height(world, kind)).max(0.0);
    let count = world.live.p2p.len().min(MOST) as f32;
    let grown = if count > 0.0 { (spare / count).min(queue * 0.5) } else { 0.0 };
    let queue = queue + grown;
    let top = area.y + title + (spare - grown * count) * 0.3;
    let down = |index: usize, x: f32, wide: f32| Area::new(x, top + index as f32 * (row + gap), wide, row);
    let callers = world.callers().take(MOST).enumerate();
    let services = world.services().take(MOST).enumerate();
    let below = top + rows(world) as f32 * (row + gap);
    let line = |there: usize, x: f32, y: f32, wide: f32| {
        let area = Area::new(x, y - gap, wide, more_high(there, kind));
        (there > MOST).then(|| (area, (there - MOST) as u64))
    };
    let live = &world.live;
    let most = more_high(live.callers.len().max(live.services.len()), kind);
    let end = below + most + live.p2p.len().min(MOST) as f32 * (queue + gap);
    let more = [
        line(live.callers.len(), area.x, below, left),
        line(live.services.len(), area.right() - right, below, right),
        line(live.p2p.len(), area.x, end, area.w),
    ];
    let below = below + most;
    let queues = world.p2p_queues().take(MOST).enumerate();
    Beside {
        title: Area { h: title, ..area },
        tall: rows(world) <= TALL,
        callers: callers.map(|(i, (id, _))| (id, down(i, area.x, left))).collect(),
        services: services.map(|(i, (id, _))| (id, down(i, area.right() - right, right))).collect(),
        queues: queues
            .map(|(i, (id, _))| (id, Area::new(area.x, below + i as f32 * (queue + gap), area.w, queue)))
            .collect(),
        more,
        columns,
    }
}

pub(super) fn draw(picture: &mut Picture, stage: &Stage<'_>) {
    let Some(beside) = &stage.layout.beside else { return };
    title(picture, stage, beside.title);
    ways(picture, stage, beside);
    for (id, area) in &beside.callers {
        caller(picture, stage, *id, *area, beside.tall);
    }
    for (id, area) in &beside.services {
        service(picture, stage, *id, *area, beside.tall);
    }
    for (id, area) in &beside.queues {
        queue(picture, stage, *id, *area, beside.columns);
    }
    let labels = stage.view.labels;
    let words = [&labels.more_callers, &labels.more_services, &labels.more_p2p];
    for ((area, count), words) in
        beside.more.iter().zip(words).filter_map(|(more, words)| Some((more.as_ref()?, words)))
    {
        let style = stage.layout.kind.body();
        let at = [area.x + 10.0, area.middle_y() + style.size * 0.35];
        let said = fitting(style, area.w - 10.0, [counted(words, *count), format!("+{count}")]);
        picture.say(said, at, Anchor::Start, style, area.w - 10.0, None);
    }
    flights(picture, stage, beside);
}

/// The words that say what this is not.
fn title(picture: &mut Picture, stage: &Stage<'_>, area: Area) {
    let style = stage.layout.kind.heading();
    let baseline = area.y + 20.0 * stage.layout.kind.k;
    let labels = stage.view.labels;
    let word = if stage.layout.beside_only { &labels.alone } else { &labels.beside };
    let wide = picture.say(word, [area.x, baseline], Anchor::Start, style, area.w, None);
    let (from, y) = (area.x + wide + 10.0, baseline - style.size * 0.35);
    if area.right() > from + 8.0 {
        picture.line([from, y], [area.right(), y], Stroke::dashed(Role::LineStrong, 1.0, Dash::Dotted), None);
    }
}

/// A line from every caller to each of its services.
fn ways(picture: &mut Picture, stage: &Stage<'_>, beside: &Beside) {
    for (id, _) in &beside.callers {
        let mut services = stage.world.caller(*id).services.clone();
        sort_by_key(&mut services, |id| *id);
        services.dedup();
        for service in services {
            let Some([from, first, second, to]) = way(beside, *id, service) else { continue };
            let stroke = match stage.world.service(service).status {
                ServiceStatus::Running => Stroke::solid(Role::Line, 1.0),
                ServiceStatus::Stopped | ServiceStatus::Crashed => {
                    Stroke::dashed(Role::LineStrong, 1.0, Dash::Dashed)
                }
            };
            picture.curve([from, first, second, to], stroke, None);
        }
    }
}

/// The way from a caller to a service.
fn way(beside: &Beside, caller: CallerId, service: ServiceId) -> Option<[Point; 4]> {
    let (_, from) = beside.callers.iter().find(|(id, _)| *id == caller)?;
    let (_, to) = beside.services.iter().find(|(id, _)| *id == service)?;
    let (from, to) = ([from.right(), from.middle_y()], [to.x, to.middle_y()]);
    let half = (to[0] - from[0]) / 2.0;
    Some([from, [from[0] + half, from[1]], [to[0] - half, to[1]], to])
}

/// A point of a curve.
fn on(curve: [Point; 4], t: f32) -> Point {
    let s = 1.0 - t;
    let weights = [s * s * s, 3.0 * s * s * t, 3.0 * s * t * t, t * t * t];
    let axis = |axis: usize| weights.iter().zip(curve).map(|(weight, point)| weight * point[axis]).sum();
    [axis(0), axis(1)]
}

/// Calls on their way, and what comes back.
fn flights(picture: &mut Picture, stage: &Stage<'_>, beside: &Beside) {
    let r = 4.0 * stage.layout.kind.k;
    for (id, _) in &beside.callers {
        let caller = stage.world.caller(*id);
        for flight in caller.wire.iter().take(MOST_FLIGHTS) {
            let service = caller.services[usize::from(flight.stage)];
            let Some(curve) = way(beside, *id, service) else { continue };
            let done = part(stage.now, flight.sent_at, flight.arrives_at);
            let subject = Some(Subject::Caller(*id));
            match flight.what {
                OnWire::Request => picture.mark(Mark::Circle, on(curve, done), r, Role::Token, subject),
                OnWire::Answer => {
                    let stroke = Stroke::solid(Role::LineStrong, 1.75);
                    picture.ring(on(curve, 1.0 - done), r, [0.0, 1.0], stroke, subject);
                }
                OnWire::Trouble(_) => {
                    picture.mark(Mark::Cross, on(curve, 1.0 - done), r, Role::Danger, subject);
                }
            }
        }
    }
}

fn caller(picture: &mut Picture, stage: &Stage<'_>, id: CallerId, area: Area, tall: bool) {
    let (state, labels, kind) = (stage.world.caller(id), stage.view.labels, stage.layout.kind);
    let subject = Some(Subject::Caller(id));
    picture.target(Subject::Caller(id), area);
    picture.frame(area, 9.0, Some(Role::Raised), Stroke::solid(Role::Line, 1.25), subject);
    let side = 10.0;
    let failed = state.counts.failed() + state.counts.timed_out;
    let first = if tall { area.y + 17.0 * kind.k } else { area.middle_y() + 4.2 * kind.k };
    // On two lines the name has the first for itself.
    let second = first + 16.5 * kind.k;
    let taken =
        failures(picture, stage, failed, [area.right() - side, if tall { second } else { first }], subject);
    let room = area.w - 2.0 * side - if tall { 0.0 } else { taken };
    picture.say(&state.spec.name, [area.x + side, first], Anchor::Start, kind.name(), room, subject);
    if tall {
        let open = state.open.len() as u64;
        let at = [area.x + side, second];
        let room = area.w - 2.0 * side - taken;
        let said = counted(&labels.waits_for, open);
        let said = fitting(kind.body(), room, [said, Short(open).to_string()]);
        picture.say(said, at, Anchor::Start, kind.body(), room, subject);
    }
}

/// A sentence about a number.
fn counted(words: &Plural, n: u64) -> String {
    words.of(n).replace("{n}", &Number(n).to_string())
}

/// The first of some texts that has room; nothing, if none has, for a number is never cut.
fn fitting<const N: usize>(style: Style, room: f32, choices: [String; N]) -> String {
    choices.into_iter().find(|said| style.width(said) <= room).unwrap_or_default()
}

/// A cross with the number of failures, ending at a place. Gives the room it takes.
fn failures(
    picture: &mut Picture,
    stage: &Stage<'_>,
    failed: u64,
    end: Point,
    subject: Option<Subject>,
) -> f32 {
    if failed == 0 {
        return 0.0;
    }
    let style = stage.layout.kind.number().in_role(Role::Danger);
    let said = Short(failed).to_string();
    let wide = style.width(&said);
    let r = style.size * 0.36;
    picture.say(&said, end, Anchor::End, style, wide + 1.0, subject);
    picture.mark(Mark::Cross, [end[0] - wide - r - 4.0, end[1] - r], r, Role::Danger, subject);
    wide + 2.0 * r + 12.0
}

fn service(picture: &mut Picture, stage: &Stage<'_>, id: ServiceId, area: Area, tall: bool) {
    let (state, labels, kind) = (stage.world.service(id), stage.view.labels, stage.layout.kind);
    let subject = Some(Subject::Service(id));
    picture.target(Subject::Service(id), area);
    let (border, word) = match state.status {
        ServiceStatus::Running => (Stroke::solid(Role::Line, 1.25), None),
        ServiceStatus::Stopped => (absent(Role::LineStrong), Some(&labels.stopped)),
        ServiceStatus::Crashed => (absent(Role::Danger), Some(&labels.crashed)),
    };
    let ground = (state.status == ServiceStatus::Running).then_some(Role::Raised);
    picture.frame(area, 9.0, ground, border, subject);
    let side = 10.0;
    let first = if tall { area.y + 17.0 * kind.k } else { area.middle_y() + 4.2 * kind.k };
    let body = kind.body();
    let end = [area.right() - side, first];
    let busy = format!("{}/{}", state.working.len(), state.workers);
    let said = word.map_or(busy, |word| word.replace("{t}", &Ago(stage.now - state.since).to_string()));
    let said = fitting(body, area.w * 0.5, [said]);
    // If there is no room for both, the name has the first line, and the word what waits would have.
    let name = kind.name().width(&state.spec.name);
    let is_below = tall && word.is_some() && name + 8.0 + body.width(&said) > area.w - 2.0 * side;
    let above = if is_below { String::new() } else { said.clone() };
    let wide = picture.say(above, end, Anchor::End, body, area.w * 0.5, subject);
    let room = area.w - 2.0 * side - wide - 8.0;
    picture.say(&state.spec.name, [area.x + side, first], Anchor::Start, kind.name(), room, subject);
    if !tall {
        return;
    }
    // A cell for each worker, filled while it works; then how many wait.
    let cell = 9.0 * kind.k;
    let y = area.bottom() - 7.0 * kind.k - cell;
    let waiting = state.waiting.len() as u64;
    let waits = if is_below { said } else { counted(&labels.waits_for, waiting) };
    let words = fitting(body, area.w - 2.0 * side, [waits, Short(waiting).to_string()]);
    let left = area.w - 2.0 * side - body.width(&words) - 10.0;
    let cells = ((left / (cell + 3.0)).max(0.0) as usize).min(state.workers as usize).min(24);
    for nth in 0..cells {
        let place = Area::new(area.x + side + nth as f32 * (cell + 3.0), y, cell, cell);
        let is_busy = nth < state.working.len();
        let stroke = Stroke::solid(Role::LineStrong, 1.0);
        picture.frame(place, 2.0, is_busy.then_some(Role::Token), stroke, subject);
    }
    picture.say(words, [area.right() - side, y + cell], Anchor::End, body, area.w - 2.0 * side, subject);
}

fn queue(picture: &mut Picture, stage: &Stage<'_>, id: P2pId, area: Area, columns: Columns) {
    let Columns { middle: [from_x, to_x], .. } = columns;
    let (left, right) = (area.x + columns.left, area.right() - columns.right);
    let (state, labels, kind) = (stage.world.p2p(id), stage.view.labels, stage.layout.kind);
    let subject = Some(Subject::P2p(id));
    picture.target(Subject::P2p(id), area);
    let names: Vec<&str> = state.spec.senders.iter().map(|sender| sender.name.as_str()).collect();
    let card = Area::new(area.x, area.y, columns.left, area.h);
    picture.frame(card, 9.0, Some(Role::Raised), Stroke::solid(Role::Line, 1.25), subject);
    let at = [card.x + 10.0, card.middle_y() + 4.2 * kind.k];
    picture.say(names.join(", "), at, Anchor::Start, kind.name(), card.w - 20.0, subject);

    // The lane: the next message stands at its right end, and leaves there for good.
    let lane = Area::new(from_x, area.y, to_x - from_x, area.h);
    let bed = Area::new(lane.x, lane.y + 20.0 * kind.k, lane.w, lane.h - 24.0 * kind.k);
    let baseline = lane.y + 14.0 * kind.k;
    let waiting = state.waiting.len() as u64;
    // Where there is little room, the number is enough beside the name.
    let number = Short(waiting).to_string();
    let room = (lane.w - kind.body().width(&number) - 10.0).max(lane.w * 0.5);
    let wide = picture.say(&state.spec.name, [lane.x, baseline], Anchor::Start, kind.name(), room, subject);
    let (words, gone) = (counted(&labels.waits_for, waiting), counted(&labels.gone, state.processed));
    let room = lane.w - wide - 10.0;
    let said = fitting(kind.body(), room, [format!("{words} · {gone}"), words, number]);
    picture.say(said, [lane.right(), baseline], Anchor::End, kind.body(), room, subject);
    picture.fill(bed, 4.0, Role::LaneFill, subject);
    let token = between(bed.h * 0.4, 9.0 * kind.k, 15.0 * kind.k);
    let pitch = token + 3.0 * kind.k;
    let fit = ((bed.w - 4.0) / pitch).max(0.0) as usize;
    for nth in 0..state.waiting.len().min(fit) {
        let x = bed.right() - 3.0 - token - nth as f32 * pitch;
        picture.fill(Area::new(x, bed.y + 3.0, token, bed.h - 6.0), 2.0, Role::Token, subject);
    }
    // On the way there.
    let (from, to) = ([left, bed.middle_y()], [bed.x, bed.middle_y()]);
    picture.line(from, to, Stroke::solid(Role::Line, 1.0), None);
    let on_the_way = state.senders.iter().flat_map(|sender| &sender.wire).take(MOST_FLIGHTS);
    for flight in on_the_way {
        let done = part(stage.now, flight.sent_at, flight.arrives_at);
        let point = [from[0] + (to[0] - from[0]) * done, from[1] + (to[1] - from[1]) * done];
        picture.mark(Mark::Circle, point, 4.0 * kind.k, Role::Token, subject);
    }
    picture.line(
        [lane.right(), bed.middle_y()],
        [right, bed.middle_y()],
        Stroke::solid(Role::Line, 1.0),
        None,
    );

    // Nameless consumers, counted: a cell each, filled while it has a message, level with the lane.
    let cell = between(bed.h * 0.5, 14.0 * kind.k, 22.0 * kind.k);
    let room = area.right() - right;
    let across = ((room / (cell + 5.0)) as usize).max(1);
    let rows = (((bed.h + 4.0) / (cell + 4.0)) as usize).max(1);
    let total = state.alive().count();
    let said = fitting(kind.body(), room, [counted(&labels.consumers, total as u64)]);
    picture.say(said, [right, baseline], Anchor::Start, kind.body(), room, subject);
    let shown = if total > across * rows { (across * rows).saturating_sub(across) } else { total };
    let used = shown.div_ceil(across).max(1) as f32 * (cell + 4.0) - 4.0;
    let top = (bed.middle_y() - used / 2.0).min(area.bottom() - used).max(bed.y);
    for (nth, (_, consumer)) in state.alive().take(shown).enumerate() {
        let (x, y) = ((nth % across) as f32 * (cell + 5.0), (nth / across) as f32 * (cell + 4.0));
        let place = Area::new(right + x, top + y, cell, cell);
        let fill = if consumer.holds.is_some() { Role::Token } else { Role::Raised };
        picture.frame(place, 4.0, Some(fill), Stroke::solid(Role::LineStrong, 1.25), subject);
    }
    if shown < total {
        let at = [right, area.bottom() - 4.0];
        picture.say(format!("+{}", total - shown), at, Anchor::Start, kind.body(), room, subject);
    }
}
