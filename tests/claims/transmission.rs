//! Transmission models: C47 to C53.

use mqscope::broker::p2p::{P2pSpec, SenderSpec};

use super::*;

/// A point-to-point queue that is given what `shop` sends.
fn p2p(consumers: u32, processing: Distribution) -> Command {
    let sender = SenderSpec { name: "shop".into(), arrivals: Arrivals::SameAs("shop".into()) };
    let handler = HandlerSpec { processing, failure: Ratio::ZERO, same_as: None };
    Command::AddP2pQueue(P2pSpec { name: "jobs".into(), senders: vec![sender], consumers, handler })
}

impl Lab {
    /// Who processed each message of the point-to-point queue.
    fn processed(&self) -> std::collections::BTreeMap<u64, Vec<u16>> {
        let mut by = std::collections::BTreeMap::<u64, Vec<u16>>::new();
        for entry in &self.journal.0 {
            if let Event::P2pProcessed { number, consumer, .. } = entry.event {
                by.entry(number).or_default().push(consumer);
            }
        }
        by
    }
}

#[test]
fn c47_a_point_to_point_message_is_taken_by_one_and_gone_once_processed() {
    let mut lab = beside_world(Pattern::Constant(Rate::per_second(20)));
    lab.give(p2p(3, Distribution::Exponential { mean: Span::from_ms(120) }));
    lab.until(11);
    lab.give(Command::P2p { queue: "jobs".into(), change: P2pChange::CrashConsumer });
    lab.until(20);
    lab.give(Command::P2p { queue: "jobs".into(), change: P2pChange::AddConsumer });
    lab.until(30);
    lab.give(Command::RemoveProducer { producer: "shop".into() });
    lab.until(60);
    let queue = beside::p2p(lab.world(), lab.world().find_p2p("jobs").expect("it exists"));
    assert_eq!((queue.sent, queue.processed), (600, 600));
    assert_eq!((queue.waiting, queue.held, queue.returned, queue.consumers), (0, 0, 1, 3), "nothing is left");
    let by = lab.processed();
    assert_eq!(by.len(), 600);
    assert!(by.values().all(|consumers| consumers.len() == 1), "each by one consumer");
    let busy: std::collections::BTreeSet<u16> = by.into_values().flatten().collect();
    assert_eq!(busy.len(), 4, "all that ever were there competed");
    assert_eq!(lab.stored(), 600, "the topic keeps the same messages");
}

#[test]
fn c49_a_single_group_is_a_point_to_point_queue_and_not_the_other_way_round() {
    let mut lab = beside_world(Pattern::Constant(Rate::per_second(10)));
    lab.give(p2p(3, Distribution::Constant(Span::from_ms(100))));
    lab.until(10);
    // A second reader: a group sees everything, another consumer of the queue only its share of what comes.
    let late =
        GroupSpec { initial_offset: InitialOffset::Earliest, ..group("audit", Balance::Message, &["C1"]) };
    lab.give(Command::AddGroup(GroupSpec { subscriptions: vec![SubscriptionSpec::all("orders")], ..late }));
    lab.give(Command::P2p { queue: "jobs".into(), change: P2pChange::AddConsumer });
    lab.until(20);
    lab.give(Command::RemoveProducer { producer: "shop".into() });
    lab.until(60);
    let shared = |group: &str| {
        let mut all: Vec<u64> = lab.acknowledged(group).into_iter().map(|at| at.offset).collect();
        all.sort_unstable();
        all
    };
    let everything: Vec<u64> = (0..200).collect();
    assert_eq!(shared("billing"), everything, "one group: each message once, as in the queue");
    assert_eq!(lab.processed().into_keys().collect::<Vec<u64>>(), everything);
    assert_eq!(shared("audit"), everything);
    let newcomer = lab.processed().into_values().filter(|by| by == &[3]).count();
    assert!(newcomer < 100, "it could not see the first 100, and shares the others: {newcomer}");
}

#[test]
fn c48_one_message_reaches_every_subscriber() {
    let mut lab = Lab::new().topic("orders", 2);
    for name in ["billing", "audit", "search"] {
        lab = lab.group(group(name, Balance::Message, &["C1", "C2"]));
    }
    lab = lab.producer("P", constant(5));
    lab.until(10);
    lab.give(Command::RemoveProducer { producer: "P".into() });
    lab.until(30);
    let each = ["billing", "audit", "search"].map(|name| lab.report(name).acknowledged);
    assert_eq!(each, [50; 3]);
    assert_eq!(lab.world().live.produced, 50, "and the producer sent each once");
}

