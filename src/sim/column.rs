//! Columns: what is kept for ever, one number per entry, in as few bytes as the numbers need.
//!
//! A column is a row of pages of 256 entries. As long as all entries of a page are equal, it is that one number; then
//! it stores all of them in the same width, 1, 2, 4 or 8 bytes, and is widened when a number does not fit. Growing adds
//! pages and copies nothing. Pages are shared between clones and copied when one of them writes to a page, so a clone
//! costs one pointer per page.
//!
//! An entry can be *absent*. To tell that from zero, a number is stored plus one, so 254 is the largest in one byte.
//! Numbers are meant to be small: a caller stores what an entry has more than something it knows already. Where there
//! is nothing of the kind but neighbours are near each other, [`RisingColumn`] stores differences to one base per page.

use std::fmt;
use std::rc::Rc;

use super::instant::Instant;

mod kept;

/// How many entries a page holds. Small enough that thousands of short columns do not waste much (a page is 256 bytes
/// at its narrowest), large enough that the 40 bytes of a page's bookkeeping are little beside it.
const PAGE: usize = 256;

/// The entries of one page plus one each; 0 = absent. Whatever stands beyond the column's end means nothing.
#[derive(Clone, Debug)]
enum Page {
    /// All entries that the column has on this page.
    Same(u64),
    U8(Rc<[u8; PAGE]>),
    U16(Rc<[u16; PAGE]>),
    U32(Rc<[u32; PAGE]>),
    U64(Rc<[u64; PAGE]>),
}

impl Page {
    #[inline(always)]
    fn get(&self, at: usize) -> u64 {
        match self {
            Self::Same(stored) => *stored,
            Self::U8(cells) => cells[at % PAGE].into(),
            Self::U16(cells) => cells[at % PAGE].into(),
            Self::U32(cells) => cells[at % PAGE].into(),
            Self::U64(cells) => cells[at % PAGE],
        }
    }

    #[inline(always)]
    fn set(&mut self, at: usize, stored: u64) {
        // The usual case, kept small: nothing to change, or the page is ours alone and wide enough.
        match self {
            Self::Same(all) if *all == stored => return,
            Self::U8(cells) if stored <= 0xff => {
                if let Some(cells) = Rc::get_mut(cells) {
                    cells[at % PAGE] = stored as u8;
                    return;
                }
            }
            Self::U16(cells) if stored <= 0xffff => {
                if let Some(cells) = Rc::get_mut(cells) {
                    cells[at % PAGE] = stored as u16;
                    return;
                }
            }
            Self::U32(cells) if stored <= 0xffff_ffff => {
                if let Some(cells) = Rc::get_mut(cells) {
                    cells[at % PAGE] = stored as u32;
                    return;
                }
            }
            Self::U64(cells) => {
                if let Some(cells) = Rc::get_mut(cells) {
                    cells[at % PAGE] = stored;
                    return;
                }
            }
            _ => {}
        }
        self.set_slowly(at, stored);
    }

    /// The same where entries differ for the first time, or the page is shared or too narrow.
    #[cold]
    #[inline(never)]
    fn set_slowly(&mut self, at: usize, stored: u64) {
        // A shared page is copied only to be changed: replay writes what is there already.
        if self.get(at) == stored {
            return;
        }
        if let Self::Same(all) = *self {
            self.spell_out(all, stored.max(all));
        }
        match self {
            Self::U8(cells) if stored <= 0xff => Rc::make_mut(cells)[at % PAGE] = stored as u8,
            Self::U16(cells) if stored <= 0xffff => Rc::make_mut(cells)[at % PAGE] = stored as u16,
            Self::U32(cells) if stored <= 0xffff_ffff => Rc::make_mut(cells)[at % PAGE] = stored as u32,
            Self::U64(cells) => Rc::make_mut(cells)[at % PAGE] = stored,
            _ => {
                self.widen(stored);
                self.set(at, stored);
            }
        }
    }

    /// Gives each entry a cell of its own, wide enough for `greatest`.
    fn spell_out(&mut self, all: u64, greatest: u64) {
        *self = match greatest {
            0..0x100 => Self::U8(Rc::new([all as u8; PAGE])),
            0x100..0x1_0000 => Self::U16(Rc::new([all as u16; PAGE])),
            0x1_0000..0x1_0000_0000 => Self::U32(Rc::new([all as u32; PAGE])),
            _ => Self::U64(Rc::new([all; PAGE])),
        };
    }

