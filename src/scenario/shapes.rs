//! The format as tables: every object of the file with its keys. Reader, checker, schema and documentation follow them.

use super::beside::{
    CALLER, OF_P2P_QUEUE, OF_SERVICE, P2P_QUEUE, SERVICE, SET_SERVICE_PROCESSING, SET_WORKERS,
};
use super::form::{Choice, Field, Kind, Need, Shape, TextRule, Variant};
use super::limits;
use super::sentence::sentence;
use super::words::names;

use Need::{Default, Else, Required};

pub(super) const fn required(key: &'static str, kind: Kind, about: &'static str) -> Field {
    Field { key, kind, need: Required, about }
}

/// A key that may be left out, which means the same as writing `default`.
pub(super) const fn defaulted(
    key: &'static str,
    kind: Kind,
    default: &'static str,
    about: &'static str,
) -> Field {
    Field { key, kind, need: Default(default), about }
}

/// A key that may be left out, with what happens then.
pub(super) const fn optional(
    key: &'static str,
    kind: Kind,
    otherwise: &'static str,
    about: &'static str,
) -> Field {
    Field { key, kind, need: Else(otherwise), about }
}

pub(super) const fn list(of: &'static Kind, most: u64) -> Kind {
    Kind::List { of, least: 0, most }
}

// Texts.

fn name_of_topic_or_group(c: char) -> bool {
    c.is_ascii_alphanumeric() || "_-%|".contains(c)
}

