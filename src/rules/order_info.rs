//! What the broker keeps of the last batch that an orderly group popped from one queue.
//!
//! ```text
//!  pop [5 6 7]  ──► record: 5 ○  6 ○  7 ○     commit 5, nobody else may pop
//!  ack 6        ──► record: 5 ○  6 ●  7 ○     commit 5
//!  ack 5        ──► record: 5 ●  6 ●  7 ○     commit 7
//!  invisible time over  ──►  the next pop begins with 7 and counts it as its second delivery
//! ```
//!
//! There is one record for each group and queue, so the whole queue waits for a batch, whatever its message groups. A pop
//! begins at the first unacknowledged message, so what was acknowledged behind it comes again. No retry topic is involved.
//! Times may have any unit, if only it is always the same. Source: `ConsumerOrderInfoManager`.

use std::collections::BTreeMap;

/// One batch that was popped, and what became of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OrderInfo {
    attempt: Option<String>,
    popped_at: i64,
    invisible_time: i64,
    offsets: Vec<u64>,
    /// One bit for each message of the batch, by its place in it.
    acknowledged: u64,
    /// When messages are visible again whose invisible time was changed.
    visible_at: BTreeMap<u64, i64>,
    /// How often each message was delivered before, if at all; none for the first batch of a record.
    delivered_before: Option<BTreeMap<u64, u32>>,
}

impl OrderInfo {
    /// The attempt that popped it, if it had a name.
    pub fn attempt(&self) -> Option<&str> {
        self.attempt.as_deref()
    }

    /// The batch.
    pub fn offsets(&self) -> &[u64] {
        &self.offsets
    }

    /// One bit for each message of the batch, by its place in it: is it acknowledged?
    pub fn acknowledged(&self) -> u64 {
        self.acknowledged
    }

    /// How often messages were delivered before. Empty for a batch of new messages; none for the very first batch.
    pub fn delivered_before(&self) -> Option<&BTreeMap<u64, u32>> {
        self.delivered_before.as_ref()
    }

    fn is_acknowledged(&self, place: usize) -> bool {
        // Batches have at most 32 messages; a longer one would wrap around, as it does in a Java shift.
        self.acknowledged >> (place % 64) & 1 == 1
    }

    fn unacknowledged(&self) -> impl Iterator<Item = u64> {
        let open = |&(place, _): &(usize, &u64)| !self.is_acknowledged(place);
        self.offsets.iter().enumerate().filter(open).map(|(_, offset)| *offset)
    }

    /// When the last unacknowledged message of the batch is visible again, and the next pop may begin; none if all are
    /// acknowledged.
    pub fn free_at(&self) -> Option<i64> {
        self.unacknowledged().map(|offset| self.visible_at(offset, self.invisible_time)).max()
    }

    fn visible_at(&self, offset: u64, invisible_time: i64) -> i64 {
        self.visible_at.get(&offset).copied().unwrap_or(self.popped_at + invisible_time)
    }

    /// What the group may commit: the first unacknowledged message, or what follows the batch.
    fn next_offset(&self) -> u64 {
        let end = self.offsets.last().map_or(0, |last| last + 1);
        self.unacknowledged().next().unwrap_or(end)
    }
}

/// A pop that got messages.
#[derive(Clone, Copy, Debug)]
pub struct OrderedPop<'a> {
    /// The name of the attempt: a client that got no answer asks again under the same name.
    pub attempt: Option<&'a str>,
    /// When it happened; acknowledgements name it.
    pub popped_at: i64,
    /// How long the messages are invisible.
    pub invisible_time: i64,
    /// What it got, in order; not empty.
    pub offsets: &'a [u64],
}

/// How often the messages of a batch were delivered before.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct OrderCounts {
    /// The smallest count, for clients that know only one for the whole batch.
    pub whole: u32,
    /// The counts above zero by offset.
    pub by_offset: BTreeMap<u64, u32>,
}

