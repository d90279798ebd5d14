//! Every setting: what it is now, what else there is, which profile sets it to what, and what real systems do.

use yew::{Callback, Html, Properties, function_component, html, use_state};

use super::super::session_ref::{SessionRef, WordsRef};
use super::super::store::Msg;
use super::controls::{Form, TextField, focus_if_lost};
use super::dialog::Dialog;
use crate::scenario::{Entry, Profile, Sentence, entries};
use crate::sim::sort_by_key;

/// Properties of the panel.
#[derive(Clone, PartialEq, Properties)]
pub(super) struct SettingsProps {
    /// The run.
    pub(super) session: SessionRef,
    /// The catalogue.
    pub(super) words: WordsRef,
    /// Where wishes go.
    pub(super) dispatch: Callback<Msg>,
}

/// The panel.
#[function_component]
pub(super) fn SettingsPanel(props: &SettingsProps) -> Html {
    let SettingsProps { session, words, dispatch } = props;
    let sought = use_state(String::new);
    let shown = chosen(words, &sought);
    let mut areas: Vec<&str> = shown.iter().map(Entry::area).collect();
    areas.dedup();
    let oninput = {
        let sought = sought.clone();
        Callback::from(move |text| sought.set(text))
    };
    let part = |area: &&str| {
        let rows = shown.iter().filter(|entry| entry.area() == *area);
        html! {
            <div key={*area} class="setting-area">
                <h3>{ area_name(words, area) }</h3>
                <ul class="setting-rows">{ for rows.map(|entry| row(entry, props)) }</ul>
            </div>
        }
    };
    html! {
        <Dialog class="settings" title={words.say("settings.title")} words={words.clone()} dispatch={dispatch.clone()}>
            <p>{ words.say("settings.about") }</p>
            { profiles(session, words, dispatch) }
            <div class="form setting-search">
                <TextField id="setting-search" label={words.say("settings.search")} value={(*sought).clone()} is_wide=true
                    inputmode="search" {oninput} />
            </div>
            { for areas.iter().map(part) }
            if shown.is_empty() {
                <p role="status">{ words.say("settings.none") }</p>
            }
        </Dialog>
    }
}

/// The profiles to choose from.
fn profiles(session: &SessionRef, words: &WordsRef, dispatch: &Callback<Msg>) -> Html {
    let current = session.borrow().scenario().profile;
    let choice = |profile: Profile| {
        let onchange = dispatch.reform(move |_: yew::Event| Msg::SetProfile(profile));
        html! {
            <label class="choice" key={profile.name()}>
                <input type="radio" name="profile" value={profile.name()} checked={profile == current} {onchange} />
                <span>
                    <code>{ profile.name() }</code>{ " " }
                    { words.say(&format!("settings.profile_{}", profile.name())) }
                </span>
            </label>
        }
    };
    html! {
        <fieldset class="field is-wide" aria-describedby="profile-hint">
            <legend>{ words.say("settings.profile") }</legend>
            { for Profile::ALL.map(choice) }
            <span class="field-hint" id="profile-hint">{ words.say("settings.profile_hint") }</span>
            { what_changes(current, words) }
        </fieldset>
    }
}

/// What a profile sets otherwise than the documents.
fn what_changes(profile: Profile, words: &WordsRef) -> Html {
    let changes = profile.changes();
    if changes.is_empty() {
        return html! {};
    }
    let one = |(name, value): &(&str, String)| html! { <li key={*name}><code>{ format!("{name} = {value}") }</code></li> };
    html! {
        <div class="profile-changes" data-profile={profile.name()}>
            <p>{ words.fill("settings.profile_changes", &[("profile", &profile.name())]) }</p>
            <ul>{ for changes.iter().map(one) }</ul>
        </div>
    }
}

fn row(entry: &Entry, props: &SettingsProps) -> Html {
    let words = &props.words;
    let session = props.session.borrow();
    let now = entry.value(&session.world().settings);
    let is_changed = now.as_ref().is_some_and(|now| *now != entry.default());
    let profile = session.scenario().profile;
    // Where a key of the file decides it, nobody can tell any more who said it.
    let chosen = entry.otherwise(profile);
    let by_profile = chosen.is_some() && (entry.key().is_some() || now == chosen);
    let unit = entry.unit().map(|unit| words.say(&format!("settings.unit_{unit}")));
    let others = entry.others();
    let changeable = now.as_ref().filter(|_| !entry.is_fixed() && entry.setting().is_some());
    let sets = Profile::ALL.into_iter().filter_map(|profile| {
        let value = entry.otherwise(profile)?;
        Some(words.fill("settings.by_profile", &[("profile", &profile.name()), ("value", &value)]))
    });
    let sets: Vec<String> = sets.collect();
    html! {
        <li key={entry.name} class={yew::classes!("setting", (!entry.is_modelled()).then_some("is-not-modelled"))}
            data-setting={entry.name}>
            <p class="setting-name">
                <code>{ entry.name }</code>
                if by_profile {
                    <span class="setting-mark">
                        { words.fill("settings.changed_by", &[("profile", &profile.name())]) }
                    </span>
                } else if is_changed {
                    <span class="setting-mark">{ words.say("settings.changed") }</span>
                }
            </p>
            <p>{ about(entry, words) }</p>
            <dl class="setting-values">
                if let Some(now) = &now {
                    <div><dt>{ words.say("settings.now") }</dt><dd class="digits">{ now }</dd></div>
                }
                <div>
                    <dt>{ words.say("settings.default") }</dt>
                    <dd class="digits">
                        { entry.default() }
                        if let Some(unit) = unit { <span class="muted">{ " " }{ unit }</span> }
                    </dd>
                </div>
                if !others.is_empty() {
                    <div><dt>{ words.say("settings.others") }</dt><dd class="digits">{ others.join(" · ") }</dd></div>
                }
            </dl>
            { for sets.iter().map(|sentence| html! { <p class="muted">{ sentence }</p> }) }
            if let Some(key) = entry.key() {
                <p class="muted">{ words.fill("settings.in_file", &[("key", &key)]) }</p>
            }
            if let Some(now) = changeable {
                <Other key={format!("{}-{now}", entry.name)} panel={props.clone()} name={entry.name} now={now.clone()} />
            }
            if entry.has_reason() {
                <p class="setting-not-modelled">{ words.say(&format!("setting.why.{}", entry.name)) }</p>
            } else if entry.is_fixed() {
                <p class="setting-not-modelled">{ words.say("settings.fixed") }</p>
            }
            if !entry.conflicts().is_empty() {
                <div class="setting-conflict">
                    <p class="setting-badge">{ words.say("settings.real") }</p>
                    { for entry.conflicts().iter().map(|number| html! {
                        <p>{ words.say(&format!("conflict.{number}")) }</p>
                    }) }
                </div>
            }
        </li>
    }
}

