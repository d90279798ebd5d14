//! Asking a compiled expression about a message.
//!
//! Operands are evaluated from left to right, and no more of them than needed, so an error to the right of what decides
//! stays hidden. The tables of truth are those of SQL; the rest is what the classes of RocketMQ do with texts that
//! stand where numbers or truth values are compared.
//!
//! Source: `ComparisonExpression`, `LogicExpression`, `UnaryExpression`, `UnaryInExpression`, `PropertyExpression`.

use std::cmp::Ordering;
use std::fmt;

use super::expr::{Constant, Expr, Place, Relation};
use super::number;

/// What a condition says of a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Truth {
    /// The message is delivered.
    True,
    /// It is not.
    False,
    /// It is not: something that is missing decides. SQL's NULL.
    Unknown,
}

/// Why a condition can say nothing of a message. The message is not delivered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum EvaluationError {
    /// A text cannot be read as the number it is compared with.
    NotANumber {
        /// The text.
        text: String,
        /// What it had to be.
        wanted: Number,
    },
    /// A truth value is compared with a text on its right. The other way round it works.
    TruthBeforeText {
        /// The text.
        text: String,
    },
}

/// The kinds of numbers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Number {
    /// A whole number of 32 bits.
    Int,
    /// A whole number of 64 bits.
    Long,
    /// A number with a fraction.
    Double,
}

impl fmt::Display for EvaluationError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotANumber { text, wanted } => {
                let kind = match wanted {
                    Number::Int => "a whole number of 32 bits",
                    Number::Long => "a whole number of 64 bits",
                    Number::Double => "a number",
                };
                write!(f, "'{text}' is not {kind}")
            }
            Self::TruthBeforeText { text } => {
                write!(
                    f,
                    "a truth value cannot be compared with '{text}' on its right; write it on the right"
                )
            }
        }
    }
}

impl std::error::Error for EvaluationError {}

impl From<bool> for Truth {
    fn from(value: bool) -> Self {
        if value { Self::True } else { Self::False }
    }
}

/// `NOT`: unknown stays unknown.
impl std::ops::Not for Truth {
    type Output = Self;

    fn not(self) -> Self {
        match self {
            Self::True => Self::False,
            Self::False => Self::True,
            Self::Unknown => Self::Unknown,
        }
    }
}

/// A value that is there.
#[derive(Clone, Copy, Debug)]
enum Value<'a> {
    Truth(bool),
    Text(&'a str),
    Int(i32),
    Long(i64),
    Double(f64),
}

/// Where values come from.
type Properties<'a, 'p> = &'p dyn Fn(&str) -> Option<&'a str>;

impl Expr {
    /// What this condition says of a message. Asked of an expression that is no condition, it takes a value for
    /// unknown.
    ///
    /// Source: `Expression.evaluate`.
    pub fn evaluate<'a>(&'a self, properties: Properties<'a, '_>) -> Result<Truth, EvaluationError> {
        match self {
            Self::Constant(Constant::Truth(value)) => Ok((*value).into()),
            Self::Constant(_) | Self::Property(_) | Self::Negate(_) => Ok(Truth::Unknown),
            Self::Bare(name) => Ok(properties(name).map_or(Truth::Unknown, |_| Truth::False)),
            Self::Not(operand) => Ok(!operand.evaluate(properties)?),
            Self::All(parts) => decide(parts, Truth::False, properties),
            Self::Any(parts) => decide(parts, Truth::True, properties),
            Self::Equal { left, right, negated } => {
                let truth = equal(left.value(properties)?, right.value(properties)?)?;
                Ok(if *negated { !truth } else { truth })
            }
            Self::Order { left, relation, right } => order(left, *relation, right, properties),
            Self::Between { value, low, high, negated: false } => {
                let above = order(value, Relation::GreaterOrEqual, low, properties)?;
                if above == Truth::False {
                    return Ok(above);
                }
                let below = order(value, Relation::LessOrEqual, high, properties)?;
                Ok(if below == Truth::True { above } else { below })
            }
            Self::Between { value, low, high, negated: true } => {
                let below = order(value, Relation::Less, low, properties)?;
                if below == Truth::True {
                    return Ok(below);
                }
                let above = order(value, Relation::Greater, high, properties)?;
                Ok(if above == Truth::False { below } else { above })
            }
            Self::In { property, texts, negated } => {
                let found = properties(property).map(|text| texts.iter().any(|other| other == text));
                Ok(found.map_or(Truth::Unknown, |found| (found != *negated).into()))
            }
            Self::IsNull { operand, negated } => {
                Ok((operand.value(properties)?.is_none() != *negated).into())
            }
            Self::Search { operand, place, search, negated } => {
                // Nothing contains the empty text, and nothing does not contain it either.
                if search.is_empty() {
                    return Ok(Truth::False);
                }
                let Some(Value::Text(text)) = operand.value(properties)? else { return Ok(Truth::False) };
                let found = match place {
                    Place::Anywhere => text.contains(search.as_str()),
                    Place::Start => text.starts_with(search.as_str()),
                    Place::End => text.ends_with(search.as_str()),
                };
                Ok((found != *negated).into())
            }
        }
    }

    /// The value of an operand; none if it is missing or unknown.
    fn value<'a>(&'a self, properties: Properties<'a, '_>) -> Result<Option<Value<'a>>, EvaluationError> {
        Ok(match self {
            Self::Constant(constant) => match constant {
                Constant::Null => None,
                Constant::Truth(value) => Some(Value::Truth(*value)),
                Constant::Text(text) => Some(Value::Text(text)),
                Constant::Int(value) => Some(Value::Int(*value)),
                Constant::Long(value) => Some(Value::Long(*value)),
                Constant::Double(value) => Some(Value::Double(*value)),
            },
            Self::Property(name) => properties(name).map(Value::Text),
            Self::Negate(operand) => match operand.value(properties)? {
                Some(Value::Int(value)) => Some(Value::Int(value.wrapping_neg())),
                Some(Value::Long(value)) => Some(Value::Long(value.wrapping_neg())),
                Some(Value::Double(value)) => Some(Value::Double(-value)),
                // A property is a text, so there is nothing to negate.
                Some(Value::Text(_) | Value::Truth(_)) | None => None,
            },
            condition => match condition.evaluate(properties)? {
                Truth::True => Some(Value::Truth(true)),
                Truth::False => Some(Value::Truth(false)),
                Truth::Unknown => None,
            },
        })
    }
}

