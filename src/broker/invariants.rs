//! What must always hold. [`Before::check`] looks at what one entry touched and runs after every entry, in the page
//! too; [`check`] looks at everything and runs in tests. Numbers and sentences are those of `docs/model.md`.

use std::fmt;
use std::ops::Range;

use super::calls;
use super::compaction;
use super::consumer::Task;
use super::event::{Entry, Event, Outcome};
use super::fault::Client;
use super::filter::{self, Verdict};
use super::flow;
use super::id::{ConsumerId, GroupId, MessageRef, ProgressId, QueueId};
use super::lite;
use super::message_queue::QueueLog;
use super::order;
use super::p2p;
use super::progress::DeliveryInFlight;
use super::reply;
use super::settings::{CommitMode, Expiry};
use super::simple;
use super::spec::ConsumeMode;
use super::world::World;
use crate::sim::Instant;

/// An invariant that does not hold, and where.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Violation {
    /// Its number, such as `I18`.
    pub id: &'static str,
    /// What should hold.
    pub sentence: &'static str,
    /// What was found instead.
    pub found: String,
}

impl fmt::Display for Violation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {} Found: {}.", self.id, self.sentence, self.found)
    }
}

macro_rules! invariants {
    ($($name:ident $id:literal $sentence:literal;)*) => {
        /// Every invariant checked here, with its sentence.
        pub const ALL: &[(&str, &str)] = &[$(($id, $sentence)),*];
        $(
            #[cold]
            fn $name(found: String) -> Violation {
                Violation { id: $id, sentence: $sentence, found }
            }
        )*
    };
}

invariants! {
    i1 "I1" "In every queue 0 <= min offset <= max offset.";
    i3 "I3" "Offsets of a queue are dense: the k-th append gets offset k; those that a crash of the broker took are given again.";
    i4 "I4" "Store times never decrease with the offset.";
    i18 "I18" "For every group and queue: min <= next and committed <= next <= max; below min nothing is unfinished but what is in hands.";
    i7 "I7" "No message goes before the retention is over; where each goes by itself, nothing older is left after a look.";
    i19 "I19" "A committed offset never moves back, except by a reset or a crash of the broker.";
    i20 "I20" "The committed offset is the smallest unfinished one, or below it while a consumer has not reported.";
    i25 "I25" "In clustering a message is in the hands of at most one consumer of the group.";
    i27 "I27" "A message is never handed out while its invisible time runs for the same group.";
    i29 "I29" "What a filter keeps back is never handed out, and what it lets pass is not kept back.";
    i30 "I30" "What a filter keeps back is finished: the group's progress goes past it.";
    i34 "I34" "A message is dead-lettered only after all its retries failed.";
    i36 "I36" "Retry copies exist only in topics of the group that failed.";
    i39 "I39" "In an orderly group a message is handed out, or in queue balancing started, only when all before it in its message group or queue are finished.";
    i40 "I40" "An orderly group has at most one message of a message group in hands; in queue balancing at most one of a queue in a listener.";
    i10 "I10" "A producer tries to send a request as often as it may, and not more often.";
    i16 "I16" "A producer that was refused waits as long as its rule says, before it tries again.";
    i83 "I83" "A request is answered in time, timed out, dropped, or waits, and each is counted once.";
    i84 "I84" "Compaction takes only what a newer message with the same key replaces, and renumbers nothing.";
    i81 "I81" "A call is answered, failed, timed out, or open; one that reached a service was turned away, handled or lost, or is there.";
    i82 "I82" "A message of a point-to-point queue waits, is held by one consumer, or is gone.";
    i43 "I43" "No message comes out of the timer before it is due, nor later than a slot of the timer is long.";
    i44 "I44" "A message waits in the timer only if it is due later.";
    i45 "I45" "A message is refused for its delivery time only if that is too far ahead.";
    i47 "I47" "Every half message waits, or was committed, rolled back or set aside, and each of them is counted once.";
    i50 "I50" "A half message is checked only as often as it may be, and only after its immunity.";
    i52 "I52" "In queue balancing every readable queue has at most one owner, and it is a consumer of the group.";
    i55 "I55" "In message balancing no consumer waits while messages are ready.";
    i58 "I58" "Accumulation = ready + in flight + finished ahead, and all are >= 0.";
    i63 "I63" "A lite topic has one queue, in order: a message is handed out only when all before it are finished.";
    i64 "I64" "A client is handed messages only of lite topics that it subscribes to.";
    i65 "I65" "Where lite topics are exclusive, each has at most one subscriber in a group.";
    i66 "I66" "A lite topic goes only when nobody has written to it for its time to live; what there is, is counted.";
    i67 "I67" "A lite topic is in at most one event set of a group, once; no set is larger than it may be, and what waits for a subscriber is in one.";
    i72 "I72" "Every message of a group is in exactly one place.";
}

