//! What the broker answers to a read from an offset: a status, what matched, and where to read on.
//!
//! Reading goes on past what does not match, so `next_begin_offset` moves even when nothing was found: a group whose
//! filter matches nothing keeps up with the queue. Only the hash stage of a filter is asked here; what collides is for
//! the client to drop. Source: `DefaultMessageStore.getMessage`, `MessageStoreConfig`.

use std::ops::Range;

/// So many messages are given by one read from memory, whatever was asked for (`maxTransferCountOnMessageInMemory`).
pub const READ_MAX: u32 = 32;

/// So many index rows are looked through by one read (`maxFilterMessageSize` of 16,000 bytes, 20 bytes a row).
pub const SCAN_MAX: u32 = 800;

/// How a read from an offset ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum GetMessageStatus {
    /// Something matched.
    Found,
    /// There were messages, none matched.
    NoMatchedMessage,
    /// Nothing was ever stored in the queue, or there is no such queue.
    NoMessageInQueue,
    /// The offset is below the min offset: the messages are gone.
    OffsetTooSmall,
    /// The offset is the max offset: the reader has caught up.
    OffsetOverflowOne,
    /// The offset is beyond the max offset.
    OffsetOverflowBadly,
}

impl GetMessageStatus {
    /// RocketMQ's own name.
    pub fn name(self) -> &'static str {
        match self {
            Self::Found => "FOUND",
            Self::NoMatchedMessage => "NO_MATCHED_MESSAGE",
            Self::NoMessageInQueue => "NO_MESSAGE_IN_QUEUE",
            Self::OffsetTooSmall => "OFFSET_TOO_SMALL",
            Self::OffsetOverflowOne => "OFFSET_OVERFLOW_ONE",
            Self::OffsetOverflowBadly => "OFFSET_OVERFLOW_BADLY",
        }
    }
}

/// The answer to a read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GetMessage {
    /// How it ended.
    pub status: GetMessageStatus,
    /// Where to read on.
    pub next_begin_offset: u64,
    /// The offsets that matched, in order.
    pub found: Vec<u64>,
}

/// Reads from `offset` on in a queue that holds `offsets` (min offset up to, not including, max offset); a queue that
/// does not exist is `0..0`.
///
/// At most `messages_max` messages are given, but never more than [`READ_MAX`], and one even if none was asked for. All
/// messages are taken to be in memory and small, so that no limit of bytes is met.
pub fn get_message(
    offsets: Range<u64>,
    offset: i64,
    messages_max: u32,
    mut matches: impl FnMut(u64) -> bool,
) -> GetMessage {
    let nothing = |status, next_begin_offset| GetMessage { status, next_begin_offset, found: Vec::new() };
    let (min, max) = (offsets.start, offsets.end);
    if max == 0 {
        return nothing(GetMessageStatus::NoMessageInQueue, 0);
    }
    let Some(offset) = u64::try_from(offset).ok().filter(|offset| *offset >= min) else {
        return nothing(GetMessageStatus::OffsetTooSmall, min);
    };
    if offset == max {
        return nothing(GetMessageStatus::OffsetOverflowOne, offset);
    } else if offset > max {
        return nothing(GetMessageStatus::OffsetOverflowBadly, max);
    }
    let enough = messages_max.clamp(1, READ_MAX) as usize;
    let scanned = u64::from(SCAN_MAX.max(messages_max));
    let mut found = Vec::new();
    let mut next = offset;
    // The row that is exactly the limit away is still looked at.
    while next < max && next - offset <= scanned && found.len() < enough {
        if matches(next) {
            found.push(next);
        }
        next += 1;
    }
    let status = match found.is_empty() {
        true => GetMessageStatus::NoMatchedMessage,
        false => GetMessageStatus::Found,
    };
    GetMessage { status, next_begin_offset: next, found }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn even(offset: u64) -> bool {
        offset.is_multiple_of(2)
    }

    #[test]
    fn an_offset_outside_the_queue_is_corrected() {
        let answer = |offset| {
            let answer = get_message(4..10, offset, 32, |_| true);
            (answer.status, answer.next_begin_offset)
        };
        assert_eq!(answer(-1), (GetMessageStatus::OffsetTooSmall, 4));
        assert_eq!(answer(3), (GetMessageStatus::OffsetTooSmall, 4));
        assert_eq!(answer(4), (GetMessageStatus::Found, 10));
        assert_eq!(answer(10), (GetMessageStatus::OffsetOverflowOne, 10));
        assert_eq!(answer(11), (GetMessageStatus::OffsetOverflowBadly, 10));
    }

    #[test]
    fn a_queue_without_messages_has_its_own_answer_only_if_it_never_had_any() {
        let status = |offsets: Range<u64>, offset| get_message(offsets, offset, 1, |_| true).status;
        for offset in [-1, 0, 1] {
            assert_eq!(status(0..0, offset), GetMessageStatus::NoMessageInQueue);
        }
        assert_eq!(status(5..5, 4), GetMessageStatus::OffsetTooSmall);
        assert_eq!(status(5..5, 5), GetMessageStatus::OffsetOverflowOne);
    }

    #[test]
    fn reading_stops_right_behind_the_last_match_it_may_give() {
        let two = get_message(0..10, 1, 2, even);
        assert_eq!((two.found, two.next_begin_offset), (vec![2, 4], 5));
        let all = get_message(0..9, 1, 32, even);
        assert_eq!((all.found, all.next_begin_offset), (vec![2, 4, 6, 8], 9));
        assert_eq!(get_message(0..100, 0, 64, |_| true).found.len(), 32);
        assert_eq!(get_message(0..100, 0, 0, |_| true).found, [0]);
    }

    #[test]
    fn nothing_that_matches_moves_the_reader_on_but_only_so_far() {
        let answer = get_message(0..2_000, 10, 32, |_| false);
        assert_eq!(answer.status, GetMessageStatus::NoMatchedMessage);
        assert_eq!(answer.next_begin_offset, 811);
    }
}
