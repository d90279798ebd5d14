//! How time passes: playing, stepping, going to an instant, earlier or later.

use super::{State, Then};
use crate::scenario::{MODEL, Recorded};
use crate::session::Goal;
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
/// A link may lead so far beyond the end of a scenario.
pub const BEYOND_MOST: Span = Span::from_secs(3_600);
/// Being behind by more than this much of the visitor's time is no longer made up for.
const BEHIND_MAX_MS: f64 = 1_000.0;

impl State {
    /// Runs to an instant at once and stands still there. What takes long goes on in the frames that follow.
    pub fn jump(&mut self, at: Instant) {
        self.end = self.end.max(at);
        self.goal = at;
        self.is_jumping = true;
        self.is_playing = true;
        self.run(ENTRIES_AT_ONCE);
    }

    /// Runs to where a run stood when it was given away, and stands still there. A file cannot make the page run for days.
    pub(super) fn jump_to(&mut self, recorded: Recorded) {
        let last = self.end + BEYOND_MOST;
        if recorded.at > last {
            let time = super::super::words::short_clock(last);
            self.notice = Some(self.words.fill("query.at_too_late", &[("time", &time)]));
            return self.jump(last);
        }
        self.shared = Some(recorded);
        self.jump(recorded.at);
    }

    /// Are we where the shared run stood? If it is another run, that is said.
    fn arrive_at(&mut self, recorded: &Recorded) {
        if self.session.borrow().is_at(recorded) {
            return;
        }
        let says = if recorded.model == MODEL { "share.another" } else { "share.older_rules" };
        let fingerprint = recorded.fingerprint.short();
        self.notice = Some(self.words.fill(says, &[("fingerprint", &fingerprint)]));
    }

    /// To an instant, earlier or later, and on from there if time was running. It is reached by doing again what came
    /// after the last checkpoint before it: the same history, so the same world.
    pub(super) fn seek(&mut self, at: Instant) -> Then {
        if self.session.borrow().broken().is_some() {
            return Then::Rest;
        }
        let was_playing = self.is_playing && !self.is_jumping;
        self.approach(Goal::At(at));
        self.jump(at);
        if was_playing && !self.is_jumping && !self.is_over() {
            self.is_playing = true;
        }
        self.render()
    }

    /// As it was before the last thing happened.
    pub(super) fn step_back(&mut self) -> Then {
        let steps = self.session.borrow().steps();
        if steps == 0 || self.back_to.is_some() {
            return Then::Rest;
        }
        self.approach(Goal::Step(steps - 1));
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

    /// As near before a place of this run as it gets at once. What panels have gathered about a later time is of no use to
    /// an earlier one.
    fn approach(&mut self, goal: Goal) {
        let before = self.now();
        self.session.borrow_mut().approach(goal);
        self.rest_us = 0.0;
        if self.now() < before {
            self.session = self.session.again();
            self.hovered = None;
        }
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
    pub(super) fn run(&mut self, entries: u64) -> Then {
        let arrived = match (self.back_to, self.shared) {
            (Some(steps), _) => self.run_to_step(steps, entries),
            (None, Some(recorded)) => self.session.borrow_mut().run_to(&recorded, entries),
            (None, None) => self.session.borrow_mut().run_until(self.goal, entries),
        };
        if self.session.borrow().world().bytes_kept() > KEPT_MOST {
            self.notice = Some(self.words.say("caption.full"));
            self.stand_still();
            return self.render();
        }
        let is_broken = self.session.borrow().broken().is_some();
        if is_broken || (arrived && (self.is_jumping || self.is_over())) {
            let is_step = self.back_to.is_some();
            if let Some(recorded) = self.shared.filter(|_| !is_broken) {
                self.arrive_at(&recorded);
            }
            self.stand_still();
            self.after_step = is_step;
            return self.render();
        }
        Then::Paint
    }

    pub(super) fn toggle_play(&mut self) -> Then {
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

    pub(super) fn step(&mut self) -> Then {
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

    /// Time stops here, and what is true now may be said aloud.
    fn stand_still(&mut self) {
        self.is_playing = false;
        self.is_jumping = false;
        self.back_to = None;
        self.shared = None;
        self.goal = self.now();
        self.rest_us = 0.0;
        self.after_step = false;
        self.deed = None;
        self.spoken += 1;
    }
}
