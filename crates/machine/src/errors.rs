//! What can go wrong besides a refusal. A [`Fatal`] is not the result of a transaction: the node stops.

use sealdesk_protocol::codes::Refusal;
use sealdesk_store::StoreError;
use thiserror::Error;

/// The state can no longer be trusted, or not be read.
#[derive(Debug, Error)]
pub enum Fatal {
    /// The store failed.
    #[error("the state cannot be read: {0}")]
    Store(#[from] StoreError),
    /// No genesis has been written.
    #[error("the state is empty: it has no genesis")]
    NoGenesis,
    /// A record is not what the machine writes.
    #[error("the record under {key} is damaged: {what}")]
    Damaged {
        /// Its state key, escaped.
        key: String,
        /// What is wrong.
        what: String,
    },
    /// Records contradict each other.
    #[error("broken invariant: {0}")]
    Broken(String),
    /// The engine handed in a block that cannot follow.
    #[error("block {height} at {time} cannot follow block {last_height} at {last_time}")]
    BlockOrder {
        /// Its height.
        height: u64,
        /// Its time in Unix seconds.
        time: i64,
        /// The last height that changed the state.
        last_height: u64,
        /// The time of that block in Unix seconds.
        last_time: i64,
    },
}

impl Fatal {
    pub(crate) fn damaged(key: &[u8], what: impl ToString) -> Self {
        Self::Damaged { key: key.escape_ascii().to_string(), what: what.to_string() }
    }
}

/// Why a genesis was not written.
#[derive(Debug, Error)]
pub enum GenesisError {
    /// The document is wrong.
    #[error(transparent)]
    Document(#[from] sealdesk_protocol::genesis::GenesisError),
    /// There is a state already.
    #[error("the store holds a ledger already")]
    NotEmpty,
    /// The store failed.
    #[error(transparent)]
    Fatal(#[from] Fatal),
}

/// Why a state was not exported.
#[derive(Debug, Error)]
pub enum ExportError {
    /// The ledger has changed since its genesis, so that its copy must have another name.
    #[error("this ledger has changed since its genesis: its export needs a chain id that was never used")]
    NeedsChainId,
    /// The name given is the ledger's own.
    #[error("the new chain id is this ledger's own: its transactions would be good on the copy")]
    OwnChainId,
    /// The document that came out is not one that a ledger could begin with.
    #[error("the export is not a genesis: {0}")]
    Document(#[from] sealdesk_protocol::genesis::GenesisError),
    /// The store failed.
    #[error(transparent)]
    Fatal(#[from] Fatal),
}

impl ExportError {
    /// Whether a chain id that was never used is all that is missing.
    pub fn needs_chain_id(&self) -> bool {
        matches!(self, Self::NeedsChainId)
    }
}

/// Why a query has no answer.
#[derive(Debug, Error)]
pub enum QueryError {
    /// The request does not have the form that it must have.
    #[error("invalid request: {0}")]
    Invalid(String),
    /// What was asked for does not exist.
    #[error("{0} not found")]
    NotFound(String),
    /// The node has not the list that answers it.
    #[error("{0}")]
    NotListed(String),
    /// A search would visit too many rows.
    #[error(
        "the search fits too many transactions: its page begins behind the first {rows} rows of the index; narrow it with tx.height"
    )]
    TooBroad {
        /// How many it may visit.
        rows: usize,
    },
    /// It may have happened before this node's history begins.
    #[error(
        "this node's history begins with block {from}: what happened before is told by nodes that have it"
    )]
    BeforeHistory {
        /// The first block whose results and events are here.
        from: u64,
    },
    /// The store failed.
    #[error(transparent)]
    Fatal(#[from] Fatal),
}

/// Why rows of a snapshot do not become a state.
#[derive(Debug, Error)]
pub enum RestoreError {
    /// They are not what an honest node gives.
    #[error("the snapshot is refused: {0}")]
    Refused(String),
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl From<Fatal> for RestoreError {
    fn from(fatal: Fatal) -> Self {
        match fatal {
            Fatal::Store(error) => Self::Store(error),
            // Until the root is compared, a record is only a stranger's word.
            other => Self::Refused(other.to_string()),
        }
    }
}

impl From<StoreError> for QueryError {
    fn from(error: StoreError) -> Self {
        Self::Fatal(error.into())
    }
}

/// Why a message's execution ended early.
#[derive(Debug)]
pub(crate) enum Stop {
    /// The message is refused.
    Refused(Refusal),
    /// The node stops.
    Fatal(Fatal),
}

macro_rules! refusals {
    ($($error:ident),*) => {
        $(impl From<sealdesk_protocol::codes::$error> for Stop {
            fn from(error: sealdesk_protocol::codes::$error) -> Self {
                Self::Refused(error.into())
            }
        })*
    };
}

refusals!(SdkError, SupportError, RolesError, EncryptionError);

impl From<Refusal> for Stop {
    fn from(refusal: Refusal) -> Self {
        Self::Refused(refusal)
    }
}

impl From<Fatal> for Stop {
    fn from(fatal: Fatal) -> Self {
        Self::Fatal(fatal)
    }
}

impl From<StoreError> for Stop {
    fn from(error: StoreError) -> Self {
        Self::Fatal(error.into())
    }
}
