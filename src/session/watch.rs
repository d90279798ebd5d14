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
    kept: PromiseWatch,
    first: Option<Box<First>>,
}

/// The first entries from an instant on.
#[derive(Clone, Debug)]
struct First {
    from: Instant,
    entries: Vec<Entry>,
}

/// So many of them at the most.
pub(super) const FIRST_MOST: usize = 4_096;

impl Watch {
    /// Bytes that a copy takes.
    pub fn bytes(&self) -> usize {
        size_of::<Self>() + self.before.bytes()
    }

    /// The first violation, if there was one.
    pub fn broken(&self) -> Option<&Broken> {
        self.broken.as_deref()
    }

    /// Which promises were kept so far.
    pub fn kept(&self) -> &PromiseWatch {
        &self.kept
    }

    /// From now on keeps the first entries from an instant on.
    pub(super) fn keep_first(&mut self, from: Instant) {
        self.first = Some(Box::new(First { from, entries: Vec::new() }));
    }

    /// What it keeps of them so far.
    pub(super) fn first(&self) -> &[Entry] {
        self.first.as_ref().map_or(&[], |first| &first.entries)
    }
}

impl First {
    /// Gets a copy, so that an entry need not be laid out in memory where nobody keeps it.
    #[cold]
    #[inline(never)]
    fn note(&mut self, entry: Entry) {
        if entry.at >= self.from && self.entries.len() < FIRST_MOST {
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
        self.kept.note(world, entry);
        if let Some(first) = &mut self.first {
            first.note(*entry);
        }
    }
}
