//! What happened, in plain words, newest first. Whoever reads or points at it makes it stand still.

use gloo::utils::document;
use wasm_bindgen::JsCast;
use web_sys::{Element, HtmlInputElement, Node};
use yew::{
    AttrValue, Callback, FocusEvent, Html, InputEvent, MouseEvent, Properties, TargetCast, classes,
    function_component, html, use_node_ref, use_state, use_state_eq,
};

use super::super::panel::PanelProps;
use super::super::store::Msg;
use super::super::subject::{Subject, subject_of};
use super::super::words::clock;
use super::seen::use_seen;
use crate::broker::{Entry, Event};
use crate::lesson::explain::{Explained, Part, explain};
use crate::trace::Sought;
use crate::trace::log_window::{Kind, Shown, kind_of};

/// Rows shown while time stands still or somebody reads.
const ROWS: usize = 80;
/// The same while they run by: a list full of them.
const ROWS_RUNNING: usize = 40;
/// The filter's chips.
const CHIPS: [(Shown, &str); 4] = [
    (Shown::News, "log.news"),
    (Shown::Faults, "log.faults"),
    (Shown::Membership, "log.membership"),
    (Shown::Everything, "log.everything"),
];

/// The list stands still.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Held {
    /// The number of the first entry that is held back.
    before: u64,
    /// What the panel's revision was.
    revision: u64,
}

/// The log.
#[function_component]
pub fn Log(props: &PanelProps) -> Html {
    let PanelProps { session, words, look, .. } = props;
    let chosen = use_state_eq(Shown::default);
    let sought = use_state(String::new);
    let held = use_state_eq(|| None::<Held>);
    let text = sought.trim();
    // Whoever seeks something seeks it everywhere, unless a filter was chosen.
    let shown = if *chosen == Shown::News && !text.is_empty() { Shown::Everything } else { *chosen };
    let session = session.borrow();
    let next = session.world().live.seq;
    // A run that began again has smaller numbers.
    let holds = held.filter(|held| held.before <= next);

    let panel = use_node_ref();
    let revision = use_seen(props.revision, look.is_playing, &panel);
    let hold = {
        let held = held.clone();
        Callback::from(move |()| {
            if holds.is_none() {
                held.set(Some(Held { before: next, revision }));
            }
        })
    };
    // It goes on once neither the pointer nor the keyboard is in the list, and its newest end is to be seen.
    let list = use_node_ref();
    let is_scrolled = {
        let list = list.clone();
        move || list.cast::<Element>().is_some_and(|list| list.scroll_top() > 4)
    };
    let is_inside = {
        let list = list.clone();
        move |node: Option<&Node>| list.get().is_some_and(|list| list.contains(node))
    };
    let onmouseleave = {
        let (held, is_inside, is_scrolled) = (held.clone(), is_inside.clone(), is_scrolled.clone());
        Callback::from(move |_: MouseEvent| {
            if !is_inside(document().active_element().as_deref()) && !is_scrolled() {
                held.set(None);
            }
        })
    };
    let onfocusout = {
        let (held, is_scrolled) = (held.clone(), is_scrolled.clone());
        Callback::from(move |event: FocusEvent| {
            let goes_to = event.related_target().and_then(|target| target.dyn_into::<Node>().ok());
            if !is_inside(goes_to.as_ref()) && !is_scrolled() {
                held.set(None);
            }
        })
    };
    // A finger that was lifted is neither in the list nor out of it: its newest end alone decides.
    let onscroll = {
        let (held, hold, list) = (held.clone(), hold.clone(), list.clone());
        Callback::from(move |_: yew::Event| {
            let is_used = |list: Element| list.matches(":hover, :focus-within").unwrap_or_default();
            match (is_scrolled(), list.cast::<Element>().is_some_and(is_used)) {
                (true, _) => hold.emit(()),
                (false, false) => held.set(None),
                (false, true) => {}
            }
        })
    };
    let go_on = {
        let (held, list) = (held.clone(), list.clone());
        Callback::from(move |_: MouseEvent| {
            held.set(None);
            if let Some(list) = list.cast::<Element>() {
                list.set_scroll_top(0);
            }
        })
    };
    let wanted = Sought::new(text);
    let waiting = holds.map_or(0, |held| {
        let newer = session.observer().1.0.newest(shown).take_while(|entry| entry.seq >= held.before);
        newer.filter(|entry| is_wanted(&wanted, entry, props)).count()
    });
    let rows = RowsProps {
        panel: PanelProps {
            // What is held stays as it was, even if the window has gone on.
            revision: holds.map_or(revision, |held| held.revision),
            ..props.clone()
        },
        shown,
        sought: text.to_owned(),
        held: holds.map(|held| held.before),
    };

    let chip = |(this, says): (Shown, &'static str)| {
        let onclick = {
            let chosen = chosen.clone();
            Callback::from(move |_| chosen.set(this))
        };
        html! { <button class="filter" aria-pressed={(shown == this).to_string()} {onclick}>{ words.say(says) }</button> }
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
                <span class="log-state">
                    if waiting > 0 {
                        <button class="log-new" onclick={go_on} title={words.say("log.go_on")}>
                            { words.count("log.new", waiting as u64, &[]) }
                        </button>
                    }
                </span>
            </div>
            <div class="log-tools">
                <div class="filters" role="group" aria-label={words.say("log.filter")}>{ for CHIPS.into_iter().map(chip) }</div>
                <input id="log-search" type="search" placeholder={words.say("log.search")} {oninput}
                    aria-label={words.say("log.search")} value={(*sought).clone()} />
            </div>
            <ol ref={list} class="log-rows" tabindex="0" aria-labelledby="log-title" reversed=true
                onmouseenter={hold.reform(|_| ())} {onmouseleave} {onscroll}
                onfocusin={hold.reform(|_| ())} {onfocusout}>
                <Rows ..rows />
            </ol>
        </section>
    }
}

