//! Links between the broker and its clients: cut, so that nothing gets through; or held, so that messages wait on them.
//!
//! What is under way to a consumer when its link is cut still arrives, and what is said or sent to the broker afterwards, or is
//! under way to it, is lost. Nobody closes the connection, so the broker knows of it only when it has heard nothing for
//! `network.silenceMs`. On a held link the messages wait, those of a producer or those for a consumer, and what is said in
//! the other direction gets through.

use super::apply::consumers;
use super::command::LinkChange;
use super::consumer::Reach;
use super::event::{Entry, Event, Refusal};
use super::fault::{Client, LinkState, note_plain};
use super::id::{ConsumerId, ProgressId};
use super::progress::DeliveryInFlight;
use super::world::World;
use super::{flow, lite, order, outage};
use crate::sim::Instant;

/// Does nothing get through to this client?
pub(super) fn is_cut(world: &World, client: Client) -> bool {
    world.link_state(client) == LinkState::Cut
}

impl World {
    /// The client of this name: a producer, or `group/consumer`.
    pub fn find_client(&self, name: &str) -> Option<Client> {
        let consumer = || self.find_consumer(name).map(Client::Consumer);
        let crashed = |p: &super::producer::ProducerState| p.is_down() && p.spec.name == name;
        let index = || self.live.producers.iter().rposition(crashed);
        let down = || index().map(|index| Client::Producer(super::id::ProducerId::at(index)));
        self.find_producer(name).map(Client::Producer).or_else(down).or_else(consumer)
    }

    /// Was the link of a removed producer changed at this instant, to let go what waited on it?
    pub fn link_ended(&self, client: Client, at: Instant) -> bool {
        let Client::Producer(id) = client else { return false };
        let producer = self.producer(id);
        let is_removed = !producer.running && !producer.is_down();
        is_removed && self.link(client).is_some_and(|link| link.since == at)
    }
}

// What is decided.

/// Something is done to a link.
pub(super) fn command(world: &World, name: &str, change: LinkChange) -> Result<Event, Refusal> {
    let client = world.find_client(name).ok_or(Refusal::UnknownClient)?;
    let now = world.link_state(client);
    let to =
        |state| if state == now { Err(Refusal::AlreadySo) } else { Ok(Event::LinkChanged { client, state }) };
    match (change, client) {
        (LinkChange::Cut { answers_only: true }, Client::Producer(_)) => to(LinkState::Deaf),
        (LinkChange::Cut { answers_only: true } | LinkChange::LoseAnswers(_), Client::Consumer(_)) => {
            Err(Refusal::NotAProducer)
        }
        (LinkChange::Cut { .. }, _) => to(LinkState::Cut),
        (LinkChange::Repair, _) if matches!(now, LinkState::Cut | LinkState::Deaf) => to(LinkState::Open),
        (LinkChange::Hold, _) => to(LinkState::Held),
        (LinkChange::Release, _) if now == LinkState::Held => to(LinkState::Open),
        (LinkChange::Repair | LinkChange::Release, _) => Err(Refusal::LinkIsNot),
        (LinkChange::LoseAnswers(count), Client::Producer(producer)) => {
            Ok(Event::AnswersToLose { producer, count })
        }
    }
}

/// A client is removed: nobody could let go any more what waits on its link, so it arrives.
pub(super) fn ends(world: &World, client: Client) -> Option<Event> {
    let is_held = world.link_state(client) == LinkState::Held;
    is_held.then_some(Event::LinkChanged { client, state: LinkState::Open })
}

/// A link is another than before: who can reach the broker again does.
pub(super) fn after(world: &World, client: Client, state: LinkState, out: &mut Vec<Event>) {
    let Client::Consumer(id) = client else { return };
    let consumer = world.consumer(id);
    if !consumer.is_alive() || world.is_down() {
        return;
    }
    if consumer.reach != Reach::Open {
        lite::takes_nothing(world, id, out);
    }
    if state == LinkState::Cut {
        return order::locks_abandoned(world, id, out);
    }
    if consumer.unheard {
        out.push(Event::ConsumerReconnected { consumer: id });
    } else if consumer.reach == Reach::Open {
        outage::reconnected(world, id, out);
    }
    order::give_up_locks(world, id, out);
}

/// The broker has not heard of a consumer for long: it counts as gone, whether it is or not.
pub(super) fn silent(world: &World, consumer: ConsumerId) -> Event {
    if world.consumer(consumer).is_alive() {
        Event::ConsumerUnheard { consumer }
    } else {
        Event::CrashDetected { consumer }
    }
}

