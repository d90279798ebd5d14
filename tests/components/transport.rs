//! Time on the page: the two sizes of a step, the ways to the markers, what the bar says and draws.

use mqscope::app::keys::SHORTCUTS;
use mqscope::app::ssr::{self, Element};
use mqscope::app::store::{self, StepSize};
use mqscope::app::{Msg, State, Subject};
use mqscope::broker::{Command, ConsumerChange, MessageRef, QueueId};
use mqscope::lesson::Language;
use mqscope::sim::Instant;

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
            let is_off = |it: &Element| it.attribute("disabled").is_some();
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
