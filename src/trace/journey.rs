//! The journey of one message: sent, stored, and then, for every group that reads it, each delivery of each copy.

mod reading;

use reading::{reader, retry_copies};

use super::timeline::{Stage, StageKind};
use super::transaction::{TransactionTrace, transaction};
use crate::broker::{
    ConsumerId, Entry, FilterId, GroupId, MessageRef, Outcome, ProducerId, ProgressId, World,
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
        /// Or none, for it is a dead letter then.
        is_last: bool,
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

/// When the broker took a message. Only what has a delivery time or is transactional is kept there before it is stored.
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
    world.arrived_at(producer, number, sent_at).min(stored_at)
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
                return Place::RetryWait { due_at, retry: shelved.attempt, is_last: shelved.is_last };
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
                return Some(Place::RetryWait { due_at, retry: one.attempt, is_last: false });
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
