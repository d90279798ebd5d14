//! Chance as a function, not a tape: the n-th draw of a subject in a stream is computed from the seed and these three,
//! and nothing is remembered.
//!
//! So a rule that draws more often shifts nobody else's draws, a world that is copied or replayed needs no generator
//! state, and two runs that differ in one thing stay comparable draw by draw. Key a subject by what it *is* (its name,
//! through [`subject_of`]), never by its position among others, and count with the subject's own counter.
//!
//! The draws of one subject are those of `SplitMix64` (Steele, Lea and Flood 2014; the finaliser is Stafford's variant
//! 13) started at a key that is itself mixed from seed, stream and subject.

/// What a draw is for. A new use of chance gets a new stream at the end, so that no other use is shifted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[repr(u8)]
pub enum Stream {
    /// Gaps between the messages of a producer.
    Interarrival = 0,
    /// Where a producer's round robin begins.
    QueueStart = 1,
    /// The queue of each message, where it is chosen at random.
    QueueChoice = 2,
    /// How long a listener takes.
    Processing = 3,
    /// Whether a listener fails.
    Failure = 4,
    /// The tag of each message, where it is chosen at random.
    Tag = 5,
    /// The queue at which a POP receive begins to look.
    PopStart = 6,
    /// Whether a POP receive looks at the retry topic first.
    RetryFirst = 7,
    /// Random worlds made by tests.
    World = 8,
}

/// 2^64 divided by the golden ratio, made odd: the step from one draw to the next before mixing.
const GOLDEN: u64 = 0x9e37_79b9_7f4a_7c15;

/// A bijection of 64 bits in which every output bit depends on every input bit.
#[inline]
const fn mix(mut z: u64) -> u64 {
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}

/// All the chance of one run: its seed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Chance {
    seed: u64,
}

impl Chance {
    /// The chance of the run with this seed; every seed is as good as any other.
    pub const fn new(seed: u64) -> Self {
        Self { seed }
    }

    /// The seed it was made from.
    pub const fn seed(self) -> u64 {
        self.seed
    }

    /// The draws of one subject in one stream. Cheap, and cheaper still when kept: eight bytes that never change.
    #[inline]
    pub const fn stream(self, stream: Stream, subject: u64) -> Draws {
        let stream = mix(self.seed.wrapping_add(GOLDEN.wrapping_mul(stream as u64 + 1)));
        Draws { key: mix(stream.wrapping_add(mix(subject))) }
    }
}

/// The endless row of draws of one subject in one stream.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Draws {
    key: u64,
}

impl Draws {
    /// Draw `n` (from 0): 64 random bits, always the same for the same `n`.
    #[inline]
    pub const fn nth(self, n: u64) -> u64 {
        mix(self.key.wrapping_add(n.wrapping_add(1).wrapping_mul(GOLDEN)))
    }

    /// Draw `n` as a whole number below `bound`, growing with the draw; 0 if the bound is 0.
    ///
    /// Below 2^32 only the upper half of the draw counts, and each number's probability is within 2^-32 of
    /// 1 / `bound`; greater bounds use all of it and are within 2^-64.
    #[inline]
    pub const fn below(self, n: u64, bound: u64) -> u64 {
        scale(self.nth(n), bound)
    }
}

/// Takes the whole range of draws evenly to 0..`bound`.
#[inline]
pub(super) const fn scale(draw: u64, bound: u64) -> u64 {
    if bound <= 1 << 32 {
        // The 128-bit product of the general case costs four times as much in wasm.
        ((draw >> 32) * bound) >> 32
    } else {
        ((draw as u128 * bound as u128) >> 64) as u64
    }
}

/// A subject's number from its name, the same in every run and build (FNV-1a, then mixed).
pub const fn subject_of(name: &str) -> u64 {
    let bytes = name.as_bytes();
    let mut hash = 0xcbf2_9ce4_8422_2325_u64;
    let mut i = 0;
    while i < bytes.len() {
        hash = (hash ^ bytes[i] as u64).wrapping_mul(0x0000_0100_0000_01b3);
        i += 1;
    }
    mix(hash)
}
