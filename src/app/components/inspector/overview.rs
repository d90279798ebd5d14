//! Nothing is selected: everything there is, as a list to choose from.

use serde_json::Value;
use yew::{Html, html};

use super::view::View;
use crate::app::components::controls;
use crate::app::store::{Dialog, Msg};
use crate::app::subject::{Subject, state_key};
use crate::broker::{ProducerId, Settings};
use crate::metrics::report::counts;
use crate::scenario::SETTINGS;
use crate::sim::Span;

/// So many things of a kind are listed.
const SHOWN: usize = 50;
/// Of more groups than this, only a few consumers each.
const CROWD: usize = 6;
const FEW: usize = 3;

pub(super) fn page(view: &View<'_>) -> Html {
    let live = &view.world.live;
    let has_broker = !(live.producers.is_empty() && live.topics.is_empty() && live.groups.is_empty());
    let has_others = !(live.callers.is_empty() && live.services.is_empty() && live.p2p.is_empty());
    html! {
        <>
            <header class="inspector-head">
                <h2 id="inspector-title" tabindex="-1">{ view.say("inspect.title") }</h2>
                <p class="muted">{ view.say("inspect.hint") }</p>
            </header>
            // Where there is nothing of RocketMQ, three times nothing would be said before what there is.
            if has_broker || !has_others {
                { view.section("inspect.producers") }
                { producers(view) }
                { view.section("inspect.topics") }
                { topics(view) }
                { view.section("inspect.groups") }
                { groups(view) }
            }
            { super::beside::overview(view) }
            { settings(view) }
        </>
    }
}

/// What the scenario sets otherwise than RocketMQ does by itself: whoever knows the usual numbers would wonder.
fn settings(view: &View<'_>) -> Html {
    let usual = Settings::default();
    let here = &view.world.settings;
    let other = SETTINGS.iter().filter(|setting| setting.value(here) != setting.value(&usual));
    let rows = other.map(|setting| {
        let [value, usual] = [here, &usual].map(|all| said(view, setting.name, &setting.value(all)));
        let said = view.words.fill("inspect.setting", &[("value", &value), ("usual", &usual)]);
        html! {
            <li class="set-otherwise">
                <code>{ setting.name }</code>
                <span>{ said }</span>
                <span class="muted">{ view.say(&format!("setting.{}", setting.name)) }</span>
            </li>
        }
    });
    let rows: Vec<Html> = rows.collect();
    if rows.is_empty() {
        return html! {};
    }
    html! {
        <details class="all-about">
            <summary>{ view.words.count("inspect.settings", rows.len() as u64, &[]) }</summary>
            <ul class="list">{ for rows }</ul>
            <button type="button" class="plain" onclick={view.panel.dispatch.reform(|_| Msg::Open(Dialog::Settings))}>
                { view.say("settings.open") }
            </button>
        </details>
    }
}

/// A setting's value, a time with its unit.
fn said(view: &View<'_>, name: &str, value: &Value) -> String {
    let time = |end: &str, us: u64| {
        let number = value.as_u64().filter(|_| name.ends_with(end))?;
        Some(view.words.span(Span(number.saturating_mul(us))))
    };
    time("Us", 1).or_else(|| time("Ms", 1_000)).unwrap_or_else(|| shown(value))
}

/// A setting's value as the file has it, without its quotes and brackets.
fn shown(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        Value::Array(all) => all.iter().map(shown).collect::<Vec<_>>().join(", "),
        other => other.to_string(),
    }
}

fn producers(view: &View<'_>) -> Html {
    let all = view.world.live.producers.iter().enumerate();
    let running = all.filter(|(_, producer)| producer.running || producer.is_down());
    let count = running.clone().count();
    let items = running.map(|(index, producer)| {
        let id = ProducerId::at(index);
        html! {
            <>
                { view.producer_mark(id) }
                { view.thing(Subject::Producer(id)) }
                if producer.running {
                    <span class="muted">{ controls::pattern(view.words, &producer.schedule.pattern) }</span>
                } else {
                    <span class="muted">{ view.say("inspect.status_crashed") }</span>
                }
            </>
        }
    });
    view.list(items, (count, SHOWN), "inspect.no_producer")
}

fn topics(view: &View<'_>) -> Html {
    let items = view.world.shown_topics().map(|(id, topic)| {
        let queues = || topic.queues.iter().map(|queue| view.world.queue(*queue));
        let expired: u64 = queues().map(|queue| queue.min_offset).sum();
        let stored = queues().map(|queue| queue.max_offset).sum::<u64>() - expired;
        html! {
            <>
                { view.thing(Subject::Topic(id)) }
                <span class="muted">
                    { view.words.count("queues", topic.queues.len() as u64, &[]) }
                    { " · " }
                    { view.words.count("inspect.stored_messages", stored, &[]) }
                    if expired > 0 {
                        { " · " }
                        { view.words.count("stage.expired", expired, &[]) }
                    }
                </span>
            </>
        }
    });
    view.list(items, (view.world.shown_topics().count(), SHOWN), "inspect.no_topic")
}

fn groups(view: &View<'_>) -> Html {
    let items = view.world.groups().map(|(id, group)| {
        let consumers = group.consumers.iter().map(|consumer| {
            let state = view.world.consumer(*consumer);
            html! {
                <>
                    { view.pick(Subject::Consumer(*consumer), &state.spec.name) }
                    <span class="muted">{ view.say(state_key(view.world, *consumer)) }</span>
                </>
            }
        });
        let most = if view.world.live.groups.len() > CROWD { FEW } else { SHOWN };
        html! {
            <>
                { view.group_mark(id) }
                { view.thing(Subject::Group(id)) }
                <span class="muted">{ view.words.count("stage.behind", counts(view.world, id).accumulation, &[]) }</span>
                <div class="inner">
                    { view.list(consumers, (group.consumers.len(), most), "inspect.no_consumer_short") }
                </div>
            </>
        }
    });
    view.list(items, (view.world.groups().count(), SHOWN), "inspect.no_group")
}