/// What an acknowledgement came to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OrderedAck {
    /// The group may commit this offset.
    Commit(u64),
    /// The message does not belong to the batch.
    NotInBatch,
    /// The message was popped at another time than the batch: it is ignored.
    Stale,
}

/// The record of one group and queue, if there is one.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct OrderedQueue {
    record: Option<OrderInfo>,
}

impl OrderedQueue {
    /// The batch that was popped last.
    pub fn record(&self) -> Option<&OrderInfo> {
        self.record.as_ref()
    }

    /// Must a pop wait? It must as long as a message of the last batch is neither acknowledged nor visible again, unless
    /// the pop is the same attempt. `invisible_time` is the pop's; it stands in for the batch's if that has none.
    pub fn is_blocked(&self, now: i64, attempt: Option<&str>, invisible_time: i64) -> bool {
        let Some(record) = &self.record else { return false };
        if record.attempt.is_some() && record.attempt.as_deref() == attempt {
            return false;
        }
        let time = if record.invisible_time > 0 { record.invisible_time } else { invisible_time };
        record.unacknowledged().any(|offset| now < record.visible_at(offset, time))
    }

    /// Notes a batch in place of the last one and tells how often its messages were delivered before. Whether the pop had
    /// to wait is not asked again.
    pub fn pop(&mut self, pop: OrderedPop<'_>) -> OrderCounts {
        let delivered_before = self.record.take().map(|last| {
            let before = last.delivered_before.unwrap_or_default();
            if last.attempt.is_some() && last.attempt.as_deref() == pop.attempt {
                // The same attempt again is no new delivery. The counts are kept as they are, even of messages that
                // are no longer in the batch.
                return before;
            }
            let counted = pop.offsets.iter().filter(|offset| last.offsets.contains(offset));
            counted.map(|offset| (*offset, before.get(offset).map_or(1, |count| count + 1))).collect()
        });
        let by_offset = delivered_before.clone().unwrap_or_default();
        // Fewer counts than messages: some are new. Counts that were kept can hide that.
        let is_whole = by_offset.len() == pop.offsets.len();
        let whole = by_offset.values().copied().min().filter(|_| is_whole).unwrap_or(0);
        self.record = Some(OrderInfo {
            attempt: pop.attempt.map(str::to_owned),
            popped_at: pop.popped_at,
            invisible_time: pop.invisible_time,
            offsets: pop.offsets.to_vec(),
            acknowledged: 0,
            visible_at: BTreeMap::new(),
            delivered_before,
        });
        OrderCounts { whole, by_offset }
    }

    /// Acknowledges one message of the batch popped at a certain time. Without a record it is believed.
    pub fn acknowledge(&mut self, offset: u64, popped_at: i64) -> OrderedAck {
        let Some(record) = &mut self.record else { return OrderedAck::Commit(offset + 1) };
        if record.popped_at != popped_at {
            return OrderedAck::Stale;
        }
        let Some(place) = record.offsets.iter().position(|o| *o == offset) else {
            return OrderedAck::NotInBatch;
        };
        record.acknowledged |= 1 << (place % 64);
        OrderedAck::Commit(record.next_offset())
    }

    /// Notes that one message of the batch will not be delivered again, as a filter keeps it back by now: no pop waits for
    /// it.
    pub fn keep_back(&mut self, offset: u64) {
        if let Some(record) = &mut self.record
            && let Some(place) = record.offsets.iter().position(|o| *o == offset)
        {
            record.acknowledged |= 1 << (place % 64);
        }
    }

    /// Changes when one message of the batch popped at a certain time is visible again.
    pub fn change_invisible(&mut self, offset: u64, popped_at: i64, visible_at: i64) {
        if let Some(record) = self.record.as_mut().filter(|record| record.popped_at == popped_at) {
            record.visible_at.insert(offset, visible_at);
        }
    }

