//! When the program itself fails: a card with what is needed to see it again, never a white page. It is made without
//! the virtual DOM, which may be what failed.

use std::cell::RefCell;
use std::rc::Rc;

use gloo::events::EventListener;
use gloo::utils::{document, window};
use wasm_bindgen::JsCast;
use web_sys::ErrorEvent;

use super::share::{self, View};
use super::store::{Spot, State};
use crate::scenario::{Act, Scenario};
use crate::sim::Instant;

/// What the card says. Kept up to date while all is well, because afterwards nothing can be asked.
#[derive(Clone, Debug, Default)]
struct Told {
    title: String,
    about: String,
    reload: String,
    lines: Vec<(String, String)>,
    /// What a link to the run says.
    link: String,
    experiment: Option<Rc<Experiment>>,
    /// Where the run stood.
    now: (Instant, u64),
}

/// What was played. To write it down takes long if much was done, so that is left until it is needed.
#[derive(Debug)]
struct Experiment {
    /// In which run and which of its branches,
    spot: Spot,
    scenario: Rc<Scenario>,
    /// and what the visitor did there.
    acts: Vec<Act>,
}

impl Experiment {
    fn of(state: &State) -> Self {
        let session = state.session.borrow();
        let acts = session.acts().iter().chain(session.acts_ahead()).cloned().collect();
        Self { spot: state.spot(), scenario: Rc::clone(session.scenario()), acts }
    }

    /// Is it still the same? In a branch nothing that was done becomes something else.
    fn is_of(&self, state: &State) -> bool {
        let session = state.session.borrow();
        self.spot == state.spot() && self.acts.len() == session.acts().len() + session.acts_ahead().len()
    }
}

impl Told {
    /// The address that leads to the run once more.
    fn again(&self) -> Option<String> {
        let Experiment { scenario, acts, .. } = self.experiment.as_deref()?;
        let fragment = share::experiment(scenario, acts.clone(), View::default());
        let (at, seq) = self.now;
        share::again_at(&fragment, at, seq)
    }
}

thread_local! {
    static TOLD: RefCell<Told> = RefCell::default();
}

/// Shows the card when the program panics, and when something it called ends it: the engine (no memory, no stack) or
/// the browser, where it answers with an exception.
pub fn install() {
    EventListener::new(&window(), "error", |event| {
        let error = event.dyn_ref::<ErrorEvent>().map(|event| event.error());
        let error = error.and_then(|error| error.dyn_into::<js_sys::Error>().ok());
        if let Some(error) = error
            && passed_through_us(&error)
        {
            show(&String::from(error.message()));
        }
    })
    .forget();
    // Not by way of `std::panic`: Yew would put a hook of its own in its place.
    yew::set_custom_panic_hook(Box::new(|panic| {
        gloo::console::error!(panic.to_string());
        show(&panic.to_string());
    }));
}

/// Was our program running when it was thrown? A mistake of a browser extension is not ours.
fn passed_through_us(error: &js_sys::Error) -> bool {
    let stack = js_sys::Reflect::get(error, &"stack".into()).ok().and_then(|stack| stack.as_string());
    error.name() == "RuntimeError" || stack.is_some_and(|stack| stack.contains(".wasm"))
}

/// Remembers what is being played.
pub(super) fn remember(state: &State) {
    let words = &state.words;
    let session = state.session.borrow();
    let scenario = session.scenario();
    let told = Told {
        title: words.say("page.crash_title"),
        about: words.say("page.crash_about"),
        reload: words.say("page.crash_reload"),
        lines: vec![
            (words.say("page.scenario"), scenario.id.clone()),
            (words.say("page.seed"), scenario.seed.to_string()),
            (words.say("page.crash_what"), String::new()),
        ],
        link: words.say("page.crash_link"),
        experiment: None,
        now: (session.now(), session.world().live.seq),
    };
    TOLD.with(|slot| {
        if let Ok(mut slot) = slot.try_borrow_mut() {
            let known = slot.experiment.take().filter(|known| known.is_of(state));
            let experiment = known.unwrap_or_else(|| Rc::new(Experiment::of(state)));
            *slot = Told { experiment: Some(experiment), ..told };
        }
    });
}

