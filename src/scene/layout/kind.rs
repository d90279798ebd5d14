//! The sizes of text.

use crate::scene::picture::Style;
use crate::scene::shape::{Font, Role};

/// The sizes of text, and the unit of everything that holds text.
#[derive(Clone, Copy, Debug)]
pub(in crate::scene) struct Type {
    /// The text scale: heights of rows and the like are multiples of it.
    pub k: f32,
}

impl Type {
    pub(in crate::scene) fn heading(self) -> Style {
        Style::new(Font::Bold, 12.0 * self.k, Role::InkMuted)
    }

    pub(in crate::scene) fn title(self) -> Style {
        Style::new(Font::Bold, 15.0 * self.k, Role::Ink)
    }

    pub(in crate::scene) fn name(self) -> Style {
        Style::new(Font::Bold, 13.0 * self.k, Role::Ink)
    }

    pub(in crate::scene) fn body(self) -> Style {
        Style::new(Font::Regular, 12.0 * self.k, Role::InkMuted)
    }

    pub(in crate::scene) fn small(self) -> Style {
        Style::new(Font::Regular, 12.0 * self.k, Role::InkMuted)
    }

    pub(in crate::scene) fn mono(self) -> Style {
        Style::new(Font::Mono, 12.0 * self.k, Role::InkMuted)
    }

    pub(in crate::scene) fn number(self) -> Style {
        Style::new(Font::Bold, 12.5 * self.k, Role::Ink)
    }
}
