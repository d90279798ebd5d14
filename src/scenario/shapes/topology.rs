//! Topics, producers, groups, consumers.

use super::texts::{
    BODY, CONDITION, GROUP_NAME, LITE_NAME, MESSAGE_GROUP, NAME, ROOM, TAG, TAG_EXPRESSION, TOPIC_NAME, WORD,
};
use super::work::{DELAY, FAILURE, PATTERN, PROCESSING, TRANSACTION};
use super::{defaulted, list, optional, required};
use crate::scenario::form::{Choice, Field, Kind, Shape, Variant};
use crate::scenario::limits;
use crate::scenario::words::names;

pub(in crate::scenario) static TOPIC: Shape = Shape {
    name: "topic",
    about: "A topic: a named container of queues.",
    fields: &[
        required("name", Kind::Text(&TOPIC_NAME), "Its name, unlike that of any other topic."),
        defaulted(
            "type",
            Kind::Word(names::<crate::scenario::TopicType>),
            "\"NORMAL\"",
            "Which type of message it takes. A message of another type is refused when it is sent; `MIXED` takes all but \
             `LITE`. A topic of type `LITE` is the parent of lite topics, which come into being with their first use.",
        ),
        optional(
            "write_queues",
            Kind::Whole { least: 1, most: limits::QUEUES_PER_TOPIC },
            "4; 1 for lite topics, which have no more",
            "How many queues producers see.",
        ),
        optional(
            "read_queues",
            Kind::Whole { least: 1, most: limits::QUEUES_PER_TOPIC },
            "as many as `write_queues`",
            "How many queues consumers see.",
        ),
        defaulted(
            "cleanup",
            Kind::Word(names::<crate::scenario::Cleanup>),
            "\"DELETE\"",
            "What goes of its messages: those that are too old (`DELETE`), or those that a newer one with the same key \
             replaces (`COMPACTION`), at every `store.compactionIntervalMs`. Then each message needs a key.",
        ),
    ],
};

static TAG_KIND: Kind = Kind::Text(&TAG);

static MESSAGE_GROUP_KIND: Kind = Kind::Text(&MESSAGE_GROUP);

pub(in crate::scenario) static MESSAGE_GROUPS: Shape = Shape {
    name: "message_groups",
    about: "Message groups `g0`, `g1` and on; each message belongs to one of them by chance.",
    fields: &[required("count", Kind::Whole { least: 1, most: limits::MESSAGE_GROUPS }, "How many.")],
};

pub(super) static LITE_NAME_KIND: Kind = Kind::Text(&LITE_NAME);

/// Names of lite topics.
pub(super) const LITE_NAMES: Kind = Kind::List { of: &LITE_NAME_KIND, least: 1, most: limits::LITE_NAMES };

pub(in crate::scenario) static LITE_BY_CHANCE: Shape = Shape {
    name: "lite_by_chance",
    about: "Lite topics of which each message goes to one by chance.",
    fields: &[required("by_chance", LITE_NAMES, "Their names.")],
};

static LITE_PLAIN: Kind = Kind::Either(&LITE_NAME_KIND, &LITE_NAMES);

static MESSAGE_GROUP_NAMES: Kind = Kind::Either(
    &MESSAGE_GROUP_KIND,
    &Kind::List { of: &MESSAGE_GROUP_KIND, least: 1, most: limits::MESSAGE_GROUPS },
);

