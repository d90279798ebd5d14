//! Transactional messages: a local transaction and the message about it agree in the end. The message is sent first, and
//! the broker keeps it as a half message that nobody sees; then the producer runs its local transaction and says how it
//! ended. A commit appends the message to its queue, where it gets offset and store time; a rollback does not. If the
//! broker hears nothing, or that nobody knows yet, it asks any producer of the topic, again and again, and sets the
//! half message aside after the last check.
//!
//! Source: `TransactionalMessageServiceImpl` for the checks, `EndTransactionProcessor` for what a producer says,
//! `SendMessageActivity` for who belongs together: the proxy takes the topic's name for the producers' group. What is
//! kept is in [`half`](super::half), the formulas of the checks in [`rules::transaction`](crate::rules::transaction).

use super::event::{Event, Refusal, TopicOrigin};
use super::fault::Client;
use super::half::{Due, Half, Local, OnTheWay, What, Word};
use super::id::{ProducerId, QueueId, TopicId};
use super::message::tag;
use super::producer::ProducerState;
use super::settings::LateResolution;
use super::spec::{MessageTemplate, TransactionSpec, Which};
use super::topology::first_send;
use super::world::World;
use super::{link, resend, send};
use crate::rules::transaction::{CheckTimes, check_times, immunity_ms, is_expired};
use crate::sim::{Chance, Draws, Instant, Sampler, Span, Stream};

/// What a producer's local transactions are like, made ready.
#[derive(Clone, Copy, Debug)]
pub struct LocalTransactions {
    takes: Sampler,
    time: Draws,
    outcome: Draws,
    answer: Draws,
    trouble: Draws,
}

impl LocalTransactions {
    /// What a template asks for, if it does; `key` is the producer's.
    pub(super) fn of(message: &MessageTemplate, chance: Chance, key: u64) -> Option<Self> {
        let takes = message.transaction.as_ref()?.takes.sampler();
        let draws = |stream| chance.stream(stream, key);
        let [time, outcome, answer, trouble] =
            [Stream::LocalTransaction, Stream::LocalOutcome, Stream::CheckAnswer, Stream::TransactionTrouble]
                .map(draws);
        Some(Self { takes, time, outcome, answer, trouble })
    }
}

/// What is drawn for each local transaction.
#[derive(Clone, Copy)]
enum Luck {
    Rollback,
    Unknown,
    Lost,
}

/// Is the producer's message `number` one of these?
fn hits(which: &Which, producer: &ProducerState, number: u64, draw: impl FnOnce() -> u64) -> bool {
    match which {
        Which::Share(ratio) => !ratio.is_zero() && ratio.includes(draw()),
        Which::Tag(wanted) => tag(&producer.spec, number) == Some(wanted),
        Which::Key(wanted) => producer.content(number).key.as_ref() == Some(wanted),
    }
}

/// A length of time in milliseconds, as far as 64 bits go.
fn ms(span: Span) -> i64 {
    i64::try_from(span.0 / 1_000).unwrap_or(i64::MAX)
}

impl TransactionSpec {
    /// How long after its birth the broker does not ask about a message, in milliseconds.
    fn immunity_ms(&self, usual: Span) -> i64 {
        let own = self.check_after_secs.map(|secs| secs.to_string());
        immunity_ms(own.as_deref(), ms(usual))
    }
}

impl World {
    fn transactions_of(&self, producer: ProducerId) -> Option<&TransactionSpec> {
        self.producer(producer).spec.message.transaction.as_deref()
    }

    /// The first scan of the half messages that comes after `at`.
    fn scan_after(&self, at: Instant) -> Instant {
        let interval = self.settings.tx_check_interval.0.max(1);
        Instant::from_us((at.0 / interval + 1).saturating_mul(interval))
    }

    /// When a message that was sent at `sent_at` is first asked about, if it is stored now: at the first scan that finds
    /// it older than its immunity.
    fn first_check(&self, producer: ProducerId, sent_at: Instant) -> Instant {
        let spec = self.transactions_of(producer);
        let immunity = spec.map_or(0, |spec| spec.immunity_ms(self.settings.tx_first_check_after));
        let immunity = Span::from_ms(u64::try_from(immunity).unwrap_or_default());
        self.scan_after((sent_at + immunity).max(self.live.now))
    }
}

/// A transactional message has reached the broker: it is kept as a half message, and its producer begins with the local
/// transaction; unless it crashed meanwhile, for then nobody does.
pub(super) fn arrived(
    world: &World,
    local: &LocalTransactions,
    producer: ProducerId,
    number: u64,
    queue: QueueId,
    sent_at: Instant,
) -> Event {
    // Nor does a producer that does not hear that the half message is stored.
    let is_there =
        number >= world.producer(producer).died_before && resend::is_answered(world, producer, number);
    let takes = || local.takes.sample(local.time.nth(number));
    let ends_at = is_there.then(|| world.live.now + takes());
    let check_at = world.first_check(producer, sent_at);
    Event::HalfStored { producer, number, queue, ends_at, check_at }
}

