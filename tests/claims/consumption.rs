//! Consumption: C34 to C39.

use super::*;
use mqscope::broker::settings::DlqTiming;

/// The instants at which the message `order-0` was handed out in `billing`, in milliseconds.
fn attempts(lab: &Lab) -> Vec<u64> {
    let first = MessageRef { queue: QueueId(0), offset: 0 };
    let at = |e: &Entry| match e.event {
        Event::MessageHandedOut { progress, offset, .. } => {
            let here = MessageRef { queue: lab.world().progress(progress).queue, offset };
            (lab.world().origin(here) == first).then_some(e.at.0 / 1_000)
        }
        _ => None,
    };
    lab.journal.0.iter().filter_map(at).collect()
}

/// A message is sent at one second, and whoever is given it fails at once, until nobody is given it any more.
fn all_in_vain(settings: Settings, balance: Balance) -> Lab {
    let instant = ConsumerSpec {
        processing: Distribution::Constant(Span::ZERO),
        failure: Failure::Probability(Ratio::ONE),
        ..consumer("C1")
    };
    let mut lab = Lab::with(Settings { network_delivery_latency: Span::ZERO, ..settings })
        .topic("orders", 1)
        .group(GroupSpec { consumers: vec![instant], ..group("billing", balance, &[]) })
        .producer("P", Pattern::ByHand);
    lab.until(1);
    lab.send(1);
    lab.until(30_000);
    lab
}

#[test]
fn c34_failure_leads_to_redelivery_after_the_rung_of_the_ladder() {
    for balance in BOTH {
        let lab = all_in_vain(Settings::default(), balance);
        let ladder =
            [0, 10, 40, 100, 220, 400, 640, 940, 1300, 1720, 2200, 2740, 3340, 4540, 6340, 9940, 17140];
        let expected: Vec<u64> = ladder.iter().map(|s| (s + 1) * 1_000).collect();
        assert_eq!(attempts(&lab), expected, "{balance:?}");
    }
}

#[test]
fn c35_after_the_last_attempt_a_message_is_dead_lettered_neither_lost_nor_blocking() {
    for balance in BOTH {
        let failing = ConsumerSpec { failure: Failure::PoisonKey("order-0".into()), ..consumer("C1") };
        let mut lab = Lab::with(Settings { group_retry_max_times: 2, ..quick() })
            .topic("orders", 1)
            .group(GroupSpec { consumers: vec![failing], ..group("billing", balance, &[]) })
            .producer("P", Pattern::ByHand);
        lab.send(20);
        lab.until(60);
        assert_eq!(attempts(&lab).len(), 3, "{balance:?}: one delivery and two retries");
        let report = lab.report("billing");
        assert_eq!(
            (report.dead_letters, report.acknowledged, report.accumulation),
            (1, 19, 0),
            "{balance:?}"
        );
        let world = lab.world();
        let topic = world.find_topic("%DLQ%billing").expect("it has come into being");
        let letter = MessageRef { queue: world.topic(topic).queues[0], offset: 0 };
        let original = MessageRef { queue: QueueId(0), offset: 0 };
        assert_eq!(world.content(letter), world.content(original), "{balance:?}: it is the message");
    }
}

/// With its last failure, or, as the proxy has it, one rung later, when it would be delivered once more.
#[test]
fn c35_a_dead_letter_comes_with_the_last_failure_or_after_one_more_wait() {
    for (balance, dlq_timing, seconds) in [
        (Balance::Queue, DlqTiming::OnFailure, 17_140),
        (Balance::Message, DlqTiming::OnFailure, 17_140),
        (Balance::Message, DlqTiming::OnNextPop, 24_340),
        // Classic clients send a message back, and the broker counts.
        (Balance::Queue, DlqTiming::OnNextPop, 17_140),
    ] {
        let lab = all_in_vain(Settings { dlq_timing, ..Settings::default() }, balance);
        assert_eq!(attempts(&lab).len(), 17, "{balance:?}, {dlq_timing:?}");
        let is_dead = |e: &Entry| matches!(e.event, Event::DeadLettered { .. }).then_some(e.at);
        let dead: Vec<Instant> = lab.journal.0.iter().filter_map(is_dead).collect();
        assert_eq!(dead, [Instant::from_ms((seconds + 1) * 1_000)], "{balance:?}, {dlq_timing:?}");
    }
}

#[test]
fn c36_a_consumer_that_dies_before_acknowledging_causes_a_duplicate_never_a_loss() {
    for balance in BOTH {
        let mut lab = Lab::new().topic("orders", 1).group(group("billing", balance, &["C1", "C2"]));
        lab = lab.producer("P", Pattern::ByHand);
        lab.until(1);
        lab.send(1);
        lab.broker.advance(Instant::from_ms(1_000));
        while lab.broker.step(Instant::from_ms(1_050), &mut lab.journal) {}
        lab.broker.advance(Instant::from_ms(1_050));
        let holder = lab.handed_out("billing")[0].1.clone();
        lab.consumer(&format!("billing/{holder}"), ConsumerChange::Crash);
        lab.until(60);
        let seen = lab.handed_out("billing");
        assert_eq!(seen.len(), 2, "{balance:?}: it was delivered again");
        assert_ne!(seen[0].1, seen[1].1, "{balance:?}: to somebody who lives");
        assert_eq!(
            (lab.report("billing").acknowledged, lab.report("billing").redeliveries),
            (1, 1),
            "{balance:?}"
        );
    }
}

