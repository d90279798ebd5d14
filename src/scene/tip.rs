//! What there is to say about a thing that somebody points at: one line, as keys of the catalogues and what goes into
//! their holes. The sentences themselves are the catalogues'.

use std::fmt::Display;

use super::groups::{accumulation, by_queue};
use super::subject::Subject;
use super::text::{Ago, Number};
use crate::broker::consumer::{ConsumerStatus, Doing, Reach};
use crate::broker::half::{Half, Local};
use crate::broker::progress::ProgressState;
use crate::broker::service::ServiceStatus;
use crate::broker::spec::ConsumeMode;
use crate::broker::{CallerId, P2pId, ServiceId};
use crate::broker::{
    ConsumerId, GroupId, LiteId, MessageRef, ProducerId, ProgressId, QueueId, TopicId, World,
};
use crate::sim::{Instant, Span};

/// More groups than this are not told one by one.
const MOST: usize = 4;

/// A sentence of the catalogues with what goes into its holes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Phrase {
    /// Its key.
    pub key: &'static str,
    /// The number its form depends on, which fills `{n}`.
    pub count: Option<u64>,
    /// The other holes.
    pub holes: Vec<(&'static str, String)>,
}

impl Phrase {
    fn new(key: &'static str, holes: &[(&'static str, &dyn Display)]) -> Self {
        let holes = holes.iter().map(|(name, value)| (*name, value.to_string())).collect();
        Self { key, count: None, holes }
    }

    fn counting(key: &'static str, n: u64, holes: &[(&'static str, &dyn Display)]) -> Self {
        Self { count: Some(n), ..Self::new(key, holes) }
    }
}

/// One line about a thing: what it is, and what holds of it now.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tip(pub Vec<Phrase>);

impl Tip {
    /// About `subject` at `now`. Nothing, if the world does not hold it (any more).
    pub fn about(world: &World, now: Instant, subject: Subject) -> Option<Self> {
        let live = &world.live;
        let phrases = match subject {
            Subject::Producer(id) if id.index() < live.producers.len() => producer(world, id),
            Subject::Sending(id, number) => sending(world, now, id, number)?,
            Subject::Topic(id) if id.index() < live.topics.len() => {
                let topic = world.topic(id);
                let kept = world.settings.store_retention;
                let count = topic.queues.len() as u64;
                let key = if topic.compacts() { "tip.topic.compacted" } else { "tip.topic" };
                vec![Phrase::counting(key, count, &[("topic", &topic.name), ("time", &kept)])]
            }
            Subject::Timer(id) if id.index() < live.topics.len() => vec![timer(world, now, id)],
            Subject::Curtain(id) if id.index() < live.topics.len() => vec![curtain(world, now, id)],
            Subject::Lite(id) if world.lites().is_some_and(|all| id.index() < all.len()) => {
                lite(world, now, id)
            }
            Subject::Queue(id) if id.index() < live.queues.len() => queue(world, id),
            Subject::Message(at) if at.queue.index() < live.queues.len() => message(world, now, at)?,
            Subject::Cursor(id) if id.index() < live.progress.len() => cursor(world, id),
            Subject::Group(id) if is_there(world, id) => group(world, id),
            Subject::Consumer(id) if id.index() < live.consumers.len() => consumer(world, now, id),
            Subject::Thread(id, n) if id.index() < live.consumers.len() => vec![thread(world, now, id, n)],
            Subject::Service(id) if id.index() < live.services.len() => service(world, id),
            Subject::Caller(id) if id.index() < live.callers.len() => vec![caller(world, id)],
            Subject::P2p(id) if id.index() < live.p2p.len() => vec![p2p(world, id)],
            Subject::RetryShelf(id) if is_there(world, id) => shelf(world, now, id),
            Subject::DeadLetters(id) if is_there(world, id) => {
                let group = world.group(id);
                let n = group.counts.dead_letters;
                vec![Phrase::counting("tip.dead_letters", n, &[("group", &group.spec.name)])]
            }
            _ => return None,
        };
        Some(Self(phrases))
    }

    /// The line, with sentences that `say` looks up: by key, by number, with holes.
    pub fn text(&self, say: impl Fn(&Phrase) -> String) -> String {
        let mut said = self.0.iter().map(&say);
        let first = said.next().unwrap_or_default();
        said.fold(first, |first, then| say(&Phrase::new("tip.and", &[("first", &first), ("then", &then)])))
    }
}

fn is_there(world: &World, id: GroupId) -> bool {
    world.live.groups.get(id.index()).is_some_and(|group| !group.removed)
}

