//! The page: a Yew application that shows one run and turns what the visitor does into commands.
//!
//! ```text
//!  visitor ──► Msg ──► State::update ──► session        one way round
//!                                          │ revision
//!  frames  ──► Msg::Frame ──► session ─────┤
//!                                          ├──► scene ──► canvas       every frame
//!                                          └──► panels (virtual DOM)   one of them in every other frame
//! ```
//!
//! [`App`] is the one component with state: it owns the frame loop and the run. Everything below is a function of
//! [`PanelProps`]. The canvas is painted past the virtual DOM.

use std::cell::{Cell, RefCell};
use std::rc::Rc;

use gloo::events::{EventListener, EventListenerOptions};
use gloo::utils::{document, window};
use wasm_bindgen::JsCast;
use web_sys::EventTarget;
use yew::{Callback, Component, Context, Html};

pub mod canvas;
pub mod components;
pub mod files;
mod frame;
pub mod happenings;
mod history;
pub mod keys;
pub mod panel;
pub mod panic;
pub mod preferences;
pub mod query;
pub mod reach;
pub mod session_ref;
pub mod share;
pub mod speed;
#[cfg(feature = "ssr")]
pub mod ssr;
pub mod store;
pub mod subject;
pub mod words;

pub use panel::{Look, PanelProps};
pub use session_ref::{Observers, SessionRef, WordsRef};
pub use store::{Dialog, Msg, PanelId, State, Then};
pub use subject::Subject;

use crate::scenario::Link;
use components::branches::keep_keyboard;
use components::stage::StageCanvas;
use components::transport::Hands;
use query::Query;

/// The whole page.
pub struct App {
    state: State,
    frames: frame::Frames,
    stage: StageCanvas,
    hands: Hands,
    /// The browser's history.
    /// Told by the browser, too, when the page is left.
    trail: RefCell<history::Trail>,
    /// What the keyboard's listener knows of the state.
    sense: Rc<Cell<keys::Sense>>,
    /// Made once: components that get the same callback again need not be rendered again.
    dispatch: Callback<Msg>,
    /// Dropped with the page, and the listeners with them.
    _listeners: Vec<EventListener>,
}

impl Component for App {
    type Message = Msg;
    type Properties = ();

    fn create(ctx: &Context<Self>) -> Self {
        let query = Query::read(address());
        let scenario = first_scenario(&query);
        let mut state = State::new(scenario, preferences::language(&query), preferences::theme(&query));
        ask_media(&mut state);
        state.character_keys = preferences::character_keys();
        state.shows_stage_only = query.shows_stage_only;
        if let Some(speed) = query.speed {
            state.speed = speed;
        }
        state.address = home();
        query.begin(&mut state, fragment());
        let dispatch = ctx.link().callback(|msg| msg);
        let trail = history::Trail::begin(&mut state, dispatch.clone());
        let sense = Rc::new(Cell::new(sense(&state)));
        let mut listeners = listeners(ctx, &sense);
        listeners.extend(files::listeners(&dispatch));
        panic::remember(&state);
        let app = Self {
            state,
            frames: frame::Frames::default(),
            stage: StageCanvas::default(),
            hands: Hands::default(),
            trail: RefCell::new(trail),
            sense,
            dispatch,
            _listeners: listeners,
        };
        app.dress();
        app
    }

    fn update(&mut self, ctx: &Context<Self>, msg: Msg) -> bool {
        let then = match msg {
            Msg::Frame(timestamp) => self.frame(timestamp),
            Msg::Key(msg) if !keys::makes_sense(&msg, self.state.dialog) => Then::Rest,
            Msg::Key(msg) => self.carry_out(*msg),
            msg => self.carry_out(msg),
        };
        if then == Then::Render {
            panic::remember(&self.state);
        }
        if then >= Then::Paint || self.state.is_playing() || self.state.is_busy() {
            let link = ctx.link().clone();
            self.frames.request(move |timestamp| link.send_message(Msg::Frame(timestamp)));
        }
        then == Then::Render
    }

    fn view(&self, _: &Context<Self>) -> Html {
        components::page::view(&self.state, &self.stage, &self.hands, &self.dispatch)
    }

    fn rendered(&mut self, ctx: &Context<Self>, first: bool) {
        if first {
            self.stage.watch(ctx.link().callback(|()| Msg::Resized));
            ctx.link().send_message(Msg::Resized);
        }
    }
}

