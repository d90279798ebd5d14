//! Lengths of time, for people.

use super::words::Words;
use crate::sim::Span;

/// Units a length is said in, with the microseconds of one and the catalogue's key; the largest that fits is taken.
const UNITS: [(u64, &str); 3] = [(1_000_000, "unit.s"), (1_000, "unit.ms"), (1, "unit.us")];
const MINUTE: u64 = 60_000_000;
const HOUR: u64 = 60 * MINUTE;

impl Words {
    /// A length of time with the three digits that count: "1.07 s", "39.1 ms", "2 min 5 s".
    pub fn span(&self, span: Span) -> String {
        let us = span.0;
        let unit = |key: &str, n: &str| self.fill(key, &[("n", &n)]);
        let two = |large: (&str, u64), small: (&str, u64)| {
            let large = unit(large.0, &large.1.to_string());
            match small.1 {
                0 => large,
                n => format!("{large} {}", unit(small.0, &n.to_string())),
            }
        };
        match us {
            0 => unit("unit.s", "0"),
            HOUR.. => two(("unit.h", us / HOUR), ("unit.min", us / MINUTE % 60)),
            MINUTE.. => two(("unit.min", us / MINUTE), ("unit.s", us / 1_000_000 % 60)),
            _ => {
                // What rounds up to a thousand of a unit is one of the next.
                let fits = |(size, _): &&(u64, &str)| us + size / 2_000 >= *size;
                let (size, key) = UNITS.iter().find(fits).copied().unwrap_or(UNITS[2]);
                unit(key, &three_digits(us, size))
            }
        }
    }

    /// A length of time to its last digit, as somebody set it.
    pub fn exact_span(&self, span: Span) -> String {
        let (us, said) = (span.0, self.span(span));
        let is_rounded = match us {
            HOUR.. => !us.is_multiple_of(MINUTE),
            MINUTE.. => !us.is_multiple_of(1_000_000),
            _ => UNITS.iter().find(|(size, _)| us >= *size).is_some_and(|(size, _)| {
                let kept = 10_u64.pow((us / size).ilog10() + 1);
                !(us * 1_000).is_multiple_of((size * kept).max(1))
            }),
        };
        if is_rounded { span.to_string() } else { said }
    }
}

/// `us` in units of `size`, with three digits and without zeros at the end.
fn three_digits(us: u64, size: u64) -> String {
    let decimals = match us / size {
        0..10 => 2,
        10..100 => 1,
        _ => 0,
    };
    let scale = 10_u64.pow(decimals);
    let rounded = (us * scale + size / 2) / size;
    let (whole, rest) = (rounded / scale, rounded % scale);
    if rest == 0 {
        return whole.to_string();
    }
    format!("{whole}.{rest:0width$}", width = decimals as usize).trim_end_matches('0').to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lesson::Language;

    #[test]
    fn three_digits_count() {
        let words = Words::new(Language::English);
        let said = |us| words.span(Span(us));
        let all =
            [0, 7, 999, 1_000, 1_234, 39_144, 453_000, 999_600, 1_071_000, 9_999_000, 10_049_000, 59_960_000];
        let expected = [
            "0 s", "7 µs", "999 µs", "1 ms", "1.23 ms", "39.1 ms", "453 ms", "1 s", "1.07 s", "10 s", "10 s",
            "60 s",
        ];
        assert_eq!(all.map(said), expected);
        assert_eq!(
            [90_000_000, 120_000_000, 3_600_000_000, 5_400_000_000].map(said),
            ["1 min 30 s", "2 min", "1 h", "1 h 30 min"]
        );
        assert_eq!(Words::new(Language::Chinese).span(Span(1_500_000)), "1.5 秒");
    }

    #[test]
    fn what_was_set_is_said_to_its_last_digit() {
        let words = Words::new(Language::English);
        let said = |us| words.exact_span(Span(us));
        let all = [20_000, 1_500_000, 1_071_000, 1_234_567, 800, 61_500_000, 120_000_000, 12_345];
        assert_eq!(
            all.map(said),
            ["20 ms", "1.5 s", "1071ms", "1234567us", "800 µs", "61500ms", "2 min", "12345us"]
        );
    }
}
