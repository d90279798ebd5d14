//! What a scenario describes: topics, producers and their messages, groups and their consumers.

use std::collections::BTreeSet;

use super::{Group, Rules, Thing};
use crate::broker::message::chosen_name;
use crate::broker::retry_names::shared_retry_topic;
use crate::broker::spec::{
    Application, Balance, ConsumeMode, ConsumerSpec, ConsumerType, DeliveryOrder, FilterSpec, GroupSpec,
    MessageGroups, MessageTemplate, Pattern, ProducerSpec, Strategy, TopicSpec,
};
use crate::rules::code::Code;
use crate::rules::message_type::check_not_blank;
use crate::rules::validation;
use crate::scenario::problem::quoted;
use crate::scenario::sentence::{all_of, sentence};
use crate::scenario::{filters, limits};
use crate::sim::{Distribution, Span};

impl<'s> Rules<'s, '_> {
    // Things that come. A name that could not be read is empty; nobody can mean it.

    pub(super) fn topic(&mut self, topic: &'s TopicSpec) {
        let queues = u64::from(topic.write_queues.max(topic.read_queues));
        self.totals.topics += 1;
        self.totals.queues += queues;
        self.lite_parent(topic);
        let name = topic.name.as_str();
        // A malformed one was told of, and is empty here.
        if !name.is_empty() && validation::new_topic(name).is_err() {
            let what = sentence!("{name} is a name that the broker keeps for itself", name = quoted(name));
            self.problem("name", what, sentence!("give the topic another name"));
        }
        if !name.is_empty() && self.topics.insert(name, topic.read_queues.into()).is_some() {
            self.taken(Thing::Topic, name);
        }
    }

    pub(super) fn producer(&mut self, producer: &'s ProducerSpec) {
        self.totals.producers += 1;
        let name = producer.name.as_str();
        if !name.is_empty() && !self.producers.insert(name) {
            self.taken(Thing::Producer, name);
        }
        self.known_topic(&producer.topic);
        self.within("pattern", |rules| rules.pattern(&producer.pattern));
        self.within("message", |rules| rules.message(&producer.message));
    }

    pub(super) fn group(&mut self, group: &'s GroupSpec) {
        self.totals.groups += 1;
        let broadcasting = group.mode == ConsumeMode::Broadcasting;
        if broadcasting && group.balance != Balance::Queue {
            self.by_queue_only();
        }
        if broadcasting && group.delivery_order == DeliveryOrder::Orderly {
            let what = sentence!("broadcasting locks nothing, so there is no order to keep");
            self.problem("delivery_order", what, sentence!("write \"concurrent\" or leave it out"));
        }
        let simple = group.consumer_type == ConsumerType::Simple;
        if simple && (broadcasting || group.balance == Balance::Queue) {
            let what = sentence!("simple consumers receive single messages and share them");
            let instead = sentence!("choose clustering and balance by message, or leave both out");
            self.problem("type", what, instead);
        }
        let pull = group.consumer_type == ConsumerType::Pull;
        if pull && (broadcasting || group.balance == Balance::Message) {
            let what = sentence!("pull consumers share out whole queues");
            let instead = sentence!("choose clustering and balance by queue, or leave both out");
            self.problem("type", what, instead);
        }
        if pull && group.delivery_order == DeliveryOrder::Orderly {
            let what = sentence!("a pull consumer's order is its application's");
            self.problem("delivery_order", what, sentence!("write \"concurrent\" or leave it out"));
        }
        let lite = self.lite_group(group);
        let mut topics = BTreeSet::new();
        let mut queues = 0;
        for (index, subscription) in group.subscriptions.iter().enumerate() {
            let topic = subscription.topic.as_str();
            self.at("subscribe", index, |rules| {
                rules.known_topic(topic);
                if !topic.is_empty() && !topics.insert(topic) {
                    let what = sentence!("the group subscribes to {topic} twice", topic = quoted(topic));
                    rules.problem("topic", what, sentence!("name each topic once"));
                }
                rules.filter(&subscription.filter);
            });
            queues += self.topics.get(topic).copied().unwrap_or_default();
        }
        self.totals.progresses += if broadcasting { 0 } else { queues };
        self.within("strategy", |rules| rules.strategy(group, &topics));
        let rooms = match &group.strategy {
            Strategy::MachineRoomNearby { consumers, .. } => {
                Some(consumers.iter().map(|(consumer, _)| consumer.as_str()).collect())
            }
            _ => None,
        };
        let spec = Some(group);
        let mut known =
            Group { spec, broadcasting, simple, lite, pull, topics, queues, rooms, ..Group::default() };
        for (index, consumer) in group.consumers.iter().enumerate() {
            self.at("consumers", index, |rules| rules.consumer(consumer, &mut known));
        }
        let name = group.name.as_str();
        if !name.is_empty() && validation::consumer_group(name).is_err() {
            let what = sentence!("{name} is a name that the broker keeps for itself", name = quoted(name));
            self.problem("name", what, sentence!("give the group another name"));
        }
        self.own_retry_topics(group);
        if !name.is_empty() && self.groups.insert(name, known).is_some() {
            self.taken(Thing::Group, name);
        }
    }

    /// Are all its retry topics its own? Beyond the number of groups that there may be nobody looks.
    fn own_retry_topics(&mut self, group: &'s GroupSpec) {
        if self.is_act || self.totals.groups > limits::GROUPS {
            return;
        }
        let others = self.groups.values().filter_map(|known| known.spec);
        let shared = others.filter_map(|other| Some((other, shared_retry_topic(group, other)?))).next();
        if let Some((other, topic)) = shared {
            let what = sentence!(
                "the groups {other} and {name} could both have a retry topic {topic}",
                other = quoted(&other.name),
                name = quoted(&group.name),
                topic = quoted(&topic)
            );
            self.problem("name", self.when(what), sentence!("give one of the two another name"));
        }
    }

    /// Are the queues that consumers are configured with there, and does each have one reader?
    pub(super) fn strategy(&mut self, group: &'s GroupSpec, topics: &BTreeSet<&'s str>) {
        let Strategy::Config(all) = &group.strategy else { return };
        let mut seen = BTreeSet::new();
        for (index, one) in all.iter().enumerate() {
            self.at("CONFIG", index, |rules| {
                let topic = one.topic.as_str();
                // A retry topic is there once it is needed.
                if validation::new_topic(topic).is_ok() {
                    rules.topic_of(topic, topics);
                }
                let queues = rules.topics.get(topic).copied();
                for number in &one.queues {
                    if queues.is_some_and(|queues| u64::from(*number) >= queues) {
                        let what = sentence!(
                            "{topic} has no queue {number} to read",
                            topic = quoted(topic),
                            number = u64::from(*number)
                        );
                        let most = queues.unwrap_or_default().saturating_sub(1);
                        rules.problem(
                            "queues",
                            what,
                            sentence!("write numbers from 0 to {most}", most = most),
                        );
                    } else if !seen.insert((topic, *number)) {
                        let what = sentence!(
                            "two entries name queue {number} of {topic}",
                            number = u64::from(*number),
                            topic = quoted(topic)
                        );
                        rules.problem(
                            "queues",
                            what,
                            sentence!("give each queue to one consumer; this program knows no second reader"),
                        );
                    }
                }
            });
        }
    }

    pub(super) fn consumer(&mut self, consumer: &'s ConsumerSpec, group: &mut Group<'s>) {
        let threads = consumer.threads.map_or(self.usual_threads, u64::from);
        self.totals.consumers += 1;
        self.totals.threads += threads;
        self.totals.progresses += if group.broadcasting { group.queues } else { 0 };
        let name = consumer.name.as_str();
        if !name.is_empty() && group.consumers.insert(name, threads).is_some() {
            self.taken(Thing::Consumer, name);
        }
        if !name.is_empty() && group.rooms.as_ref().is_some_and(|known| !known.contains(name)) {
            let what = sentence!("nobody knows in which machine room {name} stands", name = quoted(name));
            self.problem("name", what, sentence!("name it in \"consumers\" of the group's strategy"));
        }
        let is_fine = match consumer.application {
            Application::Loop => true,
            Application::Renewing => group.simple,
            Application::Committing => group.pull,
            Application::ByHand => group.simple || group.pull,
        };
        if !is_fine {
            let what = sentence!("consumers of this type have no such application");
            let instead = sentence!(
                "let the type of the group be \"simple\" (\"pull\" for \"committing\"), or leave it out"
            );
            self.problem("application", what, instead);
        }
        if consumer.application == Application::ByHand {
            group.by_hand.insert(name);
        }
        self.lite_wishes(&consumer.lite_topics, group.lite);
        self.within("processing", |rules| rules.distribution(&consumer.processing));
        let mut topics = BTreeSet::new();
        for (index, subscription) in consumer.subscriptions.iter().enumerate() {
            let topic = subscription.topic.as_str();
            self.at("subscribe", index, |rules| {
                rules.topic_of(topic, &group.topics);
                if !topic.is_empty() && !topics.insert(topic) {
                    let what = sentence!("the consumer subscribes to {topic} twice", topic = quoted(topic));
                    rules.problem("topic", what, sentence!("name each topic once"));
                }
                rules.filter(&subscription.filter);
            });
        }
    }

    /// Is this one of a group's topics?
    pub(super) fn topic_of(&mut self, topic: &'s str, topics: &BTreeSet<&str>) {
        if topic.is_empty() || topics.contains(topic) || self.is_act {
            return;
        }
        let what = sentence!("the group does not subscribe to {topic}", topic = quoted(topic));
        let known = self.some(topics.iter().copied());
        let known = all_of(known.iter().map(String::as_str));
        self.problem("topic", self.when(what), sentence!("its topics are {names}", names = known));
    }

    /// Does a filter compile?
    pub(super) fn filter(&mut self, filter: &FilterSpec) {
        let Some(flaw) = filters::flaw(filter, self.strict_eof) else { return };
        match filter {
            FilterSpec::Sql(_) => {
                self.within("filter", |rules| rules.problem("sql", flaw.what, flaw.instead));
            }
            _ => self.problem("filter", flaw.what, flaw.instead),
        }
    }

    pub(super) fn known_topic(&mut self, name: &'s str) {
        if !name.is_empty() && !self.topics.contains_key(name) {
            let known = self.some(self.topics.keys().copied());
            self.unknown("topic", Thing::Topic, name, known);
        }
    }

    pub(super) fn by_queue_only(&mut self) {
        let what =
            sentence!("broadcasting is always balanced by queue, for every consumer reads all of them");
        self.problem("balance", what, sentence!("write \"queue\" or leave it out"));
    }

    // What things do.

    pub(in crate::scenario) fn distribution(&mut self, distribution: &Distribution) {
        match *distribution {
            Distribution::Uniform { min, max } if max < min => {
                self.within("uniform", |rules| rules.less("max", max, "min", min));
            }
            Distribution::LogNormal { median, p99 } if p99 < median => {
                self.within("log_normal", |rules| rules.less("p99", p99, "median", median));
            }
            _ => {}
        }
    }

    pub(super) fn less(&mut self, key: &'s str, value: Span, than: &str, least: Span) {
        let what = sentence!(
            "{value} is less than the {than} of {least}",
            value = value,
            than = than,
            least = least
        );
        self.problem(key, what, sentence!("write at least {least}", least = least));
    }

    pub(in crate::scenario) fn pattern(&mut self, pattern: &Pattern) {
        let Pattern::Bursts { every, lasting, .. } = *pattern else { return };
        self.within("bursts", |rules| {
            if every.is_zero() {
                rules.problem(
                    "every",
                    sentence!("bursts cannot begin all the time"),
                    sentence!("write at least {least}", least = "1us"),
                );
            } else if lasting > every {
                let what = sentence!(
                    "a burst of {lasting} lasts longer than the {every} from one to the next",
                    lasting = lasting,
                    every = every
                );
                rules.problem("lasting", what, sentence!("write at most {most}", most = every));
            }
        });
    }

    pub(super) fn message(&mut self, message: &'s MessageTemplate) {
        self.message_groups(message);
        self.lite_topic_of(message);
        let has_time = message.delay.is_some() || message.delay_level.is_some();
        if message.message_group.is_some() && has_time {
            let what = sentence!("a message with a message group has no delivery time");
            self.problem("message_group", what, sentence!("write one of the two only"));
        }
        if message.batch.is_some()
            && (has_time
                || message.lite_topic.is_some()
                || message.transaction.is_some()
                || message.request.is_some())
        {
            let what = sentence!("a batch holds no messages with a delay, a transaction or a request");
            self.problem("batch", what, sentence!("leave it out, or leave the others out"));
        }
        if message.request.is_some()
            && (has_time || message.message_group.is_some() || message.transaction.is_some())
        {
            let what =
                sentence!("a request has neither a message group nor a delivery time nor a transaction");
            self.problem("request", what, sentence!("write one of them only"));
        }
        if let Some(transaction) = &message.transaction {
            if has_time || message.message_group.is_some() {
                let what =
                    sentence!("a transactional message has neither a message group nor a delivery time");
                self.problem("transaction", what, sentence!("write one of them only"));
            }
            self.within("transaction", |rules| {
                rules.within("takes", |rules| rules.distribution(&transaction.takes));
            });
        }
        if let Some(delay) = &message.delay {
            self.within("delay", |rules| rules.distribution(delay));
        }
        for (name, _) in message.properties.iter().filter(|(name, _)| validation::is_system_property(name)) {
            let code = Code::IllegalMessagePropertyKey.to_string();
            let what = sentence!("RocketMQ keeps this property for itself ({code})", code = code);
            self.within("properties", |rules| {
                rules.problem(name, what, sentence!("give the property another name"));
            });
        }
        let tag = message.tags.iter().map(String::len).max().unwrap_or_default();
        let key = message.key.as_ref().map_or(0, String::len);
        let properties: usize = message.properties.iter().map(|(name, text)| name.len() + text.len()).sum();
        let bytes = (tag + key + properties) as u64;
        if bytes > limits::PROPERTY_BYTES {
            let what = sentence!("tag, key and properties take {bytes} bytes together", bytes = bytes);
            self.problem(
                "properties",
                what,
                sentence!("write at most {most} bytes", most = limits::PROPERTY_BYTES),
            );
        }
    }

    /// Is each message group neither blank nor too long, as far as one can see from the first messages?
    fn message_groups(&mut self, message: &MessageTemplate) {
        let names = match &message.message_group {
            Some(MessageGroups::InTurn(names)) => names.clone(),
            // Too long as it is, and that was said.
            Some(MessageGroups::Text(text)) if text.chars().count() as u64 > limits::MESSAGE_GROUP_BYTES => {
                return;
            }
            Some(MessageGroups::Text(text)) => message.filled(text),
            Some(MessageGroups::ByChance(count)) => vec![chosen_name(u64::from(*count).saturating_sub(1))],
            None => return,
        };
        // What was done under another value of the setting was held against that one.
        let most = if self.is_act { limits::MESSAGE_GROUP_BYTES } else { self.group_bytes_most };
        let is_text = matches!(message.message_group, Some(MessageGroups::Text(_)));
        let is_long = |name: &&String| {
            let is_news = is_text || name.chars().count() as u64 <= limits::MESSAGE_GROUP_BYTES;
            is_news && name.len() as u64 > most
        };
        if is_text && names.iter().any(|name| check_not_blank(name).is_err()) {
            let what = sentence!("without tag or key the message group would be blank");
            let instead = sentence!("write something that is never blank, or leave it out");
            self.problem("message_group", what, instead);
        } else if let Some(name) = names.iter().find(is_long) {
            let what = sentence!(
                "the message group {name} takes {bytes} bytes",
                name = quoted(name),
                bytes = name.len()
            );
            let instead = sentence!("write at most {most} bytes", most = most);
            self.problem("message_group", what, instead);
        }
    }
}
