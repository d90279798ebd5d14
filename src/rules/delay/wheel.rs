//! The arithmetic of the timer wheel: which slot, how many rounds, and when a message is seen. Times are milliseconds
//! since any beginning; the precision is a slot's length.

/// Slots of the default wheel: seven days of seconds (`TimerMessageStore`).
pub const DEFAULT_SLOTS: i64 = 7 * 86_400;
/// Slots that a message may be put ahead at once: two days of seconds (`timerRollWindowSlot`).
pub const DEFAULT_ROLL_WINDOW_SLOTS: i64 = 2 * 86_400;

/// The place of a time in the wheel, which has room for twice its slots (`TimerWheel.getSlotIndex`).
///
/// # Panics
///
/// If there is no slot or no precision.
pub fn slot_index(time_ms: i64, slots_total: i64, precision_ms: i64) -> i64 {
    time_ms / precision_ms % (slots_total * 2)
}

/// The time of the slot that a message goes into that is due at `due_ms`: the last one that begins before
/// (`HookUtils`).
///
/// # Panics
///
/// If there is no precision.
pub fn slot_time_ms(due_ms: i64, precision_ms: i64) -> i64 {
    match due_ms % precision_ms {
        0 => due_ms - precision_ms,
        rest => due_ms - rest,
    }
}

/// When a message that is due at `due_ms` is seen at the earliest: at the end of its slot, so never early and less than
/// the precision late.
///
/// # Panics
///
/// If there is no precision.
pub fn visible_at_ms(due_ms: i64, precision_ms: i64) -> i64 {
    slot_time_ms(due_ms, precision_ms) + precision_ms
}

/// How far ahead, in slots, a message is put that has so many to wait: all of it if that is less than the window; else
/// the window, or half of it if what would be left is less than a third (`TimerMessageStore`).
pub fn parked_slots(wait_slots: i64, window_slots: i64) -> i64 {
    if wait_slots < window_slots {
        wait_slots
    } else if wait_slots - window_slots < window_slots / 3 {
        window_slots / 2
    } else {
        window_slots
    }
}

/// How often a message that has so many slots to wait is taken out and put in again on its way.
///
/// # Panics
///
/// If the window has fewer than two slots.
pub fn roll_count(mut wait_slots: i64, window_slots: i64) -> u64 {
    assert!(window_slots >= 2, "a window of {window_slots} slots leads nowhere");
    let mut rolls = 0;
    while wait_slots >= window_slots {
        wait_slots -= parked_slots(wait_slots, window_slots);
        rolls += 1;
    }
    rolls
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_wheel_has_room_for_twice_its_slots() {
        assert_eq!(slot_index(19_999, 10, 1_000), 19);
        assert_eq!(slot_index(20_000, 10, 1_000), 0);
    }

    #[test]
    fn a_message_is_seen_at_the_end_of_its_slot() {
        for (due, visible) in [(12_000, 12_000), (12_001, 13_000), (12_999, 13_000)] {
            assert_eq!(visible_at_ms(due, 1_000), visible);
        }
        assert_eq!(slot_time_ms(12_000, 1_000), 11_000);
        assert_eq!(slot_time_ms(12_001, 1_000), 12_000);
    }

    #[test]
    fn long_waits_roll() {
        let hours = |hours: i64| roll_count(hours * 3_600, DEFAULT_ROLL_WINDOW_SLOTS);
        assert_eq!([0, 24, 47].map(hours), [0, 0, 0]);
        // 48 h and a little: half the window is parked, then less than the window is left.
        assert_eq!([48, 63].map(hours), [1, 1]);
        assert_eq!([64, 72, 95].map(hours), [1, 1, 1]);
        assert_eq!(hours(7 * 24), 3);
    }
}
