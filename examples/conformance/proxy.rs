//! What the proxy tells its clients, and what it does with messages on their way to them.

use mqscope::rules::filter::tags::TagFilter;
use mqscope::rules::proxy::{self, GroupConfig};
use mqscope::rules::retry::client::Told;
use mqscope::rules::retry::{Exponential, PolicyKind};
use mqscope::rules::validation::Limits;
use serde_json::{Value, json};

use crate::fields::{answer, answers, integer, text, text_or_none};
use crate::{Answer, Verdict};

/// `proxy_settings`.
pub(crate) fn settings(row: &Value) -> Answer {
    match text(row, "kind")? {
        "pop_result_filter" => {
            let received = proxy::received(
                integer(row, "max_attempts")?,
                integer(row, "reconsume_times")?,
                Some(&TagFilter::parse(Some(text(row, "sub")?)).map_err(|error| error.to_string())?),
                text_or_none(row, "tag")?,
            );
            Ok(answer("result", &row["result"], received.name()))
        }
        "subscription" => match group_config(text(row, "group_config")?) {
            Some(group) => Ok(consumer(row, &group)),
            None => Ok(Verdict::NotModelled("a text of group settings that this example cannot read")),
        },
        "producer" => {
            let told = proxy::producer_settings(true, &Limits::default());
            Ok(answers(
                row,
                [
                    ("validate_message_type", told.is_type_checked.into()),
                    ("max_body_size", told.body_bytes_max.into()),
                    ("backoff", backoff(told.attempts_max, &Told::Exponential(told.backoff))),
                ],
            ))
        }
        other => Err(format!("`kind` is {other:?}")),
    }
}

fn consumer(row: &Value, group: &GroupConfig) -> Verdict {
    let told = proxy::consumer_settings(group);
    answers(
        row,
        [
            ("fifo", told.is_fifo.into()),
            ("receive_batch_size", told.receive_batch.into()),
            ("long_polling_timeout_ms", told.long_poll_ms.into()),
            ("backoff", backoff(told.attempts_max, &told.backoff)),
        ],
    )
}

fn backoff(attempts_max: i32, told: &Told) -> Value {
    match told {
        Told::Customized { waits_ms } => json!({
            "max_attempts": attempts_max, "strategy": "CUSTOMIZED_BACKOFF", "customized_ms": waits_ms,
        }),
        Told::Exponential(Exponential { initial_ms, max_ms, multiplier }) => json!({
            "max_attempts": attempts_max, "strategy": "EXPONENTIAL_BACKOFF",
            "exponential": { "initial_ms": initial_ms, "max_ms": max_ms, "multiplier": *multiplier as f64 },
        }),
    }
}

/// Reads "default", or settings such as `retryMaxTimes=3, type=EXPONENTIAL, exponential=(1000, 60000, 3)`.
fn group_config(written: &str) -> Option<GroupConfig> {
    let mut config = GroupConfig::default();
    if written == "default" {
        return Some(config);
    }
    for setting in settings_of(written) {
        let end = setting.find(['=', ':', '(', '[', '{', ' ']).unwrap_or(setting.len());
        let (name, value) = setting.split_at(end);
        let value = value.trim_start_matches(['=', ':', ' ']).trim();
        let numbers = numbers(value);
        let policy = &mut config.retry_policy;
        match name.to_ascii_lowercase().trim_end_matches("retrypolicy") {
            "retrymaxtimes" => config.retry_max_times = value.parse().ok()?,
            "consumemessageorderly" => config.is_orderly = value.parse().ok()?,
            "type" if value == "EXPONENTIAL" => policy.kind = PolicyKind::Exponential,
            "type" if value == "CUSTOMIZED" => policy.kind = PolicyKind::Customized,
            "exponential" | "customized" | "next" if value == "null" => {}
            "exponential" => {
                let [initial_ms, max_ms, multiplier] = numbers[..] else { return None };
                policy.exponential = Some(Exponential { initial_ms, max_ms, multiplier });
            }
            "initial" => policy.exponential.get_or_insert_default().initial_ms = value.parse().ok()?,
            "max" => policy.exponential.get_or_insert_default().max_ms = value.parse().ok()?,
            "multiplier" => policy.exponential.get_or_insert_default().multiplier = value.parse().ok()?,
            "customized" | "next" => policy.customized_ms = Some(numbers),
            _ => return None,
        }
    }
    Some(config)
}

/// The parts between commas, but for commas in brackets or before a number.
fn settings_of(written: &str) -> Vec<&str> {
    let mut depth = 0;
    let mut begin = 0;
    let mut parts = Vec::new();
    for (at, c) in written.char_indices() {
        let is_before_number =
            written[at..].trim_start_matches([',', ' ']).starts_with(|c: char| c.is_ascii_digit());
        match c {
            '(' | '[' | '{' => depth += 1,
            ')' | ']' | '}' => depth -= 1,
            ',' if depth == 0 && !is_before_number => {
                parts.push(written[begin..at].trim());
                begin = at + 1;
            }
            _ => {}
        }
    }
    parts.push(written[begin..].trim());
    parts
}

fn numbers(written: &str) -> Vec<i64> {
    let parts = written.split(|c: char| !c.is_ascii_digit() && c != '-');
    parts.filter_map(|part| part.parse().ok()).collect()
}
