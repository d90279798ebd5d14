//! The inspector shows the thing that is selected: its kind, its name and its numbers.

use mqscope::app::ssr::{self, Element};
use mqscope::app::{Msg, State, Subject};
use mqscope::broker::spec::{LiteNames, MessageGroups, MessageTemplate};
use mqscope::broker::{Command, GroupId, MessageRef, ProducerId, ProgressId, QueueId, TopicId, World};
use mqscope::lesson::Language;
use mqscope::metrics::beside;
use mqscope::metrics::report::counts;
use mqscope::scenario::Scenario;
use mqscope::scene::Tip;
use mqscope::sim::{Distribution, Instant, Span};
use mqscope::trace::find::{Found, find};

use crate::states;

/// What the inspector says under a name: in a grid of numbers or in a list of facts.
fn says(inspector: &Element, name: &str) -> String {
    let lists = inspector.all("dl");
    let items: Vec<&Element> = lists
        .iter()
        .flat_map(|list| list.everything())
        .filter(|one| one.tag == "dt" || one.tag == "dd")
        .collect();
    let found = items.windows(2).find(|pair| pair[0].tag == "dt" && pair[0].text() == name);
    found.unwrap_or_else(|| panic!("{name} is told in: {}", inspector.text()))[1].text()
}

/// The kind of a thing, its name, and some of what is to be said about it, by keys of the catalogue.
fn expected(world: &World, subject: Subject) -> (&'static str, String, Vec<(&'static str, String)>) {
    match subject {
        Subject::Service(id) => {
            let report = beside::service(world, id);
            let numbers = vec![
                ("twin.answered", report.answered.to_string()),
                ("twin.overloaded", report.overloaded.to_string()),
                ("twin.waiting_now", report.waiting.to_string()),
            ];
            ("inspect.kind_service", report.service, numbers)
        }
        Subject::Caller(id) => {
            let report = beside::caller_counts(world, id);
            let numbers = vec![
                ("twin.calls", report.calls.to_string()),
                ("twin.timed_out", report.timed_out.to_string()),
                ("twin.waiting_now", report.waiting.to_string()),
            ];
            ("inspect.kind_caller", report.caller, numbers)
        }
        Subject::P2p(id) => {
            let report = beside::p2p_counts(world, id);
            let numbers =
                vec![("twin.sent", report.sent.to_string()), ("twin.gone", report.processed.to_string())];
            ("inspect.kind_p2p", report.queue, numbers)
        }
        Subject::Producer(id) => {
            let state = world.producer(id);
            let numbers = vec![
                ("inspect.sent", state.sent.to_string()),
                ("inspect.acknowledged_by_broker", state.stored.to_string()),
                ("inspect.on_the_way", state.transit.len().to_string()),
            ];
            ("inspect.kind_producer", state.spec.name.clone(), numbers)
        }
        Subject::Sending(id, number) => {
            let name = world.producer(id).spec.name.clone();
            ("inspect.kind_sending", format!("#{number}"), vec![("inspect.sent_by", name)])
        }
        Subject::Topic(id) => {
            let topic = world.topic(id);
            let numbers = vec![
                ("inspect.write_queues", topic.write_queues.to_string()),
                ("inspect.read_queues", topic.read_queues.to_string()),
            ];
            ("inspect.kind_topic", topic.name.to_string(), numbers)
        }
        Subject::Lite(id) => ("inspect.kind_lite", world.lite_name(id), vec![]),
        Subject::Timer(id) => ("inspect.kind_timer", world.topic(id).name.to_string(), vec![]),
        Subject::Curtain(id) => ("inspect.kind_curtain", world.topic(id).name.to_string(), vec![]),
        Subject::Queue(id) => {
            let queue = world.queue(id);
            let numbers = vec![
                ("inspect.min_offset", queue.min_offset.to_string()),
                ("inspect.max_offset", queue.max_offset.to_string()),
            ];
            ("inspect.kind_queue", world.queue_name(id), numbers)
        }
        Subject::Message(at) => {
            let message = world.message_view(at).expect("it is stored");
            let content = message.content;
            let key = content.key.expect("bundled scenarios give every message a key");
            let tag = content.tag.expect("and a tag");
            let facts = vec![
                ("inspect.key", key.clone()),
                ("inspect.tag", tag.clone()),
                ("inspect.body", content.body),
                ("inspect.message_id", message.message_id),
                ("inspect.topic", message.topic.to_string()),
                ("inspect.offset", at.offset.to_string()),
                ("inspect.reconsume_times", message.reconsume_times.to_string()),
            ];
            ("inspect.kind_message", format!("{key} {tag}"), facts)
        }
        Subject::Cursor(id) => {
            let progress = world.progress(id);
            let max = world.queue(progress.queue).max_offset;
            let numbers = vec![
                ("inspect.committed", progress.committed.to_string()),
                ("inspect.next", progress.next.to_string()),
                ("inspect.max_offset", max.to_string()),
                ("inspect.accumulation", (max - progress.committed).to_string()),
                ("inspect.group", world.group(progress.group).spec.name.clone()),
            ];
            ("inspect.kind_cursor", world.queue_name(progress.queue), numbers)
        }
        Subject::Group(id) => {
            let report = counts(world, id);
            let numbers = vec![
                ("inspect.accumulation", report.accumulation.to_string()),
                ("inspect.ready", report.ready.to_string()),
                ("inspect.inflight", report.inflight.to_string()),
                ("inspect.finished_ahead", report.finished_ahead.to_string()),
                ("inspect.retry_waiting", report.retry_waiting.to_string()),
                ("inspect.dead_letters", report.dead_letters.to_string()),
                ("inspect.deliveries", report.deliveries.to_string()),
                ("inspect.acknowledged", report.acknowledged.to_string()),
                ("inspect.failed", report.failed.to_string()),
            ];
            ("inspect.kind_group", report.group, numbers)
        }
        Subject::RetryShelf(id) => ("inspect.kind_shelf", world.group(id).spec.name.clone(), vec![]),
        Subject::DeadLetters(id) => ("inspect.kind_dead_letters", world.group(id).spec.name.clone(), vec![]),
        Subject::Consumer(id) | Subject::Thread(id, _) => {
            let state = world.consumer(id);
            let all = counts(world, state.group).consumers;
            let report = all.iter().find(|one| one.consumer == state.spec.name).expect("the group has it");
            let numbers = vec![
                ("inspect.deliveries", report.deliveries.to_string()),
                ("inspect.acknowledged", report.acknowledged.to_string()),
                ("inspect.failed", report.failed.to_string()),
                ("inspect.cached", state.cache.len().to_string()),
            ];
            ("inspect.kind_consumer", state.spec.name.clone(), numbers)
        }
    }
}

