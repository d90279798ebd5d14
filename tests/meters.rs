//! RocketMQ's own metrics: by their names, with their habits, and never at odds with the report.

#[path = "meters/pop.rs"]
mod pop;
#[path = "meters/sends.rs"]
mod sends;

use mqscope::broker::spec::InitialOffset;
use mqscope::broker::{Command, ConsumerChange, GroupId, MessageRef, World};
use mqscope::metrics::exposition::{csv, prometheus};
use mqscope::metrics::meters::{Histogram, Labels, Meter, Series, meters};
use mqscope::metrics::report::{GroupReport, counts};
use mqscope::scenario;
use mqscope::session::Session;
use mqscope::sim::Instant;

/// A bundled scenario at an instant.
fn at(id: &str, seconds: u64) -> Session<()> {
    let (_, text) = scenario::bundled().iter().find(|(known, _)| *known == id).expect("it is bundled");
    run(text, seconds)
}

/// A scenario of which only this matters, at an instant.
fn played(what: &str, seconds: u64) -> Session<()> {
    run(
        &format!(r#"{{ "format": "mqscope.scenario/1", "id": "m", "title": {{ "en": "m" }}, {what} }}"#),
        seconds,
    )
}

fn run(text: &str, seconds: u64) -> Session<()> {
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
                let out = sum(&all, "rocketmq_messages_out_total", &[name]);
                let reached = sum(&all, "rocketmq_delivery_latency", &[name]);
                assert!(reached <= report.deliveries && out <= report.deliveries, "{id}");
                let has_read_retries = report.queues.iter().any(|q| q.is_retry && q.next_offset > 0);
                // What a crash took is not counted any more.
                let lost = world.fault_counts().is_some_and(|counts| counts.lost_messages > 0);
                if lost {
                    assert!(out <= report.deliveries, "{id}");
                } else if state.by_message || !has_read_retries {
                    assert_eq!(out, report.deliveries, "{id}");
                } else {
                    assert!(out < report.deliveries, "{id}: retries of {} are not counted", report.group);
                }
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
            let came = sum(&all, "rocketmq_messages_in_total", &[]);
            assert_eq!(sum(&all, "rocketmq_message_size", &[]), came);
            // Each message counts where the broker stored it when it came, also if it was lost after that.
            let stored: u64 = world.live.producers.iter().map(|producer| producer.stored).sum();
            assert_eq!(came + world.fault_counts().map_or(0, |counts| counts.lost_messages), stored, "{id}");
        }
    }
    assert!(behind > 1_000, "something was behind");
}

#[test]
fn lag_is_in_flight_and_ready_and_no_message_waits_longer_than_the_oldest() {
    let ids = scenario::bundled().iter().map(|(id, _)| *id);
    for (id, seconds) in ids.flat_map(|id| [9, 16, 25, 33].map(|seconds| (id, seconds))) {
        let all = meters(at(id, seconds).world());
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
        "rocketmq_messages_in_total{topic=\"orders\",message_type=\"normal\",is_system=\"false\"} 20\n"
    ));
    // The broker counts what clients send; retries and dead letters are no such thing.
    for line in text.lines().filter(|line| line.starts_with("rocketmq_messages_in_total{")) {
        assert!(!line.contains("%RETRY%") && !line.contains("%DLQ%"), "{line}");
    }
    // Retries of one topic are a second series of that topic; the classic retry topic serves all topics.
    assert!(text.contains("{consumer_group=\"flaky\",topic=\"orders\",is_retry=\"true\"}"));
    assert!(text.contains("{consumer_group=\"poisoned\",topic=\"%RETRY%poisoned\",is_retry=\"true\"}"));
}

#[test]
fn in_a_topic_for_all_types_each_type_is_a_series() {
    let session = played(
        r#""topics": [{ "name": "all", "type": "MIXED", "write_queues": 1 }], "producers": [
            { "name": "plain", "topic": "all", "pattern": { "constant": { "per_second": 2 } } },
            { "name": "ordered", "topic": "all", "pattern": { "constant": { "per_second": 3 } },
              "message": { "message_group": "g" } }], "until": "10s""#,
        10,
    );
    let all = meters(session.world());
    let came = |kind| sum(&all, "rocketmq_messages_in_total", &[("topic", "all"), ("message_type", kind)]);
    let sent = |at: usize| session.world().live.producers[at].stored;
    assert!(sent(0) > 0 && sent(1) > sent(0));
    assert_eq!((came("normal"), came("fifo"), came("mixed")), (sent(0), sent(1), 0));
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

/// Every commit is in the histogram, in whole seconds since its message was sent.
#[test]
fn commits_have_a_latency() {
    let session = at("transactions", 110);
    let all = meters(session.world());
    let commits = sum(&all, "rocketmq_commit_messages_total", &[]);
    assert!(commits > 10, "{commits} commits");
    for topic in ["payments", "refunds"] {
        let of = |name| sum(&all, name, &[("topic", topic)]);
        assert_eq!(of("rocketmq_finish_message_latency"), of("rocketmq_commit_messages_total"), "{topic}");
    }
    let Series::Histogram(latencies) = series(&all, "rocketmq_finish_message_latency") else {
        panic!("it is a histogram")
    };
    assert!(latencies.iter().any(|(_, of)| of.counts[1..].iter().sum::<u64>() > 0), "a check takes its time");
    assert_eq!(sum(&all, "rocketmq_pop_checkpoint_buffer_size", &[]), 0);
}

