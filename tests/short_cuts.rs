//! The broker's short cuts change nothing: random worlds, faults included, have the same journal with and without.

#[path = "laws/worlds.rs"]
#[allow(dead_code, reason = "the laws read more of a plan")]
mod worlds;

use mqscope::broker::{Broker, Entry, Observer, World};
use mqscope::sim::{Instant, Span};
use worlds::Plan;

/// Keeps every entry.
#[derive(Default)]
struct Journal(Vec<Entry>);

impl Observer for Journal {
    fn observe(&mut self, _: &World, entry: &Entry) {
        self.0.push(*entry);
    }
}

fn journal(plan: &Plan, step: impl Fn(&mut Broker, Instant, &mut Journal) -> bool) -> (Broker, Journal) {
    let mut broker = Broker::new(plan.settings.clone(), plan.seed, None);
    let mut journal = Journal::default();
    let later = plan.actions.iter().map(|(at, command)| (*at, command));
    for (at, command) in plan.topology.iter().map(|command| (Instant::ZERO, command)).chain(later) {
        while step(&mut broker, at, &mut journal) {}
        broker.advance(at);
        broker.command(command.clone(), &mut journal);
    }
    let end = plan.repair_at + Span::from_secs(60);
    while step(&mut broker, end, &mut journal) {}
    (broker, journal)
}

#[test]
fn with_and_without_them_the_journal_is_the_same() {
    for seed in 0..300 {
        let plan = Plan::draw(seed);
        let (short, shorts) = journal(&plan, |broker, until, journal| broker.step(until, journal));
        let (plain, plains) = journal(&plan, |broker, until, journal| broker.step_plainly(until, journal));
        let differ = shorts.0.iter().zip(&plains.0).find(|(a, b)| a != b);
        assert_eq!(differ, None, "world {seed}: with and without short cuts");
        assert_eq!(short.fingerprint(), plain.fingerprint(), "world {seed}");
    }
}
