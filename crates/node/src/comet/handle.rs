//! The way into the replicated ledger and the view of it: transactions go to CometBFT, their outcomes come with the blocks.

use std::sync::Arc;

use sealdesk_protocol::block::ValidatorSet;
use sealdesk_protocol::engine::EngineKind;
use sealdesk_protocol::receipt::Handover;
use sealdesk_protocol::tx::TxHash;
use serde_json::{Value, json};
use tokio_util::sync::CancellationToken;
use tonic::async_trait;

use super::blocks;
use super::error::CometError;
use super::process::rpc::Rpc;
use super::submissions::Submissions;
use super::validators::changes::ValidatorChanges;
use crate::blocks::{NoBlock, StoredBlock, StoredCommit, Waiting};
use crate::ledger::{Ledger, LedgerView, NotSigned, Signed, SubmitError, Submitted, Tip, Turn, Waiter};

/// See the module.
pub struct LedgerHandle {
    view: Arc<LedgerView>,
    submissions: Submissions,
    changes: Arc<ValidatorChanges>,
    rpc: Option<Rpc>,
    ended: CancellationToken,
}

impl LedgerHandle {
    pub(super) fn new(view: LedgerView, rpc: Option<Rpc>) -> Result<Self, CometError> {
        let view = Arc::new(view);
        let changes = Arc::new(ValidatorChanges::new(view.clone(), rpc.clone())?);
        let submissions = Submissions::new(view.clone(), rpc.clone());
        Ok(Self { view, submissions, changes, rpc, ended: CancellationToken::new() })
    }

    /// What was submitted here and is not decided.
    pub(super) fn submissions(&self) -> &Submissions {
        &self.submissions
    }

    /// The validators, and how they change.
    pub(super) fn changes(&self) -> &Arc<ValidatorChanges> {
        &self.changes
    }

    /// Cancelled when the ledger stops by itself or is stopped.
    pub(super) fn ended(&self) -> &CancellationToken {
        &self.ended
    }

    /// Why the ledger takes nothing any more; `None` while it runs.
    pub fn stopped(&self) -> Option<String> {
        self.submissions.stopped()
    }

    /// Takes nothing any more, and notifies everyone who waits.
    pub(super) fn stop(&self, reason: &str) {
        self.submissions.stop(reason);
        self.ended.cancel();
        self.view.announce_end();
    }

    /// Shows a new block, and answers everyone who waited for one of its transactions.
    pub(super) fn settle(&self, tip: Tip, txs: &[TxHash]) {
        let (height, tip) = (tip.height, Arc::new(tip));
        if let Err(error) = self.changes.settle(&tip) {
            self.stop(&error.to_string());
        }
        self.view.tips().push(tip.clone());
        self.submissions.settle(&tip, txs);
        self.view.announce(height);
    }

    /// Shows a state that came from another node, and nothing of what was before.
    pub(super) fn begin_anew(&self, tip: Tip) -> Result<(), CometError> {
        let height = tip.height;
        self.changes.settle(&tip)?;
        self.view.tips().begin_anew(Arc::new(tip));
        self.view.announce(height);
        Ok(())
    }
}

impl LedgerHandle {
    /// Where blocks up to the newest that this node shows are asked for. CometBFT may be a block ahead.
    fn made(&self, height: u64) -> Result<&Rpc, NoBlock> {
        let newest = self.view.tip().height;
        if height == 0 {
            return Err(NoBlock::Zero);
        }
        if height > newest {
            return Err(NoBlock::NotYet { height, newest });
        }
        let reason = || "this node knows no RPC address of CometBFT".to_owned();
        self.rpc.as_ref().ok_or_else(|| NoBlock::Unavailable { height, reason: reason() })
    }
}

#[async_trait]
impl Ledger for LedgerHandle {
    fn engine(&self) -> EngineKind {
        EngineKind::Comet
    }

    fn view(&self) -> &LedgerView {
        &self.view
    }

    fn is_closed(&self) -> bool {
        self.submissions.stopped().is_some()
    }

    fn validators(&self) -> ValidatorSet {
        self.changes.newest()
    }

    async fn submit(
        self: Arc<Self>,
        tx: Vec<u8>,
        waiter: Option<Waiter>,
        turn: Turn,
    ) -> Result<Submitted, SubmitError> {
        let this = self.clone();
        let judging = tokio::task::spawn_blocking(move || {
            let _turn = turn;
            (this.submissions.judge(&tx), tx)
        });
        let failed = |_| SubmitError::Stopped("the check failed".to_owned());
        let (judged, tx) = judging.await.map_err(failed)?;
        self.submissions.submit(&tx, judged?, waiter).await
    }

    async fn signed(&self, tip: &Tip) -> Result<Signed, NotSigned> {
        self.changes.signed(tip).await
    }

    async fn block(&self, height: u64) -> Result<StoredBlock, NoBlock> {
        blocks::block(self.made(height)?, height).await
    }

    async fn commit(&self, height: u64) -> Result<StoredCommit, NoBlock> {
        let newest = self.view.tip().height;
        blocks::commit(self.made(height)?, height, newest).await
    }

    async fn waiting(&self) -> Waiting {
        let answer = self.ask_comet("num_unconfirmed_txs", json!({})).await.and_then(Result::ok);
        let number = |name: &str| answer.as_ref().and_then(|answer| answer[name].as_str()?.parse().ok());
        Waiting { txs: number("total").unwrap_or(0), bytes: number("total_bytes").unwrap_or(0) }
    }

    async fn ask_comet(&self, method: &'static str, params: Value) -> Option<Result<Value, String>> {
        let rpc = self.rpc.as_ref()?;
        Some(rpc.ask(method, params).await)
    }

    async fn handovers(self: Arc<Self>, from: Option<[u8; 32]>, to: &Signed) -> Vec<Handover> {
        self.changes.clone().handovers(from, &to.header).await
    }
}

impl std::fmt::Debug for LedgerHandle {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("LedgerHandle").field("height", &self.view.tip().height).finish_non_exhaustive()
    }
}
