//! Which actions there are.

use super::actions::{
    ACK, ADD_CONSUMER, CHANGE_INVISIBLE, END_TRANSACTION, FAIL_NEXT, LITE_SET, LITE_SUBSCRIBE,
    LITE_UNSUBSCRIBE, OF_CONSUMER, OF_PRODUCER, QUEUE_OF_CONSUMER, RECALL, RECEIVE, REMOVE_GROUP,
    REMOVE_PRODUCER, RESET_OFFSET, SEEK, SEND, SEND_BACK, SEND_TO, SET_BALANCE, SET_CONSUMER_FILTER,
    SET_FAILURE, SET_FILTER, SET_PATTERN, SET_PROCESSING, SET_QUEUES, SET_THREADS, THROTTLE,
};
use super::topology::{GROUP, PRODUCER, TOPIC};
use crate::scenario::beside::{
    CALLER, OF_P2P_QUEUE, OF_SERVICE, P2P_QUEUE, SERVICE, SET_CALL_PATTERN, SET_CALL_TIMEOUT,
    SET_SERVICE_PROCESSING, SET_WORKERS,
};
use crate::scenario::faults::{CRASH_BROKER, CUT, LOSE_ANSWERS, NOTHING, OF_CLIENT};
use crate::scenario::form::{Choice, Kind, Variant};

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
