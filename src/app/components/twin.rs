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

use yew::{
    Callback, Html, Properties, UseStateHandle, classes, function_component, html, use_node_ref, use_state,
};

use super::super::panel::PanelProps;
use super::super::session_ref::WordsRef;
use super::super::store::{Dialog, Msg};
use super::super::subject::{Subject, state_key};
use super::super::words::clock;
use super::seen::use_seen;
use crate::broker::{GroupId, QueueId, World};
use crate::metrics::latency::{Latency, latencies};
use crate::metrics::lite::LiteClientReport;
use crate::metrics::report::{ConsumerReport, GroupReport, QueueReport, counts};
use crate::scene::theme::group_colour;

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
            { grouped(props.value) }
        </data>
    }
}

/// 12 345 678, with thin spaces that do not break.
fn grouped(value: u64) -> String {
    let digits = value.to_string();
    let mut out = String::with_capacity(digits.len() + 6);
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            out.push('\u{202f}');
        }
        out.push(digit);
    }
    out
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

/// A column of the first table: a group, in broadcasting one consumer of it.
struct Column<'a> {
    id: GroupId,
    group: &'a GroupReport,
    member: Option<&'a str>,
}

impl Column<'_> {
    fn title(&self) -> String {
        match self.member {
            Some(member) => format!("{} · {member}", self.group.group),
            None => self.group.group.clone(),
        }
    }

    fn on(&self, topic: &str, queue: u32) -> Option<&QueueReport> {
        let of_queue = |q: &&QueueReport| q.topic == topic && q.queue == queue;
        self.group.queues.iter().filter(of_queue).find(|q| q.consumer.as_deref() == self.member)
    }

    /// Where a number of a queue stands: `groups.billing.queues.orders/0.committed_offset`, in broadcasting
    /// `groups.billing.queues.orders/0@C1.committed_offset`.
    fn path(&self, queue: &QueueReport, field: &str) -> String {
        let member = self.member.map(|member| format!("@{member}")).unwrap_or_default();
        format!("groups.{}.queues.{}/{}{member}.{field}", self.group.group, queue.topic, queue.queue)
    }
}

struct Table<'a> {
    world: &'a World,
    words: &'a WordsRef,
    dispatch: &'a Callback<Msg>,
    selected: Option<Subject>,
}

