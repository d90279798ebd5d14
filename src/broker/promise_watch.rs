//! Watches which promises are kept, and notes where each was broken first. It looks at rare entries only, and at what comes
//! with every message only in worlds where that can break something.

use std::collections::{BTreeMap, BTreeSet};

use super::event::{Entry, Event, Outcome};
use super::fault::Crash;
use super::id::{GroupId, MessageRef, ProducerId, ProgressId, QueueId, TopicId};
use super::message::MessageGroupKey;
use super::promises::{Done, Ground, Promise, ground, sends_ordered, takes_ordered};
use super::rewind::IN_MAP;
use super::send;
use super::spec::ConsumeMode;
use super::world::World;
use crate::sim::Instant;

/// So many message groups are followed; what comes in further ones is not looked at.
const GROUPS_FOLLOWED: usize = 1_024;
/// So many messages before the one that is begun with are looked at.
const LOOKS_BACK: u64 = 64;

/// Where a promise was not kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Broken {
    /// The first entry in which it was not.
    pub entry: Entry,
    /// Was it promised then?
    pub promised: bool,
    /// About how many messages it was not, so far.
    pub count: u64,
}

/// What has to be remembered of a run to know which promises were kept.
#[derive(Clone, Debug, Default)]
pub struct PromiseWatch {
    broken: BTreeMap<Promise, Broken>,
    /// Can what comes with every message break something?
    is_attentive: bool,
    /// Losses of power and of disks.
    power_losses: u64,
    disk_losses: u64,
    /// What somebody did that takes promises back.
    done: Done,
    /// Of each message group, the message that was stored last.
    stored: BTreeMap<(TopicId, MessageGroupKey), Stored>,
    /// Message groups of which a message waits for its retry.
    failed: BTreeSet<(GroupId, MessageGroupKey)>,
    /// Messages that each group is known to have lost by age.
    expired: BTreeMap<GroupId, u64>,
}

#[derive(Clone, Copy, Debug)]
struct Stored {
    producer: ProducerId,
    number: u64,
    born_at: Instant,
    queue: QueueId,
}

impl PromiseWatch {
    /// The first time that a promise was not kept, if there was one.
    pub fn broken(&self, promise: Promise) -> Option<&Broken> {
        self.broken.get(&promise)
    }

    /// How many promises were not kept.
    pub fn count(&self) -> usize {
        self.broken.len()
    }

    /// Bytes that a copy takes on the heap, roughly.
    pub fn bytes(&self) -> usize {
        let Self { broken, done, stored, failed, expired, .. } = self;
        let done = done.changed.len() + done.misled.len() + done.moved.len();
        let others = broken.len() + done + failed.len() + expired.len();
        IN_MAP * (others + 2 * stored.len())
    }

    /// Sees an entry that was just applied. This is compiled into the broker's hot path, and what looks closer gets a copy:
    /// an entry that some call might see would have to be laid out in memory, and nothing about it be known.
    #[inline(always)]
    pub fn note(&mut self, world: &World, entry: &Entry) {
        match entry.event {
            Event::MessageSent { .. }
            | Event::MessageReceived { .. }
            | Event::OffsetCommitted { .. }
            | Event::ReceiveParked { .. } => {}
            Event::MessageStored { .. }
            | Event::MessageHandedOut { .. }
            | Event::ConsumeStarted { .. }
            | Event::ConsumeFinished { .. } => {
                if self.is_attentive {
                    self.note_frequent(world, *entry);
                }
            }
            _ => self.note_rare(world, *entry),
        }
    }

    #[cold]
    #[inline(never)]
    fn note_frequent(&mut self, world: &World, entry: Entry) {
        let entry = &entry;
        match entry.event {
            Event::MessageStored { producer, number, queue, sent_at, .. } => {
                self.stored(world, entry, (producer, number), queue, sent_at);
            }
            Event::MessageHandedOut { progress, .. } => self.handed_out(world, entry, progress),
            Event::ConsumeStarted { progress, offset, .. } => self.started(world, entry, progress, offset),
            Event::ConsumeFinished { progress, offset, outcome: Outcome::Acknowledged, .. }
                if !self.failed.is_empty() =>
            {
                let state = world.progress(progress);
                let at = world.origin(MessageRef { queue: state.queue, offset });
                self.failed.remove(&(state.group, world.message_group_key(at)));
            }
            _ => {}
        }
    }

