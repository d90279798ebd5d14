//! When a group tries a failed message again: by its own rule, or by the settings. Orderly groups retry in place; that is in
//! [`order`](super::order).

use super::id::{GroupId, ProgressId};
use super::settings::DlqTiming;
use super::world::World;
use crate::rules::proxy::{self, Received};
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
        waits && self.is_given_up_by_proxy(group, failures)
    }

    /// Does a proxy stand between a group's consumers and the broker?
    pub(super) fn has_proxy(&self, group: GroupId) -> bool {
        self.settings.pop_through_proxy || !self.group(group).simple
    }

    /// Deliveries that a consumer of a group is told of.
    pub(super) fn attempts_max(&self, group: GroupId) -> i64 {
        i64::from(self.retry_max_times(group)) + 1
    }

    /// Does the proxy, to which a message comes back that failed so often, make a dead letter of it? Its tag is compared when
    /// somebody receives it.
    pub(super) fn is_given_up_by_proxy(&self, group: GroupId, failures: u32) -> bool {
        self.has_proxy(group) && is_given_up(self.attempts_max(group), failures)
    }
}

/// Does a proxy make a dead letter of a message that failed so often, if it may be delivered so often?
pub(super) fn is_given_up(attempts_max: i64, failures: u32) -> bool {
    proxy::received(attempts_max, failures.into(), None, None) == Received::DeadLetter
}