/// A kind of thing as a number, to see that each was there.
fn kind(subject: Subject) -> String {
    subject.to_string().trim_matches(|c: char| !c.is_alphabetic()).to_owned()
}

#[test]
fn every_thing_shows_its_kind_its_name_and_its_numbers() {
    let mut kinds = std::collections::BTreeSet::new();
    for (id, ms) in [
        ("domain-model", 38_200),
        ("retry-and-dead-letter", 38_200),
        ("broadcasting-and-clustering", 9_000),
        ("delay", 22_000),
    ] {
        for language in Language::ALL {
            let mut state = states::at(id, Instant::from_ms(ms), language);
            let subjects = states::subjects(state.session.borrow().world());
            for subject in subjects {
                state.update(Msg::Select(Some(subject)));
                let page = ssr::page(&state);
                let inspector = page.one(".inspector");
                let words = &state.words;
                let session = state.session.borrow();
                let (kind_key, name, facts) = expected(session.world(), subject);
                assert_eq!(inspector.one(".kind").text(), words.text(kind_key), "{id}: {subject}");
                assert_eq!(inspector.one("#inspector-title").text(), name, "{id}: {subject}");
                for (label, value) in facts {
                    assert_eq!(says(inspector, words.text(label)), value, "{id}: {label} of {subject}");
                }
                kinds.insert(kind(subject));
            }
        }
    }
    assert_eq!(kinds.len(), 13, "every kind of thing was there: {kinds:?}");
}

