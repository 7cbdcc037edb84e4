//! The accept loop. The ready-made servers install no timer, so that a peer which sends its first bytes slowly, or none, holds its
//! place for ever; and they do not bound how many peers there are. Hence a loop of our own.
//!
//! Every connection passes through [`Places`] before it is served: a bound on connections belongs there.

use std::future::Future;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::task::JoinHandle;
use tokio_util::sync::{CancellationToken, DropGuard};

/// Pause after a connection that could not be accepted.
const ACCEPT_PAUSE: Duration = Duration::from_millis(50);

/// What bounds the connections of one listening socket.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Bounds {
    /// Connections at the same time; more wait until one ends.
    pub(crate) connections: u32,
    /// How long connections may take to end when the endpoint stops.
    pub(crate) farewell: Duration,
}

/// An accepted connection.
#[derive(Debug)]
pub(crate) struct Connection {
    /// The peer's end is the other one.
    pub(crate) stream: TcpStream,
    /// Cancelled when the endpoint stops: the server then finishes what it has begun, and begins nothing else.
    pub(crate) stop: CancellationToken,
}

/// A listening socket. Dropping it stops listening at once.
#[derive(Debug)]
pub struct Endpoint {
    address: SocketAddr,
    stop: DropGuard,
    task: JoinHandle<()>,
}

impl Endpoint {
    /// Accepts connections on a bound socket, and has each served in a task of its own.
    ///
    /// # Errors
    /// [`std::io::Error`] if the socket has no address.
    pub(crate) fn start<S, F>(listener: TcpListener, bounds: Bounds, serve: S) -> std::io::Result<Self>
    where
        S: Fn(Connection) -> F + Send + Sync + 'static,
        F: Future<Output = ()> + Send + 'static,
    {
        let address = listener.local_addr()?;
        let stop = CancellationToken::new();
        let task = tokio::spawn(accept(listener, bounds, serve, stop.clone()));
        Ok(Self { address, stop: stop.drop_guard(), task })
    }

    /// Where it listens.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Stops listening, lets open connections end for a moment, and waits for that.
    pub async fn stop(self) {
        drop(self.stop);
        let _ = self.task.await;
    }
}

async fn accept<S, F>(listener: TcpListener, bounds: Bounds, serve: S, stop: CancellationToken)
where
    S: Fn(Connection) -> F + Send + Sync + 'static,
    F: Future<Output = ()> + Send + 'static,
{
    let places = Places::new(bounds.connections);
    loop {
        let next = async { (places.take().await, listener.accept().await) };
        let (place, accepted) = tokio::select! {
            () = stop.cancelled() => break,
            next = next => next,
        };
        match (place, accepted) {
            (Some(place), Ok((stream, _peer))) => {
                let served = serve(Connection { stream, stop: stop.clone() });
                tokio::spawn(async move {
                    served.await;
                    drop(place);
                });
            }
            // Out of file handles, or the peer has gone again: neither is a reason to stop listening.
            _ => tokio::time::sleep(ACCEPT_PAUSE).await,
        }
    }
    drop(listener);
    let _ = tokio::time::timeout(bounds.farewell, places.all_free()).await;
}

/// The places for connections of one socket. A connection keeps its place until it has ended.
struct Places {
    free: Arc<Semaphore>,
    all: u32,
}

impl Places {
    fn new(all: u32) -> Self {
        Self { free: Arc::new(Semaphore::new(usize::try_from(all).unwrap_or(0))), all }
    }

    /// Waits for a place. `None` never happens: the places are not closed while the loop runs.
    async fn take(&self) -> Option<OwnedSemaphorePermit> {
        self.free.clone().acquire_owned().await.ok()
    }

    /// Waits until nobody is connected.
    async fn all_free(&self) {
        let _ = self.free.acquire_many(self.all).await.map(drop);
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering};

    use super::*;

    /// Waits until so many connections are being served.
    async fn until_served(served: &AtomicUsize, count: usize) {
        let wait = async {
            while served.load(Ordering::SeqCst) != count {
                tokio::time::sleep(Duration::from_millis(5)).await;
            }
        };
        tokio::time::timeout(Duration::from_secs(60), wait).await.expect("they are served in the end");
    }

    #[tokio::test]
    async fn connections_without_a_place_wait_and_a_stop_reaches_those_that_are_served() {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let (served, leave) = (Arc::new(AtomicUsize::new(0)), CancellationToken::new());
        let (counting, leaving) = (served.clone(), leave.clone());
        let bounds = Bounds { connections: 2, farewell: Duration::from_secs(60) };
        let endpoint = Endpoint::start(listener, bounds, move |Connection { stream, stop }| {
            let (served, leave) = (counting.clone(), leaving.clone());
            async move {
                let count = served.fetch_add(1, Ordering::SeqCst);
                tokio::select! {
                    () = leave.cancelled(), if count == 0 => {}
                    () = stop.cancelled() => {}
                }
                drop(stream);
            }
        });
        let endpoint = endpoint.unwrap();
        let mut clients = Vec::new();
        for _ in 0..3 {
            clients.push(TcpStream::connect(endpoint.address()).await.unwrap());
        }
        until_served(&served, 2).await;
        tokio::time::sleep(Duration::from_millis(50)).await;
        assert_eq!(served.load(Ordering::SeqCst), 2, "the third has no place");
        leave.cancel();
        until_served(&served, 3).await;
        endpoint.stop().await;
    }
}
