//! The latest entries of the journal, for the log. They are kept as entries and put into words when somebody looks.
//!
//! What happens to every message would drown what happens rarely, so each kind of entry has a window of its own.

use std::collections::VecDeque;
use std::rc::Rc;

use crate::broker::reply::Landed;
use crate::broker::{Entry, Event, Observer, Outcome, Rewind, World};
use crate::sim::Instant;

/// What an entry is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// The daily life of messages.
    Message,
    /// The same when it does not go well: failures, retries, what was lost and comes again.
    Retry,
    /// Something went wrong for good: a crash, a dead letter, a wish that was refused.
    Fault,
    /// Who is there and who does what: joining, leaving, sharing out, changed by hand.
    Membership,
    /// What comes round and changes nothing.
    Routine,
}

impl Kind {
    const ALL: [Self; 5] = [Self::Message, Self::Retry, Self::Fault, Self::Membership, Self::Routine];
}

/// The log's filter: which kinds it shows.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Shown {
    /// What is news: everything but the life of single messages, and their end only if it is a bad one.
    #[default]
    News,
    /// Everything that goes wrong.
    Faults,
    /// Who is there and who does what.
    Membership,
    /// Everything.
    Everything,
}

impl Shown {
    fn has(self, kind: Kind) -> bool {
        match self {
            Self::News => matches!(kind, Kind::Fault | Kind::Membership),
            Self::Faults => matches!(kind, Kind::Fault | Kind::Retry),
            Self::Membership => kind == Kind::Membership,
            Self::Everything => true,
        }
    }
}

/// How many entries of each kind are kept.
const KEPT: usize = 700;
/// The daily life of messages is followed back by so many entries of any kind: it is seen again on the way from a mark.
const REACH: u64 = 4_096;
/// Full pages of so many entries are shared with the marks to which the window may go back.
const PAGE: usize = 50;

/// The latest entries of each kind.
#[derive(Clone, Debug, Default)]
pub struct LogWindow {
    windows: [Window; Kind::ALL.len()],
    /// The number of the entry after the last one.
    next: u64,
}

/// The latest entries of one kind.
#[derive(Clone, Debug, Default)]
struct Window {
    full: VecDeque<Rc<[Entry]>>,
    last: Vec<Entry>,
}

impl Window {
    fn push(&mut self, entry: Entry) {
        self.last.push(entry);
        if self.last.len() == PAGE {
            self.full.push_back(self.last.as_slice().into());
            self.last.clear();
            if self.full.len() * PAGE >= KEPT + PAGE {
                self.full.pop_front();
            }
        }
    }

    fn newest(&self) -> impl Iterator<Item = &Entry> {
        let full = self.full.iter().rev().flat_map(|page| page.iter().rev());
        self.last.iter().rev().chain(full).take(KEPT)
    }
}

impl LogWindow {
    /// Bytes that its entries take.
    pub fn bytes(&self) -> usize {
        let entries = |window: &Window| window.full.len() * PAGE + window.last.capacity();
        self.windows.iter().map(entries).sum::<usize>() * size_of::<Entry>()
    }

    /// The latest entries that a filter lets through, newest first.
    pub fn newest(&self, shown: Shown) -> impl Iterator<Item = &Entry> {
        let windows = Kind::ALL.into_iter().filter(move |kind| shown.has(*kind));
        let newest = |kind: Kind| {
            let since = if kind == Kind::Message { self.next.saturating_sub(REACH) } else { 0 };
            self.windows[kind as usize].newest().take_while(move |entry| entry.seq >= since).peekable()
        };
        let mut windows: Vec<_> = windows.map(newest).collect();
        std::iter::from_fn(move || {
            let heads = windows.iter_mut().map(|window| window.peek().map(|entry| entry.seq));
            let (first, _) = heads.enumerate().max_by_key(|(_, seq)| *seq)?;
            windows[first].next()
        })
    }
}

impl Observer for LogWindow {
    fn observe(&mut self, _: &World, entry: &Entry) {
        self.next = entry.seq + 1;
        let Some(kind) = kind_of(entry) else { return };
        self.windows[kind as usize].push(*entry);
    }
}

impl Rewind for LogWindow {
    type Mark = Self;

    const REACH: u64 = REACH;

    fn mark(&mut self) -> (Self, usize) {
        // Pages that another mark has cost nothing more.
        let own = |window: &Window| window.full.iter().filter(|page| Rc::strong_count(page) == 1).count();
        // What the start consists of is not seen again.
        let rare = |kind: &Kind| *kind != Kind::Message || self.next <= REACH;
        let (mut mark, mut entries) = (Self { next: self.next, ..Self::default() }, 0);
        for kind in Kind::ALL.into_iter().filter(rare) {
            let window = &self.windows[kind as usize];
            entries += own(window) * PAGE + window.last.len();
            mark.windows[kind as usize] = window.clone();
        }
        (mark, entries * size_of::<Entry>() + size_of::<Self>())
    }

    fn go(&mut self, to: &Self, _: bool) {
        self.clone_from(to);
    }

