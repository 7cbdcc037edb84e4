//! What every engine offers to whoever stands outside of it: a view of the newest blocks, a way in, and the signatures that
//! prove a block. The API knows this and no engine; the engines do not know each other.

use std::fmt::Debug;
use std::sync::Arc;

use sealdesk_machine::{Machine, QueryError};
use sealdesk_protocol::block::{SignedHeader, ValidatorSet};
use sealdesk_protocol::codes::{Refusal, SdkError};
use sealdesk_protocol::receipt::Handover;
use sealdesk_protocol::tx::{Tx, TxHash};
use sealdesk_protocol::wire::sealdesk::ledger::v1::TxRecord;
use thiserror::Error;
use tokio::sync::watch;
use tonic::async_trait;

use crate::metrics::Metrics;
pub use crate::tip::{TIPS_KEPT, Tip, Tips};

/// A ledger as the API sees it.
#[async_trait]
pub trait Ledger: Debug + Send + Sync {
    /// Who orders the transactions: `solo` or `comet`.
    fn engine(&self) -> &'static str;

    /// The rules of this ledger.
    fn machine(&self) -> &Machine;

    /// What it counts of itself.
    fn metrics(&self) -> &Arc<Metrics>;

    /// The newest blocks.
    fn tips(&self) -> &Tips;

    /// Shows each new height; heights in between may be skipped.
    fn heights(&self) -> watch::Receiver<u64>;

    /// Whether the ledger has stopped or is about to.
    fn is_closed(&self) -> bool;

    /// Who signs the newest block.
    fn validators(&self) -> ValidatorSet;

    /// The newest block.
    fn tip(&self) -> Arc<Tip> {
        self.tips().latest()
    }

    /// Checks a transaction and lets it wait for a block. The waiter is told its outcome, unless this is an error.
    ///
    /// # Errors
    /// [`SubmitError`]: nothing was taken, and the waiter is dropped.
    async fn submit(self: Arc<Self>, tx: Vec<u8>, waiter: Option<Waiter>) -> Result<Submitted, SubmitError>;

    /// A block's header with the signatures over it, and who gave them.
    ///
    /// # Errors
    /// [`NotSigned`] where they are not to be had.
    async fn signed(&self, tip: &Tip) -> Result<Signed, NotSigned>;

    /// How the validators of a header came to be such, from those of this hash, or from those of the genesis: what a reader needs who
    /// trusts those. Nothing where they are the same, and nothing where this node cannot show it.
    async fn handovers(self: Arc<Self>, _from: Option<[u8; 32]>, _to: &Signed) -> Vec<Handover> {
        Vec::new()
    }

    /// Why this ledger never takes a transaction that its rules have room for; `None` where it does.
    fn refuses(&self, _tx: &Tx) -> Option<Refusal> {
        None
    }

    /// What became of a transaction that is on the ledger.
    ///
    /// # Errors
    /// [`QueryError`] if the record cannot be read.
    fn committed(&self, hash: TxHash) -> Result<Option<TxRecord>, QueryError> {
        self.machine().tx(&self.tip().snapshot, hash)
    }
}

/// A header that validators signed, and the validators.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Signed {
    /// The header and the signatures.
    pub header: SignedHeader,
    /// Whose they are.
    pub validators: ValidatorSet,
}

/// Why a block's signatures are not to be had.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("no signatures over block {height}: {reason}")]
pub struct NotSigned {
    /// The block.
    pub height: u64,
    /// Why.
    pub reason: String,
}

/// What became of a transaction.
#[derive(Debug, Clone, PartialEq)]
pub enum Outcome {
    /// It is on the ledger, durably; its code says whether its messages did what they ask for.
    Committed(Box<TxRecord>),
    /// It left the pool and will never be on the ledger as it is.
    Dropped(SdkError),
    /// The ledger stopped; whether it is on the ledger shows when it runs again.
    Unknown(String),
}

/// Told the outcome, once.
pub type Waiter = Box<dyn FnOnce(Outcome) + Send>;

/// How a transaction was taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Submitted {
    /// It waits for a block.
    New(TxHash),
    /// It waited already, or is on the ledger; its one outcome is everyone's.
    Known(TxHash),
}

impl Submitted {
    /// The transaction's name.
    pub fn hash(self) -> TxHash {
        match self {
            Self::New(hash) | Self::Known(hash) => hash,
        }
    }
}

/// Why a transaction was not accepted.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum SubmitError {
    /// The ledger refuses it.
    #[error(transparent)]
    Refused(#[from] Refusal),
    /// The ledger has stopped and says why.
    #[error("the ledger takes no transactions: {0}")]
    Stopped(String),
    /// The disk is full.
    #[error("the ledger takes no transactions: no space left on the device")]
    NoSpace,
}
