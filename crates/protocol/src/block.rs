//! Blocks of CometBFT's shape and hashing, so that one verifier serves an embedded ledger and a replicated one.
//!
//! A header says what the ledger was before its block: `app_hash` of the header at height H + 1 is the root of the state after
//! the block at height H. Times carry nanoseconds here; the machine sees whole Unix seconds.

mod commit;
mod encoding;
mod validators;

pub use commit::{commit_with, precommit_bytes};
pub use encoding::BlockError;
pub use tendermint::block::signed_header::SignedHeader;
pub use tendermint::block::{Commit, CommitSig, Header, Id as BlockId};
pub use tendermint::validator::Set as ValidatorSet;
pub use tendermint::{AppHash, Hash, Time};
pub use validators::{ValidatorError, validator_address, validator_set};

use tendermint::crypto::default::Sha256;
use tendermint::merkle::simple_hash_from_byte_vectors;
use tendermint::{account, chain};
use tendermint_proto::v0_38::{abci::ExecTxResult, types::HashedParams};

use prost::Message as _;

use crate::ids::ChainId;

/// Version of the block format that CometBFT 0.38 writes.
const BLOCK_VERSION: u64 = 11;
/// Version of the state machine's rules, named in every header.
pub const APP_VERSION: u64 = 1;
/// Longest block, in bytes of its protobuf encoding; a consensus parameter of every ledger of this program.
pub const BLOCK_BYTES_MAX: u32 = 4_194_304;
/// The consensus parameter that stands for unlimited gas: this ledger has none.
const GAS_UNLIMITED: i64 = -1;

/// A block: its header, its transactions as received, and the commit of the block before it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Block {
    /// What the validators sign.
    pub header: Header,
    /// The transactions, in order.
    pub txs: Vec<Vec<u8>>,
    /// The signatures over the block before; `None` in the first block.
    pub last_commit: Option<Commit>,
}

/// What a block stands on: who may sign it, and the block before.
#[derive(Clone, Debug)]
pub struct Ground<'a> {
    /// The ledger's name.
    pub chain_id: &'a ChainId,
    /// Who signs this block, and the next.
    pub validators: &'a ValidatorSet,
    /// Root of the state before this block.
    pub app_hash: [u8; 32],
    /// The block before; `None` for the first.
    pub previous: Option<Previous>,
}

/// The block before the one to build.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Previous {
    /// Its height.
    pub height: u64,
    /// Its id.
    pub id: BlockId,
    /// The signatures over it.
    pub commit: Commit,
    /// Root over the results of its transactions, from [`results_hash`].
    pub results_hash: Hash,
}

/// The part of a transaction's result that the next header commits to. Texts and events are not in it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TxResult {
    /// 0, or the code of the refusal.
    pub code: u32,
    /// The encoded responses of the messages.
    pub data: Vec<u8>,
}

impl Block {
    /// Builds the block that follows `ground`, proposed by the first of its validators.
    ///
    /// # Errors
    /// [`BlockError::Height`] past what a header can hold, [`BlockError::NoValidators`] for an empty set.
    pub fn build(ground: Ground<'_>, time: Time, txs: Vec<Vec<u8>>) -> Result<Self, BlockError> {
        let height = ground.previous.as_ref().map_or(0, |previous| previous.height).checked_add(1);
        let height = height.and_then(|h| h.try_into().ok()).ok_or(BlockError::Height)?;
        let proposer = ground.validators.validators().first().ok_or(BlockError::NoValidators)?;
        let validators_hash = ground.validators.hash();
        let (last_block_id, last_results_hash, last_commit) = match ground.previous {
            Some(previous) => (Some(previous.id), previous.results_hash, Some(previous.commit)),
            None => (None, merkle_root::<Vec<u8>>(&[]), None),
        };
        let header = Header {
            version: tendermint::block::header::Version { block: BLOCK_VERSION, app: APP_VERSION },
            chain_id: chain_id(ground.chain_id)?,
            height,
            time,
            last_block_id,
            last_commit_hash: Some(encoding::commit_hash(last_commit.as_ref())),
            data_hash: Some(data_hash(&txs)),
            validators_hash,
            next_validators_hash: validators_hash,
            consensus_hash: consensus_hash(),
            app_hash: app_hash(ground.app_hash),
            last_results_hash: Some(last_results_hash),
            evidence_hash: Some(merkle_root::<Vec<u8>>(&[])),
            proposer_address: proposer.address,
        };
        Ok(Self { header, txs, last_commit })
    }

    /// The height in the header.
    pub fn height(&self) -> u64 {
        self.header.height.value()
    }

    /// The block's time as the machine sees it: Unix seconds, rounded down.
    pub fn unix_time(&self) -> i64 {
        self.header.time.unix_timestamp()
    }

    /// Root of the state before this block.
    pub fn app_hash(&self) -> &[u8] {
        self.header.app_hash.as_bytes()
    }
}

/// Root over the results of a block's transactions.
pub fn results_hash(results: &[TxResult]) -> Hash {
    let encoded: Vec<Vec<u8>> = results
        .iter()
        .map(|result| {
            let result = ExecTxResult {
                code: result.code,
                data: result.data.clone().into(),
                ..ExecTxResult::default()
            };
            result.encode_to_vec()
        })
        .collect();
    merkle_root(&encoded)
}

/// Root over a block's transactions: over their hashes, as CometBFT has it.
pub fn data_hash(txs: &[Vec<u8>]) -> Hash {
    use sha2::Digest as _;
    let hashes: Vec<[u8; 32]> = txs.iter().map(|tx| sha2::Sha256::digest(tx).into()).collect();
    merkle_root(&hashes)
}

/// Hash of the two consensus parameters that headers commit to.
pub fn consensus_hash() -> Hash {
    params_hash(BLOCK_BYTES_MAX, GAS_UNLIMITED)
}

fn params_hash(block_bytes_max: u32, gas_max: i64) -> Hash {
    use sha2::Digest as _;
    let params = HashedParams { block_max_bytes: i64::from(block_bytes_max), block_max_gas: gas_max };
    Hash::Sha256(sha2::Sha256::digest(params.encode_to_vec()).into())
}

fn merkle_root<B: AsRef<[u8]>>(leaves: &[B]) -> Hash {
    Hash::Sha256(simple_hash_from_byte_vectors::<Sha256>(leaves))
}

fn app_hash(root: [u8; 32]) -> AppHash {
    AppHash::try_from(root.to_vec()).unwrap_or_default()
}

fn chain_id(id: &ChainId) -> Result<chain::Id, BlockError> {
    chain::Id::try_from(id.as_str().to_owned()).map_err(|_| BlockError::ChainId)
}

/// Address of a validator in headers and commits: the first 20 bytes of SHA-256 of its key.
pub type ValidatorAddress = account::Id;

#[cfg(test)]
mod tests;