/// A character that is not to be seen, and may change how others are: control characters, and those that turn the
/// direction of writing round.
pub fn is_unseen(c: char) -> bool {
    c.is_control() || matches!(c, '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

fn no_control(c: char) -> bool {
    !is_unseen(c)
}

fn lines(c: char) -> bool {
    c == '\n' || !is_unseen(c)
}

pub(super) static TOPIC_NAME: TextRule = TextRule {
    what: || sentence!("a topic's name of ASCII letters, digits, _, -, % and |"),
    most: limits::TOPIC_NAME_CHARS,
    allows: name_of_topic_or_group,
    pattern: "^[A-Za-z0-9_%|-]*$",
};

pub(super) static GROUP_NAME: TextRule = TextRule {
    what: || sentence!("a group's name of ASCII letters, digits, _, -, % and |"),
    most: limits::GROUP_NAME_CHARS,
    allows: name_of_topic_or_group,
    pattern: "^[A-Za-z0-9_%|-]*$",
};

pub(super) static NAME: TextRule = TextRule {
    what: || sentence!("a name without slash and control characters"),
    most: limits::NAME_CHARS,
    allows: |c| c != '/' && !is_unseen(c),
    pattern: "^[^/\\u0000-\\u001f\\u007f-\\u009f\\u200e\\u200f\\u202a-\\u202e\\u2066-\\u2069]*$",
};

static ROOM: TextRule = TextRule {
    what: || sentence!("a machine room's name of ASCII letters, digits, _ and -"),
    most: limits::NAME_CHARS,
    allows: |c| c.is_ascii_alphanumeric() || "_-".contains(c),
    pattern: "^[A-Za-z0-9_-]*$",
};

pub(super) static CONSUMER: TextRule = TextRule {
    what: || sentence!("a group's name, a slash and a consumer's name, such as \"billing/C1\""),
    most: limits::GROUP_NAME_CHARS + 1 + limits::NAME_CHARS,
    allows: no_control,
    pattern: "^[^/]+/[^/]+$",
};

pub(super) static ID: TextRule = TextRule {
    what: || sentence!("an id of ASCII letters, digits, _ and -"),
    most: limits::NAME_CHARS,
    allows: |c| c.is_ascii_alphanumeric() || "_-".contains(c),
    pattern: "^[A-Za-z0-9_-]*$",
};

pub(super) static TITLE: TextRule = TextRule {
    what: || sentence!("text on one line"),
    most: limits::TITLE_CHARS,
    allows: no_control,
    pattern: "^[^\\u0000-\\u001f\\u007f-\\u009f\\u200e\\u200f\\u202a-\\u202e\\u2066-\\u2069]*$",
};

pub(super) static CAPTION: TextRule = TextRule {
    what: || sentence!("text without control characters other than line breaks"),
    most: limits::CAPTION_CHARS,
    allows: lines,
    pattern: "^[^\\u0000-\\u0009\\u000b-\\u001f\\u007f-\\u009f\\u200e\\u200f\\u202a-\\u202e\\u2066-\\u2069]*$",
};

pub(super) static TAG: TextRule = TextRule {
    what: || sentence!("a tag without | and control characters"),
    most: limits::WORD_CHARS,
    allows: |c| c != '|' && !is_unseen(c),
    pattern: "^[^|\\u0000-\\u001f\\u007f-\\u009f\\u200e\\u200f\\u202a-\\u202e\\u2066-\\u2069]*$",
};

pub(super) static TAG_EXPRESSION: TextRule = TextRule {
    what: || sentence!("tags such as \"A || B\", or \"*\" for all messages"),
    most: limits::FILTER_CHARS,
    allows: no_control,
    pattern: "^[^\\u0000-\\u001f\\u007f-\\u009f\\u200e\\u200f\\u202a-\\u202e\\u2066-\\u2069]*$",
};

pub(super) static CONDITION: TextRule = TextRule {
    what: || sentence!("an SQL-92 condition such as \"region = 'eu' AND amount > 100\""),
    most: limits::FILTER_CHARS,
    allows: |_| true,
    pattern: "",
};

pub(super) static WORD: TextRule = TextRule {
    what: || sentence!("text without control characters"),
    most: limits::WORD_CHARS,
    allows: no_control,
    pattern: "^[^\\u0000-\\u001f\\u007f-\\u009f\\u200e\\u200f\\u202a-\\u202e\\u2066-\\u2069]*$",
};

pub(super) static MESSAGE_GROUP: TextRule = TextRule {
    what: || sentence!("a message group without control characters"),
    most: limits::MESSAGE_GROUP_BYTES,
    allows: no_control,
    pattern: "^[^\\u0000-\\u001f\\u007f-\\u009f]*$",
};

pub(super) static BODY: TextRule =
    TextRule { what: || sentence!("text"), most: limits::BODY_CHARS, allows: |_| true, pattern: "" };

// What listeners and producers do.

static VALUE: Shape = Shape {
    name: "constant_time",
    about: "The long way to write a constant.",
    fields: &[required("value", Kind::Span, "How long it always takes.")],
};

pub(super) static UNIFORM: Shape = Shape {
    name: "uniform_time",
    about: "Any whole microsecond between two, each as likely.",
    fields: &[
        required("min", Kind::Span, "The shortest."),
        required("max", Kind::Span, "The longest; not less than `min`."),
    ],
};

pub(super) static EXPONENTIAL: Shape = Shape {
    name: "exponential_time",
    about: "As likely to end in the next microsecond however long it has lasted.",
    fields: &[required("mean", Kind::Span, "The mean.")],
};

pub(super) static LOG_NORMAL: Shape = Shape {
    name: "log_normal_time",
    about: "Many short ones and a long tail.",
    fields: &[
        required("median", Kind::Span, "Half are shorter."),
        required("p99", Kind::Span, "99 of 100 are shorter; not less than `median`."),
    ],
};

static TIMES: [Variant; 4] = [
    Variant {
        key: "constant",
        kind: Kind::Either(&Kind::Span, &Kind::Object(&VALUE)),
        about: "Always the same: `{\"constant\": \"20ms\"}`.",
    },
    Variant {
        key: "uniform",
        kind: Kind::Object(&UNIFORM),
        about: "Between two times: `{\"uniform\": {\"min\": \"10ms\", \"max\": \"30ms\"}}`.",
    },
    Variant {
        key: "exponential",
        kind: Kind::Object(&EXPONENTIAL),
        about: "Exponential: `{\"exponential\": {\"mean\": \"800us\"}}`.",
    },
    Variant {
        key: "log_normal",
        kind: Kind::Object(&LOG_NORMAL),
        about: "Log-normal: `{\"log_normal\": {\"median\": \"20ms\", \"p99\": \"100ms\"}}`.",
    },
];

pub(super) static PROCESSING: Choice =
    Choice { name: "processing", about: "How long a listener takes for a message.", variants: &TIMES };

static DELAY_CHOICE: Choice =
    Choice { name: "delay", about: "How long after it is sent a message is to be seen.", variants: &TIMES };

/// A time alone, or a choice.
const DELAY: Kind = Kind::Either(&Kind::Span, &Kind::Choice(&DELAY_CHOICE));

static WHICH_CHOICE: Choice = Choice {
    name: "which",
    about: "Some of a producer's messages.",
    variants: &[
        Variant {
            key: "tag",
            kind: Kind::Text(&TAG),
            about: "Those with this tag: `{\"tag\": \"refused\"}`.",
        },
        Variant {
            key: "key",
            kind: Kind::Text(&WORD),
            about: "Those with this key: `{\"key\": \"order-7\"}`.",
        },
    ],
};

/// A share alone, or a choice.
const WHICH: Kind = Kind::Either(&Kind::Ratio, &Kind::Choice(&WHICH_CHOICE));

static TRANSACTION_TIME: Choice = Choice {
    name: "transaction_time",
    about: "How long a producer's local transaction takes.",
    variants: &TIMES,
};

pub(super) static TRANSACTION: Shape = Shape {
    name: "transaction",
    about: "What a producer does between the two phases of a transactional message, and what the broker hears of it.",
    fields: &[
        defaulted(
            "takes",
            Kind::Either(&Kind::Span, &Kind::Choice(&TRANSACTION_TIME)),
            "\"10ms\"",
            "How long the local transaction takes: `\"2s\"`, or a time by chance for each.",
        ),
        defaulted(
            "rollback",
            WHICH,
            "\"0\"",
            "Which local transactions are rolled back; the others are committed.",
        ),
        defaulted(
            "unknown",
            WHICH,
            "\"0\"",
            "At the end of which the producer says that it does not know yet, so that the broker has to ask.",
        ),
        defaulted(
            "lost",
            WHICH,
            "\"0\"",
            "Of which the producer's word about the end never reaches the broker.",
        ),
        defaulted(
            "check_unknown",
            WHICH,
            "\"0\"",
            "About which the checker does not know either, when it is asked after the end: a share is drawn for each check.",
        ),
        optional(
            "check_after_seconds",
            Kind::Whole { least: 1, most: limits::CHECK_AFTER_SECONDS },
            "the setting `tx.firstCheckAfterMs`",
            "How old a half message must be to be asked about. Whoever names it has to say how the local transaction ended \
             before that: later, the broker refuses to hear it and asks.",
        ),
    ],
};

pub(super) static STEADY: Shape = Shape {
    name: "steady_rate",
    about: "A rate that does not change.",
    fields: &[required("per_second", Kind::Rate, "Messages per second, to a millionth; 0 sends nothing.")],
};

pub(super) static BURSTS: Shape = Shape {
    name: "bursts",
    about: "Evenly spaced messages at two rates in turn. Each round begins with its burst.",
    fields: &[
        required("per_second", Kind::Rate, "Messages per second between bursts."),
        required("burst_per_second", Kind::Rate, "Messages per second during a burst."),
        required("every", Kind::Span, "From the start of one burst to the start of the next; not zero."),
        required("lasting", Kind::Span, "Length of a burst; not longer than `every`."),
    ],
};

static NOTHING: Shape = Shape { name: "by_hand", about: "An empty object.", fields: &[] };

pub(super) static PATTERN_CHOICE: Choice = Choice {
    name: "pattern",
    about: "When a producer sends.",
    variants: &[
        Variant {
            key: "constant",
            kind: Kind::Object(&STEADY),
            about: "Evenly spaced: `{\"constant\": {\"per_second\": 10}}`.",
        },
        Variant {
            key: "poisson",
            kind: Kind::Object(&STEADY),
            about: "Independent of each other, with exponential gaps: `{\"poisson\": {\"per_second\": 40}}`.",
        },
        Variant {
            key: "bursts",
            kind: Kind::Object(&BURSTS),
            about: "Two rates in turn: `{\"bursts\": {\"per_second\": 2, \"burst_per_second\": 10, \"every\": \"60s\", \
                    \"lasting\": \"30s\"}}`.",
        },
        Variant {
            key: "by_hand",
            kind: Kind::Object(&NOTHING),
            about: "Only when a `send` action says so: `{\"by_hand\": {}}`, or just `\"by_hand\"`.",
        },
    ],
};

fn by_hand() -> Vec<&'static str> {
    vec!["by_hand"]
}

/// `"by_hand"` alone, or a choice.
const PATTERN: Kind = Kind::Either(&Kind::Word(by_hand), &Kind::Choice(&PATTERN_CHOICE));

pub(super) static FAILURE_CHOICE: Choice = Choice {
    name: "failure",
    about: "When a listener reports failure.",
    variants: &[
        Variant {
            key: "poison_tag",
            kind: Kind::Text(&TAG),
            about: "Every attempt on a message with this tag: `{\"poison_tag\": \"refund\"}`.",
        },
        Variant {
            key: "poison_key",
            kind: Kind::Text(&WORD),
            about: "Every attempt on a message with this key: `{\"poison_key\": \"order-10086\"}`.",
        },
        Variant {
            key: "first_attempts",
            kind: Kind::Whole { least: 0, most: limits::RETRIES },
            about: "The first so many attempts of every message: `{\"first_attempts\": 2}`.",
        },
    ],
};

/// A probability alone, or a rule.
const FAILURE: Kind = Kind::Either(&Kind::Ratio, &Kind::Choice(&FAILURE_CHOICE));

// Topology.

pub(super) static TOPIC: Shape = Shape {
    name: "topic",
    about: "A topic: a named container of queues.",
    fields: &[
        required("name", Kind::Text(&TOPIC_NAME), "Its name, unlike that of any other topic."),
        defaulted(
            "type",
            Kind::Word(names::<super::TopicType>),
            "\"NORMAL\"",
            "Which type of message it takes. A message of another type is refused when it is sent.",
        ),
        defaulted(
            "write_queues",
            Kind::Whole { least: 1, most: limits::QUEUES_PER_TOPIC },
            "4",
            "How many queues producers see.",
        ),
        optional(
            "read_queues",
            Kind::Whole { least: 1, most: limits::QUEUES_PER_TOPIC },
            "as many as `write_queues`",
            "How many queues consumers see.",
        ),
    ],
};

static TAG_KIND: Kind = Kind::Text(&TAG);

static MESSAGE_GROUP_KIND: Kind = Kind::Text(&MESSAGE_GROUP);

pub(super) static MESSAGE_GROUPS: Shape = Shape {
    name: "message_groups",
    about: "Message groups `g0`, `g1` and on; each message belongs to one of them by chance.",
    fields: &[required("count", Kind::Whole { least: 1, most: limits::MESSAGE_GROUPS }, "How many.")],
};

static MESSAGE_GROUP_NAMES: Kind = Kind::Either(
    &MESSAGE_GROUP_KIND,
    &Kind::List { of: &MESSAGE_GROUP_KIND, least: 1, most: limits::MESSAGE_GROUPS },
);

pub(super) static MESSAGE: Shape = Shape {
    name: "message",
    about: "What a producer writes into its messages. In `key`, `message_group`, `properties` and `body`, `{n}` stands for the \
            message's number and `{tag}` for its tag; in `message_group`, `properties` and `body`, `{key}` stands for its key.",
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
    ],
};

