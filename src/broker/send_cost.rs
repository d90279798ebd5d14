//! What a producer's client counts of its tries to send: how long each took until it was answered, or had failed. A try counts
//! once for each of its messages, and what is sent again is another try. Source: `ProducerImpl`, `MessageMeterInterceptor`.
//!
//! Most tries are answered within the millisecond in which they go out. Nothing is written down about these.

use std::collections::BTreeMap;

use super::event::{Entry, Event};
use super::id::ProducerId;
use super::producer::ProducerState;
use super::world::World;
use crate::sim::Instant;

/// What is known of the tries beside the number of messages that were stored.
#[derive(Clone, Debug, Default)]
pub(super) struct SendCosts {
    /// Messages whose tries were answered, by the whole milliseconds that this took, if any.
    answered: BTreeMap<u64, u64>,
    /// Messages whose tries failed, by the whole milliseconds until then.
    failed: BTreeMap<u64, u64>,
    /// Messages that were stored, and whose producer does not know.
    unheard: u64,
}

impl SendCosts {
    /// How many numbers it holds.
    pub(super) fn len(&self) -> usize {
        self.answered.len() + self.failed.len()
    }
}

impl ProducerState {
    /// How many of its messages went out in tries that were answered, by the whole milliseconds until then.
    pub fn answered_tries(&self) -> impl Iterator<Item = (u64, u64)> {
        let costs = self.send_costs.iter();
        let later = costs.clone().flat_map(|costs| &costs.answered).map(|(ms, messages)| (*ms, *messages));
        let known: u64 = costs.map(|costs| costs.unheard + costs.answered.values().sum::<u64>()).sum();
        // A message that is being committed is counted out for a moment.
        std::iter::once((0, self.stored.saturating_sub(known))).chain(later)
    }

    /// The same of those that failed: refused, or not answered in time.
    pub fn failed_tries(&self) -> impl Iterator<Item = (u64, u64)> {
        let all = self.send_costs.iter().flat_map(|costs| &costs.failed);
        all.map(|(ms, messages)| (*ms, *messages))
    }
}

/// The broker stored a message that its producer sent at `sent_at` for the first time, or again after it heard nothing. It is
/// answered now.
pub(super) fn answered(world: &mut World, producer: ProducerId, number: u64, sent_at: Instant) {
    if is_dead(world, producer, number) {
        costs(world, producer).unheard += 1;
        return;
    }
    let ms = lasted_ms(world, producer, number, sent_at);
    if ms > 0 {
        *costs(world, producer).answered.entry(ms).or_default() += 1;
    }
}

/// It is not answered after all, or nobody listens to that.
pub(super) fn unheard(world: &mut World, producer: ProducerId, number: u64, count: u32, sent_at: Instant) {
    if is_dead(world, producer, number) {
        return;
    }
    let (ms, count) = (lasted_ms(world, producer, number, sent_at), u64::from(count));
    let costs = costs(world, producer);
    costs.unheard += count;
    if let Some(answered) = costs.answered.get_mut(&ms) {
        *answered -= count;
    }
}

/// A try with so many messages has failed.
pub(super) fn failed(world: &mut World, producer: ProducerId, number: u64, count: u32, sent_at: Instant) {
    if !is_dead(world, producer, number) {
        let ms = lasted_ms(world, producer, number, sent_at);
        *costs(world, producer).failed.entry(ms).or_default() += u64::from(count);
    }
}

fn costs(world: &mut World, producer: ProducerId) -> &mut SendCosts {
    world.live.producers[producer.index()].send_costs.get_or_insert_default()
}

/// Is the process gone that sent it? Nobody counts then.
fn is_dead(world: &World, producer: ProducerId, number: u64) -> bool {
    number < world.producer(producer).died_before
}

/// Whole milliseconds since a try went out: when it was sent, or was sent again because the broker had been too busy.
fn lasted_ms(world: &World, producer: ProducerId, number: u64, sent_at: Instant) -> u64 {
    let mut went_out = sent_at;
    if world.producer(producer).throttled > 0 {
        let again = |entry: &&Entry| matches!(entry.event, Event::SendRetried { .. });
        went_out =
            world.sends(producer, number).filter(again).fold(sent_at, |last, entry| last.max(entry.at));
    }
    (world.live.now - went_out).0 / 1_000
}
