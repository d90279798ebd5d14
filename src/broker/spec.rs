//! What a person says about a topic, a producer, a group or a consumer: plain values, checked by `scenario` before
//! they get here and never changed afterwards. The world keeps them behind `Rc`, so a checkpoint shares them.
//!
//! Written as JSON they go into the digest of the command that brings them, and so into the fingerprint. What was added to
//! the format later and is not used says nothing there: a run without it has the fingerprint that it always had.

use serde::{Serialize, Serializer};

pub use super::lite::LiteNames;
pub use super::strategy::{Configured, Strategy};
pub use crate::rules::lite::{Names, Position};
use crate::rules::message_type::{BuildError, Trait, Traits, check_body, check_not_blank};
pub use crate::rules::message_type::{MessageType, TopicType};
use crate::sim::{Distribution, Ratio, Span};

/// A topic as it is created ([§2 of the domain model]: a named container of queues with one message type).
///
/// [§2 of the domain model]: https://rocketmq.apache.org/docs/domainModel/02topic
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct TopicSpec {
    /// Its name, unique in the world.
    pub name: String,
    /// Which type of message it takes.
    #[serde(serialize_with = "type_name")]
    pub message_type: TopicType,
    /// Producers see queues `0..write_queues`.
    pub write_queues: u32,
    /// Consumers see queues `0..read_queues`.
    pub read_queues: u32,
    /// What goes of its messages (`cleanup.policy`).
    #[serde(skip_serializing_if = "Cleanup::is_usual")]
    pub cleanup: Cleanup,
}

/// What goes of a topic's messages.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default, Serialize)]
pub enum Cleanup {
    /// Those that are too old.
    #[default]
    Delete,
    /// Those that a newer one with the same key replaces.
    Compaction,
}

impl Cleanup {
    /// Is it the usual one?
    fn is_usual(&self) -> bool {
        *self == Self::Delete
    }
}

fn type_name<S: Serializer>(topic: &TopicType, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(topic.name())
}

/// A producer: what it sends, where, and how often.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ProducerSpec {
    /// Its name on screen; the broker keeps no identity of producers.
    pub name: String,
    /// The topic it sends to, by name.
    pub topic: String,
    /// When it sends.
    pub pattern: Pattern,
    /// Which writable queue each message goes to.
    pub queue_selection: QueueSelection,
    /// What its messages hold.
    pub message: MessageTemplate,
}

/// When a producer sends.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub enum Pattern {
    /// Evenly spaced: the k-th message at exactly k / rate, without drift.
    Constant(Rate),
    /// Independent exponential gaps.
    Poisson(Rate),
    /// Evenly spaced at `rate`, and at `burst_rate` during the first `lasting` of every `every`.
    Bursts {
        /// Between bursts; may be zero.
        rate: Rate,
        /// During a burst.
        burst_rate: Rate,
        /// From the start of one burst to the start of the next.
        every: Span,
        /// Length of a burst.
        lasting: Span,
    },
    /// Only when a `send` command says so.
    ByHand,
}

/// Messages per second, exact to a millionth.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Default, Serialize)]
pub struct Rate {
    /// Millionths of a message per second.
    pub micros_per_second: u64,
}

impl Rate {
    /// So many whole messages per second.
    pub fn per_second(messages: u64) -> Self {
        Self { micros_per_second: messages.saturating_mul(1_000_000) }
    }
}

/// How a producer picks a queue for a message without message group. One with a message group goes where the group's
/// hash says.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default, Serialize)]
pub enum QueueSelection {
    /// One after the other from a seeded start (`PublishingLoadBalancer`, `MessageQueueSelector`).
    #[default]
    RoundRobin,
    /// Independently at random; not a RocketMQ default, but what queueing theory assumes.
    Uniform,
}

/// What a producer writes into its messages. `{n}` in a text stands for the message's number, `{tag}` for its tag and
/// `{key}` for its key.
#[derive(Clone, Debug, PartialEq, Eq, Default, Serialize)]
pub struct MessageTemplate {
    /// Tags, taken in turn; empty for untagged messages.
    pub tags: Vec<String>,
    /// The message key; none by default.
    pub key: Option<String>,
    /// User properties, name and text.
    pub properties: Vec<(String, String)>,
    /// The body; a line that names producer and number by default.
    pub body: Option<String>,
    /// The number of the first message, added to `{n}`.
    pub first_number: u64,
    /// The message group within which messages are in order; none by default.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub message_group: Option<MessageGroups>,
    /// The lite topic that messages are for; none by default.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub lite_topic: Option<LiteNames>,
    /// How long after it is sent a message is to be seen; at once by default.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub delay: Option<Distribution>,
    /// The same as one of the classic levels. If both are given, the level counts.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub delay_level: Option<u32>,
    /// What the producer does between the two phases of a transactional message; none for other messages.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub transaction: Option<Box<TransactionSpec>>,
    /// How many messages go out as one request; one by default.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub batch: Option<u32>,
    /// How long the producer waits for an answer to each message, which makes it a request; none by default.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub request: Option<Span>,
}

