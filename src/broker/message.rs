//! A message: fixed once it is sent. Consumers and people see it through a read-only view.
//!
//! What a generated message holds is a pure function of its producer's template and its number, so the log keeps just
//! those two; this module is that function.

use std::rc::Rc;

use super::id::{MessageRef, ProducerId};
use super::spec::{MessageTemplate, ProducerSpec};
use super::world::World;
use crate::sim::Instant;

/// What the producer wrote into a message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Content {
    /// At most one tag, to filter by.
    pub tag: Option<String>,
    /// The key, to find it by.
    pub key: Option<String>,
    /// User properties.
    pub properties: Vec<(String, String)>,
    /// The payload.
    pub body: String,
}

/// RocketMQ's read-only message view: a stored copy with everything that is known about it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MessageView {
    /// The same for every copy of the message.
    pub message_id: String,
    /// The topic of the stored copy.
    pub topic: Rc<str>,
    /// Where the copy lies.
    pub at: MessageRef,
    /// Who sent it.
    pub producer: ProducerId,
    /// Which of that producer's messages it is, from 0.
    pub number: u64,
    /// When it is to be seen, if not at once (`deliveryTimestamp`).
    pub due_at: Option<Instant>,
    /// When it was sent.
    pub born_at: Instant,
    /// When this copy was stored.
    pub stored_at: Instant,
    /// Failed deliveries that led to this copy.
    pub reconsume_times: u32,
    /// What it holds.
    pub content: Content,
}

/// The tag of message `number` of a producer with this spec.
pub fn tag(spec: &ProducerSpec, number: u64) -> Option<&str> {
    let tags = &spec.message.tags;
    (!tags.is_empty()).then(|| &*tags[(number % tags.len() as u64) as usize])
}

/// What message `number` of a producer with this spec holds.
pub fn content(spec: &ProducerSpec, number: u64) -> Content {
    let MessageTemplate { key, properties, body, first_number, .. } = &spec.message;
    let n = (number + first_number).to_string();
    let tag = tag(spec, number).map(str::to_owned);
    let fill = |text: &str| text.replace("{n}", &n).replace("{tag}", tag.as_deref().unwrap_or(""));
    let key = key.as_deref().map(fill);
    let fill = |text: &str| fill(text).replace("{key}", key.as_deref().unwrap_or(""));
    Content {
        properties: properties.iter().map(|(name, value)| (name.clone(), fill(value))).collect(),
        body: body.as_deref().map_or_else(|| format!("{} #{n}", spec.name), fill),
        tag,
        key,
    }
}

/// The message id that a 5.x client would make: version 01, six bytes for the machine (here: for the producer), two
/// for the process, four for the second and four for the counter, as 34 capital hexadecimal digits (`MessageIdCodec`).
pub fn message_id(producer_key: u64, born_at: Instant, number: u64) -> String {
    let machine = producer_key & 0xffff_ffff_ffff;
    let second = born_at.0 / 1_000_000;
    format!("01{machine:012X}{:04X}{second:08X}{:08X}", producer_key >> 48, number & 0xffff_ffff)
}

impl World {
    /// What a stored copy holds.
    pub fn content(&self, at: MessageRef) -> Content {
        let origin = self.origin(at);
        let (producer, number) = self.log.queues[origin.queue.index()].sender(origin.offset);
        content(&self.producer(producer).spec, number)
    }

    /// The tag of a stored copy.
    pub fn tag(&self, at: MessageRef) -> Option<&str> {
        let origin = self.origin(at);
        let (producer, number) = self.log.queues[origin.queue.index()].sender(origin.offset);
        tag(&self.producer(producer).spec, number)
    }

    /// The read-only view of a stored copy; `None` if nothing is stored there.
    pub fn message_view(&self, at: MessageRef) -> Option<MessageView> {
        let queue = self.live.queues.get(at.queue.index())?;
        if !(queue.min_offset..queue.max_offset).contains(&at.offset) {
            return None;
        }
        let origin = self.origin(at);
        let origin_log = &self.log.queues[origin.queue.index()];
        let (producer, number) = origin_log.sender(origin.offset);
        let born_at = origin_log.sent_at(origin.offset);
        Some(MessageView {
            message_id: message_id(self.producer(producer).key, born_at, number),
            topic: self.topic(queue.topic).name.clone(),
            at,
            producer,
            number,
            due_at: self.due_at(producer, number, born_at),
            born_at,
            stored_at: self.log.queues[at.queue.index()].stored_at(at.offset),
            reconsume_times: self.reconsume_times(at),
            content: content(&self.producer(producer).spec, number),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::broker::spec::{Pattern, QueueSelection};

    #[test]
    fn a_template_is_filled_with_number_tag_and_key() {
        let spec = ProducerSpec {
            name: "shop".into(),
            topic: "orders".into(),
            pattern: Pattern::ByHand,
            queue_selection: QueueSelection::RoundRobin,
            message: MessageTemplate {
                tags: vec!["created".into(), "paid".into()],
                key: Some("order-{n}".into()),
                properties: vec![("about".into(), "{key}".into())],
                body: Some("{\"order\":{n},\"state\":\"{tag}\"}".into()),
                first_number: 10_000,
                delay: None,
                delay_level: None,
            },
        };
        let seventh = content(&spec, 7);
        assert_eq!(seventh.tag.as_deref(), Some("paid"));
        assert_eq!(seventh.key.as_deref(), Some("order-10007"));
        assert_eq!(seventh.properties, [("about".to_owned(), "order-10007".to_owned())]);
        assert_eq!(seventh.body, "{\"order\":10007,\"state\":\"paid\"}");
    }

    #[test]
    fn a_message_id_has_thirty_four_digits() {
        let id = message_id(0x1234_5678_9abc_def0, Instant(2_000_000), 255);
        assert_eq!(id, "0156789ABCDEF0123400000002000000FF");
        assert_eq!(id.len(), 34);
    }
}
