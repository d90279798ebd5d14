//! What the proxy refuses before it asks a broker (`GrpcValidator`, `SendMessageActivity`), and the code it answers.
//!
//! A limit of 0 or below means that there is none.

use super::code::Code;
use super::text::{has_control, is_blank};

/// The longest topic name, in characters.
pub const TOPIC_LENGTH_MAX: usize = 127;
/// The longest group name, in characters.
pub const GROUP_LENGTH_MAX: usize = 120;
/// Messages that one receive may ask for at most.
pub const RECEIVE_BATCH_MAX: i64 = 32;

/// Topics that nobody but the system uses.
const SYSTEM_TOPICS: [&str; 10] = [
    "BenchmarkTest",
    "CHECKPOINT_TOPIC",
    "OFFSET_MOVED_EVENT",
    "RMQ_SYS_TRACE_TOPIC",
    "RMQ_SYS_TRANS_HALF_TOPIC",
    "RMQ_SYS_TRANS_OP_HALF_TOPIC",
    "SCHEDULE_TOPIC_XXXX",
    "SELF_TEST_TOPIC",
    "TBW102",
    "TRANS_CHECK_MAX_TIME_TOPIC",
];
const SYSTEM_TOPIC_PREFIX: &str = "rmq_sys_";
/// Topics that the broker makes for a group (`MixAll`).
const DERIVED_TOPIC_PREFIXES: [&str; 2] = ["%RETRY%", "%DLQ%"];
/// The topic of answers to requests: the broker makes it, and the name is the system's (`TopicConfigManager`).
pub const REPLY_TOPIC: &str = "DefaultCluster_REPLY_TOPIC";
const SYSTEM_GROUP_PREFIX: &str = "CID_RMQ_SYS_";

/// Keys of properties that are the system's own, in order (`MessageConst`).
#[rustfmt::skip]
const SYSTEM_PROPERTIES: [&str; 51] = [
    "1ST_POP_TIME", "ARRIVE_TIME", "BORN_TIMESTAMP", "BUYER_ID", "CLUSTER", "CONSUME_START_TIME", "CORRECTION_FLAG",
    "CORRELATION_ID", "DELAY", "DLQ_ORIGIN_MESSAGE_ID", "DLQ_ORIGIN_TOPIC", "DUP_INFO", "EXTEND_UNIQ_INFO",
    "INNER_MULTI_QUEUE_OFFSET", "INSTANCE_ID", "KEYS", "MAX_OFFSET", "MAX_RECONSUME_TIMES", "MIN_OFFSET", "MQ2_FLAG",
    "MSG_REGION", "MSG_TYPE", "ORIGIN_MESSAGE_ID", "PGROUP", "POP_CK", "POP_CK_OFFSET", "PUSH_REPLY_TIME", "REAL_QID",
    "REAL_TOPIC", "RECONSUME_TIME", "REPLY_TO_CLIENT", "RETRY_TOPIC", "TAGS", "TIMER_DELAY_LEVEL", "TIMER_DELAY_MS",
    "TIMER_DELAY_SEC", "TIMER_DELIVER_MS", "TIMER_DEL_UNIQKEY", "TIMER_DEQUEUE_MS", "TIMER_ENQUEUE_MS",
    "TIMER_OUT_MS", "TIMER_ROLL_TIMES", "TRACE_ON", "TRANSFER_FLAG", "TRAN_MSG", "TRAN_PREPARED_QUEUE_OFFSET", "TTL",
    "UNIQ_KEY", "WAIT", "__BORNHOST", "__CRC32#",
];

/// The proxy's limits (`ProxyConfig`).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Bytes of a body.
    pub body_bytes_max: i64,
    /// Is a body of no bytes refused?
    pub is_empty_body_refused: bool,
    /// A message group has fewer bytes than this.
    pub message_group_bytes: i64,
    /// Number of user properties.
    pub user_properties_max: usize,
    /// Bytes of user properties, tag and keys together.
    pub user_property_bytes_max: usize,
    /// Milliseconds from now to the delivery time.
    pub delay_max_ms: i64,
    /// Seconds until a transaction may be asked about.
    pub transaction_recovery_secs_max: i64,
    /// Milliseconds of an invisible time.
    pub invisible_max_ms: i64,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            body_bytes_max: 4 * 1024 * 1024,
            is_empty_body_refused: true,
            message_group_bytes: 64,
            user_properties_max: 128,
            user_property_bytes_max: 16 * 1024,
            delay_max_ms: 86_400_000,
            transaction_recovery_secs_max: 3_600,
            invisible_max_ms: 43_200_000,
        }
    }
}

