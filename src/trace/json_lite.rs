//! The same for what happens to lite topics.

use serde_json::{Value, json};

use crate::broker::event::Code;
use crate::broker::lite::LiteOrigin;
use crate::broker::{ConsumerId, Event, LiteId, ProgressId, World};

/// The name of an event and its fields.
pub(super) fn fields(world: &World, event: &Event) -> (&'static str, Value) {
    let consumer = |id: ConsumerId| world.consumer_name(id);
    let lite = |id: LiteId| world.lite_name(id);
    let group = |id: ProgressId| world.group(world.progress(id).group).spec.name.clone();
    match *event {
        Event::LiteTopicCreated { lite: id, topic, origin } => {
            let by = match origin {
                LiteOrigin::Sent { producer, .. } => Some(world.producer(producer).spec.name.clone()),
                LiteOrigin::Wished { .. } => None,
            };
            (
                "lite_topic_created",
                json!({ "topic": &*world.topic(topic).name, "lite_topic": lite(id), "producer": by }),
            )
        }
        Event::LiteSendRefused { producer, number, full, .. } => {
            let code = if full { Code::LiteTopicQuotaExceeded } else { Code::IllegalLiteTopic };
            let producer = &world.producer(producer).spec.name;
            ("lite_send_refused", json!({ "producer": producer, "number": number, "code": code.name() }))
        }
        Event::LiteSubscribed { consumer: who, lite: id, offset, behind } => (
            "lite_subscribed",
            json!({ "consumer": consumer(who), "lite_topic": lite(id), "offset": offset, "behind": behind }),
        ),
        Event::LiteUnsubscribed { consumer: who, lite: id, by } => (
            "lite_unsubscribed",
            json!({ "consumer": consumer(who), "lite_topic": lite(id), "by": by.map(consumer) }),
        ),
        Event::LiteSubscriptionRefused { consumer: who, lite: id, holder } => (
            "lite_subscription_refused",
            json!({ "consumer": consumer(who), "lite_topic": lite(id), "holder": holder.map(consumer) }),
        ),
        Event::LitePositioned { progress, lite: id, offset, reread_acknowledged, reread_moved } => (
            "lite_positioned",
            json!({ "group": group(progress), "lite_topic": lite(id), "offset": offset,
                "reread_acknowledged": reread_acknowledged, "reread_moved": reread_moved }),
        ),
        Event::LiteClientGone { consumer: who } => ("lite_client_gone", json!({ "consumer": consumer(who) })),
        Event::LiteQueued { progress, lite: id, consumer: who, from } => (
            "lite_queued",
            json!({ "group": group(progress), "lite_topic": lite(id), "consumer": consumer(who),
                "from": from.map(consumer) }),
        ),
        Event::LiteSetFull { progress, lite: id, consumer: who, due_at } => (
            "lite_set_full",
            json!({ "group": group(progress), "lite_topic": lite(id), "consumer": consumer(who),
                "due_at_us": due_at.0 }),
        ),
        Event::LiteFullDispatch { consumer: who, next_at } => {
            ("lite_full_dispatch", json!({ "consumer": consumer(who), "next_at_us": next_at.map(|at| at.0) }))
        }
        Event::LiteExpired { lite: id, unread } => {
            ("lite_expired", json!({ "lite_topic": lite(id), "unread": unread }))
        }
        Event::LiteSwept { next_at } => ("lite_swept", json!({ "next_at_us": next_at.0 })),
        _ => ("lite_synced", json!({})),
    }
}
