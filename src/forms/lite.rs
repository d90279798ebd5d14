//! Lite topics that people type: names with commas between them, and series such as `session-{0-99}`.

use super::{Checks, Wrong, Wrongs};
use crate::broker::command::LiteChange;
use crate::broker::lite::is_legal;
use crate::broker::spec::{LiteNames, Names, Position};
use crate::broker::{Command, ConsumerChange, ConsumerId, World};
use crate::scenario::limits;

/// Some names.
pub(super) fn names(text: &str) -> Result<Vec<Names>, Wrong> {
    let parts = text.split([',', '，', '、']).map(str::trim).filter(|name| !name.is_empty());
    let read = |part: &str| {
        let names =
            Names::read(part).map_err(|_wrong| Wrong::new("control.wrong_lite_series").with("name", part))?;
        if is_legal(&names.longest()) {
            Ok(names)
        } else {
            Err(Wrong::new("control.wrong_lite_name").with("name", part))
        }
    };
    let all = parts.map(read).collect::<Result<Vec<Names>, Wrong>>()?;
    if all.is_empty() {
        return Err(Wrong::new("control.wrong_lite_none"));
    }
    if all.len() as u64 > limits::LITE_NAMES {
        return Err(Wrong::new("control.wrong_too_many").with("most", limits::LITE_NAMES));
    }
    Ok(all)
}

/// What a new consumer is to subscribe to: some names, or nothing.
pub(super) fn wishes(text: &str) -> Result<Vec<Names>, Wrong> {
    if text.trim().is_empty() { Ok(Vec::new()) } else { names(text) }
}

/// Names as one would type them.
pub(super) fn written(all: &[Names]) -> String {
    all.iter().map(Names::to_string).collect::<Vec<_>>().join(", ")
}

/// The lite topics of a producer's messages: one text with places to fill, or names in turn.
pub(super) fn of_messages(text: &str) -> Result<LiteNames, Wrong> {
    let has_holes = ["{n}", "{key}", "{tag}"].iter().any(|hole| text.contains(hole));
    if has_holes && !text.contains('$') {
        return Ok(LiteNames::Text(text.trim().to_owned()));
    }
    names(text).map(LiteNames::InTurn)
}

/// What a client is to subscribe to, or to give up.
pub fn lite_change(world: &World, consumer: ConsumerId, text: &str, adds: bool) -> Result<Command, Wrongs> {
    let mut checks = Checks::default();
    let names = checks.take("lite_topics", names(text));
    let change = names.map(|names| {
        if adds { LiteChange::Add { names, from: Position::Last } } else { LiteChange::Remove { names } }
    });
    checks.finish(change.map(|change| Command::Consumer {
        consumer: world.consumer_name(consumer),
        change: ConsumerChange::Lite(change),
    }))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_have_commas_of_either_keyboard_between_them() {
        let texts = |all: Vec<Names>| all.iter().map(Names::to_string).collect::<Vec<_>>();
        assert_eq!(names("a, b，s-{0-9}").map(texts), Ok(vec!["a".into(), "b".into(), "s-{0-9}".into()]));
        let wrong = |text| names(text).err().map(|wrong| wrong.key);
        assert_eq!(wrong(" , "), Some("control.wrong_lite_none"));
        assert_eq!(wrong("a$b"), Some("control.wrong_lite_name"));
        assert_eq!(wrong("s-{9-0}"), Some("control.wrong_lite_series"));
        assert_eq!(of_messages("s-{n}"), Ok(LiteNames::Text("s-{n}".into())));
    }
}
