//! How time passes: playing, stepping, going to an instant, earlier or later.

use std::cmp::Ordering;

use super::event::Lookout;
use super::stage::StageWalk;
use super::{State, Then};
use crate::lesson::Said;
use crate::scenario::{MODEL, Recorded};
use crate::session::{Goal, Stop};
use crate::sim::{Instant, Span};

/// Journal entries, and things that happen, that one frame may bring; what is left is shown as being behind.
const WORK_WHILE_PLAYING: u64 = 80_000;
/// The same on the way to an instant that was asked for, when nobody looks.
const WORK_ON_THE_WAY: u64 = 500_000;
/// The same before the page is first shown.
const WORK_AT_FIRST: u64 = 1_250_000;
/// Bytes of messages and deliveries that a run may keep before time stands still.
pub(super) const KEPT_MOST: usize = 1 << 30;
/// A link, a file or the other branch of a comparison may lead so far beyond the end of a scenario at the least,
const BEYOND_LEAST: Span = Span::from_secs(3_600);
/// and so many times its length: as far as going on beyond the end leads, so often.
const BEYOND_TIMES: u64 = 10;
/// Being behind by more than this much of the visitor's time is no longer made up for.
const BEHIND_MAX_MS: f64 = 1_000.0;

/// What the run is doing. What was asked for last takes the place of what was asked for before.
#[derive(Debug, Default)]
pub(super) enum Doing {
    /// Time stands still.
    #[default]
    Nothing,
    /// Time runs.
    Playing {
        /// The instant to be reached; ahead of the session's while a frame's budget does not suffice.
        goal: Instant,
        /// What of the last frame is less than a microsecond.
        rest_us: f64,
    },
    /// It is on the way to a place; there time stands still, or runs on.
    Going { to: Stop, runs_on: bool },
    /// It is on the way to where a stage of a message begins.
    Walking(StageWalk),
    /// It is on the way to the next thing worth looking at.
    Seeking(Lookout),
}

impl State {
    /// Is time running, or on its way to somewhere?
    pub fn is_playing(&self) -> bool {
        matches!(self.doing, Doing::Playing { .. } | Doing::Going { .. })
    }

    /// Is it on the way to a place?
    pub(super) fn is_going(&self) -> bool {
        matches!(self.doing, Doing::Going { .. })
    }

    /// Does time run, now or once it is where it goes?
    pub(super) fn runs_on(&self) -> bool {
        matches!(self.doing, Doing::Playing { .. } | Doing::Going { runs_on: true, .. })
    }

    /// Lets time run from here.
    pub fn run_on(&mut self) {
        self.doing = Doing::Playing { goal: self.now(), rest_us: 0.0 };
    }

    /// By how much the run is behind the clock on the wall, or before where it goes.
    pub fn behind(&self) -> Span {
        let goal = match &self.doing {
            Doing::Playing { goal, .. } => *goal,
            _ => self.headed(),
        };
        goal - self.now()
    }

    /// Runs to an instant at once and stands still there. What takes very long goes on in the frames that follow.
    pub fn jump(&mut self, at: Instant) {
        self.go(Stop::After(at), false);
        self.hurry();
    }

    /// Before the page is first shown there is more time than in a frame, and nothing to be seen on the way.
    pub fn hurry(&mut self) {
        if self.is_going() {
            self.run(WORK_AT_FIRST);
        }
    }

    /// Goes the rest of its way at once.
    pub(super) fn finish(&mut self) {
        self.run(u64::MAX);
    }

    /// Runs to a place that is not earlier.
    pub(super) fn go(&mut self, to: Stop, runs_on: bool) {
        if let Stop::After(at) = to {
            self.end = self.end.max(at);
        }
        self.doing = Doing::Going { to, runs_on };
        self.run(WORK_ON_THE_WAY);
    }

    /// The last instant to which a link or a file may lead: it cannot make the page run for days.
    pub fn last(&self) -> Instant {
        let until = self.session.borrow().scenario().until - Instant::ZERO;
        self.end + Span(until.0.saturating_mul(BEYOND_TIMES)).max(BEYOND_LEAST)
    }

    /// Runs to where a run stood when it was given away or left.
    pub(super) fn go_exactly_to(&mut self, recorded: Recorded, runs_on: bool) {
        let last = self.last();
        if recorded.at > last {
            let time = super::super::words::short_clock(last);
            self.notice = Some(self.words.fill("query.at_too_late", &[("time", &time)]));
            return self.go(Stop::After(last), runs_on);
        }
        self.end = self.end.max(recorded.at);
        self.go(Stop::Exactly(recorded), runs_on);
    }

    /// Are we where the shared run stood? If it is another run, that is said.
    fn arrive_at(&mut self, recorded: &Recorded) {
        if self.session.borrow().is_at(recorded) {
            return;
        }
        let says = match recorded.model.cmp(&MODEL) {
            Ordering::Less => "share.older_rules",
            Ordering::Equal => "share.another",
            Ordering::Greater => "share.newer_rules",
        };
        let fingerprint = recorded.fingerprint.short();
        let holes: [(&str, &dyn Said); 3] =
            [("fingerprint", &fingerprint), ("version", &recorded.model), ("here", &MODEL)];
        self.notice = Some(self.words.fill(says, &holes));
    }