/// A consumer that is idle now has not been idle since it began.
/// Adds a producer like the first one, but with other messages, and looks at it two seconds later.
fn another_producer(language: Language, message: impl FnOnce(&mut MessageTemplate)) -> (State, Element) {
    let mut state = states::at("domain-model", Instant::from_ms(1_000), language);
    let mut spec = state.session.borrow().world().producer(ProducerId(0)).spec.as_ref().clone();
    spec.name = "another".to_owned();
    message(&mut spec.message);
    state.update(Msg::Command(Box::new(Command::AddProducer(spec))));
    state.jump(Instant::from_ms(3_000));
    while state.is_playing() {
        state.pass(16.0);
    }
    state.update(Msg::Select(Some(Subject::Producer(ProducerId(2)))));
    let page = ssr::page(&state);
    let inspector = page.one(".inspector").clone();
    (state, inspector)
}

#[test]
fn a_producer_whose_type_the_topic_does_not_take_says_so() {
    for language in Language::ALL {
        let (state, inspector) =
            another_producer(language, |message| message.message_group = Some(MessageGroups::ByChance(3)));
        let words = &state.words;
        let refused = state.session.borrow().world().producer(ProducerId(2)).refused;
        assert!(refused > 0, "the topic takes NORMAL only");
        assert_eq!(says(&inspector, words.text("inspect.refused")), refused.to_string());
        let why = inspector.one(".why").text();
        assert!(why.contains(&words.fill("why.ask_refused", &[("producer", &"another")])), "{why}");
        assert!(why.contains("FIFO") && why.contains("NORMAL"), "{why}");
        assert_eq!(says(&inspector, words.text("inspect.type")), "FIFO");
        let groups = words.fill("inspect.by_chance", &[("names", &"g0 … g2")]);
        assert_eq!(says(&inspector, words.text("inspect.message_group")), groups);
    }
}

#[test]
fn what_makes_the_type_of_its_messages_is_told_of_a_producer() {
    let told = |change: fn(&mut MessageTemplate), key: &str| {
        let (state, inspector) = another_producer(Language::English, change);
        let kind = says(&inspector, state.words.text("inspect.type"));
        (kind, says(&inspector, state.words.text(key)))
    };
    let delay = |message: &mut MessageTemplate| {
        message.delay = Some(Distribution::Constant(Span::from_secs(5)));
    };
    assert_eq!(told(delay, "control.delay"), ("DELAY".to_owned(), "always 5 s".to_owned()));
    let level = |message: &mut MessageTemplate| message.delay_level = Some(3);
    assert_eq!(told(level, "control.delay_level"), ("DELAY".to_owned(), "3".to_owned()));
    let transaction = |message: &mut MessageTemplate| message.transaction = Some(Box::default());
    let told_of_it = told(transaction, "control.local_takes");
    assert_eq!(told_of_it, ("TRANSACTION".to_owned(), "always 10 ms".to_owned()));
    let lite = |message: &mut MessageTemplate| {
        message.lite_topic = Some(LiteNames::Text("session".to_owned()));
    };
    assert_eq!(told(lite, "inspect.lite_topic"), ("LITE".to_owned(), "session".to_owned()));

    // Nothing went wrong: there is nothing to say of it.
    let (state, inspector) = another_producer(Language::English, |_| {});
    assert_eq!(says(&inspector, state.words.text("inspect.type")), "NORMAL");
    assert!(!inspector.text().contains(state.words.text("inspect.refused")), "{}", inspector.text());
    assert!(inspector.all(".why").is_empty());
}

#[test]
fn how_long_a_consumer_runs_is_not_said_of_what_it_does_now() {
    let mut idle = 0;
    for ms in (1_000..36_000).step_by(5_000) {
        let mut state = states::at("domain-model", Instant::from_ms(ms), Language::English);
        let subjects = states::subjects(state.session.borrow().world());
        for subject in subjects.into_iter().filter(|one| matches!(one, Subject::Consumer(_))) {
            state.update(Msg::Select(Some(subject)));
            let page = ssr::page(&state);
            let text = page.one(".inspector .where").text();
            assert!(text.starts_with("running for "), "at {ms} ms: {text}");
            idle += usize::from(text.contains("· idle"));
        }
    }
    assert!(idle > 0, "nobody was ever idle");
}

