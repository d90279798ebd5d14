//! The numbers of one instant: what headless prints and what the page's table shows, computed by one piece of code.

use serde::Serialize;

use super::beside::{self, CallerReport, Links, P2pReport, ServiceReport};
use super::faults::{FaultReport, faults};
use super::latency::{Latencies, Latency, latencies};
use super::lite::{self, LiteClientReport, LiteReport};
use crate::broker::producer::ProducerState;
use crate::broker::reply::RequestCounts;
use crate::broker::{ConsumerId, GroupId, ProducerId, ProgressId, TopicId, World};
use crate::sim::Fingerprint;

/// The format that headless prints; fields are only ever added.
pub const FORMAT: &str = "mqscope.headless/1";

/// Everything countable at one instant.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Report {
    /// Always [`FORMAT`].
    pub format: &'static str,
    /// The scenario's id.
    pub scenario: String,
    /// The seed, in decimal.
    pub seed: String,
    /// The instant, in microseconds.
    pub now_us: u64,
    /// Journal entries so far.
    pub events: u64,
    /// The fingerprint of the journal.
    pub fingerprint: String,
    /// Messages sent.
    pub produced: u64,
    /// Messages the broker refused.
    pub rejected: u64,
    /// Topics in order of creation.
    pub topics: Vec<TopicReport>,
    /// What flow control did; left out as long as it did nothing.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub flow_control: Option<FlowReport>,
    /// Producers whose messages are requests, in order of arrival; left out if there are none.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub requesters: Vec<RequesterReport>,
    /// Groups in order of creation.
    pub groups: Vec<GroupReport>,
    /// Callers in order of coming; left out if there are none, like the next three.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub callers: Vec<CallerReport>,
    /// Services in order of coming.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub services: Vec<ServiceReport>,
    /// Point-to-point queues in order of creation.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub p2p_queues: Vec<P2pReport>,
    /// What is broken and what broke; left out if nothing ever did.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub faults: Option<FaultReport>,
    /// How many links there are.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub links: Option<Links>,
    /// Both sides of Little's law.
    pub little: LittleReport,
}

/// A topic.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct TopicReport {
    /// Its name.
    pub topic: String,
    /// Its queues.
    pub queues: Vec<TopicQueueReport>,
    /// Messages that wait in the timer; left out for topics that take none with a delivery time.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub delayed: Option<u64>,
    /// Offsets at which nothing is left, because a newer message has the same key; only for topics that are compacted.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub holes: Option<u64>,
    /// What became of its half messages, if it ever had any.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub half_messages: Option<HalfReport>,
    /// Its lite topics, if it is a parent of some.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub lite: Option<LiteReport>,
}

/// What flow control did, and whom it keeps waiting.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct FlowReport {
    /// Requests to store messages that wait in the broker's send queue.
    pub send_queue: u64,
    /// Requests whose producers wait before they try again.
    pub backing_off: u64,
    /// Requests that had to wait for their turn.
    pub waited: u64,
    /// Requests that were refused.
    pub refused: u64,
    /// How often a producer tried again.
    pub retried: u64,
    /// Messages that producers gave up.
    pub given_up: u64,
    /// How often a consumer was refused.
    pub receives_refused: u64,
}

/// A producer whose messages are requests.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct RequesterReport {
    /// Its name.
    pub producer: String,
    /// Requests sent.
    pub asked: u64,
    /// Requests that wait for their answers.
    pub waiting: u64,
    /// Answered in time.
    pub answered: u64,
    /// Not answered in time.
    pub timed_out: u64,
    /// Not waited for to the end.
    pub dropped: u64,
    /// Answers that came too late.
    pub late: u64,
    /// Further answers.
    pub again: u64,
    /// Answers whose requester was gone.
    pub undeliverable: u64,
    /// From a request to its answer.
    pub latency_us: Latency,
}

