//! Lite topics: many small channels under one parent topic of type LITE.
//!
//! ```text
//!  the parent's log:   a0 b0 a1 c0 a2 b1 …          one append-only log, as in a broker's commit log
//!  lite topic a:       └──────┴─────┘               a light index into it: offsets 0, 1, 2
//!  event set of C1:    [a, c]                       what C1 subscribes to and has not been given yet
//! ```
//!
//! A lite topic is named by parent and name, holds one queue, and comes into being with its first use. Clients of one group
//! subscribe to different ones. When a message arrives, one of the group's subscribers has the lite topic put into its
//! *event set*; whoever asks for messages is given the next message of each lite topic in its own set. Inside a lite topic
//! all is in order: one message at a time is in somebody's hands.
//!
//! There may be a million of them, so a lite topic is a row of numbers in columns, whose pages a checkpoint shares, and
//! nothing more: no slot of the agenda, no text. Its name is found in what named it first. What a group has of it is
//! in columns too ([`Reading`]). What is counted for the parent's queue (accumulation and its parts) is the sum over
//! the lite topics that the group has subscribed to.
//!
//! Source: `LiteUtil`, `AbstractLiteLifecycleManager`, `LiteSubscriptionRegistryImpl`, `LiteEventDispatcher`,
//! `PopLiteMessageProcessor`, `LiteFifoConsumeService`.

mod check;
mod crash;
mod dispatch;
mod expiry;
mod names;
mod reading;
mod registrations;
mod store;
mod subscribe;

use std::collections::{BTreeMap, BTreeSet};

pub(super) use check::{broken, handed_out as check_handed_out, reading_broken};
pub(super) use crash::{came_back, cut_off, forgotten, hands_forgotten};
pub(super) use dispatch::{
    after, forgotten as sets_forgotten, full_dispatch, give_back, hand_out, has_eligible, take,
    takes_nothing, takes_over,
};
pub(super) use expiry::{corrected, everything_of, forget_group, min_raised, overtaken, sweep};
pub use names::{LiteNames, LiteNaming, Table, is_legal};
pub use reading::{Client, Doing, Reading, Subscribers};
pub(super) use store::{arrived, become_visible, done_with, give_up, stored};
pub(super) use subscribe::{change, connects, own_wishes, sync};

use super::event::{Entry, Event};
use super::id::{CommandId, ConsumerId, GroupId, LiteId, ProducerId, ProgressId, QueueId, TopicId};
use super::message_queue::put_unless_zero;
use super::spec::{GroupSpec, MessageType, SubModel, TopicType};
use super::world::World;
use crate::sim::{Column, Instant, Kept, Slot, Span, TimeColumn};

/// So many lite topics make up a block: what is drawn when there are too many to look at each.
pub const BLOCK: usize = 256;

/// What named a lite topic first.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LiteOrigin {
    /// A message that was sent to it.
    Sent {
        /// Whose.
        producer: ProducerId,
        /// Which of the producer's messages.
        number: u64,
    },
    /// A subscription.
    Wished {
        /// The command that brought it.
        command: CommandId,
        /// Which of all names in that command.
        nth: u32,
    },
}

/// What happened to the lite topics of a parent.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct LiteCounts {
    /// Those that exist.
    pub alive: u64,
    /// Those that ever came into being; one that did again counts again.
    pub created: u64,
    /// Those that expired.
    pub expired: u64,
    /// Messages that were refused because of their lite topic.
    pub refused: u64,
    /// Registrations of clients.
    pub subscriptions: u64,
}

/// All lite topics of the broker.
#[derive(Clone, Debug, Default)]
pub struct Lites {
    names: Table,
    /// Whose child each is.
    parent: Column,
    /// What named it first, times two: a message, by producer and number; or a command and which of its names, and one
    /// more.
    origin: Column,
    /// One for those that exist.
    alive: Column,
    /// Where its oldest message lies in the parent's log, and at which of its own offsets.
    first: Column,
    min: Column,
    /// Where its newest message lies.
    last: Column,
    /// The offset that its next message gets.
    max: Column,
    /// When it was written to last, or came into being.
    written: TimeColumn,
    /// Those that expired and were used again: what lies before is not theirs any more.
    reborn: BTreeMap<LiteId, u64>,
    /// How many of each block exist.
    pub(super) blocks: Vec<u16>,
    counts: BTreeMap<TopicId, LiteCounts>,
    /// Clients whose event sets were full: when all that they subscribe to is looked at again, and how often that was put
    /// off.
    pub(super) overflows: BTreeMap<(Instant, ConsumerId), u32>,
    /// Came into being again, or have no client any more, since the clients said last what they subscribe to.
    pub(super) to_heal: BTreeSet<LiteId>,
    pub(super) sweep_slot: Option<Slot>,
    pub(super) dispatch_slot: Option<Slot>,
    pub(super) sync_slot: Option<Slot>,
}

