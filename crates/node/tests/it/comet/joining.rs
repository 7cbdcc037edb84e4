//! A state that came from another node, and the validators that it has: who signs is theirs, and a key that may have signed already
//! does not come back with it.

use std::path::Path;
use std::sync::Arc;

use prost::Message as _;
use sealdesk_node::comet::snapshots::SnapshotSetup;
use sealdesk_node::comet::{App, StateSyncConfig, agree_on_header};
use sealdesk_node::ledger::Ledger;
use sealdesk_protocol::block::validator_set;
use sealdesk_protocol::genesis::{Genesis, validators_of};
use sealdesk_protocol::messages::to_any;
use sealdesk_protocol::receipt::{Evidence, ReceiptError, Trust, VerifiedReceipt};
use sealdesk_protocol::state::tree;
use sealdesk_protocol::wire::sealdesk::ledger::v1::{MsgProposeValidator, ProvenRecord};
use sealdesk_protocol::wire::virtengine::roles::v1::MsgAssignRole;
use sealdesk_store::testing::Faults;
use sealdesk_testkit::people::{KeyPair, Person};
use sealdesk_testkit::transaction::appointment;
use sealdesk_testkit::waiting::{PATIENCE, free_addresses};

use tendermint_proto::v0_38::abci::response_offer_snapshot::Result as Offered;

use super::network::{Network, execute, reaches, turn};
use super::syncing::{Maker, Offer, STATE, apply, info, offer, open, open_with, sync};
use crate::desk::waiting::until;

const INTERVAL: u64 = 10;

fn key(number: usize) -> [u8; 32] {
    KeyPair::of("validator", number).signing_public()
}

/// A ledger that votes, its snapshot, and what the genesis's only validator is called.
struct Scene {
    maker: Maker,
    offered: Offer,
    first: [u8; 32],
}

impl Scene {
    /// Votes so, and goes on to the next snapshot; or votes in the snapshot's own block, whose validators sign only later.
    fn new(votes: &[([u8; 32], i64)], just_before: bool) -> Self {
        let mut maker = Maker::new(3, INTERVAL, 0);
        let count = u64::try_from(votes.len()).unwrap();
        while just_before && !(maker.walk.desk.height + count).is_multiple_of(INTERVAL) {
            maker.step();
        }
        votes.iter().for_each(|(key, power)| maker.propose(*key, *power));
        let offered = maker.next_snapshot(INTERVAL);
        assert!(!just_before || maker.walk.desk.height.is_multiple_of(INTERVAL));
        let first = maker.genesis.validators[0].pub_key.value.as_slice().try_into().unwrap();
        Self { maker, offered, first }
    }

    /// An empty node whose home has this key and does not know what it has signed.
    fn node(&self, disks: &Faults, key: [u8; 32]) -> App {
        let (data, shelf) = (Arc::new(disks.folder("data/")), Arc::new(disks.folder("shelf/")));
        let setup = SnapshotSetup { data, archive: shelf, interval: 0, unrecorded_key: Some(key) };
        open_with(disks, &self.maker.genesis, setup).unwrap()
    }

    /// Whether a key without a record comes in with this state. If not, the ledger stops and nothing else has changed.
    fn lets_in(&self, key: [u8; 32]) -> bool {
        let disks = Faults::new(0);
        let app = self.node(&disks, key);
        let before = (info(&app), disks.bytes(STATE));
        assert_eq!(offer(&app, &self.offered), Offered::Accept);
        let answer = apply(&app, 0, &self.offered.chunks[0]);
        let Some(why) = app.handle().stopped() else {
            assert_eq!(info(&app).last_block_app_hash, self.offered.app_hash);
            return true;
        };
        assert!(
            why.contains("nothing here records what it has signed") && why.contains("key_never_signed"),
            "{why}"
        );
        assert!(answer.is_none(), "CometBFT is told to go on");
        assert!((info(&app), disks.bytes(STATE)) == before, "something has changed");
        drop(app);
        assert_eq!(info(&self.node(&disks, key)), before.0);
        false
    }
}

