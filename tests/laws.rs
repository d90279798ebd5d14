//! Laws over random worlds: each seed draws which features and faults exist, the world runs through them, everything
//! is repaired, and quiet must come. A failing world prints its seed.
//!
//! `MQSCOPE_WORLDS` sets how many worlds are run, or which: `10000..20000`; `MQSCOPE_WORLD` runs just one. The test
//! command runs a few hundred in debug and thousands in release, and shows how many worlds exercised what.

#[path = "laws/alone.rs"]
mod alone;
#[path = "laws/beside.rs"]
mod beside;
#[path = "laws/consumers.rs"]
mod consumers;
#[path = "laws/faults.rs"]
mod faults;
#[path = "laws/lite.rs"]
mod lite;
#[path = "laws/order.rs"]
mod order;
#[path = "laws/reproduce.rs"]
mod reproduce;
#[path = "laws/requests.rs"]
mod requests;
#[path = "laws/run.rs"]
mod run;
#[path = "laws/transaction.rs"]
mod transaction;
#[path = "laws/witness.rs"]
mod witness;
#[path = "laws/worlds.rs"]
mod worlds;

use std::collections::BTreeMap;
use std::num::NonZero;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};

use mqscope::broker::progress::DeliveryRecord;
use mqscope::scenario::{Scenario, bundled};
use mqscope::session::Session;
use mqscope::sim::Span;
use run::{check_broadcasting, check_quiet, run};
use worlds::{Dice, Plan};

/// Which worlds a run of the laws looks at.
fn worlds() -> Vec<u64> {
    let number = |text: &str| text.parse().unwrap_or_else(|_| panic!("{text} is not the number of a world"));
    if let Ok(seed) = std::env::var("MQSCOPE_WORLD") {
        return vec![number(&seed)];
    }
    let worlds = std::env::var("MQSCOPE_WORLDS").unwrap_or("300".into());
    let (first, end) = worlds.split_once("..").unwrap_or(("0", &worlds));
    (number(first)..number(end)).collect()
}

/// Every law that random worlds have to put to the test.
const LAWS: [&str; 102] = [
    "answer lost",
    "cut for answers",
    "cut link",
    "crash of the broker's machine",
    "crash of the broker's process",
    "held link",
    "lite messages lost",
    "loss of the broker's disk",
    "lost answers",
    "lost at the end",
    "no time for another try",
    "overdue from the timer",
    "progress written down late",
    "result lost",
    "send given up",
    "stored twice",
    "taken for dead",
    "the full law beside a fault",
    "a lost answer",
    "requests while something breaks",
    "I10",
    "I11",
    "I68",
    "I69",
    "I16",
    "I83",
    "I84",
    "I85",
    "I63",
    "I64",
    "I65",
    "I66",
    "I67",
    "I7",
    "I8",
    "I59",
    "I60",
    "expired unread",
    "passed over",
    "I1",
    "I2",
    "I3",
    "I4",
    "I5",
    "I6 after a result",
    "I6 after a filter",
    "I6 after a dead letter",
    "I13",
    "I18",
    "I19",
    "I20",
    "I21",
    "I22",
    "I23",
    "I25",
    "I26",
    "I27",
    "I28",
    "I29",
    "I30",
    "I31",
    "I32",
    "I33",
    "I34",
    "I35",
    "I36",
    "I37",
    "I37 in order",
    "I40 by batch",
    "batch read again",
    "the same attempt again",
    "stale handle believed",
    "another checkpoint",
    "polled",
    "sought",
    "queue paused",
    "caller changed",
    "sent back",
    "lost after the commit",
    "effects",
    "I52",
    "I53",
    "I55",
    "I57",
    "I58",
    "I72",
    "I39",
    "I40",
    "I41",
    "I42",
    "I81",
    "I82",
    "I43",
    "I44",
    "I45",
    "I46",
    "I47",
    "I48",
    "I49",
    "I50",
    "I51",
    "I61",
];

/// What was seen in some worlds: how many exercised what, and how many entries each has.
#[derive(Default)]
struct Tally {
    exercised: BTreeMap<&'static str, u64>,
    sizes: Vec<u64>,
}

/// Runs worlds one after the other. One that breaks a law is written down before the test fails.
fn check_worlds(seeds: impl Iterator<Item = u64>) -> Tally {
    let mut tally = Tally::default();
    for seed in seeds {
        let plan = Plan::draw(seed);
        let checked = || {
            let mut run = run(&plan, Span::from_secs(5));
            check_quiet(&mut run);
            check_broadcasting(&mut run, &plan);
            run.witness
        };
        let witness = catch_unwind(AssertUnwindSafe(checked)).unwrap_or_else(|broken| {
            match reproduce::write(&plan) {
                Ok(path) => println!("world {seed} as a scenario file: {}", path.display()),
                Err(error) => println!("world {seed} cannot be written down: {error}"),
            }
            resume_unwind(broken)
        });
        tally.sizes.push(witness.entries);
        for name in plan.features.iter().chain(&witness.exercised) {
            *tally.exercised.entry(name).or_default() += 1;
        }
    }
    tally
}

