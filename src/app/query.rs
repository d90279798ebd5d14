//! What the address asks for: `?scenario=ID&seed=N&at=12.5s&speed=1/4&paused&lang=zh-CN&theme=dark&panels=stage`.
//! Anything that makes no sense is left out and said, never an error: links get cut and mistyped.

use super::preferences::ThemeChoice;
use super::speed::Speed;
use super::store::{Msg, State};
use super::words;
use crate::lesson::{Language, Words};
use crate::scenario::Link;
use crate::sim::{Instant, Span};

/// The address's wishes, each of them optional.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Query {
    /// Which bundled scenario.
    pub scenario: Option<String>,
    /// Another seed than the scenario's own.
    pub seed: Option<u64>,
    /// Run to this instant at once, and stand still there.
    pub at: Option<Instant>,
    /// How fast.
    pub speed: Option<Speed>,
    /// Do not start by itself.
    pub is_paused: bool,
    /// In which language.
    pub language: Option<Language>,
    /// In which colours.
    pub theme: Option<ThemeChoice>,
    /// The picture and its bar alone, to be put into another page.
    pub shows_stage_only: bool,
    /// What could not be understood: the catalogue's key of what to say, and what stood there.
    pub misread: Vec<(&'static str, String)>,
}

/// So many characters of what could not be understood are shown.
const SHOWN: usize = 40;

impl Query {
    /// Reads pairs that are decoded already.
    pub fn read(pairs: impl IntoIterator<Item = (String, String)>) -> Self {
        let mut query = Self::default();
        for (name, value) in pairs {
            match name.as_str() {
                "scenario" if super::store::bundled(&value).is_none() => {
                    query.misses("query.scenario", &value)
                }
                "scenario" => query.scenario = Some(value),
                "seed" => query.seed = value.parse().ok().or_else(|| query.misses("query.seed", &value)),
                "at" => query.at = instant(&value).or_else(|| query.misses("query.at", &value)),
                "speed" => query.speed = Speed::parse(&value).or_else(|| query.misses("query.speed", &value)),
                "paused" => query.is_paused = value != "0" && value != "false",
                "lang" => {
                    let known = Language::ALL.into_iter().find(|language| language.tag() == value);
                    query.language = known.or_else(|| query.misses("query.lang", &value));
                }
                "theme" => {
                    query.theme =
                        ThemeChoice::of_name(&value).or_else(|| query.misses("query.theme", &value));
                }
                "panels" if value == "stage" => query.shows_stage_only = true,
                "panels" => query.misses("query.panels", &value),
                _ => {}
            }
        }
        query
    }

    /// Brings the run that the address leads to where the address says. An experiment in the fragment is what a link is
    /// about: it is opened, and if it says where its run stood, that is where it goes.
    pub fn begin(&self, state: &mut State, fragment: String) {
        let experiment = Link::read(&fragment).and_then(Result::ok);
        let stands_somewhere = experiment.is_some_and(|link| link.scenario.recorded.is_some());
        state.update(Msg::OpenLink(fragment));
        if let Some(says) = self.notice(&state.words) {
            state.notice.get_or_insert(says);
        }
        match self.at {
            _ if stands_somewhere => state.hurry(),
            Some(at) => {
                let last = state.last();
                if at > last {
                    let time = words::short_clock(last);
                    state.notice = Some(state.words.fill("query.at_too_late", &[("time", &time)]));
                }
                state.jump(at.min(last));
            }
            None if self.is_paused && !state.is_playing() => {}
            None if self.is_paused => state.stand_still(),
            None if state.is_calm => {
                state.notice.get_or_insert_with(|| state.words.say("caption.calm"));
            }
            None => state.run_on(),
        }
    }

    fn misses<T: Default>(&mut self, key: &'static str, value: &str) -> T {
        let mut shown: String = value.chars().take(SHOWN).collect();
        if shown.len() < value.len() {
            shown.push('…');
        }
        self.misread.push((key, shown));
        T::default()
    }

    /// What was not understood, and what is used instead.
    pub fn notice(&self, words: &Words) -> Option<String> {
        let said = |(key, value): &(&'static str, String)| words.fill(key, &[("value", value)]);
        let all: Vec<String> = self.misread.iter().map(said).collect();
        (!all.is_empty()).then(|| all.join(" "))
    }
}

/// `12500ms` as in files, and `12.5s` or `12.5` for people.
fn instant(text: &str) -> Option<Instant> {
    if let Ok(span) = Span::parse(text) {
        return Some(Instant::ZERO + span);
    }
    let seconds: f64 = text.strip_suffix('s').unwrap_or(text).parse().ok()?;
    (seconds >= 0.0).then(|| Instant::from_us((seconds * 1e6).round() as u64))
}

#[cfg(test)]
mod tests {
    use std::rc::Rc;

    use super::*;
    use crate::app::store::bundled;
    use crate::app::{share, share::View};

