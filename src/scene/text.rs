//! How wide a text is, without asking a browser, and how numbers and times are written.
//!
//! The widths are those of `DejaVu Sans`, which is wider than the faces most systems choose for a page, so a text that
//! is expected to fit does. They make the layout the same everywhere, in tests too.

use std::fmt;

use super::shape::Font;
pub use crate::sim::Number;
use crate::sim::Span;

/// Hundredths of the font size, for the printable ASCII characters.
const REGULAR: [u8; 95] = [
    32, 40, 46, 84, 64, 95, 78, 28, 39, 39, 50, 84, 32, 36, 32, 34, 64, 64, 64, 64, 64, 64, 64, 64, 64, 64,
    34, 34, 84, 84, 84, 53, 100, 69, 69, 70, 77, 64, 58, 78, 76, 30, 30, 66, 56, 87, 75, 79, 61, 79, 70, 64,
    61, 74, 69, 99, 69, 61, 69, 39, 34, 39, 84, 50, 50, 62, 64, 55, 64, 62, 36, 64, 64, 28, 28, 58, 28, 98,
    64, 62, 64, 64, 42, 52, 40, 64, 60, 82, 60, 60, 53, 64, 34, 64, 84,
];

/// The same for the bold face.
const BOLD: [u8; 95] = [
    35, 46, 52, 84, 70, 101, 88, 31, 46, 46, 53, 84, 38, 42, 38, 37, 70, 70, 70, 70, 70, 70, 70, 70, 70, 70,
    40, 40, 84, 84, 84, 58, 100, 78, 77, 74, 83, 69, 69, 82, 84, 38, 38, 78, 64, 100, 84, 85, 74, 85, 77, 72,
    69, 82, 78, 111, 77, 73, 73, 46, 37, 46, 84, 50, 50, 68, 72, 60, 72, 68, 44, 72, 72, 35, 35, 67, 35, 105,
    72, 69, 72, 72, 50, 60, 48, 72, 66, 93, 65, 66, 59, 72, 37, 72, 84,
];

/// How wide a character is, as a part of the font size.
fn advance(c: char, font: Font) -> f32 {
    let mono = matches!(font, Font::Mono | Font::MonoBold);
    let table = if font == Font::Bold { &BOLD } else { &REGULAR };
    match c {
        ' '..='~' if mono => 0.61,
        ' '..='~' => f32::from(table[c as usize - 32]) / 100.0,
        '·' | '’' => 0.38,
        '…' | '—' => 1.0,
        '–' => 0.61,
        // Latin letters with accents and the like, Greek, Cyrillic.
        '\u{a0}'..='\u{58f}' => 0.78,
        // Combining marks add nothing, but a little room does not hurt.
        _ => 1.0,
    }
}

/// The width of a text at a size.
pub fn width(text: &str, size: f32, font: Font) -> f32 {
    text.chars().map(|c| advance(c, font)).sum::<f32>() * size
}

/// Shortens the end of `text`, from byte `start` on, until it is at most `room` wide, with an ellipsis if anything
/// was taken away. Gives the width it has then; a room that not even the ellipsis fits leaves nothing.
pub(super) fn fit(text: &mut String, start: usize, size: f32, font: Font, room: f32) -> f32 {
    let whole = width(&text[start..], size, font);
    if whole <= room {
        return whole;
    }
    let ellipsis = advance('…', font) * size;
    let mut kept = start;
    let mut wide = 0.0;
    for (at, c) in text[start..].char_indices() {
        let next = wide + advance(c, font) * size;
        if next + ellipsis > room {
            break;
        }
        wide = next;
        kept = start + at + c.len_utf8();
    }
    text.truncate(kept);
    if kept == start {
        return 0.0;
    }
    text.push('…');
    wide + ellipsis
}

/// A number in at most five characters: `9,999`, `12.3k`, `4.56M`. Rounded down: a picture never says more than there is.
#[derive(Clone, Copy, Debug)]
pub struct Short(pub u64);

