//! Connections: a bounded number, each with deadlines and with bounds on what it may ask of HTTP/2.
//!
//! The ready-made servers install no timer, so that a peer which sends its first bytes slowly, or none, holds its place for
//! ever. Hence an accept loop of our own.

use std::convert::Infallible;
use std::future::Future;
use std::net::SocketAddr;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use hyper::server::conn::http2;
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{OwnedSemaphorePermit, Semaphore, watch};
use tokio::time::{Instant, Sleep};
use tonic::Status;
use tonic::service::Routes;
use tower::Service;

use crate::metrics::Metrics;

/// Connections at the same time; more wait until one ends.
pub const CONNECTIONS_MAX: usize = 512;
/// Requests at the same time on one connection.
const STREAMS_MAX: u32 = 128;
/// Bytes of headers of one request.
const HEADER_BYTES_MAX: u32 = 16_384;
/// Requests that a peer may take back before they are looked at; one more ends the connection.
const RESETS_MAX: usize = 32;
/// How long a peer may take to begin speaking HTTP/2.
const PREFACE_WAIT: Duration = Duration::from_secs(10);
/// Length of HTTP/2's preface, in bytes.
const PREFACE_BYTES: usize = 24;
/// Silence after which a peer is asked whether it is still there, and how long it may take to say so.
const PING_AFTER: Duration = Duration::from_secs(30);
const PING_WAIT: Duration = Duration::from_secs(15);
/// Silence after which a connection is over.
const SILENCE_MAX: Duration = Duration::from_secs(90);
/// How long a request may take until its answer begins, the time to send it included.
const REQUEST_WAIT: Duration = Duration::from_secs(60);
/// How long open requests may go on when the node shuts down.
const STREAM_FAREWELL_WAIT: Duration = Duration::from_secs(2);
/// How long their connections may take to end after that.
const FAREWELL_WAIT: Duration = Duration::from_secs(4);

/// A listening server. Dropping it stops listening at once.
#[derive(Debug)]
pub struct Serving {
    address: SocketAddr,
    stop: watch::Sender<bool>,
    task: tokio::task::JoinHandle<()>,
}

impl Serving {
    /// Where it listens.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Stops listening, lets open requests end for a moment, and waits for that.
    pub async fn stop(self) {
        self.stop.send_replace(true);
        let _ = self.task.await;
    }
}

/// Serves the routes on a bound socket.
///
/// # Errors
/// [`std::io::Error`] if the socket has no address.
pub fn serve(listener: TcpListener, routes: Routes, metrics: Arc<Metrics>) -> std::io::Result<Serving> {
    let address = listener.local_addr()?;
    let (stop, stopped) = watch::channel(false);
    let task = tokio::spawn(accept(listener, (routes, metrics), stopped));
    Ok(Serving { address, stop, task })
}

/// What every connection shares: what is answered, and where that is counted.
type Served = (Routes, Arc<Metrics>);

async fn accept(listener: TcpListener, served: Served, mut stopped: watch::Receiver<bool>) {
    let places = Arc::new(Semaphore::new(CONNECTIONS_MAX));
    loop {
        let next = async {
            let place = places.clone().acquire_owned().await;
            (place, listener.accept().await)
        };
        let (place, accepted) = tokio::select! {
            () = until_stopped(&mut stopped) => break,
            next = next => next,
        };
        match (place, accepted) {
            (Ok(place), Ok((stream, _))) => {
                tokio::spawn(connection(stream, served.clone(), place, stopped.clone()));
            }
            // Out of file handles, or the peer has gone again: neither is a reason to stop listening.
            _ => tokio::time::sleep(Duration::from_millis(50)).await,
        }
    }
    drop(listener);
    let all = u32::try_from(CONNECTIONS_MAX).unwrap_or(u32::MAX);
    let _ = tokio::time::timeout(FAREWELL_WAIT, places.acquire_many(all)).await;
}

async fn connection(
    stream: TcpStream,
    (routes, metrics): Served,
    _place: OwnedSemaphorePermit,
    mut stopped: watch::Receiver<bool>,
) {
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
        .max_send_buf_size(1024 * 1024);
    let service = hyper::service::service_fn(move |request| answer(routes.clone(), metrics.clone(), request));
    let io = TokioIo::new(Watched::new(stream));
    let mut connection = std::pin::pin!(server.serve_connection(io, service));
    let ended = tokio::select! {
        ended = connection.as_mut() => ended,
        () = until_stopped(&mut stopped) => {
            connection.as_mut().graceful_shutdown();
            tokio::time::timeout(STREAM_FAREWELL_WAIT, connection).await.unwrap_or(Ok(()))
        }
    };
    if let Err(error) = ended {
        tracing::debug!("a connection ended: {error}");
    }
}

async fn until_stopped(stopped: &mut watch::Receiver<bool>) {
    // An error means that nobody can stop the server any more, because it is gone.
    let _ = stopped.wait_for(|stopped| *stopped).await.map(|stopped| *stopped);
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

/// A stream that fails when its peer stays silent too long, and sooner while it has not said what it speaks.
struct Watched {
    stream: TcpStream,
    read: usize,
    deadline: Pin<Box<Sleep>>,
}

impl Watched {
    fn new(stream: TcpStream) -> Self {
        Self { stream, read: 0, deadline: Box::pin(tokio::time::sleep(PREFACE_WAIT)) }
    }
}

impl AsyncRead for Watched {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &mut ReadBuf<'_>,
    ) -> Poll<std::io::Result<()>> {
        let before = buf.filled().len();
        let polled = Pin::new(&mut self.stream).poll_read(cx, buf);
        if polled.is_ready() {
            self.read = self.read.saturating_add(buf.filled().len() - before);
            if self.read >= PREFACE_BYTES {
                self.deadline.as_mut().reset(Instant::now() + SILENCE_MAX);
            }
            return polled;
        }
        match self.deadline.as_mut().poll(cx) {
            Poll::Ready(()) => Poll::Ready(Err(std::io::ErrorKind::TimedOut.into())),
            Poll::Pending => Poll::Pending,
        }
    }
}

impl AsyncWrite for Watched {
    fn poll_write(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &[u8],
    ) -> Poll<std::io::Result<usize>> {
        Pin::new(&mut self.stream).poll_write(cx, buf)
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<std::io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<std::io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(cx)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bufs: &[std::io::IoSlice<'_>],
    ) -> Poll<std::io::Result<usize>> {
        Pin::new(&mut self.stream).poll_write_vectored(cx, bufs)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }
}
