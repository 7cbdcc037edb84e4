//! The accept loop. The ready-made servers install no timer, so that a peer which sends its first bytes slowly, or none, holds its
//! place for ever; and they do not bound how many peers there are. Hence a loop of our own.
//!
//! Every connection passes through [`Places`] before it is served: a bound on connections belongs there.

use std::future::Future;
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinHandle;
use tokio_util::sync::{CancellationToken, DropGuard};

use super::activity::Activity;
use super::budget;
use super::places::{Holder, Mark, Places};
use super::proxies::Proxies;

/// Pause after a connection that could not be accepted.
const ACCEPT_PAUSE: Duration = Duration::from_millis(50);
/// What somebody is told who comes past the proxy.
pub(crate) const BEHIND_A_PROXY: &[u8] =
    b"HTTP/1.1 403 Forbidden\r\ncontent-type: application/problem+json\r\nconnection: close\r\n\r\n\
    {\"type\":\"about:blank\",\"title\":\"Forbidden\",\"status\":403,\"detail\":\"this node is reached through its proxy: plain HTTP is only for the proxy\",\
    \"codespace\":\"node\",\"code\":7,\"hint\":\"use the proxy's address\"}\n";

/// What bounds the connections of one endpoint.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Bounds {
    /// Connections at the same time.
    pub(crate) connections: budget::Bounds,
    /// Those of proxies, beside these.
    pub(crate) proxies: usize,
    /// How long connections may take to end when the endpoint stops.
    pub(crate) farewell: Duration,
}

/// An accepted connection.
#[derive(Debug)]
pub(crate) struct Connection {
    /// The peer's end is the other one.
    pub(crate) stream: TcpStream,
    /// Who connected.
    pub(crate) peer: IpAddr,
    /// As whose it begins.
    pub(crate) holder: Holder,
    /// Its place.
    pub(crate) mark: Mark,
    /// What it is doing, for its server to say.
    pub(crate) activity: Arc<Activity>,
    /// Cancelled when the endpoint stops: the server then finishes what it has begun, and begins nothing else.
    pub(crate) stop: CancellationToken,
}

/// Listening sockets under one set of bounds. Dropping it stops listening at once.
#[derive(Debug)]
pub struct Endpoint {
    address: SocketAddr,
    stop: DropGuard,
    tasks: Vec<JoinHandle<()>>,
}

impl Endpoint {
    /// Accepts connections on bound sockets, and has each served in a task of its own.
    ///
    /// # Errors
    /// [`std::io::Error`] if there is no socket, or the first has no address.
    pub(crate) fn start<S, F>(
        listeners: Vec<TcpListener>,
        bounds: Bounds,
        proxies: Proxies,
        serve: S,
    ) -> std::io::Result<Self>
    where
        S: Fn(Connection) -> F + Send + Sync + 'static,
        F: Future<Output = ()> + Send + 'static,
    {
        let first = listeners.first().ok_or(std::io::ErrorKind::AddrNotAvailable)?;
        let address = first.local_addr()?;
        let stop = CancellationToken::new();
        let house = Arc::new(House {
            places: Places::new(bounds.connections, bounds.proxies),
            bounds,
            proxies,
            serve,
        });
        let accepting =
            listeners.into_iter().map(|listener| tokio::spawn(accept(listener, house.clone(), stop.clone())));
        let tasks = accepting.collect();
        Ok(Self { address, stop: stop.drop_guard(), tasks })
    }

    /// Where it listens first.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Stops listening, lets open connections end for a moment, and waits for that.
    pub async fn stop(self) {
        drop(self.stop);
        for task in self.tasks {
            let _ = task.await;
        }
    }
}

/// What the sockets of an endpoint share.
struct House<S> {
    places: Arc<Places>,
    bounds: Bounds,
    proxies: Proxies,
    serve: S,
}

async fn accept<S, F>(listener: TcpListener, house: Arc<House<S>>, stop: CancellationToken)
where
    S: Fn(Connection) -> F + Send + Sync + 'static,
    F: Future<Output = ()> + Send + 'static,
{
    loop {
        let accepted = tokio::select! {
            () = stop.cancelled() => break,
            accepted = listener.accept() => accepted,
        };
        let Ok((stream, peer)) = accepted else {
            // Out of file handles, or the peer has gone again: neither is a reason to stop listening.
            tokio::time::sleep(ACCEPT_PAUSE).await;
            continue;
        };
        let peer = peer.ip();
        let Some(holder) = house.proxies.connection(peer) else {
            // One attempt: nobody waits for whoever does not take it.
            let _ = stream.try_write(BEHIND_A_PROXY);
            continue;
        };
        // Everyone who could make room is at work: the peer sees that the connection is closed.
        let Some(place) = house.places.take(holder) else { continue };
        let (activity, mark) = (place.activity.clone(), place.mark.clone());
        let served = (house.serve)(Connection { stream, peer, holder, mark, activity, stop: stop.clone() });
        tokio::spawn(async move {
            tokio::select! {
                () = served => {}
                () = place.displaced.cancelled() => {}
            }
            drop(place);
        });
    }
    drop(listener);
    let _ = tokio::time::timeout(house.bounds.farewell, house.places.all_free()).await;
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering};

    use super::*;

    /// A connection that is served until this is dropped.
    struct Counted(Arc<AtomicUsize>);

    impl Counted {
        fn new(served: Arc<AtomicUsize>) -> Self {
            served.fetch_add(1, Ordering::SeqCst);
            Self(served)
        }
    }

    impl Drop for Counted {
        fn drop(&mut self) {
            self.0.fetch_sub(1, Ordering::SeqCst);
        }
    }

    /// Waits until so many connections are counted.
    async fn until(served: &AtomicUsize, count: usize) {
        let wait = async {
            while served.load(Ordering::SeqCst) != count {
                tokio::time::sleep(Duration::from_millis(5)).await;
            }
        };
        tokio::time::timeout(Duration::from_secs(60), wait).await.expect("they are served in the end");
    }

    #[tokio::test]
    async fn a_newcomer_takes_an_idle_place_and_a_stop_reaches_those_that_are_served() {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let (served, begun) = (Arc::new(AtomicUsize::new(0)), Arc::new(AtomicUsize::new(0)));
        let (counting, beginning) = (served.clone(), begun.clone());
        let connections = budget::Bounds { all: 2, per_source: 2, own: 2 };
        let bounds = Bounds { connections, proxies: 2, farewell: Duration::from_secs(60) };
        let endpoint = Endpoint::start(
            vec![listener],
            bounds,
            Proxies::None,
            move |Connection { stream, stop, .. }| {
                let (served, begun) = (counting.clone(), beginning.clone());
                async move {
                    begun.fetch_add(1, Ordering::SeqCst);
                    let counted = Counted::new(served);
                    stop.cancelled().await;
                    drop((stream, counted));
                }
            },
        );
        let endpoint = endpoint.unwrap();
        let mut clients = Vec::new();
        for count in 1..=3 {
            clients.push(TcpStream::connect(endpoint.address()).await.unwrap());
            until(&begun, count).await;
        }
        until(&served, 2).await;
        endpoint.stop().await;
        assert_eq!(served.load(Ordering::SeqCst), 0);
    }
}
