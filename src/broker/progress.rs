//! Consumer progress: how far one group has come in one queue (in broadcasting: how far one consumer has).
//!
//! ```text
//!  min      committed  done_below          next        max
//!   |  done     |  done    | done and unfinished | ready |
//! ```
//!
//! Everything below `done_below` is finished; `committed` is what the broker knows of it (it may lag while a classic
//! consumer keeps its offsets to itself); from `next` on nothing has been handed out yet. The commit rule is that of the
//! classic consumer's local queue, [`Finished`].

use std::collections::{BTreeMap, VecDeque};
use std::ops::Range;

use super::event::Outcome;
use super::id::{ConsumerId, FilterId, GroupId, QueueId};
use super::lite::Reading;
use super::message_queue::{StoredCopy, put_unless_zero};
use super::order::Order;
use super::pull::Pulled;
use crate::rules::finished::Finished;
use crate::rules::ranges::OffsetRanges;
use crate::sim::{Column, Instant, Kept, Register, Shelf, Slot, Span};

/// The living part of a group's progress on a queue.
#[derive(Clone, Debug)]
pub struct ProgressState {
    /// Whose.
    pub group: GroupId,
    /// In which queue.
    pub queue: QueueId,
    /// In broadcasting, the one consumer it belongs to.
    pub member: Option<ConsumerId>,
    /// May the group read the queue? A topic can show consumers fewer queues than it has.
    pub readable: bool,
    /// Is the queue one of an ordinary topic, rather than of one that failures brought about?
    pub ordinary: bool,
    /// Is it one of a retry topic, so that every delivery is a redelivery?
    pub is_retry: bool,
    /// Does the group hand out single messages, rather than whole queues?
    pub by_message: bool,
    /// Do its events take the plain way through the rules, because it is read by message or in order?
    pub(super) plainly: bool,
    /// Does the committed offset follow what was delivered, not what was finished (`pop.commitMode`)?
    pub commits_ahead: bool,
    /// May a filter keep messages back? If not, nobody needs to look into them.
    pub filters: bool,
    /// In queue balancing, the consumer that reads the queue now.
    pub owner: Option<ConsumerId>,
    /// Grows whenever the queue changes hands: results of an older epoch count for nothing.
    pub epoch: u32,
    /// The first offset the group ever looked at.
    pub start: u64,
    /// When it first did.
    pub started_at: Instant,
    /// The committed offset at the broker: everything below is done, reading goes on here after a crash.
    pub committed: u64,
    /// The next offset to be handed out.
    pub next: u64,
    /// The highest value `next` ever had: below it, a delivery is a redelivery.
    pub high_water: u64,
    /// What is finished, as the consumer knows it.
    pub finished: Finished,
    /// Handed out and unfinished.
    pub inflight: u32,
    /// In message balancing, who holds which offset.
    pub held: BTreeMap<u64, Holding>,
    /// In an orderly group, what is kept back and locked here.
    pub order: Option<Box<Order>>,
    /// Of lite topics, what the group has of each. The offsets here are then those of the parent's log as a whole, and what
    /// is committed is how much of it the group has finished or has nothing to do with.
    pub lite: Option<Box<Reading>>,
    /// With pull consumers, what polls returned to applications that died.
    pub pulled: Option<Box<Pulled>>,
    /// What it has lost or left out, once retention or a reset has interfered.
    pub gaps: Option<Box<Gaps>>,
    /// On their way to a consumer, in order of arrival.
    pub transit: VecDeque<DeliveryInFlight>,
    pub(super) arrive_slot: Slot,
}

/// What a group has lost or left out in a queue.
#[derive(Clone, Debug, Default)]
pub struct Gaps {
    /// Gone before the group was done with them.
    pub expired: OffsetRanges,
    /// Passed over by a reset.
    pub passed: OffsetRanges,
    /// When the offset was reset last.
    pub(super) reset_at: Option<Instant>,
    /// When messages got here, those that went together in one entry; what came back may have gone twice.
    pub lost: Vec<Lost>,
    /// Before the first offset that the group looked at; a reset went there then.
    pub(super) late: Vec<(Range<u64>, Instant)>,
}

/// Messages in a row that a group will not get.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Lost {
    /// Which.
    pub offsets: Range<u64>,
    /// Since when.
    pub at: Instant,
    /// Because they are gone, rather than passed over by a reset.
    pub expired: bool,
}

impl Gaps {
    /// Notes that a group will not get a message.
    pub(super) fn lose(&mut self, offset: u64, at: Instant, expired: bool) {
        let set = if expired { &mut self.expired } else { &mut self.passed };
        set.insert(offset);
        match self.lost.last_mut() {
            Some(last) if (last.offsets.end, last.at, last.expired) == (offset, at, expired) => {
                last.offsets.end += 1;
            }
            _ => self.lost.push(Lost { offsets: offset..offset + 1, at, expired }),
        }
    }
}

