//! Lite topics: those of a parent, one of them, and what a client subscribes to.

use yew::{Html, html};

use super::queue::message_row;
use super::view::View;
use crate::app::subject::Subject;
use crate::broker::{ConsumerId, LiteId, MessageRef, TopicId};
use crate::metrics::lite;

/// So many messages or lite topics are listed.
const SHOWN: usize = 12;

/// The numbers on the parent's page.
pub(super) fn section(view: &View<'_>, id: TopicId) -> Html {
    let Some(report) = lite::lite(view.world, id) else { return html! {} };
    let ids: Vec<LiteId> =
        view.world.lites().into_iter().flat_map(|lites| lites.of(id).take(SHOWN)).collect();
    let items = ids.into_iter().map(|id| view.thing(Subject::Lite(id)));
    html! {
        <>
            { view.section("inspect.lite_topics") }
            { view.numbers(&[
                ("inspect.lite_alive", report.lite_topics),
                ("inspect.lite_behind", report.behind),
                ("inspect.lite_created", report.created),
                ("inspect.lite_expired", report.expired),
                ("inspect.lite_refused", report.refused),
                ("inspect.lite_subscriptions", report.subscriptions),
            ]) }
            <p class="muted">{ view.say("inspect.lite_about") }</p>
            { view.list(items, (report.lite_topics as usize, SHOWN), "inspect.nobody") }
        </>
    }
}

/// One lite topic.
pub(super) fn page(view: &View<'_>, id: LiteId) -> Html {
    let world = view.world;
    let Some(state) = world.lites().map(|lites| lites.get(id)) else { return html! {} };
    let queue = world.lite_queue(state.parent);
    let count = (state.max_offset - state.min_offset) as usize;
    let places: Vec<u64> = world.lite_places(id).collect();
    let newest = places.iter().rev().take(SHOWN);
    let messages = newest.map(|place| message_row(view, MessageRef { queue, offset: *place }));
    let life = world.lite_life(id).filter(|_| state.alive);
    html! {
        <>
            { view.head("inspect.kind_lite", html! {}, world.lite_name(id)) }
            <dl class="facts">
                { view.fact("inspect.topic", view.thing(Subject::Topic(state.parent))) }
                { view.plain("inspect.min_offset", state.min_offset) }
                { view.plain("inspect.max_offset", state.max_offset) }
                { view.fact("inspect.lite_written", view.time(state.written_at)) }
                if let Some(life) = life {
                    { view.fact("inspect.lite_ends", view.time(state.written_at + life)) }
                }
            </dl>
            if !state.alive {
                <p class="muted">{ view.say("inspect.lite_gone") }</p>
            }
            { for world.queue(queue).progress.iter().filter_map(|reader| {
                let progress = world.progress(*reader);
                let reading = progress.lite.as_ref()?;
                let committed = reading.committed(id)?;
                let clients: Vec<Html> =
                    reading.subscribers(id).all().iter().map(|one| view.thing(Subject::Consumer(*one))).collect();
                let clients = if clients.is_empty() {
                    html! { view.say("inspect.nobody") }
                } else {
                    html! { <span class="picks">{ for clients }</span> }
                };
                Some(html! {
                    <>
                        <h3>{ view.group_mark(progress.group) }{ " " }{ view.thing(Subject::Group(progress.group)) }</h3>
                        <dl class="facts">
                            { view.plain("inspect.committed", committed) }
                            { view.plain("inspect.accumulation", world.lite_behind(*reader, id)) }
                            { view.fact("inspect.lite_clients", clients) }
                        </dl>
                    </>
                })
            }) }
            { view.section("inspect.newest") }
            { view.list(messages, (count, SHOWN), "inspect.empty") }
        </>
    }
}

/// What a client subscribes to, and what is in its event set.
pub(super) fn client(view: &View<'_>, id: ConsumerId) -> Html {
    let Some(client) = &view.world.consumer(id).lite else { return html! {} };
    let interests = client.subscriptions().take(SHOWN).map(|lite| view.thing(Subject::Lite(lite)));
    let events = client.events.iter().take(SHOWN).map(|lite| view.thing(Subject::Lite(*lite)));
    let most = view.world.settings.lite_max_events_per_client;
    html! {
        <>
            { view.section("inspect.lite_interests") }
            { view.list(interests, (client.subscription_count() as usize, SHOWN), "inspect.nobody") }
            { view.section("inspect.lite_events") }
            <p class="muted">{ view.words.fill("inspect.lite_events_about", &[("n", &client.events.len()), ("most", &most)]) }</p>
            { view.list(events, (client.events.len(), SHOWN), "inspect.nobody") }
        </>
    }
}
