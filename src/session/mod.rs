//! One run being watched: a scenario, the broker that plays it, and what the visitor did to it.
//!
//! A session is asked to run *to an instant*, with a limit of work, never in wall time: a slow machine shows the
//! same history later, and the same instant always means the same world. The page and the headless example run this
//! same code.

use std::rc::Rc;

use crate::broker::promise_watch::PromiseWatch;
use crate::broker::{Broker, Command, Entry, Observer, Rewind, World};
pub use crate::scenario::Act;
use crate::scenario::{Recorded, Scenario};
use crate::sim::{Fingerprint, Instant};

pub mod branches;
mod checkpoints;
mod compare;
mod walk;
mod watch;

pub use branches::{BRANCHES_MOST, Branch, BranchId, Branches, Stop, Way};
pub use checkpoints::Goal;
use checkpoints::{All, Checkpoints, Course};
pub use compare::{Compared, Parting};
pub use walk::{Arrival, Walk};
pub use watch::{Broken, Watch};

/// A scenario being played, with an observer that sees every entry.
#[derive(Debug)]
pub struct Session<O> {
    scenario: Rc<Scenario>,
    course: Course,
    observer: O,
    /// Those that were given, then those that are still to be given again.
    acts: Vec<Act>,
    checkpoints: Option<Box<dyn Checkpoints<O>>>,
    /// After which entry the checkpoints want to be told.
    pass_at: u64,
    /// How often some of what is kept had been lost when they were told: a checkpoint follows each loss.
    cuts: u32,
}

impl<O: Observer> Session<O> {
    /// The scenario at its first instant: its topics, groups and producers exist, nothing else has happened. In a
    /// recording, what the visitor did will be done again.
    pub fn new(scenario: Rc<Scenario>, observer: O) -> Self {
        let acts = scenario.acts.clone();
        Self::with_acts(scenario, observer, acts)
    }

    /// The same, and what visitors did in an earlier run will be done again, each at its place.
    pub fn with_acts(scenario: Rc<Scenario>, observer: O, acts: Vec<Act>) -> Self {
        let broker = Broker::new(scenario.settings.clone(), scenario.seed, scenario.stop_after_messages);
        let course = Course { broker, watch: Watch::default(), next_action: 0, next_act: 0, steps: 0 };
        let mut session =
            Self { scenario, course, observer, acts, checkpoints: None, pass_at: u64::MAX, cuts: 0 };
        for command in session.scenario.commands() {
            session.give(command);
        }
        session
    }

    /// What is being played.
    pub fn scenario(&self) -> &Rc<Scenario> {
        &self.scenario
    }

    /// The world as it is.
    pub fn world(&self) -> &World {
        &self.course.broker.world
    }

    /// Who sees every entry.
    pub fn observer(&self) -> &O {
        &self.observer
    }

    /// The same, to be changed.
    pub fn observer_mut(&mut self) -> &mut O {
        &mut self.observer
    }

    /// The fingerprint of the journal so far.
    pub fn fingerprint(&self) -> Fingerprint {
        self.course.broker.fingerprint()
    }

    /// The simulated instant.
    pub fn now(&self) -> Instant {
        self.course.broker.world.live.now
    }

    /// The last instant of which everything has happened: the present one, or in the middle of one the one before.
    pub fn settled(&self) -> Instant {
        let is_amid = self.next_at().is_some_and(|next| next <= self.now());
        if is_amid { Instant(self.now().0.saturating_sub(1)) } else { self.now() }
    }

    /// How many things time has brought so far.
    pub fn steps(&self) -> u64 {
        self.course.steps
    }

    /// What visitors did, in order.
    pub fn acts(&self) -> &[Act] {
        &self.acts[..self.course.next_act]
    }

    /// What they did in an earlier run, later than now: it will be done again when its time comes.
    pub fn acts_ahead(&self) -> &[Act] {
        &self.acts[self.course.next_act..]
    }

