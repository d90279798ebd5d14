//! What the captions of the bundled scenarios say is so: every number they name is looked up in a run.

use std::rc::Rc;

use mqscope::broker::promises::{Promise, promises};
use mqscope::broker::{Entry, Event, MessageRef, Observer, QueueId, Refusal, World};
use mqscope::metrics::beside::{self, CallerReport};
use mqscope::metrics::{GroupReport, report};
use mqscope::scenario::{Scenario, bundled};
use mqscope::session::Session;
use mqscope::sim::{Instant, Span};
use mqscope::trace;

/// Remembers what captions speak of.
#[derive(Default)]
struct Seen {
    /// When each dead letter came, in microseconds.
    dead_letters: Vec<u64>,
    /// When something was sent last.
    last_sent: u64,
    /// How much of each group was accumulated at the most.
    peaks: Vec<u64>,
    /// How many invisible times ended without a result, and when the last one did.
    expired: (u32, u64),
    /// Refused commands.
    refused: Vec<Event>,
}

impl Observer for Seen {
    fn observe(&mut self, world: &World, entry: &Entry) {
        match entry.event {
            Event::DeadLettered { .. } => self.dead_letters.push(entry.at.0),
            Event::MessageSent { .. } => self.last_sent = entry.at.0,
            Event::MessageStored { .. } => {
                for (id, group) in world.groups() {
                    let behind = group.progress.iter().map(|id| world.progress(*id));
                    let behind = behind.map(|p| p.accumulation(world.queue(p.queue).max_offset)).sum();
                    self.peaks.resize(self.peaks.len().max(id.index() + 1), 0);
                    self.peaks[id.index()] = self.peaks[id.index()].max(behind);
                }
            }
            Event::InvisibleTimeOver { .. } => self.expired = (self.expired.0 + 1, entry.at.0),
            Event::CommandRefused { .. } => self.refused.push(entry.event),
            _ => {}
        }
    }
}

struct Run(Session<Seen>);

impl Run {
    fn of(id: &str) -> Self {
        let (_, text) = bundled().iter().find(|(bundled, _)| *bundled == id).expect("it is bundled");
        let scenario = Scenario::parse(text).unwrap_or_else(|problems| panic!("{id}: {problems}"));
        Self(Session::new(Rc::new(scenario), Seen::default()))
    }

    fn to(&mut self, ms: u64) -> &mut Self {
        self.0.run_until(Instant::from_ms(ms), u64::MAX);
        self
    }

    fn group(&self, name: &str) -> GroupReport {
        let report = report::report(self.0.world(), "", self.0.fingerprint());
        report.groups.into_iter().find(|group| group.group == name).expect("the group exists")
    }

    fn produced(&self) -> u64 {
        self.0.world().live.produced
    }

    fn seen(&self) -> &Seen {
        self.0.observer()
    }

    /// What a caption says at this moment, in both languages.
    fn said(&self, numbers: &[&str]) {
        let now = self.0.now();
        let captions = &self.0.scenario().captions;
        let caption = captions.iter().rfind(|caption| caption.at <= now).expect("there is a caption");
        for number in numbers {
            for text in [&caption.text.en, &caption.text.zh_cn] {
                assert!(text.contains(number), "{number} at {now}: {text}");
            }
        }
    }
}

fn of_each(group: &GroupReport) -> Vec<u64> {
    group.consumers.iter().map(|consumer| consumer.deliveries).collect()
}

/// What every bundled scenario is measured by: nobody asks for what cannot be, and the time line has words all along.
#[test]
fn no_bundled_scenario_asks_for_the_impossible() {
    for (id, text) in bundled() {
        let scenario = Scenario::parse(text).expect("it is valid");
        let mut run = Run::of(id);
        run.to(scenario.until.0 / 1_000);
        // A stale receipt handle is no mistake of the author's: that it is refused is what is shown.
        let stale = |event: &Event| {
            matches!(event, Event::CommandRefused { reason: Refusal::InvalidReceiptHandle, .. })
        };
        let impossible: Vec<_> = run.seen().refused.iter().filter(|event| !stale(event)).collect();
        assert!(impossible.is_empty(), "{id}: {impossible:?}");
        assert!(scenario.captions[0].at == Instant::ZERO, "{id} begins with a caption");
    }
}

#[test]
fn domain_model() {
    let mut run = Run::of("domain-model");
    run.to(14_000);
    let owned = |run: &Run| -> Vec<u32> {
        let world = run.0.world();
        let group = world.group(world.find_group("billing").expect("it exists"));
        group.consumers.iter().map(|id| world.consumer(*id).owned).collect()
    };
    // C1 reads the retry topic's one queue too.
    assert_eq!(owned(&run), [3, 1, 1], "C1 reads two, C2 and C3 one each");
    let quiet = run.group("audit").accumulation + run.group("billing").accumulation;
    run.to(28_000);
    assert!(
        run.group("audit").accumulation + run.group("billing").accumulation > 3 * quiet,
        "both fall behind"
    );
    run.to(37_999);
    let before = run.group("audit").accumulation;
    assert_eq!(run.group("audit").retry_accumulation, 0);
    run.to(39_000);
    assert_eq!(run.seen().expired, (8, 39_000_000), "eight messages in its hands, visible a second later");
    run.to(49_999);
    assert!(run.group("audit").accumulation > before, "C1 falls behind alone");
    assert!(run.seen().dead_letters.is_empty(), "not yet");
    run.to(54_000);
    assert_eq!(run.seen().dead_letters.len(), 1, "and the caption at 54 s speaks of it");
    assert!(run.seen().dead_letters[0] >= 53_000_000, "after its marker");
    let world = run.0.world();
    let letters = world.live.topics.iter().find(|topic| topic.is_dead_letter()).expect("the topic exists");
    let letter = mqscope::broker::MessageRef { queue: letters.queues[0], offset: 0 };
    let origin = world.origin(letter);
    let audit = world.find_group("audit").expect("it exists");
    let progress = world.progress_on(audit, origin.queue).expect("audit reads that queue");
    assert!(world.progress(progress).committed > origin.offset, "audit read it long ago");
    run.to(90_000);
    assert!(run.group("audit").accumulation < 10 && run.group("billing").accumulation < 10, "both catch up");
}

