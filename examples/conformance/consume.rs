//! The classic consumer: its local queue, and what it does with its listener's result.

use mqscope::rules::consume_result::{
    AckIndexTooSmall, ConcurrentResult, ConcurrentStatus, OrderlyMessage, OrderlyStatus, concurrently,
    orderly,
};
use mqscope::rules::process_queue::{NothingTaken, ProcessQueue};
use serde_json::{Value, json};

use crate::fields::{compare, field, flag, int, list, offset, offsets, text};
use crate::{Answer, Verdict};

fn contents(queue: &ProcessQueue) -> (Vec<u64>, Vec<u64>) {
    (queue.pending().collect(), queue.consuming().collect())
}

pub(crate) fn process_queue(row: &Value) -> Answer {
    let mut queue = ProcessQueue::default();
    for (index, step) in list(row, "steps")?.iter().enumerate() {
        let mut ret = Value::Null;
        match text(step, "op")? {
            "put" => ret = json!(queue.put(&offsets(step, "arg")?)),
            "take" => ret = json!(queue.take(offset(step, "arg")? as usize)),
            "remove" => ret = queue.remove(&offsets(step, "arg")?).map_or(json!(-1), |offset| json!(offset)),
            "commit" => ret = queue.commit().map_or_else(|NothingTaken| Value::Null, |offset| json!(offset)),
            "rollback" => queue.rollback(),
            "consume_again" => queue.consume_again(&offsets(step, "arg")?),
            "clear" => queue.clear(),
            other => return Err(format!("unknown operation {other}")),
        }
        let (pending, consuming) = contents(&queue);
        let mut ours = json!({ "pending": pending, "consuming": consuming, "count": queue.count(), "span": queue.max_span() });
        if text(step, "ret").is_ok_and(|error| error.starts_with("error:")) {
            // Only a commit has an error, and for us it has no value.
            if !ret.is_null() {
                return Ok(Verdict::Failed(format!("step {index}: expected an error, got {ret}")));
            }
        } else {
            ours["ret"] = ret;
        }
        if let Verdict::Failed(problem) = compare(step, &ours)? {
            return Ok(Verdict::Failed(format!("step {index}: {problem}")));
        }
    }
    Ok(Verdict::Passed)
}

pub(crate) fn after_concurrent(row: &Value) -> Answer {
    let mut queue = ProcessQueue::default();
    queue.put(&offsets(row, "cached")?);
    queue.remove(&offsets(row, "already_expired")?);
    if flag(row, "dropped")? {
        queue.abandon();
    }
    let status = match text(row, "status")? {
        "CONSUME_SUCCESS" => ConcurrentStatus::Success,
        "RECONSUME_LATER" => ConcurrentStatus::ConsumeLater,
        other => return Err(format!("unknown status {other}")),
    };
    let mut result = ConcurrentResult { status, ..ConcurrentResult::default() };
    if !field(row, "ack_index")?.is_null() {
        result.ack_index = int(row, "ack_index")? as i32;
    }
    result.delay_level = int(row, "delay_level_when_next_consume")? as i32;
    let is_broadcasting = text(row, "model")? == "BROADCASTING";
    let fails = offsets(row, "send_back_fails_for")?;
    let mut sent_back = Vec::new();
    let done = concurrently(&mut queue, &offsets(row, "batch")?, is_broadcasting, result, |offset, level| {
        let is_sent = !fails.contains(&offset);
        if is_sent {
            sent_back.push(json!([offset, level]));
        }
        is_sent
    });
    if done == Err(AckIndexTooSmall) && row.get("error").is_none() {
        return Ok(Verdict::Failed("got an error".to_owned()));
    } else if done.is_ok() && row.get("error").is_some() {
        return Ok(Verdict::Failed("expected an error".to_owned()));
    }
    let done = done.unwrap_or_default();
    let ours = json!({
        "sent_back": sent_back,
        "retried_locally": done.again,
        "committed_offset": done.committed,
        "still_cached": contents(&queue).0,
    });
    compare(row, &ours)
}

pub(crate) fn after_orderly(row: &Value) -> Answer {
    let mut queue = ProcessQueue::default();
    queue.put(&offsets(row, "cached")?);
    let mut counts = field(row, "reconsume_times")?.clone();
    let taken = queue.take(list(row, "batch")?.len());
    if taken != offsets(row, "batch")? {
        return Err("the batch is not the front of what is cached".to_owned());
    }
    if flag(row, "dropped")? {
        queue.abandon();
    }
    let mut batch = Vec::new();
    for taken in taken {
        batch.push(OrderlyMessage {
            offset: taken,
            reconsume_times: offset(&counts, &taken.to_string())? as u32,
        });
    }
    let status = match text(row, "status")? {
        "SUCCESS" => OrderlyStatus::Success,
        "SUSPEND_CURRENT_QUEUE_A_MOMENT" => OrderlyStatus::Suspend,
        "COMMIT" => OrderlyStatus::Commit,
        "ROLLBACK" => OrderlyStatus::Rollback,
        other => return Err(format!("unknown status {other}")),
    };
    let is_sent = !flag(row, "send_back_fails")?;
    let reconsume_max = int(row, "max_reconsume_times")? as i32;
    let mut sent_back = Vec::new();
    let is_auto_commit = flag(row, "auto_commit")?;
    let done = orderly(&mut queue, &mut batch, is_auto_commit, status, reconsume_max, |message| {
        if is_sent {
            sent_back.push(json!({
                "topic": "%RETRY%G",
                "delay_level": message.delay_level,
                "reconsume_time": message.reconsume_times.to_string(),
                "max": message.reconsume_max.to_string(),
                "retry_topic": "T",
            }));
        }
        is_sent
    });
    let done = done.map_err(|NothingTaken| "nothing was taken")?;
    for message in batch {
        counts[message.offset.to_string()] = json!(message.reconsume_times);
    }
    let (pending, consuming) = contents(&queue);
    let ours = json!({
        "continue_consume": done.continues,
        "committed_offset": done.committed,
        "sent_back": sent_back,
        "pending_after": pending,
        "consuming_after": consuming,
        "reconsume_times_after": counts,
    });
    compare(row, &ours)
}
