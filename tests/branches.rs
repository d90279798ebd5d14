//! Branches of a run, by random acts in bundled scenarios: whatever is left can be found again as it was, undoing and
//! redoing lead there and back, a branch does not differ from itself, and links keep them all.

use std::rc::Rc;

use mqscope::broker::spec::Failure;
use mqscope::broker::{Command, ConsumerChange};
use mqscope::scenario::{Link, Scenario, bundled};
use mqscope::session::{Branches, Compared, Goal, Session, Stop, Way};
use mqscope::sim::{Chance, Draws, Fingerprint, Instant, Ratio, Stream};
use mqscope::trace::{Change, Differences};

/// Draws in a row.
struct Dice {
    draws: Draws,
    next: u64,
}

impl Dice {
    fn below(&mut self, bound: u64) -> u64 {
        self.next += 1;
        self.draws.below(self.next, bound)
    }
}

/// Scenarios with different features.
const SCENARIOS: [&str; 6] = [
    "domain-model",
    "fifo",
    "retry-and-dead-letter",
    "crash-and-redelivery",
    "transactions",
    "rpc-and-messaging",
];

fn scenario(id: &str) -> Rc<Scenario> {
    let (_, text) = bundled().iter().find(|(known, _)| *known == id).expect("a bundled scenario");
    Rc::new(Scenario::parse(text).expect("a sound file"))
}

/// A run and its branches, as the page has them.
struct Run {
    session: Session<()>,
    branches: Branches,
}

type Place = (Fingerprint, Instant, u64);

impl Run {
    fn new(scenario: Rc<Scenario>) -> Self {
        let mut session = Session::new(scenario, ());
        session.keep_checkpoints_every(100, 40);
        Self { session, branches: Branches::default() }
    }

    fn here(&self) -> Place {
        (self.session.fingerprint(), self.session.now(), self.session.world().live.seq)
    }

    fn seek(&mut self, at: Instant) {
        self.branches.see(&self.session);
        assert!(self.session.seek(Goal::At(at), u64::MAX));
    }

    /// From where the two part, or from the start; both lead to the same place.
    fn follow(&mut self, Way { acts, to }: Way) {
        let mut anew = Session::with_acts(Rc::clone(self.session.scenario()), (), acts.clone());
        let before = to.at().expect("a branch is left at an instant");
        if let Err(acts) = self.session.retrace(acts, before) {
            self.session = Session::with_acts(Rc::clone(self.session.scenario()), (), acts);
            self.session.keep_checkpoints_every(100, 40);
        }
        for session in [&mut self.session, &mut anew] {
            assert!(session.run_to_stop(to, u64::MAX));
            if let Stop::Exactly(stand) = to {
                assert!(session.is_at(&stand), "it is where it was left");
            }
        }
        let all = |it: &Session<()>| {
            (it.fingerprint(), it.now(), it.steps(), it.acts().len(), it.acts_ahead().len())
        };
        assert_eq!(all(&self.session), all(&anew));
        self.branches.see(&self.session);
    }

    fn act(&mut self, command: Command) {
        self.branches.begin_act(&self.session, &command);
        self.session.act(command);
        self.branches.see(&self.session);
    }
}

/// Something that a visitor might do; what cannot be done here is refused, and that is another course too.
fn command(scenario: &Scenario, dice: &mut Dice) -> Command {
    let group = scenario.groups.first().map_or("nobody", |group| &group.name);
    let member = scenario.groups.first().and_then(|group| group.consumers.first());
    let consumer = format!("{group}/{}", member.map_or("C1", |consumer| &consumer.name));
    let change = |change| Command::Consumer { consumer: consumer.clone(), change };
    match dice.below(7) {
        0 => change(ConsumerChange::Crash),
        1 => change(ConsumerChange::Restart),
        2 => change(ConsumerChange::Pause),
        3 => change(ConsumerChange::Resume),
        4 => change(ConsumerChange::SetThreads(1 + dice.below(4) as u32)),
        5 => change(ConsumerChange::SetFailure(Failure::Probability(Ratio::new(1, 3).expect("a ratio")))),
        _ => Command::Send {
            producer: scenario.producers.first().map_or("nobody", |producer| &producer.name).to_owned(),
            count: 3,
        },
    }
}

/// Random wandering: there and back in time, single things, acts. `check` looks at the run after each act.
fn wander(id: &str, seed: u64, mut check: impl FnMut(&mut Run, &mut Dice)) {
    let scenario = scenario(id);
    let mut dice = Dice { draws: Chance::new(seed).stream(Stream::World, 0), next: 0 };
    let mut run = Run::new(Rc::clone(&scenario));
    let until = scenario.until.0.min(20_000_000);
    for _ in 0..8 {
        run.seek(Instant(dice.below(until)));
        for _ in 0..dice.below(5) {
            run.session.step(scenario.until);
        }
        run.act(command(&scenario, &mut dice));
        for _ in 0..dice.below(40) {
            run.session.step(scenario.until);
        }
        run.branches.see(&run.session);
        check(&mut run, &mut dice);
    }
    assert!(run.branches.all().len() > 1, "{id} {seed}: acting in the past makes branches");
}

fn everywhere(mut check: impl FnMut(&mut Run, &mut Dice)) {
    for (seed, id) in SCENARIOS.iter().enumerate() {
        wander(id, seed as u64, &mut check);
    }
}

/// Where each branch was when it was left.
fn left(run: &Run) -> Vec<(mqscope::session::BranchId, Place)> {
    let others = run.branches.all().iter().filter(|branch| branch.id != run.branches.here());
    let place = |stand: mqscope::scenario::Recorded| (stand.fingerprint, stand.at, stand.entries);
    others.filter_map(|branch| Some((branch.id, place(branch.left?)))).collect()
}