pub(in crate::scenario) static MESSAGE: Shape = Shape {
    name: "message",
    about: "What a producer writes into its messages. In `key`, `message_group`, `lite_topic`, `properties` and `body`, `{n}` stands for the \
            message's number and `{tag}` for its tag; in all but the first `{key}` stands for its key.",
    fields: &[
        defaulted(
            "tags",
            list(&TAG_KIND, limits::TAGS),
            "[]",
            "Tags that messages get in turn; none if the list is empty.",
        ),
        optional("key", Kind::Text(&WORD), "no key", "The message key."),
        optional(
            "message_group",
            Kind::Either(&MESSAGE_GROUP_NAMES, &Kind::Object(&MESSAGE_GROUPS)),
            "no message group",
            "The message group within which messages are in order, which makes them FIFO messages: a text, names taken \
             in turn, or so many groups taken by chance. It decides the queue, whatever `queue_selection` says.",
        ),
        optional(
            "lite_topic",
            Kind::Either(&LITE_PLAIN, &Kind::Object(&LITE_BY_CHANCE)),
            "no lite topic",
            "The lite topic that messages are for, under a topic of type `LITE`: a text filled like the others, names \
             taken in turn, or names taken by chance. In a list `\"session-{0-99}\"` stands for a hundred names.",
        ),
        defaulted("properties", Kind::Texts, "{}", "User properties, name and text."),
        optional("body", Kind::Text(&BODY), "the producer's name and the message's number", "The body."),
        defaulted(
            "first_number",
            Kind::Whole { least: 0, most: limits::FIRST_NUMBER },
            "0",
            "The number of the first message.",
        ),
        optional(
            "delay",
            DELAY,
            "messages are seen at once",
            "How long after it is sent a message is to be seen: `\"30s\"`, or a time by chance for each. Messages with \
             a delay go to topics of type `DELAY`.",
        ),
        optional(
            "delay_level",
            Kind::Whole { least: 1, most: limits::DELAY_LEVEL },
            "no level",
            "The same as one of the 18 classic levels: 1s 5s 10s 30s 1m 2m 3m 4m 5m 6m 7m 8m 9m 10m 20m 30m 1h 2h; \
             higher ones count as 18. A level comes before `delay`.",
        ),
        optional(
            "transaction",
            Kind::Object(&TRANSACTION),
            "messages without transaction",
            "Makes them transactional messages, for topics of type `TRANSACTION`: nobody sees one until its producer's \
             local transaction was committed. `{}` is one that takes 10ms and is committed.",
        ),
        optional(
            "batch",
            Kind::Whole { least: 1, most: limits::BATCH },
            "each message by itself",
            "How many messages go out together, as one request to one queue; the pattern then says how often that \
             happens. Not for messages with a delay, a transaction or a request.",
        ),
        optional(
            "request",
            Kind::Span,
            "nobody waits for an answer",
            "Makes each message a request: its producer waits for so long for the answer of a consumer whose group \
             has `replies`. For messages of type `NORMAL`.",
        ),
    ],
};

pub(in crate::scenario) static PRODUCER: Shape = Shape {
    name: "producer",
    about: "A producer: what it sends, where, and how often.",
    fields: &[
        required("name", Kind::Text(&NAME), "Its name, unlike that of any other producer."),
        required("topic", Kind::Text(&TOPIC_NAME), "The topic it sends to."),
        required("pattern", PATTERN, "When it sends."),
        defaulted(
            "queue_selection",
            Kind::Word(names::<crate::scenario::QueueSelection>),
            "\"round_robin\"",
            "How it picks a queue for each message: in turn from a start drawn by chance, or each by chance.",
        ),
        defaulted("message", Kind::Object(&MESSAGE), "{}", "What its messages hold."),
    ],
};

pub(in crate::scenario) static SQL: Shape = Shape {
    name: "sql_filter",
    about: "Messages of whose properties a condition is true. The tag is the property `TAGS`, the key is `KEYS`.",
    fields: &[required(
        "sql",
        Kind::Text(&CONDITION),
        "The SQL-92 condition; a message of which it is false, unknown or an error is filtered out.",
    )],
};

/// A tag expression alone, or a condition.
pub(super) const FILTER: Kind = Kind::Either(&Kind::Text(&TAG_EXPRESSION), &Kind::Object(&SQL));

pub(in crate::scenario) static SUBSCRIPTION: Shape = Shape {
    name: "subscription",
    about: "A group's wish for a topic.",
    fields: &[
        required("topic", Kind::Text(&TOPIC_NAME), "The topic."),
        defaulted(
            "filter",
            FILTER,
            "\"*\"",
            "Which of its messages: all, those with one of some tags, or those that meet a condition.",
        ),
    ],
};

