//! A message: what it holds, read-only, and where it has been.

use yew::{Html, html};

use super::trace::trace;
use super::view::View;
use crate::app::subject::Subject;
use crate::broker::message::{Content, MessageView};
use crate::broker::timer::Waiting;
use crate::broker::{MessageRef, ProducerId};
use crate::sim::Instant;
use crate::trace::{journey, passed_over, waiting};

/// So many "why?" are answered on one page.
const ANSWERS: usize = 6;

pub(super) fn page(view: &View<'_>, at: MessageRef) -> Html {
    let (Some(message), Some(journey)) = (view.world.message_seen(at), journey(view.world, at)) else {
        return html! { <p>{ view.say("inspect.gone") }</p> };
    };
    let mark = view.producer_mark(message.producer);
    let open = journey.readers.iter().map(|reader| (reader, waiting(view.world, reader)));
    let answers = open.filter(|(_, chain)| !chain.is_empty()).take(ANSWERS).map(|(reader, chain)| {
        let place = reader.place(view.world);
        let group = &view.world.group(reader.group).spec.name;
        view.why(view.words.fill(super::trace::question(reader, place), &[("group", group)]), &chain)
    });
    let behind = journey.passed_over.iter().take(ANSWERS).map(|group| {
        let chain = passed_over(view.world, *group, journey.message);
        let name = &view.world.group(*group).spec.name;
        view.why(view.words.fill("why.ask_passed_over", &[("group", name)]), &chain)
    });
    html! {
        <>
            { view.head("inspect.kind_message", mark, title(&message)) }
            if view.world.is_expired(at) {
                <p class="warning" role="status">{ "⚠ " }{ view.words.fill("inspect.message_expired", &[
                    ("time", &view.words.span(view.world.settings.store_retention)),
                ]) }</p>
            }
            if view.world.is_superseded(at) {
                <p class="warning" role="status">{ "⚠ " }{ view.say("inspect.message_superseded") }</p>
            }
            { for answers }
            { for behind }
            { message_view(view, &message) }
            { trace(view, &journey) }
        </>
    }
}

/// What to call a message: by its key and tag if it has them.
fn title(message: &MessageView) -> String {
    let Content { key, tag, .. } = &message.content;
    match (key, tag) {
        (Some(key), Some(tag)) => format!("{key} {tag}"),
        (Some(only), None) | (None, Some(only)) => format!("{only} #{}", message.number),
        (None, None) => format!("#{}", message.number),
    }
}

/// RocketMQ's read-only message view: what matters first, the rest for those who ask.
fn message_view(view: &View<'_>, message: &MessageView) -> Html {
    let origin = view.world.origin(message.at);
    let content = &message.content;
    html! {
        <>
            <p class="lock">
                <svg class="icon" viewBox="0 0 20 20" aria-hidden="true" focusable="false">
                    <path d="M6.500 9V6.500a3.500 3.500 0 0 1 7 0V9" fill="none" stroke="currentColor" stroke-width="1.800" />
                    <path d="M5 9h10v7.500H5z" fill="currentColor" />
                </svg>
                <span>
                    { view.words.fill("inspect.at_offset", &[("offset", &message.at.offset)]) }
                    { " · " }
                    { view.say("inspect.fixed") }
                </span>
            </p>
            <dl class="facts">
                { written(view, content) }
                { view.fact("inspect.born", html! {
                    <>{ view.time(message.born_at) }{ " · " }{ view.thing(Subject::Producer(message.producer)) }</>
                }) }
                if let Some(due_at) = message.due_at {
                    { view.fact("inspect.due", view.time(due_at)) }
                }
                if origin != message.at {
                    { view.fact("inspect.copy_of", view.message(origin)) }
                }
            </dl>
            <details class="all-about">
                <summary>{ view.say("inspect.all_about") }</summary>
                <dl class="facts">
                    { properties(view, content) }
                    { view.plain("inspect.message_id", &message.message_id) }
                    { view.plain("inspect.topic", &message.topic) }
                    { view.plain("inspect.queue", view.world.queue(message.at.queue).number) }
                    { view.plain("inspect.offset", message.at.offset) }
                    { view.fact("inspect.stored_at", view.time(message.stored_at)) }
                    { view.plain("inspect.reconsume_times", message.reconsume_times) }
                </dl>
            </details>
        </>
    }
}

/// What the producer wrote. The body is text, whatever it looks like.
fn written(view: &View<'_>, content: &Content) -> Html {
    let none = || html! { <span class="muted">{ view.say("inspect.none") }</span> };
    let text =
        |text: &Option<String>| text.as_ref().map_or_else(none, |text| html! { <code>{ text }</code> });
    html! {
        <>
            { view.fact("inspect.tag", text(&content.tag)) }
            { view.fact("inspect.key", text(&content.key)) }
            if content.lite_topic.is_some() {
                { view.fact("inspect.lite_topic", text(&content.lite_topic)) }
            }
            if content.message_group.is_some() {
                { view.fact("inspect.message_group", text(&content.message_group)) }
            }
            { view.fact("inspect.body", html! { <pre class="body">{ &content.body }</pre> }) }
        </>
    }
}

