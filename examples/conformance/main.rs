//! Asks our rules what the real RocketMQ code was asked, and counts the answers that agree.
//!
//! `conformance DIR` reads every `*.jsonl` in `DIR` that [`CHECKS`] names. A row is input and answer; here it is only
//! parsed, handed to the function that the simulator runs on, and compared. The exit status is 1 if a row failed or could
//! not be read, if a file that is expected whole has a row that is not modelled, or if more than one row in twenty is not
//! modelled.

mod allocate;
mod consume;
mod delay;
mod e2e;
mod fields;
mod filter;
mod message_type;
mod offset;
mod order_info;
mod proxy;
mod queue_choice;
mod retry;
mod transaction;
mod validation;

use std::{env, fs, path::Path, process::ExitCode};

use serde_json::Value;

/// What comes of one row.
pub enum Verdict {
    /// Our answer is the real one.
    Passed,
    /// It is not: what was expected, what came.
    Failed(String),
    /// The rule is not modelled; `docs/conformance.md` says why.
    NotModelled(&'static str),
}

/// A row, or what is wrong with it.
pub type Answer = Result<Verdict, String>;

/// One file: how a row is checked, and whether every row must be modelled.
struct Check {
    file: &'static str,
    is_whole: bool,
    row: fn(&Value) -> Answer,
}

/// All files.
const CHECKS: &[Check] = &[
    Check { file: "filter_sql92", is_whole: true, row: filter::filter_sql92 },
    Check { file: "tag_subscription", is_whole: true, row: filter::tag_subscription },
    Check { file: "tag_hash", is_whole: true, row: filter::tag_hash },
    Check { file: "tag_match", is_whole: true, row: filter::tag_match },
    Check { file: "rebalance", is_whole: true, row: allocate::rebalance },
    Check { file: "consistent_hash_md5", is_whole: true, row: allocate::consistent_hash_md5 },
    Check { file: "rebalance_pop", is_whole: true, row: allocate::rebalance_pop },
    Check { file: "offset_by_time", is_whole: true, row: offset::offset_by_time },
    Check { file: "get_message", is_whole: true, row: offset::read },
    Check { file: "pull_from_where", is_whole: true, row: offset::begin },
    Check { file: "process_queue", is_whole: true, row: consume::process_queue },
    Check { file: "consume_concurrently_result", is_whole: true, row: consume::after_concurrent },
    Check { file: "consume_orderly_result", is_whole: true, row: consume::after_orderly },
    Check { file: "pop_orderly_order_info", is_whole: true, row: order_info::steps },
    Check { file: "client5_fifo_sip24", is_whole: true, row: queue_choice::client },
    Check { file: "client5_message_type", is_whole: true, row: message_type::check },
    Check { file: "client5_retry", is_whole: true, row: retry::client5 },
    Check { file: "delay_levels", is_whole: false, row: delay::levels },
    Check { file: "fifo_queue_select", is_whole: true, row: queue_choice::select },
    Check { file: "fifo_queue_select_multibroker", is_whole: true, row: queue_choice::several_brokers },
    Check { file: "proxy_settings", is_whole: false, row: proxy::settings },
    Check { file: "proxy_validation", is_whole: true, row: validation::check },
    Check { file: "retry_policy", is_whole: true, row: retry::server },
    Check { file: "send_back_retry", is_whole: true, row: retry::sent_back },
    Check { file: "timer_hook", is_whole: false, row: delay::hook },
    Check { file: "timer_wheel_slots", is_whole: false, row: delay::slots },
    Check { file: "transaction_check", is_whole: false, row: transaction::check },
    Check { file: "e2e_traces", is_whole: true, row: e2e::replay },
];

/// So many failures of a file are shown.
const SHOWN: usize = 5;

#[derive(Default)]
struct Count {
    passed: u64,
    failed: u64,
    not_modelled: u64,
}

impl std::fmt::Display for Count {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self { passed, failed, not_modelled } = self;
        write!(f, "{passed} passed, {failed} failed, {not_modelled} not modelled")
    }
}

fn main() -> ExitCode {
    let Some(folder) = env::args_os().nth(1) else {
        eprintln!("Usage: conformance DIR, where DIR holds the answers as *.jsonl files.");
        return ExitCode::from(2);
    };
    let mut all = Count::default();
    let mut is_good = true;
    for check in CHECKS {
        let path = Path::new(&folder).join(format!("{}.jsonl", check.file));
        if !path.exists() {
            continue;
        }
        let (count, shown) = run(check, &path);
        println!("{}.jsonl: {count}", check.file);
        for line in shown {
            println!("    {line}");
        }
        is_good &= count.failed == 0 && !(check.is_whole && count.not_modelled > 0);
        all.passed += count.passed;
        all.failed += count.failed;
        all.not_modelled += count.not_modelled;
    }
    println!("{all}");
    let rows = all.passed + all.failed + all.not_modelled;
    if rows == 0 {
        eprintln!("{}: no file in it is one of the files with answers", Path::new(&folder).display());
        return ExitCode::FAILURE;
    }
    is_good &= all.not_modelled * 20 <= rows;
    if is_good { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

/// Checks every row of a file. A row that cannot be read has failed.
fn run(check: &Check, path: &Path) -> (Count, Vec<String>) {
    let mut count = Count::default();
    let mut shown = Vec::new();
    let text = match fs::read_to_string(path) {
        Ok(text) => text,
        Err(error) => return (Count { failed: 1, ..count }, vec![error.to_string()]),
    };
    for (index, line) in text.lines().enumerate().filter(|(_, line)| !line.trim().is_empty()) {
        let parsed = serde_json::from_str::<Value>(line).map_err(|error| error.to_string());
        let answer = parsed.as_ref().map_err(String::clone).and_then(|row| (check.row)(row));
        let problem = match answer {
            Ok(Verdict::Passed) => {
                count.passed += 1;
                continue;
            }
            Ok(Verdict::NotModelled(_)) => {
                count.not_modelled += 1;
                continue;
            }
            Ok(Verdict::Failed(problem)) => problem,
            Err(problem) => format!("cannot be read: {problem}"),
        };
        count.failed += 1;
        if shown.len() < SHOWN {
            let id = parsed.as_ref().ok().and_then(|row| row.get("id")).map(Value::to_string);
            shown.push(format!("line {} {}: {problem}", index + 1, id.unwrap_or_default()));
        }
    }
    (count, shown)
}