/// Message balancing: what a listener returned did not get through. The message stays invisible for as long as it was to be
/// when the client renewed that last. Where it has a receipt handle nobody renews it: its time runs already or is over.
pub(super) fn after_result(
    world: &World,
    progress: ProgressId,
    offset: u64,
    consumer: ConsumerId,
    out: &mut Vec<Event>,
) {
    let state = world.progress(progress);
    let holds = |held: &super::progress::Holding| {
        held.consumer == consumer && held.until.is_none() && held.handle == 0
    };
    if world.consumer(consumer).reach == Reach::Cut && state.held.get(&offset).is_some_and(holds) {
        let until = world.live.now + world.settings.push_invisible;
        out.push(Event::ResultLost { progress, offset, consumer, until });
    }
}

// What is written down.

/// Writes down what an entry about a link means.
#[cold]
pub(super) fn apply(world: &mut World, entry: &Entry) {
    match entry.event {
        Event::LinkChanged { client, state } => changed(world, entry, client, state),
        Event::AnswersToLose { producer, count } => {
            let link = world.live.faults_mut().links.entry(Client::Producer(producer)).or_default();
            link.answers_to_lose = count;
            note_plain(world, producer);
        }
        _ => {}
    }
}

fn changed(world: &mut World, entry: &Entry, client: Client, state: LinkState) {
    let link = world.live.faults_mut().links.entry(client).or_default();
    link.state = state;
    link.since = entry.at;
    let (sends, deliveries) = match state {
        LinkState::Held => Default::default(),
        _ => (std::mem::take(&mut link.sends), std::mem::take(&mut link.deliveries)),
    };
    match client {
        Client::Producer(id) => {
            let producer = &mut world.live.producers[id.index()];
            for flight in sends.into_iter().rev() {
                let now = super::producer::SendInFlight { arrives_at: entry.at, ..flight };
                producer.transit.push_front(now);
            }
            if let Some(first) = producer.transit.front() {
                let (slot, at, cause) = (producer.arrive_slot, first.arrives_at, first.cause);
                world.live.wake_because(slot, at, cause);
            }
            note_plain(world, id);
        }
        Client::Consumer(id) => {
            outage::reach(world, id);
            if state != LinkState::Open {
                consumers::unpark(world, id);
            }
            if state == LinkState::Held {
                hold(world, id);
            }
            for (progress, flight) in deliveries.into_iter().rev() {
                let_go(world, entry.at, progress, flight);
            }
            let slot = world.live.consumers[id.index()].life_slot;
            if !world.consumer(id).is_alive() {
                return; // When the broker notices that it died is settled.
            }
            world.live.agenda.cancel(slot);
            if state == LinkState::Cut {
                let at = entry.at + world.settings.network_silence;
                world.live.wake(slot, at, entry);
                // The broker hears it no more, and refuses it no more.
                flow::heard_again(world, id);
                flow::forget_pulls(world, |world, one| world.progress(one).owner == Some(id));
                order::abandon_locks(world, entry.at, id);
            } else {
                order::renew_locks(world, id);
            }
        }
    }
}

/// What is on the way to a consumer waits on its link.
fn hold(world: &mut World, consumer: ConsumerId) {
    for progress in world.group(world.consumer(consumer).group).progress.clone() {
        let state = &mut world.live.progress[progress.index()];
        let all = std::mem::take(&mut state.transit);
        let (held, under_way): (Vec<_>, Vec<_>) = all.into_iter().partition(|f| f.consumer == consumer);
        if held.is_empty() {
            state.transit = under_way.into();
            continue;
        }
        state.transit = under_way.into();
        let (slot, next) = (state.arrive_slot, state.transit.front().map(|f| (f.arrives_at, f.cause)));
        match next {
            Some((at, cause)) => world.live.wake_because(slot, at, cause),
            None => world.live.agenda.cancel(slot),
        }
        let link = world.live.faults_mut().links.entry(Client::Consumer(consumer)).or_default();
        link.deliveries.extend(held.into_iter().map(|flight| (progress, flight)));
    }
}

/// A message that waited on a link arrives now, before what is under way.
fn let_go(world: &mut World, at: Instant, progress: ProgressId, flight: DeliveryInFlight) {
    let state = &mut world.live.progress[progress.index()];
    state.transit.push_front(DeliveryInFlight { arrives_at: at, ..flight });
    let (slot, cause) = (state.arrive_slot, flight.cause);
    world.live.wake_because(slot, at, cause);
}

/// What waits on links of what was handed out through a progress goes back.
pub(super) fn take_back(world: &mut World, progress: ProgressId) -> Vec<DeliveryInFlight> {
    let Some(faults) = &mut world.live.faults else { return Vec::new() };
    let mut back = Vec::new();
    for link in faults.links.values_mut() {
        let (gone, kept): (Vec<_>, Vec<_>) =
            std::mem::take(&mut link.deliveries).into_iter().partition(|(id, _)| *id == progress);
        link.deliveries = kept;
        back.extend(gone.into_iter().map(|(_, flight)| flight));
    }
    back
}
