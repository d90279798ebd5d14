//! Compaction: a topic with `cleanup.policy` = `COMPACTION` keeps, in each queue, the newest message of each key. The broker
//! looks through it every `store.compactionIntervalMs`; until then older ones are there, too. Nothing is numbered anew: where a
//! message was is a hole, and whoever reads there gets the next one that is left. Such a topic does not go by age.
//!
//! Source: `CompactionStore`, `CompactionLog`, `TopicAttributes.CLEANUP_POLICY_ATTRIBUTE`.

use std::collections::BTreeMap;

use super::event::{Entry, Event};
use super::id::{FilterId, MessageRef, ProgressId, QueueId, TopicId};
use super::world::{Wakeup, World};
use crate::rules::ranges::OffsetRanges;
use crate::sim::{Instant, Slot, subject_of};

/// What is known of a queue that is compacted.
#[derive(Clone, Debug, Default)]
pub struct Compacted {
    /// Offsets below this were looked at.
    pub looked_at: u64,
    /// Where nothing is left.
    pub holes: OffsetRanges,
    /// The newest message of each key, of those that were looked at.
    newest: BTreeMap<u64, u64>,
    /// What stood for a hole before this may have been lost in a crash of the broker.
    cut_at: u64,
}

/// All queues that are compacted.
#[derive(Clone, Debug, Default)]
pub struct Compaction {
    queues: BTreeMap<QueueId, Compacted>,
    /// When the broker looks next; never, as long as there is no such topic.
    pub next_at: Option<Instant>,
    slot: Option<Slot>,
}

impl Compaction {
    /// How many keys and holes it knows.
    pub(super) fn len(&self) -> usize {
        self.queues.values().map(|queue| queue.newest.len() + queue.holes.ranges().len()).sum()
    }

    /// What is known of a queue, once it was looked at.
    pub fn of(&self, queue: QueueId) -> Option<&Compacted> {
        self.queues.get(&queue)
    }
}

impl World {
    /// Was the message that was stored there replaced by a newer one, and is gone?
    pub fn is_superseded(&self, at: MessageRef) -> bool {
        self.live.compaction.of(at.queue).is_some_and(|queue| queue.holes.contains(at.offset))
    }

    /// How many messages a group did not get because they were gone when they were read for it.
    pub fn superseded(&self, id: ProgressId) -> u64 {
        let progress = self.progress(id);
        let Some(known) = self.live.compaction.of(progress.queue) else { return 0 };
        let log = &self.log.queues[progress.queue.index()];
        let is_passed = |offset: &u64| {
            let all = self.log.deliveries[id.index()].of(*offset, log.stored_at(*offset));
            all.last().is_some_and(|last| last.filtered() && last.filter == Some(FilterId::ALL))
        };
        let read = known.holes.from(progress.start).take_while(|offset| *offset < progress.next);
        read.filter(is_passed).count() as u64
    }

    /// At how many offsets of a queue nothing is left.
    pub fn holes(&self, queue: QueueId) -> u64 {
        self.live.compaction.of(queue).map_or(0, |queue| queue.holes.count())
    }

    /// The number by which compaction tells the key of a message.
    fn compaction_key(&self, at: MessageRef) -> u64 {
        self.content(at).key.as_deref().map_or(0, subject_of)
    }

    /// Does a queue lose messages because of their age?
    pub(super) fn expires(&self, queue: QueueId) -> bool {
        !self.topic(self.queue(queue).topic).compacts()
    }

    /// The next look after now.
    fn next_compaction(&self) -> Instant {
        let interval = self.settings.store_compaction_interval.0.max(1);
        Instant::from_us((self.live.now.0 / interval + 1).saturating_mul(interval))
    }
}

/// What is wrong with a compacted queue, if anything is: a hole that nothing newer stands for, or ever did.
pub(super) fn broken(world: &World) -> Option<String> {
    let is_newest = |queue: QueueId, offset: u64| {
        let key = world.compaction_key(MessageRef { queue, offset });
        let mut later = offset + 1..world.queue(queue).max_offset;
        !later.any(|offset| world.compaction_key(MessageRef { queue, offset }) == key)
    };
    world.live.compaction.queues.iter().find_map(|(&queue, known)| {
        let wrong = known.holes.from(known.cut_at).find(|offset| is_newest(queue, *offset))?;
        Some(format!("offset {wrong} of {}", world.queue_name(queue)))
    })
}

// What is decided.

/// The broker looks through every topic that it compacts.
pub(super) fn look(world: &World, out: &mut Vec<Event>) {
    let next_at = world.next_compaction();
    for (topic, state) in world.topics().filter(|(_, topic)| topic.compacts()) {
        let removed = state.queues.iter().map(|queue| replaced(world, *queue).0.len() as u64).sum();
        out.push(Event::TopicCompacted { topic, removed, next_at });
    }
}

/// The offsets of a queue whose messages are replaced by what has come since the last look, and the newest of each key.
fn replaced(world: &World, queue: QueueId) -> (Vec<u64>, BTreeMap<u64, u64>) {
    let before = world.live.compaction.of(queue);
    let mut newest = BTreeMap::new();
    let mut gone = Vec::new();
    for offset in before.map_or(0, |before| before.looked_at)..world.queue(queue).max_offset {
        let key = world.compaction_key(MessageRef { queue, offset });
        let older = newest.insert(key, offset);
        gone.extend(older.or_else(|| before.and_then(|before| before.newest.get(&key).copied())));
    }
    (gone, newest)
}

// What is written down.

/// Puts the first look on the agenda, once there is a topic to look through.
pub(super) fn begin(world: &mut World, entry: &Entry, topic: TopicId) {
    if world.topic(topic).compacts() && world.live.compaction.slot.is_none() {
        let slot = world.live.slot_for(Wakeup::CompactionDue);
        world.live.compaction.slot = Some(slot);
        arm(world, entry, world.next_compaction());
    }
}

/// Notes what is left of a topic.
pub(super) fn compacted(world: &mut World, entry: &Entry, topic: TopicId, next_at: Instant) {
    for queue in world.topic(topic).queues.clone() {
        let (gone, newest) = replaced(world, queue);
        let looked_at = world.queue(queue).max_offset;
        let known = world.live.compaction.queues.entry(queue).or_default();
        known.looked_at = looked_at;
        known.newest.extend(newest);
        for offset in gone {
            known.holes.insert(offset);
        }
    }
    arm(world, entry, next_at);
}

/// The end of a queue is lost. What stood for a key there does so no longer; what it replaced stays gone.
pub(super) fn cut_off(world: &mut World, queue: QueueId, end: u64) {
    if let Some(known) = world.live.compaction.queues.get_mut(&queue) {
        known.looked_at = known.looked_at.min(end);
        known.cut_at = end;
        known.holes.remove_from(end);
        known.newest.retain(|_, offset| *offset < end);
    }
}

/// The broker is back, and looks again.
pub(super) fn came_back(world: &mut World, entry: &Entry) {
    if world.live.compaction.slot.is_some() {
        let at = world.next_compaction();
        arm(world, entry, at);
    }
}

fn arm(world: &mut World, entry: &Entry, at: Instant) {
    world.live.compaction.next_at = Some(at);
    if let Some(slot) = world.live.compaction.slot {
        world.live.wake(slot, at, entry);
    }
}
