//! The benchmarks, one JSON object a line. `cargo xtask bench` runs this natively and, with the feature `web`, as
//! WebAssembly in Node or a browser; [`platform`] is all that differs between them.
//!
//! `w` is the reference workload of `benches/w.json`, run by the code the page runs, with its invariants watched;
//! `lite` is a million lite topics (`benches/lite.json`); `seek` goes to random places of runs of W of several lengths,
//! watched as the page watches them; `agenda` is the event list alone beside the standard library's heap. Each number is the median of several rounds.
//! `link` is how many characters the link to each bundled scenario takes, as it is and with ten things done in it.
//! Nothing here passes or fails: compare numbers of one run with each other, not with another machine's.

mod visitor;

use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::hint::black_box;
use std::rc::Rc;

use mqscope::metrics::Series;
use mqscope::scenario::{Link, Scenario, bundled};
use mqscope::session::{Goal, Session};
use mqscope::sim::{Agenda, Chance, Draws, Instant, Slot, Span, Stream};
use mqscope::trace::log_window::LogWindow;
use serde_json::json;

/// Rounds of every benchmark.
const ROUNDS: usize = 5;
/// Work in one slice of W, journal entries and what happened: a few milliseconds, as a frame of the page takes. A run in
/// one piece would measure WebAssembly that is not compiled to its best yet, because no call of it ever ends.
const SLICE: u64 = 200_000;
/// Slices before the clock counts, for the same reason.
const WARM_UP: usize = 5;
/// What is taken off the agenda and put back in one round.
const TURNS: u64 = 500_000;
/// The same in one slice.
const TURNS_IN_SLICE: u64 = 50_000;

fn main() {
    w();
    lite();
    for events in [10_000, 100_000, 1_000_000, 5_000_000] {
        seek(events);
    }
    for pending in [10, 1_000, 100_000] {
        agenda(pending);
    }
    // A link is the same everywhere.
    if platform::TARGET == "native" {
        bundled().iter().for_each(|(id, text)| link(id, text));
    }
}

/// The reference workload.
fn w() {
    let text = include_str!("../../benches/w.json");
    let scenario = Rc::new(Scenario::parse(text).expect("a scenario without problems"));
    let mut session = Session::new(scenario.clone(), ());
    for _ in 0..WARM_UP {
        session.run_until(scenario.until, SLICE);
    }
    let times = (0..ROUNDS).map(|_| {
        session = Session::new(scenario.clone(), ());
        time(|| while !session.run_until(scenario.until, SLICE) {})
    });
    let ns = median(times.collect());
    let world = session.world();
    assert!(session.broken().is_none(), "{:?}", session.broken());
    let messages = world.live.produced as f64;
    let line = json!({
        "bench": "w",
        "target": platform::TARGET,
        "profile": if cfg!(debug_assertions) { "debug" } else { "release" },
        "messages": world.live.produced,
        "ns_per_event": hundredths(ns / messages / 5.0),
        "ns_per_message": hundredths(ns / messages),
        "bytes_per_message": hundredths(world.bytes_kept() as f64 / messages),
        "fingerprint": session.fingerprint().to_string(),
    });
    platform::emit(line);
}

/// A million lite topics with a subscriber each, written to twice.
fn lite() {
    let scenario =
        Rc::new(Scenario::parse(include_str!("../../benches/lite.json")).expect("without problems"));
    let mut session = Session::new(scenario.clone(), ());
    let ns = time(|| while !session.run_until(scenario.until, SLICE) {});
    assert!(session.broken().is_none(), "{:?}", session.broken());
    let world = session.world();
    let alive = world.lites().map_or(0, |lites| lites.alive()) as f64;
    let line = json!({
        "bench": "lite",
        "target": platform::TARGET,
        "lite_topics": alive,
        "messages": world.live.produced,
        "ns_per_message": hundredths(ns / world.live.produced as f64),
        "bytes_per_lite_topic": hundredths(world.lite_bytes() as f64 / alive),
        "fingerprint": session.fingerprint().to_string(),
    });
    platform::emit(line);
}

