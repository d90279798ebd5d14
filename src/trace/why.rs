//! Why things stand as they do: chains of causes, each a fact about the world as it is, the last one the root.
//!
//! The rules are few and honest. Each looks at what the broker itself would look at, and the chain ends where the next
//! "why?" would need more than the world knows.

use super::journey::{Delivery, End, Place, Reader};
use crate::broker::consumer::ConsumerStatus;
use crate::broker::order;
use crate::broker::spec::{ConsumeMode, Rate};
use crate::broker::{
    ConsumerId, FilterId, GroupId, MessageRef, Outcome, ProducerId, ProgressId, QueueId, World,
};
use crate::sim::Instant;

/// One link of a chain of causes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "the fields are ids, counts and instants; the variants say what they mean")]
pub enum Because {
    /// The group has so many unfinished messages in the queue.
    Behind { group: GroupId, queue: QueueId, count: u64 },
    /// So many messages of the queue are handed out before it.
    Ahead { group: GroupId, queue: QueueId, count: u64 },
    /// No consumer of the group reads the queue now.
    NobodyReads { group: GroupId, queue: QueueId },
    /// No consumer of the group is running.
    NobodyRuns { group: GroupId },
    /// The group's queues are shared out at this instant.
    RebalanceComes { group: GroupId, at: Instant },
    /// One consumer reads so many queues.
    ReadsMany { consumer: ConsumerId, queues: u32 },
    /// All threads of the consumer are busy.
    ThreadsBusy { consumer: ConsumerId, threads: u32 },
    /// All threads of all running consumers of the group are busy.
    GroupBusy { group: GroupId, consumers: u64, threads: u64 },
    /// Its consumers do only what a person asks for.
    WorkedByHand { group: GroupId },
    /// The consumer holds as many messages as it may.
    CacheFull { consumer: ConsumerId, held: u32 },
    /// Most of what the group has not finished, `count` messages, is in the queues that one consumer reads, and that one
    /// finishes so many a second at the most.
    MostAt { consumer: ConsumerId, count: u64, rate: Rate },
    /// It is in the consumer's cache.
    InCache { consumer: ConsumerId, ahead: u64 },
    /// The consumer works on it since this instant.
    Working { consumer: ConsumerId, since: Instant },
    /// It is on its way to the consumer.
    OnTheWay { consumer: ConsumerId },
    /// The consumer is paused since this instant.
    Paused { consumer: ConsumerId, since: Instant },
    /// The consumer has paused this queue since this instant.
    QueuePaused { consumer: ConsumerId, queue: QueueId, since: Instant },
    /// The consumer crashed at this instant.
    Crashed { consumer: ConsumerId, at: Instant },
    /// The consumer crashed at this instant and the broker has not noticed.
    CrashUnnoticed { consumer: ConsumerId, at: Instant },
    /// The consumer left at this instant.
    Left { consumer: ConsumerId, at: Instant },
    /// The consumer has been shutting down since this instant.
    Leaving { consumer: ConsumerId, since: Instant },
    /// Handed to the consumer, and no answer came.
    NoAnswer { consumer: ConsumerId, handed_out_at: Instant },
    /// Its invisible time ends at this instant.
    InvisibleUntil { group: GroupId, until: Instant },
    /// The message was gone before the group was done with it.
    Expired { group: GroupId, message: MessageRef, at: Instant },
    /// The group's offset was reset to a place behind the message.
    ResetPassed { group: GroupId, message: MessageRef, at: Instant },
    /// Consumers do not see the queue.
    QueueHidden { queue: QueueId },
    /// It waits on the shelf for its next retry.
    RetryWait { group: GroupId, due_at: Instant, retry: u32 },
    /// It waits there once more, and becomes a dead letter then.
    LastWait { group: GroupId, due_at: Instant },
    /// The consumer failed on it at this instant.
    FailedBy { consumer: ConsumerId, at: Instant },
    /// An earlier message of its message group is unfinished.
    AfterInMessageGroup { group: GroupId, head: MessageRef },
    /// An earlier message of its queue is unfinished, and the queue is worked on in order.
    AfterInQueue { group: GroupId, head: MessageRef },
    /// The consumer keeps a failed message and tries again at this instant.
    RetryInPlace { consumer: ConsumerId, message: MessageRef, due_at: Instant, retry: u32 },
    /// The consumer that had the queue before is not done with a message of it.
    LockedBy { consumer: ConsumerId, queue: QueueId },
    /// The lock of a dead consumer on the queue lasts until this instant.
    LockedUntil { consumer: ConsumerId, queue: QueueId, until: Instant },
    /// It failed so many times, and no more retries are allowed.
    OutOfRetries { group: GroupId, failures: u64, retries: u32 },
    /// Broadcasting does not retry.
    BroadcastingDrops { group: GroupId },
    /// Pull consumers have no retries of their own.
    PullDrops { group: GroupId },
    /// Its offset was committed before it was processed, and the process died.
    LostAfterCommit { consumer: ConsumerId, at: Instant },
    /// The filter does not want it; it was read for the consumer.
    FilteredOut { group: GroupId, consumer: ConsumerId, filter: FilterId, message: MessageRef },
    /// The broker is too busy, and refuses consumers until then.
    BrokerBusy { until: Instant },
    /// Its tag has the same hash as a wanted one, and is another.
    HashesAlike { message: MessageRef },
    /// The members of the group do not want the same messages.
    MembersDisagree { group: GroupId },
    /// The group began to read behind it.
    PassedOver { group: GroupId, queue: QueueId, start: u64 },
    /// The consumer has nothing to do.
    Idle { consumer: ConsumerId },
    /// More consumers than queues: the allocation gives this one none.
    FewQueues { group: GroupId, queues: u64, consumers: u64 },
    /// The group's strategy gives this consumer no queue, though there are enough of them.
    NoShare { group: GroupId, consumer: ConsumerId },
    /// What it is to work on has been handed out and has not arrived.
    StillComing { consumer: ConsumerId, count: u64 },
    /// Nothing that it may read is ready.
    NothingReady { group: GroupId },
    /// More comes than the group can finish.
    TooSlow { group: GroupId },
    /// Less comes than the group can finish.
    CatchingUp { group: GroupId },
    /// So much comes for the group on average.
    Comes { group: GroupId, rate: Rate },
    /// So much the group can finish at most.
    CanFinish { group: GroupId, rate: Rate, threads: u64 },
    /// The producer has stopped for good.
    ProducerStopped { producer: ProducerId },
    /// Its process died.
    ProducerCrashed { producer: ProducerId },
    /// The scenario's number of messages has been sent.
    AllSent { count: u64 },
    /// The producer sends only when somebody asks for it.
    OnlyByHand { producer: ProducerId },
    /// The producer's rate is zero.
    NoRate { producer: ProducerId },
    /// The topic does not take the type of its messages.
    TypeRefused { producer: ProducerId, mixed: bool },
}

