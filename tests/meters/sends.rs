//! What came in, and how long sending it took: as the client and the broker count it.

use std::collections::BTreeMap;

use mqscope::broker::{Entry, Event, Observer, ProducerId, World};
use mqscope::metrics::meters::{Series, meters};
use mqscope::scenario::{self, Scenario};
use mqscope::session::Session;
use mqscope::sim::{Instant, Span};

use crate::{at, played, series, sum};

/// How many messages, and how many milliseconds they took together.
fn cost(world: &World, topic: &str, status: &str) -> (u64, u64) {
    let all = meters(world);
    let Series::Histogram(costs) = series(&all, "rocketmq_send_cost_time") else { panic!("a histogram") };
    let wanted = vec![("topic", topic.to_owned()), ("invocation_status", status.to_owned())];
    let of = costs.iter().find(|(labels, _)| *labels == wanted);
    of.map_or((0, 0), |(_, cost)| (cost.count(), cost.sum))
}

const ONE_SENDER: &str = r#"
    "topics": [{ "name": "o", "write_queues": 1 }],
    "producers": [{ "name": "p", "topic": "o", "pattern": "by_hand" }]"#;

/// One after the other they have their turn, 100 ms apart.
#[test]
fn what_waits_in_the_send_queue_is_answered_later() {
    let session = played(
        &format!(
            r#""settings": {{ "broker.sendTps": 10, "broker.sendQueueWaitMs": 1000 }}, {ONE_SENDER},
            "actions": [{{ "at": "1s", "do": {{ "send": {{ "producer": "p", "count": 6 }} }} }}]"#
        ),
        10,
    );
    assert_eq!(cost(session.world(), "o", "success"), (6, 100 + 200 + 300 + 400 + 500));
    assert_eq!(cost(session.world(), "o", "failure"), (0, 0));
}

/// All three tries are stored, and each of them is over after the 3 s for which the producer waits.
#[test]
fn a_try_without_an_answer_has_failed() {
    let session = played(
        &format!(
            r#"{ONE_SENDER}, "actions": [
                {{ "at": "1s", "do": {{ "cut": {{ "client": "p", "way": "answers" }} }} }},
                {{ "at": "2s", "do": {{ "send": {{ "producer": "p" }} }} }}]"#
        ),
        20,
    );
    assert_eq!(cost(session.world(), "o", "success"), (0, 0));
    assert_eq!(cost(session.world(), "o", "failure"), (3, 9_000));
    let all = meters(session.world());
    assert_eq!(sum(&all, "rocketmq_messages_in_total", &[("topic", "o")]), 3, "the broker has them");
}

/// Each refusal is a try that failed when it came back, and the wait before the next try is part of none.
#[test]
fn a_try_that_is_refused_has_failed() {
    let session = played(
        &format!(
            r#""settings": {{ "network.sendLatencyUs": 2000 }}, {ONE_SENDER}, "actions": [
                {{ "at": "1s", "do": {{ "throttle": {{ "lasting": "30ms" }} }} }},
                {{ "at": "1s", "do": {{ "send": {{ "producer": "p" }} }} }}]"#
        ),
        10,
    );
    assert_eq!(cost(session.world(), "o", "failure"), (2, 4));
    assert_eq!(cost(session.world(), "o", "success"), (1, 2));
}

const SEEN_LATER: &str = r#"
    "topics": [
        { "name": "later", "write_queues": 1, "type": "DELAY" },
        { "name": "paid", "write_queues": 1, "type": "TRANSACTION" }
    ],
    "producers": [
        { "name": "d", "topic": "later", "pattern": "by_hand", "message": { "delay": "20s", "body": "12345" } },
        { "name": "l", "topic": "later", "pattern": "by_hand", "message": { "delay_level": 4 } },
        {
            "name": "t", "topic": "paid", "pattern": "by_hand",
            "message": { "transaction": { "takes": { "constant": "20s" } } }
        }
    ],
    "actions": [
        { "at": "1s", "do": { "send": { "producer": "d", "count": 3 } } },
        { "at": "1s", "do": { "send": { "producer": "l", "count": 2 } } },
        { "at": "1s", "do": { "send": { "producer": "t" } } }
    ]"#;

/// What is to be seen later is answered when it comes, and comes in under the topic in which the broker keeps it. Under its own
/// one comes only what had a level, when it is seen.
#[test]
fn delayed_and_half_messages_count_when_they_come() {
    for (seconds, visible) in [(5, 0), (60, 2)] {
        let session = played(SEEN_LATER, seconds);
        let world = session.world();
        assert_eq!(cost(world, "later", "success"), (5, 0), "at {seconds}");
        assert_eq!(cost(world, "paid", "success"), (1, 0), "at {seconds}");
        let all = meters(world);
        let came = |topic| sum(&all, "rocketmq_messages_in_total", &[("topic", topic)]);
        let system = ["rmq_sys_wheel_timer", "SCHEDULE_TOPIC_XXXX", "RMQ_SYS_TRANS_HALF_TOPIC"];
        assert_eq!(system.map(came), [3, 2, 1], "at {seconds}");
        assert_eq!(["later", "paid"].map(came), [visible, 0], "at {seconds}");
        let is_timer = ("topic", "rmq_sys_wheel_timer");
        let labels = [is_timer, ("message_type", "delay"), ("is_system", "true")];
        assert_eq!(sum(&all, "rocketmq_throughput_in_total", &labels), 15);
        let stored: u64 = world
            .ordinary_topics()
            .flat_map(|(_, topic)| &topic.queues)
            .map(|q| world.queue(*q).max_offset)
            .sum();
        assert_eq!(stored, if seconds == 5 { 0 } else { 6 });
    }
}

