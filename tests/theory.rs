//! Six settings that queueing theory has closed answers for, run long enough to agree with them: `benches/theory-*.json`,
//! a million messages each. Little's law holds exactly, as integers.

use std::rc::Rc;

use mqscope::metrics::beside::{self, CallerReport};
use mqscope::metrics::{Latency, report};
use mqscope::scenario::Scenario;
use mqscope::session::Session;
use mqscope::sim::Instant;

/// What theory says of a setting, in microseconds after the transport.
struct Theory {
    number: u32,
    /// Mean time in system.
    mean: f64,
    /// How far the mean of a million messages may be from it: about three standard errors, correlation included.
    within: f64,
    /// The 95th percentile, where there is a closed form.
    p95: Option<f64>,
    /// The mean number of deliveries of a message; each has its own transport.
    deliveries: f64,
}

/// From the network to the listener, each time.
const TRANSPORT_US: f64 = 100.0;

const ALL: [Theory; 6] = [
    // M/M/1 at 0.8: 1/(μ−λ); exponential, so the percentile is the mean times ln 20.
    Theory { number: 1, mean: 4_000.0, within: 112.0, p95: Some(11_983.0), deliveries: 1.0 },
    // M/M/1 at 0.5.
    Theory { number: 2, mean: 1_600.0, within: 14.0, p95: Some(4_793.0), deliveries: 1.0 },
    // M/D/1 at 0.8: s + λs²/(2(1−ρ)).
    Theory { number: 3, mean: 2_400.0, within: 38.0, p95: Some(6_096.0), deliveries: 1.0 },
    // M/M/4 at 0.8: 1/μ + C/(4μ−λ) with Erlang's C.
    Theory { number: 4, mean: 1_396.4, within: 27.0, p95: Some(3_790.0), deliveries: 1.0 },
    // E8/M/1 at 0.8: 1/(μ(1−σ)).
    Theory { number: 5, mean: 2_383.8, within: 57.0, p95: Some(7_141.0), deliveries: 1.0 },
    // M/M/1 at 0.8 with one failure in ten and immediate retry: ρ'/(1−ρ')/λ.
    Theory { number: 6, mean: 4_444.4, within: 123.0, p95: None, deliveries: 10.0 / 9.0 },
];

fn run(number: u32) -> Session<()> {
    let file = format!("{}/benches/theory-{number}.json", env!("CARGO_MANIFEST_DIR"));
    let text = std::fs::read_to_string(&file).expect("the bench is there");
    let scenario = Rc::new(Scenario::parse(&text).expect("the bench is sound"));
    let until = scenario.until;
    let mut session = Session::new(scenario, ());
    session.run_until(until, u64::MAX);
    session
}

fn check(theory: &Theory) {
    let session = run(theory.number);
    assert_eq!(session.broken(), None, "theory-{}", theory.number);
    let report = report::report(session.world(), &session.scenario().id, session.fingerprint());
    assert_eq!(report.produced, 1_000_000);
    assert_eq!(report.little.area_us, report.little.sojourn_us, "Little's law, theory-{}", theory.number);
    assert_ne!(report.little.area_us, "0");
    for group in &report.groups {
        let Latency { count, mean, p95, .. } = group.latency_us.end_to_end;
        assert_eq!((count, group.accumulation), (1_000_000, 0), "everything was consumed");
        let transport = TRANSPORT_US * theory.deliveries;
        let off = (mean - transport - theory.mean).abs();
        assert!(off <= theory.within, "theory-{}, {}: mean {mean}", theory.number, group.group);
        // A percentile of a heavily used queue varies, relative to its size, about as the mean does.
        if let Some(expected) = theory.p95 {
            let off = (p95 as f64 - transport - expected).abs() / expected;
            assert!(
                off <= theory.within / theory.mean,
                "theory-{}, {}: p95 {p95}",
                theory.number,
                group.group
            );
        }
    }
}

#[test]
fn a_single_server_agrees_with_theory() {
    for theory in &ALL[..2] {
        check(theory);
    }
}

#[test]
fn constant_and_regular_times_agree_with_theory() {
    check(&ALL[2]);
    check(&ALL[4]);
}

#[test]
fn several_servers_and_immediate_retry_agree_with_theory() {
    check(&ALL[3]);
    check(&ALL[5]);
}

/// A caller that calls at random, and one service: 4,000 calls a second for 100 s, each 0.8 ms of work for one of four
/// workers, and 0.1 ms on the wire in each direction.
fn calls(waiting_line: &str) -> CallerReport {
    let text = format!(
        r#"{{ "format": "mqscope.scenario/1", "id": "calls", "title": {{ "en": "M/M/4", "zh-CN": "M/M/4" }},
        "summary": {{ "en": "Calls.", "zh-CN": "调用。" }}, "seed": "1", "profile": "docs5",
        "settings": {{ "network.sendLatencyUs": 100 }},
        "services": [{{ "name": "S", "workers": 4, {waiting_line}
            "processing": {{ "exponential": {{ "mean": "800us" }} }} }}],
        "callers": [{{ "name": "C", "services": ["S"], "timeout": "60s",
            "pattern": {{ "poisson": {{ "per_second": 4000 }} }} }}],
        "until": "100s" }}"#
    );
    let scenario = Rc::new(Scenario::parse(&text).expect("the scenario is sound"));
    let mut session = Session::new(scenario, ());
    session.run_until(Instant::from_secs(100), u64::MAX);
    assert_eq!(session.broken(), None);
    let (id, _) = session.world().callers().next().expect("there is a caller");
    beside::caller(session.world(), id)
}

/// M/M/4 at 0.8, as for messages: 1/μ + C/(4μ−λ) with Erlang's C.
#[test]
fn calls_that_wait_agree_with_theory() {
    let report = calls("");
    let off = (report.latency_us.mean - 2.0 * TRANSPORT_US - 1_396.4).abs();
    assert!(off <= 45.0, "mean {}", report.latency_us.mean);
    assert_eq!((report.failed, report.timed_out), (0, 0));
}

/// M/M/4/4 at 3.2 Erlang: whoever finds no free worker is turned away, by Erlang's B 22.8 % of all.
#[test]
fn calls_that_cannot_wait_agree_with_theory() {
    let report = calls(r#""waiting_line": 0,"#);
    let part = report.overloaded as f64 / report.calls as f64;
    assert!((part - 0.228_1).abs() <= 0.004, "{part} turned away");
    let off = (report.latency_us.mean - 2.0 * TRANSPORT_US - 800.0).abs();
    assert!(off <= 6.0, "mean {}", report.latency_us.mean);
}
