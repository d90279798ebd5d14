//! How much a scenario file may ask for. Everything has a limit, and all limits stand here.
//!
//! They keep a file that somebody sends you from filling the memory of a page, and the world far below what the
//! agenda can hold (2^20 slots); no experiment on a screen comes near them.

use crate::rules::validation;

/// A limit as the documentation lists it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limit {
    /// The name of the constant.
    pub name: &'static str,
    /// The most there may be.
    pub most: u64,
    /// Of what.
    pub of: &'static str,
}

macro_rules! limits {
    ($(#[doc = $of:literal] $name:ident = $most:expr;)*) => {
        $(#[doc = $of] pub const $name: u64 = $most;)*

        /// Every limit, in the order of the documentation.
        pub const ALL: &[Limit] = &[$(Limit { name: stringify!($name), most: $name, of: $of },)*];
    };
}

limits! {
    /// bytes of text, looked at before anything else.
    FILE_BYTES = 4 << 20;
    /// characters of a link's fragment.
    LINK_CHARS = 100_000;
    /// topics, those that actions add included.
    TOPICS = 1_000;
    /// queues of one topic.
    QUEUES_PER_TOPIC = 1_024;
    /// queues of all topics together.
    QUEUES = 10_000;
    /// producers, those that actions add included.
    PRODUCERS = 1_000;
    /// consumer groups, those that actions add included.
    GROUPS = 1_000;
    /// subscriptions of one group.
    SUBSCRIPTIONS_PER_GROUP = 1_000;
    /// consumers of all groups together, those that actions add included.
    CONSUMERS = 10_000;
    /// services, those that actions add included.
    SERVICES = 1_000;
    /// workers of one service.
    WORKERS = 10_000;
    /// calls that may wait at one service, where that is limited.
    WAITING_LINE = 1_000_000;
    /// callers, those that actions add included.
    CALLERS = 1_000;
    /// services of one caller.
    SERVICES_PER_CALLER = 100;
    /// point-to-point queues, those that actions add included.
    P2P_QUEUES = 100;
    /// senders of one point-to-point queue.
    P2P_SENDERS = 100;
    /// consumers of one point-to-point queue at the start.
    P2P_CONSUMERS = 1_000;
    /// listener threads of one consumer.
    THREADS_PER_CONSUMER = 1_024;
    /// listener threads of all consumers together.
    THREADS = 200_000;
    /// pairs of a group (in broadcasting: of a consumer) and a queue it reads.
    PROGRESSES = 200_000;
    /// messages per second from one producer.
    MESSAGES_PER_SECOND = 1_000_000;
    /// messages of one `send` action.
    MESSAGES_BY_HAND = 100_000;
    /// failures that one `fail_next` action asks for.
    FAILURES_BY_HAND = 1_000_000;
    /// in `stop_after_messages`.
    MESSAGES = 1_000_000_000_000;
    /// timed actions.
    ACTIONS = 100_000;
    /// acts of a visitor in a recording.
    ACTS = 10_000;
    /// branches that were left in a recording.
    BRANCHES = 24;
    /// of a journal entry's number in a recording.
    ENTRIES = (1 << 53) - 1;
    /// markers.
    MARKERS = 1_000;
    /// captions.
    CAPTIONS = 1_000;
    /// rungs of a retry ladder.
    RUNGS = 100;
    /// retries after the first delivery (`group.retryMaxTimes`).
    RETRIES = 10_000;
    /// seconds in any length of time: 100 days.
    SPAN_SECONDS = 100 * 86_400;
    /// characters of a topic's name.
    TOPIC_NAME_CHARS = validation::TOPIC_LENGTH_MAX as u64;
    /// characters of a group's name.
    GROUP_NAME_CHARS = validation::GROUP_LENGTH_MAX as u64;
    /// characters of a producer's or consumer's name, and of the scenario's id.
    NAME_CHARS = 64;
    /// characters of a title or a marker's label.
    TITLE_CHARS = 200;
    /// characters of a summary or a caption.
    CAPTION_CHARS = 2_000;
    /// tags of one producer.
    TAGS = 100;
    /// characters of a tag, of a key, and of a property's name or text.
    WORD_CHARS = 1_000;
    /// Messages in a batch.
    BATCH = 1_000;
    /// characters of a filter.
    FILTER_CHARS = 10_000;
    /// message groups of one producer, where they are listed or counted.
    MESSAGE_GROUPS = 10_000;
    /// bytes of a message group, if the setting says so.
    MESSAGE_GROUP_BYTES = 64;
    /// lite topics, and subscriptions to them.
    LITE_TOPICS = 2_000_000;
    /// names of lite topics in one list; a series such as `session-{0-99}` is one.
    LITE_NAMES = 10_000;
    /// characters of a name of lite topics as it is written.
    LITE_NAME_CHARS = 100;
    /// user properties of a message.
    PROPERTIES = 128;
    /// bytes of a message's tag, key and properties together.
    PROPERTY_BYTES = 16_384;
    /// characters of a message's body.
    BODY_CHARS = 65_536;
    /// of a classic delay level; there are 18.
    DELAY_LEVEL = 1_000;
    /// seconds that a producer may keep the broker from asking about a half message (`maxTransactionRecoverySecond`).
    CHECK_AFTER_SECONDS = 3_600;
    /// of the first message's number: whole numbers beyond it are not safe in JSON.
    FIRST_NUMBER = (1 << 53) - 1;
    /// problems that are kept; further ones are counted.
    PROBLEMS = 10_000;
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What a file may ask for is what the proxy takes.
    #[test]
    fn limits_of_messages_are_the_proxys() {
        let proxy = validation::Limits::default();
        // The proxy itself takes fewer bytes than that; the setting says so.
        assert_eq!(MESSAGE_GROUP_BYTES as i64, proxy.message_group_bytes);
        assert_eq!(
            (PROPERTIES as usize, PROPERTY_BYTES as usize),
            (proxy.user_properties_max, proxy.user_property_bytes_max)
        );
        assert_eq!(CHECK_AFTER_SECONDS as i64, proxy.transaction_recovery_secs_max);
    }
}
