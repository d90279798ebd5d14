//! Flow control: what a broker does that is given more than it can take, and what its clients do then.
//!
//! Requests to store messages wait in the broker's send queue. It takes `broker.sendTps` of them in a second, however many
//! messages each holds, and refuses what has waited for longer than `broker.sendQueueWaitMs`. A person can also let the broker
//! be too busy for a while: then it refuses at once. A producer that is refused waits and tries again, longer each time, until
//! it has tried often enough. A consumer asks again every 20 ms.
//!
//! Source: `BrokerFastFailure` for the send queue, `ProducerImpl` and `ExponentialBackoffRetryPolicy` for producers,
//! `ProcessQueueImpl` and `DefaultMQPushConsumerImpl` (`PULL_TIME_DELAY_MILLS_WHEN_BROKER_FLOW_CONTROL`) for consumers.

use std::collections::{BTreeMap, BTreeSet};

use super::apply::groups::note_readers;
use super::apply::producers::send_arrived;
use super::event::{Entry, Event};
use super::fault;
use super::id::{ConsumerId, ProducerId, ProgressId, QueueId};
use super::resend::Nowhere;
use super::world::{Wakeup, World};
use super::{reply, resend, send, send_cost};
use crate::rules::proxy::producer_settings;
use crate::rules::retry::client::Told;
use crate::rules::validation::Limits;
use crate::sim::{Instant, Slot, Span, Stream};

/// A consumer that is refused asks again after this.
pub const ASKS_AGAIN: Span = Span::from_ms(20);

/// No producer waits for longer before it tries again.
pub(super) const LONGEST_WAIT: Span = Span::from_secs(120);

/// How long a producer waits before it sends again what the broker was too busy for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub enum Backoff {
    /// What the proxy tells 5.x clients: 10 ms doubled for each try, up to 1 s, so 20 ms before the second.
    #[default]
    Proxy,
    /// The documents: 1 s, times 1.6, give or take a fifth, up to 120 s.
    Docs,
    /// Not at all: classic clients.
    None,
}

impl Backoff {
    /// The wait before try `attempt`, which is at least the second. `luck` is for those that are not exact.
    fn wait(self, attempt: u32, luck: impl FnOnce() -> u64) -> Span {
        match self {
            Self::Proxy => {
                let told = Told::Exponential(producer_settings(true, &Limits::default()).backoff);
                let ns = told.wait_ns(i32::try_from(attempt).unwrap_or(i32::MAX)).unwrap_or(0);
                Span(u64::try_from(ns).unwrap_or(0) / 1_000)
            }
            Self::Docs => {
                const MOST_US: u128 = 120_000_000;
                let mut us: u128 = 1_000_000;
                for _ in 2..attempt {
                    us = (us * 16 / 10).min(MOST_US);
                }
                // Between 80 % and 120 % of it.
                let share = 800_000 + u128::from(luck() % 400_001);
                Span(u64::try_from((us * share / 1_000_000).min(MOST_US)).unwrap_or(u64::MAX))
            }
            Self::None => Span::ZERO,
        }
    }
}

/// A request to store messages.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Request {
    pub(super) producer: ProducerId,
    /// Its first message.
    pub(super) number: u64,
    /// How many there are.
    pub(super) count: u32,
    pub(super) queue: QueueId,
    /// Which try it is, from 1.
    pub(super) attempt: u32,
    /// When it was sent for the first time.
    pub(super) sent_at: Instant,
}

/// What is due.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum What {
    /// It has its turn in the send queue.
    Turn(Request),
    /// It has waited there for too long.
    Refuse(Request),
    /// Its producer tries again.
    Retry(Request),
    /// It is at the broker once more.
    Arrive(Request),
    /// A consumer asks again.
    Receive(ConsumerId),
    /// The owner of a queue asks again.
    Pull(ProgressId, ConsumerId),
    /// The broker is not too busy any longer.
    Over,
}

#[derive(Clone, Copy, Debug)]
struct Due {
    what: What,
    cause: u64,
}

/// The broker is too busy.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Busy {
    /// It refuses requests to store messages.
    pub sends: bool,
    /// It refuses requests for messages.
    pub receives: bool,
    /// Since when.
    pub since: Instant,
    /// Until when.
    pub until: Instant,
}

/// What flow control did.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct FlowCounts {
    /// Requests that had to wait in the send queue.
    pub waited: u64,
    /// Requests to store messages that were refused.
    pub refused: u64,
    /// How often a producer tried again.
    pub retried: u64,
    /// Messages that producers gave up.
    pub given_up: u64,
    /// Consumers that were refused.
    pub receives_refused: u64,
}

