//! The half messages of transactions: what the broker keeps behind the curtain, and what the journal's entries mean for
//! it. The rules are in [`transaction`](super::transaction).
//!
//! In RocketMQ half messages lie in a topic of their own (`RMQ_SYS_TRANS_HALF_TOPIC`), and a second one
//! (`RMQ_SYS_TRANS_OP_HALF_TOPIC`) says which of them are done. Here what is done is taken out.

use std::collections::BTreeMap;

use super::apply::producers::{note_arrival, send_arrived};
use super::event::{Entry, Event};
use super::id::{ProducerId, QueueId, TopicId};
use super::producer::Schedule;
use super::world::{Wakeup, World};
use super::{resend, send_cost};
use crate::sim::{Instant, Slot};

/// What the broker is told about a local transaction.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize)]
pub enum Word {
    /// It was committed: the message may be seen.
    Commit,
    /// It was rolled back: nobody may ever see the message.
    Rollback,
    /// Nobody knows yet: ask again later.
    Unknown,
}

impl Word {
    /// The word for an outcome.
    pub fn of(committed: bool) -> Self {
        if committed { Self::Commit } else { Self::Rollback }
    }

    /// RocketMQ's own word for it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Commit => "COMMIT",
            Self::Rollback => "ROLLBACK",
            Self::Unknown => "UNKNOWN",
        }
    }
}

/// How a local transaction stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Local {
    /// Its producer is at it.
    Running {
        /// Until when.
        ends_at: Instant,
    },
    /// It has ended. This is a fact, whoever knows of it.
    Ended {
        /// Was it committed?
        committed: bool,
    },
}

/// A half message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Half {
    /// The topic that it is for.
    pub topic: TopicId,
    /// The queue that it will be appended to.
    pub queue: QueueId,
    /// When it was sent.
    pub sent_at: Instant,
    /// When it was stored.
    pub stored_at: Instant,
    /// The entry that stored it.
    pub seq: u64,
    /// How its local transaction stands.
    pub local: Local,
    /// How often its producers were asked.
    pub checks: u32,
    /// Where its next check stands among what is due.
    check: (Instant, u64),
    /// Was it published and is here all the same? Only with `tx.lateResolution` = `faithful`.
    pub published: bool,
}

impl Half {
    /// When its producers are asked next, or it is set aside.
    pub fn check_at(&self) -> Instant {
        self.check.0
    }
}

/// A local transaction that its producer is at. It goes on even if the broker has given up the half message.
#[derive(Clone, Copy, Debug)]
struct Running {
    /// Where its end stands among what is due.
    end: (Instant, u64),
    queue: QueueId,
    sent_at: Instant,
}

/// A word on its way to the broker.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct OnTheWay {
    /// What it says. An answer says what is the case when it is there.
    pub(super) word: Option<Word>,
    /// The producer that was asked; none if nobody was.
    pub(super) by: Option<ProducerId>,
    /// How often the half message had been checked: a check appends it anew, and this is the copy that is meant.
    pub(super) checks: u32,
    /// Where the message goes.
    pub(super) queue: QueueId,
    /// When it was sent.
    pub(super) sent_at: Instant,
}

/// What is due.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum What {
    /// The local transaction ends.
    LocalEnds,
    /// The broker looks at the half message.
    Check,
    /// A word reaches the broker.
    Word(OnTheWay),
}

/// Something that is due, about which message, and the entry behind it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Due {
    pub(super) producer: ProducerId,
    pub(super) number: u64,
    pub(super) what: What,
    cause: u64,
}

/// What became of the half messages for a topic.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct HalfCounts {
    /// Stored so far.
    pub stored: u64,
    /// Still there.
    pub waiting: u64,
    /// Committed: nothing is left behind the curtain.
    pub committed: u64,
    /// Rolled back.
    pub rolled_back: u64,
    /// Set aside after the last check.
    pub set_aside: u64,
    /// Lost in a crash of the broker.
    pub lost: u64,
    /// Those of them whose local transaction was committed, though they were never published.
    pub set_aside_committed: u64,
    /// Published though they were rolled back, or the other way: a checker said what was not the case.
    pub contradicted: u64,
    /// Messages appended to the topic's queues; more than `committed` only with `tx.lateResolution` = `faithful`.
    pub published: u64,
    /// Questions that the broker asked.
    pub checks: u64,
}

