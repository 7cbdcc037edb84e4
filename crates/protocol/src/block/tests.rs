use ed25519_dalek::{Signer as _, SigningKey};
use proptest::prelude::*;

use super::*;

fn key() -> SigningKey {
    SigningKey::from_bytes(&[7; 32])
}

fn set() -> ValidatorSet {
    single_validator(key().verifying_key().as_bytes()).unwrap()
}

fn time(seconds: i64) -> Time {
    Time::from_unix_timestamp(seconds, 5).unwrap()
}

/// Builds a chain of blocks, one list of transactions each.
fn chain(blocks: &[Vec<Vec<u8>>]) -> Vec<Block> {
    let (chain_id, validators) = (ChainId::parse("desk-1").unwrap(), set());
    let mut previous = None;
    let mut built = Vec::new();
    for (n, txs) in blocks.iter().enumerate() {
        let ground = Ground { chain_id: &chain_id, validators: &validators, app_hash: [9; 32], previous };
        let block = Block::build(ground, time(1_000 + i64::try_from(n).unwrap()), txs.clone()).unwrap();
        let id = block.id().unwrap();
        let signer = block.header.proposer_address;
        let commit = commit_with(&block, id, signer, |bytes| key().sign(bytes).to_bytes()).unwrap();
        let results = vec![TxResult { code: 0, data: vec![1] }; txs.len()];
        previous =
            Some(Previous { height: block.height(), id, commit, results_hash: results_hash(&results) });
        built.push(block);
    }
    built
}

#[test]
fn a_block_reads_back_as_it_was_written() {
    for block in chain(&[vec![], vec![vec![1, 2], vec![]], vec![vec![3; 200_000]]]) {
        assert_eq!(Block::decode(&block.encode()).unwrap(), block);
    }
}

#[test]
fn a_block_names_the_one_before_it() {
    let blocks = chain(&[vec![], vec![vec![1]], vec![]]);
    assert_eq!(blocks[0].header.last_block_id, None);
    assert_eq!(blocks[2].header.last_block_id, Some(blocks[1].id().unwrap()));
    assert_eq!(blocks[2].last_commit.as_ref().unwrap().block_id, blocks[1].id().unwrap());
    assert_eq!(blocks[2].height(), 3);
}

#[test]
fn a_long_block_has_one_part_for_every_64_kibibytes() {
    let block = &chain(&[vec![vec![3; 200_000]]])[0];
    assert_eq!(block.id().unwrap().part_set_header.total, 4);
}

#[test]
fn signing_the_same_block_again_makes_the_same_commit() {
    let block = &chain(&[vec![vec![1]]])[0];
    let commit = || {
        let signer = block.header.proposer_address;
        commit_with(block, block.id().unwrap(), signer, |bytes| key().sign(bytes).to_bytes()).unwrap()
    };
    assert_eq!(commit(), commit());
}

#[test]
fn every_changed_byte_of_a_block_is_noticed() {
    let blocks = chain(&[vec![], vec![vec![1, 2, 3], vec![4]]]);
    let (bytes, id) = (blocks[1].encode(), blocks[1].id().unwrap());
    for at in 0..bytes.len() {
        let mut changed = bytes.clone();
        changed[at] ^= 1;
        let same = Block::decode(&changed).is_ok_and(|block| block.id() == Ok(id));
        assert!(!same, "byte {at}");
    }
}

proptest! {
    #[test]
    fn no_bytes_make_decoding_panic(bytes in proptest::collection::vec(any::<u8>(), 0..300)) {
        let _ = Block::decode(&bytes);
    }
}
