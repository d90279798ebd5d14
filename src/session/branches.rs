//! Courses of one run. Acting in the past leaves one and begins another; both are kept.
//!
//! ```text
//!  ──●────────●──────────►  crash, restart      left at ○, had been to ►
//!    └────○────────●─────►  crash, pause        here
//! ```
//!
//! A branch is what was done in it, where it was left and how far it had been. With a scenario that is a whole run, so
//! going to a branch is playing its acts to where it was left. Undoing and redoing go to branches too: undoing leads to
//! the one without the last act, redoing back to the one it came from, and the moment stays.

use super::{Act, Session};
use crate::broker::{Command, Observer};
use crate::scenario::{KeptBranch, MODEL, Recorded, limits};
use crate::sim::Instant;

/// So many branches are kept beside the one that is being watched, as many as a recording may hold; one more makes the
/// oldest go.
pub const BRANCHES_MOST: usize = limits::BRANCHES as usize;

/// A branch of this run, numbered in the order in which they were made.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct BranchId(pub u32);

/// One course of the run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Branch {
    /// Which.
    pub id: BranchId,
    /// What was done in it, in order.
    pub acts: Vec<Act>,
    /// Where it was left; nothing of one that never was.
    pub left: Option<Recorded>,
    /// Where it was going when it was left on the way; nothing of the one that is being watched.
    bound: Option<Stop>,
    /// How far it has been.
    pub reached: Reached,
    /// Undoing only led here, to this place: nothing was done here since, and time has not gone on from there.
    passing: Option<Reached>,
}

impl Branch {
    /// Where it is gone on with.
    fn place(&self) -> Stop {
        self.bound.or(self.left.map(Stop::Exactly)).unwrap_or(Stop::After(self.reached.at))
    }
}

/// How far a run has come.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Reached {
    /// The instant.
    pub at: Instant,
    /// How many entries the journal had.
    entries: u64,
    /// How many things time had brought.
    steps: u64,
}

impl Reached {
    fn of<O: Observer>(session: &Session<O>) -> Self {
        Self { at: session.now(), entries: session.world().live.seq, steps: session.steps() }
    }

    /// By the end of an instant.
    fn end_of(at: Instant) -> Self {
        Self { at, entries: u64::MAX, steps: u64::MAX }
    }
}

/// All courses of a run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Branches {
    /// In the order in which they were made.
    all: Vec<Branch>,
    here: BranchId,
    next: u32,
    /// What can be done again.
    undone: Vec<Undone>,
    /// Where the run stood before the last act was given.
    before: Option<Recorded>,
    /// Those that were deleted, in that order.
    deleted: Vec<Branch>,
}

/// What was undone. As long as it can be done again, what was done before it is the same.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Undone {
    /// So many acts came before it.
    before: usize,
    /// The act, and those that were ahead, each with its place.
    acts: Vec<Act>,
    /// Where the run stood.
    stood: Recorded,
}

/// How to get to a branch: play the acts to there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Way {
    /// What is to be done again.
    pub acts: Vec<Act>,
    /// To where.
    pub to: Stop,
}

/// Where to stand still.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stop {
    /// Exactly where a run stood.
    Exactly(Recorded),
    /// After everything of an instant.
    After(Instant),
    /// Where so many things had happened, earlier in this run.
    Step(u64),
}

impl Stop {
    /// The instant, if that is known.
    pub fn at(self) -> Option<Instant> {
        match self {
            Self::Exactly(stand) => Some(stand.at),
            Self::After(at) => Some(at),
            Self::Step(_) => None,
        }
    }
}

impl Default for Branches {
    fn default() -> Self {
        Self::with(&[])
    }
}

impl Branches {
    /// The branches that a recording has kept, and one more that is being watched.
    pub fn with(kept: &[KeptBranch]) -> Self {
        let mut branches = Self {
            all: Vec::new(),
            here: BranchId(0),
            next: 0,
            undone: Vec::new(),
            before: None,
            deleted: Vec::new(),
        };
        for kept in kept {
            let reached = Reached { at: kept.reached, entries: kept.left.entries, steps: 0 };
            let id = branches.make(kept.acts.clone(), reached);
            branches.of_mut(id).left = Some(kept.left);
        }
        branches.here = branches.make(Vec::new(), Reached::default());
        branches
    }

