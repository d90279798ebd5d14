//! As much of Java's `double` as the retry policies need, in integers: powers and products, each rounded to 53 bits as
//! IEEE 754 asks, and the cast to an integer.
//!
//! Exponential policies multiply in floating point and cut the fraction off, so the last nanosecond depends on the
//! rounding. Platform floats would do the same everywhere, but the power of one is whatever the platform's library says;
//! here it is the correctly rounded one.

/// A finite binary floating-point number of 53 bits, or an infinity. What is below the smallest normal number is zero.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Double {
    is_negative: bool,
    magnitude: Magnitude,
}

/// `bits` × 2^`exponent`; the top bit of `bits` is set, or all of it is zero.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Magnitude {
    bits: u128,
    exponent: i64,
}

const ZERO: Magnitude = Magnitude { bits: 0, exponent: 0 };
/// Beyond every finite number: products and powers of it stay beyond.
const INFINITE: Magnitude = Magnitude { bits: 1 << 127, exponent: 1 << 20 };
/// 127 below the exponents of the largest and the smallest normal number.
const EXPONENT_MAX: i64 = 1023 - 127;
const EXPONENT_MIN: i64 = -1022 - 127;

impl Magnitude {
    fn new(bits: u128, exponent: i64) -> Self {
        if bits == 0 {
            return ZERO;
        }
        let shift = bits.leading_zeros();
        Self { bits: bits << shift, exponent: exponent - i64::from(shift) }
    }

    /// The product to 128 bits; what does not fit is cut off.
    fn times(self, other: Self) -> Self {
        // As on paper, with digits of 64 bits.
        let digits = |number: u128| (number >> 64, number & u128::from(u64::MAX));
        let ((a, b), (c, d)) = (digits(self.bits), digits(other.bits));
        let (ad, bc, bd) = (digits(a * d), digits(b * c), digits(b * d));
        let middle = bd.0 + ad.1 + bc.1;
        let high = a * c + ad.0 + bc.0 + (middle >> 64);
        let low = (middle << 64) | bd.1;
        let exponent = self.exponent + other.exponent + 128;
        match high >> 127 {
            0 => Self { bits: (high << 1) | (low >> 127), exponent: exponent - 1 },
            _ => Self { bits: high, exponent },
        }
    }

    /// The nearest number of 53 bits, of two equally near the even one; an infinity or zero if there is none.
    fn rounded(self) -> Self {
        const CUT: u32 = 128 - 53;
        const HALF: u128 = 1 << (CUT - 1);
        let (kept, cut) = (self.bits >> CUT, self.bits & ((1 << CUT) - 1));
        let is_up = cut > HALF || cut == HALF && kept % 2 == 1;
        let rounded = Self::new(kept + u128::from(is_up), self.exponent + i64::from(CUT));
        match rounded.exponent {
            exponent if exponent > EXPONENT_MAX => INFINITE,
            exponent if exponent < EXPONENT_MIN => ZERO,
            _ => rounded,
        }
    }
}

impl Double {
    /// The number whose IEEE 754 bits these are. `None` for infinities and what is no number; numbers below the smallest
    /// normal one become zero.
    pub fn from_bits(bits: u64) -> Option<Self> {
        let fraction = bits & ((1 << 52) - 1);
        let magnitude = match (bits >> 52) & 0x7ff {
            0x7ff => return None,
            0 => ZERO,
            exponent => Magnitude::new(((1 << 52) | fraction).into(), exponent.cast_signed() - 1075),
        };
        Some(Self { is_negative: bits >> 63 == 1, magnitude })
    }

    /// The number nearest to an integer.
    pub fn from_integer(integer: i64) -> Self {
        let magnitude = Magnitude::new(integer.unsigned_abs().into(), 0).rounded();
        Self { is_negative: integer < 0, magnitude }
    }

    /// The n-th power (`Math.pow`), rounded once. The 0-th power of anything is one.
    #[must_use]
    pub fn power(self, mut n: u32) -> Self {
        let is_negative = self.is_negative && n % 2 == 1;
        let mut result = Magnitude::new(1, 0);
        let mut square = self.magnitude;
        // 128 bits hold so much more than the 53 asked for that what is cut off on the way is not seen.
        while n > 0 {
            if n % 2 == 1 {
                result = result.times(square);
            }
            square = square.times(square);
            n /= 2;
        }
        Self { is_negative, magnitude: result.rounded() }
    }

