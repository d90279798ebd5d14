//! Which queue a key leads to.

use mqscope::rules::{hash, queue_choice};
use serde_json::{Value, json};

use crate::fields::{answer, answers, integer, integers, list, text};
use crate::{Answer, Verdict};

/// `fifo_queue_select`: a key's hashes, and its queue by each choice among so many.
pub(crate) fn select(row: &Value) -> Answer {
    let key = text(row, "key")?;
    let sizes: Vec<u32> = integers(row, "sizes")?;
    let by = |choice: fn(&str, u32) -> Option<u32>| -> Value {
        sizes.iter().map(|size| Value::from(choice(key, *size))).collect()
    };
    Ok(answers(
        row,
        [
            ("java_hash", hash::java_hash(key).into()),
            ("sip24", hash::sip24(key.as_bytes()).into()),
            ("classic_select_by_hash", by(queue_choice::classic_queue)),
            ("proxy_consistent_hash", by(queue_choice::proxy_queue)),
            ("client5_sip24_mod", by(queue_choice::client_queue)),
            ("broker_sharding_key_index_murmur3", by(queue_choice::sharding_key_index)),
        ],
    ))
}

/// `client5_fifo_sip24`: a message group's queue by the 5.x client.
pub(crate) fn client(row: &Value) -> Answer {
    let group = text(row, "key")?;
    let sizes: Vec<u32> = integers(row, "sizes")?;
    let ours: Value =
        sizes.iter().map(|size| Value::from(queue_choice::client_queue(group, *size))).collect();
    Ok(answer("queue", &row["queue"], ours))
}

/// `fifo_queue_select_multibroker`: the proxy's order of the queues of several brokers, and what it chooses.
pub(crate) fn several_brokers(row: &Value) -> Answer {
    let (brokers, queues): (u32, u32) = (integer(row, "brokers")?, integer(row, "queues_per_broker")?);
    let mut order: Vec<(String, u32)> = (0..queues)
        .rev()
        .flat_map(|queue| (0..brokers).map(move |broker| (format!("b{broker}"), queue)))
        .collect();
    queue_choice::sort_for_proxy(&mut order);
    let expected = list(row, "proxy_queue_order")?;
    if order.iter().map(|queue| json!(queue)).ne(expected.iter().cloned()) {
        return Ok(Verdict::Failed(format!("expected {expected:?}, got {order:?}")));
    }
    let selection = row["selection"].as_object().ok_or("`selection` is no object")?;
    for (group, expected) in selection {
        let count = u32::try_from(order.len()).map_err(|error| error.to_string())?;
        let ours = queue_choice::proxy_queue(group, count).map(|place| &order[place as usize]);
        if *expected != json!(ours) {
            return Ok(Verdict::Failed(format!("{group:?}: expected {expected}, got {ours:?}")));
        }
    }
    Ok(Verdict::Passed)
}
