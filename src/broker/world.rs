//! The world: everything that is true at one instant, and everything that is kept for ever.
//!
//! It has two parts of different nature. [`Live`] is what decisions are made from: small, cloned whole for a
//! checkpoint, and holding cursors where it can rather than copies. [`Log`] is what happened: append-only columns
//! that are never copied, and can go back. Only `apply` writes to either.

use std::rc::Rc;

use super::caller::CallerState;
use super::command::Command;
use super::compaction::Compaction;
use super::consumer::{ConsumerState, ConsumerStatus, Doing};
use super::consumer_group::GroupState;
use super::event::{Entry, Outcome};
use super::fault::Faults;
use super::flow::Flow;
use super::half::Halves;
use super::id::{
    CallerId, CommandId, ConsumerId, GroupId, MessageRef, P2pId, ProducerId, ProgressId, QueueId, ServiceId,
    TopicId,
};
use super::lite::Lites;
use super::message_queue::{QueueLog, QueueState, StoredCopy};
use super::p2p::P2pState;
use super::producer::ProducerState;
use super::progress::{DeliveryLog, ProgressState};
use super::reply::Requests;
use super::service::ServiceState;
use super::settings::Settings;
use super::spec::ConsumeMode;
use super::subscription::Filter;
use super::timer::Timer;
use super::topic::TopicState;
use crate::sim::{Agenda, Chance, Column, Instant, Kept, Place, Register, Shelf, Slot};

/// What time brings. Each kind has slots of its own in the agenda; only applied events put one there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Wakeup {
    /// A producer sends.
    Send(ProducerId),
    /// A producer's oldest message on the way reaches the broker.
    SendArrives(ProducerId),
    /// The oldest delivery on the way through this progress reaches its consumer.
    DeliveryArrives(ProgressId),
    /// A listener thread is done.
    ListenerEnds(ConsumerId, u32),
    /// The broker notices that a consumer is gone.
    CrashDetected(ConsumerId),
    /// A consumer tells the broker its offsets.
    PersistOffsets(ConsumerId),
    /// A group computes its allocation.
    Rebalance(GroupId),
    /// The earliest message on a group's retry shelf is due.
    RetryDue(GroupId),
    /// The earliest invisible time that is running out in a group is over.
    InvisibleTimeOver(GroupId),
    /// What a group was given is on record, and it commits that.
    PopCommits(GroupId),
    /// The earliest message that is to be tried again in place in a group is due.
    OrderDue(GroupId),
    /// A caller's own pattern says: call.
    Call(CallerId),
    /// The first of what is on its way between a caller and its services arrives.
    CallArrives(CallerId),
    /// A caller gives up on the call it has waited for longest.
    CallTimesOut(CallerId),
    /// The earliest of what a service works on is done.
    ServiceEnds(ServiceId),
    /// A sender of a point-to-point queue sends by its own pattern.
    P2pSends(P2pId, u16),
    /// Its oldest message on the way reaches the queue.
    P2pArrives(P2pId, u16),
    /// The earliest of what consumers of a point-to-point queue work on is done.
    P2pEnds(P2pId),
    /// Something about a half message is due: its local transaction ends, a word about it arrives, or it is checked.
    TransactionDue,
    /// The first of what waits for a broker that is too busy is due.
    FlowDue,
    /// The first of the requests that time out, or of the answers on their way, is due.
    RequestDue,
    /// The broker looks through the topics that it compacts.
    CompactionDue,
    /// The earliest message in the broker's timer becomes visible.
    TimerFires,
    /// The broker looks for messages that it has kept for long enough.
    StoreSwept,
    /// A producer has waited long enough for an answer.
    AnswerAwaited,
    /// Clients connect to the broker again, or a replica takes its place.
    BrokerBack,
    /// The broker looks for lite topics that nobody has written to for long enough.
    LiteSwept,
    /// The first client whose event set was full is looked at again.
    LiteFullDispatch,
    /// Clients say once more which lite topics they subscribe to.
    LiteSynced,
}

/// The simulated broker and its clients.
#[derive(Clone, Debug)]
pub struct World {
    /// The named numbers it runs with.
    pub settings: Rc<Settings>,
    /// Where its chance comes from.
    pub chance: Chance,
    /// What is true now.
    pub live: Live,
    /// What is kept.
    pub log: Log,
}

