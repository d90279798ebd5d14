//! What is selected.

use yew::{Html, function_component, html};

use super::super::panel::PanelProps;

/// What is selected.
#[function_component]
pub fn Inspector(_props: &PanelProps) -> Html {
    html! {}
}