impl Because {
    /// The catalogue's key of its sentence.
    pub fn key(&self) -> &'static str {
        match self {
            Self::Behind { .. } => "why.behind",
            Self::Ahead { .. } => "why.ahead",
            Self::NobodyReads { .. } => "why.nobody_reads",
            Self::NobodyRuns { .. } => "why.nobody_runs",
            Self::RebalanceComes { .. } => "why.rebalance_comes",
            Self::ReadsMany { .. } => "why.reads_many",
            Self::ThreadsBusy { .. } => "why.threads_busy",
            Self::GroupBusy { .. } => "why.group_busy",
            Self::WorkedByHand { .. } => "why.worked_by_hand",
            Self::CacheFull { .. } => "why.cache_full",
            Self::InCache { ahead: 0, .. } => "why.in_cache_first",
            Self::InCache { .. } => "why.in_cache",
            Self::Working { .. } => "why.working",
            Self::OnTheWay { .. } => "why.on_the_way",
            Self::Paused { .. } => "why.paused",
            Self::QueuePaused { .. } => "why.queue_paused",
            Self::Crashed { .. } => "why.crashed",
            Self::CrashUnnoticed { .. } => "why.crash_unnoticed",
            Self::Left { .. } => "why.left",
            Self::Leaving { .. } => "why.leaving",
            Self::NoAnswer { .. } => "why.no_answer",
            Self::InvisibleUntil { .. } => "why.invisible_until",
            Self::RetryWait { .. } => "why.retry_wait",
            Self::LastWait { .. } => "why.last_wait",
            Self::FailedBy { .. } => "why.failed_by",
            Self::AfterInMessageGroup { .. } => "why.after_in_message_group",
            Self::AfterInQueue { .. } => "why.after_in_queue",
            Self::RetryInPlace { .. } => "why.retry_in_place",
            Self::LockedBy { .. } => "why.locked_by",
            Self::LockedUntil { .. } => "why.locked_until",
            Self::OutOfRetries { .. } => "why.out_of_retries",
            Self::BroadcastingDrops { .. } => "why.broadcasting_drops",
            Self::PullDrops { .. } => "why.pull_drops",
            Self::LostAfterCommit { .. } => "why.lost_after_commit",
            // No filter keeps anything back that is `*`.
            Self::FilteredOut { filter: FilterId::ALL, .. } => "why.superseded",
            Self::FilteredOut { .. } => "why.filtered_out",
            Self::BrokerBusy { .. } => "why.broker_busy",
            Self::HashesAlike { .. } => "why.hashes_alike",
            Self::MembersDisagree { .. } => "why.members_disagree",
            Self::PassedOver { .. } => "why.passed_over",
            Self::Expired { .. } => "why.expired",
            Self::ResetPassed { .. } => "why.reset_passed",
            Self::QueueHidden { .. } => "why.queue_hidden",
            Self::Idle { .. } => "why.idle",
            Self::FewQueues { .. } => "why.few_queues",
            Self::NoShare { .. } => "why.no_share",
            Self::StillComing { .. } => "why.still_coming",
            Self::NothingReady { .. } => "why.nothing_ready",
            Self::TooSlow { .. } => "why.too_slow",
            Self::CatchingUp { .. } => "why.catching_up",
            Self::Comes { .. } => "why.comes",
            Self::CanFinish { .. } => "why.can_finish",
            Self::MostAt { .. } => "why.most_at",
            Self::ProducerStopped { .. } => "why.producer_stopped",
            Self::ProducerCrashed { .. } => "why.producer_crashed",
            Self::AllSent { .. } => "why.all_sent",
            Self::OnlyByHand { .. } => "why.only_by_hand",
            Self::NoRate { .. } => "why.no_rate",
            Self::TypeRefused { mixed: false, .. } => "event.send_refused",
            Self::TypeRefused { mixed: true, .. } => "event.send_refused_mixed",
        }
    }
}

