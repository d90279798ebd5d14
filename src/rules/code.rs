//! The names and numbers by which a refusal is known: what a 5.x client is answered, and the few codes of the classic
//! protocol that have no name of their own there.

use std::fmt;

/// Why something is refused. The names are those of the protocol, spelt as here but in capitals.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Code {
    /// The request as a whole makes no sense, for instance a transaction recovery time beyond the limit.
    BadRequest,
    /// A topic name that is malformed, too long, or one of the system's own.
    IllegalTopic,
    /// A group name that is malformed, too long, or one of the system's own.
    IllegalConsumerGroup,
    /// A tag that is blank, or holds a bar or a control character.
    IllegalMessageTag,
    /// A message key that is blank or holds a control character.
    IllegalMessageKey,
    /// A message group that is blank, too long, or holds a control character.
    IllegalMessageGroup,
    /// A user property whose key is the system's own, or which holds a control character.
    IllegalMessagePropertyKey,
    /// A message without id.
    IllegalMessageId,
    /// An invisible time out of range.
    IllegalInvisibleTime,
    /// A delivery time too far ahead.
    IllegalDeliveryTime,
    /// A receipt handle that is none any longer.
    InvalidReceiptHandle,
    /// The message's type is not the type of its topic.
    MessagePropertyConflictWithType,
    /// A lite topic whose name is blank, too long, or holds a dollar sign.
    IllegalLiteTopic,
    /// A receive that found nothing.
    MessageNotFound,
    /// A body above the limit.
    MessageBodyTooLarge,
    /// A body of no bytes.
    MessageBodyEmpty,
    /// Too many user properties, or too many bytes of them.
    MessagePropertiesTooLarge,
    /// The broker has as many lite topics as it may have.
    LiteTopicQuotaExceeded,
    /// A client, or the broker, has as many subscriptions to lite topics as it may have.
    LiteSubscriptionQuotaExceeded,
    /// The broker is too busy.
    TooManyRequests,
    /// The same in the classic protocol.
    SystemBusy,
    /// A message that the broker does not take; a code of the classic protocol.
    MessageIllegal,
    /// A receipt handle that is none any longer, in the classic protocol.
    NoMessage,
    /// A receive that found nothing, in the classic protocol.
    PollingTimeout,
    /// Classic protocol: an argument out of range, for instance a receive batch above 32.
    InvalidParameter,
}

impl Code {
    /// The name as the protocol spells it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::BadRequest => "BAD_REQUEST",
            Self::IllegalTopic => "ILLEGAL_TOPIC",
            Self::IllegalConsumerGroup => "ILLEGAL_CONSUMER_GROUP",
            Self::IllegalMessageTag => "ILLEGAL_MESSAGE_TAG",
            Self::IllegalMessageKey => "ILLEGAL_MESSAGE_KEY",
            Self::IllegalMessageGroup => "ILLEGAL_MESSAGE_GROUP",
            Self::IllegalMessagePropertyKey => "ILLEGAL_MESSAGE_PROPERTY_KEY",
            Self::IllegalMessageId => "ILLEGAL_MESSAGE_ID",
            Self::IllegalInvisibleTime => "ILLEGAL_INVISIBLE_TIME",
            Self::IllegalDeliveryTime => "ILLEGAL_DELIVERY_TIME",
            Self::InvalidReceiptHandle => "INVALID_RECEIPT_HANDLE",
            Self::MessagePropertyConflictWithType => "MESSAGE_PROPERTY_CONFLICT_WITH_TYPE",
            Self::IllegalLiteTopic => "ILLEGAL_LITE_TOPIC",
            Self::MessageNotFound => "MESSAGE_NOT_FOUND",
            Self::MessageBodyTooLarge => "MESSAGE_BODY_TOO_LARGE",
            Self::MessageBodyEmpty => "MESSAGE_BODY_EMPTY",
            Self::MessagePropertiesTooLarge => "MESSAGE_PROPERTIES_TOO_LARGE",
            Self::LiteTopicQuotaExceeded => "LITE_TOPIC_QUOTA_EXCEEDED",
            Self::LiteSubscriptionQuotaExceeded => "LITE_SUBSCRIPTION_QUOTA_EXCEEDED",
            Self::TooManyRequests => "TOO_MANY_REQUESTS",
            Self::SystemBusy => "SYSTEM_BUSY",
            Self::MessageIllegal => "MESSAGE_ILLEGAL",
            Self::NoMessage => "NO_MESSAGE",
            Self::PollingTimeout => "POLLING_TIMEOUT",
            Self::InvalidParameter => "INVALID_PARAMETER",
        }
    }

    /// What the classic protocol says instead (`RemotingSysResponseCode`, `ResponseCode`); the same where it knows no such
    /// refusal.
    pub const fn classic(self) -> Self {
        match self {
            Self::TooManyRequests => Self::SystemBusy,
            Self::InvalidReceiptHandle => Self::NoMessage,
            Self::MessageNotFound => Self::PollingTimeout,
            Self::IllegalDeliveryTime
            | Self::MessageBodyTooLarge
            | Self::MessageBodyEmpty
            | Self::MessagePropertiesTooLarge => Self::MessageIllegal,
            other => other,
        }
    }

    /// The number: five digits in the 5.x protocol, fewer in the classic one.
    pub const fn number(self) -> u32 {
        match self {
            Self::BadRequest => 40_000,
            Self::IllegalTopic => 40_002,
            Self::IllegalConsumerGroup => 40_003,
            Self::IllegalMessageTag => 40_004,
            Self::IllegalMessageKey => 40_005,
            Self::IllegalMessageGroup => 40_006,
            Self::IllegalMessagePropertyKey => 40_007,
            Self::IllegalMessageId => 40_009,
            Self::IllegalInvisibleTime => 40_011,
            Self::IllegalDeliveryTime => 40_012,
            Self::InvalidReceiptHandle => 40_013,
            Self::MessagePropertyConflictWithType => 40_014,
            Self::IllegalLiteTopic => 40_020,
            Self::MessageNotFound => 40_401,
            Self::MessageBodyTooLarge => 41_301,
            Self::MessageBodyEmpty => 41_302,
            Self::MessagePropertiesTooLarge => 43_101,
            Self::LiteTopicQuotaExceeded => 42_901,
            Self::LiteSubscriptionQuotaExceeded => 42_902,
            Self::TooManyRequests => 42_900,
            Self::SystemBusy => 2,
            Self::MessageIllegal => 13,
            Self::NoMessage => 208,
            Self::PollingTimeout => 210,
            Self::InvalidParameter => 29,
        }
    }
}

impl fmt::Display for Code {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.name(), self.number())
    }
}
