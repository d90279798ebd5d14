//! What the page is made of. Each component is a small function of its properties.

pub mod branches;
pub mod caption;
pub mod controls;
pub mod crash;
pub mod dialog;
pub mod dialogs;
pub mod header;
pub mod icon;
pub mod inspector;
mod just_now;
pub mod legend;
pub mod live;
pub mod log;
pub mod metrics;
pub mod page;
pub mod plots;
mod promises;
mod seen;
mod settings;
mod share;
pub mod stage;
pub mod transport;
pub mod twin;
mod width;