/// Seeks to so many random entries of a run, after a rehearsal.
const SEEKS: u64 = 1_000;

/// A run of W of so many scheduled events that can go back; five of them are about one message.
fn seek(events: u64) {
    let w = Scenario::parse(include_str!("../../benches/w.json")).expect("a scenario without problems");
    let scenario = Rc::new(Scenario { stop_after_messages: Some(events / 5), ..w });
    let run = |keeps: bool| {
        let mut session = Session::new(scenario.clone(), (Series::default(), LogWindow::default()));
        if keeps {
            session.keep_checkpoints();
        }
        let ns = time(|| while !session.run_until(scenario.until, SLICE) {});
        (session, ns)
    };
    // By turns, so that both see the same machine; the first round is a rehearsal.
    let (mut plain, mut keeping) = (Vec::new(), Vec::new());
    let (mut session, _) = run(true);
    for _ in 0..if events > 1_000_000 { 1 } else { ROUNDS } {
        plain.push(run(false).1);
        let again = run(true);
        session = again.0;
        keeping.push(again.1);
    }
    let (entries, fingerprint) = (session.world().live.seq, session.fingerprint());
    let draws = Chance::new(events).stream(Stream::World, 0);
    let mut times: Vec<f64> = (0..SEEKS + SEEKS / 10)
        .map(|n| {
            let goal = Goal::Entry(1 + draws.below(n, entries));
            time(|| _ = session.seek(black_box(goal), u64::MAX))
        })
        .skip(SEEKS as usize / 10)
        .collect();
    session.seek(Goal::Entry(entries), u64::MAX);
    assert_eq!((session.world().live.seq, session.fingerprint()), (entries, fingerprint), "the same run");
    times.sort_by(f64::total_cmp);
    let (checkpoints, bytes) = session.history();
    let window = session.observer().1.bytes();
    let line = json!({
        "bench": "seek",
        "target": platform::TARGET,
        "events": events,
        "entries": entries,
        "us_median": hundredths(times[times.len() / 2] / 1e3),
        "us_p99": hundredths(times[times.len() * 99 / 100] / 1e3),
        "checkpoints": checkpoints,
        "history_bytes": bytes,
        "world_bytes": session.world().bytes_kept(),
        "window_bytes": window,
        "replay_ms": hundredths(median(keeping) / 1e6),
        "replay_ms_without_checkpoints": hundredths(median(plain) / 1e6),
    });
    platform::emit(line);
}

/// The agenda, and a heap that does the same: take what is next, put it back a random time later.
fn agenda(pending: u32) {
    let draws = Chance::new(1).stream(Stream::World, 0);
    let (mut ours, mut heaps) = (Vec::new(), Vec::new());
    // By turns, so that both see the same machine; the first round is a rehearsal.
    for round in 0..=ROUNDS {
        let mut agenda = Agenda::new();
        let slots: Vec<Slot> = (0..pending).filter_map(|_| agenda.add_slot()).collect();
        slots.iter().zip(0..).for_each(|(slot, n)| agenda.schedule(*slot, Instant::ZERO + later(draws, n)));
        let mut heap: BinaryHeap<_> =
            (0..pending).map(|n| Reverse((Instant::ZERO + later(draws, n.into()), n))).collect();
        let times = [
            time(|| slices(|n| turn_agenda(&mut agenda, draws, n))),
            time(|| slices(|n| turn_heap(&mut heap, draws, n))),
        ];
        let last = heap.peek().map(|Reverse((at, _))| *at);
        assert_eq!(agenda.peek().map(|(at, _)| at), last, "both have done the same");
        if round > 0 {
            ours.push(times[0]);
            heaps.push(times[1]);
        }
    }
    let each = |times| hundredths(median(times) / TURNS as f64);
    let line = json!({
        "bench": "agenda",
        "target": platform::TARGET,
        "pending": pending,
        "ns_ours": each(ours),
        "ns_binary_heap": each(heaps),
    });
    platform::emit(line);
}

