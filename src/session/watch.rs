//! Watches the invariants while a run goes on: cheap checks on whatever an entry touched. A broken one is a bug of
//! ours; the run stops there, and the page shows a card instead of a wrong picture. And it notes which promises were
//! kept, which is another matter: settings need not make them.

use crate::broker::invariants::{self, Violation};
use crate::broker::promise_watch::PromiseWatch;
use crate::broker::{Entry, Observer, World};
use crate::sim::Instant;

/// An invariant that does not hold.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Broken {
    /// Which, and about what.
    pub violation: Violation,
    /// When it was noticed.
    pub at: Instant,
    /// The entry after which it was noticed.
    pub seq: u64,
}

/// An observer that checks what each entry touched, until the first violation.
#[derive(Clone, Debug, Default)]
pub struct Watch {
    broken: Option<Box<Broken>>,
    before: invariants::Before,
    promises: PromiseWatch,
    to_compare: Option<Box<ToCompare>>,
}

/// Entries from an instant on that were not compared with those of another run yet.
#[derive(Clone, Debug)]
struct ToCompare {
    from: Instant,
    entries: Vec<Entry>,
}

impl Watch {
    /// Bytes that a copy takes.
    pub fn bytes(&self) -> usize {
        size_of::<Self>() + self.before.bytes() + self.promises.bytes()
    }

    /// The first violation, if there was one.
    pub fn broken(&self) -> Option<&Broken> {
        self.broken.as_deref()
    }

    /// Which promises were kept so far.
    pub fn promises(&self) -> &PromiseWatch {
        &self.promises
    }

    /// From now on keeps the entries from an instant on, to be compared.
    pub(super) fn keep_to_compare(&mut self, from: Instant) {
        self.to_compare = Some(Box::new(ToCompare { from, entries: Vec::new() }));
    }

    /// Those that were not compared yet.
    pub(super) fn to_compare(&self) -> &[Entry] {
        self.to_compare.as_ref().map_or(&[], |kept| &kept.entries)
    }

    /// So many of them were.
    pub(super) fn have_compared(&mut self, count: usize) {
        if let Some(kept) = &mut self.to_compare {
            kept.entries.drain(..count);
        }
    }

    /// Where two runs part, only the first entry is of interest.
    pub(super) fn keep_first_only(&mut self) {
        if let Some(kept) = &mut self.to_compare {
            kept.entries.truncate(1);
            kept.from = Instant::MAX;
        }
    }
}

impl ToCompare {
    /// Gets a copy, so that an entry need not be laid out in memory where nobody keeps it.
    #[cold]
    #[inline(never)]
    fn note(&mut self, entry: Entry) {
        if entry.at >= self.from {
            self.entries.push(entry);
        }
    }
}

impl Observer for Watch {
    #[inline(always)]
    fn observe(&mut self, world: &World, entry: &Entry) {
        if let Some(violation) = self.before.check(world, entry)
            && self.broken.is_none()
        {
            self.broken = Some(Box::new(Broken { violation, at: entry.at, seq: entry.seq }));
        }
        self.promises.note(world, entry);
        if let Some(kept) = &mut self.to_compare {
            kept.note(*entry);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scenario::{Scenario, bundled};
    use crate::session::Session;

    /// Of each message group it remembers the message that was stored last.
    #[test]
    fn what_is_remembered_of_promises_counts_for_a_checkpoint() {
        let (_, text) = bundled().iter().find(|(id, _)| *id == "fifo").expect("it is bundled");
        let scenario = Scenario::parse(text).expect("it is sound");
        let mut session = Session::new(scenario.into(), ());
        session.run_until(Instant::from_secs(20), u64::MAX);
        let remembered = session.promises().bytes();
        assert!(remembered > 0);
        let watch = &session.course.watch;
        assert_eq!(watch.bytes(), size_of::<Watch>() + watch.before.bytes() + remembered);
    }
}
