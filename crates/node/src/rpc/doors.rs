//! The ways in: POST with one call or several, a URI, and a websocket.

use axum::body::Body;
use axum::extract::ws::WebSocketUpgrade;
use axum::extract::{Query, Request, State};
use axum::response::Response;
use http::{HeaderMap, HeaderValue, StatusCode, header};
use serde_json::{Value, json};

use super::error::RpcError;
use super::params::Params;
use super::{Caller, Rpc, socket};
use crate::api::REQUEST_BYTES_MAX;
use crate::http::source::Source;

/// Most calls of one request.
const CALLS_MAX: usize = 20;
/// The id of an answer to a request that has none, as in CometBFT.
const NO_ID: i32 = -1;

/// One call as it was posted.
pub(super) struct Posted {
    /// Repeated in the answer; nothing where no answer is wanted.
    pub(super) id: Option<Value>,
    pub(super) method: String,
    pub(super) params: Value,
}

impl Posted {
    /// Reads one request.
    ///
    /// # Errors
    /// The answer that says why it is none.
    pub(super) fn read(request: Value) -> Result<Self, Value> {
        let Value::Object(mut request) = request else {
            return Err(answer(NO_ID.into(), Err(RpcError::request("a request is an object"))));
        };
        let id = request.remove("id");
        let refused =
            |why: &str| Err(answer(id.clone().unwrap_or(NO_ID.into()), Err(RpcError::request(why))));
        if !matches!(id, None | Some(Value::Null | Value::String(_) | Value::Number(_))) {
            return Err(answer(NO_ID.into(), Err(RpcError::request("`id` is a text or a number"))));
        }
        if request.get("jsonrpc").is_some_and(|version| version != "2.0") {
            return refused("`jsonrpc` is \"2.0\"");
        }
        let Some(Value::String(method)) = request.remove("method") else {
            return refused("`method` is the name of a call");
        };
        Ok(Self { id, method, params: request.remove("params").unwrap_or_default() })
    }
}

/// An answer with the id of its request.
pub(super) fn answer(id: Value, result: Result<Value, RpcError>) -> Value {
    match result {
        Ok(result) => json!({ "jsonrpc": "2.0", "id": id, "result": result }),
        Err(error) => json!({ "jsonrpc": "2.0", "id": id, "error": error.to_json() }),
    }
}

impl Rpc {
    /// Answers one request; nothing where no answer is wanted.
    pub(super) async fn answer_one(&self, caller: &Caller, request: Value) -> Option<Value> {
        match Posted::read(request) {
            Ok(Posted { id, method, params }) => {
                let result = self.call(caller, &method, params).await;
                id.map(|id| answer(id, result))
            }
            Err(refused) => Some(refused),
        }
    }

    async fn answer_body(&self, caller: &Caller, body: &[u8]) -> Option<Value> {
        let refused = |error: RpcError| Some(answer(NO_ID.into(), Err(error)));
        let request: Value = match serde_json::from_slice(body) {
            Ok(request) => request,
            Err(error) => return refused(RpcError::parse(error.to_string())),
        };
        let Value::Array(requests) = request else { return self.answer_one(caller, request).await };
        if requests.is_empty() || requests.len() > CALLS_MAX {
            return refused(RpcError::request(format!("a request has 1 to {CALLS_MAX} calls")));
        }
        let mut answers = Vec::with_capacity(requests.len());
        for request in requests {
            answers.extend(self.answer_one(caller, request).await);
        }
        (!answers.is_empty()).then_some(Value::Array(answers))
    }
}

/// `POST /`. An error is an answer like any other, with HTTP's 200.
pub(super) async fn post(State(rpc): State<Rpc>, request: Request) -> Response {
    let caller = caller_of(&request);
    let Ok(body) = axum::body::to_bytes(request.into_body(), REQUEST_BYTES_MAX).await else {
        let why = format!("the request is cut off, or longer than {REQUEST_BYTES_MAX} bytes");
        return respond(StatusCode::OK, Some(answer(NO_ID.into(), Err(RpcError::request(why)))));
    };
    let answer = rpc.answer_body(&caller, &body).await;
    respond(StatusCode::OK, answer)
}

/// `GET /status` and so on.
pub(super) async fn uri(
    State(rpc): State<Rpc>,
    query: Result<Query<Vec<(String, String)>>, axum::extract::rejection::QueryRejection>,
    request: Request,
) -> Response {
    let caller = caller_of(&request);
    let method = request.uri().path().trim_start_matches('/').to_owned();
    let result = match query {
        Ok(Query(values)) => rpc.answer(&caller, &method, &Params::of_uri(values)).await,
        Err(_) => Err(RpcError::params("the query of the URI is not understood")),
    };
    let status = if result.is_ok() { StatusCode::OK } else { StatusCode::INTERNAL_SERVER_ERROR };
    respond(status, Some(answer(NO_ID.into(), result)))
}

/// `GET /websocket`.
pub(super) async fn websocket(
    State(rpc): State<Rpc>,
    upgrade: WebSocketUpgrade,
    request: Request,
) -> Response {
    let caller = caller_of(&request);
    let Ok(place) = rpc.sockets.take(caller.source, 1) else {
        let why = "too many websockets are open, of all or of your address: close some, or come back later";
        return respond(
            StatusCode::SERVICE_UNAVAILABLE,
            Some(answer(NO_ID.into(), Err(RpcError::internal(why)))),
        );
    };
    let activity = request.extensions().get().cloned();
    let upgrade = upgrade.max_message_size(REQUEST_BYTES_MAX).max_frame_size(REQUEST_BYTES_MAX);
    upgrade.on_upgrade(move |stream| async move {
        let _place = place;
        socket::converse(rpc, caller, stream, activity).await;
    })
}

fn caller_of(request: &Request) -> Caller {
    let unknown = Source::Other(std::net::Ipv4Addr::UNSPECIFIED.into());
    let source = request.extensions().get().copied().unwrap_or(unknown);
    Caller { source, headers: request.headers().clone() }
}

fn respond(status: StatusCode, answer: Option<Value>) -> Response {
    let body = answer.map(|answer| Body::from(answer.to_string())).unwrap_or_default();
    let mut response = Response::new(body);
    *response.status_mut() = status;
    let headers: &mut HeaderMap = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response
}
