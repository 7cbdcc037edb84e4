//! The replicated ledger through its real socket: the same blocks lead to the same state as under the embedded engine, nothing but a
//! decided block changes anything, and every way to restart ends where it should.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    unreachable_pub,
    reason = "a test fails by panicking, and every test file uses its own part of the kit"
)]

mod abci;
mod byzantine;
mod clock;
mod contract;
#[path = "../desk/mod.rs"]
mod desk;
mod differential;
mod joining;
#[path = "../../../machine/tests/kit/mod.rs"]
mod kit;
mod mempool;
mod middle;
mod network;
mod process;
mod proposing;
mod quiet;
mod quorum;
mod restart;
mod snapshots;
#[path = "../../../machine/tests/support/mod.rs"]
mod support;
mod syncing;
mod validators;
