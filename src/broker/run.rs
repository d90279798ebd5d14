//! The broker running: commands and time in, journal entries out.
//!
//! Every entry goes the same way: decided on the world as it is, applied, absorbed into the fingerprint, shown to the
//! observer, and then asked what follows from it. What is decided together is applied together; consequences are
//! decided one after the other, each on the world the last one left.

use std::collections::VecDeque;
use std::rc::Rc;

use super::apply::apply;
use super::command::Command;
use super::event::{Entry, Event, Outcome};
use super::id::{CommandId, ConsumerId, ProducerId, ProgressId};
use super::settings::Settings;
use super::world::{Alarm, Wakeup, World};
use super::{consume, decide, delivery, send};
use crate::sim::{Fingerprint, Instant};

/// Sees every entry, after it was applied.
pub trait Observer {
    /// `entry` has just become true in `world`.
    fn observe(&mut self, world: &World, entry: &Entry);
}

/// Sees nothing.
impl Observer for () {
    #[inline(always)]
    fn observe(&mut self, _: &World, _: &Entry) {}
}

/// Two observers see the same, the second in a copy: if that is a call which has to have the entry in memory, the first
/// can still be compiled into the place where it is known what the entry is.
impl<A: Observer, B: Observer> Observer for (A, B) {
    #[inline(always)]
    fn observe(&mut self, world: &World, entry: &Entry) {
        let copy = *entry;
        self.0.observe(world, entry);
        self.1.observe(world, &copy);
    }
}

impl<T: Observer> Observer for &mut T {
    #[inline(always)]
    fn observe(&mut self, world: &World, entry: &Entry) {
        T::observe(self, world, entry);
    }
}

/// A world, and the fingerprint of everything that has happened in it.
#[derive(Clone, Debug)]
pub struct Broker {
    /// What is and what was.
    pub world: World,
    fingerprint: Fingerprint,
    decided: Vec<Event>,
    to_follow: VecDeque<(Event, u64)>,
}

impl Broker {
    /// A broker in an empty world.
    pub fn new(settings: Settings, seed: u64, stop_after_messages: Option<u64>) -> Self {
        Self {
            world: World::new(settings, seed, stop_after_messages),
            fingerprint: Fingerprint::new(),
            decided: Vec::new(),
            to_follow: VecDeque::new(),
        }
    }

    /// The fingerprint of the journal so far.
    pub fn fingerprint(&self) -> Fingerprint {
        self.fingerprint
    }

    pub(super) fn set_fingerprint(&mut self, fingerprint: Fingerprint) {
        self.fingerprint = fingerprint;
    }

    /// Gives a command now, and settles all that follows in this instant without the help of time.
    pub fn command(&mut self, command: Command, observer: &mut impl Observer) {
        let id = CommandId(self.world.live.commands);
        self.world.live.commands += 1;
        let content = command.digest();
        self.world.log.commands.push(Rc::new(command));
        let seq = self.world.live.seq;
        self.enter(Event::CommandGiven { command: id, content }, seq, observer);
        decide::command(&self.world, id, &mut self.decided);
        self.enter_decided(seq, observer);
        self.settle(observer);
    }

    /// Lets the earliest thing on the agenda happen, if it is due at or before `until`. Says whether something did.
    #[inline(always)]
    pub fn step(&mut self, until: Instant, observer: &mut impl Observer) -> bool {
        let Some(Alarm { wakeup, cause }) = self.next_alarm(until) else { return false };
        match wakeup {
            Wakeup::Send(producer) => self.producer_sends(producer, cause, observer),
            Wakeup::DeliveryArrives(progress) => self.delivery_arrives(progress, cause, observer),
            Wakeup::ListenerEnds(consumer, thread) => self.listener_ends(consumer, thread, cause, observer),
            _ => self.wake(wakeup, cause, observer),
        }
        true
    }

    /// The same as [`step`](Self::step) without its short cuts, for tests that compare the two.
    pub fn step_plainly(&mut self, until: Instant, observer: &mut impl Observer) -> bool {
        let Some(Alarm { wakeup, cause }) = self.next_alarm(until) else { return false };
        self.wake(wakeup, cause, observer);
        true
    }

    /// Moves the clock to `at`, once nothing on the agenda is due before it.
    pub fn advance(&mut self, at: Instant) {
        debug_assert!(
            self.world.next_at().is_none_or(|next| next >= at),
            "the clock does not jump over what is due"
        );
        self.world.live.now = self.world.live.now.max(at);
    }

    /// Takes the earliest thing off the agenda and moves the clock to it.
    #[inline(always)]
    fn next_alarm(&mut self, until: Instant) -> Option<Alarm> {
        let live = &mut self.world.live;
        // Taken off before anything is applied: what happens may put the slot back.
        let (at, slot) = live.agenda.pop_until(until)?;
        live.now = at;
        Some(live.alarms[slot.index()])
    }

    #[inline(never)]
    fn wake(&mut self, wakeup: Wakeup, cause: u64, observer: &mut impl Observer) {
        decide::wakeup(&self.world, wakeup, &mut self.decided);
        self.enter_decided(cause, observer);
        self.settle(observer);
    }

    fn settle(&mut self, observer: &mut impl Observer) {
        while let Some((event, seq)) = self.to_follow.pop_front() {
            decide::follow(&self.world, &event, &mut self.decided);
            self.enter_decided(seq, observer);
        }
    }

    #[inline(never)]
    fn enter_decided(&mut self, cause: u64, observer: &mut impl Observer) {
        for index in 0..self.decided.len() {
            let event = self.decided[index];
            let seq = self.enter(event, cause, observer);
            if decide::has_consequences(&event) {
                self.to_follow.push_back((event, seq));
            }
        }
        self.decided.clear();
    }

