//! When callers call and senders of point-to-point queues send: by a pattern of their own, or at the very instants at
//! which a producer sends. Not RocketMQ: these stand beside the broker, to be compared with it.

use serde::Serialize;

use super::event::Refusal;
use super::id::{CallerId, P2pId, ProducerId};
use super::producer::Schedule;
use super::send;
use super::spec::Pattern;
use super::world::World;
use crate::sim::{Draws, Instant, Slot, Stream, subject_of};

/// When something is asked for or sent.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub enum Arrivals {
    /// By a pattern of its own.
    Pattern(Pattern),
    /// With every message of the producer of this name: number for number, at the same instant.
    SameAs(String),
}

/// Somebody who does the same as a producer, whenever it sends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mirror {
    /// A caller.
    Caller(CallerId),
    /// A sender of a point-to-point queue.
    Sender(P2pId, u16),
}

/// Arrivals as they stand.
#[derive(Clone, Debug)]
pub struct Arriving {
    /// Whose messages these follow, if they have no pattern of their own.
    pub producer: Option<ProducerId>,
    /// How many there were.
    pub made: u64,
    /// How many of them another pattern had brought before.
    made_before: u64,
    schedule: Schedule,
    draws: Draws,
    /// Chance is keyed by it.
    key: u64,
    pub(super) slot: Slot,
}

/// By what the first arrival is drawn.
fn draws(world: &World, name: &str) -> Draws {
    world.chance.stream(Stream::Arrivals, subject_of(name))
}

/// When the first arrival is; never for those that follow a producer.
pub(super) fn first(world: &World, name: &str, arrivals: &Arrivals) -> Result<Instant, Refusal> {
    match arrivals {
        Arrivals::Pattern(pattern) => {
            let now = world.live.now;
            Ok(Schedule::new(*pattern, now).send_time(1, draws(world, name).nth(0), now))
        }
        Arrivals::SameAs(producer) => {
            world.find_producer(producer).map(|_| Instant::NEVER).ok_or(Refusal::UnknownProducer)
        }
    }
}

impl Arriving {
    /// Arrivals from now on, under this name.
    pub(super) fn new(world: &World, name: &str, arrivals: &Arrivals, slot: Slot) -> Self {
        let (pattern, producer) = match arrivals {
            Arrivals::Pattern(pattern) => (*pattern, None),
            Arrivals::SameAs(producer) => (Pattern::ByHand, world.find_producer(producer)),
        };
        Self {
            producer,
            made: 0,
            made_before: 0,
            schedule: Schedule::new(pattern, world.live.now),
            draws: draws(world, name),
            key: subject_of(name),
            slot,
        }
    }

    /// When the next one is, if one is now.
    pub(super) fn next_at(&self, now: Instant) -> Instant {
        self.schedule.send_time(self.made - self.made_before + 2, self.draws.nth(self.made + 1), now)
    }

    /// The pattern by which they come; that of those that follow a producer is its own.
    pub fn pattern(&self) -> &Pattern {
        &self.schedule.pattern
    }

    /// When the next one is, if they come by this pattern from now on.
    pub(super) fn next_by(&self, pattern: Pattern, now: Instant) -> Instant {
        Schedule::new(pattern, now).send_time(1, self.draws.nth(self.made), now)
    }

    /// Notes that they come by this pattern from now on.
    pub(super) fn go_by(&mut self, pattern: Pattern, now: Instant) {
        self.schedule = Schedule::new(pattern, now);
        self.made_before = self.made;
    }

    /// The number by which chance is keyed for an attempt on one of them: the producer's own, if they follow one.
    pub(super) fn chance_key(&self, world: &World, number: u64, attempt: u32) -> u64 {
        match self.producer {
            Some(producer) => world.producer(producer).chance_key(number, attempt),
            None => self.key.wrapping_add(number << 16 | u64::from(attempt & 0xffff)),
        }
    }
}

/// Do patterns still bring anything? They fall silent together with the producers.
pub(super) fn go_on(world: &World) -> bool {
    !send::silent(world, 0)
}

/// From now on `mirror` does what `arriving` follows.
pub(super) fn follow(world: &mut World, producer: Option<ProducerId>, mirror: Mirror) {
    if let Some(producer) = producer {
        let state = &mut world.live.producers[producer.index()];
        state.mirrors.push(mirror);
        state.sends_plainly = false;
    }
}
