//! Webhooks: the ledger's events, posted to endpoints that the operator names, as Standard Webhooks 1.0 has it.

mod message;
pub mod signing;

pub use message::{Message, TEST_TYPE};
