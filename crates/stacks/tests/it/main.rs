//! The wire of Stacks: known answers, properties, and what no honest node or program sends.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test fails by them")]

mod contract;
mod hostile;
mod properties;
mod vectors;
