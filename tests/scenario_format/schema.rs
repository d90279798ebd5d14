//! That schema and documentation tell the truth.

use std::fs;
use std::path::Path;

use mqscope::broker::Settings;
use mqscope::scenario::{SETTINGS, Scenario, bundled, schema, tables};
use serde_json::{Value, json};

use crate::checker::{check_schema, schema_flaw};
use crate::{base, base_with, generated, good, parse, said};

#[test]
fn the_schema_is_up_to_date() {
    let text = serde_json::to_string_pretty(&schema()).expect("a schema is JSON");
    generated("docs/scenario.schema.json", &(text + "\n"));
}

#[test]
fn the_documentation_holds_every_table() {
    let path = "docs/scenario.md";
    let mut text = fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join(path)).expect("it is there");
    for (name, table) in tables() {
        let (begin, end) = (format!("<!-- {name} -->\n"), format!("<!-- end of {name} -->"));
        let start = text.find(&begin).unwrap_or_else(|| panic!("{path} has no table {name}")) + begin.len();
        let stop = start + text[start..].find(&end).unwrap_or_else(|| panic!("table {name} has no end"));
        text.replace_range(start..stop, &table);
        assert!(text.contains(&format!("# {name}\n")) || name == "limits", "links to {name} need a heading");
    }
    assert_eq!(
        text.matches("<!-- end of ").count(),
        tables().len(),
        "{path} has a table that the code does not write"
    );
    generated(path, &text);
    // Its example is a scenario, and its problems are what is said.
    let example =
        text.split("```json\n").nth(1).and_then(|rest| rest.split("```").next()).expect("an example");
    assert!(Scenario::parse(example).is_ok(), "the example");
    let problems =
        text.split("```text\n").nth(1).and_then(|rest| rest.split("```").next()).expect("problems");
    let mut file = base_with("/groups/0/consumers/1/threads", json!("two"));
    file["topics"][0]["write_queues"] = json!(1_000_000_000);
    file["actions"][0]["do"] = json!({ "crash": { "consumer": "billing/C9" } });
    assert_eq!(said(&file) + "\n", problems);
}

/// Leaving a key out means the same as writing its documented default.
#[test]
fn documented_defaults_are_the_real_ones() {
    let schema = schema();
    let written = {
        let mut file = base();
        file["topics"] = json!([{ "name": "orders" }]);
        file["producers"][0]["message"] = json!({});
        file["actions"][0]["do"] = json!({ "fail_next": { "consumer": "billing/C1" } });
        file
    };
    let places = [
        ("", ""),
        ("/topics/0", "topic"),
        ("/producers/0", "producer"),
        ("/producers/0/message", "message"),
        ("/groups/0", "group"),
        ("/groups/0/subscribe/0", "subscription"),
        ("/groups/0/consumers/1", "consumer"),
        ("/actions/0/do/fail_next", "fail_next"),
    ];
    let mut tried = 0;
    for (place, name) in places {
        let definition = if name.is_empty() { &schema } else { &schema["$defs"][name] };
        for (key, property) in definition["properties"].as_object().expect("an object has keys") {
            let Some(default) = property.get("default") else { continue };
            let (mut without, mut with) = (written.clone(), written.clone());
            let object = |file: &mut Value| file.pointer_mut(place).and_then(Value::as_object_mut).cloned();
            let mut map = object(&mut without).expect("the place is there");
            // Things that others speak of cannot be left out.
            if matches!(&**key, "topics" | "groups" | "consumers" | "services") {
                continue;
            }
            map.remove(key);
            if key == "producers" {
                without["actions"] = json!([]);
            }
            *without.pointer_mut(place).expect("the place is there") = Value::Object(map.clone());
            map.insert(key.clone(), default.clone());
            *with.pointer_mut(place).expect("the place is there") = Value::Object(map);
            assert_eq!(parse(&without), parse(&with), "{place}/{key}");
            assert!(parse(&with).is_ok(), "{place}/{key}: {}", said(&with));
            tried += 1;
        }
    }
    assert!(tried >= 20, "{tried} defaults tried");
    let settings = schema["$defs"]["settings"]["properties"].as_object().expect("settings have names");
    assert_eq!(settings.len(), SETTINGS.len());
    for (name, property) in settings {
        let with = base_with("/settings", json!({ name: property["default"] }));
        assert_eq!(good(&with).settings, Settings::default(), "{name}");
    }
}

/// Reader and schema agree on every key of every bundled file: neither takes it under another name.
#[test]
fn a_renamed_key_is_refused_by_reader_and_schema() {
    let mut renamed = 0;
    for (id, text) in bundled() {
        let file: Value = serde_json::from_str(text).expect("bundled files are JSON");
        for pointer in keys_of(&file) {
            let (parent, key) = pointer.rsplit_once('/').expect("a pointer has a slash");
            let mut changed = file.clone();
            let map = changed.pointer_mut(parent).and_then(Value::as_object_mut).expect("an object");
            let value = map.remove(&key.replace("~1", "/")).expect("the key is there");
            map.insert(format!("{key}~"), value);
            // User properties may have any name.
            let free = parent.ends_with("/properties");
            assert_eq!(parse(&changed).is_ok(), free, "{id} with {pointer}~");
            assert_eq!(schema_flaw(&changed).is_none(), free, "{id} with {pointer}~");
            renamed += 1;
        }
    }
    assert!(renamed > 500, "{renamed} keys renamed");
}

/// Whatever the reader takes, the schema takes; where only the value is wrong, both refuse.
#[test]
fn the_schema_refuses_what_the_table_of_problems_calls_the_wrong_kind() {
    let wrong = [
        ("/topics", json!({})),
        ("/topics/0", json!("orders")),
        ("/topics/0/write_queues", json!(0)),
        ("/topics/0/write_queues", json!(2.5)),
        ("/settings/push.threads", json!("20")),
        ("/settings/group.retryLadder", json!([])),
        ("/settings/group.retryLadder", json!("classic")),
        ("/producers/0/pattern/bursts/per_second", json!(-3)),
        ("/producers/0/pattern", json!("always")),
        ("/producers/0/pattern", json!({})),
        ("/groups/0/consumers/0/processing", json!({ "constant": "1s", "exponential": { "mean": "1s" } })),
        ("/groups/0/consumers/0/failure", json!(0.1)),
        ("/groups/0/mode", json!("cluster")),
        ("/groups/0/subscribe", json!([])),
        ("/id", json!("")),
        ("/seed", json!(-1)),
        ("/until", json!(60)),
        ("/title", json!({})),
        ("/format", json!("mqscope.scenario/2")),
    ];
    check_schema(&base());
    for (pointer, value) in wrong {
        let file = base_with(pointer, value);
        assert!(parse(&file).is_err() && schema_flaw(&file).is_some(), "{pointer}: {file}");
    }
}

/// Pointers to every key of every object.
fn keys_of(value: &Value) -> Vec<String> {
    let mut pointers = Vec::new();
    let mut open = vec![(String::new(), value)];
    while let Some((at, value)) = open.pop() {
        match value {
            Value::Object(map) => {
                for (key, item) in map {
                    let pointer = format!("{at}/{key}");
                    pointers.push(pointer.clone());
                    open.push((pointer, item));
                }
            }
            Value::Array(items) => {
                open.extend(items.iter().enumerate().map(|(n, item)| (format!("{at}/{n}"), item)))
            }
            _ => {}
        }
    }
    pointers
}