/// `Ok` if `is_fine`, else the code.
fn require(is_fine: bool, code: Code) -> Result<(), Code> {
    if is_fine { Ok(()) } else { Err(code) }
}

fn is_within(value: i64, max: i64) -> bool {
    max <= 0 || value <= max
}

/// May a name of a topic or a group hold this? Letters, digits and `%`, `|`, `-`, `_`.
pub fn is_name_char(c: char) -> bool {
    c.is_ascii_alphanumeric() || "%|-_".contains(c)
}

fn is_name(name: &str, length_max: usize) -> bool {
    !name.is_empty() && name.len() <= length_max && name.chars().all(is_name_char)
}

/// Is this one of the system's own topics?
pub fn is_system_topic(topic: &str) -> bool {
    SYSTEM_TOPICS.contains(&topic) || topic.starts_with(SYSTEM_TOPIC_PREFIX)
}

/// A topic that somebody creates. A client may name what the broker makes for its groups; nobody else makes it.
///
/// # Errors
///
/// [`Code::IllegalTopic`] for what [`topic`](fn@topic) refuses, and for a name that the broker gives.
pub fn new_topic(name: &str) -> Result<(), Code> {
    topic(name)?;
    let is_given = name == REPLY_TOPIC || DERIVED_TOPIC_PREFIXES.iter().any(|of| name.starts_with(of));
    require(!is_given, Code::IllegalTopic)
}

/// A topic that a client names.
///
/// # Errors
///
/// [`Code::IllegalTopic`] for a malformed name, one of more than 127 characters, or one of the system's own.
pub fn topic(name: &str) -> Result<(), Code> {
    require(is_name(name, TOPIC_LENGTH_MAX) && !is_system_topic(name), Code::IllegalTopic)
}

/// A consumer group that a client names.
///
/// # Errors
///
/// [`Code::IllegalConsumerGroup`] for a malformed name, one of more than 120 characters, or one of the system's own.
pub fn consumer_group(name: &str) -> Result<(), Code> {
    let is_system = name.starts_with(SYSTEM_GROUP_PREFIX);
    require(is_name(name, GROUP_LENGTH_MAX) && !is_system, Code::IllegalConsumerGroup)
}

/// A message's tag; the empty one stands for none.
///
/// # Errors
///
/// [`Code::IllegalMessageTag`] if it is blank, or holds a bar or a control character.
pub fn tag(tag: &str) -> Result<(), Code> {
    let is_fine = tag.is_empty() || !is_blank(tag) && !tag.contains('|') && !has_control(tag);
    require(is_fine, Code::IllegalMessageTag)
}

/// One of a message's keys.
///
/// # Errors
///
/// [`Code::IllegalMessageKey`] if it is blank, but not empty, or holds a control character.
pub fn message_key(key: &str) -> Result<(), Code> {
    require(key.is_empty() || !is_blank(key) && !has_control(key), Code::IllegalMessageKey)
}

/// A message group; the empty one stands for none.
///
/// # Errors
///
/// [`Code::IllegalMessageGroup`] if it is blank, as long as the limit or longer, or holds a control character; without
/// limit control characters are not looked for either.
pub fn message_group(group: &str, limits: &Limits) -> Result<(), Code> {
    if group.is_empty() {
        return Ok(());
    }
    let is_unlimited = limits.message_group_bytes <= 0;
    let is_short = i64::try_from(group.len()).is_ok_and(|bytes| bytes < limits.message_group_bytes);
    let is_fine = !is_blank(group) && (is_unlimited || is_short && !has_control(group));
    require(is_fine, Code::IllegalMessageGroup)
}

