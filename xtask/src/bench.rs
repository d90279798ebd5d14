//! The command `bench`: the example `bench`, natively and as WebAssembly. It prints one JSON object a line.

use crate::{
    engines::Engine,
    page::{self, Mode},
    process::{Outcome, cargo, find_program, run},
    said, server, setup, workspace,
};
use lexopt::prelude::*;
use std::{fs, path::Path, process::Command, sync::mpsc, time::Duration};

/// How long the benchmarks may take in a browser before something must be wrong.
const PATIENCE: Duration = Duration::from_secs(600);

/// Reads the command line and runs what it asks for.
pub(crate) fn run_command(arguments: &mut lexopt::Parser) -> Outcome {
    let (mut native, mut wasm, mut browser, mut rest) = (false, false, false, Vec::new());
    while let Some(argument) = arguments.next().map_err(said)? {
        match argument {
            Long("native") => native = true,
            Long("wasm") => wasm = true,
            Long("browser") => browser = true,
            Value(first) => {
                rest.push(first);
                rest.extend(arguments.raw_args().map_err(said)?);
            }
            other => return Err(said(other.unexpected())),
        }
    }
    let all = !(native || wasm || browser);
    if native || all {
        let mut example = cargo("run");
        example.args(["--locked", "--release", "--package", "mqscope", "--example", "bench", "--"]);
        run(example.args(&rest))?;
    }
    if wasm || browser || all {
        let out = workspace::target()?.join("bench");
        fs::create_dir_all(&out).map_err(|problem| format!("cannot make {}: {problem}", out.display()))?;
        setup::wasm_target()?;
        let program = page::compile(&["--example", "bench"], "web", "web")?;
        let node = find_program(&["node"]);
        if let Some(node) = node.as_ref().filter(|_| wasm || all) {
            in_node(node, &program, &out, &rest)?;
        }
        if browser || node.is_none() {
            in_browser(&program, &out)?;
        }
    }
    Ok(())
}

/// Node gives the program its arguments in `process.argv`, as for any script.
fn in_node(node: &Path, program: &Path, out: &Path, arguments: &[std::ffi::OsString]) -> Outcome {
    let mut bindgen = page::bindgen(program, Mode::Release);
    let written = bindgen.nodejs(true).and_then(|bindgen| bindgen.generate(out));
    written.map_err(|problem| format!("wasm-bindgen cannot process {}: {problem:#}", program.display()))?;
    // The target folder may lie below a package.json that says otherwise: this script is CommonJS.
    fs::write(out.join("package.json"), r#"{ "type": "commonjs" }"#)
        .map_err(|problem| format!("cannot write into {}: {problem}", out.display()))?;
    run(Command::new(node).arg(out.join("bench.js")).args(arguments))
}

/// A browser shows the program as a page, whose console comes back by POST when the program has ended.
fn in_browser(program: &Path, out: &Path) -> Outcome {
    let mut bindgen = page::bindgen(program, Mode::Release);
    let written = bindgen.web(true).and_then(|bindgen| bindgen.generate(out));
    written.map_err(|problem| format!("wasm-bindgen cannot process {}: {problem:#}", program.display()))?;
    let page = r#"<!doctype html><meta charset="utf-8"><title>bench</title><script type="module" src="run.js"></script>"#;
    let failed = |problem: std::io::Error| format!("cannot write into {}: {problem}", out.display());
    fs::write(out.join("index.html"), page).map_err(failed)?;
    fs::write(out.join("run.js"), include_str!("bench.js")).map_err(failed)?;

    let (tell, lines) = mpsc::channel();
    let folder = out.to_path_buf();
    let port = server::start(0, move |request| {
        if server::path_of(request) != "/done" {
            return server::file(&folder, server::path_of(request)).alone();
        }
        let mut body = String::new();
        // What cannot be read is reported as a failed run below.
        let _ = request.as_reader().read_to_string(&mut body);
        let _ = tell.send(body);
        server::Answer::new("text/plain; charset=utf-8", "")
    })?;
    let chromium = setup::engine(Engine::Chromium)?;
    let address = format!("http://127.0.0.1:{port}/");
    let browser = Engine::Chromium.open(&chromium, &out.join("profile"), &address)?;
    let answer = lines.recv_timeout(PATIENCE);
    drop(browser);
    match answer.as_deref().map(|text| text.split_once('\n')) {
        Ok(Some(("ended", lines))) => {
            print!("{lines}");
            Ok(())
        }
        Ok(_) => Err(format!("the benchmark failed in the browser: {}", answer.unwrap_or_default())),
        Err(_) => Err("the browser did not finish the benchmark".to_owned()),
    }
}
