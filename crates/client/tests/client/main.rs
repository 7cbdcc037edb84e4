//! The client against a small ledger in memory, whose network can be told to fail.

mod composing;
mod reading;
mod submitting;
mod world;
