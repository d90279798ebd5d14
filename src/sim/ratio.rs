//! Probabilities as exact fractions.

use serde::Serialize;
use std::fmt;

/// A fraction from 0 to 1, such as one in ten, kept as it was written.
///
/// Written `1/10`, or `0` and `1` for the ends. Two ratios are equal if they are written alike: `1/2` and `2/4` are
/// as probable as each other, and still differ.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize)]
pub struct Ratio {
    /// How many
    pub numerator: u32,
    /// of how many.
    pub denominator: u32,
}

impl Ratio {
    /// Never.
    pub const ZERO: Self = Self { numerator: 0, denominator: 1 };

    /// Always.
    pub const ONE: Self = Self { numerator: 1, denominator: 1 };

    /// `numerator` in `denominator`.
    ///
    /// # Errors
    /// If the denominator is zero or the fraction greater than 1.
    pub const fn new(numerator: u32, denominator: u32) -> Result<Self, RatioError> {
        if denominator == 0 {
            Err(RatioError::ZeroDenominator)
        } else if numerator > denominator {
            Err(RatioError::AboveOne { numerator, denominator })
        } else {
            Ok(Self { numerator, denominator })
        }
    }

    /// Is it never?
    #[inline]
    pub const fn is_zero(self) -> bool {
        self.numerator == 0
    }

    /// Reads `numerator/denominator`, or a whole number, which can only be `0` or `1`.
    ///
    /// # Errors
    /// If the text is no such thing, the denominator is zero, or the fraction is greater than 1.
    pub fn parse(text: &str) -> Result<Self, RatioError> {
        let whole = |digits: &str| {
            let is_whole = !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit());
            digits.parse::<u32>().ok().filter(|_| is_whole)
        };
        let (numerator, denominator) = text.split_once('/').unwrap_or((text, "1"));
        match (whole(numerator), whole(denominator)) {
            (Some(numerator), Some(denominator)) => Self::new(numerator, denominator),
            _ => Err(RatioError::NotARatio { text: text.to_owned() }),
        }
    }

    /// Does an event of this probability happen, given 64 random bits? Exact: it does for the lowest draws, as many
    /// of the 2^64 as the fraction says (rounded up to whole draws), so what happens at some probability happens at
    /// every greater one too.
    #[inline]
    pub const fn includes(self, draw: u64) -> bool {
        // draw / 2^64 < n / d, that is draw·d < n·2^64. The right side is a multiple of 2^32, so the lowest 32 bits
        // of the left side decide nothing; without them both sides fit 64 bits.
        let (high, low) = (draw >> 32, draw & 0xffff_ffff);
        let denominator = self.denominator as u64;
        high * denominator + ((low * denominator) >> 32) < (self.numerator as u64) << 32
    }
}

impl std::str::FromStr for Ratio {
    type Err = RatioError;

    fn from_str(text: &str) -> Result<Self, RatioError> {
        Self::parse(text)
    }
}

/// The fraction as it was written; `0` and `1` without a denominator.
impl fmt::Display for Ratio {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.denominator {
            1 => write!(f, "{}", self.numerator),
            denominator => write!(f, "{}/{denominator}", self.numerator),
        }
    }
}

/// Why something is no ratio.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum RatioError {
    /// Not two whole numbers below 2^32 with a slash between them.
    NotARatio {
        /// The text.
        text: String,
    },
    /// Something in zero.
    ZeroDenominator,
    /// More than always.
    AboveOne {
        /// How many
        numerator: u32,
        /// of how many.
        denominator: u32,
    },
}

impl fmt::Display for RatioError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotARatio { text } => {
                write!(f, "\"{text}\" is no ratio: write two whole numbers with a slash, such as 1/10")
            }
            Self::ZeroDenominator => f.write_str("the denominator of a ratio cannot be 0"),
            Self::AboveOne { numerator, denominator } => {
                write!(f, "{numerator}/{denominator} is more than 1: a probability lies between 0 and 1")
            }
        }
    }
}

impl std::error::Error for RatioError {}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sim::{Chance, Stream};

    #[test]
    fn reads_and_prints() {
        assert_eq!(Ratio::parse("1/10"), Ok(Ratio { numerator: 1, denominator: 10 }));
        for text in ["1/10", "0", "1", "0/7", "7/7", "4294967295/4294967295"] {
            assert_eq!(Ratio::parse(text).map(|ratio| ratio.to_string()), Ok(text.to_owned()));
        }
        for text in ["", "/", "1/", "/2", "a/b", "1/2/3", "-1/2", "+1/2", " 1/2", "0.5", "1/4294967296"] {
            assert_eq!(Ratio::parse(text), Err(RatioError::NotARatio { text: text.to_owned() }));
        }
        assert_eq!(Ratio::parse("1/0"), Err(RatioError::ZeroDenominator));
        assert_eq!(Ratio::parse("3/2"), Err(RatioError::AboveOne { numerator: 3, denominator: 2 }));
        assert_eq!(Ratio::parse("2"), Err(RatioError::AboveOne { numerator: 2, denominator: 1 }));
    }

    #[test]
    fn includes_exactly_the_draws_below_the_fraction() {
        let draws = Chance::new(1).stream(Stream::World, 0);
        for n in 0..10_000 {
            let denominator = (draws.nth(3 * n) as u32 >> draws.below(3 * n + 1, 32)).max(1);
            let numerator = draws.below(3 * n + 2, u64::from(denominator) + 1) as u32;
            let ratio = Ratio::new(numerator, denominator).expect("at most 1");
            // The first draw outside, if there is one.
            let edge = (u128::from(numerator) << 64).div_ceil(u128::from(denominator));
            if let Some(inside) = edge.checked_sub(1) {
                assert!(ratio.includes(inside as u64), "{ratio} at {inside}");
            }
            if let Ok(outside) = u64::try_from(edge) {
                assert!(!ratio.includes(outside), "{ratio} at {outside}");
            }
        }
    }

    #[test]
    fn the_ends_are_never_and_always() {
        for draw in [0, 1, 1 << 32, u64::MAX] {
            assert!(!Ratio::ZERO.includes(draw));
            assert!(Ratio::ONE.includes(draw));
            assert!(Ratio { numerator: u32::MAX, denominator: u32::MAX }.includes(draw));
        }
    }
}
