//! A new topic.

use super::text::{self, NameRule};
use super::{Checks, Wrongs, topic_name};
use crate::broker::spec::{Cleanup, MessageType, TopicSpec, TopicType};
use crate::broker::{Command, World};
use crate::scenario::limits;

/// What is typed for a new topic.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TopicForm {
    /// Its name.
    pub name: String,
    /// Which type of message it takes.
    pub message_type: TopicType,
    /// What goes of its messages.
    pub cleanup: Cleanup,
    /// How many queues.
    pub queues: String,
}

impl TopicForm {
    /// A proposal.
    pub fn new(world: &World) -> Self {
        Self {
            name: topic_name(world),
            message_type: TopicType::NORMAL,
            cleanup: Cleanup::Delete,
            queues: "4".into(),
        }
    }

    /// The command it asks for.
    pub fn check(&self, world: &World) -> Result<Command, Wrongs> {
        let mut checks = Checks::default();
        let name = text::name(&self.name, NameRule::Topic, |name| world.find_topic(name).is_some());
        let name = checks.take("name", name);
        let room = limits::QUEUES.saturating_sub(world.live.queues.len() as u64);
        let is_lite = self.message_type == TopicType::Of(MessageType::Lite);
        // A parent of lite topics has one queue, whatever stands in a field that is not shown then.
        let queues = if is_lite { "1" } else { &self.queues };
        let queues = checks.take("queues", text::count(queues, 1, limits::QUEUES_PER_TOPIC.min(room)));
        let spec = name.zip(queues).map(|(name, queues)| TopicSpec {
            cleanup: if is_lite { Cleanup::Delete } else { self.cleanup },
            name,
            message_type: self.message_type,
            write_queues: queues,
            read_queues: queues,
        });
        checks.finish(spec.map(Command::AddTopic))
    }
}
