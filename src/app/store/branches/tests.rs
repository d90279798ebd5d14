//! Branches as the page has them.

use super::*;
use crate::app::preferences::ThemeChoice;
use crate::app::share::{self, View};
use crate::app::store::{Msg, bundled};
use crate::app::subject::Subject;
use crate::broker::ConsumerChange;
use crate::lesson::Language;
use crate::sim::Fingerprint;
use crate::trace::Change;

fn of(id: &str) -> State {
    let scenario = bundled(id).expect("it is bundled");
    State::new(Rc::new(scenario), Language::English, ThemeChoice::System)
}

fn change(consumer: &str, change: ConsumerChange) -> Msg {
    Msg::Command(Box::new(Command::Consumer { consumer: consumer.to_owned(), change }))
}

fn here(state: &State) -> (Fingerprint, Instant) {
    (state.session.borrow().fingerprint(), state.now())
}

/// A crash at the third second in a run that has been to the twentieth: two branches.
fn branched() -> (State, BranchId) {
    let mut state = of("domain-model");
    state.jump(Instant::from_secs(20));
    state.update(Msg::Seek(Instant::from_secs(3)));
    let first = state.spot().branch;
    state.update(change("billing/C1", ConsumerChange::Crash));
    (state, first)
}

/// Lets frames come until there is nothing left to do.
fn frames(state: &mut State) {
    for _ in 0..100_000 {
        if !state.is_busy() {
            return;
        }
        state.go_on_besides();
    }
    panic!("it never ends");
}

#[test]
fn a_branch_that_was_left_is_opened_where_it_was_left() {
    let (mut state, first) = branched();
    assert_eq!(state.branch_name(first), "the run by itself");
    assert!(state.branch_name(state.spot().branch).contains("billing/C1"));
    state.jump(Instant::from_secs(9));
    let there = (state.spot().branch, here(&state));
    state.update(Msg::OpenBranch(first));
    assert_eq!((state.now(), state.is_playing), (Instant::from_secs(3), false));
    assert!(state.session.borrow().acts().is_empty());
    assert!(state.deed.as_deref().is_some_and(|deed| deed.contains("the run by itself")));
    state.update(Msg::OpenBranch(there.0));
    assert_eq!(here(&state), there.1);
    state.update(Msg::DeleteBranch(first));
    state.update(Msg::DeleteBranch(there.0));
    assert_eq!(state.branches.all().len(), 1, "the present one stays");
}

#[test]
fn what_was_done_is_undone_and_redone_at_the_moment() {
    let mut state = of("domain-model");
    state.jump(Instant::from_secs(4));
    let before = here(&state);
    state.update(change("billing/C1", ConsumerChange::Pause));
    let after = here(&state);
    state.update(Msg::Undo);
    assert_eq!(here(&state), before);
    assert!(state.deed.as_deref().is_some_and(|deed| deed.contains("undone")), "{:?}", state.deed);
    state.update(Msg::Redo);
    assert_eq!(here(&state), after);
    state.jump(Instant::from_secs(7));
    let later = here(&state);
    state.update(Msg::Undo);
    assert_eq!(state.now(), later.1);
    assert_ne!(here(&state), later);
    state.update(Msg::Redo);
    assert_eq!(here(&state), later);
    state.update(Msg::Redo);
    assert_eq!(here(&state), later, "there is nothing more");
}

#[test]
fn time_that_was_running_goes_on_after_undoing() {
    let mut state = of("domain-model");
    state.update(Msg::TogglePlay);
    state.pass(400.0);
    state.update(change("billing/C1", ConsumerChange::Pause));
    state.update(Msg::Undo);
    assert!(state.is_playing);
}

#[test]
fn comparing_says_where_they_part_and_what_became_of_each_message() {
    let (mut state, first) = branched();
    state.jump(Instant::from_secs(12));
    state.update(Msg::CompareWith(Some(first)));
    frames(&mut state);
    let comparison = state.comparison.clone().expect("it is compared");
    let comparison = comparison.borrow();
    assert!(comparison.is_played && comparison.run.now() == Instant::from_secs(20), "as far as it has been");
    let parting = comparison.run.parting().expect("they part");
    let at = |entry: Option<crate::broker::Entry>| entry.map(|entry| entry.at);
    assert_eq!(at(parting.here), Some(Instant::from_secs(3)));
    assert!(at(parting.there) >= at(parting.here));
    let all = comparison.differences.as_ref().expect("messages were compared");
    assert!(all.is_done() && all.compared > 20);
    let late = all.counts.get(&Change::Later).copied().unwrap_or_default();
    let not_yet = all.counts.get(&Change::NotYet).copied().unwrap_or_default();
    assert!(late + not_yet > 0, "{:?}", all.counts);
    assert!(all.kept.iter().all(|one| one.fate_here != one.fate_there));
    drop(comparison);
    // What the crashed consumer had is late; going back to before the crash, nothing is.
    state.update(Msg::Seek(Instant::from_secs(2)));
    frames(&mut state);
    let comparison = state.comparison.clone().expect("it is compared");
    assert_eq!(comparison.borrow().differences.as_ref().map(Differences::count), Some(0));
}

