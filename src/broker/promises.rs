//! What the chosen settings promise, and what came of it. A promise is not an invariant: an invariant holds whatever is
//! set, and if it breaks this program is wrong. A promise is what people rely on, and whether they may is a matter of
//! settings; one that was not made may be broken, and that is the lesson.
//!
//! Whether they were kept is what [`PromiseWatch`](super::promise_watch::PromiseWatch) watches.

use std::collections::BTreeSet;

use super::id::{CallerId, ConsumerId, GroupId, ProducerId, TopicId};
use super::producer::ProducerState;
use super::settings::{FlushDisk, LateResolution, Replication};
use super::spec::{Application, ConsumeMode};
use super::world::World;
use crate::rules::message_type::{MessageType, accept};
use crate::sim::Span;

/// Something that people would like to rely on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Promise {
    /// What was acknowledged is there after a loss of power.
    Power,
    /// What was acknowledged is there after the loss of a disk.
    Disk,
    /// What producers send is stored.
    Sent,
    /// It is stored once.
    StoredOnce,
    /// Messages of a message group lie in the order in which they were sent, and in one queue.
    SendOrder(TopicId),
    /// A message that its local transaction committed is published.
    Published(TopicId),
    /// It is published once.
    PublishedOnce(TopicId),
    /// Every message that a group is given is worked off, or becomes a dead letter: at least once.
    AtLeastOnce(GroupId),
    /// What some consumer of the group wants, the group gets.
    NothingMissed(GroupId),
    /// No message goes before the group has read it.
    NothingUnread(GroupId),
    /// Messages of a message group are worked on one after the other.
    Order(GroupId),
    /// A message is delivered once.
    Once(GroupId),
    /// The business effect of a message is had once.
    EffectOnce(GroupId),
    /// A request is answered in time.
    Answered(ProducerId),
    /// A call is answered.
    CallAnswered(CallerId),
}

/// Why something is promised or is not: a word for it, and what it depends on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ground {
    /// Is it promised?
    pub promised: bool,
    /// The word.
    pub why: &'static str,
    /// A time that matters.
    pub span: Option<Span>,
    /// A number that matters.
    pub number: Option<u64>,
}

impl Ground {
    fn yes(why: &'static str) -> Self {
        Self { promised: true, why, span: None, number: None }
    }

    fn no(why: &'static str) -> Self {
        Self { promised: false, ..Self::yes(why) }
    }

    fn with_span(self, span: Span) -> Self {
        Self { span: Some(span), ..self }
    }

    fn with_number(self, number: u64) -> Self {
        Self { number: Some(number), ..self }
    }
}

/// What somebody did that takes promises back, and that the settings do not tell.
#[derive(Clone, Debug, Default)]
pub(super) struct Done {
    /// Topics whose queues changed in number.
    pub(super) changed: BTreeSet<TopicId>,
    /// Topics of which a message with a message group was sent to another queue than its own.
    pub(super) misled: BTreeSet<TopicId>,
    /// Groups whose offset was moved past what they were not done with.
    pub(super) moved: BTreeSet<GroupId>,
}

/// Is it promised by these settings, and why?
pub(super) fn ground(world: &World, promise: Promise, done: &Done) -> Ground {
    let settings = &world.settings;
    match promise {
        Promise::Power if settings.flush_disk == FlushDisk::Sync => Ground::yes("flushed_first"),
        Promise::Power => Ground::no("flushed_later").with_span(settings.flush_thorough_interval),
        Promise::Disk if settings.replication_replicas == 0 => Ground::no("no_replica"),
        Promise::Disk if settings.replication == Replication::Sync => Ground::yes("replica_first"),
        Promise::Disk => Ground::no("replica_later").with_span(settings.replication_lag),
        Promise::Sent if settings.producer_timeout_for_all_tries => Ground::no("tries_in_time")
            .with_number(settings.producer_max_attempts.into())
            .with_span(settings.producer_request_timeout),
        Promise::Sent => Ground::no("tries").with_number(settings.producer_max_attempts.into()),
        Promise::StoredOnce if settings.producer_max_attempts == 1 => Ground::yes("one_try"),
        Promise::StoredOnce => Ground::no("sent_again").with_number(settings.producer_max_attempts.into()),
        Promise::SendOrder(topic) => send_order(world, topic, done),
        Promise::Published(_) => Ground::no("checks").with_number(settings.tx_max_checks.into()),
        Promise::PublishedOnce(_) if settings.tx_late_resolution == LateResolution::Idempotent => {
            Ground::yes("first_word")
        }
        Promise::PublishedOnce(_) => Ground::no("each_word"),
        Promise::AtLeastOnce(group) => at_least_once(world, group, done),
        Promise::NothingMissed(group) if world.is_inconsistent(group) => Ground::no("disagree"),
        Promise::NothingMissed(_) => Ground::yes("agree"),
        Promise::NothingUnread(group) => nothing_unread(world, group),
        Promise::Order(group) if world.group(group).orderly => Ground::yes("orderly"),
        Promise::Order(_) => Ground::no("concurrent"),
        Promise::Once(group) => Ground::no(comes_again(world, group)),
        Promise::EffectOnce(group) => match &world.group(group).effects {
            Some(effects) if effects.idempotent => Ground::yes("idempotent"),
            _ => Ground::no("naive"),
        },
        Promise::Answered(_) => Ground::no("waits_so_long"),
        Promise::CallAnswered(caller) => Ground::no("synchronous").with_span(world.caller(caller).timeout),
    }
}

