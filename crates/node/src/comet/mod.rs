//! The replicated ledger: CometBFT orders the transactions of many nodes, and this module is the application it drives, over
//! ABCI 2.0.
//!
//! A block's way: [`pool`] judges what enters the mempool → [`proposal`] judges a proposer's block, without touching state →
//! [`blocks`] executes the decided block in memory and names its root (`FinalizeBlock`), then writes it, synced, in one piece
//! (`Commit`) and only then replies → whoever waited is answered. The rules are the machine's, and none of them is here: the same
//! blocks lead to the same roots under any engine.
//!
//! [`App`] is synchronous and knows neither sockets nor threads. [`server`] speaks the protocol on a socket, [`rpc`] asks CometBFT,
//! [`process`] runs it, and [`snapshots`] lets other nodes begin where this one stands.

mod answer;
mod app;
mod blocks;
mod config;
mod copied;
mod earlier;
mod error;
mod frames;
mod gate;
mod handovers;
mod home;
mod pool;
mod process;
mod proposal;
mod query;
mod rpc;
mod running;
mod server;
pub mod snapshots;
mod trust;

pub use app::{App, Setup};
pub use config::{CometConfig, RpcAddress, StateSyncConfig};
pub use error::CometError;
pub use frames::{FRAME_BYTES_MAX, FrameError, read_frame, write_frame};
pub use gate::Gate;
pub use home::{INSTALL, find_program, node_id};
pub use pool::{POOL_TXS_MAX, SENDER_TXS_MAX};
pub use proposal::{BLOCK_TXS_BYTES_MAX, BLOCK_TXS_MAX};
pub use rpc::{Broadcast, Rpc};
pub use running::{Driver, Engine, is_replicated, open_stopped};
pub use server::{AbciAddress, Server};
pub use trust::{TrustPoint, agree_on_header};
