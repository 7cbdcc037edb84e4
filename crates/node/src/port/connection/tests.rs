//! Peers of HTTP/1.1 who would hold a connection for ever, on a clock that runs while nothing else does.

use axum::Extension;
use axum::Router;
use axum::body::Body;
use axum::extract::WebSocketUpgrade;
use axum::response::Response;
use axum::routing::{get, post};
use hyper::body::Bytes;
use sealdesk_testkit::chain_id;
use std::sync::Arc;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _, DuplexStream, duplex};
use tokio::task::JoinHandle;
use tokio::time::Instant;
use tokio_stream::StreamExt as _;
use tokio_tungstenite::tungstenite;

use super::*;
use crate::http::activity::{Activity, IDLE_MAX, UPGRADED_IDLE_MAX};
use crate::http::body::BODY_WAIT;
use crate::metrics::Metrics;
use crate::port::PortConfig;

const HOUR: Duration = Duration::from_secs(3_600);
/// Bytes between both ends.
const PIPE_BYTES: usize = 65_536;
const LONG_BYTES: usize = 1 << 20;

/// A connection as its peer has it.
struct Visit {
    stream: DuplexStream,
    served: JoinHandle<()>,
}

/// What a node could answer.
fn router() -> Router {
    let endless = || async {
        Response::new(Body::from_stream(tokio_stream::pending::<Result<Bytes, std::io::Error>>()))
    };
    Router::new()
        .route("/", get(async || "hello"))
        .route("/long", get(async || vec![0; LONG_BYTES]))
        .route("/endless", get(endless))
        .route("/", post(async |body: Bytes| body.len().to_string()))
        .route("/websocket", get(websocket))
}

/// Serves somebody who asks nothing, or subscribes.
async fn websocket(upgrade: WebSocketUpgrade, activity: Extension<Arc<Activity>>) -> Response {
    upgrade.on_upgrade(async move |mut socket| {
        let mut subscriptions = Vec::new();
        while let Some(Ok(message)) = socket.recv().await {
            if message.to_text().is_ok_and(|text| text == "subscribe") {
                subscriptions.push(activity.open_request());
            }
        }
    })
}

fn visit() -> Visit {
    let front = PortConfig::default().front(&["127.0.0.1:1".parse().unwrap()]).unwrap();
    let exchange = Exchange::new(router(), front, Arc::new(Metrics::solo(&chain_id())));
    let address = [192, 0, 2, 1].into();
    let peer = Peer { address, activity: Activity::new() };
    let (ours, stream) = duplex(PIPE_BYTES);
    let served = speak(ours, Source::of(address), peer, exchange, CancellationToken::new());
    Visit { stream, served: tokio::spawn(served) }
}

impl Visit {
    async fn says(&mut self, text: &str) {
        self.stream.write_all(text.as_bytes()).await.unwrap();
    }

    /// What comes until the node has hung up.
    async fn hears(&mut self) -> String {
        let mut heard = Vec::new();
        self.stream.read_to_end(&mut heard).await.unwrap();
        String::from_utf8_lossy(&heard).into_owned()
    }

    /// Waits for the end; so many seconds after `begun`.
    async fn ends_after(self, begun: Instant, wait: Duration) {
        tokio::time::timeout(HOUR, self.served).await.expect("it is not held for an hour").unwrap();
        let lasted = begun.elapsed();
        assert!(lasted >= wait && lasted < wait + Duration::from_secs(5), "{lasted:?} instead of {wait:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_peer_who_says_nothing_or_drips_a_head_is_let_go_of() {
    let begun = Instant::now();
    visit().ends_after(begun, PATIENCE.preface).await;
    let (mut slow, begun) = (visit(), Instant::now());
    slow.says("GET / HTTP/1.1\r\nhost: localhost\r\n").await;
    let Visit { stream, served } = slow;
    let (reader, mut writer) = tokio::io::split(stream);
    let dripping = tokio::spawn(async move {
        while writer.write_all(b"x-more: 1\r\n").await.is_ok() {
            tokio::time::sleep(Duration::from_secs(2)).await;
        }
    });
    tokio::time::timeout(HOUR, served).await.expect("it is not held for an hour").unwrap();
    assert!(begun.elapsed() >= HEAD_WAIT && begun.elapsed() < HEAD_WAIT + Duration::from_secs(5));
    drop((reader, dripping));
}

#[tokio::test(start_paused = true)]
async fn an_idle_connection_is_kept_for_a_while_and_not_for_ever() {
    let mut idle = visit();
    for _ in 0..3 {
        idle.says("GET / HTTP/1.1\r\nhost: localhost\r\n\r\n").await;
        let mut heard = Vec::new();
        while !heard.ends_with(b"hello") {
            heard.push(idle.stream.read_u8().await.unwrap());
        }
        tokio::time::sleep(HEAD_WAIT - Duration::from_secs(1)).await;
    }
    let begun = Instant::now();
    idle.ends_after(begun, Duration::from_secs(1)).await;
    assert!(HEAD_WAIT < IDLE_MAX);
}

#[tokio::test(start_paused = true)]
async fn half_a_request_is_waited_for_and_answered() {
    let (mut half, begun) = (visit(), Instant::now());
    half.says("POST / HTTP/1.1\r\nhost: localhost\r\ncontent-length: 100\r\n\r\nhalf").await;
    let heard = half.hears().await;
    assert!(heard.starts_with("HTTP/1.1 4"), "{heard}");
    half.ends_after(begun, BODY_WAIT).await;
}

#[tokio::test(start_paused = true)]
async fn an_answer_that_is_not_read_ends_the_connection_and_a_subscriber_waits_for_hours() {
    let (mut deaf, begun) = (visit(), Instant::now());
    deaf.says("GET /long HTTP/1.1\r\nhost: localhost\r\n\r\n").await;
    let Visit { stream, served } = deaf;
    tokio::time::timeout(HOUR, served).await.expect("it is not held for an hour").unwrap();
    assert!(begun.elapsed() >= UNREAD_MAX, "{:?}", begun.elapsed());
    drop(stream);
    let mut subscriber = visit();
    subscriber.says("GET /endless HTTP/1.1\r\nhost: localhost\r\n\r\n").await;
    assert!(tokio::time::timeout(HOUR, &mut subscriber.served).await.is_err());
}

#[tokio::test(start_paused = true)]
async fn a_websocket_holds_its_place_until_it_is_over_or_idle_or_displaced() {
    async fn opened() -> (tokio_tungstenite::WebSocketStream<DuplexStream>, JoinHandle<()>) {
        let Visit { stream, served } = visit();
        let (socket, _) = tokio_tungstenite::client_async("ws://localhost/websocket", stream).await.unwrap();
        (socket, served)
    }
    let (socket, served) = opened().await;
    drop(socket);
    served.await.unwrap();
    let (idle, served) = opened().await;
    let begun = Instant::now();
    served.await.unwrap();
    assert!(begun.elapsed() >= UPGRADED_IDLE_MAX, "{:?}", begun.elapsed());
    drop(idle);
    let (mut subscriber, mut served) = opened().await;
    futures_util::SinkExt::send(&mut subscriber, tungstenite::Message::text("subscribe")).await.unwrap();
    assert!(tokio::time::timeout(HOUR, &mut served).await.is_err(), "it holds its place");
    // The accept loop drops what it serves where somebody else has the place.
    served.abort();
    let end = subscriber.next().await;
    assert!(!matches!(end, Some(Ok(_))), "{end:?}");
}
