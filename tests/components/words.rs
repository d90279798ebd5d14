//! Both languages are spoken everywhere, with no key, no hole and no wrong plural left.

use std::collections::BTreeSet;

use mqscope::app::State;
use mqscope::app::ssr::{self, Element};
use mqscope::app::store;
use mqscope::broker::spec::{MessageType, TopicType};
use mqscope::lesson::words::{Piece, pieces};
use mqscope::lesson::{Language, Words};
use mqscope::scenario::bundled;

use crate::states;

/// Everything on the page that somebody reads or hears.
fn said(page: &Element) -> Vec<String> {
    let mut all: Vec<String> = page.texts().into_iter().map(str::to_owned).collect();
    for element in page.everything() {
        for name in ["aria-label", "title", "placeholder", "aria-valuetext"] {
            all.extend(element.attribute(name).map(str::to_owned));
        }
    }
    all
}

/// What producers write into their messages may look like anything.
fn templates(state: &State) -> Vec<String> {
    let session = state.session.borrow();
    let templates = session.world().live.producers.iter().map(|producer| &producer.spec.message);
    templates.flat_map(|template| [template.key.clone(), template.body.clone()]).flatten().collect()
}

#[test]
fn no_key_and_no_hole_of_the_catalogue_is_left() {
    let words = Words::new(Language::English);
    let areas: BTreeSet<&str> = words.keys().filter_map(|key| Some(key.split_once('.')?.0)).collect();
    let forms = words.keys().flat_map(|key| words.forms(key)).collect::<Vec<_>>();
    let holes: BTreeSet<String> = forms
        .iter()
        .flat_map(|form| pieces(form))
        .filter_map(|piece| if let Piece::Hole(name) = piece { Some(format!("{{{name}}}")) } else { None })
        .collect();
    assert!(areas.len() > 10 && holes.len() > 20, "the catalogue is understood");
    let is_key = |word: &str| {
        word.split_once('.').is_some_and(|(area, rest)| {
            areas.contains(area) && rest.starts_with(|c: char| c.is_ascii_lowercase())
        })
    };
    for language in Language::ALL {
        states::all(language, |name, state| {
            let templates = templates(state);
            for text in said(&ssr::page(state)) {
                if templates.contains(&text) {
                    continue;
                }
                let key = text
                    .split(|c: char| !(c.is_ascii_alphanumeric() || "._".contains(c)))
                    .find(|w| is_key(w));
                assert_eq!(key, None, "{name}, {}: {text:?}", language.tag());
                let hole = holes.iter().find(|hole| text.contains(hole.as_str()));
                assert_eq!(hole, None, "{name}, {}: {text:?}", language.tag());
            }
        });
    }
}

/// What scenarios call their things, and what the model calls its own, is the same in every language.
#[test]
fn each_page_speaks_one_language() {
    let [english, chinese] = Language::ALL.map(Words::new);
    let is_chinese = |text: &str| text.chars().any(|c| ('\u{4e00}'..='\u{9fff}').contains(&c));
    // What the Chinese page must not contain: longer parts of sentences that it says in another way.
    let foreign: BTreeSet<&str> = english
        .keys()
        .filter(|key| is_chinese(chinese.text(key)))
        .flat_map(|key| pieces(english.text(key)))
        .filter_map(|piece| if let Piece::Text(text) = piece { Some(text.trim()) } else { None })
        .filter(|text| text.split(' ').count() > 2)
        .collect();
    assert!(foreign.len() > 100, "the catalogues are understood");
    states::all(Language::English, |name, state| {
        let page = ssr::page(state);
        let own_name: Vec<String> = page.all("[lang=zh-CN]").iter().map(|one| one.text()).collect();
        for text in said(&page) {
            assert!(!is_chinese(&text) || own_name.contains(&text), "{name}: {text:?}");
        }
    });
    states::all(Language::Chinese, |name, state| {
        let page = ssr::page(state);
        let in_english: Vec<&Element> = page.all("[lang=en]");
        for text in said(&page) {
            let is_marked = in_english.iter().any(|one| one.text() == text);
            let found = foreign.iter().find(|part| text.contains(**part));
            assert!(is_marked || found.is_none(), "{name}: {text:?} says {found:?}");
        }
    });
}

#[test]
fn a_field_that_makes_a_type_names_every_topic_that_takes_it() {
    let fields = [
        ("control.message_group_hint", MessageType::Fifo),
        ("control.delay_hint", MessageType::Delay),
        ("control.delay_level_hint", MessageType::Delay),
    ];
    for words in Language::ALL.map(Words::new) {
        for (key, makes) in fields {
            for takes in [TopicType::Of(makes), TopicType::Mixed] {
                assert!(words.text(key).contains(takes.name()), "{key} is silent about {}", takes.name());
            }
        }
    }
}

/// A value that is no amount says what it stands for.
#[test]
fn a_setting_says_what_its_nought_means() {
    let meant = [
        ("broker.sendTps", "0"),
        ("classic.persistOffsetIntervalMs", "0"),
        ("consumer.crashDetectionMs", "0"),
        ("pull.autoCommitIntervalMs", "0"),
        ("push.consumeTimeoutMs", "off"),
    ];
    for words in Language::ALL.map(Words::new) {
        for (name, value) in meant {
            let said = words.text(&format!("setting.{name}")).to_owned();
            assert!(
                [':', '：'].iter().any(|colon| said.contains(&format!("{value}{colon}"))),
                "{name}: {said}"
            );
        }
    }
}

#[test]
fn one_thing_is_never_said_as_many() {
    let words = Words::new(Language::English);
    // "1 queues" and whatever else the form for many would make of one thing.
    let wrong: BTreeSet<String> = words
        .keys()
        .filter(|key| words.forms(key)[0] != words.forms(key)[1])
        .map(|key| words.forms(key)[1])
        .filter(|form| form.contains("{n}") && form.matches('{').count() == 1)
        .map(|form| form.replace("{n}", "1"))
        .collect();
    assert!(wrong.len() > 10, "{wrong:?}");
    let (mut ones, mut many) = (0, 0);
    states::all(Language::English, |name, state| {
        for text in said(&ssr::page(state)) {
            for wrong in &wrong {
                let is_there = text.match_indices(wrong.as_str()).any(|(at, _)| {
                    let before = text[..at].chars().next_back();
                    // "1 waiting" is no "1 wait".
                    let goes_on = text[at + wrong.len()..].starts_with(|c: char| c.is_alphabetic());
                    !goes_on && !before.is_some_and(|c| c.is_ascii_digit() || c == '.' || c == ',')
                });
                assert!(!is_there, "{name}: {text:?} says {wrong:?}");
            }
            ones += usize::from(text.split(" · ").any(|part| part == "1 consumer"));
            many += usize::from(text.split(" · ").any(|part| part == "2 consumers"));
        }
    });
    assert!(ones > 0 && many > 0, "one consumer and several were spoken of: {ones}, {many}");
}

#[test]
fn every_bundled_scenario_is_told_in_both_languages() {
    for (id, _) in bundled() {
        let scenario = store::bundled(id).expect("it is bundled");
        let mut texts = vec![&scenario.title];
        texts.extend(&scenario.summary);
        texts.extend(scenario.captions.iter().map(|caption| &caption.text));
        texts.extend(scenario.markers.iter().map(|marker| &marker.label));
        for text in texts {
            assert!(!text.en.is_empty() && !text.zh_cn.is_empty(), "{id}: {text:?}");
        }
    }
}
