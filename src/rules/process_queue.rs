//! The local queue of a classic consumer: what it has fetched from one message queue and not finished.
//!
//! ```text
//!             put            take (orderly only)
//!  broker ──────────► pending ──────────────────► consuming ──► commit
//!                       │  ▲                          │
//!                remove │  └──── rollback, again ─────┘
//!                       ▼
//!            the offset to commit: the smallest one that is left
//! ```
//!
//! A concurrent listener leaves its messages pending and removes each when it is done: what it may commit is the smallest
//! offset that is left ([`Finished`], on which a progress of the simulator stands too). An orderly listener takes messages
//! out of the front and commits what it took as a whole. Source: `ProcessQueue`.

use std::collections::BTreeSet;

use super::finished::Finished;

/// Offsets of one queue in the hands of one consumer.
#[derive(Clone, Debug, Default)]
pub struct ProcessQueue {
    /// What is not pending before `end`: finished, taken by an orderly listener, or never fetched.
    gone: Finished,
    /// One past the largest offset that was fetched.
    end: u64,
    /// Taken by an orderly listener.
    consuming: BTreeSet<u64>,
    /// The consumer's own count, which flow control looks at.
    count: i64,
    /// The offset that was put last: not necessarily the largest.
    last_put: u64,
    /// Has a listener been told, and not yet found the queue empty?
    is_consuming: bool,
    /// Has the queue been given to somebody else?
    is_dropped: bool,
}

/// An orderly commit, but nothing was taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NothingTaken;

impl ProcessQueue {
    /// Adds fetched messages. Tells whether a listener has to be started: none is at work and there is work.
    pub fn put(&mut self, offsets: &[u64]) -> bool {
        for &offset in offsets {
            if self.place(offset) {
                self.count += 1;
                self.last_put = offset;
            }
        }
        let starts = self.first().is_some() && !self.is_consuming;
        self.is_consuming |= starts;
        starts
    }

    /// Takes up to so many messages from the front for an orderly listener. If there are none, the listener stops, and
    /// the next [`put`](Self::put) starts another.
    pub fn take(&mut self, batch: usize) -> Vec<u64> {
        let mut taken = Vec::new();
        while taken.len() < batch
            && let Some(offset) = self.first()
        {
            self.gone.insert(offset);
            self.consuming.insert(offset);
            taken.push(offset);
        }
        self.is_consuming &= !taken.is_empty();
        taken
    }

    /// Finishes everything that was taken and gives the offset to commit: one past the largest of it.
    pub fn commit(&mut self) -> Result<u64, NothingTaken> {
        let last = *self.consuming.last().ok_or(NothingTaken)?;
        self.count -= self.consuming.len() as i64;
        self.consuming.clear();
        Ok(last + 1)
    }

    /// Puts everything that was taken back in its place.
    pub fn rollback(&mut self) {
        for offset in std::mem::take(&mut self.consuming) {
            self.place(offset);
        }
    }

    /// Puts these messages back in their place.
    pub fn consume_again(&mut self, offsets: &[u64]) {
        for offset in offsets {
            self.consuming.remove(offset);
            self.place(*offset);
        }
    }

    /// Finishes messages of a concurrent listener and gives the offset to commit: the smallest one left, or one past the
    /// last that was put if none is left. If nothing was pending before, there is nothing to commit.
    pub fn remove(&mut self, offsets: &[u64]) -> Option<u64> {
        self.first()?;
        for &offset in offsets {
            if self.contains(offset) {
                self.gone.insert(offset);
                self.count -= 1;
            }
        }
        Some(self.first().unwrap_or(self.last_put + 1))
    }

    /// Forgets everything, as a reset of the group's offset makes it; a listener at work goes on.
    pub fn clear(&mut self) {
        self.gone = Finished::default();
        self.end = 0;
        self.consuming.clear();
        self.count = 0;
        self.last_put = 0;
    }

    /// Makes a message pending. Tells whether it was not.
    fn place(&mut self, offset: u64) -> bool {
        let is_new = !self.contains(offset);
        if offset >= self.end {
            // There may be none at the offsets between, and then there is nothing to wait for.
            self.gone.insert_all(self.end..offset);
            self.end = offset + 1;
        } else if is_new {
            self.gone.remove(offset);
        }
        is_new
    }

