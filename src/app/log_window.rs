//! The latest entries of the journal, for the log. They are kept as entries and put into words when somebody looks.
//!
//! What happens to every message would drown what happens rarely, so each kind of entry has a window of its own.

use std::collections::VecDeque;

use crate::broker::{Entry, Event, Observer, Outcome, World};
use crate::sim::Instant;

/// What an entry is about, for the log's filter.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// The daily life of messages.
    Message,
    /// Something went wrong, and what was done about it.
    Fault,
    /// Who is there and who does what: joining, leaving, sharing out, changed by hand.
    Membership,
}

/// Entries kept of each kind.
const KEPT: usize = 700;

/// The latest entries of each kind.
#[derive(Clone, Debug, Default)]
pub struct LogWindow {
    messages: VecDeque<Entry>,
    faults: VecDeque<Entry>,
    membership: VecDeque<Entry>,
}

impl LogWindow {
    /// The latest entries of one kind, or of all, newest first.
    pub fn newest(&self, kind: Option<Kind>) -> impl Iterator<Item = &Entry> {
        let wanted = |this: Kind| kind.is_none_or(|kind| kind == this);
        let mut windows = [
            (Kind::Message, &self.messages),
            (Kind::Fault, &self.faults),
            (Kind::Membership, &self.membership),
        ]
        .map(|(this, window)| {
            window.iter().take(if wanted(this) { window.len() } else { 0 }).rev().peekable()
        });
        std::iter::from_fn(move || {
            let newest = |window: &mut std::iter::Peekable<_>| {
                let entry: Option<&&Entry> = window.peek();
                entry.map(|entry| entry.seq)
            };
            let seqs = [newest(&mut windows[0]), newest(&mut windows[1]), newest(&mut windows[2])];
            let first = (0..windows.len()).max_by_key(|index| seqs[*index])?;
            windows[first].next()
        })
    }
}

impl Observer for LogWindow {
    fn observe(&mut self, _: &World, entry: &Entry) {
        let Some(kind) = kind_of(entry) else { return };
        let window = match kind {
            Kind::Message => &mut self.messages,
            Kind::Fault => &mut self.faults,
            Kind::Membership => &mut self.membership,
        };
        if window.len() == KEPT {
            window.pop_front();
        }
        window.push_back(*entry);
    }
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
        | Event::MessageHandedOut { .. }
        | Event::MessageReceived { .. }
        | Event::ConsumeStarted { .. }
        | Event::MessagesFiltered { .. }
        | Event::MessageRejectedByTag { .. }
        | Event::OffsetCommitted { .. } => Kind::Message,
        Event::OffsetsPersisted { .. } | Event::ReceiveParked { .. } => return None,
        Event::CommandRefused { .. }
        | Event::ConsumeFinished { .. }
        | Event::ConsumerCrashed { .. }
        | Event::CrashDetected { .. }
        | Event::DeliveryLost { .. }
        | Event::InvisibleTimeCut { .. }
        | Event::InvisibleTimeOver { .. }
        | Event::RetryScheduled { .. }
        | Event::RetryStored { .. }
        | Event::DeadLettered { .. }
        | Event::MessageDropped { .. } => Kind::Fault,
        _ => Kind::Membership,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::broker::{ConsumerId, ProgressId, Settings};

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
        let seqs: Vec<u64> = log.newest(None).map(|entry| entry.seq).collect();
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
        let seqs = |kind| log.newest(kind).map(|entry| entry.seq).collect::<Vec<_>>();
        assert_eq!(seqs(Some(Kind::Membership)), [3, 1]);
        assert_eq!(seqs(Some(Kind::Message)), [2, 0]);
        assert!(seqs(Some(Kind::Fault)).is_empty());
    }
}
