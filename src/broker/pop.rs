//! Message balancing as open-source brokers really do it (POP), where it is not what the documents say.
//!
//! ```text
//!  pop [5 6 7] ──► checkpoint on record: 5 ○  6 ○  7 ○     next 8, and soon committed 8
//!  ack 6       ──► checkpoint:           5 ○  6 ●  7 ○
//!  time over, and a little later ──► copies of 5 and 7 in the retry topic
//! ```
//!
//! The committed offset follows what was delivered and not what was finished (`pop.commitMode` = `checkpoint`): the
//! checkpoints know what has to come back. They come back late (`pop.reviveLagMs`), and until then they can be
//! acknowledged. A receipt handle names a checkpoint, and the broker does not ask whether that is still open: it answers
//! that all is well (`pop.staleHandles` = `accept`). An acknowledgement then means nothing; another invisible time is
//! another checkpoint, which brings the message back even if it was acknowledged. Source: `PopMessageProcessor`,
//! `PopBufferMergeService`, `AckMessageProcessor`, `ChangeInvisibleTimeProcessor`, `PopReviveService`.

use std::collections::BTreeMap;

use super::apply::groups::arm_expiry;
use super::consume;
use super::event::{Entry, Event, Refusal};
use super::id::{ConsumerId, GroupId, MessageRef, ProgressId};
use super::progress::ProgressState;
use super::rewind::IN_MAP;
use super::settings::{CommitMode, Settings, StaleHandles};
use super::world::{Wakeup, World};
use crate::sim::{Instant, Slot, Span};

/// What a broker that does not look at handles keeps of a group.
#[derive(Clone, Debug, Default)]
pub struct Records {
    /// What each receipt handle was given for that a person may have written down.
    receipts: BTreeMap<u64, Receipt>,
    /// Checkpoints beside those of the deliveries, by the end of their invisible times and their handles.
    checkpoints: BTreeMap<(Instant, u64), Checkpoint>,
    /// Where the commits of the group stand on the agenda, since the first.
    commit_slot: Option<Slot>,
}

/// What a receipt handle was given for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Receipt {
    /// Through which progress.
    pub(super) progress: ProgressId,
    /// Which message of that queue.
    pub(super) offset: u64,
    /// To whom.
    pub(super) consumer: ConsumerId,
    /// When the message was handed out.
    pub(super) popped_at: Instant,
}

/// A checkpoint that brings a message back, whatever has become of its delivery.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Checkpoint {
    /// Through which progress the message came.
    pub progress: ProgressId,
    /// Which message of that queue.
    pub offset: u64,
    /// Who asked for it.
    pub consumer: ConsumerId,
    /// The receipt handle with which it can be acknowledged.
    pub handle: u64,
    /// The end of its invisible time.
    pub until: Instant,
    /// When it was put on record.
    since: Instant,
    /// The entry that did.
    cause: u64,
}

impl Records {
    /// The checkpoint whose time is over first: when it comes back, its handle and the entry behind it.
    pub(super) fn first(&self) -> Option<(Instant, u64, u64)> {
        self.checkpoints.first_key_value().map(|(&(at, handle), one)| (at, handle, one.cause))
    }

    /// Bytes of memory that they take, roughly.
    pub(super) fn bytes(&self) -> usize {
        IN_MAP * (self.receipts.len() + self.checkpoints.len())
    }

    fn of_handle(&self, handle: u64) -> Option<(Instant, Checkpoint)> {
        let found = self.checkpoints.iter().find(|(key, _)| key.1 == handle);
        found.map(|(&(at, _), one)| (at, *one))
    }
}

impl World {
    /// Checkpoints of a group that bring messages back, whatever has become of their deliveries; the next one first.
    pub fn further_checkpoints(&self, group: GroupId) -> impl Iterator<Item = &Checkpoint> {
        self.group(group).records.iter().flat_map(|records| records.checkpoints.values())
    }

    /// What the broker keeps of a group's receipts and checkpoints.
    fn records(&self, group: GroupId) -> Option<&Records> {
        self.group(group).records.as_deref()
    }

    /// How much later than the end of its invisible time a message of this progress comes back.
    pub fn revive_lag(&self, progress: ProgressId) -> Span {
        // Where order is kept nothing has to be copied.
        if self.progress(progress).order.is_some() { Span::ZERO } else { self.settings.pop_revive_lag }
    }

