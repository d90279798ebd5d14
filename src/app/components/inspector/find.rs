//! Looking a message up by offset, key or message id.

use web_sys::{Element, ScrollIntoViewOptions, ScrollLogicalPosition};
use yew::{Callback, Html, Properties, function_component, html, use_effect_with, use_node_ref, use_state};

use crate::app::components::controls::{Form, TextField};
use crate::app::subject::{Subject, name};
use crate::app::{Msg, PanelProps};
use crate::broker::{QueueId, TopicId};
use crate::trace::find::{Found, SEARCHED, find};

/// So many finds are shown.
const FOUND: usize = 20;

/// Properties of the search.
#[derive(Clone, PartialEq, Properties)]
pub(super) struct FindProps {
    /// What every panel gets.
    pub(super) panel: PanelProps,
    /// Where to look for a key or an id.
    pub(super) topic: TopicId,
    /// Where to look for an offset.
    pub(super) queue: Option<QueueId>,
}

/// No further than it has to be.
fn nearest() -> ScrollIntoViewOptions {
    let options = ScrollIntoViewOptions::new();
    options.set_block(ScrollLogicalPosition::Nearest);
    options
}

/// A field and what it found.
#[function_component]
pub(super) fn Find(props: &FindProps) -> Html {
    let PanelProps { session, words, dispatch, .. } = &props.panel;
    let typed = use_state(String::new);
    let found = use_state(|| None::<(String, Vec<Subject>)>);
    let (topic, queue) = (props.topic, props.queue);
    let oninput = {
        let typed = typed.clone();
        Callback::from(move |text| typed.set(text))
    };
    let onsubmit = {
        let (session, dispatch) = (session.clone(), dispatch.clone());
        let (typed, found) = (typed.clone(), found.clone());
        Callback::from(move |()| {
            let text = typed.trim().to_owned();
            if text.is_empty() {
                return;
            }
            let session = session.borrow();
            let all = find(session.world(), topic, queue, &text, FOUND).into_iter().map(|it| match it {
                Found::Stored(at) => Subject::Message(at),
                Found::InTimer(producer, number) => Subject::Sending(producer, number),
            });
            let all: Vec<Subject> = all.collect();
            if let [only] = *all {
                dispatch.emit(Msg::Select(Some(only)));
            }
            found.set(Some((text, all)));
        })
    };
    let oncancel = {
        let (typed, found) = (typed.clone(), found.clone());
        Callback::from(move |()| {
            typed.set(String::new());
            found.set(None);
        })
    };
    let answer = use_node_ref();
    use_effect_with((*found).clone(), {
        let answer = answer.clone();
        move |found| {
            if let Some(answer) = found.as_ref().and_then(|_| answer.cast::<Element>()) {
                answer.scroll_into_view_with_scroll_into_view_options(&nearest());
            }
        }
    });
    let hint = if queue.is_some() { "inspect.find_hint_queue" } else { "inspect.find_hint_topic" };
    let session = session.borrow();
    let row = |subject: &Subject| {
        let subject = *subject;
        html! {
            <li key={subject.to_string()}>
                <button type="button" class="pick" onclick={dispatch.reform(move |_| Msg::Select(Some(subject)))}>
                    { name(session.world(), subject) }
                </button>
            </li>
        }
    };
    html! {
        <div class="find">
            <Form label={words.say("inspect.find")} {onsubmit} {oncancel}>
                <div class="stepper is-wide">
                    <TextField id="find" label={words.say("inspect.find_label")} value={(*typed).clone()}
                        hint={words.say(hint)} {oninput} />
                    <button type="submit" class="plain">{ words.say("inspect.find_button") }</button>
                </div>
            </Form>
            <div role="status" ref={answer}>
                if let Some((text, all)) = &*found {
                    if all.is_empty() {
                        <p>{ words.fill("inspect.found_nothing", &[("text", text), ("n", &SEARCHED)]) }</p>
                    } else {
                        <p>{ words.count(if all.len() < FOUND { "inspect.found" } else { "inspect.found_newest" }, all.len() as u64, &[("text", text)]) }</p>
                    }
                }
            </div>
            if let Some((_, all)) = &*found {
                <ul class="list">{ for all.iter().map(row) }</ul>
            }
        </div>
    }
}
