//! What breaks, in plain words.

use super::explain::{About, Fill, Holes};
use super::words::{Said, Words};
use crate::broker::fault::{Client, Crash, LinkState};
use crate::broker::resend::Nowhere;
use crate::broker::{Command, Entry, Event, LinkChange, MessageRef, Refusal, World};
use crate::sim::Instant;

/// The catalogue's key for how a broker died.
pub fn crash_key(how: Crash) -> &'static str {
    match how {
        Crash::Process => "fault.process",
        Crash::Machine => "fault.machine",
        Crash::Disk => "fault.disk",
    }
}

/// The catalogue's key for how a link stands.
pub fn link_key(state: LinkState) -> &'static str {
    match state {
        LinkState::Open => "fault.link_open",
        LinkState::Held => "fault.link_held",
        LinkState::Cut => "fault.link_cut",
        LinkState::Deaf => "fault.link_deaf",
    }
}

/// What the sentences say of a client.
pub(super) fn about(client: Client) -> About {
    match client {
        Client::Producer(id) => About::Producer(id),
        Client::Consumer(id) => About::Consumer(id),
    }
}

/// The sentence for an entry about something that broke, or was mended.
pub(super) fn sentence(world: &World, entry: &Entry, words: &Words) -> (&'static str, Holes) {
    let producer = |id| ("producer", Fill::Thing(About::Producer(id)));
    let consumer = |id| ("consumer", Fill::Thing(About::Consumer(id)));
    let queue = |id| ("queue", Fill::Thing(About::Queue(id)));
    let text = |value: &dyn Said| Fill::Words(value.said());
    let number = |number: u64| ("number", text(&number));
    // A batch is named by its first and its last message.
    let numbers = |first: u64, count: u32| match count {
        0 | 1 => number(first),
        _ => ("number", text(&format!("{first}–{}", first + u64::from(count) - 1))),
    };
    let count = |n: u64| ("n", Fill::Count(n));
    let span = |from: Instant, to: Instant| ("time", Fill::Words(words.span(to - from)));
    match entry.event {
        Event::BrokerCrashed { how, kept, back_at } => match (how, kept, back_at) {
            (Crash::Process, ..) => ("event.broker_crashed", Vec::new()),
            (Crash::Machine, Some(kept), _) if kept == entry.at => ("event.machine_crashed_sync", Vec::new()),
            (Crash::Machine, Some(kept), _) => ("event.machine_crashed", vec![("kept", text(&kept))]),
            (_, _, Some(back_at)) => ("event.machine_lost_replica", vec![span(entry.at, back_at)]),
            _ => ("event.machine_lost", Vec::new()),
        },
        Event::BrokerRestarted { how, reconnect_at } => {
            let key = match how {
                Crash::Disk if world.settings.replication_replicas > 0 => "event.replica_took_over",
                Crash::Disk => "event.broker_empty",
                _ => "event.broker_restarted",
            };
            (key, vec![span(entry.at, reconnect_at)])
        }
        Event::ProgressFellBack {
            progress: id,
            offset,
            reread_acknowledged,
            reread_moved,
            reread_filtered,
        } => {
            let state = world.progress(id);
            let group = ("group", Fill::Thing(About::Group(state.group)));
            let again = [reread_acknowledged, reread_moved, reread_filtered].into_iter().map(u64::from).sum();
            let mut holes = vec![group, queue(state.queue), ("offset", text(&offset))];
            if again == 0 {
                return ("event.progress_kept", holes);
            }
            holes.push(count(again));
            ("event.progress_fell_back", holes)
        }
        Event::QueueTruncated { queue: id, offset, lost } => {
            ("event.queue_truncated", vec![queue(id), ("offset", text(&offset)), count(lost)])
        }
        Event::LinkChanged { client, state } => {
            let key = match state {
                LinkState::Open if world.link_ended(client, entry.at) => "event.link_ended",
                LinkState::Open => "event.link_open",
                LinkState::Held => "event.link_held",
                LinkState::Cut => "event.link_cut",
                LinkState::Deaf => "event.link_deaf",
            };
            (key, vec![("client", Fill::Thing(about(client)))])
        }
        Event::AnswersToLose { producer: id, count: n } => {
            ("event.answers_to_lose", vec![producer(id), count(n.into())])
        }
        Event::ConsumerUnheard { consumer: id } => {
            let silent = Fill::Words(words.span(world.settings.network_silence));
            ("event.consumer_unheard", vec![consumer(id), ("time", silent)])
        }
        Event::ConsumerReconnected { consumer: id } => ("event.consumer_reconnected", vec![consumer(id)]),
        Event::SendLost { producer: id, number: n, count: many, why, .. } => {
            let key = match why {
                Nowhere::Down => "event.send_lost_down",
                Nowhere::Cut => "event.send_lost_cut",
                Nowhere::Busy => "event.send_lost_busy",
            };
            (key, vec![producer(id), numbers(n, many), count(many.into())])
        }
        Event::SendHeld { producer: id, number: n, count: many, .. } => {
            ("event.send_held", vec![producer(id), numbers(n, many), count(many.into())])
        }
        Event::AnswerLost { producer: id, number: n, count: many, late, .. } => {
            let key = if late { "event.answer_late" } else { "event.answer_lost" };
            (key, vec![producer(id), numbers(n, many), count(many.into())])
        }
        Event::MessageResent { producer: id, number: n, count: many, queue: to, attempt, .. } => {
            let most = ("most", text(&world.settings.producer_max_attempts));
            let waited = Fill::Words(words.span(world.settings.producer_request_timeout));
            let mut holes = vec![producer(id), numbers(n, many), queue(to), ("time", waited), most];
            holes.extend([("attempt", text(&attempt)), count(many.into())]);
            ("event.message_resent", holes)
        }
        Event::SendAcknowledged { producer: id, number: n, count: many, copies, .. } => {
            let holes = |one| vec![producer(id), numbers(n, many), one];
            match copies {
                0 | 1 => ("event.send_acknowledged", holes(count(many.into()))),
                copies => ("event.send_acknowledged_again", holes(count(copies.into()))),
            }
        }
        Event::SendFailed { producer: id, number: n, count: many, attempts, copies } => {
            let key = if copies == 0 { "event.send_failed" } else { "event.send_failed_stored" };
            (key, vec![producer(id), numbers(n, many), count(attempts.into())])
        }
        Event::ResultLost { progress, offset, consumer: id, until } => {
            let message = MessageRef { queue: world.progress(progress).queue, offset };
            let message = ("message", Fill::Thing(About::Message(message)));
            ("event.result_lost", vec![consumer(id), message, span(entry.at, until)])
        }
        Event::TransactionWordLost { producer: id, number: n, by } => {
            let who = ("who", Fill::Thing(About::Producer(by.unwrap_or(id))));
            ("event.transaction_word_lost", vec![producer(id), number(n), who])
        }
        Event::TransactionCheckPutOff { producer: id, number: n, .. } => {
            ("event.transaction_check_put_off", vec![producer(id), number(n)])
        }
        // No other entry comes here.
        _ => ("event.broker_crashed", Vec::new()),
    }
}

