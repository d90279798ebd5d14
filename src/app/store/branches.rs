//! Branches of the run: left, opened, undone, compared; and the runs that the browser's buttons go back to.

use std::cell::{Ref, RefCell};
use std::collections::BTreeMap;
use std::rc::Rc;

use super::runs::observers;
use super::{State, Then};
use crate::app::session_ref::{Observers, SessionRef};
use crate::app::words::{clock, short_clock};
use crate::broker::{Command, World};
use crate::lesson::Words;
use crate::lesson::branches::name;
use crate::lesson::explain::command_in_short;
use crate::scenario::Scenario;
use crate::session::branches::does;
use crate::session::{Act, BRANCHES_MOST, BranchId, Branches, Compared, Session, Stop, Way};
use crate::sim::Instant;
use crate::trace::Differences;

/// Journal entries, and things that happen, that one frame may bring of two branches that are compared.
const COMPARED_PER_FRAME: u64 = 125_000;
/// The same while time runs.
const COMPARED_WHILE_PLAYING: u64 = 25_000;
/// Messages that are compared in one frame.
const MESSAGES_PER_FRAME: u64 = 3_000;
/// Runs that are kept to be gone back to.
const VISITS_MOST: usize = 12;

/// What an entry of the browser's history stands for: a branch of one of the runs that were opened.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Spot {
    /// Which run, counted from the opening of the page.
    pub visit: u32,
    /// Which of its branches.
    pub branch: BranchId,
}

/// A run that was opened and left.
#[derive(Debug)]
pub(super) struct Visit {
    number: u32,
    scenario: Rc<Scenario>,
    branches: Rc<Branches>,
    /// Where it paused by itself.
    end: Instant,
}

/// A branch being compared with the one that is watched.
#[derive(Debug)]
pub struct Comparison {
    /// Which.
    pub branch: BranchId,
    /// The two, played side by side.
    pub run: Compared<Observers>,
    /// Message by message; nothing as long as time runs.
    pub differences: Option<Differences>,
    /// Has everything been played that there is to be compared?
    pub is_played: bool,
    /// Is there no room to play more of it?
    pub is_full: bool,
    /// To where it is to be played.
    pub until: Instant,
    /// Grows when there is more to be read.
    pub revision: u64,
    /// Grows when there is more to be drawn.
    pub drawn: u64,
    /// The acts of the branch that is watched.
    acts: Vec<Act>,
    /// What the messages were compared with: that run, so many entries on.
    with: Option<(SessionRef, u64, Instant)>,
}

/// A handle on a comparison; two are equal if they hold the same one.
#[derive(Clone, Debug)]
pub struct ComparisonRef(Rc<RefCell<Comparison>>);

impl ComparisonRef {
    /// Looks at the comparison; components do this while they render.
    pub fn borrow(&self) -> Ref<'_, Comparison> {
        self.0.borrow()
    }
}

impl PartialEq for ComparisonRef {
    fn eq(&self, other: &Self) -> bool {
        Rc::ptr_eq(&self.0, &other.0)
    }
}

/// What a branch is called.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Title {
    /// After what was done in it only.
    pub short: String,
    /// The same, and the instant of that: the same may have been done in two of them.
    pub full: String,
    /// That instant; nothing where nothing was done.
    pub from: Option<Instant>,
}

impl Title {
    /// Of each of these branches, in their order. Of those that would be called the same, the later ones are numbered.
    pub fn all(branches: &Branches, world: &World, words: &Words) -> Vec<Self> {
        let mut seen = BTreeMap::<String, usize>::new();
        let titles = branches.all().iter().map(|branch| {
            let own = branches.own_acts(branch.id);
            let short = name(world, own.iter().map(|act| &act.command), words);
            let from = own.first().map(|act| act.at);
            let title = Self::from(short.clone(), from, words);
            let nth = seen.entry(title.full.clone()).or_default();
            *nth += 1;
            if *nth == 1 {
                return title;
            }
            Self::from(words.fill("branches.nth", &[("name", &short), ("n", &*nth)]), from, words)
        });
        titles.collect()
    }

    fn from(short: String, from: Option<Instant>, words: &Words) -> Self {
        let full =
            from.map(|at| words.fill("branches.named", &[("name", &short), ("time", &short_clock(at))]));
        Self { full: full.unwrap_or_else(|| short.clone()), short, from }
    }

    /// Of one of them.
    pub fn of(branches: &Branches, id: BranchId, world: &World, words: &Words) -> Self {
        let titles = branches.all().iter().zip(Self::all(branches, world, words));
        let title = titles.filter(|(branch, _)| branch.id == id).map(|(_, title)| title).next();
        title.unwrap_or_else(|| Self::from(words.text("branches.untouched").to_owned(), None, words))
    }
}

