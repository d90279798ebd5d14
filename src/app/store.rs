//! What the page knows, and the one place where a wish becomes a change of it.

mod branches;
mod event;
mod known;
mod msg;
mod runs;
mod stage;
mod time;
mod turns;
mod waiting;

pub use branches::{Comparison, ComparisonRef, Spot, Title};
pub use known::{Known, KnownRef};
use msg::Concern;
pub use msg::{Dialog, Msg, PanelId, Then};
pub use runs::bundled;
pub use stage::StepSize;
pub use turns::Revisions;

use runs::{is_bundled, start};
use std::collections::VecDeque;
use std::rc::Rc;

use super::panel::Look;
use super::preferences::ThemeChoice;
use super::session_ref::{SessionRef, WordsRef};
use super::share::View;
use super::speed::Speed;
use super::subject::Subject;
use crate::broker::{Command, Event};
use crate::lesson::explain::explain;
use crate::lesson::{Language, Words};
use crate::scenario::{Problem, Problems, Scenario, limits, too_long};
use crate::scene::Theme;
use crate::session::Branches;
use crate::sim::Instant;
use crate::trace::log_window::Shown;
use crate::trace::stages::Whose;

/// Everything the page knows.
pub struct State {
    /// The run.
    pub session: SessionRef,
    /// What the panels have shown.
    pub revisions: Revisions,
    /// What the run is doing.
    doing: time::Doing,
    /// How fast.
    pub speed: Speed,
    /// Where the run pauses by itself.
    pub end: Instant,
    /// What is selected.
    pub selected: Option<Subject>,
    /// What is to be selected as soon as it exists, on the way to where a link leads.
    wanted: Option<Subject>,
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
    /// Does the system put its own few colours in place of the page's?
    pub colours_are_forced: bool,
    /// Does the visitor ask for more contrast?
    pub wants_contrast: bool,
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
    /// What is wrong with the link that could not be opened last.
    bad_link: Option<Problem>,
    /// Is there the picture and its bar alone, inside another page?
    pub shows_stage_only: bool,
    /// What has come of the last wish, where that is not plain to see.
    pub news: Option<String>,
    /// What went to make room for something else, or was given up.
    gone: Option<String>,
    /// What was asked for while the run was on its way, and is meant for where it goes.
    waiting: VecDeque<Msg>,
    /// The browser gives nothing to paint on.
    pub is_canvas_missing: bool,
    /// Where the page is, without query and fragment.
    pub address: String,
    /// Does what is played come with the page? A file of the visitor's has no address.
    is_bundled: bool,
    /// The courses of this run.
    pub branches: Rc<Branches>,
    /// One of them that is compared with the present one.
    pub comparison: Option<ComparisonRef>,
    /// How far its branches have been.
    known: Vec<KnownRef>,
    /// Has something changed since everything was compared?
    is_unsettled: bool,
    /// Bytes of messages and deliveries that a run may keep before time stands still.
    kept_most: usize,
    /// How much happens in a step that a button brings.
    pub step_size: StepSize,
    /// The message whose stages were stepped through last.
    followed: Option<(Subject, Whose)>,
    /// The number of this run among those that were opened.
    visit: u32,
    last_visit: u32,
    /// Those that were left.
    visits: Vec<branches::Visit>,
}

impl State {
    /// A run of `scenario` at its first instant.
    pub fn new(scenario: Rc<Scenario>, language: Language, theme: ThemeChoice) -> Self {
        let end = scenario.until;
        Self {
            is_bundled: is_bundled(&scenario),
            session: start(scenario),
            revisions: Revisions::default(),
            doing: time::Doing::Nothing,
            speed: Speed::REAL,
            end,
            address: String::new(),
            selected: None,
            wanted: None,
            hovered: None,
            cursor: None,
            words: WordsRef::new(Words::new(language)),
            theme,
            character_keys: true,
            system_is_dark: false,
            colours_are_forced: false,
            wants_contrast: false,
            is_calm: false,
            dialog: None,
            problems: Rc::default(),
            spoken: 0,
            after_step: false,
            deed: None,
            notice: None,
            bad_link: None,
            shows_stage_only: false,
            news: None,
            gone: None,
            waiting: VecDeque::new(),
            is_canvas_missing: false,
            branches: Rc::default(),
            comparison: None,
            known: Vec::new(),
            is_unsettled: false,
            kept_most: time::KEPT_MOST,
            step_size: StepSize::default(),
            followed: None,
            visit: 0,
            last_visit: 0,
            visits: Vec::new(),
        }
    }

    /// Does what is played come with the page?
    pub fn is_bundled(&self) -> bool {
        self.is_bundled
    }

    /// How the visitor looks at the run.
    pub fn look(&self) -> Look {
        Look {
            selected: self.selected,
            cursor: self.cursor,
            end: self.end,
            theme: self.stage_theme(),
            headed: self.bound_for().map(|_| self.headed()),
            is_playing: self.is_playing(),
            is_calm: self.is_calm,
        }
    }

    /// The same, as far as a link says so.
    pub fn view(&self) -> View {
        View { speed: Some(self.speed), selected: self.selected, step_size: Some(self.step_size) }
    }

    /// Light on dark?
    pub fn is_dark(&self) -> bool {
        match self.theme {
            _ if self.colours_are_forced => self.system_is_dark,
            ThemeChoice::System => self.system_is_dark,
            ThemeChoice::Light => false,
            ThemeChoice::Dark => true,
        }
    }

    /// The colours of picture and charts, which no style sheet reaches.
    pub fn stage_theme(&self) -> &'static Theme {
        Theme::suited(self.is_dark(), self.wants_contrast || self.colours_are_forced)
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

