//! One message's journey: what is read off the log must add up, whatever happened on the way.

use std::collections::{BTreeMap, BTreeSet};

use mqscope::broker::fault::Client;
use mqscope::broker::settings::LateResolution;
use mqscope::broker::spec::{
    Balance, Cleanup, ConsumeMode, ConsumerSpec, DeliveryOrder, Failure, GroupSpec, InitialOffset,
    MessageTemplate, MessageType, Pattern, ProducerSpec, QueueSelection, Rate, Strategy, SubscriptionSpec,
    TopicSpec, TopicType, TransactionSpec, Which,
};
use mqscope::broker::{
    Broker, Command, ConsumerChange, ConsumerId, Entry, Event, LinkChange, MessageRef, Observer, ProducerId,
    Settings, World,
};
use mqscope::lesson::{self, Language, Words};
use mqscope::scenario;
use mqscope::sim::{Distribution, Instant, Span};
use mqscope::trace::{self, Because, End, Journey, Place, Reader, StageKind, TransactionEnd, journey};

#[path = "laws/worlds.rs"]
mod worlds;

use worlds::Plan;

/// Plays a random world and stops to ask at each of a few instants on the way.
fn play(seed: u64, stops: &[u64], mut ask: impl FnMut(&World)) {
    let plan = Plan::draw(seed);
    let mut broker = Broker::new(plan.settings.clone(), plan.seed, None);
    for command in plan.topology.clone() {
        broker.command(command, &mut ());
    }
    let repairs = plan.repairs.iter().map(|command| (plan.repair_at, command.clone()));
    let actions: Vec<(Instant, Command)> = plan.actions.iter().cloned().chain(repairs).collect();
    let mut actions = actions.iter().peekable();
    for &stop in stops {
        let target = Instant::from_secs(stop);
        loop {
            let next = broker.world.next_at().unwrap_or(Instant::NEVER);
            match actions.peek() {
                Some((at, command)) if *at <= next && *at <= target => {
                    broker.advance(*at);
                    broker.command(command.clone(), &mut ());
                    actions.next();
                }
                _ if broker.step(target, &mut ()) => {}
                _ => break,
            }
        }
        broker.advance(target);
        ask(&broker.world);
    }
}

/// The journey of every message of every topic that somebody created.
fn journeys(world: &World) -> impl Iterator<Item = Journey> {
    let queues = world.ordinary_topics().flat_map(|(_, topic)| topic.queues.iter().copied());
    let messages = queues
        .flat_map(|queue| (0..world.queue(queue).max_offset).map(move |offset| MessageRef { queue, offset }));
    messages.map(|at| journey(world, at).expect("it is stored"))
}

/// The stages of a reader begin when the message comes into sight, end with its end, and touch each other in between.
fn tiles(reader: &Reader, now: Instant) -> Result<(), String> {
    let end = reader.end.at().unwrap_or(now);
    let mut at = reader.since;
    for stage in &reader.stages {
        if stage.from != at {
            return Err(format!("a gap from {at} to {}", stage.from));
        }
        if stage.to <= stage.from {
            return Err(format!("nothing lasts from {} to {}", stage.from, stage.to));
        }
        at = stage.to;
    }
    (at == end).then_some(()).ok_or_else(|| format!("the stages end at {at} and not at {end}"))
}

#[test]
fn the_stages_of_every_group_add_up() {
    let mut kinds = BTreeMap::new();
    for seed in 0..100 {
        play(seed, &[3, 17, 45], |world| {
            for reader in journeys(world).flat_map(|journey| journey.readers) {
                if let Err(what) = tiles(&reader, world.live.now) {
                    panic!("world {seed}: {what} in {reader:#?}");
                }
                let end = reader.end.at().unwrap_or(world.live.now);
                let parts: Span = StageKind::ALL.iter().map(|kind| reader.spent(*kind)).sum();
                assert_eq!(reader.lasted(), end - reader.since, "world {seed}");
                assert_eq!(parts, end - reader.since, "world {seed}: the kinds are the whole");
                for stage in &reader.stages {
                    *kinds.entry(stage.kind).or_insert(0) += 1;
                }
            }
        });
    }
    for kind in StageKind::ALL {
        assert!(kinds.get(&kind).is_some_and(|count| *count > 100), "{kind:?} hardly occurs: {kinds:?}");
    }
}

