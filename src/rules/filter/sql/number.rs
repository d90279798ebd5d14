//! Numbers in texts, as Java reads them. Properties are texts, so Java's notation is part of what a filter means: a
//! double may have blanks around it and a `d` behind it, an integer may not, but may have digits of any script.
//!
//! Source: `Integer.valueOf`, `Long.valueOf`, `Double.valueOf`.

/// The zeros of the decimal digits of the basic plane; nine more follow each of them.
const ZEROS: [u16; 37] = [
    0x0030, 0x0660, 0x06f0, 0x07c0, 0x0966, 0x09e6, 0x0a66, 0x0ae6, 0x0b66, 0x0be6, 0x0c66, 0x0ce6, 0x0d66,
    0x0de6, 0x0e50, 0x0ed0, 0x0f20, 0x1040, 0x1090, 0x17e0, 0x1810, 0x1946, 0x19d0, 0x1a80, 0x1a90, 0x1b50,
    0x1bb0, 0x1c40, 0x1c50, 0xa620, 0xa8d0, 0xa900, 0xa9d0, 0xa9f0, 0xaa50, 0xabf0, 0xff10,
];

/// The value of a decimal digit of any script.
fn digit(c: char) -> Option<u8> {
    if c.is_ascii() {
        return c.to_digit(10).map(|digit| digit as u8);
    }
    let code = u16::try_from(u32::from(c)).ok()?;
    let zero = ZEROS.iter().rev().find(|zero| **zero <= code)?;
    u8::try_from(code - zero).ok().filter(|digit| *digit < 10)
}

/// A 32-bit number: a sign or none, and digits, nothing else.
pub(super) fn int(text: &str) -> Option<i32> {
    long(text).and_then(|value| i32::try_from(value).ok())
}

/// A 64-bit number, written likewise.
pub(super) fn long(text: &str) -> Option<i64> {
    let (is_negative, digits) = sign(text);
    if digits.is_empty() {
        return None;
    }
    // Downwards, where there is one number more.
    let value = digits.chars().try_fold(0_i64, |value, c| {
        let digit = digit(c)?;
        value.checked_mul(10)?.checked_sub(i64::from(digit))
    })?;
    if is_negative { Some(value) } else { value.checked_neg() }
}

/// A double: decimal or hexadecimal, infinite or not a number, with blanks around it.
pub(super) fn double(text: &str) -> Option<f64> {
    let (is_negative, magnitude) = sign(text.trim_matches(|c| c <= ' '));
    let value = match magnitude {
        "NaN" => f64::NAN,
        "Infinity" => f64::INFINITY,
        _ if magnitude.starts_with("0x") || magnitude.starts_with("0X") => hexadecimal(&magnitude[2..])?,
        _ => decimal(magnitude)?,
    };
    Some(if is_negative { -value } else { value })
}

fn sign(text: &str) -> (bool, &str) {
    match text.strip_prefix('-') {
        Some(rest) => (true, rest),
        None => (false, text.strip_prefix('+').unwrap_or(text)),
    }
}

/// Without the letter that says which type of Java it is.
fn without_type(text: &str) -> &str {
    text.strip_suffix(['f', 'F', 'd', 'D']).unwrap_or(text)
}

/// `5`, `5.`, `.5`, `5.5`, each perhaps with an exponent.
fn decimal(text: &str) -> Option<f64> {
    let text = without_type(text);
    let (mantissa, exponent) = match text.split_once(['e', 'E']) {
        Some((mantissa, exponent)) => (mantissa, Some(sign(exponent).1)),
        None => (text, None),
    };
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    let are_digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    let is_number = are_digits(whole)
        && are_digits(fraction)
        && !(whole.is_empty() && fraction.is_empty())
        && exponent.is_none_or(|exponent| !exponent.is_empty() && are_digits(exponent));
    // What is left is written as Rust writes it, and both round to the nearest double.
    if is_number { text.parse().ok() } else { None }
}

/// `1.8p3` behind its `0x`. The exponent, of 2, must be there.
fn hexadecimal(text: &str) -> Option<f64> {
    let (mantissa, exponent) = without_type(text).split_once(['p', 'P'])?;
    let (is_negative, exponent) = sign(exponent);
    if exponent.is_empty() || !exponent.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    if whole.is_empty() && fraction.is_empty() {
        return None;
    }
    // The first 60 significant bits, and whether there was more: enough to round.
    let (mut bits, mut rest, mut shift) = (0_u64, false, 0_i64);
    for (c, is_fraction) in whole.chars().map(|c| (c, false)).chain(fraction.chars().map(|c| (c, true))) {
        let digit = u64::from(c.to_digit(16)?);
        if bits >> 60 == 0 {
            bits = bits << 4 | digit;
            shift -= if is_fraction { 4 } else { 0 };
        } else {
            rest |= digit != 0;
            shift += if is_fraction { 0 } else { 4 };
        }
    }
    // An exponent of more than eighteen digits is beyond everything, whatever the shift.
    let exponent: i64 = exponent.trim_start_matches('0').parse().map_or_else(
        |_| if exponent.bytes().all(|byte| byte == b'0') { 0 } else { i64::MAX / 2 },
        |exponent: i64| exponent.min(i64::MAX / 2),
    );
    Some(scale(bits, rest, shift + if is_negative { -exponent } else { exponent }))
}

