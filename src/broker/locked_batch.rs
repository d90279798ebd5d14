//! Batches that lock their queue: how open-source brokers keep the order of an orderly group with simple consumers.
//!
//! One record for each group and queue says what was popped last, and nobody else gets anything of the queue until all of
//! it is acknowledged or visible again, whatever its message groups (`group.fifoLockScope` = `queue`). The next pop begins
//! at the first message that was not acknowledged, so those that were acknowledged behind it come again. The record
//! itself is [`OrderedQueue`]. Source: `ConsumerOrderInfoManager`, `AckMessageProcessor.ackOrderly`.

use super::apply::groups::{mark_ready, read_anew};
use super::command::{Command, ConsumerChange};
use super::event::{Entry, Event};
use super::filter::{self, Verdict};
use super::id::{CommandId, ConsumerId, MessageRef, ProgressId};
use super::order::Order;
use super::progress::ProgressState;
use super::world::World;
use super::{balance, consume, delivery, retention, retry};
use crate::rules::order_info::{OrderedAck, OrderedPop, OrderedQueue};
use crate::sim::{Instant, Span};

/// What somebody asks for who asks by hand.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Asked {
    /// Only of the queue with this number.
    pub(super) queue: Option<u32>,
    /// The command that asks, if it names its attempt.
    pub(super) attempt: Option<CommandId>,
}

fn us(at: Instant) -> i64 {
    i64::try_from(at.as_us()).unwrap_or(i64::MAX)
}

fn long(span: Span) -> i64 {
    i64::try_from(span.as_us()).unwrap_or(i64::MAX)
}

impl World {
    /// The record of the batch that was popped last, where batches lock their queue.
    pub fn batch(&self, progress: ProgressId) -> Option<&OrderedQueue> {
        self.progress(progress).order.as_ref()?.batches.as_deref()
    }

    /// The name of the attempt that a command makes.
    fn attempt(&self, command: Option<CommandId>) -> Option<&str> {
        match &**self.command(command?) {
            Command::Consumer { change: ConsumerChange::Receive { attempt, .. }, .. } => attempt.as_deref(),
            _ => None,
        }
    }
}

// What is decided.

/// Could somebody who asks get a message of this queue? The first of the last batch that was not acknowledged, or a new
/// one.
pub(super) fn has_eligible(world: &World, id: ProgressId, batches: &OrderedQueue) -> bool {
    let state = world.progress(id);
    let is_there = state.committed < world.queue(state.queue).max_offset;
    state.readable && is_there && !batches.is_blocked(us(world.live.now), None, 0)
}

/// Gives a consumer a batch, if the queue is free. Says how many messages.
pub(super) fn take(
    world: &World,
    id: ProgressId,
    consumer: ConsumerId,
    room: u64,
    asked: Asked,
    out: &mut Vec<Event>,
) -> u64 {
    let (state, Some(batches)) = (world.progress(id), world.batch(id)) else { return 0 };
    let attempt = world.attempt(asked.attempt);
    let invisible = world.consumer(consumer).invisible;
    if room == 0 || !state.readable || batches.is_blocked(us(world.live.now), attempt, long(invisible)) {
        return 0;
    }
    let same_attempt = attempt.is_some() && batches.record().and_then(|last| last.attempt()) == attempt;
    let rereads = state.committed < state.next;
    let first = state.committed.max(world.queue(state.queue).min_offset);
    if rereads {
        if state.committed < first {
            // What would be read again is gone.
            out.push(retention::corrected_to_min(world, id, true));
        }
        let [reread_acknowledged, reread_moved, reread_filtered] = balance::finished_from(world, id, first);
        out.push(Event::BatchReread {
            progress: id,
            consumer,
            reread_acknowledged,
            reread_moved,
            reread_filtered,
            same_attempt,
        });
    }
    let mut taken = 0;
    for offset in first..world.queue(state.queue).max_offset {
        if taken == room {
            break;
        }
        if state.filters {
            match filter::verdict(world, id, offset, consumer) {
                Verdict::Passes => {}
                Verdict::Filtered => {
                    out.push(Event::MessagesFiltered { progress: id, offset, count: 1, consumer });
                    continue;
                }
                Verdict::Superseded => {
                    out.push(Event::MessagesSuperseded { progress: id, offset, count: 1, consumer });
                    continue;
                }
                Verdict::Rejected => {
                    out.push(Event::MessageRejectedByTag { progress: id, offset, consumer });
                    continue;
                }
            }
        }
        let place = batches.record().and_then(|last| last.offsets().iter().position(|one| *one == offset));
        let again = rereads && !same_attempt && place.is_some();
        // What was acknowledged behind a gap comes again, but it did not fail. Nor did what the same attempt had already.
        let bits = batches.record().map_or(0, |last| last.acknowledged());
        let did_not_fail = place.is_some_and(|place| same_attempt || bits >> (place % 64) & 1 == 1);
        let times = world.failures_before(id, offset) + u32::from(again);
        if !did_not_fail && gives_up(world, times) {
            // The proxy puts it aside, and asks anew.
            let message = MessageRef { queue: state.queue, offset };
            consume::dead_letter(world, state.group, message, times, out);
            break;
        }
        out.push(delivery::handed_out(world, id, offset, consumer));
        taken += 1;
    }
    if taken > 0 {
        let command = asked.attempt;
        out.push(Event::BatchLocked { progress: id, consumer, count: taken as u32, command });
    }
    taken
}

