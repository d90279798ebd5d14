//! What is asked for while the run is on its way to a place. An act, undoing and doing again are meant for that place, so they
//! wait until time is there; and what is asked for after them comes after them.
//!
//! ```text
//!  ──○───────────x─ ─ ─ ─ ─●     asked for at x, on the way from ○: done at ●
//! ```

use super::msg::Concern;
use super::time::Doing;
use super::{Msg, State, Then};
use crate::session::Stop;
use crate::sim::Instant;

impl State {
    /// Is the run on its way to a place that was asked for, which is not where it happens to be?
    pub fn is_on_its_way(&self) -> bool {
        self.is_going() || self.is_seeking_stage()
    }

    /// Where it goes, if that is known.
    pub(super) fn bound_for(&self) -> Option<Stop> {
        match self.doing {
            Doing::Going { to, .. } => Some(to),
            _ => None,
        }
    }

    /// The instant that it goes to, or else the present one.
    pub fn headed(&self) -> Instant {
        self.bound_for().and_then(Stop::at).unwrap_or_else(|| self.now())
    }

    /// Does a wish have to wait until the run is where it goes?
    pub(super) fn has_to_wait(&self, concern: Concern) -> bool {
        let is_behind = concern == Concern::Place && !self.waiting.is_empty();
        self.is_on_its_way() && (concern == Concern::Course || is_behind)
    }

    /// Has a wish wait, and says so.
    pub(super) fn wait(&mut self, msg: Msg) -> Then {
        match (self.waiting.back_mut(), msg) {
            // Of two instants in a row the second one is meant.
            (Some(Msg::Seek(at)), Msg::Seek(later)) => *at = later,
            (Some(Msg::SeekBy(way)), Msg::SeekBy(more)) => *way += more,
            (_, msg) => self.waiting.push_back(msg),
        }
        self.news = Some(self.words.say("page.waits"));
        self.render()
    }

    /// May a wish lead to another branch or run than the present one, not by the browser's own doing?
    pub fn may_leave(&self, msg: &Msg) -> bool {
        match msg {
            Msg::TogglePlay | Msg::GoBackTo(_) | Msg::OpenLink(_) => false,
            Msg::Command(_) => self.branches.is_past(&self.session.borrow()),
            Msg::OpenBranch(_) | Msg::ForgetActs => true,
            msg => msg.concern() == Concern::Run,
        }
    }

    /// The next thing that waited, once the run is where it was bound for.
    pub fn take_waiting(&mut self) -> Option<Msg> {
        if self.is_on_its_way() { None } else { self.waiting.pop_front() }
    }

    /// What waits is not done, and that is said.
    pub(super) fn give_up_waiting(&mut self) {
        if !self.waiting.is_empty() {
            self.waiting.clear();
            self.news = None;
            self.gone = Some(self.words.say("page.not_done"));
        }
    }

    /// Can something be undone here, or where the run goes?
    pub fn can_undo(&self) -> bool {
        let session = self.session.borrow();
        let ahead = session.acts_ahead().first();
        let is_passed = |to: Stop| to.at().is_none_or(|to| ahead.is_some_and(|act| act.at <= to));
        !session.acts().is_empty()
            || (ahead.is_some() && self.is_on_its_way() && self.bound_for().is_none_or(is_passed))
    }
}

#[cfg(test)]
mod tests;
