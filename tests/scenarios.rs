//! Every bundled scenario is a test: its whole run is compared with a golden (`tests/scenarios/<id>.txt`: what was
//! notable, the numbers at the end, the fingerprint), and the numbers that its captions promise are asserted here.
//!
//! `UPDATE=1 cargo test --test scenarios` rewrites the goldens; read what changed.

use std::fmt::Write as _;
use std::path::Path;
use std::rc::Rc;

use mqscope::broker::{Entry, Event, MessageRef, Observer, World};
use mqscope::lesson::{Language, Words, explain};
use mqscope::metrics::{GroupReport, Report, report};
use mqscope::scenario::{Scenario, bundled};
use mqscope::session::Session;
use mqscope::sim::Instant;

/// Tells what a person would want to know of a run: faults, membership, retries, dead letters, rebalances.
struct Notable {
    words: Words,
    told: String,
}

impl Observer for Notable {
    fn observe(&mut self, world: &World, entry: &Entry) {
        let routine = match entry.event {
            Event::CommandGiven { .. }
            | Event::ProgressStarted { .. }
            | Event::MessageSent { .. }
            | Event::MessageStored { .. }
            | Event::MessageDelayed { .. }
            | Event::LiteTopicCreated { .. }
            | Event::LiteSubscribed { .. }
            | Event::LiteQueued { .. }
            | Event::LiteExpired { .. }
            | Event::HalfStored { .. }
            | Event::RebalanceScheduled { .. }
            | Event::AssignmentReceived { .. }
            | Event::ReceiveParked { .. }
            | Event::MessageHandedOut { .. }
            | Event::MessagesFiltered { .. }
            | Event::MessageRejectedByTag { .. }
            | Event::RetriedInPlace { .. }
            | Event::MessageReceived { .. }
            | Event::ConsumeStarted { .. }
            | Event::CallSent { .. }
            | Event::CallTurnedAway { .. }
            | Event::CallQueued { .. }
            | Event::CallStarted { .. }
            | Event::CallProcessed { .. }
            | Event::CallAnswered { .. }
            | Event::CallFailed { .. }
            | Event::CallTimedOut { .. }
            | Event::AnswerTooLate { .. }
            | Event::P2pSent { .. }
            | Event::P2pPut { .. }
            | Event::P2pTaken { .. }
            | Event::P2pProcessed { .. }
            | Event::ConsumeFinished { .. }
            | Event::OffsetCommitted { .. }
            | Event::OffsetsPersisted { .. } => true,
            Event::Rebalanced { moved, .. } => moved == 0,
            _ => false,
        };
        if !routine {
            let _ = writeln!(self.told, "{} {}", entry.at, explain(world, entry, &self.words));
        }
    }
}

fn play(id: &str) -> Session<Notable> {
    let (_, text) = bundled().iter().find(|(bundled, _)| *bundled == id).expect("it is bundled");
    let scenario = Scenario::parse(text).unwrap_or_else(|problems| panic!("{id}: {problems}"));
    let notable = Notable { words: Words::new(Language::English), told: String::new() };
    Session::new(Rc::new(scenario), notable)
}

/// The scenario at an instant.
fn at(id: &str, seconds: u64) -> Session<Notable> {
    let mut session = play(id);
    session.run_until(Instant::from_secs(seconds), u64::MAX);
    assert_eq!(session.broken(), None, "{id}");
    session
}

fn numbers<O: Observer>(session: &Session<O>) -> Report {
    report::report(session.world(), &session.scenario().id, session.fingerprint())
}

fn group(report: &Report, name: &str) -> GroupReport {
    report.groups.iter().find(|group| group.group == name).expect("the group exists").clone()
}