/// The half messages for a topic.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct HalfReport {
    /// Stored so far.
    pub stored: u64,
    /// Still waiting behind the curtain.
    pub waiting: u64,
    /// Committed.
    pub committed: u64,
    /// Rolled back.
    pub rolled_back: u64,
    /// Set aside after the last check.
    pub set_aside: u64,
    /// Lost in a crash of the broker; left out while there are none.
    #[serde(skip_serializing_if = "is_none")]
    pub lost: u64,
    /// Those of them whose local transaction was committed, though they were never published.
    pub set_aside_committed: u64,
    /// Published although they were rolled back, or the other way round.
    pub contradicted: u64,
    /// Messages appended to the topic's queues; more than were committed only if late words count.
    pub published: u64,
    /// Questions that the broker asked.
    pub checks: u64,
}

/// A queue, seen from its topic.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct TopicQueueReport {
    /// Its number within the topic.
    pub queue: u32,
    /// The lowest offset still stored.
    pub min_offset: u64,
    /// The offset the next message will get.
    pub max_offset: u64,
}

/// A consumer group.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct GroupReport {
    /// Its name.
    pub group: String,
    /// Ready + in flight + finished ahead, over the queues of its topics.
    pub accumulation: u64,
    /// Visible and not yet handed out.
    pub ready: u64,
    /// Handed out and unfinished.
    pub inflight: u64,
    /// Finished at offsets above an unfinished one.
    pub finished_ahead: u64,
    /// Failed and waiting on the retry shelf.
    pub retry_waiting: u64,
    /// Back in the retry topic and unfinished.
    pub retry_accumulation: u64,
    /// Hand-outs.
    pub deliveries: u64,
    /// Hand-outs of a message that had been handed out before.
    pub redeliveries: u64,
    /// Messages acknowledged.
    pub acknowledged: u64,
    /// Messages its filter kept from it.
    pub filtered: u64,
    /// Of these, messages that were gone because a newer one has the same key; left out while there are none.
    #[serde(skip_serializing_if = "is_none")]
    pub superseded: u64,
    /// Messages that expired unread.
    pub expired: u64,
    /// Messages that a reset of its offsets passed over; left out while there are none.
    #[serde(skip_serializing_if = "is_none")]
    pub passed: u64,
    /// Messages that a crash of the broker took before it was done with them; left out while there are none.
    #[serde(skip_serializing_if = "is_none")]
    pub lost_stored: u64,
    /// Messages in its dead-letter topic.
    pub dead_letters: u64,
    /// Failed deliveries.
    pub failed: u64,
    /// Messages that broadcasting dropped after a failure.
    pub dropped: u64,
    /// Messages that are delivered again although a retry copy of them exists.
    pub duplicated: u64,
    /// Messages stored since it subscribed that no filter kept from it.
    pub matched: u64,
    /// Of pull consumers: messages that polls returned, and that their applications have not processed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub in_application: Option<u64>,
    /// Messages that polls returned to applications that died, after their offsets were committed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub lost: Option<u64>,
    /// How often the business effect of a message was had, if effects count.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub effects: Option<u64>,
    /// Of these, how often for a business key that had had it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub effects_repeated: Option<u64>,
    /// How often an idempotent listener left it at the first time.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub effects_skipped: Option<u64>,
    /// Its progress, queue by queue.
    pub queues: Vec<QueueReport>,
    /// Its consumers in order of joining.
    pub consumers: Vec<ConsumerReport>,
    /// How long things took.
    pub latency_us: Latencies,
}

fn is_none(count: &u64) -> bool {
    *count == 0
}

/// A group's progress on a queue.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct QueueReport {
    /// The topic.
    pub topic: String,
    /// The queue's number.
    pub queue: u32,
    /// Is it a retry topic?
    pub is_retry: bool,
    /// In broadcasting, whose progress it is.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub consumer: Option<String>,
    /// In queue balancing, who reads it now.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub owner: Option<String>,
    /// Since when that is a pull consumer that asks for no more of it, if so.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub paused_since_us: Option<u64>,
    /// The committed offset.
    pub committed_offset: u64,
    /// The next offset to be handed out.
    pub next_offset: u64,
    /// Visible and not yet handed out.
    pub ready: u64,
    /// Handed out and unfinished.
    pub inflight: u64,
    /// Finished at offsets from the committed one on.
    pub finished_ahead: u64,
    /// The sum of the three.
    pub accumulation: u64,
}

