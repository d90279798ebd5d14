//! Transactional messages: C19, C20 and C55.

use mqscope::broker::settings::LateResolution;

use super::*;

/// A topic for transactional messages, read by a group, and a producer whose local transactions are like this.
fn transactional(settings: Settings, balance: Balance, transaction: TransactionSpec) -> Lab {
    let mut lab = Lab::with(settings);
    lab.give(Command::AddTopic(TopicSpec {
        name: "orders".into(),
        message_type: TopicType::Of(MessageType::Transaction),
        write_queues: 2,
        read_queues: 2,
        cleanup: Default::default(),
    }));
    lab.give(Command::AddProducer(transacting("P", transaction)));
    lab.group(group("billing", balance, &["C1"]))
}

fn transacting(name: &str, transaction: TransactionSpec) -> ProducerSpec {
    let mut spec = producer(name, Pattern::ByHand);
    spec.message.transaction = Some(transaction.into());
    spec
}

/// Local transactions that take so long.
fn taking(seconds: u64) -> TransactionSpec {
    TransactionSpec { takes: Distribution::Constant(Span::from_secs(seconds)), ..TransactionSpec::default() }
}

/// The same, and the broker never hears how they ended.
fn unheard(seconds: u64) -> TransactionSpec {
    TransactionSpec { lost: Which::Share(Ratio::ONE), ..taking(seconds) }
}

/// When the broker checked a message, in seconds, and whom it asked.
fn checks(lab: &Lab, wanted: u64) -> Vec<(u64, Option<ProducerId>)> {
    let check = |e: &Entry| match e.event {
        Event::TransactionChecked { number, asked, .. } if number == wanted => {
            Some((e.at.0 / 1_000_000, asked))
        }
        _ => None,
    };
    lab.journal.0.iter().filter_map(check).collect()
}

#[test]
fn c19_a_half_message_is_invisible_until_its_commit_and_for_ever_after_a_rollback() {
    for balance in BOTH {
        let mut lab = transactional(quick(), balance, taking(5));
        lab.send(3);
        lab.until(4);
        assert_eq!((lab.stored(), lab.handed_out("billing").len()), (0, 0), "nobody sees them");
        assert_eq!(lab.report("billing").accumulation, 0, "nobody is behind");
        assert_eq!(lab.world().live.producers[0].stored, 3, "the producer has its answers");
        // It has no place in its topic: what is committed later can come first.
        lab.give(Command::EndTransaction { producer: "P".into(), number: 2, commit: true });
        lab.give(Command::EndTransaction { producer: "P".into(), number: 0, commit: false });
        lab.until(20);
        assert_eq!(visible(&lab), [(4_000, 2), (5_000, 1)], "{balance:?}");
        assert_eq!(lab.report("billing").acknowledged, 2, "each exactly once, and message 0 never");
        assert!(lab.world().live.halves.is_empty());
        let first = lab.handed_out("billing")[0].0;
        let view = lab.world().message_view(first).expect("it is stored");
        assert_eq!([view.born_at, view.stored_at], [0, 4].map(Instant::from_secs));
    }
}

#[test]
fn c19_what_is_not_known_yet_is_asked_about_again() {
    // Says at its end that it does not know, and knows when it is asked.
    let unknown = TransactionSpec { unknown: Which::Share(Ratio::ONE), ..taking(1) };
    let mut lab = transactional(quick(), Balance::Message, unknown);
    lab.send(1);
    lab.until(29);
    assert_eq!((lab.stored(), lab.world().live.halves.len()), (0, 1), "UNKNOWN is neither of the two");
    lab.until(31);
    assert_eq!((checks(&lab, 0).len(), lab.stored()), (1, 1));
    // One that still runs is asked about until it has ended.
    let mut slow = transactional(quick(), Balance::Message, unheard(70));
    slow.send(1);
    slow.until(200);
    let times: Vec<u64> = checks(&slow, 0).into_iter().map(|(at, _)| at).collect();
    assert_eq!((times, slow.stored()), (vec![30, 60, 90], 1));
}

#[test]
fn c20_a_half_message_whose_producer_vanished_is_settled_by_another_one() {
    let mut lab = transactional(quick(), Balance::Message, unheard(1));
    lab.give(Command::AddProducer(transacting("other", taking(1))));
    lab.send(2);
    lab.until(2);
    lab.send(3);
    lab.give(Command::CrashProducer { producer: "P".into() });
    lab.until(31);
    let asked = checks(&lab, 0);
    assert_eq!(asked, [(30, Some(ProducerId(1)))], "the one that is there");
    assert_eq!(lab.stored(), 2, "two were committed, and what ran when the process died is undone");
    assert!(lab.world().live.halves.is_empty());
}