/// A message that one consumer holds invisibly.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Holding {
    /// Who.
    pub consumer: ConsumerId,
    /// Since when.
    pub handed_out_at: Instant,
    /// Until when at the latest, once its consumer is gone; while the consumer lives the time is renewed. What a simple
    /// consumer holds is invisible until then in any case.
    pub until: Option<Instant>,
    /// The number of the receipt handle that a simple consumer has for it; 0 if nobody sees one.
    pub handle: u64,
    /// Is its invisible time over, and it is still here because a whole batch goes on together?
    pub(super) over: bool,
}

/// A message on its way to a consumer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DeliveryInFlight {
    /// Which message.
    pub offset: u64,
    /// To whom.
    pub consumer: ConsumerId,
    /// To which of its incarnations.
    pub incarnation: u32,
    /// Was the message handed out before?
    pub again: bool,
    /// When it was handed out.
    pub sent_at: Instant,
    /// When it arrives.
    pub arrives_at: Instant,
    /// The entry that handed it out.
    pub cause: u64,
    /// What is stored there.
    pub(super) copy: StoredCopy,
}

impl ProgressState {
    /// Visible and not yet handed out, given the queue's max offset.
    pub fn ready(&self, max_offset: u64) -> u64 {
        max_offset - self.next + self.kept_back()
    }

    /// Of these, how many were read, and wait for their turn or for somebody to ask for them.
    pub fn kept_back(&self) -> u64 {
        self.order.as_ref().map_or(0, |order| order.waiting_count)
    }

    /// Has the message at `offset` been handed out before, or passed over? Its delivery does not come in a row.
    pub(super) fn was_handed_out(&self, offset: u64) -> bool {
        let undelivered = |order: &Order| order.undelivered.contains(offset);
        offset < self.high_water && !self.order.as_deref().is_some_and(undelivered)
    }

    /// Finished at offsets from the committed one on, waiting for a lower one (or for the consumer to report).
    pub fn finished_ahead(&self) -> u64 {
        if self.commits_ahead {
            return 0;
        }
        self.next - self.committed - u64::from(self.inflight) - self.kept_back()
    }

    /// Ready + in flight + finished ahead: how far the group is behind on this queue.
    pub fn accumulation(&self, max_offset: u64) -> u64 {
        if self.commits_ahead {
            return self.ready(max_offset) + u64::from(self.inflight);
        }
        max_offset - self.committed
    }

    /// The lowest offset of which people may wonder what the group has done with it.
    pub fn open_from(&self) -> u64 {
        if self.commits_ahead { self.done_below() } else { self.committed }
    }

    /// The smallest unfinished offset, as the consumer knows it.
    #[inline(always)]
    pub fn done_below(&self) -> u64 {
        self.finished.below()
    }

    /// Is the message at `offset` finished for this group (acknowledged, or moved to the retry shelf)?
    pub fn is_finished(&self, offset: u64) -> bool {
        self.finished.contains(offset)
    }

    /// The message at `offset`, the next to be handed out, is not: it is finished without.
    pub(super) fn pass_over(&mut self, offset: u64, commits: bool) {
        self.next = offset + 1;
        self.high_water = self.high_water.max(self.next);
        self.finished.insert(offset);
        if commits && !self.commits_ahead {
            self.committed = self.done_below();
        }
    }

    /// The message at `offset` is finished as far as this queue is concerned; if it `commits`, the broker
    /// knows at once.
    #[inline(always)]
    pub(super) fn finish(&mut self, offset: u64, commits: bool) {
        self.inflight -= 1;
        self.finished.insert(offset);
        if commits && !self.commits_ahead {
            self.committed = self.done_below();
        }
    }

    /// The same for a message at any offset: those before the start came with the reset that went there.
    pub fn in_sight_of(&self, offset: u64, stored_at: Instant) -> Instant {
        if let Some(at) = self.lite.as_ref().and_then(|lite| lite.in_sight_since(offset)) {
            return at;
        }
        let late = self.gaps.iter().flat_map(|gaps| &gaps.late);
        let since = late.filter(|(range, _)| range.contains(&offset)).map(|(_, at)| *at).next();
        since.unwrap_or_else(|| self.in_sight_since(stored_at))
    }

    /// When a message came into the group's sight: when it was stored, or when the group began to look after that.
    #[inline(always)]
    pub(super) fn in_sight_since(&self, stored_at: Instant) -> Instant {
        stored_at.max(self.started_at)
    }
}

