//! Transactions that were submitted here: they are handed to CometBFT's mempool, and the callers wait for their outcomes.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use sealdesk_machine::admission::{Turn, committed_sequence};
use sealdesk_machine::{BlockContext, Fatal, QueryError};
use sealdesk_protocol::codes::Refusal;
use sealdesk_protocol::tx::{TxHash, VerifiedTx};
use sealdesk_protocol::wire::sealdesk::ledger::v1::TxRecord;

use super::process::rpc::{Broadcast, Rpc};
use crate::ledger::{LedgerView, SubmitError, Submitted, Tip, TxOutcome, WAITERS_MAX, Waiter};
use crate::mempool_quota::mempool_full;

/// What is known of a transaction before CometBFT is asked to take it.
pub(super) enum Judged {
    /// It is on the ledger.
    Committed(Box<TxRecord>),
    /// Its signatures are good.
    Good(Box<VerifiedTx>),
}

/// A transaction that somebody waits for.
#[derive(Default)]
struct Waiting {
    /// What was verified, while it is handed in.
    verified: Option<VerifiedTx>,
    /// In the order of their attempts to hand it in, by whose numbers they are known.
    waiters: Vec<(u64, Waiter)>,
    /// How many are handing it in at this moment.
    submitting: usize,
    /// Why the mempool did not take it.
    refusal: Option<Refusal>,
}

#[derive(Default)]
struct Inner {
    waiting: BTreeMap<TxHash, Waiting>,
    /// Attempts to hand in a transaction so far.
    attempts: u64,
    stop: Option<String>,
}

/// See the module.
pub(super) struct Submissions {
    view: Arc<LedgerView>,
    rpc: Option<Rpc>,
    inner: Mutex<Inner>,
}

impl Submissions {
    pub(super) fn new(view: Arc<LedgerView>, rpc: Option<Rpc>) -> Self {
        Self { view, rpc, inner: Mutex::default() }
    }

    /// Verifies a transaction, ahead of CometBFT: that asks about one after the other, and would keep good ones waiting for as long as bad
    /// ones take.
    ///
    /// # Errors
    /// [`SubmitError`]: it is refused, or the state cannot be read.
    pub(super) fn judge(&self, tx: &[u8]) -> Result<Judged, SubmitError> {
        // The state first: what a later block holds is looked up in that.
        let (machine, tip) = (self.view.machine(), self.view.tip());
        if let Some(record) = self.committed(TxHash::of(tx))? {
            return Ok(Judged::Committed(Box::new(record)));
        }
        let next = BlockContext { height: tip.height.saturating_add(1), time: tip.time.unix_timestamp() };
        let tx =
            machine.verify(tx, &next).inspect_err(|refusal| self.view.metrics().pool.refused(refusal))?;
        let stopped = |fatal: Fatal| SubmitError::Stopped(fatal.to_string());
        let turn = Turn::of(&tx, |address| committed_sequence(&tip.snapshot, address)).map_err(stopped)?;
        // What can never follow is told so by the check that knows what waits.
        let tx = match turn {
            Turn::Never(_) => tx,
            Turn::Now | Turn::Later(_) => machine.foresee(&tip.snapshot, tx).map_err(stopped)?,
        };
        Ok(Judged::Good(Box::new(tx)))
    }

    /// Hands a transaction to CometBFT's mempool.
    ///
    /// # Errors
    /// [`SubmitError`]: nothing was taken, and the waiter is dropped.
    pub(super) async fn submit(
        &self,
        tx: &[u8],
        judged: Judged,
        waiter: Option<Waiter>,
    ) -> Result<Submitted, SubmitError> {
        let hash = TxHash::of(tx);
        let verified = match judged {
            Judged::Good(verified) => *verified,
            Judged::Committed(record) => {
                let known = Submitted::committed(hash, &record);
                if let Some(waiter) = waiter {
                    waiter(TxOutcome::Committed(record));
                }
                return Ok(known);
            }
        };
        let attempt = self.begin(verified, waiter)?;
        let answer = self.hand_in(tx).await;
        let taken = matches!(answer, Broadcast::Taken | Broadcast::Known);
        let refusal = self.end(hash, attempt, taken);
        match answer {
            Broadcast::Taken => Ok(Submitted::New(hash)),
            Broadcast::Known => {
                // It may have become part of a block before anyone waited for it.
                let Some(record) = self.committed(hash)? else { return Ok(Submitted::Waiting(hash)) };
                let known = Submitted::committed(hash, &record);
                self.resolve(hash, &TxOutcome::Committed(Box::new(record)));
                Ok(known)
            }
            Broadcast::Refused(text) => {
                let full = mempool_full(&text);
                Err(SubmitError::Refused(refusal.unwrap_or_else(|| full.into())))
            }
            Broadcast::Unreachable(reason) => Err(SubmitError::Stopped(reason)),
        }
    }

    fn committed(&self, hash: TxHash) -> Result<Option<TxRecord>, SubmitError> {
        let stopped = |error: QueryError| SubmitError::Stopped(error.to_string());
        self.view.committed(hash).map_err(stopped)
    }

