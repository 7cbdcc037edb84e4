//! The ways in: POST with one call or several, a URI, and a websocket.

use axum::Extension;
use axum::body::Body;
use axum::extract::ws::WebSocketUpgrade;
use axum::extract::{Query, Request, State};
use axum::response::Response;
use http::{HeaderMap, HeaderValue, StatusCode, header};
use serde_json::value::RawValue;

use super::error::RpcError;
use super::params::Params;
use super::posted::{self, Id, Posted};
use super::reply::{Answer, Reply};
use super::{Caller, Rpc, socket};
use crate::api::{REQUEST_BYTES_MAX, RESPONSE_BYTES_MAX};
use crate::http::body::{self, Memory, Unread};
use crate::http::names::is_of_a_browser;
use crate::http::source::Source;
use crate::http::{busy, retry};

/// How the names of the calls begin that hand in a transaction.
const BROADCAST: &str = "broadcast_";

impl Rpc {
    /// Answers one request.
    pub(super) async fn answer_one(&self, caller: &Caller, request: &RawValue) -> Answer {
        match Posted::read(request) {
            Ok(Posted { id, method, params }) => {
                let result = self.call(caller, &method, params).await;
                id.map_or_else(Answer::nothing, |id| Answer::of(&id, result))
            }
            Err((id, error)) => Answer::of(&id, Err(error)),
        }
    }

    async fn answer_body(&self, caller: &Caller, body: &[u8]) -> Answer {
        match posted::Body::read(body) {
            Ok(posted::Body::One(request)) => self.answer_one(caller, request).await,
            Ok(posted::Body::Several(requests)) => self.answer_several(caller, &requests).await,
            Err(error) => Answer::refused(error),
        }
    }

    /// Answers several requests at once. Each answer counts as it is made: where there is no room for one, the calls after it are not made.
    async fn answer_several(&self, caller: &Caller, requests: &[&RawValue]) -> Answer {
        let mut held = caller.memory.answers.share(caller.source);
        let mut all = Answer { text: "[".to_owned(), retry_after: None };
        let mut full = None;
        for request in requests {
            let mut one = match &full {
                None => self.answer_one(caller, request).await,
                Some(why) => unmade(request, why),
            };
            let bytes = all.text.len().saturating_add(one.text.len());
            if full.is_none() && bytes > RESPONSE_BYTES_MAX {
                let why = RpcError::internal("the answers to these calls are too long for one: ask in parts");
                one = unmade(request, full.insert(why));
            } else if full.is_none() && held.grow(one.text.len()).is_err() {
                let why = retry::busy_answering("too many of its answers have not been read").into();
                one = unmade(request, full.insert(why));
            }
            if all.text.len() > 1 && !one.text.is_empty() {
                all.text.push(',');
            }
            all.text.push_str(&one.text);
            all.retry_after = all.retry_after.max(one.retry_after);
        }
        all.text.push(']');
        if all.text.len() > 2 { all } else { Answer::nothing() }
    }
}

/// The answer to a call for whose answer there is no room.
fn unmade(request: &RawValue, why: &RpcError) -> Answer {
    match Posted::read(request) {
        Ok(Posted { id, .. }) => id.map_or_else(Answer::nothing, |id| Answer::of(&id, Err(why.clone()))),
        Err((id, error)) => Answer::of(&id, Err(error)),
    }
}

/// `POST /`. An error is an answer like any other, with HTTP's 200; but nothing was asked where the request never came.
pub(super) async fn post(
    State(rpc): State<Rpc>,
    Extension(memory): Extension<Memory>,
    request: Request,
) -> Response {
    let caller = caller_of(&request, memory);
    if body::is_compressed(request.headers()) {
        let refused = Answer::refused(RpcError::request(body::COMPRESSED));
        return respond(StatusCode::UNSUPPORTED_MEDIA_TYPE, refused);
    }
    let mut status = StatusCode::OK;
    let answer = match axum::body::to_bytes(request.into_body(), REQUEST_BYTES_MAX).await {
        Ok(body) => rpc.answer_body(&caller, &body).await,
        Err(error) => Answer::refused(match body::unread(error.into()) {
            Some(Unread::Late(why)) => {
                status = StatusCode::REQUEST_TIMEOUT;
                RpcError::request(why)
            }
            Some(Unread::NoRoom(busy)) => busy.into(),
            None => {
                RpcError::request(format!("the request is cut off, or longer than {REQUEST_BYTES_MAX} bytes"))
            }
        }),
    };
    respond(status, answer)
}

/// `GET /status` and so on.
pub(super) async fn uri(
    State(rpc): State<Rpc>,
    Extension(memory): Extension<Memory>,
    query: Result<Query<Vec<(String, String)>>, axum::extract::rejection::QueryRejection>,
    request: Request,
) -> Response {
    let caller = caller_of(&request, memory);
    let method = request.uri().path().trim_start_matches('/').to_owned();
    if method.starts_with(BROADCAST) && is_of_a_browser(request.headers()) {
        let why = "a transaction cannot be handed in by following a link: wallets and scripts POST it to /";
        return respond(StatusCode::FORBIDDEN, Answer::refused(RpcError::request(why)));
    }
    let result: Result<Reply, RpcError> = match query {
        Ok(Query(values)) => rpc.answer(&caller, &method, &Params::of_uri(values)).await,
        Err(_) => Err(RpcError::params("the query of the URI is not understood")),
    };
    let status = if result.is_ok() { StatusCode::OK } else { StatusCode::INTERNAL_SERVER_ERROR };
    respond(status, Answer::of(&Id::none(), result))
}

/// `GET /websocket`.
pub(super) async fn websocket(
    State(rpc): State<Rpc>,
    Extension(memory): Extension<Memory>,
    upgrade: WebSocketUpgrade,
    request: Request,
) -> Response {
    let caller = caller_of(&request, memory);
    let Some(seat) = rpc.seats.take(caller.source) else {
        let why = busy("too many websockets are open, of all or of your address");
        return respond(StatusCode::SERVICE_UNAVAILABLE, Answer::refused(why.into()));
    };
    let activity = request.extensions().get().cloned();
    let upgrade = upgrade.max_message_size(REQUEST_BYTES_MAX).max_frame_size(REQUEST_BYTES_MAX);
    upgrade.on_upgrade(move |stream| socket::converse(rpc, caller, stream, seat, activity))
}

fn caller_of(request: &Request, memory: Memory) -> Caller {
    let unknown = Source::Other(std::net::Ipv4Addr::UNSPECIFIED.into());
    let source = request.extensions().get().copied().unwrap_or(unknown);
    Caller { source, headers: request.headers().clone(), memory }
}

fn respond(status: StatusCode, answer: Answer) -> Response {
    let mut response = Response::new(Body::from(answer.text));
    *response.status_mut() = status;
    let headers: &mut HeaderMap = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    if let Some(seconds) = answer.retry_after {
        headers.insert(header::RETRY_AFTER, seconds.into());
    }
    response
}