impl App {
    /// A frame: time passes, the picture is painted, and now and then the panels follow.
    fn frame(&mut self, timestamp: f64) -> Then {
        let elapsed = self.frames.arrive(timestamp);
        let was_playing = self.state.is_playing();
        let mut then = self.state.pass(elapsed).max(self.state.go_on_besides());
        // The run may be where it was bound for.
        while let Some(msg) = self.state.take_waiting() {
            then = then.max(self.carry_out(msg));
        }
        if !self.state.is_playing() {
            self.frames.rest();
        }
        if !self.stage.paint(&self.state) && !self.state.is_canvas_missing {
            self.state.is_canvas_missing = true;
            then = Then::Render;
        }
        self.hands.show(self.state.now(), self.state.end);
        self.trail.get_mut().keep_up(&self.state);
        if was_playing && self.frames.panels_are_due(timestamp) {
            then = then.max(self.state.render_in_turn());
        }
        // The picture has just been painted.
        if then == Then::Paint { Then::Rest } else { then }
    }

    /// What the state can do by itself it does; what only the browser can do is done here.
    fn carry_out(&mut self, msg: Msg) -> Then {
        match &msg {
            Msg::MediaChanged => {
                ask_media(&mut self.state);
                self.dress();
                return Then::Render;
            }
            Msg::Resized => self.stage.measure(),
            // The line beside the pointer is the first thing that Escape puts away.
            Msg::Close if self.state.dialog.is_none() && self.stage.put_tip_away() => return Then::Paint,
            Msg::Focus(panel) => focus(*panel),
            Msg::WriteAddress => {
                self.trail.get_mut().come_later(&self.state);
                return Then::Rest;
            }
            // What comes of another fragment alone is asked for by `OpenLink`.
            Msg::LookAtAddress if !self.trail.borrow().is_elsewhere() => return Then::Rest,
            msg if self.state.may_leave(msg) => self.trail.get_mut().catch_up(&self.state),
            _ => {}
        }
        let (language, theme) = (self.state.language(), self.state.theme);
        let session = self.state.session.clone();
        let by_browser = if let Msg::GoBackTo(spot) = msg { Some(spot) } else { None };
        let is_by_address = matches!(msg, Msg::OpenLink(_) | Msg::LookAtAddress);
        let is_undoing = matches!(msg, Msg::Undo | Msg::Redo);
        let run = self.state.spot().visit;
        let had_selection = msg == Msg::Close && self.state.selected.is_some();
        let then = match msg {
            // It is of an earlier opening of the page, and its address says what it was.
            Msg::GoBackTo(spot) if !self.state.knows_run(spot) => self.open_address(),
            Msg::LookAtAddress => self.open_address(),
            msg => self.state.update(msg),
        };
        if is_undoing {
            keep_keyboard(self.state.branches.here());
        }
        if had_selection && self.state.selected.is_none() && is_in_inspector() {
            focus(PanelId::Stage);
        }
        if language != self.state.language() {
            preferences::remember_language(self.state.language());
            self.dress();
        }
        if theme != self.state.theme {
            preferences::remember_theme(self.state.theme);
            self.dress();
        }
        if self.sense.replace(sense(&self.state)).characters != self.state.character_keys {
            preferences::remember_character_keys(self.state.character_keys);
        }
        if session != self.state.session {
            self.dress();
        }
        if let Some(spot) = by_browser {
            self.trail.get_mut().went(&self.state, spot);
        } else if is_by_address && self.state.spot().visit != run {
            self.trail.get_mut().came(&self.state);
        } else {
            self.trail.get_mut().follow(&self.state, is_undoing);
        }
        then
    }

    /// What the address leads to, as another run beside those that were opened.
    fn open_address(&mut self) -> Then {
        let query = Query::read(address());
        if !matches!(Link::read(&fragment()), Some(Ok(_))) {
            self.state.play(Rc::unwrap_or_clone(first_scenario(&query)));
        }
        query.begin(&mut self.state, fragment());
        history::say_what_is_missing(&mut self.state);
        self.state.render()
    }

    /// Language and colours, where style sheets and screen readers look for them.
    fn dress(&self) {
        if let Some(root) = document().document_element() {
            root.set_attribute("lang", self.state.language().tag()).ok();
            root.set_attribute("data-theme", if self.state.is_dark() { "dark" } else { "light" }).ok();
        }
        let session = self.state.session.borrow();
        let title = words::local(&session.scenario().title, self.state.language());
        document().set_title(&format!("MQScope: {title}"));
    }
}

/// The address's query, decoded.
fn address() -> Vec<(String, String)> {
    let search = window().location().search().unwrap_or_default();
    let Ok(parameters) = web_sys::UrlSearchParams::new_with_str(&search) else { return Vec::new() };
    let text = |value: wasm_bindgen::JsValue| value.as_string().unwrap_or_default();
    let entries = parameters.entries().into_iter().flatten();
    entries
        .map(|pair| js_sys::Array::from(&pair))
        .map(|pair| (text(pair.get(0)), text(pair.get(1))))
        .collect()
}

