//! Writing: what is written reads back, and good files can be played.

use std::fs;
use std::path::Path;
use std::rc::Rc;

use mqscope::broker::{Entry, Event, Observer, World};
use mqscope::scenario::{LocalText, Scenario, bundled};
use mqscope::session::Session;
use mqscope::sim::{Chance, Stream};

use crate::checker::check_schema;
use crate::random::{Luck, random_scenario};
use crate::{base, good, parse};

#[test]
fn what_is_written_reads_back() {
    let files = bundled().iter().map(|(_, text)| (*text).to_owned()).chain(benches().map(|(_, text)| text));
    for text in files.chain([base().to_string()]) {
        let scenario = Scenario::parse(&text).unwrap_or_else(|problems| panic!("{problems}"));
        let written = scenario.to_json();
        assert_eq!(parse(&written), Ok(scenario.clone()));
        // Canonical: writing it again changes nothing.
        assert_eq!(good(&written).to_json().to_string(), written.to_string());
    }
}

#[test]
fn random_scenarios_read_back() {
    let draws = Chance::new(2).stream(Stream::World, 2);
    for n in 0..1_000 {
        let scenario = random_scenario(&mut Luck { draws, next: n * 10_000 });
        let written = scenario.to_json();
        assert_eq!(parse(&written), Ok(scenario), "{written:#}");
        check_schema(&written);
    }
}

/// Refused commands by the place of the command.
#[derive(Default)]
struct Refused(Vec<usize>);

impl Observer for Refused {
    fn observe(&mut self, _: &World, entry: &Entry) {
        if let Event::CommandRefused { command, .. } = entry.event {
            self.0.push(command.index());
        }
    }
}

/// A file without problems makes a world that refuses nothing of its topology and runs.
#[test]
fn good_files_can_be_played() {
    let draws = Chance::new(3).stream(Stream::World, 3);
    for n in 0..300 {
        let scenario = random_scenario(&mut Luck { draws, next: n * 10_000 });
        let topology = scenario.commands().len();
        let mut session = Session::new(Rc::new(scenario.clone()), Refused::default());
        session.run_until(scenario.until, 3_000);
        assert_eq!(session.broken(), None, "{}", scenario.to_json());
        assert!(session.observer().0.iter().all(|command| *command >= topology), "{}", scenario.to_json());
    }
}

/// The files of `benches/`, by name.
fn benches() -> impl Iterator<Item = (String, String)> {
    let names = ["w", "lite", "theory-1", "theory-2", "theory-3", "theory-4", "theory-5", "theory-6"];
    names.into_iter().map(|name| {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("benches/{name}.json"));
        (name.to_owned(), fs::read_to_string(path).expect("the bench is there"))
    })
}

#[test]
fn bundled_files_are_named_after_their_ids_and_speak_both_languages() {
    let chinese = |text: &LocalText| text.zh_cn.chars().any(|c| ('\u{4e00}'..='\u{9fff}').contains(&c));
    let files = bundled().iter().map(|(id, text)| ((*id).to_owned(), (*text).to_owned()));
    for (id, text) in files.chain(benches()) {
        let scenario = Scenario::parse(&text).unwrap_or_else(|problems| panic!("{id}: {problems}"));
        assert_eq!(scenario.id, id);
        let labels = scenario.markers.iter().map(|marker| &marker.label);
        let captions = scenario.captions.iter().map(|caption| &caption.text);
        for text in labels.chain(captions).chain(&scenario.summary) {
            assert!(
                chinese(text) && text.en.is_ascii() | text.en.contains(['−', '×', '÷']),
                "{id}: {text:?}"
            );
        }
        assert!(scenario.summary.is_some(), "{id} says what to watch for");
        check_schema(&serde_json::from_str(&text).expect("bundled files are JSON"));
    }
    // Nothing in the folder is forgotten.
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("static/scenarios");
    assert_eq!(fs::read_dir(folder).expect("the folder is there").count(), bundled().len());
}
