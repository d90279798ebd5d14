//! How long things take: distributions of spans, sampled exactly alike everywhere.
//!
//! Every sample is the inverse of the distribution function at one draw: it takes exactly one draw and grows with it.
//! That keeps runs comparable that differ in one thing: with twice the mean, the same messages take twice as long.

use super::chance::scale;
use super::fixed;
use super::instant::{Instant, Span};
use serde::Serialize;

/// A distribution of spans, as a person writes it down.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize)]
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sim::{Chance, Stream};

    const HOUR: Span = Span::from_secs(3600);

    /// One of each kind and size, with its exact mean and standard deviation in microseconds.
    fn all() -> Vec<(Distribution, f64, f64)> {
        let mut all = Vec::new();
        for us in [0, 1, 800, 3_000_000, HOUR.0] {
            all.push((Distribution::Constant(Span(us)), us as f64, 0.0));
        }
        for (min, max) in [(0, 1), (0, 9), (500, 1500), (7, 7), (0, HOUR.0), (HOUR.0, 3 * HOUR.0)] {
            let values = (max - min + 1) as f64;
            let deviation = ((values * values - 1.0) / 12.0).sqrt();
            all.push((
                Distribution::Uniform { min: Span(min), max: Span(max) },
                (min + max) as f64 / 2.0,
                deviation,
            ));
        }
        for mean in [0, 1, 25, 800, 25_000, (1 << 26) - 1, 1 << 26, HOUR.0, 100 * HOUR.0] {
            all.push((Distribution::Exponential { mean: Span(mean) }, mean as f64, mean as f64));
        }
        for (median, p99) in [(1000, 1000), (800, 5_000), (1_000_000, 1_500_000), (HOUR.0, 4 * HOUR.0)] {
            let sigma = libm::log(p99 as f64 / median as f64) / 2.326_347_874_040_841;
            let mean = median as f64 * libm::exp(sigma * sigma / 2.0);
            let deviation = mean * (libm::exp(sigma * sigma) - 1.0).sqrt();
            all.push((Distribution::LogNormal { median: Span(median), p99: Span(p99) }, mean, deviation));
        }
        all
    }

    /// The draw at this fraction of all of them.
    fn at(fraction: f64) -> u64 {
        (fraction * libm::exp2(64.0)) as u64
    }

    #[test]
    fn a_million_samples_have_the_right_mean() {
        let draws = Chance::new(5).stream(Stream::Processing, 0);
        for (distribution, mean, deviation) in all() {
            let sampler = distribution.sampler();
            let sum: f64 = (0..1_000_000).map(|n| sampler.sample(draws.nth(n)).0 as f64).sum();
            // Whole microseconds: the mean of an exponential below some 5 µs is a little off, by its rounding.
            let off = (sum / 1e6 - mean).abs();
            let allowed = 3.5 * deviation / 1e3 + if mean < 5.0 { 0.05 } else { 0.0 };
            assert!(off <= allowed, "{distribution:?}: off by {off} µs, allowed {allowed}");
        }
    }

    #[test]
    fn evenly_spread_draws_have_the_right_mean_within_a_ten_thousandth() {
        for (distribution, mean, deviation) in all() {
            let sampler = distribution.sampler();
            let strata = 1 << 20;
            let middle = |n: u64| (n << 44) + (1 << 43);
            let sum: f64 = (0..strata).map(|n| sampler.sample(middle(n)).0 as f64).sum();
            let off = (sum / strata as f64 - mean).abs();
            let allowed = 1e-4 * deviation.max(mean) + if mean < 5.0 { 0.05 } else { 0.0 };
            assert!(off <= allowed, "{distribution:?}: off by {off} µs, allowed {allowed}");
        }
    }

    #[test]
    fn says_its_mean() {
        for (distribution, mean, _) in all() {
            let off = (distribution.mean().0 as f64 - mean).abs();
            assert!(off <= 0.5 + 2e-6 * mean, "{distribution:?}: {} for {mean}", distribution.mean());
        }
        let far = Distribution::LogNormal { median: Span(1), p99: Instant::MAX - Instant::ZERO };
        assert_eq!(far.mean(), Span(Instant::MAX.0));
    }

    #[test]
    fn quantiles_are_where_they_belong() {
        let close = |span: Span, exact: f64| (span.0 as f64 - exact).abs() <= 0.51 + 1e-6 * exact;
        for fraction in [0.001, 0.01, 0.1, 0.25, 0.5, 0.75, 0.9, 0.99, 0.999, 0.999_999] {
            for mean in [1_u64, 800, 2_500_000, HOUR.0] {
                let span = Distribution::Exponential { mean: Span(mean) }.sample(at(fraction));
                let exact = -libm::log1p(-fraction) * mean as f64;
                assert!(close(span, exact), "exponential {mean}, {fraction}: {span} for {exact}");
            }
            let span = Distribution::Uniform { min: Span(1000), max: Span(100_999) }.sample(at(fraction));
            assert!(close(span, 1000.0 + 100_000.0 * fraction - 0.5), "uniform, {fraction}: {span}");
        }
        // The normal quantile is interpolated: two ten-thousandths of a standard deviation.
        for (median, p99) in [(800_u64, 5_000_u64), (1_000_000, 1_500_000), (HOUR.0, 4 * HOUR.0)] {
            let log_normal = Distribution::LogNormal { median: Span(median), p99: Span(p99) };
            let sigma = libm::log(p99 as f64 / median as f64) / 2.326_347_874_040_841;
            assert!(close(log_normal.sample(1 << 63), median as f64));
            for (fraction, z) in [(0.99, 2.326_347_874), (0.01, -2.326_347_874), (0.841_344_746, 1.0)] {
                let exact = median as f64 * libm::exp(sigma * z);
                let off = (log_normal.sample(at(fraction)).0 as f64 - exact).abs();
                assert!(off <= 0.51 + 2.1e-4 * sigma * exact, "{log_normal:?} at {fraction}: off by {off}");
            }
        }
    }

    #[test]
    fn samples_grow_with_the_draw() {
        let draws = Chance::new(6).stream(Stream::World, 0);
        let mut ordered: Vec<u64> = (0..100_000).map(|n| draws.nth(n)).collect();
        ordered.extend((0..100_000).map(|n| (draws.nth(0) & !0xffff_ffff_ffff) + (n << 30)));
        ordered.extend([0, 1, 2, u64::MAX - 1, u64::MAX]);
        ordered.sort_unstable();
        for (distribution, ..) in all() {
            let sampler = distribution.sampler();
            assert!(ordered.is_sorted_by_key(|draw| sampler.sample(*draw)), "{distribution:?}");
            assert!(ordered.iter().all(|draw| sampler.sample(*draw) == distribution.sample(*draw)));
        }
    }

    #[test]
    fn samples_grow_with_the_parameter() {
        let draws = Chance::new(8).stream(Stream::World, 0);
        for n in 0..1000 {
            let mut means: Vec<u64> = (0..50).map(|k| draws.nth(50 * n + k) >> (20 + k % 44)).collect();
            means.sort_unstable();
            let draw = draws.nth(1 << 32 | n);
            let sample = |mean: &u64| Distribution::Exponential { mean: Span(*mean) }.sample(draw);
            assert!(means.is_sorted_by_key(sample), "draw {draw}, means {means:?}");
        }
    }

    #[test]
    fn the_ends_are_finite() {
        for (distribution, mean, _) in all() {
            let (least, most) = (distribution.sample(0), distribution.sample(u64::MAX));
            match distribution {
                Distribution::Constant(span) => assert_eq!((least, most), (span, span)),
                Distribution::Uniform { min, max } => assert_eq!((least, most), (min, max)),
                Distribution::Exponential { .. } => {
                    assert_eq!(least, Span::ZERO);
                    let exact = 64.0 * std::f64::consts::LN_2 * mean;
                    let off = (most.0 as f64 - exact).abs();
                    assert!(off <= 0.5 + exact * libm::exp2(-26.0), "{distribution:?}: {most} for {exact}");
                }
                Distribution::LogNormal { median, p99 } if p99 > median => {
                    assert!(least < median && most > p99 && most.0 < Instant::MAX.0);
                }
                Distribution::LogNormal { median, .. } => assert_eq!((least, most), (median, median)),
            }
        }
    }

    #[test]
    fn senseless_parameters_have_defined_results() {
        let draws = Chance::new(7).stream(Stream::World, 0);
        let (long, most) = (Span::FOREVER, Span(Instant::MAX.0));
        for draw in (0..100).map(|n| draws.nth(n)).chain([0, u64::MAX]) {
            let sample = |distribution: Distribution| distribution.sample(draw);
            assert_eq!(sample(Distribution::Uniform { min: Span(9), max: Span(3) }), Span(9));
            assert_eq!(sample(Distribution::Uniform { min: long, max: long }), long);
            assert!(sample(Distribution::Uniform { min: Span::ZERO, max: long }).0.abs_diff(draw) <= 1);
            assert_eq!(sample(Distribution::LogNormal { median: Span(9), p99: Span(3) }), Span(9));
            assert_eq!(sample(Distribution::LogNormal { median: Span::ZERO, p99: Span(3) }), Span::ZERO);
            assert!(sample(Distribution::LogNormal { median: Span(1), p99: long }) <= most);
            assert_eq!(sample(Distribution::LogNormal { median: long, p99: long }), most);
            assert!(sample(Distribution::Exponential { mean: long }) <= most * 45);
        }
        assert_eq!(Distribution::Uniform { min: Span::ZERO, max: long }.mean(), Span(1 << 63));
        assert_eq!(Distribution::Uniform { min: Span(9), max: Span(3) }.mean(), Span(9));
    }

    #[test]
    fn rates_have_exact_means_to_26_bits() {
        let cases =
            [(1, 1), (3, 1_000_000), (7, 22), (1_000_000, 1_000_000_000_000), (1 << 63, 1), (1, u64::MAX)];
        let more = [(40_000_000, 1_000_000_000_000), (u64::MAX, u64::MAX), (3, 1 << 62), (12_345_678_901, 1)];
        for (events, per) in cases.into_iter().chain(more) {
            let gaps = Exponential::with_rate(events, Span(per));
            let mean = gaps.mean as f64 * libm::exp2(32.0 - f64::from(gaps.shift));
            let exact = (per as f64 / events as f64).min(Instant::MAX.0 as f64);
            let off = (mean - exact).abs();
            assert!(
                off <= exact * libm::exp2(-25.9) + libm::exp2(-32.0),
                "{per}/{events}: {mean} for {exact}"
            );
            // And none of them overflows.
            let longest = gaps.sample(u64::MAX).0 as f64;
            assert!((longest - 44.361_419_555_836_5 * mean).abs() <= 0.5 + 1e-9 * longest, "{per}/{events}");
        }
        assert_eq!(Exponential::with_rate(5, Span::ZERO).sample(u64::MAX), Span::ZERO);
        assert_eq!(Exponential::with_rate(0, Span(1)), Exponential::with_rate(1, Span(Instant::MAX.0)));
        assert_eq!(
            Exponential::with_rate(1, Span(800)).sample(1 << 60),
            Exponential::with_mean(Span(800)).sample(1 << 60)
        );
    }

    #[test]
    fn samples_are_the_same_in_every_build() {
        let draws = Chance::new(42).stream(Stream::Processing, 1);
        let first = |distribution: Distribution| [0, 1, 2, 3, 4].map(|n| distribution.sample(draws.nth(n)).0);
        let (min, max) = (Span(500), Span(1_500));
        assert_eq!(first(Distribution::Uniform { min, max }), [892, 613, 1168, 1064, 763]);
        assert_eq!(first(Distribution::Exponential { mean: Span(800) }), [398, 96, 881, 663, 245]);
        assert_eq!(
            first(Distribution::Exponential { mean: HOUR }),
            [1792037523, 434054593, 3965439892, 2985025871, 1100954320]
        );
        assert_eq!(
            first(Distribution::LogNormal { median: Span(800), p99: Span(5_000) }),
            [645, 309, 1126, 908, 486]
        );
        assert_eq!(
            first(Distribution::LogNormal { median: HOUR, p99: Span::from_secs(7200) }),
            [3317973244, 2512040150, 4096308818, 3775880087, 2981442332]
        );
        // Everything at once: a hundred thousand samples of each.
        let mut sum = crate::sim::Fingerprint::new();
        for (distribution, ..) in all() {
            (0..100_000).for_each(|n| sum.absorb([distribution.sample(draws.nth(n)).0]));
        }
        assert_eq!(sum.to_string(), "85fc79d5814ac05f");
    }
}
