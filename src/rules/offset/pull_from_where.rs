//! Where a consumer of a classic push group begins to read a queue that it was just given.
//!
//! A stored offset always wins. Without one it depends on the group's setting, and a retry topic goes its own way: its
//! messages failed before and must not be missed. If the question for the stored offset fails there is no answer, and the
//! queue is not taken over until the next rebalance. Source: `RebalancePushImpl.computePullFromWhereWithException`.

/// Where a group begins in a queue for which it has no offset yet.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ConsumeFromWhere {
    /// With what is stored from now on; in a retry topic from its beginning.
    LastOffset,
    /// At offset 0, which the broker's answer to the first read corrects to the min offset.
    FirstOffset,
    /// With what was stored from a certain time on; in a retry topic with what is stored from now on.
    Timestamp,
}

impl ConsumeFromWhere {
    /// The setting by RocketMQ's name. Three deprecated names, the one for the min offset among them, mean the last
    /// offset.
    pub fn by_name(name: &str) -> Option<Self> {
        match name {
            "CONSUME_FROM_LAST_OFFSET"
            | "CONSUME_FROM_LAST_OFFSET_AND_FROM_MIN_WHEN_BOOT_FIRST"
            | "CONSUME_FROM_MIN_OFFSET"
            | "CONSUME_FROM_MAX_OFFSET" => Some(Self::LastOffset),
            "CONSUME_FROM_FIRST_OFFSET" => Some(Self::FirstOffset),
            "CONSUME_FROM_TIMESTAMP" => Some(Self::Timestamp),
            _ => None,
        }
    }
}

/// What the broker said about the group's offset in the queue.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum StoredOffset {
    /// It has this one.
    Known(u64),
    /// It has none.
    None,
    /// It could not be asked.
    QueryFailed,
}

/// A question to the broker failed, so it is not known where to begin.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NoOffset;

/// The offset to begin with. `max_offset` and `by_timestamp` (the offset that belongs to the group's time, see
/// [`by_time`](super::by_time)) are asked only if they are needed; `None` says that the question failed.
pub fn pull_from_where(
    from: ConsumeFromWhere,
    is_retry_topic: bool,
    stored: StoredOffset,
    max_offset: impl FnOnce() -> Option<u64>,
    by_timestamp: impl FnOnce() -> Option<u64>,
) -> Result<u64, NoOffset> {
    match (stored, from, is_retry_topic) {
        (StoredOffset::Known(offset), ..) => Ok(offset),
        (StoredOffset::QueryFailed, ..) => Err(NoOffset),
        (StoredOffset::None, ConsumeFromWhere::FirstOffset, _) => Ok(0),
        (StoredOffset::None, ConsumeFromWhere::LastOffset, true) => Ok(0),
        (StoredOffset::None, ConsumeFromWhere::LastOffset, false) => max_offset().ok_or(NoOffset),
        (StoredOffset::None, ConsumeFromWhere::Timestamp, true) => max_offset().ok_or(NoOffset),
        (StoredOffset::None, ConsumeFromWhere::Timestamp, false) => by_timestamp().ok_or(NoOffset),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn begin(from: ConsumeFromWhere, is_retry_topic: bool, stored: StoredOffset) -> Result<u64, NoOffset> {
        pull_from_where(from, is_retry_topic, stored, || Some(90), || Some(40))
    }

    #[test]
    fn a_stored_offset_wins_and_a_failed_question_stops_everything() {
        for from in [ConsumeFromWhere::LastOffset, ConsumeFromWhere::FirstOffset, ConsumeFromWhere::Timestamp]
        {
            for is_retry_topic in [false, true] {
                assert_eq!(begin(from, is_retry_topic, StoredOffset::Known(0)), Ok(0));
                assert_eq!(begin(from, is_retry_topic, StoredOffset::Known(7)), Ok(7));
                assert_eq!(begin(from, is_retry_topic, StoredOffset::QueryFailed), Err(NoOffset));
            }
        }
    }

    #[test]
    fn without_an_offset_the_setting_decides_and_a_retry_topic_differs() {
        let both = |from| [false, true].map(|is_retry| begin(from, is_retry, StoredOffset::None));
        assert_eq!(both(ConsumeFromWhere::LastOffset), [Ok(90), Ok(0)]);
        assert_eq!(both(ConsumeFromWhere::FirstOffset), [Ok(0), Ok(0)]);
        assert_eq!(both(ConsumeFromWhere::Timestamp), [Ok(40), Ok(90)]);
    }

    #[test]
    fn the_min_offset_by_its_deprecated_name_is_the_last_one() {
        assert_eq!(ConsumeFromWhere::by_name("CONSUME_FROM_MIN_OFFSET"), Some(ConsumeFromWhere::LastOffset));
        assert_eq!(ConsumeFromWhere::by_name("EARLIEST"), None);
    }

    #[test]
    fn a_failed_question_for_the_max_offset_is_no_answer() {
        let none = || None;
        let last = ConsumeFromWhere::LastOffset;
        assert_eq!(pull_from_where(last, false, StoredOffset::None, none, none), Err(NoOffset));
    }
}
