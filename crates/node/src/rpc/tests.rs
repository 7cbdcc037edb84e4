//! JSON-RPC over an engine that a test holds: what is bounded, and what is said instead.

use std::collections::BTreeMap;

use axum::Extension;
use axum::body::Body;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use futures_util::{SinkExt as _, StreamExt as _};
use http::{Request, Response};
use http_body_util::BodyExt as _;
use hyper_util::rt::TokioIo;
use hyper_util::service::TowerToHyperService;
use prometheus::Gauge;
use prost::Message as _;
use sealdesk_protocol::wire::cosmos::tx::v1beta1::{BroadcastMode, BroadcastTxRequest};
use sealdesk_testkit::people::Person;
use serde_json::{Value, json};
use tokio::io::{DuplexStream, duplex};
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::protocol::CloseFrame;
use tokio_tungstenite::tungstenite::protocol::frame::Frame;
use tokio_tungstenite::tungstenite::protocol::frame::coding::{Data, OpCode};
use tower::ServiceExt as _;

use super::*;
use crate::api::dispatch::{Dispatch, UNARY};
use crate::api::{Api, REQUEST_BYTES_MAX};
use crate::clock::ManualClock;
use crate::desk::slow::Slow;
use crate::desk::waiting::within;
use crate::desk::{Memory as Disks, clock, execute, genesis, open};
use crate::http::body::REQUEST_KIB;
use crate::http::body::tests::never_comes;
use crate::http::budget::Budget;
use crate::http::meter::Meter;
use crate::solo::Solo;

/// JSON-RPC over the test desk.
struct Desk {
    router: Router,
    solo: Solo,
    clock: ManualClock,
}

/// Bytes for which there is room.
struct Rooms {
    requests: usize,
    answers: usize,
}

type Socket = WebSocketStream<DuplexStream>;

impl Desk {
    /// With room for so many bytes of answers.
    fn new(answer_bytes: usize, change: impl FnOnce(&mut Slow)) -> Self {
        Self::with(Rooms { requests: PLENTY, answers: answer_bytes }, change)
    }

    fn with(rooms: Rooms, change: impl FnOnce(&mut Slow)) -> Self {
        let clock = clock();
        let mut solo = open(Disks::default().disks(), &clock).unwrap();
        for n in 0..3u16 {
            execute(&mut solo, &clock, &Person::number(0).appoint(n.into(), &Person::number(n + 1)));
        }
        let mut slow = Slow::new(solo.handle().clone());
        change(&mut slow);
        slow.let_go();
        let api = Api::new(Arc::new(slow), BTreeMap::new());
        let context = Context {
            dispatch: Dispatch::new(api.routes().unwrap()),
            api,
            genesis: Arc::new(genesis()),
            moniker: "test".into(),
            addresses: Arc::default(),
        };
        let budget = |bytes| {
            let bounds = Bounds { all: bytes, per_source: bytes, own: bytes };
            Budget::new(bounds, Gauge::new("held", "What is held.").unwrap())
        };
        let pace = Arc::new(Meter::new(REQUEST_KIB));
        let memory = Memory { requests: budget(rooms.requests), answers: budget(rooms.answers), pace };
        let source = Source::of([192, 0, 2, 1].into());
        let router = router(context).layer(Extension(memory)).layer(Extension(source));
        Self { router, solo, clock }
    }

    async fn ask(&self, request: Request<Body>) -> (Response<()>, Value) {
        let (head, body) = self.router.clone().oneshot(request).await.unwrap().into_parts();
        let body = body.collect().await.unwrap().to_bytes();
        (Response::from_parts(head, ()), serde_json::from_slice(&body).unwrap())
    }

    /// A websocket, as a stranger has it.
    async fn socket(&self) -> Socket {
        let (ours, theirs) = duplex(1 << 20);
        let service = TowerToHyperService::new(self.router.clone());
        let served = hyper::server::conn::http1::Builder::new().serve_connection(TokioIo::new(ours), service);
        tokio::spawn(served.with_upgrades());
        tokio_tungstenite::client_async("ws://localhost/websocket", theirs).await.unwrap().0
    }

    async fn post(&self, body: Value) -> (Response<()>, Value) {
        self.ask(Request::post("/").body(Body::from(body.to_string())).unwrap()).await
    }

    async fn call(&self, method: &str, params: Value) -> Value {
        self.post(json!({ "jsonrpc": "2.0", "id": 1, "method": method, "params": params })).await.1
    }
}

const PLENTY: usize = 1 << 26;