/// All half messages of the broker.
#[derive(Clone, Debug, Default)]
pub struct Halves {
    halves: BTreeMap<(ProducerId, u64), Half>,
    /// Those for each topic, in the order in which they were stored, by the entries that stored them.
    in_order: BTreeMap<(TopicId, u64), (ProducerId, u64)>,
    /// The local transactions that run.
    running: BTreeMap<(ProducerId, u64), Running>,
    /// What is due, in order of time, and at one instant in the order in which it came to be.
    due: BTreeMap<(Instant, u64), Due>,
    /// How much ever came to be due.
    dues: u64,
    of_topic: Vec<HalfCounts>,
    /// How often anybody was asked.
    pub(super) asked: u64,
    /// The topic of those that were set aside, once there is one.
    pub set_aside: Option<TopicId>,
    slot: Option<Slot>,
}

impl Halves {
    /// How many half messages there are.
    pub fn len(&self) -> usize {
        self.halves.len()
    }

    /// Is there none?
    pub fn is_empty(&self) -> bool {
        self.halves.is_empty()
    }

    /// One of them: whose message, and which of its messages.
    pub fn get(&self, producer: ProducerId, number: u64) -> Option<&Half> {
        self.halves.get(&(producer, number))
    }

    /// All of them, by producer and number.
    pub fn all(&self) -> impl Iterator<Item = (ProducerId, u64, &Half)> {
        self.halves.iter().map(|(&(producer, number), half)| (producer, number, half))
    }

    /// Those for a topic, in the order in which they were stored.
    pub fn waiting_for(&self, topic: TopicId) -> impl Iterator<Item = (ProducerId, u64, &Half)> {
        let keys = self.in_order.range((topic, 0)..=(topic, u64::MAX)).map(|(_, key)| *key);
        keys.filter_map(|key| Some((key.0, key.1, self.halves.get(&key)?)))
    }

    /// When the broker looks next at one of those for a topic.
    pub fn next_check(&self, topic: TopicId) -> Option<Instant> {
        if self.counts(topic).waiting == 0 {
            return None;
        }
        let is_it = |due: &Due| {
            let half = || self.get(due.producer, due.number);
            due.what == What::Check && half().is_some_and(|half| half.topic == topic)
        };
        self.due.iter().find(|(_, due)| is_it(due)).map(|((at, _), _)| *at)
    }

    /// What became of those for a topic.
    pub fn counts(&self, topic: TopicId) -> HalfCounts {
        self.of_topic.get(topic.index()).copied().unwrap_or_default()
    }

    /// Does no local transaction run, and is no word on its way?
    pub fn is_quiet(&self) -> bool {
        self.due.is_empty()
    }

    /// The messages of a producer whose local transactions run.
    pub(super) fn running_at(&self, producer: ProducerId) -> impl Iterator<Item = u64> {
        self.running.range((producer, 0)..=(producer, u64::MAX)).map(|(&(_, number), _)| number)
    }

    /// What is due first.
    pub(super) fn first_due(&self) -> Option<&Due> {
        self.due.values().next()
    }

    /// The words that are on their way to the broker: when each is there, about whose message, and who sent it.
    pub fn words(&self) -> impl Iterator<Item = (Instant, ProducerId, u64, ProducerId)> {
        self.due.iter().filter_map(|(&(at, _), due)| match due.what {
            What::Word(word) => Some((at, due.producer, due.number, word.by.unwrap_or(due.producer))),
            _ => None,
        })
    }

    fn counts_mut(&mut self, topic: TopicId) -> &mut HalfCounts {
        if topic.index() >= self.of_topic.len() {
            self.of_topic.resize(topic.index() + 1, HalfCounts::default());
        }
        &mut self.of_topic[topic.index()]
    }

