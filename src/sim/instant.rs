//! Virtual time: points ([`Instant`]) and lengths ([`Span`]) in whole microseconds.
//!
//! The two are different types so that the compiler refuses to add two points. Arithmetic saturates instead of
//! wrapping or panicking: a sum never passes [`Instant::MAX`], a difference never falls below zero.

use serde::Serialize;
use std::fmt;
use std::ops::{Add, AddAssign, Div, Mul, Sub, SubAssign};

/// A point of virtual time: microseconds since the start of the run.
///
/// Points run from [`Instant::ZERO`] to [`Instant::MAX`], which is also the answer to "when?" for what never happens.
/// Printed as minutes, seconds and milliseconds, `0:53.412`; microseconds are added when they are not zero.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Instant(pub u64);

impl Instant {
    /// The start of the run.
    pub const ZERO: Self = Self(0);

    /// The end of time, 2^44 − 1 µs (203 days) after the start: as far as the [agenda](super::Agenda) can tell
    /// instants apart. Nothing happens at it.
    pub const MAX: Self = Self((1 << 44) - 1);

    /// When that happens which never happens; the same as [`Instant::MAX`].
    pub const NEVER: Self = Self::MAX;

    /// So many microseconds after the start, [`Instant::MAX`] at most.
    pub const fn from_us(us: u64) -> Self {
        if us < Self::MAX.0 { Self(us) } else { Self::MAX }
    }

    /// So many milliseconds after the start, [`Instant::MAX`] at most.
    pub const fn from_ms(ms: u64) -> Self {
        Self::from_us(ms.saturating_mul(1_000))
    }

    /// So many seconds after the start, [`Instant::MAX`] at most.
    pub const fn from_secs(secs: u64) -> Self {
        Self::from_us(secs.saturating_mul(1_000_000))
    }

    /// Microseconds since the start.
    pub const fn as_us(self) -> u64 {
        self.0
    }
}

/// Later by a span; [`Instant::MAX`] at most.
impl Add<Span> for Instant {
    type Output = Self;

    fn add(self, span: Span) -> Self {
        Self::from_us(self.0.saturating_add(span.0))
    }
}

impl AddAssign<Span> for Instant {
    fn add_assign(&mut self, span: Span) {
        *self = *self + span;
    }
}

/// Earlier by a span; [`Instant::ZERO`] at least.
impl Sub<Span> for Instant {
    type Output = Self;

    fn sub(self, span: Span) -> Self {
        Self(self.0.saturating_sub(span.0))
    }
}

/// The time from the right instant to the left one; zero if the right one is later.
impl Sub for Instant {
    type Output = Span;

    fn sub(self, earlier: Self) -> Span {
        Span(self.0.saturating_sub(earlier.0))
    }
}

impl fmt::Display for Instant {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (secs, us) = (self.0 / 1_000_000, self.0 % 1_000_000);
        write!(f, "{}:{:02}.{:03}", secs / 60, secs % 60, us / 1_000)?;
        if us % 1_000 != 0 { write!(f, "{:03}", us % 1_000) } else { Ok(()) }
    }
}

/// A length of virtual time in microseconds.
///
/// Written as an integer with one of the units `us`, `ms`, `s`, `m` and `h`, both when parsed and when printed;
/// printing picks the largest unit that stays exact, so `Span::from_secs(90)` is `90s` and 3600 s are `1h`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
pub struct Span(pub u64);

/// The units a span is written in, the largest first, with their microseconds.
const UNITS: [(&str, u64); 5] =
    [("h", 3_600_000_000), ("m", 60_000_000), ("s", 1_000_000), ("ms", 1_000), ("us", 1)];

impl Span {
    /// No time at all.
    pub const ZERO: Self = Self(0);

    /// Longer than any run: an instant and this is [`Instant::NEVER`].
    pub const FOREVER: Self = Self(u64::MAX);

