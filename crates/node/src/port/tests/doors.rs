//! Every way by which a transaction is handed in, over connections that are served as the port serves them.

use axum::Router;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use futures_util::SinkExt as _;
use http::Request;
use http_body_util::{BodyExt as _, Full};
use hyper::client::conn::{http1, http2};
use hyper_util::rt::{TokioExecutor, TokioIo};
use prost::Message as _;
use sealdesk_protocol::wire::cosmos::tx::v1beta1::{BroadcastMode, BroadcastTxRequest, BroadcastTxResponse};
use serde_json::{Value, json};
use tokio::io::{DuplexStream, duplex};
use tokio_stream::StreamExt as _;
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::Message;
use tokio_util::sync::CancellationToken;

use crate::api::REQUEST_BYTES_MAX;
use crate::http::budget::Bounds;
use crate::http::places::{Holder, Place, Places};
use crate::port::PortConfig;
use crate::port::connection::speak;
use crate::port::exchange::{Exchange, Peer};
use crate::rest::tests::kit::Desk;

const BROADCAST: &str = "/cosmos.tx.v1beta1.Service/BroadcastTx";
const PIPE_BYTES: usize = 1 << 20;
/// Longest transaction in a URI: a head has 32 KiB.
const URI_TX_BYTES_MAX: usize = 14_000;

/// A way in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Door {
    Rest,
    RestJson,
    Post,
    Uri,
    Websocket,
    Grpc,
    GrpcWeb,
}

impl Door {
    pub(super) const ALL: [Self; 7] =
        [Self::Rest, Self::RestJson, Self::Post, Self::Uri, Self::Websocket, Self::Grpc, Self::GrpcWeb];

    /// Whether a transaction of so many bytes goes through.
    pub(super) fn takes(self, bytes: usize) -> bool {
        match self {
            Self::Uri => bytes <= URI_TX_BYTES_MAX,
            Self::Rest => true,
            Self::RestJson | Self::Post | Self::Websocket => bytes / 3 * 4 + 1_000 < REQUEST_BYTES_MAX,
            Self::Grpc | Self::GrpcWeb => bytes + 1_000 < REQUEST_BYTES_MAX,
        }
    }
}

/// What was said to a transaction.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Said {
    pub(super) codespace: String,
    pub(super) code: u64,
    /// Everything, for those who read a failure.
    pub(super) whole: String,
}

/// Connections by which a desk is asked.
pub(super) struct Doors {
    http1: http1::SendRequest<Full<Bytes>>,
    http2: http2::SendRequest<Full<Bytes>>,
    websocket: WebSocketStream<DuplexStream>,
    _places: Vec<Place>,
}

impl Doors {
    pub(super) async fn of(desk: &Desk) -> Self {
        let router = crate::port::router(desk.api.routes().unwrap(), desk.context.clone(), Router::new());
        let front = PortConfig::default().front(&["127.0.0.1:1".parse().unwrap()]).unwrap();
        let exchange = Exchange::new(router, front, desk.api.ledger().metrics().clone());
        let places = Places::new(Bounds { all: 4, per_source: 4, own: 4 }, 4);
        let mut held = Vec::new();
        let mut connect = || {
            let place = places.take(Holder::Own).unwrap();
            let (address, activity) = ([127, 0, 0, 1].into(), place.activity.clone());
            let peer = Peer { address, activity, mark: place.mark.clone() };
            let (ours, theirs) = duplex(PIPE_BYTES);
            tokio::spawn(speak(ours, Holder::Own, peer, exchange.clone(), CancellationToken::new()));
            held.push(place);
            theirs
        };
        let (http1, connection) = http1::handshake(TokioIo::new(connect())).await.unwrap();
        tokio::spawn(connection);
        let (http2, connection) =
            http2::handshake(TokioExecutor::new(), TokioIo::new(connect())).await.unwrap();
        tokio::spawn(connection);
        let websocket = tokio_tungstenite::client_async("ws://localhost/websocket", connect()).await;
        Self { http1, http2, websocket: websocket.unwrap().0, _places: held }
    }

