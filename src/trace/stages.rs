//! Where one stage of a message's life ends and the next one begins.
//!
//! A stage begins with whatever the journal says about the message itself: sent, refused or kept for later, stored, handed
//! out, received, started, ended, invisible for another time, on the retry shelf, back from it, dead-lettered, and so on, for
//! the message and all its copies, in every group. What is about a queue, a group or a consumer is a stage of those
//! messages whose state it changes: they expire, are passed over, lost, or stand in a dead consumer's hands. What is only
//! counted from messages, such as offsets that are committed, is none.

use super::journey::journey;
use super::sought::message_of;
use super::timeline::{Stage, StageKind};
use crate::broker::{Entry, Event, MessageRef, Observer, ProducerId, Rewind, World};

/// Of which messages.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Whose {
    /// Of any.
    Any,
    /// Of one.
    One {
        /// Who sent it.
        producer: ProducerId,
        /// Which of the sender's messages it is.
        number: u64,
        /// Where it is stored first, if that is known.
        at: Option<MessageRef>,
    },
    /// Of whatever will be stored here.
    Stored(MessageRef),
}

impl Whose {
    /// Of the message of which this is a stored copy; of what will be stored there if nothing is.
    pub fn at(world: &World, copy: MessageRef) -> Self {
        let queue = world.live.queues.get(copy.queue.index());
        if queue.is_none_or(|queue| copy.offset >= queue.max_offset) {
            return Self::Stored(copy);
        }
        let origin = world.origin(copy);
        let (producer, number) = world.log.queues[origin.queue.index()].sender(origin.offset);
        Self::One { producer, number, at: Some(origin) }
    }

    /// Does a stage begin with an entry? The world is as the entry left it.
    pub fn has_stage(self, world: &World, entry: &Entry) -> bool {
        match self {
            Self::Any => {
                message_of(world, entry).is_some()
                    || says_of_several(&entry.event) != Several::None
                    || is_beside(&entry.event)
            }
            Self::Stored(at) => match entry.event {
                Event::MessageStored { queue, offset, .. } => at == MessageRef { queue, offset },
                Event::RetryStored { copy, .. } | Event::DeadLettered { copy, .. } => at == copy,
                _ => false,
            },
            Self::One { producer, number, at } => is_about(world, entry, (producer, number), at),
        }
    }
}

/// Messages of point-to-point queues have stages too; none of them can be selected.
fn is_beside(event: &Event) -> bool {
    matches!(
        event,
        Event::P2pSent { .. } | Event::P2pPut { .. } | Event::P2pTaken { .. } | Event::P2pProcessed { .. }
    )
}

/// How an entry is about several messages.
#[derive(PartialEq, Eq)]
enum Several {
    /// It is not.
    None,
    /// So many of one sender's, from a number on.
    Sent(ProducerId, u64, u32),
    /// Stored ones; which, their journeys say.
    Stored,
}

/// So many messages of one sender's, from a number on, if an entry is about such.
pub(super) fn sent_in_a_row(event: &Event) -> Option<(ProducerId, u64, u32)> {
    match says_of_several(event) {
        Several::Sent(producer, first, count) => Some((producer, first, count)),
        Several::None | Several::Stored => None,
    }
}

fn says_of_several(event: &Event) -> Several {
    match *event {
        Event::BatchSent { producer, number, count, .. }
        | Event::SendUnfit { producer, number, count, .. }
        | Event::SendLost { producer, number, count, .. }
        | Event::SendHeld { producer, number, count, .. }
        | Event::AnswerLost { producer, number, count, .. }
        | Event::MessageResent { producer, number, count, .. }
        | Event::SendAcknowledged { producer, number, count, .. }
        | Event::SendFailed { producer, number, count, .. }
        | Event::RequestQueued { producer, number, count, .. }
        | Event::SendThrottled { producer, number, count, .. }
        | Event::SendRetried { producer, number, count, .. } => Several::Sent(producer, number, count),
        Event::SendRefused { producer, number, .. } => Several::Sent(producer, number, 1),
        Event::MessagesExpired { count: 1.., .. }
        | Event::OffsetCorrected { expired: 1.., .. }
        | Event::OffsetReset { passed: 1.., .. }
        | Event::MessagesFiltered { .. }
        | Event::MessagesSuperseded { .. }
        | Event::MessagesPolled { .. }
        | Event::PolledProcessed { .. }
        | Event::PolledLost { .. }
        | Event::ConsumerCrashed { .. }
        | Event::LiteExpired { unread: 1.., .. } => Several::Stored,
        _ => Several::None,
    }
}

fn is_about(world: &World, entry: &Entry, it: (ProducerId, u64), at: Option<MessageRef>) -> bool {
    if message_of(world, entry).is_some_and(|(producer, number, _)| (producer, number) == it) {
        return true;
    }
    match says_of_several(&entry.event) {
        Several::None => false,
        Several::Sent(producer, first, count) => {
            producer == it.0 && (first..first + u64::from(count)).contains(&it.1)
        }
        Several::Stored => at.is_some_and(|at| is_moved(world, entry, at)),
    }
}

/// Is a stored message one of those whose state an entry changed?
fn is_moved(world: &World, entry: &Entry, at: MessageRef) -> bool {
    match entry.event {
        Event::MessagesExpired { queue, offset, count } => {
            queue == at.queue && (offset.saturating_sub(count)..offset).contains(&at.offset)
        }
        Event::MessagesFiltered { progress, offset, count, .. }
        | Event::MessagesSuperseded { progress, offset, count, .. }
        | Event::MessagesPolled { progress, offset, count, .. } => {
            let queue = world.progress(progress).queue;
            (offset..offset + u64::from(count)).any(|offset| world.origin(MessageRef { queue, offset }) == at)
        }
        // Its journey says so.
        _ => journey(world, at).is_some_and(|journey| {
            journey.readers.iter().any(|reader| {
                let fell = |stage: &Stage| stage.kind == StageKind::Unanswered && stage.from == entry.at;
                reader.end.at() == Some(entry.at) || reader.stages.last().is_some_and(fell)
            })
        }),
    }
}

/// Notes where stages begin, as long as somebody wants to know.
#[derive(Clone, Debug, Default)]
pub struct Stages {
    whose: Option<Whose>,
    noted: Option<Entry>,
}

impl Stages {
    /// Whose are noted from now on.
    pub fn note(&mut self, whose: Option<Whose>) {
        (self.whose, self.noted) = (whose, None);
    }

    /// The last entry with which one began.
    pub fn noted(&self) -> Option<Entry> {
        self.noted
    }

    #[cold]
    #[inline(never)]
    fn look(&mut self, whose: Whose, world: &World, entry: Entry) {
        if whose.has_stage(world, &entry) {
            self.noted = Some(entry);
        }
    }
}

impl Observer for Stages {
    #[inline(always)]
    fn observe(&mut self, world: &World, entry: &Entry) {
        if let Some(whose) = self.whose {
            self.look(whose, world, *entry);
        }
    }
}

/// What it notes it notes again.
impl Rewind for Stages {
    type Mark = ();

    fn mark(&mut self) -> ((), usize) {
        ((), 0)
    }

    fn go(&mut self, (): &(), _: bool) {}

    fn forget_ahead(&mut self) {}
}
