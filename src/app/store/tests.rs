//! What the page does with the visitor's wishes.

use super::*;
use crate::broker::ConsumerChange;
use crate::scenario::{self, Profile};

fn state() -> State {
    let scenario = bundled("domain-model").expect("it is bundled");
    State::new(Rc::new(scenario), Language::English, ThemeChoice::System)
}

#[test]
fn every_bundled_scenario_can_be_loaded() {
    let mut state = state();
    for (id, _) in scenario::bundled() {
        assert_eq!(state.update(Msg::Load((*id).to_owned())), Then::Render);
        assert_eq!(state.session.borrow().scenario().id, *id);
        assert!(state.is_playing, "what was chosen plays");
    }
    assert_eq!(state.update(Msg::Load("no such".to_owned())), Then::Rest);
}

#[test]
fn time_passes_as_fast_as_asked_and_stops_at_the_end() {
    let mut state = state();
    assert_eq!(state.pass(1_000.0), Then::Rest, "it stands still at first");
    state.update(Msg::TogglePlay);
    state.update(Msg::SetSpeed(Speed::from_log2(-2.0)));
    for _ in 0..100 {
        state.pass(16.0);
    }
    assert_eq!(state.now(), Instant::from_ms(400));
    state.update(Msg::SetSpeed(Speed::from_log2(6.0)));
    for _ in 0..200 {
        state.pass(16.0);
    }
    assert_eq!((state.now(), state.is_playing), (state.end, false));
    state.update(Msg::TogglePlay);
    assert_eq!((state.now(), state.is_playing), (Instant::ZERO, true), "then it plays again from the start");
}

#[test]
fn beyond_the_end_the_bar_grows_by_the_scenario_s_length() {
    let mut state = state();
    let until = state.end;
    state.jump(until);
    state.update(Msg::GoOn);
    assert_eq!(state.end.0, 2 * until.0);
    state.pass(100.0);
    assert!(state.now() > until);
}

#[test]
fn however_it_got_there_the_same_instant_is_the_same_world() {
    let (mut jumped, mut played) = (state(), state());
    jumped.jump(Instant::from_secs(10));
    played.update(Msg::TogglePlay);
    while played.now() < Instant::from_ms(9_900) {
        played.pass(33.0);
    }
    played.jump(Instant::from_secs(10));
    assert_eq!(jumped.session.borrow().fingerprint(), played.session.borrow().fingerprint());
}

#[test]
fn a_step_stops_time_and_brings_one_thing() {
    let mut state = state();
    state.update(Msg::TogglePlay);
    state.pass(500.0);
    let before = state.session.borrow().steps();
    state.update(Msg::Step);
    assert_eq!((state.session.borrow().steps(), state.is_playing), (before + 1, false));
    assert!(state.after_step);
}

#[test]
fn a_refused_command_says_why_until_it_is_closed() {
    let mut state = state();
    let crash = |consumer: &str| {
        Msg::Command(Box::new(Command::Consumer {
            consumer: consumer.to_owned(),
            change: ConsumerChange::Crash,
        }))
    };
    state.update(crash("billing/C1"));
    assert_eq!(state.notice, None);
    state.update(crash("nobody/C1"));
    assert!(
        state.notice.as_deref().is_some_and(|notice| notice.contains("No consumer")),
        "{:?}",
        state.notice
    );
    state.update(Msg::Close);
    assert_eq!(state.notice, None);
}

#[test]
fn a_bad_file_leaves_the_run_alone() {
    let mut state = state();
    state.jump(Instant::from_secs(3));
    let before = state.session.clone();
    state.update(Msg::LoadText("{ \"format\": \"mqscope.scenario/1\", \"seed\": -1 }".to_owned()));
    assert_eq!(state.dialog, Some(Dialog::Problems));
    assert!(state.session == before && state.problems.len() > 1);
}

#[test]
fn only_what_comes_with_the_page_has_a_link() {
    let mut state = state();
    state.update(Msg::SetSeed(7));
    let at = Instant::from_secs(3);
    assert_eq!(state.link(at).as_deref(), Some("?scenario=domain-model&seed=7&at=3000000us"));
    let (_, text) = scenario::bundled()[0];
    let mine = text.replacen("\"seed\"", "\"stop_after_messages\": 5, \"seed\"", 1);
    state.update(Msg::LoadText(mine));
    assert_eq!((state.dialog, state.link(at)), (None, None), "a file of the visitor's, with an id of ours");
    state.update(Msg::Load("domain-model".to_owned()));
    assert!(state.link(at).is_some());
}