/// The kept part: what became of every delivery, and of every message that was read and not delivered. The first delivery of each offset stands in columns; the rare
/// further ones, which a crash or a rebalance brings, in a list.
#[derive(Clone, Debug, Default)]
pub struct DeliveryLog {
    start: u64,
    /// From the store time to the hand-out; nothing is written as long as it is zero.
    handed_out: Column,
    consumer: Column,
    /// From the hand-out to the listener's start; of what was filtered out, the filter's number times
    /// two, and one more if it was never sent.
    started: Column,
    /// From there to its end, times four, plus the outcome.
    finished: Column,
    again: Shelf<DeliveryRecord>,
    /// For each offset in the list, the place of its newest record.
    newest: Register<u64, u32>,
    /// For each record, the place of the one before it of the same offset.
    before: Shelf<Option<u32>>,
}

/// One delivery of one message to one consumer; or what stands in its place, if a filter kept the message back.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DeliveryRecord {
    /// Which message of the queue.
    pub offset: u64,
    /// To whom.
    pub consumer: ConsumerId,
    /// When the broker handed it out.
    pub handed_out_at: Instant,
    /// When the listener started, if it did.
    pub started_at: Option<Instant>,
    /// When it ended, if it did.
    pub finished_at: Option<Instant>,
    /// How, if it did.
    pub outcome: Option<Outcome>,
    /// The filter that kept it back, if one did.
    pub filter: Option<FilterId>,
    /// Was it kept back before it was sent, rather than thrown away when it arrived?
    pub unsent: bool,
}

impl DeliveryRecord {
    /// Did a filter keep the message back?
    pub fn filtered(&self) -> bool {
        self.outcome == Some(Outcome::Filtered)
    }

    /// Did it end in success?
    pub fn acknowledged(&self) -> bool {
        self.outcome == Some(Outcome::Acknowledged)
    }
}

impl DeliveryLog {
    pub(super) fn new(start: u64) -> Self {
        Self { start, ..Self::default() }
    }

    /// Deliveries of one offset in order; empty if it was never handed out.
    pub fn of(&self, offset: u64, stored_at: Instant) -> impl Iterator<Item = DeliveryRecord> {
        let first = self.first(offset, stored_at);
        let mut places: Vec<u32> = self.places(offset).collect();
        places.reverse();
        first.into_iter().chain(places.into_iter().map(|place| self.again[place as usize]))
    }

    /// The latest of them.
    pub fn latest(&self, offset: u64, stored_at: Instant) -> Option<DeliveryRecord> {
        let again = self.places(offset).next().map(|place| self.again[place as usize]);
        again.or_else(|| self.first(offset, stored_at))
    }

    /// Was one of them, other than the latest, sent to a consumer?
    pub(super) fn was_sent_before(&self, offset: u64, stored_at: Instant) -> bool {
        let mut earlier = self.places(offset).skip(1).map(|place| self.again[place as usize]);
        earlier.any(|record| !record.unsent)
            || self.first(offset, stored_at).is_some_and(|record| !record.unsent)
    }

    /// Where the records of an offset are in the list, the newest first.
    fn places(&self, offset: u64) -> impl Iterator<Item = u32> {
        let newest = self.newest.get(&offset).copied();
        std::iter::successors(newest, |place| self.before[*place as usize])
    }

    /// The first delivery of an offset.
    pub fn first(&self, offset: u64, stored_at: Instant) -> Option<DeliveryRecord> {
        let index = offset.checked_sub(self.start)?;
        let consumer = self.consumer.get_opt(index)?;
        let handed_out_at = stored_at + Span(self.handed_out.get(index));
        let ended = self.finished.get_opt(index);
        let consumer = ConsumerId(consumer as u16);
        if let Some(ended) = ended.filter(|ended| Outcome::from_code(ended & 3) == Outcome::Filtered) {
            let how = self.started.get(index);
            return Some(DeliveryRecord {
                offset,
                consumer,
                handed_out_at,
                started_at: None,
                finished_at: Some(handed_out_at + Span(ended >> 2)),
                outcome: Some(Outcome::Filtered),
                filter: Some(FilterId((how >> 1) as u32)),
                unsent: how & 1 == 1,
            });
        }
        let started_at = self.started.get_opt(index).map(|wait| handed_out_at + Span(wait));
        let finished_at = started_at.zip(ended).map(|(at, ended)| at + Span(ended >> 2));
        Some(DeliveryRecord {
            offset,
            consumer,
            handed_out_at,
            started_at,
            finished_at,
            outcome: ended.map(|ended| Outcome::from_code(ended & 3)),
            filter: None,
            unsent: false,
        })
    }

    /// The first offset for which it has a place in its columns.
    pub(super) fn first_offset(&self) -> u64 {
        self.start
    }

