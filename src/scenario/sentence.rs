//! A sentence that is still to be said in some language: an English template, and what fills its holes.
//!
//! The template itself is the key under which a translation is looked up, so that the English reads where it is needed
//! and no sentence can be without one.

use std::fmt;

use super::problem::quoted;

/// Gives a template in another language, if it is known there.
pub type Translate<'a> = &'a dyn Fn(&str) -> Option<&'a str>;

/// A sentence, or a part of one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sentence {
    template: &'static str,
    holes: Vec<(&'static str, Hole)>,
}

/// What fills a hole.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Hole {
    /// The same in every language: a number, a name in quotes.
    Plain(String),
    /// A part that has words of its own.
    Part(Box<Sentence>),
    /// Words of the file in quotes, with a conjunction before the last one; long lists are cut.
    List(Vec<String>, &'static str),
}

/// Conjunctions, and the end of a list that is cut: templates that stand in no `sentence!`.
pub const LIST_TEMPLATES: [&str; 4] =
    ["{first}, {last}", "{first} and {last}", "{first} or {last}", "{list} and others"];

/// So many words of a list are said.
const MOST: usize = 24;

impl Sentence {
    /// A template with its holes. `sentence!` reads better.
    pub(super) fn new(template: &'static str, holes: Vec<(&'static str, Hole)>) -> Self {
        Self { template, holes }
    }

    /// The sentence in the language that `translate` knows; what it has no translation for is said in English.
    pub fn say(&self, translate: Translate<'_>) -> String {
        let holes: Vec<(&str, String)> =
            self.holes.iter().map(|(name, hole)| (*name, hole.say(translate))).collect();
        fill(translated(self.template, translate), &holes)
    }
}

impl Hole {
    fn say(&self, translate: Translate<'_>) -> String {
        match self {
            Self::Plain(text) => text.clone(),
            Self::Part(part) => part.say(translate),
            Self::List(words, conjunction) => list(words, conjunction, translate),
        }
    }
}

fn translated<'a>(template: &'a str, translate: Translate<'a>) -> &'a str {
    translate(template).unwrap_or(template)
}

/// Fills the holes of a template, wherever they stand in it. What is filled in is not looked at again.
fn fill(template: &str, holes: &[(&str, String)]) -> String {
    let mut said = String::with_capacity(template.len());
    let mut rest = template;
    while let Some((before, after)) = rest.split_once('{') {
        said += before;
        let filled = after.split_once('}').and_then(|(name, after)| {
            let (_, value) = holes.iter().find(|(hole, _)| *hole == name)?;
            Some((value, after))
        });
        match filled {
            Some((value, after)) => {
                said += value;
                rest = after;
            }
            None => {
                said.push('{');
                rest = after;
            }
        }
    }
    said + rest
}

fn list(words: &[String], conjunction: &'static str, translate: Translate<'_>) -> String {
    let quotes: Vec<String> = words.iter().take(MOST).map(|word| quoted(word)).collect();
    let Some((last, before)) = quotes.split_last() else { return String::new() };
    let joined = |template: &'static str, first: String, last: &str| {
        fill(translated(template, translate), &[("first", first), ("last", last.to_owned())])
    };
    let comma = |first: String, next: &String| joined("{first}, {last}", first, next);
    let Some((first, between)) = before.split_first() else { return last.clone() };
    let start = between.iter().fold(first.clone(), comma);
    if words.len() > MOST {
        return fill(translated("{list} and others", translate), &[("list", comma(start, last))]);
    }
    joined(conjunction, start, last)
}

/// In English.
impl fmt::Display for Sentence {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.say(&|_| None))
    }
}

impl From<Sentence> for Hole {
    fn from(part: Sentence) -> Self {
        Self::Part(Box::new(part))
    }
}

macro_rules! plain_holes {
    ($($kind:ty),*) => {
        $(impl From<$kind> for Hole {
            fn from(value: $kind) -> Self {
                Self::Plain(value.to_string())
            }
        })*
    };
}

plain_holes!(String, &str, u64, usize, crate::sim::Span, &serde_json::Number);

/// `sentence!("there is no {thing} {name}", thing = part, name = quoted(name))`.
macro_rules! sentence {
    ($template:literal $(, $hole:ident = $value:expr)* $(,)?) => {
        $crate::scenario::sentence::Sentence::new(
            $template,
            vec![$((stringify!($hole), $crate::scenario::sentence::Hole::from($value))),*],
        )
    };
}

pub(super) use sentence;

/// Words of the file in quotes: `"a", "b" or "c"`.
pub(super) fn any_of<'a>(words: impl IntoIterator<Item = &'a str>) -> Hole {
    listed(words, "{first} or {last}")
}

/// Words of the file in quotes: `"a", "b" and "c"`.
pub(super) fn all_of<'a>(words: impl IntoIterator<Item = &'a str>) -> Hole {
    listed(words, "{first} and {last}")
}

fn listed<'a>(words: impl IntoIterator<Item = &'a str>, conjunction: &'static str) -> Hole {
    Hole::List(words.into_iter().take(MOST + 1).map(str::to_owned).collect(), conjunction)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn said(hole: Hole) -> String {
        sentence!("{list}", list = hole).to_string()
    }

    #[test]
    fn lists_of_words_are_cut_when_they_are_long() {
        assert_eq!(said(any_of(["a"])), "\"a\"");
        assert_eq!(said(any_of(["a", "b"])), "\"a\" or \"b\"");
        assert_eq!(said(all_of(["a", "b", "c"])), "\"a\", \"b\" and \"c\"");
        let many: Vec<String> = (0..99).map(|n| n.to_string()).collect();
        assert!(said(any_of(many.iter().map(String::as_str))).ends_with(", \"23\" and others"));
    }

    #[test]
    fn a_translation_has_its_own_order_and_what_fills_a_hole_is_not_looked_at_again() {
        let sentence = sentence!("no {thing} {name}", thing = sentence!("group"), name = "{thing}");
        assert_eq!(sentence.to_string(), "no group {thing}");
        let chinese = |template: &str| match template {
            "no {thing} {name}" => Some("没有名为 {name} 的{thing}"),
            "group" => Some("分组"),
            _ => None,
        };
        assert_eq!(sentence.say(&chinese), "没有名为 {thing} 的分组");
    }
}
