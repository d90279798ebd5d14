//! Accessibility, checked by axe-core.

use crate::Page;
use serde_json::Value;
use std::path::PathBuf;

/// Where `npm ci` puts the script, unless a variable says otherwise.
fn script() -> String {
    let usual = concat!(env!("CARGO_MANIFEST_DIR"), "/node_modules/axe-core/axe.min.js");
    let path = std::env::var_os("MQSCOPE_AXE").map_or_else(|| PathBuf::from(usual), PathBuf::from);
    match std::fs::read_to_string(&path) {
        Ok(script) => script,
        Err(problem) => {
            panic!("cannot read {}: {problem}; `npm ci` in tests/browser fetches it", path.display())
        }
    }
}

impl Page {
    /// The accessibility rules that the page breaks now, one line for each place.
    pub async fn violations(&self) -> Vec<String> {
        self.eval(&script()).await;
        let result = self
            .eval_async("axe.run().then(result => done(result.violations), problem => done(String(problem)))")
            .await;
        let Value::Array(violations) = result else { panic!("axe-core failed: {result}") };
        violations.iter().flat_map(lines).collect()
    }
}

fn lines(violation: &Value) -> Vec<String> {
    let rule = format!("{} ({})", violation["id"], violation["help"]);
    let nodes = violation["nodes"].as_array().map(Vec::as_slice).unwrap_or_default();
    nodes.iter().map(|node| format!("{rule}: {} {}", node["target"], node["html"])).collect()
}