/// Everything decisions are made from.
#[derive(Clone, Debug)]
pub struct Live {
    /// The instant of the last entry, or the one the run was asked to reach.
    pub now: Instant,
    /// The number the next entry gets.
    pub seq: u64,
    /// Topics in order of creation.
    pub topics: Vec<TopicState>,
    /// Queues of all topics.
    pub queues: Vec<QueueState>,
    /// Producers in order of arrival.
    pub producers: Vec<ProducerState>,
    /// Groups in order of creation.
    pub groups: Vec<GroupState>,
    /// Consumers of all groups.
    pub consumers: Vec<ConsumerState>,
    /// Progress of every group on every queue it reads.
    pub progress: Vec<ProgressState>,
    /// Services that are called directly.
    pub services: Vec<ServiceState>,
    /// Their callers.
    pub callers: Vec<CallerState>,
    /// Point-to-point queues.
    pub p2p: Vec<P2pState>,
    /// Messages that are to be seen later.
    pub timer: Timer,
    /// When the broker looks for messages that are too old: its place on the agenda, since the first topic.
    pub(super) sweep_slot: Option<Slot>,
    /// Messages of which it is not known yet whether they are to be seen.
    pub halves: Halves,
    /// What is broken, and was; nothing as long as nothing ever was.
    pub faults: Option<Box<Faults>>,
    /// The lite topics, since the first of them.
    pub lites: Option<Box<Lites>>,
    /// What is on its way into the broker's send queue, and whom it refuses.
    pub flow: Flow,
    /// Requests that wait for an answer.
    pub requests: Requests,
    /// What was replaced by something newer.
    pub compaction: Compaction,
    /// Messages sent so far.
    pub produced: u64,
    /// Messages the broker refused.
    pub rejected: u64,
    /// Producers fall silent once so many messages were sent.
    pub stop_after_messages: Option<u64>,
    /// How many commands were given.
    pub commands: u32,
    /// How many filters there are.
    pub filters: u32,
    /// Little's law, kept as integers.
    pub little: Little,
    pub(super) agenda: Agenda,
    /// For every slot of the agenda, what it is about.
    pub(super) alarms: Vec<Alarm>,
}

/// What a slot of the agenda is about.
#[derive(Clone, Copy, Debug)]
pub(super) struct Alarm {
    /// What happens when it is due.
    pub(super) wakeup: Wakeup,
    /// The entry that put it on the agenda.
    pub(super) cause: u64,
}

/// Both sides of Little's law over all groups: the time integral of the number in the system, and the sum of the
/// times that each message spent in it. Equal once the system is empty.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Little {
    /// How many (message, group) pairs are in the system.
    pub inside: u64,
    /// The integral of `inside` up to `since`, in message-microseconds.
    pub area: u128,
    /// Times spent by those that left, in microseconds.
    pub sojourn: u128,
    /// When `inside` changed last.
    pub since: Instant,
}

impl Little {
    /// So many come in.
    #[inline(always)]
    pub(super) fn enter(&mut self, now: Instant, count: u64) {
        self.advance(now);
        self.inside += count;
    }

    /// One that came in at `since` leaves.
    #[inline(always)]
    pub(super) fn leave(&mut self, now: Instant, since: Instant) {
        self.advance(now);
        self.inside -= 1;
        self.sojourn += u128::from((now - since).0);
    }

    /// Brings the area up to `now`.
    #[inline(always)]
    fn advance(&mut self, now: Instant) {
        let (inside, lasted) = (self.inside, (now - self.since).0);
        // Products of 128 bits are dear in wasm, and hardly any of them has more than 64.
        self.area += if (inside | lasted) >> 32 == 0 {
            u128::from(inside * lasted)
        } else {
            u128::from(inside) * u128::from(lasted)
        };
        self.since = now;
    }
}

/// Everything that is kept for ever. It is never copied: it goes back to a mark, and forward to one, by itself.
#[derive(Clone, Debug, Default)]
pub struct Log {
    /// Every command given, in order.
    pub commands: Shelf<Rc<Command>>,
    /// Every filter that a subscription has had; the first is `*`.
    pub filters: Shelf<Rc<Filter>>,
    /// What each queue holds.
    pub queues: Shelf<QueueLog>,
    /// What became of every delivery.
    pub deliveries: Shelf<DeliveryLog>,
    /// For each caller, how long the calls took that were answered, in the order of the answers.
    pub answers: Shelf<Column>,
    /// The same for the messages that each point-to-point queue is rid of.
    pub p2p: Shelf<Column>,
    /// For messages that needed more than one delivery: the entry after which their group was done with them.
    pub settled: Register<(ProgressId, u64), u64>,
    /// For every transactional message, what happened to it behind the curtain.
    pub transactions: Register<(ProducerId, u64), Vec<Entry>>,
    /// For every message that was refused because of flow control, or that is a request: what happened to it besides.
    pub sends: Register<(ProducerId, u64), Vec<Entry>>,
    /// How often the effect of a business key was had in a group.
    pub effects: Register<(GroupId, u64), u32>,
    /// For every crash, by the number of its entry: how many messages its consumer left unfinished.
    pub left_unfinished: Register<u64, u32>,
    /// Entries about receipt handles that are stale because the offset was reset meanwhile, rather than by their time.
    pub refused_after_reset: Register<u64, ()>,
    /// When tries to send arrived that something kept on their way, of messages that may wait at the broker as well: whose, of
    /// which message, and when it was sent.
    pub late_arrivals: Register<(ProducerId, u64, Instant), Instant>,
    /// How often some of it was lost, with a machine: no mark leads back over that.
    pub cuts: u32,
}