/// A lite topic: what it holds, how far groups are behind, and how long it will live.
fn lite(world: &World, now: Instant, id: LiteId) -> Vec<Phrase> {
    let name = world.lite_name(id);
    let Some(state) = world.lites().map(|lites| lites.get(id)).filter(|state| state.alive) else {
        return vec![Phrase::new("tip.lite.gone", &[("lite", &name)])];
    };
    let parent = &world.topic(state.parent).name;
    let count = state.max_offset - state.min_offset;
    let mut said = vec![Phrase::counting("tip.lite", count, &[("lite", &name), ("topic", parent)])];
    for &reader in world.queue(world.lite_queue(state.parent)).progress.iter().take(MOST) {
        let progress = world.progress(reader);
        let Some(reading) = progress.lite.as_ref().filter(|reading| reading.committed(id).is_some()) else {
            continue;
        };
        let group = &world.group(progress.group).spec.name;
        let clients = reading.subscribers(id).all().len() as u64;
        let behind = Number(world.lite_behind(reader, id));
        said.push(Phrase::counting("tip.lite.group", clients, &[("group", group), ("behind", &behind)]));
    }
    if let Some(life) = world.lite_life(id) {
        let left = rest(now, state.written_at + life);
        said.push(Phrase::new("tip.lite.life", &[("t", &Ago(left))]));
    }
    said
}

fn producer(world: &World, id: ProducerId) -> Vec<Phrase> {
    let producer = world.producer(id);
    let topic = &world.topic(producer.topic).name;
    let flying = producer.transit.len() as u64;
    let (sent, stored) = (Number(producer.sent), Number(producer.stored));
    let name = &producer.spec.name;
    let mut said = vec![
        Phrase::new("tip.producer", &[("producer", name), ("topic", topic)]),
        Phrase::counting("tip.producer.counts", flying, &[("sent", &sent), ("stored", &stored)]),
    ];
    if let Some(counts) = &producer.requests {
        let (answered, late) = (Number(counts.answered), Number(counts.timed_out));
        let open = world.live.requests.waiting(id);
        said.push(Phrase::counting(
            "tip.producer.requests",
            open,
            &[("answered", &answered), ("late", &late)],
        ));
    }
    if producer.throttled > 0 {
        let (refused, gone) = (Number(producer.throttled), Number(producer.given_up));
        let waiting = super::requests::backing_off(world, id);
        said.push(Phrase::counting(
            "tip.producer.throttled",
            waiting,
            &[("refused", &refused), ("gone", &gone)],
        ));
    }
    said
}

fn service(world: &World, id: ServiceId) -> Vec<Phrase> {
    let state = world.service(id);
    let name = &state.spec.name;
    let key = match state.status {
        ServiceStatus::Running => "tip.service",
        ServiceStatus::Stopped => "tip.service.stopped",
        ServiceStatus::Crashed => "tip.service.crashed",
    };
    let waiting = state.waiting.len() as u64;
    let (busy, workers) = (state.working.len(), state.workers);
    let away = Number(state.counts.overloaded + state.counts.unavailable);
    vec![
        Phrase::counting(key, waiting, &[("service", name), ("busy", &busy), ("workers", &workers)]),
        Phrase::new("tip.service.counts", &[("answered", &Number(state.counts.answered)), ("away", &away)]),
    ]
}

fn caller(world: &World, id: CallerId) -> Phrase {
    let state = world.caller(id);
    let counts = &state.counts;
    let (answered, failed) = (Number(counts.answered), Number(counts.failed()));
    let late = Number(counts.timed_out);
    let holes: [(&str, &dyn Display); 4] =
        [("caller", &state.spec.name), ("answered", &answered), ("failed", &failed), ("late", &late)];
    Phrase::counting("tip.caller", state.open.len() as u64, &holes)
}

fn p2p(world: &World, id: P2pId) -> Phrase {
    let state = world.p2p(id);
    let (held, processed) = (Number(state.held()), Number(state.processed));
    let holes: [(&str, &dyn Display); 3] =
        [("queue", &state.spec.name), ("held", &held), ("processed", &processed)];
    Phrase::counting("tip.p2p", state.waiting.len() as u64, &holes)
}

