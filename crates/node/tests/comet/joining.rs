//! A state that came from another node, and the validators that it has: who signs is theirs, and a key that may have signed already
//! does not come back with it.

use std::sync::Arc;

use sealdesk_node::comet::App;
use sealdesk_node::comet::snapshots::SnapshotSetup;
use sealdesk_node::ledger::Ledger as _;
use sealdesk_protocol::block::{validator_set, validators_of};
use sealdesk_store::testing::Faults;

use tendermint_proto::v0_38::abci::response_offer_snapshot::Result as Offered;

use super::kit::people::KeyPair;
use super::syncing::{Maker, Offer, STATE, apply, info, offer, open, open_with, sync};

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
    fn new(votes: &[([u8; 32], u64)], just_before: bool) -> Self {
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
        let setup = SnapshotSetup { data, shelf, interval: 0, unrecorded_key: Some(key) };
        open_with(disks, &self.maker.genesis, setup).unwrap()
    }

    /// Whether a key without a record comes in with this state. If not, the ledger stops and nothing else has changed.
    fn lets_in(&self, key: [u8; 32]) -> bool {
        let disks = Faults::new(0);
        let app = self.node(&disks, key);
        let before = (info(&app), disks.bytes(STATE));
        assert_eq!(offer(&app, &self.offered), Offered::Accept);
        let answer = apply(&app, 0, &self.offered.chunks[0]);
        let Some(why) = app.gate().stopped() else {
            assert_eq!(info(&app).last_block_app_hash, self.offered.app_hash);
            return true;
        };
        assert!(why.contains("no record of what it has signed") && why.contains("key_never_signed"), "{why}");
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
    assert_eq!(app.gate().validators().hash(), validators_of(&scene.maker.genesis).unwrap().hash());
    assert_eq!(sync(&app, &scene.offered), Ok(()));
    let restored = validator_set(&[(scene.first, 1), (key(1), 7), (key(2), 5)]).unwrap();
    assert_eq!(app.gate().validators().hash(), restored.hash());
    assert_eq!(app.gate().validators().hash(), scene.maker.app.gate().validators().hash());
}

#[test]
fn a_key_that_was_voted_in_and_comes_back_without_its_record_is_not_let_in_by_a_snapshot() {
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
