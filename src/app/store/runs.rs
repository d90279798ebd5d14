//! Which run is being watched: another scenario, the same with another seed or under another profile, the same again.

use std::rc::Rc;

use super::super::session_ref::{Observers, SessionRef};
use super::super::share;
use super::super::subject::{self, Subject};
use super::{State, Then};
use crate::scenario::{self, Link, Profile, Scenario};
use crate::session::{Act, Branches, Session};
use crate::sim::Instant;

impl State {
    /// The same scenario from its first instant, perhaps with another seed.
    pub(super) fn play_again(&mut self, seed: Option<u64>) -> Then {
        let scenario = Rc::clone(self.session.borrow().scenario());
        let scenario = match seed {
            Some(seed) if seed != scenario.seed => Rc::new(Scenario { seed, ..(*scenario).clone() }),
            _ => scenario,
        };
        self.play_as(scenario, seed.is_none())
    }

    /// The same scenario from its first instant, with the settings of another profile.
    pub(super) fn set_profile(&mut self, profile: Profile) -> Then {
        let scenario = Rc::clone(self.session.borrow().scenario());
        if scenario.profile == profile {
            return Then::Rest;
        }
        // What a bundled scenario leaves to its profile comes back with that profile.
        let ours = bundled(&scenario.id).map(|ours| Scenario { seed: scenario.seed, ..ours });
        let ours = ours.filter(|ours| ours.under(scenario.profile) == *scenario);
        let again = ours.as_ref().unwrap_or(&scenario).under(profile);
        self.play_as(Rc::new(again), false)
    }

    /// The same scenario from its first instant, with another value for a setting.
    pub(super) fn set_setting(&mut self, name: &str, typed: &str) -> Then {
        let scenario = Rc::clone(self.session.borrow().scenario());
        match scenario.with_setting(name, typed) {
            Ok(other) if other != *scenario => self.play_as(Rc::new(other), false),
            _ => Then::Rest,
        }
    }

    fn play_as(&mut self, scenario: Rc<Scenario>, is_same_run: bool) -> Then {
        let was_playing = self.is_playing;
        let session = self.session.borrow();
        let again = restart(scenario, &session, is_same_run);
        drop(session);
        let end = self.end;
        if !is_same_run {
            self.leave_run();
        }
        self.begin(again);
        self.end = end;
        self.is_playing = was_playing;
        self.render()
    }

    /// Another scenario. A recording goes to where its run stood.
    pub(super) fn play(&mut self, mut scenario: Scenario) -> Then {
        let (acts, recorded) = (std::mem::take(&mut scenario.acts), scenario.recorded.take());
        self.leave_run();
        self.branches = Rc::new(Branches::with(&std::mem::take(&mut scenario.branches)));
        self.begin(SessionRef::new(Session::with_acts(Rc::new(scenario), observers(), acts)));
        self.selected = None;
        self.dialog = None;
        self.is_playing = !self.is_calm;
        if let Some(recorded) = recorded {
            self.jump_to(recorded);
        }
        self.render()
    }

    /// The experiment in a link, looked at as by whoever gave it away. A fragment without one is left alone.
    pub(super) fn open_link(&mut self, fragment: &str) -> Then {
        match Link::read(fragment) {
            None => Then::Rest,
            Some(Ok(link)) => {
                let view = share::View::read(&link.view);
                self.play(link.scenario);
                self.speed = view.speed.unwrap_or(self.speed);
                let exists = |it: &Subject| subject::exists(self.session.borrow().world(), *it);
                self.selected = view.selected.filter(exists);
                self.render()
            }
            Some(Err(problems)) => {
                if let Some(problem) = problems.iter().next() {
                    let translate = |template: &str| self.words.problem(template);
                    let (what, instead) = (problem.what.say(&translate), problem.instead.say(&translate));
                    let path =
                        if problem.path == "link" { String::new() } else { format!("{}: ", problem.path) };
                    self.notice = Some(
                        self.words
                            .fill("share.bad", &[("path", &path), ("what", &what), ("instead", &instead)]),
                    );
                }
                self.render()
            }
        }
    }

    pub(super) fn begin(&mut self, session: SessionRef) {
        let scenario = Rc::clone(session.borrow().scenario());
        self.end = scenario.until;
        self.is_bundled = is_bundled(&scenario);
        self.session = session;
        self.goal = Instant::ZERO;
        self.is_jumping = false;
        self.back_to = None;
        self.shared = None;
        self.rest_us = 0.0;
        (self.stage_walk, self.followed) = (None, None);
        self.hovered = None;
        self.cursor = None;
        (self.notice, self.news) = (None, None);
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
pub(super) fn start(scenario: Rc<Scenario>) -> SessionRef {
    SessionRef::new(Session::new(scenario, observers()))
}

pub(super) fn observers() -> Observers {
    Observers::default()
}

/// The run of `before` again from its first instant, its visitor's acts ahead of it. In another run than `before` an act's
/// instant counts, not the entry it became.
pub(super) fn restart(scenario: Rc<Scenario>, before: &Session<Observers>, is_same_run: bool) -> SessionRef {
    let mut acts: Vec<Act> = before.acts().iter().chain(before.acts_ahead()).cloned().collect();
    if !is_same_run {
        acts.iter_mut().for_each(Act::forget_place);
    }
    SessionRef::new(Session::with_acts(scenario, observers(), acts))
}

/// A bundled scenario. The files are part of the program and a test reads them, so they cannot be bad.
pub fn bundled(id: &str) -> Option<Scenario> {
    let (_, text) = scenario::bundled().iter().find(|(this, _)| *this == id)?;
    Scenario::parse(text).ok()
}

/// Is this, but for its seed, what comes with the page?
pub(super) fn is_bundled(scenario: &Scenario) -> bool {
    bundled(&scenario.id).is_some_and(|ours| Scenario { seed: scenario.seed, ..ours } == *scenario)
}