    /// The smallest pending offset.
    fn first(&self) -> Option<u64> {
        Some(self.gone.below()).filter(|first| *first < self.end)
    }

    /// The queue has been given to somebody else: from now on results are not committed.
    pub fn abandon(&mut self) {
        self.is_dropped = true;
    }

    /// Has the queue been given to somebody else?
    pub fn is_dropped(&self) -> bool {
        self.is_dropped
    }

    /// Is this message pending?
    pub fn contains(&self, offset: u64) -> bool {
        offset < self.end && !self.gone.contains(offset)
    }

    /// What was fetched and not taken, in order.
    pub fn pending(&self) -> impl Iterator<Item = u64> {
        self.gone.unfinished(self.end)
    }

    /// What an orderly listener has taken, in order.
    pub fn consuming(&self) -> impl Iterator<Item = u64> {
        self.consuming.iter().copied()
    }

    /// How many messages the consumer counts here. It can differ from what is here: a message fetched again while it is
    /// taken counts twice, one that comes back after it was finished does not count.
    pub fn count(&self) -> i64 {
        self.count
    }

    /// From the smallest to the largest pending offset: the span that a concurrent consumer keeps below 2,000.
    pub fn max_span(&self) -> u64 {
        self.first().zip(self.pending().last()).map_or(0, |(first, last)| last - first)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_golden_vector_of_the_commit_rule() {
        let mut queue = ProcessQueue::default();
        assert!(queue.put(&[0, 1, 2, 3, 4]));
        let committed = [1, 3, 0, 4, 2].map(|offset| queue.remove(&[offset]));
        assert_eq!(committed, [0, 0, 2, 2, 5].map(Some));
    }

    #[test]
    fn an_empty_queue_commits_nothing() {
        let mut queue = ProcessQueue::default();
        assert_eq!(queue.remove(&[3]), None);
        assert_eq!(queue.commit(), Err(NothingTaken));
        queue.put(&[3]);
        assert_eq!(queue.commit(), Err(NothingTaken));
    }

    #[test]
    fn the_end_is_what_was_put_last_not_what_is_largest() {
        let mut queue = ProcessQueue::default();
        queue.put(&[8, 6]);
        assert_eq!(queue.remove(&[6, 8]), Some(7));
        queue.put(&[6, 8]);
        queue.put(&[6]);
        assert_eq!(queue.remove(&[6, 8]), Some(9), "6 was there already");
    }

    #[test]
    fn one_listener_at_a_time() {
        let mut queue = ProcessQueue::default();
        assert!(!queue.put(&[]));
        assert!(queue.put(&[1]));
        assert!(!queue.put(&[2]));
        assert_eq!(queue.take(5), [1, 2]);
        assert!(!queue.put(&[3]), "the listener is still at it");
        assert_eq!(queue.take(5), [3]);
        assert!(queue.take(5).is_empty());
        assert!(queue.put(&[4]));
    }

    #[test]
    fn orderly_takes_come_back_in_their_place() {
        let mut queue = ProcessQueue::default();
        queue.put(&[1, 2, 3, 4]);
        queue.take(3);
        queue.consume_again(&[2]);
        assert_eq!(queue.pending().collect::<Vec<_>>(), [2, 4]);
        assert_eq!(queue.consuming().collect::<Vec<_>>(), [1, 3]);
        queue.rollback();
        assert_eq!((queue.take(2), queue.commit()), (vec![1, 2], Ok(3)));
        assert_eq!((queue.count(), queue.max_span()), (2, 1));
    }

    #[test]
    fn the_count_is_the_consumers_and_can_be_wrong() {
        let mut queue = ProcessQueue::default();
        queue.put(&[1, 2]);
        queue.take(1);
        queue.put(&[1]);
        assert_eq!(queue.count(), 3);
        queue.rollback();
        assert_eq!((queue.pending().count(), queue.count()), (2, 3));
        queue.clear();
        queue.consume_again(&[9]);
        assert_eq!((queue.pending().count(), queue.count()), (1, 0));
        assert_eq!(queue.remove(&[9]), Some(1), "clearing forgot what was put last");
    }
}
