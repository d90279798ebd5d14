//! Which invariants mean something in a world, and whether anything has put them to the test yet.

use super::consumer_group::GroupState;
use super::producer::ProducerState;
use super::spec::ConsumeMode;
use super::world::World;

/// What an invariant is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Matter {
    Storage,
    Retention,
    Sending,
    Refusals,
    Reading,
    Clustering,
    ByQueue,
    ByMessage,
    Filters,
    Retries,
    DeadLetters,
    Order,
    Delay,
    Transactions,
    Requests,
    Compaction,
    Calls,
    P2p,
    Lite,
}

fn matter(id: &str) -> Option<Matter> {
    Some(match id {
        "I1" | "I3" | "I4" => Matter::Storage,
        "I7" => Matter::Retention,
        "I10" => Matter::Sending,
        "I16" => Matter::Refusals,
        "I18" | "I19" | "I20" | "I58" | "I72" => Matter::Reading,
        "I25" => Matter::Clustering,
        "I27" | "I55" => Matter::ByMessage,
        "I52" => Matter::ByQueue,
        "I29" | "I30" => Matter::Filters,
        "I36" => Matter::Retries,
        "I34" => Matter::DeadLetters,
        "I39" | "I40" => Matter::Order,
        "I43" | "I44" | "I45" => Matter::Delay,
        "I47" | "I50" => Matter::Transactions,
        "I63" | "I64" | "I65" | "I66" | "I67" => Matter::Lite,
        "I81" => Matter::Calls,
        "I82" => Matter::P2p,
        "I83" => Matter::Requests,
        "I84" => Matter::Compaction,
        _ => return None,
    })
}

/// How an invariant stands in a world, as long as it holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Standing {
    /// There is nothing that it speaks of.
    NotHere,
    /// There is, and nothing has happened yet that it could be judged by.
    NotYet,
    /// It has held.
    Held,
}

/// How the invariant of this number stands; one that nobody knows stands as held.
pub fn standing(world: &World, id: &str) -> Standing {
    let Some(matter) = matter(id) else { return Standing::Held };
    let mut is_here = false;
    // What it speaks of, and whether that was put to the test.
    let mut note = |is_tested: bool| {
        is_here = true;
        is_tested
    };
    let groups = || world.groups().map(|(_, group)| group);
    let producers = || world.live.producers.iter();
    let sent = |producer: &ProducerState| producer.sent > 0;
    let delivered = |group: &GroupState| group.counts.deliveries > 0;
    let is_clustering = |group: &&GroupState| group.spec.mode == ConsumeMode::Clustering;
    let is_tested = match matter {
        Matter::Storage | Matter::Sending => note(world.live.produced > 0),
        Matter::Retention => {
            let first_look = crate::sim::Instant::ZERO + world.settings.store_clean_interval;
            note(world.live.produced > 0 && world.live.now >= first_look)
        }
        Matter::Refusals => note(world.live.flow.counts.refused > 0),
        Matter::Reading => groups().any(|group| note(group.counts.seen > 0)),
        Matter::Clustering => groups().filter(is_clustering).any(|group| note(delivered(group))),
        Matter::ByQueue => {
            let mut all = groups().filter(is_clustering).filter(|group| !group.by_message);
            all.any(|group| note(group.rebalanced_at.is_some()))
        }
        Matter::ByMessage => groups().filter(|group| group.by_message).any(|group| note(delivered(group))),
        Matter::Filters => {
            let filters = |group: &&GroupState| group.progress.iter().any(|id| world.progress(*id).filters);
            let judged = |group: &GroupState| group.counts.deliveries + group.counts.filtered > 0;
            groups().filter(filters).any(|group| note(judged(group)))
        }
        Matter::Retries => groups().filter(is_clustering).any(|group| note(group.counts.failed > 0)),
        Matter::DeadLetters => {
            groups().filter(is_clustering).any(|group| note(group.counts.dead_letters > 0))
        }
        Matter::Order => groups().filter(|group| group.orderly).any(|group| note(delivered(group))),
        Matter::Delay => producers().filter(|it| it.delay.is_some()).any(|it| note(sent(it))),
        Matter::Transactions => producers().filter(|it| it.transaction.is_some()).any(|it| note(sent(it))),
        Matter::Requests => producers().filter(|it| it.requests.is_some()).any(|it| note(sent(it))),
        Matter::Compaction => {
            let mut compacted = world.ordinary_topics().filter(|(_, topic)| topic.compacts());
            compacted.any(|_| note(world.live.produced > 0))
        }
        Matter::Calls => world.callers().any(|(_, caller)| note(caller.arriving.made > 0)),
        Matter::P2p => world.p2p_queues().any(|(_, queue)| note(queue.sent() > 0)),
        Matter::Lite => {
            let mut lite = world.groups().filter(|(id, _)| world.lite_progress(*id).is_some());
            lite.any(|(_, group)| note(delivered(group)))
        }
    };
    match (is_here, is_tested) {
        (false, _) => Standing::NotHere,
        (true, false) => Standing::NotYet,
        (true, true) => Standing::Held,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::broker::invariants;

    #[test]
    fn every_invariant_is_about_something() {
        for (id, _) in invariants::ALL {
            assert!(matter(id).is_some(), "{id}");
        }
    }
}
