//! When a new group tries failed messages again.

use super::{Checks, Wrongs, text};
use crate::broker::settings::{docs_ladder, exponential_ladder, java_grpc_ladder};
use crate::broker::spec::RetryRule;
use crate::scenario::limits;

/// The ladders to choose from: that of the settings, those with a name, and one that is typed.
pub const LADDERS: [&str; 5] = ["usual", "docs", "javaGrpc", "exponential", "own"];

/// What is typed about retries.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RetryForm {
    /// Which ladder.
    pub ladder: &'static str,
    /// Its rungs, with commas between them, if it is typed.
    pub rungs: String,
    /// How often; empty for the setting.
    pub times: String,
}

impl Default for RetryForm {
    fn default() -> Self {
        Self { ladder: LADDERS[0], rungs: "1s, 5s, 10s".into(), times: String::new() }
    }
}

impl RetryForm {
    /// The rule it stands for.
    pub fn check(&self) -> Result<RetryRule, Wrongs> {
        let mut checks = Checks::default();
        let max_times = match self.times.trim() {
            "" => Some(None),
            typed => checks.take("retries", text::count(typed, 0, limits::RETRIES)).map(Some),
        };
        let ladder = match self.ladder {
            "docs" => Some(Some(docs_ladder())),
            "javaGrpc" => Some(Some(java_grpc_ladder())),
            "exponential" => Some(Some(exponential_ladder())),
            "own" => {
                let rungs = self.rungs.split([',', '，', '、']).map(str::trim);
                let rungs = rungs.take(limits::RUNGS as usize).map(text::span).collect::<Result<Vec<_>, _>>();
                checks.take("rungs", rungs).map(Some)
            }
            _ => Some(None),
        };
        checks.finish(max_times.zip(ladder).map(|(max_times, ladder)| RetryRule { max_times, ladder }))
    }
}
