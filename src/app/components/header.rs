//! The top of the page: what is being played, with which chance, and how the visitor likes to see it.

use web_sys::HtmlInputElement;
use yew::{Callback, Html, KeyboardEvent, Properties, TargetCast, function_component, html, use_state};

use super::super::panel::PanelProps;
use super::super::preferences::ThemeChoice;
use super::super::session_ref::WordsRef;
use super::super::store::{Dialog, Msg};
use super::super::words::local;
use super::icon::{Icon, Sign};
use crate::lesson::Language;

/// Properties of the header.
#[derive(Clone, PartialEq, Properties)]
pub struct HeaderProps {
    /// What every panel gets.
    pub panel: PanelProps,
    /// The chosen colours.
    pub theme: ThemeChoice,
}

/// The header.
#[function_component]
pub fn Header(props: &HeaderProps) -> Html {
    let PanelProps { session, words, dispatch, .. } = &props.panel;
    let send = |msg: Msg| dispatch.reform(move |_| msg.clone());
    let session = session.borrow();
    let scenario = session.scenario();
    let title = local(&scenario.title, words.language()).to_owned();
    let fingerprint = session.fingerprint().to_string();
    let broken = session.promises().count() as u64;
    html! {
        <header class="header">
            <h1 class="brand">
                <Icon sign={Sign::Logo} />
                <span>{ "MQScope" }</span>
            </h1>
            <button class="title" onclick={send(Msg::Open(Dialog::Picker))} aria-haspopup="dialog">
                <span class="visually-hidden">{ words.say("page.scenario") }</span>
                <span class="title-text">{ title }</span>
                <Icon sign={Sign::Chevron} />
            </button>
            <p class="tagline">{ words.say("page.tagline") }</p>
            <div class="header-tools">
                <Seed seed={scenario.seed} words={words.clone()} dispatch={dispatch.clone()} />
                <span class="chip fingerprint" title={words.say("page.fingerprint_why")}>
                    <span class="visually-hidden">{ words.say("page.fingerprint") }</span>
                    <output class="digits" aria-live="off" data-number="fingerprint" data-value={fingerprint.clone()}>
                        { format!("{} {}", &fingerprint[..4], &fingerprint[4..8]) }
                    </output>
                </span>
                <button class="quiet share-open" onclick={send(Msg::Open(Dialog::Share))} aria-haspopup="dialog">
                    <Icon sign={Sign::Link} />
                    <span>{ words.say("page.share") }</span>
                </button>
                <button class="quiet promises-open" onclick={send(Msg::Open(Dialog::Promises))} aria-haspopup="dialog">
                    <Icon sign={Sign::Promise} />
                    <span class="promises-word">{ words.say("promises.open") }</span>
                    if broken > 0 {
                        <span class="promises-broken digits" aria-hidden="true">{ broken }</span>
                        <span class="visually-hidden">{ words.count("promises.broken_so_far", broken, &[]) }</span>
                    }
                </button>
                <button class="quiet model-link" onclick={send(Msg::Open(Dialog::Model))} aria-haspopup="dialog">
                    { words.say("page.model") }
                </button>
                <div class="switch" role="group" aria-label={words.say("page.language")}>
                    { for Language::ALL.into_iter().map(|language| language_button(language, words.language(), dispatch)) }
                </div>
                <button class="quiet square" onclick={send(Msg::NextTheme)} title={theme_words(words, props.theme)}
                    aria-label={theme_words(words, props.theme)}>
                    <Icon sign={match props.theme {
                        ThemeChoice::System => Sign::System,
                        ThemeChoice::Light => Sign::Sun,
                        ThemeChoice::Dark => Sign::Moon,
                    }} />
                </button>
                <button class="quiet square" onclick={send(Msg::Open(Dialog::Help))} aria-haspopup="dialog"
                    title={words.say("page.help")} aria-label={words.say("page.help")}>
                    <Icon sign={Sign::Help} />
                </button>
            </div>
        </header>
    }
}

fn language_button(language: Language, current: Language, dispatch: &Callback<Msg>) -> Html {
    let onclick = dispatch.reform(move |_| Msg::SetLanguage(language));
    let short = match language {
        Language::English => "EN",
        Language::Chinese => "中文",
    };
    html! {
        <button aria-pressed={(language == current).to_string()} {onclick} lang={language.tag()}>
            { short }
        </button>
    }
}

fn theme_words(words: &WordsRef, theme: ThemeChoice) -> String {
    words.say(match theme {
        ThemeChoice::System => "page.theme_system",
        ThemeChoice::Light => "page.theme_light",
        ThemeChoice::Dark => "page.theme_dark",
    })
}

/// Properties of the seed's field.
#[derive(Clone, PartialEq, Properties)]
struct SeedProps {
    seed: u64,
    words: WordsRef,
    dispatch: Callback<Msg>,
}

/// The seed: shown, to be typed over, and a fresh one for those who ask.
#[function_component]
fn Seed(props: &SeedProps) -> Html {
    let SeedProps { seed, words, dispatch } = props;
    let seed = *seed;
    let is_bad = use_state(|| false);
    let take = {
        let (dispatch, is_bad) = (dispatch.clone(), is_bad.clone());
        move |input: &HtmlInputElement| match input.value().trim().parse::<u64>() {
            Ok(typed) => {
                is_bad.set(false);
                if typed != seed {
                    dispatch.emit(Msg::SetSeed(typed));
                }
            }
            Err(_) => is_bad.set(true),
        }
    };
    let onchange = {
        let take = take.clone();
        Callback::from(move |event: yew::Event| take(&event.target_unchecked_into()))
    };
    let onkeydown = {
        let is_bad = is_bad.clone();
        Callback::from(move |event: KeyboardEvent| {
            let input: HtmlInputElement = event.target_unchecked_into();
            match event.key().as_str() {
                "Enter" => take(&input),
                "Escape" => {
                    input.set_value(&seed.to_string());
                    is_bad.set(false);
                    event.stop_propagation();
                }
                _ => {}
            }
        })
    };
    let size = seed.to_string().len().clamp(3, 20).to_string();
    html! {
        <span class={yew::classes!("chip", "seed", is_bad.then_some("is-bad"))}>
            <label for="seed">{ words.say("page.seed") }</label>
            <input id="seed" class="digits" type="text" inputmode="numeric" autocomplete="off" spellcheck="false"
                {size} value={seed.to_string()} {onchange} {onkeydown} aria-invalid={is_bad.to_string()}
                aria-describedby={is_bad.then_some("seed-problem")} />
            <button class="quiet" onclick={dispatch.reform(|_| Msg::FreshSeed)}
                title={words.say("page.fresh_seed")} aria-label={words.say("page.fresh_seed")}>
                <Icon sign={Sign::Dice} />
            </button>
            if *is_bad {
                <span class="problem" id="seed-problem" role="alert">{ words.say("page.seed_problem") }</span>
            }
        </span>
    }
}