/// Little's law keeps its own books while the world runs: who is inside, and for how long everybody was.
#[test]
fn all_journeys_together_are_what_the_broker_counted() {
    for seed in 0..100 {
        play(seed, &[3, 17, 45], |world| {
            // A deleted group takes its share of the books along.
            if world.live.groups.iter().any(|group| group.removed) {
                return;
            }
            // The books know of messages that a crash took, and of what was done with those that are read again.
            if world.may_have_lost() {
                return;
            }
            let little = &world.live.little;
            let area =
                little.area + u128::from(little.inside) * u128::from((world.live.now - little.since).0);
            let readers: Vec<Reader> = journeys(world).flat_map(|journey| journey.readers).collect();
            let open = readers.iter().filter(|reader| reader.end == End::Open).count() as u64;
            let spent: u128 = readers.iter().map(|reader| u128::from(reader.lasted().0)).sum();
            assert_eq!(open, little.inside, "world {seed} at {}: messages inside", world.live.now);
            assert_eq!(spent, area, "world {seed} at {}: message-microseconds", world.live.now);
            for (id, group) in world.groups() {
                let of_group = readers.iter().filter(|reader| reader.group == id);
                let deliveries = of_group.clone().map(|reader| reader.deliveries.len() as u64).sum::<u64>();
                assert_eq!(
                    deliveries, group.counts.deliveries,
                    "world {seed}: hand-outs of {}",
                    group.spec.name
                );
            }
        });
    }
}

/// Where a message is said to be agrees with who says to have it.
#[test]
fn every_message_is_where_its_consumer_says() {
    for seed in 0..100 {
        play(seed, &[3, 17, 45], |world| {
            let mut working = BTreeMap::new();
            let mut shelved = BTreeMap::new();
            for reader in journeys(world).flat_map(|journey| journey.readers) {
                match reader.place(world) {
                    Place::Processing(consumer) => *working.entry(consumer).or_insert(0) += 1,
                    Place::RetryWait { .. } => *shelved.entry(reader.group).or_insert(0) += 1,
                    _ => {}
                }
                assert_eq!(reader.end == End::Open, !is_over(reader.place(world)), "world {seed}");
                assert!(
                    reader.place(world) == Place::Done || !trace::waiting(world, &reader).is_empty(),
                    "world {seed}: no reason for {reader:?}"
                );
            }
            for (consumer, count) in working {
                // What a person polled needs no thread.
                let consumer_state = world.consumer(consumer);
                let busy = if consumer_state.pulls && consumer_state.is_by_hand() {
                    consumer_state.polled.len()
                } else {
                    consumer_state.busy as usize
                };
                assert!(count <= busy, "world {seed}: {count} messages in {busy} threads");
            }
            for (group, count) in shelved {
                let group = world.group(group);
                assert!(count <= group.shelf.len() + group.suspended.len(), "world {seed}");
            }
        });
    }
}

fn is_over(place: Place) -> bool {
    let lost = matches!(place, Place::Expired | Place::PassedOver);
    lost || matches!(place, Place::Done | Place::DeadLetter | Place::Dropped | Place::Lost | Place::Filtered)
}

/// Every question about every thing of a random world has a whole answer, in both languages.
#[test]
fn every_cause_can_be_said() {
    let catalogues = Language::ALL.map(Words::new);
    let mut keys = BTreeSet::new();
    for seed in 0..100 {
        play(seed, &[3, 17, 45], |world| {
            let live = &world.live;
            let ids = |count: usize| 0..count;
            let mut chains: Vec<Vec<Because>> = Vec::new();
            chains.extend(ids(live.producers.len()).map(|id| trace::silent(world, ProducerId::at(id))));
            chains.extend(ids(live.consumers.len()).map(|id| trace::idle(world, ConsumerId::at(id))));
            chains.extend(world.groups().map(|(id, _)| trace::behind(world, id)));
            for journey in journeys(world) {
                chains.extend(journey.readers.iter().map(|reader| trace::waiting(world, reader)));
                let passed = journey.passed_over.iter();
                chains.extend(passed.map(|group| trace::passed_over(world, *group, journey.message)));
            }
            for link in chains.iter().flatten() {
                if keys.insert(link.key()) {
                    for words in &catalogues {
                        let sentence = lesson::because(world, link, words).to_string();
                        assert!(!sentence.contains('{'), "every hole is filled: {sentence}");
                        assert!(sentence.ends_with(['.', '。']), "a whole sentence: {sentence}");
                    }
                }
            }
        });
    }
    assert!(keys.len() > 25, "few causes occur: {keys:?}");
}

