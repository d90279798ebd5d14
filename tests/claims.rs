//! The claims that the model keeps, one test for each, named after it. A test builds the smallest world in which the
//! claim could fail, and looks at that world through what everybody can see: the journal and the report.

use mqscope::broker::arrivals::Arrivals;
use mqscope::broker::caller::CallerSpec;
use mqscope::broker::p2p::{P2pSpec, SenderSpec};
use mqscope::broker::service::{HandlerSpec, ServiceSpec};
use mqscope::broker::settings::{LateResolution, OutOfRange};
use mqscope::broker::spec::*;
use mqscope::broker::*;
use mqscope::metrics::beside::{self, CallerReport};
use mqscope::metrics::{GroupReport, report};
use mqscope::session::Journal;
use mqscope::sim::{Distribution, Instant, Ratio, Span};
use mqscope::trace;

/// A world under test, with everything that happened in it.
struct Lab {
    broker: Broker,
    journal: Journal,
}

impl Lab {
    fn with(settings: Settings) -> Self {
        Self { broker: Broker::new(settings, 42, None), journal: Journal::default() }
    }

    /// A world whose offsets are committed with completion and whose retries come quickly.
    fn new() -> Self {
        Self::with(quick())
    }

    fn topic(mut self, name: &str, queues: u32) -> Self {
        self.give(Command::AddTopic(TopicSpec {
            name: name.into(),
            message_type: TopicType::NORMAL,
            write_queues: queues,
            read_queues: queues,
        }));
        self
    }

    fn producer(mut self, name: &str, pattern: Pattern) -> Self {
        self.give(Command::AddProducer(producer(name, pattern)));
        self
    }

    fn group(mut self, spec: GroupSpec) -> Self {
        self.give(Command::AddGroup(spec));
        self
    }

    fn give(&mut self, command: Command) {
        self.broker.command(command, &mut self.journal);
    }

    fn consumer(&mut self, consumer: &str, change: ConsumerChange) {
        self.give(Command::Consumer { consumer: consumer.into(), change });
    }

    fn send(&mut self, count: u32) {
        self.give(Command::Send { producer: "P".into(), count });
    }

    fn until(&mut self, seconds: u64) {
        let until = Instant::from_secs(seconds);
        while self.broker.step(until, &mut self.journal) {}
        self.broker.advance(until);
    }

    fn world(&self) -> &World {
        &self.broker.world
    }

    fn report(&self, group: &str) -> GroupReport {
        let id = self.world().find_group(group).expect("the group exists");
        report::counts(self.world(), id)
    }

    fn stored(&self) -> u64 {
        self.world()
            .ordinary_topics()
            .flat_map(|(_, t)| &t.queues)
            .map(|q| self.world().queue(*q).max_offset)
            .sum()
    }

    fn refusals(&self) -> Vec<Refusal> {
        let reason =
            |e: &Entry| if let Event::CommandRefused { reason, .. } = e.event { Some(reason) } else { None };
        self.journal.0.iter().filter_map(reason).collect()
    }

    /// What was handed out in a group, in order: message and consumer.
    fn handed_out(&self, group: &str) -> Vec<(MessageRef, String)> {
        let id = self.world().find_group(group).expect("the group exists");
        let mut seen = Vec::new();
        for entry in &self.journal.0 {
            if let Event::MessageHandedOut { progress, offset, consumer, .. } = entry.event {
                let state = self.world().progress(progress);
                if state.group == id {
                    let at = MessageRef { queue: state.queue, offset };
                    seen.push((self.world().origin(at), self.world().consumer(consumer).spec.name.clone()));
                }
            }
        }
        seen
    }

    /// Every message that some delivery acknowledged in a group, each as often as it was.
    fn acknowledged(&self, group: &str) -> Vec<MessageRef> {
        let id = self.world().find_group(group).expect("the group exists");
        let mut seen = Vec::new();
        for entry in &self.journal.0 {
            if let Event::ConsumeFinished { progress, offset, outcome: Outcome::Acknowledged, .. } =
                entry.event
            {
                let state = self.world().progress(progress);
                if state.group == id {
                    seen.push(self.world().origin(MessageRef { queue: state.queue, offset }));
                }
            }
        }
        seen
    }
}

fn quick() -> Settings {
    Settings {
        classic_persist_offset_interval: Span::ZERO,
        group_retry_ladder: vec![Span::from_secs(1), Span::from_secs(2), Span::from_secs(4)],
        ..Settings::default()
    }
}

fn producer(name: &str, pattern: Pattern) -> ProducerSpec {
    ProducerSpec {
        name: name.into(),
        topic: "orders".into(),
        pattern,
        queue_selection: QueueSelection::RoundRobin,
        message: MessageTemplate {
            tags: vec!["created".into(), "paid".into()],
            key: Some("order-{n}".into()),
            properties: vec![("region".into(), "north".into())],
            body: Some("{\"order\":{n},\"state\":\"{tag}\"}".into()),
            ..MessageTemplate::default()
        },
    }
}

fn consumer(name: &str) -> ConsumerSpec {
    ConsumerSpec {
        name: name.into(),
        threads: Some(1),
        processing: Distribution::Constant(Span::from_ms(100)),
        failure: Failure::NEVER,
        application: Default::default(),
        subscriptions: Vec::new(),
    }
}

fn group(name: &str, balance: Balance, consumers: &[&str]) -> GroupSpec {
    GroupSpec {
        name: name.into(),
        mode: ConsumeMode::Clustering,
        consumer_type: ConsumerType::Push,
        idempotent: None,
        balance,
        strategy: Strategy::Avg,
        retry: Default::default(),
        delivery_order: DeliveryOrder::Concurrent,
        initial_offset: InitialOffset::Latest,
        subscriptions: vec![SubscriptionSpec::all("orders")],
        consumers: consumers.iter().map(|name| consumer(name)).collect(),
    }
}

fn constant(per_second: u64) -> Pattern {
    Pattern::Constant(Rate::per_second(per_second))
}

const BOTH: [Balance; 2] = [Balance::Queue, Balance::Message];

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

