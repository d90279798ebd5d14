//! What happens to lite topics, in plain words.

use super::explain::{About, Fill, Holes};
use super::words::{Said, Words};
use crate::broker::command::LiteChange;
use crate::broker::event::Code;
use crate::broker::lite::LiteOrigin;
use crate::broker::spec::{Names, Position};
use crate::broker::{ConsumerId, Entry, Event, LiteId, ProducerId, Refusal, TopicId, World};

/// The sentence for an entry about lite topics.
pub(super) fn sentence(world: &World, entry: &Entry, words: &Words) -> (&'static str, Holes) {
    let producer = |id: ProducerId| ("producer", Fill::Thing(About::Producer(id)));
    let topic = |id: TopicId| ("topic", Fill::Thing(About::Topic(id)));
    let consumer = |id: ConsumerId| ("consumer", Fill::Thing(About::Consumer(id)));
    let other = |id: ConsumerId| ("other", Fill::Thing(About::Consumer(id)));
    let lite = |id: LiteId| ("lite", Fill::Thing(About::Lite(id)));
    let text = |name, value: &dyn Said| (name, Fill::Words(value.said()));
    let count = |n: u32| ("n", Fill::Count(n.into()));
    let span = |at| ("time", Fill::Words(words.span(at - entry.at)));
    match entry.event {
        Event::LiteTopicCreated { lite: id, topic: parent, origin } => match origin {
            LiteOrigin::Sent { producer: by, number } => {
                ("event.lite_created", vec![lite(id), topic(parent), producer(by), text("number", &number)])
            }
            LiteOrigin::Wished { .. } => ("event.lite_created_by_wish", vec![lite(id), topic(parent)]),
        },
        Event::LiteSendRefused { producer: by, number, full, .. } => {
            let mut holes = vec![producer(by), text("number", &number)];
            if full {
                holes.push(text("most", &world.settings.lite_max_topics_per_broker));
                holes.push(text("code", &Code::LiteTopicQuotaExceeded));
                ("event.lite_quota", holes)
            } else {
                holes.push(text("code", &Code::IllegalLiteTopic));
                ("event.lite_illegal", holes)
            }
        }
        Event::LiteSubscribed { consumer: who, lite: id, offset, .. } => {
            ("event.lite_subscribed", vec![consumer(who), lite(id), text("offset", &offset)])
        }
        Event::LiteUnsubscribed { consumer: who, lite: id, by: None } => {
            ("event.lite_unsubscribed", vec![consumer(who), lite(id)])
        }
        Event::LiteUnsubscribed { consumer: who, lite: id, by: Some(by) } => {
            ("event.lite_taken", vec![consumer(who), lite(id), other(by)])
        }
        Event::LiteSubscriptionRefused { consumer: who, lite: id, holder } => {
            let mut holes = vec![consumer(who), lite(id)];
            holes.extend(holder.map(other));
            ("event.lite_not_given", holes)
        }
        Event::LitePositioned { progress, lite: id, offset, .. } => {
            let group = ("group", Fill::Thing(About::Group(world.progress(progress).group)));
            ("event.lite_positioned", vec![group, lite(id), text("offset", &offset)])
        }
        Event::LiteClientGone { consumer: who } => {
            let key = if world.died_at(entry.at) { "event.lite_forgotten" } else { "event.lite_client_gone" };
            (key, vec![consumer(who)])
        }
        Event::LiteQueued { lite: id, consumer: who, from: None, .. } => {
            ("event.lite_queued", vec![lite(id), consumer(who)])
        }
        Event::LiteQueued { lite: id, consumer: who, from: Some(from), .. } => {
            ("event.lite_handed_on", vec![lite(id), consumer(who), other(from)])
        }
        Event::LiteSetFull { lite: id, consumer: who, due_at, .. } => {
            ("event.lite_set_full", vec![lite(id), consumer(who), span(due_at)])
        }
        Event::LiteFullDispatch { consumer: who, next_at } => match next_at {
            None => ("event.lite_looked_again", vec![consumer(who)]),
            Some(at) => ("event.lite_put_off", vec![consumer(who), span(at)]),
        },
        Event::LiteExpired { lite: id, unread } => {
            let life = world.settings.lite_ttl.unwrap_or_default().max(world.settings.lite_min_ttl);
            let life = ("time", Fill::Words(words.exact_span(life)));
            if unread == 0 {
                ("event.lite_expired", vec![lite(id), life])
            } else {
                ("event.lite_expired_unread", vec![lite(id), life, count(unread)])
            }
        }
        Event::LiteSwept { next_at } => ("event.lite_swept", vec![text("time", &next_at)]),
        _ => ("event.lite_synced", Vec::new()),
    }
}

/// What a command says beside the client that it is about.
pub(super) fn request(change: &LiteChange, words: &Words) -> Holes {
    let (LiteChange::Add { names, .. } | LiteChange::Remove { names } | LiteChange::All { names }) = change;
    let mut holes = vec![("names", Fill::Words(names_of(names, words)))];
    if let LiteChange::Add { from, .. } = change {
        holes.push(("from", Fill::Words(position(*from, words))));
    }
    holes
}

/// Some names, the first few of them.
pub fn names_of(names: &[Names], words: &Words) -> String {
    const SHOWN: usize = 3;
    if names.is_empty() {
        return words.text("lite_wish.none").to_owned();
    }
    let mut said: Vec<String> = names.iter().take(SHOWN).map(Names::to_string).collect();
    if names.len() > SHOWN {
        said.push("…".to_owned());
    }
    said.join(", ")
}

/// Where a client begins.
fn position(from: Position, words: &Words) -> String {
    match from {
        Position::Last => words.text("lite_wish.from_last").to_owned(),
        Position::Min => words.text("lite_wish.from_min").to_owned(),
        Position::Max => words.text("lite_wish.from_max").to_owned(),
        Position::Offset(offset) => words.fill("lite_wish.from_offset", &[("offset", &offset)]),
        Position::Tail(count) => words.fill("lite_wish.from_tail", &[("n", &count)]),
    }
}

/// The catalogue's key for a refusal that is about lite topics.
pub(super) fn refusal_key(reason: Refusal) -> &'static str {
    match reason {
        Refusal::LiteSubscriptionQuota => "refusal.lite_subscription_quota",
        Refusal::LiteTopicQuota => "refusal.lite_topic_quota",
        Refusal::IllegalLiteTopic => "refusal.illegal_lite_topic",
        Refusal::LiteBindsOneTopic => "refusal.lite_binds_one_topic",
        Refusal::LiteNeedsPush => "refusal.lite_needs_push",
        Refusal::LiteHasNoFilter => "refusal.lite_has_no_filter",
        Refusal::LiteHasOneQueue => "refusal.lite_has_one_queue",
        Refusal::LiteHasNoReset => "refusal.lite_has_no_reset",
        Refusal::LiteIsNotCompacted => "refusal.lite_is_not_compacted",
        _ => "refusal.no_lite_topics",
    }
}
