//! The numbers of a report by the names under which the page shows them; the tests in a browser use it too.

use std::collections::BTreeMap;

use mqscope::metrics::Report;
use serde_json::Value;

/// Every number of a report, under the path by which the page names it.
pub(crate) fn by_path(report: &Report) -> BTreeMap<String, String> {
    let mut numbers = BTreeMap::new();
    walk(&serde_json::to_value(report).expect("a report is JSON"), "", &mut numbers);
    numbers
}

fn walk(value: &Value, path: &str, numbers: &mut BTreeMap<String, String>) {
    match value {
        Value::Object(fields) => {
            for (name, value) in fields {
                let is_name = matches!(
                    name.as_str(),
                    "format"
                        | "scenario"
                        | "seed"
                        | "topic"
                        | "group"
                        | "caller"
                        | "service"
                        | "producer"
                        | "queue"
                        | "consumer"
                        | "client"
                        | "is_retry"
                        | "little"
                );
                // Topics hold queues and nothing else, so the page leaves the word out.
                let step = if path.starts_with("topics.") && name == "queues" { "" } else { name };
                if !is_name {
                    walk(value, &join(path, step), numbers);
                }
            }
        }
        Value::Array(all) => {
            for one in all {
                walk(one, &join(path, &name(one)), numbers);
            }
        }
        Value::String(text) => drop(numbers.insert(path.to_owned(), text.clone())),
        // A mean is a floating-point number; both sides write it in its shortest exact form.
        Value::Number(number) if number.is_f64() => {
            numbers.insert(path.to_owned(), number.as_f64().unwrap_or_default().to_string());
        }
        other => drop(numbers.insert(path.to_owned(), other.to_string())),
    }
}

/// What tells an element of a list from the others.
fn name(one: &Value) -> String {
    let text = |key: &str| {
        let value = one.get(key)?;
        Some(value.as_str().map_or_else(|| value.to_string(), str::to_owned))
    };
    let topic_and_queue = text("topic").zip(text("queue")).map(|(topic, queue)| format!("{topic}/{queue}"));
    if let Some(name) = topic_and_queue {
        return text("consumer").map_or(name.clone(), |member| format!("{name}@{member}"));
    }
    text("caller")
        .or(text("service"))
        .or(text("producer"))
        .or(text("group"))
        .or(text("consumer"))
        .or(text("client"))
        .or(text("topic"))
        .or(text("queue"))
        .unwrap_or_default()
}

fn join(path: &str, name: &str) -> String {
    match (path, name) {
        ("", name) => name.to_owned(),
        (path, "") => path.to_owned(),
        (path, name) => format!("{path}.{name}"),
    }
}
