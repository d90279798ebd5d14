//! Logarithm, power and normal quantile in whole numbers.
//!
//! Floating-point `ln` and `exp` are not the same on every machine; these functions are, and they are as fast. Numbers
//! are written in fixed point: "Q32" means units of 2^-32. All functions are monotone, without exception, so that what
//! is sampled through them is monotone in the draw. The tables are made by the
//! compiler from the defining series, except that of the normal quantile, which is data.

use super::normal::TAIL_QUANTILES;

/// The natural logarithm of 2 in Q40.
const LN_2: u64 = ln_of_ratio(2, 1);

/// One over the centre of each 256th of [1, 2), in Q31.
static RECIPROCALS: [u32; 256] = LN.0;

/// The logarithm of that centre in Q40.
static LOGARITHMS: [i64; 256] = LN.1;

/// Reciprocals and logarithms, made together.
///
/// Each 256th of [1, 2) has a polynomial of its own, and where two meet they may differ by rounding, some 2^-40. Where
/// the right one would be lower, its logarithm is raised until it is not: that makes the whole function monotone.
const LN: ([u32; 256], [i64; 256]) = {
    let mut reciprocals = [0; 256];
    let mut logarithms = [0; 256];
    let mut end = 0;
    let mut i = 0;
    while i < 256 {
        // The centre is (513 + 2i) / 512; its reciprocal is rounded to the nearest.
        let twice_centre = 513 + 2 * i as u64;
        reciprocals[i] = ((1 << 41) / twice_centre).div_ceil(2) as u32;
        logarithms[i] = ln_of_ratio(twice_centre, 512) as i64;
        let start = logarithms[i] + ln_near(0, reciprocals[i]);
        if start < end {
            logarithms[i] += end - start;
        }
        end = logarithms[i] + ln_near((1 << 55) - 1, reciprocals[i]);
        i += 1;
    }
    assert!(end as u64 <= LN_2, "the next power of two goes on from here");
    (reciprocals, logarithms)
};

/// ln(a / b) in Q40 for a ≥ b, by the series 2·(z + z³/3 + z⁵/5 + …) with z = (a − b) / (a + b).
const fn ln_of_ratio(a: u64, b: u64) -> u64 {
    let z = (((a - b) as u128) << 60) / (a + b) as u128;
    let square = (z * z) >> 60;
    let (mut power, mut sum, mut k) = (z, 0, 1);
    while power > 0 {
        sum += power / k;
        power = (power * square) >> 60;
        k += 2;
    }
    // Twice the sum, from Q60 to Q40, to the nearest.
    ((sum + (1 << 18)) >> 19) as u64
}

/// ln(1 + r) in Q40, where 1 + r is a number of [1, 2) over the centre of its 256th. `low` are the 55 bits that say
/// where in the 256th it lies.
#[inline(always)]
const fn ln_near(low: u64, reciprocal: u32) -> i64 {
    // From the centre, in Q40: at most 2^-9.
    let offset = (low as i64 - (1 << 54)) >> 23;
    let r = (offset * reciprocal as i64) >> 31;
    let square = (r * r) >> 40;
    let cube = (square * r) >> 40;
    // 21845 / 2^16 is a third. The next term is below 2^-38.
    r - (square >> 1) + ((cube * 21845) >> 16)
}

/// The natural logarithm of a whole number, in Q40; of 0, that of 1. Never falls as `u` grows; off by less than 2^-35.
#[inline(always)]
pub(super) const fn ln(u: u64) -> u64 {
    let u = if u == 0 { 1 } else { u };
    let zeros = u.leading_zeros();
    let mantissa = u << zeros;
    let row = (mantissa >> 55) as usize & 0xff;
    let near = LOGARITHMS[row] + ln_near(mantissa & ((1 << 55) - 1), RECIPROCALS[row]);
    (63 - zeros) as u64 * LN_2 + near as u64
}

/// −ln(1 − U) in Q32 for the draw's U in (0, 1): a sample of the exponential distribution with mean 1, growing with
/// the draw from 0 to 64·ln 2 = 44.4; off by less than 2^-32.
#[inline(always)]
pub(super) const fn exponential(draw: u64) -> u64 {
    // 1 − U as an odd multiple of 2^-64: neither 0 nor 1.
    let rest = 64 * LN_2 - ln(!draw | 1);
    (rest + (1 << 7)) >> 8
}

