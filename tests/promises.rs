//! What settings promise, and what came of it: in the bundled scenarios, and with a setting that buys a promise.

use std::collections::BTreeMap;
use std::rc::Rc;

use mqscope::broker::applies::{Standing, standing};
use mqscope::broker::invariants;
use mqscope::broker::promises::promises;
use mqscope::broker::{Command, ConsumerChange, LinkChange, ResetTarget};
use mqscope::lesson::promises::{Verdict, judged, laws, listing, name};
use mqscope::lesson::{Language, Words};
use mqscope::scenario::{Action, Scenario, bundled};
use mqscope::session::{Goal, Session};
use mqscope::sim::{Instant, Span};

fn scenario(id: &str) -> Scenario {
    let (_, text) = bundled().iter().find(|(bundled, _)| *bundled == id).expect("it is bundled");
    Scenario::parse(text).unwrap_or_else(|problems| panic!("{id}: {problems}"))
}

fn at(scenario: Scenario, until: Instant) -> Session<()> {
    let mut session = Session::new(Rc::new(scenario), ());
    session.run_until(until, u64::MAX);
    session
}

fn end(id: &str) -> Session<()> {
    let scenario = scenario(id);
    let until = scenario.until;
    at(scenario, until)
}

/// How the promises of a run one: promised or not, and the count and the millisecond of what was not kept.
fn seen(session: &Session<()>) -> BTreeMap<String, (bool, Option<(u64, u64)>)> {
    let (world, kept) = (session.world(), session.promises());
    let all = judged(world, kept, &Words::new(Language::English));
    let seen = all.into_iter().map(|one| {
        let of = one.about.as_ref().map(|(_, name)| format!(" {name}")).unwrap_or_default();
        let broken = kept.broken(one.promise).map(|broken| (broken.count, broken.entry.at.0 / 1_000));
        assert_eq!(broken.is_some(), matches!(one.verdict, Verdict::Broken { .. }));
        (format!("{}{of}", name(one.promise)), (one.promised, broken))
    });
    seen.collect()
}

/// Each of them is not made, and then not kept: so many messages, from such a millisecond on.
#[test]
fn what_is_not_promised_is_not_kept() {
    for (id, promise, count, ms) in [
        ("inconsistent-subscriptions", "nothing_missed split", 50, 500),
        ("inconsistent-subscriptions", "nothing_missed classic", 75, 250),
        ("broker-crash", "power", 14, 33_000),
        ("replica", "disk", 4, 15_000),
        ("pull-and-seek", "at_least_once early", 1, 11_000),
        ("broadcasting-and-clustering", "at_least_once caches", 1, 15_200),
        ("offset-reset", "at_least_once mail", 121, 45_000),
        ("retention", "nothing_unread asleep", 348, 21_000),
        ("compaction", "nothing_unread map", 35, 25_000),
        ("lite-reconnect", "nothing_unread nodes", 3, 34_000),
        ("lost-acknowledgement", "stored_once", 3, 8_300),
        ("lost-acknowledgement", "sent", 5, 30_000),
        ("lost-acknowledgement", "effect_once shipping", 3, 8_400),
        ("idempotent-consumer", "effect_once naive", 4, 17_100),
        ("throttled", "sent", 194, 10_935),
        ("transactions", "published refunds", 2, 110_000),
        ("batch-and-reply", "answered shop", 13, 13_000),
        ("loose-coupling", "call_answered shop-calls", 600, 20_010),
        ("two-senders", "send_order refunds", 2, 12_500),
        ("two-senders", "order mailer", 90, 1_300),
    ] {
        let seen = seen(&end(id));
        assert_eq!(seen.get(promise), Some(&(false, Some((count, ms)))), "{promise} in {id}: {seen:?}");
    }
}

/// The neighbours of those, which are promised and kept.
#[test]
fn what_is_promised_is_kept() {
    for (id, promise) in [
        ("inconsistent-subscriptions", "nothing_missed agreed"),
        ("broker-crash-sync", "power"),
        ("pull-and-seek", "at_least_once late"),
        ("broadcasting-and-clustering", "at_least_once labels"),
        ("offset-reset", "at_least_once billing"),
        ("idempotent-consumer", "effect_once careful"),
        ("two-senders", "send_order orders"),
        ("two-senders", "order ledger"),
        ("fifo", "order shipping"),
        ("transactions", "published_once refunds"),
    ] {
        let seen = seen(&end(id));
        assert_eq!(seen.get(promise), Some(&(true, None)), "{promise} in {id}: {seen:?}");
    }
}