/// What waits for the broker because it is too busy.
#[derive(Clone, Debug, Default)]
pub struct Flow {
    /// Is it too busy because somebody said so?
    pub busy: Option<Busy>,
    /// What happened so far.
    pub counts: FlowCounts,
    due: BTreeMap<(Instant, u64), Due>,
    /// How much ever came to be due.
    dues: u64,
    /// When the broker will have stored everything that it has taken.
    free_at: Instant,
    receives: BTreeSet<ConsumerId>,
    pulls: BTreeSet<ProgressId>,
    slot: Option<Slot>,
}

/// A request that waits somewhere.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct WaitingRequest {
    /// Whose.
    pub producer: ProducerId,
    /// Its first message.
    pub number: u64,
    /// How many messages it holds.
    pub count: u32,
    /// Where they are to go.
    pub queue: QueueId,
    /// Which try this is, or the next one.
    pub attempt: u32,
    /// Until when.
    pub until: Instant,
}

impl Flow {
    /// Does nothing wait?
    #[inline(always)]
    pub(super) fn is_idle(&self) -> bool {
        self.due.is_empty()
    }

    fn waiting(&self, is_it: impl Fn(What) -> Option<Request>) -> impl Iterator<Item = WaitingRequest> {
        self.due.iter().filter_map(move |(&(until, _), due)| {
            let Request { producer, number, count, queue, attempt, .. } = is_it(due.what)?;
            Some(WaitingRequest { producer, number, count, queue, attempt, until })
        })
    }

    /// Requests in the broker's send queue, in the order of their ends there.
    pub fn send_queue(&self) -> impl Iterator<Item = WaitingRequest> {
        self.waiting(|what| match what {
            What::Turn(request) | What::Refuse(request) => Some(request),
            _ => None,
        })
    }

    /// Requests whose producers wait before they try again.
    pub fn backing_off(&self) -> impl Iterator<Item = WaitingRequest> {
        self.waiting(|what| if let What::Retry(request) = what { Some(request) } else { None })
    }

    /// Requests that were sent again and are on their way.
    pub fn on_the_way(&self) -> impl Iterator<Item = WaitingRequest> {
        self.waiting(|what| if let What::Arrive(request) = what { Some(request) } else { None })
    }

    /// Does a consumer wait before it asks again?
    pub fn is_backing_off(&self, consumer: ConsumerId) -> bool {
        !self.receives.is_empty() && self.receives.contains(&consumer)
    }

    /// Does the owner of a queue wait before it asks again?
    pub fn waits_to_pull(&self, progress: ProgressId) -> bool {
        !self.pulls.is_empty() && self.pulls.contains(&progress)
    }

    fn put(&mut self, at: Instant, what: What, cause: u64) {
        self.due.insert((at, self.dues), Due { what, cause });
        self.dues += 1;
    }

    fn take_out(&mut self, is_it: impl Fn(What) -> bool) -> Option<What> {
        let key = self.due.iter().find(|(_, due)| is_it(due.what)).map(|(key, _)| *key)?;
        self.due.remove(&key).map(|due| due.what)
    }
}

impl World {
    /// Is not every request to store messages taken at once?
    pub(super) fn refuses_sends(&self) -> bool {
        self.settings.broker_send_tps > 0 || self.live.flow.busy.is_some_and(|busy| busy.sends)
    }

    /// Until when the broker refuses requests for messages, if it does.
    pub(super) fn refuses_receives(&self) -> Option<Instant> {
        self.live.flow.busy.filter(|busy| busy.receives).map(|busy| busy.until)
    }

    /// What happened to a message beside being sent and stored: refusals and further tries, and if it is a request, its
    /// answers.
    pub fn sends(&self, producer: ProducerId, number: u64) -> impl Iterator<Item = &Entry> {
        self.log.sends.get(&(producer, number)).into_iter().flatten()
    }

    /// How long the broker takes for a request to store messages, if it can be too busy for more of them.
    fn store_time(&self) -> Option<Span> {
        let tps = u64::from(self.settings.broker_send_tps);
        (tps > 0).then(|| Span(1_000_000_u64.div_ceil(tps)))
    }
}

// What is decided.

