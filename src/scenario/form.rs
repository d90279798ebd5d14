//! What a value of the file may be. The tables in [`shapes`](super::shapes) are made of these; reading, checking,
//! schema and documentation all follow the tables.

use serde_json::Value;

use super::limits;
use super::problem::quoted;
use super::sentence::{Sentence, all_of, any_of, sentence};
use super::words::Word;
use crate::broker::spec::Rate;
use crate::rules::message_type::check_not_blank;
use crate::sim::{Ratio, Span, SpanError};

/// What a value may be.
#[derive(Debug)]
pub(super) enum Kind {
    /// The name of the format and its version.
    Format,
    /// A text.
    Text(&'static TextRule),
    /// A whole number.
    Whole { least: u64, most: u64 },
    /// A seed: a whole number of 64 bits, in quotes or not.
    Seed,
    /// Messages per second, to a millionth.
    Rate,
    /// A length of time: a whole number with a unit.
    Span,
    /// A probability as a ratio.
    Ratio,
    /// One of a few words.
    Word(fn() -> Vec<&'static str>),
    /// `true` or `false`.
    Truth,
    /// A text in two languages.
    Local(&'static TextRule),
    /// Texts under names of the author's choice: user properties.
    Texts,
    /// The settings, by their dotted names.
    Settings,
    /// An object with known keys.
    Object(&'static Shape),
    /// A list.
    List { of: &'static Kind, least: u64, most: u64 },
    /// An object with exactly one of several keys.
    Choice(&'static Choice),
    /// Something plain, or an object or a list that says more.
    Either(&'static Kind, &'static Kind),
}

/// An object with known keys.
#[derive(Debug)]
pub(super) struct Shape {
    /// The name of its definition in the schema, and of its table in the documentation.
    pub(super) name: &'static str,
    /// What it is.
    pub(super) about: &'static str,
    /// Its keys, in the order in which they are written.
    pub(super) fields: &'static [Field],
}

impl Shape {
    pub(super) fn field(&self, key: &str) -> Option<&'static Field> {
        self.fields.iter().find(|field| field.key == key)
    }
}

/// One key of an object.
#[derive(Debug)]
pub(super) struct Field {
    pub(super) key: &'static str,
    pub(super) kind: Kind,
    pub(super) need: Need,
    pub(super) about: &'static str,
}

/// What it means to leave a key out.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Need {
    /// It cannot be left out.
    Required,
    /// The same as writing this JSON.
    Default(&'static str),
    /// What happens then, in words.
    Else(&'static str),
}

/// An object with exactly one of several keys.
#[derive(Debug)]
pub(super) struct Choice {
    /// The name of its definition in the schema, and of its table in the documentation.
    pub(super) name: &'static str,
    /// What it is.
    pub(super) about: &'static str,
    /// The keys.
    pub(super) variants: &'static [Variant],
}

impl Choice {
    pub(super) fn variant(&self, key: &str) -> Option<&'static Variant> {
        self.variants.iter().find(|variant| variant.key == key)
    }
}

/// One of the keys of a choice.
#[derive(Debug)]
pub(super) struct Variant {
    pub(super) key: &'static str,
    pub(super) kind: Kind,
    pub(super) about: &'static str,
}

/// What a text may hold. No text may be blank.
#[derive(Debug)]
pub(super) struct TextRule {
    /// "text of 1 to …", for sentences.
    pub(super) what: fn() -> Sentence,
    /// The most characters.
    pub(super) most: u64,
    /// Which characters.
    pub(super) allows: fn(char) -> bool,
    /// The same as a regular expression, without the length.
    pub(super) pattern: &'static str,
}

/// Why a value is not what it should be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Flaw {
    pub(super) what: Sentence,
    pub(super) instead: Sentence,
}

impl Kind {
    /// What would be right, for the end of a sentence that begins with "write".
    pub(super) fn wanted(&self) -> Sentence {
        match self {
            Self::Format => {
                sentence!("{format}, the version this program reads", format = quoted(super::FORMAT))
            }
            Self::Text(rule) => {
                sentence!("{text} (1 to {most} characters)", text = (rule.what)(), most = rule.most)
            }
            Self::Whole { least, most } => {
                sentence!("a whole number from {least} to {most}", least = *least, most = *most)
            }
            Self::Seed => sentence!("a whole number from 0 to {most} in quotes", most = u64::MAX),
            Self::Rate => sentence!("a number from 0 to {most}", most = limits::MESSAGES_PER_SECOND),
            Self::Span => {
                sentence!("a whole number and one of the units us, ms, s, m and h in quotes, such as \"60s\"")
            }
            Self::Ratio => sentence!("a ratio in quotes, such as \"1/10\", \"0\" or \"1\""),
            Self::Word(names) => sentence!("{words}", words = any_of(names())),
            Self::Truth => sentence!("true or false, without quotes"),
            Self::Local(_) => sentence!("an object with the text under \"en\", \"zh-CN\" or both"),
            Self::Texts => sentence!("an object that holds a text under each name"),
            Self::Settings => sentence!(
                "an object with settings by name, such as {example}",
                example = "{\"push.threads\": 1}"
            ),
            Self::Object(shape) => {
                let required = shape.fields.iter().filter(|field| field.need == Need::Required);
                let keys: Vec<&str> = required.map(|field| field.key).collect();
                match keys.len() {
                    0 => sentence!("an object in braces"),
                    1 => sentence!("an object with the key {keys}", keys = all_of(keys)),
                    _ => sentence!("an object with the keys {keys}", keys = all_of(keys)),
                }
            }
            Self::List { of, .. } => match of {
                Self::Text(_) => sentence!("a list of texts in brackets"),
                Self::Whole { .. } => sentence!("a list of whole numbers in brackets"),
                Self::Span => sentence!("a list of times such as [\"10s\", \"30s\"]"),
                _ => sentence!("a list of objects in brackets"),
            },
            Self::Choice(choice) => {
                let keys = choice.variants.iter().map(|variant| variant.key);
                sentence!("an object with exactly one of the keys {keys}", keys = any_of(keys))
            }
            Self::Either(plain, full) => {
                sentence!("{plain}, or {full}", plain = plain.wanted(), full = full.wanted())
            }
        }
    }

    /// What would be right, as a sentence.
    pub(super) fn instead(&self) -> Sentence {
        sentence!("write {wanted}", wanted = self.wanted())
    }

    /// What stands there is something else altogether.
    pub(super) fn not(&self, value: &Value) -> Flaw {
        Flaw { what: sentence!("{value} stands here", value = shown(value)), instead: self.instead() }
    }

    /// It is nearly right, but…
    fn but(&self, what: Sentence) -> Flaw {
        Flaw { what, instead: self.instead() }
    }
}

/// A value in a sentence.
fn shown(value: &Value) -> Sentence {
    match value {
        Value::Null => sentence!("{value}", value = "null"),
        Value::Bool(truth) => sentence!("{value}", value = truth.to_string()),
        Value::Number(number) => sentence!("{value}", value = number),
        Value::String(text) => sentence!("the text {text}", text = quoted(text)),
        Value::Array(_) => sentence!("a list"),
        Value::Object(_) => sentence!("an object"),
    }
}

/// A text by its rule.
pub(super) fn text<'v>(kind: &Kind, value: &'v Value) -> Result<&'v str, Flaw> {
    let (Kind::Text(rule) | Kind::Local(rule)) = kind else { unreachable!("{kind:?} is no text") };
    let wanted = Kind::Text(rule);
    let text = value.as_str().ok_or_else(|| wanted.not(value))?;
    // What Java takes for text may still show nothing.
    if check_not_blank(text.trim()).is_err() {
        return Err(wanted.but(sentence!("the text is blank")));
    }
    if let Some(stranger) = text.chars().find(|c| !(rule.allows)(*c)) {
        let stranger = match stranger {
            c if super::shapes::is_unseen(c) => format!("U+{:04X}", c as u32),
            c => format!("'{c}'"),
        };
        return Err(wanted.but(sentence!(
            "the character {stranger} in {text} is not allowed",
            stranger = stranger,
            text = quoted(text)
        )));
    }
    // Bytes first: counting the characters of a long text would be wasted on a short one.
    if text.len() as u64 > rule.most && text.chars().count() as u64 > rule.most {
        let count = text.chars().count();
        return Err(wanted.but(sentence!(
            "{text} is too long with {count} characters",
            text = quoted(text),
            count = count
        )));
    }
    Ok(text)
}

/// A whole number within its limits. `4.0` is whole too.
pub(super) fn whole(kind: &Kind, value: &Value) -> Result<u64, Flaw> {
    let &Kind::Whole { least, most } = kind else { unreachable!("{kind:?} is no whole number") };
    if let Value::String(text) = value {
        let mut flaw = kind.not(value);
        if !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit()) {
            flaw.instead = sentence!("{instead} without quotes", instead = flaw.instead);
        }
        return Err(flaw);
    }
    let Value::Number(number) = value else { return Err(kind.not(value)) };
    let exact = number.as_u64().or_else(|| {
        let float = number.as_f64()?;
        // 2^53: up to there every whole float is the number that was written.
        (float.fract() == 0.0 && (0.0..=9_007_199_254_740_992.0).contains(&float)).then_some(float as u64)
    });
    match exact {
        Some(whole) if whole < least => Err(kind.but(sentence!("{number} is too small", number = number))),
        Some(whole) if whole > most => Err(kind.but(sentence!("{number} is too large", number = number))),
        Some(whole) => Ok(whole),
        None => Err(kind.but(match number.as_f64() {
            Some(float) if float < 0.0 => sentence!("{number} is negative", number = number),
            Some(float) if float > most as f64 => sentence!("{number} is too large", number = number),
            _ => sentence!("{number} is not a whole number", number = number),
        })),
    }
}

/// A seed, with or without quotes.
pub(super) fn seed(value: &Value) -> Result<u64, Flaw> {
    let kind = Kind::Seed;
    let too_large = |seed: &str| {
        let digits = seed.len();
        kind.but(sentence!(
            "{seed} has {digits} digits and is too large for 64 bits",
            seed = quoted(seed),
            digits = digits
        ))
    };
    match value {
        Value::Number(number) => number.as_u64().ok_or_else(|| match number.as_f64() {
            Some(float) if float < 0.0 => kind.but(sentence!("{number} is negative", number = number)),
            Some(float) if float.fract() != 0.0 => {
                kind.but(sentence!("{number} is not a whole number", number = number))
            }
            _ => kind.but(sentence!("{number} is too large for 64 bits", number = number)),
        }),
        Value::String(digits) if !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit()) => {
            // Twenty digits are enough for every seed; leading zeros beyond them are a slip.
            digits.parse().ok().filter(|_| digits.len() <= 20).ok_or_else(|| too_large(digits))
        }
        _ => Err(kind.not(value)),
    }
}

