//! Handles that components get as properties: cheap to copy, compared by pointer.

use std::cell::{Ref, RefCell, RefMut};
use std::ops::Deref;
use std::rc::Rc;

use super::log_window::LogWindow;
use crate::lesson::Words;
use crate::metrics::Series;
use crate::session::Session;

/// Who watches the run on behalf of the page: the plots' series and the log's window.
pub type Observers = (Series, LogWindow);

/// The run being shown. Two handles are equal if they hold the same run; what happened inside it in the meantime is
/// told by the `revision` beside it.
#[derive(Clone, Debug)]
pub struct SessionRef(Rc<RefCell<Session<Observers>>>);

impl SessionRef {
    /// A handle on a run.
    pub fn new(session: Session<Observers>) -> Self {
        Self(Rc::new(RefCell::new(session)))
    }

    /// Looks at the run; components do this while they render.
    pub fn borrow(&self) -> Ref<'_, Session<Observers>> {
        self.0.borrow()
    }

    /// Changes the run; only the store does this.
    pub(super) fn borrow_mut(&self) -> RefMut<'_, Session<Observers>> {
        self.0.borrow_mut()
    }
}

impl PartialEq for SessionRef {
    fn eq(&self, other: &Self) -> bool {
        Rc::ptr_eq(&self.0, &other.0)
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
