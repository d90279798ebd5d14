//! What is set, in words.

pub(in crate::app::components) use crate::lesson::says::{failure, pattern, processing};
