//! The broker: the RocketMQ 5 domain model as data and rules.
//!
//! ```text
//!  command ─┐
//!           ├─► decide (reads the world) ─► events ─► apply (writes the world) ─► observers
//!  wakeup ──┘          ▲                                     │
//!                      └──────── what follows from it? ◄─────┘
//! ```
//!
//! Nouns have a file each: [`topic`], [`message_queue`], [`message`], [`half`] (messages), [`producer`],
//! [`consumer_group`], [`consumer`], [`subscription`], [`progress`]. Behaviours have one too: `send`, [`timer`],
//! [`transaction`], [`lite`] (topics), `delivery`, `filter`, [`order`], `batch`, `retention`, `reset` (of offsets), `queues` (their numbers), `consume`
//! (results, retries, dead letters), [`simple`] (receipt handles), [`pull`] (polls and positions), [`pop`] (what open-source brokers do otherwise), [`effect`] (what happens in the business), `balance`,
//! `topology` (what people ask for), `settle` (when a group is done with a message). What breaks stands in [`fault`]:
//! `outage` (of the broker), [`disk`] (what survives it), [`link`], [`resend`] (what producers do without an answer). [`world`] holds it all, [`run`]
//! makes it go, [`event`] is what it says.
//!
//! Beside the broker stand what it is compared with: [`service`] and [`caller`] with synchronous [`calls`], and queues for
//! point-to-point messages ([`p2p`]). They are not RocketMQ.

pub mod applies;
mod apply;
pub mod arrivals;
pub mod balance;
pub mod batch;
mod beginning;
pub mod caller;
pub mod calls;
pub mod command;
pub mod compaction;
mod consume;
pub mod consumer;
pub mod consumer_group;
mod decide;
mod delivery;
pub mod disk;
pub mod effect;
pub mod event;
pub mod fault;
mod filter;
pub mod flow;
pub mod half;
pub mod id;
pub mod invariants;
pub mod link;
pub mod lite;
mod locked_batch;
pub mod message;
pub mod message_queue;
pub mod order;
mod outage;
pub mod p2p;
pub mod pop;
pub mod producer;
pub mod progress;
pub mod promise_watch;
pub mod promises;
pub mod pull;
mod queues;
pub mod reply;
pub mod resend;
mod reset;
mod retention;
mod retry;
pub mod retry_names;
mod rewind;
pub mod run;
mod send;
mod send_cost;
pub mod service;
pub mod settings;
mod settle;
pub mod simple;
pub mod spec;
pub mod strategy;
pub mod subscription;
pub mod timer;
pub mod topic;
mod topology;
pub mod transaction;
pub mod world;

pub use command::{
    CallerChange, Command, ConsumerChange, LinkChange, LiteChange, P2pChange, ResetTarget, ServiceChange,
};
pub use event::{Entry, Event, Outcome, Refusal};
pub use id::{
    CallerId, CommandId, ConsumerId, FilterId, GroupId, LiteId, MessageRef, P2pId, ProducerId, ProgressId,
    QueueId, ServiceId, TopicId,
};
pub use rewind::{Rewind, Snapshot};
pub use run::{Broker, Observer};
pub use settings::Settings;
pub use world::{Log, World};

use event::TopicOrigin;
use retry_names::retry_topic_name;

/// The name of a topic, by its origin: RocketMQ's own names for derived topics (`MixAll`, `KeyBuilder`).
fn topic_name(world: &World, origin: TopicOrigin) -> String {
    let group = |id: GroupId| &world.group(id).spec.name;
    match origin {
        TopicOrigin::Command(command) => match &**world.command(command) {
            Command::AddTopic(spec) => spec.name.clone(),
            _ => String::new(),
        },
        TopicOrigin::Replies => crate::rules::validation::REPLY_TOPIC.to_owned(),
        TopicOrigin::SetAside => "TRANS_CHECK_MAX_TIME_TOPIC".to_owned(),
        TopicOrigin::RetryOfGroup(id) => retry_topic_name(group(id), None),
        TopicOrigin::RetryOfTopic(id, topic) => retry_topic_name(group(id), Some(&world.topic(topic).name)),
        TopicOrigin::DeadLettersOf(id) => format!("%DLQ%{}", group(id)),
    }
}