/// What has to be remembered from one entry to the next.
#[derive(Clone, Debug, Default)]
pub struct Before {
    /// Of every progress: its committed and its next offset.
    progress: Vec<(u64, u64)>,
    /// Of every queue: the offset that comes next, and when the one before it was stored.
    stored: Vec<(u64, Instant)>,
    last_at: Instant,
}

impl Before {
    /// Bytes held on the heap.
    pub fn bytes(&self) -> usize {
        size_of_val(&*self.progress) + size_of_val(&*self.stored)
    }

    /// Checks what `entry`, which was just applied, has touched. This is compiled into the broker's hot path: what is to
    /// be said about a violation is put together elsewhere.
    #[inline(always)]
    pub fn check(&mut self, world: &World, entry: &Entry) -> Option<Violation> {
        if entry.at < self.last_at {
            return Some(back_in_time(entry.seq, entry.at, self.last_at));
        }
        self.last_at = entry.at;
        match entry.event {
            Event::MessageStored { queue, offset, .. } => self.stored(world, entry.at, queue, offset),
            Event::MessageHandedOut { progress, offset, consumer, .. } => {
                let next = self.progress.get(progress.index()).map_or(0, |(_, next)| *next);
                // What keeps order within message groups is handed out as their turns come.
                if offset < next && world.progress(progress).order.is_none() {
                    return Some(out_of_turn(world, progress, offset));
                }
                self.progress(world, progress).or_else(|| handed_out(world, progress, offset, consumer))
            }
            Event::ConsumeFinished { progress, .. } => self.progress(world, progress),
            Event::ConsumeStarted { progress, offset, .. } => started(world, progress, offset),
            Event::MessageSent { .. } | Event::MessageReceived { .. } => None,
            rare => self.check_rare(world, rare),
        }
    }

