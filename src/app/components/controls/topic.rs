//! What can be done to a topic.

use yew::{Html, Properties, function_component, html};

use super::editor::{Editor, What};
use crate::app::{Msg, PanelProps};
use crate::broker::{Command, TopicId};
use crate::sim::Span;

/// So long the broker is too busy when a button says so.
const BUSY_FOR: Span = Span::from_secs(5);

/// Properties of a topic's controls.
#[derive(Clone, PartialEq, Properties)]
pub(crate) struct TopicControlsProps {
    /// What every panel gets.
    pub panel: PanelProps,
    /// Which topic.
    pub topic: TopicId,
}

/// Its numbers of queues; and the broker, which may be too busy for this topic and all others.
#[function_component]
pub(crate) fn TopicControls(props: &TopicControlsProps) -> Html {
    let PanelProps { session, words, dispatch, .. } = &props.panel;
    let busy = session.borrow().world().live.flow.busy;
    let throttle = |says: &str, sends: bool, receives: bool, lasting: Span| {
        let command = Command::Throttle { sends, receives, lasting };
        let onclick = dispatch.reform(move |_| Msg::Command(Box::new(command.clone())));
        html! { <button type="button" class="plain" {onclick}>{ words.say(says) }</button> }
    };
    html! {
        <div class="control-part">
            <div class="button-row">
                if busy.is_some() {
                    { throttle("control.busy_no_more", true, true, Span::ZERO) }
                } else {
                    { throttle("control.busy_for_producers", true, false, BUSY_FOR) }
                    { throttle("control.busy_for_consumers", false, true, BUSY_FOR) }
                }
            </div>
            <Editor panel={props.panel.clone()} what={What::Queues(props.topic)} />
        </div>
    }
}
