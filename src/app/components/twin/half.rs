//! What became of half messages: counts down, topics across.

use yew::{Html, html};

use super::{Table, cell};
use crate::metrics::report::{HalfReport, half_messages};
use crate::scene::Subject;

/// A count: its field in the report, the words for it, and what it is.
type Count = (&'static str, &'static str, fn(&HalfReport) -> u64);

const COUNTS: [Count; 9] = [
    ("stored", "twin.half_stored", |half| half.stored),
    ("waiting", "twin.half_waiting", |half| half.waiting),
    ("committed", "twin.half_committed", |half| half.committed),
    ("rolled_back", "twin.half_rolled_back", |half| half.rolled_back),
    ("set_aside", "twin.half_set_aside", |half| half.set_aside),
    ("set_aside_committed", "twin.half_set_aside_committed", |half| half.set_aside_committed),
    ("contradicted", "twin.half_contradicted", |half| half.contradicted),
    ("published", "twin.half_published", |half| half.published),
    ("checks", "twin.half_checks", |half| half.checks),
];

/// The table, if any topic ever had a half message.
pub(super) fn table(table: &Table<'_>) -> Html {
    let world = table.world;
    let of = |(id, topic): (_, &crate::broker::topic::TopicState)| {
        half_messages(world, id).map(|half| (id, topic.name.clone(), half))
    };
    let topics: Vec<_> = world.topics().filter_map(of).collect();
    if topics.is_empty() {
        return html! {};
    }
    let head = |(id, name, _): &(_, std::rc::Rc<str>, HalfReport)| {
        html! { <th scope="col" class="number">{ table.name(Subject::Curtain(*id), name.to_string()) }</th> }
    };
    let row = |(field, says, value): &Count| {
        let numbers = topics
            .iter()
            .map(|(_, name, half)| cell(format!("topics.{name}.half_messages.{field}"), value(half)));
        html! {
            <tr key={*field}>
                <th scope="row">{ table.words.say(says) }</th>
                { for numbers }
            </tr>
        }
    };
    html! {
        <>
            <h3>{ table.words.say("twin.half") }</h3>
            <div class="scroll" tabindex="0" role="region" aria-label={table.words.say("twin.half")}>
                <table>
                    <thead><tr>{ table.head("twin.count") }{ for topics.iter().map(head) }</tr></thead>
                    <tbody>{ for COUNTS.iter().map(row) }</tbody>
                </table>
            </div>
        </>
    }
}