    #[cold]
    #[inline(never)]
    fn note_rare(&mut self, world: &World, entry: Entry) {
        let entry = &entry;
        let lost = |count: u32| u64::from(count);
        match entry.event {
            Event::TopicCreated { .. } | Event::ProducerAdded { .. } | Event::GroupCreated { .. } => {
                self.is_attentive |= world.ordinary_topics().any(|(id, _)| takes_ordered(world, id));
            }
            Event::QueuesChanged { topic, .. } => {
                self.done.changed.insert(topic);
            }
            Event::MessageSentByHand { producer, number, queue, .. } => {
                let state = world.producer(producer);
                if sends_ordered(state) && send::choose_queue(world, state, number) != queue {
                    self.done.misled.insert(state.topic);
                }
            }
            Event::BrokerCrashed { how, .. } => {
                self.power_losses += u64::from(how == Crash::Machine);
                self.disk_losses += u64::from(how == Crash::Disk);
                self.is_attentive = true;
                // What was stored last may be gone.
                self.stored.clear();
                self.failed.clear();
            }
            Event::QueueTruncated { queue, lost, .. } => {
                let how =
                    world.live.faults.as_ref().and_then(|faults| faults.last_outage).map(|last| last.how);
                let promise = if how == Some(Crash::Disk) { Promise::Disk } else { Promise::Power };
                if world.topic(world.queue(queue).topic).is_ordinary() && lost > 0 {
                    self.breaks(world, promise, entry, lost);
                }
            }
            Event::SendThrottled { retry_at: None, count, .. }
            | Event::SendFailed { count, copies: 0, .. } => {
                self.breaks(world, Promise::Sent, entry, lost(count));
            }
            Event::TransactionCommitted { producer, number, queue, .. } => {
                let all = world.log.transactions.get(&(producer, number)).into_iter().flatten();
                let commits = all.filter(|e| matches!(e.event, Event::TransactionCommitted { .. })).count();
                if commits > 1 {
                    self.breaks(world, Promise::PublishedOnce(world.queue(queue).topic), entry, 1);
                }
            }
            Event::TransactionSetAside { producer, .. } | Event::TransactionRolledBack { producer, .. } => {
                let topic = world.producer(producer).topic;
                let counts = world.live.halves.counts(topic);
                let missing = counts.set_aside_committed + counts.contradicted;
                let before = self.broken(Promise::Published(topic)).map_or(0, |broken| broken.count);
                if missing > before {
                    self.breaks(world, Promise::Published(topic), entry, missing - before);
                }
            }
            Event::PolledLost { consumer, count } => {
                let group = world.consumer(consumer).group;
                self.breaks(world, Promise::AtLeastOnce(group), entry, lost(count));
            }
            // What the application of a pull consumer fails on is its own affair.
            Event::MessageDropped { progress, .. } if world.progress(progress).member.is_some() => {
                let group = world.progress(progress).group;
                self.breaks(world, Promise::AtLeastOnce(group), entry, 1);
            }
            Event::MessagesFiltered { progress, offset, count, .. } => {
                self.passed_over(world, entry, progress, offset, u64::from(count));
            }
            Event::MessageRejectedByTag { progress, offset, .. } => {
                self.passed_over(world, entry, progress, offset, 1);
            }
            Event::MessagesExpired { .. }
            | Event::LiteExpired { .. }
            | Event::OffsetCorrected { .. }
            | Event::ConsumerCrashed { .. } => {
                self.is_attentive |= matches!(entry.event, Event::ConsumerCrashed { .. });
                for (group, state) in world.groups() {
                    let before = self.expired.insert(group, state.counts.expired).unwrap_or(0);
                    if state.counts.expired > before {
                        let count = state.counts.expired - before;
                        self.breaks(world, Promise::NothingUnread(group), entry, count);
                    }
                }
            }
            Event::MessagesSuperseded { progress, count, .. } => {
                let group = world.progress(progress).group;
                self.breaks(world, Promise::NothingUnread(group), entry, lost(count));
            }
            Event::RetryScheduled { group, message, .. } => {
                self.is_attentive = true;
                let at = world.origin(message);
                let key = world.message_group_key(at);
                if key != MessageGroupKey::default() && self.failed.len() < GROUPS_FOLLOWED {
                    self.failed.insert((group, key));
                }
            }
            Event::DeadLettered { group, message, .. } => {
                let at = world.origin(message);
                self.failed.remove(&(group, world.message_group_key(at)));
            }
            Event::RetriedInPlace { progress, .. } => self.handed_out(world, entry, progress),
            Event::EffectDone { progress, times, .. } if times > 1 => {
                let group = world.progress(progress).group;
                self.breaks(world, Promise::EffectOnce(group), entry, 1);
            }
            Event::RequestTimedOut { producer, .. } => {
                self.breaks(world, Promise::Answered(producer), entry, 1);
            }
            Event::CallFailed { caller, .. } | Event::CallTimedOut { caller, .. } => {
                self.breaks(world, Promise::CallAnswered(caller), entry, 1);
            }
            // Whoever gets a queue that nobody has read from gets nothing a second time.
            Event::QueueAssigned { progress, .. } => {
                let state = world.progress(progress);
                self.is_attentive |= state.high_water > state.start;
            }
            Event::OffsetReset { progress, passed, .. } => {
                self.is_attentive = true;
                let group = world.progress(progress).group;
                // What an application has polled is not passed over, and yet not read again if its process dies.
                if passed > 0 || world.group(group).pull {
                    self.done.moved.insert(group);
                }
                if passed > 0 {
                    self.breaks(world, Promise::AtLeastOnce(group), entry, lost(passed));
                }
            }
            // Something may be delivered, or stored, once more.
            Event::RetryStored { .. }
            | Event::InvisibleTimeOver { .. }
            | Event::InvisibleTimeCut { .. }
            | Event::BatchReread { .. }
            | Event::CheckpointOver { .. }
            | Event::BalanceChanged { .. }
            | Event::QueueSought { .. }
            | Event::LitePositioned { .. }
            | Event::LinkChanged { .. }
            | Event::AnswersToLose { .. }
            | Event::MessageResent { .. } => self.is_attentive = true,
            _ => {}
        }
    }

