//! Is every value of the file what its table says? All problems are collected; nothing is read yet.

use serde_json::{Map, Value};

use super::form::{self, Choice, Flaw, Kind, Need, Shape};
use super::problem::{Path, Problems, nearest, quoted};
use super::sentence::{all_of, sentence};
use super::settings::{SETTINGS, Setting};
use super::{limits, profiles, shapes};

/// The languages that a text can be in.
pub(super) const LANGUAGES: [&str; 2] = ["en", "zh-CN"];

/// Looks at a value, and at all it holds.
pub(super) fn check<'v>(kind: &Kind, value: &'v Value, path: &mut Path<'v>, problems: &mut Problems) {
    match (kind, value) {
        (Kind::Object(shape), Value::Object(map)) => object(shape, map, path, problems),
        (Kind::Choice(choice), Value::Object(map)) => one_of(choice, map, path, problems),
        (Kind::List { of, least, most }, Value::Array(items)) => {
            let count = items.len() as u64;
            if count < *least || count > *most {
                let what = sentence!("{count} items stand here", count = count);
                let instead = if count < *least {
                    sentence!("write at least {least}", least = *least)
                } else {
                    sentence!("write at most {most}", most = *most)
                };
                report(Flaw { what, instead }, path, problems);
            }
            for (index, item) in items.iter().enumerate() {
                path.item(index, |path| check(of, item, path, problems));
            }
        }
        (Kind::Local(_), Value::Object(map)) => local(kind, map, path, problems),
        (Kind::Texts, Value::Object(map)) => texts(map, path, problems),
        (Kind::Settings, Value::Object(map)) => settings(map, path, problems),
        (Kind::Either(plain @ Kind::Either(_, Kind::List { .. }), _), Value::Array(_)) => {
            check(plain, value, path, problems);
        }
        (Kind::Either(_, full @ (Kind::Object(_) | Kind::Choice(_))), Value::Object(_))
        | (Kind::Either(_, full @ Kind::List { .. }), Value::Array(_)) => check(full, value, path, problems),
        _ => {
            if let Err(flaw) = plain(kind, value) {
                report(flaw, path, problems);
            }
        }
    }
}

/// Looks at a value that holds no others.
fn plain(kind: &Kind, value: &Value) -> Result<(), Flaw> {
    match kind {
        Kind::Format => match value {
            Value::String(format) if format == super::FORMAT => Ok(()),
            _ => Err(kind.not(value)),
        },
        Kind::Text(_) => form::text(kind, value).map(drop),
        Kind::Whole { .. } => form::whole(kind, value).map(drop),
        Kind::Seed => form::seed(value).map(drop),
        Kind::Rate => form::rate(value).map(drop),
        Kind::Span => form::span(value).map(drop),
        Kind::Ratio => form::ratio(value).map(drop),
        Kind::Word(_) => form::known_word(kind, value).map(drop),
        Kind::Truth => form::truth(value).map(drop),
        Kind::Either(simple, full) => {
            let alternative = match full {
                // A number says which of two plain things it was meant to be.
                Kind::Whole { .. } if value.is_number() => full,
                // What is not the word that it may be is meant to be one of the others.
                Kind::Either(..) if plain(simple, value).is_err() => full,
                _ => simple,
            };
            plain(alternative, value).map_err(|flaw| Flaw { what: flaw.what, instead: kind.instead() })
        }
        Kind::Local(_)
        | Kind::Texts
        | Kind::Settings
        | Kind::Object(_)
        | Kind::List { .. }
        | Kind::Choice(_) => Err(kind.not(value)),
    }
}

fn report(flaw: Flaw, path: &Path<'_>, problems: &mut Problems) {
    problems.push(path.to_string(), flaw.what, flaw.instead);
}

fn object<'v>(
    shape: &'static Shape,
    map: &'v Map<String, Value>,
    path: &mut Path<'v>,
    problems: &mut Problems,
) {
    for (key, value) in map {
        path.key(key, |path| match shape.field(key) {
            Some(field) => check(&field.kind, value, path, problems),
            None => {
                unknown_key(key, Unknown::Key, shape.fields.iter().map(|field| field.key), path, problems)
            }
        });
    }
    let missing =
        shape.fields.iter().filter(|field| field.need == Need::Required && !map.contains_key(field.key));
    for field in missing {
        let instead = field.kind.instead();
        path.key(field.key, |path| {
            report(Flaw { what: sentence!("this key is missing"), instead }, path, problems)
        });
    }
}

