//! What waits in the broker's timer for a topic.

use yew::{Html, html};

use super::view::View;
use crate::app::subject::Subject;
use crate::broker::TopicId;
use crate::broker::timer::{InWheel, Waiting};
use crate::lesson::Said;
use crate::sim::Instant;

/// So many messages are listed.
const SHOWN: usize = 50;
/// So many on the topic's own page, which leads to the rest.
const FIRST: usize = 5;

pub(super) fn page(view: &View<'_>, id: TopicId) -> Html {
    html! {
        <>
            { view.head("inspect.kind_timer", html! {}, &view.world.topic(id).name) }
            <p>{ view.say("inspect.timer_about") }</p>
            { count(view, id) }
            { list(view, id, SHOWN, |waiting| slot(view, waiting)) }
        </>
    }
}

/// The same in short on the topic's page, if anything waits.
pub(super) fn section(view: &View<'_>, id: TopicId) -> Html {
    if view.world.live.timer.count(id) == 0 {
        return html! {};
    }
    html! {
        <>
            <h3>{ view.pick(Subject::Timer(id), view.say("inspect.timer")) }</h3>
            { count(view, id) }
            { list(view, id, FIRST, |_| None) }
        </>
    }
}

fn count(view: &View<'_>, id: TopicId) -> Html {
    let waiting = view.world.live.timer.count(id);
    html! { <p class="muted">{ view.words.count("inspect.timer_count", waiting, &[]) }</p> }
}

/// The next ones first, with what more there is to say of each.
fn list(view: &View<'_>, id: TopicId, most: usize, more: impl Fn(&Waiting) -> Option<String>) -> Html {
    let timer = &view.world.live.timer;
    let items = timer.waiting_for(id).map(|(visible_at, waiting)| {
        let key = view.world.producer(waiting.producer).content(waiting.number).key;
        html! {
            <>
                { view.producer_mark(waiting.producer) }
                { view.thing(Subject::Sending(waiting.producer, waiting.number)) }
                if let Some(key) = key {
                    <code class="cut">{ key }</code>
                }
                <span class="muted">{ when(view, visible_at, waiting) }</span>
                if let Some(more) = more(waiting) {
                    <span class="muted">{ more }</span>
                }
            </>
        }
    });
    view.list(items, (timer.count(id) as usize, most), "inspect.timer_empty")
}

/// When a message comes out, where it goes, and when it was due.
pub(super) fn when(view: &View<'_>, visible_at: Instant, waiting: &Waiting) -> Html {
    let out = view.distance(visible_at);
    let queue = view.world.queue_name(waiting.queue);
    let values: [(&str, &dyn Said); 3] = [("when", &out), ("queue", &queue), ("due", &waiting.due_at)];
    html! { view.words.fill("inspect.timer_when", &values) }
}

/// In which slot of the wheel it lies, and how often it is put into another on its way.
pub(super) fn slot(view: &View<'_>, waiting: &Waiting) -> Option<String> {
    let InWheel { slot, slots, rolls } = view.world.in_wheel(waiting)?;
    let (slot, slots) = (slot.unsigned_abs(), slots.unsigned_abs());
    let values: [(&str, &dyn Said); 2] = [("slot", &slot), ("slots", &slots)];
    Some(match rolls {
        0 => view.words.fill("inspect.timer_slot", &values),
        _ => view.words.count("inspect.timer_rolls", rolls, &values),
    })
}
