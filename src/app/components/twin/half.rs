//! What became of half messages: counts down, topics across.

use yew::Html;

use super::Table;
use super::count_table::{Count, section};
use crate::broker::topic::TopicState;
use crate::metrics::report::{HalfReport, half_messages};
use crate::scene::Subject;

const COUNTS: [Count<HalfReport>; 9] = [
    ("half_messages.stored", "twin.half_stored", |half| half.stored),
    ("half_messages.waiting", "twin.half_waiting", |half| half.waiting),
    ("half_messages.committed", "twin.half_committed", |half| half.committed),
    ("half_messages.rolled_back", "twin.half_rolled_back", |half| half.rolled_back),
    ("half_messages.set_aside", "twin.half_set_aside", |half| half.set_aside),
    ("half_messages.set_aside_committed", "twin.half_set_aside_committed", |half| half.set_aside_committed),
    ("half_messages.contradicted", "twin.half_contradicted", |half| half.contradicted),
    ("half_messages.published", "twin.half_published", |half| half.published),
    ("half_messages.checks", "twin.half_checks", |half| half.checks),
];

/// The table, if any topic ever had a half message.
pub(super) fn table(table: &Table<'_>) -> Html {
    let of = |(id, topic): (_, &TopicState)| {
        half_messages(table.world, id).map(|half| (Subject::Curtain(id), topic.name.to_string(), half))
    };
    let topics: Vec<_> = table.world.topics().filter_map(of).collect();
    section(table, "twin.half", "topics", &COUNTS, &topics)
}