    /// The same for the events that do not come with every message.
    #[inline(never)]
    fn check_rare(&mut self, world: &World, event: Event) -> Option<Violation> {
        match event {
            Event::RetryStored { copy, .. } | Event::DeadLettered { copy, .. }
                if let Some(violation) = self.stored(world, self.last_at, copy.queue, copy.offset) =>
            {
                Some(violation)
            }
            Event::OffsetReset { progress, .. } => {
                if let Some(before) = self.progress.get_mut(progress.index()) {
                    *before = (0, 0); // The one thing that may move it back.
                }
                self.progress(world, progress)
            }
            Event::ProgressFellBack { progress, .. } => {
                if let Some(before) = self.progress.get_mut(progress.index()) {
                    *before = (0, 0); // So may a crash of the broker.
                }
                self.progress(world, progress)
            }
            Event::QueueTruncated { queue, offset, .. } => {
                if queue.index() >= self.stored.len() {
                    self.remember_queues(world);
                }
                self.stored[queue.index()].0 = offset;
                None
            }
            Event::BalanceChanged { group, .. }
                if world.settings.pop_commit_mode == CommitMode::Checkpoint =>
            {
                // What is not finished was committed, and is read again.
                for progress in &world.group(group).progress {
                    if let Some(before) = self.progress.get_mut(progress.index()) {
                        *before = (0, 0);
                    }
                }
                None
            }
            Event::OffsetCommitted { progress, .. }
            | Event::BatchReread { progress, .. }
            | Event::OffsetCorrected { progress, .. }
            | Event::MessagesKeptBack { progress, .. }
            | Event::InvisibleTimeOver { progress, .. }
            | Event::QueueAssigned { progress, .. }
            | Event::ProgressStarted { progress, .. } => self.progress(world, progress),
            Event::MessagesFiltered { progress, offset, count, consumer } => {
                let offsets = offset..offset + u64::from(count);
                self.progress(world, progress).or_else(|| kept_back(world, progress, offsets, consumer))
            }
            Event::MessagesSuperseded { progress, offset, count, .. } => {
                let queue = world.progress(progress).queue;
                let offsets = offset..offset + u64::from(count);
                let is_there = |offset: &u64| !world.is_superseded(MessageRef { queue, offset: *offset });
                let kept = offsets.clone().find(is_there);
                self.progress(world, progress)
                    .or_else(|| kept.map(|offset| i84(format!("offset {offset} is not gone"))))
                    .or_else(|| not_behind(world, progress, offsets))
            }
            Event::ReplyStored { copy: Some(copy), .. } => {
                self.stored(world, self.last_at, copy.queue, copy.offset)
            }
            Event::SendRetried { attempt, .. } => {
                let most = world.settings.producer_max_attempts;
                (attempt > most).then(|| i10(format!("try {attempt} of at most {most}")))
            }
            Event::SendThrottled { retry_at: Some(at), .. } => {
                let most = world.settings.network_send_latency + flow::LONGEST_WAIT;
                let waits = at - world.live.now;
                (waits > most).then(|| i16(format!("{waits}, at most {most}")))
            }
            Event::MessageRejectedByTag { progress, offset, consumer } => {
                self.progress(world, progress).or_else(|| rejected(world, progress, offset, consumer))
            }
            Event::StoreSwept { .. } if world.settings.store_expiry == Expiry::PerMessage => left_over(world),
            Event::MessageDelayed { due_at, visible_at, .. } => waits(world, due_at, visible_at),
            Event::TransactionChecked { times, next_at, .. } => {
                let most = world.settings.tx_max_checks;
                let found = || i50(format!("check {times} of at most {most}, the next at {next_at}"));
                (times > most || next_at <= world.live.now).then(found)
            }
            Event::LiteExpired { lite, .. } => {
                let (settings, at) = (&world.settings, world.lites()?.get(lite).written_at);
                let life = settings.lite_ttl.map(|ttl| ttl.max(settings.lite_min_ttl));
                let is_too_early = life.is_none_or(|life| world.live.now - at <= life);
                is_too_early.then(|| i66(format!("{} last written to at {at}", world.lite_name(lite))))
            }
            Event::DeliveryTimeRefused { due_at, .. } => {
                let (ahead, most) = (due_at - world.live.now, world.settings.delay_max);
                (ahead <= most).then(|| i45(format!("{ahead} ahead of at most {most}")))
            }
            Event::DeadLettered { group, message, attempts, .. } => {
                let by_message = world.group(group).by_message;
                let retries = if world.group(group).orderly && world.lite_progress(group).is_none() {
                    order::rule(&world.settings, by_message).0
                } else {
                    Some(world.retry_max_times(group))
                };
                // Whoever sends a message back by hand says how often it may come again.
                let enough = retries.is_some_and(|retries| attempts > retries) || world.group(group).pull;
                let here = world.progress_on(group, message.queue);
                (!enough)
                    .then(|| i34(format!("dead-lettered after {attempts} attempts")))
                    .or_else(|| self.progress(world, here?))
            }
            Event::ReceiveParked { consumer } => {
                let group = world.group(world.consumer(consumer).group);
                // Clients of lite topics wait for their own ones; when all is done, they are asked.
                let is_lite = world.consumer(consumer).lite.is_some();
                let waits = !(group.ready.is_empty() && group.ready_retry.is_empty() || is_lite);
                waits.then(|| i55(format!("{} waits", world.consumer_name(consumer))))
            }
            _ => None,
        }
    }

    #[inline(always)]
    fn progress(&mut self, world: &World, id: ProgressId) -> Option<Violation> {
        let state = world.progress(id);
        let queue = world.queue(state.queue);
        let (m, c, p, max) = (queue.min_offset, state.committed, state.next, queue.max_offset);
        // With checkpoints the committed offset follows what was delivered.
        let most = if state.commits_ahead { p } else { state.done_below() };
        if !(m <= p && c <= most && state.done_below() <= p && p <= max) {
            return Some(out_of_order(world, id));
        }
        if p - c < u64::from(state.inflight) && !state.commits_ahead {
            return Some(too_many_in_flight(world, id));
        }
        let Some(before) = self.progress.get_mut(id.index()) else {
            self.remember(id, (c, p));
            return None;
        };
        let (before, _) = std::mem::replace(before, (c, p));
        if c < before { moved_back(world, id, before) } else { None }
    }

