//! Causes in plain words, with the names in them as things.

use super::explain::{About, Explained, Part, name_of};
use super::says;
use super::words::{Piece, Said, Words, pieces};
use crate::broker::World;
use crate::broker::spec::Rate;
use crate::trace::Because;

/// What fills a hole.
enum Fill {
    Thing(About),
    Words(String),
    /// So many of something, by the catalogue's key of what.
    Count(&'static str, u64),
}

type Holes = Vec<(&'static str, Fill)>;

/// One link of a chain of causes as a sentence.
pub fn because(world: &World, because: &Because, words: &Words) -> Explained {
    let (count, holes) = holes(world, because);
    let sentence = match count {
        Some(count) => words.form(because.key(), count),
        None => words.text(because.key()),
    };
    let parts = pieces(sentence).map(|piece| match piece {
        Piece::Text(text) => Part::Text(text.to_owned()),
        Piece::Hole("n") => Part::Text(count.unwrap_or_default().said()),
        Piece::Hole(name) => match holes.iter().find(|(hole, _)| *hole == name) {
            Some((_, Fill::Thing(about))) => Part::Thing(*about, name_of(world, *about)),
            Some((_, Fill::Words(text))) => Part::Text(text.clone()),
            Some((_, Fill::Count(key, n))) => Part::Text(words.count(key, *n, &[])),
            None => Part::Text(format!("{{{name}}}")),
        },
    });
    Explained(parts.collect())
}

/// A rate to a hundredth.
fn per_second(rate: Rate) -> String {
    let hundredths = (rate.micros_per_second + 5_000) / 10_000;
    let text = format!("{}.{:02}", hundredths / 100, hundredths % 100);
    text.trim_end_matches('0').trim_end_matches('.').to_owned()
}

/// What the sentence counts, if it counts something, and what else it speaks of.
fn holes(world: &World, because: &Because) -> (Option<u64>, Holes) {
    let text = |hole, value: &dyn Said| (hole, Fill::Words(value.said()));
    let group = |id| ("group", Fill::Thing(About::Group(id)));
    let queue = |id| ("queue", Fill::Thing(About::Queue(id)));
    let consumer = |id| ("consumer", Fill::Thing(About::Consumer(id)));
    let consumers_of = |n| ("consumers", Fill::Count("consumers", n));
    match *because {
        Because::Behind { group: g, queue: q, count } | Because::Ahead { group: g, queue: q, count } => {
            (Some(count), vec![group(g), queue(q)])
        }
        Because::NobodyReads { group: g, queue: q } => (None, vec![group(g), queue(q)]),
        Because::WorkedByHand { group: g }
        | Because::NobodyRuns { group: g }
        | Because::BroadcastingDrops { group: g }
        | Because::PullDrops { group: g }
        | Because::NothingReady { group: g } => (None, vec![group(g)]),
        Because::FilteredOut { group: g, consumer: c, filter, message } => (
            None,
            vec![
                group(g),
                consumer(c),
                text("filter", world.filter(filter)),
                ("message", Fill::Thing(About::Message(message))),
            ],
        ),
        Because::HashesAlike { message } => {
            let tag = world.tag(message).unwrap_or_default();
            (None, vec![("message", Fill::Thing(About::Message(message))), text("tag", &tag)])
        }
        Because::MembersDisagree { group: g } => (None, vec![group(g)]),
        Because::BrokerBusy { until } => (None, vec![text("time", &until)]),
        Because::RebalanceComes { group: g, at } => (None, vec![group(g), text("time", &at)]),
        Because::ReadsMany { consumer: c, queues } => (Some(queues.into()), vec![consumer(c)]),
        Because::ThreadsBusy { consumer: c, threads } => (Some(threads.into()), vec![consumer(c)]),
        Because::GroupBusy { group: g, consumers, threads } => {
            (Some(threads), vec![group(g), consumers_of(consumers)])
        }
        Because::CacheFull { consumer: c, held } => (Some(held.into()), vec![consumer(c)]),
        Because::StillComing { consumer: c, count } => (Some(count), vec![consumer(c)]),
        Because::InCache { consumer: c, ahead } => (Some(ahead), vec![consumer(c)]),
        Because::OnTheWay { consumer: c } | Because::Idle { consumer: c } => (None, vec![consumer(c)]),
        Because::Working { consumer: c, since: at }
        | Because::Paused { consumer: c, since: at }
        | Because::Leaving { consumer: c, since: at }
        | Because::Crashed { consumer: c, at }
        | Because::CrashUnnoticed { consumer: c, at }
        | Because::Left { consumer: c, at }
        | Because::FailedBy { consumer: c, at }
        | Because::LostAfterCommit { consumer: c, at }
        | Because::NoAnswer { consumer: c, handed_out_at: at } => {
            (None, vec![consumer(c), text("time", &at)])
        }
        Because::InvisibleUntil { group: g, until } | Because::LastWait { group: g, due_at: until } => {
            (None, vec![group(g), text("time", &until)])
        }
        Because::RetryWait { group: g, due_at, retry } => {
            (None, vec![group(g), text("time", &due_at), text("retry", &retry)])
        }
        Because::AfterInMessageGroup { group: g, head } | Because::AfterInQueue { group: g, head } => {
            (None, vec![group(g), ("message", Fill::Thing(About::Message(head)))])
        }
        Because::RetryInPlace { consumer: c, message, due_at, retry } => {
            let message = ("message", Fill::Thing(About::Message(message)));
            (Some(retry.into()), vec![consumer(c), message, text("time", &due_at)])
        }
        Because::LockedBy { consumer: c, queue: q } => (None, vec![consumer(c), queue(q)]),
        Because::LockedUntil { consumer: c, queue: q, until }
        | Because::QueuePaused { consumer: c, queue: q, since: until } => {
            (None, vec![consumer(c), queue(q), text("time", &until)])
        }
        Because::OutOfRetries { group: g, failures, retries } => {
            (Some(failures), vec![group(g), text("retries", &retries)])
        }
        Because::Expired { group: g, message, at } | Because::ResetPassed { group: g, message, at } => {
            (None, vec![group(g), ("message", Fill::Thing(About::Message(message))), text("time", &at)])
        }
        Because::QueueHidden { queue: q } => (None, vec![queue(q)]),
        Because::PassedOver { group: g, queue: q, start } => {
            (None, vec![group(g), queue(q), text("offset", &start)])
        }
        Because::TooSlow { group: g } | Because::CatchingUp { group: g } => (None, vec![group(g)]),
        Because::Comes { group: g, rate } => (None, vec![group(g), text("rate", &per_second(rate))]),
        Because::CanFinish { group: g, rate, threads } => {
            (Some(threads), vec![group(g), text("rate", &per_second(rate))])
        }
        Because::MostAt { consumer: c, count, rate } => {
            (Some(count), vec![consumer(c), text("rate", &per_second(rate))])
        }
        Because::ProducerStopped { producer: p }
        | Because::ProducerCrashed { producer: p }
        | Because::OnlyByHand { producer: p }
        | Because::NoRate { producer: p } => (None, vec![("producer", Fill::Thing(About::Producer(p)))]),
        Because::TypeRefused { producer: p, .. } => {
            let types = says::types(world, p).map(|(hole, text)| (hole, Fill::Words(text)));
            let sender = ("producer", Fill::Thing(About::Producer(p)));
            (None, std::iter::once(sender).chain(types).collect())
        }
        Because::AllSent { count } => (Some(count), Vec::new()),
        Because::NoShare { group: g, consumer: c } => {
            let rule = Fill::Words(world.group(g).spec.strategy.name().to_owned());
            (None, vec![group(g), consumer(c), ("rule", rule)])
        }
        Because::FewQueues { group: g, queues, consumers } => {
            (Some(queues), vec![group(g), consumers_of(consumers)])
        }
    }
}
