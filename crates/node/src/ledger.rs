//! What every engine offers to the rest of the node: a view of the newest blocks, a way in for transactions, and the signatures
//! that prove a block. The API knows this and no engine; the engines do not know each other.

use std::any::Any;
use std::fmt::Debug;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use sealdesk_machine::admission::Standing;
use sealdesk_machine::{BlockContext, EraseError, Erased, Machine, QueryError};
use sealdesk_protocol::block::{SignedHeader, ValidatorSet};
use sealdesk_protocol::codes::{Refusal, SdkError};
use sealdesk_protocol::engine::EngineKind;
use sealdesk_protocol::ids::{Address, TicketId};
use sealdesk_protocol::receipt::Handover;
use sealdesk_protocol::tx::{Tx, TxHash};
use sealdesk_protocol::wire::sealdesk::ledger::v1::TxRecord;
use sealdesk_store::{Durability, State, Store, StoreError};
use serde_json::Value;
use thiserror::Error;
use tokio::sync::watch;
use tonic::async_trait;

use crate::blocks::{NoBlock, StoredBlock, StoredCommit, Waiting};
pub use crate::mempool_quota::{
    MEMPOOL_FULL_SECONDS, NEWCOMER_TXS_MAX, NEWCOMERS_SHARE, SENDER_GAS_MAX, SENDER_TXS_MAX, STAFF_SHARE,
};
use crate::mempool_quota::{newcomer, standing_of};
use crate::metrics::Metrics;
pub use crate::tip::{TIPS_KEPT, Tip, Tips};

/// Callers that may wait for one transaction; with one more, the one that has waited longest is told to look it up. While no blocks
/// are made, a caller that asks again and again would otherwise fill the memory.
pub(crate) const WAITERS_MAX: usize = 16;

/// How often texts are erased again because a block came in between.
const ERASE_TRIES: u32 = 64;
/// How long a committed block may take until it is shown is looked at again after this.
const SHOWN_AFTER: std::time::Duration = std::time::Duration::from_millis(2);

/// Somebody's turn to compute, until it is dropped: `()` where nobody else is waiting.
pub type Turn = Box<dyn Any + Send>;

/// A ledger as the API sees it.
#[async_trait]
pub trait Ledger: Debug + Send + Sync {
    /// What orders the transactions.
    fn engine(&self) -> EngineKind;

    /// Its rules, its newest blocks and its counts.
    fn view(&self) -> &LedgerView;

    /// Whether the ledger has stopped or is about to.
    fn is_closed(&self) -> bool;

    /// The validators who sign the newest block.
    fn validators(&self) -> ValidatorSet;

    /// The rules of this ledger.
    fn machine(&self) -> &Machine {
        self.view().machine()
    }

    /// What it counts of itself.
    fn metrics(&self) -> &Arc<Metrics> {
        self.view().metrics()
    }

    /// The newest blocks.
    fn tips(&self) -> &Tips {
        self.view().tips()
    }

    /// The newest block.
    fn tip(&self) -> Arc<Tip> {
        self.view().tip()
    }

    /// Shows each new height; heights in between may be skipped.
    fn heights(&self) -> watch::Receiver<u64> {
        self.view().heights()
    }

    /// Checks a transaction and lets it wait for a block. The waiter is notified of its outcome, unless this is an error. `turn` is let go
    /// once this process has verified what there is to verify; what may follow only waits.
    ///
    /// # Errors
    /// [`SubmitError`]: nothing was taken, and the waiter is dropped.
    async fn submit(
        self: Arc<Self>,
        tx: Vec<u8>,
        waiter: Option<Waiter>,
        turn: Turn,
    ) -> Result<Submitted, SubmitError>;

    /// A block's header with the signatures over it, and the validators who gave them.
    ///
    /// # Errors
    /// [`NotSigned`] where this node cannot get them.
    async fn signed(&self, tip: &Tip) -> Result<Signed, NotSigned>;

    /// The handovers that lead to the validators of a header: from the set of validators with this hash, or from that of the genesis,
    /// which a reader trusts. Empty where the two are the same, and where this node cannot show the way.
    async fn handovers(self: Arc<Self>, _from: Option<[u8; 32]>, _to: &Signed) -> Vec<Handover> {
        Vec::new()
    }

    /// The block at a height, from 1.
    ///
    /// # Errors
    /// [`NoBlock`].
    async fn block(&self, height: u64) -> Result<StoredBlock, NoBlock>;

    /// The header at a height, with signatures over it.
    ///
    /// # Errors
    /// [`NoBlock`].
    async fn commit(&self, height: u64) -> Result<StoredCommit, NoBlock>;

    /// What waits for a block here.
    async fn waiting(&self) -> Waiting;

    /// What CometBFT answers to a question about the network, which only it knows; `None` where there is no CometBFT.
    async fn ask_comet(&self, _method: &'static str, _params: Value) -> Option<Result<Value, String>> {
        None
    }