    /// Hands a transaction in, and waits for what is said to it.
    pub(super) async fn send(&mut self, door: Door, tx: &[u8]) -> Said {
        match door {
            Door::Rest => {
                let body = Bytes::copy_from_slice(tx);
                problem(&self.post("/api/v1/transactions", "application/octet-stream", body).await)
            }
            Door::RestJson => {
                let body = json!({ "tx_bytes": STANDARD.encode(tx) }).to_string();
                problem(&self.post("/api/v1/transactions", "application/json", body.into()).await)
            }
            Door::Post => {
                let body = call("broadcast_tx_commit", json!({ "tx": STANDARD.encode(tx) }));
                committed(&self.post("/", "application/json", body.into()).await)
            }
            Door::Uri => {
                let uri = format!("/broadcast_tx_commit?tx=0x{}", hex::encode(tx));
                let request = Request::get(uri).header("host", "localhost").body(Full::default());
                committed(&self.ask(request.unwrap()).await)
            }
            Door::Websocket => {
                let body = call("broadcast_tx_commit", json!({ "tx": STANDARD.encode(tx) }));
                committed(&self.over_websocket(body).await)
            }
            Door::GrpcWeb => {
                let answer = self.post(BROADCAST, "application/grpc-web+proto", framed(tx)).await;
                response(unframed(&answer))
            }
            Door::Grpc => {
                let request = Request::post(format!("http://localhost{BROADCAST}"))
                    .header("content-type", "application/grpc")
                    .header("te", "trailers")
                    .body(Full::new(framed(tx)));
                let answer = self.http2.send_request(request.unwrap()).await.unwrap();
                response(unframed(&answer.into_body().collect().await.unwrap().to_bytes()))
            }
        }
    }

    async fn ask(&mut self, request: Request<Full<Bytes>>) -> Bytes {
        self.http1.ready().await.unwrap();
        let answer = self.http1.send_request(request).await.unwrap();
        answer.into_body().collect().await.unwrap().to_bytes()
    }

    async fn post(&mut self, path: &str, content_type: &str, body: Bytes) -> Bytes {
        let request = Request::post(path).header("host", "localhost").header("content-type", content_type);
        self.ask(request.body(Full::new(body)).unwrap()).await
    }

    async fn over_websocket(&mut self, body: String) -> Bytes {
        self.websocket.send(Message::text(body)).await.unwrap();
        loop {
            match self.websocket.next().await.unwrap().unwrap() {
                Message::Text(text) => return Bytes::copy_from_slice(text.as_bytes()),
                Message::Ping(_) | Message::Pong(_) => {}
                other => panic!("{other:?}"),
            }
        }
    }
}

fn call(method: &str, params: Value) -> String {
    json!({ "jsonrpc": "2.0", "id": 1, "method": method, "params": params }).to_string()
}

fn broadcast(tx: &[u8]) -> BroadcastTxRequest {
    BroadcastTxRequest { tx_bytes: tx.to_vec(), mode: BroadcastMode::Block.into() }
}

fn framed(tx: &[u8]) -> Bytes {
    sealdesk_testkit::peer::framed(&broadcast(tx)).into()
}

/// The message of the first frame.
fn unframed(answer: &[u8]) -> &[u8] {
    let length = answer.get(1..5).map_or(0, |length| u32::from_be_bytes(length.try_into().unwrap()));
    let message = answer.get(5..5 + usize::try_from(length).unwrap()).filter(|_| answer.first() == Some(&0));
    message.unwrap_or_else(|| panic!("no message in {:?}", String::from_utf8_lossy(answer)))
}

fn response(message: &[u8]) -> Said {
    let response = BroadcastTxResponse::decode(message).unwrap().tx_response.unwrap();
    Said { codespace: response.codespace.clone(), code: response.code.into(), whole: format!("{response:?}") }
}

/// What REST says: a problem, or the transaction's outcome.
fn problem(answer: &[u8]) -> Said {
    let value: Value = serde_json::from_slice(answer).unwrap();
    let code = value["code"].as_u64().unwrap_or_else(|| panic!("{value}"));
    assert!(code == 0 || !value["hint"].as_str().unwrap_or_default().is_empty(), "{value}");
    Said {
        codespace: value["codespace"].as_str().unwrap_or_default().to_owned(),
        code,
        whole: value.to_string(),
    }
}

/// What JSON-RPC says of a transaction that is waited for: it was checked, and if it was taken, executed.
fn committed(answer: &[u8]) -> Said {
    let value: Value = serde_json::from_slice(answer).unwrap();
    let result = |name: &str| &value["result"][name];
    let refused = ["check_tx", "tx_result"].into_iter().map(result).find(|result| result["code"] != 0);
    let told = refused.unwrap_or(&value["result"]["tx_result"]);
    let code = told["code"].as_u64().unwrap_or_else(|| panic!("{value}"));
    Said {
        codespace: told["codespace"].as_str().unwrap_or_default().to_owned(),
        code,
        whole: value.to_string(),
    }
}
