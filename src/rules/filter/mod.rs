//! Which messages a subscription wants: by tag ([`tags`]), or by an SQL-92 condition on the properties ([`sql`]).

pub mod sql;
pub mod tags;

use std::fmt;

use tags::{SplitsIntoNothing, TagFilter};

/// How a subscription's expression is meant (`ExpressionType`).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ExpressionType {
    /// Tags, the default: [`tags`].
    Tag,
    /// A condition on the message's properties: [`sql`].
    Sql92,
}

/// What a subscription says, as a client sends it to the broker (`SubscriptionData`).
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Subscription {
    /// By tag.
    Tag(TagFilter),
    /// By a condition, not yet compiled: that is the broker's work.
    Sql92(String),
}

/// Why an expression makes no subscription.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SubscriptionProblem {
    /// See [`SplitsIntoNothing`].
    Tags(SplitsIntoNothing),
    /// SQL-92 needs an expression.
    ConditionMissing,
}

impl Subscription {
    /// Makes a subscription. For tags, no expression or an empty one means all messages; for SQL-92 it is an error.
    ///
    /// Source: `FilterAPI.build`.
    pub fn build(kind: ExpressionType, expression: Option<&str>) -> Result<Self, SubscriptionProblem> {
        match (kind, expression) {
            (ExpressionType::Tag, _) => {
                TagFilter::parse(expression).map(Self::Tag).map_err(SubscriptionProblem::Tags)
            }
            (ExpressionType::Sql92, None | Some("")) => Err(SubscriptionProblem::ConditionMissing),
            (ExpressionType::Sql92, Some(text)) => Ok(Self::Sql92(text.to_owned())),
        }
    }
}

impl fmt::Display for SubscriptionProblem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Tags(problem) => problem.fmt(f),
            Self::ConditionMissing => {
                write!(f, "an SQL-92 subscription needs an expression; TRUE subscribes to all messages.")
            }
        }
    }
}

impl std::error::Error for SubscriptionProblem {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_sql_subscription_needs_an_expression() {
        let build = |text| Subscription::build(ExpressionType::Sql92, text);
        assert_eq!(build(None), Err(SubscriptionProblem::ConditionMissing));
        assert_eq!(build(Some("")), Err(SubscriptionProblem::ConditionMissing));
        // It is not compiled here, so anything goes.
        assert_eq!(build(Some("A || B")), Ok(Subscription::Sql92("A || B".to_owned())));
    }
}
