//! Tables in the documents that the code can write itself. `UPDATE=1 cargo test --test docs` rewrites them.

use std::fs;
use std::path::Path;

use mqscope::broker::invariants;

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
fn the_model_lists_every_invariant() {
    let rows: String =
        invariants::ALL.iter().map(|(id, sentence)| format!("| {id} | {sentence} |\n")).collect();
    between("docs/model.md", "invariants", &format!("| id | what holds |\n| --- | --- |\n{rows}"));
}
