//! What a group has of the lite topics it reads, and what each of its clients subscribes to.

use std::collections::{BTreeMap, VecDeque};

use super::super::id::{ConsumerId, LiteId};
use super::super::rewind::IN_MAP;
use super::BLOCK;
use crate::rules::ranges::OffsetRanges;
use crate::sim::{Column, Instant};

/// What a lite topic is to a group at the moment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Doing {
    /// In nobody's event set or hands.
    Idle,
    /// In a client's event set.
    Queued,
    /// One of its messages is in a client's hands.
    InHands,
}

/// The lite topics that a group reads.
#[derive(Clone, Debug, Default)]
pub struct Reading {
    /// For each lite topic the committed offset; absent where the group has none.
    pub(super) committed: Column,
    /// Where the message at that offset lies in the parent's log, if there is one.
    pub(super) head: Column,
    doing: Column,
    /// Who is registered: nobody (0), several (1), or one (its number and two more).
    subscriber: Column,
    several: BTreeMap<LiteId, Vec<ConsumerId>>,
    /// Where messages below an offset have been handed out, or passed over, although they are not committed.
    pub(super) again: BTreeMap<LiteId, u64>,
    /// Where the group does not begin at 0: at which offset.
    pub(super) start: BTreeMap<LiteId, u64>,
    /// When messages came into the group's sight that had been stored before, by their places.
    pub(super) late: BTreeMap<u64, Instant>,
    /// How many are in some client's event set.
    pub(super) queued: u64,
    /// How many have messages that the group has not finished, of each block and of all.
    blocks: Vec<u16>,
    behind: u64,
}

impl Reading {
    /// The committed offset of a lite topic, if the group has one.
    pub fn committed(&self, id: LiteId) -> Option<u64> {
        self.committed.get_opt(id.0.into())
    }

    /// What the lite topic is to the group at the moment.
    pub fn doing(&self, id: LiteId) -> Doing {
        match self.doing.get(id.0.into()) {
            0 => Doing::Idle,
            1 => Doing::Queued,
            _ => Doing::InHands,
        }
    }

    pub(super) fn set_doing(&mut self, id: LiteId, doing: Doing) {
        self.queued += u64::from(doing == Doing::Queued);
        self.queued -= u64::from(self.doing(id) == Doing::Queued);
        let value = doing as u64;
        if value > 0 || u64::from(id.0) < self.doing.len() {
            self.doing.put(id.0.into(), value);
        }
    }

    /// Who is registered for a lite topic.
    pub fn subscribers(&self, id: LiteId) -> Subscribers<'_> {
        match self.subscriber.get(id.0.into()) {
            0 => Subscribers::One(None),
            1 => Subscribers::Several(self.several.get(&id).map_or(&[], Vec::as_slice)),
            one => Subscribers::One(Some(ConsumerId((one - 2) as u16))),
        }
    }

    /// Is this client registered for it?
    pub fn is_registered(&self, id: LiteId, consumer: ConsumerId) -> bool {
        self.subscribers(id).contains(consumer)
    }

    pub(super) fn register(&mut self, id: LiteId, consumer: ConsumerId) {
        let index = u64::from(id.0);
        match self.subscriber.get(index) {
            0 => self.subscriber.put(index, u64::from(consumer.0) + 2),
            1 => self.several.entry(id).or_default().push(consumer),
            one => {
                self.subscriber.put(index, 1);
                self.several.insert(id, vec![ConsumerId((one - 2) as u16), consumer]);
            }
        }
    }

    /// Says whether it was registered.
    pub(super) fn unregister(&mut self, id: LiteId, consumer: ConsumerId) -> bool {
        let index = u64::from(id.0);
        match self.subscriber.get(index) {
            0 => false,
            1 => {
                let Some(all) = self.several.get_mut(&id) else { return false };
                let before = all.len();
                all.retain(|one| *one != consumer);
                let (after, first) = (all.len(), all.first().copied());
                if let (1, Some(last)) = (after, first) {
                    self.several.remove(&id);
                    self.subscriber.put(index, u64::from(last.0) + 2);
                }
                after < before
            }
            one if one == u64::from(consumer.0) + 2 => {
                self.subscriber.put(index, 0);
                true
            }
            _ => false,
        }
    }

    /// Forgets everything about a lite topic. Says how many were registered.
    pub(super) fn forget(&mut self, id: LiteId) -> u64 {
        let registered = self.subscribers(id).all().len() as u64;
        self.set_doing(id, Doing::Idle);
        self.committed.clear(id.0.into());
        if registered > 0 {
            self.subscriber.put(id.0.into(), 0);
        }
        self.several.remove(&id);
        self.again.remove(&id);
        self.start.remove(&id);
        registered
    }

    /// Counts a lite topic as one with unfinished messages, or no longer.
    pub(super) fn count_behind(&mut self, id: LiteId, is_behind: bool) {
        let block = id.0 as usize / BLOCK;
        if block >= self.blocks.len() {
            self.blocks.resize(block + 1, 0);
        }
        if is_behind {
            self.blocks[block] += 1;
            self.behind += 1;
        } else {
            self.blocks[block] -= 1;
            self.behind -= 1;
        }
    }

    /// Of a block, how many have messages that the group has not finished.
    pub fn behind_in_block(&self, block: usize) -> u64 {
        self.blocks.get(block).map_or(0, |count| u64::from(*count))
    }

    /// When the message at `place` came into the group's sight, if it had been stored before.
    pub(in crate::broker) fn in_sight_since(&self, place: u64) -> Option<Instant> {
        self.late.get(&place).copied()
    }

    /// How many have messages that the group has not finished.
    pub fn behind(&self) -> u64 {
        self.behind
    }

    /// How many are in some client's event set.
    pub fn queued(&self) -> u64 {
        self.queued
    }

    /// Bytes of memory it takes, unused room included.
    pub fn bytes(&self) -> usize {
        let columns = [&self.committed, &self.head, &self.doing, &self.subscriber];
        columns.iter().map(|column| column.bytes()).sum::<usize>()
            + self.blocks.capacity() * size_of::<u16>()
            + (self.again.len() + self.start.len()) * size_of::<(LiteId, u64)>()
            + self.late.len() * size_of::<(u64, Instant)>()
    }
}

