//! How fast simulated time runs beside the clock on the wall: logarithmic, from 1/64 to 64, snapping to 1.

use std::fmt;

use crate::lesson::Words;

/// Simulated seconds per second, as a power of two.
#[derive(Clone, Copy, Debug, PartialEq, PartialOrd)]
pub struct Speed {
    log2: f64,
}

impl Speed {
    /// The slowest, as a power of two.
    pub const LOG_MIN: f64 = -6.0;
    /// The fastest, as a power of two.
    pub const LOG_MAX: f64 = 6.0;
    /// As fast as the clock on the wall.
    pub const REAL: Self = Self { log2: 0.0 };
    /// This close to 1 it becomes 1.
    const SNAP: f64 = 0.3;

    /// Two to this power, within the limits, and exactly 1 if it is near.
    pub fn from_log2(log2: f64) -> Self {
        if log2.is_nan() || log2.abs() < Self::SNAP {
            return Self::REAL;
        }
        Self { log2: log2.clamp(Self::LOG_MIN, Self::LOG_MAX) }
    }

    /// So many simulated seconds per second, written `4`, `0.25` or `1/4`.
    pub fn parse(text: &str) -> Option<Self> {
        let number = |text: &str| text.trim().parse::<f64>().ok().filter(|n| n.is_finite() && *n > 0.0);
        let factor = match text.split_once('/') {
            Some((a, b)) => number(a)? / number(b)?,
            None => number(text)?,
        };
        Some(Self::from_log2(factor.log2()))
    }

    /// The power of two.
    pub fn log2(self) -> f64 {
        self.log2
    }

    /// Simulated seconds per second.
    pub fn factor(self) -> f64 {
        self.log2.exp2()
    }

    /// Twice as fast.
    pub fn faster(self) -> Self {
        Self::from_log2((self.log2 + 1.0).floor())
    }

    /// Half as fast.
    pub fn slower(self) -> Self {
        Self::from_log2((self.log2 - 1.0).ceil())
    }

    /// "¼ × real time".
    pub fn sentence(self, words: &Words) -> String {
        if self == Self::REAL {
            words.text("transport.speed_real").to_owned()
        } else {
            words.fill("transport.speed", &[("factor", &self.to_string())])
        }
    }
}

impl fmt::Display for Speed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let times = if self.log2 < 0.0 { (-self.log2).exp2() } else { self.factor() };
        let times = if times < 10.0 { (times * 10.0).round() / 10.0 } else { times.round() };
        if self.log2 < 0.0 { write!(f, "1/{times}") } else { write!(f, "{times}") }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_snaps_to_real_time_and_keeps_its_limits() {
        assert_eq!(Speed::from_log2(0.2), Speed::REAL);
        assert_eq!(Speed::from_log2(-0.2).factor(), 1.0);
        assert_eq!(Speed::from_log2(f64::NAN), Speed::REAL);
        assert_eq!(Speed::from_log2(99.0).factor(), 64.0);
        assert_eq!(Speed::from_log2(-99.0).factor(), 1.0 / 64.0);
    }

    #[test]
    fn it_is_read_and_shown_as_a_factor_or_a_part() {
        for (text, shown) in
            [("4", "4"), ("1/4", "1/4"), ("0.25", "1/4"), ("1", "1"), ("3", "3"), ("1e9", "64")]
        {
            assert_eq!(Speed::parse(text).map(|speed| speed.to_string()).as_deref(), Some(shown), "{text}");
        }
        for text in ["", "x", "0", "-1", "1/0", "inf", "nan"] {
            assert_eq!(Speed::parse(text), None, "{text}");
        }
    }

    #[test]
    fn a_step_doubles_or_halves_and_lands_on_powers_of_two() {
        assert_eq!(Speed::REAL.faster().factor(), 2.0);
        assert_eq!(Speed::REAL.slower().factor(), 0.5);
        assert_eq!(Speed::from_log2(1.5).slower().factor(), 2.0);
        assert_eq!(Speed::from_log2(-1.0).faster(), Speed::REAL);
    }
}
