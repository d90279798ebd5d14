//! What can be done while a run goes on.

use super::texts::{CONSUMER, GROUP_NAME, NAME, TOPIC_NAME};
use super::topology::{CONSUMER_SHAPE, FILTER, GROUP, LITE_NAMES, PRODUCER, TOPIC};
use super::work::{FAILURE, PATTERN, PROCESSING};
use super::{defaulted, optional, required};
use crate::scenario::beside::{
    CALLER, OF_P2P_QUEUE, OF_SERVICE, P2P_QUEUE, SERVICE, SET_CALL_PATTERN, SET_CALL_TIMEOUT,
    SET_SERVICE_PROCESSING, SET_WORKERS,
};
use crate::scenario::faults::{CRASH_BROKER, CUT, LOSE_ANSWERS, NOTHING, OF_CLIENT};
use crate::scenario::form::{Choice, Field, Kind, Shape, Variant};
use crate::scenario::limits;
use crate::scenario::words::names;

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

static SEEK: Shape = Shape {
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

static QUEUE_OF_CONSUMER: Shape = Shape {
    name: "queue_of_consumer",
    about: "A pull consumer, and one of its queues.",
    fields: &[
        WHICH_CONSUMER,
        required("topic", Kind::Text(&TOPIC_NAME), "One of its group's topics."),
        required("queue", QUEUE_NUMBER, "The number of one of its queues."),
    ],
};

static SEND_BACK: Shape = Shape {
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

const QUEUE_NUMBER: Kind = Kind::Whole { least: 0, most: limits::QUEUES_PER_TOPIC - 1 };

static SEND_TO: Shape = Shape {
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

static THROTTLE: Shape = Shape {
    name: "throttle",
    about: "A broker that is too busy.",
    fields: &[
        required("lasting", Kind::Span, "For how long. `\"0s\"` ends it."),
        defaulted("sends", Kind::Truth, "true", "Whether it refuses requests to store messages."),
        defaulted("receives", Kind::Truth, "false", "Whether it refuses requests for messages."),
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

static LITE_SUBSCRIBE: Shape = Shape {
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

static LITE_UNSUBSCRIBE: Shape = Shape {
    name: "lite_unsubscribe",
    about: "Lite topics that a client gives up.",
    fields: &[
        WHICH_CONSUMER,
        required("lite_topics", LITE_NAMES, "Which; `\"session-{0-99}\"` stands for a hundred names."),
    ],
};

static LITE_SET: Shape = Shape {
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

static ADD_CONSUMER: Shape = Shape {
    name: "add_consumer",
    about: "A consumer that joins.",
    fields: &[
        required("group", Kind::Text(&GROUP_NAME), "The group it joins."),
        required("consumer", Kind::Object(&CONSUMER_SHAPE), "The consumer."),
    ],
};

pub(in crate::scenario) static COMMAND: Choice = Choice {
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
            key: "send_to",
            kind: Kind::Object(&SEND_TO),
            about: "The same, to a queue that the producer chooses itself.",
        },
        Variant {
            key: "throttle",
            kind: Kind::Object(&THROTTLE),
            about: "Lets the broker be too busy for a while: it refuses requests to send, to receive, or both.",
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
            key: "crash_broker",
            kind: Kind::Object(&CRASH_BROKER),
            about: "Lets the broker die: its process, its machine, or its machine with the disk.",
        },
        Variant {
            key: "restart_broker",
            kind: Kind::Object(&NOTHING),
            about: "Starts the broker again; what it says, between braces, is nothing.",
        },
        Variant {
            key: "cut",
            kind: Kind::Object(&CUT),
            about: "Cuts the link between the broker and a client: what is said from then on is lost.",
        },
        Variant { key: "repair", kind: Kind::Object(&OF_CLIENT), about: "Mends a link that was cut." },
        Variant {
            key: "hold",
            kind: Kind::Object(&OF_CLIENT),
            about: "Lets messages wait on the link between the broker and a client, in order.",
        },
        Variant {
            key: "release",
            kind: Kind::Object(&OF_CLIENT),
            about: "Lets go what waits on a link; it arrives at once.",
        },
        Variant {
            key: "lose_answers",
            kind: Kind::Object(&LOSE_ANSWERS),
            about: "Loses the broker's next answers to a producer: its messages are stored, and it does not know.",
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
            key: "set_call_pattern",
            kind: Kind::Object(&SET_CALL_PATTERN),
            about: "Changes when a caller calls, from now on.",
        },
        Variant {
            key: "set_call_timeout",
            kind: Kind::Object(&SET_CALL_TIMEOUT),
            about: "Changes how long a caller waits for each answer.",
        },
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
            key: "lite_subscribe",
            kind: Kind::Object(&LITE_SUBSCRIBE),
            about: "Lets a client subscribe to more lite topics.",
        },
        Variant {
            key: "lite_unsubscribe",
            kind: Kind::Object(&LITE_UNSUBSCRIBE),
            about: "Lets a client give lite topics up.",
        },
        Variant {
            key: "lite_set",
            kind: Kind::Object(&LITE_SET),
            about: "Lets a client want these lite topics and no others.",
        },
        Variant {
            key: "poll",
            kind: Kind::Object(&OF_CONSUMER),
            about: "Lets a pull consumer that is worked by hand poll; what its last poll brought is processed by that.",
        },
        Variant {
            key: "commit_offsets",
            kind: Kind::Object(&OF_CONSUMER),
            about: "Lets it commit how far its polls have come.",
        },
        Variant {
            key: "seek",
            kind: Kind::Object(&SEEK),
            about: "Lets a pull consumer go on from another place in one of its queues.",
        },
        Variant {
            key: "pause_queue",
            kind: Kind::Object(&QUEUE_OF_CONSUMER),
            about: "Lets a pull consumer ask for no more messages of one of its queues, as long as it has the queue. What it has of it polls return.",
        },
        Variant {
            key: "resume_queue",
            kind: Kind::Object(&QUEUE_OF_CONSUMER),
            about: "Lets it ask for them again.",
        },
        Variant {
            key: "send_back",
            kind: Kind::Object(&SEND_BACK),
            about: "Lets one that is worked by hand send a message back: it comes again from the retry topic.",
        },
        Variant {
            key: "set_consumer_filter",
            kind: Kind::Object(&SET_CONSUMER_FILTER),
            about: "Changes which messages of a topic one consumer wants.",
        },
    ],
};
