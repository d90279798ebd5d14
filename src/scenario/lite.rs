//! What has to fit together where lite topics are spoken of.

use super::problem::quoted;
use super::rules::Rules;
use super::sentence::sentence;
use crate::broker::spec::{
    Balance, Cleanup, ConsumeMode, ConsumerType, GroupSpec, LiteNames, MessageTemplate, MessageType, Names,
    TopicSpec, TopicType,
};
use crate::rules::lite::{SERIES_MAX, check_name};

impl<'s> Rules<'s, '_> {
    /// A parent has one queue.
    pub(super) fn lite_parent(&mut self, topic: &'s TopicSpec) {
        if topic.message_type != TopicType::Of(MessageType::Lite) {
            return;
        }
        if topic.write_queues.max(topic.read_queues) > 1 {
            let what = sentence!("a lite topic has one queue, and so has its parent here");
            self.problem("write_queues", what, sentence!("write 1, or leave it out"));
        }
        if topic.cleanup == Cleanup::Compaction {
            let what = sentence!("what lite topics share is not compacted");
            self.problem("cleanup", what, sentence!("leave it out"));
        }
        self.lite_parents.insert(topic.name.as_str());
    }

    /// Does a message have a lite topic only, and one that can be called so?
    pub(super) fn lite_topic_of(&mut self, message: &'s MessageTemplate) {
        let Some(names) = &message.lite_topic else { return };
        if message.built().is_err() || message.batch.is_some() || message.request.is_some() {
            let what = sentence!(
                "a message of a lite topic has no message group, delivery time or transaction, and is neither in a batch nor a request"
            );
            self.problem("lite_topic", what, sentence!("write one of them only"));
        }
        match names {
            LiteNames::Text(text) if text.contains('$') => self.no_lite_name("lite_topic", text),
            LiteNames::Text(_) => {}
            LiteNames::InTurn(all) | LiteNames::ByChance(all) => self.lite_names("lite_topic", all),
        }
    }

    /// Can lite topics be called so?
    pub(super) fn lite_names(&mut self, key: &'s str, all: &[Names]) {
        for names in all {
            let text = names.to_string();
            if Names::read(&text).is_err() {
                let what = sentence!("{name} is no series of names", name = quoted(&text));
                let instead = sentence!(
                    "write the first number, a hyphen and a last one that is not smaller, {most} numbers at most",
                    most = SERIES_MAX
                );
                self.problem(key, what, instead);
            } else if check_name(&names.longest()).is_err() {
                self.no_lite_name(key, &names.longest());
            }
        }
    }

    fn no_lite_name(&mut self, key: &'s str, name: &str) {
        let what = sentence!("no lite topic can be called {name}", name = quoted(name));
        self.problem(key, what, sentence!("write 1 to 64 characters without $"));
    }

    /// Is a group that subscribes to a parent one that can read lite topics? Says whether it subscribes to one.
    pub(super) fn lite_group(&mut self, group: &'s GroupSpec) -> bool {
        let parents = &self.lite_parents;
        let Some(parent) = group.subscriptions.iter().find(|wish| parents.contains(wish.topic.as_str()))
        else {
            return false;
        };
        if group.subscriptions.len() > 1 {
            let what = sentence!(
                "{topic} is a parent of lite topics, and a group has one such",
                topic = quoted(&parent.topic)
            );
            self.problem("subscribe", what, sentence!("name it alone"));
        }
        let shares_messages = group.balance == Balance::Message && group.mode == ConsumeMode::Clustering;
        if !shares_messages || group.consumer_type != ConsumerType::Push {
            let what = sentence!("lite topics are read by push consumers that share single messages");
            let instead = sentence!("leave mode, type and balance of the group out");
            self.problem("subscribe", what, instead);
        }
        if group.subscriptions.iter().any(|wish| !wish.filter.is_all()) {
            let what = sentence!("messages of lite topics are not filtered: clients choose lite topics");
            self.problem("subscribe", what, sentence!("leave the filter out"));
        }
        true
    }

    /// May a consumer of such a group, or of another one, wish for these lite topics?
    pub(super) fn lite_wishes(&mut self, names: &'s [Names], is_lite: bool) {
        if names.is_empty() || self.is_act {
            return;
        }
        if !is_lite {
            let what = sentence!("the group reads no lite topics");
            self.problem("lite_topics", what, sentence!("let it subscribe to a topic of type \"LITE\""));
        }
        self.lite_names("lite_topics", names);
        let count: u64 = names.iter().map(Names::count).sum();
        if let Some(most) = self.lite_most.filter(|most| count > *most) {
            let what = sentence!("these are {count} lite topics", count = count);
            let instead =
                sentence!("write at most {most}, or set \"lite.maxSubsPerClient\" to more", most = most);
            self.problem("lite_topics", what, instead);
        }
    }
}
