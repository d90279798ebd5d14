//! The boxes that the header opens: scenarios, keys, what is modelled, what is wrong with a file.

use std::rc::Rc;

use web_sys::{Event, HtmlInputElement};
use yew::{Callback, Html, Properties, TargetCast, function_component, html, use_memo, use_state};

use super::super::files::read;
use super::super::keys::SHORTCUTS;
use super::super::session_ref::{SessionRef, WordsRef};
use super::super::store::{self, Msg};
use super::super::words::{local, short_clock};
use super::controls::TextField;
use super::dialog::Dialog;
use super::icon::{Icon, Sign};
use crate::scenario::{self, Problem, Problems, Scenario};

/// Properties of the scenario picker.
#[derive(Clone, PartialEq, Properties)]
pub struct PickerProps {
    /// The run.
    pub session: SessionRef,
    /// The catalogue.
    pub words: WordsRef,
    /// Where wishes go.
    pub dispatch: Callback<Msg>,
}

/// The scenarios that come with the page, and the visitor's own.
#[function_component]
pub fn Picker(props: &PickerProps) -> Html {
    let PickerProps { session, words, dispatch } = props;
    let current = session.borrow().scenario().id.clone();
    let all = use_memo((), |()| {
        let all = scenario::bundled().iter().filter_map(|(id, _)| Some((*id, store::bundled(id)?)));
        all.collect::<Vec<_>>()
    });
    let sought = use_state(String::new);
    let oninput = {
        let sought = sought.clone();
        Callback::from(move |text| sought.set(text))
    };
    let parts: Vec<String> = sought.split_whitespace().map(str::to_lowercase).collect();
    let is_sought = |(id, scenario): &&(&'static str, Scenario)| {
        let summary = scenario.summary.as_ref().map_or("", |summary| local(summary, words.language()));
        let said = format!("{id} {} {summary}", local(&scenario.title, words.language())).to_lowercase();
        parts.iter().all(|part| said.contains(part))
    };
    let shown: Vec<_> = all.iter().filter(is_sought).collect();
    let shelves = scenario::SHELVES.iter().filter_map(|(name, ids)| {
        let of_shelf = ids.iter().filter_map(|id| shown.iter().copied().find(|(shown, _)| shown == id));
        let cards: Vec<_> = of_shelf.collect();
        (!cards.is_empty()).then_some((*name, cards))
    });
    let card = |(id, scenario): &(&'static str, Scenario)| {
        let id = *id;
        let is_current = current == id;
        html! {
            <li key={id}>
                <button class="scenario" onclick={dispatch.reform(move |_| Msg::Load(id.to_owned()))}
                    aria-current={is_current.then_some("true")}>
                    <span class="scenario-title">
                        { local(&scenario.title, words.language()) }
                        if is_current { <Icon sign={Sign::Check} /> }
                    </span>
                    if let Some(summary) = &scenario.summary {
                        <span class="scenario-summary">{ local(summary, words.language()) }</span>
                    }
                    <span class="scenario-facts">{ facts(scenario, words) }</span>
                </button>
            </li>
        }
    };
    let onchange = {
        let dispatch = dispatch.clone();
        Callback::from(move |event: Event| {
            let input: HtmlInputElement = event.target_unchecked_into();
            if let Some(file) = input.files().and_then(|files| files.get(0)) {
                read(file, dispatch.clone());
            }
            // The same file can be chosen again after it was mended.
            input.set_value("");
        })
    };
    html! {
        <Dialog class="picker" title={words.say("scenario.choose")} words={words.clone()} dispatch={dispatch.clone()}>
            <div class="form scenario-search">
                <TextField id="scenario-search" label={words.say("scenario.search")} value={(*sought).clone()} is_wide=true
                    inputmode="search" {oninput} />
            </div>
            { for shelves.map(|(name, cards)| html! {
                <section key={name} aria-labelledby={name.replace('.', "-")}>
                    <h3 id={name.replace('.', "-")}>{ words.say(name) }</h3>
                    <ul class="scenarios">{ for cards.into_iter().map(card) }</ul>
                </section>
            }) }
            if shown.is_empty() {
                <p role="status">{ words.say("scenario.none") }</p>
            }
            <div class="own-file">
                <label class="plain file">
                    <Icon sign={Sign::File} />
                    { words.say("scenario.open_file") }
                    <input class="visually-hidden" type="file" accept=".json,application/json" {onchange} />
                </label>
                <p class="muted">{ words.say("scenario.open_hint") }</p>
            </div>
        </Dialog>
    }
}

fn facts(scenario: &Scenario, words: &WordsRef) -> String {
    let queues: u32 = scenario.topics.iter().map(|topic| topic.write_queues.max(topic.read_queues)).sum();
    let consumers: usize = scenario.groups.iter().map(|group| group.consumers.len()).sum();
    let parts = [
        words.count("queues", queues.into(), &[]),
        words.count("scenario.groups", scenario.groups.len() as u64, &[]),
        words.count("consumers", consumers as u64, &[]),
        short_clock(scenario.until),
    ];
    parts.join(" · ")
}

/// Properties of a box that only shows words.
#[derive(Clone, PartialEq, Properties)]
pub struct WordsProps {
    /// The catalogue.
    pub words: WordsRef,
    /// Where wishes go.
    pub dispatch: Callback<Msg>,
}

