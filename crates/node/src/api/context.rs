//! What the surfaces beside gRPC are made from.

use std::collections::BTreeMap;
use std::sync::Arc;

use sealdesk_protocol::genesis::Genesis;

use super::Api;
use super::dispatch::Dispatch;

/// See the module. Cheap to clone.
#[derive(Clone, Debug)]
pub(crate) struct Context {
    /// The ledger and the turns in which it is read.
    pub(crate) api: Api,
    /// Every unary call by its path.
    pub(crate) dispatch: Dispatch,
    /// What the ledger began with: its name, its prefix, its validators.
    pub(crate) genesis: Arc<Genesis>,
    /// What this node calls itself among others.
    pub(crate) moniker: Arc<str>,
    /// Where the node listens, by surface.
    pub(crate) addresses: Arc<BTreeMap<String, String>>,
}
