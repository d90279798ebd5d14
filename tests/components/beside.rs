//! What stands beside the broker: its charts, its voice, its controls; and what has expired.

use mqscope::app::{Msg, Subject, ssr, store};
use mqscope::broker::{P2pId, QueueId, ServiceChange, ServiceId};
use mqscope::lesson::Language;
use mqscope::sim::Instant;

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