/// Messages per second, to the nearest millionth.
pub(super) fn rate(value: &Value) -> Result<Rate, Flaw> {
    let kind = Kind::Rate;
    let Value::Number(number) = value else { return Err(kind.not(value)) };
    let Some(per_second) = number.as_f64() else { return Err(kind.not(value)) };
    if per_second < 0.0 {
        return Err(kind.but(sentence!("{number} is negative", number = number)));
    }
    if per_second > limits::MESSAGES_PER_SECOND as f64 {
        return Err(kind.but(sentence!("{number} is too large", number = number)));
    }
    // At most 10^12, and the float nearest to a decimal with six places is far nearer to it than half a millionth.
    let micros = (per_second * 1e6).round() as u64;
    if micros == 0 && per_second > 0.0 {
        return Err(
            kind.but(sentence!("{number} is less than a message in a million seconds", number = number))
        );
    }
    Ok(Rate { micros_per_second: micros })
}

/// A length of time.
pub(super) fn span(value: &Value) -> Result<Span, Flaw> {
    let kind = Kind::Span;
    let text = match value {
        Value::String(text) => text,
        Value::Number(number) => {
            return Err(kind.but(sentence!("the number {number} has no unit", number = number)));
        }
        _ => return Err(kind.not(value)),
    };
    let too_long = || Flaw {
        what: sentence!("{text} is too long", text = quoted(text)),
        instead: sentence!("write a time of at most {days} days", days = limits::SPAN_SECONDS / 86_400),
    };
    match Span::parse(text) {
        Ok(span) if span > Span::from_secs(limits::SPAN_SECONDS) => Err(too_long()),
        Ok(span) => Ok(span),
        Err(SpanError::TooLong { .. }) => Err(too_long()),
        Err(SpanError::NoUnit { .. }) if text.contains('.') => {
            Err(kind.but(sentence!("{text} is not a whole number of its unit", text = quoted(text))))
        }
        Err(SpanError::NoUnit { .. }) => {
            Err(kind.but(sentence!("{text} has no known unit", text = quoted(text))))
        }
        Err(SpanError::NoNumber { .. }) => {
            Err(kind.but(sentence!("{text} is no length of time", text = quoted(text))))
        }
    }
}

