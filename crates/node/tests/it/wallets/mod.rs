//! The surface that wallets, explorers and scripts know from CometBFT and Cosmos: the same on both engines, asked over HTTP, and by
//! CosmJS, cosmpy, cosmrs and buf themselves.

pub mod asking;
mod buf;
mod cosmjs;
mod cosmos;
mod cosmpy;
mod cosmrs;
mod explorers;
mod multisig;
mod stranger;
mod surface;

use sealdesk_node::home::Home;
use sealdesk_node::{Node, NodeConfig, run};
use sealdesk_protocol::genesis::Genesis;

use super::desk;

/// A node with the embedded ledger, on loopback. The folder goes with it.
pub async fn solo() -> (Node, tempfile::TempDir) {
    solo_of(desk::genesis()).await
}

/// The same over a genesis.
async fn solo_of(genesis: Genesis) -> (Node, tempfile::TempDir) {
    let dir = tempfile::tempdir().unwrap();
    Home::new(dir.path()).init(genesis).unwrap();
    (start(dir.path()).await, dir)
}

/// A node over a home that is there already.
pub async fn start(home: &std::path::Path) -> Node {
    let (home, listen) = (home.to_owned(), Some("127.0.0.1:0".parse().unwrap()));
    run(NodeConfig { home, listen, ..NodeConfig::default() }).await.unwrap()
}

pub fn url(node: &Node) -> String {
    format!("http://{}", node.listening())
}