fn sending(world: &World, now: Instant, id: ProducerId, number: u64) -> Option<Vec<Phrase>> {
    let producer = world.live.producers.get(id.index())?;
    if let Some(half) = world.live.halves.get(id, number) {
        return Some(vec![half_message(world, now, id, number, half)]);
    }
    let again = world.live.flow.on_the_way().find(|one| (one.producer, one.number) == (id, number));
    if let Some(again) = again {
        let left = Ago(rest(now, again.until));
        let queue = world.queue_name(again.queue);
        let holes: [(&str, &dyn Display); 4] =
            [("producer", &producer.spec.name), ("queue", &queue), ("attempt", &again.attempt), ("t", &left)];
        return Some(vec![Phrase::new("tip.sending.again", &holes)]);
    }
    let flight = producer.transit.iter().find(|flight| flight.number == number)?;
    let left = Ago(rest(now, flight.arrives_at));
    let queue = world.queue_name(flight.queue);
    let holes: [(&str, &dyn Display); 3] =
        [("producer", &producer.spec.name), ("queue", &queue), ("t", &left)];
    if flight.count > 1 {
        return Some(vec![Phrase::counting("tip.sending.batch", flight.count.into(), &holes)]);
    }
    Some(vec![Phrase::new("tip.sending", &holes)])
}

fn queue(world: &World, id: QueueId) -> Vec<Phrase> {
    let state = world.queue(id);
    let stored = state.max_offset - state.min_offset;
    let (max, min) = (Number(state.max_offset), Number(state.min_offset));
    let name = world.queue_name(id);
    let mut phrases = vec![
        Phrase::counting("tip.queue", stored, &[("queue", &name)]),
        Phrase::new("tip.queue.offsets", &[("max", &max), ("min", &min)]),
    ];
    if state.min_offset > 0 {
        phrases.push(Phrase::counting("tip.queue.expired", state.min_offset, &[]));
    }
    phrases
}

/// A half message: how its local transaction stands, and when the broker asks about it.
fn half_message(world: &World, now: Instant, id: ProducerId, number: u64, half: &Half) -> Phrase {
    let key = match half.local {
        Local::Running { .. } => "tip.half.runs",
        Local::Ended { committed: true } => "tip.half.committed",
        Local::Ended { committed: false } => "tip.half.rolled_back",
    };
    let next = Ago(rest(now, half.check_at()));
    let name = &world.producer(id).spec.name;
    Phrase::new(key, &[("producer", name), ("number", &number), ("checks", &half.checks), ("t", &next)])
}

fn curtain(world: &World, now: Instant, id: TopicId) -> Phrase {
    let name = &world.topic(id).name;
    let count = world.live.halves.counts(id).waiting;
    match world.live.halves.next_check(id) {
        Some(check_at) => {
            let next = Ago(rest(now, check_at));
            Phrase::counting("tip.curtain", count, &[("topic", name), ("t", &next)])
        }
        None => Phrase::new("tip.curtain.empty", &[("topic", name)]),
    }
}

fn timer(world: &World, now: Instant, id: TopicId) -> Phrase {
    let name = &world.topic(id).name;
    match world.live.timer.waiting_for(id).next() {
        Some((visible_at, _)) => {
            let count = world.live.timer.count(id);
            let next = Ago(rest(now, visible_at));
            Phrase::counting("tip.timer", count, &[("topic", name), ("t", &next)])
        }
        None => Phrase::new("tip.timer.empty", &[("topic", name)]),
    }
}

/// The name of whoever has this progress: a group, or in broadcasting one consumer.
fn reader(world: &World, progress: &ProgressState) -> String {
    match progress.member {
        Some(member) => world.consumer_name(member),
        None => world.group(progress.group).spec.name.clone(),
    }
}

fn cursor(world: &World, id: ProgressId) -> Vec<Phrase> {
    let progress = world.progress(id);
    let max = world.queue(progress.queue).max_offset;
    let (name, queue) = (reader(world, progress), world.queue_name(progress.queue));
    let (committed, end) = (Number(progress.committed), Number(max));
    let holes: [(&str, &dyn Display); 4] =
        [("reader", &name), ("queue", &queue), ("committed", &committed), ("max", &end)];
    let mut said = vec![Phrase::counting("tip.cursor", progress.accumulation(max), &holes)];
    if progress.member.is_none() && by_queue(world, progress.group) {
        said.push(match progress.owner {
            Some(owner) => Phrase::new("tip.cursor.owner", &[("consumer", &world.consumer_name(owner))]),
            None => Phrase::new("tip.cursor.nobody", &[]),
        });
        if let (Some(owner), Some(_)) = (progress.owner, progress.paused_since()) {
            said.push(Phrase::new("tip.cursor.paused", &[("consumer", &world.consumer_name(owner))]));
        }
        match world.lock_awaited(id) {
            Some((holder, _)) => {
                let holder = world.consumer_name(holder);
                said.push(Phrase::new("tip.cursor.lock_awaited", &[("consumer", &holder)]));
            }
            None if progress.order.is_some() && progress.owner.is_some() => {
                said.push(Phrase::new("tip.cursor.locked", &[]));
            }
            None => {}
        }
    }
    said
}

