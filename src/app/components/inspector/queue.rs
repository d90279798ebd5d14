//! A topic, and one of its queues.

use yew::{Html, html};

use super::find::Find;
use super::view::View;
use crate::app::components::controls::TopicControls;
use crate::app::subject::Subject;
use crate::broker::flow::WaitingRequest;
use crate::broker::{MessageRef, ProducerId, ProgressId, QueueId, TopicId};
use crate::lesson::Said;
use crate::trace::find::newest;

/// So many of a queue's newest messages are listed.
const NEWEST: u64 = 10;
/// So many queues of a topic are listed.
const QUEUES: usize = 64;

pub(super) fn topic(view: &View<'_>, id: TopicId) -> Html {
    let topic = view.world.topic(id);
    let senders = view.world.live.producers.iter().enumerate();
    let senders = senders.filter(|(_, p)| p.running && p.topic == id).map(|(index, _)| ProducerId::at(index));
    let readers = view.world.groups().filter(|(_, group)| group.topics.contains(&id)).map(|(group, _)| group);
    let queues = topic.queues.iter().map(|queue| {
        html! {
            <>
                { view.thing(Subject::Queue(*queue)) }
                <span class="muted">{ range(view, *queue) }</span>
            </>
        }
    });
    let names = |things: Vec<Html>| {
        if things.is_empty() {
            return html! { view.say("inspect.nobody") };
        }
        html! { <span class="picks">{ for things }</span> }
    };
    html! {
        <>
            { view.head("inspect.kind_topic", html! {}, &topic.name) }
            <dl class="facts">
                { view.plain("inspect.type", topic.message_type.name()) }
                { view.plain("inspect.write_queues", topic.write_queues) }
                { view.plain("inspect.read_queues", topic.read_queues) }
                { view.fact("inspect.written_by", names(senders.map(|it| view.thing(Subject::Producer(it))).collect())) }
                { view.fact("inspect.read_by", names(readers.map(|it| view.thing(Subject::Group(it))).collect())) }
                if topic.compacts() {
                    { view.fact("inspect.kept", html! { view.say("inspect.kept_newest") }) }
                    { view.plain("inspect.holes", crate::metrics::report::holes(view.world, id).unwrap_or_default()) }
                    if let Some(next_at) = view.world.live.compaction.next_at {
                        { view.plain("inspect.compacted_next", view.distance(next_at)) }
                    }
                } else {
                    { view.plain("inspect.kept", view.world.settings.store_retention) }
                }
            </dl>
            if topic.is_ordinary() && !view.world.is_lite(id) {
                { view.section("inspect.change") }
                <TopicControls key={id.0} panel={view.panel.clone()} topic={id} />
            }
            { send_queue(view, id) }
            { super::timer::section(view, id) }
            { super::curtain::section(view, id) }
            { super::lite::section(view, id) }
            { view.section("inspect.queues") }
            { view.list(queues, (topic.queues.len(), QUEUES), "inspect.nobody") }
            { view.section("inspect.find") }
            <Find key={id.0} panel={view.panel.clone()} topic={id} queue={None::<QueueId>} />
        </>
    }
}

/// Requests to store messages that wait for their turn.
fn send_queue(view: &View<'_>, id: TopicId) -> Html {
    let is_here = |one: &WaitingRequest| view.world.queue(one.queue).topic == id;
    let waiting: Vec<WaitingRequest> = view.world.live.flow.send_queue().filter(is_here).collect();
    if waiting.is_empty() {
        return html! {};
    }
    let items = waiting.iter().map(|one| {
        html! {
            <>
                { view.thing(Subject::Producer(one.producer)) }
                { " " }{ view.pick(Subject::Sending(one.producer, one.number), format!("#{}", one.number)) }
                <span class="muted">{ view.distance(one.until) }</span>
            </>
        }
    });
    html! {
        <>
            { view.section("inspect.send_queue") }
            { view.list(items, (waiting.len(), NEWEST as usize), "inspect.empty") }
        </>
    }
}

