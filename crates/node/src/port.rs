//! The node's one port: gRPC, gRPC-web, JSON-RPC, REST and a page for people, over HTTP/1.1 and HTTP/2, on one address.
//!
//! [`config`] is what its operator says of it, and [`capacity`] for how many it has places. [`connection`] is one connection and what its peer may do with it; [`exchange`] one request, from its head to the last byte of its
//! answer; [`router`] says by path whose request it is; [`here`] is the page alone, on the computer of whoever uses it. What each protocol means is in [`crate::api`], [`crate::rpc`] and
//! [`crate::rest`]; all that bounds a peer is in [`crate::http`] and in the first two modules here, whichever protocol the peer speaks.

mod about;
mod capacity;
mod config;
mod connection;
mod exchange;
mod local_page;
mod refusal;
mod router;

use std::sync::Arc;

use axum::Router;
use tokio::net::TcpListener;

use crate::http::Endpoint;
use crate::metrics::Metrics;

pub use capacity::PLACES;
pub(crate) use config::Front;
pub use config::{COSMOS_PORTS, PortConfig, PortError, proxy_network};
pub use local_page::serve_here;
pub(crate) use router::router;

/// Serves a router on bound sockets, under one set of bounds.
///
/// # Errors
/// [`std::io::Error`] if a socket has no address.
pub(crate) fn serve(
    listeners: Vec<TcpListener>,
    router: Router,
    front: Front,
    metrics: Arc<Metrics>,
) -> std::io::Result<Endpoint> {
    let (proxies, bounds) = (front.proxies.clone(), connection::bounds(front.capacity));
    let exchange = exchange::Exchange::new(router, front, metrics);
    Endpoint::start(listeners, bounds, proxies, move |connection| {
        connection::converse(connection, exchange.clone())
    })
}

#[cfg(test)]
mod tests;