/// A request to store messages is at the broker: it is refused, has its turn later, or is taken.
pub(super) fn arrived(world: &World, request: Request, out: &mut Vec<Event>) {
    if let Some(nowhere) = resend::goes_nowhere(world, request) {
        out.push(nowhere);
    } else if world.live.flow.busy.is_some_and(|busy| busy.sends) {
        out.push(throttled(world, request));
    } else if world.store_time().is_some() {
        let Request { producer, number, count, queue, attempt, .. } = request;
        let (now, patience) = (world.live.now, world.settings.broker_send_queue_wait);
        let begins = world.live.flow.free_at.max(now);
        let refused = begins - now > patience;
        let until = if refused { now + patience } else { begins };
        out.push(Event::RequestQueued { producer, number, count, queue, attempt, until, refused });
    } else {
        send::accepted(world, request, out);
    }
}

/// The broker refuses a request. Its producer tries again unless it has done so often enough, or is gone.
fn throttled(world: &World, request: Request) -> Event {
    if let Some(lost) = resend::refusal_lost(world, request) {
        return lost;
    }
    let Request { producer, number, count, queue, attempt, .. } = request;
    let state = world.producer(producer);
    let is_sent_once = state.transaction.is_some() && !world.settings.tx_send_retries;
    let most = if is_sent_once { 1 } else { world.settings.producer_max_attempts };
    let retry_at = (attempt < most && state.running).then(|| {
        let luck =
            || world.chance.stream(Stream::ThrottleJitter, state.key).nth(number << 8 | u64::from(attempt));
        let wait = world.settings.producer_throttle_backoff.wait(attempt + 1, luck);
        world.live.now + world.settings.network_send_latency + wait
    });
    Event::SendThrottled { producer, number, count, queue, attempt, retry_at }
}

/// What is due first happens.
pub(super) fn due(world: &World, out: &mut Vec<Event>) {
    let Some(first) = world.live.flow.due.values().next() else { return };
    match first.what {
        What::Turn(request) if world.is_down() => out.push(resend::lost(request, Nowhere::Down)),
        What::Turn(request) => send::accepted(world, request, out),
        What::Refuse(request) => out.push(throttled(world, request)),
        What::Arrive(request) => arrived(world, request, out),
        What::Retry(Request { producer, number, count, queue, attempt, .. }) => {
            let arrives_at = world.live.now + world.settings.network_send_latency;
            out.push(Event::SendRetried { producer, number, count, queue, attempt, arrives_at });
        }
        What::Receive(consumer) => out.push(match receive_refused(world, consumer) {
            Some(again) => again,
            None => Event::ReceiveRepeated { consumer },
        }),
        What::Pull(progress, consumer) => out.push(match again_at(world) {
            Some(retry_at) => Event::ReceiveThrottled { consumer, progress: Some(progress), retry_at },
            None => Event::PullRepeated { progress, consumer },
        }),
        What::Over => out.push(Event::ThrottlingChanged { sends: false, receives: false, until: None }),
    }
}

/// Somebody lets the broker be too busy.
pub(super) fn command(world: &World, sends: bool, receives: bool, lasting: Span) -> Event {
    let until = (!lasting.is_zero() && (sends || receives)).then(|| world.live.now + lasting);
    let on = until.is_some();
    Event::ThrottlingChanged { sends: sends && on, receives: receives && on, until }
}

/// When a consumer that asks now, and then again and again, is heard; none if it is heard now.
fn again_at(world: &World) -> Option<Instant> {
    let left = world.refuses_receives()?.0 - world.live.now.0;
    Some(world.live.now + Span(left.div_ceil(ASKS_AGAIN.0).max(1) * ASKS_AGAIN.0))
}

/// Message balancing: a consumer asks for messages, and the broker is too busy.
pub(super) fn receive_refused(world: &World, consumer: ConsumerId) -> Option<Event> {
    let retry_at = again_at(world)?;
    Some(Event::ReceiveThrottled { consumer, progress: None, retry_at })
}

/// Queue balancing: the owner of a queue asks for messages, and the broker is too busy.
pub(super) fn pull_refused(world: &World, progress: ProgressId, consumer: ConsumerId) -> Option<Event> {
    let retry_at = again_at(world)?;
    Some(Event::ReceiveThrottled { consumer, progress: Some(progress), retry_at })
}

// What is written down.

