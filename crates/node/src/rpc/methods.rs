//! The calls, by name.

use serde_json::json;
use serde_json::value::RawValue;

use super::error::RpcError;
use super::params::Params;
use super::reply::Reply;
use super::{Caller, Rpc};

/// What is answered, each with the names of its values in the order in which they count by position. `subscribe` and its like, which need
/// a websocket, are in [`super::socket`].
pub(super) const METHODS: [(&str, &[&str]); 25] = [
    ("abci_info", &[]),
    ("abci_query", &["path", "data", "height", "prove"]),
    ("block", &["height"]),
    ("block_by_hash", &["hash"]),
    ("block_results", &["height"]),
    ("block_search", &["query", "page", "per_page", "order_by"]),
    ("blockchain", &["minHeight", "maxHeight"]),
    ("broadcast_tx_async", &["tx"]),
    ("broadcast_tx_commit", &["tx"]),
    ("broadcast_tx_sync", &["tx"]),
    ("check_tx", &["tx"]),
    ("commit", &["height"]),
    ("consensus_params", &["height"]),
    ("genesis", &[]),
    ("genesis_chunked", &["chunk"]),
    ("header", &["height"]),
    ("health", &[]),
    ("net_info", &[]),
    ("num_unconfirmed_txs", &[]),
    ("status", &[]),
    ("tx", &["hash", "prove"]),
    ("tx_search", &["query", "prove", "page", "per_page", "order_by"]),
    ("unconfirmed_txs", &["limit"]),
    ("validators", &["height", "page", "per_page"]),
    ("header_by_hash", &["hash"]),
];

/// What CometBFT answers and this node does not, and why.
pub(super) const NOT_HERE: [(&str, &str); 9] = [
    ("broadcast_evidence", "evidence against validators is handed to CometBFT on the machine where it runs"),
    ("consensus_state", "how a vote stands is asked of CometBFT on the machine where it runs"),
    ("dump_consensus_state", "how a vote stands is asked of CometBFT on the machine where it runs"),
    ("dial_peers", "peers are in CometBFT's configuration"),
    ("dial_seeds", "seeds are in CometBFT's configuration"),
    ("unsafe_flush_mempool", "nobody empties the mempool from outside"),
    ("subscribe", "subscriptions need a websocket: connect to /websocket"),
    ("unsubscribe", "subscriptions need a websocket: connect to /websocket"),
    ("unsubscribe_all", "subscriptions need a websocket: connect to /websocket"),
];

impl Rpc {
    /// Answers a call.
    pub(super) async fn call(
        &self,
        caller: &Caller,
        method: &str,
        params: Option<&RawValue>,
    ) -> Result<Reply, RpcError> {
        let names = METHODS.iter().find(|(known, _)| *known == method).map(|(_, names)| *names);
        let names = names.ok_or_else(|| unknown(method))?;
        self.answer(caller, method, &Params::of_json(params, names)?).await
    }

    /// Answers a call whose values were read.
    pub(super) async fn answer(
        &self,
        caller: &Caller,
        method: &str,
        params: &Params,
    ) -> Result<Reply, RpcError> {
        match method {
            "abci_info" => Ok(self.abci_info().into()),
            "abci_query" => self.abci_query(caller, params).await,
            "block" => self.block(caller, params).await,
            "block_by_hash" | "header_by_hash" => self.by_hash(caller, method, params).await,
            "block_results" => self.block_results(caller, params).await,
            "block_search" => self.block_search(caller, params).await,
            "blockchain" => self.blockchain(caller, params).await,
            "broadcast_tx_async" | "broadcast_tx_sync" => self.broadcast(caller, params).await,
            "broadcast_tx_commit" => self.broadcast_commit(caller, params).await,
            "check_tx" => self.check_tx(caller, params).await,
            "commit" => self.commit(caller, params).await,
            "consensus_params" => Ok(self.consensus_params(params)?.into()),
            "genesis" => self.genesis(caller).await,
            "genesis_chunked" => self.genesis_chunk(caller, params).await,
            "header" => self.header(caller, params).await,
            "health" => self.health(),
            "net_info" => self.net_info(caller).await,
            "num_unconfirmed_txs" => self.num_unconfirmed_txs(caller).await,
            "unconfirmed_txs" => Err(RpcError::method(
                "this node does not show transactions that wait; num_unconfirmed_txs says how many there are",
            )),
            "status" => self.status(caller).await,
            "tx" => self.tx(caller, params).await,
            "tx_search" => self.tx_search(caller, params).await,
            "validators" => self.validators(caller, params).await,
            other => Err(unknown(other)),
        }
    }

    fn health(&self) -> Result<Reply, RpcError> {
        match self.context.api.ledger().is_closed() {
            false => Ok(json!({}).into()),
            true => Err(RpcError::internal("the ledger has stopped; the node's log says why")),
        }
    }
}

fn unknown(method: &str) -> RpcError {
    match NOT_HERE.iter().find(|(known, _)| *known == method) {
        Some((_, why)) => RpcError::method(format!("{method} is not here: {why}")),
        None => RpcError::method("this node has no such method"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_method_is_answered_or_not_here_and_each_is_listed_once() {
        let mut names: Vec<&str> = METHODS.iter().map(|(name, _)| *name).collect();
        names.extend(NOT_HERE.iter().map(|(name, _)| *name));
        let listed = names.len();
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), listed);
    }
}
