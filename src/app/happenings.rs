//! What stands on the bar because it happened. It is kept apart from the world in which it happened: after time went back,
//! that world is gone, and what is ahead is still known.

use std::rc::Rc;

use super::session_ref::Observers;
use crate::broker::fault::{Client, LinkState};
use crate::broker::{Command, Event};
use crate::lesson::Words;
use crate::lesson::explain::command_in_short;
use crate::metrics::series;
use crate::session::{Act, Session};
use crate::sim::Instant;

/// Something that happened.
#[derive(Clone, Debug, PartialEq)]
pub struct Happening {
    /// When.
    pub at: Instant,
    /// The number of its entry.
    pub seq: u64,
    /// What.
    pub what: What,
}

/// What happened, and the name of whom it happened to.
#[derive(Clone, Debug, PartialEq)]
pub enum What {
    /// A consumer crashed.
    Crashed(String),
    /// It runs again.
    Restarted(String),
    /// A group gave a message up.
    DeadLetter(String),
    /// A group's queues were shared out anew.
    Rebalanced(String),
    /// The broker died.
    BrokerCrashed,
    /// It, or a replica in its place, is back.
    BrokerRestarted,
    /// A client's link is another than before.
    Link(String, LinkState),
    /// The scenario asked for something.
    Asked(Rc<Command>),
}

impl Happening {
    /// Of something that the series remember; nothing of what is said better elsewhere. `acts` is what the visitor did: that
    /// stands on the bar anyway.
    pub fn of(session: &Session<Observers>, acts: &[Act], moment: &series::Moment) -> Option<Self> {
        let world = session.world();
        let group = |id| world.group(id).spec.name.clone();
        let what = match moment.event {
            Event::ConsumerCrashed { consumer, .. } => What::Crashed(world.consumer_name(consumer)),
            Event::ConsumerRestarted { consumer } => What::Restarted(world.consumer_name(consumer)),
            Event::DeadLettered { group: id, .. } => What::DeadLetter(group(id)),
            Event::Rebalanced { group: id, .. } => What::Rebalanced(group(id)),
            Event::BrokerCrashed { .. } => What::BrokerCrashed,
            Event::BrokerRestarted { .. } => What::BrokerRestarted,
            Event::LinkChanged { client, state } => {
                let name = match client {
                    Client::Producer(id) => world.producer(id).spec.name.clone(),
                    Client::Consumer(id) => world.consumer_name(id),
                };
                What::Link(name, state)
            }
            Event::CommandGiven { command, .. } => {
                let command = world.command(command);
                if is_said_by_what_follows(command) || is_by_hand(acts, moment.seq) {
                    return None;
                }
                What::Asked(Rc::clone(command))
            }
            _ => return None,
        };
        Some(Self { at: moment.at, seq: moment.seq, what })
    }
}

impl What {
    /// How it is drawn.
    pub fn kind(&self) -> &'static str {
        match self {
            Self::Crashed(_) | Self::DeadLetter(_) | Self::BrokerCrashed => "tick-fault",
            Self::Link(_, LinkState::Open)
            | Self::Restarted(_)
            | Self::BrokerRestarted
            | Self::Rebalanced(_) => "tick-change",
            Self::Link(..) => "tick-fault",
            Self::Asked(_) => "tick-act",
        }
    }

    /// What stands beside it.
    pub fn says(&self, session: &Session<Observers>, words: &Words) -> String {
        match self {
            Self::Crashed(name) => words.fill("transport.crashed", &[("consumer", name)]),
            Self::Restarted(name) => words.fill("transport.restarted", &[("consumer", name)]),
            Self::DeadLetter(name) => words.fill("transport.dead_letter", &[("group", name)]),
            Self::Rebalanced(name) => words.fill("transport.rebalanced", &[("group", name)]),
            Self::BrokerCrashed => words.text("transport.broker_crashed").to_owned(),
            Self::BrokerRestarted => words.text("transport.broker_restarted").to_owned(),
            Self::Link(name, state) => {
                let key = match state {
                    LinkState::Open => "transport.link_open",
                    LinkState::Held => "transport.link_held",
                    LinkState::Cut => "transport.link_cut",
                    LinkState::Deaf => "transport.link_deaf",
                };
                words.fill(key, &[("client", name)])
            }
            Self::Asked(command) => command_in_short(session.world(), command, words),
        }
    }
}

/// Does an event that stands on the bar follow from it?
pub fn is_said_by_what_follows(command: &Command) -> bool {
    matches!(
        command.key(),
        "crash" | "restart" | "crash_broker" | "restart_broker" | "cut" | "repair" | "hold" | "release"
    )
}

/// Did the visitor bring an entry about? The scenario may ask for the same thing, so its number tells.
fn is_by_hand(acts: &[Act], seq: u64) -> bool {
    acts.iter().any(|act| act.seq == Some(seq))
}
