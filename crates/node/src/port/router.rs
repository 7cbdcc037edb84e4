//! Which surface answers a request, by its path: gRPC's `/package.Service/Method`, the surfaces of [`crate::rpc`] and [`crate::rest`],
//! and what the port says of itself.

use std::time::Duration;

use axum::Router;
use axum::extract::{DefaultBodyLimit, Request, State};
use axum::middleware::{Next, from_fn, map_response};
use axum::response::Response;
use axum::routing::get;
use http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, header};
use tonic::service::Routes;
use tonic_web::GrpcWebLayer;
use tower_http::cors::{AllowHeaders, AllowMethods, AllowOrigin, CorsLayer};

use super::about;
use super::refusal::Face;
use crate::api::{Context, REQUEST_BYTES_MAX};
use crate::http::{body, problem};
use crate::{page, rest, rpc};

/// How long a browser may remember that a page may ask.
const PREFLIGHT_AGE: Duration = Duration::from_secs(3_600);

/// Everything that the node answers. `/`, `/about` and `/health` are answered here; no other surface has them, but for what is posted to `/`.
pub(crate) fn router(routes: Routes, context: Context, blobs: Router) -> Router {
    let own = Router::new()
        .route("/", get(front))
        .route("/about", get(about::front))
        .route("/health", get(health))
        .with_state(context.clone());
    Router::new()
        .merge(grpc(routes))
        .merge(rpc::router(context.clone()))
        .merge(rest::router(context))
        .merge(blobs.layer(from_fn(as_it_is)))
        .merge(page::router())
        .merge(own)
        .fallback(nowhere)
        .layer(DefaultBodyLimit::max(REQUEST_BYTES_MAX))
        .layer(map_response(problem::in_full))
        .layer(from_fn(read_by_pages))
        .layer(for_pages())
}

/// Lets a page of another origin read every header that an answer has: no list has to know what they are.
async fn read_by_pages(request: Request, next: Next) -> Response {
    let asks = request.headers().contains_key(header::ORIGIN);
    let mut response = next.run(request).await;
    if asks {
        expose(response.headers_mut());
    }
    response
}

fn expose(headers: &mut HeaderMap) {
    let names = headers.keys().map(HeaderName::as_str).collect::<Vec<_>>().join(", ");
    // Names of headers are always a value.
    if let (false, Ok(names)) = (names.is_empty(), names.parse()) {
        headers.insert(header::ACCESS_CONTROL_EXPOSE_HEADERS, names);
    }
}

/// The same for an answer that does not come from the routes, to a page that may ask; where a browser asks for one at all, this is its origin.
pub(super) fn for_page<B>(origin: Option<HeaderValue>, response: &mut http::Response<B>) {
    let Some(origin) = origin else { return };
    let headers = response.headers_mut();
    expose(headers);
    headers.insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, origin);
    headers.append(header::VARY, HeaderValue::from_static("origin"));
}

/// What pages may send and read. Which pages may ask at all has been judged before.
fn for_pages() -> CorsLayer {
    CorsLayer::new()
        .allow_origin(AllowOrigin::mirror_request())
        .allow_methods(AllowMethods::mirror_request())
        .allow_headers(AllowHeaders::mirror_request())
        .max_age(PREFLIGHT_AGE)
}

/// The gRPC services, for browsers too.
fn grpc(routes: Routes) -> Router {
    routes.into_axum_router().reset_fallback().layer(GrpcWebLayer::new()).layer(from_fn(only_grpc))
}

/// Tells those who ask a gRPC service in another way how it is asked.
async fn only_grpc(request: Request, next: Next) -> Response {
    let face = Face::of(request.headers());
    let refused = match face {
        Face::Grpc if request.version() < http::Version::HTTP_2 => Some((
            StatusCode::HTTP_VERSION_NOT_SUPPORTED,
            "gRPC needs HTTP/2; over HTTP/1.1 this node answers gRPC-web, content-type application/grpc-web+proto",
        )),
        Face::Plain if request.method() != Method::OPTIONS => Some((
            StatusCode::UNSUPPORTED_MEDIA_TYPE,
            "this is a method of gRPC: POST with content-type application/grpc over HTTP/2, or application/grpc-web+proto; \
             GET / says what else this node answers",
        )),
        _ => None,
    };
    match refused {
        Some((status, why)) => problem::response(status, why),
        None => next.run(request).await,
    }
}

/// Sends away whoever compresses what they bring: its bytes would be taken for those that it names.
async fn as_it_is(request: Request, next: Next) -> Response {
    match body::is_compressed(request.headers()) {
        true => problem::response(StatusCode::UNSUPPORTED_MEDIA_TYPE, body::COMPRESSED),
        false => next.run(request).await,
    }
}

/// Whether the ledger runs, for monitors: 200 or 503. The body is what CometBFT's RPC gives there.
async fn health(State(context): State<Context>) -> Response {
    match context.api.ledger().is_closed() {
        false => {
            let body = axum::body::Body::from("{\"jsonrpc\":\"2.0\",\"id\":-1,\"result\":{}}\n");
            let mut response = Response::new(body);
            let headers = response.headers_mut();
            headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json; charset=utf-8"));
            headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
            response
        }
        true => problem::response(
            StatusCode::SERVICE_UNAVAILABLE,
            "the ledger has stopped, or is about to; the node's log says why",
        ),
    }
}

/// The desk for browsers, and what this is and where to go for everyone else.
async fn front(state: State<Context>, request: Request) -> Response {
    match page::visited(&request) {
        Some(page) => page,
        None => about::front(state, request).await,
    }
}

async fn nowhere(request: Request) -> Response {
    if let Some(page) = page::visited(&request) {
        return page;
    }
    Face::of(request.headers()).nowhere(request.uri().path())
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;
    use std::sync::Arc;

    use tower::ServiceExt as _;

    use super::*;
    use crate::api::Api;
    use crate::api::dispatch::Dispatch;
    use crate::desk::{Memory, clock, genesis, open};

    #[tokio::test]
    async fn monitors_are_told_that_the_ledger_runs_until_it_ends() {
        let solo = open(Memory::default().disks(), &clock()).unwrap();
        let api = Api::new(solo.handle().clone(), BTreeMap::new());
        let routes = api.routes().unwrap();
        let context = Context {
            dispatch: Dispatch::new(routes.clone()),
            api,
            genesis: Arc::new(genesis()),
            moniker: "one".into(),
            addresses: Arc::default(),
        };
        let router = router(routes, context, Router::new());
        let asked = || async {
            let request = Request::get("/health").body(axum::body::Body::empty()).unwrap();
            router.clone().oneshot(request).await.unwrap().status()
        };
        assert_eq!(asked().await, StatusCode::OK);
        solo.handle().close();
        assert_eq!(asked().await, StatusCode::SERVICE_UNAVAILABLE);
    }
}