impl State {
    /// Takes note of how far the present branch has been; before time goes back, or anything is done.
    pub(super) fn see_branch(&mut self) {
        self.see_course();
        self.note_reach();
    }

    /// The same for the branches alone.
    pub(super) fn see_course(&mut self) {
        let session = self.session.borrow();
        if !self.branches.has_seen(&session) {
            Rc::make_mut(&mut self.branches).see(&session);
        }
    }

    /// Changes the branches. If one goes because there is no room for all of them, that is said.
    fn change_branches<T>(&mut self, change: impl FnOnce(&mut Branches, &Session<Observers>) -> T) -> T {
        let oldest = self.branches.next_to_go().map(|id| (id, self.branch_name(id)));
        let changed = change(Rc::make_mut(&mut self.branches), &self.session.borrow());
        if let Some((id, name)) = oldest.filter(|(id, _)| self.branches.get(*id).is_none()) {
            let is_compared = self.comparison.take_if(|it| it.borrow().branch == id).is_some();
            let key = if is_compared { "branches.compared_gone" } else { "branches.oldest_gone" };
            self.gone = Some(self.words.fill(key, &[("most", &BRANCHES_MOST), ("name", &name)]));
        }
        changed
    }

    /// Something is about to be done. If this is the past, says what the branch is called that is left by it.
    pub(super) fn begin_act(&mut self, command: &Command) -> Option<String> {
        let left = self.change_branches(|branches, session| branches.begin_act(session, command))?;
        Some(self.branch_name(left))
    }

    /// What a branch is called.
    pub fn branch_name(&self, id: BranchId) -> String {
        Title::of(&self.branches, id, self.session.borrow().world(), &self.words).full
    }

    /// Where the run goes that is about to be left; nothing if it stands where it was meant to. A step back is gone to its end,
    /// since nobody else can tell its place: that is long only after a loss of power, which no mark leads back over.
    fn bound(&mut self) -> Option<Stop> {
        if let Some(Stop::Step(_)) = self.bound_for() {
            self.finish();
        }
        self.bound_for()
    }

    /// To another branch, where it was left.
    pub(super) fn open_branch(&mut self, id: BranchId) -> Then {
        let left = self.branches.here();
        if id == left || self.branches.get(id).is_none() {
            return Then::Rest;
        }
        self.give_up_seeking();
        let bound = self.bound();
        let way = self.change_branches(|branches, session| branches.open(id, session, bound));
        let Some(way) = way else { return Then::Rest };
        self.follow(way, left, false);
        let (time, name) = (clock(self.headed()).0, self.branch_name(id));
        self.tell(self.words.fill("branches.went", &[("time", &time), ("name", &name)]))
    }

    /// As if the last thing had not been done.
    pub(super) fn undo(&mut self) -> Then {
        let last = self.session.borrow().acts().last().map(|act| act.command.clone());
        if last.is_none()
            && let Some(first) = self.session.borrow().acts_ahead().first()
        {
            let time = clock(first.at).0;
            self.notice = Some(self.words.fill("branches.nothing_to_undo", &[("time", &time)]));
            return Then::Render;
        }
        let left = self.branches.here();
        let way = self.change_branches(|branches, session| branches.undo(session));
        let Some((way, last)) = way.zip(last) else { return Then::Rest };
        self.follow(way, left, self.runs_on());
        self.tell_what("branches.undone", &last)
    }

    /// As it was before something was undone.
    pub(super) fn redo(&mut self) -> Then {
        let again = self.branches.undone_last().map(|act| act.command.clone());
        let left = self.branches.here();
        let way = self.change_branches(|branches, session| branches.redo(session));
        let Some(way) = way else { return Then::Rest };
        self.follow(way, left, self.runs_on());
        match again {
            Some(again) => self.tell_what("branches.redone", &again),
            None => self.render(),
        }
    }

    fn tell_what(&mut self, key: &str, command: &Command) -> Then {
        let time = clock(self.headed()).0;
        let what = command_in_short(self.session.borrow().world(), command, &self.words);
        self.tell(self.words.fill(key, &[("time", &time), ("what", &what)]))
    }

    /// Says something aloud that the visitor did.
    fn tell(&mut self, says: String) -> Then {
        self.deed = Some(says);
        self.spoken += 1;
        self.render()
    }

    /// What is ahead will not be done again.
    pub(super) fn forget_ahead(&mut self) -> Then {
        self.give_up_seeking();
        self.change_branches(|branches, session| branches.forget_ahead(session));
        self.session.borrow_mut().forget_acts_ahead();
        self.render()
    }

