//! Topics, queues and messages: C06 to C13.

use mqscope::broker::settings::Expiry;
use mqscope::trace::find::{Found, find};

use super::*;

#[test]
fn c06_a_topic_is_a_named_container_of_queues() {
    let mut lab = Lab::new().topic("orders", 3);
    lab.give(Command::AddTopic(TopicSpec {
        name: "orders".into(),
        message_type: TopicType::NORMAL,
        write_queues: 5,
        read_queues: 5,
        cleanup: Default::default(),
    }));
    assert_eq!(lab.refusals(), [Refusal::NameTaken], "the name identifies it");
    let topic = lab.world().topic(lab.world().find_topic("orders").expect("it exists"));
    let numbers: Vec<u32> = topic.queues.iter().map(|queue| lab.world().queue(*queue).number).collect();
    assert_eq!(numbers, [0, 1, 2]);
}

#[test]
fn c07_offsets_start_at_zero_grow_by_one_and_follow_arrival() {
    let mut lab = Lab::new().topic("orders", 3).producer("P", constant(20)).producer("Q", constant(7));
    lab.until(10);
    let mut next = [0; 3];
    for entry in &lab.journal.0 {
        if let Event::MessageStored { queue, offset, .. } = entry.event {
            assert_eq!(offset, next[queue.index()]);
            assert_eq!(
                lab.world().log.queues[queue.index()].stored_at(offset),
                entry.at,
                "in order of arrival"
            );
            next[queue.index()] += 1;
        }
    }
    assert_eq!(next.iter().sum::<u64>(), 270);
}

#[test]
fn c08_a_queue_has_no_limit_but_retention_which_raises_its_min_offset() {
    let settings = Settings {
        store_retention: Span::from_secs(30),
        store_clean_interval: Span::from_secs(1),
        ..quick()
    };
    let mut lab = Lab::with(settings).topic("orders", 1).producer("P", constant(100));
    lab = lab.group(group("asleep", Balance::Message, &[]));
    lab = lab.group(group("awake", Balance::Queue, &[]));
    let ends = |lab: &Lab| {
        let queue = lab.world().queue(QueueId(0));
        (queue.min_offset, queue.max_offset)
    };
    lab.until(30);
    assert_eq!(ends(&lab), (0, 3_000), "nobody reads, and it takes whatever comes");
    let at = |offset| MessageRef { queue: QueueId(0), offset };
    let kept = lab.world().message_view(at(2_000)).expect("it is stored");
    lab.until(40);
    // At 40 s all that was stored before 10 s is gone: the k-th message was stored at k / 100 s.
    assert_eq!(ends(&lab), (999, 4_000));
    assert_eq!(lab.world().message_view(at(998)), None, "it is gone");
    assert_eq!(lab.world().message_view(at(2_000)), Some(kept), "and what is left has its offset still");
    for name in ["asleep", "awake"] {
        let report = lab.report(name);
        assert_eq!((report.expired, report.accumulation, report.ready), (999, 3_001, 3_001), "{name}");
        assert_eq!(report.queues[0].committed_offset, 999, "{name} goes on at the min offset");
    }
    // Retention asks nobody who has read what.
    lab.give(Command::AddConsumer {
        group: "awake".into(),
        consumer: group("x", Balance::Queue, &["C1"]).consumers.remove(0),
    });
    lab.until(50);
    assert_eq!(ends(&lab), (1_999, 5_000));
}

#[test]
fn c09_with_one_thread_each_throughput_grows_with_the_lesser_of_consumers_and_queues() {
    let names: Vec<String> = (1..=6).map(|n| format!("C{n}")).collect();
    let consumed = |queues: u32, consumers: usize| {
        let names: Vec<&str> = names[..consumers].iter().map(String::as_str).collect();
        let mut lab = Lab::new().topic("orders", queues).group(group("billing", Balance::Queue, &names));
        lab = lab.producer("P", constant(500));
        lab.until(20);
        lab.report("billing").acknowledged
    };
    for (queues, consumers) in [(1, 1), (1, 4), (2, 2), (4, 2), (4, 4), (4, 6)] {
        let busy = u64::from(queues).min(consumers as u64);
        let done = consumed(queues, consumers);
        // Ten messages a second each for twenty seconds, less the one each is working on at the end.
        assert!(
            (200 * busy - 2 * busy..=200 * busy).contains(&done),
            "{queues} queues, {consumers} consumers: {done}"
        );
    }
}

