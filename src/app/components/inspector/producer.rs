//! A producer.

use yew::{Html, html};

use super::view::View;
use crate::app::components::controls::{ProducerControls, pattern, processing};
use crate::app::subject::Subject;
use crate::broker::ProducerId;
use crate::broker::message::chosen_name;
use crate::broker::spec::{LiteNames, MessageGroups, Names};
use crate::lesson::Said;
use crate::metrics::report;
use crate::trace::{refused, silent};

/// So many of its newest messages are listed.
const NEWEST: usize = 8;

pub(super) fn page(view: &View<'_>, id: ProducerId) -> Html {
    let state = view.world.producer(id);
    let status = match (state.running, state.is_down()) {
        (true, _) => "inspect.status_running",
        (_, true) => "inspect.status_crashed",
        _ => "inspect.status_stopped",
    };
    let template = &state.spec.message;
    let name: (&str, &dyn Said) = ("producer", &state.spec.name);
    let mut numbers = vec![
        ("inspect.sent", state.sent),
        ("inspect.acknowledged_by_broker", state.stored),
        ("inspect.on_the_way", state.transit.len() as u64),
    ];
    // What goes wrong has a place once it does.
    let bad = [("inspect.refused", state.refused), ("inspect.unanswered", state.failed)];
    numbers.extend(bad.into_iter().filter(|(_, count)| *count > 0));
    html! {
        <>
            { view.head("inspect.kind_producer", view.producer_mark(id), &state.spec.name) }
            <p class="where">{ view.say(status) }{ " · " }{ "→ " }{ view.thing(Subject::Topic(state.topic)) }</p>
            { view.numbers(&numbers) }
            { throttled(view, id) }
            { requests(view, id) }
            { view.why(view.words.fill("why.ask_silent", &[name]), &silent(view.world, id)) }
            { view.why(view.words.fill("why.ask_refused", &[name]), &refused(view.world, id)) }
            { view.section("inspect.change") }
            <ProducerControls key={id.0} panel={view.panel.clone()} producer={id} />
            { view.section("inspect.on_the_way_now") }
            { in_transit(view, id) }
            { view.section("inspect.set_up") }
            <dl class="facts">
                { view.fact("inspect.sends", html! { pattern(view.words, &state.schedule.pattern) }) }
                { view.plain("inspect.type", template.message_type().name()) }
                if let Some(groups) = &template.message_group {
                    { view.plain("inspect.message_group", message_groups(view, groups)) }
                }
                if let Some(names) = &template.lite_topic {
                    { view.plain("inspect.lite_topic", lite_topics(view, names)) }
                }
                if let Some(level) = template.delay_level {
                    { view.plain("control.delay_level", level) }
                } else if let Some(delay) = &template.delay {
                    { view.plain("control.delay", processing(view.words, delay)) }
                }
                if let Some(transaction) = &template.transaction {
                    { view.plain("control.local_takes", processing(view.words, &transaction.takes)) }
                }
                if let Some(batch) = template.batch {
                    { view.plain("inspect.batch_of", batch) }
                }
                if let Some(timeout) = template.request {
                    { view.plain("inspect.waits_for_answer", view.words.span(timeout)) }
                }
                if !template.tags.is_empty() {
                    { view.plain("inspect.tags", template.tags.join(", ")) }
                }
                if let Some(key) = &template.key {
                    { view.plain("inspect.key", key) }
                }
                if let Some(body) = &template.body {
                    { view.plain("inspect.body", body) }
                }
            </dl>
        </>
    }
}

/// Which message groups its messages belong to.
fn message_groups(view: &View<'_>, groups: &MessageGroups) -> String {
    match groups {
        MessageGroups::Text(text) => text.clone(),
        MessageGroups::InTurn(names) => names.join(", "),
        MessageGroups::ByChance(1) => chosen_name(0),
        MessageGroups::ByChance(count) => {
            let last = u64::from(*count).saturating_sub(1);
            by_chance(view, &format!("{} … {}", chosen_name(0), chosen_name(last)))
        }
    }
}

/// Which lite topics they are for.
fn lite_topics(view: &View<'_>, names: &LiteNames) -> String {
    let written = |all: &[Names]| all.iter().map(Names::to_string).collect::<Vec<_>>().join(", ");
    match names {
        LiteNames::Text(text) => text.clone(),
        LiteNames::InTurn(all) => written(all),
        LiteNames::ByChance(all) => by_chance(view, &written(all)),
    }
}

fn by_chance(view: &View<'_>, names: &str) -> String {
    view.words.fill("inspect.by_chance", &[("names", &names)])
}

/// What a busy broker refused, if it refused anything, and what is sent again when.
fn throttled(view: &View<'_>, id: ProducerId) -> Html {
    let state = view.world.producer(id);
    if state.throttled == 0 {
        return html! {};
    }
    let waiting: Vec<_> = view.world.live.flow.backing_off().filter(|one| one.producer == id).collect();
    let numbers = [
        ("inspect.throttled", state.throttled),
        ("inspect.backing_off", waiting.len() as u64),
        ("inspect.given_up", state.given_up),
    ];
    let items = waiting.iter().map(|one| html! {
        <>
            { view.pick(Subject::Sending(id, one.number), format!("#{}", one.number)) }
            <span class="muted">{ view.words.fill("inspect.try_in", &[("n", &one.attempt)]) }{ " " }{ view.distance(one.until) }</span>
        </>
    });
    html! {
        <>
            { view.section("inspect.flow_control") }
            { view.numbers(&numbers) }
            { view.list(items, (waiting.len(), NEWEST), "inspect.nothing_backs_off") }
        </>
    }
}

/// What became of its requests, if its messages are requests.
fn requests(view: &View<'_>, id: ProducerId) -> Html {
    let all = report::requesters(view.world);
    let name = &view.world.producer(id).spec.name;
    let Some(mine) = all.iter().find(|one| one.producer == *name) else { return html! {} };
    let numbers = [
        ("inspect.asked", mine.asked),
        ("inspect.awaited", mine.waiting),
        ("inspect.answered", mine.answered),
        ("inspect.timed_out", mine.timed_out),
        ("inspect.answers_late", mine.late),
        ("inspect.answers_undeliverable", mine.undeliverable),
    ];
    let open = view.world.live.requests.open().filter(|(producer, ..)| *producer == id);
    let items = open.map(|(_, number, _, until)| {
        let left = view.words.span(until - view.now());
        html! {
            <>
                { view.pick(Subject::Sending(id, number), format!("#{number}")) }
                <span class="muted">{ view.words.fill("inspect.gives_up", &[("time", &left)]) }</span>
            </>
        }
    });
    html! {
        <>
            { view.section("inspect.requests") }
            { view.numbers(&numbers) }
            { view.list(items, (mine.waiting as usize, NEWEST), "inspect.nothing_asked") }
        </>
    }
}

fn in_transit(view: &View<'_>, id: ProducerId) -> Html {
    let flights = view.world.producer(id).transit.iter().rev();
    let items = flights.map(|flight| html! {
        <>
            { view.pick(Subject::Sending(id, flight.number), format!("#{}", flight.number)) }
            <span class="muted">{ "→ " }{ view.thing(Subject::Queue(flight.queue)) }{ " " }{ view.distance(flight.arrives_at) }</span>
        </>
    });
    view.list(items, (view.world.producer(id).transit.len(), NEWEST), "inspect.nothing_on_the_way")
}
