//! Delivery in order: what an orderly group keeps back, what it locks, and how it tries again without letting anybody
//! pass.
//!
//! ```text
//!  message balancing, queue:   a1  b1  a2  a3  b2  a4      a, b: message groups
//!                              ▲   ✔   ·   ·   ▲   ┆
//!                              │       └ wait for a1 ┆  not read yet
//!                              └ heads: in hands, or next in turn
//! ```
//!
//! In message balancing the *head* of a message group is its earliest unfinished message that was read. It alone can be
//! handed out; the later ones wait, and the next of them is the head once it is finished. A wider lock takes a whole
//! queue for one message group. In queue balancing messages are handed out in a row as ever, and it is the consumer that
//! starts the next one of a queue only when all before it are finished.
//!
//! A failed head stays where it is, in its consumer's hands, and is tried again after a while; a crash gives it back when
//! the invisible time is over. There is no retry topic. Source: `ConsumerOrderInfoManager`, `FifoConsumeService` and
//! `ProcessQueueImpl` of the 5.x client, `ConsumeMessageOrderlyService`.

mod locks;
mod notes;

use std::collections::{BTreeMap, BTreeSet};

pub(super) use locks::{after_stale_work, give_up_locks, has_lock, lock, locks_abandoned, waits_for_lock};
pub(super) use notes::{
    abandon_locks, await_lock, await_no_lock, copy, expire_waiting, forget_suspended, give_back, give_up,
    hand_out, keep_back, locked, pass_over, renew_locks, retry, suspend, unlock,
};

use super::consumer::{Reach, Task};
use super::consumer_group::Shelved;
use super::event::Event;
use super::filter::{self, Verdict};
use super::id::{ConsumerId, GroupId, MessageRef, ProgressId};
use super::message::MessageGroupKey;
use super::settings::Settings;
use super::spec::LockScope;
use super::world::World;
use super::{consume, delivery, lite, locked_batch};
use crate::rules::consume_result::{
    AfterOrderly, OrderlyMessage, OrderlySendBack, OrderlyStatus, after_orderly, suspend_ms,
};
use crate::rules::order_info::OrderedQueue;
use crate::rules::ranges::OffsetRanges;
use crate::rules::retry;
use crate::sim::{Instant, Span};

/// What an orderly group keeps of one queue, beside its progress.
#[derive(Clone, Debug, Default)]
pub struct Order {
    /// In message balancing, the earliest unfinished message of each message group, of those that were read.
    pub heads: BTreeMap<MessageGroupKey, Head>,
    /// The heads that nobody has.
    pub eligible: BTreeSet<u64>,
    /// Read and in nobody's hands: those heads, and what waits for a head.
    pub waiting: OffsetRanges,
    /// How many these are.
    pub waiting_count: u64,
    /// Below the high-water mark, and never handed out.
    pub(super) undelivered: OffsetRanges,
    /// Failed deliveries of messages that are not finished.
    pub failures: BTreeMap<u64, u32>,
    /// In queue balancing, who may work on the queue.
    pub lock: Option<QueueLock>,
    /// Where batches lock their queue, which one was popped last.
    pub(super) batches: Option<Box<OrderedQueue>>,
}

/// The lock that the broker gives the owner of a queue; it may outlive the ownership.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct QueueLock {
    /// Who has it.
    pub holder: ConsumerId,
    /// Which of its incarnations.
    pub incarnation: u32,
    /// Since when.
    pub since: Instant,
    /// After a crash, and behind a cut link, where nobody renews it: until when it lasts.
    pub until: Option<Instant>,
}

/// The message whose turn it is in its message group.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Head {
    /// Its offset.
    pub offset: u64,
    /// How many that were read wait for it.
    pub behind: u64,
}

