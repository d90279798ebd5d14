//! What is done while the run is on a way of several frames is done where that leads.

use std::rc::Rc;

use super::super::time::tests::{frames, long, quieten};
use super::*;
use crate::app::store::Spot;
use crate::app::subject::Subject;
use crate::broker::{Command, MessageRef};
use crate::scenario::{LocalText, Marker};
use crate::session::BranchId;
use crate::sim::Fingerprint;

const FAR: Instant = Instant::from_secs(50);

fn send() -> Msg {
    Msg::Command(Box::new(Command::Send { producer: "P1".to_owned(), count: 1 }))
}

fn here(state: &State) -> (Instant, Fingerprint) {
    (state.now(), state.session.borrow().fingerprint())
}

fn go(state: &mut State, msg: Msg) {
    state.update(msg);
    frames(state);
}

/// On its way to the fiftieth second.
fn on_the_way() -> State {
    let mut state = long();
    state.update(Msg::Seek(FAR));
    assert!(state.is_on_its_way() && state.now() < FAR);
    state
}

/// Somebody did something at the first second and at the second one, and went on to the fiftieth.
fn acted() -> State {
    let mut state = long();
    for second in [1, 2] {
        go(&mut state, Msg::Seek(Instant::from_secs(second)));
        state.update(send());
    }
    go(&mut state, Msg::Seek(FAR));
    state
}

fn acts(state: &State) -> Vec<Instant> {
    state.session.borrow().acts().iter().map(|act| act.at).collect()
}

#[test]
fn an_act_is_done_where_the_run_goes_and_undone_there() {
    let mut state = on_the_way();
    state.update(send());
    assert!(acts(&state).is_empty());
    assert_eq!(state.news, Some(state.words.say("page.waits")));
    frames(&mut state);
    assert_eq!((acts(&state), state.now()), (vec![FAR], FAR));
    assert!(state.deed.is_some(), "it is said when it is done");
    go(&mut state, Msg::Undo);
    let mut without = on_the_way();
    frames(&mut without);
    assert_eq!(here(&state), here(&without));
    assert_eq!(state.branches.all().len(), 2, "the one with the act is kept");
}

#[test]
fn two_quick_undos_undo_two_acts_and_both_are_redone() {
    let mut state = acted();
    let there = here(&state);
    state.update(Msg::Undo);
    assert!(state.is_on_its_way() && state.can_undo(), "{}", state.now());
    state.update(Msg::Undo);
    frames(&mut state);
    assert_eq!((acts(&state), state.session.borrow().acts_ahead().len(), state.now()), (vec![], 0, FAR));
    let mut untouched = on_the_way();
    frames(&mut untouched);
    assert_eq!(here(&state), here(&untouched));
    state.update(Msg::Redo);
    state.update(Msg::Redo);
    frames(&mut state);
    assert_eq!((here(&state), state.branches.all().len()), (there, 1));
}

#[test]
fn what_comes_after_what_waits_comes_after_it() {
    let mut state = acted();
    state.update(Msg::Undo);
    for msg in [Msg::Undo, Msg::Seek(Instant::from_secs(9)), Msg::Seek(Instant::from_secs(3))] {
        state.update(msg);
    }
    assert_eq!(state.waiting.len(), 2, "of two instants the second one is meant");
    frames(&mut state);
    assert_eq!((acts(&state), state.now()), (vec![], Instant::from_secs(3)));
}

#[test]
fn arrows_on_the_bar_count_from_where_the_run_goes_and_after_what_waits() {
    let mut state = on_the_way();
    state.update(Msg::SeekBy(-1));
    state.update(send());
    for _ in 0..3 {
        state.update(Msg::SeekBy(-1));
    }
    assert!(state.waiting.len() <= 2, "{:?}", state.waiting);
    frames(&mut state);
    let [one, all] = [1, 4].map(|n| Instant(FAR.0 - n * (state.end.0 / 100)));
    assert_eq!((state.now(), state.session.borrow().acts_ahead()[0].at), (all, one));
}

#[test]
fn a_branch_left_on_the_way_was_left_where_that_led() {
    let (early, to) = (Instant::from_secs(3), Instant::from_secs(40));
    let branched = || {
        let mut state = acted();
        let first = state.spot();
        go(&mut state, Msg::Seek(early));
        state.update(send());
        (first, state.spot(), state)
    };
    for is_run_left in [false, true] {
        let (first, second, mut state) = branched();
        state.update(Msg::Seek(to));
        assert!(state.is_on_its_way());
        if is_run_left {
            state.update(Msg::Load("fifo".to_owned()));
            state.update(Msg::TogglePlay);
            go(&mut state, Msg::GoBackTo(second));
        } else {
            go(&mut state, Msg::OpenBranch(first.branch));
            assert_eq!((state.spot(), state.now()), (first, early));
            go(&mut state, Msg::OpenBranch(second.branch));
        }
        assert_eq!((state.spot(), state.now()), (second, to));
    }
    // Of one that was left twice, the last time counts.
    let (first, second, mut state) = branched();
    state.update(Msg::Seek(to));
    state.update(Msg::OpenBranch(first.branch));
    go(&mut state, Msg::OpenBranch(second.branch));
    go(&mut state, Msg::Seek(Instant::from_secs(5)));
    go(&mut state, Msg::OpenBranch(first.branch));
    go(&mut state, Msg::OpenBranch(second.branch));
    assert_eq!(state.now(), Instant::from_secs(5));
}

