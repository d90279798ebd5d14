//! Branches on the page: what was left is listed, can be opened, compared and deleted, all of it in words.

use mqscope::app::ssr::{self, Element};
use mqscope::app::{Msg, State};
use mqscope::broker::{Command, ConsumerChange};
use mqscope::lesson::Language;
use mqscope::sim::Instant;

use crate::states;

/// A crash at the third second in a run that has been to the twentieth, compared with the run without it.
fn compared(language: Language) -> State {
    let mut state = states::at("domain-model", Instant::from_secs(20), language);
    state.update(Msg::Seek(Instant::from_secs(3)));
    let left = state.branches.here();
    let command = Command::Consumer { consumer: "billing/C1".to_owned(), change: ConsumerChange::Crash };
    state.update(Msg::Command(Box::new(command)));
    state.jump(Instant::from_secs(12));
    state.update(Msg::CompareWith(Some(left)));
    while state.is_busy() {
        state.go_on_besides();
    }
    state
}

#[test]
fn there_is_no_panel_before_anything_was_done() {
    let state = states::at("domain-model", Instant::from_secs(5), Language::English);
    assert!(ssr::page(&state).all("#branches").is_empty());
}

#[test]
fn every_branch_is_listed_by_what_was_done_in_it() {
    for language in Language::ALL {
        let state = compared(language);
        let page = ssr::page(&state);
        let panel = page.one("#branches");
        let names: Vec<String> = panel.all(".branch-name").iter().map(|name| name.text()).collect();
        assert_eq!(names.len(), 2);
        assert_eq!(names[0], state.words.text("branches.untouched"));
        assert!(names[1].contains("billing/C1"), "{names:?}");
        // From the other branch, the buttons of this one say where the two part.
        let mut there = compared(language);
        there.update(Msg::OpenBranch(there.branches.all()[0].id));
        let page_there = ssr::page(&there);
        let buttons = page_there.all("#branches .branch button");
        let labels: Vec<_> = buttons.iter().filter_map(|button| button.attribute("aria-label")).collect();
        assert!(labels.len() == 2 && labels.iter().all(|label| label.contains("0:03")), "{labels:?}");
        assert_eq!(panel.all("[aria-current=true]").len(), 1);
        let undo = panel.all(".branches-undo button");
        // Both can have the keyboard, though one of them does nothing now.
        assert_eq!([0, 1].map(|nth| undo[nth].attribute("disabled")), [None, None]);
        assert_eq!(undo[0].attribute("aria-disabled"), None);
        assert_eq!(undo[1].attribute("aria-disabled"), Some("true"), "nothing was undone");
        for button in panel.all("button") {
            assert!(button.attribute("aria-label").is_some() || !button.text().is_empty());
        }
    }
}

#[test]
fn the_comparison_says_where_they_part_and_lists_the_messages() {
    for language in Language::ALL {
        let state = compared(language);
        let page = ssr::page(&state);
        let panel = page.one("#compared");
        let count = page.one("[data-otherwise]").attribute("data-otherwise").map(str::to_owned);
        let comparison = state.comparison.as_ref().expect("it is compared").borrow();
        let all = comparison.differences.as_ref().expect("messages were compared");
        assert_eq!(count, Some(all.count().to_string()));
        assert_eq!(panel.all(".parting li").len(), 2);
        assert_eq!(panel.all(".changes li").len(), all.counts.len());
        assert_eq!(panel.all("tbody tr").len(), all.kept.len().min(40));
        assert!(panel.all("tbody tr").iter().all(|row: &&Element| row.text().contains("0:")));
        assert!(!panel.text().contains("branches."), "every word is in the catalogue: {}", panel.text());
        assert!(panel.text().contains("0:03.000"));
    }
}

#[test]
fn a_branch_with_nothing_else_in_it_says_so() {
    let mut state = compared(Language::English);
    state.update(Msg::Seek(Instant::from_secs(2)));
    while state.is_busy() {
        state.go_on_besides();
    }
    let page = ssr::page(&state);
    assert_eq!(page.one("[data-otherwise]").attribute("data-otherwise"), Some("0"));
}

#[test]
fn a_deleted_branch_is_brought_back_by_a_button_even_where_no_other_is_left() {
    for language in Language::ALL {
        let mut state = compared(language);
        let other = state.branches.all()[0].id;
        assert!(ssr::page(&state).all(".branch-restore").is_empty());
        state.update(Msg::DeleteBranch(other));
        let page = ssr::page(&state);
        assert_eq!(page.one(".branch-restore").text(), state.words.text("branches.restore"));
        assert!(page.one("#said").text().contains(state.words.text("branches.untouched")));
        state.update(Msg::RestoreBranch);
        let page = ssr::page(&state);
        assert!(page.all(".branch-restore").is_empty());
        assert_eq!(page.all("#branches .branch").len(), 2);
        // The keyboard can be put on any of them, on the present one as well.
        assert!(page.all("#branches .branch-open").iter().all(|one| one.attribute("id").is_some()));
        assert_eq!(page.one("#branches [aria-current=true]").attribute("tabindex"), Some("-1"));
    }
}
