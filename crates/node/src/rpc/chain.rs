//! Calls about the ledger as a whole and about the node.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use bytes::Bytes;
use sealdesk_protocol::block::APP_VERSION;
use serde_json::{Value, json};

use super::error::RpcError;
use super::params::Params;
use super::{Rpc, shape};
use crate::api::node_info::{BLOCK_PROTOCOL, COMET_VERSION, P2P_PROTOCOL};

/// Longest genesis that is given whole, in bytes, and the length of the parts in which any is given.
const GENESIS_BYTES_MAX: usize = 4 * 1024 * 1024;
const GENESIS_PART_BYTES: usize = 1024 * 1024;
/// The time of a block that is not here.
const NO_TIME: &str = "0001-01-01T00:00:00Z";

impl Rpc {
    pub(super) async fn status(&self) -> Result<Value, RpcError> {
        let ledger = self.context.api.ledger();
        let tip = ledger.tip();
        let history = ledger.machine().history_start(&tip.snapshot);
        let earliest =
            history.map_err(|error| RpcError::internal(error.to_string()))?.map_or(1, |start| start.from);
        let latest = self.signed(tip.height).await.ok();
        let first = self.signed(earliest.min(tip.height)).await.ok();
        let (latest, first) =
            (latest.as_ref().map(|of| of.signed.header()), first.as_ref().map(|of| of.signed.header()));
        let hash = |of: Option<&sealdesk_protocol::block::Header>| {
            of.map(|header| shape::hash(header.hash().as_bytes())).unwrap_or_default()
        };
        let root = |of: Option<&sealdesk_protocol::block::Header>| {
            of.map(|header| shape::hash(header.app_hash.as_bytes())).unwrap_or_default()
        };
        let info = self.context.api.node_info().await;
        Ok(json!({
            "node_info": {
                "protocol_version": {
                    "p2p": P2P_PROTOCOL.to_string(), "block": BLOCK_PROTOCOL.to_string(), "app": APP_VERSION.to_string(),
                },
                "id": info.id,
                "listen_addr": info.listen,
                "network": ledger.machine().chain_id().to_string(),
                "version": COMET_VERSION,
                "channels": "",
                "moniker": &*self.context.moniker,
                "other": { "tx_index": "on", "rpc_address": info.rpc },
            },
            "sync_info": {
                "latest_block_hash": hash(latest),
                "latest_app_hash": root(latest),
                "latest_block_height": tip.height.to_string(),
                "latest_block_time": shape::time(&tip.time),
                "earliest_block_hash": hash(first),
                "earliest_app_hash": root(first),
                "earliest_block_height": earliest.to_string(),
                "earliest_block_time": first.map_or(NO_TIME.to_owned(), |header| shape::time(&header.time)),
                "catching_up": self.context.api.is_catching_up().await,
            },
            "validator_info": self.own_validator().await,
        }))
    }

    /// The validator that this node is: of an embedded ledger its one, of a replicated one what CometBFT says.
    async fn own_validator(&self) -> Value {
        let ledger = self.context.api.ledger();
        if let Some(status) = ledger.ask_comet("status", json!({})).await {
            return status.map(|mut status| status["validator_info"].take()).unwrap_or_default();
        }
        let validators = ledger.validators();
        let own = validators.validators().first();
        own.map_or(Value::Null, |own| {
            json!({
                "address": shape::hash(own.address.as_bytes()),
                "pub_key": shape::key(&own.pub_key.to_bytes()),
                "voting_power": own.power().to_string(),
            })
        })
    }

    pub(super) fn abci_info(&self) -> Result<Value, RpcError> {
        let tip = self.context.api.ledger().tip();
        Ok(json!({ "response": {
            "data": "sealdesk",
            "version": env!("CARGO_PKG_VERSION"),
            "app_version": APP_VERSION.to_string(),
            "last_block_height": tip.height.to_string(),
            "last_block_app_hash": BASE64.encode(tip.root()),
        } }))
    }

    pub(super) async fn net_info(&self) -> Result<Value, RpcError> {
        match self.context.api.ledger().ask_comet("net_info", json!({})).await {
            Some(answer) => answer.map_err(RpcError::internal),
            None => Ok(json!({ "listening": false, "listeners": [], "n_peers": "0", "peers": [] })),
        }
    }

    pub(super) async fn num_unconfirmed_txs(&self) -> Result<Value, RpcError> {
        let waiting = self.context.api.ledger().waiting().await;
        let (txs, bytes) = (waiting.txs.to_string(), waiting.bytes.to_string());
        Ok(json!({ "n_txs": txs, "total": txs, "total_bytes": bytes, "txs": null }))
    }

    pub(super) fn consensus_params(&self, params: &Params) -> Result<Value, RpcError> {
        let newest = self.context.api.ledger().tip().height;
        let height = params.number("height")?.unwrap_or(newest);
        let given = serde_json::to_value(&self.context.genesis.consensus_params);
        let given = given.map_err(|error| RpcError::internal(error.to_string()))?;
        Ok(json!({ "block_height": height.to_string(), "consensus_params": given }))
    }

    pub(super) async fn genesis(&self) -> Result<Value, RpcError> {
        let bytes = self.genesis_bytes().await?;
        if bytes.len() > GENESIS_BYTES_MAX {
            return Err(RpcError::internal("the genesis is too long for one answer: ask by genesis_chunked"));
        }
        let genesis: Value =
            serde_json::from_slice(&bytes).map_err(|error| RpcError::internal(error.to_string()))?;
        Ok(json!({ "genesis": genesis }))
    }

    pub(super) async fn genesis_chunk(&self, params: &Params) -> Result<Value, RpcError> {
        let bytes = self.genesis_bytes().await?;
        let asked = usize::try_from(params.number("chunk")?.unwrap_or(0)).unwrap_or(usize::MAX);
        let total = bytes.len().div_ceil(GENESIS_PART_BYTES);
        let part = bytes.chunks(GENESIS_PART_BYTES).nth(asked);
        let part = part.ok_or_else(|| RpcError::params(format!("there are {total} chunks, from 0")))?;
        Ok(json!({ "chunk": asked.to_string(), "total": total.to_string(), "data": BASE64.encode(part) }))
    }

    /// The document, written once: one with many tickets takes its time.
    async fn genesis_bytes(&self) -> Result<Bytes, RpcError> {
        let failed = |error: &dyn std::fmt::Display| RpcError::internal(error.to_string());
        let genesis = self.context.genesis.clone();
        let write = || async {
            let written = tokio::task::spawn_blocking(move || serde_json::to_vec(genesis.as_ref())).await;
            let bytes = written.map_err(|error| failed(&error))?.map_err(|error| failed(&error))?;
            Ok::<_, RpcError>(Bytes::from(bytes))
        };
        self.genesis.get_or_try_init(write).await.cloned()
    }
}