/// In an orderly group the oldest ready message is one that waits for its turn, and not one that somebody holds.
#[test]
fn what_waits_for_its_turn_is_ready() {
    let mut waited = 0;
    for seconds in 5..45 {
        let session = at("fifo", seconds);
        let (world, all) = (session.world(), meters(session.world()));
        let shipping = world.find_group("shipping").expect("it is in the file");
        let labels = [("consumer_group", "shipping"), ("is_retry", "false")];
        let progress = world.group(shipping).progress.iter().map(|id| world.progress(*id));
        let oldest = progress.filter_map(|state| {
            let order = state.order.as_ref().expect("it is orderly");
            let max = world.queue(state.queue).max_offset;
            let first = order.waiting.from(0).next().or((state.next < max).then_some(state.next))?;
            waited += u64::from(first < state.next);
            Some(world.message_view(MessageRef { queue: state.queue, offset: first })?.stored_at)
        });
        let age = oldest.min().map_or(0, |since| (world.live.now - since).0 / 1_000);
        assert_eq!(sum(&all, "rocketmq_consumer_queueing_latency", &labels), age, "at {seconds}");
    }
    assert!(waited > 5, "some wait for their turn");
}

/// What is in hands is unfinished, however long all others have been done.
#[test]
fn a_message_in_hands_has_an_age() {
    let mut seen = 0;
    for (id, seconds) in [("simple-consumer", 7), ("simple-consumer", 12), ("competing-and-pubsub", 9)] {
        let session = at(id, seconds);
        let (world, all) = (session.world(), meters(session.world()));
        for (group, report) in groups(world).into_iter().filter(|(id, _)| world.group(*id).by_message) {
            let labels = [("consumer_group", report.group.as_str()), ("is_retry", "false")];
            if report.inflight > 0 && report.ready == 0 && !world.group(group).orderly {
                assert!(sum(&all, "rocketmq_consumer_lag_latency", &labels) > 0, "{id}, {}", report.group);
                seen += 1;
            }
        }
    }
    assert!(seen > 0, "some have messages in hands and none ready");
}

#[test]
fn caches_hold_what_has_arrived_and_is_not_finished() {
    let mut seen = 0;
    for (id, _) in scenario::bundled() {
        let session = at(id, 13);
        let (world, all) = (session.world(), meters(session.world()));
        for (group, report) in groups(world).into_iter().filter(|(id, _)| !world.group(*id).orderly) {
            let consumers = world.group(group).consumers.iter().map(|id| world.consumer(*id));
            let alive: Vec<_> = consumers.filter(|consumer| consumer.is_alive()).collect();
            let held: usize = alive.iter().map(|one| one.cache.len() + one.work().count()).sum();
            let labels = [("consumer_group", report.group.as_str())];
            assert_eq!(sum(&all, "rocketmq_consumer_cached_messages", &labels), held as u64, "{id}");
            let never_lost = world.group(group).consumers.iter().all(|id| world.consumer(*id).is_alive());
            if never_lost {
                let on_the_way: u64 = alive.iter().map(|one| u64::from(one.in_transit)).sum();
                let reached = sum(&all, "rocketmq_delivery_latency", &labels);
                assert!(
                    reached <= report.deliveries - on_the_way,
                    "{id}: what is on its way has not arrived"
                );
                seen += on_the_way;
            }
        }
    }
    assert!(seen > 0, "something is on its way");
}

/// The acknowledgement of a send does not wait until the message is visible; and what a group finds stored when it comes
/// was not late for it.
#[test]
fn nothing_counts_as_slow_that_was_only_visible_later() {
    for id in ["delay", "transactions"] {
        let session = at(id, 40);
        let most = session.world().settings.network_send_latency.0 / 1_000;
        let all = meters(session.world());
        let Series::Histogram(costs) = series(&all, "rocketmq_send_cost_time") else { panic!("a histogram") };
        assert!(costs.iter().any(|(_, cost)| cost.count() > 0), "{id}");
        assert!(costs.iter().all(|(_, cost)| cost.sum <= cost.count() * most), "{id}");
    }
    let mut session = at("loose-coupling", 5);
    let mut late = session.world().groups().next().expect("there is a group").1.spec.as_ref().clone();
    late.name = "late".into();
    late.initial_offset = InitialOffset::Earliest;
    session.act(Command::AddGroup(late));
    session.run_until(Instant::from_secs(6), u64::MAX);
    let all = meters(session.world());
    let Series::Histogram(delivery) = series(&all, "rocketmq_delivery_latency") else {
        panic!("a histogram")
    };
    let is_late = |labels: &Labels| labels.contains(&("consumer_group", "late".to_owned()));
    let (_, of_late) = delivery.iter().find(|(labels, _)| is_late(labels)).expect("it has a series");
    assert!(of_late.count() > 0);
    assert!(of_late.sum <= of_late.count() * 1_000, "nothing waited longer than the group is there");
}