/// `bits × 2^exponent`, and a little more if there is a rest, rounded to the nearest double, ties to even.
fn scale(bits: u64, rest: bool, exponent: i64) -> f64 {
    if bits == 0 {
        return 0.0;
    }
    // The exponent of the highest bit decides how many bits there is room for.
    let highest = exponent + i64::from(bits.ilog2());
    if highest > 1023 {
        return f64::INFINITY;
    }
    // The lowest bit of the result stands for 2^lowest.
    let lowest = (highest - 52).max(-1074);
    let drop = lowest - exponent;
    let mantissa = if drop <= 0 {
        bits << -drop
    } else if drop > 64 {
        0
    } else {
        let wide = u128::from(bits);
        let (kept, half) = (wide >> drop, 1_u128 << (drop - 1));
        let dropped = wide & ((1_u128 << drop) - 1);
        let up = dropped > half || dropped == half && (rest || kept & 1 == 1);
        (kept + u128::from(up)) as u64
    };
    // As bits: a mantissa that grew into the next power of two carries into the exponent by itself.
    let biased = if highest < -1022 { 0 } else { (highest + 1022) as u64 };
    f64::from_bits((biased << 52) + mantissa)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn integers_have_a_sign_and_digits_and_nothing_else() {
        let good =
            [("5", 5), ("+5", 5), ("-0", 0), ("010", 10), ("-2147483648", i32::MIN), ("\u{ff15}\u{665}", 55)];
        for (text, value) in good {
            assert_eq!(int(text), Some(value), "{text}");
        }
        for text in
            ["", "+", "-", "+-5", " 5", "5 ", "5.0", "5L", "0x5", "1e3", "2147483648", "\u{1d7d3}", "\u{b2}"]
        {
            assert_eq!(int(text), None, "{text}");
        }
        assert_eq!(long("-9223372036854775808"), Some(i64::MIN));
        assert_eq!(long("9223372036854775807"), Some(i64::MAX));
        assert_eq!(long("9223372036854775808"), None);
    }

    #[test]
    fn doubles_are_written_as_in_java() {
        let good = [
            (" 5\t", 5.0),
            ("5d", 5.0),
            ("5.F", 5.0),
            (".5", 0.5),
            ("-5e1", -50.0),
            ("+1E+2D", 100.0),
            ("Infinity", f64::INFINITY),
            ("-Infinity", f64::NEG_INFINITY),
            ("1e-400", 0.0),
            ("1e400", f64::INFINITY),
            ("0x1p3", 8.0),
            ("0X.8P1f", 1.0),
            ("-0x1.8p1", -3.0),
            ("0xap0d", 10.0),
            ("0x1.p-1074", 5e-324),
        ];
        for (text, value) in good {
            assert_eq!(double(text), Some(value), "{text}");
        }
        assert!(double("+NaN").is_some_and(f64::is_nan));
        assert!(double("-0").is_some_and(|zero| zero == 0.0 && zero.is_sign_negative()));
        for text in [
            "",
            " ",
            "+",
            ".",
            "e5",
            "5e",
            "5e+",
            "5dd",
            "5L",
            "5 d",
            "5d e",
            "infinity",
            "inf",
            "nan",
            "NaNd",
            "0x5",
            "0xp1",
            "0x.p1",
            "0x1p",
            "0x1.8.1p1",
            "+-5",
            "1_0",
            "\u{ff15}",
            "\u{a0}5",
            "1,5",
        ] {
            assert_eq!(double(text), None, "{text:?}");
        }
    }

    #[test]
    fn hexadecimal_numbers_are_rounded_to_the_nearest_and_ties_to_even() {
        let same = [
            ("0x1.fffffffffffff7p0", "1.9999999999999998"),
            ("0x1.fffffffffffff8p0", "2"),
            ("0x1.00000000000008p0", "1"),
            ("0x1.000000000000080000000000000001p0", "1.0000000000000002"),
            ("0x1.00000000000018p0", "1.0000000000000004"),
            ("0x123456789abcdef01234p0", "85968058283706962416180"),
            ("0x0.00000000000000000000000001p104", "1"),
            ("0x1.fffffffffffffp1023", "1.7976931348623157e308"),
            ("0x1.fffffffffffff8p1023", "1e400"),
            ("0x1p-1022", "2.2250738585072014e-308"),
            ("0x1p-1075", "0"),
            ("0x1.1p-1075", "5e-324"),
            ("0x0.fffffffffffff8p-1022", "2.2250738585072014e-308"),
            ("0x1p99999999999999999999", "1e400"),
            ("0x1p-99999999999999999999", "0"),
            ("0x0p99999999999999999999", "0"),
            ("0x1p0000000000000000000001", "2"),
        ];
        for (text, decimal) in same {
            assert_eq!(double(text), double(decimal), "{text}");
        }
    }
}
