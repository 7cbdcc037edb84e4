//! The one port as browsers, scripts and other programs find it: HTTP/1.1 and HTTP/2, with TLS and without, and whom it turns away.

pub mod blobs;
mod bucket;
mod erase;
mod names;
mod peers;
mod protocols;
pub mod speaker;
mod tls;

use std::net::{IpAddr, SocketAddr};

use sealdesk_node::home::Home;
use sealdesk_node::port::PortConfig;
use sealdesk_node::{Node, NodeConfig, NodeError, run};

use super::desk;

/// A node on loopback.
struct Port {
    node: Node,
    dir: tempfile::TempDir,
}

impl Port {
    async fn start(port: PortConfig) -> Self {
        let dir = tempfile::tempdir().unwrap();
        let node = start_in(&dir, port, "127.0.0.1:0").await.unwrap();
        Self { node, dir }
    }

    fn address(&self) -> SocketAddr {
        self.node.listening()
    }
}

/// A connection over HTTP/2.
async fn connect(address: SocketAddr) -> speaker::Speaker {
    speaker::Speaker::http2(tokio::net::TcpStream::connect(address).await.unwrap()).await
}

/// Starts a node in a new home.
pub async fn start_in(dir: &tempfile::TempDir, port: PortConfig, listen: &str) -> Result<Node, NodeError> {
    let home = Home::new(dir.path());
    if !home.is_initialised() {
        home.init(desk::genesis()).unwrap();
    }
    let listen = Some(listen.parse().unwrap());
    run(NodeConfig { home: dir.path().to_owned(), listen, port, ..NodeConfig::default() }).await
}

/// An address of this machine that is a stranger's to the node.
fn stranger(number: u8) -> IpAddr {
    [127, 0, 2, number].into()
}
