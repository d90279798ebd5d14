//! The end of a delivery: the listener's result, and what follows from it.
//!
//! Success moves the group's progress, failure sends the message to the retry shelf, the last failure to the
//! dead-letter topic; broadcasting drops it. Source: `ConsumeMessageConcurrentlyService`,
//! `ConsumeTask`/`ProcessQueueImpl` of the 5.x client, `AbstractSendMessageProcessor` for the dead letter.

use super::consumer::{ConsumerState, Reach, Task};
use super::consumer_group::Shelved;
use super::event::{Event, Outcome, TopicOrigin};
use super::id::{ConsumerId, GroupId, MessageRef, ProgressId, QueueId, TopicId};
use super::progress::Holding;
use super::retention;
use super::spec::Failure;
use super::world::World;
use super::{balance, delivery, effect, link, lite, locked_batch, order, pop, pull, reply, simple};
use crate::rules::consume_result::{ConcurrentResult, Fate};
use crate::rules::retry;
use crate::sim::Ratio;

/// A listener thread is done.
#[inline(always)]
pub(super) fn finished(world: &World, consumer: ConsumerId, thread: u32) -> Option<Event> {
    let state = world.consumer(consumer);
    let work = state.threads[thread as usize].work.as_ref()?;
    let task = &work.task;
    let (progress, offset) = (task.progress, task.offset);
    let outcome = if !still_counts(world, consumer, task) {
        Outcome::Ignored
    } else if work.finishes_at - work.started_at >= state.timeout
        || !(state.never_fails && state.fail_next == 0) && fails(world, state, task)
    {
        Outcome::Failed
    } else {
        Outcome::Acknowledged
    };
    Some(Event::ConsumeFinished { progress, offset, consumer, thread, outcome })
}

/// Would the broker take this consumer's result, or has the message been given to others meanwhile?
#[inline(always)]
pub(super) fn still_counts(world: &World, consumer: ConsumerId, task: &Task) -> bool {
    let progress = world.progress(task.progress);
    debug_assert!(!world.group(progress.group).removed, "a removed group's threads hold nothing");
    if progress.epoch != task.epoch {
        return false;
    }
    let holds = |h: &Holding| h.consumer == consumer && h.handed_out_at == task.handed_out_at && !h.over;
    let gets_through = || world.consumer(consumer).reach != Reach::Cut;
    !progress.by_message || progress.held.get(&task.offset).is_some_and(holds) && gets_through()
}

fn fails(world: &World, consumer: &ConsumerState, task: &Task) -> bool {
    if consumer.fail_next > 0 {
        return true;
    }
    let message = MessageRef { queue: world.progress(task.progress).queue, offset: task.offset };
    match &*consumer.failure {
        Failure::Probability(ratio) => {
            let draw = || world.group(consumer.group).failure.nth(task.copy.key);
            *ratio != Ratio::ZERO && ratio.includes(draw())
        }
        Failure::PoisonTag(tag) => world.content(message).tag.as_deref() == Some(&**tag),
        Failure::PoisonKey(key) => world.content(message).key.as_deref() == Some(&**key),
        Failure::FirstAttempts(attempts) => world.failures_before(task.progress, task.offset) < *attempts,
    }
}

/// A delivery ended: the thread is free, there may be room in the cache, and a failure has to be dealt with.
pub(super) fn after(
    world: &World,
    progress: ProgressId,
    offset: u64,
    consumer: ConsumerId,
    outcome: Outcome,
    out: &mut Vec<Event>,
) {
    if world.progress(progress).plainly {
        effect::after(world, progress, offset, consumer, outcome, out);
        reply::after(world, progress, offset, consumer, outcome, out);
        simple::after_late_result(world, progress, offset, consumer, outcome, out);
        if outcome == Outcome::Ignored && world.live.faults.is_some() {
            link::after_result(world, progress, offset, consumer, out);
        }
    }
    if outcome == Outcome::Failed {
        failed(world, progress, offset, consumer, out);
    }
    if world.consumer(consumer).pulls {
        return pull::after(world, consumer, out);
    }
    delivery::start_idle(world, consumer, out);
    let state = world.consumer(consumer);
    if world.group(state.group).by_message && world.progress(progress).order.is_some() {
        // Whose turn it is after a dead letter is decided when that is one; and where bytes count, what is tried again has
        // to be known to stay.
        let is_later = |event: &Event| match event {
            Event::DeadLettered { .. } => true,
            Event::RetryInPlaceScheduled { .. } => delivery::counts_bytes(world),
            _ => false,
        };
        if !out.iter().any(is_later) {
            next_turn(world, progress, offset, consumer, out);
        }
    } else if world.group(state.group).by_message {
        delivery::receive(world, consumer, out);
    } else {
        delivery::hand_out_ready(world, progress, out);
        if outcome == Outcome::Ignored {
            order::after_stale_work(world, progress, consumer, out);
        }
    }
    leave_when_done(world, consumer, out);
}