    /// Makes an event an entry of the journal: applied, absorbed, observed. Says its number. Compiled into each place
    /// that calls it, so that a place that knows which event it enters does only what that event needs.
    #[inline(always)]
    fn enter(&mut self, event: Event, cause: u64, observer: &mut impl Observer) -> u64 {
        let live = &mut self.world.live;
        let entry = Entry { at: live.now, seq: live.seq, cause, event };
        live.seq += 1;
        apply(&mut self.world, &entry);
        self.fingerprint.absorb(entry.words());
        observer.observe(&self.world, &entry);
        entry.seq
    }
}

/// Short cuts. In a busy world nearly all that happens is that a message is sent, stored and handed out, that it
/// arrives, and that a listener is done with it. Here these three chains are spelled out, with the same rules in the
/// same order as [`decide`] has them but without passing every event through a list. Whatever is out of the ordinary
/// takes the plain way from where it begins to be so. A test compares the two.
///
/// Events are taken apart and put together again where they are entered: a whole event that some call might see would
/// have to be laid out in memory, and nothing about it be known.
impl Broker {
    /// A producer sends; without latency the message is stored at once, and given to whoever reads the queue.
    #[inline]
    fn producer_sends(&mut self, producer: ProducerId, cause: u64, observer: &mut impl Observer) {
        if !self.world.producer(producer).sends_plainly {
            return self.wake(Wakeup::Send(producer), cause, observer);
        }
        let Some(Event::MessageSent { producer, number, queue, arrives_at, next_at }) =
            send::due(&self.world, producer)
        else {
            return;
        };
        let sent = || Event::MessageSent { producer, number, queue, arrives_at, next_at };
        let seq = self.enter(sent(), cause, observer);
        let Some(Event::MessageStored { producer, number, queue, offset, sent_at }) =
            send::stored_at_once(&self.world, &sent())
        else {
            return;
        };
        let stored = || Event::MessageStored { producer, number, queue, offset, sent_at };
        let seq = self.enter(stored(), seq, observer);
        if self.world.queue(queue).read_plainly {
            return self.follow_plainly(stored(), seq, observer);
        }
        // What one reader is given is nothing to another: each can be asked after the one before has been served.
        for index in 0..self.world.queue(queue).progress.len() {
            let progress = self.world.queue(queue).progress[index];
            if let Some(handed_out) = delivery::newest_handed_out(&self.world, progress, offset) {
                self.enter(handed_out, seq, observer);
            }
        }
    }

    /// A message reaches its consumer, which begins with it if it has a free thread.
    #[inline]
    fn delivery_arrives(&mut self, id: ProgressId, cause: u64, observer: &mut impl Observer) {
        match delivery::arrives(&self.world, id) {
            Some(Event::MessageReceived { progress, offset, consumer }) => {
                let received = || Event::MessageReceived { progress, offset, consumer };
                let seq = self.enter(received(), cause, observer);
                if self.world.progress(id).plainly {
                    self.follow_plainly(received(), seq, observer);
                } else {
                    self.start_idle(consumer, seq, observer);
                }
            }
            Some(Event::DeliveryLost { progress, offset, consumer }) => {
                self.enter_plainly(Event::DeliveryLost { progress, offset, consumer }, cause, observer);
            }
            Some(Event::MessageRejectedByTag { progress, offset, consumer }) => {
                let rejected = Event::MessageRejectedByTag { progress, offset, consumer };
                self.enter_plainly(rejected, cause, observer);
            }
            _ => {}
        }
    }

    /// A listener thread is done, and begins with the next message if there is one.
    #[inline]
    fn listener_ends(&mut self, id: ConsumerId, thread: u32, cause: u64, observer: &mut impl Observer) {
        let Some(Event::ConsumeFinished { progress, offset, consumer, thread, outcome }) =
            consume::finished(&self.world, id, thread)
        else {
            return;
        };
        let finished = |outcome| Event::ConsumeFinished { progress, offset, consumer, thread, outcome };
        if outcome != Outcome::Acknowledged {
            return self.enter_plainly(finished(outcome), cause, observer);
        }
        let seq = self.enter(finished(Outcome::Acknowledged), cause, observer);
        if consume::only_frees_a_thread(&self.world, progress, id) {
            self.start_idle(id, seq, observer);
        } else {
            self.follow_plainly(finished(Outcome::Acknowledged), seq, observer);
        }
    }

    /// A free thread begins with what waits in the cache. Each start takes a message and a thread and changes nothing
    /// else that a further one depends on, so the first can be decided and entered before the others, if any.
    #[inline(always)]
    fn start_idle(&mut self, consumer: ConsumerId, cause: u64, observer: &mut impl Observer) {
        let Some(started) = delivery::next_start(&self.world, consumer) else { return };
        self.enter(started, cause, observer);
        if self.world.consumer(consumer).could_start() {
            delivery::start_idle(&self.world, consumer, &mut self.decided);
            self.enter_decided(cause, observer);
        }
    }

    #[cold]
    #[inline(never)]
    fn enter_plainly(&mut self, event: Event, cause: u64, observer: &mut impl Observer) {
        self.decided.push(event);
        self.enter_decided(cause, observer);
        self.settle(observer);
    }

    #[cold]
    #[inline(never)]
    fn follow_plainly(&mut self, event: Event, seq: u64, observer: &mut impl Observer) {
        self.to_follow.push_back((event, seq));
        self.settle(observer);
    }
}