fn show(what: &str) {
    let told = TOLD.with(|slot| slot.try_borrow().map(|told| told.clone()).unwrap_or_default());
    let document = document();
    let Some(body) = document.body() else { return };
    // What comes after the first mistake is its consequence.
    if body.has_attribute("data-crashed") {
        return;
    }
    // What the visitor sees is this card alone; what the program left in the page no longer answers.
    body.set_attribute("data-crashed", "").ok();
    let make = |name: &str, text: &str| {
        let element = document.create_element(name).ok()?;
        element.set_text_content(Some(text));
        Some(element)
    };
    // The page's own heading and landmarks are hidden with it.
    let (Some(main), Some(card)) = (make("main", ""), make("section", "")) else { return };
    card.set_attribute("class", "card crash panic").ok();
    card.set_attribute("role", "alert").ok();
    let is_told = !told.title.is_empty();
    let mut parts = vec![make("h1", if is_told { &told.title } else { "MQScope" })];
    if is_told {
        parts.push(make("p", &told.about));
    } else {
        // It failed before there was anything to remember.
        parts.push(make("p", what));
    }
    for (name, value) in &told.lines {
        let value = if value.is_empty() { what } else { value };
        parts.push(make("p", &format!("{name}: {value}")));
    }
    let link = |says: &str, address: &str| {
        let link = make("a", says)?;
        link.set_attribute("href", address).ok();
        link.set_attribute("class", "plain").ok();
        Some(link)
    };
    let whole_page = link(&told.reload, "").filter(|_| is_told);
    parts.extend([whole_page.clone()]);
    for part in parts.into_iter().flatten() {
        card.append_child(&part).ok();
    }
    main.append_child(&card).ok();
    body.append_child(&main).ok();
    // There may be no room to write down what was done; by now the card is there.
    if let Some(whole_page) = whole_page
        && let Some(again) = told.again().and_then(|again| link(&told.link, &again))
    {
        card.append_child(&again).ok();
        card.append_child(&whole_page).ok();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::app::preferences::ThemeChoice;
    use crate::app::store::{Msg, bundled};
    use crate::broker::{Command, ConsumerChange};
    use crate::lesson::Language;

    /// Remembered now, and the link to it.
    fn told(state: &State) -> (Rc<Experiment>, Option<String>) {
        remember(state);
        let told = TOLD.with(|told| told.borrow().clone());
        let again = told.again();
        (told.experiment.expect("it is remembered"), again)
    }

    fn link(state: &State) -> Option<String> {
        let session = state.session.borrow();
        let fragment = share::from_the_start(&session, View::default());
        share::again_at(&fragment, session.now(), session.world().live.seq)
    }

    #[test]
    fn the_card_leads_to_the_branch_that_was_watched() {
        let scenario = bundled("domain-model").expect("it is bundled");
        let mut state = State::new(Rc::new(scenario), Language::English, ThemeChoice::System);
        state.jump(Instant::from_secs(5));
        let first = state.spot().branch;
        let change = |consumer: &str, change| {
            Msg::Command(Box::new(Command::Consumer { consumer: consumer.to_owned(), change }))
        };
        for msg in [
            change("billing/C1", ConsumerChange::Crash),
            Msg::Undo,
            change("billing/C2", ConsumerChange::Pause),
            Msg::OpenBranch(first),
            Msg::SetSeed(77),
        ] {
            state.update(msg.clone());
            assert_eq!(told(&state).1, link(&state), "{msg:?}");
        }
    }

    /// It is written down when something was done, not whenever time passes.
    #[test]
    fn what_was_done_is_copied_once() {
        let scenario = bundled("domain-model").expect("it is bundled");
        let mut state = State::new(Rc::new(scenario), Language::English, ThemeChoice::System);
        for second in 1..5 {
            state.jump(Instant::from_secs(second));
            let send = Command::Send { producer: "P1".to_owned(), count: 1 };
            state.update(Msg::Command(Box::new(send)));
        }
        let before = told(&state).0;
        for msg in [Msg::Reset, Msg::Seek(Instant::from_secs(2)), Msg::Step, Msg::Seek(Instant::from_secs(9))]
        {
            state.update(msg.clone());
            assert!(Rc::ptr_eq(&told(&state).0, &before), "{msg:?}");
        }
    }
}
