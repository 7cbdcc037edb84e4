//! What the block log keeps of each block: the block, and what executing it must lead to again.
//!
//! `app hash (32) ‖ results hash (32) ‖ block`, where the app hash is the root of the state *after* the block. The log's own
//! frame has the length and a checksum.

use sealdesk_protocol::block::{Block, BlockError, Hash, TxResult, results_hash};

pub(super) const HASH_BYTES: usize = 32;

/// A block and its outcome.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LogRecord {
    /// The block.
    pub block: Block,
    /// Root of the state after it.
    pub app_hash: [u8; HASH_BYTES],
    /// Root over the results of its transactions.
    pub results_hash: [u8; HASH_BYTES],
}

impl LogRecord {
    /// Bytes of a record's encoding that are not its block's.
    pub(super) const HASHES_BYTES: usize = 2 * HASH_BYTES;

    /// A block that was executed.
    pub fn new(block: Block, app_hash: [u8; HASH_BYTES], results: &[TxResult]) -> Self {
        Self { block, app_hash, results_hash: sha256(results_hash(results)) }
    }

    /// The record's bytes.
    pub fn encode(&self) -> Vec<u8> {
        let mut bytes = Vec::new();
        bytes.extend_from_slice(&self.app_hash);
        bytes.extend_from_slice(&self.results_hash);
        bytes.extend_from_slice(&self.block.encode());
        bytes
    }

    /// Reads a record back.
    ///
    /// # Errors
    /// [`BlockError`] if it holds no block.
    pub fn decode(bytes: &[u8]) -> Result<Self, BlockError> {
        let short = || BlockError::Encoding("the record is too short".to_owned());
        let (app_hash, rest) = bytes.split_first_chunk().ok_or_else(short)?;
        let (results_hash, block) = rest.split_first_chunk().ok_or_else(short)?;
        Ok(Self { block: Block::decode(block)?, app_hash: *app_hash, results_hash: *results_hash })
    }

    /// The results hash as the next header names it.
    pub fn results(&self) -> Hash {
        Hash::Sha256(self.results_hash)
    }
}

/// The bytes of a hash; headers allow a missing one, which this ledger never has.
pub(super) fn sha256(hash: Hash) -> [u8; HASH_BYTES] {
    match hash {
        Hash::Sha256(bytes) => bytes,
        Hash::None => [0; HASH_BYTES],
    }
}
