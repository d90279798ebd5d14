//! Who gets which queues.

use std::collections::BTreeSet;

use mqscope::rules::allocate::pop::{PopShare, allocate_for_pop};
use mqscope::rules::allocate::{self, QueueName, Rooms, Strategy, VIRTUAL_NODES, ring_position};
use serde_json::{Value, json};

use crate::fields::{field, is_error, optional_text, same, text};
use crate::{Answer, Verdict};

pub(crate) fn consistent_hash_md5(row: &Value) -> Answer {
    same(&json!(ring_position(text(row, "key")?)), field(row, "hash")?)
}

pub(crate) fn rebalance(row: &Value) -> Answer {
    let queues = queues(row, field(row, "queues")?)?;
    let consumers = texts(field(row, "consumers")?)?;
    let configured =
        row.get("configured").map(|list| self::queues(row, list)).transpose()?.unwrap_or_default();
    let rooms: BTreeSet<String> =
        row.get("consumer_idcs").map(texts).transpose()?.unwrap_or_default().into_iter().collect();
    let name = text(row, "strategy")?;
    let virtual_nodes = match row.get("virtual_nodes") {
        None => VIRTUAL_NODES,
        Some(number) => number.as_i64().and_then(|n| i32::try_from(n).ok()).ok_or("virtual_nodes")?,
    };
    let simple = |name: &str| match name {
        "AVG" => Ok(Strategy::Average),
        "AVG_BY_CIRCLE" => Ok(Strategy::AverageByCircle),
        "CONSISTENT_HASH" => Ok(Strategy::ConsistentHash { virtual_nodes }),
        "CONFIG" => Ok(Strategy::Config(&configured)),
        "MACHINE_ROOM" => Ok(Strategy::MachineRoom(&rooms)),
        other => Err(format!("unknown strategy {other}")),
    };
    let inner;
    let strategy = match name.strip_prefix("MACHINE_ROOM_NEARBY-") {
        Some(name) => {
            inner = simple(name)?;
            Strategy::MachineRoomNearby { inner: &inner, rooms: &BeforeDash }
        }
        None => simple(name)?,
    };
    let share = |consumer: Option<&str>| match allocate::allocate(strategy, consumer, &queues, &consumers) {
        Ok(share) => share.iter().map(|queue| json!([queue.broker, queue.id])).collect(),
        Err(refusal) => json!(format!("error: {refusal}")),
    };
    if row.get("kind").and_then(Value::as_str) == Some("edge") {
        return same(&share(optional_text(row, "current")?), field(row, "result")?);
    }
    compare_assignment(&consumers, |name| share(Some(name)), row)
}

pub(crate) fn rebalance_pop(row: &Value) -> Answer {
    let queues = queues(row, field(row, "queues")?)?;
    let consumers = texts(field(row, "consumers")?)?;
    let strategy = match text(row, "strategy")? {
        "AVG" => Strategy::Average,
        "AVG_BY_CIRCLE" => Strategy::AverageByCircle,
        "CONSISTENT_HASH" => Strategy::ConsistentHash { virtual_nodes: VIRTUAL_NODES },
        other => return Err(format!("unknown strategy {other}")),
    };
    let number = field(row, "pop_share_queue_num")?.as_i64().and_then(|n| i32::try_from(n).ok());
    let number = number.ok_or("pop_share_queue_num")?;
    let share = |name: &str| match allocate_for_pop(strategy, Some(name), &queues, &consumers, number) {
        Ok(PopShare::Brokers(brokers)) => brokers.iter().map(|broker| json!([broker, -1])).collect(),
        Ok(PopShare::Queues(queues)) => queues.iter().map(|queue| json!([queue.broker, queue.id])).collect(),
        Err(refusal) => json!(format!("error: {refusal}")),
    };
    compare_assignment(&consumers, share, row)
}

/// Everyone's share; it may be an error, and the row may be one.
fn compare_assignment(consumers: &[String], share: impl Fn(&str) -> Value, row: &Value) -> Answer {
    let Some(theirs) = row.get("assignment") else {
        let refused = consumers.iter().map(|name| share(name)).find(is_error);
        return same(&refused.unwrap_or_default(), row.get("result").unwrap_or(row));
    };
    for name in consumers {
        let verdict = same(&share(name), field(theirs, name)?)?;
        if !matches!(verdict, Verdict::Passed) {
            return Ok(verdict);
        }
    }
    Ok(Verdict::Passed)
}

/// The resolver of the rows: what stands before the first dash of a name.
struct BeforeDash;

impl Rooms for BeforeDash {
    fn room_of_queue(&self, queue: &QueueName) -> Option<String> {
        self.room_of_consumer(&queue.broker)
    }

    fn room_of_consumer(&self, consumer: &str) -> Option<String> {
        consumer.split('-').next().map(str::to_owned)
    }
}

/// `[[broker, id], …]`
fn queues(row: &Value, list: &Value) -> Result<Vec<QueueName>, String> {
    let topic = row.get("topic").and_then(Value::as_str).unwrap_or("T");
    let queue = |pair: &Value| {
        let broker = pair.get(0)?.as_str()?.to_owned();
        let id = i32::try_from(pair.get(1)?.as_i64()?).ok()?;
        Some(QueueName { topic: topic.to_owned(), broker, id })
    };
    let list = list.as_array().ok_or("a list of queues is no list")?;
    list.iter().map(|pair| queue(pair).ok_or_else(|| format!("{pair} is no queue"))).collect()
}

fn texts(list: &Value) -> Result<Vec<String>, String> {
    let list = list.as_array().ok_or("a list of names is no list")?;
    list.iter()
        .map(|name| name.as_str().map(str::to_owned).ok_or_else(|| format!("{name} is no name")))
        .collect()
}
