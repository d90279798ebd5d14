//! Lite topics: C21 and C22.

use super::*;

/// A parent of lite topics, a producer that writes to `names` in turn, and settings that let lite topics end.
fn lite_lab(settings: Settings, names: &str) -> Lab {
    let mut lab = Lab::with(settings);
    lab.give(Command::AddTopic(TopicSpec {
        cleanup: Default::default(),
        name: "orders".into(),
        message_type: TopicType::Of(MessageType::Lite),
        write_queues: 1,
        read_queues: 1,
    }));
    let names = LiteNames::InTurn(vec![Names::read(names).expect("a series")]);
    let message = MessageTemplate { lite_topic: Some(names), ..MessageTemplate::default() };
    lab.give(Command::AddProducer(ProducerSpec { message, ..producer("P", Pattern::ByHand) }));
    lab
}

fn lite_counts(lab: &Lab) -> mqscope::broker::lite::LiteCounts {
    let topic = lab.world().find_topic("orders").expect("the parent");
    lab.world().lites().map(|lites| lites.counts(topic)).unwrap_or_default()
}

#[test]
fn c21_a_lite_topic_is_made_on_first_use_holds_one_queue_and_expires_when_unused() {
    let settings = Settings {
        lite_ttl: Some(Span::from_secs(20)),
        lite_min_ttl: Span::ZERO,
        lite_ttl_check_interval: Span::from_secs(5),
        ..quick()
    };
    let mut lab = lite_lab(settings, "s-{0-9}");
    let mut wishing = group("billing", Balance::Message, &["C1"]);
    wishing.consumers[0].lite_topics = vec![Names::one("s-3"), Names::one("s-77")];
    assert_eq!(lite_counts(&lab).alive, 0, "nothing is made beforehand");
    lab.give(Command::AddGroup(wishing));
    assert_eq!(lite_counts(&lab).alive, 2, "subscribing is a first use");
    lab.send(10);
    assert_eq!(lite_counts(&lab).alive, 11, "and so is sending; what is there is not made again");
    lab.send(20);
    lab.until(10);
    assert_eq!(lite_counts(&lab).created, 11);
    // One queue each: offsets from 0, known by parent and name.
    let topic = lab.world().find_topic("orders").expect("the parent");
    let lites = lab.world().lites().expect("lite topics");
    let queue = lab.world().lite_queue(topic);
    for n in 0..10 {
        let id = lab.world().find_lite(topic, &format!("s-{n}")).expect("it was used");
        assert_eq!((lites.get(id).min_offset, lites.get(id).max_offset), (0, 3), "s-{n}");
        let offsets: Vec<u64> = lab
            .world()
            .lite_places(id)
            .map(|place| lab.world().lite_of(queue, place).expect("a message of a lite topic").1)
            .collect();
        assert_eq!(offsets, [0, 1, 2], "s-{n}");
    }
    assert_eq!(lab.world().find_lite(topic, "s-10"), None, "nobody has used it");
    assert_eq!(lab.report("billing").acknowledged, 3);
    // Twenty seconds after the last write, at the broker's next look, all are gone: those nobody has read, too.
    lab.until(20);
    assert_eq!(lite_counts(&lab).alive, 11, "not before");
    lab.until(25);
    assert_eq!((lite_counts(&lab).alive, lite_counts(&lab).expired), (0, 11));
    // A name that is used again begins at offset 0.
    lab.send(1);
    let id = lab.world().find_lite(topic, "s-0").expect("it was used");
    let lites = lab.world().lites().expect("lite topics");
    assert_eq!((lites.get(id).alive, lites.get(id).max_offset), (true, 1));
    // Other parents have their own.
    let mut other = lab;
    other.give(Command::AddTopic(TopicSpec {
        cleanup: Default::default(),
        name: "others".into(),
        message_type: TopicType::Of(MessageType::Lite),
        write_queues: 1,
        read_queues: 1,
    }));
    let others = other.world().find_topic("others").expect("the parent");
    assert_eq!(other.world().find_lite(others, "s-0"), None);
}

#[test]
fn c22_lite_topics_can_be_many_and_a_consumer_has_its_own_few() {
    const MANY: u64 = 1_000_000;
    let settings = Settings {
        lite_max_topics_per_broker: MANY as u32,
        lite_max_subs_per_broker: MANY as u32,
        push_threads: 1,
        ..quick()
    };
    let mut lab = lite_lab(settings, &format!("s-{{0-{}}}", MANY - 1));
    let mut wishing = group("billing", Balance::Message, &["C1", "C2"]);
    wishing.consumers[0].lite_topics = vec![Names::read("s-{10-19}").expect("a series")];
    wishing.consumers[1].lite_topics = vec![Names::read("s-{500000-500099}").expect("a series")];
    lab.give(Command::AddGroup(wishing));
    // The journal of a million messages is not what is asked about here.
    let mut broker = lab.broker;
    for _ in 0..10 {
        broker.command(Command::Send { producer: "P".into(), count: (MANY / 10) as u32 }, &mut ());
    }
    while broker.step(Instant::from_secs(60), &mut ()) {}
    let world = &broker.world;
    let topic = world.find_topic("orders").expect("the parent");
    let counts = world.lites().expect("lite topics").counts(topic);
    assert_eq!((counts.alive, counts.created, counts.subscriptions), (MANY, MANY, 110));
    let billing = report::counts(world, world.find_group("billing").expect("the group"));
    let of = |n: usize| (billing.consumers[n].deliveries, billing.consumers[n].acknowledged);
    assert_eq!(
        (of(0), of(1)),
        ((10, 10), (100, 100)),
        "each had those of its own lite topics, and no others"
    );
    assert_eq!(billing.accumulation, 0, "what nobody subscribes to is nobody's backlog");
    let bytes = world.lite_bytes() as u64 / MANY;
    assert!(bytes <= 48, "{bytes} bytes for each lite topic");
    // A checkpoint copies pointers to pages, not lite topics.
    let checkpoint = world.live.clone();
    assert_eq!(checkpoint.lites.as_ref().map(|lites| lites.alive()), Some(MANY));
    assert_eq!(mqscope::broker::invariants::check(world), Ok(()));
}
