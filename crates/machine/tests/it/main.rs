//! The machine from outside: known answers, hostile inputs, a second model, and what can go wrong over a desk's life.

#![allow(
    unreachable_pub,
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "a test fails by them and says what it saw; nothing of it is reachable from elsewhere"
)]

mod acts;
mod attachments;
mod bad_input;
mod documents;
mod erase;
mod foresee;
mod forget;
mod golden;
mod imports;
mod known_bugs;
mod lifecycle;
mod model;
mod published;
mod queue;
mod snapshot;
mod tx_index;
mod walk;
mod working;
