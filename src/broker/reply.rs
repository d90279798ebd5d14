//! Requests and replies: a producer sends a normal message, says to whom the answer goes, and waits. The consumer that works
//! on it sends the answer as a message; the broker keeps a copy and *pushes* it to the requester, whom it knows by its
//! connection. Classic clients only.
//!
//! Source: `DefaultMQProducerImpl.request`, `ReplyMessageProcessor` (`storeReplyMessageEnable`).

use std::collections::BTreeMap;

use super::apply::producers::copy_stored;
use super::event::{Entry, Event, Outcome, TopicOrigin};
use super::fault::{Client, LinkState};
use super::flow::note;
use super::id::{ConsumerId, MessageRef, ProducerId, ProgressId, QueueId, TopicId};
use super::link;
use super::world::{Wakeup, World};
use crate::sim::{Instant, Slot, Span};

/// What became of an answer when it came to its requester.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum Landed {
    /// Somebody waited for it.
    InTime,
    /// The requester had given up.
    Late,
    /// The requester had an answer already.
    Again,
    /// The requester was gone.
    Gone,
}

/// Why an answer got lost on its way.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum ReplyLost {
    /// The broker is down: nobody passes it on.
    Down,
    /// The link of the consumer that sent it is cut.
    ConsumerCut,
    /// The broker's words do not get through to the requester.
    RequesterCut,
}

/// What became of a producer's requests.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct RequestCounts {
    /// Sent.
    pub asked: u64,
    /// Answered in time.
    pub answered: u64,
    /// Not answered in time.
    pub timed_out: u64,
    /// Not waited for to the end: the broker would not take them, or their producer is gone.
    pub dropped: u64,
    /// Answers that came too late.
    pub late: u64,
    /// Further answers to requests that had one.
    pub again: u64,
    /// Answers whose requester was gone, and answers that got lost on their way.
    pub undeliverable: u64,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum What {
    TimesOut,
    /// The answer is at the broker.
    AtBroker,
    AtRequester,
}

#[derive(Clone, Copy, Debug)]
struct Due {
    producer: ProducerId,
    number: u64,
    what: What,
    since: Instant,
    from: Option<ConsumerId>,
    /// The message that is answered.
    request: Option<MessageRef>,
    cause: u64,
}

/// An answer on its way.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ReplyInFlight {
    /// To whose request.
    pub producer: ProducerId,
    /// To which.
    pub number: u64,
    /// The message that it answers.
    pub request: MessageRef,
    /// Who sent it; none on the second half of the way, from the broker on.
    pub from: Option<ConsumerId>,
    /// When this part of its way began.
    pub since: Instant,
    /// When it ends.
    pub until: Instant,
}

/// Requests that wait for an answer, and answers on their way.
#[derive(Clone, Debug, Default)]
pub struct Requests {
    /// Since when each waits, and until when.
    open: BTreeMap<(ProducerId, u64), (Instant, Instant)>,
    due: BTreeMap<(Instant, u64), Due>,
    /// How much ever came to be due.
    dues: u64,
    /// The topic for copies of answers, once there is one.
    pub topic: Option<TopicId>,
    slot: Option<Slot>,
}

impl Requests {
    /// How many requests of a producer wait for an answer.
    pub fn waiting(&self, producer: ProducerId) -> u64 {
        self.open.range((producer, 0)..=(producer, u64::MAX)).count() as u64
    }

    /// The requests that wait: whose, which, since when and until when.
    pub fn open(&self) -> impl Iterator<Item = (ProducerId, u64, Instant, Instant)> {
        self.open.iter().map(|(&(producer, number), &(since, until))| (producer, number, since, until))
    }

    /// Answers on their way.
    pub fn in_flight(&self) -> impl Iterator<Item = ReplyInFlight> {
        self.due.iter().filter_map(|(&(until, _), due)| {
            let &Due { producer, number, from, since, request, .. } = due;
            Some(ReplyInFlight { producer, number, request: request?, from, since, until })
        })
    }

    fn put(&mut self, at: Instant, due: Due) {
        self.due.insert((at, self.dues), due);
        self.dues += 1;
    }

    fn take_out(
        &mut self,
        (producer, number): (ProducerId, u64),
        is_it: impl Fn(What) -> bool,
    ) -> Option<Due> {
        let mut all = self.due.iter();
        let found = all.find(|(_, due)| (due.producer, due.number) == (producer, number) && is_it(due.what));
        let key = found.map(|(key, _)| *key)?;
        self.due.remove(&key)
    }
}

impl World {
    /// How long the requests of a producer took that were answered in time.
    pub fn reply_times(&self, producer: ProducerId) -> Vec<Span> {
        let mine = self.log.sends.range((producer, 0)..=(producer, u64::MAX));
        let time = |(&(_, number), _): (&(ProducerId, u64), &Vec<Entry>)| {
            let asked = |entry: &Entry| matches!(entry.event, Event::RequestAwaited { .. });
            let in_time =
                |entry: &Entry| matches!(entry.event, Event::ReplyReceived { landed: Landed::InTime, .. });
            let at = |is_it: &dyn Fn(&Entry) -> bool| {
                self.sends(producer, number).find(|entry| is_it(entry)).map(|entry| entry.at)
            };
            Some(at(&in_time)? - at(&asked)?)
        };
        mine.filter_map(time).collect()
    }
}

