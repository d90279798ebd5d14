//! What the page knows, and the one place where a wish becomes a change of it.

use std::rc::Rc;

use super::log_window::{LogWindow, Shown};
use super::panel::Look;
use super::preferences::ThemeChoice;
use super::query;
use super::session_ref::{Observers, SessionRef, WordsRef};
use super::speed::Speed;
use super::subject::{self, Subject};
use crate::broker::{Command, Event};
use crate::lesson::explain::explain;
use crate::lesson::{Language, Words};
use crate::metrics::Series;
use crate::scenario::{self, Problems, Profile, Scenario};
use crate::session::{Act, Session};
use crate::sim::{Instant, Span};

/// Journal entries that one frame may bring; what is left is shown as being behind.
const ENTRIES_PER_FRAME: u64 = 60_000;
/// A thing that happens is taken to bring so many entries.
const ENTRIES_PER_STEP: u64 = 4;
/// Bytes of messages and deliveries that a run may keep before time stands still.
const KEPT_MOST: usize = 1 << 30;
/// The same on the way to an instant that was asked for, when nobody looks.
const ENTRIES_PER_JUMP: u64 = 400_000;
/// The same before the page is first shown.
const ENTRIES_AT_ONCE: u64 = 1_000_000;
/// Being behind by more than this much of the visitor's time is no longer made up for.
const BEHIND_MAX_MS: f64 = 1_000.0;

/// A wish of the visitor, or of the browser.
#[derive(Clone, Debug, PartialEq)]
pub enum Msg {
    /// The browser is ready for the next picture; its timestamp in milliseconds.
    Frame(f64),
    /// There is another room for the picture.
    Resized,
    /// The system's colours or its wish for little motion have changed.
    MediaChanged,

    /// Let time run, or stop it; at the end, start again.
    TogglePlay,
    /// One thing happens, then time stands still.
    Step,
    /// The last thing has not happened yet, and time stands still.
    StepBack,
    /// Back to the first instant; what the visitor did will be done again.
    Reset,
    /// To an instant, earlier or later; time stands still there unless it was running.
    Seek(Instant),
    /// What was to be done again will not be.
    ForgetActs,
    /// Beyond the end of the scenario.
    GoOn,
    /// Time runs this fast.
    SetSpeed(Speed),
    /// Twice as fast.
    Faster,
    /// Half as fast.
    Slower,

    /// Do something to the world, now.
    Command(Box<Command>),
    /// Select something, or nothing.
    Select(Option<Subject>),
    /// The pointer is over something, or over nothing.
    Hover(Option<Subject>),
    /// The pointer is over an instant of a time axis, or has left it.
    Cursor(Option<Instant>),

    /// Play a bundled scenario.
    Load(String),
    /// Play a scenario that the visitor has as a file.
    LoadText(String),
    /// Play the same with another seed.
    SetSeed(u64),
    /// Play the same under another profile.
    SetProfile(Profile),
    /// Play the same with a seed that nobody chose.
    FreshSeed,

    /// Speak this language.
    SetLanguage(Language),
    /// Speak the other language.
    NextLanguage,
    /// Wear these colours.
    SetTheme(ThemeChoice),
    /// Wear the next colours.
    NextTheme,
    /// Letters, digits and signs are shortcuts, or are not.
    SetCharacterKeys(bool),
    /// Go to a section with the keyboard.
    Focus(PanelId),
    /// Show a dialog.
    Open(Dialog),
    /// Close what is open, or select nothing.
    Close,
}

/// A section of the page.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PanelId {
    /// The picture.
    Stage,
    /// What is selected.
    Inspector,
    /// The charts.
    Plots,
    /// What happened.
    Log,
    /// The numbers.
    Twin,
}

/// What can lie over the page.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Dialog {
    /// The scenarios.
    Picker,
    /// The keys.
    Help,
    /// What is modelled, simplified, left out.
    Model,
    /// The settings, and what real systems do.
    Settings,
    /// RocketMQ's own metrics.
    Metrics,
    /// What is wrong with a scenario file.
    Problems,
}

