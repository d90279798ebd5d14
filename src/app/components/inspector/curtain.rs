//! Half messages: what waits behind a topic's curtain, and one of them by itself.

use yew::{Html, html};

use super::view::View;
use crate::app::Msg;
use crate::app::subject::{Subject, name};
use crate::broker::half::{Half, Local};
use crate::broker::{Command, ProducerId, TopicId};
use crate::lesson::explain;
use crate::metrics::report::half_messages;

/// So many messages are listed.
const SHOWN: usize = 50;
/// So many on the topic's own page, which leads to the rest.
const FIRST: usize = 5;

pub(super) fn page(view: &View<'_>, id: TopicId) -> Html {
    html! {
        <>
            { view.head("inspect.kind_curtain", html! {}, &view.world.topic(id).name) }
            <p>{ view.say("inspect.curtain_about") }</p>
            { numbers(view, id) }
            { list(view, id, SHOWN) }
        </>
    }
}

/// The same in short on the topic's page, if it ever had a half message.
pub(super) fn section(view: &View<'_>, id: TopicId) -> Html {
    if half_messages(view.world, id).is_none() {
        return html! {};
    }
    html! {
        <>
            <h3>{ view.pick(Subject::Curtain(id), view.say("inspect.curtain")) }</h3>
            { numbers(view, id) }
            { list(view, id, FIRST) }
        </>
    }
}

fn numbers(view: &View<'_>, id: TopicId) -> Html {
    let Some(half) = half_messages(view.world, id) else { return html! {} };
    view.numbers(&[
        ("inspect.half_waiting", half.waiting),
        ("inspect.half_committed", half.committed),
        ("inspect.half_rolled_back", half.rolled_back),
        ("inspect.half_set_aside", half.set_aside),
        ("inspect.half_checks", half.checks),
    ])
}

/// In the order in which they were stored.
fn list(view: &View<'_>, id: TopicId, most: usize) -> Html {
    let waiting = view.world.live.halves.waiting_for(id);
    let count = usize::try_from(view.world.live.halves.counts(id).waiting).unwrap_or(usize::MAX);
    let items = waiting.map(|(producer, number, half)| {
        let key = view.world.producer(producer).content(number).key;
        let subject = Subject::Sending(producer, number);
        html! {
            <>
                { view.producer_mark(producer) }
                { view.pick(subject, name(view.world, subject)) }
                if let Some(key) = key {
                    <code class="cut">{ key }</code>
                }
                <span class="muted">{ state(view, half) }{ " · " }{ next(view, half) }</span>
            </>
        }
    });
    view.list(items, (count, most), "inspect.curtain_empty")
}

/// How its local transaction stands.
fn state(view: &View<'_>, half: &Half) -> String {
    match half.local {
        Local::Running { ends_at } => {
            view.words.fill("inspect.local_runs", &[("time", &view.words.span(ends_at - view.now()))])
        }
        Local::Ended { committed: true } => view.say("inspect.local_committed"),
        Local::Ended { committed: false } => view.say("inspect.local_rolled_back"),
    }
}

/// How often it was checked, and what comes next.
fn next(view: &View<'_>, half: &Half) -> String {
    let most = view.world.settings.tx_max_checks;
    let key = if half.checks < most { "inspect.next_check" } else { "inspect.next_set_aside" };
    let time = view.words.span(half.check_at() - view.now());
    view.words.fill(key, &[("n", &half.checks), ("most", &most), ("time", &time)])
}

/// What happened to a message as a transaction, and what can be done about it; nothing for other messages.
pub(super) fn of_message(view: &View<'_>, producer: ProducerId, number: u64) -> Html {
    let entries: Vec<Html> = view
        .world
        .transaction(producer, number)
        .map(|entry| {
            let said = explain(view.world, entry, view.words);
            html! { <>{ view.time(entry.at) }{ " " }{ view.sentence(&said) }</> }
        })
        .collect();
    if entries.is_empty() {
        return html! {};
    }
    let count = entries.len();
    let topic = view.world.producer(producer).topic;
    html! {
        <>
            <h3>{ view.pick(Subject::Curtain(topic), view.say("inspect.transaction")) }</h3>
            if let Some(half) = view.world.live.halves.get(producer, number) {
                <p>{ state(view, half) }{ " · " }{ next(view, half) }</p>
                { buttons(view, producer, number, half) }
            }
            { view.list(entries.into_iter(), (count, SHOWN), "inspect.curtain_empty") }
        </>
    }
}

/// Commit, roll back: what its producer can say about it now.
fn buttons(view: &View<'_>, producer: ProducerId, number: u64, half: &Half) -> Html {
    let state = view.world.producer(producer);
    if !state.running {
        return html! {};
    }
    let says = |commit: bool| match half.local {
        Local::Running { .. } => true,
        Local::Ended { committed } => committed == commit,
    };
    let button = |commit: bool, key: &str| {
        let command = Command::EndTransaction { producer: state.spec.name.clone(), number, commit };
        let onclick = view.panel.dispatch.reform(move |_| Msg::Command(Box::new(command.clone())));
        html! { <button type="button" class="plain" disabled={!says(commit)} {onclick}>{ view.say(key) }</button> }
    };
    html! {
        <div class="button-row">
            { button(true, "control.commit") }
            { button(false, "control.roll_back") }
        </div>
    }
}
