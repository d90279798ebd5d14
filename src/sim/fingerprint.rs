//! A 64-bit fingerprint of a journal: the same entries in the same order give the same one, in every build.

use std::fmt;

/// A fingerprint in the making. Feed it entries as rows of words; print it as sixteen hex digits.
///
/// Two promises hold with certainty, not only with high probability: changing any one word of one entry changes the
/// fingerprint (each word is multiplied by an odd constant, and every later step can be undone), and so does absorbing
/// the same entry with more words. Everything else, such as two entries in another order, goes unnoticed once in 2^64.
/// It guards against mistakes, not against people who want to fool it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Fingerprint(u64);

/// The most words an entry can have.
const WORDS_MAX: usize = 16;

/// One odd constant per position: the fractional parts of the square roots of the first sixteen primes (the head of
/// SHA-512's initial values and round constants in spirit), made odd.
const FACTORS: [u64; WORDS_MAX] = factors();

const fn factors() -> [u64; WORDS_MAX] {
    let primes: [u128; WORDS_MAX] = [2, 3, 5, 7, 11, 13, 17, 19, 23, 29, 31, 37, 41, 43, 47, 53];
    let mut factors = [0; WORDS_MAX];
    let mut i = 0;
    while i < WORDS_MAX {
        // 60 bits after the point, spread over the word by a shift; the lowest bit makes it odd.
        factors[i] = (((primes[i] << 120).isqrt() as u64) << 4) | 1;
        i += 1;
    }
    factors
}

impl Fingerprint {
    /// The fingerprint of nothing.
    pub const fn new() -> Self {
        Self(0x6d71_7363_6f70_6531)
    }

    /// Adds an entry of up to sixteen words.
    #[inline]
    pub fn absorb<const N: usize>(&mut self, words: [u64; N]) {
        const { assert!(N <= WORDS_MAX, "an entry has at most sixteen words") };
        // Wrapping sums of odd multiples: as a function of any single word, a bijection. The number of words counts
        // too, or a trailing zero would be nothing.
        let mut entry = N as u64;
        for (word, factor) in words.iter().zip(FACTORS) {
            entry = entry.wrapping_add(word.wrapping_mul(factor));
        }
        // A bijection of the state for a given entry, and of the entry for a given state; far from commutative.
        let state = (self.0 ^ entry).rotate_left(23).wrapping_mul(0xd6e8_feb8_6659_fd93);
        self.0 = state ^ (state >> 32);
    }

    /// The 64 bits.
    pub const fn value(self) -> u64 {
        self.0
    }

    /// The first eight hex digits as two groups of four, `3f9a 01c2`: enough to compare by eye.
    pub fn short(self) -> String {
        format!("{:04x} {:04x}", self.0 >> 48, (self.0 >> 32) & 0xffff)
    }
}

impl Default for Fingerprint {
    fn default() -> Self {
        Self::new()
    }
}

/// All sixteen hex digits.
impl fmt::Display for Fingerprint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:016x}", self.0)
    }
}
