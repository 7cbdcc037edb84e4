//! The client against a small ledger in memory, whose network can be told to fail.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)] // helpers of tests are tests too

mod composing;
mod reading;
mod submitting;
mod world;