/// A failed message that its consumer will try again, without letting later ones pass.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Suspended {
    /// Through which progress it came.
    pub progress: ProgressId,
    /// Which message of that queue.
    pub offset: u64,
    /// Who holds it.
    pub consumer: ConsumerId,
    /// Failed deliveries so far.
    pub attempt: u32,
    /// Since when it waits.
    pub since: Instant,
    /// The entry that let it wait.
    pub cause: u64,
}

impl Order {
    /// A message that was read goes to those that wait.
    fn keep_back(&mut self, offset: u64) {
        self.waiting.insert(offset);
        self.waiting_count += 1;
    }

    /// It waits no longer.
    fn let_go(&mut self, offset: u64) {
        if self.waiting.contains(offset) {
            self.waiting.remove(offset);
            self.waiting_count -= 1;
        }
        self.eligible.remove(&offset);
    }

    /// Everything unfinished is read anew.
    pub(super) fn reset(&mut self) {
        let undelivered = std::mem::take(&mut self.undelivered);
        let batches = self.batches.as_ref().map(|_| Box::default());
        *self = Self { undelivered, lock: self.lock, batches, ..Self::default() };
    }
}

/// A failed message that will be delivered again: from its group's shelf, or in an orderly group in place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct WaitingRetry {
    /// When.
    pub due_at: Instant,
    /// Since when it waits.
    pub since: Instant,
    /// The stored copy that failed.
    pub message: MessageRef,
    /// Failed deliveries so far.
    pub attempt: u32,
    /// It is not delivered again then, but becomes a dead letter (`dlq.timing`).
    pub is_last: bool,
}

impl World {
    /// The failed messages of a group that will be delivered again, the next one first.
    pub fn waiting_retries(&self, group: GroupId) -> impl Iterator<Item = WaitingRetry> {
        let group = self.group(group);
        // A group has the one or the other.
        let shelf = group.shelf.iter().map(|(&(due_at, _), shelved)| {
            let Shelved { message, attempt, since, is_last, .. } = *shelved;
            WaitingRetry { due_at, since, message, attempt, is_last }
        });
        let in_place = group.suspended.iter().map(|(&(due_at, _), suspended)| {
            let Suspended { progress, offset, attempt, since, .. } = *suspended;
            let message = MessageRef { queue: self.progress(progress).queue, offset };
            WaitingRetry { due_at, since, message, attempt, is_last: false }
        });
        shelf.chain(in_place)
    }

    /// How often the message at `offset` has failed in a group, as a copy in a retry topic or in place.
    pub fn failures_before(&self, progress: ProgressId, offset: u64) -> u32 {
        let state = self.progress(progress);
        let in_place = state.order.as_ref().and_then(|order| order.failures.get(&offset));
        self.reconsume_times(MessageRef { queue: state.queue, offset }) + in_place.copied().unwrap_or(0)
    }

    /// Is it the turn of the message at `offset` in its message group, or has it come already?
    pub(super) fn is_head(&self, progress: ProgressId, offset: u64) -> bool {
        let order = self.progress(progress).order.as_ref();
        let head = order.and_then(|order| order.heads.get(&key(self, progress, offset)));
        head.is_some_and(|head| head.offset == offset)
    }

    /// For which earlier message the one at `offset` waits in an orderly group, whoever has it.
    pub fn waits_for(&self, progress: ProgressId, offset: u64) -> Option<MessageRef> {
        let state = self.progress(progress);
        if state.lite.is_some() {
            let (lite, _) = self.lite_of(state.queue, offset)?;
            let first = self.lite_head(progress, lite).filter(|head| *head < offset)?;
            return Some(MessageRef { queue: state.queue, offset: first });
        }
        let order = state.order.as_ref()?;
        if let Some(batches) = &order.batches {
            let first =
                batches.record().filter(|last| last.free_at().is_some()).map(|_| state.done_below())?;
            let waits = offset >= state.next && first < offset;
            return waits.then_some(MessageRef { queue: state.queue, offset: first });
        }
        let (first, is_held_back) = if state.by_message {
            let head = order.heads.get(&key(self, progress, offset))?;
            (head.offset, offset >= state.next || order.waiting.contains(offset))
        } else {
            (state.done_below(), !state.is_finished(offset))
        };
        (first < offset && is_held_back).then_some(MessageRef { queue: state.queue, offset: first })
    }