    #[inline(always)]
    fn stored(&mut self, world: &World, at: Instant, queue: QueueId, offset: u64) -> Option<Violation> {
        if queue.index() >= self.stored.len() {
            self.remember_queues(world);
        }
        let before = std::mem::replace(&mut self.stored[queue.index()], (offset + 1, at));
        if before.0 != offset || at < before.1 {
            return Some(badly_stored(world, queue, offset, at, before));
        }
        None
    }

    /// Makes room for queues that are seen for the first time: nothing was stored in them.
    #[cold]
    #[inline(never)]
    fn remember_queues(&mut self, world: &World) {
        self.stored.resize(world.live.queues.len(), (0, Instant::ZERO));
    }

    /// Makes room for a progress that is seen for the first time.
    #[cold]
    #[inline(never)]
    fn remember(&mut self, id: ProgressId, now: (u64, u64)) {
        self.progress.resize(id.index() + 1, (0, 0));
        self.progress[id.index()] = now;
    }
}

#[cold]
#[inline(never)]
fn back_in_time(seq: u64, at: Instant, last_at: Instant) -> Violation {
    i4(format!("entry {seq} at {at} after {last_at}"))
}

#[cold]
#[inline(never)]
fn out_of_order(world: &World, id: ProgressId) -> Violation {
    let state = world.progress(id);
    let queue = world.queue(state.queue);
    let (m, c, p, max) = (queue.min_offset, state.committed, state.next, queue.max_offset);
    i18(format!("{m}, {c}, {}, {p}, {max} in {}", state.done_below(), name(world, id)))
}

#[cold]
#[inline(never)]
fn too_many_in_flight(world: &World, id: ProgressId) -> Violation {
    let state = world.progress(id);
    let unfinished = state.next - state.committed;
    i58(format!("{} in flight of {unfinished} in {}", state.inflight, name(world, id)))
}

#[cold]
#[inline(never)]
fn moved_back(world: &World, id: ProgressId, before: u64) -> Option<Violation> {
    // The sum over lite topics goes back when a client subscribes to more, or reads one again.
    let is_sum = world.progress(id).lite.is_some();
    let found = || format!("{before} then {} in {}", world.progress(id).committed, name(world, id));
    (!is_sum).then(|| i19(found()))
}

#[cold]
fn name(world: &World, id: ProgressId) -> String {
    let progress = world.progress(id);
    format!("{} of {}", world.queue_name(progress.queue), world.group(progress.group).spec.name)
}

#[cold]
#[inline(never)]
fn badly_stored(
    world: &World,
    queue: QueueId,
    offset: u64,
    at: Instant,
    (next, last_at): (u64, Instant),
) -> Violation {
    let name = world.queue_name(queue);
    if offset != next {
        i3(format!("offset {offset} instead of {next} in {name}"))
    } else {
        i4(format!("{at} after {last_at} in {name}"))
    }
}

#[inline(always)]
fn handed_out(world: &World, id: ProgressId, offset: u64, to: ConsumerId) -> Option<Violation> {
    let state = world.progress(id);
    if state.plainly | state.filters {
        return handed_out_plainly(world, id, offset, to);
    }
    None
}

#[inline(never)]
fn handed_out_plainly(world: &World, id: ProgressId, offset: u64, to: ConsumerId) -> Option<Violation> {
    let state = world.progress(id);
    if state.lite.is_some()
        && let Some((order, found)) = lite::check_handed_out(world, id, offset, to)
    {
        return Some(if order { i63(found) } else { i64(found) });
    }
    if state.order.is_some()
        && let Some(violation) = handed_out_in_order(world, id, offset, to)
    {
        return Some(violation);
    }
    if state.filters && filter::verdict(world, id, offset, to) != Verdict::Passes {
        return Some(wrongly_filtered(world, id, offset));
    }
    None
}

