//! Branches as the page has them.

use std::collections::BTreeSet;

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
    assert_eq!((state.now(), state.is_playing()), (Instant::from_secs(3), false));
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
    assert!(state.is_playing());
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

/// Undoing leaves what is ahead its instant, but no place; getting its place, it stays what it was.
#[test]
fn a_comparison_goes_on_when_what_was_ahead_is_done() {
    let (mut state, first) = branched();
    state.jump(Instant::from_secs(9));
    state.update(change("billing/C1", ConsumerChange::Restart));
    state.update(Msg::Seek(Instant::from_secs(5)));
    state.update(Msg::Undo);
    assert_eq!(state.session.borrow().acts_ahead().len(), 1);
    let ahead = state.session.borrow().acts_ahead()[0].seq;
    assert_eq!(ahead, None, "it has no place yet");
    state.update(Msg::CompareWith(state.branches.all().iter().map(|it| it.id).find(|id| *id != first)));
    frames(&mut state);
    let before = state.comparison.clone().expect("it is compared");
    state.jump(Instant::from_secs(10));
    state.render();
    assert_eq!(state.session.borrow().acts().len(), 1);
    frames(&mut state);
    assert!(state.comparison.as_ref() == Some(&before), "it is the same comparison");
}

#[test]
fn what_is_selected_stays_so_in_another_branch_if_it_exists_where_one_goes() {
    let mut state = of("domain-model");
    state.update(change("billing/C1", ConsumerChange::Pause));
    state.jump(Instant::from_secs(10));
    let queue = state.session.borrow().world().ordinary_topics().next().expect("a topic").1.queues[0];
    let message = Some(Subject::Message(crate::broker::MessageRef { queue, offset: 0 }));
    state.update(Msg::Select(message));
    for msg in [Msg::Undo, Msg::Redo] {
        state.update(msg.clone());
        assert_eq!((state.selected, state.now()), (message, Instant::from_secs(10)), "{msg:?}");
    }
    state.update(Msg::Undo);
    let other = state.branches.all().iter().map(|it| it.id).find(|id| *id != state.branches.here());
    state.update(Msg::OpenBranch(other.unwrap_or(state.branches.here())));
    assert_eq!(state.selected, message);
}

#[test]
fn what_does_not_fit_is_not_said_to_differ() {
    let (mut state, first) = branched();
    state.jump(Instant::from_secs(12));
    state.kept_most = state.session.borrow().world().bytes_kept();
    state.update(Msg::CompareWith(Some(first)));
    frames(&mut state);
    let comparison = state.comparison.clone().expect("it is compared");
    let it = comparison.borrow();
    assert!(it.is_full && it.run.now() < Instant::from_secs(12), "{}", it.run.now());
    let all = it.differences.as_ref().expect("messages were compared");
    assert_eq!((all.until, all.count()), (it.run.now(), 0));
    assert_eq!(state.news, Some(state.words.say("branches.compared_full")));
    #[cfg(feature = "ssr")]
    assert_eq!(
        crate::app::ssr::page(&state).one("#compared [data-full]").text(),
        state.words.say("branches.compared_full"),
        "it stays there when the news is gone"
    );
}

#[test]
fn a_branch_that_was_deleted_can_be_brought_back_and_both_are_said() {
    let (mut state, first) = branched();
    let before = state.branches.all().to_vec();
    assert_eq!(state.update(Msg::RestoreBranch), Then::Rest);
    let spoken = state.spoken;
    state.update(Msg::DeleteBranch(first));
    assert!(state.spoken > spoken);
    assert!(state.deed.as_deref().is_some_and(|deed| deed.contains("was deleted: the run by itself")));
    assert_eq!(state.branches.restorable(), Some(first));
    state.update(Msg::RestoreBranch);
    assert!(state.deed.as_deref().is_some_and(|deed| deed.contains("is back: the run by itself")));
    assert_eq!((state.branches.all(), state.branches.restorable()), (before.as_slice(), None));
    // The same done again takes its place.
    state.update(Msg::DeleteBranch(first));
    state.update(Msg::Undo);
    assert_eq!((state.branches.restorable(), state.update(Msg::RestoreBranch)), (None, Then::Rest));
    assert_eq!(state.branches.all().len(), 2);
}

