//! The numbers of what stands beside the broker: callers, services and point-to-point queues.

use serde::Serialize;

use super::latency::Latency;
use crate::broker::{CallerId, P2pId, ServiceId, World};
use crate::sim::sort_by_key;

/// A caller.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct CallerReport {
    /// Its name.
    pub caller: String,
    /// Calls begun.
    pub calls: u64,
    /// Calls that all services answered.
    pub answered: u64,
    /// Calls that a service turned away or answered with an error: the sum of the next three.
    pub failed: u64,
    /// Turned away by a service with no worker and no room.
    pub overloaded: u64,
    /// Turned away by a service that was stopped.
    pub unavailable: u64,
    /// Answered with an error.
    pub errors: u64,
    /// Calls given up because no answer came in time.
    pub timed_out: u64,
    /// Calls that wait for an answer now.
    pub waiting: u64,
    /// Answers that came after their calls were given up.
    pub too_late: u64,
    /// From the beginning of a call to its last answer, answered calls only.
    pub latency_us: Latency,
}

/// A service.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ServiceReport {
    /// Its name.
    pub service: String,
    /// running, stopped or crashed.
    pub state: &'static str,
    /// How many calls it may work on at once.
    pub workers: u32,
    /// Calls that reached it.
    pub arrived: u64,
    /// Handled with success.
    pub answered: u64,
    /// Handled, and it failed.
    pub errors: u64,
    /// Turned away: no worker, and no room to wait.
    pub overloaded: u64,
    /// Turned away: stopped.
    pub unavailable: u64,
    /// Nobody heard them: crashed.
    pub unheard: u64,
    /// In its hands when it crashed.
    pub lost: u64,
    /// Handled although their callers had given up.
    pub in_vain: u64,
    /// Calls that wait for a worker now.
    pub waiting: u64,
    /// Calls that are worked on now.
    pub working: u64,
    /// Time its workers spent, on calls in work too.
    pub busy_us: u64,
}

/// A point-to-point queue.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct P2pReport {
    /// Its name.
    pub queue: String,
    /// Messages sent to it.
    pub sent: u64,
    /// Messages that are not there yet.
    pub on_the_way: u64,
    /// Messages that nobody has taken.
    pub waiting: u64,
    /// Messages in the hands of consumers.
    pub held: u64,
    /// Messages that were processed and are gone.
    pub processed: u64,
    /// Messages that came back from dead consumers.
    pub returned: u64,
    /// Consumers that are there.
    pub consumers: u64,
    /// From being sent to being processed.
    pub latency_us: Latency,
}

/// How many links there are between the two sides.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Links {
    /// From callers straight to services.
    pub direct: u64,
    /// From producers and groups to the broker.
    pub broker: u64,
}

/// A caller with its latencies, which take a look at every answer.
pub fn caller(world: &World, id: CallerId) -> CallerReport {
    let mut samples: Vec<u64> = world.answer_times(id).collect();
    CallerReport { latency_us: Latency::of(&mut samples), ..caller_counts(world, id) }
}

/// A caller without its latencies.
pub fn caller_counts(world: &World, id: CallerId) -> CallerReport {
    let state = world.caller(id);
    let counts = &state.counts;
    CallerReport {
        caller: state.spec.name.clone(),
        calls: state.arriving.made,
        answered: counts.answered,
        failed: counts.failed(),
        overloaded: counts.overloaded,
        unavailable: counts.unavailable,
        errors: counts.errors,
        timed_out: counts.timed_out,
        waiting: state.open.len() as u64,
        too_late: counts.too_late,
        latency_us: Latency::default(),
    }
}

/// A service.
pub fn service(world: &World, id: ServiceId) -> ServiceReport {
    let state = world.service(id);
    let counts = &state.counts;
    let running: u64 = state.working.values().map(|call| (world.live.now - call.since).0).sum();
    ServiceReport {
        service: state.spec.name.clone(),
        state: state.status.name(),
        workers: state.workers,
        arrived: counts.arrived,
        answered: counts.answered,
        errors: counts.errors,
        overloaded: counts.overloaded,
        unavailable: counts.unavailable,
        unheard: counts.unheard,
        lost: counts.lost,
        in_vain: counts.in_vain,
        waiting: state.waiting.len() as u64,
        working: state.working.len() as u64,
        busy_us: counts.busy.0 + running,
    }
}

/// A point-to-point queue with its latencies, which take a look at every message.
pub fn p2p(world: &World, id: P2pId) -> P2pReport {
    let mut samples: Vec<u64> = world.p2p_times(id).collect();
    P2pReport { latency_us: Latency::of(&mut samples), ..p2p_counts(world, id) }
}

/// The same without its latencies.
pub fn p2p_counts(world: &World, id: P2pId) -> P2pReport {
    let state = world.p2p(id);
    P2pReport {
        queue: state.spec.name.clone(),
        sent: state.sent(),
        on_the_way: state.on_the_way(),
        waiting: state.waiting.len() as u64,
        held: state.held(),
        processed: state.processed,
        returned: state.returned,
        consumers: state.alive().count() as u64,
        latency_us: Latency::default(),
    }
}

/// Who is linked with whom: a caller with each of its services, a producer or a group with the broker. None if nobody calls.
pub fn links(world: &World) -> Option<Links> {
    let direct = |(_, caller): (CallerId, &crate::broker::caller::CallerState)| {
        let mut services = caller.services.clone();
        sort_by_key(&mut services, |id| *id);
        services.dedup();
        services.len() as u64
    };
    let producers = world.live.producers.iter().filter(|producer| producer.running).count();
    let broker = (producers + world.groups().count()) as u64;
    (!world.live.callers.is_empty()).then(|| Links { direct: world.callers().map(direct).sum(), broker })
}
