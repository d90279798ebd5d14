//! What a classic consumer does with the result of its listener.
//!
//! ```text
//!  concurrently:  acknowledged ─────────────────► removed ─► commit the smallest offset left
//!                 failed ─► sent back ──────────► removed
//!                              └─ that failed ──► stays, and is consumed again after 5 s
//!
//!  orderly:       success ──────────────────────► everything taken is committed
//!                 suspend ──────────────────────► the batch is put back, the queue rests
//!                    └─ too often, and sent back ► committed, as if it were a success
//! ```
//!
//! What is decided about a batch ([`ConcurrentResult::fate`], [`after_orderly`]) stands apart from what is then done with
//! the local queue ([`concurrently`], [`orderly`]). The simulator decides by the former; its batches are single messages.
//! Source: `ConsumeMessageConcurrentlyService.processConsumeResult`,
//! `ConsumeMessageOrderlyService.processConsumeResult`.

use super::process_queue::{NothingTaken, ProcessQueue};

/// So long a consumer waits before it consumes again what could not be sent back, in milliseconds.
pub const CONSUME_AGAIN_MS: u64 = 5_000;

/// What a concurrent listener returned. None at all, or an exception, is [`ConsumeLater`](Self::ConsumeLater).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ConcurrentStatus {
    /// The batch was consumed, up to the acknowledged index.
    Success,
    /// The whole batch is to be consumed again, whatever the acknowledged index.
    ConsumeLater,
}

/// What a concurrent listener left in its context.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ConcurrentResult {
    /// The status.
    pub status: ConcurrentStatus,
    /// The index in the batch of the last message that was consumed; −1 for none.
    pub ack_index: i32,
    /// The delay level with which the others are sent back: 0 lets the broker choose, below 0 is the dead-letter topic.
    pub delay_level: i32,
}

impl Default for ConcurrentResult {
    fn default() -> Self {
        Self { status: ConcurrentStatus::Success, ack_index: i32::MAX, delay_level: 0 }
    }
}

/// What becomes of one message of a concurrent listener's batch.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fate {
    /// It was consumed.
    Consumed,
    /// It failed, and nobody sends it back: each consumer has its own copy.
    Dropped,
    /// It failed, and goes back to the broker.
    SentBack {
        /// As in [`ConcurrentResult`].
        delay_level: i32,
    },
}

impl ConcurrentResult {
    /// The listener failed, and said no more.
    pub const FAILED: Self =
        Self { status: ConcurrentStatus::ConsumeLater, ack_index: i32::MAX, delay_level: 0 };

    /// What becomes of the message at this index of the batch.
    ///
    /// # Errors
    /// The listener said "success" with an acknowledged index below −1.
    pub fn fate(&self, index: usize, is_broadcasting: bool) -> Result<Fate, AckIndexTooSmall> {
        let acknowledged = match self.status {
            ConcurrentStatus::Success => usize::try_from(i64::from(self.ack_index) + 1).ok(),
            ConcurrentStatus::ConsumeLater => Some(0),
        };
        Ok(match acknowledged.ok_or(AckIndexTooSmall)? {
            acknowledged if index < acknowledged => Fate::Consumed,
            _ if is_broadcasting => Fate::Dropped,
            _ => Fate::SentBack { delay_level: self.delay_level },
        })
    }
}

/// What follows from a concurrent listener's result.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Concurrently {
    /// Could not be sent back: they stay in the local queue with one more failure, and are consumed again after
    /// [`CONSUME_AGAIN_MS`].
    pub again: Vec<u64>,
    /// The offset to commit, if any; a smaller one than was committed before is ignored.
    pub committed: Option<u64>,
}

/// The acknowledged index lies below −1: the consumer's code fails, and the batch stays in the local queue for good.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AckIndexTooSmall;