impl World {
    /// An empty world.
    pub fn new(settings: Settings, seed: u64, stop_after_messages: Option<u64>) -> Self {
        let timer = Timer::new(&settings);
        Self {
            settings: Rc::new(settings),
            chance: Chance::new(seed),
            live: Live {
                now: Instant::ZERO,
                seq: 0,
                topics: Vec::new(),
                queues: Vec::new(),
                producers: Vec::new(),
                groups: Vec::new(),
                consumers: Vec::new(),
                progress: Vec::new(),
                services: Vec::new(),
                callers: Vec::new(),
                p2p: Vec::new(),
                timer,
                sweep_slot: None,
                halves: Halves::default(),
                faults: None,
                lites: None,
                flow: Flow::default(),
                requests: Requests::default(),
                compaction: Compaction::default(),
                produced: 0,
                rejected: 0,
                stop_after_messages,
                commands: 0,
                filters: 1,
                little: Little::default(),
                agenda: Agenda::new(),
                alarms: Vec::new(),
            },
            log: Log { filters: vec![Rc::new(Filter::all())].into(), ..Log::default() },
        }
    }

    /// When the next thing happens, if anything will.
    pub fn next_at(&self) -> Option<Instant> {
        self.live.agenda.peek().map(|(at, _)| at)
    }

    /// How many things are on the agenda.
    pub fn pending(&self) -> usize {
        self.live.agenda.len()
    }

    /// A topic.
    #[inline(always)]
    pub fn topic(&self, id: TopicId) -> &TopicState {
        &self.live.topics[id.index()]
    }

    /// A queue.
    #[inline(always)]
    pub fn queue(&self, id: QueueId) -> &QueueState {
        &self.live.queues[id.index()]
    }

    /// A producer.
    #[inline(always)]
    pub fn producer(&self, id: ProducerId) -> &ProducerState {
        &self.live.producers[id.index()]
    }

    /// A group.
    #[inline(always)]
    pub fn group(&self, id: GroupId) -> &GroupState {
        &self.live.groups[id.index()]
    }

    /// A consumer.
    #[inline(always)]
    pub fn consumer(&self, id: ConsumerId) -> &ConsumerState {
        &self.live.consumers[id.index()]
    }

    /// A progress.
    #[inline(always)]
    pub fn progress(&self, id: ProgressId) -> &ProgressState {
        &self.live.progress[id.index()]
    }

    /// A command that was given.
    pub fn command(&self, id: CommandId) -> &Rc<Command> {
        &self.log.commands[id.index()]
    }

    /// Groups that were not deleted, with their ids.
    pub fn groups(&self) -> impl Iterator<Item = (GroupId, &GroupState)> {
        self.live.groups.iter().enumerate().filter(|(_, g)| !g.removed).map(|(i, g)| (GroupId::at(i), g))
    }

    /// Topics that were not deleted, with their ids.
    pub fn topics(&self) -> impl Iterator<Item = (TopicId, &TopicState)> {
        self.live.topics.iter().enumerate().filter(|(_, t)| !t.removed).map(|(i, t)| (TopicId::at(i), t))
    }

    /// Topics that somebody created, with their ids.
    pub fn ordinary_topics(&self) -> impl Iterator<Item = (TopicId, &TopicState)> {
        self.topics().filter(|(_, topic)| topic.is_ordinary())
    }

    /// Topics that stand on the stage: those that somebody created, and the one for what was set aside.
    pub fn shown_topics(&self) -> impl Iterator<Item = (TopicId, &TopicState)> {
        self.topics().filter(|(_, topic)| topic.is_ordinary() || topic.is_set_aside())
    }