/// What is wrong with the requests, if anything is: each that was asked is at one end, or waits.
pub(super) fn broken(world: &World) -> Option<String> {
    let all = world.live.producers.iter().enumerate();
    let counts = all.filter_map(|(index, state)| Some((ProducerId::at(index), state.requests.as_deref()?)));
    let is_wrong = |(id, counts): &(ProducerId, &RequestCounts)| {
        let ended = counts.answered + counts.timed_out + counts.dropped;
        ended + world.live.requests.waiting(*id) != counts.asked
    };
    let (id, counts) = counts.into_iter().find(is_wrong)?;
    Some(format!("{}: {counts:?}", world.producer(id).spec.name))
}

// What is decided.

/// A message was sent. If it is a request, its producer waits for the answer.
pub(super) fn awaited(world: &World, producer: ProducerId, number: u64) -> Option<Event> {
    let timeout = world.producer(producer).spec.message.request?;
    Some(Event::RequestAwaited { producer, number, until: world.live.now + timeout })
}

/// A listener came to its end. If its group answers requests and this was one, it has sent an answer, whether or not the
/// broker takes the result.
pub(super) fn after(
    world: &World,
    progress: ProgressId,
    offset: u64,
    consumer: ConsumerId,
    outcome: Outcome,
    out: &mut Vec<Event>,
) {
    let state = world.progress(progress);
    if outcome == Outcome::Failed || !world.group(state.group).spec.replies {
        return;
    }
    let (producer, _) = request(world, MessageRef { queue: state.queue, offset });
    if world.producer(producer).requests.is_some() {
        let arrives_at = world.live.now + world.settings.network_send_latency;
        out.push(Event::ReplySent { progress, offset, consumer, arrives_at });
    }
}

fn request(world: &World, at: MessageRef) -> (ProducerId, u64) {
    let origin = world.origin(at);
    world.log.queues[origin.queue.index()].sender(origin.offset)
}

/// What is due first happens.
pub(super) fn due(world: &World, out: &mut Vec<Event>) {
    let Some(&Due { producer, number, what, from, .. }) = world.live.requests.due.values().next() else {
        return;
    };
    if let Some(why) = lost(world, producer, what, from) {
        return out.push(Event::ReplyLost { producer, number, why });
    }
    match what {
        What::TimesOut => out.push(Event::RequestTimedOut { producer, number }),
        What::AtRequester => {
            out.push(Event::ReplyReceived { producer, number, landed: landed(world, producer, number) });
        }
        What::AtBroker => {
            let arrives_at = is_there(world, producer, number)
                .then(|| world.live.now + world.settings.network_delivery_latency);
            let copy = world.settings.broker_store_reply.then(|| copy(world, out));
            out.push(Event::ReplyStored { producer, number, copy, arrives_at });
        }
    }
}

/// What an answer comes to nothing by, where it is now.
fn lost(world: &World, producer: ProducerId, what: What, from: Option<ConsumerId>) -> Option<ReplyLost> {
    world.live.faults.as_ref()?;
    let is_deaf = || matches!(world.link_state(Client::Producer(producer)), LinkState::Cut | LinkState::Deaf);
    match what {
        What::TimesOut => None,
        What::AtBroker if from.is_some_and(|from| link::is_cut(world, Client::Consumer(from))) => {
            Some(ReplyLost::ConsumerCut)
        }
        What::AtBroker => world.is_down().then_some(ReplyLost::Down),
        What::AtRequester => is_deaf().then_some(ReplyLost::RequesterCut),
    }
}

/// Where a copy of an answer goes.
fn copy(world: &World, out: &mut Vec<Event>) -> MessageRef {
    match world.live.requests.topic {
        Some(topic) => {
            let queue = world.topic(topic).queues[0];
            MessageRef { queue, offset: world.queue(queue).max_offset }
        }
        None => {
            let topic = TopicId::at(world.live.topics.len());
            out.push(Event::TopicCreated { topic, origin: TopicOrigin::Replies, queues: 1 });
            MessageRef { queue: QueueId::at(world.live.queues.len()), offset: 0 }
        }
    }
}

/// Does the process still run that asked?
fn is_there(world: &World, producer: ProducerId, number: u64) -> bool {
    let state = world.producer(producer);
    let asked_at = world.sends(producer, number).find_map(|entry| match entry.event {
        Event::RequestAwaited { .. } => Some(entry.at),
        _ => None,
    });
    state.running && state.crashed_at.is_none_or(|at| asked_at.is_none_or(|asked| asked > at))
}

