//! Whatever can be typed wrong is said at the field where it was typed.

use std::rc::Rc;

use yew::{Callback, Html, html};

use super::forms::{AddForm, Draft, New};
use super::parts::Fields;
use crate::app::preferences::ThemeChoice;
use crate::app::ssr::{Element, render};
use crate::app::{PanelProps, State, WordsRef, store};
use crate::broker::GroupId;
use crate::broker::spec::ConsumeMode;
use crate::forms::{
    FailureForm, FailureKind, LADDERS, PatternForm, PatternKind, ProcessingForm, ProcessingKind, StrategyKind,
};
use crate::lesson::Language;
use crate::sim::Instant;

const NEW: [New; 7] =
    [New::Topic, New::Producer, New::Group, New::Consumer(GroupId(0)), New::Service, New::Caller, New::P2p];

fn state(language: Language) -> State {
    let scenario = store::bundled("rpc-and-messaging").expect("it is bundled");
    let mut state = State::new(Rc::new(scenario), language, ThemeChoice::Light);
    state.jump(Instant::from_secs(5));
    state
}

/// Nothing that anybody could mean stands in any field that a form shows.
fn spoil(draft: &mut Draft) {
    let nonsense = || "/ ?".to_owned();
    match draft {
        Draft::Topic(form) => (form.name, form.queues) = (nonsense(), nonsense()),
        Draft::Producer(form) => {
            (form.name, form.tags) = (nonsense(), "a|b".to_owned());
            (form.message_group, form.delay, form.delay_level) = ("g".repeat(64), nonsense(), nonsense());
        }
        Draft::Group(form) => {
            (form.name, form.consumers, form.threads) = (nonsense(), nonsense(), nonsense());
            form.topics.clear();
            [form.strategy.configured, form.strategy.queues, form.strategy.rooms, form.strategy.consumers] =
                [(); 4].map(|()| nonsense());
            [form.retry.rungs, form.retry.times] = [(); 2].map(|()| nonsense());
        }
        Draft::Consumer(_, form) => (form.name, form.threads) = (nonsense(), nonsense()),
        Draft::Service(form) => {
            [form.name, form.workers, form.line, form.failure] = [(); 4].map(|()| nonsense());
            spoil_times(&mut form.handler.processing);
        }
        Draft::Caller(form) => {
            (form.name, form.timeout) = (nonsense(), nonsense());
            form.services.clear();
            spoil_pattern(&mut form.arrivals.pattern);
        }
        Draft::P2p(form) => {
            [form.name, form.senders, form.consumers] = [(); 3].map(|()| nonsense());
            spoil_times(&mut form.handler.processing);
            spoil_pattern(&mut form.arrivals.pattern);
        }
    }
    if let Draft::Producer(form) = draft {
        spoil_pattern(&mut form.pattern);
    }
    if let Draft::Group(form) = draft {
        spoil_work(&mut form.processing, &mut form.failure);
    }
    if let Draft::Consumer(_, form) = draft {
        spoil_work(&mut form.processing, &mut form.failure);
    }
}

fn spoil_pattern(form: &mut PatternForm) {
    let PatternForm { rate, burst_rate, every, lasting, .. } = form;
    [*rate, *burst_rate, *every, *lasting] = [(); 4].map(|()| "/ ?".to_owned());
}

fn spoil_times(form: &mut ProcessingForm) {
    (form.first, form.second) = ("/ ?".to_owned(), "/ ?".to_owned());
}

fn spoil_work(processing: &mut ProcessingForm, failure: &mut FailureForm) {
    let nonsense = || "/ ?".to_owned();
    spoil_times(processing);
    let FailureForm { probability, tag, key, attempts, .. } = failure;
    (*probability, *tag, *key, *attempts) = (nonsense(), "a|b".to_owned(), String::new(), nonsense());
}

/// The draft of each form, in each of the shapes its fields can have.
fn drafts(state: &State) -> Vec<(&'static str, Draft)> {
    let session = state.session.borrow();
    let mut all = Vec::new();
    for what in NEW {
        let draft = Draft::new(session.world(), what);
        for n in 0..6 {
            let mut draft = draft.clone();
            match &mut draft {
                Draft::Topic(_) if n > 0 => continue,
                Draft::Topic(_) => {}
                Draft::Producer(form) => form.pattern.kind = PatternKind::ALL[n % 4],
                Draft::Group(form) => {
                    form.mode = if n == 5 { ConsumeMode::Broadcasting } else { ConsumeMode::Clustering };
                    form.strategy.kind = StrategyKind::ALL[(n + 1) % 6];
                    form.retry.ladder = LADDERS[n % 5];
                    form.processing.kind = ProcessingKind::ALL[n % 4];
                    form.failure.kind = FailureKind::ALL[n % 4];
                }
                Draft::Consumer(_, form) => {
                    form.processing.kind = ProcessingKind::ALL[n % 4];
                    form.failure.kind = FailureKind::ALL[n % 4];
                }
                Draft::Service(form) => form.handler.processing.kind = ProcessingKind::ALL[n % 4],
                Draft::Caller(form) => form.arrivals.pattern.kind = PatternKind::ALL[n % 3],
                Draft::P2p(form) => {
                    form.arrivals.pattern.kind = PatternKind::ALL[n % 3];
                    form.handler.processing.kind = ProcessingKind::ALL[n % 4];
                }
            }
            all.push((what.says(), draft));
        }
    }
    all
}

