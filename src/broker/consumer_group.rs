//! A consumer group: an identity, not a process. It owns subscriptions, progress, retries and dead letters, whether
//! or not any consumer of it is running.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::rc::Rc;

use super::effect::Effects;
use super::id::{ConsumerId, MessageRef, ProgressId, TopicId};
use super::order::Suspended;
use super::pop::Records;
use super::spec::{Balance, GroupSpec};
use super::subscription::Subscription;
use crate::sim::{Draws, Instant, Slot};

/// A group as it stands.
#[derive(Clone, Debug)]
pub struct GroupState {
    /// What it was created with.
    pub spec: Rc<GroupSpec>,
    /// What is shared out inside it; starts as in `spec`.
    pub balance: Balance,
    /// Are single messages handed out, rather than whole queues? Follows from mode and balance.
    pub by_message: bool,
    /// Are its consumers simple ones, and what they hold invisible for as long as they said?
    pub simple: bool,
    /// Are its consumers pull consumers, and what they commit is a position?
    pub pull: bool,
    /// Receipt handles given to its simple consumers so far; they are numbered from 1.
    pub handles: u64,
    /// What a broker that goes by checkpoints keeps of it.
    pub(super) records: Option<Box<Records>>,
    /// The business effects of its messages, if they count.
    pub effects: Option<Box<Effects>>,
    /// Are its messages delivered in order? Follows from mode and delivery order.
    pub orderly: bool,
    /// A stable number made from its name.
    pub key: u64,
    /// Deleted.
    pub removed: bool,
    /// The topics it subscribes to.
    pub topics: Vec<TopicId>,
    /// Which messages of each of them, in the same order.
    pub subscriptions: Vec<Subscription>,
    /// Every consumer that ever joined, in order.
    pub consumers: Vec<ConsumerId>,
    /// Its progress on every queue, retry queues included.
    pub progress: Vec<ProgressId>,
    /// Its retry topics, with the topic each serves (the classic one serves all: `None`).
    pub retry_topics: Vec<(Option<TopicId>, TopicId)>,
    /// Its dead-letter topic, once it has one.
    pub dead_letter_topic: Option<TopicId>,
    /// Failed messages waiting for their next delivery, by due time.
    pub shelf: BTreeMap<(Instant, u64), Shelved>,
    /// In an orderly group, failed messages that their consumers will try again, by due time.
    pub suspended: BTreeMap<(Instant, u64), Suspended>,
    /// In an orderly group with queue balancing, locks of dead consumers for which new owners wait, by their end.
    pub awaited_locks: BTreeMap<(Instant, ProgressId), u64>,
    /// Invisible times that are running out, because their consumer is gone.
    pub expiries: BTreeMap<(Instant, ProgressId, u64), u64>,
    /// In message balancing: progresses with ready messages, those of retry topics left out.
    pub ready: BTreeSet<ProgressId>,
    /// The same for retry topics.
    pub ready_retry: BTreeSet<ProgressId>,
    /// Consumers whose receive waits at the broker, longest first.
    pub parked: VecDeque<ConsumerId>,
    /// How many of its consumers live on and are given nothing.
    pub(super) passive: u32,
    /// When the allocation will be computed next, if that is already known.
    pub rebalance_at: Option<Instant>,
    /// When it was computed last.
    pub rebalanced_at: Option<Instant>,
    /// When a queue changed hands last.
    pub moved_at: Option<Instant>,
    /// Counts for the table.
    pub counts: GroupCounts,
    pub(super) processing: Draws,
    pub(super) failure: Draws,
    pub(super) rebalance_slot: Slot,
    pub(super) retry_slot: Slot,
    pub(super) expiry_slot: Slot,
    pub(super) order_slot: Slot,
}

/// A message on the retry shelf.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Shelved {
    /// The stored copy whose delivery failed.
    pub message: MessageRef,
    /// Failed deliveries so far.
    pub attempt: u32,
    /// Since when it waits.
    pub since: Instant,
    /// The entry that put it there.
    pub cause: u64,
    /// It is not delivered again after this wait, but a dead letter (`dlq.timing`).
    pub is_last: bool,
}

/// What has happened in a group so far.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct GroupCounts {
    /// Messages that came into its sight since its start, each logical message once.
    pub seen: u64,
    /// Hand-outs.
    pub deliveries: u64,
    /// Hand-outs of a message that was handed out before, retries included.
    pub redeliveries: u64,
    /// Messages acknowledged and not to be delivered again.
    pub acknowledged: u64,
    /// Failed deliveries.
    pub failed: u64,
    /// Messages moved to the dead-letter topic.
    pub dead_letters: u64,
    /// Messages that a filter kept from it and that will not be read again.
    pub filtered: u64,
    /// Messages that broadcasting dropped after a failure.
    pub dropped: u64,
    /// Messages that were gone before it was done with them.
    pub expired: u64,
    /// Messages that a reset of its offsets passed over, and that no later one brought back.
    pub passed: u64,
    /// Messages that a crash of the broker took before it was done with them; they were never its own afterwards.
    pub lost_stored: u64,
    /// Dead letters of an orderly group that a crash of the broker took; the messages are finished all the same.
    pub lost_dead_letters: u64,
    /// Messages that polls returned, and that their applications have not processed.
    pub in_application: u64,
    /// Messages that polls returned to applications that died, after their offsets were committed.
    pub lost: u64,
    /// Extra copies: messages that are delivered again although a retry copy of them exists. Less than nothing while a
    /// crash is taking copies away and has not said yet what is read again.
    pub duplicated: i64,
}

impl GroupState {
    /// The topic whose queues take the retries of messages of `topic`, if it exists yet.
    pub fn retry_topic(&self, topic: TopicId) -> Option<TopicId> {
        let serves = self.retry_key(topic);
        self.retry_topics.iter().find(|(key, _)| *key == serves).map(|(_, retry)| *retry)
    }

    /// Which retry topic serves `topic`: one for each topic in message balancing, one for all in queue balancing.
    pub(super) fn retry_key(&self, topic: TopicId) -> Option<TopicId> {
        (self.balance == Balance::Message).then_some(topic)
    }
}
