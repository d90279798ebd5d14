//! Simple consumers: the application receives, acknowledges and changes invisible times itself.
//!
//! ```text
//!  receive ─► in flight, handle 7 ──ack 7──────► done
//!                    │     └──change 7──► in flight, handle 8, another end of the invisible time
//!                    └──the invisible time is over──► ready again as a copy in the retry topic, or a dead letter
//! ```
//!
//! There is no waiting for a retry: a message that is not acknowledged is visible again the moment its invisible time is
//! over. Whoever acknowledges it later has a stale receipt handle. Receipt handles are opaque texts in RocketMQ; here each
//! group counts them, so that a person can write one down. Source: `SimpleConsumerImpl`, `ReceiveMessageActivity`,
//! `ChangeInvisibleDurationActivity`, `ChangeInvisibleTimeProcessor`.

use super::apply::deliveries::done_with;
use super::apply::groups::arm_expiry;
use super::command::ConsumerChange;
use super::consumer::{ConsumerState, Reach, Task};
use super::consumer_group::GroupState;
use super::event::{Entry, Event, Outcome, Refusal};
use super::id::{CommandId, ConsumerId, GroupId, MessageRef, ProgressId};
use super::locked_batch::Asked;
use super::progress::{DeliveryRecord, Holding};
use super::spec::Application;
use super::world::World;
use super::{consume, delivery, effect, locked_batch, order, pop};
use crate::rules::validation;
use crate::sim::{Instant, Span, sort_by_key};

/// So many messages a broker hands out at once.
const MOST_AT_ONCE: u32 = validation::RECEIVE_BATCH_MAX as u32;

/// The shortest invisible time of a receive, in milliseconds.
const LEAST_INVISIBLE_MS: i64 = 10_000;

/// Does the proxy take an invisible time?
fn takes_invisible(invisible: Span, least_ms: i64) -> Result<(), Refusal> {
    let ms = i64::try_from(invisible.0 / 1_000).unwrap_or(i64::MAX);
    let limits = validation::Limits::default();
    validation::invisible_time(ms, least_ms, &limits).map_err(|_code| Refusal::IllegalInvisibleTime)
}

/// A message that a simple consumer has in hands and can still acknowledge.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct InHands {
    /// Its stored copy.
    pub message: MessageRef,
    /// Through which progress it came.
    pub progress: ProgressId,
    /// The receipt handle with which it can be acknowledged.
    pub handle: u64,
    /// The how many-th delivery it is.
    pub attempt: u32,
    /// When its invisible time is over.
    pub until: Instant,
}

impl World {
    /// What a simple consumer has received and can still acknowledge, the oldest handle first.
    pub fn in_hands(&self, id: ConsumerId) -> Vec<InHands> {
        let consumer = self.consumer(id);
        if !self.group(consumer.group).simple {
            return Vec::new();
        }
        let tasks = consumer.cache.iter().chain(consumer.work().map(|(_, work)| &work.task));
        let mut held: Vec<InHands> = tasks
            .filter_map(|task| {
                let held = holding(self, id, task)?;
                let message = MessageRef { queue: self.progress(task.progress).queue, offset: task.offset };
                Some(InHands {
                    message,
                    progress: task.progress,
                    handle: held.handle,
                    attempt: self.reconsume_times(message) + 1,
                    until: held.until?,
                })
            })
            .collect();
        sort_by_key(&mut held, |held| held.handle);
        held
    }

    /// Was the application of a simple consumer done with a message, at this instant, after its invisible time? One that
    /// renews that never is.
    pub fn ended_too_late(&self, id: ProgressId, offset: u64, consumer: ConsumerId, at: Instant) -> bool {
        let state = self.consumer(consumer);
        if !self.group(state.group).simple || state.spec.application == Application::Renewing {
            return false;
        }
        let stored_at = self.log.queues[self.progress(id).queue.index()].stored_at(offset);
        let mut deliveries = self.log.deliveries[id.index()].of(offset, stored_at);
        let it = deliveries.find(|one| one.consumer == consumer && one.finished_at == Some(at));
        it.is_some_and(|one| one.handed_out_at + state.invisible <= at)
    }

    /// Did a delivery take as long as its listener may?
    pub fn timed_out(&self, delivery: &DeliveryRecord) -> bool {
        let spent = delivery.started_at.zip(delivery.finished_at).map(|(from, to)| to - from);
        delivery.outcome == Some(Outcome::Failed)
            && spent.is_some_and(|spent| spent >= self.consumer(delivery.consumer).timeout)
    }
}