/// The local transactions of a producer, and what the broker hears of them.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct TransactionSpec {
    /// How long one takes.
    pub takes: Distribution,
    /// Which of them are rolled back.
    pub rollback: Which,
    /// At the end of which the producer does not know yet how they ended, and says so.
    pub unknown: Which,
    /// Of which the broker never hears what the producer says at the end.
    pub lost: Which,
    /// About which the checker still knows nothing after they ended.
    pub check_unknown: Which,
    /// Of which the broker hears what the producer says at the end twice.
    #[serde(skip_serializing_if = "Which::is_none")]
    pub twice: Which,
    /// About which the checker says the opposite of what is the case.
    #[serde(skip_serializing_if = "Which::is_none")]
    pub check_wrong: Which,
    /// How long after its birth the broker does not ask about a message, in seconds; `tx.firstCheckAfterMs` by default.
    pub check_after_secs: Option<u32>,
}

impl Default for TransactionSpec {
    fn default() -> Self {
        Self {
            takes: Distribution::Constant(Span::from_ms(10)),
            rollback: Which::NONE,
            unknown: Which::NONE,
            lost: Which::NONE,
            check_unknown: Which::NONE,
            twice: Which::NONE,
            check_wrong: Which::NONE,
            check_after_secs: None,
        }
    }
}

/// Some of a producer's messages.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub enum Which {
    /// So many, each by chance.
    Share(Ratio),
    /// Those with this tag.
    Tag(String),
    /// Those with this key.
    Key(String),
}

impl Which {
    /// None of them.
    pub const NONE: Self = Self::Share(Ratio::ZERO);

    fn is_none(&self) -> bool {
        *self == Self::NONE
    }
}

/// Which message group a producer's messages belong to.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub enum MessageGroups {
    /// A text, filled like the others.
    Text(String),
    /// Names, taken in turn.
    InTurn(Vec<String>),
    /// So many groups, `g0` and on; each message belongs to one of them by chance.
    ByChance(u32),
}

impl MessageTemplate {
    /// What the client's builder makes of it.
    ///
    /// # Errors
    /// Traits that exclude each other, or a transaction.
    pub fn built(&self) -> Result<MessageType, BuildError> {
        let has_time = self.delay.is_some() || self.delay_level.is_some();
        let all = [
            (self.message_group.is_some(), Trait::MessageGroup),
            (has_time, Trait::DeliveryTime),
            (self.lite_topic.is_some(), Trait::LiteTopic),
        ];
        let mut traits = Traits::default();
        for (_, one) in all.into_iter().filter(|(is_set, _)| *is_set) {
            traits.set(one)?;
        }
        traits.message_type(self.transaction.is_some())
    }

    /// Of which type the messages are. A file that asks for several has a problem, and comes to no broker.
    pub fn message_type(&self) -> MessageType {
        self.built().unwrap_or(MessageType::Normal)
    }

    /// A text as it is in the first messages, once for each of their tags.
    pub fn filled(&self, text: &str) -> Vec<String> {
        let tags: Vec<&str> = self.tags.iter().map(String::as_str).collect();
        let tags = if tags.is_empty() { vec![""] } else { tags };
        let number = self.first_number.to_string();
        let key = self.key.as_deref().unwrap_or_default();
        let fill = |text: &str, tag: &str| text.replace("{n}", &number).replace("{tag}", tag);
        tags.iter().map(|tag| fill(text, tag).replace("{key}", &fill(key, tag))).collect()
    }

    /// Would the client refuse the key, because nothing is left of it once it is filled?
    pub fn is_key_blank(&self) -> bool {
        let is_blank = |key: &str| self.filled(key).iter().any(|key| check_not_blank(key).is_err());
        self.key.as_deref().is_some_and(is_blank)
    }

    /// Would it refuse the body?
    pub fn is_body_empty(&self) -> bool {
        let is_empty =
            |body: &str| self.filled(body).iter().any(|body| check_body(body.len() as u64).is_err());
        self.body.as_deref().is_some_and(is_empty)
    }
}

