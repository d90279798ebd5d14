//! Time, log, captions, and what the header opens.

use mqscope::app::keys::SHORTCUTS;
use mqscope::app::ssr::{self, Element};
use mqscope::app::words::{clock, local};
use mqscope::app::{Dialog, Msg, State, store};
use mqscope::broker::spec::{Pattern, Rate};
use mqscope::broker::{Command, ConsumerChange, Entry, Event, MessageRef};
use mqscope::lesson::explain::{Part, explain};
use mqscope::lesson::{Language, Words};
use mqscope::scenario::{MODEL, Profile, SHELVES, bundled, entries};
use mqscope::sim::{Instant, Span};
use mqscope::trace::Sought;
use mqscope::trace::log_window::Shown;

use crate::states;

fn domain_model(seconds: u64, language: Language) -> State {
    states::at("domain-model", Instant::from_secs(seconds), language)
}

/// What the key does that a button's title names: `Play (Space)`.
fn key_of(button: &Element) -> Msg {
    let title = button.attribute("title").expect("it has a title");
    let (_, key) = title.rsplit_once(" (").expect("the title names a key");
    let key = key.trim_end_matches(')');
    let shortcut = SHORTCUTS.iter().find(|shortcut| shortcut.shown.contains(&key));
    (shortcut.unwrap_or_else(|| panic!("{key} is a shortcut")).msg)()
}

#[test]
fn the_buttons_of_time_say_what_they_do_and_which_key_does_the_same() {
    for language in Language::ALL {
        let until = store::bundled("domain-model").expect("it is bundled").until;
        let mut playing = domain_model(5, language);
        playing.update(Msg::TogglePlay);
        let over = states::at("domain-model", until, language);
        for (state, play, can_step) in [
            (domain_model(5, language), "transport.play", true),
            (playing, "transport.pause", true),
            (over, "transport.again", false),
        ] {
            let page = ssr::page(&state);
            let buttons = page.all(".transport-buttons button");
            let wanted = [
                ("transport.reset", Msg::Reset),
                ("transport.step_back", Msg::StepBack),
                (play, Msg::TogglePlay),
                ("transport.step", Msg::Step),
                ("transport.next_event", Msg::NextEvent),
            ];
            assert_eq!(buttons.len(), wanted.len());
            for (button, (says, does)) in buttons.iter().zip(wanted) {
                assert_eq!(button.attribute("aria-label"), Some(state.words.text(says)));
                assert_eq!(key_of(button), does, "{says}");
                let is_off = button.attribute("aria-disabled") == Some("true");
                let is_ahead = matches!(does, Msg::Step | Msg::NextEvent);
                assert_eq!(is_off, is_ahead && !can_step, "{says}");
            }
        }
    }
}

#[test]
fn the_clock_and_the_bar_show_the_instant() {
    for (id, at) in states::everywhere() {
        let state = states::at(&id, at, Language::English);
        let page = ssr::page(&state);
        let now = page.one("output.now");
        assert_eq!(now.attribute("data-value"), Some(at.0.to_string().as_str()), "{id}");
        let (text, us) = clock(at);
        let us = if us == 0 { String::new() } else { format!("{us:03}") };
        assert_eq!(now.text(), format!("Simulated time {text}{us}"), "{id}: to the microsecond");
        let bar = page.one(".bar[role=slider]");
        let value = |name: &str| bar.attribute(name).and_then(|text| text.parse::<u64>().ok());
        assert_eq!(value("aria-valuenow"), Some(at.0 / 1_000), "{id}");
        assert_eq!(value("aria-valuemax"), Some(state.end.0 / 1_000), "{id}");
        assert!(bar.attribute("aria-valuetext").is_some_and(|said| said.starts_with(&text)), "{id}");
    }
}

#[test]
fn the_speed_is_said_as_a_factor() {
    let mut state = domain_model(1, Language::English);
    for (msg, said) in [
        (None, "real time"),
        (Some(Msg::Slower), "1/2 × real time"),
        (Some(Msg::Faster), "real time"),
        (Some(Msg::Faster), "2 × real time"),
    ] {
        msg.map(|msg| state.update(msg));
        let page = ssr::page(&state);
        assert_eq!(page.one("#speed").attribute("aria-valuetext"), Some(said));
        assert_eq!(page.one("#speed-text").text(), said);
        assert_eq!(page.one("#speed").attribute("value"), Some(&*state.speed.log2().to_string()));
    }
}

