//! Message types: C14 to C18.

use mqscope::broker::settings::OutOfRange;

use super::*;

#[test]
fn c15_normal_messages_are_delivered_at_least_once() {
    for balance in BOTH {
        let mut lab = Lab::new().topic("orders", 4).group(group("billing", balance, &["C1", "C2"]));
        lab = lab.producer("P", constant(10));
        lab.until(5);
        lab.consumer("billing/C2", ConsumerChange::Crash);
        lab.until(10);
        lab.give(Command::RemoveProducer { producer: "P".into() });
        lab.until(120);
        let mut seen = lab.acknowledged("billing");
        seen.sort_unstable();
        seen.dedup();
        assert_eq!(seen.len(), 100, "{balance:?}: every message, whatever crashed");
    }
}

/// A world with a FIFO topic and a producer of messages in five message groups.
fn ordered(settings: Settings, queues: u32) -> Lab {
    let mut lab = Lab::with(settings);
    lab.give(Command::AddTopic(TopicSpec {
        name: "orders".into(),
        message_type: TopicType::Of(MessageType::Fifo),
        write_queues: queues,
        read_queues: queues,
        cleanup: Default::default(),
    }));
    let mut spec = producer("P", constant(10));
    spec.message.message_group = Some(MessageGroups::ByChance(5));
    lab.give(Command::AddProducer(spec));
    lab
}

fn orderly(name: &str, balance: Balance, consumers: Vec<ConsumerSpec>) -> GroupSpec {
    GroupSpec { delivery_order: DeliveryOrder::Orderly, consumers, ..group(name, balance, &[]) }
}

/// What a group's listeners worked on: message group and number of the message, from when to when, and how it ended.
type Worked = (String, u64, Instant, Instant, Outcome);

impl Lab {
    fn worked(&self, group: &str) -> Vec<Worked> {
        let id = self.world().find_group(group).expect("the group exists");
        let mut begun = std::collections::BTreeMap::new();
        let mut worked = Vec::new();
        for entry in &self.journal.0 {
            match entry.event {
                Event::ConsumeStarted { consumer, thread, .. } => {
                    begun.insert((consumer, thread), entry.at);
                }
                Event::ConsumeFinished { progress, offset, consumer, thread, outcome } => {
                    let state = self.world().progress(progress);
                    let view = self.world().message_view(MessageRef { queue: state.queue, offset });
                    let view = view.expect("the message is there");
                    let message_group = view.content.message_group.unwrap_or_default();
                    if state.group == id {
                        let from = begun[&(consumer, thread)];
                        worked.push((message_group, view.number, from, entry.at, outcome));
                    }
                }
                _ => {}
            }
        }
        worked.sort_by_key(|(_, _, from, to, _)| (*from, *to));
        worked
    }
}

#[test]
fn c14_a_message_of_another_type_is_refused_and_both_types_are_named() {
    let mut lab = Lab::new().topic("orders", 2);
    let mut spec = producer("P", constant(1));
    spec.message.message_group = Some(MessageGroups::Text("all".into()));
    lab.give(Command::AddProducer(spec));
    lab.until(3);
    assert_eq!((lab.stored(), lab.world().live.rejected), (0, 3));
    let refused = lab.journal.0.iter().find(|e| matches!(e.event, Event::SendRefused { .. }));
    let words = mqscope::lesson::Words::new(mqscope::lesson::Language::English);
    let said = mqscope::lesson::explain(lab.world(), refused.expect("one is refused"), &words).to_string();
    assert!(said.contains("FIFO") && said.contains("NORMAL"), "{said}");
}

#[test]
fn c16_messages_of_a_message_group_come_in_the_order_sent_and_other_message_groups_go_on_meanwhile() {
    let crew = || {
        ["C1", "C2", "C3"].map(|name| ConsumerSpec {
            threads: Some(4),
            processing: Distribution::Exponential { mean: Span::from_ms(200) },
            ..consumer(name)
        })
    };
    // How often a message began before an earlier one of its message group was done, and how many were worked on at once.
    let play = |settings: Settings, spec: GroupSpec| {
        let mut lab = ordered(settings, 4).group(spec);
        lab.until(60);
        let worked = lab.worked("billing");
        assert!(worked.len() > 200, "{} messages", worked.len());
        let (mut passes, mut most) = (0, 0);
        for (message_group, number, from, ..) in &worked {
            let earlier = worked.iter().filter(|(of, earlier, ..)| of == message_group && earlier < number);
            passes += usize::from(earlier.clone().any(|(_, _, _, to, _)| to > from));
            most = most.max(worked.iter().filter(|(_, _, a, b, _)| a <= from && from < b).count());
        }
        (passes, most)
    };
    for balance in BOTH {
        let (passes, most) = play(quick(), orderly("billing", balance, crew().to_vec()));
        assert_eq!(passes, 0, "{balance:?}");
        assert!(most >= 3, "{balance:?}: {most} at once");
        let concurrent = GroupSpec { consumers: crew().to_vec(), ..group("billing", balance, &[]) };
        assert!(play(quick(), concurrent).0 > 0, "without order messages pass each other");
    }
    // As in open-source brokers, with one lock for each queue.
    let settings = Settings { fifo_lock_scope: LockScope::Queue, ..quick() };
    assert_eq!(play(settings, orderly("billing", Balance::Message, crew().to_vec())).0, 0);
}

