//! The page: a Yew application that shows one run and turns what the visitor does into commands.

use yew::{Html, function_component, html};

/// The whole page.
#[function_component]
pub fn App() -> Html {
    html! {
        <main>
            <h1>{ "MQScope" }</h1>
        </main>
    }
}
