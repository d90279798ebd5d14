//! Going from stage to stage of a message.

use std::rc::Rc;

use super::*;
use crate::app::preferences::ThemeChoice;
use crate::app::speed::Speed;
use crate::app::store::tests::{stand, state};
use crate::app::store::{Msg, bundled};
use crate::lesson::Language;
use crate::sim::Instant;

/// Presses a key until time stands still again.
fn press(state: &mut State, msg: Msg) {
    state.update(msg);
    while state.is_busy() {
        state.go_on_besides();
    }
}

#[test]
fn a_selected_messages_stages_are_gone_through_in_both_directions() {
    let mut state = state();
    state.jump(Instant::from_secs(5));
    let queue = state.session.borrow().world().ordinary_topics().next().expect("a topic").1.queues[0];
    let selected = Subject::Message(crate::broker::MessageRef { queue, offset: 3 });
    state.update(Msg::Select(Some(selected)));
    let first = state.session.borrow().world().log.queues[queue.index()].sent_at(3);
    // Back to where it was sent; there it has no place in its queue yet, and is followed all the same.
    let mut back = vec![stand(&state)];
    loop {
        press(&mut state, Msg::PreviousStage);
        if back.last() == Some(&stand(&state)) {
            break;
        }
        back.push(stand(&state));
    }
    assert!(
        state.news.as_deref().is_some_and(|news| news.contains("Nothing had become of")),
        "{:?}",
        state.news
    );
    assert_eq!(state.now(), first);
    assert!(back.len() > 4, "sent, stored, handed out, received, …: {back:?}");
    for before in back.iter().skip(1).rev().skip(1) {
        press(&mut state, Msg::NextStage);
        assert_eq!(stand(&state), *before);
        assert!(state.news.as_deref().is_some_and(|news| news.starts_with("At 0:")), "{:?}", state.news);
    }
    assert!(!state.is_playing());
    // At the end nothing more becomes of it, and time stays where it is.
    for _ in 0..100 {
        let before = stand(&state);
        press(&mut state, Msg::NextStage);
        if stand(&state) == before {
            assert!(state.news.as_deref().is_some_and(|news| news.contains("Nothing more becomes")));
            return;
        }
    }
    panic!("its stages never end");
}

#[test]
fn without_a_selection_any_messages_stage_counts_whatever_the_speed() {
    let stands = |speed: f64| {
        let mut state = state();
        state.update(Msg::SetSpeed(Speed::from_log2(speed)));
        let mut stands = vec![stand(&state)];
        for _ in 0..30 {
            press(&mut state, Msg::NextStage);
            stands.push(stand(&state));
        }
        for before in stands.iter().rev().skip(1) {
            press(&mut state, Msg::PreviousStage);
            assert_eq!(stand(&state), *before);
        }
        assert_eq!(state.session.borrow().steps(), 0);
        stands
    };
    assert_eq!(stands(-6.0), stands(6.0));
}

#[test]
fn a_message_in_the_timer_is_followed_to_where_it_comes_out() {
    // It was selected on its way, or from a row of what waits.
    for (selected_at, stages) in [(10_100, &[10_300, 21_000, 21_200][..]), (10_500, &[21_000, 21_200])] {
        let scenario = bundled("delay").expect("it is bundled");
        let mut state = State::new(Rc::new(scenario), Language::English, ThemeChoice::System);
        state.jump(Instant::from_ms(selected_at));
        state.update(Msg::Select(Some(Subject::Sending(crate::broker::ProducerId(0), 9))));
        for ms in stages {
            press(&mut state, Msg::NextStage);
            assert_eq!(state.now(), Instant::from_ms(*ms), "{:?}", state.news);
            let names_it =
                if *ms < 21_000 { "Message 9 of shop waits in the timer" } else { "reminders/1@4" };
            assert!(state.news.as_deref().is_some_and(|news| news.contains(names_it)), "{:?}", state.news);
        }
    }
}