    /// All of them, in the order in which they were made.
    pub fn all(&self) -> &[Branch] {
        &self.all
    }

    /// The one that is being watched.
    pub fn here(&self) -> BranchId {
        self.here
    }

    /// A branch that is still kept.
    pub fn get(&self, id: BranchId) -> Option<&Branch> {
        self.all.iter().find(|branch| branch.id == id)
    }

    fn others(&self) -> impl Iterator<Item = &Branch> {
        self.all.iter().filter(|branch| branch.id != self.here)
    }

    /// The others, as a recording keeps them.
    pub fn kept(&self) -> Vec<KeptBranch> {
        let kept = |branch: &Branch| {
            let left = branch.left?;
            Some(KeptBranch { acts: branch.acts.clone(), left, reached: branch.reached.at })
        };
        self.others().filter_map(kept).collect()
    }

    /// What was done in a branch only: not in the branch it parts from, of the first one not in those that part from it.
    pub fn own_acts(&self, id: BranchId) -> &[Act] {
        let Some(place) = self.all.iter().position(|branch| branch.id == id) else { return &[] };
        let acts = &self.all[place].acts;
        let others = if place == 0 { &self.all[1..] } else { &self.all[..place] };
        let in_common = others.iter().map(|other| common(&other.acts, acts)).max().unwrap_or(0);
        // Of one that goes on in others, and does nothing else, the last thing done says which it is.
        let from = if in_common < acts.len() { in_common } else { acts.len().saturating_sub(1) };
        &acts[from..]
    }

    /// Is there nothing to take note of?
    pub fn has_seen<O: Observer>(&self, session: &Session<O>) -> bool {
        self.get(self.here).is_some_and(|here| {
            here.passing.is_none() && here.reached >= Reached::of(session) && here.acts == session.acts
        })
    }

    /// Takes note of how far the run has been and what was done in it.
    pub fn see<O: Observer>(&mut self, session: &Session<O>) {
        let here = self.here_mut();
        here.reached = here.reached.max(Reached::of(session));
        here.passing = here.passing.filter(|led_to| here.reached <= *led_to);
        if !session.acts.iter().eq(&here.acts) {
            here.acts.clone_from(&session.acts);
        }
    }

    /// Has the run been further than it is now, or is something ahead that was done already?
    pub fn is_past<O: Observer>(&self, session: &Session<O>) -> bool {
        let reached = self.get(self.here).map(|branch| branch.reached).unwrap_or_default();
        Reached::of(session) < reached || !session.acts_ahead().is_empty()
    }

    /// Something is about to be done. In the past it begins another branch, or if it was done there already leads to that one;
    /// then this says which one was left.
    pub fn begin_act<O: Observer>(&mut self, session: &Session<O>, command: &Command) -> Option<BranchId> {
        self.see(session);
        self.undone.clear();
        self.before = Some(stand(session));
        let left = self.here;
        if self.is_past(session) {
            let (step, seq) = (Some(session.steps()), Some(session.world().live.seq));
            let mut acts = session.acts().to_vec();
            acts.push(Act { step, seq, at: session.now(), command: command.clone() });
            let known = self.doing(&acts);
            if known != Some(left) {
                self.leave(session, false);
            }
            match known {
                Some(known) => self.go_to_known(known),
                None => self.go_to_new(session.acts().to_vec(), Reached::of(session)),
            }
        }
        self.here_mut().passing = None;
        self.get(left).map(|branch| branch.id).filter(|left| *left != self.here)
    }

    /// The way to another branch, where it was left. The present one may be left on its way to somewhere.
    pub fn open<O: Observer>(
        &mut self,
        id: BranchId,
        session: &Session<O>,
        bound: Option<Stop>,
    ) -> Option<Way> {
        if id == self.here {
            return None;
        }
        let to = self.get(id)?;
        let way = Way { acts: to.acts.clone(), to: to.place() };
        self.undone.clear();
        self.before = None;
        self.here_mut().bound = bound;
        self.leave(session, false);
        self.here = id;
        self.here_mut().bound = None;
        Some(way)
    }

