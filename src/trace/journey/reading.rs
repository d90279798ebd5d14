//! How the journey of a message is read from the world: delivery by delivery, copy by copy.

use super::{Delivery, End, Reader};
use crate::broker::consumer::ConsumerStatus;
use crate::broker::order::Suspended;
use crate::broker::progress::DeliveryRecord;
use crate::broker::settings::StaleHandles;
use crate::broker::{ConsumerId, MessageRef, Outcome, ProgressId, QueueId, World};
use crate::sim::{Instant, Span, sort_by_key};
use crate::trace::timeline::{Stage, StageKind, Timeline};

pub(super) fn reader(world: &World, id: ProgressId, message: MessageRef, stored_at: Instant) -> Reader {
    let progress = world.progress(id);
    let since = progress.in_sight_of(message.offset, stored_at);
    let mut reading =
        Reading { world, timeline: Timeline::default(), deliveries: Vec::new(), ends: Vec::new() };
    reading.copy(id, message, since);
    let may_be_retried = |delivery: &Delivery| delivery.may_be_retried(world);
    let retries = progress.member.is_none() && reading.deliveries.iter().any(may_be_retried);
    if retries {
        for (copy, through) in retry_copies(world, id, message) {
            reading.copy(through, copy, world.log.queues[copy.queue.index()].stored_at(copy.offset));
        }
    }
    let end = reading.end(id, message, retries);
    let Reading { timeline, deliveries, .. } = reading;
    // Of a copy that a crash took nothing is known any more, and the message waits until something is.
    let unknown = world.may_have_lost().then_some(StageKind::Waits);
    let stages = timeline.tiles(since, end.at().unwrap_or(world.live.now), unknown);
    let (deliveries, stages) = in_order(deliveries, stages);
    Reader {
        message,
        group: progress.group,
        member: progress.member,
        progress: id,
        since,
        deliveries,
        stages,
        end,
    }
}

/// Sorts deliveries by hand-out and lets the stages follow.
fn in_order(deliveries: Vec<Delivery>, mut stages: Vec<Stage>) -> (Vec<Delivery>, Vec<Stage>) {
    let mut order: Vec<usize> = (0..deliveries.len()).collect();
    sort_by_key(&mut order, |index| (deliveries[*index].handed_out_at, *index));
    for stage in &mut stages {
        stage.delivery = stage.delivery.and_then(|old| order.iter().position(|index| *index == old));
    }
    (order.iter().map(|index| deliveries[*index]).collect(), stages)
}

/// The copies of `message` in the retry topics of a group, with the progress through which each is read.
pub(super) fn retry_copies(
    world: &World,
    id: ProgressId,
    message: MessageRef,
) -> Vec<(MessageRef, ProgressId)> {
    let group = world.progress(id).group;
    let mut copies = Vec::new();
    for (_, topic) in &world.group(group).retry_topics {
        for &queue in &world.topic(*topic).queues {
            if let Some(through) = world.progress_on(group, queue) {
                copies.extend(copies_in(world, queue, message).map(|copy| (copy, through)));
            }
        }
    }
    copies
}

/// The copies of `message` in a retry or dead-letter queue. None can be older than the message, so the search begins
/// where the queue was when it was stored.
fn copies_in(world: &World, queue: QueueId, message: MessageRef) -> impl Iterator<Item = MessageRef> {
    let log = &world.log.queues[queue.index()];
    let stored_at = world.log.queues[message.queue.index()].stored_at(message.offset);
    let (mut first, mut end) = (0, world.queue(queue).max_offset);
    let last = end;
    while first < end {
        let middle = first + (end - first) / 2;
        if log.stored_at(middle) < stored_at {
            first = middle + 1;
        } else {
            end = middle;
        }
    }
    (first..last)
        .filter(move |offset| log.copy(*offset).is_some_and(|copy| copy.origin == message))
        .map(move |offset| MessageRef { queue, offset })
}

/// A reader's story while it is being put together.
struct Reading<'a> {
    world: &'a World,
    timeline: Timeline,
    deliveries: Vec<Delivery>,
    /// Where a copy ended without a listener.
    ends: Vec<End>,
}

