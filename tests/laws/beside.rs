//! What must hold of calls and of point-to-point messages, told from the journal alone.

use std::collections::{BTreeMap, BTreeSet};

use mqscope::broker::{CallerChange, CallerId, Command, Entry, Event, P2pId, World};
use mqscope::sim::{Instant, Span};

/// What became of calls and of point-to-point messages.
#[derive(Default)]
pub(crate) struct Beside {
    /// When each call began, as long as it is open.
    open: BTreeMap<(CallerId, u64), Instant>,
    over: BTreeSet<(CallerId, u64)>,
    /// How long each caller was told to wait, from when on.
    timeouts: BTreeMap<CallerId, Vec<(Instant, Span)>>,
    /// Sent and not processed; in whose hands.
    messages: BTreeMap<(P2pId, u16, u64), Option<u16>>,
    processed: BTreeSet<(P2pId, u16, u64)>,
}

impl Beside {
    /// Looks at an entry. Says which law it put to the test.
    pub(crate) fn look(&mut self, world: &World, entry: &Entry, seed: u64) -> Option<&'static str> {
        match entry.event {
            Event::CallerChanged { caller, command, next_at } => {
                match &**world.command(command) {
                    Command::Caller { change: CallerChange::SetTimeout(most), .. } => {
                        self.timeouts.entry(caller).or_default().push((entry.at, *most));
                    }
                    _ => {
                        assert!(next_at.is_some_and(|at| at >= entry.at), "I81, world {seed}: it never calls")
                    }
                }
                Some("caller changed")
            }
            Event::CallSent { caller, number, stage, .. } => {
                let key = (caller, number);
                assert!(!self.over.contains(&key), "I81, world {seed}: {key:?} is over");
                let before = self.open.insert(key, entry.at);
                assert_eq!(before.is_some(), stage > 0, "I81, world {seed}: {key:?} at stage {stage}");
                None
            }
            Event::CallAnswered { caller, number } | Event::CallFailed { caller, number, .. } => {
                let sent = self.close(caller, number, seed);
                let late = entry.at - sent;
                assert!(
                    self.waits(world, caller, sent).any(|most| late <= most),
                    "I81, world {seed}: answered late"
                );
                Some("I81")
            }
            Event::CallTimedOut { caller, number, waited, .. } => {
                let sent = self.close(caller, number, seed);
                assert_eq!(entry.at - sent, waited, "I81, world {seed}");
                assert!(self.waits(world, caller, sent).any(|most| waited == most), "I81, world {seed}");
                Some("call timed out")
            }
            Event::AnswerTooLate { caller, number, .. } => {
                assert!(self.over.contains(&(caller, number)), "I81, world {seed}: it was still open");
                Some("answer too late")
            }
            Event::CallQueued { .. } => Some("call waits in line"),
            Event::CallTurnedAway { .. } => Some("call turned away"),
            Event::P2pSent { queue, sender, number, .. } => {
                let before = self.messages.insert((queue, sender, number), None);
                assert_eq!(before, None, "I82, world {seed}: sent twice");
                None
            }
            Event::P2pTaken { queue, sender, number, consumer, .. } => {
                let holder = self.messages.insert((queue, sender, number), Some(consumer));
                assert_eq!(holder, Some(None), "I82, world {seed}: taken though it is held or gone");
                None
            }
            Event::P2pConsumerGone { queue, consumer } => {
                let mut held =
                    self.messages.iter_mut().filter(|(key, who)| key.0 == queue && **who == Some(consumer));
                let returned = held.next().map(|(_, who)| *who = None);
                assert!(held.next().is_none(), "I82, world {seed}: two messages in one hand");
                returned.map(|()| "message returned by a dead consumer")
            }
            Event::P2pProcessed { queue, sender, number, consumer } => {
                let key = (queue, sender, number);
                assert_eq!(self.messages.remove(&key), Some(Some(consumer)), "I82, world {seed}: {key:?}");
                assert!(self.processed.insert(key), "I82, world {seed}: processed twice");
                Some("I82")
            }
            _ => None,
        }
    }

    /// How long a caller might wait for what it called at this instant: what it had been told until then. Of what it was told
    /// at this very instant it is not known whether that was before.
    fn waits(&self, world: &World, caller: CallerId, sent: Instant) -> impl Iterator<Item = Span> {
        let first = [(Instant::ZERO, world.caller(caller).spec.timeout)];
        let told = self.timeouts.get(&caller).into_iter().flatten().copied();
        let all: Vec<(Instant, Span)> = first.into_iter().chain(told).collect();
        let ends: Vec<Instant> = all.iter().skip(1).map(|(at, _)| *at).chain([Instant::NEVER]).collect();
        all.into_iter()
            .zip(ends)
            .filter(move |((from, _), to)| (*from..=*to).contains(&sent))
            .map(|((_, most), _)| most)
    }

    fn close(&mut self, caller: CallerId, number: u64, seed: u64) -> Instant {
        let sent = self.open.remove(&(caller, number));
        assert!(self.over.insert((caller, number)), "I81, world {seed}: over twice");
        sent.unwrap_or_else(|| panic!("I81, world {seed}: it was not open"))
    }

    /// Nothing is sent any more, and all time-outs are over.
    pub(crate) fn at_rest(&self, world: &World, seed: u64) {
        assert!(self.open.is_empty(), "I81, world {seed}: open for ever");
        for (id, caller) in world.callers() {
            let over = self.over.iter().filter(|key| key.0 == id).count() as u64;
            assert_eq!(over, caller.arriving.made, "I81, world {seed}");
        }
        for (id, queue) in world.p2p_queues() {
            let left = self.messages.keys().filter(|key| key.0 == id).count();
            let somebody = queue.alive().next().is_some();
            assert!(left == 0 || !somebody, "I82, world {seed}: {left} messages left");
            assert_eq!(queue.processed + left as u64, queue.sent(), "I82, world {seed}");
        }
    }
}
