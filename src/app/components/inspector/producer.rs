//! A producer.

use yew::{Html, html};

use super::view::View;
use crate::app::components::controls::{ProducerControls, pattern};
use crate::app::subject::Subject;
use crate::broker::ProducerId;
use crate::trace::silent;

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
    let numbers = [
        ("inspect.sent", state.sent.to_string()),
        ("inspect.acknowledged_by_broker", state.stored.to_string()),
        ("inspect.on_the_way", state.transit.len().to_string()),
    ];
    html! {
        <>
            { view.head("inspect.kind_producer", view.producer_mark(id), &state.spec.name) }
            <p class="where">{ view.say(status) }{ " · " }{ "→ " }{ view.thing(Subject::Topic(state.topic)) }</p>
            { view.numbers(&numbers) }
            { view.why(view.words.fill("why.ask_silent", &[("producer", &state.spec.name)]), &silent(view.world, id)) }
            { view.section("inspect.change") }
            <ProducerControls key={id.0} panel={view.panel.clone()} producer={id} />
            { view.section("inspect.on_the_way_now") }
            { in_transit(view, id) }
            { view.section("inspect.set_up") }
            <dl class="facts">
                { view.fact("inspect.sends", html! { pattern(view.words, &state.schedule.pattern) }) }
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
