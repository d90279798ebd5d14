//! What can be done to a consumer.

use yew::{Callback, Html, Properties, function_component, html, use_state};

use super::by_hand::{ByHand, PulledQueues};
use super::editor::{Editor, What};
use super::fault::LinkControls;
use super::fields::{Form, TextField};
use super::focus_if_lost;
use super::lite::LiteSubscriptions;
use crate::app::{Msg, PanelProps};
use crate::broker::consumer::ConsumerStatus;
use crate::broker::fault::Client;
use crate::broker::{Command, ConsumerChange, ConsumerId};
use crate::forms::threads_change;

/// Properties of a consumer's controls.
#[derive(Clone, PartialEq, Properties)]
pub(crate) struct ConsumerControlsProps {
    /// What every panel gets.
    pub panel: PanelProps,
    /// Which consumer.
    pub consumer: ConsumerId,
}

/// Pause, crash, leave, start again; threads, time and failures.
#[function_component]
pub(crate) fn ConsumerControls(props: &ConsumerControlsProps) -> Html {
    let PanelProps { session, words, dispatch, .. } = &props.panel;
    let session = session.borrow();
    let world = session.world();
    let state = world.consumer(props.consumer);
    let name = world.consumer_name(props.consumer);
    let button = |says: &str, class: &'static str, change: ConsumerChange| {
        let command = Command::Consumer { consumer: name.clone(), change };
        let onclick = dispatch.reform(move |_| {
            focus_if_lost("consumer-status");
            Msg::Command(Box::new(command.clone()))
        });
        html! { <button type="button" {class} {onclick}>{ words.say(says) }</button> }
    };
    let pause = || button("control.pause", "plain", ConsumerChange::Pause);
    let resume = || button("control.resume", "main-button", ConsumerChange::Resume);
    let leave = || button("control.leave", "plain", ConsumerChange::Leave);
    let crash = || button("control.crash", "plain danger", ConsumerChange::Crash);
    let restart = || button("control.restart", "main-button", ConsumerChange::Restart);
    let fail =
        || button("control.fail_next", "plain", ConsumerChange::FailNext(state.fail_next.saturating_add(1)));
    let buttons = match state.status {
        ConsumerStatus::Running if state.is_by_hand() => html! { <>{ pause() }{ leave() }{ crash() }</> },
        ConsumerStatus::Running => html! { <>{ pause() }{ leave() }{ crash() }{ fail() }</> },
        ConsumerStatus::Paused => html! { <>{ resume() }{ leave() }{ crash() }</> },
        ConsumerStatus::Leaving => html! { <>{ crash() }</> },
        ConsumerStatus::Left | ConsumerStatus::Crashed => html! { <>{ restart() }</> },
    };
    html! {
        <div class="control-part">
            <div class="button-row" id="consumer-status" tabindex="-1">{ buttons }</div>
            if state.is_alive() {
                <LinkControls panel={props.panel.clone()} client={Client::Consumer(props.consumer)} />
            }
            if state.fail_next > 0 {
                <p class="muted">{ words.count("control.fails_next", state.fail_next.into(), &[]) }</p>
            }
            if state.is_by_hand() {
                <ByHand panel={props.panel.clone()} consumer={props.consumer} />
            }
            if state.pulls && state.takes_messages() {
                <PulledQueues panel={props.panel.clone()} consumer={props.consumer} />
            }
            if !state.is_by_hand() {
                <Threads panel={props.panel.clone()} consumer={props.consumer} />
                <Editor panel={props.panel.clone()} what={What::Processing(props.consumer)} />
                <Editor panel={props.panel.clone()} what={What::Failure(props.consumer)} />
            }
            if state.lite.is_some() {
                <LiteSubscriptions panel={props.panel.clone()} consumer={props.consumer} />
            }
            { for world.group(state.group).topics.iter().filter(|topic| !world.is_lite(**topic)).map(|topic| html! {
                <Editor key={topic.0} panel={props.panel.clone()} what={What::OwnFilter(props.consumer, *topic)} />
            }) }
        </div>
    }
}

/// The number of threads: one less, one more, or typed.
#[function_component]
fn Threads(props: &ConsumerControlsProps) -> Html {
    let PanelProps { session, words, dispatch, .. } = &props.panel;
    let typed = use_state(|| None::<String>);
    let session = session.borrow();
    let world = session.world();
    let (id, current) = (props.consumer, world.consumer(props.consumer).thread_count);
    let shown = typed.as_ref().map_or_else(|| current.to_string(), String::clone);
    let to_command = |change: ConsumerChange| Command::Consumer { consumer: world.consumer_name(id), change };
    let checked = threads_change(world, id, &shown).map(to_command);
    let step = |to: u32, says: &str, sign: &'static str| {
        let command = threads_change(world, id, &to.to_string()).ok().map(to_command);
        let typed = typed.clone();
        let disabled = command.is_none();
        let dispatch = dispatch.clone();
        let onclick = Callback::from(move |_| {
            if let Some(command) = &command {
                dispatch.emit(Msg::Command(Box::new(command.clone())));
                typed.set(None);
            }
        });
        html! {
            <button type="button" class="plain step-button" {onclick} {disabled} aria-label={words.say(says)}>{ sign }</button>
        }
    };
    let wrong = checked.as_ref().err().and_then(|wrongs| wrongs.of("threads")).map(|wrong| wrong.say(words));
    let onsubmit = {
        let (typed, dispatch, checked) = (typed.clone(), dispatch.clone(), checked.clone());
        Callback::from(move |()| {
            if let (Some(_), Ok(command)) = (&*typed, &checked) {
                dispatch.emit(Msg::Command(Box::new(command.clone())));
                typed.set(None);
                focus_if_lost("threads");
            }
        })
    };
    let oncancel = {
        let typed = typed.clone();
        Callback::from(move |()| typed.set(None))
    };
    let oninput = {
        let typed = typed.clone();
        Callback::from(move |text| typed.set(Some(text)))
    };
    let is_changed = typed.is_some() && shown != current.to_string();
    html! {
        <Form label={words.say("control.change_threads")} {onsubmit} {oncancel}>
            <div class="stepper is-wide">
                <TextField id="threads" label={words.say("control.threads")} value={shown} inputmode="numeric"
                    wrong={wrong.map(yew::AttrValue::from)} insists=true {oninput} />
                { step(current.saturating_sub(1), "control.fewer_threads", "−") }
                { step(current.saturating_add(1), "control.more_threads", "+") }
                if is_changed {
                    <button type="submit" class="main-button">{ words.say("control.apply") }</button>
                }
            </div>
        </Form>
    }
}
