//! The API over loopback, on a real directory, with generated clients: a transaction's whole way, and what a stranger may not do.

use prost::Message as _;
use sealdesk_node::home::Home;
use sealdesk_node::{Node, NodeConfig, NodeError, run};
use sealdesk_protocol::block::validator_set;
use sealdesk_protocol::genesis::Genesis;
use sealdesk_protocol::ids::ChainId;
use sealdesk_protocol::messages::to_any;
use sealdesk_protocol::receipt::{Shown, Trust, VerifiedReceipt};
use sealdesk_protocol::state::tree;
use sealdesk_protocol::tx::TxHash;
use sealdesk_protocol::wire::cosmos::auth::v1beta1::{
    BaseAccount, QueryAccountInfoRequest, QueryAccountInfoResponse, QueryAccountRequest, QueryAccountResponse,
};
use sealdesk_protocol::wire::cosmos::base::abci::v1beta1::TxResponse;
use sealdesk_protocol::wire::cosmos::tx::v1beta1::{
    BroadcastMode, BroadcastTxRequest, BroadcastTxResponse, GetTxRequest, GetTxResponse, SimulateRequest,
    SimulateResponse,
};
use sealdesk_protocol::wire::sealdesk::ledger::v1::{
    FollowRequest, LedgerEvent, MsgProposeValidator, ProofRequest, ProofResponse, QueryValidatorsRequest,
    QueryValidatorsResponse, StatusRequest, StatusResponse, Validator,
};
use sealdesk_protocol::wire::virtengine::roles::v1::{QueryRoleMembersRequest, QueryRoleMembersResponse};
use sealdesk_protocol::wire::virtengine::support::v1::{
    MsgCreateTicket, QueryTicketRequest, QueryTicketResponse,
};
use sealdesk_testkit::CHAIN_ID;
use sealdesk_testkit::people::{KeyPair, Person};
use sealdesk_testkit::random::Random;
use sealdesk_testkit::sealing::{CIPHERTEXT_BYTES_MIN, sign, ticket_context, unsigned};
use sealdesk_testkit::transaction::{Draft, appointment};
use sealdesk_testkit::trust::registered;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tonic::client::Grpc;
use tonic::transport::{Channel, Endpoint};
use tonic::{Code, Request, Status, Streaming};

use super::desk;
use super::desk::waiting::within;

const LEDGER: &str = "/sealdesk.ledger.v1.Ledger/";
const TX: &str = "/cosmos.tx.v1beta1.Service/";

struct Desk {
    node: Node,
    channel: Channel,
    identity: sealdesk_protocol::identity::Identity,
    _dir: tempfile::TempDir,
}

async fn start(home: &std::path::Path) -> Result<Node, NodeError> {
    run(NodeConfig {
        home: home.to_owned(),
        listen: Some("127.0.0.1:0".parse().unwrap()),
        ..NodeConfig::default()
    })
    .await
}

impl Desk {
    async fn start() -> Self {
        Self::start_with(desk::genesis()).await
    }

    async fn start_with(genesis: Genesis) -> Self {
        let dir = tempfile::tempdir().unwrap();
        // The home puts its own validator into the document, which the identity depends on.
        let identity = Home::new(dir.path()).init(genesis).unwrap().identity().unwrap();
        let node = start(dir.path()).await.unwrap();
        let endpoint = Endpoint::from_shared(node.addresses()["grpc"].clone()).unwrap();
        let channel = endpoint.connect().await.unwrap();
        Self { node, channel, identity, _dir: dir }
    }

    async fn restart(self) -> Self {
        self.node.stop().await.unwrap();
        let node = start(self._dir.path()).await.unwrap();
        let endpoint = Endpoint::from_shared(node.addresses()["grpc"].clone()).unwrap();
        Self { channel: endpoint.connect().await.unwrap(), node, identity: self.identity, _dir: self._dir }
    }