#[tokio::test]
async fn pages_are_those_of_cometbft() {
    let desk = Desk::new(PLENTY, |_| {});
    let newest = desk.solo.height();
    let found = async |method: &str, more: Value| {
        let mut params = json!({ "query": "tx.height>0" });
        if method == "block_search" {
            params["query"] = "block.height>0".into();
        }
        params.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        desk.call(method, params).await
    };
    let txs = async |more: Value| {
        let answer = found("tx_search", more.clone()).await;
        answer["result"]["txs"].as_array().unwrap_or_else(|| panic!("{more}: {answer}")).len()
    };
    for (more, count) in [
        (json!({}), 3),
        (json!({ "per_page": "1000" }), 3),
        (json!({ "per_page": 0 }), 3),
        (json!({ "per_page": "-5" }), 3),
        (json!({ "per_page": "2", "page": "2" }), 1),
        (json!({ "query": "tx.height=99999" }), 0),
    ] {
        assert_eq!(txs(more.clone()).await, count, "{more}");
    }
    for method in ["tx_search", "block_search", "validators"] {
        for (page, why) in
            [("0", "at least 1"), ("-1", "at least 1"), ("9", "within [1, "), ("200", "given 200")]
        {
            let refused = found(method, json!({ "page": page })).await;
            assert_eq!(refused["error"]["code"], -32_603, "{method} {page}: {refused}");
            assert!(refused["error"]["data"].as_str().unwrap().contains(why), "{method} {page}: {refused}");
        }
    }
    let first = async |more: Value| {
        let answer = found("block_search", more).await;
        answer["result"]["blocks"][0]["block"]["header"]["height"].as_str().unwrap().to_owned()
    };
    assert_eq!(first(json!({})).await, newest.to_string(), "of blocks the newest come first");
    assert_eq!(first(json!({ "order_by": "asc" })).await, "1");
}

#[tokio::test]
async fn the_validators_of_the_next_block_are_known() {
    let desk = Desk::new(PLENTY, |_| {});
    let newest = desk.solo.height();
    let of = async |height: u64| {
        desk.call("validators", json!({ "height": height.to_string(), "per_page": "500" })).await
    };
    let now = of(newest).await;
    assert_eq!(now["result"]["total"], "1", "{now}");
    let next = of(newest + 1).await;
    assert_eq!(next["result"]["block_height"], (newest + 1).to_string(), "{next}");
    assert_eq!(next["result"]["validators"], now["result"]["validators"]);
    assert_eq!(of(newest + 2).await["error"]["code"], -32_603);
}

#[tokio::test(start_paused = true)]
async fn a_call_that_never_comes_is_no_request() {
    let desk = Desk::new(PLENTY, |_| {});
    let (head, answer) = desk.ask(Request::post("/").body(never_comes()).unwrap()).await;
    assert_eq!((head.status().as_u16(), &answer["error"]["code"]), (408, &json!(-32_600)), "{answer}");
    assert!(answer["error"]["data"].as_str().unwrap().contains("send it again"), "{answer}");
}

#[tokio::test]
async fn the_answers_to_many_calls_at_once_take_no_more_room_than_there_is() {
    let calls = |method: &str| -> Vec<Value> {
        (0..20)
            .map(|id| json!({ "jsonrpc": "2.0", "id": id, "method": method, "params": { "height": "2" } }))
            .collect()
    };
    let one = Desk::new(PLENTY, |_| {}).call("block", json!({ "height": "2" })).await.to_string().len();
    // Room for three of them and a half.
    let desk = Desk::new(one * 7 / 2, |_| {});
    let (head, answers) = desk.post(calls("block").into()).await;
    let answers = answers.as_array().unwrap();
    let made = answers.iter().take_while(|answer| answer["error"].is_null()).count();
    assert_eq!(
        (answers.len(), made),
        (20, 3),
        "each call has its answer, and those without room are not made"
    );
    for (id, answer) in answers.iter().enumerate().skip(made) {
        assert_eq!(answer["id"], id);
        assert!(answer["error"]["data"].as_str().unwrap().contains("5 seconds"), "{answer}");
    }
    assert_eq!(head.headers()["retry-after"], "5", "who should come back is told by the header too");
    // What is given back is there for the next one, as for a page of blocks.
    assert!(desk.call("block", json!({ "height": "2" })).await["error"].is_null());
    let page = json!({ "query": "block.height>0", "per_page": "100" });
    let full = desk.call("block_search", page.clone()).await;
    assert!(full["error"]["data"].as_str().unwrap().contains("5 seconds"), "{full}");
    let found = Desk::new(PLENTY, |_| {}).call("block_search", page).await;
    assert!(found["result"]["blocks"].as_array().unwrap().len() > 3, "{found}");
}