/// What has to be done after an update.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Then {
    /// Nothing.
    Rest,
    /// A new picture.
    Paint,
    /// A new picture and new panels.
    Render,
}

/// For each panel a number that grows when it should show what is new. While time runs they take turns: no frame brings
/// more than one of them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Revisions {
    turn: usize,
    /// The bar, the header, the caption.
    pub bar: u64,
    /// The inspector.
    pub inspector: u64,
    /// The log.
    pub log: u64,
    /// Each of the charts.
    pub plots: [u64; 3],
    /// Each of the tables.
    pub twin: [u64; 3],
}

/// A panel, or a part of one, that has a turn of its own.
#[derive(Clone, Copy, Debug)]
enum Turn {
    Bar,
    Inspector,
    Log,
    Plot(usize),
    Table(usize),
}

/// Who comes after whom: with 30 turns a second bar, log and inspector come five times a second, each chart and each
/// table half as often.
const TURNS: [Turn; 12] = [
    Turn::Bar,
    Turn::Plot(0),
    Turn::Log,
    Turn::Inspector,
    Turn::Table(0),
    Turn::Plot(1),
    Turn::Bar,
    Turn::Table(1),
    Turn::Log,
    Turn::Inspector,
    Turn::Plot(2),
    Turn::Table(2),
];

impl Revisions {
    fn grow_all(&mut self) {
        let Self { turn: _, bar, inspector, log, plots, twin } = self;
        for revision in [bar, inspector, log].into_iter().chain(plots).chain(twin) {
            *revision += 1;
        }
    }

    fn grow_in_turn(&mut self) {
        self.turn = (self.turn + 1) % TURNS.len();
        *match TURNS[self.turn] {
            Turn::Bar => &mut self.bar,
            Turn::Inspector => &mut self.inspector,
            Turn::Log => &mut self.log,
            Turn::Plot(number) => &mut self.plots[number],
            Turn::Table(number) => &mut self.twin[number],
        } += 1;
    }
}

/// Everything the page knows.
pub struct State {
    /// The run.
    pub session: SessionRef,
    /// What the panels have shown.
    pub revisions: Revisions,
    /// Is time running?
    pub is_playing: bool,
    /// How fast.
    pub speed: Speed,
    /// Where the run pauses by itself.
    pub end: Instant,
    /// The instant to be reached; ahead of the session's while a frame's budget does not suffice.
    goal: Instant,
    /// What of the last frame is less than a microsecond.
    rest_us: f64,
    /// On the way to an instant that was asked for?
    is_jumping: bool,
    /// On the way back to where so many things had happened?
    back_to: Option<u64>,
    /// What is selected.
    pub selected: Option<Subject>,
    /// What the pointer is over.
    pub hovered: Option<Subject>,
    /// The instant the pointer is over.
    pub cursor: Option<Instant>,
    /// The catalogue.
    pub words: WordsRef,
    /// The chosen colours.
    pub theme: ThemeChoice,
    /// Are letters, digits and signs shortcuts?
    pub character_keys: bool,
    /// Does the system prefer dark colours?
    pub system_is_dark: bool,
    /// Does the visitor prefer little motion?
    pub is_calm: bool,
    /// What lies over the page.
    pub dialog: Option<Dialog>,
    /// What is wrong with the file that was to be opened.
    pub problems: Rc<Problems>,
    /// Grows when something deserves to be said aloud.
    pub spoken: u64,
    /// Was it about a single step?
    pub after_step: bool,
    /// Was it about something that the visitor did? Then what.
    pub deed: Option<String>,
    /// Why the last wish was not granted.
    pub notice: Option<String>,
    /// The browser gives nothing to paint on.
    pub is_canvas_missing: bool,
    /// Does what is played come with the page? A file of the visitor's has no address.
    is_bundled: bool,
}

