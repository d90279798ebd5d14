//! A message: fixed once it is sent. Consumers and people see it through a read-only view.
//!
//! What a generated message holds is a pure function of its producer's template and its number, so the log keeps just
//! those two; this module is that function.

use std::rc::Rc;

use super::id::{MessageRef, ProducerId};
use super::message_queue::QueueState;
use super::producer::ProducerState;
use super::settings::IdForm;
use super::spec::{MessageGroups, MessageTemplate, ProducerSpec};
use super::world::World;
use crate::sim::{Draws, Instant, subject_of};

/// What the producer wrote into a message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Content {
    /// At most one tag, to filter by.
    pub tag: Option<String>,
    /// The key, to find it by.
    pub key: Option<String>,
    /// The message group within which it is in order.
    pub message_group: Option<String>,
    /// The lite topic that it is for.
    pub lite_topic: Option<String>,
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

/// What message `number` of a producer with this spec holds; `groups` is the luck by which message groups are chosen.
fn content(spec: &ProducerSpec, groups: Draws, number: u64) -> Content {
    let MessageTemplate { key, properties, body, first_number, message_group, .. } = &spec.message;
    let n = (number + first_number).to_string();
    let tag = tag(spec, number).map(str::to_owned);
    let fill = |text: &str| text.replace("{n}", &n).replace("{tag}", tag.as_deref().unwrap_or(""));
    let key = key.as_deref().map(fill);
    let fill = |text: &str| fill(text).replace("{key}", key.as_deref().unwrap_or(""));
    let message_group = message_group.as_ref().map(|groups_of| match groups_of {
        MessageGroups::Text(text) => fill(text),
        MessageGroups::InTurn(names) => names[in_turn(number, names.len() as u64) as usize].clone(),
        MessageGroups::ByChance(count) => chosen_name(groups.below(number, u64::from(*count))),
    });
    Content {
        properties: properties.iter().map(|(name, value)| (name.clone(), fill(value))).collect(),
        body: body.as_deref().map_or_else(|| format!("{} #{n}", spec.name), fill),
        message_group: message_group.filter(|name| !name.is_empty()),
        lite_topic: None,
        tag,
        key,
    }
}

/// A text filled for message `number` of a producer with this spec.
pub(super) fn fill_in(spec: &ProducerSpec, text: &str, number: u64) -> String {
    let n = (number + spec.message.first_number).to_string();
    let tag = tag(spec, number).unwrap_or("");
    let fill = |text: &str| text.replace("{n}", &n).replace("{tag}", tag);
    fill(text).replace("{key}", &spec.message.key.as_deref().map(fill).unwrap_or_default())
}

/// Which of `count` names is the turn of message `number`.
fn in_turn(number: u64, count: u64) -> u64 {
    number % count.max(1)
}

/// The name of the message group with this number, where message groups are chosen by chance.
pub fn chosen_name(index: u64) -> String {
    format!("g{index}")
}

/// Message groups are told apart by this number, made from the name; two names have the same once in 2^64. All messages
/// without a message group are 0, as if they were of one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct MessageGroupKey(pub u64);

impl MessageGroupKey {
    /// That of a name.
    pub fn of(name: Option<&str>) -> Self {
        Self(name.map_or(0, |name| subject_of(name).max(1)))
    }
}

/// What is needed of a message group to send its messages and to keep them in order, made ready where the names are
/// known beforehand.
#[derive(Clone, Debug)]
pub(super) struct ReadyGroup {
    /// What it is told apart by.
    key: MessageGroupKey,
    /// Its place among the topic's writable queues, if its hash decides.
    queue: Option<u32>,
}

/// Those of a producer: none, or made from each message's text.
#[derive(Clone, Debug)]
pub(super) enum ReadyGroups {
    /// Its messages have none.
    None,
    /// In turn.
    InTurn(Rc<[ReadyGroup]>),
    /// By chance.
    ByChance(Rc<[ReadyGroup]>),
    /// From the text of each message.
    Text,
}

