//! REST over a small desk in memory: without a port, so that each test holds the ledger in its hand.

mod described;
pub(crate) mod kit;
mod live;
mod requests;
pub(crate) mod schema;
