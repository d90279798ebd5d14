//! A checker of the part of JSON Schema that ours uses, patterns left out.

use mqscope::scenario::schema;
use serde_json::{Value, json};

pub(super) fn check_schema(file: &Value) {
    if let Some(flaw) = schema_flaw(file) {
        panic!("against the schema: {flaw}");
    }
}

pub(super) fn schema_flaw(file: &Value) -> Option<String> {
    let schema = schema();
    flaw_in(&schema, &schema, file, "")
}

fn flaw_in(root: &Value, schema: &Value, value: &Value, at: &str) -> Option<String> {
    for (keyword, rule) in schema.as_object()? {
        let number = |value: &Value| value.as_f64().unwrap_or(f64::NAN);
        let holds = match keyword.as_str() {
            "$schema" | "$defs" | "title" | "description" | "default" | "pattern" | "required"
            | "propertyNames" => true,
            "type" => match rule.as_str()? {
                "object" => value.is_object(),
                "array" => value.is_array(),
                "string" => value.is_string(),
                "number" => value.is_number(),
                "boolean" => value.is_boolean(),
                "integer" => value.as_f64().is_some_and(|number| number.fract() == 0.0),
                other => panic!("type {other}"),
            },
            "const" => value == rule,
            "enum" => rule.as_array()?.contains(value),
            "minimum" => !value.is_number() || number(value) >= number(rule),
            "maximum" => !value.is_number() || number(value) <= number(rule),
            "minLength" => {
                value.as_str().is_none_or(|text| text.chars().count() as u64 >= rule.as_u64().unwrap_or(0))
            }
            "maxLength" => {
                value.as_str().is_none_or(|text| text.chars().count() as u64 <= rule.as_u64().unwrap_or(0))
            }
            "minItems" => {
                value.as_array().is_none_or(|items| items.len() as u64 >= rule.as_u64().unwrap_or(0))
            }
            "maxItems" => {
                value.as_array().is_none_or(|items| items.len() as u64 <= rule.as_u64().unwrap_or(0))
            }
            "minProperties" => {
                value.as_object().is_none_or(|map| map.len() as u64 >= rule.as_u64().unwrap_or(0))
            }
            "maxProperties" => {
                value.as_object().is_none_or(|map| map.len() as u64 <= rule.as_u64().unwrap_or(0))
            }
            "anyOf" => rule.as_array()?.iter().any(|option| flaw_in(root, option, value, at).is_none()),
            "$ref" => {
                let target =
                    root.pointer(rule.as_str()?.trim_start_matches('#')).expect("references lead somewhere");
                match flaw_in(root, target, value, at) {
                    None => true,
                    flaw => return flaw,
                }
            }
            "items" => {
                let items = value.as_array().into_iter().flatten().enumerate();
                let flaw =
                    items.into_iter().find_map(|(n, item)| flaw_in(root, rule, item, &format!("{at}/{n}")));
                match flaw {
                    None => true,
                    flaw => return flaw,
                }
            }
            "properties" | "additionalProperties" => {
                let known = schema.get("properties").and_then(Value::as_object);
                let mut items = value.as_object().into_iter().flatten();
                let flaw = items.find_map(|(key, item)| {
                    let at = format!("{at}/{key}");
                    match (known.and_then(|known| known.get(key)), keyword.as_str()) {
                        (Some(rule), "properties") => flaw_in(root, rule, item, &at),
                        (None, "additionalProperties") if *rule == json!(false) => {
                            Some(format!("{at} is unknown"))
                        }
                        (None, "additionalProperties") => flaw_in(root, rule, item, &at),
                        _ => None,
                    }
                });
                match flaw {
                    None => true,
                    flaw => return flaw,
                }
            }
            other => panic!("keyword {other}"),
        };
        if !holds {
            return Some(format!("{at}: {keyword} {rule}"));
        }
    }
    let required = schema.get("required").and_then(Value::as_array).into_iter().flatten();
    let mut missing =
        required.filter(|key| value.is_object() && value.get(key.as_str().unwrap_or_default()).is_none());
    missing.next().map(|key| format!("{at} lacks {key}"))
}
