//! Seeking: after any row of seeks everything is as in a run that went straight there. All bundled scenarios, and random
//! worlds; `MQSCOPE_WORLDS` sets how many, `MQSCOPE_WORLD` runs just one.

#[path = "laws/reproduce.rs"]
#[allow(dead_code, reason = "the laws write scenarios down")]
mod reproduce;
#[path = "laws/worlds.rs"]
#[allow(dead_code, reason = "the laws read more of a plan")]
mod worlds;

use std::fmt::Write;
use std::hash::{DefaultHasher, Hasher};
use std::rc::Rc;

use mqscope::broker::Command;
use mqscope::metrics::{Series, report};
use mqscope::scenario::{Act, Scenario, bundled};
use mqscope::session::{Goal, Journal, Session};
use mqscope::sim::{Instant, Span};
use mqscope::trace::log_window::{LogWindow, Shown};
use worlds::{Dice, Plan};

type Watched = Session<((Series, LogWindow), Journal)>;

fn straight(scenario: &Rc<Scenario>, acts: &[Act]) -> Watched {
    Session::with_acts(Rc::clone(scenario), Default::default(), acts.to_vec())
}

/// Everything that the world says of itself, as a number.
struct Digest(DefaultHasher);

impl Write for Digest {
    fn write_str(&mut self, text: &str) -> std::fmt::Result {
        self.0.write(text.as_bytes());
        Ok(())
    }
}

fn world(session: &Watched) -> u64 {
    let mut digest = Digest(DefaultHasher::new());
    write!(digest, "{:?}", session.world()).expect("it can be written");
    digest.0.finish()
}

/// Panics if two sessions do not stand at the same place of the same run.
fn assert_same(one: &Watched, other: &Watched, what: &str) {
    assert_eq!(one.broken(), None, "{what}");
    let stand = |it: &Watched| (it.now(), it.steps(), it.world().live.seq, it.fingerprint(), it.next_at());
    assert_eq!(stand(one), stand(other), "{what}: instant, steps, entries, fingerprint, what is next");
    let (watched, others) = (one.observer(), other.observer());
    assert!(watched.1.0 == others.1.0, "{what}: journal");
    assert!(watched.0.0 == others.0.0, "{what}: series");
    for shown in [Shown::News, Shown::Faults, Shown::Membership, Shown::Everything] {
        let seqs = |window: &LogWindow| window.newest(shown).map(|entry| entry.seq).collect::<Vec<_>>();
        assert_eq!(seqs(&watched.0.1), seqs(&others.0.1), "{what}: window");
    }
    let report = |it: &Watched| {
        let report = report::report(it.world(), &it.scenario().id, it.fingerprint());
        serde_json::to_string(&report).expect("a report is JSON")
    };
    assert_eq!(report(one), report(other), "{what}: report");
    if world(one) != world(other) {
        let (one, other) = (format!("{:#?}", one.world()), format!("{:#?}", other.world()));
        let mut lines = one.lines().zip(other.lines()).enumerate();
        let differ = lines.find(|(_, (one, other))| one != other);
        let context =
            differ.map(|(at, _)| one.lines().skip(at.saturating_sub(40)).take(41).collect::<Vec<_>>());
        panic!("{what}: {differ:?}\n{}", context.unwrap_or_default().join("\n"));
    }
}

