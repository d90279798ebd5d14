//! Which entries of the journal are about a message that somebody looks for by its key or its id.

use crate::broker::{Entry, Event, MessageRef, ProducerId, World};
use crate::sim::{Instant, Span};

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

    /// Is an entry about a message whose key or id has the text in it? A retry is about the message it is a copy of.
    pub fn is_about(&self, world: &World, entry: &Entry) -> bool {
        let Some((producer, number, sent_at)) = message_of(world, entry) else { return false };
        let id = producer;
        let producer = world.producer(producer);
        let has_text = |key: String| key.to_lowercase().contains(&self.text);
        if producer.spec.message.key.is_some() && producer.content(number).key.is_some_and(has_text) {
            return true;
        }
        self.text.len() >= ID_LEAST
            && world.message_id(id, number, sent_at).to_lowercase().contains(&self.text)
    }
}

/// The one message that an entry is about: who sent it, which of the sender's it is, and when it was sent.
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
            let first = world.sends(producer, number).next()?;
            let is_asked = matches!(first.event, Event::RequestAwaited { .. });
            let way = if is_asked { Span::ZERO } else { world.settings.network_send_latency };
            return Some((producer, number, first.at - way));
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
            return Some((producer, number, entry.at - world.settings.network_send_latency));
        }
        Event::MessageRecalled { producer, number, sent_at, .. } => return Some((producer, number, sent_at)),
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
