//! The desk's page, which is part of the program: static files with one policy, and the share of a key that a browser keeps in a cookie.
//!
//! Nothing here knows who asks, or what for. The page seals and opens in the browser; to the node it is bytes, and what it asks are the
//! calls that every client makes. A program that was built without the page ([`is_here`]) says so where the page would be.

mod files;
mod share;
mod webcat;

use axum::Router;
use axum::extract::Request;
use axum::response::{IntoResponse as _, Response};
use axum::routing::get;
use http::{HeaderMap, Method, header};

pub(crate) use files::index;
pub(crate) use webcat::Webcat;
pub use webcat::WebcatError;

/// Where the page's manifest is.
pub const MANIFEST: &str = "/manifest.json";

/// Whether this program was built with the page.
pub fn is_here() -> bool {
    !files::FILES.is_empty()
}

/// The page's manifest: its files with their hashes and the one policy, in WEBCAT's form. `None` in a program that was built without it.
pub fn manifest() -> Option<&'static str> {
    let bytes = file(MANIFEST)?;
    std::str::from_utf8(bytes).ok().map(str::trim_end)
}

/// A file of the page by its path, such as `/icon.svg`.
pub fn file(path: &str) -> Option<&'static [u8]> {
    files::FILES.iter().find(|file| file.path == path).map(|file| file.bytes)
}

/// The headers, by their names in lower case, that decide what a browser does with the file of this path.
pub fn obeyed(path: &str) -> Vec<(&'static str, &'static str)> {
    files::obeyed(path).to_vec()
}

/// The page's files by their names, and the share.
pub(crate) fn router() -> Router {
    let mut router = share::router();
    for file in files::FILES {
        // The index is answered at `/`, and wherever a browser comes to a page of the desk.
        if file.path != files::INDEX {
            router = router.route(file.path, get(move |asked: HeaderMap| async move { file.answer(&asked) }));
        }
    }
    router
}

/// The page, for a browser that comes to a place which the page itself knows.
pub(crate) fn visited(request: &Request) -> Option<Response> {
    let is_visit = matches!(*request.method(), Method::GET | Method::HEAD) && accepts_html(request.headers());
    // What has an ending is a file, and one that does not exist must not look as if it did.
    let is_place = !request.uri().path().contains('.');
    (is_visit && is_place).then(|| index(request.headers())).flatten()
}

/// What a browser runs that looks for a newer form of a service worker. A page has one that answers in the place of this program wherever
/// somebody else once had the address, for an hour or as another user of this computer: it would go on for good.
const ENDING_WORKER: &str = "\
addEventListener(\"install\", () => skipWaiting());
addEventListener(\"activate\", (event) => event.waitUntil(end()));
async function end() {
  await registration.unregister();
  for (const client of await clients.matchAll({ type: \"window\" })) await client.navigate(client.url);
}
";

/// The page's own: one shows notices and answers for nothing, the other gives the page where this program does not answer.
const OWN_WORKERS: [&str; 2] = ["/notices.js", "/offline.js"];

/// Ends a service worker that is not this page's own; `None` for what asks for something else.
pub(crate) fn foreign_worker(head: &http::request::Parts) -> Option<Response> {
    let is_worker = head.headers.get("service-worker").is_some_and(|value| value == "script");
    let path = head.uri.path();
    let is_own = OWN_WORKERS.contains(&path) && file(path).is_some();
    (is_worker && !is_own).then(|| {
        let headers = [
            (header::CONTENT_TYPE, "text/javascript"),
            (header::CACHE_CONTROL, "no-store"),
            (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        ];
        (headers, ENDING_WORKER).into_response()
    })
}

/// Whether a browser asks for something to show.
pub(crate) fn accepts_html(headers: &HeaderMap) -> bool {
    let accepted = headers.get(header::ACCEPT).and_then(|accepted| accepted.to_str().ok());
    accepted.is_some_and(|accepted| accepted.contains("text/html"))
}