/// A journey as lines: what, from when, to when, who.
fn told(world: &World, journey: &Journey) -> String {
    let mut lines = vec![
        format!("sent {} by {}", journey.sent_at, world.producer(journey.producer).spec.name),
        format!(
            "stored {} as {}@{}",
            journey.stored_at,
            world.queue_name(journey.message.queue),
            journey.message.offset
        ),
    ];
    for reader in &journey.readers {
        lines.push(format!("{}:", world.group(reader.group).spec.name));
        for stage in &reader.stages {
            let who = stage.delivery.map(|index| &reader.deliveries[index]);
            let who = who.map_or_else(String::new, |delivery| {
                let outcome = delivery.outcome.map_or_else(String::new, |outcome| format!(", {outcome:?}"));
                format!(" {}{outcome}", world.consumer(delivery.consumer).spec.name)
            });
            lines.push(format!("  {} {} to {}{who}", stage.kind.name(), stage.from, stage.to));
        }
        let words = Words::new(Language::English);
        let because = trace::waiting(world, reader);
        lines.extend(because.iter().map(|link| format!("  ← {}", lesson::because(world, link, &words))));
    }
    for group in &journey.passed_over {
        lines.push(format!("{}: began behind it", world.group(*group).spec.name));
    }
    lines.join("\n")
}

/// One queue, and a producer that sends by hand.
fn one_queue() -> Broker {
    one_queue_with(Settings::default())
}

/// The same with other settings.
fn one_queue_with(settings: Settings) -> Broker {
    let mut broker = Broker::new(settings, 1, None);
    let topic = TopicSpec {
        name: "orders".into(),
        message_type: TopicType::NORMAL,
        write_queues: 1,
        read_queues: 1,
        cleanup: Default::default(),
    };
    let shop = ProducerSpec {
        name: "shop".into(),
        topic: "orders".into(),
        pattern: Pattern::ByHand,
        queue_selection: QueueSelection::RoundRobin,
        message: MessageTemplate::default(),
    };
    broker.command(Command::AddTopic(topic), &mut ());
    broker.command(Command::AddProducer(shop), &mut ());
    broker
}

/// A consumer with one thread.
fn consumer(name: &str, ms: u64, failure: Failure) -> ConsumerSpec {
    let processing = Distribution::Constant(Span::from_ms(ms));
    let application = Default::default();
    ConsumerSpec {
        name: name.into(),
        threads: Some(1),
        processing,
        failure,
        application,
        lite_topics: Vec::new(),
        subscriptions: Vec::new(),
    }
}

/// A group that shares out queues.
fn group(name: &str, consumers: Vec<ConsumerSpec>) -> Command {
    Command::AddGroup(GroupSpec {
        name: name.into(),
        mode: ConsumeMode::Clustering,
        consumer_type: Default::default(),
        idempotent: None,
        replies: false,
        balance: Balance::Queue,
        strategy: Strategy::Avg,
        retry: Default::default(),
        delivery_order: DeliveryOrder::Concurrent,
        lite_sub_model: None,
        initial_offset: InitialOffset::Latest,
        subscriptions: vec![SubscriptionSpec::all("orders")],
        consumers,
    })
}

/// Runs to an instant, and does something there.
fn at(broker: &mut Broker, ms: u64, command: Option<Command>) {
    let at = Instant::from_ms(ms);
    while broker.step(at, &mut ()) {}
    broker.advance(at);
    if let Some(command) = command {
        broker.command(command, &mut ());
    }
}

