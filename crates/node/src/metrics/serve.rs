//! The address that Prometheus reads: `/metrics`, and `/health` for monitors that only ask whether the ledger runs.
//!
//! It has no authentication, as no exporter of metrics has: the operator says where it listens, and what it says is for everyone who
//! can reach that. Nothing can be changed here. Where it listens on loopback, requests must name a loopback host, so that no web
//! page can read it by rebinding its own name to this machine.

use std::convert::Infallible;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use axum::response::IntoResponse as _;
use http::{HeaderValue, Method, Request, Response, StatusCode, header};
use http_body_util::Full;
use hyper::body::{Bytes, Incoming};
use hyper::server::conn::http1;
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Mutex;
use tokio::time::Instant;

use super::Instrumentation;
use crate::http::Endpoint;
use crate::http::accept::Bounds;
use crate::http::budget;
use crate::http::busy;
use crate::http::names;
use crate::http::problem;
use crate::http::proxies::Proxies;
use crate::ledger::Ledger;

/// Connections that this address takes. An answer that is being given when it stops ends with its connection's time.
const BOUNDS: Bounds = Bounds {
    connections: budget::Bounds { all: 16, per_source: 4, own: 16 },
    proxies: 0,
    farewell: Duration::ZERO,
};
/// Bytes of a request's head. No body is ever read.
const HEAD_BYTES_MAX: usize = 16_384;
/// How long a request's head may take.
const HEAD_WAIT: Duration = Duration::from_secs(5);
/// How long a connection may last, its one answer included.
const CONNECTION_WAIT: Duration = Duration::from_secs(15);
/// How long a text is good enough for everyone who asks: making it looks at files, state and CometBFT.
const TEXT_LASTS: Duration = Duration::from_secs(1);
/// Prometheus's text format.
const TEXT_FORMAT: &str = "text/plain; version=0.0.4; charset=utf-8";

/// Where the answers come from. Cheap to clone.
#[derive(Clone)]
pub(crate) struct Source {
    /// The ledger, with what it has counted.
    pub(crate) ledger: Arc<dyn Ledger>,
    /// Where its files are.
    pub(crate) data_dir: PathBuf,
    /// Where CometBFT gives its own.
    pub(crate) cometbft: Option<Instrumentation>,
}

/// The text, made once for all who ask within a second.
struct Exposed {
    source: Source,
    known: Arc<Mutex<Option<(Instant, Bytes)>>>,
}

/// Answers on a bound socket.
///
/// # Errors
/// [`std::io::Error`] if the socket has no address.
pub(crate) fn serve(listener: TcpListener, source: Source) -> std::io::Result<Endpoint> {
    let on_loopback = listener.local_addr()?.ip().is_loopback();
    let source = Arc::new(Exposed::new(source));
    Endpoint::start(vec![listener], BOUNDS, Proxies::None, move |connection| {
        converse(connection.stream, source.clone(), on_loopback)
    })
}

/// `/metrics` for a port that answers other things too.
pub(crate) fn router(source: Source) -> axum::Router {
    let exposed = Arc::new(Exposed::new(source));
    axum::Router::new().route(
        "/metrics",
        axum::routing::get(async move || match exposed.text().await {
            Some(bytes) => text(StatusCode::OK, bytes).map(axum::body::Body::new),
            None => problem::of_status(&busy("its metrics cannot be read")).into_response(),
        }),
    )
}

impl Exposed {
    fn new(source: Source) -> Self {
        Self { source, known: Arc::default() }
    }

    /// Everything, each name once: ours, and what CometBFT gives. `None` where it could not be made.
    async fn text(&self) -> Option<Bytes> {
        // Who comes while it is made waits here, and does not have it made again.
        let mut known = self.known.clone().lock_owned().await;
        if let Some((_, text)) = known.as_ref().filter(|(made, _)| made.elapsed() < TEXT_LASTS) {
            return Some(text.clone());
        }
        let source = self.source.clone();
        // The lock goes with the work: who takes a request back does not have it done once more beside it.
        let made = tokio::spawn(async move {
            let text = Bytes::from(exposition(source).await);
            *known = Some((Instant::now(), text.clone()));
            text
        });
        made.await.ok()
    }
}

/// One connection, one answer.
async fn converse(stream: TcpStream, exposed: Arc<Exposed>, on_loopback: bool) {
    let mut server = http1::Builder::new();
    server
        .timer(TokioTimer::new())
        .header_read_timeout(HEAD_WAIT)
        .max_buf_size(HEAD_BYTES_MAX)
        .keep_alive(false);
    let service = hyper::service::service_fn(move |request| answer(exposed.clone(), on_loopback, request));
    let served = server.serve_connection(TokioIo::new(stream), service);
    match tokio::time::timeout(CONNECTION_WAIT, served).await {
        Ok(Ok(())) => {}
        Ok(Err(error)) => tracing::debug!("a connection for metrics ended: {error}"),
        Err(_) => tracing::debug!("a connection for metrics took too long"),
    }
}

