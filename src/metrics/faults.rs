//! What is broken and what broke, as numbers.

use serde::Serialize;

use crate::broker::World;
use crate::broker::fault::FaultCounts;

/// What is broken and what broke.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct FaultReport {
    /// Is the broker there?
    pub broker: &'static str,
    /// What was counted.
    #[serde(flatten)]
    pub counts: FaultCounts,
    /// Sends whose producers wait for an answer.
    pub unanswered: u64,
    /// Messages that wait on a link.
    pub held: u64,
    /// Links that do not work.
    pub links: Vec<LinkReport>,
}

/// A link that does not work.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct LinkReport {
    /// Between the broker and this client.
    pub client: String,
    /// How it stands.
    pub state: &'static str,
    /// Messages that wait on it.
    pub held: u64,
}

/// What is broken and what broke; nothing if nothing ever did.
pub fn faults(world: &World) -> Option<FaultReport> {
    let faults = world.live.faults.as_deref()?;
    let broken = faults.links.iter().filter(|(_, link)| link.state != Default::default());
    let links = broken.map(|(client, link)| LinkReport {
        client: world.client_name(*client),
        state: link.state.name(),
        held: link.held() as u64,
    });
    Some(FaultReport {
        broker: if world.is_down() { "down" } else { "up" },
        counts: faults.counts,
        unanswered: faults.sends.values().filter(|send| send.times_out_at().is_some()).count() as u64,
        held: faults.links.values().map(|link| link.held() as u64).sum(),
        links: links.collect(),
    })
}
