//! The journey of one message: sent, stored, and then, for every group that reads it, each delivery of each copy.

use super::timeline::{Stage, StageKind, Timeline};
use super::transaction::{TransactionTrace, transaction};
use crate::broker::consumer::ConsumerStatus;
use crate::broker::order::Suspended;
use crate::broker::progress::DeliveryRecord;
use crate::broker::{
    ConsumerId, Entry, Event, FilterId, GroupId, MessageRef, Outcome, ProducerId, ProgressId, QueueId, World,
};
use crate::sim::{Instant, Span, sort_by_key};

/// Everything that happened to one message until now.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Journey {
    /// Where it was stored first.
    pub message: MessageRef,
    /// Who sent it.
    pub producer: ProducerId,
    /// Which of that producer's messages it is, from 0.
    pub number: u64,
    /// When it was sent.
    pub sent_at: Instant,
    /// When it reached the broker: before it was stored, if it waited in the timer.
    pub arrived_at: Instant,
    /// What happened to it besides: what a busy broker refused and when it was tried again, and, if it is a request, who
    /// answered.
    pub sends: Vec<Entry>,
    /// When it was due, if it was not to be seen at once.
    pub due_at: Option<Instant>,
    /// What happened to it behind the curtain, if it is transactional.
    pub transaction: Option<TransactionTrace>,
    /// When it was stored.
    pub stored_at: Instant,
    /// The instant of the question.
    pub now: Instant,
    /// Every group that reads it (in broadcasting: every consumer), in order of creation.
    pub readers: Vec<Reader>,
    /// Groups that listen to its topic and began behind it.
    pub passed_over: Vec<GroupId>,
}

/// One group's share of the journey; in broadcasting, one consumer's.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reader {
    /// Which message: its first stored copy.
    pub message: MessageRef,
    /// Who.
    pub group: GroupId,
    /// In broadcasting, which consumer.
    pub member: Option<ConsumerId>,
    /// Its progress on the queue of the first copy.
    pub progress: ProgressId,
    /// When the message came into its sight: when it was stored, or when the group began to read after that.
    pub since: Instant,
    /// Every hand-out of every copy, in order.
    pub deliveries: Vec<Delivery>,
    /// What was the case when: from `since` to the end, or to now, without gap or overlap.
    pub stages: Vec<Stage>,
    /// How it ended.
    pub end: End,
}

/// How a group is done with a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum End {
    /// It is not.
    Open,
    /// A consumer acknowledged it.
    Acknowledged {
        /// When.
        at: Instant,
        /// Who.
        by: ConsumerId,
    },
    /// The last failure put a copy into the group's dead-letter topic.
    DeadLettered {
        /// When.
        at: Instant,
        /// Where the copy lies.
        copy: MessageRef,
    },
    /// A broadcasting or a pull consumer failed on it, and there are no retries.
    Dropped {
        /// When.
        at: Instant,
        /// Who.
        by: ConsumerId,
    },
    /// It was lost with the process of a pull consumer that had committed it already.
    Lost {
        /// When.
        at: Instant,
        /// With whom.
        by: ConsumerId,
    },
    /// A filter kept it back.
    Filtered {
        /// When.
        at: Instant,
        /// For whom it was read.
        by: ConsumerId,
        /// Which filter.
        filter: FilterId,
    },
    /// It was gone before the group was done with it.
    Expired {
        /// When.
        at: Instant,
    },
    /// A reset of the group's offset passed over it.
    PassedOver {
        /// When.
        at: Instant,
    },
}

impl End {
    /// When it ended, if it did.
    pub fn at(self) -> Option<Instant> {
        match self {
            Self::Open => None,
            Self::Acknowledged { at, .. }
            | Self::DeadLettered { at, .. }
            | Self::Dropped { at, .. }
            | Self::Lost { at, .. }
            | Self::Filtered { at, .. }
            | Self::Expired { at }
            | Self::PassedOver { at } => Some(at),
        }
    }
}

