//! Connections of the API: a bounded number, each with deadlines and with bounds on what it may ask of HTTP/2.

use std::convert::Infallible;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use hyper::body::Incoming;
use hyper::server::conn::http2;
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use tokio::net::TcpListener;
use tokio::time::Instant;
use tonic::Status;
use tonic::service::Routes;
use tower::Service;

use super::RESPONSE_BYTES_MAX;
use crate::http::Endpoint;
use crate::http::accept::{Bounds, Connection};
use crate::http::activity::UNREAD_MAX;
use crate::http::body::{Arriving, Leaving, Outbox};
use crate::http::budget::{self, Budget};
use crate::http::source::Source;
use crate::http::watched::{Patience, Watched};
use crate::metrics::Metrics;

/// Requests at the same time on one connection: of a stranger, and of the operator's own machine, where one connection may be a proxy's.
const STREAMS_MAX: u32 = 16;
const OWN_STREAMS_MAX: u32 = 128;
/// Bytes of headers of one request.
const HEADER_BYTES_MAX: u32 = 8_192;
/// Requests that a peer may take back before they are looked at; one more ends the connection.
const RESETS_MAX: usize = 32;
/// Silence after which a peer is asked whether it is still there, and how long it may take to say so.
const PING_AFTER: Duration = Duration::from_secs(30);
const PING_WAIT: Duration = Duration::from_secs(15);
/// Bytes of one connection's answers that wait to be sent at once; what a stream has beyond that is counted and waits in its body.
const SEND_BYTES_MAX: usize = 262_144;
/// Bytes that a peer may send ahead of what is read: of one request, and of all of a connection. What is read is counted; this is not, so
/// it is short.
const STREAM_WINDOW_BYTES: u32 = 65_536;
const CONNECTION_WINDOW_BYTES: u32 = 262_144;
/// How long a request may take until its answer begins, the time to send it included.
const REQUEST_WAIT: Duration = Duration::from_secs(60);
/// How long open requests may go on when the node shuts down.
const STREAM_FAREWELL_WAIT: Duration = Duration::from_secs(2);
/// Connections that this address takes, and how long they may take to end after that. Together with the files of a ledger they stay under
/// the 1,024 that a process may open by default, unless the operator's own programs open hundreds too.
const BOUNDS: Bounds = Bounds {
    connections: budget::Bounds { all: 512, per_source: 16, own: 512 },
    farewell: Duration::from_secs(4),
};
/// Bytes of requests that have arrived and are not answered. A source may have eight of the longest in flight; sixteen such sources use up
/// the whole, for no longer than a request may take.
const REQUEST_BYTES: budget::Bounds = budget::Bounds { all: 64 << 20, per_source: 4 << 20, own: 32 << 20 };
/// Bytes of answers that are not read. Pages are some 100 KiB, so that a source may leave dozens unread; four whole receipts of the longest
/// fit beside each other.
const ANSWER_BYTES: budget::Bounds =
    budget::Bounds { all: 4 * RESPONSE_BYTES_MAX, per_source: 8 << 20, own: 2 * RESPONSE_BYTES_MAX };
/// HTTP/2's preface, and how long a peer may be silent before and after it, or take nothing.
const PATIENCE: Patience = Patience {
    preface_bytes: 24,
    preface: Duration::from_secs(10),
    silence: Duration::from_secs(90),
    untaken: UNREAD_MAX,
};

/// What all connections share.
#[derive(Clone)]
struct Exchange {
    routes: Routes,
    metrics: Arc<Metrics>,
    requests: Arc<Budget>,
    answers: Arc<Budget>,
}

/// Serves the routes on a bound socket.
///
/// # Errors
/// [`std::io::Error`] if the socket has no address.
pub fn serve(listener: TcpListener, routes: Routes, metrics: Arc<Metrics>) -> std::io::Result<Endpoint> {
    let requests = Budget::new(REQUEST_BYTES, metrics.calls.held("request_bytes"));
    let answers = Budget::new(ANSWER_BYTES, metrics.calls.held("answer_bytes"));
    let exchange = Exchange { routes, metrics, requests, answers };
    Endpoint::start(listener, BOUNDS, move |connection| converse(connection, exchange.clone()))
}

