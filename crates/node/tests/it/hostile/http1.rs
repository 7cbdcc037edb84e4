//! The same strangers over HTTP/1.1, where a connection carries one request at a time. How long each is waited for is tested on a clock
//! of its own, in the port's unit tests.

use tokio::io::AsyncWriteExt as _;
use tokio::net::TcpStream;

use super::super::port::speaker::connect_from;
use super::*;

impl Desk {
    /// A connection of a stranger's that has sent these bytes, if the node takes it.
    async fn said(&self, from: Ipv4Addr, bytes: &[u8]) -> TcpStream {
        let mut stream = connect_from(from.into(), self.node.listening()).await.unwrap();
        // Past its bound a source is hung up on.
        let _ = stream.write_all(bytes).await;
        stream
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn heads_that_never_end_and_idle_connections_keep_nobody_out() {
    let desk = Desk::start().await;
    let early = desk.client(HONEST).await;
    early.is_answered().await;
    let mut held = Vec::new();
    for number in 1..=34 {
        for n in 0..CONNECTIONS {
            let idle = b"GET /health HTTP/1.1\r\nhost: localhost\r\n\r\n";
            let half = b"GET /health HTTP/1.1\r\nhost: localhost\r\nx-more: ";
            let bytes = if n % 2 == 0 { &idle[..] } else { half };
            held.push(desk.said(stranger(number), bytes).await);
        }
    }
    desk.client(Ipv4Addr::new(127, 0, 3, 2)).await.is_answered().await;
    desk.client(OWN).await.is_answered().await;
    early.is_answered().await;
    until("the places to be as many as there are", async || {
        let open = desk.shown("sealdesk_api_connections", "");
        if open <= 512 + 1 { Ok(()) } else { Err(open) }
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn half_sent_requests_of_http1_hold_a_bounded_part_of_the_memory() {
    const HALF: usize = 400_000;
    let desk = Desk::start().await;
    let head = format!(
        "POST {BROADCAST} HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/grpc-web+proto\r\ncontent-length: 500005\r\n\r\n"
    );
    let mut half = head.into_bytes();
    half.push(0);
    half.extend(500_000u32.to_be_bytes());
    half.resize(half.len() + HALF, 0);
    let mut held = Vec::new();
    for _ in 0..CONNECTIONS {
        held.push(desk.said(stranger(1), &half).await);
    }
    let bound = 4u64 << 20;
    desk.until_held("request_bytes", bound - (1 << 19)..=bound).await;
    says_when_to_come_back(&desk.client(stranger(1)).await.broadcast(vec![0; 490_000]).await.unwrap_err());
    desk.client(HONEST).await.is_answered().await;
    drop(held);
    until("their memory to come back", async || match desk.held("request_bytes") {
        0 => Ok(()),
        held => Err(held),
    })
    .await;
}
