//! A producer: light and anonymous. The broker keeps nothing about it; what stands here is the client's own state.

use std::collections::VecDeque;
use std::rc::Rc;

use super::arrivals::Mirror;
use super::batch::Look;
use super::id::{QueueId, TopicId};
use super::lite::LiteNaming;
use super::message::ReadyGroups;
use super::reply::RequestCounts;
use super::send_cost::SendCosts;
use super::spec::{Pattern, ProducerSpec, Rate};
use super::timer::Delay;
use super::transaction::LocalTransactions;
use crate::sim::{Draws, Exponential, Instant, Slot, Span};

/// A producer as it stands.
#[derive(Clone, Debug)]
pub struct ProducerState {
    /// What it was told to do.
    pub spec: Rc<ProducerSpec>,
    /// A stable number made from its name: chance is keyed by it, so another producer changes nothing here.
    pub key: u64,
    /// The topic it sends to.
    pub topic: TopicId,
    /// When it sends; starts as the pattern of `spec`.
    pub schedule: Schedule,
    /// Messages the schedule sent since it began.
    pub sent_in_pattern: u64,
    /// Messages that any schedule sent, those by hand left out. Chance is keyed by it, so a change of rate stretches
    /// the gaps and does not reshuffle them.
    pub scheduled: u64,
    /// Messages sent in all; the number of the next one.
    pub sent: u64,
    /// Messages the broker stored.
    pub stored: u64,
    /// Messages that were refused: the topic does not take their type, or their delivery time is too far ahead.
    pub refused: u64,
    /// Messages that it gave up because nobody answered.
    pub failed: u64,
    /// Does the topic take their type?
    pub is_accepted: bool,
    /// When its messages are to be seen; none for those that are seen at once.
    pub delay: Option<Delay>,
    /// What its local transactions are like; none if its messages are not transactional.
    pub transaction: Option<LocalTransactions>,
    /// The lite topics of its messages; none if they have none.
    pub lite: Option<LiteNaming>,
    /// What there is to look at before it sends, if its messages may be unfit or go out in batches.
    pub(super) look: Option<Look>,
    /// What became of its requests; none if its messages are none.
    pub requests: Option<Box<RequestCounts>>,
    /// Requests to store messages that were refused because the broker was too busy.
    pub throttled: u64,
    /// Messages that it gave up after that.
    pub given_up: u64,
    /// How long its tries took; none if all that were stored were answered at once, and none failed.
    pub(super) send_costs: Option<Box<SendCosts>>,
    /// Who does the same whenever it sends.
    pub mirrors: Vec<Mirror>,
    /// Is a message of its kind stored when it arrives, and nothing else? And does nobody do the same as it does?
    pub(super) sends_plainly: bool,
    /// Where round robin began.
    pub first_queue: u64,
    /// Is it still there?
    pub running: bool,
    /// When its process died last.
    pub crashed_at: Option<Instant>,
    /// Messages with smaller numbers were sent by a process that died.
    pub(super) died_before: u64,
    /// Sent and not yet at the broker, in order.
    pub transit: VecDeque<SendInFlight>,
    pub(super) send_slot: Slot,
    pub(super) arrive_slot: Slot,
    pub(super) interarrival: Draws,
    pub(super) queue_choice: Draws,
    pub(super) queue_rule: QueueRule,
    pub(super) message_groups: Draws,
    pub(super) ready_groups: ReadyGroups,
}

/// How it is decided which queue a message goes to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum QueueRule {
    /// In turn.
    RoundRobin,
    /// By chance.
    Uniform,
    /// By the hash of its message group.
    MessageGroup,
}

impl ProducerState {
    /// Does nothing but storing come of what it sends? Whoever refuses requests has to be asked each time.
    pub(super) fn note_plain(&mut self, is_refused: bool) {
        self.sends_plainly = self.is_accepted
            && self.lite.is_none()
            && self.delay.is_none()
            && self.transaction.is_none()
            && self.look.is_none()
            && self.requests.is_none()
            && self.mirrors.is_empty()
            && !is_refused;
    }

    /// Does it send several messages as one request?
    pub(super) fn is_batching(&self) -> bool {
        self.spec.message.batch.is_some()
    }

    /// How many messages it sends as one request.
    pub fn batch(&self) -> u32 {
        self.spec.message.batch.unwrap_or(1)
    }

    /// Did it crash, and can be started again?
    pub fn is_down(&self) -> bool {
        !self.running && self.crashed_at.is_some()
    }

    /// The number by which chance is keyed for an attempt on one of its messages.
    #[inline(always)]
    pub(super) fn chance_key(&self, number: u64, attempt: u32) -> u64 {
        self.key.wrapping_add(number << 16 | u64::from(attempt & 0xffff))
    }
}

