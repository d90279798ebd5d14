//! Columns that go back to a mark and forward again (see [`kept`](crate::sim::kept)).

use super::{Column, PAGE, Page, RisingColumn, TimeColumn};
use crate::sim::kept::{Kept, Place, Tape};

/// What a column holds besides its entries, to go back and forward.
#[derive(Clone, Debug, Default)]
pub(super) struct History {
    /// Entries that were written again, each with what is stored there in its stead: one more, or zero if absent.
    tape: Tape<(u64, u64)>,
    /// The pages ahead, from the one on which the mark stands.
    ahead: Vec<Page>,
    /// The same of the numbers that a rising column has for each page.
    bases: Vec<u64>,
}

impl Column {
    pub(super) fn history(&mut self) -> &mut History {
        self.history.get_or_insert_default()
    }

    /// Notes what an entry is before it is written again.
    pub(super) fn note(&mut self, index: u64, stored: u64) {
        let before = self.stored(index);
        if before != stored {
            self.history().tape.note((index, before));
        }
    }

    /// Puts the pages ahead back to their places, if the same is being done again after a mark at `marked`. All that is
    /// on the pages counts for a while.
    fn gather(&mut self, marked: u64) {
        let Some(history) = &mut self.history else { return };
        if history.tape.is_again {
            self.pages.truncate(marked as usize / PAGE);
            self.pages.append(&mut history.ahead);
        }
        self.len = (self.pages.len() * PAGE) as u64;
    }

    /// Ends with entry `len`, and keeps the pages aside that lie ahead, or not.
    fn part(&mut self, len: u64, ahead: bool) {
        if ahead {
            let rest = self.pages.split_off(len as usize / PAGE);
            if !(len as usize).is_multiple_of(PAGE) {
                self.pages.extend(rest.first().cloned());
            }
            self.history().ahead = rest;
        } else {
            self.truncate(len);
        }
        self.len = len;
    }
}

impl Kept for Column {
    fn mark(&mut self) -> Place {
        self.marked = self.len;
        Place::new(self.len as usize, self.history.as_ref().map_or(0, |history| history.tape.len()))
    }

    fn go(&mut self, to: Place, ahead: bool) {
        self.history();
        self.gather(self.marked);
        let pages = &mut self.pages;
        if let Some(history) = &mut self.history {
            history.tape.go(to.changes as usize, ahead, |(index, stored)| {
                let page = &mut pages[*index as usize / PAGE];
                let before = page.get(*index as usize);
                page.set(*index as usize, std::mem::replace(stored, before));
            });
        }
        self.part(to.len.into(), ahead);
        self.marked = to.len.into();
    }

    fn forget_ahead(&mut self) {
        if let Some(history) = &mut self.history {
            history.tape.forget_ahead();
            history.ahead = Vec::new();
            history.bases = Vec::new();
        }
    }

    fn unmark(&mut self) {
        (self.marked, self.history) = (0, None);
    }

    fn history_bytes(&self) -> usize {
        let Some(history) = &self.history else { return 0 };
        history.tape.bytes()
            + history.ahead.iter().map(Page::bytes).sum::<usize>()
            + history.ahead.capacity() * size_of::<Page>()
            + history.bases.capacity() * size_of::<u64>()
            + size_of::<History>()
    }
}

/// The differences themselves note nothing: what is noted is whole numbers, whatever their page's base is by then.
impl Kept for RisingColumn {
    fn mark(&mut self) -> Place {
        self.marked = self.len();
        Place::new(self.len() as usize, self.above.history.as_ref().map_or(0, |history| history.tape.len()))
    }

    fn go(&mut self, to: Place, ahead: bool) {
        let (len, changes) = (u64::from(to.len), to.changes as usize);
        let mut tape = std::mem::take(&mut self.above.history().tape);
        if tape.is_again {
            self.above.history().tape.is_again = true;
            self.bases.truncate(self.marked as usize / PAGE);
            let mut bases = std::mem::take(&mut self.above.history().bases);
            self.bases.append(&mut bases);
        }
        self.above.gather(self.marked);
        self.marked = 0;
        tape.go(changes, ahead, |(index, stored)| {
            let before = self.get_opt(*index).map_or(0, |value| value + 1);
            match std::mem::replace(stored, before).checked_sub(1) {
                Some(value) => self.put(*index, value),
                None => self.above.clear(*index),
            }
        });
        self.above.history().tape = tape;
        self.above.part(len, ahead);
        if ahead {
            let rest = self.bases.split_off(len as usize / PAGE);
            if !(len as usize).is_multiple_of(PAGE) {
                self.bases.extend(rest.first());
            }
            self.above.history().bases = rest;
        } else {
            self.bases.truncate((len as usize).div_ceil(PAGE));
        }
        self.marked = len;
    }

    fn forget_ahead(&mut self) {
        self.above.forget_ahead();
    }

    fn unmark(&mut self) {
        self.marked = 0;
        self.above.unmark();
    }

    fn history_bytes(&self) -> usize {
        self.above.history_bytes()
    }
}

impl RisingColumn {
    /// Notes what an entry is before it is written again.
    pub(super) fn note(&mut self, index: u64, value: u64) {
        let before = self.get_opt(index);
        if before != Some(value) {
            self.above.history().tape.note((index, before.map_or(0, |value| value + 1)));
        }
    }
}

impl Kept for TimeColumn {
    fn mark(&mut self) -> Place {
        self.0.mark()
    }

    fn go(&mut self, to: Place, ahead: bool) {
        self.0.go(to, ahead);
    }

    fn forget_ahead(&mut self) {
        self.0.forget_ahead();
    }

    fn unmark(&mut self) {
        self.0.unmark();
    }

    fn history_bytes(&self) -> usize {
        self.0.history_bytes()
    }
}
