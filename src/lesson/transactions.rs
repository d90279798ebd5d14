//! What happens to transactional messages, in plain words.

use super::explain::{About, Fill, Holes};
use super::words::Words;
use crate::broker::half::Word;
use crate::broker::{Entry, Event, MessageRef, ProducerId};

/// The catalogue's key for a word about a transaction.
pub fn word_key(word: Word) -> &'static str {
    match word {
        Word::Commit => "transaction.commit",
        Word::Rollback => "transaction.rollback",
        Word::Unknown => "transaction.unknown",
    }
}

/// The sentence for an entry about a transaction, or about the producer that runs it.
pub(super) fn sentence(entry: &Entry, words: &Words) -> (&'static str, Holes) {
    let producer = |id| ("producer", Fill::Thing(About::Producer(id)));
    let about = |id, number: u64| vec![producer(id), ("number", Fill::Words(number.to_string()))];
    let with = |id, number, more: Holes| about(id, number).into_iter().chain(more).collect::<Holes>();
    let asked = |id: ProducerId| ("asked", Fill::Thing(About::Producer(id)));
    let count = |n: u32| ("n", Fill::Count(n.into()));
    let queue = |id| ("queue", Fill::Thing(About::Queue(id)));
    let span = |at| ("time", Fill::Words(words.span(at - entry.at)));
    match entry.event {
        Event::HalfStored { producer: id, number, queue: q, ends_at: Some(ends_at), .. } => {
            ("event.half_stored", with(id, number, vec![queue(q), span(ends_at)]))
        }
        Event::HalfStored { producer: id, number, queue: q, .. } => {
            ("event.half_stored_orphaned", with(id, number, vec![queue(q)]))
        }
        Event::LocalTransactionEnded { producer: id, number, committed, word, arrives_at, twice } => {
            let key = match (committed, word, arrives_at) {
                (true, Some(Word::Commit), Some(_)) if twice => "event.local_committed_twice",
                (false, Some(Word::Rollback), Some(_)) if twice => "event.local_rolled_back_twice",
                (_, None, _) => "event.local_undone",
                (true, Some(Word::Unknown), Some(_)) => "event.local_committed_unknown",
                (false, Some(Word::Unknown), Some(_)) => "event.local_rolled_back_unknown",
                (true, _, Some(_)) => "event.local_committed",
                (false, _, Some(_)) => "event.local_rolled_back",
                (true, _, None) => "event.local_committed_lost",
                (false, _, None) => "event.local_rolled_back_lost",
            };
            (key, about(id, number))
        }
        Event::TransactionChecked { producer: id, number, times, asked: Some(whom), .. } => {
            ("event.transaction_checked", with(id, number, vec![asked(whom), count(times)]))
        }
        Event::TransactionChecked { producer: id, number, times, .. } => {
            ("event.transaction_checked_nobody", with(id, number, vec![count(times)]))
        }
        Event::TransactionPending { producer: id, number, by: Some(whom) } => {
            ("event.transaction_pending", with(id, number, vec![asked(whom)]))
        }
        Event::TransactionPending { producer: id, number, .. } => {
            ("event.transaction_unknown", about(id, number))
        }
        Event::TransactionCommitted { producer: id, number, by, .. } => match by {
            Some(whom) => ("event.transaction_committed_by_check", with(id, number, vec![asked(whom)])),
            None => ("event.transaction_committed", about(id, number)),
        },
        Event::TransactionRolledBack { producer: id, number, by, .. } => match by {
            Some(whom) => ("event.transaction_rolled_back_by_check", with(id, number, vec![asked(whom)])),
            None => ("event.transaction_rolled_back", about(id, number)),
        },
        Event::TransactionWordIgnored { producer: id, number, word, refused, .. } => {
            let word = ("word", Fill::Words(words.text(word_key(word)).to_owned()));
            let code = ("code", Fill::Words("ILLEGAL_OPERATION".to_owned()));
            if refused {
                ("event.transaction_word_refused", with(id, number, vec![word, code]))
            } else {
                ("event.transaction_word_ignored", with(id, number, vec![word]))
            }
        }
        Event::TransactionSetAside { producer: id, number, queue, offset, .. } => {
            let at = ("message", Fill::Thing(About::Message(MessageRef { queue, offset })));
            ("event.transaction_set_aside", with(id, number, vec![at]))
        }
        Event::ProducerCrashed { producer: id } => ("event.producer_crashed", vec![producer(id)]),
        Event::ProducerRestarted { producer: id, .. } => ("event.producer_restarted", vec![producer(id)]),
        // No other entry comes here.
        _ => ("event.transaction_unknown", Vec::new()),
    }
}