#[test]
fn the_log_tells_the_newest_events_first_each_at_its_time() {
    for language in Language::ALL {
        for (id, at) in states::everywhere() {
            let state = states::at(&id, at, language);
            let page = ssr::page(&state);
            let rows = page.all("#log .log-row");
            let session = state.session.borrow();
            let newest: Vec<_> = session.observer().1.0.newest(Shown::News).take(80).collect();
            assert_eq!(rows.len(), newest.len(), "{id} at {at}");
            for (row, entry) in rows.iter().zip(newest) {
                let explained = explain(session.world(), entry, &state.words);
                assert_eq!(row.one(".log-words").text(), explained.to_string(), "{id}: entry {}", entry.seq);
                assert_eq!(row.one(".log-at").text(), clock(entry.at).0, "{id}: entry {}", entry.seq);
                let named = explained.0.iter().filter(|part| matches!(part, Part::Thing(..)));
                assert_eq!(row.all("button").len(), named.count(), "{id}: every name can be followed");
            }
            assert_eq!(page.all("#log .log-nothing").len(), usize::from(rows.is_empty()), "{id} at {at}");
        }
    }
}

#[test]
fn what_a_person_does_is_on_top_of_the_log_and_on_the_bar() {
    let mut state = domain_model(5, Language::English);
    let crash = Command::Consumer { consumer: "billing/C1".to_owned(), change: ConsumerChange::Crash };
    state.update(Msg::Command(Box::new(crash)));
    let page = ssr::page(&state);
    let graves: Vec<String> = page.all("#log .is-grave .log-words").iter().map(|one| one.text()).collect();
    assert!(graves.iter().any(|said| said.contains("billing/C1")), "{graves:?}");
    let ticks: Vec<String> = page.all(".bar-picture text").iter().map(|one| one.text()).collect();
    assert!(ticks.iter().any(|said| said == "billing/C1 crashed"), "{ticks:?}");
}

#[test]
fn what_a_person_does_is_said_aloud_with_names_and_numbers() {
    let mut state = domain_model(5, Language::English);
    let held = {
        let session = state.session.borrow();
        let world = session.world();
        world.consumer(world.find_consumer("billing/C1").expect("it exists")).outstanding
    };
    let said = |state: &State| ssr::page(state).one("#said").text();
    let crash = Command::Consumer { consumer: "billing/C1".to_owned(), change: ConsumerChange::Crash };
    state.update(Msg::Command(Box::new(crash.clone())));
    let crashed = state.words.count("event.consumer_crashed", held.into(), &[("consumer", &"billing/C1")]);
    assert!(held > 0 && said(&state) == format!("At 0:05.000: {crashed}"), "{held}: {}", said(&state));
    let notice = "Refused: crash billing/C1. A consumer in this state cannot do that.";
    state.update(Msg::Command(Box::new(crash)));
    assert_eq!(state.notice.as_deref(), Some(notice), "a refusal is said by the notice");
    let pattern = Pattern::Constant(Rate { micros_per_second: 2_500_000 });
    state.update(Msg::Command(Box::new(Command::SetPattern { producer: "web-shop".to_owned(), pattern })));
    let changed =
        "web-shop sends 2.5 per second, evenly spaced from now on; before: 3 per second, at random.";
    assert_eq!(said(&state), format!("At 0:05.000: {changed}"));
    state.update(Msg::TogglePlay);
    state.update(Msg::TogglePlay);
    assert!(said(&state).contains("behind"), "{}", said(&state));
}

#[test]
fn the_log_names_what_was_asked_for_and_is_quiet_about_rounds_that_move_nothing() {
    let state = domain_model(42, Language::English);
    let page = ssr::page(&state);
    let told: Vec<String> = page.all("#log .log-words").iter().map(|one| one.text()).collect();
    assert!(told.iter().any(|said| said == "Asked for: crash audit/C2."), "{told:#?}");
    assert!(told.iter().any(|said| said.starts_with("audit/C2 crashed with ")), "{told:#?}");
    assert!(told.iter().all(|said| !said.contains(" 0 queues changed hands")), "{told:#?}");
    let session = state.session.borrow();
    let idle = |entry: &&Entry| matches!(entry.event, Event::Rebalanced { moved: 0, .. });
    assert!(session.observer().1.0.newest(Shown::Everything).any(|entry| idle(&entry)), "they are kept");
}

