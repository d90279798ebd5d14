//! From where somebody looks at the stage, and how.

use super::labels::Labels;
use super::subject::Subject;

/// English, to be pointed at.
static ENGLISH: Labels = Labels::ENGLISH;

/// What colour stands for. One question at a time; for now there is one.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum ColourBy {
    /// Which consumer group.
    #[default]
    Group,
}

/// A view of the stage.
#[derive(Clone, Copy, Debug)]
pub struct View<'a> {
    /// Room to the right, in CSS pixels.
    pub width: f32,
    /// Room downwards. On a phone the picture takes what it needs instead ([`natural_height`](super::natural_height)).
    pub height: f32,
    /// What is selected.
    pub selection: Option<Subject>,
    /// What is under the pointer.
    pub hover: Option<Subject>,
    /// What colour stands for.
    pub colour_by: ColourBy,
    /// All words on the stage.
    pub labels: &'a Labels,
    /// Nothing travels: what is on its way stands still half-way.
    pub reduced_motion: bool,
    /// What a loss of power would take is hatched.
    pub shows_disk: bool,
    /// Size of all text, 1 being normal.
    pub text_scale: f32,
}

impl View<'static> {
    /// A view in English with nothing selected.
    pub fn new(width: f32, height: f32) -> Self {
        View {
            width,
            height,
            selection: None,
            hover: None,
            colour_by: ColourBy::Group,
            labels: &ENGLISH,
            reduced_motion: false,
            shows_disk: false,
            text_scale: 1.0,
        }
    }
}

impl View<'_> {
    /// Is it what the visitor selected or points at?
    pub(super) fn is_picked(&self, subject: Subject) -> bool {
        self.selection == Some(subject) || self.hover == Some(subject)
    }
}
