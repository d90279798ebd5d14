//! One message's journey, and why things stand as they do: what the world and its log say about one thing.
//!
//! ```text
//!  sent ─► stored ─┬─ billing: waits ─ on the way ─ in the cache ─ processing ─ failed ─ waits for retry ─ … done
//!                  └─ audit:   waits ─ …
//! ```
//!
//! Nothing here is kept, apart from the journal's [window](log_window). A [`Journey`] is read off the delivery logs whenever somebody asks for it, a [`Because`] off
//! the world as it is, and [`find`] looks messages up. Words are not chosen here: `lesson` says it.

mod capacity;
pub mod compare;
pub mod find;
mod journey;
mod json;
mod json_beside;
mod json_faults;
mod json_lite;
mod json_requests;
pub mod log_window;
mod sought;
pub mod stages;
mod timeline;
mod transaction;
mod why;

pub use capacity::{behind, refused, silent};
pub use compare::{Change, Differences, Ending, Fate, Otherwise};
pub use journey::{Delivery, End, Journey, Place, Reader, journey};
pub use json::json_line;
pub use sought::Sought;
pub use timeline::{Stage, StageKind};
pub use transaction::{TransactionEnd, TransactionTrace, transaction};
pub use why::{Because, gave_up, idle, passed_over, waiting};
