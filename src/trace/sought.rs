//! Which entries of the journal are about a message that somebody looks for by its key or its id.

use super::stages::sent_in_a_row;
use crate::broker::{Entry, Event, MessageRef, ProducerId, World};
use crate::sim::Instant;

/// Fewer letters than these are too few to look into ids for: a message's number would fit everywhere.
const ID_LEAST: usize = 8;

/// What somebody looks for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sought {
    /// In small letters.
    text: String,
}

impl Sought {
    /// Text as it was typed.
    pub fn new(text: &str) -> Self {
        Self { text: text.trim().to_lowercase() }
    }

    /// The text in small letters.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// Nobody looks for anything.
    pub fn is_nothing(&self) -> bool {
        self.text.is_empty()
    }

    /// Is an entry about a message whose key or id has the text in it? A retry is about the message it is a copy of, and what
    /// becomes of a batch is about each of its messages.
    pub fn is_about(&self, world: &World, entry: &Entry) -> bool {
        let (id, first, count, sent_at) = match (sent_in_a_row(&entry.event), message_of(world, entry)) {
            (Some((_, _, count)), Some((producer, first, sent_at))) => (producer, first, count, sent_at),
            (Some((producer, first, count)), None) => (producer, first, count, entry.at),
            (None, Some((producer, number, sent_at))) => (producer, number, 1, sent_at),
            (None, None) => return false,
        };
        let producer = world.producer(id);
        let has_text = |text: String| text.to_lowercase().contains(&self.text);
        let has_key = |number| {
            producer.spec.message.key.is_some() && producer.content(number).key.is_some_and(has_text)
        };
        let has_id = |number| self.text.len() >= ID_LEAST && has_text(world.message_id(id, number, sent_at));
        (first..first + u64::from(count)).any(|number| has_key(number) || has_id(number))
    }
}

/// The one message that an entry is about, or the first of several: who sent it, which of the sender's it is, and when it was sent.
pub(super) fn message_of(world: &World, entry: &Entry) -> Option<(ProducerId, u64, Instant)> {
    let copy = match entry.event {
        Event::SendLost { producer, number, sent_at, .. }
        | Event::SendHeld { producer, number, sent_at, .. }
        | Event::AnswerLost { producer, number, sent_at, .. } => {
            return Some((producer, number, world.born_at(producer, number, sent_at)));
        }
        Event::MessageResent { producer, number, .. }
        | Event::SendAcknowledged { producer, number, .. }
        | Event::SendFailed { producer, number, .. } => {
            return Some((producer, number, world.open_send(producer, number)?.born_at));
        }
        Event::MessageSent { producer, number, .. } | Event::MessageSentByHand { producer, number, .. } => {
            return Some((producer, number, entry.at));
        }
        Event::BatchSent { producer, number, .. } => return Some((producer, number, entry.at)),
        Event::RequestQueued { producer, number, .. }
        | Event::SendThrottled { producer, number, .. }
        | Event::SendRetried { producer, number, .. }
        | Event::RequestAwaited { producer, number, .. }
        | Event::ReplyStored { producer, number, .. }
        | Event::ReplyLost { producer, number, .. }
        | Event::ReplyReceived { producer, number, .. }
        | Event::RequestTimedOut { producer, number, .. } => {
            let way = world.settings.network_send_latency;
            let sent_at = match (world.sends(producer, number).next(), entry.event) {
                (Some(first), _) if matches!(first.event, Event::RequestAwaited { .. }) => first.at,
                (Some(first), _) => first.at - way,
                // What is taken after a while is not noted.
                (None, Event::RequestQueued { .. }) => world.born_at(producer, number, entry.at - way),
                (None, _) => return None,
            };
            return Some((producer, number, sent_at));
        }
        Event::LocalTransactionEnded { producer, number, .. }
        | Event::TransactionChecked { producer, number, .. }
        | Event::TransactionPending { producer, number, .. }
        | Event::TransactionRolledBack { producer, number, .. }
        | Event::TransactionWordIgnored { producer, number, .. }
        | Event::TransactionWordLost { producer, number, .. }
        | Event::TransactionCheckPutOff { producer, number, .. } => {
            let sent_at =
                world.transaction(producer, number).next()?.at - world.settings.network_send_latency;
            return Some((producer, number, sent_at));
        }
        Event::TransactionCommitted { producer, number, sent_at, .. }
        | Event::TransactionSetAside { producer, number, sent_at, .. } => {
            return Some((producer, number, sent_at));
        }
        Event::HalfStored { producer, number, .. }
        | Event::MessageDelayed { producer, number, .. }
        | Event::DeliveryTimeRefused { producer, number, .. } => {
            let sent_at = entry.at - world.settings.network_send_latency;
            return Some((producer, number, world.born_at(producer, number, sent_at)));
        }
        Event::MessageRecalled { producer, number, sent_at, .. } => {
            return Some((producer, number, world.born_at(producer, number, sent_at)));
        }
        Event::MessageStored { queue, offset, .. } => MessageRef { queue, offset },
        Event::MessageHandedOut { progress, offset, .. }
        | Event::MessageReceived { progress, offset, .. }
        | Event::MessageRejectedByTag { progress, offset, .. }
        | Event::ReplySent { progress, offset, .. }
        | Event::RetryInPlaceScheduled { progress, offset, .. }
        | Event::RetriedInPlace { progress, offset, .. }
        | Event::DeliveryLost { progress, offset, .. }
        | Event::ConsumeStarted { progress, offset, .. }
        | Event::ConsumeFinished { progress, offset, .. }
        | Event::HandleAcknowledged { progress, offset, .. }
        | Event::HandleRefused { progress, offset, .. }
        | Event::HandleIgnored { progress, offset, .. }
        | Event::SentBack { progress, offset, .. }
        | Event::CheckpointAdded { progress, offset, .. }
        | Event::CheckpointClosed { progress, offset, .. }
        | Event::CheckpointOver { progress, offset, .. }
        | Event::InvisibleTimeChanged { progress, offset, .. }
        | Event::ConsumeTimedOut { progress, offset, .. }
        | Event::EffectDone { progress, offset, .. }
        | Event::EffectSkipped { progress, offset, .. }
        | Event::InvisibleTimeCut { progress, offset, .. }
        | Event::ResultLost { progress, offset, .. }
        | Event::InvisibleTimeOver { progress, offset }
        | Event::MessageDropped { progress, offset, .. } => {
            MessageRef { queue: world.progress(progress).queue, offset }
        }
        Event::RetryScheduled { message, .. }
        | Event::RetryStored { message, .. }
        | Event::DeadLettered { message, .. } => message,
        _ => return None,
    };
    let origin = world.origin(copy);
    let log = &world.log.queues[origin.queue.index()];
    let (producer, number) = log.sender(origin.offset);
    Some((producer, number, world.born_at(producer, number, log.sent_at(origin.offset))))
}
