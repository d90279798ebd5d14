//! The steps themselves.

use super::{Context, Step, tally::Tally};
use crate::{
    page::size::Sizes,
    process::{Outcome, cargo, run},
    server, setup, workspace,
};
use std::{fs, path::Path};

/// All steps in their order: what is quick, or fails most often, comes first.
pub(super) const ALL: &[Step] = &[
    Step { name: "format", about: "rustfmt changes nothing", run: format },
    Step {
        name: "core",
        about: "the core uses no clock, hash order, thread or platform arithmetic",
        run: core,
    },
    Step { name: "native", about: "unit tests, stories, laws, scenarios; examples build", run: native },
    Step { name: "laws", about: "thousands of random worlds, and how many exercised what", run: laws },
    Step {
        name: "components",
        about: "the page's components and its unit tests, without a browser",
        run: components,
    },
    Step { name: "lint", about: "clippy on everything native: tests, examples, tools", run: lint },
    Step {
        name: "lint-web",
        about: "clippy on the page, and on what tests it without a browser",
        run: lint_web,
    },
    Step { name: "tools", about: "xtask's own tests", run: tools },
    Step { name: "docs", about: "the documentation builds without a warning", run: docs },
    Step { name: "page", about: "the page builds; its size", run: page },
    Step { name: "browser", about: "the built page in Chromium", run: browser },
    Step { name: "conformance", about: "answers of the real broker (MQSCOPE_CONFORMANCE)", run: conformance },
];

/// For a step that either holds or does not.
fn held(outcome: Outcome) -> Outcome<Option<Tally>> {
    outcome.map(|()| Some(Tally::default()))
}

fn format(_context: &Context) -> Outcome<Option<Tally>> {
    setup::components()?;
    held(run(cargo("fmt").args(["--all", "--check"])))
}

/// The core is what compiles without the page: its lints forbid what differs between platforms or between two runs.
fn core(_context: &Context) -> Outcome<Option<Tally>> {
    setup::components()?;
    let mut clippy = cargo("clippy");
    clippy.env("CLIPPY_CONF_DIR", workspace::root().join("lints/core"));
    held(run(clippy.args(["--locked", "--package", "mqscope", "--lib", "--", "-D", "warnings"])))
}

fn native(context: &Context) -> Outcome<Option<Tally>> {
    let mut test = cargo("test");
    test.args(["--locked", "--package", "mqscope"]).arg("--").args(&context.options.arguments);
    Tally::of(&mut test).map(Some)
}

/// What a browser is not needed for: the page's state, keys and address, and what its components say.
fn components(context: &Context) -> Outcome<Option<Tally>> {
    let mut test = cargo("test");
    // The unit tests of all other modules run once more; leaving them out would take longer.
    test.args(["--locked", "--package", "mqscope", "--features", "ssr", "--lib", "--test", "components"]);
    Tally::of(test.arg("--").args(&context.options.arguments)).map(Some)
}

/// The same laws that `native` runs over a few hundred worlds, over thousands; their tally is part of the output.
fn laws(_context: &Context) -> Outcome<Option<Tally>> {
    let mut test = cargo("test");
    test.args(["--locked", "--release", "--package", "mqscope", "--test", "laws", "--", "--nocapture"]);
    test.env("MQSCOPE_WORLDS", "10000");
    Tally::of(&mut test).map(Some)
}

fn lint(_context: &Context) -> Outcome<Option<Tally>> {
    setup::components()?;
    held(run(cargo("clippy").args(["--locked", "--workspace", "--all-targets", "--", "-D", "warnings"])))
}

fn lint_web(_context: &Context) -> Outcome<Option<Tally>> {
    setup::components()?;
    setup::wasm_target()?;
    let mut clippy = cargo("clippy");
    clippy.args([
        "--locked",
        "--package",
        "mqscope",
        "--target",
        setup::WASM,
        "--features",
        "web",
        "--lib",
        "--bins",
        "--example",
        "bench",
    ]);
    run(clippy.args(["--", "-D", "warnings"]))?;
    let mut tests = cargo("clippy");
    tests.args(["--locked", "--package", "mqscope", "--features", "ssr", "--all-targets"]);
    held(run(tests.args(["--", "-D", "warnings"])))
}

fn tools(context: &Context) -> Outcome<Option<Tally>> {
    let mut test = cargo("test");
    // The profile that xtask itself was just built with: its dependencies are there already.
    test.args(["--locked", "--package", "xtask", "--profile", "tool"])
        .arg("--")
        .args(&context.options.arguments);
    Tally::of(&mut test).map(Some)
}

fn docs(_context: &Context) -> Outcome<Option<Tally>> {
    let mut doc = cargo("doc");
    held(run(doc.env("RUSTDOCFLAGS", "-D warnings").args(["--locked", "--no-deps", "--package", "mqscope"])))
}

fn page(context: &Context) -> Outcome<Option<Tally>> {
    let page = context.page()?;
    Sizes::measure(&page)?.print();
    names_no_folder_of_this_machine(&page)?;
    Ok(Some(Tally::default()))
}

/// The program that ships is the same wherever it was built.
fn names_no_folder_of_this_machine(page: &Path) -> Outcome {
    let program = page.join("mqscope_bg.wasm");
    let bytes =
        fs::read(&program).map_err(|problem| format!("cannot read {}: {problem}", program.display()))?;
    for folder in workspace::dependencies()? {
        let folder = folder.to_string_lossy().into_owned();
        if bytes.windows(folder.len()).any(|part| part == folder.as_bytes()) {
            return Err(format!("{} names {folder}", program.display()));
        }
    }
    Ok(())
}

/// Serves the built page and drives it. The tests learn from variables where things are.
fn browser(context: &Context) -> Outcome<Option<Tally>> {
    let page = context.page()?;
    let browser = setup::browser()?;
    let axe = setup::axe()?;
    let port = server::start(0, move |request| {
        server::host(request).unwrap_or_else(|| whole_or_not(&page, server::path_of(request)))
    })?;
    let shots = workspace::target()?.join("screenshots");
    println!("The page is at http://127.0.0.1:{port}/; pictures of failures go to {}", shots.display());
    let mut test = cargo("test");
    // Their dependencies are many and their own work is waiting: the profile that builds fastest.
    test.args(["--locked", "--package", "browser-tests", "--profile", "tool", "--no-fail-fast"]);
    test.env("MQSCOPE_PAGE", format!("http://127.0.0.1:{port}/"));
    test.env("MQSCOPE_CHROMIUM", browser.chromium).env("MQSCOPE_CHROMEDRIVER", browser.driver);
    test.env("MQSCOPE_AXE", axe).env("MQSCOPE_SCREENSHOTS", shots);
    Tally::of(test.arg("--").args(&context.options.arguments)).map(Some)
}

/// The page; and at `/without/ENDING/` the page without the files whose names end so, as when a file does not arrive.
fn whole_or_not(page: &Path, path: &str) -> server::Answer {
    match path.strip_prefix("/without/").and_then(|path| path.split_once('/')) {
        Some((ending, file)) if file.ends_with(ending) => server::Answer::missing(),
        Some((_ending, file)) => server::file(page, file),
        None => server::file(page, path),
    }
}

fn conformance(_context: &Context) -> Outcome<Option<Tally>> {
    let Some(folder) = std::env::var_os("MQSCOPE_CONFORMANCE") else {
        println!("Skipped: MQSCOPE_CONFORMANCE names no folder.");
        return Ok(None);
    };
    let mut example = cargo("run");
    example
        .args(["--locked", "--release", "--package", "mqscope", "--example", "conformance", "--"])
        .arg(folder);
    held(run(&mut example))
}
