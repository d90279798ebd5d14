//! The stage once more, as headings and tables: for those who listen, for print, and for whoever wants the number.
//!
//! Every number says in `data-number` where it stands in headless's report and in `data-value` what it is exactly, so a
//! test can hold the two against each other.

mod beside;
mod count_table;
mod faults;
mod half;
mod lite;
mod requests;
mod tables;

use tables::{PARTS, PARTS_SHOWN, Table, latency_cells};

use yew::{
    Callback, Html, Properties, UseStateHandle, classes, function_component, html, use_node_ref, use_state,
};

use super::super::panel::PanelProps;
use super::super::session_ref::WordsRef;
use super::super::store::{Dialog, Msg};
use super::super::subject::Subject;
use super::super::words::clock;
use super::seen::use_seen;
use crate::broker::{GroupId, QueueId, World};
use crate::metrics::report::{GroupReport, counts};

/// Rows and columns shown at first; a button brings the rest.
const QUEUES_SHOWN: usize = 32;
const GROUPS_SHOWN: usize = 8;
const CONSUMERS_SHOWN: usize = 40;

/// Properties of the tables.
#[derive(Clone, PartialEq, Properties)]
pub struct TwinProps {
    /// What every panel gets.
    pub panel: PanelProps,
    /// For each table, what its panel's revision is.
    pub revisions: [u64; 3],
}

/// The tables. While time runs, each is written again in its turn.
#[function_component]
pub fn Twin(props: &TwinProps) -> Html {
    let PanelProps { session, words, look, dispatch, .. } = &props.panel;
    let twin = use_node_ref();
    let revisions = use_seen(props.revisions, look.is_playing, &twin);
    let shows_all = use_state(|| false);
    let shows_parts = use_state(|| false);
    let session = session.borrow();
    let world = session.world();
    let consumers: usize = world.groups().map(|(_, group)| group.consumers.len()).sum();
    let is_cut = world.live.queues.len() > QUEUES_SHOWN
        || world.groups().count() > GROUPS_SHOWN
        || consumers > CONSUMERS_SHOWN;
    let toggle = |state: &UseStateHandle<bool>| {
        let state = state.clone();
        Callback::from(move |_| state.set(!*state))
    };
    let [of_queues, of_groups, of_consumers] = revisions.map(|revision| TableProps {
        panel: PanelProps { revision, ..props.panel.clone() },
        shows_all: *shows_all,
        shows_parts: *shows_parts,
    });
    let fingerprint = session.fingerprint().to_string();
    html! {
        <section ref={twin} class="card twin" id="twin" tabindex="-1" aria-labelledby="twin-title">
            <div class="card-head">
                <h2 id="twin-title">{ words.say("twin.title") }</h2>
                <p class="muted">{ words.say("twin.about") }</p>
            </div>
            <dl class="totals">
                { total(words, "twin.produced", "produced", world.live.produced) }
                { total(words, "twin.rejected", "rejected", world.live.rejected) }
                { total(words, "twin.events", "events", world.live.seq) }
                <div>
                    <dt>{ words.say("page.fingerprint") }</dt>
                    <dd class="digits">{ &fingerprint }</dd>
                </div>
            </dl>
            { faults::list(words, world) }
            <h3>{ words.say("twin.queues") }</h3>
            <QueueTable ..of_queues />
            <button class="quiet more" onclick={toggle(&shows_parts)} aria-expanded={shows_parts.to_string()}>
                { words.say(if *shows_parts { "twin.fewer_parts" } else { "twin.all_parts" }) }
            </button>
            <button class="quiet more" onclick={dispatch.reform(|_| Msg::Open(Dialog::Metrics))} aria-haspopup="dialog">
                { words.say("metrics.open") }
            </button>
            <div class="twin-columns">
                <div>
                    <h3>{ words.say("twin.groups") }</h3>
                    <GroupTable ..of_groups />
                </div>
                <div>
                    <ConsumerTables ..of_consumers />
                </div>
            </div>
            if is_cut {
                <button class="plain" onclick={toggle(&shows_all)} aria-expanded={shows_all.to_string()}>
                    { words.say(if *shows_all { "twin.show_fewer" } else { "twin.show_all" }) }
                </button>
            }
        </section>
    }
}

/// Properties of a table.
#[derive(Clone, PartialEq, Properties)]
struct TableProps {
    panel: PanelProps,
    /// All rows and columns, however many?
    shows_all: bool,
    /// All that is known of a queue?
    shows_parts: bool,
}

impl TableProps {
    /// So many, unless all are asked for.
    fn most(&self, shown: usize) -> usize {
        if self.shows_all { usize::MAX } else { shown }
    }

