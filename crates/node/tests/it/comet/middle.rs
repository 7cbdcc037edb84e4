//! A man in the middle between a real CometBFT and the node that answers it.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use sealdesk_node::comet::{read_frame, write_frame};
use tendermint_proto::v0_38::abci::{Request, Response, request, response};
use tokio::io::BufReader;
use tokio::net::{UnixListener, UnixStream};
use tokio::task::JoinHandle;

/// What he answers himself; `None` = what the node says.
pub type Meddle = dyn Fn(&request::Value) -> Option<response::Value> + Send + Sync;

/// A listening man. He leaves when he is dropped.
pub struct Middle {
    pub path: PathBuf,
    task: JoinHandle<()>,
}

impl Middle {
    /// Listens at a path, and passes on to the node's socket what he does not answer.
    pub fn start(path: &Path, node: PathBuf, meddle: Arc<Meddle>) -> Self {
        let listener = UnixListener::bind(path).unwrap();
        let task = tokio::spawn(async move {
            while let Ok((comet, _)) = listener.accept().await {
                let (node, meddle) = (node.clone(), meddle.clone());
                // A connection ends when either side ends it.
                tokio::spawn(async move { relay(comet, &node, &meddle).await });
            }
        });
        Self { path: path.to_owned(), task }
    }
}

impl Drop for Middle {
    fn drop(&mut self) {
        self.task.abort();
    }
}

async fn relay(comet: UnixStream, node: &Path, meddle: &Arc<Meddle>) -> Option<()> {
    let (from_comet, mut to_comet) = comet.into_split();
    let (from_node, mut to_node) = UnixStream::connect(node).await.ok()?.into_split();
    let (mut from_comet, mut from_node) = (BufReader::new(from_comet), BufReader::new(from_node));
    loop {
        let request: Request = read_frame(&mut from_comet).await.ok()??;
        let response = match request.value.as_ref().and_then(|value| meddle(value)) {
            Some(value) => Response { value: Some(value) },
            None => {
                write_frame(&mut to_node, &request).await.ok()?;
                read_frame(&mut from_node).await.ok()??
            }
        };
        write_frame(&mut to_comet, &response).await.ok()?;
    }
}
