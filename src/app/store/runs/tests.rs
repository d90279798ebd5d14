//! Links and files that lead to a run, and what becomes of bad ones.

use super::*;
use crate::app::preferences::ThemeChoice;
use crate::app::share::{self, View};
use crate::app::speed::Speed;
use crate::app::store::tests::{acted, is_bundled, stand, state};
use crate::app::store::{Msg, StepSize, bundled};
use crate::lesson::Language;
use crate::scenario::{MODEL, Recorded};
use crate::sim::Instant;

/// A run given away at a moment, opened by somebody else who was watching another scenario in Chinese.
#[test]
fn a_link_leads_to_the_same_moment_of_the_same_run() {
    let mut state = acted();
    state.update(Msg::Select(state.selected.or(Some(Subject::Group(crate::broker::GroupId(1))))));
    state.update(Msg::SetSpeed(Speed::from_log2(2.0)));
    state.update(Msg::Step);
    state.update(Msg::SetStepSize(StepSize::Stage));
    let view = state.view();
    let [moment, start] =
        [share::to_this_moment, share::from_the_start].map(|link| link(&state.session.borrow(), view));
    let there = || {
        let fifo = bundled("fifo").expect("it is bundled");
        State::new(Rc::new(fifo), Language::Chinese, ThemeChoice::Dark)
    };
    let here = state.session.borrow().fingerprint();
    for fragment in [moment.clone(), format!("#{moment}")] {
        let mut there = there();
        assert_eq!(there.update(Msg::OpenLink(fragment)), Then::Render);
        assert_eq!((there.now(), there.is_playing()), (state.now(), false));
        assert_eq!(there.session.borrow().fingerprint(), here);
        assert_eq!(there.view(), state.view());
        assert_eq!((there.language(), there.theme), (Language::Chinese, ThemeChoice::Dark), "are one's own");
        assert_eq!(there.notice, None);
    }
    let mut there = there();
    there.update(Msg::OpenLink(start));
    assert_eq!((there.now(), there.is_playing()), (Instant::ZERO, true));
    assert_eq!(there.session.borrow().acts_ahead().len(), 2);
    there.jump(state.now());
    assert_eq!(there.session.borrow().acts().len(), 2);
}

/// So many things happen that the way there takes several frames.
fn busy() -> State {
    let (_, text) = scenario::bundled().iter().find(|(id, _)| *id == "demo").expect("it is bundled");
    let text = text.replace("\"per_second\": 40", "\"per_second\": 20000");
    let mut scenario = Scenario::parse(&text).unwrap_or_else(|problems| panic!("{problems}"));
    (scenario.stop_after_messages, scenario.until) = (None, Instant::from_secs(60));
    State::new(Rc::new(scenario), Language::English, ThemeChoice::System)
}

#[test]
fn time_that_was_running_goes_on_from_where_it_took_several_frames_to_get() {
    let to = Instant::from_secs(30);
    let there = |stop: bool, opens: bool| {
        let mut state = busy();
        state.update(Msg::TogglePlay);
        state.pass(16.0);
        state.update(Msg::Seek(to));
        assert!(state.is_going() && state.now() < to, "it is not there at once");
        if opens {
            // Another wish on the way.
            state.update(Msg::Seek(Instant(to.0 + 1)));
        }
        if stop {
            state.update(Msg::TogglePlay);
        }
        while state.is_going() {
            state.pass(16.0);
        }
        state
    };
    let mut state = there(false, false);
    assert!(state.is_playing() && state.now() == to);
    state.pass(16.0);
    assert!(state.now() > to);
    assert!(there(false, true).is_playing());
    let state = there(true, false);
    assert!(!state.is_playing() && state.now() < to, "the visitor stopped it");
    let mut state = busy();
    state.update(Msg::Seek(to));
    while state.is_going() {
        state.pass(16.0);
    }
    assert!(!state.is_playing() && state.now() == to, "it stood still");
}

/// What a link selects may come into being only on the way.
#[test]
fn a_message_that_a_link_selects_is_selected_where_the_link_leads() {
    let mut state = busy();
    state.jump(Instant::from_secs(30));
    while state.is_going() {
        state.pass(16.0);
    }
    let session = state.session.borrow();
    let queue = session.world().ordinary_topics().next().expect("a topic").1.queues[0];
    let offset = session.world().queue(queue).max_offset - 1;
    drop(session);
    state.update(Msg::Select(Some(Subject::Message(crate::broker::MessageRef { queue, offset }))));
    let fragment = share::to_this_moment(&state.session.borrow(), state.view());
    let mut there = self::state();
    there.update(Msg::OpenLink(fragment));
    assert!(there.is_going() && there.selected.is_none(), "it is not there yet");
    while there.is_going() {
        there.pass(16.0);
    }
    assert_eq!((there.selected, there.now()), (state.selected, state.now()));
    // From the start there is no such message, and none is selected later.
    let fragment = share::from_the_start(&state.session.borrow(), state.view());
    there.update(Msg::OpenLink(fragment));
    assert_eq!((there.selected, there.wanted), (None, None));
}