#[test]
fn c37_the_consumer_offset_survives_a_restart() {
    for persist in [Span::ZERO, Span::from_secs(5)] {
        let settings = Settings { classic_persist_offset_interval: persist, ..quick() };
        let mut lab = Lab::with(settings).topic("orders", 1).group(group("billing", Balance::Queue, &["C1"]));
        lab = lab.producer("P", Pattern::ByHand);
        lab.send(100);
        lab.until(7);
        let before = lab.report("billing").queues[0].committed_offset;
        assert!(before > 30, "something was committed: {before}");
        lab.consumer("billing/C1", ConsumerChange::Crash);
        lab.consumer("billing/C1", ConsumerChange::Restart);
        let seen = lab.handed_out("billing").len();
        lab.until(9);
        let next = lab.handed_out("billing")[seen].0;
        assert_eq!(
            next.offset, before,
            "reading goes on at the committed offset, kept for the group and the queue"
        );
        lab.until(60);
        assert_eq!(lab.report("billing").queues[0].committed_offset, 100);
    }
}

#[test]
fn c38_a_reset_to_a_time_goes_on_with_the_first_message_stored_then_or_later() {
    for balance in [Balance::Queue, Balance::Message] {
        let lab = Lab::new().topic("orders", 2).group(group("billing", balance, &["C1", "C2"]));
        let mut lab = lab.group(group("other", balance, &["C1"])).producer("P", constant(4));
        lab.until(20);
        lab.give(Command::RemoveProducer { producer: "P".into() });
        lab.until(60);
        let (before, other) = (lab.journal.0.len(), lab.report("other"));
        // The k-th message, from 1, was stored at k / 4 s: the 40th exactly at 10 s.
        for (time, again) in [(10_000, 41), (10_001, 40), (0, 80), (20_001, 0)] {
            lab.journal.0.truncate(before);
            reset(&mut lab, "billing", ResetTarget::Time(Instant::from_ms(time)));
            assert_eq!(lab.report("billing").accumulation, again, "{balance:?}: to {time} ms");
            let until = lab.world().live.now.as_us() / 1_000_000 + 60;
            lab.until(until);
            let stored_at = |at: MessageRef| lab.world().log.queues[at.queue.index()].stored_at(at.offset);
            let handed_out: Vec<MessageRef> =
                lab.handed_out("billing").into_iter().skip(80).map(|(at, _)| at).collect();
            assert_eq!(handed_out.len() as u64, again, "{balance:?}: to {time} ms");
            assert!(handed_out.iter().all(|at| stored_at(*at) >= Instant::from_ms(time)));
            assert_eq!(lab.report("billing").acknowledged, 80);
        }
        assert_eq!(lab.report("other"), other, "another group notices nothing");
    }
}

#[test]
fn c39_a_consumer_receives_a_payload_and_not_only_a_dot() {
    let mut lab = Lab::new().topic("orders", 1).group(group("billing", Balance::Queue, &["C1"]));
    lab = lab.producer("P", Pattern::ByHand);
    lab.send(1);
    lab.until(1);
    let (message, _) = lab.handed_out("billing")[0];
    assert_eq!(lab.world().content(message).body, "{\"order\":0,\"state\":\"created\"}");
}

/// A simple consumer at work on a message whose group was reset has it in hands once: as it came after the reset.
#[test]
fn c38_after_a_reset_only_the_new_delivery_is_in_hands() {
    let mut lab = Lab::new().topic("orders", 1).producer("P", Pattern::ByHand);
    let mut app = group("billing", Balance::Message, &["C1"]);
    app.consumer_type = ConsumerType::Simple;
    app.consumers[0].threads = Some(2);
    app.consumers[0].processing = Distribution::Constant(Span::from_secs(8));
    lab = lab.group(app);
    lab.send(1);
    lab.until(1);
    reset(&mut lab, "billing", ResetTarget::Earliest);
    lab.until(2);
    let in_hands = lab.world().in_hands(lab.world().find_consumer("billing/C1").expect("it exists"));
    assert_eq!(in_hands.iter().map(|held| held.handle).collect::<Vec<_>>(), [2]);
    lab.until(30);
    let report = lab.report("billing");
    assert_eq!((report.deliveries, report.redeliveries, report.acknowledged), (2, 1, 1));
}

/// What a dead consumer was at is lost; the time that it took was spent all the same.
#[test]
fn c36_the_time_of_a_dead_consumer_was_spent() {
    for balance in BOTH {
        let mut lab = Lab::new().topic("orders", 1).producer("P", Pattern::ByHand);
        let mut slow = group("billing", balance, &["C1"]);
        slow.consumers[0].processing = Distribution::Constant(Span::from_secs(8));
        lab = lab.group(slow);
        lab.until(1);
        lab.send(1);
        lab.until(4);
        let busy = |lab: &Lab| lab.report("billing").consumers[0].busy_us;
        let before = busy(&lab);
        assert!(before > 2_900_000, "{balance:?}: it is at work for nearly 3 s");
        lab.consumer("billing/C1", ConsumerChange::Crash);
        assert_eq!(busy(&lab), before, "{balance:?}");
        lab.until(6);
        assert_eq!(busy(&lab), before, "{balance:?}");
    }
}
