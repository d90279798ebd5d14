//! What happens in the business: the order is shipped, the money is taken. Delivery is at least once, so the listener may
//! see a message again whose effect it had already; only a listener that looks for the business key does it once.

use super::event::{Event, Outcome};
use super::id::{ConsumerId, MessageRef, ProgressId};
use super::world::World;
use crate::sim::subject_of;

/// The effects of a group's messages.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Effects {
    /// Do its listeners look whether an effect was had before?
    pub idempotent: bool,
    /// How often in all.
    pub done: u64,
    /// Of these, how often for a business key that had had it.
    pub repeated: u64,
    /// How often it was not, because it had been before.
    pub skipped: u64,
}

impl Effects {
    /// None so far.
    pub(super) fn new(idempotent: bool) -> Self {
        Self { idempotent, ..Self::default() }
    }
}

impl World {
    /// The number by which a group knows the business key of a message: its key, or the message itself if it has none.
    fn business_key(&self, progress: ProgressId, offset: u64) -> u64 {
        let origin = self.origin(MessageRef { queue: self.progress(progress).queue, offset });
        match self.content(origin).key {
            Some(key) => subject_of(&key),
            None => {
                let (producer, number) = self.log.queues[origin.queue.index()].sender(origin.offset);
                subject_of(&format!("{}#{number}", self.producer(producer).spec.name))
            }
        }
    }
}

/// A listener came to its end. If it did its work, that had its effect, whether or not the broker takes the result.
pub(super) fn after(
    world: &World,
    progress: ProgressId,
    offset: u64,
    consumer: ConsumerId,
    outcome: Outcome,
    out: &mut Vec<Event>,
) {
    let group = world.progress(progress).group;
    let Some(effects) = &world.group(group).effects else { return };
    if outcome == Outcome::Failed {
        return;
    }
    let key = world.business_key(progress, offset);
    let before = world.log.effects.get(&(group, key)).copied().unwrap_or(0);
    out.push(if effects.idempotent && before > 0 {
        Event::EffectSkipped { progress, offset, consumer }
    } else {
        Event::EffectDone { progress, offset, consumer, times: before + 1 }
    });
}

/// An effect was had.
pub(super) fn done(world: &mut World, progress: ProgressId, offset: u64, times: u32) {
    let key = world.business_key(progress, offset);
    let group = world.progress(progress).group;
    let Some(effects) = &mut world.live.groups[group.index()].effects else { return };
    effects.done += 1;
    effects.repeated += u64::from(times > 1);
    world.log.effects.insert((group, key), times);
}

/// It was not, a second time.
pub(super) fn skipped(world: &mut World, progress: ProgressId) {
    let group = world.progress(progress).group;
    if let Some(effects) = &mut world.live.groups[group.index()].effects {
        effects.skipped += 1;
    }
}
