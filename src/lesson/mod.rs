//! The words learners see: the catalogues, and every event in plain words.

mod because;
mod beside;
pub mod branches;
pub mod explain;
pub mod faults;
pub mod lite;
pub mod promises;
mod requests;
pub mod says;
mod spans;
pub mod transactions;
pub mod words;

pub use because::because;
pub use explain::{About, Explained, Part, explain};
pub use words::{Language, Said, Words};
