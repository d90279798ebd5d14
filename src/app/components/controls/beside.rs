//! What can be done to what stands beside the broker: a caller, a service, a point-to-point queue.

use yew::{Html, Properties, function_component, html};

use super::editor::{Editor, What};
use crate::app::{Msg, PanelProps};
use crate::broker::service::ServiceStatus;
use crate::broker::{CallerChange, CallerId, Command, P2pChange, P2pId, ServiceChange, ServiceId};
use crate::forms::scaled;

/// Properties of a caller's controls.
#[derive(Clone, PartialEq, Properties)]
pub(crate) struct CallerControlsProps {
    /// What every panel gets.
    pub panel: PanelProps,
    /// Which caller.
    pub caller: CallerId,
}

/// When it calls, unless it does so with a producer; how long it waits.
#[function_component]
pub(crate) fn CallerControls(props: &CallerControlsProps) -> Html {
    let PanelProps { session, words, dispatch, .. } = &props.panel;
    let session = session.borrow();
    let state = session.world().caller(props.caller);
    let scale = |up: bool, says: &str| {
        let onclick = scaled(state.arriving.pattern(), up).map(|pattern| {
            let change = CallerChange::SetPattern(pattern);
            let command = Command::Caller { caller: state.spec.name.clone(), change };
            dispatch.reform(move |_| Msg::Command(Box::new(command.clone())))
        });
        html! {
            <button type="button" class="plain" disabled={onclick.is_none()} {onclick}>{ words.say(says) }</button>
        }
    };
    html! {
        <div class="control-part">
            if state.arriving.producer.is_none() {
                <div class="button-row">
                    { scale(false, "control.half_rate") }
                    { scale(true, "control.double_rate") }
                </div>
                <Editor panel={props.panel.clone()} what={What::CallPattern(props.caller)} />
            }
            <Editor panel={props.panel.clone()} what={What::CallTimeout(props.caller)} />
        </div>
    }
}

/// Properties of a service's controls.
#[derive(Clone, PartialEq, Properties)]
pub(crate) struct ServiceControlsProps {
    /// What every panel gets.
    pub panel: PanelProps,
    /// Which service.
    pub service: ServiceId,
}

/// Stop, crash, start again; workers, and how long they take.
#[function_component]
pub(crate) fn ServiceControls(props: &ServiceControlsProps) -> Html {
    let PanelProps { session, words, dispatch, .. } = &props.panel;
    let session = session.borrow();
    let state = session.world().service(props.service);
    let on = |change: ServiceChange| {
        let command = Command::Service { service: state.spec.name.clone(), change };
        dispatch.reform(move |_| Msg::Command(Box::new(command.clone())))
    };
    let button = |says: &str, class: &'static str, change: ServiceChange| {
        html! { <button type="button" {class} onclick={on(change)}>{ words.say(says) }</button> }
    };
    let step = |says: &str, sign: &'static str, workers: u32| {
        html! {
            <button type="button" class="plain step-button" disabled={workers == 0 || workers == state.workers}
                onclick={on(ServiceChange::SetWorkers(workers))} aria-label={words.say(says)}>{ sign }</button>
        }
    };
    html! {
        <div class="control-part">
            <div class="button-row">
                if state.status == ServiceStatus::Running {
                    { button("control.stop_service", "plain", ServiceChange::Stop) }
                } else {
                    { button("control.start_service", "main-button", ServiceChange::Start) }
                }
                if state.status != ServiceStatus::Crashed {
                    { button("control.crash_service", "plain danger", ServiceChange::Crash) }
                }
            </div>
            <div class="stepper" role="group" aria-label={words.say("control.workers")}>
                { step("control.fewer_workers", "−", state.workers.saturating_sub(1)) }
                <output class="step-value">{ words.count("workers", state.workers.into(), &[]) }</output>
                { step("control.more_workers", "+", state.workers.saturating_add(1)) }
            </div>
            <Editor panel={props.panel.clone()} what={What::ServiceProcessing(props.service)} />
        </div>
    }
}

/// Properties of a point-to-point queue's controls.
#[derive(Clone, PartialEq, Properties)]
pub(crate) struct P2pControlsProps {
    /// What every panel gets.
    pub panel: PanelProps,
    /// Which queue.
    pub queue: P2pId,
}

/// Consumers more, or fewer by a crash.
#[function_component]
pub(crate) fn P2pControls(props: &P2pControlsProps) -> Html {
    let PanelProps { session, words, dispatch, .. } = &props.panel;
    let session = session.borrow();
    let state = session.world().p2p(props.queue);
    let button = |says: &str, class: &'static str, change: P2pChange| {
        let command = Command::P2p { queue: state.spec.name.clone(), change };
        let onclick = dispatch.reform(move |_| Msg::Command(Box::new(command.clone())));
        html! { <button type="button" {class} {onclick}>{ words.say(says) }</button> }
    };
    html! {
        <div class="control-part">
            <div class="button-row">
                { button("control.add_p2p_consumer", "plain", P2pChange::AddConsumer) }
                if state.alive().next().is_some() {
                    { button("control.crash_p2p_consumer", "plain danger", P2pChange::CrashConsumer) }
                }
            </div>
        </div>
    }
}
