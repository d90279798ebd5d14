//! The tables hold the numbers of the world, each where its row and column say.

use std::collections::BTreeMap;

use crate::by_path::by_path;
use crate::states;
use mqscope::app::{Msg, State, Subject, ssr};
use mqscope::broker::{GroupId, ProducerId, ProgressId, QueueId};
use mqscope::lesson::Language;
use mqscope::metrics::{Report, report};
use mqscope::sim::{Instant, Number};

fn of(state: &State) -> Report {
    let session = state.session.borrow();
    report::report(session.world(), &session.scenario().id, session.fingerprint())
}

/// The columns of a queue's progress that a button brings.
fn is_shown_later(path: &str) -> bool {
    let later = ["next_offset", "ready", "inflight", "finished_ahead"];
    path.contains(".queues.") && later.iter().any(|field| path.ends_with(field))
}

#[test]
fn every_number_is_that_of_the_report() {
    for (id, at) in states::everywhere() {
        let state = states::at(&id, at, Language::English);
        let page = ssr::page(&state);
        let there = by_path(&of(&state));
        let mut here = BTreeMap::new();
        for shown in page.all("[data-number]") {
            let (path, value) = (shown.attribute("data-number"), shown.attribute("data-value"));
            let (path, value) = (path.unwrap_or_default(), value.unwrap_or_default());
            assert_eq!(there.get(path).map(String::as_str), Some(value), "{id} at {at}: {path}");
            if let Some(number) = value.parse().ok().filter(|_| shown.tag == "data") {
                let said = Number(number).to_string();
                assert_eq!(shown.text(), said, "{id} at {at}: what is read is what is meant");
            }
            here.insert(path, value);
        }
        for (path, value) in there.iter().filter(|(path, _)| !is_shown_later(path)) {
            assert_eq!(here.get(path.as_str()), Some(&value.as_str()), "{id} at {at}: {path} is shown");
        }
        assert!(here.len() > 25, "{id} at {at}: there is something to compare");
    }
}

/// Whoever reads 2,475 in the picture finds 2,475 beside it and below it, not 2475.
#[test]
fn a_large_number_is_written_alike_everywhere() {
    let mut state = states::at("accumulate-and-drain", Instant::from_secs(40), Language::English);
    let all = [
        Subject::Producer(ProducerId(0)),
        Subject::Queue(QueueId(0)),
        Subject::Group(GroupId(0)),
        Subject::Cursor(ProgressId(0)),
    ];
    let mut large = 0;
    for subject in all {
        state.update(Msg::Select(Some(subject)));
        let page = ssr::page(&state);
        let places = [".inspector", "#twin", ".log"].map(|css| page.one(css));
        for text in places.into_iter().flat_map(|place| place.texts()) {
            let bare = |word: &&str| word.len() > 3 && word.bytes().all(|byte| byte.is_ascii_digit());
            assert_eq!(text.split_whitespace().find(bare), None, "{subject}: {text:?}");
            large += text.split_whitespace().filter(|word| word.contains(',') && word.len() > 4).count();
        }
    }
    assert!(large > 20, "{large} numbers are large");
}

/// Queues down, groups across: the numbers of a row, group by group, as somebody who reads the table finds them.
#[test]
fn a_row_is_a_queue_and_a_column_is_a_group() {
    for (id, at) in states::everywhere() {
        let state = states::at(&id, at, Language::English);
        let report = of(&state);
        let page = ssr::page(&state);
        let table = page.all("#twin table")[0];
        let heads = table.all("thead tr")[0].all("th");
        let groups: Vec<(String, usize)> = heads[3..]
            .iter()
            .map(|head| {
                let span = head.attribute("colspan").and_then(|span| span.parse().ok());
                (head.text(), span.expect("a group spans its columns"))
            })
            .collect();
        let rows = table.all("tbody tr");
        let queues: usize = state.session.borrow().world().live.queues.len();
        assert_eq!(rows.len(), queues, "{id}: a row for each queue");
        let mut read = 0;
        for row in rows {
            let name = row.one("th").text();
            let mut cells = row.all("td").into_iter();
            let mut next = || cells.next().expect("the row has a cell for each column");
            let _offsets = [next(), next()];
            for (title, span) in &groups {
                let (group, member) = match title.split_once(" · ") {
                    Some((group, member)) => (group, Some(member)),
                    None => (title.as_str(), None),
                };
                let group = report.groups.iter().find(|one| one.group == group).expect("a known group");
                let progress = group.queues.iter().find(|queue| {
                    format!("{}/{}", queue.topic, queue.queue) == name && queue.consumer.as_deref() == member
                });
                let first = next();
                let Some(progress) = progress else {
                    assert_eq!(first.text(), "–", "{id} at {at}: {title} does not read {name}");
                    continue;
                };
                let row = [first, next(), next()].map(|cell| cell.text());
                let expected = [
                    Number(progress.committed_offset).to_string(),
                    Number(progress.accumulation).to_string(),
                    progress.owner.clone().unwrap_or("–".to_owned()),
                ];
                assert_eq!((row, *span), (expected, 3), "{id} at {at}: {title} on {name}");
                read += 1;
            }
            assert!(cells.next().is_none(), "{id}: no cell beyond the columns");
        }
        let all: usize = report.groups.iter().map(|group| group.queues.len()).sum();
        assert_eq!(read, all, "{id} at {at}: every group's every queue was found");
    }
}

#[test]
fn while_time_runs_no_latency_is_shown_that_is_out_of_date() {
    let mut state = states::at("domain-model", mqscope::sim::Instant::from_secs(20), Language::English);
    let latencies = |state: &State| {
        let page = ssr::page(state);
        let paths = page.all("[data-number]");
        paths.iter().filter(|one| one.attribute("data-number").is_some_and(|p| p.contains("latency"))).count()
    };
    assert!(latencies(&state) > 0);
    state.update(Msg::TogglePlay);
    assert_eq!(latencies(&state), 0);
    assert_eq!(ssr::page(&state).all(".latencies-later").len(), 1, "and a sentence says when they come");
}