#[test]
fn a_search_finds_what_is_said_of_a_message_by_its_key_and_by_its_id() {
    let state = domain_model(12, Language::English);
    let session = state.session.borrow();
    let world = session.world();
    let (_, topic) = world.ordinary_topics().next().expect("there is a topic");
    let copy = MessageRef { queue: topic.queues[0], offset: 3 };
    let view = world.message_view(copy).expect("it is stored");
    let stored = explain_stored(&state, copy);
    for text in [view.content.key.expect("it has one"), view.message_id.to_lowercase()] {
        let sought = Sought::new(&format!(" {text} "));
        let all = session.observer().1.0.newest(Shown::Everything);
        let found: Vec<String> = all
            .filter(|entry| sought.is_about(world, entry))
            .map(|entry| explain(world, entry, &state.words).to_string())
            .collect();
        assert!(found.len() > 4 && found.contains(&stored), "{text}: {found:#?}");
    }
}

/// A batch is looked for by any of its messages.
#[test]
fn a_search_finds_a_batch_by_its_last_message() {
    let state = states::at("batch-and-reply", Instant::from_secs(5), Language::English);
    let session = state.session.borrow();
    let world = session.world();
    let all: Vec<Entry> = session.observer().1.0.newest(Shown::Everything).copied().collect();
    let is_batch = |entry: &&Entry| matches!(entry.event, Event::BatchSent { count: 2.., .. });
    let batch = all.iter().find(is_batch).expect("a batch was sent");
    let Event::BatchSent { producer, number, count, .. } = batch.event else { unreachable!() };
    for number in number..number + u64::from(count) {
        let key = world.producer(producer).content(number).key;
        let id = world.message_id(producer, number, batch.at);
        for text in key.into_iter().chain([id]) {
            assert!(Sought::new(&text).is_about(world, batch), "{text}");
        }
    }
    let id = world.message_id(producer, number + u64::from(count), batch.at);
    assert!(!Sought::new(&id).is_about(world, batch), "the next one is not in it");
}

/// Where the model is described and where a run is given away.
#[test]
fn the_page_names_its_version_of_the_model() {
    for language in Language::ALL {
        let mut state = domain_model(5, language);
        for (dialog, key) in [(Dialog::Model, "page.model_version"), (Dialog::Share, "share.model")] {
            state.update(Msg::Open(dialog));
            let says = state.words.fill(key, &[("version", &MODEL)]);
            assert!(says.contains(&MODEL.to_string()), "{says}");
            assert!(ssr::page(&state).one("dialog").text().contains(&says), "{says}");
        }
    }
}

/// How the log says that a message was stored.
fn explain_stored(state: &State, copy: MessageRef) -> String {
    let session = state.session.borrow();
    let is_it = |entry: &&Entry| matches!(entry.event, Event::MessageStored { queue, offset, .. } if (queue, offset) == (copy.queue, copy.offset));
    let entry = session.observer().1.0.newest(Shown::Everything).find(is_it).copied().expect("it is kept");
    explain(session.world(), &entry, &state.words).to_string()
}

#[test]
fn a_wish_that_is_refused_is_answered_with_a_sentence() {
    for language in Language::ALL {
        let mut state = domain_model(5, language);
        state.update(Msg::Command(Box::new(Command::RemoveGroup { group: "nobody".to_owned() })));
        let page = ssr::page(&state);
        let notice = page.one(".caption.is-notice");
        assert_eq!(notice.attribute("role"), Some("status"), "it is said aloud");
        assert_eq!(Some(notice.text()), state.notice);
        assert!(notice.text().chars().count() > 10, "a sentence: {}", notice.text());
        state.update(Msg::Close);
        assert!(ssr::page(&state).all(".is-notice").is_empty());
    }
}

/// The newest wish that was refused, as the log tells it.
fn refused(state: &State) -> String {
    let session = state.session.borrow();
    let is_it = |entry: &&Entry| matches!(entry.event, Event::CommandRefused { .. });
    let entry = session.observer().1.0.newest(Shown::Everything).find(is_it).copied().expect("it is kept");
    explain(session.world(), &entry, &state.words).to_string()
}

#[test]
fn who_crashed_is_not_said_to_be_unknown() {
    for language in Language::ALL {
        let name = || "web-shop".to_owned();
        let mut state = domain_model(12, language);
        let mut ask = |command: Command| {
            state.update(Msg::Command(Box::new(command)));
            refused(&state)
        };
        let words = Words::new(language);
        let says = |key: &str| words.fill(key, &[("name", &"web-shop")]);
        let send = || Command::Send { producer: name(), count: 1 };
        let unknown = ask(Command::Send { producer: "nobody".to_owned(), count: 1 });
        assert!(unknown.ends_with(words.text("refusal.unknown_producer")), "{unknown}");
        let crash = Command::CrashProducer { producer: name() };
        ask(crash);
        let crashed = ask(send());
        assert!(crashed.ends_with(&says("refusal.producer_crashed")), "{crashed}");
        // It stays said like that when it runs again, and stops after that.
        ask(Command::RestartProducer { producer: name() });
        assert_eq!(ask(Command::RestartProducer { producer: "nobody".to_owned() }), {
            let of = words.fill("command.restart_producer", &[("producer", &"nobody")]);
            words.fill(
                "event.refused",
                &[("command", &of), ("reason", &words.text("refusal.unknown_producer"))],
            )
        });
        ask(Command::RemoveProducer { producer: name() });
        let stopped = ask(send());
        assert!(stopped.ends_with(&says("refusal.producer_stopped")), "{stopped}");
    }
}