    fn put_due(
        &mut self,
        at: Instant,
        (producer, number): (ProducerId, u64),
        what: What,
        cause: u64,
    ) -> (Instant, u64) {
        let place = (at, self.dues);
        self.due.insert(place, Due { producer, number, what, cause });
        self.dues += 1;
        place
    }

    /// Takes a half message out for good.
    fn take_out(&mut self, key: (ProducerId, u64)) -> Option<Half> {
        let half = self.halves.remove(&key)?;
        self.in_order.remove(&(half.topic, half.seq));
        self.due.remove(&half.check);
        self.counts_mut(half.topic).waiting -= 1;
        Some(half)
    }
}

impl World {
    /// Everything that happened to a message as a transaction until now; nothing for other messages.
    pub fn transaction(&self, producer: ProducerId, number: u64) -> impl Iterator<Item = &Entry> {
        self.log.transactions.get(&(producer, number)).into_iter().flatten()
    }

    /// Was the local transaction of a message committed? None as long as it runs, or if there is none. It is a fact,
    /// whoever knows of it.
    pub fn local_outcome(&self, producer: ProducerId, number: u64) -> Option<bool> {
        self.transaction(producer, number).find_map(|entry| match entry.event {
            Event::LocalTransactionEnded { committed, .. } => Some(committed),
            Event::HalfStored { ends_at: None, .. } => Some(false),
            _ => None,
        })
    }
}

/// Writes down what an entry about a transaction means.
pub(super) fn apply(world: &mut World, entry: &Entry) {
    match entry.event {
        Event::HalfStored { producer, number, queue, ends_at, check_at } => {
            let key = (producer, number);
            let sent_at = send_arrived(world, producer, number).unwrap_or(entry.at);
            note_arrival(world, entry, producer, number, sent_at);
            let topic = world.queue(queue).topic;
            world.live.producers[producer.index()].stored += 1;
            send_cost::answered(world, producer, number, sent_at);
            let local =
                ends_at.map_or(Local::Ended { committed: false }, |ends_at| Local::Running { ends_at });
            let (stored_at, seq, checks, published) = (entry.at, entry.seq, 0, false);
            let halves = &mut world.live.halves;
            if let Some(ends_at) = ends_at {
                let end = halves.put_due(ends_at, key, What::LocalEnds, seq);
                halves.running.insert(key, Running { end, queue, sent_at });
            }
            let check = halves.put_due(check_at, key, What::Check, seq);
            let half = Half { topic, queue, sent_at, stored_at, seq, local, checks, check, published };
            halves.halves.insert(key, half);
            halves.in_order.insert((topic, seq), key);
            let counts = halves.counts_mut(topic);
            counts.stored += 1;
            counts.waiting += 1;
            note(world, key, entry);
        }
        Event::LocalTransactionEnded { producer, number, committed, word, arrives_at, twice } => {
            local_ended(world, entry, (producer, number), committed, word, (arrives_at, twice));
        }
        Event::TransactionChecked { producer, number, times, asked, next_at } => {
            checked(world, entry, (producer, number), times, asked, next_at);
        }
        Event::TransactionCheckPutOff { producer, number, next_at } => {
            let halves = &mut world.live.halves;
            let next = halves.put_due(next_at, (producer, number), What::Check, entry.seq);
            if let Some(half) = halves.halves.get_mut(&(producer, number)) {
                halves.due.remove(&std::mem::replace(&mut half.check, next));
            }
        }
        Event::TransactionPending { producer, number, .. }
        | Event::TransactionWordLost { producer, number, .. }
        | Event::TransactionWordIgnored { producer, number, .. } => {
            heard(world, entry, (producer, number));
            note(world, (producer, number), entry);
        }
        Event::TransactionCommitted { producer, number, queue, stays, .. } => {
            heard(world, entry, (producer, number));
            let is_late = was_set_aside_unseen(world, entry, (producer, number));
            // It was counted when the half message was stored, and will be counted again when it is appended.
            world.live.producers[producer.index()].stored -= 1;
            let topic = world.queue(queue).topic;
            let halves = &mut world.live.halves;
            halves.counts_mut(topic).published += 1;
            halves.counts_mut(topic).set_aside_committed -= u64::from(is_late);
            if let Some(half) = halves.halves.get_mut(&(producer, number)) {
                half.published = true;
            }
            let is_wrong = world.local_outcome(producer, number) == Some(false);
            let halves = &mut world.live.halves;
            halves.counts_mut(topic).contradicted += u64::from(is_wrong);
            if !stays && halves.take_out((producer, number)).is_some() {
                halves.counts_mut(topic).committed += 1;
            }
            note(world, (producer, number), entry);
        }
        Event::TransactionRolledBack { producer, number, stays, .. } => {
            heard(world, entry, (producer, number));
            let is_wrong = world.local_outcome(producer, number) == Some(true);
            let halves = &mut world.live.halves;
            if !stays && let Some(half) = halves.take_out((producer, number)) {
                halves.counts_mut(half.topic).rolled_back += 1;
                halves.counts_mut(half.topic).contradicted += u64::from(is_wrong && !half.published);
            }
            note(world, (producer, number), entry);
        }
        Event::TransactionSetAside { producer, number, queue, offset, sent_at } => {
            let topic = world.queue(queue).topic;
            world.live.halves.set_aside = Some(topic);
            if let Some(half) = world.live.halves.take_out((producer, number)) {
                let counts = world.live.halves.counts_mut(half.topic);
                counts.set_aside += 1;
                let unseen = half.local == (Local::Ended { committed: true }) && !half.published;
                counts.set_aside_committed += u64::from(unseen);
            }
            world.log.queues[queue.index()].store(offset, entry.at, sent_at, producer, number);
            let key = world.producer(producer).chance_key(number, 0);
            let state = &mut world.live.queues[queue.index()];
            state.max_offset = offset + 1;
            state.last_stored_at = entry.at;
            state.last_key = key;
            note(world, (producer, number), entry);
        }
        Event::ProducerCrashed { producer } => crashed(world, entry, producer),
        Event::ProducerRestarted { producer, next_at } => {
            let state = &mut world.live.producers[producer.index()];
            state.running = true;
            state.schedule = Schedule::new(state.schedule.pattern, entry.at);
            state.sent_in_pattern = 0;
            let slot = state.send_slot;
            world.live.wake(slot, next_at, entry);
        }
        _ => {}
    }
    arm(world);
}

