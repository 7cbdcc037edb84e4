//! Receipts of the world's states, signed by its one validator.

use ed25519_dalek::{Signer as _, SigningKey};
use sealdesk_protocol::block::{
    Block, Ground, SignedHeader, Time, ValidatorSet, commit_with, validator_address, validator_set,
};
use sealdesk_protocol::ids::{ChainId, TicketId};
use sealdesk_protocol::receipt::{Evidence, Handover};
use sealdesk_protocol::state::tree as keys;
use sealdesk_protocol::wire::sealdesk::ledger::v1::ProvenRecord;
use sealdesk_protocol::wire::virtengine::support::v1::TicketHead;
use sealdesk_testkit::proof_tree::ProofTree;

use super::{Records, World, chain_id, read};

impl World {
    /// A receipt of the state after a height.
    pub(crate) fn receipt(&self, height: u64, ticket: Option<TicketId>, others: &[Vec<u8>]) -> Vec<u8> {
        let state = &self.states[usize::try_from(height).unwrap() - 1];
        let leaves: Vec<_> = state.iter().map(|(key, record)| (key.clone(), record.clone())).collect();
        let tree = ProofTree::new(&leaves);
        let mut wanted = ticket.map(|id| own_keys(state, id)).unwrap_or_default();
        wanted.extend_from_slice(others);
        let records = wanted.into_iter().map(|key| proven(&tree, state, key)).collect();
        let (mut newest, mut handovers) = (if self.usurped { 8 } else { 7 }, Vec::new());
        for &(at, next) in self.successors.iter().filter(|(at, _)| *at <= height) {
            let (signed_header, validators) = signed(&self.place(at, at), [0; 32], newest, next);
            handovers.push(Handover { signed_header, validators });
            newest = next;
        }
        if self.silent_on_handovers {
            handovers.clear();
        }
        let (signed_header, validators) =
            signed(&self.place(height + 1, height), tree.root(), newest, newest);
        let (signed_header, validators, handovers) = (&signed_header, &validators, &handovers);
        Evidence { signed_header, validators, handovers, ticket, records }.encode()
    }

    /// Where a header stands, with the time of the state after a height.
    fn place(&self, height: u64, of: u64) -> Place {
        Place { chain: self.chain.clone().unwrap_or_else(chain_id), height, time: self.time(of) }
    }
}

/// The ledger, the height and the time that a header names.
struct Place {
    chain: ChainId,
    height: u64,
    time: i64,
}

/// The hash of one validator alone.
pub(crate) fn validators_hash(seed: u8) -> [u8; 32] {
    alone(seed).hash().as_bytes().try_into().unwrap()
}

fn key(seed: u8) -> SigningKey {
    SigningKey::from_bytes(&[seed; 32])
}

fn alone(seed: u8) -> ValidatorSet {
    validator_set(&[(key(seed).verifying_key().to_bytes(), 1)]).unwrap()
}

/// A header that one validator signed, and who signs the next.
fn signed(place: &Place, app_hash: [u8; 32], by: u8, next: u8) -> (SignedHeader, ValidatorSet) {
    let validators = alone(by);
    let ground = Ground { chain_id: &place.chain, validators: &validators, app_hash, previous: None };
    let time = Time::from_unix_timestamp(place.time, 0).unwrap();
    let mut block = Block::build(ground, time, vec![]).unwrap();
    block.header.height = place.height.try_into().unwrap();
    block.header.next_validators_hash = alone(next).hash();
    let id = block.id().unwrap();
    let sign = |bytes: &[u8]| key(by).sign(bytes).to_bytes();
    let address = validator_address(&key(by).verifying_key().to_bytes()).unwrap();
    let commit = commit_with(&block, id, address, sign).unwrap();
    (SignedHeader::new(block.header, commit).unwrap(), validators)
}

fn own_keys(state: &Records, id: TicketId) -> Vec<Vec<u8>> {
    let count = read::<TicketHead>(state, &keys::ticket(id)).ticket.unwrap_or_default().response_count;
    let responses = (0..count).map(|index| keys::response(id, index));
    [keys::ticket(id)].into_iter().chain(responses).collect()
}

fn proven(tree: &ProofTree, state: &Records, state_key: Vec<u8>) -> ProvenRecord {
    let found = state.get(&state_key).cloned();
    let proof = tree.prove(&state_key);
    ProvenRecord { absent: found.is_none(), record: found.unwrap_or_default(), proof, state_key }
}
