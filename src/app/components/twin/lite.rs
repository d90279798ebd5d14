//! The lite topics of each parent: counts down, parents across.

use yew::{Html, html};

use super::{Table, cell};
use crate::metrics::lite::{LiteReport, lite};
use crate::scene::Subject;

/// A count: its field in the report, the words for it, and what it is.
type Count = (&'static str, &'static str, fn(&LiteReport) -> u64);

const COUNTS: [Count; 6] = [
    ("lite_topics", "inspect.lite_alive", |lite| lite.lite_topics),
    ("behind", "inspect.lite_behind", |lite| lite.behind),
    ("created", "inspect.lite_created", |lite| lite.created),
    ("expired", "inspect.lite_expired", |lite| lite.expired),
    ("refused", "inspect.lite_refused", |lite| lite.refused),
    ("subscriptions", "inspect.lite_subscriptions", |lite| lite.subscriptions),
];

/// The table, if any topic is a parent of lite topics.
pub(super) fn table(table: &Table<'_>) -> Html {
    let world = table.world;
    let of = |(id, topic): (_, &crate::broker::topic::TopicState)| {
        lite(world, id).map(|lite| (id, topic.name.clone(), lite))
    };
    let topics: Vec<_> = world.topics().filter_map(of).collect();
    if topics.is_empty() {
        return html! {};
    }
    let head = |(id, name, _): &(_, std::rc::Rc<str>, LiteReport)| {
        html! { <th scope="col" class="number">{ table.name(Subject::Topic(*id), name.to_string()) }</th> }
    };
    let row = |(field, says, value): &Count| {
        let numbers =
            topics.iter().map(|(_, name, lite)| cell(format!("topics.{name}.lite.{field}"), value(lite)));
        html! {
            <tr key={*field}>
                <th scope="row">{ table.words.say(says) }</th>
                { for numbers }
            </tr>
        }
    };
    html! {
        <>
            <h3>{ table.words.say("inspect.lite_topics") }</h3>
            <div class="scroll" tabindex="0" role="region" aria-label={table.words.say("inspect.lite_topics")}>
                <table>
                    <thead><tr>{ table.head("twin.count") }{ for topics.iter().map(head) }</tr></thead>
                    <tbody>{ for COUNTS.iter().map(row) }</tbody>
                </table>
            </div>
        </>
    }
}