#[test]
fn c06_a_topic_is_a_named_container_of_queues() {
    let mut lab = Lab::new().topic("orders", 3);
    lab.give(Command::AddTopic(TopicSpec {
        name: "orders".into(),
        message_type: TopicType::NORMAL,
        write_queues: 5,
        read_queues: 5,
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

fn reset(lab: &mut Lab, group: &str, to: ResetTarget) {
    lab.give(Command::ResetOffset { group: group.into(), topic: "orders".into(), to });
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
    let find = |queue, text: &str| trace::find::find(lab.world(), topic, queue, text, 50);
    let key = view.content.key.expect("it has one");
    for text in [key.as_str(), &view.message_id, &view.message_id.to_lowercase(), "orders/1@7", "Q1@7", "1/7"]
    {
        assert_eq!(find(None, text), [at], "{text}");
    }
    assert_eq!(find(Some(at.queue), "7"), [at], "an offset of a queue");
    assert_eq!(find(None, "7").len(), 2, "an offset of each queue");
    assert_eq!(find(None, "order-1").len(), 1, "the key itself, not all that begin so");
    assert_eq!(find(None, "order-").len(), 40, "keys that begin so");
    for nothing in ["order-40", "orders/1@20", "1/x", "orders/2@0", "nowhere/0@0", "20"] {
        assert_eq!(find(None, nothing), [], "{nothing}");
    }
}

#[test]
fn c15_normal_messages_are_delivered_at_least_once() {
    for balance in BOTH {
        let mut lab = Lab::new().topic("orders", 4).group(group("billing", balance, &["C1", "C2"]));
        lab = lab.producer("P", constant(10));
        lab.until(5);
        lab.consumer("billing/C2", ConsumerChange::Crash);
        lab.until(10);
        lab.give(Command::RemoveProducer { producer: "P".into() });
        lab.until(120);
        let mut seen = lab.acknowledged("billing");
        seen.sort_unstable();
        seen.dedup();
        assert_eq!(seen.len(), 100, "{balance:?}: every message, whatever crashed");
    }
}

/// A world with a FIFO topic and a producer of messages in five message groups.
fn ordered(settings: Settings, queues: u32) -> Lab {
    let mut lab = Lab::with(settings);
    lab.give(Command::AddTopic(TopicSpec {
        name: "orders".into(),
        message_type: TopicType::Of(MessageType::Fifo),
        write_queues: queues,
        read_queues: queues,
    }));
    let mut spec = producer("P", constant(10));
    spec.message.message_group = Some(MessageGroups::ByChance(5));
    lab.give(Command::AddProducer(spec));
    lab
}

fn orderly(name: &str, balance: Balance, consumers: Vec<ConsumerSpec>) -> GroupSpec {
    GroupSpec { delivery_order: DeliveryOrder::Orderly, consumers, ..group(name, balance, &[]) }
}

/// What a group's listeners worked on: message group and number of the message, from when to when, and how it ended.
type Worked = (String, u64, Instant, Instant, Outcome);

impl Lab {
    fn worked(&self, group: &str) -> Vec<Worked> {
        let id = self.world().find_group(group).expect("the group exists");
        let mut begun = std::collections::BTreeMap::new();
        let mut worked = Vec::new();
        for entry in &self.journal.0 {
            match entry.event {
                Event::ConsumeStarted { consumer, thread, .. } => {
                    begun.insert((consumer, thread), entry.at);
                }
                Event::ConsumeFinished { progress, offset, consumer, thread, outcome } => {
                    let state = self.world().progress(progress);
                    let view = self.world().message_view(MessageRef { queue: state.queue, offset });
                    let view = view.expect("the message is there");
                    let message_group = view.content.message_group.unwrap_or_default();
                    if state.group == id {
                        let from = begun[&(consumer, thread)];
                        worked.push((message_group, view.number, from, entry.at, outcome));
                    }
                }
                _ => {}
            }
        }
        worked.sort_by_key(|(_, _, from, to, _)| (*from, *to));
        worked
    }
}

#[test]
fn c14_a_message_of_another_type_is_refused_and_both_types_are_named() {
    let mut lab = Lab::new().topic("orders", 2);
    let mut spec = producer("P", constant(1));
    spec.message.message_group = Some(MessageGroups::Text("all".into()));
    lab.give(Command::AddProducer(spec));
    lab.until(3);
    assert_eq!((lab.stored(), lab.world().live.rejected), (0, 3));
    let refused = lab.journal.0.iter().find(|e| matches!(e.event, Event::SendRefused { .. }));
    let words = mqscope::lesson::Words::new(mqscope::lesson::Language::English);
    let said = mqscope::lesson::explain(lab.world(), refused.expect("one is refused"), &words).to_string();
    assert!(said.contains("FIFO") && said.contains("NORMAL"), "{said}");
}

#[test]
fn c16_messages_of_a_message_group_come_in_the_order_sent_and_other_message_groups_go_on_meanwhile() {
    let crew = || {
        ["C1", "C2", "C3"].map(|name| ConsumerSpec {
            threads: Some(4),
            processing: Distribution::Exponential { mean: Span::from_ms(200) },
            ..consumer(name)
        })
    };
    // How often a message began before an earlier one of its message group was done, and how many were worked on at once.
    let play = |settings: Settings, spec: GroupSpec| {
        let mut lab = ordered(settings, 4).group(spec);
        lab.until(60);
        let worked = lab.worked("billing");
        assert!(worked.len() > 200, "{} messages", worked.len());
        let (mut passes, mut most) = (0, 0);
        for (message_group, number, from, ..) in &worked {
            let earlier = worked.iter().filter(|(of, earlier, ..)| of == message_group && earlier < number);
            passes += usize::from(earlier.clone().any(|(_, _, _, to, _)| to > from));
            most = most.max(worked.iter().filter(|(_, _, a, b, _)| a <= from && from < b).count());
        }
        (passes, most)
    };
    for balance in BOTH {
        let (passes, most) = play(quick(), orderly("billing", balance, crew().to_vec()));
        assert_eq!(passes, 0, "{balance:?}");
        assert!(most >= 3, "{balance:?}: {most} at once");
        let concurrent = GroupSpec { consumers: crew().to_vec(), ..group("billing", balance, &[]) };
        assert!(play(quick(), concurrent).0 > 0, "without order messages pass each other");
    }
    // As in open-source brokers, with one lock for each queue.
    let settings = Settings { fifo_lock_scope: LockScope::Queue, ..quick() };
    assert_eq!(play(settings, orderly("billing", Balance::Message, crew().to_vec())).0, 0);
}

#[test]
fn c17_a_failing_ordered_message_holds_back_those_behind_it_until_it_succeeds_or_runs_out_of_attempts() {
    let crew = |failure: Failure| vec![ConsumerSpec { threads: Some(20), failure, ..consumer("C1") }];
    let play = |failure| {
        let spec = orderly("billing", Balance::Message, crew(failure));
        let mut lab = ordered(quick(), 4).group(spec);
        lab.until(30);
        lab.give(Command::SetPattern { producer: "P".into(), pattern: Pattern::ByHand });
        lab.until(120);
        lab
    };
    let (sick, well) = (play(Failure::PoisonKey("order-7".into())), play(Failure::NEVER));
    let poisoned = sick.worked("billing").into_iter().find(|(_, number, ..)| *number == 7);
    let (its_group, _, first_try, ..) = poisoned.expect("it was tried");
    // Seventeen attempts of 100 ms, and sixteen waits of 3 s between them.
    let attempts: Vec<_> =
        sick.worked("billing").into_iter().filter(|(_, number, ..)| *number == 7).collect();
    assert_eq!(attempts.len(), 17);
    let given_up = attempts.last().expect("seventeen").3;
    assert_eq!(given_up - first_try, Span::from_ms(17 * 100 + 16 * 3_000));
    for (message_group, number, from, ..) in sick.worked("billing") {
        assert!(message_group != its_group || number <= 7 || from >= given_up, "{number} passed it");
    }
    let report = sick.report("billing");
    assert_eq!((report.dead_letters, report.accumulation, report.retry_waiting), (1, 0, 0));
    // To the other message groups it is as if nothing failed.
    let others =
        |lab: &Lab| lab.worked("billing").into_iter().filter(|(of, ..)| *of != its_group).collect::<Vec<_>>();
    assert!(others(&sick).len() > 150);
    assert_eq!(others(&sick), others(&well));

    // If it succeeds before it runs out of attempts, those behind it come at once, in order.
    let mut lab =
        ordered(quick(), 4).group(orderly("billing", Balance::Message, crew(Failure::FirstAttempts(2))));
    lab.until(3);
    lab.give(Command::SetPattern { producer: "P".into(), pattern: Pattern::ByHand });
    lab.until(600);
    let report = lab.report("billing");
    assert_eq!((report.dead_letters, report.accumulation), (0, 0));
    assert_eq!((report.acknowledged, report.failed), (report.matched, 2 * report.matched));
}

/// A topic for delay messages, read by a group, and a producer whose messages are kept back for so long.
fn delayed(settings: Settings, balance: Balance, delay: Span) -> Lab {
    let mut lab = Lab::with(settings);
    lab.give(Command::AddTopic(TopicSpec {
        name: "orders".into(),
        message_type: TopicType::Of(MessageType::Delay),
        write_queues: 2,
        read_queues: 2,
    }));
    let mut spec = producer("P", Pattern::ByHand);
    spec.message.delay = Some(Distribution::Constant(delay));
    lab.give(Command::AddProducer(spec));
    lab.group(group("billing", balance, &["C1"]))
}

/// When each message came into its queue, in milliseconds, and the producer's number for it.
fn visible(lab: &Lab) -> Vec<(u64, u64)> {
    let stored = |e: &Entry| match e.event {
        Event::MessageStored { number, .. } => Some((e.at.0 / 1_000, number)),
        _ => None,
    };
    lab.journal.0.iter().filter_map(stored).collect()
}

#[test]
fn c18_a_delayed_message_is_seen_by_nobody_before_its_time_and_by_all_soon_after() {
    // Due at, and in its queue at: the timer has slots of a second.
    for (due, seen) in [(12_000, 12_000), (12_001, 13_000), (12_999, 13_000), (500, 1_000)] {
        for balance in BOTH {
            let mut lab = delayed(quick(), balance, Span::from_ms(due));
            lab.send(3);
            while lab.broker.step(Instant::from_ms(seen - 1), &mut lab.journal) {}
            lab.broker.advance(Instant::from_ms(seen - 1));
            assert_eq!((lab.stored(), lab.handed_out("billing").len()), (0, 0), "{due}: nobody sees them");
            let report = lab.report("billing");
            assert_eq!((report.accumulation, report.ready), (0, 0), "{due}: nobody is behind");
            assert_eq!(lab.world().live.producers[0].stored, 3, "{due}: the producer has its answers");
            lab.until(20);
            assert_eq!(visible(&lab), [(seen, 0), (seen, 1), (seen, 2)], "{due}, {balance:?}");
            assert_eq!(lab.report("billing").acknowledged, 3, "each exactly once");
            // The view says when it was sent, when it was due, and when it was stored.
            let first = lab.handed_out("billing")[0].0;
            let view = lab.world().message_view(first).expect("it is stored");
            let times = [view.born_at, view.due_at.expect("it has a time"), view.stored_at];
            assert_eq!(times.map(|at| at.0 / 1_000), [0, due, seen]);
        }
    }
}

#[test]
fn c18_a_time_that_is_not_ahead_is_now_and_one_too_far_ahead_is_refused() {
    let mut now = delayed(quick(), Balance::Message, Span::ZERO);
    now.until(3);
    now.send(1);
    assert_eq!(visible(&now), [(3_000, 0)]);
    let late = Settings { network_send_latency: Span::from_secs(2), ..quick() };
    let mut past = delayed(late, Balance::Message, Span::from_secs(1));
    past.send(1);
    past.until(5);
    assert_eq!(visible(&past), [(2_000, 0)], "due while it was on its way");

    let day = Span::from_secs(86_400);
    let mut last = delayed(quick(), Balance::Message, day);
    last.send(1);
    assert_eq!(last.world().live.timer.len(), 1, "24 h is fine");
    let too_far = || delayed(quick(), Balance::Message, day + Span::from_ms(1));
    let mut refused = too_far();
    refused.send(1);
    refused.until(90_000);
    assert_eq!((visible(&refused), refused.world().live.rejected), (vec![], 1));
    assert!(refused.world().live.timer.is_empty(), "and nothing is kept");
    let documented = Settings { delay_out_of_range: OutOfRange::DeliverNow, ..quick() };
    let mut immediate = delayed(documented, Balance::Message, day + Span::from_ms(1));
    immediate.send(1);
    assert_eq!(visible(&immediate), [(0, 0)], "the documents say that it takes effect immediately");
}

#[test]
fn c18_classic_levels_are_eighteen_fixed_delays() {
    let mut lab = delayed(quick(), Balance::Message, Span::from_secs(30));
    let seconds =
        [1, 5, 10, 30, 60, 120, 180, 240, 300, 360, 420, 480, 540, 600, 1_200, 1_800, 3_600, 7_200, 7_200];
    for level in 1..=19 {
        let name = format!("level-{level}");
        let mut spec = producer(&name, Pattern::ByHand);
        // A level comes before a time.
        spec.message.delay = Some(Distribution::Constant(Span::from_ms(1)));
        spec.message.delay_level = Some(level);
        lab.give(Command::AddProducer(spec));
        lab.give(Command::Send { producer: name, count: 1 });
    }
    lab.until(8_000);
    let seen: Vec<u64> = visible(&lab).into_iter().map(|(ms, _)| ms).collect();
    assert_eq!(seen, seconds.map(|secs| secs * 1_000));
}

#[test]
fn c18_a_delayed_message_can_be_taken_back_until_its_slot_begins() {
    let recall = |number| Command::Recall { producer: "P".into(), number };
    let allowed = Settings { delay_recall_enable: true, ..quick() };
    let mut lab = delayed(allowed, Balance::Message, Span::from_ms(5_500));
    lab.send(2);
    lab.until(5);
    lab.give(recall(0));
    lab.broker.advance(Instant::from_ms(5_001));
    lab.give(recall(1));
    lab.until(20);
    assert_eq!(visible(&lab), [(6_000, 1)]);
    assert_eq!(lab.refusals(), [Refusal::RecallTooLate], "its slot began at 5 s");
    let mut off = delayed(quick(), Balance::Message, Span::from_secs(5));
    off.send(1);
    off.give(recall(0));
    assert_eq!(off.refusals(), [Refusal::RecallDisabled], "brokers do not allow it unless told so");
}

/// A topic for transactional messages, read by a group, and a producer whose local transactions are like this.
fn transactional(settings: Settings, balance: Balance, transaction: TransactionSpec) -> Lab {
    let mut lab = Lab::with(settings);
    lab.give(Command::AddTopic(TopicSpec {
        name: "orders".into(),
        message_type: TopicType::Of(MessageType::Transaction),
        write_queues: 2,
        read_queues: 2,
    }));
    lab.give(Command::AddProducer(transacting("P", transaction)));
    lab.group(group("billing", balance, &["C1"]))
}

fn transacting(name: &str, transaction: TransactionSpec) -> ProducerSpec {
    let mut spec = producer(name, Pattern::ByHand);
    spec.message.transaction = Some(transaction.into());
    spec
}

/// Local transactions that take so long.
fn taking(seconds: u64) -> TransactionSpec {
    TransactionSpec { takes: Distribution::Constant(Span::from_secs(seconds)), ..TransactionSpec::default() }
}

/// The same, and the broker never hears how they ended.
fn unheard(seconds: u64) -> TransactionSpec {
    TransactionSpec { lost: Which::Share(Ratio::ONE), ..taking(seconds) }
}

/// When the broker checked a message, in seconds, and whom it asked.
fn checks(lab: &Lab, wanted: u64) -> Vec<(u64, Option<ProducerId>)> {
    let check = |e: &Entry| match e.event {
        Event::TransactionChecked { number, asked, .. } if number == wanted => {
            Some((e.at.0 / 1_000_000, asked))
        }
        _ => None,
    };
    lab.journal.0.iter().filter_map(check).collect()
}

#[test]
fn c19_a_half_message_is_invisible_until_its_commit_and_for_ever_after_a_rollback() {
    for balance in BOTH {
        let mut lab = transactional(quick(), balance, taking(5));
        lab.send(3);
        lab.until(4);
        assert_eq!((lab.stored(), lab.handed_out("billing").len()), (0, 0), "nobody sees them");
        assert_eq!(lab.report("billing").accumulation, 0, "nobody is behind");
        assert_eq!(lab.world().live.producers[0].stored, 3, "the producer has its answers");
        // It has no place in its topic: what is committed later can come first.
        lab.give(Command::EndTransaction { producer: "P".into(), number: 2, commit: true });
        lab.give(Command::EndTransaction { producer: "P".into(), number: 0, commit: false });
        lab.until(20);
        assert_eq!(visible(&lab), [(4_000, 2), (5_000, 1)], "{balance:?}");
        assert_eq!(lab.report("billing").acknowledged, 2, "each exactly once, and message 0 never");
        assert!(lab.world().live.halves.is_empty());
        let first = lab.handed_out("billing")[0].0;
        let view = lab.world().message_view(first).expect("it is stored");
        assert_eq!([view.born_at, view.stored_at], [0, 4].map(Instant::from_secs));
    }
}

#[test]
fn c19_what_is_not_known_yet_is_asked_about_again() {
    // Says at its end that it does not know, and knows when it is asked.
    let unknown = TransactionSpec { unknown: Which::Share(Ratio::ONE), ..taking(1) };
    let mut lab = transactional(quick(), Balance::Message, unknown);
    lab.send(1);
    lab.until(29);
    assert_eq!((lab.stored(), lab.world().live.halves.len()), (0, 1), "UNKNOWN is neither of the two");
    lab.until(31);
    assert_eq!((checks(&lab, 0).len(), lab.stored()), (1, 1));
    // One that still runs is asked about until it has ended.
    let mut slow = transactional(quick(), Balance::Message, unheard(70));
    slow.send(1);
    slow.until(200);
    let times: Vec<u64> = checks(&slow, 0).into_iter().map(|(at, _)| at).collect();
    assert_eq!((times, slow.stored()), (vec![30, 60, 90], 1));
}

#[test]
fn c20_a_half_message_whose_producer_vanished_is_settled_by_another_one() {
    let mut lab = transactional(quick(), Balance::Message, unheard(1));
    lab.give(Command::AddProducer(transacting("other", taking(1))));
    lab.send(2);
    lab.until(2);
    lab.send(3);
    lab.give(Command::CrashProducer { producer: "P".into() });
    lab.until(31);
    let asked = checks(&lab, 0);
    assert_eq!(asked, [(30, Some(ProducerId(1)))], "the one that is there");
    assert_eq!(lab.stored(), 2, "two were committed, and what ran when the process died is undone");
    assert!(lab.world().live.halves.is_empty());
}

#[test]
fn c20_after_the_last_check_it_is_set_aside_and_seen_by_nobody() {
    // Golden: born at 1 s, checked at 30 s, 60 s … 450 s, given up at 480 s; born at 25 s, 30 s later.
    let mut lab = transactional(quick(), Balance::Queue, unheard(1));
    lab.until(1);
    lab.send(1);
    lab.until(25);
    lab.send(1);
    lab.until(28);
    lab.give(Command::CrashProducer { producer: "P".into() });
    lab.until(1_000);
    let every_30_s = |first: u64| (0..15).map(|n| (first + 30 * n, None)).collect::<Vec<_>>();
    assert_eq!([checks(&lab, 0), checks(&lab, 1)], [every_30_s(30), every_30_s(60)]);
    let aside = |e: &Entry| match e.event {
        Event::TransactionSetAside { number, .. } => Some((number, e.at.0 / 1_000_000)),
        _ => None,
    };
    let aside: Vec<(u64, u64)> = lab.journal.0.iter().filter_map(aside).collect();
    assert_eq!(aside, [(0, 480), (1, 510)]);
    assert_eq!((lab.stored(), lab.handed_out("billing").len()), (0, 0));
    let topic = lab.world().find_topic("TRANS_CHECK_MAX_TIME_TOPIC").expect("it is there");
    let queue = lab.world().topic(topic).queues[0];
    assert_eq!((lab.world().queue(queue).max_offset, lab.world().queue(queue).progress.len()), (2, 0));
}

#[test]
fn c55_what_consumers_have_seen_equals_the_local_outcomes_whatever_crashed_in_between() {
    let chance = |of| Which::Share(Ratio::new(1, of).expect("a ratio"));
    let spec = TransactionSpec {
        takes: Distribution::Exponential { mean: Span::from_secs(3) },
        rollback: chance(4),
        unknown: chance(4),
        lost: chance(3),
        check_unknown: chance(3),
        check_after_secs: None,
    };
    for late in [LateResolution::Idempotent, LateResolution::Faithful] {
        let settings = Settings { tx_late_resolution: late, ..quick() };
        let mut lab = transactional(settings, Balance::Message, spec.clone());
        lab.give(Command::AddProducer(transacting("Q", spec.clone())));
        for round in 0..60 {
            for producer in ["P", "Q"] {
                lab.give(Command::Send { producer: producer.into(), count: 3 });
            }
            lab.until(2 * round + 1);
            // Now and then the one or the other dies, and starts again.
            let name = if round % 2 == 0 { "P" } else { "Q" };
            if round % 5 == 0 {
                lab.give(Command::CrashProducer { producer: name.into() });
            }
            lab.until(2 * round + 2);
            if round % 5 == 0 {
                lab.give(Command::RestartProducer { producer: name.into() });
            }
        }
        lab.until(2_000);
        let world = lab.world();
        assert!(world.live.halves.is_empty());
        let keys: Vec<(ProducerId, u64)> = world.log.transactions.keys().copied().collect();
        let is_paid =
            |(producer, number): &&(ProducerId, u64)| world.local_outcome(*producer, *number) == Some(true);
        let paid: std::collections::BTreeSet<(ProducerId, u64)> =
            keys.iter().filter(is_paid).copied().collect();
        let topic = world.find_topic("orders").expect("it is there");
        let seen: Vec<(ProducerId, u64)> = world
            .topic(topic)
            .queues
            .iter()
            .flat_map(|queue| {
                let log = &world.log.queues[queue.index()];
                (0..world.queue(*queue).max_offset).map(|offset| log.sender(offset))
            })
            .collect();
        assert_eq!(lab.report("billing").acknowledged, seen.len() as u64);
        assert_eq!(seen.iter().copied().collect::<std::collections::BTreeSet<_>>(), paid, "{late:?}");
        assert!(
            keys.len() == 360 && paid.len() > 150 && paid.len() < 300,
            "{} of {}",
            paid.len(),
            keys.len()
        );
        if late == LateResolution::Idempotent {
            assert_eq!(seen.len(), paid.len(), "each once");
        }
        assert_eq!(world.live.halves.set_aside, None, "somebody always knew in the end");
    }
}

#[test]
fn c23_a_group_exists_with_its_offsets_without_any_consumer() {
    let mut lab = Lab::new().topic("orders", 2).group(group("billing", Balance::Queue, &["C1"]));
    lab = lab.producer("P", constant(10));
    lab.until(5);
    lab.consumer("billing/C1", ConsumerChange::Leave);
    lab.until(6);
    let left = lab.report("billing");
    lab.until(20);
    let later = lab.report("billing");
    let offsets = |r: &GroupReport| r.queues.iter().map(|q| q.committed_offset).collect::<Vec<_>>();
    assert_eq!(offsets(&left), offsets(&later), "its offsets stay");
    assert!(offsets(&later).iter().sum::<u64>() > 40);
    assert_eq!(later.accumulation, 200 - later.acknowledged, "and it goes on piling up");
}

#[test]
fn c24_every_consumer_belongs_to_one_group() {
    let mut lab = Lab::new().topic("orders", 2);
    lab = lab.group(group("billing", Balance::Queue, &["C1"])).group(group("audit", Balance::Queue, &["C1"]));
    lab.give(Command::AddConsumer { group: "billing".into(), consumer: consumer("C1") });
    assert_eq!(lab.refusals(), [Refusal::NameTaken], "a name stands for one consumer of the group");
    let world = lab.world();
    let (one, other) = (world.find_consumer("billing/C1"), world.find_consumer("audit/C1"));
    assert_ne!(one, other, "the same name in another group is another consumer");
    for (id, group) in world.groups() {
        assert!(group.consumers.iter().all(|consumer| world.consumer(*consumer).group == id));
    }
}

#[test]
fn c25_consumers_of_a_group_compete() {
    for balance in BOTH {
        let mut lab = Lab::new().topic("orders", 4).group(group("billing", balance, &["C1", "C2", "C3"]));
        lab = lab.producer("P", constant(12));
        lab.until(30);
        let seen = lab.handed_out("billing");
        let mut messages: Vec<_> = seen.iter().map(|(message, _)| *message).collect();
        messages.sort_unstable();
        messages.dedup();
        assert_eq!(messages.len(), seen.len(), "{balance:?}: nobody got what another one got");
        for name in ["C1", "C2", "C3"] {
            assert!(seen.iter().any(|(_, consumer)| consumer == name), "{balance:?}: {name} took part");
        }
    }
}

#[test]
fn c26_every_group_gets_every_message_at_its_own_pace() {
    let slow = ConsumerSpec { processing: Distribution::Constant(Span::from_ms(400)), ..consumer("C1") };
    let mut lab = Lab::new().topic("orders", 2).group(group("fast", Balance::Queue, &["C1"]));
    lab = lab.group(GroupSpec { consumers: vec![slow], ..group("slow", Balance::Message, &[]) });
    lab = lab.producer("P", constant(5));
    lab.until(10);
    lab.give(Command::RemoveProducer { producer: "P".into() });
    assert!(lab.report("slow").accumulation > lab.report("fast").accumulation + 10);
    lab.until(60);
    assert_eq!((lab.report("fast").acknowledged, lab.report("slow").acknowledged), (50, 50));
}

#[test]
fn c27_a_stopped_slow_or_failing_group_changes_nothing_for_another() {
    let play = |disturb: bool| {
        let mut lab = Lab::new().topic("orders", 4).group(group("billing", Balance::Message, &["C1", "C2"]));
        if disturb {
            let failing = Failure::Probability(Ratio { numerator: 1, denominator: 2 });
            let bad = ConsumerSpec { failure: failing, ..consumer("C1") };
            lab = lab.group(GroupSpec { consumers: vec![bad], ..group("trouble", Balance::Queue, &[]) });
        }
        lab = lab.producer("P", Pattern::Poisson(Rate::per_second(8)));
        lab.until(10);
        if disturb {
            lab.consumer("trouble/C1", ConsumerChange::Crash);
        }
        lab.until(30);
        let id = lab.world().find_group("billing");
        let own = |e: &&Entry| match e.event {
            Event::MessageHandedOut { progress, .. } | Event::ConsumeFinished { progress, .. } => {
                Some(lab.world().progress(progress).group) == id
            }
            _ => false,
        };
        let seen = lab.journal.0.iter().filter(own);
        seen.map(|e| (e.at, explain(&lab, e))).collect::<Vec<_>>()
    };
    assert_eq!(play(false), play(true), "message by message, instant by instant");
}

/// An entry in words: the same for the same thing, whatever its number.
fn explain(lab: &Lab, entry: &Entry) -> String {
    let words = mqscope::lesson::Words::new(mqscope::lesson::Language::English);
    mqscope::lesson::explain(lab.world(), entry, &words).to_string()
}

#[test]
fn c28_more_consumers_raise_capacity_up_to_the_queues_or_beyond() {
    let names: Vec<String> = (1..=6).map(|n| format!("C{n}")).collect();
    let consumed = |balance, consumers: usize| {
        let names: Vec<&str> = names[..consumers].iter().map(String::as_str).collect();
        let mut lab = Lab::new().topic("orders", 2).group(group("billing", balance, &names));
        lab = lab.producer("P", constant(100));
        lab.until(20);
        lab.report("billing").acknowledged
    };
    for (balance, consumers, workers) in [
        (Balance::Queue, 1, 1),
        (Balance::Queue, 2, 2),
        (Balance::Queue, 6, 2),
        (Balance::Message, 1, 1),
        (Balance::Message, 2, 2),
        (Balance::Message, 6, 6),
    ] {
        let done = consumed(balance, consumers);
        assert!(
            (200 * workers - 2 * workers..=200 * workers).contains(&done),
            "{balance:?} {consumers}: {done}"
        );
    }
}

#[test]
fn c29_when_a_consumer_fails_the_others_take_over_and_nothing_is_lost() {
    for balance in BOTH {
        let mut lab = Lab::new().topic("orders", 4).group(group("billing", balance, &["C1", "C2"]));
        lab = lab.producer("P", constant(10));
        lab.until(5);
        lab.consumer("billing/C1", ConsumerChange::Crash);
        lab.until(10);
        lab.give(Command::RemoveProducer { producer: "P".into() });
        lab.until(60);
        let report = lab.report("billing");
        assert_eq!((report.acknowledged, report.accumulation), (100, 0), "{balance:?}");
        let owners: Vec<_> = report.queues.iter().filter_map(|q| q.owner.clone()).collect();
        assert!(owners.iter().all(|owner| owner == "C2"), "{balance:?}: {owners:?}");
    }
}

/// The instants at which the message `order-0` was handed out in `billing`, in milliseconds.
fn attempts(lab: &Lab) -> Vec<u64> {
    let first = MessageRef { queue: QueueId(0), offset: 0 };
    let at = |e: &Entry| match e.event {
        Event::MessageHandedOut { progress, offset, .. } => {
            let here = MessageRef { queue: lab.world().progress(progress).queue, offset };
            (lab.world().origin(here) == first).then_some(e.at.0 / 1_000)
        }
        _ => None,
    };
    lab.journal.0.iter().filter_map(at).collect()
}

#[test]
fn c34_failure_leads_to_redelivery_after_the_rung_of_the_ladder() {
    for balance in BOTH {
        let instant = ConsumerSpec {
            processing: Distribution::Constant(Span::ZERO),
            failure: Failure::Probability(Ratio::ONE),
            ..consumer("C1")
        };
        let mut lab = Lab::with(Settings { network_delivery_latency: Span::ZERO, ..Settings::default() })
            .topic("orders", 1)
            .group(GroupSpec { consumers: vec![instant], ..group("billing", balance, &[]) })
            .producer("P", Pattern::ByHand);
        lab.until(1);
        lab.send(1);
        lab.until(30_000);
        let ladder =
            [0, 10, 40, 100, 220, 400, 640, 940, 1300, 1720, 2200, 2740, 3340, 4540, 6340, 9940, 17140];
        let expected: Vec<u64> = ladder.iter().map(|s| (s + 1) * 1_000).collect();
        assert_eq!(attempts(&lab), expected, "{balance:?}");
    }
}

#[test]
fn c35_after_the_last_attempt_a_message_is_dead_lettered_neither_lost_nor_blocking() {
    for balance in BOTH {
        let failing = ConsumerSpec { failure: Failure::PoisonKey("order-0".into()), ..consumer("C1") };
        let mut lab = Lab::with(Settings { group_retry_max_times: 2, ..quick() })
            .topic("orders", 1)
            .group(GroupSpec { consumers: vec![failing], ..group("billing", balance, &[]) })
            .producer("P", Pattern::ByHand);
        lab.send(20);
        lab.until(60);
        assert_eq!(attempts(&lab).len(), 3, "{balance:?}: one delivery and two retries");
        let report = lab.report("billing");
        assert_eq!(
            (report.dead_letters, report.acknowledged, report.accumulation),
            (1, 19, 0),
            "{balance:?}"
        );
        let world = lab.world();
        let topic = world.find_topic("%DLQ%billing").expect("it has come into being");
        let letter = MessageRef { queue: world.topic(topic).queues[0], offset: 0 };
        let original = MessageRef { queue: QueueId(0), offset: 0 };
        assert_eq!(world.content(letter), world.content(original), "{balance:?}: it is the message");
    }
}

#[test]
fn c36_a_consumer_that_dies_before_acknowledging_causes_a_duplicate_never_a_loss() {
    for balance in BOTH {
        let mut lab = Lab::new().topic("orders", 1).group(group("billing", balance, &["C1", "C2"]));
        lab = lab.producer("P", Pattern::ByHand);
        lab.until(1);
        lab.send(1);
        lab.broker.advance(Instant::from_ms(1_000));
        while lab.broker.step(Instant::from_ms(1_050), &mut lab.journal) {}
        lab.broker.advance(Instant::from_ms(1_050));
        let holder = lab.handed_out("billing")[0].1.clone();
        lab.consumer(&format!("billing/{holder}"), ConsumerChange::Crash);
        lab.until(60);
        let seen = lab.handed_out("billing");
        assert_eq!(seen.len(), 2, "{balance:?}: it was delivered again");
        assert_ne!(seen[0].1, seen[1].1, "{balance:?}: to somebody who lives");
        assert_eq!(
            (lab.report("billing").acknowledged, lab.report("billing").redeliveries),
            (1, 1),
            "{balance:?}"
        );
    }
}

#[test]
fn c37_the_consumer_offset_survives_a_restart() {
    for persist in [Span::ZERO, Span::from_secs(5)] {
        let settings = Settings { classic_persist_offset_interval: persist, ..quick() };
        let mut lab = Lab::with(settings).topic("orders", 1).group(group("billing", Balance::Queue, &["C1"]));
        lab = lab.producer("P", Pattern::ByHand);
        lab.send(100);
        lab.until(7);
        let before = lab.report("billing").queues[0].committed_offset;
        assert!(before > 30, "something was committed: {before}");
        lab.consumer("billing/C1", ConsumerChange::Crash);
        lab.consumer("billing/C1", ConsumerChange::Restart);
        let seen = lab.handed_out("billing").len();
        lab.until(9);
        let next = lab.handed_out("billing")[seen].0;
        assert_eq!(
            next.offset, before,
            "reading goes on at the committed offset, kept for the group and the queue"
        );
        lab.until(60);
        assert_eq!(lab.report("billing").queues[0].committed_offset, 100);
    }
}

#[test]
fn c38_a_reset_to_a_time_goes_on_with_the_first_message_stored_then_or_later() {
    for balance in [Balance::Queue, Balance::Message] {
        let lab = Lab::new().topic("orders", 2).group(group("billing", balance, &["C1", "C2"]));
        let mut lab = lab.group(group("other", balance, &["C1"])).producer("P", constant(4));
        lab.until(20);
        lab.give(Command::RemoveProducer { producer: "P".into() });
        lab.until(60);
        let (before, other) = (lab.journal.0.len(), lab.report("other"));
        // The k-th message, from 1, was stored at k / 4 s: the 40th exactly at 10 s.
        for (time, again) in [(10_000, 41), (10_001, 40), (0, 80), (20_001, 0)] {
            lab.journal.0.truncate(before);
            reset(&mut lab, "billing", ResetTarget::Time(Instant::from_ms(time)));
            assert_eq!(lab.report("billing").accumulation, again, "{balance:?}: to {time} ms");
            let until = lab.world().live.now.as_us() / 1_000_000 + 60;
            lab.until(until);
            let stored_at = |at: MessageRef| lab.world().log.queues[at.queue.index()].stored_at(at.offset);
            let handed_out: Vec<MessageRef> =
                lab.handed_out("billing").into_iter().skip(80).map(|(at, _)| at).collect();
            assert_eq!(handed_out.len() as u64, again, "{balance:?}: to {time} ms");
            assert!(handed_out.iter().all(|at| stored_at(*at) >= Instant::from_ms(time)));
            assert_eq!(lab.report("billing").acknowledged, 80);
        }
        assert_eq!(lab.report("other"), other, "another group notices nothing");
    }
}

#[test]
fn c39_a_consumer_receives_a_payload_and_not_only_a_dot() {
    let mut lab = Lab::new().topic("orders", 1).group(group("billing", Balance::Queue, &["C1"]));
    lab = lab.producer("P", Pattern::ByHand);
    lab.send(1);
    lab.until(1);
    let (message, _) = lab.handed_out("billing")[0];
    assert_eq!(lab.world().content(message).body, "{\"order\":0,\"state\":\"created\"}");
}

#[test]
fn c41_what_is_not_consumed_piles_up_and_equals_the_distance_of_the_offsets() {
    for balance in BOTH {
        let failing = Failure::Probability(Ratio { numerator: 1, denominator: 10 });
        let slow = ConsumerSpec { failure: failing, ..consumer("C1") };
        // With the documented ladder a retry waits ten seconds and more.
        let settings = Settings { classic_persist_offset_interval: Span::ZERO, ..Settings::default() };
        let mut lab = Lab::with(settings).topic("orders", 4);
        lab = lab.group(GroupSpec { consumers: vec![slow], ..group("billing", balance, &[]) });
        lab = lab.producer("P", constant(30));
        lab.until(20);
        let report = lab.report("billing");
        let world = lab.world();
        let topic = world.topic(world.find_topic("orders").expect("it exists"));
        let max: u64 = topic.queues.iter().map(|queue| world.queue(*queue).max_offset).sum();
        let committed: u64 = report.queues.iter().filter(|q| !q.is_retry).map(|q| q.committed_offset).sum();
        assert_eq!(report.accumulation, max - committed, "{balance:?}");
        assert_eq!(
            report.accumulation,
            report.ready + report.inflight + report.finished_ahead,
            "{balance:?}"
        );
        assert!(
            report.accumulation > 380,
            "{balance:?}: 30 come and 10 go each second: {}",
            report.accumulation
        );
        assert!(report.retry_waiting > 0, "{balance:?}: what waits for a retry stands beside it");
    }
}

#[test]
fn c42_accumulation_drains_in_the_time_that_arithmetic_predicts() {
    // 100 a second for 30 s, then 10 a second; capacity 40 a second: 1,800 pile up, and drain in 60 s.
    let burst = Pattern::Bursts {
        rate: Rate::per_second(10),
        burst_rate: Rate::per_second(100),
        every: Span::from_secs(3_600),
        lasting: Span::from_secs(30),
    };
    let consumers = ["C1", "C2", "C3", "C4"];
    let mut lab = Lab::new().topic("orders", 4).group(group("billing", Balance::Queue, &consumers));
    lab = lab.producer("P", burst);
    lab.until(30);
    let peak = lab.report("billing").accumulation;
    assert!((1_800..=1_804).contains(&peak), "peak {peak}");
    lab.until(60);
    let half = lab.report("billing").accumulation;
    assert!((900..=904).contains(&half), "half way {half}");
    lab.until(89);
    assert!(lab.report("billing").accumulation >= 30, "not before its time");
    lab.until(91);
    assert!(lab.report("billing").accumulation <= 4, "empty after 60 s");
}

/// A world in which everything takes 5 ms on its way, and `shop` sends at `pattern` to the topic `orders`.
fn beside_world(pattern: Pattern) -> Lab {
    let latency = Span::from_ms(5);
    let mut lab =
        Lab::with(Settings { network_send_latency: latency, network_delivery_latency: latency, ..quick() })
            .topic("orders", 1);
    let consumer = ConsumerSpec {
        application: Application::Loop,
        name: "C1".into(),
        threads: Some(3),
        processing: Distribution::Exponential { mean: Span::from_ms(100) },
        failure: Failure::NEVER,
        subscriptions: Vec::new(),
    };
    let group = GroupSpec { consumers: vec![consumer], ..group("billing", Balance::Message, &[]) };
    let subscriptions = vec![SubscriptionSpec::all("orders")];
    lab.give(Command::AddGroup(GroupSpec { subscriptions, ..group }));
    lab.give(Command::AddProducer(ProducerSpec { topic: "orders".into(), ..producer("shop", pattern) }));
    lab
}

fn service(name: &str, workers: u32, waiting_line: Option<u32>, processing: Distribution) -> Command {
    let handler = HandlerSpec { processing, failure: Ratio::ZERO, same_as: Some("billing".into()) };
    Command::AddService(ServiceSpec { name: name.into(), workers, waiting_line, handler })
}

/// A caller that calls whenever `shop` sends.
fn caller(services: &[&str]) -> Command {
    Command::AddCaller(CallerSpec {
        name: "calls".into(),
        services: services.iter().map(|name| (*name).to_owned()).collect(),
        arrivals: Arrivals::SameAs("shop".into()),
        timeout: Span::from_secs(1),
    })
}

impl Lab {
    fn service(&mut self, name: &str, change: ServiceChange) {
        self.give(Command::Service { service: name.into(), change });
    }

    fn calls(&self) -> CallerReport {
        beside::caller(self.world(), self.world().find_caller("calls").expect("the caller exists"))
    }

    /// The instants of entries about messages or calls, by number.
    fn instants(&self, of: fn(&Event) -> Option<u64>) -> Vec<(u64, Instant)> {
        let mut all: Vec<_> = self.journal.0.iter().filter_map(|e| Some((of(&e.event)?, e.at))).collect();
        all.sort_unstable();
        all
    }
}

fn sent(event: &Event) -> Option<u64> {
    if let Event::MessageSent { number, .. } = event { Some(*number) } else { None }
}

fn stored(event: &Event) -> Option<u64> {
    if let Event::MessageStored { number, .. } = event { Some(*number) } else { None }
}

fn called(event: &Event) -> Option<u64> {
    if let Event::CallSent { number, stage: 0, .. } = event { Some(*number) } else { None }
}

fn gave_up(event: &Event) -> Option<u64> {
    if let Event::CallTimedOut { number, .. } = event { Some(*number) } else { None }
}

#[test]
fn c43_a_caller_waits_for_the_answer_and_fails_with_its_callee() {
    let steady = Distribution::Constant(Span::from_ms(100));
    let mut lab = beside_world(Pattern::Constant(Rate::per_second(10)));
    lab.give(service("S", 2, None, steady));
    lab.give(caller(&["S"]));
    lab.until(5);
    let calls = lab.calls();
    assert_eq!((calls.failed, calls.timed_out), (0, 0));
    assert_eq!((calls.latency_us.p50, calls.latency_us.max), (110_000, 110_000), "there, work, and back");
    // A dead callee: nobody says anything, and each caller finds out for itself.
    lab.service("S", ServiceChange::Crash);
    lab.until(10);
    let dead = lab.calls();
    assert_eq!((dead.answered, dead.failed), (calls.answered, 0));
    assert!(dead.timed_out >= 40, "{}", dead.timed_out);
    let called_at = lab.instants(called);
    for (number, at) in lab.instants(gave_up) {
        assert_eq!(at, called_at[number as usize].1 + Span::from_secs(1), "call {number}");
    }
    // A slow one: calls wait in its line until their callers give up, and it works on for those that are gone.
    lab.service("S", ServiceChange::Start);
    lab.service("S", ServiceChange::SetProcessing(Distribution::Constant(Span::from_ms(800))));
    lab.until(20);
    let slow = lab.calls();
    assert!(slow.timed_out > dead.timed_out + 50 && slow.too_late > 0, "{slow:?}");
    let world = lab.world();
    assert!(beside::service(world, world.find_service("S").expect("it exists")).in_vain > 0);
    // A stopped one turns calls away.
    lab.service("S", ServiceChange::Stop);
    lab.until(25);
    assert_eq!(lab.calls().failed, 50, "ten a second for 5 s");
}

#[test]
fn c44_a_send_is_done_once_the_broker_has_stored_the_message() {
    let mut lab = beside_world(Pattern::Poisson(Rate::per_second(20)));
    lab.give(service("S", 3, None, Distribution::Exponential { mean: Span::from_ms(100) }));
    lab.give(caller(&["S"]));
    lab.until(10);
    // The same arrivals, message by message, and the same handler.
    assert_eq!(lab.instants(sent), lab.instants(called));
    let mut works = [std::collections::BTreeMap::new(), std::collections::BTreeMap::new()];
    for entry in &lab.journal.0 {
        match entry.event {
            Event::ConsumeStarted { offset, finishes_at, .. } => {
                let (_, number) = lab.world().log.queues[0].sender(offset);
                works[0].insert(number, finishes_at - entry.at);
            }
            Event::CallStarted { number, finishes_at, .. } => {
                works[1].insert(number, finishes_at - entry.at);
            }
            _ => {}
        }
    }
    assert!(works[0].len() > 150);
    for (number, took) in &works[0] {
        assert!(works[1].get(number).is_none_or(|other| other == took), "message {number}");
    }
    // The side that works is gone for ten seconds: calls fail, sends take 5 ms as ever.
    lab.service("S", ServiceChange::Crash);
    lab.consumer("billing/C1", ConsumerChange::Crash);
    lab.until(20);
    lab.service("S", ServiceChange::Start);
    lab.consumer("billing/C1", ConsumerChange::Restart);
    lab.until(60);
    assert!(lab.calls().timed_out > 150);
    let sent = lab.instants(sent);
    for ((number, sent_at), (stored, stored_at)) in sent.iter().zip(lab.instants(stored)) {
        assert_eq!((*number, *sent_at + Span::from_ms(5)), (stored, stored_at));
    }
    assert_eq!(lab.world().live.rejected, 0);
}

#[test]
fn c45_a_burst_overwhelms_the_direct_callee_and_is_spread_behind_a_broker() {
    let burst = Pattern::Bursts {
        rate: Rate::per_second(10),
        burst_rate: Rate::per_second(100),
        every: Span::from_secs(1_000),
        lasting: Span::from_secs(30),
    };
    let steady = Distribution::Constant(Span::from_ms(100));
    let mut lab = beside_world(burst);
    lab.consumer("billing/C1", ConsumerChange::SetThreads(4));
    lab.consumer("billing/C1", ConsumerChange::SetProcessing(steady));
    lab.give(service("S", 4, Some(0), steady));
    lab.give(caller(&["S"]));
    let mut done = vec![0];
    for second in 1..=95 {
        lab.until(second);
        done.push(lab.report("billing").acknowledged);
        if second == 31 {
            let calls = lab.calls();
            assert_eq!(calls.overloaded, 1_800, "60 % of the 3000 calls of the burst");
            let behind = lab.report("billing").accumulation;
            assert!(
                (1_760..=1_804).contains(&behind),
                "(100 - 40) x 30, less one second of draining: {behind}"
            );
        }
    }
    // From the first to the ninetieth second the consumer works at the same 40 a second, whatever comes.
    for second in 2..89 {
        assert_eq!(done[second + 1] - done[second], 40, "in second {second}");
    }
    assert!(lab.report("billing").accumulation <= 2, "1800 / (40 - 10) = 60 s after the burst");
    assert_eq!(lab.world().live.rejected, 0);
}

#[test]
fn c46_the_consumer_side_is_upgraded_without_a_failed_send() {
    let mut lab = beside_world(Pattern::Constant(Rate::per_second(20)));
    let steady = Distribution::Constant(Span::from_ms(50));
    lab.consumer("billing/C1", ConsumerChange::SetProcessing(steady));
    lab.give(service("first", 3, None, steady));
    lab.give(service("second", 3, None, steady));
    lab.give(caller(&["first", "second"]));
    lab.until(10);
    lab.service("second", ServiceChange::Stop);
    lab.consumer("billing/C1", ConsumerChange::Leave);
    lab.until(20);
    lab.service("second", ServiceChange::Start);
    lab.consumer("billing/C1", ConsumerChange::Restart);
    lab.until(40);
    let calls = lab.calls();
    assert_eq!((calls.failed, calls.unavailable, calls.timed_out), (200, 200, 0), "20 a second for 10 s");
    let on_the_way = lab.instants(sent).len() - lab.instants(stored).len();
    assert_eq!((lab.world().live.rejected, on_the_way), (0, 1));
    assert!(lab.report("billing").accumulation <= 1, "the group has caught up");
    let world = lab.world();
    let first = beside::service(world, world.find_service("first").expect("it exists"));
    assert_eq!(first.unavailable, 0, "the first had answered already");
}

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
fn c40_the_trace_says_when_where_and_with_which_result_a_message_was_sent_stored_and_delivered() {
    let mut slow = group("desk", Balance::Message, &["C1"]);
    slow.consumer_type = ConsumerType::Simple;
    slow.consumers[0].failure = Failure::FirstAttempts(1);
    let mut failing = group("billing", Balance::Queue, &["C1"]);
    failing.consumers[0].failure = Failure::FirstAttempts(1);
    let mut lab = Lab::with(Settings { network_send_latency: Span::from_ms(5), ..quick() })
        .topic("orders", 1)
        .group(failing)
        .group(group("mail", Balance::Message, &["C1"]))
        .group(slow)
        .producer("P", Pattern::ByHand);
    lab.send(1);
    lab.until(40);
    let world = lab.world();
    let message = MessageRef { queue: QueueId(0), offset: 0 };
    let trace = trace::journey(world, message).expect("it is stored");
    assert_eq!((trace.message, trace.producer, trace.number), (message, ProducerId(0), 0));
    assert_eq!((trace.sent_at, trace.stored_at), (Instant::ZERO, Instant::from_ms(5)));
    // Copy, who, and in microseconds: handed out, received, started, ended; and how.
    let told: Vec<_> = trace
        .readers
        .iter()
        .map(|reader| {
            let of = |d: &trace::Delivery| {
                let times = [Some(d.handed_out_at), d.received_at, d.started_at, d.finished_at];
                let copy = world.topic(world.queue(d.copy.queue).topic).name.to_string();
                (copy, world.consumer_name(d.consumer), times.map(|at| at.map_or(0, |at| at.0)), d.outcome)
            };
            reader.deliveries.iter().map(of).collect::<Vec<_>>()
        })
        .collect();
    let row =
        |topic: &str, who: &str, times, outcome| (topic.to_owned(), who.to_owned(), times, Some(outcome));
    let (failed, done) = (Outcome::Failed, Outcome::Acknowledged);
    let expected = [
        vec![
            row("orders", "billing/C1", [5_000, 5_100, 5_100, 105_100], failed),
            row("%RETRY%billing", "billing/C1", [1_105_100, 1_105_200, 1_105_200, 1_205_200], done),
        ],
        vec![row("orders", "mail/C1", [5_000, 5_100, 5_100, 105_100], done)],
        vec![
            row("orders", "desk/C1", [5_000, 5_100, 5_100, 105_100], failed),
            row("%RETRY%desk_orders", "desk/C1", [30_005_000, 30_005_100, 30_005_100, 30_105_100], done),
        ],
    ];
    assert_eq!(told, expected);
    // From its storage to its end, without gap: the parts are the whole.
    let lasted = [1_200_200, 100_100, 30_100_100].map(Span::from_us);
    for (reader, lasted) in trace.readers.iter().zip(lasted) {
        assert_eq!(reader.lasted(), lasted);
        assert!(matches!(reader.end, trace::End::Acknowledged { at, .. } if at == trace.stored_at + lasted));
        assert!(reader.stages.windows(2).all(|pair| pair[0].to == pair[1].from), "{:?}", reader.stages);
    }
    // Where the journal has been, the trace was: every hand-out of every copy, and nothing else.
    let handed_out =
        lab.journal.0.iter().filter(|e| matches!(e.event, Event::MessageHandedOut { .. })).count();
    assert_eq!(handed_out, told.iter().map(Vec::len).sum::<usize>());
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

/// The whole run of a bundled scenario.
fn bundled_run(id: &str) -> (mqscope::session::Session<Journal>, u64) {
    let (_, text) = mqscope::scenario::bundled().iter().find(|(name, _)| *name == id).expect("it is bundled");
    let scenario = mqscope::scenario::Scenario::parse(text).expect("a good file");
    let until = scenario.until;
    let mut session = mqscope::session::Session::new(std::rc::Rc::new(scenario), Journal::default());
    session.run_until(until, u64::MAX);
    let sent = session.world().live.produced;
    (session, sent)
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
fn c54_asynchrony_costs_the_result_and_some_latency() {
    let mut lab = beside_world(Pattern::Constant(Rate::per_second(5)));
    lab.give(service("S", 3, None, Distribution::Exponential { mean: Span::from_ms(100) }));
    lab.give(caller(&["S"]));
    lab.until(60);
    let mut done = [std::collections::BTreeMap::new(), std::collections::BTreeMap::new()];
    for entry in &lab.journal.0 {
        match entry.event {
            Event::ConsumeFinished { offset, .. } => {
                let (_, number) = lab.world().log.queues[0].sender(offset);
                done[0].insert(number, entry.at);
            }
            Event::CallProcessed { number, .. } => {
                done[1].insert(number, entry.at);
            }
            _ => {}
        }
    }
    assert!(done[0].len() > 250);
    let idle = done[0].iter().filter(|(number, at)| done[1].get(number).is_some_and(|call| call < at));
    assert_eq!(idle.count(), done[0].len(), "the message is always done later than the call");
    // The caller has every result; all the producer ever hears of is the store.
    assert!(lab.calls().answered > 250);
    let after_store = lab.journal.0.iter().find(|entry| {
        matches!(entry.event, Event::ConsumeFinished { .. })
            && lab
                .journal
                .0
                .iter()
                .any(|e| e.cause == entry.seq && matches!(e.event, Event::MessageSent { .. }))
    });
    assert_eq!(after_store, None, "no result leads to anything at the producer");
}

#[test]
fn direct_calls_need_a_link_from_everybody_to_everybody() {
    let (star, _) = bundled_run("star-topology");
    let links = beside::links(star.world()).expect("somebody calls");
    assert_eq!((links.direct, links.broker), (7 * 7, 7 + 7 + 1), "one group came later: one more link");
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

/// A world of one topic with two queues, a group that wants these, and 100 messages: two created, two paid, in turn.
fn filtering(balance: Balance, filter: FilterSpec, own: &[(&str, &str)]) -> Lab {
    let mut wish = group("billing", balance, &["C1", "C2"]);
    wish.subscriptions[0].filter = filter;
    for (name, tags) in own {
        let member = wish.consumers.iter_mut().find(|consumer| consumer.name == *name).expect("a member");
        member.subscriptions =
            vec![SubscriptionSpec { filter: FilterSpec::tags(tags), ..SubscriptionSpec::all("orders") }];
    }
    let mut sender = producer("P", constant(10));
    sender.message.tags = ["created", "created", "paid", "paid"].map(str::to_owned).to_vec();
    sender.message.properties.push(("amount".into(), "{n}".into()));
    let mut lab = Lab::new().topic("orders", 2).group(wish);
    lab.until(1);
    lab.give(Command::AddProducer(sender));
    lab.until(11);
    lab.give(Command::RemoveProducer { producer: "P".into() });
    lab
}

fn tags_of(lab: &Lab, messages: impl IntoIterator<Item = MessageRef>) -> Vec<String> {
    let tag = |message| lab.world().tag(message).unwrap_or_default().to_owned();
    let mut tags: Vec<String> = messages.into_iter().map(tag).collect();
    tags.sort();
    tags.dedup();
    tags
}

#[test]
fn c30_consumers_that_do_not_agree_miss_messages_and_it_can_be_seen() {
    let split = [("C1", "created"), ("C2", "paid")];
    for (balance, missed) in [(Balance::Message, 50), (Balance::Queue, 75)] {
        for (own, missed) in [(&split[..], missed), (&[][..], 0)] {
            let mut lab = filtering(balance, FilterSpec::tags("created || paid"), own);
            lab.until(60);
            let report = lab.report("billing");
            assert_eq!(lab.stored(), 100);
            assert_eq!((report.filtered, report.acknowledged), (missed, 100 - missed), "{balance:?}");
            assert_eq!(report.accumulation, 0, "{balance:?}: and nothing tells so but the count");
            let id = lab.world().find_group("billing").expect("the group exists");
            assert_eq!(lab.world().is_inconsistent(id), !own.is_empty(), "{balance:?}: the warning");
        }
    }
}

#[test]
fn c31_everything_of_a_subscription_but_the_filter_expression_survives_restart_and_disconnect() {
    for balance in BOTH {
        let settings = Settings { flush_offset_interval: Span::from_ms(1), ..quick() };
        let rule = RetryRule { max_times: Some(1), ladder: Some(vec![Span::from_secs(40)]) };
        let paid = FilterSpec::tags("paid");
        let subscriptions = vec![SubscriptionSpec { topic: "orders".into(), filter: paid }];
        let spec = GroupSpec { subscriptions, retry: rule.clone(), ..group("billing", balance, &["C1"]) };
        let tagged = MessageTemplate {
            tags: vec!["created".into(), "paid".into()],
            ..producer("P", Pattern::ByHand).message
        };
        let mut lab = Lab::with(settings).topic("orders", 1).group(spec);
        lab.give(Command::AddProducer(ProducerSpec { message: tagged, ..producer("P", Pattern::ByHand) }));
        let id = lab.world().find_group("billing").expect("the group exists");
        let known = |lab: &Lab| lab.world().group(id).subscriptions[0].is_known;
        lab.consumer("billing/C1", ConsumerChange::FailNext(1));
        lab.send(20);
        lab.until(20);
        assert_eq!((lab.report("billing").acknowledged, lab.report("billing").retry_waiting), (9, 1));
        // The client disconnects, the broker restarts; or only the latter.
        lab.consumer("billing/C1", ConsumerChange::Leave);
        lab.until(21);
        assert!(known(&lab), "{balance:?}: the broker has it in its memory");
        let before = lab.report("billing");
        lab.give(Command::CrashBroker { how: fault::Crash::Process });
        lab.until(22);
        lab.give(Command::RestartBroker);
        lab.until(30);
        assert!(!known(&lab), "{balance:?}: the filter expression is gone");
        let after = lab.report("billing");
        let offsets = |report: &GroupReport| -> Vec<(u64, u64)> {
            report.queues.iter().map(|queue| (queue.committed_offset, queue.next_offset)).collect()
        };
        assert_eq!(offsets(&after), offsets(&before), "{balance:?}: progress");
        assert_eq!((after.retry_waiting, after.acknowledged), (1, 9), "{balance:?}: retries");
        assert_eq!(lab.world().group(id).topics.len(), 1, "{balance:?}: the topic");
        assert_eq!(lab.world().group(id).spec.retry, rule, "{balance:?}: the retry policy");
        // It comes back with its filter, and goes on where the group was.
        lab.send(10);
        lab.consumer("billing/C1", ConsumerChange::Restart);
        assert!(known(&lab), "{balance:?}: the client has brought it again");
        lab.until(120);
        let report = lab.report("billing");
        assert_eq!(
            (report.acknowledged, report.accumulation, report.redeliveries),
            (15, 0, 1),
            "{balance:?}"
        );
        let sent = lab.handed_out("billing").into_iter().map(|(message, _)| message);
        assert!(tags_of(&lab, sent).iter().all(|tag| tag == "paid"), "{balance:?}: nothing else is sent");
    }
}

#[test]
fn c32_what_does_not_match_is_never_sent_and_the_offset_moves_past_it() {
    for balance in BOTH {
        for (filter, matching) in [("paid", 50), ("nothing", 0)] {
            let mut lab = filtering(balance, FilterSpec::tags(filter), &[]);
            lab.until(60);
            let report = lab.report("billing");
            assert_eq!(
                (report.deliveries, report.filtered),
                (matching, 100 - matching),
                "{balance:?}, {filter}"
            );
            let sent = lab.handed_out("billing").into_iter().map(|(message, _)| message);
            assert!(tags_of(&lab, sent).iter().all(|tag| tag == "paid"), "{balance:?}: nothing else is sent");
            assert!(report.queues.iter().all(|queue| queue.committed_offset == 50), "{balance:?}, {filter}");
            assert_eq!((report.accumulation, report.matched), (0, matching), "{balance:?}, {filter}");
        }
        // As long as nobody reads, nobody knows what matches.
        let mut lab = filtering(balance, FilterSpec::tags("paid"), &[]);
        lab.until(60);
        for name in ["billing/C1", "billing/C2"] {
            lab.consumer(name, ConsumerChange::Leave);
        }
        lab.until(70);
        lab.give(Command::AddProducer(producer("Q", Pattern::ByHand)));
        lab.give(Command::Send { producer: "Q".into(), count: 10 });
        lab.until(80);
        let report = lab.report("billing");
        assert_eq!((report.ready, report.filtered), (10, 50), "{balance:?}: all that waits is ready");
        lab.consumer("billing/C1", ConsumerChange::Restart);
        lab.until(90);
        let report = lab.report("billing");
        assert_eq!((report.ready, report.filtered, report.acknowledged), (0, 55, 55), "{balance:?}");
    }
}

#[test]
fn c33_one_tag_several_all_of_them_or_a_condition() {
    let sql = |text: &str| FilterSpec::Sql(text.into());
    for balance in BOTH {
        for (filter, matching) in [
            (FilterSpec::tags("*"), 100),
            (FilterSpec::tags("paid"), 50),
            (FilterSpec::tags("paid || created"), 100),
            (FilterSpec::tags("Paid"), 0),
            (sql("region = 'north' AND amount >= 60"), 40),
            (sql("TAGS = 'paid' AND amount BETWEEN 0 AND 9"), 4),
            // What is missing is unknown, also when it is turned round; only IS NULL asks for it.
            (sql("missing > 5"), 0),
            (sql("NOT (missing > 5)"), 0),
            (sql("missing IS NULL"), 100),
        ] {
            let said = format!("{balance:?}, {filter:?}");
            let mut lab = filtering(balance, filter, &[]);
            lab.until(60);
            let report = lab.report("billing");
            assert_eq!((report.acknowledged, report.filtered), (matching, 100 - matching), "{said}");
        }
        // The broker knows hashes, and Aa hashes like BB: somebody has to compare the tags.
        let mut wish = group("billing", balance, &["C1"]);
        wish.subscriptions[0].filter = FilterSpec::tags("Aa");
        let mut lab = Lab::new().topic("orders", 1).group(wish);
        lab.until(1);
        let mut sender = producer("P", constant(2));
        sender.message.tags = ["Aa", "BB", "C"].map(str::to_owned).to_vec();
        lab.give(Command::AddProducer(sender));
        lab.until(16);
        lab.give(Command::RemoveProducer { producer: "P".into() });
        lab.until(30);
        let count = |what: fn(&Event) -> bool| lab.journal.0.iter().filter(|e| what(&e.event)).count();
        assert_eq!(count(|e| matches!(e, Event::MessagesFiltered { .. })), 10, "{balance:?}: C");
        assert_eq!(count(|e| matches!(e, Event::MessageRejectedByTag { .. })), 10, "{balance:?}: BB");
        assert_eq!(tags_of(&lab, lab.acknowledged("billing")), ["Aa"], "{balance:?}");
        let report = lab.report("billing");
        assert_eq!((report.acknowledged, report.filtered, report.accumulation), (10, 20, 0), "{balance:?}");
    }
}
