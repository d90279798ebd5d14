//! The scenario file: what there is, what happens to it and when, and what to look at.
//!
//! ```text
//!           ┌ check: is every value what its table says?   ┐
//!  text ──► JSON ──► read ──► rules: does it fit together? ├──► Scenario ──► commands, actions
//!           └ all problems, each with its place            ┘        └──────► write ──► JSON
//! ```
//!
//! The format `mqscope.scenario/1` stands in tables (`shapes`, [`SETTINGS`], [`limits`]): reading, checking, the JSON
//! Schema and the tables of `docs/scenario.md` all follow them. Checking collects *all* problems of a file, each with
//! its path, what is wrong and what would be right; a file without problems always makes a scenario that a world can
//! play.
//!
//! ```
//! use mqscope::scenario::Scenario;
//!
//! let problems = Scenario::parse(r#"{ "format": "mqscope.scenario/1", "id": "x", "title": { "en": "X" }, "sead": 1 }"#);
//! assert_eq!(problems.unwrap_err().to_string(), "sead: there is no such key; the nearest is \"seed\".");
//! ```

mod beside;
mod bundled;
mod check;
mod claims;
mod faults;
mod filters;
mod form;
pub mod limits;
mod link;
mod lite;
mod problem;
mod profiles;
mod read;
mod recording;
mod rules;
mod schema;
mod sentence;
mod settings;
mod shapes;
mod tables;
mod words;
mod write;

pub use bundled::{SHELVES, bundled};
pub use claims::CLAIMS;
pub use filters::filter_problem;
pub use link::Link;
pub use problem::{Problem, Problems};
pub use profiles::{Entry, entries};
pub use recording::{Act, KeptBranch, MODEL, Recorded};
pub use schema::schema;
pub use sentence::{LIST_TEMPLATES, Sentence, Translate};
pub use settings::{SETTINGS, Setting};
pub use shapes::is_unseen;
pub use tables::tables;

use serde_json::Value;

use crate::broker::caller::CallerSpec;
use crate::broker::p2p::P2pSpec;
use crate::broker::service::ServiceSpec;
use crate::broker::spec::{
    Application, Balance, Cleanup, ConsumeMode, ConsumerType, DeliveryOrder, GroupSpec, InitialOffset,
    ProducerSpec, QueueSelection, SubModel, TopicSpec, TopicType,
};
use crate::broker::{Command, Settings};
use crate::sim::{Instant, Span};
use form::Kind;
use sentence::sentence;

/// The format this program reads and writes.
pub const FORMAT: &str = "mqscope.scenario/1";

/// How long a run is if the file does not say.
const UNTIL: Instant = Instant::from_secs(60);

/// How long a listener takes if the file does not say.
const PROCESSING: Span = Span::from_ms(10);

/// A scenario: an experiment that runs the same way every time.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Scenario {
    /// A short name for links and files.
    pub id: String,
    /// Its title.
    pub title: LocalText,
    /// What to watch for.
    pub summary: Option<LocalText>,
    /// Where all chance comes from.
    pub seed: u64,
    /// Whose defaults the settings have.
    pub profile: Profile,
    /// The named numbers.
    pub settings: Settings,
    /// Topics at the start.
    pub topics: Vec<TopicSpec>,
    /// Producers at the start.
    pub producers: Vec<ProducerSpec>,
    /// Groups at the start, with their consumers.
    pub groups: Vec<GroupSpec>,
    /// Services at the start, which are called directly.
    pub services: Vec<ServiceSpec>,
    /// Their callers at the start.
    pub callers: Vec<CallerSpec>,
    /// Point-to-point queues at the start.
    pub p2p_queues: Vec<P2pSpec>,
    /// What is done later, in order of time.
    pub actions: Vec<Action>,
    /// What a visitor did in the run that was recorded, in order.
    pub acts: Vec<Act>,
    /// Where that run stood.
    pub recorded: Option<Recorded>,
    /// Other courses of that run that the visitor has left, in the order in which they were made.
    pub branches: Vec<KeptBranch>,
    /// Named instants, in order of time.
    pub markers: Vec<Marker>,
    /// Words beside the picture, in order of time.
    pub captions: Vec<Caption>,
    /// Producers fall silent once so many messages were sent.
    pub stop_after_messages: Option<u64>,
    /// The end of the run.
    pub until: Instant,
}

/// A text in the two languages of the page.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct LocalText {
    /// In English.
    pub en: String,
    /// In Simplified Chinese; in English, if the file has no other.
    pub zh_cn: String,
}

/// A bundle of settings: whose RocketMQ is meant.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub enum Profile {
    /// RocketMQ 5 as it is documented.
    #[default]
    Docs5,
    /// RocketMQ 5 as its open-source code runs.
    Oss5Code,
    /// RocketMQ with the classic clients of 3.x and 4.x.
    Classic4,
    /// RocketMQ 5 as Alibaba Cloud sells it.
    Aliyun5,
}

