//! Of which type a message is, which a topic accepts, and what the 5.x client's builder lets through
//! (`MessageBuilderImpl`, `PublishingMessageImpl`, `DefaultTopicMessageTypeValidator`).

use std::fmt;

use super::code::Code;
use super::text::is_blank;

/// The types of messages.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum MessageType {
    /// None of the others.
    Normal,
    /// In order within its message group.
    Fifo,
    /// Visible at its time.
    Delay,
    /// Visible once its transaction commits.
    Transaction,
    /// Of a lite topic.
    Lite,
    /// With a priority.
    Priority,
}

impl MessageType {
    /// The name as the protocol spells it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Normal => "NORMAL",
            Self::Fifo => "FIFO",
            Self::Delay => "DELAY",
            Self::Transaction => "TRANSACTION",
            Self::Lite => "LITE",
            Self::Priority => "PRIORITY",
        }
    }
}

/// What a topic is made for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum TopicType {
    /// One type only.
    Of(MessageType),
    /// Messages of all types.
    Mixed,
}

impl TopicType {
    /// What a topic is if nobody says anything.
    pub const NORMAL: Self = Self::Of(MessageType::Normal);

    /// The name as the protocol spells it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Of(message) => message.name(),
            Self::Mixed => "MIXED",
        }
    }
}

/// May a message of this type be sent to such a topic? Asked by the proxy (`DefaultTopicMessageTypeValidator`), never by a
/// classic broker.
///
/// # Errors
///
/// [`Code::MessagePropertyConflictWithType`].
pub fn accept(topic: TopicType, message: MessageType) -> Result<(), Code> {
    if topic == TopicType::Mixed || topic == TopicType::Of(message) {
        Ok(())
    } else {
        Err(Code::MessagePropertyConflictWithType)
    }
}

/// Is this one of the types that the route names for such a topic? The client asks that before it sends, so that a topic
/// for all types sees no lite topic and no priority (`RouteActivity`, `ProducerImpl`).
pub fn is_in_route(topic: TopicType, message: MessageType) -> bool {
    match topic {
        TopicType::Of(only) => message == only,
        TopicType::Mixed => !matches!(message, MessageType::Lite | MessageType::Priority),
    }
}

/// What may be set once per message, but not with another.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Trait {
    /// A message group.
    MessageGroup,
    /// A lite topic.
    LiteTopic,
    /// A delivery time.
    DeliveryTime,
    /// A priority.
    Priority,
}

/// Why the client's builder, or the client when it sends, refuses a message. The real ones throw exceptions.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BuildError {
    /// Missing where something is needed.
    Missing,
    /// Nothing but whitespace.
    Blank,
    /// A topic with characters other than letters, digits, `_`, `-` and `%`.
    BadTopic,
    /// A tag with a bar.
    TagWithBar,
    /// A body without bytes.
    EmptyBody,
    /// A priority below 0.
    NegativePriority,
    /// Two traits of one message that exclude each other.
    Exclusive(Trait, Trait),
    /// A message in a transaction that has a trait.
    InTransaction(Trait),
}

impl fmt::Display for BuildError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Missing => f.write_str("is missing"),
            Self::Blank => f.write_str("is blank"),
            Self::BadTopic => f.write_str("has characters other than letters, digits, _, - and %"),
            Self::TagWithBar => f.write_str("holds |"),
            Self::EmptyBody => f.write_str("has no bytes"),
            Self::NegativePriority => f.write_str("is below 0"),
            Self::Exclusive(new, old) => write!(f, "{new:?} and {old:?} exclude each other"),
            Self::InTransaction(old) => write!(f, "a transaction's message has no {old:?}"),
        }
    }
}

/// The traits of a message that is being built. They exclude each other, so there is one at most; it may be set again.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub struct Traits {
    set: Option<Trait>,
}

impl Traits {
    /// Sets one.
    ///
    /// # Errors
    ///
    /// Another is set.
    pub fn set(&mut self, new: Trait) -> Result<(), BuildError> {
        match self.set {
            Some(old) if old != new => Err(BuildError::Exclusive(new, old)),
            _ => {
                self.set = Some(new);
                Ok(())
            }
        }
    }