impl State {
    /// A run of `scenario` at its first instant.
    pub fn new(scenario: Rc<Scenario>, language: Language, theme: ThemeChoice) -> Self {
        let end = scenario.until;
        Self {
            is_bundled: is_bundled(&scenario),
            session: start(scenario),
            revisions: Revisions::default(),
            is_playing: false,
            speed: Speed::REAL,
            end,
            goal: Instant::ZERO,
            rest_us: 0.0,
            is_jumping: false,
            back_to: None,
            selected: None,
            hovered: None,
            cursor: None,
            words: WordsRef::new(Words::new(language)),
            theme,
            character_keys: true,
            system_is_dark: false,
            is_calm: false,
            dialog: None,
            problems: Rc::default(),
            spoken: 0,
            after_step: false,
            deed: None,
            notice: None,
            is_canvas_missing: false,
        }
    }

    /// The address of this run at an instant, without what was done by hand.
    pub fn link(&self, at: Instant) -> Option<String> {
        let session = self.session.borrow();
        let scenario = session.scenario();
        self.is_bundled.then(|| query::link(&scenario.id, scenario.seed, at))
    }

    /// How the visitor looks at the run.
    pub fn look(&self) -> Look {
        Look {
            selected: self.selected,
            cursor: self.cursor,
            end: self.end,
            is_dark: self.is_dark(),
            is_playing: self.is_playing,
            is_calm: self.is_calm,
        }
    }

    /// Light on dark?
    pub fn is_dark(&self) -> bool {
        match self.theme {
            ThemeChoice::System => self.system_is_dark,
            ThemeChoice::Light => false,
            ThemeChoice::Dark => true,
        }
    }

    /// The language being spoken.
    pub fn language(&self) -> Language {
        self.words.language()
    }

    /// The simulated instant.
    pub fn now(&self) -> Instant {
        self.session.borrow().now()
    }

    /// Has the run come to the scenario's end?
    pub fn is_over(&self) -> bool {
        self.now() >= self.end
    }

    /// By how much the run is behind the clock on the wall.
    pub fn behind(&self) -> Span {
        self.goal - self.now()
    }

    /// Runs to an instant at once and stands still there. What takes long goes on in the frames that follow.
    pub fn jump(&mut self, at: Instant) {
        self.end = self.end.max(at);
        self.goal = at;
        self.is_jumping = true;
        self.is_playing = true;
        self.run(ENTRIES_AT_ONCE);
    }

    /// To an instant, earlier or later, and on from there if time was running. An earlier instant is reached by doing
    /// everything again from the start: the same history, so the same world.
    fn seek(&mut self, at: Instant) -> Then {
        if self.session.borrow().broken().is_some() {
            return Then::Rest;
        }
        let was_playing = self.is_playing && !self.is_jumping;
        if at < self.now() {
            self.rewind();
        }
        self.jump(at);
        if was_playing && !self.is_jumping && !self.is_over() {
            self.is_playing = true;
        }
        self.render()
    }

    /// As it was before the last thing happened.
    fn step_back(&mut self) -> Then {
        let steps = self.session.borrow().steps();
        if steps == 0 || self.back_to.is_some() {
            return Then::Rest;
        }
        self.rewind();
        self.back_to = Some(steps - 1);
        self.goal = self.end;
        self.is_jumping = true;
        self.is_playing = true;
        self.run(ENTRIES_AT_ONCE);
        self.render()
    }

    /// Lets things happen until so many have; no more at once than about so many entries. Is it there?
    fn run_to_step(&self, steps: u64, entries: u64) -> bool {
        let mut session = self.session.borrow_mut();
        for _ in 0..entries / ENTRIES_PER_STEP {
            if session.steps() >= steps || !session.step(self.end) {
                return true;
            }
        }
        false
    }

    /// The same run at its first instant, with everything that the visitor did ahead of it, and seen the same way.
    fn rewind(&mut self) {
        let session = self.session.borrow();
        let again = restart(Rc::clone(session.scenario()), &session, true);
        drop(session);
        self.session = again;
        self.goal = Instant::ZERO;
        self.rest_us = 0.0;
        self.hovered = None;
    }

