//! The charts.

use yew::{Html, function_component, html};

use super::super::panel::PanelProps;

/// The charts.
#[function_component]
pub fn Plots(_props: &PanelProps) -> Html {
    html! {}
}