/// What is due first among the half messages happens.
pub(super) fn due(world: &World, out: &mut Vec<Event>) {
    let Some(&Due { producer, number, what, .. }) = world.live.halves.first_due() else { return };
    match what {
        What::LocalEnds => out.extend(local_ends(world, producer, number)),
        What::Check if world.is_down() => {
            let next_at = world.scan_after(world.live.now);
            out.push(Event::TransactionCheckPutOff { producer, number, next_at });
        }
        What::Word(word) if is_lost(world, word.by.unwrap_or(producer)) => {
            out.push(Event::TransactionWordLost { producer, number, by: word.by });
        }
        What::Check => check(world, producer, number, out),
        What::Word(word) => out.push(heard(world, producer, number, word)),
    }
}

/// Does the broker not hear what a producer says?
fn is_lost(world: &World, producer: ProducerId) -> bool {
    world.is_down() || link::is_cut(world, Client::Producer(producer))
}

/// A local transaction ends, and its producer says so, if its word is not lost.
fn local_ends(world: &World, id: ProducerId, number: u64) -> Option<Event> {
    let producer = world.producer(id);
    let (local, spec) = (producer.transaction.as_ref()?, world.transactions_of(id)?);
    let is =
        |which, luck: Luck| hits(which, producer, number, || local.outcome.nth(number << 2 | luck as u64));
    let committed = !is(&spec.rollback, Luck::Rollback);
    let word = if is(&spec.unknown, Luck::Unknown) { Word::Unknown } else { Word::of(committed) };
    let arrives_at = world.live.now + world.settings.network_send_latency;
    let arrives_at = (!is(&spec.lost, Luck::Lost)).then_some(arrives_at);
    // Checks are counted from 1, so this draw is none of theirs.
    let twice =
        arrives_at.is_some() && hits(&spec.twice, producer, number, || local.trouble.nth(number << 16));
    Some(Event::LocalTransactionEnded {
        producer: id,
        number,
        committed,
        word: Some(word),
        arrives_at,
        twice,
    })
}

/// The broker looks at a half message: it asks a producer about it, or gives it up.
fn check(world: &World, producer: ProducerId, number: u64, out: &mut Vec<Event>) {
    let Some(half) = world.live.halves.get(producer, number) else { return };
    let now = world.live.now;
    let checked = (half.checks > 0).then(|| half.checks.to_string());
    let most = i32::try_from(world.settings.tx_max_checks).unwrap_or(i32::MAX);
    let is_old = is_expired(ms(now - half.sent_at), ms(world.settings.store_retention));
    match check_times(checked.as_deref(), most) {
        CheckTimes::Go(times) if !is_old => {
            let times = u32::try_from(times).unwrap_or_default();
            let asked = whom_to_ask(world, half.topic);
            let next_at = world.scan_after(now);
            out.push(Event::TransactionChecked { producer, number, times, asked, next_at });
        }
        _ => set_aside(world, producer, number, half, out),
    }
}

/// Any producer of the topic that is there, in turn: they share the business state.
fn whom_to_ask(world: &World, topic: TopicId) -> Option<ProducerId> {
    let is_there = |producer: &&ProducerState| {
        producer.running && producer.topic == topic && producer.transaction.is_some()
    };
    let there = world.live.producers.iter().filter(is_there).count() as u64;
    let nth = world.live.halves.asked.checked_rem(there)?;
    let mut all = world.live.producers.iter().enumerate().filter(|(_, producer)| is_there(producer));
    all.nth(usize::try_from(nth).unwrap_or_default()).map(|(index, _)| ProducerId::at(index))
}

/// Nobody could say how it ended: a copy goes into a topic that no group reads.
fn set_aside(world: &World, producer: ProducerId, number: u64, half: &Half, out: &mut Vec<Event>) {
    let sent_at = half.sent_at;
    let (queue, offset) = match world.live.halves.set_aside {
        Some(topic) => {
            let queue = world.topic(topic).queues[0];
            (queue, world.queue(queue).max_offset)
        }
        None => {
            let topic = TopicId::at(world.live.topics.len());
            out.push(Event::TopicCreated { topic, origin: TopicOrigin::SetAside, queues: 1 });
            (QueueId::at(world.live.queues.len()), 0)
        }
    };
    out.push(Event::TransactionSetAside { producer, number, queue, offset, sent_at });
}

