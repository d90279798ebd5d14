//! What is kept for ever and can yet go back: to a mark that was set on the way, and forward again to a later one.
//!
//! Whatever is kept only grows, apart from few entries that are written again later. So a mark needs two numbers, how
//! long the thing was and how many of its earlier entries had been changed so far. Each change after a mark of what was
//! there at the mark is written down with what stood there before; to go back is to take those changes back, the last
//! one first, and to put aside what was added. To go forward is to do them again, so nothing of it is lost: what lies
//! ahead stays as it was, however often somebody goes back and does the same things again.
//!
//! One stands either at the end, where all is new (`ahead` is false), or on a mark with later marks ahead. There what is
//! done is the same again and lasts until one goes to a mark, unless what lies ahead is forgotten.

use std::collections::BTreeMap;
use std::ops::{Deref, DerefMut};

/// Where something kept stood when a mark was set.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Place {
    pub(super) len: u32,
    pub(super) changes: u32,
}

impl Place {
    pub(super) fn new(len: usize, changes: usize) -> Self {
        Self { len: len as u32, changes: changes as u32 }
    }
}

/// What can go back to a mark.
pub trait Kept {
    /// Sets a mark; nothing may lie ahead.
    fn mark(&mut self) -> Place;

    /// Goes to a mark. If later marks are `ahead`, what lies beyond it is kept aside; else it is gone.
    fn go(&mut self, to: Place, ahead: bool);

    /// What lies ahead is not wanted any more: from here on all is new.
    fn forget_ahead(&mut self);

    /// All marks are void; nothing may lie ahead.
    fn unmark(&mut self);

    /// Bytes that are held to go back and forward.
    fn history_bytes(&self) -> usize;
}

/// Changes of what was there at a mark, in order, each with what stood there before; once taken back, with what stands
/// there after it.
#[derive(Clone, Debug)]
pub(super) struct Tape<R> {
    changes: Vec<R>,
    /// How many of them are done.
    done: usize,
    /// Is what is done now only the same again?
    pub(super) is_again: bool,
    again: Vec<R>,
}

impl<R> Default for Tape<R> {
    fn default() -> Self {
        Self { changes: Vec::new(), done: 0, is_again: false, again: Vec::new() }
    }
}

impl<R> Tape<R> {
    pub(super) fn len(&self) -> usize {
        self.changes.len()
    }

    pub(super) fn note(&mut self, change: R) {
        if self.is_again { self.again.push(change) } else { self.changes.push(change) }
    }

    /// Takes back or does what lies between here and there; `swap` exchanges what a change holds for what is there.
    pub(super) fn go(&mut self, to: usize, ahead: bool, mut swap: impl FnMut(&mut R)) {
        self.again.drain(..).rev().for_each(|mut change| swap(&mut change));
        let here = if self.is_again { self.done } else { self.changes.len() };
        if to < here {
            self.changes[to..here].iter_mut().rev().for_each(&mut swap);
        } else {
            self.changes[here..to].iter_mut().for_each(&mut swap);
        }
        if !ahead {
            self.changes.truncate(to);
        }
        self.done = to;
        self.is_again = ahead;
    }

    pub(super) fn forget_ahead(&mut self) {
        if self.is_again {
            self.changes.truncate(self.done);
            self.changes.append(&mut self.again);
            self.is_again = false;
        }
    }

    pub(super) fn bytes(&self) -> usize {
        (self.changes.capacity() + self.again.capacity()) * size_of::<R>()
    }
}

/// A list that grows. Its items may be written again with [`set`](Self::set); an item that can itself go back is changed
/// in place, and is asked to go back by whoever goes through the list.
#[derive(Clone)]
pub struct Shelf<T> {
    items: Vec<T>,
    /// How many there were at the mark.
    marked: usize,
    history: Option<Box<ShelfHistory<T>>>,
}

#[derive(Clone)]
struct ShelfHistory<T> {
    tape: Tape<(u32, T)>,
    ahead: Vec<T>,
}

impl<T> Shelf<T> {
    /// Adds an item at the end.
    pub fn push(&mut self, item: T) {
        self.items.push(item);
    }

    /// Writes item `index` again.
    pub fn set(&mut self, index: usize, item: T) {
        let before = std::mem::replace(&mut self.items[index], item);
        if index < self.marked {
            self.history().tape.note((index as u32, before));
        }
    }

    /// Ends before item `len`. Marks are void after that (see [`Kept::unmark`]).
    pub fn cut(&mut self, len: usize) {
        self.items.truncate(len);
    }

    /// Bytes held on the heap, unused room included; what the items hold themselves is not counted.
    pub fn bytes(&self) -> usize {
        self.items.capacity() * size_of::<T>()
    }

    fn history(&mut self) -> &mut ShelfHistory<T> {
        self.history
            .get_or_insert_with(|| Box::new(ShelfHistory { tape: Tape::default(), ahead: Vec::new() }))
    }
}