#[test]
fn competing_and_pubsub() {
    let mut run = Run::of("competing-and-pubsub");
    run.to(20_000);
    assert!(
        run.group("c").accumulation > 3 * run.group("a").accumulation,
        "c falls behind, a does not notice"
    );
    run.to(42_000).said(&["60", "240", "20"]);
    assert!(run.seen().last_sent < 26_000_000, "before its marker");
    let groups = ["one", "a", "b", "c"].map(|name| run.group(name));
    assert_eq!(run.produced(), 60);
    assert_eq!(groups.each_ref().map(|group| group.acknowledged), [60; 4]);
    assert_eq!(groups.iter().map(|group| group.deliveries).sum::<u64>(), 240);
    assert_eq!(of_each(&groups[0]), [20, 20, 20]);
}

#[test]
fn scale_out() {
    let mut run = Run::of("scale-out");
    let mut grown = |from: u64, to: u64| {
        let before = run.to(from).group("workers").accumulation as f64;
        let after = run.to(to).group("workers").accumulation as f64;
        (after - before) / (to - from) as f64 * 1_000.0
    };
    let near = |rate: f64, expected: f64| assert!((rate - expected).abs() < 0.21, "{rate} for {expected}");
    near(grown(4_000, 9_000), 2.8);
    near(grown(23_000, 28_000), 0.8);
    near(grown(33_000, 38_000), 0.8);
    near(grown(45_000, 55_000), 0.8);
    near(grown(65_000, 100_000), -1.2);
    run.to(54_999);
    let rest = Run::of("scale-out").to(54_999).group("workers");
    assert_eq!(of_each(&rest)[4..], [0, 0], "C5 and C6 idle");
    let workers = run.to(110_000).group("workers");
    assert_eq!(workers.ready, 0, "no order waits in a queue");
    assert!(workers.inflight > 6, "what is left is in their hands");
}

#[test]
fn demo() {
    let mut run = Run::of("demo");
    assert_eq!(run.to(6_999).group("billing").accumulation, 0, "it keeps up");
    run.to(26_000).said(&["1,000", "706", "30"]);
    assert!(run.seen().last_sent < 26_000_000, "before the caption");
    let billing = run.group("billing");
    assert_eq!((run.produced(), billing.ready, billing.retry_accumulation), (1_000, 706, 30));
}

#[test]
fn come_and_go() {
    let mut run = Run::of("come-and-go");
    run.to(12_000).said(&["23"]);
    assert_eq!((run.produced(), run.group("archive").ready), (23, 23), "the kiosk closes");
    run.to(17_999);
    assert_eq!(run.group("billing").accumulation, 0, "billing finishes its last ones");
    assert_eq!((run.group("archive").ready, run.group("archive").deliveries), (23, 0));
    run.to(27_999);
    assert_eq!(run.group("archive").acknowledged, 23, "what billing has long finished");
    run.to(36_000).said(&["38"]);
    let stored = run.0.world().queue(QueueId(0)).max_offset + run.0.world().queue(QueueId(1)).max_offset;
    assert_eq!((run.group("analytics").matched, stored), (38, 38), "from both shops");
    run.to(49_000);
    let rest = run.group("archive");
    assert_eq!((rest.consumers[0].state, rest.inflight), ("left", 0), "it finishes what it holds");
    run.to(58_000);
    let [billing, analytics] = ["billing", "analytics"].map(|name| run.group(name));
    assert_eq!(billing.acknowledged, analytics.acknowledged, "it has caught up");
    assert!(run.group("archive").ready > rest.ready, "its orders wait again");
}

#[test]
fn accumulate_and_drain() {
    let mut run = Run::of("accumulate-and-drain");
    run.to(15_000).said(&["(10 − 4) × 30 = 180", "184"]);
    run.to(31_000).said(&["4 − 2 = 2", "180 ÷ 2 = 90"]);
    assert_eq!(run.seen().peaks, [184]);
    run.to(75_000).said(&["45"]);
    let world = run.0.world();
    let consumer =
        world.live.consumers.iter().filter_map(|c| c.threads[0].work).max_by_key(|work| work.started_at);
    let work = consumer.expect("somebody works");
    let queue = world.progress(work.task.progress).queue;
    let at = mqscope::broker::MessageRef { queue, offset: work.task.offset };
    let born = world.message_view(at).expect("it is stored").born_at;
    let waited = (work.started_at - born).0;
    assert!((44_500_000..45_500_000).contains(&waited), "waited {waited}");
    let halfway = run.group("billing").accumulation;
    assert!((92..=97).contains(&halfway), "{halfway}");
    run.to(121_000);
    let billing = run.group("billing");
    assert_eq!(billing.ready, 0);
    assert!(billing.accumulation <= 5, "{}", billing.accumulation);
    // Not much earlier, either.
    assert!(Run::of("accumulate-and-drain").to(115_000).group("billing").accumulation > 10);
}

#[test]
fn broker_crash() {
    let mut run = Run::of("broker-crash");
    run.to(12_000);
    let counts = |run: &Run| *run.0.world().fault_counts().expect("something broke");
    assert_eq!(run.group("billing").acknowledged, run.group("billing").effects.unwrap_or(0) - 10);
    assert_eq!(counts(&run).lost_messages, 0);
    run.to(20_000);
    assert_eq!((counts(&run).lost_sends, counts(&run).resends), (15, 15));
    run.to(32_999);
    let [done, all] = ["audit", "audit"].map(|name| run.group(name).acknowledged);
    run.to(33_000);
    assert_eq!(counts(&run).lost_messages, 14);
    assert_eq!((done - run.group("audit").acknowledged, all), (12, 161));
    run.to(75_000);
    assert_eq!((run.produced(), counts(&run).failed_sends), (200, 0));
    assert_eq!(["billing", "audit"].map(|name| run.group(name).acknowledged), [186, 186]);
}

#[test]
fn broker_crash_sync() {
    let mut run = Run::of("broker-crash-sync");
    run.to(12_000);
    assert_eq!(run.group("billing").acknowledged, run.group("billing").effects.unwrap_or(0) - 10);
    run.to(75_000);
    assert_eq!(run.0.world().fault_counts().expect("something broke").lost_messages, 0);
    let billing = run.group("billing");
    assert_eq!((run.produced(), billing.acknowledged, billing.deliveries), (200, 200, 245));
}