/// Message balancing, in order: a delivery has ended, and others may have their turn.
fn next_turn(world: &World, id: ProgressId, offset: u64, consumer: ConsumerId, out: &mut Vec<Event>) {
    if world.progress(id).lite.is_some() {
        lite::after(world, id, offset, Some(consumer), out);
    } else {
        order::after(world, id, consumer, out);
    }
}

/// A message stays with its consumer to be tried again in place. Where bytes count, it is known only now how many it holds.
pub(super) fn after_putting_off(
    world: &World,
    id: ProgressId,
    offset: u64,
    consumer: ConsumerId,
    out: &mut Vec<Event>,
) {
    if delivery::counts_bytes(world) && world.progress(id).by_message {
        next_turn(world, id, offset, consumer, out);
    }
}

/// Is a free thread all that the success of a delivery brings? Then there is nothing to hand out or to leave.
#[inline(always)]
pub(super) fn only_frees_a_thread(world: &World, progress: ProgressId, consumer: ConsumerId) -> bool {
    let state = world.progress(progress);
    !state.plainly
        && state.next == world.queue(state.queue).max_offset
        && !world.consumer(consumer).is_leaving()
}

/// A consumer that is shutting down has left once nothing is in its hands.
pub(super) fn leave_when_done(world: &World, id: ConsumerId, out: &mut Vec<Event>) {
    let consumer = world.consumer(id);
    let is_done = consumer.cache.is_empty() && consumer.polled.is_empty();
    if consumer.is_leaving() && consumer.busy == 0 && is_done && consumer.in_transit == 0 {
        out.push(Event::ConsumerLeft { consumer: id });
    }
}

fn failed(world: &World, progress: ProgressId, offset: u64, consumer: ConsumerId, out: &mut Vec<Event>) {
    let state = world.progress(progress);
    if timed_out(world, progress, offset) {
        out.push(Event::ConsumeTimedOut { progress, offset, consumer });
    }
    if world.group(state.group).simple {
        return; // It is not acknowledged, and that is all: its invisible time runs on.
    }
    // What a poll returned has no result; a listener has one for each message.
    let fate = ConcurrentResult::FAILED.fate(0, state.member.is_some());
    if fate == Ok(Fate::Dropped) || world.group(state.group).pull {
        out.push(Event::MessageDropped { progress, offset, consumer });
        return;
    }
    if state.order.is_some() {
        return order::failed(world, progress, offset, consumer, out);
    }
    let message = MessageRef { queue: state.queue, offset };
    let times = world.reconsume_times(message);
    let attempt = times + 1;
    // A client that cannot send a message back tries it once more itself.
    let is_reached = world.consumer(consumer).reach != Reach::Cut;
    let is_exhausted = retry::is_exhausted(times.into(), world.retry_max_times(state.group).into());
    if is_reached && is_exhausted && !world.is_last_wait(state.group, attempt) {
        dead_letter(world, state.group, message, attempt, out);
    } else {
        let due_at = world.live.now + world.retry_wait(progress, attempt);
        out.push(Event::RetryScheduled { group: state.group, message, attempt, due_at });
    }
}

/// Did the delivery that ended last take as long as a listener may?
fn timed_out(world: &World, progress: ProgressId, offset: u64) -> bool {
    let stored_at = world.log.queues[world.progress(progress).queue.index()].stored_at(offset);
    let latest = world.log.deliveries[progress.index()].latest(offset, stored_at);
    latest.is_some_and(|record| world.timed_out(&record))
}

/// A message's invisible time ended without a result: it counts as a failed delivery, and a copy is visible at once. In an
/// orderly group it is the message itself.
pub(super) fn after_invisible_time(world: &World, progress: ProgressId, offset: u64, out: &mut Vec<Event>) {
    let state = world.progress(progress);
    if state.lite.is_some() {
        return lite::after(world, progress, offset, None, out);
    }
    let message = MessageRef { queue: state.queue, offset };
    if state.order.is_some() {
        if world.batch(progress).is_some() {
            return order::offer(world, progress, out);
        }
        if offset < world.queue(state.queue).min_offset {
            return out.push(retention::corrected_to_min(world, progress, false));
        }
        let times = world.failures_before(progress, offset);
        if world.group(state.group).simple && locked_batch::gives_up(world, times) {
            return dead_letter(world, state.group, message, times, out);
        }
        return order::offer(world, progress, out);
    }
    let attempt = world.reconsume_times(message) + 1;
    if world.is_given_up_by_proxy(state.group, attempt) {
        dead_letter(world, state.group, message, attempt, out);
    } else {
        store_retry(world, state.group, message, attempt, false, out);
    }
}

