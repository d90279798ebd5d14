//! The format as tables: every object of the file with its keys. Reader, checker, schema and documentation follow them.

mod actions;
mod command;
mod texts;
mod topology;
mod work;

use self::texts::{CAPTION, FINGERPRINT, ID, TITLE};
use super::beside::{CALLER, P2P_QUEUE, SERVICE};
use super::form::{Field, Kind, Shape};
use super::limits;
use super::words::names;
pub(super) use actions::OFFSET_IN_QUEUE;
pub(super) use command::COMMAND;
pub use texts::is_unseen;
pub(super) use texts::{GROUP_NAME, NAME, WORD};
pub(super) use topology::{
    CONFIGURED, CONSUMER_SHAPE, GROUP, LITE_BY_CHANCE, MACHINE_ROOM, MACHINE_ROOM_NEARBY, MESSAGE,
    MESSAGE_GROUPS, PRODUCER, SQL, STANDS_IN, SUBSCRIPTION, TOPIC,
};
pub(super) use work::{
    BURSTS, EXPONENTIAL, FAILURE_CHOICE, LOG_NORMAL, PROCESSING, STEADY, TRANSACTION, UNIFORM,
};

use crate::scenario::form::Need::{Default, Else, Required};

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

pub(super) static ACTION: Shape = Shape {
    name: "action",
    about: "Something that is done at an instant. Actions at the same instant happen in the order of the file, and \
            before anything else of that instant.",
    fields: &[
        required("at", Kind::Span, "When, counted from the start; not after `until`."),
        required("do", Kind::Choice(&COMMAND), "What."),
    ],
};

pub(super) static ACT: Shape = Shape {
    name: "act",
    about: "Something that a visitor did while the run was being recorded. If it cannot be done it is refused, as it \
            was then.",
    fields: &[
        required("at", Kind::Span, "When, counted from the start; not before the act before it."),
        optional(
            "entry",
            Kind::Whole { least: 0, most: limits::ENTRIES },
            "last of its instant",
            "The number of the journal entry that it became, greater than that of the act before it.",
        ),
        optional(
            "step",
            Kind::Whole { least: 0, most: limits::ENTRIES },
            "where the entry says",
            "How many things time had brought before it, not less than before the act before it. Not all of them leave \
             an entry, so only this tells its place exactly.",
        ),
        required("do", Kind::Choice(&COMMAND), "What."),
    ],
};

pub(super) static RECORDED: Shape = Shape {
    name: "recorded",
    about: "Where the run stood when it was recorded. Playing the file leads to the same journal again, unless rules \
            of the model were corrected meanwhile.",
    fields: &[
        required(
            "model",
            Kind::Whole { least: 0, most: limits::ENTRIES },
            "The version of the model's rules at that time.",
        ),
        required("at", Kind::Span, "The instant."),
        required(
            "entries",
            Kind::Whole { least: 0, most: limits::ENTRIES },
            "How many entries the journal had.",
        ),
        required("fingerprint", Kind::Text(&FINGERPRINT), "The fingerprint of that journal."),
        optional(
            "steps",
            Kind::Whole { least: 0, most: limits::ENTRIES },
            "as many as led to those entries",
            "How many things time had brought; some of them leave no entry.",
        ),
    ],
};

pub(super) static BRANCH: Shape = Shape {
    name: "branch",
    about: "Another course of the recorded run, which the visitor has left and can go back to.",
    fields: &[
        defaulted("acts", list(&ACT_KIND, limits::ACTS), "[]", "What the visitor did in it, in order."),
        required("recorded", Kind::Object(&RECORDED), "Where it was left."),
        optional("reached", Kind::Span, "the instant where it was left", "How far it had been."),
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
static ACT_KIND: Kind = Kind::Object(&ACT);
static BRANCH_KIND: Kind = Kind::Object(&BRANCH);
static MARKER_KIND: Kind = Kind::Object(&MARKER);
static CAPTION_KIND: Kind = Kind::Object(&CAPTION_SHAPE);

/// What a link holds.
pub(super) static LINK: Shape = Shape {
    name: "link",
    about: "An experiment in a link: a scenario that comes with MQScope, or a whole file.",
    fields: &[
        optional("bundled", Kind::Text(&ID), "the whole file is there", "The id of a bundled scenario."),
        optional("seed", Kind::Seed, "the scenario's own", "Another seed than the bundled scenario's."),
        defaulted("acts", list(&ACT_KIND, limits::ACTS), "[]", "What a visitor did in the bundled scenario."),
        optional("recorded", Kind::Object(&RECORDED), "at the start", "Where its run stood."),
        defaulted(
            "branches",
            list(&BRANCH_KIND, limits::BRANCHES),
            "[]",
            "Other courses of it that were left.",
        ),
        optional(
            "file",
            Kind::Object(&SCENARIO),
            "a bundled scenario",
            "The file, if it is not a bundled scenario.",
        ),
        defaulted("view", Kind::Texts, "{}", "How it was looked at, as in the query of the address."),
    ],
};

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
        defaulted(
            "acts",
            list(&ACT_KIND, limits::ACTS),
            "[]",
            "What a visitor did, in order: with it the file is a recording.",
        ),
        optional(
            "recorded",
            Kind::Object(&RECORDED),
            "the run is nobody's recording",
            "Where the recorded run stood.",
        ),
        defaulted(
            "branches",
            list(&BRANCH_KIND, limits::BRANCHES),
            "[]",
            "Other courses of that run that the visitor has left, in the order in which they were made.",
        ),
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