    /// The height of a header that a proof of the newest state should get first, from an engine that makes blocks only when there is
    /// something for them: where the newest block is old, and where it has no header yet and nobody writes, so that its header costs one
    /// block and keeps no writer waiting. `None` where the newest state that has a header by now will do.
    fn owed_header(&self) -> Option<u64> {
        None
    }

    /// Somebody waits for the header of this height: an engine that makes blocks only when there is something for them makes it at once,
    /// where it proves something new or the newest block is old.
    fn want_header(&self, _height: u64) {}

    /// Why this ledger never takes a transaction that its rules have room for; `None` where it does.
    fn refuses(&self, _tx: &Tx) -> Option<Refusal> {
        None
    }

    /// What this ledger says to a transaction that it is not asked to take; `None` where it would take it. Signatures are verified, so it
    /// takes its time. An engine that knows what waits goes by that too.
    ///
    /// # Errors
    /// [`SubmitError::Stopped`] if the state cannot be read.
    fn check(&self, tx: &[u8]) -> Result<Option<Refusal>, SubmitError> {
        let tip = self.tip();
        let next = BlockContext { height: tip.height.saturating_add(1), time: tip.time.unix_timestamp() };
        let checked = self.machine().check(&tip.snapshot, tx, &|_| None, &next);
        let checked = checked.map_err(|fatal| SubmitError::Stopped(fatal.to_string()))?;
        Ok(checked.map_or_else(Some, |tx| self.refuses(&tx)))
    }

    /// The record of a transaction that is on the ledger.
    ///
    /// # Errors
    /// [`QueryError`] if the record cannot be read.
    fn committed(&self, hash: TxHash) -> Result<Option<TxRecord>, QueryError> {
        self.view().committed(hash)
    }
}

/// What can be seen of a ledger, whichever engine makes its blocks.
#[derive(Debug)]
pub struct LedgerView {
    machine: Machine,
    store: Store,
    /// Held by whoever writes side values beside the blocks.
    alone: Mutex<()>,
    tips: Tips,
    heights: watch::Sender<u64>,
    metrics: Arc<Metrics>,
}

impl LedgerView {
    /// A view that begins with the block that the ledger was opened at.
    pub(crate) fn new(machine: Machine, store: Store, tip: Tip, metrics: Arc<Metrics>) -> Self {
        let heights = watch::Sender::new(tip.height);
        Self { machine, store, alone: Mutex::default(), tips: Tips::new(Arc::new(tip)), heights, metrics }
    }

    /// The rules of this ledger.
    pub fn machine(&self) -> &Machine {
        &self.machine
    }

    /// What it counts of itself.
    pub fn metrics(&self) -> &Arc<Metrics> {
        &self.metrics
    }

    /// The newest blocks.
    pub fn tips(&self) -> &Tips {
        &self.tips
    }

    /// The newest block.
    pub fn tip(&self) -> Arc<Tip> {
        self.tips.latest()
    }

    /// Shows each new height; heights in between may be skipped.
    pub fn heights(&self) -> watch::Receiver<u64> {
        self.heights.subscribe()
    }

    /// Side values that no block writes are written by one at a time: two of them have the same state below them, so that the store does
    /// not see that they cross.
    pub(crate) fn alone(&self) -> MutexGuard<'_, ()> {
        self.alone.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Destroys the texts of a closed ticket on this node: in the state, durably, and in what the newest block shows of it. It is beside
    /// the ledger: no record changes, and a block that is being made is as good as before.
    ///
    /// `is_closed` says whether the ledger has stopped, so that no block will be shown any more.
    ///
    /// # Errors
    /// [`EraseFailed`]; then nothing was erased.
    pub fn erase(
        &self,
        id: TicketId,
        by: &Address,
        at: i64,
        is_closed: &dyn Fn() -> bool,
    ) -> Result<Erased, EraseFailed> {
        let _alone = self.alone();
        for _ in 0..ERASE_TRIES {
            let mut state = State::new(self.store.latest());
            let version = state.base().version();
            let erased = self.machine.erase(&mut state, id, by, at)?;
            let staged = self.store.prepare_side(state.into_changes().side)?;
            if staged.version() != version {
                continue;
            }
            match self.store.commit(staged, Durability::Synced) {
                // A block came first: it may have opened the ticket again.
                Err(StoreError::Version { .. }) => {}
                Err(error) => return Err(error.into()),
                Ok(()) => {
                    self.show_erased(version, is_closed);
                    return Ok(erased);
                }
            }
        }
        Err(EraseFailed::Busy)
    }

    /// Waits until what is shown is the state of that version or a later one, and shows it anew. A block that is committed later
    /// is shown without the texts anyway. Where the ledger has stopped, no block is shown any more, and nothing is waited for.
    fn show_erased(&self, version: u64, is_closed: &dyn Fn() -> bool) {
        let is_behind = || self.tips.latest().snapshot.version() < version;
        while is_behind() && self.store.latest().version() == version && !is_closed() {
            std::thread::sleep(SHOWN_AFTER);
        }
        self.tips.renew(&self.store.latest());
    }