/// A consumer group: the identity under which consumption happens.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct GroupSpec {
    /// Its name, unique in the world.
    pub name: String,
    /// Do its consumers share the messages, or does each get all?
    pub mode: ConsumeMode,
    /// Which kind of client its consumers are.
    #[serde(skip_serializing_if = "ConsumerType::is_push")]
    pub consumer_type: ConsumerType,
    /// What is shared out: queues or single messages.
    pub balance: Balance,
    /// How queues are shared out in queue balancing.
    pub strategy: Strategy,
    /// When its failed messages are tried again.
    #[serde(skip_serializing_if = "RetryRule::is_usual")]
    pub retry: RetryRule,
    /// Are its messages delivered in order?
    #[serde(skip_serializing_if = "DeliveryOrder::is_concurrent")]
    pub delivery_order: DeliveryOrder,
    /// Does the business effect of its messages count, and is it had once for each business key, however often a message
    /// is delivered? Nobody counts if it is not said.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub idempotent: Option<bool>,
    /// May several of its clients subscribe to one lite topic? As in the settings, if it is not said.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub lite_sub_model: Option<SubModel>,
    /// Do its listeners answer requests?
    #[serde(skip_serializing_if = "is_false")]
    pub replies: bool,
    /// Where it starts on a queue for which it has no committed offset.
    pub initial_offset: InitialOffset,
    /// What it listens to.
    pub subscriptions: Vec<SubscriptionSpec>,
    /// Its consumers at the start; more can join later.
    pub consumers: Vec<ConsumerSpec>,
}

/// How many clients of a group may subscribe to one lite topic (`lite.sub.model`).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default, Serialize)]
pub enum SubModel {
    /// As many as like; each message goes to one of them.
    #[default]
    Shared,
    /// One: the newest that subscribes on purpose takes it from the one before.
    Exclusive,
}

fn is_false(flag: &bool) -> bool {
    !flag
}

/// Which kind of client a group's consumers are. They are of one kind: pull consumers and the others do not mix.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default, Serialize)]
pub enum ConsumerType {
    /// The client calls a listener for every message, and reports its result.
    #[default]
    Push,
    /// The application receives, acknowledges, and changes invisible times.
    Simple,
    /// The application polls, and commits a position in each queue (`LitePullConsumer`).
    Pull,
}

impl ConsumerType {
    /// Is it the usual one?
    fn is_push(&self) -> bool {
        *self == Self::Push
    }
}

/// What the application around a simple or a pull consumer does.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default, Serialize)]
pub enum Application {
    /// It receives whenever it has fewer messages than threads, processes and acknowledges them; or polls whenever a thread is
    /// free and nothing is left of the last poll.
    #[default]
    Loop,
    /// The same, and it extends the invisible time of what it has not finished.
    Renewing,
    /// Of a pull consumer: the same, and it commits by itself when it has processed all that a poll returned, and only then.
    Committing,
    /// Nothing but what a person asks for: receive, acknowledge, change an invisible time; poll, commit, seek.
    ByHand,
}

impl Application {
    /// Is it the usual one?
    fn is_loop(&self) -> bool {
        *self == Self::Loop
    }
}

/// In which order a group is given its messages (`consumeMessageOrderly`). It is the group's choice, whatever the topic:
/// a group without order takes FIFO messages as they come.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default, Serialize)]
pub enum DeliveryOrder {
    /// As many at once as there are threads.
    #[default]
    Concurrent,
    /// One after the other: within a message group in message balancing, within a queue in queue balancing. In
    /// broadcasting nothing is locked, and this means nothing.
    Orderly,
}

impl DeliveryOrder {
    /// Is there none?
    fn is_concurrent(&self) -> bool {
        *self == Self::Concurrent
    }

    /// The word used in files.
    pub fn name(self) -> &'static str {
        match self {
            Self::Concurrent => "concurrent",
            Self::Orderly => "orderly",
        }
    }
}

/// What waits while an orderly group is not done with a message, in message balancing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub enum LockScope {
    /// The later messages of its message group: the documented model.
    #[default]
    MessageGroup,
    /// All later messages of its queue: what open-source brokers do (`ConsumerOrderInfoManager`).
    Queue,
}

/// How a message group is hashed to a queue.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub enum QueueHash {
    /// Jump hash of the Java hash: the proxy, which decides (`SendMessageActivity`).
    #[default]
    Jump,
    /// `SipHash` modulo the number of queues: the 5.x client (`PublishingLoadBalancer`).
    SipHash,
    /// The Java hash modulo the number of queues: what users of the classic client write (`SelectMessageQueueByHash`).
    Mod,
}

/// RocketMQ's `MessageModel`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default, Serialize)]
pub enum ConsumeMode {
    /// Each message goes to one consumer of the group.
    #[default]
    Clustering,
    /// Each consumer gets every message, keeps its own offsets and never retries.
    Broadcasting,
}