    /// What was to be done again is not. Says how many acts that were.
    pub fn forget_acts_ahead(&mut self) -> usize {
        let ahead = self.acts_ahead().len();
        self.acts.truncate(self.course.next_act);
        if ahead > 0 {
            self.forget_ahead();
        }
        ahead
    }

    /// Other acts take the place of those given and of those ahead, and the run goes back to before the first one that is
    /// another, and before an instant. If it cannot go so far back, the acts are returned, for a run from the start.
    pub fn retrace(&mut self, acts: Vec<Act>, before: Instant) -> Result<(), Vec<Act>> {
        let in_common = branches::common(&self.acts, &acts);
        let parting = [&self.acts, &acts].into_iter().filter_map(|acts| Some(acts.get(in_common)?.at)).min();
        let earliest = parting.unwrap_or(before).min(before);
        self.approach(Goal::At(Instant(earliest.0.saturating_sub(1))));
        if self.now() >= earliest || self.broken().is_some() {
            return Err(acts);
        }
        self.forget_ahead();
        // Those that were given have their places.
        self.acts.truncate(self.course.next_act);
        self.acts.extend(acts.into_iter().skip(self.course.next_act));
        Ok(())
    }

    /// An invariant that no longer holds; the run stands still from then on.
    pub fn broken(&self) -> Option<&Broken> {
        self.course.watch.broken()
    }

    /// Which promises were kept so far.
    pub fn promises(&self) -> &PromiseWatch {
        self.course.watch.promises()
    }

    /// When the next thing happens, if anything will.
    pub fn next_at(&self) -> Option<Instant> {
        let act = self.acts_ahead().first().map(|act| act.at);
        act.into_iter().chain(self.next_of_itself()).min()
    }

    /// When the next thing happens without a visitor.
    fn next_of_itself(&self) -> Option<Instant> {
        let action = self.scenario.actions.get(self.course.next_action).map(|action| action.at);
        action.into_iter().chain(self.course.broker.world.next_at()).min()
    }

    /// Carries out a visitor's command now. What was still to be done again belongs to another course of things, and is
    /// forgotten.
    pub fn act(&mut self, command: Command) {
        if self.broken().is_none() {
            self.forget_acts_ahead();
            self.forget_ahead();
            self.acts.push(Act { step: None, seq: None, at: self.now(), command });
            self.give_next_act();
        }
    }

    /// Gives the next act if this is its place: after as many things as before, and in another run as late as its instant
    /// allows.
    fn act_again(&mut self, until: Instant) -> bool {
        let Some(act) = self.acts_ahead().first() else { return false };
        let next = self.next_of_itself();
        let is_turn = match (act.step, act.seq) {
            (Some(step), _) => step <= self.course.steps,
            // What is due before it may have come to nothing, and left no entry.
            (None, seq) => seq.is_some_and(|seq| seq <= self.course.broker.world.live.seq),
        };
        let in_place = is_turn && next.is_none_or(|next| next >= act.at);
        let is_late = next.is_none_or(|next| next > act.at);
        if !(in_place || is_late) || act.at > until {
            return false;
        }
        self.course.broker.advance(act.at);
        self.give_next_act();
        true
    }

    fn give_next_act(&mut self) {
        let act = &mut self.acts[self.course.next_act];
        act.step = Some(self.course.steps);
        act.seq = Some(self.course.broker.world.live.seq);
        let command = act.command.clone();
        self.course.next_act += 1;
        self.give(command);
    }

    /// Lets the next thing happen, if it is due at or before `until`: an action of the scenario, or what time brings.
    /// At equal instants the scenario's actions come first.
    pub fn step(&mut self, until: Instant) -> bool {
        if self.broken().is_some() {
            return false;
        }
        if self.act_again(until) {
            return true;
        }
        let stepped = match self.scenario.actions.get(self.course.next_action) {
            Some(action)
                if action.at <= until
                    && self.course.broker.world.next_at().is_none_or(|at| action.at <= at) =>
            {
                let command = action.command.clone();
                self.course.broker.advance(action.at);
                self.course.next_action += 1;
                self.give(command);
                true
            }
            _ => self.course.broker.step(until, &mut (&mut self.course.watch, &mut self.observer)),
        };
        self.course.steps += u64::from(stepped);
        let world = &self.course.broker.world;
        if stepped && (world.live.seq >= self.pass_at || world.log.cuts != self.cuts) {
            self.pass();
        }
        stepped
    }

