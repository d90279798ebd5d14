//! A message's trace as a waterfall: one line for each thing that happened, on one axis of time.

use yew::{Html, html};

use super::view::View;
use crate::app::subject::Subject;
use crate::broker::{Entry, Outcome};
use crate::lesson::explain;
use crate::metrics::report::counts;
use crate::scene::Role;
use crate::scene::theme::group_colour;
use crate::sim::{Instant, Span, sort_by_key};
use crate::trace::{Delivery, End, Journey, Place, Reader, Stage, StageKind, TransactionTrace};

/// So many readers are drawn, and so many lines of each.
const READERS: usize = 20;
const LINES: usize = 24;

/// The width of the axis in units of the drawing; it is stretched to fit.
const WIDTH: f64 = 1_000.0;
/// Nothing that happened is drawn narrower than this.
const LEAST: f64 = 8.0;

/// The axis: from the send to the last thing that happened.
struct Axis {
    from: Instant,
    to: Instant,
}

impl Axis {
    fn x(&self, at: Instant) -> f64 {
        (at - self.from).0 as f64 / ((self.to - self.from).0 as f64).max(1.0) * WIDTH
    }

    /// From where to where a bar goes, in the drawing, and how wide it is.
    fn bar(&self, from: Instant, to: Instant) -> (f64, f64) {
        let width = (self.x(to) - self.x(from)).max(LEAST);
        (self.x(from).min(WIDTH - width), width)
    }
}

/// The whole trace.
pub(super) fn trace(view: &View<'_>, journey: &Journey) -> Html {
    let ends = journey.readers.iter().map(|reader| match reader.end.at() {
        Some(at) => reader.deliveries.last().and_then(|last| last.finished_at).unwrap_or(at).max(at),
        None => journey.now,
    });
    let to = ends.max().unwrap_or(journey.stored_at);
    let axis = Axis { from: journey.sent_at, to: to.max(journey.stored_at) };
    let sent = bar(view, &axis, Look::Solid(Role::Ink), journey.sent_at, journey.arrived_at);
    let waits = bar(view, &axis, Look::Dashed(Role::InkMuted), journey.arrived_at, journey.stored_at);
    let stored = bar(view, &axis, Look::Solid(Role::Ink), journey.stored_at, journey.stored_at);
    let more = journey.readers.len().saturating_sub(READERS);
    let stored_as =
        format!("Q{} @{}", view.world.queue(journey.message.queue).number, journey.message.offset);
    html! {
        <section class="trace" aria-labelledby="trace-title">
            <h3 id="trace-title">{ view.say("trace.title") }</h3>
            <p class="muted trace-span">
                { view.words.fill("trace.span", &[("from", &axis.from), ("to", &axis.to), ("time", &view.words.span(axis.to - axis.from))]) }
            </p>
            <ol class="trace-lines">
                { line(html! { view.say("trace.sent") }, view.thing(Subject::Producer(journey.producer)), sent) }
                if let Some(transaction) = &journey.transaction {
                    { behind_the_curtain(view, &axis, transaction, journey.stored_at, waits) }
                } else if journey.arrived_at < journey.stored_at {
                    { line(html! { view.say("trace.timer") }, html! { view.words.fill("trace.timer_until", &[("time", &journey.stored_at)]) }, waits) }
                }
                { line(html! { view.say("trace.stored") }, view.pick(Subject::Message(journey.message), stored_as), stored) }
            </ol>
            if !journey.sends.is_empty() {
                <ul class="trace-sends">{ for journey.sends.iter().take(LINES).map(|entry| happened(view, entry)) }</ul>
            }
            { for journey.readers.iter().take(READERS).map(|reader| group(view, &axis, reader)) }
            if more > 0 {
                <p class="muted">{ view.words.count("inspect.more", more as u64, &[]) }</p>
            }
            <details class="trace-sums">
                <summary>{ view.say("trace.numbers") }</summary>
                { for journey.readers.iter().take(READERS).map(|reader| sums(view, reader)) }
            </details>
        </section>
    }
}