#[test]
fn all_branches_that_were_deleted_come_back_the_last_one_first() {
    let (mut state, _) = branched();
    for threads in 2..6 {
        state.update(Msg::Seek(Instant::from_secs(2)));
        state.update(change("billing/C1", ConsumerChange::SetThreads(threads)));
        state.jump(Instant::from_secs(4));
    }
    let before = state.branches.all().to_vec();
    let others: Vec<BranchId> =
        before.iter().map(|it| it.id).filter(|id| *id != state.spot().branch).collect();
    assert_eq!(others.len(), 5);
    for id in &others {
        state.update(Msg::DeleteBranch(*id));
    }
    for id in others.iter().rev() {
        assert_eq!(state.branches.restorable(), Some(*id));
        #[cfg(feature = "ssr")]
        assert_eq!(crate::app::ssr::page(&state).all(".branch-restore").len(), 1);
        state.update(Msg::RestoreBranch);
    }
    assert_eq!((state.branches.all(), state.branches.restorable()), (before.as_slice(), None));
    // One that is there again, because undoing led to it, is passed over.
    for id in &others {
        state.update(Msg::DeleteBranch(*id));
    }
    state.update(Msg::Undo);
    assert_eq!((state.branches.all().len(), state.branches.restorable()), (2, Some(others[3])));
    for _ in &others {
        state.update(Msg::RestoreBranch);
    }
    assert_eq!((state.branches.all().len(), state.branches.restorable()), (before.len(), None));
}

/// The same was done in both of them, at another time.
#[test]
fn branches_with_the_same_name_are_told_apart_by_their_instants() {
    let (mut state, _) = branched();
    let one = state.spot().branch;
    state.update(Msg::Seek(Instant::from_secs(2)));
    state.update(change("billing/C1", ConsumerChange::Crash));
    let other = state.spot().branch;
    let title = |id| Title::of(&state.branches, id, state.session.borrow().world(), &state.words);
    assert_eq!((title(one).short, title(one).from), (title(other).short, Some(Instant::from_secs(3))));
    assert!(title(one).full.ends_with("from 0:03") && title(other).full.ends_with("from 0:02"));
    assert_eq!(state.branch_name(one), title(one).full);
}

#[test]
fn the_same_done_again_at_the_same_place_is_the_same_branch() {
    let mut state = of("domain-model");
    state.jump(Instant::from_secs(20));
    let crash = || change("billing/C1", ConsumerChange::Crash);
    state.update(crash());
    let (first, there) = (state.spot().branch, here(&state));
    state.update(Msg::Step);
    state.update(Msg::Undo);
    state.jump(Instant::from_secs(25));
    state.update(Msg::Seek(Instant::from_secs(20)));
    let second = state.spot().branch;
    assert_ne!(first, second);
    state.update(crash());
    assert_eq!((here(&state), state.spot().branch, state.branches.all().len()), (there, first, 2));
    assert!(state.news.as_deref().is_some_and(|news| news.contains("the run by itself")), "{:?}", state.news);
    // In the branch itself nothing is left by it.
    let mut state = of("domain-model");
    state.update(crash());
    let (first, there) = (state.spot().branch, here(&state));
    state.jump(Instant::from_secs(3));
    state.update(Msg::Reset);
    state.update(crash());
    assert_eq!((here(&state), state.spot().branch, state.branches.all().len()), (there, first, 1));
    assert_eq!((&state.news, state.session.borrow().acts_ahead().len()), (&None, 0));
}

