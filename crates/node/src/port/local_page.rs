//! The page on the computer of whoever uses it: its files are this program's own, and all that it asks is asked of a node elsewhere. So no
//! code runs in it that a node serves.
//!
//! Whatever the node answers comes into the page's own origin, and a link can lead there. Therefore each answer is data: of its headers only
//! those that say so are passed on, and a policy of its own has a browser run nothing of it. What a browser tells of its user is
//! not passed on to the node, and neither are cookies; the share of a key that one holds is given back here.

use axum::Router;
use axum::body::Body;
use axum::extract::Request;
use axum::response::Response;
use axum::routing::get;
use http::uri::{PathAndQuery, Scheme};
use http::{HeaderMap, HeaderName, HeaderValue, StatusCode, Uri, header};
use sealdesk_protocol::ids::ChainId;
use tokio::net::TcpListener;
use tonic::Status;
use tower::{Service, ServiceExt as _};

use super::capacity::Capacity;
use super::config::Front;
use super::refusal::Face;
use crate::http::Endpoint;
use crate::http::names::{Names, Pages};
use crate::http::proxies::Proxies;
use crate::metrics::Metrics;
use crate::page;

/// Headers of a request that the node needs. What else there is tells it of the browser, or is between two ends of one connection.
const PASSED_ON: [&str; 11] = [
    "accept",
    "authorization",
    "content-length",
    "content-type",
    "grpc-timeout",
    "if-none-match",
    "last-event-id",
    "range",
    "x-cosmos-block-height",
    "x-grpc-web",
    "x-user-agent",
];
/// Metadata of gRPC that this project's clients send, and that errors carry, begins so.
const OWN_METADATA: &str = "sealdesk-";
/// Headers of an answer that are data about data.
const GIVEN_BACK: [&str; 8] = [
    "content-length",
    "etag",
    "grpc-message",
    "grpc-status",
    "grpc-status-details-bin",
    "last-modified",
    "retry-after",
    "x-cosmos-block-height",
];
/// What an answer may be. A browser runs none of it.
const DATA: [&str; 9] = [
    "application/grpc-web",
    "application/grpc-web+proto",
    "application/grpc-web-text",
    "application/grpc-web-text+proto",
    "application/json",
    "application/octet-stream",
    "application/problem+json",
    "text/event-stream",
    "text/plain",
];
/// What becomes of an answer that is something else.
const BYTES: &str = "application/octet-stream";
/// What every answer of the node comes with.
const NEVER_SHOWN: [(&str, &str); 5] = [
    (
        "content-security-policy",
        "default-src 'none'; sandbox; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
    ),
    ("x-content-type-options", "nosniff"),
    ("cross-origin-resource-policy", "same-origin"),
    ("referrer-policy", "no-referrer"),
    ("cache-control", "no-store"),
];

type BoxError = Box<dyn std::error::Error + Send + Sync>;

/// Serves the page at bound sockets of this computer, and passes on what it asks to a node of this ledger. Dropping what this gives ends it.
///
/// Requests for another host than this computer, and from pages of another, are refused, as on every port of a node: a name that
/// somebody else has lead here brings nobody in.
///
/// # Errors
/// [`std::io::Error`] where a socket is reached from other machines, has no address, or there is none.
pub fn serve_here<S>(listeners: Vec<TcpListener>, ledger: &ChainId, node: S) -> std::io::Result<Endpoint>
where
    S: Service<http::Request<tonic::body::Body>, Response = http::Response<tonic::body::Body>>
        + Clone
        + Send
        + Sync
        + 'static,
    S::Error: Into<BoxError> + Send,
    S::Future: Send,
{
    let mut listening = Vec::new();
    for listener in &listeners {
        let ip = listener.local_addr()?.ip();
        if !ip.is_loopback() {
            return Err(std::io::Error::other(format!("{ip} is reached from other machines")));
        }
        listening.push(ip);
    }
    let names = Names { listening, public: None, pages: Pages::Of(Vec::new()), scheme: Some(Scheme::HTTP) };
    let front = Front { names, proxies: Proxies::None, tls: None, capacity: Capacity::default() };
    super::serve(listeners, router(node), front, Metrics::solo(ledger).into())
}

