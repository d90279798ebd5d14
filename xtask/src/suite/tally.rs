//! Counting tests while their programs run.

use crate::process::Outcome;
use std::{
    io::{BufRead, BufReader, IsTerminal},
    ops::AddAssign,
    process::{Command, Stdio},
};

/// How many tests ran.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Tally {
    pub(super) passed: usize,
}

impl AddAssign for Tally {
    fn add_assign(&mut self, other: Self) {
        self.passed += other.passed;
    }
}

impl Tally {
    /// Runs `cargo test`, shows what it writes and adds up its results.
    pub(super) fn of(command: &mut Command) -> Outcome<Self> {
        if std::io::stdout().is_terminal() {
            command.env("CARGO_TERM_COLOR", "always");
        }
        let failed = |problem: std::io::Error| format!("cannot run the tests: {problem}");
        let mut child = command.stdout(Stdio::piped()).spawn().map_err(failed)?;
        let (mut tally, mut wrong) = (Self::default(), Vec::new());
        for line in BufReader::new(child.stdout.take().expect("standard output is piped")).lines() {
            let line = line.map_err(failed)?;
            println!("{line}");
            tally.passed += passed(&line).unwrap_or(0);
            wrong.extend(failed_test(&line).map(str::to_owned));
        }
        let status = child.wait().map_err(failed)?;
        if status.success() { Ok(tally) } else { Err(format!("some tests failed: {}", wrong.join(", "))) }
    }
}

/// The number in `test result: ok. 12 passed; 0 failed; …`.
fn passed(line: &str) -> Option<usize> {
    let (before, _after) = line.strip_prefix("test result: ")?.split_once(" passed;")?;
    before.rsplit(' ').next()?.parse().ok()
}

/// The name in `test stories::fifo ... FAILED`.
fn failed_test(line: &str) -> Option<&str> {
    line.strip_prefix("test ")?.strip_suffix(" ... FAILED")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_failed_is_named() {
        assert_eq!(failed_test("test stories::fifo ... FAILED"), Some("stories::fifo"), "a test");
        assert_eq!(failed_test("test result: FAILED. 1 passed"), None, "no test");
    }

    #[test]
    fn only_result_lines_count() {
        let line =
            "test result: ok. 12 passed; 0 failed; 0 ignored; 0 measured; 0 filtered out; finished in 0.00s";
        assert_eq!(passed(line), Some(12), "a result");
        assert_eq!(passed("running 12 tests"), None, "no result");
    }
}
