//! What is said aloud to those who listen. It speaks when time stops, after a step, when the visitor did something, and
//! when something is selected; of what happens by itself while time runs it is silent.

use yew::{Html, Properties, function_component, html};

use super::super::session_ref::{SessionRef, WordsRef};
use super::super::subject::{self, Subject};
use super::twin::summary;
use crate::lesson::explain::explain;
use crate::trace::log_window::Shown;

/// Properties of the voice. It speaks when `spoken` has grown.
#[derive(Clone, Properties)]
pub struct LiveProps {
    /// The run.
    pub session: SessionRef,
    /// The catalogue.
    pub words: WordsRef,
    /// How often there was something to say.
    pub spoken: u64,
    /// Was it about a single step?
    pub after_step: bool,
    /// Was it about something that the visitor did? Then what.
    pub deed: Option<String>,
    /// What is selected.
    pub selected: Option<Subject>,
}

/// The numbers of the run are read when there is something to say, so only that counts.
impl PartialEq for LiveProps {
    fn eq(&self, other: &Self) -> bool {
        self.spoken == other.spoken && self.selected == other.selected && self.words == other.words
    }
}

/// The polite voice.
#[function_component]
pub fn Live(props: &LiveProps) -> Html {
    let session = props.session.borrow();
    let world = session.world();
    let mut said = String::new();
    if let Some(deed) = &props.deed {
        said.push_str(deed);
    } else if props.spoken > 0 {
        if props.after_step
            && let Some(entry) = session.observer().1.0.newest(Shown::Everything).next()
        {
            said.push_str(&explain(world, entry, &props.words).to_string());
            said.push(' ');
        }
        said.push_str(&summary(world, &props.words));
    }
    let selected = props.selected.filter(|it| subject::exists(world, *it));
    let selected =
        selected.map(|it| props.words.fill("page.selected", &[("name", &subject::name(world, it))]));
    html! {
        <div class="visually-hidden">
            <p role="status" id="said">{ said }</p>
            <p role="status" id="said-selected">{ selected }</p>
        </div>
    }
}
