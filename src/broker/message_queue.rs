//! A message queue: an append-only log. Offsets start at 0 and grow by one, order is order of arrival, and reading
//! changes nothing.
//!
//! What a queue holds is kept for ever in columns, one entry per offset. Messages of an ordinary topic are stored as
//! (producer, number): their content is a pure function of that pair and the producer's template, so storing the pair
//! *is* storing the message. Copies in retry and dead-letter topics refer to the message they are copies of.

use super::id::{MessageRef, ProducerId, ProgressId, TopicId};
use super::lite::LiteLog;
use crate::sim::{Column, Instant, Kept, Shelf, Span, TimeColumn};

/// The living part of a queue.
#[derive(Clone, Debug)]
pub struct QueueState {
    /// The topic it belongs to.
    pub topic: TopicId,
    /// Its number within the topic, from 0: RocketMQ's queue id.
    pub number: u32,
    /// The lowest offset still stored.
    pub min_offset: u64,
    /// The offset the next append will get.
    pub max_offset: u64,
    /// When the last append happened; store times never go back.
    pub last_stored_at: Instant,
    /// The chance key of what was appended last (see [`StoredCopy`]).
    pub(super) last_key: u64,
    /// Who reads it.
    pub progress: Vec<ProgressId>,
    /// Does a reader hand out single messages, rather than the whole queue? Or are these lite topics?
    pub read_by_message: bool,
    /// Is there more to a new message than giving it to the queue's owner, because a reader hands out single messages
    /// or filters?
    pub(super) read_plainly: bool,
}

/// What a delivery carries of the stored copy it is a delivery of, so that nobody has to look into the log again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct StoredCopy {
    /// When it was stored.
    pub(super) stored_at: Instant,
    /// A number that stands for one attempt on one message: chance is keyed by it, so a message has the same luck
    /// whoever consumes it.
    pub(super) key: u64,
}

impl QueueState {
    /// What was appended last.
    pub(super) fn last(&self) -> StoredCopy {
        StoredCopy { stored_at: self.last_stored_at, key: self.last_key }
    }
}

/// The kept part of a queue: one entry per offset.
#[derive(Clone, Debug, Default)]
pub struct QueueLog {
    stored_at: TimeColumn,
    /// From the send to the append; nothing is written as long as it is zero.
    transit: Column,
    producer: Column,
    number: Column,
    copies: Shelf<CopyRecord>,
    /// Of which lite topic each message is, in a parent's log: none or one of them.
    pub(super) lite: Shelf<LiteLog>,
}

/// What is stored for a copy in a retry or dead-letter topic.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CopyRecord {
    /// The copy's store time.
    pub stored_at: Instant,
    /// The first stored copy of the same message (RocketMQ's `ORIGIN_MESSAGE_ID`).
    pub origin: MessageRef,
    /// Failed deliveries so far (RocketMQ's `RECONSUME_TIMES`).
    pub reconsume_times: u32,
}

/// Writes an entry, except a zero where nothing was written yet: absent entries read as zero.
#[inline(always)]
pub(super) fn put_unless_zero(column: &mut Column, index: u64, value: u64) {
    if value > 0 || index < column.len() {
        column.put(index, value);
    }
}

impl QueueLog {
    /// Writes the message at `offset`.
    pub(super) fn store(
        &mut self,
        offset: u64,
        at: Instant,
        sent_at: Instant,
        producer: ProducerId,
        number: u64,
    ) {
        self.stored_at.put(offset, at);
        put_unless_zero(&mut self.transit, offset, (at - sent_at).0);
        self.producer.put(offset, producer.0.into());
        self.number.put(offset, number);
    }

    /// Writes a copy at `offset`.
    pub(super) fn store_copy(&mut self, offset: u64, copy: CopyRecord) {
        debug_assert_eq!(offset, self.copies.len() as u64, "offsets are dense");
        self.copies.push(copy);
    }

    /// Forgets what is from `offset` on.
    pub(super) fn truncate(&mut self, offset: u64) {
        self.stored_at.truncate(offset);
        for column in [&mut self.transit, &mut self.producer, &mut self.number] {
            column.truncate(offset);
        }
        self.lite.iter_mut().for_each(|lite| lite.truncate(offset));
        self.copies.cut(usize::try_from(offset).unwrap_or(usize::MAX));
    }

    /// When the message at `offset` was stored.
    pub fn stored_at(&self, offset: u64) -> Instant {
        match self.copies.get(offset as usize) {
            Some(copy) => copy.stored_at,
            None => self.stored_at.get(offset),
        }
    }

    /// When it was sent.
    pub fn sent_at(&self, offset: u64) -> Instant {
        self.stored_at(offset) - Span(self.transit.get(offset))
    }

    /// Who sent it, and which of the sender's messages it is.
    pub fn sender(&self, offset: u64) -> (ProducerId, u64) {
        (ProducerId(self.producer.get(offset) as u16), self.number.get(offset))
    }

    /// What is stored about a copy; `None` in an ordinary topic.
    pub fn copy(&self, offset: u64) -> Option<&CopyRecord> {
        self.copies.get(offset as usize)
    }

    /// Goes through all that it consists of.
    pub(super) fn each_kept(&mut self, see: &mut impl FnMut(&mut dyn Kept)) {
        let Self { stored_at, transit, producer, number, copies, lite } = self;
        let all: [&mut dyn Kept; 6] = [stored_at, transit, producer, number, copies, lite];
        all.into_iter().for_each(&mut *see);
        lite.iter_mut().for_each(|lite| lite.each_kept(see));
    }

    /// Bytes of memory the entries take, unused room included.
    pub fn bytes(&self) -> usize {
        self.stored_at.bytes()
            + self.transit.bytes()
            + self.producer.bytes()
            + self.number.bytes()
            + self.copies.bytes()
            + self.lite.iter().map(LiteLog::bytes).sum::<usize>()
    }
}
