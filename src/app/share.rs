//! The run as a link: the scenario, what the visitor did, the moment, and how it is looked at.

use super::session_ref::Observers;
use super::speed::Speed;
use super::subject::Subject;
use crate::broker::{ConsumerId, GroupId, ProducerId, QueueId, TopicId};
use crate::scenario::{Link, Scenario, limits};
use crate::session::{Branches, Session};
use crate::sim::Instant;

/// How a run is looked at, as far as a link says so.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct View {
    /// How fast time runs.
    pub speed: Option<Speed>,
    /// What is selected.
    pub selected: Option<Subject>,
}

impl View {
    /// Reads a link's names and values. What a later version may have added is left out.
    pub fn read(pairs: &[(String, String)]) -> Self {
        let value = |name: &str| pairs.iter().find(|(this, _)| this == name).map(|(_, value)| value.as_str());
        Self { speed: value("speed").and_then(Speed::parse), selected: value("select").and_then(subject) }
    }

    fn write(self) -> Vec<(String, String)> {
        let speed =
            self.speed.filter(|speed| *speed != Speed::REAL).map(|speed| ("speed", speed.to_string()));
        let selected = self.selected.and_then(text_of).map(|text| ("select", text));
        speed.into_iter().chain(selected).map(|(name, value)| (name.to_owned(), value)).collect()
    }
}

/// Ids are the same in every replay of a run, so they say what is meant.
fn text_of(subject: Subject) -> Option<String> {
    let (kind, index) = match subject {
        Subject::Producer(id) => ("producer", id.index()),
        Subject::Topic(id) => ("topic", id.index()),
        Subject::Queue(id) => ("queue", id.index()),
        Subject::Group(id) => ("group", id.index()),
        Subject::Consumer(id) => ("consumer", id.index()),
        // The rest is small and moves.
        _ => return None,
    };
    Some(format!("{kind}:{index}"))
}

fn subject(text: &str) -> Option<Subject> {
    let (kind, index) = text.split_once(':')?;
    match kind {
        "producer" => index.parse().ok().map(|index| Subject::Producer(ProducerId(index))),
        "topic" => index.parse().ok().map(|index| Subject::Topic(TopicId(index))),
        "queue" => index.parse().ok().map(|index| Subject::Queue(QueueId(index))),
        "group" => index.parse().ok().map(|index| Subject::Group(GroupId(index))),
        "consumer" => index.parse().ok().map(|index| Subject::Consumer(ConsumerId(index))),
        _ => None,
    }
}

/// The fragment that leads to this moment of a run.
pub fn to_this_moment(session: &Session<Observers>, view: View) -> String {
    Link::new(session.recording(), view.write()).fragment()
}

/// The same, with the other branches of the run.
pub fn with_branches(session: &Session<Observers>, view: View, branches: &Branches) -> String {
    let recording = Scenario { branches: branches.kept(), ..session.recording() };
    Link::new(recording, view.write()).fragment()
}

/// The fragment that leads to the run from its first instant, with everything that the visitor does in it.
pub fn from_the_start(session: &Session<Observers>, view: View) -> String {
    let mut recording = session.recording();
    recording.recorded = None;
    Link::new(recording, view.write()).fragment()
}

/// The address that leads a page of its own to this moment of a run: if the program cannot go on, it has to be loaded once
/// more, and another fragment alone does not do that. A long run of a file of the visitor's may have none.
pub fn again(session: &Session<Observers>) -> Option<String> {
    let fragment = to_this_moment(session, View::default());
    let fits = fragment.len() as u64 <= limits::LINK_CHARS;
    fits.then(|| format!("?again={}#{fragment}", session.world().live.seq))
}

/// The same for an experiment from its first instant, of which only the instant is added.
pub fn again_at(fragment: &str, at: Instant, seq: u64) -> Option<String> {
    let fits = fragment.len() as u64 <= limits::LINK_CHARS;
    fits.then(|| format!("?again={seq}&at={}us#{fragment}", at.0))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_view_is_read_as_it_was_written() {
        for selected in [
            None,
            Some(Subject::Producer(ProducerId(3))),
            Some(Subject::Topic(TopicId(0))),
            Some(Subject::Queue(QueueId(7))),
            Some(Subject::Group(GroupId(1))),
            Some(Subject::Consumer(ConsumerId(9))),
        ] {
            for speed in [Some(Speed::from_log2(-2.0)), Some(Speed::from_log2(3.0)), None] {
                let view = View { speed, selected };
                assert_eq!(View::read(&view.write()), view);
            }
        }
        let bad = [("speed", "fast"), ("select", "group:-1"), ("select", "<b>"), ("panels", "all")];
        for (name, value) in bad {
            assert_eq!(View::read(&[(name.to_owned(), value.to_owned())]), View::default());
        }
    }
}
