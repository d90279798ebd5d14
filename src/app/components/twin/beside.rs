//! The tables of what stands beside the broker: callers, services, point-to-point queues.

use yew::{Html, html};

use super::count_table::{Count, grid, rows, section};
use super::{Table, latency_cells, total};
use crate::app::WordsRef;
use crate::app::subject::Subject;
use crate::broker::World;
use crate::lesson::Said;
use crate::metrics::beside::{
    CallerReport, P2pReport, ServiceReport, caller, caller_counts, links, p2p, p2p_counts, service,
};
use crate::metrics::latency::Latency;

const OF_CALLER: [Count<CallerReport>; 9] = [
    ("calls", "twin.calls", |c| c.calls),
    ("answered", "twin.answered", |c| c.answered),
    ("failed", "twin.failed", |c| c.failed),
    ("overloaded", "twin.overloaded", |c| c.overloaded),
    ("unavailable", "twin.unavailable", |c| c.unavailable),
    ("errors", "twin.errors", |c| c.errors),
    ("timed_out", "twin.timed_out", |c| c.timed_out),
    ("waiting", "twin.waiting_now", |c| c.waiting),
    ("too_late", "twin.too_late", |c| c.too_late),
];

const OF_SERVICE: [Count<ServiceReport>; 12] = [
    ("workers", "twin.workers", |s| s.workers.into()),
    ("arrived", "twin.arrived", |s| s.arrived),
    ("answered", "twin.answered", |s| s.answered),
    ("errors", "twin.errors", |s| s.errors),
    ("overloaded", "twin.overloaded", |s| s.overloaded),
    ("unavailable", "twin.unavailable", |s| s.unavailable),
    ("unheard", "twin.unheard", |s| s.unheard),
    ("lost", "twin.lost", |s| s.lost),
    ("in_vain", "twin.in_vain", |s| s.in_vain),
    ("waiting", "twin.waiting_now", |s| s.waiting),
    ("working", "twin.working", |s| s.working),
    ("busy_us", "twin.busy_us", |s| s.busy_us),
];

const OF_P2P: [Count<P2pReport>; 7] = [
    ("sent", "twin.sent", |q| q.sent),
    ("on_the_way", "twin.on_the_way", |q| q.on_the_way),
    ("waiting", "twin.waiting_now", |q| q.waiting),
    ("held", "twin.held", |q| q.held),
    ("processed", "twin.gone", |q| q.processed),
    ("returned", "twin.returned", |q| q.returned),
    ("consumers", "twin.consumers", |q| q.consumers),
];

/// All of them, if there are any.
pub(super) fn tables(table: &Table<'_>, is_playing: bool) -> Html {
    let world = table.world;
    html! {
        <>
            { callers(table, world, is_playing) }
            { services(table, world) }
            { queues(table, world, is_playing) }
        </>
    }
}

fn callers(table: &Table<'_>, world: &World, is_playing: bool) -> Html {
    let Some(links) = links(world) else { return html! {} };
    let things: Vec<_> = world
        .callers()
        .map(|(id, state)| (Subject::Caller(id), state.spec.name.to_string(), caller_counts(world, id)))
        .collect();
    let times = world.callers().map(|(id, _)| caller(world, id)).filter(|_| !is_playing);
    let times = times.map(|of| (of.caller, of.latency_us));
    html! {
        <>
            <h3>{ table.words.say("twin.callers") }</h3>
            <dl class="totals">
                { total(table.words, "twin.links_direct", "links.direct", links.direct) }
                { total(table.words, "twin.links_broker", "links.broker", links.broker) }
            </dl>
            { grid(table, "twin.callers", &things, rows(table, "callers", &OF_CALLER, &things)) }
            { latencies(table, "callers", times.collect(), is_playing) }
        </>
    }
}

fn services(table: &Table<'_>, world: &World) -> Html {
    if world.live.services.is_empty() {
        return html! {};
    }
    let things: Vec<_> = world
        .services()
        .map(|(id, state)| (Subject::Service(id), state.spec.name.to_string(), service(world, id)))
        .collect();
    let states = things.iter().map(|(_, _, of)| {
        let path = format!("services.{}.state", of.service);
        html! {
            <td data-number={path} data-value={of.state}>{ table.words.say(&format!("inspect.service_{}", of.state)) }</td>
        }
    });
    let states =
        html! { <tr key="state"><th scope="row">{ table.words.say("twin.state") }</th>{ for states }</tr> };
    let mut all = vec![states];
    all.extend(rows(table, "services", &OF_SERVICE, &things));
    html! {
        <>
            <h3>{ table.words.say("twin.services") }</h3>
            { grid(table, "twin.services", &things, all) }
        </>
    }
}

fn queues(table: &Table<'_>, world: &World, is_playing: bool) -> Html {
    if world.live.p2p.is_empty() {
        return html! {};
    }
    let things: Vec<_> = world
        .p2p_queues()
        .map(|(id, state)| (Subject::P2p(id), state.spec.name.to_string(), p2p_counts(world, id)))
        .collect();
    let times = world.p2p_queues().map(|(id, _)| p2p(world, id)).filter(|_| !is_playing);
    let times = times.map(|of| (of.queue, of.latency_us));
    html! {
        <>
            { section(table, "twin.p2p_queues", "p2p_queues", &OF_P2P, &things) }
            { latencies(table, "p2p_queues", times.collect(), is_playing) }
        </>
    }
}

/// Only while time stands still: every answer is looked at.
pub(super) fn latencies(
    table: &Table<'_>,
    list: &str,
    times: Vec<(String, Latency)>,
    is_playing: bool,
) -> Html {
    if is_playing {
        return html! { <p class="muted latencies-later">{ table.words.say("twin.latencies_paused") }</p> };
    }
    let rows = times.iter().map(|(name, latency)| {
        html! {
            <tr key={name.clone()}>
                <th scope="row" class="is-name">{ name }</th>
                { latency_cells(&format!("{list}.{name}.latency_us"), latency) }
            </tr>
        }
    });
    html! {
        <div class="scroll" tabindex="0" role="region" aria-label={table.words.say("twin.latencies")}>
            <table>
                <thead>
                    <tr>
                        { table.head("twin.latency") }{ table.number_head("twin.samples") }
                        { table.number_head("twin.mean") }{ table.number_head("twin.p50") }{ table.number_head("twin.p95") }
                        { table.number_head("twin.p99") }{ table.number_head("twin.max") }
                    </tr>
                </thead>
                <tbody>{ for rows }</tbody>
            </table>
        </div>
    }
}

/// So many of a kind are told one by one.
const TOLD: usize = 4;

/// Where calls and point-to-point queues stand, in sentences; nothing if there are none.
pub(super) fn said(world: &World, words: &WordsRef) -> String {
    let callers = world.callers().take(TOLD).map(|(id, _)| {
        let of = caller_counts(world, id);
        let holes: [(&str, &dyn Said); 4] = [
            ("caller", &of.caller),
            ("answered", &of.answered),
            ("failed", &(of.failed + of.timed_out)),
            ("waiting", &of.waiting),
        ];
        words.fill("twin.caller_said", &holes)
    });
    let queues = world.p2p_queues().take(TOLD).map(|(id, _)| {
        let of = p2p_counts(world, id);
        let holes: [(&str, &dyn Said); 3] =
            [("queue", &of.queue), ("waiting", &of.waiting), ("gone", &of.processed)];
        words.fill("twin.p2p_said", &holes)
    });
    callers.chain(queues).collect()
}
