//! What comes back because an invisible time was over: in message balancing as a copy in the retry topic.

use super::{Labels, Series, ms};
use crate::broker::World;
use crate::broker::event::TopicOrigin;
use crate::sim::Instant;

/// The ends of the invisible times that are over without a copy being there yet (`pop.reviveLagMs`).
pub(super) fn due(world: &World) -> Vec<Instant> {
    let mut all = Vec::new();
    for (id, group) in world.groups() {
        for (_, progress, offset) in group.expiries.keys() {
            let state = world.progress(*progress);
            // What is kept in order comes back where it is, and so does what is of a lite topic.
            if state.order.is_none() && state.lite.is_none() {
                all.extend(state.held.get(offset).and_then(|held| held.until));
            }
        }
        all.extend(world.further_checkpoints(id).map(|checkpoint| checkpoint.until));
    }
    all.retain(|until| *until <= world.live.now);
    all
}

/// How late the first of them is.
pub(super) fn latency_ms(world: &World, due: &[Instant]) -> u64 {
    due.iter().min().map_or(0, |until| ms(world.live.now - *until))
}

/// Copies in the retry topics of message balancing, by the topic that each was delivered from before.
pub(super) fn retries(world: &World) -> Series {
    let mut series = Vec::new();
    for (_, retry) in world.topics() {
        let TopicOrigin::RetryOfTopic(group, topic) = retry.origin else { continue };
        let mut counts = [0; 2];
        for queue in &retry.queues {
            let log = &world.log.queues[queue.index()];
            let copies = (0..world.queue(*queue).max_offset).filter_map(|offset| log.copy(offset));
            copies.for_each(|copy| counts[usize::from(copy.reconsume_times > 1)] += 1);
        }
        for (from, count) in [&world.topic(topic).name, &retry.name].into_iter().zip(counts) {
            if count > 0 {
                let labels: Labels = vec![
                    ("consumer_group", world.group(group).spec.name.clone()),
                    ("topic", from.to_string()),
                    ("put_status", "PUT_OK".to_owned()),
                ];
                series.push((labels, count));
            }
        }
    }
    Series::Counter(series)
}
