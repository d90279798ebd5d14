//! A message as a transaction: what happened to it behind the curtain.

use crate::broker::{Event, MessageRef, ProducerId, World};
use crate::sim::Instant;

/// The transactional side of a message's journey.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TransactionTrace {
    /// When the half message was stored.
    pub stored_at: Instant,
    /// When its local transaction ended, and whether it was committed; none as long as it runs.
    pub local: Option<(Instant, bool)>,
    /// When the broker asked, and whom, if anybody was there.
    pub checks: Vec<(Instant, Option<ProducerId>)>,
    /// How it was settled, and when.
    pub end: Option<(Instant, TransactionEnd)>,
}

/// How a half message was settled.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TransactionEnd {
    /// Committed.
    Committed,
    /// Rolled back.
    RolledBack,
    /// Set aside after the last check: where the copy lies.
    SetAside(MessageRef),
}

/// What happened to a producer's message as a transaction; none if it is no such message, or did not arrive yet.
pub fn transaction(world: &World, producer: ProducerId, number: u64) -> Option<TransactionTrace> {
    let mut entries = world.transaction(producer, number);
    let first = entries.next()?;
    let orphaned = matches!(first.event, Event::HalfStored { ends_at: None, .. });
    let mut trace = TransactionTrace {
        stored_at: first.at,
        local: orphaned.then_some((first.at, false)),
        checks: Vec::new(),
        end: None,
    };
    for entry in entries {
        let end = match entry.event {
            Event::LocalTransactionEnded { committed, .. } => {
                trace.local = Some((entry.at, committed));
                continue;
            }
            Event::TransactionChecked { asked, .. } => {
                trace.checks.push((entry.at, asked));
                continue;
            }
            Event::TransactionCommitted { stays: false, .. } => TransactionEnd::Committed,
            Event::TransactionRolledBack { stays: false, .. } => TransactionEnd::RolledBack,
            Event::TransactionSetAside { queue, offset, .. } => {
                TransactionEnd::SetAside(MessageRef { queue, offset })
            }
            _ => continue,
        };
        trace.end = trace.end.or(Some((entry.at, end)));
    }
    Some(trace)
}
