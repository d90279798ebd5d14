//! The scenario file: what good files mean, what is said about bad ones, and that schema and documentation tell the
//! truth. `UPDATE=1 cargo test --test scenario_format` rewrites what is generated.

#[path = "scenario_format/bad.rs"]
mod bad;
#[path = "scenario_format/checker.rs"]
mod checker;
#[path = "scenario_format/good.rs"]
mod good;
#[path = "scenario_format/least.rs"]
mod least;
#[path = "scenario_format/random.rs"]
mod random;
#[path = "scenario_format/schema.rs"]
mod schema;
#[path = "scenario_format/written.rs"]
mod written;

use std::fs;
use std::path::Path;

use mqscope::scenario::{Problems, Scenario};
use serde_json::{Value, json};

/// A small file that uses a bit of everything.
fn base() -> Value {
    json!({
        "format": "mqscope.scenario/1",
        "id": "base",
        "title": { "en": "Base", "zh-CN": "基础" },
        "seed": "42",
        "settings": { "push.threads": 2 },
        "topics": [{ "name": "orders", "write_queues": 4 }, { "name": "payments" }],
        "producers": [{
            "name": "shop",
            "topic": "orders",
            "pattern": { "bursts": { "per_second": 1, "burst_per_second": 10, "every": "10s", "lasting": "2s" } },
            "message": { "tags": ["created"], "properties": { "region": "eu" } },
        }],
        "groups": [{
            "name": "billing",
            "mode": "clustering",
            "subscribe": [{ "topic": "orders", "filter": "*" }],
            "consumers": [
                { "name": "C1", "threads": 1, "processing": { "constant": "20ms" }, "failure": "1/10" },
                { "name": "C2", "processing": { "uniform": { "min": "10ms", "max": "30ms" } } },
            ],
        }],
        "actions": [{ "at": "7s", "do": { "crash": { "consumer": "billing/C1" } } }],
        "markers": [{ "at": "7s", "label": { "en": "Crash", "zh-CN": "宕机" } }],
        "captions": [{ "at": "0s", "until": "5s", "text": { "en": "Look.", "zh-CN": "看。" } }],
        "stop_after_messages": 100,
        "until": "60s",
    })
}

fn parse(value: &Value) -> Result<Scenario, Problems> {
    Scenario::parse(&value.to_string())
}

fn good(value: &Value) -> Scenario {
    parse(value).unwrap_or_else(|problems| panic!("{problems}"))
}

/// What is said about a bad file.
fn said(value: &Value) -> String {
    parse(value).map_or_else(|problems| problems.to_string(), |_| "nothing".into())
}

/// The base with something else at a JSON pointer; the last step may be a new key.
fn base_with(pointer: &str, value: Value) -> Value {
    let mut file = base();
    let (parent, key) = pointer.rsplit_once('/').expect("a pointer has a slash");
    match file.pointer_mut(parent).expect("the parent is there") {
        Value::Array(items) => items[key.parse::<usize>().expect("an index")] = value,
        parent => parent[key] = value,
    }
    file
}

fn generated(path: &str, expected: &str) {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join(path);
    if std::env::var_os("UPDATE").is_some() {
        fs::write(&file, expected).expect("the document is writable");
    }
    let text = fs::read_to_string(&file).unwrap_or_default();
    assert!(text == expected, "{path} is out of date: UPDATE=1 cargo test --test scenario_format");
}

/// A file with one topic, a group, and whatever else is said.
fn with_group(top: &str, group: &str) -> String {
    format!(
        r#"{{"format": "mqscope.scenario/1", "id": "x", "title": {{"en": "X"}}{top},
            "topics": [{{"name": "t", "write_queues": 4}}],
            "groups": [{{"name": "g", "subscribe": [{{"topic": "t"}}], "consumers": [{{"name": "C1"}}]{group}}}]}}"#
    )
}