/// More comes than one thread can finish; four of them catch up. A second consumer of one queue has nothing to do.
#[test]
fn a_group_is_behind_when_more_comes_than_it_can_finish() {
    let mut broker = one_queue();
    at(
        &mut broker,
        0,
        Some(group(
            "billing",
            vec![consumer("C1", 200, Failure::NEVER), consumer("C2", 200, Failure::NEVER)],
        )),
    );
    let pattern = Pattern::Constant(Rate::per_second(10));
    at(&mut broker, 0, Some(Command::SetPattern { producer: "shop".into(), pattern }));
    let billing = broker.world.find_group("billing").expect("it exists");
    let (comes, settings) = (Rate::per_second(10), Settings::default());
    assert!(settings.push_cache_max_messages < 2_000, "some messages wait at the broker below");
    at(&mut broker, 400_000, None);
    let slow = |rate, threads| {
        [Because::Comes { group: billing, rate: comes }, Because::CanFinish { group: billing, rate, threads }]
    };
    let chain = trace::behind(&broker.world, billing);
    assert_eq!(chain[0], Because::TooSlow { group: billing });
    assert_eq!(chain[1..], slow(Rate::per_second(5), 1));
    let c2 = broker.world.find_consumer("billing/C2").expect("it exists");
    let few = Because::FewQueues { group: billing, queues: 1, consumers: 2 };
    assert_eq!(trace::idle(&broker.world, c2), [Because::Idle { consumer: c2 }, few]);
    let change = ConsumerChange::SetThreads(4);
    at(&mut broker, 400_000, Some(Command::Consumer { consumer: "billing/C1".into(), change }));
    let chain = trace::behind(&broker.world, billing);
    assert_eq!(chain[0], Because::CatchingUp { group: billing });
    assert_eq!(chain[1..], slow(Rate::per_second(20), 4));
    let shop = broker.world.find_producer("shop").expect("it exists");
    assert_eq!(trace::silent(&broker.world, shop), []);
}

/// What has been handed out and has not arrived is coming; only then nothing waits.
#[test]
fn a_consumer_with_nothing_to_do_says_what_is_coming() {
    let mut broker = one_queue();
    at(&mut broker, 0, Some(group("billing", vec![consumer("C1", 200, Failure::NEVER)])));
    let pattern = Pattern::Constant(Rate::per_second(1));
    at(&mut broker, 0, Some(Command::SetPattern { producer: "shop".into(), pattern }));
    let billing = broker.world.find_group("billing").expect("it exists");
    let c1 = broker.world.find_consumer("billing/C1").expect("it exists");
    at(&mut broker, 500, None);
    let idle = Because::Idle { consumer: c1 };
    assert_eq!(trace::idle(&broker.world, c1), [idle, Because::NothingReady { group: billing }]);
    while broker.world.consumer(c1).in_transit == 0 {
        assert!(broker.step(Instant::from_secs(5), &mut ()), "a message comes every second");
    }
    let coming = Because::StillComing { consumer: c1, count: 1 };
    assert_eq!(trace::idle(&broker.world, c1), [idle, coming]);
    while broker.world.consumer(c1).in_transit > 0 {
        assert!(broker.step(Instant::from_secs(5), &mut ()), "it arrives");
    }
    assert_eq!(trace::idle(&broker.world, c1), [], "it works");
}

