//! Strangers who want the node down: each holds what a server gives away without thinking, and beside each an honest client goes on
//! being answered. 127.0.0.1 is the operator's own machine; other addresses of the loopback network are strangers'.

mod admission;
mod http1;
mod sockets;
mod streams;
mod ways;

use std::net::{IpAddr, Ipv4Addr};

use prost::Message;
use sealdesk_node::admission::AdmissionConfig;
use sealdesk_node::home::Home;
use sealdesk_node::{Node, NodeConfig, run};
use sealdesk_protocol::state::tree;
use sealdesk_protocol::wire::cosmos::tx::v1beta1::{BroadcastMode, BroadcastTxRequest, BroadcastTxResponse};
use sealdesk_protocol::wire::sealdesk::ledger::v1::{
    FollowRequest, LedgerEvent, ProofRequest, StatusRequest, StatusResponse,
};
use sealdesk_testkit::peer::{Peer, framed};
use sealdesk_testkit::people::Person;
use tonic::client::Grpc;
use tonic::transport::{Channel, Endpoint};
use tonic::{Code, Request, Status, Streaming};

use super::desk;
use super::desk::waiting::until;

const STATUS: &str = "/sealdesk.ledger.v1.Ledger/Status";
const FOLLOW: &str = "/sealdesk.ledger.v1.Ledger/Follow";
const PROOF: &str = "/sealdesk.ledger.v1.Ledger/Proof";
const BROADCAST: &str = "/cosmos.tx.v1beta1.Service/BroadcastTx";
/// What a peer grants to answers if it reads them.
const WINDOW: u32 = 65_535;
const OWN: Ipv4Addr = Ipv4Addr::LOCALHOST;
const HONEST: Ipv4Addr = Ipv4Addr::new(127, 0, 3, 1);
/// What one stranger's address may have: connections, and streams on each.
const CONNECTIONS: usize = 16;
const STREAMS: usize = 16;

fn stranger(number: u8) -> Ipv4Addr {
    Ipv4Addr::new(127, 0, 1, number)
}

struct Desk {
    node: Node,
    _dir: tempfile::TempDir,
}

/// Somebody who means well.
struct Client(Channel);

impl Desk {
    async fn start() -> Self {
        Self::asking(AdmissionConfig::default()).await
    }

    /// A desk that asks something of new accounts.
    async fn asking(admission: AdmissionConfig) -> Self {
        Self::told(NodeConfig { admission, ..NodeConfig::default() }).await
    }

    /// A desk that was told something else.
    async fn told(config: NodeConfig) -> Self {
        let dir = tempfile::tempdir().unwrap();
        Home::new(dir.path()).init(desk::genesis()).unwrap();
        let listen = Some("127.0.0.1:0".parse().unwrap());
        let config = NodeConfig { home: dir.path().to_owned(), listen, ..config };
        Self { node: run(config).await.unwrap(), _dir: dir }
    }

    /// Strangers of many addresses take every place that there is, each one so; others are answered all the while, and come in
    /// afterwards. Gives what the strangers hold.
    async fn crowded<T>(&self, mut come: impl AsyncFnMut(Ipv4Addr, usize) -> T) -> Vec<T> {
        let early = self.client(HONEST).await;
        early.is_answered().await;
        let mut held = Vec::new();
        for number in 1..=34 {
            for n in 0..CONNECTIONS {
                held.push(come(stranger(number), n).await);
            }
            if number % 4 == 0 {
                early.is_answered().await;
            }
        }
        self.client(Ipv4Addr::new(127, 0, 3, 2)).await.is_answered().await;
        self.client(OWN).await.is_answered().await;
        early.is_answered().await;
        self.has_its_places(1).await;
        held
    }

    /// Waits until there are as many connections as there are places, and so many near ones.
    async fn has_its_places(&self, near: u64) {
        until("the places to be as many as there are", async || {
            let open = self.shown("sealdesk_api_connections", "");
            if open <= 512 + near { Ok(()) } else { Err(open) }
        })
        .await;
    }

