//! The laws of simple consumers, of listeners that take too long, and of business effects, kept by books of their own.

use std::collections::{BTreeMap, BTreeSet};

use mqscope::broker::settings::StaleHandles;
use mqscope::broker::*;

use crate::witness::Witness;

/// What is known of receipt handles and effects.
#[derive(Default)]
pub(crate) struct Apps {
    /// The one handle that each message in hands has.
    pub(super) handles: BTreeMap<(ProgressId, u64), u64>,
    /// The last one that each group has given.
    last: BTreeMap<GroupId, u64>,
    /// How often listeners came to a good end with each message.
    ends: BTreeMap<(GroupId, (ProducerId, u64)), u64>,
}

pub(crate) fn is_simple(world: &World, progress: ProgressId) -> bool {
    world.group(world.progress(progress).group).simple
}

pub(crate) fn observe(witness: &mut Witness, world: &World, entry: &Entry) {
    let seed = witness.seed;
    match entry.event {
        Event::MessageHandedOut { progress, offset, .. } if is_simple(world, progress) => {
            let handle = world.progress(progress).held[&offset].handle;
            let last = witness.apps.last.insert(world.progress(progress).group, handle);
            assert!(last < Some(handle), "I28, world {seed}: handle {handle} is not new");
            witness.apps.handles.insert((progress, offset), handle);
        }
        Event::HandleAcknowledged { progress, offset, handle, .. } => {
            let known = witness.apps.handles.remove(&(progress, offset));
            // Every handle of a batch is good as long as the batch is the last one.
            let is_of_batch =
                world.batch(progress).is_some() && world.settings.pop_stale_handles == StaleHandles::Accept;
            assert!(known == Some(handle) || is_of_batch, "I28, world {seed}: a stale handle acknowledged");
            witness.invisible.remove(&(progress, offset));
            came_to_an_end(witness, world, progress, offset);
            witness.exercised.insert("acknowledged by hand");
        }
        Event::InvisibleTimeChanged { progress, offset, handle, until, .. } => {
            let known = witness.apps.handles.insert((progress, offset), handle);
            let last = witness.apps.last.insert(world.progress(progress).group, handle);
            assert!(known <= last && last < Some(handle), "I28, world {seed}: handle {handle} is not new");
            let before = witness.invisible.insert((progress, offset), Some(until));
            let is_of_batch =
                world.batch(progress).is_some() && world.settings.pop_stale_handles == StaleHandles::Accept;
            assert!(before.is_some() || is_of_batch, "I27, world {seed}: nothing was invisible");
            witness.exercised.insert("invisible time changed");
        }
        Event::InvisibleTimeOver { progress, offset } if is_simple(world, progress) => {
            witness.apps.handles.remove(&(progress, offset));
            let in_order = world.progress(progress).order.is_some();
            assert!(world.progress(progress).is_finished(offset) != in_order, "I37, world {seed}");
            witness.exercised.insert(if in_order { "I37 in order" } else { "I37" });
        }
        Event::HandleRefused { progress, offset, .. } => {
            // After a reset of its offset, or where order is kept, the group may have the message in hands anew, with another handle.
            // So it may after a crash of the broker.
            let state = world.progress(progress);
            let crashed = world.live.faults.as_ref().is_some_and(|faults| faults.last_outage.is_some());
            let is_anew = state.gaps.is_some() || state.order.is_some() || crashed;
            let known = witness.apps.handles.get(&(progress, offset));
            assert!(known.is_none() || is_anew, "I28, world {seed}: it was not stale");
            witness.exercised.insert("I28");
        }
        Event::HandleIgnored { .. } => {
            let believes = world.settings.pop_stale_handles == StaleHandles::Accept;
            assert!(believes, "I28, world {seed}: a stale handle was believed");
            witness.exercised.insert("stale handle believed");
        }
        Event::CheckpointAdded { progress, handle, .. } => {
            let last = witness.apps.last.insert(world.progress(progress).group, handle);
            assert!(last < Some(handle), "I28, world {seed}: handle {handle} is not new");
            witness.exercised.insert("another checkpoint");
        }
        Event::MessagesPolled { progress, offset, count, .. } => {
            let state = world.progress(progress);
            let all = (offset..state.done_below()).filter(|one| state.is_finished(*one)).count();
            assert!(all >= count as usize, "a poll moves the position, world {seed}");
            witness.exercised.insert("polled");
        }
        Event::PolledLost { consumer, count } => {
            let group = world.group(world.consumer(consumer).group);
            assert!(group.counts.lost >= u64::from(count), "world {seed}: lost and not counted");
            witness.exercised.insert("lost after the commit");
        }
        Event::QueueSought { .. } => {
            witness.exercised.insert("sought");
        }
        Event::QueuePaused { .. } => {
            witness.exercised.insert("queue paused");
        }
        Event::SentBack { .. } => {
            witness.exercised.insert("sent back");
        }
        Event::PolledProcessed { .. } => {
            witness.exercised.insert("polled by hand");
        }
        Event::CommandRefused { reason: Refusal::InvalidReceiptHandle, .. } => {
            witness.exercised.insert("stale handle by hand");
        }
        Event::ConsumeTimedOut { .. } => {
            witness.exercised.insert("listener timed out");
        }
        Event::ConsumeFinished { progress, offset, outcome, .. } => {
            if outcome == Outcome::Acknowledged {
                witness.apps.handles.remove(&(progress, offset));
            }
            if outcome != Outcome::Failed {
                came_to_an_end(witness, world, progress, offset);
            }
        }
        _ => {}
    }
}

fn came_to_an_end(witness: &mut Witness, world: &World, progress: ProgressId, offset: u64) {
    let state = world.progress(progress);
    let origin = world.origin(MessageRef { queue: state.queue, offset });
    // Committed twice it lies in its queue twice, and is one message.
    let message = world.log.queues[origin.queue.index()].sender(origin.offset);
    *witness.apps.ends.entry((state.group, message)).or_default() += 1;
}

/// Messages with one key are one business; of those without key each is a business of its own.
pub(crate) fn effects(witness: &Witness, world: &World) -> Option<&'static str> {
    let mut exercised = None;
    for (id, group) in world.groups() {
        let Some(effects) = &group.effects else { continue };
        let ends = witness.apps.ends.iter().filter(|((group, _), _)| *group == id);
        let all = ends.clone().map(|(_, n)| n).sum::<u64>();
        let business = |(producer, number): (ProducerId, u64)| {
            let key = world.producer(producer).content(number).key;
            key.ok_or((producer, number))
        };
        let all_of_them: BTreeSet<_> = ends.map(|((_, message), _)| business(*message)).collect();
        let messages = all_of_them.len() as u64;
        let expected =
            if effects.idempotent { (messages, 0, all - messages) } else { (all, all - messages, 0) };
        let found = (effects.done, effects.repeated, effects.skipped);
        assert_eq!(found, expected, "effects of {}, world {}", group.spec.name, witness.seed);
        exercised = (all > messages).then_some("effects").or(exercised);
    }
    exercised
}
