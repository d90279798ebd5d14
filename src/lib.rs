//! MQScope: a message broker you can hold in your hand.
//!
//! The Apache RocketMQ 5 domain model as a deterministic simulation, and a page that shows it. What each module knows,
//! and which others it may use, is in `docs/architecture.md`; a test holds the table and the code together.

pub mod broker;
pub mod forms;
pub mod lesson;
pub mod metrics;
pub mod plot;
pub mod rules;
pub mod scenario;
pub mod scene;
pub mod session;
pub mod sim;
pub mod trace;

#[cfg(feature = "web")]
pub mod app;
