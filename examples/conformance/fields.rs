//! Reading rows: a field that is missing or of another kind makes the row unreadable.

use serde_json::Value;

use crate::{Answer, Verdict};

pub(crate) fn field<'a>(row: &'a Value, name: &str) -> Result<&'a Value, String> {
    row.get(name).ok_or_else(|| format!("no field {name}"))
}

pub(crate) fn int(row: &Value, name: &str) -> Result<i64, String> {
    field(row, name)?.as_i64().ok_or_else(|| format!("{name} is no integer"))
}

pub(crate) fn offset(row: &Value, name: &str) -> Result<u64, String> {
    field(row, name)?.as_u64().ok_or_else(|| format!("{name} is no offset"))
}

pub(crate) fn flag(row: &Value, name: &str) -> Result<bool, String> {
    field(row, name)?.as_bool().ok_or_else(|| format!("{name} is neither true nor false"))
}

pub(crate) fn text<'a>(row: &'a Value, name: &str) -> Result<&'a str, String> {
    field(row, name)?.as_str().ok_or_else(|| format!("{name} is no text"))
}

/// A field that may be null.
pub(crate) fn optional_text<'a>(row: &'a Value, name: &str) -> Result<Option<&'a str>, String> {
    if field(row, name)?.is_null() { Ok(None) } else { text(row, name).map(Some) }
}

pub(crate) fn list<'a>(row: &'a Value, name: &str) -> Result<&'a [Value], String> {
    Ok(field(row, name)?.as_array().ok_or_else(|| format!("{name} is no list"))?)
}

pub(crate) fn offsets(row: &Value, name: &str) -> Result<Vec<u64>, String> {
    list(row, name)?
        .iter()
        .map(|o| o.as_u64().ok_or_else(|| format!("{name} has no offset at {o}")))
        .collect()
}

/// Compares the fields that `ours` has with the row's.
pub(crate) fn compare(row: &Value, ours: &Value) -> Answer {
    let fields = ours.as_object().ok_or("our answer has no fields")?;
    for (name, ours) in fields {
        let theirs = field(row, name)?;
        if theirs != ours {
            return Ok(Verdict::Failed(format!("{name}: expected {theirs}, got {ours}")));
        }
    }
    Ok(Verdict::Passed)
}
