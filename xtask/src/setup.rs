//! What the commands need and a machine may lack. Each function leaves things alone when they are there.

use crate::{
    engines::Engine,
    process::{self, Outcome, find_program, run, succeeds},
    workspace,
};
use std::{
    path::{Path, PathBuf},
    process::Command,
};

/// The target that pages are built for.
pub(crate) const WASM: &str = "wasm32-unknown-unknown";

/// Installs the WebAssembly target's standard library: rustup may be told not to do so by itself.
pub(crate) fn wasm_target() -> Outcome {
    let probe = Command::new("rustc").args(["--print", "target-libdir", "--target", WASM]).output();
    let found = probe.is_ok_and(|output| {
        output.status.success() && Path::new(String::from_utf8_lossy(&output.stdout).trim()).is_dir()
    });
    if found {
        return Ok(());
    }
    if find_program(&["rustup"]).is_none() {
        return Err(format!("Rust's target {WASM} is missing, and there is no rustup to add it with"));
    }
    run(Command::new("rustup").args(["target", "add", WASM]))
}

/// Installs rustfmt and clippy, which rustup's minimal profile leaves out.
pub(crate) fn components() -> Outcome {
    for (component, subcommand) in [("rustfmt", "fmt"), ("clippy", "clippy")] {
        if !succeeds(process::cargo(subcommand).arg("--version")) {
            run(Command::new("rustup").args(["component", "add", component]))?;
        }
    }
    Ok(())
}

/// A browser, and the driver that speaks WebDriver for it.
#[derive(Clone, Debug)]
pub(crate) struct Browser {
    pub(crate) chromium: PathBuf,
    pub(crate) driver: PathBuf,
}

/// Finds Chromium and its driver, on Debian and its relatives after installing them.
pub(crate) fn browser() -> Outcome<Browser> {
    if let Some(browser) = find_browser() {
        return Ok(browser);
    }
    if find_program(&["apt-get"]).is_some() {
        apt_install(&["chromium", "chromium-driver"])?;
    }
    find_browser().ok_or_else(|| {
        "the browser tests need Chromium (or Chrome) and a ChromeDriver of the same version on PATH; please install \
         both, or name them in MQSCOPE_CHROMIUM and MQSCOPE_CHROMEDRIVER"
            .to_owned()
    })
}

fn find_browser() -> Option<Browser> {
    let chromium = Engine::Chromium.find()?;
    let named = std::env::var_os("MQSCOPE_CHROMEDRIVER").map(PathBuf::from);
    let driver = named.or_else(|| find_program(&["chromedriver"]))?;
    Some(Browser { chromium, driver })
}

/// Finds an engine's browser, on Debian and its relatives after installing it.
pub(crate) fn engine(engine: Engine) -> Outcome<PathBuf> {
    if let Some(program) = engine.find() {
        return Ok(program);
    }
    if find_program(&["apt-get"]).is_some() {
        // Relatives of Debian may call it otherwise: what counts is whether it is there.
        let _ = apt_install(engine.packages());
    }
    engine.find().ok_or_else(|| {
        let (name, wanted, variable) = (engine.name(), engine.wanted(), engine.variable());
        format!("{name} is missing: please install {wanted}, or name the program in {variable}")
    })
}

/// Installs axe-core beside the browser tests, at the version their lock file names, and gives its script.
pub(crate) fn axe() -> Outcome<PathBuf> {
    let folder = workspace::root().join("tests/browser");
    let script = folder.join("node_modules/axe-core/axe.min.js");
    let lock = std::fs::read_to_string(folder.join("package-lock.json")).unwrap_or_default();
    let installed =
        std::fs::read_to_string(folder.join("node_modules/axe-core/package.json")).unwrap_or_default();
    if script.is_file() && lock.contains(&version_line(&installed)) {
        return Ok(script);
    }
    if find_program(&["npm"]).is_none() && find_program(&["apt-get"]).is_some() {
        apt_install(&["npm"])?;
    }
    let Some(npm) = find_program(&["npm", "npm.cmd"]) else {
        return Err("the accessibility tests fetch axe-core with npm; please install Node.js".to_owned());
    };
    run(Command::new(npm).current_dir(folder).args(["ci", "--no-audit", "--no-fund"]))?;
    Ok(script)
}

/// The line of a `package.json` that states the version, without its indentation.
fn version_line(package: &str) -> String {
    let line = package.lines().map(str::trim).find(|line| line.starts_with("\"version\":"));
    line.unwrap_or("no version").trim_end_matches(',').to_owned()
}

/// Installs Debian packages, as root or through a sudo that asks nothing.
fn apt_install(packages: &[&str]) -> Outcome {
    let is_root = process::output(Command::new("id").arg("-u")).is_ok_and(|id| id.trim() == "0");
    let apt = |arguments: &[&str]| {
        let mut command = if is_root { Command::new("apt-get") } else { Command::new("sudo") };
        if !is_root {
            command.args(["-n", "apt-get"]);
        }
        command.env("DEBIAN_FRONTEND", "noninteractive").args(arguments);
        run(&mut command)
    };
    // The list may be stale but good enough, or have one broken source: the install decides.
    let _ = apt(&["update", "-qq"]);
    let mut install = vec!["install", "-y", "-qq", "--no-install-recommends"];
    install.extend(packages);
    apt(&install)
}
