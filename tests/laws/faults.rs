//! Laws about what breaks: what the settings promise to keep is kept, and what is lost is told.

use std::collections::{BTreeMap, BTreeSet};

use mqscope::broker::fault::{Client, Crash};
use mqscope::broker::settings::{FlushDisk, Replication};
use mqscope::broker::*;
use mqscope::sim::{Instant, Span};

use crate::witness::Witness;

/// What is watched of what breaks.
#[derive(Default)]
pub(crate) struct Broken {
    /// The latest crash, until the broker is back.
    crash: Option<(Crash, Instant, Option<Instant>)>,
    /// Where each queue ends after it, reckoned from when its messages were stored.
    ends: BTreeMap<QueueId, u64>,
    /// Tries to send each message that was not answered at once.
    pub(crate) attempts: BTreeMap<(ProducerId, u64), u32>,
    /// Copies stored of each.
    pub(crate) copies: BTreeMap<(ProducerId, u64), u32>,
    /// Given up because the broker was too busy, or refused because of their lite topics.
    too_busy: BTreeSet<(ProducerId, u64)>,
    /// Given up.
    pub(crate) failed: BTreeSet<(ProducerId, u64)>,
    /// A crash may have taken what was stored, or waited in the timer or behind the curtain.
    pub(crate) forgets: bool,
    /// Messages that at least one try to send did not bring an answer for.
    unanswered: BTreeSet<(ProducerId, u64)>,
    /// Groups with a consumer that could not reach the broker for a while, or that the broker could not reach.
    apart: BTreeSet<GroupId>,
    crashes: u32,
}

impl Broken {
    /// May there be several copies of a message, or one later than its time?
    pub(crate) fn was_unanswered(&self, message: (ProducerId, u64)) -> bool {
        self.unanswered.contains(&message)
    }

    /// Did any try of a producer to send not bring an answer?
    pub(crate) fn has_hit(&self, producer: ProducerId) -> bool {
        self.unanswered.range((producer, 0)..=(producer, u64::MAX)).next().is_some()
    }

    /// Could consumers of a group and the broker not reach each other for a while?
    pub(crate) fn were_apart(&self, group: GroupId) -> bool {
        self.crashes > 0 || self.apart.contains(&group)
    }

    fn unanswered(&mut self, producer: ProducerId, number: u64, count: u32) {
        self.attempts.entry((producer, number)).or_insert(1);
        self.unanswered.extend((number..number + u64::from(count.max(1))).map(|number| (producer, number)));
    }
}

/// Has anything broken in this world?
pub(crate) fn is_broken(world: &World) -> bool {
    world.live.faults.is_some()
}

