//! A block's bytes: the protobuf that CometBFT itself would write, cut into parts and hashed as CometBFT does.

use prost::Message as _;
use tendermint::block::parts::Header as PartsHeader;
use tendermint::block::{Commit, Header, Id};
use tendermint_proto::v0_38::types::{
    Block as RawBlock, BlockId as RawBlockId, Commit as RawCommit, Data, EvidenceList, PartSetHeader,
};
use thiserror::Error;

use super::{Block, BlockId, Hash, data_hash, merkle_root};

/// Bytes in one part of a block.
const PART_BYTES: usize = 65_536;

/// Why bytes are not a block, or a block cannot be built.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum BlockError {
    /// The height does not fit a header.
    #[error("the block's height is past what a header can hold")]
    Height,
    /// Nobody could sign the block.
    #[error("the list of validators is empty")]
    NoValidators,
    /// The chain id has a form that headers do not allow.
    #[error("the chain id does not fit a header")]
    ChainId,
    /// The signer returned something that is not a signature.
    #[error("the signer returned no ed25519 signature")]
    Signature,
    /// The bytes are not the one encoding of a block.
    #[error("these bytes are not a block: {0}")]
    Encoding(String),
    /// The header names other transactions or another commit than the block holds.
    #[error("the block's {0} is not what its header names")]
    Content(&'static str),
}

impl Block {
    /// The block's protobuf, as CometBFT writes it.
    pub fn encode(&self) -> Vec<u8> {
        let mut header: tendermint_proto::v0_38::types::Header = self.header.clone().into();
        // CometBFT's first block names an empty id, and an empty commit of height 0, where this library would leave both out.
        header.last_block_id.get_or_insert_with(empty_id);
        let raw = RawBlock {
            header: Some(header),
            data: Some(Data { txs: self.txs.clone() }),
            evidence: Some(EvidenceList { evidence: Vec::new() }),
            last_commit: Some(raw_commit(self.last_commit.as_ref())),
        };
        raw.encode_to_vec()
    }

    /// Reads what [`Block::encode`] wrote, and checks that the header names the transactions and the commit beside it.
    ///
    /// # Errors
    /// [`BlockError::Encoding`] unless the bytes are the one encoding, [`BlockError::Content`] if header and content differ.
    pub fn decode(bytes: &[u8]) -> Result<Self, BlockError> {
        let wrong = |error: &dyn std::fmt::Display| BlockError::Encoding(error.to_string());
        let raw = RawBlock::decode(bytes).map_err(|error| wrong(&error))?;
        let header = raw.header.ok_or_else(|| wrong(&"no header"))?;
        let header = Header::try_from(header).map_err(|error| wrong(&error))?;
        let last_commit = match raw.last_commit {
            Some(commit) if commit.height != 0 => {
                Some(Commit::try_from(commit).map_err(|error| wrong(&error))?)
            }
            _ => None,
        };
        let block = Block { header, txs: raw.data.unwrap_or_default().txs, last_commit };
        if block.encode() != bytes {
            return Err(wrong(&"not the canonical encoding"));
        }
        if block.header.data_hash != Some(data_hash(&block.txs)) {
            return Err(BlockError::Content("list of transactions"));
        }
        if block.header.last_commit_hash != Some(commit_hash(block.last_commit.as_ref())) {
            return Err(BlockError::Content("commit of the block before"));
        }
        Ok(block)
    }

    /// The block's id: the hash of its header and the root over its parts.
    ///
    /// # Errors
    /// [`BlockError::Height`] if the block has more parts than an id can count.
    pub fn id(&self) -> Result<BlockId, BlockError> {
        let bytes = self.encode();
        let parts: Vec<&[u8]> = bytes.chunks(PART_BYTES).collect();
        let total = u32::try_from(parts.len()).map_err(|_| BlockError::Height)?;
        let part_set_header = PartsHeader::new(total, merkle_root(&parts)).map_err(|_| BlockError::Height)?;
        Ok(Id { hash: self.header.hash(), part_set_header })
    }
}

/// Root over the signatures of a commit, which the next header names.
pub(super) fn commit_hash(commit: Option<&Commit>) -> Hash {
    let signatures: Vec<Vec<u8>> =
        raw_commit(commit).signatures.iter().map(prost::Message::encode_to_vec).collect();
    merkle_root(&signatures)
}

fn raw_commit(commit: Option<&Commit>) -> RawCommit {
    match commit {
        Some(commit) => commit.clone().into(),
        None => RawCommit { height: 0, round: 0, block_id: Some(empty_id()), signatures: Vec::new() },
    }
}

fn empty_id() -> RawBlockId {
    RawBlockId { hash: Vec::new(), part_set_header: Some(PartSetHeader { total: 0, hash: Vec::new() }) }
}
