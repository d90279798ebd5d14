//! What the address asks for: `?scenario=ID&seed=N&at=12.5s&speed=1/4&paused&lang=zh-CN&theme=dark&panels=stage`.
//! Anything that makes no sense is left out and said, never an error: links get cut and mistyped.

use super::preferences::ThemeChoice;
use super::speed::Speed;
use crate::lesson::{Language, Words};
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
    use super::*;

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
