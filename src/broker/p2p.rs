//! Point-to-point queues: the queue is the only name that both sides know, consumers are anonymous and compete, each
//! message is taken by one of them and is gone once it is processed. Not RocketMQ, whose messages stay and whose
//! consumers have a group: it stands beside the topic to be compared with it.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::rc::Rc;

use serde::Serialize;

use super::arrivals::{self, Arrivals, Arriving, Mirror};
use super::calls::known_group;
use super::command::{Command, P2pChange};
use super::event::{Entry, Event, Refusal};
use super::id::{CommandId, P2pId};
use super::service::{Handler, HandlerSpec};
use super::topology::{MOST, room_for};
use super::world::{Wakeup, World};
use crate::sim::{Instant, Ratio, Slot};

/// A point-to-point queue as a person describes it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct P2pSpec {
    /// Its name, unlike that of any other.
    pub name: String,
    /// Who puts messages into it.
    pub senders: Vec<SenderSpec>,
    /// How many consumers compete for them.
    pub consumers: u32,
    /// How they handle a message; they do not fail.
    pub handler: HandlerSpec,
}

/// Who puts messages into a point-to-point queue.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct SenderSpec {
    /// Its name, unlike that of any other of the queue.
    pub name: String,
    /// When it sends.
    pub arrivals: Arrivals,
}

/// A point-to-point queue as it stands.
#[derive(Clone, Debug)]
pub struct P2pState {
    /// What it was made with.
    pub spec: Rc<P2pSpec>,
    /// Who puts messages into it.
    pub senders: Vec<SenderState>,
    /// Its consumers, those that are gone included: none takes another's number.
    pub consumers: Vec<P2pConsumer>,
    /// Messages that nobody has taken, the next in front.
    pub waiting: VecDeque<P2pMessage>,
    /// How messages are handled.
    pub handler: Handler,
    /// Messages that reached the queue.
    pub put: u64,
    /// Messages that were processed, and are gone.
    pub processed: u64,
    /// Messages that came back because their consumer died.
    pub returned: u64,
    /// Consumers that are at work, by the ends of it and the entries that began it.
    ends: BTreeMap<(Instant, u64), u16>,
    pub(super) slot: Slot,
}

/// A sender as it stands.
#[derive(Clone, Debug)]
pub struct SenderState {
    /// When it sends; also how many it sent.
    pub arriving: Arriving,
    /// On the way to the queue, in order.
    pub wire: VecDeque<P2pFlight>,
    wire_slot: Slot,
}

/// A message on its way to the queue.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct P2pFlight {
    /// Which of the sender's messages.
    pub number: u64,
    /// When it was sent.
    pub sent_at: Instant,
    /// When it arrives.
    pub arrives_at: Instant,
    cause: u64,
}

/// A message in a point-to-point queue.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct P2pMessage {
    /// Which of the queue's senders sent it.
    pub sender: u16,
    /// Which of the sender's messages it is, from 0.
    pub number: u64,
    /// When it was sent.
    pub sent_at: Instant,
    /// The how many-th that reached the queue it is, from 0.
    pub place: u64,
    /// How often somebody took it before.
    pub attempt: u32,
}

/// A nameless consumer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct P2pConsumer {
    /// Is it gone?
    pub gone: bool,
    /// What it works on.
    pub holds: Option<P2pMessage>,
    /// Since when it does, or has nothing to do.
    pub since: Instant,
    /// How many messages it processed.
    pub processed: u64,
}

impl P2pState {
    /// Messages in the hands of consumers.
    pub fn held(&self) -> u64 {
        self.ends.len() as u64
    }

    /// Consumers that are there, with their numbers.
    pub fn alive(&self) -> impl Iterator<Item = (u16, &P2pConsumer)> {
        self.consumers.iter().zip(0..).filter(|(consumer, _)| !consumer.gone).map(|(c, number)| (number, c))
    }

    /// When a consumer's work ends.
    pub fn end_of(&self, consumer: u16) -> Option<Instant> {
        self.ends.iter().find(|(_, who)| **who == consumer).map(|((at, _), _)| *at)
    }

    /// Messages on their way to it.
    pub fn on_the_way(&self) -> u64 {
        self.senders.iter().map(|sender| sender.wire.len() as u64).sum()
    }

