//! Two branches of a run, played side by side: where they part, and the other one's world to be looked at.

use std::rc::Rc;

use super::branches::common;
use super::watch::FIRST_MOST;
use super::{Act, Session};
use crate::broker::{Entry, Event, Observer, World};
use crate::scenario::Scenario;
use crate::sim::Instant;

/// A thing that happens is taken to bring so many entries.
const ENTRIES_PER_STEP: u64 = 4;

/// Where two branches part: the first entry of each that the other one does not have there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Parting {
    /// What happens here; nothing if nothing does any more.
    pub here: Option<Entry>,
    /// What happens there.
    pub there: Option<Entry>,
}

/// A branch being played to be compared with the one that is watched. Both are watched by the same kind of observer, so
/// that a program has the engine only once.
#[derive(Debug)]
pub struct Compared<O> {
    there: Session<O>,
    /// The watched branch once more, up to where the two part.
    here: Session<O>,
    /// So many of the first entries from the earliest act that differs on are the same.
    same: usize,
    search: Search,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Search {
    GoesOn,
    Found(Parting),
    /// As far as was looked they are the same.
    Nothing,
}

impl<O: Observer + Default> Compared<O> {
    /// Both at their first instant.
    pub fn new(scenario: &Rc<Scenario>, here: &[Act], there: &[Act]) -> Self {
        let in_common = common(here, there);
        let at = [here, there].iter().filter_map(|acts| Some(acts.get(in_common)?.at)).min();
        let from = at.unwrap_or_default();
        let session = |acts: &[Act]| {
            let mut session = Session::with_acts(Rc::clone(scenario), O::default(), acts.to_vec());
            session.course.watch.keep_first(from);
            session
        };
        Self {
            there: session(there),
            here: session(here),
            same: 0,
            search: if at.is_some() { Search::GoesOn } else { Search::Nothing },
        }
    }

    /// Plays the other branch to an instant, but no more at once than about so many entries, and looks for where the two
    /// part. Says whether all that is done.
    pub fn go_on(&mut self, until: Instant, entries: u64) -> bool {
        if self.there.now() < until && !self.there.run_until(until, entries) {
            return false;
        }
        self.look(entries);
        self.search != Search::GoesOn
    }

    fn look(&mut self, entries: u64) {
        let until = self.there.now();
        for _ in 0..=entries / ENTRIES_PER_STEP {
            if self.search != Search::GoesOn {
                return;
            }
            let (ours, theirs) = (self.here.course.watch.first(), self.there.course.watch.first());
            match (ours.get(self.same), theirs.get(self.same)) {
                (Some(one), Some(other)) if self.is_same(one, other) => self.same += 1,
                (Some(one), other) => {
                    // What comes there only after all that was played is not known yet.
                    let is_known = other.is_some() || one.at < until || self.there.next_at().is_none();
                    let found = Search::Found(Parting { here: Some(*one), there: other.copied() });
                    self.search = if is_known { found } else { Search::Nothing };
                }
                (None, other) if self.same < FIRST_MOST => {
                    let there = other.copied();
                    if !self.here.step(until) {
                        self.search = match there {
                            Some(_) => Search::Found(Parting { here: None, there }),
                            None => Search::Nothing,
                        };
                    }
                }
                (None, _) => self.search = Search::Nothing,
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
        match self.search {
            Search::Found(parting) => Some(parting),
            Search::GoesOn | Search::Nothing => None,
        }
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

    /// The one who watched the other branch.
    pub fn observer(&self) -> &O {
        self.there.observer()
    }
}