#[test]
fn every_bundled_scenario_runs_as_before() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/scenarios");
    let update = std::env::var_os("UPDATE").is_some();
    let mut differs = Vec::new();
    for (id, _) in bundled() {
        let mut session = play(id);
        let until = session.scenario().until;
        session.run_until(until, u64::MAX);
        assert_eq!(session.broken(), None, "{id}");
        let numbers = serde_json::to_string_pretty(&numbers(&session)).expect("a report is JSON");
        let golden = format!("{}\n{numbers}\n", session.observer().told);
        let path = folder.join(format!("{id}.txt"));
        if update {
            std::fs::create_dir_all(&folder).expect("the folder can be made");
            std::fs::write(&path, golden).expect("the golden can be written");
        } else if std::fs::read_to_string(&path).unwrap_or_default() != golden {
            differs.push(*id);
        }
    }
    assert!(
        differs.is_empty(),
        "{differs:?} run differently: UPDATE=1 cargo test --test scenarios, and read the diff"
    );
}

#[test]
fn a_run_is_the_same_however_it_is_cut() {
    for (id, _) in bundled() {
        let (mut whole, mut stepped, mut sliced) = (play(id), play(id), play(id));
        let until = whole.scenario().until;
        whole.run_until(until, u64::MAX);
        while stepped.step(until) {}
        while !sliced.run_until(until, 7) {}
        assert_eq!(whole.fingerprint(), stepped.fingerprint(), "{id}, step by step");
        assert_eq!(whole.fingerprint(), sliced.fingerprint(), "{id}, seven entries at a time");
        assert_eq!(whole.now(), sliced.now(), "{id}");
    }
}

#[test]
fn another_seed_is_another_run_and_the_same_one_is_not() {
    let fingerprint = |seed| {
        let mut scenario = Scenario::parse(bundled()[0].1).expect("it is bundled");
        scenario.seed = seed;
        let mut session = Session::new(Rc::new(scenario), ());
        session.run_until(Instant::from_secs(30), u64::MAX);
        session.fingerprint()
    };
    assert_eq!(fingerprint(1), fingerprint(1));
    assert_ne!(fingerprint(1), fingerprint(2));
}

/// C25 and C48 beside each other: the same arrivals, shared by three and given to each of three.
#[test]
fn competing_consumers_share_and_subscribers_each_get_all() {
    let mut session = play("competing-and-pubsub");
    let until = session.scenario().until;
    session.run_until(until, u64::MAX);
    let report = numbers(&session);
    let matched: Vec<u64> = report.groups.iter().map(|group| group.matched).collect();
    assert!(
        matched.iter().all(|seen| *seen == matched[0]),
        "every group is offered the same messages: {matched:?}"
    );
    let shared = report.groups.iter().find(|g| g.consumers.len() == 3).expect("three compete");
    assert_eq!(
        shared.consumers.iter().map(|c| c.deliveries).sum::<u64>(),
        shared.deliveries,
        "each goes to one of them"
    );
    let alone = report.groups.iter().filter(|g| g.consumers.len() == 1).count();
    assert_eq!(alone, 3, "beside three groups with one consumer each");
}

/// C28: by queue two of six consumers sit idle, by message none does.
#[test]
fn scale_out_ends_at_the_queues_and_goes_on_by_message() {
    let session = at("scale-out", 1);
    let switch = session.scenario().actions.last().expect("it switches").at;
    let idle = |at: Instant, from: Instant| {
        let mut session = play("scale-out");
        session.run_until(from, u64::MAX);
        let before: Vec<u64> = numbers(&session).groups[0].consumers.iter().map(|c| c.deliveries).collect();
        session.run_until(at, u64::MAX);
        let after = numbers(&session).groups[0].consumers.clone();
        after.iter().enumerate().filter(|(n, c)| before.get(*n).copied() == Some(c.deliveries)).count()
    };
    let before = Instant(switch.0 - 1);
    let end = session.scenario().until;
    assert_eq!(idle(before, Instant(switch.0 - 8_000_000)), 2, "four queues, six consumers");
    assert_eq!(idle(end, switch), 0, "by message every one of them works");
}

/// C42: the caption promises a peak and a time.
#[test]
fn accumulation_drains_as_the_caption_says() {
    let text = bundled().iter().find(|(id, _)| *id == "accumulate-and-drain").expect("it is bundled").1;
    let scenario = Scenario::parse(text).expect("it is valid");
    let peak_at = scenario.actions.first().map(|action| action.at);
    let peak = |seconds| {
        group(&numbers(&at("accumulate-and-drain", seconds)), &scenario.groups[0].name).accumulation
    };
    // 10 a second for 30 s against a capacity of 4 a second, then 2 a second: 180 pile up and drain in 90 s.
    assert!(peak_at.is_none_or(|at| at == Instant::from_secs(30)), "the burst ends at 30 s: {peak_at:?}");
    assert!((180..=190).contains(&peak(30)), "{}", peak(30));
    assert!((90..=100).contains(&peak(75)), "{}", peak(75));
    assert!(peak(125) <= 8, "{}", peak(125));
}

