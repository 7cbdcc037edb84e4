//! Receipts of the world's states, signed by its one validator.

use ed25519_dalek::{Signer as _, SigningKey};
use sealdesk_protocol::block::{
    Block, Ground, SignedHeader, Time, commit_with, validator_address, validator_set,
};
use sealdesk_protocol::ids::TicketId;
use sealdesk_protocol::receipt::Evidence;
use sealdesk_protocol::state::tree as keys;
use sealdesk_protocol::wire::sealdesk::ledger::v1::ProvenRecord;
use sealdesk_protocol::wire::virtengine::support::v1::TicketHead;

use super::tree::test_tree::TestTree;
use super::{NOW, Records, World, chain_id, read};

impl World {
    /// A receipt of the state after a height.
    pub(crate) fn receipt(&self, height: u64, ticket: Option<TicketId>, others: &[Vec<u8>]) -> Vec<u8> {
        let state = &self.states[usize::try_from(height).unwrap() - 1];
        let leaves: Vec<_> = state.iter().map(|(key, record)| (key.clone(), record.clone())).collect();
        let tree = TestTree::new(&leaves);
        let mut wanted = ticket.map(|id| own_keys(state, id)).unwrap_or_default();
        wanted.extend_from_slice(others);
        let records = wanted.into_iter().map(|key| proven(&tree, state, key)).collect();
        let signer = SigningKey::from_bytes(&[if self.usurped { 8 } else { 7 }; 32]);
        let public = signer.verifying_key().to_bytes();
        let validators = validator_set(&[(public, 1)]).unwrap();
        let chain = chain_id();
        let ground =
            Ground { chain_id: &chain, validators: &validators, app_hash: tree.root(), previous: None };
        let mut block = Block::build(ground, Time::from_unix_timestamp(NOW, 0).unwrap(), vec![]).unwrap();
        block.header.height = (height + 1).try_into().unwrap();
        let id = block.id().unwrap();
        let sign = |bytes: &[u8]| signer.sign(bytes).to_bytes();
        let commit = commit_with(&block, id, validator_address(&public).unwrap(), sign).unwrap();
        let signed_header = SignedHeader::new(block.header, commit).unwrap();
        Evidence { signed_header: &signed_header, validators: &validators, ticket, records }.encode()
    }
}

fn own_keys(state: &Records, id: TicketId) -> Vec<Vec<u8>> {
    let count = read::<TicketHead>(state, &keys::ticket(id)).ticket.unwrap_or_default().response_count;
    let responses = (0..count).map(|index| keys::response(id, index));
    [keys::ticket(id)].into_iter().chain(responses).collect()
}

fn proven(tree: &TestTree, state: &Records, state_key: Vec<u8>) -> ProvenRecord {
    let found = state.get(&state_key).cloned();
    let proof = tree.prove(&state_key);
    ProvenRecord { absent: found.is_none(), record: found.unwrap_or_default(), proof, state_key }
}
