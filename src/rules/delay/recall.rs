//! Taking back a message that waits in the wheel: what its handle says, and until when the broker takes it
//! (`SendMessageProcessor`, `RecallMessageProcessor`).

/// The time in the handle of a message whose slot is at `slot_ms`: a little later, so that the order to delete it gets
/// into the same slot.
pub const fn handle_time_ms(slot_ms: i64) -> i64 {
    slot_ms + 1
}

/// Does the broker take an order to delete now? The time of the handle must be ahead, and within the limit.
pub const fn is_in_time(handle_ms: i64, now_ms: i64, max_delay_ms: i64) -> bool {
    let left_ms = handle_ms.wrapping_sub(now_ms);
    left_ms > 0 && left_ms < max_delay_ms
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::delay::wheel::slot_time_ms;

    #[test]
    fn a_message_can_be_taken_back_until_its_slot_begins() {
        let until =
            |due_ms, now_ms| is_in_time(handle_time_ms(slot_time_ms(due_ms, 1_000)), now_ms, 86_400_000);
        // Due at 12 s it waits in the slot from 11 s on, a little later in the one from 12 s on.
        assert_eq!([0, 10_999, 11_000, 11_001].map(|now| until(12_000, now)), [true, true, true, false]);
        assert_eq!([12_000, 12_001].map(|now| until(12_001, now)), [true, false]);
        assert!(!is_in_time(86_400_000, 0, 86_400_000), "further ahead than anything may be");
    }
}
