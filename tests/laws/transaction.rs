//! The laws of transactions, said again in other words than the broker's: from what was heard and what is stored.

use std::collections::{BTreeMap, BTreeSet};

use mqscope::broker::settings::LateResolution;
use mqscope::broker::spec::Which;
use mqscope::broker::*;
use mqscope::sim::{Instant, Span};

use crate::witness::Witness;

type Key = (ProducerId, u64);

/// What was seen of half messages.
#[derive(Default)]
pub(super) struct Watched {
    /// Every half message that ever was, and when it was sent.
    pub(super) all: BTreeMap<Key, Instant>,
    /// When each was checked last, and how often.
    checked: BTreeMap<Key, (Instant, u32)>,
    /// How local transactions ended.
    outcomes: BTreeMap<Key, bool>,
    /// What was committed just now, and is appended next.
    committed: Option<Key>,
    /// Rolled back for good, or set aside.
    gone: BTreeSet<Key>,
    /// So many of each producer came into their queues a second time.
    pub(super) again: BTreeMap<ProducerId, u64>,
}

/// May a checker say of this producer's local transactions what is not the case?
fn lies(world: &World, producer: ProducerId) -> bool {
    let spec = &world.producer(producer).spec.message.transaction;
    spec.as_ref().is_some_and(|spec| spec.check_wrong != Which::NONE)
}

/// An entry about a transaction.
pub(super) fn observe(witness: &mut Witness, world: &World, entry: &Entry) {
    let seed = witness.seed;
    let halves = &mut witness.halves;
    match entry.event {
        Event::HalfStored { producer, number, ends_at, check_at, .. } => {
            let key = (producer, number);
            // What a busy broker, or a link, kept waiting was sent earlier.
            let half = world.live.halves.get(producer, number).map(|half| half.sent_at);
            let latest = entry.at - world.settings.network_send_latency;
            let sent_at = half.unwrap_or(latest);
            let waited = world.sends(producer, number).next().is_some();
            let waited = waited || witness.broken.was_unanswered(key);
            assert!(sent_at == latest || waited && sent_at < latest, "world {seed}");
            assert_eq!(halves.all.insert(key, sent_at), None, "I47, world {seed}: stored twice");
            assert!(!witness.timed.stored.contains(&key), "I47, world {seed}: it was in its topic before");
            if ends_at.is_none() {
                halves.outcomes.insert(key, false);
                witness.exercised.insert("orphaned half message");
            }
            let own = world.producer(producer).spec.message.transaction.as_ref().expect("it is one");
            let own = own.check_after_secs.map(|secs| Span::from_secs(secs.into()));
            let immunity = own.unwrap_or(world.settings.tx_first_check_after);
            let interval = world.settings.tx_check_interval;
            // The first scan that finds it older than that, and no earlier one.
            let is_old = |at: Instant| at > sent_at + immunity && at > entry.at;
            assert_eq!(check_at.0 % interval.0, 0, "I50, world {seed}");
            assert!(is_old(check_at) && !is_old(check_at - interval), "I50, world {seed}: {check_at}");
        }
        Event::LocalTransactionEnded { producer, number, committed, .. } => {
            let key = (producer, number);
            assert!(halves.all.contains_key(&key), "I51, world {seed}: nothing was sent");
            assert_eq!(halves.outcomes.insert(key, committed), None, "I51, world {seed}: ended twice");
            witness.exercised.insert("I51");
        }
        Event::TransactionChecked { producer, number, times, asked, .. } => {
            let key = (producer, number);
            assert!(times <= world.settings.tx_max_checks, "I50, world {seed}: {times}");
            let before = halves.checked.insert(key, (entry.at, times));
            let last = before.map_or(0, |(at, times)| {
                assert!(entry.at - at >= world.settings.tx_check_interval, "I50, world {seed}");
                times
            });
            assert_eq!(times, last + 1, "I50, world {seed}");
            let topic = world.producer(producer).topic;
            let is_there = |id: ProducerId| world.producer(id).running && world.producer(id).topic == topic;
            assert!(asked.is_none_or(is_there), "world {seed}: a dead producer is asked");
            witness.exercised.insert("I50");
            witness.exercised.insert(if asked.is_some() { "somebody asked" } else { "nobody to ask" });
        }
        Event::TransactionCommitted { producer, number, .. } => halves.committed = Some((producer, number)),
        Event::TransactionRolledBack { producer, number, stays, .. } => {
            let is_so = halves.outcomes.get(&(producer, number)) == Some(&false);
            assert!(is_so || lies(world, producer), "C55, world {seed}");
            if !stays {
                assert!(halves.gone.insert((producer, number)), "I48, world {seed}");
            }
            witness.exercised.insert("I48");
        }
        Event::TransactionSetAside { producer, number, .. } => {
            assert!(halves.gone.insert((producer, number)), "I48, world {seed}");
            let times = halves.checked.get(&(producer, number)).map_or(0, |(_, times)| *times);
            let age = halves.all.get(&(producer, number)).map(|sent_at| entry.at - *sent_at);
            let is_old = age.is_some_and(|age| age > world.settings.store_retention);
            assert!(times == world.settings.tx_max_checks || is_old, "I50, world {seed}");
            witness.exercised.insert("set aside");
        }
        Event::TransactionWordIgnored { producer, number, word, by, refused } => {
            if refused {
                let sent_at = halves.all[&(producer, number)];
                let own = world.producer(producer).spec.message.transaction.as_ref().expect("it is one");
                let own = own.check_after_secs.map(|secs| Span::from_secs(secs.into()));
                let is_late = own.is_some_and(|own| entry.at - sent_at > own);
                assert!(
                    is_late && by.is_none() && word != half::Word::Unknown,
                    "I49, world {seed}: {word:?}"
                );
            }
            witness.exercised.insert(if refused { "late word refused" } else { "late word ignored" });
        }
        _ => {}
    }
}

