//! Which parts may be put together to an expression, and which may not.
//!
//! Source: `ComparisonExpression`, `ConstantExpression`, `UnaryExpression`, `SelectorParser.asBooleanExpression`.

use super::DEPTH_MAX;
use super::expr::{Constant, Expr, Place, Relation};
use super::number;
use super::problem::{Orderless, Problem};

/// An expression in the making: where it begins, in bytes, and how high its tree is.
pub(super) struct Part {
    pub(super) expr: Expr,
    start: usize,
    height: usize,
}

/// A part, or what is wrong, and where, in bytes.
pub(super) type Built = Result<Part, (usize, Problem)>;

impl Part {
    /// A name or a constant.
    pub(super) fn leaf(expr: Expr, start: usize) -> Built {
        Self::over(expr, start, 0)
    }

    /// The same, with what stands before it and leaves no trace: a parenthesis or a plus sign.
    pub(super) fn starting_at(self, start: usize) -> Self {
        Self { start, ..self }
    }

    pub(super) fn negated(self, start: usize) -> Built {
        Self::over(Expr::Negate(Box::new(self.expr)), start, self.height)
    }

    pub(super) fn not(self, start: usize) -> Built {
        let operand = self.into_condition()?;
        Self::over(Expr::Not(Box::new(operand.expr)), start, operand.height)
    }

    pub(super) fn order(left: Self, relation: Relation, right: Self) -> Built {
        left.check_order()?;
        right.check_order()?;
        let (start, height) = (left.start, left.height.max(right.height));
        let (left, right) = (Box::new(left.expr), Box::new(right.expr));
        Self::over(Expr::Order { left, relation, right }, start, height)
    }

    pub(super) fn between(value: Self, low: Self, high: Self, negated: bool) -> Built {
        for part in [&value, &low, &high] {
            part.check_order()?;
        }
        // Only a range of plain numbers, and only without NOT.
        if !negated && is_reversed(&low.expr, &high.expr) {
            return Err((low.start, Problem::RangeReversed));
        }
        let (start, height) = (value.start, value.height.max(low.height).max(high.height));
        let (value, low, high) = (Box::new(value.expr), Box::new(low.expr), Box::new(high.expr));
        Self::over(Expr::Between { value, low, high, negated }, start, height)
    }

    pub(super) fn equal(left: Self, negated: bool, right: Self) -> Built {
        for part in [&left, &right] {
            if part.expr == Expr::Constant(Constant::Null) {
                return Err((part.start, Problem::EqualToNull));
            }
        }
        let is_truth = |expr: &Expr| matches!(expr, Expr::Constant(Constant::Truth(_)));
        let is_other = |expr: &Expr| matches!(expr, Expr::Constant(_)) && !is_truth(expr);
        if is_truth(&left.expr) && is_other(&right.expr) {
            return Err((right.start, Problem::TruthBeforeConstant));
        }
        let (start, height) = (left.start, left.height.max(right.height));
        let (left, right) = (Box::new(left.expr), Box::new(right.expr));
        Self::over(Expr::Equal { left, right, negated }, start, height)
    }

    pub(super) fn list(self, texts: Vec<String>, negated: bool) -> Built {
        match self.expr {
            Expr::Property(property) => Self::over(Expr::In { property, texts, negated }, self.start, 0),
            _ => Err((self.start, Problem::InWithoutProperty)),
        }
    }

    pub(super) fn search(self, place: Place, search: String, negated: bool) -> Built {
        let operand = Box::new(self.expr);
        Self::over(Expr::Search { operand, place, search, negated }, self.start, self.height)
    }

    pub(super) fn null_test(self, negated: bool) -> Built {
        Self::over(Expr::IsNull { operand: Box::new(self.expr), negated }, self.start, self.height)
    }

    /// Conditions joined by `AND` or `OR`. However many, the tree is one level higher.
    pub(super) fn joined(parts: Vec<Self>, join: fn(Vec<Expr>) -> Expr) -> Built {
        let height = parts.iter().map(|part| part.height).max().unwrap_or(0);
        let start = parts.first().map_or(0, |part| part.start);
        Self::over(join(parts.into_iter().map(|part| part.expr).collect()), start, height)
    }

    /// The part where a condition has to stand.
    pub(super) fn into_condition(self) -> Built {
        match self.expr {
            Expr::Property(name) => Ok(Self { expr: Expr::Bare(name), ..self }),
            expr if expr.is_condition() => Ok(Self { expr, ..self }),
            _ => Err((self.start, Problem::NotACondition)),
        }
    }

    /// An expression whose highest part has this height.
    fn over(expr: Expr, start: usize, height: usize) -> Built {
        if height >= DEPTH_MAX {
            return Err((start, Problem::TooDeep));
        }
        Ok(Self { expr, start, height: height + 1 })
    }

    /// Only numbers have an order, and what may be one when it is evaluated.
    fn check_order(&self) -> Result<(), (usize, Problem)> {
        let what = match &self.expr {
            Expr::Constant(Constant::Int(_) | Constant::Long(_) | Constant::Double(_)) => return Ok(()),
            Expr::Constant(Constant::Text(_)) => Orderless::Text,
            Expr::Constant(Constant::Truth(_)) => Orderless::Truth,
            Expr::Constant(Constant::Null) => Orderless::Null,
            expr if expr.is_condition() => Orderless::Condition,
            _ => return Ok(()),
        };
        Err((self.start, Problem::NoOrder(what)))
    }
}

/// A text with its quotes once.
pub(super) fn unquoted(text: &str) -> String {
    text.replace("''", "'")
}

/// A whole number, with or without its `L`; the narrowest type that it fits into.
pub(super) fn integer(text: &str) -> Result<Constant, Problem> {
    let value = number::long(text.trim_end_matches(['l', 'L']));
    let value = value.ok_or_else(|| Problem::IntegerTooLarge(text.to_owned()))?;
    Ok(i32::try_from(value).map_or(Constant::Long(value), Constant::Int))
}

/// A number with a fraction or an exponent. RocketMQ takes the smallest positive double for the smallest double.
pub(super) fn double(text: &str) -> Result<Constant, Problem> {
    match number::double(text) {
        Some(value) if value > f64::MAX => Err(Problem::DoubleTooLarge(text.to_owned())),
        Some(value) if value > 0.0 => Ok(Constant::Double(value)),
        _ => Err(Problem::DoubleTooSmall(text.to_owned())),
    }
}

/// Are these two numbers, the larger one first?
fn is_reversed(low: &Expr, high: &Expr) -> bool {
    let (Expr::Constant(low), Expr::Constant(high)) = (low, high) else { return false };
    match (whole(low), whole(high)) {
        (Some(low), Some(high)) => high < low,
        _ => as_double(high) < as_double(low),
    }
}

fn whole(constant: &Constant) -> Option<i64> {
    match constant {
        Constant::Int(value) => Some(i64::from(*value)),
        Constant::Long(value) => Some(*value),
        _ => None,
    }
}

fn as_double(constant: &Constant) -> Option<f64> {
    match constant {
        Constant::Double(value) => Some(*value),
        _ => whole(constant).map(|value| value as f64),
    }
}
