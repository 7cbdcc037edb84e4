//! Having a node destroy a ticket's texts and files: who may, at which node, and what is there afterwards.

use std::time::{SystemTime, UNIX_EPOCH};

use bytes::Bytes;
use http::{Response, StatusCode};
use sealdesk_node::home::Home;
use sealdesk_node::port::PortConfig;
use sealdesk_node::{Node, NodeConfig, run};
use sealdesk_protocol::attachment::{Attachment, BlobHash, Layout};
use sealdesk_protocol::erasure::ErasureRequest;
use sealdesk_protocol::genesis::{Genesis, GenesisValidator};
use sealdesk_protocol::identity::Identity;
use sealdesk_protocol::ids::{ChainId, TicketId};
use sealdesk_protocol::node_request::{NodeRequest as _, SignedRequest};
use sealdesk_protocol::wire::virtengine::support::v1::{QueryTicketRequest, SupportTicket};
use sealdesk_testkit::files::create_with;
use sealdesk_testkit::people::Person;
use sealdesk_testkit::scenario::{Cast, cast, close, create_at};
use sha2::{Digest as _, Sha256};

use super::super::desk;
use super::speaker::{Speaker, connect_from, words};
use super::{connect, stranger};

pub(super) const PIECE: &[u8] = b"a sealed piece of a file";

fn hash() -> BlobHash {
    Sha256::digest(PIECE).into()
}

/// A genesis with a closed ticket that names the piece, and an open one.
pub(super) fn begun() -> (Genesis, Person, Person) {
    let Cast { mut desk, admin, customer, .. } = cast();
    let piece = Attachment::new(Layout::of_file(1).unwrap(), vec![hash()]).unwrap().to_wire();
    let message = create_at(&desk, &customer, &[&admin, &customer], 0);
    desk.must(&customer, vec![create_with(message, vec![piece])]);
    desk.must(&customer, vec![close(&customer, 1)]);
    desk.pass_to(desk.time + 3_600);
    let message = create_at(&desk, &customer, &[&admin, &customer], 0);
    desk.must(&customer, vec![create_with(message, Vec::new())]);
    let chain_id = ChainId::parse("desk-next").unwrap();
    let mut genesis = desk.machine.export(&desk.snapshot(), Some(&chain_id)).unwrap();
    genesis.validators.push(GenesisValidator::new(&desk::validator().public_key(), 10, "test"));
    (genesis, admin, customer)
}

fn shown(node: &Node, number: u64) -> SupportTicket {
    let ledger = node.ledger();
    let request = QueryTicketRequest { ticket_id: TicketId::new(number).unwrap().to_string() };
    ledger.machine().ticket(&ledger.tip().snapshot, &request).unwrap().ticket.unwrap()
}

/// What a person signs for a node of this name.
pub(super) fn signed(node: &Node, person: &Person, number: u64, host: &str) -> String {
    signed_by(node, person, number, &Signing { host, ago: 0, identity: None })
}

/// How somebody signs.
struct Signing<'a> {
    host: &'a str,
    /// So many seconds ago.
    ago: i64,
    /// For this ledger; `None` = the node's.
    identity: Option<Identity>,
}

fn signed_by(node: &Node, person: &Person, number: u64, signing: &Signing<'_>) -> String {
    let ledger = node.ledger();
    let machine = ledger.machine();
    let now = i64::try_from(SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_secs()).unwrap();
    let request = ErasureRequest {
        ledger: machine.chain_id(),
        identity: signing.identity.as_ref().unwrap_or(machine.identity()),
        node: signing.host,
        ticket: TicketId::new(number).unwrap(),
    };
    let (account, made) = (person.address.clone(), now - signing.ago);
    let signature = person.sign_text(&request.text(&account, made)).try_into().unwrap();
    SignedRequest { account, made, public_key: person.public, signature }.to_header::<ErasureRequest<'_>>()
}

pub(super) async fn ask(speaker: &mut Speaker, number: u64, authorization: &str) -> Response<Bytes> {
    ask_as(speaker, number, "localhost", authorization).await
}

/// Asks a node by this name.
async fn ask_as(speaker: &mut Speaker, number: u64, host: &str, authorization: &str) -> Response<Bytes> {
    let authorization = format!("authorization: {authorization}");
    let call = format!("POST /erase/{}", TicketId::new(number).unwrap());
    let request = speaker.request(&call, host, &[authorization.as_str()], Bytes::new());
    speaker.ask(request).await
}