/// Two consumers share two queues, and one of them is slow: what waits, waits at that one.
#[test]
fn a_group_is_behind_at_one_of_its_consumers() {
    let mut broker = one_queue();
    let consumers = vec![consumer("C1", 1_000, Failure::NEVER), consumer("C2", 10, Failure::NEVER)];
    let topic = |name: &str| {
        Command::AddTopic(TopicSpec {
            name: name.into(),
            message_type: TopicType::NORMAL,
            write_queues: 2,
            read_queues: 2,
            cleanup: Default::default(),
        })
    };
    at(&mut broker, 0, Some(topic("pairs")));
    let Command::AddGroup(spec) = group("billing", consumers) else { unreachable!() };
    let subscriptions = vec![SubscriptionSpec::all("pairs")];
    at(&mut broker, 0, Some(Command::AddGroup(GroupSpec { subscriptions, ..spec })));
    let mill = ProducerSpec {
        name: "mill".into(),
        topic: "pairs".into(),
        pattern: Pattern::Constant(Rate::per_second(10)),
        queue_selection: QueueSelection::RoundRobin,
        message: MessageTemplate::default(),
    };
    at(&mut broker, 0, Some(Command::AddProducer(mill)));
    at(&mut broker, 300_000, None);
    let world = &broker.world;
    let billing = world.find_group("billing").expect("it exists");
    let c1 = world.find_consumer("billing/C1").expect("it exists");
    let chain = trace::behind(world, billing);
    assert_eq!(chain[0], Because::CatchingUp { group: billing }, "both together would have time enough");
    let all = world.group(billing).progress.iter().map(|id| world.progress(*id));
    let of_c1 = all.filter(|progress| progress.owner == Some(c1));
    let count = of_c1.map(|progress| progress.accumulation(world.queue(progress.queue).max_offset)).sum();
    assert_eq!(chain[3], Because::MostAt { consumer: c1, count, rate: Rate::per_second(1) });
    assert!(count > 1_000, "{count}");
}

/// Two groups read one queue: billing fails at first and succeeds with the retry, audit's only consumer crashes with
/// the message in its hands, and a third group comes too late.
#[test]
fn a_journey_told() {
    let mut broker = one_queue();
    let crash = Command::Consumer { consumer: "audit/C1".into(), change: ConsumerChange::Crash };
    let send = |count| Command::Send { producer: "shop".into(), count };
    for (ms, command) in [
        (0, group("billing", vec![consumer("C1", 20, Failure::FirstAttempts(1))])),
        (0, group("audit", vec![consumer("C1", 20, Failure::NEVER)])),
        (1_000, send(2)),
        (1_010, crash),
        (2_000, group("late", vec![consumer("C1", 20, Failure::NEVER)])),
    ] {
        at(&mut broker, ms, Some(command));
    }
    let mut tell = |ms, offset| {
        at(&mut broker, ms, None);
        let queue = broker.world.topic(broker.world.find_topic("orders").expect("it exists")).queues[0];
        let journey = journey(&broker.world, MessageRef { queue, offset }).expect("it is stored");
        told(&broker.world, &journey)
    };
    assert_eq!(
        tell(2_500, 1),
        "\
sent 0:01.000 by shop
stored 0:01.000 as orders/0@1
billing:
  on_the_way 0:01.000 to 0:01.000100 C1, Failed
  cached 0:01.000100 to 0:01.020100 C1, Failed
  processing 0:01.020100 to 0:01.040100 C1, Failed
  retry_wait 0:01.040100 to 0:02.500
  ← It waits on the retry shelf of billing for retry 1, until 0:11.040100.
  ← billing/C1 failed on it at 0:01.040100.
audit:
  on_the_way 0:01.000 to 0:01.000100 C1
  cached 0:01.000100 to 0:01.010 C1
  unanswered 0:01.010 to 0:02.500 C1
  ← audit takes one other message of orders/0 before it.
  ← No consumer of audit reads orders/0 now.
  ← No consumer of audit is running.
  ← audit/C1 crashed at 0:01.010.
late: began behind it"
    );
    assert_eq!(
        tell(12_000, 0),
        "\
sent 0:01.000 by shop
stored 0:01.000 as orders/0@0
billing:
  on_the_way 0:01.000 to 0:01.000100 C1, Failed
  processing 0:01.000100 to 0:01.020100 C1, Failed
  retry_wait 0:01.020100 to 0:11.020100
  on_the_way 0:11.020100 to 0:11.020200 C1, Acknowledged
  processing 0:11.020200 to 0:11.040200 C1, Acknowledged
audit:
  on_the_way 0:01.000 to 0:01.000100 C1
  processing 0:01.000100 to 0:01.010 C1
  unanswered 0:01.010 to 0:12.000 C1
  ← audit is 2 messages behind on orders/0, and this one is next.
  ← No consumer of audit reads orders/0 now.
  ← No consumer of audit is running.
  ← audit/C1 crashed at 0:01.010.
late: began behind it"
    );
}

