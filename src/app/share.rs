//! The run as a link: the scenario, what the visitor did, the moment, and how it is looked at.

use super::session_ref::Observers;
use super::speed::Speed;
use super::store::StepSize;
use super::subject::Subject;
use crate::broker::{
    CallerId, ConsumerId, GroupId, LiteId, MessageRef, P2pId, ProducerId, ProgressId, QueueId, ServiceId,
    TopicId,
};
use crate::scenario::{Act, Link, Scenario, limits};
use crate::session::{Branches, Session};
use crate::sim::Instant;

/// How a run is looked at, as far as a link says so.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct View {
    /// How fast time runs.
    pub speed: Option<Speed>,
    /// What is selected.
    pub selected: Option<Subject>,
    /// How much happens in a step that a button brings.
    pub step_size: Option<StepSize>,
}

impl View {
    /// Reads a link's names and values. What a later version may have added is left out.
    pub fn read(pairs: &[(String, String)]) -> Self {
        let value = |name: &str| pairs.iter().find(|(this, _)| this == name).map(|(_, value)| value.as_str());
        Self {
            speed: value("speed").and_then(Speed::parse),
            selected: value("select").and_then(subject),
            step_size: value("step")
                .and_then(|name| STEP_SIZES.into_iter().find(|(_, this)| *this == name))
                .map(|(size, _)| size),
        }
    }

    fn write(self) -> Vec<(String, String)> {
        let speed = self.speed.map(|speed| ("speed", speed.to_string()));
        let selected = self.selected.map(|it| ("select", text_of(it)));
        let step = STEP_SIZES.into_iter().find(|(size, _)| Some(*size) == self.step_size);
        let step = step.map(|(_, name)| ("step", name.to_owned()));
        let all = [speed, selected, step].into_iter().flatten();
        all.map(|(name, value)| (name.to_owned(), value)).collect()
    }
}

const STEP_SIZES: [(StepSize, &str); 2] = [(StepSize::Event, "event"), (StepSize::Stage, "stage")];

/// Ids are the same in every replay of a run, so they say what is meant.
fn text_of(subject: Subject) -> String {
    let (kind, index) = match subject {
        Subject::Producer(id) => ("producer", id.index()),
        Subject::Sending(id, number) => return format!("sending:{}.{number}", id.0),
        Subject::Topic(id) => ("topic", id.index()),
        Subject::Timer(id) => ("timer", id.index()),
        Subject::Curtain(id) => ("curtain", id.index()),
        Subject::Lite(id) => ("lite", id.index()),
        Subject::Queue(id) => ("queue", id.index()),
        Subject::Message(at) => return format!("message:{}.{}", at.queue.0, at.offset),
        Subject::Cursor(id) => ("cursor", id.index()),
        Subject::Group(id) => ("group", id.index()),
        // A thread is small, and what it works on is another thing in a moment.
        Subject::Consumer(id) | Subject::Thread(id, _) => ("consumer", id.index()),
        Subject::Service(id) => ("service", id.index()),
        Subject::Caller(id) => ("caller", id.index()),
        Subject::P2p(id) => ("p2p", id.index()),
        Subject::RetryShelf(id) => ("retries", id.index()),
        Subject::DeadLetters(id) => ("dead_letters", id.index()),
    };
    format!("{kind}:{index}")
}

fn subject(text: &str) -> Option<Subject> {
    let (kind, index) = text.split_once(':')?;
    if let Some((whose, number)) = index.split_once('.') {
        let number = number.parse().ok()?;
        return match kind {
            "sending" => Some(Subject::Sending(ProducerId(whose.parse().ok()?), number)),
            "message" => {
                Some(Subject::Message(MessageRef { queue: QueueId(whose.parse().ok()?), offset: number }))
            }
            _ => None,
        };
    }
    let (wide, narrow) = (index.parse().ok(), index.parse().ok());
    match kind {
        "producer" => narrow.map(|id| Subject::Producer(ProducerId(id))),
        "topic" => wide.map(|id| Subject::Topic(TopicId(id))),
        "timer" => wide.map(|id| Subject::Timer(TopicId(id))),
        "curtain" => wide.map(|id| Subject::Curtain(TopicId(id))),
        "lite" => wide.map(|id| Subject::Lite(LiteId(id))),
        "queue" => wide.map(|id| Subject::Queue(QueueId(id))),
        "cursor" => wide.map(|id| Subject::Cursor(ProgressId(id))),
        "group" => narrow.map(|id| Subject::Group(GroupId(id))),
        "consumer" => narrow.map(|id| Subject::Consumer(ConsumerId(id))),
        "service" => narrow.map(|id| Subject::Service(ServiceId(id))),
        "caller" => narrow.map(|id| Subject::Caller(CallerId(id))),
        "p2p" => narrow.map(|id| Subject::P2p(P2pId(id))),
        "retries" => narrow.map(|id| Subject::RetryShelf(GroupId(id))),
        "dead_letters" => narrow.map(|id| Subject::DeadLetters(GroupId(id))),
        _ => None,
    }
}

/// The fragment that leads to this moment of a run.
pub fn to_this_moment(session: &Session<Observers>, view: View) -> String {
    Link::new(session.recording(), view.write()).fragment()
}

/// The same, with the other branches of the run; unless that is too long, for a link that nobody can open is of no use. Says
/// whether they are in it.
pub fn with_branches(session: &Session<Observers>, view: View, branches: &Branches) -> (String, bool) {
    let recording = Scenario { branches: branches.kept(), ..session.recording() };
    let fragment = Link::new(recording, view.write()).fragment();
    if fragment.len() as u64 <= limits::LINK_CHARS {
        (fragment, true)
    } else {
        (to_this_moment(session, view), false)
    }
}