/// Properties of the sheet of keys.
#[derive(Clone, PartialEq, Properties)]
pub struct HelpProps {
    /// The catalogue.
    pub words: WordsRef,
    /// Where wishes go.
    pub dispatch: Callback<Msg>,
    /// Are letters, digits and signs shortcuts?
    pub character_keys: bool,
}

/// The keys.
#[function_component]
pub fn Help(props: &HelpProps) -> Html {
    let HelpProps { words, dispatch, character_keys } = props;
    let onchange = dispatch.reform(|event: Event| {
        let input: HtmlInputElement = event.target_unchecked_into();
        Msg::SetCharacterKeys(input.checked())
    });
    let row = |keys: &[&str], says: &str| {
        html! {
            <div class="key-row">
                <dt>{ for keys.iter().map(|key| html! { <kbd>{ *key }</kbd> }) }</dt>
                <dd>{ words.say(says) }</dd>
            </div>
        }
    };
    html! {
        <Dialog class="help" title={words.say("help.title")} words={words.clone()} dispatch={dispatch.clone()}>
            <p>{ words.say("help.about") }</p>
            <h3>{ words.say("help.everywhere") }</h3>
            <dl class="keys">{ for SHORTCUTS.iter().map(|shortcut| row(shortcut.shown, shortcut.says)) }</dl>
            <label class="choice">
                <input type="checkbox" checked={*character_keys} {onchange} />
                { words.say("help.character_keys") }
            </label>
            <h3>{ words.say("help.on_stage") }</h3>
            <dl class="keys">
                { row(&["←", "→", "↑", "↓"], "help.stage_arrows") }
                { row(&["Shift", "→"], "help.stage_messages") }
                { row(&["Enter"], "help.stage_enter") }
                { row(&["Esc"], "help.stage_escape") }
            </dl>
            <h3>{ words.say("help.picture") }</h3>
            <ul class="prose">
                { for ["help.read_lane", "help.read_cursor", "help.read_ghost", "help.read_ring", "help.read_held",
                    "help.read_retry"]
                    .map(|says| html! { <li>{ words.say(says) }</li> }) }
            </ul>
        </Dialog>
    }
}

/// What is modelled, what is simplified, what is left out.
#[function_component]
pub fn Model(props: &WordsProps) -> Html {
    let WordsProps { words, dispatch } = props;
    let list = |title: &str, items: &[&str]| {
        html! {
            <>
                <h3>{ words.say(title) }</h3>
                <ul class="prose">{ for items.iter().map(|says| html! { <li>{ words.say(says) }</li> }) }</ul>
            </>
        }
    };
    html! {
        <Dialog class="model" title={words.say("page.model")} words={words.clone()} dispatch={dispatch.clone()}>
            <p>{ words.say("page.model_about") }</p>
            <p>
                <button type="button" class="plain" onclick={dispatch.reform(|_| Msg::Open(store::Dialog::Settings))}>
                    { words.say("settings.open") }
                </button>
            </p>
            { list("page.modelled", &[
                "page.modelled_log", "page.modelled_groups", "page.modelled_balance", "page.modelled_filters", "page.modelled_simple", "page.modelled_order",
                "page.modelled_commit",
                "page.modelled_retry", "page.modelled_delay", "page.modelled_transactions", "page.modelled_lite", "page.modelled_batches",
                "page.modelled_flow", "page.modelled_requests", "page.modelled_compaction", "page.modelled_failure", "page.modelled_accumulation",
            ]) }
            { list("page.simplified", &[
                "page.simplified_broker", "page.simplified_group", "page.simplified_receive",
                "page.simplified_invisible", "page.simplified_timer", "page.simplified_transactions", "page.simplified_lite", "page.simplified_shutdown", "page.simplified_payload",
            ]) }
            { list("page.left_out", &["page.left_out_broker"]) }
            <p>{ words.say("page.model_same") }</p>
            <p>{ words.fill("page.model_version", &[("version", &scenario::MODEL)]) }</p>
            <p class="muted">{ words.say("page.trademark") }</p>
        </Dialog>
    }
}

/// Properties of the list of problems.
#[derive(Clone, PartialEq, Properties)]
pub struct ProblemsProps {
    /// What is wrong.
    pub problems: Rc<Problems>,
    /// The catalogue.
    pub words: WordsRef,
    /// Where wishes go.
    pub dispatch: Callback<Msg>,
}

/// What is wrong with a scenario file. The run on the page goes on as it was.
#[function_component]
pub fn ProblemList(props: &ProblemsProps) -> Html {
    let ProblemsProps { problems, words, dispatch } = props;
    let (shown, more) = problems.shown();
    let row = |problem: &Problem| {
        html! {
            <li class="problem-row">
                <code>{ if problem.path.is_empty() { words.say("scenario.whole_file") } else { problem.path.clone() } }</code>
                <span>{ problem.what.say(&|template| words.problem(template)) }</span>
                <span class="muted">{ problem.instead.say(&|template| words.problem(template)) }</span>
            </li>
        }
    };
    html! {
        <Dialog class="problems" title={words.count("scenario.problems", problems.len() as u64, &[])}
            words={words.clone()} dispatch={dispatch.clone()}>
            <p>{ words.say("scenario.problems_about") }</p>
            <ol class="problem-rows">{ for shown.iter().map(row) }</ol>
            if more > 0 {
                <p>{ words.count("scenario.more_problems", more as u64, &[]) }</p>
            }
        </Dialog>
    }
}
