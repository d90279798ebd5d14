//! Topics and their queues.

use super::groups::note_readers;
use super::put;
use crate::broker::command::Command;
use crate::broker::event::TopicOrigin;
use crate::broker::id::{QueueId, TopicId};
use crate::broker::message_queue::{QueueLog, QueueState};
use crate::broker::spec::{Cleanup, TopicType};
use crate::broker::topic::TopicState;
use crate::broker::topic_name;
use crate::broker::world::World;
use crate::sim::Instant;

pub(super) fn topic_created(world: &mut World, origin: TopicOrigin, queues: u32) {
    let id = TopicId::at(world.live.topics.len());
    let (message_type, write_queues, read_queues, cleanup) = match origin {
        TopicOrigin::Command(command) => match &*world.log.commands[command.index()] {
            Command::AddTopic(spec) => (spec.message_type, spec.write_queues, spec.read_queues, spec.cleanup),
            _ => (TopicType::NORMAL, queues, queues, Cleanup::Delete),
        },
        _ => (TopicType::NORMAL, queues, queues, Cleanup::Delete),
    };
    let first = world.live.queues.len();
    for number in 0..queues {
        add_queue(world, id, number);
    }
    let topic = TopicState {
        name: topic_name(world, origin).into(),
        message_type,
        removed: false,
        origin,
        queues: (0..queues as usize).map(|number| QueueId::at(first + number)).collect(),
        write_queues,
        read_queues,
        cleanup,
    };
    match origin {
        TopicOrigin::RetryOfGroup(group) => world.live.groups[group.index()].retry_topics.push((None, id)),
        TopicOrigin::RetryOfTopic(group, topic) => {
            world.live.groups[group.index()].retry_topics.push((Some(topic), id));
        }
        TopicOrigin::DeadLettersOf(group) => world.live.groups[group.index()].dead_letter_topic = Some(id),
        TopicOrigin::Replies => world.live.requests.topic = Some(id),
        TopicOrigin::Command(_) | TopicOrigin::SetAside => {}
    }
    world.live.topics.push(topic);
    for number in 0..queues as usize {
        note_readers(world, QueueId::at(first + number));
    }
}

/// A topic has one more queue.
pub(in crate::broker) fn add_queue(world: &mut World, topic: TopicId, number: u32) {
    let index = world.live.queues.len();
    world.live.queues.push(QueueState {
        topic,
        number,
        min_offset: 0,
        max_offset: 0,
        last_stored_at: Instant::ZERO,
        last_key: 0,
        progress: Vec::new(),
        read_by_message: false,
        read_plainly: false,
    });
    put(&mut world.log.queues, index, QueueLog::default());
}
