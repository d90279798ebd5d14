//! How long things take: distributions of spans, sampled exactly alike everywhere.
//!
//! Every sample is the inverse of the distribution function at one draw: it takes exactly one draw and grows with it.
//! That keeps runs comparable that differ in one thing: with twice the mean, the same messages take twice as long.

use super::chance::scale;
use super::fixed;
use super::instant::{Instant, Span};

/// A distribution of spans, as a person writes it down.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Distribution {
    /// Always the same.
    Constant(Span),
    /// Every whole microsecond from `min` to `max`, both included, equally often. Always `min` if `max` is less.
    Uniform {
        /// The shortest.
        min: Span,
        /// The longest.
        max: Span,
    },
    /// Exponential: as likely to end in the next microsecond however long it has lasted.
    Exponential {
        /// The mean.
        mean: Span,
    },
    /// Log-normal: many short ones and a long tail. Always `median` if `p99` is not above it.
    LogNormal {
        /// Half are shorter.
        median: Span,
        /// 99 of 100 are shorter.
        p99: Span,
    },
}

impl Distribution {
    /// The span that belongs to a draw, to the nearest microsecond; never falls as the draw grows. See
    /// [`Sampler::sample`].
    #[inline]
    pub fn sample(&self, draw: u64) -> Span {
        self.sampler().sample(draw)
    }

    /// The same made ready: worth keeping for log-normal distributions, whose parameters are derived, and free for
    /// the others.
    #[inline]
    pub fn sampler(&self) -> Sampler {
        match *self {
            Self::Constant(span) => Sampler::Constant(span),
            Self::Uniform { min, max } => {
                Sampler::Uniform { min, width: max.0.saturating_sub(min.0).saturating_add(1) }
            }
            Self::Exponential { mean } => Sampler::Exponential(Exponential::with_mean(mean)),
            Self::LogNormal { median, p99 } => Sampler::LogNormal(LogNormal::new(median, p99)),
        }
    }

    /// The mean, to the nearest microsecond.
    pub fn mean(&self) -> Span {
        match *self {
            Self::Constant(span) => span,
            Self::Uniform { min, max } => Span(min.0 + max.0.saturating_sub(min.0).div_ceil(2)),
            Self::Exponential { mean } => mean,
            Self::LogNormal { median, p99 } => LogNormal::new(median, p99).mean(),
        }
    }
}

/// A distribution made ready for sampling; see [`Distribution::sampler`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Sampler {
    /// Always the same.
    Constant(Span),
    /// So many whole microseconds from the shortest on.
    Uniform {
        /// The shortest.
        min: Span,
        /// How many values there are.
        width: u64,
    },
    /// Exponential.
    Exponential(Exponential),
    /// Log-normal.
    LogNormal(LogNormal),
}

impl Sampler {
    /// The span that belongs to a draw, to the nearest microsecond; never falls as the draw grows.
    #[inline]
    pub fn sample(&self, draw: u64) -> Span {
        match self {
            Self::Constant(span) => *span,
            Self::Uniform { min, width } => Span(min.0 + scale(draw, *width)),
            Self::Exponential(exponential) => exponential.sample(draw),
            Self::LogNormal(log_normal) => log_normal.sample(draw),
        }
    }
}

/// An exponential distribution made ready. Its mean need not be a whole number of microseconds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Exponential {
    /// The mean in units of 2^(32 − shift) microseconds, rounded to 26 bits.
    mean: u64,
    shift: u32,
}

/// The product of a mean and the 38 bits of a Q32 exponential must fit 64.
const MEAN_BITS: u32 = 26;

impl Exponential {
    /// With this mean: exactly up to 67 s (2^26 µs), beyond that to within 2^-26 of it. Means beyond
    /// [`Instant::MAX`] count as that.
    #[inline]
    pub const fn with_mean(mean: Span) -> Self {
        if mean.0 < 1 << MEAN_BITS { Self { mean: mean.0, shift: 32 } } else { Self::with_rate(1, mean) }
    }

    /// The gaps between events that come independently of each other, `events` of them `per` this much time on
    /// average: the mean is `per` / `events`, to within 2^-26 of it, and [`Instant::MAX`] at most.
    pub const fn with_rate(events: u64, per: Span) -> Self {
        let limit = Instant::MAX.0;
        if per.0 == 0 {
            return Self { mean: 0, shift: 32 };
        }
        if events == 0 || per.0 / events >= limit {
            return Self::with_rate(1, Span(limit - 1));
        }
        // The quotient in Q63, then its first 26 bits; below a sixty-fourth of a microsecond fewer, for a shift
        // that fits a word.
        let quotient = ((per.0 as u128) << 63) / events as u128;
        let bits = 128 - quotient.leading_zeros();
        let drop = if bits > MEAN_BITS + 32 { bits - MEAN_BITS } else { 32 };
        Self { mean: (((quotient >> (drop - 1)) + 1) >> 1) as u64, shift: 95 - drop }
    }

    /// The span that belongs to a draw, to the nearest microsecond; never falls as the draw grows. The shortest is
    /// zero, the longest 44.4 means.
    #[inline]
    pub const fn sample(&self, draw: u64) -> Span {
        Span((((fixed::exponential(draw) * self.mean) >> (self.shift - 1)) + 1) >> 1)
    }
}

/// A log-normal distribution made ready.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct LogNormal {
    median: Span,
    /// The standard deviation of the binary logarithm, in Q24.
    sigma: u64,
}

impl LogNormal {
    /// With this median and 99th percentile; constant if the percentile is not above the median.
    pub const fn new(median: Span, p99: Span) -> Self {
        /// 1 / (ln 2 · 2.326 347 87), the latter being the standard normal 99th percentile, in Q25.
        const PER_LN: u64 = 20_808_931;
        let sigma = if p99.0 > median.0 && median.0 > 0 {
            // From Q40 to Q32, so that the product fits.
            (((fixed::ln(p99.0) - fixed::ln(median.0)) >> 8) * PER_LN) >> 33
        } else {
            0
        };
        Self { median, sigma }
    }

    /// The span that belongs to a draw, to the nearest microsecond and to within a few 10^-4 of a standard deviation;
    /// never falls as the draw grows. At most [`Instant::MAX`].
    #[inline]
    pub const fn sample(&self, draw: u64) -> Span {
        // Q24 times Q24, to Q32.
        let exponent = (self.sigma as i64 * fixed::normal_quantile(draw)) >> 16;
        Span(fixed::times_power_of_two(self.median.0, exponent, Instant::MAX.0))
    }

    /// The mean, to the nearest microsecond; at most [`Instant::MAX`].
    pub const fn mean(&self) -> Span {
        /// ln 2 / 2 in Q20.
        const HALF_LN_2: u64 = 363_409;
        let exponent = (((self.sigma * self.sigma) >> 16) * HALF_LN_2) >> 20;
        Span(fixed::times_power_of_two(self.median.0, exponent as i64, Instant::MAX.0))
    }
}
