//! Plays recordings in many ways, and says where each run ends: one JSON object a line. `cargo xtask test --only
//! engines` runs this natively and, with the feature `web`, as WebAssembly in each browser, and compares.
//!
//! `replay FILE`; the file has one recording a line.

mod ways;

use std::rc::Rc;

use mqscope::scenario::Scenario;
use serde_json::json;

/// Plays one recording, and says for each way where the run ends.
fn replay(recording: &str) -> String {
    let scenario = match Scenario::parse(recording) {
        Ok(scenario) => Rc::new(scenario),
        Err(problems) => return format!("{}\n", json!({ "problems": problems.to_string() })),
    };
    let Some(recorded) = scenario.recorded else {
        return format!("{}\n", json!({ "run": scenario.id, "problems": "this is no recording" }));
    };
    let line = |(way, play): (&str, ways::Play)| {
        let end = play(&scenario, &recorded);
        let (at, fingerprint) = (end.at.0, end.fingerprint.to_string());
        json!({ "run": scenario.id, "way": way, "at_us": at, "entries": end.entries, "fingerprint": fingerprint })
    };
    ways::ways_of(&scenario, &recorded).into_iter().map(|way| format!("{}\n", line(way))).collect()
}

#[cfg(not(target_arch = "wasm32"))]
fn main() -> std::process::ExitCode {
    let read = || {
        std::fs::read_to_string(std::env::args().nth(1).ok_or("usage: replay FILE")?)
            .map_err(|e| e.to_string())
    };
    match read() {
        Ok(text) => {
            text.lines().for_each(|line| print!("{}", replay(line)));
            std::process::ExitCode::SUCCESS
        }
        Err(problem) => {
            eprintln!("{problem}");
            std::process::ExitCode::FAILURE
        }
    }
}

/// The page calls `replay` with one line at a time, so that it is never blocked for long.
#[cfg(target_arch = "wasm32")]
fn main() {
    use wasm_bindgen::closure::Closure;
    std::panic::set_hook(Box::new(|panic| gloo::console::error!(panic.to_string())));
    let replay = Closure::<dyn Fn(String) -> String>::new(|recording: String| replay(&recording));
    let set = js_sys::Reflect::set(&js_sys::global(), &"replay".into(), &replay.into_js_value());
    set.expect("the page lets itself be written on");
}
