//! Where the broker puts a message that a classic client sends back (`AbstractSendMessageProcessor`).

use super::is_exhausted;
use crate::rules::delay::Levels;

/// What the broker is told and knows when a message is sent back.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SendBack {
    /// Failed deliveries before this one.
    pub reconsume_times: i32,
    /// The level asked for: negative = dead letter, 0 = the broker chooses.
    pub delay_level: i32,
    /// The group's maximum of retries.
    pub group_retry_max_times: i32,
    /// The maximum that the client names, which comes first; negative for unlimited in its own book-keeping, but not here.
    pub request_max_reconsume_times: Option<i32>,
}

/// Where the copy goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SentBack {
    /// To the group's dead-letter topic.
    DeadLetter,
    /// To the group's retry topic at once: the level came out as none.
    Retry,
    /// To the schedule topic, and from there to the group's retry topic.
    Delayed {
        /// The delay level, from 1; the copy lies in the schedule topic's queue of that number less one.
        level: i32,
        /// Its delay in milliseconds.
        delay_ms: i64,
    },
}

/// Where a message that is sent back goes, and the reconsume times of its copy. A dead letter's are one more, too.
pub fn send_back(request: &SendBack, levels: &Levels) -> (SentBack, i32) {
    let times = request.reconsume_times.wrapping_add(1);
    let max = request.request_max_reconsume_times.unwrap_or(request.group_retry_max_times);
    if is_exhausted(request.reconsume_times.into(), max.into()) || request.delay_level < 0 {
        return (SentBack::DeadLetter, times);
    }
    let asked = match request.delay_level {
        0 => request.reconsume_times.wrapping_add(3),
        level => level,
    };
    match levels.clipped(asked) {
        Some(level) => (SentBack::Delayed { level, delay_ms: levels.delay_ms(level) }, times),
        None => (SentBack::Retry, times),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const FIRST: SendBack = SendBack {
        reconsume_times: 0,
        delay_level: 0,
        group_retry_max_times: 16,
        request_max_reconsume_times: None,
    };

    fn place(request: SendBack) -> SentBack {
        send_back(&request, &Levels::default()).0
    }

    #[test]
    fn the_broker_chooses_level_three_and_one_more_each_time() {
        let levels: Vec<i32> = (0..16)
            .map(|times| match place(SendBack { reconsume_times: times, ..FIRST }) {
                SentBack::Delayed { level, .. } => level,
                other => panic!("{other:?}"),
            })
            .collect();
        assert_eq!(levels, (3..=18).collect::<Vec<i32>>());
        assert_eq!(place(SendBack { reconsume_times: 16, ..FIRST }), SentBack::DeadLetter);
    }

    #[test]
    fn a_level_is_honoured_up_to_the_last_and_a_negative_one_is_a_dead_letter() {
        let at = |delay_level| place(SendBack { delay_level, ..FIRST });
        assert_eq!(at(1), SentBack::Delayed { level: 1, delay_ms: 1_000 });
        assert_eq!(at(30), SentBack::Delayed { level: 18, delay_ms: 7_200_000 });
        assert_eq!(at(-1), SentBack::DeadLetter);
    }

    #[test]
    fn the_clients_maximum_comes_first_and_a_negative_one_is_always_reached() {
        let with =
            |max| place(SendBack { reconsume_times: 2, request_max_reconsume_times: Some(max), ..FIRST });
        assert_eq!(with(2), SentBack::DeadLetter);
        assert_eq!(with(3), SentBack::Delayed { level: 5, delay_ms: 60_000 });
        assert_eq!(with(-1), SentBack::DeadLetter);
        assert_eq!(send_back(&SendBack { delay_level: -1, ..FIRST }, &Levels::default()).1, 1);
    }
}
