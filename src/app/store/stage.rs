//! Steps of the larger size: to where the next stage of a message begins, or back to where the last one did. If a
//! message is selected it is that one's; otherwise it is that of any message.

use super::time::Doing;
use super::{State, Then};
use crate::app::session_ref::Observers;
use crate::app::subject::{self, Subject, name};
use crate::app::words::clock;
use crate::lesson::explain::explain;
use crate::session::{Arrival, Walk};
use crate::trace::stages::Whose;

/// Journal entries that one frame may bring on the way.
const WALKED_PER_FRAME: u64 = 400_000;

/// How much happens in a step that a button brings.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum StepSize {
    /// One thing: whatever time brings next.
    #[default]
    Event,
    /// All that happens until a message comes to its next stage.
    Stage,
}

/// On the way to where a stage begins.
#[derive(Debug)]
pub(super) struct StageWalk {
    walk: Walk,
    is_next: bool,
}

impl State {
    /// Sets out for the next stage, or for the one before.
    pub(super) fn seek_stage(&mut self, is_next: bool) -> Then {
        self.give_up_seeking();
        if is_next && self.session.borrow().broken().is_some() {
            return Then::Rest;
        }
        self.notice = None;
        let whose = self.whose();
        let mut session = self.session.borrow_mut();
        session.observer_mut().1.1.note(Some(whose));
        let walk = if is_next { Walk::on(&session) } else { Walk::back(&session, whose == Whose::Any) };
        drop(session);
        self.doing = Doing::Walking(StageWalk { walk, is_next });
        self.go_on_to_stage().max(Then::Paint)
    }

    /// Of which message. What one was selected for stays, even where it has not been stored yet.
    fn whose(&mut self) -> Whose {
        let whose = match self.selected {
            Some(Subject::Message(at)) => Whose::at(self.session.borrow().world(), at),
            Some(Subject::Sending(producer, number)) => Whose::One { producer, number, at: None },
            _ => return Whose::Any,
        };
        match (whose, self.followed) {
            (Whose::Stored(_), Some((subject, known))) if Some(subject) == self.selected => known,
            _ => {
                self.followed = self.selected.map(|subject| (subject, whose));
                whose
            }
        }
    }

    /// Is it on its way?
    pub fn is_seeking_stage(&self) -> bool {
        matches!(self.doing, Doing::Walking(_))
    }

    /// Goes on a little; a frame asks for it.
    pub fn go_on_to_stage(&mut self) -> Then {
        if !self.is_seeking_stage() {
            return Then::Rest;
        }
        let Doing::Walking(mut on_way) = std::mem::take(&mut self.doing) else { return Then::Rest };
        let mut session = self.session.borrow_mut();
        let noted = |observers: &Observers| observers.1.1.noted();
        let arrival = session.walk(&mut on_way.walk, self.end, WALKED_PER_FRAME, noted);
        drop(session);
        let Some(arrival) = arrival else {
            if on_way.is_next && self.is_full() {
                self.leave_stage_walk(true);
                return self.stand_still_full();
            }
            self.doing = Doing::Walking(on_way);
            return Then::Paint;
        };
        let says = self.says_of_stage(arrival, on_way.is_next);
        self.leave_stage_walk(!on_way.is_next || arrival == Arrival::Home);
        self.news = Some(says);
        self.render()
    }

    /// Whatever was sought is not sought any more.
    pub(super) fn give_up_seeking(&mut self) {
        match std::mem::take(&mut self.doing) {
            Doing::Walking(on_way) => {
                self.session.borrow_mut().give_up(&on_way.walk);
                self.leave_stage_walk(true);
            }
            Doing::Seeking(_) => {}
            other => self.doing = other,
        }
    }

    fn leave_stage_walk(&mut self, went_back: bool) {
        self.session.borrow_mut().observer_mut().1.1.note(None);
        if went_back {
            self.session = self.session.again();
            self.hovered = None;
        }
    }

    fn says_of_stage(&self, arrival: Arrival, is_next: bool) -> String {
        let session = self.session.borrow();
        let world = session.world();
        match (arrival, session.observer().1.1.noted()) {
            (Arrival::There, Some(entry)) => {
                let (time, what) = (clock(session.now()).0, explain(world, &entry, &self.words).to_string());
                self.words.fill("page.done", &[("time", &time), ("what", &what)])
            }
            (Arrival::There, None) => self.words.say("stage_step.start"),
            (Arrival::Home, _) => {
                // A message has its name before it is there, if only there is the queue or the producer to name it by.
                let of = self.selected.filter(|it| match *it {
                    Subject::Message(at) => subject::exists(world, Subject::Queue(at.queue)),
                    Subject::Sending(id, _) => subject::exists(world, Subject::Producer(id)),
                    _ => false,
                });
                let which = if is_next { "next" } else { "before" };
                match of {
                    Some(of) => {
                        let name = name(world, of);
                        self.words.fill(&format!("stage_step.none_{which}_of"), &[("name", &name)])
                    }
                    None => self.words.say(&format!("stage_step.none_{which}")),
                }
            }
        }
    }
}

#[cfg(test)]
mod tests;