#[test]
fn a_branch_that_undoing_led_back_to_is_where_it_was_left_then() {
    let [early, later] = [10, 20].map(Instant::from_secs);
    let mut state = on_the_way();
    let first = state.spot().branch;
    go(&mut state, Msg::Seek(later));
    go(&mut state, Msg::Seek(early));
    state.update(send());
    let second = state.spot().branch;
    go(&mut state, Msg::OpenBranch(first));
    state.update(Msg::Seek(FAR));
    assert!(state.is_on_its_way());
    go(&mut state, Msg::OpenBranch(second));
    go(&mut state, Msg::Undo);
    assert_eq!((state.spot().branch, state.now()), (first, early));
    go(&mut state, Msg::Seek(Instant::from_secs(3)));
    state.update(send());
    assert_ne!(state.spot().branch, first);
    go(&mut state, Msg::OpenBranch(first));
    assert_eq!(state.now(), Instant::from_secs(3));
}

#[test]
fn what_leads_nowhere_leaves_what_waits() {
    let mut state = on_the_way();
    state.update(send());
    for msg in nowhere(&state) {
        state.update(msg.clone());
        assert_eq!(state.waiting.len(), 1, "{msg:?}");
    }
    frames(&mut state);
    assert_eq!(acts(&state), [FAR]);
}

/// What leads nowhere, wherever the run is.
fn nowhere(state: &State) -> [Msg; 8] {
    let scenario = Rc::clone(state.session.borrow().scenario());
    [
        Msg::OpenLink("#twin".to_owned()),
        Msg::OpenLink("#mq1.damaged".to_owned()),
        Msg::LoadText("{".to_owned()),
        Msg::Load("no such".to_owned()),
        Msg::GoBackTo(state.spot()),
        Msg::GoBackTo(Spot { visit: u32::MAX, ..state.spot() }),
        Msg::SetProfile(scenario.profile),
        Msg::SetSeed(scenario.seed),
    ]
}

#[test]
fn what_leads_nowhere_leaves_what_is_sought() {
    for sought in [Msg::NextEvent, Msg::PreviousStage] {
        let mut state = long();
        if sought == Msg::PreviousStage {
            go(&mut state, Msg::Seek(FAR));
            // Nothing has become of it for long.
            let queue = state.session.borrow().world().ordinary_topics().next().expect("a topic").1.queues[0];
            state.update(Msg::Select(Some(Subject::Message(MessageRef { queue, offset: 0 }))));
        } else {
            quieten(&mut state);
        }
        state.update(sought.clone());
        assert!(state.is_busy(), "{sought:?} takes more than a frame");
        let before = here(&state);
        let here_too = [
            Msg::OpenBranch(state.spot().branch),
            Msg::DeleteBranch(BranchId(77)),
            Msg::RestoreBranch,
            // The key itself, held down.
            sought.clone(),
        ];
        for msg in nowhere(&state).into_iter().chain(here_too) {
            state.update(msg.clone());
            assert!(state.is_busy() && here(&state) == before, "{sought:?}, {msg:?}");
        }
        state.update(Msg::Step);
        assert!(!state.is_busy(), "{sought:?}");
    }
}

#[test]
fn what_lies_beyond_the_place_the_run_goes_to_cannot_be_undone_there() {
    let mut state = on_the_way();
    frames(&mut state);
    state.update(send());
    let first = state.spot().branch;
    go(&mut state, Msg::Seek(Instant::from_secs(1)));
    state.update(send());
    go(&mut state, Msg::OpenBranch(first));
    for (to, can_undo) in [(40, false), (60, true)] {
        state.update(Msg::Seek(Instant::from_secs(to)));
        assert!(state.is_on_its_way() && acts(&state).is_empty());
        assert_eq!(state.can_undo(), can_undo, "on the way to {to}");
    }
}

#[test]
fn whoever_stops_the_run_or_leaves_it_is_told_that_nothing_was_done() {
    for msg in [Msg::TogglePlay, Msg::Load("fifo".to_owned()), Msg::SetSeed(3)] {
        let mut state = on_the_way();
        state.update(send());
        state.update(msg.clone());
        let says = state.words.say("page.not_done");
        assert!(state.news.as_ref().is_some_and(|news| news.ends_with(&says)), "{msg:?}: {:?}", state.news);
        assert_eq!((state.take_waiting(), acts(&state)), (None, vec![]), "{msg:?}");
    }
    // Where no more can be kept, it is not where it was bound for.
    let mut state = on_the_way();
    state.update(send());
    state.kept_most = 0;
    frames(&mut state);
    assert_eq!((state.news.clone(), acts(&state)), (Some(state.words.say("page.not_done")), vec![]));
}

#[test]
fn two_quick_markers_lead_to_the_second_one() {
    let mut state = long();
    let mut scenario = (**state.session.borrow().scenario()).clone();
    let label = LocalText { en: "here".to_owned(), zh_cn: "这里".to_owned() };
    scenario.markers =
        [30, 40].map(|second| Marker { at: Instant::from_secs(second), label: label.clone() }).into();
    state.play(scenario);
    state.stand_still();
    state.update(Msg::NextMarker);
    assert!(state.is_on_its_way());
    state.update(Msg::NextMarker);
    frames(&mut state);
    assert_eq!(state.now(), Instant::from_secs(40));
}
