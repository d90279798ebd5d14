//! What a sentence is about, and what it is made of.

use std::fmt;

use crate::broker::{
    CallerId, ConsumerId, GroupId, LiteId, MessageRef, P2pId, ProducerId, QueueId, ServiceId, TopicId, World,
};
use crate::lesson::words::{Piece, Said, Words, pieces};

/// What a word of a sentence stands for, so that it can light up in the picture.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum About {
    /// A topic.
    Topic(TopicId),
    /// A queue.
    Queue(QueueId),
    /// A stored copy of a message.
    Message(MessageRef),
    /// A producer.
    Producer(ProducerId),
    /// A group.
    Group(GroupId),
    /// A consumer.
    Consumer(ConsumerId),
    /// A service.
    Service(ServiceId),
    /// A caller.
    Caller(CallerId),
    /// A point-to-point queue.
    P2p(P2pId),
    /// A lite topic.
    Lite(LiteId),
}

/// A part of an explained event.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Part {
    /// Words.
    Text(String),
    /// The name of a thing.
    Thing(About, String),
}

/// An event in plain words.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub struct Explained(pub Vec<Part>);

impl fmt::Display for Explained {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|part| match part {
            Part::Text(text) | Part::Thing(_, text) => f.write_str(text),
        })
    }
}

/// What fills a hole.
pub(in crate::lesson) enum Fill {
    Thing(About),
    Words(String),
    /// A number that decides the form of the sentence.
    Count(u64),
    /// A part with things of its own.
    Said(Explained),
}

pub(super) fn filled(world: &World, words: &Words, key: &str, holes: &Holes) -> Explained {
    let count = holes.iter().find_map(|(_, fill)| if let Fill::Count(n) = fill { Some(*n) } else { None });
    let sentence = count.map_or(words.text(key), |n| words.form(key, n));
    let parts = pieces(sentence).flat_map(|piece| match piece {
        Piece::Text(text) => vec![Part::Text(text.to_owned())],
        Piece::Hole(name) => match holes.iter().find(|(hole, _)| *hole == name) {
            Some((_, Fill::Thing(about))) => vec![Part::Thing(*about, name_of(world, *about))],
            Some((_, Fill::Words(text))) => vec![Part::Text(text.clone())],
            Some((_, Fill::Count(n))) => vec![Part::Text(n.said())],
            Some((_, Fill::Said(said))) => said.0.clone(),
            None => vec![Part::Text(format!("{{{name}}}"))],
        },
    });
    Explained(parts.collect())
}

/// The name of a thing as the page shows it.
pub fn name_of(world: &World, about: About) -> String {
    match about {
        About::Topic(id) => world.topic(id).name.to_string(),
        About::Queue(id) => world.queue_name(id),
        About::Message(at) => match world.lite_of(at.queue, at.offset) {
            // One knows it by its lite topic, and by its place there.
            Some((lite, offset)) => {
                let parent = &world.topic(world.queue(at.queue).topic).name;
                format!("{parent}/{}@{offset}", world.lite_name(lite))
            }
            None => format!("{}@{}", world.queue_name(at.queue), at.offset),
        },
        About::Producer(id) => world.producer(id).spec.name.clone(),
        About::Group(id) => world.group(id).spec.name.clone(),
        About::Consumer(id) => world.consumer_name(id),
        About::Service(id) => world.service(id).spec.name.clone(),
        About::Caller(id) => world.caller(id).spec.name.clone(),
        About::P2p(id) => world.p2p(id).spec.name.clone(),
        About::Lite(id) => world.lite_name(id),
    }
}

pub(in crate::lesson) type Holes = Vec<(&'static str, Fill)>;