/// One of the things that happened to a message beside being sent and stored.
pub(super) fn happened(view: &View<'_>, entry: &Entry) -> Html {
    html! { <li key={entry.seq}>{ view.time(entry.at) }{ " " }{ explain(view.world, entry, view.words).to_string() }</li> }
}

/// A transactional message before its commit: the half message, its local transaction, and each check.
fn behind_the_curtain(
    view: &View<'_>,
    axis: &Axis,
    transaction: &TransactionTrace,
    stored_at: Instant,
    waits: Html,
) -> Html {
    let until = view.words.fill("trace.timer_until", &[("time", &stored_at)]);
    let local = transaction.local.map(|(at, committed)| {
        let key = if committed { "trace.committed" } else { "trace.rolled_back" };
        (view.say(key), bar(view, axis, Look::Hollow, transaction.stored_at, at))
    });
    let checks = transaction.checks.iter().enumerate().take(LINES).map(|(nth, (at, asked))| {
        let whom = match asked {
            Some(id) => view.thing(Subject::Producer(*id)),
            None => html! { view.say("trace.nobody") },
        };
        let first = view.words.fill("trace.check", &[("n", &(nth + 1))]);
        line(html! { first }, whom, bar(view, axis, Look::Solid(Role::InkMuted), *at, *at))
    });
    html! {
        <>
            { line(html! { view.say("trace.half") }, html! { until }, waits) }
            if let Some((said, bar)) = local {
                { line(html! { view.say("trace.local") }, html! { said }, bar) }
            }
            { for checks }
        </>
    }
}

/// A line: two words and a bar.
fn line(first: Html, second: Html, bar: Html) -> Html {
    html! {
        <li>
            <span class="trace-first">{ first }</span>
            <span class="trace-second">{ second }</span>
            { bar }
        </li>
    }
}

/// How a bar looks. Colour is never all: what waits is hollow, what waits for a retry is dashed.
#[derive(Clone, Copy)]
enum Look {
    Solid(Role),
    Hollow,
    Dashed(Role),
    Thin(Role),
}

fn rect(view: &View<'_>, axis: &Axis, look: Look, from: Instant, to: Instant) -> Html {
    let (x, width) = axis.bar(from, to);
    let (x, width) = (format!("{x:.1}"), format!("{width:.1}"));
    let colour = |role| view.theme.colour(role).to_string();
    let (y, height, fill, stroke, dash) = match look {
        Look::Solid(role) => ("2", "8", colour(role), None, None),
        Look::Thin(role) => ("5", "2", colour(role), None, None),
        Look::Hollow => ("2.5", "7", "none".to_owned(), Some(colour(Role::LineStrong)), None),
        Look::Dashed(role) => ("2.5", "7", "none".to_owned(), Some(colour(role)), Some("3 2")),
    };
    html! {
        <rect {x} {y} {width} {height} {fill} {stroke} stroke-dasharray={dash} vector-effect="non-scaling-stroke" />
    }
}

fn bar(view: &View<'_>, axis: &Axis, look: Look, from: Instant, to: Instant) -> Html {
    drawing(rect(view, axis, look, from, to))
}

fn drawing(inside: Html) -> Html {
    html! {
        <svg class="trace-bar" viewBox="0 0 1000 12" preserveAspectRatio="none" aria-hidden="true" focusable="false">
            { inside }
        </svg>
    }
}

/// One group's part: where the message stands, every wait and every delivery, and what it all adds up to.
fn group(view: &View<'_>, axis: &Axis, reader: &Reader) -> Html {
    let lines = lines(reader, view.now());
    let more = lines.len().saturating_sub(LINES);
    let subject = match reader.member {
        Some(member) => Subject::Consumer(member),
        None => Subject::Group(reader.group),
    };
    html! {
        <>
            <h4 class="trace-group">
                { view.group_mark(reader.group) }
                { view.thing(subject) }
                <span class="trace-state">{ state(view, reader) }</span>
            </h4>
            <ol class="trace-lines">
                { for lines.iter().take(LINES).map(|line| drawn(view, axis, reader, line)) }
                if more > 0 {
                    <li class="muted">{ view.words.count("inspect.more", more as u64, &[]) }</li>
                }
            </ol>
        </>
    }
}

