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
use crate::api::dispatch::{BROADCAST, Call};
use crate::api::search::{Part, WholeTxs};
use crate::search::{Query, TxPlan};

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
        let (api, page) = (&self.context.api, Page::of(params)?);
        let found = api.search_txs(caller.source, plan, page.part(descending(params, false)?)).await?;
        // Where many fit, not all of them were counted.
        if found.txs.is_empty() {
            page.within(u64::try_from(found.total).unwrap_or(u64::MAX))?;
        }
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

/// A page of what is found, as CometBFT counts them: a length that is none is the usual one, and one that is too long the longest.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Page {
    pub(super) number: u64,
    pub(super) length: u64,
}

impl Page {
    /// The one that a call asks for.
    pub(super) fn of(params: &Params) -> Result<Self, RpcError> {
        let length = params.signed("per_page")?.and_then(|length| u64::try_from(length).ok());
        let length = length.filter(|length| *length > 0).unwrap_or(PER_PAGE).min(PER_PAGE_MAX);
        let number = params.signed("page")?.unwrap_or(1);
        let counted = u64::try_from(number).ok().filter(|number| *number > 0);
        let number = counted
            .ok_or_else(|| RpcError::internal(format!("page should be at least 1, given {number}")))?;
        Ok(Self { number, length })
    }

    /// The part that it is.
    pub(super) fn part(self, descending: bool) -> Part {
        let number = |number: u64| usize::try_from(number).unwrap_or(usize::MAX);
        let skip = number((self.number - 1).saturating_mul(self.length));
        Part { skip, take: number(self.length), descending }
    }

    /// Refuses a page behind the last one, of so many entries. The first one is there without any.
    pub(super) fn within(self, total: u64) -> Result<(), RpcError> {
        let (last, given) = (total.div_ceil(self.length).max(1), self.number);
        match given > last {
            true => {
                Err(RpcError::internal(format!("page should be within [1, {last}] range, given {given}")))
            }
            false => Ok(()),
        }
    }
}

/// Whether the newest come first.
pub(super) fn descending(params: &Params, unless_said: bool) -> Result<bool, RpcError> {
    match params.text("order_by")?.as_deref() {
        None | Some("") => Ok(unless_said),
        Some("asc") => Ok(false),
        Some("desc") => Ok(true),
        Some(_) => Err(RpcError::params("`order_by` is asc or desc")),
    }
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_length_that_is_none_is_the_usual_one_and_a_long_one_the_longest() {
        for (said, length) in
            [("", 30), ("0", 30), ("-7", 30), ("1", 1), ("100", 100), ("101", 100), ("9000000000", 100)]
        {
            let params = Params::of_uri(vec![("per_page".to_owned(), said.to_owned())]);
            assert_eq!(Page::of(&params), Ok(Page { number: 1, length }), "{said}");
        }
        let many = Params::of_uri(vec![("per_page".to_owned(), "many".to_owned())]);
        assert!(Page::of(&many).is_err());
        let page = Page { number: 3, length: 10 };
        assert!(page.within(20).is_err() && page.within(21).is_ok());
        assert!(Page { number: 1, ..page }.within(0).is_ok());
    }
}