    fn state() -> State {
        State::new(Rc::new(bundled("fifo").expect("it is bundled")), Language::English, ThemeChoice::System)
    }

    fn begun(pairs: &[(&str, &str)], fragment: &str) -> State {
        let mut state = state();
        read(pairs).begin(&mut state, fragment.to_owned());
        state
    }

    #[test]
    fn the_query_says_where_a_run_begins_beside_a_fragment_and_without_one() {
        let other = State::new(
            Rc::new(bundled("domain-model").expect("it is bundled")),
            Language::English,
            ThemeChoice::System,
        );
        let from_the_start = share::from_the_start(&other.session.borrow(), View::default());
        let cut_off = &from_the_start[..30];
        for fragment in ["", "#twin", &from_the_start, cut_off] {
            assert!(begun(&[], fragment).is_playing(), "{fragment}");
            let paused = begun(&[("paused", "")], fragment);
            assert!(!paused.is_playing() && paused.now() == Instant::ZERO, "{fragment}");
            let at = begun(&[("at", "5s")], fragment);
            assert_eq!((at.is_playing(), at.now()), (false, Instant::from_secs(5)), "{fragment}");
            let misread = begun(&[("at", "soon")], fragment).notice.expect("it is said");
            assert_eq!(misread.contains("soon"), fragment != cut_off, "{misread}");
        }
    }

    #[test]
    fn nobody_is_led_beyond_the_end_without_a_word() {
        let state = begun(&[("at", "1e30")], "#twin");
        assert!(state.notice.is_some_and(|says| says.contains("beyond")));
    }

    #[test]
    fn a_link_to_a_moment_leads_there_whatever_the_query_says() {
        let mut other = state();
        other.jump(Instant::from_secs(7));
        let there = share::to_this_moment(&other.session.borrow(), View::default());
        for pairs in [&[][..], &[("paused", "")], &[("at", "5s")]] {
            let state = begun(pairs, &there);
            assert_eq!((state.is_playing(), state.now()), (false, Instant::from_secs(7)), "{pairs:?}");
        }
    }

    #[test]
    fn whoever_wants_little_motion_starts_time_and_is_told_so() {
        for (pairs, is_said) in [(&[][..], true), (&[("paused", "")], false)] {
            let mut state = state();
            state.is_calm = true;
            read(pairs).begin(&mut state, String::new());
            assert_eq!((state.is_playing(), state.notice.is_some()), (false, is_said), "{pairs:?}");
        }
    }

    fn read(pairs: &[(&str, &str)]) -> Query {
        Query::read(pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())))
    }

    #[test]
    fn every_parameter_is_read() {
        let query = read(&[
            ("scenario", "domain-model"),
            ("seed", "18446744073709551615"),
            ("at", "12.5s"),
            ("speed", "1/4"),
            ("paused", ""),
            ("lang", "zh-CN"),
            ("theme", "dark"),
            ("panels", "stage"),
        ]);
        let expected = Query {
            scenario: Some("domain-model".to_owned()),
            seed: Some(u64::MAX),
            at: Some(Instant(12_500_000)),
            speed: Some(Speed::from_log2(-2.0)),
            is_paused: true,
            language: Some(Language::Chinese),
            theme: Some(ThemeChoice::Dark),
            shows_stage_only: true,
            misread: Vec::new(),
        };
        assert_eq!(query, expected);
    }

    #[test]
    fn instants_are_written_as_in_files_or_as_seconds() {
        for (text, us) in [("800us", 800), ("60s", 60_000_000), ("2m", 120_000_000), ("0.25", 250_000)] {
            assert_eq!(read(&[("at", text)]).at, Some(Instant(us)), "{text}");
        }
        assert_eq!(read(&[("at", "1e30")]).at, Some(Instant::MAX));
    }

    #[test]
    fn nonsense_is_left_out() {
        let nonsense = [
            ("scenario", "nope"),
            ("seed", "4000000000000000000000000000000000000000"),
            ("seed", "-1"),
            ("at", "soon"),
            ("at", "-1"),
            ("at", "nan"),
            ("speed", "fast"),
            ("lang", "tlh"),
            ("theme", "<b>"),
            ("panels", "all"),
            ("paused", "0"),
            ("what", "ever"),
        ];
        for pair in nonsense {
            let query = read(&[pair]);
            assert_eq!(Query { misread: Vec::new(), ..query.clone() }, Query::default(), "{pair:?}");
            let is_said = !matches!(pair.0, "paused" | "what");
            for language in Language::ALL {
                let notice = query.notice(&Words::new(language));
                assert_eq!(notice.is_some(), is_said, "{pair:?}");
                let value: String = pair.1.chars().take(SHOWN).collect();
                assert!(notice.is_none_or(|notice| notice.contains(&value)), "{pair:?}");
            }
        }
    }
}