    /// Makes the cells wide enough for `stored`, which they are not.
    fn widen(&mut self, stored: u64) {
        *self = match self {
            Self::U8(cells) if stored <= 0xffff => Self::U16(Rc::new(cells.map(u16::from))),
            Self::U8(cells) if stored <= 0xffff_ffff => Self::U32(Rc::new(cells.map(u32::from))),
            Self::U8(cells) => Self::U64(Rc::new(cells.map(u64::from))),
            Self::U16(cells) if stored <= 0xffff_ffff => Self::U32(Rc::new(cells.map(u32::from))),
            Self::U16(cells) => Self::U64(Rc::new(cells.map(u64::from))),
            Self::U32(cells) => Self::U64(Rc::new(cells.map(u64::from))),
            Self::Same(_) | Self::U64(_) => return,
        };
    }

    /// Bytes on the heap: the cells and the two reference counts.
    fn bytes(&self) -> usize {
        let width = match self {
            Self::Same(_) => return 0,
            Self::U8(_) => 1,
            Self::U16(_) => 2,
            Self::U32(_) => 4,
            Self::U64(_) => 8,
        };
        width * PAGE + 2 * size_of::<usize>()
    }
}

/// A column of numbers below 2^64 − 1, any of which may be absent. (2^64 − 1 itself is stored as one less.)
#[derive(Clone, Default)]
pub struct Column {
    pages: Vec<Page>,
    len: u64,
    /// How many entries there were at the mark: what is written below is noted.
    marked: u64,
    history: Option<Box<kept::History>>,
}

impl Column {
    /// A column without entries.
    pub const fn new() -> Self {
        Self { pages: Vec::new(), len: 0, marked: 0, history: None }
    }

    /// How many entries there are, absent ones included.
    pub const fn len(&self) -> u64 {
        self.len
    }

    /// Are there no entries?
    pub const fn is_empty(&self) -> bool {
        self.len == 0
    }

    /// Adds an entry at the end.
    #[inline(always)]
    pub fn push(&mut self, value: u64) {
        self.put(self.len, value);
    }

    /// Adds an absent entry at the end.
    #[inline]
    pub fn push_absent(&mut self) {
        self.put_stored(self.len, 0);
    }

    /// Writes entry `index`: the next one or one that is there. Farther on, what lies between is absent.
    #[inline(always)]
    pub fn put(&mut self, index: u64, value: u64) {
        self.put_stored(index, value.saturating_add(1));
    }

    /// Overwrites entry `index`; nothing happens beyond the end.
    #[inline(always)]
    pub fn set(&mut self, index: u64, value: u64) {
        if index < self.len {
            self.put(index, value);
        }
    }

    /// Makes entry `index` absent; nothing happens beyond the end.
    pub fn clear(&mut self, index: u64) {
        if index < self.len {
            self.put_stored(index, 0);
        }
    }

    /// Entry `index`; 0 if it is absent or beyond the end.
    #[inline(always)]
    pub fn get(&self, index: u64) -> u64 {
        self.stored(index).saturating_sub(1)
    }

    /// Entry `index`; `None` if it is absent or beyond the end.
    #[inline]
    pub fn get_opt(&self, index: u64) -> Option<u64> {
        self.stored(index).checked_sub(1)
    }

    /// All entries in order.
    pub fn iter(&self) -> impl Iterator<Item = Option<u64>> {
        (0..self.len).map(|index| self.get_opt(index))
    }

    /// Removes the entries from `len` on; nothing happens if there are no more than that.
    pub fn truncate(&mut self, len: u64) {
        if len < self.len {
            self.pages.truncate((len as usize).div_ceil(PAGE));
            self.len = len;
        }
    }

    /// Bytes held on the heap, unused room included. Pages shared with a clone count in both.
    pub fn bytes(&self) -> usize {
        self.pages.capacity() * size_of::<Page>() + self.pages.iter().map(Page::bytes).sum::<usize>()
    }

    #[inline(always)]
    fn stored(&self, index: u64) -> u64 {
        match self.pages.get(index as usize / PAGE) {
            Some(page) if index < self.len => page.get(index as usize),
            _ => 0,
        }
    }

    #[inline(always)]
    fn put_stored(&mut self, index: u64, stored: u64) {
        if index >= self.len {
            if index > self.len || (index as usize).is_multiple_of(PAGE) {
                return self.open(index, stored);
            }
            self.len = index + 1;
        } else if index < self.marked {
            return self.put_noted(index, stored);
        }
        if let Some(page) = self.pages.get_mut(index as usize / PAGE) {
            page.set(index as usize, stored);
        }
    }

