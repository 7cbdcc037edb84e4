//! Blocks of the log, as this node or another wrote them.

use ed25519_dalek::{Signer as _, SigningKey};
use sealdesk_protocol::block::{
    Block, Ground, Previous, SignedHeader, Time, TxResult, ValidatorSet, commit_with, results_hash,
    validator_address, validator_set,
};

use crate::people::chain_id;
use crate::{Outcome, Target};

pub(super) fn targets() -> Vec<Target> {
    vec![Target { name: "block", bytes_max: 4_096, run, seeds, contains_panics: false }]
}

fn run(data: &[u8]) -> Outcome {
    let decoded = Block::decode(data);
    if let Ok(block) = &decoded {
        assert!(block.encode() == data, "what was read is written otherwise");
        assert!(block.id().is_ok(), "a block that was read has no id");
        let _ = (block.height(), block.unix_time(), block.app_hash());
    }
    Outcome::from(&decoded)
}

fn seeds() -> Vec<Vec<u8>> {
    let first = block(None, [0; 32], Vec::new());
    let previous = Previous {
        height: first.height(),
        id: first.id().expect("a small block has an id"),
        commit: signed(&first).commit,
        results_hash: results_hash(&[TxResult { code: 5, data: vec![1] }]),
    };
    let second = block(Some(previous), [7; 32], vec![b"a transaction".to_vec(), Vec::new()]);
    vec![first.encode(), second.encode()]
}

fn validator() -> SigningKey {
    SigningKey::from_bytes(&[9; 32])
}

/// The set of the one validator that signs here.
pub(super) fn validators() -> ValidatorSet {
    validator_set(&[(validator().verifying_key().to_bytes(), 1)]).expect("a public key")
}

/// A block over a state.
pub(super) fn block(previous: Option<Previous>, app_hash: [u8; 32], txs: Vec<Vec<u8>>) -> Block {
    let (chain_id, validators) = (chain_id(), validators());
    let ground = Ground { chain_id: &chain_id, validators: &validators, app_hash, previous };
    let time = Time::from_unix_timestamp(1_700_000_000, 5).expect("a time of this century");
    Block::build(ground, time, txs).expect("a block follows")
}

/// Its header, signed by the validator.
pub(super) fn signed(block: &Block) -> SignedHeader {
    let key = validator();
    let address = validator_address(key.verifying_key().as_bytes()).expect("a public key");
    let id = block.id().expect("a small block has an id");
    let commit = commit_with(block, id, address, |bytes| key.sign(bytes).to_bytes()).expect("a signature");
    SignedHeader::new(block.header.clone(), commit).expect("header and commit fit")
}