#[test]
fn who_signs_after_a_restoration_are_the_validators_of_the_restored_state() {
    let scene = Scene::new(&[(key(1), 7), (key(2), 5)], false);
    let app = open(&Faults::new(0), &scene.maker.genesis, 0).unwrap();
    assert_eq!(app.handle().validators().hash(), validators_of(&scene.maker.genesis).unwrap().hash());
    assert_eq!(sync(&app, &scene.offered), Ok(()));
    let restored = validator_set(&[(scene.first, 1), (key(1), 7), (key(2), 5)]).unwrap();
    assert_eq!(app.handle().validators().hash(), restored.hash());
    assert_eq!(app.handle().validators().hash(), scene.maker.app.handle().validators().hash());
}

#[test]
fn a_voted_in_key_that_comes_back_without_its_record_is_not_let_in_by_a_snapshot() {
    let scene = Scene::new(&[(key(1), 7)], false);
    assert!(!scene.lets_in(key(1)) && !scene.lets_in(scene.first));
    assert!(scene.lets_in(key(2)), "a key that is nobody's");
    // One that signs from the block after next on is not one that may sign now either.
    let scene = Scene::new(&[(key(1), 7)], true);
    assert!(!scene.lets_in(key(1)));
}

#[test]
fn a_key_that_was_voted_out_is_let_in_once_it_signs_no_more() {
    assert!(Scene::new(&[(key(1), 7), (key(1), 0)], false).lets_in(key(1)));
    assert!(
        !Scene::new(&[(key(1), 7), (key(2), 7), (key(1), 0)], true).lets_in(key(1)),
        "it signs this block"
    );
}

/// What a node's metrics say of snapshots.
fn counted(app: &App, name: &str) -> f64 {
    let ledger: &dyn Ledger = app.handle().as_ref();
    let text = ledger.metrics().text(ledger, Path::new("/nowhere"));
    let labels = |line: &str| {
        line.replace(&format!("chain_id=\"{}\"", ledger.machine().chain_id()), "")
            .replace(['{', '}', ','], "")
    };
    let lines = text.lines().map(labels).filter(|line| !line.starts_with('#'));
    let found: Vec<f64> =
        lines.filter_map(|line| Some(line.strip_prefix(name)?.strip_prefix(' ')?.parse().unwrap())).collect();
    assert_eq!(found.len(), 1, "{name}: {text}");
    found[0]
}

#[test]
fn snapshots_that_are_made_served_restored_and_refused_are_counted() {
    let scene = Scene::new(&[(key(1), 7)], false);
    let maker = &scene.maker.app;
    assert_eq!(counted(maker, "sealdesk_snapshot_height"), scene.maker.walk.desk.height as f64);
    let made = counted(maker, "sealdesk_snapshots_totaloutcome=\"made\"");
    assert!(made >= 1.0);
    assert_eq!(counted(maker, "sealdesk_snapshot_duration_seconds_count"), made);
    assert_eq!(counted(maker, "sealdesk_snapshots_totaloutcome=\"failed\""), 0.0);
    assert_eq!(counted(maker, "sealdesk_snapshot_chunks_served_total"), scene.offered.chunks.len() as f64);

    let app = open(&Faults::new(0), &scene.maker.genesis, 0).unwrap();
    let mut chunk = scene.offered.chunks[0].to_vec();
    *chunk.last_mut().unwrap() ^= 1;
    assert!(sync(&app, &scene.offered.with_chunks(vec![chunk])).is_err());
    assert_eq!(sync(&app, &scene.offered), Ok(()));
    for outcome in ["restored", "refused"] {
        let name = format!("sealdesk_snapshot_restorations_totaloutcome=\"{outcome}\"");
        assert_eq!(counted(&app, &name), 1.0, "{outcome}");
    }
}

/// The administrator gives the first validator so much power.
fn vote(network: &Network, sequence: u64, power: i64) -> Vec<u8> {
    let key = network.homes[0].genesis().unwrap().validators[0].pub_key.value.clone();
    let admin = Person::number(0);
    let sender = appointment(&admin, &admin);
    let sender = MsgAssignRole::decode(sender.value.as_slice()).unwrap().sender;
    let message = MsgProposeValidator { sender, pub_key: key, power, moniker: "one".to_owned() };
    admin.sign(sequence, &[to_any(&message)], 0)
}