/// Writes down what an entry about flow control means.
pub(super) fn apply(world: &mut World, entry: &Entry) {
    match entry.event {
        Event::RequestQueued { producer, number, count, queue, attempt, until, refused } => {
            let sent_at = send_arrived(world, producer, number).unwrap_or(entry.at);
            let request = Request { producer, number, count, queue, attempt, sent_at };
            let takes = world.store_time().unwrap_or_default();
            let flow = &mut world.live.flow;
            flow.counts.waited += u64::from(until > entry.at);
            flow.put(until, if refused { What::Refuse(request) } else { What::Turn(request) }, entry.seq);
            if !refused {
                flow.free_at = until + takes;
            }
            if until > entry.at {
                note(world, (producer, number), count, entry);
            }
        }
        Event::SendThrottled { producer, number, count, queue, attempt, retry_at } => {
            let sent_at = send_arrived(world, producer, number).unwrap_or(entry.at);
            send_cost::failed(world, producer, number, count, sent_at);
            let request = Request { producer, number, count, queue, attempt: attempt + 1, sent_at };
            world.live.flow.counts.refused += 1;
            world.live.producers[producer.index()].throttled += 1;
            match retry_at {
                Some(at) => world.live.flow.put(at, What::Retry(request), entry.seq),
                None => give_up(world, producer, number, count),
            }
            resend::refused(world, producer, number, retry_at.is_some());
            note(world, (producer, number), count, entry);
        }
        Event::SendRetried { producer, number, count, attempt, arrives_at, .. } => {
            resend::retried(world, producer, number, attempt);
            let is_it = |what| matches!(what, What::Retry(r) if (r.producer, r.number) == (producer, number));
            let flow = &mut world.live.flow;
            if let Some(What::Retry(request)) = flow.take_out(is_it) {
                flow.counts.retried += 1;
                flow.put(arrives_at, What::Arrive(request), entry.seq);
            }
            note(world, (producer, number), count, entry);
        }
        Event::ThrottlingChanged { sends, receives, until } => changed(world, entry, sends, receives, until),
        Event::ReceiveThrottled { consumer, progress, retry_at } => {
            let flow = &mut world.live.flow;
            flow.counts.receives_refused += 1;
            match progress {
                Some(progress) => {
                    flow.take_out(|what| matches!(what, What::Pull(other, _) if other == progress));
                    flow.pulls.insert(progress);
                    flow.put(retry_at, What::Pull(progress, consumer), entry.seq);
                }
                None => {
                    flow.take_out(|what| what == What::Receive(consumer));
                    flow.receives.insert(consumer);
                    flow.put(retry_at, What::Receive(consumer), entry.seq);
                }
            }
        }
        Event::PullRepeated { progress, .. } => {
            let flow = &mut world.live.flow;
            flow.take_out(|what| matches!(what, What::Pull(other, _) if other == progress));
            flow.pulls.remove(&progress);
            note_readers(world, world.progress(progress).queue);
        }
        _ => {}
    }
    arm(world);
}

/// The broker has a request that was on its way again or waited in the send queue. Says when it was sent first.
pub(super) fn let_in(world: &mut World, producer: ProducerId, number: u64) -> Option<Instant> {
    if world.live.flow.is_idle() {
        return None;
    }
    let is_it = |what| match what {
        What::Turn(r) | What::Refuse(r) | What::Arrive(r) => (r.producer, r.number) == (producer, number),
        _ => false,
    };
    let out = world.live.flow.take_out(is_it)?;
    arm(world);
    match out {
        What::Turn(request) | What::Refuse(request) | What::Arrive(request) => Some(request.sent_at),
        _ => None,
    }
}

/// Which try of a request is on its way again, or waits in the send queue, if one does.
pub(super) fn attempt(world: &World, producer: ProducerId, number: u64) -> Option<u32> {
    world.live.flow.due.values().find_map(|due| match due.what {
        What::Turn(r) | What::Refuse(r) | What::Arrive(r) if (r.producer, r.number) == (producer, number) => {
            Some(r.attempt)
        }
        _ => None,
    })
}

/// The broker dies, and with it the requests in its send queue.
pub(super) fn crashed(world: &World, out: &mut Vec<Event>) {
    out.extend(world.live.flow.due.values().filter_map(|due| match due.what {
        What::Turn(request) | What::Refuse(request) => Some(resend::lost(request, Nowhere::Down)),
        _ => None,
    }));
    if world.live.flow.busy.is_some() {
        out.push(Event::ThrottlingChanged { sends: false, receives: false, until: None });
    }
}

/// The broker died: nobody waits for it to be less busy.
pub(super) fn forget_all(world: &mut World) {
    world.live.flow.free_at = world.live.now;
    forget_consumers(world, |_, _| true);
    forget_pulls(world, |_, _| true);
}

fn give_up(world: &mut World, producer: ProducerId, number: u64, count: u32) {
    world.live.flow.counts.given_up += u64::from(count);
    world.live.rejected += u64::from(count);
    world.live.producers[producer.index()].given_up += u64::from(count);
    reply::forget(world, producer, number);
}

