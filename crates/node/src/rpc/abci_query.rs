//! `abci_query`: any unary gRPC method by its path, as the Cosmos SDK answers it.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use http::HeaderMap;
use serde_json::{Value, json};
use tonic::{Code, Status};

use super::error::RpcError;
use super::params::Params;
use super::reply::Reply;
use super::{Caller, Rpc};
use crate::api::dispatch::{BROADCAST, Call};

/// Cosmos's codes for what a query ends with.
const UNAUTHORIZED: u32 = 4;
const UNKNOWN_REQUEST: u32 = 6;
const INVALID_REQUEST: u32 = 18;
const KEY_NOT_FOUND: u32 = 22;
/// Paths of methods that do not answer with a record of the ledger, or that take a query themselves.
const NOT_QUERIES: [&str; 1] = ["/cosmos.base.tendermint.v1beta1.Service/ABCIQuery"];

impl Rpc {
    pub(super) async fn abci_query(&self, caller: &Caller, params: &Params) -> Result<Reply, RpcError> {
        let (path, data) = (params.needed_text("path")?, params.hex("data")?.unwrap_or_default());
        let (asked, newest) = (params.number("height")?.unwrap_or(0), self.context.api.ledger().tip().height);
        if asked != 0 && asked != newest {
            return Ok(
                refused(INVALID_REQUEST, "only the newest state can be asked for: leave height out").into()
            );
        }
        // By URI a link on any page would hand one in, in the name of whoever follows it.
        if path == BROADCAST {
            let why = "a query changes nothing: a transaction is handed in with broadcast_tx_sync, broadcast_tx_async or \
                       broadcast_tx_commit";
            return Ok(refused(UNKNOWN_REQUEST, why).into());
        }
        if !is_method(&path) || NOT_QUERIES.contains(&path.as_str()) {
            let why = "unknown query path: this node answers /package.Service/Method, as its gRPC reflection lists them; what proves a \
                       record is /sealdesk.ledger.v1.Ledger/Proof";
            return Ok(refused(UNKNOWN_REQUEST, why).into());
        }
        let call =
            Call { source: caller.source, path: &path, metadata: HeaderMap::new(), message: data.into() };
        match self.context.dispatch.unary(call).await {
            Ok(answer) => {
                let (message, api) = (answer.message, &self.context.api);
                let answer_bytes = message.len();
                let write = move || Reply::from(response(0, "", &message, newest));
                Ok(api.write(caller.source, answer_bytes, write).await?)
            }
            Err(status) => of_status(&status).map(Reply::from),
        }
    }
}

/// `/package.Service/Method`.
fn is_method(path: &str) -> bool {
    let parts = path.strip_prefix('/').and_then(|path| path.split_once('/'));
    let is_name = |name: &str| {
        !name.is_empty() && name.chars().all(|letter| letter.is_ascii_alphanumeric() || "._".contains(letter))
    };
    parts.is_some_and(|(service, method)| service.contains('.') && is_name(service) && is_name(method))
}

/// What a call that failed comes to. Whoever should come back later gets an error of JSON-RPC, which clients try again.
fn of_status(status: &Status) -> Result<Value, RpcError> {
    let code = match status.code() {
        Code::NotFound => KEY_NOT_FOUND,
        Code::Unimplemented => UNKNOWN_REQUEST,
        Code::Unauthenticated | Code::PermissionDenied => UNAUTHORIZED,
        Code::ResourceExhausted | Code::Unavailable | Code::DeadlineExceeded | Code::Internal => {
            return Err(status.clone().into());
        }
        _ => INVALID_REQUEST,
    };
    Ok(refused(code, status.message()))
}

fn refused(code: u32, log: &str) -> Value {
    response(code, log, &[], 0)
}

fn response(code: u32, log: &str, value: &[u8], height: u64) -> Value {
    let value = if value.is_empty() { Value::Null } else { BASE64.encode(value).into() };
    json!({ "response": {
        "code": code,
        "log": log,
        "info": "",
        "index": "0",
        "key": null,
        "value": value,
        "proofOps": null,
        "height": height.to_string(),
        "codespace": if code == 0 { "" } else { "sdk" },
    } })
}
