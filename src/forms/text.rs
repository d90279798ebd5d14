//! Single fields: a text in, a value or a sentence out.
//!
//! Spaces around what was typed do not matter, and digits and signs of a Chinese keyboard count as plain ones; nothing
//! else is guessed.

use super::wrong::Wrong;
use crate::broker::spec::Rate;
use crate::rules::message_type::{BuildError, check_not_blank, check_tag};
use crate::rules::validation;
use crate::scenario::{is_unseen, limits};
use crate::sim::{Ratio, Span, SpanError};

/// What was typed, as a sentence can show it: in one piece, and not longer than a line.
fn shown(text: &str) -> String {
    const MOST: usize = 24;
    let plain = text.trim().chars().map(|c| if is_unseen(c) { ' ' } else { c });
    let mut start: String = plain.clone().take(MOST).collect();
    if plain.count() > MOST {
        start.push('…');
    }
    start
}

/// Without the spaces around it, and with the plain form of every full-width digit and sign.
fn plain(text: &str) -> String {
    let narrow = |c: char| match c {
        '\u{ff01}'..='\u{ff5e}' => char::from_u32(c as u32 - 0xfee0).unwrap_or(c),
        c => c,
    };
    text.trim().chars().map(narrow).collect()
}

fn is_digits(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit())
}

/// A whole number from `least` to `most`.
pub fn whole(text: &str, least: u64, most: u64) -> Result<u64, Wrong> {
    let typed = plain(text);
    let wrong = |key| Err(Wrong::new(key).with("text", shown(text)).with("least", least).with("most", most));
    if typed.is_empty() {
        return wrong("control.wrong_whole_empty");
    }
    if typed.strip_prefix('-').is_some_and(is_digits) {
        return wrong("control.wrong_whole_small");
    }
    if !is_digits(&typed) {
        return wrong("control.wrong_whole");
    }
    // Digits only: the one way to fail is to be too large.
    match typed.parse::<u64>() {
        Ok(number) if number < least => wrong("control.wrong_whole_small"),
        Ok(number) if number <= most => Ok(number),
        _ => wrong("control.wrong_whole_large"),
    }
}

/// The same for numbers of 32 bits; the limits make sure that it fits.
pub(super) fn count(text: &str, least: u64, most: u64) -> Result<u32, Wrong> {
    whole(text, least, most.min(u32::MAX.into())).map(|number| number as u32)
}

/// A decimal number as millionths; `None` if it is no such thing, or needs more than six decimals.
fn millionths(typed: &str) -> Option<u128> {
    let (whole, decimals) = typed.split_once('.').unwrap_or((typed, "0"));
    if !is_digits(whole) || !is_digits(decimals) || decimals.trim_end_matches('0').len() > 6 {
        return None;
    }
    let decimals: String = decimals.chars().chain("000000".chars()).take(6).collect();
    // More digits than any limit has are as good as the largest number.
    let whole: u128 = whole.parse().unwrap_or(u128::MAX >> 32);
    Some(whole.saturating_mul(1_000_000).saturating_add(decimals.parse().unwrap_or(0)))
}

/// Messages per second, to a millionth.
pub fn rate(text: &str) -> Result<Rate, Wrong> {
    let most = limits::MESSAGES_PER_SECOND;
    let wrong = |key| Err(Wrong::new(key).with("text", shown(text)).with("most", most));
    let typed = plain(text);
    if typed.is_empty() {
        return wrong("control.wrong_rate_empty");
    }
    if typed.starts_with('-') {
        return wrong("control.wrong_rate_negative");
    }
    match millionths(&typed) {
        None => wrong("control.wrong_rate"),
        Some(micros) if micros > u128::from(most) * 1_000_000 => wrong("control.wrong_rate_large"),
        Some(micros) => Ok(Rate { micros_per_second: micros as u64 }),
    }
}

/// How a rate is typed.
pub fn rate_text(rate: Rate) -> String {
    let (whole, rest) = (rate.micros_per_second / 1_000_000, rate.micros_per_second % 1_000_000);
    if rest == 0 {
        return whole.to_string();
    }
    format!("{whole}.{rest:06}").trim_end_matches('0').to_owned()
}