    fn breaks(&mut self, world: &World, promise: Promise, entry: &Entry, count: u64) {
        match self.broken.get_mut(&promise) {
            Some(broken) => broken.count += count,
            None => {
                let promised = self.ground(world, promise).promised;
                self.broken.insert(promise, Broken { entry: *entry, promised, count });
            }
        }
    }

    fn handed_out(&mut self, world: &World, entry: &Entry, progress: ProgressId) {
        let group = world.progress(progress).group;
        let times = world.group(group).counts.redeliveries;
        if times == 0 {
            return;
        }
        match self.broken.get_mut(&Promise::Once(group)) {
            Some(broken) => broken.count = times,
            None => self.breaks(world, Promise::Once(group), entry, times),
        }
    }

    /// Was a message stored once more, or out of order?
    fn stored(
        &mut self,
        world: &World,
        entry: &Entry,
        (producer, number): (ProducerId, u64),
        queue: QueueId,
        sent_at: Instant,
    ) {
        let duplicates = world.fault_counts().map_or(0, |counts| counts.duplicates);
        let before = self.broken(Promise::StoredOnce).map_or(0, |broken| broken.count);
        if duplicates > before {
            // A copy is where its original was, as far as order goes.
            return self.breaks(world, Promise::StoredOnce, entry, duplicates - before);
        }
        let key = world.producer(producer).message_group_key(number);
        if key == MessageGroupKey::default() {
            return;
        }
        let topic = world.queue(queue).topic;
        let born_at = world.born_at(producer, number, sent_at);
        let now = Stored { producer, number, born_at, queue };
        let is_known = self.stored.contains_key(&(topic, key));
        if !is_known && self.stored.len() >= GROUPS_FOLLOWED {
            return;
        }
        let Some(before) = self.stored.insert((topic, key), now) else { return };
        let is_late = match before.producer == producer {
            true => number < before.number,
            false => born_at < before.born_at,
        };
        if is_late || before.queue != queue {
            self.breaks(world, Promise::SendOrder(topic), entry, 1);
            if is_late {
                self.stored.insert((topic, key), before);
            }
        }
    }