    /// Does one message of an orderly group lock its whole queue?
    pub fn locks_queues(&self, progress: ProgressId) -> bool {
        !self.progress(progress).by_message || self.settings.fifo_lock_scope == LockScope::Queue
    }

    /// In queue balancing: who keeps a queue locked that another consumer of an orderly group owns now, and until when if
    /// that is known.
    pub fn lock_awaited(&self, progress: ProgressId) -> Option<(ConsumerId, Option<Instant>)> {
        let state = self.progress(progress);
        let owner = state.owner.filter(|owner| !state.by_message && !has_lock(self, progress, *owner))?;
        locks::obstacle(self, progress, state.order.as_ref()?.lock?).or(Some((owner, None)))
    }
}

/// What locks the message at `offset`: its message group, or one key for the whole queue.
fn key(world: &World, id: ProgressId, offset: u64) -> MessageGroupKey {
    match world.settings.fifo_lock_scope {
        LockScope::Queue => MessageGroupKey::default(),
        LockScope::MessageGroup => {
            world.message_group_key(MessageRef { queue: world.progress(id).queue, offset })
        }
    }
}

/// The first message after `offset` that waits and has this key.
fn next_behind(world: &World, id: ProgressId, of: MessageGroupKey, offset: u64) -> Option<u64> {
    let order = world.progress(id).order.as_ref()?;
    order.waiting.from(offset + 1).find(|later| key(world, id, *later) == of)
}

// What is decided.

/// Message balancing: could somebody who asks get a message of this queue, or have one read that waits from then on?
pub(super) fn has_eligible(world: &World, id: ProgressId) -> bool {
    let state = world.progress(id);
    if state.lite.is_some() {
        return lite::has_eligible(world, id);
    }
    let Some(order) = &state.order else { return false };
    if let Some(batches) = &order.batches {
        return locked_batch::has_eligible(world, id, batches);
    }
    let unread = state.next < world.queue(state.queue).max_offset;
    state.readable && (!order.eligible.is_empty() || (unread && !locks_queue(world, order)))
}

/// Is the whole queue locked, so that nothing behind the head needs to be looked at?
fn locks_queue(world: &World, order: &Order) -> bool {
    world.settings.fifo_lock_scope == LockScope::Queue && !order.heads.is_empty()
}

/// Message balancing: gives a consumer those messages of a queue whose turn it is, at most `room` of them. Says how many.
/// First come the heads that wait, then what was not read yet; what is read behind a head is kept back.
pub(super) fn take(
    world: &World,
    id: ProgressId,
    reader: ConsumerId,
    room: u64,
    out: &mut Vec<Event>,
) -> u64 {
    let state = world.progress(id);
    if state.lite.is_some() {
        return lite::take(world, id, reader, room, out);
    }
    let Some(order) = &state.order else { return 0 };
    if order.batches.is_some() {
        return locked_batch::take(world, id, reader, room, locked_batch::Asked::default(), out);
    }
    let mut taking =
        Taking { world, id, reader, order, taken: 0, locked: BTreeSet::new(), free: BTreeSet::new() };
    for &offset in &order.eligible {
        if taking.taken == room {
            return room;
        }
        taking.head(offset, out);
    }
    for offset in state.next..world.queue(state.queue).max_offset {
        if taking.taken == room || !taking.read(offset, out) {
            break;
        }
    }
    taking.taken
}

/// A consumer being given what it may have.
struct Taking<'a> {
    world: &'a World,
    id: ProgressId,
    reader: ConsumerId,
    order: &'a Order,
    taken: u64,
    /// Message groups of what it has been given.
    locked: BTreeSet<MessageGroupKey>,
    /// Message groups whose heads were filtered out, so that nothing waits for them any more.
    free: BTreeSet<MessageGroupKey>,
}