/// In another place of the same instant, or of the same second.
#[test]
fn branches_that_would_have_the_same_name_are_numbered() {
    let mut state = of("domain-model");
    let mut at = Instant::from_secs(20);
    for _ in 0..3 {
        state.update(Msg::Seek(at));
        state.update(change("billing/C1", ConsumerChange::Crash));
        state.update(Msg::Step);
        state.update(Msg::Undo);
        at = Instant(at.0 + 100);
    }
    let ids: Vec<BranchId> = state.branches.all().iter().map(|branch| branch.id).collect();
    let names: BTreeSet<String> = ids.iter().map(|id| state.branch_name(*id)).collect();
    assert_eq!(names.len(), ids.len(), "{names:?}");
    assert!(names.iter().any(|name| name.ends_with("(3), from 0:20")), "{names:?}");
    #[cfg(feature = "ssr")]
    {
        let page = crate::app::ssr::page(&state);
        let shown: BTreeSet<String> = page.all(".branch-name").iter().map(|name| name.text()).collect();
        assert_eq!(shown.len(), ids.len(), "{shown:?}");
        let labels: BTreeSet<&str> =
            page.all(".branch button").iter().filter_map(|it| it.attribute("aria-label")).collect();
        assert_eq!(labels.len(), 2 * (ids.len() - 1), "{labels:?}");
    }
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
    let spot = state.spot();
    assert_eq!((state.update(Msg::SetSeed(99)), state.spot()), (Then::Rest, spot), "it is so already");
    state.update(Msg::GoBackTo(first));
    assert_eq!((state.session.borrow().scenario().seed, state.branches.all().len()), (seed, 2));
}

#[test]
fn a_link_brings_the_branches_along() {
    let (mut state, first) = branched();
    state.jump(Instant::from_secs(6));
    let (fragment, has_all) = share::with_branches(&state.session.borrow(), View::default(), &state.branches);
    assert!(has_all);
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
        assert!(!state.is_playing() && state.now() >= before);
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
    assert!(state.notice.as_deref().is_some_and(|notice| notice.contains("10,000")), "{:?}", state.notice);
    let text = state.session.borrow().recording().to_json().to_string();
    assert!(text.len() as u64 > crate::scenario::limits::LINK_CHARS);
    assert!(text.len() as u64 <= crate::scenario::limits::FILE_BYTES, "{}", text.len());
    assert!(Scenario::parse(&text).is_ok(), "it can be opened again");
    state.update(Msg::Undo);
    assert_eq!(state.notice, None);
    state.update(change("billing/C1", ConsumerChange::Crash));
    assert_eq!((state.session.borrow().acts().len() as u64, &state.notice), (most, &None));
}

/// As long as nothing else is done, what has been seen of a branch stays known, wherever time goes.
#[test]
fn what_lies_ahead_of_the_past_stays_known() {
    let (mut state, first) = branched();
    let until = |state: &State| state.known().map(|known| known.until);
    assert_eq!(until(&state), None, "what was seen in the branch that was left is of another one");
    state.jump(Instant::from_secs(9));
    let fingerprint = here(&state).0;
    state.update(Msg::StepBack);
    assert_eq!(until(&state), Some(Instant::from_secs(9)));
    state.update(Msg::Seek(Instant::from_secs(1)));
    assert_eq!(until(&state), Some(Instant::from_secs(9)));
    let known = state.known().expect("it is");
    assert!(
        known.happenings.iter().any(|happening| happening.at == Instant::from_secs(3)),
        "{:?}",
        known.happenings
    );
    state.update(Msg::Reset);
    assert_eq!(until(&state), Some(Instant::from_secs(9)), "from the start it is the same run");
    state.update(Msg::OpenBranch(first));
    assert_eq!(until(&state), Some(Instant::from_secs(20)), "that branch has been farther");
    state.update(Msg::Undo);
    state.update(Msg::Seek(Instant::from_secs(9)));
    state.jump(Instant::from_secs(21));
    assert_eq!(until(&state), None, "nothing is ahead");
    state.update(Msg::Seek(Instant::from_secs(2)));
    assert_eq!(until(&state), Some(Instant::from_secs(21)));
    state.update(change("billing/C1", ConsumerChange::Pause));
    assert_eq!(until(&state), None, "from here on everything may be another way");
    assert_ne!(here(&state).0, fingerprint);
    state.update(Msg::SetSeed(77));
    assert_eq!(until(&state), None);
    assert!(state.known.len() <= 1, "what another run was like is forgotten");
}