/// Goes back and forward in a run, does things in the past, and compares with straight runs all the time. Says how many
/// checkpoints there are at last.
fn travel(scenario: Rc<Scenario>, seed: u64, rounds: usize, commands: &[Command]) -> usize {
    let mut dice = Dice::new(seed ^ 0x5eec);
    let mut session = straight(&scenario, &[]);
    session.keep_checkpoints_every(20 + dice.below(200), 4 + dice.below(40) as usize);
    let (mut farthest, mut steps) = (0, 0);
    for round in 0..rounds {
        farthest = farthest.max(session.world().live.seq);
        steps = steps.max(session.steps());
        let what = format!("{} seed {seed}, round {round}", scenario.id);
        let at = Instant(dice.below(scenario.until.0 + 1));
        let goal = match dice.below(8) {
            0 => Goal::Entry(1 + dice.below(farthest.max(1))),
            1 => Goal::Step(dice.below(steps + 1)),
            2 => Goal::Step(session.steps().saturating_sub(1)),
            3 => Goal::Step(session.steps() + 1),
            // Exactly when something happened.
            4 => {
                let journal = &session.observer().1.0;
                Goal::At(journal.get(dice.below(farthest.max(1)) as usize).map_or(at, |entry| entry.at))
            }
            _ => Goal::At(at),
        };
        session.seek(goal, u64::MAX);
        let acts: Vec<Act> = session.acts().iter().chain(session.acts_ahead()).cloned().collect();
        let mut again = straight(&scenario, &acts);
        again.seek(goal, u64::MAX);
        assert_same(&session, &again, &format!("{what}, {goal:?}"));
        match dice.below(6) {
            0 if !commands.is_empty() => {
                let command = commands[dice.below(commands.len() as u64) as usize].clone();
                session.act(command.clone());
                again.act(command);
                assert_same(&session, &again, &format!("{what}, then done"));
                (farthest, steps) = (0, 0);
            }
            1 => {
                for _ in 0..3 {
                    session.step(Instant::MAX);
                    again.step(Instant::MAX);
                }
                assert_same(&session, &again, &format!("{what}, then stepped"));
            }
            2 => {
                let until = session.now() + Span::from_ms(dice.below(20_000));
                session.run_until(until, u64::MAX);
                again.run_until(until, u64::MAX);
                assert_same(&session, &again, &format!("{what}, then on"));
            }
            3 if dice.below(4) == 0 => {
                session.forget_acts_ahead();
                again.forget_acts_ahead();
            }
            _ => {}
        }
    }
    session.seek(Goal::At(scenario.until), u64::MAX);
    let acts = session.acts().to_vec();
    let mut again = straight(&scenario, &acts);
    again.run_until(scenario.until, u64::MAX);
    assert_same(&session, &again, &format!("{} seed {seed}, at last", scenario.id));
    session.history().0
}

#[test]
fn random_worlds_are_as_if_one_had_gone_straight_there() {
    let number = |name: &str| std::env::var(name).ok().and_then(|text| text.parse::<u64>().ok());
    let seeds = match number("MQSCOPE_WORLD") {
        Some(seed) => seed..seed + 1,
        None => 0..number("MQSCOPE_WORLDS").unwrap_or(100),
    };
    let (mut worlds, mut checkpoints) = (0, 0);
    for seed in seeds {
        let plan = Plan::draw(seed);
        let commands: Vec<Command> = plan.actions.iter().map(|(_, command)| command.clone()).collect();
        let scenario = reproduce::scenario(&plan, plan.repair_at + Span::from_secs(20));
        checkpoints += travel(Rc::new(scenario), seed, 12, &commands);
        worlds += 1;
    }
    assert!(checkpoints >= 4 * worlds, "{checkpoints} checkpoints in {worlds} worlds");
}

#[test]
fn bundled_scenarios_are_as_if_one_had_gone_straight_there() {
    let mut checkpoints = 0;
    for (id, text) in bundled() {
        let scenario = Scenario::parse(text).unwrap_or_else(|problems| panic!("{id}: {problems}"));
        let commands: Vec<Command> = scenario.actions.iter().map(|action| action.command.clone()).collect();
        checkpoints += travel(Rc::new(scenario), 1, 12, &commands);
    }
    assert!(checkpoints > bundled().len(), "{checkpoints} checkpoints");
}

/// Whatever happens, back by one thing and on by one is where one was.
#[test]
fn back_by_one_thing_is_exact() {
    for (id, text) in bundled() {
        let scenario = Scenario::parse(text).unwrap_or_else(|problems| panic!("{id}: {problems}"));
        let mut session = straight(&Rc::new(scenario), &[]);
        session.keep_checkpoints_every(64, 100);
        session.seek(Goal::Entry(500), u64::MAX);
        let mut stands = Vec::new();
        for _ in 0..150 {
            stands.push((session.steps(), session.now(), session.world().live.seq, world(&session)));
            session.step(Instant::MAX);
        }
        for stand in stands.into_iter().rev() {
            session.seek(Goal::Step(stand.0), u64::MAX);
            let here = (session.steps(), session.now(), session.world().live.seq, world(&session));
            assert_eq!(here, stand, "{id}");
        }
    }
}

