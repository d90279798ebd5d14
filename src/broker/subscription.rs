//! A subscription: which messages of a topic a group wants. The group is what has it, for the broker and for people; the
//! filter itself is brought by each consumer when it connects.
//!
//! In queue balancing the broker keeps one filter for each group and topic, the one that was registered last, and every
//! client compares tags with its own once more. In message balancing each receive brings its consumer's filter along.
//! As long as all members say the same, that is the same. Source: `ConsumerGroupInfo`, `PullAPIWrapper`,
//! `PopMessageProcessor`, `PopMessageResultFilterImpl`.

use std::fmt;

use super::id::{ConsumerId, FilterId, GroupId, MessageRef, ProgressId, TopicId};
use super::spec::FilterSpec;
use super::world::World;
use crate::rules::filter::sql::{self, CompileError, EndOfInput};
use crate::rules::filter::tags::{SplitsIntoNothing, TagFilter, tag_code};

/// A group's subscription to one topic, as the broker knows it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Subscription {
    /// To which topic.
    pub topic: TopicId,
    /// What those members say that have no filter of their own.
    pub filter: FilterId,
    /// What was registered last: in queue balancing the broker filters by it, whoever reads.
    pub registered: FilterId,
    /// Does the broker know it? After a crash it does not, until a consumer brings it again.
    pub is_known: bool,
}

/// A filter, made ready to be asked.
#[derive(Clone, Debug, PartialEq)]
pub struct Filter {
    spec: FilterSpec,
    sieve: Sieve,
}

#[derive(Clone, Debug, PartialEq)]
enum Sieve {
    Tags(TagFilter),
    Sql(sql::Filter),
}

/// Why an expression is no filter.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum FilterProblem {
    /// A tag expression of nothing but `||`.
    Tags(SplitsIntoNothing),
    /// Not a condition.
    Sql(CompileError),
}

impl FilterId {
    /// `*`, which lets every message pass.
    pub const ALL: Self = Self(0);
}

impl Filter {
    /// Makes a filter of what a client says. With `strict_eof` nothing may stand behind a complete condition.
    ///
    /// # Errors
    /// The expression cannot be read.
    pub fn compile(spec: &FilterSpec, strict_eof: bool) -> Result<Self, FilterProblem> {
        let end = if strict_eof { EndOfInput::Required } else { EndOfInput::NotChecked };
        let sieve = match spec {
            FilterSpec::All => Sieve::Tags(TagFilter::all()),
            FilterSpec::Tags(text) => Sieve::Tags(TagFilter::parse(Some(text)).map_err(FilterProblem::Tags)?),
            FilterSpec::Sql(text) => Sieve::Sql(sql::Filter::compile(text, end).map_err(FilterProblem::Sql)?),
        };
        Ok(Self { spec: spec.clone(), sieve })
    }

    /// The filter that lets every message pass.
    pub(super) fn all() -> Self {
        Self { spec: FilterSpec::All, sieve: Sieve::Tags(TagFilter::all()) }
    }

    /// What the client said.
    pub fn spec(&self) -> &FilterSpec {
        &self.spec
    }

    /// Do both want the same messages, as far as one can see that? The order of tags means nothing.
    pub fn agrees_with(&self, other: &Self) -> bool {
        match (&self.sieve, &other.sieve) {
            (Sieve::Tags(one), Sieve::Tags(two)) => {
                one.tags() == two.tags() && one.matches_code(0) == two.matches_code(0)
            }
            (Sieve::Sql(one), Sieve::Sql(two)) => one == two,
            _ => false,
        }
    }

    /// The first sieve, at the broker: the hash of the tag, or the whole condition.
    pub(super) fn passes_broker(&self, world: &World, at: MessageRef) -> bool {
        match &self.sieve {
            Sieve::Tags(tags) => tags.matches_code(tag_code(world.tag(at))),
            Sieve::Sql(condition) => {
                let content = world.content(at);
                condition.delivers(&|name| match name {
                    // The two system properties that a producer's words end up in.
                    "TAGS" => content.tag.as_deref(),
                    "KEYS" => content.key.as_deref(),
                    _ => content.properties.iter().find(|(known, _)| known == name).map(|(_, text)| &**text),
                })
            }
        }
    }

