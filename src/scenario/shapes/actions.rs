//! What can be done while a run goes on, each with its keys.

use super::texts::{CONSUMER, GROUP_NAME, NAME, TOPIC_NAME};
use super::topology::{CONSUMER_SHAPE, FILTER, LITE_NAMES};
use super::work::{FAILURE, PATTERN, PROCESSING};
use super::{defaulted, optional, required};
use crate::scenario::form::{Choice, Field, Kind, Shape, Variant};
use crate::scenario::limits;
use crate::scenario::words::names;

const WHICH_CONSUMER: Field =
    required("consumer", Kind::Text(&CONSUMER), "The consumer, as `group/consumer`.");

pub(super) static OF_CONSUMER: Shape =
    Shape { name: "of_consumer", about: "Which consumer.", fields: &[WHICH_CONSUMER] };

pub(super) static SET_THREADS: Shape = Shape {
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

pub(super) static SET_PROCESSING: Shape = Shape {
    name: "set_processing",
    about: "How long a consumer's listener takes from now on.",
    fields: &[
        WHICH_CONSUMER,
        required("processing", Kind::Choice(&PROCESSING), "How long its listener takes from now on."),
    ],
};

pub(super) static SET_FAILURE: Shape = Shape {
    name: "set_failure",
    about: "When a consumer's listener fails from now on.",
    fields: &[WHICH_CONSUMER, required("failure", FAILURE, "When its listener fails from now on.")],
};

pub(super) static FAIL_NEXT: Shape = Shape {
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

pub(super) static RECEIVE: Shape = Shape {
    name: "receive",
    about: "A simple consumer that receives by hand.",
    fields: &[
        WHICH_CONSUMER,
        defaulted("count", Kind::Whole { least: 1, most: 32 }, "1", "So many messages at the most."),
        optional(
            "invisible",
            Kind::Span,
            "the setting `simple.invisibleMs`",
            "How long they are invisible to others: 10 s to 12 h, or the proxy refuses.",
        ),
        optional(
            "queue",
            QUEUE_NUMBER,
            "all queues of the group's topics",
            "Only messages of the queue with this number, and of retry topics.",
        ),
        optional(
            "attempt",
            Kind::Text(&NAME),
            "nobody can tell that it is the same attempt",
            "The name of the attempt. Where a batch locks its queue, a client that got no answer asks again under the same \
             name and is given the batch once more.",
        ),
    ],
};

const HANDLE: Field = required(
    "handle",
    Kind::Whole { least: 1, most: limits::FIRST_NUMBER },
    "The receipt handle: they are numbered from 1 in each group.",
);

pub(super) static ACK: Shape = Shape {
    name: "ack",
    about: "A simple consumer that acknowledges by hand.",
    fields: &[WHICH_CONSUMER, HANDLE],
};

pub(super) static CHANGE_INVISIBLE: Shape = Shape {
    name: "change_invisible",
    about: "A simple consumer that changes an invisible time by hand.",
    fields: &[
        WHICH_CONSUMER,
        HANDLE,
        required("invisible", Kind::Span, "How long the message is invisible from now on: at most 12 h."),
    ],
};

static SEEK_CHOICE: Choice = Choice {
    name: "seek_target",
    about: "Where a pull consumer goes on in a queue.",
    variants: &[
        Variant {
            key: "time",
            kind: Kind::Span,
            about: "With the first message stored then or later, counted from the start: `{\"time\": \"60s\"}`.",
        },
        Variant {
            key: "offset",
            kind: Kind::Whole { least: 0, most: limits::FIRST_NUMBER },
            about: "At an offset that the queue has: `{\"offset\": 12}`.",
        },
    ],
};

pub(super) static SEEK: Shape = Shape {
    name: "seek",
    about: "A pull consumer that goes on from another place.",
    fields: &[
        WHICH_CONSUMER,
        required("topic", Kind::Text(&TOPIC_NAME), "One of its group's topics."),
        required("queue", QUEUE_NUMBER, "The number of one of its queues."),
        required(
            "to",
            Kind::Either(&Kind::Word(ends), &Kind::Choice(&SEEK_CHOICE)),
            "`earliest` reads again all that is stored, `latest` passes over all that waits.",
        ),
    ],
};

pub(super) static QUEUE_OF_CONSUMER: Shape = Shape {
    name: "queue_of_consumer",
    about: "A pull consumer, and one of its queues.",
    fields: &[
        WHICH_CONSUMER,
        required("topic", Kind::Text(&TOPIC_NAME), "One of its group's topics."),
        required("queue", QUEUE_NUMBER, "The number of one of its queues."),
    ],
};

pub(super) static SEND_BACK: Shape = Shape {
    name: "send_back",
    about: "A message that a pull consumer's last poll brought, and that it sends back by hand.",
    fields: &[
        WHICH_CONSUMER,
        required("topic", Kind::Text(&TOPIC_NAME), "The topic that it came from."),
        required("queue", QUEUE_NUMBER, "The queue's number."),
        required("offset", Kind::Whole { least: 0, most: limits::FIRST_NUMBER }, "Its offset."),
        required(
            "level",
            Kind::Whole { least: 0, most: 18 },
            "The delay level after which it comes again, from the group's retry topic; 0 lets the broker choose: 3, and one \
             more with each time.",
        ),
        optional(
            "max_times",
            Kind::Whole { least: 0, most: limits::RETRIES },
            "as often as the group's messages may",
            "How often it may come again. After that it is a dead letter.",
        ),
    ],
};

pub(super) static SET_PATTERN: Shape = Shape {
    name: "set_pattern",
    about: "When a producer sends from now on.",
    fields: &[
        required("producer", Kind::Text(&NAME), "The producer."),
        required("pattern", PATTERN, "When it sends from now on."),
    ],
};

pub(super) static SEND: Shape = Shape {
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

const QUEUE_NUMBER: Kind = Kind::Whole { least: 0, most: limits::QUEUES_PER_TOPIC - 1 };

pub(super) static SEND_TO: Shape = Shape {
    name: "send_to",
    about: "Messages by hand, to one queue.",
    fields: &[
        required("producer", Kind::Text(&NAME), "The producer."),
        required("queue", QUEUE_NUMBER, "The queue's number in the producer's topic."),
        defaulted(
            "count",
            Kind::Whole { least: 1, most: limits::MESSAGES_BY_HAND },
            "1",
            "How many messages.",
        ),
    ],
};

pub(super) static THROTTLE: Shape = Shape {
    name: "throttle",
    about: "A broker that is too busy.",
    fields: &[
        required("lasting", Kind::Span, "For how long. `\"0s\"` ends it."),
        defaulted("sends", Kind::Truth, "true", "Whether it refuses requests to store messages."),
        defaulted("receives", Kind::Truth, "false", "Whether it refuses requests for messages."),
    ],
};

pub(super) static RECALL: Shape = Shape {
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

pub(super) static END_TRANSACTION: Shape = Shape {
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

pub(super) static OF_PRODUCER: Shape = Shape {
    name: "of_producer",
    about: "Which producer.",
    fields: &[required("producer", Kind::Text(&NAME), "The producer.")],
};

pub(super) static REMOVE_PRODUCER: Shape = Shape {
    name: "remove_producer",
    about: "A producer that goes.",
    fields: &[required("producer", Kind::Text(&NAME), "The producer.")],
};

pub(super) static REMOVE_GROUP: Shape = Shape {
    name: "remove_group",
    about: "A group that is deleted.",
    fields: &[required("group", Kind::Text(&GROUP_NAME), "The group.")],
};

pub(super) static SET_BALANCE: Shape = Shape {
    name: "set_balance",
    about: "What a group shares out from now on.",
    fields: &[
        required("group", Kind::Text(&GROUP_NAME), "The group; not a broadcasting one."),
        required(
            "balance",
            Kind::Word(names::<crate::scenario::Balance>),
            "Whole queues or single messages.",
        ),
    ],
};

pub(in crate::scenario) static OFFSET_IN_QUEUE: Shape = Shape {
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

pub(super) static RESET_OFFSET: Shape = Shape {
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

pub(super) static SET_QUEUES: Shape = Shape {
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

pub(super) static SET_FILTER: Shape = Shape {
    name: "set_filter",
    about: "Which messages of a topic a group wants from now on. What was filtered out before does not come back.",
    fields: &[
        required("group", Kind::Text(&GROUP_NAME), "The group."),
        required("topic", Kind::Text(&TOPIC_NAME), "One of its topics."),
        required("filter", FILTER, "Which of its messages."),
    ],
};

pub(super) static SET_CONSUMER_FILTER: Shape = Shape {
    name: "set_consumer_filter",
    about: "Which messages of a topic one consumer wants from now on, whatever its group does.",
    fields: &[
        WHICH_CONSUMER,
        required("topic", Kind::Text(&TOPIC_NAME), "One of its group's topics."),
        required("filter", FILTER, "Which of its messages."),
    ],
};

static LITE_POSITION: Choice = Choice {
    name: "lite_position",
    about: "Where a client begins in a lite topic.",
    variants: &[
        Variant {
            key: "offset",
            kind: Kind::Whole { least: 0, most: limits::MESSAGES },
            about: "At an offset.",
        },
        Variant {
            key: "tail",
            kind: Kind::Whole { least: 0, most: limits::MESSAGES },
            about: "So many messages before the committed offset, if there is one; see the setting `lite.tail`.",
        },
    ],
};

pub(super) static LITE_SUBSCRIBE: Shape = Shape {
    name: "lite_subscribe",
    about: "More lite topics for a client. Where each has one client only, it takes them from others.",
    fields: &[
        WHICH_CONSUMER,
        required("lite_topics", LITE_NAMES, "Which; `\"session-{0-99}\"` stands for a hundred names."),
        defaulted(
            "from",
            Kind::Either(
                &Kind::Word(names::<crate::scenario::words::LiteEnd>),
                &Kind::Choice(&LITE_POSITION),
            ),
            "\"last\"",
            "From where: where its group is, at the first message that is stored, behind the last one, or a place.",
        ),
    ],
};

pub(super) static LITE_UNSUBSCRIBE: Shape = Shape {
    name: "lite_unsubscribe",
    about: "Lite topics that a client gives up.",
    fields: &[
        WHICH_CONSUMER,
        required("lite_topics", LITE_NAMES, "Which; `\"session-{0-99}\"` stands for a hundred names."),
    ],
};

pub(super) static LITE_SET: Shape = Shape {
    name: "lite_set",
    about: "All lite topics that a client wants. It takes none from others.",
    fields: &[
        WHICH_CONSUMER,
        required(
            "lite_topics",
            Kind::List { of: &super::topology::LITE_NAME_KIND, least: 0, most: limits::LITE_NAMES },
            "These and no others.",
        ),
    ],
};

pub(super) static ADD_CONSUMER: Shape = Shape {
    name: "add_consumer",
    about: "A consumer that joins.",
    fields: &[
        required("group", Kind::Text(&GROUP_NAME), "The group it joins."),
        required("consumer", Kind::Object(&CONSUMER_SHAPE), "The consumer."),
    ],
};