#[test]
fn what_waits_for_a_retry_and_what_was_given_up_is_listed_message_by_message() {
    let (mut waiting, mut given_up) = (0, 0);
    for ms in [12_000, 38_200] {
        let mut state = states::at("retry-and-dead-letter", Instant::from_ms(ms), Language::English);
        let groups: Vec<_> = state.session.borrow().world().groups().map(|(id, _)| id).collect();
        for id in groups {
            let mut listed = |subject| {
                state.update(Msg::Select(Some(subject)));
                let page = ssr::page(&state);
                page.all(".inspector .list").iter().map(|list| list.children().count()).sum::<usize>() as u64
            };
            let (on_shelf, dead) = (listed(Subject::RetryShelf(id)), listed(Subject::DeadLetters(id)));
            let session = state.session.borrow();
            let report = counts(session.world(), id);
            let expected = (report.retry_waiting, report.dead_letters);
            assert_eq!((on_shelf, dead), expected, "{} at {ms} ms", report.group);
            waiting += on_shelf;
            given_up += dead;
        }
    }
    assert!(waiting > 3 && given_up == 1, "there was something to list: {waiting}, {given_up}");
}

#[test]
fn the_tables_mark_what_is_selected_and_nothing_else() {
    let mut state = states::at("domain-model", Instant::from_secs(20), Language::English);
    let marked = |state: &State| -> Vec<String> {
        ssr::page(state).all("#twin [aria-pressed=true]").iter().map(|one| one.text()).collect()
    };
    assert!(marked(&state).is_empty());
    let subjects = states::subjects(state.session.borrow().world());
    for subject in subjects {
        state.update(Msg::Select(Some(subject)));
        let marked = marked(&state);
        let session = state.session.borrow();
        let world = session.world();
        match subject {
            Subject::Queue(id) => assert_eq!(marked, [world.queue_name(id)]),
            Subject::Consumer(id) => assert_eq!(marked, [world.consumer_name(id)]),
            // In the table of queues and in that of counts.
            Subject::Group(id) => assert_eq!(marked, [&*world.group(id).spec.name; 2]),
            _ => assert!(marked.is_empty(), "{subject}: {marked:?}"),
        }
    }
}

#[test]
fn without_a_selection_everything_can_be_chosen() {
    for (id, at) in states::everywhere() {
        let state = states::at(&id, at, Language::English);
        let page = ssr::page(&state);
        let offered: Vec<String> = page.all(".inspector .pick").iter().map(|one| one.text()).collect();
        let session = state.session.borrow();
        let world = session.world();
        let producers = world
            .live
            .producers
            .iter()
            .filter(|one| one.running || one.is_down())
            .map(|one| one.spec.name.clone());
        let topics = world.shown_topics().map(|(_, topic)| topic.name.to_string());
        let groups = world.groups().flat_map(|(_, group)| {
            let consumers = group.consumers.iter().map(|one| world.consumer(*one).spec.name.clone());
            std::iter::once(group.spec.name.clone()).chain(consumers)
        });
        let beside = (world.callers().map(|(_, one)| one.spec.name.clone()))
            .chain(world.services().map(|(_, one)| one.spec.name.clone()))
            .chain(world.p2p_queues().map(|(_, one)| one.spec.name.clone()));
        let all: Vec<String> = producers.chain(topics).chain(groups).chain(beside).collect();
        assert_eq!(offered, all, "{id} at {at}");
    }
}

#[test]
fn a_group_that_is_deleted_while_it_is_looked_at_leaves_the_inspector() {
    let mut state = states::at("domain-model", Instant::from_secs(20), Language::English);
    let (id, consumer) = {
        let session = state.session.borrow();
        let (id, group) = session.world().groups().next().expect("there is a group");
        (id, group.consumers[0])
    };
    for subject in [Subject::Group(id), Subject::Consumer(consumer), Subject::RetryShelf(id)] {
        let mut state = states::at("domain-model", Instant::from_secs(20), Language::English);
        state.update(Msg::Select(Some(subject)));
        state.update(Msg::Command(Box::new(Command::RemoveGroup { group: "billing".to_owned() })));
        let page = ssr::page(&state);
        assert_eq!(page.one("#inspector-title").text(), state.words.text("inspect.title"), "{subject}");
        assert!(page.all(".inspector .crumbs").is_empty(), "{subject}");
        assert!(!page.one(".inspector").text().contains("billing"), "{subject}");
    }
    state.update(Msg::Select(Some(Subject::Group(id))));
    assert_eq!(ssr::page(&state).one("#inspector-title").text(), "billing", "while it is there it is shown");
}