    /// Time passes while it runs.
    pub fn pass(&mut self, milliseconds: f64) -> Then {
        if !self.is_playing {
            return Then::Rest;
        }
        if self.is_jumping {
            return self.run(ENTRIES_PER_JUMP);
        }
        let micros = milliseconds * 1_000.0 * self.speed.factor() + self.rest_us;
        self.rest_us = micros.fract();
        let behind_max = Span((BEHIND_MAX_MS * 1_000.0 * self.speed.factor()) as u64);
        let goal = (self.goal + Span(micros as u64)).min(self.now() + behind_max + Span(micros as u64));
        self.goal = goal.min(self.end);
        self.run(ENTRIES_PER_FRAME)
    }

    /// Runs towards the goal.
    fn run(&mut self, entries: u64) -> Then {
        let arrived = match self.back_to {
            Some(steps) => self.run_to_step(steps, entries),
            None => self.session.borrow_mut().run_until(self.goal, entries),
        };
        if self.session.borrow().world().bytes_kept() > KEPT_MOST {
            self.notice = Some(self.words.say("caption.full"));
            self.stand_still();
            return self.render();
        }
        let is_broken = self.session.borrow().broken().is_some();
        if is_broken || (arrived && (self.is_jumping || self.is_over())) {
            let is_step = self.back_to.is_some();
            self.stand_still();
            self.after_step = is_step;
            return self.render();
        }
        Then::Paint
    }

    /// Makes all panels show what is new.
    pub fn render(&mut self) -> Then {
        self.revisions.grow_all();
        Then::Render
    }

    /// Time runs: makes those panels show what is new whose turn it is.
    pub fn render_in_turn(&mut self) -> Then {
        self.revisions.grow_in_turn();
        Then::Render
    }

    /// Carries out a wish, as far as it concerns the run and the page's state.
    pub fn update(&mut self, msg: Msg) -> Then {
        match msg {
            Msg::Frame(_) | Msg::Resized | Msg::MediaChanged | Msg::Focus(_) => Then::Paint,
            Msg::TogglePlay => self.toggle_play(),
            Msg::Step => self.step(),
            Msg::StepBack => self.step_back(),
            Msg::Reset => self.play_again(None),
            Msg::Seek(at) => self.seek(at),
            Msg::ForgetActs => {
                self.session.borrow_mut().forget_acts_ahead();
                self.render()
            }
            Msg::GoOn => {
                self.end += self.session.borrow().scenario().until - Instant::ZERO;
                self.is_playing = true;
                self.render()
            }
            Msg::SetSpeed(speed) => self.set_speed(speed),
            Msg::Faster => self.set_speed(self.speed.faster()),
            Msg::Slower => self.set_speed(self.speed.slower()),
            Msg::Command(command) => self.act(*command),
            Msg::Select(subject) => {
                self.selected = subject;
                Then::Render
            }
            Msg::Hover(subject) => {
                let is_new = self.hovered != subject;
                self.hovered = subject;
                if is_new { Then::Paint } else { Then::Rest }
            }
            Msg::Cursor(instant) => {
                let is_new = self.cursor != instant;
                self.cursor = instant;
                if is_new { Then::Render } else { Then::Rest }
            }
            Msg::Load(id) => match bundled(&id) {
                Some(scenario) => self.play(Rc::new(scenario)),
                None => Then::Rest,
            },
            Msg::LoadText(text) => match Scenario::parse(&text) {
                Ok(scenario) => self.play(Rc::new(scenario)),
                Err(problems) => {
                    self.problems = Rc::new(problems);
                    self.dialog = Some(Dialog::Problems);
                    Then::Render
                }
            },
            Msg::SetSeed(seed) => self.play_again(Some(seed)),
            Msg::SetProfile(profile) => self.set_profile(profile),
            Msg::FreshSeed => {
                // The one place that asks for chance from outside. Without it the seed stays.
                getrandom::u32().map_or(Then::Rest, |seed| self.play_again(Some(seed.into())))
            }
            Msg::SetLanguage(language) => {
                self.words = WordsRef::new(Words::new(language));
                self.render()
            }
            Msg::NextLanguage => {
                let other = Language::ALL.into_iter().find(|language| *language != self.language());
                self.update(Msg::SetLanguage(other.unwrap_or_default()))
            }
            Msg::SetTheme(theme) => {
                self.theme = theme;
                Then::Render
            }
            Msg::NextTheme => {
                let index = ThemeChoice::ALL.iter().position(|theme| *theme == self.theme).unwrap_or(0);
                self.update(Msg::SetTheme(ThemeChoice::ALL[(index + 1) % ThemeChoice::ALL.len()]))
            }
            Msg::SetCharacterKeys(are_on) => {
                self.character_keys = are_on;
                Then::Render
            }
            Msg::Open(dialog) => {
                self.dialog = Some(dialog);
                Then::Render
            }
            Msg::Close => {
                if self.dialog.take().is_none() && self.notice.take().is_none() {
                    self.selected = None;
                }
                Then::Render
            }
        }
    }