#[test]
fn the_browser_s_way_to_a_branch_that_is_gone_is_said_and_nothing_is_lost() {
    let (mut state, first) = branched();
    let second = state.spot();
    let gone = Spot { branch: first, ..second };
    let at = here(&state);
    state.update(Msg::DeleteBranch(first));
    state.update(Msg::GoBackTo(gone));
    assert_eq!((state.spot(), here(&state)), (second, at));
    assert!(state.notice.as_deref().is_some_and(|notice| notice.contains("is gone")), "{:?}", state.notice);
    // From another run the way leads back to what is left of this one.
    state.update(Msg::Load("fifo".to_owned()));
    assert!(state.knows_run(gone) && !state.knows(gone));
    state.update(Msg::GoBackTo(gone));
    assert_eq!((state.spot(), here(&state)), (second, at));
    assert!(state.notice.as_deref().is_some_and(|notice| notice.contains("is gone")), "{:?}", state.notice);
    state.update(Msg::GoBackTo(second));
    assert!(!state.knows_run(Spot { visit: 77, ..second }));
}

#[test]
fn what_goes_because_there_is_no_room_is_said_and_its_comparison_ends() {
    let (mut state, first) = branched();
    state.update(Msg::CompareWith(Some(first)));
    for left in 2..=BRANCHES_MOST {
        state.update(Msg::Seek(Instant::from_secs(2)));
        state.update(change("billing/C1", ConsumerChange::SetThreads(left as u32)));
        assert_eq!(state.branches.all().len(), left + 1);
        assert!(state.news.as_deref().is_some_and(|news| !news.contains("went")), "{:?}", state.news);
        state.jump(Instant::from_secs(4));
    }
    assert!(state.comparison.is_some() && state.branches.get(first).is_some());
    state.update(Msg::Seek(Instant::from_secs(2)));
    state.update(change("billing/C1", ConsumerChange::Pause));
    assert_eq!((state.branches.all().len(), state.branches.kept().len()), (BRANCHES_MOST + 1, BRANCHES_MOST));
    assert!(state.branches.get(first).is_none() && state.comparison.is_none());
    let says = state.news.clone().unwrap_or_default();
    assert!(says.contains("is kept") && says.contains("the comparison with it ended"), "{says}");
    frames(&mut state);
    // As many as there may be are given away and opened again.
    let (fragment, has_all) = share::with_branches(&state.session.borrow(), View::default(), &state.branches);
    assert!(has_all);
    let mut there = of("fifo");
    there.update(Msg::OpenLink(fragment));
    assert_eq!((&there.notice, there.branches.all().len()), (&None, BRANCHES_MOST + 1));
    // The next one is not compared, and goes all the same.
    state.update(Msg::Seek(Instant::from_secs(1)));
    state.update(change("billing/C1", ConsumerChange::Pause));
    assert!(
        state.news.as_deref().is_some_and(|news| news.contains("the oldest one went")),
        "{:?}",
        state.news
    );
}

#[test]
fn what_a_file_says_of_how_far_a_branch_has_been_makes_nobody_play_for_days() {
    let (mut state, _) = branched();
    let mut recording = Scenario { branches: state.branches.kept(), ..state.session.borrow().recording() };
    recording.branches[0].reached = Instant::from_secs(99 * 86_400);
    state.update(Msg::LoadText(recording.to_json().to_string()));
    assert_eq!((state.dialog, state.branches.kept().len()), (None, 1));
    let other = state.branches.all().iter().find(|branch| branch.id != state.branches.here());
    state.update(Msg::CompareWith(other.map(|branch| branch.id)));
    let until = state.comparison.as_ref().map(|it| it.borrow().until);
    assert!(until.is_some_and(|until| until <= state.last()), "{until:?}");
}