    /// Messages sent to it.
    pub fn sent(&self) -> u64 {
        self.senders.iter().map(|sender| sender.arriving.made).sum()
    }
}

// What people ask for.

pub(super) fn add(
    world: &World,
    command: CommandId,
    spec: &P2pSpec,
    out: &mut Vec<Event>,
) -> Result<(), Refusal> {
    if world.find_p2p(&spec.name).is_some() {
        return Err(Refusal::NameTaken);
    }
    let names: BTreeSet<&str> = spec.senders.iter().map(|sender| sender.name.as_str()).collect();
    if names.len() < spec.senders.len() {
        return Err(Refusal::NameTaken);
    }
    known_group(world, spec.handler.same_as.as_deref())?;
    let most = usize::from(u16::MAX);
    if world.live.p2p.len() >= MOST || spec.senders.len() > most || spec.consumers as usize > most {
        return Err(Refusal::TooMany);
    }
    room_for(world, 1 + 2 * spec.senders.len())?;
    let queue = P2pId::at(world.live.p2p.len());
    let first = |(sender, nth): (&SenderSpec, u16)| {
        let next_at = arrivals::first(world, &full_name(spec, sender), &sender.arrivals)?;
        Ok(Event::P2pSenderAdded { queue, sender: nth, command, next_at })
    };
    let senders = spec.senders.iter().zip(0..).map(first).collect::<Result<Vec<Event>, Refusal>>()?;
    out.push(Event::P2pQueueAdded { queue, command });
    out.extend(senders);
    Ok(())
}

/// By what a sender's chance is keyed.
fn full_name(queue: &P2pSpec, sender: &SenderSpec) -> String {
    format!("{}/{}", queue.name, sender.name)
}

pub(super) fn change(
    world: &World,
    name: &str,
    change: P2pChange,
    out: &mut Vec<Event>,
) -> Result<(), Refusal> {
    let queue = world.find_p2p(name).ok_or(Refusal::UnknownP2pQueue)?;
    let state = world.p2p(queue);
    match change {
        P2pChange::AddConsumer => {
            let consumer = u16::try_from(state.consumers.len()).map_err(|_too_many| Refusal::TooMany)?;
            out.push(Event::P2pConsumerJoined { queue, consumer });
        }
        P2pChange::CrashConsumer => {
            // One that has something to lose comes first.
            let busy = state.alive().find(|(_, consumer)| consumer.holds.is_some());
            let (consumer, _) = busy.or_else(|| state.alive().last()).ok_or(Refusal::NobodyThere)?;
            out.push(Event::P2pConsumerGone { queue, consumer });
        }
    }
    Ok(())
}

// What time brings, and what follows.

/// A sender's own pattern says: send.
pub(super) fn due(world: &World, queue: P2pId, sender: u16) -> Option<Event> {
    let arriving = &world.p2p(queue).senders[usize::from(sender)].arriving;
    let next_at = Some(arriving.next_at(world.live.now));
    arrivals::go_on(world).then(|| sent(world, queue, sender, arriving.made, next_at))
}

/// A sender does what its producer does.
pub(super) fn mirrored(world: &World, queue: P2pId, sender: u16, number: u64) -> Event {
    sent(world, queue, sender, number, None)
}

fn sent(world: &World, queue: P2pId, sender: u16, number: u64, next_at: Option<Instant>) -> Event {
    let arrives_at = world.live.now + world.settings.network_send_latency;
    Event::P2pSent { queue, sender, number, arrives_at, next_at }
}

/// A sender's oldest message on the way reaches the queue.
pub(super) fn arrives(world: &World, queue: P2pId, sender: u16) -> Option<Event> {
    let flight = world.p2p(queue).senders[usize::from(sender)].wire.front()?;
    Some(Event::P2pPut { queue, sender, number: flight.number })
}

/// The earliest end of a consumer's work.
pub(super) fn processed(world: &World, queue: P2pId) -> Option<Event> {
    let state = world.p2p(queue);
    let &consumer = state.ends.values().next()?;
    let message = state.consumers[usize::from(consumer)].holds?;
    Some(Event::P2pProcessed { queue, sender: message.sender, number: message.number, consumer })
}