    fn toggle_play(&mut self) -> Then {
        if self.session.borrow().broken().is_some() {
            return Then::Rest;
        }
        self.notice = None;
        if self.is_playing {
            self.stand_still();
        } else {
            if self.is_over() {
                self.play_again(None);
            }
            self.is_playing = true;
        }
        self.render()
    }

    fn step(&mut self) -> Then {
        self.stand_still();
        let end = self.end;
        if !self.session.borrow_mut().step(end) {
            // Nothing more happens before the end.
            self.session.borrow_mut().run_until(end, 1);
        }
        self.goal = self.now();
        self.after_step = true;
        self.render()
    }

    /// A command; if the world refuses it, the visitor is told why.
    fn act(&mut self, command: Command) -> Then {
        let before = self.session.borrow().world().live.seq;
        let forgotten = self.session.borrow().acts_ahead().len() as u64;
        self.session.borrow_mut().act(command);
        let session = self.session.borrow();
        let world = session.world();
        let came: Vec<_> = session.observer().1.newest(Shown::Everything).collect();
        let came = came.into_iter().take_while(|entry| entry.seq >= before);
        let is_refused = |event: &Event| matches!(event, Event::CommandRefused { .. });
        // What became of it says more than what was asked for; the first thing that did is what it was about.
        let (mut asked, mut became) = (None, None);
        for entry in came {
            match entry.event {
                Event::CommandGiven { .. } => asked = Some(entry),
                _ => became = Some(entry),
            }
        }
        let said = |entry| explain(world, entry, &self.words).to_string();
        self.notice = became.filter(|entry| is_refused(&entry.event)).map(said);
        // The notice speaks for itself.
        let deed = became.or(asked).filter(|_| self.notice.is_none()).map(|entry| {
            let time = super::words::clock(entry.at).0;
            self.words.fill("page.done", &[("time", &time), ("what", &said(entry))])
        });
        if self.notice.is_none() && forgotten > 0 {
            self.notice = Some(self.words.count("caption.forgotten", forgotten, &[]));
        }
        drop(session);
        if deed.is_some() {
            self.deed = deed;
            self.spoken += 1;
        }
        self.render()
    }

    fn set_speed(&mut self, speed: Speed) -> Then {
        self.speed = speed;
        Then::Render
    }

    /// Time stops here, and what is true now may be said aloud.
    fn stand_still(&mut self) {
        self.is_playing = false;
        self.is_jumping = false;
        self.back_to = None;
        self.goal = self.now();
        self.rest_us = 0.0;
        self.after_step = false;
        self.deed = None;
        self.spoken += 1;
    }

    /// The same scenario from its first instant, perhaps with another seed.
    fn play_again(&mut self, seed: Option<u64>) -> Then {
        let scenario = Rc::clone(self.session.borrow().scenario());
        let scenario = match seed {
            Some(seed) if seed != scenario.seed => Rc::new(Scenario { seed, ..(*scenario).clone() }),
            _ => scenario,
        };
        self.play_as(scenario, seed.is_none())
    }

    /// The same scenario from its first instant, with the settings of another profile.
    fn set_profile(&mut self, profile: Profile) -> Then {
        let scenario = Rc::clone(self.session.borrow().scenario());
        if scenario.profile == profile {
            return Then::Rest;
        }
        self.play_as(Rc::new(scenario.under(profile)), false)
    }

