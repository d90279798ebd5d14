//! What a visitor did in a run, and where the run stood: with these a scenario is a recording, and is played to the
//! same entry again.

use serde_json::{Value, json};

use super::Profile;
use super::read::{Object, command};
use super::sentence::sentence;
use super::{Problem, shapes, write};
use crate::broker::Command;
use crate::sim::{Fingerprint, Instant};

/// The version of the model's rules. It grows whenever a correction makes some run another one than before, so that
/// a recording can say that it was made under older rules.
pub const MODEL: u64 = 2;

/// A command that somebody gave while the run was going on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Act {
    /// How many things time had brought; with it a replay gives the command at exactly the same place. Recordings of
    /// earlier versions do not say it. In a run that is another one, with another seed, the instant alone counts until the
    /// command is given: then it is `None`, and so is the entry.
    pub step: Option<u64>,
    /// The journal entry it became.
    pub seq: Option<u64>,
    /// When.
    pub at: Instant,
    /// What.
    pub command: Command,
}

impl Act {
    /// In another run it has its instant, but no place yet.
    pub fn forget_place(&mut self) {
        (self.step, self.seq) = (None, None);
    }
}

/// Where a run stood when it was recorded.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Recorded {
    /// The [`MODEL`] under which it was made.
    pub model: u64,
    /// The instant.
    pub at: Instant,
    /// How many entries the journal had.
    pub entries: u64,
    /// The journal's fingerprint.
    pub fingerprint: Fingerprint,
    /// How many things time had brought; some of them leave no entry. Recordings of earlier versions do not say it.
    pub steps: Option<u64>,
}

/// Another course of a recorded run, which the visitor has left.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeptBranch {
    /// What the visitor did in it, in order.
    pub acts: Vec<Act>,
    /// Where it was left.
    pub left: Recorded,
    /// How far it had been.
    pub reached: Instant,
}

/// An act, if its command can be read.
pub(super) fn read_act(value: &Value, profile: Profile) -> Option<Act> {
    let act = Object::new(value, &shapes::ACT);
    let command = command(act.value("do"), profile)?;
    let at = act.instant("at").unwrap_or_default();
    Some(Act { step: act.whole("step"), seq: act.whole("entry"), at, command })
}

pub(super) fn read_recorded(value: &Value) -> Option<Recorded> {
    let recorded = Object::new(value, &shapes::RECORDED);
    Some(Recorded {
        model: recorded.whole("model")?,
        at: recorded.instant("at")?,
        entries: recorded.whole("entries")?,
        fingerprint: Fingerprint::parse(&recorded.text("fingerprint")?)?,
        steps: recorded.whole("steps"),
    })
}

pub(super) fn read_branch(value: &Value, profile: Profile) -> Option<KeptBranch> {
    let branch = Object::new(value, &shapes::BRANCH);
    let left = read_recorded(branch.value("recorded"))?;
    Some(KeptBranch {
        acts: branch.list("acts").iter().filter_map(|act| read_act(act, profile)).collect(),
        left,
        reached: branch.instant("reached").unwrap_or_default().max(left.at),
    })
}

pub(super) fn write_branch(branch: &KeptBranch) -> Value {
    let mut written = json!({ "recorded": write_recorded(&branch.left) });
    if !branch.acts.is_empty() {
        written["acts"] = branch.acts.iter().map(write_act).collect();
    }
    if branch.reached > branch.left.at {
        written["reached"] = (branch.reached - Instant::ZERO).to_string().into();
    }
    written
}

pub(super) fn write_act(act: &Act) -> Value {
    let mut written = json!({ "at": (act.at - Instant::ZERO).to_string() });
    if let Some(seq) = act.seq {
        written["entry"] = seq.into();
    }
    if let Some(step) = act.step {
        written["step"] = step.into();
    }
    written["do"] = write::command(&act.command);
    written
}

pub(super) fn write_recorded(recorded: &Recorded) -> Value {
    let mut written = json!({
        "model": recorded.model,
        "at": (recorded.at - Instant::ZERO).to_string(),
        "entries": recorded.entries,
        "fingerprint": recorded.fingerprint.to_string(),
    });
    if let Some(steps) = recorded.steps {
        written["steps"] = steps.into();
    }
    written
}

/// Says so if a recording was made under rules that came after these.
pub(super) fn newer_rules(value: &Value) -> Option<Problem> {
    let model = value.get("recorded")?.get("model")?.as_u64().filter(|model| *model > MODEL)?;
    let what = sentence!(
        "it was recorded under version {version} of the rules, this MQScope knows version {known}",
        version = model,
        known = MODEL
    );
    Some(Problem {
        path: "recorded.model".into(),
        what,
        instead: sentence!("reload the page, or open it with a newer MQScope"),
    })
}
