//! JSON-RPC as CometBFT's: what CosmJS, Keplr and dashboards ask of port 26657.

use axum::Router;

use crate::api::Context;

/// The routes of JSON-RPC. `/health` is not among them: the port answers it, in CometBFT's form.
pub(crate) fn router(_context: Context) -> Router {
    Router::new()
}
