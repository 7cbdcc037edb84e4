//! Everything of a Sealdesk ledger that touches the world: the embedded ledger, its files, its API, its clock.
//!
//! ARCHITECTURE.md says how a transaction travels. [`ledger`] is what every engine offers; [`solo`] is the
//! ledger of one node, [`comet`] that of many, [`home`] the directory it lives in, [`api`]
//! what it answers over gRPC, [`rpc`] and [`rest`] in other ways, [`page`] the desk that it serves, [`port`] all of it on one port, [`feed`] what it tells of by itself, [`webhooks`] to whom it posts that, `push` whose devices it tells, `presence` who of the staff is at a ticket, [`metrics`] what it counts,
//! [`admission`] whom it lets in first, [`backup`] what it gives to keep; [`run`](run()) puts them together.

pub mod admission;
pub mod api;
pub mod backup;
mod blobs;
mod block;
pub mod blocks;
pub mod clock;
pub mod comet;
mod data_files;
mod durable;
mod erase;
pub mod feed;
pub mod home;
pub mod http;
mod indexes;
pub mod ledger;
pub mod machine_error;
mod mempool_quota;
pub mod metrics;
pub mod page;
pub mod port;
mod presence;
mod preverify;
mod prune;
mod push;
mod rest;
mod rpc;
mod run;
mod search;
mod signed_request;
pub mod solo;
mod tip;
pub mod validator;
pub mod webhooks;

pub use blobs::{BlobsFound, FindError, find_blobs};
pub use indexes::rebuild_indexes;
pub use prune::{Pruned, prune};
pub use run::{Engine, Node, NodeConfig, NodeError, can_listen, check_config, run, run_engine};
pub use sealdesk_machine::{Permission, permissions};

// The tests' desk names this crate as everyone else does.
#[cfg(test)]
extern crate self as sealdesk_node;

#[cfg(test)]
#[path = "../tests/it/desk/mod.rs"]
#[allow(
    unreachable_pub,
    missing_docs,
    reason = "the desk of the tests is shared with those outside of the crate"
)]
mod desk;
