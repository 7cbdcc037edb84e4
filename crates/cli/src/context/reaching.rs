//! How long a node is waited for. Patience is for one that is away: it may come back. Where this computer refuses the connection and no
//! home says that a node runs, nobody is there, and whoever waits should hear so at once.

use std::time::Duration;

use sealdesk_client::node::{Node, NodeError, Reach};
use tonic::transport::Channel;

use super::Context;

/// How long a connection that this computer refuses is tried again where no node is known to run: as long as a node takes between its end
/// and its start again.
const REFUSED: Duration = Duration::from_secs(1);

impl Context {
    /// Connects to a node. One that was killed left its address in its home, and is waited for: it may be about to be started again. So
    /// is each one that somebody named a patience for.
    pub(super) async fn reached(&self, reach: &Reach, url: &str) -> Result<Node<Channel>, NodeError> {
        let settings = self.settings();
        let patience = settings.patience;
        if settings.patience_is_given || settings.running_node().is_some() {
            return Node::connect_by(reach, url, patience).await;
        }
        let connected = Node::connect_unless_refused(reach, url, patience, REFUSED).await;
        match (connected, settings.running_node()) {
            // It has started meanwhile, and its home says where it is.
            (Err(NodeError::Unreachable { .. }), Some(now)) if settings.named_node().is_none() => {
                Node::connect_by(reach, &now, patience).await
            }
            (connected, _) => connected,
        }
    }
}
