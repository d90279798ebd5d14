//! Which run is being watched: another scenario, the same with another seed or under another profile, the same again.

use std::rc::Rc;

use super::super::session_ref::{Observers, SessionRef};
use super::super::share;
use super::super::subject::{self, Subject};
use super::super::words::local;
use super::time::Doing;
use super::{State, Then};
use crate::lesson::Said;
use crate::scenario::{self, Link, Profile, Scenario};
use crate::session::{Act, Branches, Goal, Session};

impl State {
    /// Back to the first instant of this run. What was done is ahead.
    pub(super) fn reset(&mut self) -> Then {
        self.give_up_seeking();
        let (runs_on, end, selected) = (self.runs_on(), self.end, self.selected);
        self.session.borrow_mut().approach(Goal::Step(0));
        self.begin(self.session.again());
        // It is the same run: what is selected stays so where it does not exist yet.
        (self.end, self.selected) = (end, selected);
        if runs_on {
            self.run_on();
        }
        self.render()
    }

    /// The same scenario from its first instant with another seed.
    pub(super) fn set_seed(&mut self, seed: u64) -> Then {
        let scenario = Rc::clone(self.session.borrow().scenario());
        if scenario.seed == seed {
            return Then::Rest;
        }
        self.play_as(Scenario { seed, ..(*scenario).clone() })
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
        self.play_as(again)
    }

    /// The same scenario from its first instant, with another value for a setting.
    pub(super) fn set_setting(&mut self, name: &str, typed: &str) -> Then {
        let scenario = Rc::clone(self.session.borrow().scenario());
        match scenario.with_setting(name, typed) {
            Ok(other) if other != *scenario => self.play_as(other),
            _ => Then::Rest,
        }
    }

    /// As another run: an act's instant counts in it, not the entry it became.
    fn play_as(&mut self, scenario: Scenario) -> Then {
        let (runs_on, end) = (self.runs_on(), self.end);
        let session = self.session.borrow();
        let mut acts: Vec<Act> = session.acts().iter().chain(session.acts_ahead()).cloned().collect();
        drop(session);
        acts.iter_mut().for_each(Act::forget_place);
        self.leave_run();
        self.begin(SessionRef::new(Session::with_acts(Rc::new(scenario), observers(), acts)));
        self.end = end;
        if runs_on {
            self.run_on();
        }
        self.render()
    }

    /// Another scenario. A recording goes to where its run stood.
    pub fn play(&mut self, mut scenario: Scenario) -> Then {
        let (acts, recorded) = (std::mem::take(&mut scenario.acts), scenario.recorded.take());
        self.leave_run();
        self.branches = Rc::new(Branches::with(&std::mem::take(&mut scenario.branches)));
        self.begin(SessionRef::new(Session::with_acts(Rc::new(scenario), observers(), acts)));
        self.selected = None;
        self.dialog = None;
        match recorded {
            Some(recorded) => self.go_exactly_to(recorded, false),
            None if !self.is_calm => self.run_on(),
            None => {}
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
                self.step_size = view.step_size.unwrap_or(self.step_size);
                self.wanted = view.selected;
                self.select_wanted();
                self.render()
            }
            Some(Err(problems)) => {
                self.bad_link = problems.iter().next().cloned();
                self.notice = self.bad_link_said();
                self.render()
            }
        }
    }

    /// Why the link could not be opened, and what is seen instead.
    pub(super) fn bad_link_said(&self) -> Option<String> {
        let problem = self.bad_link.as_ref()?;
        let translate = |template: &str| self.words.problem(template);
        let (what, instead) = (problem.what.say(&translate), problem.instead.say(&translate));
        let path = if problem.path == "link" { String::new() } else { format!("{}: ", problem.path) };
        let title = local(&self.session.borrow().scenario().title, self.words.language()).to_owned();
        let holes: [(&str, &dyn Said); 4] =
            [("path", &path), ("what", &what), ("instead", &instead), ("title", &title)];
        Some(self.words.fill("share.bad", &holes))
    }

    /// What a link selects is selected where it leads, or on the way there, if it exists by then.
    pub(super) fn select_wanted(&mut self) {
        let exists = |it: &Subject| subject::exists(self.session.borrow().world(), *it);
        match self.wanted.filter(exists) {
            Some(it) => (self.selected, self.wanted) = (Some(it), None),
            None if !self.is_going() => self.wanted = None,
            None => {}
        }
    }

    pub(super) fn begin(&mut self, session: SessionRef) {
        let scenario = Rc::clone(session.borrow().scenario());
        self.end = scenario.until;
        self.is_bundled = is_bundled(&scenario);
        self.session = session;
        self.doing = Doing::Nothing;
        (self.followed, self.wanted) = (None, None);
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

/// A bundled scenario. The files are part of the program and a test reads them, so they cannot be bad.
pub fn bundled(id: &str) -> Option<Scenario> {
    let (_, text) = scenario::bundled().iter().find(|(this, _)| *this == id)?;
    Scenario::parse(text).ok()
}

/// Is this, but for its seed, what comes with the page?
pub(super) fn is_bundled(scenario: &Scenario) -> bool {
    bundled(&scenario.id).is_some_and(|ours| Scenario { seed: scenario.seed, ..ours } == *scenario)
}

#[cfg(test)]
mod tests;
