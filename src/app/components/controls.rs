//! What can be changed while it runs. New things come from here; what exists is changed in the inspector, with the parts
//! that stand in the files below. Each change is exactly one command.

use gloo::timers::callback::Timeout;
use gloo::utils::document;
use wasm_bindgen::JsCast;
use web_sys::{HtmlElement, HtmlInputElement};
use yew::{Callback, Html, function_component, html, use_state};

use crate::app::PanelProps;

mod beside;
mod by_hand;
mod consumer;
mod editor;
mod fault;
mod fields;
mod forms;
mod group;
mod lite;
mod parts;
mod producer;
mod says;
#[cfg(all(test, feature = "ssr"))]
mod tests;
mod topic;

pub(super) use beside::{CallerControls, P2pControls, ServiceControls};
pub(super) use consumer::ConsumerControls;
pub(super) use fields::{Form, TextField};
pub(super) use forms::{AddForm, New};
pub(super) use group::GroupControls;
pub(super) use producer::ProducerControls;
pub(super) use says::{failure, pattern, processing};
pub(super) use topic::TopicControls;

/// Puts the keyboard somewhere.
pub(super) fn focus(id: &str) {
    let element = document().get_element_by_id(id);
    if let Some(element) = element.and_then(|element| element.dyn_into::<HtmlElement>().ok()) {
        element.focus().ok();
    }
}

/// Puts the keyboard into a field, ready to write over what is proposed there.
fn focus_and_select(id: &str) {
    focus(id);
    let field = document().get_element_by_id(id);
    if let Some(field) = field.and_then(|field| field.dyn_into::<HtmlInputElement>().ok()) {
        field.select();
    }
}

/// Puts the keyboard somewhere once the page has changed, if what it was on is gone by then. Who has much to do changes the
/// page a little later.
pub(super) fn focus_if_lost(id: impl Into<String>) {
    const LOOKS: u32 = 25;
    look_for_keyboard(id.into(), 0, LOOKS);
}

fn look_for_keyboard(id: String, after_ms: u32, looks: u32) {
    const FRAME_MS: u32 = 20;
    let look = move || {
        if document().active_element().is_none_or(|active| active.tag_name() == "BODY") {
            focus(&id);
        } else if looks > 0 {
            look_for_keyboard(id, FRAME_MS, looks - 1);
        }
    };
    Timeout::new(after_ms, look).forget();
}

/// The id of the button for something new.
fn id(what: New) -> &'static str {
    match what {
        New::Topic => "add-topic",
        New::Producer => "add-producer",
        New::Group => "add-group",
        New::Consumer(_) => "add-consumer",
        New::Service => "add-service",
        New::Caller => "add-caller",
        New::P2p => "add-p2p",
    }
}

/// Brings new things into the world: a button for each kind, and the form of the one that is pressed.
#[function_component]
pub fn Controls(props: &PanelProps) -> Html {
    let open = use_state(|| None::<New>);
    let words = &props.words;
    let button = |what: New| {
        let is_open = *open == Some(what);
        let onclick = {
            let open = open.clone();
            Callback::from(move |_| open.set((!is_open).then_some(what)))
        };
        html! {
            <button type="button" id={id(what)} class="add-button" {onclick} aria-expanded={is_open.to_string()}>
                { words.say(what.says()) }
            </button>
        }
    };
    let onclose = {
        let open = open.clone();
        Callback::from(move |()| {
            // The keyboard goes back to where it came from.
            if let Some(what) = *open {
                focus(id(what));
            }
            open.set(None);
        })
    };
    html! {
        <section class="controls" aria-label={words.say("control.title")}>
            <div class="add-row">
                { for [New::Producer, New::Topic, New::Group].map(button) }
            </div>
            <details class="add-beside">
                <summary>{ words.say("control.beside") }</summary>
                <div class="add-row">{ for [New::Service, New::Caller, New::P2p].map(button) }</div>
            </details>
            if let Some(what) = *open {
                <div class="add-form">
                    <h3>{ words.say(what.heading()) }</h3>
                    <AddForm key={what.says()} panel={props.clone()} {what} {onclose} />
                </div>
            }
            <fault::BrokerControls ..props.clone() />
        </section>
    }
}
