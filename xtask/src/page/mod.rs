//! Building the page that `index.html` describes: its `data-trunk` links are the one description, which Trunk reads too.

mod bundle;
mod html;
pub(crate) mod size;

pub(crate) use bundle::{bindgen, compile};

use crate::{process::Outcome, said, setup, workspace};
use html::Asset;
use lexopt::prelude::*;
use std::{
    fs,
    path::{Path, PathBuf},
};

/// How the page is built: quickly, or as it ships.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Mode {
    /// Cargo's dev profile: quick to build, with checks and names.
    Dev,
    /// The profile that `data-cargo-profile-release` names.
    Release,
}

/// What stands in a folder until the first build has succeeded; it also marks the folder as ours.
const NOT_BUILT: &str = "<!doctype html><html lang=\"en\"><head><title>MQScope</title></head>\
    <body><main><h1>MQScope</h1><p>Not built yet: the terminal says why.</p></main></body></html>\n";

/// The command `build`.
pub(crate) fn run(arguments: &mut lexopt::Parser) -> Outcome {
    let mut mode = Mode::Dev;
    let mut out = workspace::root().join("dist");
    while let Some(argument) = arguments.next().map_err(said)? {
        match argument {
            Long("release") => mode = Mode::Release,
            Long("out") => out = PathBuf::from(arguments.value().map_err(said)?),
            other => return Err(said(other.unexpected())),
        }
    }
    clear(&out)?;
    build(mode, &out)?;
    size::Sizes::measure(&out)?.print();
    println!("The page is in {}", out.display());
    Ok(())
}

/// Builds the page into a folder, over what is there.
pub(crate) fn build(mode: Mode, out: &Path) -> Outcome {
    setup::wasm_target()?;
    let root = workspace::root();
    let source = read(&root.join("index.html"))?;
    let links = html::links(&source)?;
    fs::create_dir_all(out).map_err(|problem| format!("cannot make {}: {problem}", out.display()))?;
    if !out.join("index.html").exists() {
        write(&out.join("index.html"), NOT_BUILT)?;
    }

    let mut replacements = Vec::new();
    for link in links {
        let element = match &link.asset {
            Asset::Rust(program) => {
                bundle::bundle(program, mode, out)?;
                html::loader(&program.bin)
            }
            Asset::Css(path) => {
                let name = copy_file(&root.join(path), out)?;
                format!(r#"<link rel="stylesheet" href="./{name}" />"#)
            }
            Asset::Icon { path, kind } => {
                let name = copy_file(&root.join(path), out)?;
                format!(r#"<link rel="icon" href="./{name}" type="{kind}" />"#)
            }
            Asset::File(path) => {
                copy_file(&root.join(path), out)?;
                String::new()
            }
            Asset::Folder(path) => {
                copy_folder(&root.join(path), out)?;
                String::new()
            }
        };
        replacements.push((link.span, element));
    }
    write(&out.join("index.html"), &html::replace(&source, &replacements))
}

/// Empties a folder that an earlier build made, and refuses to empty any other.
pub(crate) fn clear(out: &Path) -> Outcome {
    let Ok(mut entries) = fs::read_dir(out) else { return Ok(()) };
    if entries.next().is_some() && !out.join("index.html").is_file() {
        return Err(format!("{} holds something other than a built page; I leave it alone", out.display()));
    }
    fs::remove_dir_all(out).map_err(|problem| format!("cannot empty {}: {problem}", out.display()))
}

fn read(path: &Path) -> Outcome<String> {
    fs::read_to_string(path).map_err(|problem| format!("cannot read {}: {problem}", path.display()))
}

fn write(path: &Path, text: &str) -> Outcome {
    fs::write(path, text).map_err(|problem| format!("cannot write {}: {problem}", path.display()))
}

/// Copies a file into a folder and gives its name there.
fn copy_file(from: &Path, folder: &Path) -> Outcome<String> {
    let name = from.file_name().ok_or_else(|| format!("{} names no file", from.display()))?;
    fs::copy(from, folder.join(name))
        .map_err(|problem| format!("cannot copy {}: {problem}", from.display()))?;
    Ok(name.to_string_lossy().into_owned())
}

fn copy_folder(from: &Path, folder: &Path) -> Outcome {
    let name = from.file_name().ok_or_else(|| format!("{} names no folder", from.display()))?;
    let to = folder.join(name);
    let problem = |problem: std::io::Error| format!("cannot copy {}: {problem}", from.display());
    fs::create_dir_all(&to).map_err(problem)?;
    for entry in fs::read_dir(from).map_err(problem)? {
        let path = entry.map_err(problem)?.path();
        if path.is_dir() {
            copy_folder(&path, &to)?;
        } else {
            copy_file(&path, &to)?;
        }
    }
    Ok(())
}
