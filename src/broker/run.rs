//! The broker running: commands and time in, journal entries out.
//!
//! Every entry goes the same way: decided on the world as it is, applied, absorbed into the fingerprint, shown to the
//! observer, and then asked what follows from it. What is decided together is applied together; consequences are
//! decided one after the other, each on the world the last one left.

use std::collections::VecDeque;
use std::rc::Rc;

use super::apply::apply;
use super::command::Command;
use super::event::{Entry, Event};
use super::id::CommandId;
use super::world::World;
use super::{decide, settings::Settings};
use crate::sim::{Fingerprint, Instant};

/// Sees every entry, after it was applied.
pub trait Observer {
    /// `entry` has just become true in `world`.
    fn observe(&mut self, world: &World, entry: &Entry);
}

/// Sees nothing.
impl Observer for () {
    fn observe(&mut self, _: &World, _: &Entry) {}
}

/// Two observers see the same.
impl<A: Observer, B: Observer> Observer for (A, B) {
    fn observe(&mut self, world: &World, entry: &Entry) {
        self.0.observe(world, entry);
        self.1.observe(world, entry);
    }
}

impl<T: Observer> Observer for &mut T {
    fn observe(&mut self, world: &World, entry: &Entry) {
        T::observe(self, world, entry);
    }
}

/// A world, and the fingerprint of everything that has happened in it.
#[derive(Clone, Debug)]
pub struct Broker {
    /// What is and what was.
    pub world: World,
    fingerprint: Fingerprint,
    decided: Vec<Event>,
    to_follow: VecDeque<(Event, u64)>,
}

impl Broker {
    /// A broker in an empty world.
    pub fn new(settings: Settings, seed: u64, stop_after_messages: Option<u64>) -> Self {
        Self {
            world: World::new(settings, seed, stop_after_messages),
            fingerprint: Fingerprint::new(),
            decided: Vec::new(),
            to_follow: VecDeque::new(),
        }
    }

    /// The fingerprint of the journal so far.
    pub fn fingerprint(&self) -> Fingerprint {
        self.fingerprint
    }

    /// Gives a command now, and settles all that follows in this instant without the help of time.
    pub fn command(&mut self, command: Command, observer: &mut impl Observer) {
        let id = CommandId(self.world.live.commands);
        self.world.live.commands += 1;
        let content = command.digest();
        if id.index() == self.world.log.commands.len() {
            self.world.log.commands.push(Rc::new(command));
        }
        let seq = self.world.live.seq;
        let entry = self.enter(Event::CommandGiven { command: id, content }, seq, observer);
        decide::command(&self.world, id, &mut self.decided);
        self.enter_decided(entry.seq, observer);
        self.settle(observer);
    }

    /// Lets the earliest thing on the agenda happen, if it is due at or before `until`. Says whether something did.
    pub fn step(&mut self, until: Instant, observer: &mut impl Observer) -> bool {
        // Taken off before anything is applied: what happens may put the slot back.
        let Some((at, slot)) = self.world.live.agenda.pop_until(until) else { return false };
        self.world.live.now = at;
        let wakeup = self.world.live.wakeups[slot.index()];
        let cause = self.world.live.causes[slot.index()];
        decide::wakeup(&self.world, wakeup, &mut self.decided);
        self.enter_decided(cause, observer);
        self.settle(observer);
        true
    }

    /// Moves the clock to `at`, once nothing on the agenda is due before it.
    pub fn advance(&mut self, at: Instant) {
        debug_assert!(
            self.world.next_at().is_none_or(|next| next >= at),
            "the clock does not jump over what is due"
        );
        self.world.live.now = self.world.live.now.max(at);
    }

    fn settle(&mut self, observer: &mut impl Observer) {
        while let Some((event, seq)) = self.to_follow.pop_front() {
            decide::follow(&self.world, &event, &mut self.decided);
            self.enter_decided(seq, observer);
        }
    }

    #[inline]
    fn enter_decided(&mut self, cause: u64, observer: &mut impl Observer) {
        for index in 0..self.decided.len() {
            let event = self.decided[index];
            let entry = self.enter(event, cause, observer);
            if decide::has_consequences(&event) {
                self.to_follow.push_back((event, entry.seq));
            }
        }
        self.decided.clear();
    }

    #[inline]
    fn enter(&mut self, event: Event, cause: u64, observer: &mut impl Observer) -> Entry {
        let live = &mut self.world.live;
        let entry = Entry { at: live.now, seq: live.seq, cause, event };
        live.seq += 1;
        apply(&mut self.world, &entry);
        self.fingerprint.absorb(entry.words());
        observer.observe(&self.world, &entry);
        entry
    }
}