#[test]
fn c20_after_the_last_check_it_is_set_aside_and_seen_by_nobody() {
    // Golden: born at 1 s, checked at 30 s, 60 s … 450 s, given up at 480 s; born at 25 s, 30 s later.
    let mut lab = transactional(quick(), Balance::Queue, unheard(1));
    lab.until(1);
    lab.send(1);
    lab.until(25);
    lab.send(1);
    lab.until(28);
    lab.give(Command::CrashProducer { producer: "P".into() });
    lab.until(1_000);
    let every_30_s = |first: u64| (0..15).map(|n| (first + 30 * n, None)).collect::<Vec<_>>();
    assert_eq!([checks(&lab, 0), checks(&lab, 1)], [every_30_s(30), every_30_s(60)]);
    let aside = |e: &Entry| match e.event {
        Event::TransactionSetAside { number, .. } => Some((number, e.at.0 / 1_000_000)),
        _ => None,
    };
    let aside: Vec<(u64, u64)> = lab.journal.0.iter().filter_map(aside).collect();
    assert_eq!(aside, [(0, 480), (1, 510)]);
    assert_eq!((lab.stored(), lab.handed_out("billing").len()), (0, 0));
    let topic = lab.world().find_topic("TRANS_CHECK_MAX_TIME_TOPIC").expect("it is there");
    let queue = lab.world().topic(topic).queues[0];
    assert_eq!((lab.world().queue(queue).max_offset, lab.world().queue(queue).progress.len()), (2, 0));
}

#[test]
fn c55_what_consumers_have_seen_equals_the_local_outcomes_whatever_crashed_in_between() {
    let chance = |of| Which::Share(Ratio::new(1, of).expect("a ratio"));
    let spec = TransactionSpec {
        twice: Which::NONE,
        check_wrong: Which::NONE,
        takes: Distribution::Exponential { mean: Span::from_secs(3) },
        rollback: chance(4),
        unknown: chance(4),
        lost: chance(3),
        check_unknown: chance(3),
        check_after_secs: None,
    };
    for late in [LateResolution::Idempotent, LateResolution::Faithful] {
        let settings = Settings { tx_late_resolution: late, ..quick() };
        let mut lab = transactional(settings, Balance::Message, spec.clone());
        lab.give(Command::AddProducer(transacting("Q", spec.clone())));
        for round in 0..60 {
            for producer in ["P", "Q"] {
                lab.give(Command::Send { producer: producer.into(), count: 3 });
            }
            lab.until(2 * round + 1);
            // Now and then the one or the other dies, and starts again.
            let name = if round % 2 == 0 { "P" } else { "Q" };
            if round % 5 == 0 {
                lab.give(Command::CrashProducer { producer: name.into() });
            }
            lab.until(2 * round + 2);
            if round % 5 == 0 {
                lab.give(Command::RestartProducer { producer: name.into() });
            }
        }
        lab.until(2_000);
        let world = lab.world();
        assert!(world.live.halves.is_empty());
        let keys: Vec<(ProducerId, u64)> = world.log.transactions.keys().copied().collect();
        let is_paid =
            |(producer, number): &&(ProducerId, u64)| world.local_outcome(*producer, *number) == Some(true);
        let paid: std::collections::BTreeSet<(ProducerId, u64)> =
            keys.iter().filter(is_paid).copied().collect();
        let topic = world.find_topic("orders").expect("it is there");
        let seen: Vec<(ProducerId, u64)> = world
            .topic(topic)
            .queues
            .iter()
            .flat_map(|queue| {
                let log = &world.log.queues[queue.index()];
                (0..world.queue(*queue).max_offset).map(|offset| log.sender(offset))
            })
            .collect();
        assert_eq!(lab.report("billing").acknowledged, seen.len() as u64);
        assert_eq!(seen.iter().copied().collect::<std::collections::BTreeSet<_>>(), paid, "{late:?}");
        assert!(
            keys.len() == 360 && paid.len() > 150 && paid.len() < 300,
            "{} of {}",
            paid.len(),
            keys.len()
        );
        if late == LateResolution::Idempotent {
            assert_eq!(seen.len(), paid.len(), "each once");
        }
        assert_eq!(world.live.halves.set_aside, None, "somebody always knew in the end");
    }
}