fn router<S>(node: S) -> Router
where
    S: Service<http::Request<tonic::body::Body>, Response = http::Response<tonic::body::Body>>
        + Clone
        + Send
        + Sync
        + 'static,
    S::Error: Into<BoxError> + Send,
    S::Future: Send,
{
    let asked = move |request: Request| {
        let node = node.clone();
        async move {
            match page::visited(&request) {
                Some(page) => page,
                None => ask(node, request).await,
            }
        }
    };
    page::router().route("/", get(front)).fallback(asked)
}

/// The page, for whatever comes to its beginning.
async fn front(asked: HeaderMap) -> Response {
    page::index(&asked).unwrap_or_else(|| {
        Face::Plain.refuse(Status::unimplemented("this program was built without the page"))
    })
}

async fn ask<S>(node: S, request: Request) -> Response
where
    S: Service<http::Request<tonic::body::Body>, Response = http::Response<tonic::body::Body>>,
    S::Error: Into<BoxError>,
{
    let face = Face::of(request.headers());
    let path = request.uri().path();
    // A browser that still runs an older page asks for its parts. Those of the node are code, however they are labelled.
    if path.starts_with("/assets/") || path.ends_with(".wasm") {
        return face.refuse(Status::not_found("this program's page has no such file: load the page again"));
    }
    let answered = match passed_on(request) {
        Some(request) => node.oneshot(request).await.map_err(Into::into),
        None => return face.refuse(Status::invalid_argument("the request's path cannot be passed on")),
    };
    match answered {
        Ok(answer) => given_back(answer),
        Err(error) => {
            let why = innermost(error.as_ref());
            let words = format!("the node of this desk does not answer ({why}); retrying automatically");
            face.refuse(Status::unavailable(words))
        }
    }
}

/// What the node is asked; `None` where there is no path.
fn passed_on(request: Request) -> Option<http::Request<tonic::body::Body>> {
    let (head, body) = request.into_parts();
    let path: PathAndQuery = head.uri.path_and_query()?.clone();
    let mut onward = http::Request::new(tonic::body::Body::new(body));
    *onward.method_mut() = head.method;
    *onward.uri_mut() = Uri::from(path);
    for (name, value) in &head.headers {
        if PASSED_ON.contains(&name.as_str()) || name.as_str().starts_with(OWN_METADATA) {
            onward.headers_mut().append(name, value.clone());
        }
    }
    Some(onward)
}

/// What the page is given of the node's answer.
fn given_back(answer: http::Response<tonic::body::Body>) -> Response {
    let (head, body) = answer.into_parts();
    let mut response = Response::new(Body::new(body));
    // An answer that changes what is spoken, or leads elsewhere, is none that the page asked for.
    let leads_on = head.status.is_informational() || head.status.is_redirection();
    let is_known = !leads_on || head.status == StatusCode::NOT_MODIFIED;
    *response.status_mut() = if is_known { head.status } else { StatusCode::BAD_GATEWAY };
    let headers = response.headers_mut();
    for (name, value) in &head.headers {
        if GIVEN_BACK.contains(&name.as_str()) || name.as_str().starts_with(OWN_METADATA) {
            headers.insert(name, value.clone());
        }
    }
    headers.insert(header::CONTENT_TYPE, data_type(head.headers.get(header::CONTENT_TYPE)));
    for (name, value) in NEVER_SHOWN {
        headers.insert(HeaderName::from_static(name), HeaderValue::from_static(value));
    }
    response
}

/// The type of an answer, where it is one of data.
fn data_type(said: Option<&HeaderValue>) -> HeaderValue {
    let essence = |value: &HeaderValue| {
        let text = value.to_str().ok()?.split(';').next()?.trim().to_ascii_lowercase();
        DATA.into_iter().find(|known| *known == text)
    };
    HeaderValue::from_static(said.and_then(essence).unwrap_or(BYTES))
}

/// The innermost cause is what a person can act on: "connection refused".
fn innermost(error: &(dyn std::error::Error + 'static)) -> String {
    let mut cause = error;
    while let Some(inner) = cause.source() {
        cause = inner;
    }
    cause.to_string()
}

#[cfg(test)]
mod tests;
