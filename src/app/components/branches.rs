//! The branches of the run: what was left can be opened again, compared with the present one, and given up.

use std::rc::Rc;

use gloo::utils::document;
use yew::{
    Callback, Html, MouseEvent, Properties, classes, function_component, html, use_effect, use_mut_ref,
};

use super::super::panel::PanelProps;
use super::super::session_ref::WordsRef;
use super::super::store::{Comparison, ComparisonRef, Msg, Title};
use super::super::subject::{Subject, name as name_of};
use super::super::words::{clock, short_clock};
use super::controls::{focus, focus_if_lost};
use super::icon::{Icon, Sign};
use crate::broker::{Entry, World};
use crate::lesson::Said;
use crate::lesson::branches::{changed, fate};
use crate::lesson::explain::explain;
use crate::session::{Branch, BranchId, Branches};
use crate::sim::Instant;
use crate::trace::{Differences, Otherwise};

/// Rows of the list of messages.
const ROWS: usize = 40;

/// Properties of the panel.
#[derive(Clone, PartialEq, Properties)]
pub struct BranchesProps {
    /// What every panel gets.
    pub panel: PanelProps,
    /// The branches.
    pub branches: Rc<Branches>,
    /// One of them, if it is compared with the present one.
    pub comparison: Option<ComparisonRef>,
    /// How much there is to be seen of that.
    pub compared: u64,
    /// Is there something to be undone?
    pub can_undo: bool,
}

/// The panel. As long as nothing was done there is none.
#[function_component]
pub fn BranchPanel(props: &BranchesProps) -> Html {
    let BranchesProps { panel, branches, comparison, can_undo, .. } = props;
    let PanelProps { session, words, dispatch, .. } = panel;
    // Many a button here vanishes by being pressed; then the keyboard goes on to this branch.
    let next = use_mut_ref(|| None::<BranchId>);
    use_effect({
        let next = Rc::clone(&next);
        move || {
            let mut next = next.borrow_mut();
            match document().active_element() {
                Some(active) if active.tag_name() != "BODY" => {
                    *next = next.filter(|_| active.closest("#branches").is_ok_and(|list| list.is_some()));
                }
                _ => {
                    if let Some(id) = next.take() {
                        focus(&element_id(id));
                    }
                }
            }
        }
    });
    let press = |msg: Msg, to: BranchId| {
        let (dispatch, next) = (dispatch.clone(), Rc::clone(&next));
        Callback::from(move |_: MouseEvent| {
            *next.borrow_mut() = Some(to);
            dispatch.emit(msg.clone());
        })
    };
    let (session, can_undo) = (session.borrow(), *can_undo);
    let has_acts = can_undo || !session.acts_ahead().is_empty();
    if branches.all().len() < 2 && !has_acts && !branches.can_redo() && branches.restorable().is_none() {
        return html! {};
    }
    let send = |msg: Msg| dispatch.reform(move |_| msg.clone());
    // Under the keyboard a button stays one, though there is nothing more to be done: else Space would start the run.
    let button = |says: &str, keys: &str, sign: Sign, msg: Msg, is_there: bool| {
        html! {
            <button class="quiet" onclick={is_there.then(|| send(msg))} aria-disabled={(!is_there).then_some("true")} title={format!("{} ({keys})", words.text(says))}>
                <Icon {sign} />{ words.say(says) }
            </button>
        }
    };
    let compared = comparison.as_ref().map(|comparison| comparison.borrow().branch);
    let titles = Title::all(branches, session.world(), words);
    html! {
        <section class="card branches" id="branches" aria-labelledby="branches-title">
            <div class="branches-head">
                <h2 id="branches-title">{ words.say("branches.title") }</h2>
                <div class="branches-undo" role="group" aria-label={words.say("branches.title")}>
                    { button("branches.undo", "Ctrl+Z", Sign::Undo, Msg::Undo, can_undo) }
                    { button("branches.redo", "Ctrl+Shift+Z", Sign::Redo, Msg::Redo, branches.can_redo()) }
                </div>
            </div>
            if branches.all().len() < 2 {
                <p class="muted">{ words.say("branches.about") }</p>
            }
            <ul class="branch-list" data-branches={branches.all().len().to_string()}>
                { for branches.all().iter().zip(titles).map(|(branch, title)| {
                    let now = if branch.id == branches.here() { session.now() } else { Instant::ZERO };
                    let reached = branch.reached.at.max(now);
                    row(branch, reached, title, branches, compared == Some(branch.id), words, &press)
                }) }
            </ul>
            if let Some(id) = branches.restorable() {
                <button class="quiet branch-restore" onclick={press(Msg::RestoreBranch, id)}>
                    <Icon sign={Sign::Undo} />{ words.say("branches.restore") }
                </button>
            }
            if let Some(comparison) = comparison {
                <p class="branch-key">
                    <span class="muted">{ words.say("branches.key") }</span>
                    { " " }{ parting(&comparison.borrow(), words) }
                    <button class="quiet" onclick={press(Msg::CompareWith(None), comparison.borrow().branch)}>{ words.say("branches.compare_stop") }</button>
                </p>
            }
        </section>
    }
}