/// Half messages are listed one by one, each says what happened to it, and can be committed; the trace says so afterwards.
#[test]
fn half_messages_are_listed_and_told_and_committed() {
    let mut state = states::at("transactions", Instant::from_ms(52_000), Language::English);
    let (topic, bank) = {
        let session = state.session.borrow();
        let world = session.world();
        let topic = world.find_topic("payments").expect("there is the topic");
        (topic, world.find_producer("bank").expect("it runs"))
    };
    let items = |state: &State| -> Vec<String> {
        let page = ssr::page(state);
        page.all(".inspector .list")[0].children().map(Element::text).collect()
    };
    state.update(Msg::Select(Some(Subject::Curtain(topic))));
    let listed = items(&state);
    assert_eq!(listed.len(), 1);
    assert!(listed[0].contains("bank #0") && listed[0].contains("2 of 3 checks"), "{}", listed[0]);
    state.update(Msg::Select(Some(Subject::Sending(bank, 0))));
    let told = items(&state);
    assert_eq!(told.len(), 1 + 2 * 2, "stored, and two checks with an answer each: {told:?}");
    let command = Command::EndTransaction { producer: "bank".into(), number: 0, commit: true };
    state.update(Msg::Command(Box::new(command)));
    assert_eq!(items(&state).len(), told.len() + 1, "it ended");
    // A payment of the kiosk, which was asked about.
    let mut state = states::at("transactions", Instant::from_ms(35_000), Language::English);
    let at = {
        let session = state.session.borrow();
        let world = session.world();
        let stored = |queue: &mqscope::broker::QueueId| {
            let log = &world.log.queues[queue.index()];
            let offset = (0..world.queue(*queue).max_offset)
                .find(|offset| world.producer(log.sender(*offset).0).spec.name == "kiosk")?;
            Some(MessageRef { queue: *queue, offset })
        };
        world.topic(topic).queues.iter().find_map(stored).expect("it is stored")
    };
    state.update(Msg::Select(Some(Subject::Message(at))));
    let page = ssr::page(&state);
    let trace: Vec<String> = page.all(".trace-lines")[0].children().map(Element::text).collect();
    assert_eq!(trace.len(), 5, "{trace:?}");
    assert!(trace[1].contains("half message") && trace[2].contains("committed"), "{trace:?}");
    assert!(trace[3].contains("check 1"), "{trace:?}");
}

/// What waits in the timer is listed message by message, on the topic's page in short; and its trace says so afterwards.
#[test]
fn what_waits_in_the_timer_is_listed_and_told() {
    let mut state = states::at("delay", Instant::from_ms(22_400), Language::English);
    let (topic, stored) = {
        let session = state.session.borrow();
        let world = session.world();
        let (id, topic) = world.ordinary_topics().next().expect("there is a topic");
        (id, MessageRef { queue: topic.queues[0], offset: 0 })
    };
    let list = |state: &State| -> Vec<String> {
        let page = ssr::page(state);
        page.all(".inspector .list")[0].children().map(Element::text).collect()
    };
    state.update(Msg::Select(Some(Subject::Timer(topic))));
    let listed = list(&state);
    assert_eq!(listed.len(), 41);
    assert!(listed[0].contains("shop #11") && listed[0].contains("due 0:22.400"), "{}", listed[0]);
    assert!(listed[40].contains("offer-") || listed[40].contains("order-"), "{}", listed[40]);
    state.update(Msg::Select(Some(Subject::Topic(topic))));
    let listed = list(&state);
    assert_eq!((listed.len(), &*listed[5]), (6, "and 36 more"));
    state.update(Msg::Select(Some(Subject::Message(stored))));
    let page = ssr::page(&state);
    assert_eq!(says(page.one(".inspector"), "Due"), "0:11.400");
    let trace: Vec<String> = page.all(".trace-lines")[0].children().map(Element::text).collect();
    assert_eq!(trace.len(), 3, "{trace:?}");
    assert!(trace[1].contains("timer") && trace[1].contains("until 0:12.000"), "{trace:?}");
}

