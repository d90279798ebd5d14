//! Everything at its least: no file makes infinitely many things happen in one instant.

use mqscope::scenario::{SETTINGS, Scenario};
use mqscope::session::Session;
use mqscope::sim::{Instant, Span};
use serde_json::{Map, Value, json};
use std::rc::Rc;

use crate::parse;

/// A small world in which everything fails at once, as often as it may.
fn world(settings: &Map<String, Value>, message: &Value, kind: &str, group: &Value) -> Value {
    let consumer = |name: &str| json!({ "name": name, "processing": { "constant": "0s" }, "failure": "1" });
    let mut group = group.clone();
    group["name"] = json!("g");
    group["subscribe"] = json!([{ "topic": "t" }]);
    group["consumers"] = json!([consumer("C1"), consumer("C2")]);
    json!({
        "format": "mqscope.scenario/1",
        "id": "least",
        "title": { "en": "Least" },
        "settings": settings,
        "topics": [{ "name": "t", "type": kind, "write_queues": 2 }],
        "producers": [{ "name": "p", "topic": "t", "pattern": "by_hand", "message": message }],
        "groups": [group],
        "actions": [
            { "at": "5ms", "do": { "send": { "producer": "p", "count": 3 } } },
            { "at": "20ms", "do": { "crash": { "consumer": "g/C1" } } },
            { "at": "30ms", "do": { "throttle": { "lasting": "20ms", "receives": true } } },
            { "at": "40ms", "do": { "send": { "producer": "p", "count": 3 } } },
            { "at": "60ms", "do": { "cut": { "client": "g/C2" } } },
            { "at": "80ms", "do": { "crash_broker": {} } },
        ],
        "until": "200ms",
    })
}

/// Each setting at the least that a file may say, and tries without end where there may be no end of them.
fn least() -> Map<String, Value> {
    let is_taken = |name: &str, value: &Value| {
        let file = json!({
            "format": "mqscope.scenario/1",
            "id": "least",
            "title": { "en": "Least" },
            "settings": { name: value },
        });
        parse(&file).is_ok()
    };
    let values = ["unlimited".into(), "0s".into(), json!(["0s"]), 0.into(), 1.into(), 10.into()];
    let mut settings = Map::new();
    for name in SETTINGS.iter().map(|setting| setting.name) {
        if let Some(value) = values.iter().find(|value| is_taken(name, value)) {
            settings.insert(name.to_owned(), value.clone());
        }
    }
    // Not the least: something is to be retried.
    settings.insert("group.retryMaxTimes".to_owned(), 5.into());
    settings.insert("producer.maxAttempts".to_owned(), 5.into());
    settings.insert("producer.throttleBackoff".to_owned(), "none".into());
    settings.insert("message.maxBodyBytes".to_owned(), 100.into());
    settings
}

#[test]
fn time_goes_on_with_everything_at_its_least() {
    let settings = least();
    assert!(settings.len() > 60 && settings["group.fifoMaxRetryTimes"] == "unlimited");
    assert_eq!(settings["group.fifoRetryIntervalMs"], 1);
    let messages = [
        ("NORMAL", json!({})),
        ("FIFO", json!({ "message_group": "a" })),
        ("DELAY", json!({ "delay": "0s" })),
        ("NORMAL", json!({ "request": "100ms" })),
        ("TRANSACTION", json!({ "transaction": { "takes": "0s", "unknown": "1", "check_unknown": "1" } })),
    ];
    let groups = [
        json!({}),
        json!({ "balance": "queue" }),
        json!({ "delivery_order": "orderly" }),
        json!({ "delivery_order": "orderly", "balance": "queue" }),
        json!({ "mode": "broadcasting" }),
        json!({ "type": "simple" }),
        json!({ "type": "pull" }),
    ];
    let end = Instant::ZERO + Span::from_ms(200);
    for (kind, message) in &messages {
        for group in &groups {
            let file = world(&settings, message, kind, group).to_string();
            let scenario = Scenario::parse(&file).unwrap_or_else(|problems| panic!("{file}: {problems}"));
            let mut session = Session::new(Rc::new(scenario), ());
            assert!(session.run_until(end, 100_000), "at {} in {file}", session.now() - Instant::ZERO);
        }
    }
}