/// Is it the turn of what was just handed out?
fn handed_out_in_order(world: &World, id: ProgressId, offset: u64, to: ConsumerId) -> Option<Violation> {
    let state = world.progress(id);
    if state.lite.is_some() {
        return None;
    }
    if !state.by_message {
        return (state.next != offset + 1).then(|| out_of_turn(world, id, offset));
    }
    let found = || format!("offset {offset} in {}", name(world, id));
    if world.batch(id).is_some() {
        let mut batch = state.held.values().map(|held| (held.consumer, held.handed_out_at));
        return batch.any(|one| one != (to, world.live.now)).then(|| i40(found()));
    }
    if world.waits_for(id, offset).is_some() || !world.is_head(id, offset) {
        return Some(i39(found()));
    }
    let order = state.order.as_ref()?;
    // Each head is in hands or eligible, and nothing else is either.
    let in_hands = order.heads.len() - order.eligible.len();
    (in_hands != state.inflight as usize || state.held.len() != in_hands).then(|| i40(found()))
}

/// Does an orderly group work on a queue in a row?
#[inline(always)]
fn started(world: &World, id: ProgressId, offset: u64) -> Option<Violation> {
    let state = world.progress(id);
    if state.plainly { started_plainly(world, id, offset) } else { None }
}

#[inline(never)]
fn started_plainly(world: &World, id: ProgressId, offset: u64) -> Option<Violation> {
    let state = world.progress(id);
    (state.order.is_some() && !state.by_message && state.done_below() != offset)
        .then(|| i39(format!("offset {offset} before {} in {}", state.done_below(), name(world, id))))
}

/// A message that is too old and still there after a look.
#[cold]
fn left_over(world: &World) -> Option<Violation> {
    let (now, retention) = (world.live.now, world.settings.store_retention);
    let all = world.live.queues.iter().zip(&world.log.queues);
    // A topic that is compacted keeps the newest of each key, however old it is.
    let all = all.filter(|(queue, _)| !world.topic(queue.topic).compacts());
    let is_old = |log: &QueueLog, offset| now - log.stored_at(offset) > retention;
    let mut kept = all.filter(|(queue, _)| queue.min_offset < queue.max_offset);
    let old = kept.find(|(queue, log)| is_old(log, queue.min_offset))?.0;
    Some(i7(format!("offset {} of {} is left", old.min_offset, world.topic(old.topic).name)))
}

/// Will a message come out of the timer when it should? Whether it does is asked of the timer as a whole: what comes with
/// every message has no time for it.
#[cold]
fn waits(world: &World, due_at: Instant, visible_at: Instant) -> Option<Violation> {
    let now = world.live.now;
    if due_at <= now {
        return Some(i44(format!("due at {due_at}, now {now}")));
    }
    if visible_at < due_at || visible_at - due_at >= world.settings.delay_precision {
        return Some(i43(format!("due at {due_at}, out at {visible_at}")));
    }
    overdue(world)
}

/// A message that should have come out of the timer before now.
fn overdue(world: &World) -> Option<Violation> {
    let (visible_at, _) = world.live.timer.waiting().next()?;
    // What was due while the broker was down comes when it is back.
    let outages = world.live.faults.iter().flat_map(|faults| &faults.outages);
    let up_since = outages.last().map_or(Instant::default(), |(_, up_since)| *up_since);
    (visible_at.max(up_since) < world.live.now && !world.is_down())
        .then(|| i43(format!("out at {visible_at}, now {}", world.live.now)))
}

/// Was this kept back with reason, and is it behind the group now?
fn kept_back(world: &World, id: ProgressId, offsets: Range<u64>, reader: ConsumerId) -> Option<Violation> {
    let passes = |offset: &u64| filter::verdict(world, id, *offset, reader) != Verdict::Filtered;
    match offsets.clone().find(passes) {
        Some(offset) => Some(wrongly_filtered(world, id, offset)),
        None => not_behind(world, id, offsets),
    }
}

/// The same for what only a comparison of tags kept back.
fn rejected(world: &World, id: ProgressId, offset: u64, reader: ConsumerId) -> Option<Violation> {
    if filter::passes_client(world, id, offset, reader) {
        return Some(wrongly_filtered(world, id, offset));
    }
    not_behind(world, id, offset..offset + 1)
}

fn not_behind(world: &World, id: ProgressId, mut offsets: Range<u64>) -> Option<Violation> {
    let state = world.progress(id);
    let open = offsets.find(|offset| *offset >= state.next || !state.is_finished(*offset))?;
    Some(i30(format!("offset {open} is still before {}", name(world, id))))
}

#[cold]
#[inline(never)]
fn wrongly_filtered(world: &World, id: ProgressId, offset: u64) -> Violation {
    i29(format!("offset {offset} in {}", name(world, id)))
}