/// The earliest message on a group's shelf is due: a copy of it is appended to the retry topic, or it is a dead letter.
pub(super) fn retry_due(world: &World, group: GroupId, out: &mut Vec<Event>) {
    let Some(&Shelved { message, attempt, is_last, .. }) = world.group(group).shelf.values().next() else {
        return;
    };
    if is_last {
        give_up(world, group, message, attempt, true, out);
    } else {
        store_retry(world, group, message, attempt, true, out);
    }
}

/// The earliest of the invisible times that are running out in a group is over.
pub(super) fn invisible_time_over(world: &World, group: GroupId, out: &mut Vec<Event>) {
    let first = world.group(group).expiries.keys().next();
    let further = world.group(group).records.as_ref().and_then(|records| records.first());
    if further.is_some_and(|(at, ..)| first.is_none_or(|(until, ..)| at < *until)) {
        return out.extend(pop::checkpoint_over(world, group));
    }
    if let Some(&(until, progress, offset)) = first {
        // Whoever renews is there before anybody sees that a time is over.
        let mut now = world.group(group).expiries.keys().take_while(|(at, ..)| *at == until);
        let renewed = now.find_map(|(_, progress, offset)| simple::renewed(world, *progress, *offset));
        out.push(renewed.unwrap_or(Event::InvisibleTimeOver { progress, offset }));
    }
}

pub(super) fn store_retry(
    world: &World,
    id: GroupId,
    message: MessageRef,
    attempt: u32,
    from_shelf: bool,
    out: &mut Vec<Event>,
) {
    let origin = world.origin(message);
    let topic = world.queue(origin.queue).topic;
    let group = world.group(id);
    let (queue, offset) = match group.retry_topic(topic) {
        Some(retry) => {
            let queue = world.topic(retry).queues[0];
            (queue, world.queue(queue).max_offset)
        }
        None => (open_retry_topic(world, id, topic, out), 0),
    };
    out.push(Event::RetryStored {
        group: id,
        message,
        copy: MessageRef { queue, offset },
        attempt,
        from_shelf,
    });
}

/// The group's first retry brings its retry topic into being: one queue, read from offset 0 on.
fn open_retry_topic(world: &World, id: GroupId, topic: TopicId, out: &mut Vec<Event>) -> QueueId {
    let group = world.group(id);
    let origin = match group.retry_key(topic) {
        Some(topic) => TopicOrigin::RetryOfTopic(id, topic),
        None => TopicOrigin::RetryOfGroup(id),
    };
    let queue = open_topic(world, origin, out);
    let progress = ProgressId::at(world.live.progress.len());
    out.push(Event::ProgressStarted { progress, group: id, queue, member: None, offset: 0 });
    if !world.group(id).by_message {
        let owner = balance::first_owner(world, id, &super::topic_name(world, origin));
        if owner.is_some() {
            out.push(Event::QueueAssigned {
                progress,
                owner,
                reread_acknowledged: 0,
                reread_moved: 0,
                reread_filtered: 0,
            });
        }
    }
    queue
}

pub(super) fn dead_letter(
    world: &World,
    id: GroupId,
    message: MessageRef,
    attempts: u32,
    out: &mut Vec<Event>,
) {
    give_up(world, id, message, attempts, false, out);
}

fn give_up(
    world: &World,
    id: GroupId,
    message: MessageRef,
    attempts: u32,
    from_shelf: bool,
    out: &mut Vec<Event>,
) {
    let (queue, offset) = match world.group(id).dead_letter_topic {
        Some(topic) => {
            let queue = world.topic(topic).queues[0];
            (queue, world.queue(queue).max_offset)
        }
        None => (open_topic(world, TopicOrigin::DeadLettersOf(id), out), 0),
    };
    let copy = MessageRef { queue, offset };
    out.push(Event::DeadLettered { group: id, message, copy, attempts, from_shelf });
}

fn open_topic(world: &World, origin: TopicOrigin, out: &mut Vec<Event>) -> QueueId {
    out.push(Event::TopicCreated { topic: TopicId::at(world.live.topics.len()), origin, queues: 1 });
    QueueId::at(world.live.queues.len())
}
