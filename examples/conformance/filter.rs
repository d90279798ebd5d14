//! Tags and SQL-92.

use std::collections::BTreeSet;

use mqscope::rules::filter::sql::{EndOfInput, Filter, Truth};
use mqscope::rules::filter::tags::{TagFilter, tag_code};
use mqscope::rules::filter::{ExpressionType, Subscription};
use serde_json::{Value, json};

use crate::Answer;
use crate::fields::{field, is_error, optional_text, same, text};

pub(crate) fn tag_hash(row: &Value) -> Answer {
    same(&json!(tag_code(optional_text(row, "tag")?)), field(row, "tags_code")?)
}

pub(crate) fn tag_subscription(row: &Value) -> Answer {
    // FilterAPI.buildSubscriptionData(topic,sub), or FilterAPI.build(topic,sub,"TAG").
    let function = text(row, "fn")?;
    let kind = match function.split('"').nth(1) {
        None | Some("TAG") => ExpressionType::Tag,
        Some("SQL92") => ExpressionType::Sql92,
        Some(other) => return Err(format!("unknown expression type {other}")),
    };
    let ours = match Subscription::build(kind, optional_text(row, "sub")?) {
        Err(problem) => json!({ "error": problem.to_string() }),
        Ok(Subscription::Tag(filter)) => json!({
            "sub_string": filter.expression(), "tags": filter.tags(), "codes": filter.codes(), "type": "TAG",
        }),
        Ok(Subscription::Sql92(expression)) => json!({
            "sub_string": expression, "tags": [], "codes": [], "type": "SQL92",
        }),
    };
    // Tags and codes are sets: their order is nobody's promise.
    let as_sets = |value: &Value| -> Value {
        let set = |key: &str| -> Option<BTreeSet<String>> {
            Some(value.get(key)?.as_array()?.iter().map(Value::to_string).collect())
        };
        json!([value.get("sub_string"), set("tags"), set("codes"), value.get("type")])
    };
    if is_error(row) || is_error(&ours) { same(&ours, row) } else { same(&as_sets(&ours), &as_sets(row)) }
}

pub(crate) fn tag_match(row: &Value) -> Answer {
    let tag = optional_text(row, "tag")?;
    let ours = match TagFilter::parse(optional_text(row, "sub")?) {
        Err(problem) => json!({ "error": problem.to_string() }),
        Ok(filter) => json!({
            "tags_code": tag_code(tag),
            "broker_match": filter.matches_code(tag_code(tag)),
            "exact_match": filter.matches_tag(tag),
            "delivered": filter.delivers(tag),
        }),
    };
    if is_error(row) || is_error(&ours) {
        return same(&ours, row);
    }
    let keys = ["tags_code", "broker_match", "exact_match", "delivered"];
    let answers =
        |value: &Value| Value::from(keys.map(|key| value.get(key).cloned().unwrap_or_default()).to_vec());
    same(&answers(&ours), &answers(row))
}

pub(crate) fn filter_sql92(row: &Value) -> Answer {
    let properties = field(row, "properties")?.as_object().ok_or("properties are no object")?;
    let lookup = |name: &str| properties.get(name).and_then(Value::as_str);
    let filter = Filter::compile(text(row, "expr")?, EndOfInput::NotChecked);
    let result = match filter.as_ref().map(|filter| filter.evaluate(&lookup)) {
        Err(_) => json!("compile_error"),
        Ok(Err(_)) => json!("eval_error"),
        Ok(Ok(Truth::True)) => json!(true),
        Ok(Ok(Truth::False)) => json!(false),
        Ok(Ok(Truth::Unknown)) => Value::Null,
    };
    same(&result, field(row, "result")?)
}
