//! One share of a key that a page split in two, in a cookie that no script can read.
//!
//! A person who reloads the page stays unlocked for ten minutes: the tab keeps one share, the browser's cookie the other, and one alone
//! says nothing. The node keeps neither. What it has the browser keep is sealed under a key of this process, with the time: whoever
//! copies a browser's files later, with both shares among them, has one that nobody opens any more. The node gives a share back to
//! pages of its own alone.

mod sealed;

use std::sync::Arc;

use axum::Router;
use axum::body::{Body, Bytes};
use axum::extract::{DefaultBodyLimit, Request, State};
use axum::middleware::{Next, from_fn};
use axum::response::Response;
use axum::routing::put;
use http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header};

use crate::http::names::Page;
use crate::http::problem;
use sealed::{SHARE_BYTES, Sealer};

/// Where a page asks for its share.
const PATH: &str = "/desk/share";
/// Where a page says that its person signed out.
const SIGN_OUT_PATH: &str = "/desk/sign-out";
/// The cookie's name, before the one of this process: nodes at other ports of one host share their cookies.
const COOKIE: &str = "sealdesk-share-";
/// Before the name where the page came encrypted: a browser takes such a cookie from this host alone, never in plain text, and for all of it.
const HOST: &str = "__Host-";
/// For how long a share is kept after it was used last, in seconds.
const LIFE_SECONDS: u32 = 600;
/// What a browser removes as well when somebody signs out. Not its cookies, which would be those of the whole domain, and not its cache,
/// in which nothing of anybody's is.
const CLEARED: &str = "\"storage\"";
const CLEAR_SITE_DATA: HeaderName = HeaderName::from_static("clear-site-data");

/// The methods by which a page keeps its share. Without randomness for a key there are none, and every reload asks for the passphrase.
pub(super) fn router() -> Router {
    let Ok(sealer) = Sealer::new() else { return Router::new() };
    Router::new()
        .route(PATH, put(keep).post(take).delete(forget).layer(DefaultBodyLimit::max(SHARE_BYTES)))
        .route(SIGN_OUT_PATH, axum::routing::post(sign_out))
        .route_layer(from_fn(own_page_alone))
        .with_state(Arc::new(sealer))
}

type Sealed = State<Arc<Sealer>>;

/// Other pages that may ask this node have no business with what a browser keeps of its own page: one request of theirs would sign people out,
/// and have the browser remove their keys.
async fn own_page_alone(request: Request, next: Next) -> Response {
    match request.extensions().get::<Page>() {
        Some(Page::Own) => next.run(request).await,
        Some(Page::Other) | None => problem::response(
            StatusCode::FORBIDDEN,
            "only this desk's own page may ask for what a browser keeps of it",
        ),
    }
}

/// Has the browser keep a share.
async fn keep(State(sealer): Sealed, asked: HeaderMap, share: Bytes) -> Response {
    let Ok(share) = <&[u8; SHARE_BYTES]>::try_from(share.as_ref()) else {
        return problem::response(StatusCode::BAD_REQUEST, "a share has 32 bytes");
    };
    Cookie::of(&sealer, &asked).kept(StatusCode::NO_CONTENT, Body::empty(), share)
}

/// Gives a page the share, which then is kept as long again; nothing where the browser has none, or one whose time is over.
async fn take(State(sealer): Sealed, asked: HeaderMap) -> Response {
    let cookie = Cookie::of(&sealer, &asked);
    match cookie.read(&asked) {
        None => cookie.removed(),
        Some(share) => cookie.kept(StatusCode::OK, Body::from(share.to_vec()), &share),
    }
}

/// Has the browser forget it.
async fn forget(State(sealer): Sealed, asked: HeaderMap) -> Response {
    Cookie::of(&sealer, &asked).removed()
}

/// Has the browser forget it, and all else that it keeps of this page.
async fn sign_out(State(sealer): Sealed, asked: HeaderMap) -> Response {
    let mut response = Cookie::of(&sealer, &asked).removed();
    response.headers_mut().insert(CLEAR_SITE_DATA, HeaderValue::from_static(CLEARED));
    response
}

/// The cookie of one page.
struct Cookie<'a> {
    sealer: &'a Sealer,
    name: String,
    /// Where the browser sends it to, and over what.
    rules: &'static str,
}

impl<'a> Cookie<'a> {
    /// Every browser says whose page it is that writes here. Of a page that came in plain text, from this machine, the cookie cannot be kept
    /// for encrypted connections alone; of all others it is, whether this node speaks TLS or a proxy before it.
    fn of(sealer: &'a Sealer, asked: &HeaderMap) -> Self {
        let origin = asked.get(header::ORIGIN).map_or(&b""[..], HeaderValue::as_bytes);
        let (prefix, rules) =
            if origin.starts_with(b"http://") { ("", "Path=/desk/share") } else { (HOST, "Path=/; Secure") };
        Self { sealer, name: format!("{prefix}{COOKIE}{}", sealer.name()), rules }
    }

    fn read(&self, asked: &HeaderMap) -> Option<[u8; SHARE_BYTES]> {
        let cookies = asked.get_all(header::COOKIE).iter().filter_map(|value| value.to_str().ok());
        let mut cookies =
            cookies.flat_map(|value| value.split(';')).filter_map(|cookie| cookie.trim().split_once('='));
        let (_, text) = cookies.find(|(name, _)| *name == self.name)?;
        self.sealer.open(text, LIFE_SECONDS)
    }

    fn kept(&self, status: StatusCode, body: Body, share: &[u8; SHARE_BYTES]) -> Response {
        match self.sealer.seal(share) {
            Some(sealed) => self.answer(status, body, &sealed, LIFE_SECONDS),
            None => problem::response(StatusCode::SERVICE_UNAVAILABLE, "this node cannot keep a share now"),
        }
    }

    fn removed(&self) -> Response {
        self.answer(StatusCode::NO_CONTENT, Body::empty(), "", 0)
    }

    fn answer(&self, status: StatusCode, body: Body, value: &str, seconds: u32) -> Response {
        let cookie =
            format!("{}={value}; Max-Age={seconds}; {}; HttpOnly; SameSite=Strict", self.name, self.rules);
        let mut response = Response::new(body);
        *response.status_mut() = status;
        let headers = response.headers_mut();
        if let Ok(cookie) = HeaderValue::from_str(&cookie) {
            headers.insert(header::SET_COOKIE, cookie);
        }
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/octet-stream"));
        headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
        headers.insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
        response
    }
}

#[cfg(test)]
mod tests;
