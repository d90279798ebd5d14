//! What every panel of the page gets to work with.

use yew::{Callback, Properties};

use super::session_ref::{SessionRef, WordsRef};
use super::store::Msg;
use super::subject::Subject;
use crate::scene::Theme;
use crate::sim::Instant;

/// The properties that all panels share. A panel borrows the session while it renders and keeps nothing of it; it is
/// rendered again when `revision` has grown or something in `look` has changed.
#[derive(Clone, PartialEq, Properties)]
pub struct PanelProps {
    /// The run.
    pub session: SessionRef,
    /// Grows with every change of the run that this panel should show; while time runs, a few times a second.
    pub revision: u64,
    /// The catalogue.
    pub words: WordsRef,
    /// Where wishes go.
    pub dispatch: Callback<Msg>,
    /// How the visitor looks at it.
    pub look: Look,
}

/// How the visitor looks at the run: nothing of it is part of the experiment.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Look {
    /// What is selected.
    pub selected: Option<Subject>,
    /// The instant that the pointer is over on a time axis, shared by the bar and every chart. The other panels are not told.
    pub cursor: Option<Instant>,
    /// Where the time axes of bar and charts end.
    pub end: Instant,
    /// The colours of picture and charts.
    pub theme: &'static Theme,
    /// The instant that the run goes to, while it is on its way.
    pub headed: Option<Instant>,
    /// Is time running?
    pub is_playing: bool,
    /// Does the visitor prefer little motion?
    pub is_calm: bool,
}
