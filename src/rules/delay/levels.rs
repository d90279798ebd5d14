//! The classic delay levels: a text such as `1s 5s 10s` gives level 1, 2 and 3 their delays.

/// The levels of a broker that is told nothing else (`messageDelayLevel`).
pub const DEFAULT_LEVELS: &str = "1s 5s 10s 30s 1m 2m 3m 4m 5m 6m 7m 8m 9m 10m 20m 30m 1h 2h";

/// [`DEFAULT_LEVELS`] in milliseconds.
pub const DEFAULT_LEVELS_MS: [i64; 18] = [
    1_000, 5_000, 10_000, 30_000, 60_000, 120_000, 180_000, 240_000, 300_000, 360_000, 420_000, 480_000,
    540_000, 600_000, 1_200_000, 1_800_000, 3_600_000, 7_200_000,
];

/// What a level without an entry waits (`computeDeliverTimestamp`).
const UNKNOWN_LEVEL_MS: i64 = 1_000;

/// A broker's delay levels.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Levels {
    /// The delay of level 1, 2, …, in milliseconds.
    table_ms: Vec<i64>,
    /// The highest level that a message may ask for.
    max: i32,
}

/// A text of levels stops making sense at one of them. The broker does not start with such a text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LevelsError {
    /// Which level, from 1.
    pub level: i32,
    /// How its delay was written.
    pub text: String,
    /// What was understood by then. The level at fault has no delay, but counts as the highest unless it is empty.
    pub levels: Levels,
}

impl std::fmt::Display for LevelsError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "level {}: {:?} is not an integer with s, m, h or d", self.level, self.text)
    }
}

impl Default for Levels {
    fn default() -> Self {
        Self { table_ms: DEFAULT_LEVELS_MS.to_vec(), max: 18 }
    }
}

impl Levels {
    /// Reads a text of levels (`ScheduleMessageService.parseDelayLevel`): integers with the unit `s`, `m`, `h` or `d`,
    /// one space between them, none before; spaces at the end do no harm. Delays may be zero or negative.
    ///
    /// # Errors
    ///
    /// The first level that cannot be read.
    pub fn parse(text: &str) -> Result<Self, LevelsError> {
        let mut levels = Self { table_ms: Vec::new(), max: 0 };
        // Java's split drops empty parts at the end, but what has no part at all is one empty part.
        let trimmed = text.trim_end_matches(' ');
        if trimmed.is_empty() && !text.is_empty() {
            return Ok(levels);
        }
        for (level, word) in (1..).zip(trimmed.split(' ')) {
            if !word.is_empty() {
                levels.max = level;
            }
            let Some(delay_ms) = delay_ms(word) else {
                return Err(LevelsError { level, text: word.to_owned(), levels });
            };
            levels.table_ms.push(delay_ms);
        }
        Ok(levels)
    }

    /// Levels and their delays in milliseconds, in order.
    pub fn table_ms(&self) -> impl Iterator<Item = (i32, i64)> {
        (1..).zip(self.table_ms.iter().copied())
    }

    /// The highest level; what asks for more gets this one.
    pub fn max(&self) -> i32 {
        self.max
    }

    /// The delay of a level in milliseconds; a second for a level that there is not.
    pub fn delay_ms(&self, level: i32) -> i64 {
        let index = usize::try_from(level).ok().and_then(|level| level.checked_sub(1));
        index.and_then(|index| self.table_ms.get(index)).copied().unwrap_or(UNKNOWN_LEVEL_MS)
    }

    /// The level that a message gets that asks for `level`: none for 0 and below, at most the highest
    /// (`HookUtils.transformDelayLevelMessage`).
    pub fn clipped(&self, level: i32) -> Option<i32> {
        (level > 0).then(|| level.min(self.max))
    }

    /// The level that comes nearest to a delay from above: the shortest one that is longer, or else the longest
    /// (`ProxyConfig.computeDelayLevel`). A delay that is exactly a level's goes to the next. `None` if there is no level.
    pub fn level_for(&self, delay_ms: i64) -> Option<i32> {
        let longer = self.table_ms().filter(|(_, ms)| *ms > delay_ms).min_by_key(|(_, ms)| *ms);
        // Of levels of one length the real code takes the first above, and the last as the longest.
        longer.or_else(|| self.table_ms().max_by_key(|(_, ms)| *ms)).map(|(level, _)| level)
    }
}

/// A delay in milliseconds from a word such as `10s`. The product wraps at 64 bits.
fn delay_ms(word: &str) -> Option<i64> {
    let unit = word.chars().next_back()?;
    let unit_ms: i64 = match unit {
        's' => 1_000,
        'm' => 60_000,
        'h' => 3_600_000,
        'd' => 86_400_000,
        _ => return None,
    };
    let number: i64 = word[..word.len() - unit.len_utf8()].parse().ok()?;
    Some(unit_ms.wrapping_mul(number))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_default_text_is_the_default_table() {
        assert_eq!(Levels::parse(DEFAULT_LEVELS), Ok(Levels::default()));
    }

    #[test]
    fn a_level_that_there_is_not_waits_a_second() {
        let levels = Levels::parse("7s 2d").unwrap();
        assert_eq!(
            [-1, 0, 1, 2, 3].map(|level| levels.delay_ms(level)),
            [1_000, 1_000, 7_000, 172_800_000, 1_000]
        );
        assert_eq!(
            [-1, 0, 1, 2, 3].map(|level| levels.clipped(level)),
            [None, None, Some(1), Some(2), Some(2)]
        );
    }

    #[test]
    fn what_cannot_be_read_keeps_what_came_before() {
        for (text, known, max) in [
            ("1s x 5s", 1, 2),
            ("1s  5s", 1, 1),
            (" 1s", 0, 0),
            ("", 0, 0),
            ("5", 0, 1),
            ("1.5s", 0, 1),
            ("1é", 0, 1),
        ] {
            let error = Levels::parse(text).unwrap_err();
            assert_eq!((error.levels.table_ms().count(), error.levels.max()), (known, max), "{text:?}");
        }
    }

    #[test]
    fn spaces_at_the_end_and_odd_numbers_are_fine() {
        let ms = |text: &str| Levels::parse(text).unwrap().table_ms;
        assert_eq!(ms("1s "), [1_000]);
        assert_eq!(ms("   "), [0; 0]);
        assert_eq!(ms("+1s -1m 0h"), [1_000, -60_000, 0]);
        assert_eq!(ms("9223372036854775807s"), [-1_000]);
    }

    #[test]
    fn the_level_for_a_delay_is_the_next_longer_one() {
        let levels = Levels::default();
        let level = |ms| levels.level_for(ms).unwrap();
        assert_eq!([-1000, 999, 1000, 4_999, 5_000].map(level), [1, 1, 2, 2, 3]);
        assert_eq!([3_599_999, 3_600_000, 7_200_000, i64::MAX].map(level), [17, 18, 18, 18]);
        assert_eq!(Levels::parse("3s 1s 3s").unwrap().level_for(2_000), Some(1));
        assert_eq!(Levels::parse("3s 1s 3s").unwrap().level_for(9_000), Some(3));
        assert_eq!(Levels::parse(" ").unwrap().level_for(0), None);
    }
}
