//! The SQL-92 filter: a condition on a message's properties, compiled once and asked of each message.
//!
//! ```
//! use mqscope::rules::filter::sql::{EndOfInput, Filter, Truth};
//!
//! let filter = Filter::compile("region = 'north' AND amount > 100", EndOfInput::Required).expect("a condition");
//! let order = |name: &str| match name {
//!     "region" => Some("north"),
//!     "amount" => Some("250"),
//!     _ => None,
//! };
//! assert_eq!(filter.evaluate(&order), Ok(Truth::True));
//!
//! let problem = Filter::compile("region != 'north'", EndOfInput::Required).unwrap_err();
//! assert_eq!(problem.to_string(), "character 8: `!` has no meaning here; not equal is written <>.");
//! ```
//!
//! Properties are texts. A number in the expression decides what the text next to it is read as; a text that cannot be
//! read so is an error, which is neither true nor false nor unknown, and a message whose filter fails is not delivered.
//! A property that is missing makes most of what it touches unknown. The pieces: [`token`] reads words, `parse` and
//! `build` make an [`Expr`] of them, [`evaluate`] asks it.
//!
//! Source: `SelectorParser.jj`, and the classes of `org.apache.rocketmq.filter.expression`.

mod build;
pub mod evaluate;
pub mod expr;
mod number;
mod parse;
pub mod problem;
pub mod token;

pub use evaluate::{EvaluationError, Truth};
pub use expr::Expr;
pub use problem::{CompileError, Problem};

/// The most characters an expression may have. Ours: RocketMQ has no such limit.
pub const LENGTH_MAX: usize = 65_536;

/// The deepest nesting of an expression. Ours: in RocketMQ it is the size of a thread's stack.
pub const DEPTH_MAX: usize = 1_000;

/// What may stand behind a complete condition.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum EndOfInput {
    /// Nothing: what people mean.
    Required,
    /// Anything, as in RocketMQ, whose grammar never asks for the end: `a = 1 b` is `a = 1`. Only the next word must be
    /// readable, because the parser has to look at it to know that the condition is over.
    NotChecked,
}

/// A compiled condition.
#[derive(Clone, Debug, PartialEq)]
pub struct Filter {
    expr: Expr,
}

impl Filter {
    /// Compiles a condition; the error says where it is wrong, and what would be right.
    ///
    /// Source: `SelectorParser.parse`.
    pub fn compile(text: &str, end: EndOfInput) -> Result<Self, CompileError> {
        parse::condition(text, end).map(|expr| Self { expr })
    }

    /// The condition as a tree.
    pub fn expr(&self) -> &Expr {
        &self.expr
    }

    /// What the condition says of a message with these properties.
    pub fn evaluate<'a>(
        &'a self,
        properties: &dyn Fn(&str) -> Option<&'a str>,
    ) -> Result<Truth, EvaluationError> {
        self.expr.evaluate(properties)
    }

    /// Is a message with these properties delivered? Only if the condition is true of it.
    ///
    /// Source: `ExpressionMessageFilter.isMatchedByCommitLog`.
    pub fn delivers<'a>(&'a self, properties: &dyn Fn(&str) -> Option<&'a str>) -> bool {
        self.evaluate(properties) == Ok(Truth::True)
    }
}

#[cfg(test)]
mod tests;
