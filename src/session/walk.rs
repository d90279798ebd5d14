//! Walking from place to place: to the next one, or the one before, at which an observer notes something. A place is
//! behind one thing that happened, never in the middle of it.
//!
//! ```text
//!  ──●──────●─x────●──x──│──x──    ● checkpoint   x place   │ here
//!               2◄──────1          back: what came after the last checkpoint is played again, then what came after
//!                                  the one before, until a place was passed; then to that place
//! ```

use super::branches::stand;
use super::{Goal, Session};
use crate::broker::{Entry, Observer};
use crate::scenario::Recorded;
use crate::sim::Instant;

/// On the way to a place.
#[derive(Clone, Debug)]
pub struct Walk {
    /// Where it began.
    from: Recorded,
    leg: Leg,
}

/// What is being done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Leg {
    /// Going on, until something is noted.
    On,
    /// Off to the last checkpoint before so many entries. If there is none, the start is a place, or it is not.
    Off { end: u64, start_counts: bool },
    /// Playing what came from there on, until so many entries; perhaps a place was passed.
    Again { since: u64, end: u64, start_counts: bool, passed: Option<u64> },
    /// Back to the place that was found.
    To { place: u64 },
    /// There was none.
    Home,
}

/// How a walk ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Arrival {
    /// At a place, or at the start if that counts.
    There,
    /// There is none in this direction: where it began.
    Home,
}

impl Walk {
    /// To the next place.
    pub fn on<O: Observer>(session: &Session<O>) -> Self {
        Self { from: stand(session), leg: Leg::On }
    }

    /// To the place before; if there is none, to the start, should that count as one.
    pub fn back<O: Observer>(session: &Session<O>, start_counts: bool) -> Self {
        let from = stand(session);
        Self { from, leg: Leg::Off { end: from.entries, start_counts } }
    }
}

impl<O: Observer> Session<O> {
    /// Goes on with a walk, but gives up for now after about so many entries. On the way to the next place it goes no
    /// farther than `until`. `noted` is what the observer noted last.
    pub fn walk(
        &mut self,
        walk: &mut Walk,
        until: Instant,
        entries: u64,
        noted: impl Fn(&O) -> Option<Entry>,
    ) -> Option<Arrival> {
        let mut left = entries;
        while left > 0 {
            let before = self.world().live.seq;
            let arrival = self.go_on_with(walk, until, &noted);
            if arrival.is_some() {
                return arrival;
            }
            left = left.saturating_sub(self.world().live.seq.saturating_sub(before).max(1));
        }
        None
    }

    /// Gives a walk up. Where the way back has led is no place that anybody asked for: from there it goes home at once. That
    /// is long only after a loss of power, which no mark leads back over.
    pub fn give_up(&mut self, walk: &Walk) {
        if self.world().live.seq < walk.from.entries || self.steps() < walk.from.steps.unwrap_or(0) {
            self.approach(Goal::Entry(walk.from.entries));
            self.run_to(&walk.from, u64::MAX);
        }
    }

    /// Lets one thing happen, or goes to a checkpoint.
    fn go_on_with(
        &mut self,
        walk: &mut Walk,
        until: Instant,
        noted: &impl Fn(&O) -> Option<Entry>,
    ) -> Option<Arrival> {
        let before = self.world().live.seq;
        let from = walk.from;
        match walk.leg {
            Leg::On => {
                if !self.step(until) {
                    walk.leg = self.off(Leg::Home, from.entries);
                } else if self.noted_since(before, noted) {
                    return Some(Arrival::There);
                }
            }
            Leg::Off { end, start_counts } => {
                self.approach(Goal::Entry(end));
                let since = self.world().live.seq;
                walk.leg = if since < end {
                    Leg::Again { since, end, start_counts, passed: None }
                } else if start_counts && self.steps() < from.steps.unwrap_or(0) {
                    return Some(Arrival::There);
                } else {
                    self.off(Leg::Home, from.entries)
                };
            }
            Leg::Again { since, end, start_counts, passed } => {
                if before < end && self.step(Instant::MAX) {
                    let here = self.world().live.seq;
                    let is_place = here < from.entries && self.noted_since(before, noted);
                    let passed = if is_place { Some(here) } else { passed };
                    walk.leg = Leg::Again { since, end, start_counts, passed };
                } else {
                    walk.leg = match passed {
                        Some(place) => self.off(Leg::To { place }, place),
                        None => Leg::Off { end: since, start_counts },
                    };
                }
            }
            Leg::To { place } => {
                if before >= place || !self.step(Instant::MAX) {
                    return Some(Arrival::There);
                }
            }
            Leg::Home => {
                if self.run_to(&from, 1) {
                    return Some(Arrival::Home);
                }
            }
        }
        None
    }

    /// As near before so many entries as it gets at once, to go there.
    fn off(&mut self, leg: Leg, entries: u64) -> Leg {
        self.approach(Goal::Entry(entries));
        leg
    }

    fn noted_since(&self, entry: u64, noted: &impl Fn(&O) -> Option<Entry>) -> bool {
        noted(self.observer()).is_some_and(|noted| (entry..self.world().live.seq).contains(&noted.seq))
    }
}