/// Is this the key of a property of the system's own?
pub fn is_system_property(key: &str) -> bool {
    SYSTEM_PROPERTIES.binary_search(&key).is_ok()
}

/// A message's user properties, and their size together with that of tag and keys. The size is in bytes of UTF-8.
///
/// # Errors
///
/// [`Code::MessagePropertiesTooLarge`] for too many or too large, [`Code::IllegalMessagePropertyKey`] for a key of the
/// system's own or a control character in key or value, and the codes of [`tag`](fn@tag) and [`message_key`].
pub fn properties(
    user: &[(&str, &str)],
    message_tag: &str,
    keys: &[&str],
    limits: &Limits,
) -> Result<(), Code> {
    require(user.len() <= limits.user_properties_max, Code::MessagePropertiesTooLarge)?;
    for (key, value) in user {
        require(
            !is_system_property(key) && !has_control(key) && !has_control(value),
            Code::IllegalMessagePropertyKey,
        )?;
    }
    tag(message_tag)?;
    keys.iter().try_for_each(|key| message_key(key))?;
    let user_bytes: usize = user.iter().map(|(key, value)| key.len() + value.len()).sum();
    let bytes = user_bytes + message_tag.len() + keys.iter().map(|key| key.len()).sum::<usize>();
    require(bytes <= limits.user_property_bytes_max, Code::MessagePropertiesTooLarge)
}

/// A message's id.
///
/// # Errors
///
/// [`Code::IllegalMessageId`] if it is blank.
pub fn message_id(id: &str) -> Result<(), Code> {
    require(!is_blank(id), Code::IllegalMessageId)
}

/// A body of so many bytes.
///
/// # Errors
///
/// [`Code::MessageBodyEmpty`], [`Code::MessageBodyTooLarge`].
pub fn body(bytes: i64, limits: &Limits) -> Result<(), Code> {
    require(bytes > 0 || !limits.is_empty_body_refused, Code::MessageBodyEmpty)?;
    require(is_within(bytes, limits.body_bytes_max), Code::MessageBodyTooLarge)
}

/// A delivery time that is so many milliseconds ahead; one that is past is fine.
///
/// # Errors
///
/// [`Code::IllegalDeliveryTime`] if it is too far ahead.
pub fn delay(delay_ms: i64, limits: &Limits) -> Result<(), Code> {
    require(is_within(delay_ms, limits.delay_max_ms), Code::IllegalDeliveryTime)
}

/// How long a transaction is not to be asked about, in seconds.
///
/// # Errors
///
/// [`Code::BadRequest`] if it is too long.
pub fn transaction_recovery(secs: i64, limits: &Limits) -> Result<(), Code> {
    require(is_within(secs, limits.transaction_recovery_secs_max), Code::BadRequest)
}

/// An invisible time in milliseconds; a receive asks for 10 s at least, a change of it for nothing in particular.
///
/// # Errors
///
/// [`Code::IllegalInvisibleTime`] if it is below the minimum or above the limit.
pub fn invisible_time(invisible_ms: i64, min_ms: i64, limits: &Limits) -> Result<(), Code> {
    let is_fine = invisible_ms >= min_ms && is_within(invisible_ms, limits.invisible_max_ms);
    require(is_fine, Code::IllegalInvisibleTime)
}

/// The number of messages that a receive asks for (`PopMessageProcessor`).
///
/// # Errors
///
/// [`Code::InvalidParameter`] above 32.
pub fn receive_batch(messages: i64) -> Result<(), Code> {
    require(messages <= RECEIVE_BATCH_MAX, Code::InvalidParameter)
}

#[cfg(test)]
mod tests {
    use super::*;

    const LIMITS: Limits = Limits {
        body_bytes_max: 4,
        is_empty_body_refused: true,
        message_group_bytes: 64,
        user_properties_max: 2,
        user_property_bytes_max: 10,
        delay_max_ms: 1_000,
        transaction_recovery_secs_max: 3_600,
        invisible_max_ms: 43_200_000,
    };

