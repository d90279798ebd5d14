//! What the page does with the visitor's wishes.

use super::*;
use crate::app::share::{self, View};
use crate::broker::ConsumerChange;
use crate::scenario::{self, Link, Profile};
use crate::sim::Span;

pub(super) fn state() -> State {
    let scenario = bundled("domain-model").expect("it is bundled");
    State::new(Rc::new(scenario), Language::English, ThemeChoice::System)
}

#[test]
fn every_bundled_scenario_can_be_loaded() {
    let mut state = state();
    for (id, _) in scenario::bundled() {
        assert_eq!(state.update(Msg::Load((*id).to_owned())), Then::Render);
        assert_eq!(state.session.borrow().scenario().id, *id);
        assert!(state.is_playing(), "what was chosen plays");
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
    assert_eq!((state.now(), state.is_playing()), (state.end, false));
    state.update(Msg::TogglePlay);
    assert_eq!(
        (state.now(), state.is_playing()),
        (Instant::ZERO, true),
        "then it plays again from the start"
    );
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
    assert_eq!((state.session.borrow().steps(), state.is_playing()), (before + 1, false));
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

/// Is what is played as it came with the page?
pub(super) fn is_bundled(state: &State) -> bool {
    Link::new((**state.session.borrow().scenario()).clone(), Vec::new()).is_bundled
}

#[test]
fn a_file_that_is_too_long_gets_one_sentence() {
    let mut state = state();
    state.jump(Instant::from_secs(3));
    let before = state.session.clone();
    assert_eq!(state.update(Msg::FileTooLong(200_000_000)), Then::Render);
    assert_eq!((state.dialog, state.problems.len()), (Some(Dialog::Problems), 1));
    let says = state.problems.to_string();
    assert!(says.contains("200000000") && says.contains("4194304"), "{says}");
    assert!(state.session == before);
}

/// Two tabs with the same link know nothing of each other.
#[test]
fn two_pages_on_one_link_are_independent() {
    let link = share::to_this_moment(&acted().session.borrow(), View::default());
    let open = || {
        let mut state = state();
        state.update(Msg::OpenLink(link.clone()));
        state
    };
    let (mut one, two) = (open(), open());
    let seen = |state: &State| {
        let session = state.session.borrow();
        (session.now(), session.fingerprint(), session.acts().len())
    };
    let before = seen(&two);
    assert_eq!(seen(&one), before);
    let crash = Command::Consumer { consumer: "billing/C1".into(), change: ConsumerChange::Crash };
    one.update(Msg::Command(Box::new(crash)));
    one.jump(one.now() + Span::from_secs(5));
    assert_ne!(seen(&one), before);
    assert_eq!(seen(&two), before);
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
    assert!(check(&state) && is_bundled(&state), "it is what was bundled");
}

#[test]
fn another_value_of_a_setting_begins_the_scenario_again() {
    let mut state = state();
    state.jump(Instant::from_secs(5));
    let set =
        |state: &mut State, typed: &str| state.update(Msg::SetSetting("tx.maxChecks", typed.to_owned()));
    assert_eq!(set(&mut state, "many"), Then::Rest, "that is no number");
    assert_eq!(state.now(), Instant::from_secs(5));
    assert_eq!(set(&mut state, " 3 "), Then::Render);
    assert_eq!(state.now(), Instant::ZERO);
    assert_eq!(state.session.borrow().world().settings.tx_max_checks, 3);
    assert!(!is_bundled(&state));
    assert_eq!(set(&mut state, "3"), Then::Rest, "it is so already");
    set(&mut state, "15");
    assert!(is_bundled(&state), "it is what was bundled");
}

/// What a visitor does, and where the run then is.
pub(super) fn acted() -> State {
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
        assert_eq!((state.now(), state.is_playing()), (Instant::from_secs(at), false));
    }
    assert_eq!(state.session.borrow().fingerprint(), here, "with what was done in between");
    assert_eq!(state.session.borrow().acts().len(), 2);
}

#[test]
fn two_quick_hundredths_are_two_and_lead_no_farther_than_the_ends() {
    let mut state = state();
    let hundredth = state.end.0 / 100;
    for (way, there) in [(1, 1), (1, 2), (-5, 0), (120, 100), (-1, 99)] {
        state.update(Msg::SeekBy(way));
        assert_eq!(state.now().0, there * hundredth);
    }
}

/// As anywhere else in the past of the run.
#[test]
fn what_is_selected_stays_so_at_the_start() {
    let mut state = acted();
    let queue = state.session.borrow().world().ordinary_topics().next().expect("a topic").1.queues[0];
    let selected = Some(Subject::Message(crate::broker::MessageRef { queue, offset: 3 }));
    for msg in [Msg::Reset, Msg::Seek(Instant::ZERO)] {
        state.update(Msg::Select(selected));
        state.update(msg.clone());
        assert_eq!((state.now(), state.selected), (Instant::ZERO, selected), "{msg:?}");
        state.jump(Instant::from_secs(20));
    }
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
    assert!(!state.is_playing() && state.after_step);
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
fn doing_something_earlier_leaves_a_branch_and_says_so() {
    let mut state = acted();
    state.update(Msg::Seek(Instant::from_secs(5)));
    let before = state.session.borrow().fingerprint();
    assert_eq!(state.session.borrow().acts_ahead().len(), 1);
    let first = state.spot().branch;
    let change = ConsumerChange::Pause;
    state.update(Msg::Command(Box::new(Command::Consumer { consumer: "audit/C1".to_owned(), change })));
    let acts =
        |state: &State| (state.session.borrow().acts().len(), state.session.borrow().acts_ahead().len());
    assert_eq!(acts(&state), (2, 0));
    assert!(state.news.as_deref().is_some_and(|news| news.contains("is kept")), "{:?}", state.news);
    state.update(Msg::OpenBranch(first));
    assert_eq!((acts(&state), state.session.borrow().fingerprint()), ((1, 1), before));
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

pub(super) fn stand(state: &State) -> (Instant, u64, crate::sim::Fingerprint) {
    let session = state.session.borrow();
    (session.now(), session.world().live.seq, session.fingerprint())
}
