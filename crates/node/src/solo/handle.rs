//! The way into the embedded ledger and the view of it, shared by the engine and the rest of the node.

use std::sync::Arc;
use std::time::Duration;

use sealdesk_machine::BlockContext;
use sealdesk_protocol::block::ValidatorSet;
use sealdesk_protocol::codes::{Refusal, SdkError};
use sealdesk_protocol::engine::EngineKind;
use sealdesk_protocol::messages::Message;
use sealdesk_protocol::tx::{Tx, TxHash, VerifiedTx};
use sealdesk_store::StoreError;
use tonic::async_trait;

use super::blocks::Blocks;
use super::error::SoloError;
use super::produce::STALE_SECONDS;
use super::submissions::{Join, Stop, Submissions};
use crate::blocks::{NoBlock, StoredBlock, StoredCommit, Waiting};
use crate::clock::Clock;
use crate::ledger::{Ledger, LedgerView, NotSigned, Signed, SubmitError, Submitted, Tip, Turn, Waiter};
use crate::mempool_quota::Amount;

/// See the module.
pub struct LedgerHandle {
    view: Arc<LedgerView>,
    validators: ValidatorSet,
    submissions: Submissions,
    blocks: Arc<Blocks>,
    clock: Arc<dyn Clock>,
}

impl LedgerHandle {
    pub(super) fn new(
        view: LedgerView,
        validators: ValidatorSet,
        blocks: Blocks,
        clock: Arc<dyn Clock>,
    ) -> Self {
        let (view, blocks) = (Arc::new(view), Arc::new(blocks));
        Self { submissions: Submissions::new(view.clone()), view, validators, blocks, clock }
    }

    /// Its rules, its newest blocks and its counts.
    pub fn view(&self) -> &LedgerView {
        &self.view
    }

    /// Transactions that wait for a block.
    pub fn waiting(&self) -> usize {
        self.submissions.waiting()
    }

    /// Why the ledger takes nothing any more; `None` while it runs.
    pub fn stopped(&self) -> Option<SubmitError> {
        self.submissions.stopped()
    }

    /// Checks a transaction and lets it wait for a block. The waiter is notified of its outcome, unless this is an error.
    ///
    /// # Errors
    /// [`SubmitError`]: nothing was taken, and the waiter is dropped.
    pub fn submit(&self, bytes: &[u8], waiter: Option<Waiter>) -> Result<Submitted, SubmitError> {
        let hash = TxHash::of(bytes);
        let waiter = match self.submissions.join(hash, waiter)? {
            Join::Known(known) => return Ok(known),
            Join::Unknown(waiter) => waiter,
        };
        let submitted = match self.check(bytes)? {
            Ok(tx) => {
                // Here, beside the thread that makes blocks: each caller has a thread of their own.
                let tx = self.view.machine().foresee(&self.view.tip().snapshot, tx);
                let tx = tx.map_err(|fatal| SubmitError::Stopped(fatal.to_string()))?;
                self.submissions.admit(tx, waiter)
            }
            // Between the two looks it may have become part of a block, which used up its sequence.
            Err(refusal) => self.submissions.join_or_refuse(hash, waiter, refusal),
        };
        self.submissions.count(bytes, &submitted);
        submitted
    }

    /// Judges a transaction over the newest state and what waits. A block that comes in between moves sequences from the mempool
    /// into the state; a check that saw the old state and the new mempool is repeated.
    fn check(&self, bytes: &[u8]) -> Result<Result<VerifiedTx, Refusal>, SubmitError> {
        let pending = |address: &_| self.submissions.pending_sequence(address);
        loop {
            let tip = self.view.tip();
            let next = BlockContext { height: tip.height.saturating_add(1), time: tip.time.unix_timestamp() };
            let checked = self.view.machine().check(&tip.snapshot, bytes, &pending, &next);
            let checked = checked.map_err(|fatal| SubmitError::Stopped(fatal.to_string()))?;
            let checked = checked.and_then(|tx| self.refuses(&tx).map_or(Ok(tx), Err));
            if checked.is_ok() || self.view.tip().height == tip.height {
                return Ok(checked);
            }
        }
    }

    /// Takes a block's transactions from the mempool.
    pub(super) fn pick(&self, room: Amount, block: BlockContext) -> Vec<VerifiedTx> {
        self.submissions.pick(room, block)
    }

    /// Shows a new block, and answers everyone who waited for one of its transactions.
    pub(super) fn settle(&self, tip: Tip, txs: &[VerifiedTx]) {
        let height = tip.height;
        self.submissions.settle(Arc::new(tip), txs);
        self.view.announce(height);
    }

