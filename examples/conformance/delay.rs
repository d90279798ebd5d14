//! Delay levels and timers.

use std::collections::BTreeMap;

use mqscope::rules::delay::timer::{self, Incoming, TimerSettings};
use mqscope::rules::delay::{DEFAULT_LEVELS, Levels, wheel};
use serde_json::{Value, json};

use crate::Answer;
use crate::fields::{answer, answers, flag, integer, pairs, text};

/// `delay_levels`: what a text of levels means; the level for a delay.
pub(crate) fn levels(row: &Value) -> Answer {
    match text(row, "kind")? {
        "parse" => parse(row),
        "proxy_compute_delay_level" => {
            let level = Levels::default().level_for(integer(row, "delay_ms")?);
            Ok(answer("level", &row["level"], level))
        }
        other => Err(format!("`kind` is {other:?}")),
    }
}

fn parse(row: &Value) -> Answer {
    let written = text(row, "message_delay_level")?;
    let parsed = Levels::parse(written);
    let is_ok = parsed.is_ok();
    let levels = parsed.unwrap_or_else(|error| error.levels);
    let asked = pairs::<i32>(row, "deliver_delay_by_level_ms")?;
    Ok(answers(
        row,
        [
            ("ok", is_ok.into()),
            ("is_default", (written == DEFAULT_LEVELS).into()),
            ("table_ms", levels.table_ms().map(|entry| json!(entry)).collect()),
            ("max_delay_level", levels.max().into()),
            (
                "deliver_delay_by_level_ms",
                asked.iter().map(|(level, _)| json!([level, levels.delay_ms(*level)])).collect(),
            ),
        ],
    ))
}

/// `timer_hook`: what becomes of a message with delay properties.
pub(crate) fn hook(row: &Value) -> Answer {
    let settings = TimerSettings {
        is_wheel_enabled: flag(row, "timer_wheel_enable")?,
        precision_ms: integer(row, "timer_precision_ms")?,
        max_delay_secs: integer(row, "timer_max_delay_sec")?,
        levels: Levels::default(),
    };
    let asked = row["in"].as_object().ok_or("`in` is no object")?;
    let as_text = |value: &Value| value.as_str().map_or_else(|| value.to_string(), str::to_owned);
    let mut message =
        Incoming { topic: "T".to_owned(), queue: 3, properties: BTreeMap::new(), is_unresolved: false };
    for (key, value) in asked {
        let value = as_text(value);
        match key.as_str() {
            "_sysflag" => message.is_unresolved = value.contains("PREPARED") || value.contains("ROLLBACK"),
            "_topic" => message.topic = value,
            _ => _ = message.properties.insert(key.clone(), value),
        }
    }
    let status = match timer::hook(&mut message, &settings, integer(row, "now_ms")?) {
        Ok(()) => "ok",
        Err(refusal) => refusal.name(),
    };
    let counts = |key: &str| key == "DELAY" || key.starts_with("TIMER_") || key.starts_with("REAL_");
    let expected = row["out_props"].as_object().ok_or("`out_props` is no object")?;
    let expected: BTreeMap<_, _> = expected
        .iter()
        .filter(|(key, _)| counts(key))
        .map(|(key, value)| (key.clone(), as_text(value)))
        .collect();
    message.properties.retain(|key, _| counts(key));
    if message.properties != expected {
        return Ok(crate::Verdict::Failed(format!("expected {expected:?}, got {:?}", message.properties)));
    }
    Ok(answers(
        row,
        [
            ("status", status.into()),
            ("out_topic", message.topic.into()),
            ("out_queue_id", message.queue.into()),
        ],
    ))
}

/// `timer_wheel_slots`: the place of a time in the wheel.
pub(crate) fn slots(row: &Value) -> Answer {
    let slot = wheel::slot_index(
        integer(row, "time_ms")?,
        integer(row, "slots_total")?,
        integer(row, "precision_ms")?,
    );
    Ok(answer("slot_index", &row["slot_index"], slot))
}
