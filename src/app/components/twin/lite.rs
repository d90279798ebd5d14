//! The lite topics of each parent: counts down, parents across.

use yew::Html;

use super::Table;
use super::count_table::{Count, section};
use crate::broker::topic::TopicState;
use crate::metrics::lite::{LiteReport, lite};
use crate::scene::Subject;

const COUNTS: [Count<LiteReport>; 6] = [
    ("lite.lite_topics", "inspect.lite_alive", |lite| lite.lite_topics),
    ("lite.behind", "inspect.lite_behind", |lite| lite.behind),
    ("lite.created", "inspect.lite_created", |lite| lite.created),
    ("lite.expired", "inspect.lite_expired", |lite| lite.expired),
    ("lite.refused", "inspect.lite_refused", |lite| lite.refused),
    ("lite.subscriptions", "inspect.lite_subscriptions", |lite| lite.subscriptions),
];

/// The table, if any topic is a parent of lite topics.
pub(super) fn table(table: &Table<'_>) -> Html {
    let of = |(id, topic): (_, &TopicState)| {
        lite(table.world, id).map(|lite| (Subject::Topic(id), topic.name.to_string(), lite))
    };
    let topics: Vec<_> = table.world.topics().filter_map(of).collect();
    section(table, "inspect.lite_topics", "topics", &COUNTS, &topics)
}
