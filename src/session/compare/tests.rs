//! Where two branches part, whatever is known of them when one begins to look.

use super::*;
use crate::broker::{Command, ConsumerChange};
use crate::scenario::bundled;

fn scenario() -> Rc<Scenario> {
    let (_, text) = bundled().iter().find(|(id, _)| *id == "domain-model").expect("it is bundled");
    Rc::new(Scenario::parse(text).expect("it is sound"))
}

fn crash() -> Command {
    Command::Consumer { consumer: "billing/C1".to_owned(), change: ConsumerChange::Crash }
}

/// The acts of somebody who does this at these instants.
fn acts(all: &[(Instant, Command)]) -> Vec<Act> {
    let mut session = Session::new(scenario(), ());
    for (at, command) in all {
        session.run_until(*at, u64::MAX);
        session.act(command.clone());
    }
    session.acts().to_vec()
}

fn compared(here: &[Act], there: &[Act]) -> Compared<()> {
    Compared::new(&scenario(), here, there)
}

#[test]
fn a_comparison_that_began_before_the_parting_finds_it() {
    let acts = acts(&[(Instant::from_secs(15), crash())]);
    for (here, there) in [(acts.as_slice(), [].as_slice()), (&[], &acts)] {
        let mut compared = compared(here, there);
        for second in [0, 5, 14] {
            while !compared.go_on(Instant::from_secs(second), 1_000) {}
            assert_eq!(compared.parting(), None);
        }
        while !compared.go_on(Instant::from_secs(16), 1_000) {}
        let parting = compared.parting().expect("they part");
        let first = if here.is_empty() { parting.there } else { parting.here };
        assert_eq!(first.map(|entry| entry.at), Some(Instant::from_secs(15)));
        assert!(matches!(first.map(|entry| entry.event), Some(Event::CommandGiven { .. })));
    }
}

/// One of them may have nothing to set against it for a while.
#[test]
fn what_the_other_one_does_instead_is_found_when_it_comes() {
    let mut session = Session::<()>::new(scenario(), ());
    session.run_until(Instant::from_secs(15), u64::MAX);
    let next = session.next_at().expect("it goes on");
    let between = Instant(next.0 - 1);
    let acts = acts(&[(between, crash())]);
    let mut compared = compared(&acts, &[]);
    while !compared.go_on(between, 1_000) {}
    let parting = compared.parting().expect("they part");
    assert_eq!((parting.here.map(|entry| entry.at), parting.there), (Some(between), None));
    while !compared.go_on(Instant::from_secs(20), 1_000) {}
    let parting = compared.parting().expect("they part");
    assert_eq!(parting.here.map(|entry| entry.at), Some(between));
    assert!(parting.there.is_some_and(|entry| entry.at >= next), "{parting:?}");
}

#[test]
fn all_of_the_last_instant_is_played() {
    let (_, text) = bundled().iter().find(|(id, _)| *id == "peak-shifting").expect("it is bundled");
    let scenario = Rc::new(Scenario::parse(text).expect("it is sound"));
    let mut straight = Session::<()>::new(Rc::clone(&scenario), ());
    for second in [0, 1, 2, 3, 4] {
        let until = Instant::from_secs(second);
        straight.run_until(until, u64::MAX);
        // No more at once than one thing: the last instant is come to before all of it has happened.
        for entries in [1, u64::MAX] {
            let mut compared = Compared::<()>::new(&scenario, &[], &[]);
            while !compared.go_on(until, entries) {}
            assert_eq!(compared.there().live.seq, straight.world().live.seq, "{until}");
        }
    }
}

#[test]
fn a_parting_is_found_behind_any_number_of_entries_of_its_instant() {
    let at = Instant::from_secs(3);
    let send = || Command::Send { producer: "web-shop".to_owned(), count: 9_000 };
    let here = acts(&[(at, send()), (at, crash())]);
    let there = acts(&[(at, send())]);
    assert_eq!((here.len(), there.len()), (2, 1));
    let mut compared = compared(&here, &there);
    while !compared.go_on(Instant::from_secs(4), 100_000) {}
    let parting = compared.parting().expect("they part");
    assert_eq!(
        parting.here.map(|entry| (entry.at, entry.seq)),
        Some((at, here[1].seq.expect("it was given")))
    );
}

/// Four things are done one after the other; all of them together have one budget.
#[test]
fn no_frame_brings_more_than_it_may_of_both_together() {
    let here = acts(&[(Instant::from_secs(15), crash())]);
    let until = Instant::from_secs(30);
    for work in [50, 700, 3_000] {
        let mut compared = compared(&here, &[]);
        loop {
            let before = compared.work();
            let is_done = compared.go_on(until, work);
            let brought = compared.work() - before;
            assert!(brought < work + 100, "{brought} instead of {work}");
            if is_done {
                break;
            }
            assert!(brought > 0, "it goes on");
        }
        assert!(compared.parting().is_some() && compared.settled() == until);
    }
}
