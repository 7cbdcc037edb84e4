//! The replicated ledger: CometBFT orders the transactions of many nodes, and this module is the application it drives, over
//! ABCI 2.0.
//!
//! A block's way: [`abci::mempool`] judges what enters the mempool → [`abci::proposal`] judges a proposer's block, without touching
//! state → [`abci::blocks`] executes the decided block in memory and names its root (`FinalizeBlock`), then writes it, synced, in
//! one piece (`Commit`) and only then replies → the callers who wait for its transactions are answered. The rules are the machine's,
//! and none of them is here: the same blocks lead to the same roots under any engine.
//!
//! [`App`] is synchronous and knows neither sockets nor threads. [`abci`] is what CometBFT asks of it, [`process`] runs CometBFT and
//! asks it, [`validators`] proves who signed which blocks, [`clone_guard`] keeps a copied home from signing twice, [`snapshots`] lets
//! other nodes begin where this one stands, and [`driver`] puts them together.

mod abci;
mod app;
mod blocks;
mod clone_guard;
mod driver;
mod error;
mod handle;
mod head;
mod process;
pub mod snapshots;
mod submissions;
mod validators;

pub use crate::ledger::SENDER_TXS_MAX;
pub use abci::frames::{FRAME_BYTES_MAX, FrameError, read_frame, write_frame};
pub use abci::mempool::POOL_TXS_MAX;
pub use abci::proposal::{BLOCK_TXS_BYTES_MAX, BLOCK_TXS_MAX};
pub use abci::server::{AbciAddress, Server};
pub use app::{App, Setup};
pub use driver::{Driver, Supervision, is_replicated, open_stopped};
pub use error::CometError;
pub use handle::LedgerHandle;
pub(crate) use process::config::check_peer;
pub use process::config::{CometConfig, RpcAddress, StateSyncConfig};
pub use process::home::{INSTALL, find_program, node_id};
pub use process::rpc::{Broadcast, Rpc};
pub use validators::trust::{TrustPoint, agree_on_header};
