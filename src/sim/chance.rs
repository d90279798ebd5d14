//! Chance as a function, not a tape: the n-th draw of a subject in a stream is computed from the seed and these three,
//! and nothing is remembered.
//!
//! So a rule that draws more often shifts nobody else's draws, a world that is copied or replayed needs no generator
//! state, and two runs that differ in one thing stay comparable draw by draw. Key a subject by what it *is* (its name,
//! through [`subject_of`]), never by its position among others, and count with the subject's own counter.
//!
//! The draws of one subject are those of `SplitMix64` (Steele, Lea and Flood 2014; the finaliser is Stafford's variant
//! 13) started at a key that is itself mixed from seed, stream and subject.

/// What a draw is for. A new use of chance gets a new number, so that no other use is shifted.
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
    /// The message group of each message, where it is chosen at random.
    MessageGroup = 9,
    /// How long each message of a producer is to be kept back.
    Delay = 10,
    /// How long a producer's local transactions take.
    LocalTransaction = 11,
    /// How they end, and what the broker hears of that.
    LocalOutcome = 12,
    /// Whether a producer that is asked about one knows.
    CheckAnswer = 13,
    /// How long a handler beside the broker takes: of a service, or of a point-to-point queue.
    HandlerProcessing = 15,
    /// Whether it fails.
    HandlerFailure = 16,
    /// Gaps between the calls of a caller, or between the messages of a sender of a point-to-point queue.
    Arrivals = 17,
    /// Which of several clients is told of a lite topic that has messages.
    LiteDispatch = 20,
    /// By how much a full event set's next look is put off.
    LiteFullDispatch = 21,
    /// The lite topic of each message, where it is chosen at random.
    LiteTopic = 22,
    /// By how much a producer's wait after a refusal is longer or shorter than it should be.
    ThrottleJitter = 30,
    /// Whether a word about a transaction arrives twice, and whether the answer to a check is a wrong one.
    TransactionTrouble = 31,
}

/// 2^64 divided by the golden ratio, made odd: the step from one draw to the next before mixing.
const GOLDEN: u64 = 0x9e37_79b9_7f4a_7c15;

/// A bijection of 64 bits in which every output bit depends on every input bit.
#[inline(always)]
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
    #[inline(always)]
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
    #[inline(always)]
    pub const fn nth(self, n: u64) -> u64 {
        mix(self.key.wrapping_add(n.wrapping_add(1).wrapping_mul(GOLDEN)))
    }

    /// Draw `n` as a whole number below `bound`, growing with the draw; 0 if the bound is 0.
    ///
    /// Below 2^32 only the upper half of the draw counts, and each number's probability is within 2^-32 of
    /// 1 / `bound`; greater bounds use all of it and are within 2^-64.
    #[inline(always)]
    pub const fn below(self, n: u64, bound: u64) -> u64 {
        scale(self.nth(n), bound)
    }
}

/// Takes the whole range of draws evenly to 0..`bound`.
#[inline(always)]
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

#[cfg(test)]
mod tests {
    use super::*;

    const STREAMS: [Stream; 22] = [
        Stream::Interarrival,
        Stream::QueueStart,
        Stream::QueueChoice,
        Stream::Processing,
        Stream::Failure,
        Stream::Tag,
        Stream::PopStart,
        Stream::RetryFirst,
        Stream::World,
        Stream::MessageGroup,
        Stream::Delay,
        Stream::LocalTransaction,
        Stream::LocalOutcome,
        Stream::CheckAnswer,
        Stream::HandlerProcessing,
        Stream::HandlerFailure,
        Stream::Arrivals,
        Stream::LiteDispatch,
        Stream::LiteFullDispatch,
        Stream::LiteTopic,
        Stream::ThrottleJitter,
        Stream::TransactionTrouble,
    ];

    /// How far counts are from being equal, in standard deviations of the chi-square statistic.
    fn unevenness(counts: &[u64]) -> f64 {
        let expected = counts.iter().sum::<u64>() as f64 / counts.len() as f64;
        let off = counts.iter().map(|count| *count as f64 - expected);
        let chi_square = off.map(|off| off * off / expected).sum::<f64>();
        let freedom = (counts.len() - 1) as f64;
        (chi_square - freedom) / (2.0 * freedom).sqrt()
    }

