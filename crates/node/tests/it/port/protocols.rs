//! HTTP/1.1, HTTP/2, gRPC-web: what each finds on the port.

use base64::Engine as _;
use bytes::Bytes;
use http::{Response, StatusCode, header};
use http_body_util::BodyExt as _;
use prost::Message;
use sealdesk_node::port::PortConfig;
use sealdesk_node::{NodeConfig, run};
use sealdesk_protocol::wire::cosmos::tx::v1beta1::{BroadcastMode, BroadcastTxRequest};
use sealdesk_protocol::wire::sealdesk::ledger::v1::{
    FollowRequest, LedgerEvent, StatusRequest, StatusResponse,
};
use sealdesk_testkit::CHAIN_ID;
use sealdesk_testkit::people::Person;
use tokio::net::TcpStream;

use super::super::desk::waiting::within;
use super::speaker::{Speaker, words};
use super::{Port, start_in};

const STATUS: &str = "/sealdesk.ledger.v1.Ledger/Status";
const FOLLOW: &str = "/sealdesk.ledger.v1.Ledger/Follow";
const BROADCAST: &str = "/cosmos.tx.v1beta1.Service/BroadcastTx";
const WEB: &str = "content-type: application/grpc-web+proto";
const WEB_TEXT: [&str; 2] =
    ["content-type: application/grpc-web-text", "accept: application/grpc-web-text+proto"];
/// How gRPC-web marks trailers.
const TRAILERS: u8 = 0x80;

fn framed(message: &impl Message) -> Bytes {
    let bytes = message.encode_to_vec();
    [&[0][..], &u32::try_from(bytes.len()).unwrap().to_be_bytes(), &bytes].concat().into()
}

/// The next frame of what has come: its mark, and what is in it.
fn next_frame(came: &mut Vec<u8>) -> Option<(u8, Vec<u8>)> {
    let length = usize::try_from(u32::from_be_bytes(came.get(1..5)?.try_into().unwrap())).unwrap();
    if came.len() < 5 + length {
        return None;
    }
    let rest = came.split_off(5 + length);
    let frame = std::mem::replace(came, rest);
    Some((frame[0], frame[5..].to_vec()))
}

impl Port {
    async fn http1(&self) -> Speaker {
        Speaker::http1(TcpStream::connect(self.address()).await.unwrap()).await
    }

    async fn http2(&self) -> Speaker {
        Speaker::http2(TcpStream::connect(self.address()).await.unwrap()).await
    }
}

fn post(path: &str) -> String {
    format!("POST {path}")
}

