//! Offsets of one queue: which one belongs to a time, what a read from one gives, where a new group begins.
//!
//! ```text
//!   gone     min                       max
//!   ─────────┼──────────────────────────┤ the next message
//!   too small│        found             │overflow by one │ overflow badly
//! ```

mod by_time;
mod get_message;
mod pull_from_where;

pub use by_time::{Boundary, ROWS_PER_FILE, by_time};
pub use get_message::{GetMessage, GetMessageStatus, READ_MAX, SCAN_MAX, get_message};
pub use pull_from_where::{ConsumeFromWhere, NoOffset, StoredOffset, pull_from_where};
