//! What can be done to a producer.

use yew::{Html, Properties, function_component, html};

use super::editor::{Confirm, Editor, What};
use super::fault::LinkControls;
use super::focus_if_lost;
use crate::app::{Msg, PanelProps};
use crate::broker::fault::Client;
use crate::broker::{Command, ProducerId};
use crate::forms::scaled;

/// Properties of a producer's controls.
#[derive(Clone, PartialEq, Properties)]
pub(crate) struct ProducerControlsProps {
    /// What every panel gets.
    pub panel: PanelProps,
    /// Which producer.
    pub producer: ProducerId,
}

/// Messages that the two buttons send by hand.
const BY_HAND: [u32; 2] = [1, 100];

/// Send now, faster, slower, another pattern, stop.
#[function_component]
pub(crate) fn ProducerControls(props: &ProducerControlsProps) -> Html {
    let PanelProps { session, words, dispatch, .. } = &props.panel;
    let session = session.borrow();
    let state = session.world().producer(props.producer);
    let command = |command: Command| {
        dispatch.reform(move |_| {
            focus_if_lost("producer-status");
            Msg::Command(Box::new(command.clone()))
        })
    };
    let name = state.spec.name.clone();
    if state.is_down() {
        let onclick = command(Command::RestartProducer { producer: name });
        return html! {
            <div class="button-row" id="producer-status" tabindex="-1">
                <button type="button" class="main-button" {onclick}>{ words.say("control.restart") }</button>
            </div>
        };
    }
    if !state.running {
        return html! { <p class="muted">{ words.say("control.producer_stopped") }</p> };
    }
    let send = |count: u32| {
        let onclick = command(Command::Send { producer: name.clone(), count });
        html! {
            <button type="button" class="plain" {onclick}>{ words.count("control.send_now", count.into(), &[]) }</button>
        }
    };
    let scale = |up: bool, says: &str| {
        let pattern = scaled(&state.schedule.pattern, up);
        let onclick = pattern.map(|pattern| command(Command::SetPattern { producer: name.clone(), pattern }));
        html! {
            <button type="button" class="plain" disabled={onclick.is_none()} {onclick}>{ words.say(says) }</button>
        }
    };
    let stop = {
        let (dispatch, producer) = (dispatch.clone(), name.clone());
        yew::Callback::from(move |()| {
            dispatch.emit(Msg::Command(Box::new(Command::RemoveProducer { producer: producer.clone() })));
        })
    };
    html! {
        <div class="control-part">
            <div class="button-row" id="producer-status" tabindex="-1">
                { for BY_HAND.map(send) }
                { scale(false, "control.half_rate") }
                { scale(true, "control.double_rate") }
                <button type="button" class="plain danger" onclick={command(Command::CrashProducer { producer: name.clone() })}>
                    { words.say("control.crash") }
                </button>
            </div>
            <LinkControls panel={props.panel.clone()} client={Client::Producer(props.producer)} />
            <Editor panel={props.panel.clone()} what={What::Pattern(props.producer)} />
            <Confirm id="stop-producer" ask={words.say("control.stop_producer")} onconfirm={stop}
                question={words.fill("control.stop_producer_ask", &[("producer", &name)])}
                yes={words.say("control.stop_producer_yes")} no={words.say("control.keep")} />
        </div>
    }
}