#[test]
fn a_branch_is_found_again_as_it_was_left() {
    everywhere(|run, dice| {
        let all = left(run);
        if all.is_empty() {
            return;
        }
        let here = (run.branches.here(), run.here());
        let (id, place) = all[dice.below(all.len() as u64) as usize];
        let way = run.branches.open(id, &run.session, None).expect("another branch");
        run.follow(way);
        assert_eq!(run.here(), place);
        let way = run.branches.open(here.0, &run.session, None).expect("the first one");
        run.follow(way);
        assert_eq!(run.here(), here.1);
    });
}

#[test]
fn undoing_and_redoing_leads_back_to_the_same_place() {
    everywhere(|run, dice| {
        let mut seen = Vec::new();
        for _ in 0..=dice.below(3) {
            let here = run.here();
            if let Some(way) = run.branches.undo(&run.session) {
                seen.push(here);
                run.follow(way);
                assert_eq!(run.session.now(), here.1, "the moment stays");
            }
        }
        while let Some(here) = seen.pop() {
            let way = run.branches.redo(&run.session).expect("what was undone");
            run.follow(way);
            assert_eq!(run.here(), here);
        }
        assert!(!run.branches.can_redo());
    });
}

fn played(
    run: &Run,
    here: &[mqscope::session::Act],
    there: &[mqscope::session::Act],
) -> (Compared<()>, Differences) {
    let until = run.session.now();
    let mut compared = Compared::new(run.session.scenario(), here, there);
    while !compared.go_on(until, 1_000) {}
    let mut all = Differences::new(run.session.world(), compared.there(), run.session.settled());
    while !all.go_on(run.session.world(), compared.there(), 50) {}
    (compared, all)
}

#[test]
fn a_branch_does_not_differ_from_itself_and_where_two_part_is_where_something_else_was_done() {
    everywhere(|run, _| {
        let here: Vec<_> = run.session.acts().iter().chain(run.session.acts_ahead()).cloned().collect();
        let (compared, all) = played(run, &here, &here);
        assert_eq!((compared.parting(), all.count(), all.kept.len()), (None, 0, 0));
        for branch in run.branches.all().iter().filter(|branch| branch.id != run.branches.here()) {
            let there = &branch.acts;
            let same = here.iter().zip(there).take_while(|(one, other)| one == other).count();
            let first = [here.get(same), there.get(same)].into_iter().flatten().min_by_key(|act| act.seq);
            let (compared, all) = played(run, &here, there);
            if let Some(parting) = compared.parting() {
                let entries = parting.here.iter().chain(&parting.there);
                assert_eq!(entries.map(|entry| entry.seq).min(), first.and_then(|act| act.seq));
            } else {
                assert_eq!(all.count(), 0, "what goes the same way ends the same way");
            }
            let (back, mirrored) = (all.counts.clone(), {
                let mut compared = Compared::<()>::new(run.session.scenario(), there, &here);
                while !compared.go_on(run.session.now(), u64::MAX) {}
                let mut other = Session::with_acts(Rc::clone(run.session.scenario()), (), there.clone());
                other.run_until(run.session.now(), u64::MAX);
                Differences::of(other.world(), compared.there(), run.session.settled()).counts
            });
            assert_eq!(back.values().sum::<u64>(), mirrored.values().sum::<u64>(), "seen from there");
            assert_eq!(back.get(&Change::Later), mirrored.get(&Change::Sooner));
            assert_eq!(back.get(&Change::OnlyHere), mirrored.get(&Change::OnlyThere));
        }
    });
}

#[test]
fn a_link_keeps_all_branches() {
    everywhere(|run, _| {
        let recording = Scenario { branches: run.branches.kept(), ..run.session.recording() };
        let link = Link::new(recording.clone(), Vec::new());
        let fragment = link.fragment();
        let there = Link::read(&fragment).expect("an experiment").unwrap_or_else(|bad| panic!("{bad}"));
        assert_eq!((&there.scenario, there.is_bundled), (&recording, true));
        let text = recording.to_json().to_string();
        assert_eq!(Scenario::parse(&text).unwrap_or_else(|bad| panic!("{bad}")), recording);
        let branches = Branches::with(&there.scenario.branches);
        assert_eq!(branches.kept(), recording.branches);
        let mut scenario = there.scenario;
        let (acts, recorded) = (std::mem::take(&mut scenario.acts), scenario.recorded.take());
        scenario.branches = Vec::new();
        let mut session = Session::with_acts(Rc::new(scenario), (), acts);
        let recorded = recorded.expect("where it stood");
        assert!(session.run_to(&recorded, u64::MAX) && session.is_at(&recorded));
        let mut opened = Run { session, branches };
        opened.branches.see(&opened.session);
        for (id, place) in left(&opened) {
            let way = opened.branches.open(id, &opened.session, None).expect("another branch");
            opened.follow(way);
            assert_eq!(opened.here(), place);
        }
    });
}

/// Also where a message is stored more than once, because its sender did not hear that it had been stored.
#[test]
fn no_bundled_run_differs_from_itself() {
    for (id, text) in bundled() {
        let scenario = Scenario::parse(text).unwrap_or_else(|problems| panic!("{id}: {problems}"));
        let until = scenario.until;
        let mut session = Session::<()>::new(Rc::new(scenario), ());
        session.run_until(until, u64::MAX);
        let all = Differences::of(session.world(), session.world(), session.settled());
        assert!(all.compared > 0 || session.world().live.produced == 0, "{id}");
        assert_eq!(all.kept, [], "{id}");
    }
}