    async fn call<Q, A>(&self, path: &str, request: Q) -> Result<A, Status>
    where
        Q: prost::Message + Send + Sync + 'static,
        A: prost::Message + Default + Send + Sync + 'static,
    {
        let mut grpc = Grpc::new(self.channel.clone()).max_decoding_message_size(64 << 20);
        grpc.ready().await.unwrap();
        let codec = tonic_prost::ProstCodec::<Q, A>::default();
        let path = path.parse().unwrap();
        grpc.unary(Request::new(request), path, codec).await.map(tonic::Response::into_inner)
    }

    async fn broadcast(&self, tx: Vec<u8>, mode: BroadcastMode) -> Result<TxResponse, Status> {
        let request = BroadcastTxRequest { tx_bytes: tx, mode: mode.into() };
        let response: BroadcastTxResponse = self.call(&format!("{TX}BroadcastTx"), request).await?;
        Ok(response.tx_response.unwrap())
    }

    async fn status(&self) -> StatusResponse {
        self.call(&format!("{LEDGER}Status"), StatusRequest {}).await.unwrap()
    }

    async fn prove(&self, keys: Vec<Vec<u8>>) -> Result<Vec<u8>, Status> {
        let at_least = self.status().await.height;
        let request = ProofRequest { state_keys: keys, at_least, ..Default::default() };
        let response: ProofResponse = self.call(&format!("{LEDGER}Proof"), request).await?;
        Ok(response.receipt)
    }

    async fn follow(&self, cursor: Vec<u8>) -> Streaming<LedgerEvent> {
        let mut grpc = Grpc::new(self.channel.clone());
        grpc.ready().await.unwrap();
        let codec = tonic_prost::ProstCodec::<FollowRequest, LedgerEvent>::default();
        let request = Request::new(FollowRequest { cursor, ..Default::default() });
        let path = format!("{LEDGER}Follow").parse().unwrap();
        grpc.server_streaming(request, path, codec).await.unwrap().into_inner()
    }
}

