//! Virtual time, an agenda with a stable order, keyed chance and exact distributions. Knows nothing of messaging.
//!
//! A simulation jumps from one event to the next: something is due, it happens, it makes other things due. This module
//! has what such a program needs whatever it is about, and nothing else: no clock, no generator state, no floating
//! point (a test reads the sources), no container whose order could differ between two runs. The same seed and the
//! same calls give the same bits on every machine, in every build.
//!
//! # Time
//! [`Instant`] and [`Span`] count whole microseconds in 64 bits. A run can last 2^44 − 1 of them, 203 days;
//! [`Instant::MAX`] is at once the end of time and the instant of what never happens.
//!
//! # Order
//! The [`Agenda`] holds at most one instant for each of its slots. It gives out what is due in order of instants, and
//! **at equal instants in order of slots**, which is the order in which they were created. That order is a property of
//! what is due and not of the way it got there: neither the order of scheduling, nor anything cancelled or moved in
//! between, nor a checkpoint on the way can change it. The price is that whoever needs first-in-first-out among equals
//! must keep a queue behind one slot, as messages on one link do anyway.
//!
//! # Chance
//! A draw is a function of (seed, [`Stream`], subject, n): who draws for what, for the how manieth time. So a rule that
//! draws more often shifts nobody else's draws, replay needs no saved generator, and two runs that differ in one knob
//! can be compared message by message. Subjects are keyed by name ([`subject_of`]), not by position, and n is the
//! subject's own count. A [`Distribution`] turns one draw into one span through the inverse of its distribution
//! function, which never falls as the draw grows: with a slower consumer, every message takes longer. A [`Ratio`] turns
//! a draw into yes or no, and what is a yes at one probability is a yes at every greater one.
//!
//! # Memory
//! What happened is kept in [`Column`]s: one number per entry, in as few bytes as a page of them needs, never copied
//! when they grow, shared between clones. [`RisingColumn`] and [`TimeColumn`] do the same for numbers whose neighbours
//! are near each other. Columns, lists ([`Shelf`]) and maps ([`Register`]) can go back to a mark and forward again
//! ([`Kept`]) without being copied.
//!
//! # Identity
//! A [`Fingerprint`] sums up a journal in 64 bits. Equal fingerprints of two runs mean equal runs, for all that people
//! will ever see; and any single word that differs shows for certain.
//!
//! # Example
//! A line is called every ten minutes on average; who calls while it is busy gives up.
//!
//! ```
//! use mqscope::sim::{Agenda, Chance, Distribution, Instant, Span, Stream, subject_of};
//!
//! let chance = Chance::new(42);
//! let gaps = chance.stream(Stream::Interarrival, subject_of("calls"));
//! let lengths = chance.stream(Stream::Processing, subject_of("calls"));
//! let gap = Distribution::Exponential { mean: Span::from_secs(600) };
//! let length = Distribution::LogNormal { median: Span::from_secs(90), p99: Span::from_secs(1800) };
//!
//! let mut agenda = Agenda::new();
//! let (Some(begins), Some(ends)) = (agenda.add_slot(), agenda.add_slot()) else { unreachable!() };
//! let (mut calls, mut finished, mut busy) = (0, 0, false);
//! agenda.schedule(begins, Instant::ZERO);
//! while let Some((now, slot)) = agenda.pop_until(Instant::from_secs(24 * 3600)) {
//!     if slot == begins {
//!         if !busy {
//!             agenda.schedule(ends, now + length.sample(lengths.nth(calls)));
//!             busy = true;
//!         }
//!         calls += 1;
//!         agenda.schedule(begins, now + gap.sample(gaps.nth(calls)));
//!     } else {
//!         busy = false;
//!         finished += 1;
//!     }
//! }
//! assert_eq!((calls, finished), (170, 120));
//! ```

mod agenda;
mod chance;
mod column;
mod distribution;
mod fingerprint;
mod fixed;
mod instant;
mod kept;
mod normal;
mod number;
mod ratio;
mod sort;

pub use agenda::{Agenda, Slot};
pub use chance::{Chance, Draws, Stream, subject_of};
pub use column::{Column, RisingColumn, TimeColumn};
pub use distribution::{Distribution, Exponential, LogNormal, Sampler};
pub use fingerprint::Fingerprint;
pub use instant::{Instant, Span, SpanError};
pub use kept::{Kept, Place, Register, Shelf};
pub use number::Number;
pub use ratio::{Ratio, RatioError};
pub use sort::sort_by_key;

#[cfg(test)]
mod tests {
    use std::collections::VecDeque;
    use std::fs;
    use std::path::Path;

    use super::*;

