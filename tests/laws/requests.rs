//! The laws of batches, of flow control, of questions and answers, and of compaction.

use std::collections::{BTreeMap, BTreeSet};

use mqscope::broker::fault::{Client, LinkState};
use mqscope::broker::reply::{Landed, ReplyLost};
use mqscope::broker::settings::Backoff;
use mqscope::broker::*;
use mqscope::sim::{Instant, Span};

use crate::witness::Witness;

type Key = (ProducerId, u64);

/// What was seen of them.
#[derive(Default)]
pub(super) struct Seen {
    /// Of each batch: its number, where it went, and the offset of its first message once that is stored.
    batches: BTreeMap<Key, (u32, QueueId, Option<u64>)>,
    /// The try that each refused request is at, and when the next one comes.
    tries: BTreeMap<Key, (u32, Option<Instant>)>,
    /// Requests that wait, and until when.
    open: BTreeMap<Key, Instant>,
    answered: BTreeSet<Key>,
    busy_until: Option<Instant>,
}

/// An entry about one of these.
pub(super) fn observe(witness: &mut Witness, world: &World, entry: &Entry) {
    let (seed, seen, settings) = (witness.seed, &mut witness.requests, &world.settings);
    match entry.event {
        Event::BatchSent { producer, number, count, queue, .. } => {
            assert!(count >= 1 && count <= world.producer(producer).batch(), "world {seed}: {count}");
            seen.batches.insert((producer, number), (count, queue, None));
        }
        Event::SendUnfit { producer, number, count, .. } => {
            witness
                .timed
                .refused
                .extend((number..number + u64::from(count)).map(|number| (producer, number)));
            witness.exercised.insert("unfit to be sent");
        }
        Event::MessageStored { producer, number, queue, offset, .. } => {
            let Some((&(_, first), (count, to, at))) =
                seen.batches.range_mut((producer, 0)..=(producer, number)).next_back()
            else {
                return;
            };
            if number == first && witness.broken.was_unanswered((producer, first)) {
                // It may have been sent again, to another queue.
                (*to, *at) = (queue, None);
            }
            let first_offset = *at.get_or_insert(offset);
            assert!(number < first + u64::from(*count), "I85, world {seed}: {number} is in no batch");
            assert_eq!((queue, offset), (*to, first_offset + number - first), "I85, world {seed}: in a row");
            witness.exercised.insert("I85");
        }
        Event::RequestQueued { producer, number, until, refused, .. } => {
            let waits = until - entry.at;
            assert!(waits <= settings.broker_send_queue_wait, "world {seed}: {waits} in the send queue");
            assert!(!refused || waits == settings.broker_send_queue_wait, "world {seed}: refused too early");
            let is_due = seen.tries.get(&(producer, number)).is_some_and(|(_, next)| next.is_some());
            assert!(
                !is_due || witness.broken.was_unanswered((producer, number)),
                "world {seed}: it waits for its next try"
            );
            witness.exercised.insert("send queue");
        }
        Event::SendThrottled { producer, number, attempt, retry_at, .. } => {
            let key = (producer, number);
            let (tries, _) = seen.tries.get(&key).copied().unwrap_or((1, None));
            let resent = witness.broken.attempts.get(&key).copied().unwrap_or(0);
            assert_eq!(attempt, tries.max(resent), "I10, world {seed}: {key:?}");
            let state = world.producer(producer);
            let is_once = state.transaction.is_some() && !settings.tx_send_retries;
            let most = if is_once { 1 } else { settings.producer_max_attempts };
            assert!(attempt <= most, "I10, world {seed}: try {attempt} of at most {most}");
            match retry_at {
                Some(at) => {
                    assert!(attempt < most, "I10, world {seed}: try {attempt} was the last");
                    let wait = (at - entry.at).0 - settings.network_send_latency.0;
                    is_right_wait(seed, settings.producer_throttle_backoff, attempt + 1, wait);
                    seen.tries.insert(key, (attempt, Some(at)));
                    witness.exercised.insert("I16");
                }
                None => {
                    assert!(attempt == most || !state.running, "I10, world {seed}: given up too early");
                    witness.exercised.insert("given up");
                }
            }
            witness.exercised.insert("I10");
        }
        Event::MessageResent { producer, number, attempt, .. } => {
            seen.tries.insert((producer, number), (attempt, None));
        }
        Event::SendFailed { producer, number, .. } => {
            seen.open.remove(&(producer, number));
        }
        Event::SendRetried { producer, number, attempt, .. } => {
            let before = seen.tries.insert((producer, number), (attempt, None));
            assert_eq!(
                before,
                Some((attempt - 1, Some(entry.at))),
                "I16, world {seed}: tried when it was to be"
            );
            assert!(world.producer(producer).running, "world {seed}: the dead try nothing");
        }
        Event::ThrottlingChanged { receives, until, .. } => {
            seen.busy_until = until.filter(|_| receives);
            witness.exercised.insert("a busy broker");
        }
        Event::ReceiveThrottled { retry_at, .. } => {
            let until = seen.busy_until.expect("somebody is refused only while the broker is busy");
            let waits = retry_at - entry.at;
            assert!(waits.0.is_multiple_of(20_000) && retry_at >= until, "world {seed}: asks at {retry_at}");
            assert!(retry_at - until < Span::from_ms(20) || waits == Span::from_ms(20), "world {seed}");
            witness.exercised.insert("a refused receive");
        }
        Event::RequestAwaited { producer, number, until } => {
            assert_eq!(seen.open.insert((producer, number), until), None, "I83, world {seed}: asked twice");
        }
        Event::ReplyLost { producer, why, .. } => {
            let is_right = match why {
                ReplyLost::Down => world.is_down(),
                ReplyLost::ConsumerCut => world.live.faults.is_some(),
                ReplyLost::RequesterCut => {
                    matches!(world.link_state(Client::Producer(producer)), LinkState::Cut | LinkState::Deaf)
                }
            };
            assert!(is_right, "world {seed}: {why:?}");
            witness.exercised.insert("a lost answer");
        }
        Event::ReplyReceived { producer, number, landed } => {
            let state = world.link_state(Client::Producer(producer));
            assert!(!matches!(state, LinkState::Cut | LinkState::Deaf), "world {seed}: over a cut link");
            let key = (producer, number);
            let waited = seen.open.remove(&key);
            match landed {
                Landed::InTime => {
                    assert!(waited.is_some_and(|until| until >= entry.at), "I83, world {seed}: {key:?}");
                    assert!(seen.answered.insert(key), "I83, world {seed}: answered twice");
                }
                Landed::Again => assert!(seen.answered.contains(&key), "I83, world {seed}: {key:?}"),
                Landed::Late | Landed::Gone => {
                    assert!(!seen.answered.contains(&key) || landed == Landed::Gone)
                }
            }
            witness.exercised.insert(match landed {
                Landed::InTime => "an answer",
                Landed::Late => "a late answer",
                Landed::Again | Landed::Gone => "an answer in vain",
            });
        }
        Event::RequestTimedOut { producer, number } => {
            let until = seen.open.remove(&(producer, number));
            assert_eq!(until, Some(entry.at), "I83, world {seed}: given up when the time is over");
            witness.exercised.insert("I83");
        }
        Event::ProducerCrashed { producer } | Event::ProducerRemoved { producer } => {
            seen.open.retain(|(id, _), _| *id != producer);
        }
        Event::TopicCompacted { topic, .. } => {
            for queue in &world.topic(topic).queues {
                newest_are_there(world, *queue, seed, witness.broken.forgets);
            }
            witness.exercised.insert("I84");
        }
        Event::MessagesSuperseded { progress, offset, count, .. } => {
            let queue = world.progress(progress).queue;
            for offset in offset..offset + u64::from(count) {
                let at = MessageRef { queue, offset };
                let key = world.content(at).key;
                let newer = (offset + 1..world.queue(queue).max_offset)
                    .any(|offset| world.content(MessageRef { queue, offset }).key == key);
                let newer = newer || witness.broken.forgets;
                assert!(newer && world.message_view(at).is_none(), "I84, world {seed}: {at:?}");
            }
            witness.passed_over(world, progress, offset..offset + u64::from(count));
            witness.exercised.insert("a hole");
        }
        Event::MessageHandedOut { progress, offset, .. } => {
            let at = MessageRef { queue: world.progress(progress).queue, offset };
            assert!(!world.is_superseded(at), "I84, world {seed}: {at:?} is a hole");
        }
        _ => {}
    }
}

