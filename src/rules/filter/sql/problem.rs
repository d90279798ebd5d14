//! What is wrong with an expression: where, what, and what would be right.

use std::fmt;

use super::{DEPTH_MAX, LENGTH_MAX};

/// Why an expression does not compile.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CompileError {
    /// How many characters stand before the place.
    pub at: usize,
    /// What is wrong there.
    pub problem: Problem,
}

/// What can be wrong with an expression.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Problem {
    /// The expression is longer than [`LENGTH_MAX`].
    TooLong {
        /// How long it is.
        length: usize,
    },
    /// It is nested deeper than [`DEPTH_MAX`].
    TooDeep,
    /// No word begins with this character.
    UnknownCharacter(char),
    /// A text has no closing quote.
    UnclosedText,
    /// A comment has no end.
    UnclosedComment,
    /// One thing had to come here, and another came.
    Unexpected {
        /// What had to come.
        wanted: Wanted,
        /// What came; `None` is the end of the expression.
        found: Option<String>,
    },
    /// A whole number beyond 64 bits.
    IntegerTooLarge(String),
    /// A number with a fraction or an exponent that is larger than the largest double.
    DoubleTooLarge(String),
    /// A number with a fraction or an exponent that is 0, or nearer to 0 than the smallest double.
    DoubleTooSmall(String),
    /// A condition has to stand here, and this is a value.
    NotACondition,
    /// `=` or `<>` with `NULL`.
    EqualToNull,
    /// `TRUE = 5`: a truth value on the left of a constant that is none.
    TruthBeforeConstant,
    /// `<`, `<=`, `>`, `>=` or `BETWEEN` with something that has no order.
    NoOrder(Orderless),
    /// `BETWEEN 3 AND 1`.
    RangeReversed,
    /// `IN` with something other than a property on its left.
    InWithoutProperty,
    /// Something stands behind the complete condition.
    AfterTheEnd(String),
}

/// What has to come at some place of an expression.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Wanted {
    /// A property, a value, a sign, `NOT` or `(`.
    Operand,
    /// The `)` that closes an open one.
    Closing,
    /// The `(` after `IN`.
    List,
    /// A text in the list of `IN`.
    TextInList,
    /// The `,` or `)` in the list of `IN`.
    CommaOrClosing,
    /// The text after `CONTAINS`, `STARTSWITH` or `ENDSWITH`.
    SearchText,
    /// The `AND` of `BETWEEN`.
    AndOfBetween,
    /// What may follow `NOT` after a value.
    AfterNot,
    /// `NULL` or `NOT NULL` after `IS`.
    AfterIs,
}

/// Operands that have no order.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Orderless {
    /// A text between quotes.
    Text,
    /// `TRUE` or `FALSE`.
    Truth,
    /// `NULL`.
    Null,
    /// A condition, such as another comparison.
    Condition,
}

impl fmt::Display for CompileError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "character {}: {}.", self.at + 1, self.problem)
    }
}

impl std::error::Error for CompileError {}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::TooLong { length } => {
                write!(f, "the expression has {length} characters; it may have {LENGTH_MAX}")
            }
            Self::TooDeep => write!(f, "this is nested too deeply; {DEPTH_MAX} levels are possible"),
            Self::UnknownCharacter(c) => write!(f, "`{c}` has no meaning here; {}", instead_of(*c)),
            Self::UnclosedText => {
                write!(
                    f,
                    "this text has no closing quote; a quote inside a text is written twice, as in 'it''s'"
                )
            }
            Self::UnclosedComment => write!(f, "this comment has no end; close it with */"),
            Self::Unexpected { wanted, found: Some(found) } => {
                write!(f, "`{found}` cannot stand here; {}", wanted.sentence())
            }
            Self::Unexpected { wanted, found: None } => {
                write!(f, "the expression ends too early; {}", wanted.sentence())
            }
            Self::IntegerTooLarge(text) => {
                write!(f, "{text} is too large; whole numbers go up to {}", i64::MAX)
            }
            Self::DoubleTooLarge(text) => {
                write!(f, "{text} is too large; numbers with a fraction go up to {:e}", f64::MAX)
            }
            Self::DoubleTooSmall(text) => {
                write!(f, "{text} is zero, or too near to it, and RocketMQ refuses such fractions; write 0")
            }
            Self::NotACondition => {
                write!(f, "this is a value, not a condition; compare it with something, as in a = 5")
            }
            Self::EqualToNull => {
                write!(f, "nothing can be compared with NULL; write IS NULL or IS NOT NULL")
            }
            Self::TruthBeforeConstant => {
                write!(f, "TRUE and FALSE cannot be compared with this; put a property or a condition here")
            }
            Self::NoOrder(what) => {
                write!(f, "{what}, so it is neither smaller nor larger than anything; only numbers are")
            }
            Self::RangeReversed => {
                write!(f, "this range is empty; BETWEEN needs the smaller number first")
            }
            Self::InWithoutProperty => {
                write!(f, "IN asks about a property; write its name on the left, as in a IN ('x', 'y')")
            }
            Self::AfterTheEnd(found) => {
                let advice = match found.as_str() {
                    "+" | "-" => "there is no arithmetic, and a comment after -- needs a line end",
                    _ => "join conditions with AND or OR",
                };
                write!(f, "the condition is complete before `{found}`; {advice}")
            }
        }
    }
}

/// What to write instead of a character that means nothing.
fn instead_of(c: char) -> &'static str {
    match c {
        '!' => "not equal is written <>",
        '"' | '\u{2018}' | '\u{2019}' | '\u{201c}' | '\u{201d}' => {
            "texts stand between straight single quotes, as in 'x'"
        }
        '&' => "two conditions are joined with AND",
        '|' => "two conditions are joined with OR",
        '*' | '/' | '%' => "there is no arithmetic; compare the property with a number",
        '.' => "the names of properties have no dots",
        _ if c.is_alphabetic() => "names have letters A to Z, digits, _ and $",
        _ => "leave it out, or put it between quotes if it belongs to a text",
    }
}

impl Wanted {
    fn sentence(self) -> &'static str {
        match self {
            Self::Operand => "a property, a number, a text in quotes, NOT or ( has to come",
            Self::Closing => "the open ( has to be closed with )",
            Self::List => "a list in ( ) has to come after IN",
            Self::TextInList => "the list of IN holds texts in quotes, as in ('x', 'y')",
            Self::CommaOrClosing => "a , and another text, or ) has to come",
            Self::SearchText => "a text in quotes has to come",
            Self::AndOfBetween => "BETWEEN needs AND and an upper limit, as in BETWEEN 1 AND 9",
            Self::AfterNot => "BETWEEN, IN, CONTAINS, STARTSWITH or ENDSWITH has to follow NOT here",
            Self::AfterIs => "IS is followed by NULL or NOT NULL",
        }
    }
}

impl fmt::Display for Orderless {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Text => "this is a text",
            Self::Truth => "this is TRUE or FALSE",
            Self::Null => "this is NULL",
            Self::Condition => "this is a condition",
        })
    }
}
