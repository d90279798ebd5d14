//! Sorting with one sorting routine for the whole program: the standard library's is some eight thousand bytes for each
//! type that it sorts and for each way to compare, which is more than most of the code that wants something sorted.

use std::cmp::Ordering;

/// Sorts by a key and leaves equal ones in their order. Where much is sorted often, the standard library's is faster.
pub fn sort_by_key<T, K: Ord>(items: &mut [T], key: impl Fn(&T) -> K) {
    let order = order(items.len(), &|one, other| key(&items[one]).cmp(&key(&items[other])));
    for index in 0..order.len() {
        // What belongs here may have been exchanged for something that came to stand earlier.
        let mut from = order[index];
        while from < index {
            from = order[from];
        }
        items.swap(index, from);
    }
}

/// The indexes of so many things, sorted.
fn order(len: usize, compare: &dyn Fn(usize, usize) -> Ordering) -> Vec<usize> {
    let mut order: Vec<usize> = (0..len).collect();
    order.sort_by(|one, other| compare(*one, *other));
    order
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sim::{Chance, Stream};

    #[test]
    fn it_sorts_as_the_standard_library_does() {
        for len in 0..200_u64 {
            let draws = Chance::new(len).stream(Stream::World, 0);
            let mut ours: Vec<(u64, u64)> = (0..len).map(|n| (draws.below(n, 1 + len / 2), n)).collect();
            let mut theirs = ours.clone();
            sort_by_key(&mut ours, |item| item.0);
            theirs.sort_by_key(|item| item.0);
            assert_eq!(ours, theirs);
        }
    }
}