/// A producer's process is gone: it tries nothing again.
pub(super) fn producer_gone(world: &mut World, producer: ProducerId) {
    let is_it = |what| matches!(what, What::Retry(request) if request.producer == producer);
    while let Some(What::Retry(request)) = world.live.flow.take_out(is_it) {
        give_up(world, producer, request.number, request.count);
        arm(world);
    }
}

/// Some consumers ask no more, because they take nothing, or something else is shared out now.
pub(super) fn forget_consumers(world: &mut World, is_one: impl Fn(&World, ConsumerId) -> bool) {
    let gone: Vec<ConsumerId> =
        world.live.flow.receives.iter().copied().filter(|id| is_one(world, *id)).collect();
    for consumer in gone {
        heard_again(world, consumer);
    }
}

/// A consumer does not wait any longer before it asks.
pub(super) fn heard_again(world: &mut World, consumer: ConsumerId) {
    let flow = &mut world.live.flow;
    if flow.receives.remove(&consumer) {
        flow.take_out(|what| what == What::Receive(consumer));
        arm(world);
    }
}

/// A group reads some queues no more, or otherwise.
pub(super) fn forget_pulls(world: &mut World, is_one: impl Fn(&World, ProgressId) -> bool) {
    let gone: Vec<ProgressId> =
        world.live.flow.pulls.iter().copied().filter(|id| is_one(world, *id)).collect();
    for progress in gone {
        let flow = &mut world.live.flow;
        flow.pulls.remove(&progress);
        flow.take_out(|what| matches!(what, What::Pull(other, _) if other == progress));
        note_readers(world, world.progress(progress).queue);
        arm(world);
    }
}

fn changed(world: &mut World, entry: &Entry, sends: bool, receives: bool, until: Option<Instant>) {
    let flow = &mut world.live.flow;
    flow.take_out(|what| what == What::Over);
    flow.busy = until.map(|until| Busy { sends, receives, since: entry.at, until });
    if let Some(until) = until {
        flow.put(until, What::Over, entry.seq);
    }
    // Those who ask again every 20 ms are heard the next time after it is over.
    let heard_from = flow.busy.filter(|busy| busy.receives).map_or(entry.at, |busy| busy.until);
    let early = |at: Instant| Instant(at.0 - (at.0 - heard_from.0) / ASKS_AGAIN.0 * ASKS_AGAIN.0);
    for ((at, place), due) in std::mem::take(&mut flow.due) {
        let asks = matches!(due.what, What::Receive(_) | What::Pull(..)) && at > heard_from;
        flow.due.insert((if asks { early(at) } else { at }, place), due);
    }
    let is_refused = world.refuses_sends();
    for producer in &mut world.live.producers {
        producer.note_plain(is_refused);
    }
    fault::note_all_plain(world);
    for index in 0..world.live.queues.len() {
        note_readers(world, QueueId::at(index));
    }
}

/// Keeps an entry with the messages that it is about.
pub(super) fn note(world: &mut World, (producer, number): (ProducerId, u64), count: u32, entry: &Entry) {
    for number in number..number + u64::from(count) {
        let known = world.log.sends.get(&(producer, number)).and_then(|all| all.last());
        if known.is_none_or(|last| last.seq < entry.seq) {
            world.log.sends.push((producer, number), *entry);
        }
    }
}

/// Puts what is due first on the agenda.
fn arm(world: &mut World) {
    let live = &mut world.live;
    let first = live.flow.due.first_key_value().map(|((at, _), due)| (*at, due.cause));
    let slot = match (live.flow.slot, first) {
        (Some(slot), _) => slot,
        (None, None) => return,
        (None, Some(_)) => live.slot_for(Wakeup::FlowDue),
    };
    live.flow.slot = Some(slot);
    match first {
        Some((at, cause)) => live.wake_because(slot, at, cause),
        None => live.agenda.cancel(slot),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waits_are_those_of_the_proxy_and_of_the_documents() {
        let proxy = |attempt| Backoff::Proxy.wait(attempt, || 0);
        assert_eq!([2, 3, 7, 8, 40].map(proxy), [20, 40, 640, 1_000, 1_000].map(Span::from_ms));
        let docs = |attempt, luck| Backoff::Docs.wait(attempt, || luck);
        assert_eq!([docs(2, 0), docs(2, 200_000), docs(2, 400_000)], [800, 1_000, 1_200].map(Span::from_ms));
        assert_eq!([docs(3, 200_000), docs(4, 200_000)], [1_600, 2_560].map(Span::from_ms));
        assert_eq!(docs(40, 400_000), Span::from_secs(120));
        assert_eq!(Backoff::None.wait(2, || 0), Span::ZERO);
    }
}