#[test]
fn a_setting_buys_a_promise() {
    for (id, promise, setting, value) in [
        ("broker-crash", "power", "flush.disk", "SYNC"),
        ("replica", "disk", "replication", "SYNC_MASTER"),
        ("lost-acknowledgement", "stored_once", "producer.maxAttempts", "1"),
    ] {
        let without = scenario(id);
        let until = without.until;
        let with = without.with_setting(setting, value).unwrap_or_else(|problems| panic!("{problems}"));
        let run = at(without.clone(), until);
        let all = judged(run.world(), run.promises(), &Words::new(Language::English));
        let one = all.iter().find(|one| name(one.promise) == promise).expect("it means something here");
        let buys = one.buys.as_deref().expect("it is not promised");
        assert!(buys.contains(&format!("{setting} = {value}")), "{promise}: {buys}");
        let (without, with) = (seen(&at(without, until)), seen(&at(with, until)));
        assert!(matches!(without[promise], (false, Some(_))), "{promise} in {id}: {without:?}");
        assert_eq!(with[promise], (true, None), "{promise} in {id} with {setting}");
    }
}

/// What is promised is a matter of settings: that something goes wrong takes no promise back. It shows what was not one.
#[test]
fn a_fault_takes_back_no_promise_of_order() {
    let link = |change| Command::Link { client: "shop".into(), change };
    let busy = Command::Throttle { sends: true, receives: false, lasting: Span::from_secs(2) };
    let crash = |crashes: bool| match crashes {
        true => Command::CrashProducer { producer: "shop".into() },
        false => Command::RestartProducer { producer: "shop".into() },
    };
    let held =
        [(5, link(LinkChange::Hold)), (7, crash(true)), (8, crash(false)), (12, link(LinkChange::Release))];
    for (faults, disorders) in [
        (vec![(5, link(LinkChange::Cut { answers_only: false })), (9, link(LinkChange::Repair))], true),
        (vec![(5, busy.clone()), (8, busy)], false),
        (held.to_vec(), false),
    ] {
        for (attempts, is_promised) in [("3", false), ("1", true)] {
            let mut scenario =
                scenario("fifo").with_setting("producer.maxAttempts", attempts).expect("it is one");
            let quiet = seen(&at(scenario.clone(), Instant::from_secs(4)))["send_order orders"];
            assert_eq!(quiet, (is_promised, None));
            scenario.actions = faults
                .iter()
                .map(|(secs, command)| Action { at: Instant::from_secs(*secs), command: command.clone() })
                .collect();
            let (promised, broken) = seen(&at(scenario, Instant::from_secs(25)))["send_order orders"];
            assert_eq!(promised, is_promised, "{faults:?}");
            assert_eq!(
                broken.is_some(),
                !is_promised && disorders,
                "{attempts} attempts, {faults:?}: {broken:?}"
            );
        }
    }
}

/// Who chooses a queue by hand chooses the place in it, too.
#[test]
fn a_queue_chosen_by_hand_takes_a_promise_back() {
    let mut chosen = scenario("fifo").with_setting("producer.maxAttempts", "1").expect("it is one");
    let send_to = |queue| Command::SendTo { producer: "shop".into(), queue, count: 3 };
    let sent = [0, 1].map(|queue| Action { at: Instant::from_secs(5), command: send_to(queue) });
    chosen.actions = sent.into();
    let seen = seen(&at(chosen, Instant::from_secs(10)));
    assert!(matches!(seen["send_order orders"], (false, Some((_, 5_200)))), "{seen:?}");
}

/// Each kind of group has its own reason to be given a message again.
#[test]
fn why_a_message_may_come_again() {
    for (id, group, why) in [
        ("broadcasting-and-clustering", "labels", "At least once"),
        ("broadcasting-and-clustering", "caches", "Broadcasting has no retries"),
        ("pull-and-seek", "late", "What polls returned and nobody committed"),
    ] {
        let run = at(scenario(id), Instant::from_secs(1));
        let all = judged(run.world(), run.promises(), &Words::new(Language::English));
        let one = all.iter().find(|one| {
            name(one.promise) == "once" && one.about.as_ref().is_some_and(|(_, name)| name == group)
        });
        let one = one.expect("it is there");
        assert!(!one.promised && one.why.starts_with(why), "{group}: {}", one.why);
    }
    let mut crashes = scenario("broadcasting-and-clustering");
    let change = |change| Command::Consumer { consumer: "caches/N1".into(), change };
    crashes.actions = [(20, ConsumerChange::Crash), (21, ConsumerChange::Restart)]
        .map(|(secs, what)| Action { at: Instant::from_secs(secs), command: change(what) })
        .into();
    let crashes = crashes.with_setting("classic.persistOffsetIntervalMs", "5000").expect("it is one");
    let seen = seen(&at(crashes, Instant::from_secs(30)));
    assert!(matches!(seen["once caches"], (false, Some(_))), "{seen:?}");
}

/// Who commits after the work loses nothing, unless somebody moves the offset: past what waits in the client's cache, and past
/// what is in hands when the process dies.
#[test]
fn a_seek_past_what_is_in_hands_takes_a_promise_back() {
    let mut seeks = scenario("pull-and-seek");
    let seek = |to| ConsumerChange::Seek { topic: "orders".into(), queue: 0, to };
    let command = Command::Consumer { consumer: "late/L1".into(), change: seek(ResetTarget::Latest) };
    seeks.actions.insert(2, Action { at: Instant::from_secs(10), command });
    let seen = seen(&at(seeks, Instant::from_secs(20)));
    assert!(matches!(seen["at_least_once late"], (false, Some((2, 10_000)))), "{seen:?}");
}

