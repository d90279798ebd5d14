//! The benchmarks, one JSON object a line. `cargo xtask bench` runs this natively and, with the feature `web`, as
//! WebAssembly in Node or a browser; [`platform`] is all that differs between them.
//!
//! `w` is the reference workload of `benches/w.json`, run by the code the page runs, with its invariants watched;
//! `lite` is a million lite topics (`benches/lite.json`); `agenda` is the event list alone beside the standard library's heap. Each number is the median of several rounds.
//! Nothing here passes or fails: compare numbers of one run with each other, not with another machine's.

use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::hint::black_box;
use std::rc::Rc;

use mqscope::scenario::Scenario;
use mqscope::session::Session;
use mqscope::sim::{Agenda, Chance, Draws, Instant, Slot, Span, Stream};
use serde_json::json;

/// Rounds of every benchmark.
const ROUNDS: usize = 5;
/// Journal entries in one slice of W: about 4 ms, as a frame of the page takes. A run in one piece would measure
/// WebAssembly that is not compiled to its best yet, because no call of it ever ends.
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
    for pending in [10, 1_000, 100_000] {
        agenda(pending);
    }
}

/// The reference workload.
fn w() {
    let text = include_str!("../benches/w.json");
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
    platform::emit(&line.to_string());
}

/// A million lite topics with a subscriber each, written to twice.
fn lite() {
    let scenario = Rc::new(Scenario::parse(include_str!("../benches/lite.json")).expect("without problems"));
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
    platform::emit(&line.to_string());
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
    platform::emit(&line.to_string());
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
    use std::{sync::OnceLock, time::Instant};

    pub(crate) const TARGET: &str = "native";

    /// Nanoseconds on a clock that only goes forward.
    pub(crate) fn now_ns() -> f64 {
        static START: OnceLock<Instant> = OnceLock::new();
        START.get_or_init(Instant::now).elapsed().as_nanos() as f64
    }

    /// Prints a line.
    pub(crate) fn emit(line: &str) {
        println!("{line}");
    }
}

#[cfg(target_arch = "wasm32")]
mod platform {
    use js_sys::{Reflect, global};
    use wasm_bindgen::JsCast;
    use web_sys::Performance;

    pub(crate) const TARGET: &str = "wasm";

    /// Nanoseconds on a clock that only goes forward, which Node and browsers both have.
    pub(crate) fn now_ns() -> f64 {
        let clock = Reflect::get(&global(), &"performance".into()).expect("there is a clock");
        clock.unchecked_into::<Performance>().now() * 1e6
    }

    /// Prints a line.
    pub(crate) fn emit(line: &str) {
        gloo::console::log!(line);
    }
}
