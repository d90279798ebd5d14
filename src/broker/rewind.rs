//! Going back: where a broker stands, and how it gets there again.

use super::consumer::Task;
use super::producer::SendInFlight;
use super::progress::DeliveryInFlight;
use super::run::{Broker, Observer};
use super::world::{Live, Log};
use crate::sim::{Fingerprint, Place};

/// Where a broker stood between two things that happened. What is true then is copied; of what was kept until then, only
/// how far it reached.
#[derive(Clone, Debug)]
pub struct Snapshot {
    /// What was true.
    pub live: Live,
    log: Vec<Place>,
    fingerprint: Fingerprint,
}

impl Snapshot {
    /// Bytes that it takes, roughly.
    pub fn bytes(&self) -> usize {
        size_of::<Self>() + self.live.bytes() + self.log.capacity() * size_of::<Place>()
    }

    /// Had the same happened when this was taken?
    pub(crate) fn is_of(&self, broker: &Broker) -> bool {
        (self.live.seq, self.fingerprint) == (broker.world.live.seq, broker.fingerprint())
    }
}

impl Broker {
    /// Where it stands, to come back to. Nothing may lie ahead.
    pub fn snapshot(&mut self) -> Snapshot {
        Snapshot {
            live: self.world.live.clone(),
            log: self.world.log.mark(),
            fingerprint: self.fingerprint(),
        }
    }

    /// Goes to where it stood, earlier or later than now. If it stood elsewhere after that, what lies `ahead` is kept,
    /// so that it can go there, too.
    pub fn go(&mut self, snapshot: &Snapshot, ahead: bool) {
        self.world.live.clone_from(&snapshot.live);
        self.set_fingerprint(snapshot.fingerprint);
        self.pass(snapshot, ahead);
    }

    /// Goes to where it stood, with what was kept by then.
    pub fn go_with(&mut self, snapshot: &Snapshot, log: Log) {
        self.world.live.clone_from(&snapshot.live);
        self.set_fingerprint(snapshot.fingerprint);
        self.world.log = log;
    }

    /// It has come by itself to where it stood at an earlier time.
    pub fn pass(&mut self, snapshot: &Snapshot, ahead: bool) {
        self.world.log.go(&snapshot.log, ahead);
    }

    /// From here on it goes another way than it did before.
    pub fn forget_ahead(&mut self) {
        self.world.log.forget_ahead();
    }
}

impl Live {
    /// Bytes that a copy takes, roughly: the lists of what there is, and what waits.
    pub fn bytes(&self) -> usize {
        let fixed = list(&self.topics)
            + list(&self.queues)
            + list(&self.producers)
            + list(&self.groups)
            + list(&self.consumers)
            + list(&self.progress)
            + list(&self.services)
            + list(&self.callers)
            + list(&self.p2p)
            + list(&self.alarms)
            + self.agenda.bytes();
        let queues: usize = self.queues.iter().map(|queue| list(&queue.progress)).sum();
        let producers: usize = self.producers.iter().map(|producer| producer.transit.len()).sum();
        let costs: usize =
            self.producers.iter().flat_map(|producer| &producer.send_costs).map(|costs| costs.len()).sum();
        let groups = self.groups.iter().map(|group| {
            list(&group.consumers)
                + list(&group.progress)
                + list(&group.topics)
                + IN_MAP
                    * (group.shelf.len()
                        + group.suspended.len()
                        + group.expiries.len()
                        + group.ready.len()
                        + group.ready_retry.len())
                + group.records.as_ref().map_or(0, |records| records.bytes())
        });
        let consumers = self.consumers.iter().map(|consumer| {
            list(&consumer.threads)
                + (consumer.cache.len() + consumer.polled.len()) * size_of::<Task>()
                + consumer.lite.as_ref().map_or(0, |client| client.bytes())
        });
        let progress = self.progress.iter().map(|progress| {
            let order = progress.order.as_ref().map_or(0, |order| {
                order.heads.len() + order.eligible.len() + order.failures.len() + order.waiting.ranges().len()
            });
            progress.transit.len() * size_of::<DeliveryInFlight>()
                + IN_MAP * (progress.held.len() + progress.finished.ahead().ranges().len() + order)
                + progress.gaps.as_ref().map_or(0, |gaps| list(&gaps.lost))
                + progress.lite.as_ref().map_or(0, |lite| lite.bytes() / SHARED)
        });
        let beside: usize = self.services.iter().map(|it| it.waiting.len() + it.working.len()).sum::<usize>()
            + self.callers.iter().map(|caller| caller.open.len() + caller.wire.len()).sum::<usize>()
            + self.p2p.iter().map(|queue| queue.waiting.len()).sum::<usize>();
        let waiting = costs + self.timer.len() + 2 * self.halves.len() + self.compaction.len() + beside;
        fixed
            + queues
            + producers * size_of::<SendInFlight>()
            + groups.sum::<usize>()
            + consumers.sum::<usize>()
            + progress.sum::<usize>()
            + IN_MAP * waiting
            + self.lites.as_ref().map_or(0, |lites| lites.bytes() / SHARED)
    }
}

/// Of columns whose pages copies share, so much as one part of these counts for a copy.
const SHARED: usize = 8;

/// An observer that goes back and forward with the run.
pub trait Rewind: Observer {
    /// What it needs to come back to a place.
    type Mark;

    /// So many entries after it went to a mark, it is as if it had come straight there.
    const REACH: u64 = 0;

    /// Where it stands, and how many bytes are held for that alone. Nothing may lie ahead.
    fn mark(&mut self) -> (Self::Mark, usize);

    /// Goes to where it stood. If later marks are `ahead`, they are still good for going there.
    fn go(&mut self, to: &Self::Mark, ahead: bool);

    /// From here on it sees something else than it saw before.
    fn forget_ahead(&mut self);

    /// Bytes that are held for all marks together.
    fn history_bytes(&self) -> usize {
        0
    }
}

impl Rewind for () {
    type Mark = ();

    fn mark(&mut self) -> ((), usize) {
        ((), 0)
    }

    fn go(&mut self, (): &(), _: bool) {}

    fn forget_ahead(&mut self) {}
}

impl<A: Rewind, B: Rewind> Rewind for (A, B) {
    type Mark = (A::Mark, B::Mark);

    const REACH: u64 = if A::REACH > B::REACH { A::REACH } else { B::REACH };

    fn mark(&mut self) -> (Self::Mark, usize) {
        let ((one, one_bytes), (other, other_bytes)) = (self.0.mark(), self.1.mark());
        ((one, other), one_bytes + other_bytes)
    }

    fn go(&mut self, (one, other): &Self::Mark, ahead: bool) {
        self.0.go(one, ahead);
        self.1.go(other, ahead);
    }

    fn forget_ahead(&mut self) {
        self.0.forget_ahead();
        self.1.forget_ahead();
    }

    fn history_bytes(&self) -> usize {
        self.0.history_bytes() + self.1.history_bytes()
    }
}

/// What an entry of a map is taken to need.
pub(super) const IN_MAP: usize = 64;

fn list<T>(list: &[T]) -> usize {
    size_of_val(list)
}
