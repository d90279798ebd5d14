//! The waits of the 5.x client, in nanoseconds, counted by attempts from 1.

use super::{DEFAULT_LIST_MS, Exponential};
use crate::rules::double::Double;

/// Why a client's policy has no answer; the real one throws an exception.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ClientRetryError {
    /// Attempts count from 1.
    NoAttempt,
    /// A policy by list needs a list with something in it.
    EmptyList,
}

impl std::fmt::Display for ClientRetryError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::NoAttempt => "attempts count from 1",
            Self::EmptyList => "the retry list is empty",
        })
    }
}

/// The wait before the attempt that follows `attempt`, by list: the entry of that number, or the last one beyond the end
/// (`CustomizedBackoffRetryPolicy`). Entries may be in any unit.
///
/// # Errors
///
/// An empty list, or an attempt before the first.
pub fn customized<T: Copy>(list: &[T], attempt: i32) -> Result<T, ClientRetryError> {
    let last = list.last().ok_or(ClientRetryError::EmptyList)?;
    if attempt <= 0 {
        return Err(ClientRetryError::NoAttempt);
    }
    let index = usize::try_from(attempt - 1).unwrap_or(usize::MAX);
    Ok(*list.get(index).unwrap_or(last))
}

/// The client's exponential waits (`ExponentialBackoffRetryPolicy`).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ExponentialBackoff {
    /// The first wait, in nanoseconds.
    pub initial_ns: i64,
    /// The longest wait, in nanoseconds.
    pub max_ns: i64,
    /// By how much each wait is longer than the one before.
    pub multiplier: Double,
}

impl ExponentialBackoff {
    /// The wait before the attempt that follows `attempt`, in nanoseconds. It is computed in floating point and the
    /// fraction of a nanosecond is cut off; less than nothing is nothing.
    ///
    /// # Errors
    ///
    /// An attempt before the first.
    pub fn wait_ns(&self, attempt: i32) -> Result<i64, ClientRetryError> {
        let steps = u32::try_from(attempt).ok().and_then(|attempt| attempt.checked_sub(1));
        let steps = steps.ok_or(ClientRetryError::NoAttempt)?;
        let wait = Double::from_integer(self.initial_ns).times(self.multiplier.power(steps)).to_integer();
        let max = Double::from_integer(self.max_ns).to_integer();
        Ok(wait.min(max).max(0))
    }
}

/// What a client is told about the waits of its group.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Told {
    /// Walk this list, in milliseconds.
    Customized {
        /// All waits.
        waits_ms: Vec<i64>,
    },
    /// Multiply.
    Exponential(Exponential),
}

impl Default for Told {
    fn default() -> Self {
        Self::Customized { waits_ms: DEFAULT_LIST_MS.to_vec() }
    }
}

impl Told {
    /// The wait before the attempt that follows `attempt`, in nanoseconds.
    ///
    /// # Errors
    ///
    /// As [`customized`].
    pub fn wait_ns(&self, attempt: i32) -> Result<i64, ClientRetryError> {
        let ns = |ms: i64| ms.saturating_mul(1_000_000);
        match self {
            Self::Customized { waits_ms } => customized(waits_ms, attempt).map(ns),
            Self::Exponential(policy) => ExponentialBackoff {
                initial_ns: ns(policy.initial_ms),
                max_ns: ns(policy.max_ms),
                multiplier: Double::from_integer(policy.multiplier),
            }
            .wait_ns(attempt),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_client_walks_the_whole_list() {
        let told = Told::default();
        let seconds: Vec<i64> =
            (1..=18).map(|attempt| told.wait_ns(attempt).unwrap() / 1_000_000_000).collect();
        assert_eq!(seconds[..5], [1, 5, 10, 30, 60]);
        assert_eq!(seconds[..16].iter().sum::<i64>(), 6_346);
        assert_eq!(told.wait_ns(i32::MAX), Ok(7_200_000_000_000));
    }

    #[test]
    fn attempts_count_from_one_and_a_list_is_not_empty() {
        assert_eq!(customized(&[5], 0), Err(ClientRetryError::NoAttempt));
        assert_eq!(customized(&[5], i32::MIN), Err(ClientRetryError::NoAttempt));
        assert_eq!(customized::<i64>(&[], 1), Err(ClientRetryError::EmptyList));
        let never = ExponentialBackoff { initial_ns: 1, max_ns: 1, multiplier: Double::from_integer(1) };
        assert_eq!(never.wait_ns(0), Err(ClientRetryError::NoAttempt));
        assert_eq!(never.wait_ns(i32::MAX), Ok(1));
    }

    #[test]
    fn fractions_of_a_nanosecond_are_cut_off() {
        let half = ExponentialBackoff {
            initial_ns: 1_000_000_000,
            max_ns: i64::MAX,
            multiplier: Double::from_bits(0.5_f64.to_bits()).unwrap(),
        };
        assert_eq!(half.wait_ns(11), Ok(976_562));
        assert_eq!(half.wait_ns(31), Ok(0));
        let grown = ExponentialBackoff { multiplier: Double::from_bits(1.5_f64.to_bits()).unwrap(), ..half };
        assert_eq!(grown.wait_ns(11), Ok(57_665_039_062));
        assert_eq!(grown.wait_ns(1_000), Ok(i64::MAX));
        let negative = ExponentialBackoff { initial_ns: -5, ..half };
        assert_eq!(negative.wait_ns(1), Ok(0));
    }

    #[test]
    fn what_the_server_tells_of_exponential_doubles() {
        let told = Told::Exponential(Exponential::default());
        assert_eq!(told.wait_ns(1), Ok(5_000_000_000));
        assert_eq!(told.wait_ns(12), Ok(7_200_000_000_000));
    }
}