fn message(world: &World, now: Instant, at: MessageRef) -> Option<Vec<Phrase>> {
    let queue = world.queue(at.queue);
    if !(queue.min_offset..queue.max_offset).contains(&at.offset) {
        return None;
    }
    // In a lite topic it is known by its own offset there.
    let name = match world.lite_of(at.queue, at.offset) {
        Some((lite, offset)) => format!("{}@{offset}", world.lite_name(lite)),
        None => format!("{}@{}", world.queue_name(at.queue), at.offset),
    };
    let content = world.content(at);
    let mut said = vec![match &content.key {
        Some(key) => Phrase::new("tip.message.key", &[("message", &name), ("key", key)]),
        None => Phrase::new("tip.message", &[("message", &name)]),
    }];
    if world.is_superseded(at) {
        said.push(Phrase::new("tip.message.superseded", &[]));
    }
    if let Some(message_group) = &content.message_group {
        said.push(Phrase::new("tip.message.group", &[("group", message_group)]));
    }
    let all = queue.progress.iter().map(|id| (*id, world.progress(*id)));
    let all = all.filter(|(_, progress)| !world.group(progress.group).removed);
    said.extend(all.take(MOST).map(|(id, progress)| state_of(world, now, at.offset, id, progress)));
    Some(said)
}

/// How far a message is with one group.
fn state_of(world: &World, now: Instant, offset: u64, id: ProgressId, progress: &ProgressState) -> Phrase {
    let name = reader(world, progress);
    let plain = |key| Phrase::new(key, &[("reader", &name)]);
    if offset < progress.start {
        return plain("tip.message.before");
    }
    if progress.is_finished(offset) {
        let stored_at = world.log.queues[progress.queue.index()].stored_at(offset);
        let first = world.log.deliveries[id.index()].first(offset, stored_at);
        return plain(match first {
            Some(record) if record.acknowledged() => "tip.message.acknowledged",
            _ if world.is_settled(id, offset) => "tip.message.settled",
            _ => "tip.message.failed",
        });
    }
    let with = |key, consumer: ConsumerId, t: Span| {
        let consumer = &world.consumer(consumer).spec.name;
        Phrase::new(key, &[("reader", &name), ("consumer", consumer), ("t", &Ago(t))])
    };
    if let Some(flight) = progress.transit.iter().find(|flight| flight.offset == offset) {
        return with("tip.message.flying", flight.consumer, rest(now, flight.arrives_at));
    }
    let suspended = world.group(progress.group).suspended.iter();
    for (&(due_at, _), one) in suspended {
        if one.progress == id && one.offset == offset {
            return with("tip.message.suspended", one.consumer, rest(now, due_at));
        }
    }
    if let Some(head) = world.waits_for(id, offset) {
        let key =
            if world.locks_queues(id) { "tip.message.after_in_queue" } else { "tip.message.after_in_group" };
        let head = format!("{}@{}", world.queue_name(head.queue), head.offset);
        return Phrase::new(key, &[("reader", &name), ("message", &head)]);
    }
    let held = progress.held.get(&offset);
    if let Some((holding, until)) = held.and_then(|held| Some((held, held.until?))) {
        return with("tip.message.held", holding.consumer, rest(now, until));
    }
    let is_kept_back = progress.order.as_ref().is_some_and(|order| order.waiting.contains(offset));
    if let Some(holder) = progress.owner.or(progress.member).or(held.map(|held| held.consumer))
        && (progress.done_below()..progress.next).contains(&offset)
        && !is_kept_back
    {
        let consumer = world.consumer(holder);
        let work = consumer.work().find(|(_, w)| w.task.progress == id && w.task.offset == offset);
        return match work {
            Some((_, work)) => with("tip.message.working", holder, now - work.started_at),
            None => with("tip.message.cached", holder, Span(0)),
        };
    }
    plain("tip.message.waiting")
}

