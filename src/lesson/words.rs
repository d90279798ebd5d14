//! The catalogues: every sentence the page can show, in English and in Simplified Chinese, kept as whole sentences
//! with named holes. A test holds both to the same keys and the same holes.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::rc::Rc;

use serde::Deserialize;

use crate::broker::event::Code;
use crate::broker::subscription::Filter;
use crate::sim::{Instant, Number, Ratio, Span};

/// The languages of the page.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub enum Language {
    /// English.
    #[default]
    English,
    /// Simplified Chinese.
    Chinese,
}

impl Language {
    /// All of them, in the order of the switch.
    pub const ALL: [Self; 2] = [Self::English, Self::Chinese];

    /// The tag of BCP 47.
    pub fn tag(self) -> &'static str {
        match self {
            Self::English => "en",
            Self::Chinese => "zh-CN",
        }
    }

    /// Its own name for itself.
    pub fn name(self) -> &'static str {
        match self {
            Self::English => "English",
            Self::Chinese => "中文",
        }
    }

    /// The language for a browser's language tag.
    pub fn of_tag(tag: &str) -> Self {
        if tag.to_ascii_lowercase().starts_with("zh") { Self::Chinese } else { Self::English }
    }

    fn source(self) -> &'static str {
        match self {
            Self::English => include_str!("../../static/words/en.json"),
            Self::Chinese => include_str!("../../static/words/zh-CN.json"),
        }
    }

    /// The translations of what is said of a bad scenario file; English needs none.
    fn problems(self) -> Option<&'static str> {
        match self {
            Self::English => None,
            Self::Chinese => Some(include_str!("../../static/words/problems.zh-CN.json")),
        }
    }

    /// Which plural form a number takes (CLDR's cardinal rules of the two languages).
    fn is_one(self, n: u64) -> bool {
        match self {
            Self::English => n == 1,
            Self::Chinese => false,
        }
    }
}

#[derive(Clone, Debug, Deserialize, PartialEq, Eq)]
#[serde(untagged)]
enum Sentence {
    Plain(String),
    Plural { one: String, other: String },
}

/// One language's catalogue.
#[derive(Clone, Debug)]
pub struct Words {
    language: Language,
    sentences: BTreeMap<String, Sentence>,
    /// What is wrong with a scenario file, by the English template.
    problems: BTreeMap<String, String>,
}

impl Words {
    /// The catalogue of a language. The files are part of the program and a test reads them, so they cannot be bad.
    pub fn new(language: Language) -> Self {
        let sentences = serde_json::from_str(language.source()).unwrap_or_default();
        let problems = language.problems().and_then(|source| serde_json::from_str(source).ok());
        Self { language, sentences, problems: problems.unwrap_or_default() }
    }

    /// Which language it is.
    pub fn language(&self) -> Language {
        self.language
    }

    /// The translation of an English template of [`scenario`](crate::scenario)'s problems, if there is one.
    pub fn problem(&self, template: &str) -> Option<&str> {
        self.problems.get(template).map(String::as_str)
    }

    /// A sentence without holes. A key that no catalogue has shows itself, so that it is noticed.
    pub fn text<'a>(&'a self, key: &'a str) -> &'a str {
        match self.sentences.get(key) {
            Some(Sentence::Plain(text)) => text,
            Some(Sentence::Plural { other, .. }) => other,
            None => key,
        }
    }

    /// A sentence for one thing and one for any other number of them.
    pub fn forms<'a>(&'a self, key: &'a str) -> [&'a str; 2] {
        match self.sentences.get(key) {
            Some(Sentence::Plural { one, other }) if self.language.is_one(1) => [one, other],
            _ => [self.text(key); 2],
        }
    }

    /// A sentence with its holes filled.
    pub fn fill(&self, key: &str, holes: &[(&str, &dyn Said)]) -> String {
        self.fill_form(self.text(key), holes)
    }

    /// A sentence that speaks of `n` things, in the right form; `{n}` is filled too.
    pub fn count(&self, key: &str, n: u64, holes: &[(&str, &dyn Said)]) -> String {
        let mut holes = holes.to_vec();
        holes.push(("n", &n));
        self.fill_form(self.form(key, n), &holes)
    }

    /// The form of a sentence that speaks of `n` things, with its holes.
    pub fn form<'a>(&'a self, key: &'a str, n: u64) -> &'a str {
        match self.sentences.get(key) {
            Some(Sentence::Plural { one, .. }) if self.language.is_one(n) => one,
            _ => self.text(key),
        }
    }

    fn fill_form(&self, form: &str, holes: &[(&str, &dyn Said)]) -> String {
        let mut filled = String::with_capacity(form.len() + 16);
        for piece in pieces(form) {
            match piece {
                Piece::Text(text) => filled.push_str(text),
                Piece::Hole(name) => match holes.iter().find(|(hole, _)| *hole == name) {
                    Some((_, value)) => filled.push_str(&value.said()),
                    None => {
                        filled.push('{');
                        filled.push_str(name);
                        filled.push('}');
                    }
                },
            }
        }
        filled
    }

    /// Every key, in order.
    pub fn keys(&self) -> impl Iterator<Item = &str> {
        self.sentences.keys().map(String::as_str)
    }
}