/// Where the page is, without query and fragment.
fn home() -> String {
    let location = window().location();
    location.origin().unwrap_or_default() + &location.pathname().unwrap_or_default()
}

/// The address's fragment.
fn fragment() -> String {
    window().location().hash().unwrap_or_default()
}

/// The scenario to begin with: the one that the address names, or the first.
fn first_scenario(query: &Query) -> Rc<crate::scenario::Scenario> {
    let named = query.scenario.as_deref().and_then(store::bundled);
    let (first, _) = crate::scenario::bundled()[0];
    let mut scenario = named.or_else(|| store::bundled(first)).expect("the bundled scenarios are sound");
    if let Some(seed) = query.seed {
        scenario.seed = seed;
    }
    Rc::new(scenario)
}

/// What shortcuts depend on.
fn sense(state: &State) -> keys::Sense {
    keys::Sense { characters: state.character_keys, dialog: state.dialog }
}

/// Listeners on the whole document: the keyboard, and what the system prefers.
fn listeners(ctx: &Context<App>, sense: &Rc<Cell<keys::Sense>>) -> Vec<EventListener> {
    let mut listeners = Vec::new();
    let link = ctx.link().clone();
    let sense = Rc::clone(sense);
    let options = EventListenerOptions::enable_prevent_default();
    listeners.push(EventListener::new_with_options(&document(), "keydown", options, move |event| {
        let Some(event) = event.dyn_ref::<web_sys::KeyboardEvent>() else { return };
        let sense = sense.get();
        if let Some(msg) = keys::pressed(event, sense.characters) {
            if keys::makes_sense(&msg, sense.dialog) {
                event.prevent_default();
            }
            // What the key before did may still wait for its turn, so what this one does is decided when its own comes.
            link.send_message(Msg::Key(msg.into()));
        }
    }));
    let link = ctx.link().clone();
    listeners.push(EventListener::new(&window(), "hashchange", move |_| {
        // Between entries of ours the address changes too.
        if history::here().is_none() {
            link.send_message(Msg::OpenLink(fragment()));
        }
    }));
    let link = ctx.link().clone();
    listeners.push(EventListener::new(&window(), "popstate", move |_| {
        link.send_message(history::here().map_or(Msg::LookAtAddress, Msg::GoBackTo));
    }));
    // A page that is hidden may never be shown again. Once a browser goes elsewhere it may forget what an entry was given,
    // so the page is told before; but not every browser says so. A message could come too late: whoever has much to do
    // hands it on after a while.
    let hides = |target: &EventTarget, event: &'static str| {
        let link = ctx.link().clone();
        EventListener::new(target, event, move |_| {
            if let Some(app) = link.get_component() {
                app.trail.borrow_mut().leave(&app.state);
            }
        })
    };
    listeners.extend(["beforeunload", "pagehide"].map(|event| hides(&window(), event)));
    listeners.push(hides(&document(), "visibilitychange"));
    for query in [DARK, CALM, CONTRAST, FORCED] {
        if let Ok(Some(list)) = window().match_media(query) {
            let link = ctx.link().clone();
            listeners
                .push(EventListener::new(&list, "change", move |_| link.send_message(Msg::MediaChanged)));
        }
    }
    listeners
}

const DARK: &str = "(prefers-color-scheme: dark)";
const CALM: &str = "(prefers-reduced-motion: reduce)";
const CONTRAST: &str = "(prefers-contrast: more)";
const FORCED: &str = "(forced-colors: active)";

/// How the visitor's system likes pages to look.
fn ask_media(state: &mut State) {
    state.system_is_dark = preferences::media(DARK);
    state.is_calm = preferences::media(CALM);
    state.wants_contrast = preferences::media(CONTRAST);
    state.colours_are_forced = preferences::media(FORCED);
}

/// Is the keyboard where what is selected is shown?
fn is_in_inspector() -> bool {
    let active = document().active_element();
    active.is_some_and(|element| element.closest("#inspector").is_ok_and(|inspector| inspector.is_some()))
}

/// Puts the keyboard into a section.
fn focus(panel: PanelId) {
    let id = match panel {
        PanelId::Stage => "stage",
        PanelId::Inspector => "inspector",
        PanelId::Plots => "plots",
        PanelId::Log => "log-search",
        PanelId::Twin => "twin",
    };
    if let Some(element) = document().get_element_by_id(id)
        && let Ok(element) = element.dyn_into::<web_sys::HtmlElement>()
    {
        element.focus().ok();
    }
}