    /// The type of the message, sent inside a transaction or not.
    ///
    /// # Errors
    ///
    /// In a transaction no trait may be set.
    pub fn message_type(self, is_transactional: bool) -> Result<MessageType, BuildError> {
        match (self.set, is_transactional) {
            (None, false) => Ok(MessageType::Normal),
            (None, true) => Ok(MessageType::Transaction),
            (Some(set), true) => Err(BuildError::InTransaction(set)),
            (Some(Trait::MessageGroup), false) => Ok(MessageType::Fifo),
            (Some(Trait::LiteTopic), false) => Ok(MessageType::Lite),
            (Some(Trait::DeliveryTime), false) => Ok(MessageType::Delay),
            (Some(Trait::Priority), false) => Ok(MessageType::Priority),
        }
    }
}

/// The builder's check of a topic. It knows neither a longest name nor the system's own topics.
///
/// # Errors
///
/// Other characters than letters, digits, `_`, `-` and `%`, or none at all.
pub fn check_topic(topic: &str) -> Result<(), BuildError> {
    let is_fine = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '%');
    if topic.is_empty() || !topic.chars().all(is_fine) { Err(BuildError::BadTopic) } else { Ok(()) }
}

/// May a tag hold this, as far as the builder looks? A bar stands between tags in a subscription.
pub const fn is_tag_char(c: char) -> bool {
    c != '|'
}

/// The builder's check of a tag.
///
/// # Errors
///
/// A blank one, or one with a bar.
pub fn check_tag(tag: &str) -> Result<(), BuildError> {
    check_not_blank(tag)?;
    if tag.chars().all(is_tag_char) { Ok(()) } else { Err(BuildError::TagWithBar) }
}

/// The builder's check of a key, a message group, a lite topic, and of the key and the value of a property.
///
/// # Errors
///
/// Nothing but whitespace.
pub fn check_not_blank(text: &str) -> Result<(), BuildError> {
    if is_blank(text) { Err(BuildError::Blank) } else { Ok(()) }
}

/// The builder's check of a body.
///
/// # Errors
///
/// A body of no bytes.
pub fn check_body(bytes: u64) -> Result<(), BuildError> {
    if bytes == 0 { Err(BuildError::EmptyBody) } else { Ok(()) }
}

/// The builder's check of a priority.
///
/// # Errors
///
/// One below 0.
pub fn check_priority(priority: i64) -> Result<(), BuildError> {
    if priority < 0 { Err(BuildError::NegativePriority) } else { Ok(()) }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ALL: [Trait; 4] = [Trait::MessageGroup, Trait::LiteTopic, Trait::DeliveryTime, Trait::Priority];

    #[test]
    fn a_trait_makes_the_type_and_excludes_the_others_and_a_transaction() {
        let types = [MessageType::Fifo, MessageType::Lite, MessageType::Delay, MessageType::Priority];
        for (first, expected) in ALL.into_iter().zip(types) {
            let mut traits = Traits::default();
            traits.set(first).unwrap();
            assert_eq!(traits.set(first), Ok(()));
            assert_eq!(traits.message_type(false), Ok(expected));
            assert_eq!(traits.message_type(true), Err(BuildError::InTransaction(first)));
            for second in ALL.into_iter().filter(|second| *second != first) {
                assert_eq!(traits.set(second), Err(BuildError::Exclusive(second, first)));
            }
        }
        assert_eq!(Traits::default().message_type(false), Ok(MessageType::Normal));
        assert_eq!(Traits::default().message_type(true), Ok(MessageType::Transaction));
    }

    #[test]
    fn a_topic_accepts_its_type_and_a_mixed_one_all() {
        assert_eq!(accept(TopicType::Of(MessageType::Fifo), MessageType::Fifo), Ok(()));
        assert_eq!(accept(TopicType::Mixed, MessageType::Delay), Ok(()));
        let conflict = accept(TopicType::Of(MessageType::Normal), MessageType::Fifo);
        assert_eq!(conflict.map_err(Code::number), Err(40_014));
    }

    #[test]
    fn the_builder_is_stricter_than_the_proxy_about_bars_and_laxer_about_length() {
        assert!(["a", "%RETRY%g", "a-b_1"].iter().all(|topic| check_topic(topic).is_ok()));
        assert!(check_topic(&"a".repeat(300)).is_ok());
        assert!(["", " ", "a|b", "a.b", "é", "a\n"].iter().all(|topic| check_topic(topic).is_err()));
        assert!(check_tag("a b").is_ok() && check_tag("a|b").is_err() && check_tag("\u{3000}").is_err());
    }
}