/// With one attempt nothing can come late: a producer sends in order, a link that holds lets go in order, and the broker's
/// send queue is a queue. Only what is sent again comes behind what was sent since, as nobody waits for an answer.
fn send_order(world: &World, topic: TopicId, done: &Done) -> Ground {
    let mut senders = world.live.producers.iter().filter(|it| it.topic == topic && sends_ordered(it));
    let (first, others) = (senders.next(), senders.count() as u64);
    match first {
        _ if others > 0 => Ground::no("many_senders").with_number(others + 1),
        Some(one) if one.spec.message.batch.is_some() => Ground::no("batches"),
        _ if done.changed.contains(&topic) => Ground::no("queues_changed"),
        _ if done.misled.contains(&topic) => Ground::no("queue_chosen"),
        _ if world.settings.producer_max_attempts > 1 => Ground::no("does_not_wait"),
        _ => Ground::yes("one_sender"),
    }
}

/// The promises that mean something in this world: about storing first, then topic by topic and group by group.
pub fn promises(world: &World) -> Vec<Promise> {
    let mut all = Vec::new();
    if world.ordinary_topics().next().is_some() {
        all.extend([Promise::Power, Promise::Disk, Promise::Sent, Promise::StoredOnce]);
    }
    for (id, _) in world.ordinary_topics() {
        let senders = || world.live.producers.iter().filter(|it| it.topic == id);
        if senders().any(sends_ordered) {
            all.push(Promise::SendOrder(id));
        }
        if senders().any(|it| it.transaction.is_some()) {
            all.extend([Promise::Published(id), Promise::PublishedOnce(id)]);
        }
    }
    for (id, group) in world.groups() {
        all.push(Promise::AtLeastOnce(id));
        if filters(world, id) {
            all.push(Promise::NothingMissed(id));
        }
        all.push(Promise::NothingUnread(id));
        if reads_ordered(world, id) {
            all.push(Promise::Order(id));
        }
        all.push(Promise::Once(id));
        if group.effects.is_some() {
            all.push(Promise::EffectOnce(id));
        }
    }
    let producers = world.live.producers.iter().enumerate();
    let asking = producers.filter(|(_, producer)| producer.requests.is_some());
    all.extend(asking.map(|(index, _)| Promise::Answered(ProducerId::at(index))));
    all.extend(world.callers().map(|(id, _)| Promise::CallAnswered(id)));
    all
}

fn at_least_once(world: &World, group: GroupId, done: &Done) -> Ground {
    let state = world.group(group);
    if state.spec.mode == ConsumeMode::Broadcasting {
        return Ground::no("broadcasting");
    }
    let commits_after = |id: &ConsumerId| world.consumer(*id).spec.application == Application::Committing;
    if state.pull && !state.consumers.iter().all(commits_after) {
        Ground::no("by_position")
    } else if done.moved.contains(&group) {
        Ground::no("moved")
    } else if state.pull {
        Ground::yes("after_work")
    } else {
        Ground::yes("after_result")
    }
}

/// Why a group may be given a message once more.
fn comes_again(world: &World, group: GroupId) -> &'static str {
    let state = world.group(group);
    if state.spec.mode == ConsumeMode::Broadcasting {
        "read_again_broadcasting"
    } else if state.pull {
        "read_again"
    } else {
        "redelivered"
    }
}

fn nothing_unread(world: &World, group: GroupId) -> Ground {
    let settings = &world.settings;
    if world.lite_progress(group).is_some()
        && let Some(ttl) = settings.lite_ttl
    {
        return Ground::no("lite_expires").with_span(ttl.max(settings.lite_min_ttl));
    }
    let compacts = world.group(group).topics.iter().any(|topic| world.topic(*topic).compacts());
    if compacts {
        Ground::no("compaction")
    } else {
        Ground::no("retention").with_span(settings.store_retention)
    }
}

/// Does a filter of the group, or of one of its consumers, keep anything back?
fn filters(world: &World, group: GroupId) -> bool {
    world.is_inconsistent(group) || world.group(group).progress.iter().any(|id| world.progress(*id).filters)
}

pub(super) fn takes_ordered(world: &World, topic: TopicId) -> bool {
    accept(world.topic(topic).message_type, MessageType::Fifo).is_ok()
}

/// Do its messages have message groups?
pub(super) fn sends_ordered(producer: &ProducerState) -> bool {
    producer.spec.message.message_group.is_some()
}

/// Are there messages with a message group for the group?
fn reads_ordered(world: &World, group: GroupId) -> bool {
    let topics = &world.group(group).topics;
    world.live.producers.iter().any(|it| sends_ordered(it) && topics.contains(&it.topic))
}