impl fmt::Display for Short {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (unit, letter) = match self.0 {
            0..10_000 => return write!(f, "{}", Number(self.0)),
            10_000..1_000_000 => (1_000, "k"),
            1_000_000..1_000_000_000 => (1_000_000, "M"),
            _ => (1_000_000_000, "G"),
        };
        let (whole, hundredths) = (self.0 / unit, self.0 % unit * 100 / unit);
        match whole {
            0..10 => write!(f, "{whole}.{hundredths:02}{letter}"),
            10..100 => write!(f, "{whole}.{}{letter}", hundredths / 10),
            _ => write!(f, "{whole}{letter}"),
        }
    }
}

/// A length of time as somebody set it, the number apart from its unit: `20 s`, `15 min`.
#[derive(Clone, Copy, Debug)]
pub struct Length(pub Span);

impl fmt::Display for Length {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let said = self.0.to_string();
        let (number, unit) = said.split_at(said.trim_end_matches(|c: char| c.is_ascii_alphabetic()).len());
        write!(f, "{number} {}", if unit == "m" { "min" } else { unit })
    }
}

/// A length of time for people: `0.4 s`, `8 s`, `2:05`, `1:00:00`.
#[derive(Clone, Copy, Debug)]
pub struct Ago(pub Span);

impl fmt::Display for Ago {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let secs = self.0.0 / 1_000_000;
        match secs {
            0..1 => write!(f, "0.{} s", self.0.0 / 100_000),
            1..60 => write!(f, "{secs} s"),
            60..3_600 => write!(f, "{}:{:02}", secs / 60, secs % 60),
            _ => write!(f, "{}:{:02}:{:02}", secs / 3_600, secs / 60 % 60, secs % 60),
        }
    }
}

/// A rate in millionths per second, with as many decimals as it needs and no more than three.
#[derive(Clone, Copy, Debug)]
pub struct PerSecond(pub u64);

impl fmt::Display for PerSecond {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (whole, thousandths) = (self.0 / 1_000_000, self.0 % 1_000_000 / 1_000);
        write!(f, "{}", Number(whole))?;
        match thousandths {
            0 => Ok(()),
            t if t % 100 == 0 => write!(f, ".{}", t / 100),
            t if t % 10 == 0 => write!(f, ".{:02}", t / 10),
            t => write!(f, ".{t:03}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_does_not_fit_ends_in_an_ellipsis() {
        let fitted = |text: &str, room| {
            let mut text = format!("before{text}");
            let wide = fit(&mut text, 6, 10.0, Font::Regular, room);
            assert!(wide <= room, "{text}");
            text[6..].to_owned()
        };
        assert_eq!(fitted("billing", 100.0), "billing");
        assert_eq!(fitted("billing-and-invoices", 60.0), "billing-an…");
        assert_eq!(fitted("消费者分组", 35.0), "消费…");
        assert_eq!(fitted("billing", 5.0), "");
    }

    #[test]
    fn numbers_are_written_for_people() {
        let shown = |n| Short(n).to_string();
        assert_eq!([shown(0), shown(9_999)], ["0", "9,999"]);
        assert_eq!([shown(12_345), shown(1_002_003)], ["12.3k", "1.00M"]);
        assert_eq!(PerSecond(40_000_000).to_string(), "40");
        assert_eq!(PerSecond(1_250_000).to_string(), "1.25");
        let ago = |ms| Ago(Span::from_ms(ms)).to_string();
        let length = |us| Length(Span(us)).to_string();
        assert_eq!([length(20_000_000), length(900_000_000), length(250)], ["20 s", "15 min", "250 us"]);
        assert_eq!([ago(412), ago(7_900), ago(125_000), ago(3_600_000)], ["0.4 s", "7 s", "2:05", "1:00:00"]);
    }
}