impl Reading<'_> {
    /// Adds what happened to one copy from `visible_at` on.
    fn copy(&mut self, through: ProgressId, copy: MessageRef, visible_at: Instant) {
        let (world, now) = (self.world, self.world.live.now);
        let stored_at = world.log.queues[copy.queue.index()].stored_at(copy.offset);
        // The log may know of later deliveries, when a run goes back.
        let handed_out = copy.offset < world.progress(through).high_water;
        let records = world.log.deliveries[through.index()].of(copy.offset, stored_at);
        let records: Vec<DeliveryRecord> =
            records.filter(|record| handed_out && record.handed_out_at <= now).collect();
        let lost = world.progress(through).gaps.iter().flat_map(|gaps| &gaps.lost);
        for lost in lost.filter(|lost| lost.offsets.contains(&copy.offset)) {
            let at = lost.at;
            self.ends.push(if lost.expired { End::Expired { at } } else { End::PassedOver { at } });
        }
        if let Some((at, by)) = world.loss(through, copy.offset) {
            self.ends.push(End::Lost { at, by });
        }
        let first = records.first().map_or(now, |record| record.handed_out_at);
        self.timeline.add(StageKind::Waits, visible_at, first, None);
        let in_place = world.progress(through).order.is_some();
        let mut failures = world.reconsume_times(copy);
        for (nth, record) in records.iter().enumerate() {
            let next = records.get(nth + 1).map(|next| next.handed_out_at);
            let until = next.unwrap_or(now);
            let end = record.finished_at.filter(|at| *at <= now);
            if let Some((at, filter)) = end.zip(record.filter) {
                self.ends.push(End::Filtered { at, by: record.consumer, filter });
                if record.unsent {
                    self.timeline.add(StageKind::Waits, at, until, None);
                    continue;
                }
            }
            let retry_at = retry_at(world, through, record, failures, next).filter(|_| end.is_some());
            self.delivery(through, copy, record, failures, retry_at, until);
            failures += u32::from(in_place && record.outcome == Some(Outcome::Failed));
        }
    }

    /// Adds one delivery; the next one of the same copy, or now, is at `until`.
    fn delivery(
        &mut self,
        through: ProgressId,
        copy: MessageRef,
        record: &DeliveryRecord,
        reconsume_times: u32,
        retry_at: Option<Instant>,
        until: Instant,
    ) {
        let (world, now) = (self.world, self.world.live.now);
        let delivery = Delivery { retry_at, reconsume_times, ..Delivery::new(world, through, copy, record) };
        let index = Some(self.deliveries.len());
        self.deliveries.push(delivery);
        let mut at = delivery.handed_out_at;
        let mut stage = |kind, to: Instant| {
            self.timeline.add(kind, at, to, index);
            at = at.max(to);
        };
        // Handed out, received, started, ended: each known instant closes a stage, the first unknown one leaves the
        // last stage open. Whatever the consumer was doing when it crashed ended there.
        let fell_at = delivery.fell_at(world);
        let open_end = |kind, stage: &mut dyn FnMut(StageKind, Instant)| match fell_at {
            _ if delivery.held => stage(kind, now),
            Some(fell_at) => stage(kind, fell_at),
            None => {}
        };
        match (delivery.received_at, delivery.started_at, delivery.finished_at) {
            (Some(received_at), Some(started_at), Some(finished_at)) => {
                stage(StageKind::OnTheWay, received_at);
                stage(StageKind::Cached, started_at);
                stage(StageKind::Processing, finished_at);
            }
            (Some(received_at), Some(started_at), None) => {
                stage(StageKind::OnTheWay, received_at);
                stage(StageKind::Cached, started_at);
                open_end(StageKind::Processing, &mut stage);
            }
            (Some(received_at), None, _) => {
                stage(StageKind::OnTheWay, received_at);
                open_end(StageKind::Cached, &mut stage);
            }
            (None, ..) => open_end(StageKind::OnTheWay, &mut stage),
        }
        match delivery.outcome {
            None if !delivery.held => stage(StageKind::Unanswered, until),
            // Its consumer is gone before it could try again in place, or is trying to give it up.
            // A simple consumer says nothing to the broker, which waits for the end of the invisible time.
            Some(Outcome::Failed) if retry_at.is_none() && stays_invisible(world, through) => {
                stage(StageKind::Unanswered, until);
            }
            // The queue had been given to somebody else: the message waits there, or is with them already.
            Some(Outcome::Ignored | Outcome::Filtered) => {
                self.timeline.add(StageKind::Waits, at, until, None)
            }
            _ => {}
        }
        if let Some(due_at) = delivery.retry_at {
            self.timeline.add(StageKind::RetryWait, at, due_at.min(now), None);
        }
    }

    /// The earliest thing that settles the message for this reader.
    fn end(&self, id: ProgressId, message: MessageRef, retries: bool) -> End {
        let progress = self.world.progress(id);
        let mut ends = self.ends.clone();
        for delivery in &self.deliveries {
            let by = delivery.consumer;
            match (delivery.finished_at, delivery.outcome) {
                (Some(at), Some(Outcome::Acknowledged)) => ends.push(End::Acknowledged { at, by }),
                (Some(at), Some(Outcome::Failed)) if drops(self.world, id, by) => {
                    ends.push(End::Dropped { at, by });
                }
                _ => {}
            }
        }
        let dead_letters = self.world.group(progress.group).dead_letter_topic.filter(|_| retries);
        for &queue in dead_letters.iter().flat_map(|topic| &self.world.topic(*topic).queues) {
            if let Some(copy) = copies_in(self.world, queue, message).next() {
                let at = self.world.log.queues[queue.index()].stored_at(copy.offset);
                ends.push(End::DeadLettered { at, copy });
            }
        }
        ends.into_iter().min_by_key(|end| end.at()).unwrap_or(End::Open)
    }
}

