//! What is wrong with a filter, in sentences that can be said in both languages. The SQL-92 parser says where; here
//! stands what to say about it.

use super::form::Flaw;
use super::sentence::{Sentence, sentence};
use crate::broker::spec::FilterSpec;
use crate::broker::subscription::{Filter, FilterProblem};
use crate::rules::filter::sql::problem::{Orderless, Problem, Wanted};
use crate::rules::filter::sql::{DEPTH_MAX, LENGTH_MAX};

/// What is wrong with a filter, and what would be right; nothing if it can be used.
pub fn filter_problem(filter: &FilterSpec, strict_eof: bool) -> Option<(Sentence, Sentence)> {
    let Flaw { what, instead } = flaw(filter, strict_eof)?;
    Some((what, instead))
}

pub(super) fn flaw(filter: &FilterSpec, strict_eof: bool) -> Option<Flaw> {
    Some(match Filter::compile(filter, strict_eof).err()? {
        FilterProblem::Tags(_) => Flaw {
            what: sentence!("there is no tag between the || signs"),
            instead: sentence!("write tags as in \"A || B\", or \"*\" for all messages"),
        },
        FilterProblem::Sql(error) => {
            let (what, instead) = condition(&error.problem);
            Flaw { what: sentence!("character {at}: {what}", at = error.at + 1, what = what), instead }
        }
    })
}

fn code(text: &str) -> String {
    format!("`{text}`")
}

fn condition(problem: &Problem) -> (Sentence, Sentence) {
    match problem {
        Problem::TooLong { length } => (
            sentence!("the condition has {count} characters", count = *length),
            sentence!("write at most {most}", most = LENGTH_MAX),
        ),
        Problem::TooDeep => (
            sentence!("this is nested too deeply"),
            sentence!("nest at most {most} levels", most = DEPTH_MAX),
        ),
        Problem::UnknownCharacter(c) => {
            (sentence!("{found} has no meaning here", found = code(&c.to_string())), instead_of(*c))
        }
        Problem::UnclosedText => (
            sentence!("this text has no closing quote"),
            sentence!("close it; a quote inside a text is written twice, as in 'it''s'"),
        ),
        Problem::UnclosedComment => (sentence!("this comment has no end"), sentence!("close it with */")),
        Problem::Unexpected { wanted, found: Some(found) } => {
            (sentence!("{found} cannot stand here", found = code(found)), wanted_here(*wanted))
        }
        Problem::Unexpected { wanted, found: None } => {
            (sentence!("the condition ends too early"), wanted_here(*wanted))
        }
        Problem::IntegerTooLarge(number) => (
            sentence!("{number} is too large", number = number.as_str()),
            sentence!("whole numbers go up to {most}", most = i64::MAX as u64),
        ),
        Problem::DoubleTooLarge(number) => (
            sentence!("{number} is too large", number = number.as_str()),
            sentence!("numbers with a fraction go up to {most}", most = format!("{:e}", f64::MAX)),
        ),
        Problem::DoubleTooSmall(number) => (
            sentence!("{number} is zero or too near to it, which RocketMQ refuses", number = number.as_str()),
            sentence!("write 0"),
        ),
        Problem::NotACondition => (
            sentence!("this is a value, not a condition"),
            sentence!("compare it with something, as in a = 5"),
        ),
        Problem::EqualToNull => {
            (sentence!("nothing can be compared with NULL"), sentence!("write IS NULL or IS NOT NULL"))
        }
        Problem::TruthBeforeConstant => (
            sentence!("TRUE and FALSE cannot be compared with this"),
            sentence!("put a property or a condition here"),
        ),
        Problem::NoOrder(what) => (
            match what {
                Orderless::Text => sentence!("this is a text, and only numbers are smaller or larger"),
                Orderless::Truth => {
                    sentence!("this is TRUE or FALSE, and only numbers are smaller or larger")
                }
                Orderless::Null => sentence!("this is NULL, and only numbers are smaller or larger"),
                Orderless::Condition => {
                    sentence!("this is a condition, and only numbers are smaller or larger")
                }
            },
            sentence!("put a property or a number here"),
        ),
        Problem::RangeReversed => {
            (sentence!("this range is empty"), sentence!("BETWEEN needs the smaller number first"))
        }
        Problem::InWithoutProperty => (
            sentence!("IN asks about a property"),
            sentence!("write its name on the left, as in a IN ('x', 'y')"),
        ),
        Problem::AfterTheEnd(found) => (
            sentence!("the condition is complete before {found}", found = code(found)),
            match found.as_str() {
                "+" | "-" => sentence!("there is no arithmetic, and a comment after -- needs a line end"),
                _ => sentence!("join conditions with AND or OR"),
            },
        ),
    }
}

fn instead_of(c: char) -> Sentence {
    match c {
        '!' => sentence!("not equal is written <>"),
        '"' | '\u{2018}' | '\u{2019}' | '\u{201c}' | '\u{201d}' => {
            sentence!("texts stand between straight single quotes, as in 'x'")
        }
        '&' => sentence!("two conditions are joined with AND"),
        '|' => sentence!("two conditions are joined with OR"),
        '*' | '/' | '%' => sentence!("there is no arithmetic; compare the property with a number"),
        '.' => sentence!("the names of properties have no dots"),
        _ if c.is_alphabetic() => sentence!("names have letters A to Z, digits, _ and $"),
        _ => sentence!("leave it out, or put it between quotes if it belongs to a text"),
    }
}

fn wanted_here(wanted: Wanted) -> Sentence {
    match wanted {
        Wanted::Operand => sentence!("a property, a number, a text in quotes, NOT or ( has to come"),
        Wanted::Closing => sentence!("the open ( has to be closed with )"),
        Wanted::List => sentence!("a list in ( ) has to come after IN"),
        Wanted::TextInList => sentence!("the list of IN holds texts in quotes, as in ('x', 'y')"),
        Wanted::CommaOrClosing => sentence!("a , and another text, or ) has to come"),
        Wanted::SearchText => sentence!("a text in quotes has to come"),
        Wanted::AndOfBetween => sentence!("BETWEEN needs AND and an upper limit, as in BETWEEN 1 AND 9"),
        Wanted::AfterNot => {
            sentence!("BETWEEN, IN, CONTAINS, STARTSWITH or ENDSWITH has to follow NOT here")
        }
        Wanted::AfterIs => sentence!("IS is followed by NULL or NOT NULL"),
    }
}