/// A run as a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Saved {
    /// What is in it.
    pub text: String,
    /// So many of the oldest branches are not.
    pub left_out: usize,
}

impl Saved {
    /// A run with its branches: as many of the newest ones as leave it short enough to be opened again.
    pub fn new(session: &Session<Observers>, branches: &Branches) -> Self {
        Self::within(session, branches, limits::FILE_BYTES)
    }

    fn within(session: &Session<Observers>, branches: &Branches, most: u64) -> Self {
        let kept = branches.kept();
        let without = |left_out: usize| {
            let recording = Scenario { branches: kept[left_out..].to_vec(), ..session.recording() };
            Self { text: format!("{:#}\n", recording.to_json()), left_out }
        };
        let all = without(0);
        if all.text.len() as u64 <= most {
            return all;
        }
        // Each branch that goes makes it shorter.
        let (mut too_few, mut enough) = (0, kept.len());
        while too_few + 1 < enough {
            let middle = (too_few + enough) / 2;
            if without(middle).text.len() as u64 <= most {
                enough = middle;
            } else {
                too_few = middle;
            }
        }
        without(enough)
    }

    /// Would it not be opened again?
    pub fn is_too_long(&self) -> bool {
        self.text.len() as u64 > limits::FILE_BYTES
    }
}

/// The fragment that leads to the run from its first instant, with everything that the visitor does in it.
pub fn from_the_start(session: &Session<Observers>, view: View) -> String {
    let acts = session.acts().iter().chain(session.acts_ahead()).cloned().collect();
    experiment(session.scenario(), acts, view)
}

/// The same, where there is no run any more.
pub fn experiment(scenario: &Scenario, acts: Vec<Act>, view: View) -> String {
    let recording = Scenario { acts, recorded: None, ..scenario.clone() };
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
    use std::rc::Rc;

    use super::*;
    use crate::app::preferences::ThemeChoice;
    use crate::app::store::{Msg, State, bundled};
    use crate::broker::Command;
    use crate::lesson::Language;

    #[test]
    fn a_view_is_read_as_it_was_written() {
        for selected in [
            Subject::Producer(ProducerId(3)),
            Subject::Sending(ProducerId(3), u64::MAX),
            Subject::Topic(TopicId(0)),
            Subject::Timer(TopicId(1)),
            Subject::Curtain(TopicId(2)),
            Subject::Lite(LiteId(70_000)),
            Subject::Queue(QueueId(7)),
            Subject::Message(MessageRef { queue: QueueId(7), offset: 12_345 }),
            Subject::Cursor(ProgressId(8)),
            Subject::Group(GroupId(1)),
            Subject::Consumer(ConsumerId(9)),
            Subject::Service(ServiceId(1)),
            Subject::Caller(CallerId(2)),
            Subject::P2p(P2pId(3)),
            Subject::RetryShelf(GroupId(4)),
            Subject::DeadLetters(GroupId(5)),
        ] {
            let view = View { selected: Some(selected), ..View::default() };
            assert_eq!(View::read(&view.write()), view);
        }
        for speed in [Speed::from_log2(-2.0), Speed::REAL, Speed::from_log2(3.0)] {
            for (step_size, _) in STEP_SIZES {
                let view = View { speed: Some(speed), selected: None, step_size: Some(step_size) };
                assert_eq!(View::read(&view.write()), view);
            }
        }
        assert!(View::default().write().is_empty());
        let thread = View { selected: Some(Subject::Thread(ConsumerId(2), 5)), ..View::default() };
        assert_eq!(View::read(&thread.write()).selected, Some(Subject::Consumer(ConsumerId(2))));
        let bad = [
            ("speed", "fast"),
            ("select", "group:-1"),
            ("select", "group:70000"),
            ("select", "group:1.2"),
            ("select", "message:1"),
            ("select", "message:1.2.3"),
            ("select", "<b>"),
            ("step", "long"),
            ("panels", "all"),
        ];
        for (name, value) in bad {
            assert_eq!(View::read(&[(name.to_owned(), value.to_owned())]), View::default());
        }
    }

    /// A file with all branches may be longer than what is read.
    #[test]
    fn a_saved_file_leaves_out_what_would_keep_it_from_being_opened() {
        let scenario = Rc::new(bundled("domain-model").expect("it is bundled"));
        let mut state = State::new(scenario, Language::English, ThemeChoice::System);
        state.jump(Instant::from_secs(9));
        for second in [3, 4, 5, 6] {
            state.update(Msg::Seek(Instant::from_secs(second)));
            let command = Command::Send { producer: "shop".to_owned(), count: 1 };
            state.update(Msg::Command(Box::new(command)));
            state.jump(Instant::from_secs(9));
        }
        let session = state.session.borrow();
        let all = Saved::new(&session, &state.branches);
        let kept = |saved: &Saved| Scenario::parse(&saved.text).expect("it can be opened").branches;
        assert_eq!((all.left_out, kept(&all), all.is_too_long()), (0, state.branches.kept(), false));
        assert!(state.branches.kept().len() > 3);
        let most = all.text.len() as u64 - 1;
        let fewer = Saved::within(&session, &state.branches, most);
        assert!(fewer.text.len() as u64 <= most);
        assert_eq!((fewer.left_out, kept(&fewer)), (1, state.branches.kept()[1..].to_vec()));
        let none = Saved::within(&session, &state.branches, 10);
        assert_eq!((none.left_out, kept(&none).len()), (state.branches.kept().len(), 0));
        assert_eq!(kept(&Saved::within(&session, &state.branches, none.text.len() as u64)).len(), 0);
    }
}