#[test]
fn a_message_that_was_filtered_out_says_by_what_and_why() {
    let (_, text) =
        scenario::bundled().iter().find(|(id, _)| *id == "inconsistent-subscriptions").expect("bundled");
    let scenario = scenario::Scenario::parse(text).expect("it is sound");
    let mut broker = Broker::new(scenario.settings.clone(), scenario.seed, scenario.stop_after_messages);
    for command in scenario.commands() {
        broker.command(command, &mut ());
    }
    while broker.step(Instant::from_secs(40), &mut ()) {}
    let world = &broker.world;
    let split = world.find_group("split").expect("the group exists");
    let missed = journeys(world).flat_map(|journey| journey.readers).filter(|reader| reader.group == split);
    let missed: Vec<Reader> = missed.filter(|reader| reader.place(world) == Place::Filtered).collect();
    assert_eq!(missed.len(), 50);
    for reader in &missed {
        assert!(matches!(reader.end, End::Filtered { .. }) && reader.deliveries.is_empty(), "{reader:#?}");
        let chain = trace::waiting(world, reader);
        assert!(
            matches!(chain[..], [Because::FilteredOut { .. }, Because::MembersDisagree { .. }]),
            "{chain:?}"
        );
        for language in Language::ALL {
            let said = lesson::because(world, &chain[0], &Words::new(language)).to_string();
            assert!(said.contains("created") || said.contains("paid"), "{said}");
        }
    }
}

/// A message that waited is traced from its producer through the timer into its queue, without gap.
#[test]
fn a_message_from_the_timer_has_its_times() {
    let mut waited = 0;
    for seed in 0..60 {
        play(seed, &[20, 41], |world| {
            for journey in journeys(world) {
                let Journey { sent_at, arrived_at, due_at, stored_at, .. } = journey;
                assert!(sent_at <= arrived_at && arrived_at <= stored_at, "world {seed}: {journey:?}");
                if !journey.sends.is_empty() {
                    continue; // A busy broker let it come later.
                }
                let way = world.settings.network_send_latency;
                // A held link alone keeps it for longer.
                let had_trouble = world.link(Client::Producer(journey.producer)).is_some();
                assert!(arrived_at == sent_at + way || had_trouble, "world {seed}: {journey:?}");
                if arrived_at == stored_at || journey.transaction.is_some() {
                    continue;
                }
                waited += 1;
                let due_at = due_at.expect("what waits has a time");
                // What is overdue when the broker is back comes then.
                let latest = world.when_up(due_at) + world.settings.delay_precision;
                assert!(due_at <= stored_at && stored_at < latest, "world {seed}");
            }
        });
    }
    assert!(waited > 100, "{waited} messages waited");
}

/// What a held link keeps is not in the timer, nor behind the curtain: it has arrived only when the link is released.
#[test]
fn what_waits_on_its_link_has_not_arrived() {
    let mut broker = Broker::new(Settings::default(), 7, None);
    let topic = |name: &str, kind| TopicSpec {
        name: name.to_owned(),
        message_type: TopicType::Of(kind),
        write_queues: 1,
        read_queues: 1,
        cleanup: Cleanup::Delete,
    };
    let producer = |name: &str, message| ProducerSpec {
        name: name.to_owned(),
        topic: name.to_owned(),
        pattern: Pattern::ByHand,
        queue_selection: QueueSelection::RoundRobin,
        message,
    };
    let later = Some(Distribution::Constant(Span::from_secs(1)));
    let takes = TransactionSpec {
        takes: Distribution::Constant(Span::from_secs(1)),
        rollback: Which::NONE,
        unknown: Which::NONE,
        lost: Which::NONE,
        check_unknown: Which::NONE,
        twice: Which::NONE,
        check_wrong: Which::NONE,
        check_after_secs: None,
    };
    let delayed = MessageTemplate { delay: later, ..Default::default() };
    let levelled = MessageTemplate { delay_level: Some(1), ..Default::default() };
    let transactional = MessageTemplate { transaction: Some(takes.into()), ..Default::default() };
    for command in [
        Command::AddTopic(topic("later", MessageType::Delay)),
        Command::AddTopic(topic("bank", MessageType::Transaction)),
        Command::AddProducer(producer("later", delayed)),
        Command::AddProducer(producer("bank", transactional)),
        Command::AddTopic(topic("level", MessageType::Delay)),
        Command::AddProducer(producer("level", levelled)),
    ] {
        broker.command(command, &mut ());
    }
    for (name, is_due) in [("later", Some(-1)), ("bank", None), ("level", Some(1))] {
        let link = |change| Command::Link { client: name.to_owned(), change };
        broker.command(link(LinkChange::Hold), &mut ());
        broker.command(Command::Send { producer: name.to_owned(), count: 1 }, &mut ());
        broker.advance(broker.world.live.now + Span::from_secs(2));
        let released_at = broker.world.live.now;
        broker.command(link(LinkChange::Release), &mut ());
        while broker.step(released_at + Span::from_secs(5), &mut ()) {}
        let journey = journeys(&broker.world).last().expect("it is stored");
        assert_eq!(journey.arrived_at, released_at, "{name}: {journey:?}");
        // A level counts from when the broker has the message.
        let secs = |at: Instant| at.as_us() as i64 / 1_000_000;
        let due_in = journey.due_at.map(|due_at| secs(due_at) - secs(released_at));
        assert_eq!(due_in, is_due, "{name}: {journey:?}");
    }
}

