//! MQScope: a message broker you can hold in your hand.
//!
//! The Apache RocketMQ 5 domain model as a deterministic simulation, and a page that shows it. The modules stand
//! in import order: each may use only those that its row in `docs/architecture.md` names, and a test holds it so.

pub mod broker;
pub mod lesson;
pub mod metrics;
pub mod sim;
pub mod trace;

#[cfg(feature = "web")]
pub mod app;
