//! Cosmos's transaction service: broadcast, get, simulate.

use std::time::Duration;

use prost::Message as _;
use sealdesk_machine::{BlockContext, Executed};
use sealdesk_protocol::codes::{Refusal, SdkError};
use sealdesk_protocol::limits::PAGE_RECORDS_MAX;
use sealdesk_protocol::tx::{Tx, TxHash};
use sealdesk_protocol::wire::cosmos::base::abci::v1beta1::{
    GasInfo, Result as SimulatedResult, TxMsgData, TxResponse,
};
use sealdesk_protocol::wire::cosmos::base::query::v1beta1::PageResponse;
use sealdesk_protocol::wire::cosmos::tx::v1beta1 as wire;
use tokio::sync::oneshot;
use tokio::time::timeout;
use tonic::{Code, Request, Response, Status, async_trait};

use super::admission::{Admitted, NEWCOMERS_REST, presented};
use super::error_info::Named;
use super::fair_queue::{Resting, Work};
use super::search::{Part, WholeTxs};
use super::services::cosmos::tx::v1beta1::service_server::Service;
use super::tx_response::{WholeTx, parts, raw_of, refused};
use super::{Api, block_wire, error_info, no_key, source_of, status};
use crate::admission::Presented;
use crate::clock::{Clock as _, SystemClock, next_block_time};
use crate::http::meter::{TooOften, Tried};
use crate::http::retry::{come_back, with_retry};
use crate::http::source::Source;
use crate::ledger::{MEMPOOL_FULL_SECONDS, SubmitError, Submitted, TxOutcome};
use crate::search::{Query, TxPlan};

/// How long a caller waits for a block to hold their transaction, as with CometBFT's own call.
const OUTCOME_WAIT: Duration = Duration::from_secs(10);
/// What wallets multiply to fill in a fee that is zero anyway.
const GAS_USED: u64 = 100_000;

/// Who hands in a transaction, and what they present for an account that is new.
struct Caller {
    source: Source,
    presented: Option<Presented>,
}

impl Api {
    /// Checks and submits, and waits for the outcome where asked to.
    async fn broadcast(
        &self,
        tx: Vec<u8>,
        mode: wire::BroadcastMode,
        caller: Caller,
    ) -> Result<TxResponse, Status> {
        let hash = TxHash::of(&tx);
        let (notified, outcome) = oneshot::channel();
        let waiter = Box::new(move |outcome| drop(notified.send(outcome)));
        let waits = mode == wire::BroadcastMode::Block;
        // A result that is refused does not have the bytes.
        let bytes = if waits { tx.clone() } else { Vec::new() };
        let source = caller.source;
        let tried = self.0.refused.try_one(source).map_err(too_many_refused)?;
        let Admitted { tx, is_new } = match self.admit(tx, caller.presented, source).await? {
            Ok(admitted) => admitted,
            Err(refusal) => {
                keep_if_refused(tried, &refusal);
                return Ok(refused(hash, &refusal));
            }
        };
        let newcomer = self.newcomer(source, is_new).await?;
        let turn = self.0.submitting.next(source, Work::Check).await?;
        let to_compute = self.0.computing.next(source, Work::Check).await?;
        let rest = newcomer.map(|turn| Resting::after(turn, NEWCOMERS_REST));
        let ledger = self.ledger().clone();
        // The turns go with the work: whoever hangs up meanwhile has them until that ends.
        let submitting = tokio::spawn(async move {
            let submitted = ledger
                .submit(tx, if waits { Some(waiter) } else { None }, Box::new((to_compute, rest)))
                .await;
            drop(turn);
            if let Err(SubmitError::Refused(refusal)) = &submitted {
                keep_if_refused(tried, refusal);
            }
            submitted
        });
        let stopped = |_| Err(SubmitError::Stopped("the check failed".to_owned()));
        let submitted = submitting.await.unwrap_or_else(stopped);
        match submitted {
            Ok(_) if waits => {
                let outcome = timeout(OUTCOME_WAIT, outcome).await.map_err(|_| undecided(hash))?;
                let outcome = outcome.map_err(|_| Status::unavailable("the node is shutting down"))?;
                self.response_of(hash, bytes, outcome)
            }
            Ok(Submitted::New(_)) => Ok(TxResponse { txhash: hash.to_string(), ..TxResponse::default() }),
            Ok(Submitted::Waiting(_)) => Ok(refused(hash, &SdkError::TxInMempool.into())),
            // A height beside a code would say that this very block refused it.
            Ok(Submitted::Committed { height, .. }) => {
                Ok(refused(hash, &SdkError::TxCommitted { height }.into()))
            }
            Err(SubmitError::Refused(refusal)) => Ok(refused(hash, &refusal)),
            Err(stopped) => Err(status::of_stop(&stopped)),
        }
    }