#[test]
fn another_seed_is_another_run_of_the_same_scenario() {
    let mut state = state();
    let end = Instant::from_secs(5);
    let run = |state: &mut State, seed| {
        state.update(Msg::SetSeed(seed));
        state.jump(end);
        state.session.borrow().fingerprint()
    };
    let (one, two) = (run(&mut state, 1), run(&mut state, 2));
    assert_ne!(one, two);
    assert_eq!(run(&mut state, 1), one);
}

#[test]
fn another_profile_begins_the_scenario_again() {
    let mut state = state();
    state.jump(Instant::from_secs(5));
    state.update(Msg::SetProfile(Profile::Classic4));
    assert_eq!(state.now(), Instant::ZERO);
    let check = |state: &State| state.session.borrow().world().settings.topic_type_check;
    assert!(!check(&state));
    state.update(Msg::SetProfile(Profile::Docs5));
    assert!(check(&state) && state.link(Instant::ZERO).is_some(), "it is what was bundled");
}

/// What a visitor does, and where the run then is.
fn acted() -> State {
    let mut state = state();
    for (at, change) in [(3, ConsumerChange::Crash), (8, ConsumerChange::Restart)] {
        state.jump(Instant::from_secs(at));
        state.update(Msg::Command(Box::new(Command::Consumer { consumer: "billing/C1".to_owned(), change })));
    }
    state.jump(Instant::from_secs(20));
    state
}

#[test]
fn seeking_leads_to_the_same_world_in_both_directions() {
    let mut state = acted();
    let here = state.session.borrow().fingerprint();
    for at in [5, 1, 12, 0, 20] {
        state.update(Msg::Seek(Instant::from_secs(at)));
        assert_eq!((state.now(), state.is_playing), (Instant::from_secs(at), false));
    }
    assert_eq!(state.session.borrow().fingerprint(), here, "with what was done in between");
    assert_eq!(state.session.borrow().acts().len(), 2);
}

#[test]
fn a_step_back_undoes_a_step() {
    let mut state = acted();
    let here = state.session.borrow().steps();
    let before = state.session.borrow().fingerprint();
    state.update(Msg::Step);
    let after = state.session.borrow().fingerprint();
    state.update(Msg::StepBack);
    assert_eq!((state.session.borrow().steps(), state.session.borrow().fingerprint()), (here, before));
    state.update(Msg::Step);
    assert_eq!(state.session.borrow().fingerprint(), after);
    assert!(!state.is_playing && state.after_step);
}

#[test]
fn what_was_done_is_done_again_after_a_reset_until_it_is_forgotten() {
    let mut state = acted();
    let here = state.session.borrow().fingerprint();
    state.update(Msg::Reset);
    assert_eq!((state.now(), state.session.borrow().acts_ahead().len()), (Instant::ZERO, 2));
    state.jump(Instant::from_secs(20));
    assert_eq!(state.session.borrow().fingerprint(), here);
    state.update(Msg::Reset);
    state.update(Msg::ForgetActs);
    state.jump(Instant::from_secs(20));
    assert_eq!(state.session.borrow().acts().len(), 0);
    assert_ne!(state.session.borrow().fingerprint(), here);
}

#[test]
fn doing_something_earlier_gives_up_what_was_done_later_and_says_so() {
    let mut state = acted();
    state.update(Msg::Seek(Instant::from_secs(5)));
    assert_eq!(state.session.borrow().acts_ahead().len(), 1);
    let change = ConsumerChange::Pause;
    state.update(Msg::Command(Box::new(Command::Consumer { consumer: "audit/C1".to_owned(), change })));
    let session = state.session.borrow();
    assert_eq!((session.acts().len(), session.acts_ahead().len()), (2, 0));
    assert!(state.notice.as_deref().is_some_and(|notice| notice.contains("forgotten")), "{:?}", state.notice);
}

#[test]
fn with_another_seed_the_same_is_done_at_the_same_times() {
    let mut state = acted();
    state.update(Msg::SetSeed(99));
    state.jump(Instant::from_secs(20));
    let session = state.session.borrow();
    let times: Vec<Instant> = session.acts().iter().map(|act| act.at).collect();
    assert_eq!(times, [Instant::from_secs(3), Instant::from_secs(8)]);
    assert_eq!(session.scenario().seed, 99);
}

#[test]
fn every_bundled_scenario_can_be_gone_through_backwards() {
    for (id, _) in scenario::bundled() {
        let mut state = state();
        state.update(Msg::Load((*id).to_owned()));
        state.jump(Instant::from_secs(20));
        let there = state.session.borrow().fingerprint();
        for at in [7, 20] {
            state.update(Msg::Seek(Instant::from_secs(at)));
        }
        assert_eq!(state.session.borrow().fingerprint(), there, "{id}");
    }
}
