//! The same strangers over HTTP/1.1, in plain text and over TLS, where a connection carries one request at a time. How long each is waited
//! for is tested on a clock of its own, in the port's unit tests.

use tokio::io::AsyncWriteExt as _;

use super::super::port::speaker::Speaker;
use super::ways::{Way, Wire, small};
use super::*;

/// Requests that are sent ahead on one connection: the systems of both sides keep some megabytes that nobody reads.
const AHEAD: usize = 40;

/// A connection of a stranger's that has sent these bytes, if the node takes it.
async fn said(desk: &Desk, way: &Way, from: Ipv4Addr, bytes: &[u8]) -> Option<Box<dyn Wire>> {
    // Past its bound a source is hung up on.
    let mut stream = way.connect(desk, from, b"http/1.1").await.ok()?;
    let _ = stream.write_all(bytes).await;
    Some(stream)
}

#[tokio::test(flavor = "multi_thread")]
async fn heads_that_never_end_and_idle_connections_keep_nobody_out() {
    let desk = Desk::start().await;
    let held = desk
        .crowded(async |from, n| {
            let idle = b"GET /health HTTP/1.1\r\nhost: localhost\r\n\r\n";
            let half = b"GET /health HTTP/1.1\r\nhost: localhost\r\nx-more: ";
            said(&desk, &Way::Plain, from, if n % 2 == 0 { &idle[..] } else { half }).await
        })
        .await;
    drop(held);
}

#[tokio::test(flavor = "multi_thread")]
async fn half_sent_requests_of_http1_hold_a_bounded_part_of_the_memory() {
    const HALF: usize = 400_000;
    for (desk, way) in [ways::plain().await, ways::over_tls().await] {
        let head = format!(
            "POST {BROADCAST} HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/grpc-web+proto\r\ncontent-length: 500005\r\n\r\n"
        );
        let mut half = head.into_bytes();
        half.push(0);
        half.extend(500_000u32.to_be_bytes());
        half.resize(half.len() + HALF, 0);
        let mut held = Vec::new();
        let bound = 4u64 << 20;
        // One more than there is room for, and places for whoever asks beside them.
        for _ in 0..=bound / u64::try_from(HALF).unwrap() {
            held.push(said(&desk, &way, stranger(1), &half).await);
        }
        desk.until_held("request_bytes", bound - (1 << 19)..=bound).await;
        let (status, answer) = way.sends(&desk, stranger(1), 490_000).await;
        assert_eq!(status, 429, "{answer}");
        assert!(answer.contains("again in 5 seconds"), "{answer}");
        let (status, answer) = way.posts(&desk, stranger(1), 490_000).await;
        assert!(status == 200 && answer.contains("again in 5 seconds"), "JSON-RPC says so too: {answer}");
        let (status, answer) = way.hands_in(&desk, stranger(1), ("/nowhere", 490_000)).await;
        assert_eq!(status, 404, "nor is whoever asks for nothing hung up on: {answer}");
        let mut speaker = Speaker::http1(way.connect(&desk, stranger(2), b"http/1.1").await.unwrap()).await;
        let elsewhere = speaker.request("POST /", "evil.example", &[], vec![0; 490_000].into());
        assert_eq!(speaker.ask(elsewhere).await.status(), 421, "nor whoever names another host");
        way.is_answered(&desk, HONEST).await;
        way.is_answered(&desk, OWN).await;
        drop(held);
        desk.gives_back("request_bytes").await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn answers_of_http1_that_nobody_reads_hold_a_bounded_part_of_the_memory() {
    for (desk, way) in [ways::plain().await, ways::over_tls().await] {
        let long = b"GET /openapi.json HTTP/1.1\r\nhost: localhost\r\n\r\n".repeat(AHEAD);
        let mut held = Vec::new();
        for n in 0..CONNECTIONS {
            let mut deaf = way.over(small(&desk, stranger(1)).await, b"http/1.1").await.unwrap();
            // The systems' buffers end within an answer on most connections, and not between two on all of them.
            let other = b"GET /api HTTP/1.1\r\nhost: localhost\r\n\r\n".repeat(n % 4);
            deaf.write_all(&[other, long.clone()].concat()).await.unwrap();
            held.push(deaf);
        }
        desk.until_held("answer_bytes", 1 << 20..=8 << 20).await;
        way.is_answered(&desk, HONEST).await;
        way.is_answered(&desk, OWN).await;
        drop(held);
        desk.gives_back("answer_bytes").await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn shaken_hands_that_say_nothing_more_hold_an_address_s_places_and_no_others() {
    let (desk, way) = ways::over_tls().await;
    let mut held = Vec::new();
    for number in 1..=2 {
        for n in 0..CONNECTIONS + 8 {
            let protocol: &[u8] = if n % 2 == 0 { b"h2" } else { b"http/1.1" };
            held.push(way.connect(&desk, stranger(number), protocol).await.ok());
        }
        way.is_answered(&desk, HONEST).await;
    }
    until("each address to have its share", async || {
        let open = desk.shown("sealdesk_api_connections", "");
        if open <= 2 * 16 + 2 { Ok(()) } else { Err(open) }
    })
    .await;
    way.is_answered(&desk, stranger(1)).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_proxy_carries_leaves_the_operator_their_places() {
    let port = sealdesk_node::port::PortConfig { behind_proxy: true, ..Default::default() };
    let desk = Desk::told(NodeConfig { port, ..NodeConfig::default() }).await;
    let own = desk.client(OWN).await;
    own.is_answered().await;
    let passed_on = b"GET /health HTTP/1.1\r\nhost: localhost\r\nx-forwarded-for: 192.0.2.1\r\n\r\n";
    let mut held = Vec::new();
    for _ in 0..600 {
        held.push(said(&desk, &Way::Plain, OWN, passed_on).await);
    }
    desk.has_its_places(1).await;
    own.is_answered().await;
    desk.client(OWN).await.is_answered().await;
}
