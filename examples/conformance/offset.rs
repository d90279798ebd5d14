//! Offsets: by time, what a read gives, where a group begins.

use mqscope::rules::filter::tags::{TagFilter, tag_code};
use mqscope::rules::offset::{
    Boundary, ConsumeFromWhere, NoOffset, ROWS_PER_FILE, StoredOffset, by_time, get_message, pull_from_where,
};
use serde_json::{Value, json};

use crate::fields::{compare, field, int, list, offset, text};
use crate::{Answer, Verdict};

pub(crate) fn offset_by_time(row: &Value) -> Answer {
    let times = list(row, "timestamps")?;
    let times =
        times.iter().map(|t| t.as_i64().ok_or("a time is no integer")).collect::<Result<Vec<_>, _>>()?;
    let boundary = match text(row, "boundary")? {
        "LOWER" => Boundary::Lower,
        "UPPER" => Boundary::Upper,
        other => return Err(format!("unknown boundary {other}")),
    };
    let min = row.get("min_offset").and_then(Value::as_u64).unwrap_or(0);
    let rows_per_file = row.get("units_per_file").and_then(Value::as_u64).unwrap_or(ROWS_PER_FILE);
    let stored_at = |offset: u64| times[offset as usize];
    let found = by_time(min..times.len() as u64, rows_per_file, int(row, "query")?, boundary, stored_at);
    compare(row, &json!({ "offset": found }))
}

pub(crate) fn read(row: &Value) -> Answer {
    let tags = list(row, "queue_tags")?;
    let max_messages = u32::try_from(int(row, "max_msg_nums")?).map_err(|error| error.to_string())?;
    let offsets = offset(row, "min_offset")?..offset(row, "max_offset")?;
    let filter = TagFilter::parse(Some(text(row, "sub")?)).map_err(|error| error.to_string())?;
    let answer = get_message(offsets, int(row, "offset")?, max_messages, |offset| {
        filter.matches_code(tag_code(tags[offset as usize].as_str()))
    });
    let ours = json!({
        "status": answer.status.name(),
        "next_begin_offset": answer.next_begin_offset,
        "found_offsets": answer.found,
    });
    compare(row, &ours)
}

pub(crate) fn begin(row: &Value) -> Answer {
    let name = text(row, "consume_from_where")?;
    let from = ConsumeFromWhere::by_name(name).ok_or_else(|| format!("unknown setting {name}"))?;
    let stored = match int(row, "stored_offset")? {
        -1 => StoredOffset::None,
        known => u64::try_from(known).map_or(StoredOffset::QueryFailed, StoredOffset::Known),
    };
    let question = |name: &str| row.get(name).and_then(Value::as_u64);
    let begin = pull_from_where(
        from,
        text(row, "topic")?.starts_with("%RETRY%"),
        stored,
        || question("queue_max_offset"),
        || question("search_offset_by_consume_timestamp"),
    );
    let expected = field(row, "result")?;
    Ok(match (begin, expected) {
        (Err(NoOffset), Value::String(error)) if error.starts_with("error:") => Verdict::Passed,
        (Ok(offset), expected) if *expected == json!(offset) => Verdict::Passed,
        (begin, expected) => Verdict::Failed(format!("expected {expected}, got {begin:?}")),
    })
}
