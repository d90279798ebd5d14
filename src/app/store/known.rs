//! How far a branch has been. After time went back, the bar still shows the accumulation up to there and what happened, as
//! long as nothing else is done.

use std::rc::Rc;

use super::State;
use crate::app::happenings::Happening;
use crate::app::session_ref::Observers;
use crate::metrics::Series;
use crate::session::branches::{BRANCHES_MOST, does};
use crate::session::{Act, Session};
use crate::sim::Instant;

/// What is known of a branch.
#[derive(Debug)]
pub struct Known {
    /// Everything that is done in it.
    acts: Vec<Act>,
    /// How many entries its journal had.
    entries: u64,
    /// To when.
    pub until: Instant,
    /// The accumulation of each group.
    pub series: Series,
    /// What happened.
    pub happenings: Vec<Happening>,
}

/// A handle on what is known; two are equal if they hold the same.
#[derive(Clone, Debug)]
pub struct KnownRef(Rc<Known>);

impl std::ops::Deref for KnownRef {
    type Target = Known;

    fn deref(&self) -> &Known {
        &self.0
    }
}

impl PartialEq for KnownRef {
    fn eq(&self, other: &Self) -> bool {
        Rc::ptr_eq(&self.0, &other.0)
    }
}

impl Known {
    fn of(session: &Session<Observers>) -> Self {
        let acts: Vec<Act> = session.acts().iter().chain(session.acts_ahead()).cloned().collect();
        let series = &session.observer().0;
        Self {
            entries: session.world().live.seq,
            until: session.now(),
            series: series.accumulations(),
            happenings: series.moments().iter().filter_map(|it| Happening::of(session, &acts, it)).collect(),
            acts,
        }
    }

    /// Is it about the branch that is watched?
    fn is_of(&self, session: &Session<Observers>) -> bool {
        does(session, &self.acts)
    }
}

impl State {
    /// What is known to come in the branch that is watched, if it has been farther than it is.
    pub fn known(&self) -> Option<KnownRef> {
        let session = self.session.borrow();
        let known = self.known.iter().find(|known| known.is_of(&session));
        known.filter(|known| known.entries > session.world().live.seq).cloned()
    }

    /// Takes note of how far the present branch has been, before time goes back.
    pub(super) fn note_reach(&mut self) {
        let session = self.session.borrow();
        let place = self.known.iter().position(|known| known.is_of(&session));
        if place.is_some_and(|place| self.known[place].entries >= session.world().live.seq) {
            return;
        }
        place.map(|place| self.known.remove(place));
        if self.known.len() >= BRANCHES_MOST {
            self.known.remove(0);
        }
        self.known.push(KnownRef(Rc::new(Known::of(&session))));
    }
}
