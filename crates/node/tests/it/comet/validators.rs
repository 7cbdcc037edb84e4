//! Votes on validators through ABCI and through the machine alone: the same blocks, roots, results and updates.

use sealdesk_machine::ValidatorUpdate;
use sealdesk_node::ledger::Ledger as _;
use sealdesk_protocol::block::validator_set;
use sealdesk_protocol::genesis::{Genesis, validators_of};
use sealdesk_protocol::messages::to_any;
use sealdesk_protocol::wire::sealdesk::ledger::v1::{MsgProposeValidator, QueryValidatorsRequest};
use sealdesk_protocol::wire::virtengine::roles::v1::{MsgAssignRole, MsgRevokeRole, MsgSetAccountState};
use sealdesk_store::testing::MemoryDisk;
use sealdesk_testkit::CHAIN_ID;
use sealdesk_testkit::desk::Desk;
use sealdesk_testkit::people::{KeyPair, Person};
use sealdesk_testkit::random::Random;
use sealdesk_testkit::transaction::Draft;
use sealdesk_testkit::trust::{Ledger, complete};
use tendermint_proto::v0_38::abci;
use tendermint_proto::v0_38::crypto::public_key::Sum;

use super::abci::{Comet, app, block};
use super::differential::genesis;
use crate::desk::BEGIN;

const BLOCKS: u64 = 400;

/// Administrators who change each other and the validators.
struct Council {
    people: Vec<(Person, u64)>,
    random: Random,
}

impl Council {
    fn new() -> Self {
        let people = ["admin", "ann", "ben", "cat"].map(|name| (Person::new(name), 0)).to_vec();
        Self { people, random: Random::new(5) }
    }

    fn transaction(&mut self, ledger: &Ledger, changed: &mut [u64]) -> Vec<u8> {
        // The first one never loses his role, so that votes go on.
        let who = if self.random.one_in(3) { self.random.below(self.people.len()) } else { 0 };
        let address = self.people[1 + self.random.below(3)].0.text.clone();
        let sender = self.people[who].0.text.clone();
        let role = "administrator".to_owned();
        let message = match self.random.below(16) {
            0 => to_any(&MsgAssignRole { sender, address, role, ..Default::default() }),
            1 => to_any(&MsgRevokeRole { sender, address, role, ..Default::default() }),
            2 => {
                let state = self.random.pick(&["active", "suspended"]).to_string();
                to_any(&MsgSetAccountState { sender, address, state, ..Default::default() })
            }
            _ => {
                let key = KeyPair::of("validator", self.random.below(6)).signing_public();
                let power = *self.random.pick(&[0, 0, 1, 2, 1_000_000_000]);
                to_any(&MsgProposeValidator { sender, pub_key: key.to_vec(), power, moniker: "x".to_owned() })
            }
        };
        let sequence = changed[who];
        changed[who] += 1;
        let (person, _) = &self.people[who];
        let message = complete(ledger, person, message);
        Draft::new(CHAIN_ID, vec![message], &[(person, sequence)]).sign(&[person])
    }

    /// The transactions of the next block, all of which use up their sequences.
    fn block(&mut self, ledger: &Ledger) -> Vec<Vec<u8>> {
        let mut sequences: Vec<u64> = self.people.iter().map(|(_, sequence)| *sequence).collect();
        let count = self.random.below(4);
        let txs = (0..count).map(|_| self.transaction(ledger, &mut sequences)).collect();
        for ((_, sequence), next) in self.people.iter_mut().zip(sequences) {
            *sequence = next;
        }
        txs
    }
}

fn ours(update: &abci::ValidatorUpdate) -> ValidatorUpdate {
    let Some(Sum::Ed25519(key)) = update.pub_key.as_ref().unwrap().sum.as_ref() else { panic!("no key") };
    ValidatorUpdate {
        pub_key: key.as_slice().try_into().unwrap(),
        power: u32::try_from(update.power).unwrap(),
    }
}

fn council_genesis(council: &Council) -> Genesis {
    genesis(&council.people[0].0)
}

#[tokio::test(flavor = "multi_thread")]
async fn votes_on_validators_come_to_the_same_through_abci_as_through_the_machine_alone() {
    let mut council = Council::new();
    let genesis = council_genesis(&council);
    let mut machine = Desk::from_genesis(&genesis);
    let mut comet = Comet::begin(MemoryDisk::new(), &genesis).await;
    let (mut refused, mut changed) = (0, 0);
    for height in 1..=BLOCKS {
        let time = BEGIN + i64::try_from(height).unwrap();
        let txs = council.block(&machine.ledger());
        machine.begin(time);
        let executed: Vec<_> = txs.iter().map(|tx| machine.execute(tx)).collect();
        let updates = machine.end();
        let finalized = comet.finalize(&block(height, time * 1_000, &txs)).await;
        assert_eq!(finalized.app_hash, machine.snapshot().root().as_slice(), "roots of block {height}");
        for (theirs, ours) in finalized.tx_results.iter().zip(&executed) {
            assert_eq!((theirs.code, theirs.data.to_vec()), (ours.code, ours.data.clone()));
            assert_eq!(theirs.events.len(), ours.abci_events().len());
            refused += usize::from(ours.code != 0);
        }
        let theirs: Vec<ValidatorUpdate> = finalized.validator_updates.iter().map(ours).collect();
        assert_eq!(theirs, updates, "updates of block {height}");
        changed += usize::from(!updates.is_empty());
        comet.commit().await;
    }
    assert!(changed > 20 && refused > 50, "{changed} changes, {refused} refusals");
    comet.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn who_signs_a_block_is_read_from_the_state_two_blocks_before_it() {
    let council = Council::new();
    let genesis = council_genesis(&council);
    let disk = MemoryDisk::new();
    let mut comet = Comet::begin(disk.clone(), &genesis).await;
    let (admin, key) = (&council.people[0].0, KeyPair::of("validator", 1).signing_public());
    let message = to_any(&MsgProposeValidator {
        sender: admin.text.clone(),
        pub_key: key.to_vec(),
        power: 7,
        moniker: "second".to_owned(),
    });
    let tx = Draft::new(CHAIN_ID, vec![message], &[(admin, 0)]).sign(&[admin]);
    let first = validators_of(&genesis).unwrap();
    let own: [u8; 32] = genesis.validators[0].pub_key.value.as_slice().try_into().unwrap();
    let both = validator_set(&[(own, 10), (key, 7)]).unwrap();
    for (height, expected) in [(1, &first), (2, &first), (3, &both), (4, &both)] {
        let txs = if height == 1 { vec![tx.clone()] } else { Vec::new() };
        comet.decide(&block(height, (BEGIN + 1) * 1_000, &txs)).await;
        assert_eq!(comet.gate.validators().hash(), expected.hash(), "block {height}");
        let asked = comet.gate.machine().validators(&comet.gate.tip().snapshot, &QueryValidatorsRequest {});
        assert_eq!(asked.unwrap().validators.len(), 2);
    }
    comet.stop().await;
    // A node that is opened again knows it as well.
    assert_eq!(app(disk, &genesis).handle().validators().hash(), both.hash());
}