/// A lite topic as it stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LiteState {
    /// Its parent.
    pub parent: TopicId,
    /// Does it exist?
    pub alive: bool,
    /// The lowest offset still stored.
    pub min_offset: u64,
    /// The offset that its next message gets.
    pub max_offset: u64,
    /// When it was written to last, or came into being.
    pub written_at: Instant,
}

impl Lites {
    /// How many there are numbers for, those that expired included.
    pub fn len(&self) -> usize {
        self.parent.len() as usize
    }

    /// Was none ever named?
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// One of them.
    pub fn get(&self, id: LiteId) -> LiteState {
        let index = u64::from(id.0);
        LiteState {
            parent: TopicId(self.parent.get(index) as u32),
            alive: self.is_alive(id),
            min_offset: self.min.get(index),
            max_offset: self.max.get(index),
            written_at: self.written.get(index),
        }
    }

    /// Does it exist?
    pub fn is_alive(&self, id: LiteId) -> bool {
        self.alive.get(id.0.into()) == 1
    }

    /// The offset that its next message gets.
    pub fn max_offset(&self, id: LiteId) -> u64 {
        self.max.get(id.0.into())
    }

    /// The lite topics of a parent that exist.
    pub fn of(&self, parent: TopicId) -> impl Iterator<Item = LiteId> {
        let all = (0..self.len() as u64).map(|index| LiteId(index as u32));
        all.filter(move |id| self.is_alive(*id) && self.parent.get(id.0.into()) == u64::from(parent.0))
    }

    /// What happened to those of a parent.
    pub fn counts(&self, parent: TopicId) -> LiteCounts {
        self.counts.get(&parent).copied().unwrap_or_default()
    }

    /// How many exist, of all parents.
    pub fn alive(&self) -> u64 {
        self.counts.values().map(|counts| counts.alive).sum()
    }

    /// How many registrations there are, of all clients.
    pub fn subscriptions(&self) -> u64 {
        self.counts.values().map(|counts| counts.subscriptions).sum()
    }

    /// How many of a block's lite topics exist.
    pub fn alive_in_block(&self, block: usize) -> u64 {
        self.blocks.get(block).map_or(0, |count| u64::from(*count))
    }

    /// When a client whose event set was full is looked at again.
    pub fn full_until(&self, consumer: ConsumerId) -> Option<Instant> {
        self.overflows.keys().find(|(_, one)| *one == consumer).map(|(at, _)| *at)
    }

    /// Bytes of memory that the lite topics themselves take, unused room included.
    pub fn bytes(&self) -> usize {
        let columns =
            [&self.parent, &self.origin, &self.alive, &self.first, &self.min, &self.last, &self.max];
        columns.iter().map(|column| column.bytes()).sum::<usize>()
            + self.names.bytes()
            + self.written.bytes()
            + self.blocks.capacity() * size_of::<u16>()
            + self.reborn.len() * size_of::<(LiteId, u64)>()
    }

    fn counts_mut(&mut self, parent: TopicId) -> &mut LiteCounts {
        self.counts.entry(parent).or_default()
    }

    /// Does the message at `place` of the parent's log belong to what the lite topic is now?
    fn holds(&self, id: LiteId, place: u64) -> bool {
        self.is_alive(id) && self.reborn.get(&id).is_none_or(|since| place >= *since)
    }
}

/// The kept part of a parent's log: of which lite topic each message is.
#[derive(Clone, Debug, Default)]
pub struct LiteLog {
    of: Column,
    offset: Column,
    /// How much farther on the next message of the same lite topic lies, if there is one.
    next: Column,
}