impl Delivery {
    fn new(world: &World, through: ProgressId, copy: MessageRef, record: &DeliveryRecord) -> Self {
        let now = world.live.now;
        let started_at = record.started_at.filter(|at| *at <= now);
        let finished_at =
            record.finished_at.filter(|at| *at <= now && (started_at.is_some() || record.filtered()));
        let outcome = record.outcome.filter(|_| finished_at.is_some());
        let in_hands = in_hands(world, through, copy.offset, record);
        // What is tried again in place is there already.
        let arrives_at = record.handed_out_at + world.settings.network_delivery_latency;
        let arrives_at = started_at.map_or(arrives_at, |at| at.min(arrives_at));
        let received_at = match in_hands {
            Some(Hands::OnTheWay) => None,
            Some(Hands::Cached(received_at)) => Some(received_at),
            _ if started_at.is_some() => Some(arrives_at),
            _ if record.filtered() => finished_at,
            _ if world.group(world.progress(through).group).simple => Some(arrives_at),
            _ => fell_at(world, record.consumer, record.handed_out_at).map(|_| arrives_at),
        };
        let fell_at = fell_at(world, record.consumer, record.handed_out_at);
        Self {
            copy,
            reconsume_times: 0,
            consumer: record.consumer,
            handed_out_at: record.handed_out_at,
            received_at: received_at.filter(|at| *at <= now && fell_at.is_none_or(|fell| *at <= fell)),
            started_at,
            finished_at,
            timed_out: outcome.is_some() && world.timed_out(record),
            outcome,
            retry_at: None,
            held: in_hands.is_some(),
        }
    }

    /// When its consumer crashed or left with it, if that is the last thing the consumer did.
    fn fell_at(&self, world: &World) -> Option<Instant> {
        let open = self.outcome.is_none() && !self.held;
        fell_at(world, self.consumer, self.handed_out_at).filter(|_| open)
    }

    /// May there be a copy of it in a retry topic? A simple consumer may still hold what is somebody else's by now.
    pub(super) fn may_be_retried(&self, world: &World) -> bool {
        let simple = world.group(world.consumer(self.consumer).group).simple;
        // A stale handle that is believed brings back what was acknowledged.
        let believes = world.settings.pop_stale_handles == StaleHandles::Accept;
        match self.outcome {
            _ if simple && believes => true,
            _ if simple => self.outcome != Some(Outcome::Acknowledged),
            Some(Outcome::Failed) => true,
            None => !self.held,
            _ => false,
        }
    }

    /// How long the listener has been at it.
    pub fn processed(&self, now: Instant) -> Option<Span> {
        let until = self.finished_at.or(self.held.then_some(now))?;
        self.started_at.map(|at| until - at)
    }
}

