//! How far a group has come in a queue: its cursor there.

use yew::{Html, html};

use super::view::View;
use crate::app::subject::Subject;
use crate::broker::{MessageRef, ProgressId};
use crate::trace::{journey, waiting};

/// So many unfinished messages are listed.
const SHOWN: usize = 12;

pub(super) fn page(view: &View<'_>, id: ProgressId) -> Html {
    let state = view.world.progress(id);
    let max = view.world.queue(state.queue).max_offset;
    let next = (state.next < max).then_some(MessageRef { queue: state.queue, offset: state.next });
    let unfinished: Box<dyn Iterator<Item = u64>> = if state.lite.is_some() {
        Box::new(state.held.keys().copied())
    } else {
        Box::new(state.finished.unfinished(state.next))
    };
    // What an orderly group keeps back is in nobody's hands.
    let kept_back = |offset: &u64| state.order.as_ref().is_some_and(|order| order.waiting.contains(*offset));
    let unfinished = unfinished.filter(|offset| !kept_back(offset));
    let unfinished = unfinished.map(|offset| view.message(MessageRef { queue: state.queue, offset }));
    let numbers = [
        ("inspect.committed", state.committed),
        ("inspect.next", state.next),
        ("inspect.max_offset", max),
        ("inspect.accumulation", state.accumulation(max)),
        ("inspect.ready", state.ready(max)),
        ("inspect.inflight", state.inflight.into()),
        ("inspect.finished_ahead", state.finished_ahead()),
        ("inspect.start", state.start),
    ];
    html! {
        <>
            { view.head("inspect.kind_cursor", view.group_mark(state.group), view.world.queue_name(state.queue)) }
            <dl class="facts">
                { view.fact("inspect.group", view.thing(Subject::Group(state.group))) }
                { view.fact("inspect.queue", view.thing(Subject::Queue(state.queue))) }
                if let Some(member) = state.member {
                    { view.fact("inspect.kind_consumer", view.thing(Subject::Consumer(member))) }
                }
                { view.fact("inspect.owner", match state.owner {
                    Some(owner) => view.thing(Subject::Consumer(owner)),
                    None => html! { view.say("inspect.nobody") },
                }) }
                if let Some(since) = state.paused_since() {
                    { view.plain("inspect.paused_since", since) }
                }
            </dl>
            { view.numbers(&numbers) }
            <p class="muted">{ view.say("inspect.cursor_about") }</p>
            { view.section("inspect.unfinished") }
            { view.list(unfinished, (state.inflight as usize, SHOWN), "inspect.nothing_unfinished") }
            if state.kept_back() > 0 {
                <p class="muted">{ view.words.count("inspect.kept_back", state.kept_back(), &[]) }</p>
            }
            if let Some(next) = next {
                <>{ view.section("inspect.comes_next") }<p>{ view.message(next) }</p></>
                { why_next(view, id, next) }
            }
        </>
    }
}

/// Why the group has not taken the next message.
fn why_next(view: &View<'_>, id: ProgressId, next: MessageRef) -> Html {
    let journey = journey(view.world, next);
    let reader = journey.iter().flat_map(|journey| &journey.readers).find(|reader| reader.progress == id);
    let Some(reader) = reader else { return html! {} };
    let group = &view.world.group(reader.group).spec.name;
    view.why(view.words.fill("why.ask_not_seen", &[("group", group)]), &waiting(view.world, reader))
}
