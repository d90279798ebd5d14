//! One run being watched: a scenario, the broker that plays it, and what the visitor did to it.
//!
//! A session is asked to run *to an instant*, with a limit in entries, never in wall time: a slow machine shows the
//! same history later, and the same instant always means the same world. The page and the headless example run this
//! same code.

use std::rc::Rc;

use crate::broker::kept::Kept;
use crate::broker::{Broker, Command, Entry, Observer, World};
pub use crate::scenario::Act;
use crate::scenario::{MODEL, Recorded, Scenario};
use crate::sim::{Fingerprint, Instant};

pub mod branches;
mod compare;
mod watch;

pub use branches::{Branch, BranchId, Branches, Stop, Way};
pub use compare::{Compared, Parting};
pub use watch::{Broken, Watch};

/// A scenario being played, with an observer that sees every entry.
#[derive(Debug)]
pub struct Session<O> {
    scenario: Rc<Scenario>,
    broker: Broker,
    watch: Watch,
    observer: O,
    next_action: usize,
    /// Those that were given, then those that are still to be given again.
    acts: Vec<Act>,
    next_act: usize,
    steps: u64,
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
        let mut session = Self {
            broker,
            watch: Watch::default(),
            observer,
            next_action: 0,
            acts,
            next_act: 0,
            steps: 0,
            scenario,
        };
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
        &self.broker.world
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
        self.broker.fingerprint()
    }

    /// The simulated instant.
    pub fn now(&self) -> Instant {
        self.broker.world.live.now
    }

    /// The last instant of which everything has happened: the present one, or in the middle of one the one before.
    pub fn settled(&self) -> Instant {
        let is_amid = self.next_at().is_some_and(|next| next <= self.now());
        if is_amid { Instant(self.now().0.saturating_sub(1)) } else { self.now() }
    }

    /// How many things time has brought so far.
    pub fn steps(&self) -> u64 {
        self.steps
    }

    /// What visitors did, in order.
    pub fn acts(&self) -> &[Act] {
        &self.acts[..self.next_act]
    }

    /// What they did in an earlier run, later than now: it will be done again when its time comes.
    pub fn acts_ahead(&self) -> &[Act] {
        &self.acts[self.next_act..]
    }

    /// What was to be done again is not. Says how many acts that were.
    pub fn forget_acts_ahead(&mut self) -> usize {
        let ahead = self.acts_ahead().len();
        self.acts.truncate(self.next_act);
        ahead
    }

    /// An invariant that no longer holds; the run stands still from then on.
    pub fn broken(&self) -> Option<&Broken> {
        self.watch.broken()
    }

    /// Which promises were kept so far.
    pub fn kept(&self) -> &Kept {
        self.watch.kept()
    }

    /// When the next thing happens, if anything will.
    pub fn next_at(&self) -> Option<Instant> {
        let act = self.acts_ahead().first().map(|act| act.at);
        act.into_iter().chain(self.next_of_itself()).min()
    }

    /// When the next thing happens without a visitor.
    fn next_of_itself(&self) -> Option<Instant> {
        let action = self.scenario.actions.get(self.next_action).map(|action| action.at);
        action.into_iter().chain(self.broker.world.next_at()).min()
    }

    /// Carries out a visitor's command now. What was still to be done again belongs to another course of things, and is
    /// forgotten.
    pub fn act(&mut self, command: Command) {
        if self.broken().is_none() {
            self.forget_acts_ahead();
            self.acts.push(Act { seq: None, at: self.now(), command });
            self.give_next_act();
        }
    }

    /// Gives the next act if this is its place: before the entry that came after it, and in another run as late as its
    /// instant allows.
    fn act_again(&mut self, until: Instant) -> bool {
        let Some(act) = self.acts_ahead().first() else { return false };
        let next = self.next_of_itself();
        // What is due before it may come to nothing, and leave no entry.
        let in_place = act.seq.is_some_and(|seq| seq <= self.broker.world.live.seq)
            && next.is_none_or(|next| next >= act.at);
        let is_late = next.is_none_or(|next| next > act.at);
        if !(in_place || is_late) || act.at > until {
            return false;
        }
        self.broker.advance(act.at);
        self.give_next_act();
        true
    }

    fn give_next_act(&mut self) {
        let act = &mut self.acts[self.next_act];
        act.seq = Some(self.broker.world.live.seq);
        let command = act.command.clone();
        self.next_act += 1;
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
        let stepped = match self.scenario.actions.get(self.next_action) {
            Some(action)
                if action.at <= until && self.broker.world.next_at().is_none_or(|at| action.at <= at) =>
            {
                let command = action.command.clone();
                self.broker.advance(action.at);
                self.next_action += 1;
                self.give(command);
                true
            }
            _ => self.broker.step(until, &mut (&mut self.watch, &mut self.observer)),
        };
        self.steps += u64::from(stepped);
        stepped
    }

    /// Runs to `until`, but gives up after about `entries` journal entries. Says whether it got there.
    pub fn run_until(&mut self, until: Instant, entries: u64) -> bool {
        let limit = self.broker.world.live.seq.saturating_add(entries);
        while self.broker.world.live.seq < limit {
            if !self.step(until) {
                if self.broken().is_none() {
                    self.broker.advance(until);
                }
                return true;
            }
        }
        false
    }

    /// The run as a file that plays it again, to here: the scenario, what visitors did and will do again, and where the
    /// run stands.
    pub fn recording(&self) -> Scenario {
        let recorded = Recorded {
            model: MODEL,
            at: self.now(),
            entries: self.world().live.seq,
            fingerprint: self.fingerprint(),
        };
        Scenario { acts: self.acts.clone(), recorded: Some(recorded), ..(*self.scenario).clone() }
    }

    /// Runs to where a run stood when it was recorded, but gives up after about `entries` journal entries. Says whether
    /// it got there; [`is_at`](Self::is_at) says whether it is the same run.
    pub fn run_to(&mut self, recorded: &Recorded, entries: u64) -> bool {
        let limit = self.world().live.seq.saturating_add(entries);
        while self.world().live.seq < recorded.entries {
            if self.world().live.seq >= limit {
                return false;
            }
            if !self.step(recorded.at) {
                break;
            }
        }
        if self.broken().is_none() && self.next_at().is_none_or(|next| next >= recorded.at) {
            self.broker.advance(recorded.at);
        }
        true
    }

    /// Is the journal so far the one that was recorded?
    pub fn is_at(&self, recorded: &Recorded) -> bool {
        self.world().live.seq == recorded.entries && self.fingerprint() == recorded.fingerprint
    }

    fn give(&mut self, command: Command) {
        self.broker.command(command, &mut (&mut self.watch, &mut self.observer));
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

#[cfg(all(test, feature = "ssr"))]
impl<O: Observer> Session<O> {
    /// Shows the watch an entry older than the last one, as a mistake of ours might bring it about.
    pub(crate) fn go_back_in_time(&mut self) {
        let world = &self.broker.world;
        let event = crate::broker::Event::ConsumerLeft { consumer: crate::broker::ConsumerId(0) };
        let seq = world.live.seq;
        self.watch.observe(world, &Entry { at: Instant::ZERO, seq, cause: seq, event });
    }
}