#[test]
fn c17_a_failing_ordered_message_holds_back_those_behind_it_until_it_succeeds_or_runs_out_of_attempts() {
    let crew = |failure: Failure| vec![ConsumerSpec { threads: Some(20), failure, ..consumer("C1") }];
    let play = |failure| {
        let spec = orderly("billing", Balance::Message, crew(failure));
        let mut lab = ordered(quick(), 4).group(spec);
        lab.until(30);
        lab.give(Command::SetPattern { producer: "P".into(), pattern: Pattern::ByHand });
        lab.until(120);
        lab
    };
    let (sick, well) = (play(Failure::PoisonKey("order-7".into())), play(Failure::NEVER));
    let poisoned = sick.worked("billing").into_iter().find(|(_, number, ..)| *number == 7);
    let (its_group, _, first_try, ..) = poisoned.expect("it was tried");
    // Seventeen attempts of 100 ms, and sixteen waits of 3 s between them.
    let attempts: Vec<_> =
        sick.worked("billing").into_iter().filter(|(_, number, ..)| *number == 7).collect();
    assert_eq!(attempts.len(), 17);
    let given_up = attempts.last().expect("seventeen").3;
    assert_eq!(given_up - first_try, Span::from_ms(17 * 100 + 16 * 3_000));
    for (message_group, number, from, ..) in sick.worked("billing") {
        assert!(message_group != its_group || number <= 7 || from >= given_up, "{number} passed it");
    }
    let report = sick.report("billing");
    assert_eq!((report.dead_letters, report.accumulation, report.retry_waiting), (1, 0, 0));
    // To the other message groups it is as if nothing failed.
    let others =
        |lab: &Lab| lab.worked("billing").into_iter().filter(|(of, ..)| *of != its_group).collect::<Vec<_>>();
    assert!(others(&sick).len() > 150);
    assert_eq!(others(&sick), others(&well));

    // If it succeeds before it runs out of attempts, those behind it come at once, in order.
    let mut lab =
        ordered(quick(), 4).group(orderly("billing", Balance::Message, crew(Failure::FirstAttempts(2))));
    lab.until(3);
    lab.give(Command::SetPattern { producer: "P".into(), pattern: Pattern::ByHand });
    lab.until(600);
    let report = lab.report("billing");
    assert_eq!((report.dead_letters, report.accumulation), (0, 0));
    assert_eq!((report.acknowledged, report.failed), (report.matched, 2 * report.matched));
}

/// A topic for delay messages, read by a group, and a producer whose messages are kept back for so long.
fn delayed(settings: Settings, balance: Balance, delay: Span) -> Lab {
    let mut lab = Lab::with(settings);
    lab.give(Command::AddTopic(TopicSpec {
        name: "orders".into(),
        message_type: TopicType::Of(MessageType::Delay),
        write_queues: 2,
        read_queues: 2,
        cleanup: Default::default(),
    }));
    let mut spec = producer("P", Pattern::ByHand);
    spec.message.delay = Some(Distribution::Constant(delay));
    lab.give(Command::AddProducer(spec));
    lab.group(group("billing", balance, &["C1"]))
}

#[test]
fn c18_a_delayed_message_is_seen_by_nobody_before_its_time_and_by_all_soon_after() {
    // Due at, and in its queue at: the timer has slots of a second.
    for (due, seen) in [(12_000, 12_000), (12_001, 13_000), (12_999, 13_000), (500, 1_000)] {
        for balance in BOTH {
            let mut lab = delayed(quick(), balance, Span::from_ms(due));
            lab.send(3);
            while lab.broker.step(Instant::from_ms(seen - 1), &mut lab.journal) {}
            lab.broker.advance(Instant::from_ms(seen - 1));
            assert_eq!((lab.stored(), lab.handed_out("billing").len()), (0, 0), "{due}: nobody sees them");
            let report = lab.report("billing");
            assert_eq!((report.accumulation, report.ready), (0, 0), "{due}: nobody is behind");
            assert_eq!(lab.world().live.producers[0].stored, 3, "{due}: the producer has its answers");
            lab.until(20);
            assert_eq!(visible(&lab), [(seen, 0), (seen, 1), (seen, 2)], "{due}, {balance:?}");
            assert_eq!(lab.report("billing").acknowledged, 3, "each exactly once");
            // The view says when it was sent, when it was due, and when it was stored.
            let first = lab.handed_out("billing")[0].0;
            let view = lab.world().message_view(first).expect("it is stored");
            let times = [view.born_at, view.due_at.expect("it has a time"), view.stored_at];
            assert_eq!(times.map(|at| at.0 / 1_000), [0, due, seen]);
        }
    }
}