    /// Forgets what is from `offset` on.
    pub(super) fn truncate(&mut self, offset: u64) {
        let len = offset.saturating_sub(self.start);
        for column in [&mut self.handed_out, &mut self.consumer, &mut self.started, &mut self.finished] {
            column.truncate(len);
        }
        let again = std::mem::take(&mut self.again);
        self.newest = Register::default();
        self.before = Shelf::default();
        for record in again.iter().filter(|record| record.offset < offset) {
            let place = self.again.len() as u32;
            self.before.push(self.newest.insert(record.offset, place));
            self.again.push(*record);
        }
    }

    /// All deliveries after the first of their message.
    pub fn again(&self) -> &[DeliveryRecord] {
        &self.again
    }

    /// Notes a hand-out. One of a message that the columns have, or have passed, goes to the list.
    #[inline(always)]
    pub(super) fn deliver(
        &mut self,
        offset: u64,
        stored_at: Instant,
        at: Instant,
        consumer: ConsumerId,
        again: bool,
    ) {
        if !again {
            let index = offset - self.start;
            put_unless_zero(&mut self.handed_out, index, (at - stored_at).0);
            self.consumer.put(index, consumer.0.into());
        } else {
            let place = self.again.len() as u32;
            let before = self.newest.insert(offset, place);
            self.before.push(before);
            self.again.push(DeliveryRecord {
                offset,
                consumer,
                handed_out_at: at,
                started_at: None,
                finished_at: None,
                outcome: None,
                filter: None,
                unsent: false,
            });
        }
    }

    /// Notes that the listener started on the latest delivery of this message to this consumer.
    pub(super) fn start(&mut self, offset: u64, handed_out_at: Instant, at: Instant, again: bool) {
        if again {
            self.change_again(offset, handed_out_at, |record| record.started_at = Some(at));
        } else {
            self.started.put(offset - self.start, (at - handed_out_at).0);
        }
    }

    /// Notes how it ended.
    pub(super) fn end(
        &mut self,
        offset: u64,
        handed_out_at: Instant,
        spent: Span,
        outcome: Outcome,
        again: bool,
    ) {
        if again {
            self.change_again(offset, handed_out_at, |record| {
                record.finished_at = record.started_at.map(|at| at + spent);
                record.outcome = Some(outcome);
            });
        } else {
            self.finished.put(offset - self.start, spent.0 << 2 | outcome as u64);
        }
    }

    /// Notes that what [`deliver`](Self::deliver) noted last of this message was not sent at all, because of a filter.
    pub(super) fn keep_back(&mut self, offset: u64, at: Instant, filter: FilterId, again: bool) {
        self.end_at_filter(offset, at, Span::ZERO, (filter, true), again);
    }

    /// Notes that the latest delivery of this message was thrown away when it arrived.
    pub(super) fn throw_away(
        &mut self,
        offset: u64,
        handed_out_at: Instant,
        spent: Span,
        filter: FilterId,
        again: bool,
    ) {
        self.end_at_filter(offset, handed_out_at, spent, (filter, false), again);
    }

    fn end_at_filter(
        &mut self,
        offset: u64,
        handed_out_at: Instant,
        spent: Span,
        (filter, unsent): (FilterId, bool),
        again: bool,
    ) {
        if again {
            self.change_again(offset, handed_out_at, |record| {
                record.finished_at = Some(handed_out_at + spent);
                record.outcome = Some(Outcome::Filtered);
                record.filter = Some(filter);
                record.unsent = unsent;
            });
        } else {
            self.started.put(offset - self.start, u64::from(filter.0) << 1 | u64::from(unsent));
            self.finished.put(offset - self.start, spent.0 << 2 | Outcome::Filtered as u64);
        }
    }

    /// Writes the record of a further delivery again.
    fn change_again(
        &mut self,
        offset: u64,
        handed_out_at: Instant,
        change: impl FnOnce(&mut DeliveryRecord),
    ) {
        let is_it = |place: &u32| self.again[*place as usize].handed_out_at == handed_out_at;
        let place = self.places(offset).find(is_it);
        if let Some(place) = place {
            let mut record = self.again[place as usize];
            change(&mut record);
            self.again.set(place as usize, record);
        }
    }

    /// Goes through all that it consists of.
    pub(super) fn each_kept(&mut self, see: &mut impl FnMut(&mut dyn Kept)) {
        let Self { start: _, handed_out, consumer, started, finished, again, newest, before } = self;
        let all: [&mut dyn Kept; 7] = [handed_out, consumer, started, finished, again, newest, before];
        all.into_iter().for_each(see);
    }

    /// Bytes of memory the entries take, unused room included.
    pub fn bytes(&self) -> usize {
        self.handed_out.bytes()
            + self.consumer.bytes()
            + self.started.bytes()
            + self.finished.bytes()
            + self.again.bytes()
            + self.before.bytes()
            + self.newest.bytes()
    }
}
