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
    let metadata = process::output(process::cargo("metadata").args(["--no-deps", "--format-version=1"]))?;
    let metadata: serde_json::Value = serde_json::from_str(&metadata)
        .map_err(|problem| format!("cannot read cargo's metadata: {problem}"))?;
    match metadata["target_directory"].as_str() {
        Some(path) => Ok(path.into()),
        None => Err("cargo's metadata names no target directory".to_owned()),
    }
}