/// A word reaches the broker: what a producer says at the end of its local transaction, or its answer.
fn heard(world: &World, producer: ProducerId, number: u64, way: OnTheWay) -> Event {
    let OnTheWay { by, queue, sent_at, .. } = way;
    let half = world.live.halves.get(producer, number);
    let word = way.word.unwrap_or_else(|| answer(world, producer, number, way.checks));
    let ignored = |refused| Event::TransactionWordIgnored { producer, number, word, by, refused };
    // The broker does not even look at a word that says nothing.
    if by.is_none() && word != Word::Unknown && is_too_late(world, producer, sent_at) {
        return ignored(true);
    }
    let faithful = world.settings.tx_late_resolution == LateResolution::Faithful;
    // A check has appended the half message anew, and this word is about the copy before it.
    let stays = faithful && half.is_none_or(|half| half.checks != way.checks);
    match word {
        Word::Unknown if half.is_some() => Event::TransactionPending { producer, number, by },
        Word::Commit if half.is_some() || faithful => {
            Event::TransactionCommitted { producer, number, queue, sent_at, by, stays }
        }
        Word::Rollback if half.is_some() => Event::TransactionRolledBack { producer, number, by, stays },
        _ => ignored(false),
    }
}

/// Whoever named an immunity of their own has to say how it ended before that is over.
fn is_too_late(world: &World, producer: ProducerId, sent_at: Instant) -> bool {
    let spec = world.transactions_of(producer).filter(|spec| spec.check_after_secs.is_some());
    spec.is_some_and(|spec| {
        ms(world.live.now - sent_at) > spec.immunity_ms(world.settings.tx_first_check_after)
    })
}

/// What the business state says: how a local transaction ended, unless it has not or the checker cannot find out.
fn answer(world: &World, id: ProducerId, number: u64, times: u32) -> Word {
    let producer = world.producer(id);
    let (Some(local), Some(spec)) = (&producer.transaction, world.transactions_of(id)) else {
        return Word::Unknown;
    };
    let draw = || local.answer.nth(number << 16 | u64::from(times & 0xffff));
    let lies = || local.trouble.nth(number << 16 | u64::from(times & 0xffff));
    match world.local_outcome(id, number) {
        Some(committed) if !hits(&spec.check_unknown, producer, number, draw) => {
            Word::of(committed ^ hits(&spec.check_wrong, producer, number, lies))
        }
        _ => Word::Unknown,
    }
}

/// A person lets a producer say how a local transaction ended. If it runs, it ends now, and that way.
pub(super) fn end(world: &World, producer: ProducerId, number: u64, commit: bool) -> Result<Event, Refusal> {
    let half = world.live.halves.get(producer, number).ok_or(Refusal::NoHalfMessage)?;
    let Half { queue, sent_at, checks, .. } = *half;
    let word = Some(Word::of(commit));
    match half.local {
        Local::Running { .. } => {
            let arrives_at = Some(world.live.now + world.settings.network_send_latency);
            let (committed, twice) = (commit, false);
            Ok(Event::LocalTransactionEnded { producer, number, committed, word, arrives_at, twice })
        }
        Local::Ended { committed } if committed == commit && is_lost(world, producer) => {
            Err(Refusal::LinkCut)
        }
        Local::Ended { committed } if committed == commit => {
            Ok(heard(world, producer, number, OnTheWay { word, by: None, checks, queue, sent_at }))
        }
        Local::Ended { .. } => Err(Refusal::LocalTransactionEnded),
    }
}

/// A producer's process dies. The database undoes what it did not commit.
pub(super) fn crash(world: &World, producer: ProducerId, out: &mut Vec<Event>) {
    out.push(Event::ProducerCrashed { producer });
    let (committed, word, arrives_at, twice) = (false, None, None, false);
    let running = world.live.halves.running_at(producer);
    out.extend(running.map(|number| Event::LocalTransactionEnded {
        producer,
        number,
        committed,
        word,
        arrives_at,
        twice,
    }));
}

/// A producer that crashed starts again, and its pattern begins anew.
pub(super) fn restart(world: &World, name: &str) -> Result<Event, Refusal> {
    if world.find_producer(name).is_some() {
        return Err(Refusal::ProducerRuns);
    }
    let crashed = |producer: &ProducerState| producer.is_down() && producer.spec.name == name;
    let index = world.live.producers.iter().rposition(crashed).ok_or(Refusal::UnknownProducer)?;
    let state = &world.live.producers[index];
    let next_at = first_send(world, state.schedule.pattern, state.interarrival.nth(state.scheduled));
    Ok(Event::ProducerRestarted { producer: ProducerId::at(index), next_at })
}

/// A committed message is appended to its queue.
pub(super) fn committed(
    world: &World,
    producer: ProducerId,
    number: u64,
    queue: QueueId,
    sent_at: Instant,
) -> Event {
    send::stored(world, producer, number, queue, sent_at)
}
