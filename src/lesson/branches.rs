//! Branches of a run in words: what each is called, and how two of them differ.

use super::explain::command_in_short;
use super::words::Words;
use crate::broker::{Command, World};
use crate::trace::{Change, Ending, Fate};

/// What a branch is called: after what was done in it only, the first thing first.
pub fn name<'a>(world: &World, mut done: impl Iterator<Item = &'a Command>, words: &Words) -> String {
    let Some(first) = done.next() else { return words.text("branches.untouched").to_owned() };
    let what = command_in_short(world, first, words);
    match done.count() as u64 {
        0 => what,
        more => words.count("branches.more", more, &[("what", &what)]),
    }
}

/// So many messages differ in this way.
pub fn changed(change: Change, n: u64, words: &Words) -> String {
    let key = match change {
        Change::DeadLettered => "branches.change.dead_lettered",
        Change::Saved => "branches.change.saved",
        Change::Lost => "branches.change.lost",
        Change::Found => "branches.change.found",
        Change::Duplicated => "branches.change.duplicated",
        Change::Single => "branches.change.single",
        Change::Later => "branches.change.later",
        Change::Sooner => "branches.change.sooner",
        Change::NotYet => "branches.change.not_yet",
        Change::Already => "branches.change.already",
        Change::OnlyHere => "branches.change.only_here",
        Change::OnlyThere => "branches.change.only_there",
        Change::Other => "branches.change.other",
    };
    words.count(key, n, &[])
}

/// What became of a message in one of the branches.
pub fn fate(fate: Option<Fate>, words: &Words) -> String {
    let Some(Fate { end, deliveries, consumed }) = fate else {
        return words.text("branches.fate.absent").to_owned();
    };
    let (key, at) = match end {
        Ending::Open if deliveries == 0 => return words.text("branches.fate.waits").to_owned(),
        Ending::Open => return words.count("branches.fate.open", deliveries.into(), &[]),
        Ending::Consumed(at) if consumed > 1 => {
            return words.count("branches.fate.consumed_often", consumed.into(), &[("time", &at)]);
        }
        Ending::Consumed(at) => ("branches.fate.consumed", at),
        Ending::DeadLettered(at) => ("branches.fate.dead_lettered", at),
        Ending::Lost(at) => ("branches.fate.lost", at),
        Ending::Filtered(at) => ("branches.fate.filtered", at),
        Ending::Expired(at) => ("branches.fate.expired", at),
        Ending::PassedOver(at) => ("branches.fate.passed_over", at),
    };
    let said = words.fill(key, &[("time", &at)]);
    if deliveries > 1 {
        words.count("branches.fate.after", deliveries.into(), &[("fate", &said)])
    } else {
        said
    }
}