/// How the broker keeps what this task is about, if it is still the consumer's.
fn holding(world: &World, id: ConsumerId, task: &Task) -> Option<Holding> {
    let held = world.progress(task.progress).held.get(&task.offset)?;
    (held.consumer == id && held.handed_out_at == task.handed_out_at).then_some(*held)
}

/// A message that a person seems to have in hands, and that is not theirs any longer.
pub(super) fn stale(world: &World, progress: ProgressId) -> Option<String> {
    let group = world.group(world.progress(progress).group);
    let mut by_hand = group.consumers.iter().filter(|id| group.simple && world.consumer(**id).is_by_hand());
    by_hand.find_map(|id| {
        let mut mine = world.consumer(*id).cache.iter().filter(|task| task.progress == progress);
        let stale = mine.find(|task| holding(world, *id, task).is_none())?;
        Some(format!("{} has {}, and it is not its own", world.consumer_name(*id), stale.offset))
    })
}

// What is decided.

/// How many messages a receive of this consumer may bring now. It asks when it has fewer than threads, and then for a
/// whole batch.
pub(super) fn room(world: &World, consumer: &ConsumerState) -> u32 {
    if consumer.outstanding < consumer.thread_count { world.settings.push_receive_batch } else { 0 }
}

/// How long the listeners of a group may take. The application of a simple consumer may take as long as it likes.
pub(super) fn timeout(world: &World, group: GroupId) -> Span {
    let GroupState { simple, pull, by_message, .. } = *world.group(group);
    match (simple || pull, by_message) {
        (true, _) => Span::FOREVER,
        (_, true) => world.settings.push_consume_timeout,
        _ => world.settings.classic_consume_timeout,
    }
}

/// A person lets a simple consumer receive.
pub(super) fn receive(
    world: &World,
    id: ConsumerId,
    command: CommandId,
    change: &ConsumerChange,
    out: &mut Vec<Event>,
) -> Result<(), Refusal> {
    let consumer = by_hand(world, id)?;
    let ConsumerChange::Receive { count, invisible, queue, attempt } = change else {
        return Err(Refusal::NotByHand);
    };
    let invisible = invisible.unwrap_or(world.settings.simple_invisible);
    let is_looked_at = world.settings.pop_through_proxy;
    if is_looked_at {
        takes_invisible(invisible, LEAST_INVISIBLE_MS)?;
    }
    if *count > MOST_AT_ONCE && !is_looked_at {
        return Err(Refusal::BatchTooLarge);
    }
    let group = world.group(consumer.group);
    let has =
        |queue: u32| group.topics.iter().any(|topic| world.topic(*topic).readable().len() > queue as usize);
    if queue.is_some_and(|queue| !has(queue)) {
        return Err(Refusal::UnknownQueue);
    }
    if !consumer.takes_messages() {
        return Err(Refusal::WrongState);
    }
    if world.refuses_receives().is_some() {
        return Err(Refusal::TooManyRequests);
    }
    // Nothing new comes over a link that is held.
    let most = if consumer.reach == Reach::Open { u64::from((*count).min(MOST_AT_ONCE)) } else { 0 };
    let asked = Asked { queue: *queue, attempt: attempt.is_some().then_some(command) };
    let answer = out.len();
    out.push(Event::ReceiveAnswered { consumer: id, count: 0, invisible });
    let given = delivery::collect(world, id, most, asked, out) as u32;
    out[answer] = Event::ReceiveAnswered { consumer: id, count: given, invisible };
    Ok(())
}

/// A person lets it acknowledge a message.
pub(super) fn acknowledge(world: &World, id: ConsumerId, handle: u64) -> Result<Event, Refusal> {
    match find(world, id, handle) {
        Ok((progress, offset)) => Ok(Event::HandleAcknowledged { progress, offset, consumer: id, handle }),
        Err(Refusal::InvalidReceiptHandle) if world.believes_handles() => pop::acknowledge(world, id, handle),
        Err(refusal) => Err(refusal),
    }
}

