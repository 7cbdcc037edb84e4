//! REST: our own under `/api/v1`, in the JSON that the program prints too, and Cosmos's, in the JSON that its clients expect.
//!
//! One table of [`route`]s is the source of the router, of the description at `/openapi.json` ([`openapi`]) and of the page at `/api`
//! ([`page`]), so that none of them promises what another does not have. Every call goes to the gRPC service that answers it, through
//! [`crate::api`]'s dispatch: bounds, turns and errors are those of gRPC. What follows the ledger is sent as server-sent events ([`live`]).

mod accounts;
mod answer;
mod arguments;
mod cosmos;
mod documents;
mod files;
mod history;
mod ledger;
mod live;
mod openapi;
mod page;
mod problem;
mod route;
mod tickets;
mod transactions;

use std::sync::Arc;

use axum::Router;
use axum::extract::{FromRequestParts as _, RawPathParams, Request};
use axum::response::{IntoResponse as _, Response};
use axum::routing::{MethodFilter, MethodRouter, any, on};
use bytes::Bytes;
use http::{Method, header};
use http_body_util::{BodyExt as _, LengthLimitError, Limited};

use crate::api::dispatch::Call;
use crate::api::{Context, REQUEST_BYTES_MAX};
use crate::http::body::{self, Unread};
use crate::http::source::Source;
use arguments::Arguments;
use problem::Problem;
use route::{Asked, Route};

/// What answers. Cheap to clone.
#[derive(Clone, Debug)]
pub(crate) struct Rest(Context);

/// The paths of REST. Whose a request is stands in its extensions, as [`Source`].
pub(crate) fn router(context: Context) -> Router {
    let rest = Rest(context);
    let mut router = page::router(&described());
    for route in table() {
        let path = route.axum_path();
        router = router.route(&path, rest.serve(route));
    }
    let nothing = || async { Problem::no_such_path().into_response() };
    let other_method = || async { Problem::method().into_response() };
    let router = router.method_not_allowed_fallback(other_method);
    let no_module = || async { Problem::no_module().to_cosmos() };
    let router = router.route("/api/v1", any(nothing)).route("/api/v1/{*path}", any(nothing));
    router.route("/cosmos/{*path}", any(no_module)).route("/ibc/{*path}", any(no_module))
}

/// Every route, and what others answer beside them.
fn described() -> Vec<Route> {
    let mut routes = table();
    let cosmos = routes.iter().position(|route| route.errors == problem::Errors::Cosmos);
    let own = cosmos.unwrap_or(routes.len());
    routes.splice(own..own, files::described());
    routes
}

/// Every route: ours, then Cosmos's.
fn table() -> Vec<Route> {
    let own = [
        ledger::routes(),
        tickets::routes(),
        accounts::routes(),
        transactions::routes(),
        history::routes(),
        documents::routes(),
    ];
    let mut routes: Vec<Route> = own.into_iter().flatten().collect();
    routes.push(live::route());
    routes.extend(cosmos::routes());
    routes
}

impl Rest {
    /// What answers at a route's path, to its method.
    fn serve(&self, route: Route) -> MethodRouter {
        let (rest, route) = (self.clone(), Arc::new(route));
        let filter = if route.method == Method::POST { MethodFilter::POST } else { MethodFilter::GET };
        on(filter, move |request: Request| {
            let (rest, route) = (rest.clone(), route.clone());
            async move {
                let answer = rest.respond(&route, request).await;
                answer.unwrap_or_else(|problem| route.errors.show(problem))
            }
        })
    }

    async fn respond(&self, route: &Route, request: Request) -> Result<Response, Problem> {
        let (mut head, body) = request.into_parts();
        let path = RawPathParams::from_request_parts(&mut head, &()).await;
        let path = path.map_err(|_| Problem::invalid("the path is not UTF-8"))?;
        let path: Vec<&str> = path.iter().map(|(_, value)| value).collect();
        let arguments = Arguments::parse(route, &path, &head.uri)?;
        let source = head.extensions.get().copied();
        let body = match route.body {
            None => Bytes::new(),
            Some(_) if body::is_compressed(&head.headers) => {
                return Err(Problem::media_type(body::COMPRESSED));
            }
            Some(_) => whole(body).await?,
        };
        let asked = Asked {
            source: source.unwrap_or(Source::Other(std::net::Ipv4Addr::UNSPECIFIED.into())),
            arguments,
            headers: head.headers,
            body,
        };
        (route.handler)(self.clone(), asked).await
    }

    /// Calls a gRPC method.
    async fn call(&self, path: &str, asked: &Asked, message: Vec<u8>) -> Result<Bytes, Problem> {
        let call = Call { source: asked.source, path, metadata: asked.metadata(), message: message.into() };
        Ok(self.0.dispatch.unary(call).await?.message)
    }
}

/// What is written of what a method answered, in a turn where that is long.
async fn written(
    rest: &Rest,
    source: Source,
    bytes: usize,
    write: impl FnOnce() -> Result<Response, Problem> + Send + 'static,
) -> Result<Response, Problem> {
    rest.0.api.write(source, bytes, write).await?
}

/// A request's body, in bounded memory.
async fn whole(body: axum::body::Body) -> Result<Bytes, Problem> {
    match Limited::new(body, REQUEST_BYTES_MAX).collect().await {
        Ok(collected) => Ok(collected.to_bytes()),
        Err(error) if error.is::<LengthLimitError>() => {
            Err(Problem::too_large(&format!("a request has at most {REQUEST_BYTES_MAX} bytes")))
        }
        Err(error) => Err(match body::unread(error) {
            Some(Unread::Late(why)) => Problem::late(why),
            Some(Unread::NoRoom(status)) => status.into(),
            None => Problem::invalid("the request ended before its body did"),
        }),
    }
}

/// The media type of a request's body, without parameters, in lower case.
fn media_type(headers: &http::HeaderMap) -> String {
    let value = headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    value.split(';').next().unwrap_or_default().trim().to_ascii_lowercase()
}

#[cfg(test)]
pub(crate) mod tests;