impl ReadyGroups {
    /// Those of a producer with this template; `place` says which queue a name is hashed to.
    pub(super) fn new(template: &MessageTemplate, place: impl Fn(&str) -> Option<u32>) -> Self {
        let ready = |name: &str| ReadyGroup { key: MessageGroupKey::of(Some(name)), queue: place(name) };
        match &template.message_group {
            None => Self::None,
            Some(MessageGroups::Text(_)) => Self::Text,
            Some(MessageGroups::InTurn(names)) => {
                Self::InTurn(names.iter().map(|name| ready(name)).collect())
            }
            Some(MessageGroups::ByChance(count)) => {
                Self::ByChance((0..u64::from(*count)).map(|index| ready(&chosen_name(index))).collect())
            }
        }
    }
}

impl ProducerState {
    /// What its message `number` holds.
    pub fn content(&self, number: u64) -> Content {
        let lite_topic = self.lite_topic(number);
        Content { lite_topic, ..content(&self.spec, self.message_groups, number) }
    }

    /// Bytes of the body of its message `number`.
    pub fn body_bytes(&self, number: u64) -> u64 {
        self.content(number).body.len() as u64
    }

    /// The name of the message group of its message `number`, if it has one.
    pub fn message_group(&self, number: u64) -> Option<String> {
        self.spec.message.message_group.as_ref()?;
        self.content(number).message_group
    }

    fn ready_group(&self, number: u64) -> Option<&ReadyGroup> {
        match &self.ready_groups {
            ReadyGroups::InTurn(groups) => groups.get(in_turn(number, groups.len() as u64) as usize),
            ReadyGroups::ByChance(groups) => {
                groups.get(self.message_groups.below(number, groups.len() as u64) as usize)
            }
            ReadyGroups::None | ReadyGroups::Text => None,
        }
    }

    /// What the message group of its message `number` is told apart by.
    pub(super) fn message_group_key(&self, number: u64) -> MessageGroupKey {
        match (&self.ready_groups, self.ready_group(number)) {
            (ReadyGroups::None, _) => MessageGroupKey::default(),
            (_, Some(ready)) => ready.key,
            _ => MessageGroupKey::of(self.message_group(number).as_deref()),
        }
    }

    /// The place, among the writable queues of its topic, that the message group of its message `number` is hashed to.
    pub(super) fn hashed_place(&self, number: u64, place: impl Fn(&str) -> Option<u32>) -> Option<u32> {
        match self.ready_group(number) {
            Some(ready) => ready.queue,
            None => self.message_group(number).and_then(|name| place(&name)),
        }
    }
}

/// The message id that a 5.x client would make: version 01, six bytes for the machine (here: for the producer), two
/// for the process, four for the second and four for the counter, as 34 capital hexadecimal digits (`MessageIdCodec`).
///
/// A classic client's has 32: four bytes for the address, two for the process, four for the class loader, four for the
/// millisecond and two for the counter (`MessageClientIDSetter`).
pub fn message_id(form: IdForm, producer_key: u64, born_at: Instant, number: u64) -> String {
    if form == IdForm::Short {
        let (address, process) = (producer_key & 0xffff_ffff, (producer_key >> 32) & 0xffff);
        let (loader, ms) = (producer_key >> 48, (born_at.0 / 1_000) & 0xffff_ffff);
        return format!("{address:08X}{process:04X}{loader:08X}{ms:08X}{:04X}", number & 0xffff);
    }
    let machine = producer_key & 0xffff_ffff_ffff;
    let second = born_at.0 / 1_000_000;
    format!("01{machine:012X}{:04X}{second:08X}{:08X}", producer_key >> 48, number & 0xffff_ffff)
}

impl World {
    /// What a stored copy holds.
    pub fn content(&self, at: MessageRef) -> Content {
        let origin = self.origin(at);
        let (producer, number) = self.log.queues[origin.queue.index()].sender(origin.offset);
        let content = self.producer(producer).content(number);
        if self.topic(self.queue(at.queue).topic).is_replies() {
            // An answer says what it answers.
            return Content { body: format!("re: {}", content.body), ..content };
        }
        content
    }

