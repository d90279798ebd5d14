//! A 64-bit fingerprint of a journal: the same entries in the same order give the same one, in every build.

use std::fmt;

/// A fingerprint in the making. Feed it entries as rows of words; print it as sixteen hex digits.
///
/// Two things are certain, not only highly probable: changing any one word of one entry changes the
/// fingerprint (each word is multiplied by an odd constant, and every later step can be undone), and so does giving an
/// entry one more word that is zero. Everything else, such as two entries in another order, goes unnoticed once in
/// 2^64. It guards against mistakes, not against people who want to fool it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Fingerprint(u64);

/// The most words an entry can have.
const WORDS_MAX: usize = 16;

/// One odd constant per position, without pattern: the square roots of the first sixteen primes, spread over the word.
const FACTORS: [u64; WORDS_MAX] = {
    let primes: [u128; WORDS_MAX] = [2, 3, 5, 7, 11, 13, 17, 19, 23, 29, 31, 37, 41, 43, 47, 53];
    let mut factors = [0; WORDS_MAX];
    let mut i = 0;
    while i < WORDS_MAX {
        let root = (primes[i] << 120).isqrt() as u64;
        factors[i] = root.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1;
        i += 1;
    }
    factors
};

impl Fingerprint {
    /// The fingerprint of nothing.
    pub const fn new() -> Self {
        Self(0x6d71_7363_6f70_6531)
    }

    /// Adds an entry of up to sixteen words.
    #[inline(always)]
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

    /// Reads what [`Display`](fmt::Display) writes: sixteen lower-case hex digits.
    pub fn parse(text: &str) -> Option<Self> {
        let is_digit = |byte: u8| byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte);
        let is_whole = text.len() == 16 && text.bytes().all(is_digit);
        u64::from_str_radix(text, 16).ok().filter(|_| is_whole).map(Self)
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sim::{Chance, Stream};

    fn of(entries: &[[u64; 6]]) -> Fingerprint {
        entries.iter().fold(Fingerprint::new(), |mut sum, entry| {
            sum.absorb(*entry);
            sum
        })
    }

    /// Entries as a journal has them: an instant, a number, a cause, a kind, two small fields.
    fn journal(world: u64) -> Vec<[u64; 6]> {
        let draws = Chance::new(world).stream(Stream::World, 0);
        let entry = |n: u64| {
            let field = |k, bound| draws.below(4 * n + k, bound);
            [1000 * (n / 3), n, n.saturating_sub(field(0, 5)), field(1, 20), field(2, 8), field(3, 1000)]
        };
        (0..40).map(entry).collect()
    }

    #[test]
    fn any_other_word_in_any_entry_changes_it() {
        for world in 0..20 {
            let entries = journal(world);
            let before = of(&entries);
            for at in 0..entries.len() {
                for word in 0..6 {
                    for bit in [0, 1, 4, 31, 32, 62, 63] {
                        let mut changed = entries.clone();
                        changed[at][word] ^= 1 << bit;
                        assert_ne!(of(&changed), before, "world {world}, entry {at}, word {word}, bit {bit}");
                    }
                }
            }
        }
    }

    #[test]
    fn two_entries_in_another_order_change_it() {
        for world in 0..20 {
            let entries = journal(world);
            let before = of(&entries);
            for one in 0..entries.len() {
                for other in 0..one {
                    let mut changed = entries.clone();
                    changed.swap(one, other);
                    assert_ne!(of(&changed), before, "world {world}, entries {one} and {other}");
                }
            }
        }
    }

    #[test]
    fn words_in_another_place_change_it() {
        for entry in journal(1) {
            for one in 0..6 {
                for other in 0..one {
                    let mut changed = entry;
                    changed.swap(one, other);
                    assert_eq!(
                        of(&[changed]) == of(&[entry]),
                        changed == entry,
                        "{entry:?}, {one} and {other}"
                    );
                }
            }
        }
    }

    #[test]
    fn missing_entries_and_trailing_zeros_count() {
        let [mut none, mut one, mut two] = [Fingerprint::new(); 3];
        none.absorb([]);
        one.absorb([0]);
        two.absorb([0, 0]);
        let all = [Fingerprint::new(), none, one, two];
        for (i, a) in all.iter().enumerate() {
            for b in &all[..i] {
                assert_ne!(a, b);
            }
        }
        assert_ne!(of(&[[0; 6]; 2]), of(&[[0; 6]; 3]));
    }

    #[test]
    fn is_the_same_in_every_build() {
        let sum = of(&journal(42));
        assert_eq!(sum.to_string(), "3b8202c9f03469a4");
        assert_eq!(sum.short(), "3b82 02c9");
        assert_eq!(Fingerprint(0x0000_01c2_0000_0000).short(), "0000 01c2");
        assert_eq!(Fingerprint(0x1c2).to_string(), "00000000000001c2");
        assert_eq!(Fingerprint::parse("00000000000001c2"), Some(Fingerprint(0x1c2)));
        for bad in ["", "1c2", "+0000000000001c2", "00000000000001C2", "00000000000001c2 "] {
            assert_eq!(Fingerprint::parse(bad), None, "{bad}");
        }
    }
}
