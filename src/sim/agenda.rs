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

use std::fmt;

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

/// How many nodes the upper part of the tree has, which every agenda has: six levels of choices. Their number being
/// known, they become straight code that needs no checks.
const TOP: usize = 128;

/// No slot has this number.
const NONE: u32 = u32::MAX;

/// The event list.
#[derive(Clone)]
pub struct Agenda {
    /// Node 1 is the root, the children of `i` are `2i` and `2i + 1`, the upper half are the leaves.
    tree: Vec<u64>,
    /// The slot that was taken off last while its leaf still stands, or [`NONE`]. What is taken is most often put
    /// back at once (the next message, the next job): waiting for that replays its path once and not twice.
    taken: u32,
    /// Slots given out so far.
    slots: u32,
}

impl Agenda {
    /// The most slots an agenda can have.
    pub const SLOTS_MAX: u32 = 1 << SLOT_BITS;

    /// An agenda without slots.
    pub fn new() -> Self {
        Self { tree: vec![IDLE; TOP], taken: NONE, slots: 0 }
    }

    /// A new slot, not pending: the next number. `None` once there are [`SLOTS_MAX`](Self::SLOTS_MAX).
    pub fn add_slot(&mut self) -> Option<Slot> {
        if self.slots == Self::SLOTS_MAX {
            return None;
        }
        if self.slots as usize == self.capacity() {
            self.grow();
        }
        self.slots += 1;
        Some(Slot(self.slots - 1))
    }

    /// Puts a slot on the agenda, or moves it if it is there. At [`Instant::MAX`] or later means never: the slot is
    /// then not pending.
    #[inline(always)]
    pub fn schedule(&mut self, slot: Slot, at: Instant) {
        self.taken = if self.taken == slot.0 { NONE } else { self.taken };
        self.replay(slot, key(slot, at));
    }

    /// Takes a slot off the agenda; nothing changes if it is not there.
    #[inline]
    pub fn cancel(&mut self, slot: Slot) {
        if self.taken == slot.0 {
            return;
        }
        if self.taken == NONE && entry(self.tree[1]).is_some_and(|(_, first)| first == slot) {
            self.taken = slot.0;
        } else {
            self.replay(slot, IDLE);
        }
    }

    /// What is next, without taking it.
    #[inline]
    pub fn peek(&self) -> Option<(Instant, Slot)> {
        match entry(self.tree[1]) {
            Some((_, slot)) if slot.0 == self.taken => entry(self.first_without(slot)),
            next => next,
        }
    }

    /// Takes what is next.
    #[inline]
    pub fn pop(&mut self) -> Option<(Instant, Slot)> {
        self.pop_until(Instant::MAX)
    }

    /// Takes what is next, unless that is later than `limit`. The best way to run: a slot that is put back before the
    /// next call costs one replay in all.
    #[inline(always)]
    pub fn pop_until(&mut self, limit: Instant) -> Option<(Instant, Slot)> {
        if self.taken != NONE {
            self.replay(Slot(self.taken), IDLE);
            self.taken = NONE;
        }
        let next = entry(self.tree[1]).filter(|(at, _)| *at <= limit)?;
        self.taken = next.1.0;
        Some(next)
    }

    /// When a slot is due, if it is pending.
    #[inline]
    pub fn time_of(&self, slot: Slot) -> Option<Instant> {
        let leaf = self.tree[self.capacity() + slot.index()];
        entry(leaf).filter(|_| slot.0 != self.taken).map(|(at, _)| at)
    }

    /// How many slots are pending. This counts them: for a table now and then, not for every event.
    pub fn len(&self) -> usize {
        let standing = self.tree[self.capacity()..].iter().filter(|key| **key != IDLE).count();
        standing - usize::from(self.taken != NONE)
    }

    /// Is nothing pending?
    pub fn is_empty(&self) -> bool {
        self.peek().is_none()
    }

    /// How many slots were given out: every slot's index is below it.
    pub fn slots(&self) -> usize {
        self.slots as usize
    }

    /// Bytes held on the heap.
    pub fn bytes(&self) -> usize {
        self.tree.capacity() * size_of::<u64>()
    }

    /// How many leaves the tree has.
    fn capacity(&self) -> usize {
        self.tree.len() / 2
    }

    /// Sets a leaf and brings the nodes above it up to date: always the whole path. Stopping where nothing changes
    /// any more saves steps and costs a branch nobody can predict, which is dearer for less than thousands of slots.
    #[inline(always)]
    fn replay(&mut self, slot: Slot, mut key: u64) {
        debug_assert!(slot.0 < self.slots, "a slot of another agenda");
        let tree = self.tree.as_mut_slice();
        let mut node = tree.len() / 2 + slot.index();
        if tree.len() > TOP {
            (node, key) = climb(tree, node, key);
        }
        if let Some(top) = tree.first_chunk_mut::<TOP>() {
            node %= TOP;
            top[node] = key;
            for _ in 0..TOP.ilog2() - 1 {
                key = earlier(top[node ^ 1], key);
                node /= 2;
                top[node] = key;
            }
        }
    }