/// What somebody asked for, if it is about something that breaks.
pub(super) fn request(world: &World, command: &Command, words: &Words) -> Option<(&'static str, Holes)> {
    Some(match command {
        Command::CrashBroker { how } => {
            let how = Fill::Words(words.text(crash_key(*how)).to_owned());
            ("command.crash_broker", vec![("how", how)])
        }
        Command::RestartBroker => ("command.restart_broker", Vec::new()),
        Command::Link { client: name, change } => {
            let client = match world.find_client(name) {
                Some(client) => Fill::Thing(about(client)),
                None => Fill::Words(name.clone()),
            };
            let mut holes = vec![("client", client)];
            let key = match *change {
                LinkChange::Cut { answers_only: false } => "command.cut",
                LinkChange::Cut { answers_only: true } => "command.cut_answers",
                LinkChange::Repair => "command.repair",
                LinkChange::Hold => "command.hold",
                LinkChange::Release => "command.release",
                LinkChange::LoseAnswers(count) => {
                    holes.push(("n", Fill::Count(count.into())));
                    "command.lose_answers"
                }
            };
            (key, holes)
        }
        _ => return None,
    })
}

/// The catalogue's key for why a command was refused, if that is because of something broken.
pub(super) fn refusal_key(reason: Refusal) -> &'static str {
    match reason {
        Refusal::BrokerRuns => "refusal.broker_runs",
        Refusal::UnknownClient => "refusal.unknown_client",
        Refusal::NotAProducer => "refusal.not_a_producer",
        Refusal::LinkIsNot => "refusal.link_is_not",
        Refusal::LinkCut => "refusal.link_cut",
        _ => "refusal.broker_down",
    }
}
