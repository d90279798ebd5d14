//! What can break, and what is broken now: the broker's process, its machine, and the links between it and its clients.
//! A world in which nothing ever broke has none of this.
//!
//! How the broker goes down and comes back is in `outage`, what is on its disk then in `disk`, what producers do without an
//! answer in `resend`, and links in `link`.

use std::collections::BTreeMap;

use serde::Serialize;

use super::id::{ConsumerId, ProducerId, ProgressId, QueueId};
use super::producer::SendInFlight;
use super::progress::DeliveryInFlight;
use super::world::{Live, Wakeup, World};
use crate::sim::{Instant, Slot};

/// How a broker dies.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default, Serialize)]
pub enum Crash {
    /// Its process ends; what it wrote is with the operating system, and safe.
    #[default]
    Process,
    /// Its machine loses power: what was not flushed to the disk is gone.
    Machine,
    /// Its machine is gone with the disk: only a replica has the messages.
    Disk,
}

impl Crash {
    /// The word used in files and output.
    pub fn name(self) -> &'static str {
        match self {
            Self::Process => "process",
            Self::Machine => "machine",
            Self::Disk => "disk",
        }
    }
}

/// A broker that is down, or was.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Outage {
    /// Since when.
    pub since: Instant,
    /// Why.
    pub how: Crash,
    /// What was stored until then is kept; nothing at all, if there is no such instant.
    pub kept: Option<Instant>,
}

/// One end of a link; the other one is the broker.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Client {
    /// A producer.
    Producer(ProducerId),
    /// A consumer.
    Consumer(ConsumerId),
}

/// How a link stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub enum LinkState {
    /// What goes out arrives.
    #[default]
    Open,
    /// Messages wait on it, in order.
    Held,
    /// Nothing gets through.
    Cut,
    /// The broker's answers to a producer do not get through, and everything else does.
    Deaf,
}

impl LinkState {
    /// The word used in output.
    pub fn name(self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::Held => "held",
            Self::Cut => "cut",
            Self::Deaf => "answers_cut",
        }
    }
}

/// A link that something was done to.
#[derive(Clone, Debug, Default)]
pub struct Link {
    /// How it stands.
    pub state: LinkState,
    /// Since when.
    pub since: Instant,
    /// So many of the next answers to a producer get lost.
    pub answers_to_lose: u32,
    /// Messages of a producer that wait on it, in order.
    pub sends: Vec<SendInFlight>,
    /// Messages for a consumer that wait on it, in order.
    pub deliveries: Vec<(ProgressId, DeliveryInFlight)>,
}

impl Link {
    /// Does an answer to its producer get lost now?
    pub(super) fn loses_answers(&self) -> bool {
        matches!(self.state, LinkState::Deaf | LinkState::Cut) || self.answers_to_lose > 0
    }

    /// Is nothing the matter with it?
    fn is_well(&self) -> bool {
        self.state == LinkState::Open && self.answers_to_lose == 0
    }

    /// How many messages wait on it.
    pub fn held(&self) -> usize {
        self.sends.len() + self.deliveries.len()
    }
}

/// A send that was not answered at once.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct OpenSend {
    /// So many messages went out together, from this one on.
    pub count: u32,
    /// The how many-th try is the last one, from 1.
    pub attempt: u32,
    /// Where that try went.
    pub queue: QueueId,
    /// When it went out.
    pub sent_at: Instant,
    /// When the first try went out: the message's birth, which its id tells.
    pub born_at: Instant,
    /// Copies that the broker has stored.
    pub copies: u32,
    /// Until when its producer waits for the answer, and the entry that began it.
    pub(super) due: Option<(Instant, u64)>,
    /// Did its producer hear that it is stored?
    pub acknowledged: bool,
    /// The broker was too busy for its last try, and its producer tries again by itself.
    pub(super) is_refused: bool,
}

impl OpenSend {
    /// Does its producer listen to the answer to a try that went out then?
    pub(super) fn listens(&self, sent_at: Instant) -> bool {
        (self.due.is_some() || self.is_refused) && self.sent_at == sent_at
    }

    /// Until when its producer waits; none if it waits no longer.
    pub fn times_out_at(&self) -> Option<Instant> {
        self.due.map(|(at, _)| at)
    }
}

/// What broke so far, counted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct FaultCounts {
    /// Crashes of the broker.
    pub broker_crashes: u64,
    /// Messages that were stored and are not any more.
    pub lost_messages: u64,
    /// Tries to send that got nowhere.
    pub lost_sends: u64,
    /// Messages that were stored, and whose producer did not hear of it in time.
    pub lost_answers: u64,
    /// Tries to send after the first.
    pub resends: u64,
    /// Copies of messages that were stored already.
    pub duplicates: u64,
    /// Messages that their producer gave up.
    pub failed_sends: u64,
    /// Results of listeners that did not get through.
    pub lost_results: u64,
}