    /// Writes an entry again that was there at the mark. It is a way of its own so that the other one calls nothing.
    #[cold]
    #[inline(never)]
    fn put_noted(&mut self, index: u64, stored: u64) {
        self.note(index, stored);
        self.pages[index as usize / PAGE].set(index as usize, stored);
    }

    /// Writes an entry beyond the end, absent ones before it, or the first one of a page.
    #[cold]
    #[inline(never)]
    fn open(&mut self, index: u64, stored: u64) {
        while self.len < index {
            if (self.len as usize).is_multiple_of(PAGE) {
                self.pages.push(Page::Same(0));
                self.len = index.min(self.len + PAGE as u64);
            } else {
                self.put_stored(self.len, 0);
            }
        }
        if (index as usize).is_multiple_of(PAGE) {
            self.pages.push(Page::Same(stored));
            self.len = index + 1;
        } else {
            self.put_stored(index, stored);
        }
    }
}

/// A column of numbers that rise, or nearly do: each page stores what its entries have more than their least one. A
/// number below everything on its page is taken, and costs rewriting the page.
#[derive(Clone, Default)]
pub struct RisingColumn {
    /// For each page, a number that none of its entries is below: the least it ever had.
    bases: Vec<u64>,
    above: Column,
    /// How many entries there were at the mark.
    marked: u64,
}

impl RisingColumn {
    /// A column without entries.
    pub const fn new() -> Self {
        Self { bases: Vec::new(), above: Column::new(), marked: 0 }
    }

    /// How many entries there are, absent ones included.
    pub const fn len(&self) -> u64 {
        self.above.len()
    }

    /// Are there no entries?
    pub const fn is_empty(&self) -> bool {
        self.above.is_empty()
    }

    /// Adds an entry at the end.
    #[inline(always)]
    pub fn push(&mut self, value: u64) {
        self.put(self.above.len(), value);
    }

    /// Writes entry `index`: the next one or one that is there. Farther on, what lies between is absent.
    #[inline(always)]
    pub fn put(&mut self, index: u64, value: u64) {
        if index < self.marked {
            self.note(index, value);
        }
        let base = match self.bases.get(index as usize / PAGE) {
            Some(base) if *base <= value => *base,
            _ => self.rebase(index as usize / PAGE, value),
        };
        self.above.put(index, value - base);
    }

    /// Entry `index`; 0 if it is absent or beyond the end.
    #[inline(always)]
    pub fn get(&self, index: u64) -> u64 {
        self.get_opt(index).unwrap_or(0)
    }

    /// Entry `index`; `None` if it is absent or beyond the end.
    #[inline]
    pub fn get_opt(&self, index: u64) -> Option<u64> {
        let base = self.bases.get(index as usize / PAGE)?;
        self.above.get_opt(index).map(|above| base + above)
    }

    /// Removes the entries from `len` on; nothing happens if there are no more than that.
    pub fn truncate(&mut self, len: u64) {
        self.above.truncate(len);
        self.bases.truncate((len as usize).div_ceil(PAGE));
    }

    /// Bytes held on the heap, unused room included. Pages shared with a clone count in both.
    pub fn bytes(&self) -> usize {
        self.bases.capacity() * size_of::<u64>() + self.above.bytes()
    }

    /// Makes `value` at most the base of `page`; returns the base.
    #[cold]
    #[inline(never)]
    fn rebase(&mut self, page: usize, value: u64) -> u64 {
        while self.bases.len() < page {
            // Pages skipped over have no entries yet; the first one lowers this base to itself.
            self.bases.push(u64::MAX);
        }
        if self.bases.len() == page {
            self.bases.push(value);
            return value;
        }
        let old = std::mem::replace(&mut self.bases[page], value);
        let first = (page * PAGE) as u64;
        for index in first..first + PAGE as u64 {
            if let Some(above) = self.above.get_opt(index) {
                self.above.set(index, above + (old - value));
            }
        }
        value
    }
}

/// The entries, whatever their pages look like.
impl fmt::Debug for Column {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.iter()).finish()
    }
}

/// The same.
impl fmt::Debug for RisingColumn {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries((0..self.len()).map(|index| self.get_opt(index))).finish()
    }
}

/// A column of instants, each as what it is later than the earliest on its page: meant for instants in order, or
/// nearly.
#[derive(Clone, Debug, Default)]
pub struct TimeColumn(RisingColumn);