/// What can fill a hole: numbers as people write them, everything else as it displays itself.
pub trait Said {
    /// How it stands in a sentence.
    fn said(&self) -> String;
}

impl<T: Said + ?Sized> Said for &T {
    fn said(&self) -> String {
        (**self).said()
    }
}

macro_rules! said {
    (numbers $($kind:ty),*) => {
        $(impl Said for $kind {
            fn said(&self) -> String {
                Number(*self as u64).to_string()
            }
        })*
    };
    (others $($kind:ty),*) => {
        $(impl Said for $kind {
            fn said(&self) -> String {
                self.to_string()
            }
        })*
    };
}

said!(numbers u8, u16, u32, u64, usize);
said!(others str, String, Rc<str>, Cow<'_, str>, i32, Number, Instant, Span, Ratio, Filter, Code);

/// A part of a sentence.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Piece<'a> {
    /// Words as they stand.
    Text(&'a str),
    /// A hole, by its name.
    Hole(&'a str),
}

/// Takes a sentence apart at its `{holes}`.
pub fn pieces(sentence: &str) -> impl Iterator<Item = Piece<'_>> {
    let mut rest = sentence;
    std::iter::from_fn(move || {
        if rest.is_empty() {
            return None;
        }
        if let Some(after) = rest.strip_prefix('{')
            && let Some((name, tail)) = after.split_once('}')
        {
            rest = tail;
            return Some(Piece::Hole(name));
        }
        // A brace that opens no hole is an ordinary character.
        let first = rest.chars().next().map_or(0, char::len_utf8);
        let end = rest[first..].find('{').map_or(rest.len(), |at| at + first);
        let (text, tail) = rest.split_at(end);
        rest = tail;
        Some(Piece::Text(text))
    })
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    fn holes(sentence: &str) -> BTreeSet<&str> {
        pieces(sentence).filter_map(|p| if let Piece::Hole(name) = p { Some(name) } else { None }).collect()
    }

    #[test]
    fn both_catalogues_say_the_same_things() {
        let [english, chinese] = Language::ALL.map(Words::new);
        assert!(english.keys().count() > 50, "the English catalogue is a readable file");
        let keys = |words: &Words| words.keys().map(str::to_owned).collect::<BTreeSet<_>>();
        let missing: Vec<_> = keys(&english).symmetric_difference(&keys(&chinese)).cloned().collect();
        assert!(missing.is_empty(), "in one catalogue only: {missing:?}");
        for key in english.keys() {
            assert_eq!(holes(english.text(key)), holes(chinese.text(key)), "the holes of {key}");
            assert!(!english.text(key).is_empty() && !chinese.text(key).is_empty(), "{key} is empty");
        }
    }

    #[test]
    fn plural_forms_follow_the_language() {
        let words = Words::new(Language::English);
        assert_eq!(words.count("stage.behind", 1, &[]), "1 behind");
        assert_eq!(words.count("consumers", 1, &[]), "1 consumer");
        assert_eq!(words.count("consumers", 2, &[]), "2 consumers");
        assert_eq!(Words::new(Language::Chinese).count("consumers", 1, &[]), "1 个消费者");
    }

    #[test]
    fn a_sentence_comes_apart_and_holes_are_named() {
        let all: Vec<_> = pieces("{a} sends to {b}.").collect();
        assert_eq!(all, [Piece::Hole("a"), Piece::Text(" sends to "), Piece::Hole("b"), Piece::Text(".")]);
    }
}
