//! What people type into fields: read as strictly as a scenario file, answered in sentences.
//!
//! A form keeps what was typed, letter by letter, and nothing else. Checking it gives either the one value it stands
//! for or, for every field that is not right, one sentence of the catalogue that says what would be. Limits are those
//! of the scenario file, so that the page and the file accept the same.

mod beside;
mod consumer;
mod filter;
mod group;
mod lite;
mod names;
mod producer;
mod progress;
mod retry;
mod strategy;
pub mod text;
mod topic;
mod wrong;

pub use beside::{ArrivalsForm, CallerForm, HandlerForm, P2pForm, ServiceForm, TimeoutForm};
pub use consumer::{ConsumerForm, FailureForm, FailureKind, ProcessingForm, ProcessingKind, threads_change};
pub use filter::{FilterForm, FilterKind};
pub use group::{Client, Effect, GroupForm};
pub use lite::lite_change;
pub use names::{consumer_name, group_name, producer_name, topic_name};
pub use producer::{PatternForm, PatternKind, ProducerForm, scaled};
pub use progress::{QueuesForm, ResetForm, ResetKind};
pub use retry::{LADDERS, RetryForm};
pub use strategy::{StrategyForm, StrategyKind};
pub use topic::TopicForm;
pub use wrong::{Wrong, Wrongs};

use wrong::Checks;