#[test]
fn captions_come_and_go_at_their_instants() {
    let mut told = 0;
    for language in Language::ALL {
        for (id, _) in bundled() {
            let scenario = store::bundled(id).expect("it is bundled");
            for caption in &scenario.captions {
                if caption.at >= scenario.until {
                    continue;
                }
                let mut state = states::at(id, caption.at, language);
                let shown = |state: &State| ssr::page(state).one(".caption p").text();
                assert_eq!(shown(&state), local(&caption.text, language), "{id} at {}", caption.at);
                told += 1;
                if let Some(until) = caption.until.filter(|until| *until < scenario.until) {
                    state = states::at(id, until, language);
                    assert_ne!(shown(&state), local(&caption.text, language), "{id} at {until}");
                }
            }
            let over = states::at(id, scenario.until + Span::ZERO, language);
            let page = ssr::page(&over);
            assert_eq!(page.all(".caption.is-over button").len(), 2, "{id}: start again, or go on");
        }
    }
    assert!(told > 40, "there were captions to read: {told}");
}

#[test]
fn the_picker_lists_every_bundled_scenario_and_marks_the_one_that_plays() {
    for language in Language::ALL {
        for (current, _) in bundled() {
            let mut state = states::at(current, Instant::ZERO, language);
            state.update(Msg::Open(Dialog::Picker));
            let page = ssr::page(&state);
            let cards = page.all("dialog .scenario");
            assert_eq!(cards.len(), bundled().len());
            let shelves: Vec<String> = page.all("dialog section h3").iter().map(|name| name.text()).collect();
            assert_eq!(shelves, SHELVES.iter().map(|(name, _)| state.words.say(name)).collect::<Vec<_>>());
            let shelved = SHELVES.iter().flat_map(|(_, ids)| *ids);
            for (card, id) in cards.iter().zip(shelved) {
                let scenario = store::bundled(id).expect("it is bundled");
                assert_eq!(card.one(".scenario-title").text(), local(&scenario.title, language));
                let summary = scenario.summary.as_ref().map(|text| local(text, language).to_owned());
                let shown = card.all(".scenario-summary").first().map(|one| one.text());
                assert_eq!(shown, summary, "{id}");
                assert_eq!(card.attribute("aria-current") == Some("true"), *id == *current, "{id}");
            }
            let title = state.session.borrow().scenario().title.clone();
            assert_eq!(page.one(".header .title-text").text(), local(&title, language));
        }
    }
}

#[test]
fn the_sheet_of_keys_names_every_shortcut() {
    for language in Language::ALL {
        let mut state = domain_model(1, language);
        state.update(Msg::Open(Dialog::Help));
        let page = ssr::page(&state);
        let rows: Vec<(Vec<String>, String)> = page
            .all("dialog .key-row")
            .iter()
            .map(|row| (row.all("kbd").iter().map(|key| key.text()).collect(), row.one("dd").text()))
            .collect();
        for shortcut in SHORTCUTS {
            let shown: Vec<String> = shortcut.shown.iter().map(|key| (*key).to_owned()).collect();
            let says = state.words.text(shortcut.says).to_owned();
            assert!(rows.contains(&(shown, says.clone())), "{says}");
        }
        assert!(page.one("dialog input[type=checkbox]").attribute("checked").is_some());
        state.update(Msg::SetCharacterKeys(false));
        let page = ssr::page(&state);
        assert!(page.one("dialog input[type=checkbox]").attribute("checked").is_none());
    }
}