/// A person lets it change an invisible time. Only its longest length is checked.
pub(super) fn change_invisible(
    world: &World,
    id: ConsumerId,
    handle: u64,
    invisible: Span,
    out: &mut Vec<Event>,
) -> Result<(), Refusal> {
    let found = find(world, id, handle);
    let is_looked_at = world.settings.pop_through_proxy && (found.is_ok() || world.believes_handles());
    if is_looked_at {
        takes_invisible(invisible, 0)?;
    }
    match found {
        Ok((progress, offset)) => out.push(changes(world, progress, offset, id, invisible)),
        Err(Refusal::InvalidReceiptHandle) if world.believes_handles() => {
            pop::change_invisible(world, id, handle, invisible, out)?;
        }
        Err(refusal) => return Err(refusal),
    }
    Ok(())
}

fn by_hand(world: &World, id: ConsumerId) -> Result<&ConsumerState, Refusal> {
    let consumer = world.consumer(id);
    let is_by_hand = world.group(consumer.group).simple && consumer.is_by_hand();
    if is_by_hand { Ok(consumer) } else { Err(Refusal::NotByHand) }
}

/// The message in a consumer's hands that has this receipt handle.
fn find(world: &World, id: ConsumerId, handle: u64) -> Result<(ProgressId, u64), Refusal> {
    let consumer = by_hand(world, id)?;
    let has = |task: &&Task| holding(world, id, task).is_some_and(|held| held.handle == handle && !held.over);
    let task = consumer.cache.iter().find(has).ok_or(Refusal::InvalidReceiptHandle)?;
    Ok((task.progress, task.offset))
}

fn changes(world: &World, progress: ProgressId, offset: u64, consumer: ConsumerId, invisible: Span) -> Event {
    let handle = world.group(world.progress(progress).group).handles + 1;
    Event::InvisibleTimeChanged { progress, offset, consumer, handle, until: world.live.now + invisible }
}

/// The invisible time of a message is over; its application may have extended it at the last moment.
pub(super) fn renewed(world: &World, progress: ProgressId, offset: u64) -> Option<Event> {
    let held = world.progress(progress).held.get(&offset)?;
    let consumer = world.consumer(held.consumer);
    if consumer.spec.application != Application::Renewing || !world.group(consumer.group).simple {
        return None;
    }
    let mut tasks = consumer.cache.iter().chain(consumer.work().map(|(_, work)| &work.task));
    let is_it = |task: &Task| {
        (task.progress, task.offset, task.handed_out_at) == (progress, offset, held.handed_out_at)
    };
    tasks.any(is_it).then(|| changes(world, progress, offset, held.consumer, consumer.invisible))
}

/// A person acknowledged a message.
pub(super) fn after_acknowledgement(
    world: &World,
    progress: ProgressId,
    offset: u64,
    consumer: ConsumerId,
    out: &mut Vec<Event>,
) {
    effect::after(world, progress, offset, consumer, Outcome::Acknowledged, out);
    if world.progress(progress).order.is_some() {
        order::offer(world, progress, out);
    }
    consume::leave_when_done(world, consumer, out);
}

/// The application was done with a message after its invisible time.
pub(super) fn after_late_result(
    world: &World,
    progress: ProgressId,
    offset: u64,
    consumer: ConsumerId,
    outcome: Outcome,
    out: &mut Vec<Event>,
) {
    let is_reached = world.consumer(consumer).reach != Reach::Cut;
    if is_reached && outcome == Outcome::Ignored && world.group(world.progress(progress).group).simple {
        out.push(if world.believes_handles() {
            Event::HandleIgnored { progress, offset, consumer, handle: 0 }
        } else {
            Event::HandleRefused { progress, offset, consumer }
        });
    }
}

/// A simple consumer with more threads than messages asks for more.
pub(super) fn receive_with_more_threads(world: &World, consumer: ConsumerId, out: &mut Vec<Event>) {
    if world.group(world.consumer(consumer).group).simple {
        delivery::receive(world, consumer, out);
    }
}

// What it means.

/// What was just handed out gets a receipt handle, and its invisible time begins.
pub(super) fn hold(world: &mut World, entry: &Entry, id: ProgressId, offset: u64, to: ConsumerId) {
    let until = entry.at + world.consumer(to).invisible;
    let handle = world.group(world.progress(id).group).handles + 1;
    changed(world, entry, id, offset, handle, until);
}