/// A length of time: a whole number with its unit.
pub fn span(text: &str) -> Result<Span, Wrong> {
    let typed = plain(text);
    let wrong = |key| Err(Wrong::new(key).with("text", shown(text)));
    let longest = Span::from_secs(limits::SPAN_SECONDS);
    let too_long = || {
        Err(Wrong::new("control.wrong_span_long")
            .with("text", shown(text))
            .with("days", limits::SPAN_SECONDS / 86_400))
    };
    if typed.is_empty() {
        return wrong("control.wrong_span_empty");
    }
    match Span::parse(&typed) {
        Ok(span) if span <= longest => Ok(span),
        Ok(_) | Err(SpanError::TooLong { .. }) => too_long(),
        Err(_) if typed.starts_with('-') => wrong("control.wrong_span_negative"),
        Err(_) => match meant(&typed) {
            Some(meant) => {
                Err(Wrong::new("control.wrong_span_try").with("text", shown(text)).with("instead", meant))
            }
            None if is_digits(&typed) => wrong("control.wrong_span_unit"),
            None => wrong("control.wrong_span"),
        },
    }
}

/// What was most likely meant by a length of time with a fraction, a space, or a unit in other letters.
fn meant(typed: &str) -> Option<Span> {
    let compact: String = typed.chars().filter(|c| !c.is_whitespace()).collect::<String>().to_lowercase();
    let digits = compact.bytes().take_while(|byte| byte.is_ascii_digit() || *byte == b'.').count();
    let (number, unit) = compact.split_at(digits);
    let unit = match unit {
        "us" | "µs" | "μs" | "usec" | "微秒" => 1,
        "ms" | "msec" | "毫秒" => 1_000,
        "s" | "sec" | "secs" | "second" | "seconds" | "秒" => 1_000_000,
        "m" | "min" | "mins" | "minute" | "minutes" | "分" | "分钟" => 60_000_000,
        "h" | "hr" | "hour" | "hours" | "小时" => 3_600_000_000,
        _ => return None,
    };
    let us = millionths(number)?.checked_mul(unit)?;
    let whole = us.is_multiple_of(1_000_000).then_some(us / 1_000_000)?;
    u64::try_from(whole).ok().map(Span).filter(|span| *span <= Span::from_secs(limits::SPAN_SECONDS))
}

/// A probability: a ratio such as 1/10, a percentage such as 10%, or a decimal such as 0.1.
pub fn ratio(text: &str) -> Result<Ratio, Wrong> {
    let typed: String = plain(text).chars().filter(|c| !c.is_whitespace()).collect();
    let wrong = |key| Err(Wrong::new(key).with("text", shown(text)));
    if typed.is_empty() {
        return wrong("control.wrong_ratio_empty");
    }
    if typed.starts_with('-') {
        return wrong("control.wrong_ratio_range");
    }
    if typed.contains('/') {
        return match Ratio::parse(&typed) {
            Ok(ratio) => Ok(ratio),
            Err(crate::sim::RatioError::AboveOne { .. }) => wrong("control.wrong_ratio_range"),
            Err(_) => wrong("control.wrong_ratio"),
        };
    }
    let (number, whole) = match typed.strip_suffix('%') {
        Some(percent) => (percent, 100_000_000),
        None => (&*typed, 1_000_000),
    };
    match millionths(number) {
        None => wrong("control.wrong_ratio"),
        Some(part) if part > u128::from(whole) => wrong("control.wrong_ratio_range"),
        Some(part) => Ok(reduced(part as u32, whole)),
    }
}

/// A fraction in lowest terms.
fn reduced(part: u32, whole: u32) -> Ratio {
    let (mut a, mut b) = (whole, part);
    while b > 0 {
        (a, b) = (b, a % b);
    }
    Ratio { numerator: part / a, denominator: whole / a }
}

/// Which names a thing may have.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NameRule {
    /// A topic's: RocketMQ's own alphabet, and none of the names it keeps for itself.
    Topic,
    /// A group's: the same.
    Group,
    /// A producer's or a consumer's: anything without a slash.
    Client,
}

