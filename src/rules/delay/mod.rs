//! Messages that become visible later: by one of the classic levels, or at any time through the timer wheel.

mod levels;
pub mod recall;
pub mod timer;
pub mod wheel;

pub use levels::{DEFAULT_LEVELS, DEFAULT_LEVELS_MS, Levels, LevelsError};