    /// Gives a branch up.
    pub(super) fn delete_branch(&mut self, id: BranchId) -> Then {
        if id == self.branches.here() || self.branches.get(id).is_none() {
            return Then::Rest;
        }
        let name = self.branch_name(id);
        Rc::make_mut(&mut self.branches).delete(id);
        if self.comparison.as_ref().is_some_and(|it| it.borrow().branch == id) {
            self.comparison = None;
        }
        self.tell(self.words.fill("branches.deleted", &[("name", &name)]))
    }

    /// Brings the branch back that was deleted last.
    pub(super) fn restore_branch(&mut self) -> Then {
        let Some(id) = Rc::make_mut(&mut self.branches).restore() else { return Then::Rest };
        self.tell(self.words.fill("branches.restored", &[("name", &self.branch_name(id))]))
    }

    /// Plays acts again to where a way leads, from where they part from those of this branch; there time runs on, or not. A
    /// comparison with the branch that is gone to becomes one with the branch that was left.
    fn follow(&mut self, way: Way, left: BranchId, runs_on: bool) {
        let (scenario, end) = (Rc::clone(self.session.borrow().scenario()), self.end);
        let before = way.to.at().unwrap_or_default();
        let retraced = self.session.borrow_mut().retrace(way.acts, before);
        let session = match retraced {
            Ok(()) => self.session.again(),
            Err(acts) => SessionRef::new(Session::with_acts(scenario, observers(), acts)),
        };
        let selected = self.selected;
        self.begin(session);
        self.end = end;
        // What does not exist yet where the two part is selected again where it goes.
        self.wanted = selected.filter(|_| self.selected.is_none());
        self.go_to_stop(way.to, runs_on);
        self.see_branch();
        self.turn_comparison(left);
    }

    fn go_to_stop(&mut self, stop: Stop, runs_on: bool) {
        match stop {
            Stop::Exactly(stand) => self.go_exactly_to(stand, runs_on),
            Stop::After(_) | Stop::Step(_) => self.go(stop, runs_on),
        }
    }

    /// A branch that is watched is not compared with itself.
    fn turn_comparison(&mut self, left: BranchId) {
        let here = self.branches.here();
        if self.comparison.as_ref().is_none_or(|it| it.borrow().branch != here) {
            return;
        }
        self.comparison = self.comparison_with(left);
        self.news = Some(match &self.comparison {
            Some(_) => self.words.fill("branches.turned", &[("name", &self.branch_name(left))]),
            None => self.words.say("branches.not_with_itself"),
        });
    }

    /// Begins or ends a comparison.
    pub(super) fn compare(&mut self, id: Option<BranchId>) -> Then {
        self.see_branch();
        self.comparison = id.and_then(|id| self.comparison_with(id));
        self.render()
    }

    fn comparison_with(&self, id: BranchId) -> Option<ComparisonRef> {
        let branch = self.branches.get(id).filter(|_| id != self.branches.here())?;
        let session = self.session.borrow();
        let acts: Vec<Act> = session.acts().iter().chain(session.acts_ahead()).cloned().collect();
        let run = Compared::new(session.scenario(), &acts, &branch.acts);
        let comparison = Comparison {
            branch: id,
            run,
            differences: None,
            is_played: false,
            is_full: false,
            until: branch.reached.at.min(self.last()),
            revision: 0,
            drawn: 0,
            acts,
            with: None,
        };
        Some(ComparisonRef(Rc::new(RefCell::new(comparison))))
    }

    /// Is there something to be done in frames although time stands still?
    pub fn is_busy(&self) -> bool {
        self.is_comparing() || self.is_seeking_event() || self.is_seeking_stage()
    }

    /// Does a little of it.
    pub fn go_on_besides(&mut self) -> Then {
        self.go_on_to_event().max(self.go_on_to_stage()).max(self.go_on_comparing())
    }

    /// Is there more to be compared?
    pub fn is_comparing(&self) -> bool {
        self.comparison.is_some() && self.is_unsettled
    }