    /// Takes nothing any more, and notifies everyone who waits.
    pub(super) fn stop(&self, reason: &SoloError) {
        let stop = match reason {
            SoloError::Storage(StoreError::NoSpace) => Stop::NoSpace,
            other => Stop::Other(other.to_string()),
        };
        self.submissions.stop(stop, &reason.to_string());
        self.view.announce_end();
    }

    /// Takes nothing any more: the engine ends.
    pub fn close(&self) {
        self.stop(&SoloError::Stopped("the node is shutting down".to_owned()));
    }

    /// Whether somebody waits for the header that comes after this newest block.
    pub(super) fn is_header_wanted(&self, tip: &Tip) -> bool {
        self.submissions.wanted() > tip.height
    }

    fn is_old(&self, tip: &Tip) -> bool {
        let age = (self.clock.now() / 1_000).saturating_sub(tip.time.unix_timestamp());
        age > STALE_SECONDS
    }

    /// Blocks for so long, until the ledger is closed, somebody asks for a header, or a transaction waits. Whether nothing of it came.
    pub(super) fn pause(&self, at_most: Duration) -> bool {
        self.submissions.pause(at_most)
    }
}

#[async_trait]
impl Ledger for LedgerHandle {
    fn engine(&self) -> EngineKind {
        EngineKind::Solo
    }

    fn view(&self) -> &LedgerView {
        &self.view
    }

    fn is_closed(&self) -> bool {
        self.submissions.is_closed()
    }

    fn validators(&self) -> ValidatorSet {
        self.validators.clone()
    }

    fn owed_header(&self) -> Option<u64> {
        // The newest block first: what it holds counts as on its way no more once it is seen.
        let tip = self.view.tip();
        let is_quiet = || self.submissions.on_their_way() == 0;
        let owed = self.is_old(&tip) || !tip.proves_itself() && is_quiet();
        owed.then(|| tip.height.saturating_add(1))
    }

    fn want_header(&self, height: u64) {
        // Without a reason for it, whoever asks could make the log grow.
        self.submissions.want_header(height, |tip| !tip.proves_itself() || self.is_old(tip));
    }

    /// One key signs this ledger's blocks, for good: votes for others could never be carried out.
    fn refuses(&self, tx: &Tx) -> Option<Refusal> {
        let proposes = tx.messages().iter().any(|message| matches!(message, Message::ProposeValidator(_)));
        let text =
            "validators are proposed on the replicated engine only: this ledger has one, its own, for good";
        proposes.then(|| SdkError::InvalidRequest(text.to_owned()).into())
    }

    fn check(&self, tx: &[u8]) -> Result<Option<Refusal>, SubmitError> {
        Ok(LedgerHandle::check(self, tx)?.err())
    }

    async fn submit(
        self: Arc<Self>,
        tx: Vec<u8>,
        waiter: Option<Waiter>,
        turn: Turn,
    ) -> Result<Submitted, SubmitError> {
        // Verifying signatures takes its time, so it has a thread of its own.
        let submitted = tokio::task::spawn_blocking(move || {
            let _turn = turn;
            LedgerHandle::submit(&self, &tx, waiter)
        });
        let submitted = submitted.await;
        submitted.unwrap_or_else(|_| Err(SubmitError::Stopped("the check failed".to_owned())))
    }

    async fn block(&self, height: u64) -> Result<StoredBlock, NoBlock> {
        let (blocks, tip) = (self.blocks.clone(), self.view.tip());
        reading(height, move || blocks.block(&tip, height)).await
    }

    async fn commit(&self, height: u64) -> Result<StoredCommit, NoBlock> {
        let (blocks, tip) = (self.blocks.clone(), self.view.tip());
        reading(height, move || blocks.commit(&tip, height)).await
    }

    async fn waiting(&self) -> Waiting {
        self.submissions.held()
    }

    async fn signed(&self, tip: &Tip) -> Result<Signed, NotSigned> {
        let header = tip.signed_header().cloned();
        let missing = || NotSigned { height: tip.height, reason: "it is not signed here".to_owned() };
        Ok(Signed { header: header.ok_or_else(missing)?, validators: self.validators.clone() })
    }
}

/// Reads from the disk on a thread where that may take its time.
async fn reading<T: Send + 'static>(
    height: u64,
    read: impl FnOnce() -> Result<T, NoBlock> + Send + 'static,
) -> Result<T, NoBlock> {
    let failed = |_| Err(NoBlock::Unavailable { height, reason: "reading failed".to_owned() });
    tokio::task::spawn_blocking(read).await.unwrap_or_else(failed)
}

impl std::fmt::Debug for LedgerHandle {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("LedgerHandle").field("height", &self.view.tip().height).finish_non_exhaustive()
    }
}
