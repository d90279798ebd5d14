//! What can be changed while it runs.

use yew::{Html, function_component, html};

use super::super::panel::PanelProps;

/// What can be changed while it runs.
#[function_component]
pub fn Controls(_props: &PanelProps) -> Html {
    html! {}
}
