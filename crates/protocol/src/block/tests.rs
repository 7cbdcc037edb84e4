use ed25519_dalek::{Signer as _, SigningKey};
use proptest::prelude::*;

use super::*;

fn key() -> SigningKey {
    SigningKey::from_bytes(&[7; 32])
}

fn set() -> ValidatorSet {
    validator_set(&[(key().verifying_key().to_bytes(), 1)]).unwrap()
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

/// Blocks that CometBFT itself made, as its RPC shows them.
#[derive(serde::Deserialize)]
struct CometBlocks {
    validators: Vec<serde_json::Value>,
    blocks: Vec<CometBlock>,
}

#[derive(serde::Deserialize)]
struct CometBlock {
    block_id: BlockId,
    block: tendermint::Block,
    commit: Option<Commit>,
    results: Option<Vec<serde_json::Value>>,
}

fn comet_blocks() -> CometBlocks {
    serde_json::from_str(include_str!("../../../../vectors/cometbft-blocks.json")).unwrap()
}

#[test]
fn a_block_of_cometbft_has_the_same_bytes_and_id_here() {
    let known = comet_blocks();
    assert!(known.blocks.iter().any(|known| !known.block.data.is_empty()));
    for known in known.blocks {
        let block = Block {
            header: known.block.header,
            txs: known.block.data,
            last_commit: known.block.last_commit.filter(|commit| commit.height.value() > 0),
        };
        assert_eq!(block.id().unwrap(), known.block_id, "height {}", block.height());
        assert_eq!(Block::decode(&block.encode()).unwrap(), block);
        assert_eq!(block.header.consensus_hash, params_hash(22_020_096, -1));
        assert!(known.commit.is_none_or(|commit| commit.block_id == known.block_id));
        assert_eq!(known.results.unwrap_or_default().len(), block.txs.len());
    }
}

#[test]
fn cometbft_s_first_block_names_the_same_empty_things() {
    let header = comet_blocks().blocks.remove(0).block.header;
    let ours = chain(&[vec![]]).remove(0).header;
    assert_eq!(header.last_block_id, ours.last_block_id);
    assert_eq!(header.last_commit_hash, ours.last_commit_hash);
    assert_eq!(header.data_hash, ours.data_hash);
    assert_eq!(header.last_results_hash, ours.last_results_hash);
    assert_eq!(header.evidence_hash, ours.evidence_hash);
    assert_eq!(header.version.block, ours.version.block);
}

#[test]
fn cometbft_s_validators_and_votes_hash_and_verify_the_same() {
    use base64::Engine as _;
    let known = comet_blocks();
    let key = known.validators[0]["pub_key"]["value"].as_str().unwrap();
    let key: [u8; 32] = base64::prelude::BASE64_STANDARD.decode(key).unwrap().try_into().unwrap();
    let header = &known.blocks[1].block.header;
    assert_eq!(validator_address(&key).unwrap(), header.proposer_address);
    let CommitSig::BlockIdFlagCommit { timestamp, signature, .. } =
        &known.blocks[1].commit.as_ref().unwrap().signatures[0]
    else {
        panic!("the only validator signed")
    };
    let bytes = precommit_bytes(&header.chain_id, header.height, known.blocks[1].block_id, *timestamp);
    let signature = ed25519_dalek::Signature::from_slice(signature.as_ref().unwrap().as_bytes()).unwrap();
    ed25519_dalek::VerifyingKey::from_bytes(&key).unwrap().verify_strict(&bytes, &signature).unwrap();
}

proptest! {
    #[test]
    fn no_bytes_make_decoding_panic(bytes in proptest::collection::vec(any::<u8>(), 0..300)) {
        let _ = Block::decode(&bytes);
    }
}