impl Taking<'_> {
    /// A head that waits: it is handed out; or, if a filter keeps it back, the next one of its message group is.
    fn head(&mut self, offset: u64, out: &mut Vec<Event>) {
        let key = key(self.world, self.id, offset);
        let mut head = Some(offset);
        while let Some(offset) = head {
            if self.judge(offset, out) {
                self.hand_out(offset, key, out);
                return;
            }
            head = next_behind(self.world, self.id, key, offset);
        }
        self.free.insert(key);
    }

    /// A message that nobody has read. Says whether to read on.
    fn read(&mut self, offset: u64, out: &mut Vec<Event>) -> bool {
        let key = key(self.world, self.id, offset);
        let has_head = self.order.heads.contains_key(&key) && !self.free.contains(&key);
        let is_locked = has_head || self.locked.contains(&key);
        if is_locked && self.world.settings.fifo_lock_scope == LockScope::Queue {
            return false;
        }
        if !self.judge(offset, out) {
            return true;
        }
        if is_locked {
            self.keep_back(offset, out);
        } else {
            self.hand_out(offset, key, out);
        }
        true
    }

    fn hand_out(&mut self, offset: u64, key: MessageGroupKey, out: &mut Vec<Event>) {
        out.push(delivery::handed_out(self.world, self.id, offset, self.reader));
        self.taken += 1;
        self.locked.insert(key);
    }

    /// Neighbours that are kept back are one event.
    fn keep_back(&self, offset: u64, out: &mut Vec<Event>) {
        if let Some(Event::MessagesKeptBack { progress, offset: first, count, .. }) = out.last_mut()
            && *progress == self.id
            && *first + u64::from(*count) == offset
            && *count < u32::MAX
        {
            *count += 1;
            return;
        }
        out.push(Event::MessagesKeptBack { progress: self.id, offset, count: 1, consumer: self.reader });
    }

    /// Does the filter let it pass? If not, it is passed over.
    fn judge(&self, offset: u64, out: &mut Vec<Event>) -> bool {
        let (progress, consumer) = (self.id, self.reader);
        if !self.world.progress(progress).filters {
            return true;
        }
        match filter::verdict(self.world, progress, offset, consumer) {
            Verdict::Passes => return true,
            why @ (Verdict::Filtered | Verdict::Superseded) => {
                out.extend(filter::passed_over(progress, consumer, &(offset..offset + 1, why)));
            }
            Verdict::Rejected => out.push(Event::MessageRejectedByTag { progress, offset, consumer }),
        }
        false
    }
}

/// Message balancing: a message's turn has come; the request that waits longest is answered with it, even if its consumer has
/// fewer threads than when it asked.
pub(super) fn offer(world: &World, id: ProgressId, out: &mut Vec<Event>) {
    let group = world.progress(id).group;
    if let Some(&consumer) = world.group(group).parked.front()
        && has_eligible(world, id)
    {
        let room = delivery::room_for_receive(world, consumer).max(1);
        take(world, id, consumer, room.into(), out);
    }
}

/// Message balancing: a delivery has ended, and another message may have its turn. Its consumer is answered first if it
/// can ask for more; else one whose request waits.
pub(super) fn after(world: &World, id: ProgressId, consumer: ConsumerId, out: &mut Vec<Event>) {
    if delivery::can_ask(world, consumer) {
        delivery::receive(world, consumer, out);
    } else {
        offer(world, id, out);
    }
}

