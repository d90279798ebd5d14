//! Runs a scenario file natively and prints what happened: for people as a table, for programs as JSON.
//!
//! `headless FILE|LINK [--until 60s] [--seed N] [--json | --metrics | --promises] [--journal OUT]`
//!
//! A recording, or a link with an experiment in it, is played to where its run stood unless `--until` or `--seed` says
//! otherwise; if the journal is not the recorded one then, that is said and the exit status is 1.

use std::fs::File;
use std::io::{BufWriter, Write};
use std::process::ExitCode;
use std::rc::Rc;

use mqscope::broker::{Entry, Observer, World};
use mqscope::lesson::{Language, Words, promises};
use mqscope::metrics::report::{self, Report};
use mqscope::metrics::{exposition, meters};
use mqscope::scenario::{Link, MODEL, Recorded, Scenario};
use mqscope::session::Session;
use mqscope::sim::{Instant, Span};
use mqscope::trace::json_line;

const USAGE: &str =
    "usage: headless FILE|LINK [--until 60s] [--seed N] [--json | --metrics | --promises] [--journal OUT]";

/// What the command line asks for.
#[derive(Default)]
struct Options {
    file: String,
    until: Option<Instant>,
    seed: Option<u64>,
    json: bool,
    metrics: bool,
    promises: bool,
    journal: Option<String>,
}

/// Writes every entry as a line of JSON, if there is a file to write to.
struct JournalFile(Option<BufWriter<File>>);

impl Observer for JournalFile {
    #[inline]
    fn observe(&mut self, world: &World, entry: &Entry) {
        if self.0.is_some() {
            self.write(world, entry);
        }
    }
}

impl JournalFile {
    #[inline(never)]
    fn write(&mut self, world: &World, entry: &Entry) {
        if let Some(file) = &mut self.0
            && let Err(error) = writeln!(file, "{}", json_line(world, entry))
        {
            eprintln!("the journal cannot be written: {error}");
            self.0 = None;
        }
    }
}

fn main() -> ExitCode {
    match run() {
        Ok(()) => ExitCode::SUCCESS,
        Err(sentence) => {
            eprintln!("{sentence}");
            ExitCode::FAILURE
        }
    }
}

fn run() -> Result<(), String> {
    let options = options(std::env::args().skip(1))?;
    let mut scenario = scenario(&options.file)?;
    let recorded = scenario.recorded.filter(|_| options.until.is_none() && options.seed.is_none());
    if let Some(seed) = options.seed {
        scenario.reseed(seed);
    }
    let until = options.until.unwrap_or(scenario.until);
    let journal = match &options.journal {
        Some(path) => {
            let file = File::create(path).map_err(|error| format!("{path} cannot be written: {error}"))?;
            Some(BufWriter::new(file))
        }
        None => None,
    };
    let mut session = Session::new(Rc::new(scenario), JournalFile(journal));
    let is_same = match &recorded {
        Some(recorded) => session.run_to(recorded, u64::MAX) && session.is_at(recorded),
        None => session.run_until(until, u64::MAX),
    };
    if let Some(mut file) = session.observer_mut().0.take() {
        file.flush().map_err(|error| format!("the journal cannot be written: {error}"))?;
    }
    if let Some(broken) = session.broken() {
        return Err(format!(
            "An invariant broke at {} (entry {}): {}",
            broken.at, broken.seq, broken.violation
        ));
    }
    if options.metrics {
        print!("{}", exposition::prometheus(&meters::meters(session.world())));
    } else if options.promises {
        let words = Words::new(Language::English);
        print!("{}", promises::listing(session.world(), session.promises(), None, &words));
    } else {
        let report = report::report(session.world(), &session.scenario().id, session.fingerprint());
        if options.json {
            println!("{}", serde_json::to_string_pretty(&report).map_err(|error| error.to_string())?);
        } else {
            print_table(&report);
        }
    }
    match recorded {
        Some(recorded) if !is_same => Err(another_journal(&recorded)),
        _ => Ok(()),
    }
}

/// What a file or a link holds.
fn scenario(source: &str) -> Result<Scenario, String> {
    if let Some(link) = source.split_once('#').and_then(|(_, fragment)| Link::read(fragment)) {
        return link.map(|link| link.scenario).map_err(|problems| problems.to_string());
    }
    let text =
        std::fs::read_to_string(source).map_err(|error| format!("{source} cannot be read: {error}"))?;
    Scenario::parse(&text).map_err(|problems| format!("{source}:\n{problems}"))
}

