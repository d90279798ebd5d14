//! Consumer groups: C23 to C29.

use super::*;

#[test]
fn c23_a_group_exists_with_its_offsets_without_any_consumer() {
    let mut lab = Lab::new().topic("orders", 2).group(group("billing", Balance::Queue, &["C1"]));
    lab = lab.producer("P", constant(10));
    lab.until(5);
    lab.consumer("billing/C1", ConsumerChange::Leave);
    lab.until(6);
    let left = lab.report("billing");
    lab.until(20);
    let later = lab.report("billing");
    let offsets = |r: &GroupReport| r.queues.iter().map(|q| q.committed_offset).collect::<Vec<_>>();
    assert_eq!(offsets(&left), offsets(&later), "its offsets stay");
    assert!(offsets(&later).iter().sum::<u64>() > 40);
    assert_eq!(later.accumulation, 200 - later.acknowledged, "and it goes on piling up");
}

#[test]
fn c24_every_consumer_belongs_to_one_group() {
    let mut lab = Lab::new().topic("orders", 2);
    lab = lab.group(group("billing", Balance::Queue, &["C1"])).group(group("audit", Balance::Queue, &["C1"]));
    lab.give(Command::AddConsumer { group: "billing".into(), consumer: consumer("C1") });
    assert_eq!(lab.refusals(), [Refusal::NameTaken], "a name stands for one consumer of the group");
    let world = lab.world();
    let (one, other) = (world.find_consumer("billing/C1"), world.find_consumer("audit/C1"));
    assert_ne!(one, other, "the same name in another group is another consumer");
    for (id, group) in world.groups() {
        assert!(group.consumers.iter().all(|consumer| world.consumer(*consumer).group == id));
    }
}

#[test]
fn c25_consumers_of_a_group_compete() {
    for balance in BOTH {
        let mut lab = Lab::new().topic("orders", 4).group(group("billing", balance, &["C1", "C2", "C3"]));
        lab = lab.producer("P", constant(12));
        lab.until(30);
        let seen = lab.handed_out("billing");
        let mut messages: Vec<_> = seen.iter().map(|(message, _)| *message).collect();
        messages.sort_unstable();
        messages.dedup();
        assert_eq!(messages.len(), seen.len(), "{balance:?}: nobody got what another one got");
        for name in ["C1", "C2", "C3"] {
            assert!(seen.iter().any(|(_, consumer)| consumer == name), "{balance:?}: {name} took part");
        }
    }
}

#[test]
fn c26_every_group_gets_every_message_at_its_own_pace() {
    let slow = ConsumerSpec { processing: Distribution::Constant(Span::from_ms(400)), ..consumer("C1") };
    let mut lab = Lab::new().topic("orders", 2).group(group("fast", Balance::Queue, &["C1"]));
    lab = lab.group(GroupSpec { consumers: vec![slow], ..group("slow", Balance::Message, &[]) });
    lab = lab.producer("P", constant(5));
    lab.until(10);
    lab.give(Command::RemoveProducer { producer: "P".into() });
    assert!(lab.report("slow").accumulation > lab.report("fast").accumulation + 10);
    lab.until(60);
    assert_eq!((lab.report("fast").acknowledged, lab.report("slow").acknowledged), (50, 50));
}

#[test]
fn c27_a_stopped_slow_or_failing_group_changes_nothing_for_another() {
    let play = |disturb: bool| {
        let mut lab = Lab::new().topic("orders", 4).group(group("billing", Balance::Message, &["C1", "C2"]));
        if disturb {
            let failing = Failure::Probability(Ratio { numerator: 1, denominator: 2 });
            let bad = ConsumerSpec { failure: failing, ..consumer("C1") };
            lab = lab.group(GroupSpec { consumers: vec![bad], ..group("trouble", Balance::Queue, &[]) });
        }
        lab = lab.producer("P", Pattern::Poisson(Rate::per_second(8)));
        lab.until(10);
        if disturb {
            lab.consumer("trouble/C1", ConsumerChange::Crash);
        }
        lab.until(30);
        let id = lab.world().find_group("billing");
        let own = |e: &&Entry| match e.event {
            Event::MessageHandedOut { progress, .. } | Event::ConsumeFinished { progress, .. } => {
                Some(lab.world().progress(progress).group) == id
            }
            _ => false,
        };
        let seen = lab.journal.0.iter().filter(own);
        seen.map(|e| (e.at, explain(&lab, e))).collect::<Vec<_>>()
    };
    assert_eq!(play(false), play(true), "message by message, instant by instant");
}

/// An entry in words: the same for the same thing, whatever its number.
fn explain(lab: &Lab, entry: &Entry) -> String {
    let words = mqscope::lesson::Words::new(mqscope::lesson::Language::English);
    mqscope::lesson::explain(lab.world(), entry, &words).to_string()
}

#[test]
fn c28_more_consumers_raise_capacity_up_to_the_queues_or_beyond() {
    let names: Vec<String> = (1..=6).map(|n| format!("C{n}")).collect();
    let consumed = |balance, consumers: usize| {
        let names: Vec<&str> = names[..consumers].iter().map(String::as_str).collect();
        let mut lab = Lab::new().topic("orders", 2).group(group("billing", balance, &names));
        lab = lab.producer("P", constant(100));
        lab.until(20);
        lab.report("billing").acknowledged
    };
    for (balance, consumers, workers) in [
        (Balance::Queue, 1, 1),
        (Balance::Queue, 2, 2),
        (Balance::Queue, 6, 2),
        (Balance::Message, 1, 1),
        (Balance::Message, 2, 2),
        (Balance::Message, 6, 6),
    ] {
        let done = consumed(balance, consumers);
        assert!(
            (200 * workers - 2 * workers..=200 * workers).contains(&done),
            "{balance:?} {consumers}: {done}"
        );
    }
}

#[test]
fn c29_when_a_consumer_fails_the_others_take_over_and_nothing_is_lost() {
    for balance in BOTH {
        let mut lab = Lab::new().topic("orders", 4).group(group("billing", balance, &["C1", "C2"]));
        lab = lab.producer("P", constant(10));
        lab.until(5);
        lab.consumer("billing/C1", ConsumerChange::Crash);
        lab.until(10);
        lab.give(Command::RemoveProducer { producer: "P".into() });
        lab.until(60);
        let report = lab.report("billing");
        assert_eq!((report.acknowledged, report.accumulation), (100, 0), "{balance:?}");
        let owners: Vec<_> = report.queues.iter().filter_map(|q| q.owner.clone()).collect();
        assert!(owners.iter().all(|owner| owner == "C2"), "{balance:?}: {owners:?}");
    }
}