/// `AND` and `OR`: the first part that has the deciding value decides; otherwise one that is unknown makes it unknown.
fn decide<'a>(
    parts: &'a [Expr],
    deciding: Truth,
    properties: Properties<'a, '_>,
) -> Result<Truth, EvaluationError> {
    let mut result = !deciding;
    for part in parts {
        let truth = part.evaluate(properties)?;
        if truth == deciding {
            return Ok(truth);
        }
        if truth == Truth::Unknown {
            result = Truth::Unknown;
        }
    }
    Ok(result)
}

/// `=`. Two that are missing are equal; if only the left is missing, nobody knows; if only the right is, they differ.
fn equal(left: Option<Value<'_>>, right: Option<Value<'_>>) -> Result<Truth, EvaluationError> {
    match (left, right) {
        (None, None) => Ok(Truth::True),
        (None, Some(_)) => Ok(Truth::Unknown),
        (Some(_), None) => Ok(Truth::False),
        (Some(left), Some(right)) => Ok((compare(left, right)? == Ordering::Equal).into()),
    }
}

/// `>` and its relatives. The right operand is not evaluated if the left is missing.
fn order<'a>(
    left: &'a Expr,
    relation: Relation,
    right: &'a Expr,
    properties: Properties<'a, '_>,
) -> Result<Truth, EvaluationError> {
    let Some(left) = left.value(properties)? else { return Ok(Truth::Unknown) };
    let Some(right) = right.value(properties)? else { return Ok(Truth::Unknown) };
    let ordering = match (left, right) {
        // Two texts: both must be numbers.
        (Value::Text(left), Value::Text(right)) => java_order(double(left)?, double(right)?),
        _ => compare(left, right)?,
    };
    Ok(match relation {
        Relation::Greater => ordering.is_gt(),
        Relation::GreaterOrEqual => ordering.is_ge(),
        Relation::Less => ordering.is_lt(),
        Relation::LessOrEqual => ordering.is_le(),
    }
    .into())
}

/// How two values stand to each other, read as the wider of their types, where a text is narrower than everything. A
/// truth value is less than a number, and a number less than a truth value.
fn compare(left: Value<'_>, right: Value<'_>) -> Result<Ordering, EvaluationError> {
    use Value::{Double, Int, Long, Text, Truth};
    Ok(match (left, right) {
        (Text(left), Text(right)) => left.cmp(right),
        (Text(left), Truth(right)) => left.eq_ignore_ascii_case("true").cmp(&right),
        (Text(left), Int(right)) => int(left)?.cmp(&right),
        (Text(left), Long(right)) => long(left)?.cmp(&right),
        (Text(left), Double(right)) => java_order(double(left)?, right),

        (Truth(left), Truth(right)) => left.cmp(&right),
        (Truth(_), Text(text)) => return Err(EvaluationError::TruthBeforeText { text: text.to_owned() }),
        (Truth(_), _) | (_, Truth(_)) => Ordering::Less,

        (Int(left), Text(right)) => left.cmp(&int(right)?),
        (Int(left), Int(right)) => left.cmp(&right),
        (Int(left), Long(right)) => i64::from(left).cmp(&right),
        (Int(left), Double(right)) => java_order(f64::from(left), right),

        (Long(left), Text(right)) => left.cmp(&long(right)?),
        (Long(left), Int(right)) => left.cmp(&i64::from(right)),
        (Long(left), Long(right)) => left.cmp(&right),
        (Long(left), Double(right)) => java_order(left as f64, right),

        (Double(left), Text(right)) => java_order(left, double(right)?),
        (Double(left), Int(right)) => java_order(left, f64::from(right)),
        (Double(left), Long(right)) => java_order(left, right as f64),
        (Double(left), Double(right)) => java_order(left, right),
    })
}

/// Java's order of doubles: -0 before 0, and what is not a number equal to itself and above everything.
fn java_order(left: f64, right: f64) -> Ordering {
    match (left.is_nan(), right.is_nan()) {
        (false, false) => left.total_cmp(&right),
        (left, right) => left.cmp(&right),
    }
}

fn int(text: &str) -> Result<i32, EvaluationError> {
    number::int(text).ok_or_else(|| not_a_number(text, Number::Int))
}

fn long(text: &str) -> Result<i64, EvaluationError> {
    number::long(text).ok_or_else(|| not_a_number(text, Number::Long))
}

fn double(text: &str) -> Result<f64, EvaluationError> {
    number::double(text).ok_or_else(|| not_a_number(text, Number::Double))
}

fn not_a_number(text: &str, wanted: Number) -> EvaluationError {
    EvaluationError::NotANumber { text: text.to_owned(), wanted }
}