    fn forget_ahead(&mut self) {}
}

/// What an entry is about; nothing for the few that only repeat what another one says.
pub fn kind_of(entry: &Entry) -> Option<Kind> {
    Some(match entry.event {
        // What the scenario set up is in the picture already.
        Event::CommandGiven { .. } if entry.at == Instant::ZERO => return None,
        Event::ConsumeFinished { outcome: Outcome::Acknowledged, .. }
        | Event::MessageSent { .. }
        | Event::MessageSentByHand { .. }
        | Event::MessageStored { .. }
        | Event::MessageDelayed { .. }
        | Event::MessageHandedOut { .. }
        | Event::MessageReceived { .. }
        | Event::ConsumeStarted { .. }
        | Event::ReceiveAnswered { .. }
        | Event::HandleAcknowledged { .. }
        | Event::InvisibleTimeChanged { .. }
        | Event::CheckpointClosed { .. }
        | Event::BatchLocked { .. }
        | Event::MessagesPolled { .. }
        | Event::PolledNothing { .. }
        | Event::PolledProcessed { .. }
        | Event::EffectDone { times: 1, .. }
        | Event::EffectSkipped { .. }
        | Event::MessagesFiltered { .. }
        | Event::MessagesKeptBack { .. }
        | Event::BatchSent { .. }
        | Event::RequestQueued { refused: false, .. }
        | Event::MessagesSuperseded { .. }
        | Event::RequestAwaited { .. }
        | Event::ReplySent { .. }
        | Event::ReplyStored { arrives_at: Some(_), .. }
        | Event::ReplyReceived { landed: Landed::InTime, .. }
        | Event::MessageRejectedByTag { .. }
        | Event::MessagesExpired { .. }
        | Event::HalfStored { .. }
        | Event::LocalTransactionEnded { .. }
        | Event::TransactionCommitted { .. }
        | Event::TransactionRolledBack { .. }
        | Event::CallSent { .. }
        | Event::CallQueued { .. }
        | Event::CallStarted { .. }
        | Event::CallProcessed { ok: true, .. }
        | Event::CallAnswered { .. }
        | Event::P2pSent { .. }
        | Event::P2pPut { .. }
        | Event::P2pTaken { .. }
        | Event::P2pProcessed { .. }
        // There may be thousands of lite topics, and each comes and goes by itself.
        | Event::LiteTopicCreated { .. }
        | Event::LiteSubscribed { .. }
        | Event::LiteQueued { from: None, .. }
        | Event::LiteExpired { unread: 0, .. }
        | Event::OffsetCommitted { .. } => Kind::Message,
        Event::OffsetsPersisted { .. } | Event::ReceiveParked { .. } | Event::ReceiveRepeated { .. } => {
            return None;
        }
        Event::StoreSwept { .. }
        | Event::TopicCompacted { removed: 0, .. }
        | Event::LiteSwept { .. }
        | Event::LiteSynced => Kind::Routine,
        Event::RequestQueued { .. }
        | Event::SendThrottled { retry_at: Some(_), .. }
        | Event::SendRetried { .. }
        | Event::ReceiveThrottled { .. }
        | Event::PullRepeated { .. }
        | Event::LiteSetFull { .. }
        | Event::LiteFullDispatch { .. }
        | Event::ReplyReceived { .. } => Kind::Retry,
        Event::SendThrottled { .. }
        | Event::ThrottlingChanged { .. }
        | Event::SendUnfit { .. }
        | Event::ReplyStored { .. }
        | Event::ReplyLost { .. }
        | Event::RequestTimedOut { .. } => Kind::Fault,
        Event::TopicCompacted { .. } => Kind::Membership,
        Event::ConsumeFinished { .. }
        | Event::DeliveryLost { .. }
        | Event::InvisibleTimeCut { .. }
        | Event::InvisibleTimeOver { .. }
        | Event::MessageResent { .. }
        | Event::SendHeld { .. }
        | Event::SendAcknowledged { .. }
        | Event::CheckpointAdded { .. }
        | Event::CheckpointOver { .. }
        | Event::BatchReread { .. }
        | Event::SentBack { .. }
        | Event::ConsumeTimedOut { .. }
        | Event::EffectDone { .. }
        | Event::RetryScheduled { .. }
        | Event::RetryInPlaceScheduled { .. }
        | Event::RetriedInPlace { .. }
        | Event::TransactionChecked { .. }
        | Event::TransactionPending { .. }
        | Event::TransactionWordIgnored { .. }
        | Event::CallTurnedAway { .. }
        | Event::CallProcessed { .. }
        | Event::CallFailed { .. }
        | Event::CallTimedOut { .. }
        | Event::AnswerTooLate { .. }
        | Event::RetryStored { .. } => Kind::Retry,
        Event::CommandRefused { .. }
        | Event::SendRefused { .. }
        | Event::DeliveryTimeRefused { .. }
        | Event::ConsumerCrashed { .. }
        | Event::BrokerCrashed { .. }
        | Event::ProgressFellBack { .. }
        | Event::QueueTruncated { .. }
        | Event::LinkChanged { .. }
        | Event::AnswersToLose { .. }
        | Event::ConsumerUnheard { .. }
        | Event::SendLost { .. }
        | Event::AnswerLost { .. }
        | Event::SendFailed { .. }
        | Event::ResultLost { .. }
        | Event::TransactionWordLost { .. }
        | Event::CrashDetected { .. }
        | Event::DeadLettered { .. }
        | Event::ProducerCrashed { .. }
        | Event::TransactionSetAside { .. }
        | Event::P2pConsumerGone { .. }
        | Event::HandleRefused { .. }
        | Event::HandleIgnored { .. }
        | Event::PolledLost { .. }
        | Event::LiteSendRefused { .. }
        | Event::LiteSubscriptionRefused { .. }
        | Event::OffsetCorrected { .. }
        | Event::MessageDropped { .. } => Kind::Fault,
        // Every group looks again and again whether its queues should be shared out otherwise.
        Event::Rebalanced { moved: 0, .. } => Kind::Routine,
        _ => Kind::Membership,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::broker::{CallerId, ConsumerId, GroupId, P2pId, ProgressId, ServiceId, Settings};
    use crate::sim::Span;

    /// A hundred calls a second are no news, nor is one that fails; a dead consumer is.
    #[test]
    fn single_calls_are_not_news() {
        let (caller, service, queue) = (CallerId(0), ServiceId(0), P2pId(0));
        let at = Instant::ZERO;
        let log = observed(&[
            Event::CallSent { caller, number: 0, stage: 0, arrives_at: at, next_at: None },
            Event::CallTimedOut { caller, number: 0, service, waited: Span::ZERO },
            Event::P2pProcessed { queue, sender: 0, number: 0, consumer: 0 },
            Event::P2pConsumerGone { queue, consumer: 0 },
        ]);
        let seqs = |shown| log.newest(shown).map(|entry| entry.seq).collect::<Vec<u64>>();
        assert_eq!(seqs(Shown::News), [3]);
        assert_eq!(seqs(Shown::Faults), [3, 1]);
        assert_eq!(seqs(Shown::Everything), [3, 2, 1, 0]);
    }

    fn observed(events: &[Event]) -> LogWindow {
        let world = World::new(Settings::default(), 1, None);
        let mut log = LogWindow::default();
        for (seq, event) in (0..).zip(events) {
            log.observe(&world, &Entry { at: Instant(seq), seq, cause: seq, event: *event });
        }
        log
    }

    fn handed_out(offset: u64) -> Event {
        Event::MessageHandedOut {
            progress: ProgressId(0),
            offset,
            consumer: ConsumerId(0),
            arrives_at: Instant::ZERO,
        }
    }

    #[test]
    fn a_rare_entry_outlives_many_common_ones() {
        let mut events = vec![Event::ConsumerLeft { consumer: ConsumerId(3) }];
        events.extend((0..5_000).map(handed_out));
        events.push(Event::DeliveryLost { progress: ProgressId(0), offset: 1, consumer: ConsumerId(0) });
        let log = observed(&events);
        let seqs: Vec<u64> = log.newest(Shown::Everything).map(|entry| entry.seq).collect();
        assert_eq!(seqs.len(), KEPT + 2);
        assert_eq!(seqs[..3], [5_001, 5_000, 4_999], "newest first");
        assert_eq!(seqs.last(), Some(&0));
    }

    #[test]
    fn the_filter_gives_one_kind_alone() {
        let log = observed(&[
            handed_out(0),
            Event::ConsumerLeft { consumer: ConsumerId(3) },
            Event::OffsetCommitted { progress: ProgressId(0), offset: 1 },
            Event::QueueAssigned {
                progress: ProgressId(0),
                owner: None,
                reread_acknowledged: 0,
                reread_moved: 0,
                reread_filtered: 0,
            },
        ]);
        let seqs = |shown| log.newest(shown).map(|entry| entry.seq).collect::<Vec<_>>();
        assert_eq!(seqs(Shown::Membership), [3, 1]);
        assert_eq!(seqs(Shown::News), [3, 1]);
        assert_eq!(seqs(Shown::Everything), [3, 2, 1, 0]);
        assert!(seqs(Shown::Faults).is_empty());
    }

    #[test]
    fn a_round_that_moves_nothing_is_no_news() {
        let round = |moved| Event::Rebalanced { group: GroupId(0), moved, next_at: Instant::NEVER };
        let lost = Event::DeliveryLost { progress: ProgressId(0), offset: 1, consumer: ConsumerId(0) };
        let log = observed(&[round(0), round(3), lost, round(0)]);
        let seqs = |shown| log.newest(shown).map(|entry| entry.seq).collect::<Vec<_>>();
        assert_eq!((seqs(Shown::News), seqs(Shown::Membership)), (vec![1], vec![1]));
        assert_eq!((seqs(Shown::Faults), seqs(Shown::Everything)), (vec![2], vec![3, 2, 1, 0]));
    }
}
