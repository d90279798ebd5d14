//! When a failed message is delivered again, and when it becomes a dead letter.
//!
//! Two sides compute it. The server counts *reconsume times* (failed deliveries so far, from 0) and walks its list from
//! the third entry on, because the list is that of the delay levels and retries began at level 3. The 5.x client, in
//! [`client`], counts *attempts* (deliveries so far, from 1) and walks the list that the server tells it from the first
//! entry on. What a classic client sends back is placed by [`send_back`].

pub mod client;
pub mod send_back;

use super::double::Double;

/// The list of waits that a group has if it names none, in milliseconds: 1 s to 2 h, the 18 delay levels.
pub const DEFAULT_LIST_MS: [i64; 18] = super::delay::DEFAULT_LEVELS_MS;

/// Deliveries fail so often and no more: has a message that failed `reconsume_times` times before reached `max`?
///
/// The classic send-back and the proxy ask this before the failure that they deal with is counted. A negative maximum is
/// always reached.
pub fn is_exhausted(reconsume_times: i64, max: i64) -> bool {
    reconsume_times >= max
}

/// The list that was asked for a wait has no such entry; the real code throws an exception.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NoSuchWait;

impl std::fmt::Display for NoSuchWait {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("the retry list has no such entry")
    }
}

/// The server's wait by list, in milliseconds (`CustomizedRetryPolicy`): the entry at `reconsume_times` + 2, or the last
/// one beyond the end. A list of three or fewer always gives its last.
///
/// # Errors
///
/// The list is empty, or the sum leaves 32 bits.
pub fn customized_ms(list_ms: &[i64], reconsume_times: i32) -> Result<i64, NoSuchWait> {
    let index = reconsume_times.max(0).checked_add(2).ok_or(NoSuchWait)?;
    let index = usize::try_from(index).unwrap_or(usize::MAX);
    list_ms.get(index).or(list_ms.last()).copied().ok_or(NoSuchWait)
}

/// The server's exponential waits (`ExponentialRetryPolicy`).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Exponential {
    /// The first wait, in milliseconds.
    pub initial_ms: i64,
    /// The longest wait, in milliseconds.
    pub max_ms: i64,
    /// By how much each wait is longer than the one before.
    pub multiplier: i64,
}

impl Default for Exponential {
    fn default() -> Self {
        Self { initial_ms: 5_000, max_ms: 7_200_000, multiplier: 2 }
    }
}

impl Exponential {
    /// The wait after so many failed deliveries, in milliseconds; from 32 on it no longer grows. The product wraps at 64
    /// bits before it is compared with the longest wait, so a large multiplier makes negative waits.
    pub fn wait_ms(&self, reconsume_times: i32) -> i64 {
        let n = u32::try_from(reconsume_times.clamp(0, 32)).unwrap_or(0);
        let factor = Double::from_integer(self.multiplier).power(n).to_integer();
        self.max_ms.min(self.initial_ms.wrapping_mul(factor))
    }
}

/// How a group's waits are computed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub enum PolicyKind {
    /// By list.
    #[default]
    Customized,
    /// Each a multiple of the one before.
    Exponential,
}

/// A group's retry policy (`GroupRetryPolicy`): a kind, and parameters that may be missing.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub struct GroupPolicy {
    /// Which of the two is meant.
    pub kind: PolicyKind,
    /// The list, in milliseconds; the default one if missing.
    pub customized_ms: Option<Vec<i64>>,
    /// The exponential parameters. If they are missing, server and client part: see [`Self::wait_ms`] and
    /// [`Self::told_to_client`].
    pub exponential: Option<Exponential>,
}

impl GroupPolicy {
    /// The list, given or default.
    fn list_ms(&self) -> &[i64] {
        self.customized_ms.as_deref().unwrap_or(&DEFAULT_LIST_MS)
    }

    /// The server's wait after so many failed deliveries, in milliseconds. Exponential without parameters falls back to
    /// the default list.
    ///
    /// # Errors
    ///
    /// As [`customized_ms`].
    pub fn wait_ms(&self, reconsume_times: i32) -> Result<i64, NoSuchWait> {
        match (self.kind, &self.exponential) {
            (PolicyKind::Exponential, Some(exponential)) => Ok(exponential.wait_ms(reconsume_times)),
            (PolicyKind::Exponential, None) => customized_ms(&DEFAULT_LIST_MS, reconsume_times),
            (PolicyKind::Customized, _) => customized_ms(self.list_ms(), reconsume_times),
        }
    }

    /// What a 5.x client is told to walk (`GrpcClientSettingsManager`): the whole list, or the exponential parameters,
    /// for which the defaults stand in here.
    pub fn told_to_client(&self) -> client::Told {
        match self.kind {
            PolicyKind::Exponential => client::Told::Exponential(self.exponential.unwrap_or_default()),
            PolicyKind::Customized => client::Told::Customized { waits_ms: self.list_ms().to_vec() },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_default_list_begins_at_its_third_entry() {
        let policy = GroupPolicy::default();
        let seconds = [10, 30, 60, 120, 180, 240, 300, 360, 420, 480, 540, 600, 1200, 1800, 3600, 7200];
        let mut at = 0;
        for (times, wait) in (0..).zip(seconds) {
            assert_eq!(policy.wait_ms(times), Ok(wait * 1000));
            at += wait;
        }
        assert_eq!(at, 17_140);
        assert_eq!(policy.wait_ms(16), Ok(7_200_000));
        assert_eq!(policy.wait_ms(-3), Ok(10_000));
    }

    #[test]
    fn a_list_gives_its_last_entry_beyond_the_end_and_nothing_beyond_32_bits() {
        assert_eq!(customized_ms(&[1, 2, 3], 0), Ok(3));
        assert_eq!(customized_ms(&[1], 0), Ok(1));
        assert_eq!(customized_ms(&[1, 2, 3, 4], i32::MAX - 2), Ok(4));
        assert_eq!(customized_ms(&[1, 2, 3, 4], i32::MAX - 1), Err(NoSuchWait));
        assert_eq!(customized_ms(&[], 0), Err(NoSuchWait));
    }

    #[test]
    fn exponential_doubles_up_to_two_hours() {
        let waits: Vec<i64> = (0..16).map(|times| Exponential::default().wait_ms(times) / 1000).collect();
        assert_eq!(waits[..6], [5, 10, 20, 40, 80, 160]);
        assert_eq!(waits[10..13], [5120, 7200, 7200]);
        assert_eq!(waits.iter().sum::<i64>(), 46_235);
    }

    #[test]
    fn a_large_multiplier_overflows_to_negative_waits() {
        let tenfold = Exponential { initial_ms: 1000, max_ms: 7_200_000, multiplier: 10 };
        let is_negative = |times: i32| tenfold.wait_ms(times) < 0;
        assert!(!is_negative(15) && is_negative(16) && !is_negative(17) && !is_negative(18));
        assert!((19..40).all(is_negative));
    }

    #[test]
    fn exponential_without_parameters_is_the_list_on_the_server_and_exponential_for_clients() {
        let policy = GroupPolicy { kind: PolicyKind::Exponential, ..GroupPolicy::default() };
        assert_eq!(policy.wait_ms(0), Ok(10_000));
        assert_eq!(policy.told_to_client(), client::Told::Exponential(Exponential::default()));
    }
}