#[test]
fn a_comparison_follows_what_is_done_and_ends_with_its_branch() {
    let (mut state, first) = branched();
    let second = state.spot().branch;
    state.update(Msg::CompareWith(Some(first)));
    frames(&mut state);
    state.update(change("billing/C1", ConsumerChange::Restart));
    frames(&mut state);
    let acts = state.comparison.as_ref().map(|it| it.borrow().acts.len());
    assert_eq!(acts, Some(2), "it was begun anew");
    state.update(Msg::CompareWith(Some(second)));
    assert!(state.comparison.is_none(), "nothing is compared with itself");
    state.update(Msg::CompareWith(Some(first)));
    state.update(Msg::DeleteBranch(first));
    assert!(state.comparison.is_none());
    state.update(Msg::CompareWith(Some(first)));
    assert!(state.comparison.is_none());
}

#[test]
fn while_time_runs_no_frame_brings_much_of_the_other_branch() {
    let (mut state, first) = branched();
    state.update(Msg::CompareWith(Some(first)));
    state.update(Msg::TogglePlay);
    for _ in 0..200 {
        state.pass(16.0);
        state.go_on_besides();
    }
    let comparison = state.comparison.clone().expect("it is compared");
    assert!(comparison.borrow().run.now() >= state.now() && comparison.borrow().differences.is_none());
}

#[test]
fn the_browser_s_buttons_lead_to_runs_and_branches_and_time_leaves_no_trace() {
    let (mut state, first) = branched();
    let second = state.spot();
    let at = here(&state);
    for msg in [Msg::TogglePlay, Msg::Seek(Instant::from_secs(8)), Msg::Step, Msg::StepBack, Msg::Reset] {
        state.update(msg);
        state.pass(50.0);
        assert_eq!(state.spot(), second);
    }
    state.update(Msg::Seek(at.1));
    state.update(Msg::Load("fifo".to_owned()));
    let fifo = state.spot();
    assert!(fifo.visit != second.visit && state.knows(second));
    state.update(Msg::GoBackTo(second));
    assert_eq!((state.spot(), state.session.borrow().scenario().id.as_str()), (second, "domain-model"));
    assert_eq!((here(&state).1, state.branches.all().len()), (at.1, 2));
    state.update(Msg::GoBackTo(Spot { branch: first, ..second }));
    assert!(state.session.borrow().acts().is_empty());
    state.update(Msg::GoBackTo(fifo));
    assert_eq!(state.session.borrow().scenario().id, "fifo");
    assert!(!state.knows(Spot { visit: 77, ..fifo }));
    assert_eq!(state.update(Msg::GoBackTo(Spot { visit: 77, ..fifo })), Then::Rest);
}

#[test]
fn another_seed_is_another_run_that_can_be_gone_back_from() {
    let (mut state, _) = branched();
    let (first, seed) = (state.spot(), state.session.borrow().scenario().seed);
    state.update(Msg::SetSeed(99));
    assert_eq!(state.branches.all().len(), 1);
    state.update(Msg::GoBackTo(first));
    assert_eq!((state.session.borrow().scenario().seed, state.branches.all().len()), (seed, 2));
}

#[test]
fn a_link_brings_the_branches_along() {
    let (mut state, first) = branched();
    state.jump(Instant::from_secs(6));
    let fragment = share::with_branches(&state.session.borrow(), View::default(), &state.branches);
    let mut there = of("fifo");
    there.update(Msg::OpenLink(fragment));
    assert_eq!(here(&there), here(&state));
    assert_eq!((there.notice.clone(), there.branches.all().len()), (None, 2));
    let other = there.branches.all().iter().find(|branch| branch.id != there.branches.here());
    let other = other.expect("the one that was left").id;
    there.update(Msg::OpenBranch(other));
    state.update(Msg::OpenBranch(first));
    assert_eq!((here(&there), there.notice.clone()), (here(&state), None));
}