#[test]
fn replica() {
    let mut run = Run::of("replica");
    run.to(15_000);
    assert_eq!(run.0.world().fault_counts().expect("something broke").lost_messages, 4);
    run.to(50_000);
    let billing = run.group("billing");
    assert_eq!((run.produced(), billing.acknowledged, billing.redeliveries), (120, 116, 18));
}

#[test]
fn partition() {
    let mut run = Run::of("partition");
    run.to(16_000);
    let before = run.group("by-queue").effects.unwrap_or(0);
    run.to(24_000);
    assert_eq!((before, run.group("by-queue").effects_skipped), (24, Some(6)), "six come again");
    assert_eq!(run.group("by-message").redeliveries, 1);
    run.to(34_000);
    let stored = |run: &Run| -> u64 {
        let world = run.0.world();
        world.ordinary_topics().flat_map(|(_, t)| &t.queues).map(|q| world.queue(*q).max_offset).sum()
    };
    let before = stored(&run);
    run.to(38_000);
    assert_eq!((stored(&run) - before, run.0.world().fault_counts().map(|c| c.duplicates)), (10, Some(2)));
    run.to(75_000);
    assert_eq!((run.produced(), stored(&run)), (90, 92));
    assert_eq!(["by-queue", "by-message"].map(|name| run.group(name).deliveries), [102, 93]);
    assert_eq!(["by-queue", "by-message"].map(|name| run.group(name).effects), [Some(90); 2]);
}

#[test]
fn lost_acknowledgement() {
    let mut run = Run::of("lost-acknowledgement");
    run.to(12_000);
    let counts = |run: &Run| *run.0.world().fault_counts().expect("something broke");
    assert_eq!((counts(&run).lost_answers, counts(&run).duplicates), (1, 1));
    let world = run.0.world();
    let queues = world.ordinary_topics().flat_map(|(_, topic)| topic.queues.clone());
    let all = queues.flat_map(|queue| (0..world.queue(queue).max_offset).map(move |offset| (queue, offset)));
    let views = all.filter_map(|(queue, offset)| world.message_view(MessageRef { queue, offset }));
    let mut ids: Vec<String> = views.map(|view| view.message_id).collect();
    ids.sort_unstable();
    assert_eq!(ids.windows(2).filter(|pair| pair[0] == pair[1]).count(), 1, "two copies with one id");
    assert_eq!(run.group("shipping").effects_repeated, Some(1));
    assert_eq!(run.group("billing").effects_skipped, Some(1));
    run.to(20_000);
    assert_eq!(counts(&run).duplicates, 3);
    run.to(50_000);
    assert_eq!((run.produced(), counts(&run).failed_sends, counts(&run).duplicates), (30, 5, 3));
    assert_eq!(["shipping", "billing"].map(|name| run.group(name).effects), [Some(28), Some(25)]);
}

#[test]
fn persistence() {
    let mut run = Run::of("persistence");
    let kept = |run: &Run| {
        let group = run.group("billing");
        let offsets: Vec<u64> = group.queues.iter().map(|queue| queue.committed_offset).collect();
        (offsets, group.retry_waiting)
    };
    run.to(10_000);
    let before = kept(&run);
    assert_eq!(before.1, 1);
    let is_known = |run: &Run| {
        let world = run.0.world();
        let group = world.find_group("billing").expect("the group exists");
        world.group(group).subscriptions[0].is_known
    };
    run.to(15_000);
    assert!(is_known(&run));
    run.to(21_000);
    assert_eq!(kept(&run), before);
    assert!(!is_known(&run));
    run.to(29_000);
    assert!(is_known(&run));
    run.to(110_000);
    let billing = run.group("billing");
    assert_eq!((billing.acknowledged, billing.dead_letters, billing.redeliveries), (39, 1, 3));
    assert_eq!(billing.filtered, 40, "and never a wrong one");
}

#[test]
fn crash_and_redelivery() {
    let mut run = Run::of("crash-and-redelivery");
    run.to(15_999);
    assert_eq!(run.group("by-queue").redeliveries + run.group("by-message").redeliveries, 0);
    let done = run.group("by-queue").acknowledged;
    run.to(16_000);
    let again = run.group("by-queue").acknowledged;
    assert_eq!(done - again, 4, "four finished orders count as unfinished again");
    run.to(17_000);
    assert_eq!(run.seen().expired, (2, 17_000_000), "two unacknowledged orders are visible again");
    run.to(50_000).said(&["80", "90", "82"]);
    let (by_queue, by_message) = (run.group("by-queue"), run.group("by-message"));
    assert_eq!((run.produced(), by_queue.acknowledged, by_message.acknowledged), (80, 80, 80));
    assert_eq!((by_queue.deliveries, by_message.deliveries), (90, 82));
}

#[test]
fn broadcasting_and_clustering() {
    let mut run = Run::of("broadcasting-and-clustering");
    run.to(20_000);
    assert_eq!((run.group("caches").failed, run.group("caches").dropped), (1, 1), "dropped, not retried");
    assert_eq!((run.group("labels").failed, run.group("labels").dropped), (1, 0));
    run.to(43_000).said(&["60", "204", "24"]);
    assert_eq!(run.seen().last_sent, 40_000_000, "at its marker");
    assert_eq!(run.produced(), 60);
    assert_eq!(of_each(&run.group("caches")), [60, 60, 60, 24]);
    assert_eq!(
        (run.group("labels").deliveries, run.group("labels").redeliveries),
        (61, 1),
        "60 and one retry"
    );
    assert_eq!(run.group("history").deliveries, 60);
}

