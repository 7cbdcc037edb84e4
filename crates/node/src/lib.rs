//! Everything of a Sealdesk ledger that touches the world: the embedded ledger, its files, its API, its clock.
//!
//! ARCHITECTURE.md says how a transaction travels. [`solo`] is the ledger of one node, [`home`] the directory it lives in, [`api`]
//! what it answers, [`feed`] what it tells of by itself; [`run`](run()) puts them together.

pub mod api;
pub mod clock;
pub mod feed;
pub mod home;
mod run;
pub mod solo;
pub mod validator;

pub use run::{Node, NodeConfig, NodeError, run};

// The tests' desk names this crate as everyone else does.
#[cfg(test)]
extern crate self as sealdesk_node;