    /// To an instant, earlier or later, and on from there if time was running. It is reached by doing again what came
    /// after the last checkpoint before it: the same history, so the same world.
    pub(super) fn seek(&mut self, at: Instant) -> Then {
        self.give_up_seeking();
        let runs_on = self.runs_on();
        self.approach(Goal::At(at));
        self.go(Stop::After(at), runs_on);
        self.render()
    }

    /// The same by so many hundredths of the bar, from where the run goes.
    pub(super) fn seek_by(&mut self, hundredths: i64) -> Then {
        self.give_up_seeking();
        let way = hundredths.saturating_mul((self.end.0 / 100).max(1).cast_signed());
        self.seek(Instant(self.headed().0.saturating_add_signed(way)).min(self.end))
    }

    /// As it was before the last thing happened. On the way there: one more.
    pub(super) fn step_back(&mut self) -> Then {
        self.give_up_seeking();
        let steps = match self.doing {
            Doing::Going { to: Stop::Step(steps), .. } => steps,
            _ => self.session.borrow().steps(),
        };
        let Some(steps) = steps.checked_sub(1) else { return Then::Rest };
        self.approach(Goal::Step(steps));
        self.go(Stop::Step(steps), false);
        self.render()
    }

    /// As near before a place of this run as it gets at once. What panels have gathered about a later time is of no use to
    /// an earlier one.
    fn approach(&mut self, goal: Goal) {
        let before = self.now();
        self.session.borrow_mut().approach(goal);
        if self.now() < before {
            self.session = self.session.again();
            self.hovered = None;
        }
    }

    /// Time passes while it runs.
    pub fn pass(&mut self, milliseconds: f64) -> Then {
        let (now, end, factor) = (self.now(), self.end, self.speed.factor());
        match &mut self.doing {
            Doing::Playing { goal, rest_us } => {
                let micros = milliseconds * 1_000.0 * factor + *rest_us;
                *rest_us = micros.fract();
                let behind_max = Span((BEHIND_MAX_MS * 1_000.0 * factor) as u64);
                let passed = Span(micros as u64);
                *goal = (*goal + passed).min(now + behind_max + passed).min(end);
                self.run(WORK_WHILE_PLAYING)
            }
            Doing::Going { .. } => self.run(WORK_ON_THE_WAY),
            _ => Then::Rest,
        }
    }

    /// Runs towards where it goes.
    fn run(&mut self, work: u64) -> Then {
        let to = match self.doing {
            Doing::Playing { goal, .. } => Stop::After(goal),
            Doing::Going { to, .. } => to,
            _ => return Then::Rest,
        };
        let arrived = self.session.borrow_mut().run_to_stop(to, work);
        if self.is_full() {
            return self.stand_still_full();
        }
        let is_broken = self.session.borrow().broken().is_some();
        if is_broken || (arrived && (self.is_going() || self.is_over())) {
            if let Stop::Exactly(recorded) = to
                && !is_broken
            {
                self.arrive_at(&recorded);
            }
            let runs_on = self.is_going() && self.runs_on() && !is_broken && !self.is_over();
            self.stand_still();
            self.after_step = matches!(to, Stop::Step(_));
            if runs_on {
                self.run_on();
            }
            return self.render();
        }
        Then::Paint
    }

    pub(super) fn toggle_play(&mut self) -> Then {
        if self.session.borrow().broken().is_some() {
            return Then::Rest;
        }
        self.give_up_waiting();
        self.give_up_seeking();
        self.notice = None;
        if self.is_playing() {
            self.stand_still();
        } else {
            if self.is_over() {
                self.reset();
            }
            self.run_on();
        }
        self.render()
    }

    pub(super) fn step(&mut self) -> Then {
        self.give_up_seeking();
        self.stand_still();
        let end = self.end;
        if !self.session.borrow_mut().step(end) {
            // Nothing more happens before the end.
            self.session.borrow_mut().run_until(end, 1);
        }
        self.after_step = true;
        self.render()
    }

    /// Does the run keep as much as it may?
    pub(super) fn is_full(&self) -> bool {
        self.session.borrow().world().bytes_kept() > self.kept_most
    }

    /// Time stops here, since no more can be kept.
    pub(super) fn stand_still_full(&mut self) -> Then {
        self.notice = Some(self.words.say("caption.full"));
        self.stand_still();
        self.give_up_waiting();
        self.say_gone();
        self.render()
    }

    /// Time does not run any more, and nothing is on its way. What is true now may be said aloud.
    pub fn stand_still(&mut self) {
        self.doing = Doing::Nothing;
        self.after_step = false;
        self.deed = None;
        self.spoken += 1;
        self.select_wanted();
    }
}

#[cfg(test)]
pub(super) mod tests;