    fn response_of(&self, hash: TxHash, bytes: Vec<u8>, outcome: TxOutcome) -> Result<TxResponse, Status> {
        match outcome {
            TxOutcome::Committed(record) => {
                Ok(WholeTx { hash, record: *record, bytes }.response(self.ledger().machine().prefix()))
            }
            TxOutcome::Dropped(refusal) => Ok(refused(hash, &refusal.into())),
            TxOutcome::Unknown(reason) => {
                Err(Status::unavailable(format!("the outcome is unknown, look it up by its hash: {reason}")))
            }
        }
    }
}

#[async_trait]
impl Service for Api {
    async fn simulate(
        &self,
        request: Request<wire::SimulateRequest>,
    ) -> Result<Response<wire::SimulateResponse>, Status> {
        let source = source_of(&request);
        let request = request.into_inner();
        let bytes = match request.tx {
            Some(tx) if request.tx_bytes.is_empty() => raw_of(tx),
            _ => request.tx_bytes,
        };
        let response = self.long_work(source, move |api| {
            let tip = api.ledger().tip();
            let time = next_block_time(tip.time, SystemClock::default().now()).unwrap_or(tip.time);
            let block = BlockContext { height: tip.height.saturating_add(1), time: time.unix_timestamp() };
            let machine = api.ledger().machine();
            let refused = |tx: &Tx| api.ledger().refuses(tx);
            if let Some(refusal) =
                Tx::decode_unsigned(&bytes, machine.prefix()).ok().as_ref().and_then(refused)
            {
                return Err(not_simulated(&refusal));
            }
            let executed = machine.simulate(&tip.snapshot, &block, &bytes);
            simulated(executed.map_err(|fatal| status::of_query(fatal.into()))?)
        });
        response.await.map(Response::new)
    }

    async fn get_tx(
        &self,
        request: Request<wire::GetTxRequest>,
    ) -> Result<Response<wire::GetTxResponse>, Status> {
        let source = source_of(&request);
        let hash = TxHash::parse(&request.into_inner().hash)
            .ok_or_else(|| Status::invalid_argument("a transaction's hash is 64 hex digits"))?;
        let found = self.whole_tx(source, hash).await?;
        let tx_response = Some(found.response(self.ledger().machine().prefix()));
        Ok(Response::new(wire::GetTxResponse { tx: found.parts(), tx_response }))
    }

    async fn get_txs_event(
        &self,
        request: Request<wire::GetTxsEventRequest>,
    ) -> Result<Response<wire::GetTxsEventResponse>, Status> {
        let source = source_of(&request);
        let request = request.into_inner();
        let text =
            if request.query.is_empty() { request.events.join(" AND ") } else { request.query.clone() };
        let query = Query::parse(&text).map_err(|error| Status::invalid_argument(error.to_string()))?;
        let plan = TxPlan::of(&query).map_err(|error| Status::invalid_argument(error.to_string()))?;
        let WholeTxs { txs, total, .. } = self.search_txs(source, plan, part_of(&request)?).await?;
        let (prefix, total) = (self.ledger().machine().prefix(), u64::try_from(total).unwrap_or(u64::MAX));
        Ok(Response::new(wire::GetTxsEventResponse {
            txs: txs.iter().map(|tx| tx.parts().unwrap_or_default()).collect(),
            tx_responses: txs.iter().map(|tx| tx.response(prefix)).collect(),
            pagination: Some(PageResponse { next_key: Vec::new(), total }),
            total,
        }))
    }

    async fn get_block_with_txs(
        &self,
        request: Request<wire::GetBlockWithTxsRequest>,
    ) -> Result<Response<wire::GetBlockWithTxsResponse>, Status> {
        let source = source_of(&request);
        let wire::GetBlockWithTxsRequest { height, pagination } = request.into_inner();
        let height =
            u64::try_from(height).map_err(|_| Status::invalid_argument("heights are not negative"))?;
        let pagination = pagination.unwrap_or_default();
        no_key(&pagination)?;
        let block = self.whole_block(source, height).await?;
        let skip = usize::try_from(pagination.offset).unwrap_or(usize::MAX);
        let limit = if pagination.limit == 0 { u64::from(PAGE_RECORDS_MAX) } else { pagination.limit };
        let take = usize::try_from(limit.min(u64::from(PAGE_RECORDS_MAX))).unwrap_or(usize::MAX);
        let txs = block.txs.iter().skip(skip).take(take).map(|tx| parts(tx).unwrap_or_default()).collect();
        let total = u64::try_from(block.txs.len()).unwrap_or(u64::MAX);
        Ok(Response::new(wire::GetBlockWithTxsResponse {
            txs,
            block_id: Some(block_wire::block_id(&block.id)),
            block: Some(block_wire::block(&block)),
            pagination: Some(PageResponse { next_key: Vec::new(), total }),
        }))
    }