    fn groups(&self, world: &World) -> Vec<(GroupId, GroupReport)> {
        world.groups().take(self.most(GROUPS_SHOWN)).map(|(id, _)| (id, counts(world, id))).collect()
    }

    fn table<'a>(&'a self, world: &'a World) -> Table<'a> {
        let PanelProps { words, dispatch, look, .. } = &self.panel;
        Table { world, words, dispatch, selected: look.selected }
    }
}

/// Queues down, groups across.
#[function_component]
fn QueueTable(props: &TableProps) -> Html {
    let session = props.panel.session.borrow();
    let world = session.world();
    let queues = queues(world);
    let parts = if props.shows_parts { &PARTS[..] } else { &PARTS[..PARTS_SHOWN] };
    let shown = &queues[..queues.len().min(props.most(QUEUES_SHOWN))];
    props.table(world).queues(shown, &props.groups(world), parts)
}

/// Counts down, groups across.
#[function_component]
fn GroupTable(props: &TableProps) -> Html {
    let session = props.panel.session.borrow();
    let world = session.world();
    let table = props.table(world);
    html! { <>{ table.groups(&props.groups(world)) }{ half::table(&table) }{ lite::table(&table) }{ requests::tables(&table) }</> }
}

/// The consumers, and how long things took.
#[function_component]
fn ConsumerTables(props: &TableProps) -> Html {
    let session = props.panel.session.borrow();
    let world = session.world();
    let (table, groups, words) = (props.table(world), props.groups(world), &props.panel.words);
    html! {
        <>
            <h3>{ words.say("twin.consumers") }</h3>
            { table.consumers(&groups, props.most(CONSUMERS_SHOWN)) }
            <h3>{ words.say("twin.latencies") }</h3>
            if props.panel.look.is_playing {
                <p class="muted latencies-later">{ words.say("twin.latencies_paused") }</p>
            } else {
                { table.latencies(&groups) }
            }
            { beside::tables(&table, props.panel.look.is_playing) }
        </>
    }
}

fn total(words: &WordsRef, says: &'static str, path: &'static str, value: u64) -> Html {
    html! {
        <div>
            <dt>{ words.say(says) }</dt>
            <dd><Number path={path} {value} /></dd>
        </div>
    }
}

/// Every queue of every topic, ordinary topics first.
fn queues(world: &World) -> Vec<QueueId> {
    let topics: Vec<_> = world.topics().map(|(_, topic)| topic).collect();
    let of = |wanted: bool| topics.iter().filter(move |topic| topic.is_ordinary() == wanted);
    of(true).chain(of(false)).flat_map(|topic| topic.queues.iter().copied()).collect()
}

/// Properties of a number.
#[derive(Clone, PartialEq, Properties)]
pub struct NumberProps {
    /// Where it stands in headless's report.
    pub path: String,
    /// What it is.
    pub value: u64,
}

/// A number, and where it stands in headless's report.
#[function_component]
pub fn Number(props: &NumberProps) -> Html {
    html! {
        <data class="digits" value={props.value.to_string()} data-number={props.path.clone()}
            data-value={props.value.to_string()}>
            { crate::sim::Number(props.value).to_string() }
        </data>
    }
}

fn cell(path: String, value: u64) -> Html {
    let class = (value == 0).then_some("is-zero");
    html! { <td class={classes!("number", class)}><Number {path} {value} /></td> }
}

/// A name that selects what it stands for.
#[derive(Clone, PartialEq, Properties)]
struct NameProps {
    subject: Subject,
    name: String,
    is_selected: bool,
    dispatch: Callback<Msg>,
}

#[function_component]
fn Name(props: &NameProps) -> Html {
    let subject = props.subject;
    let onclick = props.dispatch.reform(move |_| Msg::Select(Some(subject)));
    html! {
        <button class="thing" {onclick} aria-pressed={props.is_selected.to_string()}>{ &props.name }</button>
    }
}

/// One sentence for those who listen: when it is, who is behind by how much, what was given up.
pub fn summary(world: &World, words: &WordsRef) -> String {
    let mut said = clock(world.live.now).0;
    said.push_str(". ");
    let groups: Vec<String> = world
        .groups()
        .take(GROUPS_SHOWN)
        .map(|(id, state)| {
            let behind = counts(world, id).accumulation;
            words.fill("twin.group_behind", &[("group", &state.spec.name), ("n", &behind)])
        })
        .collect();
    said.push_str(&groups.join(words.text("twin.and")));
    if !groups.is_empty() {
        said.push_str(words.text("twin.full_stop"));
    }
    said.push_str(&beside::said(world, words));
    let dead: u64 = world.groups().map(|(_, group)| group.counts.dead_letters).sum();
    if dead > 0 {
        said.push_str(&words.count("twin.dead_letters_said", dead, &[]));
    }
    said
}