    /// One server, first come first served: arrivals and services exponential with these means, so many customers.
    /// Returns the integral of the number in the system, the sum of the times spent in it, and the 95th percentile.
    fn single_server(seed: u64, gap: Span, service: Span, customers: u64) -> (u64, u64, u64) {
        let chance = Chance::new(seed);
        let gaps = chance.stream(Stream::Interarrival, subject_of("customers"));
        let services = chance.stream(Stream::Processing, subject_of("server"));
        let [gap, service] = [gap, service].map(|mean| Distribution::Exponential { mean }.sampler());
        let mut agenda = Agenda::new();
        let [arrives, leaves] = [(); 2].map(|()| agenda.add_slot().expect("room"));
        let (mut inside, mut arrived, mut left) = (VecDeque::new(), 0, 0);
        let (mut area, mut since, mut times) = (0, Instant::ZERO, Vec::new());
        agenda.schedule(arrives, Instant::ZERO + gap.sample(gaps.nth(0)));
        while let Some((now, slot)) = agenda.pop() {
            area += inside.len() as u64 * (now - since).0;
            since = now;
            if slot == arrives {
                inside.push_back(now);
                arrived += 1;
                if arrived < customers {
                    agenda.schedule(arrives, now + gap.sample(gaps.nth(arrived)));
                }
            } else if let Some(since) = inside.pop_front() {
                times.push((now - since).0);
                left += 1;
            }
            if !inside.is_empty() && agenda.time_of(leaves).is_none() {
                agenda.schedule(leaves, now + service.sample(services.nth(left)));
            }
        }
        times.sort_unstable();
        (area, times.iter().sum(), times[times.len() * 95 / 100])
    }

    #[test]
    fn a_queue_agrees_with_theory() {
        // M/M/1 with 1 and 1.25 per millisecond: 4 ms on average, 4·ln 20 at the 95th percentile.
        for seed in 1..=3 {
            let (area, sum, p95) = single_server(seed, Span::from_ms(1), Span(800), 1_000_000);
            assert_eq!(area, sum, "Little's law, exactly");
            let mean = sum as f64 / 1e9;
            assert!((mean - 4.0).abs() < 0.112, "seed {seed}: mean {mean} ms");
            let p95 = p95 as f64 / 1e3;
            assert!((p95 - 11.983).abs() < 0.4, "seed {seed}: 95th percentile {p95} ms");
        }
    }

    #[test]
    fn a_slower_server_slows_every_customer() {
        let (_, fast, _) = single_server(7, Span::from_ms(1), Span(700), 10_000);
        let (_, slow, _) = single_server(7, Span::from_ms(1), Span(800), 10_000);
        assert!(fast < slow);
    }

    /// What must not be in the sources outside of tests, and why.
    const BANNED: [(&str, &str); 7] = [
        ("f32", "floats round differently"),
        ("f64", "floats round differently"),
        ("libm", "it is for comparison in tests"),
        ("HashMap", "its order differs between runs"),
        ("HashSet", "its order differs between runs"),
        ("time", "std::time is the clock of the machine"),
        ("unsafe", "nothing here needs it"),
    ];

    /// The words and numbers of a source, without its comments, its texts and its tests.
    fn words(source: &str) -> Vec<String> {
        let code = source.split("#[cfg(test)]\nmod tests").next().unwrap_or_default();
        let mut words = vec![String::new()];
        for line in code.lines() {
            let mut in_text = false;
            let line = line.split("//").next().unwrap_or_default();
            let mut before = ' ';
            for (at, letter) in line.char_indices() {
                in_text ^= letter == '"' && before != '\\';
                let after = line[at + letter.len_utf8()..].chars().next().unwrap_or(' ');
                // A point belongs to a number, but not in `pair.1.0` or `0..5` or `1.max(x)`.
                let word = words.last_mut().expect("never empty");
                let in_number = word.starts_with(|first: char| first.is_ascii_digit());
                let is_point = letter == '.' && in_number && after != '.' && !after.is_alphabetic();
                if in_text || !(letter.is_alphanumeric() || letter == '_' || is_point) {
                    words.push(if letter == '.' { ".".to_owned() } else { String::new() });
                } else {
                    word.push(letter);
                }
                before = letter;
            }
            words.push(String::new());
        }
        words
    }

    /// Is it a number with a point or an exponent?
    fn is_float(word: &str) -> bool {
        word.starts_with(|first: char| first.is_ascii_digit())
            && !word.starts_with("0x")
            && (word.contains('.') || word.contains(['e', 'E']) && !word.contains("size"))
    }

    #[test]
    fn floats_are_recognised() {
        let found = |code: &str| words(code).iter().any(|word| is_float(word) || word == "f64");
        for float in ["let x = 1.5;", "x * 2.0", "1e9 as u64", "1. + x", "0_f64 + x: f64", "(2.5)"] {
            assert!(found(float), "{float}");
        }
        for whole in
            ["pair.1.0 + 1", "(0..5)", "0x1e9", "1.max(2)", "\"1.5\"", "// 1.5", "x.0", "5usize", "[1; 2]"]
        {
            assert!(!found(whole), "{whole}");
        }
        assert!(!found("let x = 1;\n#[cfg(test)]\nmod tests { let x = 1.5; }"));
    }

    #[test]
    fn the_sources_keep_the_rules() {
        let mut files = 0;
        let mut paths = vec![Path::new(env!("CARGO_MANIFEST_DIR")).join("src/sim")];
        while let Some(path) = paths.pop() {
            if path.is_dir() {
                let inside = fs::read_dir(&path).expect("the folder of this module");
                paths.extend(inside.map(|file| file.expect("a file").path()));
                continue;
            }
            if path.ends_with("tests.rs") {
                continue;
            }
            let source = fs::read_to_string(&path).expect("a readable source");
            let name = path.display();
            for word in words(&source) {
                assert!(!is_float(&word), "{name}: {word} is a float");
                for (banned, why) in BANNED {
                    assert_ne!(word, banned, "{name}: {why}");
                }
            }
            files += 1;
        }
        assert_eq!(files, 14, "a file was added or removed: change this number");
    }
}
