//! What happens while a run goes on: the actions of a scenario, and what a visitor did.

use super::{Group, Rules, Thing};
use crate::broker::spec::Balance;
use crate::broker::{Command, ConsumerChange, LinkChange, LiteChange};
use crate::scenario::Act;
use crate::scenario::problem::quoted;
use crate::scenario::sentence::sentence;
use crate::sim::Instant;

impl<'s> Rules<'s, '_> {
    pub(super) fn command(&mut self, command: &'s Command) {
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
            Command::Caller { caller, change } => self.change_of_caller(caller, change),
            Command::Service { service, change } => {
                self.known_service(service);
                self.change_of_service(change);
            }
            Command::AddP2pQueue(queue) => self.p2p_queue(queue),
            Command::P2p { queue, .. } => self.known_p2p_queue(queue),
            Command::Consumer { consumer, change } => {
                self.known_consumer(consumer);
                self.by_hand(consumer, change);
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

    /// Is the consumer of a kind that can do this? What it has in hands then is known to the run only.
    fn by_hand(&mut self, consumer: &str, change: &ConsumerChange) {
        let names = consumer.split_once('/').filter(|_| !self.is_act);
        let Some((group, name)) = names.and_then(|(group, name)| Some((self.groups.get(group)?, name)))
        else {
            return;
        };
        if !group.consumers.contains_key(name) {
            return;
        }
        let by_hand = group.by_hand.contains(name);
        let name = quoted(consumer);
        let (what, instead) = match change {
            ConsumerChange::Receive { .. }
            | ConsumerChange::Acknowledge { .. }
            | ConsumerChange::ChangeInvisible { .. }
                if !(group.simple && by_hand) =>
            {
                (
                    sentence!("{name} is not a simple consumer that a person works by hand", name = name),
                    sentence!("let its group be of type \"simple\" and its application \"by_hand\""),
                )
            }
            ConsumerChange::Poll | ConsumerChange::Commit | ConsumerChange::SendBack { .. }
                if !(group.pull && by_hand) =>
            {
                (
                    sentence!("{name} is not a pull consumer that a person works by hand", name = name),
                    sentence!("let its group be of type \"pull\" and its application \"by_hand\""),
                )
            }
            ConsumerChange::Seek { .. }
            | ConsumerChange::PauseQueue { .. }
            | ConsumerChange::ResumeQueue { .. }
                if !group.pull =>
            {
                (
                    sentence!("{name} is not a pull consumer", name = name),
                    sentence!("let its group be of type \"pull\""),
                )
            }
            ConsumerChange::SetThreads(_) if by_hand => (
                sentence!("{name} is worked by hand, and has no threads", name = name),
                sentence!("name a consumer that works by itself"),
            ),
            ConsumerChange::Lite(_) if !group.lite => (
                sentence!("the group of {name} reads no lite topics", name = name),
                sentence!("name a consumer whose group subscribes to a topic of type LITE"),
            ),
            _ => return,
        };
        self.problem("consumer", self.when(what), instead);
    }

    pub(super) fn acts(&mut self, acts: &'s [Act]) {
        for (index, act) in acts.iter().enumerate() {
            self.act(index, act, &acts[..index]);
        }
    }

    pub(super) fn act(&mut self, index: usize, act: &'s Act, before: &'s [Act]) {
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

    pub(super) fn known_producer(&mut self, name: &'s str) {
        if !self.producers.contains(name) {
            let known = self.some(self.producers.iter().copied());
            self.unknown("producer", Thing::Producer, name, known);
        }
    }

    pub(super) fn known_group(&mut self, name: &'s str) {
        if !self.groups.contains_key(name) {
            let known = self.some(self.groups.keys().copied());
            self.unknown("group", Thing::Group, name, known);
        }
    }

    pub(super) fn known_consumer(&mut self, name: &'s str) {
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

    pub(super) fn more_threads(&mut self, name: &str, threads: u64) {
        let group =
            name.split_once('/').and_then(|(group, consumer)| Some((self.groups.get_mut(group)?, consumer)));
        if let Some(most) = group.and_then(|(group, consumer)| group.consumers.get_mut(consumer)) {
            self.totals.threads += threads.saturating_sub(*most);
            *most = threads.max(*most);
        }
    }
}
