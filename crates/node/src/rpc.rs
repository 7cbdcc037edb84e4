//! JSON-RPC as CometBFT's: what CosmJS, Keplr and dashboards ask of port 26657. By POST, also several calls at once; as a URI,
//! `GET /status`; and over a websocket, with subscriptions.
//!
//! Everything is answered from this node's own state, index and blocks, the same on both engines; what only the network knows is asked of
//! CometBFT over its socket. [`methods`] lists the calls, [`params`] reads what they are given, [`shape`] has the forms of answers, and
//! [`doors`] the ways in.

mod abci_query;
mod blocks;
mod chain;
mod doors;
mod error;
mod methods;
mod params;
mod shape;
mod socket;
mod subscription;
mod txs;

use std::sync::Arc;

use axum::Router;
use axum::routing::{get, post};
use bytes::Bytes;
use http::HeaderMap;
use tokio::sync::OnceCell;

use crate::api::Context;
use crate::http::budget::{Bounds, Budget};
use crate::http::source::Source;

/// Websockets at the same time. Each has at most one answer in memory, which its peer reads.
const SOCKETS: Bounds = Bounds { all: 128, per_source: 8, own: 128 };

/// What the calls are answered from. Cheap to clone.
#[derive(Clone)]
pub(crate) struct Rpc {
    context: Context,
    sockets: Arc<Budget>,
    /// The genesis document, once somebody has asked for it.
    genesis: Arc<OnceCell<Bytes>>,
}

/// Whose a call is, and what came with it.
#[derive(Clone, Debug)]
struct Caller {
    source: Source,
    headers: HeaderMap,
}

/// The routes of JSON-RPC. `/health` is not among them: the port answers it, in CometBFT's form.
pub(crate) fn router(context: Context) -> Router {
    let sockets = Budget::new(SOCKETS, context.api.ledger().metrics().calls.held("websockets"));
    let rpc = Rpc { context, sockets, genesis: Arc::default() };
    let mut router = Router::new().route("/", post(doors::post)).route("/websocket", get(doors::websocket));
    for (method, _) in methods::METHODS.iter().filter(|(method, _)| *method != "health") {
        router = router.route(&format!("/{method}"), get(doors::uri));
    }
    router.with_state(rpc)
}
