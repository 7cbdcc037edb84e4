//! The store from outside: against a plain map, on disks that fail and lie, and filled from elsewhere.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::cast_possible_truncation,
    reason = "a test fails by them"
)]

mod building;
mod compact;
mod crash;
mod damage;
mod model;
mod segmented;