#[test]
fn one_key_runs_to_the_next_thing_worth_looking_at() {
    let mut state = of("retry-and-dead-letter");
    let mut said = Vec::new();
    while !state.is_over() {
        let before = state.now();
        state.update(Msg::NextEvent);
        frames(&mut state);
        assert!(!state.is_playing && state.now() >= before);
        said.push(state.news.clone().expect("it says what was found"));
        assert!(said.len() < 200, "{said:#?}");
    }
    assert!(said.iter().any(|one| one.contains("dead letter")), "{said:#?}");
    assert!(said.last().is_some_and(|last| last.contains("Nothing more")), "{said:#?}");
}

#[test]
fn a_peak_and_a_group_that_is_done_are_worth_looking_at() {
    for (id, part) in [("accumulate-and-drain", "at a peak"), ("domain-model", "nothing left to do")] {
        let mut state = of(id);
        state.update(Msg::Select(Some(Subject::Group(crate::broker::GroupId(0)))));
        let mut said = Vec::new();
        while !state.is_over() && said.len() < 100 {
            state.update(Msg::NextEvent);
            frames(&mut state);
            said.extend(state.news.clone());
        }
        assert!(said.iter().any(|one| one.contains(part)), "{part}: {said:#?}");
    }
}

#[test]
fn markers_are_gone_through_in_both_directions() {
    let mut state = of("domain-model");
    let markers: Vec<Instant> = state.session.borrow().scenario().markers.iter().map(|it| it.at).collect();
    let later: Vec<Instant> = markers.iter().copied().filter(|at| *at > Instant::ZERO).collect();
    for at in &later {
        state.update(Msg::NextMarker);
        assert_eq!(state.now(), *at);
    }
    for at in markers.iter().rev().filter(|at| *at < later.last().expect("there are markers")) {
        state.update(Msg::PreviousMarker);
        assert_eq!(state.now(), *at);
    }
    state.update(Msg::Seek(Instant::ZERO));
    assert_eq!((state.update(Msg::PreviousMarker), state.now()), (Then::Render, Instant::ZERO));
}

#[test]
fn going_into_the_branch_that_is_compared_turns_the_comparison_round() {
    let (mut state, first) = branched();
    let second = state.spot().branch;
    state.jump(Instant::from_secs(6));
    state.update(Msg::CompareWith(Some(first)));
    frames(&mut state);
    state.update(Msg::OpenBranch(first));
    frames(&mut state);
    let compared = |state: &State| state.comparison.as_ref().map(|it| it.borrow().branch);
    assert_eq!((compared(&state), state.spot().branch), (Some(second), first));
    assert!(state.news.as_deref().is_some_and(|news| news.contains("billing/C1")), "{:?}", state.news);
    let comparison = state.comparison.clone().expect("it is compared");
    let parting = comparison.borrow().run.parting().expect("the other one has been to where they part");
    assert_eq!(parting.there.map(|entry| entry.at), Some(Instant::from_secs(3)));
    drop(comparison);
    // Undoing leads there too.
    state.update(Msg::OpenBranch(second));
    frames(&mut state);
    assert_eq!((compared(&state), state.spot().branch), (Some(first), second));
    state.update(Msg::Undo);
    frames(&mut state);
    assert_eq!((compared(&state), state.spot().branch), (Some(second), first));
    assert!(state.news.is_some());
    state.update(Msg::Redo);
    frames(&mut state);
    assert_eq!((compared(&state), state.spot().branch), (Some(first), second));
}

#[test]
fn a_branch_holds_only_so_many_actions_and_says_so() {
    let mut state = of("domain-model");
    state.jump(Instant::from_secs(2));
    let most = crate::scenario::limits::ACTS;
    for _ in 0..most {
        state.session.borrow_mut().act(Command::Send { producer: "nobody".to_owned(), count: 1 });
    }
    state.update(change("billing/C1", ConsumerChange::Crash));
    assert_eq!(state.session.borrow().acts().len() as u64, most);
    assert!(state.notice.as_deref().is_some_and(|notice| notice.contains("10000")), "{:?}", state.notice);
    let text = state.session.borrow().recording().to_json().to_string();
    assert!(text.len() as u64 > crate::scenario::limits::LINK_CHARS);
    if text.len() as u64 <= crate::scenario::limits::FILE_BYTES {
        assert!(Scenario::parse(&text).is_ok(), "it can be opened again");
    }
    state.update(Msg::Undo);
    assert_eq!(state.notice, None);
    state.update(change("billing/C1", ConsumerChange::Crash));
    assert_eq!((state.session.borrow().acts().len() as u64, &state.notice), (most, &None));
}