/// The clients that are registered for a lite topic.
#[derive(Clone, Copy, Debug)]
pub enum Subscribers<'a> {
    /// One, or nobody.
    One(Option<ConsumerId>),
    /// Several.
    Several(&'a [ConsumerId]),
}

impl Subscribers<'_> {
    /// All of them, in the order in which they came.
    pub fn all(&self) -> &[ConsumerId] {
        match self {
            Self::One(one) => one.as_slice(),
            Self::Several(several) => several,
        }
    }

    /// Is this one of them?
    pub fn contains(&self, consumer: ConsumerId) -> bool {
        self.all().contains(&consumer)
    }
}

/// What a client of lite topics has beside its cache and threads.
#[derive(Clone, Debug, Default)]
pub struct Client {
    /// The lite topics that it wants: its application's memory, which outlives its process.
    pub interests: OffsetRanges,
    pub(super) interest_count: u64,
    /// Those of them that it was refused, because another client has them: which.
    refused: BTreeMap<LiteId, ConsumerId>,
    /// Its event set at the broker: lite topics with messages for it, in the order in which it is given them.
    pub events: VecDeque<LiteId>,
}

impl Client {
    /// How many lite topics it wants.
    pub fn interest_count(&self) -> u64 {
        self.interest_count
    }

    /// The lite topics that it wants.
    pub fn interests(&self) -> impl Iterator<Item = LiteId> {
        self.interests.from(0).map(|id| LiteId(id as u32))
    }

    /// The lite topics that it subscribes to: it wants them, and was not refused them.
    pub fn subscriptions(&self) -> impl Iterator<Item = LiteId> {
        self.interests().filter(|lite| !self.refused.contains_key(lite))
    }

    /// How many these are.
    pub fn subscription_count(&self) -> u64 {
        self.interest_count - self.refused.len() as u64
    }

    /// Which client had this one when it was refused it, if it was.
    pub(super) fn refused_for(&self, id: LiteId) -> Option<ConsumerId> {
        self.refused.get(&id).copied()
    }

    /// Bytes of memory that what it wants and waits for takes, roughly.
    pub(in crate::broker) fn bytes(&self) -> usize {
        IN_MAP * (self.interests.ranges().len() + self.refused.len())
            + self.events.capacity() * size_of::<LiteId>()
    }

    /// Does it want this one?
    pub fn wants(&self, id: LiteId) -> bool {
        self.interests.contains(id.0.into())
    }

    pub(super) fn want(&mut self, id: LiteId) {
        self.refused.remove(&id);
        if !self.wants(id) {
            self.interests.insert(id.0.into());
            self.interest_count += 1;
        }
    }

    /// It wants this one, and another client has it.
    pub(super) fn want_in_vain(&mut self, id: LiteId, holder: ConsumerId) {
        self.want(id);
        self.refused.insert(id, holder);
    }

    pub(super) fn want_no_more(&mut self, id: LiteId) {
        self.refused.remove(&id);
        if self.wants(id) {
            self.interests.remove(id.0.into());
            self.interest_count -= 1;
        }
    }
}