/// What came otherwise in the branch that is compared. It stands below the charts, in which both are drawn.
#[function_component]
pub fn ComparedPanel(props: &BranchesProps) -> Html {
    let BranchesProps { panel, branches, comparison, .. } = props;
    let Some(comparison) = comparison else { return html! {} };
    let session = panel.session.borrow();
    let comparison = comparison.borrow();
    let title = Title::of(branches, comparison.branch, session.world(), &panel.words).full;
    html! {
        <section class="card branches compared" id="compared" aria-labelledby="compared-title">
            { compared_with(&comparison, title, session.world(), panel) }
        </section>
    }
}

/// When the two part, as far as that is known.
fn parting(comparison: &Comparison, words: &WordsRef) -> String {
    match comparison.run.parting() {
        Some(at) => words.fill("branches.parting", &[("time", &parted_at(at.here, at.there))]),
        None if comparison.is_played => {
            words.fill("branches.same", &[("time", &short_clock(comparison.run.now()))])
        }
        None => String::new(),
    }
}

fn row(
    branch: &Branch,
    reached: Instant,
    title: Title,
    branches: &Branches,
    is_compared: bool,
    words: &WordsRef,
    press: &dyn Fn(Msg, BranchId) -> Callback<MouseEvent>,
) -> Html {
    let id = branch.id;
    let is_here = branches.here() == id;
    let reached = short_clock(reached);
    let span = match title.from {
        Some(from) => words.fill("branches.from", &[("from", &short_clock(from)), ("reached", &reached)]),
        None => words.fill("branches.reached", &[("reached", &reached)]),
    };
    let says = |key: &str| words.fill(key, &[("name", &title.full)]);
    // Where the keyboard is if this one is deleted.
    let place = branches.all().iter().position(|branch| branch.id == id).unwrap_or(0);
    let beside = branches.all().get(place + 1).or_else(|| branches.all().get(place.checked_sub(1)?));
    let beside = beside.map_or(id, |branch| branch.id);
    let facts = html! {
        <>
            <span class="branch-name">{ &title.short }</span>
            <span class="branch-span">{ span }</span>
        </>
    };
    html! {
        <li key={id.0} class={classes!("branch", is_here.then_some("is-here"))}>
            if is_here {
                <div class="branch-open" aria-current="true" id={element_id(id)} tabindex="-1">
                    { facts }
                    <span class="branch-here"><Icon sign={Sign::Check} />{ words.say("branches.here") }</span>
                </div>
            } else {
                <button class="branch-open" id={element_id(id)} onclick={press(Msg::OpenBranch(id), id)} title={says("branches.open")}>
                    { facts }
                </button>
                <button class="plain" aria-pressed={is_compared.to_string()} aria-label={says("branches.compare_with")}
                    onclick={press(Msg::CompareWith((!is_compared).then_some(id)), id)}>
                    { words.say("branches.compare") }
                </button>
                <button class="quiet square" onclick={press(Msg::DeleteBranch(id), beside)}
                    aria-label={says("branches.delete")} title={says("branches.delete")}>
                    <Icon sign={Sign::Cross} />
                </button>
            }
        </li>
    }
}

/// Undoing makes the row under the keyboard another one; then the keyboard goes on to the branch that is watched now.
pub(in crate::app) fn keep_keyboard(here: BranchId) {
    let active = document().active_element();
    if active.is_some_and(|active| active.closest("#branches").is_ok_and(|list| list.is_some())) {
        focus_if_lost(element_id(here));
    }
}