/// Its user properties, each a fact.
fn properties(view: &View<'_>, content: &Content) -> Html {
    let property = |(name, value): &(String, String)| {
        html! {
            <>
                <dt><span class="visually-hidden">{ view.say("inspect.property") }{ " " }</span><code>{ name }</code></dt>
                <dd><code>{ value }</code></dd>
            </>
        }
    };
    html! { <>{ for content.properties.iter().map(property) }</> }
}

/// A message on its way to the broker: nothing is stored yet.
pub(super) fn sending(view: &View<'_>, producer: ProducerId, number: u64) -> Html {
    let state = view.world.producer(producer);
    let head = |kind: &str| view.head(kind, view.producer_mark(producer), format!("#{number}"));
    if let Some(half) = view.world.live.halves.get(producer, number) {
        let content = state.content(number);
        return html! {
            <>
                { head("inspect.kind_sending") }
                { super::curtain::of_message(view, producer, number) }
                <dl class="facts">
                    { view.fact("inspect.sent_by", view.thing(Subject::Producer(producer))) }
                    { view.fact("inspect.goes_to", view.thing(Subject::Queue(half.queue))) }
                    { view.fact("inspect.sent_at", view.time(half.sent_at)) }
                    { written(view, &content) }
                    { properties(view, &content) }
                </dl>
            </>
        };
    }
    let Some(flight) = state.transit.iter().find(|flight| flight.number == number) else {
        let mut waiting = view.world.live.timer.waiting_for(state.topic);
        if let Some(waits) = waiting.find(|(_, it)| (it.producer, it.number) == (producer, number)) {
            return html! { <>{ head("inspect.kind_waiting") }{ in_timer(view, waits) }</> };
        }
        let stored = stored_as(view, producer, number);
        return html! {
            <>
                { head("inspect.kind_sending") }
                if !view.world.live.flow.backing_off().any(|one| (one.producer, one.number) == (producer, number)) {
                    <p>{ view.say("inspect.sending_over") }</p>
                }
                { sends(view, producer, number) }
                { super::curtain::of_message(view, producer, number) }
                if let Some(at) = stored {
                    <p>{ view.message(at) }</p>
                }
            </>
        };
    };
    let content = state.content(number);
    html! {
        <>
            { head("inspect.kind_sending") }
            <dl class="facts">
                { view.fact("inspect.sent_by", view.thing(Subject::Producer(producer))) }
                { view.fact("inspect.goes_to", view.thing(Subject::Queue(flight.queue))) }
                { view.fact("inspect.sent_at", view.time(flight.sent_at)) }
                if flight.count > 1 {
                    { view.plain("inspect.batch_of", flight.count) }
                }
                { view.fact("inspect.arrives", html! { <>{ view.time(flight.arrives_at) }{ " " }{ view.distance(flight.arrives_at) }</> }) }
                { written(view, &content) }
                { properties(view, &content) }
            </dl>
        </>
    }
}

/// A message that the broker keeps until it is due.
fn in_timer(view: &View<'_>, (visible_at, waiting): (Instant, &Waiting)) -> Html {
    let Waiting { producer, number, topic, queue, sent_at, due_at, .. } = *waiting;
    let content = view.world.producer(producer).content(number);
    html! {
        <>
            <p>{ view.pick(Subject::Timer(topic), view.say("inspect.in_timer")) }</p>
            <p>{ super::timer::when(view, visible_at, waiting) }</p>
            if let Some(slot) = super::timer::slot(view, waiting) {
                <p class="muted">{ slot }</p>
            }
            <dl class="facts">
                { view.fact("inspect.sent_by", view.thing(Subject::Producer(producer))) }
                { view.fact("inspect.goes_to", view.thing(Subject::Queue(queue))) }
                { view.fact("inspect.sent_at", view.time(sent_at)) }
                { view.fact("inspect.due", view.time(due_at)) }
                { written(view, &content) }
                { properties(view, &content) }
            </dl>
            { sends(view, producer, number) }
        </>
    }
}

/// How its sending went, as far as anything of it was noted.
fn sends(view: &View<'_>, producer: ProducerId, number: u64) -> Html {
    let sends = view.world.sends(producer, number).map(|entry| super::trace::happened(view, entry));
    html! { <ul class="trace-sends">{ for sends }</ul> }
}

/// Where a message was stored that was on its way a moment ago: among the newest of its topic.
fn stored_as(view: &View<'_>, producer: ProducerId, number: u64) -> Option<MessageRef> {
    let queues = &view.world.topic(view.world.producer(producer).topic).queues;
    let newest = queues.iter().flat_map(|queue| crate::trace::find::newest(view.world, *queue, 200));
    let is_it =
        |at: &MessageRef| view.world.log.queues[at.queue.index()].sender(at.offset) == (producer, number);
    newest.into_iter().find(is_it)
}
