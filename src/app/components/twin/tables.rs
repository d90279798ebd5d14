//! The tables of queues, groups, consumers and latencies.

use yew::{Callback, Html, html};

use super::{Name, cell};
use crate::app::session_ref::WordsRef;
use crate::app::store::Msg;
use crate::app::subject::{Subject, state_key};
use crate::broker::{GroupId, QueueId, World};
use crate::metrics::latency::{Latency, latencies};
use crate::metrics::lite::LiteClientReport;
use crate::metrics::report::{ConsumerReport, GroupReport, QueueReport};
use crate::scene::theme::group_colour;
use crate::sim::Number;

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

pub(super) struct Table<'a> {
    pub(super) world: &'a World,
    pub(super) words: &'a WordsRef,
    pub(super) dispatch: &'a Callback<Msg>,
    pub(super) selected: Option<Subject>,
}

impl Table<'_> {
    pub(super) fn name(&self, subject: Subject, name: String) -> Html {
        html! {
            <Name {subject} {name} is_selected={self.selected == Some(subject)} dispatch={self.dispatch.clone()} />
        }
    }

    pub(super) fn head(&self, says: &'static str) -> Html {
        html! { <th scope="col">{ self.words.say(says) }</th> }
    }

    /// The head of a column of numbers.
    pub(super) fn number_head(&self, says: &'static str) -> Html {
        html! { <th scope="col" class="number">{ self.words.say(says) }</th> }
    }

    pub(super) fn queues(
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

    pub(super) fn groups(&self, groups: &[(GroupId, GroupReport)]) -> Html {
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

    pub(super) fn consumers(&self, groups: &[(GroupId, GroupReport)], most: usize) -> Html {
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
    pub(super) fn latencies(&self, groups: &[(GroupId, GroupReport)]) -> Html {
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

pub(super) fn latency_cells(path: &str, latency: &Latency) -> Html {
    let Latency { count, mean, p50, p95, p99, max } = *latency;
    html! {
        <>
            { cell(format!("{path}.count"), count) }
            <td class="number">
                <data class="digits" value={mean.to_string()} data-number={format!("{path}.mean")} data-value={mean.to_string()}>
                    { Number(mean.round() as u64).to_string() }
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
pub(super) enum Part {
    Number(&'static str, fn(&QueueReport) -> u64),
    Owner,
}

/// What is said about a group's progress on a queue.
pub(super) const PARTS: [(&str, Part); 7] = [
    ("twin.committed_offset", Part::Number("committed_offset", |q| q.committed_offset)),
    ("twin.accumulation", Part::Number("accumulation", |q| q.accumulation)),
    ("twin.owner", Part::Owner),
    ("twin.next_offset", Part::Number("next_offset", |q| q.next_offset)),
    ("twin.ready", Part::Number("ready", |q| q.ready)),
    ("twin.inflight", Part::Number("inflight", |q| q.inflight)),
    ("twin.finished_ahead", Part::Number("finished_ahead", |q| q.finished_ahead)),
];
/// So many of them are shown unless somebody asks for all.
pub(super) const PARTS_SHOWN: usize = 3;

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
