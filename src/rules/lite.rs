//! The rules of lite topics that are functions of their inputs: names, when one expires, where a position option leads.
//! Source: `LiteUtil`, `LiteSubscriptionManager`, `AbstractLiteLifecycleManager`, `LiteSubscriptionRegistryImpl`,
//! `OffsetOption`.

use std::fmt;

use super::code::Code;
use super::text::is_blank;

/// The longest name.
pub const NAME_MAX: usize = 64;

/// So many names a series has at the most.
pub const SERIES_MAX: u64 = 1_000_000;

/// May a lite topic be called so?
///
/// # Errors
///
/// [`Code::IllegalLiteTopic`]: nothing but blanks, more than 64 characters, or a `$`, which separates parent and name in
/// the broker's storage.
pub fn check_name(name: &str) -> Result<(), Code> {
    let too_long = name.len() > NAME_MAX && name.chars().count() > NAME_MAX;
    if is_blank(name) || too_long || name.contains('$') { Err(Code::IllegalLiteTopic) } else { Ok(()) }
}

/// One name of a lite topic, or a series of them that differ in a number: `session-{0-99}`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Names {
    prefix: String,
    /// The first number, and how many there are.
    numbers: Option<(u64, u64)>,
    suffix: String,
}

/// Why a text is no series.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NoSeries {
    /// The last number is below the first.
    Backwards,
    /// More than [`SERIES_MAX`].
    TooMany,
}

impl Names {
    /// Reads a name, or a series.
    ///
    /// # Errors
    ///
    /// It looks like a series and is none.
    pub fn read(text: &str) -> Result<Self, NoSeries> {
        let series = || {
            let (prefix, rest) = text.split_once('{')?;
            let (numbers, suffix) = rest.split_once('}')?;
            let (first, last) = numbers.split_once('-')?;
            Some((prefix, number(first)?, number(last)?, suffix))
        };
        match series() {
            None => Ok(Self::one(text)),
            Some((_, first, last, _)) if last < first => Err(NoSeries::Backwards),
            Some((_, first, last, _)) if last - first >= SERIES_MAX => Err(NoSeries::TooMany),
            Some((prefix, first, last, suffix)) => Ok(Self {
                prefix: prefix.to_owned(),
                numbers: Some((first, last - first + 1)),
                suffix: suffix.to_owned(),
            }),
        }
    }

    /// This one name, whatever it looks like.
    pub fn one(name: &str) -> Self {
        Self { prefix: name.to_owned(), numbers: None, suffix: String::new() }
    }

    /// How many names these are.
    pub fn count(&self) -> u64 {
        self.numbers.map_or(1, |(_, count)| count)
    }

    /// The `nth` of them.
    pub fn nth(&self, nth: u64) -> String {
        match self.numbers {
            None => self.prefix.clone(),
            Some((first, _)) => format!("{}{}{}", self.prefix, first + nth, self.suffix),
        }
    }

    /// The longest of them.
    pub fn longest(&self) -> String {
        self.nth(self.count() - 1)
    }
}

fn number(text: &str) -> Option<u64> {
    let is_number = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    text.parse().ok().filter(|_| is_number)
}

impl fmt::Display for Names {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.numbers {
            None => f.write_str(&self.prefix),
            Some((first, count)) => {
                write!(f, "{}{{{first}-{}}}{}", self.prefix, first + count - 1, self.suffix)
            }
        }
    }
}

impl serde::Serialize for Names {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

/// Is a lite topic to go that was written to last so long ago? `ttl` counts from the last write, whoever has read what; it
/// counts for no less than `floor`. All times in one unit.
pub fn is_unused(age: u64, ttl: u64, floor: u64) -> bool {
    age > ttl.max(floor)
}

/// From where a client wants to read a lite topic that it subscribes to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default, serde::Serialize)]
pub enum Position {
    /// Where its group is (`LAST`, and if nothing is said).
    #[default]
    Last,
    /// From the first message that is stored.
    Min,
    /// What comes from now on.
    Max,
    /// From an offset on.
    Offset(u64),
    /// The last so many once more.
    Tail(u64),
}

/// Where a position option leads, in a lite topic that holds `offsets` and of which the group has committed so much, if
/// anything. The server counts a tail back from the committed offset, and knows none without; the name suggests the end of
/// the queue (`from_end`).
pub fn position(
    option: Position,
    offsets: std::ops::Range<u64>,
    committed: Option<u64>,
    from_end: bool,
) -> Option<u64> {
    let wanted = match option {
        Position::Last => None,
        Position::Min => Some(offsets.start),
        Position::Max => Some(offsets.end),
        Position::Offset(offset) => Some(offset),
        Position::Tail(count) if from_end => Some(offsets.end.saturating_sub(count)),
        Position::Tail(count) => committed.map(|committed| committed.saturating_sub(count)),
    };
    wanted.map(|offset| offset.clamp(offsets.start, offsets.end))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_short_and_has_no_dollar() {
        for fine in ["a", "session-17", "会话", &"x".repeat(64)] {
            assert_eq!(check_name(fine), Ok(()), "{fine}");
        }
        for wrong in ["", " ", "a$b", &"x".repeat(65)] {
            assert_eq!(check_name(wrong), Err(Code::IllegalLiteTopic), "{wrong}");
        }
    }

    #[test]
    fn a_series_counts_and_says_its_names() {
        let series = Names::read("s-{8-12}/x").expect("a series");
        assert_eq!((series.count(), series.to_string()), (5, "s-{8-12}/x".to_owned()));
        assert_eq!((series.nth(0), series.longest()), ("s-8/x".to_owned(), "s-12/x".to_owned()));
        let name = Names::read("s-{n}").expect("a name");
        assert_eq!((name.count(), name.nth(0)), (1, "s-{n}".to_owned()));
        assert_eq!(Names::read("s-{3-2}"), Err(NoSeries::Backwards));
        assert_eq!(Names::read("s-{0-1000000}"), Err(NoSeries::TooMany));
        assert_eq!(Names::read("s-{0-999999}").map(|all| all.count()), Ok(SERIES_MAX));
    }

    #[test]
    fn the_floor_counts_for_short_lives() {
        assert!(!is_unused(899, 60, 900) && !is_unused(900, 60, 900) && is_unused(901, 60, 900));
        assert!(!is_unused(3_600, 3_600, 900) && is_unused(3_601, 3_600, 900));
    }

    #[test]
    fn positions_are_within_what_is_stored() {
        let at = |option, committed| position(option, 3..10, committed, false);
        assert_eq!(at(Position::Last, Some(7)), None);
        assert_eq!(at(Position::Min, Some(7)), Some(3));
        assert_eq!(at(Position::Max, Some(7)), Some(10));
        assert_eq!(at(Position::Offset(99), Some(7)), Some(10));
        assert_eq!(at(Position::Tail(2), Some(7)), Some(5));
        assert_eq!(at(Position::Tail(6), Some(7)), Some(3));
        assert_eq!(at(Position::Tail(2), None), None, "nothing is committed, so nothing can be counted back");
        assert_eq!(position(Position::Tail(2), 3..10, None, true), Some(8));
    }
}
