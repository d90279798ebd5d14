//! The numbers of lite topics at one instant.

use serde::Serialize;

use crate::broker::{ConsumerId, TopicId, World};

/// The lite topics of a parent.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct LiteReport {
    /// Those that exist.
    pub lite_topics: u64,
    /// Those that ever came into being.
    pub created: u64,
    /// Those that expired.
    pub expired: u64,
    /// Messages that were refused because of their lite topic.
    pub refused: u64,
    /// Registrations of clients.
    pub subscriptions: u64,
    /// Of those that exist, how many have messages that some group has not finished: the most of any group.
    pub behind: u64,
}

/// A client of lite topics.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct LiteClientReport {
    /// Lite topics that it subscribes to.
    pub subscriptions: u64,
    /// Lite topics in its event set.
    pub events: u64,
}

/// The lite topics of a parent; none for other topics.
pub fn lite(world: &World, id: TopicId) -> Option<LiteReport> {
    if !world.is_lite(id) {
        return None;
    }
    let counts = world.lites().map(|lites| lites.counts(id)).unwrap_or_default();
    let readers = &world.queue(world.lite_queue(id)).progress;
    let behind = readers.iter().filter_map(|reader| Some(world.progress(*reader).lite.as_ref()?.behind()));
    Some(LiteReport {
        lite_topics: counts.alive,
        created: counts.created,
        expired: counts.expired,
        refused: counts.refused,
        subscriptions: counts.subscriptions,
        behind: behind.max().unwrap_or_default(),
    })
}

/// What a client of lite topics has; none for other consumers.
pub fn client(world: &World, id: ConsumerId) -> Option<LiteClientReport> {
    let client = world.consumer(id).lite.as_ref()?;
    let events = client.events.len() as u64;
    Some(LiteClientReport { subscriptions: client.subscription_count(), events })
}