#[test]
fn retry_and_dead_letter() {
    let mut run = Run::of("retry-and-dead-letter");
    run.to(7_000);
    assert_eq!((run.group("poisoned").failed, run.group("poisoned").retry_waiting), (1, 1));
    run.to(14_000);
    assert!(run.group("flaky").acknowledged >= 1, "the first orders succeed");
    assert_eq!(Run::of("retry-and-dead-letter").to(13_000).group("flaky").acknowledged, 0, "and not before");
    run.to(24_000);
    assert_eq!((run.group("poisoned").acknowledged, run.group("poisoned").retry_waiting), (19, 1));
    run.to(30_400);
    assert_eq!(run.seen().dead_letters, [30_400_000], "at its marker");
    run.to(40_000).said(&["20", "60", "40", "23", "19"]);
    let (flaky, poisoned) = (run.group("flaky"), run.group("poisoned"));
    assert_eq!((flaky.deliveries, flaky.failed, flaky.acknowledged), (60, 40, 20));
    assert_eq!((poisoned.deliveries, poisoned.acknowledged, poisoned.dead_letters), (23, 19, 1));
}

#[test]
fn two_senders() {
    let mut run = Run::of("two-senders");
    let broken = |run: &Run, name: &str| {
        let world = run.0.world();
        let mut all = promises(world).into_iter().filter(|promise| match promise {
            Promise::Order(group) => world.group(*group).spec.name == name,
            Promise::SendOrder(topic) => *world.topic(*topic).name == *name,
            _ => false,
        });
        run.0.promises().broken(all.next().expect("it is in the list")).map_or(0, |broken| broken.count)
    };
    run.to(8_000).said(&["8", "33"]);
    assert_eq!((broken(&run, "mailer"), broken(&run, "ledger")), (33, 0));
    let stored = |run: &Run, name: &str| {
        let sender = run.0.world().live.producers.iter().find(|it| it.spec.name == name);
        sender.map_or(0, |sender| sender.stored)
    };
    run.to(12_499);
    let before = (stored(&run, "shop"), stored(&run, "app"));
    run.to(12_500).said(&["5", "3", "2"]);
    assert_eq!((stored(&run, "shop") - before.0, stored(&run, "app") - before.1), (5, 3));
    assert_eq!((broken(&run, "orders"), broken(&run, "refunds")), (0, 2));
    run.to(20_000);
    assert_eq!((broken(&run, "ledger"), broken(&run, "orders"), broken(&run, "refunds")), (0, 0, 2));
}

#[test]
fn fifo() {
    let mut run = Run::of("fifo");
    run.to(7_000).said(&["3", "1"]);
    for name in ["shipping", "ledger"] {
        assert_eq!(run.group(name).failed, 1, "{name} has failed on order-5");
    }
    let of_queue = |run: &Run, group: &str, queue: usize| run.group(group).queues[queue].clone();
    run.to(11_500).said(&["2", "8", "4"]);
    let shipping = run.group("shipping");
    assert_eq!((shipping.ready, shipping.inflight, shipping.acknowledged), (2, 1, 8));
    let ledger = of_queue(&run, "ledger", 0);
    assert_eq!((ledger.accumulation, ledger.committed_offset), (5, 2), "order-5 and four behind it");
    run.to(16_000).said(&["3"]);
    assert_eq!(run.seen().dead_letters, [16_000_000], "at its marker");
    run.to(21_000).said(&["17", "11", "9", "10"]);
    let (shipping, ledger) = (run.group("shipping"), run.group("ledger"));
    assert_eq!((shipping.accumulation, shipping.acknowledged, shipping.dead_letters), (0, 17, 1));
    assert_eq!((ledger.failed, ledger.accumulation), (11, 10));
    run.to(24_000).said(&["14", "9"]);
    assert_eq!((run.group("ledger").failed, run.group("ledger").acknowledged), (13, 9));
    run.to(30_000).said(&["18", "31", "17", "21"]);
    let (shipping, ledger) = (run.group("shipping"), run.group("ledger"));
    assert_eq!((ledger.acknowledged, ledger.deliveries, ledger.dead_letters), (18, 31, 0));
    assert_eq!((shipping.acknowledged, shipping.deliveries, shipping.dead_letters), (17, 21, 1));
    let retries = run.0.world().live.groups.iter().all(|group| group.retry_topics.is_empty());
    assert!(retries, "there is no retry topic");
}

#[test]
fn simple_consumer() {
    let mut run = Run::of("simple-consumer");
    run.to(4_500).said(&["2", "3", "1", "10"]);
    let desk = |run: &Run| {
        let world = run.0.world();
        let held = world.in_hands(world.find_consumer("clerk/desk").expect("it is there"));
        held.iter().map(|held| (held.handle, held.attempt, held.until.0 / 1_000_000)).collect::<Vec<_>>()
    };
    assert_eq!(desk(&run), [(1, 1, 14), (2, 1, 14)]);
    run.to(8_000).said(&["20", "3"]);
    assert_eq!(desk(&run), [(2, 1, 14), (3, 1, 28)]);
    run.to(10_000).said(&["1", "3"]);
    assert_eq!((run.seen().refused.len(), desk(&run).len()), (1, 2));
    run.to(12_000);
    assert_eq!((run.group("clerk").acknowledged, desk(&run).len()), (1, 1));
    run.to(14_000).said(&["10", "2", "16"]);
    assert_eq!((run.seen().expired, desk(&run).len()), ((1, 14_000_000), 0));
    assert_eq!((run.group("clerk").retry_accumulation, run.group("clerk").retry_waiting), (1, 0));
    run.to(16_000);
    assert_eq!(run.seen().refused.len(), 2);
    run.to(18_500);
    assert_eq!(desk(&run), [(4, 1, 28), (5, 2, 28)]);
    run.to(20_000).said(&["2.5", "4", "14", "18", "20", "17.5", "3", "6.5"]);
    assert_eq!(run.group("clerk").acknowledged, 3);
    let order_2 = MessageRef { queue: QueueId(0), offset: 1 };
    let journey = trace::journey(run.0.world(), order_2).expect("it is stored");
    assert_eq!((journey.sent_at, journey.stored_at), (Instant::from_secs(2), Instant::from_ms(2_500)));
    let handed_out = |reader: &trace::Reader| {
        let deliveries = reader.deliveries.iter();
        deliveries.map(|delivery| delivery.handed_out_at.0 / 1_000_000).collect::<Vec<_>>()
    };
    let [clerk, robot] = &journey.readers[..] else { panic!("two groups read it") };
    assert_eq!((handed_out(clerk), clerk.lasted()), (vec![4, 18], Span::from_ms(17_500)));
    assert_eq!((handed_out(robot), robot.lasted()), (vec![3], Span::from_ms(4_000)));
    run.to(26_000).said(&["12", "10"]);
    run.to(42_000).said(&["4", "2", "5"]);
    let robot = run.group("robot");
    assert_eq!((robot.acknowledged, robot.deliveries, robot.accumulation), (4, 5, 0));
}