/// A listener failed: the message is tried again in place, as often as is allowed, and then is a dead letter.
pub(super) fn failed(world: &World, id: ProgressId, offset: u64, consumer: ConsumerId, out: &mut Vec<Event>) {
    let state = world.progress(id);
    let times = world.failures_before(id, offset);
    let attempt = times + 1;
    let (most, wait) = if state.lite.is_some() {
        // The client tries again by the group's policy, whatever other clients do with ordered messages.
        (Some(world.retry_max_times(state.group)), world.retry_delay(state.group, attempt))
    } else {
        rule(&world.settings, state.by_message)
    };
    let is_reached = world.consumer(consumer).reach != Reach::Cut;
    let mut gives_up = |attempts| {
        if is_reached {
            let message = MessageRef { queue: state.queue, offset };
            consume::dead_letter(world, state.group, message, attempts, out);
        }
        is_reached
    };
    let is_kept = if state.by_message {
        let is_last = most.is_some_and(|most| retry::is_exhausted(times.into(), most.into()));
        !(is_last && gives_up(attempt))
    } else {
        // What is sent back with all its failures the broker makes a dead letter.
        let most = most.map_or(-1, |most| i32::try_from(most).unwrap_or(i32::MAX));
        let mut batch = [OrderlyMessage { offset, reconsume_times: times }];
        let send_back = |message: OrderlySendBack| gives_up(message.reconsume_times);
        after_orderly(&mut batch, true, OrderlyStatus::Suspend, most, send_back) == AfterOrderly::PutBack
    };
    if is_kept {
        let due_at = world.live.now + wait;
        out.push(Event::RetryInPlaceScheduled { progress: id, offset, consumer, attempt, due_at });
    }
}

/// How often a message is tried again in place, if that has an end, and after which wait.
pub fn rule(settings: &Settings, by_message: bool) -> (Option<u32>, Span) {
    if by_message {
        return (settings.fifo_max_retry_times, settings.fifo_retry_interval);
    }
    let wait = i64::try_from(settings.classic_suspend.0 / 1_000).unwrap_or(i64::MAX);
    (settings.classic_orderly_max_retry_times, Span::from_ms(suspend_ms(-1, wait)))
}

/// A message that was given up has left its place: the next one has its turn.
pub(super) fn after_giving_up(world: &World, group: GroupId, message: MessageRef, out: &mut Vec<Event>) {
    let Some(id) = world.progress_on(group, message.queue) else { return };
    let state = world.progress(id);
    if state.order.is_none() {
        return;
    }
    if state.lite.is_some() {
        return lite::after(world, id, message.offset, None, out);
    }
    if state.by_message {
        // The consumer that failed on it has not asked for more yet.
        let asks = |consumer: &&ConsumerId| delivery::can_ask(world, **consumer);
        match world.group(group).consumers.iter().find(asks) {
            Some(&consumer) => delivery::receive(world, consumer, out),
            None => offer(world, id, out),
        }
    } else if let Some(owner) = state.owner {
        delivery::start_idle(world, owner, out);
        delivery::hand_out_ready(world, id, out);
    }
}

/// The wait of the earliest suspended message of a group is over, or that for a queue's lock.
pub(super) fn due(world: &World, group: GroupId, out: &mut Vec<Event>) {
    let (group, now) = (world.group(group), world.live.now);
    let suspended = group.suspended.first_key_value().filter(|((at, _), _)| *at <= now);
    if let Some((_, &Suspended { progress, offset, consumer, .. })) = suspended {
        out.push(Event::RetriedInPlace { progress, offset, consumer });
    } else if let Some(&(_, progress)) = group.awaited_locks.keys().next().filter(|(at, _)| *at <= now) {
        lock(world, progress, out);
    }
}

/// Queue balancing: may a consumer start with this task, because all before it in its queue are finished?
pub(super) fn is_first_of_queue(world: &World, task: &Task) -> bool {
    let state = world.progress(task.progress);
    state.order.is_none()
        || state.by_message
        || (state.done_below() == task.offset && !has_stale_work(world, task))
}

/// Does the owner of a queue still work on a message of it that it has dropped?
fn has_stale_work(world: &World, task: &Task) -> bool {
    let Some(owner) = world.progress(task.progress).owner else { return false };
    let mut work = world.consumer(owner).work();
    work.any(|(_, work)| work.task.progress == task.progress && work.task.epoch != task.epoch)
}
