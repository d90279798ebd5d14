//! The card that stands where the picture was, when an invariant broke: a mistake of ours, told as one.

use yew::{AttrValue, Html, Properties, function_component, html};

use super::super::panel::PanelProps;
use super::super::store::{Dialog, Msg};
use super::super::words::clock;

/// Properties of the card.
#[derive(Clone, PartialEq, Properties)]
pub struct CrashProps {
    /// What every panel gets.
    pub panel: PanelProps,
    /// Where to see it again: an address that holds the scenario, its seed and what the visitor did, if they fit in.
    pub link: Option<AttrValue>,
}

/// What broke, and how to see it again.
#[function_component]
pub fn CrashCard(props: &CrashProps) -> Html {
    let PanelProps { session, words, dispatch, .. } = &props.panel;
    let session = session.borrow();
    let Some(broken) = session.broken() else { return html! {} };
    let send = |msg: Msg| dispatch.reform(move |_| msg.clone());
    let rows = [
        ("page.crash_what", broken.violation.to_string()),
        ("page.crash_when", format!("{} (#{})", clock(broken.at).0, broken.seq)),
        ("page.scenario", session.scenario().id.clone()),
        ("page.seed", session.scenario().seed.to_string()),
        ("page.crash_acts", session.acts().len().to_string()),
    ];
    html! {
        <section class="card crash" role="alert" aria-labelledby="crash-title">
            <h2 id="crash-title">{ words.say("page.crash_title") }</h2>
            <p>{ words.say("page.crash_about") }</p>
            <dl>{ for rows.map(|(says, value)| html! { <div><dt>{ words.say(says) }</dt><dd>{ value }</dd></div> }) }</dl>
            <div class="caption-buttons">
                <button class="plain" onclick={send(Msg::Reset)}>{ words.say("transport.reset") }</button>
                <button class="plain" onclick={send(Msg::Open(Dialog::Picker))}>{ words.say("scenario.choose") }</button>
                if let Some(link) = &props.link {
                    <a class="plain" href={link}>{ words.say("page.crash_link") }</a>
                }
            </div>
        </section>
    }
}

#[cfg(all(test, feature = "ssr"))]
mod tests {
    use std::rc::Rc;

    use super::*;
    use crate::app::preferences::ThemeChoice;
    use crate::app::ssr::{Element, page};
    use crate::app::{State, Then, store};
    use crate::broker::{Command, ConsumerChange};
    use crate::lesson::Language;
    use crate::scenario::bundled;
    use crate::sim::Instant;

    const AT: Instant = Instant(12_345_678);

    fn state(language: Language) -> State {
        let scenario = store::bundled("domain-model").expect("it is bundled");
        let mut state = State::new(Rc::new(scenario), language, ThemeChoice::Light);
        state.update(Msg::SetSeed(u64::MAX));
        state.jump(AT);
        state
    }

    /// Time runs, and what the next frame brings breaks an invariant.
    fn break_it(state: &mut State) {
        state.update(Msg::TogglePlay);
        state.session.borrow_mut().go_back_in_time();
        assert_eq!(state.pass(16.0), Then::Render, "it is shown at once");
    }

    fn fact<'a>(card: &'a Element, name: &str) -> &'a Element {
        let row = card.all("dl div").into_iter().find(|row| row.one("dt").text() == name);
        row.unwrap_or_else(|| panic!("the card says {name}")).one("dd")
    }

    #[test]
    fn it_says_what_broke_and_where_to_see_it_again() {
        for language in Language::ALL {
            let mut state = state(language);
            let crash = Command::Consumer { consumer: "billing/C1".into(), change: ConsumerChange::Crash };
            state.update(Msg::Command(Box::new(crash)));
            break_it(&mut state);
            let page = page(&state);
            let words = &state.words;
            let card = page.one(".crash");
            assert_eq!(card.attribute("role"), Some("alert"), "it is said aloud");
            assert_eq!(card.one("h2").text(), words.text("page.crash_title"));
            let session = state.session.borrow();
            let broken = session.broken().expect("it is broken");
            let what = fact(card, words.text("page.crash_what")).text();
            assert!(what.contains(broken.violation.id) && what.contains(broken.violation.sentence), "{what}");
            assert!(what.contains(&broken.violation.found), "{what}");
            let seq = format!("#{}", broken.seq);
            assert!(fact(card, words.text("page.crash_when")).text().contains(&seq), "after which entry");
            assert_eq!(fact(card, words.text("page.scenario")).text(), "domain-model");
            assert_eq!(fact(card, words.text("page.seed")).text(), u64::MAX.to_string());

            // Scenario, seed and what the visitor did: all that made it happen.
            let link = card.one("a").attribute("href").expect("a link leads to the run");
            let (query, fragment) = link.split_once('#').expect("the experiment is in the fragment");
            assert!(query.starts_with("?again="), "the page is loaded once more: {link}");
            let mut again = self::state(language);
            assert_eq!(again.update(Msg::OpenLink(fragment.to_owned())), Then::Render);
            let there = again.session.borrow();
            assert_eq!((there.scenario().seed, there.now()), (u64::MAX, session.now()));
            assert_eq!(there.fingerprint(), session.fingerprint(), "the same run, to the same entry");
            assert_eq!((there.acts(), there.acts().len()), (session.acts(), 1));
            assert_eq!(again.notice, None);
        }
    }

    #[test]
    fn nothing_wrong_is_shown_and_time_stands_still() {
        let mut state = state(Language::English);
        assert!(page(&state).all(".crash").is_empty(), "all is well");
        break_it(&mut state);
        assert!(
            page(&state).one(".stage-column").attribute("hidden").is_some(),
            "no picture beside the card"
        );
        let before = (state.now(), state.session.borrow().fingerprint());
        for msg in [Msg::TogglePlay, Msg::Step, Msg::GoOn] {
            state.update(msg.clone());
            state.pass(1_000.0);
            let after = (state.now(), state.session.borrow().fingerprint());
            assert_eq!((after, state.is_playing()), (before, false), "{msg:?}");
        }
        assert_eq!(page(&state).all(".crash").len(), 1);
    }

    #[test]
    fn the_page_goes_on_with_another_run() {
        for msg in [Msg::Reset, Msg::SetSeed(1), Msg::Load("demo".to_owned())] {
            let mut state = state(Language::English);
            break_it(&mut state);
            state.update(msg.clone());
            let page = page(&state);
            assert!(page.all(".crash").is_empty(), "{msg:?}");
            assert!(page.one(".stage-column").attribute("hidden").is_none(), "{msg:?}");
            state.run_on();
            for _ in 0..60 {
                state.pass(16.0);
            }
            assert!(state.now() > Instant::from_ms(900), "{msg:?}: time runs");
        }
    }

    #[test]
    fn a_file_of_the_visitor_s_is_in_the_link() {
        let mut state = state(Language::English);
        let (_, text) = bundled()[0];
        state.update(Msg::LoadText(text.replacen("\"id\": \"", "\"id\": \"my-", 1)));
        state.jump(AT);
        break_it(&mut state);
        let page = page(&state);
        let card = page.one(".crash");
        assert!(fact(card, "Scenario").text().starts_with("my-"), "{}", card.text());
        let link = card.one("a").attribute("href").and_then(|link| link.split_once('#'));
        let mut again = self::state(Language::English);
        again.update(Msg::OpenLink(link.expect("it is in the fragment").1.to_owned()));
        assert_eq!(again.session.borrow().scenario(), state.session.borrow().scenario());
    }
}
