//! Calls about transactions.

use bytes::Bytes;
use http::HeaderMap;
use prost::Message as _;
use sealdesk_protocol::ids::Prefix;
use sealdesk_protocol::tx::TxHash;
use sealdesk_protocol::wire::cosmos::base::abci::v1beta1::TxResponse;
use sealdesk_protocol::wire::cosmos::tx::v1beta1::{BroadcastMode, BroadcastTxRequest, BroadcastTxResponse};
use serde_json::{Value, json};

use super::error::RpcError;
use super::params::Params;
use super::reply::Reply;
use super::{Caller, Rpc, shape};
use crate::api::Api;
use crate::api::dispatch::Call;
use crate::api::search::{Part, WholeTxs};
use crate::search::{Query, TxPlan};

const BROADCAST: &str = "/cosmos.tx.v1beta1.Service/BroadcastTx";
/// What comes with a transaction of an account that is new to the ledger, as over gRPC.
const ADMISSION: &str = "sealdesk-admission-bin";
/// Transactions on a page, and most of them, as in CometBFT.
const PER_PAGE: u64 = 30;
const PER_PAGE_MAX: u64 = 100;

impl Rpc {
    async fn submit(
        &self,
        caller: &Caller,
        tx: Vec<u8>,
        mode: BroadcastMode,
    ) -> Result<(TxResponse, Option<u32>), RpcError> {
        let mut metadata = HeaderMap::new();
        if let Some(admission) = caller.headers.get(ADMISSION) {
            metadata.insert(ADMISSION, admission.clone());
        }
        let request = BroadcastTxRequest { tx_bytes: tx, mode: mode.into() };
        let message = Bytes::from(request.encode_to_vec());
        let call = Call { source: caller.source, path: BROADCAST, metadata, message };
        let answer = self.context.dispatch.unary(call).await?;
        let decoded = BroadcastTxResponse::decode(answer.message);
        let response = decoded.map_err(|error| RpcError::internal(error.to_string()))?.tx_response;
        Ok((response.ok_or_else(|| RpcError::internal("the answer is empty"))?, answer.retry_after))
    }

    /// `broadcast_tx_sync` and `broadcast_tx_async`: either answers once the transaction was checked.
    pub(super) async fn broadcast(&self, caller: &Caller, params: &Params) -> Result<Reply, RpcError> {
        let (response, retry_after) = self.submit(caller, needed(params, "tx")?, BroadcastMode::Sync).await?;
        let checked = json!({
            "code": response.code,
            "data": "",
            "log": response.raw_log,
            "codespace": response.codespace,
            "hash": response.txhash,
        });
        Ok(Reply::from(checked).and_come_back(retry_after))
    }

    /// `broadcast_tx_commit` answers once a block has the transaction.
    pub(super) async fn broadcast_commit(&self, caller: &Caller, params: &Params) -> Result<Reply, RpcError> {
        let (response, retry_after) =
            self.submit(caller, needed(params, "tx")?, BroadcastMode::Block).await?;
        let data = hex::decode(&response.data).unwrap_or_default();
        let result =
            shape::tx_result(response.code, &response.codespace, &response.raw_log, &data, &response.events);
        let nothing = shape::tx_result(0, "", "", &[], &[]);
        let (checked, executed) = if response.height == 0 { (result, nothing) } else { (nothing, result) };
        let both = json!({
            "check_tx": checked,
            "tx_result": executed,
            "hash": response.txhash,
            "height": response.height.to_string(),
        });
        Ok(Reply::from(both).and_come_back(retry_after))
    }

    pub(super) async fn check_tx(&self, caller: &Caller, params: &Params) -> Result<Reply, RpcError> {
        let refusal = self.context.api.check(caller.source, needed(params, "tx")?).await?;
        let result = match refusal {
            Some(refusal) => {
                shape::tx_result(refusal.code(), refusal.codespace(), &refusal.to_string(), &[], &[])
            }
            None => shape::tx_result(0, "", "", &[], &[]),
        };
        Ok(result.into())
    }

    pub(super) async fn tx(&self, caller: &Caller, params: &Params) -> Result<Reply, RpcError> {
        no_proof(params)?;
        let hash = TxHash(params.hash("hash")?);
        let api = &self.context.api;
        let found = api.whole_tx(caller.source, hash).await.map_err(RpcError::unfound)?;
        let write = move |api: &Api| Ok(shape::tx(&found, api.ledger().machine().prefix()).to_string());
        Ok(Reply::written(api.work(caller.source, write).await?))
    }

    pub(super) async fn tx_search(&self, caller: &Caller, params: &Params) -> Result<Reply, RpcError> {
        no_proof(params)?;
        let text = params.needed_text("query")?;
        let query = Query::parse(&text).map_err(|error| RpcError::params(error.to_string()))?;
        let plan = TxPlan::of(&query).map_err(|error| RpcError::params(error.to_string()))?;
        let api = &self.context.api;
        let found = api.search_txs(caller.source, plan, page(params)?).await?;
        let write = move |api: &Api| Ok(written(&found, api.ledger().machine().prefix()));
        Ok(Reply::written(api.work(caller.source, write).await?))
    }
}

/// What was found, in JSON.
fn written(found: &WholeTxs, prefix: &Prefix) -> String {
    let WholeTxs { txs, total, history_from } = found;
    let txs: Vec<Value> = txs.iter().map(|tx| shape::tx(tx, prefix)).collect();
    let mut answer = json!({ "txs": txs, "total_count": total.to_string() });
    // Not in CometBFT: whoever finds nothing should know that older blocks were not looked at.
    if let (Some(from), Some(answer)) = (history_from, answer.as_object_mut()) {
        answer.insert("history_from".to_owned(), from.to_string().into());
    }
    answer.to_string()
}

/// Which part of what is found a call asks for.
pub(super) fn page(params: &Params) -> Result<Part, RpcError> {
    let (page, length) =
        (params.number("page")?.unwrap_or(1), params.number("per_page")?.unwrap_or(PER_PAGE));
    if page == 0 || length == 0 || length > PER_PAGE_MAX {
        return Err(RpcError::params(format!("pages count from 1 and have 1 to {PER_PAGE_MAX} entries")));
    }
    let descending = match params.text("order_by")?.as_deref() {
        None | Some("" | "asc") => false,
        Some("desc") => true,
        Some(_) => return Err(RpcError::params("`order_by` is asc or desc")),
    };
    let number = |number: u64| usize::try_from(number).unwrap_or(usize::MAX);
    Ok(Part { skip: number((page - 1).saturating_mul(length)), take: number(length), descending })
}

fn no_proof(params: &Params) -> Result<(), RpcError> {
    match params.flag("prove")? {
        true => Err(RpcError::params(
            "this node proves records, not transactions: leave `prove` out, or ask /sealdesk.ledger.v1.Ledger/Proof",
        )),
        false => Ok(()),
    }
}

fn needed(params: &Params, name: &str) -> Result<Vec<u8>, RpcError> {
    params.bytes(name)?.ok_or_else(|| RpcError::params(format!("`{name}` is missing")))
}