    /// So many microseconds.
    pub const fn from_us(us: u64) -> Self {
        Self(us)
    }

    /// So many milliseconds, [`Span::FOREVER`] at most.
    pub const fn from_ms(ms: u64) -> Self {
        Self(ms.saturating_mul(1_000))
    }

    /// So many seconds, [`Span::FOREVER`] at most.
    pub const fn from_secs(secs: u64) -> Self {
        Self(secs.saturating_mul(1_000_000))
    }

    /// Microseconds.
    pub const fn as_us(self) -> u64 {
        self.0
    }

    /// Is it no time at all?
    pub const fn is_zero(self) -> bool {
        self.0 == 0
    }

    /// Reads an integer with a unit, `800us`, `5ms`, `60s`, `2m` or `1h`, without spaces or sign.
    ///
    /// # Errors
    /// If the text is no such thing, or means more microseconds than 64 bits hold.
    pub fn parse(text: &str) -> Result<Self, SpanError> {
        let digits = text.bytes().take_while(u8::is_ascii_digit).count();
        let (number, unit) = text.split_at(digits);
        if number.is_empty() {
            return Err(SpanError::NoNumber { text: text.to_owned() });
        }
        let Some((_, us)) = UNITS.iter().find(|(name, _)| *name == unit) else {
            return Err(SpanError::NoUnit { text: text.to_owned() });
        };
        // Digits only: the one way to fail is to be too large.
        let us = number.parse::<u64>().ok().and_then(|number| number.checked_mul(*us));
        us.map(Self).ok_or_else(|| SpanError::TooLong { text: text.to_owned() })
    }
}

impl std::str::FromStr for Span {
    type Err = SpanError;

    fn from_str(text: &str) -> Result<Self, SpanError> {
        Self::parse(text)
    }
}

/// Both lengths together, [`Span::FOREVER`] at most.
impl Add for Span {
    type Output = Self;

    fn add(self, other: Self) -> Self {
        Self(self.0.saturating_add(other.0))
    }
}

impl AddAssign for Span {
    fn add_assign(&mut self, other: Self) {
        *self = *self + other;
    }
}

/// What the left length has more than the right one; zero if that is less than nothing.
impl Sub for Span {
    type Output = Self;

    fn sub(self, other: Self) -> Self {
        Self(self.0.saturating_sub(other.0))
    }
}

impl SubAssign for Span {
    fn sub_assign(&mut self, other: Self) {
        *self = *self - other;
    }
}

/// So many times the length, [`Span::FOREVER`] at most.
impl Mul<u64> for Span {
    type Output = Self;

    fn mul(self, times: u64) -> Self {
        Self(self.0.saturating_mul(times))
    }
}

/// One of so many equal parts, rounded down; [`Span::FOREVER`] for no parts.
impl Div<u64> for Span {
    type Output = Self;

    fn div(self, parts: u64) -> Self {
        self.0.checked_div(parts).map_or(Self::FOREVER, Self)
    }
}

impl std::iter::Sum for Span {
    fn sum<I: Iterator<Item = Self>>(spans: I) -> Self {
        spans.fold(Self::ZERO, Self::add)
    }
}

impl fmt::Display for Span {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.0 == 0 {
            return f.write_str("0s");
        }
        for (name, us) in UNITS {
            if self.0.is_multiple_of(us) {
                return write!(f, "{}{name}", self.0 / us);
            }
        }
        unreachable!("every span is a multiple of one microsecond")
    }
}

/// Why a text is no span.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SpanError {
    /// It does not start with a digit.
    NoNumber {
        /// The text.
        text: String,
    },
    /// What follows the number is none of the units.
    NoUnit {
        /// The text.
        text: String,
    },
    /// More microseconds than 64 bits hold.
    TooLong {
        /// The text.
        text: String,
    },
}