    /// The checkpoints want to be told how far the run has come.
    #[cold]
    #[inline(never)]
    fn pass(&mut self) {
        self.cuts = self.course.broker.world.log.cuts;
        if let Some(checkpoints) = &mut self.checkpoints {
            self.pass_at = checkpoints.pass(&mut self.course, &mut self.observer);
        }
    }

    /// What is done now was not done before.
    fn forget_ahead(&mut self) {
        if let Some(checkpoints) = &mut self.checkpoints {
            self.pass_at = checkpoints.forget_ahead(&mut self.course, &mut self.observer);
        }
    }

    /// Goes to a place of the run, earlier or later, but gives up after about so much work. Says whether it
    /// got there. Where nothing happens any more before the goal, it is as far as the run gets.
    pub fn seek(&mut self, goal: Goal, work: u64) -> bool {
        self.approach(goal);
        self.run_towards(goal, work)
    }

    /// Runs to a place that is not earlier, or gives up.
    fn run_towards(&mut self, goal: Goal, work: u64) -> bool {
        match goal {
            Goal::At(at) => self.run_until(at, work),
            Goal::Entry(entry) => self.run_while(work, |course| course.broker.world.live.seq < entry),
            Goal::Step(step) => self.run_while(work, |course| course.steps < step),
        }
    }

    /// Goes as near before a place as it can at once. Without checkpoints that is where it is, even if the place is
    /// earlier.
    pub fn approach(&mut self, goal: Goal) {
        let reach = self.approach_from(goal, 0);
        // The observer has to see some entries to be as it was: if there are too few on the way, from farther back.
        let enough = self.world().live.seq + reach;
        while self.world().live.seq < enough {
            if self.run_towards(goal, enough - self.world().live.seq) {
                self.approach_from(goal, reach);
                break;
            }
        }
    }

    /// Says how many entries the observer has to see from there.
    fn approach_from(&mut self, goal: Goal, reach: u64) -> u64 {
        let Some(checkpoints) = &mut self.checkpoints else { return 0 };
        let Some(pass_at) = checkpoints.approach(goal, reach, &mut self.course, &mut self.observer) else {
            return 0;
        };
        (self.pass_at, self.cuts) = (pass_at, self.course.broker.world.log.cuts);
        checkpoints.reach()
    }

    /// Lets things happen as long as something holds. Says whether it came to its end.
    fn run_while(&mut self, work: u64, goes_on: impl Fn(&Course) -> bool) -> bool {
        let end = self.work().saturating_add(work);
        while goes_on(&self.course) {
            if self.work() >= end {
                return false;
            }
            if !self.step(Instant::MAX) {
                break;
            }
        }
        true
    }

    /// How many checkpoints there are, and how many bytes they hold and what is kept to go to them, roughly.
    pub fn history(&mut self) -> (usize, usize) {
        let of = |all: &dyn Checkpoints<O>| (all.count(), all.bytes(&self.observer));
        let (count, bytes) = self.checkpoints.as_deref().map_or((0, 0), of);
        (count, bytes + self.course.broker.world.log.history_bytes())
    }

    /// How much work the run has been: its entries, and the things that happened. What leaves no entry costs something, too: a
    /// client that is cut off may wake for hours and find nothing.
    fn work(&self) -> u64 {
        self.world().live.seq + self.course.steps
    }

    /// Runs to `until`, but gives up after about so much work: journal entries, and things that happen. Says whether it
    /// got there.
    pub fn run_until(&mut self, until: Instant, work: u64) -> bool {
        let end = self.work().saturating_add(work);
        while self.work() < end {
            if !self.step(until) {
                if self.broken().is_none() {
                    self.course.broker.advance(until);
                }
                return true;
            }
        }
        false
    }