#[test]
fn c50_a_new_downstream_system_is_a_new_group_and_sees_the_stream_from_where_it_chooses() {
    let mut lab = Lab::new().topic("orders", 2).group(group("billing", Balance::Queue, &["C1"]));
    lab = lab.producer("P", constant(5));
    lab.until(10);
    let sent_before = lab.world().live.produced;
    let early =
        GroupSpec { initial_offset: InitialOffset::Earliest, ..group("archive", Balance::Queue, &["C1"]) };
    lab.give(Command::AddGroup(early));
    lab.give(Command::AddGroup(group("alerts", Balance::Queue, &["C1"])));
    lab.until(20);
    lab.give(Command::RemoveProducer { producer: "P".into() });
    lab.until(60);
    let total = lab.world().live.produced;
    assert_eq!(lab.report("archive").acknowledged, total, "from the beginning");
    assert_eq!(lab.report("alerts").acknowledged, total - sent_before, "from now on");
    let producer = |e: &&Entry| matches!(e.event, Event::PatternChanged { .. } | Event::ProducerAdded { .. });
    assert_eq!(lab.journal.0.iter().filter(producer).count(), 1, "no change at the producer");
}

#[test]
fn c51_orders_are_processed_point_to_point_and_notifications_are_published() {
    let (orders, _) = bundled_run("order-processing");
    assert_eq!((orders.world().live.topics.len(), orders.world().p2p_queues().count()), (0, 2));
    let mut done = std::collections::BTreeSet::new();
    for entry in &orders.observer().0 {
        if let Event::P2pProcessed { queue, sender, number, .. } = entry.event {
            assert!(done.insert((queue, sender, number)), "nothing is done twice");
        }
    }
    for (id, queue) in orders.world().p2p_queues() {
        let in_queue = queue.waiting.len() as u64 + queue.held() + queue.on_the_way();
        assert_eq!(done.iter().filter(|key| key.0 == id).count() as u64 + in_queue, queue.sent());
    }
    let (notices, sent) = bundled_run("real-time-notification");
    assert_eq!(notices.world().p2p_queues().count(), 0);
    let report = report::report(notices.world(), "", notices.fingerprint());
    for group in &report.groups[..3] {
        assert_eq!(group.acknowledged + 1, sent, "{}: all but the one on its way", group.group);
    }
    assert!(report.groups[3].acknowledged >= sent / 2 - 1, "the fourth has all since it came");
}

#[test]
fn c53_an_idempotent_consumer_has_each_effect_once_and_a_naive_one_twice() {
    let settings = Settings { classic_persist_offset_interval: Span::from_secs(5), ..quick() };
    let mut lab = Lab::with(settings).topic("orders", 2);
    for (name, idempotent) in [("naive", false), ("careful", true)] {
        let spec = group(name, Balance::Queue, &["C1", "C2"]);
        lab = lab.group(GroupSpec { idempotent: Some(idempotent), ..spec });
    }
    lab.until(6);
    let mut lab = lab.producer("P", Pattern::ByHand);
    lab.send(20);
    lab.until(8);
    for name in ["naive/C1", "careful/C1"] {
        lab.consumer(name, ConsumerChange::Crash);
    }
    lab.until(30);
    let [naive, careful] = ["naive", "careful"].map(|name| lab.report(name));
    assert_eq!([&naive, &careful].map(|r| (r.acknowledged, r.deliveries)), [(20, 30); 2], "the same run");
    assert_eq!((naive.effects, naive.effects_repeated, naive.effects_skipped), (Some(30), Some(10), Some(0)));
    assert_eq!(
        (careful.effects, careful.effects_repeated, careful.effects_skipped),
        (Some(20), Some(0), Some(10))
    );

    // The key of the business counts, and not the message: whoever sends an order again, it is shipped once.
    let mut lab = Lab::new().topic("orders", 1);
    for (name, idempotent) in [("naive", false), ("careful", true)] {
        let spec = group(name, Balance::Message, &["C1"]);
        lab = lab.group(GroupSpec { idempotent: Some(idempotent), ..spec });
    }
    let mut sender = producer("P", Pattern::ByHand);
    sender.message.key = Some("order-1".into());
    lab.give(Command::AddProducer(sender));
    lab.send(3);
    lab.until(5);
    assert_eq!([lab.report("naive").effects, lab.report("careful").effects], [Some(3), Some(1)]);
}

#[test]
fn c52_broadcasting_differs_from_clustering_and_from_a_second_group() {
    let names = ["C1", "C2", "C3"];
    let failing = Failure::PoisonKey("order-3".into());
    let consumers: Vec<_> =
        names.iter().map(|name| ConsumerSpec { failure: failing.clone(), ..consumer(name) }).collect();
    let mut lab = Lab::with(Settings { group_retry_max_times: 1, ..quick() }).topic("orders", 2);
    let shared = GroupSpec { consumers: consumers.clone(), ..group("shared", Balance::Queue, &[]) };
    let each = GroupSpec { mode: ConsumeMode::Broadcasting, consumers, ..group("each", Balance::Queue, &[]) };
    lab = lab.group(shared).group(each).producer("P", Pattern::ByHand);
    lab.send(20);
    lab.until(60);
    let (shared, each) = (lab.report("shared"), lab.report("each"));
    assert_eq!((shared.acknowledged, shared.dead_letters, shared.dropped), (19, 1, 0), "one of them gets it");
    assert_eq!(
        (each.acknowledged, each.dead_letters, each.dropped),
        (57, 0, 3),
        "every one gets it, no retry"
    );
    assert_eq!((shared.deliveries, each.deliveries), (21, 60));
}