/// Does a failed message stay in the hands that it is in?
fn stays_invisible(world: &World, through: ProgressId) -> bool {
    let progress = world.progress(through);
    progress.order.is_some() || world.group(progress.group).simple
}

/// Is a failure the end? A broadcasting consumer does not retry, nor does a pull consumer, unless a person sends back.
fn drops(world: &World, through: ProgressId, consumer: ConsumerId) -> bool {
    let consumer = world.consumer(consumer);
    world.progress(through).member.is_some() || (consumer.pulls && !consumer.is_by_hand())
}

/// Until when a message stays on the shelf, or stayed there, as far as that does not follow from its failure.
fn sent_back_until(world: &World, through: ProgressId, record: &DeliveryRecord) -> Option<Instant> {
    let progress = world.progress(through);
    let copy = MessageRef { queue: progress.queue, offset: record.offset };
    let attempt = world.reconsume_times(copy) + 1;
    let mut shelf = world.group(progress.group).shelf.iter();
    let shelved = shelf.find(|(_, shelved)| shelved.message == copy).map(|((due_at, _), _)| *due_at);
    let stored = || {
        let copies = retry_copies(world, through, world.origin(copy));
        let copy = copies.iter().find(|(copy, _)| world.reconsume_times(*copy) == attempt);
        copy.map(|(copy, _)| world.log.queues[copy.queue.index()].stored_at(copy.offset))
    };
    shelved.or_else(stored)
}

/// After a failure: when the message is tried again, as a copy after a rung of the ladder or in place. In place it may be
/// known that it was, at `next`.
fn retry_at(
    world: &World,
    through: ProgressId,
    record: &DeliveryRecord,
    failures: u32,
    next: Option<Instant>,
) -> Option<Instant> {
    let progress = world.progress(through);
    let simple = world.group(progress.group).simple;
    if record.outcome != Some(Outcome::Failed) || drops(world, through, record.consumer) || simple {
        return None;
    }
    if world.consumer(record.consumer).pulls {
        return sent_back_until(world, through, record);
    }
    if progress.order.is_some() {
        let mut suspended = world.group(progress.group).suspended.iter();
        let of_it = |one: &Suspended| one.progress == through && one.offset == record.offset;
        let due = || suspended.find(|(_, one)| of_it(one)).map(|((due_at, _), _)| *due_at);
        return next.or_else(due);
    }
    let ended_at = record.finished_at.unwrap_or(world.live.now);
    if failures < world.retry_max_times(progress.group) || world.is_last_wait(progress.group, failures + 1) {
        return Some(world.when_up(ended_at + world.retry_wait(through, failures + 1)));
    }
    // A client that could not reach the broker to give it up tried it once more.
    world.live.faults.as_ref()?;
    let retry_at = sent_back_until(world, through, record)?;
    Some(world.when_up(retry_at)).filter(|at| *at >= ended_at)
}

fn fell_at(world: &World, consumer: ConsumerId, after: Instant) -> Option<Instant> {
    let consumer = world.consumer(consumer);
    (consumer.status == ConsumerStatus::Crashed && consumer.since >= after).then_some(consumer.since)
}

/// What a consumer has of a message right now.
enum Hands {
    OnTheWay,
    Cached(Instant),
    Processing,
}

fn in_hands(world: &World, through: ProgressId, offset: u64, record: &DeliveryRecord) -> Option<Hands> {
    let same = |at: Instant, of: u64| at == record.handed_out_at && of == offset;
    let progress = world.progress(through);
    let flight = |f: &&crate::broker::progress::DeliveryInFlight| {
        f.consumer == record.consumer && same(f.sent_at, f.offset)
    };
    if progress.transit.iter().find(flight).is_some() {
        return Some(Hands::OnTheWay);
    }
    let consumer = world.consumer(record.consumer);
    let is_it = |task: &crate::broker::consumer::Task| {
        task.progress == through && same(task.handed_out_at, task.offset)
    };
    if let Some(task) = consumer.cache.iter().chain(&consumer.polled).find(|task| is_it(task)) {
        return Some(Hands::Cached(task.received_at));
    }
    consumer.work().any(|(_, work)| is_it(&work.task)).then_some(Hands::Processing)
}
