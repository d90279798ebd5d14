//! Where a group begins in a queue for which it has no committed offset (`ConsumeFromWhere`, and what brokers make of it).
//!
//! The documents know the end and the beginning. The classic client also knows a time, half an hour before it starts unless
//! it is told another. What open-source brokers do instead of *the end* is `ossCompat`: as long as nothing of the queue was
//! deleted and its first message is still in memory, a group begins with that one. After that it begins at the end, and in
//! message balancing one message before the end. Source: `RebalancePushImpl`, `PopMessageProcessor.getInitOffset`,
//! `ConsumerManageProcessor`.

use super::id::QueueId;
use super::retention::us;
use super::spec::InitialOffset;
use super::world::World;
use crate::rules::offset::{
    Boundary, ConsumeFromWhere, ROWS_PER_FILE, StoredOffset, by_time, pull_from_where,
};
use crate::sim::{Instant, Span};

/// The classic client's own choice of a time: so long before it starts.
pub(super) const HALF_AN_HOUR: Span = Span::from_secs(1_800);

/// Where a group begins in a queue.
pub(super) fn first_offset(world: &World, queue: QueueId, initial: InitialOffset, by_message: bool) -> u64 {
    let state = world.queue(queue);
    let (min, max) = (state.min_offset, state.max_offset);
    let from = match initial {
        InitialOffset::Latest => ConsumeFromWhere::LastOffset,
        InitialOffset::Earliest => ConsumeFromWhere::FirstOffset,
        InitialOffset::Timestamp(_) => ConsumeFromWhere::Timestamp,
        InitialOffset::OssCompat if min == 0 && max > 0 && is_hot(world, queue) => return 0,
        InitialOffset::OssCompat if by_message => return max.saturating_sub(1).max(min),
        InitialOffset::OssCompat => ConsumeFromWhere::LastOffset,
    };
    let by_timestamp = || {
        let usual = || us(world.live.now) - us(Instant::ZERO + HALF_AN_HOUR);
        let at = match initial {
            InitialOffset::Timestamp(Some(at)) => us(Instant::ZERO + at),
            _ => usual(),
        };
        Some(stored_from(world, queue, at))
    };
    let offset = pull_from_where(from, false, StoredOffset::None, || Some(max), by_timestamp);
    // The broker corrects what is gone.
    offset.unwrap_or(max).max(min)
}

/// The first offset of a queue that was stored at this time or later.
fn stored_from(world: &World, queue: QueueId, at: i64) -> u64 {
    let (state, log) = (world.queue(queue), &world.log.queues[queue.index()]);
    let offsets = state.min_offset..state.max_offset;
    by_time(offsets, ROWS_PER_FILE, at, Boundary::Lower, |offset| us(log.stored_at(offset)))
}

/// Is the first message of a queue among the newest of all queues, which the broker has in memory?
fn is_hot(world: &World, queue: QueueId) -> bool {
    let stored_at = us(world.log.queues[queue.index()].stored_at(0));
    let since = (0..world.live.queues.len()).map(QueueId::at);
    let newer: u64 = since.map(|id| world.queue(id).max_offset - stored_from(world, id, stored_at)).sum();
    newer <= u64::from(world.settings.store_hot_messages)
}
