//! The rules of RocketMQ that are functions of their inputs: filters, hashes, allocation, retry and delay tables, commit
//! and order bookkeeping. The broker asks them; so does the conformance check, which holds them to the answers of the
//! real code. They know nothing of the simulated world.

pub mod allocate;
pub mod code;
pub mod consume_result;
pub mod delay;
pub mod double;
pub mod filter;
pub mod finished;
pub mod hash;
pub mod lite;
pub mod message_type;
pub mod offset;
pub mod order_info;
pub mod process_queue;
pub mod proxy;
pub mod queue_choice;
pub mod ranges;
pub mod retry;
mod text;
pub mod transaction;
pub mod validation;
