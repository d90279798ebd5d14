//! The command `test`: everything that must hold, quick things first.

mod engines;
mod steps;
mod tally;

use crate::{
    page::{self, Mode},
    process::Outcome,
    said, workspace,
};
use lexopt::prelude::*;
use std::{cell::OnceCell, ffi::OsString, path::PathBuf, time::Instant};
use tally::Tally;

/// The options of `test`.
#[derive(Default)]
pub(crate) struct Options {
    /// Names of the steps to run; none means all.
    only: Vec<String>,
    /// Only say which steps there are.
    list: bool,
    /// Run the remaining steps after one has failed.
    keep_going: bool,
    /// Test the quick build of the page instead of the one that ships.
    dev: bool,
    /// Test this page, built already, instead of building one.
    page: Option<PathBuf>,
    /// Handed to the test programs.
    arguments: Vec<OsString>,
}

impl Options {
    /// Reads them from the command line.
    pub(crate) fn read(arguments: &mut lexopt::Parser) -> Outcome<Self> {
        let mut options = Self::default();
        while let Some(argument) = arguments.next().map_err(said)? {
            match argument {
                Long("only") => {
                    let names = arguments.value().map_err(said)?;
                    options.only.extend(names.to_string_lossy().split(',').map(str::to_owned));
                }
                Long("list") => options.list = true,
                Long("keep-going") => options.keep_going = true,
                Long("dev") => options.dev = true,
                Long("page") => options.page = Some(arguments.value().map_err(said)?.into()),
                // Only what follows `--` can begin without a dash here.
                Value(first) => {
                    options.arguments.push(first);
                    options.arguments.extend(arguments.raw_args().map_err(said)?);
                }
                other => return Err(said(other.unexpected())),
            }
        }
        let unknown = options.only.iter().find(|name| !steps::ALL.iter().any(|step| step.name == **name));
        match unknown {
            Some(name) => Err(format!("there is no step `{name}`; `cargo xtask test --list` lists them")),
            None => Ok(options),
        }
    }
}

/// What the steps share.
struct Context {
    options: Options,
    page: OnceCell<Outcome<PathBuf>>,
}

impl Context {
    /// The built page; the first who asks for it builds it.
    fn page(&self) -> Outcome<PathBuf> {
        if let Some(page) = &self.options.page {
            return Ok(page.clone());
        }
        let build = || {
            let out = workspace::target()?.join("tested-page");
            page::clear(&out)?;
            page::build(if self.options.dev { Mode::Dev } else { Mode::Release }, &out)?;
            Ok(out)
        };
        self.page.get_or_init(build).clone()
    }
}

/// One thing that must hold. It gives the tests it ran, or nothing when it was skipped and said so.
struct Step {
    name: &'static str,
    about: &'static str,
    run: fn(&Context) -> Outcome<Option<Tally>>,
}

/// Runs the steps, and fails by naming those that failed.
pub(crate) fn run(options: Options) -> Outcome {
    if options.list {
        for step in steps::ALL {
            println!("{:<12} {}", step.name, step.about);
        }
        return Ok(());
    }
    let context = Context { options, page: OnceCell::new() };
    let only = &context.options.only;
    let mut total = Tally::default();
    let (mut passed, mut failed, mut report) = (0, Vec::new(), Vec::new());
    for step in steps::ALL.iter().filter(|step| only.is_empty() || only.iter().any(|name| name == step.name))
    {
        println!("\n== {}: {}", step.name, step.about);
        let start = Instant::now();
        let outcome = (step.run)(&context);
        let seconds = start.elapsed().as_secs_f64();
        let word = match &outcome {
            Ok(Some(tally)) => {
                passed += 1;
                total += *tally;
                "passed"
            }
            Ok(None) => "skipped",
            Err(problem) => {
                println!("{problem}");
                failed.push((step.name, problem.clone()));
                "FAILED"
            }
        };
        println!("== {}: {word} in {seconds:.1} s", step.name);
        report.push(format!("  {:<12} {word:<7} {seconds:>6.1} s", step.name));
        if !failed.is_empty() && !context.options.keep_going {
            break;
        }
    }
    println!("\n{}", report.join("\n"));
    println!("  {passed} steps, {} tests", total.passed);
    // Once more, where whoever looks at the end of a long text finds it.
    for (name, problem) in &failed {
        println!("FAILED {name}: {}", problem.lines().take(5).collect::<Vec<_>>().join(" | "));
    }
    println!("{} passed, {} failed", passed + total.passed, failed.len());
    let names: Vec<_> = failed.iter().map(|(name, _problem)| *name).collect();
    if names.is_empty() { Ok(()) } else { Err(format!("failed: {}", names.join(", "))) }
}