/// Does whoever asked and was given nothing ask anew, because a message was put aside or the group was overtaken?
pub(super) fn asks_anew(decided: &[Event]) -> bool {
    decided.iter().any(|event| matches!(event, Event::DeadLettered { .. } | Event::OffsetCorrected { .. }))
}

/// Is this progress one of those that somebody asks for?
pub(super) fn is_asked(world: &World, progress: &ProgressState, asked: Asked) -> bool {
    asked.queue.is_none_or(|queue| progress.is_retry || world.queue(progress.queue).number == queue)
}

/// The same for all queues of a group, for an attempt that has a name: it may be the one that has locked them.
pub(super) fn collect(world: &World, id: ConsumerId, most: u64, asked: Asked, out: &mut Vec<Event>) -> u64 {
    let mut taken = 0;
    for &progress in &world.group(world.consumer(id).group).progress {
        if taken < most && is_asked(world, world.progress(progress), asked) && !asks_anew(out) {
            taken += take(world, progress, id, most - taken, asked, out);
        }
    }
    taken
}

/// Was a message delivered so often in vain that it is not delivered again?
pub(super) fn gives_up(world: &World, times: u32) -> bool {
    let most = world.settings.fifo_max_retry_times.filter(|_| world.settings.pop_through_proxy);
    most.is_some_and(|most| retry::is_given_up(i64::from(most) + 1, times))
}

// What is written down.

/// Notes that reading goes on at the committed offset, and how often what was handed out last has been by now.
pub(super) fn reread(
    world: &mut World,
    id: ProgressId,
    [acknowledged, moved, filtered]: [u32; 3],
    same_attempt: bool,
) {
    let state = &mut world.live.progress[id.index()];
    let (group, committed) = (state.group, state.committed);
    let Some(order) = &mut state.order else { return };
    let kept = order.batches.take();
    let mut failures = std::mem::take(&mut order.failures);
    if let Some(last) = kept.as_ref().and_then(|batches| batches.record()).filter(|_| !same_attempt) {
        for &offset in last.offsets() {
            *failures.entry(offset).or_default() += 1;
        }
    }
    read_anew(world, id, committed);
    if let Some(order) = &mut world.live.progress[id.index()].order {
        order.batches = kept;
        order.failures = failures;
    }
    let counts = &mut world.live.groups[group.index()].counts;
    counts.acknowledged -= u64::from(acknowledged);
    counts.duplicated += i64::from(moved);
    counts.filtered -= u64::from(filtered);
}

/// Notes a batch: what was handed out to this consumer in this instant.
pub(super) fn locked(
    world: &mut World,
    entry: &Entry,
    id: ProgressId,
    to: ConsumerId,
    command: Option<CommandId>,
) {
    let attempt = world.attempt(command).map(str::to_owned);
    let invisible_time = long(world.consumer(to).invisible);
    let state = &mut world.live.progress[id.index()];
    let is_of_it = |consumer, at| (consumer, at) == (to, entry.at);
    let held = state.held.iter().filter(|(_, held)| is_of_it(held.consumer, held.handed_out_at));
    let offsets: Vec<u64> = held.map(|(offset, _)| *offset).collect();
    let Some(order) = &mut state.order else { return };
    let Order { batches: Some(batches), failures, .. } = &mut **order else { return };
    let popped_at = us(entry.at);
    let pop = OrderedPop { attempt: attempt.as_deref(), popped_at, invisible_time, offsets: &offsets };
    *failures = batches.pop(pop).by_offset;
    mark_ready(world, id);
}

/// Notes that a message of a batch is acknowledged. What the record commits is what is finished here.
pub(super) fn acknowledged(world: &mut World, id: ProgressId, offset: u64, popped_at: Instant) {
    let state = &mut world.live.progress[id.index()];
    let Some(batches) = state.order.as_mut().and_then(|order| order.batches.as_mut()) else { return };
    let said = batches.acknowledge(offset, us(popped_at));
    debug_assert!(
        !matches!(said, OrderedAck::Commit(commit) if commit > state.done_below()),
        "the record and the progress agree"
    );
    mark_ready(world, id);
}

/// Notes that the invisible time of a message of a batch was changed.
pub(super) fn changed(world: &mut World, id: ProgressId, offset: u64, popped_at: Instant, until: Instant) {
    if let Some(order) = &mut world.live.progress[id.index()].order
        && let Some(batches) = &mut order.batches
    {
        batches.change_invisible(offset, us(popped_at), us(until));
        // At the instant at which its time would have been over, others of the batch may have waited for it only.
        mark_ready(world, id);
    }
}

/// Notes that the invisible time of a message of a batch is over. It stays where it is until somebody asks for more.
/// Says whether it is so.
pub(super) fn time_over(world: &mut World, id: ProgressId, offset: u64) -> bool {
    let believes = world.believes_handles();
    let state = &mut world.live.progress[id.index()];
    if state.order.as_ref().is_none_or(|order| order.batches.is_none()) {
        return false;
    }
    if let Some(held) = state.held.get_mut(&offset) {
        held.until = None;
        held.over = !believes;
    }
    mark_ready(world, id);
    true
}