#[test]
fn what_is_wrong_with_a_file_is_listed_problem_by_problem() {
    for language in Language::ALL {
        let mut state = domain_model(5, language);
        let file =
            r#"{ "format": "mqscope.scenario/1", "id": "bad", "seed": -1, "topics": [{ "name": "a b" }] }"#;
        state.update(Msg::LoadText(file.to_owned()));
        let page = ssr::page(&state);
        let rows = page.all("dialog .problem-row");
        assert!(rows.len() >= 2 && rows.len() == state.problems.len());
        for (row, problem) in rows.iter().zip(state.problems.shown().0) {
            let translate = |template: &str| state.words.problem(template);
            let said = [problem.what.say(&translate), problem.instead.say(&translate)];
            let parts: Vec<String> = row.children().map(Element::text).collect();
            assert_eq!((&parts[0], &parts[1..]), (&problem.path, &said[..]));
            let in_english = [problem.what.to_string(), problem.instead.to_string()];
            assert_eq!(said == in_english, language == Language::English, "{}", problem.path);
        }
        let title = page.one("#dialog-title").text();
        assert!(title.contains(&state.problems.len().to_string()), "{title}");
    }
}

#[test]
fn the_header_shows_the_run_s_seed_and_fingerprint() {
    for seed in [0, 7, u64::MAX] {
        let mut state = domain_model(1, Language::English);
        state.update(Msg::SetSeed(seed));
        state.jump(Instant::from_secs(3));
        let page = ssr::page(&state);
        assert_eq!(page.one("#seed").attribute("value"), Some(seed.to_string().as_str()));
        let fingerprint = state.session.borrow().fingerprint().to_string();
        let chip = page.one("[data-number=fingerprint]");
        assert_eq!(chip.attribute("data-value"), Some(fingerprint.as_str()));
        assert!(fingerprint.starts_with(&chip.text().replace(' ', "")), "the chip shows its beginning");
    }
}

/// Each setting with its value, its sentence, and what real systems do; what nothing obeys says so.
#[test]
fn the_settings_are_all_there() {
    for language in Language::ALL {
        let mut state = states::at("demo", Instant::ZERO, language);
        state.update(Msg::SetProfile(Profile::Oss5Code));
        state.update(Msg::Open(Dialog::Settings));
        let page = ssr::page(&state);
        let rows = page.all("dialog .setting");
        assert_eq!(rows.len(), entries().len());
        for entry in entries() {
            let row = rows.iter().find(|row| row.attribute("data-setting") == Some(entry.name));
            let row = row.unwrap_or_else(|| panic!("{} is missing", entry.name)).text();
            assert!(row.contains(state.words.text(&format!("setting.{}", entry.name))), "{row}");
            assert_eq!(row.contains(state.words.text("settings.fixed")), entry.is_fixed(), "{row}");
            let why = state.words.text(&format!("setting.why.{}", entry.name)).to_owned();
            assert_eq!(entry.has_reason(), row.contains(&why), "{row}");
            for number in entry.conflicts() {
                assert!(row.contains(state.words.text(&format!("conflict.{number}"))), "{row}");
            }
        }
        // A scenario's own settings, and those of the profile.
        let changed = |name: &str| {
            let row = rows.iter().find(|row| row.attribute("data-setting") == Some(name)).expect("a row");
            row.text().contains(state.words.text("settings.changed"))
        };
        assert!(changed("push.threads") && !changed("delay.maxMs"));
        // What a profile changed is marked where it stands, and listed under the choice.
        let by_profile = |name: &str| {
            let row = rows.iter().find(|row| row.attribute("data-setting") == Some(name)).expect("a row");
            row.text().contains(&state.words.fill("settings.changed_by", &[("profile", &"oss5-code")]))
        };
        assert!(by_profile("sql.strictEof") && by_profile("store.expiry") && !by_profile("push.threads"));
        let list = page.one("dialog .profile-changes").text();
        assert!(list.contains("group.retryLadder = javaGrpc"), "{list}");
        let chosen: Vec<_> = page
            .all("dialog input[name=profile]")
            .into_iter()
            .filter(|one| one.attribute("checked").is_some())
            .collect();
        assert_eq!(chosen.len(), 1);
        assert_eq!(chosen[0].attribute("value"), Some("oss5-code"));
        assert!(page.all("dialog #setting-search").len() == 1);
    }
}

#[test]
fn the_metrics_show_every_series_by_its_real_name() {
    for language in Language::ALL {
        let mut state = states::at("retry-and-dead-letter", Instant::from_secs(30), language);
        state.update(Msg::Open(Dialog::Metrics));
        let page = ssr::page(&state);
        let text = page.one("dialog.metrics").text();
        let session = state.session.borrow();
        for meter in mqscope::metrics::meters::meters(session.world()) {
            assert!(text.contains(meter.name), "{}", meter.name);
        }
        assert!(text.contains("is_retry=true"), "{text}");
    }
}
