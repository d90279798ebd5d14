//! What is wrong with a field, as a sentence that is still to be said in some language.

use crate::lesson::{Said, Words};
use crate::scenario::Sentence;

/// One thing that is wrong with one field, and what would be right.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Wrong {
    /// The catalogue's key of the sentence.
    pub key: &'static str,
    /// What fills its holes.
    pub holes: Vec<(&'static str, String)>,
    /// Holes that are filled with sentences about scenario files.
    pub sentences: Vec<(&'static str, Sentence)>,
}

impl Wrong {
    /// A sentence without holes.
    pub(super) fn new(key: &'static str) -> Self {
        Self { key, holes: Vec::new(), sentences: Vec::new() }
    }

    /// Fills a hole.
    pub(super) fn with(mut self, hole: &'static str, value: impl ToString) -> Self {
        self.holes.push((hole, value.to_string()));
        self
    }

    /// Fills a hole with a sentence that has words of its own.
    pub(super) fn saying(mut self, hole: &'static str, sentence: Sentence) -> Self {
        self.sentences.push((hole, sentence));
        self
    }

    /// The sentence.
    pub fn say(&self, words: &Words) -> String {
        let said = |(hole, sentence): &(&'static str, Sentence)| {
            (*hole, sentence.say(&|template| words.problem(template)))
        };
        let sentences: Vec<(&str, String)> = self.sentences.iter().map(said).collect();
        let holes: Vec<(&str, &dyn Said)> =
            self.holes.iter().chain(&sentences).map(|(hole, value)| (*hole, value as &dyn Said)).collect();
        words.fill(self.key, &holes)
    }
}

/// What is wrong with a form, by the names of its fields.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Wrongs(Vec<(&'static str, Wrong)>);

impl Wrongs {
    /// What is wrong with one field.
    pub fn of(&self, field: &str) -> Option<&Wrong> {
        self.0.iter().find(|(name, _)| *name == field).map(|(_, wrong)| wrong)
    }

    /// Every wrong field, in the order of the form.
    pub fn iter(&self) -> impl Iterator<Item = (&'static str, &Wrong)> {
        self.0.iter().map(|(field, wrong)| (*field, wrong))
    }
}

/// Collects what is wrong while a form is being read.
#[derive(Debug, Default)]
pub(super) struct Checks(Wrongs);

impl Checks {
    /// The value of a field, if it is right.
    pub(super) fn take<T>(&mut self, field: &'static str, read: Result<T, Wrong>) -> Option<T> {
        read.map_err(|wrong| self.0.0.push((field, wrong))).ok()
    }

    /// Takes over the fields of a part of the form.
    pub(super) fn part<T>(&mut self, read: Result<T, Wrongs>) -> Option<T> {
        read.map_err(|wrongs| self.0.0.extend(wrongs.0)).ok()
    }

    /// Something is wrong with a field although it can be read by itself.
    pub(super) fn object(&mut self, field: &'static str, wrong: Wrong) {
        self.0.0.push((field, wrong));
    }

    /// The value of the form, if nothing is wrong.
    pub(super) fn finish<T>(self, value: Option<T>) -> Result<T, Wrongs> {
        match value {
            Some(value) if self.0.0.is_empty() => Ok(value),
            _ => Err(self.0),
        }
    }
}