/// One copy handed to one consumer once.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Delivery {
    /// Which copy.
    pub copy: MessageRef,
    /// Failed deliveries before it, as the copy says.
    pub reconsume_times: u32,
    /// To whom.
    pub consumer: ConsumerId,
    /// When the broker handed it out.
    pub handed_out_at: Instant,
    /// When it reached the consumer, as far as that is known.
    pub received_at: Option<Instant>,
    /// When the listener started.
    pub started_at: Option<Instant>,
    /// When it ended.
    pub finished_at: Option<Instant>,
    /// Did it take as long as a listener may?
    pub timed_out: bool,
    /// How it ended.
    pub outcome: Option<Outcome>,
    /// After a failure: when the copy for the retry is due. None for the last failure.
    pub retry_at: Option<Instant>,
    /// Is it still in its consumer's hands, or on the way there?
    pub held: bool,
}

/// Where a message stands for a group, now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Place {
    /// Acknowledged.
    Done,
    /// In the dead-letter topic.
    DeadLetter,
    /// Dropped by a broadcasting or a pull consumer.
    Dropped,
    /// Lost with a process that had committed it.
    Lost,
    /// Filtered out.
    Filtered,
    /// Gone before the group was done with it.
    Expired,
    /// Passed over by a reset.
    PassedOver,
    /// Visible and not handed out.
    Waiting {
        /// The copy that waits.
        copy: MessageRef,
        /// So many messages of its queue will be handed out before it.
        ahead: u64,
    },
    /// In an orderly group, read and kept back, because another one has its turn first.
    Blocked {
        /// Which.
        by: MessageRef,
    },
    /// On its way.
    OnTheWay(ConsumerId),
    /// In a cache.
    Cached(ConsumerId),
    /// In a listener.
    Processing(ConsumerId),
    /// Handed to a consumer that did not answer.
    Unanswered(ConsumerId),
    /// On the retry shelf.
    RetryWait {
        /// Until when.
        due_at: Instant,
        /// The how-many-th retry comes then.
        retry: u32,
    },
}

/// The journey of the message of which `copy` is a stored copy; `None` if nothing is stored there.
pub fn journey(world: &World, copy: MessageRef) -> Option<Journey> {
    let queue = world.live.queues.get(copy.queue.index())?;
    if copy.offset >= queue.max_offset {
        return None;
    }
    let message = world.origin(copy);
    let log = &world.log.queues[message.queue.index()];
    let (producer, number) = log.sender(message.offset);
    let (sent_at, stored_at) = (log.sent_at(message.offset), log.stored_at(message.offset));
    let (mut readers, mut passed_over) = (Vec::new(), Vec::new());
    for &id in &world.queue(message.queue).progress {
        let progress = world.progress(id);
        if !world.lite_sees(id, message.offset) {
            passed_over.push(progress.group);
        } else if progress.start <= message.offset {
            readers.push(reader(world, id, message, stored_at));
        } else if !passed_over.contains(&progress.group) {
            passed_over.push(progress.group);
        }
    }
    sort_by_key(&mut readers, |reader| (reader.group, reader.member));
    passed_over.retain(|group| readers.iter().all(|reader| reader.group != *group));
    Some(Journey {
        message,
        producer,
        number,
        sent_at,
        arrived_at: arrived_at(world, (producer, number), sent_at, stored_at),
        sends: world.sends(producer, number).copied().collect(),
        due_at: world.due_at(producer, number, sent_at),
        transaction: transaction(world, producer, number),
        stored_at,
        now: world.live.now,
        readers,
        passed_over,
    })
}

/// When the broker took a message. Only what has a delivery time or is transactional is kept there before it is stored; what a
/// busy broker refused is under way until it is taken.
fn arrived_at(
    world: &World,
    (producer, number): (ProducerId, u64),
    sent_at: Instant,
    stored_at: Instant,
) -> Instant {
    let state = world.producer(producer);
    if state.delay.is_none() && state.transaction.is_none() {
        return stored_at;
    }
    let taken = world.sends(producer, number).filter_map(|entry| match entry.event {
        Event::RequestQueued { until, refused: false, .. } => Some(until),
        Event::SendRetried { arrives_at, .. } => Some(arrives_at),
        _ => None,
    });
    let at_once = sent_at + world.settings.network_send_latency;
    stored_at.min(taken.last().unwrap_or(at_once))
}