    /// The least key of all slots but one: a replay that writes nothing.
    fn first_without(&self, slot: Slot) -> u64 {
        let (mut key, mut node) = (IDLE, self.capacity() + slot.index());
        while node > 1 {
            key = key.min(self.tree[node ^ 1]);
            node /= 2;
        }
        key
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

/// Says what is on it. That may stand in several ways: what was taken last stays until the next round.
impl fmt::Debug for Agenda {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let pending = (0..self.slots).filter_map(|slot| Some((slot, self.time_of(Slot(slot))?)));
        f.debug_struct("Agenda")
            .field("slots", &self.slots)
            .field("pending", &pending.collect::<Vec<_>>())
            .finish()
    }
}

impl Default for Agenda {
    fn default() -> Self {
        Self::new()
    }
}

/// Sets a leaf and brings the nodes above it up to date, up to the upper part of the tree: the node there, and the key
/// to set it to.
fn climb(tree: &mut [u64], mut node: usize, mut key: u64) -> (usize, u64) {
    // The length is a power of two, so the mask changes no index; it shows that none can be out of bounds.
    let mask = tree.len() - 1;
    while node >= TOP {
        tree[node & mask] = key;
        key = earlier(tree[(node ^ 1) & mask], key);
        node /= 2;
    }
    (node, key)
}

/// The lesser of two keys. Written out, it becomes a selection; as a call of `min`, a jump.
#[inline(always)]
fn earlier(one: u64, other: u64) -> u64 {
    if one < other { one } else { other }
}

/// The key of a slot that is due at an instant; of one that never is, [`IDLE`].
#[inline(always)]
fn key(slot: Slot, at: Instant) -> u64 {
    if at < Instant::MAX { at.0 << SLOT_BITS | u64::from(slot.0) } else { IDLE }
}

/// What a key stands for.
#[inline(always)]
fn entry(key: u64) -> Option<(Instant, Slot)> {
    if key == IDLE {
        return None;
    }
    Some((Instant(key >> SLOT_BITS), Slot((key & u64::from(Agenda::SLOTS_MAX - 1)) as u32)))
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;
    use crate::sim::{Chance, Span, Stream};

    fn with_slots(n: usize) -> (Agenda, Vec<Slot>) {
        let mut agenda = Agenda::new();
        let slots = (0..n).map(|_| agenda.add_slot().expect("room")).collect();
        (agenda, slots)
    }

    fn rest(agenda: &mut Agenda) -> Vec<(u64, u32)> {
        std::iter::from_fn(|| agenda.pop()).map(|(at, slot)| (at.0, slot.0)).collect()
    }

    #[test]
    fn earlier_comes_first() {
        let (mut agenda, slots) = with_slots(4);
        for (slot, us) in slots.iter().zip([30, 10, 40, 20]) {
            agenda.schedule(*slot, Instant(us));
        }
        assert_eq!(rest(&mut agenda), [(10, 1), (20, 3), (30, 0), (40, 2)]);
        assert!(agenda.is_empty());
        assert_eq!(agenda.pop(), None);
    }

    #[test]
    fn equal_instants_come_in_slot_order_however_they_were_scheduled() {
        let (mut agenda, slots) = with_slots(100);
        let draws = Chance::new(1).stream(Stream::World, 0);
        for round in 0..20 {
            let mut order = slots.clone();
            order.sort_by_key(|slot| draws.nth(100 * round + u64::from(slot.0)));
            for slot in &order {
                agenda.schedule(*slot, Instant(draws.below(u64::from(slot.0), 7)));
            }
            for slot in &order {
                agenda.schedule(*slot, Instant(5));
            }
            assert_eq!(rest(&mut agenda), (0..100).map(|slot| (5, slot)).collect::<Vec<_>>());
        }
    }

    #[test]
    fn a_lower_slot_scheduled_for_this_very_instant_still_comes_next() {
        let (mut agenda, slots) = with_slots(3);
        agenda.schedule(slots[1], Instant(5));
        agenda.schedule(slots[2], Instant(5));
        assert_eq!(agenda.pop(), Some((Instant(5), slots[1])));
        agenda.schedule(slots[0], Instant(5));
        agenda.schedule(slots[1], Instant(5));
        assert_eq!(rest(&mut agenda), [(5, 0), (5, 1), (5, 2)]);
    }

    #[test]
    fn scheduling_again_moves_and_cancelling_removes() {
        let (mut agenda, slots) = with_slots(3);
        for slot in &slots {
            agenda.schedule(*slot, Instant(10));
        }
        agenda.schedule(slots[0], Instant(30));
        agenda.cancel(slots[1]);
        agenda.cancel(slots[1]);
        assert_eq!(agenda.time_of(slots[0]), Some(Instant(30)));
        assert_eq!(agenda.time_of(slots[1]), None);
        assert_eq!(agenda.len(), 2);
        assert_eq!(rest(&mut agenda), [(10, 2), (30, 0)]);
    }

    #[test]
    fn nothing_later_than_the_limit_is_taken() {
        let (mut agenda, slots) = with_slots(2);
        agenda.schedule(slots[0], Instant(10));
        agenda.schedule(slots[1], Instant(20));
        assert_eq!(agenda.pop_until(Instant(9)), None);
        assert_eq!(agenda.pop_until(Instant(10)), Some((Instant(10), slots[0])));
        assert_eq!(agenda.pop_until(Instant(10)), None);
        assert_eq!(agenda.peek(), Some((Instant(20), slots[1])));
    }

    #[test]
    fn the_end_of_time_never_comes() {
        let (mut agenda, slots) = with_slots(2);
        for never in [Instant::NEVER, Instant(u64::MAX), Instant::ZERO + Span::FOREVER] {
            agenda.schedule(slots[0], Instant(1));
            agenda.schedule(slots[0], never);
            assert_eq!((agenda.time_of(slots[0]), agenda.peek(), agenda.len()), (None, None, 0));
        }
        agenda.schedule(slots[1], Instant(Instant::MAX.0 - 1));
        assert_eq!(rest(&mut agenda), [((1 << 44) - 2, 1)]);
    }

    #[test]
    fn there_are_2_to_the_20_slots_and_the_last_is_as_good_as_any() {
        let (mut agenda, slots) = with_slots(1 << 20);
        assert_eq!(agenda.add_slot(), None);
        let last = slots[slots.len() - 1];
        // An empty agenda's keys are all ones, as this slot's number is.
        agenda.cancel(last);
        assert_eq!((agenda.peek(), agenda.len()), (None, 0));
        agenda.schedule(last, Instant(Instant::MAX.0 - 1));
        agenda.schedule(slots[0], Instant(3));
        assert_eq!(rest(&mut agenda), [(3, 0), ((1 << 44) - 2, (1 << 20) - 1)]);
    }

    #[test]
    fn agrees_with_a_sorted_map_in_random_worlds() {
        for world in 0..200 {
            let draws = Chance::new(world).stream(Stream::World, 0);
            let mut n = 0;
            let mut draw = |bound| {
                n += 1;
                draws.below(n, bound)
            };
            let (mut agenda, mut slots) = with_slots(1 + draw(40) as usize);
            // By slot: when it is due.
            let mut due = BTreeMap::new();
            let spread = 1 + draw(1000);
            for _ in 0..2000 {
                let slot = slots[draw(slots.len() as u64) as usize];
                let first = due.iter().map(|(slot, at)| (*at, *slot)).min();
                match draw(11) {
                    0..5 => {
                        let at = Instant(draw(spread));
                        agenda.schedule(slot, at);
                        due.insert(slot, at);
                    }
                    5 => {
                        agenda.cancel(slot);
                        due.remove(&slot);
                    }
                    6 => {
                        // The very next one, which is the special case of a cancellation.
                        if let Some((_, slot)) = first {
                            agenda.cancel(slot);
                            due.remove(&slot);
                        }
                    }
                    7 => {
                        let limit = Instant(draw(spread));
                        let expected = first.filter(|(at, _)| *at <= limit);
                        assert_eq!(agenda.pop_until(limit), expected);
                        due.retain(|slot, _| expected.is_none_or(|(_, first)| first != *slot));
                    }
                    8 => {
                        // Taken and put back at once.
                        assert_eq!(agenda.pop(), first);
                        if let Some((at, slot)) = first {
                            let at = at + Span(draw(10));
                            agenda.schedule(slot, at);
                            due.insert(slot, at);
                        }
                    }
                    9 if slots.len() < 300 => slots.extend(agenda.add_slot()),
                    _ => agenda = agenda.clone(),
                }
                assert_eq!(agenda.peek(), due.iter().map(|(slot, at)| (*at, *slot)).min());
                assert_eq!(agenda.time_of(slot), due.get(&slot).copied());
                assert_eq!(agenda.len(), due.len());
                assert_eq!(agenda.is_empty(), due.is_empty());
            }
        }
    }
}