    #[test]
    fn the_first_draws_are_the_same_in_every_build() {
        let first = |seed, stream, subject| {
            let draws = Chance::new(seed).stream(stream, subject);
            [draws.nth(0), draws.nth(1), draws.nth(u64::MAX)]
        };
        let golden: [u64; 9] = [
            0x568a_9b0b_1a2c_05ec,
            0x44e5_b8b1_47ef_718b,
            0x33fe_8bd4_f9c5_7863,
            0x2545_4408_11ff_8e4d,
            0xe060_0cd0_deb4_72d1,
            0x6960_51e9_bb66_2377,
            0xe68e_5a44_b0cd_d03f,
            0x6749_a49c_1684_fe4d,
            0x7dff_af07_0fa6_4645,
        ];
        assert_eq!(first(0, Stream::Interarrival, 0), golden[..3]);
        assert_eq!(first(42, Stream::Processing, 7), golden[3..6]);
        assert_eq!(first(u64::MAX, Stream::World, subject_of("billing/C1")), golden[6..]);
    }

    #[test]
    fn stream_numbers_never_change() {
        let numbers = STREAMS.map(|stream| stream as u8);
        let expected = [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 15, 16, 17, 20, 21, 22, 30, 31];
        assert_eq!(numbers, expected);
    }

    #[test]
    fn names_have_stable_and_different_numbers() {
        assert_eq!(subject_of(""), 0xf52a_15e9_a9b5_e89b);
        assert_eq!(subject_of("orders"), 0x4598_7d0b_68fc_7229);
        let mut all: Vec<u64> = (0..100_000).map(|n| subject_of(&format!("P{n}"))).collect();
        all.sort_unstable();
        all.dedup();
        assert_eq!(all.len(), 100_000);
    }

    #[test]
    fn draws_below_a_bound_are_evenly_spread() {
        for (seed, stream) in STREAMS.into_iter().enumerate() {
            for bound in [2, 3, 7, 8, 10, 100, 1000] {
                let draws = Chance::new(seed as u64).stream(stream, bound);
                let mut counts = vec![0; bound as usize];
                (0..100_000).for_each(|n| counts[draws.below(n, bound) as usize] += 1);
                assert!(unevenness(&counts).abs() < 4.5, "{stream:?} below {bound}: {}", unevenness(&counts));
            }
        }
    }

    #[test]
    fn every_byte_of_a_draw_is_evenly_spread() {
        for subject in 0..20 {
            let draws = Chance::new(7).stream(Stream::World, subject);
            for byte in 0..8 {
                let mut counts = [0; 256];
                (0..100_000).for_each(|n| counts[(draws.nth(n) >> (8 * byte)) as usize % 256] += 1);
                assert!(unevenness(&counts).abs() < 4.5, "subject {subject}, byte {byte}");
            }
        }
    }

    /// Pairs of draws that belong to neighbours (of whatever kind) fill the square evenly.
    fn assert_independent(what: &str, one: impl Fn(u64) -> u64, other: impl Fn(u64) -> u64) {
        for shift in [0, 28, 60] {
            let mut counts = [0; 256];
            for n in 0..100_000 {
                counts[((one(n) >> shift) % 16 * 16 + (other(n) >> shift) % 16) as usize] += 1;
            }
            assert!(unevenness(&counts).abs() < 4.5, "{what}, bits from {shift}: {}", unevenness(&counts));
        }
    }

    #[test]
    fn streams_subjects_seeds_and_neighbours_are_independent() {
        let chance = Chance::new(42);
        for pair in STREAMS.windows(2) {
            let [one, other] = [pair[0], pair[1]].map(|stream| chance.stream(stream, 3));
            assert_independent("same subject, two streams", |n| one.nth(n), |n| other.nth(n));
        }
        let one = chance.stream(Stream::Processing, 3);
        for bit in 0..64 {
            let other = chance.stream(Stream::Processing, 3 ^ (1 << bit));
            assert_independent("two subjects", |n| one.nth(n), |n| other.nth(n));
            let other = Chance::new(42 ^ (1 << bit)).stream(Stream::Processing, 3);
            assert_independent("two seeds", |n| one.nth(n), |n| other.nth(n));
        }
        for step in [1, 2, 3, 4, 8, 1 << 20, 1 << 63] {
            assert_independent("two draws", |n| one.nth(n), |n| one.nth(n.wrapping_add(step)));
        }
        let first = |subject| chance.stream(Stream::Processing, subject).nth(0);
        assert_independent("first draws of consecutive subjects", first, |n| first(n + 1));
    }

    #[test]
    fn a_bound_is_kept_and_reached() {
        let draws = Chance::new(1).stream(Stream::World, 1);
        for bound in [0, 1, 2, 3, 1 << 31, (1 << 32) - 1, 1 << 32, (1 << 32) + 1, 1 << 63, u64::MAX] {
            assert_eq!(scale(0, bound), 0);
            assert_eq!(scale(u64::MAX, bound), bound.saturating_sub(1));
            assert!((0..1000).all(|n| draws.below(n, bound) < bound.max(1)));
        }
    }
}