/// A message in the timer has a page of its own, with what its producer wrote, and is found though it has no place yet.
#[test]
fn a_message_in_the_timer_is_told_and_found() {
    for language in Language::ALL {
        let mut state = states::at("delay", Instant::from_secs(10), language);
        let (topic, shop) = (TopicId(0), ProducerId(0));
        let shown = |state: &mut State, number: u64| {
            state.update(Msg::Select(Some(Subject::Sending(shop, number))));
            ssr::page(state)
        };
        let page = shown(&mut state, 1);
        let inspector = page.one(".inspector");
        assert_eq!(inspector.one(".kind").text(), state.words.text("inspect.kind_waiting"));
        for (key, says_it) in [
            ("inspect.sent_by", "shop"),
            ("inspect.goes_to", "reminders/1"),
            ("inspect.due", "0:12.400"),
            ("inspect.tag", "order"),
            ("inspect.key", "order-1"),
            ("inspect.body", "{\"order\":1,\"ask\":\"paid?\"}"),
        ] {
            assert_eq!(says(inspector, state.words.text(key)), says_it);
        }
        // The last one has not arrived.
        let last = shown(&mut state, 9);
        assert_eq!(last.one(".inspector .kind").text(), state.words.text("inspect.kind_sending"));
        let session = state.session.borrow();
        let world = session.world();
        let all = |text: &str| find(world, topic, None, text, 20);
        let waits = world.live.timer.waiting_for(topic).count() as u64;
        let id = world.message_id(shop, 1, Instant::from_secs(2));
        for text in ["order-1", &id] {
            assert_eq!(all(text), [Found::InTimer(shop, 1)], "{text}");
        }
        assert_eq!(all("order-"), (0..waits).rev().map(|n| Found::InTimer(shop, n)).collect::<Vec<_>>());
        assert_eq!(all("order-1000"), []);
    }
}

/// A message that waits says in which slot of the wheel it lies, which is no farther ahead than the window reaches, and how
/// often it is put into another. One with a level lies in none.
#[test]
fn what_waits_says_in_which_slot_of_the_wheel_it_lies() {
    let text = r#"{"format": "mqscope.scenario/1", "id": "later", "title": {"en": "Later"},
        "settings": {"delay.maxMs": 3456000000}, "topics": [{"name": "t", "type": "DELAY"}],
        "producers": [
            {"name": "days", "topic": "t", "pattern": "by_hand", "message": {"delay": "240h"}},
            {"name": "level", "topic": "t", "pattern": "by_hand", "message": {"delay_level": 18}}],
        "actions": [{"at": "0s", "do": {"send": {"producer": "days"}}}, {"at": "0s", "do": {"send": {"producer": "level"}}}],
        "until": "240h"}"#;
    let scenario = Scenario::parse(text).unwrap_or_else(|problems| panic!("{problems}"));
    let said = |hours: u64, subject: Subject| {
        let at = Instant::from_ms(hours * 3_600_000);
        let mut state = states::play(scenario.clone(), at, Language::English);
        state.update(Msg::Select(Some(subject)));
        ssr::page(&state).one(".inspector").text()
    };
    let [days, level] = [ProducerId(0), ProducerId(1)];
    for (hours, slot) in [
        (1, "slot 172,800 of the wheel's 1,209,600; on its way it is taken out and put in again 4 times"),
        // A slot is served when the clock is past it.
        (48, "slot 172,800 of the wheel's 1,209,600; on its way it is taken out and put in again 4 times"),
        (50, "slot 345,600 of the wheel's 1,209,600; on its way it is taken out and put in again 3 times"),
        (150, "slot 691,200 of the wheel's 1,209,600; on its way it is taken out and put in again once"),
        (200, "slot 863,999 of the wheel's 1,209,600"),
    ] {
        for subject in [Subject::Sending(days, 0), Subject::Timer(TopicId(0))] {
            let said = said(hours, subject);
            assert!(
                said.contains(slot) && said.contains("again") == slot.contains("again"),
                "{hours} h: {said}"
            );
        }
    }
    assert!(!said(1, Subject::Sending(level, 0)).contains("wheel"));
    assert_eq!(said(1, Subject::Timer(TopicId(0))).matches("wheel").count(), 1);
}

