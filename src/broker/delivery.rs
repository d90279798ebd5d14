//! Delivery: from the log to a listener thread.
//!
//! In queue balancing (and broadcasting) the owner of a queue is given messages as long as its process queue has
//! room. In message balancing a consumer asks with a receive; what it gets stays invisible to the others until it is
//! acknowledged, fails, or the invisible time is over. Source: `ProcessQueue`, `PopMessageProcessor`,
//! `PopLongPollingService`.

use std::ops::Range;

use super::consumer::{ConsumerState, ConsumerStatus, Reach, Task};
use super::event::Event;
use super::filter;
use super::flow;
use super::id::{ConsumerId, MessageRef, ProgressId, QueueId};
use super::lite;
use super::locked_batch::{self, Asked};
use super::order;
use super::settings::{CACHE_BYTES, Settings};
use super::simple;
use super::spec::ConsumerType;
use super::world::World;
use crate::sim::Stream;

/// A message became visible in a queue: every group that reads the queue may hand it out.
pub(super) fn became_visible(world: &World, queue: QueueId, offset: u64, out: &mut Vec<Event>) {
    if world.is_lite(world.queue(queue).topic) {
        return lite::become_visible(world, queue, offset, out);
    }
    for &id in &world.queue(queue).progress {
        let progress = world.progress(id);
        if progress.next != offset {
            continue; // Older messages wait already, so nobody has room.
        }
        if !progress.readable {
            continue;
        }
        if progress.by_message && progress.order.is_some() {
            order::offer(world, id, out);
        } else if progress.by_message {
            // The request that waits longest decides; if it does not want the message, nobody else is asked.
            match world.group(progress.group).parked.front() {
                Some(&consumer) if progress.filters => drop(filter::sift(world, id, consumer, 1, out)),
                Some(&consumer) => out.push(handed_out(world, id, offset, consumer)),
                None => {}
            }
        } else {
            hand_out_ready(world, id, out);
        }
    }
}

/// Queue balancing: gives the owner of a queue as many ready messages as its process queue has room for.
pub(super) fn hand_out_ready(world: &World, id: ProgressId, out: &mut Vec<Event>) {
    let Some((owner, offsets)) = owners_share(world, id) else { return };
    if !order::has_lock(world, id, owner) {
        return;
    }
    if world.live.flow.waits_to_pull(id) || world.progress(id).paused_since().is_some() {
        return;
    }
    if !offsets.is_empty()
        && let Some(refused) = flow::pull_refused(world, id, owner)
    {
        return out.push(refused);
    }
    if world.progress(id).filters {
        // What is filtered out takes no room, so the messages that fit may reach farther.
        let room = room(world, id, owner);
        filter::sift(world, id, owner, room.into(), out);
    } else {
        out.extend(offsets.map(|offset| handed_out(world, id, offset, owner)));
    }
}

/// Queue balancing: gives the owner of a queue its newest message, if all older ones have been given out and there is
/// room for it. Not for an orderly group, whose owner may have to wait for a lock.
#[inline(always)]
pub(super) fn newest_handed_out(world: &World, id: ProgressId, newest: u64) -> Option<Event> {
    if world.progress(id).next != newest {
        return None;
    }
    let (owner, offsets) = owners_share(world, id)?;
    (!offsets.is_empty()).then(|| handed_out(world, id, newest, owner))
}

/// Who owns a queue, and the ready messages of it that fit into its process queue.
#[inline(always)]
fn owners_share(world: &World, id: ProgressId) -> Option<(ConsumerId, Range<u64>)> {
    let progress = world.progress(id);
    let owner = progress.owner.filter(|_| progress.readable)?;
    let consumer = world.consumer(owner);
    // A dead owner is served until the broker notices that it is gone.
    if !consumer.takes_messages() && consumer.status != ConsumerStatus::Crashed {
        return None;
    }
    let room = room(world, id, owner);
    let max_offset = world.queue(progress.queue).max_offset;
    Some((owner, progress.next..max_offset.min(progress.next + u64::from(room))))
}

/// How many more messages fit into the process queue that its owner keeps for a queue.
#[inline(always)]
fn room(world: &World, id: ProgressId, owner: ConsumerId) -> u32 {
    if counts_bytes(world) && is_full(world, owner, Some(id)) {
        return 0;
    }
    world.consumer(owner).queue_room.saturating_sub(world.progress(id).inflight)
}

/// May the bytes that a consumer holds keep it from asking for more?
pub(super) fn counts_bytes(world: &World) -> bool {
    world.settings.push_cache_max_bytes < CACHE_BYTES
}