fn range(view: &View<'_>, id: QueueId) -> String {
    let queue = view.world.queue(id);
    if queue.max_offset == 0 {
        return view.say("inspect.empty");
    }
    if queue.min_offset == queue.max_offset {
        return view.words.count("inspect.all_expired", queue.min_offset, &[]);
    }
    let said = view
        .words
        .fill("inspect.offsets_from_to", &[("first", &queue.min_offset), ("last", &(queue.max_offset - 1))]);
    match queue.min_offset {
        0 => said,
        expired => format!("{said} · {}", view.words.count("stage.expired", expired, &[])),
    }
}

pub(super) fn page(view: &View<'_>, id: QueueId) -> Html {
    let queue = view.world.queue(id);
    let count = (queue.max_offset - queue.min_offset).min(NEWEST);
    let messages = newest(view.world, id, NEWEST).map(|at| message_row(view, at));
    html! {
        <>
            { view.head("inspect.kind_queue", html! {}, view.world.queue_name(id)) }
            <dl class="facts">
                { view.fact("inspect.topic", view.thing(Subject::Topic(queue.topic))) }
                { view.plain("inspect.min_offset", queue.min_offset) }
                { view.plain("inspect.max_offset", queue.max_offset) }
                { view.plain("inspect.readable", queue.max_offset - queue.min_offset) }
                if queue.min_offset > 0 {
                    { view.plain("inspect.expired_messages", queue.min_offset) }
                }
                { view.fact("inspect.last_stored", if queue.max_offset == 0 {
                    html! { view.say("inspect.never") }
                } else {
                    view.time(queue.last_stored_at)
                }) }
            </dl>
            { view.section("inspect.progress") }
            { progress_table(view, &queue.progress, false) }
            { view.section("inspect.newest") }
            { view.list(messages, (count as usize, NEWEST as usize), "inspect.empty") }
            { view.section("inspect.find") }
            <Find key={id.0} panel={view.panel.clone()} topic={queue.topic} queue={Some(id)} />
        </>
    }
}

/// One stored message in a list.
pub(super) fn message_row(view: &View<'_>, at: MessageRef) -> Html {
    let Some(message) = view.world.message_view(at) else { return html! {} };
    let says = message.content.key.or(message.content.tag).unwrap_or(message.content.body);
    html! {
        <>
            { view.producer_mark(message.producer) }
            { view.message(at) }
            <span class="muted cut">{ says }</span>
        </>
    }
}

/// How far groups have come: of one queue, or of one group.
pub(super) fn progress_table(view: &View<'_>, progress: &[ProgressId], by_queue: bool) -> Html {
    if progress.is_empty() {
        return html! { <p class="muted">{ view.say("inspect.nobody_reads") }</p> };
    }
    let first = if by_queue { "inspect.queue" } else { "inspect.group" };
    let columns = [first, "inspect.committed", "inspect.next", "inspect.behind", "inspect.owner"];
    let columns = columns.into_iter().filter(|column| !(by_queue && *column == "inspect.next"));
    let rows = progress.iter().take(QUEUES).map(|id| {
        let state = view.world.progress(*id);
        let max = view.world.queue(state.queue).max_offset;
        let name = if by_queue {
            view.world.queue_name(state.queue)
        } else {
            match state.member {
                Some(member) => view.world.consumer_name(member),
                None => view.world.group(state.group).spec.name.clone(),
            }
        };
        html! {
            <tr key={id.0}>
                <th scope="row">{ view.pick(Subject::Cursor(*id), name) }</th>
                <td class="digits">{ state.committed.said() }</td>
                if !by_queue {
                    <td class="digits">{ state.next.said() }</td>
                }
                <td class="digits">{ state.accumulation(max).said() }</td>
                <td>{ state.owner.map_or_else(|| html! { "–" }, |owner| {
                    view.pick(Subject::Consumer(owner), &view.world.consumer(owner).spec.name)
                }) }</td>
            </tr>
        }
    });
    html! {
        <div class="table-scroll" tabindex="0" role="region" aria-label={view.say("inspect.progress")}>
            <table class="numbers">
                <thead>
                    <tr>
                        { for columns.map(|label| html! { <th scope="col">{ view.say(label) }</th> }) }
                    </tr>
                </thead>
                <tbody>{ for rows }</tbody>
            </table>
            if progress.len() > QUEUES {
                <p class="muted">{ view.words.count("inspect.more", (progress.len() - QUEUES) as u64, &[]) }</p>
            }
        </div>
    }
}
