//! Does the file make sense as a whole? Names that must differ, things that must exist when they are spoken of, times
//! in order, and what all parts together may ask for.
//!
//! Actions are followed in order of time, so that they can speak of what earlier ones added. What a visitor did may
//! speak of anything, and take anything from under an action: what cannot be done is refused in the run, as it was when
//! it was recorded.

use std::collections::{BTreeMap, BTreeSet};

use super::problem::{Path, Problems, nearest, quoted};
use super::read::Draft;
use super::sentence::{Sentence, all_of, sentence};
use super::{Act, Caption, Scenario, filters, limits};
use crate::broker::spec::{
    Application, Balance, ConsumeMode, ConsumerSpec, ConsumerType, DeliveryOrder, FilterSpec, GroupSpec,
    MessageGroups, MessageTemplate, Pattern, ProducerSpec, Strategy, TopicSpec,
};
use crate::broker::{Command, ConsumerChange, LinkChange, LiteChange};
use crate::sim::{Distribution, Instant, Span};

/// Looks at a file of which every value can be read, or has a default in its place.
pub(super) fn check(draft: &Draft, problems: &mut Problems) {
    let scenario = &draft.scenario;
    let mut rules = Rules {
        path: Path::default(),
        problems,
        usual_threads: scenario.settings.push_threads.into(),
        strict_eof: scenario.settings.sql_strict_eof,
        now: None,
        is_act: false,
        topics: BTreeMap::new(),
        lite_parents: BTreeSet::new(),
        lite_most: scenario.settings.lite_max_subs_per_client.map(u64::from),
        producers: BTreeSet::new(),
        groups: BTreeMap::new(),
        services: BTreeSet::new(),
        callers: BTreeSet::new(),
        p2p_queues: BTreeSet::new(),
        totals: Totals::default(),
    };
    rules.each("topics", &scenario.topics, Rules::topic);
    rules.each("groups", &scenario.groups, Rules::group);
    rules.each("producers", &scenario.producers, Rules::producer);
    rules.each("services", &scenario.services, Rules::service);
    rules.each("callers", &scenario.callers, Rules::caller);
    rules.each("p2p_queues", &scenario.p2p_queues, Rules::p2p_queue);
    let listed = (scenario.topics.len(), scenario.producers.len(), scenario.groups.len());
    for (index, action) in &draft.actions {
        rules.at("actions", *index, |rules| {
            if action.at > scenario.until {
                rules.after_the_end("at", action.at, scenario.until);
            }
            rules.now = Some(action.at);
            rules.within("do", |rules| {
                rules.within(action.command.key(), |rules| rules.command(&action.command))
            });
        });
    }
    rules.acts(&scenario.acts);
    for (index, branch) in scenario.branches.iter().enumerate() {
        rules.at("branches", index, |rules| rules.acts(&branch.acts));
    }
    rules.times(scenario);
    rules.totals(listed, scenario);
}

/// What a group is known by while the file is being followed.
#[derive(Default)]
pub(super) struct Group<'s> {
    broadcasting: bool,
    simple: bool,
    /// Does it read lite topics?
    lite: bool,
    pull: bool,
    /// What it subscribes to.
    topics: BTreeSet<&'s str>,
    /// Queues that a reader of all its topics reads.
    queues: u64,
    /// Consumers whose machine rooms are known, where that matters.
    rooms: Option<BTreeSet<&'s str>>,
    /// Threads of each consumer, the most it ever has.
    consumers: BTreeMap<&'s str, u64>,
}

/// What the file asks for altogether. Things that go are not taken off: a world remembers them.
#[derive(Default)]
pub(super) struct Totals {
    topics: u64,
    queues: u64,
    producers: u64,
    groups: u64,
    consumers: u64,
    threads: u64,
    progresses: u64,
    pub(super) services: u64,
    pub(super) callers: u64,
    pub(super) p2p_queues: u64,
}