    /// Does the broker believe every receipt handle?
    pub(super) fn believes_handles(&self) -> bool {
        self.settings.pop_stale_handles == StaleHandles::Accept
    }
}

/// Do commits of a progress follow its deliveries?
pub(super) fn commits_ahead(settings: &Settings, by_message: bool, in_order: bool) -> bool {
    by_message && !in_order && settings.pop_commit_mode == CommitMode::Checkpoint
}

// What is decided.

/// What a consumer has in mind with a receipt handle that is of no message in its hands.
fn receipt(world: &World, consumer: ConsumerId, handle: u64) -> Result<Receipt, Refusal> {
    let group = world.consumer(consumer).group;
    let known = world.records(group).and_then(|records| records.receipts.get(&handle));
    known.filter(|known| known.consumer == consumer).copied().ok_or(Refusal::InvalidReceiptHandle)
}

/// Is the batch that this receipt is of still the last one of its queue? Then it is as good as any other of the batch.
fn is_of_batch(world: &World, known: &Receipt) -> bool {
    let state = world.progress(known.progress);
    let is_it = |at: Instant, to: ConsumerId| (at, to) == (known.popped_at, known.consumer);
    state.order.as_ref().is_some_and(|order| order.batches.is_some())
        && state.held.get(&known.offset).is_some_and(|held| is_it(held.handed_out_at, held.consumer))
}

/// A message is acknowledged with a receipt handle that is out of date.
pub(super) fn acknowledge(world: &World, id: ConsumerId, handle: u64) -> Result<Event, Refusal> {
    let known = receipt(world, id, handle)?;
    let Receipt { progress, offset, consumer, .. } = known;
    let group = world.consumer(id).group;
    Ok(if is_of_batch(world, &known) {
        Event::HandleAcknowledged { progress, offset, consumer, handle }
    } else if world.records(group).is_some_and(|records| records.of_handle(handle).is_some()) {
        Event::CheckpointClosed { progress, offset, consumer, handle }
    } else {
        Event::HandleIgnored { progress, offset, consumer, handle }
    })
}

/// An invisible time is changed with a receipt handle that is out of date.
pub(super) fn change_invisible(
    world: &World,
    id: ConsumerId,
    handle: u64,
    invisible: Span,
    out: &mut Vec<Event>,
) -> Result<(), Refusal> {
    let known = receipt(world, id, handle)?;
    let Receipt { progress, offset, consumer, .. } = known;
    let group = world.consumer(id).group;
    let (new, until) = (world.group(group).handles + 1, world.live.now + invisible);
    let state = world.progress(progress);
    if is_of_batch(world, &known) {
        out.push(Event::InvisibleTimeChanged { progress, offset, consumer, handle: new, until });
    } else if state.order.is_some() || offset < world.queue(state.queue).min_offset {
        out.push(Event::HandleIgnored { progress, offset, consumer, handle });
    } else {
        if world.records(group).is_some_and(|records| records.of_handle(handle).is_some()) {
            out.push(Event::CheckpointClosed { progress, offset, consumer, handle });
        }
        out.push(Event::CheckpointAdded { progress, offset, consumer, handle: new, until });
    }
    Ok(())
}

/// The first of a group's further checkpoints is due.
pub(super) fn checkpoint_over(world: &World, group: GroupId) -> Option<Event> {
    let (_, one) = world.records(group)?.checkpoints.first_key_value()?;
    let Checkpoint { progress, offset, handle, .. } = *one;
    let message = MessageRef { queue: world.progress(progress).queue, offset };
    let failures = world.reconsume_times(message) + 1;
    let comes_back = !world.is_expired(message) && !world.is_given_up_by_proxy(group, failures);
    Some(Event::CheckpointOver { progress, offset, handle, comes_back })
}

/// A copy of its message is appended to the retry topic.
pub(super) fn after_checkpoint(world: &World, progress: ProgressId, offset: u64, out: &mut Vec<Event>) {
    let state = world.progress(progress);
    let message = MessageRef { queue: state.queue, offset };
    consume::store_retry(world, state.group, message, world.reconsume_times(message) + 1, false, out);
}

/// What a group was given is on record: it commits that.
pub(super) fn commit(world: &World, group: GroupId, out: &mut Vec<Event>) {
    for &progress in &world.group(group).progress {
        let state = world.progress(progress);
        if state.commits_ahead && state.committed < state.next {
            out.push(Event::OffsetCommitted { progress, offset: state.next });
        }
    }
}