    /// Forgets the batch, as a reset of the group's offset makes it.
    pub fn clear(&mut self) {
        self.record = None;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pop(queue: &mut OrderedQueue, attempt: &str, popped_at: i64, offsets: &[u64]) -> OrderCounts {
        queue.pop(OrderedPop { attempt: Some(attempt), popped_at, invisible_time: 30, offsets })
    }

    fn counts(whole: u32, by_offset: &[(u64, u32)]) -> OrderCounts {
        OrderCounts { whole, by_offset: by_offset.iter().copied().collect() }
    }

    #[test]
    fn a_batch_blocks_others_until_it_is_acknowledged_or_visible() {
        let mut queue = OrderedQueue::default();
        assert!(!queue.is_blocked(0, None, 30));
        pop(&mut queue, "a", 100, &[5, 6]);
        assert!(queue.is_blocked(129, Some("b"), 30));
        assert!(queue.is_blocked(129, None, 30));
        assert!(!queue.is_blocked(129, Some("a"), 30), "the same attempt may ask again");
        assert!(!queue.is_blocked(130, Some("b"), 30));
        assert_eq!(queue.acknowledge(6, 100), OrderedAck::Commit(5));
        assert!(queue.is_blocked(110, Some("b"), 30));
        assert_eq!(queue.acknowledge(5, 100), OrderedAck::Commit(7));
        assert!(!queue.is_blocked(110, Some("b"), 30));
    }

    #[test]
    fn attempts_without_a_name_are_never_the_same() {
        let mut queue = OrderedQueue::default();
        let nameless = OrderedPop { attempt: None, popped_at: 0, invisible_time: 30, offsets: &[1] };
        queue.pop(nameless);
        assert!(queue.is_blocked(1, None, 30));
        assert_eq!(queue.pop(nameless), counts(1, &[(1, 1)]));
    }

    #[test]
    fn a_changed_invisible_time_holds_for_its_message_alone() {
        let mut queue = OrderedQueue::default();
        pop(&mut queue, "a", 100, &[5, 6]);
        queue.change_invisible(5, 99, 500);
        assert_eq!(queue.record().and_then(OrderInfo::free_at), Some(130), "popped at another time");
        queue.change_invisible(5, 100, 500);
        queue.acknowledge(6, 100);
        assert!(queue.is_blocked(499, None, 30));
        assert_eq!(queue.record().and_then(OrderInfo::free_at), Some(500));
        queue.change_invisible(5, 100, 0);
        assert!(!queue.is_blocked(1, None, 30));
    }

    #[test]
    fn deliveries_are_counted_by_message() {
        let mut queue = OrderedQueue::default();
        assert_eq!(pop(&mut queue, "a", 0, &[5, 6]), counts(0, &[]));
        assert_eq!(queue.record().and_then(OrderInfo::delivered_before), None);
        assert_eq!(pop(&mut queue, "b", 30, &[6, 7]), counts(0, &[(6, 1)]));
        assert_eq!(pop(&mut queue, "c", 60, &[6, 7]), counts(1, &[(6, 2), (7, 1)]));
        assert_eq!(pop(&mut queue, "c", 70, &[6, 7]), counts(1, &[(6, 2), (7, 1)]), "the same attempt");
        assert_eq!(pop(&mut queue, "d", 90, &[8]), counts(0, &[]));
    }

    #[test]
    fn an_acknowledgement_of_something_else_changes_nothing() {
        let mut queue = OrderedQueue::default();
        assert_eq!(queue.acknowledge(5, 100), OrderedAck::Commit(6), "nothing is known, so it is believed");
        pop(&mut queue, "a", 100, &[5, 7]);
        assert_eq!(queue.acknowledge(5, 101), OrderedAck::Stale);
        assert_eq!(queue.acknowledge(6, 100), OrderedAck::NotInBatch);
        assert_eq!(queue.record().map(OrderInfo::acknowledged), Some(0));
        assert_eq!(queue.acknowledge(5, 100), OrderedAck::Commit(7));
        assert_eq!(queue.acknowledge(5, 100), OrderedAck::Commit(7), "twice is once");
        queue.clear();
        assert_eq!(queue, OrderedQueue::default());
    }
}