impl fmt::Display for SpanError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NoNumber { text } => {
                write!(
                    f,
                    "\"{text}\" is no length of time: write a whole number and a unit, such as 800us or 60s"
                )
            }
            Self::NoUnit { text } => {
                write!(f, "\"{text}\" has no known unit: write us, ms, s, m or h right after a whole number")
            }
            Self::TooLong { text } => write!(f, "\"{text}\" is too long: at most 18446744073709551615us"),
        }
    }
}

impl std::error::Error for SpanError {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn instants_print_as_minutes_seconds_and_what_is_below() {
        let shown = |us| Instant(us).to_string();
        assert_eq!(shown(0), "0:00.000");
        assert_eq!(shown(53_412_000), "0:53.412");
        assert_eq!(shown(53_412_007), "0:53.412007");
        assert_eq!(shown(1), "0:00.000001");
        assert_eq!(shown(60_000_000), "1:00.000");
        assert_eq!(shown(4_500_000_000), "75:00.000");
    }

    #[test]
    fn spans_print_in_the_largest_exact_unit_and_read_back() {
        let cases = [
            (0, "0s"),
            (1, "1us"),
            (800, "800us"),
            (1_000, "1ms"),
            (1_500, "1500us"),
            (1_500_000, "1500ms"),
            (60_000_000, "1m"),
            (90_000_000, "90s"),
            (3_600_000_000, "1h"),
            (5_400_000_000, "90m"),
            (u64::MAX, "18446744073709551615us"),
        ];
        for (us, text) in cases {
            assert_eq!(Span(us).to_string(), text);
            assert_eq!(Span::parse(text), Ok(Span(us)));
        }
        for text in ["0us", "0ms", "0m", "0h", "00s"] {
            assert_eq!(text.parse(), Ok(Span::ZERO));
        }
        assert_eq!(Span::parse("007ms"), Ok(Span::from_ms(7)));
    }

    #[test]
    fn what_is_no_span_is_refused_with_a_sentence() {
        for text in ["", "s", "-1s", "+1s", " 1s", "ms5", "١s", "."] {
            assert_eq!(Span::parse(text), Err(SpanError::NoNumber { text: text.to_owned() }));
        }
        for text in ["5", "5 s", "5S", "5sec", "5s ", "1.5ms", "5µs", "5d"] {
            assert_eq!(Span::parse(text), Err(SpanError::NoUnit { text: text.to_owned() }));
        }
        for text in
            ["18446744073709551616us", "18446744073709551615ms", "5124095577h", "99999999999999999999999s"]
        {
            assert_eq!(Span::parse(text), Err(SpanError::TooLong { text: text.to_owned() }));
        }
        assert_eq!(
            SpanError::NoUnit { text: "1.5ms".to_owned() }.to_string(),
            "\"1.5ms\" has no known unit: write us, ms, s, m or h right after a whole number"
        );
    }

    #[test]
    fn arithmetic_saturates() {
        let at = Instant::from_secs(2);
        assert_eq!(at + Span::from_ms(500), Instant(2_500_000));
        assert_eq!(at + Span::FOREVER, Instant::NEVER);
        assert_eq!(Instant::MAX + Span(1), Instant::MAX);
        assert_eq!(at - Span::from_secs(3), Instant::ZERO);
        assert_eq!(at - Instant(500_000), Span::from_ms(1_500));
        assert_eq!(Instant::ZERO - at, Span::ZERO);
        assert_eq!(Span(3) - Span(5), Span::ZERO);
        assert_eq!(Span::FOREVER + Span(1), Span::FOREVER);
        assert_eq!(Span(7) * 3, Span(21));
        assert_eq!(Span::from_secs(u64::MAX) * 2, Span::FOREVER);
        assert_eq!(Span(7) / 2, Span(3));
        assert_eq!(Span(7) / 0, Span::FOREVER);
        assert_eq!([Span(1), Span(2), Span(3)].into_iter().sum::<Span>(), Span(6));
        assert_eq!(Instant::from_secs(u64::MAX), Instant::MAX);
    }
}
