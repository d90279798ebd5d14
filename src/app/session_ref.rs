//! Handles that components get as properties: cheap to copy, compared by pointer.

use std::cell::{Ref, RefCell, RefMut};
use std::ops::Deref;
use std::rc::Rc;

use crate::lesson::Words;
use crate::metrics::Series;
use crate::session::Session;
use crate::trace::log_window::LogWindow;
use crate::trace::stages::Stages;

/// Who watches the run on behalf of the page: the plots' series, the log's window, and who knows the stages of messages
/// when they are asked for.
pub type Observers = (Series, (LogWindow, Stages));

/// The run being shown. Two handles are equal if they hold the same run and it has not gone back in the meantime; how far
/// it has gone on is told by the `revision` beside it.
#[derive(Clone, Debug)]
pub struct SessionRef {
    session: Rc<RefCell<Session<Observers>>>,
    /// How often it has gone back.
    turns: u32,
}

impl SessionRef {
    /// A handle on a run, which can go back from now on.
    pub fn new(mut session: Session<Observers>) -> Self {
        session.keep_checkpoints();
        Self { session: Rc::new(RefCell::new(session)), turns: 0 }
    }

    /// A handle on the same run, which has gone back.
    pub(super) fn again(&self) -> Self {
        Self { session: Rc::clone(&self.session), turns: self.turns + 1 }
    }

    /// Looks at the run; components do this while they render.
    pub fn borrow(&self) -> Ref<'_, Session<Observers>> {
        self.session.borrow()
    }

    /// Changes the run; only the store does this.
    pub(super) fn borrow_mut(&self) -> RefMut<'_, Session<Observers>> {
        self.session.borrow_mut()
    }
}

impl PartialEq for SessionRef {
    fn eq(&self, other: &Self) -> bool {
        Rc::ptr_eq(&self.session, &other.session) && self.turns == other.turns
    }
}

/// The catalogue of the language being shown.
#[derive(Clone, Debug)]
pub struct WordsRef(Rc<Words>);

impl WordsRef {
    /// A handle on a catalogue.
    pub fn new(words: Words) -> Self {
        Self(Rc::new(words))
    }

    /// The sentence of this key, as a text node.
    pub fn say(&self, key: &str) -> String {
        self.0.text(key).to_owned()
    }
}

impl Deref for WordsRef {
    type Target = Words;

    fn deref(&self) -> &Words {
        &self.0
    }
}

impl PartialEq for WordsRef {
    fn eq(&self, other: &Self) -> bool {
        Rc::ptr_eq(&self.0, &other.0)
    }
}
