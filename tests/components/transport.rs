//! Time on the page: the two sizes of a step, the ways to the markers, what the bar says and draws.

use mqscope::app::keys::SHORTCUTS;
use mqscope::app::ssr::{self, Element};
use mqscope::app::store::{self, StepSize};
use mqscope::app::{Msg, State, Subject};
use mqscope::broker::{Command, ConsumerChange, MessageRef, QueueId};
use mqscope::lesson::Language;
use mqscope::lesson::explain::explain;
use mqscope::scenario::Action;
use mqscope::sim::Instant;
use mqscope::trace::log_window::Shown;

use crate::states;

fn at(second: u64, language: Language) -> State {
    states::at("domain-model", Instant::from_secs(second), language)
}

/// What the keys do that a button's title names.
fn key_of(button: &Element) -> Msg {
    let title = button.attribute("title").expect("it has a title");
    let (_, keys) = title.rsplit_once(" (").expect("the title names a key");
    let keys: Vec<&str> = keys.trim_end_matches(')').split('+').collect();
    let shortcut = SHORTCUTS
        .iter()
        .find(|shortcut| shortcut.shown == keys || (keys.len() == 1 && shortcut.shown.contains(&keys[0])));
    (shortcut.unwrap_or_else(|| panic!("{keys:?} is a shortcut")).msg)()
}

fn label(button: &Element) -> &str {
    button.attribute("aria-label").expect("it says what it does")
}

#[test]
fn what_a_step_has_done_stands_under_the_picture() {
    for language in Language::ALL {
        let mut state = at(5, language);
        for msg in [Msg::Step, Msg::Step, Msg::StepBack] {
            state.update(msg);
            let page = ssr::page(&state);
            let line = page.one(".stage .just-now");
            let session = state.session.borrow();
            let entry =
                *session.observer().1.0.newest(Shown::Everything).next().expect("something has happened");
            assert_eq!(line.attribute("data-seq"), Some(&*entry.seq.to_string()));
            let said = explain(session.world(), &entry, &state.words).to_string();
            assert_eq!(line.one(".just-now-words").text(), said);
            assert!(line.text().starts_with(state.words.text("just_now.event")), "{}", line.text());
        }
    }
    let state = at(0, Language::English);
    assert!(ssr::page(&state).one(".just-now").text().len() > 5, "at the start as well");
}

#[test]
fn a_step_has_two_sizes_and_says_which() {
    for language in Language::ALL {
        let mut state = at(5, language);
        let sizes = |state: &State| {
            let page = ssr::page(state);
            let switch = page.one(".step-size");
            assert_eq!(label(switch), state.words.text("transport.step_size"));
            let pressed = |button: &&Element| button.attribute("aria-pressed") == Some("true");
            switch.all("button").iter().map(|button| (button.text(), pressed(button))).collect::<Vec<_>>()
        };
        let [event, stage] =
            ["event", "stage"].map(|size| state.words.say(&format!("transport.size_{size}")));
        assert_eq!(sizes(&state), [(event.clone(), true), (stage.clone(), false)]);
        state.update(Msg::SetStepSize(StepSize::Stage));
        assert_eq!(sizes(&state), [(event, false), (stage, true)]);
        let steps = |state: &State| {
            let page = ssr::page(state);
            let buttons = page.all(".transport-buttons button");
            [1, 3].map(|nth| (label(buttons[nth]).to_owned(), key_of(buttons[nth])))
        };
        let says = |key: &str| state.words.say(&format!("transport.{key}"));
        let wanted = [(says("stage_back"), Msg::PreviousStage), (says("stage"), Msg::NextStage)];
        assert_eq!(steps(&state), wanted);
        let message = Subject::Message(MessageRef { queue: QueueId(0), offset: 0 });
        state.update(Msg::Select(Some(message)));
        for (says, _) in steps(&state) {
            assert!(says.contains("@0"), "it is that message's stage: {says}");
        }
    }
}

#[test]
fn the_ways_to_the_markers_name_them() {
    for language in Language::ALL {
        let scenario = store::bundled("domain-model").expect("it is bundled");
        let mut state = at(0, language);
        let ways = |state: &State| {
            let page = ssr::page(state);
            let buttons = page.all(".to-marker");
            assert_eq!(
                buttons.iter().map(|it| key_of(it)).collect::<Vec<_>>(),
                [Msg::PreviousMarker, Msg::NextMarker]
            );
            let is_off = |it: &Element| it.attribute("aria-disabled") == Some("true");
            [0, 1].map(|nth| (label(buttons[nth]).to_owned(), is_off(buttons[nth])))
        };
        assert!(ways(&state)[0].1, "nothing is before the start");
        assert!(!scenario.markers.is_empty());
        for marker in scenario.markers.iter().filter(|marker| marker.at > Instant::ZERO) {
            let name = mqscope::app::words::local(&marker.label, language);
            assert!(ways(&state)[1].0.contains(name), "{name}");
            state.update(Msg::NextMarker);
            // Whoever listens hears where that is.
            let page = ssr::page(&state);
            assert!(
                page.one(".bar").attribute("aria-valuetext").is_some_and(|said| said.contains(name)),
                "{name}"
            );
        }
        assert_eq!(ways(&state)[1].0, state.words.text("transport.marker_none"));
        state.update(Msg::NextMarker);
        assert!(ways(&state)[1].1, "nothing is after the end");
    }
}

