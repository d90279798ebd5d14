//! What those rely on who do not see the page or do not point: names, labels, ids that lead somewhere. Contrast, focus and
//! the rest of the rules are checked in a real browser.

use std::collections::BTreeMap;

use mqscope::app::ssr::{self, Element};
use mqscope::app::{Dialog, Msg, State};
use mqscope::lesson::Language;
use mqscope::sim::Instant;

use crate::states;

/// Looks at every state of the page in both languages; blames by name.
fn everywhere(look: impl Fn(&str, &Element)) {
    for language in Language::ALL {
        states::all(language, |name, state| {
            look(&format!("{name}, {}", language.tag()), &ssr::page(state));
        });
    }
}

/// What an element is called by: its label, or what is written in it and not hidden.
fn name(page: &Element, element: &Element) -> String {
    if let Some(label) = element.attribute("aria-label") {
        return label.trim().to_owned();
    }
    if let Some(ids) = element.attribute("aria-labelledby") {
        return ids.split(' ').map(|id| page.one(&format!("#{id}")).text()).collect();
    }
    let hidden: usize = element.all("[aria-hidden=true]").iter().map(|one| one.text().len()).sum();
    if element.text().len() > hidden { element.text().trim().to_owned() } else { String::new() }
}

#[test]
fn every_id_is_unique_and_every_reference_leads_somewhere() {
    everywhere(|state, page| {
        let mut ids: BTreeMap<&str, usize> = BTreeMap::new();
        let everything = page.everything();
        for id in everything.iter().filter_map(|one| one.attribute("id")) {
            *ids.entry(id).or_default() += 1;
        }
        let twice: Vec<_> = ids.iter().filter(|(_, count)| **count > 1).collect();
        assert!(twice.is_empty(), "{state}: {twice:?}");
        for element in everything {
            for name in ["for", "list", "aria-labelledby", "aria-describedby", "aria-controls"] {
                for id in element.attribute(name).unwrap_or_default().split_whitespace() {
                    assert!(ids.contains_key(id), "{state}: {name} of <{}> names {id}", element.tag);
                }
            }
            if let Some(id) = element.attribute("href").and_then(|href| href.strip_prefix('#')) {
                assert!(ids.contains_key(id), "{state}: a link leads to {id}");
            }
        }
    });
}

#[test]
fn every_field_has_a_label() {
    everywhere(|state, page| {
        let labels = page.all("label");
        for control in page.everything() {
            if !matches!(control.tag.as_str(), "input" | "select" | "textarea") {
                continue;
            }
            let is_for = |label: &&&Element| {
                let of = label.attribute("for");
                of.is_some() && of == control.attribute("id") || label.everything().contains(&control)
            };
            let by_label: Vec<String> = labels.iter().filter(is_for).map(|label| label.text()).collect();
            let by_name = control.attribute("aria-label").map(str::to_owned);
            let named: Vec<String> = by_label.into_iter().chain(by_name).collect();
            assert!(
                named.len() == 1 && !named[0].trim().is_empty(),
                "{state}: {control:?} is called {named:?}"
            );
        }
    });
}

#[test]
fn everything_that_can_be_reached_says_what_it_is() {
    everywhere(|state, page| {
        let everything = page.everything();
        for element in &everything {
            let is_pressed = matches!(element.tag.as_str(), "button" | "a" | "summary");
            let is_region = element.attribute("tabindex") == Some("0");
            if is_pressed || is_region {
                assert!(!name(page, element).is_empty(), "{state}: {element:?}");
            }
            if is_pressed {
                let inside = element.everything();
                let other =
                    inside.iter().find(|one| matches!(one.tag.as_str(), "button" | "a" | "input" | "select"));
                assert_eq!(other, None, "{state}: one inside the other");
            }
            if element.attribute("aria-hidden") == Some("true") {
                let inside = element.everything();
                let reached =
                    inside.iter().find(|one| one.tag == "button" || one.attribute("tabindex") == Some("0"));
                assert_eq!(reached, None, "{state}: hidden, but the keyboard goes there");
            }
        }
        for part in
            everything.iter().filter(|one| matches!(one.tag.as_str(), "section" | "aside" | "nav" | "dialog"))
        {
            let is_named = part.attribute("aria-label").or(part.attribute("aria-labelledby")).is_some();
            assert!(
                is_named && !name(page, part).is_empty(),
                "{state}: <{}> {:?}",
                part.tag,
                part.attributes
            );
        }
        assert_eq!(page.all("h1").len(), 1, "{state}");
    });
}