/// A message on its way to the broker.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SendInFlight {
    /// Which of the producer's messages.
    pub number: u64,
    /// How many messages there are from that one on; more than one in a batch.
    pub count: u32,
    /// Where it goes.
    pub queue: QueueId,
    /// When it was sent.
    pub sent_at: Instant,
    /// When it will be stored.
    pub arrives_at: Instant,
    /// The entry that sent it.
    pub cause: u64,
}

/// A pattern in force since some instant, made ready to be asked for times.
#[derive(Clone, Copy, Debug)]
pub struct Schedule {
    /// When messages go out.
    pub pattern: Pattern,
    /// Since when.
    pub since: Instant,
    gap: Option<Exponential>,
}

impl Schedule {
    /// `pattern`, from `since` on.
    pub(super) fn new(pattern: Pattern, since: Instant) -> Self {
        let gap = match pattern {
            Pattern::Poisson(rate) if rate.micros_per_second > 0 => {
                // Millionths of a message per second are messages per million seconds.
                Some(Exponential::with_rate(rate.micros_per_second, Span::from_secs(1_000_000)))
            }
            _ => None,
        };
        Self { pattern, since, gap }
    }

    /// When the `k`-th message (from 1) goes out, if the one before it goes out now; never, for a producer that
    /// sends by hand. `draw` is that message's luck.
    pub(super) fn send_time(&self, k: u64, draw: u64, now: Instant) -> Instant {
        match self.pattern {
            Pattern::ByHand => Instant::NEVER,
            Pattern::Constant(rate) => self.since + evenly(rate, k),
            Pattern::Bursts { rate, burst_rate, every, lasting } => {
                self.since + in_bursts(rate, burst_rate, every, lasting, k)
            }
            Pattern::Poisson(_) => self.gap.map_or(Instant::NEVER, |gap| now + gap.sample(draw)),
        }
    }
}

/// Microseconds from the start to the `k`-th of evenly spaced messages, rounded up; exact for any k.
fn evenly(rate: Rate, k: u64) -> Span {
    if rate.micros_per_second == 0 {
        return Span::FOREVER;
    }
    let us = (u128::from(k) * 1_000_000_000_000).div_ceil(u128::from(rate.micros_per_second));
    Span(u64::try_from(us).unwrap_or(u64::MAX))
}

/// Microseconds from the start to the `k`-th message of a schedule of bursts.
///
/// Work accumulates with the rate in force; the k-th message goes out when k messages' worth of it has.
fn in_bursts(rate: Rate, burst_rate: Rate, every: Span, lasting: Span, k: u64) -> Span {
    let lasting = lasting.min(every);
    let in_burst = u128::from(burst_rate.micros_per_second) * u128::from(lasting.0);
    let per_cycle = in_burst + u128::from(rate.micros_per_second) * u128::from(every.0 - lasting.0);
    if per_cycle == 0 {
        return Span::FOREVER;
    }
    let target = u128::from(k) * 1_000_000_000_000;
    // The last instant of a cycle belongs to it, so a target that falls exactly on its end is not pushed into the
    // next one, whose burst might not have begun.
    let cycle = (target - 1) / per_cycle;
    let rest = target - cycle * per_cycle;
    let within = if rest <= in_burst {
        rest.div_ceil(u128::from(burst_rate.micros_per_second))
    } else {
        u128::from(lasting.0) + (rest - in_burst).div_ceil(u128::from(rate.micros_per_second))
    };
    Span(u64::try_from(cycle * u128::from(every.0) + within).unwrap_or(u64::MAX))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn evenly_spaced_messages_do_not_drift() {
        let three = Rate::per_second(3);
        assert_eq!(evenly(three, 1), Span(333_334));
        assert_eq!(evenly(three, 3), Span(1_000_000));
        assert_eq!(evenly(three, 3_000_000), Span::from_secs(1_000_000));
    }

    #[test]
    fn bursts_follow_both_rates() {
        // 100 a second for the first 3 s of every 10 s, then 10 a second: 370 a cycle.
        let at = |k| {
            in_bursts(Rate::per_second(10), Rate::per_second(100), Span::from_secs(10), Span::from_secs(3), k)
        };
        assert_eq!(at(1), Span::from_ms(10));
        assert_eq!(at(300), Span::from_secs(3));
        assert_eq!(at(301), Span::from_ms(3_100));
        assert_eq!(at(370), Span::from_secs(10));
        assert_eq!(at(371), Span::from_ms(10_010));
    }

    #[test]
    fn nothing_is_sent_between_bursts_of_a_silent_base_rate() {
        let at = |k| {
            in_bursts(Rate::per_second(0), Rate::per_second(2), Span::from_secs(10), Span::from_secs(1), k)
        };
        assert_eq!([at(1), at(2), at(3)], [Span::from_ms(500), Span::from_secs(1), Span::from_ms(10_500)]);
    }
}