    fn play_as(&mut self, scenario: Rc<Scenario>, is_same_run: bool) -> Then {
        let was_playing = self.is_playing;
        let session = self.session.borrow();
        let again = restart(scenario, &session, is_same_run);
        drop(session);
        let end = self.end;
        self.begin(again);
        self.end = end;
        self.is_playing = was_playing;
        self.render()
    }

    /// Another scenario.
    fn play(&mut self, scenario: Rc<Scenario>) -> Then {
        self.begin(start(scenario));
        self.selected = None;
        self.dialog = None;
        self.is_playing = !self.is_calm;
        self.render()
    }

    fn begin(&mut self, session: SessionRef) {
        let scenario = Rc::clone(session.borrow().scenario());
        self.end = scenario.until;
        self.is_bundled = is_bundled(&scenario);
        self.session = session;
        self.goal = Instant::ZERO;
        self.is_jumping = false;
        self.back_to = None;
        self.rest_us = 0.0;
        self.hovered = None;
        self.cursor = None;
        self.notice = None;
        self.after_step = false;
        self.deed = None;
        self.spoken += 1;
        let gone = self.selected.is_some_and(|it| !subject::exists(self.session.borrow().world(), it));
        if gone {
            self.selected = None;
        }
    }
}

/// A run of `scenario`, watched by the plots and the log.
fn start(scenario: Rc<Scenario>) -> SessionRef {
    let observers: Observers = (Series::default(), LogWindow::default());
    SessionRef::new(Session::new(scenario, observers))
}

/// The run of `before` again from its first instant, its visitor's acts ahead of it. In another run than `before` an act's
/// instant counts, not the entry it became.
fn restart(scenario: Rc<Scenario>, before: &Session<Observers>, is_same_run: bool) -> SessionRef {
    let mut acts: Vec<Act> = before.acts().iter().chain(before.acts_ahead()).cloned().collect();
    if !is_same_run {
        acts.iter_mut().for_each(|act| act.seq = None);
    }
    SessionRef::new(Session::with_acts(scenario, (Series::default(), LogWindow::default()), acts))
}

/// A bundled scenario. The files are part of the program and a test reads them, so they cannot be bad.
pub fn bundled(id: &str) -> Option<Scenario> {
    let (_, text) = scenario::bundled().iter().find(|(this, _)| *this == id)?;
    Scenario::parse(text).ok()
}

/// Is it one of them, whatever its seed?
fn is_bundled(scenario: &Scenario) -> bool {
    bundled(&scenario.id).is_some_and(|ours| Scenario { seed: scenario.seed, ..ours } == *scenario)
}

