//! Why the replicated ledger does not start, or stopped.

use std::path::PathBuf;

use sealdesk_protocol::block::ValidatorError;
use sealdesk_protocol::genesis::GenesisError;
use sealdesk_store::StoreError;
use thiserror::Error;

use super::process::home::INSTALL;
use crate::home::HomeError;
use crate::machine_error::{MachineError, from_machine};

/// What stops the replicated ledger.
#[derive(Debug, Error)]
pub enum CometError {
    /// The storage failed, is full, damaged, in use, or of a newer program.
    #[error(transparent)]
    Storage(#[from] StoreError),
    /// The state machine met something that must not be.
    #[error("the ledger's state is broken: {0}")]
    Machine(#[source] MachineError),
    /// The genesis does not make a ledger.
    #[error(transparent)]
    Genesis(#[from] GenesisError),
    /// A validator's key is malformed.
    #[error(transparent)]
    Validator(#[from] ValidatorError),
    /// The data is of another ledger.
    #[error("the data directory holds the ledger {found}, the genesis is of {expected}")]
    OtherLedger {
        /// What the data says.
        found: String,
        /// What the genesis says.
        expected: String,
    },
    /// CometBFT was started with another genesis than this node.
    #[error("CometBFT begins with another genesis than this node: {0}")]
    OtherGenesis(&'static str),
    /// CometBFT asked for something out of turn.
    #[error("CometBFT asks for {asked}, the ledger is at height {height}")]
    OutOfTurn {
        /// What.
        asked: String,
        /// Where the ledger stands.
        height: u64,
    },
    /// CometBFT sent a message that says nothing, or nothing that can be.
    #[error("CometBFT's request is malformed: {0}")]
    Malformed(&'static str),
    /// There is no CometBFT on this machine.
    #[error("cometbft is not on this machine. Install it, then start again:\n  {INSTALL}")]
    NoProgram,
    /// The program given is not there.
    #[error("{0} is not there. Install CometBFT, or name it by --cometbft:\n  {INSTALL}")]
    NotThere(PathBuf),
    /// A file of CometBFT's cannot be written, or the program not be run.
    #[error("cannot use {path}: {error}")]
    Io {
        /// Which.
        path: PathBuf,
        /// What the system said.
        #[source]
        error: std::io::Error,
    },
    /// CometBFT died again and again.
    #[error("cometbft died {deaths} times in a row ({how}). Its last words:\n{last_words}")]
    Died {
        /// How often.
        deaths: u32,
        /// How, the last time.
        how: String,
        /// The end of its log.
        last_words: String,
    },
    /// The validator's memory of what it has signed is older than the state.
    #[error(
        "the validator's own record ends at height {signed}, the state is at {state}: a part of this home is an older copy, and going on could sign two blocks at one height. Restore the newest copy of the whole home"
    )]
    OlderCopy {
        /// Height in priv_validator_state.json.
        signed: u64,
        /// Height of the state.
        state: u64,
    },
    /// The home is a copy, and the others cannot show it what its validator has signed since.
    #[error(
        "this home is a copy, and the others make no blocks without its validator: if that has signed anything since the copy was made, going on could sign two blocks at one height. If it has not, remove {0} and start again"
    )]
    Copied(PathBuf),
    /// The section `[comet.state_sync]` cannot be used.
    #[error("[comet.state_sync] in config.toml: {0}")]
    StateSync(String),
    /// The servers of the state sync do not agree.
    #[error(
        "the servers do not agree on the header of block {height}, so one of them is wrong: {said}. Ask their organisations before you trust any"
    )]
    Disagree {
        /// Of which block.
        height: u64,
        /// What each of them said.
        said: String,
    },
    /// A server of the state sync gives no header.
    #[error(
        "{server} gives no header: {reason}. Name another server, or give --trust-height and --trust-hash"
    )]
    NoHeader {
        /// Which.
        server: String,
        /// Why.
        reason: String,
    },
    /// A validator's key without its record of what it has signed.
    #[error(
        "this home's key is a validator's, and nothing here records what it has signed: joining by state sync could sign two blocks at one height. Put the newest comet/data/priv_validator_state.json of that key in its place; or if the key has never signed anything anywhere, write key_never_signed = true under [comet.state_sync]"
    )]
    NoSigningRecord,
    /// The home holds a ledger that was made without CometBFT.
    #[error(
        "{0} holds a ledger of the embedded engine. Move it: `sealdesk export -o FILE`, and begin a replicated ledger with that file"
    )]
    MadeBySolo(PathBuf),
    /// The home cannot be used.
    #[error(transparent)]
    Home(#[from] HomeError),
    /// The ABCI address is malformed.
    #[error("'{0}' is not an ABCI address: write unix:///path/to/socket or tcp://127.0.0.1:26658")]
    Address(String),
    /// An earlier failure stopped the ledger.
    #[error("the ledger has stopped: {0}")]
    Stopped(String),
}

from_machine!(CometError);

impl CometError {
    /// Whether another process has the ledger open.
    pub fn is_in_use(&self) -> bool {
        matches!(self, Self::Storage(StoreError::Locked))
    }
}