    /// Is a message begun with before one that comes before it in its message group is finished?
    fn started(&mut self, world: &World, entry: &Entry, id: ProgressId, offset: u64) {
        let state = world.progress(id);
        if !state.ordinary || !may_lose_order(world, state.group) {
            return;
        }
        let key_of = |offset| world.message_group_key(MessageRef { queue: state.queue, offset });
        let key = key_of(offset);
        if key == MessageGroupKey::default() {
            return;
        }
        let from = state.done_below().max(offset.saturating_sub(LOOKS_BACK));
        let mut open = (from..offset).filter(|before| !state.is_finished(*before));
        if open.any(|before| key_of(before) == key) || self.failed.contains(&(state.group, key)) {
            self.breaks(world, Promise::Order(state.group), entry, 1);
        }
    }

    /// The group's progress went past some messages. Did one of its consumers want them?
    fn passed_over(&mut self, world: &World, entry: &Entry, id: ProgressId, offset: u64, count: u64) {
        let state = world.progress(id);
        let group = state.group;
        if state.member.is_some() || !world.is_inconsistent(group) {
            return;
        }
        let missed = (offset..offset + count).filter(|offset| is_wanted(world, id, *offset)).count() as u64;
        if missed > 0 {
            self.breaks(world, Promise::NothingMissed(group), entry, missed);
        }
    }

    /// Is it promised by these settings, and why?
    pub fn ground(&self, world: &World, promise: Promise) -> Ground {
        ground(world, promise, &self.done)
    }

    /// Has there been anything by which a promise could be judged?
    pub fn is_judged(&self, world: &World, promise: Promise) -> bool {
        if self.broken.contains_key(&promise) {
            return true;
        }
        match promise {
            Promise::Power => self.power_losses > 0,
            Promise::Disk => self.disk_losses > 0,
            Promise::Sent | Promise::StoredOnce => world.live.produced > 0,
            Promise::SendOrder(topic) => self.stored.keys().any(|(of, _)| *of == topic),
            Promise::Published(topic) | Promise::PublishedOnce(topic) => {
                let counts = world.live.halves.counts(topic);
                counts.published + counts.rolled_back + counts.set_aside > 0
            }
            Promise::NothingUnread(group) => world.group(group).counts.seen > 0,
            Promise::NothingMissed(group) => {
                let counts = &world.group(group).counts;
                counts.deliveries + counts.filtered > 0
            }
            Promise::AtLeastOnce(group)
            | Promise::Order(group)
            | Promise::Once(group)
            | Promise::EffectOnce(group) => world.group(group).counts.deliveries > 0,
            Promise::Answered(producer) => {
                world.producer(producer).requests.as_ref().is_some_and(|counts| counts.asked > 0)
            }
            Promise::CallAnswered(caller) => world.caller(caller).arriving.made > 0,
        }
    }
}

/// Are its messages worked on as they come?
fn may_lose_order(world: &World, group: GroupId) -> bool {
    let state = world.group(group);
    !state.orderly && !state.pull && state.spec.mode == ConsumeMode::Clustering
}

/// Does some consumer of the group want the message?
fn is_wanted(world: &World, id: ProgressId, offset: u64) -> bool {
    let state = world.progress(id);
    let at = MessageRef { queue: state.queue, offset };
    let topic = world.queue(world.origin(at).queue).topic;
    let members =
        world.group(state.group).consumers.iter().filter(|id| world.consumer(**id).status.is_member());
    members
        .map(|id| world.filter(world.filter_of(*id, topic)))
        .any(|filter| filter.passes_exactly(world, at) && filter.passes_broker(world, at))
}
