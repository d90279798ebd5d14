//! From Rust to files that a browser loads: cargo, then wasm-bindgen.

use super::{Mode, html::Program};
use crate::{
    process::{self, Outcome},
    setup, workspace,
};
use std::path::{Path, PathBuf};
use wasm_bindgen_cli_support::Bindgen;

/// Builds the program and writes its module and its script into a folder.
pub(crate) fn bundle(program: &Program, mode: Mode, out: &Path) -> Outcome {
    let profile = match mode {
        Mode::Dev => "dev",
        Mode::Release => &program.release_profile,
    };
    let wasm = compile(&["--bin", &program.bin], profile, &program.features)?;
    let mut bindgen = bindgen(&wasm, mode);
    let written = bindgen.web(true).and_then(|bindgen| bindgen.generate(out));
    written.map_err(|problem| format!("wasm-bindgen cannot process {}: {problem:#}", wasm.display()))
}

/// wasm-bindgen, set up for one compiled program: names are kept only where they help to find mistakes.
pub(crate) fn bindgen(wasm: &Path, mode: Mode) -> Bindgen {
    let ships = mode == Mode::Release;
    let mut bindgen = Bindgen::new();
    bindgen.input_path(wasm).typescript(false).keep_debug(false);
    bindgen.remove_name_section(ships).remove_producers_section(ships);
    bindgen
}

/// Panic messages name the file they come from. What ships says `crates/yew-…/src/…`, wherever the building machine keeps
/// its crates, so that the same sources give the same program everywhere.
fn neutral_paths(folders: &[PathBuf]) -> String {
    let flags = folders.iter().map(|folder| format!("--remap-path-prefix={}=crates", folder.display()));
    let flags: Vec<String> = flags.map(|flag| serde_json::Value::String(flag).to_string()).collect();
    format!("target.{}.rustflags=[{}]", setup::WASM, flags.join(", "))
}

/// Compiles one target of the root package to WebAssembly and gives the file that cargo wrote.
pub(crate) fn compile(target: &[&str], profile: &str, features: &str) -> Outcome<PathBuf> {
    let mut command = process::cargo("build");
    command.arg("--config").arg(neutral_paths(&workspace::dependencies()?));
    command.args(["--locked", "--package", "mqscope", "--target", setup::WASM, "--profile", profile]);
    command.args(["--features", features, "--message-format", "json-render-diagnostics"]).args(target);
    println!(
        "$ cargo build --target {} --profile {profile} --features {features} {}",
        setup::WASM,
        target.join(" ")
    );
    let messages = process::output(&mut command)?;
    let file = messages
        .lines()
        .filter_map(|line| serde_json::from_str::<serde_json::Value>(line).ok())
        .filter(|message| message["reason"] == "compiler-artifact")
        .flat_map(|message| message["filenames"].as_array().cloned().unwrap_or_default())
        .filter_map(|file| file.as_str().map(PathBuf::from))
        .rfind(|file| file.extension().is_some_and(|extension| extension == "wasm"));
    file.ok_or_else(|| format!("cargo built {} but names no .wasm file", target.join(" ")))
}
