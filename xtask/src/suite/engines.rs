//! Determinism, shown: all bundled scenarios and a thousand random worlds come to the same fingerprints in debug and in
//! release, natively and in each browser, in whatever way they are played.
//!
//! A debug program writes the recordings down, each with where it stood. `examples/replay` plays them, natively in
//! release and in each browser as the WebAssembly that ships is built, in every way that `examples/replay/ways.rs`
//! knows. The browsers look at the bundled ones in the page too. `tests/engines` is the page that does this.

use super::{Context, tally::Tally};
use crate::{
    engines::Engine,
    page::{self, Mode},
    process::{self, Outcome, cargo},
    server, setup, workspace,
};
use serde_json::Value;
use std::{
    collections::BTreeMap,
    fs,
    path::{Path, PathBuf},
    sync::mpsc::{self, RecvTimeoutError},
    thread,
    time::{Duration, Instant},
};

/// How long a browser may say nothing before something must be wrong.
const PATIENCE: Duration = Duration::from_secs(180);

/// So many random worlds are played.
const WORLDS: &str = "1000";

/// The way in which the page itself plays a run: to an instant that its address names.
const IN_THE_PAGE: &str = "in the page";

/// Where a run ended.
#[derive(Clone, Debug, PartialEq, Eq)]
struct End {
    entries: u64,
    fingerprint: String,
}

/// The ends by run and way.
type Ends = BTreeMap<(String, String), End>;

pub(super) fn run(context: &Context) -> Outcome<Option<Tally>> {
    let engines = engines()?;
    let page = context.page()?;
    let folder = workspace::target()?.join("engines");
    fs::create_dir_all(&folder).map_err(|problem| format!("cannot make {}: {problem}", folder.display()))?;

    let recordings = folder.join("recordings.jsonl");
    let mut laws = cargo("test");
    laws.args(["--locked", "--package", "mqscope", "--test", "laws", "--", "--ignored", "--exact"]);
    laws.arg("recordings_are_written_down");
    let written = laws.env("MQSCOPE_WORLDS", WORLDS).env("MQSCOPE_RECORDINGS", &recordings);
    let mut tally = Tally::of(written)?;
    let recorded = recorded(&recordings)?;

    bundle(&folder.join("replay"))?;
    let mut example = cargo("run");
    example.args(["--locked", "--release", "--package", "mqscope", "--example", "replay", "--"]);
    println!("$ cargo run --release --example replay {}", recordings.display());
    let started = Instant::now();
    let mut natively = Ends::new();
    read(&process::output(example.arg(&recordings))?, &mut natively)?;
    println!("native, release: {} ends in {:.1} s", natively.len(), started.elapsed().as_secs_f64());
    compare("native, release", &natively, &recorded)?;
    if let Some(run) =
        recorded.keys().find(|run| !natively.contains_key(&((*run).clone(), "at once".to_owned())))
    {
        return Err(format!("{run} was not played natively"));
    }
    let bundled = recorded.keys().filter(|run| !run.starts_with("world-"));
    let in_the_page = bundled.map(|run| (run.clone(), IN_THE_PAGE.to_owned()));
    let wanted: Vec<_> = natively.keys().cloned().chain(in_the_page).collect();

    let visits: Vec<_> = engines
        .iter()
        .map(|(engine, program)| {
            let visit = Visit { engine: *engine, folder: folder.clone(), page: page.clone() };
            let program = program.clone();
            (engine.name(), thread::spawn(move || visit.run(&program)))
        })
        .collect();
    let mut problems = Vec::new();
    for (name, visit) in visits {
        let ends = visit.join().unwrap_or_else(|_panic| Err("its thread panicked".to_owned()));
        let checked = ends.and_then(|ends| {
            compare(name, &ends, &recorded)?;
            match wanted.iter().find(|key| !ends.contains_key(*key)) {
                Some((run, way)) => Err(format!("{run} was not played {way}")),
                None => Ok(ends.len()),
            }
        });
        match checked {
            Ok(count) => tally.passed += count,
            Err(problem) => problems.push(format!("{name}: {problem}")),
        }
    }
    tally.passed += natively.len();
    if problems.is_empty() { Ok(Some(tally)) } else { Err(problems.join("\n")) }
}

/// The engines that this machine has. Continuous integration must have all of them.
fn engines() -> Outcome<Vec<(Engine, PathBuf)>> {
    let (mut found, mut missing) = (Vec::new(), Vec::new());
    for engine in Engine::ALL {
        match setup::engine(engine) {
            Ok(program) => found.push((engine, program)),
            Err(problem) => missing.push(problem),
        }
    }
    let all = missing.join("\n");
    if !missing.is_empty() && (found.is_empty() || std::env::var_os("CI").is_some()) {
        return Err(all);
    }
    if !missing.is_empty() {
        println!("NOT LOOKED AT:\n{all}");
    }
    Ok(found)
}