/// A receipt of nobody's account, as a node makes it for who trusts the genesis, read by such a one.
async fn receipt(ledger: &Arc<dyn Ledger>, genesis: &Genesis) -> Result<VerifiedReceipt, ReceiptError> {
    let first = validators_of(genesis).unwrap().hash().as_bytes().try_into().unwrap();
    let tip = ledger.tip();
    let signed = ledger.signed(&tip).await.unwrap();
    let handovers = ledger.clone().handovers(Some(first), &signed).await;
    let before = ledger.tips().at(tip.height - 1).unwrap();
    let proof = before.snapshot.prove(tree::VALIDATORS).unwrap();
    let record = ProvenRecord {
        state_key: tree::VALIDATORS.to_vec(),
        absent: false,
        record: proof.record.unwrap(),
        proof: proof.proof,
    };
    let evidence = Evidence {
        signed_header: &signed.header,
        validators: &signed.validators,
        handovers: &handovers,
        ticket: None,
        records: vec![record],
    };
    VerifiedReceipt::verify(&evidence.encode(), &Trust::Pinned { validators_hash: first, chain_id: None })
}

#[tokio::test(flavor = "multi_thread")]
async fn a_node_that_joined_after_two_changes_still_proves_them_from_the_genesis() {
    let _turn = turn().await;
    let mut network = Network::prepare(&[10]);
    let port = free_addresses().next().unwrap().port();
    let lines = format!("rpc = \"127.0.0.1:{port}\"\nsnapshot_interval = 4\nretain_blocks = 1");
    network.configure(0, &lines);
    network.start(0).await;
    let genesis = network.homes[0].genesis().unwrap();
    let (one, admin) = (network.ledger(0), Person::number(0));
    let mut last = 0;
    for (sequence, power) in [(0, 11), (1, 12)] {
        last = execute(&one, &vote(&network, sequence, power)).await;
    }
    let mut sequence = 2;
    let mut step = async || {
        sequence += 1;
        execute(&one, &admin.appoint(sequence - 1, &Person::number(u16::try_from(sequence).unwrap()))).await
    };
    while step().await < last + 12 {}
    let gone = network.rpc(0).signed_header(2).await;
    assert!(gone.is_err(), "the blocks are still there");

    let two = network.add();
    let servers: Vec<String> =
        ["127.0.0.1", "localhost"].map(|host| format!("http://{host}:{port}")).to_vec();
    let point = agree_on_header(&servers, &genesis.chain_id, PATIENCE).await.unwrap();
    let (trust_height, trust_hash) = (point.height, point.hash);
    let section = StateSyncConfig { servers, trust_height, trust_hash, key_never_signed: false };
    network.homes[two].add_state_sync(&section).unwrap();
    // The light client needs the two headers after the snapshot's.
    step().await;
    step().await;
    network.start(two).await;
    let joined = network.ledger(two);
    reaches(&joined, 1).await;
    let start = joined.machine().history_start(&joined.tip().snapshot).unwrap();
    assert!(start.unwrap().from > last + 2, "it has executed the changes itself");
    let height = step().await;
    reaches(&joined, height).await;
    until("a receipt that leads from the genesis", async || receipt(&joined, &genesis).await.map(drop)).await;
    let read = receipt(&joined, &genesis).await.unwrap();
    assert_eq!(read.handovers(), 2);
    // It has them for ever: written beside the state, and there when everyone else is away.
    let height = step().await;
    reaches(&joined, height).await;
    drop(joined);
    network.stop(two).await;
    network.start(two).await;
    network.stop(0).await;
    let first = validators_of(&genesis).unwrap().hash().as_bytes().try_into().unwrap();
    let joined = network.ledger(two);
    until("a signed header", async || joined.signed(&joined.tip()).await.map(drop)).await;
    let signed = joined.signed(&joined.tip()).await.unwrap();
    assert_eq!(joined.clone().handovers(Some(first), &signed).await.len(), 2);
    network.stop(two).await;
}
