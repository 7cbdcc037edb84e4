//! One share of a key that a page split in two, in a cookie that no script can read.
//!
//! A person who reloads the page stays unlocked for ten minutes: the tab keeps one share, the browser's cookie the other, and one alone
//! says nothing. The node keeps neither; it gives back what the browser sent, and only to pages of its own.

use axum::body::{Body, Bytes};
use axum::extract::DefaultBodyLimit;
use axum::response::Response;
use axum::routing::{MethodRouter, put};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use http::{HeaderMap, HeaderValue, StatusCode, header};

use crate::http::problem;

/// Where a page asks for its share.
pub(super) const PATH: &str = "/desk/share";
/// The cookie's name.
const COOKIE: &str = "sealdesk-share";
/// Bytes of a share.
const SHARE_BYTES: usize = 32;
/// For how long a share is kept after it was used last, in seconds.
const LIFE_SECONDS: u32 = 600;

pub(super) fn methods() -> MethodRouter {
    put(keep).post(take).delete(forget).layer(DefaultBodyLimit::max(SHARE_BYTES))
}

/// Has the browser keep a share.
async fn keep(share: Bytes) -> Response {
    if share.len() != SHARE_BYTES {
        return problem::response(StatusCode::BAD_REQUEST, "a share has 32 bytes");
    }
    with_cookie(StatusCode::NO_CONTENT, Body::empty(), &URL_SAFE_NO_PAD.encode(share), LIFE_SECONDS)
}

/// Gives a page the share, which then is kept as long again; nothing where the browser has none.
async fn take(asked: HeaderMap) -> Response {
    match share(&asked) {
        None => with_cookie(StatusCode::NO_CONTENT, Body::empty(), "", 0),
        Some((text, share)) => with_cookie(StatusCode::OK, Body::from(share), text, LIFE_SECONDS),
    }
}

/// Has the browser forget it.
async fn forget() -> Response {
    with_cookie(StatusCode::NO_CONTENT, Body::empty(), "", 0)
}

fn share(asked: &HeaderMap) -> Option<(&str, Vec<u8>)> {
    let cookies = asked.get_all(header::COOKIE).iter().filter_map(|value| value.to_str().ok());
    let mut cookies =
        cookies.flat_map(|value| value.split(';')).filter_map(|cookie| cookie.trim().split_once('='));
    let (_, text) = cookies.find(|(name, _)| *name == COOKIE)?;
    let share = URL_SAFE_NO_PAD.decode(text).ok()?;
    (share.len() == SHARE_BYTES).then_some((text, share))
}

fn with_cookie(status: StatusCode, body: Body, share: &str, seconds: u32) -> Response {
    let cookie = format!("{COOKIE}={share}; Max-Age={seconds}; Path={PATH}; HttpOnly; SameSite=Strict");
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

#[cfg(test)]
mod tests {
    use axum::Router;
    use http::Request;
    use http_body_util::BodyExt as _;
    use tower::ServiceExt as _;

    use super::*;

    async fn ask(method: &str, cookie: &str, body: &'static [u8]) -> (StatusCode, String, Vec<u8>) {
        let request = Request::builder().method(method).uri(PATH).header(header::COOKIE, cookie);
        let router = Router::new().route(PATH, methods());
        let answer = router.oneshot(request.body(Body::from(body)).unwrap()).await.unwrap();
        let kept =
            answer.headers().get(header::SET_COOKIE).map_or("", |value| value.to_str().unwrap()).to_owned();
        let status = answer.status();
        (status, kept, answer.into_body().collect().await.unwrap().to_bytes().to_vec())
    }

    #[tokio::test]
    async fn a_share_comes_back_as_it_was_and_no_script_can_read_it() {
        let (status, kept, body) = ask("PUT", "", &[7; SHARE_BYTES]).await;
        assert_eq!((status, body.len()), (StatusCode::NO_CONTENT, 0));
        for rule in ["HttpOnly", "SameSite=Strict", "Max-Age=600", "Path=/desk/share"] {
            assert!(kept.contains(rule), "{kept}");
        }
        let cookie = kept.split(';').next().unwrap();
        let (status, again, body) = ask("POST", &format!("other=1; {cookie}"), b"").await;
        assert_eq!((status, body), (StatusCode::OK, vec![7; SHARE_BYTES]));
        assert!(again.starts_with(cookie) && again.contains("Max-Age=600"), "{again}");
        assert!(ask("DELETE", cookie, b"").await.1.contains("Max-Age=0"));
    }

    #[tokio::test]
    async fn what_is_not_a_share_is_neither_kept_nor_given() {
        assert_eq!(ask("PUT", "", &[7; SHARE_BYTES - 1]).await.0, StatusCode::BAD_REQUEST);
        assert_eq!(ask("PUT", "", &[7; SHARE_BYTES + 1]).await.0, StatusCode::PAYLOAD_TOO_LARGE);
        for cookie in ["", "sealdesk-share=", "sealdesk-share=AAAA", "sealdesk-share=%00", "x=1"] {
            let (status, kept, body) = ask("POST", cookie, b"").await;
            assert_eq!((status, body.len()), (StatusCode::NO_CONTENT, 0), "{cookie}");
            assert!(kept.contains("Max-Age=0"), "{kept}");
        }
    }
}