/// Deals with the result of a concurrent listener that was given `batch`.
///
/// `send_back` sends one message back to the broker with a delay level and tells whether that went well. Messages of the
/// batch that are no longer pending (they took too long, and were sent back meanwhile) are passed over. In broadcasting
/// failures are dropped. A queue that was taken away meanwhile is treated alike, only that nothing is committed.
///
/// # Errors
/// The listener said "success" with an acknowledged index below −1; nothing was done.
pub fn concurrently(
    queue: &mut ProcessQueue,
    batch: &[u64],
    is_broadcasting: bool,
    result: ConcurrentResult,
    mut send_back: impl FnMut(u64, i32) -> bool,
) -> Result<Concurrently, AckIndexTooSmall> {
    if batch.is_empty() {
        return Ok(Concurrently::default());
    }
    let mut again = Vec::new();
    for (index, &offset) in batch.iter().enumerate() {
        if let Fate::SentBack { delay_level } = result.fate(index, is_broadcasting)?
            && queue.contains(offset)
            && !send_back(offset, delay_level)
        {
            again.push(offset);
        }
    }
    let finished: Vec<u64> = batch.iter().copied().filter(|offset| !again.contains(offset)).collect();
    let committed = queue.remove(&finished).filter(|_| !queue.is_dropped());
    Ok(Concurrently { again, committed })
}

/// What an orderly listener returned. None at all, or an exception, is [`Suspend`](Self::Suspend).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OrderlyStatus {
    /// The batch was consumed.
    Success,
    /// The batch is to be consumed again after a while.
    Suspend,
    /// Without automatic commits: commit everything taken so far. With them it is a success.
    Commit,
    /// Without automatic commits: put back everything taken so far. With them it is, of all things, a success.
    Rollback,
}

/// A message that an orderly listener was given.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct OrderlyMessage {
    /// Which.
    pub offset: u64,
    /// How often it failed before; grows with each failure that is kept in place.
    pub reconsume_times: u32,
}

/// A message that failed too often in an orderly group, as it goes to the group's retry topic.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct OrderlySendBack {
    /// Which.
    pub offset: u64,
    /// With which delay level, if the broker keeps it as a retry.
    pub delay_level: u32,
    /// How often it has failed, this time included.
    pub reconsume_times: u32,
    /// The group's maximum, by which the broker decides to make it a dead letter.
    pub reconsume_max: i32,
}

/// What comes next in the queue of an orderly listener.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AfterOrderly {
    /// Everything taken so far is committed.
    Commit,
    /// What was taken stays taken, and the listener goes on.
    GoOn,
    /// The batch is put back, and the queue rests.
    PutBack,
    /// Everything taken so far is put back, and the queue rests.
    Rollback,
}

/// What follows from an orderly listener's result.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Orderly {
    /// Does the listener go on with the next batch at once? Else the queue rests, see [`suspend_ms`].
    pub continues: bool,
    /// The offset to commit, if any.
    pub committed: Option<u64>,
}

/// Decides what comes next, after the result of an orderly listener that was given `batch`, and counts the batch's failures.
///
/// `reconsume_max` is how often a message may fail before it is sent back; −1 is without end. `send_back` sends one
/// message to the retry topic and tells whether that went well. As long as one message of the batch has to be tried
/// again, all of it is put back, even what was just sent back.
pub fn after_orderly(
    batch: &mut [OrderlyMessage],
    is_auto_commit: bool,
    status: OrderlyStatus,
    reconsume_max: i32,
    send_back: impl FnMut(OrderlySendBack) -> bool,
) -> AfterOrderly {
    match (status, is_auto_commit) {
        (OrderlyStatus::Suspend, _) if must_be_tried_again(batch, reconsume_max, send_back) => {
            AfterOrderly::PutBack
        }
        (_, true) | (OrderlyStatus::Commit, false) => AfterOrderly::Commit,
        (OrderlyStatus::Suspend | OrderlyStatus::Success, false) => AfterOrderly::GoOn,
        (OrderlyStatus::Rollback, false) => AfterOrderly::Rollback,
    }
}

/// Deals with the result of an orderly listener as [`after_orderly`] decides, and does it to its queue.
///
/// # Errors
/// There was something to commit, but the local queue was cleared meanwhile.
pub fn orderly(
    queue: &mut ProcessQueue,
    batch: &mut [OrderlyMessage],
    is_auto_commit: bool,
    status: OrderlyStatus,
    reconsume_max: i32,
    send_back: impl FnMut(OrderlySendBack) -> bool,
) -> Result<Orderly, NothingTaken> {
    let next = after_orderly(batch, is_auto_commit, status, reconsume_max, send_back);
    let mut committed = None;
    match next {
        AfterOrderly::Commit => committed = Some(queue.commit()?),
        AfterOrderly::GoOn => {}
        AfterOrderly::PutBack => {
            let offsets: Vec<u64> = batch.iter().map(|message| message.offset).collect();
            queue.consume_again(&offsets);
        }
        AfterOrderly::Rollback => queue.rollback(),
    }
    let continues = matches!(next, AfterOrderly::Commit | AfterOrderly::GoOn);
    Ok(Orderly { continues, committed: committed.filter(|_| !queue.is_dropped()) })
}

