//! The transaction check.

use mqscope::rules::transaction::{self, CheckTimes};
use serde_json::Value;

use crate::Answer;
use crate::fields::{answer, answers, integer, text, text_or_none};

/// `transaction_check`: is a half message given up, skipped, or left alone yet?
pub(crate) fn check(row: &Value) -> Answer {
    match text(row, "fn")? {
        "needDiscard" => {
            let before = text_or_none(row, "check_times_prop")?;
            let (is_discarded, after) =
                match transaction::check_times(before, integer(row, "transaction_check_max")?) {
                    CheckTimes::Discard => (true, before.map(str::to_owned)),
                    CheckTimes::Go(times) => (false, Some(times.to_string())),
                };
            Ok(answers(row, [("discard", is_discarded.into()), ("check_times_prop_after", after.into())]))
        }
        "needSkip" => {
            let is_skipped = transaction::is_expired(
                integer(row, "age_ms")?,
                integer::<i64>(row, "file_reserved_hours")?.saturating_mul(3_600_000),
            );
            Ok(answer("skip", &row["skip"], is_skipped))
        }
        "getImmunityTime" => {
            let secs = text_or_none(row, "check_immunity_seconds_prop")?;
            let immunity = transaction::immunity_ms(secs, integer(row, "transaction_timeout_ms")?);
            Ok(answer("immunity_ms", &row["immunity_ms"], immunity))
        }
        other => Err(format!("`fn` is {other:?}")),
    }
}