    /// The run as a file that plays it again, to here: the scenario, what visitors did and will do again, and where the
    /// run stands.
    pub fn recording(&self) -> Scenario {
        let recorded = branches::stand(self);
        Scenario { acts: self.acts.clone(), recorded: Some(recorded), ..(*self.scenario).clone() }
    }

    /// Runs to where a run stood when it was recorded, but gives up after about so much work. Says whether it got there;
    /// [`is_at`](Self::is_at) says whether it is the same run.
    pub fn run_to(&mut self, recorded: &Recorded, work: u64) -> bool {
        let end = self.work().saturating_add(work);
        let steps = recorded.steps.unwrap_or(0);
        // What was due earlier has happened, though it may have left no entry.
        let is_due = |session: &Self| session.next_at().is_some_and(|next| next < recorded.at);
        while self.world().live.seq < recorded.entries || self.steps() < steps || is_due(self) {
            if self.work() >= end {
                return false;
            }
            if !self.step(recorded.at) {
                break;
            }
        }
        if self.broken().is_none() && !is_due(self) {
            self.course.broker.advance(recorded.at);
        }
        true
    }

    /// Runs to where a way leads, or gives up as well.
    pub fn run_to_stop(&mut self, stop: Stop, work: u64) -> bool {
        match stop {
            Stop::Exactly(stand) => self.run_to(&stand, work),
            Stop::After(at) => self.run_until(at, work),
            Stop::Step(steps) => self.run_towards(Goal::Step(steps), work),
        }
    }

    /// Is the journal so far the one that was recorded?
    pub fn is_at(&self, recorded: &Recorded) -> bool {
        self.world().live.seq == recorded.entries && self.fingerprint() == recorded.fingerprint
    }

    fn give(&mut self, command: Command) {
        self.course.broker.command(command, &mut (&mut self.course.watch, &mut self.observer));
    }
}

impl<O: Rewind> Session<O>
where
    O::Mark: 'static,
{
    /// From here on the run can go back, as far as here. Else it keeps nothing for that.
    pub fn keep_checkpoints(&mut self) {
        self.keep(All::default());
    }

    /// The same with a checkpoint every so many entries, and so many of them at the most.
    pub fn keep_checkpoints_every(&mut self, interval: u64, count_most: usize) {
        self.keep(All::every(interval, count_most));
    }

    fn keep(&mut self, checkpoints: All<O::Mark>) {
        self.checkpoints = Some(Box::new(checkpoints));
        self.pass();
    }
}

/// Keeps every entry; for tests and small runs.
#[derive(Clone, Debug, Default)]
pub struct Journal(pub Vec<Entry>);

impl Observer for Journal {
    fn observe(&mut self, _: &World, entry: &Entry) {
        self.0.push(*entry);
    }
}

/// A copy of the whole journal in every mark.
impl Rewind for Journal {
    type Mark = Vec<Entry>;

    fn mark(&mut self) -> (Vec<Entry>, usize) {
        (self.0.clone(), self.0.len() * size_of::<Entry>())
    }

    fn go(&mut self, to: &Vec<Entry>, _: bool) {
        self.0.clone_from(to);
    }

    fn forget_ahead(&mut self) {}
}

#[cfg(all(test, feature = "ssr"))]
impl<O: Observer> Session<O> {
    /// Shows the watch an entry older than the last one, as a mistake of ours might bring it about.
    pub(crate) fn go_back_in_time(&mut self) {
        let world = &self.course.broker.world;
        let event = crate::broker::Event::ConsumerLeft { consumer: crate::broker::ConsumerId(0) };
        let seq = world.live.seq;
        self.course.watch.observe(world, &Entry { at: Instant::ZERO, seq, cause: seq, event });
    }
}

#[cfg(test)]
mod tests;