    /// Compares a little more. A frame asks for it, and no frame brings more than a slice of it.
    pub fn go_on_comparing(&mut self) -> Then {
        // On the way to somewhere, nobody looks at what differs there.
        if !self.is_comparing() || self.is_going() || self.is_seeking_event() || self.is_seeking_stage() {
            return Then::Rest;
        }
        let Some(comparison) = self.comparison.clone() else { return Then::Rest };
        let (id, is_of_this) = {
            let kept = comparison.borrow();
            (kept.branch, does(&self.session.borrow(), &kept.acts))
        };
        if !is_of_this || id == self.branches.here() {
            // Something was done here since, or another branch is watched.
            self.see_branch();
            self.comparison = self.comparison_with(id);
            return Then::Render;
        }
        let session = self.session.borrow();
        let mut it = comparison.0.borrow_mut();
        let was_played = it.is_played;
        it.until = it.until.max(session.now());
        let (until, work) =
            (it.until, if self.is_playing() { COMPARED_WHILE_PLAYING } else { COMPARED_PER_FRAME });
        let room = self.kept_most.saturating_sub(session.world().bytes_kept());
        if !it.is_full && it.run.bytes_kept() >= room {
            it.is_full = true;
            self.news = Some(self.words.say("branches.compared_full"));
        }
        it.is_played = it.is_full || it.run.go_on(until, work);
        if !it.is_played {
            it.revision += 1;
            return if self.is_playing() { Then::Paint } else { Then::Render };
        }
        it.drawn += u64::from(!was_played);
        if self.is_playing() {
            (it.differences, it.with) = (None, None);
            return if was_played { Then::Paint } else { Then::Render };
        }
        let with = (self.session.clone(), session.world().live.seq, session.now());
        let Comparison { differences, run, with: kept_with, revision, .. } = &mut *it;
        if kept_with.as_ref() != Some(&with) {
            // Beyond where the other one has been played, it is not known what differs.
            let until = session.settled().min(run.settled());
            *differences = Some(Differences::new(session.world(), run.there(), until));
            *kept_with = Some(with);
        }
        let is_done = differences
            .as_mut()
            .is_none_or(|all| all.go_on(session.world(), run.there(), MESSAGES_PER_FRAME));
        *revision += 1;
        self.is_unsettled = !is_done;
        if is_done || !was_played { Then::Render } else { Then::Paint }
    }

    /// What the browser's history calls where we are.
    pub fn spot(&self) -> Spot {
        Spot { visit: self.visit, branch: self.branches.here() }
    }

    /// The present run gets this number, and those to come the numbers after it.
    pub fn number_runs_from(&mut self, first: u32) {
        (self.visit, self.last_visit) = (first, first);
        self.visits.clear();
    }

    /// Is it still known?
    pub fn knows(&self, spot: Spot) -> bool {
        self.branches_of(spot.visit).is_some_and(|branches| branches.get(spot.branch).is_some())
    }

    /// Is the run still known, whatever became of the branch?
    pub fn knows_run(&self, spot: Spot) -> bool {
        self.branches_of(spot.visit).is_some()
    }

    fn branches_of(&self, visit: u32) -> Option<&Branches> {
        let left = self.visits.iter().find(|known| known.number == visit);
        if visit == self.visit { Some(&self.branches) } else { left.map(|known| &*known.branches) }
    }

    /// Another run is about to be opened; the present one can be gone back to.
    pub(super) fn leave_run(&mut self) {
        self.give_up_waiting();
        self.give_up_seeking();
        let bound = self.bound();
        Rc::make_mut(&mut self.branches).rest(&self.session.borrow(), bound);
        let scenario = Rc::clone(self.session.borrow().scenario());
        let branches = std::mem::take(&mut self.branches);
        self.visits.push(Visit { number: self.visit, scenario, branches, end: self.end });
        if self.visits.len() > VISITS_MOST {
            self.visits.remove(0);
        }
        self.last_visit = self.last_visit.max(self.visit) + 1;
        self.visit = self.last_visit;
        self.comparison = None;
        self.known.clear();
    }

    /// Where the browser's buttons lead. A branch that was given up is not there any more; its run is.
    pub(super) fn go_back_to(&mut self, spot: Spot) -> Then {
        let is_gone = !self.knows(spot);
        let then = if spot.visit != self.visit {
            self.go_back_to_run(spot)
        } else if is_gone {
            self.render()
        } else if spot.branch == self.branches.here() {
            Then::Rest
        } else {
            self.give_up_waiting();
            self.open_branch(spot.branch)
        };
        if is_gone {
            self.notice = Some(self.words.say("branches.gone"));
        }
        then
    }

    fn go_back_to_run(&mut self, spot: Spot) -> Then {
        let Some(place) = self.visits.iter().position(|visit| visit.number == spot.visit) else {
            return Then::Rest;
        };
        let Visit { number, scenario, branches, end } = self.visits.remove(place);
        self.leave_run();
        (self.visit, self.branches) = (number, branches);
        let way = Rc::make_mut(&mut self.branches).resume(spot.branch);
        self.begin(SessionRef::new(Session::with_acts(scenario, observers(), way.acts)));
        self.end = end;
        self.selected = None;
        self.dialog = None;
        self.go_to_stop(way.to, false);
        self.render()
    }
}

#[cfg(test)]
mod tests;
