//! Invariants and promises in plain words: what one would like to rely on, whether the settings promise it and why, and
//! what came of it.

use super::explain::{About, Explained, explain, name_of};
use super::words::Words;
use crate::broker::applies::{Standing, standing};
use crate::broker::invariants::{self, Violation};
use crate::broker::promise_watch::PromiseWatch;
use crate::broker::promises::{Ground, Promise, promises};
use crate::broker::{Entry, World};
use crate::sim::sort_by_key;

/// A promise and how it stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Judged {
    /// Which.
    pub promise: Promise,
    /// Whose, if it is not the broker's.
    pub about: Option<(About, String)>,
    /// What is, or is not, promised.
    pub says: String,
    /// Do these settings promise it?
    pub promised: bool,
    /// Why, or why not.
    pub why: String,
    /// If not, what would promise it, and at what price.
    pub buys: Option<String>,
    /// What came of it.
    pub verdict: Verdict,
}

/// What came of a promise, or of an invariant, so far.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// Nothing has happened that it could be judged by.
    NotYet,
    /// It was kept.
    Held,
    /// It was not.
    Broken {
        /// The first entry in which it was not.
        entry: Entry,
        /// Was it promised then? That would be a mistake of ours.
        was_promised: bool,
        /// How often it was not.
        count: String,
        /// What happened in that entry.
        first: Explained,
    },
}

impl Verdict {
    /// A word for it that programs read.
    pub fn name(&self) -> &'static str {
        match self {
            Self::NotYet => "nothing yet",
            Self::Held => "kept",
            Self::Broken { .. } => "not kept",
        }
    }
}

/// Every promise that means something in this world.
pub fn judged(world: &World, kept: &PromiseWatch, words: &Words) -> Vec<Judged> {
    promises(world).into_iter().map(|promise| judge(world, kept, promise, words)).collect()
}

fn judge(world: &World, kept: &PromiseWatch, promise: Promise, words: &Words) -> Judged {
    let name = name(promise);
    let ground = kept.ground(world, promise);
    let about = about(promise).map(|about| (about, name_of(world, about)));
    let verdict = match kept.broken(promise) {
        Some(broken) => Verdict::Broken {
            entry: broken.entry,
            was_promised: broken.promised,
            count: words.count(&format!("promise.broken.{name}"), broken.count, &[]),
            first: explain(world, &broken.entry, words),
        },
        None if kept.is_judged(world, promise) => Verdict::Held,
        None => Verdict::NotYet,
    };
    Judged {
        promise,
        about,
        says: words.text(&format!("promise.{name}")).to_owned(),
        promised: ground.promised,
        why: why(&ground, words),
        buys: (!ground.promised).then(|| words.text(&format!("promise.buys.{}", ground.why)).to_owned()),
        verdict,
    }
}

fn why(ground: &Ground, words: &Words) -> String {
    let key = format!("promise.why.{}", ground.why);
    let span = ground.span.map(|span| words.span(span)).unwrap_or_default();
    words.count(&key, ground.number.unwrap_or(0), &[("span", &span)])
}

/// A word for a promise: in the catalogue's keys, and where programs read it.
pub fn name(promise: Promise) -> &'static str {
    match promise {
        Promise::Power => "power",
        Promise::Disk => "disk",
        Promise::Sent => "sent",
        Promise::StoredOnce => "stored_once",
        Promise::SendOrder(_) => "send_order",
        Promise::Published(_) => "published",
        Promise::PublishedOnce(_) => "published_once",
        Promise::AtLeastOnce(_) => "at_least_once",
        Promise::NothingMissed(_) => "nothing_missed",
        Promise::NothingUnread(_) => "nothing_unread",
        Promise::Order(_) => "order",
        Promise::Once(_) => "once",
        Promise::EffectOnce(_) => "effect_once",
        Promise::Answered(_) => "answered",
        Promise::CallAnswered(_) => "call_answered",
    }
}

fn about(promise: Promise) -> Option<About> {
    match promise {
        Promise::Power | Promise::Disk | Promise::Sent | Promise::StoredOnce => None,
        Promise::SendOrder(id) | Promise::Published(id) | Promise::PublishedOnce(id) => {
            Some(About::Topic(id))
        }
        Promise::AtLeastOnce(id)
        | Promise::NothingMissed(id)
        | Promise::NothingUnread(id)
        | Promise::Order(id)
        | Promise::Once(id)
        | Promise::EffectOnce(id) => Some(About::Group(id)),
        Promise::Answered(id) => Some(About::Producer(id)),
        Promise::CallAnswered(id) => Some(About::Caller(id)),
    }
}

/// An invariant and how it stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Law {
    /// Its number.
    pub id: &'static str,
    /// What it says.
    pub says: String,
    /// Has anything put it to the test?
    pub is_tested: bool,
    /// What was found instead, if it broke.
    pub found: Option<String>,
}

/// Every invariant that means something in this world; `broken` is the one that does not hold.
pub fn laws(world: &World, broken: Option<&Violation>, words: &Words) -> Vec<Law> {
    let law = |(id, _): &(&'static str, &str)| {
        let found = broken.filter(|violation| violation.id == *id).map(|violation| violation.found.clone());
        let standing = standing(world, id);
        let is_here = standing != Standing::NotHere || found.is_some();
        is_here.then(|| Law {
            id,
            says: words.text(&format!("invariant.{id}")).to_owned(),
            is_tested: standing == Standing::Held,
            found,
        })
    };
    let mut all: Vec<Law> = invariants::ALL.iter().filter_map(law).collect();
    sort_by_key(&mut all, |law| law.id[1..].parse::<u32>().unwrap_or(u32::MAX));
    all
}

/// Everything as lines of text: what, whose, promised or not, what came of it, and why.
pub fn listing(world: &World, kept: &PromiseWatch, broken: Option<&Violation>, words: &Words) -> String {
    let mut lines = String::new();
    for one in judged(world, kept, words) {
        let column = if one.promised { "promised" } else { "not promised" };
        let of = one.about.map(|(_, name)| format!(" {name}")).unwrap_or_default();
        lines += &format!("{}{of}: {column}, {}\n", name(one.promise), one.verdict.name());
        lines += &format!("  {} {}\n", one.says, one.why);
        if let Verdict::Broken { entry, was_promised, count, first } = &one.verdict {
            let bug = if *was_promised { " Though it was promised!" } else { "" };
            lines += &format!("  {count} First at {} (#{}): {first}{bug}\n", entry.at, entry.seq);
        }
    }
    for law in laws(world, broken, words) {
        let verdict = match (&law.found, law.is_tested) {
            (Some(found), _) => format!("broken: {found}"),
            (None, true) => "holds".to_owned(),
            (None, false) => "nothing yet".to_owned(),
        };
        lines += &format!("{}: {verdict}\n  {}\n", law.id, law.says);
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lesson::Language;

    #[test]
    fn invariants_are_said_as_the_model_says_them() {
        let [english, chinese] = Language::ALL.map(Words::new);
        for (id, sentence) in invariants::ALL {
            let key = format!("invariant.{id}");
            assert_eq!(english.text(&key), *sentence, "{id}");
            assert!(chinese.text(&key).chars().any(|c| c > '\u{3000}'), "{id} in Chinese");
        }
    }
}