/// A message has another receipt handle, and another end of its invisible time.
pub(super) fn changed(
    world: &mut World,
    entry: &Entry,
    id: ProgressId,
    offset: u64,
    handle: u64,
    until: Instant,
) {
    let lag = world.revive_lag(id);
    let state = &mut world.live.progress[id.index()];
    let group = state.group;
    let Some(held) = state.held.get_mut(&offset) else { return };
    let before = held.until.replace(until);
    held.handle = handle;
    let popped_at = held.handed_out_at;
    let state = &mut world.live.groups[group.index()];
    state.handles = handle;
    if let Some(before) = before {
        state.expiries.remove(&(before + lag, id, offset));
    }
    state.expiries.insert((until + lag, id, offset), entry.seq);
    arm_expiry(world, group);
    pop::note_receipt(world, id, offset, handle);
    locked_batch::changed(world, id, offset, popped_at, until);
}

/// The message is finished. For the person it was in hands from when it came until now.
pub(super) fn acknowledged(
    world: &mut World,
    at: Instant,
    progress: ProgressId,
    offset: u64,
    id: ConsumerId,
) {
    let Some(held) = world.progress(progress).held.get(&offset).copied() else { return };
    let is_it = |task: &Task| {
        (task.progress, task.offset, task.handed_out_at) == (progress, offset, held.handed_out_at)
    };
    let task = take(world, id, is_it).unwrap_or_else(|| not_in_hands(world, progress, offset, held));
    let consumer = &mut world.live.consumers[id.index()];
    consumer.counts.acknowledged += 1;
    world.live.groups[consumer.group.index()].counts.acknowledged += 1;
    let log = &mut world.log.deliveries[progress.index()];
    log.start(offset, task.handed_out_at, task.received_at, task.again);
    log.end(offset, task.handed_out_at, at - task.received_at, Outcome::Acknowledged, task.again);
    done_with(world, at, &task, Outcome::Acknowledged);
}

/// What a person acknowledges with a receipt handle alone: the message is still on its way, or the process is gone that had
/// it.
fn not_in_hands(world: &World, progress: ProgressId, offset: u64, held: Holding) -> Task {
    let state = world.progress(progress);
    let copy = world.stored_copy(state.queue, offset);
    let first = world.log.deliveries[progress.index()].of(offset, copy.stored_at).next();
    Task {
        progress,
        offset,
        epoch: state.epoch,
        again: first.is_none_or(|first| first.handed_out_at != held.handed_out_at),
        handed_out_at: held.handed_out_at,
        received_at: held.handed_out_at,
        cause: world.live.seq,
        copy,
    }
}

/// A message reached a person. If its invisible time was over on the way, there is nothing to be done with it.
#[inline(never)]
pub(super) fn received(world: &mut World, progress: ProgressId, offset: u64, id: ConsumerId) {
    let consumer = world.consumer(id);
    if !(world.group(consumer.group).simple && consumer.is_by_hand()) {
        return;
    }
    let is_it = |task: &Task| (task.progress, task.offset) == (progress, offset);
    let newest = consumer.cache.iter().rfind(|task| is_it(task)).copied();
    if let Some(newest) = newest.filter(|task| holding(world, id, task).is_none()) {
        take(world, id, |task| is_it(task) && task.handed_out_at == newest.handed_out_at);
    }
}

/// The invisible time of a message is over. A person is rid of it; an application notices only when it acknowledges.
pub(super) fn forget(world: &mut World, progress: ProgressId, offset: u64, held: Holding) {
    if world.consumer(held.consumer).is_by_hand() {
        let is_it = |task: &Task| {
            (task.progress, task.offset, task.handed_out_at) == (progress, offset, held.handed_out_at)
        };
        take(world, held.consumer, is_it);
    }
}

/// A receipt handle was stale: it may be that the offset was reset after the message was handed out.
#[inline(never)]
pub(super) fn refused(world: &mut World, seq: u64, id: ProgressId, offset: u64, consumer: ConsumerId) {
    let state = world.progress(id);
    let Some(reset_at) = state.gaps.as_deref().and_then(|gaps| gaps.reset_at) else { return };
    let stored_at = world.log.queues[state.queue.index()].stored_at(offset);
    let deliveries = world.log.deliveries[id.index()].of(offset, stored_at);
    let latest = deliveries.filter(|delivery| delivery.consumer == consumer).last();
    if latest.is_some_and(|delivery| delivery.handed_out_at < reset_at) {
        world.log.refused_after_reset.insert(seq, ());
    }
}

fn take(world: &mut World, id: ConsumerId, is_it: impl Fn(&Task) -> bool) -> Option<Task> {
    let consumer = &mut world.live.consumers[id.index()];
    let place = consumer.cache.iter().position(is_it)?;
    consumer.outstanding -= 1;
    consumer.cache.remove(place)
}
