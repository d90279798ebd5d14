//! How many queues a topic shows: producers see the first so many, consumers the first so many. Whoever takes some away
//! first stops writing to them, waits until they are empty, and then stops reading. Source: `TopicConfigManager`,
//! `UpdateTopicSubCommand`, `RouteActivity`.

use std::collections::BTreeSet;

use super::apply::groups::mark_ready;
use super::apply::topics::add_queue;
use super::beginning::first_offset;
use super::event::{Event, Refusal};
use super::id::{ConsumerId, ProgressId, QueueId, TopicId};
use super::message::ReadyGroups;
use super::spec::ConsumeMode;
use super::topology::{MOST, room_for};
use super::world::World;
use super::{balance, delivery, reset, send};

// What is decided.

/// Changes the numbers of queues of a topic. A group that sees a queue for the first time begins there as it would
/// anywhere.
pub(super) fn command(
    world: &World,
    topic: &str,
    write: u32,
    read: u32,
    out: &mut Vec<Event>,
) -> Result<(), Refusal> {
    let id = world.find_topic(topic).ok_or(Refusal::UnknownTopic)?;
    let topic = world.topic(id);
    if !topic.is_ordinary() {
        return Err(Refusal::UnknownTopic);
    }
    if world.is_lite(id) {
        return Err(Refusal::LiteHasOneQueue);
    }
    let queues = (topic.queues.len() as u32).max(write).max(read);
    let added = queues as usize - topic.queues.len();
    if world.live.queues.len() + added > MOST {
        return Err(Refusal::TooMany);
    }
    let (known, first_new) = (topic.queues.len(), world.live.queues.len());
    let all: Vec<QueueId> =
        topic.queues.iter().copied().chain((0..added).map(|n| QueueId::at(first_new + n))).collect();
    let mut progress = world.live.progress.len();
    let mut started = Vec::new();
    for (group, state) in world.groups().filter(|(_, group)| group.topics.contains(&id)) {
        let members = if state.spec.mode == ConsumeMode::Broadcasting {
            state.consumers.iter().map(|consumer| Some(*consumer)).collect()
        } else {
            vec![None]
        };
        let has = |id: &ProgressId| (world.progress(*id).queue, world.progress(*id).member);
        let has: BTreeSet<(QueueId, Option<ConsumerId>)> = state.progress.iter().map(has).collect();
        for member in members {
            for (number, &queue) in all.iter().enumerate().take(read as usize) {
                if has.contains(&(queue, member)) {
                    continue;
                }
                let offset = if number < known {
                    first_offset(world, queue, state.spec.initial_offset, state.by_message)
                } else {
                    0
                };
                let progress_id = ProgressId::at(progress);
                started.push(Event::ProgressStarted { progress: progress_id, group, queue, member, offset });
                progress += 1;
            }
        }
    }
    room_for(world, started.len())?;
    out.push(Event::QueuesChanged { topic: id, write, read, queues });
    out.extend(started);
    Ok(())
}

/// A topic has other numbers of queues: those who read it share them out anew. What may be read again goes on to its owner.
pub(super) fn after(world: &World, topic: TopicId, out: &mut Vec<Event>) {
    for (group, state) in world.groups().filter(|(_, group)| group.topics.contains(&topic)) {
        if state.by_message {
            reset::repeat_receives(world, group, out);
        } else {
            for &id in
                state.progress.iter().filter(|id| world.queue(world.progress(**id).queue).topic == topic)
            {
                delivery::hand_out_ready(world, id, out);
            }
            balance::schedule(world, group, out);
        }
    }
}

// What is written down.

/// Notes the new numbers.
pub(super) fn changed(world: &mut World, id: TopicId, write: u32, read: u32, queues: u32) {
    for number in world.topic(id).queues.len() as u32..queues {
        world.live.topics[id.index()].queues.push(QueueId::at(world.live.queues.len()));
        add_queue(world, id, number);
    }
    let topic = &mut world.live.topics[id.index()];
    topic.write_queues = write;
    topic.read_queues = read;
    for queue in topic.queues.clone() {
        let readable = world.queue(queue).number < read;
        for progress in world.queue(queue).progress.clone() {
            world.live.progress[progress.index()].readable = readable;
            mark_ready(world, progress);
        }
    }
    let settings = world.settings.clone();
    for producer in world.live.producers.iter_mut().filter(|producer| producer.topic == id) {
        // The place of a message group depends on how many queues there are.
        let place = |name: &str| send::place(&settings, name, write);
        producer.ready_groups = ReadyGroups::new(&producer.spec.message, place);
    }
}
