use std::convert::Infallible;
use std::sync::{Arc, Mutex};

use http::{Method, Request};
use http_body_util::BodyExt as _;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tower::service_fn;

use super::*;
use crate::http::names::Page;

type Asked = Arc<Mutex<Vec<http::request::Parts>>>;

/// What a node answers that would have its own script run in the page's origin.
fn hostile() -> http::Response<tonic::body::Body> {
    let body = axum::body::Body::from("<script>alert(1)</script>");
    http::Response::builder()
        .header("content-type", "text/html; charset=utf-8")
        .header("content-security-policy", "script-src *")
        .header("set-cookie", "sealdesk-share=stolen")
        .header("location", "https://evil.example/")
        .header("link", "</evil.js>; rel=preload; as=script")
        .header("refresh", "0; url=https://evil.example/")
        .header("service-worker-allowed", "/")
        .header("access-control-allow-origin", "*")
        .header("clear-site-data", "\"*\"")
        .header("etag", "\"1\"")
        .body(tonic::body::Body::new(body))
        .unwrap()
}

/// The page before a node that answers this, and what the node was asked.
fn before(answer: fn() -> http::Response<tonic::body::Body>) -> (Router, Asked) {
    let asked = Asked::default();
    let keep = asked.clone();
    let node = service_fn(move |request: http::Request<tonic::body::Body>| {
        keep.lock().unwrap().push(request.into_parts().0);
        async move { Ok::<_, Infallible>(answer()) }
    });
    (router(node), asked)
}

fn request(method: Method, path: &str, headers: &[(&str, &str)]) -> Request<Body> {
    let mut request = Request::builder().method(method).uri(path);
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    request.body(Body::empty()).unwrap()
}

#[tokio::test]
async fn the_page_reads_what_an_error_carries_beside_its_words() {
    let (router, _) = before(|| {
        let mut refused = http::Response::builder().header("grpc-status", "11");
        for name in crate::api::status::METADATA {
            refused = refused.header(name, "12");
        }
        refused.body(tonic::body::Body::default()).unwrap()
    });
    let answer = router.oneshot(request(Method::GET, "/status", &[])).await.unwrap();
    for name in crate::api::status::METADATA {
        assert_eq!(answer.headers()[name], "12");
    }
}

#[tokio::test]
async fn what_a_node_answers_is_data_whatever_it_says_of_it() {
    let (router, _) = before(hostile);
    let answer =
        router.oneshot(request(Method::GET, "/evil.html", &[("accept", "text/html")])).await.unwrap();
    let headers = answer.headers();
    let one = |name: &str| {
        let values: Vec<_> = headers.get_all(name).iter().collect();
        assert!(values.len() < 2, "{name}: {values:?}");
        values.first().map(|value| value.to_str().unwrap().to_owned())
    };
    assert_eq!(one("content-type").unwrap(), "application/octet-stream");
    assert!(one("content-security-policy").unwrap().contains("sandbox"));
    assert_eq!(one("x-content-type-options").unwrap(), "nosniff");
    assert_eq!(one("etag").unwrap(), "\"1\"");
    for gone in [
        "set-cookie",
        "location",
        "link",
        "refresh",
        "service-worker-allowed",
        "access-control-allow-origin",
        "clear-site-data",
    ] {
        assert_eq!(one(gone), None, "{gone}");
    }
}

#[tokio::test]
async fn no_part_of_a_page_comes_from_the_node() {
    for path in ["/assets/index-OLD.js", "/assets/sealdesk-OLD.wasm", "/other.wasm"] {
        let (router, _) = before(hostile);
        let answer = router.oneshot(request(Method::GET, path, &[])).await.unwrap();
        assert_eq!(answer.status(), StatusCode::NOT_FOUND, "{path}");
    }
}

#[tokio::test]
async fn a_node_leads_the_page_nowhere_else() {
    let leads = || {
        let mut answer = hostile();
        *answer.status_mut() = StatusCode::FOUND;
        answer
    };
    let (router, _) = before(leads);
    let answer = router.oneshot(request(Method::GET, "/api/v1/status.x", &[])).await.unwrap();
    assert_eq!(answer.status(), StatusCode::BAD_GATEWAY);
}

#[tokio::test]
async fn a_node_hears_what_it_needs_and_nothing_of_the_browser() {
    let (router, asked) = before(hostile);
    let sent = [
        ("content-type", "application/grpc-web+proto"),
        ("x-grpc-web", "1"),
        ("sealdesk-admission-bin", "AAAA"),
        ("authorization", "Sealdesk-Upload x"),
        ("cookie", "sealdesk-share=secret"),
        ("origin", "http://localhost:1"),
        ("referer", "http://localhost:1/tickets/7"),
        ("host", "localhost:1"),
        ("user-agent", "Mozilla/5.0"),
        ("accept-language", "de"),
        ("sec-fetch-site", "same-origin"),
        ("connection", "x-hop"),
        ("x-hop", "1"),
        ("te", "trailers"),
        ("upgrade", "websocket"),
    ];
    let path = "/virtengine.support.v1.Query/Ticket?x=1";
    router.oneshot(request(Method::POST, path, &sent)).await.unwrap();
    let asked = asked.lock().unwrap();
    assert_eq!(asked[0].uri, path);
    assert_eq!(asked[0].method, Method::POST);
    let mut heard: Vec<&str> = asked[0].headers.keys().map(HeaderName::as_str).collect();
    heard.sort_unstable();
    assert_eq!(heard, ["authorization", "content-type", "sealdesk-admission-bin", "x-grpc-web"]);
}

