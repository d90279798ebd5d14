//! What the page is made of. Each component is a small function of its properties.

pub mod controls;
pub mod inspector;
pub mod page;
pub mod plots;
pub mod stage;
