//! When the program itself fails: a card with what is needed to see it again, never a white page. It is made without
//! the virtual DOM, which may be what failed.

use std::cell::RefCell;
use std::rc::Rc;

use gloo::events::EventListener;
use gloo::utils::{document, window};
use wasm_bindgen::JsCast;
use web_sys::ErrorEvent;

use super::share::{self, View};
use super::store::State;
use crate::scenario::Scenario;
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
    /// The experiment, and what of the run it was made from.
    experiment: (Option<Seen>, String),
    /// Where the run stood.
    now: (Instant, u64),
}

/// What of a run changes its experiment: the scenario, and what the visitor did to it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Seen {
    scenario: *const Scenario,
    acts: (usize, usize),
    last: Option<Instant>,
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
        experiment: (None, String::new()),
        now: (session.now(), session.world().live.seq),
    };
    let (acts, ahead) = (session.acts(), session.acts_ahead());
    let seen = Some(Seen {
        scenario: Rc::as_ptr(scenario),
        acts: (acts.len(), ahead.len()),
        last: acts.last().map(|act| act.at),
    });
    TOLD.with(|slot| {
        if let Ok(mut slot) = slot.try_borrow_mut() {
            let known = std::mem::take(&mut slot.experiment);
            // It takes a while to write it down, and it seldom changes.
            let is_new = known.0 != seen;
            let experiment =
                if is_new { (seen, share::from_the_start(&session, View::default())) } else { known };
            *slot = Told { experiment, ..told };
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
    let (at, seq) = told.now;
    let again = share::again_at(&told.experiment.1, at, seq).filter(|_| is_told);
    let (again, whole_page) = (again.map(|address| (told.link, address)), (told.reload, String::new()));
    for (says, address) in again.into_iter().chain(is_told.then_some(whole_page)) {
        let link = make("a", &says);
        if let Some(link) = &link {
            link.set_attribute("href", &address).ok();
            link.set_attribute("class", "plain").ok();
        }
        parts.push(link);
    }
    for part in parts.into_iter().flatten() {
        card.append_child(&part).ok();
    }
    main.append_child(&card).ok();
    body.append_child(&main).ok();
}
