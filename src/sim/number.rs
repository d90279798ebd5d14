//! How numbers are written for people, wherever they stand: in the picture, in sentences, in tables, on axes.

use std::fmt;

/// A number with commas between thousands.
#[derive(Clone, Copy, Debug)]
pub struct Number(pub u64);

impl fmt::Display for Number {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut parts = [0u64; 7];
        let mut rest = self.0;
        let mut count = 0;
        loop {
            parts[count] = rest % 1_000;
            rest /= 1_000;
            count += 1;
            if rest == 0 {
                break;
            }
        }
        write!(f, "{}", parts[count - 1])?;
        parts[..count - 1].iter().rev().try_for_each(|part| write!(f, ",{part:03}"))
    }
}

impl Number {
    /// Reads a number as people write it: plainly, or as it is shown.
    pub fn parse(text: &str) -> Option<u64> {
        text.parse().ok().or_else(|| {
            let number = text.replace(',', "").parse().ok()?;
            (Self(number).to_string() == text).then_some(number)
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_have_commas_between_thousands() {
        let shown = |n| Number(n).to_string();
        assert_eq!([shown(0), shown(999), shown(9_999)], ["0", "999", "9,999"]);
        assert_eq!([shown(12_345), shown(1_002_003)], ["12,345", "1,002,003"]);
        assert_eq!(shown(u64::MAX), "18,446,744,073,709,551,615");
    }

    #[test]
    fn numbers_are_read_as_they_are_shown_and_plainly() {
        assert_eq!(["2475", "2,475", "0"].map(Number::parse), [Some(2_475), Some(2_475), Some(0)]);
        assert_eq!(["24,75", "1,2", ",", "", "-1"].map(Number::parse), [None; 5]);
    }
}
