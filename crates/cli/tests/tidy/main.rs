//! The house rules that a compiler does not check: arrows between crates, sizes, names, and that the map tells the truth.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)] // a test fails by them

mod code;
mod commands;
mod crates;
mod documents;
mod places;
mod syntax;
mod tree;
