//! Connections of the API: a bounded number, each with deadlines and with bounds on what it may ask of HTTP/2.

use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;

use hyper::server::conn::http2;
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use tokio::net::TcpListener;
use tokio::time::Instant;
use tonic::Status;
use tonic::service::Routes;
use tower::Service;

use crate::http::Endpoint;
use crate::http::accept::{Bounds, Connection};
use crate::http::watched::{Patience, Watched};
use crate::metrics::Metrics;

/// Requests at the same time on one connection.
const STREAMS_MAX: u32 = 128;
/// Bytes of headers of one request.
const HEADER_BYTES_MAX: u32 = 16_384;
/// Requests that a peer may take back before they are looked at; one more ends the connection.
const RESETS_MAX: usize = 32;
/// Silence after which a peer is asked whether it is still there, and how long it may take to say so.
const PING_AFTER: Duration = Duration::from_secs(30);
const PING_WAIT: Duration = Duration::from_secs(15);
/// Bytes of one connection's answers that wait to be sent.
const SEND_BYTES_MAX: usize = 1024 * 1024;
/// How long a request may take until its answer begins, the time to send it included.
const REQUEST_WAIT: Duration = Duration::from_secs(60);
/// How long open requests may go on when the node shuts down.
const STREAM_FAREWELL_WAIT: Duration = Duration::from_secs(2);
/// Connections that this address takes, and how long they may take to end after that.
const BOUNDS: Bounds = Bounds { connections: 512, farewell: Duration::from_secs(4) };
/// HTTP/2's preface, and how long a peer may be silent before and after it.
const PATIENCE: Patience =
    Patience { preface_bytes: 24, preface: Duration::from_secs(10), silence: Duration::from_secs(90) };

/// Serves the routes on a bound socket.
///
/// # Errors
/// [`std::io::Error`] if the socket has no address.
pub fn serve(listener: TcpListener, routes: Routes, metrics: Arc<Metrics>) -> std::io::Result<Endpoint> {
    Endpoint::start(listener, BOUNDS, move |connection| converse(connection, routes.clone(), metrics.clone()))
}

/// One connection, until either side ends it.
async fn converse(Connection { stream, stop }: Connection, routes: Routes, metrics: Arc<Metrics>) {
    // Without this a small answer waits for the peer's acknowledgement of the one before.
    if stream.set_nodelay(true).is_err() {
        return;
    }
    let _counted = metrics.calls.connected();
    let mut server = http2::Builder::new(TokioExecutor::new());
    server
        .timer(TokioTimer::new())
        .keep_alive_interval(PING_AFTER)
        .keep_alive_timeout(PING_WAIT)
        .max_concurrent_streams(STREAMS_MAX)
        .max_header_list_size(HEADER_BYTES_MAX)
        .max_pending_accept_reset_streams(RESETS_MAX)
        .max_local_error_reset_streams(RESETS_MAX)
        .max_send_buf_size(SEND_BYTES_MAX);
    let service = hyper::service::service_fn(move |request| answer(routes.clone(), metrics.clone(), request));
    let io = TokioIo::new(Watched::new(stream, PATIENCE));
    let mut connection = std::pin::pin!(server.serve_connection(io, service));
    let ended = tokio::select! {
        ended = connection.as_mut() => ended,
        () = stop.cancelled() => {
            connection.as_mut().graceful_shutdown();
            tokio::time::timeout(STREAM_FAREWELL_WAIT, connection).await.unwrap_or(Ok(()))
        }
    };
    if let Err(error) = ended {
        tracing::debug!("a connection ended: {error}");
    }
}

/// Answers one request in bounded time. What an answer streams afterwards is not bounded.
async fn answer(
    mut routes: Routes,
    metrics: Arc<Metrics>,
    request: http::Request<hyper::body::Incoming>,
) -> Result<http::Response<tonic::body::Body>, Infallible> {
    let (path, begun) = (request.uri().path().to_owned(), Instant::now());
    let answer = tokio::time::timeout(REQUEST_WAIT, routes.call(request)).await;
    let too_long = || Ok(Status::deadline_exceeded("the request took too long").into_http());
    let response = answer.unwrap_or_else(|_| too_long())?;
    metrics.calls.answered(&path, response.headers(), begun.elapsed());
    Ok(response)
}