pub(in crate::scenario) static CONSUMER_SHAPE: Shape = Shape {
    name: "consumer",
    about: "A consumer: one running client of a group.",
    fields: &[
        required("name", Kind::Text(&NAME), "Its name, unlike that of any other in the group."),
        optional(
            "threads",
            Kind::Whole { least: 1, most: limits::THREADS_PER_CONSUMER },
            "the setting `push.threads`",
            "Its listener threads.",
        ),
        defaulted(
            "processing",
            Kind::Choice(&PROCESSING),
            "{\"constant\": \"10ms\"}",
            "How long its listener takes for a message.",
        ),
        defaulted(
            "failure",
            FAILURE,
            "\"0\"",
            "When its listener fails: a probability for each attempt, or a rule. A simple consumer does not acknowledge \
             then.",
        ),
        defaulted(
            "application",
            Kind::Word(names::<crate::scenario::Application>),
            "\"loop\"",
            "What the application around a simple or a pull consumer does: receive, process and acknowledge, or poll and \
             process; `renewing`, the same, and a simple consumer extends the invisible time of what it has not finished; \
             `committing`, the same, and a pull consumer commits when it has processed all that a poll returned; or only what \
             the actions `receive`, `ack`, `change_invisible`, `poll`, `commit_offsets` and `seek` say, without threads.",
        ),
        defaulted(
            "lite_topics",
            list(&LITE_NAME_KIND, limits::LITE_NAMES),
            "[]",
            "The lite topics that it subscribes to when it starts, in a group that reads lite topics. \
             `\"session-{0-99}\"` stands for a hundred names.",
        ),
        defaulted(
            "subscribe",
            list(&SUBSCRIPTION_KIND, limits::SUBSCRIPTIONS_PER_GROUP),
            "[]",
            "Filters of its own, for topics of its group. A group whose members do not agree misses messages.",
        ),
    ],
};

static SUBSCRIPTION_KIND: Kind = Kind::Object(&SUBSCRIPTION);
static CONSUMER_KIND: Kind = Kind::Object(&CONSUMER_SHAPE);

static ROOM_KIND: Kind = Kind::Text(&ROOM);
static QUEUE_NUMBER: Kind = Kind::Whole { least: 0, most: limits::QUEUES_PER_TOPIC - 1 };

pub(in crate::scenario) static CONFIGURED: Shape = Shape {
    name: "configured",
    about: "The queues of a topic that a consumer was configured with.",
    fields: &[
        required("consumer", Kind::Text(&NAME), "The consumer."),
        required("topic", Kind::Text(&TOPIC_NAME), "The topic; a retry topic too, or nobody reads it."),
        required(
            "queues",
            list(&QUEUE_NUMBER, limits::QUEUES_PER_TOPIC),
            "Which of its queues, counted from 0.",
        ),
    ],
};

const ROOMS_OF_QUEUES: Field = required(
    "queues",
    Kind::List { of: &ROOM_KIND, least: 1, most: limits::QUEUES_PER_TOPIC },
    "The rooms of the queues 0, 1, … of each topic, taken in turn.",
);

pub(in crate::scenario) static MACHINE_ROOM: Shape = Shape {
    name: "machine_room",
    about: "Machine rooms, and which of them are read.",
    fields: &[
        ROOMS_OF_QUEUES,
        required(
            "rooms",
            list(&ROOM_KIND, limits::QUEUES_PER_TOPIC),
            "The rooms whose queues are read; nobody reads the others.",
        ),
    ],
};

pub(in crate::scenario) static STANDS_IN: Shape = Shape {
    name: "stands_in",
    about: "Where a consumer stands.",
    fields: &[
        required("consumer", Kind::Text(&NAME), "The consumer."),
        required("room", Kind::Text(&ROOM), "Its machine room."),
    ],
};

pub(in crate::scenario) static MACHINE_ROOM_NEARBY: Shape = Shape {
    name: "machine_room_nearby",
    about: "Machine rooms, and where the consumers stand.",
    fields: &[
        ROOMS_OF_QUEUES,
        required(
            "consumers",
            list(&STANDS_IN_KIND, limits::CONSUMERS),
            "Where the consumers stand. If one of them is missing here, no queue changes hands.",
        ),
    ],
};

static CONFIGURED_KIND: Kind = Kind::Object(&CONFIGURED);
static STANDS_IN_KIND: Kind = Kind::Object(&STANDS_IN);

pub(in crate::scenario) static STRATEGY: Choice = Choice {
    name: "strategy",
    about: "A strategy that needs to be told more than its name.",
    variants: &[
        Variant {
            key: "CONFIG",
            kind: list(&CONFIGURED_KIND, limits::QUEUES),
            about: "Each consumer reads what it was configured with.",
        },
        Variant {
            key: "MACHINE_ROOM",
            kind: Kind::Object(&MACHINE_ROOM),
            about: "Queues of some machine rooms, in equal parts.",
        },
        Variant {
            key: "MACHINE_ROOM_NEARBY",
            kind: Kind::Object(&MACHINE_ROOM_NEARBY),
            about: "The queues of a room among its consumers, in blocks; those of a room without consumers among all.",
        },
    ],
};