pub(super) struct Rules<'s, 'p> {
    path: Path<'s>,
    problems: &'p mut Problems,
    usual_threads: u64,
    strict_eof: bool,
    /// The instant of the action being looked at.
    now: Option<Instant>,
    /// Is it something that a visitor did?
    pub(super) is_act: bool,
    topics: BTreeMap<&'s str, u64>,
    /// Those of them that are parents of lite topics.
    pub(super) lite_parents: BTreeSet<&'s str>,
    /// So many lite topics a client may subscribe to.
    pub(super) lite_most: Option<u64>,
    pub(super) producers: BTreeSet<&'s str>,
    pub(super) groups: BTreeMap<&'s str, Group<'s>>,
    pub(super) services: BTreeSet<&'s str>,
    pub(super) callers: BTreeSet<&'s str>,
    pub(super) p2p_queues: BTreeSet<&'s str>,
    pub(super) totals: Totals,
}

/// What has a name.
#[derive(Clone, Copy)]
pub(super) enum Thing {
    Topic,
    Producer,
    Group,
    Consumer,
    Service,
    Caller,
    P2pQueue,
}

impl<'s> Rules<'s, '_> {
    // Where, and what to say.

    pub(super) fn within<T>(&mut self, key: &'s str, look: impl FnOnce(&mut Self) -> T) -> T {
        self.path.enter_key(key);
        let seen = look(self);
        self.path.leave();
        seen
    }

    pub(super) fn at<T>(&mut self, key: &'s str, index: usize, look: impl FnOnce(&mut Self) -> T) -> T {
        self.within(key, |rules| {
            rules.path.enter_item(index);
            let seen = look(rules);
            rules.path.leave();
            seen
        })
    }

    fn each<T>(&mut self, key: &'s str, things: &'s [T], look: fn(&mut Self, &'s T)) {
        for (index, thing) in things.iter().enumerate() {
            self.at(key, index, |rules| look(rules, thing));
        }
    }

    /// Reports a problem with what `key` holds here.
    pub(super) fn problem(&mut self, key: &'s str, what: Sentence, instead: Sentence) {
        self.path.enter_key(key);
        self.problems.push(self.path.to_string(), what, instead);
        self.path.leave();
    }

    /// What is so, or is so at the time of the action being looked at.
    fn when(&self, what: Sentence) -> Sentence {
        match self.now {
            None => what,
            Some(at) => sentence!("{what} at {time}", what = what, time = at - Instant::ZERO),
        }
    }

    pub(super) fn taken(&mut self, thing: Thing, name: &str) {
        if self.is_act {
            return;
        }
        let name = quoted(name);
        let (what, instead) = match thing {
            Thing::Topic => (
                sentence!("there is already a topic {name}", name = name),
                sentence!("give each topic a name of its own"),
            ),
            Thing::Producer => (
                sentence!("there is already a producer {name}", name = name),
                sentence!("give each producer a name of its own"),
            ),
            Thing::Group => (
                sentence!("there is already a group {name}", name = name),
                sentence!("give each group a name of its own"),
            ),
            Thing::Consumer => (
                sentence!("there is already a consumer {name}", name = name),
                sentence!("give each consumer a name of its own"),
            ),
            Thing::Service => (
                sentence!("there is already a service {name}", name = name),
                sentence!("give each service a name of its own"),
            ),
            Thing::Caller => (
                sentence!("there is already a caller {name}", name = name),
                sentence!("give each caller a name of its own"),
            ),
            Thing::P2pQueue => (
                sentence!("there is already a point-to-point queue {name}", name = name),
                sentence!("give each point-to-point queue a name of its own"),
            ),
        };
        let what = self.when(what);
        self.problem("name", what, instead);
    }

    /// Names to choose from; none once there are so many problems that nobody would read them.
    pub(super) fn some<'n>(&self, names: impl Iterator<Item = &'n str>) -> Vec<String> {
        let most = if self.problems.are_many() { 0 } else { 1_000 };
        names.take(most).map(str::to_owned).collect()
    }

    pub(super) fn unknown(&mut self, key: &'s str, thing: Thing, name: &str, known: Vec<String>) {
        self.path.enter_key(key);
        self.unknown_here(thing, name, known);
        self.path.leave();
    }

    fn unknown_here(&mut self, thing: Thing, name: &str, known: Vec<String>) {
        if self.is_act {
            return;
        }
        let known: Vec<&str> = known.iter().map(String::as_str).collect();
        let instead = match (nearest(name, known.iter().copied()), thing) {
            (None, Thing::Topic) if known.is_empty() => sentence!("add the topic first"),
            (None, Thing::Producer) if known.is_empty() => sentence!("add the producer first"),
            (None, Thing::Group) if known.is_empty() => sentence!("add the group first"),
            (None, Thing::Consumer) if known.is_empty() => sentence!("add the consumer first"),
            (None, Thing::Service) if known.is_empty() => sentence!("add the service first"),
            (None, Thing::P2pQueue) if known.is_empty() => sentence!("add the point-to-point queue first"),
            (Some(near), _) => sentence!("the nearest is {near}", near = quoted(near)),
            (None, _) if known.len() == 1 => sentence!("there is {names}", names = all_of(known)),
            (None, _) => sentence!("there are {names}", names = all_of(known)),
        };
        let name = quoted(name);
        let what = self.when(match thing {
            Thing::Topic => sentence!("there is no topic {name}", name = name),
            Thing::Producer => sentence!("there is no producer {name}", name = name),
            Thing::Group => sentence!("there is no group {name}", name = name),
            Thing::Consumer => sentence!("there is no consumer {name}", name = name),
            Thing::Service | Thing::Caller => sentence!("there is no service {name}", name = name),
            Thing::P2pQueue => sentence!("there is no point-to-point queue {name}", name = name),
        });
        self.problems.push(self.path.to_string(), what, instead);
    }

    /// The same about an item of the list that `key` holds.
    pub(super) fn unknown_item(
        &mut self,
        key: &'s str,
        index: usize,
        thing: Thing,
        name: &str,
        known: Vec<String>,
    ) {
        self.path.enter_key(key);
        self.path.enter_item(index);
        self.unknown_here(thing, name, known);
        self.path.leave();
        self.path.leave();
    }

    fn after_the_end(&mut self, key: &'s str, at: Instant, end: Instant) {
        let span = |at: Instant| (at - Instant::ZERO).to_string();
        let what = sentence!("{at} is after the end of the run at {end}", at = span(at), end = span(end));
        self.problem(key, what, sentence!("write an earlier time here or a later one in \"until\""));
    }

    // Things that come. A name that could not be read is empty; nobody can mean it.

    fn topic(&mut self, topic: &'s TopicSpec) {
        let queues = u64::from(topic.write_queues.max(topic.read_queues));
        self.totals.topics += 1;
        self.totals.queues += queues;
        self.lite_parent(topic);
        let name = topic.name.as_str();
        if limits::RESERVED.iter().any(|reserved| name.starts_with(reserved)) {
            let what = sentence!("{name} is a name that the broker keeps for itself", name = quoted(name));
            self.problem("name", what, sentence!("give the topic another name"));
        }
        if !name.is_empty() && self.topics.insert(name, topic.read_queues.into()).is_some() {
            self.taken(Thing::Topic, name);
        }
    }

    fn producer(&mut self, producer: &'s ProducerSpec) {
        self.totals.producers += 1;
        let name = producer.name.as_str();
        if !name.is_empty() && !self.producers.insert(name) {
            self.taken(Thing::Producer, name);
        }
        self.known_topic(&producer.topic);
        self.within("pattern", |rules| rules.pattern(&producer.pattern));
        self.within("message", |rules| rules.message(&producer.message));
    }

    fn group(&mut self, group: &'s GroupSpec) {
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
        let mut known =
            Group { broadcasting, simple, pull, lite, topics, queues, rooms, consumers: BTreeMap::new() };
        for (index, consumer) in group.consumers.iter().enumerate() {
            self.at("consumers", index, |rules| rules.consumer(consumer, &mut known));
        }
        let name = group.name.as_str();
        if !name.is_empty() && self.groups.insert(name, known).is_some() {
            self.taken(Thing::Group, name);
        }
    }

    /// Are the queues that consumers are configured with there, and does each have one reader?
    fn strategy(&mut self, group: &'s GroupSpec, topics: &BTreeSet<&'s str>) {
        let Strategy::Config(all) = &group.strategy else { return };
        let mut seen = BTreeSet::new();
        for (index, one) in all.iter().enumerate() {
            self.at("CONFIG", index, |rules| {
                let topic = one.topic.as_str();
                if !limits::RESERVED.iter().any(|reserved| topic.starts_with(reserved)) {
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

    fn consumer(&mut self, consumer: &'s ConsumerSpec, group: &mut Group<'s>) {
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
    fn topic_of(&mut self, topic: &'s str, topics: &BTreeSet<&str>) {
        if topic.is_empty() || topics.contains(topic) || self.is_act {
            return;
        }
        let what = sentence!("the group does not subscribe to {topic}", topic = quoted(topic));
        let known = self.some(topics.iter().copied());
        let known = all_of(known.iter().map(String::as_str));
        self.problem("topic", self.when(what), sentence!("its topics are {names}", names = known));
    }

    /// Does a filter compile?
    fn filter(&mut self, filter: &FilterSpec) {
        let Some(flaw) = filters::flaw(filter, self.strict_eof) else { return };
        match filter {
            FilterSpec::Sql(_) => {
                self.within("filter", |rules| rules.problem("sql", flaw.what, flaw.instead));
            }
            _ => self.problem("filter", flaw.what, flaw.instead),
        }
    }

    fn known_topic(&mut self, name: &'s str) {
        if !name.is_empty() && !self.topics.contains_key(name) {
            let known = self.some(self.topics.keys().copied());
            self.unknown("topic", Thing::Topic, name, known);
        }
    }

    fn by_queue_only(&mut self) {
        let what =
            sentence!("broadcasting is always balanced by queue, for every consumer reads all of them");
        self.problem("balance", what, sentence!("write \"queue\" or leave it out"));
    }

    // What things do.

    pub(super) fn distribution(&mut self, distribution: &Distribution) {
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

    fn less(&mut self, key: &'s str, value: Span, than: &str, least: Span) {
        let what = sentence!(
            "{value} is less than the {than} of {least}",
            value = value,
            than = than,
            least = least
        );
        self.problem(key, what, sentence!("write at least {least}", least = least));
    }

    pub(super) fn pattern(&mut self, pattern: &Pattern) {
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

    fn message(&mut self, message: &'s MessageTemplate) {
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
        let most = limits::MESSAGE_GROUP_BYTES;
        let names = match &message.message_group {
            Some(MessageGroups::InTurn(names)) => names.clone(),
            // Too long as it is, and that was said.
            Some(MessageGroups::Text(text)) if text.chars().count() as u64 > most => return,
            Some(MessageGroups::Text(text)) => {
                let tags = message.tags.iter().map(String::as_str);
                let tags: Vec<&str> = if message.tags.is_empty() { vec![""] } else { tags.collect() };
                let number = message.first_number.to_string();
                let key = message.key.clone().unwrap_or_default();
                let fill = |text: &str, tag: &str| text.replace("{n}", &number).replace("{tag}", tag);
                tags.iter().map(|tag| fill(text, tag).replace("{key}", &fill(&key, tag))).collect()
            }
            _ => return,
        };
        let is_text = matches!(message.message_group, Some(MessageGroups::Text(_)));
        let is_long =
            |name: &&String| name.len() as u64 > most && (is_text || name.chars().count() as u64 <= most);
        if is_text && names.iter().any(|name| name.trim().is_empty()) {
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

    // Actions.

    fn command(&mut self, command: &'s Command) {
        match command {
            Command::AddTopic(topic) => self.topic(topic),
            Command::AddProducer(producer) => self.producer(producer),
            Command::AddGroup(group) => self.group(group),
            Command::RemoveProducer { producer } => {
                self.known_producer(producer);
                self.producers.remove(producer.as_str());
            }
            Command::SetPattern { producer, pattern } => {
                self.known_producer(producer);
                self.within("pattern", |rules| rules.pattern(pattern));
            }
            Command::Throttle { sends, receives, .. } => {
                if !sends && !receives {
                    let what = sentence!("nothing would be refused");
                    self.problem("sends", what, sentence!("let one of \"sends\" and \"receives\" be true"));
                }
            }
            Command::Send { producer, .. }
            | Command::SendTo { producer, .. }
            | Command::Recall { producer, .. }
            | Command::EndTransaction { producer, .. }
            | Command::CrashProducer { producer }
            | Command::RestartProducer { producer } => {
                self.known_producer(producer);
            }
            Command::CrashBroker { .. } | Command::RestartBroker => {}
            Command::Link { client, change } => {
                if client.contains('/') && !self.producers.contains(client.as_str()) {
                    self.within("client", |rules| rules.known_consumer(client));
                } else if matches!(change, LinkChange::LoseAnswers(_)) {
                    self.known_producer(client);
                } else if !self.producers.contains(client.as_str()) {
                    let known = self.some(self.producers.iter().copied());
                    self.unknown("client", Thing::Producer, client, known);
                }
            }
            Command::RemoveGroup { group } => {
                self.known_group(group);
                self.groups.remove(group.as_str());
            }
            Command::SetBalance { group, balance } => {
                self.known_group(group);
                if *balance != Balance::Queue
                    && !self.is_act
                    && self.groups.get(group.as_str()).is_some_and(|g| g.broadcasting)
                {
                    self.by_queue_only();
                }
            }
            Command::ResetOffset { group, topic, .. } => {
                self.known_group(group);
                let known = self.groups.get(group.as_str());
                if let Some((topics, broadcasting)) =
                    known.map(|known| (known.topics.clone(), known.broadcasting))
                {
                    self.topic_of(topic, &topics);
                    if broadcasting && !self.is_act {
                        let what = sentence!("in broadcasting each consumer keeps its own offsets");
                        self.problem("group", what, sentence!("name a group that shares its messages"));
                    }
                }
            }
            Command::SetQueues { topic, write, read } => {
                self.known_topic(topic);
                let queues = u64::from(*write.max(read));
                if let Some(known) = self.topics.get_mut(topic.as_str()) {
                    let more = queues.saturating_sub(*known);
                    *known += more;
                    self.totals.queues += more;
                }
            }
            Command::SetFilter { group, topic, filter } => {
                self.known_group(group);
                if let Some(topics) = self.groups.get(group.as_str()).map(|known| known.topics.clone()) {
                    self.topic_of(topic, &topics);
                }
                self.filter(filter);
            }
            Command::AddConsumer { group, consumer } => {
                self.known_group(group);
                // Taken out while its consumers are looked at, so that both can be changed.
                let known = self.groups.remove(group.as_str()).filter(|_| !self.is_act);
                if let Some(mut known) = known {
                    self.within("consumer", |rules| rules.consumer(consumer, &mut known));
                    self.groups.insert(group, known);
                } else if self.is_act {
                    let mut any = Group { simple: true, pull: true, ..Group::default() };
                    self.within("consumer", |rules| rules.consumer(consumer, &mut any));
                }
            }
            Command::AddService(service) => self.service(service),
            Command::AddCaller(caller) => self.caller(caller),
            Command::Service { service, change } => {
                self.known_service(service);
                self.change_of_service(change);
            }
            Command::AddP2pQueue(queue) => self.p2p_queue(queue),
            Command::P2p { queue, .. } => self.known_p2p_queue(queue),
            Command::Consumer { consumer, change } => {
                self.known_consumer(consumer);
                match change {
                    ConsumerChange::SetThreads(threads) => self.more_threads(consumer, (*threads).into()),
                    ConsumerChange::SetFilter { topic, filter } => {
                        let group = consumer.split_once('/').and_then(|(group, _)| self.groups.get(group));
                        if let Some(topics) = group.map(|known| known.topics.clone()) {
                            self.topic_of(topic, &topics);
                        }
                        self.filter(filter);
                    }
                    ConsumerChange::Lite(change) => {
                        let (LiteChange::Add { names, .. }
                        | LiteChange::Remove { names }
                        | LiteChange::All { names }) = change;
                        // Whether the group reads lite topics at all is answered by the broker, which may refuse.
                        self.lite_wishes(names, true);
                    }
                    ConsumerChange::SetProcessing(processing) => {
                        self.within("processing", |rules| rules.distribution(processing));
                    }
                    _ => {}
                }
            }
        }
    }

    fn acts(&mut self, acts: &'s [Act]) {
        for (index, act) in acts.iter().enumerate() {
            self.act(index, act, &acts[..index]);
        }
    }

    fn act(&mut self, index: usize, act: &'s Act, before: &'s [Act]) {
        self.is_act = true;
        self.now = Some(act.at);
        self.at("acts", index, |rules| {
            if let Some(before) = before.last().filter(|before| before.at > act.at) {
                let span = |at: Instant| at - Instant::ZERO;
                let what = sentence!(
                    "{at} is before the act before it at {before}",
                    at = span(act.at),
                    before = span(before.at)
                );
                rules.problem("at", what, sentence!("write the acts in the order of their times"));
            }
            let earlier = before.last().and_then(|act| act.seq);
            if let (Some(earlier), Some(seq)) = (earlier, act.seq)
                && seq <= earlier
            {
                let what = sentence!(
                    "entry {seq} does not come after entry {earlier}",
                    seq = seq,
                    earlier = earlier
                );
                rules.problem("entry", what, sentence!("write the acts in the order of their entries"));
            }
            let earlier = before.last().and_then(|act| act.step);
            if let (Some(earlier), Some(step)) = (earlier, act.step)
                && step < earlier
            {
                let what = sentence!("step {step} is before step {earlier}", step = step, earlier = earlier);
                rules.problem("step", what, sentence!("write the acts in the order of their steps"));
            }
            rules.within("do", |rules| rules.within(act.command.key(), |rules| rules.command(&act.command)));
        });
        self.is_act = false;
    }

    fn known_producer(&mut self, name: &'s str) {
        if !self.producers.contains(name) {
            let known = self.some(self.producers.iter().copied());
            self.unknown("producer", Thing::Producer, name, known);
        }
    }

    fn known_group(&mut self, name: &'s str) {
        if !self.groups.contains_key(name) {
            let known = self.some(self.groups.keys().copied());
            self.unknown("group", Thing::Group, name, known);
        }
    }

    fn known_consumer(&mut self, name: &'s str) {
        let Some((group, consumer)) = name.split_once('/') else {
            let what = sentence!("{name} does not say which group the consumer is in", name = quoted(name));
            let instead =
                sentence!("write the group's name, a slash and the consumer's name, such as \"billing/C1\"");
            return self.problem("consumer", what, instead);
        };
        match self.groups.get(group) {
            None => {
                let known = self.some(self.groups.keys().copied());
                self.unknown("consumer", Thing::Group, group, known);
            }
            Some(known) if !known.consumers.contains_key(consumer) => {
                let known = self.some(known.consumers.keys().copied());
                let known = known.into_iter().map(|consumer| format!("{group}/{consumer}")).collect();
                self.unknown("consumer", Thing::Consumer, name, known);
            }
            Some(_) => {}
        }
    }

    fn more_threads(&mut self, name: &str, threads: u64) {
        let group =
            name.split_once('/').and_then(|(group, consumer)| Some((self.groups.get_mut(group)?, consumer)));
        if let Some(most) = group.and_then(|(group, consumer)| group.consumers.get_mut(consumer)) {
            self.totals.threads += threads.saturating_sub(*most);
            *most = threads.max(*most);
        }
    }

    // The whole.

    fn times(&mut self, scenario: &'s Scenario) {
        self.now = None;
        let end = scenario.until;
        for (index, marker) in scenario.markers.iter().enumerate().filter(|(_, marker)| marker.at > end) {
            self.at("markers", index, |rules| rules.after_the_end("at", marker.at, end));
        }
        for (index, caption) in scenario.captions.iter().enumerate() {
            self.at("captions", index, |rules| rules.caption(caption, end));
        }
    }

    fn caption(&mut self, caption: &Caption, end: Instant) {
        if caption.at > end {
            self.after_the_end("at", caption.at, end);
        }
        match caption.until {
            Some(until) if until <= caption.at => {
                let span = |at: Instant| at - Instant::ZERO;
                let what = sentence!(
                    "{until} is not after the caption's \"at\" of {at}",
                    until = span(until),
                    at = span(caption.at)
                );
                self.problem("until", what, sentence!("write a later time, or leave it out"));
            }
            Some(until) if until > end && caption.at <= end => self.after_the_end("until", until, end),
            _ => {}
        }
    }

    /// `listed` topics, producers and groups stand in the lists themselves, where their number has been looked at.
    fn totals(&mut self, listed: (usize, usize, usize), scenario: &Scenario) {
        let Totals { topics, queues, producers, groups, consumers, threads, progresses, .. } = self.totals;
        let Totals { services, callers, p2p_queues, .. } = self.totals;
        let with_actions = |listed: usize, most: u64| listed as u64 <= most;
        let totals = [
            ("topics", topics, limits::TOPICS, with_actions(listed.0, limits::TOPICS), sentence!("topics")),
            ("topics", queues, limits::QUEUES, true, sentence!("queues")),
            (
                "producers",
                producers,
                limits::PRODUCERS,
                with_actions(listed.1, limits::PRODUCERS),
                sentence!("producers"),
            ),
            ("groups", groups, limits::GROUPS, with_actions(listed.2, limits::GROUPS), sentence!("groups")),
            ("groups", consumers, limits::CONSUMERS, true, sentence!("consumers")),
            ("groups", threads, limits::THREADS, true, sentence!("threads")),
            (
                "services",
                services,
                limits::SERVICES,
                with_actions(scenario.services.len(), limits::SERVICES),
                sentence!("services"),
            ),
            (
                "callers",
                callers,
                limits::CALLERS,
                with_actions(scenario.callers.len(), limits::CALLERS),
                sentence!("callers"),
            ),
            (
                "p2p_queues",
                p2p_queues,
                limits::P2P_QUEUES,
                with_actions(scenario.p2p_queues.len(), limits::P2P_QUEUES),
                sentence!("point-to-point queues"),
            ),
            (
                "groups",
                progresses,
                limits::PROGRESSES,
                true,
                sentence!("pairs of a group and a queue it reads"),
            ),
        ];
        for (path, total, most, look, of) in totals {
            if look && total > most {
                let what = sentence!(
                    "all together, these and the actions make {total} {of}",
                    total = total,
                    of = of
                );
                self.problem(path, what, sentence!("make at most {most}", most = most));
            }
        }
    }
}