    /// The product, rounded. Zero times infinity is zero here; as an integer, which is all it is made into, so is what
    /// Java has in its place.
    #[must_use]
    pub fn times(self, other: Self) -> Self {
        Self {
            is_negative: self.is_negative != other.is_negative,
            magnitude: self.magnitude.times(other.magnitude).rounded(),
        }
    }

    /// The integer towards zero, or the last one in that direction (Java's cast to `long`).
    pub fn to_integer(self) -> i64 {
        let Magnitude { bits, exponent } = self.magnitude;
        let whole = match u32::try_from(-exponent) {
            Ok(shift) => bits.checked_shr(shift).unwrap_or(0),
            Err(_) if exponent > 0 => bits,
            Err(_) => 0,
        };
        if self.is_negative {
            i64::try_from(whole).map_or(i64::MIN, |whole| -whole)
        } else {
            i64::try_from(whole).unwrap_or(i64::MAX)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(number: f64) -> Double {
        Double::from_bits(number.to_bits()).expect("a finite number")
    }

    #[test]
    fn an_integer_comes_back_and_the_rest_is_cut_off() {
        for integer in [0, 1, -1, 7, -(1 << 53), 1 << 53, i64::MIN] {
            assert_eq!(Double::from_integer(integer).to_integer(), integer);
        }
        assert_eq!(Double::from_integer(i64::MAX).to_integer(), i64::MAX);
        assert_eq!(Double::from_integer((1 << 53) + 1).to_integer(), 1 << 53);
        assert_eq!(Double::from_integer((1 << 53) + 3).to_integer(), (1 << 53) + 4);
        assert_eq!((of(1.999).to_integer(), of(-1.999).to_integer(), of(0.25).to_integer()), (1, -1, 0));
        assert_eq!((of(1e300).to_integer(), of(-1e300).to_integer()), (i64::MAX, i64::MIN));
        assert_eq!(Double::from_bits(f64::NAN.to_bits()), None);
        assert_eq!(Double::from_bits(f64::INFINITY.to_bits()), None);
    }

    #[test]
    fn a_product_is_that_of_the_machine() {
        let mut bits: u64 = 5;
        for _ in 0..20_000 {
            let [a, b] = [(); 2].map(|()| {
                bits = bits.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
                // Any sign and fraction, exponents from -300 to 300.
                let exponent = 1023 - 300 + (bits >> 52) % 601;
                f64::from_bits((bits & ((1 << 52) - 1)) | exponent << 52 | (bits >> 63 << 63))
            });
            assert_eq!(of(a).times(of(b)), of(a * b), "{a} * {b}");
            assert_eq!(of(a).to_integer(), a as i64, "{a}");
        }
    }

    #[test]
    fn a_power_is_that_of_repeated_multiplication_as_long_as_this_is_exact() {
        for base in [1.5, 0.5, 2.0, 3.0, -2.0, 10.0] {
            let mut expected = 1.0;
            for n in 0..20 {
                assert_eq!(of(base).power(n), of(expected), "{base} to the {n}");
                expected *= base;
            }
        }
    }

    #[test]
    fn a_power_is_rounded_once() {
        // 1.6 is a little more than 8/5: its square is nearer to the number above 2.56.
        assert_eq!(of(1.6).power(2), of(2.560_000_000_000_000_5));
        for base in [1.1, 1.2, 1.6, 0.3, 7.7, 1.000_000_1] {
            for n in 0..60 {
                let reference = libm::pow(base, n.into());
                let near = [reference.next_down(), reference, reference.next_up()];
                assert!(near.map(of).contains(&of(base).power(n)), "{base} to the {n}");
            }
        }
    }

    #[test]
    fn what_is_too_large_or_too_small_has_a_place() {
        assert_eq!(of(10.0).power(u32::MAX).to_integer(), i64::MAX);
        assert_eq!(of(-10.0).power(u32::MAX).to_integer(), i64::MIN);
        assert_eq!(of(0.1).power(u32::MAX).to_integer(), 0);
        assert_eq!(of(0.0).power(0), of(1.0));
        assert_eq!(of(0.0).power(5).to_integer(), 0);
        assert_eq!(of(10.0).power(400).times(of(-1.0)).to_integer(), i64::MIN);
        assert_eq!(of(10.0).power(400).times(of(0.0)).to_integer(), 0);
    }
}
