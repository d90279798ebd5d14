//! The hashes by which RocketMQ spreads keys: over tags, over queues, over an index.

use siphasher::sip::SipHasher24;

/// The key of the client's `SipHash`, the default one of Guava: the bytes 0 to 15 in order.
const SIP_KEY: (u64, u64) = (0x0706_0504_0302_0100, 0x0f0e_0d0c_0b0a_0908);

/// Java's `String.hashCode`: base 31 over the UTF-16 code units, modulo 2^32. Tags are told apart by it, and the proxy
/// hashes message groups with it. "Aa" and "BB" are the same.
pub fn java_hash(text: &str) -> i32 {
    text.encode_utf16().fold(0, |hash: i32, unit| hash.wrapping_mul(31).wrapping_add(unit.into()))
}

/// `SipHash`-2-4 under Guava's default key, as the 5.x client hashes message groups (`PublishingLoadBalancer`).
pub fn sip24(bytes: &[u8]) -> i64 {
    SipHasher24::new_with_keys(SIP_KEY.0, SIP_KEY.1).hash(bytes).cast_signed()
}

/// Jump consistent hash: one of `buckets`, so that a change of their number moves as few keys as can be. As in Guava's
/// `Hashing.consistentHash`, which the proxy calls (`SendMessageActivity`). `None` if there is no bucket.
///
/// Guava divides in floating point; up to 2^21 buckets that and this are the same.
pub fn jump(key: i64, buckets: u32) -> Option<u32> {
    let mut state = key.cast_unsigned();
    let mut candidate: u32 = 0;
    if buckets == 0 {
        return None;
    }
    loop {
        state = state.wrapping_mul(2_862_933_555_777_941_757).wrapping_add(1);
        // The next candidate is (candidate + 1) divided by a fraction in (0, 1], here draw / 2^31. Guava's fraction is
        // negative where it should be 1, once in 2^31 draws, and the candidate stays.
        let draw = (state >> 33) + 1;
        let next = (u64::from(candidate) + 1) * (1 << 31) / draw;
        match u32::try_from(next) {
            Ok(next) if next < buckets && draw < 1 << 31 => candidate = next,
            _ => return Some(candidate),
        }
    }
}

/// `MurmurHash3` in its 32-bit form with seed 0, as the broker's index of sharding keys uses it (`MessageUtils`).
pub fn murmur3_32(bytes: &[u8]) -> i32 {
    let scramble = |word: u32| word.wrapping_mul(0xcc9e_2d51).rotate_left(15).wrapping_mul(0x1b87_3593);
    let mut hash: u32 = 0;
    let mut words = bytes.chunks_exact(4);
    for word in words.by_ref() {
        let word = u32::from_le_bytes([word[0], word[1], word[2], word[3]]);
        hash = (hash ^ scramble(word)).rotate_left(13).wrapping_mul(5).wrapping_add(0xe654_6b64);
    }
    let rest = words.remainder().iter().rev().fold(0, |word, byte| (word << 8) | u32::from(*byte));
    hash ^= scramble(rest);
    hash ^= u32::try_from(bytes.len()).unwrap_or(u32::MAX);
    hash = (hash ^ (hash >> 16)).wrapping_mul(0x85eb_ca6b);
    hash = (hash ^ (hash >> 13)).wrapping_mul(0xc2b2_ae35);
    (hash ^ (hash >> 16)).cast_signed()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn java_hash_is_javas() {
        let known = [
            ("", 0),
            ("Aa", 2112),
            ("BB", 2112),
            ("AaAa", 2_031_744),
            ("BBBB", 2_031_744),
            ("TagA", 2_598_919),
            ("TagB", 2_598_920),
            ("order-42", 1_234_255_197),
            ("fifoGroup001", -477_328_322),
        ];
        for (text, hash) in known {
            assert_eq!(java_hash(text), hash, "{text}");
        }
        // Beyond the first plane a character is two units.
        assert_eq!(java_hash("\u{1f600}"), 0xd83d * 31 + 0xde00);
    }

    #[test]
    fn sip24_is_that_of_its_authors() {
        let bytes: Vec<u8> = (0..15).collect();
        assert_eq!(sip24(&bytes).cast_unsigned(), 0xa129_ca61_49be_45e5);
    }

    #[test]
    fn jump_is_guavas() {
        let known = [
            (10_863_919_174_838_991, 11, 6),
            (1_673_758_223_894_951_030, 11, 5),
            (2, 100_001, 80_343),
            (2201, 100_001, 22_152),
            (2202, 100_001, 15_018),
        ];
        for (key, buckets, bucket) in known {
            assert_eq!(jump(key, buckets), Some(bucket), "{key} over {buckets}");
        }
        assert_eq!(jump(7, 0), None);
        assert_eq!(jump(-1, 1), Some(0));
    }

    #[test]
    fn jump_only_ever_moves_a_key_to_the_new_bucket() {
        for key in -500..500 {
            for buckets in 1..40 {
                let (before, after) = (jump(key, buckets), jump(key, buckets + 1));
                assert!(after == before || after == Some(buckets), "{key} over {buckets}");
            }
        }
    }

    #[test]
    fn murmur3_is_the_published_one() {
        let known: [(&[u8], u32); 4] = [
            (b"", 0),
            (b"test", 0xba6b_d213),
            (b"Hello, world!", 0xc036_3e43),
            (b"The quick brown fox jumps over the lazy dog", 0x2e4f_f723),
        ];
        for (bytes, hash) in known {
            assert_eq!(murmur3_32(bytes).cast_unsigned(), hash, "{bytes:?}");
        }
    }
}