fn one_of<'v>(
    choice: &'static Choice,
    map: &'v Map<String, Value>,
    path: &mut Path<'v>,
    problems: &mut Problems,
) {
    if map.len() != 1 {
        let what = sentence!("{count} keys stand here", count = map.len());
        let instead = Kind::Choice(choice).instead();
        report(Flaw { what, instead }, path, problems);
    }
    for (key, value) in map {
        path.key(key, |path| match choice.variant(key) {
            Some(variant) => check(&variant.kind, value, path, problems),
            None => unknown_key(
                key,
                Unknown::Key,
                choice.variants.iter().map(|variant| variant.key),
                path,
                problems,
            ),
        });
    }
}

/// What can be unknown.
#[derive(Clone, Copy)]
enum Unknown {
    Key,
    Language,
    Setting,
}

fn unknown_key<'k>(
    key: &str,
    what: Unknown,
    known: impl Iterator<Item = &'k str> + Clone,
    path: &Path<'_>,
    problems: &mut Problems,
) {
    let near = if problems.are_many() { None } else { nearest(key, known.clone()) };
    let instead = match (near, what) {
        (Some(near), _) => sentence!("the nearest is {near}", near = quoted(near)),
        (None, Unknown::Key) if known.clone().next().is_none() => sentence!("no key belongs here"),
        (None, Unknown::Key) => sentence!("the keys here are {keys}", keys = all_of(known)),
        (None, Unknown::Language) => sentence!("the languages here are {keys}", keys = all_of(known)),
        (None, Unknown::Setting) => sentence!("the settings here are {keys}", keys = all_of(known)),
    };
    let what = match what {
        Unknown::Key => sentence!("there is no such key"),
        Unknown::Language => sentence!("there is no such language"),
        Unknown::Setting => sentence!("there is no such setting"),
    };
    report(Flaw { what, instead }, path, problems);
}

fn local<'v>(kind: &Kind, map: &'v Map<String, Value>, path: &mut Path<'v>, problems: &mut Problems) {
    if map.is_empty() {
        report(kind.not(&Value::Object(map.clone())), path, problems);
    }
    for (language, text) in map {
        path.key(language, |path| {
            if LANGUAGES.contains(&language.as_str()) {
                if let Err(flaw) = form::text(kind, text) {
                    report(flaw, path, problems);
                }
            } else {
                unknown_key(language, Unknown::Language, LANGUAGES.into_iter(), path, problems);
            }
        });
    }
}

fn texts<'v>(map: &'v Map<String, Value>, path: &mut Path<'v>, problems: &mut Problems) {
    if map.len() as u64 > limits::PROPERTIES {
        let what = sentence!("{count} properties stand here", count = map.len());
        let instead = sentence!("write at most {most}", most = limits::PROPERTIES);
        report(Flaw { what, instead }, path, problems);
    }
    let word = Kind::Text(&shapes::WORD);
    for (name, text) in map {
        path.key(name, |path| {
            let name = Value::String(name.clone());
            for flaw in [form::text(&word, &name).err(), form::text(&word, text).err()].into_iter().flatten()
            {
                report(flaw, path, problems);
            }
        });
    }
}

fn settings<'v>(map: &'v Map<String, Value>, path: &mut Path<'v>, problems: &mut Problems) {
    for (name, value) in map {
        path.key(name, |path| match Setting::find(name) {
            Some(setting) => check(&setting.kind, value, path, problems),
            None if let Some(row) = profiles::find(name) => {
                let flaw = match row.key {
                    Some(key) => Flaw {
                        what: sentence!("this is not a setting of the whole file"),
                        instead: sentence!("write it as {key}", key = key),
                    },
                    None if row.is_left_out => Flaw {
                        what: sentence!("this setting has no place in this model"),
                        instead: sentence!("leave it out; nothing would obey it"),
                    },
                    None => Flaw {
                        what: sentence!("this setting always has its default"),
                        instead: sentence!("leave it out; nothing would obey it"),
                    },
                };
                report(flaw, path, problems);
            }
            None => unknown_key(
                name,
                Unknown::Setting,
                SETTINGS.iter().map(|setting| setting.name),
                path,
                problems,
            ),
        });
    }
}

/// What the author of a file in another version of the format is told; nothing else in it means anything to us.
pub(super) fn other_version(value: &Value) -> Option<Flaw> {
    let format = value.get("format")?.as_str()?;
    let version = format.strip_prefix("mqscope.scenario/")?;
    let is_version = !version.is_empty() && version.bytes().all(|byte| byte.is_ascii_digit());
    (is_version && format != super::FORMAT).then(|| Flaw {
        what: sentence!("{format} is a version that this program does not know", format = quoted(format)),
        instead: sentence!(
            "open the file with a newer MQScope, or write it as {format}",
            format = quoted(super::FORMAT)
        ),
    })
}
