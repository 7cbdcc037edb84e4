//! What this node says of itself to programs that expect CometBFT.

use serde_json::Value;
use tonic::Status;

use super::Api;
use crate::http::source::Source;

/// The version of CometBFT whose surface this node has. Clients choose by its beginning how they talk.
pub(crate) const COMET_VERSION: &str = "0.38.25";
/// Versions of CometBFT's protocols that this surface has: of peers and of blocks.
pub(crate) const P2P_PROTOCOL: u64 = 8;
pub(crate) const BLOCK_PROTOCOL: u64 = 11;
/// The version of Cosmos SDK whose services this node answers.
pub(crate) const SDK_VERSION: &str = "v0.50.11";
/// What a node calls itself that says nothing else.
const MONIKER: &str = "sealdesk";

/// See the module.
#[derive(Clone, Debug)]
pub(crate) struct NodeInfo {
    /// 40 lower-case hex digits: CometBFT's id among peers; of an embedded ledger the address of its one validator.
    pub(crate) id: String,
    /// What it calls itself.
    pub(crate) moniker: String,
    /// Where peers reach it; of an embedded ledger where it answers.
    pub(crate) listen: String,
    /// Where it answers these calls.
    pub(crate) rpc: String,
}

impl Api {
    /// What the node is.
    ///
    /// # Errors
    /// Where CometBFT does not answer, and where the caller should come back later.
    pub(crate) async fn node_info(&self, source: Source) -> Result<NodeInfo, Status> {
        let (ledger, status) = (self.ledger(), self.comet_status(source).await?);
        let said = |name: &str| {
            let found = status.as_ref().map(|status| &status["node_info"][name]);
            found.and_then(Value::as_str).map(str::to_owned)
        };
        let validators = ledger.validators();
        let own = validators.validators().first().map(|validator| hex::encode(validator.address.as_bytes()));
        let addresses = &self.0.addresses;
        let rpc = addresses.get("rpc").or(addresses.get("grpc")).cloned().unwrap_or_default();
        // An embedded ledger has no peers; clients want an address here all the same.
        let (_, own_address) = rpc.split_once("://").unwrap_or(("", "0.0.0.0:0"));
        let listen = said("listen_addr").unwrap_or_else(|| format!("tcp://{own_address}"));
        Ok(NodeInfo {
            id: said("id").or(own).unwrap_or_default(),
            moniker: said("moniker").unwrap_or_else(|| MONIKER.to_owned()),
            listen,
            rpc,
        })
    }

    /// Whether CometBFT still fetches blocks that others have.
    ///
    /// # Errors
    /// As [`Api::node_info`].
    pub(crate) async fn is_catching_up(&self, source: Source) -> Result<bool, Status> {
        let status = self.comet_status(source).await?;
        Ok(status.is_some_and(|status| status["sync_info"]["catching_up"].as_bool() == Some(true)))
    }
}