/// A probability.
pub(super) fn ratio(value: &Value) -> Result<Ratio, Flaw> {
    let kind = Kind::Ratio;
    let Value::String(text) = value else { return Err(kind.not(value)) };
    Ratio::parse(text).map_err(|error| {
        kind.but(match error {
            crate::sim::RatioError::NotARatio { .. } => sentence!("{text} is no ratio", text = quoted(text)),
            crate::sim::RatioError::ZeroDenominator => {
                sentence!("{text} divides by zero", text = quoted(text))
            }
            crate::sim::RatioError::AboveOne { .. } => {
                sentence!("{text} is more than 1", text = quoted(text))
            }
        })
    })
}

/// One of the known words, as text.
pub(super) fn known_word<'v>(kind: &Kind, value: &'v Value) -> Result<&'v str, Flaw> {
    let Kind::Word(names) = kind else { unreachable!("{kind:?} is no word") };
    let word = value.as_str().ok_or_else(|| kind.not(value))?;
    if names().contains(&word) {
        Ok(word)
    } else {
        Err(kind.but(sentence!("{text} is not a word that is known here", text = quoted(word))))
    }
}

/// What one of the known words means.
pub(super) fn word<T: Word>(kind: &Kind, value: &Value) -> Option<T> {
    known_word(kind, value).ok().and_then(T::read)
}

/// `true` or `false`.
pub(super) fn truth(value: &Value) -> Result<bool, Flaw> {
    value.as_bool().ok_or_else(|| Kind::Truth.not(value))
}