#[test]
fn pull_and_seek() {
    let mut run = Run::of("pull-and-seek");
    let committed = |run: &Run, name| run.group(name).queues[0].committed_offset;
    let polled = |run: &Run, name: &str| {
        let world = run.0.world();
        let offsets = world.polled(world.find_consumer(name).expect("it is there"));
        offsets.map(|task| task.offset).collect::<Vec<_>>()
    };
    run.to(6_000).said(&["0", "5", "1"]);
    assert_eq!((committed(&run, "early"), polled(&run, "early/E1")), (1, vec![0]));
    assert_eq!((committed(&run, "late"), polled(&run, "late/L1")), (0, vec![0]));
    run.to(11_000).said(&["0"]);
    let early = run.group("early");
    assert_eq!((early.lost, early.in_application), (Some(1), Some(0)));
    assert_eq!(run.group("late").lost, Some(0));
    run.to(13_000).said(&["1"]);
    assert_eq!((polled(&run, "early/E1"), polled(&run, "late/L1")), (vec![1], vec![0]));
    run.to(32_000).said(&["3", "6"]);
    assert_eq!((run.produced(), polled(&run, "clerk/desk"), committed(&run, "clerk")), (6, vec![0, 1, 2], 0));
    run.to(36_000).said(&["3", "6"]);
    assert_eq!((polled(&run, "clerk/desk"), committed(&run, "clerk")), (vec![3, 4, 5], 6));
    run.to(41_000).said(&["1", "5"]);
    assert_eq!((run.group("early").acknowledged, run.group("late").acknowledged), (1, 2));
    assert_eq!((committed(&run, "clerk"), run.group("clerk").accumulation), (1, 5));
    run.to(46_000).said(&["2", "5"]);
    assert_eq!((run.group("clerk").retry_waiting, polled(&run, "clerk/desk")), (1, vec![1, 3]));
    run.to(50_000);
    assert_eq!(run.group("clerk").retry_waiting, 1);
    run.to(54_000);
    let world = run.0.world();
    let desk = world.find_consumer("clerk/desk").expect("it is there");
    let task = world.polled(desk).next().expect("the poll brought it");
    let copy = MessageRef { queue: world.progress(task.progress).queue, offset: task.offset };
    assert_eq!((world.origin(copy).offset, world.reconsume_times(copy)), (2, 1));
}

#[test]
fn idempotent_consumer() {
    let mut run = Run::of("idempotent-consumer");
    let effects = |run: &Run, name| {
        let group = run.group(name);
        (group.effects, group.effects_repeated, group.effects_skipped)
    };
    run.to(15_999);
    assert_eq!(effects(&run, "naive"), effects(&run, "careful"));
    run.to(16_000).said(&["4"]);
    run.to(50_000).said(&["60", "68", "64", "4"]);
    assert_eq!(run.produced(), 60);
    assert_eq!(effects(&run, "naive"), (Some(64), Some(4), Some(0)));
    assert_eq!(effects(&run, "careful"), (Some(60), Some(0), Some(4)));
    for name in ["naive", "careful"] {
        assert_eq!((run.group(name).deliveries, run.group(name).acknowledged), (68, 60), "{name}");
    }
}

#[test]
fn tag_filter() {
    let mut run = Run::of("tag-filter");
    run.to(36_000).said(&["120", "60", "30"]);
    assert_eq!(run.produced(), 120);
    let counted = ["audit", "billing", "shipping", "large"].map(|name| {
        let group = run.group(name);
        assert_eq!((group.accumulation, group.dead_letters), (0, 0), "{name} is behind");
        let max: u64 = group.queues.iter().map(|queue| queue.committed_offset).sum();
        assert_eq!(max, 120, "{name} is past every message");
        (group.acknowledged, group.filtered, group.deliveries)
    });
    assert_eq!(counted, [(120, 0, 120), (60, 60, 60), (30, 90, 30), (30, 90, 30)]);
}

#[test]
fn inconsistent_subscriptions() {
    let mut run = Run::of("inconsistent-subscriptions");
    run.to(30_000).said(&["100", "50", "75"]);
    assert_eq!(run.produced(), 100);
    let world = run.0.world();
    let warned = ["agreed", "split", "classic"]
        .map(|name| world.is_inconsistent(world.find_group(name).expect("the group exists")));
    assert_eq!(warned, [false, true, true]);
    let counted = ["agreed", "split", "classic"].map(|name| {
        let group = run.group(name);
        assert_eq!(group.accumulation, 0, "{name} is behind");
        (group.acknowledged, group.filtered)
    });
    assert_eq!(counted, [(100, 0), (50, 50), (25, 75)]);
}

