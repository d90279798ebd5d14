//! The command `serve`: build, serve, watch, rebuild, reload.

use crate::{
    page::{self, Mode},
    process::Outcome,
    reload::Reload,
    said, server, workspace,
};
use lexopt::prelude::*;
use notify::{EventKind, RecursiveMode, Watcher, event::ModifyKind};
use std::{
    path::{Path, PathBuf},
    sync::{
        Arc,
        mpsc::{self, Receiver},
    },
    time::{Duration, Instant},
};

/// The port taken when none is named; when it is busy, the next free one.
const USUAL_PORT: u16 = 8080;

/// Editors write a file in several steps: a rebuild waits until nothing has changed for this long.
const SETTLE: Duration = Duration::from_millis(60);

/// What the page is made from: folders, and files of the root.
const SOURCE_FOLDERS: [&str; 2] = ["src", "static"];
const SOURCE_FILES: [&str; 3] = ["index.html", "Cargo.toml", "Cargo.lock"];

/// The options of `serve`.
pub(crate) struct Options {
    mode: Mode,
    port: Option<u16>,
    watch: bool,
}

impl Options {
    /// Reads them from the command line.
    pub(crate) fn read(arguments: &mut lexopt::Parser) -> Outcome<Self> {
        let mut options = Self { mode: Mode::Dev, port: None, watch: true };
        while let Some(argument) = arguments.next().map_err(said)? {
            match argument {
                Long("release") => options.mode = Mode::Release,
                Long("port") => {
                    options.port = Some(arguments.value().and_then(|port| port.parse()).map_err(said)?);
                }
                Long("no-watch") => options.watch = false,
                other => return Err(said(other.unexpected())),
            }
        }
        Ok(options)
    }
}

/// Serves until it is stopped.
pub(crate) fn run(options: Options) -> Outcome {
    let out = workspace::target()?.join("serve");
    page::clear(&out)?;
    // Watching begins before the first build, so that nothing saved meanwhile is missed.
    let changes = if options.watch { Some(watch()?) } else { None };
    let built = build(options.mode, &out);
    if let (Err(problem), false) = (&built, options.watch) {
        return Err(problem.clone());
    }

    let reload = Arc::new(Reload::new());
    let port = listen(options.port, out.clone(), Arc::clone(&reload), options.watch)?;
    report(&built);
    println!("\n  MQScope: http://127.0.0.1:{port}/\n");

    let Some((_watcher, changes)) = changes else {
        loop {
            std::thread::park();
        }
    };
    while changes.recv().is_ok() {
        while changes.recv_timeout(SETTLE).is_ok() {}
        let built = build(options.mode, &out);
        report(&built);
        if built.is_ok() {
            reload.announce();
        }
    }
    Ok(())
}

fn build(mode: Mode, out: &Path) -> Outcome<Duration> {
    let start = Instant::now();
    page::build(mode, out).map(|()| start.elapsed())
}

fn report(built: &Outcome<Duration>) {
    match built {
        Ok(time) => println!("Built in {:.1} s.", time.as_secs_f64()),
        Err(problem) => println!("Not built: {problem}. Waiting for a change."),
    }
}

/// Takes the port asked for, or the first free one from the usual one on.
fn listen(port: Option<u16>, out: PathBuf, reload: Arc<Reload>, watch: bool) -> Outcome<u16> {
    let answer = Arc::new(move |request: &mut tiny_http::Request| {
        let path = server::path_of(request);
        if watch && let Some(answer) = reload.answer(path) {
            return answer;
        }
        let file = server::file(&out, path);
        if watch { file.map_html(Reload::inject) } else { file }
    });
    let candidates = port.map_or(USUAL_PORT..=USUAL_PORT + 20, |port| port..=port);
    let mut last = Err("there is no port to listen on".to_owned());
    for port in candidates {
        let answer = Arc::clone(&answer);
        last = server::start(port, move |request| answer(request));
        if last.is_ok() {
            break;
        }
    }
    last
}

type Changes = (notify::RecommendedWatcher, Receiver<()>);

/// Sends a word for each change of a source. Mere reading is none, or each build would cause the next.
fn watch() -> Outcome<Changes> {
    let (tell, changes) = mpsc::channel();
    let root = workspace::root();
    let source_files = SOURCE_FILES.map(|name| root.join(name));
    let source_folders = SOURCE_FOLDERS.map(|name| root.join(name));
    let is_source = move |path: &PathBuf| {
        source_files.contains(path) || source_folders.iter().any(|folder| path.starts_with(folder))
    };
    let failed = |problem: notify::Error| format!("cannot watch the sources: {problem}");
    let mut watcher = notify::recommended_watcher(move |event: notify::Result<notify::Event>| {
        let Ok(event) = event else { return };
        let writes = match event.kind {
            EventKind::Create(_) | EventKind::Remove(_) => true,
            EventKind::Modify(kind) => !matches!(kind, ModifyKind::Metadata(_)),
            _ => false,
        };
        if writes && event.paths.iter().any(&is_source) {
            // Nobody listens any more when the command ends.
            let _ = tell.send(());
        }
    })
    .map_err(failed)?;
    // The root's own files are watched through the root: editors replace files, and a watch on a file would go with it.
    watcher.watch(&root, RecursiveMode::NonRecursive).map_err(failed)?;
    for folder in SOURCE_FOLDERS.map(|name| root.join(name)).iter().filter(|folder| folder.is_dir()) {
        watcher.watch(folder, RecursiveMode::Recursive).map_err(failed)?;
    }
    Ok((watcher, changes))
}