/// Does a consumer hold as many bytes as it may, of one queue if that is the question? Then it asks for no more; what is on
/// its way may take it beyond.
#[inline(never)]
fn is_full(world: &World, id: ConsumerId, of: Option<ProgressId>) -> bool {
    let consumer = world.consumer(id);
    let group = world.group(consumer.group);
    if group.spec.consumer_type != ConsumerType::Push {
        return false; // The others have limits of their own.
    }
    let on_the_way = group.progress.iter().flat_map(|progress| {
        let flights = world.progress(*progress).transit.iter().filter(|flight| flight.consumer == id);
        flights.map(|flight| (*progress, flight.offset))
    });
    let at_work = consumer.work().map(|(_, work)| &work.task);
    let tasks = consumer.cache.iter().chain(at_work).map(|task| (task.progress, task.offset));
    // What waits to be tried again in place stays in the cache.
    let suspended = group.suspended.values().filter(|one| one.consumer == id);
    let suspended = suspended.map(|one| (one.progress, one.offset));
    let bytes = |(progress, offset): (ProgressId, u64)| {
        world.content(MessageRef { queue: world.progress(progress).queue, offset }).body.len() as u64
    };
    let held = tasks.chain(suspended).chain(on_the_way);
    let all = held.filter(|(progress, _)| of.is_none_or(|of| of == *progress));
    let queues = if of.is_some() { u64::from(consumer.owned.max(1)) } else { 1 };
    all.map(bytes).sum::<u64>() * queues >= u64::from(world.settings.push_cache_max_bytes)
}

/// The share of its cache that each process queue of a consumer with `owned` queues has; nothing new comes to one that
/// cannot be reached.
pub(super) fn process_queue_room(settings: &Settings, pulls: bool, owned: u32, reach: Reach) -> u32 {
    if reach != Reach::Open {
        return 0;
    }
    if pulls {
        return (settings.pull_cache_max_messages / owned.max(1)).clamp(1, settings.pull_cache_per_queue);
    }
    (settings.push_cache_max_messages / owned.max(1)).max(1)
}

#[inline(always)]
pub(super) fn handed_out(world: &World, progress: ProgressId, offset: u64, consumer: ConsumerId) -> Event {
    let arrives_at = world.live.now + world.settings.network_delivery_latency;
    Event::MessageHandedOut { progress, offset, consumer, arrives_at }
}

/// Message balancing: a consumer that has room and no answer on the way asks for messages. It gets what is ready, or
/// its request waits.
pub(super) fn receive(world: &World, id: ConsumerId, out: &mut Vec<Event>) {
    if !can_ask(world, id) {
        return;
    }
    if let Some(refused) = flow::receive_refused(world, id) {
        return out.push(refused);
    }
    let most = u64::from(room_for_receive(world, id));
    let before = out.len();
    if collect(world, id, most, Asked::default(), out) == 0 && !locked_batch::asks_anew(&out[before..]) {
        out.push(Event::ReceiveParked { consumer: id });
        if world.consumer(id).lite.is_some() {
            lite::takes_over(world, id, out);
        }
    }
}

/// Message balancing: gives a consumer what is ready, at most so many messages. Says how many it gets.
pub(super) fn collect(world: &World, id: ConsumerId, most: u64, asked: Asked, out: &mut Vec<Event>) -> u64 {
    let consumer = world.consumer(id);
    let mut wanted = most;
    let group = world.group(consumer.group);
    // Each request has its own dice: this number grows with every answer, empty or not.
    let request = consumer.counts.deliveries + consumer.receives;
    let dice = world.chance.stream(Stream::RetryFirst, consumer.key).below(request, 100);
    let retry_first = dice < u64::from(world.settings.pop_retry_first_percent);
    if asked.attempt.is_some() && group.orderly {
        return locked_batch::collect(world, id, most, asked, out);
    }
    let sources =
        if retry_first { [&group.ready_retry, &group.ready] } else { [&group.ready, &group.ready_retry] };
    for ready in sources {
        if wanted == 0 || ready.is_empty() {
            continue;
        }
        // All queues of the group are visited in a ring, from a random one on.
        let luck = world.chance.stream(Stream::PopStart, consumer.key);
        let start = group.progress[luck.below(request, group.progress.len() as u64) as usize];
        for &progress_id in ready.range(start..).chain(ready.range(..start)) {
            let progress = world.progress(progress_id);
            if !locked_batch::is_asked(world, progress, asked) {
                continue;
            }
            if progress.order.is_some() {
                wanted -= order::take(world, progress_id, id, wanted, out);
                if wanted == 0 || locked_batch::asks_anew(out) {
                    break;
                }
                continue;
            }
            if progress.filters {
                wanted -= filter::sift(world, progress_id, id, wanted, out);
                if wanted == 0 {
                    break;
                }
                continue;
            }
            let end = world.queue(progress.queue).max_offset.min(progress.next + wanted);
            wanted -= end - progress.next;
            out.extend((progress.next..end).map(|offset| handed_out(world, progress_id, offset, id)));
            if wanted == 0 {
                break;
            }
        }
    }
    most - wanted
}

