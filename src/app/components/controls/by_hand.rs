//! What a person does for a consumer that is worked by hand: for a simple one receive, acknowledge, take more time; for a
//! pull consumer poll, commit, send back. And for any pull consumer: pause a queue, seek.

use yew::{Html, function_component, html};

use super::consumer::ConsumerControlsProps;
use crate::app::{Msg, PanelProps};
use crate::broker::consumer::Task;
use crate::broker::simple::InHands;
use crate::broker::{Command, ConsumerChange, ProgressId, ResetTarget};
use crate::lesson::Said;
use crate::sim::Span;

/// How much time a press takes for a message.
const MORE: Span = Span::from_secs(30);
/// The delay level that lets a message come again after 10 s.
const TEN_SECONDS: i32 = 3;
/// So many messages have buttons of their own.
const SHOWN: usize = 40;

/// Receive some; and for each message in hands, acknowledge it or take more time.
#[function_component]
pub(super) fn ByHand(props: &ConsumerControlsProps) -> Html {
    let PanelProps { session, words, dispatch, .. } = &props.panel;
    let session = session.borrow();
    let world = session.world();
    let name = world.consumer_name(props.consumer);
    let button = |says: String, label: String, change: ConsumerChange| {
        let command = Command::Consumer { consumer: name.clone(), change };
        let onclick = dispatch.reform(move |_| Msg::Command(Box::new(command.clone())));
        html! { <button type="button" class="plain" {onclick} aria-label={label}>{ says }</button> }
    };
    let receive = |count: u32| {
        let says = words.count("control.receive", count.into(), &[]);
        button(
            says.clone(),
            says,
            ConsumerChange::Receive { count, invisible: None, queue: None, attempt: None },
        )
    };
    let row = |held: &InHands| {
        let fills: [(&str, &dyn Said); 1] = [("handle", &held.handle)];
        let labelled = |key: &str| words.fill(key, &fills);
        let ack = ConsumerChange::Acknowledge { handle: held.handle };
        let more = ConsumerChange::ChangeInvisible { handle: held.handle, invisible: MORE };
        html! {
            <li key={held.handle}>
                <span class="digits">{ labelled("inspect.handle") }</span>
                { button(words.say("control.ack"), labelled("control.ack_handle"), ack) }
                { button(words.say("control.more_time"), labelled("control.more_time_for"), more) }
            </li>
        }
    };
    let held = world.in_hands(props.consumer);
    if world.consumer(props.consumer).pulls {
        let plain = |key: &str, change| button(words.say(key), words.say(key), change);
        let polled = |task: &Task| {
            let id = world.progress(task.progress).queue;
            let (queue, name) = (world.queue(id), format!("{}@{}", world.queue_name(id), task.offset));
            let back = ConsumerChange::SendBack {
                topic: world.topic(queue.topic).name.to_string(),
                queue: queue.number,
                offset: task.offset,
                level: TEN_SECONDS,
                max_times: None,
            };
            let label = words.fill("control.send_back_message", &[("message", &name)]);
            html! {
                <li key={name.clone()}>
                    <span class="digits">{ name }</span>
                    { button(words.say("control.send_back"), label, back) }
                </li>
            }
        };
        return html! {
            <>
                <div class="button-row">
                    { plain("control.poll", ConsumerChange::Poll) }
                    { plain("control.commit_offsets", ConsumerChange::Commit) }
                </div>
                <ul class="in-hands">{ for world.polled(props.consumer).take(SHOWN).map(polled) }</ul>
            </>
        };
    }
    html! {
        <>
            <div class="button-row">{ receive(1) }{ receive(8) }</div>
            <ul class="in-hands">{ for held.iter().take(SHOWN).map(row) }</ul>
        </>
    }
}

/// The queues that a pull consumer has: pause each, resume it, go on from another place.
#[function_component]
pub(super) fn PulledQueues(props: &ConsumerControlsProps) -> Html {
    let PanelProps { session, words, dispatch, .. } = &props.panel;
    let session = session.borrow();
    let world = session.world();
    let consumer = world.consumer_name(props.consumer);
    let row = |it: ProgressId| {
        let state = world.progress(it);
        let (queue, name) = (world.queue(state.queue), world.queue_name(state.queue));
        let (topic, number) = (world.topic(queue.topic).name.to_string(), queue.number);
        let button = |says: &str, label: &str, change: ConsumerChange| {
            let command = Command::Consumer { consumer: consumer.clone(), change };
            let onclick = dispatch.reform(move |_| Msg::Command(Box::new(command.clone())));
            let label = words.fill(label, &[("queue", &name)]);
            html! { <button type="button" class="plain" {onclick} aria-label={label}>{ words.say(says) }</button> }
        };
        let to = |to| ConsumerChange::Seek { topic: topic.clone(), queue: number, to };
        let (pause, resume) = (topic.clone(), topic.clone());
        html! {
            <li key={it.0}>
                <span class="digits">{ &name }</span>
                if state.paused_since().is_none() {
                    { button("control.pause", "control.pause_queue", ConsumerChange::PauseQueue { topic: pause, queue: number }) }
                } else {
                    { button("control.resume", "control.resume_queue", ConsumerChange::ResumeQueue { topic: resume, queue: number }) }
                }
                { button("control.to_beginning", "control.seek_earliest", to(ResetTarget::Earliest)) }
                { button("control.to_end", "control.seek_latest", to(ResetTarget::Latest)) }
            </li>
        }
    };
    let owned = world.group(world.consumer(props.consumer).group).progress.iter().copied();
    let owned = owned.filter(|it| world.progress(*it).owner == Some(props.consumer)).take(SHOWN);
    html! { <ul class="in-hands">{ for owned.map(row) }</ul> }
}
