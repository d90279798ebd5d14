//! The list of promises and invariants, and the page without anything but the picture.

use mqscope::app::{Dialog, Msg, State, ssr};
use mqscope::broker::invariants;
use mqscope::lesson::Language;
use mqscope::scenario::Profile;
use mqscope::sim::Instant;

use crate::states;

fn listed(id: &str, seconds: u64, language: Language) -> (State, ssr::Element) {
    let mut state = states::at(id, Instant::from_secs(seconds), language);
    state.update(Msg::Open(Dialog::Promises));
    let page = ssr::page(&state);
    (state, page)
}

#[test]
fn promised_and_not_promised_are_different_columns() {
    for language in Language::ALL {
        let (state, page) = listed("pull-and-seek", 60, language);
        let words = &state.words;
        let head: Vec<String> = page.all(".promise-table thead th").iter().map(|cell| cell.text()).collect();
        let says = ["promises.what", "promises.promised", "promises.not_promised", "promises.so_far"];
        assert_eq!(head, says.map(|says| words.say(says)));
        for (promise, promised, verdict) in [
            ("at_least_once-early", false, "not kept"),
            ("at_least_once-late", true, "kept"),
            ("power", false, "nothing yet"),
        ] {
            let row = page.one(&format!("[data-promise={promise}]"));
            assert_eq!(row.attribute("data-promised"), Some(if promised { "true" } else { "false" }));
            assert_eq!(row.attribute("data-verdict"), Some(verdict), "{promise}");
            let cells = row.all("td");
            let (yes, no) = (cells[0].text(), cells[1].text());
            assert_eq!((yes == "–", no == "–"), (!promised, promised), "{promise}: {yes} {no}");
        }
        let power = page.one("[data-promise=power] .promise-buys").text();
        assert!(power.contains("flush.disk = SYNC"), "which setting would promise it: {power}");
        let kept = page.one("[data-promise=at_least_once-late]");
        assert!(kept.all(".promise-buys").is_empty(), "what is promised need not be bought");
        let broken = page.one("[data-promise=at_least_once-early] .promise-verdict");
        assert!(broken.text().contains("0:11.000"), "the instant: {}", broken.text());
        assert!(
            broken.text().contains(&words.count("promise.broken.at_least_once", 1, &[])),
            "{}",
            broken.text()
        );
        assert!(broken.text().contains("early/E1"), "what happened then: {}", broken.text());
        assert_eq!(page.all(".promises-open .promises-broken").len(), 1, "it is seen from outside");
    }
}

#[test]
fn classic_producers_have_one_time_for_all_their_tries() {
    for (profile, said) in
        [(Profile::Docs5, "after so many tries the"), (Profile::Classic4, "once 3 s have gone by")]
    {
        let (mut state, _) = listed("domain-model", 1, Language::English);
        state.update(Msg::SetProfile(profile));
        state.jump(Instant::from_secs(1));
        let page = ssr::page(&state).text();
        assert!(page.contains(said), "{profile:?}: {page}");
    }
}

#[test]
fn invariants_that_apply_are_listed_with_their_verdicts() {
    for language in Language::ALL {
        let (state, page) = listed("fifo", 30, language);
        let laws = page.all("[data-law]");
        assert!(laws.len() > 15 && laws.len() < invariants::ALL.len(), "{}", laws.len());
        let order = page.one("[data-law=I39]");
        assert!(order.text().contains(state.words.text("invariant.I39")));
        assert!(order.text().contains(state.words.text("promises.invariant_held")), "{}", order.text());
        assert!(page.all("[data-law=I63]").is_empty(), "there are no lite topics");
    }
}

#[test]
fn the_picture_and_its_bar_can_be_alone() {
    let mut state = states::at("fifo", Instant::from_secs(5), Language::English);
    state.shows_stage_only = true;
    let page = ssr::page(&state);
    assert_eq!((page.all("canvas").len(), page.all(".transport").len()), (1, 1));
    for css in ["header", "aside", ".plots", ".log", "#twin", ".caption", "#controls"] {
        assert!(page.all(css).is_empty(), "{css} is not there");
    }
    assert_eq!(
        page.one("main h1").text(),
        "In order: who waits for a failure · MQScope",
        "it says what is played"
    );
    state.notice = Some("What was wrong with the link.".to_owned());
    assert!(ssr::page(&state).one(".caption").text().contains("wrong"), "what went wrong is said");
}