// What is written down.

/// Notes for what a receipt handle is given.
pub(super) fn note_receipt(world: &mut World, progress: ProgressId, offset: u64, handle: u64) {
    if !world.believes_handles() {
        return;
    }
    let state = world.progress(progress);
    let group = state.group;
    let Some(held) = state.held.get(&offset) else { return };
    let (consumer, popped_at) = (held.consumer, held.handed_out_at);
    if world.consumer(consumer).is_by_hand() {
        let receipt = Receipt { progress, offset, consumer, popped_at };
        let records = world.live.groups[group.index()].records.get_or_insert_default();
        records.receipts.insert(handle, receipt);
    }
}

/// Notes that a group's progress may be committed soon.
pub(super) fn arm_commit(world: &mut World, entry: &Entry, id: ProgressId) {
    let ProgressState { group, commits_ahead, committed, next, .. } = *world.progress(id);
    if !commits_ahead || committed == next {
        return;
    }
    let at = entry.at + world.settings.pop_commit_scan;
    let slot = world.records(group).and_then(|records| records.commit_slot);
    if slot.is_some_and(|slot| world.live.agenda.time_of(slot).is_some()) {
        return;
    }
    let slot = slot.unwrap_or_else(|| world.live.slot_for(Wakeup::PopCommits(group)));
    world.live.groups[group.index()].records.get_or_insert_default().commit_slot = Some(slot);
    world.live.wake(slot, at, entry);
}

/// Notes that a group has committed what was on record.
pub(super) fn committed(world: &mut World, id: ProgressId, offset: u64) {
    world.live.progress[id.index()].committed = offset;
}

/// Notes another checkpoint, or the end of one.
pub(super) fn apply(world: &mut World, entry: &Entry) {
    match entry.event {
        Event::CheckpointAdded { progress, offset, consumer, handle, until } => {
            let at = until + world.revive_lag(progress);
            let one =
                Checkpoint { progress, offset, consumer, handle, until, since: entry.at, cause: entry.seq };
            let group = world.progress(progress).group;
            let popped_at = entry.at;
            let state = &mut world.live.groups[group.index()];
            state.handles = handle;
            let records = state.records.get_or_insert_default();
            records.checkpoints.insert((at, handle), one);
            records.receipts.insert(handle, Receipt { progress, offset, consumer, popped_at });
            arm_expiry(world, group);
        }
        Event::CheckpointClosed { progress, handle, .. } => close(world, progress, handle),
        Event::CheckpointOver { progress, handle, comes_back, .. } => {
            close(world, progress, handle);
            let group = world.progress(progress).group;
            world.live.groups[group.index()].counts.duplicated += i64::from(comes_back);
        }
        _ => {}
    }
}

fn close(world: &mut World, progress: ProgressId, handle: u64) {
    let group = world.progress(progress).group;
    if let Some(records) = &mut world.live.groups[group.index()].records {
        records.checkpoints.retain(|key, _| key.1 != handle);
    }
    arm_expiry(world, group);
}

/// The broker died. Further checkpoints are messages to it, and kept as far as messages are; a receipt handle is as good as the
/// message that it is of.
pub(super) fn crashed(world: &mut World, kept: Option<Instant>) {
    for index in 0..world.live.groups.len() {
        let Some(mut records) = world.live.groups[index].records.take() else { continue };
        records.checkpoints.retain(|_, one| kept.is_some_and(|kept| one.since <= kept));
        let is_stored = |known: &Receipt| {
            let queue = world.progress(known.progress).queue;
            known.offset < world.end_of(queue, kept)
        };
        records.receipts.retain(|_, known| is_stored(known));
        if let Some(slot) = records.commit_slot {
            world.live.agenda.cancel(slot);
        }
        world.live.groups[index].records = Some(records);
        if !world.live.groups[index].removed {
            arm_expiry(world, GroupId::at(index));
        }
    }
}

/// Forgets everything about a group that is deleted.
pub(super) fn forget(world: &mut World, group: GroupId) {
    if let Some(slot) = world.live.groups[group.index()].records.take().and_then(|gone| gone.commit_slot) {
        world.live.agenda.cancel(slot);
    }
}
