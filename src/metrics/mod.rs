//! What the numbers are: the report of one instant, and the series that plots are drawn from.

pub mod beside;
pub mod call_series;
pub mod exposition;
pub mod faults;
pub mod latency;
pub mod lite;
pub mod meters;
pub mod report;
pub mod series;

pub use latency::{Latencies, Latency};
pub use report::{GroupReport, QueueReport, Report};
pub use series::Series;
