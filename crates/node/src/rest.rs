//! REST: every query by the path that its `google.api.http` annotation gives it.

use axum::Router;

use crate::api::Context;

/// The routes of REST.
pub(crate) fn router(_context: Context) -> Router {
    Router::new()
}