    async fn hand_in(&self, tx: &[u8]) -> Broadcast {
        match &self.rpc {
            Some(rpc) => rpc.broadcast(tx).await,
            None => Broadcast::Unreachable("this node knows no RPC address of CometBFT".to_owned()),
        }
    }

    /// Notes that a transaction is about to be handed in, and numbers the attempt.
    fn begin(&self, verified: VerifiedTx, waiter: Option<Waiter>) -> Result<u64, SubmitError> {
        let mut inner = self.lock();
        if let Some(reason) = &inner.stop {
            return Err(SubmitError::Stopped(reason.clone()));
        }
        inner.attempts += 1;
        let attempt = inner.attempts;
        let waiting = inner.waiting.entry(verified.hash()).or_default();
        waiting.submitting += 1;
        waiting.verified = Some(verified);
        waiting.waiters.extend(waiter.map(|waiter| (attempt, waiter)));
        let sent_away = (waiting.waiters.len() > WAITERS_MAX).then(|| waiting.waiters.remove(0));
        drop(inner);
        if let Some((_, waiter)) = sent_away {
            waiter(TxOutcome::Unknown("too many wait for this transaction".to_owned()));
        }
        Ok(attempt)
    }

    /// Notes that it was handed in, and gives what the check refused it for. A caller whose attempt failed waits no more; others,
    /// whose attempts succeeded before, do.
    fn end(&self, hash: TxHash, attempt: u64, taken: bool) -> Option<Refusal> {
        let mut inner = self.lock();
        let waiting = inner.waiting.get_mut(&hash)?;
        waiting.submitting = waiting.submitting.saturating_sub(1);
        let refusal = waiting.refusal.clone();
        if !taken {
            waiting.waiters.retain(|(of, _)| *of != attempt);
        }
        if waiting.submitting == 0 {
            (waiting.refusal, waiting.verified) = (None, None);
            if waiting.waiters.is_empty() {
                inner.waiting.remove(&hash);
            }
        }
        refusal
    }

    /// A transaction that is being handed in, verified.
    pub(super) fn verified(&self, hash: TxHash) -> Option<VerifiedTx> {
        self.lock().waiting.get_mut(&hash)?.verified.take()
    }

    /// Remembers why the mempool did not take a transaction, for the callers that are handing it in.
    pub(super) fn refused(&self, hash: TxHash, refusal: &Refusal) {
        if let Some(waiting) = self.lock().waiting.get_mut(&hash)
            && waiting.submitting > 0
        {
            waiting.refusal = Some(refusal.clone());
        }
    }

    /// A transaction that waited can be in no block any more.
    pub(super) fn dropped(&self, hash: TxHash, refusal: &Refusal) {
        let outcome = match refusal {
            Refusal::Sdk(error) => TxOutcome::Dropped(error.clone()),
            other => TxOutcome::Unknown(other.to_string()),
        };
        self.resolve(hash, &outcome);
    }

    /// CometBFT has not asked again about these: they are in no mempool here, though others may have them.
    pub(super) fn let_go(&self, hashes: impl IntoIterator<Item = TxHash>) {
        let gone = TxOutcome::Unknown("CometBFT's mempool holds it no more".to_owned());
        hashes.into_iter().for_each(|hash| self.resolve(hash, &gone));
    }

    /// Notifies everyone who waited for a transaction of a new block.
    pub(super) fn settle(&self, tip: &Tip, txs: &[TxHash]) {
        for hash in txs {
            let waiters = self.take_waiters(*hash);
            if !waiters.is_empty() {
                let missing = "the block's proposer put it out of sequence";
                notify(waiters, &self.view.outcome(tip, *hash, missing));
            }
        }
    }

    /// CometBFT is gone with what waited: what becomes of it shows later.
    pub(super) fn forget_waiting(&self, reason: &str) {
        let waiting = std::mem::take(&mut self.lock().waiting);
        let waiters = waiting.into_values().flat_map(|waiting| waiting.waiters);
        notify(waiters.map(|(_, waiter)| waiter), &TxOutcome::Unknown(reason.to_owned()));
    }

    /// Why nothing is taken any more; `None` while the ledger runs.
    pub(super) fn stopped(&self) -> Option<String> {
        self.lock().stop.clone()
    }

    /// Takes nothing any more, and notifies everyone who waits.
    pub(super) fn stop(&self, reason: &str) {
        self.lock().stop.get_or_insert(reason.to_owned());
        self.forget_waiting(reason);
    }

    fn resolve(&self, hash: TxHash, outcome: &TxOutcome) {
        notify(self.take_waiters(hash), outcome);
    }

    fn take_waiters(&self, hash: TxHash) -> Vec<Waiter> {
        let mut inner = self.lock();
        let Some(waiting) = inner.waiting.get_mut(&hash) else { return Vec::new() };
        let waiters = std::mem::take(&mut waiting.waiters);
        if waiting.submitting == 0 {
            inner.waiting.remove(&hash);
        }
        waiters.into_iter().map(|(_, waiter)| waiter).collect()
    }

    /// No code panics while it holds this lock.
    fn lock(&self) -> MutexGuard<'_, Inner> {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn notify(waiters: impl IntoIterator<Item = Waiter>, outcome: &TxOutcome) {
    waiters.into_iter().for_each(|waiter| waiter(outcome.clone()));
}