/// Does an entry say what is sought, or is it about a message that is? If nothing is, every entry will do.
fn is_wanted(sought: &Sought, entry: &Entry, panel: &PanelProps) -> bool {
    let session = panel.session.borrow();
    let said = || explain(session.world(), entry, &panel.words).to_string().to_lowercase();
    sought.is_nothing() || sought.is_about(session.world(), entry) || said().contains(sought.text())
}

fn kind_class(entry: &Entry) -> &'static str {
    match (entry.event, kind_of(entry)) {
        (Event::CommandGiven { .. }, _) => "is-act",
        (Event::CrashDetected { .. }, _) | (_, Some(Kind::Retry)) => "is-fault",
        (_, Some(Kind::Fault)) => "is-grave",
        (_, Some(Kind::Membership)) => "is-membership",
        _ => "is-message",
    }
}

/// Properties of the rows.
#[derive(Clone, PartialEq, Properties)]
struct RowsProps {
    panel: PanelProps,
    /// Which kinds of entries.
    shown: Shown,
    /// What they have to say or to be about, as it was typed.
    sought: String,
    /// The number of the first entry that is held back.
    held: Option<u64>,
}

/// The rows. Each has a key and nothing else stands beside them: so those that stay are moved and not made again.
#[function_component]
fn Rows(props: &RowsProps) -> Html {
    let RowsProps { panel, shown, sought, held } = props;
    let PanelProps { session, words, dispatch, look, .. } = panel;
    let session = session.borrow();
    let world = session.world();
    let before = held.unwrap_or(world.live.seq);
    let most = if look.is_playing && held.is_none() { ROWS_RUNNING } else { ROWS };
    let wanted = Sought::new(sought);
    let rows: Vec<(Entry, Explained)> = session
        .observer()
        .1
        .0
        .newest(*shown)
        .filter(|entry| entry.seq < before && is_wanted(&wanted, entry, panel))
        .take(most)
        .map(|entry| (*entry, explain(world, entry, words)))
        .collect();
    if rows.is_empty() {
        let says = if wanted.is_nothing() {
            words.say("log.nothing")
        } else {
            words.fill("log.nothing_fits", &[("text", sought)])
        };
        return html! { <li class="log-nothing">{ says }</li> };
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
