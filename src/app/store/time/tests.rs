//! Going somewhere, and what becomes of it when something else is asked for meanwhile.

use std::rc::Rc;

use super::super::tests::state;
use super::*;
use crate::app::preferences::ThemeChoice;
use crate::app::store::Msg;
use crate::broker::Command;
use crate::lesson::Language;
use crate::scenario::{Link, Profile, Scenario};

/// A run of so many messages that it takes more than one frame to go through it.
pub(in crate::app::store) fn long() -> State {
    let text = include_str!("../../../../benches/w.json");
    let scenario = Scenario::parse(text).unwrap_or_else(|problems| panic!("{problems}"));
    State::new(Rc::new(scenario), Language::English, ThemeChoice::System)
}

/// Lets frames come until time stands still and nothing waits for that.
pub(in crate::app::store) fn frames(state: &mut State) {
    for _ in 0..10_000 {
        while let Some(msg) = state.take_waiting() {
            state.update(msg);
        }
        if !state.is_playing() && !state.is_busy() {
            return;
        }
        state.pass(16.0);
        state.go_on_besides();
    }
    panic!("it never ends");
}

/// Somebody opens a link that leads far, and does not wait until it is there.
fn on_a_long_way() -> State {
    let mut recording = long().session.borrow().recording();
    let at = Instant::from_secs(50);
    recording.recorded = recording.recorded.map(|it| Recorded { at, entries: u64::MAX >> 12, ..it });
    let mut state = state();
    state.update(Msg::OpenLink(Link::new(recording, Vec::new()).fragment()));
    assert!(state.is_playing() && state.now() < at, "on its way at {}", state.now());
    state
}

#[test]
fn what_is_asked_for_on_a_long_way_takes_the_place_of_what_was_asked_for_before() {
    let to = |msg: Msg| {
        let mut state = on_a_long_way();
        let (was, steps) = (state.now(), state.session.borrow().steps());
        state.update(msg.clone());
        frames(&mut state);
        assert_eq!(state.notice, None, "{msg:?}: nobody says that this is another run");
        let ways = state.session.borrow().steps().cast_signed() - steps.cast_signed();
        (state.now(), was, ways)
    };
    let at = Instant::from_secs(5);
    assert_eq!(to(Msg::Seek(at)).0, at);
    let later = Instant::from_secs(49);
    assert_eq!(to(Msg::Seek(later)).0, later);
    assert_eq!(to(Msg::StepBack).2, -1);
    assert_eq!(to(Msg::Step).2, 1);
    let (now, was, _) = to(Msg::NextStage);
    assert!(now >= was && now < was + Span::from_secs(1), "{was} {now}");
    let send = Command::Send { producer: "P1".to_owned(), count: 1 };
    assert_eq!(to(Msg::Command(Box::new(send))).0, Instant::from_secs(50), "it is done there");
}

#[test]
fn steps_back_on_the_way_back_are_all_taken() {
    let mut state = long();
    state.jump(Instant::from_secs(2));
    let steps = state.session.borrow().steps();
    // As if the first one took more than a frame.
    state.doing = Doing::Going { to: Stop::Step(steps - 1), runs_on: false };
    state.update(Msg::StepBack);
    frames(&mut state);
    assert_eq!(state.session.borrow().steps(), steps - 2);
}

#[test]
fn time_that_was_running_runs_on_after_a_long_way() {
    let mut state = long();
    state.run_on();
    state.update(Msg::Seek(Instant::from_secs(40)));
    assert!(state.now() < Instant::from_secs(40), "on its way");
    for _ in 0..200 {
        state.pass(16.0);
    }
    assert!(state.is_playing() && state.now() > Instant::from_secs(40), "{}", state.now());
}

/// The click that asks for an instant brings no longer a frame than those that follow it; only the first one of the page does.
#[test]
fn no_frame_of_a_long_way_is_longer_than_the_others() {
    let work = |state: &State| {
        let session = state.session.borrow();
        session.world().live.seq + session.steps()
    };
    let mut state = long();
    let mut before = work(&state);
    state.update(Msg::Seek(Instant::from_secs(50)));
    while state.is_on_its_way() {
        assert!(work(&state) - before < WORK_ON_THE_WAY + 100, "{}", work(&state) - before);
        before = work(&state);
        state.pass(16.0);
    }
    assert!(before > 2 * WORK_ON_THE_WAY, "{before} is a long way");
    let mut first = long();
    first.jump(Instant::from_secs(50));
    assert!(work(&first) > 2 * WORK_ON_THE_WAY);
}

/// Plays what brings nothing that is worth looking at for long.
pub(in crate::app::store) fn quieten(state: &mut State) {
    let text = r#"{ "format": "mqscope.scenario/1", "id": "quiet", "title": {"en": "Quiet", "zh-CN": "安静"},
            "summary": {"en": "Nothing.", "zh-CN": "没有。"}, "seed": "1", "until": "1h",
            "topics": [{ "name": "t" }],
            "producers": [{ "name": "P", "topic": "t", "pattern": { "poisson": { "per_second": 1000 } } }] }"#;
    state.update(Msg::LoadText(text.to_owned()));
    assert_eq!((state.dialog, state.problems.to_string()), (None, String::new()));
}

