//! Reading rows, and comparing them with our answers. A field that is missing or of another kind makes a row unreadable.

use serde_json::Value;

use crate::{Answer, Verdict};

/// A text.
pub(crate) fn text<'a>(row: &'a Value, name: &str) -> Result<&'a str, String> {
    row[name].as_str().ok_or_else(|| format!("`{name}` is no text"))
}

/// A text that may be null or missing.
pub(crate) fn text_or_none<'a>(row: &'a Value, name: &str) -> Result<Option<&'a str>, String> {
    if row[name].is_null() { Ok(None) } else { text(row, name).map(Some) }
}

/// An integer of any width.
pub(crate) fn integer<T: TryFrom<i64>>(row: &Value, name: &str) -> Result<T, String> {
    as_integer(&row[name]).ok_or_else(|| format!("`{name}` is no integer that fits"))
}

/// An integer that may be null or missing.
pub(crate) fn integer_or_none<T: TryFrom<i64>>(row: &Value, name: &str) -> Result<Option<T>, String> {
    if row[name].is_null() { Ok(None) } else { integer(row, name).map(Some) }
}

/// True or false.
pub(crate) fn flag(row: &Value, name: &str) -> Result<bool, String> {
    row[name].as_bool().ok_or_else(|| format!("`{name}` is neither true nor false"))
}

/// A list.
pub(crate) fn list<'a>(row: &'a Value, name: &str) -> Result<&'a [Value], String> {
    row[name].as_array().map(Vec::as_slice).ok_or_else(|| format!("`{name}` is no list"))
}

/// A list of integers.
pub(crate) fn integers<T: TryFrom<i64>>(row: &Value, name: &str) -> Result<Vec<T>, String> {
    let numbers = list(row, name)?.iter().map(as_integer).collect::<Option<_>>();
    numbers.ok_or_else(|| format!("`{name}` holds something that is no integer that fits"))
}

/// A list of pairs of an integer and anything.
pub(crate) fn pairs<'a, T: TryFrom<i64>>(row: &'a Value, name: &str) -> Result<Vec<(T, &'a Value)>, String> {
    let pair = |pair: &'a Value| Some((as_integer(pair.get(0)?)?, pair.get(1)?));
    let pairs = list(row, name)?.iter().map(pair).collect::<Option<_>>();
    pairs.ok_or_else(|| format!("`{name}` is no list of pairs"))
}

fn as_integer<T: TryFrom<i64>>(value: &Value) -> Option<T> {
    T::try_from(value.as_i64()?).ok()
}

/// An answer of ours that may be an error.
pub(crate) fn or_error<T: Into<Value>, E: std::fmt::Display>(answer: Result<T, E>) -> Value {
    answer.map_or_else(|error| format!("error: {error}").into(), Into::into)
}

/// Is our answer the expected one? Any error is as good as another.
pub(crate) fn is_same(expected: &Value, ours: &Value) -> bool {
    expected == ours || is_error(expected) && is_error(ours)
}

/// Our answer to one question.
pub(crate) fn answer(what: &str, expected: &Value, ours: impl Into<Value>) -> Verdict {
    let ours = ours.into();
    if is_same(expected, &ours) {
        Verdict::Passed
    } else {
        Verdict::Failed(format!("{what}: expected {expected}, got {ours}"))
    }
}

/// Our answers to the fields of a row; the first wrong one counts.
pub(crate) fn answers<const N: usize>(row: &Value, ours: [(&str, Value); N]) -> Verdict {
    let mut verdicts = ours.into_iter().map(|(name, ours)| answer(name, &row[name], ours));
    verdicts.find(|verdict| !matches!(verdict, Verdict::Passed)).unwrap_or(Verdict::Passed)
}

pub(crate) fn field<'a>(row: &'a Value, name: &str) -> Result<&'a Value, String> {
    row.get(name).ok_or_else(|| format!("no field {name}"))
}

pub(crate) fn int(row: &Value, name: &str) -> Result<i64, String> {
    field(row, name)?.as_i64().ok_or_else(|| format!("{name} is no integer"))
}

pub(crate) fn offset(row: &Value, name: &str) -> Result<u64, String> {
    field(row, name)?.as_u64().ok_or_else(|| format!("{name} is no offset"))
}

/// A field that may be null.
pub(crate) fn optional_text<'a>(row: &'a Value, name: &str) -> Result<Option<&'a str>, String> {
    if field(row, name)?.is_null() { Ok(None) } else { text(row, name).map(Some) }
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

/// Is this value an error? Errors are equal whatever their wording.
pub(crate) fn is_error(value: &Value) -> bool {
    value.get("error").is_some() || value.as_str().is_some_and(|text| text.starts_with("error"))
}

/// Passed, if the whole of our answer is the real one.
pub(crate) fn same(ours: &Value, theirs: &Value) -> Answer {
    Ok(answer("the answer", theirs, ours.clone()))
}