/// There are never more checkpoints than there may be, and none costs more because the run is longer.
#[test]
fn checkpoints_stay_few_and_small() {
    let file = concat!(env!("CARGO_MANIFEST_DIR"), "/benches/w.json");
    let text = std::fs::read_to_string(file).expect("the workload is there");
    let scenario = Scenario::parse(&text).unwrap_or_else(|problems| panic!("{problems}"));
    let scenario = Rc::new(Scenario { stop_after_messages: Some(40_000), ..scenario });
    let mut session = Session::new(scenario, Series::default());
    session.keep_checkpoints_every(500, 32);
    let mut each = Vec::new();
    for entries in [5_000, 50_000, 100_000, 200_000, 400_000] {
        session.seek(Goal::Entry(entries), u64::MAX);
        let (count, bytes) = session.history();
        assert!((10..=32).contains(&count), "{count} after {entries}");
        each.push(bytes / count);
    }
    assert!(each[4] < each[1] * 2, "{each:?}");
    let stand = (session.world().live.seq, session.fingerprint());
    let before = session.history();
    for entry in [1, 399_000, 3_000, 200_000, 7, 400_000] {
        session.seek(Goal::Entry(entry), u64::MAX);
    }
    assert_eq!((session.world().live.seq, session.fingerprint()), stand);
    assert!(session.history().1 < before.1 * 2, "seeking costs nothing for ever: {:?}", session.history());
}

/// Wherever a run stands it can be recorded, also after things that left no entry.
#[test]
fn a_run_is_found_again_where_it_was_recorded() {
    let mut silent = 0;
    for (id, text) in bundled() {
        let scenario = Scenario::parse(text).unwrap_or_else(|problems| panic!("{id}: {problems}"));
        let (scenario, until) = (Rc::new(Scenario { recorded: None, ..scenario.clone() }), scenario.until);
        let mut session = Session::new(Rc::clone(&scenario), ());
        let mut again = Session::new(Rc::clone(&scenario), ());
        let here = |it: &Session<()>| (it.now(), it.steps(), it.fingerprint());
        for step in 0..20_000_u64 {
            let before = session.world().live.seq;
            if !session.step(until) {
                break;
            }
            let is_silent = session.world().live.seq == before;
            silent += u64::from(is_silent);
            if is_silent || step % 97 == 0 {
                let recorded = session.recording().recorded.expect("where it stands");
                while !again.run_to(&recorded, 1) {}
                assert_eq!(here(&again), here(&session), "{id}");
            }
        }
        // And as earlier versions recorded it, between two things.
        let next = session.next_at().unwrap_or(until);
        session.run_until(Instant(next.0.saturating_sub(1)).max(session.now()), u64::MAX);
        let recorded =
            session.recording().recorded.map(|it| mqscope::scenario::Recorded { steps: None, ..it });
        again = Session::new(scenario, ());
        while !again.run_to(&recorded.expect("where it stands"), 1_000) {}
        assert_eq!((again.now(), again.fingerprint()), (session.now(), session.fingerprint()), "{id}");
    }
    assert!(silent > 10, "{silent} things left no entry");
}

/// What lay ahead is forgotten, and there is room for checkpoints as near to each other as at first.
#[test]
fn after_something_new_in_the_past_checkpoints_are_as_near_as_at_first() {
    let file = concat!(env!("CARGO_MANIFEST_DIR"), "/benches/w.json");
    let text = std::fs::read_to_string(file).expect("the workload is there");
    let scenario = Rc::new(Scenario::parse(&text).unwrap_or_else(|problems| panic!("{problems}")));
    let mut session = Session::new(scenario, ());
    session.keep_checkpoints_every(100, 16);
    session.seek(Goal::Entry(100_000), u64::MAX);
    session.seek(Goal::Entry(150), u64::MAX);
    session.act(Command::Send { producer: "P1".to_owned(), count: 1 });
    session.seek(Goal::Entry(1_200), u64::MAX);
    let count = session.history().0;
    assert!((8..=16).contains(&count), "{count}");
}

/// No checkpoint leads back over a loss of what was stored; the first one after it is set at once.
#[test]
fn what_comes_after_a_loss_begins_with_a_checkpoint() {
    let mut losses = 0;
    for (id, text) in bundled() {
        let scenario = Scenario::parse(text).unwrap_or_else(|problems| panic!("{id}: {problems}"));
        let until = scenario.until;
        let mut session = Session::new(Rc::new(scenario), Journal::default());
        session.keep_checkpoints_every(u64::MAX / 2, 40);
        let mut cuts = 0;
        while session.step(until) {
            if session.world().log.cuts != cuts {
                cuts = session.world().log.cuts;
                losses += 1;
                assert_eq!(session.history().0, 2, "{id}: the start, and here");
                let (steps, print) = (session.steps(), session.fingerprint());
                // What is seen at first is what came after the loss only.
                session.run_until(session.now() + Span::from_secs(1), u64::MAX);
                session.seek(Goal::Step(steps), u64::MAX);
                assert_eq!((session.fingerprint(), session.history().0), (print, 2), "{id}");
            }
        }
    }
    assert!(losses > 1, "{losses} losses");
}