    #[test]
    fn names_have_their_characters_and_lengths() {
        assert!(["a", "a|b", "%RETRY%g", "RMQ_SYS_x", "tbw102"].iter().all(|name| topic(name).is_ok()));
        for name in
            ["", " ", "a b", "é", "a.b", "TBW102", "rmq_sys_", "rmq_sys_wheel_timer", &"a".repeat(128)]
        {
            assert_eq!(topic(name), Err(Code::IllegalTopic), "{name}");
        }
        for name in ["%RETRY%g", "%DLQ%g", REPLY_TOPIC, "TBW102", ""] {
            assert_eq!(new_topic(name), Err(Code::IllegalTopic), "{name}");
        }
        assert!(["TBW102x", "RMQ_SYS_x", "x%DLQ%"].iter().all(|name| new_topic(name).is_ok()));
        assert!(topic(&"a".repeat(127)).is_ok() && consumer_group(&"a".repeat(120)).is_ok());
        assert!(consumer_group("TBW102").is_ok() && consumer_group("TOOLS_CONSUMER").is_ok());
        for name in ["", "a=b", "CID_RMQ_SYS_", &"a".repeat(121)] {
            assert_eq!(consumer_group(name), Err(Code::IllegalConsumerGroup), "{name}");
        }
    }

    #[test]
    fn tags_keys_and_message_groups_are_not_blank() {
        assert!(tag("").is_ok() && tag(" a ").is_ok() && tag("\u{a0}").is_ok());
        assert!([" ", "a|b", "a\n", "\u{3000}", "\u{7f}"].iter().all(|text| tag(text).is_err()));
        assert!(message_key("a|b").is_ok() && message_key(" ").is_err() && message_key("\0").is_err());
        let group = |text: &str| message_group(text, &LIMITS);
        assert!(group("").is_ok() && group(&"g".repeat(63)).is_ok() && group(&"中".repeat(21)).is_ok());
        assert!([" ", "a\u{1}", &"g".repeat(64)].iter().all(|text| group(text).is_err()));
        let unlimited = Limits { message_group_bytes: 0, ..LIMITS };
        assert!(
            message_group(&"g".repeat(64), &unlimited).is_ok() && message_group(" ", &unlimited).is_err()
        );
    }

    #[test]
    fn properties_are_few_small_and_not_the_systems() {
        let of = |user: &[(&str, &str)]| properties(user, "tag", &["key"], &LIMITS);
        assert_eq!(of(&[("ab", "cd")]), Ok(()));
        assert_eq!(of(&[("ab", "cde")]), Err(Code::MessagePropertiesTooLarge));
        assert_eq!(of(&[("a", ""), ("b", ""), ("c", "")]), Err(Code::MessagePropertiesTooLarge));
        assert_eq!(of(&[("DELAY", "3")]), Err(Code::IllegalMessagePropertyKey));
        assert_eq!(of(&[("k", "\n")]), Err(Code::IllegalMessagePropertyKey));
        assert_eq!(properties(&[], "|", &[], &LIMITS), Err(Code::IllegalMessageTag));
        assert_eq!(properties(&[], "", &[" "], &LIMITS), Err(Code::IllegalMessageKey));
        assert!(SYSTEM_PROPERTIES.is_sorted());
    }

    #[test]
    fn numbers_stay_within_their_limits() {
        assert_eq!(
            [0, 4, 5].map(|bytes| body(bytes, &LIMITS).map_err(Code::number)),
            [Err(41_302), Ok(()), Err(41_301)]
        );
        assert_eq!([-5, 1_000, 1_001].map(|ms| delay(ms, &LIMITS).is_ok()), [true, true, false]);
        let invisible = |ms| invisible_time(ms, 10_000, &LIMITS).is_ok();
        assert_eq!([9_999, 10_000, 43_200_000, 43_200_001].map(invisible), [false, true, true, false]);
        assert_eq!([3_600, 3_601].map(|secs| transaction_recovery(secs, &LIMITS).is_ok()), [true, false]);
        assert_eq!([32, 33].map(|messages| receive_batch(messages).is_ok()), [true, false]);
        assert_eq!([" ", "01"].map(|id| message_id(id).is_ok()), [false, true]);
        let unlimited = Limits { delay_max_ms: 0, ..LIMITS };
        assert_eq!(delay(i64::MAX, &unlimited), Ok(()));
    }
}