#[test]
fn transactions() {
    let mut run = Run::of("transactions");
    let half = |run: &Run, topic: &str| {
        let topic = run.0.world().find_topic(topic).expect("it is there");
        report::half_messages(run.0.world(), topic).unwrap_or_default()
    };
    let seen = |run: &Run| ["shipping", "books"].map(|name| run.group(name).acknowledged);
    // Committed local transactions about payments, whoever knows of them.
    let payments = |run: &Run| {
        let world = run.0.world();
        let topic = world.find_topic("payments");
        let all = world.log.transactions.keys();
        let paid = all.filter(|(producer, number)| {
            Some(world.producer(*producer).topic) == topic
                && world.local_outcome(*producer, *number) == Some(true)
        });
        paid.count() as u64
    };
    run.to(2_799).said(&["1.5"]);
    assert_eq!((half(&run, "payments").waiting, seen(&run)), (2, [0, 0]));
    assert_eq!(run.group("books").accumulation, 0, "nobody is behind because of half messages");
    run.to(3_100);
    assert_eq!(
        half(&run, "payments").committed,
        1,
        "sent at 1 s, stored at 1.3 s, done at 2.8 s, heard at 3.1 s"
    );
    run.to(19_000).said(&["16", "12", "4", "12"]);
    let counts = half(&run, "payments");
    assert_eq!((counts.stored, counts.committed, counts.rolled_back, counts.waiting), (16, 12, 4, 0));
    assert_eq!((seen(&run), payments(&run)), ([12, 12], 12));
    run.to(22_000).said(&["3", "3", "10", "30"]);
    assert_eq!((half(&run, "payments").waiting, payments(&run), seen(&run)), (3, 15, [12, 12]));
    run.to(29_999);
    assert_eq!(half(&run, "payments").checks, 0);
    run.to(32_000).said(&["3", "15"]);
    assert_eq!((half(&run, "payments").checks, seen(&run), payments(&run)), (3, [15, 15], 15));
    run.to(56_000).said(&["25", "40", "50"]);
    let counts = half(&run, "payments");
    assert_eq!((counts.checks, counts.waiting, counts.committed), (3 + 2, 1, 15));
    run.to(60_000).said(&["2", "16"]);
    assert_eq!((half(&run, "payments").checks, seen(&run), payments(&run)), (5, [16, 16], 16));
    run.to(65_000).said(&["6", "4", "2"]);
    assert_eq!((half(&run, "payments").waiting, payments(&run), seen(&run)), (6, 20, [16, 16]));
    run.to(73_000).said(&["70", "4", "2", "20", "20"]);
    let counts = half(&run, "payments");
    assert_eq!((counts.waiting, counts.committed, counts.rolled_back), (0, 20, 6));
    assert_eq!((seen(&run), payments(&run)), ([20, 20], 20));
    run.to(109_999).said(&["2", "80", "90", "100"]);
    let counts = half(&run, "refunds");
    assert_eq!((counts.waiting, counts.checks), (2, 6), "three checks each");
    run.to(110_000).said(&["3", "2"]);
    let counts = half(&run, "refunds");
    assert_eq!((counts.set_aside, counts.set_aside_committed, counts.published), (2, 2, 0));
    run.to(120_000);
    let aside = run.0.world().find_topic("TRANS_CHECK_MAX_TIME_TOPIC").expect("it came into being");
    assert_eq!(run.0.world().queue(run.0.world().topic(aside).queues[0]).max_offset, 2);
    assert_eq!(seen(&run), [20, 20]);
}

#[test]
fn delay() {
    let mut run = Run::of("delay");
    let behind = |run: &Run| ["closing", "mail"].map(|name| run.group(name).accumulation);
    let stored = |run: &Run| run.group("mail").queues.iter().map(|q| q.next_offset).sum::<u64>();
    let waiting = |run: &Run| run.0.world().live.timer.len();
    run.to(11_999);
    assert_eq!((behind(&run), stored(&run), waiting(&run)), ([0, 0], 0, 11));
    run.to(12_000).said(&["11.4", "12"]);
    assert_eq!(behind(&run), [1, 1], "both groups at once");
    let world = run.0.world();
    let mut stored_first =
        world.live.queues.iter().zip(&world.log.queues).filter(|(queue, _)| queue.max_offset > 0);
    let times = stored_first.next().map(|(_, log)| [log.sent_at(0), log.stored_at(0)]);
    assert_eq!(times, Some([1, 12].map(Instant::from_secs)));
    run.to(20_500).said(&["30", "35"]);
    assert_eq!(waiting(&run), 11 + 30);
    run.to(26_500).said(&["2", "28"]);
    assert_eq!(waiting(&run), 11 + 28);
    run.to(34_999);
    assert_eq!(behind(&run), [0, 0]);
    run.to(35_000).said(&["28", "29"]);
    assert_eq!((behind(&run), &*run.seen().peaks), ([29, 29], &[29, 29][..]));
    run.to(50_299);
    let before = stored(&run);
    run.to(50_300);
    assert_eq!(stored(&run), before + 1, "level 3 is punctual");
    run.to(46_000 + 6_500).said(&["70", "11", "2", "1"]);
    let world = run.0.world();
    assert_eq!((stored(&run), waiting(&run), world.live.rejected), (70, 11, 1));
    assert_eq!(["closing", "mail"].map(|name| run.group(name).acknowledged), [70, 70]);
    assert_eq!(run.produced(), 52 + 30 + 1 + 1);
}

impl Run {
    fn caller(&self, name: &str) -> CallerReport {
        let world = self.0.world();
        beside::caller(world, world.find_caller(name).expect("the caller exists"))
    }
}

#[test]
fn rpc_and_messaging() {
    let mut run = Run::of("rpc-and-messaging");
    run.to(11_900).said(&["110", "5"]);
    let calls = run.caller("shop-calls");
    assert_eq!((calls.latency_us.p50, calls.latency_us.max), (110_000, 110_000));
    assert_eq!(run.group("billing").latency_us.end_to_end.max, 105_000, "5 ms after the send it was stored");
    run.to(19_900).said(&["110", "105"]);
    run.to(80_000).said(&["600", "30", "10"]);
    assert_eq!((run.caller("shop-calls").failed, run.group("billing").accumulation), (600, 600));
    run.to(109_000);
    assert!(run.group("billing").accumulation > 20);
    run.to(110_100);
    assert!(run.group("billing").accumulation <= 3, "30 s later");
    run.to(139_900).said(&["3"]);
    assert!(run.caller("shop-calls").timed_out > 60);
    run.to(190_000);
    run.to(189_999 + 40_000);
    let world = run.0.world();
    assert!(beside::service(world, world.find_service("billing-service").expect("it exists")).in_vain > 0);
    assert_eq!(world.live.rejected, 0);
    let billing = run.group("billing");
    assert!(billing.accumulation <= 1 && billing.dead_letters == 0);
}

#[test]
fn peak_shifting() {
    let mut run = Run::of("peak-shifting");
    run.to(29_000).said(&["100", "40", "60"]);
    run.to(30_010).said(&["1,800", "3,000", "40"]);
    assert_eq!(run.caller("shop-calls").overloaded, 1_800);
    assert_eq!(run.group("billing").accumulation, 1_800 + 4, "those that wait, and four in threads");
    run.to(89_000);
    assert!(run.group("billing").accumulation > 30);
    run.to(90_100).said(&["60", "90", "45"]);
    let billing = run.group("billing");
    assert!(billing.accumulation <= 2);
    assert_eq!(billing.latency_us.waiting.max / 1_000_000, 44, "45 s, less the tenth that four did at once");
}

