//! What CometBFT asks of this node, over ABCI 2.0. CometBFT opens four connections to [`server`], each with a task of its own:
//!
//! | connection | requests | answered in |
//! |---|---|---|
//! | consensus | `InitChain`, `PrepareProposal`, `ProcessProposal`, `FinalizeBlock`, `Commit` | [`proposal`], [`choose`], [`blocks`] |
//! | mempool | `CheckTx` | [`mempool`] |
//! | query | `Info`, `Query` | [`query`] |
//! | snapshot | `ListSnapshots`, `LoadSnapshotChunk`, `OfferSnapshot`, `ApplySnapshotChunk` | [`snapshots`] |
//!
//! [`frames`] is the bytes of a connection, and [`dispatch`] leads each request to its answer.

pub(super) mod blocks;
mod choose;
mod dispatch;
pub(super) mod frames;
pub(super) mod mempool;
pub(super) mod proposal;
mod query;
pub(super) mod server;
mod snapshots;