/// The consumer that has had nothing to do for longest takes the next message, if there are both.
pub(super) fn take(world: &World, queue: P2pId) -> Option<Event> {
    let state = world.p2p(queue);
    let message = state.waiting.front()?;
    let idle = state.alive().filter(|(_, consumer)| consumer.holds.is_none());
    let (consumer, _) = idle.min_by_key(|(_, consumer)| consumer.since)?;
    let arriving = &state.senders[usize::from(message.sender)].arriving;
    let key = arriving.chance_key(world, message.number, message.attempt);
    let finishes_at = world.live.now + state.handler.time(key);
    Some(Event::P2pTaken { queue, sender: message.sender, number: message.number, consumer, finishes_at })
}

// What it means.

/// Writes down what an event about point-to-point queues means.
#[inline(never)]
pub(super) fn apply(world: &mut World, entry: &Entry) {
    match entry.event {
        Event::P2pQueueAdded { command, .. } => added(world, entry, command),
        Event::P2pSenderAdded { queue, sender, command, next_at } => {
            sender_added(world, entry, queue, sender, command, next_at);
        }
        Event::P2pConsumerJoined { queue, .. } => {
            world.live.p2p[queue.index()].consumers.push(P2pConsumer::new(entry.at));
        }
        Event::P2pConsumerGone { queue, consumer } => {
            let state = &mut world.live.p2p[queue.index()];
            let gone = &mut state.consumers[usize::from(consumer)];
            gone.gone = true;
            if let Some(message) = gone.holds.take() {
                state.ends.retain(|_, who| *who != consumer);
                state.returned += 1;
                let before = state.waiting.partition_point(|other| other.place < message.place);
                state.waiting.insert(before, P2pMessage { attempt: message.attempt + 1, ..message });
            }
            arm(world, queue);
        }
        Event::P2pSent { queue, sender, number, arrives_at, next_at } => {
            let state = &mut world.live.p2p[queue.index()].senders[usize::from(sender)];
            state.arriving.made += 1;
            state.wire.push_back(P2pFlight { number, sent_at: entry.at, arrives_at, cause: entry.seq });
            let (slot, is_first, wire_slot) = (state.arriving.slot, state.wire.len() == 1, state.wire_slot);
            if is_first {
                world.live.wake(wire_slot, arrives_at, entry);
            }
            if let Some(next_at) = next_at {
                world.live.wake(slot, next_at, entry);
            }
        }
        Event::P2pPut { queue, sender, number } => {
            let state = &mut world.live.p2p[queue.index()];
            let from = &mut state.senders[usize::from(sender)];
            let arrived = from.wire.pop_front();
            let (next, slot) = (from.wire.front().copied(), from.wire_slot);
            let place = state.put;
            state.put += 1;
            let sent_at = arrived.map_or(entry.at, |flight| flight.sent_at);
            state.waiting.push_back(P2pMessage { sender, number, sent_at, place, attempt: 0 });
            if let Some(next) = next {
                world.live.wake_because(slot, next.arrives_at, next.cause);
            }
        }
        Event::P2pTaken { queue, consumer, finishes_at, .. } => {
            let state = &mut world.live.p2p[queue.index()];
            let by = &mut state.consumers[usize::from(consumer)];
            (by.holds, by.since) = (state.waiting.pop_front(), entry.at);
            state.ends.insert((finishes_at, entry.seq), consumer);
            arm(world, queue);
        }
        Event::P2pProcessed { queue, consumer, .. } => {
            let state = &mut world.live.p2p[queue.index()];
            state.ends.pop_first();
            let by = &mut state.consumers[usize::from(consumer)];
            (by.since, by.processed) = (entry.at, by.processed + 1);
            if let Some(message) = by.holds.take() {
                let took = (entry.at - message.sent_at).0;
                world.log.p2p[queue.index()].put(state.processed, took);
            }
            state.processed += 1;
            arm(world, queue);
        }
        _ => {}
    }
}

impl P2pConsumer {
    fn new(at: Instant) -> Self {
        Self { gone: false, holds: None, since: at, processed: 0 }
    }
}

