//! What listeners and producers do: times, failures, patterns.

use super::texts::{TAG, WORD};
use super::{defaulted, optional, required};
use crate::scenario::form::{Choice, Kind, Shape, Variant};
use crate::scenario::limits;

static VALUE: Shape = Shape {
    name: "constant_time",
    about: "The long way to write a constant.",
    fields: &[required("value", Kind::Span, "How long it always takes.")],
};

pub(in crate::scenario) static UNIFORM: Shape = Shape {
    name: "uniform_time",
    about: "Any whole microsecond between two, each as likely.",
    fields: &[
        required("min", Kind::Span, "The shortest."),
        required("max", Kind::Span, "The longest; not less than `min`."),
    ],
};

pub(in crate::scenario) static EXPONENTIAL: Shape = Shape {
    name: "exponential_time",
    about: "As likely to end in the next microsecond however long it has lasted.",
    fields: &[required("mean", Kind::Span, "The mean.")],
};

pub(in crate::scenario) static LOG_NORMAL: Shape = Shape {
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

pub(in crate::scenario) static PROCESSING: Choice =
    Choice { name: "processing", about: "How long a listener takes for a message.", variants: &TIMES };

static DELAY_CHOICE: Choice =
    Choice { name: "delay", about: "How long after it is sent a message is to be seen.", variants: &TIMES };

/// A time alone, or a choice.
pub(super) const DELAY: Kind = Kind::Either(&Kind::Span, &Kind::Choice(&DELAY_CHOICE));

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

pub(in crate::scenario) static TRANSACTION: Shape = Shape {
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
        defaulted(
            "twice",
            WHICH,
            "\"0\"",
            "Of which the producer's word about the end reaches the broker twice.",
        ),
        defaulted(
            "check_wrong",
            WHICH,
            "\"0\"",
            "About which a checker that is asked after the end says the opposite of what is the case: a share is drawn for \
             each check.",
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

pub(in crate::scenario) static STEADY: Shape = Shape {
    name: "steady_rate",
    about: "A rate that does not change.",
    fields: &[required("per_second", Kind::Rate, "Messages per second, to a millionth; 0 sends nothing.")],
};

pub(in crate::scenario) static BURSTS: Shape = Shape {
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

pub(in crate::scenario) static PATTERN_CHOICE: Choice = Choice {
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
pub(super) const PATTERN: Kind = Kind::Either(&Kind::Word(by_hand), &Kind::Choice(&PATTERN_CHOICE));

pub(in crate::scenario) static FAILURE_CHOICE: Choice = Choice {
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
pub(super) const FAILURE: Kind = Kind::Either(&Kind::Ratio, &Kind::Choice(&FAILURE_CHOICE));
