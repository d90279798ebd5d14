//! What a busy broker refused, what became of requests, and what topics keep besides their queues.

use yew::{Html, html};

use super::beside::latencies;
use super::count_table::{Count, section};
use super::{Table, cell, total};
use crate::app::subject::Subject;
use crate::broker::{ProducerId, TopicId};
use crate::metrics::report::{FlowReport, RequesterReport, delayed, flow_control, holes, requesters};

/// A number: its path in the report, its key in the catalogue, and how to read it.
type Part = (&'static str, &'static str, fn(&FlowReport) -> u64);

const FLOW: [Part; 7] = [
    ("flow_control.send_queue", "twin.send_queue", |flow| flow.send_queue),
    ("flow_control.backing_off", "twin.backing_off", |flow| flow.backing_off),
    ("flow_control.waited", "twin.waited", |flow| flow.waited),
    ("flow_control.refused", "twin.throttled", |flow| flow.refused),
    ("flow_control.retried", "twin.retried", |flow| flow.retried),
    ("flow_control.given_up", "twin.given_up", |flow| flow.given_up),
    ("flow_control.receives_refused", "twin.receives_refused", |flow| flow.receives_refused),
];

const OF_REQUESTER: [Count<RequesterReport>; 8] = [
    ("asked", "inspect.asked", |one| one.asked),
    ("waiting", "inspect.awaited", |one| one.waiting),
    ("answered", "inspect.answered", |one| one.answered),
    ("timed_out", "inspect.timed_out", |one| one.timed_out),
    ("dropped", "twin.requests_dropped", |one| one.dropped),
    ("late", "inspect.answers_late", |one| one.late),
    ("again", "twin.answers_again", |one| one.again),
    ("undeliverable", "inspect.answers_undeliverable", |one| one.undeliverable),
];

/// All of them, if there are any.
pub(super) fn tables(table: &Table<'_>) -> Html {
    html! { <>{ flow(table) }{ asked(table) }{ kept(table) }</> }
}

fn flow(table: &Table<'_>) -> Html {
    let Some(flow) = flow_control(table.world) else { return html! {} };
    let number = |(path, says, value): &Part| total(table.words, says, path, value(&flow));
    html! {
        <>
            <h3>{ table.words.say("twin.flow_control") }</h3>
            <dl class="totals">{ for FLOW.iter().map(number) }</dl>
        </>
    }
}

fn asked(table: &Table<'_>) -> Html {
    let all = requesters(table.world);
    if all.is_empty() {
        return html! {};
    }
    let states = table.world.live.producers.iter().enumerate();
    let ids = states.filter(|(_, state)| state.requests.is_some()).map(|(index, _)| ProducerId::at(index));
    let times = all.iter().map(|one| (one.producer.clone(), one.latency_us)).collect();
    let things: Vec<_> =
        ids.zip(all).map(|(id, one)| (Subject::Producer(id), one.producer.clone(), one)).collect();
    html! {
        <>
            { section(table, "inspect.requests", "requesters", &OF_REQUESTER, &things) }
            { latencies(table, "requesters", times, false) }
        </>
    }
}

/// What waits in the timer for each topic, and how many holes each has.
fn kept(table: &Table<'_>) -> Html {
    let all: Vec<_> = table.world.topics().collect();
    let waits =
        all.iter().filter_map(|(id, topic)| Some(("delayed", *id, &topic.name, delayed(table.world, *id)?)));
    let gone =
        all.iter().filter_map(|(id, topic)| Some(("holes", *id, &topic.name, holes(table.world, *id)?)));
    let rows: Vec<_> = waits.chain(gone).collect();
    if rows.is_empty() {
        return html! {};
    }
    let row = |(field, id, name, value): &(&str, TopicId, &std::rc::Rc<str>, u64)| {
        html! {
            <tr key={format!("{name}-{field}")}>
                <th scope="row">{ table.name(Subject::Topic(*id), name.to_string()) }</th>
                <td>{ table.words.say(&format!("twin.{field}")) }</td>
                { cell(format!("topics.{name}.{field}"), *value) }
            </tr>
        }
    };
    html! {
        <>
            <h3>{ table.words.say("twin.kept") }</h3>
            <div class="scroll" tabindex="0" role="region" aria-label={table.words.say("twin.kept")}>
                <table>
                    <thead><tr>{ table.head("twin.topic") }{ table.head("twin.count") }{ table.number_head("twin.number") }</tr></thead>
                    <tbody>{ for rows.iter().map(row) }</tbody>
                </table>
            </div>
        </>
    }
}
