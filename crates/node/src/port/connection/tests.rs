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
use crate::http::budget::Bounds as Units;
use crate::http::places::{Place, Places};
use crate::http::source::Source;
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
    /// What the accept loop holds of it.
    place: Place,
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
        .route("/never", get(std::future::pending::<Response>))
        .route("/whose", get(async |source: Extension<Source>| format!("{:?}", source.0)))
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
    visit_from([192, 0, 2, 1].into(), PortConfig::default())
}

fn visit_from(address: std::net::IpAddr, config: PortConfig) -> Visit {
    let front = config.front(&["127.0.0.1:1".parse().unwrap()]).unwrap();
    let exchange = Exchange::new(router(), front, Arc::new(Metrics::solo(&chain_id())));
    let holder = Holder::of(Source::of(address));
    let place = Places::new(Units { all: 1, per_source: 1, own: 1 }, 1).take(holder).unwrap();
    let peer = Peer { address, activity: place.activity.clone(), mark: place.mark.clone() };
    let (ours, stream) = duplex(PIPE_BYTES);
    let served = speak(ours, holder, peer, exchange, CancellationToken::new());
    Visit { stream, served: tokio::spawn(served), place }
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
    let Visit { stream, served, .. } = slow;
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
async fn a_page_is_told_that_its_request_took_too_long() {
    let mut page = visit();
    page.says(
        "GET /never HTTP/1.1\r\nhost: localhost\r\norigin: http://localhost\r\nconnection: close\r\n\r\n",
    )
    .await;
    let heard = page.hears().await;
    assert!(heard.starts_with("HTTP/1.1 504"), "{heard}");
    for header in ["access-control-allow-origin: http://localhost\r\n", "access-control-expose-headers: "] {
        assert!(heard.contains(header), "a browser shows the page nothing of it: {heard}");
    }
}

#[tokio::test(start_paused = true)]
async fn an_answer_that_is_not_read_ends_the_connection_and_a_subscriber_waits_for_hours() {
    let (mut deaf, begun) = (visit(), Instant::now());
    deaf.says("GET /long HTTP/1.1\r\nhost: localhost\r\n\r\n").await;
    let Visit { stream, served, .. } = deaf;
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
        let Visit { stream, served, .. } = visit();
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

/// A proxy's connection of HTTP/2, whose answers have so much room before they are read.
async fn proxied(window: u32) -> (hyper::client::conn::http2::SendRequest<Body>, JoinHandle<()>, Place) {
    let behind = PortConfig { behind_proxy: true, ..PortConfig::default() };
    let Visit { stream, served, place } = visit_from([127, 0, 0, 1].into(), behind);
    let (sender, connection) = hyper::client::conn::http2::Builder::new(hyper_util::rt::TokioExecutor::new())
        .timer(TokioTimer::new())
        .initial_stream_window_size(window)
        .initial_connection_window_size(1 << 24)
        .handshake(TokioIo::new(stream))
        .await
        .unwrap();
    tokio::spawn(connection);
    (sender, served, place)
}

fn of_a_stranger(path: &str) -> http::Request<Body> {
    let request = http::Request::get(format!("http://localhost{path}"));
    request.header("x-forwarded-for", "192.0.2.7").body(Body::empty()).unwrap()
}

#[tokio::test(start_paused = true)]
async fn one_answer_that_is_not_read_does_not_end_what_a_proxy_carries_for_others() {
    use http_body_util::BodyExt as _;
    let (mut sender, served, place) = proxied(20_000).await;
    let begun = Instant::now();
    let mut unread = sender.send_request(of_a_stranger("/long")).await.unwrap().into_body();
    let mut subscribed = sender.send_request(of_a_stranger("/endless")).await.unwrap().into_body();
    // Nobody reads the first answer; others are asked for and read all the while.
    while begun.elapsed() < UNREAD_MAX * 2 {
        let answer = sender.send_request(of_a_stranger("/")).await.unwrap();
        assert_eq!(answer.into_body().collect().await.unwrap().to_bytes(), "hello");
        tokio::time::sleep(Duration::from_secs(5)).await;
    }
    let end = loop {
        match unread.frame().await.expect("it does not end well") {
            Ok(_) => {}
            Err(end) => break end,
        }
    };
    assert!(end.is_incomplete_message() || !end.is_closed(), "{end:?}");
    assert!(!served.is_finished() && !place.displaced.is_cancelled());
    let later = tokio::time::timeout(Duration::from_secs(1), subscribed.frame()).await;
    assert!(later.is_err(), "who waits for what happens goes on waiting: {later:?}");
    let long = sender.send_request(of_a_stranger("/long")).await.unwrap().into_body();
    assert_eq!(long.collect().await.unwrap().to_bytes().len(), LONG_BYTES, "who reads gets all of it");
}

#[tokio::test(start_paused = true)]
async fn the_last_of_an_answer_is_waited_for_too() {
    use http_body_util::BodyExt as _;
    // All but the end of the answer fits before it is read.
    let (mut sender, served, place) = proxied(u32::try_from(LONG_BYTES).unwrap() - 1).await;
    let mut unread = sender.send_request(of_a_stranger("/long")).await.unwrap().into_body();
    // Long enough for the stream's end, and not for that of an idle connection.
    tokio::time::sleep(UNREAD_MAX + IDLE_MAX / 2).await;
    let again = sender.send_request(of_a_stranger("/")).await.unwrap();
    assert_eq!(again.into_body().collect().await.unwrap().to_bytes(), "hello");
    let mut came = 0;
    while let Some(Ok(frame)) = unread.frame().await {
        came += frame.data_ref().map_or(0, Bytes::len);
    }
    assert!(came < LONG_BYTES && !served.is_finished(), "{came} bytes came");
    drop(place);
}

/// Whose a request of this machine is, by these headers.
async fn whose(config: &PortConfig, headers: &[&str]) -> String {
    let mut asking = visit_from([127, 0, 0, 1].into(), config.clone());
    asking
        .says(&format!("GET /whose HTTP/1.1\r\nconnection: close\r\n{}\r\n\r\n", headers.join("\r\n")))
        .await;
    let heard = asking.hears().await;
    heard.rsplit("\r\n\r\n").next().unwrap_or_default().to_owned()
}

#[tokio::test(start_paused = true)]
async fn what_a_page_elsewhere_or_a_proxy_asks_is_not_the_operator_s_own() {
    const HERE: &str = "host: localhost:9090";
    const OWN: &str = "Own";
    const PAGE: &str = "Other(127.0.0.1)";
    const UNKNOWN: &str = "Other(0.0.0.0)";
    let open = PortConfig { cors_origins: vec!["*".to_owned()], ..PortConfig::default() };
    let named = PortConfig { cors_origins: vec!["https://app.example".to_owned()], ..PortConfig::default() };
    for (config, headers, source) in [
        (&named, &[HERE][..], OWN),
        (&named, &[HERE, "x-forwarded-for: 192.0.2.1"], OWN),
        (&named, &[HERE, "sec-fetch-site: none"], OWN),
        (&named, &[HERE, "sec-fetch-site: same-origin"], OWN),
        (&named, &[HERE, "origin: http://localhost:9090"], OWN),
        (&named, &[HERE, "origin: https://app.example", "sec-fetch-site: cross-site"], PAGE),
        (
            &named,
            &[HERE, "sec-fetch-site: cross-site", "sec-fetch-mode: navigate", "sec-fetch-dest: document"],
            PAGE,
        ),
        (&open, &[HERE, "origin: https://any.example"], PAGE),
        (
            &open,
            &[HERE, "sec-fetch-site: cross-site", "sec-fetch-mode: no-cors", "sec-fetch-dest: image"],
            PAGE,
        ),
    ] {
        assert_eq!(whose(config, headers).await, source, "{headers:?}");
    }
    let public_url = Some("https://desk.example".to_owned());
    let behind = PortConfig { behind_proxy: true, public_url, ..PortConfig::default() };
    for (headers, source) in [
        (&[HERE][..], OWN),
        (&["host: desk.example"], UNKNOWN),
        (&[HERE, "via: 1.1 proxy"], UNKNOWN),
        (&[HERE, "x-real-ip: 192.0.2.1"], UNKNOWN),
        (&[HERE, "x-forwarded-for: 192.0.2.1"], "Other(192.0.2.1)"),
        (&["host: desk.example", "x-forwarded-for: 192.0.2.1, 127.0.0.1"], "Other(192.0.2.1)"),
    ] {
        assert_eq!(whose(&behind, headers).await, source, "{headers:?}");
    }
}