fn local_ended(
    world: &mut World,
    entry: &Entry,
    key: (ProducerId, u64),
    committed: bool,
    word: Option<Word>,
    (arrives_at, twice): (Option<Instant>, bool),
) {
    let halves = &mut world.live.halves;
    if let Some(Running { end, queue, sent_at }) = halves.running.remove(&key) {
        halves.due.remove(&end);
        match halves.halves.get_mut(&key) {
            Some(half) => half.local = Local::Ended { committed },
            // The broker waited for it no longer.
            None => {
                let topic = world.live.queues[queue.index()].topic;
                halves.counts_mut(topic).set_aside_committed += u64::from(committed);
            }
        }
        if let (Some(_), Some(arrives_at)) = (word, arrives_at) {
            let word = OnTheWay { word, by: None, checks: 0, queue, sent_at };
            for _ in 0..1 + u32::from(twice) {
                halves.put_due(arrives_at, key, What::Word(word), entry.seq);
            }
        }
    }
    note(world, key, entry);
}

fn checked(
    world: &mut World,
    entry: &Entry,
    key: (ProducerId, u64),
    times: u32,
    asked: Option<ProducerId>,
    next_at: Instant,
) {
    let there_and_back = world.settings.network_delivery_latency + world.settings.network_send_latency;
    let halves = &mut world.live.halves;
    let next = halves.put_due(next_at, key, What::Check, entry.seq);
    if let Some(half) = halves.halves.get_mut(&key) {
        half.checks = times;
        halves.due.remove(&std::mem::replace(&mut half.check, next));
        let Half { topic, queue, sent_at, .. } = *half;
        if asked.is_some() {
            let word = OnTheWay { word: None, by: asked, checks: times, queue, sent_at };
            halves.put_due(entry.at + there_and_back, key, What::Word(word), entry.seq);
            halves.asked += 1;
        }
        halves.counts_mut(topic).checks += 1;
    }
    note(world, key, entry);
}

