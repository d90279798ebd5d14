//! Producers and what they send.

use super::groups;
use crate::broker::batch::Look;
use crate::broker::command::Command;
use crate::broker::event::Entry;
use crate::broker::id::{CommandId, MessageRef, ProducerId, QueueId};
use crate::broker::lite::{self, LiteNaming};
use crate::broker::message::ReadyGroups;
use crate::broker::message_queue::CopyRecord;
use crate::broker::producer::{ProducerState, QueueRule, Schedule, SendInFlight};
use crate::broker::spec::{MessageTemplate, Pattern, ProducerSpec, QueueSelection};
use crate::broker::timer::Delay;
use crate::broker::transaction::LocalTransactions;
use crate::broker::world::{Wakeup, World};
use crate::broker::{fault, flow};
use crate::broker::{send, send_cost};
use crate::rules::message_type::{MessageType, TopicType, accept, is_in_route};
use crate::sim::{Instant, Stream, subject_of};

/// Do the client, which goes by the route, and the proxy let it through?
fn has_right_type(topic: TopicType, message: MessageType) -> bool {
    is_in_route(topic, message) && accept(topic, message).is_ok()
}

pub(super) fn producer_added(
    world: &mut World,
    entry: &Entry,
    id: ProducerId,
    command: CommandId,
    next_at: Instant,
) {
    let Command::AddProducer(spec) = &*world.log.commands[command.index()].clone() else { return };
    let Some(topic) = world.find_topic(&spec.topic) else { return };
    let key = subject_of(&spec.name);
    let writable = world.topic(topic).write_queues;
    let place = |name: &str| send::place(&world.settings, name, writable);
    let ready_groups = ReadyGroups::new(&spec.message, place);
    let is_accepted = !world.settings.topic_type_check
        || has_right_type(world.topic(topic).message_type, spec.message.message_type());
    let delay = Delay::of(&spec.message, world.chance.stream(Stream::Delay, key));
    let transaction = LocalTransactions::of(&spec.message, world.chance, key);
    let lite = LiteNaming::of(spec, world.chance.stream(Stream::LiteTopic, key));
    let look = Look::of(world, topic, spec);
    let is_refused = world.refuses_sends();
    let mut state = ProducerState {
        key,
        topic,
        schedule: Schedule::new(spec.pattern, entry.at),
        sent_in_pattern: 0,
        scheduled: 0,
        sent: 0,
        stored: 0,
        refused: 0,
        failed: 0,
        is_accepted,
        sends_plainly: false,
        look,
        requests: spec.message.request.map(|_| Default::default()),
        throttled: 0,
        given_up: 0,
        send_costs: None,
        mirrors: Vec::new(),
        delay,
        transaction,
        lite,
        first_queue: world.chance.stream(Stream::QueueStart, key).below(0, u64::from(writable)),
        running: true,
        crashed_at: None,
        died_before: 0,
        transit: Default::default(),
        send_slot: world.live.slot_for(Wakeup::Send(id)),
        arrive_slot: world.live.slot_for(Wakeup::SendArrives(id)),
        interarrival: world.chance.stream(Stream::Interarrival, key),
        queue_choice: world.chance.stream(Stream::QueueChoice, key),
        queue_rule: queue_rule(spec),
        message_groups: world.chance.stream(Stream::MessageGroup, key),
        ready_groups,
        spec: spec.clone().into(),
    };
    state.note_plain(is_refused);
    world.live.wake(state.send_slot, next_at, entry);
    world.live.producers.push(state);
    fault::note_plain(world, id);
}

pub(super) fn queue_rule(spec: &ProducerSpec) -> QueueRule {
    match spec {
        ProducerSpec { message: MessageTemplate { message_group: Some(_), .. }, .. } => {
            QueueRule::MessageGroup
        }
        ProducerSpec { queue_selection: QueueSelection::RoundRobin, .. } => QueueRule::RoundRobin,
        ProducerSpec { queue_selection: QueueSelection::Uniform, .. } => QueueRule::Uniform,
    }
}

pub(super) fn pattern_changed(
    world: &mut World,
    entry: &Entry,
    id: ProducerId,
    pattern: Pattern,
    next_at: Instant,
) {
    let state = &mut world.live.producers[id.index()];
    state.schedule = Schedule::new(pattern, entry.at);
    state.sent_in_pattern = 0;
    let slot = state.send_slot;
    world.live.wake(slot, next_at, entry);
}

#[inline(always)]
pub(super) fn sent(
    world: &mut World,
    entry: &Entry,
    id: ProducerId,
    number: u64,
    queue: QueueId,
    arrives_at: Instant,
) {
    world.live.produced += 1;
    world.live.producers[id.index()].sent += 1;
    on_the_way(world, entry, id, (number, 1), queue, arrives_at);
}

/// So many messages from one on are on their way to the broker, unless they are there already. What a link has let go in
/// this instant comes before them.
#[inline(always)]
pub(in crate::broker) fn on_the_way(
    world: &mut World,
    entry: &Entry,
    id: ProducerId,
    (number, count): (u64, u32),
    queue: QueueId,
    arrives_at: Instant,
) {
    let state = &mut world.live.producers[id.index()];
    let first = state.transit.is_empty();
    if arrives_at > entry.at || !first {
        let flight = SendInFlight { number, count, queue, sent_at: entry.at, arrives_at, cause: entry.seq };
        state.transit.push_back(flight);
        if first {
            let slot = state.arrive_slot;
            world.live.wake(slot, arrives_at, entry);
        }
    }
}