#[test]
fn a_saved_run_is_opened_where_it_stood() {
    let state = acted();
    let text = state.session.borrow().recording().to_json().to_string();
    let mut there = self::state();
    there.update(Msg::LoadText(text));
    assert_eq!(there.session.borrow().fingerprint(), state.session.borrow().fingerprint());
    assert!(is_bundled(&there), "it is a bundled scenario still");
}

#[test]
fn a_bad_link_is_said_and_leaves_the_run_alone() {
    let mut state = acted();
    let here = state.session.borrow().fingerprint();
    let good = share::to_this_moment(&state.session.borrow(), View::default());
    for (fragment, says) in [
        (good[..90].to_owned(), "This link cannot be opened: it is damaged or cut off;"),
        (good.replacen("mq1", "mq9", 1), "This link cannot be opened: the link has version 9,"),
    ] {
        state.update(Msg::OpenLink(fragment));
        let notice = state.notice.as_deref().expect("it is said");
        let title = state.session.borrow().scenario().title.en.clone();
        assert!(
            notice.starts_with(says) && notice.contains(&title),
            "{notice}: what is seen instead is said, too"
        );
        assert_eq!(state.session.borrow().fingerprint(), here);
        state.update(Msg::SetLanguage(Language::Chinese));
        assert!(
            state.notice.as_deref().is_some_and(|notice| notice.starts_with("这个链接")),
            "{:?}",
            state.notice
        );
        state.update(Msg::SetLanguage(Language::English));
        assert!(state.notice.as_deref().is_some_and(|notice| notice.starts_with(says)), "{:?}", state.notice);
    }
    for nothing in ["", "#twin", "stage"] {
        assert_eq!(state.update(Msg::OpenLink(nothing.to_owned())), Then::Rest);
    }
}

/// A rule or a file changed since the link was made: it says so and goes on.
#[test]
fn another_run_than_the_shared_one_is_said() {
    for (model, says) in
        [(MODEL, "This is not the run"), (MODEL - 1, "older rules"), (MODEL + 1, "newer rules")]
    {
        let mut recording = acted().session.borrow().recording();
        recording.recorded = recording.recorded.map(|recorded| Recorded { model, entries: 77, ..recorded });
        let mut there = state();
        there.update(Msg::OpenLink(Link::new(recording, Vec::new()).fragment()));
        assert!(there.notice.as_deref().is_some_and(|notice| notice.contains(says)), "{:?}", there.notice);
        there.update(Msg::TogglePlay);
        there.pass(16.0);
        assert!(there.is_playing());
    }
}

/// A link cannot make the page run for days.
#[test]
fn a_moment_in_a_hundred_days_is_cut_short() {
    let mut recording = acted().session.borrow().recording();
    let at = Instant::from_secs(100 * 86_400);
    recording.recorded = recording.recorded.map(|recorded| Recorded { at, ..recorded });
    let mut there = state();
    there.update(Msg::OpenLink(Link::new(recording, Vec::new()).fragment()));
    assert!(there.notice.as_deref().is_some_and(|notice| notice.contains("beyond")), "{:?}", there.notice);
    assert!(there.end < at);
}

/// Beyond the end of the scenario, by more than an hour.
#[test]
fn a_run_that_went_on_is_opened_where_it_stood_and_gone_back_to() {
    let text = r#"{ "format": "mqscope.scenario/1", "id": "long", "title": {"en": "Long", "zh-CN": "长"},
        "summary": {"en": "Little.", "zh-CN": "少。"}, "seed": "1", "until": "2h", "topics": [{ "name": "t" }],
        "producers": [{ "name": "P", "topic": "t", "pattern": { "poisson": { "per_second": 1 } } }] }"#;
    let mut state = state();
    state.update(Msg::LoadText(text.to_owned()));
    assert_eq!(state.problems.to_string(), "");
    state.update(Msg::GoOn);
    let at = Instant::from_secs(14_000);
    state.update(Msg::Seek(at));
    let (there, spot, end) = (stand(&state), state.spot(), state.end);
    let file = state.session.borrow().recording().to_json().to_string();
    let link = share::to_this_moment(&state.session.borrow(), View::default());
    for msg in [Msg::LoadText(file), Msg::OpenLink(link), Msg::GoBackTo(spot)] {
        state.update(Msg::Load("fifo".to_owned()));
        state.update(msg.clone());
        assert_eq!((stand(&state), &state.notice), (there, &None), "{msg:?}");
        assert!(state.end >= at);
    }
    assert_eq!(state.end, end, "the bar is as long as it was");
}
