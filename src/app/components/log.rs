//! What happened, in plain words, newest first. Whoever reads or points at it makes it stand still.

use gloo::utils::document;
use wasm_bindgen::JsCast;
use web_sys::{HtmlInputElement, Node};
use yew::{
    AttrValue, Callback, FocusEvent, Html, InputEvent, Properties, TargetCast, classes, function_component,
    html, use_node_ref, use_state,
};

use super::super::log_window::{Kind, kind_of};
use super::super::panel::PanelProps;
use super::super::store::Msg;
use super::super::subject::{Subject, subject_of};
use super::super::words::clock;
use super::seen::use_seen;
use crate::broker::{Entry, Event};
use crate::lesson::explain::{Explained, Part, explain};

/// Rows shown while time stands still or somebody reads.
const ROWS: usize = 80;
/// The same while they run by: a list full of them.
const ROWS_RUNNING: usize = 40;
/// The filter's chips.
const CHIPS: [(Option<Kind>, &str); 3] =
    [(None, "log.everything"), (Some(Kind::Fault), "log.faults"), (Some(Kind::Membership), "log.membership")];

/// The log.
#[function_component]
pub fn Log(props: &PanelProps) -> Html {
    let PanelProps { session, words, look, .. } = props;
    let kind = use_state(|| None::<Kind>);
    let sought = use_state(String::new);
    // The number of the first entry that is held back, while somebody reads.
    let held = use_state(|| None::<u64>);
    let session = session.borrow();
    let world = session.world();
    let next = world.live.seq;
    // A run that began again has smaller numbers.
    let before = held.filter(|held| *held <= next).unwrap_or(next);

    let hold = {
        let held = held.clone();
        Callback::from(move |()| {
            if held.is_none() {
                held.set(Some(next));
            }
        })
    };
    // It goes on once neither the pointer nor the keyboard is in the list.
    let list = use_node_ref();
    let is_inside = {
        let list = list.clone();
        move |node: Option<&Node>| list.get().is_some_and(|list| list.contains(node))
    };
    let onmouseleave = {
        let (held, is_inside) = (held.clone(), is_inside.clone());
        Callback::from(move |_| {
            if !is_inside(document().active_element().as_deref()) {
                held.set(None);
            }
        })
    };
    let onfocusout = {
        let held = held.clone();
        Callback::from(move |event: FocusEvent| {
            let goes_to = event.related_target().and_then(|target| target.dyn_into::<Node>().ok());
            if !is_inside(goes_to.as_ref()) {
                held.set(None);
            }
        })
    };
    let waiting = session.observer().1.newest(*kind).take_while(|entry| entry.seq >= before).count();
    let panel = use_node_ref();
    let rows = RowsProps {
        panel: PanelProps { revision: use_seen(props.revision, look.is_playing, &panel), ..props.clone() },
        kind: *kind,
        sought: sought.trim().to_lowercase(),
        held: held.filter(|held| *held <= next),
    };

    let chip = |(this, says): (Option<Kind>, &'static str)| {
        let onclick = {
            let kind = kind.clone();
            Callback::from(move |_| kind.set(this))
        };
        html! { <button class="filter" aria-pressed={(*kind == this).to_string()} {onclick}>{ words.say(says) }</button> }
    };
    let oninput = {
        let sought = sought.clone();
        Callback::from(move |event: InputEvent| {
            sought.set(event.target_unchecked_into::<HtmlInputElement>().value());
        })
    };
    html! {
        <section ref={panel} class="card log" id="log" aria-labelledby="log-title">
            <div class="card-head">
                <h2 id="log-title">{ words.say("log.title") }</h2>
                <span class="log-state" aria-hidden="true">
                    if held.is_some() && look.is_playing && waiting > 0 {
                        { words.count("log.held", waiting as u64, &[]) }
                    }
                </span>
            </div>
            <div class="log-tools">
                <div class="filters" role="group" aria-label={words.say("log.filter")}>{ for CHIPS.into_iter().map(chip) }</div>
                <input id="log-search" type="search" placeholder={words.say("log.search")} {oninput}
                    aria-label={words.say("log.search")} value={(*sought).clone()} />
            </div>
            <ol ref={list} class="log-rows" tabindex="0" aria-labelledby="log-title" reversed=true
                onmouseenter={hold.reform(|_| ())} {onmouseleave}
                onfocusin={hold.reform(|_| ())} {onfocusout}>
                <Rows ..rows />
            </ol>
        </section>
    }
}

fn kind_class(entry: &Entry) -> &'static str {
    match (entry.event, kind_of(entry)) {
        (Event::CommandGiven { .. }, _) => "is-act",
        (Event::DeadLettered { .. } | Event::ConsumerCrashed { .. } | Event::CommandRefused { .. }, _) => {
            "is-grave"
        }
        (_, Some(Kind::Fault)) => "is-fault",
        (_, Some(Kind::Membership)) => "is-membership",
        _ => "is-message",
    }
}

/// Properties of the rows.
#[derive(Clone, PartialEq, Properties)]
struct RowsProps {
    panel: PanelProps,
    /// Which kind of entries, if not all.
    kind: Option<Kind>,
    /// What they have to contain, in small letters.
    sought: String,
    /// The number of the first entry that is held back.
    held: Option<u64>,
}

/// The rows. Each has a key and nothing else stands beside them: so those that stay are moved and not made again.
#[function_component]
fn Rows(props: &RowsProps) -> Html {
    let RowsProps { panel: PanelProps { session, words, dispatch, look, .. }, kind, sought, held } = props;
    let session = session.borrow();
    let world = session.world();
    let before = held.unwrap_or(world.live.seq);
    let most = if look.is_playing && held.is_none() { ROWS_RUNNING } else { ROWS };
    let rows: Vec<(Entry, Explained)> = session
        .observer()
        .1
        .newest(*kind)
        .filter(|entry| entry.seq < before)
        .map(|entry| (*entry, explain(world, entry, words)))
        .filter(|(_, explained)| sought.is_empty() || explained.to_string().to_lowercase().contains(sought))
        .take(most)
        .collect();
    if rows.is_empty() {
        return html! { <li class="log-nothing">{ words.say("log.nothing") }</li> };
    }
    // One event; the names in it are buttons.
    let row = |(entry, explained): (Entry, Explained)| {
        html! {
            <li key={entry.seq} class={classes!("log-row", kind_class(&entry))}>
                <span class="digits log-at">{ clock(entry.at).0 }</span>
                <span class="log-mark" aria-hidden="true"></span>
                <span class="log-words">{ sentence(&explained, look.selected, dispatch) }</span>
            </li>
        }
    };
    html! { <>{ for rows.into_iter().map(row) }</> }
}

/// An explained event whose names select what they stand for.
pub(super) fn sentence(explained: &Explained, selected: Option<Subject>, dispatch: &Callback<Msg>) -> Html {
    let part = |part: &Part| match part {
        Part::Text(text) => html! { { text } },
        Part::Thing(about, name) => {
            let subject = subject_of(*about);
            let onclick = dispatch.reform(move |_| Msg::Select(Some(subject)));
            let name = AttrValue::from(name.clone());
            html! {
                <button class="thing" {onclick} aria-pressed={(selected == Some(subject)).to_string()}>{ name }</button>
            }
        }
    };
    html! { <>{ for explained.0.iter().map(part) }</> }
}