    /// The topic of this name.
    pub fn find_topic(&self, name: &str) -> Option<TopicId> {
        self.live.topics.iter().position(|t| !t.removed && &*t.name == name).map(TopicId::at)
    }

    /// The running producer of this name.
    pub fn find_producer(&self, name: &str) -> Option<ProducerId> {
        self.live.producers.iter().position(|p| p.running && p.spec.name == name).map(ProducerId::at)
    }

    /// The group of this name.
    pub fn find_group(&self, name: &str) -> Option<GroupId> {
        self.live.groups.iter().position(|g| !g.removed && g.spec.name == name).map(GroupId::at)
    }

    /// The consumer of this name, `group/consumer`.
    pub fn find_consumer(&self, name: &str) -> Option<ConsumerId> {
        let (group, consumer) = name.split_once('/')?;
        let group = self.group(self.find_group(group)?);
        group.consumers.iter().copied().find(|id| self.consumer(*id).spec.name == consumer)
    }

    /// `group/consumer`.
    pub fn consumer_name(&self, id: ConsumerId) -> String {
        let consumer = self.consumer(id);
        format!("{}/{}", self.group(consumer.group).spec.name, consumer.spec.name)
    }

    /// What a consumer is at, if it is running.
    pub fn doing(&self, id: ConsumerId) -> Option<Doing> {
        let consumer = self.consumer(id);
        if consumer.status != ConsumerStatus::Running {
            return None;
        }
        let group = self.group(consumer.group);
        Some(if !group.by_message && consumer.owned == 0 {
            let is_counted = group.rebalanced_at.is_some_and(|at| at >= consumer.since);
            let is_shared_out = group.spec.mode == ConsumeMode::Clustering;
            if is_shared_out && !is_counted { Doing::WaitsForQueues } else { Doing::NoQueue }
        } else if consumer.outstanding == 0 {
            Doing::Idle
        } else {
            Doing::Working
        })
    }

    /// `topic/number`.
    pub fn queue_name(&self, id: QueueId) -> String {
        let queue = self.queue(id);
        format!("{}/{}", self.topic(queue.topic).name, queue.number)
    }

    /// The first stored copy of the message of which `copy` is a copy; itself, if it is the first.
    pub fn origin(&self, copy: MessageRef) -> MessageRef {
        self.log.queues[copy.queue.index()].copy(copy.offset).map_or(copy, |record| record.origin)
    }

    /// Failed deliveries that led to this stored copy: 0 in an ordinary topic.
    pub fn reconsume_times(&self, copy: MessageRef) -> u32 {
        self.log.queues[copy.queue.index()].copy(copy.offset).map_or(0, |record| record.reconsume_times)
    }

    /// A group's progress on a queue (in broadcasting: that of its first consumer).
    pub fn progress_on(&self, group: GroupId, queue: QueueId) -> Option<ProgressId> {
        self.queue(queue).progress.iter().copied().find(|id| self.progress(*id).group == group)
    }

    /// Is the group of `progress` done with the message first stored at `offset` of its queue?
    pub fn is_settled(&self, progress: ProgressId, offset: u64) -> bool {
        self.is_settled_before(progress, offset, self.live.seq)
    }

    /// Was it so before the entry with number `seq`?
    pub(super) fn is_settled_before(&self, progress: ProgressId, offset: u64, seq: u64) -> bool {
        if self.log.settled.get(&(progress, offset)).is_some_and(|settled| *settled < seq) {
            return true;
        }
        let queue = self.progress(progress).queue;
        let stored_at = self.log.queues[queue.index()].stored_at(offset);
        let first = self.log.deliveries[progress.index()].first(offset, stored_at);
        first.is_some_and(|r| {
            (r.acknowledged() || r.filtered()) && r.finished_at.is_some_and(|at| at <= self.live.now)
        })
    }

    /// The result of the latest delivery of the message at `offset`, if the broker took one.
    pub(super) fn latest_outcome(&self, progress: ProgressId, offset: u64) -> Option<Outcome> {
        let queue = self.progress(progress).queue;
        let stored_at = self.log.queues[queue.index()].stored_at(offset);
        let latest = self.log.deliveries[progress.index()].latest(offset, stored_at);
        latest?.outcome.filter(|outcome| *outcome != Outcome::Ignored)
    }

    /// What a delivery of the message at `offset` of a queue carries.
    #[inline(always)]
    pub(super) fn stored_copy(&self, queue: QueueId, offset: u64) -> StoredCopy {
        let state = self.queue(queue);
        if offset + 1 == state.max_offset {
            return state.last();
        }
        let stored_at = self.log.queues[queue.index()].stored_at(offset);
        StoredCopy { stored_at, key: self.chance_key(MessageRef { queue, offset }) }
    }