/// How much later something is due: about as long as a thousand other things take.
#[inline]
fn later(draws: Draws, n: u64) -> Span {
    Span(1 + draws.below(n, 1_000))
}

fn slices(mut slice: impl FnMut(u64)) {
    (0..TURNS / TURNS_IN_SLICE).for_each(|number| slice(number * TURNS_IN_SLICE));
}

#[inline(never)]
fn turn_agenda(agenda: &mut Agenda, draws: Draws, first: u64) {
    for n in first..first + TURNS_IN_SLICE {
        if let Some((at, slot)) = agenda.pop() {
            agenda.schedule(black_box(slot), at + later(draws, n));
        }
    }
}

#[inline(never)]
fn turn_heap(heap: &mut BinaryHeap<Reverse<(Instant, u32)>>, draws: Draws, first: u64) {
    for n in first..first + TURNS_IN_SLICE {
        if let Some(Reverse((at, slot))) = heap.pop() {
            heap.push(Reverse((at + later(draws, n), black_box(slot))));
        }
    }
}

/// The length of the links to a bundled scenario at its end: as it is, and with ten things done on the way.
fn link(id: &str, text: &str) {
    let scenario = Rc::new(Scenario::parse(text).expect("a scenario without problems"));
    let until = scenario.until;
    let length = |acts: u64| {
        let mut session = Session::new(Rc::clone(&scenario), ());
        for nth in 0..acts {
            session.run_until(Instant(until.0 / 11 * (nth + 1)), u64::MAX);
            session.act(visitor::does(&scenario, nth));
        }
        session.run_until(until, u64::MAX);
        Link::new(session.recording(), Vec::new()).fragment().len()
    };
    let line = json!({
        "bench": "link",
        "target": platform::TARGET,
        "scenario": id,
        "characters": length(0),
        "characters_with_ten_actions": length(10),
    });
    platform::emit(line);
}

/// Nanoseconds something takes.
fn time(work: impl FnOnce()) -> f64 {
    let start = platform::now_ns();
    work();
    platform::now_ns() - start
}

fn median(mut times: Vec<f64>) -> f64 {
    times.sort_by(f64::total_cmp);
    times[times.len() / 2]
}

fn hundredths(number: f64) -> f64 {
    (number * 100.0).round() / 100.0
}

#[cfg(not(target_arch = "wasm32"))]
mod platform {
    use serde_json::Value;
    use std::{sync::OnceLock, time::Instant};

    pub(crate) const TARGET: &str = "native";

    /// Nanoseconds on a clock that only goes forward.
    pub(crate) fn now_ns() -> f64 {
        static START: OnceLock<Instant> = OnceLock::new();
        START.get_or_init(Instant::now).elapsed().as_nanos() as f64
    }

    /// Prints a line.
    pub(crate) fn emit(line: Value) {
        println!("{line}");
    }
}

#[cfg(target_arch = "wasm32")]
mod platform {
    use js_sys::{Reflect, global};
    use serde_json::Value;
    use wasm_bindgen::JsCast;
    use web_sys::Performance;

    pub(crate) const TARGET: &str = "wasm";

    /// Nanoseconds on a clock that only goes forward, which Node and browsers both have.
    pub(crate) fn now_ns() -> f64 {
        let clock = Reflect::get(&global(), &"performance".into()).expect("there is a clock");
        clock.unchecked_into::<Performance>().now() * 1e6
    }

    /// Prints a line, with what the program runs in.
    pub(crate) fn emit(mut line: Value) {
        let has_window = web_sys::window().is_some();
        line["host"] = if has_window { "browser" } else { "node" }.into();
        gloo::console::log!(line.to_string());
    }
}
