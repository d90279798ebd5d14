//! What can be done to a topic.

use yew::{Html, Properties, function_component, html};

use super::editor::{Editor, What};
use crate::app::PanelProps;
use crate::broker::TopicId;

/// Properties of a topic's controls.
#[derive(Clone, PartialEq, Properties)]
pub(crate) struct TopicControlsProps {
    /// What every panel gets.
    pub panel: PanelProps,
    /// Which topic.
    pub topic: TopicId,
}

/// Its numbers of queues.
#[function_component]
pub(crate) fn TopicControls(props: &TopicControlsProps) -> Html {
    html! {
        <div class="control-part">
            <Editor panel={props.panel.clone()} what={What::Queues(props.topic)} />
        </div>
    }
}