/// A command and when it is given.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Action {
    /// When.
    pub at: Instant,
    /// What.
    pub command: Command,
}

/// A named instant.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Marker {
    /// When.
    pub at: Instant,
    /// Its name.
    pub label: LocalText,
}

/// Words beside the picture.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Caption {
    /// From when.
    pub at: Instant,
    /// To when; to the next caption if not given.
    pub until: Option<Instant>,
    /// The words.
    pub text: LocalText,
    /// Claims of the domain model that can be seen meanwhile, by their ids.
    pub claims: Vec<&'static str>,
}

impl Profile {
    /// Its name, as in the file.
    pub fn name(self) -> &'static str {
        words::Word::word(self)
    }
}

impl Scenario {
    /// Reads a scenario file.
    ///
    /// # Errors
    /// Everything that is wrong with it. Only if the text is too long, not JSON, of another version of the format or
    /// recorded under newer rules, that is all that is said.
    pub fn parse(text: &str) -> Result<Self, Problems> {
        Self::from_value(&json(text)?)
    }

    fn from_value(value: &Value) -> Result<Self, Problems> {
        let mut problems = Problems::default();
        check::check(&Kind::Object(&shapes::SCENARIO), value, &mut problem::Path::default(), &mut problems);
        let draft = read::draft(value);
        rules::check(&draft, &mut problems);
        if problems.is_empty() {
            Ok(draft.finish())
        } else {
            Err(recording::newer_rules(value).map_or(problems, Into::into))
        }
    }

    /// The same scenario with another seed: another run, in which what was done has its instants, but no place yet.
    pub fn reseed(&mut self, seed: u64) {
        if seed != self.seed {
            self.seed = seed;
            self.acts.iter_mut().for_each(Act::forget_place);
        }
    }

    /// The canonical form of the file: reading it gives this scenario again.
    pub fn to_json(&self) -> Value {
        write::scenario(self)
    }

    /// The same with another value for a setting, given as a person types it; what is wrong if the file would not take it.
    pub fn with_setting(&self, name: &str, typed: &str) -> Result<Self, Problems> {
        let typed = typed.trim();
        let value = match (typed.parse::<u64>(), typed) {
            (Ok(number), _) => number.into(),
            (_, "true") => true.into(),
            (_, "false") => false.into(),
            _ if typed.contains(',') => typed.split(',').map(|part| Value::from(part.trim())).collect(),
            _ => typed.into(),
        };
        let mut file = self.to_json();
        file["settings"][name] = value;
        Self::parse(&file.to_string())
    }

    /// The topology as commands, to be given at the first instant: topics, then groups, then producers, so that every
    /// group is there before the first message. The [`actions`](Self::actions) come later, each at its instant.
    pub fn commands(&self) -> Vec<Command> {
        let topics = self.topics.iter().cloned().map(Command::AddTopic);
        let groups = self.groups.iter().cloned().map(Command::AddGroup);
        let producers = self.producers.iter().cloned().map(Command::AddProducer);
        // What stands beside the broker may speak of groups and producers.
        let services = self.services.iter().cloned().map(Command::AddService);
        let callers = self.callers.iter().cloned().map(Command::AddCaller);
        let p2p_queues = self.p2p_queues.iter().cloned().map(Command::AddP2pQueue);
        topics.chain(groups).chain(producers).chain(services).chain(callers).chain(p2p_queues).collect()
    }
}

/// A command as the `do` of an action has it.
pub fn command_json(command: &Command) -> Value {
    write::command(command)
}

/// What is wrong with a file of so many bytes, whatever is in it.
pub fn too_long(bytes: u64) -> Problem {
    Problem {
        path: String::new(),
        what: sentence!("{count} bytes are too many", count = bytes),
        instead: sentence!("write at most {most}", most = limits::FILE_BYTES),
    }
}

/// The values of a file, if it is JSON and of our version.
fn json(text: &str) -> Result<Value, Problem> {
    if text.len() as u64 > limits::FILE_BYTES {
        return Err(too_long(text.len() as u64));
    }
    // Some editors put a byte order mark in front of what they save.
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let value: Value = serde_json::from_str(text).map_err(|error| {
        let message = error.to_string();
        let reason = message.split(" at line ").next().unwrap_or_default();
        Problem {
            path: format!("line {}, column {}", error.line(), error.column()),
            what: sentence!("this is not JSON ({reason})", reason = reason),
            instead: sentence!("look for a missing or spare comma, quote or bracket there or just before"),
        }
    })?;
    match check::other_version(&value) {
        Some(flaw) => Err(Problem { path: "format".into(), what: flaw.what, instead: flaw.instead }),
        None => Ok(value),
    }
}