    /// Is there something to be done again?
    pub fn can_redo(&self) -> bool {
        !self.undone.is_empty()
    }

    /// What would be done again.
    pub fn undone_last(&self) -> Option<&Act> {
        self.undone.last()?.acts.first()
    }

    /// The way to the branch in which the last thing done was not done.
    pub fn undo<O: Observer>(&mut self, session: &Session<O>) -> Option<Way> {
        let last = session.acts().len().checked_sub(1)?;
        let again = session.acts[last..].to_vec();
        let mut acts = session.acts.clone();
        let undone = acts.remove(last);
        // In a run that is another one from here on, what is ahead has its instants, but no places yet.
        acts[last..].iter_mut().for_each(Act::forget_place);
        let before = self.before.filter(|before| {
            before.at == session.now() && before.at == undone.at && undone.seq == Some(before.entries)
        });
        let to = before.map_or(Stop::After(session.now()), Stop::Exactly);
        self.undone.push(Undone { before: last, acts: again, stood: stand(session) });
        Some(Way { acts: self.lead(session, acts, Some(to)), to })
    }

    /// The way back to where something was undone.
    pub fn redo<O: Observer>(&mut self, session: &Session<O>) -> Option<Way> {
        let Undone { before, acts: again, stood } = self.undone.pop()?;
        let acts = [&session.acts[..before], &again].concat();
        let to = if stood.at == session.now() { Stop::Exactly(stood) } else { Stop::After(session.now()) };
        Some(Way { acts: self.lead(session, acts, Some(to)), to })
    }

    /// What is ahead will not be done again: the run goes on as another branch, where it stands.
    pub fn forget_ahead<O: Observer>(&mut self, session: &Session<O>) {
        if !session.acts_ahead().is_empty() {
            self.undone.clear();
            let acts = session.acts().to_vec();
            self.lead(session, acts, None);
        }
    }

    /// The run as a whole is left where it stands, perhaps on its way to somewhere.
    pub fn rest<O: Observer>(&mut self, session: &Session<O>, bound: Option<Stop>) {
        self.see(session);
        let here = self.here_mut();
        (here.left, here.bound) = (Some(stand(session)), bound);
    }

    /// The way back to a run that was left as a whole: to one of its branches, or if that is gone to where it rested.
    pub fn resume(&mut self, id: BranchId) -> Way {
        self.here = self.get(id).map_or(self.here, |branch| branch.id);
        (self.undone, self.before) = (Vec::new(), None);
        let here = self.here_mut();
        let to = here.place();
        here.bound = None;
        Way { acts: here.acts.clone(), to }
    }

    /// Gives a branch up; not the one that is being watched.
    pub fn delete(&mut self, id: BranchId) {
        let place = self.all.iter().position(|branch| branch.id == id && id != self.here);
        if let Some(place) = place {
            self.deleted.push(self.all.remove(place));
            if self.deleted.len() > BRANCHES_MOST {
                self.deleted.remove(0);
            }
        }
    }

    /// The branch that was deleted last of those that can be brought back: there is room, and the same was not done again since.
    pub fn restorable(&self) -> Option<BranchId> {
        let is_gone = |deleted: &&Branch| self.doing(&deleted.acts).is_none();
        self.deleted
            .iter()
            .rev()
            .find(is_gone)
            .filter(|_| self.next_to_go().is_none())
            .map(|branch| branch.id)
    }

    /// Brings it back to its place, and says which it is.
    pub fn restore(&mut self) -> Option<BranchId> {
        let id = self.restorable()?;
        let deleted = self.deleted.iter().position(|branch| branch.id == id)?;
        let place = self.all.partition_point(|branch| branch.id < id);
        self.all.insert(place, self.deleted.remove(deleted));
        Some(id)
    }

    /// The one that goes if another is left: the oldest, if there are as many as there may be.
    pub fn next_to_go(&self) -> Option<BranchId> {
        let is_full = self.others().count() >= BRANCHES_MOST;
        self.others().next().filter(|_| is_full).map(|branch| branch.id)
    }

