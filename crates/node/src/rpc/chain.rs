//! Calls about the ledger as a whole and about the node.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use sealdesk_protocol::block::APP_VERSION;
use serde_json::{Value, json};
use tonic::{Code, Status};

use super::error::RpcError;
use super::params::Params;
use super::part::Part;
use super::reply::Reply;
use super::{Caller, Rpc, shape};
use crate::api::Api;
use crate::api::node_info::{BLOCK_PROTOCOL, COMET_VERSION, P2P_PROTOCOL};
use crate::blocks::StoredCommit;

/// Longest genesis that is given whole, in bytes, and the length of the parts in which any is given.
const GENESIS_BYTES_MAX: usize = 4 * 1024 * 1024;
const GENESIS_PART_BYTES: usize = 1024 * 1024;
/// The time of a block that is not here.
const NO_TIME: &str = "0001-01-01T00:00:00Z";

impl Rpc {
    pub(super) async fn status(&self, caller: &Caller) -> Result<Reply, RpcError> {
        let ledger = self.context.api.ledger();
        let tip = ledger.tip();
        let history = ledger.machine().history_start(&tip.snapshot);
        let earliest =
            history.map_err(|error| RpcError::internal(error.to_string()))?.map_or(1, |start| start.from);
        let latest = self.known(caller, tip.height).await?;
        let first = self.known(caller, earliest.min(tip.height)).await?;
        let (latest, first) =
            (latest.as_ref().map(|of| of.signed.header()), first.as_ref().map(|of| of.signed.header()));
        let hash = |of: Option<&sealdesk_protocol::block::Header>| {
            of.map(|header| shape::hash(header.hash().as_bytes())).unwrap_or_default()
        };
        let root = |of: Option<&sealdesk_protocol::block::Header>| {
            of.map(|header| shape::hash(header.app_hash.as_bytes())).unwrap_or_default()
        };
        let info = self.context.api.node_info(caller.source).await?;
        let (catching_up, own) =
            (self.context.api.is_catching_up(caller.source).await?, self.own_validator(caller).await?);
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
                "catching_up": catching_up,
            },
            "validator_info": own,
        })
        .into())
    }

    /// The header of a block; `None` where it is not on this node, as CometBFT's status has a block that it does not have.
    async fn known(&self, caller: &Caller, height: u64) -> Result<Option<StoredCommit>, RpcError> {
        match self.context.api.commit_at(caller.source, height).await {
            Ok(signed) => Ok(Some(signed)),
            Err(status) if status.code() == Code::NotFound => Ok(None),
            Err(status) => Err(status.into()),
        }
    }

    /// The validator that this node is: of an embedded ledger its one, of a replicated one what CometBFT says.
    async fn own_validator(&self, caller: &Caller) -> Result<Value, RpcError> {
        let ledger = self.context.api.ledger();
        if let Some(status) = self.context.api.comet_status(caller.source).await? {
            return Ok(status.get("validator_info").cloned().unwrap_or_default());
        }
        let validators = ledger.validators();
        let own = validators.validators().first();
        Ok(own.map_or(Value::Null, |own| {
            json!({
                "address": shape::hash(own.address.as_bytes()),
                "pub_key": shape::key(&own.pub_key.to_bytes()),
                "voting_power": own.power().to_string(),
            })
        }))
    }

    pub(super) fn abci_info(&self) -> Value {
        let tip = self.context.api.ledger().tip();
        json!({ "response": {
            "data": "sealdesk",
            "version": env!("CARGO_PKG_VERSION"),
            "app_version": APP_VERSION.to_string(),
            "last_block_height": tip.height.to_string(),
            "last_block_app_hash": BASE64.encode(tip.root()),
        } })
    }

    pub(super) async fn net_info(&self, caller: &Caller) -> Result<Reply, RpcError> {
        let answer = self.context.api.ask_comet(caller.source, "net_info", json!({})).await?;
        let alone = || json!({ "listening": false, "listeners": [], "n_peers": "0", "peers": [] });
        Ok(answer.unwrap_or_else(alone).into())
    }

    pub(super) async fn num_unconfirmed_txs(&self, caller: &Caller) -> Result<Reply, RpcError> {
        let waiting = self.context.api.waiting(caller.source).await?;
        let (txs, bytes) = (waiting.txs.to_string(), waiting.bytes.to_string());
        Ok(json!({ "n_txs": txs, "total": txs, "total_bytes": bytes, "txs": null }).into())
    }

    pub(super) fn consensus_params(&self, params: &Params) -> Result<Value, RpcError> {
        let height = self.height(params)?;
        let given = serde_json::to_value(&self.context.genesis.consensus_params);
        let given = given.map_err(|error| RpcError::internal(error.to_string()))?;
        Ok(json!({ "block_height": height.to_string(), "consensus_params": given }))
    }

    pub(super) async fn genesis(&self, caller: &Caller) -> Result<Reply, RpcError> {
        let genesis = self.context.genesis.clone();
        let write = move |_: &Api| {
            let part = Part::of(genesis.as_ref(), 0..GENESIS_BYTES_MAX).map_err(unwritten)?;
            Ok((part.is_whole(), part.into_text()))
        };
        let (is_whole, text) = self.context.api.long_work(caller.source, write).await?;
        match (is_whole, text) {
            (true, Some(genesis)) => Ok(Reply::written(format!(r#"{{"genesis":{genesis}}}"#))),
            _ => Err(RpcError::internal("the genesis is too long for one answer: ask by genesis_chunked")),
        }
    }

    pub(super) async fn genesis_chunk(&self, caller: &Caller, params: &Params) -> Result<Reply, RpcError> {
        let asked = usize::try_from(params.number("chunk")?.unwrap_or(0)).unwrap_or(usize::MAX);
        let begin = asked.saturating_mul(GENESIS_PART_BYTES);
        let (genesis, wanted) =
            (self.context.genesis.clone(), begin..begin.saturating_add(GENESIS_PART_BYTES));
        let write = move |_: &Api| Part::of(genesis.as_ref(), wanted).map_err(unwritten);
        let part = self.context.api.long_work(caller.source, write).await?;
        let total = part.total().div_ceil(GENESIS_PART_BYTES);
        if asked >= total {
            return Err(RpcError::params(format!("there are {total} chunks, from 0")));
        }
        let data = BASE64.encode(part.bytes());
        Ok(json!({ "chunk": asked.to_string(), "total": total.to_string(), "data": data }).into())
    }
}

fn unwritten(error: serde_json::Error) -> Status {
    Status::internal(format!("the genesis cannot be written: {error}"))
}
