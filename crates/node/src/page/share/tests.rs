//! What a browser is given to keep, and whom it comes back to.

use http::Request;
use http_body_util::BodyExt as _;
use tower::ServiceExt as _;

use super::*;

const NEAR: &str = "http://127.0.0.1:9090";
const FAR: &str = "https://desk.example";

struct Answered {
    status: StatusCode,
    cookie: String,
    body: Vec<u8>,
    cleared: Option<String>,
}

impl Answered {
    /// The cookie as a browser sends it back.
    fn sent_back(&self) -> String {
        self.cookie.split(';').next().unwrap().to_owned()
    }
}

/// Which page asks, as the node judges it, and where a browser says that it is.
#[derive(Clone, Copy)]
struct Asker<'a> {
    page: Option<Page>,
    origin: &'a str,
}

/// Asks for a method and a path, from the desk's own page at an origin.
async fn ask(router: &Router, call: &str, origin: &str, cookie: &str, body: &'static [u8]) -> Answered {
    ask_from(router, Asker { page: Some(Page::Own), origin }, call, cookie, body).await
}

async fn ask_from(
    router: &Router,
    Asker { page, origin }: Asker<'_>,
    call: &str,
    cookie: &str,
    body: &'static [u8],
) -> Answered {
    let (method, path) = call.split_once(' ').unwrap();
    let mut request = Request::builder().method(method).uri(path).header(header::COOKIE, cookie);
    if let Some(page) = page {
        request = request.extension(page);
    }
    if !origin.is_empty() {
        request = request.header(header::ORIGIN, origin);
    }
    let answer = router.clone().oneshot(request.body(Body::from(body)).unwrap()).await.unwrap();
    let header =
        |name: HeaderName| answer.headers().get(name).map(|value| value.to_str().unwrap().to_owned());
    let (status, cookie, cleared) =
        (answer.status(), header(header::SET_COOKIE).unwrap_or_default(), header(CLEAR_SITE_DATA));
    Answered {
        status,
        cookie,
        cleared,
        body: answer.into_body().collect().await.unwrap().to_bytes().to_vec(),
    }
}

#[tokio::test]
async fn a_share_comes_back_as_it_was_and_the_browser_never_has_it_in_clear() {
    let router = router();
    for (origin, rules) in [(NEAR, "Path=/desk/share;"), (FAR, "Path=/; Secure;"), ("", "Path=/; Secure;")] {
        let kept = ask(&router, "PUT /desk/share", origin, "", &[7; SHARE_BYTES]).await;
        assert_eq!((kept.status, kept.body.len()), (StatusCode::NO_CONTENT, 0));
        for rule in ["HttpOnly", "SameSite=Strict", "Max-Age=600", rules] {
            assert!(kept.cookie.contains(rule), "{origin}: {}", kept.cookie);
        }
        assert_eq!(kept.cookie.starts_with(HOST), origin != NEAR, "{}", kept.cookie);
        assert!(!kept.cookie.contains("BwcHBwcH"), "{}", kept.cookie);
        let cookie = kept.sent_back();
        let taken = ask(&router, "POST /desk/share", origin, &format!("other=1; {cookie}"), b"").await;
        assert_eq!((taken.status, &taken.body[..]), (StatusCode::OK, &[7; SHARE_BYTES][..]));
        assert!(taken.cookie.contains("Max-Age=600") && taken.sent_back() != cookie, "{}", taken.cookie);
        assert!(ask(&router, "DELETE /desk/share", origin, &cookie, b"").await.cookie.contains("Max-Age=0"));
    }
}

#[tokio::test]
async fn a_copied_cookie_is_worth_nothing_after_a_restart() {
    let kept = ask(&router(), "PUT /desk/share", FAR, "", &[7; SHARE_BYTES]).await;
    let restarted = router();
    let other = ask(&restarted, "PUT /desk/share", FAR, "", &[9; SHARE_BYTES]).await;
    let (name, value) = (other.sent_back(), kept.sent_back());
    let cookie = format!("{}={}", name.split_once('=').unwrap().0, value.split_once('=').unwrap().1);
    for cookie in [value.as_str(), &cookie] {
        let taken = ask(&restarted, "POST /desk/share", FAR, cookie, b"").await;
        assert_eq!((taken.status, taken.body.len()), (StatusCode::NO_CONTENT, 0), "{cookie}");
    }
}

#[tokio::test]
async fn what_is_not_a_share_is_neither_kept_nor_given() {
    let router = router();
    let put = async |body| ask(&router, "PUT /desk/share", NEAR, "", body).await.status;
    assert_eq!(put(&[7; SHARE_BYTES - 1]).await, StatusCode::BAD_REQUEST);
    assert_eq!(put(&[7; SHARE_BYTES + 1]).await, StatusCode::PAYLOAD_TOO_LARGE);
    let kept = ask(&router, "PUT /desk/share", NEAR, "", &[7; SHARE_BYTES]).await.sent_back();
    let name = kept.split_once('=').unwrap().0;
    for value in ["", "AAAA", "%00", "BwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwc"] {
        let taken = ask(&router, "POST /desk/share", NEAR, &format!("{name}={value}"), b"").await;
        assert_eq!((taken.status, taken.body.len()), (StatusCode::NO_CONTENT, 0), "{value}");
        assert!(taken.cookie.contains("Max-Age=0"), "{}", taken.cookie);
    }
}

#[tokio::test]
async fn signing_out_clears_what_the_browser_keeps() {
    let gone = ask(&router(), &format!("POST {SIGN_OUT_PATH}"), FAR, "", b"").await;
    assert_eq!((gone.status, gone.cleared.as_deref()), (StatusCode::NO_CONTENT, Some("\"storage\"")));
    assert!(gone.cookie.contains("Max-Age=0"), "{}", gone.cookie);
}

#[tokio::test]
async fn a_page_that_may_ask_the_node_signs_nobody_out_and_gets_no_share() {
    let router = router();
    let kept = ask(&router, "PUT /desk/share", NEAR, "", &[7; SHARE_BYTES]).await;
    for page in [Some(Page::Other), None] {
        for call in ["POST /desk/sign-out", "DELETE /desk/share", "POST /desk/share", "PUT /desk/share"] {
            for origin in ["https://evil.example", "null"] {
                let answered =
                    ask_from(&router, Asker { page, origin }, call, &kept.sent_back(), &[9; SHARE_BYTES])
                        .await;
                assert_eq!(answered.status, StatusCode::FORBIDDEN, "{call}");
                assert_eq!((answered.cookie.as_str(), answered.cleared), ("", None), "{call}");
                assert_ne!(answered.body, [7; SHARE_BYTES], "{call}");
            }
        }
    }
}
