//! One connection: what its peer may do with HTTP/1.1 and HTTP/2, and when it ends.

use std::time::Duration;

use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::server::conn::auto;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio_util::sync::CancellationToken;

use super::capacity::Capacity;
use super::exchange::{Exchange, Peer};
use crate::http::accept::{Bounds, Connection};
use crate::http::activity::UNREAD_MAX;
use crate::http::budget;
use crate::http::liveness;
use crate::http::places::Holder;
use crate::http::streams::Streams;
use crate::http::watched::{Patience, Watched};

/// Requests at the same time on one connection of HTTP/2: of a stranger, and of the operator's own machine or a proxy, which stands for
/// many. HTTP/1.1 has one at a time.
const STREAMS_MAX: u32 = 16;
const NEAR_STREAMS_MAX: u32 = 128;
/// Bytes of headers of one request in HTTP/2.
const HEADER_BYTES_MAX: u32 = 8_192;
/// Bytes of one connection of HTTP/1.1 that nothing counts: of a request's head, or read of its body, and as many that wait to be sent.
const HTTP1_BUFFER_BYTES_MAX: usize = 32_768;
/// How long the head of a request may stay away in HTTP/1.1: from the connection's beginning, and after each answer.
const HEAD_WAIT: Duration = Duration::from_secs(30);
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
/// How long open requests may go on when the node shuts down.
const STREAM_FAREWELL_WAIT: Duration = Duration::from_secs(2);
/// Connections that this address takes, unless the operator says otherwise. Together with the files of a ledger they stay under the 1,024
/// that a process may open by default, unless the operator's own programs open hundreds too.
pub(super) const CONNECTIONS: budget::Bounds = budget::Bounds { all: 512, per_source: 16, own: 512 };
/// How long connections may take to end when the node stops.
const FAREWELL: Duration = Duration::from_secs(4);
/// How long a peer may be silent before it has said which HTTP it speaks, and in HTTP/2 after that, or take nothing.
const PATIENCE: Patience = Patience {
    preface: Duration::from_secs(10),
    http2_silence: Duration::from_secs(90),
    untaken: UNREAD_MAX,
};

/// What bounds the connections of a node with so many places.
pub(super) fn bounds(Capacity { connections, proxies, .. }: Capacity) -> Bounds {
    Bounds { connections, proxies, farewell: FAREWELL }
}

/// One connection, until either side ends it. One that is upgraded, to a websocket, keeps its place until that has ended too.
pub(super) async fn converse(connection: Connection, exchange: Exchange) {
    let Connection { stream, peer, holder, mark, activity, stop } = connection;
    // Without this a small answer waits for the peer's acknowledgement of the one before.
    if stream.set_nodelay(true).is_err() || liveness::watch(&stream).is_err() {
        return;
    }
    let _counted = exchange.connected();
    let opened = tokio::select! { () = stop.cancelled() => return, opened = exchange.open(stream) => opened };
    let stream = match opened {
        Ok(stream) => stream,
        Err(error) => {
            tracing::debug!("a connection did not come to be: {error}");
            return;
        }
    };
    let peer = Peer { address: peer, activity, mark };
    speak(stream, holder, peer, exchange, stop).await;
}

/// What is said on a connection that is open.
pub(super) async fn speak<S>(
    stream: S,
    holder: Holder,
    peer: Peer,
    exchange: Exchange,
    stop: CancellationToken,
) where
    S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
{
    let severed = CancellationToken::new();
    // Whoever has this connection's stream by then loses it when its place is lost.
    let _severing = severed.clone().drop_guard();
    let (stream, gone) = Watched::new(stream, PATIENCE, severed);
    let over = || async {
        tokio::select! { () = stop.cancelled() => {}, () = peer.activity.overstayed() => {} }
    };
    let ended = async {
        let service = hyper::service::service_fn(|request| exchange.clone().answer(peer.clone(), request));
        let server = protocol(holder);
        let connection = server.serve_connection_with_upgrades(TokioIo::new(stream), service);
        let mut connection = std::pin::pin!(connection);
        tokio::select! {
            ended = connection.as_mut() => ended,
            () = over() => {
                connection.as_mut().graceful_shutdown();
                tokio::time::timeout(STREAM_FAREWELL_WAIT, connection).await.unwrap_or(Ok(()))
            }
        }
    };
    if let Err(error) = ended.await {
        tracing::debug!("a connection ended: {error}");
    }
    // The stream is still there where the connection was upgraded.
    tokio::select! {
        () = gone => {}
        () = async { over().await; tokio::time::sleep(STREAM_FAREWELL_WAIT).await } => {}
    }
}

/// What a peer may do with each HTTP.
fn protocol(holder: Holder) -> auto::Builder<Streams> {
    let mut server = auto::Builder::new(Streams);
    server
        .http1()
        .timer(TokioTimer::new())
        .header_read_timeout(HEAD_WAIT)
        .max_buf_size(HTTP1_BUFFER_BYTES_MAX);
    server
        .http2()
        .timer(TokioTimer::new())
        .keep_alive_interval(PING_AFTER)
        .keep_alive_timeout(PING_WAIT)
        .max_concurrent_streams(if holder.is_near() { NEAR_STREAMS_MAX } else { STREAMS_MAX })
        .initial_stream_window_size(STREAM_WINDOW_BYTES)
        .initial_connection_window_size(CONNECTION_WINDOW_BYTES)
        .max_header_list_size(HEADER_BYTES_MAX)
        .max_pending_accept_reset_streams(RESETS_MAX)
        .max_local_error_reset_streams(RESETS_MAX)
        .max_send_buf_size(SEND_BYTES_MAX);
    server
}

#[cfg(test)]
mod tests;