    /// The record of a transaction that is on the ledger.
    ///
    /// # Errors
    /// [`QueryError`] if the record cannot be read.
    pub fn committed(&self, hash: TxHash) -> Result<Option<TxRecord>, QueryError> {
        self.machine.tx(&self.tip().snapshot, hash)
    }

    /// The first signer of a transaction who is new to the ledger, if one is.
    ///
    /// # Errors
    /// [`SubmitError::Stopped`] if the state cannot be read.
    pub(crate) fn newcomer(&self, tx: &Tx) -> Result<Option<Address>, SubmitError> {
        let found = newcomer(&self.machine, &self.tip().snapshot, tx);
        found.map(|found| found.cloned()).map_err(|fatal| SubmitError::Stopped(fatal.to_string()))
    }

    /// What a transaction is by its signers' standing.
    ///
    /// # Errors
    /// [`SubmitError::Stopped`] if the state cannot be read.
    pub(crate) fn standing(&self, tx: &Tx) -> Result<Standing, SubmitError> {
        let standing = standing_of(&self.machine, &self.tip().snapshot, tx);
        standing.map_err(|fatal| SubmitError::Stopped(fatal.to_string()))
    }

    /// The outcome of a transaction that a block has just decided. `missing` says why its record may not be there.
    pub(crate) fn outcome(&self, decided: &Tip, hash: TxHash, missing: &str) -> TxOutcome {
        match self.machine.tx(&decided.snapshot, hash) {
            Ok(Some(record)) => TxOutcome::Committed(Box::new(record)),
            Ok(None) => TxOutcome::Unknown(missing.to_owned()),
            Err(error) => TxOutcome::Unknown(error.to_string()),
        }
    }

    /// Wakes everyone who waits for the next height: it is this one.
    pub(crate) fn announce(&self, height: u64) {
        self.heights.send_replace(height);
    }

    /// Wakes everyone who waits for the next height: they look up, and find that there will be none.
    pub(crate) fn announce_end(&self) {
        self.heights.send_modify(|_| {});
    }
}

/// Why a node erases nothing, or not all.
#[derive(Debug, Error)]
pub enum EraseFailed {
    /// The ledger's state says no.
    #[error(transparent)]
    Refused(#[from] EraseError),
    /// The store failed.
    #[error("the state cannot be written: {0}")]
    Store(#[from] StoreError),
    /// Blocks came in between again and again.
    #[error("the ledger is busy: ask again")]
    Busy,
}

/// A header that validators signed, and the validators.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Signed {
    /// The header and the signatures.
    pub header: SignedHeader,
    /// The validators of that header.
    pub validators: ValidatorSet,
}

/// Why a block's signatures are not available.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("no signatures over block {height}: {reason}")]
pub struct NotSigned {
    /// The block.
    pub height: u64,
    /// Why.
    pub reason: String,
}

/// What became of a transaction that was submitted.
#[derive(Debug, Clone, PartialEq)]
pub enum TxOutcome {
    /// It is on the ledger, durably; its code says whether its messages did what they ask for.
    Committed(Box<TxRecord>),
    /// It left the pool and will never be on the ledger as it is.
    Dropped(SdkError),
    /// The ledger stopped; whether it is on the ledger shows when it runs again.
    Unknown(String),
}

/// Notified of the outcome, once.
pub type Waiter = Box<dyn FnOnce(TxOutcome) + Send>;

/// How a transaction was taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Submitted {
    /// It waits for a block.
    New(TxHash),
    /// It waited already; its one outcome is everyone's.
    Waiting(TxHash),
    /// A block has it already.
    Committed {
        /// The transaction's name.
        hash: TxHash,
        /// The block.
        height: u64,
    },
}

impl Submitted {
    /// One that a block has, by its record.
    pub(crate) fn committed(hash: TxHash, record: &TxRecord) -> Self {
        Self::Committed { hash, height: u64::try_from(record.height).unwrap_or_default() }
    }

    /// The transaction's name.
    pub fn hash(self) -> TxHash {
        match self {
            Self::New(hash) | Self::Waiting(hash) | Self::Committed { hash, .. } => hash,
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

#[cfg(test)]
mod tests {
    use sealdesk_testkit::people::Person;

    use super::*;
    use crate::desk::{Memory, clock, execute, open};

    #[test]
    fn nothing_is_waited_for_once_the_ledger_has_stopped() {
        let clock = clock();
        let mut solo = open(Memory::default().disks(), &clock).unwrap();
        let handle = solo.handle().clone();
        let (view, older) = (handle.view(), handle.view().tip());
        execute(&mut solo, &clock, &Person::number(0).appoint(0, &Person::number(1)));
        let version = view.tip().snapshot.version();
        assert!(older.snapshot.version() < version);
        view.tips.begin_anew(older.clone());
        handle.close();
        view.show_erased(version, &|| handle.is_closed());
        assert_eq!(view.tip().height, older.height, "its block is not shown");
    }
}