/// What a branch's element in the list is called.
fn element_id(id: BranchId) -> String {
    format!("branch-{}", id.0)
}

/// Where the two part, and what followed.
fn compared_with(comparison: &Comparison, title: String, here: &World, panel: &PanelProps) -> Html {
    let PanelProps { words, look, .. } = panel;
    let run = &comparison.run;
    let happened = |world: &World, entry: Option<Entry>| match entry {
        Some(entry) => explain(world, &entry, words).to_string(),
        None => words.fill("branches.nothing", &[("time", &clock(run.now()).0)]),
    };
    // A list that was made at a later moment names what may not exist yet.
    let is_of_now = |all: &&Differences| all.is_done() && all.until <= here.live.now;
    let list = comparison.differences.as_ref().filter(is_of_now);
    html! {
        <>
            <h2 id="compared-title">{ words.fill("branches.compared", &[("name", &title)]) }</h2>
            <div>
                <p>{ parting(comparison, words) }</p>
                if let Some(at) = run.parting() {
                    <ul class="parting">
                        <li>{ words.fill("branches.parting_here", &[("what", &happened(run.here_at_parting(), at.here))]) }</li>
                        <li>{ words.fill("branches.parting_there", &[("what", &happened(run.there(), at.there))]) }</li>
                    </ul>
                }
            </div>
            <div>
                if comparison.is_full {
                    <p data-full="">{ words.say("branches.compared_full") }</p>
                }
                if !comparison.is_played {
                    <p class="muted digits">
                        { words.fill("branches.running", &[("time", &clock(run.now()).0), ("until", &short_clock(comparison.until))]) }
                    </p>
                } else if look.is_playing {
                    <p class="muted">{ words.say("branches.not_looked") }</p>
                } else if let Some(all) = list {
                    { followed(all, here, run.there(), panel) }
                } else {
                    <p class="muted">{ words.say("branches.comparing") }</p>
                }
            </div>
        </>
    }
}

fn parted_at(here: Option<Entry>, there: Option<Entry>) -> String {
    let at = here.iter().chain(&there).map(|entry| entry.at).min();
    clock(at.unwrap_or_default()).0
}

/// Message by message, what ended otherwise.
fn followed(all: &Differences, here: &World, there: &World, panel: &PanelProps) -> Html {
    let words = &panel.words;
    let holes: [(&str, &dyn Said); 2] = [("time", &short_clock(all.until)), ("all", &all.compared)];
    if all.count() == 0 {
        return html! { <p data-otherwise="0">{ words.fill("branches.messages_same", &holes) }</p> };
    }
    let shown = all.kept.len().min(ROWS);
    html! {
        <>
            <p data-otherwise={all.count().to_string()}>
                { words.count("branches.followed", all.count(), &holes) }
            </p>
            <ul class="changes">
                { for all.counts.iter().map(|(change, n)| html! { <li>{ changed(*change, *n, words) }</li> }) }
            </ul>
            <details>
            <summary>{ words.count("branches.rows", shown as u64, &[]) }</summary>
            <div class="scroll branch-rows" tabindex="0" role="region" aria-labelledby="compared-title">
                <table>
                    <thead>
                        <tr>
                            { for ["message", "group", "fate_here", "fate_there"].map(|column| html! {
                                <th scope="col">{ words.say(&format!("branches.{column}")) }</th>
                            }) }
                        </tr>
                    </thead>
                    <tbody>{ for all.kept.iter().take(ROWS).map(|one| otherwise(one, here, there, panel)) }</tbody>
                </table>
            </div>
            </details>
        </>
    }
}

fn otherwise(one: &Otherwise, here: &World, there: &World, panel: &PanelProps) -> Html {
    let PanelProps { words, dispatch, .. } = panel;
    let message = match (one.here, one.there) {
        (Some(at), _) => {
            let onclick = dispatch.reform(move |_| Msg::Select(Some(Subject::Message(at))));
            html! { <button class="thing" {onclick}>{ name_of(here, Subject::Message(at)) }</button> }
        }
        (None, Some(at)) => name_of(there, Subject::Message(at)).into(),
        (None, None) => html! {},
    };
    html! {
        <tr>
            <th scope="row">{ message }</th>
            <td>{ &one.group }</td>
            <td class="digits">{ fate(one.fate_here, words) }</td>
            <td class="digits">{ fate(one.fate_there, words) }</td>
        </tr>
    }
}