/// Counts the failure of each message, or sends it back if it was the last; is there one that has to be tried again?
fn must_be_tried_again(
    batch: &mut [OrderlyMessage],
    reconsume_max: i32,
    mut send_back: impl FnMut(OrderlySendBack) -> bool,
) -> bool {
    let limit = if reconsume_max == -1 { i32::MAX } else { reconsume_max };
    let mut again = false;
    for message in batch {
        let OrderlyMessage { offset, reconsume_times } = *message;
        let is_last = i64::from(reconsume_times) >= i64::from(limit);
        let sent = is_last
            && send_back(OrderlySendBack {
                offset,
                delay_level: 3 + reconsume_times,
                reconsume_times: reconsume_times + 1,
                reconsume_max: limit,
            });
        if !sent {
            message.reconsume_times += 1;
            again = true;
        }
    }
    again
}

/// How long a suspended queue rests, in milliseconds: what the listener asked for, or if that is −1 what the consumer is
/// set to, but at least 10 ms and at most 30 s.
pub fn suspend_ms(asked: i64, consumer: i64) -> u64 {
    let wanted = if asked == -1 { consumer } else { asked };
    wanted.clamp(10, 30_000) as u64
}

#[cfg(test)]
mod tests {
    use super::*;

    const LATER: ConcurrentResult = ConcurrentResult::FAILED;

    fn queue_of(offsets: &[u64]) -> ProcessQueue {
        let mut queue = ProcessQueue::default();
        queue.put(offsets);
        queue
    }

    /// A queue of which `taken` messages are with an orderly listener, and that batch; the first failed `failures` times.
    fn taken(offsets: &[u64], count: usize, failures: u32) -> (ProcessQueue, Vec<OrderlyMessage>) {
        let mut queue = queue_of(offsets);
        let mut batch: Vec<OrderlyMessage> = queue
            .take(count)
            .into_iter()
            .map(|offset| OrderlyMessage { offset, reconsume_times: 0 })
            .collect();
        batch[0].reconsume_times = failures;
        (queue, batch)
    }

    #[test]
    fn what_is_behind_the_acknowledged_index_is_sent_back() {
        let mut queue = queue_of(&[5, 6, 7, 8]);
        let mut sent = Vec::new();
        let result = ConcurrentResult { ack_index: 0, delay_level: 4, ..ConcurrentResult::default() };
        let done = concurrently(&mut queue, &[5, 6, 7], false, result, |offset, level| {
            sent.push((offset, level));
            offset != 6
        });
        assert_eq!(done, Ok(Concurrently { again: vec![6], committed: Some(6) }));
        assert_eq!(sent, [(6, 4), (7, 4)]);
        assert_eq!(queue.pending().collect::<Vec<_>>(), [6, 8]);
    }

    #[test]
    fn a_failed_batch_ignores_the_index_and_broadcasting_drops_it() {
        for is_broadcasting in [false, true] {
            let mut queue = queue_of(&[5, 6]);
            let mut sent = 0;
            let done = concurrently(&mut queue, &[5, 6], is_broadcasting, LATER, |_, _| {
                sent += 1;
                true
            });
            assert_eq!(done, Ok(Concurrently { again: vec![], committed: Some(7) }));
            assert_eq!(sent, if is_broadcasting { 0 } else { 2 });
        }
    }

    #[test]
    fn what_expired_meanwhile_is_not_sent_back_again() {
        let mut queue = queue_of(&[5]);
        queue.remove(&[5]);
        let done = concurrently(&mut queue, &[5], false, LATER, |_, _| unreachable!("it is gone"));
        assert_eq!(done, Ok(Concurrently::default()));
    }

    #[test]
    fn a_dropped_queue_commits_nothing_but_still_sends_back() {
        let mut queue = queue_of(&[5, 6]);
        queue.abandon();
        let mut sent = 0;
        let done = concurrently(&mut queue, &[5], false, LATER, |_, _| {
            sent += 1;
            true
        });
        assert_eq!((done, sent), (Ok(Concurrently::default()), 1));
        assert!(!queue.contains(5));
    }

