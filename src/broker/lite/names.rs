//! Names of lite topics: how a producer chooses them, and how the broker finds them again.

use std::rc::Rc;

use super::super::command::{Command, ConsumerChange, LiteChange};
use super::super::id::{LiteId, TopicId};
use super::super::message::fill_in;
use super::super::producer::ProducerState;
use super::super::spec::{ConsumerSpec, ProducerSpec};
use crate::rules::lite::{Names, check_name};
use crate::sim::{Column, Draws, subject_of};

/// Which lite topic each message of a producer goes to.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize)]
pub enum LiteNames {
    /// A text, filled like the others.
    Text(String),
    /// Names, taken in turn.
    InTurn(Vec<Names>),
    /// Names, each taken by chance.
    ByChance(Vec<Names>),
}

/// The same, made ready.
#[derive(Clone, Debug)]
pub struct LiteNaming {
    names: Rc<LiteNames>,
    /// How many names there are to choose from.
    count: u64,
    luck: Draws,
}

impl LiteNaming {
    pub(in crate::broker) fn of(spec: &ProducerSpec, luck: Draws) -> Option<Self> {
        let names = spec.message.lite_topic.clone()?;
        let count = match &names {
            LiteNames::Text(_) => 0,
            LiteNames::InTurn(all) | LiteNames::ByChance(all) => all.iter().map(Names::count).sum(),
        };
        Some(Self { names: names.into(), count, luck })
    }

    fn name(&self, spec: &ProducerSpec, number: u64) -> String {
        match &*self.names {
            LiteNames::Text(text) => fill_in(spec, text, number),
            LiteNames::InTurn(all) => nth(all, number % self.count.max(1)).unwrap_or_default(),
            LiteNames::ByChance(all) => nth(all, self.luck.below(number, self.count)).unwrap_or_default(),
        }
    }
}

/// The `nth` of all these names.
fn nth(all: &[Names], mut nth: u64) -> Option<String> {
    for names in all {
        if nth < names.count() {
            return Some(names.nth(nth));
        }
        nth -= names.count();
    }
    None
}

impl ProducerState {
    /// The lite topic of its message `number`, if it has one.
    pub fn lite_topic(&self, number: u64) -> Option<String> {
        self.lite.as_ref().map(|naming| naming.name(&self.spec, number))
    }
}

/// Is the name one that the broker takes?
pub fn is_legal(name: &str) -> bool {
    check_name(name).is_ok()
}

/// What a lite topic is told apart by; two have the same once in 2^64.
pub(super) fn key(parent: TopicId, name: &str) -> u64 {
    // A column holds every number but the greatest.
    (subject_of(name) ^ u64::from(parent.0).wrapping_mul(0x9e37_79b9_7f4a_7c15)).min(u64::MAX - 1)
}

/// All names that a consumer is started with.
pub(super) fn wishes(spec: &ConsumerSpec) -> impl Iterator<Item = String> {
    spec.lite_topics.iter().flat_map(|names| (0..names.count()).map(|at| names.nth(at)))
}

/// How many these are.
pub(super) fn wish_count(spec: &ConsumerSpec) -> u64 {
    spec.lite_topics.iter().map(Names::count).sum()
}

/// The `at`-th of all names of lite topics that a command says.
pub(super) fn in_command(command: &Command, mut at: u64) -> Option<String> {
    match command {
        Command::AddGroup(spec) => {
            for consumer in &spec.consumers {
                let count = wish_count(consumer);
                if at < count {
                    return nth(&consumer.lite_topics, at);
                }
                at -= count;
            }
            None
        }
        Command::AddConsumer { consumer, .. } => nth(&consumer.lite_topics, at),
        Command::Consumer { change: ConsumerChange::Lite(change), .. } => {
            let (LiteChange::Add { names, .. } | LiteChange::Remove { names } | LiteChange::All { names }) =
                change;
            nth(names, at)
        }
        _ => None,
    }
}

/// Finds lite topics by their keys: a table with room for a third more, in columns, so that a clone shares it.
#[derive(Clone, Debug, Default)]
pub struct Table {
    /// By number.
    keys: Column,
    /// By place: the number and one more.
    places: Column,
}

impl Table {
    /// The one with this key.
    pub(super) fn find(&self, key: u64) -> Option<LiteId> {
        let mask = self.places.len().checked_sub(1)?;
        let mut place = key & mask;
        loop {
            let id = self.places.get(place).checked_sub(1)?;
            if self.keys.get(id) == key {
                return Some(LiteId(id as u32));
            }
            place = (place + 1) & mask;
        }
    }

    /// Gives the next number to a key that has none.
    pub(super) fn add(&mut self, key: u64) {
        let id = self.keys.len();
        self.keys.push(key);
        if (id + 1) * 4 > self.places.len() * 3 {
            let room = (self.places.len() * 2).max(256);
            self.places = Column::new();
            self.places.put(room - 1, 0);
            (0..id).for_each(|old| self.place(old));
        }
        self.place(id);
    }

    fn place(&mut self, id: u64) {
        let mask = self.places.len() - 1;
        let mut place = self.keys.get(id) & mask;
        while self.places.get(place) > 0 {
            place = (place + 1) & mask;
        }
        self.places.set(place, id + 1);
    }

    /// Bytes of memory it takes.
    pub(super) fn bytes(&self) -> usize {
        self.keys.bytes() + self.places.bytes()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_table_finds_what_was_put_in() {
        let mut table = Table::default();
        let key_of = |n: u64| key(TopicId(3), &format!("session-{n}"));
        assert_eq!(table.find(key_of(0)), None);
        for n in 0..5_000 {
            assert_eq!(table.find(key_of(n)), None);
            table.add(key_of(n));
        }
        assert!((0..5_000).all(|n| table.find(key_of(n)) == Some(LiteId(n as u32))));
        assert_eq!(table.find(key_of(5_000)), None);
        assert_ne!(key(TopicId(3), "a"), key(TopicId(4), "a"));
    }
}
