//! Transactions: what became of one, and sending one that is signed.

use axum::response::Response;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use http::{Method, StatusCode};
use prost::Message as _;
use sealdesk_protocol::json::{self, Shape as _};
use sealdesk_protocol::log;
use sealdesk_protocol::tx::TxHash;
use sealdesk_protocol::wire::cosmos::tx::v1beta1 as wire;
use serde::Deserialize;
use serde_json::json;

use super::problem::Problem;
use super::route::{ADMISSION, ADMITTED_BY, Asked, Body, Kind, Route};
use super::{Rest, answer, media_type, written};
use crate::api::dispatch::BROADCAST;
use crate::ledger::MEMPOOL_FULL_SECONDS;

const TAG: &str = "transactions";
const BYTES: &str = "application/octet-stream";

/// The routes of transactions.
pub(super) fn routes() -> Vec<Route> {
    let mut send = Route::get(
        "/api/v1/transactions",
        TAG,
        "sendTransaction",
        "Send a signed transaction, and wait until a block holds it",
    )
    .may("wait", Kind::Flag, "false: do not wait, and answer 202 with its hash.")
    .header(ADMISSION, Kind::Text, ADMITTED_BY)
    .answers(json::Transaction::shape())
    .by(|rest, asked| Box::pin(send(rest, asked)));
    (send.method, send.at_once) = (Method::POST, Some(json::Admitted::shape()));
    let base64 = json!({ "type": "string", "contentEncoding": "base64" });
    let schema = json!({
        "type": "object",
        "properties": { "tx_bytes": base64 },
        "required": ["tx_bytes"],
        "additionalProperties": false,
    });
    send.body = Some(Body { content: vec![(answer::JSON, schema), (BYTES, json!({}))] });
    vec![
        send,
        Route::get(
            "/api/v1/transactions/{hash}",
            TAG,
            "getTransaction",
            "What became of a transaction, by this node's word",
        )
        .of("hash", Kind::Text, "Its hash: 64 hexadecimal digits.")
        .answers(json::Transaction::shape())
        .by_method(
            "/cosmos.tx.v1beta1.Service/GetTx",
            |asked| Ok(wire::GetTxRequest { hash: asked.text("hash") }),
            |found: wire::GetTxResponse, _| {
                found.tx_response.map(json::Transaction::from).ok_or_else(Problem::broken)
            },
        ),
    ]
}

/// A transaction in JSON.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Sent {
    tx_bytes: String,
}

/// The transaction that a request's body is.
fn tx_bytes(asked: &Asked) -> Result<Vec<u8>, Problem> {
    match media_type(&asked.headers).as_str() {
        BYTES => Ok(asked.body.to_vec()),
        answer::JSON => {
            let sent: Sent = serde_json::from_slice(&asked.body)
                .map_err(|_| Problem::invalid("the body is an object with the one member tx_bytes"))?;
            STANDARD.decode(sent.tx_bytes).map_err(|_| Problem::invalid("'tx_bytes' is base64, with padding"))
        }
        _ => Err(Problem::media_type(format!(
            "a transaction is sent as {BYTES}, or in base64 as {}",
            answer::JSON
        ))),
    }
}

async fn send(rest: Rest, asked: Asked) -> Result<Response, Problem> {
    let tx_bytes = tx_bytes(&asked)?;
    let hash = TxHash::of(&tx_bytes).to_string();
    let waits = asked.arguments.named("wait") != Some("false");
    let mode = if waits { wire::BroadcastMode::Block } else { wire::BroadcastMode::Sync };
    let request = wire::BroadcastTxRequest { tx_bytes, mode: mode.into() };
    let sent = rest.call(BROADCAST, &asked, request.encode_to_vec()).await;
    let sent = sent.map_err(|problem| problem.with("txhash", hash.as_str()))?;
    let (source, bytes) = (asked.source, sent.len());
    written(&rest, source, bytes, move || sent_answer(sent, hash, waits)).await
}

/// What became of a transaction that was sent.
fn sent_answer(sent: Bytes, hash: String, waits: bool) -> Result<Response, Problem> {
    let sent = wire::BroadcastTxResponse::decode(sent).map_err(|_| Problem::broken())?;
    let Some(sent) = sent.tx_response else { return Err(Problem::broken()) };
    if sent.code != 0 {
        let is_full = (sent.codespace.as_str(), sent.code) == ("sdk", 20);
        let retry_after = is_full.then_some(MEMPOOL_FULL_SECONDS);
        let text = log::refusal_text(&sent.raw_log);
        let problem = Problem::refused(&sent.codespace, sent.code, text, retry_after).with("txhash", hash);
        return Err(if sent.height > 0 { problem.with("height", sent.height) } else { problem });
    }
    // What was sent has no earlier answer.
    let headers = http::HeaderMap::new();
    let mut response = match waits {
        true => answer::json(&headers, &json::Transaction::from(sent))?,
        false => answer::json(&headers, &json::Admitted { txhash: hash })?,
    };
    if !waits {
        *response.status_mut() = StatusCode::ACCEPTED;
    }
    Ok(response)
}
