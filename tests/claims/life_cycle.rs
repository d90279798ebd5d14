//! Life cycle and topology: C01 to C05.

use super::*;

#[test]
fn c01_a_message_passes_through_production_storage_and_consumption_in_this_order() {
    for balance in BOTH {
        let mut lab = Lab::with(Settings { network_send_latency: Span::from_ms(5), ..quick() })
            .topic("orders", 1)
            .group(group("billing", balance, &["C1"]))
            .producer("P", Pattern::ByHand);
        lab.send(1);
        lab.until(1);
        let stage = |e: &Entry| match e.event {
            Event::MessageSentByHand { .. } => Some(("sent", e.at.0)),
            Event::MessageStored { .. } => Some(("stored", e.at.0)),
            Event::MessageHandedOut { .. } => Some(("handed out", e.at.0)),
            Event::MessageReceived { .. } => Some(("received", e.at.0)),
            Event::ConsumeStarted { .. } => Some(("started", e.at.0)),
            Event::ConsumeFinished { .. } => Some(("finished", e.at.0)),
            _ => None,
        };
        let stages: Vec<_> = lab.journal.0.iter().filter_map(stage).collect();
        let expected = [
            ("sent", 0),
            ("stored", 5_000),
            ("handed out", 5_000),
            ("received", 5_100),
            ("started", 5_100),
            ("finished", 105_100),
        ];
        assert_eq!(stages, expected);
    }
}

#[test]
fn c02_a_message_is_appended_to_exactly_one_queue_and_received_by_a_consumer() {
    let mut lab = Lab::new().topic("orders", 4).group(group("billing", Balance::Queue, &["C1", "C2"]));
    lab = lab.producer("P", constant(10));
    lab.until(10);
    assert_eq!(lab.stored(), 100);
    let mut numbers: Vec<u64> = Vec::new();
    for (_, topic) in lab.world().ordinary_topics() {
        for queue in &topic.queues {
            let log = &lab.world().log.queues[queue.index()];
            numbers.extend((0..lab.world().queue(*queue).max_offset).map(|offset| log.sender(offset).1));
        }
    }
    numbers.sort_unstable();
    assert_eq!(numbers, (0..100).collect::<Vec<_>>(), "each number lies in one queue, once");
    let mut received: Vec<_> = lab.handed_out("billing").into_iter().map(|(message, _)| message).collect();
    received.sort_unstable();
    received.dedup();
    assert_eq!(received.len(), 100);
}

#[test]
fn c03_producers_come_and_go_and_stored_messages_do_not_need_them() {
    let mut lab = Lab::new().topic("orders", 2).group(group("billing", Balance::Queue, &[]));
    for n in 0..20 {
        lab.give(Command::AddProducer(producer(&format!("P{n}"), constant(1))));
    }
    lab.until(5);
    for n in 0..20 {
        lab.give(Command::RemoveProducer { producer: format!("P{n}") });
    }
    lab.give(Command::AddConsumer { group: "billing".into(), consumer: consumer("C1") });
    lab.until(60);
    assert_eq!(lab.refusals(), []);
    assert_eq!(lab.stored(), 100);
    assert_eq!(lab.report("billing").acknowledged, 100, "consumed although no producer is left");
}

#[test]
fn c04_producers_and_consumers_know_only_the_broker() {
    // Links are what the specs name: a producer names a topic, a group names topics; nobody names anybody else.
    let (producers, groups) = (10, 10);
    let mut lab = Lab::new().topic("orders", 4);
    for n in 0..groups {
        lab = lab.group(group(&format!("G{n}"), Balance::Queue, &["C1"]));
    }
    for n in 0..producers {
        lab = lab.producer(&format!("P{n}"), constant(1));
    }
    lab.until(2);
    let live = &lab.world().live;
    let links = live.producers.len() + live.groups.iter().map(|g| g.topics.len()).sum::<usize>();
    assert_eq!(links, producers + groups);
    assert!(links < producers * groups, "direct calls would need one link for each pair");
    assert_eq!(
        lab.report("G9").acknowledged + lab.report("G9").accumulation,
        lab.stored(),
        "and it is enough"
    );
}

#[test]
fn c05_producer_and_consumer_run_independently() {
    let mut lab = Lab::new().topic("orders", 2).group(group("billing", Balance::Message, &["C1"]));
    lab = lab.producer("P", constant(5));
    lab.consumer("billing/C1", ConsumerChange::Crash);
    lab.until(10);
    assert_eq!(lab.stored(), 50, "sends succeed with no consumer up");
    assert_eq!(lab.report("billing").ready, 50, "and messages wait");
    lab.give(Command::RemoveProducer { producer: "P".into() });
    lab.consumer("billing/C1", ConsumerChange::Restart);
    lab.until(60);
    assert_eq!(lab.report("billing").acknowledged, 50, "with no producer up they are consumed");
}