/// The samples of all topics, found in another way: by following each try from entry to entry.
#[derive(Default)]
struct Recount {
    tries: BTreeMap<(ProducerId, u64), (Instant, u32)>,
    /// What is answered, unless the next entries say otherwise.
    heard: BTreeMap<(ProducerId, u64), (Instant, u64)>,
    now: Instant,
    succeeded: (u64, u64),
    failed: (u64, u64),
}

fn ms(span: Span) -> u64 {
    span.0 / 1_000
}

impl Recount {
    fn goes_out(&mut self, producer: ProducerId, number: u64, count: u32) {
        for one in number..number + u64::from(count) {
            self.tries.insert((producer, one), (self.now, count));
        }
    }

    fn fails(&mut self, producer: ProducerId, number: u64, count: u32) {
        for one in number..number + u64::from(count) {
            let (since, _) = self.tries.remove(&(producer, one)).expect("it went out");
            self.failed.0 += 1;
            self.failed.1 += ms(self.now - since);
        }
    }

    fn arrives(&mut self, producer: ProducerId, number: u64) {
        if let Some((since, _)) = self.tries.remove(&(producer, number)) {
            self.heard.insert((producer, number), (since, ms(self.now - since)));
        }
    }

    fn settle(&mut self) {
        for (_, took) in std::mem::take(&mut self.heard).into_values() {
            self.succeeded.0 += 1;
            self.succeeded.1 += took;
        }
    }
}

impl Observer for Recount {
    fn observe(&mut self, _: &World, entry: &Entry) {
        if entry.at > self.now {
            self.settle();
        }
        self.now = entry.at;
        match entry.event {
            Event::MessageSent { producer, number, .. }
            | Event::MessageSentByHand { producer, number, .. } => {
                self.goes_out(producer, number, 1);
            }
            Event::BatchSent { producer, number, count, .. }
            | Event::SendRetried { producer, number, count, .. } => self.goes_out(producer, number, count),
            Event::MessageResent { producer, number, count, .. } => {
                self.fails(producer, number, count);
                self.goes_out(producer, number, count);
            }
            Event::SendFailed { producer, number, count, .. }
            | Event::SendThrottled { producer, number, count, .. } => self.fails(producer, number, count),
            Event::DeliveryTimeRefused { producer, number, .. }
            | Event::LiteSendRefused { producer, number, .. } => self.fails(producer, number, 1),
            Event::MessageStored { producer, number, .. }
            | Event::MessageDelayed { producer, number, .. }
            | Event::HalfStored { producer, number, .. } => self.arrives(producer, number),
            Event::AnswerLost { producer, number, count, .. } => {
                for one in number..number + u64::from(count) {
                    if let Some((since, _)) = self.heard.remove(&(producer, one)) {
                        self.tries.insert((producer, one), (since, count));
                    }
                }
            }
            _ => {}
        }
    }
}

#[test]
fn every_try_counts_once_in_all_scenarios() {
    let (mut slow, mut failed) = (0, 0);
    for (id, text) in scenario::bundled() {
        let scenario = Scenario::parse(text).expect("it is good");
        let mut session = Session::new(std::rc::Rc::new(scenario), Recount::default());
        session.run_until(Instant::from_secs(60), u64::MAX);
        let world = session.world();
        let of = |status| {
            let topics = world.ordinary_topics().map(|(_, topic)| cost(world, &topic.name, status));
            topics.fold((0, 0), |all, one| (all.0 + one.0, all.1 + one.1))
        };
        let Recount { heard, succeeded, failed: refused, .. } = session.observer();
        let last: u64 = heard.values().map(|(_, took)| took).sum();
        assert_eq!(of("success"), (succeeded.0 + heard.len() as u64, succeeded.1 + last), "{id}");
        assert_eq!(of("failure"), *refused, "{id}");
        slow += u64::from(succeeded.1 > 0);
        failed += refused.0;
    }
    assert!(slow > 2 && failed > 10, "{slow} are slow, {failed} failed");
}

/// In a transactional world nothing is counted twice when it is published.
#[test]
fn system_topics_take_in_what_was_hidden() {
    let session = at("transactions", 110);
    let (world, all) = (session.world(), meters(session.world()));
    let halves: u64 = world.topics().map(|(id, _)| world.live.halves.counts(id).stored).sum();
    assert!(halves > 10);
    assert_eq!(sum(&all, "rocketmq_messages_in_total", &[("topic", "RMQ_SYS_TRANS_HALF_TOPIC")]), halves);
    let sent: u64 = world.live.producers.iter().map(|producer| producer.stored).sum();
    assert_eq!(sum(&all, "rocketmq_messages_in_total", &[]), sent);
}
