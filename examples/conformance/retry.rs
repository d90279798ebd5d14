//! When a failed message comes back, and where it is kept until then.

use mqscope::rules::delay::Levels;
use mqscope::rules::delay::timer::SCHEDULE_TOPIC;
use mqscope::rules::double::Double;
use mqscope::rules::retry::client::{self, ClientRetryError, ExponentialBackoff};
use mqscope::rules::retry::send_back::{self, SendBack, SentBack};
use mqscope::rules::retry::{self, Exponential, GroupPolicy, NoSuchWait, PolicyKind};
use serde_json::Value;

use crate::fields::{answer, answers, integer, integer_or_none, integers, or_error, pairs, text};
use crate::{Answer, Verdict};

/// `retry_policy`: the server's waits after so many failed deliveries.
pub(crate) fn server(row: &Value) -> Answer {
    let params = &row["params"];
    let wait: Box<dyn Fn(i32) -> Result<i64, NoSuchWait>> = match text(row, "policy")? {
        "CustomizedRetryPolicy" => {
            let list: Vec<i64> = integers(params, "next")?;
            Box::new(move |times| retry::customized_ms(&list, times))
        }
        "ExponentialRetryPolicy" => {
            let policy = exponential(params)?;
            Box::new(move |times| Ok(policy.wait_ms(times)))
        }
        "GroupRetryPolicy" => {
            let policy = group_policy(params)?;
            Box::new(move |times| policy.wait_ms(times))
        }
        other => return Err(format!("`policy` is {other:?}")),
    };
    for (times, expected) in pairs(row, "next_delay_ms")? {
        let verdict = answer(&format!("after {times}"), expected, or_error(wait(times)));
        if !matches!(verdict, Verdict::Passed) {
            return Ok(verdict);
        }
    }
    Ok(Verdict::Passed)
}

fn exponential(params: &Value) -> Result<Exponential, String> {
    let default = Exponential::default();
    Ok(Exponential {
        initial_ms: integer_or_none(params, "initial")?.unwrap_or(default.initial_ms),
        max_ms: integer_or_none(params, "max")?.unwrap_or(default.max_ms),
        multiplier: integer_or_none(params, "multiplier")?.unwrap_or(default.multiplier),
    })
}

/// A group's policy: `default`, or a `type` and parameters, which stand in an object of their own or beside it.
fn group_policy(params: &Value) -> Result<GroupPolicy, String> {
    if params.get("type").is_some_and(Value::is_null) {
        return Ok(GroupPolicy::default());
    }
    let kind = match params["type"].as_str() {
        Some("EXPONENTIAL") => PolicyKind::Exponential,
        None | Some("CUSTOMIZED") => PolicyKind::Customized,
        Some(other) => return Err(format!("`type` is {other:?}")),
    };
    let find = |names: [&str; 3], own: &str| {
        let object = names.iter().map(|name| &params[*name]).find(|value| !value.is_null());
        object.or_else(|| params.get(own).map(|_| params)).cloned()
    };
    let list = find(["customized", "customizedRetryPolicy", "customized_retry_policy"], "next");
    let steps = find(["exponential", "exponentialRetryPolicy", "exponential_retry_policy"], "initial");
    let customized_ms = match list {
        Some(list) if list.is_array() => Some(integers(&serde_json::json!({ "next": list }), "next")?),
        Some(list) => Some(integers(&list, "next")?),
        None => None,
    };
    if steps.as_ref().is_some_and(|steps| !steps.is_object()) {
        return Err(format!("{params} is no policy that can be read"));
    }
    Ok(GroupPolicy { kind, customized_ms, exponential: steps.as_ref().map(exponential).transpose()? })
}

/// `client5_retry`: the 5.x client's waits after so many attempts.
pub(crate) fn client5(row: &Value) -> Answer {
    const NS: i64 = 1_000_000;
    let params = &row["params"];
    let wait: Box<dyn Fn(i32) -> Result<i64, ClientRetryError>> = match text(row, "policy")? {
        "client5.CustomizedBackoffRetryPolicy" => {
            let list: Vec<i64> = integers(params, "durations_ms")?;
            Box::new(move |attempt| client::customized(&list, attempt).map(|ms| ms.saturating_mul(NS)))
        }
        "client5.ExponentialBackoffRetryPolicy" => {
            let multiplier = params["multiplier"].as_f64().ok_or("`multiplier` is no number")?;
            let policy = ExponentialBackoff {
                initial_ns: integer::<i64>(params, "initial_ms")?.saturating_mul(NS),
                max_ns: integer::<i64>(params, "max_ms")?.saturating_mul(NS),
                multiplier: Double::from_bits(multiplier.to_bits()).ok_or("`multiplier` is not finite")?,
            };
            Box::new(move |attempt| policy.wait_ns(attempt))
        }
        other => return Err(format!("`policy` is {other:?}")),
    };
    if row.get("error").is_some() {
        return Ok(match wait(1) {
            Err(_) => Verdict::Passed,
            Ok(wait) => Verdict::Failed(format!("expected an error, got {wait}")),
        });
    }
    for (attempt, expected) in pairs(row, "next_attempt_delay_ns")? {
        let verdict = answer(&format!("after {attempt}"), expected, or_error(wait(attempt)));
        if !matches!(verdict, Verdict::Passed) {
            return Ok(verdict);
        }
    }
    Ok(Verdict::Passed)
}

/// `send_back_retry`: where a message goes that a classic client sends back.
pub(crate) fn sent_back(row: &Value) -> Answer {
    let request = SendBack {
        reconsume_times: integer(row, "reconsume_times")?,
        delay_level: integer(row, "delay_level")?,
        group_retry_max_times: integer(row, "group_retry_max_times")?,
        request_max_reconsume_times: integer_or_none(row, "request_max_reconsume_times")?,
    };
    let (place, times) = send_back::send_back(&request, &Levels::default());
    let retry_topic = "%RETRY%{group}";
    let (topic, real_topic, delay_ms) = match place {
        SentBack::DeadLetter => ("%DLQ%{group}", None, 0),
        SentBack::Retry => (retry_topic, None, 0),
        SentBack::Delayed { delay_ms, .. } => (SCHEDULE_TOPIC, Some(retry_topic), delay_ms),
    };
    Ok(answers(
        row,
        [
            ("stored_topic", topic.into()),
            ("real_topic", real_topic.into()),
            ("stored_reconsume_times", times.into()),
            ("effective_delay_ms", delay_ms.into()),
        ],
    ))
}