/// Message balancing: has a consumer room, and no answer on the way?
pub(super) fn can_ask(world: &World, id: ConsumerId) -> bool {
    let consumer = world.consumer(id);
    world.group(consumer.group).by_message
        && consumer.takes_messages()
        && consumer.reach == Reach::Open
        && !consumer.parked
        && !world.live.flow.is_backing_off(id)
        && consumer.in_transit == 0
        && room_for_receive(world, id) > 0
}

/// Message balancing: how many messages a receive of this consumer may bring now.
pub(super) fn room_for_receive(world: &World, id: ConsumerId) -> u32 {
    let consumer = world.consumer(id);
    if world.group(consumer.group).simple {
        return simple::room(world, consumer);
    }
    if counts_bytes(world) && is_full(world, id, None) {
        return 0;
    }
    let room = world.settings.push_cache_max_messages.saturating_sub(consumer.outstanding);
    room.min(world.settings.push_receive_batch)
}

/// The oldest delivery on the way through a progress arrives, if its consumer still lives.
#[inline(always)]
pub(super) fn arrives(world: &World, id: ProgressId) -> Option<Event> {
    let state = world.progress(id);
    let flight = state.transit.front()?;
    let (progress, offset, consumer) = (id, flight.offset, flight.consumer);
    let taker = world.consumer(consumer);
    // A consumer that restarted meanwhile is another process: what was sent to the old one is lost.
    let same_process = taker.incarnation == flight.incarnation;
    let drains = taker.status == ConsumerStatus::Leaving && state.by_message && !taker.is_by_hand();
    let accepts = matches!(taker.status, ConsumerStatus::Running | ConsumerStatus::Paused) || drains;
    Some(if !(same_process && accepts) {
        Event::DeliveryLost { progress, offset, consumer }
    } else if state.filters && !state.by_message && !filter::passes_client(world, id, offset, consumer) {
        Event::MessageRejectedByTag { progress, offset, consumer }
    } else {
        Event::MessageReceived { progress, offset, consumer }
    })
}

/// Free threads of a consumer begin with what its cache holds.
pub(super) fn start_idle(world: &World, id: ConsumerId, out: &mut Vec<Event>) {
    let consumer = world.consumer(id);
    if !starts_work(consumer) {
        return;
    }
    let begin = |(thread, task)| started(world, id, consumer, thread, task);
    if world.group(consumer.group).orderly {
        let in_turn = consumer.cache.iter().filter(|task| order::is_first_of_queue(world, task));
        out.extend(consumer.free_threads().zip(in_turn).map(begin));
    } else {
        out.extend(consumer.free_threads().zip(&consumer.cache).map(begin));
    }
}

/// The first of the starts that [`start_idle`] decides on.
#[inline(always)]
pub(super) fn next_start(world: &World, id: ConsumerId) -> Option<Event> {
    let consumer = world.consumer(id);
    let task = consumer.cache.front().filter(|_| starts_work(consumer))?;
    let thread = consumer.first_free_thread()?;
    Some(started(world, id, consumer, thread, task))
}

/// While a consumer leaves, message balancing drains its cache; in queue balancing the cache was dropped already.
#[inline(always)]
fn starts_work(consumer: &ConsumerState) -> bool {
    matches!(consumer.status, ConsumerStatus::Running | ConsumerStatus::Leaving)
        && consumer.starts_from_cache()
}

#[inline(always)]
pub(super) fn started(
    world: &World,
    id: ConsumerId,
    consumer: &ConsumerState,
    thread: u32,
    task: &Task,
) -> Event {
    let luck = consumer.luck.nth(task.copy.key);
    Event::ConsumeStarted {
        progress: task.progress,
        offset: task.offset,
        consumer: id,
        thread,
        finishes_at: world.live.now + consumer.sampler.sample(luck).min(consumer.timeout),
    }
}
