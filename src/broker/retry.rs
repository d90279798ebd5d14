//! When a group tries a failed message again: by its own rule, or by the settings. Orderly groups retry in place; that is in
//! [`order`](super::order).

use super::consume;
use super::id::{GroupId, ProgressId};
use super::settings::DlqTiming;
use super::world::World;
use crate::sim::Span;

impl World {
    /// How often a group tries a message again after its first delivery.
    pub fn retry_max_times(&self, group: GroupId) -> u32 {
        self.group(group).spec.retry.max_times.unwrap_or(self.settings.group_retry_max_times)
    }

    /// How long a group waits before its retry `n`, counted from 1.
    pub fn retry_delay(&self, group: GroupId, n: u32) -> Span {
        match &self.group(group).spec.retry.ladder {
            Some(ladder) => super::settings::rung(ladder, n),
            None => self.settings.retry_delay(n),
        }
    }

    /// How long a message of a progress waits before its retry `n`. In message balancing its consumer makes it invisible for
    /// its rung, and the broker brings back what has been invisible.
    pub fn retry_wait(&self, progress: ProgressId, n: u32) -> Span {
        let state = self.progress(progress);
        let lag = if state.by_message { self.revive_lag(progress) } else { Span::ZERO };
        self.retry_delay(state.group, n) + lag
    }

    /// Does a message that failed so often in a group wait once more, only to become a dead letter then? The proxy finds that
    /// it was tried often enough when it comes back.
    pub fn is_last_wait(&self, group: GroupId, failures: u32) -> bool {
        let state = self.group(group);
        let waits = state.by_message && !state.orderly && self.settings.dlq_timing == DlqTiming::OnNextPop;
        waits && consume::is_exhausted(self, group, failures.saturating_sub(1))
    }
}
