//! Why the embedded ledger does not start, or stopped.

use sealdesk_protocol::block::{BlockError, ValidatorError};
use sealdesk_protocol::genesis::GenesisError;
use sealdesk_store::StoreError;
use thiserror::Error;

use crate::machine_error::{MachineError, from_machine};

/// What stops the embedded ledger. After any of these the process ends; nothing is retried on a device whose state is unknown.
#[derive(Debug, Error)]
pub enum SoloError {
    /// The storage failed, is full, damaged, in use, or of a newer program.
    #[error(transparent)]
    Storage(#[from] StoreError),
    /// The state machine met something that must not be.
    #[error("the ledger's state is broken: {0}")]
    Machine(#[source] MachineError),
    /// The genesis does not make a ledger.
    #[error(transparent)]
    Genesis(#[from] GenesisError),
    /// A block could not be made or read.
    #[error(transparent)]
    Block(#[from] BlockError),
    /// The validator's key is malformed.
    #[error(transparent)]
    Validator(#[from] ValidatorError),
    /// The genesis names other validators than this node's key.
    #[error(
        "the genesis names another validator than the key of this node, which could make no blocks for it"
    )]
    OtherValidator,
    /// The data is of another ledger.
    #[error("the data directory holds the ledger {found}, the genesis is of {expected}")]
    OtherLedger {
        /// What the data says.
        found: String,
        /// What the genesis says.
        expected: String,
    },
    /// The state has blocks that the log has not.
    #[error("the state is at height {state}, the block log ends at {log}: the two are not of one time")]
    StateAhead {
        /// Height of the state.
        state: u64,
        /// Last height of the log.
        log: u64,
    },
    /// Blocks are missing that no prune has dropped.
    #[error(
        "the blocks {from} to {to} are missing from the block log, and this state still needs them: the two are not of one time"
    )]
    BlocksMissing {
        /// The first of them.
        from: u64,
        /// The last of them.
        to: u64,
    },
    /// Headers of dropped blocks are missing.
    #[error("of {dropped} dropped blocks only {headers} headers are there (data/headers)")]
    HeadersMissing {
        /// Headers that are there.
        headers: u64,
        /// Blocks of which nothing else is kept.
        dropped: u64,
    },
    /// A block of the log leads to something else than it did.
    #[error(
        "block {height} leads to {what} {found}, the block log says {expected}: this is not the program or the data that made it"
    )]
    Replay {
        /// The block.
        height: u64,
        /// Which hash.
        what: &'static str,
        /// What it leads to now.
        found: String,
        /// What it led to then.
        expected: String,
    },
    /// The log is older than what the key has signed.
    #[error(
        "the data of {chain_id} ends at block {log}, and its key has signed block {signed}: it was restored from an older copy. Going on from there would make a second history under one name"
    )]
    OlderCopy {
        /// The ledger.
        chain_id: String,
        /// The height signed.
        signed: u64,
        /// Last height of the log.
        log: u64,
    },
    /// The log holds another block than the one that the key has signed.
    #[error(
        "the data of {chain_id} holds another block {height} than its key has signed: it is a copy that went on by itself. Going on from there would make a second history under one name"
    )]
    OtherHistory {
        /// The ledger.
        chain_id: String,
        /// The height.
        height: u64,
    },
    /// The note of the last signed block is damaged.
    #[error(
        "the note of the last signed block (validator_signed) is damaged: nothing else says whether data/ is older than what the key has signed"
    )]
    SignedNote,
    /// The block's time would be past the year 9999.
    #[error("the time of the next block is past the year 9999")]
    Time,
    /// An earlier failure stopped the ledger.
    #[error("the ledger has stopped: {0}")]
    Stopped(String),
}

from_machine!(SoloError);

impl SoloError {
    /// Whether the data is not what the key has signed: it can be read and exported, and not gone on with.
    pub fn is_older_copy(&self) -> bool {
        matches!(self, Self::OlderCopy { .. } | Self::OtherHistory { .. })
    }

    /// Whether another process has the ledger open.
    pub fn is_in_use(&self) -> bool {
        matches!(self, Self::Storage(StoreError::Locked))
    }
}