/// Is it a moment that the visitor made?
pub fn is_by_hand(session: &Session<Observers>, event: &Event) -> bool {
    matches!(event, Event::CommandGiven { command, .. }
        if session.acts().iter().any(|act| act.command == **session.world().command(*command)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::broker::ConsumerChange;

    fn state() -> State {
        let scenario = bundled("domain-model").expect("it is bundled");
        State::new(Rc::new(scenario), Language::English, ThemeChoice::System)
    }

    #[test]
    fn every_bundled_scenario_can_be_loaded() {
        let mut state = state();
        for (id, _) in scenario::bundled() {
            assert_eq!(state.update(Msg::Load((*id).to_owned())), Then::Render);
            assert_eq!(state.session.borrow().scenario().id, *id);
            assert!(state.is_playing, "what was chosen plays");
        }
        assert_eq!(state.update(Msg::Load("no such".to_owned())), Then::Rest);
    }

    #[test]
    fn time_passes_as_fast_as_asked_and_stops_at_the_end() {
        let mut state = state();
        assert_eq!(state.pass(1_000.0), Then::Rest, "it stands still at first");
        state.update(Msg::TogglePlay);
        state.update(Msg::SetSpeed(Speed::from_log2(-2.0)));
        for _ in 0..100 {
            state.pass(16.0);
        }
        assert_eq!(state.now(), Instant::from_ms(400));
        state.update(Msg::SetSpeed(Speed::from_log2(6.0)));
        for _ in 0..200 {
            state.pass(16.0);
        }
        assert_eq!((state.now(), state.is_playing), (state.end, false));
        state.update(Msg::TogglePlay);
        assert_eq!(
            (state.now(), state.is_playing),
            (Instant::ZERO, true),
            "then it plays again from the start"
        );
    }

    #[test]
    fn beyond_the_end_the_bar_grows_by_the_scenario_s_length() {
        let mut state = state();
        let until = state.end;
        state.jump(until);
        state.update(Msg::GoOn);
        assert_eq!(state.end.0, 2 * until.0);
        state.pass(100.0);
        assert!(state.now() > until);
    }

    #[test]
    fn however_it_got_there_the_same_instant_is_the_same_world() {
        let (mut jumped, mut played) = (state(), state());
        jumped.jump(Instant::from_secs(10));
        played.update(Msg::TogglePlay);
        while played.now() < Instant::from_ms(9_900) {
            played.pass(33.0);
        }
        played.jump(Instant::from_secs(10));
        assert_eq!(jumped.session.borrow().fingerprint(), played.session.borrow().fingerprint());
    }

    #[test]
    fn a_step_stops_time_and_brings_one_thing() {
        let mut state = state();
        state.update(Msg::TogglePlay);
        state.pass(500.0);
        let before = state.session.borrow().steps();
        state.update(Msg::Step);
        assert_eq!((state.session.borrow().steps(), state.is_playing), (before + 1, false));
        assert!(state.after_step);
    }

    #[test]
    fn a_refused_command_says_why_until_it_is_closed() {
        let mut state = state();
        let crash = |consumer: &str| {
            Msg::Command(Box::new(Command::Consumer {
                consumer: consumer.to_owned(),
                change: ConsumerChange::Crash,
            }))
        };
        state.update(crash("billing/C1"));
        assert_eq!(state.notice, None);
        state.update(crash("nobody/C1"));
        assert!(
            state.notice.as_deref().is_some_and(|notice| notice.contains("No consumer")),
            "{:?}",
            state.notice
        );
        state.update(Msg::Close);
        assert_eq!(state.notice, None);
    }

    #[test]
    fn a_bad_file_leaves_the_run_alone() {
        let mut state = state();
        state.jump(Instant::from_secs(3));
        let before = state.session.clone();
        state.update(Msg::LoadText("{ \"format\": \"mqscope.scenario/1\", \"seed\": -1 }".to_owned()));
        assert_eq!(state.dialog, Some(Dialog::Problems));
        assert!(state.session == before && state.problems.len() > 1);
    }

    #[test]
    fn only_what_comes_with_the_page_has_a_link() {
        let mut state = state();
        state.update(Msg::SetSeed(7));
        let at = Instant::from_secs(3);
        assert_eq!(state.link(at).as_deref(), Some("?scenario=domain-model&seed=7&at=3000000us"));
        let (_, text) = scenario::bundled()[0];
        let mine = text.replacen("\"seed\"", "\"stop_after_messages\": 5, \"seed\"", 1);
        state.update(Msg::LoadText(mine));
        assert_eq!(
            (state.dialog, state.link(at)),
            (None, None),
            "a file of the visitor's, with an id of ours"
        );
        state.update(Msg::Load("domain-model".to_owned()));
        assert!(state.link(at).is_some());
    }

    #[test]
    fn another_seed_is_another_run_of_the_same_scenario() {
        let mut state = state();
        let end = Instant::from_secs(5);
        let run = |state: &mut State, seed| {
            state.update(Msg::SetSeed(seed));
            state.jump(end);
            state.session.borrow().fingerprint()
        };
        let (one, two) = (run(&mut state, 1), run(&mut state, 2));
        assert_ne!(one, two);
        assert_eq!(run(&mut state, 1), one);
    }

    #[test]
    fn another_profile_begins_the_scenario_again() {
        let mut state = state();
        state.jump(Instant::from_secs(5));
        state.update(Msg::SetProfile(Profile::Classic4));
        assert_eq!(state.now(), Instant::ZERO);
        let check = |state: &State| state.session.borrow().world().settings.topic_type_check;
        assert!(!check(&state));
        state.update(Msg::SetProfile(Profile::Docs5));
        assert!(check(&state) && state.link(Instant::ZERO).is_some(), "it is what was bundled");
    }

    /// What a visitor does, and where the run then is.
    fn acted() -> State {
        let mut state = state();
        for (at, change) in [(3, ConsumerChange::Crash), (8, ConsumerChange::Restart)] {
            state.jump(Instant::from_secs(at));
            state.update(Msg::Command(Box::new(Command::Consumer {
                consumer: "billing/C1".to_owned(),
                change,
            })));
        }
        state.jump(Instant::from_secs(20));
        state
    }

    #[test]
    fn seeking_leads_to_the_same_world_in_both_directions() {
        let mut state = acted();
        let here = state.session.borrow().fingerprint();
        for at in [5, 1, 12, 0, 20] {
            state.update(Msg::Seek(Instant::from_secs(at)));
            assert_eq!((state.now(), state.is_playing), (Instant::from_secs(at), false));
        }
        assert_eq!(state.session.borrow().fingerprint(), here, "with what was done in between");
        assert_eq!(state.session.borrow().acts().len(), 2);
    }

    #[test]
    fn a_step_back_undoes_a_step() {
        let mut state = acted();
        let here = state.session.borrow().steps();
        let before = state.session.borrow().fingerprint();
        state.update(Msg::Step);
        let after = state.session.borrow().fingerprint();
        state.update(Msg::StepBack);
        assert_eq!((state.session.borrow().steps(), state.session.borrow().fingerprint()), (here, before));
        state.update(Msg::Step);
        assert_eq!(state.session.borrow().fingerprint(), after);
        assert!(!state.is_playing && state.after_step);
    }

    #[test]
    fn what_was_done_is_done_again_after_a_reset_until_it_is_forgotten() {
        let mut state = acted();
        let here = state.session.borrow().fingerprint();
        state.update(Msg::Reset);
        assert_eq!((state.now(), state.session.borrow().acts_ahead().len()), (Instant::ZERO, 2));
        state.jump(Instant::from_secs(20));
        assert_eq!(state.session.borrow().fingerprint(), here);
        state.update(Msg::Reset);
        state.update(Msg::ForgetActs);
        state.jump(Instant::from_secs(20));
        assert_eq!(state.session.borrow().acts().len(), 0);
        assert_ne!(state.session.borrow().fingerprint(), here);
    }

    #[test]
    fn doing_something_earlier_gives_up_what_was_done_later_and_says_so() {
        let mut state = acted();
        state.update(Msg::Seek(Instant::from_secs(5)));
        assert_eq!(state.session.borrow().acts_ahead().len(), 1);
        let change = ConsumerChange::Pause;
        state.update(Msg::Command(Box::new(Command::Consumer { consumer: "audit/C1".to_owned(), change })));
        let session = state.session.borrow();
        assert_eq!((session.acts().len(), session.acts_ahead().len()), (2, 0));
        assert!(
            state.notice.as_deref().is_some_and(|notice| notice.contains("forgotten")),
            "{:?}",
            state.notice
        );
    }

    #[test]
    fn with_another_seed_the_same_is_done_at_the_same_times() {
        let mut state = acted();
        state.update(Msg::SetSeed(99));
        state.jump(Instant::from_secs(20));
        let session = state.session.borrow();
        let times: Vec<Instant> = session.acts().iter().map(|act| act.at).collect();
        assert_eq!(times, [Instant::from_secs(3), Instant::from_secs(8)]);
        assert_eq!(session.scenario().seed, 99);
    }

    #[test]
    fn every_bundled_scenario_can_be_gone_through_backwards() {
        for (id, _) in scenario::bundled() {
            let mut state = state();
            state.update(Msg::Load((*id).to_owned()));
            state.jump(Instant::from_secs(20));
            let there = state.session.borrow().fingerprint();
            for at in [7, 20] {
                state.update(Msg::Seek(Instant::from_secs(at)));
            }
            assert_eq!(state.session.borrow().fingerprint(), there, "{id}");
        }
    }
}
