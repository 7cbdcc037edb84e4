//! Blocks as other programs ask for them: whole ones by their height, and who signed them. Each engine reads them from where they are: the
//! embedded one from its own log, the replicated one from CometBFT.

use sealdesk_protocol::block::{BlockId, Commit, Header, SignedHeader};
use thiserror::Error;

/// A block that is whole.
#[derive(Clone, Debug)]
pub struct StoredBlock {
    /// Its name.
    pub id: BlockId,
    /// What the validators signed.
    pub header: Header,
    /// Its transactions, in order.
    pub txs: Vec<Vec<u8>>,
    /// The signatures over the block before; `None` in the first one.
    pub last_commit: Option<Commit>,
    /// What it takes in CometBFT's encoding, in bytes.
    pub bytes: u64,
}

/// A header with signatures over it.
#[derive(Clone, Debug)]
pub struct StoredCommit {
    /// Both.
    pub signed: SignedHeader,
    /// Whether the next block holds these very signatures; those over the newest block may still be others.
    pub is_canonical: bool,
}

/// Why a block is not here.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum NoBlock {
    /// Blocks count from 1.
    #[error("height must be greater than 0, but got 0")]
    Zero,
    /// It has not been made.
    #[error("height {height} must be less than or equal to the current blockchain height {newest}")]
    NotYet {
        /// What was asked for.
        height: u64,
        /// The newest block.
        newest: u64,
    },
    /// It was there, and was dropped.
    #[error("height {height} is not available, lowest height is {first}: this node has dropped older blocks")]
    Dropped {
        /// What was asked for.
        height: u64,
        /// The first block that is whole.
        first: u64,
    },
    /// It cannot be read now.
    #[error("block {height} cannot be read: {reason}")]
    Unavailable {
        /// What was asked for.
        height: u64,
        /// Why.
        reason: String,
    },
}

/// Transactions that wait for a block.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Waiting {
    /// How many.
    pub txs: usize,
    /// Bytes of all of them.
    pub bytes: usize,
}