pub(super) static PRODUCER: Shape = Shape {
    name: "producer",
    about: "A producer: what it sends, where, and how often.",
    fields: &[
        required("name", Kind::Text(&NAME), "Its name, unlike that of any other producer."),
        required("topic", Kind::Text(&TOPIC_NAME), "The topic it sends to."),
        required("pattern", PATTERN, "When it sends."),
        defaulted(
            "queue_selection",
            Kind::Word(names::<super::QueueSelection>),
            "\"round_robin\"",
            "How it picks a queue for each message: in turn from a start drawn by chance, or each by chance.",
        ),
        defaulted("message", Kind::Object(&MESSAGE), "{}", "What its messages hold."),
    ],
};

pub(super) static SQL: Shape = Shape {
    name: "sql_filter",
    about: "Messages of whose properties a condition is true. The tag is the property `TAGS`, the key is `KEYS`.",
    fields: &[required(
        "sql",
        Kind::Text(&CONDITION),
        "The SQL-92 condition; a message of which it is false, unknown or an error is filtered out.",
    )],
};

/// A tag expression alone, or a condition.
const FILTER: Kind = Kind::Either(&Kind::Text(&TAG_EXPRESSION), &Kind::Object(&SQL));

pub(super) static SUBSCRIPTION: Shape = Shape {
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

pub(super) static CONSUMER_SHAPE: Shape = Shape {
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
            Kind::Word(names::<super::Application>),
            "\"loop\"",
            "Of a simple consumer, what the application around it does: receive, process and acknowledge; the same, and \
             extend the invisible time of what it has not finished; or only what the actions `receive`, `ack` and \
             `change_invisible` say, without threads.",
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

pub(super) static CONFIGURED: Shape = Shape {
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

pub(super) static MACHINE_ROOM: Shape = Shape {
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

pub(super) static STANDS_IN: Shape = Shape {
    name: "stands_in",
    about: "Where a consumer stands.",
    fields: &[
        required("consumer", Kind::Text(&NAME), "The consumer."),
        required("room", Kind::Text(&ROOM), "Its machine room."),
    ],
};

pub(super) static MACHINE_ROOM_NEARBY: Shape = Shape {
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

pub(super) static STRATEGY: Choice = Choice {
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

pub(super) static GROUP: Shape = Shape {
    name: "group",
    about: "A consumer group: the identity under which messages are consumed.",
    fields: &[
        required("name", Kind::Text(&GROUP_NAME), "Its name, unlike that of any other group."),
        defaulted(
            "mode",
            Kind::Word(names::<super::ConsumeMode>),
            "\"clustering\"",
            "Whether its consumers share the messages, or each gets them all.",
        ),
        defaulted(
            "type",
            Kind::Word(names::<super::ConsumerType>),
            "\"push\"",
            "Which kind of client its consumers are: push consumers with a listener, or simple consumers, which receive, \
             acknowledge and change invisible times themselves. Simple ones are balanced by message.",
        ),
        optional(
            "balance",
            Kind::Word(names::<super::Balance>),
            "`\"message\"` in clustering, `\"queue\"` in broadcasting",
            "Whether whole queues are shared out or single messages. Broadcasting is always by queue.",
        ),
        defaulted(
            "strategy",
            Kind::Either(&Kind::Word(names::<super::words::PlainStrategy>), &Kind::Choice(&STRATEGY)),
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
            super::settings::LADDER,
            "the setting `group.retryLadder`",
            "How long a failed message waits before each retry.",
        ),
        defaulted(
            "delivery_order",
            Kind::Word(names::<super::DeliveryOrder>),
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
        defaulted(
            "initial_offset",
            Kind::Word(names::<super::InitialOffset>),
            "\"latest\"",
            "Where it starts on a queue for which it has no committed offset.",
        ),
        required(
            "subscribe",
            Kind::List { of: &SUBSCRIPTION_KIND, least: 1, most: limits::SUBSCRIPTIONS_PER_GROUP },
            "What it listens to; each topic once.",
        ),
        defaulted("consumers", list(&CONSUMER_KIND, limits::CONSUMERS), "[]", "Its consumers at the start."),
    ],
};

// Actions.

const WHICH_CONSUMER: Field =
    required("consumer", Kind::Text(&CONSUMER), "The consumer, as `group/consumer`.");

static OF_CONSUMER: Shape =
    Shape { name: "of_consumer", about: "Which consumer.", fields: &[WHICH_CONSUMER] };

static SET_THREADS: Shape = Shape {
    name: "set_threads",
    about: "A consumer's new number of threads.",
    fields: &[
        WHICH_CONSUMER,
        required(
            "threads",
            Kind::Whole { least: 1, most: limits::THREADS_PER_CONSUMER },
            "Its listener threads from now on.",
        ),
    ],
};

static SET_PROCESSING: Shape = Shape {
    name: "set_processing",
    about: "How long a consumer's listener takes from now on.",
    fields: &[
        WHICH_CONSUMER,
        required("processing", Kind::Choice(&PROCESSING), "How long its listener takes from now on."),
    ],
};

static SET_FAILURE: Shape = Shape {
    name: "set_failure",
    about: "When a consumer's listener fails from now on.",
    fields: &[WHICH_CONSUMER, required("failure", FAILURE, "When its listener fails from now on.")],
};

static FAIL_NEXT: Shape = Shape {
    name: "fail_next",
    about: "Failures on demand.",
    fields: &[
        WHICH_CONSUMER,
        defaulted(
            "count",
            Kind::Whole { least: 0, most: limits::FAILURES_BY_HAND },
            "1",
            "So many of its next results are failures.",
        ),
    ],
};

static RECEIVE: Shape = Shape {
    name: "receive",
    about: "A simple consumer that receives by hand.",
    fields: &[
        WHICH_CONSUMER,
        defaulted("count", Kind::Whole { least: 1, most: 32 }, "1", "So many messages at the most."),
        optional(
            "invisible",
            Kind::Span,
            "the setting `simple.invisibleMs`",
            "How long they are invisible to others: 10 s to 12 h, or the broker refuses.",
        ),
    ],
};

const HANDLE: Field = required(
    "handle",
    Kind::Whole { least: 1, most: limits::FIRST_NUMBER },
    "The receipt handle: they are numbered from 1 in each group.",
);

static ACK: Shape = Shape {
    name: "ack",
    about: "A simple consumer that acknowledges by hand.",
    fields: &[WHICH_CONSUMER, HANDLE],
};

static CHANGE_INVISIBLE: Shape = Shape {
    name: "change_invisible",
    about: "A simple consumer that changes an invisible time by hand.",
    fields: &[
        WHICH_CONSUMER,
        HANDLE,
        required("invisible", Kind::Span, "How long the message is invisible from now on: at most 12 h."),
    ],
};

static SET_PATTERN: Shape = Shape {
    name: "set_pattern",
    about: "When a producer sends from now on.",
    fields: &[
        required("producer", Kind::Text(&NAME), "The producer."),
        required("pattern", PATTERN, "When it sends from now on."),
    ],
};

static SEND: Shape = Shape {
    name: "send",
    about: "Messages by hand.",
    fields: &[
        required("producer", Kind::Text(&NAME), "The producer."),
        defaulted(
            "count",
            Kind::Whole { least: 1, most: limits::MESSAGES_BY_HAND },
            "1",
            "How many messages.",
        ),
    ],
};

static RECALL: Shape = Shape {
    name: "recall",
    about: "A message that is taken back.",
    fields: &[
        required("producer", Kind::Text(&NAME), "The producer."),
        required(
            "number",
            Kind::Whole { least: 0, most: limits::FIRST_NUMBER },
            "Which of its messages, counted from 0 whatever `first_number` is.",
        ),
    ],
};

static END_TRANSACTION: Shape = Shape {
    name: "end_transaction",
    about: "How a local transaction ended.",
    fields: &[
        required("producer", Kind::Text(&NAME), "The producer."),
        required(
            "number",
            Kind::Whole { least: 0, most: limits::FIRST_NUMBER },
            "Which of its messages, counted from 0 whatever `first_number` is; it has to be a half message.",
        ),
        required("commit", Kind::Truth, "Whether it was committed, or rolled back."),
    ],
};

static OF_PRODUCER: Shape = Shape {
    name: "of_producer",
    about: "Which producer.",
    fields: &[required("producer", Kind::Text(&NAME), "The producer.")],
};

static REMOVE_PRODUCER: Shape = Shape {
    name: "remove_producer",
    about: "A producer that goes.",
    fields: &[required("producer", Kind::Text(&NAME), "The producer.")],
};

static REMOVE_GROUP: Shape = Shape {
    name: "remove_group",
    about: "A group that is deleted.",
    fields: &[required("group", Kind::Text(&GROUP_NAME), "The group.")],
};

static SET_BALANCE: Shape = Shape {
    name: "set_balance",
    about: "What a group shares out from now on.",
    fields: &[
        required("group", Kind::Text(&GROUP_NAME), "The group; not a broadcasting one."),
        required("balance", Kind::Word(names::<super::Balance>), "Whole queues or single messages."),
    ],
};

pub(super) static OFFSET_IN_QUEUE: Shape = Shape {
    name: "offset_in_queue",
    about: "A place in one queue.",
    fields: &[
        required(
            "queue",
            Kind::Whole { least: 0, most: limits::QUEUES_PER_TOPIC - 1 },
            "The queue's number.",
        ),
        required("offset", Kind::Whole { least: 0, most: limits::MESSAGES }, "The offset."),
    ],
};

static RESET_CHOICE: Choice = Choice {
    name: "reset_target",
    about: "Where a group's offsets are moved to.",
    variants: &[
        Variant {
            key: "time",
            kind: Kind::Span,
            about: "In each queue, to the first message stored then or later, counted from the start: `{\"time\": \"60s\"}`.",
        },
        Variant {
            key: "offset",
            kind: Kind::Object(&OFFSET_IN_QUEUE),
            about: "In one queue, to an offset that it has: `{\"offset\": {\"queue\": 0, \"offset\": 12}}`.",
        },
    ],
};

/// The ends of a queue.
fn ends() -> Vec<&'static str> {
    vec!["earliest", "latest"]
}

const RESET_TARGET: Kind = Kind::Either(&Kind::Word(ends), &Kind::Choice(&RESET_CHOICE));

static RESET_OFFSET: Shape = Shape {
    name: "reset_offset",
    about: "A group's offsets that are moved. Messages in its retry topics are not touched.",
    fields: &[
        required("group", Kind::Text(&GROUP_NAME), "The group; not a broadcasting one."),
        required("topic", Kind::Text(&TOPIC_NAME), "One of its topics."),
        required(
            "to",
            RESET_TARGET,
            "`earliest` reads again all that is stored, `latest` passes over all that waits.",
        ),
    ],
};

static SET_QUEUES: Shape = Shape {
    name: "set_queues",
    about: "How many queues a topic shows from now on. Those beyond keep what they hold.",
    fields: &[
        required("topic", Kind::Text(&TOPIC_NAME), "The topic."),
        required(
            "write",
            Kind::Whole { least: 1, most: limits::QUEUES_PER_TOPIC },
            "Producers see the first so many.",
        ),
        required(
            "read",
            Kind::Whole { least: 1, most: limits::QUEUES_PER_TOPIC },
            "Consumers see the first so many.",
        ),
    ],
};

static SET_FILTER: Shape = Shape {
    name: "set_filter",
    about: "Which messages of a topic a group wants from now on. What was filtered out before does not come back.",
    fields: &[
        required("group", Kind::Text(&GROUP_NAME), "The group."),
        required("topic", Kind::Text(&TOPIC_NAME), "One of its topics."),
        required("filter", FILTER, "Which of its messages."),
    ],
};

static SET_CONSUMER_FILTER: Shape = Shape {
    name: "set_consumer_filter",
    about: "Which messages of a topic one consumer wants from now on, whatever its group does.",
    fields: &[
        WHICH_CONSUMER,
        required("topic", Kind::Text(&TOPIC_NAME), "One of its group's topics."),
        required("filter", FILTER, "Which of its messages."),
    ],
};

static ADD_CONSUMER: Shape = Shape {
    name: "add_consumer",
    about: "A consumer that joins.",
    fields: &[
        required("group", Kind::Text(&GROUP_NAME), "The group it joins."),
        required("consumer", Kind::Object(&CONSUMER_SHAPE), "The consumer."),
    ],
};

pub(super) static COMMAND: Choice = Choice {
    name: "command",
    about: "What an action does.",
    variants: &[
        Variant { key: "add_topic", kind: Kind::Object(&TOPIC), about: "Creates a topic with its queues." },
        Variant { key: "add_producer", kind: Kind::Object(&PRODUCER), about: "Starts a producer." },
        Variant {
            key: "remove_producer",
            kind: Kind::Object(&REMOVE_PRODUCER),
            about: "Stops a producer for good; what it sent stays.",
        },
        Variant {
            key: "set_pattern",
            kind: Kind::Object(&SET_PATTERN),
            about: "Changes when a producer sends, from now on.",
        },
        Variant {
            key: "send",
            kind: Kind::Object(&SEND),
            about: "Lets a producer send messages now, beside its pattern.",
        },
        Variant {
            key: "recall",
            kind: Kind::Object(&RECALL),
            about: "Takes back a message that waits in the timer, if `delay.recallMessageEnable` is on.",
        },
        Variant {
            key: "end_transaction",
            kind: Kind::Object(&END_TRANSACTION),
            about: "Lets a producer say how a local transaction ended; if it runs, it ends so now.",
        },
        Variant {
            key: "crash_producer",
            kind: Kind::Object(&OF_PRODUCER),
            about: "Kills a producer's process: its running local transactions are undone, and it says nothing more.",
        },
        Variant {
            key: "restart_producer",
            kind: Kind::Object(&OF_PRODUCER),
            about: "Starts a producer again that crashed; its pattern begins anew.",
        },
        Variant {
            key: "add_group",
            kind: Kind::Object(&GROUP),
            about: "Creates a group with its subscriptions and consumers.",
        },
        Variant {
            key: "remove_group",
            kind: Kind::Object(&REMOVE_GROUP),
            about: "Deletes a group with its offsets and retries; its consumers stop.",
        },
        Variant {
            key: "set_balance",
            kind: Kind::Object(&SET_BALANCE),
            about: "Changes what is shared out inside a group; what is unfinished is handed out again.",
        },
        Variant {
            key: "reset_offset",
            kind: Kind::Object(&RESET_OFFSET),
            about: "Moves a group's offsets in a topic: back to read again, or forward to pass over.",
        },
        Variant {
            key: "set_queues",
            kind: Kind::Object(&SET_QUEUES),
            about: "Changes how many queues of a topic may be written and read.",
        },
        Variant {
            key: "set_filter",
            kind: Kind::Object(&SET_FILTER),
            about: "Changes which messages of a topic a group wants; members with a filter of their own keep it.",
        },
        Variant {
            key: "add_consumer",
            kind: Kind::Object(&ADD_CONSUMER),
            about: "Starts another consumer in a group.",
        },
        Variant {
            key: "leave",
            kind: Kind::Object(&OF_CONSUMER),
            about: "Shuts a consumer down cleanly: what its threads hold is finished first.",
        },
        Variant {
            key: "crash",
            kind: Kind::Object(&OF_CONSUMER),
            about: "Kills a consumer's process: whatever it held is unfinished.",
        },
        Variant {
            key: "restart",
            kind: Kind::Object(&OF_CONSUMER),
            about: "Starts a consumer again that left or crashed.",
        },
        Variant {
            key: "pause",
            kind: Kind::Object(&OF_CONSUMER),
            about: "Keeps a consumer connected but lets it take nothing new.",
        },
        Variant { key: "resume", kind: Kind::Object(&OF_CONSUMER), about: "Lets a paused consumer go on." },
        Variant {
            key: "set_threads",
            kind: Kind::Object(&SET_THREADS),
            about: "Changes a consumer's number of listener threads.",
        },
        Variant {
            key: "set_processing",
            kind: Kind::Object(&SET_PROCESSING),
            about: "Changes how long a consumer's listener takes.",
        },
        Variant {
            key: "set_failure",
            kind: Kind::Object(&SET_FAILURE),
            about: "Changes when a consumer's listener fails.",
        },
        Variant {
            key: "fail_next",
            kind: Kind::Object(&FAIL_NEXT),
            about: "Lets a consumer's next results be failures, whatever its rule says.",
        },
        Variant { key: "add_service", kind: Kind::Object(&SERVICE), about: "Starts a service." },
        Variant {
            key: "stop_service",
            kind: Kind::Object(&OF_SERVICE),
            about: "Lets a service take no more calls, and work off those it has.",
        },
        Variant {
            key: "crash_service",
            kind: Kind::Object(&OF_SERVICE),
            about: "Lets a service's machine die with all calls that are there. Calls to it get no answer at all.",
        },
        Variant {
            key: "start_service",
            kind: Kind::Object(&OF_SERVICE),
            about: "Starts a service again that was stopped or crashed.",
        },
        Variant {
            key: "set_workers",
            kind: Kind::Object(&SET_WORKERS),
            about: "Changes how many calls a service works on at once.",
        },
        Variant {
            key: "set_service_processing",
            kind: Kind::Object(&SET_SERVICE_PROCESSING),
            about: "Changes how long a service takes for a call.",
        },
        Variant { key: "add_caller", kind: Kind::Object(&CALLER), about: "Starts a caller." },
        Variant {
            key: "add_p2p_queue",
            kind: Kind::Object(&P2P_QUEUE),
            about: "Creates a point-to-point queue with its senders and consumers.",
        },
        Variant {
            key: "add_p2p_consumer",
            kind: Kind::Object(&OF_P2P_QUEUE),
            about: "Lets another consumer compete for a point-to-point queue's messages.",
        },
        Variant {
            key: "crash_p2p_consumer",
            kind: Kind::Object(&OF_P2P_QUEUE),
            about: "Kills a consumer of a point-to-point queue, if possible one that holds a message, which returns.",
        },
        Variant {
            key: "receive",
            kind: Kind::Object(&RECEIVE),
            about: "Lets a simple consumer that is worked by hand receive messages.",
        },
        Variant {
            key: "ack",
            kind: Kind::Object(&ACK),
            about: "Lets it acknowledge a message by its receipt handle.",
        },
        Variant {
            key: "change_invisible",
            kind: Kind::Object(&CHANGE_INVISIBLE),
            about: "Lets it change how long a message is invisible; the message has a new receipt handle then.",
        },
        Variant {
            key: "set_consumer_filter",
            kind: Kind::Object(&SET_CONSUMER_FILTER),
            about: "Changes which messages of a topic one consumer wants.",
        },
    ],
};

pub(super) static ACTION: Shape = Shape {
    name: "action",
    about: "Something that is done at an instant. Actions at the same instant happen in the order of the file, and \
            before anything else of that instant.",
    fields: &[
        required("at", Kind::Span, "When, counted from the start; not after `until`."),
        required("do", Kind::Choice(&COMMAND), "What."),
    ],
};

pub(super) static MARKER: Shape = Shape {
    name: "marker",
    about: "A named instant on the time line.",
    fields: &[
        required("at", Kind::Span, "When, counted from the start; not after `until`."),
        required("label", Kind::Local(&TITLE), "What is to be seen."),
    ],
};

pub(super) static CAPTION_SHAPE: Shape = Shape {
    name: "caption",
    about: "A sentence or two beside the picture.",
    fields: &[
        required("at", Kind::Span, "From when, counted from the start; not after the end of the run."),
        optional(
            "until",
            Kind::Span,
            "to the next caption",
            "To when; later than `at`, not after the end of the run.",
        ),
        required("text", Kind::Local(&CAPTION), "The words."),
        defaulted(
            "claims",
            list(&CLAIM_KIND, super::claims::CLAIMS.len() as u64),
            "[]",
            "Claims of the domain model that can be seen meanwhile, by their ids: `[\"C09\"]`. They are listed in \
             [claims.md](claims.md).",
        ),
    ],
};

static CLAIM_KIND: Kind = Kind::Word(super::claims::names);
static TOPIC_KIND: Kind = Kind::Object(&TOPIC);
static PRODUCER_KIND: Kind = Kind::Object(&PRODUCER);
static GROUP_KIND: Kind = Kind::Object(&GROUP);
static SERVICE_KIND: Kind = Kind::Object(&SERVICE);
static CALLER_KIND: Kind = Kind::Object(&CALLER);
static P2P_QUEUE_KIND: Kind = Kind::Object(&P2P_QUEUE);
static ACTION_KIND: Kind = Kind::Object(&ACTION);
static MARKER_KIND: Kind = Kind::Object(&MARKER);
static CAPTION_KIND: Kind = Kind::Object(&CAPTION_SHAPE);

/// The file.
pub(super) static SCENARIO: Shape = Shape {
    name: "scenario",
    about: "A scenario: what there is, what happens, and what to look at.",
    fields: &[
        required("format", Kind::Format, "The format and its version."),
        required("id", Kind::Text(&ID), "A short name for links and files."),
        required("title", Kind::Local(&TITLE), "The title."),
        optional("summary", Kind::Local(&CAPTION), "no summary", "What to watch for."),
        defaulted("seed", Kind::Seed, "\"0\"", "Where all chance comes from: the same seed, the same run."),
        defaulted(
            "profile",
            Kind::Word(names::<super::Profile>),
            "\"docs5\"",
            "Whose defaults the settings have: RocketMQ 5 as documented (`docs5`), as its open-source code runs \
             (`oss5-code`), with classic clients (`classic4`), or as Alibaba Cloud sells it (`aliyun5`).",
        ),
        defaulted("settings", Kind::Settings, "{}", "Settings that differ from the defaults."),
        defaulted("topics", list(&TOPIC_KIND, limits::TOPICS), "[]", "The topics."),
        defaulted("producers", list(&PRODUCER_KIND, limits::PRODUCERS), "[]", "The producers."),
        defaulted("groups", list(&GROUP_KIND, limits::GROUPS), "[]", "The consumer groups."),
        defaulted(
            "services",
            list(&SERVICE_KIND, limits::SERVICES),
            "[]",
            "Services that are called directly, to be compared with messaging.",
        ),
        defaulted("callers", list(&CALLER_KIND, limits::CALLERS), "[]", "Their callers."),
        defaulted(
            "p2p_queues",
            list(&P2P_QUEUE_KIND, limits::P2P_QUEUES),
            "[]",
            "Point-to-point queues, to be compared with topics.",
        ),
        defaulted("actions", list(&ACTION_KIND, limits::ACTIONS), "[]", "What is done, and when."),
        defaulted("markers", list(&MARKER_KIND, limits::MARKERS), "[]", "Named instants."),
        defaulted("captions", list(&CAPTION_KIND, limits::CAPTIONS), "[]", "Words beside the picture."),
        optional(
            "stop_after_messages",
            Kind::Whole { least: 1, most: limits::MESSAGES },
            "producers go on to the end",
            "Producers fall silent once they have sent so many messages together.",
        ),
        defaulted("until", Kind::Span, "\"60s\"", "How long the run is."),
    ],
};
