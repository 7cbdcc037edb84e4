//! The surface that wallets, explorers and scripts know from CometBFT and Cosmos: the same on both engines, asked over HTTP, and by
//! CosmJS itself.

mod asking;
mod cosmjs;
mod surface;

use sealdesk_node::home::Home;
use sealdesk_node::{Node, NodeConfig, run};

use super::desk;

/// A node with the embedded ledger, on loopback. The folder goes with it.
async fn solo() -> (Node, tempfile::TempDir) {
    let dir = tempfile::tempdir().unwrap();
    Home::new(dir.path()).init(desk::genesis()).unwrap();
    let config = NodeConfig { home: dir.path().to_owned(), ..config() };
    (run(config).await.unwrap(), dir)
}

fn config() -> NodeConfig {
    NodeConfig {
        home: std::path::PathBuf::new(),
        listen: Some("127.0.0.1:0".parse().unwrap()),
        metrics: None,
        page_cache: None,
        keep_blocks: None,
        admission: Default::default(),
    }
}

fn url(node: &Node) -> String {
    format!("http://{}", node.listening())
}
