//! The agenda: what is going to happen next, in a stable order.
//!
//! Whatever can be waited for has a [`Slot`] of its own and at most one instant at which it is due; putting it on the
//! agenda again moves it. The instants stand in a winner (tournament) tree: the leaves are the slots, every node above
//! holds the earlier of its two children, the root what is next. A change replays one path from leaf to root.
//!
//! # Order
//! Entries are taken by instant, and **at equal instants by slot**, the lower slot first. Slots are numbered in order
//! of creation, so what was created first happens first. This does not depend on when or in which order things were
//! scheduled, nor on what else was ever on the agenda.
//!
//! # Limits
//! Instant and slot share one 64-bit key, `instant << 20 | slot`, because comparing one word is what makes it fast.
//! Instants reach to [`Instant::MAX`], 203 days; what is scheduled for then or later never happens. There are at most
//! 2^20 slots ([`Agenda::SLOTS_MAX`]); then [`Agenda::add_slot`] says `None`.

use std::collections::BTreeSet;

use super::instant::Instant;

/// A place on the agenda, given by [`Agenda::add_slot`] and good for that agenda and its clones.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Slot(u32);

impl Slot {
    /// Its number: slots are numbered from 0 in order of creation.
    pub const fn index(self) -> usize {
        self.0 as usize
    }
}

/// How many bits of a key the slot takes.
const SLOT_BITS: u32 = 20;

/// The key of a leaf that is not pending: later than every other.
const IDLE: u64 = u64::MAX;

/// The event list.
#[derive(Clone, Debug)]
pub struct Agenda {
    /// Node 1 is the root, the children of `i` are `2i` and `2i + 1`, the upper half are the leaves.
    tree: Vec<u64>,
    /// Slots given out so far, freed ones included.
    slots: u32,
    /// Slots that were freed and not given out again.
    free: BTreeSet<Slot>,
}

impl Agenda {
    /// The most slots an agenda can have.
    pub const SLOTS_MAX: u32 = 1 << SLOT_BITS;

    /// An agenda without slots.
    pub fn new() -> Self {
        Self { tree: vec![IDLE; 2], slots: 0, free: BTreeSet::new() }
    }

    /// A new slot, not pending: the lowest freed one if there is any, else the next number. `None` once there are
    /// [`SLOTS_MAX`](Self::SLOTS_MAX).
    pub fn add_slot(&mut self) -> Option<Slot> {
        if let Some(slot) = self.free.pop_first() {
            return Some(slot);
        }
        if self.slots == Self::SLOTS_MAX {
            return None;
        }
        if self.slots as usize == self.capacity() {
            self.grow();
        }
        self.slots += 1;
        Some(Slot(self.slots - 1))
    }

    /// Gives a slot back, cancelling it; a later [`add_slot`](Self::add_slot) may hand it out again.
    pub fn free_slot(&mut self, slot: Slot) {
        self.cancel(slot);
        self.free.insert(slot);
    }

    /// Puts a slot on the agenda, or moves it if it is there. At [`Instant::MAX`] or later means never: the slot is
    /// then cancelled.
    #[inline]
    pub fn schedule(&mut self, slot: Slot, at: Instant) {
        let key = if at < Instant::MAX { at.0 << SLOT_BITS | u64::from(slot.0) } else { IDLE };
        self.replay(slot, key);
    }

    /// Takes a slot off the agenda; nothing changes if it is not there.
    #[inline]
    pub fn cancel(&mut self, slot: Slot) {
        self.replay(slot, IDLE);
    }

    /// What is next, without taking it: reschedule or cancel its slot to go on. A loop that reschedules the winner
    /// itself replays one path per event; [`pop`](Self::pop) and a `schedule` after it replay two.
    #[inline]
    pub fn peek(&self) -> Option<(Instant, Slot)> {
        entry(self.tree[1])
    }

    /// Takes what is next.
    #[inline]
    pub fn pop(&mut self) -> Option<(Instant, Slot)> {
        let next = self.peek()?;
        self.cancel(next.1);
        Some(next)
    }

    /// When a slot is due, if it is pending.
    #[inline]
    pub fn time_of(&self, slot: Slot) -> Option<Instant> {
        entry(self.tree[self.capacity() + slot.index()]).map(|(at, _)| at)
    }

    /// How many slots are pending. This counts them: for a table now and then, not for every event.
    pub fn len(&self) -> usize {
        self.tree[self.capacity()..].iter().filter(|key| **key != IDLE).count()
    }

    /// Is nothing pending?
    pub fn is_empty(&self) -> bool {
        self.peek().is_none()
    }

    /// How many slots were ever given out, freed ones included: every slot's index is below it.
    pub fn slots(&self) -> usize {
        self.slots as usize
    }

    /// How many leaves the tree has.
    fn capacity(&self) -> usize {
        self.tree.len() / 2
    }

    /// Sets a leaf and brings the nodes above it up to date: always the whole path. Stopping where nothing changes
    /// any more saves steps and costs a branch nobody can predict, which is dearer for less than thousands of slots.
    #[inline]
    fn replay(&mut self, slot: Slot, mut key: u64) {
        debug_assert!(slot.0 < self.slots, "a slot of another agenda");
        let tree = self.tree.as_mut_slice();
        if tree.is_empty() {
            return;
        }
        // The length is a power of two, so the mask changes no index; it shows that none can be out of bounds.
        let mask = tree.len() - 1;
        let mut node = tree.len() / 2 + slot.index();
        tree[node & mask] = key;
        while node > 1 {
            let other = tree[(node ^ 1) & mask];
            key = if other < key { other } else { key };
            node /= 2;
            tree[node & mask] = key;
        }
    }

    /// Doubles the number of leaves.
    fn grow(&mut self) {
        let capacity = self.capacity();
        let mut tree = vec![IDLE; 4 * capacity];
        tree[2 * capacity..3 * capacity].copy_from_slice(&self.tree[capacity..]);
        for node in (1..2 * capacity).rev() {
            tree[node] = tree[2 * node].min(tree[2 * node + 1]);
        }
        self.tree = tree;
    }
}

impl Default for Agenda {
    fn default() -> Self {
        Self::new()
    }
}

/// What a key stands for.
#[inline]
fn entry(key: u64) -> Option<(Instant, Slot)> {
    if key == IDLE {
        return None;
    }
    Some((Instant(key >> SLOT_BITS), Slot((key & u64::from(Agenda::SLOTS_MAX - 1)) as u32)))
}