/// Why a reader is not done with its message, or why it gave it up. Empty when it simply succeeded.
pub fn waiting(world: &World, reader: &Reader) -> Vec<Because> {
    let group = reader.group;
    let mut chain = Vec::new();
    match reader.place(world) {
        Place::Done => {}
        Place::Dropped => {
            let pulls = world.group(group).pull;
            chain.push(if pulls {
                Because::PullDrops { group }
            } else {
                Because::BroadcastingDrops { group }
            });
            chain.extend(last_failure(reader));
        }
        Place::Lost => {
            if let End::Lost { at, by: consumer } = reader.end {
                chain.push(Because::LostAfterCommit { consumer, at });
            }
        }
        Place::Filtered => filtered_out(world, reader, &mut chain),
        Place::Expired => {
            chain.extend(reader.end.at().map(|at| Because::Expired { group, message: reader.message, at }));
        }
        Place::PassedOver => {
            chain.extend(reader.end.at().map(|at| Because::ResetPassed {
                group,
                message: reader.message,
                at,
            }));
        }
        Place::DeadLetter => {
            let failures =
                reader.deliveries.iter().filter(|d| d.outcome == Some(Outcome::Failed)).count() as u64;
            let in_place = world.progress(reader.progress).order.is_some();
            let retries = match order::rule(&world.settings, world.group(group).by_message).0 {
                Some(most) if in_place => most,
                _ => world.retry_max_times(group),
            };
            chain.push(Because::OutOfRetries { group, failures, retries });
            chain.extend(last_failure(reader));
        }
        Place::Blocked { by } => blocked(world, reader.progress, by, &mut chain),
        Place::RetryWait { .. } if world.progress(reader.progress).order.is_some() => {
            chain.extend(suspended(world, reader.progress, reader.message));
        }
        Place::RetryWait { due_at, retry, is_last } => {
            chain.push(match is_last {
                true => Because::LastWait { group, due_at },
                false => Because::RetryWait { group, due_at, retry },
            });
            chain.extend(last_failure(reader));
        }
        Place::Processing(consumer) => {
            let held = reader.deliveries.iter().filter(|d| d.held).find_map(|d| d.started_at);
            chain.push(Because::Working { consumer, since: held.unwrap_or(world.live.now) });
        }
        Place::Cached(consumer) => in_cache(world, reader, consumer, &mut chain),
        Place::OnTheWay(consumer) => {
            chain.push(Because::OnTheWay { consumer });
            chain.extend(not_running(world, consumer));
        }
        Place::Unanswered(consumer) => unanswered(world, reader, consumer, &mut chain),
        Place::Waiting { copy, ahead } => not_handed_out(world, reader, copy, ahead, &mut chain),
    }
    chain
}

