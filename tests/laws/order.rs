//! The laws of order, said again in other words than the broker's: from what is stored and what is finished, not from
//! what an orderly group keeps of it.

use std::collections::{BTreeMap, BTreeSet};

use mqscope::broker::progress::ProgressState;
use mqscope::broker::spec::LockScope;
use mqscope::broker::*;
use mqscope::sim::Span;

use crate::witness::Witness;

/// What locks a message: its message group, or the same for all of a queue.
fn lock(world: &World, queue: QueueId, offset: u64) -> Option<String> {
    match world.settings.fifo_lock_scope {
        LockScope::Queue => None,
        LockScope::MessageGroup => world.message_group(MessageRef { queue, offset }),
    }
}

fn unfinished(state: &ProgressState, until: u64) -> impl Iterator<Item = u64> {
    (state.done_below()..until).filter(|offset| !state.is_finished(*offset))
}

/// I39, I40: what is handed out is the earliest unfinished message of its message group.
pub(super) fn handed_out(witness: &mut Witness, world: &World, progress: ProgressId, offset: u64) {
    let state = world.progress(progress);
    if state.order.is_none() || !state.by_message || state.lite.is_some() {
        return;
    }
    if world.batch(progress).is_some() {
        // One batch at a time: everything in hands went out together, and nothing unfinished is left before it.
        let gone = unfinished(state, offset).find(|before| !state.held.contains_key(before));
        assert_eq!(gone, None, "I39, world {}: {offset} passes it", witness.seed);
        let batches: BTreeSet<_> =
            state.held.values().map(|held| (held.consumer, held.handed_out_at)).collect();
        assert_eq!(batches.len(), 1, "I40, world {}: {:?}", witness.seed, state.held);
        return witness.exercised.extend(["I40 by batch"]);
    }
    let own = lock(world, state.queue, offset);
    let before = unfinished(state, offset).find(|before| lock(world, state.queue, *before) == own);
    assert_eq!(before, None, "I39, world {}: {offset} passes it", witness.seed);
    let locks: BTreeSet<_> = state.held.keys().map(|held| lock(world, state.queue, *held)).collect();
    assert_eq!(locks.len(), state.held.len(), "I40, world {}: {:?}", witness.seed, state.held);
    witness.exercised.extend(["I39", "I40"]);
}

/// The same where queues are shared out: a listener begins with the earliest unfinished message of a queue.
pub(super) fn started(witness: &mut Witness, world: &World, progress: ProgressId, offset: u64) {
    let state = world.progress(progress);
    if state.order.is_some() && !state.by_message {
        assert_eq!(unfinished(state, offset).next(), None, "I39, world {}: {offset}", witness.seed);
        witness.exercised.insert("I39 by queue");
    }
}

/// I23, I42: failures in place are counted one by one, and come so long after each other as is set.
pub(super) fn suspended(
    witness: &mut Witness,
    world: &World,
    progress: ProgressId,
    (offset, attempt): (u64, u32),
    wait: Span,
) {
    let state = world.progress(progress);
    let seed = witness.seed;
    let settings = &world.settings;
    let (most, interval) = if state.lite.is_some() {
        (Some(world.retry_max_times(state.group)), world.retry_delay(state.group, attempt))
    } else if state.by_message {
        (settings.fifo_max_retry_times, settings.fifo_retry_interval)
    } else {
        (settings.classic_orderly_max_retry_times, settings.classic_suspend)
    };
    assert_eq!(wait, interval, "I42, world {seed}");
    // Who could not say that it gives a message up tries it once more.
    let was_apart = witness.broken.were_apart(state.group);
    assert!(
        was_apart || most.is_none_or(|most| attempt <= most),
        "I42, world {seed}: retry {attempt} of {most:?}"
    );
    assert_eq!(world.failures_before(progress, offset), attempt, "I23, world {seed}");
    witness.exercised.insert("I42");
}

/// I41, I55: a consumer waits for messages only while every message group's earliest unfinished message is in hands.
pub(super) fn parked(witness: &mut Witness, world: &World, consumer: ConsumerId) {
    let group = world.group(world.consumer(consumer).group);
    if !group.orderly {
        return;
    }
    for progress in &group.progress {
        let state = world.progress(*progress);
        if !state.readable || state.lite.is_some() || world.batch(*progress).is_some() {
            continue;
        }
        let mut seen = BTreeSet::new();
        for offset in unfinished(state, world.queue(state.queue).max_offset) {
            let is_first = seen.insert(lock(world, state.queue, offset));
            let is_held = state.held.contains_key(&offset);
            assert_eq!(is_first, is_held, "I41, world {}: {offset} of {progress:?}", witness.seed);
            if !is_first {
                witness.exercised.insert("I41");
            }
        }
    }
}

/// I15, I38: a message group is in one queue of its topic, each producer's messages of it in the order sent.
pub(super) fn stored(world: &World, witness: &Witness) {
    let seed = witness.seed;
    for (_, topic) in world.ordinary_topics() {
        let mut queues = BTreeMap::new();
        let mut numbers = BTreeMap::new();
        for &queue in &topic.queues {
            for offset in 0..world.queue(queue).max_offset {
                let (producer, number) = world.log.queues[queue.index()].sender(offset);
                let Some(name) = world.message_group(MessageRef { queue, offset }) else { continue };
                // The proxy looks at the message group of a single message only.
                if world.producer(producer).batch() > 1 {
                    continue;
                }
                let known = *queues.entry(name.clone()).or_insert(queue);
                // Where the hash leads depends on how many queues there are.
                if crate::run::had_other_queues(world, &topic.name) {
                    continue;
                }
                assert_eq!(known, queue, "I15, world {seed}: {name}");
                let last = numbers.insert((producer, name), number);
                // What a busy broker refused comes after what was sent behind it: nobody waited for it.
                let was_refused = world.producer(producer).throttled > 0;
                // Who sends again sends later.
                let was_lost = witness.broken.has_hit(producer);
                assert!(
                    was_refused || was_lost || last.is_none_or(|last| last < number),
                    "I38, world {seed}: {producer:?} {number}"
                );
            }
        }
    }
}
