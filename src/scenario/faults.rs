//! The part of the format that breaks things: the broker, and the links between it and its clients.

use serde_json::{Value, json};

use super::form::{Field, Kind, Shape, TextRule};
use super::limits;
use super::read::Object;
use super::sentence::sentence;
use super::shapes::{NAME, defaulted, required};
use super::words::{Way, Word, names};
use crate::broker::fault::Crash;
use crate::broker::{Command, LinkChange};

static CLIENT: TextRule = TextRule {
    what: || sentence!("a producer's name, or a group's, a slash and a consumer's, such as \"billing/C1\""),
    most: limits::GROUP_NAME_CHARS + 1 + limits::NAME_CHARS,
    allows: |c| !c.is_control(),
    pattern: "^.+$",
};

const WHICH_CLIENT: Field =
    required("client", Kind::Text(&CLIENT), "Whose link: a producer's, or a consumer's as `group/consumer`.");

pub(super) static CRASH_BROKER: Shape = Shape {
    name: "crash_broker",
    about: "How the broker dies.",
    fields: &[defaulted(
        "how",
        Kind::Word(names::<Crash>),
        "\"process\"",
        "Its process ends, and what it wrote is safe; its machine loses power, and what was not flushed is lost; or its \
         disk is lost, and a replica takes its place if there is one.",
    )],
};

pub(super) static NOTHING: Shape = Shape { name: "nothing", about: "Nothing more to say.", fields: &[] };

pub(super) static CUT: Shape = Shape {
    name: "cut",
    about: "A link that carries nothing any more.",
    fields: &[
        WHICH_CLIENT,
        defaulted(
            "way",
            Kind::Word(names::<Way>),
            "\"both\"",
            "Nothing gets through; or for a producer only the broker's answers do not, so that what it sends is stored.",
        ),
    ],
};

pub(super) static OF_CLIENT: Shape =
    Shape { name: "of_client", about: "Which link.", fields: &[WHICH_CLIENT] };

pub(super) static LOSE_ANSWERS: Shape = Shape {
    name: "lose_answers",
    about: "Answers that get lost.",
    fields: &[
        required("producer", Kind::Text(&NAME), "The producer."),
        defaulted(
            "count",
            Kind::Whole { least: 0, most: limits::FAILURES_BY_HAND },
            "1",
            "So many of the next answers to it get lost.",
        ),
    ],
};

/// A command by its key.
pub(super) fn command(key: &str, given: &Object<'_>) -> Option<Command> {
    let link = |change| Some(Command::Link { client: given.text("client")?, change });
    match key {
        "crash_broker" => Some(Command::CrashBroker { how: given.word("how").unwrap_or_default() }),
        "restart_broker" => Some(Command::RestartBroker),
        "cut" => link(LinkChange::Cut { answers_only: given.word("way") == Some(Way::Answers) }),
        "repair" => link(LinkChange::Repair),
        "hold" => link(LinkChange::Hold),
        "release" => link(LinkChange::Release),
        "lose_answers" => Some(Command::Link {
            client: given.text("producer")?,
            change: LinkChange::LoseAnswers(given.count("count").unwrap_or(1)),
        }),
        _ => None,
    }
}

/// What a command says under its key.
pub(super) fn write(command: &Command) -> Value {
    match command {
        Command::CrashBroker { how } => json!({ "how": how.word() }),
        Command::Link { client, change: LinkChange::Cut { answers_only } } => {
            let way = if *answers_only { Way::Answers } else { Way::Both };
            json!({ "client": client, "way": way.word() })
        }
        Command::Link { client, change: LinkChange::LoseAnswers(count) } => {
            json!({ "producer": client, "count": count })
        }
        Command::Link { client, .. } => json!({ "client": client }),
        _ => json!({}),
    }
}