/// Only a mistake of ours could break what is promised.
#[test]
fn no_bundled_scenario_breaks_what_was_promised() {
    for (id, _) in bundled() {
        let session = end(id);
        for promise in promises(session.world()) {
            let broken = session.promises().broken(promise).filter(|broken| broken.promised);
            assert_eq!(broken, None, "{promise:?} in {id}");
        }
        for language in Language::ALL {
            for one in judged(session.world(), session.promises(), &Words::new(language)) {
                assert_eq!(one.buys.is_none(), one.promised, "{one:?}");
                assert!(!one.buys.is_some_and(|buys| buys.starts_with("promise.")), "{:?}", one.promise);
            }
        }
    }
}

/// Before the instant nothing is broken, and with the entry named there it is.
#[test]
fn a_promise_breaks_with_the_entry_that_is_named() {
    for id in ["pull-and-seek", "broker-crash", "two-senders"] {
        let session = end(id);
        for promise in promises(session.world()) {
            let Some(broken) = session.promises().broken(promise) else { continue };
            let mut again = Session::new(Rc::new(scenario(id)), ());
            while again.world().live.seq <= broken.entry.seq {
                assert_eq!(again.promises().broken(promise), None, "{promise:?} in {id}");
                assert!(again.step(broken.entry.at), "{promise:?} in {id}");
            }
            assert_eq!(again.promises().broken(promise).map(|broken| broken.entry), Some(broken.entry));
        }
    }
}

#[test]
fn every_invariant_is_put_to_the_test_somewhere() {
    let mut untested: Vec<&str> = invariants::ALL.iter().map(|(id, _)| *id).collect();
    for (id, _) in bundled() {
        let session = end(id);
        untested.retain(|law| standing(session.world(), law) != Standing::Held);
    }
    assert!(untested.is_empty(), "{untested:?}");
    let plain = end("accumulate-and-drain");
    let said = laws(plain.world(), None, &Words::new(Language::English));
    let ids: Vec<&str> = said.iter().map(|law| law.id).collect();
    assert!(ids.starts_with(&["I1", "I3", "I4", "I7", "I10"]), "in the order of their numbers: {ids:?}");
    assert!(
        !ids.contains(&"I39") && !ids.contains(&"I63") && !ids.contains(&"I81"),
        "only what applies: {ids:?}"
    );
}

/// Whatever came later, going back shows what was so then, and going forward what is so now.
#[test]
fn going_back_takes_back_what_was_not_kept_later() {
    let words = Words::new(Language::English);
    let mut taken_back = 0;
    for (id, _) in bundled() {
        let scenario = scenario(id);
        let until = scenario.until;
        let mut session = Session::new(Rc::new(scenario.clone()), ());
        session.keep_checkpoints_every(200, 40);
        for at in [until, Instant(until.0 / 3), Instant::ZERO, Instant(until.0 / 2), until] {
            assert!(session.seek(Goal::At(at), u64::MAX));
            let straight = self::at(scenario.clone(), at);
            let seen = |it: &Session<()>| judged(it.world(), it.promises(), &words);
            assert_eq!(seen(&session), seen(&straight), "{id} at {at}");
            taken_back += end(id).promises().count() - session.promises().count();
        }
    }
    assert!(taken_back > 3, "{taken_back}");
}

#[test]
fn a_world_in_which_nothing_happened_has_nothing_to_judge() {
    let session = at(scenario("domain-model"), Instant::ZERO);
    let words = Words::new(Language::English);
    let all = judged(session.world(), session.promises(), &words);
    assert!(all.len() > 8, "{all:?}");
    assert!(all.iter().all(|one| one.verdict == Verdict::NotYet), "{all:?}");
    let nobody = Scenario {
        topics: Vec::new(),
        groups: Vec::new(),
        producers: Vec::new(),
        actions: Vec::new(),
        ..scenario("demo")
    };
    assert_eq!(judged(at(nobody, Instant::ZERO).world(), session.promises(), &words), []);
}

/// What `headless --promises` prints.
#[test]
fn the_list_says_all_of_it_in_both_languages() {
    let session = end("pull-and-seek");
    let [english, chinese] = Language::ALL
        .map(|language| listing(session.world(), session.promises(), None, &Words::new(language)));
    for line in [
        "at_least_once early: not promised, not kept\n",
        "  1 message was dropped, lost or passed over without being worked off. First at 0:11.000 (#53): With early/E1 1 message is lost",
        "at_least_once late: promised, kept\n",
        "power: not promised, nothing yet\n",
        "I18: holds\n",
        "I34: nothing yet\n",
    ] {
        assert!(english.contains(line), "{line} in:\n{english}");
    }
    assert!(chinese.contains("1 条消息没有处理完就被丢弃、丢失或跳过"), "{chinese}");
    for text in [&english, &chinese] {
        assert!(!text.contains("promise.") && !text.contains('{'), "a key or a hole: {text}");
    }
}