async fn answer(
    exposed: Arc<Exposed>,
    on_loopback: bool,
    request: Request<Incoming>,
) -> Result<Response<Full<Bytes>>, Infallible> {
    if on_loopback && !names_loopback(request.headers().get(header::HOST)) {
        return Ok(text(StatusCode::MISDIRECTED_REQUEST, "this address is for this machine only\n"));
    }
    let path = request.uri().path();
    if !["/metrics", "/health"].contains(&path) {
        return Ok(text(StatusCode::NOT_FOUND, "here are /metrics and /health\n"));
    }
    if request.method() != Method::GET {
        let mut refused = text(StatusCode::METHOD_NOT_ALLOWED, "only GET\n");
        refused.headers_mut().insert(header::ALLOW, HeaderValue::from_static("GET"));
        return Ok(refused);
    }
    if path == "/health" {
        return Ok(match exposed.source.ledger.is_closed() {
            false => text(StatusCode::OK, "ok\n"),
            true => text(StatusCode::SERVICE_UNAVAILABLE, "the ledger has stopped\n"),
        });
    }
    Ok(match exposed.text().await {
        Some(bytes) => text(StatusCode::OK, bytes),
        None => text(StatusCode::SERVICE_UNAVAILABLE, "the metrics cannot be read\n"),
    })
}

async fn exposition(source: Source) -> String {
    let theirs = match &source.cometbft {
        Some(cometbft) => cometbft.ask().await,
        None => None,
    };
    if let Some(replica) = &source.ledger.metrics().replica {
        replica.answers(theirs.is_some());
    }
    // Looking at files and state may take its time.
    let ours = tokio::task::spawn_blocking(move || {
        let ledger = source.ledger.as_ref();
        ledger.metrics().text(ledger, &source.data_dir)
    });
    ours.await.unwrap_or_default() + &theirs.unwrap_or_default()
}

fn text(status: StatusCode, body: impl Into<Bytes>) -> Response<Full<Bytes>> {
    let mut response = Response::new(Full::new(body.into()));
    *response.status_mut() = status;
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(TEXT_FORMAT));
    headers.insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response
}

/// Whether a request was meant for this machine by a name that nobody else can give it.
fn names_loopback(host: Option<&HeaderValue>) -> bool {
    let Some(host) = host.and_then(|host| host.to_str().ok()) else { return false };
    host.parse::<http::uri::Authority>().is_ok_and(|host| names::is_loopback(host.host()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_names_that_nobody_else_can_give_this_machine_are_its_own() {
        let is_own = |host: &'static str| names_loopback(Some(&HeaderValue::from_static(host)));
        for own in
            ["127.0.0.1:26660", "127.0.0.1", "localhost:26660", "LocalHost", "[::1]:26660", "127.9.9.9:1"]
        {
            assert!(is_own(own), "{own}");
        }
        for other in
            ["desk.example.org", "desk.example.org:26660", "10.0.0.1:26660", "localhost.example.org", ""]
        {
            assert!(!is_own(other), "{other}");
        }
        assert!(!names_loopback(None));
    }

    #[tokio::test(start_paused = true)]
    async fn the_text_is_made_once_a_second_however_many_ask_and_take_it_back() {
        let solo = crate::desk::open(crate::desk::Memory::default().disks(), &crate::desk::clock()).unwrap();
        let source = Source { ledger: solo.handle().clone(), data_dir: PathBuf::new(), cometbft: None };
        let exposed = Arc::new(Exposed::new(source));
        let asked = |exposed: &Arc<Exposed>| {
            let exposed = exposed.clone();
            tokio::spawn(async move { exposed.text().await.unwrap() })
        };
        let gone: Vec<_> = (0..20).map(|_| asked(&exposed)).collect();
        tokio::task::yield_now().await;
        gone.iter().for_each(tokio::task::JoinHandle::abort);
        let first = exposed.text().await.unwrap();
        let mut texts = Vec::new();
        for asking in (0..20).map(|_| asked(&exposed)).collect::<Vec<_>>() {
            texts.push(asking.await.unwrap());
        }
        assert!(first.starts_with(b"# HELP") && texts.iter().all(|text| text.as_ptr() == first.as_ptr()));
        tokio::time::advance(TEXT_LASTS).await;
        let later = exposed.text().await.unwrap();
        assert!(later.as_ptr() != first.as_ptr(), "it is made anew");
    }
}