#[tokio::test]
async fn the_page_and_its_share_are_of_this_computer() {
    let (router, asked) = before(hostile);
    let share = Request::put("/desk/share").extension(Page::Own).body(Body::from(vec![7; 32])).unwrap();
    assert_eq!(router.clone().oneshot(share).await.unwrap().status(), StatusCode::NO_CONTENT);
    for path in ["/", "/tickets/7", "/api"] {
        let visit = request(Method::GET, path, &[("accept", "text/html")]);
        let answer = router.clone().oneshot(visit).await.unwrap();
        if page::is_here() {
            let policy = answer.headers()["content-security-policy"].to_str().unwrap();
            assert!(policy.contains("trusted-types"), "{path}: {policy}");
            let index = page::file("/index.html").unwrap();
            assert_eq!(answer.into_body().collect().await.unwrap().to_bytes(), index, "{path}");
        }
    }
    if page::is_here() {
        assert_eq!(asked.lock().unwrap().len(), 0, "the node was not asked");
    }
}

#[tokio::test]
async fn a_node_that_is_away_is_said_to_be_in_the_words_of_whoever_asks() {
    let node = service_fn(|_: http::Request<tonic::body::Body>| async {
        Err::<http::Response<tonic::body::Body>, _>(std::io::Error::other("connection refused"))
    });
    let router = router(node);
    let sent = [("content-type", "application/grpc-web+proto"), ("accept", "application/grpc-web+proto")];
    let answer = router.clone().oneshot(request(Method::POST, "/x.Y/Z", &sent)).await.unwrap();
    assert_eq!(answer.headers()["grpc-status"], "14");
    let answer = router.oneshot(request(Method::GET, "/api/v1/events", &[])).await.unwrap();
    assert_eq!(answer.status(), StatusCode::SERVICE_UNAVAILABLE);
    let words = answer.into_body().collect().await.unwrap().to_bytes();
    assert!(String::from_utf8_lossy(&words).contains("connection refused"), "{words:?}");
}

/// The status with which a served page answers a request that names this host and comes from this page.
async fn served(address: std::net::SocketAddr, host: &str, more: &str) -> String {
    let mut stream = tokio::net::TcpStream::connect(address).await.unwrap();
    let request = format!("GET /icon.svg HTTP/1.1\r\nhost: {host}\r\n{more}connection: close\r\n\r\n");
    stream.write_all(request.as_bytes()).await.unwrap();
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).await.unwrap();
    String::from_utf8_lossy(&answer).lines().next().unwrap().split(' ').nth(1).unwrap().to_owned()
}

#[tokio::test]
async fn neither_another_name_nor_another_page_comes_in() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let node = service_fn(|_: http::Request<tonic::body::Body>| async { Ok::<_, Infallible>(hostile()) });
    let endpoint = serve_here(vec![listener], &ChainId::parse("desk-1").unwrap(), node).unwrap();
    let address = endpoint.address();
    let port = address.port();
    for host in ["localhost".to_owned(), format!("localhost:{port}"), format!("127.0.0.1:{port}")] {
        assert_eq!(served(address, &host, "").await, "200", "{host}");
        let own = format!("origin: http://{host}\r\n");
        assert_eq!(served(address, &host, &own).await, "200", "{host}");
    }
    for host in ["evil.example", "localhost.evil.example", "192.168.0.1"] {
        assert_eq!(served(address, host, "").await, "421", "{host}");
    }
    let host = format!("localhost:{port}");
    for other in ["https://evil.example", "http://localhost:1", "null"] {
        assert_eq!(served(address, &host, &format!("origin: {other}\r\n")).await, "403", "{other}");
    }
    assert_eq!(
        served(address, &host, "sec-fetch-site: cross-site\r\nsec-fetch-mode: no-cors\r\n").await,
        "403"
    );
    endpoint.stop().await;
}

#[tokio::test]
async fn other_machines_are_never_served() {
    let listener = TcpListener::bind("0.0.0.0:0").await.unwrap();
    let node = service_fn(|_: http::Request<tonic::body::Body>| async { Ok::<_, Infallible>(hostile()) });
    let refused = serve_here(vec![listener], &ChainId::parse("desk-1").unwrap(), node);
    assert!(refused.unwrap_err().to_string().contains("other machines"));
}