#[cold]
#[inline(never)]
fn out_of_turn(world: &World, id: ProgressId, offset: u64) -> Violation {
    i27(format!("offset {offset} out of turn in {}", name(world, id)))
}

/// Checks the whole world: everything that can be recounted is recounted from what is stored.
pub fn check(world: &World) -> Result<(), Violation> {
    queues(world)?;
    if let Some(violation) = overdue(world) {
        return Err(violation);
    }
    for (id, topic) in world.ordinary_topics() {
        let (counted, waiting) = (world.live.timer.count(id), world.live.timer.waiting());
        let found = waiting.filter(|(_, waiting)| waiting.topic == id).count() as u64;
        if found != counted {
            return Err(i43(format!("{found} messages in the timer for {}, {counted} counted", topic.name)));
        }
    }
    if let Some(found) = calls::broken(world) {
        return Err(i81(found.to_owned()));
    }
    if let Some(found) = p2p::broken(world) {
        return Err(i82(found.to_owned()));
    }
    if let Some(found) = lite::broken(world) {
        return Err(i66(found));
    }
    half_messages(world)?;
    if let Some(found) = reply::broken(world) {
        return Err(i83(found));
    }
    if let Some(found) = compaction::broken(world) {
        return Err(i84(found));
    }
    for index in 0..world.live.progress.len() {
        let id = ProgressId::at(index);
        if world.group(world.progress(id).group).removed {
            continue;
        }
        if let Some(violation) = Before::default().progress(world, id) {
            return Err(violation);
        }
        progress(world, id)?;
    }
    for (id, _) in world.groups() {
        group(world, id)?;
        conservation(world, id)?;
    }
    Ok(())
}

fn half_messages(world: &World) -> Result<(), Violation> {
    let halves = &world.live.halves;
    for (id, topic) in world.ordinary_topics() {
        let counts = halves.counts(id);
        let waiting = halves.all().filter(|(_, _, half)| half.topic == id).count() as u64;
        let places = counts.waiting + counts.committed + counts.rolled_back + counts.set_aside + counts.lost;
        if waiting != counts.waiting || places != counts.stored {
            return Err(i47(format!("{waiting} half messages for {}, {counts:?}", topic.name)));
        }
        let in_order: Vec<(u64, Instant)> =
            halves.waiting_for(id).map(|(_, _, half)| (half.seq, half.check_at())).collect();
        if in_order.len() as u64 != waiting || !in_order.is_sorted_by_key(|(seq, _)| *seq) {
            return Err(i47(format!("{} half messages in order for {}", in_order.len(), topic.name)));
        }
        if in_order.iter().map(|(_, at)| *at).min() != halves.next_check(id) {
            return Err(i50(format!("the next check for {} is at {:?}", topic.name, halves.next_check(id))));
        }
    }
    match halves.all().find(|(_, _, half)| half.check_at() < world.live.now && !world.is_down()) {
        Some((_, number, half)) => {
            Err(i50(format!("message {number} was to be looked at at {}", half.check_at())))
        }
        None => Ok(()),
    }
}

fn queues(world: &World) -> Result<(), Violation> {
    for index in 0..world.live.queues.len() {
        let id = QueueId::at(index);
        let (queue, log) = (world.queue(id), &world.log.queues[index]);
        if queue.min_offset > queue.max_offset {
            return Err(i1(format!("{} > {}", queue.min_offset, queue.max_offset)));
        }
        let retention = world.settings.store_retention;
        if queue.min_offset > 0 && world.live.now - log.stored_at(queue.min_offset - 1) < retention {
            return Err(i7(format!("offset {} of {}", queue.min_offset - 1, world.queue_name(id))));
        }
        let mut times = (queue.min_offset..queue.max_offset).map(|offset| log.stored_at(offset));
        if !times.clone().is_sorted() || times.next_back().is_some_and(|at| at > world.live.now) {
            return Err(i4(world.queue_name(id)));
        }
        let topic = world.topic(queue.topic);
        if topic.is_retry() {
            let strangers = queue.progress.iter().filter(|id| !owns_retry(world, **id, queue.topic)).count();
            if strangers > 0 {
                return Err(i36(world.queue_name(id)));
            }
        }
    }
    Ok(())
}

