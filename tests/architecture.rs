//! The house checks itself: modules use only what their row in `docs/architecture.md` names, the core has no
//! floating-point numbers, and what the page writes about itself exists.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

fn read(path: impl AsRef<Path>) -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(path);
    fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// Every Rust file below `folder`, by its path from the root of the package.
fn sources(folder: &str) -> Vec<PathBuf> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut found = Vec::new();
    let mut folders = vec![root.join(folder)];
    while let Some(folder) = folders.pop() {
        let Ok(entries) = fs::read_dir(&folder) else { continue };
        for entry in entries.map(|entry| entry.expect("a readable folder").path()) {
            if entry.is_dir() {
                folders.push(entry);
            } else if entry.extension().is_some_and(|ending| ending == "rs") {
                found.push(entry.strip_prefix(root).expect("below the root").to_owned());
            }
        }
    }
    found.sort();
    found
}

/// The table of `docs/architecture.md`: what each module may use.
fn permissions() -> BTreeMap<String, BTreeSet<String>> {
    let mut rows = BTreeMap::new();
    for line in read("docs/architecture.md").lines().filter(|line| line.starts_with("| `")) {
        let cells: Vec<&str> = line.split('|').collect();
        let ticked = |cell: &str| cell.split('`').skip(1).step_by(2).map(str::to_owned).collect::<Vec<_>>();
        rows.insert(ticked(cells[1])[0].clone(), ticked(cells[3]).into_iter().collect());
    }
    rows
}

/// The code of a file without comments and without its tests.
fn code(path: &Path) -> String {
    let text = read(path);
    let text = text.split("#[cfg(test)]").next().unwrap_or_default();
    text.lines().map(|line| line.split("//").next().unwrap_or_default()).collect::<Vec<_>>().join("\n")
}

/// Our modules that a file names through `crate::`, braces included.
fn modules_used(code: &str, modules: &BTreeSet<&str>) -> BTreeSet<String> {
    let mut used = BTreeSet::new();
    for after in code.split("crate::").skip(1) {
        let names: Vec<&str> = match after.strip_prefix('{') {
            Some(list) => list.split(',').map(str::trim).collect(),
            None => vec![after],
        };
        for name in names {
            let name: String = name.chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect();
            if modules.contains(name.as_str()) {
                used.insert(name);
            }
        }
    }
    used
}

#[test]
fn modules_use_only_what_the_table_allows() {
    let table = permissions();
    let modules: BTreeSet<&str> = table.keys().map(String::as_str).collect();
    assert!(modules.len() >= 8, "the table in docs/architecture.md is readable: {modules:?}");
    let mut violations = Vec::new();
    for path in sources("src") {
        let mut parts = path.iter().skip(1).map(|part| part.to_string_lossy().into_owned());
        let module = parts.next().unwrap_or_default().trim_end_matches(".rs").to_owned();
        if module == "lib" || module == "main" {
            continue;
        }
        let Some(allowed) = table.get(&module) else {
            violations.push(format!("{}: the module `{module}` has no row in the table", path.display()));
            continue;
        };
        for used in modules_used(&code(&path), &modules) {
            if used != module && !allowed.contains(&used) {
                violations.push(format!("{}: `{module}` may not use `{used}`", path.display()));
            }
        }
    }
    assert!(violations.is_empty(), "{}", violations.join("\n"));
}

#[test]
fn the_core_has_no_floating_point_numbers() {
    for path in sources("src/sim").into_iter().chain(sources("src/broker")) {
        let code = code(&path);
        for word in ["f32", "f64"] {
            let found = code.split(|c: char| !c.is_alphanumeric() && c != '_').any(|token| token == word);
            assert!(!found, "{} uses {word}", path.display());
        }
    }
}

#[test]
fn the_core_knows_no_browser_and_no_clock() {
    for path in
        sources("src").into_iter().filter(|path| !path.starts_with("src/app") && !path.ends_with("main.rs"))
    {
        let code = code(&path);
        for word in ["web_sys", "wasm_bindgen", "gloo", "js_sys", "SystemTime", "std::time", "getrandom"] {
            assert!(!code.contains(word), "{} uses {word}", path.display());
        }
    }
}

#[test]
fn links_between_documents_lead_somewhere() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    for document in [
        "README.md",
        "docs/architecture.md",
        "docs/model.md",
        "docs/decisions.md",
        "docs/scenario.md",
        "docs/conformance.md",
    ] {
        let folder = root.join(document).parent().expect("a file has a folder").to_owned();
        for after in read(document).split("](").skip(1) {
            let target = after.split(')').next().unwrap_or_default().split('#').next().unwrap_or_default();
            if !target.is_empty() && !target.starts_with("http") {
                assert!(folder.join(target).exists(), "{document} links to {target}, which is not there");
            }
        }
    }
}