/// 2^(i/256) in Q32.
static POWERS: [u64; 257] = {
    let mut powers = [0; 257];
    let mut i = 0;
    while i <= 256 {
        // e^x for x = i/256·ln 2 in Q60, term by term.
        let x = (((LN_2 as u128) << 20) * i as u128) >> 8;
        let (mut term, mut sum, mut k) = (1u128 << 60, 0, 1);
        while term > 0 {
            sum += term;
            term = ((term * x) >> 60) / k;
            k += 1;
        }
        powers[i] = ((sum + (1 << 27)) >> 28) as u64;
        i += 1;
    }
    powers
};

/// `factor` · 2^`exponent` to the nearest whole number, `limit` at most. The exponent is in Q32, of any sign; the power
/// is interpolated and up to a millionth too great.
#[inline]
pub(super) const fn times_power_of_two(factor: u64, exponent: i64, limit: u64) -> u64 {
    let fraction = exponent as u64 & 0xffff_ffff;
    let row = (fraction >> 24) as usize;
    let (low, high) = (POWERS[row], POWERS[row + 1]);
    // In [1, 2), Q32.
    let mantissa = low + (((high - low) * (fraction & 0xff_ffff)) >> 24);
    // factor · mantissa has 32 bits after the point before the whole part of the exponent moves it.
    let drop = 32 - (exponent >> 32);
    if factor < 1 << 31 && drop > 0 {
        if drop > 64 {
            return 0;
        }
        let result = (((factor * mantissa) >> (drop - 1)) + 1) >> 1;
        return if result < limit { result } else { limit };
    }
    let product = factor as u128 * mantissa as u128;
    if drop > 0 {
        let result = ((product >> if drop < 128 { drop - 1 } else { 127 }) + 1) >> 1;
        if result < limit as u128 { result as u64 } else { limit }
    } else if product > (limit as u128) >> if drop > -127 { -drop } else { 127 } {
        limit
    } else {
        (product << -drop) as u64
    }
}