async fn next(stream: &mut Streaming<LedgerEvent>) -> LedgerEvent {
    within("an event", stream.message()).await.unwrap().unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_transaction_is_durable_queried_and_proven() {
    let desk = Desk::start().await;
    let (admin, agent) = (Person::number(0), Person::number(1));
    let tx = admin.appoint(0, &agent);
    let response = desk.broadcast(tx.clone(), BroadcastMode::Block).await.unwrap();
    assert_eq!((response.code, response.height), (0, 2), "{}", response.raw_log);
    assert_eq!(response.txhash, TxHash::of(&tx).to_string());

    let found: GetTxResponse =
        desk.call(&format!("{TX}GetTx"), GetTxRequest { hash: response.txhash.clone() }).await.unwrap();
    assert_eq!(found.tx_response.unwrap(), response);
    let types: Vec<&str> = response.events.iter().map(|event| event.r#type.as_str()).collect();
    assert_eq!(types, ["tx", "tx", "tx", "message", "virtengine.roles.v1.EventRoleAssigned"]);

    let members: QueryRoleMembersResponse = desk
        .call(
            "/virtengine.roles.v1.Query/RoleMembers",
            QueryRoleMembersRequest { role: "customer".to_owned(), ..Default::default() },
        )
        .await
        .unwrap();
    assert_eq!(members.members.len(), 1);

    let status = desk.status().await;
    let trust = Trust::Pinned {
        validators_hash: status.validators_hash.clone().try_into().unwrap(),
        chain_id: Some(ChainId::parse(&status.chain_id).unwrap()),
    };
    let keys = vec![tree::member(&agent.address), tree::member(&Person::number(9).address)];
    let receipt = VerifiedReceipt::verify(&desk.prove(keys.clone()).await.unwrap(), &trust).unwrap();
    assert!(matches!(receipt.record(&keys[0]), Shown::Present(_)));
    assert_eq!(receipt.record(&keys[1]), Shown::Absent);
    assert!(receipt.height() >= 2);
    desk.node.stop().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_ticket_s_receipt_from_a_node_verifies_and_with_any_byte_changed_does_not() {
    let (admin, customer) = (Person::new("admin"), Person::new("customer"));
    let mut genesis = desk::genesis();
    genesis.app_state.members[0].address = admin.text.clone();
    let desk = Desk::start_with(genesis).await;
    let chain_id = sealdesk_testkit::chain_id();
    let place = ticket_context(CHAIN_ID, &customer.text, 1);
    let readers = [admin.key(0).fingerprint, customer.key(0).fingerprint];
    let sealed = unsigned(&readers, CIPHERTEXT_BYTES_MIN, &mut Random::new(1));
    let ticket = MsgCreateTicket {
        customer: customer.text.clone(),
        category: "billing".to_owned(),
        encrypted_payload: Some(sign(sealed, &place, &customer.key(0), None)),
        ..Default::default()
    };
    let steps = [
        (&admin, 0, registered(&chain_id, &desk.identity, &admin, &admin.key(0))),
        (&customer, 0, registered(&chain_id, &desk.identity, &customer, &customer.key(0))),
        (&customer, 1, to_any(&ticket)),
    ];
    for (person, sequence, message) in steps {
        let draft = Draft::new(CHAIN_ID, vec![message], &[(person, sequence)]);
        let response = desk.broadcast(draft.sign(&[person]), BroadcastMode::Block).await.unwrap();
        assert_eq!((response.code, response.raw_log.as_str()), (0, ""));
    }
    let at_least = desk.status().await.height;
    let request = ProofRequest { ticket_id: "TKT-00000001".to_owned(), at_least, ..Default::default() };
    let response: ProofResponse = desk.call(&format!("{LEDGER}Proof"), request).await.unwrap();
    let validators_hash = desk.status().await.validators_hash.try_into().unwrap();
    let trust = Trust::Pinned { validators_hash, chain_id: Some(sealdesk_testkit::chain_id()) };
    let receipt = VerifiedReceipt::verify(&response.receipt, &trust).unwrap();
    assert_eq!(receipt.ticket().unwrap().to_string(), "TKT-00000001");
    for at in 0..response.receipt.len() {
        let mut changed = response.receipt.clone();
        changed[at] ^= 1 << (at % 8);
        assert!(VerifiedReceipt::verify(&changed, &trust).is_err(), "byte {at}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_retry_after_an_unknown_outcome_is_not_executed_again() {
    let desk = Desk::start().await;
    let tx = Person::number(0).appoint(0, &Person::number(1));
    let first = desk.broadcast(tx.clone(), BroadcastMode::Block).await.unwrap();
    assert_eq!(desk.broadcast(tx.clone(), BroadcastMode::Block).await.unwrap(), first);
    let again = desk.broadcast(tx.clone(), BroadcastMode::Sync).await.unwrap();
    assert_eq!((again.code, again.codespace.as_str(), again.txhash), (19, "sdk", first.txhash.clone()));
    assert_eq!(again.height, 0, "a height beside a code is the block that refused it");
    let told = format!("tx already on the ledger, in block {}: look it up by its hash", first.height);
    assert_eq!(again.raw_log, told);
    let desk = desk.restart().await;
    assert_eq!(desk.broadcast(tx, BroadcastMode::Block).await.unwrap(), first, "also after a restart");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_run_of_transactions_is_taken_while_blocks_are_made() {
    let desk = std::sync::Arc::new(Desk::start().await);
    let senders = (1..5u16).map(|n| {
        let desk = desk.clone();
        tokio::spawn(async move {
            let person = Person::number(n);
            // Whoever is new to the ledger waits with a few only.
            desk.broadcast(person.attempt(0, &person), BroadcastMode::Block).await.unwrap();
            for sequence in 1..60 {
                let tx = person.attempt(sequence, &person);
                let response = desk.broadcast(tx, BroadcastMode::Sync).await.unwrap();
                assert_eq!(response.code, 0, "sequence {sequence}: {}", response.raw_log);
            }
            let last = desk.broadcast(person.attempt(60, &person), BroadcastMode::Block).await.unwrap();
            assert_eq!(last.codespace, "support", "on the ledger, and refused there");
        })
    });
    for sender in senders.collect::<Vec<_>>() {
        sender.await.unwrap();
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_refusal_is_an_answer_with_its_code() {
    let desk = Desk::start().await;
    let stranger = Person::number(7);
    let wrong_sequence = desk.broadcast(stranger.appoint(5, &stranger), BroadcastMode::Sync).await.unwrap();
    assert_eq!((wrong_sequence.code, wrong_sequence.codespace.as_str()), (32, "sdk"));
    assert!(wrong_sequence.raw_log.contains("expected 0, got 5"), "{}", wrong_sequence.raw_log);
    let forbidden = desk.broadcast(stranger.appoint(0, &stranger), BroadcastMode::Block).await.unwrap();
    assert_eq!(forbidden.codespace, "roles");
    assert_ne!(forbidden.code, 0);
    assert_eq!(forbidden.height, 0, "what the table refuses to this account takes no room in a block");
    let garbage = desk.broadcast(vec![1, 2, 3], BroadcastMode::Block).await.unwrap();
    assert_eq!((garbage.code, garbage.codespace.as_str()), (2, "sdk"));
    let no_mode = desk.broadcast(vec![1], BroadcastMode::Unspecified).await.unwrap_err();
    assert_eq!(no_mode.code(), Code::InvalidArgument);
}

#[tokio::test(flavor = "multi_thread")]
async fn of_a_refused_transaction_the_state_keeps_its_result_and_its_block_the_bytes() {
    let desk = Desk::start().await;
    let (admin, agent) = (Person::number(0), Person::number(1));
    // An administrator cannot give a role to an account for the second time.
    let tx = admin.sign(0, &vec![appointment(&admin, &agent); 2], 0);
    let refused = desk.broadcast(tx.clone(), BroadcastMode::Block).await.unwrap();
    assert_ne!((refused.code, refused.height), (0, 0), "{refused:?}");
    let hash = GetTxRequest { hash: refused.txhash.clone() };
    let found: GetTxResponse = desk.call(&format!("{TX}GetTx"), hash).await.unwrap();
    assert_eq!(found.tx_response, Some(refused.clone()));
    assert!(refused.code != 0 && refused.raw_log.starts_with("message 1: "), "{refused:?}");
    assert_eq!(found.tx.unwrap().body.unwrap().messages.len(), 2, "its block has it");
    let types: Vec<&str> = refused.events.iter().map(|event| event.r#type.as_str()).collect();
    assert_eq!(types, ["tx", "tx", "tx"]);
    let ledger = desk.node.ledger();
    let record = ledger.committed(TxHash::of(&tx)).unwrap().unwrap();
    assert_eq!(
        (record.sender, record.tx, record.events),
        (admin.address.to_string(), Vec::new(), Vec::new())
    );
    assert!(prost::Message::encoded_len(&ledger.committed(TxHash::of(&tx)).unwrap().unwrap()) < 500);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_not_there_is_not_found_and_what_is_malformed_is_invalid() {
    let desk = Desk::start().await;
    let ticket = |id: &str| QueryTicketRequest { ticket_id: id.to_owned() };
    let path = "/virtengine.support.v1.Query/Ticket";
    let missing = desk.call::<_, QueryTicketResponse>(path, ticket("TKT-00000001")).await.unwrap_err();
    assert_eq!(missing.code(), Code::NotFound);
    let malformed = desk.call::<_, QueryTicketResponse>(path, ticket("1")).await.unwrap_err();
    assert_eq!(malformed.code(), Code::InvalidArgument);
    let hash = GetTxRequest { hash: "00".repeat(32) };
    let missing = desk.call::<_, GetTxResponse>(&format!("{TX}GetTx"), hash).await.unwrap_err();
    assert_eq!(missing.code(), Code::NotFound);
    let proof = ProofRequest { ticket_id: "TKT-00000001".to_owned(), ..Default::default() };
    let missing = desk.call::<_, ProofResponse>(&format!("{LEDGER}Proof"), proof).await.unwrap_err();
    assert_eq!(missing.code(), Code::NotFound);
    let future = ProofRequest { height: 1_000, state_keys: vec![vec![1]], ..Default::default() };
    let future = desk.call::<_, ProofResponse>(&format!("{LEDGER}Proof"), future).await.unwrap_err();
    assert_eq!(future.code(), Code::OutOfRange);
    assert_eq!(desk.prove(vec![]).await.unwrap_err().code(), Code::InvalidArgument);
    assert_eq!(desk.prove(vec![vec![1]; 129]).await.unwrap_err().code(), Code::InvalidArgument);
}

#[tokio::test(flavor = "multi_thread")]
async fn everyone_has_an_account_with_a_sequence() {
    let desk = Desk::start().await;
    let admin = Person::number(0);
    let account = async |address: String| -> BaseAccount {
        let request = QueryAccountRequest { address };
        let answer: QueryAccountResponse =
            desk.call("/cosmos.auth.v1beta1.Query/Account", request).await.unwrap();
        BaseAccount::decode(answer.account.unwrap().value.as_slice()).unwrap()
    };
    let before = account(admin.address.to_string()).await;
    assert_eq!((before.sequence, before.account_number, before.pub_key), (0, 0, None));
    desk.broadcast(admin.appoint(0, &Person::number(1)), BroadcastMode::Block).await.unwrap();
    let after = account(admin.address.to_string()).await;
    assert_eq!(after.sequence, 1);
    assert!(after.pub_key.is_some());
    let request = QueryAccountInfoRequest { address: admin.address.to_string() };
    let info: QueryAccountInfoResponse =
        desk.call("/cosmos.auth.v1beta1.Query/AccountInfo", request).await.unwrap();
    assert_eq!(info.info.unwrap(), after);
}

#[tokio::test(flavor = "multi_thread")]
async fn simulating_needs_no_signature_and_writes_nothing() {
    let desk = Desk::start().await;
    let tx = Person::number(0).appoint(0, &Person::number(1));
    let request = SimulateRequest { tx_bytes: tx, ..Default::default() };
    let answer: SimulateResponse = desk.call(&format!("{TX}Simulate"), request).await.unwrap();
    assert!(answer.gas_info.unwrap().gas_used > 0);
    let result = answer.result.unwrap();
    assert_eq!(
        (result.msg_responses.len(), result.events.len()),
        (1, 5),
        "it was carried out, and thrown away"
    );
    assert_eq!(desk.status().await.height, 1);

    let forbidden = Person::number(1).appoint(0, &Person::number(2));
    let request = SimulateRequest { tx_bytes: forbidden, ..Default::default() };
    let refused = desk.call::<_, SimulateResponse>(&format!("{TX}Simulate"), request).await.unwrap_err();
    assert_eq!(refused.code(), Code::FailedPrecondition);
    assert!(refused.message().contains("codespace roles"), "{}", refused.message());
    let request = SimulateRequest { tx_bytes: vec![1, 2, 3], ..Default::default() };
    let garbage = desk.call::<_, SimulateResponse>(&format!("{TX}Simulate"), request).await.unwrap_err();
    assert_eq!(garbage.code(), Code::InvalidArgument);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_subscriber_gets_every_event_once_and_goes_on_from_his_cursor() {
    let desk = Desk::start().await;
    let admin = Person::number(0);
    let mut from_now = desk.follow(vec![]).await;
    for n in 0..5u16 {
        let tx = admin.appoint(n.into(), &Person::number(n + 1));
        let response = desk.broadcast(tx, BroadcastMode::Sync).await.unwrap();
        assert_eq!(response.code, 0, "{}", response.raw_log);
    }
    let mut live = Vec::new();
    for _ in 0..5 {
        live.push(next(&mut from_now).await);
    }
    assert!(live.iter().all(|event| event.r#type == "virtengine.roles.v1.EventRoleAssigned"));
    assert!(live.iter().all(|event| event.tx_hash.len() == 64 && event.timestamp > 0));
    assert!(live.windows(2).all(|pair| pair[0].cursor < pair[1].cursor));

    let desk = desk.restart().await;
    for resume_at in 0..4 {
        let mut resumed = desk.follow(live[resume_at].cursor.clone()).await;
        for expected in &live[resume_at + 1..] {
            assert_eq!(&next(&mut resumed).await, expected, "after a restart too");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_oversized_message_and_a_compressed_one_are_refused() {
    let desk = Desk::start().await;
    let error = desk.broadcast(vec![0; 600_000], BroadcastMode::Sync).await.unwrap_err();
    assert_eq!(error.code(), Code::OutOfRange, "{error}");
    let mut grpc = Grpc::new(desk.channel.clone());
    grpc.ready().await.unwrap();
    let mut compressed = Request::new(StatusRequest {});
    compressed.metadata_mut().insert("grpc-encoding", "gzip".parse().unwrap());
    let codec = tonic_prost::ProstCodec::<StatusRequest, StatusResponse>::default();
    let error = grpc.unary(compressed, format!("{LEDGER}Status").parse().unwrap(), codec).await.unwrap_err();
    assert_eq!(error.code(), Code::Unimplemented, "{error}");
    let long = desk.broadcast(vec![0; 300_000], BroadcastMode::Sync).await.unwrap();
    assert_eq!((long.code, long.codespace.as_str()), (21, "sdk"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_connection_that_says_nothing_is_closed_while_others_are_served() {
    let desk = Desk::start().await;
    let mut silent = Vec::new();
    for n in 0..20 {
        let mut stream = tokio::net::TcpStream::connect(desk.node.listening()).await.unwrap();
        stream.write_all(&b"PRI * HTTP/2.0\r\n"[..n % 16]).await.unwrap();
        silent.push(stream);
    }
    assert_eq!(desk.status().await.height, 1);
    for mut stream in silent {
        let mut byte = [0; 64];
        within("the node to hang up", async {
            while stream.read(&mut byte).await.is_ok_and(|read| read > 0) {}
        })
        .await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_second_process_is_kept_out_of_the_data_directory() {
    let desk = Desk::start().await;
    let error = start(desk._dir.path()).await.unwrap_err().to_string();
    assert!(error.contains("in use by another process"), "{error}");
    assert_eq!(desk.status().await.height, 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn reflection_and_health_answer() {
    use tonic_health::pb::{HealthCheckRequest, HealthCheckResponse};
    use tonic_reflection::pb::v1::server_reflection_request::MessageRequest;
    use tonic_reflection::pb::v1::{ServerReflectionRequest, ServerReflectionResponse};
    let desk = Desk::start().await;
    let health: HealthCheckResponse =
        desk.call("/grpc.health.v1.Health/Check", HealthCheckRequest::default()).await.unwrap();
    assert_eq!(health.status, 1);
    for version in ["v1", "v1alpha"] {
        let mut grpc = Grpc::new(desk.channel.clone());
        grpc.ready().await.unwrap();
        let codec = tonic_prost::ProstCodec::<ServerReflectionRequest, ServerReflectionResponse>::default();
        let list = ServerReflectionRequest {
            host: String::new(),
            message_request: Some(MessageRequest::ListServices(String::new())),
        };
        let path =
            format!("/grpc.reflection.{version}.ServerReflection/ServerReflectionInfo").parse().unwrap();
        let mut answers =
            grpc.streaming(Request::new(tokio_stream::once(list)), path, codec).await.unwrap().into_inner();
        let answer = format!("{:?}", answers.message().await.unwrap().unwrap());
        for service in
            ["virtengine.support.v1.Query", "sealdesk.ledger.v1.Ledger", "cosmos.tx.v1beta1.Service"]
        {
            assert!(answer.contains(service), "{version}: {answer}");
        }
    }
}

/// Frames of HTTP/2, by hand.
fn frame(kind: u8, flags: u8, stream: u32, payload: &[u8]) -> Vec<u8> {
    let length = u32::try_from(payload.len()).unwrap().to_be_bytes();
    [&length[1..], &[kind, flags], &stream.to_be_bytes(), payload].concat()
}

/// Sends bytes after the preface and waits until the node hangs up.
async fn hung_up_on(desk: &Desk, frames: impl Iterator<Item = Vec<u8>>) {
    let mut stream = tokio::net::TcpStream::connect(desk.node.listening()).await.unwrap();
    stream.write_all(b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n").await.unwrap();
    stream.write_all(&frame(4, 0, 0, &[])).await.unwrap();
    for frame in frames {
        if stream.write_all(&frame).await.is_err() {
            return;
        }
    }
    let mut buffer = [0; 4_096];
    let hung_up = async { while stream.read(&mut buffer).await.is_ok_and(|read| read > 0) {} };
    within("the node to hang up", hung_up).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_flood_of_requests_taken_back_ends_the_connection() {
    let desk = Desk::start().await;
    // :method POST, :scheme http, :path / of HPACK's static table; then the stream is reset at once.
    let rapid = (0..50_000u32).map(|n| {
        let stream = 2 * n + 1;
        [frame(1, 0x4, stream, &[0x83, 0x86, 0x84]), frame(3, 0, stream, &8u32.to_be_bytes())].concat()
    });
    hung_up_on(&desk, rapid).await;
    assert_eq!(desk.status().await.height, 1, "others are served");
}

#[tokio::test(flavor = "multi_thread")]
async fn headers_without_end_end_the_connection() {
    let desk = Desk::start().await;
    // A literal header of 200 bytes, again and again, and never the flag that ends the headers.
    let literal = [&[0x00, 0x01, b'x', 0x7f, 0x49][..], &[b'v'; 200]].concat();
    let first = std::iter::once(frame(1, 0, 1, &literal));
    let endless = first.chain((0..20_000).map(|_| frame(9, 0, 1, &literal)));
    hung_up_on(&desk, endless).await;
    assert_eq!(desk.status().await.height, 1, "others are served");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_embedded_ledger_shows_its_one_validator_and_takes_no_vote_for_another() {
    let desk = Desk::start().await;
    let path = "/sealdesk.ledger.v1.Query/Validators";
    let shown: QueryValidatorsResponse = desk.call(path, QueryValidatorsRequest {}).await.unwrap();
    let power = |validator: &Validator| u32::try_from(validator.power).unwrap();
    let own = shown.validators.iter().map(|v| (v.pub_key.as_slice().try_into().unwrap(), power(v)));
    let own = validator_set(&own.collect::<Vec<_>>()).unwrap();
    assert_eq!(own.hash().as_bytes(), desk.status().await.validators_hash);
    assert_eq!((shown.validators.len(), shown.proposals.len(), shown.height), (1, 0, 0));

    let admin = Person::number(0);
    let key = KeyPair::of("another", 0).signing_public().to_vec();
    let sender = admin.address.to_string();
    let vote = to_any(&MsgProposeValidator { sender, pub_key: key, power: 1, moniker: String::new() });
    let tx = admin.sign(0, &[vote], 0);
    let refused = desk.broadcast(tx.clone(), BroadcastMode::Block).await.unwrap();
    assert_eq!((refused.codespace.as_str(), refused.code, refused.height), ("sdk", 18, 0));
    assert!(refused.raw_log.contains("on the replicated engine only"), "{}", refused.raw_log);
    let simulated = SimulateRequest { tx_bytes: tx, ..Default::default() };
    let simulated: Result<SimulateResponse, Status> = desk.call(&format!("{TX}Simulate"), simulated).await;
    let status = simulated.unwrap_err();
    assert!(status.message().contains("on the replicated engine only"), "{status}");
    assert!(status.message().contains("(codespace sdk, code 18)"), "{status}");
    // The sequence is not used up: nothing of it stands in any block.
    let next = desk.broadcast(admin.appoint(0, &Person::number(1)), BroadcastMode::Block).await.unwrap();
    assert_eq!(next.code, 0, "{}", next.raw_log);
    desk.node.stop().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_proof_request_names_a_whole_hash_of_validators_or_none() {
    let desk = Desk::start().await;
    let ask = |trusted_validators: Vec<u8>| ProofRequest {
        state_keys: vec![tree::CHAIN.to_vec()],
        trusted_validators,
        ..Default::default()
    };
    let proof = format!("{LEDGER}Proof");
    let short: Result<ProofResponse, Status> = desk.call(&proof, ask(vec![1; 31])).await;
    assert_eq!(short.unwrap_err().code(), Code::InvalidArgument);
    // A set that this ledger never had leads nowhere, and the receipt says so by showing no handover.
    let strange: ProofResponse = desk.call(&proof, ask(vec![1; 32])).await.unwrap();
    let receipt = VerifiedReceipt::verify(&strange.receipt, &Trust::Unpinned).unwrap();
    assert_eq!(receipt.handovers(), 0);
    desk.node.stop().await.unwrap();
}
