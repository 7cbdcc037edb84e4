//! JSON-RPC as CometBFT's: what CosmJS, Keplr and dashboards ask of port 26657. By POST, also several calls at once; as a URI,
//! `GET /status`; and over a websocket, with subscriptions.
//!
//! Everything is answered from this node's own state, index and blocks, the same on both engines; what only the network knows is asked of
//! CometBFT over its socket. [`methods`] lists the calls, [`posted`] and [`params`] read what they are given, [`shape`] has the forms of
//! answers, [`reply`] puts them together, and [`doors`] are the ways in. Whatever takes its time, JSON included, is done in a turn of
//! [`crate::api`]'s, and what is long counts in the one [`Memory`] of the port.

mod abci_query;
mod blocks;
mod chain;
mod doors;
mod error;
mod methods;
mod notices;
mod params;
mod part;
mod posted;
mod reply;
mod scalar;
mod seats;
mod shape;
mod socket;
mod subscription;
mod txs;

use std::sync::Arc;

use axum::Router;
use axum::routing::{get, post};
use http::HeaderMap;

use crate::api::Context;
use crate::http::body::Memory;
use crate::http::budget::Bounds;
use crate::http::source::Source;
use notices::Notices;
use seats::Seats;

/// Websockets at the same time. Each has at most one request, and one answer or one page of notices in memory, which its peer reads.
const SOCKETS: Bounds = Bounds { all: 128, per_source: 8, own: 128 };

/// What the calls are answered from. Cheap to clone.
#[derive(Clone)]
pub(crate) struct Rpc {
    context: Context,
    seats: Arc<Seats>,
    notices: Arc<Notices>,
}

/// Whose a call is, and what came with it.
#[derive(Clone)]
struct Caller {
    source: Source,
    headers: HeaderMap,
    /// Where what is long is counted.
    memory: Memory,
}

/// The routes of JSON-RPC. `/health` is not among them: the port answers it, in CometBFT's form.
pub(crate) fn router(context: Context) -> Router {
    let seats = Seats::new(SOCKETS, context.api.ledger().metrics().calls.held("websockets"));
    let rpc = Rpc { context, seats, notices: Arc::default() };
    let mut router = Router::new().route("/", post(doors::post)).route("/websocket", get(doors::websocket));
    let here = methods::METHODS.iter().map(|(method, _)| *method).filter(|method| *method != "health");
    // What is not here is answered, too: with the reason.
    for method in here.chain(methods::NOT_HERE.iter().map(|(method, _)| *method)) {
        router = router.route(&format!("/{method}"), get(doors::uri));
    }
    router.with_state(rpc)
}

#[cfg(test)]
mod tests;