/// Builds `examples/replay` as the page is built.
fn bundle(out: &Path) -> Outcome {
    setup::wasm_target()?;
    let program = page::compile(&["--example", "replay"], "web", "web")?;
    let mut bindgen = page::bindgen(&program, Mode::Release);
    let written = bindgen.web(true).and_then(|bindgen| bindgen.generate(out));
    written.map_err(|problem| format!("wasm-bindgen cannot process {}: {problem:#}", program.display()))
}

/// Where each recording says that its run ended.
fn recorded(path: &Path) -> Outcome<BTreeMap<String, End>> {
    let text =
        fs::read_to_string(path).map_err(|problem| format!("cannot read {}: {problem}", path.display()))?;
    let recording = |line: &str| {
        let value: Value = serde_json::from_str(line).ok()?;
        Some((value["id"].as_str()?.to_owned(), end(&value["recorded"])?))
    };
    let all: Option<BTreeMap<_, _>> = text.lines().map(recording).collect();
    all.filter(|all| !all.is_empty())
        .ok_or_else(|| format!("{} holds something else than recordings", path.display()))
}

fn end(value: &Value) -> Option<End> {
    Some(End { entries: value["entries"].as_u64()?, fingerprint: value["fingerprint"].as_str()?.to_owned() })
}

/// Adds what a program has said.
fn read(text: &str, ends: &mut Ends) -> Outcome {
    for line in text.lines() {
        let said = serde_json::from_str::<Value>(line).ok();
        let name = |value: &Value, key: &str| value[key].as_str().map(str::to_owned);
        let known = said.and_then(|value| Some(((name(&value, "run")?, name(&value, "way")?), end(&value)?)));
        let (key, end) = known.ok_or_else(|| format!("it says: {line}"))?;
        ends.insert(key, end);
    }
    Ok(())
}

/// Fails by naming a few of the ends that are not where they should be.
fn compare(place: &str, ends: &Ends, recorded: &BTreeMap<String, End>) -> Outcome {
    let wrong: Vec<_> = ends.iter().filter(|((run, _), end)| recorded.get(run) != Some(*end)).collect();
    if wrong.is_empty() {
        println!("{place}: {} ends, all as recorded by the debug program", ends.len());
        return Ok(());
    }
    let line = |((run, way), end): &(&(String, String), &End)| {
        format!("{run} {way} ends at {end:?}, recorded at {:?}", recorded.get(run))
    };
    let some: Vec<_> = wrong.iter().take(10).map(line).collect();
    Err(format!("{} of {} ends differ:\n{}", wrong.len(), ends.len(), some.join("\n")))
}

/// A visit of one browser to `tests/engines`.
struct Visit {
    engine: Engine,
    /// Where the recordings and the program lie.
    folder: PathBuf,
    /// The built page.
    page: PathBuf,
}

impl Visit {
    /// Gives what the browser has found.
    fn run(self, program: &Path) -> Outcome<Ends> {
        let (engine, profile) = (self.engine, self.folder.join(format!("profile-{}", self.engine.name())));
        let (tell, said) = mpsc::channel();
        let tests = workspace::root().join("tests/engines");
        let port = server::start(0, move |request| {
            let path = server::path_of(request).to_owned();
            match path.as_str() {
                "/lines" | "/ended" | "/failed" => {
                    let mut body = String::new();
                    // What cannot be read is found missing.
                    let _ = request.as_reader().read_to_string(&mut body);
                    let _ = tell.send((path, body));
                    server::Answer::new("text/plain; charset=utf-8", "")
                }
                path if path.starts_with("/replay/") || path == "/recordings.jsonl" => {
                    server::file(&self.folder, path)
                }
                path => match path.strip_prefix("/page/") {
                    Some(path) => server::file(&self.page, path),
                    None => server::file(&tests, path).with_frames(),
                },
            }
        })?;
        let mut browser = engine.open(program, &profile, &format!("http://127.0.0.1:{port}/"))?;
        let mut ends = Ends::new();
        let mut silent_since = Instant::now();
        loop {
            match said.recv_timeout(Duration::from_secs(1)) {
                Ok((path, body)) => match path.as_str() {
                    "/lines" => read(&body, &mut ends)?,
                    "/ended" => {
                        println!("{}: {body}", engine.name());
                        return Ok(ends);
                    }
                    _ => return Err(format!("after {} ends: {body}", ends.len())),
                },
                Err(RecvTimeoutError::Timeout) if browser.has_ended() => {
                    return Err(format!("it has ended by itself after {} ends", ends.len()));
                }
                Err(RecvTimeoutError::Timeout) if silent_since.elapsed() < PATIENCE => continue,
                Err(_silent) => return Err(format!("it says nothing any more after {} ends", ends.len())),
            }
            silent_since = Instant::now();
        }
    }
}
