//! Where a group goes on, and how many queues a topic shows.

use super::{Checks, Wrongs, text};
use crate::broker::{Command, GroupId, ResetTarget, TopicId, World};
use crate::scenario::limits;
use crate::sim::Instant;

/// Where somebody wants a group to go on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ResetKind {
    /// Where it is.
    Stay,
    /// At the first message stored at a time or later.
    Time,
    /// At the first message that is still stored.
    Earliest,
    /// Behind all that waits.
    Latest,
    /// In one queue, at an offset.
    Offset,
}

impl ResetKind {
    /// All of them.
    pub const ALL: [Self; 5] = [Self::Stay, Self::Time, Self::Earliest, Self::Latest, Self::Offset];

    /// A word for the catalogue's keys.
    pub fn name(self) -> &'static str {
        match self {
            Self::Stay => "stay",
            Self::Time => "time",
            Self::Earliest => "earliest",
            Self::Latest => "latest",
            Self::Offset => "offset",
        }
    }
}

/// What is typed to move a group's offsets.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ResetForm {
    /// Where to.
    pub kind: ResetKind,
    /// To which time, counted from the start of the run.
    pub time: String,
    /// In which queue.
    pub queue: String,
    /// To which offset.
    pub offset: String,
}

impl ResetForm {
    /// Nothing is to be moved.
    pub fn stay() -> Self {
        Self { kind: ResetKind::Stay, time: "0s".into(), queue: "0".into(), offset: String::new() }
    }

    /// The command it asks for, if it asks for something.
    pub fn check(&self, world: &World, group: GroupId, topic: TopicId) -> Result<Option<Command>, Wrongs> {
        let mut checks = Checks::default();
        let to = match self.kind {
            ResetKind::Stay => return Ok(None),
            ResetKind::Earliest => Some(ResetTarget::Earliest),
            ResetKind::Latest => Some(ResetTarget::Latest),
            ResetKind::Time => checks
                .take("time", text::span(&self.time))
                .map(|time| ResetTarget::Time(Instant::ZERO + time)),
            ResetKind::Offset => self.offset(world, topic, &mut checks),
        };
        let command = to.map(|to| Command::ResetOffset {
            group: world.group(group).spec.name.clone(),
            topic: world.topic(topic).name.to_string(),
            to,
        });
        checks.finish(command).map(Some)
    }

    /// An offset that the queue has.
    fn offset(&self, world: &World, topic: TopicId, checks: &mut Checks) -> Option<ResetTarget> {
        let queues = &world.topic(topic).queues;
        let last = (queues.len() as u64).saturating_sub(1);
        let number = checks.take("queue", text::count(&self.queue, 0, last))?;
        let queue = world.queue(*queues.get(number as usize)?);
        let offset = text::whole(&self.offset, queue.min_offset, queue.max_offset);
        checks.take("offset", offset).map(|offset| ResetTarget::Offset { queue: number, offset })
    }
}

/// What is typed for a topic's numbers of queues.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct QueuesForm {
    /// Producers see the first so many.
    pub write: String,
    /// Consumers see the first so many.
    pub read: String,
}

impl QueuesForm {
    /// The numbers as one would type them.
    pub fn of(world: &World, topic: TopicId) -> Self {
        let topic = world.topic(topic);
        Self { write: topic.write_queues.to_string(), read: topic.read_queues.to_string() }
    }

    /// The command it asks for.
    pub fn check(&self, world: &World, topic: TopicId) -> Result<Command, Wrongs> {
        let mut checks = Checks::default();
        let topic = world.topic(topic);
        let room = limits::QUEUES.saturating_sub(world.live.queues.len() as u64) + topic.queues.len() as u64;
        let most = limits::QUEUES_PER_TOPIC.min(room);
        let write = checks.take("write", text::count(&self.write, 1, most));
        let read = checks.take("read", text::count(&self.read, 1, most));
        let topic = topic.name.to_string();
        checks.finish(write.zip(read).map(|(write, read)| Command::SetQueues { topic, write, read }))
    }
}
