//! One run being watched: a scenario, the broker that plays it, and what the visitor did to it.
//!
//! A session is asked to run *to an instant*, with a limit in entries, never in wall time: a slow machine shows the
//! same history later, and the same instant always means the same world. The page and the headless example run this
//! same code.

use std::rc::Rc;

use crate::broker::{Broker, Command, Entry, Observer, World};
use crate::scenario::Scenario;
use crate::sim::{Fingerprint, Instant};

mod watch;

pub use watch::{Broken, Watch};

/// A command that somebody gave while the run was going on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Act {
    /// The journal entry it became; with it a replay gives the command at exactly the same place.
    pub seq: u64,
    /// When.
    pub at: Instant,
    /// What.
    pub command: Command,
}

/// A scenario being played, with an observer that sees every entry.
#[derive(Debug)]
pub struct Session<O> {
    scenario: Rc<Scenario>,
    broker: Broker,
    watch: Watch,
    observer: O,
    next_action: usize,
    acts: Vec<Act>,
    steps: u64,
}

impl<O: Observer> Session<O> {
    /// The scenario at its first instant: its topics, groups and producers exist, nothing else has happened.
    pub fn new(scenario: Rc<Scenario>, observer: O) -> Self {
        let broker = Broker::new(scenario.settings.clone(), scenario.seed, scenario.stop_after_messages);
        let mut session = Self {
            broker,
            watch: Watch::default(),
            observer,
            next_action: 0,
            acts: Vec::new(),
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

    /// How many things time has brought so far.
    pub fn steps(&self) -> u64 {
        self.steps
    }

    /// What visitors did, in order.
    pub fn acts(&self) -> &[Act] {
        &self.acts
    }

    /// An invariant that no longer holds; the run stands still from then on.
    pub fn broken(&self) -> Option<&Broken> {
        self.watch.broken()
    }

    /// When the next thing happens, if anything will.
    pub fn next_at(&self) -> Option<Instant> {
        let action = self.scenario.actions.get(self.next_action).map(|action| action.at);
        action.into_iter().chain(self.broker.world.next_at()).min()
    }

    /// Carries out a visitor's command now.
    pub fn act(&mut self, command: Command) {
        if self.broken().is_none() {
            self.acts.push(Act { seq: self.broker.world.live.seq, at: self.now(), command: command.clone() });
            self.give(command);
        }
    }

    /// Lets the next thing happen, if it is due at or before `until`: an action of the scenario, or what time brings.
    /// At equal instants the scenario's actions come first.
    pub fn step(&mut self, until: Instant) -> bool {
        if self.broken().is_some() {
            return false;
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