/// A name that nobody else has.
pub fn name(text: &str, rule: NameRule, is_taken: impl Fn(&str) -> bool) -> Result<String, Wrong> {
    let name = text.trim();
    let most = match rule {
        NameRule::Topic => limits::TOPIC_NAME_CHARS,
        NameRule::Group => limits::GROUP_NAME_CHARS,
        NameRule::Client => limits::NAME_CHARS,
    };
    if name.is_empty() {
        return Err(Wrong::new("control.wrong_name_empty"));
    }
    let allowed = |c: &char| match rule {
        NameRule::Topic | NameRule::Group => validation::is_name_char(*c),
        NameRule::Client => *c != '/' && !is_unseen(*c),
    };
    if let Some(stranger) = name.chars().find(|c| !allowed(c)) {
        let stranger = if is_unseen(stranger) { ' ' } else { stranger };
        let key =
            if rule == NameRule::Client { "control.wrong_name_slash" } else { "control.wrong_name_letter" };
        return Err(Wrong::new(key).with("letter", stranger));
    }
    if name.chars().count() as u64 > most {
        return Err(Wrong::new("control.wrong_name_long")
            .with("count", name.chars().count())
            .with("most", most));
    }
    let is_free = match rule {
        NameRule::Topic => validation::new_topic(name).is_ok(),
        NameRule::Group => validation::consumer_group(name).is_ok(),
        NameRule::Client => true,
    };
    if !is_free {
        return Err(Wrong::new("control.wrong_name_reserved").with("text", shown(name)));
    }
    if is_taken(name) {
        return Err(Wrong::new("control.wrong_name_taken").with("text", shown(name)));
    }
    Ok(name.to_owned())
}

