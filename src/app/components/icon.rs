//! Small pictures on buttons. They say nothing by themselves: whoever uses one gives its words.

use yew::{Html, Properties, function_component, html};

/// Which picture.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "the names say what they look like")]
pub enum Sign {
    Logo,
    Link,
    Chevron,
    ToStart,
    Play,
    Pause,
    Step,
    /// The step before.
    StepBack,
    /// To the next thing worth looking at.
    ToEvent,
    /// To the next marker of the bar, and to the one before.
    Marker,
    MarkerBefore,
    Again,
    Dice,
    System,
    Sun,
    Moon,
    Help,
    Cross,
    File,
    Check,
    Promise,
    Pencil,
    Undo,
    Redo,
}

/// Properties of an icon.
#[derive(Clone, PartialEq, Properties)]
pub struct IconProps {
    /// Which picture.
    pub sign: Sign,
}

/// A picture as tall as the words beside it.
#[function_component]
pub fn Icon(props: &IconProps) -> Html {
    let line = |d: &'static str| {
        html! {
            <path d={d} fill="none" stroke="currentColor" stroke-width="1.8" stroke-linecap="round" stroke-linejoin="round" />
        }
    };
    let solid = |d: &'static str| html! { <path d={d} fill="currentColor" /> };
    let inside = match props.sign {
        Sign::Logo => html! {
            <>
                <circle cx="8.4" cy="8.4" r="6.2" fill="none" stroke="currentColor" stroke-width="2.2" />
                <path d="M5.4 7h2.4M9 7h2.4M5.4 10h2.4" class="logo-lanes" stroke-width="1.9" />
                <path d="M13.1 13.1 18 18" stroke="currentColor" stroke-width="2.6" stroke-linecap="round" />
            </>
        },
        Sign::Link => html! {
            <>{ line("M8.4 11.6a3 3 0 0 0 4.3 0l3-3a3 3 0 0 0-4.3-4.3l-1 1") }{ line("M11.6 8.4a3 3 0 0 0-4.3 0l-3 3a3 3 0 0 0 4.3 4.3l1-1") }</>
        },
        Sign::Chevron => line("m6 8 4 4 4-4"),
        Sign::ToStart => html! { <>{ solid("M11 4v12l-7-6zM18 4v12l-7-6z") }{ solid("M2 4h2.2v12H2z") }</> },
        Sign::Play => solid("M6 3.6 16.4 10 6 16.4z"),
        Sign::Pause => solid("M5 3.6h3.4v12.8H5zM11.6 3.6H15v12.8h-3.4z"),
        Sign::Step => html! { <>{ solid("M4 4v12l9-6z") }{ solid("M13.6 4H16v12h-2.4z") }</> },
        Sign::StepBack => html! { <>{ solid("M16 4v12l-9-6z") }{ solid("M6.4 4H4v12h2.4z") }</> },
        Sign::ToEvent => {
            html! { <>{ solid("M2 4.500v11l7.500-5.500z") }{ line("M14 3v14") }{ solid("M14 3h5l-1.600 2.700L19 8.400h-5z") }</> }
        }
        Sign::Marker => {
            html! { <>{ line("m3.500 6 4 4-4 4") }{ solid("M10 4h8l-4 6z") }{ line("M14 9v8") }</> }
        }
        Sign::MarkerBefore => {
            html! { <>{ line("m16.500 6-4 4 4 4") }{ solid("M2 4h8L6 10z") }{ line("M6 9v8") }</> }
        }
        Sign::Again => {
            html! { <>{ line("M15.6 7.2A6.2 6.2 0 1 0 16.2 11") }{ line("M16.4 3.4v4.2h-4.2") }</> }
        }
        Sign::Dice => html! {
            <>
                { line("M5.5 3.5h9a2 2 0 0 1 2 2v9a2 2 0 0 1-2 2h-9a2 2 0 0 1-2-2v-9a2 2 0 0 1 2-2z") }
                { solid("M7 5.7a1.3 1.3 0 1 1 0 2.6 1.3 1.3 0 0 1 0-2.6zM13 11.7a1.3 1.3 0 1 1 0 2.6 1.3 1.3 0 0 1 0-2.6zM10 8.7a1.3 1.3 0 1 1 0 2.6 1.3 1.3 0 0 1 0-2.6z") }
            </>
        },
        Sign::System => html! {
            <>
                <circle cx="10" cy="10" r="6.4" fill="none" stroke="currentColor" stroke-width="1.8" />
                { solid("M10 3.6a6.4 6.4 0 0 1 0 12.8z") }
            </>
        },
        Sign::Sun => html! {
            <>
                <circle cx="10" cy="10" r="3.4" fill="none" stroke="currentColor" stroke-width="1.8" />
                { line("M10 2.2v1.6M10 16.2v1.6M2.2 10h1.6M16.2 10h1.6M4.5 4.5l1.1 1.1M14.4 14.4l1.1 1.1M4.5 15.5l1.1-1.1M14.4 5.6l1.1-1.1") }
            </>
        },
        Sign::Moon => line("M15.8 12.2A6.6 6.6 0 0 1 7.8 4.2a6.6 6.6 0 1 0 8 8z"),
        Sign::Help => html! {
            <>
                { line("M7.2 7.4a2.8 2.8 0 1 1 4.2 2.4c-.9.5-1.4 1-1.4 2") }
                { solid("M10 13.6a1.2 1.2 0 1 1 0 2.4 1.2 1.2 0 0 1 0-2.4z") }
            </>
        },
        Sign::Cross => line("m5 5 10 10M15 5 5 15"),
        Sign::File => line(
            "M3 6.5v8a1.5 1.5 0 0 0 1.5 1.5h11a1.5 1.5 0 0 0 1.5-1.5v-6A1.5 1.5 0 0 0 15.500 7H10L8.200 5H4.500A1.500 1.500 0 0 0 3 6.500z",
        ),
        Sign::Undo => {
            html! { <>{ line("M4 8h7.5a4.5 4.5 0 0 1 0 9H8") }{ line("M7.500 4.500 4 8l3.500 3.500") }</> }
        }
        Sign::Redo => {
            html! { <>{ line("M16 8H8.500a4.500 4.500 0 0 0 0 9H12") }{ line("M12.500 4.500 16 8l-3.500 3.500") }</> }
        }
        Sign::Check => line("m4.500 10.500 3.700 3.700 7.300-8"),
        Sign::Promise => html! {
            <>{ line("M10 2.800 16.400 5v4.700c0 3.800-2.700 6.300-6.400 7.500-3.700-1.200-6.400-3.700-6.400-7.500V5z") }{ line("m7.200 9.800 2.100 2.100 3.700-4") }</>
        },
        Sign::Pencil => line("m4 16 .8-3.400 8-8a1.700 1.700 0 0 1 2.500 2.500l-8 8z"),
    };
    html! { <svg class="icon" viewBox="0 0 20 20" aria-hidden="true" focusable="false">{ inside }</svg> }
}
