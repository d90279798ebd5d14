//! An experiment in the fragment of a link: what was played, what was done and when, where the run stood, and how it
//! was looked at.
//!
//! ```text
//! mq1.eJyrVspIzcnJV7JSSk…    "mq", the version, a dot, then
//!      └ base64url of zlib (with its checksum) of JSON: a bundled scenario's id, or a whole file
//! ```

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use miniz_oxide::deflate::compress_to_vec_zlib;
use miniz_oxide::inflate::{TINFLStatus, decompress_to_vec_zlib_with_limit};
use serde_json::{Map, Value};

use super::form::{Flaw, Kind};
use super::problem::{nearest, quoted};
use super::sentence::{Sentence, sentence};
use super::{Problem, Problems, Scenario, bundled, check, limits, problem, recording, shapes};

/// The version that is written; every version up to it is read.
const VERSION: u32 = 1;

/// The best that deflate can do; an experiment is small.
const LEVEL: u8 = 9;

/// An experiment that is given to somebody else.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Link {
    /// What is played, with what a visitor did and where the run stood.
    pub scenario: Scenario,
    /// Is it as it comes with MQScope, but for seed, acts and where the run stood?
    pub is_bundled: bool,
    /// How it was looked at: names and values as in the query of the page's address.
    pub view: Vec<(String, String)>,
}

impl Link {
    /// A run to be given away. Says itself whether its scenario is a bundled one.
    pub fn new(scenario: Scenario, view: Vec<(String, String)>) -> Self {
        let plain = bundled_scenario(&scenario.id).map(|bundled| Scenario {
            seed: scenario.seed,
            acts: scenario.acts.clone(),
            recorded: scenario.recorded,
            branches: scenario.branches.clone(),
            ..bundled
        });
        Self { is_bundled: plain.is_some_and(|plain| plain == scenario), scenario, view }
    }

    /// The fragment, without its `#`.
    pub fn fragment(&self) -> String {
        let bytes = compress_to_vec_zlib(self.to_json().to_string().as_bytes(), LEVEL);
        format!("mq{VERSION}.{}", URL_SAFE_NO_PAD.encode(bytes))
    }

    fn to_json(&self) -> Value {
        let scenario = &self.scenario;
        let mut link = Map::new();
        if self.is_bundled {
            link.insert("bundled".into(), scenario.id.clone().into());
            if bundled_scenario(&scenario.id).is_some_and(|bundled| bundled.seed != scenario.seed) {
                link.insert("seed".into(), scenario.seed.to_string().into());
            }
            if !scenario.acts.is_empty() {
                link.insert("acts".into(), scenario.acts.iter().map(recording::write_act).collect());
            }
            if let Some(recorded) = &scenario.recorded {
                link.insert("recorded".into(), recording::write_recorded(recorded));
            }
            if !scenario.branches.is_empty() {
                let branches = scenario.branches.iter().map(recording::write_branch).collect();
                link.insert("branches".into(), branches);
            }
        } else {
            link.insert("file".into(), scenario.to_json());
        }
        if !self.view.is_empty() {
            let view: Map<String, Value> =
                self.view.iter().map(|(name, value)| (name.clone(), value.clone().into())).collect();
            link.insert("view".into(), view.into());
        }
        link.into()
    }

    /// Reads a fragment, with or without its `#`. A fragment that is no experiment, such as the name of a section, is
    /// `None`.
    ///
    /// # Errors
    /// It is an experiment of a later version, too long, damaged, or its content has problems.
    pub fn read(fragment: &str) -> Option<Result<Self, Problems>> {
        let (version, text) = fragment.trim_start_matches('#').strip_prefix("mq")?.split_once('.')?;
        let is_number = !version.is_empty() && version.bytes().all(|byte| byte.is_ascii_digit());
        is_number.then(|| read_version(version, text))
    }
}

fn read_version(version: &str, text: &str) -> Result<Link, Problems> {
    if version.parse() != Ok(VERSION) {
        let what = sentence!(
            "the link has version {version}, this MQScope reads version {known}",
            version = version.chars().take(10).collect::<String>(),
            known = u64::from(VERSION)
        );
        return Err(problem(what, sentence!("reload the page, or ask for the experiment as a file")));
    }
    if text.len() as u64 > limits::LINK_CHARS {
        let what = sentence!("{count} characters are too many for a link", count = text.len());
        return Err(problem(what, sentence!("ask for the experiment as a file")));
    }
    let damaged = || {
        problem(
            sentence!("it is damaged or cut off"),
            sentence!("copy it again from its beginning to its end"),
        )
    };
    // Some programs wrap long lines.
    let text: String = text.chars().filter(|c| !c.is_whitespace()).collect();
    let bytes = URL_SAFE_NO_PAD.decode(text).map_err(|_bad| damaged())?;
    let json = match decompress_to_vec_zlib_with_limit(&bytes, limits::FILE_BYTES as usize) {
        Ok(json) => json,
        Err(error) if error.status == TINFLStatus::HasMoreOutput => {
            let what = sentence!("it holds more than {most} bytes", most = limits::FILE_BYTES);
            return Err(problem(what, sentence!("ask for a smaller experiment")));
        }
        Err(_) => return Err(damaged()),
    };
    let value: Value = serde_json::from_slice(&json).map_err(|_bad| damaged())?;
    content(&value)
}

/// What a link of newer rules holds need not be understood; then that is all that is said.
fn content(value: &Value) -> Result<Link, Problems> {
    let newer = || recording::newer_rules(value).or_else(|| recording::newer_rules(value.get("file")?));
    understood(value).map_err(|problems| newer().map_or(problems, Into::into))
}

fn understood(value: &Value) -> Result<Link, Problems> {
    if let Some(Flaw { what, instead }) = value.get("file").and_then(check::other_version) {
        return Err(Problem { path: "file.format".into(), what, instead }.into());
    }
    let mut problems = Problems::default();
    check::check(&Kind::Object(&shapes::LINK), value, &mut problem::Path::default(), &mut problems);
    if !problems.is_empty() {
        return Err(problems);
    }
    let view = value["view"].as_object().into_iter().flatten();
    let view =
        view.map(|(name, value)| (name.clone(), value.as_str().unwrap_or_default().to_owned())).collect();
    if let Some(file) = value.get("file") {
        let scenario = Scenario::from_value(file)?;
        return Ok(Link { scenario, is_bundled: false, view });
    }
    let id = value["bundled"].as_str().unwrap_or_default();
    let Some((_, text)) = bundled().iter().find(|(known, _)| *known == id) else {
        let what = sentence!("there is no bundled scenario {name}", name = quoted(id));
        let known = bundled().iter().map(|(known, _)| *known);
        let instead = match nearest(id, known) {
            Some(near) => sentence!("the nearest is {near}", near = quoted(near)),
            None => sentence!("choose one in the menu, or ask for the experiment as a file"),
        };
        return Err(Problem { path: "bundled".into(), what, instead }.into());
    };
    let mut file: Value = serde_json::from_str(text).expect("the bundled scenarios are JSON");
    for key in ["seed", "acts", "recorded", "branches"] {
        if let Some(given) = value.get(key) {
            file[key] = given.clone();
        }
    }
    Ok(Link { scenario: Scenario::from_value(&file)?, is_bundled: true, view })
}

fn bundled_scenario(id: &str) -> Option<Scenario> {
    let (_, text) = bundled().iter().find(|(known, _)| *known == id)?;
    Scenario::parse(text).ok()
}

fn problem(what: Sentence, instead: Sentence) -> Problems {
    Problem { path: "link".into(), what, instead }.into()
}