/// A line of a group's part.
enum Line<'a> {
    /// Nobody has the message.
    Wait(Stage),
    /// A consumer has it; the stages of the delivery, cut where another one took over.
    Delivery(&'a Delivery, Vec<Stage>),
}

impl Line<'_> {
    fn from(&self) -> Instant {
        match self {
            Self::Wait(stage) => stage.from,
            Self::Delivery(delivery, _) => delivery.handed_out_at,
        }
    }
}

fn lines(reader: &Reader, now: Instant) -> Vec<Line<'_>> {
    let waits = reader.stages.iter().filter(|stage| stage.delivery.is_none());
    let mut lines: Vec<Line<'_>> = waits.map(|stage| Line::Wait(*stage)).collect();
    for (index, delivery) in reader.deliveries.iter().enumerate() {
        let mut stages: Vec<Stage> =
            reader.stages.iter().filter(|stage| stage.delivery == Some(index)).copied().collect();
        if stages.is_empty() {
            // After the end, or while somebody else was nearer to an answer.
            let to = delivery.finished_at.unwrap_or(if delivery.held { now } else { delivery.handed_out_at });
            let kind =
                if delivery.started_at.is_some() { StageKind::Processing } else { StageKind::OnTheWay };
            stages.push(Stage { kind, from: delivery.handed_out_at, to, delivery: Some(index) });
        }
        lines.push(Line::Delivery(delivery, stages));
    }
    sort_by_key(&mut lines, Line::from);
    lines
}

fn drawn(view: &View<'_>, axis: &Axis, reader: &Reader, of: &Line<'_>) -> Html {
    match of {
        Line::Wait(stage) => {
            let (look, what) = match stage.kind {
                StageKind::RetryWait if is_last(view, reader, stage) => {
                    (Look::Dashed(Role::InkMuted), "trace.last_wait")
                }
                StageKind::RetryWait => (Look::Dashed(Role::InkMuted), "trace.retry_wait"),
                _ => (Look::Hollow, "trace.waits"),
            };
            let bar = bar(view, axis, look, stage.from, stage.to);
            line(html! { view.say(what) }, html! { view.words.span(stage.lasted()) }, bar)
        }
        Line::Delivery(delivery, stages) => {
            let role = if delivery.outcome == Some(Outcome::Failed) {
                Role::Danger
            } else {
                Role::Group(group_colour(reader.group))
            };
            let rects = stages.iter().map(|stage| {
                let look = match stage.kind {
                    StageKind::Processing => Look::Solid(role),
                    StageKind::Unanswered => Look::Dashed(Role::Danger),
                    StageKind::Cached => Look::Hollow,
                    _ => Look::Thin(role),
                };
                rect(view, axis, look, stage.from, stage.to)
            });
            let name = &view.world.consumer(delivery.consumer).spec.name;
            let who = view.pick(Subject::Consumer(delivery.consumer), name);
            line(who, came(view, delivery, stages), drawing(html! { <>{ for rects }</> }))
        }
    }
}

/// Is this the wait after which a message becomes a dead letter?
fn is_last(view: &View<'_>, reader: &Reader, wait: &Stage) -> bool {
    let before = reader.deliveries.iter().filter(|one| one.finished_at.is_some_and(|at| at <= wait.from));
    let failed = before.filter(|one| one.retry_at.is_some()).max_by_key(|one| one.finished_at);
    failed.is_some_and(|one| view.world.is_last_wait(reader.group, one.reconsume_times + 1))
}

/// What came of a delivery, and how long its consumer has had it; how long it has worked on it, if it is at work.
fn came(view: &View<'_>, delivery: &Delivery, stages: &[Stage]) -> Html {
    let sum = |stages: &mut dyn Iterator<Item = &Stage>| view.words.span(stages.map(Stage::lasted).sum());
    let (what, all) = (outcome(delivery), sum(&mut stages.iter()));
    if what != "trace.at_work" {
        return html! { <>{ view.say(what) }{ " " }<span class="muted">{ all }</span></> };
    }
    let worked = sum(&mut stages.iter().filter(|stage| stage.kind == StageKind::Processing));
    html! {
        <>
            { view.say(what) }{ " " }
            <span class="muted">{ view.words.fill("trace.of_time", &[("time", &worked), ("all", &all)]) }</span>
        </>
    }
}