#[test]
fn every_world_keeps_the_laws() {
    let seeds = worlds();
    let threads = std::thread::available_parallelism().map_or(1, NonZero::get);
    let parts = std::thread::scope(|scope| {
        let part = |seeds| scope.spawn(|| check_worlds(seeds));
        let parts: Vec<_> =
            (0..threads).map(|n| part(seeds.iter().copied().skip(n).step_by(threads))).collect();
        parts
            .into_iter()
            .map(|part| part.join().unwrap_or_else(|broken| resume_unwind(broken)))
            .collect::<Vec<_>>()
    });
    let mut tally: BTreeMap<&'static str, u64> = BTreeMap::new();
    let mut sizes = Vec::new();
    for part in parts {
        sizes.extend(part.sizes);
        for (name, count) in part.exercised {
            *tally.entry(name).or_default() += count;
        }
    }
    sizes.sort_unstable();
    let median = sizes[sizes.len() / 2];
    println!("{} worlds, median {median} entries, largest {}", seeds.len(), sizes[sizes.len() - 1]);
    for (name, count) in &tally {
        println!("{count:>8} {:>5.1} %  {name}", *count as f64 * 100.0 / seeds.len() as f64);
    }
    if seeds.len() > 100 {
        assert!(median >= 1_000, "worlds are too small to mean anything: median {median}");
        for name in LAWS {
            assert!(tally.contains_key(name), "{name} was never put to the test");
        }
        for (name, count) in tally {
            assert!(count * 100 >= seeds.len() as u64, "{name} occurs in {count} worlds only");
        }
    }
}

/// A world that breaks a law is given away as a scenario file; the file must bring about the same journal.
#[test]
fn a_world_is_the_same_as_a_scenario_file() {
    for seed in worlds().into_iter().take(120) {
        let plan = Plan::draw(seed);
        let broker = run(&plan, Span::from_secs(3_600)).broker;
        let until = broker.world.live.now;
        let text = reproduce::scenario(&plan, until).to_json().to_string();
        let scenario = Scenario::parse(&text).unwrap_or_else(|problems| panic!("world {seed}:\n{problems}"));
        let mut session = Session::new(scenario.into(), ());
        session.run_until(until, u64::MAX);
        assert_eq!(session.fingerprint(), broker.fingerprint(), "world {seed}");
    }
}

/// What is done in a world by hand, as a recording: the journal is the same from a file, in frames of any size, and one
/// thing at a time.
#[test]
fn a_world_is_the_same_as_a_recording() {
    for seed in worlds().into_iter().take(1_000) {
        let text = reproduce::recording(&Plan::draw(seed)).to_json().to_string();
        let recording = Scenario::parse(&text).unwrap_or_else(|problems| panic!("world {seed}:\n{problems}"));
        let recorded = recording.recorded.expect("it is a recording");
        let recording = std::rc::Rc::new(recording);
        let again = || Session::new(std::rc::Rc::clone(&recording), ());

        let mut whole = again();
        assert!(whole.run_to(&recorded, u64::MAX) && whole.is_at(&recorded), "world {seed} from its file");
        let mut dice = Dice::new(seed);
        let mut in_frames = again();
        while !in_frames.run_to(&recorded, dice.between(1, 2_000)) {}
        assert!(in_frames.is_at(&recorded), "world {seed} in frames");
        let mut step_by_step = again();
        while step_by_step.world().live.seq < recorded.entries && step_by_step.step(recorded.at) {}
        assert!(step_by_step.is_at(&recorded), "world {seed}, one thing at a time");
    }
}

/// What `examples/replay` plays: all bundled scenarios and random worlds, each with where it stood here.
#[test]
#[ignore = "`cargo xtask test --only engines` asks for it, and says where to"]
fn recordings_are_written_down() {
    let path = std::env::var_os("MQSCOPE_RECORDINGS").expect("MQSCOPE_RECORDINGS names a file");
    let bundled = bundled().iter().map(|(id, text)| {
        let scenario = Scenario::parse(text).unwrap_or_else(|problems| panic!("{id}:\n{problems}"));
        let until = scenario.until;
        let mut session = Session::new(scenario.into(), ());
        session.run_until(until, u64::MAX);
        session.recording()
    });
    let random = worlds().into_iter().map(|seed| reproduce::recording(&Plan::draw(seed)));
    let lines: Vec<String> = bundled.chain(random).map(|recording| recording.to_json().to_string()).collect();
    assert!(lines.iter().all(|line| !line.contains('\n')), "each is one line");
    std::fs::write(&path, lines.join("\n") + "\n").expect("the file can be written");
    println!("{} recordings", lines.len());
}

/// I71: the same seed and script give the same journal, however the run is cut into slices.
#[test]
fn slicing_changes_nothing() {
    for seed in worlds().into_iter().take(60) {
        let plan = Plan::draw(seed);
        let whole = run(&plan, Span::from_secs(3_600)).broker.fingerprint();
        assert_eq!(whole, run(&plan, Span::from_ms(17)).broker.fingerprint(), "world {seed}");
    }
}

/// Records of one message stay in order: handed out, started, finished.
#[test]
fn delivery_records_are_in_order() {
    for seed in worlds().into_iter().take(100) {
        let run = run(&Plan::draw(seed), Span::from_secs(60));
        let world = &run.broker.world;
        for (index, state) in world.live.progress.iter().enumerate() {
            let log = &world.log.queues[state.queue.index()];
            for offset in state.start..state.high_water {
                let stored_at = log.stored_at(offset);
                let records: Vec<DeliveryRecord> =
                    world.log.deliveries[index].of(offset, stored_at).collect();
                // In an orderly group some are passed over until their turn comes.
                let is_known = !records.is_empty() || state.order.is_some() || state.gaps.is_some();
                assert!(is_known, "world {seed}: handed out and not recorded");
                for record in records {
                    assert!(stored_at <= record.handed_out_at, "world {seed}");
                    assert!(record.started_at.is_none_or(|at| at >= record.handed_out_at), "world {seed}");
                    assert!(
                        record.finished_at.is_none_or(|at| Some(at) >= record.started_at),
                        "world {seed}"
                    );
                }
            }
        }
    }
}