fn content_type(answer: &Response<Bytes>) -> &str {
    answer.headers()[header::CONTENT_TYPE].to_str().unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_browser_gets_a_page_and_a_script_gets_text_over_either_http() {
    let port = Port::start(PortConfig::default()).await;
    for mut speaker in [port.http1().await, port.http2().await] {
        let page = speaker.get("localhost", "/about", &["accept: text/html,application/xhtml+xml"]).await;
        assert_eq!((page.status(), content_type(&page)), (StatusCode::OK, "text/html; charset=utf-8"));
        assert!(words(&page).contains(CHAIN_ID), "{page:?}");
        assert!(page.headers().contains_key(header::CONTENT_SECURITY_POLICY));
        let text = speaker.get("localhost:9090", "/", &["accept: */*"]).await;
        assert_eq!(content_type(&text), "text/plain; charset=utf-8");
        assert!(words(&text).contains("http://localhost:9090/health"), "{text:?}");
        let nowhere = speaker.get("localhost", "/nothing/here", &[]).await;
        assert_eq!(
            (nowhere.status(), content_type(&nowhere)),
            (StatusCode::NOT_FOUND, "application/problem+json")
        );
        let health = speaker.get("localhost", "/health", &[]).await;
        assert_eq!(
            (health.status(), words(&health).trim()),
            (StatusCode::OK, r#"{"jsonrpc":"2.0","id":-1,"result":{}}"#)
        );
        let by_hand = speaker.get("localhost", STATUS, &[]).await;
        assert_eq!(by_hand.status(), StatusCode::UNSUPPORTED_MEDIA_TYPE);
        assert!(words(&by_hand).contains("application/grpc"), "{by_hand:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn grpc_over_http1_is_told_what_to_speak() {
    let port = Port::start(PortConfig::default()).await;
    let mut speaker = port.http1().await;
    let request = speaker.request(
        &post(STATUS),
        "localhost",
        &["content-type: application/grpc"],
        framed(&StatusRequest {}),
    );
    let answer = speaker.ask(request).await;
    assert_eq!(answer.status(), StatusCode::HTTP_VERSION_NOT_SUPPORTED);
    assert!(words(&answer).contains("grpc-web"), "{answer:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn grpc_web_calls_are_answered_over_either_http() {
    let port = Port::start(PortConfig::default()).await;
    for mut speaker in [port.http1().await, port.http2().await] {
        let request = speaker.request(&post(STATUS), "localhost", &[WEB], framed(&StatusRequest {}));
        let answer = speaker.ask(request).await;
        assert_eq!(content_type(&answer), "application/grpc-web+proto");
        let mut came = answer.body().to_vec();
        let (mark, status) = next_frame(&mut came).unwrap();
        assert_eq!((mark, StatusResponse::decode(&status[..]).unwrap().chain_id.as_str()), (0, CHAIN_ID));
        let (mark, trailers) = next_frame(&mut came).unwrap();
        assert!(mark == TRAILERS && trailers.starts_with(b"grpc-status:0"), "{trailers:?}");
        let unknown = speaker.request(&post("/a.b.C/D"), "localhost", &[WEB], framed(&StatusRequest {}));
        assert_eq!(speaker.ask(unknown).await.headers()["grpc-status"], "12");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn grpc_web_in_text_is_answered_in_text() {
    let port = Port::start(PortConfig::default()).await;
    let base64 = base64::engine::general_purpose::STANDARD;
    let mut speaker = port.http1().await;
    let body = base64.encode(framed(&StatusRequest {}));
    let request = speaker.request(&post(STATUS), "localhost", &WEB_TEXT, body.into());
    let answer = speaker.ask(request).await;
    assert_eq!(content_type(&answer), "application/grpc-web-text+proto");
    let text = words(&answer);
    let first: String = text.split_inclusive('=').next().unwrap().to_owned();
    let first = first.trim_end_matches('=').to_owned();
    let padded = format!("{first}{}", "=".repeat((4 - first.len() % 4) % 4));
    let mut came = base64.decode(padded).unwrap();
    let (_, status) = next_frame(&mut came).unwrap();
    assert_eq!(StatusResponse::decode(&status[..]).unwrap().chain_id, CHAIN_ID);
}

#[tokio::test(flavor = "multi_thread")]
async fn events_stream_to_a_page_over_http1_as_they_happen() {
    let port = Port::start(PortConfig::default()).await;
    let mut following = port.http1().await;
    let request = following.request(&post(FOLLOW), "localhost", &[WEB], framed(&FollowRequest::default()));
    let mut body = following.begin(request).await.unwrap().into_body();
    let mut acting = port.http1().await;
    for number in 1..=2 {
        let tx_bytes = Person::number(0).appoint(number - 1, &Person::number(u16::try_from(number).unwrap()));
        let broadcast = BroadcastTxRequest { tx_bytes, mode: BroadcastMode::Block.into() };
        let request = acting.request(&post(BROADCAST), "localhost", &[WEB], framed(&broadcast));
        assert_eq!(acting.ask(request).await.status(), StatusCode::OK);
        let mut came = Vec::new();
        let frame = within("an event", async {
            loop {
                if let Some(frame) = next_frame(&mut came) {
                    return frame;
                }
                let part = body.frame().await.expect("the stream goes on").unwrap();
                came.extend_from_slice(part.data_ref().unwrap());
            }
        })
        .await;
        let event = LedgerEvent::decode(&frame.1[..]).unwrap();
        assert!(frame.0 == 0 && event.height > 0, "{event:?}");
    }
    let (node, _dir) = (port.node, port.dir);
    let stopping = tokio::spawn(node.stop());
    let mut end = Vec::new();
    within("the end", async {
        while let Some(Ok(part)) = body.frame().await {
            end.extend_from_slice(part.data_ref().unwrap());
        }
    })
    .await;
    let mut last = None;
    while let Some(frame) = next_frame(&mut end) {
        last = Some(frame);
    }
    let (mark, trailers) = last.expect("the farewell is told");
    assert!(
        mark == TRAILERS && String::from_utf8_lossy(&trailers).contains("grpc-status:14"),
        "{trailers:?}"
    );
    stopping.await.unwrap().unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn the_ports_of_cosmos_and_the_metrics_lead_to_the_same_where_the_operator_says_so() {
    let dir = tempfile::tempdir().unwrap();
    let config = PortConfig { cosmos_ports: true, ..PortConfig::default() };
    // An address of this machine that no other test listens at.
    let node = start_in(&dir, config, "127.77.0.1:0").await.unwrap();
    for (surface, port) in [("rpc", 26_657), ("rest", 1_317), ("cosmos_grpc", 9_090)] {
        assert_eq!(node.addresses()[surface], format!("http://127.77.0.1:{port}"));
        let stream = TcpStream::connect(("127.77.0.1", port)).await.unwrap();
        let answer = Speaker::http1(stream).await.get("127.77.0.1", "/health", &[]).await;
        assert_eq!(answer.status(), StatusCode::OK, "{surface}");
    }
    node.stop().await.unwrap();
    let address = "127.77.0.1:9090".parse().unwrap();
    let config = NodeConfig {
        home: dir.path().to_owned(),
        listen: Some(address),
        metrics: Some(address),
        ..NodeConfig::default()
    };
    let node = run(config).await.unwrap();
    assert_eq!(node.addresses()["metrics"], "http://127.77.0.1:9090/metrics");
    let stream = TcpStream::connect(address).await.unwrap();
    let answer = Speaker::http1(stream).await.get("127.77.0.1:9090", "/metrics", &[]).await;
    assert!(words(&answer).contains("sealdesk_api_connections"), "{answer:?}");
    node.stop().await.unwrap();
}