impl<T> Kept for Shelf<T> {
    fn mark(&mut self) -> Place {
        self.marked = self.items.len();
        Place::new(self.marked, self.history.as_ref().map_or(0, |history| history.tape.len()))
    }

    fn go(&mut self, to: Place, ahead: bool) {
        self.history();
        let (items, marked, len) = (&mut self.items, &mut self.marked, to.len as usize);
        let Some(history) = &mut self.history else { return };
        if history.tape.is_again {
            items.truncate(*marked);
            items.append(&mut history.ahead);
        }
        history.tape.go(to.changes as usize, ahead, |(index, item)| {
            std::mem::swap(&mut items[*index as usize], item);
        });
        if ahead {
            history.ahead = items.split_off(len);
        } else {
            items.truncate(len);
        }
        *marked = len;
    }

    fn forget_ahead(&mut self) {
        if let Some(history) = &mut self.history {
            history.tape.forget_ahead();
            history.ahead = Vec::new();
        }
    }

    fn unmark(&mut self) {
        (self.marked, self.history) = (0, None);
    }

    fn history_bytes(&self) -> usize {
        let Some(history) = &self.history else { return 0 };
        history.tape.bytes() + history.ahead.capacity() * size_of::<T>()
    }
}

impl<T> Default for Shelf<T> {
    fn default() -> Self {
        Self { items: Vec::new(), marked: 0, history: None }
    }
}

impl<T> From<Vec<T>> for Shelf<T> {
    fn from(items: Vec<T>) -> Self {
        Self { items, ..Self::default() }
    }
}

impl<T> Deref for Shelf<T> {
    type Target = [T];

    fn deref(&self) -> &[T] {
        &self.items
    }
}

/// For items that can go back themselves.
impl<T> DerefMut for Shelf<T> {
    fn deref_mut(&mut self) -> &mut [T] {
        &mut self.items
    }
}

impl<'a, T> IntoIterator for &'a Shelf<T> {
    type Item = &'a T;
    type IntoIter = std::slice::Iter<'a, T>;

    fn into_iter(self) -> Self::IntoIter {
        self.items.iter()
    }
}

/// What is on it now, whatever lies ahead.
impl<T: std::fmt::Debug> std::fmt::Debug for Shelf<T> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.items.fmt(f)
    }
}

/// A map to which entries are added, and in which they may be written again.
#[derive(Clone)]
pub struct Register<K, V> {
    map: BTreeMap<K, V>,
    /// Was a mark ever set?
    is_marked: bool,
    tape: Tape<(K, Option<V>)>,
}

impl<K: Ord + Copy, V> Register<K, V> {
    /// Writes an entry; what stood there before.
    pub fn insert(&mut self, key: K, value: V) -> Option<V>
    where
        V: Clone,
    {
        let before = self.map.insert(key, value);
        if self.is_marked {
            self.tape.note((key, before.clone()));
        }
        before
    }

    /// Takes an entry away. Marks are void after that (see [`Kept::unmark`]).
    pub fn cut(&mut self, key: &K) {
        self.map.remove(key);
    }

    /// Bytes held on the heap, roughly; what the values hold themselves is not counted.
    pub fn bytes(&self) -> usize {
        self.map.len() * size_of::<(K, V)>()
    }
}

impl<K: Ord + Copy, T: Clone> Register<K, Vec<T>> {
    /// Adds to the list of an entry.
    pub fn push(&mut self, key: K, item: T) {
        if self.is_marked {
            self.tape.note((key, self.map.get(&key).cloned()));
        }
        self.map.entry(key).or_default().push(item);
    }
}

impl<K: Ord + Copy, V> Kept for Register<K, V> {
    fn mark(&mut self) -> Place {
        self.is_marked = true;
        Place::new(0, self.tape.len())
    }

    fn go(&mut self, to: Place, ahead: bool) {
        let map = &mut self.map;
        self.tape.go(to.changes as usize, ahead, |(key, value)| {
            *value = match value.take() {
                Some(value) => map.insert(*key, value),
                None => map.remove(key),
            };
        });
    }

    fn forget_ahead(&mut self) {
        self.tape.forget_ahead();
    }

    fn unmark(&mut self) {
        (self.is_marked, self.tape) = (false, Tape::default());
    }

    fn history_bytes(&self) -> usize {
        self.tape.bytes()
    }
}

impl<K, V> Default for Register<K, V> {
    fn default() -> Self {
        Self { map: BTreeMap::new(), is_marked: false, tape: Tape::default() }
    }
}

impl<K, V> Deref for Register<K, V> {
    type Target = BTreeMap<K, V>;

    fn deref(&self) -> &BTreeMap<K, V> {
        &self.map
    }
}

/// What is in it now, whatever lies ahead.
impl<K: std::fmt::Debug, V: std::fmt::Debug> std::fmt::Debug for Register<K, V> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.map.fmt(f)
    }
}

#[cfg(test)]
mod tests;