/// An entry about something that breaks.
pub(crate) fn observe(witness: &mut Witness, world: &World, event: &Event, at: Instant) {
    let seed = witness.seed;
    let settings = &world.settings;
    let broken = &mut witness.broken;
    match *event {
        Event::BrokerCrashed { how, kept, .. } => {
            assert_eq!(broken.crash, None, "world {seed}: it was down");
            broken.crash = Some((how, at, kept));
            broken.crashes += 1;
            broken.forgets |= how != Crash::Process && kept != Some(at);
            // I68: what was acknowledged is kept if the settings promise that.
            let promised = match how {
                Crash::Process => true,
                Crash::Machine => settings.flush_disk == FlushDisk::Sync,
                Crash::Disk => settings.replication == Replication::Sync && settings.replication_replicas > 0,
            };
            assert!(!promised || kept == Some(at), "I68, world {seed}: {kept:?}");
            // And what is not promised is kept as far as flushing, or the replica, was.
            let behind = kept.map(|kept| at - kept);
            let most = match how {
                Crash::Process => Some(Span::ZERO),
                Crash::Machine => Some(settings.flush_thorough_interval),
                Crash::Disk => (settings.replication_replicas > 0).then_some(settings.replication_lag),
            };
            assert!(behind <= most && behind.is_some() == most.is_some(), "I68, world {seed}: {behind:?}");
            let queues = (0..world.live.queues.len()).map(QueueId::at);
            broken.ends = queues.map(|queue| (queue, kept_end(world, queue, kept))).collect();
            witness.exercised.extend(promised.then_some("I68"));
            witness.exercised.extend((how == Crash::Process).then_some("I69"));
        }
        Event::BrokerRestarted { .. } => {
            assert!(broken.crash.take().is_some(), "world {seed}: it was up");
            for (queue, end) in std::mem::take(&mut broken.ends) {
                let state = world.queue(queue);
                let is_kept = state.max_offset == end || world.topic(state.topic).removed;
                assert!(is_kept, "I68, world {seed}: {queue:?} ends at {} of {end}", state.max_offset);
            }
        }
        Event::QueueTruncated { queue, offset, lost } => {
            let (how, crashed_at, kept) = broken.crash.expect("the broker is down");
            assert!(how != Crash::Process, "I69, world {seed}: {event:?}");
            assert_eq!(crashed_at, at, "world {seed}");
            assert!(kept != Some(at), "I68, world {seed}: {event:?}");
            assert_eq!(broken.ends.get(&queue), Some(&offset), "I68, world {seed}: {event:?}");
            // Who gets what comes there now gets it for the first time.
            witness.deliveries.retain(|(_, _, at), _| at.queue != queue || at.offset < offset);
            witness.invisible.retain(|(id, at), _| world.progress(*id).queue != queue || *at < offset);
            let ends = witness.ends.get_mut(&queue).expect("something was stored there");
            assert_eq!(ends.1, offset + lost, "I2, world {seed}: {event:?}");
            ends.1 = offset;
            witness.exercised.insert("lost at the end");
        }
        Event::ProgressFellBack { progress, .. } => {
            witness.invisible.retain(|(id, _), _| *id != progress);
            witness.apps.handles.retain(|(id, _), _| *id != progress);
            witness.exercised.insert("progress written down late");
        }
        Event::LinkChanged { client: Client::Consumer(consumer), .. } => {
            broken.apart.insert(world.consumer(consumer).group);
        }
        Event::SendLost { producer, number, count, .. } | Event::SendHeld { producer, number, count, .. } => {
            broken.unanswered(producer, number, count);
            witness.exercised.insert("I11");
        }
        Event::AnswerLost { producer, number, count, .. } => {
            broken.unanswered(producer, number, count);
            witness.exercised.insert("answer lost");
        }
        Event::MessageResent { producer, number, attempt, .. } => {
            let before = broken.attempts.insert((producer, number), attempt);
            assert_eq!(before, Some(attempt - 1), "I10, world {seed}");
            assert!(attempt <= settings.producer_max_attempts, "I10, world {seed}: try {attempt}");
            let first = world.sends(producer, number).map(|entry| entry.at).next();
            let is_used_up = first.is_some_and(|first| at >= first + settings.producer_request_timeout);
            assert!(
                !(settings.producer_timeout_for_all_tries && is_used_up),
                "world {seed}: no time is left"
            );
            witness.exercised.insert("I10");
        }
        Event::SendRetried { producer, number, attempt, .. } => {
            broken.attempts.insert((producer, number), attempt);
        }
        Event::SendThrottled { producer, number, count, retry_at: None, .. } => {
            broken.too_busy.extend((number..number + u64::from(count)).map(|number| (producer, number)));
        }
        Event::LiteSendRefused { producer, number, .. } => {
            broken.too_busy.insert((producer, number));
        }
        Event::SendAcknowledged { producer, number, copies, .. } => {
            let stored = broken.copies.get(&(producer, number)).copied().unwrap_or(0);
            assert!(copies >= 1 && stored >= 1, "I11, world {seed}: acknowledged and not stored");
            witness.exercised.extend((copies > 1).then_some("stored twice"));
        }
        Event::SendFailed { producer, number, count, attempts, .. } => {
            let tried = broken.attempts.get(&(producer, number)).copied();
            assert_eq!(tried, Some(attempts), "I10, world {seed}");
            let is_early =
                settings.producer_timeout_for_all_tries && attempts < settings.producer_max_attempts;
            witness.exercised.extend(is_early.then_some("no time for another try"));
            for number in number..number + u64::from(count) {
                assert!(broken.failed.insert((producer, number)), "world {seed}: given up twice");
            }
            witness.exercised.insert("send given up");
        }
        Event::MessageStored { producer, number, .. }
        | Event::MessageDelayed { producer, number, .. }
        | Event::HalfStored { producer, number, .. } => {
            *broken.copies.entry((producer, number)).or_default() += 1;
        }
        Event::ResultLost { progress, offset, until, .. } => {
            let held = witness.invisible.insert((progress, offset), Some(until));
            assert_eq!(held, Some(None), "I27, world {seed}: of what is held");
            witness.exercised.insert("result lost");
        }
        Event::ConsumerUnheard { .. } => {
            witness.exercised.insert("taken for dead");
        }
        _ => {}
    }
}

/// What of a queue is stored by `kept` and not too old yet ends here; without such an instant nothing is kept.
fn kept_end(world: &World, queue: QueueId, kept: Option<Instant>) -> u64 {
    let (state, log) = (world.queue(queue), &world.log.queues[queue.index()]);
    let is_kept = |offset: &u64| kept.is_some_and(|kept| log.stored_at(*offset) <= kept);
    state.min_offset + (state.min_offset..state.max_offset).filter(is_kept).count() as u64
}

/// In the end nobody waits for an answer, and nothing waits on a link. What was sent is in its queue, was given up, or
/// was lost with the machine.
pub(crate) fn quiet(witness: &Witness, world: &World) {
    let seed = witness.seed;
    let Some(faults) = world.live.faults.as_deref() else { return };
    assert!(!world.is_down(), "world {seed}");
    assert!(faults.sends.values().all(|send| send.times_out_at().is_none()), "world {seed}: somebody waits");
    assert!(faults.links.values().all(|link| link.held() == 0), "world {seed}: something waits on a link");
    let halves = |key: &(ProducerId, u64)| witness.halves.all.contains_key(key);
    for (index, producer) in world.live.producers.iter().enumerate() {
        let id = ProducerId::at(index);
        let most = world.settings.producer_max_attempts;
        for number in 0..producer.sent {
            let key = (id, number);
            let timed = &witness.timed;
            let given_up = [&witness.broken.failed, &witness.broken.too_busy];
            let ended = [&timed.stored, &timed.refused, &timed.recalled].into_iter().chain(given_up);
            let is_known = ended.into_iter().any(|set| set.contains(&key)) || halves(&key);
            let crashed = producer.crashed_at.is_some();
            assert!(is_known || crashed || witness.broken.forgets, "I11, world {seed}: {key:?} is gone");
            let copies = witness.broken.copies.get(&key).copied().unwrap_or(0);
            let is_plain = producer.delay.is_none() && producer.transaction.is_none();
            assert!(!is_plain || copies <= most, "I11, world {seed}: {copies} copies of {key:?}");
        }
    }
}