#[test]
fn the_branch_that_is_compared_is_behind_the_bar() {
    let mut state = at(20, Language::English);
    state.update(Msg::Seek(Instant::from_secs(3)));
    let left = state.branches.here();
    let command = Command::Consumer { consumer: "billing/C1".to_owned(), change: ConsumerChange::Crash };
    state.update(Msg::Command(Box::new(command)));
    state.jump(Instant::from_secs(12));
    let curves = |state: &State| ssr::page(state).all(".bar-other").len();
    assert_eq!(curves(&state), 0);
    state.update(Msg::CompareWith(Some(left)));
    while state.is_busy() {
        state.go_on_besides();
    }
    assert_eq!(curves(&state), state.session.borrow().world().live.groups.len());
    state.update(Msg::CompareWith(None));
    assert_eq!(curves(&state), 0);
}

/// After time went back the bar shows what was seen already, until something else is done.
#[test]
fn the_bar_knows_what_lies_ahead() {
    for language in Language::ALL {
        let mut state = at(45, language);
        let drawn = |state: &State| {
            let page = ssr::page(state);
            let ticks = |css: &str| page.all(css).iter().map(|tick| tick.text()).collect::<Vec<_>>();
            (page.all(".bar-known").len(), ticks(".is-known"), ticks(".tick-fault"))
        };
        let (curves, ahead, faults) = drawn(&state);
        assert_eq!((curves, ahead.len()), (0, 0));
        assert!(!faults.is_empty(), "a consumer crashes");
        state.update(Msg::Seek(Instant::from_secs(1)));
        let (curves, ahead, faults_then) = drawn(&state);
        assert_eq!(curves, state.session.borrow().world().live.groups.len());
        assert!(faults.iter().all(|fault| ahead.contains(fault)), "{ahead:?}");
        assert_eq!(faults, faults_then);
        // The bar's key for the next tick goes to what is known, too.
        let command = Command::Consumer { consumer: "billing/C1".to_owned(), change: ConsumerChange::Pause };
        state.update(Msg::Command(Box::new(command)));
        let (curves, ahead, _) = drawn(&state);
        assert_eq!((curves, ahead.len()), (0, 0), "it may be another way now");
    }
}

/// What the scenario asks for is the scenario's, though the visitor asked for the same.
#[test]
fn the_visitors_acts_and_the_scenarios_are_told_apart() {
    let mut scenario = store::bundled("domain-model").expect("it is bundled");
    let pause = Command::Consumer { consumer: "billing/C1".to_owned(), change: ConsumerChange::Pause };
    scenario.markers.clear();
    scenario.actions =
        [2, 30].map(|second| Action { at: Instant::from_secs(second), command: pause.clone() }).into();
    let mut state = states::play(scenario, Instant::from_secs(10), Language::English);
    state.update(Msg::Command(Box::new(pause)));
    state.jump(Instant::from_secs(40));
    let page = ssr::page(&state);
    assert_eq!((page.all(".tick-hand").len(), page.all(".tick-act").len()), (1, 2));
}

/// The broker's death and a cut link stand on the bar.
#[test]
fn what_breaks_stands_on_the_bar() {
    for (id, keys) in [
        ("broker-crash", &["transport.broker_crashed", "transport.broker_restarted"][..]),
        ("partition", &["transport.link_cut", "transport.link_open"][..]),
    ] {
        let until = store::bundled(id).expect("it is bundled").until;
        let state = states::at(id, until, Language::English);
        let page = ssr::page(&state);
        let said: Vec<String> = page.all(".tick title").iter().map(|title| title.text()).collect();
        for key in keys {
            let words = state.words.text(key).trim_start_matches("{client}");
            assert!(said.iter().any(|said| said.contains(words)), "{id}: {words} in {said:?}");
        }
    }
}

/// What is selected may not exist yet at an earlier moment; it is not named there, and is there again later.
#[test]
fn what_came_late_stays_selected_before_it_came() {
    let mut state = states::at("come-and-go", Instant::from_secs(40), Language::English);
    let (group, consumer) = {
        let session = state.session.borrow();
        let mut groups = session.world().groups();
        let (id, group) = groups.find(|(_, group)| group.spec.name == "analytics").expect("it came at 36 s");
        (id, group.consumers[0])
    };
    for it in [Subject::Group(group), Subject::Consumer(consumer)] {
        state.update(Msg::Select(Some(it)));
        assert!(ssr::page(&state).one(".transport .peek").text().contains("analytics"));
        for msg in [
            Msg::Seek(Instant::from_secs(20)),
            Msg::StepBack,
            Msg::PreviousStage,
            Msg::NextStage,
            Msg::NextEvent,
        ] {
            state.update(msg);
            let page = ssr::page(&state);
            let is_there = state.now() >= Instant::from_secs(36);
            assert_eq!(page.all(".transport .peek").len(), usize::from(is_there));
        }
        state.update(Msg::Seek(Instant::from_secs(40)));
        assert!(ssr::page(&state).one(".transport .peek").text().contains("analytics"));
    }
}
