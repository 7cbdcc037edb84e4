//! Cosmos's transaction service: broadcast, get, simulate.

use std::time::Duration;

use prost::{Message as _, Name as _};
use prost_types::Any;
use sealdesk_machine::{BlockContext, Executed, ExecutedMessage, Machine, QueryError, abci_events};
use sealdesk_protocol::block::Time;
use sealdesk_protocol::codes::{Refusal, SdkError};
use sealdesk_protocol::events::Emitted;
use sealdesk_protocol::ids::Prefix;
use sealdesk_protocol::tx::{Tx, TxHash};
use sealdesk_protocol::wire::cosmos::base::abci::v1beta1::{
    GasInfo, Result as SimulatedResult, TxMsgData, TxResponse,
};
use sealdesk_protocol::wire::cosmos::tx::v1beta1 as wire;
use sealdesk_protocol::wire::sealdesk::ledger::v1::TxRecord;
use sealdesk_protocol::wire::tendermint::abci;
use tokio::sync::oneshot;
use tokio::time::timeout;
use tonic::{Code, Request, Response, Status, async_trait};

use super::admission::presented;
use super::services::cosmos::tx::v1beta1::service_server::Service;
use super::{Api, error_info, source_of, status};
use crate::admission::Presented;
use crate::clock::{Clock as _, SystemClock, next_block_time};
use crate::http::retry::come_back;
use crate::http::source::Source;
use crate::ledger::{MEMPOOL_FULL_SECONDS, SubmitError, Submitted, Tip, TxOutcome};

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
        if let Some(refusal) = self.admit(&tx, caller.presented, caller.source).await? {
            return Ok(refused(hash, &refusal));
        }
        let turn = self.0.submitting.next(caller.source).await?;
        let ledger = self.ledger().clone();
        // The turn goes with the work: whoever hangs up meanwhile has it until that ends.
        let submitting = tokio::spawn(async move {
            let submitted = ledger.submit(tx, if waits { Some(waiter) } else { None }).await;
            drop(turn);
            submitted
        });
        let stopped = |_| Err(SubmitError::Stopped("the check failed".to_owned()));
        let submitted = submitting.await.unwrap_or_else(stopped);
        match submitted {
            Ok(_) if waits => {
                let outcome = timeout(OUTCOME_WAIT, outcome).await.map_err(|_| undecided(hash))?;
                let outcome = outcome.map_err(|_| Status::unavailable("the node is shutting down"))?;
                self.response_of(hash, outcome)
            }
            Ok(Submitted::New(_)) => Ok(TxResponse { txhash: hash.to_string(), ..TxResponse::default() }),
            Ok(Submitted::Known(_)) => Ok(refused(hash, &SdkError::TxInMempool.into())),
            Err(SubmitError::Refused(refusal)) => Ok(refused(hash, &refusal)),
            Err(stopped) => Err(status::of_stop(&stopped)),
        }
    }

    fn response_of(&self, hash: TxHash, outcome: TxOutcome) -> Result<TxResponse, Status> {
        match outcome {
            TxOutcome::Committed(record) => Ok(tx_response(self.ledger().machine().prefix(), hash, &record)),
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
        let turn = self.0.simulating.next(source).await?;
        let response = self.work_in(turn, move |api| {
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
        let response = self.work(source, move |api| {
            let (machine, tip) = (api.ledger().machine(), api.ledger().tip());
            let record = machine.tx(&tip.snapshot, hash).map_err(status::of_query)?;
            let record = record.ok_or_else(|| no_tx(machine, &tip, hash))?;
            let tx_response = tx_response(machine.prefix(), hash, &record);
            Ok(wire::GetTxResponse { tx: tx_of(&record.tx), tx_response: Some(tx_response) })
        });
        response.await.map(Response::new)
    }

    async fn get_txs_event(&self, _: Request<wire::GetTxsEventRequest>) -> Result<Response<wire::GetTxsEventResponse>, Status> {
        Err(Status::unimplemented("not here yet"))
    }
    async fn get_block_with_txs(&self, _: Request<wire::GetBlockWithTxsRequest>) -> Result<Response<wire::GetBlockWithTxsResponse>, Status> {
        Err(Status::unimplemented("not here yet"))
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

/// Why a transaction is not found: a node whose history begins later cannot tell whether there is one.
fn no_tx(machine: &Machine, tip: &Tip, hash: TxHash) -> Status {
    match machine.history_start(&tip.snapshot) {
        Ok(None) => status::of_query(QueryError::NotFound(format!("transaction {hash}"))),
        Ok(Some(start)) => {
            let why = QueryError::BeforeHistory { from: start.from };
            status::before_history(
                Code::NotFound,
                &format!("transaction {hash} not found: {why}"),
                start.from,
            )
        }
        Err(error) => status::of_query(error),
    }
}

/// What a simulation came to; a refusal is an error here, as in Cosmos.
fn simulated(executed: Executed) -> Result<wire::SimulateResponse, Status> {
    if executed.code != 0 {
        let Executed { code, codespace, log, admitted, .. } = executed;
        let grpc = if admitted { Code::FailedPrecondition } else { Code::InvalidArgument };
        return Err(error_info::of_refusal(grpc, (&codespace, code), &log));
    }
    let (data, events) = (executed.data.clone(), executed.abci_events());
    let msg_responses = TxMsgData::decode(data.as_slice()).unwrap_or_default().msg_responses;
    Ok(wire::SimulateResponse {
        gas_info: Some(GasInfo { gas_wanted: 0, gas_used: GAS_USED }),
        result: Some(SimulatedResult { data, log: String::new(), events, msg_responses }),
    })
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
    error_info::of_refusal(Code::InvalidArgument, error_info::named(refusal), &refusal.to_string())
}

/// The answer to a transaction that is not on the ledger, shaped as Cosmos shapes it.
fn refused(hash: TxHash, refusal: &Refusal) -> TxResponse {
    TxResponse {
        txhash: hash.to_string(),
        codespace: refusal.codespace().to_owned(),
        code: refusal.code(),
        raw_log: refusal.to_string(),
        ..TxResponse::default()
    }
}

/// A transaction on the ledger, shaped as Cosmos shapes it.
fn tx_response(prefix: &Prefix, hash: TxHash, record: &TxRecord) -> TxResponse {
    let tx = tx_of(&record.tx).map(|tx| Any { type_url: wire::Tx::type_url(), value: tx.encode_to_vec() });
    let time = Time::from_unix_timestamp(record.timestamp, 0).map(|time| time.to_rfc3339());
    TxResponse {
        height: record.height,
        txhash: hash.to_string(),
        codespace: record.codespace.clone(),
        code: record.code,
        data: hex::encode_upper(&record.data),
        raw_log: record.log.clone(),
        timestamp: time.unwrap_or_default(),
        events: events_of(prefix, record),
        tx,
        ..TxResponse::default()
    }
}

/// The events of a transaction on the ledger. Its record does not say how many belong to each message: those that name its action and
/// its sender do.
fn events_of(prefix: &Prefix, record: &TxRecord) -> Vec<abci::Event> {
    let Ok(tx) = Tx::decode(&record.tx, prefix) else { return Vec::new() };
    if record.code != 0 {
        return Vec::new();
    }
    let events: Vec<Emitted> =
        record.events.iter().filter_map(|record| Emitted::from_record(record).ok()).collect();
    let mut rest = events.as_slice();
    let messages: Vec<ExecutedMessage> = tx
        .messages()
        .iter()
        .map(|message| {
            let (type_url, sender) = (message.type_url(), message.signer().to_string());
            let own = rest.iter().take_while(|own| own.action == type_url && own.sender == sender).count();
            rest = rest.get(own..).unwrap_or_default();
            ExecutedMessage { type_url, sender, module: message.module(), events: own }
        })
        .collect();
    abci_events(&messages, &events)
}

/// The transaction as its parts; `None` where its bytes are not kept, as of one whose messages were refused.
fn tx_of(bytes: &[u8]) -> Option<wire::Tx> {
    if bytes.is_empty() {
        return None;
    }
    let raw = wire::TxRaw::decode(bytes).ok()?;
    Some(wire::Tx {
        body: Some(wire::TxBody::decode(raw.body_bytes.as_slice()).ok()?),
        auth_info: Some(wire::AuthInfo::decode(raw.auth_info_bytes.as_slice()).ok()?),
        signatures: raw.signatures,
    })
}

fn raw_of(tx: wire::Tx) -> Vec<u8> {
    let raw = wire::TxRaw {
        body_bytes: tx.body.unwrap_or_default().encode_to_vec(),
        auth_info_bytes: tx.auth_info.unwrap_or_default().encode_to_vec(),
        signatures: tx.signatures,
    };
    raw.encode_to_vec()
}