/// The standard normal quantile of the draw, in Q24: growing with the draw, symmetric, from −9.16 to 9.16. Off by less
/// than 2·10^-4 everywhere.
#[inline]
pub(super) const fn normal_quantile(draw: u64) -> i64 {
    let upper = draw >> 63 == 1;
    // The probability of something farther out on the same side, as an odd multiple of 2^-65.
    let tail = if upper { !draw << 1 | 1 } else { draw << 1 | 1 };
    let halvings = tail.leading_zeros();
    let mantissa = tail << halvings;
    // Sixteenths from the far end of this halving, and 32 bits of the way from there to the near end.
    let sixteenth = (mantissa >> 59) as usize & 0xf;
    let near = halvings as usize * 16 + 15 - sixteenth;
    let (far_z, near_z) = (TAIL_QUANTILES[near + 1] as u64, TAIL_QUANTILES[near] as u64);
    let way = (mantissa >> 27) & 0xffff_ffff;
    let z = (far_z - (((far_z - near_z) * way) >> 32)) as i64;
    if upper { z } else { -z }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sim::{Chance, Stream};

    /// Whole numbers of every size, and those around every seam of the tables, in order.
    fn numbers() -> Vec<u64> {
        let draws = Chance::new(11).stream(Stream::World, 0);
        let mut numbers: Vec<u64> = (0..200_000).map(|n| draws.nth(n) >> (n % 64)).collect();
        // Small steps too, such as move nothing but the last bits of a polynomial.
        let near = |n: u64| draws.nth(n / 100) / 2 + ((n % 100) << (20 + n / 100 % 10));
        numbers.extend((0..200_000).map(near));
        for octave in 0..64 {
            for row in 0..256 {
                let seam = ((1_u64 << 63) | row << 55) >> octave;
                numbers.extend((0..7_u64).map(|off| seam.wrapping_add(off).wrapping_sub(3)));
            }
        }
        // The seams of what is counted down from the top.
        numbers.extend(numbers.clone().iter().map(|number| !number));
        numbers.sort_unstable();
        numbers
    }

    /// The tail probability of the standard normal distribution, and its density.
    fn normal(z: f64) -> (f64, f64) {
        let density = libm::exp(-z * z / 2.0) / (2.0 * std::f64::consts::PI).sqrt();
        (libm::erfc(z / 2_f64.sqrt()) / 2.0, density)
    }

    #[test]
    fn logarithms_agree_with_libm() {
        for u in numbers().into_iter().filter(|u| *u > 0) {
            let error = ln(u) as f64 / libm::exp2(40.0) - libm::log(u as f64);
            assert!(error.abs() < libm::exp2(-35.0), "ln({u}) is off by {error:e}");
        }
        assert_eq!(ln(0), ln(1));
    }

    #[test]
    fn exponentials_agree_with_libm() {
        let ln_2_64 = 64.0 * std::f64::consts::LN_2;
        for draw in numbers() {
            let error =
                exponential(draw) as f64 / libm::exp2(32.0) - (ln_2_64 - libm::log((!draw | 1) as f64));
            assert!(error.abs() < libm::exp2(-32.0), "exponential({draw}) is off by {error:e}");
        }
        assert_eq!(exponential(0), 0);
        assert_eq!(exponential(u64::MAX), (ln_2_64 * libm::exp2(32.0)) as u64);
    }

    #[test]
    fn powers_agree_with_libm() {
        for number in numbers() {
            // From -4 to 4 in Q32.
            let exponent = number as i64 >> 29;
            let exact = libm::exp2(exponent as f64 / libm::exp2(32.0)) * libm::exp2(30.0);
            let error = times_power_of_two(1 << 30, exponent, u64::MAX) as f64 - exact;
            // The mantissa itself has 32 bits.
            let rounding = 0.5 + exact * libm::exp2(-31.0);
            assert!((-rounding..exact / 1e6 + rounding).contains(&error), "2^{exponent} is off by {error}");
        }
    }

    #[test]
    fn powers_stay_exact_where_they_can_and_below_the_limit() {
        let whole = |exponent: i64| exponent << 32;
        for limit in [1000, (1 << 44) - 1, u64::MAX] {
            for factor in [0, 1, 2, 3, 999, (1 << 31) - 1, 1 << 31, (1 << 44) - 1, u64::MAX] {
                for exponent in -140..=140_i64 {
                    let exact = if exponent < 0 {
                        // To the nearest, halves up.
                        (u128::from(factor) * 2)
                            .checked_shr(-exponent as u32)
                            .map_or(0, |twice| twice.div_ceil(2))
                    } else {
                        (0..exponent).fold(u128::from(factor), |product, _| (2 * product).min(1 << 64))
                    };
                    let expected = exact.min(limit.into()) as u64;
                    let result = times_power_of_two(factor, whole(exponent), limit);
                    assert_eq!(result, expected, "{factor} · 2^{exponent}, at most {limit}");
                }
            }
        }
        assert_eq!(times_power_of_two(5, i64::MIN, 9), 0);
        assert_eq!(times_power_of_two(5, i64::MAX, 9), 9);
        assert_eq!(times_power_of_two(u64::MAX, i64::MIN, 9), 0);
        assert_eq!(times_power_of_two(u64::MAX, i64::MAX, 9), 9);
    }

    #[test]
    fn the_table_of_tail_quantiles_agrees_with_libm() {
        assert_eq!(TAIL_QUANTILES[0], 0);
        for (n, entry) in TAIL_QUANTILES.iter().enumerate() {
            let tail = (32 - n % 16) as f64 / 32.0 * libm::exp2(-1.0 - (n / 16) as f64);
            let z = f64::from(*entry) / libm::exp2(24.0);
            let (probability, density) = normal(z);
            // As good as 24 bits can say it.
            let error = (probability - tail) / density;
            assert!(error.abs() < libm::exp2(-24.9), "entry {n} is off by {error:e}");
        }
    }

    #[test]
    fn normal_quantiles_agree_with_libm() {
        for draw in numbers() {
            let z = normal_quantile(draw) as f64 / libm::exp2(24.0);
            let from_end = if draw >> 63 == 1 { !draw } else { draw };
            let tail = (from_end << 1 | 1) as f64 * libm::exp2(-65.0);
            // Newton's method from the answer to the exact one.
            let mut exact = z.abs();
            for _ in 0..4 {
                let (probability, density) = normal(exact);
                exact += (probability - tail) / density;
            }
            let error = z.abs() - exact;
            assert!((-1e-7..2e-4).contains(&error), "quantile({draw}) is off by {error:e}");
        }
    }

    #[test]
    fn everything_is_monotone() {
        let numbers = numbers();
        for pair in numbers.windows(2) {
            let (less, more) = (pair[0], pair[1]);
            assert!(ln(less) <= ln(more), "ln at {less} and {more}");
            assert!(exponential(less) <= exponential(more), "exponential at {less} and {more}");
            assert!(normal_quantile(less) <= normal_quantile(more), "quantile at {less} and {more}");
            // The same bit patterns as numbers with a sign, in their order, from -8 to 8.
            let [less, more] = [less, more].map(|number| (number ^ (1 << 63)) as i64 >> 28);
            let power = |exponent| times_power_of_two(123_456_789, exponent, u64::MAX);
            assert!(power(less) <= power(more), "2^{less} and 2^{more}");
        }
    }

    #[test]
    fn the_normal_quantile_is_symmetric() {
        for draw in numbers() {
            assert_eq!(normal_quantile(!draw), -normal_quantile(draw));
        }
    }
}