/// A consumer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ConsumerReport {
    /// Its name.
    pub consumer: String,
    /// running, paused, leaving, left or crashed.
    pub state: &'static str,
    /// Messages handed to it.
    pub deliveries: u64,
    /// Successes.
    pub acknowledged: u64,
    /// Failures.
    pub failed: u64,
    /// Time its threads spent in listeners, those still at work included.
    pub busy_us: u64,
    /// What it subscribes to, if it is a client of lite topics.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub lite: Option<LiteClientReport>,
}

/// Little's law: equal once the system is empty.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct LittleReport {
    /// The time integral of the number in the system, in message-microseconds.
    pub area_us: String,
    /// The sum of the times spent in it by messages that left, in microseconds.
    pub sojourn_us: String,
}

/// The report of `world` as it is now.
pub fn report(world: &World, scenario: &str, fingerprint: Fingerprint) -> Report {
    let live = &world.live;
    let mut little = live.little;
    little.area += u128::from(little.inside) * u128::from((live.now - little.since).0);
    Report {
        format: FORMAT,
        scenario: scenario.to_owned(),
        seed: world.chance.seed().to_string(),
        now_us: live.now.0,
        events: live.seq,
        fingerprint: fingerprint.to_string(),
        produced: live.produced,
        rejected: live.rejected,
        topics: world.topics().map(|(id, _)| topic(world, id)).collect(),
        flow_control: flow_control(world),
        requesters: requesters(world),
        groups: world.groups().map(|(id, _)| group(world, id)).collect(),
        callers: world.callers().map(|(id, _)| beside::caller(world, id)).collect(),
        services: world.services().map(|(id, _)| beside::service(world, id)).collect(),
        p2p_queues: world.p2p_queues().map(|(id, _)| beside::p2p(world, id)).collect(),
        faults: faults(world),
        links: beside::links(world),
        little: LittleReport { area_us: little.area.to_string(), sojourn_us: little.sojourn.to_string() },
    }
}

/// What flow control did; none as long as it did nothing.
pub fn flow_control(world: &World) -> Option<FlowReport> {
    let flow = &world.live.flow;
    let counts = flow.counts;
    let report = FlowReport {
        send_queue: flow.send_queue().count() as u64,
        backing_off: flow.backing_off().count() as u64,
        waited: counts.waited,
        refused: counts.refused,
        retried: counts.retried,
        given_up: counts.given_up,
        receives_refused: counts.receives_refused,
    };
    (report != FlowReport::default()).then_some(report)
}

/// What became of each producer's requests.
pub fn requesters(world: &World) -> Vec<RequesterReport> {
    let all = world.live.producers.iter().enumerate();
    let asks =
        all.filter_map(|(index, state)| Some((ProducerId::at(index), state, state.requests.as_deref()?)));
    let report = |(id, state, counts): (ProducerId, &ProducerState, &RequestCounts)| RequesterReport {
        producer: state.spec.name.clone(),
        asked: counts.asked,
        waiting: world.live.requests.waiting(id),
        answered: counts.answered,
        timed_out: counts.timed_out,
        dropped: counts.dropped,
        late: counts.late,
        again: counts.again,
        undeliverable: counts.undeliverable,
        latency_us: Latency::of(&mut world.reply_times(id).iter().map(|time| time.0).collect::<Vec<u64>>()),
    };
    asks.map(report).collect()
}

fn topic(world: &World, id: TopicId) -> TopicReport {
    let state = world.topic(id);
    let queue = |id: &_| {
        let queue = world.queue(*id);
        TopicQueueReport { queue: queue.number, min_offset: queue.min_offset, max_offset: queue.max_offset }
    };
    TopicReport {
        topic: state.name.to_string(),
        queues: state.queues.iter().map(queue).collect(),
        delayed: delayed(world, id),
        holes: holes(world, id),
        half_messages: half_messages(world, id),
        lite: lite::lite(world, id),
    }
}

/// How many messages for a topic wait in the timer; none if it takes no messages with a delivery time and has none.
pub fn delayed(world: &World, id: TopicId) -> Option<u64> {
    let count = world.live.timer.count(id);
    (world.takes_delayed(id) || count > 0).then_some(count)
}

/// At how many offsets of a topic nothing is left; none if it is not compacted.
pub fn holes(world: &World, id: TopicId) -> Option<u64> {
    let topic = world.topic(id);
    topic.compacts().then(|| topic.queues.iter().map(|queue| world.holes(*queue)).sum())
}

