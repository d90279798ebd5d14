//! Communication models: C43 to C46, and C54.

use mqscope::broker::caller::CallerSpec;
use mqscope::broker::service::ServiceSpec;
use mqscope::metrics::beside::CallerReport;

use super::*;

fn service(name: &str, workers: u32, waiting_line: Option<u32>, processing: Distribution) -> Command {
    let handler = HandlerSpec { processing, failure: Ratio::ZERO, same_as: Some("billing".into()) };
    Command::AddService(ServiceSpec { name: name.into(), workers, waiting_line, handler })
}

/// A caller that calls whenever `shop` sends.
fn caller(services: &[&str]) -> Command {
    Command::AddCaller(CallerSpec {
        name: "calls".into(),
        services: services.iter().map(|name| (*name).to_owned()).collect(),
        arrivals: Arrivals::SameAs("shop".into()),
        timeout: Span::from_secs(1),
    })
}

impl Lab {
    fn service(&mut self, name: &str, change: ServiceChange) {
        self.give(Command::Service { service: name.into(), change });
    }

    fn calls(&self) -> CallerReport {
        beside::caller(self.world(), self.world().find_caller("calls").expect("the caller exists"))
    }

    /// The instants of entries about messages or calls, by number.
    fn instants(&self, of: fn(&Event) -> Option<u64>) -> Vec<(u64, Instant)> {
        let mut all: Vec<_> = self.journal.0.iter().filter_map(|e| Some((of(&e.event)?, e.at))).collect();
        all.sort_unstable();
        all
    }
}

fn sent(event: &Event) -> Option<u64> {
    if let Event::MessageSent { number, .. } = event { Some(*number) } else { None }
}

fn stored(event: &Event) -> Option<u64> {
    if let Event::MessageStored { number, .. } = event { Some(*number) } else { None }
}

fn called(event: &Event) -> Option<u64> {
    if let Event::CallSent { number, stage: 0, .. } = event { Some(*number) } else { None }
}

fn gave_up(event: &Event) -> Option<u64> {
    if let Event::CallTimedOut { number, .. } = event { Some(*number) } else { None }
}

#[test]
fn c43_a_caller_waits_for_the_answer_and_fails_with_its_callee() {
    let steady = Distribution::Constant(Span::from_ms(100));
    let mut lab = beside_world(Pattern::Constant(Rate::per_second(10)));
    lab.give(service("S", 2, None, steady));
    lab.give(caller(&["S"]));
    lab.until(5);
    let calls = lab.calls();
    assert_eq!((calls.failed, calls.timed_out), (0, 0));
    assert_eq!((calls.latency_us.p50, calls.latency_us.max), (110_000, 110_000), "there, work, and back");
    // A dead callee: nobody says anything, and each caller finds out for itself.
    lab.service("S", ServiceChange::Crash);
    lab.until(10);
    let dead = lab.calls();
    assert_eq!((dead.answered, dead.failed), (calls.answered, 0));
    assert!(dead.timed_out >= 40, "{}", dead.timed_out);
    let called_at = lab.instants(called);
    for (number, at) in lab.instants(gave_up) {
        assert_eq!(at, called_at[number as usize].1 + Span::from_secs(1), "call {number}");
    }
    // A slow one: calls wait in its line until their callers give up, and it works on for those that are gone.
    lab.service("S", ServiceChange::Start);
    lab.service("S", ServiceChange::SetProcessing(Distribution::Constant(Span::from_ms(800))));
    lab.until(20);
    let slow = lab.calls();
    assert!(slow.timed_out > dead.timed_out + 50 && slow.too_late > 0, "{slow:?}");
    let world = lab.world();
    assert!(beside::service(world, world.find_service("S").expect("it exists")).in_vain > 0);
    // A stopped one turns calls away.
    lab.service("S", ServiceChange::Stop);
    lab.until(25);
    assert_eq!(lab.calls().failed, 50, "ten a second for 5 s");
}

#[test]
fn c44_a_send_is_done_once_the_broker_has_stored_the_message() {
    let mut lab = beside_world(Pattern::Poisson(Rate::per_second(20)));
    lab.give(service("S", 3, None, Distribution::Exponential { mean: Span::from_ms(100) }));
    lab.give(caller(&["S"]));
    lab.until(10);
    // The same arrivals, message by message, and the same handler.
    assert_eq!(lab.instants(sent), lab.instants(called));
    let mut works = [std::collections::BTreeMap::new(), std::collections::BTreeMap::new()];
    for entry in &lab.journal.0 {
        match entry.event {
            Event::ConsumeStarted { offset, finishes_at, .. } => {
                let (_, number) = lab.world().log.queues[0].sender(offset);
                works[0].insert(number, finishes_at - entry.at);
            }
            Event::CallStarted { number, finishes_at, .. } => {
                works[1].insert(number, finishes_at - entry.at);
            }
            _ => {}
        }
    }
    assert!(works[0].len() > 150);
    for (number, took) in &works[0] {
        assert!(works[1].get(number).is_none_or(|other| other == took), "message {number}");
    }
    // The side that works is gone for ten seconds: calls fail, sends take 5 ms as ever.
    lab.service("S", ServiceChange::Crash);
    lab.consumer("billing/C1", ConsumerChange::Crash);
    lab.until(20);
    lab.service("S", ServiceChange::Start);
    lab.consumer("billing/C1", ConsumerChange::Restart);
    lab.until(60);
    assert!(lab.calls().timed_out > 150);
    let sent = lab.instants(sent);
    for ((number, sent_at), (stored, stored_at)) in sent.iter().zip(lab.instants(stored)) {
        assert_eq!((*number, *sent_at + Span::from_ms(5)), (stored, stored_at));
    }
    assert_eq!(lab.world().live.rejected, 0);
}