fn group(world: &World, id: GroupId) -> Vec<Phrase> {
    let group = world.group(id);
    let behind = accumulation(world, id);
    let running = group.consumers.iter().filter(|id| world.consumer(**id).is_alive()).count() as u64;
    let how = match group.spec.mode {
        ConsumeMode::Broadcasting => "tip.group.broadcasting",
        ConsumeMode::Clustering if by_queue(world, id) => "tip.group.by_queue",
        ConsumeMode::Clustering => "tip.group.by_message",
    };
    vec![
        Phrase::counting("tip.group", behind, &[("group", &group.spec.name)]),
        Phrase::counting(how, running, &[]),
    ]
}

fn consumer(world: &World, now: Instant, id: ConsumerId) -> Vec<Phrase> {
    let consumer = world.consumer(id);
    let name = world.consumer_name(id);
    let since = Ago(now - consumer.since);
    let gone = |key| vec![Phrase::new(key, &[("consumer", &name), ("t", &since)])];
    match consumer.status {
        ConsumerStatus::Crashed if consumer.crash_detected => return gone("tip.consumer.crashed"),
        ConsumerStatus::Crashed => return gone("tip.consumer.unnoticed"),
        ConsumerStatus::Left => return gone("tip.consumer.left"),
        ConsumerStatus::Paused | ConsumerStatus::Leaving | ConsumerStatus::Running => {}
    }
    let threads = u64::from(consumer.thread_count);
    let busy = consumer.busy;
    let mut said = vec![Phrase::counting("tip.consumer", threads, &[("consumer", &name), ("busy", &busy)])];
    match consumer.status {
        ConsumerStatus::Paused => said.push(Phrase::new("tip.consumer.paused", &[])),
        ConsumerStatus::Leaving => said.push(Phrase::new("tip.consumer.leaving", &[])),
        _ => {}
    }
    match consumer.reach {
        Reach::Cut => said.push(Phrase::new("tip.consumer.cut_off", &[])),
        Reach::Held => said.push(Phrase::new("tip.consumer.held", &[])),
        Reach::Open => {}
    }
    if !consumer.cache.is_empty() {
        said.push(Phrase::counting("tip.consumer.cached", consumer.cache.len() as u64, &[]));
    }
    if world.group(consumer.group).spec.mode == ConsumeMode::Broadcasting {
        return said;
    }
    said.push(if !by_queue(world, consumer.group) {
        Phrase::counting("tip.consumer.holds", consumer.outstanding.into(), &[])
    } else if world.doing(id) == Some(Doing::WaitsForQueues) {
        Phrase::new("tip.consumer.waiting", &[])
    } else {
        Phrase::counting("tip.consumer.owns", consumer.owned.into(), &[])
    });
    said
}

fn thread(world: &World, now: Instant, id: ConsumerId, n: u32) -> Phrase {
    let name = world.consumer_name(id);
    let number = n + 1;
    let work = world.consumer(id).threads.get(n as usize).and_then(|thread| thread.work);
    let Some(work) = work else {
        return Phrase::new("tip.thread.idle", &[("consumer", &name), ("number", &number)]);
    };
    let queue = world.queue_name(world.progress(work.task.progress).queue);
    let message = format!("{queue}@{}", work.task.offset);
    let since = Ago(now - work.started_at);
    let holes: [(&str, &dyn Display); 4] =
        [("consumer", &name), ("number", &number), ("message", &message), ("t", &since)];
    Phrase::new("tip.thread.working", &holes)
}

fn shelf(world: &World, now: Instant, id: GroupId) -> Vec<Phrase> {
    let group = world.group(id);
    let name = &group.spec.name;
    let waiting = (group.shelf.len() + group.suspended.len()) as u64;
    let mut said = Vec::new();
    if let Some(first) = world.waiting_retries(id).next() {
        let next = Ago(rest(now, first.due_at));
        let key = if first.is_last { "tip.retry.last" } else { "tip.retry.waiting" };
        said.push(Phrase::counting(key, waiting, &[("group", name), ("t", &next)]));
    }
    let again = retries_again(world, id);
    if again > 0 || said.is_empty() {
        said.push(Phrase::counting("tip.retry.again", again, &[("group", name)]));
    }
    said
}

/// Copies in the group's retry topics that it has not finished.
pub(super) fn retries_again(world: &World, id: GroupId) -> u64 {
    let copies = |progress: &ProgressId| {
        let progress = world.progress(*progress);
        let queue = world.queue(progress.queue);
        if world.topic(queue.topic).is_retry() {
            progress.ready(queue.max_offset) + u64::from(progress.inflight)
        } else {
            0
        }
    };
    world.group(id).progress.iter().map(copies).sum()
}

fn rest(now: Instant, until: Instant) -> Span {
    if until > now { until - now } else { Span(0) }
}