    /// What the message group of the message at `offset` of an ordinary topic's queue is told apart by.
    pub(super) fn message_group_key(&self, at: MessageRef) -> MessageGroupKey {
        let (producer, number) = self.log.queues[at.queue.index()].sender(at.offset);
        self.producer(producer).message_group_key(number)
    }

    /// The name of the message group of a stored copy, if it has one.
    pub fn message_group(&self, at: MessageRef) -> Option<String> {
        let origin = self.origin(at);
        let (producer, number) = self.log.queues[origin.queue.index()].sender(origin.offset);
        self.producer(producer).message_group(number)
    }

    /// The tag of a stored copy.
    pub fn tag(&self, at: MessageRef) -> Option<&str> {
        let origin = self.origin(at);
        let (producer, number) = self.log.queues[origin.queue.index()].sender(origin.offset);
        tag(&self.producer(producer).spec, number)
    }

    /// Is what was stored there gone?
    pub fn is_expired(&self, at: MessageRef) -> bool {
        let is_gone = |queue: &QueueState| {
            at.offset < queue.min_offset || (queue.read_by_message && self.is_lite_gone(at.queue, at.offset))
        };
        self.live.queues.get(at.queue.index()).is_some_and(is_gone)
    }

    /// The id of a producer's message that was sent then.
    pub fn message_id(&self, producer: ProducerId, number: u64, sent_at: Instant) -> String {
        let born_at = self.born_at(producer, number, sent_at);
        message_id(self.settings.message_id_form, self.producer(producer).key, born_at, number)
    }

    /// The read-only view of a stored copy; `None` if nothing is stored there.
    pub fn message_view(&self, at: MessageRef) -> Option<MessageView> {
        if self.is_expired(at) || self.is_superseded(at) { None } else { self.message_seen(at) }
    }

    /// The same of what has expired, too: consumers cannot see it, people who look on can.
    pub fn message_seen(&self, at: MessageRef) -> Option<MessageView> {
        let queue = self.live.queues.get(at.queue.index())?;
        if at.offset >= queue.max_offset {
            return None;
        }
        let origin = self.origin(at);
        let origin_log = &self.log.queues[origin.queue.index()];
        let (producer, number) = origin_log.sender(origin.offset);
        let sent_at = origin_log.sent_at(origin.offset);
        let born_at = self.born_at(producer, number, sent_at);
        Some(MessageView {
            message_id: self.message_id(producer, number, born_at),
            topic: self.topic(queue.topic).name.clone(),
            at,
            producer,
            number,
            due_at: self.due_at(producer, number, sent_at),
            born_at,
            stored_at: self.log.queues[at.queue.index()].stored_at(at.offset),
            reconsume_times: self.reconsume_times(at),
            content: self.content(at),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::broker::spec::{Pattern, QueueSelection};
    use crate::sim::{Chance, Stream};

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
                message_group: Some(MessageGroups::Text("{key}/{tag}".into())),
                delay: None,
                delay_level: None,
                lite_topic: None,
                transaction: None,
                batch: None,
                request: None,
            },
        };
        let seventh = content(&spec, Chance::new(1).stream(Stream::MessageGroup, 0), 7);
        assert_eq!(seventh.tag.as_deref(), Some("paid"));
        assert_eq!(seventh.key.as_deref(), Some("order-10007"));
        assert_eq!(seventh.message_group.as_deref(), Some("order-10007/paid"));
        assert_eq!(seventh.properties, [("about".to_owned(), "order-10007".to_owned())]);
        assert_eq!(seventh.body, "{\"order\":10007,\"state\":\"paid\"}");
    }

    #[test]
    fn a_message_id_has_thirty_four_digits() {
        let id = message_id(IdForm::Long, 0x1234_5678_9abc_def0, Instant(2_000_000), 255);
        assert_eq!(id, "0156789ABCDEF0123400000002000000FF");
        assert_eq!(id.len(), 34);
        let id = message_id(IdForm::Short, 0x1234_5678_9abc_def0, Instant(2_000_000), 255);
        assert_eq!(id, "9ABCDEF0567800001234000007D000FF");
        assert_eq!(id.len(), 32);
    }
}
