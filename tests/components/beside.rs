//! What stands beside the broker: its charts, its voice, its controls; and what has expired.

use mqscope::app::{Msg, State, Subject, ssr, store};
use mqscope::broker::arrivals::Arrivals;
use mqscope::broker::caller::CallerSpec;
use mqscope::broker::spec::{Pattern, Rate};
use mqscope::broker::{
    CallerChange, CallerId, Command, ConsumerChange, P2pId, QueueId, ServiceChange, ServiceId,
};
use mqscope::lesson::Language;
use mqscope::sim::{Instant, Span};

use crate::states;

#[test]
fn charts_of_calls_stand_where_somebody_calls() {
    for language in Language::ALL {
        for (id, wanted) in [
            ("domain-model", &["accumulation", "offsets", "rates"][..]),
            ("rpc-and-messaging", &["accumulation", "offsets", "rates", "calls", "in-use", "times"]),
            ("point-to-point", &["accumulation", "offsets", "rates", "calls", "in-use"]),
            ("order-processing", &["calls", "in-use"]),
        ] {
            let page = ssr::page(&states::at(id, Instant::from_secs(20), language));
            let charts: Vec<&str> =
                page.all("figure").iter().filter_map(|figure| figure.attribute("data-plot")).collect();
            assert_eq!(charts, wanted, "{id}");
            let titles: Vec<String> = page.all("figure h2").iter().map(|title| title.text()).collect();
            let mut distinct = titles.clone();
            distinct.sort_unstable();
            distinct.dedup();
            assert_eq!(distinct.len(), wanted.len(), "{titles:?}");
        }
    }
}

#[test]
fn calls_and_queues_are_said_aloud() {
    let mut state = states::at("rpc-and-messaging", Instant::from_secs(30), Language::English);
    state.update(Msg::Step);
    let said = ssr::page(&state).one("#said").text();
    assert!(said.contains("shop-calls: "), "{said}");
    assert!(said.contains(" failed, "), "{said}");
    let mut state = states::at("order-processing", Instant::from_secs(30), Language::Chinese);
    state.update(Msg::Step);
    let said = ssr::page(&state).one("#said").text();
    assert!(said.contains("order-payment"), "{said}");
}

/// One that calls whenever its producer sends has no pattern of its own.
#[test]
fn a_caller_can_call_by_another_pattern_and_wait_less() {
    for language in Language::ALL {
        let mut state = states::at("rpc-and-messaging", Instant::from_secs(5), language);
        let own = CallerSpec {
            name: "web".into(),
            services: vec!["billing-service".into()],
            arrivals: Arrivals::Pattern(Pattern::Poisson(Rate::per_second(3))),
            timeout: Span::from_secs(3),
        };
        state.update(Msg::Command(Box::new(Command::AddCaller(own))));
        for (id, has_pattern) in [(CallerId(0), false), (CallerId(1), true)] {
            state.update(Msg::Select(Some(Subject::Caller(id))));
            let page = ssr::page(&state);
            assert_eq!(!page.all("#calls-kind").is_empty(), has_pattern);
            assert_eq!(page.one("#waits-timeout").attribute("value"), Some("3s"));
            let caller = state.session.borrow().world().caller(id).spec.name.clone();
            let change = CallerChange::SetTimeout(Span::from_ms(700));
            state.update(Msg::Command(Box::new(Command::Caller { caller, change })));
            assert_eq!(ssr::page(&state).one("#waits-timeout").attribute("value"), Some("700ms"));
        }
    }
}

/// Each queue of a pull consumer can be paused, and then goes on; a legend says what its bars mean.
#[test]
fn a_pull_consumer_pauses_a_queue() {
    for language in Language::ALL {
        let mut state = states::at("pull-and-seek", Instant::from_secs(5), language);
        let consumer = state.session.borrow().world().find_consumer("early/E1").expect("it is there");
        state.update(Msg::Select(Some(Subject::Consumer(consumer))));
        let labels = |state: &State| -> Vec<String> {
            let page = ssr::page(state);
            let buttons = page.all(".side .in-hands button");
            buttons.iter().filter_map(|one| one.attribute("aria-label").map(str::to_owned)).collect()
        };
        let says = |key: &str| state.words.fill(key, &[("queue", &"orders/0")]);
        let (pause, resume) = (says("control.pause_queue"), says("control.resume_queue"));
        assert_eq!(labels(&state), [pause, says("control.seek_earliest"), says("control.seek_latest")]);
        let change = ConsumerChange::PauseQueue { topic: "orders".into(), queue: 0 };
        let command = Command::Consumer { consumer: "early/E1".into(), change };
        state.update(Msg::Command(Box::new(command)));
        assert!(labels(&state).contains(&resume));
        let paused = state.words.say("inspect.status_paused");
        assert!(ssr::page(&state).one(".side").text().contains(&paused));
    }
}