/// I47, I48, I49: a message came into its queue; was it committed just before, and is it there for the first time?
pub(super) fn stored(witness: &mut Witness, world: &World, key: Key, is_first: bool) {
    let seed = witness.seed;
    let halves = &mut witness.halves;
    assert_eq!(halves.committed.take(), Some(key), "I47, world {seed}: it was not committed");
    let is_so = halves.outcomes.get(&key) == Some(&true);
    assert!(is_so || lies(world, key.0), "I48, world {seed}: its local transaction was not");
    if !is_so {
        witness.exercised.insert("a wrong answer");
    }
    let halves = &mut witness.halves;
    if world.settings.tx_late_resolution == LateResolution::Idempotent {
        assert!(is_first && !halves.gone.contains(&key), "I48, I49, world {seed}: {key:?}");
    }
    if !is_first {
        *halves.again.entry(key.0).or_default() += 1;
        witness.exercised.insert("published twice");
    }
    witness.exercised.extend(["I47", "I49"]);
}

/// C55: in the end what is stored is what was committed, apart from what was set aside.
pub(super) fn quiet(witness: &mut Witness, world: &World) {
    let seed = witness.seed;
    let halves = &witness.halves;
    assert!(world.live.halves.is_empty(), "world {seed}: half messages are left");
    for key in halves.all.keys().filter(|key| !lies(world, key.0)) {
        let committed = halves.outcomes.get(key).expect("every local transaction ended");
        let is_stored = witness.timed.stored.contains(key);
        assert!(*committed || !is_stored, "C55, world {seed}: {key:?} is seen and was rolled back");
        let is_aside = halves.gone.contains(key);
        // What the disk lost, nobody sees.
        let is_lost = witness.broken.forgets;
        assert!(!*committed || is_stored || is_aside || is_lost, "C55, world {seed}: {key:?} is not seen");
    }
    let topics = world.topics().map(|(id, _)| world.live.halves.counts(id));
    let unseen: u64 = topics.map(|counts| counts.set_aside_committed).sum();
    let never = |key: &&Key| halves.outcomes[*key] && !witness.timed.stored.contains(*key);
    // A wrong answer rolls back for good what was committed.
    let all_are_known = !witness.broken.forgets;
    let all_are_honest = all_are_known && !halves.all.keys().any(|key| lies(world, key.0));
    let never_seen = halves.all.keys().filter(never).count() as u64;
    assert!(!all_are_honest || unseen == never_seen, "C55, world {seed}: {unseen}, {never_seen} never seen");
    if !halves.all.is_empty() {
        witness.exercised.insert("C55");
    }
}
