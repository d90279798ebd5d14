//! RocketMQ's own metrics: by their names, with their habits, and never at odds with the report.

use mqscope::broker::{Command, ConsumerChange, GroupId, World};
use mqscope::metrics::exposition::{csv, prometheus};
use mqscope::metrics::meters::{Histogram, Labels, Meter, Series, meters};
use mqscope::metrics::report::{GroupReport, counts};
use mqscope::scenario;
use mqscope::session::Session;
use mqscope::sim::Instant;

/// A bundled scenario at an instant.
fn at(id: &str, seconds: u64) -> Session<()> {
    let (_, text) = scenario::bundled().iter().find(|(known, _)| *known == id).expect("it is bundled");
    let scenario = scenario::Scenario::parse(text).expect("it is good");
    let mut session = Session::new(std::rc::Rc::new(scenario), ());
    session.run_until(Instant::from_secs(seconds), u64::MAX);
    session
}

fn series<'a>(all: &'a [Meter], name: &str) -> &'a Series {
    &all.iter().find(|meter| meter.name == name).unwrap_or_else(|| panic!("{name} is exported")).series
}

/// The sum over the series of a metric in which all these labels have these values.
fn sum(all: &[Meter], name: &str, wanted: &[(&str, &str)]) -> u64 {
    let fits = |labels: &Labels| {
        wanted.iter().all(|(name, value)| labels.iter().any(|(known, of)| known == name && of == value))
    };
    match series(all, name) {
        Series::Gauge(all) | Series::Counter(all) => {
            all.iter().filter(|(labels, _)| fits(labels)).map(|(_, value)| value).sum()
        }
        Series::Histogram(all) => {
            all.iter().filter(|(labels, _)| fits(labels)).map(|(_, histogram)| histogram.count()).sum()
        }
    }
}

fn groups(world: &World) -> Vec<(GroupId, GroupReport)> {
    world.groups().map(|(id, _)| (id, counts(world, id))).collect()
}

#[test]
fn metrics_agree_with_the_report_at_many_instants_of_all_scenarios() {
    let mut behind = 0;
    for (id, _) in scenario::bundled() {
        for seconds in [1, 9, 20, 33, 45] {
            let session = at(id, seconds);
            let (world, all) = (session.world(), meters(session.world()));
            for (group, report) in groups(world) {
                let is_member = |id| world.consumer(id).is_member();
                let state = world.group(group);
                let name = ("consumer_group", report.group.as_str());
                // What a crash took is not counted any more.
                let out = sum(&all, "rocketmq_messages_out_total", &[name]);
                let lost = world.fault_counts().is_some_and(|counts| counts.lost_messages > 0);
                assert!(out == report.deliveries || lost && out < report.deliveries, "{id}");
                assert_eq!(sum(&all, "rocketmq_send_to_dlq_messages_total", &[name]), report.dead_letters);
                let own = [name, ("is_retry", "false")];
                let lag = sum(&all, "rocketmq_consumer_lag_messages", &own);
                let broadcasting = report.queues.iter().any(|queue| queue.consumer.is_some());
                if broadcasting || !state.consumers.iter().any(|id| is_member(*id)) {
                    assert_eq!(lag, 0, "{id} at {seconds}: nobody of {} is there", report.group);
                    continue;
                }
                let by_row = report.accumulation;
                let by_message = report.accumulation - report.finished_ahead;
                assert_eq!(lag, if state.by_message { by_message } else { by_row }, "{id} at {seconds}");
                assert_eq!(sum(&all, "rocketmq_consumer_ready_messages", &own), report.ready, "{id}");
                behind += lag;
            }
            let waiting = world.topics().map(|(id, _)| world.live.halves.counts(id).waiting).sum::<u64>();
            assert_eq!(sum(&all, "rocketmq_half_messages", &[]), waiting, "{id}");
            let stored: u64 = world.live.queues.iter().map(|queue| queue.max_offset).sum();
            assert_eq!(sum(&all, "rocketmq_messages_in_total", &[]), stored);
            assert_eq!(sum(&all, "rocketmq_message_size", &[]), stored);
        }
    }
    assert!(behind > 1_000, "something was behind");
}