#[test]
fn a_service_can_be_stopped_and_given_workers_and_a_queue_consumers() {
    for language in Language::ALL {
        let mut state = states::at("rpc-and-messaging", Instant::from_secs(5), language);
        state.update(Msg::Select(Some(Subject::Service(ServiceId(0)))));
        let page = ssr::page(&state);
        let says = |key: &str| state.words.text(key).to_owned();
        let buttons: Vec<String> = page.all(".side .control-part button").iter().map(|b| b.text()).collect();
        for key in ["control.stop_service", "control.crash_service"] {
            assert!(buttons.contains(&says(key)), "{key}: {buttons:?}");
        }
        assert_eq!(page.one(".side .step-value").text(), state.words.count("workers", 3, &[]));
        assert!(!page.all("#service-processing").is_empty(), "how long it takes can be changed");
        let service = state.session.borrow().world().service(ServiceId(0)).spec.name.clone();
        let command = mqscope::broker::Command::Service { service, change: ServiceChange::SetWorkers(5) };
        state.update(Msg::Command(Box::new(command)));
        assert_eq!(ssr::page(&state).one(".side .step-value").text(), state.words.count("workers", 5, &[]));
        let mut state = states::at("point-to-point", Instant::from_secs(5), language);
        state.update(Msg::Select(Some(Subject::P2p(P2pId(0)))));
        let page = ssr::page(&state);
        let buttons: Vec<String> = page.all(".side .control-part button").iter().map(|b| b.text()).collect();
        assert_eq!(buttons, ["control.add_p2p_consumer", "control.crash_p2p_consumer"].map(says_in(&state)));
    }
}

fn says_in(state: &mqscope::app::State) -> impl Fn(&str) -> String + '_ {
    |key| state.words.text(key).to_owned()
}

/// Whoever looks for messages is told how many can still be read.
#[test]
fn what_is_stored_is_told_from_what_has_expired() {
    let mut state = states::at("retention", Instant::from_secs(40), Language::English);
    let (readable, expired): (u64, u64) = {
        let session = state.session.borrow();
        let queues = &session.world().live.queues;
        let expired = queues.iter().map(|queue| queue.min_offset).sum();
        (queues.iter().map(|queue| queue.max_offset).sum::<u64>() - expired, expired)
    };
    assert!(expired > 0);
    let overview = ssr::page(&state).one(".side").text();
    assert!(overview.contains(&format!("{readable} messages stored · {expired} expired")), "{overview}");
    state.update(Msg::Select(Some(Subject::Queue(QueueId(0)))));
    let min = state.session.borrow().world().queue(QueueId(0)).min_offset;
    let queue = ssr::page(&state).one(".side").text();
    assert!(queue.contains(&format!("Expired messages{min}")), "{queue}");
}

/// The scenario can be played again with another value of any setting that the run knows.
#[test]
fn every_setting_that_the_run_knows_can_be_changed() {
    let scenario = store::bundled("transactions").expect("it is bundled");
    for setting in mqscope::scenario::SETTINGS {
        let value = setting.value(&scenario.settings);
        let typed = match &value {
            serde_json::Value::String(text) => text.clone(),
            serde_json::Value::Array(all) => {
                all.iter().filter_map(|one| one.as_str()).collect::<Vec<_>>().join(", ")
            }
            other => other.to_string(),
        };
        let same = scenario.with_setting(setting.name, &typed);
        assert_eq!(same.as_ref(), Ok(&scenario), "{} = {typed}", setting.name);
        assert!(scenario.with_setting(setting.name, "neither this nor that").is_err(), "{}", setting.name);
    }
    let other = scenario.with_setting("tx.checkIntervalMs", "5000").expect("a file may say so");
    assert_eq!(other.settings.tx_check_interval, mqscope::sim::Span::from_secs(5));
}

/// Where there is nothing of RocketMQ, the inspector does not begin with three lists of nothing.
#[test]
fn without_a_broker_the_list_begins_with_what_there_is() {
    for (id, has_broker) in [("order-processing", false), ("point-to-point", true)] {
        let state = states::at(id, Instant::from_secs(5), Language::English);
        let page = ssr::page(&state);
        let heads: Vec<String> = page.all(".inspector h3").iter().map(|head| head.text()).collect();
        for key in ["inspect.producers", "inspect.topics", "inspect.groups"] {
            assert_eq!(heads.iter().any(|head| head == state.words.text(key)), has_broker, "{id}: {heads:?}");
        }
    }
}