fn another_journal(recorded: &Recorded) -> String {
    let Recorded { model, at, entries, fingerprint, .. } = recorded;
    let why = match *model {
        MODEL => "somebody changed the file, or this is a bug of ours".to_owned(),
        _ => format!("it was recorded under version {model} of the rules, and this is version {MODEL}"),
    };
    format!(
        "This is not the recorded journal, which had {entries} entries at {at} and the fingerprint {fingerprint}: {why}."
    )
}

fn options(mut arguments: impl Iterator<Item = String>) -> Result<Options, String> {
    let mut options = Options::default();
    while let Some(argument) = arguments.next() {
        let mut value = |what: &str| arguments.next().ok_or(format!("{argument} needs {what}\n{USAGE}"));
        match argument.as_str() {
            "--json" => options.json = true,
            "--metrics" => options.metrics = true,
            "--promises" => options.promises = true,
            "--until" => {
                let text = value("a duration such as 60s")?;
                let span = Span::parse(&text).map_err(|error| format!("--until {text}: {error}"))?;
                options.until = Some(Instant::ZERO + span);
            }
            "--seed" => {
                let text = value("a number")?;
                let number =
                    text.parse().map_err(|_bad| format!("--seed {text}: a number from 0 to {}", u64::MAX))?;
                options.seed = Some(number);
            }
            "--journal" => options.journal = Some(value("a file to write")?),
            _ if argument.starts_with('-') => return Err(format!("{argument} is not known\n{USAGE}")),
            _ if options.file.is_empty() => options.file = argument,
            _ => return Err(format!("one file at a time\n{USAGE}")),
        }
    }
    if options.file.is_empty() { Err(USAGE.to_owned()) } else { Ok(options) }
}

fn print_table(report: &Report) {
    println!("{}, seed {}, {} of simulated time", report.scenario, report.seed, Span(report.now_us));
    println!(
        "{} messages sent, {} journal entries, fingerprint {}",
        report.produced, report.events, report.fingerprint
    );
    for topic in &report.topics {
        println!("\ntopic {}", topic.topic);
        for queue in &topic.queues {
            println!("  queue {:<3} {:>10} … {:<10}", queue.queue, queue.min_offset, queue.max_offset);
        }
        if let Some(lite) = topic.lite {
            println!(
                "  {} lite topics ({} made, {} expired), {} with unfinished messages, {} subscriptions, {} refused",
                lite.lite_topics, lite.created, lite.expired, lite.behind, lite.subscriptions, lite.refused
            );
        }
    }
    for group in &report.groups {
        println!("\ngroup {}: {} behind", group.group, group.accumulation);
        println!(
            "  ready {}, in flight {}, finished ahead {}",
            group.ready, group.inflight, group.finished_ahead
        );
        println!(
            "  waiting for retry {}, back in the retry topic {}",
            group.retry_waiting, group.retry_accumulation
        );
        println!("  deliveries {} ({} of them again)", group.deliveries, group.redeliveries);
        println!("  acknowledged {}, failed {}", group.acknowledged, group.failed);
        println!("  dead letters {}, dropped {}", group.dead_letters, group.dropped);
        if let (Some(effects), Some(repeated), Some(skipped)) =
            (group.effects, group.effects_repeated, group.effects_skipped)
        {
            println!("  business effects {effects} ({repeated} of them again), left at the first {skipped}");
        }
        for queue in &group.queues {
            let owner = queue.owner.as_deref().unwrap_or("-");
            let name = format!("{}/{}", queue.topic, queue.queue);
            let (committed, next, behind) = (queue.committed_offset, queue.next_offset, queue.accumulation);
            println!(
                "  {name:<32} committed {committed:>9}  next {next:>9}  behind {behind:>7}  read by {owner}"
            );
        }
        for consumer in &group.consumers {
            let (name, state) = (&consumer.consumer, consumer.state);
            let (delivered, done, failed) = (consumer.deliveries, consumer.acknowledged, consumer.failed);
            let busy = Span(consumer.busy_us);
            println!(
                "  {name:<12} {state:<8} delivered {delivered:>8}  done {done:>8}  failed {failed:>6}  busy {busy}"
            );
        }
        let latency = &group.latency_us;
        for (name, l) in [
            ("end to end", latency.end_to_end),
            ("waiting", latency.waiting),
            ("processing", latency.processing),
        ] {
            println!(
                "  {name:<10} mean {:>12.1} us  p50 {:>9}  p95 {:>9}  p99 {:>9}  max {:>9}  of {}",
                l.mean, l.p50, l.p95, l.p99, l.max, l.count
            );
        }
    }
    println!("\nLittle's law: area {} = sojourn {}", report.little.area_us, report.little.sojourn_us);
}