    /// Makes all panels show what is new.
    pub fn render(&mut self) -> Then {
        self.is_unsettled = true;
        self.see_course();
        self.revisions.grow_all();
        Then::Render
    }

    /// Time runs: makes those panels show what is new whose turn it is.
    pub fn render_in_turn(&mut self) -> Then {
        let has_beside = self.session.borrow().observer().0.calls.is_used();
        self.revisions.grow_in_turn(has_beside);
        Then::Render
    }

    /// Carries out a wish, as far as it concerns the run and the page's state.
    pub fn update(&mut self, msg: Msg) -> Then {
        let then = self.carry_out(msg);
        self.say_gone();
        then
    }

    /// Whatever was said about a wish itself, what is gone is said besides.
    fn say_gone(&mut self) {
        if let Some(gone) = self.gone.take() {
            self.news = Some(self.news.take().map_or(gone.clone(), |news| format!("{news} {gone}")));
        }
    }

    fn carry_out(&mut self, msg: Msg) -> Then {
        let is_walk = matches!(msg, Msg::NextStage | Msg::PreviousStage);
        if is_walk && self.is_seeking_stage() && self.waiting.is_empty() {
            return Then::Rest;
        }
        match msg.concern() {
            Concern::View => {}
            concern if self.has_to_wait(concern) => return self.wait(msg),
            _ => {
                self.see_branch();
                self.news = None;
            }
        }
        match msg {
            Msg::Key(_) | Msg::WriteAddress | Msg::LookAtAddress => Then::Rest,
            Msg::Frame(_) | Msg::Resized | Msg::MediaChanged | Msg::Focus(_) => Then::Paint,
            Msg::TogglePlay => self.toggle_play(),
            Msg::Step => self.step(),
            Msg::StepBack => self.step_back(),
            Msg::NextStage => self.seek_stage(true),
            Msg::PreviousStage => self.seek_stage(false),
            Msg::SetStepSize(size) => {
                self.step_size = size;
                Then::Render
            }
            Msg::Reset => self.reset(),
            Msg::Seek(at) => self.seek(at),
            Msg::SeekBy(hundredths) => self.seek_by(hundredths),
            Msg::ForgetActs => self.forget_ahead(),
            Msg::NextEvent => self.seek_event(),
            Msg::NextMarker => self.seek_marker(true),
            Msg::PreviousMarker => self.seek_marker(false),
            Msg::Undo => self.undo(),
            Msg::Redo => self.redo(),
            Msg::OpenBranch(id) => self.open_branch(id),
            Msg::DeleteBranch(id) => self.delete_branch(id),
            Msg::RestoreBranch => self.restore_branch(),
            Msg::CompareWith(id) => self.compare(id),
            Msg::GoBackTo(spot) => self.go_back_to(spot),
            Msg::GoOn => {
                self.give_up_seeking();
                self.end += self.session.borrow().scenario().until - Instant::ZERO;
                if !self.is_playing() {
                    self.run_on();
                }
                self.render()
            }
            Msg::SetSpeed(speed) => self.set_speed(speed),
            Msg::Faster => self.set_speed(self.speed.faster()),
            Msg::Slower => self.set_speed(self.speed.slower()),
            Msg::Command(command) => self.act(*command),
            Msg::Select(subject) => {
                (self.selected, self.wanted) = (subject, None);
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
                Some(scenario) => self.play(scenario),
                None => Then::Rest,
            },
            Msg::OpenLink(fragment) => self.open_link(&fragment),
            Msg::LoadText(text) => match Scenario::parse(&text) {
                Ok(scenario) => self.play(scenario),
                Err(problems) => self.show_problems(problems),
            },
            Msg::FileTooLong(bytes) => self.show_problems(too_long(bytes).into()),
            Msg::SetSeed(seed) => self.set_seed(seed),
            Msg::SetProfile(profile) => self.set_profile(profile),
            Msg::SetSetting(name, typed) => self.set_setting(name, &typed),
            Msg::FreshSeed => {
                // The one place that asks for chance from outside. Without it the seed stays.
                getrandom::u32().map_or(Then::Rest, |seed| self.set_seed(seed.into()))
            }
            Msg::SetLanguage(language) => {
                let is_about_link = self.notice.is_some() && self.notice == self.bad_link_said();
                self.words = WordsRef::new(Words::new(language));
                if is_about_link {
                    self.notice = self.bad_link_said();
                }
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
                if self.dialog.take().is_none() && self.notice.take().is_none() && self.news.take().is_none()
                {
                    self.selected = None;
                }
                Then::Render
            }
        }
    }

    fn show_problems(&mut self, problems: Problems) -> Then {
        self.problems = Rc::new(problems);
        self.dialog = Some(Dialog::Problems);
        Then::Render
    }

    fn act(&mut self, command: Command) -> Then {
        self.followed = None;
        if self.session.borrow().acts().len() as u64 >= limits::ACTS {
            self.notice = Some(self.words.fill("branches.acts_full", &[("most", &limits::ACTS)]));
            return self.render();
        }
        self.give_up_seeking();
        let before = self.session.borrow().world().live.seq;
        let is_broken = self.session.borrow().broken().is_some();
        let left = if is_broken { None } else { self.begin_act(&command) };
        self.session.borrow_mut().act(command);
        let session = self.session.borrow();
        let world = session.world();
        let came: Vec<_> = session.observer().1.0.newest(Shown::Everything).collect();
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
        if let Some(left) = left.filter(|_| self.notice.is_none()) {
            self.news = Some(self.words.fill("branches.left", &[("name", &left)]));
        }
        drop(session);
        self.see_branch();
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
}

#[cfg(test)]
mod tests;