/// What became of the half messages for a topic; none if there never was one.
pub fn half_messages(world: &World, id: TopicId) -> Option<HalfReport> {
    let counts = world.live.halves.counts(id);
    (counts.stored > 0).then_some(HalfReport {
        stored: counts.stored,
        waiting: counts.waiting,
        committed: counts.committed,
        rolled_back: counts.rolled_back,
        set_aside: counts.set_aside,
        lost: counts.lost,
        set_aside_committed: counts.set_aside_committed,
        contradicted: counts.contradicted,
        published: counts.published,
        checks: counts.checks,
    })
}

/// A group with its latencies.
fn group(world: &World, id: GroupId) -> GroupReport {
    GroupReport { latency_us: latencies(world, id), ..counts(world, id) }
}

/// A group without its latencies, which take a look at every delivery: cheap enough for every frame.
pub fn counts(world: &World, id: GroupId) -> GroupReport {
    let state = world.group(id);
    let counts = &state.counts;
    let queues: Vec<QueueReport> = state.progress.iter().map(|progress| queue(world, *progress)).collect();
    // What was filtered out did not match. A duplicate that is filtered out is one duplicate less, once no message of
    // the group matches any more.
    let matched = counts.seen.saturating_sub(counts.filtered);
    let duplicated = counts.seen.saturating_add_signed(counts.duplicated) - counts.filtered - matched;
    let own = |part: fn(&QueueReport) -> u64| queues.iter().filter(|q| !q.is_retry).map(part).sum();
    let retry = |part: fn(&QueueReport) -> u64| queues.iter().filter(|q| q.is_retry).map(part).sum();
    GroupReport {
        group: state.spec.name.clone(),
        accumulation: own(|q| q.accumulation),
        ready: own(|q| q.ready),
        inflight: own(|q| q.inflight),
        finished_ahead: own(|q| q.finished_ahead),
        retry_waiting: state.shelf.len() as u64,
        retry_accumulation: retry(|q| q.ready + q.inflight),
        deliveries: counts.deliveries,
        redeliveries: counts.redeliveries,
        acknowledged: counts.acknowledged,
        filtered: counts.filtered,
        superseded: state.progress.iter().map(|progress| world.superseded(*progress)).sum(),
        expired: counts.expired,
        passed: counts.passed,
        lost_stored: counts.lost_stored,
        dead_letters: counts.dead_letters,
        failed: counts.failed,
        dropped: counts.dropped,
        duplicated,
        matched,
        in_application: state.pull.then_some(counts.in_application),
        lost: state.pull.then_some(counts.lost),
        effects: state.effects.as_ref().map(|effects| effects.done),
        effects_repeated: state.effects.as_ref().map(|effects| effects.repeated),
        effects_skipped: state.effects.as_ref().map(|effects| effects.skipped),
        queues,
        consumers: state.consumers.iter().map(|id| consumer(world, *id)).collect(),
        latency_us: Latencies::default(),
    }
}

fn queue(world: &World, id: ProgressId) -> QueueReport {
    let progress = world.progress(id);
    let queue = world.queue(progress.queue);
    let topic = world.topic(queue.topic);
    let named = |id: ConsumerId| world.consumer(id).spec.name.clone();
    QueueReport {
        topic: topic.name.to_string(),
        queue: queue.number,
        is_retry: topic.is_retry(),
        consumer: progress.member.map(named),
        owner: progress.owner.map(named),
        paused_since_us: progress.paused_since().map(|at| at.as_us()),
        committed_offset: progress.committed,
        next_offset: progress.next,
        ready: progress.ready(queue.max_offset),
        inflight: progress.inflight.into(),
        finished_ahead: progress.finished_ahead(),
        accumulation: progress.accumulation(queue.max_offset),
    }
}

fn consumer(world: &World, id: ConsumerId) -> ConsumerReport {
    let state = world.consumer(id);
    let running: u64 = state.work().map(|(_, work)| (world.live.now - work.started_at).0).sum();
    ConsumerReport {
        consumer: state.spec.name.clone(),
        state: state.status.name(),
        deliveries: state.counts.deliveries,
        acknowledged: state.counts.acknowledged,
        failed: state.counts.failed,
        busy_us: state.counts.busy.0 + running,
        lite: lite::client(world, id),
    }
}