impl LiteLog {
    /// Notes that the message at `place` is the one at `offset` of a lite topic.
    fn put(&mut self, place: u64, id: LiteId, offset: u64) {
        self.of.put(place, id.0.into());
        put_unless_zero(&mut self.offset, place, offset);
    }

    /// Notes where the message after it lies.
    fn link(&mut self, place: u64, next: u64) {
        self.next.put(place, next - place);
    }

    /// The lite topic of the message at `place`, and its offset there.
    pub fn of(&self, place: u64) -> Option<(LiteId, u64)> {
        let id = self.of.get_opt(place)?;
        Some((LiteId(id as u32), self.offset.get(place)))
    }

    /// Forgets what is from `place` on.
    pub(super) fn truncate(&mut self, place: u64) {
        [&mut self.of, &mut self.offset, &mut self.next]
            .into_iter()
            .for_each(|column| column.truncate(place));
    }

    fn next(&self, place: u64) -> u64 {
        place + self.next.get(place)
    }

    /// Goes through all that it consists of.
    pub(super) fn each_kept(&mut self, see: &mut impl FnMut(&mut dyn Kept)) {
        let all: [&mut dyn Kept; 3] = [&mut self.of, &mut self.offset, &mut self.next];
        all.into_iter().for_each(see);
    }

    /// Bytes of memory the entries take, unused room included.
    pub fn bytes(&self) -> usize {
        self.of.bytes() + self.offset.bytes() + self.next.bytes()
    }
}

impl GroupSpec {
    /// May several clients of the group share a lite topic? As in the settings, if it does not say.
    pub fn sub_model(&self, settings: &super::Settings) -> SubModel {
        self.lite_sub_model.unwrap_or(settings.lite_sub_model)
    }
}

impl World {
    /// Bytes of memory that lite topics take, and what groups have of them; messages left out.
    pub fn lite_bytes(&self) -> usize {
        let readings = self.live.progress.iter().filter_map(|progress| progress.lite.as_ref());
        self.lites().map_or(0, Lites::bytes) + readings.map(|reading| reading.bytes()).sum::<usize>()
    }

    /// Is this a parent of lite topics?
    pub fn is_lite(&self, topic: TopicId) -> bool {
        self.topic(topic).message_type == TopicType::Of(MessageType::Lite)
    }

    /// The lite topics, once there is a parent for them.
    pub fn lites(&self) -> Option<&Lites> {
        self.live.lites.as_deref()
    }

    /// Which lite topic the message at `place` of a queue belongs to, and its offset there.
    pub fn lite_of(&self, queue: QueueId, place: u64) -> Option<(LiteId, u64)> {
        self.log.queues[queue.index()].lite.first()?.of(place)
    }

    /// The progress by which a group reads lite topics, if it does.
    pub fn lite_progress(&self, group: GroupId) -> Option<ProgressId> {
        let all = &self.group(group).progress;
        all.iter().copied().find(|id| self.progress(*id).lite.is_some())
    }

    /// What a group has of the lite topics that it reads.
    pub fn lite_reading(&self, group: GroupId) -> Option<&Reading> {
        self.progress(self.lite_progress(group)?).lite.as_deref()
    }

    /// The one queue in which a parent keeps the messages of all its lite topics.
    pub fn lite_queue(&self, parent: TopicId) -> QueueId {
        self.topic(parent).queues[0]
    }

    /// What a lite topic is called.
    pub fn lite_name(&self, id: LiteId) -> String {
        let Some(lites) = self.lites() else { return String::new() };
        let origin = lites.origin.get(id.0.into());
        let name = if origin & 1 == 1 {
            names::in_command(self.command(CommandId((origin >> 25) as u32)), (origin >> 1) & 0xff_ffff)
        } else {
            let producer = ProducerId((origin >> 45) as u16);
            self.producer(producer).lite_topic((origin >> 1) & 0xfff_ffff_ffff)
        };
        name.unwrap_or_default()
    }

    /// The lite topic of this name, if it was ever named under this parent.
    pub fn find_lite(&self, parent: TopicId, name: &str) -> Option<LiteId> {
        self.lites()?.find(parent, names::key(parent, name))
    }