/// A word has reached the broker. Those that a person brings have not been on the way, and what is on the way comes all
/// the same.
fn heard(world: &mut World, entry: &Entry, key: (ProducerId, u64)) {
    let is_it = |due: &Due| {
        (due.producer, due.number, due.cause) == (key.0, key.1, entry.cause)
            && matches!(due.what, What::Word(_))
    };
    if let Some(first) = world.live.halves.due.first_entry()
        && is_it(first.get())
    {
        first.remove();
    }
}

/// Is a message that counts as never seen published now, for the first time? Only with `tx.lateResolution` = `faithful`.
fn was_set_aside_unseen(world: &World, entry: &Entry, key: (ProducerId, u64)) -> bool {
    if world.live.halves.halves.contains_key(&key) || world.local_outcome(key.0, key.1) != Some(true) {
        return false;
    }
    let before = world.log.transactions.get(&key).into_iter().flatten().filter(|e| e.seq < entry.seq);
    let mut set_aside = false;
    for e in before {
        match e.event {
            // It was seen before, however often it is published now: a word may arrive twice.
            Event::TransactionCommitted { .. } => return false,
            Event::TransactionSetAside { .. } => set_aside = true,
            _ => {}
        }
    }
    set_aside
}

/// A producer's process died: it sends nothing more, and what it was not asked yet it will not answer.
fn crashed(world: &mut World, entry: &Entry, producer: ProducerId) {
    let state = &mut world.live.producers[producer.index()];
    state.running = false;
    state.crashed_at = Some(entry.at);
    state.died_before = state.sent;
    let slot = state.send_slot;
    world.live.agenda.cancel(slot);
    resend::close_all_of(world, producer);
    let (now, back) = (entry.at, world.settings.network_send_latency);
    world.live.halves.due.retain(|(at, _), due| match due.what {
        What::Word(word) => word.by != Some(producer) || *at - back <= now,
        _ => true,
    });
}

/// Keeps an entry with the message that it is about.
fn note(world: &mut World, key: (ProducerId, u64), entry: &Entry) {
    let known = world.log.transactions.get(&key).and_then(|all| all.last());
    if known.is_none_or(|last| last.seq < entry.seq) {
        world.log.transactions.push(key, *entry);
    }
}

/// Puts what is due first on the agenda.
fn arm(world: &mut World) {
    let live = &mut world.live;
    let first = live.halves.due.first_key_value().map(|((at, _), due)| (*at, due.cause));
    let slot = match (live.halves.slot, first) {
        (Some(slot), _) => slot,
        (None, None) => return,
        (None, Some(_)) => live.slot_for(Wakeup::TransactionDue),
    };
    live.halves.slot = Some(slot);
    match first {
        Some((at, cause)) => live.wake_because(slot, at.max(live.now), cause),
        None => live.agenda.cancel(slot),
    }
}

/// Half messages that were stored after an instant are lost, or all.
pub(super) fn forget_after(world: &mut World, kept: Option<Instant>) {
    let halves = &mut world.live.halves;
    let is_lost = |half: &Half| kept.is_none_or(|kept| half.stored_at > kept);
    let lost: Vec<_> = halves.all().filter(|(.., half)| is_lost(half)).map(|(p, n, _)| (p, n)).collect();
    for key in lost {
        if let Some(half) = halves.take_out(key) {
            halves.counts_mut(half.topic).lost += 1;
        }
    }
    if halves.slot.is_some() {
        arm(world);
    }
}

/// Half messages that were set aside are lost, those at an offset or later.
pub(super) fn set_aside_lost(world: &mut World, queue: QueueId, offset: u64) {
    for offset in offset..world.queue(queue).max_offset {
        let (producer, _) = world.log.queues[queue.index()].sender(offset);
        let topic = world.producer(producer).topic;
        let counts = world.live.halves.counts_mut(topic);
        counts.set_aside -= 1;
        counts.lost += 1;
    }
}