fn owns_retry(world: &World, progress: ProgressId, topic: super::id::TopicId) -> bool {
    let group = world.group(world.progress(progress).group);
    group.retry_topics.iter().any(|(_, retry)| *retry == topic)
}

fn progress(world: &World, id: ProgressId) -> Result<(), Violation> {
    let state = world.progress(id);
    if let Some((invariant, found)) = lite::reading_broken(world, id) {
        let violation = match invariant {
            "I18" => i18,
            "I55" => i55,
            "I64" => i64,
            "I65" => i65,
            "I67" => i67,
            _ => i58,
        };
        return Err(violation(found));
    }
    let unfinished = state.finished.unfinished(state.next).count() as u64;
    if unfinished != u64::from(state.inflight) + state.kept_back() {
        return Err(i58(format!(
            "{unfinished} unfinished, {} in flight in {}",
            state.inflight,
            name(world, id)
        )));
    }
    let ahead = state.finished.ahead();
    if ahead.contains(state.done_below()) || ahead.ranges().iter().any(|r| r.start < state.done_below()) {
        return Err(i20(format!("{} is finished in {}", state.done_below(), name(world, id))));
    }
    let min_offset = world.queue(state.queue).min_offset;
    if state.order.as_ref().is_some_and(|order| order.waiting.from(0).any(|offset| offset < min_offset)) {
        return Err(i18(format!("what is gone waits in {}", name(world, id))));
    }
    let holders = in_hands(world, id);
    let mut sorted = holders.clone();
    sorted.sort_unstable();
    sorted.dedup();
    if sorted.len() != holders.len() {
        return Err(i25(format!("{holders:?} in {}", name(world, id))));
    }
    if let Some(found) = simple::stale(world, id) {
        return Err(i25(found));
    }
    let is_finished = |offset: &&u64| world.is_finished(id, **offset);
    let finished = sorted.iter().chain(state.held.keys()).find(is_finished);
    match finished {
        Some(offset) => {
            Err(i25(format!("{offset} is finished and in somebody's hands in {}", name(world, id))))
        }
        None => Ok(()),
    }
}

/// Offsets of a progress that some consumer holds validly: on the way, cached, or being processed.
fn in_hands(world: &World, id: ProgressId) -> Vec<u64> {
    let state = world.progress(id);
    // What a simple consumer did not acknowledge in time is not its any longer, and it does not know. Nor is what a client
    // held of a lite topic that expired, or goes on elsewhere. Others may be mistaken only if the broker could not hear
    // them, and took them for dead: then they work in vain, and what they hold is somebody else's.
    let learns_late = state.by_message && (world.group(state.group).simple || state.lite.is_some());
    let holds = |consumer: ConsumerId, offset: &u64, at: Instant| {
        let is_sure = !learns_late && world.link(Client::Consumer(consumer)).is_none();
        is_sure
            || !state.by_message
            || state
                .held
                .get(offset)
                .is_some_and(|held| (held.consumer, held.handed_out_at) == (consumer, at))
    };
    // What was sent to a process that has ended since arrives nowhere, though its successor has the same name.
    let is_for_somebody = |flight: &&DeliveryInFlight| {
        let taker = world.consumer(flight.consumer);
        taker.is_alive() && taker.incarnation == flight.incarnation
    };
    let flights = state.transit.iter().filter(is_for_somebody);
    let flights = flights.filter(|flight| holds(flight.consumer, &flight.offset, flight.sent_at));
    let mut offsets: Vec<u64> = flights.map(|flight| flight.offset).collect();
    for &holder in &world.group(state.group).consumers {
        let consumer = world.consumer(holder);
        // What a poll returned is finished for its queue.
        let work = consumer.work().map(|(_, work)| &work.task).filter(|_| !consumer.pulls);
        let tasks = consumer.cache.iter().chain(work);
        let tasks = tasks.filter(|t| t.progress == id && t.epoch == state.epoch);
        let is_its = |task: &&Task| holds(holder, &task.offset, task.handed_out_at);
        offsets.extend(tasks.filter(is_its).map(|task| task.offset));
    }
    offsets
}

