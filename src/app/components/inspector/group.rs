//! A consumer group, its retry shelf and its dead letters.

use yew::{Html, html};

use super::queue::{message_row, progress_table};
use super::view::View;
use crate::app::components::controls::GroupControls;
use crate::app::subject::{Subject, state_key};
use crate::broker::spec::{ConsumeMode, InitialOffset};
use crate::broker::{ConsumerId, GroupId};
use crate::metrics::report::counts;
use crate::scene::{Mark, Role};
use crate::trace::behind;
use crate::trace::find::newest;

/// So many things of a kind are listed.
const SHOWN: usize = 50;
/// So many on the group's own page, which leads to the rest.
const FIRST: usize = 5;

pub(super) fn page(view: &View<'_>, id: GroupId) -> Html {
    let group = view.world.group(id);
    let counts = counts(view.world, id);
    let mode = match group.spec.mode {
        ConsumeMode::Clustering => "control.mode_clustering",
        ConsumeMode::Broadcasting => "control.mode_broadcasting",
    };
    let from = match group.spec.initial_offset {
        InitialOffset::Latest => "control.from_latest",
        InitialOffset::Earliest => "control.from_earliest",
        InitialOffset::Timestamp(_) => "control.from_timestamp",
        InitialOffset::OssCompat => "control.from_ossCompat",
    };
    let topics = group.subscriptions.iter().map(|known| {
        html! {
            <span>{ view.thing(Subject::Topic(known.topic)) }{ " " }<code>{ view.world.filter(known.filter).to_string() }</code></span>
        }
    });
    let by_queue = !group.by_message && group.spec.mode == ConsumeMode::Clustering;
    let has_failures = counts.failed > 0 || counts.retry_waiting > 0 || counts.dead_letters > 0;
    let mut numbers = vec![
        ("inspect.accumulation", counts.accumulation),
        ("inspect.ready", counts.ready),
        ("inspect.inflight", counts.inflight),
        ("inspect.finished_ahead", counts.finished_ahead),
        ("inspect.retry_waiting", counts.retry_waiting),
        ("inspect.dead_letters", counts.dead_letters),
        ("inspect.deliveries", counts.deliveries),
        ("inspect.acknowledged", counts.acknowledged),
        ("inspect.failed", counts.failed),
    ];
    if counts.retry_accumulation > 0 {
        numbers.push(("inspect.retry_accumulation", counts.retry_accumulation));
    }
    if counts.redeliveries > 0 {
        numbers.push(("inspect.redeliveries", counts.redeliveries));
    }
    if counts.filtered > 0 {
        numbers.push(("inspect.filtered", counts.filtered));
    }
    if counts.expired > 0 {
        numbers.push(("inspect.expired", counts.expired));
    }
    if counts.passed > 0 {
        numbers.push(("inspect.passed", counts.passed));
    }
    if counts.lost_stored > 0 {
        numbers.push(("twin.lost_stored", counts.lost_stored));
    }
    if counts.dropped > 0 {
        numbers.push(("inspect.dropped", counts.dropped));
    }
    let effects = [
        ("inspect.effects", counts.effects),
        ("inspect.effects_repeated", counts.effects_repeated),
        ("inspect.effects_skipped", counts.effects_skipped),
    ];
    numbers.extend(effects.into_iter().filter_map(|(label, number)| Some((label, number?))));
    html! {
        <>
            { view.head("inspect.kind_group", view.group_mark(id), &group.spec.name) }
            { view.numbers(&numbers) }
            { view.why(view.words.fill("why.ask_behind", &[("group", &group.spec.name)]), &behind(view.world, id)) }
            { view.section("inspect.change") }
            <GroupControls key={id.0} panel={view.panel.clone()} group={id} />
            if view.world.is_inconsistent(id) {
                <p class="warning" role="status">{ "⚠ " }{ view.say("inspect.members_differ") }</p>
            }
            { view.section("inspect.consumers") }
            { consumers(view, &group.consumers) }
            if has_failures {
                <h3>{ view.pick(Subject::RetryShelf(id), view.say("inspect.shelf")) }</h3>
                { shelf_list(view, id, FIRST) }
                <h3>{ view.pick(Subject::DeadLetters(id), view.say("inspect.dead_letters")) }</h3>
                { dead_letter_list(view, id, FIRST) }
            }
            { view.section("inspect.its_progress") }
            { progress_table(view, &group.progress, true) }
            if group.spec.mode == ConsumeMode::Broadcasting {
                <p class="muted">{ view.say("inspect.sums_over_members") }</p>
            } else if counts.retry_accumulation > 0 {
                <p class="muted">{ view.words.count("inspect.sums_without_retries", counts.retry_accumulation, &[]) }</p>
            }
            { view.section("inspect.set_up") }
            <dl class="facts">
                { view.fact("inspect.subscribes", html! { <span class="picks">{ for topics }</span> }) }
                { view.fact("inspect.mode", html! { view.say(mode) }) }
                if group.simple {
                    { view.fact("inspect.type", html! { view.say("inspect.type_simple") }) }
                }
                if group.pull {
                    { view.fact("inspect.type", html! { view.say("inspect.type_pull") }) }
                }
                if let Some(effects) = &group.effects {
                    { view.fact("inspect.effect", html! {
                        view.say(if effects.idempotent { "inspect.idempotent" } else { "inspect.naive" })
                    }) }
                }
                if group.orderly {
                    { view.fact("inspect.order", html! { view.say("inspect.order_orderly") }) }
                }
                if by_queue {
                    { view.plain("inspect.strategy", group.spec.strategy.name()) }
                    if let Some(at) = group.moved_at {
                        { view.fact("inspect.rebalanced", html! { view.distance(at) }) }
                    }
                }
                { view.fact("inspect.began", html! { view.say(from) }) }
            </dl>
        </>
    }
}