/// One connection, until either side ends it.
async fn converse(connection: Connection, exchange: Exchange) {
    let Connection { stream, source, activity, stop } = connection;
    // Without this a small answer waits for the peer's acknowledgement of the one before.
    if stream.set_nodelay(true).is_err() {
        return;
    }
    let _counted = exchange.metrics.calls.connected();
    let outbox = Outbox { budget: exchange.answers.clone(), source, activity: activity.clone() };
    let service = hyper::service::service_fn(move |request| exchange.clone().answer(outbox.clone(), request));
    let io = TokioIo::new(Watched::new(stream, PATIENCE));
    let mut connection = std::pin::pin!(protocol(source).serve_connection(io, service));
    let ended = tokio::select! {
        ended = connection.as_mut() => ended,
        () = async { tokio::select! { () = stop.cancelled() => {}, () = activity.overstayed() => {} } } => {
            connection.as_mut().graceful_shutdown();
            tokio::time::timeout(STREAM_FAREWELL_WAIT, connection).await.unwrap_or(Ok(()))
        }
    };
    if let Err(error) = ended {
        tracing::debug!("a connection ended: {error}");
    }
}

/// What a peer may do with HTTP/2.
fn protocol(source: Source) -> http2::Builder<TokioExecutor> {
    let mut server = http2::Builder::new(TokioExecutor::new());
    server
        .timer(TokioTimer::new())
        .keep_alive_interval(PING_AFTER)
        .keep_alive_timeout(PING_WAIT)
        .max_concurrent_streams(if source.is_own() { OWN_STREAMS_MAX } else { STREAMS_MAX })
        .initial_stream_window_size(STREAM_WINDOW_BYTES)
        .initial_connection_window_size(CONNECTION_WINDOW_BYTES)
        .max_header_list_size(HEADER_BYTES_MAX)
        .max_pending_accept_reset_streams(RESETS_MAX)
        .max_local_error_reset_streams(RESETS_MAX)
        .max_send_buf_size(SEND_BYTES_MAX);
    server
}

impl Exchange {
    /// Answers one request in bounded time. What an answer streams afterwards is not bounded, as long as its peer reads.
    async fn answer(
        mut self,
        outbox: Outbox,
        request: http::Request<Incoming>,
    ) -> Result<http::Response<Leaving>, Infallible> {
        let (open, begun) = (outbox.activity.open_request(), Instant::now());
        let (mut head, body) = request.into_parts();
        let path = head.uri.path().to_owned();
        head.extensions.insert(outbox.source);
        // What has arrived stays counted until it is answered: until then it is somewhere in memory.
        let held = Arc::new(Mutex::new(self.requests.share(outbox.source)));
        let body = Arriving::new(body, head_bytes(&head), held.clone(), outbox.activity.clone());
        let answer = self.routes.call(http::Request::from_parts(head, body));
        let answer = tokio::time::timeout(REQUEST_WAIT, answer).await;
        let too_long = || Ok(Status::deadline_exceeded("the request took too long").into_http());
        let (head, body) = answer.unwrap_or_else(|_| too_long())?.into_parts();
        drop(held);
        let response = match Leaving::begin(body, outbox.clone(), open).await {
            Ok(body) => http::Response::from_parts(head, body),
            Err((status, open)) => {
                let (head, body) = status.into_http().into_parts();
                http::Response::from_parts(head, Leaving::short(body, outbox, open))
            }
        };
        self.metrics.calls.answered(&path, response.headers(), begun.elapsed());
        Ok(response)
    }
}

/// Bytes of a request's head.
fn head_bytes(head: &http::request::Parts) -> usize {
    let headers = head.headers.iter().map(|(name, value)| name.as_str().len() + value.len());
    headers.sum::<usize>().saturating_add(head.uri.path().len())
}