    async fn broadcast_tx(
        &self,
        request: Request<wire::BroadcastTxRequest>,
    ) -> Result<Response<wire::BroadcastTxResponse>, Status> {
        let caller = Caller { source: source_of(&request), presented: presented(request.metadata())? };
        let request = request.into_inner();
        let mode = match request.mode() {
            wire::BroadcastMode::Unspecified => {
                return Err(Status::invalid_argument("name a broadcast mode: block, sync or async"));
            }
            mode => mode,
        };
        let response = self.broadcast(request.tx_bytes, mode, caller).await?;
        let full = Refusal::from(SdkError::MempoolFull(String::new()));
        let is_full = (response.codespace.as_str(), response.code) == (full.codespace(), full.code());
        let mut response = Response::new(wire::BroadcastTxResponse { tx_response: Some(response) });
        if is_full {
            come_back(response.metadata_mut(), MEMPOOL_FULL_SECONDS);
        }
        Ok(response)
    }
}

/// Which part of what is found a request asks for. Cosmos's `pagination`, with an offset, is what explorers still send.
fn part_of(request: &wire::GetTxsEventRequest) -> Result<Part, Status> {
    let asked = request.pagination.clone().unwrap_or_default();
    no_key(&asked)?;
    let most = u64::from(PAGE_RECORDS_MAX);
    let limit = [request.limit, asked.limit].into_iter().find(|limit| *limit != 0).unwrap_or(most);
    // Clients ask for a thousand, and go on behind what they get: CometBFT cuts the page down.
    let limit = limit.min(most);
    let skip = match request.page {
        0 => asked.offset,
        page => (page - 1).saturating_mul(limit),
    };
    let descending = request.order_by() == wire::OrderBy::Desc || asked.reverse;
    let number = |number: u64| usize::try_from(number).unwrap_or(usize::MAX);
    Ok(Part { skip: number(skip), take: number(limit), descending })
}

/// What a simulation came to; a refusal is an error here, as in Cosmos.
fn simulated(executed: Executed) -> Result<wire::SimulateResponse, Status> {
    if executed.code != 0 {
        let Executed { code, codespace, log, admitted, .. } = executed;
        let grpc = if admitted { Code::FailedPrecondition } else { Code::InvalidArgument };
        return Err(error_info::of_refusal(grpc, &Named { codespace: &codespace, code }, &log));
    }
    let (data, events) = (executed.data.clone(), executed.abci_events());
    let msg_responses = TxMsgData::decode(data.as_slice()).unwrap_or_default().msg_responses;
    Ok(wire::SimulateResponse {
        gas_info: Some(GasInfo { gas_wanted: 0, gas_used: GAS_USED }),
        result: Some(SimulatedResult { data, log: String::new(), events, msg_responses }),
    })
}

/// A refusal counts against its source, but not that there was no room.
fn keep_if_refused(tried: Tried, refusal: &Refusal) {
    if !matches!(refusal, Refusal::Sdk(SdkError::MempoolFull(_))) {
        tried.keep();
    }
}

fn too_many_refused(wait: TooOften) -> Status {
    let seconds = wait.seconds();
    let words = format!(
        "many transactions of your network address were refused, or wait to be checked; try again in {seconds} seconds"
    );
    with_retry(Code::ResourceExhausted, words, seconds)
}

/// No block has come for it; one may yet.
fn undecided(hash: TxHash) -> Status {
    let seconds = OUTCOME_WAIT.as_secs();
    Status::deadline_exceeded(format!(
        "no block holds the transaction after {seconds} seconds, the outcome is unknown: look {hash} up, and send nothing else \
         with this sequence before"
    ))
}

/// A refusal before any block, as a simulation words it.
fn not_simulated(refusal: &Refusal) -> Status {
    error_info::of_refusal(Code::InvalidArgument, &refusal.into(), &refusal.to_string())
}