#[test]
fn c45_a_burst_overwhelms_the_direct_callee_and_is_spread_behind_a_broker() {
    let burst = Pattern::Bursts {
        rate: Rate::per_second(10),
        burst_rate: Rate::per_second(100),
        every: Span::from_secs(1_000),
        lasting: Span::from_secs(30),
    };
    let steady = Distribution::Constant(Span::from_ms(100));
    let mut lab = beside_world(burst);
    lab.consumer("billing/C1", ConsumerChange::SetThreads(4));
    lab.consumer("billing/C1", ConsumerChange::SetProcessing(steady));
    lab.give(service("S", 4, Some(0), steady));
    lab.give(caller(&["S"]));
    let mut done = vec![0];
    for second in 1..=95 {
        lab.until(second);
        done.push(lab.report("billing").acknowledged);
        if second == 31 {
            let calls = lab.calls();
            assert_eq!(calls.overloaded, 1_800, "60 % of the 3000 calls of the burst");
            let behind = lab.report("billing").accumulation;
            assert!(
                (1_760..=1_804).contains(&behind),
                "(100 - 40) x 30, less one second of draining: {behind}"
            );
        }
    }
    // From the first to the ninetieth second the consumer works at the same 40 a second, whatever comes.
    for second in 2..89 {
        assert_eq!(done[second + 1] - done[second], 40, "in second {second}");
    }
    assert!(lab.report("billing").accumulation <= 2, "1800 / (40 - 10) = 60 s after the burst");
    assert_eq!(lab.world().live.rejected, 0);
}

#[test]
fn c46_the_consumer_side_is_upgraded_without_a_failed_send() {
    let mut lab = beside_world(Pattern::Constant(Rate::per_second(20)));
    let steady = Distribution::Constant(Span::from_ms(50));
    lab.consumer("billing/C1", ConsumerChange::SetProcessing(steady));
    lab.give(service("first", 3, None, steady));
    lab.give(service("second", 3, None, steady));
    lab.give(caller(&["first", "second"]));
    lab.until(10);
    lab.service("second", ServiceChange::Stop);
    lab.consumer("billing/C1", ConsumerChange::Leave);
    lab.until(20);
    lab.service("second", ServiceChange::Start);
    lab.consumer("billing/C1", ConsumerChange::Restart);
    lab.until(40);
    let calls = lab.calls();
    assert_eq!((calls.failed, calls.unavailable, calls.timed_out), (200, 200, 0), "20 a second for 10 s");
    let on_the_way = lab.instants(sent).len() - lab.instants(stored).len();
    assert_eq!((lab.world().live.rejected, on_the_way), (0, 1));
    assert!(lab.report("billing").accumulation <= 1, "the group has caught up");
    let world = lab.world();
    let first = beside::service(world, world.find_service("first").expect("it exists"));
    assert_eq!(first.unavailable, 0, "the first had answered already");
}

#[test]
fn c54_asynchrony_costs_the_result_and_some_latency() {
    let mut lab = beside_world(Pattern::Constant(Rate::per_second(5)));
    lab.give(service("S", 3, None, Distribution::Exponential { mean: Span::from_ms(100) }));
    lab.give(caller(&["S"]));
    lab.until(60);
    let mut done = [std::collections::BTreeMap::new(), std::collections::BTreeMap::new()];
    for entry in &lab.journal.0 {
        match entry.event {
            Event::ConsumeFinished { offset, .. } => {
                let (_, number) = lab.world().log.queues[0].sender(offset);
                done[0].insert(number, entry.at);
            }
            Event::CallProcessed { number, .. } => {
                done[1].insert(number, entry.at);
            }
            _ => {}
        }
    }
    assert!(done[0].len() > 250);
    let idle = done[0].iter().filter(|(number, at)| done[1].get(number).is_some_and(|call| call < at));
    assert_eq!(idle.count(), done[0].len(), "the message is always done later than the call");
    // The caller has every result; all the producer ever hears of is the store.
    assert!(lab.calls().answered > 250);
    let after_store = lab.journal.0.iter().find(|entry| {
        matches!(entry.event, Event::ConsumeFinished { .. })
            && lab
                .journal
                .0
                .iter()
                .any(|e| e.cause == entry.seq && matches!(e.event, Event::MessageSent { .. }))
    });
    assert_eq!(after_store, None, "no result leads to anything at the producer");
}

#[test]
fn direct_calls_need_a_link_from_everybody_to_everybody() {
    let (star, _) = bundled_run("star-topology");
    let links = beside::links(star.world()).expect("somebody calls");
    assert_eq!((links.direct, links.broker), (7 * 7, 7 + 7 + 1), "one group came later: one more link");
}

/// The same of the workers of a service.
#[test]
fn c43_the_time_of_a_dead_service_was_spent() {
    let mut lab = beside_world(Pattern::Constant(Rate::per_second(1)));
    lab.give(service("S", 2, None, Distribution::Constant(Span::from_secs(8))));
    lab.give(caller(&["S"]));
    lab.until(4);
    let busy =
        |lab: &Lab| beside::service(lab.world(), lab.world().find_service("S").expect("it exists")).busy_us;
    let before = busy(&lab);
    assert!(before > 4_000_000, "two workers are at work for some 3 s: {before}");
    lab.service("S", ServiceChange::Crash);
    lab.until(5);
    assert_eq!(busy(&lab), before);
}