    /// The tags of a subscription that is by tag.
    pub(super) fn tags(&self) -> Option<&TagFilter> {
        match &self.sieve {
            Sieve::Tags(tags) => Some(tags),
            Sieve::Sql(_) => None,
        }
    }

    /// The second sieve, at the classic client or the proxy: the tag itself. Conditions are not asked again.
    pub(super) fn passes_exactly(&self, world: &World, at: MessageRef) -> bool {
        self.tags().is_none_or(|tags| tags.matches_tag(world.tag(at)))
    }
}

/// The expression.
impl fmt::Display for Filter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.spec.expression())
    }
}

impl World {
    /// A filter.
    pub fn filter(&self, id: FilterId) -> &Filter {
        &self.log.filters[id.index()]
    }

    /// A group's subscription to a topic.
    pub fn subscription(&self, group: GroupId, topic: TopicId) -> Option<&Subscription> {
        self.group(group).subscriptions.iter().find(|known| known.topic == topic)
    }

    /// The filter that one consumer says it has for a topic: its own, or its group's.
    pub fn filter_of(&self, consumer: ConsumerId, topic: TopicId) -> FilterId {
        let consumer = self.consumer(consumer);
        let own = consumer.filters.iter().find(|(of, _)| *of == topic).map(|(_, filter)| *filter);
        let groups = || self.subscription(consumer.group, topic).map(|known| known.filter);
        own.or_else(groups).unwrap_or(FilterId::ALL)
    }

    /// Did a filter keep the message at `offset` from the group when it was read for the first time, and has nobody got it
    /// since?
    pub fn is_filtered(&self, progress: ProgressId, offset: u64) -> bool {
        let state = self.progress(progress);
        if !state.filters || offset < state.start || offset >= state.next || !state.is_finished(offset) {
            return false;
        }
        let stored_at = self.log.queues[state.queue.index()].stored_at(offset);
        self.log.deliveries[progress.index()].first(offset, stored_at).is_some_and(|first| first.filtered())
    }

    /// Would only a hash let this message through this filter?
    pub fn passes_by_hash_only(&self, filter: FilterId, at: MessageRef) -> bool {
        let filter = self.filter(filter);
        filter.passes_broker(self, at) && !filter.passes_exactly(self, at)
    }

    /// The members of a group that are connected do not all want the same messages of one of its topics.
    pub fn is_inconsistent(&self, group: GroupId) -> bool {
        let state = self.group(group);
        state.topics.iter().any(|topic| {
            let members = state.consumers.iter().filter(|id| self.consumer(**id).status.is_member());
            let mut filters = members.map(|id| self.filter_of(*id, *topic));
            let Some(first) = filters.next() else { return false };
            filters.any(|other| other != first && !self.filter(other).agrees_with(self.filter(first)))
        })
    }

    /// The topic whose subscription decides about a progress: that of the queue, or the one whose retries it holds.
    pub(super) fn filtered_topic(&self, progress: ProgressId) -> Option<TopicId> {
        let topic = self.queue(self.progress(progress).queue).topic;
        match self.topic(topic).origin {
            super::event::TopicOrigin::Command(_) => Some(topic),
            super::event::TopicOrigin::RetryOfTopic(_, of) => Some(of),
            _ => None,
        }
    }

    /// The filter by which the broker reads a queue for a consumer.
    pub(super) fn filter_at_broker(&self, progress: ProgressId, reader: ConsumerId) -> FilterId {
        let state = self.progress(progress);
        let Some(topic) = self.filtered_topic(progress).filter(|_| state.ordinary) else {
            return FilterId::ALL; // Retry topics are subscribed to with `*`.
        };
        if state.by_message {
            return self.filter_of(reader, topic);
        }
        self.subscription(state.group, topic).map_or(FilterId::ALL, |known| known.registered)
    }

    /// The filter by which the consumer's own side compares the tag of a stored copy once more. The classic client
    /// subscribes to its retry topic with `*`; the proxy knows only the one subscription, to the message's own topic.
    pub(super) fn filter_at_client(
        &self,
        progress: ProgressId,
        copy: MessageRef,
        reader: ConsumerId,
    ) -> FilterId {
        let state = self.progress(progress);
        if state.ordinary || state.by_message {
            self.filter_of(reader, self.queue(self.origin(copy).queue).topic)
        } else {
            FilterId::ALL
        }
    }
}