/// A list of what is in hands says how many of the same queue wait for their turn behind it.
#[test]
fn what_is_kept_back_is_counted() {
    let mut counted = 0;
    for (id, seconds) in [("fifo", 12), ("lite-sessions", 20)] {
        let mut state = states::at(id, Instant::from_secs(seconds), Language::English);
        let kept: Vec<(ProgressId, u64)> = {
            let session = state.session.borrow();
            let all = session.world().live.progress.iter().enumerate();
            all.map(|(index, progress)| (ProgressId::at(index), progress.kept_back())).collect()
        };
        for (progress, kept) in kept {
            state.update(Msg::Select(Some(Subject::Cursor(progress))));
            let said = state.words.count("inspect.kept_back", kept, &[]);
            let inspector = ssr::page(&state).one(".inspector").text();
            assert_eq!(inspector.contains(&said), kept > 0, "{id}: {said} in {inspector}");
            counted += u64::from(kept > 0);
        }
    }
    assert!(counted > 0, "something is kept back");
}

/// One message that always fails, and one retry; who finds it tried often enough is the proxy, at the next pop.
fn last_wait(work: &str, more: &str) -> Scenario {
    let text = format!(
        r#"{{
        "format": "mqscope.scenario/1", "id": "last-wait", "title": {{ "en": "Last wait" }}, "profile": "oss5-code",
        "settings": {{ "group.retryLadder": ["5s"], "group.retryMaxTimes": 1 }},
        "topics": [{{ "name": "orders", "write_queues": 1 }}],
        "producers": [{{ "name": "shop", "topic": "orders", "pattern": "by_hand", "message": {{ "key": "k{{n}}" }} }}],
        "groups": [{{
            "name": "billing", "subscribe": [{{ "topic": "orders" }}], "initial_offset": "earliest",
            "consumers": [{{ "name": "C1", "processing": {{ "constant": "{work}" }}, "failure": {{ "poison_key": "k0" }} }}]
        }}],
        "actions": [{{ "at": "0s", "do": {{ "send": {{ "producer": "shop" }} }} }}{more}],
        "until": "300s"
    }}"#
    );
    Scenario::parse(&text).unwrap_or_else(|problems| panic!("{problems}"))
}

#[test]
fn who_waits_for_the_last_time_is_said_to_become_a_dead_letter() {
    let scenario = last_wait("1s", "");
    // It fails at 1.0001 s and, brought back 5 s and 2 s later, at 9.0002 s.
    for (at, says) in [(3_000_100, "in 5 s"), (11_000_200, "dead letter in 5 s")] {
        let mut state = states::play(scenario.clone(), Instant(at), Language::English);
        let is_last = says.starts_with("dead");
        // Of a message, where it stands and the line of its wait.
        for (subject, times) in [
            (Subject::RetryShelf(GroupId(0)), 1),
            (Subject::Message(MessageRef { queue: QueueId(0), offset: 0 }), 2),
        ] {
            state.update(Msg::Select(Some(subject)));
            let said = ssr::page(&state).one(".inspector").text();
            assert!(said.contains(says), "{subject:?} at {at}: {said}");
            let counted = said.matches("dead letter in").count();
            assert_eq!(counted, if is_last { times } else { 0 }, "{subject:?} at {at}: {said}");
        }
        let tip = Tip::about(state.session.borrow().world(), Instant(at), Subject::RetryShelf(GroupId(0)));
        let key = if is_last { "tip.retry.last" } else { "tip.retry.waiting" };
        assert_eq!(tip.expect("it has a line").0[0].key, key);
    }
}

/// A delivery that a crash took counts at the broker, though nobody failed.
#[test]
fn the_line_of_the_last_wait_counts_as_the_broker_does() {
    let scenario = last_wait(
        "10s",
        r#", { "at": "3s", "do": { "crash": { "consumer": "billing/C1" } } },
            { "at": "4s", "do": { "restart": { "consumer": "billing/C1" } } }"#,
    );
    let waits = |seconds: u64| {
        let mut state = states::play(scenario.clone(), Instant::from_secs(seconds), Language::English);
        state.update(Msg::Select(Some(Subject::Message(MessageRef { queue: QueueId(0), offset: 0 }))));
        ssr::page(&state).one(".inspector").text().matches("dead letter in").count()
    };
    let said = (1..300).map(waits).find(|said| *said > 0);
    assert_eq!(said, Some(2), "where it stands, and the line of the wait");
}