fn group(world: &World, id: GroupId) -> Result<(), Violation> {
    let group = world.group(id);
    for progress in &group.progress {
        let Some(owner) = world.progress(*progress).owner else { continue };
        if world.consumer(owner).group != id {
            return Err(i52(format!("{} is owned by a stranger", name(world, *progress))));
        }
    }
    for consumer in &group.consumers {
        let owned = group.progress.iter().filter(|p| world.progress(**p).owner == Some(*consumer)).count();
        if owned != world.consumer(*consumer).owned as usize {
            return Err(i52(format!("{} counts {owned} queues wrongly", world.consumer_name(*consumer))));
        }
    }
    Ok(())
}

/// I72, recounted from the log: where each logical message is.
fn conservation(world: &World, id: GroupId) -> Result<(), Violation> {
    let group = world.group(id);
    let counts = &group.counts;
    let mut seen = 0;
    let (mut ready, mut inflight, mut acknowledged, mut filtered) = (0, 0, 0, 0);
    let (mut expired, mut passed) = (0, 0);
    for &progress in &group.progress {
        let state = world.progress(progress);
        let queue = world.queue(state.queue);
        if state.lite.is_some() {
            // Which messages came into sight is known of the lite topics that exist only.
            let gone = counts.seen - state.accumulation(queue.max_offset);
            let places = counts.acknowledged + counts.expired + counts.passed + counts.dead_letters;
            let places = places + counts.lost_dead_letters;
            if !adds_up(places, gone, counts.duplicated) || counts.filtered + counts.dropped > 0 {
                return Err(i72(format!("{places} of {gone} done in {}: {counts:?}", group.spec.name)));
            }
            return Ok(());
        }
        ready += state.ready(queue.max_offset);
        inflight += u64::from(state.inflight);
        if world.topic(queue.topic).is_ordinary() {
            seen += queue.max_offset - state.start;
        }
        let gaps = state.gaps.as_deref();
        expired += gaps.map_or(0, |gaps| gaps.expired.count());
        passed += gaps.map_or(0, |gaps| gaps.passed.count());
        let in_gap = |offset: &u64| {
            gaps.is_some_and(|gaps| gaps.expired.contains(*offset) || gaps.passed.contains(*offset))
        };
        let finished = (state.start..state.next).filter(|offset| state.is_finished(*offset));
        for offset in finished.filter(|offset| !in_gap(offset)) {
            match world.latest_outcome(progress, offset) {
                Some(Outcome::Acknowledged) => acknowledged += 1,
                Some(Outcome::Filtered) => filtered += 1,
                _ => {}
            }
        }
    }
    if seen != counts.seen {
        let (name, counted) = (&group.spec.name, counts.seen);
        return Err(i72(format!("{seen} messages in the queues, {counted} counted for {name}")));
    }
    if filtered != counts.filtered {
        let (name, counted) = (&group.spec.name, counts.filtered);
        return Err(i72(format!("{filtered} messages kept back by a filter, {counted} counted for {name}")));
    }
    if acknowledged != counts.acknowledged {
        let (name, counted) = (&group.spec.name, counts.acknowledged);
        return Err(i72(format!("{acknowledged} acknowledged messages, {counted} counted for {name}")));
    }
    if (expired, passed) != (counts.expired, counts.passed) {
        let name = &group.spec.name;
        return Err(i72(format!("{expired} expired and {passed} passed over in {name}: {counts:?}")));
    }
    let places = counts.acknowledged
        + counts.expired
        + counts.passed
        + counts.filtered
        + counts.dead_letters
        + counts.lost_dead_letters
        + counts.dropped
        + counts.in_application
        + counts.lost
        + group.shelf.len() as u64
        + ready
        + inflight;
    if !adds_up(places, counts.seen, counts.duplicated) {
        let parts =
            format!("{counts:?}, {ready} ready, {inflight} in flight, {} on the shelf", group.shelf.len());
        return Err(i72(format!("{places} places for {} in {}: {parts}", counts.seen, group.spec.name)));
    }
    let has_retries = !group.shelf.is_empty() || !group.retry_topics.is_empty();
    if has_retries && group.spec.mode == ConsumeMode::Broadcasting {
        return Err(i72(format!("{} broadcasts and has retries", group.spec.name)));
    }
    Ok(())
}

/// Every message has a place, and every further copy another one.
fn adds_up(places: u64, messages: u64, duplicated: i64) -> bool {
    u64::try_from(duplicated).is_ok_and(|duplicated| places == messages + duplicated)
}