/// The two families of load balancing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default, Serialize)]
pub enum Balance {
    /// Whole queues are handed to consumers (classic push, pull).
    Queue,
    /// Single messages are handed to whoever asks (POP, 5.x push and simple).
    #[default]
    Message,
}

impl Balance {
    /// The word used on screen and in files.
    pub fn name(self) -> &'static str {
        match self {
            Self::Queue => "queue",
            Self::Message => "message",
        }
    }
}

/// A group's own rule for retries, where it has one (`GroupRetryPolicy`). An orderly group retries in place, by the settings.
#[derive(Clone, Debug, PartialEq, Eq, Default, Serialize)]
pub struct RetryRule {
    /// Retries after the first delivery; `group.retryMaxTimes` if not given.
    pub max_times: Option<u32>,
    /// The waits before them, the last of which goes on; `group.retryLadder` if not given.
    pub ladder: Option<Vec<Span>>,
}

impl RetryRule {
    /// Is everything as in the settings?
    fn is_usual(&self) -> bool {
        *self == Self::default()
    }
}

/// Where a group without a committed offset starts (`ConsumeFromWhere`).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default, Serialize)]
pub enum InitialOffset {
    /// At the max offset: only what comes from now on.
    #[default]
    Latest,
    /// At the min offset: everything still stored.
    Earliest,
    /// With the first message stored at a time, counted from the start of the run, or half an hour before the group is
    /// created.
    Timestamp(Option<Span>),
    /// As open-source brokers really do: with offset 0 as long as that is in memory; else at the end, or in message
    /// balancing with the last message.
    OssCompat,
}

impl InitialOffset {
    /// The word used on screen and in files.
    pub fn name(self) -> &'static str {
        match self {
            Self::Latest => "latest",
            Self::Earliest => "earliest",
            Self::Timestamp(_) => "timestamp",
            Self::OssCompat => "ossCompat",
        }
    }
}

/// A group's wish for a topic.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct SubscriptionSpec {
    /// The topic's name.
    pub topic: String,
    /// Which of its messages.
    #[serde(skip_serializing_if = "FilterSpec::is_all")]
    pub filter: FilterSpec,
}

impl SubscriptionSpec {
    /// Every message of a topic.
    pub fn all(topic: impl Into<String>) -> Self {
        Self { topic: topic.into(), filter: FilterSpec::All }
    }
}

/// Which messages of a topic are wanted, as a client says it (`ExpressionType`). What it means is in
/// [`Filter`](super::subscription::Filter).
#[derive(Clone, Debug, PartialEq, Eq, Default, Serialize)]
pub enum FilterSpec {
    /// `*`: all of them.
    #[default]
    All,
    /// Those with one of some tags: `TagA || TagB`.
    Tags(String),
    /// Those of whose properties an SQL-92 condition is true.
    Sql(String),
}

impl FilterSpec {
    /// Does it let everything pass?
    pub fn is_all(&self) -> bool {
        *self == Self::All
    }

    /// A tag expression; `*` is every message.
    pub fn tags(expression: &str) -> Self {
        if expression == "*" { Self::All } else { Self::Tags(expression.to_owned()) }
    }

    /// The expression as one writes it.
    pub fn expression(&self) -> &str {
        match self {
            Self::All => "*",
            Self::Tags(text) | Self::Sql(text) => text,
        }
    }
}

/// A consumer: one running client of a group.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ConsumerSpec {
    /// Its name, unique in the group; allocation sorts by it.
    pub name: String,
    /// Listener threads; `push.threads` if not given.
    pub threads: Option<u32>,
    /// How long the listener takes for a message.
    pub processing: Distribution,
    /// When the listener reports failure; a simple consumer does not acknowledge then.
    pub failure: Failure,
    /// The lite topics that it subscribes to when it starts, in a group that reads some.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub lite_topics: Vec<Names>,
    /// Of a simple or a pull consumer: what the application does.
    #[serde(skip_serializing_if = "Application::is_loop")]
    pub application: Application,
    /// Filters of its own, for topics of its group. A group should have none of these: its members are meant to agree.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub subscriptions: Vec<SubscriptionSpec>,
}

/// When a listener reports failure.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub enum Failure {
    /// Each attempt fails with this probability, independently.
    Probability(Ratio),
    /// Every attempt on a message with this tag fails.
    PoisonTag(String),
    /// Every attempt on a message with this key fails.
    PoisonKey(String),
    /// The first so many attempts of every message fail, later ones succeed.
    FirstAttempts(u32),
}

impl Failure {
    /// Never fails.
    pub const NEVER: Self = Self::Probability(Ratio::ZERO);
}