/// Is this how long a producer waits before its `attempt`-th try? In microseconds.
fn is_right_wait(seed: u64, rule: Backoff, attempt: u32, wait: u64) {
    match rule {
        Backoff::Proxy => {
            let doubled = 10_000_u64.saturating_mul(1 << (attempt - 1).min(20));
            assert_eq!(wait, doubled.min(1_000_000), "I16, world {seed}");
        }
        Backoff::Docs => {
            let middle = (1.6_f64.powi(attempt as i32 - 2) * 1e6).min(120e6);
            let most = (middle * 1.2 + 2.0).min(120e6);
            let wait = wait as f64;
            assert!(middle * 0.8 - 2.0 <= wait && wait <= most, "I16, world {seed}: {wait} before {attempt}");
        }
        Backoff::None => assert_eq!(wait, 0, "I16, world {seed}"),
    }
}

/// I84: of each key that a queue ever had, the newest message is there; if a crash took that, what it replaced stays gone.
fn newest_are_there(world: &World, queue: QueueId, seed: u64, forgets: bool) {
    let mut newest = BTreeMap::new();
    for offset in 0..world.queue(queue).max_offset {
        newest.insert(world.content(MessageRef { queue, offset }).key, offset);
    }
    for offset in 0..world.queue(queue).max_offset {
        let at = MessageRef { queue, offset };
        let is_newest = newest.get(&world.content(at).key) == Some(&offset);
        let is_gone = world.is_superseded(at);
        assert!(is_gone != is_newest || forgets && is_gone, "I84, world {seed}: {at:?}");
    }
}

/// So many messages of a producer are on their way, wait at the broker, or wait to be sent again.
pub(super) fn on_the_way(world: &World, id: ProducerId) -> u64 {
    let flow = &world.live.flow;
    let waiting = flow.send_queue().chain(flow.backing_off()).chain(flow.on_the_way());
    let waiting: u64 = waiting.filter(|one| one.producer == id).map(|one| u64::from(one.count)).sum();
    waiting + world.producer(id).transit.iter().map(|flight| u64::from(flight.count)).sum::<u64>()
}

/// In the end nobody waits for a broker, and every request has come to an end.
pub(super) fn quiet(witness: &Witness, world: &World) {
    let seed = witness.seed;
    let flow = &world.live.flow;
    assert_eq!(
        flow.send_queue().chain(flow.backing_off()).chain(flow.on_the_way()).count(),
        0,
        "world {seed}"
    );
    assert!(flow.busy.is_none(), "world {seed}: the broker is busy for ever");
    for producer in &world.live.producers {
        let Some(counts) = &producer.requests else { continue };
        let ended = counts.answered + counts.timed_out + counts.dropped;
        assert_eq!(ended, counts.asked, "I83, world {seed}: {counts:?}");
    }
}