    /// Waits until nothing of a kind is held any more.
    async fn gives_back(&self, kind: &str) {
        until(&format!("the {kind} to come back"), async || match self.held(kind) {
            0 => Ok(()),
            held => Err(held),
        })
        .await;
    }

    async fn peer(&self, from: Ipv4Addr, window: u32) -> Peer {
        Peer::connect(from, self.node.listening(), window).await.unwrap()
    }

    async fn client(&self, from: Ipv4Addr) -> Client {
        let endpoint = Endpoint::from_shared(self.node.addresses()["grpc"].clone()).unwrap();
        Client(endpoint.local_address(Some(IpAddr::V4(from))).connect().await.unwrap())
    }

    /// A number that the node shows of itself.
    fn shown(&self, name: &str, kind: &str) -> u64 {
        let ledger = self.node.ledger();
        let text = ledger.metrics().text(ledger.as_ref(), self._dir.path());
        let is_it = |line: &&str| line.starts_with(&format!("{name}{{")) && line.contains(kind);
        let line = text.lines().find(is_it).unwrap_or_else(|| panic!("no {name} {kind} in {text}"));
        line.rsplit(' ').next().unwrap().parse().unwrap()
    }

    fn held(&self, kind: &str) -> u64 {
        self.shown("sealdesk_api_held", &format!("kind=\"{kind}\""))
    }

    /// Waits until strangers hold something of a kind, and asserts that they hold no more than they may.
    async fn until_held(&self, kind: &str, wanted: std::ops::RangeInclusive<u64>) {
        until(&format!("{wanted:?} of {kind}"), async || {
            let held = self.held(kind);
            assert!(held <= *wanted.end(), "{held} of {kind} are held");
            if held >= *wanted.start() { Ok(()) } else { Err(held) }
        })
        .await;
    }
}

