//! Orderly pops on one queue.

use mqscope::rules::order_info::{OrderCounts, OrderInfo, OrderedAck, OrderedPop, OrderedQueue};
use serde_json::{Map, Value, json};

use crate::fields::{compare, field, int, list, offset, offsets, optional_text, text};
use crate::{Answer, Verdict};

pub(crate) fn steps(row: &Value) -> Answer {
    let mut queue = OrderedQueue::default();
    for (index, step) in list(row, "steps")?.iter().enumerate() {
        let ours = match text(step, "op")? {
            "pop" => {
                let counts = queue.pop(OrderedPop {
                    attempt: optional_text(step, "attempt_id")?,
                    popped_at: int(step, "pop_time_rel")?,
                    invisible_time: int(step, "invisible_ms")?,
                    offsets: &offsets(step, "offsets")?,
                });
                json!({ "order_count_info": count_info(&counts) })
            }
            "check_block" => {
                let attempt = optional_text(step, "attempt_id")?;
                json!({ "ret": queue.is_blocked(0, attempt, int(step, "invisible_ms")?) })
            }
            "ack" => match queue.acknowledge(offset(step, "offset")?, int(step, "pop_time_rel")?) {
                OrderedAck::Commit(offset) => json!({ "ret": offset }),
                OrderedAck::NotInBatch => json!({ "ret": -1 }),
                OrderedAck::Stale => json!({ "ret": -2 }),
            },
            "change_invisible" => {
                let visible_at = int(step, "next_visible_rel")?;
                queue.change_invisible(offset(step, "offset")?, int(step, "pop_time_rel")?, visible_at);
                json!({})
            }
            "clear_block" => {
                queue.clear();
                json!({})
            }
            other => return Err(format!("unknown operation {other}")),
        };
        if let Verdict::Failed(problem) = compare(step, &ours)? {
            return Ok(Verdict::Failed(format!("step {index}: {problem}")));
        }
    }
    let expected = field(row, "final")?;
    match (queue.record(), expected.is_null()) {
        (None, true) => Ok(Verdict::Passed),
        (Some(record), false) => compare(expected, &what_stays(record)),
        (record, _) => Ok(Verdict::Failed(format!("expected {expected} to stay, got {record:?}"))),
    }
}

/// The counts as the broker writes them for its clients, for queue 0 of an ordinary topic.
fn count_info(counts: &OrderCounts) -> Value {
    let mut info = Map::new();
    info.insert("0@0".to_owned(), json!(counts.whole));
    for (offset, count) in &counts.by_offset {
        info.insert(format!("0@qo0%{offset}"), json!(count));
    }
    Value::Object(info)
}

fn what_stays(record: &OrderInfo) -> Value {
    let first = record.offsets()[0];
    let deltas = record.offsets().iter().map(|offset| if *offset == first { first } else { offset - first });
    let counts = record.delivered_before().map(|counts| {
        let entries = counts.iter().map(|(offset, count)| (offset.to_string(), json!(count)));
        Value::Object(entries.collect())
    });
    json!({
        "attempt_id": record.attempt(),
        "offset_list_delta_encoded": deltas.collect::<Vec<_>>(),
        "commit_bits": record.acknowledged(),
        "consumed_count": counts,
    })
}
