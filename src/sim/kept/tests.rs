//! What is kept, going back and forward at random: always as if it had come straight there.

use std::fmt::Debug;

use super::*;
use crate::sim::{Chance, Column, Instant, RisingColumn, Stream, TimeColumn};

/// What is done to a thing: write this entry, absent if there is no number.
type Deed = (u64, Option<u64>);

/// A thing, what was done to it until now, and the deeds that lie ahead.
struct Run<T> {
    thing: T,
    deeds: Vec<Deed>,
    at: usize,
    /// Where marks are: after how many deeds.
    marks: Vec<(usize, Place)>,
    /// The mark that was passed last.
    last: usize,
    act: fn(&mut T, Deed),
}

impl<T: Kept + Default + Debug> Run<T> {
    fn is_ahead(&self) -> bool {
        self.last + 1 < self.marks.len()
    }

    /// Does so many deeds, the same again or new ones.
    fn go_on(&mut self, deeds: usize, mut next: impl FnMut(&T) -> Deed) {
        for _ in 0..deeds {
            if self.at == self.deeds.len() {
                self.deeds.push(next(&self.thing));
            }
            (self.act)(&mut self.thing, self.deeds[self.at]);
            self.at += 1;
            if self.is_ahead() && self.marks[self.last + 1].0 == self.at {
                self.last += 1;
                let place = self.marks[self.last].1;
                self.thing.go(place, self.is_ahead());
            }
        }
    }

    fn mark(&mut self) {
        if !self.is_ahead() && self.marks.last().is_none_or(|mark| mark.0 < self.at) {
            self.marks.push((self.at, self.thing.mark()));
            self.last = self.marks.len() - 1;
        }
    }

    fn go(&mut self, mark: usize) {
        self.last = mark;
        let (at, place) = self.marks[mark];
        self.thing.go(place, self.is_ahead());
        self.at = at;
    }

    fn forget_ahead(&mut self) {
        self.thing.forget_ahead();
        self.marks.truncate(self.last + 1);
        self.deeds.truncate(self.at);
    }

    fn check(&self, world: u64) {
        let mut straight = T::default();
        self.deeds[..self.at].iter().for_each(|deed| (self.act)(&mut straight, *deed));
        assert_eq!(format!("{:?}", self.thing), format!("{straight:?}"), "world {world} after {}", self.at);
    }
}

/// Goes back and forward in so many worlds, with writes at most so far from the end.
fn travel<T: Kept + Default + Debug>(act: fn(&mut T, Deed), len: fn(&T) -> u64) {
    for world in 0..25 {
        let draws = Chance::new(world).stream(Stream::World, 0);
        let mut n = 0;
        let mut draw = |below: u64| {
            n += 1;
            draws.below(n, below)
        };
        let (bits, spread) = (1 + draw(50), [4, 40, 600, 4000][draw(4) as usize]);
        let mut run = Run { thing: T::default(), deeds: Vec::new(), at: 0, marks: Vec::new(), last: 0, act };
        run.mark();
        for _ in 0..60 {
            match draw(8) {
                0 | 1 => run.mark(),
                2..5 => {
                    let mark = draw(run.marks.len() as u64) as usize;
                    run.go(mark);
                }
                5 if draw(3) == 0 => run.forget_ahead(),
                _ => {}
            }
            run.check(world);
            let deeds = draw(400) as usize;
            run.go_on(deeds, |thing| {
                let len = len(thing);
                let index = if draw(4) > 0 { len } else { len.saturating_sub(draw(spread)) };
                let value = draw(1 << bits) + index * (world % 3);
                (index + draw(2) * draw(3), (draw(20) > 0).then_some(value))
            });
            run.check(world);
        }
    }
}

#[test]
fn a_column_is_as_if_it_had_come_straight_there() {
    let act = |column: &mut Column, (index, value): Deed| match value {
        Some(value) => column.put(index, value),
        None => column.clear(index),
    };
    travel(act, Column::len);
}

#[test]
fn so_is_one_that_rises() {
    let act = |column: &mut RisingColumn, (index, value): Deed| column.put(index, value.unwrap_or(7));
    travel(act, RisingColumn::len);
    let act = |column: &mut TimeColumn, (index, value): Deed| column.put(index, Instant(value.unwrap_or(7)));
    travel(act, TimeColumn::len);
}

#[test]
fn so_is_a_shelf() {
    let act = |shelf: &mut Shelf<u64>, (index, value): Deed| match value {
        Some(value) if (index as usize) < shelf.len() => shelf.set(index as usize, value),
        _ => shelf.push(index),
    };
    travel(act, |shelf| shelf.len() as u64);
}

#[test]
fn so_is_a_register() {
    let act = |register: &mut Register<u64, u64>, (index, value): Deed| {
        register.insert(index, value.unwrap_or_default());
    };
    travel(act, |register| register.len() as u64);
    let act = |register: &mut Register<u64, Vec<u64>>, (index, value): Deed| match value {
        Some(value) => register.push(index, value),
        None => {
            register.insert(index, vec![index]);
        }
    };
    travel(act, |register| register.len() as u64);
}

/// What is written again after a mark costs memory, what is added costs none.
#[test]
fn only_changes_are_noted() {
    let mut column = Column::new();
    (0..100_000).for_each(|n| column.push(n % 200));
    column.mark();
    (0..100_000).for_each(|n| column.push(n % 200));
    assert_eq!(column.history_bytes(), 0);
    (0..100).for_each(|n| column.set(n, 201));
    (0..100).for_each(|n| column.set(n, 201));
    assert!((1600..4000).contains(&column.history_bytes()), "{}", column.history_bytes());
}