fn landed(world: &World, producer: ProducerId, number: u64) -> Landed {
    let had_one = |entry: &Entry| matches!(entry.event, Event::ReplyReceived { landed: Landed::InTime, .. });
    if world.live.requests.open.contains_key(&(producer, number)) {
        Landed::InTime
    } else if !is_there(world, producer, number) {
        Landed::Gone
    } else if world.sends(producer, number).any(had_one) {
        Landed::Again
    } else {
        Landed::Late
    }
}

// What is written down.

/// Writes down what an entry about a request or an answer means.
pub(super) fn apply(world: &mut World, entry: &Entry) {
    match entry.event {
        Event::RequestAwaited { producer, number, until } => {
            let (since, cause) = (entry.at, entry.seq);
            let due = Due { producer, number, what: What::TimesOut, since, from: None, request: None, cause };
            world.live.requests.put(until, due);
            world.live.requests.open.insert((producer, number), (since, until));
            count(world, producer, |counts| counts.asked += 1);
            note(world, (producer, number), 1, entry);
        }
        Event::ReplySent { progress, offset, consumer, arrives_at } => {
            let at = MessageRef { queue: world.progress(progress).queue, offset };
            let (producer, number) = request(world, at);
            let (since, cause) = (entry.at, entry.seq);
            let (from, request) = (Some(consumer), Some(at));
            let due = Due { producer, number, what: What::AtBroker, since, from, request, cause };
            world.live.requests.put(arrives_at, due);
            note(world, (producer, number), 1, entry);
        }
        Event::ReplyStored { producer, number, copy, arrives_at } => {
            let reply = world.live.requests.take_out((producer, number), |what| what == What::AtBroker);
            let request = reply.and_then(|reply| reply.request);
            if let (Some(request), Some(copy)) = (request, copy) {
                copy_stored(world, entry.at, request, copy, 0);
            }
            match arrives_at {
                Some(at) => {
                    let (since, cause) = (entry.at, entry.seq);
                    let what = What::AtRequester;
                    let due = Due { producer, number, what, since, from: None, request, cause };
                    world.live.requests.put(at, due);
                }
                None => count(world, producer, |counts| counts.undeliverable += 1),
            }
            note(world, (producer, number), 1, entry);
        }
        Event::ReplyLost { producer, number, why } => {
            let at = if why == ReplyLost::RequesterCut { What::AtRequester } else { What::AtBroker };
            world.live.requests.take_out((producer, number), |what| what == at);
            count(world, producer, |counts| counts.undeliverable += 1);
            note(world, (producer, number), 1, entry);
        }
        Event::ReplyReceived { producer, number, landed } => {
            world.live.requests.take_out((producer, number), |what| what == What::AtRequester);
            if landed == Landed::InTime {
                close(world, producer, number);
            }
            count(world, producer, |counts| match landed {
                Landed::InTime => counts.answered += 1,
                Landed::Late => counts.late += 1,
                Landed::Again => counts.again += 1,
                Landed::Gone => counts.undeliverable += 1,
            });
            note(world, (producer, number), 1, entry);
        }
        Event::RequestTimedOut { producer, number } => {
            close(world, producer, number);
            count(world, producer, |counts| counts.timed_out += 1);
            note(world, (producer, number), 1, entry);
        }
        _ => {}
    }
    arm(world);
}

fn count(world: &mut World, producer: ProducerId, add: impl FnOnce(&mut RequestCounts)) {
    if let Some(counts) = &mut world.live.producers[producer.index()].requests {
        add(counts);
    }
}

/// Nobody waits for this answer any longer.
fn close(world: &mut World, producer: ProducerId, number: u64) -> bool {
    let requests = &mut world.live.requests;
    requests.take_out((producer, number), |what| what == What::TimesOut);
    requests.open.remove(&(producer, number)).is_some()
}

/// The request was never stored.
pub(super) fn forget(world: &mut World, producer: ProducerId, number: u64) {
    if close(world, producer, number) {
        count(world, producer, |counts| counts.dropped += 1);
        arm(world);
    }
}

/// A producer's process is gone: it waits for nothing.
pub(super) fn producer_gone(world: &mut World, producer: ProducerId) {
    let open = world.live.requests.open.range((producer, 0)..=(producer, u64::MAX));
    let numbers: Vec<u64> = open.map(|(&(_, number), _)| number).collect();
    for number in numbers {
        forget(world, producer, number);
    }
}

/// Puts what is due first on the agenda.
fn arm(world: &mut World) {
    let live = &mut world.live;
    let first = live.requests.due.first_key_value().map(|((at, _), due)| (*at, due.cause));
    let slot = match (live.requests.slot, first) {
        (Some(slot), _) => slot,
        (None, None) => return,
        (None, Some(_)) => live.slot_for(Wakeup::RequestDue),
    };
    live.requests.slot = Some(slot);
    match first {
        Some((at, cause)) => live.wake_because(slot, at, cause),
        None => live.agenda.cancel(slot),
    }
}