#[test]
fn loose_coupling() {
    let mut run = Run::of("loose-coupling");
    run.to(19_000).said(&["180", "50", "10", "5"]);
    assert_eq!(run.caller("shop-calls").latency_us.p50, 180_000);
    run.to(30_000);
    assert_eq!(run.caller("shop-calls").failed, 200, "20 a second for 10 s");
    run.to(80_000).said(&["600", "0"]);
    assert_eq!((run.caller("shop-calls").failed, run.0.world().live.rejected), (600, 0));
    for group in ["stock", "billing", "shipping"] {
        assert!(run.group(group).accumulation <= 1, "{group} has caught up");
    }
}

#[test]
fn point_to_point() {
    let mut run = Run::of("point-to-point");
    let queue =
        |run: &Run| beside::p2p(run.0.world(), run.0.world().find_p2p("jobs-queue").expect("it exists"));
    run.to(10_000);
    assert_eq!(queue(&run).returned, 1);
    run.to(60_000);
    let p2p = queue(&run);
    assert_eq!((p2p.sent, p2p.waiting, p2p.processed), (1_200, 0, 1_197), "what is done is gone");
    let [workers, audit] = ["workers", "audit"].map(|name| run.group(name));
    assert_eq!((workers.matched, audit.matched), (1_199, 1_199), "the second group has them all");
}

#[test]
fn order_processing() {
    let mut run = Run::of("order-processing");
    run.to(60_000);
    let world = run.0.world();
    let queues: Vec<_> = world.p2p_queues().map(|(id, _)| beside::p2p(world, id)).collect();
    assert_eq!(queues.iter().map(|queue| queue.sent).collect::<Vec<_>>(), [600, 480], "10 and 8 a second");
    assert_eq!(queues.iter().map(|queue| queue.returned).collect::<Vec<_>>(), [0, 1]);
}

#[test]
fn real_time_notification() {
    let mut run = Run::of("real-time-notification");
    run.to(60_000);
    let counted = ["mobile", "web", "mail", "screen"].map(|name| run.group(name).acknowledged);
    assert_eq!((run.produced(), counted), (300, [299, 299, 299, 150]));
}

#[test]
fn star_topology() {
    let mut run = Run::of("star-topology");
    let links = |run: &Run| {
        let links = beside::links(run.0.world()).expect("somebody calls");
        (links.direct, links.broker)
    };
    run.to(9_000).said(&["49", "14"]);
    assert_eq!(links(&run), (49, 14));
    run.to(19_000).said(&["15"]);
    assert_eq!(links(&run), (49, 15));
}

#[test]
fn retention() {
    let mut run = Run::of("retention");
    let begins = |run: &Run| {
        let queues = &run.0.world().live.queues;
        [queues[0].min_offset, queues[1].min_offset]
    };
    let lost = |run: &Run| ["fast", "slow", "asleep"].map(|name| run.group(name).expired);
    run.to(20_999);
    assert_eq!((begins(&run), lost(&run)), ([0, 0], [0, 0, 0]));
    run.to(21_000).said(&["3", "20", "orders/0", "1", "orders/1", "2"]);
    assert_eq!((begins(&run), lost(&run)), ([1, 2], [0, 0, 3]));
    run.to(30_000).said(&["101", "48"]);
    assert_eq!((run.group("asleep").accumulation, lost(&run)), (101, [0, 0, 48]));
    run.to(40_000).said(&["12"]);
    assert_eq!(lost(&run)[1], 12);
    run.to(60_000).said(&["72", "8", "5"]);
    assert_eq!(lost(&run)[1], 72);
    run.to(75_000).said(&["72", "372"]);
    assert_eq!(run.group("fast").acknowledged, 372);
    run.to(90_000);
    assert_eq!(lost(&run)[..2], [0, 72]);
    assert!(run.group("slow").accumulation < 121, "its backlog shrinks");
}

#[test]
fn offset_reset() {
    let mut run = Run::of("offset-reset");
    let names = ["billing", "stock", "mail"];
    run.to(24_999);
    assert!(run.group("billing").accumulation < 4);
    run.to(25_000).said(&["10", "60"]);
    assert_eq!(names.map(|name| run.group(name).accumulation), [60, 1, 41]);
    let world = run.0.world();
    let billing = world.find_group("billing").expect("the group exists");
    for progress in world.group(billing).progress.iter().map(|id| world.progress(*id)) {
        let log = &world.log.queues[progress.queue.index()];
        assert!(log.stored_at(progress.committed) >= Instant::from_secs(10));
        assert!(log.stored_at(progress.committed - 1) < Instant::from_secs(10));
    }
    run.to(36_000).said(&["60"]);
    assert!(run.group("billing").accumulation < 2);
    assert_eq!(["billing", "stock"].map(|name| run.group(name).redeliveries), [60, 0]);
    run.to(44_999);
    assert_eq!(run.group("mail").accumulation, 121);
    run.to(45_000).said(&["15", "121", "0"]);
    let mail = run.group("mail");
    assert_eq!((mail.accumulation, mail.passed), (0, 121));
    assert!(run.0.world().live.queues.iter().all(|queue| queue.min_offset == 0), "all are still stored");
}

/// The lite topics of the first topic of a run.
fn lite(run: &Run) -> mqscope::metrics::lite::LiteReport {
    let world = run.0.world();
    let (topic, _) = world.topics().next().expect("the parent");
    mqscope::metrics::lite::lite(world, topic).expect("it has lite topics")
}