#[inline(always)]
pub(super) fn stored(
    world: &mut World,
    entry: &Entry,
    producer: ProducerId,
    number: u64,
    id: QueueId,
    offset: u64,
    sent_at: Instant,
) {
    let nothing_waits = world.live.flow.is_idle() && world.producer(producer).transit.is_empty();
    let at_once = sent_at == entry.at && nothing_waits;
    let is_new = at_once || arrived_or_let_go(world, entry, producer, number, sent_at);
    let state = &mut world.live.producers[producer.index()];
    state.stored += u64::from(is_new);
    let key = state.chance_key(number, 0);
    world.log.queues[id.index()].store(offset, entry.at, sent_at, producer, number);
    let live = &mut world.live;
    let queue = &mut live.queues[id.index()];
    queue.max_offset = offset + 1;
    queue.last_stored_at = entry.at;
    queue.last_key = key;
    for reader in &queue.progress {
        let group = live.progress[reader.index()].group;
        live.groups[group.index()].counts.seen += 1;
    }
    live.little.enter(entry.at, queue.progress.len() as u64);
    if queue.read_by_message {
        stored_by_message(world, entry.at, id, offset, producer, number);
    }
}

/// A message was stored that is handed out as a single one, or that is of a lite topic.
#[inline(always)]
fn stored_by_message(
    world: &mut World,
    at: Instant,
    id: QueueId,
    offset: u64,
    producer: ProducerId,
    number: u64,
) {
    if world.is_lite(world.queue(id).topic) {
        lite::stored(world, at, id, offset, producer, number);
    }
    groups::mark_ready_for_all(world, id);
}

/// So many messages never left their producer. They have used their numbers and, if the pattern brought them, its turn.
pub(super) fn refused(
    world: &mut World,
    entry: &Entry,
    id: ProducerId,
    count: u32,
    next_at: Option<Instant>,
) {
    world.live.rejected += u64::from(count);
    let state = &mut world.live.producers[id.index()];
    state.sent += u64::from(count);
    state.refused += u64::from(count);
    pattern_goes_on(world, entry, id, next_at);
}

/// If the pattern brought something, that was its turn, and the next one comes.
pub(super) fn pattern_goes_on(world: &mut World, entry: &Entry, id: ProducerId, next_at: Option<Instant>) {
    if let Some(at) = next_at {
        let state = &mut world.live.producers[id.index()];
        state.sent_in_pattern += 1;
        state.scheduled += 1;
        let slot = state.send_slot;
        world.live.wake(slot, at, entry);
    }
}

/// A stored message that was not sent just now has been on the way, or in the timer, where the broker had it already.
/// Says whether it comes from its producer.
#[inline(never)]
pub(super) fn arrived_or_let_go(
    world: &mut World,
    entry: &Entry,
    producer: ProducerId,
    number: u64,
    sent_at: Instant,
) -> bool {
    let is_let_go = world.live.timer.let_go(producer, number, sent_at);
    if is_let_go {
        arm_timer(world);
    } else {
        send_arrived(world, producer, number);
        let state = world.producer(producer);
        let (is_published, may_wait) = (state.transaction.is_some(), state.delay.is_some());
        if may_wait {
            note_arrival(world, entry, producer, number, sent_at);
        }
        if !is_published {
            send_cost::answered(world, producer, number, sent_at);
        }
    }
    !is_let_go
}

/// Notes when a message arrived that may wait at the broker, if it has waited before.
pub(in crate::broker) fn note_arrival(
    world: &mut World,
    entry: &Entry,
    producer: ProducerId,
    number: u64,
    sent_at: Instant,
) {
    if world.was_kept(sent_at, entry.at) {
        world.log.late_arrivals.insert((producer, number, sent_at), entry.at);
    }
}

/// If this is the producer's oldest message on the way, it is there, and the next one comes next. Says when it was sent.
pub(in crate::broker) fn send_arrived(
    world: &mut World,
    producer: ProducerId,
    number: u64,
) -> Option<Instant> {
    let state = &mut world.live.producers[producer.index()];
    // Another try of the same message may be on its way.
    let now = world.live.now;
    let is_it = |flight: &mut SendInFlight| flight.number == number && flight.arrives_at <= now;
    let Some(flight) = state.transit.pop_front_if(is_it) else {
        return flow::let_in(world, producer, number);
    };
    if let Some(next) = state.transit.front() {
        let (slot, at, cause) = (state.arrive_slot, next.arrives_at, next.cause);
        world.live.wake_because(slot, at, cause);
    }
    Some(flight.sent_at)
}

/// Puts the earliest message of the timer on the agenda.
pub(in crate::broker) fn arm_timer(world: &mut World) {
    let live = &mut world.live;
    let slot = live.timer.slot.unwrap_or_else(|| live.slot_for(Wakeup::TimerFires));
    live.timer.slot = Some(slot);
    match live.timer.next() {
        Some((visible_at, cause)) => live.wake_because(slot, visible_at.max(live.now), cause),
        None => live.agenda.cancel(slot),
    }
}

pub(in crate::broker) fn copy_stored(
    world: &mut World,
    at: Instant,
    message: MessageRef,
    copy: MessageRef,
    attempts: u32,
) {
    let record = CopyRecord { stored_at: at, origin: world.origin(message), reconsume_times: attempts };
    world.log.queues[copy.queue.index()].store_copy(copy.offset, record);
    let key = world.chance_key(copy);
    let log = &mut world.live.queues[copy.queue.index()];
    log.max_offset = copy.offset + 1;
    log.last_stored_at = at;
    log.last_key = key;
    groups::mark_ready_for_all(world, copy.queue);
}
