//! A consumer: what its threads work on, what waits in its cache, which queues it owns.

use yew::{Html, html};

use super::view::View;
use crate::app::components::controls::{ConsumerControls, failure, processing};
use crate::app::subject::{Subject, state_key, status_key};
use crate::broker::consumer::{ConsumerState, Task};
use crate::broker::spec::Application;
use crate::broker::{ConsumerId, MessageRef, ProgressId};
use crate::lesson::Said;
use crate::trace::idle;

/// So many threads and cached messages are listed.
const SHOWN: usize = 40;

/// One of a consumer's queues, and whether it has paused it.
fn owned_queue(view: &View<'_>, id: ProgressId) -> Html {
    let state = view.world.progress(id);
    let queue = view.thing(Subject::Queue(state.queue));
    match state.paused_since() {
        Some(_) => html! { <>{ queue }<span class="muted">{ view.say("inspect.status_paused") }</span></> },
        None => queue,
    }
}

pub(super) fn page(view: &View<'_>, id: ConsumerId) -> Html {
    let state = view.world.consumer(id);
    let group = view.world.group(state.group);
    let status = status_key(state.status);
    // What it does right now is not what it has done since its process began.
    let now = Some(state_key(view.world, id)).filter(|now| *now != status);
    let by_queue = !group.by_message;
    let owned = group.progress.iter().copied().filter(|it| view.world.progress(*it).owner == Some(id));
    let owned: Vec<Html> = owned.map(|it| owned_queue(view, it)).collect();
    let why = idle(view.world, id);
    let numbers = [
        ("inspect.busy_threads", format!("{} / {}", state.busy, state.thread_count)),
        ("inspect.cached", state.cache.len().said()),
        ("inspect.on_the_way", state.in_transit.said()),
        ("inspect.deliveries", state.counts.deliveries.said()),
        ("inspect.acknowledged", state.counts.acknowledged.said()),
        ("inspect.failed", state.counts.failed.said()),
        ("inspect.business", business(view, state)),
    ];
    html! {
        <>
            { view.head("inspect.kind_consumer", view.group_mark(state.group), &state.spec.name) }
            <p class="where">
                { view.say(status) }{ " " }{ view.since(state.since) }
                { for now.map(|now| html! { <>{ " · " }{ view.say(now) }</> }) }
                { " · " }{ view.thing(Subject::Group(state.group)) }
            </p>
            { view.numbers(&numbers) }
            { view.why(view.words.fill("why.ask_idle", &[("consumer", &state.spec.name)]), &why) }
            { view.section("inspect.change") }
            <ConsumerControls key={id.0} panel={view.panel.clone()} consumer={id} />
            { super::lite::client(view, id) }
            if group.simple {
                { view.section("inspect.in_hands") }
                { in_hands(view, id) }
            }
            if group.pull {
                { view.section("inspect.polled") }
                { polled(view, id) }
            }
            if !state.is_by_hand() {
                { view.section("inspect.threads") }
                { threads(view, state) }
            }
            if !state.is_by_hand() || group.pull {
                { view.section("inspect.cache") }
                { cache(view, state) }
            }
            { view.section("inspect.set_up") }
            <dl class="facts">
                { view.fact("inspect.owns", if !by_queue {
                    html! { view.say("inspect.every_queue") }
                } else if owned.is_empty() {
                    html! { view.say("inspect.no_queue") }
                } else {
                    html! { <span class="picks">{ for owned.into_iter().take(SHOWN) }</span> }
                }) }
                if group.simple || group.pull {
                    { view.fact("inspect.application", html! { view.say(application(state)) }) }
                }
                if !state.is_by_hand() {
                    { view.fact("inspect.processing", html! { processing(view.words, &state.processing) }) }
                    { view.fact("inspect.failure", html! { failure(view.words, &state.failure) }) }
                }
            </dl>
        </>
    }
}

/// The time its threads have spent in listeners, together.
fn business(view: &View<'_>, state: &ConsumerState) -> String {
    let running: u64 = state.work().map(|(_, work)| (view.now() - work.started_at).0).sum();
    let busy = u128::from(state.counts.busy.0 + running);
    view.words.span(crate::sim::Span(u64::try_from(busy).unwrap_or(u64::MAX)))
}

fn of_task(view: &View<'_>, task: &Task) -> Html {
    let at = MessageRef { queue: view.world.progress(task.progress).queue, offset: task.offset };
    view.message(at)
}

fn threads(view: &View<'_>, state: &ConsumerState) -> Html {
    let beyond = state.thread_count as usize;
    let threads = state.threads.iter().enumerate();
    let threads = threads.filter(|(index, thread)| *index < beyond || thread.work.is_some());
    let count = threads.clone().count();
    let items = threads.map(|(index, thread)| {
        html! {
            <>
                <span class="digits muted">{ index + 1 }</span>
                if let Some(work) = &thread.work {
                    { of_task(view, &work.task) }
                    { ring(view, work.started_at, work.finishes_at) }
                    <span class="muted">{ view.words.span(view.now() - work.started_at) }</span>
                } else {
                    <span class="muted">{ view.say("inspect.thread_idle") }</span>
                }
            </>
        }
    });
    view.list(items, (count, SHOWN), "inspect.no_thread")
}

/// How far a listener has come, as a bar.
fn ring(view: &View<'_>, from: crate::sim::Instant, to: crate::sim::Instant) -> Html {
    let whole = (to - from).0.max(1);
    let done = ((view.now() - from).0.min(whole) as f64 / whole as f64 * 100.0).round();
    html! {
        <svg class="progress-bar" viewBox="0 0 100 6" preserveAspectRatio="none" aria-hidden="true" focusable="false">
            <rect x="0" y="0" width="100" height="6" fill={view.theme.colour(crate::scene::Role::LaneFill).to_string()} />
            <rect x="0" y="0" width={done.to_string()} height="6"
                fill={view.theme.colour(crate::scene::Role::InkMuted).to_string()} />
        </svg>
    }
}

/// What a simple consumer can still acknowledge: each message with its receipt handle and the rest of its invisible time.
fn in_hands(view: &View<'_>, id: ConsumerId) -> Html {
    let held = view.world.in_hands(id);
    let items = held.iter().map(|held| {
        html! {
            <>
                { view.message(held.message) }
                <span class="digits">{ view.words.fill("inspect.handle", &[("handle", &held.handle)]) }</span>
                <span class="muted">
                    { view.words.fill("inspect.attempt", &[("n", &held.attempt)]) }{ " · " }{ view.distance(held.until) }
                </span>
            </>
        }
    });
    view.list(items, (held.len(), SHOWN), "inspect.nothing_in_hands")
}

/// What polls of a pull consumer returned, and its application has not processed.
fn polled(view: &View<'_>, id: ConsumerId) -> Html {
    let items = view.world.polled(id).map(|task| of_task(view, task));
    view.list(items, (view.world.polled(id).count(), SHOWN), "inspect.nothing_polled")
}

fn application(state: &ConsumerState) -> &'static str {
    match state.spec.application {
        Application::Loop if state.pulls => "inspect.application_polls",
        Application::Loop => "inspect.application_loop",
        Application::Committing => "inspect.application_committing",
        Application::Renewing => "inspect.application_renewing",
        Application::ByHand => "inspect.application_by_hand",
    }
}

fn cache(view: &View<'_>, state: &ConsumerState) -> Html {
    let items = state.cache.iter().map(|task| of_task(view, task));
    view.list(items, (state.cache.len(), SHOWN), "inspect.cache_empty")
}
