//! The house rules that a compiler does not check: arrows between crates, sizes, names, and that the map tells the truth.
#![allow(
    unreachable_pub,
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test fails by them; nothing of it is reachable from elsewhere"
)]

mod code;
mod commands;
mod crates;
mod documents;
mod image;
mod places;
mod syntax;
mod tree;
mod words;