#[tokio::test]
async fn headers_of_long_blocks_are_given_a_few_at_a_time() {
    let metas = async |bytes: Option<u64>| {
        let desk = Desk::new(PLENTY, |slow| slow.block_bytes = bytes);
        desk.call("blockchain", json!({})).await["result"]["block_metas"].as_array().unwrap().len()
    };
    assert!(metas(None).await > 3);
    assert_eq!(metas(Some(5 << 20)).await, 2, "the second one is beyond what a call reads");
    assert_eq!(metas(Some(u64::MAX)).await, 1);
}

#[tokio::test]
async fn whatever_cometbft_says_of_itself_panics_nobody() {
    for said in [json!([]), json!("x"), json!(7), json!({}), json!({ "validator_info": [], "node_info": 7 })]
    {
        let desk = Desk::new(PLENTY, |slow| slow.comet = Some(said.clone()));
        let status = desk.call("status", json!({})).await;
        assert!(status["error"].is_null(), "{said}: {status}");
        assert_eq!(status["result"]["sync_info"]["catching_up"], false, "{said}");
        for method in ["net_info", "validators"] {
            let answer = desk.call(method, json!({})).await;
            assert!(
                answer.get("result").is_some() || answer["error"]["code"].is_i64(),
                "{method} {said}: {answer}"
            );
        }
    }
}

#[tokio::test]
async fn heights_that_no_block_has_are_refused_by_every_call_about_one() {
    let desk = Desk::new(PLENTY, |_| {});
    for method in ["block", "block_results", "commit", "consensus_params", "header", "validators"] {
        for (height, refused) in
            [("1", false), ("0", true), ("1000000", true), ("18446744073709551615", true)]
        {
            let answer = desk.call(method, json!({ "height": height })).await;
            assert_eq!(answer.get("error").is_some(), refused, "{method} {height}: {answer}");
        }
    }
}

#[tokio::test]
async fn whoever_follows_a_link_hands_in_no_transaction_whatever_it_names() {
    let desk = Desk::new(PLENTY, |_| {});
    let tx = Person::number(0).appoint(3, &Person::number(8));
    let request = BroadcastTxRequest { tx_bytes: tx.clone(), mode: BroadcastMode::Sync.into() };
    let (tx, request) = (hex::encode(&tx), hex::encode(request.encode_to_vec()));
    let here = methods::METHODS.iter().filter(|(name, _)| *name != "health");
    let methods = here.map(|(name, _)| format!("/{name}?tx=0x{tx}"));
    let queries = UNARY.iter().map(|path| format!("/abci_query?path=%22{path}%22&data=0x{request}"));
    for link in methods.chain(queries) {
        let link = Request::get(link).header("sec-fetch-site", "cross-site").body(Body::empty()).unwrap();
        let uri = link.uri().clone();
        desk.ask(link).await;
        assert_eq!(desk.solo.handle().waiting(), 0, "{}", &uri.to_string()[..80]);
    }
    let posted = json!({ "path": "/cosmos.tx.v1beta1.Service/BroadcastTx", "data": request });
    let refused = desk.call("abci_query", posted).await;
    let log = refused["result"]["response"]["log"].as_str().unwrap();
    assert!(log.contains("broadcast_tx_sync"), "{refused}");
    assert_eq!(desk.solo.handle().waiting(), 0);
}

#[tokio::test]
async fn check_tx_knows_what_waits_and_takes_nothing() {
    let desk = Desk::new(PLENTY, |_| {});
    let admin = Person::number(0);
    let check = async |tx: &[u8]| {
        let answer = desk.call("check_tx", json!({ "tx": BASE64.encode(tx) })).await;
        answer["result"]["code"].as_u64().unwrap_or_else(|| panic!("{answer}"))
    };
    let (next, after) = (admin.appoint(3, &Person::number(8)), admin.appoint(4, &Person::number(9)));
    assert_eq!(check(&next).await, 0);
    assert_eq!(check(&after).await, 32, "checking takes nothing, so that the next one is still the next");
    crate::desk::submit(&desk.solo, &next).unwrap();
    assert_eq!(check(&after).await, 0, "it follows the one that waits");
    assert_ne!(check(&next).await, 0, "it waits already");
    assert_eq!(check(b"nonsense").await, 2);
}

async fn next(socket: &mut Socket) -> Message {
    loop {
        match within("a message", socket.next()).await.unwrap().unwrap() {
            Message::Ping(_) | Message::Pong(_) => {}
            message => return message,
        }
    }
}