async fn start(dir: &std::path::Path) -> Node {
    let listen = Some("127.0.0.1:0".parse().unwrap());
    run(NodeConfig { home: dir.to_owned(), listen, ..NodeConfig::default() }).await.unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn an_administrator_has_a_closed_ticket_erased_at_one_node_and_it_stays_so() {
    let (genesis, admin, customer) = begun();
    let dir = tempfile::tempdir().unwrap();
    let home = Home::new(dir.path());
    home.init(genesis).unwrap();
    let name = hex::encode(hash());
    let kept = home.data_dir().join("blobs").join(&name[..2]).join(&name);
    std::fs::create_dir_all(kept.parent().unwrap()).unwrap();
    std::fs::write(&kept, PIECE).unwrap();
    let node = start(dir.path()).await;
    let root = node.ledger().tip().root();
    let mut speaker = connect(node.listening()).await;
    let made = |ago, identity| signed_by(&node, &admin, 1, &Signing { host: "localhost", ago, identity });
    let as_admin = signed(&node, &customer, 1, "localhost").replace(&customer.text, &admin.text);
    for (number, authorization, status) in [
        (1, String::new(), StatusCode::UNAUTHORIZED),
        (1, made(3_700, None), StatusCode::UNAUTHORIZED),
        (1, made(-400, None), StatusCode::UNAUTHORIZED),
        (1, made(0, Some(Identity([7; 32]))), StatusCode::UNAUTHORIZED),
        (1, as_admin, StatusCode::UNAUTHORIZED),
        (1, signed(&node, &admin, 2, "localhost"), StatusCode::UNAUTHORIZED),
        (1, signed(&node, &admin, 1, "desk.example"), StatusCode::UNAUTHORIZED),
        (1, signed(&node, &admin, 1, "localhost").replace("Erase", "Upload"), StatusCode::UNAUTHORIZED),
        (1, signed(&node, &customer, 1, "localhost"), StatusCode::FORBIDDEN),
        (2, signed(&node, &admin, 2, "localhost"), StatusCode::CONFLICT),
        (9, signed(&node, &admin, 9, "localhost"), StatusCode::NOT_FOUND),
    ] {
        let refused = ask(&mut speaker, number, &authorization).await;
        assert_eq!(refused.status(), status, "{authorization}: {}", words(&refused));
    }
    assert!(shown(&node, 1).encrypted_payload.is_some() && kept.exists());
    let done = ask(&mut speaker, 1, &signed(&node, &admin, 1, "localhost")).await;
    assert_eq!(done.status(), StatusCode::OK, "{}", words(&done));
    let done: serde_json::Value = serde_json::from_slice(done.body()).unwrap();
    assert_eq!((&done["texts"], &done["pieces"]), (&1.into(), &1.into()));
    assert!(!kept.exists());
    assert_eq!(
        speaker.get("localhost", &format!("/blobs/{name}"), &[]).await.status(),
        StatusCode::NOT_FOUND
    );
    let ticket = shown(&node, 1);
    assert_eq!(ticket.encrypted_payload, None);
    assert_eq!(ticket.erased.unwrap().erased_by, admin.address.to_string());
    assert_eq!(node.ledger().tip().root(), root);
    node.stop().await.unwrap();

    let node = start(dir.path()).await;
    assert!(shown(&node, 1).encrypted_payload.is_none(), "after a restart too");
    assert!(shown(&node, 2).encrypted_payload.is_some());
    node.stop().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_signed_for_an_address_is_taken_on_the_nodes_own_machine_alone() {
    let (genesis, admin, _) = begun();
    let dir = tempfile::tempdir().unwrap();
    Home::new(dir.path()).init(genesis).unwrap();
    let port = PortConfig { public_url: Some("https://desk.example".to_owned()), ..PortConfig::default() };
    let listen = Some("127.0.0.1:0".parse().unwrap());
    let config = NodeConfig { home: dir.path().to_owned(), listen, port, ..NodeConfig::default() };
    let node = run(config).await.unwrap();
    let stream = connect_from(stranger(1), node.listening()).await.unwrap();
    let mut other = Speaker::http2(stream).await;
    let at = node.listening().to_string();
    for host in ["localhost", "127.0.0.1", at.as_str()] {
        let refused = ask_as(&mut other, 1, host, &signed(&node, &admin, 1, host)).await;
        assert_eq!(refused.status(), StatusCode::MISDIRECTED_REQUEST, "{host}: {}", words(&refused));
        assert!(words(&refused).contains("--public-url"), "{}", words(&refused));
    }
    assert!(shown(&node, 1).encrypted_payload.is_some());
    let done = ask_as(&mut other, 1, "desk.example", &signed(&node, &admin, 1, "desk.example")).await;
    assert_eq!(done.status(), StatusCode::OK, "{}", words(&done));
    let own = ask_as(&mut connect(node.listening()).await, 1, &at, &signed(&node, &admin, 1, &at)).await;
    assert_eq!(own.status(), StatusCode::OK, "{}", words(&own));
    node.stop().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_node_without_a_name_erases_nothing_for_others_who_ask_it_by_an_address() {
    let (genesis, admin, _) = begun();
    let dir = tempfile::tempdir().unwrap();
    Home::new(dir.path()).init(genesis).unwrap();
    let node = start(dir.path()).await;
    let stream = connect_from(stranger(2), node.listening()).await.unwrap();
    let mut other = Speaker::http2(stream).await;
    for host in ["10.0.0.1:9090", "192.0.2.7", "[2001:db8::1]:9090"] {
        let refused = ask_as(&mut other, 1, host, &signed(&node, &admin, 1, host)).await;
        assert_eq!(refused.status(), StatusCode::MISDIRECTED_REQUEST, "{host}: {}", words(&refused));
    }
    assert!(shown(&node, 1).encrypted_payload.is_some());
    node.stop().await.unwrap();
}