    /// The number by which chance is keyed for a stored copy (see [`StoredCopy`]).
    pub(super) fn chance_key(&self, copy: MessageRef) -> u64 {
        let origin = self.origin(copy);
        let (producer, number) = self.log.queues[origin.queue.index()].sender(origin.offset);
        self.producer(producer).chance_key(number, self.reconsume_times(copy))
    }

    /// Bytes kept for what was stored and delivered, unused room included.
    pub fn bytes_kept(&self) -> usize {
        let queues: usize = self.log.queues.iter().map(QueueLog::bytes).sum();
        let deliveries: usize = self.log.deliveries.iter().map(DeliveryLog::bytes).sum();
        let entries: usize = self.log.transactions.values().map(Vec::capacity).sum();
        let transactions = entries * size_of::<Entry>() + self.log.transactions.bytes();
        queues + deliveries + transactions + self.log.settled.bytes()
    }
}

impl Log {
    /// Sets a mark to come back to: where each of its parts stands.
    pub fn mark(&mut self) -> Vec<Place> {
        let mut places = Vec::new();
        self.each_kept(&mut |kept| places.push(kept.mark()));
        places
    }

    /// Goes to a mark, with later ones ahead or not.
    pub fn go(&mut self, mark: &[Place], ahead: bool) {
        let mut places = mark.iter();
        self.each_kept(&mut |kept| {
            if let Some(place) = places.next() {
                kept.go(*place, ahead);
            }
        });
        debug_assert!(places.next().is_none(), "it is made up as it was at the mark");
    }

    /// From here on it goes another way than it did before.
    pub fn forget_ahead(&mut self) {
        self.each_kept(&mut |kept| kept.forget_ahead());
    }

    /// All marks are void.
    pub fn unmark(&mut self) {
        self.each_kept(&mut |kept| kept.unmark());
    }

    /// Bytes that are held to go back and forward.
    pub fn history_bytes(&mut self) -> usize {
        let mut bytes = 0;
        self.each_kept(&mut |kept| bytes += kept.history_bytes());
        bytes
    }

    /// Goes through its parts: each list before the things on it, of which there may then be more or fewer.
    fn each_kept(&mut self, see: &mut impl FnMut(&mut dyn Kept)) {
        let Self { commands, filters, queues, deliveries, answers, p2p, .. } = self;
        let lists: [&mut dyn Kept; 6] = [commands, filters, queues, deliveries, answers, p2p];
        lists.into_iter().for_each(&mut *see);
        let Self { settled, transactions, sends, effects, left_unfinished, .. } = self;
        let maps: [&mut dyn Kept; 5] = [settled, transactions, sends, effects, left_unfinished];
        maps.into_iter().for_each(&mut *see);
        let Self { refused_after_reset, late_arrivals, .. } = self;
        let maps: [&mut dyn Kept; 2] = [refused_after_reset, late_arrivals];
        maps.into_iter().for_each(&mut *see);
        self.queues.iter_mut().for_each(|queue| queue.each_kept(see));
        self.deliveries.iter_mut().for_each(|delivery| delivery.each_kept(see));
        self.answers.iter_mut().chain(self.p2p.iter_mut()).for_each(|column| see(column));
    }
}

impl Live {
    /// A new slot for `wakeup`. The scenario's limits keep the world far below the agenda's 2^20 slots; a world that
    /// somebody grows by hand beyond them is refused earlier, by `decide` ([`Refusal::TooMany`]).
    ///
    /// [`Refusal::TooMany`]: super::event::Refusal::TooMany
    pub(super) fn slot_for(&mut self, wakeup: Wakeup) -> Slot {
        let slot = self.agenda.add_slot().expect("decide refuses what the agenda cannot hold");
        assert_eq!(slot.index(), self.alarms.len(), "slots are given in order and never freed");
        self.alarms.push(Alarm { wakeup, cause: 0 });
        slot
    }

    /// Puts a slot on the agenda, because of `entry`.
    #[inline(always)]
    pub(super) fn wake(&mut self, slot: Slot, at: Instant, entry: &Entry) {
        self.wake_because(slot, at, entry.seq);
    }

    /// Puts a slot on the agenda, because of the entry with number `cause`.
    #[inline(always)]
    pub(super) fn wake_because(&mut self, slot: Slot, at: Instant, cause: u64) {
        self.agenda.schedule(slot, at);
        self.alarms[slot.index()].cause = cause;
    }
}