fn filtered_out(world: &World, reader: &Reader, chain: &mut Vec<Because>) {
    let End::Filtered { by, filter, .. } = reader.end else { return };
    let (group, message) = (reader.group, reader.message);
    chain.push(Because::FilteredOut { group, consumer: by, filter, message });
    if world.passes_by_hash_only(filter, message) {
        chain.push(Because::HashesAlike { message });
    } else if world.is_inconsistent(group) {
        chain.push(Because::MembersDisagree { group });
    }
}

fn last_failure(reader: &Reader) -> Option<Because> {
    let failed = |d: &&Delivery| d.outcome == Some(Outcome::Failed);
    let last = reader.deliveries.iter().rev().find(failed)?;
    Some(Because::FailedBy { consumer: last.consumer, at: last.finished_at? })
}

fn in_cache(world: &World, reader: &Reader, id: ConsumerId, chain: &mut Vec<Because>) {
    let consumer = world.consumer(id);
    let held = reader.deliveries.iter().find(|d| d.held && d.started_at.is_none());
    let position = held.and_then(|held| {
        consumer
            .cache
            .iter()
            .position(|t| t.offset == held.copy.offset && t.handed_out_at == held.handed_out_at)
    });
    chain.push(Because::InCache { consumer: id, ahead: position.unwrap_or(0) as u64 });
    if let Some(head) = world.waits_for(reader.progress, reader.message.offset) {
        return blocked(world, reader.progress, head, chain);
    }
    match not_running(world, id) {
        Some(because) => chain.push(because),
        None if consumer.is_by_hand() => chain.push(Because::WorkedByHand { group: reader.group }),
        None => chain.extend(threads_busy(world, id)),
    }
}

/// Another message has its turn first.
fn blocked(world: &World, progress: ProgressId, head: MessageRef, chain: &mut Vec<Because>) {
    let group = world.progress(progress).group;
    chain.push(if world.locks_queues(progress) {
        Because::AfterInQueue { group, head }
    } else {
        Because::AfterInMessageGroup { group, head }
    });
    chain.extend(suspended(world, progress, head));
}

/// A failed message is kept by its consumer.
fn suspended(world: &World, progress: ProgressId, message: MessageRef) -> Option<Because> {
    let all = world.group(world.progress(progress).group).suspended.iter();
    let mut of_it = all.filter(|(_, one)| one.progress == progress && one.offset == message.offset);
    let (&(due_at, _), one) = of_it.next()?;
    Some(Because::RetryInPlace { consumer: one.consumer, message, due_at, retry: one.attempt })
}

