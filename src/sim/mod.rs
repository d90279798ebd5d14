//! Virtual time, an agenda with a stable order, keyed chance and exact distributions. Knows nothing of messaging.

mod agenda;
mod chance;
mod column;
mod distribution;
mod fingerprint;
mod fixed;
mod instant;
mod normal;
mod ratio;

pub use agenda::{Agenda, Slot};
pub use chance::{Chance, Draws, Stream, subject_of};
pub use column::{Column, RisingColumn, TimeColumn};
pub use distribution::{Distribution, Exponential, LogNormal, Sampler};
pub use fingerprint::Fingerprint;
pub use instant::{Instant, Span, SpanError};
pub use ratio::{Ratio, RatioError};
