//! Which messages of a topic a subscription wants.

use super::{Checks, Wrong, Wrongs};
use crate::broker::World;
use crate::broker::spec::FilterSpec;
use crate::scenario::{filter_problem, limits};

/// The two kinds of filters.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FilterKind {
    /// Tags, or `*`.
    Tags,
    /// An SQL-92 condition.
    Sql,
}

impl FilterKind {
    /// Both.
    pub const ALL: [Self; 2] = [Self::Tags, Self::Sql];

    /// A word for the catalogue's keys.
    pub fn name(self) -> &'static str {
        match self {
            Self::Tags => "tags",
            Self::Sql => "sql",
        }
    }
}

/// What is typed for a filter.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FilterForm {
    /// Tags or a condition?
    pub kind: FilterKind,
    /// The expression.
    pub text: String,
}

impl FilterForm {
    /// A filter as one would type it.
    pub fn of(filter: &FilterSpec) -> Self {
        let kind = if matches!(filter, FilterSpec::Sql(_)) { FilterKind::Sql } else { FilterKind::Tags };
        Self { kind, text: filter.expression().to_owned() }
    }

    /// The filter it stands for.
    pub fn check(&self, world: &World) -> Result<FilterSpec, Wrongs> {
        let mut checks = Checks::default();
        let text = self.text.trim();
        let filter = match self.kind {
            FilterKind::Tags => FilterSpec::tags(text),
            FilterKind::Sql => FilterSpec::Sql(text.to_owned()),
        };
        if text.is_empty() {
            checks.object("filter", Wrong::new("control.wrong_filter_empty"));
        } else if text.chars().count() as u64 > limits::FILTER_CHARS {
            checks.object("filter", Wrong::new("control.wrong_too_many").with("most", limits::FILTER_CHARS));
        } else if let Some((what, instead)) = filter_problem(&filter, world.settings.sql_strict_eof) {
            let wrong = Wrong::new("control.wrong_filter");
            checks.object("filter", wrong.saying("what", what).saying("instead", instead));
        }
        checks.finish(Some(filter))
    }
}