/// Properties of the form for another value.
#[derive(Clone, PartialEq, Properties)]
struct OtherProps {
    panel: SettingsProps,
    name: &'static str,
    now: String,
}

/// Another value, and the same scenario from its start with it. The field is there once somebody wants it.
#[function_component]
fn Other(props: &OtherProps) -> Html {
    let OtherProps { panel: SettingsProps { session, words, dispatch }, name, now } = props;
    let name = *name;
    let typed = use_state(|| None::<String>);
    let wrong = use_state(|| None::<String>);
    // The same id on the button and on the field that takes its place: the keyboard finds either.
    let id = format!("setting-{}", name.replace('.', "-"));
    let keep_keyboard = {
        let id = id.clone();
        move || focus_if_lost(id.clone())
    };
    let Some(text) = (*typed).clone() else {
        let open = {
            let (typed, now) = (typed.clone(), now.clone());
            Callback::from(move |_| {
                typed.set(Some(now.clone()));
                keep_keyboard();
            })
        };
        let label = words.fill("settings.change_of", &[("setting", &name)]);
        return html! {
            <button type="button" {id} class="plain setting-change" onclick={open} aria-label={label}>
                { words.say("settings.change") }
            </button>
        };
    };
    let oninput = {
        let (typed, wrong) = (typed.clone(), wrong.clone());
        Callback::from(move |text| {
            typed.set(Some(text));
            wrong.set(None);
        })
    };
    let onsubmit = {
        let (session, words, dispatch) = (session.clone(), words.clone(), dispatch.clone());
        let (text, wrong, keep_keyboard) = (text.clone(), wrong.clone(), keep_keyboard.clone());
        Callback::from(move |()| {
            let checked = session.borrow().scenario().with_setting(name, &text).map(|_| ());
            match checked {
                Ok(()) => {
                    dispatch.emit(Msg::SetSetting(name, text.clone()));
                    keep_keyboard();
                }
                Err(problems) => {
                    let said = problems.iter().next().map(|problem| {
                        let say = |sentence: &Sentence| sentence.say(&|template| words.problem(template));
                        words.fill(
                            "control.wrong_filter",
                            &[("what", &say(&problem.what)), ("instead", &say(&problem.instead))],
                        )
                    });
                    wrong.set(said);
                }
            }
        })
    };
    let oncancel = {
        let (typed, wrong) = (typed.clone(), wrong.clone());
        Callback::from(move |()| {
            typed.set(None);
            wrong.set(None);
            keep_keyboard();
        })
    };
    html! {
        <Form label={words.fill("settings.change_of", &[("setting", &name)])} {onsubmit} oncancel={oncancel.clone()}>
            <TextField {id} label={words.say("settings.other_value")} value={text} hint={words.say("settings.change_hint")}
                wrong={(*wrong).clone().map(yew::AttrValue::from)} insists=true is_wide=true {oninput} />
            <div class="form-buttons">
                <button type="submit" class="main-button">{ words.say("settings.play_with_it") }</button>
                <button type="button" class="plain" onclick={oncancel.reform(|_| ())}>{ words.say("control.cancel") }</button>
            </div>
        </Form>
    }
}

/// What a setting decides.
fn about(entry: &Entry, words: &WordsRef) -> String {
    words.say(&format!("setting.{}", entry.name))
}

fn area_name(words: &WordsRef, area: &str) -> String {
    words.say(&format!("settings.area_{area}"))
}

/// The settings in whose name, area or sentences all of the words stand.
fn chosen(words: &WordsRef, sought: &str) -> Vec<Entry> {
    let sought: Vec<String> = sought.split_whitespace().map(str::to_lowercase).collect();
    let has = |entry: &Entry| {
        let conflicts = entry.conflicts().iter().map(|number| words.say(&format!("conflict.{number}")));
        let mut all = vec![entry.name.to_owned(), about(entry, words), area_name(words, entry.area())];
        all.extend(conflicts);
        let all = all.join(" ").to_lowercase();
        sought.iter().all(|word| all.contains(word))
    };
    let mut shown: Vec<Entry> = entries().into_iter().filter(has).collect();
    let order: Vec<&str> = shown.iter().map(Entry::area).collect();
    sort_by_key(&mut shown, |entry| order.iter().position(|area| *area == entry.area()));
    shown
}