#[test]
fn whatever_becomes_of_the_run_nothing_is_sought_any_more() {
    for msg in [
        Msg::SetProfile(Profile::Classic4),
        Msg::SetSetting("tx.maxChecks", "3".to_owned()),
        Msg::SetSeed(7),
        Msg::GoOn,
        Msg::Reset,
        Msg::Load("fifo".to_owned()),
    ] {
        let mut state = state();
        state.jump(Instant::from_secs(1));
        quieten(&mut state);
        state.update(Msg::NextEvent);
        assert!(state.is_seeking_event(), "it takes more than a frame");
        state.update(msg.clone());
        assert!(!state.is_seeking_event(), "{msg:?}");
    }
}

/// A run that finds nothing worth looking at, or no stage, for long.
#[test]
fn whatever_is_sought_time_stands_still_where_no_more_can_be_kept() {
    let later = Instant::from_secs(1_800);
    for msg in [Msg::NextEvent, Msg::NextStage, Msg::Seek(later)] {
        let mut state = state();
        quieten(&mut state);
        state.jump(Instant::from_secs(1));
        // Nothing more becomes of the first message.
        let queue = state.session.borrow().world().ordinary_topics().next().expect("a topic").1.queues[0];
        let first = crate::broker::MessageRef { queue, offset: 0 };
        state.update(Msg::Select(Some(crate::app::subject::Subject::Message(first))));
        state.kept_most = state.session.borrow().world().bytes_kept() + 1;
        state.update(msg.clone());
        frames(&mut state);
        assert_eq!(state.notice, Some(state.words.say("caption.full")), "{msg:?}");
        assert!(state.now() < later && !state.is_playing(), "{msg:?}: {}", state.now());
    }
}

#[test]
fn a_walk_back_that_is_given_up_leads_home_first() {
    let mut state = long();
    state.jump(Instant::from_secs(8));
    let there = (state.now(), state.session.borrow().fingerprint());
    let mut session = state.session.borrow_mut();
    let mut walk = crate::session::Walk::back(&session, false);
    assert_eq!(session.walk(&mut walk, Instant::MAX, 1, |_| None), None);
    assert!(session.now() < there.0, "on its way at {}", session.now());
    session.give_up(&walk);
    assert_eq!((session.now(), session.fingerprint()), there);
}

#[test]
fn after_a_reset_the_way_there_is_as_short_as_before() {
    let mut state = long();
    state.jump(Instant::from_secs(20));
    let there = state.session.borrow().fingerprint();
    let count = state.session.borrow_mut().history().0;
    assert!(count > 2, "{count} checkpoints");
    state.update(Msg::Reset);
    assert_eq!((state.now(), state.session.borrow().world().live.produced), (Instant::ZERO, 0));
    assert_eq!(state.session.borrow_mut().history().0, count);
    state.jump(Instant::from_secs(20));
    assert_eq!(state.session.borrow().fingerprint(), there);
}

/// What breaks an invariant is a mistake of ours; before it all is well, and there one may look around.
#[test]
fn a_broken_run_can_be_gone_back_in_by_all_means() {
    for msg in [Msg::Seek(Instant::from_secs(2)), Msg::StepBack, Msg::PreviousStage, Msg::PreviousMarker] {
        let mut state = state();
        state.jump(Instant::from_secs(5));
        state.session.borrow_mut().go_back_in_time();
        state.update(Msg::Seek(Instant::from_secs(9)));
        assert!(state.session.borrow().broken().is_some() && !state.is_playing(), "not forward");
        state.update(msg.clone());
        frames(&mut state);
        assert!(state.session.borrow().broken().is_none() && state.now() < Instant::from_secs(5), "{msg:?}");
    }
}

/// Nothing is in it and nothing happens; every key does what it can.
#[test]
fn an_empty_scenario_can_be_gone_through() {
    let text = r#"{ "format": "mqscope.scenario/1", "id": "empty", "title": {"en": "Empty", "zh-CN": "空"},
        "summary": {"en": "Nothing.", "zh-CN": "没有。"}, "seed": "1", "until": "10s" }"#;
    let start = (Instant::ZERO, 0);
    let end = (Instant::from_secs(10), 0);
    for (msg, there) in [
        (Msg::Step, end),
        (Msg::StepBack, start),
        (Msg::NextStage, start),
        (Msg::PreviousStage, start),
        (Msg::NextEvent, end),
        (Msg::NextMarker, end),
        (Msg::PreviousMarker, start),
        (Msg::Reset, start),
        (Msg::Seek(Instant::from_secs(4)), (Instant::from_secs(4), 0)),
        (Msg::Seek(Instant::ZERO), start),
        (Msg::Undo, start),
        (Msg::Redo, start),
        (Msg::ForgetActs, start),
        (Msg::TogglePlay, end),
    ] {
        let mut state = state();
        state.update(Msg::LoadText(text.to_owned()));
        assert_eq!((state.dialog, state.problems.to_string()), (None, String::new()));
        state.update(Msg::Seek(Instant::ZERO));
        if state.is_playing() {
            state.update(Msg::TogglePlay);
        }
        let seen = |state: &State| (state.now(), state.session.borrow().steps());
        assert_eq!(seen(&state), start);
        state.update(msg.clone());
        frames(&mut state);
        assert_eq!(seen(&state), there, "{msg:?}");
        state.update(Msg::Seek(end.0));
        for msg in [Msg::StepBack, Msg::PreviousStage, Msg::NextStage, Msg::NextEvent, Msg::Step] {
            state.update(msg.clone());
            frames(&mut state);
            assert_eq!(seen(&state), end, "{msg:?} at the end");
        }
        state.update(Msg::Reset);
        assert_eq!(seen(&state), start);
    }
}