fn reader(world: &World, id: ProgressId, message: MessageRef, stored_at: Instant) -> Reader {
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
fn retry_copies(world: &World, id: ProgressId, message: MessageRef) -> Vec<(MessageRef, ProgressId)> {
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
    fn may_be_retried(&self, world: &World) -> bool {
        let simple = world.group(world.consumer(self.consumer).group).simple;
        match self.outcome {
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
    if failures < world.retry_max_times(progress.group) {
        return Some(world.when_up(ended_at + world.retry_delay(progress.group, failures + 1)));
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

impl Reader {
    /// From the message's coming into sight to its end, or to now.
    pub fn lasted(&self) -> Span {
        self.stages.iter().map(Stage::lasted).sum()
    }

    /// How long it spent in one kind of stage.
    pub fn spent(&self, kind: StageKind) -> Span {
        self.stages.iter().filter(|stage| stage.kind == kind).map(Stage::lasted).sum()
    }

    /// Where the message stands for this reader.
    pub fn place(&self, world: &World) -> Place {
        match self.end {
            End::Acknowledged { .. } => return Place::Done,
            End::DeadLettered { .. } => return Place::DeadLetter,
            End::Dropped { .. } => return Place::Dropped,
            End::Lost { .. } => return Place::Lost,
            End::Filtered { .. } => return Place::Filtered,
            End::Expired { .. } => return Place::Expired,
            End::PassedOver { .. } => return Place::PassedOver,
            End::Open => {}
        }
        let held = |delivery: &&Delivery| delivery.held;
        // What is in somebody's hands counts first, the nearest to an answer before the others.
        let processing = self.deliveries.iter().filter(held).find(|d| d.started_at.is_some());
        if let Some(delivery) = processing {
            return Place::Processing(delivery.consumer);
        }
        if let Some(delivery) = self.deliveries.iter().filter(held).find(|d| d.received_at.is_some()) {
            return Place::Cached(delivery.consumer);
        }
        if let Some(delivery) = self.deliveries.iter().find(held) {
            return Place::OnTheWay(delivery.consumer);
        }
        if let Some(place) = self.place_in_order(world) {
            return place;
        }
        if let Some((copy, ahead)) = self.ready_copy(world) {
            return Place::Waiting { copy, ahead };
        }
        let on_shelf = world.group(self.group).shelf.iter();
        for (&(due_at, _), shelved) in on_shelf {
            if world.origin(shelved.message) == self.message {
                return Place::RetryWait { due_at, retry: shelved.attempt };
            }
        }
        let last = self.deliveries.last().map(|delivery| delivery.consumer);
        last.map_or(Place::Waiting { copy: self.message, ahead: 0 }, Place::Unanswered)
    }

    /// In an orderly group: suspended until the next try, waiting for an earlier message, or next in turn.
    fn place_in_order(&self, world: &World) -> Option<Place> {
        let progress = world.progress(self.progress);
        let order = progress.order.as_ref()?;
        let offset = self.message.offset;
        let suspended = world.group(self.group).suspended.iter();
        for (&(due_at, _), one) in suspended {
            if one.progress == self.progress && one.offset == offset {
                return Some(Place::RetryWait { due_at, retry: one.attempt });
            }
        }
        if let Some(by) = world.waits_for(self.progress, offset) {
            return Some(Place::Blocked { by });
        }
        order.eligible.contains(&offset).then_some(Place::Waiting { copy: self.message, ahead: 0 })
    }

    /// A copy that is ready to be handed out, and how many are before it.
    fn ready_copy(&self, world: &World) -> Option<(MessageRef, u64)> {
        let failed_or_lost =
            self.member.is_none() && self.deliveries.iter().any(|one| one.may_be_retried(world));
        let retries =
            if failed_or_lost { retry_copies(world, self.progress, self.message) } else { Vec::new() };
        std::iter::once((self.message, self.progress))
            .chain(retries)
            .find_map(|(copy, through)| Some((copy, copy.offset.checked_sub(world.progress(through).next)?)))
    }
}