#[test]
fn lag_is_in_flight_and_ready_and_no_message_waits_longer_than_the_oldest() {
    for (id, _) in scenario::bundled() {
        let all = meters(at(id, 25).world());
        let Series::Gauge(lags) = series(&all, "rocketmq_consumer_lag_messages") else { panic!("a gauge") };
        for (labels, lag) in lags {
            let labels: Vec<(&str, &str)> =
                labels.iter().map(|(name, value)| (*name, value.as_str())).collect();
            let [inflight, ready] = ["inflight", "ready"]
                .map(|part| sum(&all, &format!("rocketmq_consumer_{part}_messages"), &labels));
            assert_eq!(*lag, inflight + ready);
            let oldest = sum(&all, "rocketmq_consumer_lag_latency", &labels);
            let queueing = sum(&all, "rocketmq_consumer_queueing_latency", &labels);
            assert!(oldest >= queueing, "{id}: {labels:?}");
        }
    }
}

#[test]
fn a_group_without_a_consumer_has_no_lag_metric_although_messages_pile_up() {
    let mut session = at("accumulate-and-drain", 10);
    let group = session.world().groups().next().expect("there is a group").1.clone();
    let name = group.spec.name.clone();
    let labels = [("consumer_group", name.as_str())];
    assert!(sum(&meters(session.world()), "rocketmq_consumer_lag_messages", &labels) > 0);
    for consumer in &group.spec.consumers {
        let consumer = format!("{name}/{}", consumer.name);
        session.act(Command::Consumer { consumer, change: ConsumerChange::Leave });
    }
    session.run_until(Instant::from_secs(14), u64::MAX);
    let all = meters(session.world());
    let Series::Gauge(lags) = series(&all, "rocketmq_consumer_lag_messages") else { panic!("a gauge") };
    assert!(lags.iter().all(|(labels, _)| !labels.contains(&("consumer_group", name.clone()))));
    assert!(groups(session.world())[0].1.accumulation > 0, "the page still counts it");
    assert_eq!(sum(&all, "rocketmq_consumer_connections", &labels), 0);
}

#[test]
fn the_prometheus_text_is_well_formed() {
    let text = prometheus(&meters(at("retry-and-dead-letter", 30).world()));
    let (mut declared, mut names) = (String::new(), 0);
    for line in text.lines() {
        if let Some(rest) = line.strip_prefix("# TYPE ") {
            declared = rest.split(' ').next().expect("a name").to_owned();
            names += 1;
        } else if !line.starts_with("# HELP ") {
            assert!(line.starts_with(&declared), "{line}");
            let (labelled, value) = line.rsplit_once(' ').expect("a value");
            value.parse::<u64>().expect("a number");
            assert!(!labelled.contains('{') || labelled.ends_with('}'), "{line}");
        }
    }
    assert!(names >= 20);
    assert!(text.contains(
        "rocketmq_messages_in_total{topic=\"orders\",message_type=\"NORMAL\",is_system=\"false\"} 20\n"
    ));
    // Retries of one topic are a second series of that topic; the classic retry topic serves all topics.
    assert!(text.contains("{consumer_group=\"flaky\",topic=\"orders\",is_retry=\"true\"}"));
    assert!(text.contains("{consumer_group=\"poisoned\",topic=\"%RETRY%poisoned\",is_retry=\"true\"}"));
}

#[test]
fn a_histogram_counts_each_sample_once_and_buckets_add_up_in_the_text() {
    let all = meters(at("retry-and-dead-letter", 30).world());
    let Series::Histogram(times) = series(&all, "rocketmq_process_time") else { panic!("a histogram") };
    let (_, Histogram { bounds, counts, sum }) = &times[0];
    assert_eq!(counts.len(), bounds.len() + 1);
    assert!(*sum > 0);
    let text = prometheus(&all);
    let mut below = 0;
    for line in text.lines().filter(|line| line.starts_with("rocketmq_process_time_bucket")) {
        let value: u64 = line.rsplit_once(' ').expect("a value").1.parse().expect("a number");
        below = if line.contains("le=\"1\"") { 0 } else { below };
        assert!(value >= below, "{line}");
        below = value;
    }
}

#[test]
fn names_cannot_break_out_of_their_quotes() {
    let hostile = r#"a"b\c,=@"#.to_owned();
    let meter = Meter {
        name: "rocketmq_consumer_lag_messages",
        help: "",
        series: Series::Gauge(vec![(vec![("consumer_group", hostile)], 1)]),
    };
    assert!(prometheus(std::slice::from_ref(&meter)).contains(r#"{consumer_group="a\"b\\c,=@"} 1"#));
    assert!(csv(&[meter]).contains(r#","consumer_group=a""b\c,=@",1"#));
}