async fn asked(socket: &mut Socket, call: Value) -> Value {
    socket.send(Message::text(call.to_string())).await.unwrap();
    match next(socket).await {
        Message::Text(text) => serde_json::from_str(&text).unwrap(),
        other => panic!("{other:?}"),
    }
}

fn subscribe(id: &str) -> Value {
    json!({ "jsonrpc": "2.0", "id": id, "method": "subscribe", "params": { "query": "tm.event='Tx'" } })
}

#[tokio::test]
async fn what_a_websocket_sends_and_is_told_counts_as_what_is_asked_in_other_ways() {
    let call = json!({ "jsonrpc": "2.0", "id": 1, "method": "health", "more": "x".repeat(10_000) });
    let crowded = Desk::with(Rooms { requests: 1, answers: PLENTY }, |_| {});
    let refused = asked(&mut crowded.socket().await, call.clone()).await;
    assert!(refused["error"]["data"].as_str().unwrap().contains("5 seconds"), "{refused}");
    let long = asked(&mut crowded.socket().await, subscribe(&"x".repeat(200))).await;
    assert_eq!(
        (&long["id"], &long["error"]["code"]),
        (&json!(-1), &json!(-32_600)),
        "notices would repeat it"
    );

    for (room, is_told) in [(PLENTY, true), (1, false)] {
        let mut desk = Desk::new(room, |_| {});
        let mut socket = desk.socket().await;
        assert_eq!(asked(&mut socket, call.clone()).await["result"], json!({}));
        assert_eq!(asked(&mut socket, subscribe("mine")).await["result"], json!({}));
        // What happens in the block is longer than what nobody counts.
        let agents: Vec<_> = (20..32)
            .map(|n| sealdesk_testkit::transaction::appointment(&Person::number(0), &Person::number(n)))
            .collect();
        let tx = Person::number(0).sign(3, &agents, 0);
        let clock = desk.clock.clone();
        execute(&mut desk.solo, &clock, &tx);
        match next(&mut socket).await {
            Message::Text(text) => {
                let told: Value = serde_json::from_str(&text).unwrap();
                assert!(is_told && told["id"] == "mine" && text.len() > 4_096, "{told}");
            }
            Message::Close(Some(why)) => {
                assert!(!is_told && u16::from(why.code) == 1_013 && why.reason.contains("unread"), "{why:?}");
            }
            other => panic!("{other:?}"),
        }
    }
}

#[tokio::test]
async fn a_websocket_that_its_peer_closes_is_closed_by_both_sides() {
    let desk = Desk::new(PLENTY, |_| {});
    let mut socket = desk.socket().await;
    assert_eq!(asked(&mut socket, json!({ "jsonrpc": "2.0", "id": 1, "method": "health" })).await["id"], 1);
    let goodbye = CloseFrame { code: 1_000.into(), reason: "done".into() };
    socket.close(Some(goodbye.clone())).await.unwrap();
    assert_eq!(next(&mut socket).await, Message::Close(Some(goodbye)), "and not an end without a word");
    assert!(within("the end", socket.next()).await.is_none());
}

#[tokio::test(start_paused = true)]
async fn whoever_sends_what_cannot_be_read_is_told_why_before_the_end() {
    let desk = Desk::new(PLENTY, |_| {});
    // One message of 3 MiB, and one in frames of which none is too long.
    let (long, part) = ("x".repeat(3 << 20), vec![b'x'; REQUEST_BYTES_MAX / 2]);
    let frame = |opcode, is_last| Message::Frame(Frame::message(part.clone(), opcode, is_last));
    let parts = vec![
        frame(OpCode::Data(Data::Text), false),
        frame(OpCode::Data(Data::Continue), false),
        frame(OpCode::Data(Data::Continue), true),
    ];
    let not_text = Message::Frame(Frame::message(vec![0xff, 0xfe], OpCode::Data(Data::Text), true));
    for (sent, code, word) in [
        (vec![Message::text(long)], 1_009, "bytes"),
        (parts, 1_009, "bytes"),
        (vec![not_text], 1_007, "UTF-8"),
        (vec![frame(OpCode::Data(Data::Continue), true)], 1_002, ""),
    ] {
        let (mut sink, mut heard) = desk.socket().await.split();
        tokio::spawn(async move {
            for message in sent {
                let _ = sink.send(message).await;
            }
            // It stays until it has heard why.
            std::future::pending::<()>().await;
        });
        let why = loop {
            let message = within("a reason", heard.next()).await.expect("a word before the end").unwrap();
            if let Message::Close(why) = message {
                break why.expect("a reason");
            }
        };
        assert_eq!(u16::from(why.code), code, "{why:?}");
        assert!(why.reason.contains(word) && why.reason.len() > 10, "{why:?}");
    }
}
