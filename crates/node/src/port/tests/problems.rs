//! Every "no" of the port that is no gRPC and no JSON-RPC is a problem as the description of REST has it.

use std::sync::Arc;

use axum::Router;
use axum::body::Body;
use axum::response::Response;
use http::uri::Scheme;
use http::{HeaderValue, Request, StatusCode, Version};
use http_body_util::BodyExt as _;
use prometheus::Gauge;
use prost::Message as _;
use sealdesk_protocol::wire::sealdesk::ledger::v1::FollowRequest;
use serde_json::Value;
use tower::ServiceExt as _;

use crate::api::status::LEDGER;
use crate::http::body::{Memory, REQUEST_KIB};
use crate::http::budget::{Bounds, Budget};
use crate::http::meter::Meter;
use crate::http::names::{Names, Origin, Pages, Parts};
use crate::port::refusal::Face;
use crate::rest::tests::kit::Desk;
use crate::rest::tests::schema::mismatch;

/// What the description says of a problem.
struct Described(Value);

impl Described {
    async fn of(desk: &Desk) -> Self {
        Self(desk.get("/openapi.json").await.json())
    }

    async fn holds_for(&self, answer: Response, what: &str) -> Value {
        let (head, body) = answer.into_parts();
        let body = body.collect().await.unwrap().to_bytes();
        assert!(head.status.is_client_error() || head.status.is_server_error(), "{what}: {}", head.status);
        assert_eq!(
            head.headers["content-type"], "application/problem+json",
            "{what} {}: {body:?}",
            head.status
        );
        let problem: Value = serde_json::from_slice(&body).unwrap();
        let schema = &self.0["components"]["schemas"]["Problem"];
        assert_eq!(mismatch(&self.0, schema, &problem), None, "{what}");
        assert_eq!(problem["status"], head.status.as_u16(), "{what}");
        assert!(problem["hint"].as_str().unwrap().len() > 5, "{what}: {problem}");
        problem
    }
}

fn memory() -> Memory {
    let budget = || {
        let bounds = Bounds { all: 1 << 20, per_source: 1 << 20, own: 1 << 20 };
        Budget::new(bounds, Gauge::new("held", "What is held.").unwrap())
    };
    Memory { requests: budget(), answers: budget(), pace: Arc::new(Meter::new(REQUEST_KIB)) }
}

fn request(method: &str, path: &str) -> Request<Body> {
    Request::builder().method(method).uri(path).body(Body::empty()).unwrap()
}

#[tokio::test]
async fn what_leads_nowhere_and_what_a_path_does_not_take_are_problems() {
    let desk = Desk::new();
    let described = Described::of(&desk).await;
    let routes = desk.api.routes().unwrap();
    let dir = tempfile::tempdir().unwrap();
    let blobs = crate::blobs::Blobs::open(dir.path(), desk.api.clone(), None, &Default::default()).unwrap();
    let router: Router = crate::port::router(routes, desk.context.clone(), blobs.router());
    for (method, path, status) in [
        ("GET", "/nosuch", 404),
        ("GET", "/api/v1/nosuch", 404),
        ("DELETE", "/api/v1/status", 405),
        ("GET", "/api/v1/tickets/%ff", 400),
        ("GET", "/blobs/nosuch", 400),
        ("GET", "/blobs/%ff", 400),
        ("POST", "/blobs", 405),
        ("POST", "/blobs/nosuch", 405),
        ("PUT", "/blobs/nosuch", 400),
        ("POST", "/broadcast_tx_sync", 405),
        ("DELETE", "/status", 405),
        ("PUT", "/health", 405),
        ("DELETE", "/", 405),
        ("GET", "/websocket", 400),
        ("POST", "/websocket", 405),
        ("GET", "/sealdesk.ledger.v1.Ledger/Status", 415),
    ] {
        let mut asked = request(method, path);
        asked.extensions_mut().insert(memory());
        let answer = router.clone().oneshot(asked).await.unwrap();
        let what = format!("{method} {path}");
        assert_eq!(answer.status().as_u16(), status, "{what}");
        let allowed = answer.headers().get("allow").cloned();
        described.holds_for(answer, &what).await;
        assert!(status != 405 || allowed.is_some(), "{what} does not say what it takes");
    }
}