static INITIAL_OFFSET_CHOICE: Choice = Choice {
    name: "initial_offset_choice",
    about: "A time at which a group begins.",
    variants: &[Variant {
        key: "timestamp",
        kind: Kind::Span,
        about: "With the first message stored then or later, counted from the start: `{\"timestamp\": \"60s\"}`.",
    }],
};

pub(in crate::scenario) static GROUP: Shape = Shape {
    name: "group",
    about: "A consumer group: the identity under which messages are consumed.",
    fields: &[
        required("name", Kind::Text(&GROUP_NAME), "Its name, unlike that of any other group."),
        defaulted(
            "mode",
            Kind::Word(names::<crate::scenario::ConsumeMode>),
            "\"clustering\"",
            "Whether its consumers share the messages, or each gets them all.",
        ),
        defaulted(
            "type",
            Kind::Word(names::<crate::scenario::ConsumerType>),
            "\"push\"",
            "Which kind of client its consumers are: push consumers with a listener; simple consumers, which receive, \
             acknowledge and change invisible times themselves; or pull consumers, which poll and commit how far they have \
             come. Simple ones are balanced by message, pull consumers by queue.",
        ),
        optional(
            "balance",
            Kind::Word(names::<crate::scenario::Balance>),
            "`\"message\"` in clustering, `\"queue\"` in broadcasting and with pull consumers",
            "Whether whole queues are shared out or single messages. Broadcasting is always by queue.",
        ),
        defaulted(
            "strategy",
            Kind::Either(
                &Kind::Word(names::<crate::scenario::words::PlainStrategy>),
                &Kind::Choice(&STRATEGY),
            ),
            "\"AVG\"",
            "How queues are shared out in queue balancing: in blocks, in turn, by a ring of hashes, or by what an object \
             says.",
        ),
        optional(
            "retry_max_times",
            Kind::Whole { least: 0, most: limits::RETRIES },
            "the setting `group.retryMaxTimes`",
            "Retries after the first delivery. An orderly group retries in place and does not ask.",
        ),
        optional(
            "retry_ladder",
            crate::scenario::settings::LADDER,
            "the setting `group.retryLadder`",
            "How long a failed message waits before each retry.",
        ),
        defaulted(
            "delivery_order",
            Kind::Word(names::<crate::scenario::DeliveryOrder>),
            "\"concurrent\"",
            "`orderly` makes it a FIFO consumer group (`consumeMessageOrderly`): one message after the other, within \
             each message group in message balancing, within each queue in queue balancing.",
        ),
        optional(
            "idempotent",
            Kind::Truth,
            "business effects do not count",
            "Whether the business effect of a message is had once for each message key, however often it is delivered \
             (`true`), or with every delivery (`false`). Either way the effects are counted.",
        ),
        optional(
            "lite_sub_model",
            Kind::Word(names::<crate::scenario::SubModel>),
            "the setting `lite.subModel`",
            "Whether several of its clients may subscribe to one lite topic (`Shared`), or only one, the newest that does so \
             on purpose (`Exclusive`).",
        ),
        defaulted(
            "replies",
            Kind::Truth,
            "false",
            "Whether its listeners send an answer to each request (`request` of a message) that they have worked on.",
        ),
        defaulted(
            "initial_offset",
            Kind::Either(
                &Kind::Word(names::<crate::scenario::InitialOffset>),
                &Kind::Choice(&INITIAL_OFFSET_CHOICE),
            ),
            "\"latest\"",
            "Where it starts on a queue for which it has no committed offset: at the max offset, at the min offset, with the \
             first message of half an hour ago, or as open-source brokers do: with offset 0 while that is in memory \
             (`store.hotMessages`), else at the end, and in message balancing one message before it. The profiles `oss5-code` \
             and `classic4` begin so where the file does not say it.",
        ),
        required(
            "subscribe",
            Kind::List { of: &SUBSCRIPTION_KIND, least: 1, most: limits::SUBSCRIPTIONS_PER_GROUP },
            "What it listens to; each topic once.",
        ),
        defaulted("consumers", list(&CONSUMER_KIND, limits::CONSUMERS), "[]", "Its consumers at the start."),
    ],
};
