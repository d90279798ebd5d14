//! What the page does with the visitor's wishes.

use super::*;
use crate::app::share::{self, View};
use crate::broker::ConsumerChange;
use crate::scenario::{self, Link, MODEL, Profile, Recorded};
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
fn is_bundled(state: &State) -> bool {
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
    let (there, spot, end) = (stage_stand(&state), state.spot(), state.end);
    let file = state.session.borrow().recording().to_json().to_string();
    let link = share::to_this_moment(&state.session.borrow(), View::default());
    for msg in [Msg::LoadText(file), Msg::OpenLink(link), Msg::GoBackTo(spot)] {
        state.update(Msg::Load("fifo".to_owned()));
        state.update(msg.clone());
        assert_eq!((stage_stand(&state), &state.notice), (there, &None), "{msg:?}");
        assert!(state.end >= at);
    }
    assert_eq!(state.end, end, "the bar is as long as it was");
}

fn stage_stand(state: &State) -> (Instant, u64, crate::sim::Fingerprint) {
    let session = state.session.borrow();
    (session.now(), session.world().live.seq, session.fingerprint())
}

/// Presses a key until time stands still again.
fn stage_step(state: &mut State, msg: Msg) {
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
    let mut back = vec![stage_stand(&state)];
    loop {
        stage_step(&mut state, Msg::PreviousStage);
        if back.last() == Some(&stage_stand(&state)) {
            break;
        }
        back.push(stage_stand(&state));
    }
    assert!(
        state.news.as_deref().is_some_and(|news| news.contains("Nothing had become of")),
        "{:?}",
        state.news
    );
    assert_eq!(state.now(), first);
    assert!(back.len() > 4, "sent, stored, handed out, received, …: {back:?}");
    for before in back.iter().skip(1).rev().skip(1) {
        stage_step(&mut state, Msg::NextStage);
        assert_eq!(stage_stand(&state), *before);
        assert!(state.news.as_deref().is_some_and(|news| news.starts_with("At 0:")), "{:?}", state.news);
    }
    assert!(!state.is_playing());
    // At the end nothing more becomes of it, and time stays where it is.
    for _ in 0..100 {
        let before = stage_stand(&state);
        stage_step(&mut state, Msg::NextStage);
        if stage_stand(&state) == before {
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
        let mut stands = vec![stage_stand(&state)];
        for _ in 0..30 {
            stage_step(&mut state, Msg::NextStage);
            stands.push(stage_stand(&state));
        }
        for before in stands.iter().rev().skip(1) {
            stage_step(&mut state, Msg::PreviousStage);
            assert_eq!(stage_stand(&state), *before);
        }
        assert_eq!(state.session.borrow().steps(), 0);
        stands
    };
    assert_eq!(stands(-6.0), stands(6.0));
}