fn added(world: &mut World, entry: &Entry, command: CommandId) {
    let Command::AddP2pQueue(spec) = &*world.log.commands[command.index()].clone() else { return };
    let id = P2pId::at(world.live.p2p.len());
    let state = P2pState {
        senders: Vec::new(),
        consumers: (0..spec.consumers).map(|_| P2pConsumer::new(entry.at)).collect(),
        waiting: Default::default(),
        handler: Handler::new(
            world,
            &spec.name,
            &HandlerSpec { failure: Ratio::ZERO, ..spec.handler.clone() },
        ),
        put: 0,
        processed: 0,
        returned: 0,
        ends: Default::default(),
        slot: world.live.slot_for(Wakeup::P2pEnds(id)),
        spec: spec.clone().into(),
    };
    world.live.p2p.push(state);
    world.log.p2p.push(Default::default());
}

fn sender_added(
    world: &mut World,
    entry: &Entry,
    queue: P2pId,
    sender: u16,
    command: CommandId,
    next_at: Instant,
) {
    let Command::AddP2pQueue(spec) = &*world.log.commands[command.index()].clone() else { return };
    let Some(of) = spec.senders.get(usize::from(sender)) else { return };
    let slot = world.live.slot_for(Wakeup::P2pSends(queue, sender));
    let wire_slot = world.live.slot_for(Wakeup::P2pArrives(queue, sender));
    let arriving = Arriving::new(world, &full_name(spec, of), &of.arrivals, slot);
    let producer = arriving.producer;
    let state = SenderState { arriving, wire: Default::default(), wire_slot };
    world.live.p2p[queue.index()].senders.push(state);
    world.live.wake(slot, next_at, entry);
    arrivals::follow(world, producer, Mirror::Sender(queue, sender));
}

fn arm(world: &mut World, id: P2pId) {
    let queue = world.p2p(id);
    let (first, slot) = (queue.ends.keys().next().copied(), queue.slot);
    match first {
        Some((at, cause)) => world.live.wake_because(slot, at, cause),
        None => world.live.agenda.cancel(slot),
    }
}

impl World {
    /// A point-to-point queue.
    pub fn p2p(&self, id: P2pId) -> &P2pState {
        &self.live.p2p[id.index()]
    }

    /// The point-to-point queue of this name.
    pub fn find_p2p(&self, name: &str) -> Option<P2pId> {
        self.live.p2p.iter().position(|queue| queue.spec.name == name).map(P2pId::at)
    }

    /// Point-to-point queues with their ids.
    pub fn p2p_queues(&self) -> impl Iterator<Item = (P2pId, &P2pState)> {
        self.live.p2p.iter().enumerate().map(|(i, q)| (P2pId::at(i), q))
    }

    /// How long each message of a point-to-point queue took from being sent to being processed, in the order of the
    /// ends, in microseconds.
    pub fn p2p_times(&self, id: P2pId) -> impl Iterator<Item = u64> {
        let column = &self.log.p2p[id.index()];
        (0..self.p2p(id).processed).map(|index| column.get(index))
    }
}

/// What must hold of point-to-point queues at any instant; the sentence that is broken, if one is.
pub(super) fn broken(world: &World) -> Option<&'static str> {
    for queue in &world.live.p2p {
        let held = queue.consumers.iter().filter(|consumer| consumer.holds.is_some()).count() as u64;
        if queue.put != queue.processed + held + queue.waiting.len() as u64 {
            return Some("a message of a point-to-point queue waits, is held by one consumer, or is gone");
        }
        if queue.sent() != queue.put + queue.on_the_way() || held != queue.held() {
            return Some("a message sent to a point-to-point queue is on its way or has reached it");
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::broker::run::Broker;
    use crate::broker::settings::Settings;
    use crate::broker::spec::Pattern;
    use crate::sim::{Distribution, Span};

    #[test]
    fn two_senders_of_one_name_are_refused() {
        let sender =
            |name: &str| SenderSpec { name: name.to_owned(), arrivals: Arrivals::Pattern(Pattern::ByHand) };
        let processing = Distribution::Constant(Span::from_secs(1));
        let spec = |other: &str| P2pSpec {
            name: "desk".to_owned(),
            senders: vec![sender("web"), sender(other)],
            consumers: 1,
            handler: HandlerSpec { processing, failure: Ratio::ZERO, same_as: None },
        };
        let mut broker = Broker::new(Settings::default(), 7, None);
        broker.command(Command::AddP2pQueue(spec("web")), &mut ());
        assert_eq!(broker.world.find_p2p("desk"), None, "their messages could not be told apart");
        broker.command(Command::AddP2pQueue(spec("app")), &mut ());
        assert!(broker.world.find_p2p("desk").is_some());
    }
}