    #[test]
    fn an_index_below_minus_one_breaks_the_consumer() {
        let mut queue = queue_of(&[5]);
        let result = ConcurrentResult { ack_index: -2, ..ConcurrentResult::default() };
        let done = concurrently(&mut queue, &[5], false, result, |_, _| true);
        assert_eq!(done, Err(AckIndexTooSmall));
        assert!(queue.contains(5));
        let later = ConcurrentResult { ack_index: -2, ..LATER };
        assert!(concurrently(&mut queue, &[5], false, later, |_, _| true).is_ok());
    }

    #[test]
    fn an_orderly_failure_puts_the_batch_back_and_counts() {
        let (mut queue, mut batch) = taken(&[1, 2, 3], 2, 0);
        let done =
            orderly(&mut queue, &mut batch, true, OrderlyStatus::Suspend, -1, |_| unreachable!("no end"));
        assert_eq!(done, Ok(Orderly { continues: false, committed: None }));
        assert_eq!(batch.iter().map(|m| m.reconsume_times).collect::<Vec<_>>(), [1, 1]);
        assert_eq!(queue.pending().collect::<Vec<_>>(), [1, 2, 3]);
    }

    #[test]
    fn the_last_failure_of_a_message_frees_the_queue_only_if_no_other_has_to_wait() {
        let sent = OrderlySendBack { offset: 1, delay_level: 5, reconsume_times: 3, reconsume_max: 2 };
        let (mut queue, mut batch) = taken(&[1, 2], 1, 2);
        let suspend = OrderlyStatus::Suspend;
        let done = orderly(&mut queue, &mut batch, true, suspend, 2, |back| back == sent);
        assert_eq!(done, Ok(Orderly { continues: true, committed: Some(2) }));

        let (mut queue, mut batch) = taken(&[1, 2], 2, 2);
        let done = orderly(&mut queue, &mut batch, true, suspend, 2, |back| back == sent);
        assert_eq!(done, Ok(Orderly { continues: false, committed: None }));
        assert_eq!(batch.iter().map(|m| m.reconsume_times).collect::<Vec<_>>(), [2, 1]);
        assert_eq!(
            queue.pending().collect::<Vec<_>>(),
            [1, 2],
            "1 was sent back and comes again all the same"
        );

        let (mut queue, mut batch) = taken(&[1], 1, 2);
        let done = orderly(&mut queue, &mut batch, false, suspend, 2, |_| true);
        assert_eq!(done, Ok(Orderly { continues: true, committed: None }));
        assert_eq!(queue.consuming().collect::<Vec<_>>(), [1], "without automatic commits it stays taken");
    }

    #[test]
    fn committing_by_hand_commits_everything_taken_so_far() {
        let (mut queue, mut batch) = taken(&[1, 2, 3], 1, 0);
        let mut ask =
            |queue: &mut ProcessQueue, status| orderly(queue, &mut batch, false, status, -1, |_| true);
        assert_eq!(ask(&mut queue, OrderlyStatus::Success), Ok(Orderly { continues: true, committed: None }));
        queue.take(1);
        assert_eq!(
            ask(&mut queue, OrderlyStatus::Commit),
            Ok(Orderly { continues: true, committed: Some(3) })
        );
        queue.take(1);
        assert_eq!(
            ask(&mut queue, OrderlyStatus::Rollback),
            Ok(Orderly { continues: false, committed: None })
        );
        assert_eq!(queue.pending().collect::<Vec<_>>(), [3]);
        assert_eq!(ask(&mut queue, OrderlyStatus::Commit), Err(NothingTaken));
    }

    #[test]
    fn a_rollback_with_automatic_commits_is_a_success() {
        for status in [OrderlyStatus::Success, OrderlyStatus::Commit, OrderlyStatus::Rollback] {
            let (mut queue, mut batch) = taken(&[1, 2], 1, 0);
            let done = orderly(&mut queue, &mut batch, true, status, -1, |_| true);
            assert_eq!(done, Ok(Orderly { continues: true, committed: Some(2) }));
        }
    }

    #[test]
    fn the_rest_is_neither_too_short_nor_too_long() {
        assert_eq!([-1, 0, 500, 60_000].map(|asked| suspend_ms(asked, 1_000)), [1_000, 10, 500, 30_000]);
    }
}
