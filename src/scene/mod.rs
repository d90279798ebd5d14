//! The stage as a list of shapes: a pure function of a world, an instant and a view.
//!
//! ```text
//!  world + now + view ──► layout (where things stand) ──► shapes (what they look like) ──► painter (canvas, SVG)
//! ```
//!
//! Nothing here remembers the frame before. A message on its way is drawn at `(now - sent) / (arrives - sent)` of its
//! route, so pausing, stepping and going back need no code of their own. Shapes carry theme [`Role`]s instead of
//! colours and say what they depict, so hit testing and the inspector read the same list. The cost depends on what
//! can be seen, not on what is stored.

mod beside;
mod curtain;
mod faults;
mod flights;
mod groups;
mod hit;
mod holdings;
mod labels;
mod lanes;
mod layout;
mod lite;
mod picture;
mod producers;
mod requests;
mod route;
pub mod shape;
mod stage;
mod subject;
mod svg;
pub mod text;
pub mod theme;
mod timer;
mod tip;
mod view;

pub use labels::{Labels, Plural, Word};
pub use picture::{Area, Picture, Target};
pub use shape::{Dash, Form, Mark, Role, Shape, Stroke};
pub use stage::{draw, draw_into, natural_height};
pub use subject::Subject;
pub use svg::svg;
pub use theme::Theme;
pub use tip::{Phrase, Tip};
pub use view::{ColourBy, View};

pub use hit::{hit, nearest};
