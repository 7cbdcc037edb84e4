//! The client against a small ledger in memory, whose network can be told to fail, and against a contract whose node lies.

#![allow(
    unreachable_pub,
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test fails by them; nothing of it is reachable from elsewhere"
)]

mod adversary;
mod composing;
mod histories;
mod impostors;
mod let_in;
mod liars;
mod reading;
mod remembering;
mod stacks;
mod submitting;
mod world;