#[test]
fn what_is_done_at_the_first_instant_is_undone_and_redone() {
    let mut state = of("domain-model");
    let before = here(&state);
    state.update(change("billing/C1", ConsumerChange::Pause));
    let acted = here(&state);
    assert_ne!(acted, before);
    for _ in 0..2 {
        state.update(Msg::Undo);
        assert_eq!((here(&state), state.branches.can_redo()), (before, true));
        state.update(Msg::Redo);
        assert_eq!((here(&state), state.branches.can_redo()), (acted, false));
    }
    assert_eq!(state.branches.all().len(), 1);
    // Played on, then undone from a later moment, and from the start.
    state.jump(Instant::from_secs(4));
    let later = here(&state);
    state.update(Msg::Undo);
    assert_eq!(state.now(), later.1);
    state.update(Msg::Redo);
    assert_eq!(here(&state), later);
    state.update(Msg::Reset);
    assert_eq!((here(&state), state.session.borrow().acts_ahead().len()), (before, 1));
    state.update(Msg::Step);
    assert_eq!(state.session.borrow().acts().len(), 1);
    state.jump(Instant::from_secs(4));
    assert_eq!(here(&state), later);
}

#[test]
fn seeking_while_something_is_compared_shows_the_other_one_at_that_moment() {
    let (mut state, first) = branched();
    state.jump(Instant::from_secs(15));
    state.update(Msg::CompareWith(Some(first)));
    let seen = |state: &mut State| {
        frames(state);
        let comparison = state.comparison.clone().expect("it is compared");
        let it = comparison.borrow();
        let all = it.differences.as_ref().expect("messages were compared");
        (it.run.parting(), all.until, all.counts.clone())
    };
    let there = seen(&mut state);
    for second in [1, 9, 4, 2] {
        state.update(Msg::Seek(Instant::from_secs(second)));
        let (parting, until, counts) = seen(&mut state);
        assert_eq!((parting, until), (there.0, Instant::from_secs(second)));
        assert_eq!(counts.is_empty(), second < 3, "before they part nothing differs: {counts:?}");
    }
    // In the middle of it, too.
    state.update(Msg::Seek(Instant::from_secs(7)));
    state.go_on_besides();
    state.update(Msg::Seek(Instant::from_secs(15)));
    assert_eq!(seen(&mut state), there);
}

#[test]
fn a_branch_that_undoing_led_to_stays_if_one_stays_in_it() {
    let mut state = of("domain-model");
    state.jump(Instant::from_secs(4));
    state.update(change("billing/C1", ConsumerChange::Crash));
    state.update(Msg::Undo);
    let without = state.spot().branch;
    state.run_on();
    for _ in 0..60 {
        state.pass(100.0);
    }
    let there = here(&state);
    state.update(Msg::Redo);
    assert_eq!(state.branches.all().len(), 2);
    state.update(Msg::OpenBranch(without));
    assert_eq!(here(&state), there);
}

#[test]
fn what_was_done_later_is_not_undone_from_here_and_that_is_said() {
    let mut state = of("domain-model");
    state.jump(Instant::from_secs(5));
    state.update(change("billing/C1", ConsumerChange::Crash));
    state.update(Msg::Seek(Instant::from_secs(2)));
    assert!(state.session.borrow().acts().is_empty());
    state.update(Msg::Undo);
    assert!(state.notice.as_ref().is_some_and(|says| says.contains("0:05.000")), "{:?}", state.notice);
    assert_eq!(state.session.borrow().acts_ahead().len(), 1);
    assert_eq!(crate::app::ssr::page(&state).all("#branches").len(), 1, "the list stays where it was");
}
