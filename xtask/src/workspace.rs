//! Where things are.

use crate::process::{self, Outcome};
use std::path::{Path, PathBuf};

/// The folder that holds the workspace: cargo says it to what it runs, which still holds after a checkout was moved.
pub(crate) fn root() -> PathBuf {
    let here = std::env::var_os("CARGO_MANIFEST_DIR").unwrap_or_else(|| env!("CARGO_MANIFEST_DIR").into());
    Path::new(&here).parent().expect("xtask lies in a folder of the workspace").to_path_buf()
}

/// Cargo's folder for build results, wherever this machine's configuration puts it.
pub(crate) fn target() -> Outcome<PathBuf> {
    let metadata = metadata(&["--no-deps"])?;
    match metadata["target_directory"].as_str() {
        Some(path) => Ok(path.into()),
        None => Err("cargo's metadata names no target directory".to_owned()),
    }
}

/// The folders in which this machine keeps the sources of our dependencies, each crate in a folder of its own.
pub(crate) fn dependencies() -> Outcome<Vec<PathBuf>> {
    let metadata = metadata(&["--locked", "--filter-platform", crate::setup::WASM])?;
    let packages = metadata["packages"].as_array().map(Vec::as_slice).unwrap_or_default();
    let foreign = packages.iter().filter(|package| !package["source"].is_null());
    let manifests = foreign.filter_map(|package| package["manifest_path"].as_str()).map(Path::new);
    let mut folders: Vec<PathBuf> =
        manifests.filter_map(|manifest| Some(manifest.parent()?.parent()?.to_path_buf())).collect();
    folders.sort();
    folders.dedup();
    Ok(folders)
}

fn metadata(arguments: &[&str]) -> Outcome<serde_json::Value> {
    let text = process::output(process::cargo("metadata").arg("--format-version=1").args(arguments))?;
    serde_json::from_str(&text).map_err(|problem| format!("cannot read cargo's metadata: {problem}"))
}
