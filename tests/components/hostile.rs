//! A scenario file can come from anybody. Whatever stands in it comes out as the text it is.

use std::collections::BTreeSet;

use mqscope::app::ssr::{self, Element};
use mqscope::app::{Dialog, Msg, State};
use mqscope::lesson::Language;
use mqscope::scenario::Scenario;
use mqscope::sim::Instant;
use serde_json::json;

use crate::states;

/// Everything that people can name: a producer, a consumer, a tag, a key, a property and its text, a body, and words
/// about the run.
struct Names {
    producer: &'static str,
    consumer: &'static str,
    tag: &'static str,
    key: &'static str,
    property: &'static str,
    value: &'static str,
    body: &'static str,
    words: &'static str,
}

const TAME: Names = Names {
    producer: "shop",
    consumer: "C1",
    tag: "created",
    key: "order",
    property: "region",
    value: "north",
    body: "text",
    words: "An ordinary sentence.",
};

const HOSTILE: Names = Names {
    producer: "<script>alert(1)",
    consumer: "\"><img src=x onerror=alert(1)>",
    tag: "<img src=x onerror='alert(1)'>",
    key: "\" onmouseover=\"alert(1)",
    property: "' onfocus='alert(1)",
    value: "<svg onload=alert(1)>",
    body: "</pre></dd><script>alert(1)</script>&lt;b&gt;&amp;",
    words: "</h1><script>alert(1)</script><a href=\"javascript:alert(1)\">&#x3c;",
};

fn scenario(names: &Names) -> Scenario {
    let text = json!({ "en": names.words, "zh-CN": names.words });
    let file = json!({
        "format": "mqscope.scenario/1", "id": "names", "title": text, "summary": text, "seed": "1", "until": "20s",
        "settings": { "group.retryMaxTimes": 1, "group.retryLadder": ["1s"] },
        "topics": [{ "name": "orders", "type": "NORMAL", "write_queues": 2, "read_queues": 2 }],
        "producers": [{
            "name": names.producer, "topic": "orders", "pattern": { "constant": { "per_second": 3 } },
            "message": {
                "tags": [names.tag], "key": names.key, "body": names.body,
                "properties": { names.property: names.value },
            },
        }],
        "groups": [{
            "name": "billing", "mode": "clustering", "balance": "queue", "strategy": "AVG",
            "subscribe": [{ "topic": "orders", "filter": "*" }],
            "consumers": [{
                "name": names.consumer, "threads": 1, "processing": { "constant": "500ms" },
                "failure": { "poison_tag": names.tag },
            }],
        }],
        "actions": [{ "at": "9s", "do": { "crash": { "consumer": format!("billing/{}", names.consumer) } } }],
        "markers": [{ "at": "5s", "label": text }],
        "captions": [{ "at": "1s", "text": text }],
    });
    Scenario::parse(&file.to_string()).unwrap_or_else(|problems| panic!("{problems}"))
}

/// The page with each thing selected, before and after the crash, and with the picker open.
fn pages(names: &Names) -> Vec<(State, Element)> {
    let mut pages = Vec::new();
    for language in Language::ALL {
        for at in [Instant::from_ms(8_250), Instant::from_ms(9_400)] {
            let start = || states::play(scenario(names), at, language);
            let subjects = states::subjects(start().session.borrow().world());
            for subject in subjects.into_iter().map(Some).chain([None]) {
                let mut state = start();
                state.update(Msg::Select(subject));
                state.update(Msg::Step);
                let page = ssr::page(&state);
                pages.push((state, page));
            }
            let mut state = start();
            state.update(Msg::Open(Dialog::Picker));
            let page = ssr::page(&state);
            pages.push((state, page));
        }
    }
    pages
}

/// Every kind of element with the names of its attributes.
fn markup<'a>(pages: impl IntoIterator<Item = &'a Element>) -> BTreeSet<String> {
    let pages = pages.into_iter();
    let parts = pages.flat_map(Element::everything).flat_map(|element| {
        let attributes = element.attributes.iter().map(|(name, _)| format!("{} {name}", element.tag));
        attributes.chain([element.tag.clone()]).collect::<Vec<_>>()
    });
    parts.collect()
}

#[test]
fn no_name_brings_an_element_or_an_attribute() {
    let (tame, hostile) = (pages(&TAME), pages(&HOSTILE));
    assert_eq!(markup(hostile.iter().map(|(_, page)| page)), markup(tame.iter().map(|(_, page)| page)));
    for (_, page) in &hostile {
        for link in page.everything().iter().filter_map(|one| one.attribute("href").or(one.attribute("src")))
        {
            assert!(link.starts_with('#'), "{link}");
        }
        assert!(page.all("script").is_empty() && page.all("img").is_empty());
    }
}

#[test]
fn every_name_is_read_as_it_was_written() {
    let pages = pages(&HOSTILE);
    let shown = |css: &str, name: &str| {
        pages.iter().any(|(_, page)| page.all(css).iter().any(|one| one.text().contains(name)))
    };
    let Names { producer, consumer, tag, key, property, value, body, words } = HOSTILE;
    for (css, name) in [
        (".inspector #inspector-title", producer),
        (".inspector #inspector-title", consumer),
        (".inspector #inspector-title", key),
        (".inspector dd code", tag),
        (".inspector dd code", key),
        (".inspector dt code", property),
        (".inspector dd code", value),
        (".inspector .body", body),
        (".log-row", producer),
        (".log-row", consumer),
        ("#twin th", consumer),
        (".header .title-text", words),
        (".caption", words),
        (".bar-picture text", words),
        ("#said", consumer),
    ] {
        assert!(shown(css, name), "{css} shows {name}");
    }
}

#[test]
fn a_bad_file_s_names_are_text_in_the_list_of_problems() {
    for language in Language::ALL {
        let mut state = states::at("demo", Instant::from_secs(1), language);
        let evil = "<img src=x onerror=alert(1)>";
        let file = json!({
            "format": "mqscope.scenario/1", "id": evil, "seed": evil, evil: evil,
            "topics": [{ "name": evil, evil: 1 }], "producers": [{ "name": "p", "topic": evil }],
        });
        state.update(Msg::LoadText(file.to_string()));
        let page = ssr::page(&state);
        assert!(page.all("img").is_empty());
        let rows = page.all("dialog .problem-row");
        let naming = rows.iter().filter(|row| row.text().contains(evil)).count();
        assert!(naming >= 4, "{naming} problems name it: {}", page.one("dialog").text());
    }
}