    /// How long a lite topic lives after it was written to last, if it has an end.
    pub fn lite_life(&self, _: LiteId) -> Option<Span> {
        self.settings.lite_ttl.map(|ttl| ttl.max(self.settings.lite_min_ttl))
    }

    /// Does one client at a time have each lite topic of this group?
    pub fn is_exclusive(&self, group: GroupId) -> bool {
        self.group(group).spec.sub_model(&self.settings) == SubModel::Exclusive
    }

    /// Is the message at `place` of a parent's log gone, with its lite topic or with the old part of that?
    pub(super) fn is_lite_gone(&self, queue: QueueId, place: u64) -> bool {
        let Some((id, _)) = self.lite_of(queue, place) else { return false };
        self.lites().is_some_and(|lites| !lites.holds(id, place))
    }
}

impl Lites {
    fn find(&self, parent: TopicId, key: u64) -> Option<LiteId> {
        self.names.find(key).filter(|id| self.parent.get(id.0.into()) == u64::from(parent.0))
    }
}

/// A client disconnects, or the broker notices that it has: nothing is registered for it any more.
pub(super) fn goes(world: &World, consumer: ConsumerId, out: &mut Vec<Event>) {
    let reading = world.lite_reading(world.consumer(consumer).group);
    let client = world.consumer(consumer).lite.as_ref();
    if let (Some(reading), Some(client)) = (reading, client)
        && client.interests().any(|lite| reading.is_registered(lite, consumer))
    {
        out.push(Event::LiteClientGone { consumer });
    }
}

/// What follows from an event about lite topics.
pub(super) fn follow(world: &World, event: &Event, out: &mut Vec<Event>) {
    let of = |consumer: ConsumerId| world.lite_progress(world.consumer(consumer).group);
    match *event {
        Event::LiteSubscribed { consumer, lite, .. } => {
            if let Some(id) = of(consumer) {
                dispatch::registered(world, id, lite, consumer, out);
            }
        }
        Event::LiteUnsubscribed { consumer, lite, .. } => {
            if let Some(id) = of(consumer) {
                dispatch::dispatch(world, id, lite, None, out);
            }
        }
        Event::LitePositioned { progress, lite, .. } => dispatch::dispatch(world, progress, lite, None, out),
        Event::LiteQueued { progress, consumer, .. } => dispatch::serve(world, progress, consumer, out),
        Event::LiteClientGone { consumer } => dispatch::gone(world, consumer, out),
        _ => {}
    }
}

/// Writes down what an entry about lite topics means.
pub(super) fn apply(world: &mut World, entry: &Entry) {
    match entry.event {
        Event::LiteTopicCreated { lite, topic, origin } => {
            store::topic_created(world, entry, lite, topic, origin)
        }
        Event::LiteSendRefused { producer, number, queue, .. } => {
            store::refused(world, producer, number, queue)
        }
        Event::LiteSubscribed { consumer, lite, offset, .. } => {
            registrations::subscribed(world, consumer, lite, offset);
        }
        Event::LiteUnsubscribed { consumer, lite, by } => {
            registrations::unsubscribed(world, consumer, lite);
            if by.is_none() {
                registrations::given_up(world, entry, consumer, Some(lite));
            }
        }
        Event::LiteSubscriptionRefused { consumer, lite, holder } => {
            registrations::refused(world, consumer, lite, holder);
        }
        Event::LitePositioned { progress, lite, offset, reread_acknowledged, reread_moved } => {
            registrations::positioned(world, progress, lite, offset, reread_acknowledged, reread_moved);
        }
        Event::LiteClientGone { consumer } => {
            dispatch::client_gone(world, consumer);
            registrations::given_up(world, entry, consumer, None);
        }
        Event::LiteQueued { progress, lite, consumer, from } => {
            dispatch::queued(world, progress, lite, consumer, from);
        }
        Event::LiteSetFull { consumer, due_at, .. } => dispatch::set_full(world, consumer, due_at),
        Event::LiteFullDispatch { next_at, .. } => dispatch::redispatched(world, next_at),
        Event::LiteExpired { lite, .. } => expiry::expired(world, lite),
        Event::LiteSwept { next_at } => expiry::swept(world, entry, next_at),
        Event::LiteSynced => registrations::synced(world),
        _ => {}
    }
}