/// C29, C36: a consumer that dies causes duplicates, never a loss.
#[test]
fn a_crash_duplicates_and_loses_nothing() {
    let mut session = play("crash-and-redelivery");
    let until = session.scenario().until;
    session.run_until(until, u64::MAX);
    let report = numbers(&session);
    for group in &report.groups {
        assert!(group.redeliveries > 0, "{} saw something again", group.group);
        let rest = group.ready + group.inflight + group.retry_waiting + group.retry_accumulation;
        let done = group.acknowledged + group.dead_letters;
        assert_eq!(done + rest, group.matched + group.duplicated, "{}: nothing is lost", group.group);
    }
}

/// C52: one gets it, everyone gets it, and a second group is something else again.
#[test]
fn broadcasting_gives_every_consumer_everything() {
    let mut session = play("broadcasting-and-clustering");
    let until = session.scenario().until;
    session.run_until(until, u64::MAX);
    let report = numbers(&session);
    let broadcast =
        report.groups.iter().find(|g| g.queues.iter().any(|q| q.consumer.is_some())).expect("one does");
    let others: Vec<_> = report.groups.iter().filter(|g| g.group != broadcast.group).collect();
    let id = session.world().find_group(&broadcast.group).expect("it exists");
    for consumer in &session.world().group(id).consumers {
        let own = session.world().group(id).progress.iter().map(|p| session.world().progress(*p));
        let own: Vec<_> = own.filter(|p| p.member == Some(*consumer)).collect();
        let seen: u64 = own.iter().map(|p| session.world().queue(p.queue).max_offset - p.start).sum();
        let behind: u64 = own.iter().map(|p| session.world().queue(p.queue).max_offset - p.next).sum();
        let delivered = session.world().consumer(*consumer).counts.deliveries;
        assert_eq!(delivered + behind, seen, "each consumer is given all that came since it joined");
    }
    assert!(broadcast.matched > 3 * others[0].matched, "one for each of them");
    assert!(
        others.iter().all(|other| other.matched == others[0].matched),
        "a second group gets each of them once"
    );
    assert_eq!(
        (broadcast.redeliveries, broadcast.dead_letters, broadcast.retry_waiting),
        (0, 0, 0),
        "no retry"
    );
}

/// C34, C35: the ladder is climbed, and what fails for good lies in the dead-letter topic.
#[test]
fn what_fails_for_good_is_dead_lettered() {
    let mut session = play("retry-and-dead-letter");
    let until = session.scenario().until;
    session.run_until(until, u64::MAX);
    let report = numbers(&session);
    assert!(report.groups.iter().any(|group| group.dead_letters > 0), "a dead letter");
    assert!(
        report.groups.iter().any(|group| group.redeliveries > group.dead_letters),
        "and messages that made it"
    );
    let world = session.world();
    let letters = world.live.topics.iter().find(|topic| topic.is_dead_letter()).expect("the topic exists");
    let letter = MessageRef { queue: letters.queues[0], offset: 0 };
    assert_eq!(world.content(letter), world.content(world.origin(letter)), "it is the message");
}

/// The file of the interface description works as it stands.
#[test]
fn the_demo_sends_a_thousand_messages_and_loses_its_only_consumer() {
    let report = numbers(&at("demo", 60));
    let billing = group(&report, "billing");
    assert_eq!((report.produced, billing.matched, report.now_us), (1_000, 1_000, 60_000_000));
    assert_eq!(billing.consumers[0].state, "crashed");
    assert_eq!(billing.accumulation, billing.ready, "nobody holds anything");
    assert_eq!(
        billing.acknowledged + billing.ready + billing.retry_waiting + billing.retry_accumulation,
        1_000
    );
}