impl Client {
    async fn call<Q, A>(&self, path: &'static str, request: Q) -> Result<A, Status>
    where
        Q: Message + Send + Sync + 'static,
        A: Message + Default + Send + Sync + 'static,
    {
        let mut grpc = Grpc::new(self.0.clone());
        grpc.ready().await.map_err(|error| Status::unavailable(error.to_string()))?;
        let codec = tonic_prost::ProstCodec::<Q, A>::default();
        grpc.unary(Request::new(request), path.parse().unwrap(), codec).await.map(tonic::Response::into_inner)
    }

    async fn is_answered(&self) {
        for _ in 0..3 {
            let status: StatusResponse = self.call(STATUS, StatusRequest {}).await.unwrap();
            assert!(status.height > 0);
        }
    }

    async fn broadcast(&self, tx_bytes: Vec<u8>) -> Result<u32, Status> {
        let request = BroadcastTxRequest { tx_bytes, mode: BroadcastMode::Block.into() };
        let response: BroadcastTxResponse = self.call(BROADCAST, request).await?;
        Ok(response.tx_response.unwrap().code)
    }

    async fn follow(&self, request: FollowRequest) -> Result<Streaming<LedgerEvent>, Status> {
        let mut grpc = Grpc::new(self.0.clone());
        grpc.ready().await.map_err(|error| Status::unavailable(error.to_string()))?;
        let codec = tonic_prost::ProstCodec::<FollowRequest, LedgerEvent>::default();
        let answer = grpc.server_streaming(Request::new(request), FOLLOW.parse().unwrap(), codec).await;
        answer.map(tonic::Response::into_inner)
    }
}

fn says_when_to_come_back(status: &Status) {
    assert_eq!(status.code(), Code::ResourceExhausted, "{status}");
    assert!(status.metadata().get("retry-after").is_some(), "{status:?}");
    assert!(status.message().contains("try again in"), "{status}");
}

#[tokio::test(flavor = "multi_thread")]
async fn sockets_that_only_answer_pings_hold_no_place_from_many_addresses_or_from_one() {
    let desk = Desk::start().await;
    let mut peers = desk.crowded(async |from, _| desk.peer(from, WINDOW).await).await;
    for _ in 0..512 {
        peers.push(desk.peer(stranger(200), WINDOW).await);
    }
    desk.client(HONEST).await.is_answered().await;
    desk.client(OWN).await.is_answered().await;
    desk.has_its_places(1).await;
    until("one address to have its share", async || {
        let left = peers[34 * CONNECTIONS..].iter().filter(|peer| !peer.is_over()).count();
        if left <= CONNECTIONS { Ok(()) } else { Err(left) }
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn half_sent_requests_hold_a_bounded_part_of_the_memory() {
    const SOURCES: u8 = 3;
    const HALF: usize = 60_000;
    let desk = Desk::start().await;
    // A message that says to be long, and of which the rest never comes.
    let mut half = vec![0; HALF];
    half[1..5].copy_from_slice(&500_000u32.to_be_bytes());
    let mut peers = Vec::new();
    for number in 1..=SOURCES {
        for _ in 0..CONNECTIONS {
            let mut peer = desk.peer(stranger(number), WINDOW).await;
            for _ in 0..STREAMS {
                // Past its bound a source is hung up on, or refused.
                let _ = peer.call(BROADCAST, &half, false).await;
            }
            peers.push(peer);
        }
        let bound = 4u64 << 20;
        let all = bound * u64::from(number);
        desk.until_held("request_bytes", all - bound / 4..=all).await;
        desk.client(HONEST).await.is_answered().await;
    }
    let full = desk.client(stranger(1)).await;
    says_when_to_come_back(&full.broadcast(vec![0; 400_000]).await.unwrap_err());
    let honest = desk.client(HONEST).await;
    assert_eq!(honest.broadcast(vec![0; 400_000]).await.unwrap(), 21, "what is too long is told so");
    let (admin, agent) = (Person::number(0), Person::number(1));
    assert_eq!(honest.broadcast(admin.appoint(0, &agent)).await.unwrap(), 0);
    drop(peers);
    desk.until_held("request_bytes", 0..=12 << 20).await;
    desk.gives_back("request_bytes").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn answers_that_nobody_reads_hold_a_bounded_part_of_the_memory() {
    let desk = Desk::start().await;
    let keys = (0..128).map(|n| tree::account(&Person::number(n).address)).collect();
    let request = framed(&ProofRequest { state_keys: keys, ..Default::default() });
    let bound = 8u64 << 20;
    let mut peers = Vec::new();
    for _ in 0..CONNECTIONS {
        let mut peer = desk.peer(stranger(1), 0).await;
        for _ in 0..STREAMS {
            peer.call(PROOF, &request, true).await.unwrap();
        }
        peers.push(peer);
        // So many wait for their turn as one address may; more at once would be told to come back.
        desk.gives_back("reads").await;
    }
    desk.until_held("answer_bytes", bound - (1 << 20)..=bound).await;
    desk.client(HONEST).await.is_answered().await;
    desk.client(OWN).await.is_answered().await;
    drop(peers);
    desk.gives_back("answer_bytes").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn idle_subscribers_leave_the_past_to_everyone_and_the_operator_a_place() {
    let desk = Desk::start().await;
    let own = desk.client(OWN).await;
    assert_eq!(own.broadcast(Person::number(0).appoint(0, &Person::number(1))).await.unwrap(), 0);
    let mut peers = Vec::new();
    for number in 1..=17 {
        let mut peer = desk.peer(stranger(number), WINDOW).await;
        for _ in 0..STREAMS {
            peer.call(FOLLOW, &framed(&FollowRequest::default()), true).await.unwrap();
        }
        peers.push(peer);
    }
    desk.until_held("subscribers", 256..=256).await;
    let honest = desk.client(HONEST).await;
    says_when_to_come_back(&honest.follow(FollowRequest::default()).await.unwrap_err());
    let past = FollowRequest { from_start: true, stop_at_end: true, ..Default::default() };
    for client in [&honest, &own] {
        let mut events = client.follow(past.clone()).await.unwrap();
        assert!(events.message().await.unwrap().is_some(), "what happened is told");
        while events.message().await.unwrap().is_some() {}
        client.is_answered().await;
    }
    assert!(own.follow(FollowRequest::default()).await.is_ok());
}