#[test]
fn c18_a_time_that_is_not_ahead_is_now_and_one_too_far_ahead_is_refused() {
    let mut now = delayed(quick(), Balance::Message, Span::ZERO);
    now.until(3);
    now.send(1);
    assert_eq!(visible(&now), [(3_000, 0)]);
    let late = Settings { network_send_latency: Span::from_secs(2), ..quick() };
    let mut past = delayed(late, Balance::Message, Span::from_secs(1));
    past.send(1);
    past.until(5);
    assert_eq!(visible(&past), [(2_000, 0)], "due while it was on its way");

    let day = Span::from_secs(86_400);
    let mut last = delayed(quick(), Balance::Message, day);
    last.send(1);
    assert_eq!(last.world().live.timer.len(), 1, "24 h is fine");
    let too_far = || delayed(quick(), Balance::Message, day + Span::from_ms(1));
    let mut refused = too_far();
    refused.send(1);
    refused.until(90_000);
    assert_eq!((visible(&refused), refused.world().live.rejected), (vec![], 1));
    assert!(refused.world().live.timer.is_empty(), "and nothing is kept");
    let documented = Settings { delay_out_of_range: OutOfRange::DeliverNow, ..quick() };
    let mut immediate = delayed(documented, Balance::Message, day + Span::from_ms(1));
    immediate.send(1);
    assert_eq!(visible(&immediate), [(0, 0)], "the documents say that it takes effect immediately");
}

#[test]
fn c18_classic_levels_are_eighteen_fixed_delays() {
    let mut lab = delayed(quick(), Balance::Message, Span::from_secs(30));
    let seconds =
        [1, 5, 10, 30, 60, 120, 180, 240, 300, 360, 420, 480, 540, 600, 1_200, 1_800, 3_600, 7_200, 7_200];
    for level in 1..=19 {
        let name = format!("level-{level}");
        let mut spec = producer(&name, Pattern::ByHand);
        // A level comes before a time.
        spec.message.delay = Some(Distribution::Constant(Span::from_ms(1)));
        spec.message.delay_level = Some(level);
        lab.give(Command::AddProducer(spec));
        lab.give(Command::Send { producer: name, count: 1 });
    }
    lab.until(8_000);
    let seen: Vec<u64> = visible(&lab).into_iter().map(|(ms, _)| ms).collect();
    assert_eq!(seen, seconds.map(|secs| secs * 1_000));
}

#[test]
fn c18_a_delayed_message_can_be_taken_back_until_its_slot_begins() {
    let recall = |number| Command::Recall { producer: "P".into(), number };
    let allowed = Settings { delay_recall_enable: true, ..quick() };
    let mut lab = delayed(allowed, Balance::Message, Span::from_ms(5_500));
    lab.send(2);
    lab.until(5);
    lab.give(recall(0));
    lab.broker.advance(Instant::from_ms(5_001));
    lab.give(recall(1));
    lab.until(20);
    assert_eq!(visible(&lab), [(6_000, 1)]);
    assert_eq!(lab.refusals(), [Refusal::RecallTooLate], "its slot began at 5 s");
    let mut off = delayed(quick(), Balance::Message, Span::from_secs(5));
    off.send(1);
    off.give(recall(0));
    assert_eq!(off.refusals(), [Refusal::RecallDisabled], "brokers do not allow it unless told so");
}

/// A retry in place is another try: what failed once by chance does not fail for ever.
#[test]
fn c17_each_try_in_place_has_a_luck_of_its_own() {
    for balance in BOTH {
        let settings = Settings { fifo_retry_interval: Span::from_ms(10), ..quick() };
        let mut lab = ordered(settings, 2);
        let half = Ratio::parse("1/2").expect("a ratio");
        let unlucky = |name| ConsumerSpec { failure: Failure::Probability(half), ..consumer(name) };
        lab = lab.group(orderly("billing", balance, vec![unlucky("C1"), unlucky("C2")]));
        lab.until(10);
        lab.give(Command::RemoveProducer { producer: "P".into() });
        lab.until(300);
        let report = lab.report("billing");
        assert_eq!((report.dead_letters, report.accumulation), (0, 0), "{balance:?}");
        assert!(report.acknowledged >= 99 && report.failed > 50, "{balance:?}: {}", report.failed);
    }
}