fn threads_busy(world: &World, id: ConsumerId) -> Option<Because> {
    let consumer = world.consumer(id);
    (consumer.busy >= consumer.thread_count)
        .then_some(Because::ThreadsBusy { consumer: id, threads: consumer.thread_count })
}

fn unanswered(world: &World, reader: &Reader, id: ConsumerId, chain: &mut Vec<Because>) {
    let Some(last) = reader.deliveries.last() else { return };
    chain.push(Because::NoAnswer { consumer: id, handed_out_at: last.handed_out_at });
    if let Some(because) = not_running(world, id) {
        chain.push(because);
    }
    let expiries = &world.group(reader.group).expiries;
    let of_it = |(_, through, offset): &&(Instant, ProgressId, u64)| {
        *offset == last.copy.offset && world.progress(*through).queue == last.copy.queue
    };
    if let Some(&(until, ..)) = expiries.keys().find(of_it) {
        chain.push(Because::InvisibleUntil { group: reader.group, until });
    }
}

/// The message is visible and nobody has it.
fn not_handed_out(world: &World, reader: &Reader, copy: MessageRef, ahead: u64, chain: &mut Vec<Because>) {
    if let Some(busy) = world.live.flow.busy.filter(|busy| busy.receives) {
        chain.push(Because::BrokerBusy { until: busy.until });
    }
    let (id, queue) = (reader.group, copy.queue);
    let group = world.group(id);
    let through =
        if queue == reader.message.queue { Some(reader.progress) } else { world.progress_on(id, queue) };
    let Some(through) = through else { return };
    let progress = world.progress(through);
    chain.push(if ahead > 0 {
        Because::Ahead { group: id, queue, count: ahead }
    } else {
        Because::Behind { group: id, queue, count: progress.accumulation(world.queue(queue).max_offset) }
    });
    if !progress.readable && progress.owner.is_none() {
        chain.push(Because::QueueHidden { queue });
        return;
    }
    let by_queue = !group.by_message;
    if by_queue {
        match (progress.owner, world.lock_awaited(through)) {
            (Some(_), Some((consumer, Some(until)))) => {
                chain.push(Because::LockedUntil { consumer, queue, until });
            }
            (Some(_), Some((consumer, None))) => chain.push(Because::LockedBy { consumer, queue }),
            (Some(owner), None) => {
                let since = progress.paused_since();
                chain.extend(since.map(|since| Because::QueuePaused { consumer: owner, queue, since }));
                slow_owner(world, owner, chain);
            }
            (None, _) => {
                chain.push(Because::NobodyReads { group: id, queue });
                no_owner(world, id, chain);
            }
        }
    } else {
        let running: Vec<ConsumerId> =
            group.consumers.iter().copied().filter(|c| world.consumer(*c).takes_messages()).collect();
        if running.is_empty() {
            no_owner(world, id, chain);
        } else if running.iter().all(|c| world.consumer(*c).is_by_hand()) {
            chain.push(Because::WorkedByHand { group: id });
        } else {
            let threads = running.iter().map(|c| u64::from(world.consumer(*c).thread_count)).sum();
            chain.push(Because::GroupBusy { group: id, consumers: running.len() as u64, threads });
            chain.extend(latest_loss(world, id));
        }
    }
}

fn slow_owner(world: &World, owner: ConsumerId, chain: &mut Vec<Because>) {
    if let Some(because) = not_running(world, owner) {
        chain.push(because);
        return;
    }
    let consumer = world.consumer(owner);
    chain.extend(threads_busy(world, owner));
    // The retry topic's queue is not one of those that are shared out on the picture.
    let group = world.group(consumer.group);
    let read = group.progress.iter().map(|id| world.progress(*id));
    let queues = read.filter(|progress| progress.owner == Some(owner) && progress.ordinary).count() as u32;
    if queues > 1 {
        chain.push(Because::ReadsMany { consumer: owner, queues });
        chain.extend(latest_loss(world, consumer.group));
    } else if consumer.outstanding >= world.settings.push_cache_max_messages {
        chain.push(Because::CacheFull { consumer: owner, held: consumer.outstanding });
    }
}