impl Table<'_> {
    fn name(&self, subject: Subject, name: String) -> Html {
        html! {
            <Name {subject} {name} is_selected={self.selected == Some(subject)} dispatch={self.dispatch.clone()} />
        }
    }

    fn head(&self, says: &'static str) -> Html {
        html! { <th scope="col">{ self.words.say(says) }</th> }
    }

    /// The head of a column of numbers.
    fn number_head(&self, says: &'static str) -> Html {
        html! { <th scope="col" class="number">{ self.words.say(says) }</th> }
    }

    fn queues(
        &self,
        queues: &[QueueId],
        groups: &[(GroupId, GroupReport)],
        parts: &[(&'static str, Part)],
    ) -> Html {
        let columns: Vec<Column<'_>> = groups.iter().flat_map(|(id, group)| columns(*id, group)).collect();
        let group_head = |column: &Column<'_>| {
            let class = format!("group-head g{}", group_colour(column.id));
            html! {
                <th scope="colgroup" {class} colspan={parts.len().to_string()}>
                    { self.name(Subject::Group(column.id), column.title()) }
                </th>
            }
        };
        let row = |id: &QueueId| {
            let queue = self.world.queue(*id);
            let topic = &*self.world.topic(queue.topic).name;
            let path = |field| format!("topics.{topic}.{}.{field}", queue.number);
            html! {
                <tr key={id.0}>
                    <th scope="row">{ self.name(Subject::Queue(*id), self.world.queue_name(*id)) }</th>
                    { cell(path("min_offset"), queue.min_offset) }
                    { cell(path("max_offset"), queue.max_offset) }
                    { for columns.iter().map(|column| self.progress(column, topic, queue.number, parts)) }
                </tr>
            }
        };
        html! {
            <div class="scroll" tabindex="0" role="region" aria-label={self.words.say("twin.queues")}>
                <table>
                    <thead>
                        <tr>
                            <th scope="col" rowspan="2">{ self.words.say("twin.queue") }</th>
                            <th scope="col" rowspan="2" class="number">{ self.words.say("twin.min_offset") }</th>
                            <th scope="col" rowspan="2" class="number">{ self.words.say("twin.max_offset") }</th>
                            { for columns.iter().map(group_head) }
                        </tr>
                        <tr>
                            { for columns.iter().flat_map(|_| parts).map(|(says, part)| match part {
                                Part::Owner => self.head(says),
                                Part::Number(..) => self.number_head(says),
                            }) }
                        </tr>
                    </thead>
                    <tbody>{ for queues.iter().map(row) }</tbody>
                </table>
            </div>
        }
    }

    fn progress(
        &self,
        column: &Column<'_>,
        topic: &str,
        number: u32,
        parts: &[(&'static str, Part)],
    ) -> Html {
        let Some(queue) = column.on(topic, number) else {
            return html! { <td class="nothing" colspan={parts.len().to_string()}>{ "–" }</td> };
        };
        let part = |(_, part): &(&'static str, Part)| match part {
            Part::Number(field, value) => cell(column.path(queue, field), value(queue)),
            Part::Owner => match &queue.owner {
                Some(owner) => {
                    let path = column.path(queue, "owner");
                    html! { <td data-number={path} data-value={owner.clone()}>{ owner }</td> }
                }
                None => html! { <td class="nothing">{ "–" }</td> },
            },
        };
        html! { <>{ for parts.iter().map(part) }</> }
    }

    fn groups(&self, groups: &[(GroupId, GroupReport)]) -> Html {
        let head = |(id, group): &(GroupId, GroupReport)| {
            let class = format!("group-head number g{}", group_colour(*id));
            html! { <th scope="col" {class}>{ self.name(Subject::Group(*id), group.group.clone()) }</th> }
        };
        let row = |(field, says, value): &Count| {
            let numbers = groups.iter().map(|(_, group)| match value(group) {
                0 if [PASSED.0, SUPERSEDED.0].contains(field) => html! { <td class="nothing">{ "–" }</td> },
                value => cell(format!("groups.{}.{field}", group.group), value),
            });
            html! {
                <tr key={*field}>
                    <th scope="row">{ self.words.say(says) }</th>
                    { for numbers }
                </tr>
            }
        };
        let effect = |(field, says, value): &Effect| {
            let number = |(_, group): &(GroupId, GroupReport)| match value(group) {
                Some(number) => cell(format!("groups.{}.{field}", group.group), number),
                None => html! { <td class="nothing">{ "–" }</td> },
            };
            html! {
                <tr key={*field}>
                    <th scope="row">{ self.words.say(says) }</th>
                    { for groups.iter().map(number) }
                </tr>
            }
        };
        let some_count = groups.iter().any(|(_, group)| group.effects.is_some());
        let some_pull = groups.iter().any(|(_, group)| group.in_application.is_some());
        let pulled = PULLED.iter().filter(|_| some_pull);
        let effects = EFFECTS.iter().filter(|_| some_count).chain(pulled).map(effect);
        // The report leaves it out where there are none, and there hardly ever are.
        let passed = groups.iter().any(|(_, group)| group.passed > 0).then_some(&PASSED);
        let superseded = groups.iter().any(|(_, group)| group.superseded > 0).then_some(&SUPERSEDED);
        let lost = groups.iter().any(|(_, group)| group.lost_stored > 0).then_some(&LOST);
        html! {
            <div class="scroll" tabindex="0" role="region" aria-label={self.words.say("twin.groups")}>
                <table>
                    <thead><tr>{ self.head("twin.count") }{ for groups.iter().map(head) }</tr></thead>
                    <tbody>{ for COUNTS.iter().chain(superseded).chain(passed).chain(lost).map(row) }{ for effects }</tbody>
                </table>
            </div>
        }
    }

    fn consumers(&self, groups: &[(GroupId, GroupReport)], most: usize) -> Html {
        let all = groups.iter().flat_map(|(id, group)| {
            let ids = self.world.group(*id).consumers.iter();
            ids.zip(&group.consumers).map(move |(consumer, report)| (*id, group, *consumer, report))
        });
        let some_lite = groups.iter().any(|(_, group)| group.consumers.iter().any(|one| one.lite.is_some()));
        let clients: &[LiteCount] = if some_lite { &LITE } else { &[] };
        let row = |(group_id, group, id, report): (GroupId, &GroupReport, _, &ConsumerReport)| {
            let path = |field: &str| format!("groups.{}.consumers.{}.{field}", group.group, report.consumer);
            let class = format!("g{}", group_colour(group_id));
            html! {
                <tr key={self.world.consumer_name(id)}>
                    <th scope="row" class={class}>
                        { self.name(Subject::Consumer(id), self.world.consumer_name(id)) }
                    </th>
                    <td data-number={path("state")} data-value={report.state} class={format!("state is-{}", report.state)}>
                        { self.words.say(state_key(self.world, id)) }
                    </td>
                    { cell(path("deliveries"), report.deliveries) }
                    { cell(path("acknowledged"), report.acknowledged) }
                    { cell(path("failed"), report.failed) }
                    { cell(path("busy_us"), report.busy_us) }
                    { for clients.iter().map(|(field, _, value)| match report.lite {
                        Some(client) => cell(path(&format!("lite.{field}")), value(client)),
                        None => html! { <td class="nothing">{ "–" }</td> },
                    }) }
                </tr>
            }
        };
        html! {
            <div class="scroll" tabindex="0" role="region" aria-label={self.words.say("twin.consumers")}>
                <table>
                    <thead>
                        <tr>
                            { self.head("twin.consumer") }{ self.head("twin.state") }{ self.number_head("twin.deliveries") }
                            { self.number_head("twin.acknowledged") }{ self.number_head("twin.failed") }{ self.number_head("twin.busy_us") }
                            { for clients.iter().map(|(_, says, _)| self.number_head(says)) }
                        </tr>
                    </thead>
                    <tbody>{ for all.take(most).map(row) }</tbody>
                </table>
            </div>
        }
    }

    /// Only while time stands still: every delivery is looked at.
    fn latencies(&self, groups: &[(GroupId, GroupReport)]) -> Html {
        let rows = groups.iter().flat_map(|(id, group)| {
            let all = latencies(self.world, *id);
            let class = format!("is-name g{}", group_colour(*id));
            [
                ("end_to_end", "twin.end_to_end", all.end_to_end),
                ("waiting", "twin.waiting", all.waiting),
                ("processing", "twin.processing", all.processing),
            ]
            .map(|(field, says, latency)| {
                html! {
                    <tr key={format!("{}.{field}", group.group)}>
                        <th scope="row" class={class.clone()}>{ &group.group }</th>
                        <th scope="row">{ self.words.say(says) }</th>
                        { latency_cells(&format!("groups.{}.latency_us.{field}", group.group), &latency) }
                    </tr>
                }
            })
        });
        html! {
            <div class="scroll" tabindex="0" role="region" aria-label={self.words.say("twin.latencies")}>
                <table>
                    <thead>
                        <tr>
                            { self.head("twin.group") }{ self.head("twin.latency") }{ self.number_head("twin.samples") }
                            { self.number_head("twin.mean") }{ self.number_head("twin.p50") }{ self.number_head("twin.p95") }
                            { self.number_head("twin.p99") }{ self.number_head("twin.max") }
                        </tr>
                    </thead>
                    <tbody>{ for rows }</tbody>
                </table>
            </div>
        }
    }
}

fn latency_cells(path: &str, latency: &Latency) -> Html {
    let Latency { count, mean, p50, p95, p99, max } = *latency;
    html! {
        <>
            { cell(format!("{path}.count"), count) }
            <td class="number">
                <data class="digits" value={mean.to_string()} data-number={format!("{path}.mean")} data-value={mean.to_string()}>
                    { grouped(mean.round() as u64) }
                </data>
            </td>
            { cell(format!("{path}.p50"), p50) }
            { cell(format!("{path}.p95"), p95) }
            { cell(format!("{path}.p99"), p99) }
            { cell(format!("{path}.max"), max) }
        </>
    }
}

/// A group's columns: one, or in broadcasting one for each consumer.
fn columns(id: GroupId, group: &GroupReport) -> Vec<Column<'_>> {
    let mut members: Vec<Option<&str>> = Vec::new();
    for queue in &group.queues {
        let member = queue.consumer.as_deref();
        if !members.contains(&member) {
            members.push(member);
        }
    }
    members.into_iter().map(|member| Column { id, group, member }).collect()
}

#[derive(Clone, Copy)]
enum Part {
    Number(&'static str, fn(&QueueReport) -> u64),
    Owner,
}

/// What is said about a group's progress on a queue.
const PARTS: [(&str, Part); 7] = [
    ("twin.committed_offset", Part::Number("committed_offset", |q| q.committed_offset)),
    ("twin.accumulation", Part::Number("accumulation", |q| q.accumulation)),
    ("twin.owner", Part::Owner),
    ("twin.next_offset", Part::Number("next_offset", |q| q.next_offset)),
    ("twin.ready", Part::Number("ready", |q| q.ready)),
    ("twin.inflight", Part::Number("inflight", |q| q.inflight)),
    ("twin.finished_ahead", Part::Number("finished_ahead", |q| q.finished_ahead)),
];
/// So many of them are shown unless somebody asks for all.
const PARTS_SHOWN: usize = 3;

/// A count of a group: its field in the report, its key in the catalogue, and how to read it.
type Count = (&'static str, &'static str, fn(&GroupReport) -> u64);

/// What is counted for a group.
const COUNTS: [Count; 16] = [
    ("accumulation", "twin.accumulation", |g| g.accumulation),
    ("ready", "twin.ready", |g| g.ready),
    ("inflight", "twin.inflight", |g| g.inflight),
    ("finished_ahead", "twin.finished_ahead", |g| g.finished_ahead),
    ("retry_waiting", "twin.retry_waiting", |g| g.retry_waiting),
    ("retry_accumulation", "twin.retry_accumulation", |g| g.retry_accumulation),
    ("matched", "twin.matched", |g| g.matched),
    ("deliveries", "twin.deliveries", |g| g.deliveries),
    ("redeliveries", "twin.redeliveries", |g| g.redeliveries),
    ("acknowledged", "twin.acknowledged", |g| g.acknowledged),
    ("failed", "twin.failed", |g| g.failed),
    ("dead_letters", "twin.dead_letters", |g| g.dead_letters),
    ("dropped", "twin.dropped", |g| g.dropped),
    ("duplicated", "twin.duplicated", |g| g.duplicated),
    ("filtered", "twin.filtered", |g| g.filtered),
    ("expired", "twin.expired", |g| g.expired),
];

/// And what a reset of its offsets passed over, if one did.
const PASSED: Count = ("passed", "twin.passed", |g| g.passed);

/// And what compaction had taken when it was read, if it had.
const SUPERSEDED: Count = ("superseded", "twin.superseded", |g| g.superseded);

/// And what a crash of the broker took before it was done with it.
const LOST: Count = ("lost_stored", "twin.lost_stored", |g| g.lost_stored);

/// The same where it is counted only in groups whose business effects count.
type Effect = (&'static str, &'static str, fn(&GroupReport) -> Option<u64>);

/// What is counted of business effects.
const EFFECTS: [Effect; 3] = [
    ("effects", "inspect.effects", |g| g.effects),
    ("effects_repeated", "inspect.effects_repeated", |g| g.effects_repeated),
    ("effects_skipped", "inspect.effects_skipped", |g| g.effects_skipped),
];

/// What is counted of a client of lite topics: the report's field, the words, the number.
type LiteCount = (&'static str, &'static str, fn(LiteClientReport) -> u64);

const LITE: [LiteCount; 2] = [
    ("subscriptions", "inspect.lite_subscriptions", |client| client.subscriptions),
    ("events", "inspect.lite_events", |client| client.events),
];

/// What is counted of messages that polls returned.
const PULLED: [Effect; 2] = [
    ("in_application", "inspect.in_application", |g| g.in_application),
    ("lost", "inspect.lost", |g| g.lost),
];

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