#[test]
fn every_table_says_what_its_rows_and_columns_are() {
    let width = |row: &Element| -> usize {
        let span = |cell: &Element| cell.attribute("colspan").map_or(1, |span| span.parse().unwrap_or(0));
        row.children().map(span).sum()
    };
    everywhere(|state, page| {
        for table in page.all("table") {
            for head in table.all("th") {
                let scope = head.attribute("scope");
                assert!(matches!(scope, Some("col" | "row" | "colgroup")), "{state}: {:?}", head.text());
            }
            // Columns that reach into the second row of heads are counted in the first.
            let columns = width(table.all("thead tr")[0]);
            for row in table.all("tbody tr") {
                assert_eq!(width(row), columns, "{state}: {}", row.text());
                assert!(!row.all("th").is_empty(), "{state}: a row says what it is");
            }
        }
    });
}

/// Picture and charts have colours that no style sheet reaches: they follow the visitor's system all the same.
#[test]
fn whoever_asks_for_more_contrast_has_it_in_the_picture_too() {
    let mut state = states::at("fifo", Instant::from_secs(5), Language::English);
    assert_eq!(state.look().theme.name, "light");
    state.wants_contrast = true;
    assert_eq!(state.look().theme.name, "projector");
    state.colours_are_forced = true;
    assert_eq!(state.look().theme.name, "projector");
    state.system_is_dark = true;
    assert_eq!(state.look().theme.name, "contrast", "forced colours are stronger than the page's own choice");
}

/// What a screen reader says aloud by itself, word for word. The voice itself is left out: here it is rendered anew, in a
/// browser only when it has something to say.
fn said(state: &State) -> Vec<String> {
    let is_voice = |element: &Element| element.attribute("id").is_some_and(|id| id.starts_with("said"));
    let is_live = |element: &&Element| match element.attribute("aria-live") {
        _ if is_voice(element) => false,
        Some(live) => live != "off",
        None => {
            let role = element.attribute("role");
            element.tag == "output" || role.is_some_and(|role| ["status", "alert", "log"].contains(&role))
        }
    };
    ssr::page(state).everything().into_iter().filter(is_live).map(Element::text).collect()
}

/// While time runs by itself the page changes many times in a second, and is silent.
#[test]
fn nothing_that_time_changes_is_said_aloud() {
    for (id, at) in states::everywhere() {
        for dialog in [None, Some(Dialog::Promises), Some(Dialog::Metrics)] {
            let mut state = states::at(&id, at, Language::English);
            if let Some(dialog) = dialog {
                state.update(Msg::Open(dialog));
            }
            state.update(Msg::TogglePlay);
            let (before, was, spoken) = (said(&state), state.now(), state.spoken);
            for _ in 0..20 {
                state.pass(16.0);
            }
            assert!(!state.is_playing() || state.now() > was, "{id}: time runs");
            assert_eq!(
                state.spoken - spoken,
                u64::from(!state.is_playing()),
                "{id} at {at}: only its end is said"
            );
            assert_eq!(said(&state), before, "{id} at {at}, {dialog:?}");
        }
    }
}

/// In a frame of somebody else's page that is an error in the console.
#[test]
fn nothing_asks_for_the_keyboard_by_itself() {
    everywhere(|state, page| {
        let asks: Vec<&Element> =
            page.everything().into_iter().filter(|one| one.attribute("autofocus").is_some()).collect();
        assert!(asks.is_empty(), "{state}: {asks:?}");
    });
}
