//! The tables of counts: a row for each number, a column for each thing.

use yew::{Html, html};

use super::{Table, cell};
use crate::app::subject::Subject;

/// A number: its field in the report, its key in the catalogue, and how to read it.
pub(super) type Count<T> = (&'static str, &'static str, fn(&T) -> u64);

/// A thing with its name, and what is reported of it.
pub(super) type Thing<T> = (Subject, String, T);

/// A heading and a table below it, if there is anything to count.
pub(super) fn section<T>(
    table: &Table<'_>,
    says: &'static str,
    list: &str,
    fields: &[Count<T>],
    things: &[Thing<T>],
) -> Html {
    if things.is_empty() {
        return html! {};
    }
    html! {
        <>
            <h3>{ table.words.say(says) }</h3>
            { grid(table, says, things, rows(table, list, fields, things)) }
        </>
    }
}

/// A row for each number.
pub(super) fn rows<T>(table: &Table<'_>, list: &str, fields: &[Count<T>], things: &[Thing<T>]) -> Vec<Html> {
    let row = |(field, says, value): &Count<T>| {
        let cells = things.iter().map(|(_, name, of)| cell(format!("{list}.{name}.{field}"), value(of)));
        html! {
            <tr key={*field}><th scope="row">{ table.words.say(says) }</th>{ for cells }</tr>
        }
    };
    fields.iter().map(row).collect()
}

/// The table, with the things' names above its columns.
pub(super) fn grid<T>(table: &Table<'_>, label: &'static str, things: &[Thing<T>], rows: Vec<Html>) -> Html {
    let head = |(subject, name, _): &Thing<T>| {
        html! { <th scope="col" class="number">{ table.name(*subject, name.clone()) }</th> }
    };
    html! {
        <div class="scroll" tabindex="0" role="region" aria-label={table.words.say(label)}>
            <table>
                <thead><tr>{ table.head("twin.count") }{ for things.iter().map(head) }</tr></thead>
                <tbody>{ for rows }</tbody>
            </table>
        </div>
    }
}