    /// Goes to the branch in which just this was done, and says what that was; makes it if there is none. Perhaps it is
    /// only passed through, to here.
    fn lead<O: Observer>(&mut self, session: &Session<O>, acts: Vec<Act>, to: Option<Stop>) -> Vec<Act> {
        self.leave(session, to.is_some());
        if let Some(known) = self.doing(&acts) {
            self.go_to_known(known);
            return self.here_mut().acts.clone();
        }
        self.go_to_new(acts.clone(), Reached::default());
        self.here_mut().passing = to.map(|to| match to {
            Stop::Exactly(stand) => Reached { entries: stand.entries, ..Reached::end_of(stand.at) },
            Stop::After(at) => Reached::end_of(at),
            Stop::Step(steps) => Reached { steps, ..Reached::end_of(Instant::MAX) },
        });
        acts
    }

    /// The branch in which just this is done.
    fn doing(&self, acts: &[Act]) -> Option<BranchId> {
        self.all.iter().find(|branch| are_same(&branch.acts, acts)).map(|branch| branch.id)
    }

    /// Takes note of where the run stands. A branch that undoing only led through is not kept if undoing or redoing leads
    /// on, or if another one begins with all that is done in it.
    fn leave<O: Observer>(&mut self, session: &Session<O>, leads_on: bool) {
        self.see(session);
        let here = self.here_mut();
        here.left = Some(stand(session));
        let is_passing = here.passing.take().is_some();
        let acts = &session.acts;
        let is_known = self.others().any(|other| common(&other.acts, acts) == acts.len());
        if is_passing && self.all.len() > 1 && (leads_on || is_known) {
            self.all.retain(|branch| branch.id != self.here);
        }
    }

    fn go_to_known(&mut self, known: BranchId) {
        self.here = known;
        self.here_mut().bound = None;
    }

    /// Goes to a new branch. If there are too many others, the oldest makes room, but not the one just left.
    fn go_to_new(&mut self, acts: Vec<Act>, reached: Reached) {
        let left = std::mem::replace(&mut self.here, BranchId(self.next));
        self.make(acts, reached);
        if self.others().count() > BRANCHES_MOST {
            let oldest = self.others().find(|branch| branch.id != left).map(|branch| branch.id);
            self.all.retain(|branch| Some(branch.id) != oldest);
        }
    }

    fn make(&mut self, acts: Vec<Act>, reached: Reached) -> BranchId {
        let id = BranchId(self.next);
        self.next += 1;
        self.all.push(Branch { id, acts, left: None, bound: None, reached, passing: None });
        id
    }

    fn here_mut(&mut self) -> &mut Branch {
        self.of_mut(self.here)
    }

    fn of_mut(&mut self, id: BranchId) -> &mut Branch {
        let branch = self.all.iter_mut().find(|branch| branch.id == id);
        branch.expect("the branch that is being watched is kept")
    }
}

/// How many acts two branches begin with together.
pub fn common(one: &[Act], other: &[Act]) -> usize {
    one.iter().zip(other).take_while(|(one, other)| is_same(one, other)).count()
}

/// Is just this done in a run, so far and later?
pub fn does<O: Observer>(session: &Session<O>, acts: &[Act]) -> bool {
    are_same(&session.acts, acts)
}

fn are_same(one: &[Act], other: &[Act]) -> bool {
    one.len() == other.len() && common(one, other) == one.len()
}

/// The same thing done at the same place, as far as the place is known.
fn is_same(one: &Act, other: &Act) -> bool {
    let is_same =
        |one: Option<u64>, other: Option<u64>| one.zip(other).is_none_or(|(one, other)| one == other);
    is_same(one.step, other.step)
        && is_same(one.seq, other.seq)
        && one.at == other.at
        && one.command == other.command
}

/// Where a run stands.
pub(super) fn stand<O: Observer>(session: &Session<O>) -> Recorded {
    Recorded {
        model: MODEL,
        at: session.now(),
        entries: session.world().live.seq,
        fingerprint: session.fingerprint(),
        steps: Some(session.steps()),
    }
}

#[cfg(test)]
mod tests;