#[test]
fn lite_sessions() {
    let mut run = Run::of("lite-sessions");
    run.to(0).said(&["17", "300"]);
    assert_eq!((lite(&run).lite_topics, lite(&run).subscriptions), (300, 301), "and session-17 twice");
    run.to(6_000).said(&["1,575", "1,475", "300"]);
    assert_eq!(lite(&run).lite_topics, 1_575);
    let stored: u64 = run.0.world().live.queues.iter().map(|queue| queue.max_offset).sum();
    assert_eq!(stored, 1_475);
    run.to(16_000).said(&["1", "10", "110", "3,975"]);
    assert_eq!(lite(&run).lite_topics, 3_975);
    let gateways = run.group("gateways");
    assert_eq!(gateways.consumers[0].lite.map(|client| client.subscriptions), Some(110));
    run.to(23_000).said(&["5,000", "1,224", "15", "499"]);
    assert_eq!((lite(&run).expired, lite(&run).created), (1_224, 5_499));
    assert_eq!(run.0.world().lites().map(|lites| lites.len()), Some(5_000));
    run.to(41_000).said(&["0"]);
    assert_eq!(lite(&run).lite_topics, 0);
    let gateways = run.group("gateways");
    assert_eq!(gateways.consumers[0].lite.map(|client| client.subscriptions), Some(110), "they still know");
}

#[test]
fn lite_reconnect() {
    let mut run = Run::of("lite-reconnect");
    run.to(0).said(&["0"]);
    assert_eq!(lite(&run).lite_topics, 1);
    run.to(7_999);
    let committed = |run: &Run| {
        let world = run.0.world();
        let (parent, _) = world.topics().next().expect("the parent");
        let (ann, group) = (world.find_lite(parent, "ann"), world.find_group("nodes").expect("the group"));
        world.lite_reading(group).and_then(|reading| reading.committed(ann.expect("it was used")))
    };
    let before = committed(&run).expect("the group has an offset");
    run.to(8_000);
    assert_eq!(committed(&run), Some(before - 2));
    run.to(9_000).said(&["2", "2"]);
    let subscriptions = |run: &Run, n: usize| run.group("nodes").consumers[n].lite.map(|c| c.subscriptions);
    assert_eq!((subscriptions(&run, 0), subscriptions(&run, 1)), (Some(0), Some(1)));
    run.to(16_000);
    assert_eq!((subscriptions(&run, 0), subscriptions(&run, 1)), (Some(0), Some(1)), "nothing is taken back");
    run.to(21_000).said(&["3"]);
    assert_eq!((lite(&run).lite_topics, lite(&run).refused), (3, 1));
    run.to(37_000).said(&["23", "8", "3", "0"]);
    assert_eq!((lite(&run).lite_topics, run.group("nodes").expired), (0, 3));
}

#[test]
fn batch_and_reply() {
    let mut run = Run::of("batch-and-reply");
    let shop = |run: &Run| report::requesters(run.0.world()).remove(0);
    run.to(9_999).said(&["1.3", "200", "500"]);
    let world = run.0.world();
    let logs = world.find_topic("logs").expect("it is there");
    for queue in &world.topic(logs).queues {
        let log = &world.log.queues[queue.index()];
        for first in (0..world.queue(*queue).max_offset).step_by(4) {
            let of = |nth: u64| (log.stored_at(first + nth), log.sender(first + nth).1);
            let (at, number) = of(0);
            assert!((1..4).all(|nth| of(nth) == (at, number + nth)), "four together, in a row");
        }
    }
    let archive = run.group("archive");
    assert!(of_each(&archive).iter().all(|count| *count > 0), "two consumers share them");
    assert_eq!((shop(&run).latency_us.p50, shop(&run).latency_us.max), (1_300_000, 1_300_000));
    run.to(10_000).said(&["4", "3"]);
    run.to(19_999);
    assert!(shop(&run).timed_out > 0 && shop(&run).late > 0);
    run.to(20_000);
    run.to(29_999);
    assert_eq!(shop(&run).latency_us.p50, 1_300_000, "fast again");
    run.to(40_000).said(&["DefaultCluster_REPLY_TOPIC"]);
    let shop = shop(&run);
    assert!(shop.dropped > 0 && shop.undeliverable > 0 && shop.waiting == 0);
    let answers = run.group("pricing").acknowledged;
    let copies = run.0.world().find_topic("DefaultCluster_REPLY_TOPIC").expect("there were answers");
    let queue = run.0.world().topic(copies).queues[0];
    assert_eq!(run.0.world().queue(queue).max_offset, answers, "a copy of each");
}

#[test]
fn compaction() {
    let mut run = Run::of("compaction");
    let state = |run: &Run| {
        let report = report::report(run.0.world(), "", run.0.fingerprint());
        (report.topics[0].queues[0].max_offset, report.topics[0].holes)
    };
    run.to(9_999);
    assert_eq!(state(&run), (19, Some(0)));
    run.to(10_000).said(&["19", "4", "15"]);
    assert_eq!(state(&run).1, Some(15));
    run.to(24_999);
    assert_eq!(state(&run), (49, Some(35)));
    assert_eq!(run.group("display").filtered, 0, "it had them all before they went");
    run.to(25_000).said(&["35", "14", "49"]);
    assert_eq!(run.group("map").superseded, 35);
    run.to(27_000);
    assert!(run.group("map").deliveries >= 14);
    run.to(45_000).said(&["4", "63"]);
    assert_eq!(state(&run), (63, Some(59)));
    assert_eq!((run.group("map").acknowledged, run.group("display").acknowledged), (63 - 35, 63));
}

#[test]
fn throttled() {
    let mut run = Run::of("throttled");
    let flow = |run: &Run| report::flow_control(run.0.world()).unwrap_or_default();
    run.to(9_999).said(&["20", "15"]);
    assert_eq!((flow(&run).refused, flow(&run).waited), (0, 0));
    run.to(10_000).said(&["40", "200", "20"]);
    run.to(19_999);
    assert!(flow(&run).refused > 0 && flow(&run).retried > 0 && flow(&run).given_up > 0);
    run.to(20_000).said(&["195", "40", "10"]);
    run.to(29_999);
    let before = flow(&run);
    assert_eq!((before.given_up, before.send_queue, before.backing_off), (195, 0, 0));
    run.to(30_000);
    let received = run.group("billing").deliveries;
    run.to(32_900);
    assert!(run.group("billing").accumulation > 80, "what is stored meanwhile waits");
    assert!(run.group("billing").deliveries < received + 80);
    run.to(40_000).said(&["20"]);
    assert_eq!(flow(&run).refused, before.refused, "producers are not refused");
    assert!(flow(&run).receives_refused > 0);
    assert!(run.group("billing").accumulation < 40, "nothing is lost");
}
