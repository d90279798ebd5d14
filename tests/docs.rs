//! Tables in the documents that the code can write itself. `UPDATE=1 cargo test --test docs` rewrites them.

use std::fs;
use std::path::Path;

use mqscope::broker::invariants;
use mqscope::lesson::{Language, Words};
use mqscope::scenario::{self, CLAIMS, Profile, Scenario};

/// Compares what stands between two markers of a document with `expected`, or writes it there.
fn between(document: &str, marker: &str, expected: &str) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(document);
    let text = fs::read_to_string(&path).expect("the document is there");
    let (begin, end) = (format!("<!-- {marker} -->\n"), format!("<!-- end of {marker} -->"));
    let start = text.find(&begin).expect("the document has the marker") + begin.len();
    let stop = start + text[start..].find(&end).expect("and its end");
    if std::env::var_os("UPDATE").is_some() {
        fs::write(&path, format!("{}{expected}{}", &text[..start], &text[stop..]))
            .expect("the document is writable");
    } else {
        assert_eq!(
            &text[start..stop],
            expected,
            "{document} is out of date: UPDATE=1 cargo test --test docs"
        );
    }
}

#[test]
fn no_document_holds_two_versions_of_itself() {
    for entry in
        fs::read_dir(Path::new(env!("CARGO_MANIFEST_DIR")).join("docs")).expect("there are documents")
    {
        let path = entry.expect("a readable folder").path();
        let text = fs::read_to_string(&path).expect("a readable document");
        let marks = ["<<<<<<<", ">>>>>>>"];
        let mark = text.lines().find(|line| marks.iter().any(|mark| line.starts_with(mark)));
        assert_eq!(mark, None, "{}", path.display());
    }
}

#[test]
fn the_model_lists_every_invariant() {
    let rows: String =
        invariants::ALL.iter().map(|(id, sentence)| format!("| {id} | {sentence} |\n")).collect();
    between("docs/model.md", "invariants", &format!("| id | what holds |\n| --- | --- |\n{rows}"));
}

/// The text of all tests of claims, family by family.
fn claim_tests() -> String {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/claims");
    let files = fs::read_dir(folder).expect("the folder is there");
    let mut paths: Vec<_> = files.map(|file| file.expect("a readable folder").path()).collect();
    paths.sort();
    paths.iter().map(|path| fs::read_to_string(path).expect("a readable file")).collect()
}

/// Every claim with what keeps it: the sentence, the test, and the scenarios that show it and from when.
#[test]
fn every_claim_that_is_kept_is_tested_shown_and_said() {
    let tests = claim_tests();
    let words = Language::ALL.map(Words::new);
    let mut rows = String::new();
    let mut kept = 0;
    for id in CLAIMS {
        let start = format!("fn {}_", id.to_lowercase());
        let test = tests.lines().find(|line| line.starts_with(&start));
        let test = test.and_then(|line| line.trim_start_matches("fn ").split('(').next());
        let key = format!("claim.{id}");
        let is_said = words.each_ref().map(|words| words.text(&key) != key);
        let shown: Vec<String> = scenario::bundled()
            .iter()
            .flat_map(|(name, text)| {
                let captions = Scenario::parse(text).expect("it is a good file").captions;
                let first = captions.into_iter().find(|caption| caption.claims.contains(&id))?;
                Some(format!("[{name}](../static/scenarios/{name}.json) at {}", first.at))
            })
            .collect();
        let is_kept = test.is_some();
        assert!(is_said == [is_kept; 2], "{id} is said in both languages exactly if a test keeps it");
        assert_eq!(!shown.is_empty(), is_kept, "{id} is shown exactly if a test keeps it");
        kept += usize::from(is_kept);
        let (sentence, test) = match test {
            Some(test) => (words[0].text(&key), format!("`{test}`")),
            None => ("", "not yet".to_owned()),
        };
        rows.push_str(&format!("| {id} | {sentence} | {test} | {} |\n", shown.join("<br>")));
    }
    assert!(kept >= 32, "{kept} claims are kept");
    let head = "| claim | what is true | test in `tests/claims` | shown by |\n| --- | --- | --- | --- |\n";
    between("docs/claims.md", "claims", &format!("{head}{rows}"));
}

/// Everything that is decided, with what else it could be, who decides it otherwise, and where sources disagree.
#[test]
fn every_setting_is_listed_and_said_in_both_languages() {
    let words = Language::ALL.map(Words::new);
    let english = &words[0];
    let said = |key: &str| {
        for words in &words {
            assert_ne!(words.text(key), key, "{} says nothing of {key}", words.language().tag());
        }
        english.text(key).to_owned()
    };
    let mut rows = String::new();
    let mut conflicts: Vec<&str> = Vec::new();
    for entry in scenario::entries() {
        said(&format!("settings.area_{}", entry.area()));
        let unit = entry.unit().map(|unit| said(&format!("settings.unit_{unit}"))).unwrap_or_default();
        let code = |value: &String| format!("`{value}`");
        let others: Vec<String> = entry.others().iter().map(code).collect();
        let sets = Profile::ALL
            .into_iter()
            .filter_map(|profile| Some(format!("`{}` → `{}`", profile.name(), entry.otherwise(profile)?)));
        let sets: Vec<String> = sets.collect();
        let obeyed = match (entry.key(), entry.is_modelled()) {
            (Some(key), _) => format!("`{key}`"),
            (None, true) if entry.has_reason() => {
                format!("yes; {}", said(&format!("setting.why.{}", entry.name)))
            }
            (None, true) => "yes".to_owned(),
            (None, false) if entry.is_left_out() => {
                format!("no place here: {}", said(&format!("setting.why.{}", entry.name)))
            }
            (None, false) => "always the default".to_owned(),
        };
        rows.push_str(&format!(
            "| `{}` | `{}` {unit} | {} | {} | {} | {} | {} |\n",
            entry.name,
            entry.default(),
            others.join(", "),
            sets.join("<br>"),
            entry.conflicts().join(", "),
            obeyed,
            said(&format!("setting.{}", entry.name)),
        ));
        conflicts.extend(entry.conflicts());
    }
    let head = "| Setting | Default | Others | Profiles | Conflicts | Obeyed | What it decides |\n\
                | --- | --- | --- | --- | --- | --- | --- |\n";
    between("docs/settings.md", "settings", &format!("{head}{rows}"));
    conflicts.sort_unstable_by_key(|number| number[1..].parse::<u32>().ok());
    conflicts.dedup();
    let rows: String = conflicts
        .iter()
        .map(|number| format!("| {number} | {} |\n", said(&format!("conflict.{number}"))))
        .collect();
    between(
        "docs/settings.md",
        "conflicts",
        &format!("| Conflict | What real systems do |\n| --- | --- |\n{rows}"),
    );
}
