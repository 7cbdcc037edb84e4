//! What one call costs over each surface of the port, beside gRPC's: the same ticket by each, one call after the other, on a connection that
//! goes on.

use std::time::{Duration, Instant};

use prost::Message as _;
use sealdesk_client::node::Node;
use sealdesk_protocol::ids::TicketId;
use sealdesk_protocol::wire::virtengine::support::v1::QueryTicketRequest;
use sealdesk_testkit::connection::Connection;
use sealdesk_testkit::figures::{Times, micros, ratio};
use tonic::transport::Channel;

use crate::server::Server;

/// Rounds in which the surfaces take turns, and calls of each in one.
const ROUNDS: u32 = 10;
const CALLS: u32 = 100;
const PATH: &str = "/virtengine.support.v1.Query/Ticket";
const EVENTS: &str = "GET /api/v1/events HTTP/1.1";

/// A call, and over which surface.
type Call = (&'static str, Box<dyn FnMut()>);

/// One surface's calls.
pub struct Surface {
    pub name: &'static str,
    pub times: Times,
    /// Processor time of the node for all of them.
    pub cpu: Duration,
}

/// Every surface, gRPC first.
pub type Surfaces = Vec<Surface>;

/// Makes a connection a websocket.
fn upgrade(wire: &mut Connection) {
    let head = "GET /websocket HTTP/1.1\r\nconnection: upgrade\r\nupgrade: websocket\r\nsec-websocket-version: 13\r\n\
         sec-websocket-key: AAAAAAAAAAAAAAAAAAAAAA==";
    wire.send(head, b"");
    assert_eq!(wire.head().0, 101);
}

/// Says something over the websocket, and hears the answer.
fn say(wire: &mut Connection, text: &[u8]) -> Vec<u8> {
    let length = u16::try_from(text.len()).unwrap();
    // A mask of zeros leaves the text as it is.
    let head = [&[0x81, 0x80 | 126][..], &length.to_be_bytes(), &[0; 4]].concat();
    wire.write(&[&head[..], text].concat());
    loop {
        let head = wire.bytes(2);
        let count = match head[1] {
            126 => usize::from(u16::from_be_bytes(wire.bytes(2).try_into().unwrap())),
            127 => usize::try_from(u64::from_be_bytes(wire.bytes(8).try_into().unwrap())).unwrap(),
            short => usize::from(short),
        };
        let said = wire.bytes(count);
        if head[0] == 0x81 {
            return said;
        }
    }
}

/// The body of an answer that is none of a refusal.
fn asked(wire: &mut Connection, head: &str, body: &[u8]) -> Vec<u8> {
    let (status, answer) = wire.ask(head, body);
    assert_eq!(status, 200, "{head}");
    answer
}

/// A stream of events that was let in, at its first bytes.
fn reader(host: &str) -> Option<Connection> {
    let mut wire = Connection::open(host);
    wire.send(EVENTS, b"");
    (wire.head().0 == 200).then(|| {
        assert!(!wire.chunk().is_empty());
        wire
    })
}

/// The same call over each surface.
fn calls(server: &Server, id: TicketId) -> Vec<Call> {
    let host = server.url().trim_start_matches("http://").to_owned();
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let node: Node<Channel> = runtime.block_on(server.connect());
    let request = QueryTicketRequest { ticket_id: id.to_string() }.encode_to_vec();
    let data = hex::encode(&request);
    let query = format!(
        r#"{{"jsonrpc":"2.0","id":1,"method":"abci_query","params":{{"path":"{PATH}","data":"{data}"}}}}"#
    );
    let framed = [&[0][..], &u32::try_from(request.len()).unwrap().to_be_bytes(), &request].concat();
    let [mut rest, mut post, mut web, mut socket] = [(); 4].map(|()| Connection::open(&host));
    upgrade(&mut socket);
    let (get, name, said) = (format!("GET /api/v1/tickets/{id} HTTP/1.1"), id.to_string(), query.clone());
    let is_it = move |answer: Vec<u8>| answer.windows(name.len()).any(|part| part == name.as_bytes());
    let found =
        |answer: Vec<u8>| assert!(!answer.is_empty() && !answer.windows(7).any(|part| part == b"\"error\""));
    vec![
        ("gRPC", Box::new(move || drop(runtime.block_on(node.ticket(id)).unwrap()))),
        ("REST", Box::new(move || assert!(is_it(asked(&mut rest, &get, b""))))),
        ("JSON-RPC, POST", {
            let head = "POST / HTTP/1.1\r\ncontent-type: application/json";
            Box::new(move || found(asked(&mut post, head, query.as_bytes())))
        }),
        ("JSON-RPC, websocket", Box::new(move || found(say(&mut socket, said.as_bytes())))),
        ("gRPC-web", {
            let head =
                format!("POST {PATH} HTTP/1.1\r\ncontent-type: application/grpc-web+proto\r\nx-grpc-web: 1");
            Box::new(move || assert!(asked(&mut web, &head, &framed).len() > 100))
        }),
        ("events, a new stream", Box::new(move || drop(reader(&host).unwrap()))),
    ]
}

/// Calls every surface in turns.
pub fn measure(server: &Server, id: TicketId) -> Surfaces {
    let mut calls = calls(server, id);
    let new = |name| Surface { name, times: Times::default(), cpu: Duration::ZERO };
    let mut kinds: Vec<Surface> = calls.iter().map(|(name, _)| new(*name)).collect();
    for round in 0..=ROUNDS {
        for ((_, call), kind) in calls.iter_mut().zip(&mut kinds) {
            let cpu = server.cpu_time();
            for _ in 0..CALLS {
                let start = Instant::now();
                call();
                // The first round warms up.
                if round > 0 {
                    kind.times.add(start.elapsed());
                }
            }
            kind.cpu += if round > 0 { server.cpu_time().saturating_sub(cpu) } else { Duration::ZERO };
        }
    }
    kinds
}

pub fn print(tickets: u64, surfaces: &[Surface]) {
    let first = &surfaces[0];
    println!("\none ticket over each surface, beside gRPC, at {tickets} tickets: one call after the other");
    for kind in surfaces {
        let calls = u32::try_from(kind.times.len()).unwrap().max(1);
        println!(
            "  {:<20}: p50 x{:.2}, node's cpu x{:.2}   ({} and p99 {}; {} cpu of the node)",
            kind.name,
            ratio(kind.times.p50(), first.times.p50()),
            ratio(kind.cpu, first.cpu),
            micros(kind.times.p50()),
            micros(kind.times.p99()),
            micros(kind.cpu / calls),
        );
    }
}