/// What came of a delivery, in a word.
fn outcome(delivery: &Delivery) -> &'static str {
    match delivery.outcome {
        Some(Outcome::Acknowledged) => "trace.done",
        Some(Outcome::Failed) if delivery.timed_out => "trace.timed_out",
        Some(Outcome::Failed) => "trace.failed",
        Some(Outcome::Filtered) => "trace.thrown_away",
        Some(Outcome::Ignored) => "trace.ignored",
        None if !delivery.held => "trace.no_answer",
        None if delivery.started_at.is_some() => "trace.at_work",
        None if delivery.received_at.is_some() => "trace.in_cache",
        None => "trace.on_the_way",
    }
}

/// Where the message stands for a group.
fn state(view: &View<'_>, reader: &Reader) -> String {
    let behind = || view.words.count("stage.behind", counts(view.world, reader.group).accumulation, &[]);
    match reader.place(view.world) {
        Place::Done => view.say("trace.state_done"),
        Place::DeadLetter => view.say("trace.state_dead_letter"),
        Place::Dropped => view.say("trace.state_dropped"),
        Place::Lost => view.say("trace.state_lost"),
        Place::Filtered => view.say("trace.state_filtered"),
        Place::Expired => view.say("trace.state_expired"),
        Place::PassedOver => view.say("trace.state_passed_over"),
        Place::Waiting { .. } => behind(),
        Place::Blocked { .. } => view.say("trace.state_blocked"),
        Place::OnTheWay(_) => view.say("trace.on_the_way"),
        Place::Cached(_) => view.say("trace.in_cache"),
        Place::Processing(_) => view.say("trace.at_work"),
        Place::Unanswered(_) => view.say("trace.no_answer"),
        Place::RetryWait { due_at, is_last, .. } => {
            let key = if is_last { "trace.state_last_wait" } else { "trace.state_retry" };
            view.words.fill(key, &[("time", &view.words.span(due_at - view.now()))])
        }
    }
}

/// Which question fits where the message stands.
pub(super) fn question(reader: &Reader, place: Place) -> &'static str {
    match (reader.end, place) {
        (End::DeadLettered { .. } | End::Dropped { .. }, _) => "why.ask_gave_up",
        (End::Lost { .. }, _) => "why.ask_lost",
        (End::Filtered { .. } | End::Expired { .. } | End::PassedOver { .. }, _) => "why.ask_filtered",
        (_, Place::Waiting { .. } | Place::Blocked { .. }) if reader.deliveries.is_empty() => {
            "why.ask_not_seen"
        }
        _ => "why.ask_open",
    }
}

/// The parts and their sum, to the microsecond.
fn sums(view: &View<'_>, reader: &Reader) -> Html {
    let seconds = |span: Span| format!("{}.{:06}", span.0 / 1_000_000, span.0 % 1_000_000);
    let parts = StageKind::ALL
        .into_iter()
        .map(|kind| (kind, reader.spent(kind)))
        .filter(|(_, spent)| !spent.is_zero());
    let name = match reader.member {
        Some(member) => view.world.consumer_name(member),
        None => view.world.group(reader.group).spec.name.clone(),
    };
    let end = if reader.end == End::Open { "trace.sum_now" } else { "trace.sum_end" };
    html! {
        <table class="numbers">
                <caption>{ view.group_mark(reader.group) }{ " " }{ name }</caption>
                <thead>
                    <tr>
                        <th scope="col">{ view.say("trace.part") }</th>
                        <th scope="col">{ view.say("trace.seconds") }</th>
                    </tr>
                </thead>
                <tbody>
                    { for parts.map(|(kind, spent)| html! {
                        <tr key={kind.name()}>
                            <th scope="row">{ view.say(&format!("trace.{}", kind.name())) }</th>
                            <td class="digits">{ seconds(spent) }</td>
                        </tr>
                    }) }
                </tbody>
                <tfoot>
                    <tr>
                        <th scope="row">{ view.say(end) }</th>
                        <td class="digits">{ seconds(reader.lasted()) }</td>
                    </tr>
                </tfoot>
        </table>
    }
}