fn consumers(view: &View<'_>, all: &[ConsumerId]) -> Html {
    let items = all.iter().map(|id| {
        let state = view.world.consumer(*id);
        let status = view.say(state_key(view.world, *id));
        let holds =
            (state.outstanding > 0).then(|| view.words.count("inspect.holds", state.outstanding.into(), &[]));
        html! {
            <>
                { view.pick(Subject::Consumer(*id), &state.spec.name) }
                <span class="muted">{ status }{ holds.map(|holds| format!(" · {holds}")) }</span>
                { for state.filters.iter().map(|(_, filter)| html! {
                    <>{ " " }<code>{ view.world.filter(*filter).to_string() }</code></>
                }) }
            </>
        }
    });
    view.list(items, (all.len(), SHOWN), "inspect.no_consumer")
}

pub(super) fn shelf(view: &View<'_>, id: GroupId) -> Html {
    let back = counts(view.world, id).retry_accumulation;
    html! {
        <>
            { view.head("inspect.kind_shelf", view.group_mark(id), &view.world.group(id).spec.name) }
            <p>{ view.say("inspect.shelf_about") }</p>
            if back > 0 {
                <p>{ view.words.count("inspect.shelf_back", back, &[]) }</p>
            }
            { shelf_list(view, id, SHOWN) }
        </>
    }
}

fn shelf_list(view: &View<'_>, id: GroupId, most: usize) -> Html {
    let group = view.world.group(id);
    let items = view.world.waiting_retries(id).map(|waiting| {
        html! {
            <>
                { view.message(view.world.origin(waiting.message)) }
                <span class="muted">
                    { view.words.count("inspect.failed_times", waiting.attempt.into(), &[]) }
                    { " · " }
                    if waiting.is_last {
                        { view.words.fill("trace.state_last_wait", &[("time", &view.words.span(waiting.due_at - view.now()))]) }
                    } else {
                        { view.distance(waiting.due_at) }
                    }
                </span>
            </>
        }
    });
    view.list(items, (group.shelf.len() + group.suspended.len(), most), "inspect.shelf_empty")
}

pub(super) fn dead_letters(view: &View<'_>, id: GroupId) -> Html {
    let mark = view.mark(Mark::Cross, Role::Danger);
    html! {
        <>
            { view.head("inspect.kind_dead_letters", mark, &view.world.group(id).spec.name) }
            <p>{ view.say("inspect.dead_letters_about") }</p>
            { dead_letter_list(view, id, SHOWN) }
        </>
    }
}

fn dead_letter_list(view: &View<'_>, id: GroupId, most: usize) -> Html {
    let topic = view.world.group(id).dead_letter_topic;
    let queues = topic.iter().flat_map(|topic| &view.world.topic(*topic).queues);
    let letters = queues.flat_map(|queue| newest(view.world, *queue, u64::MAX));
    let count = view.world.group(id).counts.dead_letters as usize;
    view.list(letters.map(|at| message_row(view, at)), (count, most), "inspect.no_dead_letter")
}