/// Nobody of a group could take a message: nobody runs, or the queues are not shared out yet.
pub(super) fn no_owner(world: &World, id: GroupId, chain: &mut Vec<Because>) {
    let group = world.group(id);
    let runs = |c: &ConsumerId| world.consumer(*c).status.is_member();
    if !group.consumers.iter().any(runs) {
        chain.push(Because::NobodyRuns { group: id });
    }
    chain.extend(latest_loss(world, id));
    if let Some(at) = group.rebalance_at {
        chain.push(Because::RebalanceComes { group: id, at });
    }
}

/// The consumer of the group that stopped working last, if one has.
pub(super) fn latest_loss(world: &World, id: GroupId) -> Option<Because> {
    let lost = world.group(id).consumers.iter().copied().filter(|c| !world.consumer(*c).takes_messages());
    let latest = lost.max_by_key(|c| world.consumer(*c).since)?;
    not_running(world, latest)
}

/// Why a consumer takes no messages, if it takes none.
fn not_running(world: &World, id: ConsumerId) -> Option<Because> {
    let consumer = world.consumer(id);
    let since = consumer.since;
    match consumer.status {
        ConsumerStatus::Running => None,
        ConsumerStatus::Paused => Some(Because::Paused { consumer: id, since }),
        ConsumerStatus::Leaving => Some(Because::Leaving { consumer: id, since }),
        ConsumerStatus::Left => Some(Because::Left { consumer: id, at: since }),
        ConsumerStatus::Crashed if consumer.crash_detected => {
            Some(Because::Crashed { consumer: id, at: since })
        }
        ConsumerStatus::Crashed => Some(Because::CrashUnnoticed { consumer: id, at: since }),
    }
}

/// Why a group does not read a message at all: it began behind it.
pub fn passed_over(world: &World, group: GroupId, message: MessageRef) -> Vec<Because> {
    let start = world.progress_on(group, message.queue).map(|id| world.progress(id).start);
    start.map(|start| Because::PassedOver { group, queue: message.queue, start }).into_iter().collect()
}

/// Why a consumer has nothing to do. Empty if it has.
pub fn idle(world: &World, id: ConsumerId) -> Vec<Because> {
    let consumer = world.consumer(id);
    if consumer.busy > 0 {
        return Vec::new();
    }
    let mut chain = vec![Because::Idle { consumer: id }];
    if let Some(because) = not_running(world, id) {
        chain.push(because);
        return chain;
    }
    let (group_id, group) = (consumer.group, world.group(consumer.group));
    if consumer.is_by_hand() {
        chain.push(Because::WorkedByHand { group: group_id });
        return chain;
    }
    let by_queue = !group.by_message && group.spec.mode == ConsumeMode::Clustering;
    if by_queue && consumer.owned == 0 {
        let members =
            group.consumers.iter().filter(|c| world.consumer(**c).status.is_member()).count() as u64;
        let queues =
            group.topics.iter().map(|topic| u64::from(world.topic(*topic).read_queues)).max().unwrap_or(0);
        if let Some(at) = group.rebalance_at {
            chain.push(Because::RebalanceComes { group: group_id, at });
        } else if queues < members {
            chain.push(Because::FewQueues { group: group_id, queues, consumers: members });
        } else {
            chain.push(Because::NoShare { group: group_id, consumer: id });
        }
    } else if consumer.in_transit > 0 {
        chain.push(Because::StillComing { consumer: id, count: consumer.in_transit.into() });
    } else {
        chain.push(Because::NothingReady { group: group_id });
    }
    chain
}

/// Did the group give the message up?
pub fn gave_up(reader: &Reader) -> bool {
    matches!(reader.end, End::DeadLettered { .. } | End::Dropped { .. } | End::Lost { .. })
}
