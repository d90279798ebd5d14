//! What can be seen from outside: C40 to C42.

use super::*;

#[test]
fn c41_what_is_not_consumed_piles_up_and_equals_the_distance_of_the_offsets() {
    for balance in BOTH {
        let failing = Failure::Probability(Ratio { numerator: 1, denominator: 10 });
        let slow = ConsumerSpec { failure: failing, ..consumer("C1") };
        // With the documented ladder a retry waits ten seconds and more.
        let settings = Settings { classic_persist_offset_interval: Span::ZERO, ..Settings::default() };
        let mut lab = Lab::with(settings).topic("orders", 4);
        lab = lab.group(GroupSpec { consumers: vec![slow], ..group("billing", balance, &[]) });
        lab = lab.producer("P", constant(30));
        lab.until(20);
        let report = lab.report("billing");
        let world = lab.world();
        let topic = world.topic(world.find_topic("orders").expect("it exists"));
        let max: u64 = topic.queues.iter().map(|queue| world.queue(*queue).max_offset).sum();
        let committed: u64 = report.queues.iter().filter(|q| !q.is_retry).map(|q| q.committed_offset).sum();
        assert_eq!(report.accumulation, max - committed, "{balance:?}");
        assert_eq!(
            report.accumulation,
            report.ready + report.inflight + report.finished_ahead,
            "{balance:?}"
        );
        assert!(
            report.accumulation > 380,
            "{balance:?}: 30 come and 10 go each second: {}",
            report.accumulation
        );
        assert!(report.retry_waiting > 0, "{balance:?}: what waits for a retry stands beside it");
    }
}

#[test]
fn c42_accumulation_drains_in_the_time_that_arithmetic_predicts() {
    // 100 a second for 30 s, then 10 a second; capacity 40 a second: 1,800 pile up, and drain in 60 s.
    let burst = Pattern::Bursts {
        rate: Rate::per_second(10),
        burst_rate: Rate::per_second(100),
        every: Span::from_secs(3_600),
        lasting: Span::from_secs(30),
    };
    let consumers = ["C1", "C2", "C3", "C4"];
    let mut lab = Lab::new().topic("orders", 4).group(group("billing", Balance::Queue, &consumers));
    lab = lab.producer("P", burst);
    lab.until(30);
    let peak = lab.report("billing").accumulation;
    assert!((1_800..=1_804).contains(&peak), "peak {peak}");
    lab.until(60);
    let half = lab.report("billing").accumulation;
    assert!((900..=904).contains(&half), "half way {half}");
    lab.until(89);
    assert!(lab.report("billing").accumulation >= 30, "not before its time");
    lab.until(91);
    assert!(lab.report("billing").accumulation <= 4, "empty after 60 s");
}

#[test]
fn c40_the_trace_says_when_where_and_with_which_result_a_message_was_sent_stored_and_delivered() {
    let mut slow = group("desk", Balance::Message, &["C1"]);
    slow.consumer_type = ConsumerType::Simple;
    slow.consumers[0].failure = Failure::FirstAttempts(1);
    let mut failing = group("billing", Balance::Queue, &["C1"]);
    failing.consumers[0].failure = Failure::FirstAttempts(1);
    let mut lab = Lab::with(Settings { network_send_latency: Span::from_ms(5), ..quick() })
        .topic("orders", 1)
        .group(failing)
        .group(group("mail", Balance::Message, &["C1"]))
        .group(slow)
        .producer("P", Pattern::ByHand);
    lab.send(1);
    lab.until(40);
    let world = lab.world();
    let message = MessageRef { queue: QueueId(0), offset: 0 };
    let trace = trace::journey(world, message).expect("it is stored");
    assert_eq!((trace.message, trace.producer, trace.number), (message, ProducerId(0), 0));
    assert_eq!((trace.sent_at, trace.stored_at), (Instant::ZERO, Instant::from_ms(5)));
    // Copy, who, and in microseconds: handed out, received, started, ended; and how.
    let told: Vec<_> = trace
        .readers
        .iter()
        .map(|reader| {
            let of = |d: &trace::Delivery| {
                let times = [Some(d.handed_out_at), d.received_at, d.started_at, d.finished_at];
                let copy = world.topic(world.queue(d.copy.queue).topic).name.to_string();
                (copy, world.consumer_name(d.consumer), times.map(|at| at.map_or(0, |at| at.0)), d.outcome)
            };
            reader.deliveries.iter().map(of).collect::<Vec<_>>()
        })
        .collect();
    let row =
        |topic: &str, who: &str, times, outcome| (topic.to_owned(), who.to_owned(), times, Some(outcome));
    let (failed, done) = (Outcome::Failed, Outcome::Acknowledged);
    let expected = [
        vec![
            row("orders", "billing/C1", [5_000, 5_100, 5_100, 105_100], failed),
            row("%RETRY%billing", "billing/C1", [1_105_100, 1_105_200, 1_105_200, 1_205_200], done),
        ],
        vec![row("orders", "mail/C1", [5_000, 5_100, 5_100, 105_100], done)],
        vec![
            row("orders", "desk/C1", [5_000, 5_100, 5_100, 105_100], failed),
            row("%RETRY%desk_orders", "desk/C1", [30_005_000, 30_005_100, 30_005_100, 30_105_100], done),
        ],
    ];
    assert_eq!(told, expected);
    // From its storage to its end, without gap: the parts are the whole.
    let lasted = [1_200_200, 100_100, 30_100_100].map(Span::from_us);
    for (reader, lasted) in trace.readers.iter().zip(lasted) {
        assert_eq!(reader.lasted(), lasted);
        assert!(matches!(reader.end, trace::End::Acknowledged { at, .. } if at == trace.stored_at + lasted));
        assert!(reader.stages.windows(2).all(|pair| pair[0].to == pair[1].from), "{:?}", reader.stages);
    }
    // Where the journal has been, the trace was: every hand-out of every copy, and nothing else.
    let handed_out =
        lab.journal.0.iter().filter(|e| matches!(e.event, Event::MessageHandedOut { .. })).count();
    assert_eq!(handed_out, told.iter().map(Vec::len).sum::<usize>());
}
