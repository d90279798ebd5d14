//! What is wrong with a scenario file is said in both languages.

use std::collections::{BTreeMap, BTreeSet};

use mqscope::lesson::{Language, Words};
use mqscope::scenario::{LIST_TEMPLATES, Scenario};

/// Every sentence about a bad file can be said in Chinese, with the same holes; no translation is left over.
#[test]
fn every_problem_can_be_said_in_chinese() {
    let templates = sentences_in_the_source();
    assert!(templates.len() > 100, "the sentences are found in the source: {}", templates.len());
    let words = Words::new(Language::Chinese);
    let holes = |text: &str| -> BTreeSet<String> {
        text.split('{').skip(1).filter_map(|rest| Some(rest.split_once('}')?.0.to_owned())).collect()
    };
    for template in &templates {
        let chinese = words.problem(template).unwrap_or_else(|| panic!("no Chinese for: {template}"));
        assert_eq!(holes(chinese), holes(template), "{template}");
    }
    let catalogue: BTreeMap<String, String> =
        serde_json::from_str(include_str!("../static/words/problems.zh-CN.json")).expect("a catalogue");
    for template in catalogue.keys() {
        assert!(templates.contains(template), "nobody says any more: {template}");
    }
    let problems =
        Scenario::parse(r#"{ "format": "mqscope.scenario/1", "seed": -1 }"#).expect_err("a bad seed");
    let seed = problems.iter().find(|problem| problem.path == "seed").expect("the seed is bad");
    assert_eq!(seed.what.say(&|template| words.problem(template)), "-1 是负数");
}

/// The templates of all `sentence!` in the scenario module, and those that stand in none.
fn sentences_in_the_source() -> BTreeSet<String> {
    let mut found: BTreeSet<String> = LIST_TEMPLATES.map(str::to_owned).into();
    let mut open = vec![std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("src/scenario")];
    while let Some(path) = open.pop() {
        if path.is_dir() {
            let entries = std::fs::read_dir(&path).expect("the module's folder");
            open.extend(entries.map(|entry| entry.expect("a file").path()));
            continue;
        }
        let text = std::fs::read_to_string(&path).expect("a readable file");
        for after in text.split("sentence!(").skip(1).filter(|_| !path.ends_with("sentence.rs")) {
            let mut json = serde_json::Deserializer::from_str(after.trim_start()).into_iter::<String>();
            found.insert(json.next().expect("a literal").expect("a literal"));
        }
    }
    found
}
