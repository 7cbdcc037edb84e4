//! The replicated ledger through its real socket: the same blocks lead to the same state as under the embedded engine, nothing but a
//! decided block changes anything, and every way to restart ends where it should.

mod abci;
mod byzantine;
mod carried;
mod clock;
mod contract;
mod differential;
mod joining;
mod mempool;
mod middle;
pub mod network;
mod process;
mod proposing;
mod quiet;
mod quorum;
mod restart;
mod snapshots;
mod syncing;
mod validators;