#[tokio::test]
async fn a_body_that_is_compressed_is_refused_as_such_by_every_door() {
    let desk = Desk::new();
    let described = Described::of(&desk).await;
    let dir = tempfile::tempdir().unwrap();
    let blobs = crate::blobs::Blobs::open(dir.path(), desk.api.clone(), None, &Default::default()).unwrap();
    let routes = desk.api.routes().unwrap();
    let router: Router = crate::port::router(routes, desk.context.clone(), blobs.router());
    let ask = async |method: &str, path: &str, coding: &str| {
        let asked = Request::builder().method(method).uri(path).header("content-type", "application/json");
        let mut asked = asked.header("content-encoding", coding).body(Body::from("{}")).unwrap();
        asked.extensions_mut().insert(memory());
        router.clone().oneshot(asked).await.unwrap()
    };
    let piece = format!("/blobs/{}", "00".repeat(32));
    for (method, path) in [("POST", "/api/v1/transactions"), ("PUT", piece.as_str())] {
        let refused = ask(method, path, "gzip").await;
        assert_eq!(refused.status(), StatusCode::UNSUPPORTED_MEDIA_TYPE, "{method} {path}");
        let problem = described.holds_for(refused, path).await;
        assert!(problem["detail"].as_str().unwrap().contains("not compressed here"), "{problem}");
    }
    for path in ["/", "/cosmos/tx/v1beta1/txs", "/cosmos/tx/v1beta1/simulate"] {
        let refused = ask("POST", path, "br").await;
        assert_eq!(refused.status(), StatusCode::UNSUPPORTED_MEDIA_TYPE, "{path}");
        let said = refused.into_body().collect().await.unwrap().to_bytes();
        assert!(String::from_utf8_lossy(&said).contains("not compressed here"), "{path}: {said:?}");
    }
    assert_eq!(ask("POST", "/", "Identity").await.status(), StatusCode::OK);
}

#[tokio::test]
async fn a_page_of_another_origin_reads_every_header_of_an_answer_that_is_headers_alone() {
    let desk = Desk::new();
    let router: Router = crate::port::router(desk.api.routes().unwrap(), desk.context.clone(), Router::new());
    let ahead = FollowRequest { cursor: vec![0xff; 12], ..FollowRequest::default() }.encode_to_vec();
    let length = u32::try_from(ahead.len()).unwrap().to_be_bytes();
    let mut asked = Request::post("/sealdesk.ledger.v1.Ledger/Follow")
        .header("content-type", "application/grpc-web+proto")
        .header("origin", "https://desk.example")
        .body(Body::from([&[0][..], &length, &ahead].concat()))
        .unwrap();
    asked.extensions_mut().insert(memory());
    let answer = router.oneshot(asked).await.unwrap();
    let headers = answer.headers();
    assert_eq!(headers["grpc-status"], "11", "{headers:?}");
    let exposed: Vec<&str> = headers["access-control-expose-headers"].to_str().unwrap().split(", ").collect();
    for name in ["grpc-message", "grpc-status-details-bin"].iter().chain(&LEDGER) {
        assert!(headers.contains_key(*name), "{name}: {headers:?}");
    }
    for name in headers.keys().map(|name| name.as_str()) {
        assert!(exposed.contains(&name) || name.starts_with("access-control-") || name == "vary", "{name}");
    }
}

#[tokio::test]
async fn what_the_guards_of_the_port_answer_are_problems() {
    let desk = Desk::new();
    let described = Described::of(&desk).await;
    let names = Names {
        listening: vec![[127, 0, 0, 1].into()],
        public: Some(Origin::parse("https://desk.example").unwrap()),
        pages: Pages::Of(Vec::new()),
        scheme: Some(Scheme::HTTP),
    };
    for (name, value, status) in [
        ("origin", "https://evil.example", 403),
        ("origin", "null", 403),
        ("sec-fetch-site", "cross-site", 403),
        ("host", "evil.example", 421),
        ("host", "a b", 400),
        ("x-nothing", "", 400),
    ] {
        let (mut head, ()) = Request::get("/api/v1/status").body(()).unwrap().into_parts();
        head.version = Version::HTTP_11;
        if !matches!(name, "host" | "x-nothing") {
            head.headers.insert("host", HeaderValue::from_static("localhost"));
        }
        head.headers.insert(name, HeaderValue::from_static(value));
        let misdirected = names.judge(&Parts::of(&head)).expect_err(name);
        let what = format!("{name}: {value}");
        let answer = Face::Plain.misdirected(&misdirected);
        assert_eq!(answer.status(), StatusCode::from_u16(status).unwrap(), "{what}");
        let problem = described.holds_for(answer, &what).await;
        let code = if status == 400 { 3 } else { 7 };
        assert_eq!((&problem["codespace"], &problem["code"]), (&"node".into(), &code.into()), "{what}");
    }
    for raw in [crate::http::accept::BEHIND_A_PROXY, crate::http::tls::SPEAK_TLS] {
        let text = std::str::from_utf8(raw).unwrap();
        let (head, body) = text.split_once("\r\n\r\n").unwrap();
        let status = head.split(' ').nth(1).unwrap().parse::<u16>().unwrap();
        let mut answer = Response::new(Body::from(body.to_owned()));
        *answer.status_mut() = StatusCode::from_u16(status).unwrap();
        let media_type = head.split("content-type: ").nth(1).unwrap().lines().next().unwrap();
        answer.headers_mut().insert("content-type", media_type.parse().unwrap());
        described.holds_for(answer, text).await;
    }
}
