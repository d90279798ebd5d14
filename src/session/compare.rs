//! Two branches of a run, played side by side: where they part, and the other one's world to be looked at.

use std::rc::Rc;

use super::branches::common;
use super::{Act, Session};
use crate::broker::{Entry, Event, Observer, World};
use crate::scenario::Scenario;
use crate::sim::Instant;

/// Where two branches part: the first entry of each that the other one does not have there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Parting {
    /// What happens here; nothing if nothing does, as far as it was played.
    pub here: Option<Entry>,
    /// What happens there; likewise.
    pub there: Option<Entry>,
}

/// A branch being played to be compared with the one that is watched. Both are watched by the same kind of observer, so
/// that a program has the engine only once. As long as they are the same they are played side by side; from where they
/// part, only the other one goes on.
#[derive(Debug)]
pub struct Compared<O> {
    there: Session<O>,
    /// The watched branch once more, up to where the two part.
    here: Session<O>,
    /// Before the earliest act that differs they are the same.
    from: Instant,
    /// As far as both have been played, one has an entry that the other does not have.
    have_parted: bool,
}

impl<O: Observer + Default> Compared<O> {
    /// Both at their first instant.
    pub fn new(scenario: &Rc<Scenario>, here: &[Act], there: &[Act]) -> Self {
        let in_common = common(here, there);
        let at = [here, there].iter().filter_map(|acts| Some(acts.get(in_common)?.at)).min();
        let from = at.unwrap_or(Instant::MAX);
        let session = |acts: &[Act]| {
            let mut session = Session::with_acts(Rc::clone(scenario), O::default(), acts.to_vec());
            session.course.watch.keep_to_compare(from);
            session
        };
        Self { there: session(there), here: session(here), from, have_parted: false }
    }

    /// Plays the other branch to an instant, but no more at once than about so much work on both together, and looks for
    /// where the two part. Says whether all that is done.
    pub fn go_on(&mut self, until: Instant, work: u64) -> bool {
        let end = self.work().saturating_add(work);
        if self.from > until {
            // Nothing can differ by then.
            return self.there.run_until(until, work);
        }
        let before = Instant(self.from.0.saturating_sub(1));
        let are_before = |session: &Session<O>| session.now() < before;
        (!are_before(&self.there) || self.there.run_until(before, end - self.work()))
            && (!are_before(&self.here) || self.here.run_until(before, end.saturating_sub(self.work())))
            && self.look(until, end)
            && self.there.run_until(until, end.saturating_sub(self.work()))
    }

    /// How much work both have been so far.
    fn work(&self) -> u64 {
        self.here.work() + self.there.work()
    }

    /// Plays both to where they part, or to an instant, until so much work was done. Says whether it came to its end.
    fn look(&mut self, until: Instant, end: u64) -> bool {
        loop {
            let (ours, theirs) = (self.here.course.watch.to_compare(), self.there.course.watch.to_compare());
            let pairs = ours.iter().zip(theirs);
            let same = pairs.take_while(|(one, other)| self.is_same(one, other)).count();
            let (has_more, have_more) = (ours.len() > same, theirs.len() > same);
            self.here.course.watch.have_compared(same);
            self.there.course.watch.have_compared(same);
            let goes_on = match (has_more, have_more) {
                (true, true) => false,
                (true, false) => self.there.step(until),
                (false, true) => self.here.step(until),
                (false, false) => self.there.step(until) || self.here.step(until),
            };
            if !goes_on {
                self.have_parted = has_more || have_more;
                if have_more {
                    self.there.course.watch.keep_first_only();
                }
                return true;
            }
            if self.work() >= end {
                return false;
            }
        }
    }

    fn is_same(&self, one: &Entry, other: &Entry) -> bool {
        let command = |world: &World, entry: &Entry| match entry.event {
            Event::CommandGiven { command, .. } => Some(Rc::clone(world.command(command))),
            _ => None,
        };
        one == other && command(self.here.world(), one) == command(self.there.world(), other)
    }

    /// Where they part, as far as that is known.
    pub fn parting(&self) -> Option<Parting> {
        let first = |session: &Session<O>| session.course.watch.to_compare().first().copied();
        self.have_parted.then(|| Parting { here: first(&self.here), there: first(&self.there) })
    }

    /// The world in which what happens here at the parting can be put into words.
    pub fn here_at_parting(&self) -> &World {
        self.here.world()
    }

    /// The other branch's world.
    pub fn there(&self) -> &World {
        self.there.world()
    }

    /// How far the other branch has been played.
    pub fn now(&self) -> Instant {
        self.there.now()
    }

    /// Up to when everything of the other branch has been played.
    pub fn settled(&self) -> Instant {
        self.there.settled()
    }

    /// Bytes of messages and deliveries that both keep.
    pub fn bytes_kept(&self) -> usize {
        self.here.world().bytes_kept() + self.there.world().bytes_kept()
    }

    /// The one who watched the other branch.
    pub fn observer(&self) -> &O {
        self.there.observer()
    }
}

#[cfg(test)]
mod tests;