fn shown(state: &State, draft: &Draft, insists: bool) -> Element {
    let session = state.session.borrow();
    let world = session.world();
    let checked = draft.check(world);
    let fields = Fields { id: "new", words: &state.words, wrongs: checked.as_ref().err(), insists };
    render(draft.body(&fields, world, &Callback::noop()))
}

/// What describes an element, by the ids it names.
fn described(page: &Element, element: &Element) -> Vec<String> {
    let ids = element.attribute("aria-describedby").unwrap_or_default().split_whitespace();
    ids.map(|id| page.one(&format!("#{id}")).text()).collect()
}

#[test]
fn everything_that_is_wrong_is_said_at_its_field() {
    for language in Language::ALL {
        let state = state(language);
        for (form, mut draft) in drafts(&state) {
            spoil(&mut draft);
            let session = state.session.borrow();
            let wrongs = draft.check(session.world()).expect_err("nobody can mean that");
            let page = shown(&state, &draft, true);
            for (field, wrong) in wrongs.iter() {
                let sentence = wrong.say(&state.words);
                let control = match page.all(&format!("#new-{field}"))[..] {
                    [control] => control,
                    _ => page.one(&format!("fieldset[aria-describedby=new-{field}-wrong]")),
                };
                assert!(described(&page, control).contains(&sentence), "{form}, {field}: {sentence}");
                if control.tag == "input" {
                    assert_eq!(control.attribute("aria-invalid"), Some("true"), "{form}, {field}");
                }
            }
            let said = page.all(".field-wrong");
            assert!(said.iter().all(|one| one.attribute("role") == Some("alert")), "{form}: said aloud");
            assert_eq!(said.len(), wrongs.iter().count(), "{form}: each once");
            assert!(!said.is_empty(), "{form}");
        }
    }
}

#[test]
fn a_proposal_is_right_and_nobody_is_interrupted_while_typing() {
    let state = state(Language::English);
    for what in NEW {
        let draft = Draft::new(state.session.borrow().world(), what);
        let page = shown(&state, &draft, true);
        assert!(page.all(".field-wrong").is_empty(), "{}: {}", what.says(), page.text());
    }
    for (form, mut draft) in drafts(&state) {
        spoil(&mut draft);
        let page = shown(&state, &draft, false);
        assert!(page.all("input[aria-invalid]").is_empty(), "{form}: not before it was left or sent");
    }
}

#[test]
fn what_was_typed_stays_in_its_field() {
    let state = state(Language::English);
    for (form, mut draft) in drafts(&state) {
        spoil(&mut draft);
        let page = shown(&state, &draft, true);
        assert_eq!(page.one("#new-name").attribute("value"), Some("/ ?"), "{form}");
    }
}

fn add_form(state: &State, what: New) -> Html {
    let panel = PanelProps {
        session: state.session.clone(),
        revision: 0,
        words: WordsRef::clone(&state.words),
        dispatch: Callback::noop(),
        look: state.look(),
    };
    html! { <AddForm {panel} {what} onclose={Callback::noop()} /> }
}

#[test]
fn each_form_says_what_it_is_for_and_each_field_has_a_label() {
    for language in Language::ALL {
        let state = state(language);
        for what in NEW {
            let page = render(add_form(&state, what));
            assert_eq!(page.one("form").attribute("aria-label"), Some(state.words.text(what.heading())));
            assert!(!page.one("button[type=submit]").text().is_empty(), "it can be sent");
            for control in page.everything() {
                if !matches!(control.tag.as_str(), "input" | "select") {
                    continue;
                }
                let id = control.attribute("id").unwrap_or("none");
                let by_id = page.all(&format!("label[for={id}]"));
                let around =
                    page.all("label").into_iter().filter(|label| label.everything().contains(&control));
                let labels: Vec<String> = by_id.into_iter().chain(around).map(Element::text).collect();
                assert!(labels.len() == 1 && !labels[0].trim().is_empty(), "{}: {control:?}", what.says());
            }
            for group in page.all("fieldset") {
                assert!(!group.one("legend").text().is_empty(), "{}", what.says());
            }
        }
    }
}
