//! What the page's tables say at an instant is what headless says at it: every number, in every bundled scenario, and
//! the fingerprint of every run.

#[path = "../../components/by_path.rs"]
mod by_path;

use std::collections::BTreeMap;
use std::rc::Rc;

use browser_tests::{Page, View, browse};
use by_path::by_path;
use mqscope::metrics::report::{self, Report};
use mqscope::scenario::{Scenario, bundled};
use mqscope::session::Session;
use mqscope::sim::Instant;
use serde_json::Value;

/// The report of a bundled scenario at an instant, computed natively.
fn natively(text: &str, at: Option<Instant>) -> Report {
    let scenario = Scenario::parse(text).unwrap_or_else(|problems| panic!("{problems}"));
    let until = at.unwrap_or(scenario.until);
    let mut session = Session::new(Rc::new(scenario), ());
    session.run_until(until, u64::MAX);
    report::report(session.world(), &session.scenario().id, session.fingerprint())
}

fn text(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        // A mean is a floating-point number; both sides write it in its shortest exact form.
        Value::Number(number) => {
            number.as_f64().filter(|_| number.is_f64()).map_or(number.to_string(), |f| f.to_string())
        }
        other => other.to_string(),
    }
}

/// What the page shows, by path.
async fn shown(page: &Page) -> BTreeMap<String, String> {
    let script = "return [...document.querySelectorAll('[data-number]')]
        .map(e => [e.dataset.number, e.dataset.value])";
    let pairs = page.eval(script).await;
    let pair = |pair: &Value| (text(&pair[0]), text(&pair[1]));
    pairs.as_array().expect("a list of pairs").iter().map(pair).collect()
}

async fn open_at(page: &Page, id: &str, at: Instant) {
    page.open(&format!("?scenario={id}&at={}us&paused", at.0)).await;
    page.until_shown(&format!("[data-number=now_us][data-value='{}']", at.0)).await;
}

#[test]
fn every_number_equals_headless() {
    browse(View::default(), async |page| {
        let mut compared = 0;
        for (id, scenario) in bundled() {
            for seconds in [12, 41] {
                let at = Instant(seconds * 1_000_000 + 345_678);
                open_at(&page, id, at).await;
                page.click("#twin .more[aria-expanded=false]").await;
                page.until_shown("#twin .more[aria-expanded=true]").await;
                let (here, there) = (shown(&page).await, by_path(&natively(scenario, Some(at))));
                compared += there.len();
                for (path, value) in &there {
                    assert_eq!(here.get(path), Some(value), "{id} at {at}: {path}");
                }
                let more: Vec<_> = here.keys().filter(|path| !there.contains_key(*path)).collect();
                assert!(
                    more.is_empty(),
                    "{id}: the page shows numbers that headless does not know: {more:?}"
                );
            }
        }
        assert!(compared > 60 * 2 * bundled().len(), "there is something to compare: {compared}");
    });
}

#[test]
fn fingerprints_are_equal_natively_and_in_the_browser() {
    browse(View::default(), async |page| {
        for (id, scenario) in bundled() {
            let there = natively(scenario, None);
            open_at(&page, id, Instant(there.now_us)).await;
            let here = shown(&page).await;
            assert_eq!(here.get("fingerprint"), Some(&there.fingerprint), "{id}");
            assert_eq!(here.get("events"), Some(&there.events.to_string()), "{id}");
        }
    });
}