/// A transactional message is traced from its producer behind the curtain and from there into its queue: it was stored as a
/// half message when it arrived, its local transaction was committed before it came out, and checks lie between.
#[test]
fn a_transactional_message_has_its_phases() {
    let (mut committed, mut checked) = (0, 0);
    for seed in 0..60 {
        play(seed, &[20, 41], |world| {
            for journey in journeys(world) {
                let is_transactional = world.producer(journey.producer).transaction.is_some();
                assert_eq!(journey.transaction.is_some(), is_transactional, "world {seed}");
                let Some(trace) = &journey.transaction else { continue };
                assert_eq!(trace.stored_at, journey.arrived_at, "world {seed}: {journey:?}");
                let (ended_at, outcome) = trace.local.expect("it ended before it came out");
                let spec =
                    world.producer(journey.producer).spec.message.transaction.as_ref().expect("it is one");
                let lies = spec.check_wrong != Which::NONE;
                assert!((outcome || lies) && trace.stored_at <= ended_at, "world {seed}: {journey:?}");
                assert!(ended_at <= journey.stored_at, "world {seed}: {journey:?}");
                assert!(trace.checks.iter().is_sorted_by_key(|(at, _)| *at), "world {seed}");
                if world.settings.tx_late_resolution == LateResolution::Idempotent {
                    assert_eq!(
                        trace.end,
                        Some((journey.stored_at, TransactionEnd::Committed)),
                        "world {seed}"
                    );
                }
                committed += 1;
                checked += u32::from(!trace.checks.is_empty());
            }
        });
    }
    assert!(committed > 100 && checked > 20, "{committed} were committed, {checked} of them after a check");
}

/// A request that the broker takes at once leaves nothing behind but its entry, and that comes later than the message was
/// sent.
#[test]
fn a_request_at_the_broker_is_found_by_the_id_of_its_message() {
    struct Seen(Vec<Entry>);
    impl Observer for Seen {
        fn observe(&mut self, _: &World, entry: &Entry) {
            self.0.push(*entry);
        }
    }
    let settings =
        Settings { broker_send_tps: 10, network_send_latency: Span::from_ms(1_500), ..Settings::default() };
    let mut broker = one_queue_with(settings);
    let mut seen = Seen(Vec::new());
    broker.command(Command::Send { producer: "shop".into(), count: 1 }, &mut seen);
    while broker.step(Instant::from_secs(10), &mut seen) {}
    let world = &broker.world;
    let id = world.message_id(ProducerId::at(0), 0, Instant::ZERO);
    let queued = seen.0.iter().find(|entry| matches!(entry.event, Event::RequestQueued { .. }));
    let queued = queued.expect("the broker takes a while for each");
    assert_eq!(world.sends(ProducerId::at(0), 0).count(), 0, "it is not noted");
    assert!(trace::Sought::new(&id).is_about(world, queued), "{id}");
}