/// A tag or a key: one line that is not blank; a tag holds no `|`, which separates tags in a filter.
pub(super) fn word(text: &str, is_tag: bool) -> Result<String, Wrong> {
    let word = text.trim();
    match if is_tag { check_tag(word) } else { check_not_blank(word) } {
        Ok(()) => {}
        Err(BuildError::TagWithBar) => return Err(Wrong::new("control.wrong_tag_bar")),
        Err(_) => {
            let key = if is_tag { "control.wrong_tag_empty" } else { "control.wrong_key_empty" };
            return Err(Wrong::new(key));
        }
    }
    if word.chars().any(is_unseen) {
        return Err(Wrong::new("control.wrong_word_control"));
    }
    let count = word.chars().count();
    if count as u64 > limits::WORD_CHARS {
        return Err(Wrong::new("control.wrong_name_long")
            .with("count", count)
            .with("most", limits::WORD_CHARS));
    }
    Ok(word.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key<T: std::fmt::Debug>(read: Result<T, Wrong>) -> &'static str {
        read.expect_err("it is wrong").key
    }

    #[test]
    fn whole_numbers_are_digits_within_limits() {
        assert_eq!(whole("4", 1, 16), Ok(4));
        assert_eq!(whole("  16 ", 1, 16), Ok(16));
        assert_eq!(whole("００7", 1, 16), Ok(7));
        for text in ["four", "4.0", "4,0", "+4", "1e3", "0x4", "<b>4</b>", "4 4", "٤"] {
            assert_eq!(key(whole(text, 1, 16)), "control.wrong_whole", "{text}");
        }
        for text in ["17", "18446744073709551616", &"9".repeat(40)] {
            assert_eq!(key(whole(text, 1, 16)), "control.wrong_whole_large", "{text}");
        }
        for text in ["0", "-1", "-00000000000000000000000000000000000000001"] {
            assert_eq!(key(whole(text, 1, 16)), "control.wrong_whole_small", "{text}");
        }
        for text in ["", "   ", "\t"] {
            assert_eq!(key(whole(text, 1, 16)), "control.wrong_whole_empty");
        }
    }

    #[test]
    fn rates_are_decimals_to_a_millionth() {
        let micros = |text| rate(text).map(|rate| rate.micros_per_second);
        assert_eq!(micros("40"), Ok(40_000_000));
        assert_eq!(micros("0.5"), Ok(500_000));
        assert_eq!(micros("0.000001"), Ok(1));
        assert_eq!(micros("1.50000000"), Ok(1_500_000));
        assert_eq!(micros("1000000"), Ok(1_000_000_000_000));
        assert_eq!(micros("0"), Ok(0));
        for text in ["fast", "1e3", "1.2.3", ".5", "5.", "0.0000001", "1/2", "∞", "NaN"] {
            assert_eq!(key(rate(text)), "control.wrong_rate", "{text}");
        }
        for text in ["1000000.000001", "1000001", &"1".repeat(40)] {
            assert_eq!(key(rate(text)), "control.wrong_rate_large", "{text}");
        }
        assert_eq!(key(rate("-3")), "control.wrong_rate_negative");
        assert_eq!(key(rate("")), "control.wrong_rate_empty");
        for micros in [0, 1, 500_000, 40_000_000, 1_234_567, 999_999_999_999] {
            let typed = rate_text(Rate { micros_per_second: micros });
            assert_eq!(rate(&typed), Ok(Rate { micros_per_second: micros }), "{typed}");
        }
    }

    #[test]
    fn lengths_of_time_need_a_unit_and_no_fraction() {
        assert_eq!(span("800us"), Ok(Span(800)));
        assert_eq!(span(" 20ms "), Ok(Span::from_ms(20)));
        assert_eq!(span("0s"), Ok(Span::ZERO));
        let instead = |text: &str| {
            let wrong = span(text).expect_err("it is wrong");
            assert_eq!(wrong.key, "control.wrong_span_try", "{text}");
            wrong.holes.into_iter().find(|(hole, _)| *hole == "instead").map(|(_, value)| value)
        };
        assert_eq!(instead("1.5s").as_deref(), Some("1500ms"));
        assert_eq!(instead("20 ms").as_deref(), Some("20ms"));
        assert_eq!(instead("2 Minutes").as_deref(), Some("2m"));
        assert_eq!(instead("5µs").as_deref(), Some("5us"));
        assert_eq!(instead("3秒").as_deref(), Some("3s"));
        assert_eq!(key(span("5")), "control.wrong_span_unit");
        assert_eq!(key(span("-5s")), "control.wrong_span_negative");
        assert_eq!(key(span("")), "control.wrong_span_empty");
        for text in ["soon", "5 lightyears", "ms", "0.0000001s", "<i>5s</i>"] {
            assert_eq!(key(span(text)), "control.wrong_span", "{text}");
        }
        for text in ["101m101m", "5s5"] {
            assert_eq!(key(span(text)), "control.wrong_span", "{text}");
        }
        for text in ["2401h", &format!("{}us", "9".repeat(40)), "8640001s"] {
            assert_eq!(key(span(text)), "control.wrong_span_long", "{text}");
        }
    }

    #[test]
    fn probabilities_are_ratios_percentages_or_decimals() {
        let of = |numerator, denominator| Ok(Ratio { numerator, denominator });
        assert_eq!(ratio("1/10"), of(1, 10));
        assert_eq!(ratio("2/4"), of(2, 4));
        assert_eq!(ratio("10%"), of(1, 10));
        assert_eq!(ratio("12.5 %"), of(1, 8));
        assert_eq!(ratio("１０％"), of(1, 10));
        assert_eq!(ratio("0.25"), of(1, 4));
        assert_eq!(ratio("0"), of(0, 1));
        assert_eq!(ratio("0%"), of(0, 1));
        assert_eq!(ratio("1"), of(1, 1));
        assert_eq!(ratio("100%"), of(1, 1));
        for text in ["101%", "2", "3/2", "-1/2", "1.000001", &"9".repeat(40)] {
            assert_eq!(key(ratio(text)), "control.wrong_ratio_range", "{text}");
        }
        for text in ["often", "1/0", "1/", "/2", "1/2/3", "10%%", "1.2.3%", "4294967296/4294967297"] {
            assert_eq!(key(ratio(text)), "control.wrong_ratio", "{text}");
        }
        assert_eq!(key(ratio(" ")), "control.wrong_ratio_empty");
    }

    #[test]
    fn names_follow_the_rules_of_their_kind() {
        let free = |_: &str| false;
        assert_eq!(name(" orders ", NameRule::Topic, free), Ok("orders".into()));
        assert_eq!(name("C 1 <b>", NameRule::Client, free), Ok("C 1 <b>".into()));
        assert_eq!(key(name("", NameRule::Group, free)), "control.wrong_name_empty");
        assert_eq!(key(name("<script>", NameRule::Group, free)), "control.wrong_name_letter");
        assert_eq!(key(name("订单", NameRule::Topic, free)), "control.wrong_name_letter");
        assert_eq!(key(name("a/b", NameRule::Client, free)), "control.wrong_name_slash");
        assert_eq!(key(name(&"x".repeat(65), NameRule::Client, free)), "control.wrong_name_long");
        for taken in ["%RETRY%billing", "BenchmarkTest", "DefaultCluster_REPLY_TOPIC"] {
            assert_eq!(key(name(taken, NameRule::Topic, free)), "control.wrong_name_reserved");
        }
        assert_eq!(key(name("CID_RMQ_SYS_x", NameRule::Group, free)), "control.wrong_name_reserved");
        assert_eq!(name("TBW102x", NameRule::Topic, free), Ok("TBW102x".into()));
        assert_eq!(
            key(name("billing", NameRule::Group, |name| name == "billing")),
            "control.wrong_name_taken"
        );
    }

    #[test]
    fn a_sentence_shows_a_long_text_in_part() {
        let wrong = whole(&"x".repeat(4_000), 1, 2).expect_err("it is wrong");
        let text = &wrong.holes.iter().find(|(hole, _)| *hole == "text").expect("it is quoted").1;
        assert_eq!(text.chars().count(), 25);
    }
}
