//! The project's own commands. `cargo xtask serve` opens the page, `cargo xtask test` checks everything.
//!
//! Each command sets up what it lacks, so that a stable Rust from rustup is all one needs to begin with.

mod bench;
mod engines;
mod page;
mod process;
mod reload;
mod serve;
mod server;
mod setup;
mod suite;
mod workspace;

use lexopt::prelude::*;
use process::Outcome;
use std::process::ExitCode;

const HELP: &str = "\
cargo xtask COMMAND

  serve [--release] [--port N] [--no-watch]
      Build the page, serve it on this machine, rebuild and reload when a source changes.
  build [--release] [--out DIR]
      Build the page into DIR (dist by default).
  test [--list] [--only STEP[,STEP]] [--keep-going] [--dev] [--page DIR] [-- ARGS]
      Everything that must hold: format, lints, native tests, documentation, the built page in a browser.
      MQSCOPE_CONFORMANCE=DIR also checks the answers in DIR. --dev tests the quick build of the
      page, --page one that is built already. ARGS go to the test programs, for example a part of a test's
      name.
  bench [--native] [--wasm] [--browser] [-- ARGS]
      Run the benchmarks natively and as WebAssembly, in Node or with --browser in Chromium; one JSON object a line.
";

fn main() -> ExitCode {
    match dispatch() {
        Ok(()) => ExitCode::SUCCESS,
        Err(problem) => {
            eprintln!("xtask: {problem}");
            ExitCode::FAILURE
        }
    }
}

fn dispatch() -> Outcome {
    let mut arguments = lexopt::Parser::from_env();
    let command = match arguments.next().map_err(said)? {
        Some(Value(name)) => name.to_string_lossy().into_owned(),
        Some(Short('h') | Long("help")) | None => {
            print!("{HELP}");
            return Ok(());
        }
        Some(other) => return Err(said(other.unexpected())),
    };
    match command.as_str() {
        "serve" => serve::run(serve::Options::read(&mut arguments)?),
        "build" => page::run(&mut arguments),
        "test" => suite::run(suite::Options::read(&mut arguments)?),
        "bench" => bench::run_command(&mut arguments),
        // For Trunk, which looks for a `wasm-bindgen` on PATH: the one that is linked here has the right version.
        "wasm-bindgen" => {
            let rest = arguments.raw_args().map_err(said)?;
            let command_line = std::iter::once("wasm-bindgen".into()).chain(rest);
            wasm_bindgen_cli::wasm_bindgen::run_cli_with_args(command_line)
                .map_err(|problem| format!("{problem:#}"))
        }
        "help" => {
            print!("{HELP}");
            Ok(())
        }
        other => Err(format!("there is no command `{other}`; `cargo xtask help` lists them")),
    }
}

/// A problem with the command line, as a sentence.
fn said(problem: lexopt::Error) -> String {
    format!("{problem}; `cargo xtask help` lists the commands and their options")
}