#[test]
fn c10_a_stored_message_never_changes() {
    let mut lab = Lab::new().topic("orders", 1).group(group("billing", Balance::Message, &["C1"]));
    lab = lab.producer("P", Pattern::ByHand);
    lab.send(1);
    let at = MessageRef { queue: QueueId(0), offset: 0 };
    let before = lab.world().message_view(at).expect("it is stored");
    lab.consumer("billing/C1", ConsumerChange::FailNext(2));
    lab.until(5);
    lab.give(Command::SetPattern { producer: "P".into(), pattern: constant(10) });
    lab.give(Command::RemoveGroup { group: "billing".into() });
    lab.give(Command::RemoveProducer { producer: "P".into() });
    lab.give(Command::AddProducer(ProducerSpec {
        message: MessageTemplate { body: Some("something else".into()), ..MessageTemplate::default() },
        ..producer("P", constant(10))
    }));
    lab.until(10);
    assert_eq!(lab.world().message_view(at), Some(before), "whatever happens afterwards");
}

#[test]
fn c11_consuming_does_not_delete() {
    let mut lab = Lab::new().topic("orders", 1).group(group("billing", Balance::Queue, &["C1"]));
    lab = lab.producer("P", constant(5));
    lab.until(10);
    lab.give(Command::RemoveProducer { producer: "P".into() });
    lab.until(20);
    assert_eq!((lab.report("billing").acknowledged, lab.stored()), (50, 50));
    let late =
        GroupSpec { initial_offset: InitialOffset::Earliest, ..group("audit", Balance::Queue, &["C1"]) };
    lab.give(Command::AddGroup(late));
    lab.until(60);
    assert_eq!(lab.report("audit").acknowledged, 50, "another group still reads them all");
    reset(&mut lab, "billing", ResetTarget::Earliest);
    lab.until(100);
    let billing = lab.report("billing");
    assert_eq!((billing.acknowledged, billing.redeliveries), (50, 50), "and so does the same one, sent back");
}

#[test]
fn c12_a_message_has_tag_key_properties_and_offset_in_a_read_only_view() {
    let mut lab = Lab::new().topic("orders", 1).producer("P", Pattern::ByHand);
    lab.send(2);
    let view = lab.world().message_view(MessageRef { queue: QueueId(0), offset: 1 }).expect("it is stored");
    assert_eq!(&*view.topic, "orders");
    assert_eq!(view.content.tag.as_deref(), Some("paid"));
    assert_eq!(view.content.key.as_deref(), Some("order-1"));
    assert_eq!(view.content.properties, [("region".to_owned(), "north".to_owned())]);
    assert_eq!((view.at.offset, view.message_id.len()), (1, 34));
    assert_eq!(lab.world().message_view(MessageRef { queue: QueueId(0), offset: 2 }), None);
}

#[test]
fn c13_a_message_is_found_by_key_by_id_and_by_offset() {
    let mut lab = Lab::new().topic("orders", 2).producer("P", Pattern::ByHand);
    lab.send(40);
    let topic = lab.world().find_topic("orders").expect("it exists");
    let at = MessageRef { queue: QueueId(1), offset: 7 };
    let view = lab.world().message_view(at).expect("it is stored");
    let find = |queue, text: &str| find(lab.world(), topic, queue, text, 50);
    let key = view.content.key.expect("it has one");
    for text in [key.as_str(), &view.message_id, &view.message_id.to_lowercase(), "orders/1@7", "Q1@7", "1/7"]
    {
        assert_eq!(find(None, text), [Found::Stored(at)], "{text}");
    }
    assert_eq!(find(Some(at.queue), "7"), [Found::Stored(at)], "an offset of a queue");
    assert_eq!(find(None, "7").len(), 2, "an offset of each queue");
    assert_eq!(find(None, "order-1").len(), 1, "the key itself, not all that begin so");
    assert_eq!(find(None, "order-").len(), 40, "keys that begin so");
    for nothing in ["order-40", "orders/1@20", "1/x", "orders/2@0", "nowhere/0@0", "20"] {
        assert_eq!(find(None, nothing), [], "{nothing}");
    }
}

/// Where whole files go, at most ten do in one look, and never the one that is written to.
#[test]
fn c08_ten_files_at_most_go_in_one_look() {
    let settings = Settings {
        store_expiry: Expiry::Segment,
        store_retention: Span::from_secs(10),
        store_clean_interval: Span::from_secs(60),
        store_delete_hour: 0,
        store_segment_bytes: 1_024,
        ..quick()
    };
    let mut lab = Lab::with(settings).topic("orders", 1).producer("P", Pattern::ByHand);
    lab.send(200);
    let mut gone = Vec::new();
    for minute in 1..=6 {
        lab.until(minute * 60);
        gone.push(lab.world().queue(QueueId(0)).min_offset);
    }
    // Six of these messages fill a file; the last two lie in the one that is written to.
    assert_eq!(gone, [60, 120, 180, 198, 198, 198]);
}