/// Everything that is or was broken.
#[derive(Clone, Debug, Default)]
pub struct Faults {
    /// The broker is down.
    pub outage: Option<Outage>,
    /// The last time that it was.
    pub last_outage: Option<Outage>,
    /// Every time that it was, and when it came back.
    pub outages: Vec<(Outage, Instant)>,
    /// When its clients connect to it again, or a replica takes its place.
    pub back_at: Option<Instant>,
    /// Links that something was done to.
    pub links: BTreeMap<Client, Link>,
    /// Sends that were not answered at once.
    pub sends: BTreeMap<(ProducerId, u64), OpenSend>,
    /// Those of them that their producers wait for, by the end of that.
    pub(super) waiting: BTreeMap<(Instant, u64), (ProducerId, u64)>,
    /// What was counted.
    pub counts: FaultCounts,
    pub(super) back_slot: Option<Slot>,
    pub(super) resend_slot: Option<Slot>,
}

impl Faults {
    /// The link to a client, if something was done to it.
    pub fn link(&self, client: Client) -> Option<&Link> {
        self.links.get(&client)
    }
}

impl World {
    /// Is the broker down?
    pub fn is_down(&self) -> bool {
        self.outage().is_some()
    }

    /// Since when and why it is.
    pub fn outage(&self) -> Option<&Outage> {
        self.live.faults.as_ref()?.outage.as_ref()
    }

    /// Did the broker die at this instant?
    pub fn died_at(&self, at: Instant) -> bool {
        let Some(faults) = self.live.faults.as_deref() else { return false };
        let mut all = faults.outages.iter().map(|(outage, _)| outage).chain(&faults.outage);
        all.any(|outage| outage.since == at)
    }

    /// When the broker does what is due at `at`: then, or when it is back from the outage into which that falls.
    pub fn when_up(&self, at: Instant) -> Instant {
        let Some(faults) = self.live.faults.as_deref() else { return at };
        let mut up_at = at;
        for (outage, back_at) in faults.outages.iter().filter(|(_, back_at)| *back_at > at) {
            if up_at >= outage.since {
                up_at = up_at.max(*back_at);
            }
        }
        match faults.outage {
            Some(outage) if up_at >= outage.since => Instant::NEVER,
            _ => up_at,
        }
    }

    /// Did a crash take the end of what was stored, and what is known of it?
    pub fn may_have_lost(&self) -> bool {
        let Some(faults) = self.live.faults.as_deref() else { return false };
        let mut all = faults.outages.iter().map(|(outage, _)| outage).chain(&faults.outage);
        all.any(|outage| outage.kept != Some(outage.since))
    }

    /// How the link between the broker and a client stands.
    pub fn link_state(&self, client: Client) -> LinkState {
        self.link(client).map_or(LinkState::Open, |link| link.state)
    }

    /// The link between the broker and a client, if something was done to it.
    pub fn link(&self, client: Client) -> Option<&Link> {
        self.live.faults.as_ref()?.link(client)
    }

    /// The name of a client as people name it.
    pub fn client_name(&self, client: Client) -> String {
        match client {
            Client::Producer(id) => self.producer(id).spec.name.clone(),
            Client::Consumer(id) => self.consumer_name(id),
        }
    }

    /// What became of a send that was not answered at once.
    pub fn open_send(&self, producer: ProducerId, number: u64) -> Option<&OpenSend> {
        self.live.faults.as_ref()?.sends.get(&(producer, number))
    }

    /// When a message was sent for the first time, of which a try went out at `sent_at`.
    pub fn born_at(&self, producer: ProducerId, number: u64, sent_at: Instant) -> Instant {
        self.open_send(producer, number).map_or(sent_at, |open| open.born_at)
    }

    /// What broke so far, if anything did.
    pub fn fault_counts(&self) -> Option<&FaultCounts> {
        self.live.faults.as_ref().map(|faults| &faults.counts)
    }
}

impl Live {
    /// What is broken, from the first time on that something is.
    pub(super) fn faults_mut(&mut self) -> &mut Faults {
        self.faults.get_or_insert_default()
    }

    /// The slot of the instant at which clients come back.
    pub(super) fn back_slot(&mut self) -> Slot {
        let slot = self.faults_mut().back_slot;
        let slot = slot.unwrap_or_else(|| self.slot_for(Wakeup::BrokerBack));
        self.faults_mut().back_slot = Some(slot);
        slot
    }
}

/// Keeps true what a producer knows of its sends: does each of them just arrive and get stored?
pub(super) fn note_plain(world: &mut World, id: ProducerId) {
    let Some(faults) = &world.live.faults else { return };
    let is_well = faults.link(Client::Producer(id)).is_none_or(Link::is_well);
    let all_well = faults.outage.is_none() && is_well;
    let is_refused = !all_well || world.refuses_sends();
    world.live.producers[id.index()].note_plain(is_refused);
}

/// The same for all producers.
pub(super) fn note_all_plain(world: &mut World) {
    for index in 0..world.live.producers.len() {
        note_plain(world, ProducerId::at(index));
    }
}