impl TimeColumn {
    /// A column without entries.
    pub const fn new() -> Self {
        Self(RisingColumn::new())
    }

    /// How many entries there are, absent ones included.
    pub const fn len(&self) -> u64 {
        self.0.len()
    }

    /// Are there no entries?
    pub const fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Adds an entry at the end.
    #[inline(always)]
    pub fn push(&mut self, at: Instant) {
        self.0.push(at.0);
    }

    /// Writes entry `index`: the next one or one that is there. Farther on, what lies between is absent.
    #[inline(always)]
    pub fn put(&mut self, index: u64, at: Instant) {
        self.0.put(index, at.0);
    }

    /// Entry `index`; [`Instant::ZERO`] if it is absent or beyond the end.
    #[inline(always)]
    pub fn get(&self, index: u64) -> Instant {
        Instant(self.0.get(index))
    }

    /// Entry `index`; `None` if it is absent or beyond the end.
    #[inline]
    pub fn get_opt(&self, index: u64) -> Option<Instant> {
        self.0.get_opt(index).map(Instant)
    }

    /// Removes the entries from `len` on; nothing happens if there are no more than that.
    pub fn truncate(&mut self, len: u64) {
        self.0.truncate(len);
    }

    /// Bytes held on the heap, unused room included. Pages shared with a clone count in both.
    pub fn bytes(&self) -> usize {
        self.0.bytes()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sim::{Chance, Span, Stream};

    /// A number of at most so many bits, small ones as often as large ones.
    fn number(draw: u64, bits: u64) -> u64 {
        draw >> (64 - bits + (draw & 0xff) % bits)
    }

    #[test]
    fn a_column_agrees_with_a_vector_in_random_worlds() {
        for world in 0..100 {
            let draws = Chance::new(world).stream(Stream::World, 0);
            let mut n = 0;
            let mut draw = || {
                n += 1;
                draws.nth(n)
            };
            let bits = 1 + draw() % 63;
            let (mut column, mut model) = (Column::new(), Vec::<Option<u64>>::new());
            let mut copies = Vec::new();
            for _ in 0..3000 {
                // In every third world nearly all are equal, so that pages stay one number for long.
                let value = number(draw(), bits) * u64::from(world % 3 > 0 || draw() % 100 == 0);
                let index = draw() % (model.len() as u64 + 1 + draw() % 2 * (draw() % 600));
                // And in every fourth most are written in a row.
                match draw() % 64 * u64::from(world % 4 > 0 || draw() % 50 == 0) {
                    0..40 => {
                        column.push(value);
                        model.push(Some(value));
                    }
                    40..44 => {
                        column.push_absent();
                        model.push(None);
                    }
                    44..50 => {
                        column.set(index, value);
                        model.get_mut(index as usize).into_iter().for_each(|entry| *entry = Some(value));
                    }
                    50..52 => {
                        column.clear(index);
                        model.get_mut(index as usize).into_iter().for_each(|entry| *entry = None);
                    }
                    52..54 => {
                        model.resize(model.len().max(index as usize + 1), None);
                        column.put(index, value);
                        model[index as usize] = Some(value);
                    }
                    54 if draw() % 8 == 0 => {
                        column.truncate(index);
                        model.truncate(index as usize);
                    }
                    55 if copies.len() < 5 => copies.push((column.clone(), model.clone())),
                    _ => {}
                }
                assert_eq!(column.get_opt(index), model.get(index as usize).copied().flatten());
                assert_eq!(column.len(), model.len() as u64);
            }
            copies.push((column, model));
            for (column, model) in copies {
                assert!(column.iter().eq(model.iter().copied()), "world {world}");
                let zeros = model.iter().map(|entry| entry.unwrap_or(0));
                assert!((0..column.len()).map(|index| column.get(index)).eq(zeros), "world {world}");
                assert_eq!(column.get_opt(column.len()), None);
            }
        }
    }

    #[test]
    fn a_rising_column_agrees_with_a_vector_whatever_the_order() {
        for world in 0..100 {
            let draws = Chance::new(world).stream(Stream::World, 0);
            let mut n = 0;
            let mut draw = || {
                n += 1;
                draws.nth(n)
            };
            let bits = 1 + draw() % 40;
            let start = number(draw(), 60);
            let (mut column, mut model) = (RisingColumn::new(), Vec::<Option<u64>>::new());
            for _ in 0..3000 {
                let value = start + number(draw(), bits) + model.len() as u64 * (world % 3);
                let index = draw() % (model.len() as u64 + 1 + draw() % 2 * (draw() % 600));
                match draw() % 32 {
                    0..20 => {
                        column.push(value);
                        model.push(Some(value));
                    }
                    20..28 => {
                        model.resize(model.len().max(index as usize + 1), None);
                        column.put(index, value);
                        model[index as usize] = Some(value);
                    }
                    28 if draw() % 8 == 0 => {
                        column.truncate(index);
                        model.truncate(index as usize);
                    }
                    29 => column = column.clone(),
                    _ => {}
                }
                assert_eq!(column.get_opt(index), model.get(index as usize).copied().flatten());
                assert_eq!(column.len(), model.len() as u64);
            }
            assert!((0..column.len()).map(|index| column.get_opt(index)).eq(model), "world {world}");
        }
    }

    #[test]
    fn every_width_keeps_its_limits() {
        for limit in [0xfe_u64, 0xff, 0xfffe, 0xffff, 0xffff_fffe, 0xffff_ffff, u64::MAX - 1] {
            for around in [limit - 1, limit, limit.saturating_add(1).min(u64::MAX - 1)] {
                let mut column = Column::new();
                column.push(0);
                column.push(around);
                column.push_absent();
                assert!(column.iter().eq([Some(0), Some(around), None]), "{around}");
            }
        }
        // The one number that has no room, as documented.
        let mut column = Column::new();
        column.push(u64::MAX);
        assert_eq!(column.get_opt(0), Some(u64::MAX - 1));
    }

    #[test]
    fn instants_come_back() {
        let mut column = TimeColumn::new();
        let at = |n: u64| Instant(1_000_000_007 * n);
        (0..1000).for_each(|n| column.push(at(n)));
        column.put(1500, Instant::MAX);
        column.put(1400, Instant::ZERO);
        assert!((0..1000).all(|n| column.get_opt(n) == Some(at(n))));
        assert_eq!(column.get_opt(1000), None);
        assert_eq!(column.get(1500), Instant::MAX);
        assert_eq!(column.get_opt(1400), Some(Instant::ZERO));
        assert_eq!(column.get(9999), Instant::ZERO);
        column.truncate(500);
        assert_eq!((column.len(), column.get_opt(500), column.get(499)), (500, None, at(499)));
    }

    #[test]
    fn a_clone_shares_its_pages_until_one_of_the_two_writes() {
        let mut column = Column::new();
        (0..10 * PAGE as u64).for_each(|n| column.push(n));
        let copy = column.clone();
        column.set(5, 1);
        column.push(7);
        // Writing what is there already copies nothing.
        column.set(PAGE as u64, PAGE as u64);
        assert_eq!((copy.get(5), copy.len(), column.get(5)), (5, 10 * PAGE as u64, 1));
        let shared = column.pages.iter().zip(&copy.pages).filter(|pair| match pair {
            (Page::U8(one), Page::U8(other)) => Rc::ptr_eq(one, other),
            (Page::U16(one), Page::U16(other)) => Rc::ptr_eq(one, other),
            _ => false,
        });
        assert_eq!(shared.count(), 9);
    }

    #[test]
    fn costs_little_more_than_its_numbers_need() {
        let per_entry = |bytes: usize, entries: u64| bytes as f64 / entries as f64;
        let entries = 100_000_u64;
        for (value, width) in [(1, 1.0), (254, 1.0), (255, 2.0), (60_000, 2.0), (70_000, 4.0), (1 << 40, 8.0)]
        {
            let mut column = Column::new();
            (0..entries).for_each(|n| column.push(value * (n % 2)));
            let each = per_entry(column.bytes(), entries);
            // Page header and pointer, and what the row of pointers has to spare.
            assert!((width..width + 0.21).contains(&each), "{value}: {each}");
        }
        // Instants 2 ms apart, as in a queue that takes 500 messages a second. What was there before leaves no trace.
        let mut column = TimeColumn::new();
        column.push(Instant::ZERO);
        column.truncate(0);
        (0..entries).for_each(|n| column.push(Instant(1 << 40) + Span(2000) * n));
        let each = per_entry(column.bytes(), entries);
        assert!((4.0..4.3).contains(&each), "{each}");
        // What was never written, or is all the same, costs a pointer per page.
        let mut column = Column::new();
        column.put(entries, 1);
        (0..entries).for_each(|_| column.push(1 << 50));
        assert!(per_entry(column.bytes(), 2 * entries) < 0.1);
    }
}
