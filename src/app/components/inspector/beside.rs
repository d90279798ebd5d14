//! What stands beside the broker: a caller, a service, a point-to-point queue, each with what can be done to it.

use yew::{Html, html};

use super::view::View;
use crate::app::components::controls;
use crate::app::subject::Subject;
use crate::broker::{CallerId, P2pId, ServiceId};
use crate::metrics::beside;

/// So many things of a kind are listed.
const SHOWN: usize = 50;

pub(super) fn caller(view: &View<'_>, id: CallerId) -> Html {
    let state = view.world.caller(id);
    let report = beside::caller_counts(view.world, id);
    let numbers = [
        ("twin.calls", report.calls),
        ("twin.answered", report.answered),
        ("twin.failed", report.failed),
        ("twin.timed_out", report.timed_out),
        ("twin.waiting_now", report.waiting),
        ("twin.too_late", report.too_late),
    ];
    let services = state.services.iter().map(|service| view.thing(Subject::Service(*service)));
    html! {
        <>
            { view.head("inspect.kind_caller", html! {}, &state.spec.name) }
            <p>{ view.say("inspect.caller_about") }</p>
            { view.numbers(&numbers) }
            <dl class="facts">
                { view.plain("inspect.caller_timeout", view.words.exact_span(state.timeout)) }
                if let Some(producer) = state.arriving.producer {
                    { view.fact("inspect.same_arrivals", view.thing(Subject::Producer(producer))) }
                }
            </dl>
            { view.section("inspect.change") }
            <controls::CallerControls key={id.0} panel={view.panel.clone()} caller={id} />
            { view.section("inspect.caller_services") }
            { view.list(services, (state.services.len(), SHOWN), "inspect.no_service") }
        </>
    }
}

pub(super) fn service(view: &View<'_>, id: ServiceId) -> Html {
    let state = view.world.service(id);
    let report = beside::service(view.world, id);
    let numbers = [
        ("twin.workers", u64::from(report.workers)),
        ("twin.working", report.working),
        ("twin.waiting_now", report.waiting),
        ("twin.answered", report.answered),
        ("twin.overloaded", report.overloaded),
        ("twin.unavailable", report.unavailable),
        ("twin.unheard", report.unheard),
        ("twin.in_vain", report.in_vain),
        ("twin.lost", report.lost),
        ("twin.errors", report.errors),
    ];
    html! {
        <>
            { view.head("inspect.kind_service", html! {}, &state.spec.name) }
            <p>{ view.say("inspect.service_about") }</p>
            <p>{ view.say(&format!("inspect.service_{}", report.state)) }</p>
            { view.numbers(&numbers) }
            { view.section("inspect.change") }
            <controls::ServiceControls key={id.0} panel={view.panel.clone()} service={id} />
        </>
    }
}

pub(super) fn p2p(view: &View<'_>, id: P2pId) -> Html {
    let state = view.world.p2p(id);
    let report = beside::p2p_counts(view.world, id);
    let numbers = [
        ("twin.sent", report.sent),
        ("twin.waiting_now", report.waiting),
        ("twin.held", report.held),
        ("twin.gone", report.processed),
        ("twin.returned", report.returned),
        ("twin.consumers", report.consumers),
    ];
    let senders = state.spec.senders.iter().map(|sender| html! { { &sender.name } });
    html! {
        <>
            { view.head("inspect.kind_p2p", html! {}, &state.spec.name) }
            <p>{ view.say("inspect.p2p_about") }</p>
            { view.numbers(&numbers) }
            { view.section("inspect.change") }
            <controls::P2pControls key={id.0} panel={view.panel.clone()} queue={id} />
            { view.section("inspect.p2p_senders") }
            { view.list(senders, (state.spec.senders.len(), SHOWN), "inspect.no_sender") }
        </>
    }
}

/// All of them, for the list of everything; nothing if there are none.
pub(super) fn overview(view: &View<'_>) -> Html {
    let world = view.world;
    let callers = world.callers().map(|(id, state)| {
        let waiting = view.words.count("stage.waits_for", state.open.len() as u64, &[]);
        html! { <>{ view.thing(Subject::Caller(id)) }<span class="muted">{ waiting }</span></> }
    });
    let services = world.services().map(|(id, state)| {
        let says = format!("inspect.service_{}", state.status.name());
        html! { <>{ view.thing(Subject::Service(id)) }<span class="muted">{ view.say(&says) }</span></> }
    });
    let queues = world.p2p_queues().map(|(id, state)| {
        let waiting = view.words.count("stage.waits_for", state.waiting.len() as u64, &[]);
        html! { <>{ view.thing(Subject::P2p(id)) }<span class="muted">{ waiting }</span></> }
    });
    let live = &world.live;
    html! {
        <>
            if !live.callers.is_empty() {
                { view.section("twin.callers") }
                { view.list(callers, (live.callers.len(), SHOWN), "inspect.no_service") }
            }
            if !live.services.is_empty() {
                { view.section("twin.services") }
                { view.list(services, (live.services.len(), SHOWN), "inspect.no_service") }
            }
            if !live.p2p.is_empty() {
                { view.section("twin.p2p_queues") }
                { view.list(queues, (live.p2p.len(), SHOWN), "inspect.no_sender") }
            }
        </>
    }
}
