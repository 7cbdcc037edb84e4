//! Readers of the two streams, as a browser and a page read them: what has not come whole does not count.

use std::net::SocketAddr;

use bytes::Bytes;
use http_body_util::BodyExt as _;
use prost::Message as _;
use sealdesk_protocol::json as views;
use sealdesk_protocol::wire::sealdesk::ledger::v1::{FollowRequest, LedgerEvent};
use serde_json::Value;
use tokio::net::TcpStream;

use crate::desk::waiting::within;
use crate::port::speaker::Speaker;

/// An event by its cursor, and the transaction that it is of.
pub type Event = (Vec<u8>, String);

/// Somebody who follows the ledger from its start and comes back after each end.
pub trait Reader: Sized {
    /// Reads at an address.
    fn new(at: SocketAddr) -> Self;

    /// Connects, reads so many events, and leaves; of what has come the last bytes, so many, count as not come.
    async fn visit(&mut self, wanted: usize, cut: usize) -> Vec<Event>;
}

/// Server-sent events.
pub struct Sse {
    at: SocketAddr,
    last: Option<String>,
}

/// gRPC-web.
pub struct Web {
    at: SocketAddr,
    last: Vec<u8>,
}

/// Everything there is, in one visit.
pub async fn all(at: SocketAddr) -> Vec<Event> {
    let request = FollowRequest { from_start: true, stop_at_end: true, ..FollowRequest::default() };
    let body = open(at, "POST /sealdesk.ledger.v1.Ledger/Follow", &[WEB], framed(&request)).await;
    let came = within("the past", body.0.collect()).await.unwrap().to_bytes();
    frames(&came).0
}

const WEB: &str = "content-type: application/grpc-web+proto";
/// How gRPC-web marks trailers.
const TRAILERS: u8 = 0x80;

/// A stream, and the connection that it comes over.
struct Coming(hyper::body::Incoming, Speaker);

/// Asks until there is a place: one that was just left is free in a moment.
async fn open(at: SocketAddr, call: &str, headers: &[&str], body: Bytes) -> Coming {
    loop {
        let mut speaker = Speaker::http1(TcpStream::connect(at).await.unwrap()).await;
        let request = speaker.request(call, "localhost", headers, body.clone());
        let answer = within("an answer", speaker.begin(request)).await.unwrap();
        let busy =
            answer.status() == 429 || answer.headers().get("grpc-status").is_some_and(|code| code == "8");
        if !busy {
            assert_eq!(answer.status(), 200);
            return Coming(answer.into_body(), speaker);
        }
        tokio::task::yield_now().await;
    }
}

impl Coming {
    /// Reads until what has come is enough.
    async fn until(mut self, enough: impl Fn(&[u8]) -> bool) -> Vec<u8> {
        let mut came = Vec::new();
        while !enough(&came) {
            let frame =
                within("more of the stream", self.0.frame()).await.expect("the stream goes on").unwrap();
            came.extend_from_slice(frame.data_ref().unwrap());
        }
        drop(self.1);
        came
    }
}

fn framed(message: &FollowRequest) -> Bytes {
    let bytes = message.encode_to_vec();
    [&[0][..], &u32::try_from(bytes.len()).unwrap().to_be_bytes(), &bytes].concat().into()
}

/// The whole events of what has come over gRPC-web.
fn frames(mut came: &[u8]) -> (Vec<Event>, bool) {
    let (mut events, mut ended) = (Vec::new(), false);
    while let Some(length) = came.get(1..5) {
        let length = usize::try_from(u32::from_be_bytes(length.try_into().unwrap())).unwrap();
        let Some(frame) = came.get(5..5 + length) else { break };
        match came[0] {
            TRAILERS => ended = true,
            _ => {
                let event = LedgerEvent::decode(frame).unwrap();
                events.push((event.cursor, event.tx_hash));
            }
        }
        came = &came[5 + length..];
    }
    (events, ended)
}

/// The whole events of a text, and the last id that stands in it.
fn events(came: &[u8]) -> (Vec<Event>, Option<String>) {
    // What is cut off in the middle of a letter is cut off.
    let end = came.windows(2).rposition(|two| two == b"\n\n").map_or(0, |at| at + 2);
    let (mut events, mut last) = (Vec::new(), None);
    for block in std::str::from_utf8(&came[..end]).unwrap().split("\n\n") {
        for line in block.lines() {
            match line.split_once(": ") {
                Some(("id", id)) => last = Some(id.to_owned()),
                Some(("data", data)) => {
                    let event: Value = serde_json::from_str(data).unwrap();
                    let cursor = views::read_cursor(event["cursor"].as_str().unwrap()).unwrap();
                    events.push((cursor, event["txhash"].as_str().unwrap().to_owned()));
                }
                Some(("event", name)) => panic!("the node ends the stream: {name} {block}"),
                _ => {}
            }
        }
    }
    (events, last)
}

/// How many whole blocks with an id have come.
fn blocks(came: &[u8]) -> usize {
    let end = came.windows(2).rposition(|two| two == b"\n\n").map_or(0, |at| at + 2);
    came[..end].windows(4).filter(|four| *four == b"id: ").count()
}

/// What has come without its last bytes, but whole where nothing is to be cut off.
fn without(came: &[u8], cut: usize) -> &[u8] {
    &came[..came.len().saturating_sub(cut)]
}

impl Reader for Sse {
    fn new(at: SocketAddr) -> Self {
        Self { at, last: None }
    }

    async fn visit(&mut self, wanted: usize, cut: usize) -> Vec<Event> {
        let header = self.last.as_ref().map(|last| format!("last-event-id: {last}"));
        let headers: Vec<&str> = header.iter().map(String::as_str).collect();
        let body = open(self.at, "GET /api/v1/events?from_start=true", &headers, Bytes::new()).await;
        // The opening is one block too.
        let came = body.until(|came| blocks(came) > wanted).await;
        let (got, last) = events(without(&came, cut));
        self.last = last.or(self.last.take());
        got
    }
}

impl Reader for Web {
    fn new(at: SocketAddr) -> Self {
        Self { at, last: Vec::new() }
    }

    async fn visit(&mut self, wanted: usize, cut: usize) -> Vec<Event> {
        let request = FollowRequest {
            cursor: self.last.clone(),
            from_start: self.last.is_empty(),
            ..FollowRequest::default()
        };
        let body = open(self.at, "POST /sealdesk.ledger.v1.Ledger/Follow", &[WEB], framed(&request)).await;
        let came = body.until(|came| frames(came).0.len() >= wanted).await;
        let (got, ended) = frames(without(&came, cut));
        assert!(!ended, "the node ends the stream");
        if let Some((cursor, _)) = got.last() {
            self.last.clone_from(cursor);
        }
        got
    }
}
